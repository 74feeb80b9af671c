use crate::{
    access::Held,
    id::{ApiKeyId, MembershipId, OrganizationId},
    secret::credential::CredentialDigest,
    time::Timestamp,
};

/// An API key of one organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiKey {
    /// Names the key over all its rotations.
    pub id: ApiKeyId,
    /// The organisation it belongs to.
    pub organization_id: OrganizationId,
    /// The store's number for it; 0 until it is stored.
    pub number: i64,
    /// What people call it, 1 to 100 characters.
    pub name: String,
    /// The first characters of its text, to recognise it by.
    pub prefix: String,
    /// The digest of its text.
    pub digest: CredentialDigest,
    /// The digest of the text before the last rotation, and until when that still counts.
    pub previous: Option<(CredentialDigest, Timestamp)>,
    /// What it may do at most; at every use cut to what its maker holds now.
    pub permissions: Held,
    /// The member who made it.
    pub created_by: MembershipId,
    /// Whether the operator made it with the organisation. It is not among what somebody who squatted on the owner's address
    /// can have left behind, and outlives the end of such a person's credentials.
    pub by_operator: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl ApiKey {
    /// How many seconds the old text counts after a rotation where nothing is said: a day.
    pub const DEFAULT_OVERLAP: i64 = 86_400;
    /// The most it can: a week.
    pub const LONGEST_OVERLAP: i64 = 7 * 86_400;

    /// Whether the key no longer opens anything by its age.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// Whether a text of this digest counts as this key now: the present text, or the one before during its overlap.
    pub fn accepts(&self, digest: &CredentialDigest, now: Timestamp) -> bool {
        self.digest == *digest || self.previous.as_ref().is_some_and(|(old, until)| old == digest && now < *until)
    }
}

/// A key of the operator of the installation; it belongs to no organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OperatorKey {
    /// Names the key.
    pub id: ApiKeyId,
    /// The first characters of its text.
    pub prefix: String,
    /// The digest of its text.
    pub digest: CredentialDigest,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}
