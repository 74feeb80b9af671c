//! Remind: the same link once more, shortly before it expires (rule 4.8).

use super::{
    Bounds, Channel, DeliveryState, EventKind, Fact, Guard, Invitation, InvitationChange, MessageKind, OutboxMessage,
    Plan, State, Status, event, limit::of_messages,
};
use crate::{
    directory::Organization,
    id::MessageId,
    port::{Entropy, InvitationRecord, ReminderFacts},
    time::Timestamp,
};
use chrono::Duration;

/// How long before its expiry an invitation is reminded of.
pub const BEFORE: Duration = Duration::days(2);

/// The shortest life that has a reminder.
pub const LEAST_LIFE: Duration = Duration::days(4);

impl Invitation {
    /// When the present generation is to be reminded of: two days before it expires, where it lives at least four days and
    /// is sent at all; once for each expiry it has. It lives from when the generation was made until it expires, so an
    /// extension counts. `None` once it was reminded, or has ended.
    pub fn reminder_due_at(&self) -> Option<Timestamp> {
        let lives = self.expires_at - self.generated_at;
        let is_due = self.state == State::Pending
            && self.reminder_noted < self.generation
            && lives >= LEAST_LIFE
            && self.reminder_channel().is_some();
        is_due.then(|| self.expires_at - BEFORE)
    }

    /// The generation noted as reminded once the expiry is another one. The new expiry is reminded of anew where that is still
    /// to come; where it is nearer than that already, a reminder that was sent stays the last.
    pub(super) fn reminder_noted_until(&self, expires_at: Timestamp, now: Timestamp) -> u16 {
        if expires_at - BEFORE > now { 0 } else { self.reminder_noted }
    }

    /// Whether a reminder of the present generation that is queued is wanted now: it was written for the present expiry, and
    /// not for one that was put off since.
    pub fn is_reminded_at(&self, now: Timestamp) -> bool {
        self.reminder_noted >= self.generation && now >= self.expires_at - BEFORE
    }

    /// How a reminder travels: as the invitation does, by one way alone.
    fn reminder_channel(&self) -> Option<Channel> {
        [Channel::Email, Channel::Sms].into_iter().find(|channel| self.channels.contains(channel))
    }
}

impl InvitationRecord {
    /// What became of the message a reminder would repeat; `None` where there is none.
    fn reminded_delivery(&self) -> Option<DeliveryState> {
        let channel = self.invitation.reminder_channel()?;
        self.deliveries.iter().find(|delivery| delivery.channel == channel).map(|delivery| delivery.state)
    }

    /// Whether the message a reminder would repeat is still on its way: then it is too early to decide on the reminder.
    pub fn reminder_waits(&self) -> bool {
        self.reminded_delivery() == Some(DeliveryState::Queued)
    }
}

/// Decides on a reminder that is due. Nobody is reminded who blocked the organisation, of an invitation that is suspended, of
/// one that never reached its channel, or beyond the number of messages an invitation may have (rule 4.4): such a reminder is
/// let go by, so that it is not looked at again. `None` where none is due, the invitation has expired, or its message is still
/// on its way.
pub fn remind(
    facts: &ReminderFacts,
    organization: &Organization,
    bounds: &Bounds,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Option<Plan> {
    let old = &facts.record.invitation;
    let channel = old.reminder_channel()?;
    if old.reminder_due_at().is_none_or(|due| now < due) || now >= old.expires_at || facts.record.reminder_waits() {
        return None;
    }
    let invitation = Invitation { version: old.version + 1, reminder_noted: old.generation, ..old.clone() };
    let mut plan = Plan { guards: vec![Guard::InvitationAt(old.id, old.version)], ..Plan::default() };
    let was_sent = facts.record.reminded_delivery() == Some(DeliveryState::Sent);
    let has_room = bounds.messages_possible_at(&facts.messages, 1, now).is_none();
    if facts.record.status(now) == Status::Pending && was_sent && !facts.blocked && has_room {
        let data = [("channel", Fact::from(channel.name())), ("generation", Fact::Number(old.generation.into()))];
        plan.events.push(event::of_system(&invitation, EventKind::InvitationReminded, now, entropy, data));
        let kind = MessageKind::Reminder { invitation_id: old.id, generation: old.generation };
        let id = MessageId::new(now, entropy);
        plan.messages.push(OutboxMessage::queued(id, Some(old.organization_id), kind, channel, now));
        plan.limits = of_messages(organization, &old.recipient, &plan.messages, bounds, now);
    }
    plan.invitations.push(InvitationChange::Update(Box::new(invitation)));
    Some(plan)
}

/// The same decision without its message, for a recipient who got as many as there may be today (rule 9.2): the reminder is
/// let go by, so that it keeps nobody else's back.
#[must_use]
pub fn let_go_by(plan: &Plan) -> Plan {
    Plan { guards: plan.guards.clone(), invitations: plan.invitations.clone(), ..Plan::default() }
}
