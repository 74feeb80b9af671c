//! Records, codes and sign-in invitations (rules 3.1, 3.3, 5.4, 7.5).

use super::*;
use crate::{
    directory::{Subject, SubjectKind},
    id::SubjectId,
    invitation::{
        Channel, DirectoryChange, EventKind, Guard, Plan, RecipientKind, Rejection, State, UniqueKey,
        decline::decline,
        issue::{Decided, issue},
        judge::judge,
        redeem::{NewAccount, Next, RedeemDecided, preview, redeem},
        resend::{Resend, resend},
    },
    phone::PhoneNumber,
    port::{AccountFacts, SubjectFacts},
};

fn phone() -> PhoneNumber {
    PhoneNumber::parse("+33 6 00 00 00 00").unwrap()
}

fn subject(kind: SubjectKind, email: Option<&str>, phone: Option<PhoneNumber>) -> Subject {
    Subject {
        id: SubjectId::from_uuid(Uuid::from_u128(900)),
        number: 1,
        organization_id: organization().id,
        kind,
        parent_id: None,
        own: false,
        remote_id: None,
        email: email.map(address),
        phone,
        name: "Adèle Bouvet".into(),
        profile: "{}".into(),
        created_at: start(),
        updated_at: start(),
        deleted_at: None,
        version: 4,
    }
}

fn trucker() -> Subject {
    subject(SubjectKind::Trucker, None, Some(phone()))
}

fn issued_to(scene: &Scene, subject: &Subject, person: Option<AccountFacts>) -> Result<Decided, Rejection> {
    let facts = SubjectFacts { subject: subject.clone(), person };
    let facts = IssueFacts { subject: Some(facts), role: None, ..scene.issue_facts() };
    issue(&facts, &Issue::new(Recipient::subject(subject.id), Grant::default()), &scene.ctx())
}

fn redemption(scene: &Scene, subject: &Subject, person: Option<AccountFacts>) -> RedemptionFacts {
    let record = issued_to(scene, subject, None).unwrap().record;
    let facts = SubjectFacts { subject: subject.clone(), person };
    RedemptionFacts { subject: Some(facts), ..scene.redemption_facts(&record) }
}

fn by_code(scene: &Scene, facts: &RedemptionFacts) -> Result<RedeemDecided, Rejection> {
    redeem(facts, &scene.code(&facts.record.invitation), None, None, &scene.ring, &scene.ctx())
}

/// Who came from the record before, as a guest.
fn driver(scene: &Scene, email: &str, verified: bool) -> AccountFacts {
    let member = member_facts(&scene.organization, 9, SystemRole::Guest);
    AccountFacts { account: account(9, email, verified), member: Some(member) }
}

fn guards(decided: &Decided) -> Vec<Guard> {
    decided.plan.as_ref().map(|plan: &Plan| plan.guards.clone()).unwrap_or_default()
}

#[test]
fn r3_1_an_invitation_of_a_record_goes_to_the_addresses_it_has_and_holds_it_to_its_version() {
    let scene = Scene::new();
    let both = subject(SubjectKind::Trucker, Some("adele"), Some(phone()));
    let decided = issued_to(&scene, &both, None).unwrap();
    let invitation = &decided.record.invitation;
    assert_eq!(invitation.recipient.kind(), RecipientKind::Subject);
    assert_eq!((invitation.recipient.email(), invitation.recipient.phone()), (both.email.as_ref(), Some(&phone())));
    assert_eq!(invitation.channels, [Channel::Email, Channel::Sms]);
    assert_eq!(decided.plan.as_ref().unwrap().messages.len(), 2);
    let guards = guards(&decided);
    assert!(guards.contains(&Guard::SubjectAt(scene.organization.id, both.id, both.version)));
    let code = UniqueKey::Code(scene.organization.id, invitation.code_index.unwrap());
    assert!(guards.contains(&Guard::Free(code)), "no two live codes of an organisation are the same");
}

#[test]
fn r3_1_who_can_be_invited_is_decided_by_the_kind_of_record() {
    let scene = Scene::new();
    let refused = |subject: &Subject, person| issued_to(&scene, subject, person).map(drop);
    assert_eq!(refused(&subject(SubjectKind::Company, Some("a"), None), None), Err(Rejection::NotInvitable));
    assert_eq!(refused(&subject(SubjectKind::Contact, None, Some(phone())), None), Err(Rejection::NoAddress));
    let contact = subject(SubjectKind::Contact, Some("adele"), None);
    assert_eq!(refused(&contact, None), Ok(()));
    let registered = Some(driver(&scene, "adele", true));
    assert_eq!(refused(&contact, registered.clone()), Err(Rejection::AlreadyMember { switched_off: false }));
    assert_eq!(refused(&trucker(), registered), Ok(()), "a trucker is let in again");
    assert_eq!(refused(&subject(SubjectKind::Trucker, None, None), None), Ok(()), "a code can be handed over");
    let facts = IssueFacts { role: None, ..scene.issue_facts() };
    let command = Issue::new(Recipient::subject(SubjectId::from_uuid(Uuid::nil())), Grant::default());
    assert!(matches!(issue(&facts, &command, &scene.ctx()), Err(Rejection::Invalid(_))), "an unknown record");
}

