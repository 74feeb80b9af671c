//! The PostgreSQL server of a run, and the least SQL on it: `pgbench`.

use crate::{
    figures::{Round, Run},
    usage::{self, Watched},
};
use invite_tests::{Failure, Result, requires::program, servers::Server};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{task, time::sleep};

/// `shared_buffers` in MiB, and how much memory has to be free for that.
const BUFFERS: (u32, f64) = (1024, 4096.0);
/// The same on a smaller machine.
const FEW_BUFFERS: u32 = 256;
/// Threads of `pgbench`: as many as our own generator has.
const THREADS: usize = 2;
/// How many times are written down a second, at least: all of a connection on its own, some of many.
const SAMPLED: &str = "0.2";
/// How long sessions may take to notice a setting that was changed for all.
const NOTICED: Duration = Duration::from_millis(300);

/// The server all databases of a run are on.
pub(crate) struct Postgres {
    server: Server,
    plain: DatabaseConnection,
    pgbench: PathBuf,
    /// What it says of itself.
    pub(crate) version: String,
    /// In MiB.
    pub(crate) buffers: u32,
}

impl Postgres {
    pub(crate) async fn start() -> Result<Self> {
        let pgbench = program("pgbench").ok_or_else(|| Failure::new("pgbench not found; install postgresql-15"))?;
        let (_, free) = usage::machine()?;
        let buffers = if free > BUFFERS.1 { BUFFERS.0 } else { FEW_BUFFERS };
        let server = Server::start_to_measure(buffers).map_err(Failure::new)?;
        let plain = connect(&server.maintenance_url()).await?;
        plain.execute_unprepared("CREATE EXTENSION pg_stat_statements").await?;
        let version = one(&plain, "SELECT current_setting('server_version')").await?;
        let version = version.split_whitespace().next().unwrap_or_default().to_owned();
        let postgres = Self { server, plain, pgbench, version, buffers };
        postgres.count_statements(false).await?;
        Ok(postgres)
    }

    /// Makes an empty database and answers its address.
    pub(crate) async fn make(&self, name: &str) -> Result<String> {
        self.plain.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
        Ok(self.server.url(name))
    }

    /// The first of its processes.
    pub(crate) fn pid(&self) -> Option<i32> {
        self.server.pid()
    }

    async fn count_statements(&self, whether: bool) -> Result<()> {
        let what = if whether { "top" } else { "none" };
        self.plain.execute_unprepared(&format!("ALTER SYSTEM SET pg_stat_statements.track = '{what}'")).await?;
        self.plain.execute_unprepared("SELECT pg_reload_conf()").await?;
        sleep(NOTICED).await;
        Ok(())
    }

    /// How many statements a database was sent while this was done, those that begin and end transactions among them.
    pub(crate) async fn statements<T>(&self, url: &str, work: impl Future<Output = Result<T>>) -> Result<(u64, T)> {
        self.count_statements(true).await?;
        self.plain.execute_unprepared("SELECT pg_stat_statements_reset()").await?;
        let done = work.await?;
        self.count_statements(false).await?;
        let name = url.rsplit('/').next().unwrap_or_default();
        let sql = format!(
            "SELECT coalesce(sum(calls), 0)::text FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid \
             WHERE d.datname = '{name}'"
        );
        Ok((one(&self.plain, &sql).await?.parse()?, done))
    }

    /// Runs a script of `tests/bench/sql`, or one that was made of one, and measures it.
    pub(crate) async fn floor(&self, url: &str, floor: &Floor) -> Result<Round> {
        let watched = Watched { service: None, database: self.pid() };
        let before = watched.spent()?;
        let (run, rate) = self.pgbench(url, floor).await?;
        let after = watched.spent()?;
        let transactions = run.count().max(1);
        let round = Round::of(run, Duration::ZERO, after.1.saturating_sub(before.1));
        // Only some of the times are written down, so that the count of those is no count of what was done.
        #[expect(clippy::cast_precision_loss, reason = "a count of transactions")]
        let share = transactions as f64 / (rate * floor.length.as_secs_f64()).max(1.0);
        Ok(Round { rate, database: round.database * share, ..round })
    }

