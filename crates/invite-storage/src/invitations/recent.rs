//! What issuing needs and seldom changes, as it was read a moment ago: the organisation, who issues, and the role. Plans that are decided
//! on it are guarded, by the organisation's epoch, which every change of these raises, and by a look at what is in the way when they are
//! written. Only names of people may be older than an answer that shows them, by no more than [`KEPT`].

use invite_domain::{
    id::{OrganizationId, RoleId},
    port::{IssueFacts, Principal},
};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Where, who, and what is granted.
pub(crate) type Line = (OrganizationId, Principal, Option<RoleId>);

/// What was read a moment ago, for each who asks the same.
pub(crate) type RecentIssues = Recent<Line, IssueFacts>;

/// For how long it is kept, from the moment before it was read.
const KEPT: Duration = Duration::from_millis(500);

/// For how many it is kept.
const MOST: usize = 1024;

/// Values that were read a moment ago.
#[derive(Debug)]
pub(crate) struct Recent<K, V>(Mutex<Values<K, V>>);

#[derive(Debug)]
struct Values<K, V> {
    read: HashMap<K, (Instant, V)>,
    /// What was read until then is forgotten.
    forgotten: Option<Instant>,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self(Mutex::new(Values { read: HashMap::new(), forgotten: None }))
    }
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    fn values(&self) -> MutexGuard<'_, Values<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was read, where that is a moment ago at most.
    pub(crate) fn get(&self, key: &K, now: Instant) -> Option<V> {
        self.of(key, now, V::clone)
    }

    /// What is taken of it.
    pub(crate) fn of<T>(&self, key: &K, now: Instant, take: impl FnOnce(&V) -> T) -> Option<T> {
        let values = self.values();
        let (read, value) = values.read.get(key)?;
        (now.saturating_duration_since(*read) < KEPT).then(|| take(value))
    }

    /// Keeps what was read then, unless something later is kept, or too many are asking.
    pub(crate) fn keep(&self, key: K, read: Instant, value: V) {
        let mut values = self.values();
        if values.forgotten.is_some_and(|forgotten| read <= forgotten) {
            return;
        }
        let values = &mut values.read;
        let before = values.get(&key).map(|(read, _)| *read);
        if before.is_none() && values.len() >= MOST {
            values.retain(|_, (kept, _)| read.saturating_duration_since(*kept) < KEPT);
        }
        if before.is_none_or(|before| before < read) && (before.is_some() || values.len() < MOST) {
            values.insert(key, (read, value));
        }
    }

    /// Forgets everything that was read until then, also what is still to be kept.
    pub(crate) fn forget(&self, until: Instant) {
        let mut values = self.values();
        values.read.clear();
        // Of two who forget at the same time, the later one may be here first.
        values.forgotten = values.forgotten.max(Some(until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_kept_for_a_moment_from_before_it_was_read() {
        let (recent, began) = (Recent::default(), Instant::now());
        assert_eq!(recent.get(&'a', began), None);
        recent.keep('a', began, 1);
        assert_eq!(recent.get(&'a', began), Some(1));
        assert_eq!(recent.get(&'a', began + Duration::from_millis(499)), Some(1));
        assert_eq!(recent.get(&'a', began + KEPT), None);
        assert_eq!(recent.get(&'b', began), None);
    }

    #[test]
    fn whoever_forgets_less_than_another_brings_nothing_back() {
        let (recent, began) = (Recent::default(), Instant::now());
        recent.forget(began + Duration::from_millis(2));
        recent.forget(began);
        recent.keep('a', began + Duration::from_millis(1), 1);
        assert_eq!(recent.get(&'a', began + Duration::from_millis(3)), None);
    }

    #[test]
    fn what_was_read_earlier_does_not_replace_what_was_read_later() {
        let (recent, began) = (Recent::default(), Instant::now());
        let later = began + Duration::from_millis(1);
        recent.keep('a', later, 2);
        recent.keep('a', began, 1);
        assert_eq!(recent.get(&'a', later), Some(2));
        recent.keep('a', later + Duration::from_millis(1), 3);
        assert_eq!(recent.get(&'a', later), Some(3));
    }

    #[test]
    fn it_is_kept_for_a_bounded_number_and_who_comes_later_has_room_once_others_are_past() {
        let (recent, began) = (Recent::default(), Instant::now());
        for number in 0..MOST {
            recent.keep(number, began, ());
        }
        recent.keep(MOST, began, ());
        assert_eq!(recent.get(&MOST, began), None, "no room");
        recent.keep(0, began + Duration::from_millis(1), ());
        recent.keep(MOST, began + KEPT, ());
        assert_eq!(recent.get(&MOST, began + KEPT), Some(()));
        assert_eq!(recent.get(&0, began + KEPT), Some(()), "that was read later");
        assert_eq!(recent.values().read.len(), 2);
    }

    #[test]
    fn what_was_read_before_it_was_forgotten_is_not_kept_afterwards() {
        let (recent, began) = (Recent::default(), Instant::now());
        recent.keep('a', began, 1);
        recent.forget(began + Duration::from_millis(1));
        assert_eq!(recent.get(&'a', began), None);
        recent.keep('a', began + Duration::from_millis(1), 2);
        assert_eq!(recent.get(&'a', began), None, "it may have been read before the change");
        recent.keep('a', began + Duration::from_millis(2), 3);
        assert_eq!(recent.get(&'a', began), Some(3));
    }
}
