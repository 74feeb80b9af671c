use std::path::PathBuf;

/// Why a configuration is refused. Each prints as one line that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A name that is none of our keys, in the environment or in the file.
    #[error("{name} in {place} is not a setting: did you mean {nearest}?")]
    Unknown {
        /// The name as it was found.
        name: String,
        /// Where it was found.
        place: String,
        /// The known key that resembles it most.
        nearest: String,
    },
    /// A value that its key cannot have.
    #[error("{name}{value}: {reason}")]
    Invalid {
        /// The key, as the person who set it would name it.
        name: String,
        /// ` is ` and the value in quotes; empty where the value may hold a secret.
        value: String,
        /// What to change.
        reason: String,
    },
    /// Values that are right alone but not together, or a value that is needed and missing.
    #[error("{0}")]
    Together(String),
    /// The configuration file cannot be read.
    #[error("the configuration file {path} cannot be read: {cause}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's word.
        cause: std::io::Error,
    },
    /// The configuration file is not TOML.
    #[error("the configuration file {path} is not TOML: line {line}: {reason}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line of the mistake, from 1.
        line: usize,
        /// What is wrong there. Never the line itself, since it may hold a secret.
        reason: String,
    },
}
