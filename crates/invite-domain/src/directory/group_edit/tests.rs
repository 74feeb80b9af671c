use super::*;
use crate::{
    access::test_support::{World, member, now, organization, system},
    directory::{Limits, Organization},
    invitation::Event,
};
use uuid::Uuid;

fn organization_id(id: u128) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(id))
}

fn account(id: u128) -> Account {
    let address = EmailAddress::parse(&format!("person{id}@example.org")).unwrap();
    let account = Account::new(AccountId::from_uuid(Uuid::from_u128(id)), Some(address), now());
    Account { email_verified: true, version: 4, ..account }
}

fn address(account: &Account) -> EmailAddress {
    account.email.clone().unwrap()
}

fn group() -> OrganizationGroup {
    let id = GroupId::from_uuid(Uuid::from_u128(0xD1));
    OrganizationGroup { id, number: 1, name: "Holding".into(), created_at: now(), version: 3 }
}

/// Another organisation with somebody else as its owner, in the group or in none.
fn place(id: u128, grouped: bool) -> GroupPlace {
    let group_id = grouped.then(|| group().id);
    GroupPlace {
        organization: Organization { id: organization_id(id), group_id, ..organization() },
        admin: Some(system(SystemRole::Admin)),
        members: Vec::new(),
        other_active_owners: true,
    }
}

/// A membership of this account in the place, which the group made or not.
fn living(place: &GroupPlace, id: u128, account: &Account, role: SystemRole, made: bool) -> MemberFacts {
    let mut facts = member(id, Some(system(role)), &[]);
    facts.membership.organization_id = place.organization.id;
    facts.membership.account_id = account.id;
    facts.membership.group_id = made.then(|| group().id);
    facts
}

fn operator() -> ApiKeyId {
    ApiKeyId::from_uuid(Uuid::from_u128(0xE))
}

fn facts(places: Vec<GroupPlace>, administrators: &[&Account], accounts: &[&Account]) -> GroupFacts {
    let all = |some: &[&Account]| some.iter().map(|account| (*account).clone()).collect();
    GroupFacts { group: Some(group()), administrators: all(administrators), places, accounts: all(accounts) }
}

fn to(organizations: &[u128], administrators: &[&Account]) -> ChangeGroup {
    ChangeGroup {
        name: None,
        organizations: Some(organizations.iter().map(|id| organization_id(*id)).collect()),
        administrators: Some(administrators.iter().map(|account| address(account)).collect()),
    }
}

fn changed(facts: &GroupFacts, command: &ChangeGroup) -> Plan {
    change(&World::default().context(), operator(), facts, command).unwrap().unwrap()
}

fn made(plan: &Plan) -> Vec<(OrganizationId, AccountId)> {
    let made = plan.directory.iter().map(|change| match change {
        DirectoryChange::InsertMembership(member) => (member.organization_id, member.account_id),
        other => panic!("{other:?}"),
    });
    made.collect()
}

fn taken(plan: &Plan) -> Vec<MembershipId> {
    let removed = plan.administration.iter().filter_map(|change| match change {
        AdministrationChange::RemoveMembership(_, id) => Some(*id),
        _ => None,
    });
    removed.collect()
}

fn raised(plan: &Plan) -> Vec<OrganizationId> {
    let raised = plan.guards.iter().filter_map(|guard| match guard {
        Guard::Epoch { organization_id, raise: true, .. } => Some(*organization_id),
        _ => None,
    });
    raised.collect()
}

