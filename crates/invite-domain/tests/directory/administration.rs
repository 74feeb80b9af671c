use super::{
    Desk,
    desk::{other_scene, pointers, rejection},
};
use chrono::Duration;
use invite_domain::{
    access::{ChangeMember, ChangeRole, NewApiKey, NewRole, PermissionSet, RoleScope},
    directory::ChangeOrganization,
    id::{MembershipId, RoleId},
    invitation::{DirectoryChange, EventKind, Plan, Rejection},
    page::PageRequest,
    port::{AdministrationQuery, EventFilter, InvitationStore as _, Principal},
    service::{RoleView, ServiceError},
};
use std::sync::Arc;

fn set(names: &[&str]) -> PermissionSet {
    PermissionSet::parse(names).unwrap()
}

fn new_role(name: &str, permissions: &[&str]) -> NewRole {
    NewRole { name: name.into(), description: None, permissions: set(permissions), scope: RoleScope::Organization }
}

fn new_key(permissions: Option<&[&str]>) -> NewApiKey {
    NewApiKey { name: "Payroll".into(), permissions: permissions.map(set), expires_in: None, id: None }
}

fn to_role(id: RoleId) -> ChangeMember {
    ChangeMember { role_id: Some(Some(id)), ..ChangeMember::default() }
}

fn switched(active: bool) -> ChangeMember {
    ChangeMember { active: Some(active), ..ChangeMember::default() }
}

async fn events(desk: &Desk) -> Vec<(EventKind, i64)> {
    let organization = desk.scene.organization.id;
    let page = desk.store.events(organization, &EventFilter::default(), &PageRequest::first(200)).await.unwrap();
    page.items.into_iter().map(|event| (event.kind, event.sequence)).collect()
}

async fn driver(desk: &Desk) -> RoleView {
    desk.service.create_role(&desk.owner(), new_role("Driver", &["trips.read"])).await.unwrap()
}

#[tokio::test]
async fn authz_1_who_lacks_the_permission_neither_sees_nor_changes_anything() {
    let desk = Desk::new().await;
    let page = PageRequest::first(10);
    let guest = desk.scene.membership(&desk.add(desk.scene.account("gustav")).await, Some(&desk.scene.roles.guest));
    let directory = vec![DirectoryChange::InsertMembership(Box::new(guest.clone()))];
    desk.scene.apply(Plan { directory, ..Plan::default() }).await;
    let guest = desk.caller(Principal::Person(guest.account_id));
    let (role, member, key) = (desk.scene.roles.member.id, desk.scene.member.membership.id, desk.scene.api_key.id);
    let before = events(&desk).await;
    let service = &desk.service;
    let refused = [
        rejection(service.organization(&guest).await),
        rejection(service.roles(&guest, &page).await),
        rejection(service.role(&guest, role).await),
        rejection(service.members(&guest, None, &page).await),
        rejection(service.member(&guest, member).await),
        rejection(service.api_keys(&guest, &page).await),
        rejection(service.change_organization(&guest, ChangeOrganization::default()).await),
        rejection(service.create_role(&guest, new_role("X", &[])).await),
        rejection(service.change_role(&guest, role, ChangeRole::default()).await),
        rejection(service.delete_role(&guest, role).await),
        rejection(service.change_member(&guest, member, switched(false)).await),
        rejection(service.remove_member(&guest, member).await),
        rejection(service.create_api_key(&guest, new_key(None)).await),
        rejection(service.rotate_api_key(&guest, key, None, None).await),
        rejection(service.revoke_api_key(&guest, key).await),
    ];
    let needed: Vec<_> = refused
        .into_iter()
        .map(|refused| match refused {
            Rejection::Forbidden { permission } => permission,
            other => unreachable!("{other:?}"),
        })
        .collect();
    let (keys, roles, members) = ("api_keys.write", "roles.write", "members.update");
    let reads = ["organization.read", "roles.read", "roles.read", "members.read", "members.read", "api_keys.read"];
    let writes = ["organization.write", roles, roles, roles, members, "members.remove", keys, keys, keys];
    assert_eq!(needed, [&reads[..], &writes[..]].concat());
    assert_eq!(events(&desk).await, before);
}

