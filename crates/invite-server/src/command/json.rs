//! An invitation as the API writes it.

use invite_domain::{
    invitation::{DeadLetter, Delivery, Recipient, State, Status},
    port::InvitationRecord,
    time::Timestamp,
};
use serde_json::{Value, json};

fn time(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// The document of `GET /v1/invitations/{id}`.
pub(super) fn invitation(record: &InvitationRecord, now: Timestamp) -> Value {
    let invitation = &record.invitation;
    let recipient = match &invitation.recipient {
        Recipient::Email(address) => json!({ "email": address.as_str() }),
        Recipient::Phone(number) => json!({ "phone": number.as_str() }),
        Recipient::Subject(subject) => json!({ "subject_id": subject.id.to_string() }),
    };
    let status = record.status(now);
    let (mut revoked_at, mut revoked_by, mut revoke_reason) = (None, None, None);
    let (mut redeemed_at, mut declined_at) = (None, None);
    match &invitation.state {
        State::Pending => {}
        State::Redeemed { at } => redeemed_at = Some(*at),
        State::Declined { at, .. } => declined_at = Some(*at),
        State::Revoked { at, by, reason } => {
            (revoked_at, revoke_reason) = (Some(*at), reason.clone());
            revoked_by = Some(json!({ "kind": by.kind.name(), "id": by.id.map(|id| id.to_string()) }));
        }
    }
    let redemption = record.redemption.as_ref();
    json!({
        "id": invitation.id.to_string(),
        "number": invitation.number,
        "organization_id": invitation.organization_id.to_string(),
        "recipient": recipient,
        "status": status.name(),
        "role": record.role.as_ref().map(|role| json!({
            "id": role.id.to_string(), "number": role.number, "name": role.name,
        })),
        "permissions": invitation.grant.permissions.names().collect::<Vec<_>>(),
        "inviter": {
            "kind": invitation.inviter.kind.name(),
            "id": invitation.inviter.id.to_string(),
            "name": record.inviter.name(),
        },
        "generation": invitation.generation,
        "version": invitation.version,
        "max_uses": invitation.max_uses,
        "uses": invitation.uses,
        "created_at": time(invitation.created_at),
        "expires_at": time(invitation.expires_at),
        "redeemed_at": redemption.map(|redemption| redemption.redeemed_at).or(redeemed_at).map(time),
        "revoked_at": revoked_at.map(time),
        "revoked_by": revoked_by,
        "revoke_reason": revoke_reason,
        "declined_at": declined_at.map(time),
        "suspended_reason": (status == Status::Suspended).then_some("inviter_lost_authority"),
        "redemption": redemption.map(|redemption| json!({
            "id": redemption.id.to_string(),
            "account_id": redemption.account_id.to_string(),
            "membership_id": redemption.membership_id.to_string(),
            "redeemed_at": time(redemption.redeemed_at),
        })),
        "message": invitation.message,
        "metadata": invitation.grant.metadata.as_deref().map(|text| {
            serde_json::from_str::<Value>(text).unwrap_or_default()
        }),
        "default_rate": invitation.grant.default_rate,
        "locale": invitation.locale,
        "redirect_url": invitation.redirect_url,
        "batch_id": invitation.batch_id.map(|id| id.to_string()),
        "deliveries": record.deliveries.iter().map(delivery).collect::<Vec<_>>(),
    })
}

/// An item of `GET /v1/dead-letters`.
pub(super) fn dead_letter(letter: &DeadLetter) -> Value {
    json!({
        "id": letter.id.to_string(),
        "invitation_id": letter.invitation_id.to_string(),
        "channel": letter.channel.name(),
        "attempts": letter.attempts,
        "reason": letter.reason.name(),
        "at": time(letter.at),
    })
}

fn delivery(delivery: &Delivery) -> Value {
    json!({
        "channel": delivery.channel.name(),
        "state": delivery.state.name(),
        "reason": delivery.reason.map(invite_domain::invitation::Reason::name),
        "at": time(delivery.at),
        "attempts": delivery.attempts,
        "next_attempt_at": delivery.next_attempt_at.map(time),
    })
}
