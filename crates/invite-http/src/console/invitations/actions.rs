//! What is done with an invitation by the forms of its page. Each carries the version its reader saw.

use super::{
    PATH, elsewhere,
    fields::{Life, REASON},
    one::{self, Typed},
    reveal::Revealed,
};
use crate::{
    Problem,
    console::{entry::Desk, fault::Fault},
    extract::{body::fingerprint, call::Answer},
    pages::{Sent, sealed},
};
use invite_domain::{
    id::InvitationId,
    port::InvitationRecord,
    service::{Idempotency, Resend, Reveal, Revoke, Secrets, ServiceError},
};

/// What a form came to.
enum Done {
    /// It worked; the page says this.
    Said(&'static str),
    /// The link is shown.
    Revealed(Box<Secrets>),
    /// Something in a field cannot be.
    Wrong(&'static str, String),
}

/// Does what a form says.
pub(super) async fn act(desk: Desk, sent: Sent) -> Answer {
    let id: InvitationId = desk.id()?;
    let Some(record) = one::load(&desk, id).await? else { return elsewhere::or_unknown(&desk, id).await };
    let Some(version) = sent.typed("version").parse::<i64>().ok() else { return desk.visit.form_expired() };
    let form = sent.typed("action");
    let typed = Typed {
        form,
        days: sent.typed(if form == "resend" { "resend_days" } else { "extend_days" }),
        locale: sent.typed("resend_locale"),
        reason: sent.typed("revoke_reason"),
    };
    let done = match typed.form {
        "resend" => resend(&desk, &sent, &record, version, &typed).await,
        "extend" => extend(&desk, &record, version, &typed).await,
        "revoke" => revoke(&desk, id, version, &typed).await,
        "sponsor" => sponsor(&desk, id, version).await,
        "reveal" => desk.visit.api.invitations.reveal(&desk.caller, id).await.map(|it| Done::Revealed(Box::new(it))),
        _ => return desk.visit.form_expired(),
    };
    match done {
        Ok(Done::Said(word)) => Ok(desk.lead(&format!("{PATH}/{id}?done={word}"))),
        Ok(Done::Revealed(secrets)) => {
            let revealed = Revealed::new(&desk, &secrets)?;
            one::page(&desk, &record, None, &Typed::default(), Some(revealed)).await
        }
        Ok(Done::Wrong(field, said)) => {
            let fault = Fault::fields(desk.language, [(field, said)]);
            one::page(&desk, &record, fault, &typed, None).await
        }
        Err(error) => refused(&desk, &record, error, &typed).await,
    }
}

/// The page as it is now, with what was refused.
async fn refused(desk: &Desk, before: &InvitationRecord, error: ServiceError, typed: &Typed<'_>) -> Answer {
    let mut fault = Fault::of(desk, error)?;
    // The two forms beside each other have fields of their own names.
    let days = if typed.form == "resend" { "resend_days" } else { "extend_days" };
    for (theirs, ours) in [("expires_in", days), ("locale", "resend_locale")] {
        if let Some(said) = fault.fields.remove(theirs) {
            fault.fields.insert(ours.to_owned(), said);
        }
    }
    // Somebody else may have changed it: it is shown as it stands.
    let now = one::load(desk, before.invitation.id).await?;
    one::page(desk, now.as_ref().unwrap_or(before), Some(fault), typed, None).await
}

async fn resend(
    desk: &Desk,
    sent: &Sent,
    record: &InvitationRecord,
    version: i64,
    typed: &Typed<'_>,
) -> Result<Done, ServiceError> {
    let invitation = &record.invitation;
    let expires_in = match Life::of(desk, Some(&invitation.recipient)).read(desk, typed.days) {
        Ok(expires_in) => expires_in,
        Err(said) => return Ok(Done::Wrong("resend_days", said)),
    };
    let command = Resend {
        locale: (!typed.locale.is_empty()).then(|| typed.locale.to_owned()),
        channels: None,
        expires_in,
        reveal: Reveal::No,
        if_match: Some(version),
    };
    let idempotency = once(desk, sent)?;
    desk.visit.api.invitations.resend(&desk.caller, invitation.id, command, Some(idempotency)).await?;
    Ok(Done::Said("invitation-resent"))
}

/// Pressing twice sends once: the same form is the same request.
fn once(desk: &Desk, sent: &Sent) -> Result<Idempotency, ServiceError> {
    let key = format!("console-{}", sealed::digest_of(&String::from_utf8_lossy(&sent.bytes)));
    let failed =
        |_: Problem| ServiceError::Port(invite_domain::port::PortError::other("the key ring has no usable key"));
    fingerprint(&desk.visit.api.world, &desk.visit.request, key, &sent.bytes).map_err(failed)
}

async fn extend(desk: &Desk, record: &InvitationRecord, version: i64, typed: &Typed<'_>) -> Result<Done, ServiceError> {
    let invitation = &record.invitation;
    let expires_in = match Life::of(desk, Some(&invitation.recipient)).read(desk, typed.days) {
        Ok(Some(expires_in)) => expires_in,
        Ok(None) => return Ok(Done::Wrong("extend_days", desk.text().get("fault-field-required"))),
        Err(said) => return Ok(Done::Wrong("extend_days", said)),
    };
    desk.visit.api.invitations.extend(&desk.caller, invitation.id, expires_in, Some(version)).await?;
    Ok(Done::Said("invitation-extended"))
}

async fn revoke(desk: &Desk, id: InvitationId, version: i64, typed: &Typed<'_>) -> Result<Done, ServiceError> {
    if typed.reason.chars().count() > REASON {
        return Ok(Done::Wrong("revoke_reason", desk.text().get("fault-field-range")));
    }
    let reason = (!typed.reason.is_empty()).then(|| typed.reason.to_owned());
    desk.visit.api.invitations.revoke(&desk.caller, id, Revoke { reason, if_match: Some(version) }).await?;
    Ok(Done::Said("invitation-revoked"))
}

async fn sponsor(desk: &Desk, id: InvitationId, version: i64) -> Result<Done, ServiceError> {
    desk.visit.api.invitations.sponsor(&desk.caller, id, Some(version)).await?;
    Ok(Done::Said("invitation-sponsored"))
}
