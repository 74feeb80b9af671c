//! What differs between databases, each difference with its observable reason. Nothing outside this file and
//! `migration::ddl` asks which engine it is on.

mod lists;

pub(crate) use lists::searched_text;

use crate::{error::OpenError, limit, store::Access};
use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{
    AccessMode, DatabaseBackend, DatabaseConnection, DbErr, IsolationLevel, RuntimeErr, SqliteTransactionMode,
    Statement, TransactionOptions, Value,
    sea_query::{BinOper, Expr, ExprTrait, Func, LikeExpr, LockType, SelectStatement, SimpleExpr},
    sqlx::{self, mysql::MySqlDatabaseError, postgres::PgDatabaseError},
};

/// The database engines the schema is written for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Engine {
    /// One file, one writer.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MariaDB and `MySQL`.
    MariaDb,
}

/// Error codes after which the whole transaction can be tried again.
///
/// SQLite ([result codes](https://www.sqlite.org/rescode.html)): 5 `BUSY`, 6 `LOCKED`, 261 `BUSY_RECOVERY`, 517
/// `BUSY_SNAPSHOT`. Seen as "database is locked" where two processes write; 517 also where a read transaction turns
/// into a writing one, and `busy_timeout` does not wait for that.
const SQLITE_RETRYABLE: [i32; 4] = [5, 6, 261, 517];
/// PostgreSQL ([SQLSTATE](https://www.postgresql.org/docs/current/errcodes-appendix.html)): serialisation failure,
/// deadlock.
const POSTGRES_RETRYABLE: [&str; 2] = ["40001", "40P01"];
/// PostgreSQL: `lock_timeout` ran out.
const POSTGRES_LOCKED: &str = "55P03";
/// MariaDB ([numbers](https://mariadb.com/kb/en/mariadb-error-code-reference/)): deadlock, and a row that changed since
/// the transaction's snapshot. The SQLSTATE says less: that of 1205 is `HY000`, as of most errors.
const MARIADB_RETRYABLE: [u16; 2] = [1213, 1020];
/// MariaDB: `innodb_lock_wait_timeout` ran out. Only the statement is rolled back then, so the store always rolls the
/// transaction back itself.
const MARIADB_LOCKED: u16 = 1205;

/// SQLite's primary codes for a database that cannot be written or read just now: `READONLY`, `IOERR`, `FULL`,
/// `CANTOPEN`, `PROTOCOL`. Seen with a full disk or a file system remounted read-only; both can end without a restart.
const SQLITE_UNAVAILABLE: [i32; 5] = [8, 10, 13, 14, 15];
/// PostgreSQL: beside all of the classes 08 (connection), 53 (resources: too many connections, disk full) and 57P (shut
/// down, crashed, starting): a cancelled statement (`statement_timeout`), a session that was idle in its transaction for too
/// long, a standby that takes no writes, an I/O error.
const POSTGRES_UNAVAILABLE: [&str; 4] = ["57014", "25P03", "25006", "58030"];
/// MariaDB: too many connections, shutdown, disk full (also while writing, in an engine, at a commit), table full, read-only (the
/// server, or every transaction), a killed connection or statement.
const MARIADB_UNAVAILABLE: [u16; 14] =
    [1040, 1053, 1021, 1026, 1030, 1114, 1180, 1290, 1317, 1792, 1836, 1927, 1969, 4031];

/// MariaDB: shutdown, a killed connection, one that was idle for too long.
const MARIADB_GONE: [u16; 3] = [1053, 1927, 4031];

/// How long a row is held, and against whom, until the transaction ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hold {
    /// Nobody may change it.
    Shared,
    /// Nobody else may change it or hold it.
    Alone,
    /// Nor may anybody add a row that refers to it.
    AloneWithReferences,
}

/// What a pool has for whoever comes now, in the order in which it is better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Room {
    /// He has to wait.
    None,
    /// A connection can be opened.
    New,
    /// A connection nobody uses.
    Idle,
}

