use super::CommandError;
use crate::{
    app::{self, AppOptions, Application, MailRoute},
    config::Config,
    parts::{self, Parts, Schema},
};
use clap::Args;
use std::{path::PathBuf, time::Duration};

/// How long readiness fails before the door is closed.
const NOTICE: Duration = Duration::from_millis(500);

/// `invite serve`: the service.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Apply pending migrations first; on SQLite they always are
    #[arg(long)]
    pub migrate: bool,
    /// Send no messages: `invite worker` runs apart
    #[arg(long)]
    pub no_worker: bool,
    /// Write the chosen address to this file once the service listens
    #[arg(long, value_name = "FILE")]
    pub port_file: Option<PathBuf>,
}

/// Runs the service until it is told to end.
pub(super) async fn run(arguments: ServeArgs, config: &Config) -> Result<(), CommandError> {
    let (public_url, keyring) = config.required_to_serve()?;
    // The address first: where the service runs already, nothing else is touched.
    let (listener, _) = app::bind(config.listen, "INVITE_LISTEN")?;
    let sqlite = parts::sqlite_path(&config.database_url).is_some();
    let schema = if arguments.migrate || sqlite { Schema::Apply } else { Schema::Require };
    let parts = Parts::open_to_serve(config, keyring, schema).await?;
    if parts.directory_store.is_empty().await? {
        tracing::warn!(
            database = parts::database_file(&config.database_url),
            "nothing is set up in this database: run `invite setup`, or check INVITE_DATABASE_URL"
        );
    }
    let options = AppOptions {
        mail: MailRoute::Configured,
        worker: !arguments.no_worker,
        port_file: arguments.port_file,
        this_machine_only: false,
        notice: NOTICE,
    };
    let application = Application::build(&parts, config, public_url.as_str(), listener, options)?;
    Ok(application.run_until_stopped().await?)
}
