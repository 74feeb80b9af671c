//! Who redeems: what a person says, what is proven, and what becomes of the account (rules 5.4 to 5.6, 5.10).

use super::{
    redeeming::{details, person, redeemed},
    subjects::{by_code, driver, redemption, subject, trucker},
    *,
};
use crate::{
    directory::{PasswordHash, SubjectKind, Username, VerifiedIdentity},
    invitation::{
        DirectoryChange, Guard, MessageKind, NoticeKind, Reason, Rejection, UniqueKey,
        context::same_epoch,
        redeem::{NewAccount, Next, PasswordUse, RedeemDecided, password_use, preview, redeem},
        resend::{Resend, resend},
    },
    phone::PhoneNumber,
    port::AccountFacts,
};

fn identity(email: Option<&str>, trusted: bool) -> VerifiedIdentity {
    VerifiedIdentity {
        issuer: "https://id.example.org".into(),
        subject: "s-1".into(),
        email: email.map(address),
        email_trusted: trusted,
        name: Some(" Ada Byron ".into()),
    }
}

fn by(identity: VerifiedIdentity) -> NewAccount {
    NewAccount { identity: Some(Box::new(identity)), ..NewAccount::default() }
}

fn redeemed_as(
    scene: &Scene,
    facts: &RedemptionFacts,
    details: &NewAccount,
    provenance: Provenance,
) -> Result<RedeemDecided, Rejection> {
    let token = scene.token(&facts.record.invitation, provenance);
    redeem(facts, &token, Some(details), None, &scene.ring, &scene.ctx())
}

fn links(decided: &RedeemDecided) -> bool {
    decided.plan.directory.iter().any(|change| matches!(change, DirectoryChange::LinkIdentity(_)))
}

#[test]
fn r5_5_what_a_new_person_says_of_themselves_is_the_accounts() {
    let scene = Scene::new();
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    let said = NewAccount {
        locale: Some("fr".into()),
        phone: Some(PhoneNumber::parse("+33600000000").unwrap()),
        username: Some(Username::parse("Ada.L").unwrap()),
        profile: Some("{\"badge\":7}".into()),
        ..details()
    };
    let token = scene.token(&facts.record.invitation, Provenance::Mailed);
    let hash = PasswordHash::new("$own$");
    let decided = redeem(&facts, &token, Some(&said), Some(hash.clone()), &scene.ring, &scene.ctx()).unwrap();
    let account = &decided.account;
    assert_eq!((account.name.as_deref(), account.password.as_ref()), (Some("Ada Lovelace"), Some(&hash)));
    assert_eq!((&account.locale, &account.phone), (&said.locale, &said.phone));
    assert_eq!((&account.username, &account.profile), (&said.username, &said.profile));
    assert_eq!(decided.member.name.as_deref(), Some("Ada Lovelace"));

    facts.record.invitation.locale = Some("de".into());
    let decided = redeemed(&scene, &facts, Provenance::Mailed).unwrap();
    assert_eq!(decided.account.locale.as_deref(), Some("de"), "the invitation's, where nothing is said");
}

#[test]
fn r5_1_a_redemption_is_one_plan_whose_guards_name_all_it_rests_on() {
    let scene = Scene::new();
    let facts = scene.redemption_facts(&scene.issued("ada"));
    let said = NewAccount { username: Some(Username::parse("Ada.L").unwrap()), ..details() };
    let decided = redeemed_as(&scene, &facts, &said, Provenance::Mailed).unwrap();
    let old = &facts.record.invitation;
    let free = [
        UniqueKey::AccountAddress("ada@example.org".into()),
        UniqueKey::Username("ada.l".into()),
        UniqueKey::Membership(scene.organization.id, decided.account.id),
    ];
    let mut guards = vec![same_epoch(&scene.organization)];
    guards.extend(free.map(Guard::Free));
    guards.push(Guard::InvitationAt(old.id, 1));
    assert_eq!(decided.plan.guards, guards);
    assert_eq!(decided.plan.cancel_messages, [(old.id, Reason::InvitationEnded)]);
    let new = decided.plan.invitations[0].invitation();
    assert_eq!((new, new.version, &new.live_key), (&decided.invitation, 2, &None));
    let membership = decided.member.membership.id;
    for event in &decided.plan.events {
        assert_eq!((event.invitation_id, event.membership_id), (Some(old.id), Some(membership)), "{event:?}");
        assert_eq!(event.actor.id, Some(decided.account.id.as_uuid()));
    }
    assert_eq!((decided.redemption.invitation_id, decided.redemption.generation), (old.id, 1));
    assert_eq!((decided.redemption.account_id, decided.redemption.membership_id), (decided.account.id, membership));
}

