//! The bundled directory's use cases over the in-memory store.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

mod address;
mod administration;
mod credentials;
mod desk;
mod gatego;
mod groups;
mod links;
mod logos;
mod operator;
mod recent;
mod renewal;
mod sessions;

use desk::Desk;
