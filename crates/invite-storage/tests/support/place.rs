//! Tests that run on every engine: a database each, with two stores on it.

use super::engines::Engine;
use futures_util::future::join_all;
use invite_domain::{
    invitation::{Invitation, Outcome, Plan},
    port::InvitationStore as _,
};
use invite_storage::{SqlOptions, SqlStore};
use invite_testkit::Scene;
use invite_tests::requires::{Requirement, Suite};
use std::{any::Any, sync::Arc};

/// Tests for every engine.
pub(crate) struct EveryEngine<'s> {
    suite: &'s mut Suite,
    engines: [(&'static str, Requirement, Engine); 2],
}

impl<'s> EveryEngine<'s> {
    pub(crate) fn of(suite: &'s mut Suite) -> Self {
        let engines = [("postgres", Requirement::Postgres), ("mariadb", Requirement::Mariadb)];
        Self { suite, engines: engines.map(|(name, kind)| (name, kind, Engine::new(kind))) }
    }

    /// Adds a test, which runs on an engine, or on SQLite where it is given none.
    pub(crate) fn add<F: Future<Output = ()> + 'static>(self, name: &str, test: fn(Option<Engine>) -> F) -> Self {
        let run = move |engine| {
            runtime()?.block_on(test(engine));
            Ok(())
        };
        self.suite.trial(&format!("sqlite::{name}"), None, move || run(None));
        for (engine_name, kind, engine) in &self.engines {
            let engine = engine.clone();
            self.suite.trial(&format!("{engine_name}::{name}"), Some(*kind), move || run(Some(engine)));
        }
        self
    }

    /// The engines, which are to be ended.
    pub(crate) fn engines(self) -> [Engine; 2] {
        self.engines.map(|(_, _, engine)| engine)
    }
}

/// A runtime of a test's own.
pub(crate) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build()
}

/// One database, two stores on it as of two replicas.
pub(crate) struct Place {
    pub(crate) scene: Scene,
    pub(crate) store: SqlStore,
    pub(crate) second: SqlStore,
    _kept: Box<dyn Any>,
}

impl Place {
    pub(crate) async fn new(engine: Option<Engine>) -> Self {
        let (store, second, kept): (_, _, Box<dyn Any>) = if let Some(engine) = engine {
            let (store, url, lease) = engine.fresh().await;
            (store, SqlStore::open(&SqlOptions::new(url.as_str()).connections(8)).await.unwrap(), Box::new(lease))
        } else {
            let (store, directory) = super::fresh().await;
            (store, super::open(directory.path()).await, Box::new(directory))
        };
        let scene = Scene::create(Arc::new(store.clone()), "acme").await;
        Self { scene, store, second, _kept: kept }
    }

    pub(crate) fn issues(&self, number: usize) -> (Vec<Invitation>, Vec<Plan>) {
        let invitations: Vec<_> = (0..number).map(|i| self.scene.invitation(&format!("a{i}"))).collect();
        let plans = invitations.iter().map(|invitation| self.scene.plan_issue(invitation)).collect();
        (invitations, plans)
    }

    /// Commits each plan as a caller of its own. All of them have come before the first has an answer.
    pub(crate) async fn at_once(&self, plans: &[Plan]) -> Vec<Outcome> {
        let commits = plans.iter().map(|plan| self.store.commit(std::slice::from_ref(plan)));
        join_all(commits).await.into_iter().map(|mut outcomes| outcomes.remove(0).unwrap()).collect()
    }

    pub(crate) async fn version(&self, invitation: &Invitation) -> i64 {
        self.scene.record(invitation.id).await.unwrap().invitation.version
    }

    pub(crate) async fn is_there(&self, invitation: &Invitation) -> bool {
        self.scene.record(invitation.id).await.is_some()
    }
}

/// Whether a plan was written.
pub(crate) fn is_written(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Committed(_))
}
