//! Connections.

use crate::{
    directory::SqlDirectory,
    engine::Engine,
    error::OpenError,
    limit::{Answer, Watch, watched},
    store::{Opened, SqlStore},
};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr,
    metric::Info,
    sqlx::{
        self, Connection as _, Executor as _, MySqlConnection, PgConnection, Row as _,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};
use std::{fs::OpenOptions, io::ErrorKind, str::FromStr as _, sync::Arc, time::Duration};

/// How long a request waits for a connection before it is told that the database is not available. Shorter than a call may
/// take in all, so that a full pool is told from a connection that does not answer.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(2_500);
/// How many connections of a server are taken before the others, where there are twice as many.
const WARM: u32 = 4;
/// How long SQLite waits for another process's write. Times the attempts of a commit, this stays within three seconds.
const BUSY_TIMEOUT: Duration = Duration::from_millis(900);

/// How long a statement waits on a server for a row that somebody else holds. PostgreSQL looks for deadlocks after a second,
/// so it must be longer there; times the attempts of a commit, both stay within three seconds. MariaDB counts in seconds.
const POSTGRES_LOCK_TIMEOUT: &str = "1300ms";
const MARIADB_LOCK_TIMEOUT: &str = "1";
/// After how long PostgreSQL ends a statement: nobody waits any longer for it, and what goes on would pile up. What may take
/// longer says so in its transaction.
const POSTGRES_STATEMENT_TIMEOUT: &str = "3s";
/// The same in seconds on MariaDB, where a session has one limit for all.
const MARIADB_STATEMENT_TIMEOUT: &str = "60";
/// After how long a server ends a transaction in which nothing happens: a replica that was paused or cut off must not hold
/// rows for ever.
const IDLE_TRANSACTION_SECONDS: &str = "30";

/// How often a file is tried to be opened while others turn it to WAL, and the pause between.
const OPEN_ATTEMPTS: u32 = 40;
const OPEN_PAUSE: Duration = Duration::from_millis(25);

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct SqlOptions {
    url: String,
    readers: u32,
    connections: u32,
    synchronous_full: bool,
    create: bool,
    together: bool,
    observer: Option<Observer>,
}

/// Who is told of statements.
#[derive(Clone)]
struct Observer(Arc<dyn Fn(&Info<'_>) + Send + Sync>);

impl std::fmt::Debug for Observer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Observer")
    }
}

impl SqlOptions {
    /// Opens the database of this address: `sqlite://path`, `postgres://user@host/name` or `mysql://user@host/name`
    /// (`mariadb://` means the same). SQLite's file is made where there is none.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            readers: 4,
            connections: 16,
            synchronous_full: true,
            create: true,
            together: true,
            observer: None,
        }
    }

    /// SQLite: how many connections read at once, at least 1; 4 where nothing is said.
    #[must_use]
    pub fn readers(mut self, readers: u32) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// PostgreSQL and MariaDB: how many connections there are at most, at least 1; 16 where nothing is said.
    #[must_use]
    pub fn connections(mut self, connections: u32) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// SQLite: whether a commit waits until the disk has it (`synchronous=FULL`, the default). Without, a power failure may lose
    /// the last commits, a crash of the program none.
    #[must_use]
    pub fn synchronous_full(mut self, full: bool) -> Self {
        self.synchronous_full = full;
        self
    }

    /// Whether what callers want at the same time is read and written together (the default). Without, each has statements and
    /// transactions of his own: every answer is the same, and more of them take longer.
    #[must_use]
    pub fn together(mut self, together: bool) -> Self {
        self.together = together;
        self
    }

    /// Who is told of each statement when it is done, how long it took and with which values: names and addresses of people are
    /// among those. What begins and ends transactions is not told of.
    #[must_use]
    pub fn observed(mut self, observer: impl Fn(&Info<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Observer(Arc::new(observer)));
        self
    }

    fn observe(&self, connection: &mut DatabaseConnection) {
        if let Some(Observer(observer)) = self.observer.clone() {
            connection.set_metric_callback(move |info| observer(info));
        }
    }

    /// SQLite: whether the file is made where there is none (the default).
    #[must_use]
    pub fn create(mut self, create: bool) -> Self {
        self.create = create;
        self
    }
}

