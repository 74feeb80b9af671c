//! The queue of messages.

mod dead_letters;
mod kinds;

pub(super) use dead_letters::*;
pub(super) use kinds::*;

use super::{Subject, at_once};
use crate::Scene;
use chrono::Duration;
use invite_domain::{
    access::SystemRole,
    directory::{Account, AccountToken},
    id::MessageId,
    invitation::{
        AdministrationChange, Channel, Delivery, DeliveryState, DirectoryChange, EventKind, Invitation, MessageKind,
        OutboxMessage, Plan, Reason, Recipient,
    },
    page::PageRequest,
    port::{DeliveryFacts, EventFilter, Lease, Settlement},
    secret::{account_token::AccountPurpose, token::Nonce},
    time::Timestamp,
};
use std::sync::Arc;
use uuid::Uuid;

/// Every case of the part. A case that does not stand here is dead code, which the compiler reports.
#[doc(hidden)]
#[macro_export]
macro_rules! __outbox_cases {
    ($then:ident $part:ident $args:tt) => {
        $crate::$then! { $part $args
            a_message_is_claimed_when_it_is_due
            a_message_comes_back_equal_in_every_field
            only_channels_asked_for_are_claimed
            one_message_has_one_claimant_at_a_time
            of_many_concurrent_claimants_each_gets_messages_of_its_own
            a_lease_that_ended_keeps_no_message_back
            a_claimant_who_lost_the_lease_settles_nothing
            a_message_cancelled_while_claimed_stays_cancelled
            a_settlement_is_recorded_with_its_event
            a_message_is_settled_once
            a_retried_message_waits_until_its_time
            the_next_due_time_waits_for_leases
            dead_letters_are_an_organizations_own_the_last_first
            pages_of_dead_letters_stand_while_letters_come_and_go
            a_dead_letter_is_replayed_once_from_its_first_attempt_on
            a_delivery_learns_all_of_its_invitation
            a_delivery_to_a_phone_is_of_its_invitation_and_nobodys_account
            a_delivery_learns_all_of_its_account
            a_delivery_of_a_deleted_organization_is_gone
            a_message_of_every_kind_comes_back_equal
            an_ending_cancels_reminders_and_leaves_notices
            a_reminder_that_was_given_up_is_a_dead_letter_and_a_notice_is_none
            a_notice_learns_all_of_its_invitation_and_its_reader
            a_reminder_is_settled_as_any_message
            the_news_of_an_address_goes_on_whatever_the_account_does
        }
    };
}

const EMAIL: &[Channel] = &[Channel::Email];

fn lease(number: u128) -> Lease {
    Lease { token: Uuid::from_u128(number), lasts: Duration::minutes(2) }
}

async fn claim(subject: &Subject, number: u128, limit: u32, now: Timestamp) -> Vec<OutboxMessage> {
    subject.outbox.claim(EMAIL, &lease(number), limit, now).await.unwrap()
}

async fn delivery(scene: &Scene, invitation: &Invitation) -> Delivery {
    scene.record(invitation.id).await.unwrap().deliveries.remove(0)
}

/// Issues one invitation whose message is due at this instant, and answers both.
async fn queue(scene: &Scene, address: &str, due: Timestamp) -> (Invitation, OutboxMessage) {
    let invitation = scene.invitation(address);
    let mut plan = scene.plan_issue(&invitation);
    plan.messages[0].next_attempt_at = due;
    let message = plan.messages[0].clone();
    scene.apply(plan).await;
    (invitation, message)
}

pub(super) async fn a_message_is_claimed_when_it_is_due(subject: Subject) {
    let scene = subject.scene("acme").await;
    let now = scene.now();
    let (_, late) = queue(&scene, "late", now + Duration::microseconds(1)).await;
    let (_, second) = queue(&scene, "second", now).await;
    let (_, first) = queue(&scene, "first", now - Duration::minutes(1)).await;
    assert!(claim(&subject, 1, 10, now - Duration::minutes(2)).await.is_empty());
    assert_eq!(claim(&subject, 1, 1, now).await, [first], "the oldest due first, and no more than asked for");
    assert_eq!(claim(&subject, 1, 10, now).await, [second]);
    assert!(claim(&subject, 1, 10, now).await.is_empty());
    assert_eq!(claim(&subject, 1, 10, now + Duration::microseconds(1)).await, [late]);
}

