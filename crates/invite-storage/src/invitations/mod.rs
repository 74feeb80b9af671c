//! Invitations: loads, lists, events and lapses.

pub(crate) mod coverage;
mod events;
mod filter;
mod lapsed;
mod list;
pub(crate) mod load;
mod load_many;
mod one;
mod port;
pub(crate) mod record;
mod reminders;
mod shared;
mod shown;

pub(crate) use shared::{InvitationLoads, IssueLoads, RedemptionLoads};
