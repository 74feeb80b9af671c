//! What the holder of a link is told, and what else he may do with it.

use super::*;
use crate::{
    access::Actor,
    invitation::{
        AdministrationChange, DeadReason, DeliveryState, Rejection, State,
        decline::{decline, new_link},
        judge::judge,
        redeem::redeem,
        resend::{Resend, resend},
    },
};

fn verdict(scene: &Scene, facts: &RedemptionFacts, token: &Proof) -> Result<(), DeadReason> {
    match judge(facts, token, &scene.ring, scene.now) {
        Ok(()) => Ok(()),
        Err(Rejection::Dead(dead)) => Err(dead.reason),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn tok_3_every_dead_link_is_explained_by_its_own_reason() {
    let mut scene = Scene::new();
    let record = scene.issued("ada");
    let token = scene.token(&record.invitation, Provenance::Mailed);
    let mut facts = scene.redemption_facts(&record);
    assert_eq!(verdict(&scene, &facts, &token), Ok(()));
    let at = start();
    for (state, reason) in [
        (State::Redeemed { at }, DeadReason::Redeemed),
        (State::Declined { at, blocked: false }, DeadReason::Declined),
        (State::Revoked { at, by: Actor::SYSTEM, reason: None }, DeadReason::Revoked),
    ] {
        facts.record.invitation.state = state;
        facts.record.invitation.nonce = None;
        assert_eq!(verdict(&scene, &facts, &token), Err(reason));
    }
    let resent = resend(&scene.facts(&record), &Resend::default(), &scene.ctx()).unwrap().record;
    assert_eq!(verdict(&scene, &scene.redemption_facts(&resent), &token), Err(DeadReason::Superseded));
    scene.wait(7 * DAY);
    assert_eq!(verdict(&scene, &scene.redemption_facts(&record), &token), Err(DeadReason::Expired));
}

#[test]
fn r7_2_a_token_of_another_nonce_organisation_or_later_generation_is_not_genuine() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let token = scene.token(&record.invitation, Provenance::Mailed);
    let not_genuine = |facts: &RedemptionFacts| {
        assert_eq!(judge(facts, &token, &scene.ring, scene.now), Err(Rejection::NotGenuine));
    };
    let mut other_nonce = scene.redemption_facts(&record);
    other_nonce.record.invitation.nonce = scene.issued("bob").invitation.nonce;
    not_genuine(&other_nonce);
    let mut other_organization = scene.redemption_facts(&record);
    other_organization.record.invitation.organization_id = OrganizationId::from_uuid(Uuid::from_u128(1));
    not_genuine(&other_organization);
    let mut earlier = scene.redemption_facts(&record);
    earlier.record.invitation.generation = 0;
    not_genuine(&earlier);
}

#[test]
fn r7_1_a_grant_changed_behind_our_back_opens_nothing() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let token = scene.token(&record.invitation, Provenance::Mailed);
    let mut facts = scene.redemption_facts(&record);
    facts.record.invitation.grant.permissions = permissions(&["api_keys.write"]);
    assert_eq!(judge(&facts, &token, &scene.ring, scene.now), Err(Rejection::NotGenuine));
    facts.record.invitation.grant_digest = facts.record.invitation.compute_grant_digest();
    assert_eq!(judge(&facts, &token, &scene.ring, scene.now), Err(Rejection::NotGenuine), "nor with its digest");
}

#[test]
fn r4_7_declining_ends_the_invitation_and_only_a_mailed_link_blocks() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    for (provenance, blocks) in [(Provenance::Mailed, true), (Provenance::Revealed, false)] {
        let token = scene.token(&record.invitation, provenance);
        let facts = scene.redemption_facts(&record);
        let decided = decline(&facts, &token, true, &scene.ring, &scene.ctx()).unwrap();
        assert_eq!(decided.blocked, blocks);
        let declined = decided.plan.invitations[0].invitation();
        assert_eq!(declined.state, State::Declined { at: scene.now, blocked: blocks });
        assert_eq!(declined.nonce, None);
        let block = matches!(decided.plan.administration[..], [AdministrationChange::Block(..)]);
        assert_eq!(block, blocks);
    }
}

#[test]
fn r4_7_a_suspended_invitation_can_be_declined_and_an_expired_one_need_not_be() {
    let mut scene = Scene::new();
    let record = scene.issued("ada");
    let token = scene.token(&record.invitation, Provenance::Mailed);
    let mut facts = scene.redemption_facts(&record);
    facts.record.inviter = ActorFacts::Unknown;
    assert!(redeem(&facts, &token, None, None, &scene.ring, &scene.ctx()).is_err());
    assert!(decline(&facts, &token, false, &scene.ring, &scene.ctx()).is_ok());
    scene.wait(7 * DAY);
    let late = decline(&scene.redemption_facts(&record), &token, false, &scene.ring, &scene.ctx());
    assert!(matches!(late, Err(Rejection::Dead(_))));
}

#[test]
fn r4_9_a_new_link_is_the_same_generation_while_live_and_a_new_one_when_expired() {
    let mut scene = Scene::new();
    let mut record = scene.issued("ada");
    let token = scene.token(&record.invitation, Provenance::Mailed);
    let asks = |scene: &Scene, record: &InvitationRecord| {
        new_link(&scene.redemption_facts(record), &token, None, &scene.ctx())
    };
    assert_eq!(asks(&scene, &record), None, "the first message is still on its way");
    record.deliveries[0].state = DeliveryState::Sent;
    let plan = asks(&scene, &record).unwrap();
    assert_eq!(plan.invitations[0].invitation().generation, 1);
    assert_eq!(plan.messages.len(), 1);
    scene.wait(7 * DAY);
    let plan = asks(&scene, &record).unwrap();
    let renewed = plan.invitations[0].invitation();
    assert_eq!(renewed.generation, 2);
    assert!(renewed.is_live(scene.now));
}

#[test]
fn r4_9_a_new_link_sends_nothing_where_nothing_may_be_sent() {
    let mut scene = Scene::new();
    let mut record = scene.issued("ada");
    record.deliveries[0].state = DeliveryState::Sent;
    let token = scene.token(&record.invitation, Provenance::Mailed);
    scene.wait(7 * DAY);
    let mut facts = scene.redemption_facts(&record);
    assert!(new_link(&facts, &token, None, &scene.ctx()).is_some());
    facts.blocked = true;
    assert_eq!(new_link(&facts, &token, None, &scene.ctx()), None);
    facts.blocked = false;
    facts.messages = vec![scene.now; 5];
    assert_eq!(new_link(&facts, &token, None, &scene.ctx()), None);
    facts.messages.clear();
    facts.record.inviter = ActorFacts::Unknown;
    assert_eq!(new_link(&facts, &token, None, &scene.ctx()), None);
    facts.record.inviter = scene.actor.clone();
    facts.other_holder = Some(scene.issued("ada").invitation);
    assert_eq!(new_link(&facts, &token, None, &scene.ctx()), None);
    facts.other_holder = None;
    facts.record.invitation.state = State::Revoked { at: scene.now, by: Actor::SYSTEM, reason: None };
    assert_eq!(new_link(&facts, &token, None, &scene.ctx()), None);
}
