use super::{Cells, Place, permissions_text};
use crate::{entity, error::Failure};
use invite_domain::{
    access::{Actor, ActorKind, Grant, Inviter, InviterKind},
    email::EmailAddress,
    id::{AccountId, BatchId, InvitationId, MembershipId, OrganizationId, RedemptionId, RoleId, SubjectId},
    invitation::{Channel, Invitation, LiveKey, Recipient, RecipientKind, Redemption, State, SubjectRecipient},
    phone::PhoneNumber,
    port::PortError,
    secret::{code::CodeIndex, token::GrantDigest},
    time::Timestamp,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const INVITATIONS: &str = "invite_invitations";

/// What a row says of an invitation, as it stands there.
struct Row<'r> {
    number: i64,
    id: Uuid,
    organization_id: Uuid,
    recipient_kind: &'r str,
    recipient_key: &'r str,
    recipient_original: &'r str,
    recipient: Option<&'r str>,
    subject_id: Option<Uuid>,
    live_key: Option<&'r str>,
    state: &'r str,
    ended_at: Option<Timestamp>,
    declined_blocked: bool,
    revoked_by_kind: Option<&'r str>,
    revoked_by_id: Option<Uuid>,
    revoke_reason: Option<&'r str>,
    role_id: Option<Uuid>,
    permissions: &'r str,
    default_rate: Option<i64>,
    metadata: Option<&'r str>,
    inviter_kind: &'r str,
    inviter_id: Uuid,
    generation: i64,
    version: i64,
    key_id: i64,
    nonce: Option<&'r [u8]>,
    grant_digest: &'r [u8],
    code_index: Option<&'r [u8]>,
    max_uses: i64,
    uses: i64,
    created_at: Timestamp,
    generated_at: Timestamp,
    expires_at: Timestamp,
    message: Option<&'r str>,
    locale: Option<&'r str>,
    redirect_url: Option<&'r str>,
    channels: &'r str,
    batch_id: Option<Uuid>,
    expiry_noted: i64,
    suspension_noted: i64,
    reminder_noted: i64,
}

/// The columns [`invitation_cells`] reads, in its order. What only the database compares is not among them.
pub(crate) const INVITATION_COLUMNS: [&str; 40] = [
    "number",
    "id",
    "organization_id",
    "recipient_kind",
    "recipient_key",
    "recipient_original",
    "recipient",
    "subject_id",
    "live_key",
    "state",
    "ended_at",
    "declined_blocked",
    "revoked_by_kind",
    "revoked_by_id",
    "revoke_reason",
    "role_id",
    "permissions",
    "default_rate",
    "metadata",
    "inviter_kind",
    "inviter_id",
    "generation",
    "version",
    "key_id",
    "nonce",
    "grant_digest",
    "code_index",
    "max_uses",
    "uses",
    "created_at",
    "generated_at",
    "expires_at",
    "message",
    "locale",
    "redirect_url",
    "channels",
    "batch_id",
    "expiry_noted",
    "suspension_noted",
    "reminder_noted",
];

/// Reads an invitation from the next values of a row.
pub(crate) fn invitation_cells(cells: &mut Cells<'_>) -> Result<Invitation, Failure> {
    // Fields are read in the order they are written in.
    let row = Row {
        number: cells.next()?,
        id: cells.next()?,
        organization_id: cells.next()?,
        recipient_kind: cells.next()?,
        recipient_key: cells.next()?,
        recipient_original: cells.next()?,
        recipient: cells.maybe()?,
        subject_id: cells.maybe()?,
        live_key: cells.maybe()?,
        state: cells.next()?,
        ended_at: cells.maybe()?,
        declined_blocked: cells.next()?,
        revoked_by_kind: cells.maybe()?,
        revoked_by_id: cells.maybe()?,
        revoke_reason: cells.maybe()?,
        role_id: cells.maybe()?,
        permissions: cells.next()?,
        default_rate: cells.maybe()?,
        metadata: cells.maybe()?,
        inviter_kind: cells.next()?,
        inviter_id: cells.next()?,
        generation: cells.next()?,
        version: cells.next()?,
        key_id: cells.next()?,
        nonce: cells.maybe()?,
        grant_digest: cells.next()?,
        code_index: cells.maybe()?,
        max_uses: cells.next()?,
        uses: cells.next()?,
        created_at: cells.next()?,
        generated_at: cells.next()?,
        expires_at: cells.next()?,
        message: cells.maybe()?,
        locale: cells.maybe()?,
        redirect_url: cells.maybe()?,
        channels: cells.next()?,
        batch_id: cells.maybe()?,
        expiry_noted: cells.next()?,
        suspension_noted: cells.next()?,
        reminder_noted: cells.next()?,
    };
    Ok(of_row(&row)?)
}