pub(super) async fn a_message_comes_back_equal_in_every_field(subject: Subject) {
    let scene = subject.scene("acme").await;
    let now = scene.now();
    let (_, of_invitation) = queue(&scene, "ana", now).await;
    let kind = MessageKind::Account {
        account_id: scene.member.account.id,
        purpose: AccountPurpose::PasswordReset,
        counter: 255,
    };
    let id = MessageId::new(now, &*scene.entropy);
    let of_account = OutboxMessage::queued(id, None, kind, Channel::Email, now + Duration::microseconds(1));
    let settled = scene.message(&scene.issue("bob").await).cancelled(Reason::RecipientBlocked);
    let messages = vec![of_account.clone(), settled];
    scene.apply(Plan { messages, ..Plan::default() }).await;
    let mut found = claim(&subject, 1, 10, now + Duration::seconds(1)).await;
    found.retain(|message| [of_invitation.id, of_account.id].contains(&message.id));
    assert_eq!(found, [of_invitation, of_account]);
    assert!(claim(&subject, 2, 10, now + Duration::seconds(1)).await.is_empty(), "nor is a cancelled one claimed");
}

pub(super) async fn only_channels_asked_for_are_claimed(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (_, message) = queue(&scene, "ana", scene.now()).await;
    assert!(subject.outbox.claim(&[], &lease(1), 10, scene.now()).await.unwrap().is_empty());
    assert_eq!(subject.outbox.next_due(&[]).await.unwrap(), None);
    assert_eq!(subject.outbox.next_due(EMAIL).await.unwrap(), Some(scene.now()));

    let (both, sms) = (Channel::ALL, &[Channel::Sms]);
    assert_eq!(subject.outbox.next_due(sms).await.unwrap(), None);
    assert!(subject.outbox.claim(sms, &lease(1), 10, scene.now()).await.unwrap().is_empty());
    let earlier = scene.now() - Duration::minutes(1);
    let recipient = Recipient::Phone(scene.phone("+41 79 555 01 01"));
    let mut plan = scene.plan_issue(&scene.invitation_to(recipient));
    plan.messages[0].next_attempt_at = earlier;
    let text = plan.messages[0].clone();
    assert_eq!(text.channel, Channel::Sms);
    scene.apply(plan).await;
    assert_eq!(subject.outbox.next_due(EMAIL).await.unwrap(), Some(scene.now()));
    assert_eq!(subject.outbox.next_due(sms).await.unwrap(), Some(earlier));
    assert_eq!(subject.outbox.next_due(&both).await.unwrap(), Some(earlier));
    assert_eq!(claim(&subject, 1, 10, scene.now()).await, [message], "mails alone");
    assert_eq!(subject.outbox.claim(&both, &lease(1), 10, scene.now()).await.unwrap(), [text], "and what is left");
}

pub(super) async fn one_message_has_one_claimant_at_a_time(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (_, message) = queue(&scene, "ana", scene.now()).await;
    assert_eq!(claim(&subject, 1, 10, scene.now()).await, [message]);
    let last = scene.now() + lease(1).lasts - Duration::microseconds(1);
    for now in [scene.now(), last] {
        assert!(claim(&subject, 2, 10, now).await.is_empty());
        assert!(claim(&subject, 1, 10, now).await.is_empty(), "not even to its holder again");
    }
}

pub(super) async fn of_many_concurrent_claimants_each_gets_messages_of_its_own(subject: Subject) {
    let scene = subject.scene("acme").await;
    for round in 0..subject.races {
        let mut queued = Vec::new();
        for i in 0..8 {
            queued.push(queue(&scene, &format!("r{round}x{i}"), scene.now()).await.1.id);
        }
        let claims = (0..6_u128).map(|number| {
            let (outbox, now) = (Arc::clone(&subject.outbox), scene.now());
            async move { (number, outbox.claim(EMAIL, &lease(number), 2, now).await.unwrap()) }
        });
        let mut claimed = Vec::new();
        for (number, messages) in at_once(claims.collect()).await {
            assert!(messages.len() <= 2);
            for message in messages {
                claimed.push(message.id);
                let held = subject.outbox.settle(message.id, &lease(number), Settlement::Sent, None, scene.now()).await;
                assert!(held.unwrap(), "whoever claimed a message holds it");
            }
        }
        claimed.extend(claim(&subject, 99, 100, scene.now()).await.iter().map(|message| message.id));
        let count = claimed.len();
        claimed.sort_unstable();
        claimed.dedup();
        assert_eq!(claimed.len(), count, "no message twice");
        queued.sort_unstable();
        assert_eq!(claimed, queued, "no message forgotten");
        scene.pass(Duration::seconds(1));
        for id in queued {
            let _ = subject.outbox.settle(id, &lease(99), Settlement::Sent, None, scene.now()).await.unwrap();
        }
    }
}