#[test]
fn r4_1_the_redemption_tells_the_generation_of_the_link_that_was_used() {
    let mut scene = Scene::new();
    let record = scene.issued("ada");
    scene.wait(60);
    let second = resend(&scene.facts(&record), &Resend::default(), &scene.ctx()).unwrap().record;
    let decided = redeemed(&scene, &scene.redemption_facts(&second), Provenance::Mailed).unwrap();
    assert_eq!(decided.redemption.generation, 2);
}

#[test]
fn r5_7_a_password_is_hashed_only_for_a_new_person_with_a_name_of_their_own() {
    let scene = Scene::new();
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    let token = scene.token(&facts.record.invitation, Provenance::Mailed);
    let used = |facts: &RedemptionFacts, details: Option<&NewAccount>| {
        password_use(facts, &token, details, &scene.ring, scene.now)
    };
    assert_eq!(used(&facts, Some(&details())), Ok(PasswordUse::Chosen));
    assert!(matches!(used(&facts, None), Err(Rejection::Invalid(_))));
    facts.username_taken = true;
    assert_eq!(used(&facts, Some(&details())), Err(Rejection::UsernameTaken));
    assert_eq!(redeemed(&scene, &facts, Provenance::Mailed).map(drop), Err(Rejection::UsernameTaken));
    facts.at_address = Some(person(9, "ada", true));
    assert_eq!(used(&facts, None), Ok(PasswordUse::Ignored), "an account has its name already");
}

#[test]
fn r5_10_a_new_person_of_another_issuer_is_linked_and_called_as_it_calls_them() {
    let scene = Scene::new();
    let facts = scene.redemption_facts(&scene.issued("ada"));
    let stranger = identity(None, false);
    let decided = redeemed_as(&scene, &facts, &by(stranger.clone()), Provenance::Mailed).unwrap();
    assert_eq!(decided.account.name.as_deref(), Some("Ada Byron"));
    assert!(decided.plan.guards.contains(&Guard::Free(UniqueKey::Identity(stranger.key()))));
    let link = DirectoryChange::LinkIdentity(Box::new(stranger.linked_to(decided.account.id, scene.now)));
    assert!(decided.plan.directory.contains(&link));
    let nameless = VerifiedIdentity { name: Some("  ".into()), ..stranger };
    assert!(matches!(
        redeemed_as(&scene, &facts, &by(nameless), Provenance::Mailed).map(drop),
        Err(Rejection::Invalid(_))
    ));
}

#[test]
fn r5_10_an_address_a_trusted_issuer_proved_counts_as_the_mailbox_and_another_one_as_somebody_else() {
    let scene = Scene::new();
    let facts = scene.redemption_facts(&scene.issued("ada"));
    let token = scene.token(&facts.record.invitation, Provenance::Revealed);
    for (email, trusted, verified, next) in [
        (Some("ada"), true, Some(true), Next::SignUp),
        (Some("ada"), false, Some(false), Next::Accept),
        (Some("eve"), false, Some(false), Next::Accept),
        (Some("eve"), true, None, Next::SwitchAccount),
        (None, true, Some(false), Next::Accept),
    ] {
        let stranger = identity(email, trusted);
        let told = preview(&facts, &token, Some(&stranger), &scene.ring, scene.now);
        assert_eq!(told, Ok(next), "{email:?} {trusted}");
        let decided = redeemed_as(&scene, &facts, &by(stranger), Provenance::Revealed);
        match verified {
            Some(verified) => assert_eq!(decided.unwrap().account.email_verified, verified, "{email:?} {trusted}"),
            None => assert!(matches!(decided.map(drop), Err(Rejection::WrongRecipient { .. }))),
        }
    }
}

