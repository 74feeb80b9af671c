use super::*;
use crate::invitation::{
    DeliveryState, EventKind, Guard, InvitationChange, Reason, Rejection, State, Status,
    amend::{Amend, amend},
    resend::{Resend, extend, resend},
    revoke::{Revoke, revoke},
    sponsor::{reveal, sponsor},
};

fn ended(scene: &Scene, state: State) -> InvitationRecord {
    let mut record = scene.issued("ada");
    record.invitation.state = state;
    record.invitation.nonce = None;
    record.invitation.live_key = None;
    record
}

#[test]
fn r4_1_a_resend_is_a_new_generation_under_a_new_nonce_and_overtakes_what_is_queued() {
    let mut scene = Scene::new();
    let record = scene.issued("ada");
    scene.wait(60);
    let decided = resend(&scene.facts(&record), &Resend::default(), &scene.ctx()).unwrap();
    let (old, new) = (&record.invitation, &decided.record.invitation);
    assert_eq!((new.id, new.generation, new.version), (old.id, 2, 2));
    assert_ne!(new.nonce, old.nonce);
    assert_eq!(new.generated_at, scene.now);
    let plan = decided.plan.unwrap();
    assert_eq!(plan.cancel_messages, [(old.id, Reason::Overtaken)]);
    assert_eq!(plan.messages.len(), 1);
    assert_eq!(plan.events[0].kind, EventKind::InvitationResent);
    assert_eq!(decided.record.deliveries.len(), 1);
    assert_eq!(decided.record.deliveries[0].at, scene.now);
}

#[test]
fn r4_2_a_resend_never_ends_sooner() {
    let mut scene = Scene::new();
    let record = scene.issued("ada");
    let old = record.invitation.expires_at;
    let again = |scene: &Scene, expires_in| {
        let command = Resend { expires_in, ..Resend::default() };
        resend(&scene.facts(&record), &command, &scene.ctx()).map(|decided| decided.record.invitation.expires_at)
    };
    assert_eq!(again(&scene, None), Ok(old + seconds(1)), "at the same moment one second is added");
    scene.wait(DAY);
    assert_eq!(again(&scene, None), Ok(scene.now + seconds(7 * DAY)));
    assert!(matches!(again(&scene, Some(6 * DAY - 1)), Err(Rejection::Invalid(_))));
    assert_eq!(again(&scene, Some(6 * DAY)), Ok(old + seconds(1)));
    assert_eq!(again(&scene, Some(8 * DAY)), Ok(scene.now + seconds(8 * DAY)));
}

#[test]
fn r4_3_resend_of_an_expired_invitation_makes_it_redeemable_again() {
    let mut scene = Scene::new();
    let record = scene.issued("ada");
    scene.wait(8 * DAY);
    assert_eq!(record.status(scene.now), Status::Expired);
    let decided = resend(&scene.facts(&record), &Resend::default(), &scene.ctx()).unwrap();
    assert_eq!(decided.record.status(scene.now), Status::Pending);
}

#[test]
fn r4_3_another_live_invitation_of_the_recipient_is_in_the_way_and_an_expired_one_is_not() {
    let mut scene = Scene::new();
    let mut record = scene.issued("ada");
    record.invitation.live_key = None;
    scene.wait(8 * DAY);
    let other = scene.issued("ada").invitation;
    let facts = InvitationFacts { other_holder: Some(other.clone()), ..scene.facts(&record) };
    let refused = resend(&facts, &Resend::default(), &scene.ctx());
    assert_eq!(refused, Err(Rejection::AlreadyInvited { invitation_id: other.id }));
    assert_eq!(
        extend(&facts, DAY, None, &scene.ctx()),
        Err(Rejection::AlreadyInvited { invitation_id: other.id }),
        "extending revives under the same rule"
    );
    scene.wait(8 * DAY);
    let plan = resend(&facts, &Resend::default(), &scene.ctx()).unwrap().plan.unwrap();
    let [InvitationChange::Update(released), InvitationChange::Update(revived)] = &plan.invitations[..] else {
        panic!("the other one lets go first");
    };
    assert_eq!((released.id, released.live_key.as_ref()), (other.id, None));
    assert!(revived.live_key.is_some());
    assert!(plan.guards.contains(&Guard::InvitationAt(other.id, other.version)));
}

#[test]
fn r4_3_an_ended_invitation_is_not_resent_extended_or_amended_and_each_end_says_so() {
    let scene = Scene::new();
    let at = start();
    for (state, status) in [
        (State::Redeemed { at }, Status::Redeemed),
        (State::Declined { at, blocked: true }, Status::Declined),
        (State::Revoked { at, by: crate::access::Actor::SYSTEM, reason: None }, Status::Revoked),
    ] {
        let facts = scene.facts(&ended(&scene, state));
        let refused = Err(Rejection::Ended(status));
        assert_eq!(resend(&facts, &Resend::default(), &scene.ctx()), refused);
        assert_eq!(extend(&facts, DAY, None, &scene.ctx()), refused);
        assert_eq!(amend(&facts, &Amend::default(), &scene.ctx()), refused);
        assert_eq!(sponsor(&facts, None, &scene.ctx()), refused);
        assert_eq!(reveal(&facts, &scene.ctx()).map(drop), Err(Rejection::Ended(status)));
    }
}

