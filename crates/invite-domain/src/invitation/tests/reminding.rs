//! Reminders (rule 4.8).

use super::*;
use crate::{
    invitation::{
        Channel, DeliveryState, EventKind, Fact, Guard, MessageKind, Plan, State,
        remind::{BEFORE, LEAST_LIFE, remind},
    },
    port::ReminderFacts,
};
use chrono::Duration;

/// An invitation whose message was sent.
fn sent(scene: &Scene) -> InvitationRecord {
    let mut record = scene.issued("ada");
    record.deliveries[0].state = DeliveryState::Sent;
    record
}

fn facts(record: &InvitationRecord) -> ReminderFacts {
    ReminderFacts { record: record.clone(), blocked: false, messages: vec![start()] }
}

fn reminded(scene: &Scene, facts: &ReminderFacts) -> Option<Plan> {
    remind(facts, &scene.organization, &scene.bounds, scene.now, &scene.entropy)
}

#[test]
fn r4_8_a_reminder_is_due_two_days_before_the_expiry_of_what_lives_four_days() {
    let scene = Scene::new();
    let mut invitation = sent(&scene).invitation;
    assert_eq!(invitation.reminder_due_at(), Some(start() + seconds(5 * DAY)));
    invitation.expires_at = start() + LEAST_LIFE;
    assert_eq!(invitation.reminder_due_at(), Some(start() + seconds(2 * DAY)));
    invitation.expires_at = start() + LEAST_LIFE - Duration::microseconds(1);
    assert_eq!(invitation.reminder_due_at(), None);
    invitation.generated_at = start() - seconds(DAY);
    assert!(invitation.reminder_due_at().is_some(), "it lives from when its link was made");
}

#[test]
fn r4_8_a_reminder_is_due_once_while_open_and_only_of_what_is_sent() {
    let scene = Scene::new();
    let invitation = sent(&scene).invitation;
    let due = |change: fn(&mut Invitation)| {
        let mut changed = invitation.clone();
        changed.generation = 2;
        change(&mut changed);
        changed.reminder_due_at().is_some()
    };
    assert!(due(|_| ()));
    assert!(due(|invitation| invitation.reminder_noted = 1), "another generation was");
    assert!(!due(|invitation| invitation.reminder_noted = 2));
    assert!(!due(|invitation| invitation.reminder_noted = 3));
    assert!(!due(|invitation| invitation.state = State::Redeemed { at: start() }));
    assert!(!due(|invitation| invitation.channels.clear()));
    assert!(due(|invitation| invitation.channels = vec![Channel::Sms]));
}

#[test]
fn r4_8_a_reminder_is_one_message_one_event_and_noted() {
    let mut scene = Scene::new();
    let record = sent(&scene);
    let due = record.invitation.expires_at - BEFORE;
    let micro = Duration::microseconds(1);
    for (at, decides) in [
        (due - micro, false),
        (due, true),
        (due + micro, true),
        (record.invitation.expires_at - micro, true),
        (record.invitation.expires_at, false),
        (record.invitation.expires_at + micro, false),
    ] {
        scene.now = at;
        assert_eq!(reminded(&scene, &facts(&record)).is_some(), decides, "{at}");
    }
    scene.now = due;
    let plan = reminded(&scene, &facts(&record)).unwrap();
    let old = &record.invitation;
    assert_eq!(plan.guards, [Guard::InvitationAt(old.id, 1)]);
    let new = plan.invitations[0].invitation();
    assert_eq!((new.version, new.reminder_noted, new.generation), (2, 1, 1));
    let [message] = &plan.messages[..] else { panic!("{:?}", plan.messages) };
    assert_eq!(message.kind, MessageKind::Reminder { invitation_id: old.id, generation: 1 });
    assert_eq!((message.channel, message.state), (Channel::Email, DeliveryState::Queued));
    let [event] = &plan.events[..] else { panic!("{:?}", plan.events) };
    assert_eq!((event.kind, event.sequence, event.invitation_id), (EventKind::InvitationReminded, 2, Some(old.id)));
    assert_eq!(event.data.get("channel"), Some(&Fact::from("email")));
}

#[test]
fn r4_8_a_reminder_that_may_not_go_is_let_go_by_and_noted_all_the_same() {
    let mut scene = Scene::new();
    let record = sent(&scene);
    scene.now = record.invitation.expires_at - BEFORE;
    let let_go = |facts: &ReminderFacts| {
        let plan = reminded(&scene, facts).unwrap();
        assert_eq!(plan.invitations[0].invitation().reminder_noted, 1);
        assert!(plan.messages.is_empty() && plan.events.is_empty() && plan.limits.is_empty(), "{plan:?}");
    };
    let_go(&ReminderFacts { blocked: true, ..facts(&record) });
    let_go(&ReminderFacts { messages: vec![scene.now; 5], ..facts(&record) });
    let mut suspended = facts(&record);
    suspended.record.inviter = ActorFacts::Unknown;
    let_go(&suspended);
    for state in [DeliveryState::Failed, DeliveryState::Cancelled] {
        let mut unsent = facts(&record);
        unsent.record.deliveries[0].state = state;
        let_go(&unsent);
    }
}

#[test]
fn r4_8_while_the_message_itself_is_on_its_way_nothing_is_decided() {
    let mut scene = Scene::new();
    let mut record = sent(&scene);
    assert!(!record.reminder_waits());
    let mut other_way = record.deliveries[0].clone();
    (other_way.channel, other_way.state) = (Channel::Sms, DeliveryState::Queued);
    record.deliveries.insert(0, other_way);
    assert!(!record.reminder_waits(), "a text that waits keeps no mail back");
    record.deliveries[1].state = DeliveryState::Queued;
    assert!(record.reminder_waits());
    scene.now = record.invitation.expires_at - BEFORE;
    assert_eq!(reminded(&scene, &facts(&record)), None);
}

#[test]
fn r4_8_another_expiry_is_reminded_of_anew_where_that_is_still_to_come() {
    let scene = Scene::new();
    let mut invitation = sent(&scene).invitation;
    invitation.reminder_noted = 4;
    let micro = Duration::microseconds(1);
    let noted_until = |expires_at| invitation.reminder_noted_until(expires_at, start());
    assert_eq!(noted_until(start() + BEFORE + micro), 0);
    assert_eq!(noted_until(start() + BEFORE), 4, "the time is now: the one that was sent stays the last");
    assert_eq!(noted_until(start() + BEFORE - micro), 4);
}

#[test]
fn r4_8_a_queued_reminder_is_wanted_from_two_days_before_the_present_expiry() {
    let scene = Scene::new();
    let mut invitation = sent(&scene).invitation;
    let due = invitation.expires_at - BEFORE;
    let micro = Duration::microseconds(1);
    assert!(!invitation.is_reminded_at(due), "none was written");
    invitation.reminder_noted = 1;
    assert!(invitation.is_reminded_at(due) && invitation.is_reminded_at(due + micro));
    assert!(!invitation.is_reminded_at(due - micro), "the expiry was put off since");
    invitation.generation = 2;
    assert!(!invitation.is_reminded_at(due), "a newer link was made since");
}
