use chrono::{DateTime, Duration};
use invite_domain::{
    port::Clock,
    time::{Timestamp, to_micros},
};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Where a [`ManualClock`] begins: 15 January 2027, 08:00:00.123457 UTC. The odd microseconds show a store that rounds.
const BEGIN_MICROS: i64 = 1_800_000_000_123_457;

/// A clock that stands still until it is moved. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that shows this instant, cut to microseconds.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.timestamp_micros())))
    }

    /// Shows this instant from now on, cut to microseconds; it may lie in the past.
    pub fn set(&self, now: Timestamp) {
        self.0.store(to_micros(now).timestamp_micros(), Ordering::SeqCst);
    }

    /// Moves on, or back where `by` is negative, and answers the new instant. Less than a microsecond is nothing.
    pub fn advance(&self, by: Duration) -> Timestamp {
        let micros = by.num_microseconds().unwrap_or(0);
        instant(self.0.fetch_add(micros, Ordering::SeqCst) + micros)
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(BEGIN_MICROS)))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        instant(self.0.load(Ordering::SeqCst))
    }
}

fn instant(micros: i64) -> Timestamp {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_stands_still_until_it_is_moved_and_keeps_microseconds() {
        let clock = ManualClock::default();
        let begin = clock.now();
        assert_eq!(clock.now(), begin);
        assert_eq!(clock.clone().advance(Duration::microseconds(-1)), begin - Duration::microseconds(1));
        clock.set(begin + Duration::nanoseconds(2_999));
        assert_eq!(clock.now(), begin + Duration::microseconds(2));
    }
}
