//! Administration and lists.

use crate::{Scene, contract::Subject};
use chrono::Duration;
use invite_domain::{
    access::{ActorFacts, GategoRole, Held, PermissionSet, Role, SystemRole},
    directory::Membership,
    id::OrganizationId,
    invitation::{AdministrationChange, Plan},
    page::{Page, PageRequest},
    port::{AdministrationFacts, AdministrationQuery, PortError, Principal},
};

async fn load(subject: &Subject, query: &AdministrationQuery) -> AdministrationFacts {
    subject.directory().load_administration(query).await.unwrap().unwrap()
}

fn query(scene: &Scene) -> AdministrationQuery {
    AdministrationQuery::of(scene.organization.id, scene.owner.principal())
}

pub(in crate::contract) async fn administration_learns_of_role_member_and_key(subject: Subject) {
    let scene = subject.scene("acme").await;
    let bare = load(&subject, &query(&scene)).await;
    assert_eq!(bare.organization, scene.organization);
    let ActorFacts::Member(owner) = &bare.actor else { unreachable!("the owner is a member") };
    assert_eq!(owner.membership, scene.owner.membership);
    assert_eq!((bare.role, bare.member, bare.api_key), (None, None, None), "nothing that was not named");

    let mut key = scene.api_key.clone();
    (key.name, key.version) = ("Zürich".into(), 2);
    key.permissions = Held::Only(PermissionSet::parse(["a.b"]).unwrap());
    (key.expires_at, key.last_used_at) = (Some(scene.now() + Duration::microseconds(1)), Some(scene.now()));
    scene.administer(AdministrationChange::UpdateApiKey(Box::new(key.clone()))).await;
    let named = AdministrationQuery {
        role_id: Some(scene.roles.admin.id),
        membership_id: Some(scene.admin.membership.id),
        api_key_id: Some(key.id),
        ..query(&scene)
    };
    let facts = load(&subject, &named).await;
    assert_eq!(facts.role.as_ref(), Some(&scene.roles.admin));
    let member = facts.member.unwrap();
    assert_eq!(member.account, scene.admin.account);
    assert_eq!(member.member.membership, scene.admin.membership);
    assert_eq!(member.member.role.as_ref(), Some(&scene.roles.admin));
    assert_eq!(facts.api_key, Some(key));

    let unknown = OrganizationId::new(scene.now(), &*scene.entropy);
    let elsewhere = AdministrationQuery { organization_id: unknown, ..named };
    assert_eq!(subject.directory().load_administration(&elsewhere).await.unwrap(), None);
}

pub(in crate::contract) async fn administration_finds_nothing_of_another_organization(subject: Subject) {
    let (ours, theirs) = (subject.scene("ours").await, subject.scene("theirs").await);
    let named = AdministrationQuery {
        role_id: Some(theirs.roles.admin.id),
        membership_id: Some(theirs.admin.membership.id),
        api_key_id: Some(theirs.api_key.id),
        ..query(&ours)
    };
    let facts = load(&subject, &named).await;
    assert_eq!((facts.role, facts.member, facts.api_key), (None, None, None));
    let plan = |change| Plan { administration: vec![change], ..Plan::default() };
    // Nor is anything of another organisation removed.
    let remove = AdministrationChange::RemoveMembership(ours.organization.id, theirs.member.membership.id);
    let _ = ours.commit(plan(remove)).await;
    let named = AdministrationQuery { membership_id: Some(theirs.member.membership.id), ..query(&theirs) };
    assert!(load(&subject, &named).await.member.is_some());
    let stranger = AdministrationQuery { principal: theirs.owner.principal(), ..query(&ours) };
    assert_eq!(load(&subject, &stranger).await.actor, ActorFacts::Unknown);
    let by_foreign_key = AdministrationQuery { principal: Principal::ApiKey(theirs.api_key.id), ..query(&ours) };
    assert_eq!(load(&subject, &by_foreign_key).await.actor, ActorFacts::Unknown);
    let (operator, _) = ours.new_operator_key();
    ours.administer(AdministrationChange::InsertOperatorKey(Box::new(operator.clone()))).await;
    let by_operator = AdministrationQuery { principal: Principal::Operator(operator.id), ..query(&ours) };
    assert_eq!(load(&subject, &by_operator).await.actor, ActorFacts::Operator { id: operator.id });
    ours.administer(AdministrationChange::RevokeOperatorKey(operator.id, ours.now())).await;
    assert_eq!(load(&subject, &by_operator).await.actor, ActorFacts::Unknown, "revoked");
}