#[test]
fn r4_4_the_sixth_message_in_ten_minutes_is_refused_with_the_time_when_it_will_be_possible() {
    let mut scene = Scene::new();
    let record = scene.issued("ada");
    scene.wait(100);
    let messages: Vec<_> = (0..5).map(|i| start() + seconds(i)).collect();
    let facts = InvitationFacts { messages, ..scene.facts(&record) };
    let refused = resend(&facts, &Resend::default(), &scene.ctx());
    assert_eq!(refused, Err(Rejection::TooManyMessages { possible_at: start() + seconds(600) }));
    let silent = Resend { channels: Some(Vec::new()), ..Resend::default() };
    let decided = resend(&facts, &silent, &scene.ctx()).unwrap();
    assert!(decided.plan.unwrap().messages.is_empty(), "a new link that is not sent does not count");
}

#[test]
fn r4_5_extending_keeps_the_link_and_only_ever_lengthens() {
    let mut scene = Scene::new();
    let record = scene.issued("ada");
    scene.wait(DAY);
    let shorter = extend(&scene.facts(&record), 6 * DAY, None, &scene.ctx());
    assert!(matches!(shorter, Err(Rejection::Invalid(_))), "the same end is no extension");
    let decided = extend(&scene.facts(&record), 6 * DAY + 1, None, &scene.ctx()).unwrap();
    let (old, new) = (&record.invitation, &decided.record.invitation);
    assert_eq!((new.generation, &new.nonce, new.version), (old.generation, &old.nonce, 2));
    let plan = decided.plan.unwrap();
    assert!(plan.messages.is_empty() && plan.cancel_messages.is_empty());
    assert_eq!(plan.events[0].kind, EventKind::InvitationExtended);
}

#[test]
fn r4_5_amending_words_keeps_the_link_and_amending_the_grant_makes_a_new_one() {
    let mut scene = Scene::new();
    let record = scene.issued("ada");
    scene.wait(60);
    let words = Amend { message: Some(Some("Welcome".into())), ..Amend::default() };
    let decided = amend(&scene.facts(&record), &words, &scene.ctx()).unwrap();
    assert_eq!(decided.record.invitation.generation, 1);
    assert!(decided.plan.unwrap().messages.is_empty());
    let grant = Amend { permissions: Some(permissions(&["timesheets.write"])), ..Amend::default() };
    let decided = amend(&scene.facts(&record), &grant, &scene.ctx()).unwrap();
    let new = &decided.record.invitation;
    assert_eq!((new.generation, new.expires_at), (2, record.invitation.expires_at));
    assert_eq!(new.grant_digest, new.compute_grant_digest());
    assert_ne!(new.grant_digest, record.invitation.grant_digest);
    assert_eq!(decided.plan.unwrap().messages.len(), 1);
}

#[test]
fn r4_5_amending_nothing_writes_nothing() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let same = Amend { permissions: Some(PermissionSet::new()), message: Some(None), ..Amend::default() };
    assert_eq!(amend(&scene.facts(&record), &same, &scene.ctx()).unwrap().plan, None);
}

#[test]
fn r6_2_amending_passes_the_ceiling_for_what_it_was_and_for_what_it_becomes() {
    let owner = Scene::new();
    let facts = IssueFacts { role: Some(role(&owner.organization, SystemRole::Owner)), ..owner.issue_facts() };
    let grant = Grant { role_id: facts.role.as_ref().map(|role| role.id), ..Grant::default() };
    let command = Issue::new(Recipient::Email(address("ada")), grant);
    let of_owner = crate::invitation::issue::issue(&facts, &command, &owner.ctx()).unwrap().record;
    let admin = Scene::acted_by(SystemRole::Admin);
    let exceeded = Err(Rejection::GrantExceedsAuthority { missing: Vec::new() });
    let demoting = Amend { role_id: Some(None), ..Amend::default() };
    assert_eq!(amend(&admin.facts(&of_owner), &demoting, &admin.ctx()), exceeded);
    assert_eq!(resend(&admin.facts(&of_owner), &Resend::default(), &admin.ctx()), exceeded);
    assert_eq!(
        reveal(&admin.facts(&of_owner), &admin.ctx()).map(drop),
        Err(Rejection::GrantExceedsAuthority { missing: Vec::new() })
    );
    let record = admin.issued("bob");
    let promoting = Amend { role_id: Some(Some(role(&admin.organization, SystemRole::Owner).id)), ..Amend::default() };
    let facts = InvitationFacts { role: Some(role(&admin.organization, SystemRole::Owner)), ..admin.facts(&record) };
    assert_eq!(amend(&facts, &promoting, &admin.ctx()), exceeded);
}