impl SqlStore {
    /// Opens a database with the bundled directory. Migrations are applied by [`migrate`](Self::migrate), not here.
    ///
    /// PostgreSQL and MariaDB (10.6 or newer): every session reads and writes, counts time in UTC and gives up waiting for a row
    /// after about a second. SQLite: one connection writes, several read. More writers would only wait for each other with the busy
    /// handler's growing pauses, instead of in the pool's fair queue.
    ///
    /// The runtime it is opened in has to go on as long as the store is used: connections to servers live where they were made, the
    /// driver takes connections back there, and what callers share is done there. A runtime of a single thread goes on only while
    /// somebody blocks on it.
    ///
    /// # Errors
    /// Where the address is none of ours or the file cannot be opened.
    pub async fn open(options: &SqlOptions) -> Result<Self, OpenError> {
        let url = options.url.as_str();
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            return Self::of_server(options, |connections, watch| postgres_options(url, connections, watch)).await;
        }
        if let Some(rest) = url.strip_prefix("mysql:").or_else(|| url.strip_prefix("mariadb:")) {
            return Self::of_server(options, |connections, watch| mariadb_options(rest, connections, watch)).await;
        }
        if !url.starts_with("sqlite:") {
            return Err(OpenError::Address("it begins with none of sqlite:, postgres:, mysql:"));
        }
        if url.contains(":memory:") || url.contains("mode=memory") {
            return Err(OpenError::Address("a database in memory is another one for every connection: name a file"));
        }
        if options.create {
            make_private(url)?;
        }
        let mut writer = sqlite(options, 1, false).await?;
        let mut reader = sqlite(options, options.readers, true).await?;
        options.observe(&mut writer);
        options.observe(&mut reader);
        Ok(Self::of(Opened { together: options.together, ..Opened::new(writer, reader)? }))
    }

    /// A store on connections the host has opened, with the bundled directory. `reader` may be a clone of `writer`.
    ///
    /// On servers the host's pool says how long a statement may take: a connection on which one was given up must not be used
    /// again, and the store cannot see to that on a pool that is not its own. There every caller has transactions of his own, as with
    /// [`SqlOptions::together`] turned off: a row that somebody holds keeps only him who waits for it.
    ///
    /// On SQLite the connections have to be of one file in WAL mode with `foreign_keys` on, and should be opened with
    /// [`discard_unclean`].
    ///
    /// # Errors
    /// Where the engine is not supported.
    pub fn from_connections(writer: DatabaseConnection, reader: DatabaseConnection) -> Result<Self, OpenError> {
        Ok(Self::of(Opened::new(writer, reader)?))
    }

    /// A store on one connection of the host's.
    ///
    /// # Errors
    /// As [`from_connections`](Self::from_connections).
    pub fn with_connection(connection: DatabaseConnection) -> Result<Self, OpenError> {
        Self::from_connections(connection.clone(), connection)
    }

    /// A store whose accounts and memberships are the host's own.
    ///
    /// # Errors
    /// As [`from_connections`](Self::from_connections).
    pub fn with_directory(
        writer: DatabaseConnection,
        reader: DatabaseConnection,
        directory: Arc<dyn SqlDirectory>,
    ) -> Result<Self, OpenError> {
        Ok(Self::of(Opened { directory, is_bundled: false, ..Opened::new(writer, reader)? }))
    }

    /// Opens the pools of a server, which `connect` describes given the number of their connections.
    async fn of_server(
        options: &SqlOptions,
        connect: impl Fn(u32, &Arc<Watch>) -> ConnectOptions,
    ) -> Result<Self, OpenError> {
        let watch = Arc::default();
        let warm = if options.connections < WARM * 2 { 0 } else { WARM };
        let open = async |connections| {
            // Boxed, as there are two at a time.
            let pool = Box::pin(Database::connect(connect(connections, &watch)));
            let mut pool = pool.await.map_err(OpenError::Connect)?;
            options.observe(&mut pool);
            Ok(pool)
        };
        let few = async { if warm == 0 { Ok(None) } else { open(warm).await.map(Some) } };
        let (pool, warm) = tokio::try_join!(open(options.connections - warm), few)?;
        let opened = Opened::new(pool.clone(), pool)?;
        Ok(Self::of(Opened { together: options.together, warm, watch: Some(watch), ..opened }))
    }
}

