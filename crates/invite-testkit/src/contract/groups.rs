//! [`Groups`](invite_domain::port::Groups).

use super::{Subject, at_once, walk_by_two};
use crate::{Scene, fixtures::plans::deleted};
use chrono::Duration;
use invite_domain::{
    directory::{Account, Membership, Organization, OrganizationGroup},
    id::{AccountId, GroupId},
    invitation::{AdministrationChange, DirectoryChange, Guard, Outcome, Plan},
    page::PageRequest,
    port::{GroupAdministrator, GroupFacts, GroupQuery, GroupRecord},
};

/// Every case of the part.
#[doc(hidden)]
#[macro_export]
macro_rules! __group_cases {
    ($then:ident $part:ident $args:tt) => {
        $crate::$then! { $part $args
            a_group_is_found_with_its_organizations_and_administrators
            groups_are_listed_the_first_made_first
            a_change_of_a_group_learns_of_organizations_people_and_owners
            a_change_of_a_group_is_told_of_every_place_it_made
            a_deleted_group_is_gone_with_its_administrators
            an_administrator_stands_in_a_group_once
            a_plan_decided_on_an_old_group_is_stale
            of_many_concurrent_changes_of_one_group_exactly_one_wins
            a_plan_for_a_deleted_organization_is_stale_once_it_is_restored
        }
    };
}

/// A group that is stored.
async fn group(scene: &Scene, name: &str) -> OrganizationGroup {
    let id = GroupId::new(scene.now(), &*scene.entropy);
    let group = OrganizationGroup { id, number: 0, name: name.to_owned(), created_at: scene.now(), version: 1 };
    let written = scene.administer(AdministrationChange::InsertGroup(Box::new(group.clone()))).await;
    let number = written.number_of(id.as_uuid());
    assert!(number > 0, "a group has a number");
    OrganizationGroup { number, ..group }
}

/// The scene's organisation enters the group, or leaves every one.
async fn enter(scene: &mut Scene, group: Option<GroupId>) {
    scene.organization.group_id = group;
    scene.organization.version += 1;
    scene.administer(AdministrationChange::UpdateOrganization(Box::new(scene.organization.clone()))).await;
}

async fn delete(scene: &mut Scene) {
    scene.organization = deleted(&scene.organization, scene.now());
    scene.administer(AdministrationChange::UpdateOrganization(Box::new(scene.organization.clone()))).await;
}

async fn put(scene: &Scene, group: GroupId, account: AccountId) {
    scene.administer(AdministrationChange::PutGroupAdministrator(group, account, scene.now())).await;
}

/// A place of an account in the scene's organisation that the group made.
async fn place(scene: &Scene, group: Option<GroupId>, account: &Account) -> Membership {
    let membership = Membership { group_id: group, ..scene.membership(account, Some(&scene.roles.admin)) };
    let directory = vec![DirectoryChange::InsertMembership(Box::new(membership.clone()))];
    let written = scene.apply(Plan { directory, ..Plan::default() }).await;
    Membership { number: written.number_of(membership.id.as_uuid()), ..membership }
}

async fn found(subject: &Subject, id: GroupId) -> GroupRecord {
    subject.groups().group(id).await.unwrap().unwrap()
}

async fn load(subject: &Subject, query: &GroupQuery) -> GroupFacts {
    subject.groups().load_group(query).await.unwrap()
}

fn of(group: GroupId) -> GroupQuery {
    GroupQuery { group: Some(group), ..GroupQuery::default() }
}

pub(super) async fn a_group_is_found_with_its_organizations_and_administrators(subject: Subject) {
    let (mut first, mut second) = (subject.scene("first").await, subject.scene("second").await);
    let mut gone = subject.scene("gone").await;
    let other = subject.scene("other").await;
    let group = group(&first, "Zürich & Söhne").await;
    let bare = GroupRecord { group: group.clone(), organizations: Vec::new(), administrators: Vec::new() };
    assert_eq!(found(&subject, group.id).await, bare);
    for scene in [&mut first, &mut second, &mut gone] {
        enter(scene, Some(group.id)).await;
    }
    delete(&mut gone).await;
    let (ada, own) = (first.owner.account.clone(), other.member.account.clone());
    put(&first, group.id, own.id).await;
    first.pass(Duration::microseconds(1));
    put(&first, group.id, ada.id).await;
    // Of the two, one has a place of her own in the first, the group made one in the second; the other's are the group's.
    place(&second, Some(group.id), &ada).await;
    place(&first, Some(group.id), &own).await;
    place(&second, None, &own).await;
    let mut organizations = vec![first.organization.clone(), second.organization.clone()];
    organizations.sort_by_key(|organization| (organization.created_at, organization.id));
    let administrators = vec![
        GroupAdministrator { account: own, kept: vec![second.organization.id] },
        GroupAdministrator { account: ada, kept: vec![first.organization.id] },
    ];
    assert_eq!(found(&subject, group.id).await, GroupRecord { group: group.clone(), organizations, administrators });

    let renamed = OrganizationGroup { name: "Lyon".into(), version: 2, ..group.clone() };
    first.administer(AdministrationChange::UpdateGroup(Box::new(renamed.clone()))).await;
    let removed = AdministrationChange::RemoveGroupAdministrator(group.id, first.owner.account.id);
    first.administer(removed).await;
    enter(&mut second, None).await;
    let now = found(&subject, group.id).await;
    assert_eq!(
        (now.group, now.organizations, now.administrators.len()),
        (renamed, vec![first.organization.clone()], 1)
    );
    assert_eq!(now.administrators[0].kept, [], "the organisation left the group");
    let unknown = GroupId::new(first.now(), &*first.entropy);
    assert_eq!(subject.groups().group(unknown).await.unwrap(), None);
}

