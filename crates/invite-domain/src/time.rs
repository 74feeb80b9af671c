//! Instants and lengths of time.
//!
//! Every instant the domain handles is a whole number of microseconds: what all supported databases keep. The
//! [`Clock`](crate::port::Clock) port promises it, so equality survives a round trip through any store.

use chrono::{DateTime, Duration, SubsecRound, Utc};

/// An instant in UTC at microsecond precision.
pub type Timestamp = DateTime<Utc>;

/// Cuts an instant to whole microseconds.
pub fn to_micros(at: DateTime<Utc>) -> Timestamp {
    at.trunc_subsecs(6)
}

/// A length of time in whole seconds.
pub fn seconds(count: i64) -> Duration {
    Duration::seconds(count)
}
