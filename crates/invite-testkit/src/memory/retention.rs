//! Deleting what has ended.

use super::{MemoryStore, state::State};
use crate::broken::Fault;
use async_trait::async_trait;
use invite_domain::{
    id::{InvitationId, MessageId},
    invitation::{Channel, Cutoffs, Invitation, MessageKind, OutboxMessage, State as Lifecycle},
    port::{PortError, Purged, Retention},
    time::Timestamp,
};
use std::collections::BTreeMap;

#[async_trait]
impl Retention for MemoryStore {
    async fn purge(&self, cutoffs: &Cutoffs, limit: u32) -> Result<Purged, PortError> {
        let mut guard = self.state();
        let state = &mut *guard;
        let mut purged = Purged::default();
        let limit = if self.has(Fault::PurgesWithoutLimit) { u32::MAX } else { limit };
        let room = usize::try_from(limit).unwrap_or(usize::MAX);

        let given = delete(&mut state.idempotency, room, |_, row| row.created_at <= cutoffs.idempotency_before);
        purged.idempotency = count(given.len());
        let sessions = delete(&mut state.sessions, room, |_, row| {
            row.expires_at <= cutoffs.sessions_before || row.last_seen_at <= cutoffs.sessions_idle_before
        });
        purged.sessions = count(sessions.len());
        let counters = delete(&mut state.counters, room, |(_, length), (window, _)| {
            let end = window.saturating_add(1).saturating_mul(*length);
            end <= cutoffs.counters_before.timestamp_micros() || self.has(Fault::PurgesRunningCounters)
        });
        purged.counters = count(counters.len());
        let links = delete(&mut state.account_tokens, room, |_, row| {
            row.expires_at.min(row.used_at.unwrap_or(row.expires_at)) <= cutoffs.account_links_before
        });
        purged.account_links = count(links.len());
        purged.messages = count(self.purge_messages(state, cutoffs, room));
        purged.invitations = count(self.purge_invitations(state, cutoffs, room));
        let events = delete(&mut state.events, room, |_, row| row.recorded_at <= cutoffs.events_before);
        purged.events = count(events.len());

        purged.organizations = count(self.purge_organizations(state, cutoffs, room));

        let Purged { idempotency, sessions, counters, account_links, messages, invitations, events, .. } = purged;
        let kinds =
            [idempotency, sessions, counters, account_links, messages, invitations, events, purged.organizations];
        purged.more = kinds.into_iter().any(|deleted| deleted >= u64::from(limit));
        Ok(purged)
    }
}

impl MemoryStore {
    /// What a message is the latest of: the invitation as it was sent, not what reminds or tells of it.
    fn place_of(&self, message: &OutboxMessage) -> Option<(InvitationId, Channel)> {
        match message.kind {
            MessageKind::Invitation { invitation_id, .. } => Some((invitation_id, message.channel)),
            MessageKind::Reminder { invitation_id, .. } if self.has(Fault::RemindersStay) => {
                Some((invitation_id, message.channel))
            }
            _ => None,
        }
    }

    fn purge_messages(&self, state: &mut State, cutoffs: &Cutoffs, room: usize) -> usize {
        let mut latest = BTreeMap::<_, (Timestamp, MessageId)>::new();
        for message in state.messages.values().map(|queued| &queued.message) {
            if let Some(place) = self.place_of(message) {
                let newest = latest.entry(place).or_insert((message.created_at, message.id));
                *newest = (*newest).max((message.created_at, message.id));
            }
        }
        let keeps_latest = !self.has(Fault::PurgesLatestMessages);
        let overtaken = |message: &OutboxMessage| {
            let newest = self.place_of(message).and_then(|place| latest.get(&place));
            newest.is_none_or(|newest| *newest != (message.created_at, message.id))
        };
        let deleted = delete(&mut state.messages, room, |_, queued| {
            let settled = queued.message.settled_at.is_some_and(|at| at <= cutoffs.messages_settled_before);
            settled && (!keeps_latest || overtaken(&queued.message))
        });
        deleted.len()
    }

    /// Takes organisations with everything of their own.
    fn purge_organizations(&self, state: &mut State, cutoffs: &Cutoffs, room: usize) -> usize {
        if self.has(Fault::DeletedOrganizationsKept) {
            return 0;
        }
        let deleted = delete(&mut state.organizations, room, |_, row| {
            row.deleted_at.is_some_and(|at| at <= cutoffs.organizations_deleted_before)
        });
        for (id, _) in &deleted {
            state.logos.retain(|(of, _), _| of != id);
            state.old_slugs.retain(|(_, of, _)| of != id);
            state.subjects.retain(|(of, _), _| of != id);
            state.roles.retain(|_, row| row.organization_id != *id);
            state.memberships.retain(|_, row| row.organization_id != *id);
            state.sessions.retain(|_, row| row.organization_id != Some(*id));
            state.api_keys.retain(|_, row| row.organization_id != *id);
            state.blocks.retain(|(of, _)| of != id);
            state.invitations.retain(|_, row| row.organization_id != *id);
            state.redemptions.retain(|row| row.organization_id != *id);
            state.events.retain(|_, row| row.organization_id != *id);
            state.messages.retain(|_, queued| queued.message.organization_id != Some(*id));
        }
        deleted.len()
    }

    fn purge_invitations(&self, state: &mut State, cutoffs: &Cutoffs, room: usize) -> usize {
        let deleted = delete(&mut state.invitations, room, |_, row| {
            let counts = row.state != Lifecycle::Pending || !self.has(Fault::ExpiredKeptForEver);
            counts && end_of(row) <= cutoffs.invitations_ended_before
        });
        for (id, _) in &deleted {
            state.redemptions.retain(|redemption| redemption.invitation_id != *id);
            state.messages.retain(|_, queued| queued.message.kind.invitation_id() != Some(*id));
            if self.has(Fault::EventsGoWithInvitations) {
                state.events.retain(|_, event| event.invitation_id != Some(*id));
            }
        }
        deleted.len()
    }
}

/// When an invitation ended, or will end by itself.
fn end_of(invitation: &Invitation) -> Timestamp {
    invitation.state.ended_at().unwrap_or(invitation.expires_at)
}

/// Takes up to `room` rows out of a table.
fn delete<K: Clone + Ord, V>(rows: &mut BTreeMap<K, V>, room: usize, ended: impl Fn(&K, &V) -> bool) -> Vec<(K, V)> {
    let keys: Vec<_> =
        rows.iter().filter(|(key, row)| ended(key, row)).map(|(key, _)| key.clone()).take(room).collect();
    keys.iter().filter_map(|key| rows.remove_entry(key)).collect()
}

fn count(rows: usize) -> u64 {
    rows.try_into().unwrap_or(u64::MAX)
}