#[test]
fn r4_6_revoking_ends_the_link_and_cancels_what_is_queued() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let command = Revoke { reason: Some("Ada left".into()), if_match: None };
    let decided = revoke(&scene.facts(&record), &command, &scene.ctx()).unwrap();
    let new = &decided.record.invitation;
    assert!(matches!(&new.state, State::Revoked { reason: Some(reason), .. } if reason == "Ada left"));
    assert_eq!((new.nonce.as_ref(), new.live_key.as_ref()), (None, None));
    assert_eq!(decided.record.deliveries[0].state, DeliveryState::Cancelled);
    let plan = decided.plan.unwrap();
    assert_eq!(plan.cancel_messages, [(new.id, Reason::InvitationEnded)]);
    let trail = format!("{:?}", plan.events);
    assert!(!trail.contains("Ada left"), "what somebody typed stays out of the trail");
}

#[test]
fn r4_6_revoking_a_revoked_one_changes_nothing_and_a_used_one_cannot_be_revoked() {
    let scene = Scene::new();
    let at = start();
    let revoked = ended(&scene, State::Revoked { at, by: crate::access::Actor::SYSTEM, reason: None });
    let decided = revoke(&scene.facts(&revoked), &Revoke::default(), &scene.ctx()).unwrap();
    assert_eq!((decided.plan, decided.record), (None, revoked));
    let redeemed = ended(&scene, State::Redeemed { at });
    let refused = revoke(&scene.facts(&redeemed), &Revoke::default(), &scene.ctx());
    assert_eq!(refused, Err(Rejection::Ended(Status::Redeemed)));
}

#[test]
fn r6_4_another_member_can_take_a_suspended_invitation_over_and_a_sound_one_cannot_be_taken() {
    let mut scene = Scene::new();
    let mut record = scene.issued("ada");
    scene.actor = member(&scene.organization, 2, SystemRole::Admin);
    assert_eq!(sponsor(&scene.facts(&record), None, &scene.ctx()), Err(Rejection::NotSuspended));
    record.inviter = ActorFacts::Unknown;
    assert_eq!(
        resend(&scene.facts(&record), &Resend::default(), &scene.ctx()),
        Err(Rejection::Suspended { organization_name: None })
    );
    let refused = Err(Rejection::Suspended { organization_name: None });
    assert_eq!(extend(&scene.facts(&record), 9 * DAY, None, &scene.ctx()), refused, "more time makes it no better");
    let longer = Amend { expires_in: Some(9 * DAY), ..Amend::default() };
    assert_eq!(amend(&scene.facts(&record), &longer, &scene.ctx()), refused);
    let decided = sponsor(&scene.facts(&record), None, &scene.ctx()).unwrap();
    assert_eq!(decided.record.status(scene.now), Status::Pending);
    assert_eq!(decided.record.invitation.generation, 2);
    assert_eq!(decided.record.inviter, scene.actor);
    assert_eq!(decided.plan.unwrap().events[0].kind, EventKind::InvitationSponsored);
}

#[test]
fn r6_4_who_could_not_give_it_cannot_take_it_over() {
    let mut scene = Scene::new();
    let mut record = scene.issued("ada");
    record.inviter = ActorFacts::Unknown;
    let mut sponsor_only = member_facts(&scene.organization, 3, SystemRole::Guest);
    sponsor_only.membership.permissions = permissions(&["invitations.sponsor"]);
    scene.actor = ActorFacts::Member(sponsor_only);
    assert!(matches!(sponsor(&scene.facts(&record), None, &scene.ctx()), Err(Rejection::GrantExceedsAuthority { .. })));
}

#[test]
fn r7_4_revealing_is_an_event_and_changes_nothing_else() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let plan = reveal(&scene.facts(&record), &scene.ctx()).unwrap();
    assert_eq!(plan.events[0].kind, EventKind::InvitationRevealed);
    assert!(plan.invitations.is_empty() && plan.messages.is_empty());
}

#[test]
fn a_command_for_another_version_is_refused_with_the_present_one() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let facts = scene.facts(&record);
    let refused = Err(Rejection::VersionMismatch { current: 1 });
    assert_eq!(resend(&facts, &Resend { if_match: Some(2), ..Resend::default() }, &scene.ctx()), refused);
    assert_eq!(amend(&facts, &Amend { if_match: Some(0), ..Amend::default() }, &scene.ctx()), refused);
    assert_eq!(revoke(&facts, &Revoke { if_match: Some(9), reason: None }, &scene.ctx()), refused);
    assert_eq!(extend(&facts, 9 * DAY, Some(2), &scene.ctx()), refused);
    assert!(extend(&facts, 9 * DAY, Some(1), &scene.ctx()).is_ok());
    let mut suspended = record.clone();
    suspended.inviter = ActorFacts::Unknown;
    let mut other = Scene::new();
    other.actor = member(&other.organization, 2, SystemRole::Admin);
    assert_eq!(sponsor(&other.facts(&suspended), Some(2), &other.ctx()), refused);
    assert!(sponsor(&other.facts(&suspended), Some(1), &other.ctx()).is_ok());
    assert!(revoke(&facts, &Revoke { if_match: Some(1), reason: None }, &scene.ctx()).is_ok());
}
