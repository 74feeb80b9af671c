//! The command line of the binary `invite`: a file a command.

mod administrator;
mod again;
mod backup;
mod check;
mod dead_letters;
mod dev;
mod doctor;
mod erase;
mod error;
mod events;
mod instant;
mod invalidate;
mod issue;
mod json;
mod keys;
mod list;
mod migrate;
mod openapi;
mod operator_key;
mod refusal;
mod resend;
mod revoke;
mod serve;
mod setup;
mod show;
mod templates;
mod usage;
mod worker;

pub use backup::BackupArgs;
pub use check::CheckArgs;
pub use dead_letters::{DeadLettersArgs, DeadLettersCommand};
pub use dev::DevArgs;
pub use doctor::DoctorArgs;
pub use erase::EraseArgs;
pub use error::CommandError;
pub use events::EventsArgs;
pub use invalidate::InvalidateArgs;
pub use issue::IssueArgs;
pub use keys::{KeysArgs, KeysCommand};
pub use list::{ListArgs, StatusArg};
pub use migrate::MigrateArgs;
pub use openapi::OpenapiArgs;
pub use operator_key::{OperatorKeyArgs, OperatorKeyCommand};
pub use resend::ResendArgs;
pub use revoke::RevokeArgs;
pub use serve::ServeArgs;
pub use setup::SetupArgs;
pub use templates::{TemplatesArgs, TemplatesCommand};
pub use worker::WorkerArgs;

use administrator::block_on;

use crate::{
    config::{Config, ConfigError, LogConfig},
    runtime::OsEntropy,
};
use clap::{Args, Parser, Subcommand};
use std::{ffi::OsString, io::Write, path::PathBuf, process::ExitCode};

