//! How many requests a second one credential or one network makes (rules 9.3), counted in this process alone: several
//! replicas each grant the whole limit.
//!
//! A sliding log: at most `limit` instants are kept for each key, so that no second, wherever it begins, has more. A
//! token bucket is smaller, but lets twice the limit into one second.
//!
//! Nothing a client writes is a key: a principal was authenticated, and a network is where the connection comes from. Each
//! kind has a place of its own, so that a flood of strangers takes none from who has a credential.

use super::client::Network;
use chrono::Duration;
use invite_domain::{port::Principal, time::Timestamp};
use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The most keys of a kind that are remembered. Only who came in the last seconds counts.
const MOST: usize = 50_000;

/// The requests of the last second, by credential and by network. A clone shares them.
#[derive(Clone, Default)]
pub struct Throughput {
    /// A credential has a count of its own for each limit there is a name for.
    principals: Arc<Mutex<Log<(&'static str, Principal)>>>,
    networks: Arc<Mutex<Log<Network>>>,
}

/// What a request found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Standing {
    /// Whether it was counted. One beyond the limit is not.
    pub(crate) admitted: bool,
    /// How many more may follow at once.
    pub(crate) remaining: u32,
}

/// The requests of the last second, by key.
struct Log<K> {
    recent: HashMap<K, VecDeque<Timestamp>>,
    /// When what is over was taken out.
    swept: Timestamp,
}

impl<K> Default for Log<K> {
    fn default() -> Self {
        Self { recent: HashMap::new(), swept: Timestamp::UNIX_EPOCH }
    }
}

impl Throughput {
    /// Counts a request of a credential under the limit of this name, `limit` in any one second.
    pub(crate) fn count(&self, name: &'static str, principal: Principal, limit: u32, now: Timestamp) -> Standing {
        locked(&self.principals).count((name, principal), limit, now)
    }

    /// Counts a request of nobody known, by where it comes from.
    pub(crate) fn count_network(&self, network: Network, limit: u32, now: Timestamp) -> Standing {
        locked(&self.networks).count(network, limit, now)
    }
}

/// The log is whole whatever panicked while it was locked: every change is one push.
fn locked<K>(log: &Mutex<Log<K>>) -> MutexGuard<'_, Log<K>> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K: Eq + Hash> Log<K> {
    /// Where too many different keys came within one second, a further one is refused: memory is bounded, and no limit is
    /// exceeded.
    fn count(&mut self, key: K, limit: u32, now: Timestamp) -> Standing {
        let due = !counts(self.swept, now);
        // A client cannot make this happen more often than the clock does, but for a full log, which refuses it anyway.
        if due || (self.recent.len() >= MOST && !self.recent.contains_key(&key)) {
            self.recent.retain(|_, instants| instants.back().is_some_and(|last| counts(*last, now)));
            self.swept = now;
        }
        if self.recent.len() >= MOST && !self.recent.contains_key(&key) {
            return Standing { admitted: false, remaining: 0 };
        }
        let instants = self.recent.entry(key).or_default();
        instants.retain(|instant| counts(*instant, now));
        let made = u32::try_from(instants.len()).unwrap_or(u32::MAX);
        if made >= limit {
            return Standing { admitted: false, remaining: 0 };
        }
        instants.push_back(now);
        Standing { admitted: true, remaining: limit - made - 1 }
    }
}

/// Whether this instant is of the second that ends now. Who comes to the log a moment later may have looked at the clock a
/// moment before; an instant a second ahead is none: the clock was set back.
fn counts(instant: Timestamp, now: Timestamp) -> bool {
    (now - instant).abs() < Duration::seconds(1)
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

    fn network(text: &str) -> Network {
        Network::of(text.parse().unwrap())
    }

    #[test]
    fn r9_3_who_looked_at_the_clock_first_and_comes_second_takes_nobodys_count_away() {
        let throughput = Throughput::default();
        assert!(throughput.count("x", key(1), 1, at(5)).admitted);
        assert!(!throughput.count("x", key(1), 1, at(4)).admitted);
        assert!(!throughput.count("x", key(1), 1, at(6)).admitted);
    }

    #[test]
    fn r9_3_any_one_second_has_the_limit_and_no_more() {
        let throughput = Throughput::default();
        // One every 30 ms for ten seconds; those allowed are looked at in every window of a second.
        let allowed: Vec<i64> =
            (0..10_000).step_by(30).filter(|t| throughput.count("x", key(1), 10, at(*t)).admitted).collect();
        for start in 0..9_000 {
            let inside = allowed.iter().filter(|t| (start..start + 1000).contains(*t)).count();
            assert!(inside <= 10, "{inside} from {start}");
        }
        assert!(allowed.len() >= 90, "{}", allowed.len());
    }

    #[test]
    fn r9_3_who_waits_as_told_gets_the_whole_limit_again() {
        let throughput = Throughput::default();
        for left in (0..10).rev() {
            let standing = throughput.count("x", key(1), 10, at(999));
            assert_eq!(standing, Standing { admitted: true, remaining: left });
        }
        assert_eq!(throughput.count("x", key(1), 10, at(999)), Standing { admitted: false, remaining: 0 });
        assert!(throughput.count("x", key(2), 10, at(999)).admitted, "another credential");
        assert!(throughput.count("y", key(1), 10, at(999)).admitted, "another limit");
        assert!(!throughput.count("x", key(1), 10, at(1998)).admitted);
        for _ in 0..10 {
            assert!(throughput.count("x", key(1), 10, at(1999)).admitted);
        }
    }

    #[test]
    fn r9_3_a_network_is_counted_as_one_client_and_apart_from_credentials() {
        let throughput = Throughput::default();
        let one = |text: &str| throughput.count_network(network(text), 1, at(0)).admitted;
        assert!(one("192.0.2.1") && !one("192.0.2.1") && one("192.0.2.2"));
        assert!(one("2001:db8:1:2::1") && !one("2001:db8:1:2:ffff::9") && one("2001:db8:1:3::1"));
        assert!(throughput.count("x", key(1), 1, at(0)).admitted);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let throughput = Throughput::default();
        assert!(throughput.count("x", key(1), 1, at(60_000)).admitted);
        assert!(throughput.count("x", key(1), 1, at(0)).admitted);
        assert!(!throughput.count("x", key(1), 1, at(1)).admitted);
    }

    #[test]
    fn memory_is_bounded_and_old_keys_make_room() {
        let throughput = Throughput::default();
        for n in 0..MOST {
            assert!(throughput.count("x", key(n), 1, at(0)).admitted);
        }
        assert!(!throughput.count("x", key(MOST), 1, at(999)).admitted);
        assert!(
            throughput.count_network(network("192.0.2.1"), 1, at(999)).admitted,
            "strangers have a place of their own"
        );
        assert!(throughput.count("x", key(MOST), 1, at(1000)).admitted);
        assert_eq!(locked(&throughput.principals).recent.len(), 1);
    }

    #[test]
    fn who_is_gone_is_forgotten_before_the_memory_is_full() {
        let throughput = Throughput::default();
        for n in 0..100 {
            throughput.count("x", key(n), 1, at(0));
        }
        throughput.count("x", key(200), 1, at(1500));
        assert_eq!(locked(&throughput.principals).recent.len(), 1);
    }
}
