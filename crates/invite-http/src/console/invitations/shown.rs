//! What several pages of invitations say of one in the same words.

use crate::console::{entry::Desk, permissions::role_label};
use chrono::SecondsFormat;
use invite_domain::{
    access::{ActorFacts, Inviter, InviterKind},
    invitation::{Delivery, DeliveryState, Reason, Recipient, Status},
    port::{InvitationRecord, Principal},
    time::Timestamp,
};
use invite_text::Arg;

/// A state as a word on a tinted ground.
pub(super) struct Badge {
    pub(super) word: String,
    /// The class of its ground; empty for a calm one.
    pub(super) tint: &'static str,
}

/// An instant, for people and for machines.
pub(in crate::console) struct Instant {
    /// RFC 3339.
    pub(in crate::console) machine: String,
    /// Date and time in the organisation's zone.
    pub(in crate::console) exact: String,
    /// How long ago, or how long until then.
    pub(in crate::console) relative: String,
}

/// What became of the message on one channel.
pub(super) struct Sending {
    pub(super) channel: String,
    pub(super) badge: Badge,
    pub(super) reason: Option<String>,
    pub(super) at: Instant,
    /// How often it was tried.
    pub(super) attempts: String,
    pub(super) next_attempt: Option<Instant>,
}

/// The key of the words for a name: `event-invitation-delivery-failed`.
pub(super) fn key(prefix: &str, name: &str) -> String {
    format!("{prefix}-{}", name.replace(['.', '_'], "-"))
}

pub(super) fn status(desk: &Desk, status: Status) -> Badge {
    let tint = match status {
        Status::Pending => "info",
        Status::Redeemed => "good",
        Status::Suspended => "warn",
        Status::Declined => "bad",
        Status::Revoked | Status::Expired | Status::Exhausted => "",
    };
    Badge { word: desk.text().get(&key("invitation-status", status.name())), tint }
}

pub(super) fn delivery_state(desk: &Desk, state: DeliveryState) -> Badge {
    let tint = match state {
        DeliveryState::Queued => "info",
        DeliveryState::Sent => "good",
        DeliveryState::Failed => "bad",
        DeliveryState::Cancelled => "",
    };
    Badge { word: desk.text().get(&key("delivery-state", state.name())), tint }
}

/// Why a message is not sent, or not yet.
pub(super) fn reason(desk: &Desk, reason: Reason) -> String {
    desk.text().get(&key("delivery-reason", reason.name()))
}

pub(super) fn sending(desk: &Desk, delivery: &Delivery) -> Sending {
    let attempts = i64::from(delivery.attempts);
    Sending {
        channel: desk.text().get(&key("delivery-channel", delivery.channel.name())),
        badge: delivery_state(desk, delivery.state),
        reason: delivery.reason.map(|why| reason(desk, why)),
        at: instant(desk, delivery.at),
        attempts: desk.say("delivery-attempts", &[("count", Arg::Number(attempts))]),
        next_attempt: delivery.next_attempt_at.map(|at| instant(desk, at)),
    }
}

/// Whom it is for. A record without an address is told by its id.
pub(in crate::console) fn recipient(desk: &Desk, recipient: &Recipient) -> String {
    if let Some(address) = recipient.email() {
        return address.as_str().to_owned();
    }
    if let Some(number) = recipient.phone() {
        return number.as_str().to_owned();
    }
    let id = recipient.subject_id().map(|id| id.to_string()).unwrap_or_default();
    desk.say("invitation-record", &[("id", Arg::Text(&id))])
}

/// The role it grants.
pub(in crate::console) fn role(desk: &Desk, record: &InvitationRecord) -> String {
    match (&record.role, record.invitation.grant.role_id) {
        (Some(role), _) => role_label(desk, role),
        (None, Some(_)) => desk.text().get("invitation-role-gone"),
        (None, None) => desk.text().get("invitation-role-none"),
    }
}

/// Whether the caller answers for it.
pub(super) fn is_own(desk: &Desk, inviter: &ActorFacts) -> bool {
    match (inviter, desk.caller.principal) {
        (ActorFacts::Member(member), Principal::Person(account)) => member.membership.account_id == account,
        (ActorFacts::ApiKey { key, .. }, Principal::ApiKey(own)) => key.id == own,
        _ => false,
    }
}

/// Who answers for it.
pub(super) fn inviter(desk: &Desk, record: &InvitationRecord) -> String {
    if is_own(desk, &record.inviter) {
        return desk.text().get("invitation-inviter-you");
    }
    record.inviter.name().map_or_else(|| nameless(desk, record), str::to_owned)
}

fn nameless(desk: &Desk, record: &InvitationRecord) -> String {
    let Inviter { kind, .. } = record.invitation.inviter;
    let gone = matches!(record.inviter, ActorFacts::Unknown);
    desk.text().get(match (kind, gone) {
        (InviterKind::Member, true) => "actor-member-gone",
        (InviterKind::Member, false) => "actor-member",
        (InviterKind::ApiKey, _) => "actor-api-key",
        (InviterKind::Operator, _) => "actor-operator",
    })
}

/// A message that counts something.
pub(super) fn count(desk: &Desk, key: &str, count: impl TryInto<i64>) -> String {
    desk.say(key, &[("count", Arg::Number(count.try_into().unwrap_or(i64::MAX)))])
}

pub(in crate::console) fn instant(desk: &Desk, at: Timestamp) -> Instant {
    Instant {
        machine: at.to_rfc3339_opts(SecondsFormat::Secs, true),
        exact: desk.date_time(at),
        relative: relative(desk, at),
    }
}

/// How far an instant is from now, in one unit: "in 3 days", "2 hours ago".
fn relative(desk: &Desk, at: Timestamp) -> String {
    let seconds = (at - desk.visit.api.world.clock.now()).num_seconds();
    let (unit, length) = match seconds.abs() {
        0..60 => return desk.text().get("relative-now"),
        60..3_600 => ("minutes", 60),
        3_600..86_400 => ("hours", 3_600),
        _ => ("days", 86_400),
    };
    // What lies ahead is rounded, so that seven days are not six a moment later.
    let (direction, count) =
        if seconds < 0 { ("ago", -seconds / length) } else { ("in", (seconds + length / 2) / length) };
    desk.say(&format!("relative-{direction}-{unit}"), &[("count", Arg::Number(count))])
}
