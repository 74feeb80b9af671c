//! Lists: filter, sort by (key, id), cut a page.

use super::{MemoryStore, state::State};
use crate::broken::Fault;
use chrono::SecondsFormat;
use invite_domain::{
    email::EmailAddress,
    id::OrganizationId,
    invitation::{Event, Status},
    page::{Page, PageRequest, Position},
    phone::PhoneNumber,
    port::{EventFilter, InvitationFilter, InvitationRecord, SortKey},
    time::Timestamp,
};
use uuid::Uuid;

/// How the next page finds where it begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// After what sorts up to the position.
    AfterPosition,
    /// After as many rows as were read: a mistake.
    ByCount,
    /// After the row the page before ended on, which must still be there: a mistake.
    AtLastRow,
}

impl MemoryStore {
    pub(super) fn list_invitations(
        &self,
        organization: OrganizationId,
        filter: &InvitationFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Page<InvitationRecord> {
        let state = self.state();
        let rows = state
            .invitations
            .values()
            .filter(|row| row.organization_id == organization || self.has(Fault::ForeignInvitationVisible))
            .map(|row| state.record(row))
            .filter(|record| self.matches(&state, record, filter, now))
            .map(|record| (self.sort_position(&record, filter.sort), record))
            .collect();
        let begin =
            self.begin(&[(Fault::PagesByCount, Begin::ByCount), (Fault::PagesNeedTheirLastRow, Begin::AtLastRow)]);
        self.cut_from(begin, rows, page, filter.descending)
    }

    fn matches(&self, state: &State, record: &InvitationRecord, filter: &InvitationFilter, now: Timestamp) -> bool {
        let invitation = &record.invitation;
        let is = |wanted: Option<Uuid>, found: Option<Uuid>| wanted.is_none() || wanted == found;
        let status = self.listed_status(record, now);
        (filter.statuses.is_empty() || filter.statuses.contains(&status))
            && is(filter.role_id.map(|id| id.as_uuid()), invitation.grant.role_id.map(|id| id.as_uuid()))
            && is(filter.inviter_id, Some(invitation.inviter.id))
            && (filter.recipient_kind.is_none_or(|kind| invitation.recipient.kind() == kind)
                || self.has(Fault::RecipientKindIgnored))
            && is(filter.batch_id.map(|id| id.as_uuid()), invitation.batch_id.map(|id| id.as_uuid()))
            && filter.delivery.is_none_or(|wanted| {
                if self.has(Fault::AnyDeliveryCounts) {
                    return state.messages_of(invitation.id).any(|message| message.state == wanted);
                }
                record.deliveries.iter().any(|delivery| delivery.state == wanted)
            })
            && filter.query.as_ref().is_none_or(|query| self.mentions(record, query))
    }

    fn listed_status(&self, record: &InvitationRecord, now: Timestamp) -> Status {
        let late = record.invitation.expires_at == now && self.has(Fault::ExpiryAMomentLate);
        match record.status(now) {
            Status::Suspended if self.has(Fault::SuspendedShownAsPending) => Status::Pending,
            Status::Expired if late => Status::Pending,
            status => status,
        }
    }

    fn mentions(&self, record: &InvitationRecord, query: &str) -> bool {
        let recipient = &record.invitation.recipient;
        let phone = recipient.phone().filter(|_| recipient.email().is_none()).map(PhoneNumber::as_str);
        let texts = [
            record.invitation.recipient.email().map(EmailAddress::as_str),
            record.invitation.recipient.email().map(EmailAddress::key),
            phone,
            record.role.as_ref().map(|role| role.name.as_str()),
            record.inviter.name(),
        ];
        let jokers = self.has(Fault::WildcardsNotLiteral) && query.contains(['%', '_']);
        jokers || texts.into_iter().flatten().any(|text| contains(text, query))
    }

    pub(super) fn list_events(
        &self,
        organization: OrganizationId,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Page<Event> {
        let state = self.state();
        let rows = state
            .events
            .values()
            .filter(|event| {
                event.organization_id == organization
                    && filter.kind.is_none_or(|kind| event.kind == kind)
                    && filter.invitation_id.is_none_or(|id| event.invitation_id == Some(id))
                    && filter.actor_id.is_none_or(|id| event.actor.id == Some(id))
                    && filter.since.is_none_or(|since| event.recorded_at >= since)
                    && filter.before.is_none_or(|before| event.recorded_at < before)
            })
            .map(|event| (position(event.recorded_at, event.id.as_uuid()), (**event).clone()))
            .collect();
        self.cut_from(self.begin(&[(Fault::EventPagesByCount, Begin::ByCount)]), rows, page, false)
    }

    fn sort_position(&self, record: &InvitationRecord, sort: SortKey) -> (String, Uuid) {
        let invitation = &record.invitation;
        let id = invitation.id.as_uuid();
        match sort {
            SortKey::CreatedAt => position(invitation.created_at, id),
            SortKey::ExpiresAt if self.has(Fault::WholeSecondsSortedLast) => {
                (invitation.expires_at.to_rfc3339_opts(SecondsFormat::AutoSi, true), id)
            }
            SortKey::ExpiresAt => position(invitation.expires_at, id),
            SortKey::Email if self.has(Fault::AddressesSortedAsUtf16) => {
                (sorted_utf16(&invitation.recipient.key()), id)
            }
            SortKey::Email => (invitation.recipient.key().into_owned(), id),
            SortKey::Number if self.has(Fault::NumbersSortedAsText) => (invitation.number.to_string(), id),
            SortKey::Number => (sorted_number(invitation.number), id),
            SortKey::DefaultRate if self.has(Fault::NoRateTakenForZero) => {
                (sorted_number(invitation.grant.default_rate.unwrap_or_default()), id)
            }
            SortKey::DefaultRate => (invitation.grant.default_rate.map_or_else(String::new, sorted_number), id),
        }
    }

    /// How pages begin in a list that has these faults.
    pub(super) fn begin(&self, faults: &[(Fault, Begin)]) -> Begin {
        faults.iter().find(|(fault, _)| self.has(*fault)).map_or(Begin::AfterPosition, |(_, begin)| *begin)
    }

    /// Sorts rows by their positions and cuts the page out.
    pub(super) fn cut_from<T>(
        &self,
        begin: Begin,
        mut rows: Vec<((String, Uuid), T)>,
        page: &PageRequest,
        descending: bool,
    ) -> Page<T> {
        rows.sort_by(|(one, _), (other, _)| if descending { other.cmp(one) } else { one.cmp(other) });
        let mut total = page.include_total.then_some(rows.len() as u64);
        let mut before = 0;
        if let (Begin::ByCount, Some(after)) = (begin, &page.after) {
            before = after.key.parse::<usize>().unwrap_or_default();
            rows.drain(..before.min(rows.len()));
        } else if let Some(after) = &page.after {
            let there = rows.iter().any(|((key, id), _)| (key, id) == (&after.key, &after.id));
            if begin == Begin::AtLastRow && !there {
                rows.clear();
            }
            let after = (after.key.clone(), after.id);
            rows.retain(|(position, _)| {
                if self.has(Fault::TiesSkippedBetweenPages) && position.0 == after.0 {
                    return false;
                }
                if descending { *position < after } else { *position > after }
            });
        }
        if self.has(Fault::SkippedNotCounted) {
            total = total.map(|total| total.saturating_sub(page.skip));
        }
        let skipped = usize::try_from(page.skip).unwrap_or(usize::MAX).min(rows.len());
        if !self.has(Fault::SkipIgnored) {
            rows.drain(..skipped);
        }
        let limit = page.limit.try_into().unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let seen = (before + rows.len()).to_string();
        let last = rows.last().filter(|_| more).map(|((key, id), _)| {
            let key = if begin == Begin::ByCount { seen } else { key.clone() };
            Position { key, id: *id }
        });
        Page { items: rows.into_iter().map(|(_, row)| row).collect(), next: last, total }
    }
}

/// Text as text that sorts like its UTF-16.
fn sorted_utf16(text: &str) -> String {
    text.encode_utf16().filter_map(|unit| char::from_u32(0x1_0000 + u32::from(unit))).collect()
}

/// A number as text that sorts like the number.
fn sorted_number(number: i64) -> String {
    format!("{:020}", i128::from(number) - i128::from(i64::MIN))
}

/// An instant as text that sorts like the instant.
pub(super) fn position(at: Timestamp, id: Uuid) -> (String, Uuid) {
    (at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(), id)
}

/// Whether a text holds another, without regard to ASCII case.
pub(super) fn contains(text: &str, part: &str) -> bool {
    text.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
}