fn server_options(connections: u32, url: String) -> ConnectOptions {
    let mut connect = ConnectOptions::new(url);
    connect
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_timeout(ACQUIRE_TIMEOUT)
        // Asking before every use would be a round trip more for every request: `watched` asks after a pause.
        .test_before_acquire(false)
        .sqlx_logging(false);
    connect
}

fn postgres_options(url: &str, connections: u32, watch: &Arc<Watch>) -> ConnectOptions {
    let mut connect = server_options(connections, url.to_owned());
    connect.map_sqlx_postgres_opts(|postgres| {
        let idle = format!("{IDLE_TRANSACTION_SECONDS}s");
        let postgres =
            if postgres.get_application_name().is_some() { postgres } else { postgres.application_name("invite") };
        postgres.options([
            ("lock_timeout", POSTGRES_LOCK_TIMEOUT),
            ("statement_timeout", POSTGRES_STATEMENT_TIMEOUT),
            ("idle_in_transaction_session_timeout", idle.as_str()),
            // So that a transaction that writes begins without saying it.
            ("default_transaction_isolation", "read committed"),
        ])
    });
    let watch = Arc::clone(watch);
    connect.map_sqlx_postgres_pool_opts(move |pool| watched(pool, &watch, examine_postgres));
    connect
}

fn mariadb_options(rest: &str, connections: u32, watch: &Arc<Watch>) -> ConnectOptions {
    let mut connect = server_options(connections, format!("mysql:{rest}"));
    // The driver sets the time zone and the character set; what the mode lacks would round, cut and empty values silently.
    connect.map_sqlx_mysql_opts(|mariadb| mariadb.timezone(Some("+00:00".to_owned())).charset("utf8mb4"));
    let watch = Arc::clone(watch);
    connect.map_sqlx_mysql_pool_opts(move |pool| {
        watched(pool, &watch, examine_mariadb).after_connect(|connection, _| {
            Box::pin(async move {
                let session = format!(
                    "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO'), \
                     innodb_lock_wait_timeout = {MARIADB_LOCK_TIMEOUT}, lock_wait_timeout = 3, \
                     idle_transaction_timeout = {IDLE_TRANSACTION_SECONDS}, \
                     max_statement_time = {MARIADB_STATEMENT_TIMEOUT}"
                );
                connection.execute(sqlx::AssertSqlSafe(session)).await.map(drop)
            })
        })
    });
    connect
}

/// In a transaction that was left open, the time stands still.
fn examine_postgres(connection: &mut PgConnection, number: i64) -> Answer<'_> {
    let sql = format!("SELECT {number}::bigint, statement_timestamp() = transaction_timestamp()");
    Box::pin(async move {
        let row = connection.fetch_one(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await?;
        Ok(row.try_get::<i64, _>(0)? == number && row.try_get(1)?)
    })
}

/// What was said of the next transaction is forgotten with an empty one.
fn examine_mariadb(connection: &mut MySqlConnection, number: i64) -> Answer<'_> {
    let sql = format!("SELECT CAST({number} AS SIGNED), CAST(@@in_transaction AS SIGNED)");
    Box::pin(async move {
        for sql in ["ROLLBACK", "BEGIN", "ROLLBACK"] {
            connection.execute(sqlx::raw_sql(sql)).await?;
        }
        let row = connection.fetch_one(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await?;
        Ok(row.try_get::<i64, _>(0)? == number && row.try_get::<i64, _>(1)? == 0)
    })
}

