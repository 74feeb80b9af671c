//! The organisation's invitations at the console: the list, issuing, one invitation with all that is done to it.

mod actions;
mod addresses;
mod edit;
mod elsewhere;
mod fields;
mod issue;
mod list;
mod one;
mod preview;
mod reveal;
pub(super) mod shown;
mod timeline;

use super::{does, shows};
use crate::endpoint::Paths;

/// The list, and the beginning of every path below it.
pub(super) const PATH: &str = "/console/invitations";

pub(super) fn register(paths: &mut Paths) {
    let mut at = |path: &str, routes| paths.add(path, routes);
    at(PATH, vec![shows(list::show)]);
    at("/console/invitations/new", vec![shows(issue::show), does(issue::act)]);
    at("/console/invitations/preview", vec![shows(preview::document)]);
    at("/console/invitations/{id}", vec![shows(one::show), does(actions::act)]);
    at("/console/invitations/{id}/edit", vec![shows(edit::show), does(edit::act)]);
}
