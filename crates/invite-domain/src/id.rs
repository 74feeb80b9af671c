//! Typed identifiers: UUIDs of version 7 ([RFC 9562 §5.7](https://www.rfc-editor.org/rfc/rfc9562#section-5.7)), built
//! from the [`Clock`] and [`Entropy`] ports, so that a test can foretell them.

use crate::{
    port::{Clock, Entropy},
    time::Timestamp,
};
use uuid::Uuid;

/// A UUID of version 7 for `now`, its random part from `entropy`.
pub fn uuid_v7(now: Timestamp, entropy: &dyn Entropy) -> Uuid {
    let mut random = [0_u8; 10];
    entropy.fill(&mut random);
    uuid_v7_of(now, &random)
}

/// The same of random bytes that were asked for before.
pub fn uuid_v7_of(now: Timestamp, random: &[u8; 10]) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a new id for `now`.
            pub fn new(now: Timestamp, entropy: &dyn Entropy) -> Self {
                Self(uuid_v7(now, entropy))
            }

            /// Makes a new id for the clock's present.
            pub fn generate(clock: &dyn Clock, entropy: &dyn Entropy) -> Self {
                Self::new(clock.now(), entropy)
            }

            /// Wraps an id that exists already.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The plain UUID.
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }

            /// The sixteen bytes, most significant first.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// Names an organisation.
    OrganizationId;
    /// Names a person's account in the bundled directory or the host's.
    AccountId;
    /// Names a membership: an account in an organisation.
    MembershipId;
    /// Names an invitation over all its generations.
    InvitationId;
    /// Names a redemption.
    RedemptionId;
    /// Names a role of an organisation.
    RoleId;
    /// Names an API key over all its rotations.
    ApiKeyId;
    /// Names an event of the audit trail.
    EventId;
    /// Names an outbox message over all its delivery attempts.
    MessageId;
    /// Names a session.
    SessionId;
    /// Names a record of the host's directory (a contact, a trucker) that an invitation is for.
    SubjectId;
    /// Names a group of invitations issued together.
    BatchId;
    /// Names a group of organisations.
    GroupId;
}
