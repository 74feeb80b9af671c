use crate::{
    id::{AccountId, OrganizationId, SessionId},
    port::Entropy,
    secret::credential::{CredentialDigest, CredentialKind, CredentialText},
    time::Timestamp,
};
use chrono::Duration;

/// A person signed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// Names the session.
    pub id: SessionId,
    /// Who is signed in.
    pub account_id: AccountId,
    /// The one organisation it counts in; all the person is a member of where `None`. A person who signed in by a
    /// sign-in invitation of one organisation is nobody in another (rule 3.3).
    pub organization_id: Option<OrganizationId>,
    /// The digest of the session's text.
    pub digest: CredentialDigest,
    /// The digest of the text that begins the next session in place of this one, where one was given out.
    pub refresh: Option<CredentialDigest>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the hour.
    pub last_seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
}

impl Session {
    /// How long a session lasts at the most (rule 2.4).
    pub const LIFETIME: Duration = Duration::days(30);
    /// How long it lasts unused.
    pub const IDLE: Duration = Duration::days(7);

    /// A session that begins now, and its text.
    pub fn begin(account_id: AccountId, now: Timestamp, entropy: &dyn Entropy) -> (CredentialText, Self) {
        let text = CredentialText::generate(CredentialKind::Session, entropy);
        let session = Self {
            id: SessionId::new(now, entropy),
            account_id,
            organization_id: None,
            digest: text.digest(),
            refresh: None,
            created_at: now,
            last_seen_at: now,
            expires_at: now + Self::LIFETIME,
        };
        (text, session)
    }

    /// Whether it still counts.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at && now < self.last_seen_at + Self::IDLE
    }
}
