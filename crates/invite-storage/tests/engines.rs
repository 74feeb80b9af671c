//! What holds on PostgreSQL and MariaDB and has no meaning on SQLite, or another one: how the schema comes about, what its
//! columns are, and what many writers that wait for each other's rows cannot break.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod support;

use chrono::Duration;
use invite_domain::{
    directory::{Account, Session},
    id::{InvitationId, SessionId},
    invitation::{
        AdministrationChange, Channel, DirectoryChange, EventKind, Guard, MessageKind, OutboxMessage, Outcome, Plan,
        Reason, Status, UniqueKey,
    },
    page::PageRequest,
    port::{Directory, InvitationFilter, InvitationStore, Lease, Outbox, PortError, Settlement},
    secret::credential::CredentialDigest,
};
use invite_storage::{MigrateError, SqlOptions, SqlStore};
use invite_testkit::Scene;
use invite_tests::requires::Requirement;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};
use std::{
    process::ExitCode,
    sync::Arc,
    time::{Duration as StdDuration, Instant},
};
use support::engines::{self, Engine, Test};
use uuid::Uuid;

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

/// How often a race is run.
const ROUNDS: u8 = 40;

macro_rules! tests {
    ($($name:ident)+) => { &[$((stringify!($name), |engine| Box::pin($name(engine)))),+] };
}

const TESTS: &[(&str, Test)] = tests! {
    a_fresh_database_is_migrated_once
    many_that_migrate_at_once_find_the_schema_and_one_makes_it
    what_an_interrupted_migration_left_is_completed
    a_newer_database_is_refused_and_not_touched
    asking_for_pending_migrations_writes_nothing
    columns_have_the_engines_own_types_and_compare_byte_by_byte
    a_renewed_session_does_not_outlive_the_end_of_all_sessions
    sign_ins_of_one_account_at_once_are_all_noted
    of_two_first_installations_at_once_one_is_made
    a_message_is_settled_while_its_organization_changes
    a_row_that_somebody_keeps_is_an_answer_within_three_seconds
    connections_the_server_has_ended_are_replaced_and_nobody_notices
    more_inviters_than_a_session_goes_through_by_itself_are_all_found
    a_table_that_has_grown_manifold_is_counted_anew_once
};

fn main() -> ExitCode {
    engines::run(TESTS)
}

async fn a_table_that_has_grown_manifold_is_counted_anew_once(engine: Engine) {
    let (store, url, _lease) = engine.fresh().await;
    let host = engines::connect(&url).await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    if engine.kind() == Requirement::Mariadb {
        assert_eq!(store.note_growth().await.unwrap(), [""; 0], "it counts by itself");
        return;
    }
    assert_eq!(store.note_growth().await.unwrap(), [""; 0], "there are a few rows");
    let plans: Vec<_> = (0..500).map(|number| scene.plan_issue(&scene.invitation(&format!("ana{number}")))).collect();
    for outcome in store.commit(&plans).await {
        assert!(matches!(outcome, Ok(Outcome::Committed(_))), "{outcome:?}");
    }
    // A session tells what it wrote a second later, at the end of what it does then.
    let begun = Instant::now();
    let mut noted = Vec::new();
    let known = async || {
        let rows = "SELECT reltuples::int::text FROM pg_class WHERE relname = 'invite_invitations'";
        texts(&host, rows).await[0].parse::<i64>().unwrap()
    };
    // The server may have counted it by itself before it was looked at; for the other tables nobody waits.
    while known().await < 500 {
        assert!(begun.elapsed() < StdDuration::from_secs(30), "{noted:?}");
        scene.issue(&format!("bob{}", begun.elapsed().as_nanos())).await;
        noted.extend(store.note_growth().await.unwrap());
    }
    let by_itself = "SELECT autoanalyze_count::text FROM pg_stat_user_tables WHERE relname = 'invite_invitations'";
    assert!(noted.contains(&"invite_invitations") || texts(&host, by_itself).await != ["0"], "{noted:?}");
    assert!(!store.note_growth().await.unwrap().contains(&"invite_invitations"), "it was just counted");
}