#[test]
fn r3_1_a_channel_that_leads_nowhere_is_refused_at_issue_and_at_resend() {
    let scene = Scene::new();
    let command = Issue { channels: Some(vec![Channel::Sms]), ..scene.invite("ada") };
    assert!(matches!(issue(&scene.issue_facts(), &command, &scene.ctx()), Err(Rejection::Invalid(_))));
    let record = scene.issued("ada");
    let command = Resend { channels: Some(vec![Channel::Sms]), ..Resend::default() };
    assert!(matches!(resend(&scene.facts(&record), &command, &scene.ctx()), Err(Rejection::Invalid(_))));
}

#[test]
fn r2_3_an_invitation_of_a_record_may_live_90_days_and_any_other_30() {
    let scene = Scene::new();
    let lives = |days: i64| {
        let subject = trucker();
        let facts = SubjectFacts { subject: subject.clone(), person: None };
        let facts = IssueFacts { subject: Some(facts), role: None, ..scene.issue_facts() };
        let command = Issue::new(Recipient::subject(subject.id), Grant::default());
        issue(&facts, &Issue { expires_in: Some(days * DAY), ..command }, &scene.ctx()).is_ok()
    };
    assert!(lives(90) && !lives(91));
    let command = Issue { expires_in: Some(31 * DAY), ..scene.invite("ada") };
    assert!(issue(&scene.issue_facts(), &command, &scene.ctx()).is_err());
}

#[test]
fn r5_4_a_code_makes_a_new_account_whose_address_stays_unverified() {
    let scene = Scene::new();
    let facts = redemption(&scene, &subject(SubjectKind::Trucker, Some("adele"), Some(phone())), None);
    let decided = by_code(&scene, &facts).unwrap();
    assert_eq!(decided.account.email, Some(address("adele")));
    assert!(!decided.account.email_verified);
    assert_eq!(decided.account.name.as_deref(), Some("Adèle Bouvet"), "a record's own name is the default");
    assert_eq!(decided.account.phone, Some(phone()));
    assert_eq!(decided.member.membership.subject_id, Some(SubjectId::from_uuid(Uuid::from_u128(900))));
    assert_eq!(decided.invitation.code_index, None, "it was used");
    assert_eq!(decided.session.unwrap().1.organization_id, None);
    let how = decided.plan.events[0].data.get("provenance").cloned();
    assert_eq!(how, Some("code".into()));
}

#[test]
fn a_person_without_an_address_gets_an_account_without_one() {
    let scene = Scene::new();
    let decided = by_code(&scene, &redemption(&scene, &trucker(), None)).unwrap();
    assert_eq!((decided.account.email, decided.account.email_verified), (None, false));
    assert!(!decided.plan.guards.iter().any(|guard| matches!(guard, Guard::Free(UniqueKey::AccountAddress(_)))));
}

#[test]
fn r7_3_a_code_never_joins_an_existing_account_without_its_sign_in() {
    let scene = Scene::new();
    let mut facts = redemption(&scene, &subject(SubjectKind::Trucker, Some("adele"), None), None);
    for verified in [true, false] {
        facts.at_address = Some(AccountFacts { account: account(9, "adele", verified), member: None });
        assert_eq!(by_code(&scene, &facts).map(drop), Err(Rejection::SignInRequired), "verified: {verified}");
    }
    facts.caller = facts.at_address.clone();
    assert!(by_code(&scene, &facts).is_ok(), "signed in is consent");
    facts.caller = Some(AccountFacts { account: account(8, "eve", true), member: None });
    assert!(matches!(by_code(&scene, &facts).map(drop), Err(Rejection::WrongRecipient { .. })));
}

#[test]
fn r5_4_where_mailbox_proof_is_required_a_code_is_not_enough_unless_there_is_no_mailbox() {
    let mut scene = Scene::new();
    scene.organization.policy.require_mailbox_proof = true;
    let facts = redemption(&scene, &subject(SubjectKind::Trucker, Some("adele"), None), None);
    assert_eq!(by_code(&scene, &facts).map(drop), Err(Rejection::MailboxProofRequired));
    assert!(by_code(&scene, &redemption(&scene, &trucker(), None)).is_ok());
}

