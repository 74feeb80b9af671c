use super::CommandError;
use crate::{
    config::Config,
    parts::{Parts, Schema},
};
use clap::{Args, Subcommand};
use std::io::Write;

/// `invite operator-key`: the key of the installation's operator.
#[derive(Debug, Clone, Args)]
pub struct OperatorKeyArgs {
    /// What to do with it
    #[command(subcommand)]
    pub command: OperatorKeyCommand,
}

/// What to do with the operator key.
#[derive(Debug, Clone, Subcommand)]
pub enum OperatorKeyCommand {
    /// Replace a lost key; the old one ends, and what was issued with it is suspended
    New,
}

/// Replaces the key. The new one is shown once.
pub(super) async fn run(
    arguments: &OperatorKeyArgs,
    config: &Config,
    out: &mut dyn Write,
    hint: &mut dyn Write,
) -> Result<(), CommandError> {
    let OperatorKeyCommand::New = arguments.command;
    let parts = Parts::open(config, config.required_keyring()?, Schema::Require).await?;
    if parts.directory_store.is_empty().await? {
        return Err(CommandError::Failed("the installation is not set up: run `invite setup`".to_owned()));
    }
    let key = parts.directory.new_operator_key().await?;
    writeln!(out, "{}", key.expose())?;
    writeln!(hint, "the old key ended; keep this one now: it is not stored and not shown again")?;
    Ok(())
}
