//! The rules of an invitation: who may invite whom to what, what a link is worth, and what using it gives.
//!
//! This crate is the inside of a hexagon. It knows no database, no network, no clock and no random number generator: what it
//! needs of the world it asks through [`port`]s. What it knows is the law:
//!
//! - [`access`]: permissions, roles, grants and the authority of an actor;
//! - [`invitation`]: the lifecycle and one pure rule a file, `fn(&Facts, &Command, &Context) -> Result<Plan, Rejection>`;
//! - [`secret`]: tokens, the key ring, bearer credentials;
//! - [`directory`]: organisations, accounts and memberships as the rules see them;
//! - [`service`]: the use cases, *load → decide → commit*, each one load and one commit;
//! - [`port`]: what an embedder implements, each trait with a `mockall` mock behind the feature `mock`.
//!
//! A rule answers a [`Plan`](invitation::Plan): plain data that lists everything that must change together, and the guards
//! under which that is still true. A store applies it whole, or answers that it is stale and writes nothing; the use case
//! then loads and decides again. So no limit is checked in one place and used up in another.
//!
//! What this crate does not do: deliver messages, speak HTTP, store anything, hash passwords, wait.
//!
//! # Example
//!
//! Permissions are compared as sets, never by the names of roles:
//!
//! ```
//! use invite_domain::access::{Held, PermissionSet, SystemRole};
//!
//! let grant = Held::Only(PermissionSet::parse(["invitations.read", "timesheets.write"]).unwrap());
//! assert!(SystemRole::Owner.held().covers(&grant));
//! // An administrator cannot give what he does not hold himself.
//! assert!(!SystemRole::Admin.held().covers(&grant));
//! ```

pub mod access;
pub mod directory;
pub mod email;
pub mod id;
pub mod invitation;
pub mod page;
pub mod phone;
pub mod port;
pub mod secret;
pub mod service;
pub mod time;
