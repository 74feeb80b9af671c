use super::*;
use crate::access::{
    permission,
    test_support::{World, member, organization, role, set, system},
};

fn new_role(name: &str, permissions: &[&str]) -> NewRole {
    NewRole {
        name: name.into(),
        description: Some(" For drivers ".into()),
        permissions: set(permissions),
        scope: RoleScope::Organization,
    }
}

fn pointers(rejection: Rejection) -> Vec<String> {
    match rejection {
        Rejection::Invalid(errors) => errors.into_iter().map(|error| error.pointer).collect(),
        other => vec![format!("{other:?}")],
    }
}

#[test]
fn r6_2_a_role_is_made_of_what_its_maker_holds() {
    let admin = member(1, Some(system(SystemRole::Admin)), &["trips.read"]);
    World::default().act(&admin, |office| {
        let (plan, made) = create_role(office, &new_role(" Driver ", &["trips.read", "events.read"]), None).unwrap();
        assert_eq!((made.name.as_str(), made.description.as_deref()), ("Driver", Some("For drivers")));
        assert_eq!((made.version, made.system), (1, None));
        assert!(plan.guards.contains(&same_epoch(&organization())));
        assert!(plan.guards.contains(&Guard::Free(UniqueKey::RoleName(organization().id, "Driver".into()))));
        assert_eq!(plan.events[0].kind, EventKind::RoleCreated);

        let beyond = create_role(office, &new_role("Boss", &[permission::API_KEYS_WRITE, "events.read"]), None);
        let missing = vec![permission::API_KEYS_WRITE.to_owned()];
        assert_eq!(beyond, Err(Rejection::GrantExceedsAuthority { missing }));
    });
}

#[test]
fn r6_1_a_role_has_a_name_of_its_own() {
    let owner = member(1, Some(system(SystemRole::Owner)), &[]);
    let taken = role(5, "Driver", None, &[]);
    World::default().act(&owner, |office| {
        for name in ["", "owner", "Owner", "a\nb", &"x".repeat(101)] {
            assert_eq!(pointers(create_role(office, &new_role(name, &[]), None).unwrap_err()), ["/name"], "{name:?}");
        }
        assert_eq!(pointers(create_role(office, &new_role("Driver", &[]), Some(taken.id)).unwrap_err()), ["/name"]);
        let own = ChangeRole { name: Some("Driver".into()), ..ChangeRole::default() };
        assert_eq!(change_role(office, &taken, &own, Some(taken.id)), Ok(None));
        let other = role(6, "Pilot", None, &[]);
        assert_eq!(pointers(change_role(office, &other, &own, Some(taken.id)).unwrap_err()), ["/name"]);
    });
}

#[test]
fn every_field_that_cannot_be_is_named_in_one_answer() {
    let owner = member(1, Some(system(SystemRole::Owner)), &[]);
    let command = NewRole { description: Some("x".repeat(501)), ..new_role("", &[]) };
    World::default().act(&owner, |office| {
        assert_eq!(pointers(create_role(office, &command, None).unwrap_err()), ["/name", "/description"]);
    });
}

#[test]
fn r6_2_nobody_edits_or_deletes_a_role_above_themselves() {
    let admin = member(1, Some(system(SystemRole::Admin)), &[]);
    let above = role(5, "Boss", None, &[permission::API_KEYS_WRITE]);
    let stripped = ChangeRole { permissions: Some(PermissionSet::new()), ..ChangeRole::default() };
    let below = role(6, "Reader", None, &[permission::EVENTS_READ]);
    let raised = ChangeRole { permissions: Some(set(&[permission::API_KEYS_WRITE])), ..ChangeRole::default() };
    let exceeds = |rejection| matches!(rejection, Rejection::GrantExceedsAuthority { .. });
    World::default().act(&admin, |office| {
        assert!(exceeds(change_role(office, &above, &stripped, None).unwrap_err()));
        assert!(exceeds(delete_role(office, &above, false).unwrap_err()));
        assert!(exceeds(change_role(office, &below, &raised, None).unwrap_err()));
        assert!(change_role(office, &below, &stripped, None).unwrap().is_some());
    });
}

#[test]
fn r6_7_an_edit_and_a_deletion_raise_the_epoch() {
    let owner = member(1, Some(system(SystemRole::Owner)), &[]);
    let driver = role(5, "Driver", None, &["trips.read"]);
    let command =
        ChangeRole { name: Some("Pilot".into()), description: Some(Some("Flies".into())), ..ChangeRole::default() };
    World::default().act(&owner, |office| {
        let (plan, next) = change_role(office, &driver, &command, None).unwrap().unwrap();
        let free = Guard::Free(UniqueKey::RoleName(organization().id, "Pilot".into()));
        assert_eq!(plan.guards, [raise_epoch(&organization()), free]);
        assert_eq!((next.name.as_str(), next.version, &next.permissions), ("Pilot", 5, &driver.permissions));
        assert_eq!((plan.events[0].kind, plan.events[0].sequence), (EventKind::RoleChanged, 5));

        let plan = delete_role(office, &driver, false).unwrap();
        assert_eq!(plan.guards, [raise_epoch(&organization()), Guard::RoleUnused(organization().id, driver.id)]);
        assert_eq!(delete_role(office, &driver, true), Err(Rejection::RoleInUse));
    });
}

