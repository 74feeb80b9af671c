//! Keys that were read a moment ago: a program that calls a thousand times a second is not looked up a thousand times.
//!
//! What is kept says whose a key is, never what it may do: every use case reads the caller's rights anew, under guards of
//! its own. So nothing that was taken away is given back by what is remembered here; at worst a revoked key is told for
//! half a second longer that something does not exist, or that it is not allowed, instead of that it is unknown.
//!
//! - Kept is what was found, under the digest of the credential's text; never the text, and nothing that was not found. Who
//!   sends made-up keys fills nothing.
//! - It counts for [`COUNTS`] from the moment before it was read. A revocation is so effective within a second in every
//!   process, also where the clock is set back meanwhile.
//! - In the process that commits a revocation it is forgotten at once ([`RecentKeys::during`]), and what was being read
//!   meanwhile is not kept.
//! - Requests that ask for the same at the same time read it once.

use crate::{
    directory::{ApiKey, Limits},
    id::OrganizationId,
    invitation::{AdministrationChange, DirectoryChange, Plan},
    secret::credential::CredentialDigest,
    time::Timestamp,
};
use chrono::Duration;
use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// How long what was read counts. Two of them are no more than a second: what was kept the moment before a clock was set back
/// by less than this ends by then.
const COUNTS: Duration = Duration::milliseconds(500);
/// The most that is kept of a kind, and the most that is read at the same time for others to share.
const MOST: usize = 4_096;
/// How old the note of a key's last use may grow.
const KEY_NOTE: Duration = Duration::minutes(1);

/// A key as it was read.
pub(super) struct SeenKey {
    pub(super) key: Arc<ApiKey>,
    /// When its last use was noted, as far as this process knows.
    noted: Mutex<Option<Timestamp>>,
}

impl SeenKey {
    pub(super) fn new(key: ApiKey) -> Self {
        Self { noted: Mutex::new(key.last_used_at), key: Arc::new(key) }
    }

    /// Whether its use is to be noted now. Of many who ask at the same time one is told so.
    pub(super) fn is_to_be_noted(&self, now: Timestamp) -> bool {
        let mut noted = locked(&self.noted);
        let due = noted.is_none_or(|at| at + KEY_NOTE <= now);
        if due {
            *noted = Some(now);
        }
        due
    }
}

/// The keys that were read a moment ago, and the limits of their organisations. A clone shares them.
///
/// Give the same one to [`DirectoryService::with_recent`](super::DirectoryService::with_recent), and to whatever commits
/// plans in this process: it MUST hold what [`Self::during`] answers while it commits.
#[derive(Clone, Default)]
pub struct RecentKeys {
    pub(super) keys: Recent<CredentialDigest, Arc<SeenKey>>,
    /// Of organisations that are not deleted.
    pub(super) organizations: Recent<OrganizationId, Limits>,
}

impl fmt::Debug for RecentKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecentKeys")
    }
}

/// Forgets what was read once it is dropped: the commit is over, or nobody waits for it any more.
#[must_use = "what was read is forgotten when this is dropped"]
#[derive(Debug)]
pub struct Ending<'a>(Option<&'a RecentKeys>);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        if let Some(recent) = self.0 {
            recent.forget();
        }
    }
}

impl RecentKeys {
    /// To be held while these plans are committed. Where one of them may end a key or change its organisation, all that was
    /// read is forgotten after it, whatever came of it.
    pub fn during(&self, plans: &[Plan]) -> Ending<'_> {
        Ending(plans.iter().any(ends_keys).then_some(self))
    }

    /// Forgets all that was read.
    pub fn forget(&self) {
        self.keys.forget();
        self.organizations.forget();
    }

    /// How many keys are remembered, whether they still count or not.
    pub fn remembered(&self) -> usize {
        locked(&self.keys.0).found.len()
    }
}

/// Whether a plan may end a key, change it, or change what is kept of an organisation.
fn ends_keys(plan: &Plan) -> bool {
    let administration = |change: &AdministrationChange| {
        matches!(
            change,
            AdministrationChange::UpdateApiKey(_)
                | AdministrationChange::UpdateOrganization(_)
                | AdministrationChange::RemoveMembership(..)
                | AdministrationChange::ErasePerson(_)
        )
    };
    let directory = |change: &DirectoryChange| matches!(change, DirectoryChange::EndCredentials(..));
    plan.administration.iter().any(administration) || plan.directory.iter().any(directory)
}

/// What was read a moment ago, by key, and what is being read.
pub(super) struct Recent<K, V>(Arc<Mutex<State<K, V>>>);

struct State<K, V> {
    /// With the moment before it was read.
    found: HashMap<K, (V, Timestamp)>,
    reading: HashMap<K, Arc<Reading<V>>>,
    /// Rises whenever all is forgotten: what was begun before is neither kept nor shared with who comes after.
    epoch: u64,
    /// When what no longer counts was taken out.
    swept: Timestamp,
}

/// A read that others may wait for.
struct Reading<V> {
    epoch: u64,
    began: Timestamp,
    outcome: Mutex<Outcome<V>>,
}

