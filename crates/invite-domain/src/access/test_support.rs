//! An organisation and its people for the rules' tests.

use super::{ActorFacts, Administrator, Authority, MemberFacts, PermissionSet, Role, RoleScope, SystemRole};
use crate::{
    directory::{Limits, Membership, Organization, Policy, Slug},
    id::{AccountId, MembershipId, OrganizationId, RoleId},
    invitation::{Bounds, Context, Origin},
    secret::{
        keyring::{KeyId, KeyRing},
        test_support::{Counting, vector_ring},
    },
    time::Timestamp,
};
use chrono::TimeZone as _;
use uuid::Uuid;

/// What a context borrows.
pub(crate) struct World {
    entropy: Counting,
    pub(crate) bounds: Bounds,
    ring: KeyRing,
    origin: Origin,
}

impl Default for World {
    fn default() -> Self {
        Self {
            entropy: Counting::default(),
            bounds: Bounds::default(),
            ring: vector_ring(),
            origin: Origin { request_id: Some("request".to_owned()), address: None },
        }
    }
}

pub(crate) fn now() -> Timestamp {
    chrono::Utc.timestamp_opt(1_800_000_000, 0).unwrap()
}

impl World {
    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            now: now(),
            entropy: &self.entropy,
            bounds: &self.bounds,
            key_id: KeyId::new(7).unwrap(),
            ring: &self.ring,
            origin: &self.origin,
        }
    }

    /// Runs a rule as the member does it.
    pub(crate) fn act<T>(&self, actor: &MemberFacts, rule: impl FnOnce(&Administrator<'_>) -> T) -> T {
        self.act_as(&ActorFacts::Member(actor.clone()), rule)
    }

    /// Runs a rule as the actor does it.
    pub(crate) fn act_as<T>(&self, actor: &ActorFacts, rule: impl FnOnce(&Administrator<'_>) -> T) -> T {
        self.act_in(actor, &organization(), rule)
    }

    /// Runs a rule as the actor does it in this organisation.
    pub(crate) fn act_in<T>(
        &self,
        actor: &ActorFacts,
        organization: &Organization,
        rule: impl FnOnce(&Administrator<'_>) -> T,
    ) -> T {
        let context = self.context();
        let authority =
            Authority::establish(actor, organization.id, organization.authority_epoch, context.now).unwrap();
        rule(&Administrator { context: &context, organization, authority: &authority })
    }
}

pub(crate) fn organization() -> Organization {
    Organization {
        id: OrganizationId::from_uuid(Uuid::from_u128(1)),
        number: 1,
        name: "Acme".into(),
        slug: Slug::parse("acme").unwrap(),
        locale: None,
        time_zone: "UTC".into(),
        policy: Policy::default(),
        limits: Limits::default(),
        look: crate::directory::Look::default(),
        group_id: None,
        profile: "{}".into(),
        authority_epoch: 9,
        version: 3,
        created_at: now(),
        updated_at: now(),
        deleted_at: None,
    }
}

pub(crate) fn set(names: &[&str]) -> PermissionSet {
    PermissionSet::parse(names).unwrap()
}

pub(crate) fn role(id: u128, name: &str, system: Option<SystemRole>, permissions: &[&str]) -> Role {
    Role {
        id: RoleId::from_uuid(Uuid::from_u128(id)),
        organization_id: organization().id,
        number: 1,
        name: name.into(),
        description: None,
        scope: RoleScope::Organization,
        system,
        permissions: set(permissions),
        created_at: now(),
        updated_at: now(),
        version: 4,
    }
}

pub(crate) fn system(role_: SystemRole) -> Role {
    let place = SystemRole::ALL.iter().position(|known| *known == role_).unwrap_or(SystemRole::ALL.len());
    role(100 + place as u128, role_.name(), Some(role_), &[])
}

pub(crate) fn member(id: u128, role: Option<Role>, permissions: &[&str]) -> MemberFacts {
    let membership = Membership {
        id: MembershipId::from_uuid(Uuid::from_u128(id)),
        number: 1,
        organization_id: organization().id,
        account_id: AccountId::from_uuid(Uuid::from_u128(1000 + id)),
        role_id: role.as_ref().map(|role| role.id),
        permissions: set(permissions),
        active: true,
        default_rate: None,
        metadata: None,
        subject_id: None,
        group_id: None,
        created_at: now(),
        version: 5,
    };
    MemberFacts { membership, role, name: Some("Mia".into()) }
}
