use super::*;
use chrono::Duration;
use invite_domain::{
    id::MessageId,
    invitation::{Channel, DeadLetter, DeliveryState, EventKind, Origin, Reason, Status},
    page::PageRequest,
    port::DeliveryError,
    service::{DeadLetterService, DispatchReport, Resend, Revoke},
};

/// The use cases of dead letters over the same store.
fn dead_letters(house: &House) -> DeadLetterService {
    DeadLetterService::new(Arc::new(house.store.clone()), house.service.clone())
}

async fn listed(house: &House) -> Vec<DeadLetter> {
    dead_letters(house).list(&house.owner(), &PageRequest::first(200)).await.unwrap().items
}

/// Issues an invitation whose message is refused for good, and answers both.
async fn given_up(house: &House, address: &str) -> (Issued, DeadLetter) {
    let issued = house.issue(&house.owner(), address).await;
    house.notifier.fail_next(1, DeliveryError::Permanent(Reason::SmtpRefused));
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().failed, 1);
    let letter = listed(house).await.remove(0);
    assert_eq!(letter.invitation_id, issued.record.invitation.id);
    (issued, letter)
}

async fn delivery(house: &House, issued: &Issued) -> (DeliveryState, u32) {
    let record = house.service.get(&house.owner(), issued.record.invitation.id).await.unwrap();
    (record.deliveries[0].state, record.deliveries[0].attempts)
}

#[tokio::test]
async fn r8_2_a_replayed_message_is_the_same_one_and_has_all_its_attempts_before_it() {
    let house = House::new().await;
    let (issued, letter) = given_up(&house, "ada@example.org").await;
    assert_eq!((letter.channel, letter.attempts, letter.reason), (Channel::Email, 1, Reason::SmtpRefused));
    house.scene.pass(Duration::hours(3));
    assert_eq!(dead_letters(&house).replay(&house.owner(), letter.id).await.unwrap(), letter);
    assert_eq!(listed(&house).await, []);
    assert_eq!(delivery(&house, &issued).await, (DeliveryState::Queued, 0));

    // A passing failure waits for as long as after a first attempt.
    house.notifier.fail_next(1, DeliveryError::Transient(Reason::Unreachable));
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().retried, 1, "it is due at once");
    house.scene.pass(Duration::minutes(1));
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().sent, 1);
    assert_eq!(delivery(&house, &issued).await, (DeliveryState::Sent, 2));
    assert_eq!(house.notifier.attempts(), [letter.id; 3], "one message, and so one Message-ID");
    let sent = house.notifier.last_to(&house.scene.address("ada@example.org")).unwrap();
    house.redeem(sent.token.expose(), Some("a good long password")).await.unwrap();
    let replays = events(&house).await.into_iter().filter(|kind| *kind == EventKind::InvitationDeliveryReplayed);
    assert_eq!(replays.count(), 1);
}

#[tokio::test]
async fn r8_2_a_message_that_was_tried_too_often_is_replayed_from_its_first_attempt_on() {
    let house = House::new().await;
    let issued = house.issue(&house.owner(), "ada@example.org").await;
    house.service.extend(&house.owner(), issued.record.invitation.id, 30 * 86_400, None).await.unwrap();
    let exhaust = async || {
        house.notifier.fail_next(11, DeliveryError::Transient(Reason::SmtpDeferred));
        for _ in 0..10 {
            assert_eq!(house.dispatcher.run_once(10).await.unwrap().retried, 1);
            house.scene.pass(Duration::days(1));
        }
        assert_eq!(house.dispatcher.run_once(10).await.unwrap().failed, 1);
    };
    exhaust().await;
    let [letter] = <[DeadLetter; 1]>::try_from(listed(&house).await).unwrap();
    assert_eq!((letter.attempts, letter.reason), (11, Reason::AttemptsExhausted));
    dead_letters(&house).replay(&house.owner(), letter.id).await.unwrap();
    exhaust().await;
    assert_eq!(listed(&house).await[0].attempts, 11, "as often again");
}