pub(in crate::contract) async fn administration_learns_whether_a_role_is_used_and_another_owner_stays(
    subject: Subject,
) {
    let scene = subject.scene("acme").await;
    let role = scene.role("Planer", &["plans.read"]);
    scene.administer(AdministrationChange::InsertRole(Box::new(role.clone()))).await;
    let with_role = AdministrationQuery { role_id: Some(role.id), ..query(&scene) };
    let is_used = async || load(&subject, &with_role).await.role_in_use;
    assert!(!is_used().await);
    let mut invitation = scene.invitation("ana");
    invitation.grant.role_id = Some(role.id);
    let invitation = scene.issue_this(invitation).await;
    assert!(is_used().await, "a pending invitation");
    scene.apply(scene.plan_revoke(&invitation)).await;
    assert!(!is_used().await, "one that has ended");
    let member = scene.join("bob", &role).await.membership;
    scene.apply(scene.plan_member(&member, Membership { active: false, ..member.clone() })).await;
    assert!(is_used().await, "a member who is switched off");
    assert!(!load(&subject, &query(&scene)).await.role_in_use, "no role was named");

    let with_owner = AdministrationQuery { membership_id: Some(scene.owner.membership.id), ..query(&scene) };
    let with_admin = AdministrationQuery { membership_id: Some(scene.admin.membership.id), ..query(&scene) };
    assert!(!load(&subject, &with_owner).await.other_active_owners);
    assert!(load(&subject, &with_admin).await.other_active_owners, "the owner");
    assert!(!load(&subject, &query(&scene)).await.other_active_owners, "no member was named");
    let second = scene.join("otto", &scene.roles.owner).await.membership;
    assert!(load(&subject, &with_owner).await.other_active_owners);
    scene.apply(scene.plan_member(&second, Membership { active: false, ..second.clone() })).await;
    assert!(!load(&subject, &with_owner).await.other_active_owners, "a second one who is switched off");
}

pub(in crate::contract) async fn administration_knows_every_permission_that_is_named(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("other").await);
    let named = ["by.role", "by.member", "by.key"];
    let role = scene.role("Rolle", &named[..1]);
    scene.administer(AdministrationChange::InsertRole(Box::new(role))).await;
    let mut member = scene.member.membership.clone();
    member.permissions = PermissionSet::parse(&named[1..2]).unwrap();
    scene.apply(scene.plan_member(&scene.member.membership, member)).await;
    let (mut key, _) = scene.new_api_key(&scene.owner.membership);
    key.permissions = Held::Only(PermissionSet::parse(&named[2..]).unwrap());
    scene.administer(AdministrationChange::InsertApiKey(Box::new(key))).await;
    let known = load(&subject, &query(&scene)).await.known_permissions;
    assert!(named.iter().all(|name| known.contains(name)), "{known:?}");
    assert!(known.contains("timesheets.write"), "the fixtures' members have it");
    let known = load(&subject, &query(&other)).await.known_permissions;
    assert!(!named.iter().any(|name| known.contains(name)), "of this organisation alone");
}

