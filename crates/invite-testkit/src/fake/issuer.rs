use async_trait::async_trait;
use invite_domain::{
    directory::VerifiedIdentity,
    email::EmailAddress,
    port::{PortError, TokenVerifier},
    time::Timestamp,
};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Stands for an issuer of tokens that anybody could forge: for tests, and for nothing else.
///
/// A token is `jwt!` and fields parted by `!`: the subject, then optionally an address, `verified` or anything else, and a
/// name. [`token`](Self::token) writes one; every other text proves nothing.
#[derive(Debug, Default)]
pub struct FakeIssuer {
    down: AtomicBool,
    asked: AtomicUsize,
}

impl FakeIssuer {
    /// The issuer of all its tokens.
    pub const ISSUER: &'static str = "https://issuer.example";

    /// The token of a person who is no more than this subject.
    pub fn token(subject: &str) -> String {
        format!("jwt!{subject}")
    }

    /// The token of a person with an address; `trusted` where it counts as proven.
    pub fn token_with(subject: &str, email: &str, trusted: bool, name: &str) -> String {
        format!("jwt!{subject}!{email}!{}!{name}", if trusted { "verified" } else { "said" })
    }

    /// Answers that its keys cannot be had, or stops doing so.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// How many texts it was asked about.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl TokenVerifier for FakeIssuer {
    async fn verify(&self, token: &str, _now: Timestamp) -> Result<Option<VerifiedIdentity>, PortError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let Some(fields) = token.strip_prefix("jwt!") else { return Ok(None) };
        if self.down.load(Ordering::SeqCst) {
            return Err(PortError::unavailable("the issuer is down"));
        }
        let mut fields = fields.split('!');
        let subject = fields.next().unwrap_or_default().to_owned();
        Ok(Some(VerifiedIdentity {
            issuer: Self::ISSUER.to_owned(),
            subject,
            email: fields.next().and_then(|text| EmailAddress::parse(text).ok()),
            email_trusted: fields.next() == Some("verified"),
            name: fields.next().map(str::to_owned),
        }))
    }
}
