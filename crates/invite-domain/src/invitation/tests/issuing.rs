use super::*;
use crate::{
    invitation::{
        DeliveryState, EventKind, Guard, InvitationChange, Reason, Rejection, State, UniqueKey,
        issue::{IssueResult, OnConflict, Reveal, issue},
    },
    secret::token::GrantDigest,
};

#[test]
fn r3_1_issuing_makes_a_pending_invitation_a_message_and_an_event() {
    let scene = Scene::new();
    let decided = issue(&scene.issue_facts(), &scene.invite("Ada"), &scene.ctx()).unwrap();
    let plan = decided.plan.unwrap();
    let invitation = &decided.record.invitation;
    assert_eq!(decided.result, IssueResult::Issued);
    assert_eq!(invitation.state, State::Pending);
    assert_eq!(invitation.expires_at, scene.now + seconds(7 * DAY));
    assert_eq!(invitation.recipient.email().unwrap().as_str(), "Ada@example.org");
    assert_eq!(invitation.grant_digest, invitation.compute_grant_digest());
    assert_ne!(invitation.grant_digest, GrantDigest::from_bytes([0; 32]));
    assert_eq!(plan.invitations, [InvitationChange::Insert(Box::new(invitation.clone()))]);
    assert_eq!(plan.messages.len(), 1);
    assert_eq!(plan.messages[0].state, DeliveryState::Queued);
    assert_eq!(plan.events.len(), 1);
    assert_eq!(plan.events[0].kind, EventKind::InvitationIssued);
    assert_eq!(plan.events[0].sequence, 1);
    assert_eq!(plan.events[0].request_id.as_deref(), Some("request"));
    let live = UniqueKey::Live(scene.organization.id, invitation.recipient.live_key());
    assert!(plan.guards.contains(&Guard::Free(live)));
    assert!(plan.guards.contains(&Guard::Epoch {
        organization_id: scene.organization.id,
        epoch: scene.organization.authority_epoch,
        raise: false
    }));
}

#[test]
fn r2_3_a_life_outside_the_bounds_is_refused_and_not_clamped() {
    let mut scene = Scene::new();
    let lives = |scene: &Scene, expires_in| {
        let command = Issue { expires_in: Some(expires_in), ..scene.invite("ada") };
        issue(&scene.issue_facts(), &command, &scene.ctx()).map(|decided| decided.record.invitation.expires_at)
    };
    assert!(matches!(lives(&scene, 299), Err(Rejection::Invalid(_))));
    assert_eq!(lives(&scene, 300), Ok(scene.now + seconds(300)));
    assert_eq!(lives(&scene, 30 * DAY), Ok(scene.now + seconds(30 * DAY)));
    assert!(matches!(lives(&scene, 30 * DAY + 1), Err(Rejection::Invalid(_))));
    assert!(matches!(lives(&scene, i64::MIN), Err(Rejection::Invalid(_))));
    assert!(matches!(lives(&scene, i64::MAX), Err(Rejection::Invalid(_))));
    scene.organization.policy.ttl_max = Some(DAY);
    assert!(matches!(lives(&scene, DAY + 1), Err(Rejection::Invalid(_))));
    let default = issue(&scene.issue_facts(), &scene.invite("ada"), &scene.ctx()).unwrap();
    assert_eq!(
        default.record.invitation.expires_at,
        scene.now + seconds(DAY),
        "the default keeps to the narrower bound"
    );
}

#[test]
fn r3_2_a_second_live_invitation_is_refused_with_the_id_of_the_first() {
    let scene = Scene::new();
    let first = scene.issued("ada");
    let facts = IssueFacts { holder: Some(first.clone()), ..scene.issue_facts() };
    let refused = issue(&facts, &scene.invite("ADA"), &scene.ctx());
    assert_eq!(refused, Err(Rejection::AlreadyInvited { invitation_id: first.invitation.id }));
}