pub(super) async fn groups_are_listed_the_first_made_first(subject: Subject) {
    let mut scene = subject.scene("acme").await;
    let mut made = Vec::new();
    for number in 0..5 {
        made.push(group(&scene, &format!("group {number}")).await);
        scene.pass(Duration::microseconds(i64::from(number % 2)));
    }
    made.sort_by_key(|group| (group.created_at, group.id));
    enter(&mut scene, Some(made[3].id)).await;
    put(&scene, made[3].id, scene.owner.account.id).await;
    let read = async |page: &PageRequest| subject.groups().groups(page).await;
    let walked = walk_by_two(read, |record| record.group.id.as_uuid(), async |_| {}).await;
    assert_eq!(walked, made.iter().map(|group| group.id.as_uuid()).collect::<Vec<_>>());
    let all = subject.groups().groups(&PageRequest { include_total: true, ..PageRequest::first(10) }).await.unwrap();
    assert_eq!((all.total, all.next), (Some(5), None));
    for (record, group) in all.items.iter().zip(&made) {
        assert_eq!(*record, found(&subject, group.id).await);
    }
}

pub(super) async fn a_change_of_a_group_learns_of_organizations_people_and_owners(subject: Subject) {
    let (mut inside, outside) = (subject.scene("inside").await, subject.scene("outside").await);
    let (stranger, mut gone) = (subject.scene("stranger").await, subject.scene("gone").await);
    delete(&mut gone).await;
    let group = group(&inside, "group").await;
    let nothing = load(&subject, &GroupQuery::default()).await;
    assert_eq!(nothing, GroupFacts::default());
    enter(&mut inside, Some(group.id)).await;
    put(&inside, group.id, inside.owner.account.id).await;
    let query = GroupQuery {
        group: Some(group.id),
        organizations: vec![outside.organization.id, gone.organization.id],
        address_keys: vec![outside.member.account.email_key().unwrap().to_owned(), "nobody@example.org".to_owned()],
    };
    let facts = load(&subject, &query).await;
    assert_eq!(facts.group.as_ref(), Some(&group));
    assert_eq!(facts.administrators, [inside.owner.account.clone()]);
    assert_eq!(facts.accounts, std::slice::from_ref(&outside.member.account));
    let mut wanted = [&inside, &outside];
    wanted.sort_by_key(|scene| scene.organization.id);
    assert_eq!(facts.places.len(), 2, "neither one that was not asked for nor one that is deleted");
    for (place, scene) in facts.places.iter().zip(wanted) {
        assert_eq!(place.organization, scene.organization);
        assert_eq!(place.admin.as_ref(), Some(&scene.roles.admin));
        let is_inside = scene.organization.id == inside.organization.id;
        let member = if is_inside { &inside.owner.membership } else { &outside.member.membership };
        assert_eq!(place.members.iter().map(|member| &member.membership).collect::<Vec<_>>(), [member]);
        assert!(place.members[0].role.is_some() && place.members[0].name.is_some());
        assert_eq!(place.other_active_owners, !is_inside, "the owner is one of those who are told of");
    }
    let foreign = GroupQuery { group: None, ..query };
    let facts = load(&subject, &foreign).await;
    let places: Vec<_> = facts.places.iter().map(|place| place.organization.id).collect();
    assert_eq!((facts.group, facts.administrators, places), (None, Vec::new(), vec![outside.organization.id]));
    let by_owner = inside.join("otto", &inside.roles.owner).await;
    assert!(load(&subject, &of(group.id)).await.places[0].other_active_owners, "a second one");
    let off = Membership { active: false, ..by_owner.membership.clone() };
    inside.apply(inside.plan_member(&by_owner.membership, off)).await;
    assert!(!load(&subject, &of(group.id)).await.places[0].other_active_owners, "who is switched off");
    assert!(load(&subject, &of(group.id)).await.places.iter().all(|it| it.organization.id != stranger.organization.id));
}

pub(super) async fn a_change_of_a_group_is_told_of_every_place_it_made(subject: Subject) {
    let (mut here, mut gone) = (subject.scene("here").await, subject.scene("gone").await);
    let other = subject.scene("other").await;
    let group = group(&here, "group").await;
    enter(&mut here, Some(group.id)).await;
    enter(&mut gone, Some(group.id)).await;
    put(&here, group.id, other.owner.account.id).await;
    let by_administrator = place(&here, Some(group.id), &other.owner.account).await;
    let left_behind = place(&here, Some(group.id), &other.member.account).await;
    let in_deleted = place(&gone, Some(group.id), &other.owner.account).await;
    delete(&mut gone).await;
    let facts = load(&subject, &of(group.id)).await;
    let mut told: Vec<_> =
        facts.places.iter().flat_map(|place| &place.members).map(|member| member.membership.clone()).collect();
    told.sort_by_key(|membership| membership.id);
    let mut made = vec![by_administrator, left_behind, in_deleted];
    made.sort_by_key(|membership| membership.id);
    assert_eq!(told, made);
}

