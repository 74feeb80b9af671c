//! Lists: filter, sort by key and id, cut a page. A database does this with `where`, `order by` and `limit`.

use crate::tables::Tables;
use invite_domain::{
    access::{MemberFacts, SystemRole, permission},
    email::EmailAddress,
    id::{AccountId, OrganizationId},
    invitation::{DeliveryState, Event, Invitation, Status},
    page::{Page, PageRequest, Position},
    phone::PhoneNumber,
    port::{EventFilter, InvitationFilter, InvitationRecord, PortError, ReminderFacts, SortKey},
    time::Timestamp,
};
use std::collections::BTreeSet;
use uuid::Uuid;

impl Tables {
    pub(crate) fn list(
        &self,
        organization: OrganizationId,
        filter: &InvitationFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<InvitationRecord>, PortError> {
        let mut rows = Vec::new();
        for invitation in self.invitations.rows().filter(|it| it.organization_id == organization) {
            let record = self.record(invitation)?;
            if matches(&record, filter, now) {
                let key = match filter.sort {
                    SortKey::CreatedAt => instant(invitation.created_at),
                    SortKey::ExpiresAt => instant(invitation.expires_at),
                    SortKey::Email => invitation.recipient.key().into_owned(),
                    SortKey::Number => number(invitation.number),
                    // No rate comes before every rate.
                    SortKey::DefaultRate => invitation.grant.default_rate.map_or_else(String::new, number),
                };
                rows.push(((key, invitation.id.as_uuid()), record));
            }
        }
        Ok(cut(rows, page, filter.descending))
    }

    pub(crate) fn trail(&self, organization: OrganizationId, filter: &EventFilter, page: &PageRequest) -> Page<Event> {
        let is_wanted = |event: &&Event| {
            event.organization_id == organization
                && filter.kind.is_none_or(|kind| event.kind == kind)
                && filter.invitation_id.is_none_or(|id| event.invitation_id == Some(id))
                && filter.actor_id.is_none_or(|id| event.actor.id == Some(id))
                && filter.since.is_none_or(|since| event.recorded_at >= since)
                && filter.before.is_none_or(|before| event.recorded_at < before)
        };
        let row = |event: &Event| ((instant(event.recorded_at), event.id.as_uuid()), event.clone());
        cut(self.events.rows().filter(is_wanted).map(row).collect(), page, false)
    }

    pub(crate) fn lapsed(&self, limit: u32, now: Timestamp) -> Result<Vec<InvitationRecord>, PortError> {
        let mut lapsed = Vec::new();
        // Nothing can be written about a closed team, so its lapses could never be noted.
        for invitation in self.invitations.rows().filter(|it| self.open_team(it.organization_id).is_some()) {
            let record = self.record(invitation)?;
            let noted = match record.status(now) {
                Status::Expired => invitation.expiry_noted,
                Status::Suspended => invitation.suspension_noted,
                _ => continue,
            };
            if noted < invitation.generation {
                lapsed.push(record);
            }
        }
        lapsed.sort_by_key(|record| (record.invitation.expires_at, record.invitation.id));
        lapsed.truncate(limit.try_into().unwrap_or(usize::MAX));
        Ok(lapsed)
    }

    /// When a reminder is due, the domain says. A store in SQL keeps that instant in an indexed column.
    pub(crate) fn reminders_due(
        &self,
        limit: u32,
        messages_since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<ReminderFacts>, PortError> {
        let is_due = |it: &&Invitation| now < it.expires_at && it.reminder_due_at().is_some_and(|due| due <= now);
        let mut due: Vec<_> = self.invitations.rows().filter(is_due).collect();
        due.retain(|it| self.open_team(it.organization_id).is_some());
        due.sort_by_key(|it| (it.reminder_due_at(), it.id));
        let mut records = due.into_iter().map(|it| self.record(it)).collect::<Result<Vec<_>, _>>()?;
        records.retain(|record| !record.reminder_waits());
        records.truncate(limit.try_into().unwrap_or(usize::MAX));
        let facts = |record: InvitationRecord| {
            let it = &record.invitation;
            let blocked = self.is_blocked(it.organization_id, &it.recipient.live_key());
            ReminderFacts { blocked, messages: self.messages_since(it.id, messages_since), record }
        };
        Ok(records.into_iter().map(facts).collect())
    }

    pub(crate) fn sponsors(&self, organization: OrganizationId, limit: u32) -> Result<Vec<MemberFacts>, PortError> {
        let Some(team) = self.open_team(organization) else { return Ok(Vec::new()) };
        let seats = self.seats.rows().filter(|seat| seat.team == team.id && seat.enabled);
        let mut sponsors = seats.map(|seat| self.member(seat)).collect::<Result<Vec<_>, _>>()?;
        sponsors.retain(|member| member.held().allows(permission::INVITATIONS_SPONSOR));
        let is_owner =
            |member: &MemberFacts| member.role.as_ref().is_some_and(|role| role.system == Some(SystemRole::Owner));
        sponsors.sort_by_key(|member| (!is_owner(member), member.membership.created_at, member.membership.id));
        sponsors.truncate(limit.try_into().unwrap_or(usize::MAX));
        Ok(sponsors)
    }

    pub(crate) fn told_of_suspensions(
        &self,
        organization: OrganizationId,
        accounts: &[AccountId],
        since: Timestamp,
    ) -> Vec<AccountId> {
        let messages = self.messages.rows().map(|queued| &queued.message);
        let told =
            messages.filter(|message| message.organization_id == Some(organization) && message.created_at > since);
        let told = told.filter(|message| message.state != DeliveryState::Cancelled);
        let readers: BTreeSet<_> = told.filter_map(|message| message.kind.told_of_suspension()).collect();
        readers.into_iter().filter(|account| accounts.contains(account)).collect()
    }
}

/// The status is the domain's. A store that filters in SQL writes the same rule there, and the contract suite compares.
fn matches(record: &InvitationRecord, filter: &InvitationFilter, now: Timestamp) -> bool {
    let invitation = &record.invitation;
    (filter.statuses.is_empty() || filter.statuses.contains(&record.status(now)))
        && filter.role_id.is_none_or(|id| invitation.grant.role_id == Some(id))
        && filter.inviter_id.is_none_or(|id| invitation.inviter.id == id)
        && filter.batch_id.is_none_or(|id| invitation.batch_id == Some(id))
        && filter.recipient_kind.is_none_or(|kind| invitation.recipient.kind() == kind)
        && filter.delivery.is_none_or(|state| record.deliveries.iter().any(|delivery| delivery.state == state))
        && filter.query.as_ref().is_none_or(|query| mentions(record, &query.to_ascii_lowercase()))
}

fn mentions(record: &InvitationRecord, query: &str) -> bool {
    let recipient = &record.invitation.recipient;
    let texts = [
        recipient.email().map(EmailAddress::as_str),
        recipient.email().map(EmailAddress::key),
        recipient.phone().map(PhoneNumber::as_str),
        record.role.as_ref().map(|role| role.name.as_str()),
        record.inviter.name(),
    ];
    texts.into_iter().flatten().any(|text| text.to_ascii_lowercase().contains(query))
}

/// An instant as a text that sorts like the instant.
pub(crate) fn instant(at: Timestamp) -> String {
    format!("{:020}", at.timestamp_micros())
}

/// A number as a text that sorts like the number, negative ones included.
fn number(number: i64) -> String {
    format!("{:020}", i128::from(number) - i128::from(i64::MIN))
}

/// Sorts rows by key and id, and cuts the page out.
pub(crate) fn cut<T>(mut rows: Vec<((String, Uuid), T)>, page: &PageRequest, descending: bool) -> Page<T> {
    rows.sort_by(|(one, _), (other, _)| if descending { other.cmp(one) } else { one.cmp(other) });
    let total = page.include_total.then_some(rows.len() as u64);
    if let Some(Position { key, id }) = page.after.clone() {
        let after = (key, id);
        rows.retain(|(position, _)| if descending { *position < after } else { *position > after });
    }
    rows.drain(..rows.len().min(page.skip.try_into().unwrap_or(usize::MAX)));
    let limit = page.limit.try_into().unwrap_or(usize::MAX);
    let is_last = rows.len() <= limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| !is_last).map(|((key, id), _)| Position { key: key.clone(), id: *id });
    Page { items: rows.into_iter().map(|(_, row)| row).collect(), next, total }
}
