use super::*;
use crate::{
    access::{
        MemberFacts, SystemRole,
        test_support::{World, member, now, organization, role, set, system},
    },
    secret::{credential::CredentialKind, test_support::Counting},
};

fn text() -> CredentialText {
    CredentialText::generate(CredentialKind::ApiKey, &Counting::default())
}

fn command(permissions: Option<&[&str]>) -> NewApiKey {
    NewApiKey { name: "Payroll".into(), permissions: permissions.map(set), expires_in: None, id: None }
}

fn owner() -> MemberFacts {
    member(1, Some(system(SystemRole::Owner)), &[])
}

/// May make keys, and little else.
fn clerk() -> MemberFacts {
    member(2, Some(role(5, "Clerk", None, &[permission::API_KEYS_WRITE, permission::EVENTS_READ])), &[])
}

fn make(maker: &MemberFacts, command: &NewApiKey) -> Result<(Plan, ApiKey), Rejection> {
    let actor = ActorFacts::Member(maker.clone());
    World::default().act_as(&actor, |office| create_api_key(office, &actor, command, None, &text()))
}

fn key_of(maker: &MemberFacts, permissions: Option<&[&str]>) -> ApiKey {
    make(maker, &command(permissions)).unwrap().1
}

#[test]
fn r6_2_a_key_holds_a_part_of_what_its_maker_holds_and_all_of_it_unasked() {
    assert_eq!(key_of(&owner(), None).permissions, Held::Everything);
    let all = set(&[permission::API_KEYS_WRITE, permission::EVENTS_READ]);
    assert_eq!(key_of(&clerk(), None).permissions, Held::Only(all));
    assert_eq!(key_of(&clerk(), Some(&["events.read"])).permissions, Held::Only(set(&["events.read"])));
    let beyond = make(&clerk(), &command(Some(&["members.read"])));
    assert_eq!(beyond, Err(Rejection::GrantExceedsAuthority { missing: vec!["members.read".into()] }));
}

#[test]
fn a_new_key_stores_its_digest_and_prefix_and_its_event_neither_name_nor_text() {
    let (plan, key) = make(&owner(), &command(None)).unwrap();
    let text = text();
    assert_eq!((key.digest, key.prefix.as_str()), (text.digest(), &text.expose()[..8]));
    assert_eq!((key.created_by, key.expires_at), (owner().membership.id, None));
    assert_eq!(plan.guards, [same_epoch(&organization())]);
    let event = format!("{:?}", plan.events);
    assert!(!event.contains("Payroll") && !event.contains(&text.expose()[..8]), "{event}");
}

#[test]
fn a_key_made_with_a_key_belongs_to_that_ones_maker_and_holds_no_more() {
    let maker = owner();
    let key = key_of(&maker, Some(&["api_keys.write", "events.read"]));
    let actor = ActorFacts::ApiKey { key: key.clone(), creator: Some(maker.clone()) };
    World::default().act_as(&actor, |office| {
        let (_, made) = create_api_key(office, &actor, &command(None), None, &text()).unwrap();
        assert_eq!((made.created_by, &made.permissions), (maker.membership.id, &key.permissions));
        assert!(create_api_key(office, &actor, &command(Some(&["members.read"])), None, &text()).is_err());
    });
}

#[test]
fn the_operator_makes_no_key_because_a_key_belongs_to_a_member() {
    let actor = ActorFacts::Operator { id: ApiKeyId::from_uuid(uuid::Uuid::nil()) };
    let refused =
        World::default().act_as(&actor, |office| create_api_key(office, &actor, &command(None), None, &text()));
    assert_eq!(refused, Err(Rejection::Forbidden { permission: permission::API_KEYS_WRITE }));
}

#[test]
fn a_key_lives_from_a_second_to_ten_years() {
    let living = |expires_in| make(&owner(), &NewApiKey { expires_in: Some(expires_in), ..command(None) });
    assert_eq!(living(1).unwrap().1.expires_at, Some(now() + seconds(1)));
    assert!(living(LONGEST_LIFE).is_ok());
    for bad in [i64::MIN, -1, 0, LONGEST_LIFE + 1, i64::MAX] {
        assert!(matches!(living(bad), Err(Rejection::Invalid(_))), "{bad}");
    }
}

