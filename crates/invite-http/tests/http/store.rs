//! Where the tests keep their data: in memory. The same tests run elsewhere over another `store`.

use invite_testkit::{ManualClock, MemoryStore};
use std::{any::Any, sync::Arc};

/// All store ports.
pub(crate) type Store = MemoryStore;

/// A store, and what has to live as long as it does.
pub(crate) struct Opened {
    pub(crate) store: Arc<Store>,
    pub(crate) kept: Box<dyn Any>,
}

/// An empty store whose database has this clock.
#[expect(clippy::unused_async, reason = "other stores have to be opened")]
pub(crate) async fn open(clock: &ManualClock) -> Opened {
    Opened { store: Arc::new(MemoryStore::with_clock(Arc::new(clock.clone()))), kept: Box::new(()) }
}
