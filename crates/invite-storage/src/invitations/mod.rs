//! Invitations: loads, lists, events and lapses.

pub(crate) mod coverage;
mod events;
mod filter;
mod lapsed;
mod list;
pub(crate) mod load;
mod port;
pub(crate) mod record;
mod reminders;
