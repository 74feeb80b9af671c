//! The contract on the store in memory.

use invite_testkit::{MemoryStore, contract::Subject, store_contract};

fn subject() -> Subject {
    let store = MemoryStore::default();
    Subject::new(store.clone())
        .purged_by(store.clone())
        .counted_by(store.clone())
        .grouped_by(store.clone())
        .erased_by(store)
        .with_races(200)
}

store_contract!(invitations, list, outbox, directory, subjects, limiter, retention, statistics, groups, erasure; async || subject());
