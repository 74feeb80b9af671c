//! Changing an organisation's own limits (rules 9.1, 9.2).

use super::{Limits, words::Faults};
use crate::{
    id::OrganizationId,
    invitation::{Bounds, FieldCode, Limit, Rejection},
    time::Timestamp,
};

/// The most seats an organisation can have.
pub const MOST_SEATS: i64 = 1_000_000;

/// The most an organisation can set another limit to, where the operator's is higher or lifted.
pub const MOST: u32 = 1_000_000_000;

/// Asks for changes of an organisation's limits. An outer `None` leaves a limit as it is; `Some(None)` takes it away, and
/// the operator's holds again.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ChangeLimits {
    /// The most members and live invitations together, 1 to [`MOST_SEATS`]. Only the operator sets it.
    pub seats: Option<Option<i64>>,
    /// The most live invitations, up to the operator's.
    pub live: Option<Option<i64>>,
    /// The most invitations issued in an hour, up to the operator's.
    pub issues_hour: Option<Option<i64>>,
    /// The most messages to one recipient a day, up to the operator's.
    pub messages_recipient_day: Option<Option<i64>>,
}

/// Gives `limits` what the command asks for, and notes what cannot be. An organisation narrows the operator's limits, it
/// never widens them; 0 would be a way to switch the organisation off.
///
/// # Errors
/// `OperatorOnly` where somebody else would change the seats.
pub(super) fn apply(
    limits: &mut Limits,
    command: &ChangeLimits,
    bounds: &Bounds,
    by_operator: bool,
    faults: &mut Faults,
) -> Result<(), Rejection> {
    if command.seats.is_some_and(|seats| seats != limits.seats) && !by_operator {
        return Err(Rejection::OperatorOnly);
    }
    let most = |operators: Option<u32>| i64::from(operators.map_or(MOST, |number| number.min(MOST)));
    for (pointer, limit, wanted, most) in [
        ("/limits/seats", &mut limits.seats, command.seats, MOST_SEATS),
        ("/limits/live", &mut limits.live, command.live, most(bounds.live)),
        ("/limits/issues_hour", &mut limits.issues_hour, command.issues_hour, most(bounds.issues_hour)),
        (
            "/limits/messages_recipient_day",
            &mut limits.messages_recipient_day,
            command.messages_recipient_day,
            most(bounds.messages_recipient_day),
        ),
    ] {
        let Some(wanted) = wanted else { continue };
        if wanted.is_some_and(|number| !(1..=most).contains(&number)) {
            faults.add(pointer, FieldCode::OutOfRange, format!("between 1 and {most}"));
        }
        *limit = wanted;
    }
    Ok(())
}

/// What a plan that gives the organisation other seats keeps within: as many as are taken there must be.
pub(super) fn seats_suffice(id: OrganizationId, old: &Limits, new: &Limits, now: Timestamp) -> Option<Limit> {
    let most = new.seats.filter(|_| old.seats != new.seats)?;
    Some(Limit::Seats { organization_id: id, most, at: now })
}

#[cfg(test)]
mod tests;
