//! What is done with an invitation that exists.

use super::{
    MAX_MESSAGE, MAX_OBJECT, invitation,
    invitations::{answer, channels, returned},
    tag,
};
use crate::{
    dto::{
        invitation::{InvitationAnswer, RevealAnswer},
        request::{AmendRequest, ExtendRequest, ResendRequest, RevokeRequest},
    },
    endpoint::Endpoint,
    extract::{
        call::{Answer, Call, ok},
        fields::Fields,
        header,
    },
    problem::table::{self, Kind},
};
use actix_web::http::{Method, StatusCode};
use invite_domain::{
    id::InvitationId,
    service::{Amend, Resend, Revoke},
};

const ENDED: [&Kind; 5] = [
    &table::NOT_FOUND,
    &table::ALREADY_REDEEMED,
    &table::ALREADY_DECLINED,
    &table::ALREADY_REVOKED,
    &table::GRANT_EXCEEDS_AUTHORITY,
];

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::PATCH, "/v1/invitations/{id}", "amendInvitation", amend)
            .about(tag::INVITATIONS, "Amend an invitation", "Changes grant or words. Where role or permissions change, a new link is made and sent and the old one ends; you are then the inviter. Needs `invitations.amend`.")
            .takes::<AmendRequest>()
            .answers::<InvitationAnswer>(200, "The invitation as it is now.")
            .refuses(&ENDED)
            .refuses(&[&table::ALREADY_EXPIRED, &table::TOO_MANY_MESSAGES])
            .conditional()
            .tagged(),
        Endpoint::new(Method::POST, "/v1/invitations/{id}/resend", "resendInvitation", resend)
            .about(tag::INVITATIONS, "Resend an invitation", "Makes a new link, sends it and sets a new expiry; the old link ends. An expired invitation can be used again. Needs `invitations.resend`.")
            .may_take::<ResendRequest>()
            .answers::<InvitationAnswer>(200, "The invitation as it is now.")
            .refuses(&ENDED)
            .refuses(&[&table::ALREADY_INVITED, &table::SUSPENDED, &table::TOO_MANY_MESSAGES, &table::NOT_AVAILABLE, &table::SEATS_FULL, &table::INVITATIONS_FULL])
            .idempotent()
            .conditional()
            .tagged(),
        Endpoint::new(Method::POST, "/v1/invitations/{id}/extend", "extendInvitation", extend)
            .about(tag::INVITATIONS, "Extend an invitation", "Moves the expiry, with the same link and without a message. An expired invitation can be used again. Needs `invitations.amend`.")
            .takes::<ExtendRequest>()
            .answers::<InvitationAnswer>(200, "The invitation as it is now.")
            .refuses(&ENDED)
            .refuses(&[&table::ALREADY_INVITED, &table::SEATS_FULL, &table::INVITATIONS_FULL])
            .tagged(),
        Endpoint::new(Method::POST, "/v1/invitations/{id}/sponsor", "sponsorInvitation", sponsor)
            .about(tag::INVITATIONS, "Sponsor a suspended invitation", "Takes over an invitation whose inviter may no longer give what it grants: you are the inviter from now on, and a new link is sent. Needs `invitations.sponsor`.")
            .answers::<InvitationAnswer>(200, "The invitation as it is now.")
            .refuses(&ENDED)
            .refuses(&[&table::ALREADY_EXPIRED, &table::NOT_SUSPENDED, &table::TOO_MANY_MESSAGES])
            .tagged(),
        Endpoint::new(Method::POST, "/v1/invitations/{id}/revoke", "revokeInvitation", revoke)
            .about(tag::INVITATIONS, "Revoke an invitation", "Withdraws it: the link ends, messages that wait are cancelled. A membership that exists stays. Revoking a revoked one changes nothing. Needs `invitations.revoke`.")
            .may_take::<RevokeRequest>()
            .answers::<InvitationAnswer>(200, "The invitation as it is now.")
            .refuses(&ENDED[..3])
            .conditional()
            .tagged(),
        Endpoint::new(Method::POST, "/v1/invitations/{id}/reveal", "revealInvitation", reveal)
            .about(tag::INVITATIONS, "Show an invitation's link and code", "Shows the present link and the present code, to copy them. They prove nothing about the mailbox. It is noted in the trail. Needs `invitations.reveal`.")
            .answers::<RevealAnswer>(200, "Link and code.")
            .refuses(&ENDED)
            .refuses(&[&table::ALREADY_EXPIRED, &table::SUSPENDED, &table::KEY_RETIRED]),
    ]
}

async fn amend(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let id: InvitationId = call.id()?;
    let if_match = header::if_match(&call.request)?;
    let mut fields = call.body().await?.fields;
    let config = call.api.config.clone();
    let command = Amend {
        role_id: fields.nullable("role_id", Fields::id),
        permissions: fields.present("permissions", Fields::permissions),
        default_rate: fields.nullable("default_rate", |fields, name| fields.integer(name, 0..=1_000_000_000)),
        metadata: fields.nullable("metadata", |fields, name| fields.opaque(name, MAX_OBJECT)),
        message: fields.nullable("message", |fields, name| fields.text(name, 1..=MAX_MESSAGE)),
        locale: fields.nullable("locale", Fields::locale),
        redirect_url: fields.nullable("redirect_url", |fields, name| fields.redirect(name, &config)),
        expires_in: fields.present("expires_in", Fields::time_to_live),
        if_match,
    };
    fields.finish()?;
    let record = call.api.invitations.amend(&caller, id, command).await?;
    invitation(&call, &record)
}

async fn resend(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let id: InvitationId = call.id()?;
    let if_match = header::if_match(&call.request)?;
    let body = call.optional_body().await?;
    let idempotency = call.idempotency(&body.bytes)?;
    let mut fields = body.fields;
    let locale = fields.locale("locale");
    let channels = channels(&mut fields);
    let expires_in = fields.time_to_live("expires_in");
    let asked = returned(&mut fields);
    fields.finish()?;
    let command = Resend { locale, channels, expires_in, reveal: asked.reveal(), if_match };
    let issued = call.api.invitations.resend(&caller, id, command, idempotency).await?;
    Ok(answer(&call, StatusCode::OK, &issued, asked))
}

async fn extend(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let id: InvitationId = call.id()?;
    let mut fields = call.body().await?.fields;
    let expires_in = fields.required("expires_in", Fields::time_to_live);
    fields.finish()?;
    let record = call.api.invitations.extend(&caller, id, expires_in, None).await?;
    invitation(&call, &record)
}

async fn sponsor(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let id: InvitationId = call.id()?;
    call.no_body().await?;
    let record = call.api.invitations.sponsor(&caller, id, None).await?;
    invitation(&call, &record)
}

async fn revoke(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let id: InvitationId = call.id()?;
    let if_match = header::if_match(&call.request)?;
    let mut fields = call.optional_body().await?.fields;
    let command = Revoke { reason: fields.text("reason", 1..=500), if_match };
    fields.finish()?;
    let record = call.api.invitations.revoke(&caller, id, command).await?;
    invitation(&call, &record)
}

async fn reveal(mut call: Call) -> Answer {
    let caller = call.caller().await?;
    let id: InvitationId = call.id()?;
    call.no_body().await?;
    let shown = call.api.invitations.reveal(&caller, id).await?;
    let link = call.api.config.invitation_link(shown.link.expose());
    ok(&RevealAnswer { link, code: shown.code.map(|code| code.expose().to_owned()) })
}
