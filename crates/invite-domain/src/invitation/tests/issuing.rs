use super::*;
use crate::{
    directory::ApiKey,
    invitation::{
        DeliveryState, EventKind, Fact, Guard, InvitationChange, Reason, Rejection, State, Status, UniqueKey,
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
    assert_eq!((released.id, released.version, released.live_key.as_ref()), (old.invitation.id, 2, None));
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

#[test]
fn r8_4_the_trail_of_an_issue_says_who_gave_what_and_whether_the_link_was_shown() {
    let scene = Scene::new();
    let mut command = Issue { reveal: Reveal::Asked, ..scene.invite("ada") };
    command.grant.permissions = permissions(&["timesheets.write"]);
    let decided = issue(&scene.issue_facts(), &command, &scene.ctx()).unwrap();
    assert!(decided.shown);
    let plan = decided.plan.unwrap();
    let event = &plan.events[0];
    assert_eq!(event.invitation_id, Some(decided.record.invitation.id));
    assert_eq!(event.actor.id, Some(Uuid::from_u128(201)));
    let role_id = command.grant.role_id.unwrap().to_string();
    let said: Vec<_> = event.data.iter().map(|(name, fact)| (name.as_str(), fact.clone())).collect();
    let expected = [
        ("expires_at", Fact::from("2027-03-08T12:00:00.000000Z")),
        ("link_shown", Fact::Flag(true)),
        ("permissions", Fact::Words(vec!["timesheets.write".into()])),
        ("role_id", Fact::Text(role_id)),
    ];
    assert_eq!(said, expected);
}

#[test]
fn the_words_of_an_invitation_are_held_to_what_they_may_be() {
    let scene = Scene::new();
    let refused = |command: &Issue| match issue(&scene.issue_facts(), command, &scene.ctx()) {
        Err(Rejection::Invalid(errors)) => errors.into_iter().map(|error| error.pointer).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let long = Issue { message: Some("x".repeat(2_001)), locale: Some("???".into()), ..scene.invite("ada") };
    assert_eq!(refused(&long), ["/message", "/locale"]);
}

#[test]
fn r6_2_only_the_operator_gives_the_operators_roles() {
    let mut scene = Scene::new();
    let operators = role(&scene.organization, SystemRole::Gatego(crate::access::GategoRole::SignupService));
    let grant = Grant { role_id: Some(operators.id), ..Grant::default() };
    let command = Issue::new(Recipient::Email(address("ada")), grant);
    let facts = |scene: &Scene| IssueFacts { role: Some(operators.clone()), ..scene.issue_facts() };
    assert_eq!(issue(&facts(&scene), &command, &scene.ctx()), Err(Rejection::OperatorOnly));
    let owner = scene.actor.clone();
    scene.actor = ActorFacts::Operator { id: crate::id::ApiKeyId::from_uuid(Uuid::from_u128(5)) };
    let mut record = issue(&facts(&scene), &command, &scene.ctx()).unwrap().record;
    assert_eq!(record.status(scene.now), Status::Pending);
    record.inviter = owner;
    assert_eq!(record.status(scene.now), Status::Suspended, "an owner covers it and may not give it");
}

#[test]
fn r6_4_a_key_that_expired_is_told_so_and_a_stranger_finds_nothing() {
    let scene = Scene::new();
    let creator = member_facts(&scene.organization, 1, SystemRole::Owner);
    let key = ApiKey {
        id: crate::id::ApiKeyId::from_uuid(Uuid::from_u128(1)),
        organization_id: scene.organization.id,
        number: 1,
        name: "deploy".to_owned(),
        prefix: "ivk_abcd".to_owned(),
        digest: crate::secret::credential::CredentialDigest::from_bytes([1; 32]),
        previous: None,
        permissions: crate::access::Held::Everything,
        created_by: creator.membership.id,
        by_operator: false,
        created_at: start(),
        expires_at: Some(scene.now),
        last_used_at: None,
        revoked_at: None,
        version: 1,
    };
    let actor = ActorFacts::ApiKey { key, creator: Some(creator) };
    let facts = IssueFacts { actor, ..scene.issue_facts() };
    assert_eq!(issue(&facts, &scene.invite("ada"), &scene.ctx()), Err(Rejection::Unauthenticated));
}
