use super::*;
use chrono::Duration;
use invite_domain::{
    invitation::{DeliveryState, EventKind, Reason},
    port::DeliveryError,
    service::{DispatchReport, Resend, Revoke},
};

#[tokio::test]
async fn r3_6_a_message_is_sent_once_and_shown_as_sent() {
    let house = House::new().await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    assert_eq!(issued.record.deliveries[0].state, DeliveryState::Queued);
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().sent, 1);
    assert_eq!(house.dispatcher.run_once(10).await.unwrap(), DispatchReport::default());
    let record = house.service.get(&house.owner(), issued.record.invitation.id).await.unwrap();
    assert_eq!((record.deliveries[0].state, record.deliveries[0].attempts), (DeliveryState::Sent, 1));
}

#[tokio::test]
async fn out_4_what_was_overtaken_or_ended_before_it_left_is_cancelled() {
    let house = House::new().await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    house.service.resend(&house.owner(), issued.record.invitation.id, Resend::default(), None).await.unwrap();
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().sent, 1, "only the newer one");
    let bob = house.issue(&house.owner(), "bob@example.org").await;
    house.service.revoke(&house.owner(), bob.record.invitation.id, Revoke::default()).await.unwrap();
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().claimed, 0);
    let eve = house.issue(&house.owner(), "eve@example.org").await;
    house.scene.clock.set(eve.record.invitation.expires_at);
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().cancelled, 1);
    let record = house.service.get(&house.owner(), eve.record.invitation.id).await.unwrap();
    assert_eq!(record.deliveries[0].reason, Some(Reason::InvitationExpired));
}

#[tokio::test]
async fn out_6_a_passing_failure_is_tried_again_later_and_keeps_its_message_id() {
    let house = House::new().await;
    house.issue(&house.owner(), "ada@example.org").await;
    house.notifier.fail_next(2, DeliveryError::Transient(Reason::Unreachable));
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().retried, 1);
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().claimed, 0, "not before its time");
    house.scene.pass(Duration::minutes(1));
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().retried, 1);
    house.scene.pass(Duration::minutes(2));
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().sent, 1);
    let attempts = house.notifier.attempts();
    assert_eq!(attempts.len(), 3);
    assert!(attempts.iter().all(|id| *id == attempts[0]));
}

#[tokio::test]
async fn out_5_a_permanent_failure_is_given_up_told_and_keeps_nobody_back() {
    let house = House::new().await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    house.scene.pass(Duration::seconds(1));
    house.issue(&house.owner(), "bob@example.org").await;
    house.notifier.fail_next(1, DeliveryError::Permanent(Reason::SmtpRefused));
    let report = house.dispatcher.run_once(10).await.unwrap();
    assert_eq!((report.failed, report.sent), (1, 1));
    assert!(events(&house).await.contains(&EventKind::InvitationDeliveryFailed));
    let record = house.service.get(&house.owner(), issued.record.invitation.id).await.unwrap();
    let delivery = &record.deliveries[0];
    assert_eq!((delivery.state, delivery.reason), (DeliveryState::Failed, Some(Reason::SmtpRefused)));
}

#[tokio::test]
async fn out_6_a_message_is_given_up_after_its_last_attempt() {
    let house = House::new().await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    // Long enough for every attempt to come before the invitation expires.
    house.service.extend(&house.owner(), issued.record.invitation.id, 30 * 86_400, None).await.unwrap();
    house.notifier.fail_next(50, DeliveryError::Transient(Reason::SmtpDeferred));
    let mut attempts = 0;
    loop {
        let report = house.dispatcher.run_once(10).await.unwrap();
        attempts += report.claimed;
        if report.failed == 1 {
            break;
        }
        house.scene.pass(Duration::days(1));
        assert!(attempts < 20, "it never gives up");
    }
    assert_eq!(attempts, 11);
    let record = house.service.get(&house.owner(), issued.record.invitation.id).await.unwrap();
    assert_eq!(record.deliveries[0].reason, Some(Reason::AttemptsExhausted));
}

#[tokio::test]
async fn r2_2_an_expiry_is_noted_in_the_trail_once_a_generation() {
    let house = House::new().await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    assert_eq!(house.dispatcher.note_lapses(10).await.unwrap(), 0);
    house.scene.clock.set(issued.record.invitation.expires_at);
    assert_eq!(house.dispatcher.note_lapses(10).await.unwrap(), 1);
    assert_eq!(house.dispatcher.note_lapses(10).await.unwrap(), 0);
    let expired = events(&house).await.iter().filter(|kind| **kind == EventKind::InvitationExpired).count();
    assert_eq!(expired, 1);
}

#[tokio::test]
async fn r2_2_an_extended_invitation_that_expires_again_is_the_same_generation_and_noted_once() {
    let house = House::new().await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    let id = issued.record.invitation.id;
    house.scene.clock.set(issued.record.invitation.expires_at);
    assert_eq!(house.dispatcher.note_lapses(10).await.unwrap(), 1);
    let extended = house.service.extend(&house.owner(), id, 3600, None).await.unwrap();
    house.scene.clock.set(extended.invitation.expires_at);
    assert_eq!(house.dispatcher.note_lapses(10).await.unwrap(), 0);
}

#[tokio::test]
async fn r2_2_a_suspension_is_noted_too() {
    let house = House::new().await;
    house.issue(&house.admin(), "ada@example.org").await;
    let admin = house.scene.admin.membership.clone();
    house.scene.apply(house.scene.plan_remove(&admin)).await;
    assert_eq!(house.dispatcher.note_lapses(10).await.unwrap(), 1);
    assert_eq!(house.dispatcher.note_lapses(10).await.unwrap(), 0);
    assert!(events(&house).await.contains(&EventKind::InvitationSuspended));
}

#[tokio::test]
async fn the_futures_of_the_use_cases_can_be_spawned() {
    fn spawnable<T: Send>(_: &T) {}
    let house = House::new().await;
    spawnable(&house.dispatcher.run_once(1));
    spawnable(&house.dispatcher.note_lapses(1));
    spawnable(&house.service.redeem(redeem("", None)));
    spawnable(&house.service.request_new_link("", Origin::none()));
}
