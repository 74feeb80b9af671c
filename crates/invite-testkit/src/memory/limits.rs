//! Whether a plan keeps within its limits. It is applied to the draft by now, so what it makes and ends is counted.

use super::{
    MemoryStore,
    limiter::{end_of, window_of},
    state::State,
};
use crate::broken::Fault;
use chrono::Duration;
use invite_domain::{
    id::OrganizationId,
    invitation::{Budgeted, Invitation, Limit, Plan, Shortage, State as Lifecycle},
    port::Spending,
    time::Timestamp,
};

impl MemoryStore {
    /// Holds the plan to its limits, and counts in the draft what it spends. `before` is the state without the plan.
    pub(super) fn within_limits(&self, before: &State, draft: &mut State, plan: &Plan) -> Result<(), Shortage> {
        plan.limits.iter().try_for_each(|limit| match limit {
            Limit::Seats { organization_id, most, at } => {
                let counted = if self.has(Fault::LimitsCountedBeforeThePlan) { before } else { &*draft };
                let taken = self.members(counted, *organization_id) + self.live(counted, *organization_id, *at);
                let taken = taken + i64::from(self.has(Fault::LimitsCountedBeforeThePlan));
                if taken <= *most || self.has(Fault::SeatsIgnored) { Ok(()) } else { Err(Shortage::Seats) }
            }
            Limit::Live { organization_id, most, at } => {
                let live = self.live(draft, *organization_id, *at);
                if self.has(Fault::LiveCountOutlivesOtherLimits) {
                    return keep_count(draft, *organization_id, live, *most);
                }
                if live <= *most || self.has(Fault::LiveIgnored) { Ok(()) } else { Err(Shortage::Live) }
            }
            Limit::Budget { of, spending, count, at } => self.spend(draft, *of, spending, *count, *at),
        })
    }

    fn members(&self, state: &State, organization: OrganizationId) -> i64 {
        let takes_seat = |active: bool| active || !self.has(Fault::InactiveMembersTakeNoSeat);
        let members = state.memberships.values().filter(|member| member.organization_id == organization);
        counted(members.filter(|member| takes_seat(member.active)).count())
    }

    fn live(&self, state: &State, organization: OrganizationId, at: Timestamp) -> i64 {
        // Whatever expires at the present has expired; a mistake counts it still.
        let at = if self.has(Fault::ExpiredTakeSeats) { at - Duration::microseconds(1) } else { at };
        let here = |id: OrganizationId| id == organization || self.has(Fault::ForeignInvitationsCounted);
        let invitations = state.invitations.values().filter(|invitation| here(invitation.organization_id));
        let is_live = |it: &Invitation| it.state == Lifecycle::Pending && at < it.expires_at;
        counted(invitations.filter(|invitation| is_live(invitation)).count())
    }

    fn spend(
        &self,
        draft: &mut State,
        of: Budgeted,
        spending: &Spending,
        count: u32,
        at: Timestamp,
    ) -> Result<(), Shortage> {
        let count = if self.has(Fault::OneSpentForMany) { 1 } else { count };
        let (length, window) = window_of(spending, at);
        let key = self.counter_key(&spending.key);
        let (current, spent) = draft.counters.entry((key, length)).or_insert((window, 0));
        if *current != window && !self.has(Fault::BudgetsNeverEnd) {
            (*current, *spent) = (window, 0);
        }
        let total = spent.saturating_add(count);
        if total > spending.budget.limit && !self.has(Fault::BudgetsIgnored) {
            return Err(Shortage::Budget { of, until: end_of(length, window).unwrap_or(at) });
        }
        *spent = total;
        Ok(())
    }
}

fn counted(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// A mistake: the count once kept is believed for ever, until it stands at the limit.
fn keep_count(draft: &mut State, of: OrganizationId, live: i64, most: i64) -> Result<(), Shortage> {
    let kept = draft.kept_live.entry(of).and_modify(|kept| *kept += 1).or_insert(live);
    if *kept > most {
        *kept = live;
    }
    if *kept <= most { Ok(()) } else { Err(Shortage::Live) }
}
