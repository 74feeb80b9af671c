use super::{
    Desk,
    desk::{other_scene, pointers, rejection, service},
};
use invite_domain::{
    access::ChangeMember,
    directory::{ChangeGroup, NewGroup},
    id::{GroupId, OrganizationId},
    invitation::{EventKind, Limit, Origin, Plan, Rejection},
    page::PageRequest,
    port::{Directory as _, EventFilter, GroupQuery, GroupRecord, Groups as _, InvitationStore as _, Principal},
    service::{GroupService, ServiceError},
};
use invite_testkit::{Scene, SeededEntropy, fixtures::Person};
use std::{collections::BTreeSet, sync::Arc};

fn groups(desk: &Desk) -> GroupService {
    GroupService::new(Arc::new(desk.store.clone()), desk.service.clone())
}

fn holding(scenes: &[&Scene], people: &[&Person]) -> NewGroup {
    let change = to(scenes, people);
    NewGroup {
        name: "Holding".into(),
        organizations: change.organizations.unwrap_or_default(),
        administrators: change.administrators.unwrap_or_default(),
    }
}

fn to(scenes: &[&Scene], people: &[&Person]) -> ChangeGroup {
    ChangeGroup {
        name: None,
        organizations: Some(scenes.iter().map(|scene| scene.organization.id).collect()),
        administrators: Some(people.iter().map(|person| person.account.email.clone().unwrap()).collect()),
    }
}

async fn made(desk: &Desk, scenes: &[&Scene], people: &[&Person]) -> (GroupService, Principal, GroupId) {
    let (groups, (operator, _)) = (groups(desk), desk.operator().await);
    let record = groups.create(operator, holding(scenes, people), Origin::none()).await.unwrap();
    (groups, operator, record.group.id)
}

/// Where an account is an active member now.
async fn places(desk: &Desk, person: &Person) -> Vec<(OrganizationId, Option<GroupId>)> {
    let places = desk.store.memberships_of(person.account.id).await.unwrap();
    let mut places: Vec<_> =
        places.into_iter().map(|(organization, member)| (organization.id, member.membership.group_id)).collect();
    places.sort_unstable();
    places
}

/// Every membership a group made is in one of its organisations and of one of its administrators.
async fn consistent(desk: &Desk, record: &GroupRecord, all: &[&Scene]) {
    let query = GroupQuery {
        group: Some(record.group.id),
        organizations: all.iter().map(|scene| scene.organization.id).collect(),
        address_keys: Vec::new(),
    };
    let facts = desk.store.load_group(&query).await.unwrap();
    let administrators: BTreeSet<_> = facts.administrators.iter().map(|account| account.id).collect();
    for place in &facts.places {
        let within = place.organization.group_id == Some(record.group.id);
        for member in place.members.iter().filter(|member| member.membership.group_id == Some(record.group.id)) {
            assert!(within && administrators.contains(&member.membership.account_id), "{member:?}");
        }
    }
}

#[tokio::test]
async fn groups_are_the_operators_alone() {
    let desk = Desk::new().await;
    let (groups, operator, id) = made(&desk, &[&desk.scene], &[]).await;
    for principal in [desk.scene.owner.principal(), Principal::ApiKey(desk.scene.api_key.id)] {
        let none = Origin::none();
        assert_eq!(rejection(groups.list(principal, &PageRequest::first(1)).await), Rejection::OperatorOnly);
        assert_eq!(rejection(groups.get(principal, id).await), Rejection::OperatorOnly);
        assert_eq!(rejection(groups.create(principal, holding(&[], &[]), none).await), Rejection::OperatorOnly);
        assert_eq!(rejection(groups.change(principal, id, to(&[], &[]), none).await), Rejection::OperatorOnly);
        assert_eq!(rejection(groups.delete(principal, id, none).await), Rejection::OperatorOnly);
    }
    desk.service.new_operator_key().await.unwrap();
    assert_eq!(rejection(groups.get(operator, id).await), Rejection::Unauthenticated, "a key that was replaced");
}