fn pointers(rejection: Rejection) -> Vec<(String, FieldCode)> {
    match rejection {
        Rejection::Invalid(errors) => errors.into_iter().map(|error| (error.pointer, error.code)).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_new_group_makes_a_membership_of_every_administrator_in_every_organisation() {
    let (ada, bob) = (account(1), account(2));
    let facts = GroupFacts {
        group: None,
        ..facts(vec![place(10, false), place(11, false), place(12, false)], &[], &[&ada, &bob])
    };
    let command = NewGroup {
        name: " Holding ".into(),
        organizations: [10, 11, 10].map(organization_id).to_vec(),
        administrators: vec![address(&ada), address(&bob), address(&ada)],
    };
    let (plan, group) = create(&World::default().context(), operator(), &facts, &command).unwrap();
    assert_eq!((group.name.as_str(), group.version), ("Holding", 1));
    let expected = [(10, &ada), (10, &bob), (11, &ada), (11, &bob)].map(|(id, who)| (organization_id(id), who.id));
    assert_eq!(made(&plan), expected);
    for change in &plan.directory {
        let DirectoryChange::InsertMembership(member) = change else { unreachable!() };
        assert_eq!((member.group_id, member.active), (Some(group.id), true));
        assert_eq!(member.role_id, Some(system(SystemRole::Admin).id));
        let free = UniqueKey::Membership(member.organization_id, member.account_id);
        assert!(plan.guards.contains(&Guard::Free(free)));
    }
    assert_eq!(raised(&plan), [organization_id(10), organization_id(11)], "once each, by id");
    for who in [&ada, &bob] {
        let at = Guard::AccountAt(who.id, who.version);
        assert_eq!(plan.guards.iter().filter(|guard| **guard == at).count(), 1, "the account is the one looked at");
    }
    let entered = plan.administration.iter().filter_map(|change| match change {
        AdministrationChange::UpdateOrganization(next) => Some((next.id, next.group_id, next.version)),
        _ => None,
    });
    let version = organization().version + 1;
    assert_eq!(entered.collect::<Vec<_>>(), [10, 11].map(|id| (organization_id(id), Some(group.id), version)));
    let kinds = |kind| plan.events.iter().filter(|event: &&Event| event.kind == kind).count();
    assert_eq!((kinds(EventKind::MembershipCreated), kinds(EventKind::OrganizationChanged)), (4, 2));
    let by = operator().as_uuid();
    assert!(plan.events.iter().all(|event| event.actor.kind.name() == "operator" && event.actor.id == Some(by)));
    assert_eq!(plan.limits, []);
}

#[test]
fn a_place_of_ones_own_stands_and_the_group_makes_none_beside_it() {
    let (ada, bob) = (account(1), account(2));
    let mut at = place(10, false);
    let mut off = living(&at, 21, &bob, SystemRole::Guest, false);
    off.membership.active = false;
    at.members = vec![living(&at, 20, &ada, SystemRole::Member, false), off];
    let plan = changed(&facts(vec![at], &[], &[&ada, &bob]), &to(&[10], &[&ada, &bob]));
    assert_eq!((made(&plan), taken(&plan)), (Vec::new(), Vec::new()), "whether switched off or not");
    assert_eq!(raised(&plan), [organization_id(10)], "the organisation enters the group");
}

#[test]
fn who_leaves_a_group_loses_what_it_made_and_keeps_what_is_their_own() {
    let (ada, bob) = (account(1), account(2));
    let (mut one, mut two) = (place(10, true), place(11, true));
    one.members =
        vec![living(&one, 20, &ada, SystemRole::Admin, true), living(&one, 21, &bob, SystemRole::Admin, true)];
    two.members =
        vec![living(&two, 22, &ada, SystemRole::Member, false), living(&two, 23, &bob, SystemRole::Admin, true)];
    let group_facts = facts(vec![one.clone(), two.clone()], &[&ada, &bob], &[&bob]);
    let plan = changed(&group_facts, &to(&[10, 11], &[&bob]));
    assert_eq!(taken(&plan), [one.members[0].membership.id]);
    let gone = AdministrationChange::RemoveGroupAdministrator(group().id, ada.id);
    assert!(plan.administration.contains(&gone));
    assert_eq!(raised(&plan), [organization_id(10)], "nothing changes in the other");
    let kept = &one.members[0].membership;
    assert!(plan.guards.contains(&Guard::MembershipAt(kept.id, kept.version)));
    assert!(plan.guards.contains(&Guard::GroupAt(group().id, 3)));
    let events: Vec<_> = plan.events.iter().map(|event| (event.kind, event.membership_id, event.sequence)).collect();
    assert_eq!(events, [(EventKind::MembershipRemoved, Some(kept.id), kept.version + 1)]);
    assert_eq!(plan.events[0].data["group_id"], group().id.to_string().as_str().into());

    let plan = changed(&facts(vec![one.clone(), two.clone()], &[&ada, &bob], &[&ada, &bob]), &to(&[11], &[&ada, &bob]));
    assert_eq!(taken(&plan), [one.members[0].membership.id, one.members[1].membership.id], "the organisation left");

    let plan = delete(&World::default().context(), operator(), &group_facts).unwrap();
    let ids = [&one.members[0], &one.members[1], &two.members[1]].map(|member| member.membership.id);
    assert_eq!(taken(&plan), ids);
    assert_eq!(plan.administration.last(), Some(&AdministrationChange::DeleteGroup(group().id)));
    assert_eq!(raised(&plan), [organization_id(10), organization_id(11)]);
}

#[test]
fn what_an_organisation_took_away_stays_away_until_the_group_adds_anew() {
    let (ada, bob) = (account(1), account(2));
    let emptied = || vec![place(10, true)];
    let renaming = ChangeGroup { name: Some("Other".into()), ..to(&[10], &[&ada]) };
    let plan = changed(&facts(emptied(), &[&ada], &[&ada]), &renaming);
    assert_eq!((made(&plan), raised(&plan)), (Vec::new(), Vec::new()));
    let plan = changed(&facts(emptied(), &[&ada], &[&ada, &bob]), &to(&[10], &[&ada, &bob]));
    assert_eq!(made(&plan), [(organization_id(10), bob.id)], "only who is new");
    let plan = changed(&facts(vec![place(10, true), place(11, false)], &[&ada], &[&ada]), &to(&[10, 11], &[&ada]));
    assert_eq!(made(&plan), [(organization_id(11), ada.id)], "only where it is new");
    assert!(plan.guards.contains(&Guard::AccountAt(ada.id, ada.version)), "also of who is not new to the group");
}

#[test]
fn a_group_that_is_so_already_is_not_written() {
    let ada = account(1);
    let facts = facts(vec![place(10, true)], &[&ada], &[&ada]);
    let context = World::default();
    for command in
        [ChangeGroup::default(), to(&[10], &[&ada]), ChangeGroup { name: Some("Holding".into()), ..to(&[10], &[&ada]) }]
    {
        assert_eq!(change(&context.context(), operator(), &facts, &command).unwrap(), None, "{command:?}");
    }
    let nobody = GroupFacts { group: None, ..facts };
    assert_eq!(change(&context.context(), operator(), &nobody, &to(&[], &[])), Err(Rejection::NotFound));
    assert_eq!(delete(&context.context(), operator(), &nobody), Err(Rejection::NotFound));
}

#[test]
fn every_organisation_and_address_that_cannot_be_is_named() {
    let (ada, squatter) = (account(1), Account { email_verified: false, ..account(2) });
    let mut elsewhere = place(11, true);
    elsewhere.organization.group_id = Some(GroupId::from_uuid(Uuid::from_u128(0xD2)));
    let mut gone = place(12, true);
    gone.organization.deleted_at = Some(now());
    let facts = facts(vec![place(10, false), elsewhere, gone], &[], &[&ada, &squatter]);
    let stranger = account(3);
    let command = ChangeGroup { name: Some(" ".into()), ..to(&[10, 11, 12, 13], &[&ada, &squatter, &stranger]) };
    let refused = change(&World::default().context(), operator(), &facts, &command).unwrap_err();
    let invalid = |pointer: &str| (pointer.to_owned(), FieldCode::Invalid);
    let mut expected = vec![("/name".to_owned(), FieldCode::OutOfRange)];
    expected.extend(["1", "2", "3"].map(|at| invalid(&format!("/organization_ids/{at}"))));
    expected.extend(["1", "2"].map(|at| invalid(&format!("/administrators/{at}"))));
    assert_eq!(pointers(refused), expected);
}

#[test]
fn a_group_has_at_most_a_hundred_organisations_and_fifty_administrators() {
    let people: Vec<Account> = (1..=51).map(account).collect();
    let places: Vec<GroupPlace> = (1000..=1100).map(|id| place(id, false)).collect();
    let facts = facts(places, &[], &people.iter().collect::<Vec<_>>());
    let context = World::default();
    let command = |organizations: u128, administrators: usize| {
        let ids: Vec<u128> = (0..organizations).map(|at| 1000 + at).collect();
        to(&ids, &people[..administrators].iter().collect::<Vec<_>>())
    };
    let refused = change(&context.context(), operator(), &facts, &command(101, 51)).unwrap_err();
    let expected = ["/organization_ids", "/administrators"].map(|at| (at.to_owned(), FieldCode::OutOfRange));
    assert_eq!(pointers(refused), expected);
    let most = change(&context.context(), operator(), &facts, &command(100, 50)).unwrap().unwrap();
    assert_eq!(made(&most).len(), 5_000);
}

#[test]
fn r9_1_the_groups_members_take_seats() {
    let ada = account(1);
    let mut tight = place(10, false);
    tight.organization.limits = Limits { seats: Some(3), ..Limits::default() };
    let limit = Limit::Seats { organization_id: tight.organization.id, most: 3, at: now() };
    let plan = changed(&facts(vec![tight.clone(), place(11, false)], &[], &[&ada]), &to(&[10, 11], &[&ada]));
    assert_eq!(plan.limits, [limit]);
    tight.members = vec![living(&tight, 20, &ada, SystemRole::Member, false)];
    let plan = changed(&facts(vec![tight], &[], &[&ada]), &to(&[10], &[&ada]));
    assert_eq!(plan.limits, [], "nobody joins");
}

#[test]
fn r6_5_a_member_of_the_group_who_is_the_last_owner_stays() {
    let (ada, bob, cleo) = (account(1), account(2), account(3));
    let mut at = place(10, true);
    at.members = vec![
        living(&at, 20, &ada, SystemRole::Owner, true),
        living(&at, 21, &bob, SystemRole::Owner, true),
        living(&at, 22, &cleo, SystemRole::Admin, true),
    ];
    at.other_active_owners = false;
    let all = facts(vec![at.clone()], &[&ada, &bob, &cleo], &[&ada, &bob, &cleo]);
    let context = World::default();
    assert_eq!(delete(&context.context(), operator(), &all), Err(Rejection::LastOwner), "both at once");
    let none_left = change(&context.context(), operator(), &all, &to(&[10], &[&cleo]));
    assert_eq!(none_left, Err(Rejection::LastOwner));
    let plan = changed(&all, &to(&[10], &[&bob, &cleo]));
    assert!(plan.guards.contains(&Guard::OwnerRemains(organization_id(10))));
    at.other_active_owners = true;
    let owned = facts(vec![at], &[&ada, &bob, &cleo], &[&cleo]);
    let plan = changed(&owned, &to(&[10], &[&cleo]));
    let guards = plan.guards.iter().filter(|guard| matches!(guard, Guard::OwnerRemains(_))).count();
    assert_eq!((taken(&plan).len(), guards), (2, 1), "the guard once");
}

#[test]
fn a_deleted_organisation_stays_in_its_group_gets_nobody_and_loses_who_leaves() {
    let (ada, bob) = (account(1), account(2));
    let mut gone = place(10, true);
    gone.organization.deleted_at = Some(now());
    gone.members = vec![living(&gone, 20, &ada, SystemRole::Admin, true)];
    let version = gone.organization.version;
    let all = facts(vec![gone.clone()], &[&ada], &[&bob]);
    let plan = changed(&all, &to(&[], &[&bob]));
    assert_eq!((made(&plan), taken(&plan)), (Vec::new(), vec![gone.members[0].membership.id]));
    assert!(plan.guards.contains(&Guard::DeletedAt(organization_id(10), version)), "until somebody restores it");
    assert_eq!(raised(&plan), [], "whose epoch no guard could name");
    let kept = |change: &AdministrationChange| matches!(change, AdministrationChange::UpdateOrganization(_));
    assert!(!plan.administration.iter().any(kept), "it is in the group still");
    let plan = delete(&World::default().context(), operator(), &all).unwrap();
    let left = plan.administration.iter().find_map(|change| match change {
        AdministrationChange::UpdateOrganization(next) => Some((next.group_id, next.deleted_at)),
        _ => None,
    });
    assert_eq!(left, Some((None, Some(now()))), "and it stays deleted");
}

#[test]
fn r6_5_the_last_owner_of_a_deleted_organisation_stays_since_it_may_be_restored() {
    let ada = account(1);
    let mut gone = place(10, true);
    gone.organization.deleted_at = Some(now());
    gone.members = vec![living(&gone, 20, &ada, SystemRole::Owner, true)];
    gone.other_active_owners = false;
    let context = World::default();
    let alone = facts(vec![gone.clone()], &[&ada], &[&ada]);
    assert_eq!(change(&context.context(), operator(), &alone, &to(&[], &[])), Err(Rejection::LastOwner));
    assert_eq!(delete(&context.context(), operator(), &alone), Err(Rejection::LastOwner));
    gone.other_active_owners = true;
    let plan = delete(&context.context(), operator(), &facts(vec![gone], &[&ada], &[&ada])).unwrap();
    assert_eq!(taken(&plan).len(), 1, "another one is there when it comes back");
}

#[test]
fn an_organisation_without_the_role_gets_it_first() {
    let ada = account(1);
    let bare = GroupPlace { admin: None, ..place(10, false) };
    let plan = changed(&facts(vec![bare], &[], &[&ada]), &to(&[10], &[&ada]));
    let role = plan.administration.iter().find_map(|change| match change {
        AdministrationChange::InsertRole(role) => Some((role.id, role.system)),
        _ => None,
    });
    let DirectoryChange::InsertMembership(member) = &plan.directory[0] else { unreachable!() };
    assert_eq!(role, member.role_id.map(|id| (id, Some(SystemRole::Admin))));
}