#[tokio::test]
async fn r6_6_what_another_organisation_has_is_not_found() {
    let desk = Desk::new().await;
    let other = other_scene(&desk).await;
    let (owner, service) = (desk.owner(), &desk.service);
    let (role, member, key) = (other.roles.guest.id, other.member.membership.id, other.api_key.id);
    for refused in [
        rejection(service.role(&owner, role).await),
        rejection(service.change_role(&owner, role, ChangeRole::default()).await),
        rejection(service.delete_role(&owner, role).await),
        rejection(service.member(&owner, member).await),
        rejection(service.change_member(&owner, member, switched(false)).await),
        rejection(service.remove_member(&owner, member).await),
        rejection(service.rotate_api_key(&owner, key, None, None).await),
        rejection(service.revoke_api_key(&owner, key).await),
    ] {
        assert_eq!(refused, Rejection::NotFound);
    }
    let given = service.change_member(&owner, desk.scene.member.membership.id, to_role(role)).await;
    assert_eq!(pointers(given), ["/role_id"], "another organisation's role is given to nobody");
    let foreigner = desk.caller(other.owner.principal());
    assert_eq!(rejection(service.organization(&foreigner).await), Rejection::NotFound);
}

#[tokio::test]
async fn a_role_is_made_used_changed_and_deleted() {
    let desk = Desk::new().await;
    let (owner, service, mia) = (desk.owner(), &desk.service, desk.scene.member.membership.id);
    let role = driver(&desk).await.role;
    let pass = || {
        desk.scene.pass(Duration::seconds(1));
    };
    pass();
    assert!(role.number > desk.scene.roles.owner.number, "the store gave it a number");
    let before = desk.epoch().await;
    let view = service.change_member(&owner, mia, to_role(role.id)).await.unwrap();
    assert_eq!(view.effective, set(&["timesheets.write", "trips.read"]), "role and direct ones together");
    assert_eq!(rejection(service.delete_role(&owner, role.id).await), Rejection::RoleInUse);

    let more = ChangeRole { permissions: Some(set(&["trips.read", "trips.write"])), ..ChangeRole::default() };
    pass();
    service.change_role(&owner, role.id, more).await.unwrap();
    assert!(
        service.member(&owner, mia).await.unwrap().effective.contains("trips.write"),
        "at once, for all who have it"
    );
    pass();
    service.change_member(&owner, mia, to_role(desk.scene.roles.guest.id)).await.unwrap();
    pass();
    service.delete_role(&owner, role.id).await.unwrap();
    assert_eq!(rejection(service.role(&owner, role.id).await), Rejection::NotFound);
    assert_eq!(desk.epoch().await - before, 4, "two changes of a member, one of the role, its deletion");
    let kinds: Vec<_> = events(&desk).await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(
        kinds,
        [
            EventKind::RoleCreated,
            EventKind::MembershipChanged,
            EventKind::RoleChanged,
            EventKind::MembershipChanged,
            EventKind::RoleDeleted
        ]
    );
}

