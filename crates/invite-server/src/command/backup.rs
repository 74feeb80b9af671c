use super::CommandError;
use crate::{
    config::Config,
    failure::Chain,
    parts::{self, Schema},
    runtime::SystemClock,
};
use clap::Args;
use invite_domain::port::Clock as _;
use invite_storage::{MigrateError, SqlStore};
use std::{io::Write, path::PathBuf};

/// `invite backup`: a consistent copy of the SQLite database while the service runs. The keys are not in it.
#[derive(Debug, Clone, Args)]
pub struct BackupArgs {
    /// Where to write the copy; must not exist yet
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Copies the database and says which keys the copy needs.
pub(super) async fn run(
    arguments: &BackupArgs,
    config: &Config,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    let path = &arguments.file;
    let shown = path.display();
    if path.symlink_metadata().is_ok() {
        return Err(CommandError::Failed(format!("{shown} exists already: choose another name")));
    }
    if parts::sqlite_path(&config.database_url).is_none() {
        let tool = if config.database_url.expose().starts_with("postgres") { "pg_dump" } else { "mariadb-dump" };
        return Err(CommandError::Failed(format!(
            "`invite backup` copies SQLite files, and this database is on a server: back it up with {tool}, and the key \
             ring too"
        )));
    }
    let store = parts::open_store(&config.database_url, Schema::AsItIs).await?;
    // Made here first: with its mode from the beginning, and refused where somebody else was faster.
    new_file(path).map_err(|cause| CommandError::Failed(format!("{shown} cannot be written: {cause}")))?;
    if let Err(error) = store.backup_to(path).await {
        // Half a copy would look like one.
        let left = std::fs::remove_file(path).err().map(|cause| format!("; remove what is left of it ({cause})"));
        let left = left.unwrap_or_default();
        return Err(CommandError::Failed(format!("{shown} cannot be written: {}{left}", Chain(&error))));
    }
    writeln!(out, "{shown}")?;
    schema(&store, hint).await?;
    let keys = match store.key_ids_in_use(SystemClock.now()).await {
        Ok(keys) => keys,
        // The copy is good all the same. An older or a newer schema may not have what is asked for.
        Err(error) => {
            writeln!(hint, "which keys it needs cannot be told ({}); they are not in the copy", Chain(&error))?;
            return Ok(());
        }
    };
    let ids: Vec<_> = keys.iter().map(|(id, live)| format!("{id} ({live} live)")).collect();
    if ids.is_empty() {
        writeln!(hint, "no live invitation needs a key; the keys are not in the copy")?;
    } else {
        writeln!(hint, "its live invitations need these keys, which are not in the copy: {}", ids.join(", "))?;
    }
    Ok(())
}

/// Says how far the copied database was migrated: that decides which versions of the program can use it.
async fn schema(store: &SqlStore, hint: &mut dyn Write) -> Result<(), CommandError> {
    match store.migration_status().await {
        Ok(known) => match known.iter().rfind(|migration| migration.applied) {
            Some(last) => writeln!(hint, "its schema is {}", last.name)?,
            None => writeln!(hint, "it has no schema yet")?,
        },
        Err(MigrateError::Newer(name)) => {
            writeln!(hint, "its schema is of a newer version of this program (it has {name})")?;
        }
        Err(error) => writeln!(hint, "its schema cannot be told ({})", Chain(&error))?,
    }
    Ok(())
}

/// An empty file only its owner can read: the copy holds names and addresses. SQLite writes into an empty file.
fn new_file(path: &std::path::Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.sync_all()
}
