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
    ConnectionTrait, Statement,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Query},
};
use std::path::Path;

impl SqlStore {
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