impl Room {
    /// Whether the few connections of a pool with this room are taken before those of the many beside. What is there is taken before
    /// another is opened, which a server may refuse; and whoever has to wait waits where more are given back.
    pub(crate) fn is_before(self, beside: Self) -> bool {
        self > Self::None && self >= beside
    }
}

/// What an engine said of a failure, in its own numbers.
enum Code {
    Sqlite(i32),
    Postgres(String),
    MariaDb(u16),
}

impl Engine {
    /// The engine of a connection, where its schema is supported.
    pub(crate) fn of(backend: DatabaseBackend) -> Result<Self, OpenError> {
        match backend {
            DatabaseBackend::Sqlite => Ok(Self::Sqlite),
            DatabaseBackend::Postgres => Ok(Self::Postgres),
            DatabaseBackend::MySql => Ok(Self::MariaDb),
            _ => Err(OpenError::UnsupportedEngine("this engine")),
        }
    }

    /// The engine a schema is made for.
    pub(crate) fn of_schema(backend: DatabaseBackend) -> Self {
        match backend {
            DatabaseBackend::Postgres => Self::Postgres,
            DatabaseBackend::MySql => Self::MariaDb,
            _ => Self::Sqlite,
        }
    }

    /// How a transaction that reads at one moment begins. In SQLite's WAL every transaction reads one snapshot;
    /// PostgreSQL's default takes a new one for each statement.
    pub(crate) fn read_options(self) -> TransactionOptions {
        match self {
            Self::Sqlite => TransactionOptions {
                isolation_level: None,
                access_mode: None,
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
            },
            Self::Postgres | Self::MariaDb => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                sqlite_transaction_mode: None,
            },
        }
    }

    /// How a transaction that writes begins. SQLite: `BEGIN IMMEDIATE`, since a deferred one that turns to writing
    /// fails with `BUSY_SNAPSHOT` at once. The others: `READ COMMITTED`, whatever the server's default, since a guard
    /// has to see what was committed while it waited for its row.
    pub(crate) fn write_options(self) -> TransactionOptions {
        match self {
            Self::Sqlite => TransactionOptions {
                isolation_level: None,
                access_mode: None,
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            },
            Self::Postgres | Self::MariaDb => TransactionOptions {
                isolation_level: Some(IsolationLevel::ReadCommitted),
                access_mode: None,
                sqlite_transaction_mode: None,
            },
        }
    }

    /// Where the sessions are our own, whose default is `READ COMMITTED`: the one statement, if any, that makes a transaction what it
    /// is for. The driver's way takes a round trip for the isolation and one for the access.
    pub(crate) fn says_isolation(self, access: Access) -> Option<&'static str> {
        match (self, access) {
            (Self::Postgres, Access::Read | Access::Survey) => {
                Some("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            }
            (Self::Postgres, Access::Write | Access::Sweep | Access::Migrate) => Some(""),
            _ => None,
        }
    }

    /// Whether writers wait for each other row by row, so that a batch has to take its rows in one order (rule 6.7).
    /// SQLite has one writer: there a batch keeps the order it was given in.
    pub(crate) fn locks_rows(self) -> bool {
        self != Self::Sqlite
    }

    /// Whether an insert can answer the number it was given. MariaDB answers it as the last insert id instead;
    /// PostgreSQL has no such id.
    pub(crate) fn returns_inserted(self) -> bool {
        self != Self::MariaDb
    }

    /// Whether a new row holds the rows it refers to against all changes. MariaDB locks them whole, so that whoever
    /// changes such a row and whoever inserts can stop each other; PostgreSQL holds no more than their keys.
    pub(crate) fn references_hold_rows(self) -> bool {
        self == Self::MariaDb
    }

    /// Whether a parameter can be a whole column: an array.
    pub(crate) fn takes_arrays(self) -> bool {
        self == Self::Postgres
    }

    /// Whether several statements with parameters can be one text, which goes to the database at once. Servers prepare one
    /// statement at a time.
    pub(crate) fn takes_several(self) -> bool {
        self == Self::Sqlite
    }

    /// How many writing transactions are worth having at once. SQLite has one writer; on a server one is built while the other is
    /// on its way to the disk.
    pub(crate) fn writers(self) -> usize {
        if self == Self::Sqlite { 1 } else { 2 }
    }

    /// Whether an upsert can be bound to a condition. MariaDB's `ON DUPLICATE KEY UPDATE` has no `WHERE`.
    pub(crate) fn upserts_conditionally(self) -> bool {
        self != Self::MariaDb
    }

    /// What a pool has for whoever comes now.
    pub(crate) fn room(self, pool: &DatabaseConnection) -> Room {
        fn room<DB: sqlx::Database>(pool: &sqlx::Pool<DB>) -> Room {
            if pool.num_idle() > 0 {
                Room::Idle
            } else if pool.size() < pool.options().get_max_connections() {
                Room::New
            } else {
                Room::None
            }
        }
        match self {
            Self::Sqlite => room(pool.get_sqlite_connection_pool()),
            Self::Postgres => room(pool.get_postgres_connection_pool()),
            Self::MariaDb => room(pool.get_mysql_connection_pool()),
        }
    }

    /// Whether the driver keeps what was given up on a connection apart from what comes next on it. SQLite's hands each
    /// statement to a thread of its own, with a channel of its own for the answer.
    pub(crate) fn outlives_giving_up(self) -> bool {
        self == Self::Sqlite
    }

    /// Whether a page's bound has to be said of its first column alone too: MariaDB seeks no index by a pair.
    pub(crate) fn seeks_by_first_column(self) -> bool {
        self == Self::MariaDb
    }

    /// Holds what a select finds. SQLite's one writer holds everything.
    pub(crate) fn hold(self, select: &mut SelectStatement, hold: Hold) {
        match (self, hold) {
            (Self::Sqlite, _) => {}
            (_, Hold::Shared) => {
                select.lock(LockType::Share);
            }
            // A plain lock for update would wait for whoever has just inserted a row that refers to this one.
            (Self::Postgres, Hold::Alone) => {
                select.lock(LockType::NoKeyUpdate);
            }
            (_, Hold::Alone | Hold::AloneWithReferences) => {
                select.lock(LockType::Update);
            }
        }
    }

    /// Whether a text holds a part, without regard to ASCII case and to nothing else. No character of the part has a
    /// meaning of its own.
    pub(crate) fn contains(self, text: SimpleExpr, part: &str) -> SimpleExpr {
        match self {
            Self::Sqlite => Expr::expr(Func::lower(text)).like(LikeExpr::new(like_pattern(part)).escape('\\')),
            // Under the database's own collation `lower` knows more letters than ASCII's.
            Self::Postgres => {
                let text = Expr::cust_with_exprs("$1 COLLATE \"C\"", [text]);
                Expr::expr(Func::lower(text)).like(LikeExpr::new(like_pattern(part)).escape('\\'))
            }
            // There `LOWER` knows all letters under any collation; a regular expression spells out ours.
            Self::MariaDb => text.binary(BinOper::Custom("REGEXP"), Expr::val(regular_pattern(part))),
        }
    }

    /// What lets the statements of a transaction take longer than those of a request, in seconds; nought is without a limit.
    /// Where the server's limit is the session's, it is [a long one](crate::connect) for all.
    pub(crate) fn allow(self, seconds: u32) -> Option<String> {
        (self == Self::Postgres).then(|| format!("SET LOCAL statement_timeout = '{seconds}s'"))
    }

    /// The statement a transaction begins with that changes the schema. Where it answers a number, 1 says that the lock is
    /// held; the wait for it is bounded.
    pub(crate) fn lock_schema(self) -> &'static [&'static str] {
        match self {
            // The writing transaction is the lock.
            Self::Sqlite => &[],
            // The number is our own: the first eight letters of "invitations".
            Self::Postgres => &["SELECT 1::bigint AS held FROM pg_advisory_xact_lock(7597139816716792937)"],
            // Held by the session, since every change of the schema ends a transaction.
            Self::MariaDb => &["SELECT CAST(GET_LOCK(CONCAT('invite-schema.', MD5(DATABASE())), 1) AS SIGNED) AS held"],
        }
    }

    /// What gives that lock back before the transaction's end does.
    pub(crate) fn unlock_schema(self) -> Option<&'static str> {
        (self == Self::MariaDb).then_some("DO RELEASE_LOCK(CONCAT('invite-schema.', MD5(DATABASE())))")
    }

    /// The database's present as an instant.
    pub(crate) fn present(self) -> SimpleExpr {
        match self {
            // The shape instants are stored in, so that the two compare as text.
            Self::Sqlite => Func::cust("strftime").arg(Expr::val("%Y-%m-%dT%H:%M:%f000Z")).arg(Expr::val("now")).into(),
            Self::Postgres => Expr::cust("clock_timestamp()"),
            Self::MariaDb => Expr::cust("utc_timestamp(6)"),
        }
    }

    /// Rewrites the values of a statement into what the engine keeps and compares rightly.
    ///
    /// SQLite has no type for instants. They are text of one width there, `2026-11-21T22:17:44.000000Z`: a person can
    /// read it, and it sorts by time. The driver would write as many digits of the fraction as are not zero. To MariaDB
    /// the driver would hand a `TIMESTAMP`, which ends in 2038 and depends on the session's time zone: a `DATETIME` does
    /// neither.
    pub(crate) fn adapt(self, mut statement: Statement) -> Statement {
        if self == Self::Postgres {
            return statement;
        }
        for value in statement.values.iter_mut().flat_map(|values| &mut values.0) {
            if let Value::ChronoDateTimeUtc(at) = value {
                *value = match self {
                    Self::MariaDb => Value::ChronoDateTime(at.map(|at| at.naive_utc())),
                    _ => Value::String(at.map(instant_text)),
                };
            }
        }
        statement
    }

    /// How often a transaction that failed this way is tried in all. 1: it is not tried again.
    ///
    /// Deadlocks and lost races end at once, and one of those who met has gone on; who ran out of patience waiting for a
    /// row has used up most of the three seconds a request may take.
    pub(crate) fn attempts(self, error: &DbErr) -> u32 {
        match (self, code(error)) {
            (Self::Sqlite, Some(Code::Sqlite(code))) if SQLITE_RETRYABLE.contains(&code) => 3,
            (Self::Postgres, Some(Code::Postgres(code))) if POSTGRES_RETRYABLE.contains(&code.as_str()) => 20,
            (Self::Postgres, Some(Code::Postgres(code))) if code == POSTGRES_LOCKED => 2,
            (Self::MariaDb, Some(Code::MariaDb(code))) if MARIADB_RETRYABLE.contains(&code) => 20,
            (Self::MariaDb, Some(Code::MariaDb(MARIADB_LOCKED))) => 2,
            _ => 1,
        }
    }

    /// Whether the whole transaction may work if it is tried again.
    pub(crate) fn is_retryable(self, error: &DbErr) -> bool {
        self.attempts(error) > 1
    }
}