#[test]
fn r5_10_who_takes_an_address_over_by_another_issuer_signs_in_by_it_and_a_signed_in_caller_links_nothing() {
    let scene = Scene::new();
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    facts.at_address = Some(person(9, "ada", false));
    let stranger = by(identity(Some("ada"), true));
    let reclaimed = redeemed_as(&scene, &facts, &stranger, Provenance::Revealed).unwrap();
    assert!(links(&reclaimed) && reclaimed.account.version == 4);
    facts.at_address = Some(person(9, "ada", true));
    facts.caller = facts.at_address.clone();
    assert!(!links(&redeemed_as(&scene, &facts, &stranger, Provenance::Revealed).unwrap()));
}

#[test]
fn r5_4_a_signed_in_account_is_verified_by_the_mailed_link_and_by_no_copied_one() {
    let scene = Scene::new();
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    facts.caller = Some(person(9, "ada", false));
    let old = facts.caller.clone().unwrap().account;
    let mailed = redeemed(&scene, &facts, Provenance::Mailed).unwrap();
    assert!(mailed.account.email_verified);
    assert_eq!(mailed.account.version, old.version + 1);
    assert!(mailed.plan.guards.contains(&Guard::AccountAt(old.id, old.version)));
    assert!(mailed.plan.directory.contains(&DirectoryChange::UpdateAccount(Box::new(mailed.account.clone()))));
    let copied = redeemed(&scene, &facts, Provenance::Revealed).unwrap();
    assert_eq!(copied.account, old);
    assert!(matches!(&copied.plan.directory[..], [DirectoryChange::InsertMembership(_)]));
}

#[test]
fn r5_6_the_next_step_of_who_is_signed_in_or_reads_the_mail_of_an_unverified_account() {
    let scene = Scene::new();
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    let token = scene.token(&facts.record.invitation, Provenance::Mailed);
    let next = |facts: &RedemptionFacts| preview(facts, &token, None, &scene.ring, scene.now).unwrap();
    facts.at_address = Some(person(9, "ada", false));
    assert_eq!(next(&facts), Next::SignUp, "the mailbox's owner takes the address over");
    facts.caller = facts.at_address.clone();
    assert_eq!(next(&facts), Next::Accept, "signed in is consent");
    let mut member = member_facts(&scene.organization, 9, SystemRole::Guest);
    member.membership.active = false;
    facts.caller = Some(AccountFacts { member: Some(member), ..person(9, "ada", true) });
    assert_eq!(next(&facts), Next::Accept, "who was switched off is no member to greet");
}

#[test]
fn link_7_somebody_else_is_told_the_invited_address_masked() {
    let scene = Scene::new();
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    facts.caller = Some(person(8, "bob", true));
    let recipient_masked = address("ada").masked();
    assert!(recipient_masked.starts_with("a•••@"));
    let refused = redeemed(&scene, &facts, Provenance::Mailed).map(drop);
    assert_eq!(refused, Err(Rejection::WrongRecipient { recipient_masked }));
}

#[test]
fn r6_3_the_place_of_an_existing_member_is_written_at_its_next_version() {
    let scene = Scene::new();
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    let member = member_facts(&scene.organization, 9, SystemRole::Guest);
    facts.at_address = Some(AccountFacts { member: Some(member.clone()), ..person(9, "ada", true) });
    let decided = redeemed(&scene, &facts, Provenance::Mailed).unwrap();
    let new = &decided.member.membership;
    assert_eq!(new.version, 2);
    assert_eq!(decided.plan.directory, [DirectoryChange::UpdateMembership(Box::new(new.clone()))]);
    assert!(decided.plan.guards.contains(&Guard::MembershipAt(member.membership.id, 1)));
    let event = &decided.plan.events[1];
    assert_eq!((event.sequence, event.invitation_id), (2, Some(facts.record.invitation.id)));
    assert_eq!(decided.plan.limits, [], "nobody new takes a seat");
}

