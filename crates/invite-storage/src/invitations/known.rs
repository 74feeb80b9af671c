//! Who is who in an organisation, as it was read a moment ago: what many views show and none changes. It is of one authority epoch, which
//! every change of an organisation, its roles, keys and members raises; a statement that finds the same epoch finds nothing else
//! changed. Only names of people may be older than an answer that shows them, by no more than what is [kept](super::recent).
//!
//! What the epoch says nothing of is not kept: operators, and callers who are nobody there and may become somebody. A role and an inviter
//! that are gone stay gone. What a redemption adds to a member's rights raises no epoch either: elsewhere than here, where it is
//! forgotten, it may be as late as a name.

use super::recent::Recent;
use invite_domain::{
    access::{ActorFacts, Inviter, InviterKind, Role},
    directory::Organization,
    id::{OrganizationId, RoleId},
    port::Principal,
};
use std::{hash::Hash, time::Instant};

/// Things of organisations by what names them there, each with the epoch it was read under.
type Things<K, V> = Recent<(OrganizationId, K), (i64, V)>;

/// A role by its id; none where it is gone.
#[derive(Clone, Debug)]
pub(super) struct Granted(pub(super) Option<Role>);

/// Organisations and who is who there.
#[derive(Debug, Default)]
pub(crate) struct Known {
    organizations: Things<(), Organization>,
    actors: Things<Principal, ActorFacts>,
    roles: Things<RoleId, Granted>,
    inviters: Things<Inviter, ActorFacts>,
    /// Where roles and inviters were kept a moment ago.
    told: Recent<OrganizationId, ()>,
}

impl Known {
    /// An organisation.
    pub(super) fn organization(&self, id: OrganizationId, now: Instant) -> Option<Organization> {
        self.organizations.of(&(id, ()), now, |(_, organization)| organization.clone())
    }

    /// Whether roles and inviters of it are known, as far as they were met.
    pub(super) fn knows_people(&self, id: OrganizationId, now: Instant) -> bool {
        self.told.get(&id, now).is_some()
    }

    /// Keeps an organisation as it was read then.
    pub(super) fn keep(&self, read: Instant, organization: &Organization) {
        self.organizations.keep((organization.id, ()), read, (organization.authority_epoch, organization.clone()));
    }

    /// Who is who in an organisation of this epoch.
    pub(super) fn at(&self, organization: OrganizationId, epoch: i64, now: Instant) -> Epoch<'_> {
        Epoch { known: self, organization, number: epoch, now }
    }

    /// Forgets what was read until now: something of it was changed here.
    pub(crate) fn forget(&self, now: Instant) {
        self.organizations.forget(now);
        self.actors.forget(now);
        self.roles.forget(now);
        self.inviters.forget(now);
        self.told.forget(now);
    }
}

/// An organisation while it has one epoch: what was read then is found, and what is read then is kept.
#[derive(Clone, Copy)]
pub(super) struct Epoch<'k> {
    known: &'k Known,
    organization: OrganizationId,
    number: i64,
    now: Instant,
}

impl Epoch<'_> {
    fn find<K: Eq + Hash, V: Clone>(&self, things: &Things<K, V>, key: K) -> Option<V> {
        let of_epoch = |(read_under, thing): &(i64, V)| (*read_under == self.number).then(|| thing.clone());
        things.of(&(self.organization, key), self.now, of_epoch).flatten()
    }

    fn keep<K: Eq + Hash, V: Clone>(&self, things: &Things<K, V>, key: K, thing: &V) {
        things.keep((self.organization, key), self.now, (self.number, thing.clone()));
    }

    /// Who acts.
    pub(super) fn actor(&self, principal: Principal) -> Option<ActorFacts> {
        self.find(&self.known.actors, principal)
    }

    pub(super) fn keep_actor(&self, principal: Principal, actor: &ActorFacts) {
        if !matches!(principal, Principal::Operator(_)) && *actor != ActorFacts::Unknown {
            self.keep(&self.known.actors, principal, actor);
        }
    }

    /// A role.
    pub(super) fn role(&self, id: RoleId) -> Option<Granted> {
        self.find(&self.known.roles, id)
    }

    pub(super) fn keep_role(&self, id: RoleId, role: Option<&Role>) {
        self.keep(&self.known.roles, id, &Granted(role.cloned()));
    }

    /// Who answers for invitations.
    pub(super) fn inviter(&self, inviter: Inviter) -> Option<ActorFacts> {
        self.find(&self.known.inviters, inviter)
    }

    pub(super) fn keep_inviter(&self, inviter: Inviter, facts: &ActorFacts) {
        if inviter.kind != InviterKind::Operator {
            self.keep(&self.known.inviters, inviter, facts);
        }
    }

    /// Notes that the roles and inviters of a page were kept.
    pub(super) fn keep_told(&self) {
        self.known.told.keep(self.organization, self.now, ());
    }
}
