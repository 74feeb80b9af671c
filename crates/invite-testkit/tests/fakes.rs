//! The fakes do what a test has to rely on.

use chrono::Duration;
use invite_domain::{
    directory::Password,
    id::MessageId,
    invitation::{Channel, Reason},
    phone::PhoneNumber,
    port::{
        Clock as _, DeliveryError, Destination, Notification, NotificationContent, Notifier as _, Occasion,
        PasswordHasher as _, PortError,
    },
    secret::{
        code::TypedCode,
        token::{Provenance, mint},
    },
};
use invite_testkit::{ManualClock, MemoryStore, PlainHasher, RecordingNotifier, Scene, SeededEntropy, test_ring};
use std::sync::Arc;

/// A notification with a genuine token, and the token's text.
async fn notification() -> (Notification, String) {
    let scene = Scene::create(Arc::new(MemoryStore::default()), "acme").await;
    let invitation = scene.invitation("ana");
    let text = || invitation.token_binding().and_then(|row| mint(&test_ring(), &row, Provenance::Mailed).ok());
    let (Some(token), Some(again)) = (text(), text()) else { unreachable!("the test ring mints") };
    let content = NotificationContent::Invitation {
        occasion: Occasion::Issued,
        inviter_name: None,
        organization_name: "Acme".into(),
        role_name: None,
        expires_at: invitation.expires_at,
        message: None,
        token,
        code: Some(scene.code(&invitation)),
        organization_slug: scene.organization.slug.clone(),
    };
    let notification = Notification {
        message_id: MessageId::new(scene.now(), &SeededEntropy::default()),
        created_at: scene.now(),
        to: Destination::Email(scene.address("ana")),
        locales: vec![],
        time_zone: "UTC".into(),
        accent: None,
        logo: None,
        content,
    };
    (notification, again.expose().to_owned())
}

#[tokio::test]
async fn a_recording_notifier_keeps_the_token_for_the_test_and_out_of_its_debug_text() {
    let (notification, token) = notification().await;
    let notifier = RecordingNotifier::default();
    notifier.deliver(&notification).await.unwrap();
    let delivered = notifier.last_to(notification.to.email().unwrap()).unwrap();
    assert_eq!(delivered.token.expose(), token);
    let code = delivered.code.as_ref().unwrap().expose();
    assert!(TypedCode::parse(code).is_ok());
    let debug = format!("{delivered:?} {notifier:?}");
    assert!(!debug.contains(&token) && !debug.contains(code));
    assert_eq!(notifier.take(), [delivered]);
    assert!(notifier.delivered().is_empty());
}

#[tokio::test]
async fn a_recording_notifier_tells_phones_from_mailboxes() {
    let (mail, _) = notification().await;
    let number = PhoneNumber::parse("+41 79 555 01 01").unwrap();
    let text = Notification { to: Destination::Phone(number.clone()), ..notification().await.0 };
    let notifier = RecordingNotifier::default();
    assert_eq!(notifier.last_to_phone(&number), None);
    notifier.deliver(&text).await.unwrap();
    assert_eq!(notifier.last_to(mail.to.email().unwrap()), None);
    notifier.deliver(&mail).await.unwrap();
    assert_eq!(notifier.last_to_phone(&number).map(|delivered| delivered.channel), Some(Channel::Sms));
    assert_eq!(notifier.last_to(mail.to.email().unwrap()).map(|delivered| delivered.channel), Some(Channel::Email));
}

#[tokio::test]
async fn a_recording_notifier_fails_as_it_is_told() {
    let (notification, _) = notification().await;
    let notifier = RecordingNotifier::default();
    let deferred = DeliveryError::Transient(Reason::SmtpDeferred);
    let refused = DeliveryError::Permanent(Reason::SmtpRefused);
    notifier.fail_next(2, deferred);
    for _ in 0..2 {
        assert_eq!(notifier.deliver(&notification).await, Err(deferred));
    }
    notifier.fail_message(notification.message_id, refused);
    assert_eq!(notifier.deliver(&notification).await, Err(refused));
    notifier.recover();
    assert_eq!(notifier.deliver(&notification).await, Ok(()));
    assert_eq!((notifier.attempts().len(), notifier.delivered().len()), (4, 1));
    assert_eq!(notifier.channels(), Channel::ALL);
    notifier.set_channels(vec![]);
    assert!(notifier.channels().is_empty());
}

#[tokio::test]
async fn a_plain_hasher_knows_its_passwords_counts_and_rations() {
    let hasher = PlainHasher::with_turns(1);
    let (right, wrong) = (Password::typed("correct horse"), Password::typed("correct house"));
    let turn = hasher.turn().await.unwrap();
    let hash = hasher.hash(&right, turn).await.unwrap();
    assert!(!hash.expose().contains("horse"));
    assert!(hasher.verify(&right, Some(&hash)).await.unwrap());
    assert!(!hasher.verify(&wrong, Some(&hash)).await.unwrap());
    assert!(!hasher.verify(&right, None).await.unwrap());
    assert_eq!((hasher.hashed(), hasher.verified(), hasher.dummies()), (1, 3, 1));

    let held = hasher.turn().await.unwrap();
    let waiting = tokio::select! {
        biased;
        _ = hasher.turn() => false,
        () = tokio::task::yield_now() => true,
    };
    assert!(waiting, "one turn, one holder");
    hasher.add_turns(1);
    drop((hasher.turn().await.unwrap(), held));
    hasher.set_overloaded(true);
    assert!(matches!(hasher.turn().await, Err(PortError::Overloaded)));
}

#[tokio::test]
async fn two_scenes_in_one_store_share_no_id_and_one_word_gives_the_same_scene_again() {
    let create = async |word| Scene::create(Arc::new(MemoryStore::default()), word).await;
    let (one, again, other) = (create("acme").await, create("acme").await, create("other").await);
    assert_eq!(one.organization, again.organization);
    assert_eq!(one.api_key_text.expose(), again.api_key_text.expose());
    assert_ne!(one.organization.id, other.organization.id);
    let clock = ManualClock::default();
    assert_eq!(one.now(), clock.now());
    one.pass(Duration::seconds(1));
    assert_eq!(again.now(), clock.now(), "each scene has a clock of its own");
}