#[test]
fn a_rotated_key_keeps_its_id_and_its_old_text_counts_through_the_overlap() {
    let old = key_of(&owner(), None);
    let entropy = Counting::default();
    let [_, new_text] = [(); 2].map(|()| CredentialText::generate(CredentialKind::ApiKey, &entropy));
    World::default().act(&owner(), |office| {
        let (plan, new) = rotate_api_key(office, &old, 60, None, &new_text).unwrap();
        assert_eq!((new.id, new.version), (old.id, 2));
        assert!(new.accepts(&new_text.digest(), now()));
        assert!(new.accepts(&old.digest, now() + seconds(59)));
        assert!(!new.accepts(&old.digest, now() + seconds(60)));
        assert_eq!(plan.guards, [raise_epoch(&organization())]);
        let (_, at_once) = rotate_api_key(office, &old, 0, None, &new_text).unwrap();
        assert!(!at_once.accepts(&old.digest, now()));
        for bad in [-1, ApiKey::LONGEST_OVERLAP + 1, i64::MAX] {
            assert!(matches!(rotate_api_key(office, &old, bad, None, &new_text), Err(Rejection::Invalid(_))), "{bad}");
        }
    });
}

#[test]
fn r6_2_nobody_gets_the_text_of_a_key_that_holds_more_than_they_do() {
    let owners = key_of(&owner(), None);
    World::default().act(&clerk(), |office| {
        let refused = rotate_api_key(office, &owners, 0, None, &text());
        assert!(matches!(refused, Err(Rejection::GrantExceedsAuthority { .. })));
    });
    // The key itself may, also where its maker holds less by now.
    let actor = ActorFacts::ApiKey { key: owners.clone(), creator: Some(clerk()) };
    World::default().act_as(&actor, |office| assert!(rotate_api_key(office, &owners, 0, None, &text()).is_ok()));
}

#[test]
fn an_expired_key_is_not_rotated() {
    let expired = ApiKey { expires_at: Some(now()), ..key_of(&owner(), None) };
    World::default().act(&owner(), |office| {
        assert!(matches!(rotate_api_key(office, &expired, 0, None, &text()), Err(Rejection::Invalid(_))));
    });
}

#[test]
fn r6_7_a_revocation_raises_the_epoch_and_happens_once() {
    let key = key_of(&owner(), None);
    World::default().act(&clerk(), |office| {
        let plan = revoke_api_key(office, &key).unwrap();
        assert_eq!(plan.guards, [raise_epoch(&organization())]);
        let [AdministrationChange::UpdateApiKey(revoked)] = &plan.administration[..] else {
            unreachable!("{:?}", plan.administration)
        };
        assert_eq!(revoked.revoked_at, Some(now()));
        assert_eq!(revoke_api_key(office, revoked), Err(Rejection::NotFound));
        assert_eq!(rotate_api_key(office, revoked, 0, None, &text()).err(), Some(Rejection::NotFound));
    });
}

#[test]
fn a_rotation_asked_for_twice_ends_the_text_in_use_only_once() {
    let old = key_of(&owner(), None);
    World::default().act(&owner(), |office| {
        let (_, new) = rotate_api_key(office, &old, 60, Some(old.version), &text()).unwrap();
        let again = rotate_api_key(office, &new, 60, Some(old.version), &text());
        assert_eq!(again, Err(Rejection::VersionMismatch { current: new.version }));
        assert!(rotate_api_key(office, &new, 60, Some(new.version), &text()).is_ok());
    });
}

