//! A store in memory with the exact semantics of the store ports.

mod administration;
mod commit;
mod directory;
mod erasure;
mod groups;
mod guards;
mod limiter;
mod limits;
mod lists;
mod loads;
mod mangled;
mod outbox;
mod retention;
mod snapshot;
mod state;
mod statistics;
mod subjects;

use crate::{broken::Fault, fake::ManualClock};
use invite_domain::port::Clock;
pub use snapshot::Snapshot;
use state::State;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All store ports in memory: [`InvitationStore`](invite_domain::port::InvitationStore),
/// [`Outbox`](invite_domain::port::Outbox), [`Directory`](invite_domain::port::Directory),
/// [`Subjects`](invite_domain::port::Subjects), [`Limiter`](invite_domain::port::Limiter),
/// [`Retention`](invite_domain::port::Retention), [`Erasure`](invite_domain::port::Erasure) and
/// [`Statistics`](invite_domain::port::Statistics).
///
/// One lock stands for the database's transactions. A plan is applied to a copy of the state, which takes the state's
/// place only where every guard and key held: a stale plan leaves no trace by construction. Clones share the state.
#[derive(Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    clock: Arc<dyn Clock>,
    fault: Option<Fault>,
}

impl Default for MemoryStore {
    /// An empty store whose database clock is a [`ManualClock`] that nobody moves.
    fn default() -> Self {
        Self::with_clock(Arc::new(ManualClock::default()))
    }
}

impl MemoryStore {
    /// An empty store whose database has this clock. Only [`database_time`](invite_domain::port::Directory::database_time)
    /// and the 90 days of an old slug follow it.
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self { state: Arc::default(), clock, fault: None }
    }

    /// An empty store that has this fault, to show that the contract suite catches it.
    pub fn broken(fault: Fault) -> Self {
        let store = Self { fault: Some(fault), ..Self::default() };
        store.state().shows_reminders = fault == Fault::RemindersShown;
        store
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A case that panics with the lock held has changed nothing: the state is replaced whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").field("fault", &self.fault).finish_non_exhaustive()
    }
}
