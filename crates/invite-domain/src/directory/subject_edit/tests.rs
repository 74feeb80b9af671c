use super::*;
use crate::{
    access::{
        ActorFacts, Grant, MemberFacts, SystemRole,
        test_support::{World, member, now, organization, system},
    },
    directory::Account,
    id::AccountId,
    invitation::issue::{Issue, issue},
    port::{AccountFacts, IssueFacts, SubjectFacts},
};

fn company() -> Subject {
    Subject {
        id: SubjectId::from_uuid(uuid::Uuid::from_u128(1)),
        number: 1,
        organization_id: organization().id,
        kind: SubjectKind::Company,
        parent_id: None,
        own: true,
        remote_id: None,
        email: None,
        phone: None,
        name: "Acme".into(),
        profile: "{}".into(),
        created_at: now(),
        updated_at: now(),
        deleted_at: None,
        version: 3,
    }
}

fn facts(record: Option<Subject>) -> SubjectAdministration {
    SubjectAdministration {
        organization: organization(),
        actor: ActorFacts::Unknown,
        record: record.map(|subject| SubjectRecord {
            subject,
            company: Some(company()),
            person: None,
            invitation: None,
            managers: Vec::new(),
        }),
        company: Some(company()),
        id_taken: false,
        remote_id_holder: None,
    }
}

fn contact() -> NewSubject {
    NewSubject {
        kind: SubjectKind::Contact,
        id: None,
        company: Some(SubjectRef::Number(1)),
        remote_id: Some("CONTACT_123".into()),
        email: EmailAddress::parse("adele@example.org").ok(),
        phone: None,
        name: " Adèle Bouvet ".into(),
        profile: "{}".into(),
    }
}