#[test]
fn a_key_asked_for_twice_under_an_id_of_ones_choice_is_made_once() {
    let actor = ActorFacts::Member(owner());
    let id = ApiKeyId::from_uuid(uuid::Uuid::from_u128(7));
    let chosen = NewApiKey { id: Some(id), ..command(None) };
    World::default().act_as(&actor, |office| {
        let (plan, key) = create_api_key(office, &actor, &chosen, None, &text()).unwrap();
        assert_eq!((key.id, &plan.guards), (id, &vec![raise_epoch(&organization())]));
        let again = create_api_key(office, &actor, &chosen, Some(&key), &text());
        assert_eq!(again, Err(Rejection::VersionMismatch { current: key.version }));
    });
}

/// What a plan says of one key: the row it writes, and the event's kind, sequence and permissions.
fn said_of(plan: &Plan) -> (AdministrationChange, EventKind, i64, Option<Fact>) {
    let ([change], [event]) = (&plan.administration[..], &plan.events[..]) else { unreachable!("{plan:?}") };
    (change.clone(), event.kind, event.sequence, event.data.get("permissions").cloned())
}

#[test]
fn r8_4_every_change_of_a_key_writes_its_row_and_one_event() {
    let (plan, key) = make(&clerk(), &command(Some(&["events.read"]))).unwrap();
    let permissions = Some(Fact::Words(vec!["events.read".into()]));
    let inserted = AdministrationChange::InsertApiKey(Box::new(key.clone()));
    assert_eq!(said_of(&plan), (inserted, EventKind::ApiKeyCreated, 1, permissions.clone()));
    assert_eq!(plan.events[0].data.get("api_key_id"), Some(&Fact::Text(key.id.to_string())));
    assert_eq!(plan.events[0].actor.id, Some(clerk().membership.id.as_uuid()));
    World::default().act(&clerk(), |office| {
        let (plan, rotated) = rotate_api_key(office, &key, 60, None, &text()).unwrap();
        let updated = AdministrationChange::UpdateApiKey(Box::new(rotated.clone()));
        assert_eq!(said_of(&plan), (updated, EventKind::ApiKeyRotated, 2, permissions.clone()));
        let revoked = ApiKey { revoked_at: Some(now()), version: 3, ..rotated.clone() };
        let updated = AdministrationChange::UpdateApiKey(Box::new(revoked));
        let plan = revoke_api_key(office, &rotated).unwrap();
        assert_eq!(said_of(&plan), (updated, EventKind::ApiKeyRevoked, 3, permissions));
    });
    let (plan, _) = make(&owner(), &command(None)).unwrap();
    assert_eq!(plan.events[0].data.get("permissions"), Some(&Fact::Text("everything".into())));
}

#[test]
fn a_key_lives_ten_years_at_most() {
    assert_eq!(LONGEST_LIFE, 315_360_000);
}

#[test]
fn r6_2_another_key_gets_the_text_of_none_that_holds_more() {
    let owners = key_of(&owner(), None);
    let small = ApiKey { id: ApiKeyId::from_uuid(uuid::Uuid::from_u128(99)), ..key_of(&clerk(), None) };
    let actor = ActorFacts::ApiKey { key: small, creator: Some(clerk()) };
    World::default().act_as(&actor, |office| {
        let refused = rotate_api_key(office, &owners, 0, None, &text());
        assert!(matches!(refused, Err(Rejection::GrantExceedsAuthority { .. })), "{refused:?}");
    });
}

#[test]
fn a_key_the_operator_made_stays_his_only_where_it_rotates_itself() {
    let operators = ApiKey { by_operator: true, ..key_of(&owner(), None) };
    let itself = ActorFacts::ApiKey { key: operators.clone(), creator: Some(owner()) };
    for (actor, stays) in [(itself, true), (ActorFacts::Member(owner()), false)] {
        World::default().act_as(&actor, |office| {
            let (_, rotated) = rotate_api_key(office, &operators, 0, None, &text()).unwrap();
            assert_eq!(rotated.by_operator, stays);
        });
    }
    let members = key_of(&owner(), None);
    World::default().act(&owner(), |office| {
        assert!(!rotate_api_key(office, &members, 0, None, &text()).unwrap().1.by_operator);
    });
}
