//! What ends an invitation, what its holder is told then, and the new link one may ask for (rules 4.6, 4.7, 4.9, 5.8).

use super::*;
use crate::{
    access::Actor,
    id::SubjectId,
    invitation::{
        Channel, DeadLink, DeadReason, DeliveryState, EventKind, Fact, Guard, InvitationChange, Reason, Rejection,
        State, Status, SubjectRecipient, UniqueKey,
        context::same_epoch,
        decline::{decline, new_link},
        judge::judge,
        resend::{Resend, resend},
        revoke::{Revoke, revoke, revoked},
    },
    phone::PhoneNumber,
};

fn dead(scene: &Scene, facts: &RedemptionFacts, proof: &Proof) -> DeadLink {
    match judge(facts, proof, &scene.ring, scene.now) {
        Err(Rejection::Dead(dead)) => dead,
        other => panic!("{other:?}"),
    }
}

/// An invitation to mailbox and phone whose messages were sent.
fn both_ways(scene: &Scene) -> InvitationRecord {
    let mut record = scene.issued("ada");
    let id = SubjectId::from_uuid(Uuid::from_u128(9));
    let phone = PhoneNumber::parse("+33600000000").unwrap();
    record.invitation.recipient =
        Recipient::Subject(SubjectRecipient { id, email: Some(address("ada")), phone: Some(phone) });
    record.invitation.channels = vec![Channel::Email, Channel::Sms];
    record.invitation.grant_digest = record.invitation.compute_grant_digest();
    record.deliveries[0].state = DeliveryState::Sent;
    let mut text = record.deliveries[0].clone();
    text.channel = Channel::Sms;
    record.deliveries.push(text);
    record
}

#[test]
fn r4_6_a_revocation_is_one_plan() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let old = &record.invitation;
    let decided = revoke(&scene.facts(&record), &Revoke::default(), &scene.ctx()).unwrap();
    let new = &decided.record.invitation;
    let plan = decided.plan.unwrap();
    assert_eq!(plan.guards, [same_epoch(&scene.organization), Guard::InvitationAt(old.id, 1)]);
    assert_eq!(plan.invitations, [InvitationChange::Update(Box::new(new.clone()))]);
    assert_eq!((new.version, new.code_index), (2, None));
    let [event] = &plan.events[..] else { panic!("{:?}", plan.events) };
    assert_eq!((event.kind, event.sequence), (EventKind::InvitationRevoked, 2));
    assert_eq!((event.invitation_id, event.data.len()), (Some(old.id), 0));
    let (_, event) = revoked(old, Actor::SYSTEM, Some("replaced"), &scene.ctx());
    assert_eq!(event.data.get("reason"), Some(&Fact::from("replaced")), "a reason of ours is told");
    let delivery = &decided.record.deliveries[0];
    assert_eq!((delivery.reason, delivery.next_attempt_at), (Some(Reason::InvitationEnded), None));
}

#[test]
fn r4_6_what_was_sent_already_is_not_shown_as_cancelled() {
    let mut scene = Scene::new();
    let mut record = both_ways(&scene);
    record.deliveries[1].state = DeliveryState::Queued;
    scene.wait(60);
    let shown = revoke(&scene.facts(&record), &Revoke::default(), &scene.ctx()).unwrap().record.deliveries;
    assert_eq!(shown[0], record.deliveries[0]);
    assert_eq!((shown[1].state, shown[1].at), (DeliveryState::Cancelled, scene.now));
}

#[test]
fn r4_7_a_decline_is_one_plan_of_the_invitee() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let old = &record.invitation;
    let token = scene.token(old, Provenance::Mailed);
    let plan = decline(&scene.redemption_facts(&record), &token, false, &scene.ring, &scene.ctx()).unwrap().plan;
    assert_eq!(plan.guards, [Guard::InvitationAt(old.id, 1)]);
    assert_eq!(plan.cancel_messages, [(old.id, Reason::InvitationEnded)]);
    let new = plan.invitations[0].invitation();
    assert_eq!((new.version, new.code_index, &new.live_key, &new.nonce), (2, None, &None, &None));
    let [event] = &plan.events[..] else { panic!("{:?}", plan.events) };
    assert_eq!((event.kind, event.sequence), (EventKind::InvitationDeclined, 2));
    assert_eq!((event.actor, event.data.get("blocked")), (Actor::invitee(None), Some(&Fact::Flag(false))));
    assert!(plan.administration.is_empty());
}

