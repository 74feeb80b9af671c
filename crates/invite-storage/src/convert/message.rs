use super::{Place, purpose_number};
use crate::entity;
use invite_domain::{
    id::{AccountId, InvitationId, MessageId, OrganizationId},
    invitation::{Channel, DeliveryState, MessageKind, OutboxMessage, Reason},
    port::PortError,
};

pub(crate) fn message(row: &entity::message::Model) -> Result<OutboxMessage, PortError> {
    let place = Place { table: "invite_messages", id: &row.id };
    let kind = match (row.invitation_id, row.account_id) {
        (Some(invitation), None) => MessageKind::Invitation {
            invitation_id: InvitationId::from_uuid(invitation),
            generation: place.narrow("generation", place.known("generation", row.generation)?)?,
        },
        (None, Some(account)) => MessageKind::Account {
            account_id: AccountId::from_uuid(account),
            purpose: place.purpose(place.known("purpose", row.purpose)?)?,
            counter: place.narrow("counter", place.known("counter", row.counter)?)?,
        },
        _ => return Err(place.corrupt("invitation_id")),
    };
    let reason = row.reason.as_deref().map(|name| place.known("reason", Reason::from_name(name)));
    Ok(OutboxMessage {
        id: MessageId::from_uuid(row.id),
        organization_id: row.organization_id.map(OrganizationId::from_uuid),
        kind,
        channel: place.known("channel", Channel::from_name(&row.channel))?,
        state: place.known("state", DeliveryState::from_name(&row.state))?,
        reason: reason.transpose()?,
        attempts: place.narrow("attempts", row.attempts)?,
        created_at: row.created_at,
        next_attempt_at: row.next_attempt_at,
        settled_at: row.settled_at,
    })
}

pub(crate) fn message_row(message: &OutboxMessage) -> entity::message::Model {
    let (invitation_id, generation, account_id, purpose, counter) = match &message.kind {
        MessageKind::Invitation { invitation_id, generation } => {
            (Some(invitation_id.as_uuid()), Some(i64::from(*generation)), None, None, None)
        }
        MessageKind::Account { account_id, purpose, counter } => {
            (None, None, Some(account_id.as_uuid()), Some(purpose_number(*purpose)), Some(i64::from(*counter)))
        }
    };
    entity::message::Model {
        id: message.id.as_uuid(),
        organization_id: message.organization_id.map(|id| id.as_uuid()),
        invitation_id,
        generation,
        account_id,
        purpose,
        counter,
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
