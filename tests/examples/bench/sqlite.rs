//! SQLite: issue, beside one transaction a request on a file with the same settings.

use crate::{
    figures::{Round, Run},
    options::Options,
    report::{Report, Side, Table},
    site::Site,
    writes::Pairs,
};
use invite_tests::Result;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait as _, Value,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// At how many connections.
const CONNECTIONS: usize = 16;
/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is done before the first round.
const WARM: Duration = Duration::from_secs(1);

/// A file like the service's, and one connection that writes, as the service has one.
struct File {
    connection: DatabaseConnection,
    /// The three statements, by their `;`.
    statements: Vec<String>,
    /// Organisation, inviter and role.
    ids: [Value; 3],
}

impl File {
    async fn open(site: &Site) -> Result<Self> {
        let mut options = ConnectOptions::new(site.url.clone());
        options.max_connections(1).acquire_timeout(PATIENCE).sqlx_logging(false).test_before_acquire(false);
        options.map_sqlx_sqlite_opts(|file| {
            let file = file.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
            file.foreign_keys(true)
                .pragma("temp_store", "MEMORY")
                .pragma("cache_size", "-16384")
                .pragma("wal_autocheckpoint", "4000")
        });
        let connection = Box::pin(Database::connect(options)).await?;
        let text = fs::read_to_string(crate::database::scripts().join("sqlite-issue.sql"))?;
        let text: String = text.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
        let statements = text.split(';').map(str::trim).filter(|sql| !sql.is_empty()).map(str::to_owned).collect();
        let mut ids = Vec::new();
        for sql in [
            "SELECT id FROM invite_organizations",
            "SELECT id FROM invite_api_keys",
            "SELECT id FROM invite_roles WHERE name = 'member'",
        ] {
            let row = connection.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
            let id: Option<Vec<u8>> = row.map(|row| row.try_get_by_index(0)).transpose()?;
            ids.push(Value::Bytes(id));
        }
        let ids = ids.try_into().map_err(|_| invite_tests::Failure::new("not three ids"))?;
        Ok(Self { connection, statements, ids })
    }

    /// One request's writes in a transaction of their own.
    async fn issue(&self, number: u64) -> Result<()> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.connection.begin_with_options(options).await?;
        let [organization, inviter, role] = self.ids.clone();
        let id = Value::Bytes(Some(u128::from(number).to_be_bytes().to_vec()));
        let address = Value::String(Some(format!("guest-{number}@example.org")));
        for sql in &self.statements {
            let values = [id.clone(), organization.clone(), inviter.clone(), role.clone(), address.clone()];
            transaction.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// So many requests at once, each waiting for the one connection in turn.
async fn floor(file: &Arc<File>, length: Duration) -> Result<Round> {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let began = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let file = Arc::clone(file);
        callers.spawn(async move {
            let mut took = Vec::new();
            while began.elapsed() < length {
                let asked = Instant::now();
                file.issue(NUMBER.fetch_add(1, Ordering::Relaxed)).await?;
                took.push(u32::try_from(asked.elapsed().as_nanos()).unwrap_or(u32::MAX));
            }
            Ok::<_, invite_tests::Failure>(took)
        });
    }
    let mut all = Run::default();
    while let Some(took) = callers.join_next().await {
        all.add(Run::new(took??, began.elapsed()));
    }
    Ok(Round::of(all, Duration::ZERO, Duration::ZERO))
}

/// Issue at the service, and three inserts in a transaction, in turns.
pub(crate) async fn measure(options: &Options, report: &mut Report) -> Result<()> {
    let mut table = Table::of_rounds(
        "Issue on SQLite",
        "`POST /v1/invitations` at 16 connections on a file (WAL, `synchronous=FULL`, foreign keys on, a checkpoint every 4,000 pages, one writer), beside one \
         `BEGIN IMMEDIATE`, three inserts and `COMMIT` a request on a file with the same settings and tables, without HTTP \
         (`tests/bench/sql/sqlite-issue.sql`). The CPU time of the service has the database in it.",
        &["connections", ""],
        &["of the floor", "statements"],
    );
    let (site, mut beside) = (Site::on_sqlite(options).await?, Site::on_sqlite(options).await?);
    beside.stop().await?;
    let file = Arc::new(File::open(&beside).await?);
    let load = site.load(options, &[201]);
    floor(&file, WARM).await?;
    site.ask(crate::client::Load { length: WARM, ..load.clone() }, site.issuers(CONNECTIONS, None)).await?;
    let mut rounds = Pairs::default();
    for _ in 0..options.rounds {
        let floor = floor(&file, options.length).await?;
        rounds.add(floor, site.round(load.clone(), site.issuers(CONNECTIONS, None)).await?);
    }
    rounds.tell(&mut table, CONNECTIONS, "–".to_owned());
    report.hold("SQLite: issue at 16 connections, of the floor", rounds.ratio(), Side::AtLeast, 4.0, " ×");
    report.add(table);
    Ok(())
}
