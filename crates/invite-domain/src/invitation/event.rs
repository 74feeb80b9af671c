//! Events: the audit trail (rule 8.4).

use super::lifecycle::Invitation;
use crate::{
    access::Actor,
    id::{AccountId, EventId, InvitationId, MembershipId, OrganizationId},
    port::Entropy,
    time::Timestamp,
};
use std::{collections::BTreeMap, net::IpAddr};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// What an event says happened.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum EventKind { $($(#[$doc])* $name,)+ }

        impl EventKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The kind's name, in storage and on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The kind of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.name() == name)
            }
        }
    };
}

kinds! {
    /// An invitation was made.
    InvitationIssued = "invitation.issued",
    /// It was sent again under a new generation.
    InvitationResent = "invitation.resent",
    /// Its expiry was moved.
    InvitationExtended = "invitation.extended",
    /// Its grant or its words were changed.
    InvitationAmended = "invitation.amended",
    /// Its link was shown.
    InvitationRevealed = "invitation.revealed",
    /// Another member took it over.
    InvitationSponsored = "invitation.sponsored",
    /// It was used.
    InvitationRedeemed = "invitation.redeemed",
    /// The invitee said no.
    InvitationDeclined = "invitation.declined",
    /// It was withdrawn.
    InvitationRevoked = "invitation.revoked",
    /// Its time was over.
    InvitationExpired = "invitation.expired",
    /// Its inviter could no longer give what it grants.
    InvitationSuspended = "invitation.suspended",
    /// A reminder was written, because it expires soon.
    InvitationReminded = "invitation.reminded",
    /// A message of it could not be delivered.
    InvitationDeliveryFailed = "invitation.delivery_failed",
    /// A message that was given up was queued again.
    InvitationDeliveryReplayed = "invitation.delivery_replayed",
    /// Somebody became a member.
    MembershipCreated = "membership.created",
    /// A member's rights changed.
    MembershipChanged = "membership.changed",
    /// A member was removed.
    MembershipRemoved = "membership.removed",
    /// A role was made.
    RoleCreated = "role.created",
    /// A role was changed.
    RoleChanged = "role.changed",
    /// A role was deleted.
    RoleDeleted = "role.deleted",
    /// An API key was made.
    ApiKeyCreated = "api_key.created",
    /// An API key got a new text.
    ApiKeyRotated = "api_key.rotated",
    /// An API key was revoked.
    ApiKeyRevoked = "api_key.revoked",
    /// A record of the host's directory was made.
    SubjectCreated = "subject.created",
    /// Such a record was changed.
    SubjectChanged = "subject.changed",
    /// Such a record was deleted.
    SubjectDeleted = "subject.deleted",
    /// A person was erased: nothing here names them any more.
    AccountErased = "account.erased",
    /// The organisation's settings were changed.
    OrganizationChanged = "organization.changed",
    /// The organisation was deleted.
    OrganizationDeleted = "organization.deleted",
    /// A deleted organisation was brought back.
    OrganizationRestored = "organization.restored",
}

/// One fact in an event. Never a secret, never a name or an address: persons stand in events by id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fact {
    /// A fixed word or an id.
    Text(String),
    /// A count.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// Several fixed words, permissions for instance.
    Words(Vec<String>),
}

impl From<&str> for Fact {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Fact {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Fact {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

/// What the removal of a member says of whose membership it was: without it nothing would, once the row is gone.
const REMOVED_ACCOUNT: &str = "account_id";

/// The fact a removal adds to what else there is to say of a membership.
pub(crate) fn removed_account(account: AccountId) -> (&'static str, Fact) {
    (REMOVED_ACCOUNT, account.to_string().as_str().into())
}

/// What an event says beyond its kind.
pub type EventData = BTreeMap<String, Fact>;

/// What the service itself notes of an invitation, as the invitation is after it.
pub(crate) fn of_system(
    invitation: &Invitation,
    kind: EventKind,
    now: Timestamp,
    entropy: &dyn Entropy,
    data: impl IntoIterator<Item = (&'static str, Fact)>,
) -> Event {
    Event {
        id: EventId::new(now, entropy),
        organization_id: invitation.organization_id,
        kind,
        invitation_id: Some(invitation.id),
        membership_id: None,
        sequence: invitation.version,
        actor: Actor::SYSTEM,
        recorded_at: now,
        request_id: None,
        address: None,
        data: data.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect(),
    }
}

/// Where a change came from, for the trail: the request and its sender's address.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Origin {
    /// The request's id.
    pub request_id: Option<String>,
    /// The address it came from, behind proxies the one they vouch for.
    pub address: Option<IpAddr>,
}

impl Origin {
    /// Where nobody asked by a request: the service itself, a command at a terminal.
    pub fn none() -> &'static Self {
        static NONE: Origin = Origin { request_id: None, address: None };
        &NONE
    }
}

/// One entry of the audit trail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// Names the event.
    pub id: EventId,
    /// The organisation it happened in.
    pub organization_id: OrganizationId,
    /// What happened.
    pub kind: EventKind,
    /// The invitation it happened to.
    pub invitation_id: Option<InvitationId>,
    /// The membership it happened to.
    pub membership_id: Option<MembershipId>,
    /// The version of the thing it happened to, after it.
    pub sequence: i64,
    /// Who did it.
    pub actor: Actor,
    /// When.
    pub recorded_at: Timestamp,
    /// The request in which it happened.
    pub request_id: Option<String>,
    /// The address the request came from. It is of a person, so erasing that person takes it away.
    pub address: Option<IpAddr>,
    /// What else there is to say.
    pub data: EventData,
}

impl Event {
    /// The account whose membership was removed; `None` for any other event, and for a removal that does not say.
    pub fn removed_account(&self) -> Option<AccountId> {
        match self.data.get(REMOVED_ACCOUNT) {
            Some(Fact::Text(text)) if self.kind == EventKind::MembershipRemoved => text.parse().ok(),
            _ => None,
        }
    }
}
