//! The store as a host uses it: inside the host's own transaction, under load, and what it writes.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod support;

use chrono::Duration;
use invite_domain::{
    email::EmailAddress,
    invitation::{InvitationChange, Outcome, Plan},
    port::{CredentialFacts, Directory, InvitationStore, PortError},
};
use invite_storage::SqlStore;
use invite_testkit::Scene;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use std::sync::Arc;

struct Host {
    store: SqlStore,
    connection: DatabaseConnection,
    scene: Scene,
    _directory: tempfile::TempDir,
}

impl Host {
    async fn new() -> Self {
        let (store, directory) = support::fresh().await;
        let connection = support::host_connection(directory.path()).await;
        connection.execute_unprepared("CREATE TABLE host_orders (name TEXT PRIMARY KEY)").await.unwrap();
        let scene = Scene::create(Arc::new(store.clone()), "acme").await;
        Self { store, connection, scene, _directory: directory }
    }

    async fn begin(&self) -> DatabaseTransaction {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        self.connection.begin_with_options(options).await.unwrap()
    }

    async fn orders(&self) -> u64 {
        let sql = "SELECT count(*) AS n FROM host_orders";
        let row =
            self.connection.query_one_raw(Statement::from_string(self.connection.get_database_backend(), sql)).await;
        u64::try_from(row.unwrap().unwrap().try_get::<i64>("", "n").unwrap()).unwrap()
    }
}