#[test]
fn r6_1_a_system_role_is_neither_changed_nor_deleted() {
    let owner = member(1, Some(system(SystemRole::Owner)), &[]);
    World::default().act(&owner, |office| {
        for role in SystemRole::ALL.map(system) {
            assert_eq!(change_role(office, &role, &ChangeRole::default(), None), Err(Rejection::SystemRole));
            assert_eq!(delete_role(office, &role, false), Err(Rejection::SystemRole));
        }
    });
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    let owner = member(1, Some(system(SystemRole::Owner)), &[]);
    let driver = role(5, "Driver", None, &["trips.read"]);
    let same = ChangeRole {
        name: Some(" Driver ".into()),
        description: Some(Some("  ".into())),
        permissions: Some(driver.permissions.clone()),
        if_match: None,
    };
    World::default().act(&owner, |office| {
        assert_eq!(change_role(office, &driver, &same, Some(driver.id)), Ok(None));
        assert_eq!(change_role(office, &driver, &ChangeRole::default(), None), Ok(None));
    });
}

#[test]
fn a_change_made_for_another_version_of_a_role_gives_nothing_back() {
    let owner = member(1, Some(system(SystemRole::Owner)), &[]);
    let driver = role(5, "Driver", None, &["trips.read"]);
    World::default().act(&owner, |office| {
        let stale = ChangeRole {
            permissions: Some(set(&["trips.read", "trips.write"])),
            if_match: Some(driver.version - 1),
            ..ChangeRole::default()
        };
        let refused = Err(Rejection::VersionMismatch { current: driver.version });
        assert_eq!(change_role(office, &driver, &stale, None), refused);
        let fresh = ChangeRole { if_match: Some(driver.version), ..stale };
        assert!(matches!(change_role(office, &driver, &fresh, None), Ok(Some(_))));
    });
}

#[test]
fn r8_4_every_change_of_a_role_writes_its_row_and_one_event() {
    let owner = member(1, Some(system(SystemRole::Owner)), &[]);
    let driver = role(5, "Driver", None, &["trips.read"]);
    let said = |plan: &Plan| {
        let ([change], [event]) = (&plan.administration[..], &plan.events[..]) else { unreachable!("{plan:?}") };
        let permissions = event.data.get("permissions").cloned();
        (change.clone(), event.kind, event.sequence, event.data.get("role").cloned(), permissions)
    };
    let words = |words: &[&str]| Some(Fact::Words(words.iter().map(ToString::to_string).collect()));
    World::default().act(&owner, |office| {
        let (plan, made) = create_role(office, &new_role("Pilot", &["trips.read"]), None).unwrap();
        let inserted = AdministrationChange::InsertRole(Box::new(made));
        assert_eq!(said(&plan), (inserted, EventKind::RoleCreated, 1, Some("Pilot".into()), words(&["trips.read"])));
        let command = ChangeRole { permissions: Some(set(&["trips.write"])), ..ChangeRole::default() };
        let (plan, next) = change_role(office, &driver, &command, None).unwrap().unwrap();
        assert_eq!(plan.guards, [raise_epoch(&organization())], "its name stays its own");
        let updated = AdministrationChange::UpdateRole(Box::new(next));
        assert_eq!(said(&plan), (updated, EventKind::RoleChanged, 5, Some("Driver".into()), words(&["trips.write"])));
        let plan = delete_role(office, &driver, false).unwrap();
        let deleted = AdministrationChange::DeleteRole(organization().id, driver.id);
        assert_eq!(said(&plan), (deleted, EventKind::RoleDeleted, 5, Some("Driver".into()), words(&["trips.read"])));
        assert_eq!(plan.events[0].data.get("role_id"), Some(&Fact::Text(driver.id.to_string())));
    });
}

#[test]
fn a_role_is_looked_up_by_its_name_as_it_is_stored() {
    assert_eq!(role_name(" Driver ").as_deref(), Some("Driver"));
    assert_eq!(role_name("  "), None);
}

#[test]
fn a_dialects_role_is_nobodys_own_name_but_a_word_like_it_is() {
    let owner = member(1, Some(system(SystemRole::Owner)), &[]);
    World::default().act(&owner, |office| {
        assert_eq!(pointers(create_role(office, &new_role("DRIVER", &[]), None).unwrap_err()), ["/name"]);
        assert!(create_role(office, &new_role("driver", &[]), None).is_ok());
    });
}

#[test]
fn the_dialects_roles_are_seeded_where_they_lack_and_never_over_ones_own() {
    let owner = member(1, Some(system(SystemRole::Owner)), &[]);
    let seeded = |gatego: GategoRole| role(50, gatego.name(), Some(SystemRole::Gatego(gatego)), &[]);
    World::default().act(&owner, |office| {
        let all = GategoRole::ALL.map(seeded);
        let plan = seed_gatego(office, &[]).unwrap().unwrap();
        assert_eq!((plan.administration.len(), plan.events.len()), (11, 11));
        assert_eq!(plan.guards.len(), 12);
        assert_eq!(plan.guards[0], same_epoch(&organization()));
        let name = UniqueKey::RoleName(organization().id, "ADMIN".into());
        assert_eq!(plan.guards[1], Guard::Free(name));
        assert_eq!(seed_gatego(office, &all), Ok(None));
        let plan = seed_gatego(office, &all[1..]).unwrap().unwrap();
        let [AdministrationChange::InsertRole(missing)] = &plan.administration[..] else { unreachable!("{plan:?}") };
        assert_eq!((missing.system, missing.scope), (Some(SystemRole::Gatego(GategoRole::Admin)), RoleScope::Gatego));
        let own = role(51, "GUARD", None, &[]);
        assert_eq!(pointers(seed_gatego(office, &[own]).unwrap_err()), ["/role"]);
    });
}