/// Whether a failure means that the database cannot be used just now.
pub(crate) fn is_unavailable(error: &DbErr) -> bool {
    let sqlx_error = match error {
        // Without a connection nothing was done, whatever the reason: too many, a password that was just changed.
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return true,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => cause,
        _ => return false,
    };
    match sqlx_error.as_ref() {
        // A server that ends a connection while it is made, says so in many ways.
        sqlx::Error::Protocol(_) => matches!(error, DbErr::Conn(_)),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(_) => match code(error) {
            Some(Code::Sqlite(code)) => SQLITE_RETRYABLE.contains(&code) || SQLITE_UNAVAILABLE.contains(&(code & 0xff)),
            Some(Code::Postgres(code)) => {
                let classes = ["08", "53", "57P"];
                code == POSTGRES_LOCKED
                    || classes.iter().any(|class| code.starts_with(class))
                    || [&POSTGRES_RETRYABLE[..], &POSTGRES_UNAVAILABLE[..]].concat().contains(&code.as_str())
            }
            Some(Code::MariaDb(code)) => {
                code == MARIADB_LOCKED || MARIADB_RETRYABLE.contains(&code) || MARIADB_UNAVAILABLE.contains(&code)
            }
            None => false,
        },
        _ => false,
    }
}

/// Whether a failure means that the server has ended the connection: it was restarted, or told to.
pub(crate) fn is_gone(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else {
        return false;
    };
    match code(error) {
        Some(Code::Postgres(code)) => code.starts_with("57P") || code == "25P03",
        Some(Code::MariaDb(code)) => MARIADB_GONE.contains(&code),
        Some(Code::Sqlite(_)) => false,
        None => matches!(cause.as_ref(), sqlx::Error::Io(_)),
    }
}