/// Walks all pages of two rows and compares them with what must come.
async fn walk<T: PartialEq + std::fmt::Debug>(
    expected: &[T],
    mut read: impl AsyncFnMut(&PageRequest) -> Result<Page<T>, PortError>,
) {
    let mut page = PageRequest { include_total: true, ..PageRequest::first(2) };
    let mut walked = Vec::new();
    loop {
        let found = read(&page).await.unwrap();
        assert_eq!(found.total, Some(expected.len() as u64));
        assert!(found.items.len() <= 2);
        walked.extend(found.items);
        assert!(walked.len() <= expected.len(), "a row comes twice");
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    assert_eq!(walked, expected);
    let whole = read(&PageRequest::first(200)).await.unwrap();
    assert_eq!((whole.items.as_slice(), whole.next, whole.total), (expected, None, None));
    for number in 1..=3_u64 {
        let page = PageRequest::numbered(number, 2);
        let found = read(&page).await.unwrap();
        let skipped = expected.iter().skip(usize::try_from(page.skip).unwrap());
        assert!(found.items.iter().eq(skipped.take(2)), "page {number}: {:?}", found.items);
        assert_eq!(found.total, Some(expected.len() as u64), "page {number}");
    }
}

pub(in crate::contract) async fn roles_are_listed_and_found_by_name(subject: Subject) {
    let (scene, _other) = (subject.scene("acme").await, subject.scene("other").await);
    let id = scene.organization.id;
    scene.pass(Duration::microseconds(1));
    let mut custom = scene.role("Planer_%", &["plans.read", "plans.write"]);
    let written = scene.administer(AdministrationChange::InsertRole(Box::new(custom.clone()))).await;
    custom.number = written.number_of(custom.id.as_uuid());
    let roles = &scene.roles;
    let mut expected = [&roles.owner, &roles.admin, &roles.member, &roles.guest, &custom].map(Clone::clone);
    expected.sort_by_key(|role| (role.created_at, role.id));
    walk(&expected, async |page| subject.directory().roles(id, page).await).await;
    assert_eq!(expected.last(), Some(&custom));

    let by_name = async |name| subject.directory().role_by_name(id, name).await.unwrap();
    assert_eq!(by_name("Planer_%").await, Some(custom.clone()));
    assert_eq!(by_name("owner").await.as_ref(), Some(&roles.owner));
    for name in ["Planer", "planer_%", "PlanerX%", "Owner", ""] {
        assert_eq!(by_name(name).await, None, "{name}");
    }
    let changed = Role {
        name: "Chef".into(),
        description: None,
        permissions: PermissionSet::new(),
        updated_at: scene.pass(Duration::microseconds(1)),
        version: 2,
        ..custom.clone()
    };
    scene.administer(AdministrationChange::UpdateRole(Box::new(changed.clone()))).await;
    assert_eq!((by_name("Planer_%").await, by_name("Chef").await), (None, Some(changed)));
    scene.administer(AdministrationChange::DeleteRole(id, custom.id)).await;
    assert_eq!(by_name("Chef").await, None);
}

pub(in crate::contract) async fn a_role_of_a_dialect_comes_back_equal_in_every_field(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut stored = Vec::new();
    for gatego in GategoRole::ALL {
        let system = SystemRole::Gatego(gatego);
        let mut role = Role { system: Some(system), scope: system.scope(), ..scene.role(system.name(), &[]) };
        let written = scene.administer(AdministrationChange::InsertRole(Box::new(role.clone()))).await;
        role.number = written.number_of(role.id.as_uuid());
        stored.push(role);
    }
    for role in stored {
        let by_name = subject.directory().role_by_name(scene.organization.id, &role.name).await.unwrap();
        let by_number = subject.directory().role_by_number(scene.organization.id, role.number).await.unwrap();
        assert_eq!((by_name.as_ref(), by_number.as_ref()), (Some(&role), Some(&role)));
    }
}

pub(in crate::contract) async fn members_are_listed_and_searched(subject: Subject) {
    let (scene, _other) = (subject.scene("acme").await, subject.scene("other").await);
    let id = scene.organization.id;
    scene.pass(Duration::microseconds(1));
    let percent = scene.join("a%b", &scene.roles.guest).await;
    let off = Membership { active: false, version: 2, ..percent.membership.clone() };
    scene.apply(scene.plan_member(&percent.membership, off.clone())).await;
    let mut expected = [&scene.owner, &scene.admin, &scene.member].map(|person| person.membership.clone()).to_vec();
    expected.push(off);
    expected.sort_by_key(|member| (member.created_at, member.id));
    walk(&expected, async |page| {
        let found = subject.directory().members(id, None, page).await?;
        Ok(found.map(|record| record.member.membership))
    })
    .await;
    let names = async |query| {
        let page = PageRequest::first(10);
        let found = subject.directory().members(id, Some(query), &page).await.unwrap().items;
        let mut addresses: Vec<_> =
            found.iter().filter_map(|record| Some(record.account.email.as_ref()?.as_str().to_owned())).collect();
        addresses.sort_unstable();
        addresses
    };
    for (query, expected) in [
        ("Olg", vec!["Olga@acme.example"]),
        ("%", vec!["a%b@example.org"]),
        ("example.org", vec!["a%b@example.org"]),
        ("@acme", vec!["Adam@acme.example", "Mia@acme.example", "Olga@acme.example"]),
        ("_", vec![]),
        ("nobody", vec![]),
        ("other", vec![]),
    ] {
        assert_eq!(names(query).await, expected, "{query}");
    }
}

pub(in crate::contract) async fn keys_that_are_not_revoked_are_listed(subject: Subject) {
    let (scene, _other) = (subject.scene("acme").await, subject.scene("other").await);
    let id = scene.organization.id;
    let mut expected = vec![scene.api_key.clone()];
    for i in 1..=3 {
        scene.pass(Duration::microseconds(1));
        let (mut key, _) = scene.new_api_key(&scene.admin.membership);
        key.expires_at = Some(scene.now() - Duration::days(i));
        key.revoked_at = (i == 2).then(|| scene.now());
        let written = scene.administer(AdministrationChange::InsertApiKey(Box::new(key.clone()))).await;
        key.number = written.number_of(key.id.as_uuid());
        if i != 2 {
            expected.push(key);
        }
    }
    walk(&expected, async |page| subject.directory().api_keys(id, page).await).await;
}

pub(in crate::contract) async fn organizations_that_are_not_deleted_are_listed(subject: Subject) {
    let mut expected = Vec::new();
    for word in ["one", "two", "three", "four"] {
        let scene = subject.scene(word).await;
        if word == "two" {
            let deleted = crate::fixtures::plans::deleted(&scene.organization, scene.now());
            scene.apply(scene.plan_organization(1, deleted)).await;
        } else {
            expected.push(scene.organization);
        }
    }
    expected.sort_by_key(|organization| (organization.created_at, organization.id));
    walk(&expected, async |page| subject.directory().organizations(page).await).await;
}

pub(in crate::contract) async fn the_database_tells_its_time(subject: Subject) {
    let (one, two) =
        (subject.directory().database_time().await.unwrap(), subject.directory().database_time().await.unwrap());
    assert!(one <= two, "{one} and then {two}");
    assert!(one.timestamp() > 1_600_000_000, "a time of this century: {one}");
    assert_eq!(invite_domain::time::to_micros(one), one, "whole microseconds");
}
