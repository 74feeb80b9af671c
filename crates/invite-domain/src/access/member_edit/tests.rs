use super::*;
use crate::access::test_support::{World, member, organization, role, set, system};

fn owner() -> MemberFacts {
    member(1, Some(system(SystemRole::Owner)), &[])
}

fn admin() -> MemberFacts {
    member(2, Some(system(SystemRole::Admin)), &[])
}

fn to_role(role: &Role) -> ChangeMember {
    ChangeMember { role_id: Some(Some(role.id)), ..ChangeMember::default() }
}

fn exceeds<T>(result: &Result<T, Rejection>) -> bool {
    matches!(result, Err(Rejection::GrantExceedsAuthority { .. }))
}

#[test]
fn r6_2_an_admin_makes_nobody_more_than_an_admin() {
    let mia = member(3, None, &[]);
    let more = ChangeMember { permissions: Some(set(&[permission::API_KEYS_WRITE])), ..ChangeMember::default() };
    let (to_owner, to_admin) = (system(SystemRole::Owner), system(SystemRole::Admin));
    World::default().act(&admin(), |office| {
        assert!(exceeds(&change_member(office, &mia, Some(&to_owner), true, &to_role(&to_owner))));
        assert!(exceeds(&change_member(office, &mia, None, true, &more)));
        let (_, next) = change_member(office, &mia, Some(&to_admin), true, &to_role(&to_admin)).unwrap().unwrap();
        assert_eq!((next.membership.role_id, next.role.as_ref()), (Some(to_admin.id), Some(&to_admin)));
        // Nor himself.
        assert!(exceeds(&change_member(office, &admin(), Some(&to_owner), true, &to_role(&to_owner))));
    });
}

#[test]
fn r6_2_nobody_changes_or_removes_a_member_above_themselves() {
    let guest = system(SystemRole::Guest);
    let off = ChangeMember { active: Some(false), ..ChangeMember::default() };
    let mut away = owner();
    away.membership.active = false;
    World::default().act(&admin(), |office| {
        assert!(exceeds(&change_member(office, &owner(), Some(&guest), true, &to_role(&guest))));
        assert!(exceeds(&change_member(office, &owner(), None, true, &off)));
        assert!(exceeds(&remove_member(office, Some(&owner()), true)));
        assert!(exceeds(&remove_member(office, Some(&away), true)), "also while he is switched off");
    });
}

#[test]
fn r6_5_the_last_owner_is_neither_demoted_nor_switched_off_nor_removed() {
    let off = ChangeMember { active: Some(false), ..ChangeMember::default() };
    let guest = system(SystemRole::Guest);
    World::default().act(&owner(), |office| {
        let me = owner();
        assert_eq!(change_member(office, &me, Some(&guest), false, &to_role(&guest)), Err(Rejection::LastOwner));
        assert_eq!(change_member(office, &me, None, false, &off), Err(Rejection::LastOwner));
        assert_eq!(remove_member(office, Some(&me), false), Err(Rejection::LastOwner));
        for (plan, _) in [
            change_member(office, &me, Some(&guest), true, &to_role(&guest)).unwrap().unwrap(),
            change_member(office, &me, None, true, &off).unwrap().unwrap(),
        ] {
            assert!(plan.guards.contains(&Guard::OwnerRemains(organization().id)));
        }
        let plan = remove_member(office, Some(&me), true).unwrap();
        assert!(plan.guards.contains(&Guard::OwnerRemains(organization().id)));
    });
}

#[test]
fn r6_5_an_owner_who_is_switched_off_is_not_the_last() {
    let mut away = member(3, Some(system(SystemRole::Owner)), &[]);
    away.membership.active = false;
    World::default().act(&owner(), |office| assert!(remove_member(office, Some(&away), false).is_ok()));
}

#[test]
fn r6_7_every_change_of_a_member_raises_the_epoch_and_is_one_event() {
    let mia = member(3, Some(role(5, "Driver", None, &["trips.read"])), &["trips.write"]);
    let command = ChangeMember {
        role_id: Some(None),
        permissions: Some(set(&["events.read"])),
        active: Some(false),
        ..ChangeMember::default()
    };
    World::default().act(&owner(), |office| {
        let (plan, next) = change_member(office, &mia, None, true, &command).unwrap().unwrap();
        assert_eq!(plan.guards, [raise_epoch(&organization()), Guard::MembershipAt(mia.membership.id, 5)]);
        assert_eq!((next.membership.role_id, next.role, next.membership.active), (None, None, false));
        let [event] = &plan.events[..] else { unreachable!("{:?}", plan.events) };
        assert_eq!((event.kind, event.sequence), (EventKind::MembershipChanged, 6));
        assert_eq!(event.membership_id, Some(mia.membership.id));
        assert_eq!(event.data.get("permissions"), Some(&Fact::Words(vec!["events.read".into()])));
        assert!(!format!("{event:?}").contains("Mia"), "persons stand in events by id");
    });
}

#[test]
fn a_change_that_changes_nothing_writes_nothing() {
    let driver = role(5, "Driver", None, &["trips.read"]);
    let mia = member(3, Some(driver.clone()), &["trips.write"]);
    let same = ChangeMember {
        role_id: Some(Some(driver.id)),
        permissions: Some(mia.membership.permissions.clone()),
        active: Some(true),
        if_match: None,
    };
    World::default().act(&owner(), |office| {
        assert_eq!(change_member(office, &mia, Some(&driver), true, &same), Ok(None));
    });
}