enum Outcome<V> {
    /// Who waits for it.
    Pending(Vec<Waker>),
    Ended(Ended<V>),
}

/// What came of a read of somebody else.
#[derive(Clone, Debug)]
pub(super) enum Ended<V> {
    /// This was found.
    Found(V),
    /// There is no such thing.
    Nothing,
    /// It cannot be shared: it failed, or nobody finished it. Whoever waited reads for himself.
    Alone,
}

/// How somebody who needs a thing gets it.
pub(super) enum Entrance<K: Copy + Eq + Hash, V: Clone> {
    /// It was read a moment ago.
    Known(V),
    /// Somebody reads it.
    Wait(Waiting<V>),
    /// It has to be read, and others wait for it.
    Lead(Lead<K, V>),
    /// It has to be read.
    Alone,
}

impl<K, V> Clone for Recent<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        let (found, reading) = (HashMap::new(), HashMap::new());
        Self(Arc::new(Mutex::new(State { found, reading, epoch: 0, swept: Timestamp::UNIX_EPOCH })))
    }
}

/// Whole whatever panicked while it was locked: every change is one assignment.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether what was read at this moment counts now. Who looked at the clock first may come second.
fn counts(at: Timestamp, now: Timestamp) -> bool {
    (now - at).abs() < COUNTS
}

impl<K, V> Recent<K, V> {
    fn forget(&self) {
        let mut state = locked(&self.0);
        state.epoch = state.epoch.wrapping_add(1);
        state.found.clear();
    }
}

impl<K: Copy + Eq + Hash, V: Clone> Recent<K, V> {
    /// Asks for a thing. `now` is before anything of it is read.
    pub(super) fn enter(&self, key: K, now: Timestamp) -> Entrance<K, V> {
        let mut state = locked(&self.0);
        if let Some((value, at)) = state.found.get(&key)
            && counts(*at, now)
        {
            return Entrance::Known(value.clone());
        }
        let epoch = state.epoch;
        if let Some(reading) = state.reading.get(&key)
            && reading.epoch == epoch
            && counts(reading.began, now)
        {
            return Entrance::Wait(Waiting(Arc::clone(reading)));
        }
        if state.reading.len() >= MOST {
            return Entrance::Alone;
        }
        let reading = Arc::new(Reading { epoch, began: now, outcome: Mutex::new(Outcome::Pending(Vec::new())) });
        state.reading.insert(key, Arc::clone(&reading));
        Entrance::Lead(Lead { recent: self.clone(), key, reading, told: false })
    }
}

/// The duty to tell others what a read came to. Dropped without a word, they read for themselves.
pub(super) struct Lead<K: Copy + Eq + Hash, V: Clone> {
    recent: Recent<K, V>,
    key: K,
    reading: Arc<Reading<V>>,
    told: bool,
}

/// Tells those who wait, if somebody may, that it was found, or that there is none.
pub(super) fn tell<K: Copy + Eq + Hash, V: Clone>(lead: Option<Lead<K, V>>, found: Option<V>) {
    if let Some(lead) = lead {
        lead.tell(found);
    }
}

impl<K: Copy + Eq + Hash, V: Clone> Lead<K, V> {
    /// It was found, or there is none.
    fn tell(mut self, found: Option<V>) {
        self.end(found.map_or(Ended::Nothing, Ended::Found));
    }

    fn end(&mut self, ended: Ended<V>) {
        self.told = true;
        let mut state = locked(&self.recent.0);
        // Another one may have begun since, where this one took long.
        if state.reading.get(&self.key).is_some_and(|reading| Arc::ptr_eq(reading, &self.reading)) {
            state.reading.remove(&self.key);
        }
        if let Ended::Found(value) = &ended
            && state.epoch == self.reading.epoch
        {
            state.keep(self.key, value.clone(), self.reading.began);
        }
        drop(state);
        let before = std::mem::replace(&mut *locked(&self.reading.outcome), Outcome::Ended(ended));
        if let Outcome::Pending(waiting) = before {
            waiting.into_iter().for_each(Waker::wake);
        }
    }
}

impl<K: Copy + Eq + Hash, V: Clone> Drop for Lead<K, V> {
    fn drop(&mut self) {
        if !self.told {
            self.end(Ended::Alone);
        }
    }
}

impl<K: Eq + Hash, V> State<K, V> {
    fn keep(&mut self, key: K, value: V, at: Timestamp) {
        if self.found.len() >= MOST || !counts(self.swept, at) {
            self.found.retain(|_, (_, read)| counts(*read, at));
            self.swept = at;
        }
        if self.found.len() < MOST || self.found.contains_key(&key) {
            self.found.insert(key, (value, at));
        }
    }
}

/// Waits for the read of somebody else.
pub(super) struct Waiting<V>(Arc<Reading<V>>);

impl<V: Clone> Future for Waiting<V> {
    type Output = Ended<V>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended<V>> {
        match &mut *locked(&self.0.outcome) {
            Outcome::Ended(ended) => Poll::Ready(ended.clone()),
            Outcome::Pending(waiting) => {
                if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
                    waiting.push(cx.waker().clone());
                }
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests;
