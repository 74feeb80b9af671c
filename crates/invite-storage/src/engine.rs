//! What differs between databases, each difference with its observable reason. Nothing outside this file and
//! `migration::ddl` asks which engine it is on.

use crate::error::OpenError;
use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{
    AccessMode, DatabaseBackend, DbErr, IsolationLevel, RuntimeErr, SqliteTransactionMode, Statement,
    TransactionOptions, Value,
    sea_query::{Expr, Func, SimpleExpr},
    sqlx,
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
const SQLITE_RETRYABLE: [&str; 4] = ["5", "6", "261", "517"];
/// PostgreSQL: serialisation failure, deadlock, lock not available.
const POSTGRES_RETRYABLE: [&str; 3] = ["40001", "40P01", "55P03"];
/// MariaDB: deadlock, lock wait timeout. After 1205 only the statement is rolled back, so the store always rolls the
/// transaction back itself.
const MARIADB_RETRYABLE: [&str; 2] = ["1213", "1205"];

/// SQLite's primary codes for a database that cannot be written or read just now: `READONLY`, `IOERR`, `FULL`,
/// `CANTOPEN`, `PROTOCOL`. Seen with a full disk or a file system remounted read-only; both can end without a restart.
const SQLITE_UNAVAILABLE: [i32; 5] = [8, 10, 13, 14, 15];

impl Engine {
    /// The engine of a connection, where its schema is supported.
    pub(crate) fn of(backend: DatabaseBackend) -> Result<Self, OpenError> {
        match backend {
            DatabaseBackend::Sqlite => Ok(Self::Sqlite),
            // The schema is written for these two; they are let in with the tests that prove them.
            DatabaseBackend::Postgres => Err(OpenError::UnsupportedEngine("PostgreSQL")),
            DatabaseBackend::MySql => Err(OpenError::UnsupportedEngine("MariaDB")),
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
    /// fails with `BUSY_SNAPSHOT` at once. MariaDB: `READ COMMITTED`, since a reload under its default would see the
    /// snapshot that made the plan stale.
    pub(crate) fn write_options(self) -> TransactionOptions {
        match self {
            Self::Sqlite => TransactionOptions {
                isolation_level: None,
                access_mode: None,
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            },
            Self::Postgres => {
                TransactionOptions { isolation_level: None, access_mode: None, sqlite_transaction_mode: None }
            }
            Self::MariaDb => TransactionOptions {
                isolation_level: Some(IsolationLevel::ReadCommitted),
                access_mode: None,
                sqlite_transaction_mode: None,
            },
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
    /// read it, and it sorts by time. The driver would write as many digits of the fraction as are not zero.
    pub(crate) fn adapt(self, mut statement: Statement) -> Statement {
        if self == Self::Sqlite
            && let Some(values) = &mut statement.values
        {
            for value in &mut values.0 {
                if let Value::ChronoDateTimeUtc(at) = value {
                    *value = Value::String(at.as_ref().map(|at| instant_text(*at)));
                }
            }
        }
        statement
    }

    /// Whether the whole transaction may work if it is tried again.
    pub(crate) fn is_retryable(self, error: &DbErr) -> bool {
        let codes: &[&str] = match self {
            Self::Sqlite => &SQLITE_RETRYABLE,
            Self::Postgres => &POSTGRES_RETRYABLE,
            Self::MariaDb => &MARIADB_RETRYABLE,
        };
        database_code(error).is_some_and(|code| codes.contains(&code.as_str()))
    }
}

/// Whether a failure means that the database cannot be used just now.
pub(crate) fn is_unavailable(error: &DbErr) -> bool {
    let sqlx_error = match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => cause,
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return true,
        _ => return false,
    };
    match sqlx_error.as_ref() {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(cause) => {
            let code = cause.code().unwrap_or_default();
            let retryable = [&SQLITE_RETRYABLE[..], &POSTGRES_RETRYABLE[..], &MARIADB_RETRYABLE[..]].concat();
            retryable.contains(&code.as_ref())
                || code.parse::<i32>().is_ok_and(|code| code < 10_000 && SQLITE_UNAVAILABLE.contains(&(code & 0xff)))
        }
        _ => false,
    }
}

fn database_code(error: &DbErr) -> Option<String> {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return None;
    };
    cause.as_database_error()?.code().map(std::borrow::Cow::into_owned)
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
