//! Tokens of the issuers the operator configured (rule 5.10): JSON Web Tokens
//! ([RFC 7519](https://www.rfc-editor.org/rfc/rfc7519)), held to the best practices of
//! [RFC 8725](https://www.rfc-editor.org/rfc/rfc8725).
//!
//! Nothing a token says of itself decides how it is verified: its issuer has to be a configured one, its key one that this
//! issuer publishes, its algorithm one that fits that key. Signatures are ring's; the order of the checks is here. What is
//! cheap comes first, so that a text that is no token, or none of ours, costs no request and no arithmetic.

mod claims;
pub(crate) mod door;
mod fetch;
mod key;
mod key_set;
#[cfg(test)]
mod tests;
mod token;

use async_trait::async_trait;
use fetch::Fetcher;
use invite_domain::{
    directory::VerifiedIdentity,
    port::{PortError, TokenVerifier},
    time::Timestamp,
};
use key_set::KeySet;
use std::{fmt, sync::Arc};
pub(crate) use token::Token;
use url::{Host, Url};

/// An issuer whose tokens count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JwtIssuer {
    /// What its tokens have to say in `iss`, character by character.
    pub issuer: String,
    /// Where it publishes its keys ([RFC 7517, 5](https://www.rfc-editor.org/rfc/rfc7517#section-5)). `https:`, but on
    /// loopback.
    pub jwks_url: Url,
    /// What its tokens have to say in `aud`, or among others there: without it a token for somebody else would count here.
    pub audience: String,
    /// Whether an address counts as proven of which it says `email_verified`.
    pub trust_email: bool,
}

/// Why an issuer cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JwtError {
    /// Its keys would come over the network in plaintext.
    #[error("the keys of {issuer} would be fetched without TLS")]
    Plaintext {
        /// Which one.
        issuer: String,
    },
    /// Two entries have one issuer.
    #[error("{issuer} is configured twice")]
    Twice {
        /// Which one.
        issuer: String,
    },
    /// The HTTP client cannot be made.
    #[error("the HTTP client for the issuers' keys cannot be made")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Verifies the tokens of these issuers. Clones of its `Arc` share the issuers' keys.
pub struct JwtVerifier {
    issuers: Vec<(JwtIssuer, Arc<KeySet>)>,
}

impl JwtVerifier {
    /// Gets ready; no keys are fetched before the first token comes.
    ///
    /// # Errors
    /// Where an issuer cannot be used.
    pub fn new(issuers: Vec<JwtIssuer>) -> Result<Self, JwtError> {
        let fetcher = Fetcher::new().map_err(|error| JwtError::Client(error.into()))?;
        let mut used = Vec::<(JwtIssuer, Arc<KeySet>)>::new();
        for settings in issuers {
            if !is_safe(&settings.jwks_url) {
                return Err(JwtError::Plaintext { issuer: settings.issuer });
            }
            if used.iter().any(|(other, _)| other.issuer == settings.issuer) {
                return Err(JwtError::Twice { issuer: settings.issuer });
            }
            let keys = KeySet::new(settings.issuer.clone(), settings.jwks_url.clone(), fetcher.clone());
            used.push((settings, Arc::new(keys)));
        }
        Ok(Self { issuers: used })
    }

    /// Asks every issuer for its keys, whether any are kept or not: its name, and how many keys it publishes that can be used, or
    /// in words why there are none to be had. Takes five seconds an issuer at most.
    pub async fn ask(&self) -> Vec<(&str, Result<usize, String>)> {
        let mut told = Vec::new();
        for (settings, keys) in &self.issuers {
            told.push((settings.issuer.as_str(), keys.ask().await));
        }
        told
    }
}

/// Whether nobody on the way can put keys of his own in the place of the issuer's.
fn is_safe(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

impl fmt::Debug for JwtVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.issuers.iter().map(|(settings, _)| &settings.issuer)).finish()
    }
}

#[async_trait]
impl TokenVerifier for JwtVerifier {
    async fn verify(&self, text: &str, now: Timestamp) -> Result<Option<VerifiedIdentity>, PortError> {
        let Some(token) = Token::read(text) else { return Ok(None) };
        let Some((settings, keys)) = self.issuers.iter().find(|(settings, _)| token.is_of(&settings.issuer)) else {
            return Ok(None);
        };
        // A token that its time or its audience rules out needs no key.
        let Some(identity) = claims::identity(token.claims(), settings, now) else { return Ok(None) };
        let keys = keys.with(&token, now).await?;
        Ok(token.is_signed_by(&keys).then_some(identity))
    }
}