#[test]
fn r6_6_an_unknown_role_is_named_as_a_field() {
    let mia = member(3, None, &[]);
    let unknown = role(5, "Driver", None, &[]);
    World::default().act(&owner(), |office| {
        let refused = change_member(office, &mia, None, true, &to_role(&unknown)).unwrap_err();
        assert_eq!(refused, Rejection::field("/role_id", FieldCode::Invalid, "there is no such role"));
    });
}

#[test]
fn anybody_may_leave_and_only_that() {
    let guest = member(3, Some(system(SystemRole::Guest)), &["trips.read"]);
    let other = member(4, Some(system(SystemRole::Guest)), &[]);
    let needs = |permission| Err(Rejection::Forbidden { permission });
    World::default().act(&guest, |office| {
        let plan = remove_member(office, Some(&guest), false).unwrap();
        assert_eq!(plan.guards, [raise_epoch(&organization()), Guard::MembershipAt(guest.membership.id, 5)]);
        let [event] = &plan.events[..] else { unreachable!("{:?}", plan.events) };
        assert_eq!(event.removed_account(), Some(guest.membership.account_id), "else nobody knows whose it was");
        assert_eq!(remove_member(office, Some(&other), true), needs(permission::MEMBERS_REMOVE));
        assert_eq!(remove_member(office, None, false), needs(permission::MEMBERS_REMOVE));
        let off = ChangeMember { active: Some(false), ..ChangeMember::default() };
        let refused = change_member(office, &guest, None, true, &off).unwrap_err();
        assert_eq!(refused, Rejection::Forbidden { permission: permission::MEMBERS_UPDATE });
    });
    World::default().act(&owner(), |office| {
        assert_eq!(remove_member(office, None, false), Err(Rejection::NotFound));
    });
}

#[test]
fn a_change_made_for_another_version_is_refused_even_where_it_would_change_nothing() {
    let mia = member(3, Some(role(5, "Driver", None, &["trips.read"])), &[]);
    let version = mia.membership.version;
    World::default().act(&owner(), |office| {
        let change = |if_match, active| {
            let command = ChangeMember { active: Some(active), if_match, ..ChangeMember::default() };
            change_member(office, &mia, None, true, &command)
        };
        for active in [true, false] {
            let refused = Err(Rejection::VersionMismatch { current: version });
            assert_eq!(change(Some(version - 1), active), refused);
        }
        let (_, changed) = change(Some(version), false).unwrap().unwrap();
        assert_eq!(changed.membership.version, version + 1);
    });
}

#[test]
fn r8_4_a_change_writes_the_membership_and_a_removal_takes_it_away_with_one_event_each() {
    let driver = role(5, "Driver", None, &["trips.read"]);
    let mut mia = member(3, Some(driver.clone()), &["trips.write"]);
    mia.membership.group_id = Some(crate::id::GroupId::from_uuid(uuid::Uuid::from_u128(77)));
    let said = |plan: &Plan| {
        let [event] = &plan.events[..] else { unreachable!("{plan:?}") };
        assert_eq!(event.membership_id, Some(mia.membership.id));
        assert_eq!(event.data.get("role_id"), Some(&Fact::Text(driver.id.to_string())));
        assert_eq!(event.data.get("role"), Some(&Fact::Text("Driver".into())));
        assert_eq!(event.data.get("group_id"), Some(&Fact::Text(uuid::Uuid::from_u128(77).to_string())));
        (event.kind, event.sequence, event.data.get("active").cloned())
    };
    let off = ChangeMember { active: Some(false), ..ChangeMember::default() };
    World::default().act(&owner(), |office| {
        let (plan, next) = change_member(office, &mia, None, true, &off).unwrap().unwrap();
        assert_eq!(plan.directory, [DirectoryChange::UpdateMembership(Box::new(next.membership.clone()))]);
        assert_eq!(next.membership.version, 6);
        assert_eq!(said(&plan), (EventKind::MembershipChanged, 6, Some(Fact::Flag(false))));
        let plan = remove_member(office, Some(&mia), true).unwrap();
        let gone = AdministrationChange::RemoveMembership(organization().id, mia.membership.id);
        assert_eq!(plan.administration, [gone]);
        assert_eq!(said(&plan), (EventKind::MembershipRemoved, 6, Some(Fact::Flag(true))));
    });
}

#[test]
fn r6_2_only_the_operator_changes_whose_role_is_the_operators_to_give() {
    let signup = role(9, "SIGNUP_SERVICE", Some(SystemRole::Gatego(crate::access::GategoRole::SignupService)), &[]);
    let service = member(3, Some(signup), &[]);
    let off = ChangeMember { active: Some(false), ..ChangeMember::default() };
    World::default().act(&owner(), |office| {
        assert_eq!(change_member(office, &service, None, true, &off), Err(Rejection::OperatorOnly));
        assert_eq!(remove_member(office, Some(&service), true), Err(Rejection::OperatorOnly));
    });
    let operator = crate::access::ActorFacts::Operator { id: crate::id::ApiKeyId::from_uuid(uuid::Uuid::nil()) };
    World::default().act_as(&operator, |office| {
        assert!(change_member(office, &service, None, true, &off).unwrap().is_some());
        assert!(remove_member(office, Some(&service), true).is_ok());
    });
}

#[test]
fn r6_5_the_last_owner_may_change_what_leaves_an_owner() {
    let more = ChangeMember { permissions: Some(set(&["trips.read"])), ..ChangeMember::default() };
    World::default().act(&owner(), |office| {
        let (plan, _) = change_member(office, &owner(), None, false, &more).unwrap().unwrap();
        assert!(!plan.guards.contains(&Guard::OwnerRemains(organization().id)));
    });
}
