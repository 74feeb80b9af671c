use super::*;
use crate::access::{
    ActorKind, SystemRole,
    test_support::{World, member, now, organization, system},
};
use chrono::Duration;
use uuid::Uuid;

type Changed = Result<Option<(Plan, Organization)>, Rejection>;

fn change(command: &ChangeOrganization, holder: Option<OrganizationId>) -> Changed {
    let owner = member(1, Some(system(SystemRole::Owner)), &[]);
    World::default().act(&owner, |office| change_organization(office, command, holder))
}

fn pointers(changed: Changed) -> Vec<String> {
    match changed {
        Err(Rejection::Invalid(errors)) => errors.into_iter().map(|error| error.pointer).collect(),
        other => vec![format!("{other:?}")],
    }
}

fn slugged(slug: &str) -> ChangeOrganization {
    ChangeOrganization { slug: Some(Slug::parse(slug).unwrap()), ..ChangeOrganization::default() }
}

#[test]
fn r6_7_a_change_of_settings_raises_the_epoch_and_its_event_names_the_fields() {
    let command = ChangeOrganization {
        name: Some(" Acme & Co ".into()),
        require_mailbox_proof: Some(true),
        locale: Some(Some("fr".into())),
        time_zone: Some("Europe/Paris".into()),
        profile: Some(r#"{"vat":"1"}"#.into()),
        ..ChangeOrganization::default()
    };
    let (plan, next) = change(&command, None).unwrap().unwrap();
    assert_eq!((next.name.as_str(), next.version), ("Acme & Co", 4));
    assert!(next.policy.require_mailbox_proof && !next.policy.require_verified_sign_in);
    assert_eq!((next.locale.as_deref(), next.time_zone.as_str()), (Some("fr"), "Europe/Paris"));
    assert_eq!(plan.guards, [raise_epoch(&organization())]);
    let fields = ["name", "locale", "time_zone", "policy", "profile"].map(str::to_owned).to_vec();
    assert_eq!(plan.events[0].data.get("fields"), Some(&Fact::Words(fields)));
    assert_eq!(plan.events[0].sequence, 4);
}

#[test]
fn a_change_that_changes_nothing_writes_nothing() {
    assert_eq!(change(&ChangeOrganization::default(), None), Ok(None));
    let same = ChangeOrganization { name: Some(organization().name), ..slugged("acme") };
    assert_eq!(change(&same, Some(organization().id)), Ok(None));
}

#[test]
fn a_slug_is_changed_to_a_free_one_or_back_to_ones_own() {
    let free = Guard::Free(UniqueKey::Slug(Slug::parse("zenith").unwrap()));
    let (plan, next) = change(&slugged("zenith"), None).unwrap().unwrap();
    assert_eq!(next.slug.as_str(), "zenith");
    assert_eq!(plan.guards, [raise_epoch(&organization()), free]);
    let (plan, _) = change(&slugged("formerly"), Some(organization().id)).unwrap().unwrap();
    assert_eq!(plan.guards, [raise_epoch(&organization())], "the organisation holds it itself");
    let other = OrganizationId::from_uuid(Uuid::from_u128(2));
    assert_eq!(pointers(change(&slugged("zenith"), Some(other))), ["/slug"]);
}

#[test]
fn every_field_that_cannot_be_is_named_in_one_answer() {
    let command = ChangeOrganization {
        name: Some(String::new()),
        locale: Some(Some("no locale".into())),
        time_zone: Some("Mars Base".into()),
        ttl_max: Some(Some(1)),
        ..ChangeOrganization::default()
    };
    assert_eq!(pointers(change(&command, None)), ["/name", "/locale", "/time_zone", "/policy/ttl_max"]);
}

#[test]
fn r2_3_an_organisation_narrows_the_operators_bounds_and_never_widens_them() {
    let day = Duration::days(1).num_seconds();
    let lives = |default: Option<i64>, max: Option<i64>| {
        let command = ChangeOrganization {
            ttl_default: default.map(Some),
            ttl_max: max.map(Some),
            ..ChangeOrganization::default()
        };
        change(&command, None)
    };
    let (_, next) = lives(Some(2 * day), Some(2 * day)).unwrap().unwrap();
    assert_eq!((next.policy.ttl_default, next.policy.ttl_max), (Some(2 * day), Some(2 * day)));
    assert!(lives(Some(300), None).is_ok() && lives(None, Some(30 * day)).is_ok());
    assert_eq!(pointers(lives(None, Some(30 * day + 1))), ["/policy/ttl_max"]);
    assert_eq!(pointers(lives(Some(299), None)), ["/policy/ttl_default"]);
    assert_eq!(pointers(lives(Some(2 * day + 1), Some(2 * day))), ["/policy/ttl_default"]);
    assert_eq!(pointers(lives(Some(i64::MIN), Some(i64::MAX))), ["/policy/ttl_max"]);
}

#[test]
fn a_deletion_kills_the_organisation_under_a_raised_epoch() {
    let actor = Actor { kind: ActorKind::Operator, id: None };
    let plan = delete_organization(&World::default().context(), actor, &organization());
    assert_eq!(plan.guards, [raise_epoch(&organization())]);
    let [AdministrationChange::UpdateOrganization(dead)] = &plan.administration[..] else {
        unreachable!("{:?}", plan.administration)
    };
    assert_eq!((dead.deleted_at, dead.version), (Some(now()), 4));
    assert_eq!((plan.events[0].kind, plan.events[0].actor), (EventKind::OrganizationDeleted, actor));
}

#[test]
fn a_change_made_for_another_version_of_the_settings_is_refused() {
    let version = organization().version;
    let command = |if_match| ChangeOrganization { if_match, require_mailbox_proof: Some(true), ..slugged("acme") };
    assert_eq!(change(&command(Some(version + 1)), None), Err(Rejection::VersionMismatch { current: version }));
    assert!(change(&command(Some(version)), None).is_ok());
}