pub(super) async fn a_deleted_group_is_gone_with_its_administrators(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (group, other) = (group(&scene, "one").await, group(&scene, "other").await);
    for id in [group.id, other.id] {
        put(&scene, id, scene.owner.account.id).await;
    }
    scene.administer(AdministrationChange::DeleteGroup(group.id)).await;
    assert_eq!(subject.groups().group(group.id).await.unwrap(), None);
    assert_eq!(load(&subject, &of(group.id)).await, GroupFacts::default());
    assert_eq!(found(&subject, other.id).await.administrators.len(), 1, "the other group's stay");
    // Were it made again under its id, nobody would administer it.
    scene.administer(AdministrationChange::InsertGroup(Box::new(group.clone()))).await;
    assert_eq!(found(&subject, group.id).await.administrators, []);
}

pub(super) async fn an_administrator_stands_in_a_group_once(subject: Subject) {
    let scene = subject.scene("acme").await;
    let group = group(&scene, "group").await;
    put(&scene, group.id, scene.owner.account.id).await;
    let again = AdministrationChange::PutGroupAdministrator(group.id, scene.owner.account.id, scene.now());
    scene.refuse(Plan { administration: vec![again], ..Plan::default() }).await;
    assert_eq!(found(&subject, group.id).await.administrators.len(), 1);
}

/// The group's next state, decided on `version`.
fn plan(group: &OrganizationGroup, version: i64) -> Plan {
    let next = OrganizationGroup { version: version + 1, name: format!("{} {version}", group.name), ..group.clone() };
    Plan {
        guards: vec![Guard::GroupAt(group.id, version)],
        administration: vec![AdministrationChange::UpdateGroup(Box::new(next))],
        ..Plan::default()
    }
}

pub(super) async fn a_plan_decided_on_an_old_group_is_stale(subject: Subject) {
    let scene = subject.scene("acme").await;
    let group = group(&scene, "group").await;
    scene.apply(plan(&group, 1)).await;
    scene.refuse(plan(&group, 1)).await;
    let delete = |version| Plan {
        guards: vec![Guard::GroupAt(group.id, version)],
        administration: vec![AdministrationChange::DeleteGroup(group.id)],
        ..Plan::default()
    };
    let glance = |version| Plan { guards: vec![Guard::GroupAt(group.id, version)], ..Plan::default() };
    scene.refuse(delete(1)).await;
    scene.refuse(glance(1)).await;
    scene.apply(glance(2)).await;
    assert_eq!(found(&subject, group.id).await.group.version, 2);
    scene.apply(delete(2)).await;
    scene.refuse(glance(2)).await;
    scene.refuse(plan(&group, 2)).await;
}

pub(super) async fn of_many_concurrent_changes_of_one_group_exactly_one_wins(subject: Subject) {
    let scene = subject.scene("acme").await;
    let group = group(&scene, "group").await;
    for version in (1..).take(subject.races) {
        let commit = |plan: Plan| {
            let store = std::sync::Arc::clone(&scene.store);
            async move { store.commit(&[plan]).await.remove(0).unwrap() }
        };
        let outcomes = at_once((0..8).map(|_| commit(plan(&group, version))).collect()).await;
        let won = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Committed(_))).count();
        assert_eq!(won, 1, "one of the plans decided on version {version}");
        assert_eq!(found(&subject, group.id).await.group.version, version + 1);
    }
}

pub(super) async fn a_plan_for_a_deleted_organization_is_stale_once_it_is_restored(subject: Subject) {
    let mut scene = subject.scene("acme").await;
    let id = scene.organization.id;
    let removal = |version| Plan {
        guards: vec![Guard::DeletedAt(id, version)],
        administration: vec![AdministrationChange::RemoveMembership(id, scene.member.membership.id)],
        ..Plan::default()
    };
    scene.refuse(removal(scene.organization.version)).await;
    let live = scene.organization.clone();
    let gone = deleted(&live, scene.now());
    scene.administer(AdministrationChange::UpdateOrganization(Box::new(gone.clone()))).await;
    scene.refuse(removal(live.version)).await;
    let restored = Organization { deleted_at: None, version: gone.version + 1, ..gone.clone() };
    scene.administer(AdministrationChange::UpdateOrganization(Box::new(restored.clone()))).await;
    scene.refuse(removal(gone.version)).await;
    scene.refuse(removal(restored.version)).await;
    let again = deleted(&restored, scene.now());
    scene.administer(AdministrationChange::UpdateOrganization(Box::new(again.clone()))).await;
    scene.apply(removal(again.version)).await;
    scene.organization = again;
}
