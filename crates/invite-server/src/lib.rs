//! The invitation service: configuration, wiring and the command line.
//!
//! This crate is the outermost ring: it reads the configuration, gives the domain its clock, entropy and password
//! hasher, joins the adapters and runs them. It holds no rule of an invitation.
//!
//! - [`config`]: one table of keys, read from flags, environment and file, in this order of precedence.
//! - [`command`]: the command line of the binary `invite`.
//! - [`parts`]: the adapters joined to the use cases.
//! - [`app`]: the service, from its socket to its graceful end; [`worker`] is its dispatcher.
//! - [`keyring`]: the key ring in its file.
//! - [`runtime`]: the operating system's clock and entropy, and Argon2id.
//! - [`logging`] and [`metrics`]: what an operator sees.

pub mod app;
mod channel;
pub mod command;
pub mod config;
mod failure;
mod health;
pub mod keyring;
pub mod logging;
pub mod metrics;
mod observe;
pub mod parts;
mod port_file;
pub mod runtime;
mod stop;
mod turns;
pub mod worker;
