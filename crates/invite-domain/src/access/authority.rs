//! What an actor may do in an organisation, as facts at one instant (rules 6.2, 6.4, 6.7).

use super::{permission::Held, role::Role};
use crate::{
    directory::{ApiKey, Membership},
    id::{AccountId, ApiKeyId, MembershipId, OrganizationId},
    time::Timestamp,
};
use uuid::Uuid;

/// What kind of actor did something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ActorKind {
    /// A member, by a session; the id is the membership's.
    Member,
    /// An API key.
    ApiKey,
    /// The operator of the installation.
    Operator,
    /// The person who was invited; the id is the account's, where one is known.
    Invitee,
    /// The service itself: the dispatcher.
    System,
}

impl ActorKind {
    /// The kind's name, in storage and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::ApiKey => "api_key",
            Self::Operator => "operator",
            Self::Invitee => "invitee",
            Self::System => "system",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Member, Self::ApiKey, Self::Operator, Self::Invitee, Self::System]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// Who did something, for the audit trail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// Which one, where it has an id.
    pub id: Option<Uuid>,
}

impl Actor {
    /// The service itself.
    pub const SYSTEM: Self = Self { kind: ActorKind::System, id: None };

    /// The invited person, with an account where one is known.
    pub fn invitee(account: Option<AccountId>) -> Self {
        Self { kind: ActorKind::Invitee, id: account.map(|id| id.as_uuid()) }
    }
}

/// The kinds of actor that can answer for an invitation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum InviterKind {
    /// A member; the id is the membership's.
    Member,
    /// An API key.
    ApiKey,
    /// An operator key.
    Operator,
}

impl InviterKind {
    /// The kind's name, in storage and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::ApiKey => "api_key",
            Self::Operator => "operator",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Member, Self::ApiKey, Self::Operator].into_iter().find(|kind| kind.name() == name)
    }
}

/// Who answers for an invitation: its grant lives only as long as this actor may give it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Inviter {
    /// What kind.
    pub kind: InviterKind,
    /// Which one.
    pub id: Uuid,
}

impl Inviter {
    /// The same actor, for the audit trail.
    pub fn actor(self) -> Actor {
        let kind = match self.kind {
            InviterKind::Member => ActorKind::Member,
            InviterKind::ApiKey => ActorKind::ApiKey,
            InviterKind::Operator => ActorKind::Operator,
        };
        Actor { kind, id: Some(self.id) }
    }
}

/// A member as the directory knows it now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberFacts {
    /// The membership.
    pub membership: Membership,
    /// Its role, if it has one.
    pub role: Option<Role>,
    /// The name on the account.
    pub name: Option<String>,
}

impl MemberFacts {
    /// What the member may do; nothing while switched off.
    pub fn held(&self) -> Held {
        if self.membership.active { self.membership.held(self.role.as_ref()) } else { Held::nothing() }
    }
}

/// What the directory knows now about an actor in an organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one or two of it a use case; boxing would cost each an allocation"
)]
pub enum ActorFacts {
    /// Not a member, no such key, or removed since.
    Unknown,
    /// A member.
    Member(MemberFacts),
    /// An API key and the member who made it, while that member exists.
    ApiKey {
        /// The key.
        key: ApiKey,
        /// Its maker; a maker who left ends his keys.
        creator: Option<MemberFacts>,
    },
    /// The operator of the installation.
    Operator {
        /// The operator key.
        id: ApiKeyId,
    },
}

impl ActorFacts {
    /// What the actor holds now as an *inviter*. A key's expiry and rotation leave its invitations good, its revocation
    /// ends them; `None` means there is nobody left who answers for them (rule 6.4).
    pub fn standing(&self) -> Option<Held> {
        match self {
            Self::Unknown => None,
            Self::Member(member) => member.membership.active.then(|| member.held()),
            Self::ApiKey { key, creator } => {
                let creator = creator.as_ref().filter(|creator| creator.membership.active)?;
                key.revoked_at.is_none().then(|| key.permissions.intersection(&creator.held()))
            }
            Self::Operator { .. } => Some(Held::Everything),
        }
    }

    /// The person who invites, for the invitee's eyes: the member, or who made the key; what a key is called tells an invitee
    /// nothing.
    pub fn person_name(&self) -> Option<&str> {
        match self {
            Self::Unknown | Self::Operator { .. } => None,
            Self::Member(member) => member.name.as_deref(),
            Self::ApiKey { creator, .. } => creator.as_ref()?.name.as_deref(),
        }
    }

    /// The name to show for the actor inside the organisation.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Unknown | Self::Operator { .. } => None,
            Self::Member(member) => member.name.as_deref(),
            Self::ApiKey { key, .. } => Some(&key.name),
        }
    }
}

/// What one actor may do in one organisation, decided under one authority epoch.
///
/// Only [`Authority::establish`] makes one, from what the directory said: a use case that holds an `Authority` has
/// asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Authority {
    organization_id: OrganizationId,
    epoch: i64,
    inviter: Inviter,
    account_id: Option<AccountId>,
    held: Held,
}

impl Authority {
    /// The authority of the actor the facts describe, or `None` where the actor has no standing: not a member, switched
    /// off, a key that is revoked or expired.
    pub fn establish(facts: &ActorFacts, organization_id: OrganizationId, epoch: i64, now: Timestamp) -> Option<Self> {
        let held = facts.standing()?;
        let (inviter, account_id) = match facts {
            ActorFacts::Unknown => return None,
            ActorFacts::Member(member) => (
                Inviter { kind: InviterKind::Member, id: member.membership.id.as_uuid() },
                Some(member.membership.account_id),
            ),
            ActorFacts::ApiKey { key, creator } => {
                if key.is_expired(now) {
                    return None;
                }
                let account = creator.as_ref().map(|creator| creator.membership.account_id);
                (Inviter { kind: InviterKind::ApiKey, id: key.id.as_uuid() }, account)
            }
            ActorFacts::Operator { id } => (Inviter { kind: InviterKind::Operator, id: id.as_uuid() }, None),
        };
        Some(Self { organization_id, epoch, inviter, account_id, held })
    }

    /// The organisation it holds in.
    pub fn organization_id(&self) -> OrganizationId {
        self.organization_id
    }

    /// The authority epoch it was decided under (rule 6.7).
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    /// The actor as one who answers for invitations.
    pub fn inviter(&self) -> Inviter {
        self.inviter
    }

    /// The actor for the audit trail.
    pub fn actor(&self) -> Actor {
        self.inviter.actor()
    }

    /// The membership behind the actor, where the actor is a member.
    pub fn membership_id(&self) -> Option<MembershipId> {
        (self.inviter.kind == InviterKind::Member).then(|| MembershipId::from_uuid(self.inviter.id))
    }

    /// The account behind the actor: the member's, or the key's maker's.
    pub fn account_id(&self) -> Option<AccountId> {
        self.account_id
    }

    /// What the actor holds.
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// Whether the actor may do this.
    pub fn allows(&self, permission: &str) -> bool {
        self.held.allows(permission)
    }

    /// Whether the actor is the operator of the installation.
    pub fn is_operator(&self) -> bool {
        self.inviter.kind == InviterKind::Operator
    }
}

#[cfg(test)]
mod tests;