#[tokio::test]
async fn r8_2_of_two_who_replay_at_once_one_does() {
    let house = House::new().await;
    let (_, letter) = given_up(&house, "ada@example.org").await;
    let service = dead_letters(&house);
    let (owner, admin) = (house.owner(), house.admin());
    let (one, other) = tokio::join!(service.replay(&owner, letter.id), service.replay(&admin, letter.id));
    let refused = if one.is_ok() { rejection(other) } else { rejection(one) };
    assert_eq!(refused, Rejection::NotFound);
    assert_eq!(house.dispatcher.run_once(10).await.unwrap(), DispatchReport { claimed: 1, sent: 1, ..report() });
}

fn report() -> DispatchReport {
    DispatchReport::default()
}

#[tokio::test]
async fn r8_1_a_replayed_message_that_is_not_wanted_any_more_is_cancelled() {
    let house = House::new().await;
    let (overtaken, letter) = given_up(&house, "ada@example.org").await;
    house.scene.pass(Duration::seconds(1));
    let id = overtaken.record.invitation.id;
    house.service.resend(&house.owner(), id, Resend::default(), None).await.unwrap();
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().sent, 1);
    dead_letters(&house).replay(&house.owner(), letter.id).await.unwrap();
    assert_eq!(house.dispatcher.run_once(10).await.unwrap(), DispatchReport { claimed: 1, cancelled: 1, ..report() });
    assert_eq!(delivery(&house, &overtaken).await.0, DeliveryState::Sent, "the newer one is what it shows");

    let (expired, letter) = given_up(&house, "bob@example.org").await;
    house.scene.clock.set(expired.record.invitation.expires_at);
    dead_letters(&house).replay(&house.owner(), letter.id).await.unwrap();
    assert_eq!(house.dispatcher.run_once(10).await.unwrap().cancelled, 1);
    let record = house.service.get(&house.owner(), expired.record.invitation.id).await.unwrap();
    assert_eq!(record.deliveries[0].reason, Some(Reason::InvitationExpired));
    assert_eq!(listed(&house).await, []);
}

#[tokio::test]
async fn r8_2_an_ended_invitations_message_is_not_replayed() {
    let house = House::new().await;
    let (issued, letter) = given_up(&house, "ada@example.org").await;
    house.service.revoke(&house.owner(), issued.record.invitation.id, Revoke::default()).await.unwrap();
    let refused = dead_letters(&house).replay(&house.owner(), letter.id).await;
    assert_eq!(rejection(refused), Rejection::Ended(Status::Revoked));
    assert_eq!(house.dispatcher.run_once(10).await.unwrap(), report());
}

#[tokio::test]
async fn r6_6_dead_letters_are_for_those_of_the_organisation_who_may() {
    let house = House::new().await;
    let (_, letter) = given_up(&house, "ada@example.org").await;
    let (service, member) = (dead_letters(&house), house.caller(house.scene.member.principal()));
    let unknown = MessageId::from_uuid(uuid::Uuid::from_u128(7));
    let may_not = |permission| Rejection::Forbidden { permission };
    let page = PageRequest::first(10);
    assert_eq!(rejection(service.list(&member, &page).await), may_not("dead_letters.read"));
    for id in [letter.id, unknown] {
        assert_eq!(rejection(service.replay(&member, id).await), may_not("dead_letters.replay"));
    }
    assert_eq!(rejection(service.replay(&house.admin(), unknown).await), Rejection::NotFound);
    let other = Scene::create(Arc::new(house.store.clone()), "globex").await;
    let principal = other.owner.principal();
    let elsewhere = Caller { principal, organization_id: other.organization.id, origin: Origin::default() };
    assert_eq!(service.list(&elsewhere, &page).await.unwrap().items, []);
    assert_eq!(rejection(service.replay(&elsewhere, letter.id).await), Rejection::NotFound);
    service.replay(&house.admin(), letter.id).await.unwrap();
}
