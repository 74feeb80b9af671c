use super::PortError;
use crate::{invitation::Budget, time::Timestamp};
use async_trait::async_trait;

/// A budget somebody wants to spend one attempt of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spending {
    /// Whose budget: a fixed word and an id or a digest, nothing a client can choose freely.
    pub key: String,
    /// How much there is, in fixed windows counted from the epoch.
    pub budget: Budget,
}

/// Counts attempts, over all replicas (rule 7.6).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Limiter: Send + Sync {
    /// Counts one attempt against every budget, in a commit of its own and before the attempt is made.
    ///
    /// MUST admit exactly `limit` attempts a window under any concurrency. Where one budget is used up it MUST count
    /// against none and answer when the window ends.
    async fn take(&self, spendings: &[Spending], now: Timestamp) -> Result<Option<Timestamp>, PortError>;

    /// Gives an attempt back that succeeded. MUST NOT let a count fall below zero, and does nothing once the window
    /// is over.
    async fn give_back(&self, spendings: &[Spending], taken_at: Timestamp) -> Result<(), PortError>;
}