pub(crate) fn invitation(row: &entity::invitation::Model) -> Result<Invitation, PortError> {
    of_row(&Row {
        number: row.number,
        id: row.id,
        organization_id: row.organization_id,
        recipient_kind: &row.recipient_kind,
        recipient_key: &row.recipient_key,
        recipient_original: &row.recipient_original,
        recipient: row.recipient.as_deref(),
        subject_id: row.subject_id,
        live_key: row.live_key.as_deref(),
        state: &row.state,
        ended_at: row.ended_at,
        declined_blocked: row.declined_blocked,
        revoked_by_kind: row.revoked_by_kind.as_deref(),
        revoked_by_id: row.revoked_by_id,
        revoke_reason: row.revoke_reason.as_deref(),
        role_id: row.role_id,
        permissions: &row.permissions,
        default_rate: row.default_rate,
        metadata: row.metadata.as_deref(),
        inviter_kind: &row.inviter_kind,
        inviter_id: row.inviter_id,
        generation: row.generation,
        version: row.version,
        key_id: row.key_id,
        nonce: row.nonce.as_deref(),
        grant_digest: &row.grant_digest,
        code_index: row.code_index.as_deref(),
        max_uses: row.max_uses,
        uses: row.uses,
        created_at: row.created_at,
        generated_at: row.generated_at,
        expires_at: row.expires_at,
        message: row.message.as_deref(),
        locale: row.locale.as_deref(),
        redirect_url: row.redirect_url.as_deref(),
        channels: &row.channels,
        batch_id: row.batch_id,
        expiry_noted: row.expiry_noted,
        suspension_noted: row.suspension_noted,
        reminder_noted: row.reminder_noted,
    })
}

fn of_row(row: &Row<'_>) -> Result<Invitation, PortError> {
    let place = Place { table: INVITATIONS, id: &row.id };
    let code_index = row.code_index.map(|index| place.bytes("code_index", index).map(CodeIndex::from_bytes));
    let channels = row.channels.lines().map(|name| place.known("channels", Channel::from_name(name)));
    Ok(Invitation {
        id: InvitationId::from_uuid(row.id),
        number: row.number,
        organization_id: OrganizationId::from_uuid(row.organization_id),
        recipient: recipient(row)?,
        state: state(row)?,
        grant: Grant {
            role_id: row.role_id.map(RoleId::from_uuid),
            permissions: place.permissions(row.permissions)?,
            default_rate: row.default_rate,
            metadata: row.metadata.map(str::to_owned),
        },
        inviter: Inviter {
            kind: place.known("inviter_kind", InviterKind::from_name(row.inviter_kind))?,
            id: row.inviter_id,
        },
        generation: place.narrow("generation", row.generation)?,
        version: row.version,
        key_id: place.key_id(row.key_id)?,
        nonce: place.nonce(row.nonce)?,
        grant_digest: GrantDigest::from_bytes(place.bytes("grant_digest", row.grant_digest)?),
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
        live_key: row.live_key.map(|key| LiveKey::from_stored(key.to_owned())),
        message: row.message.map(str::to_owned),
        locale: row.locale.map(str::to_owned),
        redirect_url: row.redirect_url.map(str::to_owned),
    })
}

/// A rate as text that sorts as rates do, none below any: an empty column would be put elsewhere by each engine, and no
/// row value compares with one. Sixteen hexadecimal digits of the rate's distance from the least there is.
pub(crate) fn rate_key(rate: Option<i64>) -> String {
    rate.map_or_else(String::new, |rate| format!("{:016x}", rate.cast_unsigned() ^ (1 << 63)))
}

fn recipient(row: &Row<'_>) -> Result<Recipient, PortError> {
    let place = Place { table: INVITATIONS, id: &row.id };
    let kind = place.known("recipient_kind", RecipientKind::from_name(row.recipient_kind))?;
    let (original, key) = (row.recipient_original, row.recipient_key);
    let recipient = match kind {
        RecipientKind::Email => EmailAddress::from_parts(original, key).ok().map(Recipient::Email),
        RecipientKind::Phone => PhoneNumber::parse(key).ok().map(Recipient::Phone),
        RecipientKind::Subject => {
            let addresses = row.recipient.unwrap_or("{}");
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

fn state(row: &Row<'_>) -> Result<State, PortError> {
    let place = Place { table: INVITATIONS, id: &row.id };
    let ended_at = || place.known("ended_at", row.ended_at);
    match row.state {
        "pending" if row.ended_at.is_none() => Ok(State::Pending),
        "redeemed" => Ok(State::Redeemed { at: ended_at()? }),
        "declined" => Ok(State::Declined { at: ended_at()?, blocked: row.declined_blocked }),
        "revoked" => {
            let kind = row.revoked_by_kind.and_then(ActorKind::from_name);
            let by = Actor { kind: place.known("revoked_by_kind", kind)?, id: row.revoked_by_id };
            Ok(State::Revoked { at: ended_at()?, by, reason: row.revoke_reason.map(str::to_owned) })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_sort_as_their_keys_do() {
        let rates = [None, Some(i64::MIN), Some(-1), Some(0), Some(9), Some(10), Some(i64::MAX)];
        assert!(rates.map(rate_key).windows(2).all(|pair| pair[0] < pair[1]), "{:?}", rates.map(rate_key));
    }
}
