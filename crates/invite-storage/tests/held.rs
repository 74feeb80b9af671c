//! Rows that stay as they are until the plan that has seen them commits, on engines whose writers wait row by row.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod support;

use invite_domain::{
    id::{InvitationId, MessageId},
    invitation::{AdministrationChange, Channel, DeliveryState, Guard, Outcome, Plan, Reason},
    port::{InvitationStore as _, Lease, Outbox as _, PortError, Settlement},
};
use invite_storage::SqlStore;
use invite_testkit::Scene;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, IsolationLevel, Statement,
    TransactionTrait as _,
};
use std::{process::ExitCode, sync::Arc, time::Duration};
use support::engines::{self, Engine, Test};

/// How often a race is run.
const ROUNDS: usize = 30;

macro_rules! tests {
    ($($name:ident)+) => { &[$((stringify!($name), |engine| Box::pin($name(engine)))),+] };
}

const TESTS: &[(&str, Test)] = tests! {
    an_epoch_that_a_plan_shares_is_not_raised_before_it_commits
    a_plan_of_a_group_waits_for_an_epoch_that_is_being_raised
    an_invitation_that_a_plan_rests_on_is_not_changed_before_it_commits
    of_an_invitation_with_a_role_and_the_roles_deletion_exactly_one_wins
    on_a_hosts_pool_a_held_row_keeps_only_those_who_wait_for_it
    a_group_that_waits_for_a_row_holds_up_no_other
    a_message_that_is_sent_again_is_cancelled_by_whoever_waited_for_that
};

fn main() -> ExitCode {
    engines::run(TESTS)
}

/// Applies a plan in a transaction that is not committed yet, then another one elsewhere, which has to wait in vain; then
/// the first commits, and the other may.
async fn holds_back(store: &SqlStore, url: &str, first: &Plan, second: &Plan) {
    let host = engines::connect(url).await;
    let transaction = host.begin().await.unwrap();
    assert_ne!(store.commit_in(&transaction, first).await.unwrap(), Outcome::Stale);
    let outcome = store.commit_plan(second).await;
    assert!(matches!(outcome, Err(PortError::Unavailable(_))), "it did not wait for the first: {outcome:?}");
    transaction.commit().await.unwrap();
    assert_ne!(store.commit_plan(second).await.unwrap(), Outcome::Stale);
}

/// An id no invitation has: the facts are of the organisation alone.
fn invitation_of_nobody() -> InvitationId {
    InvitationId::from_uuid(uuid::Uuid::nil())
}

trait Committing {
    async fn commit_plan(&self, plan: &Plan) -> Result<Outcome, PortError>;
}

impl Committing for SqlStore {
    async fn commit_plan(&self, plan: &Plan) -> Result<Outcome, PortError> {
        self.commit(std::slice::from_ref(plan)).await.remove(0)
    }
}

async fn an_epoch_that_a_plan_shares_is_not_raised_before_it_commits(engine: Engine) {
    let (store, url, _lease) = engine.fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let shares = Plan { guards: vec![scene.epoch_at(1, false)], ..Plan::default() };
    let raises = Plan { guards: vec![scene.epoch_at(1, true)], ..Plan::default() };
    holds_back(&store, &url, &shares, &raises).await;
}

async fn a_plan_of_a_group_waits_for_an_epoch_that_is_being_raised(engine: Engine) {
    let (store, url, _lease) = engine.fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let raises = Plan { guards: vec![scene.epoch_at(1, true)], ..Plan::default() };
    let issue = scene.plan_issue(&scene.invitation("ana"));
    let host = engines::connect(&url).await;
    let transaction = host.begin().await.unwrap();
    assert_ne!(store.commit_in(&transaction, &raises).await.unwrap(), Outcome::Stale);
    let outcome = store.commit_plan(&issue).await;
    assert!(matches!(outcome, Err(PortError::Unavailable(_))), "it did not wait: {outcome:?}");
    transaction.commit().await.unwrap();
    assert_eq!(store.commit_plan(&issue).await.unwrap(), Outcome::Stale);
}