async fn unmigrated(engine: &Engine) -> (SqlStore, DatabaseConnection, engines::Lease) {
    let (url, lease) = engine.database().await;
    let store = SqlStore::open(&SqlOptions::new(url.as_str()).connections(8)).await.unwrap();
    (store, engines::connect(&url).await, lease)
}

async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// Our tables. Both engines cast what they keep their names in.
async fn tables(connection: &DatabaseConnection) -> Vec<String> {
    let sql = "SELECT CAST(table_name AS char(63)) FROM information_schema.tables \
               WHERE table_name LIKE 'invite%' AND table_schema IN ('public', DATABASE()) ORDER BY 1";
    let names = texts(connection, &of_engine(connection, sql)).await;
    names.iter().map(|name| name.trim_end().to_owned()).collect()
}

/// MariaDB's `DATABASE()` is PostgreSQL's `current_schema()`.
fn of_engine(connection: &DatabaseConnection, sql: &str) -> String {
    match connection.get_database_backend() {
        sea_orm::DatabaseBackend::Postgres => sql.replace("DATABASE()", "current_schema()"),
        _ => sql.to_owned(),
    }
}

async fn a_fresh_database_is_migrated_once(engine: Engine) {
    let (store, _host, _lease) = unmigrated(&engine).await;
    assert_eq!(store.pending_migrations().await.unwrap(), ALL);
    assert_eq!(store.migrate().await.unwrap(), ALL);
    assert_eq!(store.migrate().await.unwrap(), Vec::<String>::new());
    assert!(store.pending_migrations().await.unwrap().is_empty());
}

async fn many_that_migrate_at_once_find_the_schema_and_one_makes_it(engine: Engine) {
    let (url, _lease) = engine.database().await;
    let barrier = Arc::new(tokio::sync::Barrier::new(8));
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (url, barrier) = (url.clone(), Arc::clone(&barrier));
            tokio::spawn(async move {
                // Each with connections of its own, as another process has.
                let store = SqlStore::open(&SqlOptions::new(url).connections(2)).await.unwrap();
                barrier.wait().await;
                store.migrate().await.unwrap()
            })
        })
        .collect();
    let mut applied = Vec::new();
    for task in tasks {
        applied.extend(task.await.unwrap());
    }
    assert_eq!(applied, ALL, "one of them migrated");
}

async fn what_an_interrupted_migration_left_is_completed(engine: Engine) {
    let (store, host, _lease) = unmigrated(&engine).await;
    store.migrate().await.unwrap();
    let before = tables(&host).await;
    // What an engine that commits each statement leaves: some tables, columns and indexes, and no word that it is done.
    let on = |table: &str| match host.get_database_backend() {
        sea_orm::DatabaseBackend::Postgres => String::new(),
        _ => format!(" ON {table}"),
    };
    for damage in [
        "DELETE FROM invite_migrations",
        "DROP TABLE invite_messages",
        "DROP TABLE invite_subjects",
        &format!("DROP INDEX uq_invitations_organization_id_live_key{}", on("invite_invitations")),
        &format!("DROP INDEX ix_invitations_by_rate{}", on("invite_invitations")),
        "ALTER TABLE invite_accounts DROP COLUMN profile",
        "ALTER TABLE invite_organizations DROP COLUMN accent",
        "DROP TABLE invite_logos",
        "DROP TABLE invite_identities",
        "DROP TABLE invite_group_administrators",
        "ALTER TABLE invite_events DROP COLUMN address",
        &format!("DROP INDEX ix_memberships_group_id{}", on("invite_memberships")),
        "ALTER TABLE invite_memberships DROP COLUMN group_id",
    ] {
        host.execute_unprepared(damage).await.unwrap();
    }
    assert_eq!(store.migrate().await.unwrap(), ALL);
    assert_eq!(tables(&host).await, before);
    let scene = Scene::create(Arc::new(store), "acme").await;
    scene.issue("ana").await;
    scene.refuse(scene.plan_issue(&scene.invitation("ana"))).await;
}

