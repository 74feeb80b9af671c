//! Failures: what the driver said, and what it means to a caller.

use crate::{
    engine::{self, Engine},
    limit,
};
use invite_domain::{invitation::Shortage, port::PortError};
use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};
use std::fmt::Display;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The address names no database this crate has a driver for, or one it does not open that way.
    #[error("the database address is not usable: {0}")]
    Address(&'static str),
    /// The engine is not supported.
    #[error("{0} is not supported: use an address like sqlite://invite.db, postgres://host/name or mysql://host/name")]
    UnsupportedEngine(&'static str),
    /// The database cannot be reached or opened.
    #[error("the database cannot be opened")]
    Connect(#[source] DbErr),
}

/// Why migrations were not applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// The schema was made by a newer version of this program.
    #[error(
        "the database was migrated by a newer version of this program (it has {0}): install that version, or restore a \
         backup from before"
    )]
    Newer(String),
    /// Another process holds the migration lock for too long, or the database is away.
    #[error("the database cannot be migrated now")]
    Unavailable(#[source] DbErr),
    /// A statement failed; nothing of the migration remains where the engine can roll a schema change back.
    #[error("the migration failed")]
    Failed(#[source] DbErr),
}

/// A row that cannot be what it should be. Names the place, never a value.
#[derive(Debug, thiserror::Error)]
#[error("{table}.{column} of {id} holds no value it may hold")]
pub(crate) struct CorruptRow {
    table: &'static str,
    column: &'static str,
    id: String,
}

/// A row of `table` whose `column` cannot be read.
pub(crate) fn corrupt(table: &'static str, column: &'static str, id: impl Display) -> PortError {
    PortError::corrupt(CorruptRow { table, column, id: id.to_string() })
}

/// What a database failure means to the domain. For a directory of a host's own ([`SqlDirectory`](crate::SqlDirectory)).
pub fn port_error(error: DbErr) -> PortError {
    if is_corrupt(&error) {
        PortError::corrupt(error)
    } else if engine::is_unavailable(&error) {
        PortError::unavailable(error)
    } else {
        PortError::other(error)
    }
}

/// Whether a row holds what it may not hold, and not the database failed.
fn is_corrupt(error: &DbErr) -> bool {
    match error {
        DbErr::Type(_) | DbErr::TryIntoErr { .. } | DbErr::Json(_) => true,
        DbErr::Query(RuntimeErr::SqlxError(cause)) | DbErr::Exec(RuntimeErr::SqlxError(cause)) => {
            matches!(cause.as_ref(), sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_))
        }
        _ => false,
    }
}

/// Tells a row that cannot be read from a database that failed, for a reader who passes such rows over.
pub(crate) trait Unreadable<T> {
    /// What was read, or why this row cannot be; any other failure ends the reader's work.
    fn readable(self) -> Result<Result<T, PortError>, Failure>;
}

impl<T> Unreadable<T> for Result<T, Failure> {
    fn readable(self) -> Result<Result<T, PortError>, Failure> {
        match self {
            Ok(read) => Ok(Ok(read)),
            Err(Failure::Port(error @ PortError::Corrupt(_))) => Ok(Err(error)),
            Err(Failure::Database(error)) if is_corrupt(&error) => Ok(Err(PortError::corrupt(error))),
            Err(failure) => Err(failure),
        }
    }
}

/// Why a unit of work ended before its end.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A guard does not hold, or a unique key is taken.
    Stale,
    /// Every guard holds, but this limit would be exceeded.
    Refused(Shortage),
    /// The database.
    Database(DbErr),
    /// Anything else.
    Port(PortError),
}

impl Failure {
    /// A commit that failed. What the engine refused, it has not done; where the connection ended instead of an answer,
    /// nobody knows, and doing it again could do it twice.
    pub(crate) fn of_commit(error: DbErr) -> Self {
        if engine::is_refusal(&error) { Self::Database(error) } else { Self::Port(PortError::unavailable(error)) }
    }

    /// What it means to a caller; a stale plan and a refused one have answers of their own before this.
    pub(crate) fn into_port(self) -> PortError {
        match self {
            Self::Stale => PortError::other("a plan went stale where none was applied"),
            Self::Refused(_) => PortError::other("a plan exceeded a limit where none was applied"),
            Self::Database(error) => port_error(error),
            Self::Port(error) => error,
        }
    }

    /// The same, with a taken unique key read as stale.
    pub(crate) fn taken_is_stale(self) -> Self {
        match self {
            Self::Database(error) if is_taken(&error) => Self::Stale,
            other => other,
        }
    }

    /// How often the whole transaction is to be tried, this time among them.
    pub(crate) fn attempts(&self, engine: Engine) -> u32 {
        match self {
            Self::Database(error) => engine.attempts(error),
            // A directory hook has only a port error to answer with; the database's own stands behind it.
            Self::Port(PortError::Unavailable(cause)) => {
                cause.downcast_ref::<DbErr>().map_or(1, |error| engine.attempts(error))
            }
            Self::Stale | Self::Refused(_) | Self::Port(_) => 1,
        }
    }

    /// Whether the whole transaction may work if it is tried again.
    pub(crate) fn is_retryable(&self, engine: Engine) -> bool {
        self.attempts(engine) > 1
    }

    /// What it means to everybody whose work was done together; `None` where each may fare better by himself.
    pub(crate) fn ends_all(self, engine: Engine) -> Option<PortError> {
        if self.is_retryable(engine) {
            return None;
        }
        match self {
            Self::Stale | Self::Refused(_) => None,
            // The time of him who had the least. Nothing is written then, since a commit that gets no answer fails otherwise; others
            // may have time left.
            Self::Database(error) if limit::is_too_late(&error) => None,
            failure => Some(failure.into_port()).filter(PortError::is_retryable),
        }
    }
}

/// Whether a failure says that a unique key is taken.
pub(crate) fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_group_whose_time_is_over_each_goes_on_by_himself_unless_it_was_being_committed() {
        let ends_all = |failure: Failure| failure.ends_all(Engine::Postgres);
        assert!(ends_all(Failure::Database(limit::too_late())).is_none());
        let unknown = ends_all(Failure::of_commit(limit::too_late()));
        assert!(matches!(unknown, Some(PortError::Unavailable(_))), "{unknown:?}");
        let away = DbErr::Conn(RuntimeErr::Internal("no route".to_owned()));
        assert!(matches!(ends_all(Failure::Database(away)), Some(PortError::Unavailable(_))));
    }
}
