//! The queue of messages.

use super::{MemoryStore, lists::Begin, state::State};
use crate::broken::Fault;
use async_trait::async_trait;
use chrono::SecondsFormat;
use invite_domain::{
    directory::{Logo, LogoId, Organization},
    id::{AccountId, InvitationId, MessageId, OrganizationId},
    invitation::{Channel, DeadLetter, DeliveryState, Event, MessageKind, OutboxMessage, Reason},
    page::{Page, PageRequest},
    port::{DeliveryFacts, Lease, Outbox, PortError, Settlement},
    secret::account_token::AccountPurpose,
    time::Timestamp,
};
use std::sync::Arc;
use uuid::Uuid;

#[async_trait]
impl Outbox for MemoryStore {
    async fn claim(
        &self,
        channels: &[Channel],
        lease: &Lease,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OutboxMessage>, PortError> {
        let mut state = self.state();
        let mut due: Vec<_> = state
            .messages
            .values_mut()
            .filter(|queued| {
                let leased = queued.lease.is_some_and(|(_, until)| now < until || self.has(Fault::LeaseNeverEnds));
                queued.message.state == DeliveryState::Queued
                    && (channels.contains(&queued.message.channel) || self.has(Fault::ChannelIgnoredByClaim))
                    && (queued.message.next_attempt_at <= now || self.has(Fault::ClaimsBeforeDue))
                    && (!leased || self.has(Fault::LeaseIgnoredByClaim))
            })
            .collect();
        due.sort_by_key(|queued| (queued.message.next_attempt_at, queued.message.id));
        due.truncate(limit.try_into().unwrap_or(usize::MAX));
        Ok(due
            .into_iter()
            .map(|queued| {
                queued.lease = Some((lease.token, now + lease.lasts));
                queued.message.clone()
            })
            .collect())
    }

    async fn load_delivery(&self, message: &OutboxMessage) -> Result<DeliveryFacts, PortError> {
        let state = self.state();
        let facts = match message.kind {
            MessageKind::Invitation { invitation_id, .. } | MessageKind::Reminder { invitation_id, .. } => {
                state.invitations.get(&invitation_id).and_then(|row| {
                    let address = row.recipient.email().and_then(|email| state.account_at(email.key()));
                    Some(DeliveryFacts::Invitation {
                        organization: Box::new(state.organization(row.organization_id)?),
                        record: Box::new(state.record(row)),
                        account_locale: address.and_then(|account| account.locale),
                        blocked: state.is_blocked(row.organization_id, row.recipient.live_key()),
                    })
                })
            }
            MessageKind::Notice { invitation_id, account_id, .. } => notice(&state, invitation_id, account_id),
            MessageKind::Account { account_id, purpose, .. } => of_account(&state, message, account_id, Some(purpose)),
            MessageKind::AddressChanged { account_id } => of_account(&state, message, account_id, None),
        };
        Ok(facts.unwrap_or(DeliveryFacts::Gone))
    }

    async fn load_logo(&self, id: &LogoId) -> Result<Option<Logo>, PortError> {
        Ok(self.state().logo(id, self.has(Fault::LogosOfDeletedShown)))
    }

    async fn settle(
        &self,
        message: MessageId,
        lease: &Lease,
        settlement: Settlement,
        event: Option<Event>,
        now: Timestamp,
    ) -> Result<bool, PortError> {
        let mut state = self.state();
        let Some(queued) = state.messages.get_mut(&message) else { return Ok(false) };
        let holds = queued.lease.is_some_and(|(token, _)| token == lease.token || self.has(Fault::LeaseNotFenced));
        if !holds {
            if let Some(event) = event.filter(|_| self.has(Fault::LostLeaseLeavesEvent)) {
                state.events.insert(event.id, Arc::new(event));
            }
            return Ok(false);
        }
        queued.lease = None;
        let row = &mut queued.message;
        if !matches!(settlement, Settlement::Cancelled(_)) || self.has(Fault::CancellationCountsAsAttempt) {
            row.attempts += 1;
        }
        let (delivery, reason) = match settlement {
            Settlement::Sent => (DeliveryState::Sent, None),
            Settlement::Retry { at, reason } => {
                row.next_attempt_at = at;
                (DeliveryState::Queued, Some(reason))
            }
            Settlement::Failed(reason) => (DeliveryState::Failed, Some(reason)),
            Settlement::Cancelled(reason) => (DeliveryState::Cancelled, Some(reason)),
        };
        settle(row, delivery, reason, now);
        if delivery != DeliveryState::Queued {
            row.address = None;
        }
        if let Some(event) = event {
            state.events.insert(event.id, Arc::new(event));
        }
        Ok(true)
    }

    async fn next_due(&self, channels: &[Channel]) -> Result<Option<Timestamp>, PortError> {
        let state = self.state();
        let queued = state.messages.values().filter(|queued| {
            queued.message.state == DeliveryState::Queued && channels.contains(&queued.message.channel)
        });
        Ok(queued
            .map(|queued| {
                let until = queued.lease.filter(|_| !self.has(Fault::NextDueForgetsLeases)).map(|(_, until)| until);
                until.map_or(queued.message.next_attempt_at, |until| until.max(queued.message.next_attempt_at))
            })
            .min())
    }

    async fn dead_letters(
        &self,
        organization_id: OrganizationId,
        page: &PageRequest,
    ) -> Result<Page<DeadLetter>, PortError> {
        let state = self.state();
        let letters =
            state.messages.values().filter_map(|queued| self.dead_letter_of(organization_id, &queued.message));
        let rows = letters.map(|letter| (position_of(&letter), letter)).collect();
        let begin = self.begin(&[(Fault::DeadLetterPagesByCount, Begin::ByCount)]);
        Ok(self.cut_from(begin, rows, page, !self.has(Fault::DeadLettersOldestFirst)))
    }

    async fn dead_letter(
        &self,
        organization_id: OrganizationId,
        id: MessageId,
    ) -> Result<Option<DeadLetter>, PortError> {
        let state = self.state();
        Ok(state.messages.get(&id).and_then(|queued| self.dead_letter_of(organization_id, &queued.message)))
    }
}

impl MemoryStore {
    fn dead_letter_of(&self, organization_id: OrganizationId, message: &OutboxMessage) -> Option<DeadLetter> {
        let own = message.organization_id == Some(organization_id) || self.has(Fault::ForeignDeadLetterVisible);
        let forgotten = matches!(message.kind, MessageKind::Reminder { .. }) && self.has(Fault::RemindersNeverDead);
        DeadLetter::of(message).filter(|_| own && !forgotten)
    }
}

fn position_of(letter: &DeadLetter) -> (String, Uuid) {
    (letter.at.to_rfc3339_opts(SecondsFormat::Micros, true), letter.id.as_uuid())
}

fn settle(row: &mut OutboxMessage, delivery: DeliveryState, reason: Option<Reason>, now: Timestamp) {
    row.state = delivery;
    row.reason = reason;
    row.settled_at = (delivery != DeliveryState::Queued).then_some(now);
}

fn notice(state: &State, invitation: InvitationId, account: AccountId) -> Option<DeliveryFacts> {
    let row = state.invitations.get(&invitation)?;
    let (id, record) = (row.organization_id, state.record(row));
    let person = |account| Some(Box::new(state.account_facts(id, state.accounts.get(&account)?)));
    Some(DeliveryFacts::Notice {
        organization: Box::new(state.organization(id)?),
        reader: person(account)?,
        redeemer: record.redemption.as_ref().and_then(|redemption| person(redemption.account_id)),
        record: Box::new(record),
    })
}

fn of_account(
    state: &State,
    message: &OutboxMessage,
    account_id: AccountId,
    purpose: Option<AccountPurpose>,
) -> Option<DeliveryFacts> {
    let token = purpose.and_then(|purpose| state.account_tokens.get(&(account_id, purpose)));
    state.accounts.get(&account_id).map(|account| DeliveryFacts::Account {
        account: Box::new((**account).clone()),
        token: token.map(|token| Box::new((**token).clone())),
        organization: organization_of(state, message.organization_id, account_id).map(Box::new),
    })
}

/// The organisation the message is of, or the one the account is longest in.
fn organization_of(state: &State, named: Option<OrganizationId>, account: AccountId) -> Option<Organization> {
    let mut places: Vec<_> = state.memberships.values().filter(|member| member.account_id == account).collect();
    places.sort_by_key(|member| (member.created_at, member.id));
    let places = places.into_iter().map(|member| member.organization_id);
    named.into_iter().chain(places).find_map(|id| state.organization(id))
}
