//! A database of a sandbox's own on a server, and what stands in whichever database a sandbox has.

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
    kind: Requirement,
    name: String,
}

impl Lease {
    /// Makes an empty database on such a server; the first one starts it.
    pub(super) fn on(kind: Requirement) -> Result<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let server = server(kind)?;
        let name = format!("invite_journey_{}_{}", process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        maintain(&server, format!("CREATE DATABASE {name}"))?;
        Ok(Self { server, kind, name })
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
        let force = if self.kind == Requirement::Postgres { " WITH (FORCE)" } else { "" };
        if self.server.pid().is_none()
            && let Err(failure) = maintain(&self.server, format!("DROP DATABASE {}{force}", self.name))
        {
            eprintln!("{} was not dropped: {failure}", self.name);
        }
    }
}

fn server(kind: Requirement) -> Result<Arc<Server>> {
    static RUNNING: Mutex<Vec<(Requirement, Weak<Server>)>> = Mutex::new(Vec::new());
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    running.retain(|(_, server)| server.strong_count() > 0);
    let same = running.iter().find(|(running, _)| *running == kind);
    if let Some(server) = same.and_then(|(_, server)| server.upgrade()) {
        return Ok(server);
    }
    if let Some(missing) = kind.missing() {
        return Err(Failure::new(format!("{missing}; install {}", kind.packages())));
    }
    let server = Arc::new(Server::start(kind).map_err(Failure::new)?);
    running.push((kind, Arc::downgrade(&server)));
    Ok(server)
}

/// Every row as text, waited for on a thread of its own.
pub(super) fn rows_here(url: &str) -> Result<String> {
    let url = url.to_owned();
    let work = move || -> Result<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let rows = runtime.block_on(rows(&url))?;
        Ok(rows.into_values().flatten().collect::<Vec<_>>().join("\n"))
    };
    std::thread::spawn(work).join().map_err(|_| Failure::new("the thread that reads rows failed"))?
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
        DbBackend::MySql => {
            "SELECT CAST(table_name AS CHAR) AS name FROM information_schema.tables WHERE table_schema = DATABASE()"
        }
        _ => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    };
    let mut all = BTreeMap::new();
    for table in query(tables.to_owned()).await? {
        let table: String = table.try_get("", "name")?;
        let line = if backend == DbBackend::Postgres {
            format!("(to_jsonb(\"{table}\") - '{SWEEP}')::text")
        } else if backend == DbBackend::MySql {
            let columns = query(format!(
                "SELECT CAST(column_name AS CHAR) AS name, CAST(data_type AS CHAR) AS kind FROM information_schema.columns \
                 WHERE table_schema = DATABASE() AND table_name = '{table}' ORDER BY ordinal_position"
            ));
            let mut parts = Vec::new();
            for column in columns.await? {
                let (name, kind): (String, String) = (column.try_get("", "name")?, column.try_get("", "kind")?);
                let bytes = kind.contains("binary") || kind.contains("blob");
                let value = if bytes { format!("HEX(`{name}`)") } else { format!("`{name}`") };
                if name != SWEEP {
                    parts.push(format!("QUOTE({value})"));
                }
            }
            format!("CAST(CONCAT_WS(',', {}) AS CHAR)", parts.join(", "))
        } else {
            let columns = query(format!("SELECT name FROM pragma_table_info('{table}')")).await?;
            let names = columns.iter().map(|column| column.try_get::<String>("", "name"));
            let names = names.filter(|name| name.as_deref() != Ok(SWEEP));
            let parts: Vec<String> = names.map(|name| Ok(format!("quote(\"{}\")", name?))).collect::<Result<_>>()?;
            parts.join(" || ',' || ")
        };
        let quote = if backend == DbBackend::MySql { '`' } else { '"' };
        let lines = query(format!("SELECT {line} AS line FROM {quote}{table}{quote} ORDER BY 1")).await?;
        let lines = lines.iter().map(|row| Ok(row.try_get("", "line")?)).collect::<Result<_>>()?;
        all.insert(table, lines);
    }
    database.close().await?;
    Ok(all)
}
