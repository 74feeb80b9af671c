//! Instants as arguments.

use chrono::{DateTime, Utc};
use invite_domain::time::{Timestamp, to_micros};

/// Reads an instant with its offset from UTC ([RFC 3339](https://www.rfc-editor.org/rfc/rfc3339)).
pub(super) fn parse(text: &str) -> Result<Timestamp, String> {
    let at = DateTime::parse_from_rfc3339(text);
    at.map(|at| to_micros(at.with_timezone(&Utc))).map_err(|_| "an instant reads like 2026-11-21T08:00:00Z".to_owned())
}
