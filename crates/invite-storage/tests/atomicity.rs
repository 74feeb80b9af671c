//! All or nothing (rule 5.1): whatever write of a plan fails, nothing of it remains, and the same plan can be done then.
//!
//! Triggers on every table count the rows that are written and let the k-th fail, for every k until the plan gets through.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

mod support;

use chrono::Duration;
use futures_util::future::{BoxFuture, FutureExt as _};
use invite_domain::{
    directory::Session,
    id::{InvitationId, SessionId},
    invitation::{
        AdministrationChange, Budget, Channel, DirectoryChange, EventKind, Guard, InvitationChange, MessageKind,
        Outcome, Plan, Reason, UniqueKey,
    },
    port::{InvitationStore, Lease, Limiter, OrganizationRef, Outbox, PortError, Settlement, Spending},
    secret::credential::CredentialDigest,
};
use invite_storage::SqlStore;
use invite_testkit::Scene;
use invite_tests::requires::{Requirement, Suite};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, Statement};
use std::{collections::BTreeMap, process::ExitCode, sync::Arc};
use support::engines::{self, Engine};
use uuid::Uuid;

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    let engines = [("postgres", Requirement::Postgres), ("mariadb", Requirement::Mariadb)];
    let engines = engines.map(|(name, kind)| (name, kind, Engine::new(kind)));
    suite.trial("sqlite::a_failure_at_any_write_leaves_nothing_of_a_plan", None, || {
        runtime()?.block_on(async {
            let (store, directory) = support::fresh().await;
            every_failure(store, support::host_connection(directory.path()).await).await;
        });
        Ok(())
    });
    for (name, kind, engine) in &engines {
        let engine = engine.clone();
        suite.trial(&format!("{name}::a_failure_at_any_write_leaves_nothing_of_a_plan"), Some(*kind), move || {
            runtime()?.block_on(async {
                let (store, url, _lease) = engine.fresh().await;
                every_failure(store, engines::connect(&url).await).await;
            });
            Ok(())
        });
    }
    let conclusion = suite.run();
    engines::end(engines.map(|(_, _, engine)| engine));
    conclusion
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

/// The database as somebody beside the store sees it.
struct Beside {
    host: DatabaseConnection,
    /// Our tables, and how a row of each is written as one text.
    rows: BTreeMap<String, String>,
}

impl Beside {
    async fn new(host: DatabaseConnection) -> Self {
        let tables = match host.get_database_backend() {
            DatabaseBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'invite_%'",
            DatabaseBackend::Postgres => {
                "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'"
            }
            _ => "SELECT CAST(table_name AS char) FROM information_schema.tables WHERE table_schema = DATABASE()",
        };
        let mut rows = BTreeMap::new();
        for table in texts(&host, tables).await {
            let row = match host.get_database_backend() {
                DatabaseBackend::Postgres => format!("{table}::text"),
                backend => {
                    let (columns, quote) = match backend {
                        DatabaseBackend::Sqlite => {
                            (format!("SELECT name FROM pragma_table_info('{table}')"), "quote({})")
                        }
                        _ => (
                            format!(
                                "SELECT CAST(column_name AS char) FROM information_schema.columns \
                                 WHERE table_schema = DATABASE() AND table_name = '{table}'"
                            ),
                            "IFNULL(HEX({}), '~')",
                        ),
                    };
                    let columns = texts(&host, &columns).await;
                    let quoted = columns.iter().map(|column| quote.replace("{}", column)).collect::<Vec<_>>();
                    format!("CONCAT_WS(',', {})", quoted.join(", "))
                }
            };
            rows.insert(table, row);
        }
        Self { host, rows }
    }

    /// Every row of every table.
    async fn all(&self) -> BTreeMap<&str, Vec<String>> {
        let mut all = BTreeMap::new();
        for (table, row) in &self.rows {
            let sql = format!("SELECT {row} FROM {table} ORDER BY 1");
            all.insert(table.as_str(), texts(&self.host, &sql).await);
        }
        all
    }

    /// Lets writes count down. The countdown is rolled back with what it counted.
    async fn set_traps(&self) {
        let mut sql =
            vec!["CREATE TABLE countdown (n bigint)".to_owned(), "INSERT INTO countdown VALUES (0)".to_owned()];
        if self.host.get_database_backend() == DatabaseBackend::Postgres {
            sql.push(
                "CREATE FUNCTION count_down() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 UPDATE countdown SET n = n - 1; IF (SELECT n FROM countdown) = 0 THEN RAISE EXCEPTION 'boom'; END IF; \
                 RETURN NULL; END $$"
                    .to_owned(),
            );
        }
        for table in self.rows.keys().filter(|table| *table != "invite_migrations") {
            for event in ["INSERT", "UPDATE", "DELETE"] {
                let head = format!("CREATE TRIGGER {table}_{event} AFTER {event} ON {table} FOR EACH ROW");
                sql.push(match self.host.get_database_backend() {
                    DatabaseBackend::Postgres => format!("{head} EXECUTE FUNCTION count_down()"),
                    DatabaseBackend::Sqlite => format!(
                        "{head} BEGIN UPDATE countdown SET n = n - 1; \
                         SELECT RAISE(ABORT, 'boom') FROM countdown WHERE n = 0; END"
                    ),
                    _ => format!(
                        "{head} BEGIN UPDATE countdown SET n = n - 1; IF (SELECT n FROM countdown) = 0 THEN \
                         SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'boom'; END IF; END"
                    ),
                });
            }
        }
        for sql in sql {
            self.host.execute_unprepared(&sql).await.unwrap();
        }
    }

