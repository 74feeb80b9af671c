//! How the schema comes about, and what it promises.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod support;
#[path = "migrations/tenancy.rs"]
mod tenancy;

use invite_storage::{MigrateError, OpenError, SqlOptions, SqlStore};
use invite_testkit::Scene;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use std::sync::Arc;
use tempfile::TempDir;

/// All migrations, oldest first.
const ALL: [&str; 7] = [
    "m0001_initial",
    "m0002_subjects",
    "m0003_dead_letters",
    "m0004_messages",
    "m0005_look",
    "m0006_authority",
    "m0007_search",
];

async fn unmigrated() -> (SqlStore, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let store = SqlStore::open(&SqlOptions::new(support::url(directory.path()))).await.unwrap();
    (store, directory)
}

async fn texts(connection: &DatabaseConnection, sql: &str, column: &str) -> Vec<String> {
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", column).unwrap()).collect()
}

async fn tables(connection: &DatabaseConnection) -> Vec<String> {
    let sql =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'invite\\_%' ESCAPE '\\' ORDER BY name";
    texts(connection, sql, "name").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_database_is_migrated_once() {
    let (store, _directory) = unmigrated().await;
    assert_eq!(store.pending_migrations().await.unwrap(), ALL);
    assert_eq!(store.migrate().await.unwrap(), ALL);
    assert_eq!(store.migrate().await.unwrap(), Vec::<String>::new());
    assert!(store.pending_migrations().await.unwrap().is_empty());
    let status = store.migration_status().await.unwrap();
    let names: Vec<_> = status.iter().filter(|state| state.applied).map(|state| state.name.as_str()).collect();
    assert_eq!(names, ALL);
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_pending_migrations_writes_nothing() {
    let (store, directory) = unmigrated().await;
    store.pending_migrations().await.unwrap();
    let host = support::host_connection(directory.path()).await;
    assert!(tables(&host).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_that_start_at_once_on_no_file_at_all_find_the_schema() {
    for _ in 0..10 {
        let directory = tempfile::tempdir().unwrap();
        let barrier = Arc::new(tokio::sync::Barrier::new(8));
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (url, barrier) = (support::url(directory.path()), Arc::clone(&barrier));
                tokio::spawn(async move {
                    barrier.wait().await;
                    SqlStore::open(&SqlOptions::new(url)).await.unwrap().migrate().await.unwrap()
                })
            })
            .collect();
        let mut applied = Vec::new();
        for task in tasks {
            applied.extend(task.await.unwrap());
        }
        assert_eq!(applied, ALL, "one of them migrated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_interrupted_migration_left_is_completed() {
    let (store, directory) = unmigrated().await;
    let host = support::host_connection(directory.path()).await;
    // What an engine that commits each statement leaves: some tables and indexes, and no word that it is done.
    store.migrate().await.unwrap();
    host.execute_unprepared("DELETE FROM invite_migrations").await.unwrap();
    host.execute_unprepared("DROP TABLE invite_messages").await.unwrap();
    host.execute_unprepared("DROP INDEX uq_invitations_organization_id_live_key").await.unwrap();
    assert_eq!(store.migrate().await.unwrap(), ALL);
    assert!(tables(&host).await.contains(&"invite_messages".to_owned()));
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    scene.issue("ana").await;
    scene.refuse(scene.plan_issue(&scene.invitation("ana"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_migration_leaves_nothing_behind() {
    let (store, directory) = unmigrated().await;
    let host = support::host_connection(directory.path()).await;
    host.execute_unprepared("CREATE VIEW invite_messages AS SELECT 1 AS one").await.unwrap();
    assert!(matches!(store.migrate().await, Err(MigrateError::Failed(_))));
    assert!(tables(&host).await.is_empty());
    host.execute_unprepared("DROP VIEW invite_messages").await.unwrap();
    assert_eq!(store.migrate().await.unwrap().len(), ALL.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_database_is_refused_and_not_touched() {
    let (store, directory) = unmigrated().await;
    store.migrate().await.unwrap();
    let host = support::host_connection(directory.path()).await;
    host.execute_unprepared("INSERT INTO invite_migrations (version, applied_at) VALUES ('m9999_future', 1)")
        .await
        .unwrap();
    for result in [
        store.migrate().await.map(drop),
        store.pending_migrations().await.map(drop),
        store.migration_status().await.map(drop),
    ] {
        let error = result.unwrap_err();
        assert!(matches!(&error, MigrateError::Newer(name) if name == "m9999_future"));
        assert!(error.to_string().contains("newer version of this program"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_cannot_work_are_refused_with_a_reason() {
    for (url, says) in [
        ("mssql://localhost/x", "begins with none of"),
        ("invite.db", "begins with none of"),
        ("sqlite::memory:", "name a file"),
        ("sqlite://x.db?mode=memory", "name a file"),
    ] {
        let error = SqlStore::open(&SqlOptions::new(url)).await.unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    let missing = SqlStore::open(&SqlOptions::new("sqlite:///no/such/folder/x.db")).await;
    assert!(matches!(missing, Err(OpenError::Connect(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_of_later_features_exist_from_the_first_migration() {
    let (store, directory) = unmigrated().await;
    store.migrate().await.unwrap();
    let host = support::host_connection(directory.path()).await;
    let columns = texts(&host, "SELECT name FROM pragma_table_info('invite_invitations')", "name").await;
    for column in
        ["recipient", "subject_id", "code_index", "code_counter", "max_uses", "uses", "batch_id", "reminder_noted"]
    {
        assert!(columns.contains(&column.to_owned()), "{column}");
    }
}
