//! Databases for tests: files, several connections, never in memory.
#![allow(dead_code, reason = "every test file uses its own part of this")]
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

pub(crate) mod calls;
pub(crate) mod engines;
pub(crate) mod forwarder;
pub(crate) mod place;
pub(crate) mod recorded;

use invite_storage::{SqlOptions, SqlStore};
use invite_testkit::contract::Subject;
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use std::path::Path;
use tempfile::TempDir;

/// The address of a database file in a directory.
pub(crate) fn url(directory: &Path) -> String {
    format!("sqlite://{}", directory.join("invite.db").display())
}

/// A store on a file, migrated.
pub(crate) async fn open(directory: &Path) -> SqlStore {
    // NORMAL: these tests cut no power, and every commit would wait for the disk.
    let options = SqlOptions::new(url(directory)).readers(4).synchronous_full(false);
    let store = SqlStore::open(&options).await.unwrap();
    store.migrate().await.unwrap();
    store
}

/// A fresh store on a file of its own.
pub(crate) async fn fresh() -> (SqlStore, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (open(directory.path()).await, directory)
}

/// A fresh store for the contract suite.
pub(crate) async fn subject() -> Subject {
    let (store, directory) = fresh().await;
    keeping(store, directory)
}

/// The same with a store that writes and reads for every caller by itself.
pub(crate) async fn subject_apart() -> Subject {
    let directory = tempfile::tempdir().unwrap();
    let options = SqlOptions::new(url(directory.path())).readers(4).synchronous_full(false).together(false);
    let store = SqlStore::open(&options).await.unwrap();
    store.migrate().await.unwrap();
    keeping(store, directory)
}

fn keeping(store: SqlStore, directory: TempDir) -> Subject {
    let subject = Subject::new(store.clone()).purged_by(store.clone()).counted_by(store.clone());
    subject.grouped_by(store.clone()).erased_by(store).keeping(directory)
}

/// A connection pool to the same file as a host would open it.
pub(crate) async fn host_connection(directory: &Path) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url(directory) + "?mode=rwc");
    options.max_connections(3).sqlx_logging(false).map_sqlx_sqlite_opts(|sqlite| {
        sqlite.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal).foreign_keys(true)
    });
    Database::connect(options).await.unwrap()
}