#[test]
fn r7_5_a_code_is_good_as_long_as_its_generation_and_then_is_nothing_at_all() {
    let mut scene = Scene::new();
    let record = scene.issued("ada");
    let code = scene.code(&record.invitation);
    let facts = scene.redemption_facts(&record);
    assert_eq!(judge(&facts, &code, &scene.ring, scene.now), Ok(()));
    let resent = resend(&scene.facts(&record), &Resend::default(), &scene.ctx()).unwrap().record;
    assert_ne!(resent.invitation.code_index, record.invitation.code_index);
    let after = scene.redemption_facts(&resent);
    assert_eq!(judge(&after, &code, &scene.ring, scene.now), Err(Rejection::NotGenuine), "nothing is explained");
    scene.wait(7 * DAY);
    let expired = judge(&facts, &code, &scene.ring, scene.now);
    assert!(matches!(expired, Err(Rejection::Dead(_))), "a genuine one is told why: {expired:?}");
}

#[test]
fn r4_7_whoever_declines_by_a_code_blocks_nothing() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let facts = scene.redemption_facts(&record);
    let declined = decline(&facts, &scene.code(&record.invitation), true, &scene.ring, &scene.ctx()).unwrap();
    assert!(!declined.blocked);
}

#[test]
fn r3_3_a_second_code_of_a_trucker_signs_in_and_adds_nothing() {
    let scene = Scene::new();
    let person = driver(&scene, "adele", false);
    let facts = redemption(&scene, &trucker(), Some(person.clone()));
    let code = scene.code(&facts.record.invitation);
    assert_eq!(preview(&facts, &code, &scene.ring, scene.now), Ok(Next::Accept));
    let decided = by_code(&scene, &facts).unwrap();
    assert_eq!(decided.account, person.account);
    assert_eq!(decided.member, MemberFacts { name: person.account.name.clone(), ..person.member.clone().unwrap() });
    let (_, session) = decided.session.unwrap();
    assert_eq!(session.organization_id, Some(scene.organization.id), "whoever saw the code is nobody elsewhere");
    assert!(matches!(
        &decided.plan.directory[..],
        [DirectoryChange::InsertSession(_), DirectoryChange::NoteSignIn(id, at)]
            if *id == person.account.id && *at == scene.now
    ));
    assert!(decided.plan.redemption.is_some());
    let kinds: Vec<_> = decided.plan.events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::InvitationRedeemed]);
    assert!(matches!(decided.invitation.state, State::Redeemed { .. }));
}

#[test]
fn r3_3_the_mailed_link_to_ones_own_verified_address_signs_in_everywhere() {
    let scene = Scene::new();
    let record = subject(SubjectKind::Trucker, Some("adele"), None);
    for (address, verified, everywhere) in [("adele", true, true), ("adele", false, false), ("other", true, false)] {
        let facts = redemption(&scene, &record, Some(driver(&scene, address, verified)));
        for provenance in [Provenance::Mailed, Provenance::Revealed] {
            let token = scene.token(&facts.record.invitation, provenance);
            let decided = redeem(&facts, &token, None, None, &scene.ring, &scene.ctx()).unwrap();
            let full = everywhere && provenance == Provenance::Mailed;
            let only = decided.session.unwrap().1.organization_id;
            assert_eq!(only.is_none(), full, "{address} {verified} {provenance:?}");
        }
    }
}

#[test]
fn r3_3_nobody_is_let_in_again_above_the_inviter_nor_while_switched_off_nor_as_somebody_else() {
    let scene = Scene::acted_by(SystemRole::Admin);
    let mut person = driver(&scene, "adele", true);
    person.member = Some(member_facts(&scene.organization, 9, SystemRole::Owner));
    let above = by_code(&scene, &redemption(&scene, &trucker(), Some(person.clone()))).map(drop);
    assert!(matches!(above, Err(Rejection::Suspended { .. })), "{above:?}");
    let mut off = driver(&scene, "adele", true);
    if let Some(member) = &mut off.member {
        member.membership.active = false;
    }
    let off = by_code(&scene, &redemption(&scene, &trucker(), Some(off))).map(drop);
    assert_eq!(off, Err(Rejection::MembershipInactive));
    let mut facts = redemption(&scene, &trucker(), Some(driver(&scene, "adele", true)));
    facts.caller = Some(AccountFacts { account: account(8, "eve", true), member: None });
    assert!(matches!(by_code(&scene, &facts).map(drop), Err(Rejection::WrongRecipient { .. })));
    facts.caller = facts.subject.as_ref().unwrap().person.clone();
    assert!(by_code(&scene, &facts).unwrap().session.is_none(), "signed in already");
}

#[test]
fn a_client_that_may_be_nameless_gives_no_name() {
    let scene = Scene::new();
    let facts = scene.redemption_facts(&scene.issued("ada"));
    let token = scene.token(&facts.record.invitation, Provenance::Mailed);
    let details = NewAccount { may_be_nameless: true, ..NewAccount::default() };
    let decided = redeem(&facts, &token, Some(&details), None, &scene.ring, &scene.ctx()).unwrap();
    assert_eq!(decided.account.name, None);
    assert_eq!(decided.account.display_name(), Some("ada@example.org"));
}
