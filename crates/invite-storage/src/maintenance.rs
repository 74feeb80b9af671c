//! What operators ask of the database as a whole.

use crate::{
    commit,
    engine::Engine,
    entity,
    error::{Failure, corrupt},
    sql::{SqlConnection, table},
    store::{Access, SqlStore, retrying},
};
use entity::invitation::Entity;
use invite_domain::{port::PortError, secret::keyring::KeyId, time::Timestamp};
use sea_orm::{
    ConnectionTrait, EntityName as _, Statement,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Query},
};
use std::path::Path;

/// How many rows a table has at least before it is looked at for having grown, and how many times as many as when it was counted.
const GROWN: (i64, f64) = (500, 3.0);

impl SqlStore {
    /// Has PostgreSQL count the tables anew that have grown manifold since it last did, and answers which these are: one that
    /// another process is counting just now is left to it. Elsewhere there is nothing to do.
    ///
    /// To be called every few seconds while a process serves. Sessions keep their plans, those of foreign keys too, until a table is
    /// counted, and the server does that once a minute by itself (PostgreSQL's documentation, "The Autovacuum Daemon"). Where thousands
    /// are invited in the first minute of an installation, plans that were made for empty tables would read all of an organisation's
    /// rows for each new one.
    ///
    /// # Errors
    /// Where the database fails: the first of its failures, when the other tables are counted.
    pub async fn note_growth(&self) -> Result<Vec<&'static str>, PortError> {
        if self.engine() != Engine::Postgres {
            return Ok(Vec::new());
        }
        let grown = grown(&self.reading()).await.map_err(Failure::into_port)?;
        let mut failed = None;
        for table in &grown {
            if let Err(failure) = count_anew(self, table).await {
                failed = failed.or(Some(failure.into_port()));
            }
        }
        failed.map_or(Ok(grown), Err)
    }

    /// Writes a consistent copy of the database to a new file, while others read and write.
    ///
    /// # Errors
    /// Where the file exists, cannot be written or has no UTF-8 name; and on engines that have tools of their own for this.
    pub async fn backup_to(&self, path: &Path) -> Result<(), PortError> {
        if self.engine() != Engine::Sqlite {
            return Err(PortError::other("this database is backed up with its own tools"));
        }
        let name = path.to_str().ok_or_else(|| PortError::other("the file's name is not UTF-8"))?;
        let sql = self.unhurried();
        let copy = Statement::from_sql_and_values(sql.get_database_backend(), "VACUUM INTO ?", [name.into()]);
        sql.execute_raw(copy).await.map(|_| ()).map_err(crate::port_error)
    }

    /// The keys that invitations live at `now` were made under, with how many: what a key must not be retired for.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn key_ids_in_use(&self, now: Timestamp) -> Result<Vec<(KeyId, u64)>, PortError> {
        key_ids_in_use(&self.reading(), now).await.map_err(Failure::into_port)
    }

    /// Forgets how many live invitations organisations have: each is counted anew by the next plan under a limit.
    ///
    /// To be called when a process begins to serve. What one without a limit issues is counted nowhere, so a count that was
    /// left before may be too low. Safe at any time, while others write.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn forget_live_counts(&self) -> Result<(), PortError> {
        retrying!(self, try_forget_live_counts(self))
    }
}

/// Those of the tables that grow with what is done, and belong to the user of the database, that have grown manifold.
async fn grown(sql: &SqlConnection<'_>) -> Result<Vec<&'static str>, Failure> {
    let select = "SELECT s.relname::text, s.n_live_tup, c.reltuples::float8 FROM pg_stat_user_tables s \
                  JOIN pg_class c ON c.oid = s.relid WHERE s.schemaname = current_schema() AND pg_has_role(c.relowner, 'USAGE')";
    let rows = sql.query_all_raw(Statement::from_string(sql.get_database_backend(), select)).await?;
    let tables = [
        Entity.table_name(),
        entity::event::Entity.table_name(),
        entity::message::Entity.table_name(),
        entity::redemption::Entity.table_name(),
        entity::account::Entity.table_name(),
        entity::membership::Entity.table_name(),
        entity::subject::Entity.table_name(),
        entity::session::Entity.table_name(),
        entity::idempotency::Entity.table_name(),
        entity::counter::Entity.table_name(),
    ];
    let mut grown = Vec::new();
    for row in rows {
        let name: String = row.try_get_by_index(0)?;
        let (rows, counted): (i64, f64) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let (least, times) = GROWN;
        // One that was never counted has less than none.
        let expected = counted.max(0.0) * times;
        let is_grown = rows >= least && f64::from(i32::try_from(rows).unwrap_or(i32::MAX)) > expected;
        grown.extend(tables.into_iter().filter(|table| is_grown && *table == name));
    }
    Ok(grown)
}

/// Has the rows of a table counted, unless somebody is at it.
async fn count_anew(store: &SqlStore, table: &str) -> Result<(), Failure> {
    let transaction = store.begin(Access::Sweep).await?;
    let counted = transaction.sql().execute_unprepared(&format!("ANALYZE (SKIP_LOCKED) {table}")).await;
    transaction.settle(counted.map(|_| ()).map_err(Failure::from)).await
}

async fn try_forget_live_counts(store: &SqlStore) -> Result<(), Failure> {
    let transaction = store.begin(Access::Write).await?;
    let forgotten = commit::forget_live(&transaction.sql(), None).await;
    transaction.settle(forgotten).await
}

async fn key_ids_in_use(sql: &SqlConnection<'_>, now: Timestamp) -> Result<Vec<(KeyId, u64)>, Failure> {
    let key = || Alias::new("key_id");
    let mut select = Query::select();
    select
        .column(key())
        .expr_as(Expr::col(Asterisk).count(), Alias::new("live"))
        .from(table::<Entity>())
        .and_where(Expr::col(Alias::new("state")).eq("pending"))
        .and_where(Expr::col(Alias::new("expires_at")).gt(now))
        .group_by_col(key())
        .order_by(key(), sea_orm::Order::Asc);
    let rows = sql.query_all(&select).await?;
    rows.iter()
        .map(|row| {
            let id: i64 = row.try_get("", "key_id")?;
            let live: i64 = row.try_get("", "live")?;
            let key = u8::try_from(id).ok().and_then(KeyId::new);
            let key = key.ok_or_else(|| corrupt("invite_invitations", "key_id", "a group of rows"))?;
            Ok((key, u64::try_from(live).unwrap_or_default()))
        })
        .collect()
}
