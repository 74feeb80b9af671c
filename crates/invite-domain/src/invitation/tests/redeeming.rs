use super::*;
use crate::{
    directory::PasswordHash,
    invitation::{
        DirectoryChange, EventKind, Rejection, State,
        redeem::{NewAccount, Next, PasswordUse, RedeemDecided, password_use, preview, redeem},
    },
    port::AccountFacts,
};

pub(super) fn details() -> NewAccount {
    NewAccount { name: Some("Ada Lovelace".into()), ..NewAccount::default() }
}

pub(super) fn person(number: u128, name: &str, verified: bool) -> AccountFacts {
    AccountFacts { account: account(number, name, verified), member: None }
}

pub(super) fn redeemed(
    scene: &Scene,
    facts: &RedemptionFacts,
    provenance: Provenance,
) -> Result<RedeemDecided, Rejection> {
    let token = scene.token(&facts.record.invitation, provenance);
    redeem(facts, &token, Some(&details()), None, &scene.ring, &scene.ctx())
}

#[test]
fn r5_1_a_new_person_gets_account_membership_session_and_exactly_the_grant_in_one_plan() {
    let scene = Scene::new();
    let mut command = scene.invite("Ada");
    command.grant.permissions = permissions(&["timesheets.write"]);
    command.grant.default_rate = Some(12_500);
    command.grant.metadata = Some("{\"team\":7}".into());
    let record = crate::invitation::issue::issue(&scene.issue_facts(), &command, &scene.ctx()).unwrap().record;
    let decided = redeemed(&scene, &scene.redemption_facts(&record), Provenance::Mailed).unwrap();
    assert_eq!(decided.account.email.as_ref().unwrap().as_str(), "Ada@example.org");
    assert!(decided.account.email_verified);
    let membership = &decided.member.membership;
    assert_eq!(membership.role_id, command.grant.role_id);
    assert_eq!(membership.permissions, command.grant.permissions);
    assert_eq!((membership.default_rate, membership.metadata.as_deref()), (Some(12_500), Some("{\"team\":7}")));
    assert!(matches!(decided.invitation.state, State::Redeemed { .. }));
    assert_eq!((decided.invitation.uses, decided.invitation.nonce.as_ref()), (1, None));
    assert_eq!(decided.session.as_ref().unwrap().1.account_id, decided.account.id);
    let kinds: Vec<_> = decided.plan.events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::InvitationRedeemed, EventKind::MembershipCreated]);
    assert_eq!(decided.plan.redemption.as_ref(), Some(&decided.redemption));
    assert_eq!(decided.plan.directory.len(), 3);
}

#[test]
fn r5_4_only_a_mailed_link_verifies_the_address() {
    let scene = Scene::new();
    let facts = scene.redemption_facts(&scene.issued("ada"));
    for (provenance, verified) in [
        (Provenance::Mailed, true),
        (Provenance::Revealed, false),
        (Provenance::Answer, false),
        (Provenance::Export, false),
    ] {
        let decided = redeemed(&scene, &facts, provenance).unwrap();
        assert_eq!(decided.account.email_verified, verified, "{provenance:?}");
    }
}

#[test]
fn r5_4_where_mailbox_proof_is_required_a_copied_link_is_not_enough() {
    let mut scene = Scene::new();
    scene.organization.policy.require_mailbox_proof = true;
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    assert_eq!(redeemed(&scene, &facts, Provenance::Revealed).map(drop), Err(Rejection::MailboxProofRequired));
    assert!(redeemed(&scene, &facts, Provenance::Mailed).is_ok());
    facts.caller = Some(person(9, "ada", false));
    assert_eq!(redeemed(&scene, &facts, Provenance::Revealed).map(drop), Err(Rejection::MailboxProofRequired));
    facts.caller = Some(person(9, "ada", true));
    assert!(redeemed(&scene, &facts, Provenance::Revealed).is_ok(), "a verified identity with the address is proof");
}

