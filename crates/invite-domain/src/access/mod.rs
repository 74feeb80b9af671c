//! Who may give what to whom: permissions, roles, grants and the authority of an actor (rules part 6).

pub mod administrator;
pub mod authority;
pub mod gatego;
pub mod grant;
pub mod key_edit;
pub mod member_edit;
pub mod permission;
pub mod role;
pub mod role_edit;
#[cfg(test)]
pub(crate) mod test_support;

pub use administrator::Administrator;
pub use authority::{Actor, ActorFacts, ActorKind, Authority, Inviter, InviterKind, MemberFacts};
pub use gatego::GategoRole;
pub use grant::Grant;
pub use key_edit::NewApiKey;
pub use member_edit::ChangeMember;
pub use permission::{Held, InvalidPermission, Permission, PermissionSet};
pub use role::{Role, RoleScope, SystemRole};
pub use role_edit::{ChangeRole, NewRole};
