use super::{Place, permissions_text};
use crate::entity;
use invite_domain::{
    access::{Actor, ActorKind, Grant, Inviter, InviterKind},
    email::EmailAddress,
    id::{AccountId, BatchId, EventId, InvitationId, MembershipId, OrganizationId, RedemptionId, RoleId, SubjectId},
    invitation::{
        Channel, Event, EventData, EventKind, Fact, IdempotencyRecord, Invitation, LiveKey, Recipient, RecipientKind,
        Redemption, State, SubjectRecipient,
    },
    phone::PhoneNumber,
    port::PortError,
    secret::{code::CodeIndex, token::GrantDigest},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

const INVITATIONS: &str = "invite_invitations";

pub(crate) fn invitation(row: entity::invitation::Model) -> Result<Invitation, PortError> {
    let place = Place { table: INVITATIONS, id: &row.id };
    let code_index = row.code_index.as_deref();
    let code_index = code_index.map(|index| place.bytes("code_index", index).map(CodeIndex::from_bytes));
    let channels = row.channels.lines().map(|name| place.known("channels", Channel::from_name(name)));
    Ok(Invitation {
        id: InvitationId::from_uuid(row.id),
        number: row.number,
        organization_id: OrganizationId::from_uuid(row.organization_id),
        recipient: recipient(&row)?,
        state: state(&row)?,
        grant: Grant {
            role_id: row.role_id.map(RoleId::from_uuid),
            permissions: place.permissions(&row.permissions)?,
            default_rate: row.default_rate,
            metadata: row.metadata.clone(),
        },
        inviter: Inviter {
            kind: place.known("inviter_kind", InviterKind::from_name(&row.inviter_kind))?,
            id: row.inviter_id,
        },
        generation: place.narrow("generation", row.generation)?,
        version: row.version,
        key_id: place.key_id(row.key_id)?,
        nonce: place.nonce(row.nonce.as_deref())?,
        grant_digest: GrantDigest::from_bytes(place.bytes("grant_digest", &row.grant_digest)?),
        code_index: code_index.transpose()?,
        max_uses: place.narrow("max_uses", row.max_uses)?,
        uses: place.narrow("uses", row.uses)?,
        created_at: row.created_at,
        generated_at: row.generated_at,
        expires_at: row.expires_at,
        channels: channels.collect::<Result<_, _>>()?,
        batch_id: row.batch_id.map(BatchId::from_uuid),
        expiry_noted: place.narrow("expiry_noted", row.expiry_noted)?,
        suspension_noted: place.narrow("suspension_noted", row.suspension_noted)?,
        reminder_noted: place.narrow("reminder_noted", row.reminder_noted)?,
        live_key: row.live_key.map(LiveKey::from_stored),
        message: row.message,
        locale: row.locale,
        redirect_url: row.redirect_url,
    })
}

/// A rate as text that sorts as rates do, none below any: an empty column would be put elsewhere by each engine, and no
/// row value compares with one. Sixteen hexadecimal digits of the rate's distance from the least there is.
pub(crate) fn rate_key(rate: Option<i64>) -> String {
    rate.map_or_else(String::new, |rate| format!("{:016x}", rate.cast_unsigned() ^ (1 << 63)))
}

fn recipient(row: &entity::invitation::Model) -> Result<Recipient, PortError> {
    let place = Place { table: INVITATIONS, id: &row.id };
    let kind = place.known("recipient_kind", RecipientKind::from_name(&row.recipient_kind))?;
    let (original, key) = (&*row.recipient_original, &*row.recipient_key);
    let recipient = match kind {
        RecipientKind::Email => EmailAddress::from_parts(original, key).ok().map(Recipient::Email),
        RecipientKind::Phone => PhoneNumber::parse(key).ok().map(Recipient::Phone),
        RecipientKind::Subject => {
            let addresses = row.recipient.as_deref().unwrap_or("{}");
            let (email, phone) = place.known("recipient", addresses_of(addresses))?;
            let id = row.subject_id.map(SubjectId::from_uuid);
            id.map(|id| Recipient::Subject(SubjectRecipient { id, email, phone }))
        }
    };
    let as_keyed = recipient.filter(|recipient| recipient.key() == key);
    place.known(if kind == RecipientKind::Email { "recipient_original" } else { "recipient_key" }, as_keyed)
}

/// The addresses a record had when an invitation was issued to it, as JSON text.
fn addresses_text(subject: &SubjectRecipient) -> String {
    let mut addresses = serde_json::Map::new();
    if let Some(email) = &subject.email {
        addresses.insert("email".to_owned(), email.as_str().into());
    }
    if let Some(phone) = &subject.phone {
        addresses.insert("phone".to_owned(), phone.as_str().into());
    }
    Value::Object(addresses).to_string()
}

fn addresses_of(text: &str) -> Option<(Option<EmailAddress>, Option<PhoneNumber>)> {
    let Ok(Value::Object(addresses)) = serde_json::from_str(text) else { return None };
    let email = addresses.get("email").map(|email| EmailAddress::parse(email.as_str()?).ok());
    let phone = addresses.get("phone").map(|phone| PhoneNumber::parse(phone.as_str()?).ok());
    // Present and unreadable is corrupt; absent is none.
    Some((email.map_or(Some(None), |read| read.map(Some))?, phone.map_or(Some(None), |read| read.map(Some))?))
}

/// What a list shows and searches of a recipient: the address, or else the phone number.
fn shown(recipient: &Recipient) -> &str {
    let phone = recipient.phone().map_or("", PhoneNumber::as_str);
    recipient.email().map_or(phone, EmailAddress::as_str)
}

fn state(row: &entity::invitation::Model) -> Result<State, PortError> {
    let place = Place { table: INVITATIONS, id: &row.id };
    let ended_at = || place.known("ended_at", row.ended_at);
    match row.state.as_str() {
        "pending" if row.ended_at.is_none() => Ok(State::Pending),
        "redeemed" => Ok(State::Redeemed { at: ended_at()? }),
        "declined" => Ok(State::Declined { at: ended_at()?, blocked: row.declined_blocked }),
        "revoked" => {
            let kind = row.revoked_by_kind.as_deref().and_then(ActorKind::from_name);
            let by = Actor { kind: place.known("revoked_by_kind", kind)?, id: row.revoked_by_id };
            Ok(State::Revoked { at: ended_at()?, by, reason: row.revoke_reason.clone() })
        }
        _ => Err(place.corrupt("state")),
    }
}

pub(crate) fn invitation_row(invitation: &Invitation) -> entity::invitation::Model {
    let (declined_blocked, revoked_by, revoke_reason) = match &invitation.state {
        State::Pending | State::Redeemed { .. } => (false, None, None),
        State::Declined { blocked, .. } => (*blocked, None, None),
        State::Revoked { by, reason, .. } => (false, Some(*by), reason.clone()),
    };
    let awaits_expiry = invitation.state == State::Pending && invitation.expiry_noted < invitation.generation;
    let addresses = match &invitation.recipient {
        Recipient::Subject(subject) => Some(addresses_text(subject)),
        Recipient::Email(_) | Recipient::Phone(_) => None,
    };
    let permissions = permissions_text(&invitation.grant.permissions);
    entity::invitation::Model {
        number: invitation.number,
        id: invitation.id.as_uuid(),
        organization_id: invitation.organization_id.as_uuid(),
        recipient_kind: invitation.recipient.kind().name().to_owned(),
        recipient_key: invitation.recipient.key().into_owned(),
        recipient_original: shown(&invitation.recipient).to_owned(),
        recipient: addresses,
        subject_id: invitation.recipient.subject_id().map(|id| id.as_uuid()),
        holder_key: Some(invitation.recipient.live_key().as_str().to_owned()),
        live_key: invitation.live_key.as_ref().map(|key| key.as_str().to_owned()),
        state: invitation.state.name().to_owned(),
        ended_at: invitation.state.ended_at(),
        declined_blocked,
        revoked_by_kind: revoked_by.map(|by| by.kind.name().to_owned()),
        revoked_by_id: revoked_by.and_then(|by| by.id),
        revoke_reason,
        role_id: invitation.grant.role_id.map(|id| id.as_uuid()),
        authority_key: authority_key(invitation.inviter, invitation.grant.role_id, &permissions),
        permissions,
        default_rate: invitation.grant.default_rate,
        rate_key: rate_key(invitation.grant.default_rate),
        metadata: invitation.grant.metadata.clone(),
        inviter_kind: invitation.inviter.kind.name().to_owned(),
        inviter_id: invitation.inviter.id,
        generation: i64::from(invitation.generation),
        version: invitation.version,
        key_id: i64::from(invitation.key_id.get()),
        nonce: invitation.nonce.as_ref().map(|nonce| nonce.expose().to_vec()),
        grant_digest: invitation.grant_digest.as_bytes().to_vec(),
        code_index: invitation.code_index.as_ref().map(|index| index.as_bytes().to_vec()),
        max_uses: i64::from(invitation.max_uses),
        uses: i64::from(invitation.uses),
        created_at: invitation.created_at,
        generated_at: invitation.generated_at,
        expires_at: invitation.expires_at,
        lapse_due_at: awaits_expiry.then_some(invitation.expires_at),
        message: invitation.message.clone(),
        locale: invitation.locale.clone(),
        redirect_url: invitation.redirect_url.clone(),
        channels: invitation.channels.iter().map(|channel| channel.name()).collect::<Vec<_>>().join("\n"),
        batch_id: invitation.batch_id.map(|id| id.as_uuid()),
        expiry_noted: i64::from(invitation.expiry_noted),
        suspension_noted: i64::from(invitation.suspension_noted),
        reminder_noted: i64::from(invitation.reminder_noted),
        reminder_due_at: invitation.reminder_due_at(),
    }
}

/// What decides whether an invitation is suspended, in sixteen bytes: who answers for it and what it gives. All
/// invitations of an organisation with one such key are suspended or not together, so a list asks once for each key.
fn authority_key(inviter: Inviter, role: Option<RoleId>, permissions: &str) -> Vec<u8> {
    let mut digest = Sha256::new();
    digest.update(inviter.kind.name());
    digest.update([0]);
    digest.update(inviter.id.as_bytes());
    digest.update(role.map(|id| *id.as_bytes()).unwrap_or_default());
    digest.update([u8::from(role.is_some())]);
    digest.update(permissions);
    digest.finalize()[..16].to_vec()
}

pub(crate) fn redemption(row: &entity::redemption::Model) -> Result<Redemption, PortError> {
    let place = Place { table: "invite_redemptions", id: &row.id };
    Ok(Redemption {
        id: RedemptionId::from_uuid(row.id),
        invitation_id: InvitationId::from_uuid(row.invitation_id),
        organization_id: OrganizationId::from_uuid(row.organization_id),
        generation: place.narrow("generation", row.generation)?,
        account_id: AccountId::from_uuid(row.account_id),
        membership_id: MembershipId::from_uuid(row.membership_id),
        redeemed_at: row.redeemed_at,
    })
}

pub(crate) fn redemption_row(redemption: &Redemption) -> entity::redemption::Model {
    entity::redemption::Model {
        organization_id: redemption.organization_id.as_uuid(),
        id: redemption.id.as_uuid(),
        invitation_id: redemption.invitation_id.as_uuid(),
        generation: i64::from(redemption.generation),
        account_id: redemption.account_id.as_uuid(),
        membership_id: redemption.membership_id.as_uuid(),
        redeemed_at: redemption.redeemed_at,
    }
}

pub(crate) fn event(row: entity::event::Model) -> Result<Event, PortError> {
    let place = Place { table: "invite_events", id: &row.id };
    Ok(Event {
        id: EventId::from_uuid(row.id),
        organization_id: OrganizationId::from_uuid(row.organization_id),
        kind: place.known("kind", EventKind::from_name(&row.kind))?,
        invitation_id: row.invitation_id.map(InvitationId::from_uuid),
        membership_id: row.membership_id.map(MembershipId::from_uuid),
        sequence: row.sequence,
        actor: Actor { kind: place.known("actor_kind", ActorKind::from_name(&row.actor_kind))?, id: row.actor_id },
        recorded_at: row.recorded_at,
        data: place.known("data", event_data(&row.data))?,
        request_id: row.request_id,
        address: row.address.and_then(|address| address.parse().ok()),
    })
}

pub(crate) fn event_row(event: &Event) -> entity::event::Model {
    entity::event::Model {
        organization_id: event.organization_id.as_uuid(),
        id: event.id.as_uuid(),
        kind: event.kind.name().to_owned(),
        invitation_id: event.invitation_id.map(|id| id.as_uuid()),
        membership_id: event.membership_id.map(|id| id.as_uuid()),
        sequence: event.sequence,
        actor_kind: event.actor.kind.name().to_owned(),
        actor_id: event.actor.id,
        recorded_at: event.recorded_at,
        request_id: event.request_id.clone(),
        address: event.address.map(|address| address.to_string()),
        data: event_data_text(&event.data),
    }
}

fn event_data_text(data: &EventData) -> String {
    let fact = |fact: &Fact| match fact {
        Fact::Text(text) => Value::from(text.as_str()),
        Fact::Number(number) => Value::from(*number),
        Fact::Flag(flag) => Value::from(*flag),
        Fact::Words(words) => Value::from(words.as_slice()),
    };
    Value::Object(data.iter().map(|(name, value)| (name.clone(), fact(value))).collect()).to_string()
}

fn event_data(text: &str) -> Option<EventData> {
    let Ok(Value::Object(members)) = serde_json::from_str(text) else { return None };
    let fact = |value: Value| match value {
        Value::String(text) => Some(Fact::Text(text)),
        Value::Number(number) => number.as_i64().map(Fact::Number),
        Value::Bool(flag) => Some(Fact::Flag(flag)),
        Value::Array(words) => {
            let words = words.into_iter().map(|word| word.as_str().map(str::to_owned));
            words.collect::<Option<_>>().map(Fact::Words)
        }
        Value::Null | Value::Object(_) => None,
    };
    members.into_iter().map(|(name, value)| Some((name, fact(value)?))).collect()
}

pub(crate) fn idempotency(row: entity::idempotency::Model) -> Result<IdempotencyRecord, PortError> {
    let place = Place { table: "invite_idempotency", id: &row.answer };
    Ok(IdempotencyRecord {
        fingerprint: place.bytes("fingerprint", &row.fingerprint)?,
        answer: row.answer,
        generation: place.narrow("generation", row.generation)?,
        created_at: row.created_at,
        scope: row.scope,
        key: row.request_key,
        result: row.result,
    })
}

pub(crate) fn idempotency_row(record: &IdempotencyRecord) -> entity::idempotency::Model {
    entity::idempotency::Model {
        scope: record.scope.clone(),
        request_key: record.key.clone(),
        fingerprint: record.fingerprint.to_vec(),
        answer: record.answer,
        result: record.result.clone(),
        generation: i64::from(record.generation),
        created_at: record.created_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_sort_as_their_keys_do() {
        let rates = [None, Some(i64::MIN), Some(-1), Some(0), Some(9), Some(10), Some(i64::MAX)];
        assert!(rates.map(rate_key).windows(2).all(|pair| pair[0] < pair[1]), "{:?}", rates.map(rate_key));
    }

    #[test]
    fn the_data_of_an_event_comes_back_from_its_text() {
        let data: EventData = [
            ("words".to_owned(), Fact::Words(vec!["a.b".to_owned(), "ü".to_owned()])),
            ("none".to_owned(), Fact::Words(Vec::new())),
            ("text".to_owned(), Fact::Text("\"quoted\" \u{1F600}".to_owned())),
            ("number".to_owned(), Fact::Number(i64::MIN)),
            ("flag".to_owned(), Fact::Flag(true)),
        ]
        .into();
        assert_eq!(event_data(&event_data_text(&data)), Some(data));
        assert_eq!(event_data("[]"), None);
        assert_eq!(event_data(r#"{"a":null}"#), None);
    }
}
