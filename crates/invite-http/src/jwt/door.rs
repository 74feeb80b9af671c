//! What [`crate::fuzzing`] leads to: the readers of tokens and of key sets and the order of the checks, without a network.

use super::{JwtIssuer, claims, key::Key, token::Token};
use invite_domain::{directory::VerifiedIdentity, time::Timestamp};

/// Whom a token is of that one of these keys signed.
pub(crate) fn verify(text: &str, set: &[u8], settings: &JwtIssuer, now: Timestamp) -> Option<VerifiedIdentity> {
    let token = Token::read(text).filter(|token| token.is_of(&settings.issuer))?;
    let identity = claims::identity(token.claims(), settings, now)?;
    token.is_signed_by(&Key::read_set(set)?).then_some(identity)
}