pub(super) async fn a_lease_that_ended_keeps_no_message_back(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (_, message) = queue(&scene, "ana", scene.now()).await;
    assert_eq!(claim(&subject, 1, 10, scene.now()).await.len(), 1);
    let again = claim(&subject, 2, 10, scene.now() + lease(1).lasts).await;
    assert_eq!(again.iter().map(|message| message.id).collect::<Vec<_>>(), [message.id]);
    assert!(claim(&subject, 3, 10, scene.now() + lease(1).lasts).await.is_empty(), "the new lease holds");
}

pub(super) async fn a_claimant_who_lost_the_lease_settles_nothing(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (invitation, message) = queue(&scene, "ana", scene.now()).await;
    let trail = async || {
        let page = PageRequest::first(100);
        scene.store.events(scene.organization.id, &EventFilter::default(), &page).await.unwrap().items.len()
    };
    let unclaimed = subject.outbox.settle(message.id, &lease(1), Settlement::Sent, None, scene.now()).await.unwrap();
    assert!(!unclaimed, "nobody holds it yet");
    claim(&subject, 1, 10, scene.now()).await;
    let now = scene.pass(lease(1).lasts);
    claim(&subject, 2, 10, now).await;
    let (before, trail_before) = (delivery(&scene, &invitation).await, trail().await);
    let retry = Settlement::Retry { at: now, reason: Reason::SmtpDeferred };
    let failed = Settlement::Failed(Reason::SmtpRefused);
    let cancelled = Settlement::Cancelled(Reason::Overtaken);
    for settlement in [Settlement::Sent, retry, failed, cancelled] {
        let event = scene.event(EventKind::InvitationDeliveryFailed, Some(&invitation));
        let held = subject.outbox.settle(message.id, &lease(1), settlement, Some(event), now).await.unwrap();
        assert!(!held, "{settlement:?}");
    }
    let unknown = MessageId::new(now, &*scene.entropy);
    assert!(!subject.outbox.settle(unknown, &lease(2), Settlement::Sent, None, now).await.unwrap());
    assert_eq!(delivery(&scene, &invitation).await, before, "nothing was written");
    assert_eq!(trail().await, trail_before, "no event either");
    assert!(claim(&subject, 3, 10, now).await.is_empty(), "the second one's lease holds on");
    assert!(subject.outbox.settle(message.id, &lease(2), Settlement::Sent, None, now).await.unwrap());
    assert_eq!(delivery(&scene, &invitation).await.state, DeliveryState::Sent);
}

pub(super) async fn a_message_cancelled_while_claimed_stays_cancelled(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    let message = claim(&subject, 1, 10, scene.now()).await.remove(0);
    scene.apply(scene.plan_revoke(&invitation)).await;
    let retry = Settlement::Retry { at: scene.now(), reason: Reason::Unreachable };
    assert!(!subject.outbox.settle(message.id, &lease(1), retry, None, scene.now()).await.unwrap());
    assert_eq!(delivery(&scene, &invitation).await.state, DeliveryState::Cancelled);
    let later = scene.now() + Duration::days(1);
    assert!(claim(&subject, 2, 10, later).await.is_empty(), "it is never sent");
    assert_eq!(subject.outbox.next_due(EMAIL).await.unwrap(), None);
}

pub(super) async fn a_settlement_is_recorded_with_its_event(subject: Subject) {
    let scene = subject.scene("acme").await;
    let retry_at = scene.now() + Duration::minutes(9) + Duration::microseconds(1);
    let table = [
        (Settlement::Sent, DeliveryState::Sent, None, 1),
        (
            Settlement::Retry { at: retry_at, reason: Reason::SmtpDeferred },
            DeliveryState::Queued,
            Some(Reason::SmtpDeferred),
            1,
        ),
        (Settlement::Failed(Reason::AttemptsExhausted), DeliveryState::Failed, Some(Reason::AttemptsExhausted), 1),
        (Settlement::Cancelled(Reason::KeyRetired), DeliveryState::Cancelled, Some(Reason::KeyRetired), 0),
    ];
    for (index, (settlement, state, reason, attempts)) in table.into_iter().enumerate() {
        let (invitation, message) = queue(&scene, &format!("a{index}"), scene.now()).await;
        claim(&subject, 1, 10, scene.now()).await;
        let now = scene.now() + Duration::seconds(1);
        let event = scene.event(EventKind::InvitationDeliveryFailed, Some(&invitation));
        let settled = subject.outbox.settle(message.id, &lease(1), settlement, Some(event.clone()), now).await;
        assert!(settled.unwrap());
        let shown = delivery(&scene, &invitation).await;
        assert_eq!((shown.state, shown.reason, shown.attempts), (state, reason, attempts), "{settlement:?}");
        if state == DeliveryState::Queued {
            assert_eq!(shown.next_attempt_at, Some(retry_at));
        } else {
            assert_eq!((shown.at, shown.next_attempt_at), (now, None));
        }
        let filter =
            EventFilter { invitation_id: Some(invitation.id), kind: Some(event.kind), ..EventFilter::default() };
        let page = PageRequest::first(10);
        let events = scene.store.events(scene.organization.id, &filter, &page).await.unwrap().items;
        assert_eq!(events, [event]);
    }
}