#[test]
fn r3_2_by_request_the_first_is_returned_resent_or_replaced() {
    let mut scene = Scene::new();
    let first = scene.issued("ada");
    scene.wait(60);
    let facts = IssueFacts { holder: Some(first.clone()), ..scene.issue_facts() };
    let on = |on_conflict| {
        let command = Issue { on_conflict, ..scene.invite("ada") };
        issue(&facts, &command, &scene.ctx()).unwrap()
    };
    let returned = on(OnConflict::Return);
    assert_eq!((returned.plan, returned.record, returned.result), (None, first.clone(), IssueResult::Returned));
    let resent = on(OnConflict::Resend);
    assert_eq!(resent.record.invitation.id, first.invitation.id);
    assert_eq!(resent.record.invitation.generation, 2);
    assert_eq!(resent.result, IssueResult::Resent);
    let replaced = on(OnConflict::Replace);
    let plan = replaced.plan.unwrap();
    assert_eq!(replaced.result, IssueResult::Replaced);
    assert_ne!(replaced.record.invitation.id, first.invitation.id);
    let old = plan.invitations[0].invitation();
    assert_eq!(old.id, first.invitation.id);
    assert!(matches!(&old.state, State::Revoked { reason: Some(reason), .. } if reason == "replaced"));
    assert_eq!((old.live_key.as_ref(), old.nonce.as_ref()), (None, None));
    assert_eq!(plan.cancel_messages, [(first.invitation.id, Reason::InvitationEnded)]);
    assert!(plan.guards.contains(&Guard::InvitationAt(first.invitation.id, 1)));
}

#[test]
fn r3_2_issuing_takes_over_the_key_of_an_expired_holder_in_the_same_plan() {
    let mut scene = Scene::new();
    let old = scene.issued("ada");
    scene.wait(7 * DAY);
    let facts = IssueFacts { holder: Some(old.clone()), ..scene.issue_facts() };
    let plan = issue(&facts, &scene.invite("ada"), &scene.ctx()).unwrap().plan.unwrap();
    let [InvitationChange::Update(released), InvitationChange::Insert(fresh)] = &plan.invitations[..] else {
        panic!("an update before an insert: {:?}", plan.invitations);
    };
    assert_eq!((released.id, released.live_key.as_ref()), (old.invitation.id, None));
    assert_eq!(released.state, State::Pending, "it stays visible as expired");
    assert!(fresh.live_key.is_some());
}

#[test]
fn r3_3_a_member_is_not_invited_again() {
    let scene = Scene::new();
    let mut membership = member_facts(&scene.organization, 9, SystemRole::Guest).membership;
    for active in [true, false] {
        membership.active = active;
        let facts = IssueFacts { member: Some(membership.clone()), ..scene.issue_facts() };
        let refused = issue(&facts, &scene.invite("ada"), &scene.ctx());
        assert_eq!(refused, Err(Rejection::AlreadyMember { switched_off: !active }));
    }
}

#[test]
fn r3_5_the_link_is_shown_only_to_who_may_reveal() {
    let mut scene = Scene::new();
    let mut limited = member_facts(&scene.organization, 4, SystemRole::Member);
    limited.membership.permissions = permissions(&["invitations.issue"]);
    scene.actor = ActorFacts::Member(limited);
    let command = Issue { reveal: Reveal::Asked, ..scene.invite("ada") };
    let refused = issue(&scene.issue_facts(), &command, &scene.ctx());
    assert_eq!(refused, Err(Rejection::Forbidden { permission: "invitations.reveal" }));
    assert!(issue(&scene.issue_facts(), &scene.invite("ada"), &scene.ctx()).is_ok());
}

#[test]
fn r3_5_issuing_to_somebody_who_blocked_the_organisation_succeeds_with_a_cancelled_delivery() {
    let scene = Scene::new();
    let facts = IssueFacts { blocked: true, ..scene.issue_facts() };
    let decided = issue(&facts, &scene.invite("ada"), &scene.ctx()).unwrap();
    let delivery = &decided.record.deliveries[0];
    assert_eq!((delivery.state, delivery.reason), (DeliveryState::Cancelled, Some(Reason::RecipientBlocked)));
    assert_eq!(decided.plan.unwrap().messages[0].state, DeliveryState::Cancelled);
}

