//! Text messages by a gateway that takes them over HTTP.
//!
//! Only the number of an answer counts: 2xx means that the gateway took the message. What it writes beside it is read, so
//! that the connection can be used again, but bounded, and nothing of it leaves this module. A redirect is not followed: it
//! would take code and credential to a place nobody configured.

use super::{
    Sms, SmsError, SmsSettings, SmsTransport,
    body::{Body, Encoding},
};
use async_trait::async_trait;
use bytes::Bytes;
use invite_domain::{invitation::Reason, port::DeliveryError};
use reqwest::{
    Client, Response, StatusCode,
    header::{self, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use rustls::{
    ClientConfig,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use rustls_platform_verifier::Verifier;
use std::{error::Error as _, fmt, io, sync::Arc, time::Duration};
use tokio::time::timeout;
use url::Url;
use zeroize::Zeroizing;

/// How much of an answer is read, in octets, before the connection is given up.
const MAX_ANSWER: usize = 64 * 1024;
/// How long the rest of an answer may take whose number is known.
const SHORT: Duration = Duration::from_secs(2);
/// Connections kept open for the next message, and for how long.
const MAX_IDLE: usize = 4;
const IDLE_FOR: Duration = Duration::from_mins(1);

/// The message's id, the same over all attempts: a gateway that knows the header drops a second copy
/// ([draft](https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/)).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Delivers text messages to one gateway.
pub struct SmsGateway {
    client: Client,
    url: Url,
    headers: HeaderMap,
    body: Body,
}

impl fmt::Debug for SmsGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmsGateway").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

impl SmsGateway {
    /// Checks the settings, tries the template and reads the certificates. Connects to nothing yet.
    pub fn new(settings: &SmsSettings) -> Result<Self, SmsError> {
        settings.check()?;
        let encoding = settings.headers.encoding()?;
        let body = Body::new(encoding, settings.template.as_deref())?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls(settings.extra_root_pem.as_deref())?)
            .redirect(Policy::none())
            .referer(false)
            // The environment does not decide where codes go.
            .no_proxy()
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.timeout)
            .pool_max_idle_per_host(MAX_IDLE)
            .pool_idle_timeout(IDLE_FOR)
            .user_agent("invite")
            .build()
            .map_err(|_| SmsError::Tls)?;
        Ok(Self { client, url: settings.url.clone(), headers: headers(settings, encoding), body })
    }

    /// The gateway's host, for logs.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

fn headers(settings: &SmsSettings, encoding: Encoding) -> HeaderMap {
    let mut headers = settings.headers.0.clone();
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(encoding.content_type()));
    headers
}

#[async_trait]
impl SmsTransport for SmsGateway {
    async fn send(&self, sms: &Sms) -> Result<(), DeliveryError> {
        let message_id = sms.message_id();
        let body = self.body.of(sms).map_err(|error| {
            tracing::error!(%message_id, %error, "the template of text messages failed");
            DeliveryError::Permanent(Reason::TemplateFailed)
        })?;
        let request = self
            .client
            .post(self.url.clone())
            .headers(self.headers.clone())
            .header(IDEMPOTENCY_KEY, message_id.to_string())
            .body(Bytes::from_owner(Wiped(body)));
        let answer = request.send().await.map_err(|error| failure(&error))?;
        let status = answer.status();
        // Whatever becomes of the rest, the number stands.
        drop(timeout(SHORT, drain(answer)).await);
        judge(status)
    }
}

/// A body that is wiped once nobody holds it any more. What the HTTP and TLS libraries copy of it into buffers of their
/// own, to send it, is out of reach.
struct Wiped(Zeroizing<String>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Reads an answer to its end, so that its connection can be used again, unless it is too long.
async fn drain(mut answer: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = answer.chunk().await {
        read += chunk.len();
        if read > MAX_ANSWER {
            return;
        }
    }
}

fn judge(status: StatusCode) -> Result<(), DeliveryError> {
    if status.is_success() {
        return Ok(());
    }
    tracing::debug!(status = status.as_u16(), "the SMS gateway did not take a message");
    Err(match status {
        // These pass by themselves.
        StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            DeliveryError::Transient(Reason::SmsDeferred)
        }
        // These are about us: a key that was changed, a proxy, a URL. There is time to set what is right.
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND
        | StatusCode::PROXY_AUTHENTICATION_REQUIRED => DeliveryError::Transient(Reason::SmsRefused),
        _ if status.is_client_error() => DeliveryError::Permanent(Reason::SmsRefused),
        // A gateway that moved says nothing about the message: there is time to set the new URL.
        _ if status.is_redirection() => DeliveryError::Transient(Reason::SmsRefused),
        _ => DeliveryError::Transient(Reason::SmsDeferred),
    })
}

/// A request without an answer. The error's own words hold the URL and are not used.
fn failure(error: &reqwest::Error) -> DeliveryError {
    let tls = is_tls(error);
    tracing::debug!(tls, timeout = error.is_timeout(), connect = error.is_connect(), "the SMS gateway did not answer");
    DeliveryError::Transient(if tls { Reason::TlsFailed } else { Reason::Unreachable })
}

/// Whether the handshake failed for what was said in it: rustls reports that as invalid data.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause = error.source().filter(|_| error.is_connect());
    while let Some(error) = cause {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|it| it.kind() == io::ErrorKind::InvalidData) {
            return true;
        }
        // An I/O error that wraps another names the other's source as its own and leaves the other out.
        let wrapped = io.and_then(io::Error::get_ref).map(|it| it as &(dyn std::error::Error + 'static));
        cause = wrapped.or_else(|| error.source());
    }
    false
}

/// Configured here and not left to the process: no default provider has to be installed for it.
fn tls(extra_root_pem: Option<&[u8]>) -> Result<ClientConfig, SmsError> {
    let provider = Arc::new(ring::default_provider());
    let roots = match extra_root_pem {
        Some(pem) => {
            let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
            // An empty file would be no error to the parser, and no certificate either.
            roots.ok().filter(|roots| !roots.is_empty()).ok_or(SmsError::Certificate)?
        }
        None => Vec::new(),
    };
    let of_roots = |_| if extra_root_pem.is_some() { SmsError::Certificate } else { SmsError::Tls };
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider)).map_err(of_roots)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| SmsError::Tls)?;
    // Not a way around verification: this is how rustls takes a verifier, and the system's is one.
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

#[cfg(test)]
mod tests;
