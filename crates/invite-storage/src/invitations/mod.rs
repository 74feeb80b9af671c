//! Invitations: loads, lists, events and lapses.

mod coverage;
mod events;
mod filter;
mod lapsed;
mod list;
pub(crate) mod load;
mod port;
pub(crate) mod record;