#[test]
fn r5_5_a_new_person_has_to_say_a_name() {
    let scene = Scene::new();
    let facts = scene.redemption_facts(&scene.issued("ada"));
    let token = scene.token(&facts.record.invitation, Provenance::Mailed);
    for name in [None, Some(""), Some("   "), Some("a\u{0}b"), Some(&*"x".repeat(201))] {
        let details = NewAccount { name: name.map(str::to_owned), ..details() };
        let refused = redeem(&facts, &token, Some(&details), None, &scene.ring, &scene.ctx()).map(drop);
        assert!(matches!(refused, Err(Rejection::Invalid(_))), "{name:?}");
    }
    assert!(redeem(&facts, &token, None, None, &scene.ring, &scene.ctx()).is_err());
}

#[test]
fn r5_6_an_existing_account_joins_by_its_own_consent_alone_and_stays_as_it_is() {
    let scene = Scene::new();
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    facts.at_address = Some(person(9, "ada", true));
    assert_eq!(
        redeemed(&scene, &facts, Provenance::Revealed).map(drop),
        Err(Rejection::SignInRequired),
        "a copied link does not consent for anybody"
    );
    let decided = redeemed(&scene, &facts, Provenance::Mailed).unwrap();
    assert_eq!(decided.account, facts.at_address.as_ref().unwrap().account, "name and password are untouched");
    assert!(decided.session.is_none(), "a mailed link signs nobody in");
    assert!(matches!(&decided.plan.directory[..], [DirectoryChange::InsertMembership(_)]));
    facts.caller = facts.at_address.clone();
    assert!(redeemed(&scene, &facts, Provenance::Revealed).is_ok(), "signed in is consent");
}

#[test]
fn r5_6_where_sign_in_is_required_the_mailed_link_alone_does_not_join_an_existing_account() {
    let mut scene = Scene::new();
    scene.organization.policy.require_verified_sign_in = true;
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    facts.at_address = Some(person(9, "ada", true));
    assert_eq!(redeemed(&scene, &facts, Provenance::Mailed).map(drop), Err(Rejection::SignInRequired));
    facts.caller = facts.at_address.clone();
    assert!(redeemed(&scene, &facts, Provenance::Mailed).is_ok());
}

#[test]
fn mail_4_a_squatter_on_the_address_loses_its_credentials_before_the_true_owner_joins() {
    let scene = Scene::new();
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    let mut squatter = person(9, "ada", false);
    squatter.account.password = Some(PasswordHash::new("$squatter$"));
    facts.at_address = Some(squatter);
    let token = scene.token(&facts.record.invitation, Provenance::Mailed);
    assert_eq!(password_use(&facts, &token, None, &scene.ring, scene.now), Ok(PasswordUse::Chosen));
    let own = PasswordHash::new("$own$");
    let decided = redeem(&facts, &token, Some(&details()), Some(own.clone()), &scene.ring, &scene.ctx()).unwrap();
    assert_eq!(decided.account.password, Some(own));
    assert!(decided.account.email_verified);
    let [DirectoryChange::EndCredentials(ended, _), DirectoryChange::UpdateAccount(updated), ..] =
        &decided.plan.directory[..]
    else {
        panic!("credentials end first: {:?}", decided.plan.directory);
    };
    assert_eq!((*ended, updated.id), (decided.account.id, decided.account.id));
    let without = redeemed(&scene, &facts, Provenance::Mailed).unwrap();
    assert_eq!(without.account.password, None, "the squatter's password is gone, chosen anew or not");
}

#[test]
fn link_7_somebody_else_signed_in_is_told_and_the_invitation_stays_open() {
    let scene = Scene::new();
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    facts.caller = Some(person(8, "bob", true));
    let refused = redeemed(&scene, &facts, Provenance::Mailed).map(drop);
    let Err(Rejection::WrongRecipient { recipient_masked }) = refused else { panic!("{refused:?}") };
    assert!(!recipient_masked.contains("ada"));
}