#[test]
fn r5_8_the_holder_of_a_dead_link_is_told_since_when_and_whether_a_new_one_may_come() {
    let mut scene = Scene::new();
    let record = scene.issued("ada");
    let token = scene.token(&record.invitation, Provenance::Mailed);
    let at = scene.now + seconds(30);
    let mut declined = scene.redemption_facts(&record);
    declined.record.invitation.state = State::Declined { at, blocked: false };
    let told = dead(&scene, &declined, &token);
    assert_eq!((told.reason, told.since, told.can_request_new), (DeadReason::Declined, at, false));
    scene.wait(60);
    let resent = resend(&scene.facts(&record), &Resend::default(), &scene.ctx()).unwrap().record;
    let told = dead(&scene, &scene.redemption_facts(&resent), &token);
    assert_eq!((told.reason, told.since, told.can_request_new), (DeadReason::Superseded, scene.now, true));
    scene.wait(7 * DAY);
    let mut expired = scene.redemption_facts(&record);
    let told = dead(&scene, &expired, &token);
    assert_eq!((told.since, told.can_request_new), (record.invitation.expires_at, true));
    expired.other_holder = Some(scene.issued("ada").invitation);
    assert!(!dead(&scene, &expired, &token).can_request_new, "another invitation took its place");
    expired.other_holder = Some(record.invitation.clone());
    assert!(dead(&scene, &expired, &token).can_request_new, "one that expired too is in nobody's way");
    expired.record.inviter = ActorFacts::Unknown;
    assert!(!dead(&scene, &expired, &token).can_request_new, "nobody stands behind it");
}

#[test]
fn r5_8_a_link_of_a_generation_that_never_was_is_not_explained() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let later = scene.token(&Invitation { generation: 5, ..record.invitation.clone() }, Provenance::Mailed);
    let mut facts = scene.redemption_facts(&record);
    assert_eq!(judge(&facts, &later, &scene.ring, scene.now), Err(Rejection::NotGenuine));
    facts.record.invitation.state = State::Redeemed { at: scene.now };
    assert_eq!(judge(&facts, &later, &scene.ring, scene.now), Err(Rejection::NotGenuine));
    assert_eq!(new_link(&scene.redemption_facts(&record), &later, Some(&[Channel::Email]), &scene.ctx()), None);
}

#[test]
fn r2_5_an_invitation_is_exhausted_once_its_uses_are_over() {
    let scene = Scene::new();
    let mut facts = scene.redemption_facts(&scene.issued("ada"));
    let token = scene.token(&facts.record.invitation, Provenance::Mailed);
    facts.record.invitation.max_uses = 3;
    for (uses, status) in [(0, Status::Pending), (2, Status::Pending), (3, Status::Exhausted), (4, Status::Exhausted)] {
        facts.record.invitation.uses = uses;
        assert_eq!(facts.record.status(scene.now), status, "{uses}");
        assert_eq!(facts.record.invitation.is_live(scene.now), status == Status::Pending, "{uses}");
    }
    assert_eq!(dead(&scene, &facts, &token).reason, DeadReason::Exhausted);
    facts.record.invitation.uses = 0;
    facts.record.invitation.state = State::Revoked { at: scene.now, by: Actor::SYSTEM, reason: None };
    assert!(!facts.record.invitation.is_live(scene.now), "a stored end is an end");
}

