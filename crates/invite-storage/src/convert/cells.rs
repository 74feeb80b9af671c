//! A row's values by their place, without looking their names up and without copying text that is only compared.

use sea_orm::{
    DbErr, QueryResult, RuntimeErr,
    sqlx::{self, Decode, MySql, Postgres, Row, Sqlite, Type},
};
use std::sync::Arc;

/// What all drivers can read.
pub(crate) trait Cell<'r>:
    Decode<'r, Postgres> + Type<Postgres> + Decode<'r, MySql> + Type<MySql> + Decode<'r, Sqlite> + Type<Sqlite>
{
}

impl<'r, T> Cell<'r> for T where
    T: Decode<'r, Postgres> + Type<Postgres> + Decode<'r, MySql> + Type<MySql> + Decode<'r, Sqlite> + Type<Sqlite>
{
}

/// The values of a row, from the first to the last.
#[derive(Clone)]
pub(crate) struct Cells<'r> {
    row: &'r QueryResult,
    at: usize,
}

impl<'r> Cells<'r> {
    pub(crate) fn new(row: &'r QueryResult) -> Self {
        Self { row, at: 0 }
    }

    /// Where the next value stands.
    pub(crate) fn place(&self) -> usize {
        self.at
    }

    /// Leaves values out.
    pub(crate) fn skip(&mut self, values: usize) {
        self.at += values;
    }

    /// The next value, which may be empty.
    pub(crate) fn maybe<T: Cell<'r>>(&mut self) -> Result<Option<T>, DbErr> {
        let value = self.peek()?;
        self.at += 1;
        Ok(value)
    }

    /// The next value, which always has one.
    pub(crate) fn next<T: Cell<'r>>(&mut self) -> Result<T, DbErr> {
        let at = self.at;
        self.maybe()?.ok_or_else(|| DbErr::Type(format!("value {at} of a row is empty and may not be")))
    }

    /// Whether the next value is empty. Nothing is read by that.
    pub(crate) fn is_empty<T: Cell<'r>>(&self) -> Result<bool, DbErr> {
        self.peek::<T>().map(|value| value.is_none())
    }

    /// The next value, which is not taken.
    pub(crate) fn peek<T: Cell<'r>>(&self) -> Result<Option<T>, DbErr> {
        let value = if let Some(row) = self.row.try_as_pg_row() {
            // The statement's columns are ours and so are their types. What would compare each with the type that is read takes
            // longer than reading it.
            row.try_get_unchecked(self.at)
        } else if let Some(row) = self.row.try_as_sqlite_row() {
            row.try_get(self.at)
        } else if let Some(row) = self.row.try_as_mysql_row() {
            row.try_get(self.at)
        } else {
            Err(sqlx::Error::RowNotFound)
        };
        value.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))))
    }
}