async fn a_newer_database_is_refused_and_not_touched(engine: Engine) {
    let (store, host, _lease) = unmigrated(&engine).await;
    store.migrate().await.unwrap();
    let future = "INSERT INTO invite_migrations (version, applied_at) VALUES ('m9999_future', 1)";
    host.execute_unprepared(future).await.unwrap();
    for result in [store.migrate().await.map(drop), store.pending_migrations().await.map(drop)] {
        assert!(matches!(result.unwrap_err(), MigrateError::Newer(name) if name == "m9999_future"));
    }
    // The refusal has let go of the lock.
    host.execute_unprepared("DELETE FROM invite_migrations WHERE version = 'm9999_future'").await.unwrap();
    assert_eq!(store.migrate().await.unwrap(), Vec::<String>::new());
}

async fn asking_for_pending_migrations_writes_nothing(engine: Engine) {
    let (store, host, _lease) = unmigrated(&engine).await;
    assert_eq!(store.pending_migrations().await.unwrap(), ALL);
    assert!(tables(&host).await.is_empty());
}

async fn columns_have_the_engines_own_types_and_compare_byte_by_byte(engine: Engine) {
    let (store, host, _lease) = unmigrated(&engine).await;
    store.migrate().await.unwrap();
    let of_ours = "table_name LIKE 'invite\\_%' AND table_name <> 'invite_migrations'";
    let postgres = host.get_database_backend() == sea_orm::DatabaseBackend::Postgres;
    let (types, collations, expected) = if postgres {
        (
            "SELECT DISTINCT format_type(a.atttypid, CASE WHEN a.atttypid = 'timestamptz'::regtype THEN a.atttypmod END) \
                     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
                     WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND c.relname LIKE 'invite\\_%' \
                     AND c.relname <> 'invite_migrations' ORDER BY 1"
                .to_owned(),
            format!(
                "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE {of_ours} \
                     AND data_type IN ('text', 'character varying') AND coalesce(collation_name, '') <> 'C'"
            ),
            &["bigint", "boolean", "bytea", "character varying", "text", "timestamp(6) with time zone", "uuid"][..],
        )
    } else {
        let of_ours = of_ours.replace('\\', "\\\\");
        (
            format!(
                "SELECT DISTINCT IF(data_type IN ('varchar', 'datetime', 'binary'), \
                     IF(data_type = 'varchar', 'varchar', column_type), data_type) \
                     FROM information_schema.columns WHERE table_schema = DATABASE() AND {of_ours} ORDER BY 1"
            ),
            format!(
                "SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns \
                     WHERE table_schema = DATABASE() AND {of_ours} AND character_set_name IS NOT NULL \
                     AND collation_name <> 'utf8mb4_nopad_bin'"
            ),
            &["bigint", "binary(16)", "binary(32)", "datetime(6)", "mediumblob", "mediumtext", "tinyint", "varchar"][..],
        )
    };
    assert_eq!(texts(&host, &types).await, expected);
    assert_eq!(texts(&host, &collations).await, Vec::<String>::new(), "columns that compare by another rule");
}

fn digest(kind: u8, round: u8) -> CredentialDigest {
    let mut bytes = [kind; 32];
    bytes[0] = round;
    CredentialDigest::from_bytes(bytes)
}

fn session(scene: &Scene, account: &Account, digest: CredentialDigest, id: u128) -> Box<Session> {
    let now = scene.now();
    Box::new(Session {
        id: SessionId::from_uuid(uuid::Uuid::from_u128(id)),
        account_id: account.id,
        organization_id: None,
        digest,
        refresh: None,
        created_at: now,
        last_seen_at: now,
        expires_at: now + Duration::days(1),
    })
}

/// Commits plans at once and answers which were written.
async fn race(scene: &Scene, plans: Vec<Plan>) -> Vec<bool> {
    let barrier = Arc::new(tokio::sync::Barrier::new(plans.len()));
    let spawn = |plan| {
        let (store, barrier) = (Arc::clone(&scene.store), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            store.commit(&[plan]).await.remove(0).unwrap() != Outcome::Stale
        })
    };
    let tasks: Vec<_> = plans.into_iter().map(spawn).collect();
    let mut written = Vec::new();
    for task in tasks {
        written.push(task.await.unwrap());
    }
    written
}

