//! Invitations: loads, lists, events and lapses.

mod actor;
pub(crate) mod coverage;
mod events;
mod filter;
mod issuing;
mod joined;
mod kinds;
mod known;
mod lapsed;
mod list;
pub(crate) mod load;
mod load_many;
mod one;
mod port;
mod rare;
mod recent;
pub(crate) mod record;
mod redeeming;
mod reminders;
mod shared;
mod shown;
mod text;
mod view;

pub(crate) use kinds::{Invitations, Issues, Redemptions, Views};
pub(crate) use known::Known;
pub(crate) use recent::RecentIssues;
pub(crate) use shared::{InFull, Looks};
