use super::*;
use crate::{
    access::{
        SystemRole,
        test_support::{World, member, now, organization, system},
    },
    directory::{ChangeOrganization, Organization, organization_edit::change_organization},
    invitation::{Fact, Plan},
};

type Changed = Result<Option<(Plan, Organization)>, Rejection>;

fn by_owner(command: ChangeLimits) -> Changed {
    let owner = member(1, Some(system(SystemRole::Owner)), &[]);
    let command = ChangeOrganization { limits: command, ..ChangeOrganization::default() };
    World::default().act(&owner, |office| change_organization(office, &command, None))
}

fn by_operator(command: ChangeLimits, limits: Limits) -> Changed {
    let command = ChangeOrganization { limits: command, ..ChangeOrganization::default() };
    let facts = crate::access::ActorFacts::Operator { id: crate::id::ApiKeyId::from_uuid(uuid::Uuid::from_u128(7)) };
    let organization = Organization { limits, ..organization() };
    World::default().act_in(&facts, &organization, |office| change_organization(office, &command, None))
}

fn pointers(changed: Changed) -> Vec<String> {
    match changed {
        Err(Rejection::Invalid(errors)) => {
            assert!(errors.iter().all(|error| error.code == FieldCode::OutOfRange));
            errors.into_iter().map(|error| error.pointer).collect()
        }
        other => vec![format!("{other:?}")],
    }
}

#[test]
fn r9_2_an_organisation_narrows_the_operators_limits_and_its_event_says_so() {
    let command = ChangeLimits {
        live: Some(Some(10_000)),
        issues_hour: Some(Some(1)),
        messages_recipient_day: Some(Some(20)),
        ..ChangeLimits::default()
    };
    let (plan, next) = by_owner(command).unwrap().unwrap();
    let limits = Limits { seats: None, live: Some(10_000), issues_hour: Some(1), messages_recipient_day: Some(20) };
    assert_eq!((next.limits, plan.limits), (limits, vec![]));
    assert_eq!(plan.events[0].data.get("fields"), Some(&Fact::Words(vec!["limits".into()])));
}

#[test]
fn r9_2_an_organisation_cannot_widen_a_limit_or_set_it_to_nothing() {
    let all = |live, issues_hour, messages| ChangeLimits {
        live: Some(Some(live)),
        issues_hour: Some(Some(issues_hour)),
        messages_recipient_day: Some(Some(messages)),
        ..ChangeLimits::default()
    };
    let every = ["/limits/live", "/limits/issues_hour", "/limits/messages_recipient_day"];
    assert_eq!(pointers(by_owner(all(0, 0, 0))), every);
    assert_eq!(pointers(by_owner(all(-1, i64::MIN, -1))), every);
    assert_eq!(pointers(by_owner(all(10_001, 20_001, 21))), every);
}

#[test]
fn r9_2_a_limit_taken_away_leaves_the_operators() {
    let limits = Limits { live: Some(5), ..Limits::default() };
    let (_, next) = by_operator(ChangeLimits { live: Some(None), ..ChangeLimits::default() }, limits).unwrap().unwrap();
    assert_eq!(next.limits, Limits::default());
}

#[test]
fn r9_1_only_the_operator_sets_seats() {
    let seats = |seats| ChangeLimits { seats: Some(seats), ..ChangeLimits::default() };
    assert_eq!(by_owner(seats(Some(5))), Err(Rejection::OperatorOnly));
    assert_eq!(by_owner(seats(None)), Ok(None), "as it is already");
    let (_, next) = by_operator(seats(Some(5)), Limits::default()).unwrap().unwrap();
    assert_eq!(next.limits.seats, Some(5));
    for number in [0, -1, MOST_SEATS + 1] {
        assert_eq!(pointers(by_operator(seats(Some(number)), Limits::default())), ["/limits/seats"]);
    }
    assert!(by_operator(seats(Some(MOST_SEATS)), Limits::default()).is_ok());
}

#[test]
fn r9_1_other_seats_are_held_to_what_is_taken_and_none_to_nothing() {
    let seats = |seats| ChangeLimits { seats: Some(seats), ..ChangeLimits::default() };
    let had = Limits { seats: Some(9), ..Limits::default() };
    let (plan, _) = by_operator(seats(Some(5)), had.clone()).unwrap().unwrap();
    assert_eq!(plan.limits, [Limit::Seats { organization_id: organization().id, most: 5, at: now() }]);
    let (plan, next) = by_operator(seats(None), had.clone()).unwrap().unwrap();
    assert_eq!((plan.limits, next.limits.seats), (vec![], None));
    let other = ChangeLimits { live: Some(Some(3)), ..ChangeLimits::default() };
    assert_eq!(by_operator(other, had).unwrap().unwrap().0.limits, [], "the seats stay");
}