#[test]
fn r4_9_a_new_link_while_live_is_one_plan_with_the_same_link() {
    let scene = Scene::new();
    let record = both_ways(&scene);
    let old = &record.invitation;
    let token = scene.token(old, Provenance::Mailed);
    let plan = new_link(&scene.redemption_facts(&record), &token, None, &scene.ctx()).unwrap();
    assert_eq!(plan.guards, [same_epoch(&scene.organization), Guard::InvitationAt(old.id, 1)]);
    assert_eq!(plan.invitations[0].invitation(), &Invitation { version: 2, ..old.clone() });
    assert_eq!(plan.messages.iter().map(|message| message.channel).collect::<Vec<_>>(), Channel::ALL);
    let [event] = &plan.events[..] else { panic!("{:?}", plan.events) };
    assert_eq!((event.kind, event.data.get("by_invitee")), (EventKind::InvitationResent, Some(&Fact::Flag(true))));
}

#[test]
fn r4_9_a_new_link_goes_the_ways_that_were_chosen_else_as_before_else_wherever_there_is_one() {
    let scene = Scene::new();
    let mut record = both_ways(&scene);
    let token = scene.token(&record.invitation, Provenance::Mailed);
    let ways = |record: &InvitationRecord, channels: Option<&[Channel]>| {
        let plan = new_link(&scene.redemption_facts(record), &token, channels, &scene.ctx())?;
        Some(plan.messages.iter().map(|message| message.channel).collect::<Vec<_>>())
    };
    assert_eq!(ways(&record, Some(&[Channel::Email])), Some(vec![Channel::Email]));
    record.invitation.channels = vec![Channel::Sms];
    assert_eq!(ways(&record, None), Some(vec![Channel::Sms]));
    record.invitation.channels.clear();
    assert_eq!(ways(&record, None), Some(Channel::ALL.to_vec()));
    record.deliveries[1].state = DeliveryState::Queued;
    assert_eq!(ways(&record, Some(&[Channel::Email])), Some(vec![Channel::Email]), "what waits goes another way");
    assert_eq!(ways(&record, Some(&[Channel::Sms])), None, "it is on its way");
}

#[test]
fn r4_9_a_new_link_of_an_expired_invitation_takes_the_place_of_another_expired_one() {
    let mut scene = Scene::new();
    let mut record = scene.issued("ada");
    let token = scene.token(&record.invitation, Provenance::Mailed);
    record.invitation.live_key = None;
    record.deliveries[0].state = DeliveryState::Sent;
    let other = Invitation { version: 7, ..scene.issued("ada").invitation };
    scene.now = record.invitation.expires_at;
    let mut facts = scene.redemption_facts(&record);
    facts.other_holder = Some(other.clone());
    let plan = new_link(&facts, &token, None, &scene.ctx()).unwrap();
    assert!(plan.guards.contains(&Guard::InvitationAt(other.id, 7)));
    let [InvitationChange::Update(released), InvitationChange::Update(renewed)] = &plan.invitations[..] else {
        panic!("{:?}", plan.invitations);
    };
    assert_eq!(**released, Invitation { live_key: None, version: 8, ..other });
    assert_eq!((renewed.version, renewed.generation), (2, 2));
    assert_eq!(renewed.live_key, Some(renewed.recipient.live_key()));
    let code = UniqueKey::Code(scene.organization.id, renewed.code_index.unwrap());
    assert!(plan.guards.contains(&Guard::Free(code)));
    assert_eq!(plan.cancel_messages, [(record.invitation.id, Reason::Overtaken)]);
}

#[test]
fn r4_2_a_new_link_ends_later_than_the_old_one_however_short_lives_are() {
    let mut scene = Scene::new();
    let record = scene.issued("ada");
    let token = scene.token(&record.invitation, Provenance::Mailed);
    scene.now = record.invitation.expires_at;
    scene.bounds.ttl_min = chrono::Duration::zero();
    scene.bounds.ttl_default = chrono::Duration::zero();
    let plan = new_link(&scene.redemption_facts(&record), &token, None, &scene.ctx()).unwrap();
    assert_eq!(plan.invitations[0].invitation().expires_at, record.invitation.expires_at + seconds(1));
}