async fn a_renewed_session_does_not_outlive_the_end_of_all_sessions(engine: Engine) {
    let (store, _, _lease) = engine.fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let account = &scene.owner.account;
    for round in 0..ROUNDS {
        let id = u128::from(round) * 2 + 1;
        let old = session(&scene, account, digest(1, round), id);
        let new = session(&scene, account, digest(2, round), id + 1);
        let begin = DirectoryChange::InsertSession(old.clone());
        scene.apply(Plan { directory: vec![begin], ..Plan::default() }).await;
        let renew = Plan {
            guards: vec![Guard::SessionLasts(old.id)],
            administration: vec![AdministrationChange::EndSession(old.id)],
            directory: vec![DirectoryChange::InsertSession(new)],
            ..Plan::default()
        };
        let end = Plan { administration: vec![AdministrationChange::EndSessions(account.id)], ..Plan::default() };
        let plans = if round % 2 == 0 { vec![renew, end] } else { vec![end, renew] };
        race(&scene, plans).await;
        for kind in [1, 2] {
            assert_eq!(store.credential(&digest(kind, round)).await.unwrap(), None, "round {round}: a session is left");
        }
    }
}

async fn sign_ins_of_one_account_at_once_are_all_noted(engine: Engine) {
    let (store, _, _lease) = engine.fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let account = &scene.owner.account;
    for round in 0..ROUNDS / 4 {
        let plans = (0..12_u8).map(|i| {
            let begun = session(&scene, account, digest(i + 1, round), u128::from(round) * 100 + u128::from(i) + 1);
            Plan {
                guards: vec![Guard::AccountAt(account.id, account.version)],
                directory: vec![
                    DirectoryChange::InsertSession(begun),
                    DirectoryChange::NoteSignIn(account.id, scene.now()),
                ],
                ..Plan::default()
            }
        });
        assert_eq!(race(&scene, plans.collect()).await, [true; 12]);
    }
}

async fn of_two_first_installations_at_once_one_is_made(engine: Engine) {
    let (store, url, _lease) = engine.fresh().await;
    let host = engines::connect(&url).await;
    let elsewhere = Scene::create(Arc::new(invite_testkit::MemoryStore::default()), "acme").await;
    let store: Arc<dyn InvitationStore> = Arc::new(store);
    for _ in 0..ROUNDS {
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let (key, _) = elsewhere.new_operator_key();
                let plan = Plan {
                    guards: vec![Guard::Free(UniqueKey::Installation)],
                    administration: vec![AdministrationChange::InsertOperatorKey(Box::new(key))],
                    ..Plan::default()
                };
                let store = Arc::clone(&store);
                tokio::spawn(async move { store.commit(&[plan]).await.remove(0).unwrap() != Outcome::Stale })
            })
            .collect();
        let mut made = 0;
        for task in tasks {
            made += u8::from(task.await.unwrap());
        }
        assert_eq!(made, 1);
        host.execute_unprepared("DELETE FROM invite_operator_keys").await.unwrap();
    }
}

fn is_about(message: &OutboxMessage, id: InvitationId) -> bool {
    matches!(message.kind, MessageKind::Invitation { invitation_id, .. } if invitation_id == id)
}

async fn a_message_is_settled_while_its_organization_changes(engine: Engine) {
    let (store, _, _lease) = engine.fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let channels = [Channel::Email];
    let mut invitations = Vec::new();
    for round in 0..ROUNDS {
        invitations.push(scene.issue(&format!("ana{round}")).await);
    }
    let lease = Lease { token: uuid::Uuid::from_u128(1), lasts: Duration::minutes(1) };
    let claimed = store.claim(&channels, &lease, u32::from(ROUNDS), scene.now()).await.unwrap();
    for (epoch, invitation) in (scene.organization.authority_epoch..).zip(invitations) {
        let message = claimed.iter().find(|message| is_about(message, invitation.id)).unwrap().id;
        let event = scene.event(EventKind::InvitationDeliveryFailed, Some(&invitation));
        let settled = {
            let (store, lease) = (store.clone(), lease.clone());
            let now = scene.now();
            tokio::spawn(async move {
                store.settle(message, &lease, Settlement::Failed(Reason::SmtpRefused), Some(event), now).await
            })
        };
        // It takes the organisation alone, then the invitation's messages: the other way round than a settlement would.
        let mut revoke = scene.plan_revoke(&invitation);
        revoke.guards = vec![scene.epoch_at(epoch, true), Guard::InvitationAt(invitation.id, invitation.version)];
        scene.apply(revoke).await;
        settled.await.unwrap().unwrap();
    }
}

