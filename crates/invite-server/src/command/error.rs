use crate::{config::ConfigError, keyring::KeyringError};
use std::process::ExitCode;

/// Why a command failed. Each prints as one line that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The arguments are wrong.
    #[error("{0}")]
    Usage(String),
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The key ring is wrong.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Who read the output reads no more, as `head` does: there is nobody to tell.
    #[error("the output was closed")]
    Unread,
    /// Something else went wrong.
    #[error("{0}")]
    Failed(String),
}

impl CommandError {
    /// 2 for what the caller wrote, 1 for what happened.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) | Self::Config(_) | Self::Keyring(_) => ExitCode::from(2),
            Self::Unread | Self::Failed(_) => ExitCode::FAILURE,
        }
    }
}

impl From<std::io::Error> for CommandError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::Unread,
            _ => Self::Failed(error.to_string()),
        }
    }
}
