//! Forms that were made for a version that is no more.

use invite_domain::{invitation::Rejection, service::ServiceError};

/// Whether a form was refused because somebody changed meanwhile what it is about. It is then shown as it is now: with what
/// was typed it would undo that change, unseen.
pub(super) const fn is_stale(error: &ServiceError) -> bool {
    matches!(error, ServiceError::Rejected(Rejection::VersionMismatch { .. }))
}
