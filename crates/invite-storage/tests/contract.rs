//! The store contract suite, on SQLite files with several connections.

mod support;

use invite_testkit::store_contract;

store_contract!(invitations, list, outbox, directory, subjects, limiter, retention; async || support::subject().await);