    /// The `k`-th write fails.
    async fn fail_at(&self, k: usize) {
        self.host.execute_unprepared(&format!("UPDATE countdown SET n = {k}")).await.unwrap();
    }
}

async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// Does work again and again, letting each of its writes fail in turn. Answers how many there are.
async fn fail_each(beside: &Beside, name: &str, work: impl Fn() -> BoxFuture<'static, Result<(), PortError>>) -> usize {
    let before = beside.all().await;
    for k in 1..100 {
        beside.fail_at(k).await;
        match work().await {
            Ok(()) => {
                assert_ne!(beside.all().await, before, "{name} wrote nothing");
                return k - 1;
            }
            Err(error) => assert!(matches!(error, PortError::Other(_)), "{name}, write {k}: {error:?}"),
        }
        assert_eq!(beside.all().await, before, "{name}: something remains of what failed at write {k}");
    }
    panic!("{name} never gets through");
}

async fn fail_each_write(beside: &Beside, store: &SqlStore, name: &'static str, plan: &Plan) -> usize {
    fail_each(beside, name, || {
        let (store, plan) = (store.clone(), plan.clone());
        async move {
            match store.commit(&[plan]).await.remove(0)? {
                Outcome::Committed(_) => Ok(()),
                Outcome::Refused(shortage) => panic!("{name} was refused: {shortage:?}"),
                Outcome::Stale => panic!("{name} was stale, so something remains of what failed"),
            }
        }
        .boxed()
    })
    .await
}

/// A redemption by a new person who is signed in, told of it, and may ask again.
fn redemption(scene: &Scene, before: &invite_domain::invitation::Invitation, address: &str) -> Plan {
    let account = scene.account(address);
    let mut plan = scene.plan_redeem(before, &account);
    let now = scene.now();
    let mut digest = [7; 32];
    digest[..16].copy_from_slice(account.id.as_uuid().as_bytes());
    plan.directory.push(DirectoryChange::InsertSession(Box::new(Session {
        id: SessionId::from_uuid(Uuid::from_u128(u128::from(before.number.unsigned_abs()) + 1)),
        account_id: account.id,
        organization_id: Some(scene.organization.id),
        digest: CredentialDigest::from_bytes(digest),
        refresh: None,
        created_at: now,
        last_seen_at: now,
        expires_at: now + Duration::days(1),
    })));
    plan.directory.push(DirectoryChange::NoteSignIn(account.id, now));
    plan.messages.push(scene.message(before));
    plan.idempotency = Some(scene.answer(address, before.id.as_uuid()));
    plan
}

/// A new invitation in the place of another one for the same person.
fn replacement(scene: &Scene, old: &invite_domain::invitation::Invitation, address: &str) -> Plan {
    let new = scene.invitation(address);
    let mut plan = scene.plan_revoke(old);
    plan.invitations.push(InvitationChange::Insert(Box::new(new.clone())));
    plan.events.push(scene.event(EventKind::InvitationIssued, Some(&new)));
    plan.messages.push(scene.message(&new));
    plan.cancel_messages = vec![(old.id, Reason::InvitationEnded)];
    plan.idempotency = Some(scene.answer(&format!("replace {address}"), new.id.as_uuid()));
    plan
}

