//! The schema and how it comes about: under a lock, again after an interruption, never on a newer database.

mod ddl;
mod m0001_initial;
mod m0002_subjects;
mod m0003_dead_letters;
mod m0004_messages;
mod m0005_look;
mod m0006_authority;
mod m0007_search;

use crate::engine::Engine;
use crate::error::{Failure, MigrateError};
use crate::store::{Access, SqlStore, Transaction};
use sea_orm::{
    ConnectionTrait, DbErr, DynIden, Statement,
    sea_query::{IntoIden, Query},
};
use sea_orm_migration::{MigrationTrait, MigratorTrait, seaql_migrations};
use std::collections::BTreeSet;

/// The table that names the migrations a database has had.
pub(crate) const TABLE: &str = "invite_migrations";

/// How often the lock is asked for: with about a second's wait each time, most of half a minute.
const LOCK_ATTEMPTS: u32 = 30;

/// Our migrations, oldest first.
struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_initial::Migration),
            Box::new(m0002_subjects::Migration),
            Box::new(m0003_dead_letters::Migration),
            Box::new(m0004_messages::Migration),
            Box::new(m0005_look::Migration),
            Box::new(m0006_authority::Migration),
            Box::new(m0007_search::Migration),
        ]
    }

    fn migration_table_name() -> DynIden {
        TABLE.into_iden()
    }
}

/// Whether a migration was applied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MigrationState {
    /// The migration's name.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

impl SqlStore {
    /// Applies what is missing, and answers what was applied.
    ///
    /// Any number of processes can call this at once: one migrates, the others wait and find nothing to do. After an
    /// interruption it can be called again.
    ///
    /// # Errors
    /// [`MigrateError::Newer`] where the database has a migration this program does not know; nothing is touched then.
    pub async fn migrate(&self) -> Result<Vec<String>, MigrateError> {
        let mut attempt = 1;
        let transaction = loop {
            match self.begin_alone().await {
                // Somebody else migrates: each attempt waits for as long as the engine waits for a lock.
                Ok(None) if attempt < LOCK_ATTEMPTS => attempt += 1,
                Err(failure) if attempt < LOCK_ATTEMPTS && failure.is_retryable(self.engine()) => attempt += 1,
                Ok(None) => {
                    let cause = DbErr::Custom("another process holds the migration lock".to_owned());
                    return Err(MigrateError::Unavailable(cause));
                }
                Ok(Some(transaction)) => break transaction,
                Err(failure) => return Err(failed(failure)),
            }
        };
        let mut applied = migrate_in(transaction.inner()).await;
        if let Some(unlock) = self.engine().unlock_schema()
            && let Err(error) = transaction.inner().execute_unprepared(unlock).await
        {
            applied = applied.and(Err(database(error)));
        }
        match applied {
            Ok(names) => transaction.commit().await.map_err(failed).map(|()| names),
            Err(error) => {
                transaction.rollback().await;
                Err(error)
            }
        }
    }

    /// Begins the transaction that migrates, alone among all processes; `None` where another one is at it.
    ///
    /// SQLite: `BEGIN IMMEDIATE` lets one connection in. PostgreSQL: an advisory lock until the transaction ends. On both,
    /// changes of the schema are part of the transaction, and an interruption leaves nothing behind. MariaDB commits after
    /// each: a lock of the session, and migrations that go on where they were interrupted.
    async fn begin_alone(&self) -> Result<Option<Transaction<'_>>, Failure> {
        let transaction = self.begin(Access::Migrate).await?;
        match lock(transaction.inner(), self.engine()).await {
            Ok(true) => Ok(Some(transaction)),
            held => {
                transaction.rollback().await;
                held.map(|_| None).map_err(Failure::from)
            }
        }
    }

    /// All migrations this program knows, and whether the database has them. Only reads.
    ///
    /// # Errors
    /// As [`migrate`](Self::migrate).
    pub async fn migration_status(&self) -> Result<Vec<MigrationState>, MigrateError> {
        // Within a call's limit, so that a probe that goes away leaves no half-read connection behind.
        self.limited(async { Ok(self.status_now().await) }).await.map_err(database)?
    }

    async fn status_now(&self) -> Result<Vec<MigrationState>, MigrateError> {
        let applied = applied(self.reader()).await?;
        let state = |name: String| MigrationState { applied: applied.contains(&name), name };
        Ok(Migrator::migrations().iter().map(|migration| state(migration.name().to_owned())).collect())
    }

    /// The migrations the database lacks. Only reads: fit for a readiness check.
    ///
    /// # Errors
    /// As [`migrate`](Self::migrate).
    pub async fn pending_migrations(&self) -> Result<Vec<String>, MigrateError> {
        let status = self.migration_status().await?;
        Ok(status.into_iter().filter(|migration| !migration.applied).map(|migration| migration.name).collect())
    }
}

/// Whether the lock could be taken.
async fn lock(transaction: &sea_orm::DatabaseTransaction, engine: Engine) -> Result<bool, DbErr> {
    for sql in engine.lock_schema() {
        if !sql.starts_with("SELECT") {
            transaction.execute_unprepared(sql).await?;
            continue;
        }
        let statement = Statement::from_string(transaction.get_database_backend(), *sql);
        let row = transaction.query_one_raw(statement).await?;
        let held: Option<i64> = row.map(|row| row.try_get("", "held")).transpose()?.flatten();
        if held != Some(1) {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn migrate_in(transaction: &sea_orm::DatabaseTransaction) -> Result<Vec<String>, MigrateError> {
    let applied = applied(transaction).await?;
    let names = Migrator::migrations().into_iter().map(|migration| migration.name().to_owned());
    let names: Vec<_> = names.filter(|name| !applied.contains(name)).collect();
    if !names.is_empty() {
        Migrator::up(transaction, None).await.map_err(database)?;
    }
    Ok(names)
}

/// The migrations the database has had; refused where this program does not know one of them.
async fn applied(connection: &impl ConnectionTrait) -> Result<BTreeSet<String>, MigrateError> {
    let mut applied = BTreeSet::new();
    if !ddl::has_table(connection, TABLE).await.map_err(database)? {
        return Ok(applied);
    }
    let mut select = Query::select();
    select.column(seaql_migrations::Column::Version).from(TABLE);
    let rows = connection.query_all(&select).await.map_err(database)?;
    let known = Migrator::migrations();
    for row in rows {
        let name: String = row.try_get("", "version").map_err(database)?;
        if !known.iter().any(|migration| migration.name() == name) {
            return Err(MigrateError::Newer(name));
        }
        applied.insert(name);
    }
    Ok(applied)
}

fn failed(failure: Failure) -> MigrateError {
    match failure {
        Failure::Database(error) => database(error),
        Failure::Stale | Failure::Refused(_) => database(DbErr::Custom("nothing to migrate went stale".to_owned())),
        Failure::Port(error) => database(DbErr::Custom(error.to_string())),
    }
}

fn database(error: DbErr) -> MigrateError {
    if crate::engine::is_unavailable(&error) { MigrateError::Unavailable(error) } else { MigrateError::Failed(error) }
}
