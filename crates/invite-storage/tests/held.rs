//! Rows that stay as they are until the plan that has seen them commits, on engines whose writers wait row by row.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod support;

use invite_domain::{
    id::InvitationId,
    invitation::{AdministrationChange, Guard, Outcome, Plan},
    port::PortError,
};
use invite_storage::SqlStore;
use invite_testkit::Scene;
use sea_orm::TransactionTrait as _;
use std::{process::ExitCode, sync::Arc};
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
        use invite_domain::port::InvitationStore as _;
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