/// Invitations for organisations: issue, deliver, redeem.
#[derive(Debug, Parser)]
#[command(name = "invite", version, arg_required_else_help = true, propagate_version = true)]
pub struct Cli {
    /// The flags every command takes.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The flags every command takes. They win over the environment and the configuration file.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Configuration")]
pub struct GlobalArgs {
    /// Configuration file (TOML) [environment: `INVITE_CONFIG`]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Database [environment: `INVITE_DATABASE_URL`]
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Address and port to listen on [environment: `INVITE_LISTEN`]
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Base of every link [environment: `INVITE_PUBLIC_URL`]
    #[arg(long, global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// File of the key ring [environment: `INVITE_KEYRING_FILE`]
    #[arg(long, global = true, value_name = "FILE")]
    pub keyring_file: Option<String>,
    /// What to log: a level or a filter [environment: `INVITE_LOG`]
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
}

impl GlobalArgs {
    /// Reads the configuration with these flags over everything else.
    pub fn load(&self, environment: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Config, ConfigError> {
        Config::load(self.config.as_deref(), self.overrides(), environment)
    }

    fn overrides(&self) -> Vec<(&'static str, String)> {
        [
            ("INVITE_DATABASE_URL", &self.database_url),
            ("INVITE_LISTEN", &self.listen),
            ("INVITE_PUBLIC_URL", &self.public_url),
            ("INVITE_KEYRING_FILE", &self.keyring_file),
            ("INVITE_LOG", &self.log),
        ]
        .into_iter()
        .filter_map(|(env, value)| value.clone().map(|value| (env, value)))
        .collect()
    }
}

/// Which organisation a command is about.
#[derive(Debug, Clone, Default, Args)]
pub struct OrganizationArg {
    /// Organisation, by slug or id; needed where there are several
    #[arg(long, value_name = "ORGANIZATION")]
    pub organization: Option<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Try it: everything embedded on a loopback address, with a local mailbox
    ///
    /// It keeps a database, a key ring and a mailbox in a folder of its own. Those of the configuration, its public URL and
    /// its mail server are left aside, so that trying something out reaches neither real data nor real people.
    Dev(DevArgs),
    /// Run the service
    Serve(ServeArgs),
    /// Run the dispatcher of messages alone
    Worker(WorkerArgs),
    /// Apply or show database migrations
    Migrate(MigrateArgs),
    /// Make the first organisation, its owner and its API key
    Setup(SetupArgs),
    /// Issue an invitation
    Issue(IssueArgs),
    /// List invitations
    List(ListArgs),
    /// Send an invitation again; its old link ends
    Resend(ResendArgs),
    /// Withdraw an invitation
    Revoke(RevokeArgs),
    /// Make links dead, after a backup was restored for instance
    ///
    /// Their invitations are revoked, those of all organisations unless one is named; with `--resend` they get new links
    /// instead. Safe to run again.
    Invalidate(InvalidateArgs),
    /// Print the audit trail, a line of JSON an event
    Events(EventsArgs),
    /// Erase a person from everything that is stored
    ///
    /// The audit trail keeps its entries, without names and addresses. There is no way back.
    Erase(EraseArgs),
    /// List messages that were given up, or queue them again
    DeadLetters(DeadLettersArgs),
    /// Make and change the key ring
    Keys(KeysArgs),
    /// Replace the operator's key
    OperatorKey(OperatorKeyArgs),
    /// Look at the mails, start templates of your own, check them
    Templates(TemplatesArgs),
    /// Copy the SQLite database, consistently
    Backup(BackupArgs),
    /// Look through the database for what must never be
    ///
    /// It reads at one moment and writes nothing: the service may run. Exit code 1 where something is wrong.
    Check(CheckArgs),
    /// Check configuration, database, mail server, issuers and clock
    Doctor(DoctorArgs),
    /// Print the OpenAPI document
    Openapi(OpenapiArgs),
}

impl Command {
    /// What is logged where nobody asks for more: of a command that prints its result only what is wrong; to somebody who
    /// tries the service not what libraries say at each start.
    fn log(&self, config: &Config) -> LogConfig {
        let filter = match self {
            _ if config.log.filter != "info" => config.log.filter.as_str(),
            Self::Serve(_) | Self::Worker(_) => "info",
            Self::Dev(_) => "info,actix_server=warn,sea_orm_migration=warn",
            _ => "warn",
        };
        LogConfig { filter: filter.to_owned(), ..config.log.clone() }
    }
}

/// Runs one command line and answers the process's exit code: 0 done; 1 failed; 2 refused for its arguments or its
/// configuration. A failure is one line on standard error.
pub fn main(
    arguments: impl IntoIterator<Item = OsString>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> ExitCode {
    let result = match Cli::try_parse_from(arguments) {
        Ok(cli) => run(cli, environment),
        Err(error) => usage::answer(&error),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ CommandError::Unread) => error.exit_code(),
        Err(error) => {
            // Where standard error is closed there is nobody left to tell; the exit code still says it.
            let _ = writeln!(std::io::stderr(), "invite: {error}");
            error.exit_code()
        }
    }
}

fn run(cli: Cli, environment: impl IntoIterator<Item = (OsString, OsString)>) -> Result<(), CommandError> {
    let (out, hint) = (&mut std::io::stdout(), &mut std::io::stderr());
    let config = match (cli.global.load(environment), &cli.command) {
        // It reads no setting.
        (_, Command::Openapi(_)) => return openapi::run(out),
        // It tells itself what is wrong with the settings.
        (Err(error), Command::Doctor(_)) => return block_on(doctor::run(Err(error), out)),
        (config, _) => config?,
    };
    let _log =
        crate::logging::init(&cli.command.log(&config)).map_err(|error| CommandError::Failed(error.to_string()))?;
    match cli.command {
        Command::Dev(arguments) => block_on(dev::run(arguments, &config, out)),
        Command::Serve(arguments) => block_on(serve::run(arguments, &config)),
        Command::Worker(_) => block_on(worker::run(&config)),
        Command::Migrate(arguments) => block_on(migrate::run(&arguments, &config, out, hint)),
        Command::Setup(arguments) => block_on(setup::run(&arguments, &config, out)),
        Command::Issue(arguments) => block_on(issue::run(&arguments, &config, out, hint)),
        Command::List(arguments) => block_on(list::run(&arguments, &config, out, hint)),
        Command::Resend(arguments) => block_on(resend::run(&arguments, &config, out, hint)),
        Command::Revoke(arguments) => block_on(revoke::run(&arguments, &config, out)),
        Command::Invalidate(arguments) => block_on(invalidate::run(&arguments, &config, out, hint)),
        Command::Events(arguments) => block_on(events::run(&arguments, &config, out)),
        Command::Erase(arguments) => block_on(erase::run(&arguments, &config, out, hint)),
        Command::DeadLetters(arguments) => block_on(dead_letters::run(&arguments, &config, out, hint)),
        Command::Keys(arguments) => keys::run(&arguments.command, &config, &OsEntropy, out, hint),
        Command::OperatorKey(arguments) => block_on(operator_key::run(&arguments, &config, out, hint)),
        Command::Templates(arguments) => templates::run(&arguments.command, &config, out, hint),
        Command::Backup(arguments) => block_on(backup::run(&arguments, &config, out, hint)),
        Command::Check(arguments) => block_on(check::run(&arguments, &config, out)),
        Command::Doctor(_) => block_on(doctor::run(Ok(config), out)),
        Command::Openapi(_) => openapi::run(out),
    }
}
