//! Records, codes and sign-in invitations (rules 3.1, 3.3, 5.4, 7.5).

use super::*;
use crate::{
    directory::{Subject, SubjectKind},
    id::SubjectId,
    invitation::{
        Channel, DirectoryChange, EventKind, Guard, Plan, RecipientKind, Rejection, State, UniqueKey,
        decline::decline,
        issue::{Decided, IssueResult, OnConflict, issue},
        judge::judge,
        redeem::{NewAccount, Next, RedeemDecided, preview, redeem},
        resend::{Resend, resend},
    },
    phone::PhoneNumber,
    port::{AccountFacts, SubjectFacts},
};

pub(super) fn phone() -> PhoneNumber {
    PhoneNumber::parse("+33 6 00 00 00 00").unwrap()
}

pub(super) fn subject(kind: SubjectKind, email: Option<&str>, phone: Option<PhoneNumber>) -> Subject {
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

pub(super) fn trucker() -> Subject {
    subject(SubjectKind::Trucker, None, Some(phone()))
}

pub(super) fn issued_to(scene: &Scene, subject: &Subject, person: Option<AccountFacts>) -> Result<Decided, Rejection> {
    let facts = SubjectFacts { subject: subject.clone(), person };
    let facts = IssueFacts { subject: Some(facts), role: None, ..scene.issue_facts() };
    issue(&facts, &Issue::new(Recipient::subject(subject.id), Grant::default()), &scene.ctx())
}

pub(super) fn redemption(scene: &Scene, subject: &Subject, person: Option<AccountFacts>) -> RedemptionFacts {
    let record = issued_to(scene, subject, None).unwrap().record;
    let facts = SubjectFacts { subject: subject.clone(), person };
    RedemptionFacts { subject: Some(facts), ..scene.redemption_facts(&record) }
}

pub(super) fn by_code(scene: &Scene, facts: &RedemptionFacts) -> Result<RedeemDecided, Rejection> {
    redeem(facts, &scene.code(&facts.record.invitation), None, None, &scene.ring, &scene.ctx())
}

/// Who came from the record before, as a guest.
pub(super) fn driver(scene: &Scene, email: &str, verified: bool) -> AccountFacts {
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
    assert_eq!(preview(&facts, &code, None, &scene.ring, scene.now), Ok(Next::Accept));
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
fn r3_3_the_mailed_link_to_ones_own_address_signs_in_everywhere() {
    let scene = Scene::new();
    let record = subject(SubjectKind::Trucker, Some("adele"), None);
    for (address, verified, everywhere) in [("adele", true, true), ("adele", false, true), ("other", true, false)] {
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
fn r5_6_who_reads_the_mail_takes_the_account_over_from_who_used_the_first_code() {
    let scene = Scene::new();
    let mut person = driver(&scene, "adele", false);
    person.account.password = Some(crate::directory::PasswordHash::new("hash"));
    let facts = redemption(&scene, &subject(SubjectKind::Trucker, Some("adele"), None), Some(person.clone()));
    let token = scene.token(&facts.record.invitation, Provenance::Mailed);
    let decided = redeem(&facts, &token, None, None, &scene.ring, &scene.ctx()).unwrap();
    assert!(decided.account.email_verified && decided.account.password.is_none());
    let ends = DirectoryChange::EndCredentials(person.account.id, scene.now);
    assert_eq!(decided.plan.directory.first(), Some(&ends), "before the new session begins");
    assert_eq!(decided.member.membership, person.member.unwrap().membership, "and the membership stays");
}

#[test]
fn r5_4_where_mailbox_proof_is_required_a_code_does_not_sign_in_again() {
    let mut scene = Scene::new();
    scene.organization.policy.require_mailbox_proof = true;
    let record = subject(SubjectKind::Trucker, Some("adele"), Some(phone()));
    let facts = redemption(&scene, &record, Some(driver(&scene, "adele", true)));
    assert_eq!(by_code(&scene, &facts).map(drop), Err(Rejection::MailboxProofRequired));
    for (provenance, good) in [(Provenance::Mailed, true), (Provenance::Texted, false), (Provenance::Revealed, false)] {
        let token = scene.token(&facts.record.invitation, provenance);
        let decided = redeem(&facts, &token, None, None, &scene.ring, &scene.ctx());
        assert_eq!(decided.is_ok(), good, "{provenance:?}");
    }
}

#[test]
fn r6_2_nobody_sees_a_code_that_may_open_more_than_he_holds() {
    let owner = Scene::new();
    let record = issued_to(&owner, &trucker(), None).unwrap().record;
    for (role, allowed) in [(SystemRole::Admin, false), (SystemRole::Owner, true)] {
        let other = Scene { organization: owner.organization.clone(), ..Scene::acted_by(role) };
        let facts = other.facts(&record);
        let seen = crate::invitation::sponsor::reveal(&facts, &other.ctx());
        assert_eq!(seen.is_ok(), allowed, "{role:?}: the code may open what the inviter holds");
        assert!(resend(&facts, &Resend::default(), &other.ctx()).is_ok(), "{role:?}: unseen, it does no harm");
        let shown = Resend { reveal: crate::invitation::issue::Reveal::Asked, ..Resend::default() };
        assert_eq!(resend(&facts, &shown, &other.ctx()).is_ok(), allowed, "{role:?}");
        // Where the facts tell who came from the record, that is what counts.
        for (person, may_see) in [
            (None, true),
            (Some(driver(&other, "adele", true)), true),
            (
                Some(AccountFacts {
                    member: Some(member_facts(&owner.organization, 9, SystemRole::Owner)),
                    ..driver(&other, "adele", true)
                }),
                allowed,
            ),
        ] {
            let facts = IssueFacts {
                subject: Some(SubjectFacts { subject: trucker(), person }),
                holder: Some(record.clone()),
                role: None,
                ..other.issue_facts()
            };
            let command = Issue {
                on_conflict: OnConflict::Resend,
                reveal: crate::invitation::issue::Reveal::WherePermitted,
                ..Issue::new(Recipient::subject(trucker().id), Grant::default())
            };
            assert_eq!(issue(&facts, &command, &other.ctx()).unwrap().shown, may_see, "{role:?}");
        }
        // An address has no one behind it yet: there the grant is all there is to see.
        let plain = owner.issued("ada");
        assert!(crate::invitation::sponsor::reveal(&other.facts(&plain), &other.ctx()).is_ok(), "{role:?}");
    }
}

#[test]
fn r6_2_nobody_but_the_operator_lets_in_again_whose_role_is_the_operators_to_give() {
    let scene = Scene::new();
    let mut person = driver(&scene, "adele", true);
    let role = role(&scene.organization, SystemRole::Gatego(crate::access::GategoRole::SignupService));
    if let Some(member) = &mut person.member {
        member.membership.role_id = Some(role.id);
        member.role = Some(role);
    }
    let refused = by_code(&scene, &redemption(&scene, &trucker(), Some(person.clone()))).map(drop);
    assert!(matches!(refused, Err(Rejection::Suspended { .. })), "an owner covers it and may not: {refused:?}");
    let mut facts = redemption(&scene, &trucker(), Some(person));
    facts.record.inviter = ActorFacts::Operator { id: crate::id::ApiKeyId::from_uuid(Uuid::from_u128(5)) };
    assert!(by_code(&scene, &facts).is_ok());
}

#[test]
fn r2_5_a_preview_says_what_the_redemption_of_a_sign_in_invitation_would() {
    let scene = Scene::acted_by(SystemRole::Admin);
    let mut person = driver(&scene, "adele", true);
    person.member = Some(member_facts(&scene.organization, 9, SystemRole::Owner));
    let facts = redemption(&scene, &trucker(), Some(person));
    let told = preview(&facts, &scene.code(&facts.record.invitation), None, &scene.ring, scene.now);
    assert!(matches!(told, Err(Rejection::Suspended { .. })), "{told:?}");
}

#[test]
fn r4_7_who_declines_by_a_link_sent_to_him_blocks_the_record_and_where_the_link_went() {
    use crate::invitation::AdministrationChange;
    let scene = Scene::new();
    let record = subject(SubjectKind::Trucker, Some("adele"), Some(phone()));
    let facts = redemption(&scene, &record, None);
    let keys = |provenance| {
        let token = scene.token(&facts.record.invitation, provenance);
        let decided = decline(&facts, &token, true, &scene.ring, &scene.ctx()).unwrap();
        let key = |change: &AdministrationChange| match change {
            AdministrationChange::Block(_, key, _) => key.as_str().to_owned(),
            other => unreachable!("{other:?}"),
        };
        decided.plan.administration.iter().map(key).collect::<Vec<_>>()
    };
    let own = format!("subject:{}", record.id);
    assert_eq!(keys(Provenance::Mailed), [own.clone(), "email:adele@example.org".into()]);
    assert_eq!(keys(Provenance::Texted), [own, "phone:+33600000000".into()]);
    assert!(keys(Provenance::Revealed).is_empty());
}

#[test]
fn r4_4_a_message_to_mailbox_and_phone_counts_as_two() {
    let scene = Scene::new();
    let record = subject(SubjectKind::Trucker, Some("adele"), Some(phone()));
    let record = issued_to(&scene, &record, None).unwrap().record;
    let mut facts = scene.facts(&record);
    facts.messages = vec![scene.now; 3];
    assert!(resend(&facts, &Resend::default(), &scene.ctx()).is_ok());
    facts.messages = vec![scene.now; 4];
    let refused = resend(&facts, &Resend::default(), &scene.ctx());
    assert!(matches!(refused, Err(Rejection::TooManyMessages { .. })), "{refused:?}");
}

#[test]
fn r3_2_sending_again_after_a_record_gained_a_number_goes_there_too() {
    let scene = Scene::new();
    let before = subject(SubjectKind::Trucker, Some("adele"), None);
    let first = issued_to(&scene, &before, None).unwrap().record;
    let after = Subject { phone: Some(phone()), version: 5, ..before };
    let facts = IssueFacts {
        subject: Some(SubjectFacts { subject: after.clone(), person: None }),
        holder: Some(first.clone()),
        role: None,
        ..scene.issue_facts()
    };
    let command =
        Issue { on_conflict: OnConflict::Resend, ..Issue::new(Recipient::subject(after.id), Grant::default()) };
    let decided = issue(&facts, &command, &scene.ctx()).unwrap();
    assert_eq!(decided.record.invitation.channels, [Channel::Email, Channel::Sms]);
    assert_ne!(decided.record.invitation.id, first.invitation.id);
    assert_eq!(decided.result, IssueResult::Replaced);
    let plan = decided.plan.unwrap();
    assert!(matches!(plan.invitations[0].invitation().state, State::Revoked { .. }), "the old one is withdrawn");
}

#[test]
fn r7_1_the_grant_digest_covers_where_a_records_invitation_goes() {
    let scene = Scene::new();
    let mut facts = redemption(&scene, &subject(SubjectKind::Trucker, Some("adele"), None), None);
    let token = scene.token(&facts.record.invitation, Provenance::Mailed);
    assert_eq!(judge(&facts, &token, &scene.ring, scene.now), Ok(()));
    if let Recipient::Subject(recipient) = &mut facts.record.invitation.recipient {
        recipient.email = Some(address("eve"));
    }
    assert_eq!(judge(&facts, &token, &scene.ring, scene.now), Err(Rejection::NotGenuine));
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

#[test]
fn r2_3_a_truckers_code_lives_as_long_as_it_may_and_a_contacts_link_as_usual() {
    let scene = Scene::new();
    let contact = subject(SubjectKind::Contact, Some("adele"), None);
    for (subject, days) in [(trucker(), 90), (contact, 7)] {
        let invitation = issued_to(&scene, &subject, None).unwrap().record.invitation;
        assert_eq!(invitation.expires_at, scene.now + seconds(days * DAY), "{:?}", subject.kind);
    }
}

#[test]
fn r3_2_an_expired_invitation_of_a_record_is_withdrawn_by_the_next_one() {
    let mut scene = Scene::new();
    let first = issued_to(&scene, &trucker(), None).unwrap().record;
    scene.wait(90 * DAY);
    let facts = IssueFacts {
        subject: Some(SubjectFacts { subject: trucker(), person: None }),
        holder: Some(first),
        role: None,
        ..scene.issue_facts()
    };
    let command = Issue::new(Recipient::subject(trucker().id), Grant::default());
    let plan = issue(&facts, &command, &scene.ctx()).unwrap().plan.unwrap();
    let old = plan.invitations[0].invitation();
    assert!(matches!(&old.state, State::Revoked { reason: Some(reason), .. } if reason == "replaced"), "{old:?}");
}
