use super::CommandError;
use crate::{
    config::Config,
    parts::{self, PartsError},
};
use clap::Args;
use invite_storage::{SqlOptions, SqlStore};
use std::io::Write;

/// `invite migrate`: applies pending migrations under a lock.
#[derive(Debug, Clone, Args)]
pub struct MigrateArgs {
    /// Only show which are applied and which are pending
    #[arg(long)]
    pub status: bool,
}

/// Applies or shows migrations.
pub(super) async fn run(
    arguments: &MigrateArgs,
    config: &Config,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    let url = &config.database_url;
    if arguments.status {
        if let Some(path) = parts::sqlite_path(url).filter(|path| !path.exists()) {
            return Err(PartsError::NoDatabase { path }.into());
        }
        let options = SqlOptions::new(url.expose()).create(false);
        let store = SqlStore::open(&options).await.map_err(|error| PartsError::opening(url, error))?;
        for migration in store.migration_status().await.map_err(PartsError::Migrate)? {
            let state = if migration.applied { "applied" } else { "pending" };
            writeln!(out, "{state}  {}", migration.name)?;
        }
        return Ok(());
    }
    let store =
        SqlStore::open(&SqlOptions::new(url.expose())).await.map_err(|error| PartsError::opening(url, error))?;
    let applied = store.migrate().await.map_err(PartsError::Migrate)?;
    for name in &applied {
        writeln!(out, "applied  {name}")?;
    }
    if applied.is_empty() {
        writeln!(hint, "nothing to migrate")?;
    }
    Ok(())
}