async fn an_invitation_that_a_plan_rests_on_is_not_changed_before_it_commits(engine: Engine) {
    let (store, url, _lease) = engine.fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let invitation = scene.issue("ana").await;
    let rests = Plan { guards: vec![Guard::InvitationAt(invitation.id, 1)], ..Plan::default() };
    let revokes = Plan { guards: vec![Guard::InvitationAt(invitation.id, 1)], ..scene.plan_revoke(&invitation) };
    holds_back(&store, &url, &rests, &revokes).await;
}

async fn of_an_invitation_with_a_role_and_the_roles_deletion_exactly_one_wins(engine: Engine) {
    let (store, _, _lease) = engine.fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    for round in 0..ROUNDS {
        let epoch = scene.facts(invitation_of_nobody()).await.organization.authority_epoch;
        let role = scene.role(&format!("Planer {round}"), &["plans.read"]);
        scene.administer(AdministrationChange::InsertRole(Box::new(role.clone()))).await;
        let delete = Plan {
            guards: vec![scene.epoch_at(epoch, true), Guard::RoleUnused(scene.organization.id, role.id)],
            administration: vec![AdministrationChange::DeleteRole(scene.organization.id, role.id)],
            ..Plan::default()
        };
        let mut invitation = scene.invitation(&format!("ana{round}"));
        invitation.grant.role_id = Some(role.id);
        let issue = Plan { guards: vec![scene.epoch_at(epoch, false)], ..scene.plan_issue(&invitation) };
        let barrier = Arc::new(tokio::sync::Barrier::new(2));
        let commit = |plan: Plan| {
            let (store, barrier) = (store.clone(), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                store.commit_plan(&plan).await.unwrap() != Outcome::Stale
            })
        };
        let (issued, deleted) = (commit(issue), commit(delete));
        let (issued, deleted) = (issued.await.unwrap(), deleted.await.unwrap());
        assert!(issued != deleted, "round {round}: issued {issued}, deleted {deleted}");
    }
}

/// The pool has no bound on how long its statements take, and the store gives none up there.
async fn on_a_hosts_pool_a_held_row_keeps_only_those_who_wait_for_it(engine: Engine) {
    let (own, url, _lease) = engine.fresh().await;
    let scene = Scene::create(Arc::new(own), "acme").await;
    let mut options = ConnectOptions::new(url.as_str());
    options.max_connections(8).sqlx_logging(false);
    let store = SqlStore::with_connection(Database::connect(options).await.unwrap()).unwrap();
    let mut held = Vec::new();
    for name in ["one", "two", "three", "four"] {
        held.push(scene.issue(name).await);
    }
    let host = engines::connect(&url).await;
    let holding = host.begin_with_config(Some(IsolationLevel::ReadCommitted), None).await.unwrap();
    let numbers = held.iter().map(|invitation| invitation.number.to_string()).collect::<Vec<_>>().join(", ");
    let statement = format!("UPDATE invite_invitations SET uses = uses WHERE number IN ({numbers})");
    holding.execute_unprepared(&statement).await.unwrap();
    let waiting = held.iter().map(|invitation| {
        let (store, plan) = (store.clone(), scene.plan_revoke(invitation));
        tokio::spawn(async move { store.commit_plan(&plan).await })
    });
    let waiting: Vec<_> = waiting.collect();
    for round in 0..8 {
        let plan = scene.plan_issue(&scene.invitation(&format!("ana{round}")));
        let outcome = tokio::time::timeout(Duration::from_secs(2), store.commit_plan(&plan)).await;
        assert!(matches!(outcome, Ok(Ok(Outcome::Committed(_)))), "{round}: {outcome:?}");
    }
    assert!(waiting.iter().all(|one| !one.is_finished()), "their rows are held");
    holding.rollback().await.unwrap();
    for one in waiting {
        let outcome = one.await.unwrap();
        assert!(matches!(outcome, Ok(Outcome::Committed(_))), "what waited is done, and told so: {outcome:?}");
    }
}