fn act<T>(rule: impl FnOnce(&Administrator<'_>) -> T) -> T {
    World::default().act(&member(7, Some(system(SystemRole::Owner)), &[]), rule)
}

fn made() -> Subject {
    act(|administrator| create(administrator, &facts(None), &contact())).unwrap().1
}

/// The record's facts, with an open invitation that went to its addresses.
fn invited(subject: &Subject) -> SubjectAdministration {
    let actor = ActorFacts::Member(member(7, Some(system(SystemRole::Owner)), &[]));
    let issue_facts = IssueFacts {
        subject: Some(SubjectFacts { subject: subject.clone(), person: None }),
        ..IssueFacts::unhindered(organization(), actor, None)
    };
    let command = Issue::new(Recipient::subject(subject.id), Grant::default());
    let record = issue(&issue_facts, &command, &World::default().context()).unwrap().record;
    let mut facts = facts(Some(subject.clone()));
    facts.record.as_mut().unwrap().invitation = Some(record);
    facts
}

#[test]
fn a_new_record_is_written_once_under_its_company_and_its_remote_id() {
    let (plan, subject) = act(|administrator| create(administrator, &facts(None), &contact())).unwrap();
    assert_eq!((subject.name.as_str(), subject.parent_id, subject.version), ("Adèle Bouvet", Some(company().id), 1));
    let organization = organization().id;
    for guard in [
        Guard::Free(UniqueKey::Subject(organization, subject.id)),
        Guard::Free(UniqueKey::SubjectRemoteId(organization, SubjectKind::Contact, "CONTACT_123".into())),
        Guard::SubjectAt(organization, company().id, company().version),
    ] {
        assert!(plan.guards.contains(&guard), "{guard:?}");
    }
    assert_eq!(plan.events[0].kind, EventKind::SubjectCreated);
    let told = format!("{:?}", plan.events);
    assert!(!told.contains("Adèle") && !told.contains("adele@"), "no name and no address in the trail");
}

#[test]
fn everything_wrong_with_a_new_record_is_said_at_once() {
    let facts =
        SubjectAdministration { company: None, id_taken: true, remote_id_holder: Some(company().id), ..facts(None) };
    let command = NewSubject { name: "  ".into(), ..contact() };
    let Err(Rejection::Invalid(errors)) = act(|administrator| create(administrator, &facts, &command)) else {
        unreachable!("refused")
    };
    let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/name", "/remote_id", "/id", "/company"]);
    let nameless = NewSubject { company: None, ..contact() };
    assert!(act(|administrator| create(administrator, &self::facts(None), &nameless)).is_err(), "a contact names one");
    let trucker = NewSubject { kind: SubjectKind::Trucker, company: None, ..contact() };
    let (_, trucker) = act(|administrator| create(administrator, &self::facts(None), &trucker)).unwrap();
    assert_eq!(trucker.parent_id, Some(company().id), "a trucker is the organisation's own");
    let firm = NewSubject { kind: SubjectKind::Company, ..contact() };
    assert_eq!(act(|administrator| create(administrator, &self::facts(None), &firm)).unwrap().1.parent_id, None);
}

#[test]
fn a_change_writes_the_next_version_and_nothing_where_nothing_changes() {
    let subject = made();
    let same = ChangeSubject { name: Some(subject.name.clone()), ..ChangeSubject::default() };
    assert_eq!(act(|administrator| change(administrator, &facts(Some(subject.clone())), &same)), Ok(None));
    let command = ChangeSubject { remote_id: Some(None), name: Some("Ada".into()), ..ChangeSubject::default() };
    let changed = act(|administrator| change(administrator, &facts(Some(subject.clone())), &command)).unwrap();
    let (plan, next) = changed.unwrap();
    assert_eq!((next.name.as_str(), next.remote_id.as_deref(), next.version), ("Ada", None, subject.version + 1));
    assert!(plan.guards.contains(&Guard::SubjectAt(organization().id, subject.id, subject.version)));
    assert_eq!(act(|administrator| change(administrator, &facts(None), &command)), Err(Rejection::NotFound));
}

#[test]
fn a_record_that_leaves_the_address_its_invitation_went_to_withdraws_it() {
    let subject = made();
    let facts = invited(&subject);
    let moved = ChangeSubject { email: Some(EmailAddress::parse("ada@example.org").ok()), ..ChangeSubject::default() };
    let (plan, _) = act(|administrator| change(administrator, &facts, &moved)).unwrap().unwrap();
    assert!(matches!(plan.invitations[0].invitation().state, State::Revoked { .. }));
    assert_eq!(plan.cancel_messages.len(), 1);
    let renamed = ChangeSubject {
        name: Some("Ada".into()),
        phone: Some(PhoneNumber::parse("+33600000000").ok()),
        ..ChangeSubject::default()
    };
    let (plan, _) = act(|administrator| change(administrator, &facts, &renamed)).unwrap().unwrap();
    assert_eq!((plan.invitations, plan.cancel_messages), (vec![], vec![]), "a new number takes nothing away");
}

#[test]
fn r6_2_nobody_turns_the_messages_of_somebody_above_them() {
    let mut facts = facts(Some(made()));
    let account = Account::new(AccountId::from_uuid(uuid::Uuid::from_u128(3)), None, now());
    let owner = member(3, Some(system(SystemRole::Owner)), &[]);
    facts.record.as_mut().unwrap().person = Some(AccountFacts { account, member: Some(owner) });
    let admin = member(8, Some(system(SystemRole::Admin)), &[]);
    let edit = |actor: &MemberFacts, command: &ChangeSubject| {
        World::default().act(actor, |administrator| change(administrator, &facts, command)).map(drop)
    };
    let moved = ChangeSubject { email: Some(None), ..ChangeSubject::default() };
    let texted = ChangeSubject { phone: Some(PhoneNumber::parse("+33600000000").ok()), ..ChangeSubject::default() };
    for command in [&moved, &texted] {
        let refused = edit(&admin, command);
        assert!(matches!(refused, Err(Rejection::GrantExceedsAuthority { .. })), "{refused:?}");
    }
    let renamed = ChangeSubject { name: Some("Ada".into()), ..ChangeSubject::default() };
    assert_eq!(edit(&admin, &renamed), Ok(()));
    assert_eq!(edit(&member(7, Some(system(SystemRole::Owner)), &[]), &moved), Ok(()));
}

#[test]
fn a_change_made_for_another_version_is_refused() {
    let subject = made();
    let command = ChangeSubject { name: Some("Ada".into()), if_match: Some(7), ..ChangeSubject::default() };
    let refused = act(|administrator| change(administrator, &facts(Some(subject.clone())), &command));
    assert_eq!(refused, Err(Rejection::VersionMismatch { current: subject.version }));
}

#[test]
fn deleting_a_record_withdraws_its_invitation_or_makes_sure_there_is_none() {
    let subject = made();
    let plan = act(|administrator| delete(administrator, &invited(&subject))).unwrap();
    assert!(matches!(plan.invitations[0].invitation().state, State::Revoked { .. }));
    let plan = act(|administrator| delete(administrator, &facts(Some(subject.clone())))).unwrap();
    let live = UniqueKey::Live(organization().id, Recipient::subject(subject.id).live_key());
    assert!(plan.guards.contains(&Guard::Free(live)), "one that is issued meanwhile makes the plan stale");
    let own = act(|administrator| delete(administrator, &facts(Some(company()))));
    assert!(matches!(own, Err(Rejection::Invalid(_))), "the organisation's own company stays");
    let plan = act(|administrator| delete(administrator, &facts(Some(subject.clone())))).unwrap();
    let [AdministrationChange::UpdateSubject(gone)] = &plan.administration[..] else { unreachable!("{plan:?}") };
    assert_eq!(
        (gone.email.as_ref(), gone.name.as_str(), gone.profile.as_str()),
        (None, "", "{}"),
        "nothing personal stays"
    );
}
