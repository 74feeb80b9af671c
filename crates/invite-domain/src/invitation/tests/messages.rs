//! Messages: what they carry, where they stand, and the ones that were given up (rule 8.2).

use super::*;
use crate::{
    id::{InvitationId, MessageId},
    invitation::{
        Channel, DeadLetter, Delivery, DeliveryState, EventKind, Fact, Guard, MessageKind, NoticeKind, OutboxMessage,
        Reason, Rejection, State, Status, context::same_epoch, replay::replay,
    },
    secret::account_token::AccountPurpose,
};

fn invitation() -> InvitationId {
    InvitationId::from_uuid(Uuid::from_u128(50))
}

fn reader() -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(60))
}

fn kinds() -> [MessageKind; 6] {
    let (invitation_id, account_id) = (invitation(), reader());
    [
        MessageKind::Invitation { invitation_id, generation: 3 },
        MessageKind::Reminder { invitation_id, generation: 3 },
        MessageKind::Notice { about: NoticeKind::Accepted, invitation_id, account_id },
        MessageKind::Notice { about: NoticeKind::Suspended, invitation_id, account_id },
        MessageKind::Account { account_id, purpose: AccountPurpose::OwnerLink, counter: 1 },
        MessageKind::AddressChanged { account_id },
    ]
}

fn message(kind: MessageKind) -> OutboxMessage {
    let id = MessageId::from_uuid(Uuid::from_u128(70));
    OutboxMessage::queued(id, Some(organization().id), kind, Channel::Sms, start())
}

fn failed(kind: MessageKind) -> OutboxMessage {
    OutboxMessage {
        state: DeliveryState::Failed,
        reason: Some(Reason::SmsRefused),
        attempts: 4,
        settled_at: Some(start() + seconds(9)),
        ..message(kind)
    }
}

#[test]
fn r4_4_an_invitation_and_its_reminder_carry_its_link_and_nothing_else_does() {
    let link = Some((invitation(), 3));
    assert_eq!(kinds().map(|kind| kind.link()), [link, link, None, None, None, None]);
    let other = InvitationId::from_uuid(Uuid::from_u128(51));
    assert_eq!(kinds().map(|kind| kind.carries_link_of(invitation())), [true, true, false, false, false, false]);
    assert_eq!(kinds().map(|kind| kind.carries_link_of(other)), [false; 6]);
}

#[test]
fn r8_2_a_delivery_is_of_the_invitation_itself_and_a_notice_is_about_it() {
    let other = InvitationId::from_uuid(Uuid::from_u128(51));
    assert_eq!(kinds().map(|kind| kind.is_invitation(invitation())), [true, false, false, false, false, false]);
    assert_eq!(kinds().map(|kind| kind.is_invitation(other)), [false; 6]);
    let about = Some(invitation());
    assert_eq!(kinds().map(|kind| kind.invitation_id()), [about, about, about, about, None, None]);
    assert_eq!(kinds().map(|kind| kind.told_of_suspension()), [None, None, None, Some(reader()), None, None]);
}

#[test]
fn r8_2_a_new_message_is_due_at_once_and_a_cancelled_one_never() {
    let [kind, ..] = kinds();
    let queued = message(kind);
    assert_eq!((queued.state, queued.next_attempt_at, queued.settled_at), (DeliveryState::Queued, start(), None));
    let delivery = Delivery::from(&queued);
    assert_eq!((delivery.at, delivery.next_attempt_at), (start(), Some(start())));
    let cancelled = queued.cancelled(Reason::RecipientBlocked);
    assert_eq!((cancelled.state, cancelled.settled_at), (DeliveryState::Cancelled, Some(start())));
    let delivery = Delivery::from(&cancelled);
    assert_eq!((delivery.channel, delivery.state), (Channel::Sms, DeliveryState::Cancelled));
    assert_eq!((delivery.reason, delivery.next_attempt_at), (Some(Reason::RecipientBlocked), None));
}

#[test]
fn r8_2_what_was_given_up_and_is_replayed_is_due_now_as_if_never_tried() {
    let [kind, ..] = kinds();
    let given_up = failed(kind);
    let delivery = Delivery::from(&given_up);
    assert_eq!((delivery.at, delivery.attempts), (start() + seconds(9), 4), "it came to rest then");
    let now = start() + seconds(60);
    let replayed = given_up.clone().replayed(now);
    let expected = OutboxMessage {
        state: DeliveryState::Queued,
        reason: None,
        attempts: 0,
        next_attempt_at: now,
        settled_at: None,
        ..given_up
    };
    assert_eq!(replayed, expected);
}

#[test]
fn r8_2_a_dead_letter_is_a_link_that_was_given_up() {
    let letters = kinds().map(|kind| DeadLetter::of(&failed(kind)));
    assert_eq!(letters.clone().map(|letter| letter.is_some()), [true, true, false, false, false, false]);
    let letter = letters[0].clone().unwrap();
    assert_eq!((letter.invitation_id, letter.generation, letter.channel), (invitation(), 3, Channel::Sms));
    assert_eq!((letter.reason, letter.attempts, letter.at), (Reason::SmsRefused, 4, start() + seconds(9)));
    for state in [DeliveryState::Queued, DeliveryState::Sent, DeliveryState::Cancelled] {
        let [kind, ..] = kinds();
        assert_eq!(DeadLetter::of(&OutboxMessage { state, ..failed(kind) }), None, "{state:?}");
    }
}

#[test]
fn r8_2_a_dead_letter_is_queued_again_while_its_invitation_is_open() {
    let scene = Scene::new();
    let record = scene.issued("ada");
    let invitation = &record.invitation;
    let kind = MessageKind::Invitation { invitation_id: invitation.id, generation: 1 };
    let letter = DeadLetter::of(&failed(kind)).unwrap();
    let plan = replay(&scene.facts(&record), &letter, &scene.ctx()).unwrap();
    let guards = [same_epoch(&scene.organization), Guard::InvitationAt(invitation.id, 1)];
    assert_eq!((&plan.guards[..], &plan.replay_messages[..]), (&guards[..], &[(letter.id, scene.now)][..]));
    let [event] = &plan.events[..] else { panic!("{:?}", plan.events) };
    assert_eq!((event.kind, event.invitation_id), (EventKind::InvitationDeliveryReplayed, Some(invitation.id)));
    assert_eq!(event.data.get("reason"), Some(&Fact::from("sms_refused")));
    assert_eq!(event.data.get("channel"), Some(&Fact::from("sms")));

    let mut ended = record.clone();
    ended.invitation.state = State::Redeemed { at: scene.now };
    let refused = replay(&scene.facts(&ended), &letter, &scene.ctx());
    assert_eq!(refused, Err(Rejection::Ended(Status::Redeemed)));
    let member = Scene::acted_by(SystemRole::Member);
    let refused = replay(&member.facts(&record), &letter, &member.ctx());
    assert_eq!(refused, Err(Rejection::Forbidden { permission: "dead_letters.replay" }));
}