#[test]
fn r8_1_the_inviter_is_told_that_somebody_else_joined() {
    let scene = Scene::new();
    let facts = scene.redemption_facts(&scene.issued("ada"));
    let told = |facts: &RedemptionFacts| redeemed(&scene, facts, Provenance::Mailed).unwrap().plan.messages;
    let reader = AccountId::from_uuid(Uuid::from_u128(301));
    let [message] = &told(&facts)[..] else { panic!("the inviter is told") };
    let (about, invitation_id) = (NoticeKind::Accepted, facts.record.invitation.id);
    assert_eq!(message.kind, MessageKind::Notice { about, invitation_id, account_id: reader });

    let mut own = facts.clone();
    own.at_address = Some(person(1, "ada", true));
    assert!(told(&own).is_empty(), "nobody is told of what they did themselves");
    let mut by_operator = facts.clone();
    by_operator.record.inviter = ActorFacts::Operator { id: crate::id::ApiKeyId::from_uuid(Uuid::from_u128(5)) };
    assert!(told(&by_operator).is_empty());
    let again = redemption(&scene, &trucker(), Some(driver(&scene, "adele", true)));
    assert!(by_code(&scene, &again).unwrap().plan.messages.is_empty(), "to sign in again is to join nothing");
}

#[test]
fn r3_3_the_mailed_link_leaves_a_verified_account_as_it_is() {
    let scene = Scene::new();
    let mut known = driver(&scene, "adele", true);
    known.account.password = Some(PasswordHash::new("$own$"));
    let facts = redemption(&scene, &subject(SubjectKind::Trucker, Some("adele"), None), Some(known.clone()));
    let decided = redeemed(&scene, &facts, Provenance::Mailed).unwrap();
    assert_eq!(decided.account, known.account);
    assert!(decided.plan.guards.contains(&Guard::AccountAt(known.account.id, known.account.version)));
    assert!(matches!(
        &decided.plan.directory[..],
        [DirectoryChange::InsertSession(_), DirectoryChange::NoteSignIn(..)]
    ));
}

#[test]
fn r3_3_a_member_joins_by_a_record_of_their_own_address_and_by_nobody_elses() {
    let scene = Scene::new();
    let member = member_facts(&scene.organization, 9, SystemRole::Guest);
    let caller = AccountFacts { member: Some(member), ..person(9, "adele", true) };
    let contact = subject(SubjectKind::Contact, Some("adele"), None);
    let mut facts = redemption(&scene, &contact, None);
    facts.caller = Some(caller.clone());
    assert!(by_code(&scene, &facts).is_ok());
    let mut facts = redemption(&scene, &trucker(), None);
    facts.caller = Some(caller);
    assert_eq!(by_code(&scene, &facts).map(drop), Err(Rejection::AlreadyMember { switched_off: false }));
}

#[test]
fn r5_4_where_mailbox_proof_is_required_a_code_that_signs_in_again_still_leads_to_the_link() {
    let mut scene = Scene::new();
    scene.organization.policy.require_mailbox_proof = true;
    let record = subject(SubjectKind::Trucker, Some("adele"), None);
    let facts = redemption(&scene, &record, Some(driver(&scene, "adele", true)));
    let code = scene.code(&facts.record.invitation);
    assert_eq!(preview(&facts, &code, None, &scene.ring, scene.now), Ok(Next::Accept));
    let mut other = facts.clone();
    other.caller = Some(person(8, "eve", true));
    assert_eq!(preview(&other, &code, None, &scene.ring, scene.now), Ok(Next::SwitchAccount));
}