async fn order(transaction: &DatabaseTransaction, name: &str) {
    transaction.execute_unprepared(&format!("INSERT INTO host_orders VALUES ('{name}')")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_commits_its_row_and_a_redemption_together() {
    let host = Host::new().await;
    let invitation = host.scene.issue("ana").await;
    let plan = host.scene.plan_redeem(&invitation, &host.scene.account("ana"));
    let transaction = host.begin().await;
    order(&transaction, "first").await;
    assert!(matches!(host.store.commit_in(&transaction, &plan).await.unwrap(), Outcome::Committed(_)));
    transaction.commit().await.unwrap();
    assert_eq!(host.orders().await, 1);
    assert!(host.scene.record(invitation.id).await.unwrap().redemption.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_rolls_back_undoes_the_plan_too() {
    let host = Host::new().await;
    let invitation = host.scene.issue("ana").await;
    let before = host.scene.record(invitation.id).await;
    let plan = host.scene.plan_redeem(&invitation, &host.scene.account("ana"));
    let transaction = host.begin().await;
    order(&transaction, "first").await;
    assert!(matches!(host.store.commit_in(&transaction, &plan).await.unwrap(), Outcome::Committed(_)));
    transaction.rollback().await.unwrap();
    assert_eq!(host.orders().await, 0);
    assert_eq!(host.scene.record(invitation.id).await, before);
    assert_eq!(host.store.account_by_address("ana@example.org").await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_plan_leaves_the_hosts_transaction_usable() {
    let host = Host::new().await;
    let invitation = host.scene.issue("ana").await;
    let stale = host.scene.plan_redeem(&invitation, &host.scene.account("ana"));
    host.scene.apply(host.scene.plan_revoke(&invitation)).await;
    // One whose guards hold and whose last insertion fails: everything before it is undone.
    let other = host.scene.issue("bob").await;
    let mut taken = host.scene.plan_redeem(&other, &host.scene.owner.account);
    taken.guards.clear();
    let transaction = host.begin().await;
    order(&transaction, "first").await;
    assert_eq!(host.store.commit_in(&transaction, &stale).await.unwrap(), Outcome::Stale);
    assert_eq!(host.store.commit_in(&transaction, &taken).await.unwrap(), Outcome::Stale);
    order(&transaction, "second").await;
    let good = host.scene.plan_redeem(&other, &host.scene.account("bob"));
    assert!(matches!(host.store.commit_in(&transaction, &good).await.unwrap(), Outcome::Committed(_)));
    transaction.commit().await.unwrap();
    assert_eq!(host.orders().await, 2);
    assert!(host.scene.record(other.id).await.unwrap().redemption.is_some());
    assert!(host.scene.record(invitation.id).await.unwrap().redemption.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_on_a_hosts_connection_works_as_its_own() {
    let host = Host::new().await;
    let store = SqlStore::with_connection(host.connection.clone()).unwrap();
    let invitation = host.scene.issue("ana").await;
    let plan = host.scene.plan_revoke(&invitation);
    assert!(matches!(store.commit(&[plan]).await.remove(0).unwrap(), Outcome::Committed(_)));
    assert_eq!(host.scene.record(invitation.id).await.unwrap().invitation.version, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_store_leaves_everything_in_the_database_file() {
    let (store, directory) = support::fresh().await;
    Scene::create(Arc::new(store.clone()), "acme").await.issue("ana").await;
    let log = directory.path().join("invite.db-wal");
    assert!(log.metadata().unwrap().len() > 0);
    store.close().await.unwrap();
    assert!(!log.exists() || log.metadata().unwrap().len() == 0);
    assert!(matches!(store.is_empty().await, Err(PortError::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_concurrent_writers_all_get_through_with_a_second_process_beside_them() {
    let host = Host::new().await;
    // Another pool on the same file stands for another process: it shares nothing with the first but the file.
    let other = SqlStore::with_connection(host.connection.clone()).unwrap();
    let tasks: Vec<_> = (0..32)
        .map(|i| {
            let (scene, store) = (host.scene.clone(), if i % 2 == 0 { host.store.clone() } else { other.clone() });
            tokio::spawn(async move {
                for j in 0..5 {
                    let plan = scene.plan_issue(&scene.invitation(&format!("p{i}-{j}")));
                    let outcome = store.commit(&[plan]).await.remove(0);
                    assert!(matches!(outcome, Ok(Outcome::Committed(_))), "{outcome:?}");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(host.store.key_ids_in_use(host.scene.now()).await.unwrap(), [(host.scene.ring.active().unwrap(), 160)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_is_unavailable_within_three_seconds_and_well_again_after() {
    let host = Host::new().await;
    let blocking = host.begin().await;
    order(&blocking, "blocker").await;
    let plan = host.scene.plan_issue(&host.scene.invitation("ana"));
    let begun = std::time::Instant::now();
    let outcome = host.store.commit(std::slice::from_ref(&plan)).await.remove(0);
    assert!(matches!(outcome, Err(PortError::Unavailable(_))), "{outcome:?}");
    assert!(begun.elapsed() < std::time::Duration::from_millis(3_500), "{:?}", begun.elapsed());
    // Readers never waited, and a note of use that cannot be written keeps nobody out.
    host.store.note_key_used(host.scene.api_key.id, host.scene.now()).await;
    let found = host.store.credential(&host.scene.api_key.digest).await.unwrap();
    assert!(matches!(found, Some(CredentialFacts::ApiKey(key)) if key.last_used_at.is_none()));
    assert!(host.store.account_by_address("x").await.unwrap().is_none());
    blocking.rollback().await.unwrap();
    host.scene.apply(plan).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn instants_are_text_a_person_can_read_and_addresses_compare_byte_by_byte() {
    let host = Host::new().await;
    let scene = &host.scene;
    for address in ["mike@example.org", "mıke@example.org", "straße@example.org", "strasse@example.org"] {
        let mut invitation = scene.invitation(address);
        invitation.expires_at = scene.now() + Duration::microseconds(1_000_001);
        let stored = scene.issue_this(invitation).await;
        let back = scene.record(stored.id).await.unwrap().invitation;
        assert_eq!(back, stored);
        let spelled = back.recipient.email().map(EmailAddress::as_str);
        assert_eq!(spelled, Some(address));
    }
    let sql = "SELECT expires_at FROM invite_invitations LIMIT 1";
    let row = host.connection.query_one_raw(Statement::from_string(host.connection.get_database_backend(), sql)).await;
    assert_eq!(row.unwrap().unwrap().try_get::<String>("", "expires_at").unwrap(), "2027-01-15T08:00:01.123458Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupt_row_is_named_without_its_values() {
    let host = Host::new().await;
    let invitation = host.scene.issue("ana").await;
    host.connection.execute_unprepared("UPDATE invite_invitations SET state = 'SECRET-LOOKING'").await.unwrap();
    let error = host.store.load_invitation(&host.scene.invitation_query(invitation.id)).await.unwrap_err();
    let PortError::Corrupt(cause) = error else { panic!("{error:?}") };
    let text = cause.to_string();
    assert!(text.contains("invite_invitations.state") && text.contains(&invitation.id.to_string()), "{text}");
    assert!(!text.contains("SECRET"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_holds_what_was_committed_and_overwrites_nothing() {
    let host = Host::new().await;
    let invitation = host.scene.issue("ana").await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("invite.db");
    host.store.backup_to(&copy).await.unwrap();
    host.scene.issue("later").await;
    assert!(host.store.backup_to(&copy).await.is_err(), "the file exists");
    let restored = support::open(folder.path()).await;
    let found = restored.load_invitation(&host.scene.invitation_query(invitation.id)).await.unwrap().unwrap();
    assert_eq!(found.record.unwrap().invitation, invitation);
    assert_eq!(restored.key_ids_in_use(host.scene.now()).await.unwrap()[0].1, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_one_commit_and_a_failing_plan_touches_no_neighbour() {
    let host = Host::new().await;
    let scene = &host.scene;
    let taken = scene.issue("taken").await;
    let good = |name: &str| scene.plan_issue(&scene.invitation(name));
    let mut broken = good("broken");
    if let InvitationChange::Insert(invitation) = &mut broken.invitations[0] {
        // No such organisation: the database itself refuses the row.
        invitation.organization_id = invite_domain::id::OrganizationId::new(scene.now(), &*scene.entropy);
    }
    let stale = scene.plan_issue(&scene.invitation("taken"));
    let plans: Vec<Plan> = vec![good("one"), stale, broken, good("two")];
    let before = host.store.statements();
    let outcomes = host.store.commit(&plans).await;
    assert!(matches!(outcomes[0], Ok(Outcome::Committed(_))));
    assert_eq!(*outcomes[1].as_ref().unwrap(), Outcome::Stale);
    assert!(matches!(outcomes[2], Err(PortError::Other(_))));
    assert!(matches!(outcomes[3], Ok(Outcome::Committed(_))));
    assert!(host.store.statements() > before);
    assert!(scene.record(taken.id).await.is_some());
    assert_eq!(host.store.key_ids_in_use(scene.now()).await.unwrap()[0].1, 3);
}

/// A full disk or an I/O error makes SQLite end the whole transaction by itself; `RAISE(ROLLBACK)` does the same.
#[tokio::test(flavor = "multi_thread")]
async fn after_the_engine_ended_a_transaction_itself_commits_are_durable_and_neighbours_unharmed() {
    let host = Host::new().await;
    let scene = &host.scene;
    let trigger = "CREATE TRIGGER boom BEFORE INSERT ON invite_messages WHEN NEW.channel = 'email' AND \
                   (SELECT count(*) FROM invite_events WHERE request_id = 'boom') > 0 \
                   BEGIN SELECT RAISE(ROLLBACK, 'boom'); END";
    host.connection.execute_unprepared(trigger).await.unwrap();
    let exploding = |name: &str| {
        let mut plan = scene.plan_issue(&scene.invitation(name));
        plan.events[0].request_id = Some("boom".into());
        plan
    };
    let before = scene.issue("before").await;
    let stale = scene.plan_issue(&scene.invitation("before"));
    for round in 0..3 {
        let outcome = host.store.commit(&[exploding("alone")]).await.remove(0);
        assert!(matches!(outcome, Err(PortError::Other(_))), "{outcome:?}");
        scene.refuse(stale.clone()).await;
        let good = |word: &str| scene.plan_issue(&scene.invitation(&format!("{word}{round}")));
        let outcomes = host.store.commit(&[good("one"), exploding("within"), stale.clone(), good("two")]).await;
        assert!(matches!(outcomes[0], Ok(Outcome::Committed(_))), "{outcomes:?}");
        assert!(matches!(outcomes[1], Err(PortError::Other(_))), "{outcomes:?}");
        assert!(matches!(outcomes[2], Ok(Outcome::Stale)), "{outcomes:?}");
        assert!(matches!(outcomes[3], Ok(Outcome::Committed(_))), "{outcomes:?}");
    }
    // Another connection sees them: they were committed, not left in a transaction that somebody still has open.
    let other = SqlStore::with_connection(host.connection.clone()).unwrap();
    assert_eq!(other.key_ids_in_use(scene.now()).await.unwrap()[0].1, 7);
    assert!(matches!(other.commit(&[scene.plan_revoke(&before)]).await[0], Ok(Outcome::Committed(_))));
}