#[tokio::test]
async fn an_administrator_of_a_group_is_a_member_of_each_organisation_until_leaving_it() {
    let desk = Desk::new().await;
    let zenith = other_scene(&desk).await;
    let (mia, zoe) = (&desk.scene.member, &zenith.member);
    let (groups, operator, id) = made(&desk, &[&desk.scene, &zenith], &[mia, zoe]).await;
    let record = groups.get(operator, id).await.unwrap();
    let kept: Vec<_> = record.administrators.iter().map(|one| (one.account.id, one.kept.clone())).collect();
    let (ours, theirs) = (desk.scene.organization.id, zenith.organization.id);
    let mut expected = [(mia.account.id, vec![ours]), (zoe.account.id, vec![theirs])];
    expected.sort_by_key(|(account, _)| *account);
    assert_eq!(kept, expected, "a place of one's own stands");
    assert_eq!(places(&desk, mia).await, {
        let mut places = [(ours, None), (theirs, Some(id))];
        places.sort_unstable();
        places
    });
    let member = desk.store.memberships_of(mia.account.id).await.unwrap();
    let (_, at_zenith) = member.into_iter().find(|(organization, _)| organization.id == theirs).unwrap();
    assert!(at_zenith.held().allows("invitations.issue") && !at_zenith.held().allows("organization.write"));

    // The organisation removes the member as any other, and that holds.
    let caller = invite_domain::service::Caller { organization_id: theirs, ..desk.caller(zenith.owner.principal()) };
    desk.service.remove_member(&caller, at_zenith.membership.id).await.unwrap();
    let renamed = ChangeGroup { name: Some("Other".into()), ..to(&[&desk.scene, &zenith], &[mia, zoe]) };
    let record = groups.change(operator, id, renamed, Origin::none()).await.unwrap();
    assert_eq!((record.group.name.as_str(), record.group.version), ("Other", 2));
    assert_eq!(places(&desk, mia).await, [(ours, None)]);
    groups.change(operator, id, to(&[&desk.scene, &zenith], &[zoe]), Origin::none()).await.unwrap();
    groups.change(operator, id, to(&[&desk.scene, &zenith], &[mia, zoe]), Origin::none()).await.unwrap();
    assert_eq!(places(&desk, mia).await.len(), 2, "added anew");

    // What the organisation makes of the member is the member's as long as the group is.
    let made = desk.store.memberships_of(mia.account.id).await.unwrap();
    let (_, again) = made.into_iter().find(|(organization, _)| organization.id == theirs).unwrap();
    let guest = ChangeMember { role_id: Some(Some(zenith.roles.guest.id)), ..ChangeMember::default() };
    desk.service.change_member(&caller, again.membership.id, guest).await.unwrap();
    groups.delete(operator, id, Origin::none()).await.unwrap();
    assert_eq!(places(&desk, mia).await, [(ours, None)]);
    assert_eq!(places(&desk, zoe).await, [(theirs, None)]);
    assert_eq!(rejection(groups.get(operator, id).await), Rejection::NotFound);

    let events = desk.store.events(theirs, &EventFilter::default(), &PageRequest::first(200)).await.unwrap().items;
    let told: Vec<_> = events.iter().map(|event| (event.kind, event.actor.kind.name())).collect();
    let expected = [
        (EventKind::MembershipCreated, "operator"),
        (EventKind::OrganizationChanged, "operator"),
        (EventKind::MembershipRemoved, "member"),
        (EventKind::MembershipCreated, "operator"),
        (EventKind::MembershipChanged, "member"),
        (EventKind::MembershipRemoved, "operator"),
        (EventKind::OrganizationChanged, "operator"),
    ];
    let removed: Vec<_> = events.iter().filter_map(invite_domain::invitation::Event::removed_account).collect();
    assert_eq!(removed, [mia.account.id; 2], "each removal says whose place it was");
    let mut left = told.clone();
    for one in expected {
        let at = left.iter().position(|other| *other == one);
        left.remove(at.unwrap_or_else(|| panic!("{one:?} is not in {told:?}")));
    }
    assert_eq!(left, [], "and nothing else");
}

#[tokio::test]
async fn an_organisation_is_in_one_group_and_an_administrator_has_a_verified_address() {
    let desk = Desk::new().await;
    let zenith = other_scene(&desk).await;
    let (groups, operator, _) = made(&desk, &[&desk.scene], &[]).await;
    let squatter = invite_domain::directory::Account { email_verified: false, ..desk.scene.account("squatter") };
    desk.add(squatter.clone()).await;
    let mut command = holding(&[&zenith, &desk.scene], &[&zenith.owner]);
    command.administrators.push(squatter.email.unwrap());
    command.administrators.push(desk.scene.address("nobody"));
    let refused = groups.create(operator, command, Origin::none()).await;
    assert_eq!(pointers(refused), ["/organization_ids/1", "/administrators/1", "/administrators/2"]);
    assert_eq!(groups.list(operator, &PageRequest::first(9)).await.unwrap().items.len(), 1, "nothing was made");
    assert_eq!(places(&desk, &zenith.owner).await, [(zenith.organization.id, None)]);
}