/// Makes the file where there is none, for its owner alone: it will hold names and addresses. SQLite takes an empty file for
/// a new database and gives the files it puts beside it the same mode. One that exists is not touched, nor opened: closing it
/// would end the locks this process holds on it.
fn make_private(url: &str) -> Result<(), OpenError> {
    let failed = |cause| OpenError::Connect(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(cause))));
    let parsed = SqliteConnectOptions::from_str(url).map_err(failed)?;
    let mut new = OpenOptions::new();
    new.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
    match new.open(parsed.get_filename()) {
        Err(cause) if cause.kind() != ErrorKind::AlreadyExists => Err(failed(sqlx::Error::Io(cause))),
        _ => Ok(()),
    }
}

/// Opens a pool of a file's connections.
///
/// Turning a new file to WAL wants it alone for a moment, and SQLite does not wait for that with its busy timeout: of
/// several processes that start at once on no file at all, some find it locked. They try again.
async fn sqlite(options: &SqlOptions, connections: u32, reads_only: bool) -> Result<DatabaseConnection, OpenError> {
    let mut attempt = 1;
    loop {
        match Database::connect(sqlite_options(options, connections, reads_only)).await {
            Err(error) if attempt < OPEN_ATTEMPTS && Engine::Sqlite.is_retryable(&error) => {
                attempt += 1;
                tokio::time::sleep(OPEN_PAUSE).await;
            }
            opened => return opened.map_err(OpenError::Connect),
        }
    }
}

/// What the writing connection of a file keeps of it in memory: minus KiB.
const WRITER_CACHE: &str = "-16384";

/// After how many pages in the log they are brought over into the file (1,000 unless told: every seventh group of invitations). A page
/// that was written many times until then goes over once. The log is of about 16 MiB then.
const CHECKPOINT_PAGES: &str = "4000";

fn sqlite_options(options: &SqlOptions, connections: u32, reads_only: bool) -> ConnectOptions {
    let mut connect = ConnectOptions::new(options.url.clone());
    connect
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_timeout(ACQUIRE_TIMEOUT)
        // A file does not hang up; the check would be a statement more for every request.
        .test_before_acquire(false)
        .sqlx_logging(false);
    discard_unclean(&mut connect);
    let (full, create) = (options.synchronous_full, options.create);
    connect.map_sqlx_sqlite_opts(move |sqlite: SqliteConnectOptions| {
        let sqlite = sqlite.foreign_keys(true).busy_timeout(BUSY_TIMEOUT);
        if reads_only {
            return sqlite.pragma("query_only", "ON");
        }
        // The mode is kept in the file: readers find it set.
        sqlite
            .journal_mode(SqliteJournalMode::Wal)
            // What a statement would have to take back is kept beside it, and laid in a file of its own beyond 64 KiB: with it, for a
            // group of rows.
            .pragma("temp_store", "MEMORY")
            .pragma("cache_size", WRITER_CACHE)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .synchronous(if full { SqliteSynchronous::Full } else { SqliteSynchronous::Normal })
            .create_if_missing(create)
    });
    connect
}

/// Lets a pool of SQLite connections close, and not hand out, one whose transaction is not over.
///
/// Where the engine itself ends a transaction (a full disk, an I/O error, a trigger), the driver goes on counting it as
/// open and makes the next one a savepoint, which nothing commits: what is acknowledged over such a connection can be lost.
/// [`SqlStore::open`] does this for its own; a host that brings connections of its own SHOULD do it for them.
pub fn discard_unclean(connect: &mut ConnectOptions) {
    connect.map_sqlx_sqlite_before_acquire(|connection, _| {
        Box::pin(async move {
            if connection.is_in_transaction() {
                // A request that was cancelled has its rollback still waiting in the connection's queue.
                connection.ping().await?;
            }
            Ok(!connection.is_in_transaction())
        })
    });
}
