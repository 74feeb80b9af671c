use super::{Caller, InvitationService, ServiceError};
use crate::{
    access::permission,
    invitation::Status,
    page::PageRequest,
    port::{Figures, FiguresQuery, InvitationFilter, InvitationRecord, SortKey, Statistics, WeekFigures},
    time::Timestamp,
};
use chrono::Duration;
use std::{collections::BTreeMap, sync::Arc};

/// The use cases of statistics.
#[derive(Clone)]
pub struct StatisticsService {
    statistics: Arc<dyn Statistics>,
    invitations: InvitationService,
}

/// What an organisation's dashboard shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dashboard {
    /// The organisation's time zone (IANA), in which the weeks are weeks.
    pub time_zone: String,
    /// The weeks, the first one first.
    pub weeks: Vec<Week>,
    /// How many invitations have each status now: all of them, none left out.
    pub statuses: BTreeMap<Status, u64>,
    /// The median time from an invitation's issue to its acceptance, over the last [`StatisticsService::WAITS`] acceptances
    /// within the weeks; `None` where nobody accepted. Invitations for several people are left out.
    pub median_wait: Option<Duration>,
    /// How many pending and suspended invitations expire within [`StatisticsService::SOON`].
    pub expiring: u64,
    /// The first of them, at most [`StatisticsService::FIRST`].
    pub expiring_first: Vec<InvitationRecord>,
    /// How many messages of invitations are given up.
    pub failed_deliveries: u64,
}

/// One week of a dashboard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Week {
    /// Its first instant.
    pub starts_at: Timestamp,
    /// The first instant after it.
    pub ends_at: Timestamp,
    /// What happened in it.
    pub figures: WeekFigures,
}

impl StatisticsService {
    /// How far ahead an invitation expires soon.
    pub const SOON: Duration = Duration::days(7);
    /// How many of those that expire soon are named.
    pub const FIRST: u32 = 10;
    /// How many acceptances the median is taken of.
    pub const WAITS: u32 = 5_000;

    /// Puts the use cases over the port and the use cases of invitations.
    pub fn new(statistics: Arc<dyn Statistics>, invitations: InvitationService) -> Self {
        Self { statistics, invitations }
    }

    /// What happened in some weeks, and how the organisation stands now. The domain knows no calendar: `weeks` gets the
    /// organisation's time zone and the present, and answers the instants at which the weeks begin and the one at which the
    /// last ends, in order.
    ///
    /// # Errors
    /// Without `invitations.read`; where the weeks are not in order.
    pub async fn dashboard(
        &self,
        caller: &Caller,
        weeks: impl FnOnce(&str, Timestamp) -> Vec<Timestamp>,
    ) -> Result<Dashboard, ServiceError> {
        let facts = self.invitations.view(caller, None, permission::INVITATIONS_READ).await?;
        let now = self.invitations.world.clock.now();
        let query = FiguresQuery {
            organization_id: caller.organization_id,
            boundaries: weeks(&facts.organization.time_zone, now),
            now,
            expiring_before: now + Self::SOON,
            waits: Self::WAITS,
        };
        query.check()?;
        let Figures { weeks, statuses, waits, expiring, failed_deliveries } = self.statistics.figures(&query).await?;
        let open = InvitationFilter {
            statuses: vec![Status::Pending, Status::Suspended],
            sort: SortKey::ExpiresAt,
            ..InvitationFilter::default()
        };
        let page = PageRequest::first(Self::FIRST);
        let first = self.invitations.store.list(caller.organization_id, &open, &page, now).await?.items;
        let soon = |record: &InvitationRecord| record.invitation.expires_at < query.expiring_before;
        let sides = query.boundaries.iter().zip(query.boundaries.iter().skip(1));
        Ok(Dashboard {
            time_zone: facts.organization.time_zone,
            weeks: sides
                .zip(weeks)
                .map(|((from, to), figures)| Week { starts_at: *from, ends_at: *to, figures })
                .collect(),
            statuses: Status::ALL
                .into_iter()
                .map(|status| (status, statuses.get(&status).copied().unwrap_or_default()))
                .collect(),
            median_wait: median(waits),
            expiring,
            expiring_first: first.into_iter().filter(soon).collect(),
            failed_deliveries,
        })
    }
}

/// The middle one; of an even number the mean of the two in the middle.
fn median(mut waits: Vec<Duration>) -> Option<Duration> {
    let middle = waits.len() / 2;
    waits.sort_unstable();
    let upper = *waits.get(middle)?;
    if waits.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *waits.get(middle.checked_sub(1)?)?;
    Some(lower + (upper - lower) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one_or_the_mean_of_two() {
        let hours = |all: &[i64]| all.iter().map(|hours| Duration::hours(*hours)).collect::<Vec<_>>();
        assert_eq!(median(Vec::new()), None);
        assert_eq!(median(hours(&[7])), Some(Duration::hours(7)));
        assert_eq!(median(hours(&[9, 1, 4])), Some(Duration::hours(4)));
        assert_eq!(median(hours(&[8, 1, 100, 2])), Some(Duration::hours(5)));
    }
}
