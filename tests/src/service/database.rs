//! A PostgreSQL database of a sandbox's own, and what stands in whichever database a sandbox has.

use crate::{Failure, Result, requires::Requirement, servers::Server};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};
use std::{
    collections::BTreeMap,
    process,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
};

/// A database on the server of this test process. The server ends with the last of them.
#[derive(Debug)]
pub(super) struct Lease {
    server: Arc<Server>,
    name: String,
}

impl Lease {
    /// Makes an empty database; the first one starts the server.
    pub(super) fn postgres() -> Result<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let server = server()?;
        let name = format!("invite_journey_{}_{}", process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        maintain(&server, format!("CREATE DATABASE {name}"))?;
        Ok(Self { server, name })
    }

    /// Its address.
    pub(super) fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// The server it is on.
    pub(super) fn server(&self) -> &Server {
        &self.server
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Our own server goes with all it holds; a lent one gets its place back.
        if self.server.pid().is_none()
            && let Err(failure) = maintain(&self.server, format!("DROP DATABASE {} WITH (FORCE)", self.name))
        {
            eprintln!("{} was not dropped: {failure}", self.name);
        }
    }
}

fn server() -> Result<Arc<Server>> {
    static RUNNING: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = running.upgrade() {
        return Ok(server);
    }
    if let Some(missing) = Requirement::Postgres.missing() {
        return Err(Failure::new(format!("{missing}; install {}", Requirement::Postgres.packages())));
    }
    let server = Arc::new(Server::start(Requirement::Postgres).map_err(Failure::new)?);
    *running = Arc::downgrade(&server);
    Ok(server)
}

/// Runs one statement on the maintenance database. A sandbox is made without waiting, so this waits on a thread of its own.
fn maintain(server: &Server, statement: String) -> Result<()> {
    let url = server.maintenance_url();
    let work = move || -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let database = connect(&url).await?;
            database.execute_unprepared(&statement).await?;
            Ok(database.close().await?)
        })
    };
    std::thread::spawn(work).join().map_err(|_| Failure::new("the thread that prepares databases failed"))?
}

async fn connect(url: &str) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Ok(Database::connect(options).await?)
}

/// The mark that somebody's rights changed and a sweep is due: the dispatcher's note to itself, set and taken away while nobody
/// does anything.
const SWEEP: &str = "suspension_due";

/// Every row of every table as one line of text, in order, a table a list, without [`SWEEP`]. Bytes are hexadecimal.
pub(super) async fn rows(url: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let database = connect(url).await?;
    let backend = database.get_database_backend();
    let query = |sql: String| database.query_all_raw(Statement::from_string(backend, sql));
    let tables = match backend {
        DbBackend::Postgres => "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'",
        _ => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    };
    let mut all = BTreeMap::new();
    for table in query(tables.to_owned()).await? {
        let table: String = table.try_get("", "name")?;
        let line = if backend == DbBackend::Postgres {
            format!("(to_jsonb(\"{table}\") - '{SWEEP}')::text")
        } else {
            let columns = query(format!("SELECT name FROM pragma_table_info('{table}')")).await?;
            let names = columns.iter().map(|column| column.try_get::<String>("", "name"));
            let names = names.filter(|name| name.as_deref() != Ok(SWEEP));
            let parts: Vec<String> = names.map(|name| Ok(format!("quote(\"{}\")", name?))).collect::<Result<_>>()?;
            parts.join(" || ',' || ")
        };
        let lines = query(format!("SELECT {line} AS line FROM \"{table}\" ORDER BY 1")).await?;
        let lines = lines.iter().map(|row| Ok(row.try_get("", "line")?)).collect::<Result<_>>()?;
        all.insert(table, lines);
    }
    database.close().await?;
    Ok(all)
}
