//! Databases on servers: one server a run, a database a test.

use invite_storage::{SqlOptions, SqlStore};
use invite_testkit::contract::Subject;
use invite_tests::{
    requires::{Requirement, Suite},
    servers::Server,
};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use std::{
    future::Future,
    pin::Pin,
    process::{self, ExitCode},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

/// A server, started when the first test asks for it and ended with the last holder.
#[derive(Clone)]
pub(crate) struct Engine(Arc<Inner>);

struct Inner {
    kind: Requirement,
    server: Mutex<Option<Result<Arc<Server>, String>>>,
    made: AtomicU32,
    finished: Mutex<Vec<String>>,
}

/// A database of a test's own, given back when it is dropped.
pub(crate) struct Lease {
    engine: Engine,
    name: String,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.engine.0.finished.lock().unwrap_or_else(PoisonError::into_inner).push(self.name.clone());
    }
}

impl Engine {
    pub(crate) fn new(kind: Requirement) -> Self {
        Self(Arc::new(Inner { kind, server: Mutex::default(), made: AtomicU32::new(0), finished: Mutex::default() }))
    }

    pub(crate) fn kind(&self) -> Requirement {
        self.0.kind
    }

    fn server(&self) -> Arc<Server> {
        let mut server = self.0.server.lock().unwrap();
        let started = server.get_or_insert_with(|| Server::start(self.0.kind).map(Arc::new));
        started.clone().unwrap()
    }

    /// Ends the server, if one was started; where it is lent, drops what the run made on it.
    async fn end(&self) {
        let server = self.0.server.lock().unwrap().take();
        if let Some(Ok(server)) = server
            && server.pid().is_none()
        {
            drop_finished(&connect(&server.maintenance_url()).await, &self.0.finished).await;
        }
    }

    /// The address of an empty database, and what gives it back.
    pub(crate) async fn database(&self) -> (String, Lease) {
        let server = self.server();
        let maintenance = connect(&server.maintenance_url()).await;
        drop_finished(&maintenance, &self.0.finished).await;
        let name = format!("invite_test_{}_{}", process::id(), self.0.made.fetch_add(1, Ordering::Relaxed));
        maintenance.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        maintenance.close().await.unwrap();
        (server.url(&name), Lease { engine: self.clone(), name })
    }

    /// A store on a database of its own, migrated.
    pub(crate) async fn fresh(&self) -> (SqlStore, String, Lease) {
        let (url, lease) = self.database().await;
        let store = SqlStore::open(&SqlOptions::new(url.as_str()).connections(12)).await.unwrap();
        store.migrate().await.unwrap();
        (store, url, lease)
    }

    /// The same for the contract suite.
    pub(crate) async fn subject(&self) -> Subject {
        let (store, _, lease) = self.fresh().await;
        let subject = Subject::new(store.clone()).purged_by(store.clone()).counted_by(store.clone());
        subject.grouped_by(store.clone()).erased_by(store).keeping(lease)
    }
}

/// What is tried on a server.
pub(crate) type Test = fn(Engine) -> Pin<Box<dyn Future<Output = ()>>>;

/// Runs each test on each server, by itself.
pub(crate) fn run(tests: &'static [(&'static str, Test)]) -> ExitCode {
    let mut suite = Suite::from_environment();
    let engines = [("postgres", Requirement::Postgres), ("mariadb", Requirement::Mariadb)];
    let engines = engines.map(|(name, kind)| (name, kind, Engine::new(kind)));
    for (test, run) in tests {
        for (name, kind, engine) in &engines {
            let engine = engine.clone();
            suite.trial(&format!("{name}::{test}"), Some(*kind), move || {
                let mut runtime = tokio::runtime::Builder::new_multi_thread();
                runtime.worker_threads(4).enable_all().build()?.block_on(run(engine));
                Ok(())
            });
        }
    }
    let conclusion = suite.run();
    end(engines.map(|(_, _, engine)| engine));
    conclusion
}

/// Ends the servers of a run.
pub(crate) fn end(engines: impl IntoIterator<Item = Engine>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for engine in engines {
            engine.end().await;
        }
    });
}

/// A connection of a host's own.
pub(crate) async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

async fn drop_finished(maintenance: &DatabaseConnection, finished: &Mutex<Vec<String>>) {
    let finished = std::mem::take(&mut *finished.lock().unwrap());
    for name in finished {
        // PostgreSQL drops none that somebody is still connected to; the pools of a finished test may just be closing.
        let force =
            if maintenance.get_database_backend() == sea_orm::DatabaseBackend::Postgres { " WITH (FORCE)" } else { "" };
        maintenance.execute_unprepared(&format!("DROP DATABASE {name}{force}")).await.unwrap();
    }
}
