//! Statistics: counted row by row, with the domain's own rule.

use super::{MemoryStore, state::State};
use crate::broken::Fault;
use async_trait::async_trait;
use chrono::Duration;
use invite_domain::{
    id::OrganizationId,
    invitation::{DeliveryState, OutboxMessage, State as Lifecycle, Status},
    port::{Figures, FiguresQuery, PortError, Statistics, WeekFigures},
    time::Timestamp,
};

#[async_trait]
impl Statistics for MemoryStore {
    async fn figures(&self, query: &FiguresQuery) -> Result<Figures, PortError> {
        query.check()?;
        let state = self.state();
        let weeks = query.boundaries.len() - 1;
        let mut figures = Figures { weeks: vec![WeekFigures::default(); weeks], ..Figures::default() };
        self.count_invitations(&state, query, &mut figures);
        self.count_messages(&state, query, &mut figures);
        self.count_redemptions(&state, query, &mut figures);
        Ok(figures)
    }
}

impl MemoryStore {
    fn counts(&self, query: &FiguresQuery, of: OrganizationId) -> bool {
        of == query.organization_id || self.has(Fault::ForeignStatisticsCounted)
    }

    /// The week an instant is counted in.
    fn week<'f>(&self, query: &FiguresQuery, figures: &'f mut Figures, at: Timestamp) -> Option<&'f mut WeekFigures> {
        let late = if self.has(Fault::WeeksBeginAMomentLate) { Duration::microseconds(1) } else { Duration::zero() };
        query.week_of(at - late).and_then(|week| figures.weeks.get_mut(week))
    }

    fn count_invitations(&self, state: &State, query: &FiguresQuery, figures: &mut Figures) {
        for row in state.invitations.values().filter(|row| self.counts(query, row.organization_id)) {
            let status = match state.record(row).status(query.now) {
                Status::Suspended if self.has(Fault::SuspendedCountedAsPending) => Status::Pending,
                status => status,
            };
            *figures.statuses.entry(status).or_default() += 1;
            if let Some(week) = self.week(query, figures, row.created_at) {
                week.issued += 1;
            }
            match (&row.state, status) {
                (Lifecycle::Declined { at, .. }, _) => {
                    if let Some(week) = self.week(query, figures, *at) {
                        week.declined += 1;
                    }
                }
                (_, Status::Expired) => {
                    if let Some(week) = self.week(query, figures, row.expires_at) {
                        week.expired += 1;
                    }
                }
                (_, Status::Pending | Status::Suspended) if row.expires_at < query.expiring_before => {
                    figures.expiring += 1;
                }
                _ => {}
            }
        }
    }

    fn count_messages(&self, state: &State, query: &FiguresQuery, figures: &mut Figures) {
        let links = |message: &&OutboxMessage| message.kind.link().is_some() || self.has(Fault::EveryMessageCounted);
        let ours = |message: &&OutboxMessage| message.organization_id.is_some_and(|id| self.counts(query, id));
        for message in state.messages.values().map(|queued| &queued.message).filter(ours).filter(links) {
            match (message.state, message.settled_at) {
                (DeliveryState::Failed, _) => figures.failed_deliveries += 1,
                (DeliveryState::Sent, Some(at)) => {
                    if let Some(week) = self.week(query, figures, at) {
                        week.sent += 1;
                    }
                }
                _ => {}
            }
        }
    }

    fn count_redemptions(&self, state: &State, query: &FiguresQuery, figures: &mut Figures) {
        let ours = state.redemptions.iter().filter(|row| self.counts(query, row.organization_id));
        let mut waits = Vec::new();
        for row in ours {
            let Some(week) = self.week(query, figures, row.redeemed_at) else { continue };
            week.accepted += 1;
            if let Some(invitation) = state.invitations.get(&row.invitation_id)
                && (invitation.max_uses == 1 || self.has(Fault::LinksForManyAreTimed))
            {
                waits.push(((row.redeemed_at, row.id), row.redeemed_at - invitation.created_at));
            }
        }
        waits.sort_unstable();
        if !self.has(Fault::FirstWaitsKept) {
            waits.reverse();
        }
        waits.truncate(query.waits.try_into().unwrap_or(usize::MAX));
        figures.waits = waits.into_iter().map(|(_, wait)| wait).collect();
    }
}
