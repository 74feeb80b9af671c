//! Messages that were given up.

use super::{EMAIL, claim, delivery, lease};
use crate::{
    Scene,
    contract::{Subject, at_once, stood, walk_by_two},
};
use chrono::Duration;
use invite_domain::{
    id::MessageId,
    invitation::{Channel, DeadLetter, DeliveryState, Invitation, MessageKind, OutboxMessage, Outcome, Plan, Reason},
    page::PageRequest,
    port::Settlement,
    secret::account_token::AccountPurpose,
};
use std::sync::Arc;

/// Issues an invitation whose message is given up now, and answers the dead letter it is.
async fn bury(subject: &Subject, scene: &Scene, address: &str) -> (Invitation, DeadLetter) {
    let invitation = scene.issue(address).await;
    let message = claim(subject, 1, 10, scene.now()).await.remove(0);
    let failed = Settlement::Failed(Reason::SmtpRefused);
    assert!(subject.outbox.settle(message.id, &lease(1), failed, None, scene.now()).await.unwrap());
    let letter = DeadLetter {
        id: message.id,
        invitation_id: invitation.id,
        generation: invitation.generation,
        channel: Channel::Email,
        attempts: 1,
        reason: Reason::SmtpRefused,
        at: scene.now(),
    };
    (invitation, letter)
}

pub(in crate::contract) async fn dead_letters_are_an_organizations_own_the_last_first(subject: Subject) {
    let (scene, other) = (subject.scene("acme").await, subject.scene("globex").await);
    let mut letters = Vec::new();
    for name in ["ana", "bea"] {
        letters.insert(0, bury(&subject, &scene, name).await.1);
        scene.pass(Duration::microseconds(1));
    }
    // Two of one moment: the later id comes first.
    let mut twins = [bury(&subject, &scene, "cleo").await.1, bury(&subject, &scene, "dora").await.1];
    twins.sort_by_key(|letter| std::cmp::Reverse(letter.id));
    letters.splice(0..0, twins);
    let (_, foreign) = bury(&subject, &other, "ana").await;
    scene.issue("eve").await;
    let kind = MessageKind::Account {
        account_id: scene.member.account.id,
        purpose: AccountPurpose::PasswordReset,
        counter: 1,
    };
    let id = MessageId::new(scene.now(), &*scene.entropy);
    let of_account = OutboxMessage {
        state: DeliveryState::Failed,
        reason: Some(Reason::SmtpRefused),
        settled_at: Some(scene.now()),
        ..OutboxMessage::queued(id, Some(scene.organization.id), kind, Channel::Email, scene.now())
    };
    scene.apply(Plan { messages: vec![of_account], ..Plan::default() }).await;

    let organization = scene.organization.id;
    let request = PageRequest { include_total: true, ..PageRequest::first(3) };
    let first = subject.outbox.dead_letters(organization, &request).await.unwrap();
    assert_eq!((&first.items[..], first.total), (&letters[..3], Some(4)));
    let request = PageRequest { after: first.next, ..PageRequest::first(3) };
    let second = subject.outbox.dead_letters(organization, &request).await.unwrap();
    assert_eq!((&second.items[..], second.next), (&letters[3..], None));

    let one = async |organization, id| subject.outbox.dead_letter(organization, id).await.unwrap();
    assert_eq!(one(organization, letters[0].id).await, Some(letters[0].clone()));
    assert_eq!(one(organization, foreign.id).await, None, "another organisation's");
    assert_eq!(one(organization, id).await, None, "an account's");
    assert_eq!(one(other.organization.id, foreign.id).await, Some(foreign));
}

pub(in crate::contract) async fn pages_of_dead_letters_stand_while_letters_come_and_go(subject: Subject) {
    let scene = subject.scene("acme").await;
    let mut there = Vec::new();
    for i in 0..7 {
        there.insert(0, bury(&subject, &scene, &format!("a{i}")).await.1.id.as_uuid());
        scene.pass(Duration::microseconds(1));
    }
    let mut count = 0;
    let walked = walk_by_two(
        async |page| subject.outbox.dead_letters(scene.organization.id, page).await,
        |letter| letter.id.as_uuid(),
        async |last| {
            count += 1;
            // Two later ones come at the beginning, and the one the next page is to begin after is sent again.
            for name in ["later", "last"] {
                bury(&subject, &scene, &format!("{name}{count}")).await;
            }
            let replay_messages = vec![(MessageId::from_uuid(last), scene.now() + Duration::days(1))];
            scene.apply(Plan { replay_messages, ..Plan::default() }).await;
        },
    )
    .await;
    stood(&walked, there, "dead letters");
    assert_eq!(count, 3, "all of them were there until they were read, and only they came");
}

pub(in crate::contract) async fn a_dead_letter_is_replayed_once_from_its_first_attempt_on(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (invitation, letter) = bury(&subject, &scene, "ana").await;
    let now = scene.pass(Duration::seconds(1));
    let replay = |at| Plan { replay_messages: vec![(letter.id, at)], ..Plan::default() };
    let plans: Vec<_> = (0..8)
        .map(|_| {
            let (store, plan) = (Arc::clone(&scene.store), replay(now));
            async move { store.commit(&[plan]).await.remove(0).unwrap() }
        })
        .collect();
    let outcomes = at_once(plans).await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome != Outcome::Stale).count(), 1, "{outcomes:?}");

    assert_eq!(subject.outbox.dead_letter(scene.organization.id, letter.id).await.unwrap(), None, "not dead any more");
    let shown = delivery(&scene, &invitation).await;
    assert_eq!((shown.state, shown.reason, shown.attempts), (DeliveryState::Queued, None, 0));
    assert_eq!(shown.next_attempt_at, Some(now));
    assert!(claim(&subject, 2, 10, now - Duration::microseconds(1)).await.is_empty());
    assert_eq!(subject.outbox.next_due(EMAIL).await.unwrap(), Some(now));
    let message = claim(&subject, 2, 10, now).await.remove(0);
    assert_eq!((message.id, message.attempts, message.settled_at), (letter.id, 0, None), "the same message");

    assert!(subject.outbox.settle(message.id, &lease(2), Settlement::Sent, None, now).await.unwrap());
    assert_eq!(scene.store.commit(&[replay(now)]).await.remove(0).unwrap(), Outcome::Stale, "it was sent");
    assert_eq!(delivery(&scene, &invitation).await.state, DeliveryState::Sent);
    let unknown = MessageId::new(now, &*scene.entropy);
    let plan = Plan { replay_messages: vec![(unknown, now)], ..Plan::default() };
    assert_eq!(scene.store.commit(&[plan]).await.remove(0).unwrap(), Outcome::Stale);
}