async fn a_group_that_waits_for_a_row_holds_up_no_other(engine: Engine) {
    let (store, url, _lease) = engine.fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let other = Scene::create(Arc::new(store.clone()), "globex").await;
    let host = engines::connect(&url).await;
    let transaction = host.begin().await.unwrap();
    let raises = Plan { guards: vec![scene.epoch_at(1, true)], ..Plan::default() };
    assert_ne!(store.commit_in(&transaction, &raises).await.unwrap(), Outcome::Stale);
    let before = store.statements();
    let waits = (store.clone(), scene.plan_issue(&scene.invitation("ana")));
    let waits = tokio::spawn(async move { waits.0.commit_plan(&waits.1).await });
    while store.statements() < before + 2 {
        tokio::task::yield_now().await;
    }
    let outcome = store.commit_plan(&other.plan_issue(&other.invitation("bea"))).await;
    assert!(matches!(outcome, Ok(Outcome::Committed(_))), "{outcome:?}");
    assert!(!waits.is_finished(), "its organisation is held");
    transaction.rollback().await.unwrap();
    let outcome = waits.await.unwrap();
    assert!(matches!(outcome, Ok(Outcome::Committed(_))), "{outcome:?}");
}

/// Has the one message that is due given up.
async fn bury(store: &SqlStore, scene: &Scene) -> MessageId {
    let lease = Lease { token: uuid::Uuid::from_u128(1), lasts: chrono::Duration::minutes(1) };
    let message = store.claim(&[Channel::Email], &lease, 1, scene.now()).await.unwrap().remove(0).id;
    let failed = Settlement::Failed(Reason::SmtpRefused);
    assert!(store.settle(message, &lease, failed, None, scene.now()).await.unwrap());
    message
}

/// Whether somebody waits for a row on PostgreSQL. MariaDB tells that a tenth of a second late, and nothing to who asks all the time.
async fn waits_for_a_row(plain: &DatabaseConnection) -> bool {
    let backend = plain.get_database_backend();
    if backend != DbBackend::Postgres {
        return true;
    }
    let statement = Statement::from_string(backend, "SELECT count(*) FROM pg_locks WHERE NOT granted");
    let waiting: i64 = plain.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    waiting > 0
}

async fn a_message_that_is_sent_again_is_cancelled_by_whoever_waited_for_that(engine: Engine) {
    let (store, url, _lease) = engine.fresh().await;
    let scene = Scene::create(Arc::new(store.clone()), "acme").await;
    let invitation = scene.issue("ana").await;
    let letter = bury(&store, &scene).await;
    let host = engines::connect(&url).await;
    let transaction = host.begin_with_config(Some(IsolationLevel::ReadCommitted), None).await.unwrap();
    let replay = Plan {
        guards: vec![Guard::InvitationAt(invitation.id, 1)],
        replay_messages: vec![(letter, scene.now())],
        ..Plan::default()
    };
    assert_ne!(store.commit_in(&transaction, &replay).await.unwrap(), Outcome::Stale);
    let before = store.statements();
    let waits = (store.clone(), scene.plan_revoke(&invitation));
    let waits = tokio::spawn(async move { waits.0.commit_plan(&waits.1).await });
    let plain = engines::connect(&url).await;
    while store.statements() < before + 2 || !waits_for_a_row(&plain).await {
        assert!(!waits.is_finished(), "it did not wait");
        tokio::task::yield_now().await;
    }
    transaction.commit().await.unwrap();
    let outcome = waits.await.unwrap();
    assert!(matches!(outcome, Ok(Outcome::Committed(_))), "{outcome:?}");
    let record = scene.record(invitation.id).await.unwrap();
    assert_eq!(record.deliveries[0].state, DeliveryState::Cancelled);
}
