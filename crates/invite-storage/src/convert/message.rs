use super::{Cells, Place, purpose_number};
use crate::{entity, error::Failure};
use invite_domain::{
    email::EmailAddress,
    id::{AccountId, InvitationId, MessageId, OrganizationId},
    invitation::{Channel, Delivery, DeliveryState, MessageKind, NoticeKind, OutboxMessage, Reason},
    port::PortError,
};
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use uuid::Uuid;

/// What a reminder is called in `about`.
pub(crate) const REMINDER: &str = "reminder";
/// What the news to an address that was replaced is called there.
pub(crate) const ADDRESS_CHANGED: &str = "address_changed";

fn kind(row: &entity::message::Model, place: Place<'_, Uuid>) -> Result<MessageKind, PortError> {
    let generation = || place.narrow("generation", place.known("generation", row.generation)?);
    let counter = || place.narrow("counter", place.known("counter", row.counter)?);
    let invitation = row.invitation_id.map(InvitationId::from_uuid);
    let account = row.account_id.map(AccountId::from_uuid);
    Ok(match (row.about.as_deref(), invitation, account) {
        (None, Some(invitation_id), None) => MessageKind::Invitation { invitation_id, generation: generation()? },
        (Some(REMINDER), Some(invitation_id), None) => {
            MessageKind::Reminder { invitation_id, generation: generation()? }
        }
        (None, None, Some(account_id)) => MessageKind::Account {
            account_id,
            purpose: place.purpose(place.known("purpose", row.purpose)?)?,
            counter: counter()?,
        },
        (Some(ADDRESS_CHANGED), None, Some(account_id)) => MessageKind::AddressChanged { account_id },
        (Some(name), Some(invitation_id), Some(account_id)) => {
            let about = place.known("about", NoticeKind::from_name(name))?;
            MessageKind::Notice { about, invitation_id, account_id }
        }
        _ => return Err(place.corrupt("invitation_id")),
    })
}

/// Whether the message `m` carries a link of its invitation: the invitation itself, or a reminder of it.
pub(crate) fn carries_link(about: SimpleExpr) -> SimpleExpr {
    about.clone().is_null().or(about.eq(REMINDER))
}

/// The same as the text of a condition.
pub(crate) fn carries_link_text(about: &str) -> String {
    format!("({about} IS NULL OR {about} = '{REMINDER}')")
}

pub(crate) fn message(row: &entity::message::Model) -> Result<OutboxMessage, PortError> {
    let place = Place { table: "invite_messages", id: &row.id };
    let kind = kind(row, place)?;
    let address = row.address.as_deref();
    let address = address.map(|text| place.known("address", EmailAddress::parse(text).ok()));
    let reason = row.reason.as_deref().map(|name| place.known("reason", Reason::from_name(name)));
    Ok(OutboxMessage {
        id: MessageId::from_uuid(row.id),
        organization_id: row.organization_id.map(OrganizationId::from_uuid),
        kind,
        address: address.transpose()?,
        channel: place.known("channel", Channel::from_name(&row.channel))?,
        state: place.known("state", DeliveryState::from_name(&row.state))?,
        reason: reason.transpose()?,
        attempts: place.narrow("attempts", row.attempts)?,
        created_at: row.created_at,
        next_attempt_at: row.next_attempt_at,
        settled_at: row.settled_at,
    })
}

/// The columns [`delivery_cells`] reads, in its order.
pub(crate) const DELIVERY_COLUMNS: [&str; 8] =
    ["id", "channel", "state", "reason", "attempts", "created_at", "next_attempt_at", "settled_at"];

/// Reads where a message of an invitation stands from the next values of a row; `None` where it has no message.
pub(crate) fn delivery_cells(cells: &mut Cells<'_>) -> Result<Option<Delivery>, Failure> {
    let Some(id) = cells.maybe::<Uuid>()? else {
        cells.skip(DELIVERY_COLUMNS.len() - 1);
        return Ok(None);
    };
    let place = Place { table: "invite_messages", id: &id };
    let channel = place.known("channel", Channel::from_name(cells.next()?))?;
    let state = place.known("state", DeliveryState::from_name(cells.next()?))?;
    let reason = cells.maybe()?.map(|name| place.known("reason", Reason::from_name(name)));
    let attempts = place.narrow("attempts", cells.next()?)?;
    let (created_at, next_attempt_at) = (cells.next()?, cells.next()?);
    let settled_at = cells.maybe()?;
    let reason = reason.transpose()?;
    Ok(Some(Delivery::new(channel, state, reason, attempts, created_at, next_attempt_at, settled_at)))
}

pub(crate) fn message_row(message: &OutboxMessage) -> entity::message::Model {
    let invitation_id = message.kind.invitation_id().map(|id| id.as_uuid());
    let generation = message.kind.link().map(|(_, generation)| i64::from(generation));
    let (about, account_id, purpose, counter) = match &message.kind {
        MessageKind::Invitation { .. } => (None, None, None, None),
        MessageKind::Reminder { .. } => (Some(REMINDER), None, None, None),
        MessageKind::Account { account_id, purpose, counter } => {
            (None, Some(*account_id), Some(purpose_number(*purpose)), Some(*counter))
        }
        MessageKind::Notice { about, account_id, .. } => (Some(about.name()), Some(*account_id), None, None),
        MessageKind::AddressChanged { account_id } => (Some(ADDRESS_CHANGED), Some(*account_id), None, None),
    };
    entity::message::Model {
        id: message.id.as_uuid(),
        organization_id: message.organization_id.map(|id| id.as_uuid()),
        invitation_id,
        generation,
        account_id: account_id.map(|id| id.as_uuid()),
        purpose,
        counter: counter.map(i64::from),
        about: about.map(str::to_owned),
        address: message.address.as_ref().map(|address| address.as_str().to_owned()),
        channel: message.channel.name().to_owned(),
        state: message.state.name().to_owned(),
        reason: message.reason.map(|reason| reason.name().to_owned()),
        attempts: i64::from(message.attempts),
        created_at: message.created_at,
        next_attempt_at: message.next_attempt_at,
        available_at: message.next_attempt_at,
        settled_at: message.settled_at,
        kept_since: message.settled_at,
        lease_token: None,
    }
}