pub(super) async fn a_message_is_settled_once(subject: Subject) {
    let scene = subject.scene("acme").await;
    let retry = Settlement::Retry { at: scene.now(), reason: Reason::Unreachable };
    let failed = Settlement::Failed(Reason::SmtpRefused);
    for (index, settlement) in [Settlement::Sent, failed, retry].into_iter().enumerate() {
        let (invitation, message) = queue(&scene, &format!("a{index}"), scene.now()).await;
        claim(&subject, 1, 10, scene.now()).await;
        assert!(subject.outbox.settle(message.id, &lease(1), settlement, None, scene.now()).await.unwrap());
        let shown = delivery(&scene, &invitation).await;
        assert!(!subject.outbox.settle(message.id, &lease(1), Settlement::Sent, None, scene.now()).await.unwrap());
        assert_eq!(delivery(&scene, &invitation).await, shown, "{settlement:?}");
    }
}

pub(super) async fn a_retried_message_waits_until_its_time(subject: Subject) {
    let scene = subject.scene("acme").await;
    let (_, message) = queue(&scene, "ana", scene.now()).await;
    claim(&subject, 1, 10, scene.now()).await;
    let at = scene.now() + Duration::seconds(30);
    let retry = Settlement::Retry { at, reason: Reason::SmtpDeferred };
    assert!(subject.outbox.settle(message.id, &lease(1), retry, None, scene.now()).await.unwrap());
    assert!(claim(&subject, 2, 10, at - Duration::microseconds(1)).await.is_empty());
    let again = claim(&subject, 2, 10, at).await;
    assert_eq!(again.len(), 1, "the lease ended with the attempt");
    assert_eq!((again[0].attempts, again[0].reason), (1, Some(Reason::SmtpDeferred)));
    assert_eq!((again[0].created_at, again[0].next_attempt_at, again[0].settled_at), (message.created_at, at, None));
}

pub(super) async fn the_next_due_time_waits_for_leases(subject: Subject) {
    let scene = subject.scene("acme").await;
    let next = async || subject.outbox.next_due(EMAIL).await.unwrap();
    assert_eq!(next().await, None);
    let now = scene.now();
    let (_, late) = queue(&scene, "late", now + Duration::minutes(5)).await;
    assert_eq!(next().await, Some(late.next_attempt_at));
    let (_, soon) = queue(&scene, "soon", now).await;
    assert_eq!(next().await, Some(now));
    claim(&subject, 1, 10, now).await;
    assert_eq!(next().await, Some(now + lease(1).lasts), "when the lease ends");
    assert!(subject.outbox.settle(soon.id, &lease(1), Settlement::Sent, None, now).await.unwrap());
    assert_eq!(next().await, Some(late.next_attempt_at));
}

pub(super) async fn a_delivery_learns_all_of_its_invitation(subject: Subject) {
    let scene = subject.scene("acme").await;
    let invitation = scene.issue("ana").await;
    let message = claim(&subject, 1, 10, scene.now()).await.remove(0);
    let load = async || match subject.outbox.load_delivery(&message).await.unwrap() {
        DeliveryFacts::Invitation { organization, record, account_locale, blocked } => {
            assert_eq!(*organization, scene.organization);
            assert_eq!(Some(*record), scene.record(invitation.id).await);
            (account_locale, blocked)
        }
        other => unreachable!("not of an invitation: {other:?}"),
    };
    assert_eq!(load().await, (None, false));
    scene.join("ANA@example.org", &scene.roles.guest).await;
    let block = AdministrationChange::Block(scene.organization.id, invitation.recipient.live_key(), scene.now());
    scene.administer(block).await;
    assert_eq!(load().await, (Some("fr".into()), true));
    let unknown = MessageKind::Invitation {
        invitation_id: invite_domain::id::InvitationId::new(scene.now(), &*scene.entropy),
        generation: 1,
    };
    let gone = subject.outbox.load_delivery(&OutboxMessage { kind: unknown, ..message.clone() }).await.unwrap();
    assert_eq!(gone, DeliveryFacts::Gone);
}

