use crate::{invitation::Rejection, port::PortError};

/// A use case did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The domain says no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Machinery failed.
    #[error(transparent)]
    Port(#[from] PortError),
    /// Others kept changing what the decision rested on; trying later works.
    #[error("too many others were at it at the same time")]
    Contended,
}