    /// Runs a script once, not measured.
    pub(crate) async fn prepare(&self, url: &str, script: &'static str, variables: &[(&str, String)]) -> Result<()> {
        let mut command = self.command(url, &Script::File(script).path(Path::new(""))?, variables)?;
        command.args(["-n", "-M", "prepared", "-c", "1", "-t", "1"]);
        output(command).await.map(drop)
    }

    async fn pgbench(&self, url: &str, floor: &Floor) -> Result<(Run, f64)> {
        let folder = TempDir::new()?;
        let mut command = self.command(url, &floor.script.path(folder.path())?, &floor.variables)?;
        let (clients, threads) = (floor.clients.to_string(), THREADS.min(floor.clients).to_string());
        command.args(["-n", "-M", "prepared", "-c", &clients, "-j", &threads]);
        command.args(["-T", &floor.length.as_secs().max(1).to_string(), "--log"]);
        command.arg(format!("--log-prefix={}", folder.path().join("times").display()));
        if floor.clients > 1 {
            command.arg(format!("--sampling-rate={SAMPLED}"));
        }
        let said = output(command).await?;
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok());
        let rate = rate.ok_or_else(|| Failure::new(format!("pgbench told no rate: {said}")))?;
        Ok((Run::new(times(folder.path())?, floor.length), rate))
    }

    fn command(&self, url: &str, script: &Path, variables: &[(&str, String)]) -> Result<Command> {
        let mut command = Command::new(&self.pgbench);
        command.arg("-f").arg(script);
        for (name, value) in variables {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        let address = url::Url::parse(url)?;
        let port = address.port().ok_or_else(|| Failure::new("the server's address has no port"))?;
        command.args(["-h", address.host_str().unwrap_or_default(), "-p", &port.to_string(), "-U", address.username()]);
        command.arg(address.path().trim_start_matches('/'));
        Ok(command)
    }
}

/// The least SQL of something.
pub(crate) struct Floor {
    /// What is run.
    pub(crate) script: Script,
    /// Its variables.
    pub(crate) variables: Vec<(&'static str, String)>,
    /// By how many at once.
    pub(crate) clients: usize,
    /// For how long, in whole seconds.
    pub(crate) length: Duration,
}

/// A script for `pgbench`.
pub(crate) enum Script {
    /// A file of `tests/bench/sql`.
    File(&'static str),
    /// What was made of one.
    Text(String),
}

impl Script {
    fn path(&self, folder: &Path) -> Result<PathBuf> {
        match self {
            Self::File(name) => Ok(scripts().join(name)),
            Self::Text(text) => {
                let path = folder.join("made.sql");
                fs::write(&path, text)?;
                Ok(path)
            }
        }
    }
}

/// Where the scripts are.
pub(crate) fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/sql")
}

/// The times of all log files of a run, in nanoseconds.
fn times(folder: &Path) -> Result<Vec<u32>> {
    let mut all = Vec::new();
    for file in fs::read_dir(folder)? {
        let file = file?;
        if !file.file_name().to_string_lossy().starts_with("times") {
            continue;
        }
        for line in fs::read_to_string(file.path())?.lines() {
            let micros: Option<u32> = line.split_whitespace().nth(2).and_then(|micros| micros.parse().ok());
            let micros = micros.ok_or_else(|| Failure::new(format!("pgbench wrote a line without a time: {line}")))?;
            all.push(micros.saturating_mul(1000));
        }
    }
    Ok(all)
}

async fn output(mut command: Command) -> Result<String> {
    let done = task::spawn_blocking(move || command.env_remove("PGOPTIONS").output()).await??;
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(said);
    }
    Err(Failure::new(format!("pgbench: {said}{}", String::from_utf8_lossy(&done.stderr))))
}

/// A connection of one's own.
pub(crate) async fn connect(url: &str) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    // Boxed: whoever waits for it stays small.
    Ok(Box::pin(Database::connect(options)).await?)
}

/// The one text a statement answers.
pub(crate) async fn one(database: &DatabaseConnection, sql: &str) -> Result<String> {
    let found = many(database, sql).await?.into_iter().next();
    found.ok_or_else(|| Failure::new(format!("nothing answers: {sql}")))
}

/// The first column of every row, which is text.
pub(crate) async fn many(database: &DatabaseConnection, sql: &str) -> Result<Vec<String>> {
    let rows = database.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<_, _>>()?)
}
