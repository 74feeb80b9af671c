use std::error::Error;

/// Machinery failed; the domain has no opinion on it. The cause is for the log, never for a client.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// Not now: the database is away, the pool is empty, a transaction was retried too often. Trying later may work.
    #[error("a part of the service is not available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A bounded queue is full.
    #[error("the service is overloaded")]
    Overloaded,
    /// A stored row says what no row should.
    #[error("stored data is not as it should be")]
    Corrupt(#[source] Box<dyn Error + Send + Sync>),
    /// Anything else.
    #[error("an unexpected failure")]
    Other(#[source] Box<dyn Error + Send + Sync>),
}

impl PortError {
    /// A passing failure with its cause.
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(cause.into())
    }

    /// A corrupt row with what is wrong with it.
    pub fn corrupt(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Corrupt(cause.into())
    }

    /// Any other failure with its cause.
    pub fn other(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Other(cause.into())
    }

    /// Whether trying later may work.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Overloaded)
    }
}
