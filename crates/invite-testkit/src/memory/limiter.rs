//! Counters in fixed windows.

use super::{MemoryStore, state::State};
use crate::broken::Fault;
use async_trait::async_trait;
use chrono::DateTime;
use invite_domain::{
    port::{Limiter, PortError, Spending},
    time::Timestamp,
};
use std::collections::BTreeMap;

/// The window of a budget that an instant lies in: its length in microseconds and its number from the epoch.
pub(super) fn window_of(spending: &Spending, at: Timestamp) -> (i64, i64) {
    let length = spending.budget.window.num_microseconds().unwrap_or(i64::MAX).max(1);
    (length, at.timestamp_micros().div_euclid(length))
}

/// When a window of this length and number ends.
pub(super) fn end_of(length: i64, window: i64) -> Option<Timestamp> {
    DateTime::from_timestamp_micros(window.saturating_add(1).saturating_mul(length))
}

#[async_trait]
impl Limiter for MemoryStore {
    async fn take(&self, spendings: &[Spending], now: Timestamp) -> Result<Option<Timestamp>, PortError> {
        let spendings = &self.counted(spendings)[..];
        if self.has(Fault::LimiterReadsThenWrites) {
            let seen = self.state().counters.clone();
            for _ in 0..128 {
                tokio::task::yield_now().await;
            }
            let mut state = self.state();
            return Ok(take(&mut state, &seen, spendings, now, false));
        }
        let mut state = self.state();
        let seen = state.counters.clone();
        Ok(take(&mut state, &seen, spendings, now, self.has(Fault::RefusedAttemptCounts)))
    }

    async fn give_back(&self, spendings: &[Spending], taken_at: Timestamp) -> Result<(), PortError> {
        let mut state = self.state();
        for spending in &self.counted(spendings) {
            let (length, window) = window_of(spending, taken_at);
            let counter = state.counters.get_mut(&(spending.key.clone(), length));
            if let Some((counted, taken)) = counter
                && (*counted == window || self.has(Fault::GivesBackAcrossWindows))
            {
                *taken = taken.saturating_sub(1);
            }
        }
        Ok(())
    }
}

impl MemoryStore {
    /// The attempts under the keys their counters are found by.
    fn counted(&self, spendings: &[Spending]) -> Vec<Spending> {
        let counted = |spending: &Spending| Spending { key: self.counter_key(&spending.key), ..spending.clone() };
        spendings.iter().map(counted).collect()
    }
}

fn take(
    state: &mut State,
    seen: &BTreeMap<(String, i64), (i64, u32)>,
    spendings: &[Spending],
    now: Timestamp,
    counts_refused: bool,
) -> Option<Timestamp> {
    let mut draft = seen.clone();
    let mut refused_until = None;
    for spending in spendings {
        let (length, window) = window_of(spending, now);
        let counter = draft.entry((spending.key.clone(), length)).or_insert((window, 0));
        if counter.0 != window {
            *counter = (window, 0);
        }
        if counter.1 >= spending.budget.limit {
            refused_until = refused_until.max(Some(end_of(length, window).unwrap_or(now)));
        } else {
            counter.1 += 1;
        }
    }
    if refused_until.is_none() || counts_refused {
        state.counters = draft;
    }
    refused_until
}
