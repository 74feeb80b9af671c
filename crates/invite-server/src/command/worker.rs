use super::CommandError;
use crate::{
    app,
    config::Config,
    parts::{Parts, Schema},
};
use clap::Args;

/// `invite worker`: the dispatcher alone, beside `invite serve --no-worker`.
#[derive(Debug, Clone, Args)]
pub struct WorkerArgs {}

/// Runs the dispatcher until it is told to end.
pub(super) async fn run(config: &Config) -> Result<(), CommandError> {
    let (public_url, keyring) = config.required_to_serve()?;
    let parts = Parts::open_to_serve(config, keyring, Schema::Require).await?;
    Ok(app::dispatch_until_stopped(&parts, config, public_url.as_str()).await?)
}
