//! Random inviters, grants and changes against a reckoning with plain sets (AUTHZ-5, AUTHZ-6, rules 6.2
//! to 6.4).

use super::*;
use crate::{
    access::Held,
    directory::ApiKey,
    id::ApiKeyId,
    invitation::{
        Rejection, Status,
        issue::issue,
        redeem::{NewAccount, redeem},
    },
    secret::credential::CredentialDigest,
};
use std::collections::BTreeSet;

/// What somebody may do, as a plain set; `None` is everything.
type Set = Option<BTreeSet<&'static str>>;

/// Names of ours that roles differ in, and names of a host's.
const NAMES: [&str; 10] = [
    "invitations.issue",
    "invitations.read",
    "members.read",
    "roles.read",
    "members.remove",
    "organization.write",
    "api_keys.write",
    "timesheets.write",
    "timesheets.approve",
    "fleet.read",
];

/// All names of ours that stand in no set but the admin's.
const REST: &str = "the rest of ours";

/// The system roles and which of the names they hold, as `docs/reference/permissions.md` says.
const SYSTEM: [(SystemRole, &[&str]); 4] = [
    (SystemRole::Owner, &[]),
    (
        SystemRole::Admin,
        &["invitations.issue", "invitations.read", "members.read", "roles.read", "members.remove", REST],
    ),
    (SystemRole::Member, &["invitations.read", "members.read", "roles.read"]),
    (SystemRole::Guest, &[]),
];

/// Numbers that are the same every time (`SplitMix64`, Steele et al. 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    /// Each name with a chance of one in `of`.
    fn names(&mut self, of: usize) -> BTreeSet<&'static str> {
        NAMES.into_iter().filter(|_| self.below(of) == 0).collect()
    }
}

/// Somebody's place or a grant: a role and direct permissions, and what they come to.
#[derive(Clone)]
struct Place {
    role: Option<Role>,
    direct: BTreeSet<&'static str>,
    holds: Set,
}

fn set(names: &BTreeSet<&'static str>) -> PermissionSet {
    PermissionSet::parse(names.iter().copied()).unwrap()
}

fn place(dice: &mut Dice, organization: &Organization) -> Place {
    let direct = dice.names(3);
    let (role, mut holds): (_, Set) = match dice.below(8) {
        0 => (None, Some(BTreeSet::new())),
        of_system @ 1..=4 => {
            let (system, names) = SYSTEM[of_system - 1];
            let everything = system == SystemRole::Owner;
            (Some(super::role(organization, system)), (!everything).then(|| names.iter().copied().collect()))
        }
        _ => {
            let names = dice.names(2);
            let id = RoleId::from_uuid(Uuid::from_u128(u128::from(dice.next())));
            let role =
                Role { id, system: None, permissions: set(&names), ..super::role(organization, SystemRole::Guest) };
            (Some(role), Some(names))
        }
    };
    if let Some(holds) = &mut holds {
        holds.extend(&direct);
    }
    Place { role, direct, holds }
}

fn covers(held: &Set, wanted: &Set) -> bool {
    match (held, wanted) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(held), Some(wanted)) => wanted.is_subset(held),
    }
}

fn both(one: &Set, other: &Set) -> Set {
    match (one, other) {
        (None, set) | (set, None) => set.clone(),
        (Some(one), Some(other)) => Some(one.intersection(other).copied().collect()),
    }
}

fn at(place: &Place, organization: &Organization, active: bool) -> MemberFacts {
    let mut facts = member_facts(organization, 1, SystemRole::Guest);
    facts.membership.role_id = place.role.as_ref().map(|role| role.id);
    facts.membership.permissions = set(&place.direct);
    facts.membership.active = active;
    MemberFacts { role: place.role.clone(), ..facts }
}

/// An actor, and what he holds while anybody answers for him at all.
fn actor(dice: &mut Dice, organization: &Organization) -> (ActorFacts, Option<Set>) {
    let place = place(dice, organization);
    let active = dice.below(10) > 0;
    let member = at(&place, organization, active);
    let holds = active.then(|| place.holds.clone());
    match dice.below(5) {
        0 => (ActorFacts::Operator { id: ApiKeyId::from_uuid(Uuid::from_u128(9)) }, Some(None)),
        1 => {
            let revoked = dice.below(10) == 0;
            let gone = dice.below(10) == 0;
            let own: Set = (dice.below(2) == 0).then(|| dice.names(2));
            let key = ApiKey {
                id: ApiKeyId::from_uuid(Uuid::from_u128(8)),
                organization_id: organization.id,
                number: 1,
                name: "Key".to_owned(),
                prefix: "ivk_1".to_owned(),
                digest: CredentialDigest::from_bytes([1; 32]),
                previous: None,
                permissions: own.as_ref().map_or(Held::Everything, |own| Held::Only(set(own))),
                created_by: member.membership.id,
                by_operator: false,
                created_at: start(),
                // A key's expiry leaves its invitations good.
                expires_at: (dice.below(10) == 0).then(start),
                last_used_at: None,
                revoked_at: revoked.then(start),
                version: 1,
            };
            let holds = holds.filter(|_| !revoked && !gone).map(|of_maker| both(&own, &of_maker));
            (ActorFacts::ApiKey { key, creator: (!gone).then_some(member) }, holds)
        }
        2 if dice.below(10) == 0 => (ActorFacts::Unknown, None),
        _ => (ActorFacts::Member(member), holds),
    }
}

