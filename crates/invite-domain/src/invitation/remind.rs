//! Remind: the same link once more, shortly before it expires (rule 4.8).

use super::{
    Bounds, Channel, EventKind, Fact, Guard, Invitation, InvitationChange, MessageKind, OutboxMessage, Plan, State,
    Status, event,
};
use crate::{
    id::MessageId,
    port::{Entropy, ReminderFacts},
    time::Timestamp,
};
use chrono::Duration;

/// How long before its expiry an invitation is reminded of.
pub const BEFORE: Duration = Duration::days(2);

/// The shortest life that has a reminder.
pub const LEAST_LIFE: Duration = Duration::days(4);

impl Invitation {
    /// When the present generation is to be reminded of: once, two days before it expires, where it lives at least four days
    /// and was sent at all. It lives from when the generation was made until it expires, so an extension counts. `None` once it
    /// was reminded, or has ended.
    pub fn reminder_due_at(&self) -> Option<Timestamp> {
        let lives = self.expires_at - self.generated_at;
        let is_due = self.state == State::Pending
            && self.reminder_noted < self.generation
            && lives >= LEAST_LIFE
            && self.reminder_channel().is_some();
        is_due.then(|| self.expires_at - BEFORE)
    }

    /// How a reminder travels: as the invitation does, by one way alone.
    fn reminder_channel(&self) -> Option<Channel> {
        [Channel::Email, Channel::Sms].into_iter().find(|channel| self.channels.contains(channel))
    }
}

/// Decides on a reminder that is due. Nobody is reminded who blocked the organisation, of an invitation that is suspended, or
/// beyond the number of messages an invitation may have (rule 4.4): such a reminder is let go by, so that it is not looked at
/// again. `None` where none is due, or the invitation has expired.
pub fn remind(facts: &ReminderFacts, bounds: &Bounds, now: Timestamp, entropy: &dyn Entropy) -> Option<Plan> {
    let old = &facts.record.invitation;
    let channel = old.reminder_channel()?;
    if old.reminder_due_at().is_none_or(|due| now < due) || now >= old.expires_at {
        return None;
    }
    let invitation = Invitation { version: old.version + 1, reminder_noted: old.generation, ..old.clone() };
    let mut plan = Plan { guards: vec![Guard::InvitationAt(old.id, old.version)], ..Plan::default() };
    let has_room = bounds.messages_possible_at(&facts.messages, 1, now).is_none();
    if facts.record.status(now) == Status::Pending && !facts.blocked && has_room {
        let data = [("channel", Fact::from(channel.name())), ("generation", Fact::Number(old.generation.into()))];
        plan.events.push(event::of_system(&invitation, EventKind::InvitationReminded, now, entropy, data));
        let kind = MessageKind::Reminder { invitation_id: old.id, generation: old.generation };
        let id = MessageId::new(now, entropy);
        plan.messages.push(OutboxMessage::queued(id, Some(old.organization_id), kind, channel, now));
    }
    plan.invitations.push(InvitationChange::Update(Box::new(invitation)));
    Some(plan)
}
