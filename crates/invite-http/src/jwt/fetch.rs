//! Fetches keys: one GET, and no more than was asked for.

use super::key::Key;
use reqwest::{Client, StatusCode, header, redirect::Policy};
use rustls::{ClientConfig, crypto::ring};
use rustls_platform_verifier::Verifier;
use std::{sync::Arc, time::Duration};
use url::Url;

/// How long it may take, from the connection to the last octet.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// How much is read, in octets.
const MAX_SET: usize = 1024 * 1024;

#[derive(Clone)]
pub(super) struct Fetcher(Client);

/// Why there are no keys, in words for the log.
fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{error}{cause}")
}

impl Fetcher {
    pub(super) fn new() -> Result<Self, String> {
        let provider = Arc::new(ring::default_provider());
        let verifier = Verifier::new(Arc::clone(&provider)).map_err(|error| error.to_string())?;
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            // Keys come from where the operator said, whatever an answer or the environment says.
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(PATIENCE)
            .timeout(PATIENCE)
            // Once in ten minutes: nothing is gained by a connection that stays open.
            .pool_max_idle_per_host(0)
            .user_agent("invite")
            .build()
            .map_err(words)?;
        Ok(Self(client))
    }

    pub(super) async fn fetch(&self, url: &Url) -> Result<Vec<Key>, String> {
        let request = self.0.get(url.clone()).header(header::ACCEPT, "application/jwk-set+json, application/json");
        let mut answer = request.send().await.map_err(words)?;
        if answer.status() != StatusCode::OK {
            return Err(format!("the answer is {}", answer.status().as_u16()));
        }
        let mut set = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(words)? {
            if set.len() + chunk.len() > MAX_SET {
                return Err("the answer is too long".to_owned());
            }
            set.extend_from_slice(&chunk);
        }
        Key::read_set(&set).ok_or_else(|| "the answer is no set of keys".to_owned())
    }
}