async fn every_failure(store: SqlStore, host: DatabaseConnection) {
    let beside = Beside::new(host).await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let mut issued = Vec::new();
    for name in ["ana", "bob", "cleo", "dora", "eve", "finn"] {
        issued.push(scene.issue(name).await);
    }
    let other = scene.join("gus", &scene.roles.admin).await;
    let contact = scene.add_subject(scene.contact(&scene.own_company().await, "Hal", "hal")).await;
    beside.set_traps().await;
    let [ana, bob, cleo, dora, eve, finn] = issued.try_into().unwrap();

    let mut issue = scene.plan_issue(&scene.invitation("ida"));
    issue.idempotency = Some(scene.answer("ida", Uuid::from_u128(1)));
    assert!(fail_each_write(&beside, &store, "issue", &issue).await >= 4);
    let redeem = redemption(&scene, &ana, "ana");
    // Invitation, message cancelled, account, membership, session, sign-in, redemption, two events, message, answer.
    assert!(fail_each_write(&beside, &store, "redeem", &redeem).await >= 11);
    assert!(fail_each_write(&beside, &store, "replace", &replacement(&scene, &bob, "bob")).await >= 7);
    assert!(fail_each_write(&beside, &store, "resend", &scene.plan_resend(&cleo)).await >= 3);
    assert!(fail_each_write(&beside, &store, "decline", &scene.plan_decline(&dora, true)).await >= 4);
    let deletion = scene.plan_subject_delete(&contact);
    assert!(fail_each_write(&beside, &store, "delete a record", &deletion).await >= 1);
    let mut end = scene.plan_organization(scene.organization.authority_epoch, scene.organization.clone());
    end.directory = vec![DirectoryChange::EndCredentials(scene.owner.account.id, scene.now())];
    end.administration.push(AdministrationChange::InsertRole(Box::new(scene.role("driver", &["a.b"]))));
    end.events.push(scene.event(EventKind::OrganizationChanged, None));
    assert!(fail_each_write(&beside, &store, "end credentials", &end).await >= 4);
    assert!(fail_each_write(&beside, &store, "remove", &scene.plan_remove(&other.membership)).await >= 1);

    failed_settlement(&beside, &store, &scene, &cleo).await;
    let now = scene.now();
    let budget = Budget { limit: 5, window: Duration::minutes(1) };
    let spendings: Vec<_> = ["a", "b", "c"].map(|key| Spending { key: key.into(), budget }).into();
    let taken = fail_each(&beside, "take", || {
        let (store, spendings) = (store.clone(), spendings.clone());
        async move { store.take(&spendings, now).await.map(|refused| assert_eq!(refused, None)) }.boxed()
    });
    assert!(taken.await >= 3);
    failed_batch(&beside, &store, &scene, [&eve, &finn]).await;
}

async fn failed_settlement(
    beside: &Beside,
    store: &SqlStore,
    scene: &Scene,
    invitation: &invite_domain::invitation::Invitation,
) {
    let about = |id: InvitationId| move |kind: &MessageKind| matches!(kind, MessageKind::Invitation { invitation_id, .. } if *invitation_id == id);
    beside.fail_at(0).await;
    let lease = Lease { token: Uuid::from_u128(1), lasts: Duration::minutes(1) };
    let claimed = store.claim(&[Channel::Email], &lease, 50, scene.now()).await.unwrap();
    let message = claimed.iter().find(|message| about(invitation.id)(&message.kind)).unwrap().id;
    let (now, event) = (scene.now(), scene.event(EventKind::InvitationDeliveryFailed, Some(invitation)));
    let writes = fail_each(beside, "settle", || {
        let (store, lease, event) = (store.clone(), lease.clone(), event.clone());
        async move {
            let settlement = Settlement::Failed(Reason::SmtpRefused);
            store.settle(message, &lease, settlement, Some(event), now).await.map(|settled| assert!(settled))
        }
        .boxed()
    });
    assert_eq!(writes.await, 2);
}

/// Of several plans in one commit each is done whole or not at all, and says which.
async fn failed_batch(
    beside: &Beside,
    store: &SqlStore,
    scene: &Scene,
    [first, second]: [&invite_domain::invitation::Invitation; 2],
) {
    let organization = OrganizationRef::Id(scene.organization.id);
    let now = store.find_organization(&organization).await.unwrap().unwrap();
    // What went before has raised it.
    let epoch = |plan: Plan| {
        let raised = scene.epoch_at(now.authority_epoch, false);
        let guards = plan
            .guards
            .iter()
            .map(|guard| if matches!(guard, Guard::Epoch { .. }) { raised.clone() } else { guard.clone() });
        Plan { guards: guards.collect(), ..plan }
    };
    let mut waiting = vec![
        epoch(scene.plan_issue(&scene.invitation("jo"))),
        epoch(redemption(scene, first, "eve")),
        epoch(replacement(scene, second, "finn")),
    ];
    assert!(waiting[0].guards.iter().any(|guard| matches!(guard, Guard::Free(UniqueKey::Live(..)))));
    let mut failures = 0;
    for k in 1..100 {
        let before = beside.all().await;
        beside.fail_at(k).await;
        let outcomes = store.commit(&waiting).await;
        let is_done = |outcome: &Result<Outcome, PortError>| match outcome {
            Ok(Outcome::Committed(_)) => true,
            Ok(Outcome::Refused(shortage)) => panic!("write {k}: it was refused: {shortage:?}"),
            Ok(Outcome::Stale) => panic!("write {k}: it was stale, so something remains of what failed"),
            Err(error) => {
                assert!(matches!(error, PortError::Other(_)), "write {k}: {error:?}");
                false
            }
        };
        let done: Vec<_> = outcomes.iter().map(is_done).collect();
        failures += done.iter().filter(|done| !**done).count();
        if done.iter().all(|done| !done) {
            assert_eq!(beside.all().await, before, "something remains of what failed at write {k}");
        }
        let mut done = done.into_iter();
        waiting.retain(|_| !done.next().unwrap());
        if waiting.is_empty() {
            assert!(failures > 10, "{failures}");
            return;
        }
    }
    panic!("they never get through");
}
