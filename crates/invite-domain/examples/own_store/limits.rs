//! How much there may be: seats, live invitations, and budgets of an hour or a day.
//!
//! All of it is counted where the plan is written. Over a database, seats are counted under the team's exclusive lock, and a
//! budget is one row a key and window, raised by `UPDATE … SET spent = spent + ? WHERE … AND spent + ? <= ?`.

use crate::tables::{Spent, Tables};
use chrono::DateTime;
use invite_domain::{
    id::OrganizationId,
    invitation::{Budgeted, Limit, Shortage, State},
    port::Spending,
    time::Timestamp,
};

impl Tables {
    /// Whether a plan that is written to these tables keeps within its limits. Counts what it spends.
    pub(crate) fn keep_within(&mut self, limits: &[Limit]) -> Result<(), Shortage> {
        limits.iter().try_for_each(|limit| match limit {
            Limit::Seats { organization_id, most, at } => {
                let taken = self.members(*organization_id) + self.live(*organization_id, *at);
                is_room(taken, *most).then_some(()).ok_or(Shortage::Seats)
            }
            Limit::Live { organization_id, most, at } => {
                is_room(self.live(*organization_id, *at), *most).then_some(()).ok_or(Shortage::Live)
            }
            Limit::Budget { of, spending, count, at } => self.spend(*of, spending, *count, *at),
        })
    }

    fn members(&self, organization: OrganizationId) -> usize {
        let team = self.teams.find(|team| team.uuid == organization.as_uuid());
        team.map_or(0, |team| self.seats.rows().filter(|seat| seat.team == team.id).count())
    }

    fn live(&self, organization: OrganizationId, at: Timestamp) -> usize {
        let here = self.invitations.rows().filter(|it| it.organization_id == organization);
        here.filter(|it| it.state == State::Pending && at < it.expires_at).count()
    }

    fn spend(&mut self, of: Budgeted, spending: &Spending, count: u32, at: Timestamp) -> Result<(), Shortage> {
        // Windows of one length follow each other from the epoch on.
        let length = spending.budget.window.num_microseconds().unwrap_or(i64::MAX).max(1);
        let begins = at.timestamp_micros().div_euclid(length).saturating_mul(length);
        let is_it = |spent: &Spent| spent.key == spending.key && spent.length == length && spent.begins == begins;
        let before = self.spent.find(is_it).map_or(0, |spent| spent.count);
        if before.saturating_add(count) > spending.budget.limit {
            let end = DateTime::from_timestamp_micros(begins.saturating_add(length));
            return Err(Shortage::Budget { of, until: end.unwrap_or(at) });
        }
        // What was spent in a window that is over is of no use any more.
        self.spent.remove(|spent| spent.key == spending.key && spent.length == length);
        self.spent.add(|_| Spent { key: spending.key.clone(), length, begins, count: before + count });
        Ok(())
    }
}

fn is_room(taken: usize, most: i64) -> bool {
    i64::try_from(taken).is_ok_and(|taken| taken <= most)
}
