use crate::time::Timestamp;

/// The present.
///
/// An implementation MUST answer whole microseconds ([`crate::time::to_micros`]) and SHOULD never run backwards.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync {
    /// The instant it is now.
    fn now(&self) -> Timestamp;
}
