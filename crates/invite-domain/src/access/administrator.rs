//! Who changes the directory, where and when: what every rule on roles, members, keys and settings is given.

use super::Authority;
use crate::{
    directory::Organization,
    id::MembershipId,
    invitation::{Context, Event, EventKind, Fact},
};

/// An actor with standing in an organisation, at one moment.
#[derive(Clone, Copy)]
pub struct Administrator<'a> {
    /// The present, randomness and the operator's bounds.
    pub context: &'a Context<'a>,
    /// Where.
    pub organization: &'a Organization,
    /// Who, and what they hold.
    pub authority: &'a Authority,
}

impl Administrator<'_> {
    /// An event of this actor in this organisation. `sequence` is the version of the thing after it.
    pub(crate) fn event(
        &self,
        kind: EventKind,
        sequence: i64,
        data: impl IntoIterator<Item = (&'static str, Fact)>,
    ) -> Event {
        self.context.event(self.organization.id, kind, self.authority.actor(), sequence, data)
    }

    /// The same about a member.
    pub(crate) fn membership_event(
        &self,
        kind: EventKind,
        membership: MembershipId,
        sequence: i64,
        data: impl IntoIterator<Item = (&'static str, Fact)>,
    ) -> Event {
        Event { membership_id: Some(membership), ..self.event(kind, sequence, data) }
    }
}
