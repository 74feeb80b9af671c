//! How many requests a second one credential makes (rules 9.3), counted in this process alone: several replicas each
//! grant the whole limit.
//!
//! A sliding log: at most `limit` instants are kept for each key, so that no second, wherever it begins, has more. A
//! token bucket is smaller, but lets twice the limit into one second.

use crate::problem::{Problem, Retry, table};
use chrono::Duration;
use invite_domain::{port::Principal, time::Timestamp};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

/// The most principals that are remembered. Only who was authenticated in the last second counts.
const MOST: usize = 50_000;

/// Whose requests are counted, and under which limit: a credential has a count of its own for each.
type Key = (&'static str, Principal);

/// The requests of the last second, by credential. A clone shares them.
#[derive(Clone, Default)]
pub struct Throughput {
    recent: Arc<Mutex<HashMap<Key, VecDeque<Timestamp>>>>,
}

impl Throughput {
    /// Counts a request under the limit of this name, `limit` in any one second.
    ///
    /// # Errors
    /// `too_many_requests` with the second to wait where there were as many already; such a request is not counted. The
    /// same where too many different credentials came within one second: memory is bounded and no limit is exceeded.
    pub(crate) fn count(
        &self,
        name: &'static str,
        principal: Principal,
        limit: u32,
        now: Timestamp,
    ) -> Result<(), Problem> {
        // The map is whole whatever panicked while it was locked: every change is one push.
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (name, principal);
        if recent.len() >= MOST && !recent.contains_key(&key) {
            recent.retain(|_, instants| instants.back().is_some_and(|last| counts(*last, now)));
            if recent.len() >= MOST {
                return Err(refused());
            }
        }
        let instants = recent.entry(key).or_default();
        instants.retain(|instant| counts(*instant, now));
        if u64::try_from(instants.len()).unwrap_or(u64::MAX) >= u64::from(limit) {
            return Err(refused());
        }
        instants.push_back(now);
        Ok(())
    }
}

/// Whether this instant is of the second that ends now. One after now is none: the clock was set back.
fn counts(instant: Timestamp, now: Timestamp) -> bool {
    instant <= now && now - instant < Duration::seconds(1)
}

/// In a whole second there is room in any case.
fn refused() -> Problem {
    Problem::new(&table::TOO_MANY_REQUESTS).retry(Retry::In(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use invite_domain::id::ApiKeyId;
    use uuid::Uuid;

    fn at(millis: i64) -> Timestamp {
        DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
    }

    fn key(n: usize) -> Principal {
        Principal::ApiKey(ApiKeyId::from_uuid(Uuid::from_u128(n as u128)))
    }

    #[test]
    fn r9_3_any_one_second_has_the_limit_and_no_more() {
        let throughput = Throughput::default();
        // One every 30 ms for ten seconds; those allowed are looked at in every window of a second.
        let allowed: Vec<i64> =
            (0..10_000).step_by(30).filter(|t| throughput.count("x", key(1), 10, at(*t)).is_ok()).collect();
        for start in 0..9_000 {
            let inside = allowed.iter().filter(|t| (start..start + 1000).contains(*t)).count();
            assert!(inside <= 10, "{inside} from {start}");
        }
        assert!(allowed.len() >= 90, "{}", allowed.len());
    }

    #[test]
    fn r9_3_who_waits_as_told_gets_the_whole_limit_again() {
        let throughput = Throughput::default();
        for _ in 0..10 {
            assert!(throughput.count("x", key(1), 10, at(999)).is_ok());
        }
        let refused = throughput.count("x", key(1), 10, at(999)).unwrap_err();
        assert_eq!((refused.kind().code, refused.retry), ("too_many_requests", Some(Retry::In(1))));
        assert!(throughput.count("x", key(2), 10, at(999)).is_ok(), "another credential");
        assert!(throughput.count("y", key(1), 10, at(999)).is_ok(), "another limit");
        assert!(throughput.count("x", key(1), 10, at(1998)).is_err());
        for _ in 0..10 {
            assert!(throughput.count("x", key(1), 10, at(1999)).is_ok());
        }
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let throughput = Throughput::default();
        assert!(throughput.count("x", key(1), 1, at(60_000)).is_ok());
        assert!(throughput.count("x", key(1), 1, at(0)).is_ok());
        assert!(throughput.count("x", key(1), 1, at(1)).is_err());
    }

    #[test]
    fn memory_is_bounded_and_old_credentials_make_room() {
        let throughput = Throughput::default();
        for n in 0..MOST {
            assert!(throughput.count("x", key(n), 1, at(0)).is_ok());
        }
        assert!(throughput.count("x", key(MOST), 1, at(999)).is_err());
        assert!(throughput.count("x", key(MOST), 1, at(1000)).is_ok());
        assert_eq!(throughput.recent.lock().unwrap().len(), 1);
    }
}
