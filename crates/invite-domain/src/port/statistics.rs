use super::PortError;
use crate::{id::OrganizationId, invitation::Status, time::Timestamp};
use async_trait::async_trait;
use chrono::Duration;
use std::collections::BTreeMap;

/// Asks what happened in an organisation, and how it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FiguresQuery {
    /// The organisation.
    pub organization_id: OrganizationId,
    /// Where the weeks begin, and where the last one ends: at least two instants, each later than the one before. The
    /// domain knows no calendar, so that whoever asks says what a week is.
    pub boundaries: Vec<Timestamp>,
    /// The present.
    pub now: Timestamp,
    /// What expires before this instant expires soon.
    pub expiring_before: Timestamp,
    /// How many redemptions are looked at for how long they took, the last ones.
    pub waits: u32,
}

/// What happened in a week: from its first instant on, up to the first of the next one.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct WeekFigures {
    /// Invitations that were issued.
    pub issued: u64,
    /// Messages with an invitation's link, reminders too, that were handed to their channel. One that a later message of
    /// the same invitation and channel followed is counted until retention deletes it (rule 2.4).
    pub sent: u64,
    /// Redemptions.
    pub accepted: u64,
    /// Invitations whose invitee said no.
    pub declined: u64,
    /// Invitations whose time was over in that week and that are expired still: not those that were sent again or
    /// withdrawn since.
    pub expired: u64,
}

/// What the dashboard shows of an organisation.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Figures {
    /// One entry a week, in their order.
    pub weeks: Vec<WeekFigures>,
    /// How many invitations have each status now; one that none has may be missing.
    pub statuses: BTreeMap<Status, u64>,
    /// How long the last redemptions within the weeks took, from the issue of their invitation, in no order: at most as
    /// many as were asked for. Invitations that more than one person can use are left out, for they are issued to nobody.
    pub waits: Vec<Duration>,
    /// How many invitations that are pending or suspended expire soon.
    pub expiring: u64,
    /// How many messages of invitations are given up: the dead letters there are now.
    pub failed_deliveries: u64,
}

/// What happened in an organisation, in numbers.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Statistics: Send + Sync {
    /// Counts, at one moment. What is of another organisation MUST NOT be counted. A status MUST be the one
    /// [`Status::of`] gives. What happened at the instant a week begins MUST be counted in that week.
    async fn figures(&self, query: &FiguresQuery) -> Result<Figures, PortError>;
}

impl FiguresQuery {
    /// Refuses boundaries that are not in order.
    ///
    /// # Errors
    /// Where there are fewer than two, or one is not later than the one before.
    pub fn check(&self) -> Result<(), PortError> {
        let rises = self.boundaries.len() > 1 && self.boundaries.is_sorted_by(|one, next| one < next);
        if rises { Ok(()) } else { Err(PortError::other("the weeks of statistics are not in order")) }
    }

    /// The week an instant is in.
    pub fn week_of(&self, at: Timestamp) -> Option<usize> {
        let begun = self.boundaries.partition_point(|boundary| *boundary <= at);
        (1..self.boundaries.len()).contains(&begun).then(|| begun - 1)
    }
}