#[tokio::test]
async fn r6_1_the_owner_prints_our_list_and_every_name_in_use() {
    let desk = Desk::new().await;
    driver(&desk).await;
    let roles = desk.service.roles(&desk.member(), &PageRequest::first(50)).await.unwrap().items;
    let printed = |name: &str| roles.iter().find(|view| view.role.name == name).unwrap().permissions.clone();
    assert!(printed("owner").contains("trips.read") && printed("owner").contains("webhooks.write"));
    assert_eq!(printed("member"), set(&["invitations.read", "members.read", "roles.read"]));
    assert!(!printed("admin").contains("api_keys.write") && printed("guest").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r6_1_of_16_roles_of_one_name_made_at_once_one_is_made() {
    let desk = Arc::new(Desk::new().await);
    let tries: Vec<_> = (0..16)
        .map(|_| {
            let desk = Arc::clone(&desk);
            tokio::spawn(async move { desk.service.create_role(&desk.owner(), new_role("Driver", &[])).await })
        })
        .collect();
    let mut made = 0;
    for one in tries {
        match one.await.unwrap() {
            Ok(_) => made += 1,
            refused => assert_eq!(pointers(refused), ["/name"]),
        }
    }
    assert_eq!(made, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r6_5_two_owners_who_demote_each_other_at_once_leave_one() {
    for round in 0..20 {
        let desk = Arc::new(Desk::new().await);
        let scene = &desk.scene;
        let (owner, guest) = (scene.roles.owner.id, scene.roles.guest.id);
        desk.service.change_member(&desk.owner(), scene.admin.membership.id, to_role(owner)).await.unwrap();
        let demote = |by: Principal, whom: MembershipId| {
            let desk = Arc::clone(&desk);
            tokio::spawn(async move { desk.service.change_member(&desk.caller(by), whom, to_role(guest)).await })
        };
        let (first, second) = (
            demote(scene.owner.principal(), scene.admin.membership.id),
            demote(scene.admin.principal(), scene.owner.membership.id),
        );
        let outcomes = [first.await.unwrap(), second.await.unwrap()];
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "round {round}: {outcomes:?}");
        let query = AdministrationQuery::of(scene.organization.id, scene.owner.principal());
        let query = AdministrationQuery { membership_id: Some(scene.member.membership.id), ..query };
        assert!(desk.facts(query).await.other_active_owners, "round {round}");
    }
}

#[tokio::test]
async fn r6_5_the_last_owner_stays_and_a_second_one_may_go() {
    let desk = Desk::new().await;
    let (scene, service, owner) = (&desk.scene, &desk.service, desk.owner());
    let olga = scene.owner.membership.id;
    assert_eq!(rejection(service.remove_member(&owner, olga).await), Rejection::LastOwner);
    assert_eq!(rejection(service.change_member(&owner, olga, switched(false)).await), Rejection::LastOwner);
    service.change_member(&owner, scene.admin.membership.id, to_role(scene.roles.owner.id)).await.unwrap();
    service.remove_member(&owner, olga).await.unwrap();
    assert_eq!(rejection(service.organization(&owner).await), Rejection::NotFound, "who left finds nothing");
    let admin = desk.admin();
    assert_eq!(rejection(service.remove_member(&admin, scene.admin.membership.id).await), Rejection::LastOwner);
}

#[tokio::test]
async fn a_member_who_is_switched_off_keeps_the_place_and_holds_nothing_until_switched_on() {
    let desk = Desk::new().await;
    let (service, owner, mia) = (&desk.service, desk.owner(), desk.scene.member.membership.id);
    let session = desk.sign_in("mia@acme.example", super::desk::PASSWORD).await.unwrap();
    let off = service.change_member(&owner, mia, switched(false)).await.unwrap();
    assert!(off.effective.is_empty());
    assert_eq!(rejection(service.roles(&desk.member(), &PageRequest::first(1)).await), Rejection::NotFound);
    assert!(desk.authenticated(&session.text).await.is_some(), "the person is a person still");
    let (epoch, trail) = (desk.epoch().await, events(&desk).await);
    service.change_member(&owner, mia, switched(false)).await.unwrap();
    assert_eq!((desk.epoch().await, events(&desk).await), (epoch, trail), "nothing changed, nothing was written");
    service.change_member(&owner, mia, switched(true)).await.unwrap();
    assert!(service.roles(&desk.member(), &PageRequest::first(1)).await.is_ok());
}

#[tokio::test]
async fn anybody_may_leave() {
    let desk = Desk::new().await;
    desk.service.remove_member(&desk.member(), desk.scene.member.membership.id).await.unwrap();
    assert_eq!(events(&desk).await, [(EventKind::MembershipRemoved, 2)]);
    assert_eq!(
        rejection(desk.service.member(&desk.owner(), desk.scene.member.membership.id).await),
        Rejection::NotFound
    );
}

#[tokio::test]
async fn members_are_found_by_name_or_address() {
    let desk = Desk::new().await;
    let found = desk.service.members(&desk.member(), Some("adam"), &PageRequest::first(10)).await.unwrap().items;
    let [adam] = &found[..] else { unreachable!("{found:?}") };
    assert_eq!(adam.record.account.id, desk.scene.admin.account.id);
    assert!(adam.effective.contains("members.update") && !adam.effective.contains("organization.write"));
}

#[tokio::test]
async fn a_key_is_cut_to_what_its_maker_holds_now_and_ends_when_he_leaves() {
    let desk = Desk::new().await;
    let (service, owner) = (&desk.service, desk.owner());
    let maker = NewRole { permissions: set(&["api_keys.write", "roles.read"]), ..new_role("Maker", &[]) };
    let maker = service.create_role(&owner, maker).await.unwrap().role;
    let mia = desk.scene.member.membership.id;
    service.change_member(&owner, mia, to_role(maker.id)).await.unwrap();
    let (view, _) = service.create_api_key(&desk.member(), new_key(None)).await.unwrap();
    assert_eq!(view.permissions, set(&["api_keys.write", "roles.read", "timesheets.write"]));
    assert_eq!(view.key.created_by, mia);
    let beyond = service.create_api_key(&desk.member(), new_key(Some(&["members.remove"]))).await;
    assert!(matches!(rejection(beyond), Rejection::GrantExceedsAuthority { .. }));
    // The owner's key would give its new text to somebody who holds less.
    let above = service.rotate_api_key(&desk.member(), desk.scene.api_key.id, None, None).await;
    assert!(matches!(rejection(above), Rejection::GrantExceedsAuthority { .. }));

    let (key, page) = (desk.caller(Principal::ApiKey(view.key.id)), PageRequest::first(1));
    assert!(service.roles(&key, &page).await.is_ok());
    service.change_member(&owner, mia, to_role(desk.scene.roles.guest.id)).await.unwrap();
    let cut = rejection(service.roles(&key, &page).await);
    assert_eq!(cut, Rejection::Forbidden { permission: "roles.read" });
    service.remove_member(&owner, mia).await.unwrap();
    assert_eq!(rejection(service.roles(&key, &page).await), Rejection::Unauthenticated);
}

#[tokio::test]
async fn a_revoked_key_is_in_no_list_and_is_not_revoked_twice() {
    let desk = Desk::new().await;
    let (service, owner, page) = (&desk.service, desk.owner(), PageRequest::first(10));
    let (view, _) = service.create_api_key(&owner, new_key(Some(&["events.read"]))).await.unwrap();
    assert_eq!(service.api_keys(&owner, &page).await.unwrap().items.len(), 2);
    let epoch = desk.epoch().await;
    service.revoke_api_key(&owner, view.key.id).await.unwrap();
    assert_eq!(desk.epoch().await, epoch + 1);
    let left = service.api_keys(&owner, &page).await.unwrap().items;
    assert_eq!(left.iter().map(|view| view.key.id).collect::<Vec<_>>(), [desk.scene.api_key.id]);
    assert_eq!(rejection(service.revoke_api_key(&owner, view.key.id).await), Rejection::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotations_at_once_follow_each_other_and_revocation_ends_them() {
    let desk = Arc::new(Desk::new().await);
    let rotations: Vec<_> = (0..8)
        .map(|_| {
            let desk = Arc::clone(&desk);
            tokio::spawn(
                async move { desk.service.rotate_api_key(&desk.owner(), desk.scene.api_key.id, None, None).await },
            )
        })
        .collect();
    let mut made = Vec::new();
    for one in rotations {
        made.push(one.await.unwrap().unwrap());
    }
    made.sort_by_key(|(view, _)| view.key.version);
    assert_eq!(made.iter().map(|(view, _)| view.key.version).collect::<Vec<_>>(), (2..10).collect::<Vec<_>>());
    for (index, (view, text)) in made.iter().enumerate() {
        let opens = desk.authenticated(text).await.is_some();
        assert_eq!(opens, index >= 6, "the last text and the one before: version {}", view.key.version);
    }
    let revoke = desk.service.revoke_api_key(&desk.admin(), desk.scene.api_key.id).await;
    assert!(matches!(rejection(revoke), Rejection::Forbidden { .. }));
    desk.service.revoke_api_key(&desk.owner(), desk.scene.api_key.id).await.unwrap();
    let rotated = desk.service.rotate_api_key(&desk.owner(), desk.scene.api_key.id, None, None).await;
    assert_eq!(rejection(rotated.map(|(view, _)| view)), Rejection::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_of_settings_at_once_are_all_kept() {
    let desk = Arc::new(Desk::new().await);
    let commands = [
        ChangeOrganization { name: Some("Apex".into()), ..ChangeOrganization::default() },
        ChangeOrganization { time_zone: Some("Europe/Paris".into()), ..ChangeOrganization::default() },
        ChangeOrganization { locale: Some(None), ..ChangeOrganization::default() },
        ChangeOrganization { ttl_max: Some(Some(172_800)), ..ChangeOrganization::default() },
    ];
    let changes: Vec<_> = commands
        .into_iter()
        .map(|command| {
            let desk = Arc::clone(&desk);
            tokio::spawn(async move { desk.service.change_organization(&desk.owner(), command).await })
        })
        .collect();
    for change in changes {
        change.await.unwrap().unwrap();
    }
    let organization = desk.service.organization(&desk.owner()).await.unwrap();
    assert_eq!((organization.name.as_str(), organization.time_zone.as_str()), ("Apex", "Europe/Paris"));
    assert_eq!((organization.locale, organization.policy.ttl_max), (None, Some(172_800)));
    assert_eq!(organization.version, 5);
    assert!(organization.policy.require_mailbox_proof, "what was not named stays");
}

#[tokio::test]
async fn the_operator_administers_any_organisation_but_makes_no_key() {
    let desk = Desk::new().await;
    let (operator, _) = desk.operator().await;
    let operator = desk.caller(operator);
    assert!(desk.service.members(&operator, None, &PageRequest::first(1)).await.is_ok());
    let view = desk.service.create_role(&operator, new_role("Driver", &["trips.read"])).await.unwrap();
    assert!(view.role.number > 0);
    let made = desk.service.create_api_key(&operator, new_key(None)).await;
    assert!(matches!(made, Err(ServiceError::Rejected(Rejection::Forbidden { permission: "api_keys.write" }))));
}