#[test]
fn authz_5_and_authz_6_random_inviters_grants_and_changes_keep_to_the_ceiling() {
    keep_to_the_ceiling(5_000);
}

#[test]
#[ignore = "a hundred thousand: `just soak-triples`"]
fn authz_5_and_authz_6_a_hundred_thousand_inviters_grants_and_changes_keep_to_the_ceiling() {
    keep_to_the_ceiling(100_000);
}

fn keep_to_the_ceiling(triples: usize) {
    let ana = NewAccount { name: Some("Ana".to_owned()), ..NewAccount::default() };
    let mut dice = Dice(6);
    let mut scene = Scene::new();
    let (mut issued, mut refused, mut suspended, mut redeemed) = (0, 0, 0, 0);
    for round in 0..triples {
        let (inviter, holds) = actor(&mut dice, &scene.organization);
        let granted = place(&mut dice, &scene.organization);
        scene.actor = inviter.clone();

        let facts = IssueFacts { role: granted.role.clone(), ..scene.issue_facts() };
        let grant = Grant {
            role_id: granted.role.as_ref().map(|role| role.id),
            permissions: set(&granted.direct),
            ..Grant::default()
        };
        let command = Issue::new(Recipient::Email(address("ada")), grant);
        // An expired key issues nothing, though what it issued before stays good.
        let expired = matches!(&inviter, ActorFacts::ApiKey { key, .. } if key.expires_at.is_some());
        let stands = holds.clone().filter(|_| !expired);
        let may = stands.as_ref().is_some_and(|held| {
            held.as_ref().is_none_or(|held| held.contains("invitations.issue")) && covers(held, &granted.holds)
        });
        let decided = issue(&facts, &command, &scene.ctx());
        assert_eq!(decided.is_ok(), may, "round {round}: {decided:?}");
        let Ok(decided) = decided else {
            refused += 1;
            continue;
        };
        issued += 1;

        // The inviter, or the role that is granted, becomes another one.
        let mut record = decided.record;
        let (after, holds) = if dice.below(4) == 0 { (inviter, holds) } else { actor(&mut dice, &scene.organization) };
        let mut wanted = granted.holds.clone();
        record.inviter = after;
        if let Some(role) = record.role.as_mut().filter(|role| role.system.is_none())
            && dice.below(3) == 0
        {
            let names = dice.names(2);
            role.permissions = set(&names);
            wanted = Some(names.union(&granted.direct).copied().collect());
        }
        let role_is_gone = record.role.is_some() && dice.below(20) == 0;
        if role_is_gone {
            record.role = None;
        }
        let lawful = !role_is_gone && holds.is_some_and(|held| covers(&held, &wanted));
        let status = record.status(scene.now);
        assert_eq!(status, if lawful { Status::Pending } else { Status::Suspended }, "round {round}");

        let token = scene.token(&record.invitation, Provenance::Mailed);
        let facts = scene.redemption_facts(&record);
        let decided = redeem(&facts, &token, Some(&ana), None, &scene.ring, &scene.ctx());
        match decided {
            Ok(decided) => {
                assert!(lawful, "round {round}");
                let got = decided.member.held();
                for name in NAMES {
                    let given = wanted.as_ref().is_none_or(|wanted| wanted.contains(name));
                    assert_eq!(got.allows(name), given, "round {round}: {name}");
                }
                redeemed += 1;
            }
            Err(Rejection::Suspended { .. }) => {
                assert!(!lawful, "round {round}");
                suspended += 1;
            }
            Err(other) => panic!("round {round}: {other:?}"),
        }
    }
    println!("{triples} triples: {issued} issued, {refused} refused, {suspended} suspended, {redeemed} redeemed");
    // Every way was gone often enough to say something.
    for count in [issued, refused, suspended, redeemed] {
        assert!(count > triples / 33, "{issued} issued, {refused} refused, {suspended} suspended, {redeemed} redeemed");
    }
}
