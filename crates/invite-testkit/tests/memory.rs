//! The contract on the store in memory.

use invite_testkit::{MemoryStore, contract::Subject, store_contract};

store_contract!(async || Subject::new(MemoryStore::default()).with_races(200));