/// Whether the engine itself said no, over a connection that goes on.
pub(crate) fn is_refusal(error: &DbErr) -> bool {
    code(error).is_some() && !is_gone(error)
}

/// Whether a statement that was a transaction by itself may be done, for all that its failure tells: it was sent, and the engine did
/// not say no.
pub(crate) fn is_unanswered(error: &DbErr) -> bool {
    let was_sent = !matches!(error, DbErr::Conn(_) | DbErr::ConnectionAcquire(_)) || limit::is_too_late(error);
    was_sent && !is_refusal(error)
}

fn code(error: &DbErr) -> Option<Code> {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return None;
    };
    let cause = cause.as_database_error()?;
    if let Some(cause) = cause.try_downcast_ref::<MySqlDatabaseError>() {
        return Some(Code::MariaDb(cause.number()));
    }
    let code = cause.code()?;
    if cause.try_downcast_ref::<PgDatabaseError>().is_some() {
        return Some(Code::Postgres(code.into_owned()));
    }
    code.parse().ok().map(Code::Sqlite)
}

fn like_pattern(part: &str) -> String {
    let mut pattern = String::with_capacity(part.len() + 2);
    pattern.push('%');
    for c in part.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c.to_ascii_lowercase());
    }
    pattern.push('%');
    pattern
}

