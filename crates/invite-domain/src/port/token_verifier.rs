use super::PortError;
use crate::{directory::VerifiedIdentity, time::Timestamp};
use async_trait::async_trait;

/// Verifies tokens of other issuers: JSON Web Tokens ([RFC 7519](https://www.rfc-editor.org/rfc/rfc7519)) for instance.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TokenVerifier: Send + Sync {
    /// Who the holder of this token is; `None` for every text that proves nothing now, whatever the reason.
    ///
    /// MUST hold the token to the issuer the operator configured: its signature by a key that issuer published, its
    /// audience, and its time against `now`. A text that is no such token at all MUST cost neither a read nor a request,
    /// and `email_trusted` MUST be false unless the operator trusts the issuer for addresses and the issuer says that this
    /// one was verified.
    ///
    /// # Errors
    /// Where it cannot be told, since the issuer's keys could not be had.
    async fn verify(&self, token: &str, now: Timestamp) -> Result<Option<VerifiedIdentity>, PortError>;
}