pub(super) async fn a_delivery_to_a_phone_is_of_its_invitation_and_nobodys_account(subject: Subject) {
    let scene = subject.scene("acme").await;
    let number = scene.phone("+41 79 555 01 01");
    let same = Account { phone: Some(number.clone()), version: 2, ..scene.member.account.clone() };
    let directory = vec![DirectoryChange::UpdateAccount(Box::new(same))];
    scene.apply(Plan { directory, ..Plan::default() }).await;
    let invitation = scene.issue_this(scene.invitation_to(Recipient::Phone(number))).await;
    let message = scene.message_by(Channel::Sms, &invitation);
    let DeliveryFacts::Invitation { record, account_locale, blocked, .. } =
        subject.outbox.load_delivery(&message).await.unwrap()
    else {
        unreachable!("the message is of an invitation")
    };
    assert_eq!(Some(*record), scene.record(invitation.id).await);
    assert_eq!((account_locale, blocked), (None, false), "who has the number is not known");
    let key = invitation.recipient.live_key();
    scene.administer(AdministrationChange::Block(scene.organization.id, key, scene.now())).await;
    let facts = subject.outbox.load_delivery(&message).await.unwrap();
    assert!(matches!(facts, DeliveryFacts::Invitation { blocked: true, .. }));
}

pub(super) async fn a_delivery_learns_all_of_its_account(subject: Subject) {
    let scene = subject.scene("acme").await;
    assert_eq!(scene.roles.owner.system, Some(SystemRole::Owner));
    let purpose = AccountPurpose::OwnerLink;
    let token = AccountToken {
        account_id: scene.owner.account.id,
        purpose,
        counter: 7,
        key_id: scene.ring.active().unwrap(),
        nonce: Some(Nonce::generate(&*scene.entropy)),
        created_at: scene.now(),
        expires_at: scene.now() + Duration::days(1),
        used_at: None,
        address: None,
    };
    let kind = |purpose| MessageKind::Account { account_id: scene.owner.account.id, purpose, counter: 7 };
    let id = MessageId::new(scene.now(), &*scene.entropy);
    let message = OutboxMessage::queued(id, None, kind(purpose), Channel::Email, scene.now());
    let load = async |message: &OutboxMessage| match subject.outbox.load_delivery(message).await.unwrap() {
        DeliveryFacts::Account { account, token, organization } => {
            assert_eq!(*account, scene.owner.account);
            assert_eq!(organization.map(|it| *it), Some(scene.organization.clone()));
            token.map(|token| *token)
        }
        other => unreachable!("not of an account: {other:?}"),
    };
    assert_eq!(load(&message).await, None);
    let put = AdministrationChange::PutAccountToken(Box::new(token.clone()));
    scene.apply(Plan { administration: vec![put], messages: vec![message.clone()], ..Plan::default() }).await;
    assert_eq!(load(&message).await, Some(token));
    let reset = OutboxMessage { kind: kind(AccountPurpose::PasswordReset), ..message.clone() };
    assert_eq!(load(&reset).await, None, "a link of another purpose");
    let unknown = MessageKind::Account {
        account_id: invite_domain::id::AccountId::new(scene.now(), &*scene.entropy),
        purpose,
        counter: 7,
    };
    let gone = subject.outbox.load_delivery(&OutboxMessage { kind: unknown, ..message }).await.unwrap();
    assert_eq!(gone, DeliveryFacts::Gone);
}

pub(super) async fn a_delivery_of_a_deleted_organization_is_gone(subject: Subject) {
    let scene = subject.scene("acme").await;
    scene.issue("ana").await;
    let message = claim(&subject, 1, 10, scene.now()).await.remove(0);
    let deleted = crate::fixtures::plans::deleted(&scene.organization, scene.now());
    scene.apply(scene.plan_organization(1, deleted)).await;
    assert_eq!(subject.outbox.load_delivery(&message).await.unwrap(), DeliveryFacts::Gone);
}