#[tokio::test]
async fn r6_7_what_was_decided_before_a_group_changed_an_organisation_is_stale() {
    let desk = Desk::new().await;
    let zenith = other_scene(&desk).await;
    let (groups, operator, id) = made(&desk, &[&desk.scene], &[&zenith.member]).await;
    let before = desk.epoch().await;
    groups.change(operator, id, to(&[&desk.scene], &[]), Origin::none()).await.unwrap();
    assert_eq!(desk.epoch().await, before + 1);
    let late = Plan { guards: vec![desk.scene.epoch_at(before, false)], ..Plan::default() };
    desk.scene.refuse(late).await;
}

#[tokio::test]
async fn r9_1_a_group_takes_the_seats_of_its_administrators() {
    let desk = Desk::new().await;
    let zenith = other_scene(&desk).await;
    let (groups, (operator, _)) = (groups(&desk), desk.operator().await);
    let mut full = desk.scene.organization.clone();
    (full.limits.seats, full.version) = (Some(3), full.version + 1);
    desk.scene.apply(desk.scene.plan_organization(full.authority_epoch, full.clone())).await;
    let limit = Limit::Seats { organization_id: full.id, most: 3, at: desk.scene.now() };
    desk.scene.apply(Plan { limits: vec![limit], ..Plan::default() }).await;
    let command = holding(&[&desk.scene, &zenith], &[&zenith.member]);
    assert_eq!(rejection(groups.create(operator, command, Origin::none()).await), Rejection::SeatsFull);
    assert_eq!(groups.list(operator, &PageRequest::first(9)).await.unwrap().items, [], "nothing of it was made");
    let own = holding(&[&desk.scene, &zenith], &[&desk.scene.member]);
    assert!(groups.create(operator, own, Origin::none()).await.is_ok(), "who is a member takes no seat more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_of_groups_at_once_follow_each_other() {
    for round in 0..20 {
        let desk = Desk::new().await;
        let zenith = other_scene(&desk).await;
        let scenes = [&desk.scene, &zenith];
        let (one, operator, id) = made(&desk, &scenes, &[&zenith.member]).await;
        let commands = [
            to(&[&desk.scene], &[&zenith.member]),
            to(&scenes, &[]),
            to(&scenes, &[&zenith.member, &zenith.admin]),
            to(&[], &[&desk.scene.member]),
            to(&[&zenith], &[&desk.scene.member, &zenith.admin]),
            to(&scenes, &[&desk.scene.admin, &zenith.member]),
        ];
        let mut tasks: Vec<tokio::task::JoinHandle<Result<(), ServiceError>>> = Vec::new();
        for (number, command) in commands.into_iter().enumerate() {
            let entropy = Arc::new(SeededEntropy::of(&format!("group-{round}-{number}")));
            let own = service(&desk.store, &desk.scene.clock, &entropy, &desk.hasher);
            let groups = GroupService::new(Arc::new(desk.store.clone()), own);
            tasks.push(tokio::spawn(
                async move { groups.change(operator, id, command, Origin::none()).await.map(drop) },
            ));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let record = one.get(operator, id).await.unwrap();
        consistent(&desk, &record, &scenes).await;
        let last = one.change(operator, id, to(&scenes, &[&zenith.member]), Origin::none()).await.unwrap();
        consistent(&desk, &last, &scenes).await;
        assert_eq!(places(&desk, &zenith.member).await.len(), 2);
        assert_eq!(places(&desk, &desk.scene.member).await, [(desk.scene.organization.id, None)]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_groups_that_take_one_organisation_at_once_one_does() {
    for round in 0..20 {
        let desk = Desk::new().await;
        let zenith = other_scene(&desk).await;
        let (operator, _) = desk.operator().await;
        let mut tasks = Vec::new();
        for number in 0..2 {
            let entropy = Arc::new(SeededEntropy::of(&format!("taking-{round}-{number}")));
            let own = service(&desk.store, &desk.scene.clock, &entropy, &desk.hasher);
            let groups = GroupService::new(Arc::new(desk.store.clone()), own);
            let command = holding(&[&desk.scene], &[&zenith.member]);
            tasks.push(tokio::spawn(async move { groups.create(operator, command, Origin::none()).await }));
        }
        let mut taken = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(record) => taken.push(record.group.id),
                refused => assert_eq!(pointers(refused), ["/organization_ids/0"]),
            }
        }
        assert_eq!(taken.len(), 1);
        let place = (desk.scene.organization.id, Some(taken[0]));
        assert!(places(&desk, &zenith.member).await.contains(&place));
    }
}
