//! The three dialects, codes, budgets of guesses, tokens of other issuers and the hosted pages in process over the store people run: SQLite, in a file.
//!
//! The very tests that `invite-http` runs over the store in memory. It must not know the other store, so they are taken in
//! here. Time stays the tests' own.

#[path = "../../crates/invite-http/tests/http/budgets.rs"]
mod budgets;
#[path = "../../crates/invite-http/tests/http/code_page.rs"]
mod code_page;
#[path = "../../crates/invite-http/tests/http/codes.rs"]
mod codes;
#[path = "../../crates/invite-http/tests/http/dailys_invites.rs"]
mod dailys_invites;
#[path = "../../crates/invite-http/tests/http/dailys_list.rs"]
mod dailys_list;
#[path = "../../crates/invite-http/tests/http/dailys_refusals.rs"]
mod dailys_refusals;
#[path = "../../crates/invite-http/tests/http/dailys_support.rs"]
mod dailys_support;
#[path = "../../crates/invite-http/tests/http/dashdoc_companies.rs"]
mod dashdoc_companies;
#[path = "../../crates/invite-http/tests/http/dashdoc_contacts.rs"]
mod dashdoc_contacts;
#[path = "../../crates/invite-http/tests/http/dashdoc_document.rs"]
mod dashdoc_document;
#[path = "../../crates/invite-http/tests/http/dashdoc_merging.rs"]
mod dashdoc_merging;
#[path = "../../crates/invite-http/tests/http/dashdoc_support.rs"]
mod dashdoc_support;
#[path = "../../crates/invite-http/tests/http/dashdoc_truckers.rs"]
mod dashdoc_truckers;
#[path = "../../crates/invite-http/tests/http/dashdoc_walls.rs"]
mod dashdoc_walls;
#[path = "../../crates/invite-http/tests/http/gatego_accepting.rs"]
mod gatego_accepting;
#[path = "../../crates/invite-http/tests/http/gatego_inviting.rs"]
mod gatego_inviting;
#[path = "../../crates/invite-http/tests/http/gatego_refusals.rs"]
mod gatego_refusals;
#[path = "../../crates/invite-http/tests/http/gatego_sessions.rs"]
mod gatego_sessions;
#[path = "../../crates/invite-http/tests/http/gatego_support.rs"]
mod gatego_support;
#[path = "../../crates/invite-http/tests/http/jwt.rs"]
mod jwt;
#[path = "../../crates/invite-http/tests/http/pages.rs"]
mod pages;
#[path = "../../crates/invite-http/tests/http/spy.rs"]
#[expect(dead_code, reason = "the console's tests make it fail and slow; the dialects' do not")]
mod spy;
#[path = "../../crates/invite-http/tests/http/support.rs"]
mod support;

/// A database file in a folder of its own, which goes when the installation does.
mod store {
    #![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

    use invite_storage::{SqlOptions, SqlStore};
    use invite_testkit::ManualClock;
    use std::{any::Any, sync::Arc};

    /// All store ports.
    pub(crate) type Store = SqlStore;

    /// A store, and what has to live as long as it does.
    pub(crate) struct Opened {
        pub(crate) store: Arc<Store>,
        pub(crate) kept: Box<dyn Any>,
    }

    /// An empty store. Its database has a clock of its own, which decides nothing in these tests.
    pub(crate) async fn open(_: &ManualClock) -> Opened {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("invite.db").display());
        // These tests cut no power, and every commit would wait for the disk.
        let store = SqlStore::open(&SqlOptions::new(url).readers(2).synchronous_full(false)).await.unwrap();
        store.migrate().await.unwrap();
        Opened { store: Arc::new(store), kept: Box::new(folder) }
    }
}