#[test]
fn r6_3_an_existing_member_gets_the_union_and_never_less() {
    let scene = Scene::new();
    let mut command = scene.invite("ada");
    command.grant.permissions = permissions(&["timesheets.write"]);
    let record = crate::invitation::issue::issue(&scene.issue_facts(), &command, &scene.ctx()).unwrap().record;
    let mut facts = scene.redemption_facts(&record);
    for (has, keeps) in [(SystemRole::Admin, SystemRole::Admin), (SystemRole::Guest, SystemRole::Member)] {
        let mut member = member_facts(&scene.organization, 9, has);
        member.membership.permissions = permissions(&["payroll.run"]);
        facts.at_address = Some(AccountFacts { account: account(9, "ada", true), member: Some(member.clone()) });
        let decided = redeemed(&scene, &facts, Provenance::Mailed).unwrap();
        let now = &decided.member;
        assert_eq!(now.membership.id, member.membership.id);
        assert_eq!(now.role.as_ref().unwrap().system, Some(keeps));
        assert!(now.held().covers(&member.held()), "never less");
        assert!(now.held().allows("timesheets.write") && now.held().allows("payroll.run"));
        assert_eq!(decided.plan.events[1].kind, EventKind::MembershipChanged);
    }
}

#[test]
fn r6_3_roles_that_neither_cover_the_other_meet_in_direct_permissions() {
    let scene = Scene::new();
    let own = Role {
        id: RoleId::from_uuid(Uuid::from_u128(7)),
        system: None,
        permissions: permissions(&["payroll.run"]),
        ..role(&scene.organization, SystemRole::Guest)
    };
    let mut member = member_facts(&scene.organization, 9, SystemRole::Guest);
    member.membership.role_id = Some(own.id);
    member.role = Some(own.clone());
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    facts.at_address = Some(AccountFacts { account: account(9, "ada", true), member: Some(member) });
    let decided = redeemed(&scene, &facts, Provenance::Mailed).unwrap();
    assert_eq!(decided.member.role, Some(own));
    let held = decided.member.held();
    assert!(held.allows("payroll.run") && held.covers(&SystemRole::Member.held()));
}

#[test]
fn a_member_who_was_switched_off_does_not_come_back_by_a_link() {
    let scene = Scene::new();
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    let mut member = member_facts(&scene.organization, 9, SystemRole::Guest);
    member.membership.active = false;
    facts.at_address = Some(AccountFacts { account: account(9, "ada", true), member: Some(member) });
    assert_eq!(redeemed(&scene, &facts, Provenance::Mailed).map(drop), Err(Rejection::MembershipInactive));
}

#[test]
fn r6_4_an_invitation_whose_inviter_was_demoted_is_refused_as_suspended() {
    let scene = Scene::new();
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    facts.record.inviter = member(&scene.organization, 1, SystemRole::Guest);
    assert_eq!(
        redeemed(&scene, &facts, Provenance::Mailed).map(drop),
        Err(Rejection::Suspended { organization_name: Some("Acme".into()) })
    );
}

#[test]
fn only_a_mailed_link_or_a_signed_in_person_learns_what_comes_next() {
    let mut scene = Scene::new();
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    let next = |scene: &Scene, facts: &RedemptionFacts, provenance| {
        let token = scene.token(&facts.record.invitation, provenance);
        preview(facts, &token, None, &scene.ring, scene.now).unwrap()
    };
    let verified = person(9, "ada", true);
    for at_address in [None, Some(verified.clone()), Some(person(9, "ada", false))] {
        facts.at_address = at_address;
        assert_eq!(next(&scene, &facts, Provenance::Revealed), Next::Accept);
    }
    facts.at_address = None;
    assert_eq!(next(&scene, &facts, Provenance::Mailed), Next::SignUp);
    facts.at_address = Some(verified.clone());
    assert_eq!(next(&scene, &facts, Provenance::Mailed), Next::Accept);
    scene.organization.policy.require_verified_sign_in = true;
    facts.organization = scene.organization.clone();
    assert_eq!(next(&scene, &facts, Provenance::Mailed), Next::SignIn);
    facts.caller = Some(verified.clone());
    assert_eq!(next(&scene, &facts, Provenance::Revealed), Next::Accept);
    facts.caller = Some(person(8, "bob", true));
    assert_eq!(next(&scene, &facts, Provenance::Mailed), Next::SwitchAccount);
    let member = member_facts(&scene.organization, 9, SystemRole::Guest);
    facts.caller = Some(AccountFacts { member: Some(member), ..verified });
    assert_eq!(next(&scene, &facts, Provenance::Mailed), Next::AlreadyMember);
}
