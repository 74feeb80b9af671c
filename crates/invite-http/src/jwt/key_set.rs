//! The keys of one issuer, kept.
//!
//! They are fetched when the first token comes, anew after ten minutes, and where a token names a key that is not among them.
//! Neither can be made to happen often from outside: whatever somebody sends, an issuer is asked at most once in half a
//! minute, by one request at a time, and nobody waits longer than five seconds for it. An issuer that is down takes nothing
//! away: its last keys count for a day.

use super::{
    fetch::{Fetcher, PATIENCE},
    key::Key,
    token::Token,
};
use chrono::Duration;
use invite_domain::{port::PortError, time::Timestamp};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use url::Url;

/// How long keys are used without a look for newer ones.
const FRESH: Duration = Duration::minutes(10);
/// How long they are used while newer ones are fetched; later on that is waited for.
const STALE: Duration = Duration::hours(1);
/// How long they count where no newer ones can be had.
const KEPT: Duration = Duration::hours(24);
/// The least time between two attempts.
const PAUSE: Duration = Duration::seconds(30);
/// The same where there are no keys at all.
const SHORT_PAUSE: Duration = Duration::seconds(5);

#[derive(Default)]
struct State {
    keys: Option<(Arc<[Key]>, Timestamp)>,
    tried_at: Option<Timestamp>,
}

impl State {
    /// The keys and how old they are, unless that is too old.
    fn kept(&self, now: Timestamp) -> Option<(&Arc<[Key]>, Duration)> {
        let (keys, fetched_at) = self.keys.as_ref()?;
        // A clock that was set back makes nothing fresh.
        let age = (now - *fetched_at).abs();
        (age < KEPT).then_some((keys, age))
    }

    fn may_try(&self, now: Timestamp) -> bool {
        let pause = if self.kept(now).is_some() { PAUSE } else { SHORT_PAUSE };
        // A clock that was set back does not keep us from trying.
        self.tried_at.is_none_or(|at| (now - at).abs() >= pause)
    }
}

pub(super) struct KeySet {
    issuer: String,
    url: Url,
    fetcher: Fetcher,
    state: Mutex<State>,
    /// Whoever fetches holds it.
    fetching: tokio::sync::Mutex<()>,
}

impl KeySet {
    pub(super) fn new(issuer: String, url: Url, fetcher: Fetcher) -> Self {
        Self { issuer, url, fetcher, state: Mutex::default(), fetching: tokio::sync::Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whatever is in it was put there whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys to verify this token with; the one it names is among them if it can be had.
    pub(super) async fn with(self: &Arc<Self>, token: &Token<'_>, now: Timestamp) -> Result<Arc<[Key]>, PortError> {
        let known = {
            let state = self.state();
            let known = state.kept(now).filter(|(keys, _)| keys.iter().any(|key| token.may_be_of(key)));
            known.map(|(keys, age)| (Arc::clone(keys), age))
        };
        match known {
            Some((keys, age)) if age < FRESH => return Ok(keys),
            Some((keys, age)) if age < STALE => {
                if self.state().may_try(now) && self.fetching.try_lock().is_ok() {
                    tokio::spawn(Arc::clone(self).refresh(now));
                }
                return Ok(keys);
            }
            _ => self.wait(now).await,
        }
        let kept = self.state().kept(now).map(|(keys, _)| Arc::clone(keys));
        kept.ok_or_else(|| PortError::unavailable(format!("the keys of {} could not be had", self.issuer)))
    }

    /// How many keys there are now that can be used. Nothing is kept of the answer.
    pub(super) async fn ask(&self) -> Result<usize, String> {
        self.fetcher.fetch(&self.url).await.map(|keys| keys.len())
    }

    /// Waits for newer keys, if they are fetched now or may be.
    async fn wait(self: &Arc<Self>, now: Timestamp) {
        if !self.state().may_try(now) && self.fetching.try_lock().is_ok() {
            return;
        }
        // On its own: whoever asked first may go away, and others wait for the same keys.
        let refresh = tokio::spawn(Arc::clone(self).refresh(now));
        // Late or not, what there is then is used.
        drop(tokio::time::timeout(PATIENCE, refresh).await);
    }

    async fn refresh(self: Arc<Self>, now: Timestamp) {
        let _alone = self.fetching.lock().await;
        {
            let mut state = self.state();
            // Whoever was faster did it.
            if !state.may_try(now) {
                return;
            }
            state.tried_at = Some(now);
        }
        match self.fetcher.fetch(&self.url).await {
            Ok(keys) => {
                if keys.is_empty() {
                    tracing::warn!(issuer = self.issuer, "the issuer publishes no key that can be used");
                }
                self.state().keys = Some((keys.into(), now));
            }
            Err(error) => tracing::warn!(issuer = self.issuer, error, "the issuer's keys could not be fetched"),
        }
    }
}
