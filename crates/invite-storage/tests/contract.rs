//! The store contract suite, on SQLite files with several connections.

mod support;

use invite_testkit::store_contract;

store_contract!(async || support::subject().await);