#[test]
fn r3_8_neither_role_nor_permissions_is_a_grant_too_and_no_channel_sends_nothing() {
    let scene = Scene::new();
    let command =
        Issue { channels: Some(Vec::new()), ..Issue::new(Recipient::Email(address("ada")), Grant::default()) };
    let facts = IssueFacts { role: None, ..scene.issue_facts() };
    let decided = issue(&facts, &command, &scene.ctx()).unwrap();
    assert!(decided.plan.unwrap().messages.is_empty());
    assert!(decided.record.deliveries.is_empty());
}

#[test]
fn r6_2_nobody_grants_what_he_does_not_hold() {
    let scene = Scene::acted_by(SystemRole::Admin);
    let granting = |role_of: Option<SystemRole>, direct: &[&str]| {
        let role = role_of.map(|system| role(&scene.organization, system));
        let grant =
            Grant { role_id: role.as_ref().map(|role| role.id), permissions: permissions(direct), ..Grant::default() };
        let facts = IssueFacts { role, ..scene.issue_facts() };
        issue(&facts, &Issue::new(Recipient::Email(address("ada")), grant), &scene.ctx()).map(drop)
    };
    assert_eq!(granting(Some(SystemRole::Admin), &[]), Ok(()));
    assert_eq!(
        granting(Some(SystemRole::Owner), &[]),
        Err(Rejection::GrantExceedsAuthority { missing: Vec::new() }),
        "an administrator makes no owner"
    );
    assert_eq!(
        granting(Some(SystemRole::Guest), &["api_keys.write", "members.read", "payroll.run"]),
        Err(Rejection::GrantExceedsAuthority { missing: vec!["api_keys.write".into(), "payroll.run".into()] })
    );
}

#[test]
fn r6_2_issuing_itself_needs_its_permission() {
    let scene = Scene::acted_by(SystemRole::Member);
    let refused = issue(&scene.issue_facts(), &scene.invite("ada"), &scene.ctx());
    assert_eq!(refused, Err(Rejection::Forbidden { permission: "invitations.issue" }));
    let stranger = IssueFacts { actor: ActorFacts::Unknown, ..scene.issue_facts() };
    assert_eq!(issue(&stranger, &scene.invite("ada"), &scene.ctx()), Err(Rejection::NotFound));
}

#[test]
fn an_unknown_role_is_an_error_at_its_field() {
    let scene = Scene::new();
    let facts = IssueFacts { role: None, ..scene.issue_facts() };
    let Err(Rejection::Invalid(errors)) = issue(&facts, &scene.invite("ada"), &scene.ctx()) else {
        panic!("it was not refused")
    };
    assert_eq!(errors[0].pointer, "/role_id");
}

#[test]
fn r3_2_an_expired_invitation_can_be_replaced_and_a_live_one_then_still_refuses() {
    let mut scene = Scene::new();
    let first = scene.issued("ada");
    let command = Issue { on_conflict: OnConflict::ReplaceExpired, ..scene.invite("ada") };
    let facts = |scene: &Scene| IssueFacts { holder: Some(first.clone()), ..scene.issue_facts() };
    let refused = issue(&facts(&scene), &command, &scene.ctx());
    assert_eq!(refused, Err(Rejection::AlreadyInvited { invitation_id: first.invitation.id }));
    scene.wait(7 * DAY);
    let plan = issue(&facts(&scene), &command, &scene.ctx()).unwrap().plan.unwrap();
    let State::Revoked { reason, .. } = &plan.invitations[0].invitation().state else { unreachable!("{plan:?}") };
    assert_eq!(reason.as_deref(), Some("replaced"));
}
