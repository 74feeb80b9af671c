//! What a redemption gives.

use super::{Held, permission::PermissionSet, role::Role};
use crate::id::RoleId;

/// What a redemption gives: a role, direct permissions beside it, a default rate and metadata.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Grant {
    /// The role, if any.
    pub role_id: Option<RoleId>,
    /// Permissions granted apart from the role; they stay apart (rule 6.1).
    pub permissions: PermissionSet,
    /// A rate carried to the membership, in cents an hour.
    pub default_rate: Option<i64>,
    /// A JSON object carried to the membership, as text; never interpreted here.
    pub metadata: Option<String>,
}

impl Grant {
    /// What the grant lets its holder do, where `role` is the grant's role as it stands now.
    pub fn held(&self, role: Option<&Role>) -> Held {
        match role {
            Some(role) if self.permissions.is_empty() => role.held(),
            Some(role) => role.held().union(&Held::Only(self.permissions.clone())),
            None => Held::Only(self.permissions.clone()),
        }
    }
}
