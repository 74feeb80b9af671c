//! The scenes: who is there, what is stored when it begins, and how much may go wrong.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set fails its test")]

use super::{
    facts::World,
    properties::{self, Possible},
    row::Row,
    store::Store,
    walk::{Budget, Link, Part, Scene, Target},
};
use invite_domain::{
    access::{ActorFacts, Grant, MemberFacts, PermissionSet},
    directory::{Account, Membership, Organization, Policy},
    invitation::{
        Bounds, Context, DeliveryState, Invitation, Origin, Recipient,
        issue::{self, Issue},
    },
    phone::PhoneNumber,
    port::{InvitationStore, IssueFacts},
};
use invite_testkit::{MemoryStore, Scene as House};
use std::{collections::BTreeSet, sync::Arc};

/// Two organisations, their people and nothing else.
pub(crate) struct Stage {
    world: World,
    store: Store,
    acme: House,
    bolt: House,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let memory: Arc<dyn InvitationStore> = Arc::new(MemoryStore::default());
        let (acme, bolt) = (House::create(Arc::clone(&memory), "acme").await, House::create(memory, "bolt").await);
        let mut store = Store::default();
        let mut roles = Vec::new();
        for house in [&acme, &bolt] {
            let organization = Organization { policy: Policy::default(), ..house.organization.clone() };
            store.organizations.push(Row::new(organization));
            for person in [&house.owner, &house.admin, &house.member] {
                store.accounts.push(Row::new(person.account.clone()));
                store.memberships.push(Row::new(person.membership.clone()));
            }
            roles.extend(
                [&house.roles.owner, &house.roles.admin, &house.roles.member, &house.roles.guest].map(Clone::clone),
            );
        }
        let world = World { now: acme.now(), ring: Arc::clone(&acme.ring), bounds: Bounds::default(), roles };
        Self { world, store, acme, bolt }
    }

    fn scene(
        &self,
        name: &'static str,
        start: Store,
        parts: Vec<Part>,
        budget: Budget,
        possible: &[Possible],
    ) -> Scene {
        let world = self.world.clone();
        Scene { name, world, start, parts, budget, broken: BTreeSet::new(), possible: possible.to_vec() }
    }

    /// Somebody with an account who is a member of nothing.
    fn stranger(&self, store: &mut Store, name: &str) -> Account {
        let account = Account { name: Some(name.to_owned()), ..self.acme.account(name) };
        store.accounts.push(Row::new(account.clone()));
        account
    }

    /// The invitation an inviter issues to this recipient, by the rule, and its message: sent already, or waiting.
    fn invite(
        &self,
        store: &mut Store,
        (house, by): (&House, &Membership),
        recipient: &Recipient,
        grant: &Grant,
        sent: bool,
    ) -> Invitation {
        let role = grant.role_id.and_then(|id| self.world.roles.iter().find(|role| role.id == id).cloned());
        let of = |member: &Membership| MemberFacts {
            role: self.world.roles.iter().find(|role| Some(role.id) == member.role_id).cloned(),
            membership: member.clone(),
            name: None,
        };
        let organization = store.organization(house.organization.id).unwrap();
        let facts = IssueFacts::unhindered((**organization).clone(), ActorFacts::Member(of(by)), role);
        let context = Context {
            now: self.world.now,
            entropy: &*house.entropy,
            bounds: &self.world.bounds,
            key_id: self.world.ring.active().unwrap(),
            ring: &self.world.ring,
            origin: Origin::none(),
        };
        let plan = issue::issue(&facts, &Issue::new(recipient.clone(), grant.clone()), &context).unwrap().plan.unwrap();
        assert!(store.commit(&plan, &self.world.owners(), &BTreeSet::new()));
        store.trail.clear();
        if sent {
            store.outbox.last_mut().unwrap().rest(DeliveryState::Sent);
        }
        store.invitations.last().map(|row| (**row).clone()).unwrap()
    }

    fn held(&self, invitation: &Invitation) -> Link {
        Link::Held(self.world.link(invitation).unwrap())
    }

    fn phone(number: &str) -> Recipient {
        Recipient::Phone(PhoneNumber::parse(number).unwrap())
    }

    fn as_member(&self) -> Grant {
        Grant { role_id: Some(self.acme.roles.member.id), ..Grant::default() }
    }

    fn direct(permission: &str) -> Grant {
        Grant { permissions: PermissionSet::parse([permission]).unwrap(), ..Grant::default() }
    }

    /// One link, sent to a phone: two people who are signed in hold it, a third waits for a newer one, the owner sends it
    /// again and withdraws it, and the admin who answers for it loses his role. Anybody may die.
    pub(crate) fn one_link(&self, parts: usize, budget: Budget) -> Scene {
        let mut store = self.store.clone();
        let (acme, owner) = (&self.acme, self.acme.owner.membership.id);
        let (bea, cem) = (self.stranger(&mut store, "bea"), self.stranger(&mut store, "cem"));
        let to = Self::phone("+41790000001");
        let invitation = self.invite(&mut store, (acme, &acme.admin.membership), &to, &self.as_member(), true);
        let (id, held) = (invitation.id, self.held(&invitation));
        let mut all = vec![
            Part::Redeem { link: held.clone(), caller: Some(bea.id), key: None },
            Part::Resend { by: owner, invitation: id, key: Some("again") },
            Part::Revoke { by: owner, target: Target::This(id) },
            Part::Demote { by: owner, member: acme.admin.membership.id },
            Part::Redeem { link: held.clone(), caller: Some(cem.id), key: None },
            Part::Dispatch,
            Part::Redeem { link: Link::Mailed(id), caller: Some(cem.id), key: None },
            Part::Decline { link: held },
        ];
        all.truncate(parts);
        let mut possible =
            vec![properties::GETS_IN, properties::SUSPENDED, properties::SUPERSEDED, properties::WITHDRAWN];
        if budget.crashes > 0 {
            possible.push(properties::GETS_IN_AFTER_A_CRASH);
        }
        if parts > 6 {
            possible.push(properties::GETS_IN_BY_THE_NEW_LINK);
        }
        self.scene("one link", store, all, budget, &possible)
    }

    /// Two links to one organisation, both used by the same person: who has no place there yet, or has one.
    pub(crate) fn two_links_one_person(&self, is_member: bool) -> Scene {
        let mut store = self.store.clone();
        let (acme, owner) = (&self.acme, &self.acme.owner.membership);
        let person = if is_member { acme.member.account.clone() } else { self.stranger(&mut store, "bea") };
        let links: Vec<_> = [("+41790000001", "timesheets.read"), ("+41790000002", "timesheets.send")]
            .into_iter()
            .map(|(number, permission)| {
                let to = Self::phone(number);
                self.held(&self.invite(&mut store, (acme, owner), &to, &Self::direct(permission), true))
            })
            .collect();
        let redeem = |link: &Link| Part::Redeem { link: link.clone(), caller: Some(person.id), key: None };
        let parts = links.iter().map(redeem).collect();
        let budget = Budget { crashes: 2, ..Budget::default() };
        let name = if is_member { "two links, one member" } else { "two links, one stranger" };
        self.scene(name, store, parts, budget, &[properties::BOTH_IN, properties::GETS_IN_AFTER_A_CRASH])
    }

    /// Two organisations mail a link to one address, which nobody has an account at, or somebody who never verified it.
    pub(crate) fn two_organizations_one_address(&self, squatted: bool) -> Scene {
        let mut store = self.store.clone();
        if squatted {
            let account = Account { email_verified: false, ..self.acme.account("ada@example.org") };
            store.accounts.push(Row::new(account));
        }
        let to = Recipient::Email(self.acme.address("ada@example.org"));
        let parts = [&self.acme, &self.bolt]
            .into_iter()
            .map(|house| {
                let grant = Self::direct("timesheets.read");
                let invitation = self.invite(&mut store, (house, &house.owner.membership), &to, &grant, true);
                Part::Redeem { link: self.held(&invitation), caller: None, key: Some("mine") }
            })
            .collect();
        let budget = Budget { crashes: 2, ..Budget::default() };
        let name = if squatted { "two organisations, a squatter" } else { "two organisations, a new address" };
        self.scene(name, store, parts, budget, &[properties::BOTH_IN, properties::GETS_IN_AFTER_A_CRASH])
    }

    /// One request to invite is sent twice, with one key or with two; what was issued is withdrawn meanwhile.
    pub(crate) fn issuing(&self, one_key: bool) -> Scene {
        let store = self.store.clone();
        let owner = self.acme.owner.membership.id;
        let issue = |key| Part::Issue {
            by: owner,
            recipient: Recipient::Email(self.acme.address("ada@example.org")),
            grant: self.as_member(),
            key: Some(key),
        };
        let parts = vec![
            issue("one"),
            issue(if one_key { "one" } else { "other" }),
            Part::Revoke { by: owner, target: Target::Issued },
            Part::Dispatch,
        ];
        let budget = Budget { crashes: 2, ..Budget::default() };
        let (name, possible) = if one_key {
            ("one request twice", properties::GETS_IN_AFTER_A_CRASH)
        } else {
            ("two requests", properties::ISSUED_AGAIN)
        };
        self.scene(name, store, parts, budget, &[possible])
    }

    /// A message waits, two dispatchers send it; it is sent again or withdrawn meanwhile.
    pub(crate) fn outbox(&self, budget: Budget) -> Scene {
        let mut store = self.store.clone();
        let (acme, owner) = (&self.acme, &self.acme.owner.membership);
        let to = Recipient::Email(acme.address("ada@example.org"));
        let invitation = self.invite(&mut store, (acme, owner), &to, &self.as_member(), false);
        let parts = vec![
            Part::Dispatch,
            Part::Dispatch,
            Part::Resend { by: owner.id, invitation: invitation.id, key: Some("again") },
            Part::Redeem { link: Link::Mailed(invitation.id), caller: None, key: Some("mine") },
        ];
        let possible = [properties::GETS_IN, properties::GETS_IN_BY_THE_NEW_LINK, properties::SENT_TWICE];
        self.scene("outbox", store, parts, budget, &possible)
    }

    /// Two owners take each other's role away.
    pub(crate) fn two_owners(&self) -> Scene {
        let mut store = self.store.clone();
        let account = self.stranger(&mut store, "otto");
        let second = self.acme.membership(&account, Some(&self.acme.roles.owner));
        store.memberships.push(Row::new(second.clone()));
        let first = self.acme.owner.membership.id;
        let parts = vec![Part::Demote { by: first, member: second.id }, Part::Demote { by: second.id, member: first }];
        let budget = Budget { crashes: 1, ..Budget::default() };
        self.scene("two owners", store, parts, budget, &[properties::LAST_OWNER])
    }
}
