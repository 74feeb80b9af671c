//! The rules as pure functions: no store, no service.

mod changing;
mod ending;
mod holding;
mod issuing;
mod lapsing;
mod lifecycle;
mod limits;
mod messages;
mod people;
mod redeeming;
mod reminding;
mod resending;
mod subjects;
mod triples;
mod words;

use super::{Bounds, Context, Invitation, Origin, Proof, Recipient, issue::Issue};
use crate::{
    access::{ActorFacts, Grant, MemberFacts, PermissionSet, Role, RoleScope, SystemRole},
    directory::{Account, Limits, Membership, Organization, Policy, Slug},
    email::EmailAddress,
    id::{AccountId, MembershipId, OrganizationId, RoleId},
    port::{InvitationFacts, InvitationRecord, IssueFacts, RedemptionFacts},
    secret::{
        code::{self, TypedCode},
        keyring::{KeyId, KeyRing},
        test_support::{Counting, vector_ring},
        token::{self, ParsedToken, Provenance},
    },
    time::{Timestamp, seconds},
};
use chrono::TimeZone as _;
use uuid::Uuid;

pub(super) const DAY: i64 = 86_400;

/// The instant every scene begins at.
pub(super) fn start() -> Timestamp {
    chrono::Utc.with_ymd_and_hms(2027, 3, 1, 12, 0, 0).unwrap()
}

/// A small organisation seen by one actor, and the means to decide something in it.
pub(super) struct Scene {
    pub(super) now: Timestamp,
    pub(super) entropy: Counting,
    pub(super) bounds: Bounds,
    pub(super) ring: KeyRing,
    pub(super) origin: Origin,
    pub(super) organization: Organization,
    pub(super) actor: ActorFacts,
}

impl Scene {
    /// The actor is an owner.
    pub(super) fn new() -> Self {
        let organization = organization();
        let actor = member(&organization, 1, SystemRole::Owner);
        Self {
            now: start(),
            entropy: Counting::default(),
            bounds: Bounds::default(),
            ring: vector_ring(),
            origin: Origin { request_id: Some("request".to_owned()), address: None },
            organization,
            actor,
        }
    }

    /// The actor is a member with this system role.
    pub(super) fn acted_by(role: SystemRole) -> Self {
        let scene = Self::new();
        let actor = member(&scene.organization, 2, role);
        Self { actor, ..scene }
    }

    pub(super) fn ctx(&self) -> Context<'_> {
        Context {
            now: self.now,
            entropy: &self.entropy,
            bounds: &self.bounds,
            key_id: KeyId::new(7).unwrap(),
            ring: &self.ring,
            origin: &self.origin,
        }
    }

    pub(super) fn wait(&mut self, count: i64) {
        self.now += seconds(count);
    }

    pub(super) fn issue_facts(&self) -> IssueFacts {
        let role = role(&self.organization, SystemRole::Member);
        IssueFacts::unhindered(self.organization.clone(), self.actor.clone(), Some(role))
    }

    /// A command that invites `name` as a member.
    pub(super) fn invite(&self, name: &str) -> Issue {
        let grant = Grant { role_id: Some(role(&self.organization, SystemRole::Member).id), ..Grant::default() };
        Issue::new(Recipient::Email(address(name)), grant)
    }

    /// An invitation the actor issued now, to `name`, as a member.
    pub(super) fn issued(&self, name: &str) -> InvitationRecord {
        super::issue::issue(&self.issue_facts(), &self.invite(name), &self.ctx()).unwrap().record
    }

    pub(super) fn facts(&self, record: &InvitationRecord) -> InvitationFacts {
        InvitationFacts {
            organization: self.organization.clone(),
            actor: self.actor.clone(),
            record: Some(record.clone()),
            role: None,
            other_holder: None,
            messages: vec![record.invitation.created_at],
            blocked: false,
            replay: None,
        }
    }

    pub(super) fn redemption_facts(&self, record: &InvitationRecord) -> RedemptionFacts {
        let messages = vec![record.invitation.created_at];
        RedemptionFacts::of_stranger(self.organization.clone(), record.clone(), messages)
    }

    /// The present token of an invitation.
    pub(super) fn token(&self, invitation: &Invitation, provenance: Provenance) -> Proof {
        let text = token::mint(&self.ring, &invitation.token_binding().unwrap(), provenance).unwrap();
        Proof::Token(ParsedToken::parse(text.expose(), &self.ring).unwrap())
    }

    /// The present code of an invitation.
    pub(super) fn code(&self, invitation: &Invitation) -> Proof {
        let text = code::make(&self.ring, &invitation.token_binding().unwrap()).unwrap();
        Proof::Code(TypedCode::parse(text.expose()).unwrap())
    }
}

pub(super) fn address(name: &str) -> EmailAddress {
    EmailAddress::parse(&format!("{name}@example.org")).unwrap()
}

pub(super) fn permissions(names: &[&str]) -> PermissionSet {
    PermissionSet::parse(names.iter().copied()).unwrap()
}

pub(super) fn organization() -> Organization {
    Organization {
        id: OrganizationId::from_uuid(Uuid::from_u128(0xacee)),
        number: 1,
        name: "Acme".to_owned(),
        slug: Slug::parse("acme").unwrap(),
        locale: None,
        time_zone: "UTC".to_owned(),
        policy: Policy::default(),
        limits: Limits::default(),
        look: crate::directory::Look::default(),
        group_id: None,
        profile: "{}".to_owned(),
        authority_epoch: 5,
        version: 1,
        created_at: start(),
        updated_at: start(),
        deleted_at: None,
    }
}

pub(super) fn role(organization: &Organization, system: SystemRole) -> Role {
    let place = SystemRole::ALL.iter().position(|known| *known == system).unwrap_or(SystemRole::ALL.len());
    Role {
        id: RoleId::from_uuid(Uuid::from_u128(100 + place as u128)),
        organization_id: organization.id,
        number: 1 + i64::try_from(place).unwrap(),
        name: system.name().to_owned(),
        description: None,
        scope: RoleScope::Organization,
        system: Some(system),
        permissions: PermissionSet::new(),
        created_at: start(),
        updated_at: start(),
        version: 1,
    }
}

pub(super) fn member(organization: &Organization, number: u128, system: SystemRole) -> ActorFacts {
    ActorFacts::Member(member_facts(organization, number, system))
}

pub(super) fn member_facts(organization: &Organization, number: u128, system: SystemRole) -> MemberFacts {
    let role = role(organization, system);
    let membership = Membership {
        id: MembershipId::from_uuid(Uuid::from_u128(200 + number)),
        number: 1,
        organization_id: organization.id,
        account_id: AccountId::from_uuid(Uuid::from_u128(300 + number)),
        role_id: Some(role.id),
        permissions: PermissionSet::new(),
        active: true,
        default_rate: None,
        metadata: None,
        subject_id: None,
        group_id: None,
        created_at: start(),
        version: 1,
    };
    MemberFacts { membership, role: Some(role), name: Some(format!("Member {number}")) }
}

pub(super) fn account(number: u128, name: &str, verified: bool) -> Account {
    Account {
        number: 1,
        email_verified: verified,
        name: Some(name.to_owned()),
        version: 3,
        ..Account::new(AccountId::from_uuid(Uuid::from_u128(300 + number)), Some(address(name)), start())
    }
}