async fn a_row_that_somebody_keeps_is_an_answer_within_three_seconds(engine: Engine) {
    let (store, url, _lease) = engine.fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let invitation = scene.issue("ana").await;
    let host = engines::connect(&url).await;
    let kept = host.begin().await.unwrap();
    kept.execute_unprepared("UPDATE invite_invitations SET uses = uses").await.unwrap();
    let begun = Instant::now();
    let refused = store.commit(&[scene.plan_revoke(&invitation)]).await.remove(0);
    assert!(matches!(refused, Err(PortError::Unavailable(_))), "{refused:?}");
    // How long exactly is held beside a timer in `faults.rs`; for ever it is not.
    assert!(begun.elapsed() < StdDuration::from_secs(8), "{:?}", begun.elapsed());
    kept.rollback().await.unwrap();
    // Nothing of it was written, and it can be done now.
    assert_eq!(scene.record(invitation.id).await.unwrap().invitation, invitation);
    scene.apply(scene.plan_revoke(&invitation)).await;
}

async fn connections_the_server_has_ended_are_replaced_and_nobody_notices(engine: Engine) {
    let (store, url, _lease) = engine.fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let host = engines::connect(&url).await;
    let page = PageRequest::first(1);
    for round in 0..5 {
        // Many at once, so that there are many connections to lose.
        let loads = (0..12).map(|_| store.organizations(&page));
        for found in futures_util::future::join_all(loads).await {
            assert_eq!(found.unwrap().items.len(), 1);
        }
        end_all_others(&host).await;
        let invitation = scene.issue(&format!("ana{round}")).await;
        assert_eq!(scene.record(invitation.id).await.unwrap().invitation, invitation);
    }
}

/// MariaDB ends a recursion after 1,000 rows and says nothing.
async fn more_inviters_than_a_session_goes_through_by_itself_are_all_found(engine: Engine) {
    const STRANGERS: u128 = 1_100;
    let (store, _, _lease) = engine.fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    // The owner's id comes after theirs.
    let by_owner = scene.issue("ana").await;
    let plans = (1..=STRANGERS).map(|stranger| {
        let mut invitation = scene.invitation(&format!("b{stranger}"));
        invitation.inviter.id = Uuid::from_u128(stranger);
        scene.plan_issue(&invitation)
    });
    for outcome in store.commit(&plans.collect::<Vec<_>>()).await {
        assert_ne!(outcome.unwrap(), Outcome::Stale);
    }
    let page = PageRequest::numbered(1, 2);
    let list = async |filter| store.list(scene.organization.id, &filter, &page, scene.now()).await.unwrap();
    let suspended = InvitationFilter { statuses: vec![Status::Suspended], ..InvitationFilter::default() };
    assert_eq!(list(suspended).await.total, Some(1_100), "nobody knows who gave them");
    let query = Some(scene.owner.account.name.clone().unwrap());
    let found = list(InvitationFilter { query, ..InvitationFilter::default() }).await.items;
    assert_eq!(found.iter().map(|record| record.invitation.id).collect::<Vec<_>>(), [by_owner.id]);
}

/// Ends all sessions of the database but the one that asks.
async fn end_all_others(host: &DatabaseConnection) {
    if host.get_database_backend() == sea_orm::DatabaseBackend::Postgres {
        let end = "SELECT pg_terminate_backend(pid, 1000)::text FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        assert!(!texts(host, end).await.is_empty());
        return;
    }
    let others =
        "SELECT CAST(id AS char) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()";
    let others = texts(host, others).await;
    assert!(!others.is_empty());
    for id in others {
        host.execute_unprepared(&format!("KILL {id}")).await.unwrap();
    }
}
