//! The schema and how it comes about: under a lock, again after an interruption, never on a newer database.

mod ddl;
mod m0001_initial;
mod m0002_subjects;

use crate::error::{Failure, MigrateError};
use crate::store::{Access, SqlStore};
use sea_orm::{
    ConnectionTrait, DbErr, DynIden,
    sea_query::{IntoIden, Query},
};
use sea_orm_migration::{MigrationTrait, MigratorTrait, migrator::MigrationStatus, seaql_migrations};

/// The table that names the migrations a database has had.
const TABLE: &str = "invite_migrations";

/// How often the lock is asked for: with SQLite's busy timeout of just under a second, most of half a minute.
const LOCK_ATTEMPTS: u32 = 30;

/// Our migrations, oldest first.
struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_initial::Migration), Box::new(m0002_subjects::Migration)]
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
        // SQLite's lock is the writing transaction itself: BEGIN IMMEDIATE lets one connection in, of whatever process.
        // Its schema changes are part of that transaction, so an interruption leaves nothing behind.
        let mut attempt = 1;
        let transaction = loop {
            match self.begin(Access::Write).await {
                // Somebody else migrates: each attempt waits for as long as the engine waits for a lock.
                Err(failure) if attempt < LOCK_ATTEMPTS && failure.is_retryable(self.engine()) => attempt += 1,
                begun => break begun.map_err(failed)?,
            }
        };
        let applied = migrate_in(transaction.inner()).await;
        match applied {
            Ok(names) => transaction.commit().await.map_err(failed).map(|()| names),
            Err(error) => {
                transaction.rollback().await;
                Err(error)
            }
        }
    }

    /// All migrations this program knows, and whether the database has them. Only reads.
    ///
    /// # Errors
    /// As [`migrate`](Self::migrate).
    pub async fn migration_status(&self) -> Result<Vec<MigrationState>, MigrateError> {
        let reader = self.reader();
        refuse_newer(reader).await?;
        let migrations = Migrator::get_migration_with_status_read_only(reader).await.map_err(database)?;
        Ok(migrations
            .iter()
            .map(|migration| MigrationState {
                name: migration.name().to_owned(),
                applied: migration.status() == MigrationStatus::Applied,
            })
            .collect())
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

async fn migrate_in(transaction: &sea_orm::DatabaseTransaction) -> Result<Vec<String>, MigrateError> {
    refuse_newer(transaction).await?;
    let missing = Migrator::get_pending_migrations_read_only(transaction).await.map_err(database)?;
    let names: Vec<_> = missing.iter().map(|migration| migration.name().to_owned()).collect();
    if !names.is_empty() {
        Migrator::up(transaction, None).await.map_err(database)?;
    }
    Ok(names)
}

async fn refuse_newer(connection: &impl ConnectionTrait) -> Result<(), MigrateError> {
    if !ddl::has_table(connection, TABLE).await.map_err(database)? {
        return Ok(());
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
    }
    Ok(())
}

fn failed(failure: Failure) -> MigrateError {
    match failure {
        Failure::Database(error) => database(error),
        Failure::Stale => database(DbErr::Custom("nothing to migrate went stale".to_owned())),
        Failure::Port(error) => database(DbErr::Custom(error.to_string())),
    }
}

fn database(error: DbErr) -> MigrateError {
    if crate::engine::is_unavailable(&error) { MigrateError::Unavailable(error) } else { MigrateError::Failed(error) }
}
