//! The queue of messages: claimed for a while, settled by whoever still holds the claim.

use crate::{
    HostStore,
    lists::{cut, instant},
    tables::Queued,
};
use async_trait::async_trait;
use invite_domain::{
    directory::{Logo, LogoId},
    id::{MessageId, OrganizationId},
    invitation::{Channel, DeadLetter, DeliveryState, Event, OutboxMessage},
    page::{Page, PageRequest},
    port::{DeliveryFacts, Lease, Outbox, PortError, Settlement},
    time::Timestamp,
};

#[async_trait]
impl Outbox for HostStore {
    async fn claim(
        &self,
        channels: &[Channel],
        lease: &Lease,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OutboxMessage>, PortError> {
        let mut tables = self.tables();
        let is_due = |queued: &&Queued| {
            is_waiting(queued, channels)
                && queued.message.next_attempt_at <= now
                && queued.claim.is_none_or(|(_, until)| until <= now)
        };
        let mut due: Vec<_> = tables.messages.rows().filter(is_due).map(|queued| queued.message.clone()).collect();
        due.sort_by_key(|message| (message.next_attempt_at, message.id));
        due.truncate(limit.try_into().unwrap_or(usize::MAX));
        for message in &due {
            let claim = Some((lease.token, now + lease.lasts));
            tables.messages.change(|queued| queued.message.id == message.id, |queued| queued.claim = claim);
        }
        Ok(due)
    }

    async fn load_delivery(&self, message: &OutboxMessage) -> Result<DeliveryFacts, PortError> {
        self.tables().load_delivery(message)
    }

    async fn load_logo(&self, _: &LogoId) -> Result<Option<Logo>, PortError> {
        Ok(None)
    }

    async fn settle(
        &self,
        message: MessageId,
        lease: &Lease,
        settlement: Settlement,
        event: Option<Event>,
        now: Timestamp,
    ) -> Result<bool, PortError> {
        let mut tables = self.tables();
        let is_ours = |queued: &Queued| {
            queued.message.id == message && queued.claim.is_some_and(|(token, _)| token == lease.token)
        };
        if !tables.messages.has(is_ours) {
            return Ok(false);
        }
        tables.messages.change(is_ours, |queued| {
            queued.claim = None;
            record(&mut queued.message, settlement, now);
        });
        if let Some(event) = event {
            tables.events.add(|_| event);
        }
        Ok(true)
    }

    async fn next_due(&self, channels: &[Channel]) -> Result<Option<Timestamp>, PortError> {
        let tables = self.tables();
        let waiting = tables.messages.rows().filter(|queued| is_waiting(queued, channels));
        Ok(waiting
            .map(|queued| {
                let due = queued.message.next_attempt_at;
                queued.claim.map_or(due, |(_, until)| until.max(due))
            })
            .min())
    }

    async fn dead_letters(
        &self,
        organization_id: OrganizationId,
        page: &PageRequest,
    ) -> Result<Page<DeadLetter>, PortError> {
        let tables = self.tables();
        let of_team = tables.messages.rows().filter(|queued| queued.message.organization_id == Some(organization_id));
        let rows = of_team
            .filter_map(|queued| DeadLetter::of(&queued.message))
            .map(|letter| ((instant(letter.at), letter.id.as_uuid()), letter));
        Ok(cut(rows.collect(), page, true))
    }

    async fn dead_letter(
        &self,
        organization_id: OrganizationId,
        id: MessageId,
    ) -> Result<Option<DeadLetter>, PortError> {
        let tables = self.tables();
        let found = tables.messages.find(|queued| queued.message.id == id);
        let found = found.filter(|queued| queued.message.organization_id == Some(organization_id));
        Ok(found.and_then(|queued| DeadLetter::of(&queued.message)))
    }
}

fn is_waiting(queued: &Queued, channels: &[Channel]) -> bool {
    queued.message.state == DeliveryState::Queued && channels.contains(&queued.message.channel)
}

fn record(message: &mut OutboxMessage, settlement: Settlement, now: Timestamp) {
    let (state, reason) = match settlement {
        Settlement::Sent => (DeliveryState::Sent, None),
        Settlement::Retry { at, reason } => {
            message.next_attempt_at = at;
            (DeliveryState::Queued, Some(reason))
        }
        Settlement::Failed(reason) => (DeliveryState::Failed, Some(reason)),
        Settlement::Cancelled(reason) => (DeliveryState::Cancelled, Some(reason)),
    };
    if !matches!(settlement, Settlement::Cancelled(_)) {
        message.attempts += 1;
    }
    if state != DeliveryState::Queued {
        message.address = None;
    }
    message.state = state;
    message.reason = reason;
    message.settled_at = (state != DeliveryState::Queued).then_some(now);
}