fn regular_pattern(part: &str) -> String {
    let mut pattern = String::with_capacity(part.len() * 4);
    for c in part.chars() {
        if c.is_ascii_alphabetic() {
            pattern.extend(['[', c.to_ascii_lowercase(), c.to_ascii_uppercase(), ']']);
        } else {
            // Before anything but a letter or digit of ASCII a backslash takes away a meaning, where there is one.
            if c.is_ascii() && !c.is_ascii_digit() {
                pattern.push('\\');
            }
            pattern.push(c);
        }
    }
    pattern
}

/// An instant as text of one width that sorts by time: what SQLite stores, and the sort key of a page on all engines.
pub(crate) fn instant_text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// The instant of such a text.
pub(crate) fn instant_of(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    #[test]
    fn no_character_of_a_searched_part_has_a_meaning_of_its_own() {
        assert_eq!(like_pattern(r"50%_A\"), r"%50\%\_a\\%");
        assert_eq!(regular_pattern("a.B*7é "), r"[aA]\.[bB]\*7é\ ");
    }

    #[test]
    fn the_warm_few_are_taken_first_but_nobody_waits_for_them() {
        use Room::{Idle, New, None};
        let first = [Idle, New, None].map(|few| [Idle, New, None].map(|many| few.is_before(many)));
        assert_eq!(first, [[true, true, true], [false, true, true], [false, false, false]]);
    }

    #[test]
    fn instants_are_text_of_one_width_that_sorts_by_time() {
        let base = Utc.with_ymd_and_hms(2026, 11, 21, 22, 17, 44).unwrap();
        let micros = chrono::Duration::microseconds;
        let texts: Vec<_> =
            [0, 1, 999, 1_000, 500_000, 999_999, 1_000_000].map(|n| instant_text(base + micros(n))).to_vec();
        assert_eq!(texts[1], "2026-11-21T22:17:44.000001Z");
        assert!(texts.is_sorted() && texts.iter().all(|text| text.len() == 27));
        assert_eq!(instant_of(&texts[4]), Some(base + micros(500_000)));
    }
}
