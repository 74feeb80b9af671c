//! The invitee's side.

use super::tag;
use crate::{
    dto::{
        administration::MemberAnswer,
        redemption::{
            AcceptedAnswer, DeclinedAnswer, InviterName, InvitingOrganization, OfferedRole, PreviewAnswer,
            RedeemedAnswer, SessionAnswer,
        },
        request::{DeclineRequest, RedeemRequest, SecretRequest, TokenRequest},
    },
    endpoint::{Access, Endpoint},
    extract::{
        call::{Answer, Call, json, ok},
        fields::Fields,
    },
    problem::{
        self, Problem,
        table::{self, Kind},
    },
};
use actix_web::http::{Method, StatusCode};
use invite_domain::{
    invitation::{DeadLink, FieldCode, Rejection},
    service::{NewAccount, Next, Redeem, Redeemed, Secret, ServiceError},
};

const DEAD: [&Kind; 8] = [
    &table::INVITATION_NOT_FOUND,
    &table::SUSPENDED,
    &table::SUPERSEDED,
    &table::EXPIRED,
    &table::REVOKED,
    &table::REDEEMED,
    &table::DECLINED,
    &table::EXHAUSTED,
];

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, "/v1/redemptions/preview", "previewRedemption", preview)
            .about(tag::REDEMPTIONS, "Preview an invitation", "What the holder of a link or a code is offered. Send either `token`, or `organization` and `code`. Changes nothing but the count of codes tried in vain.")
            .by(Access::Optional)
            .takes::<SecretRequest>()
            .answers::<PreviewAnswer>(200, "The offer.")
            .refuses(&DEAD)
            .refuses(&[&table::CODE_MISTYPED, &table::TOO_MANY_ATTEMPTS]),
        Endpoint::new(Method::POST, "/v1/redemptions", "redeem", redeem)
            .about(tag::REDEMPTIONS, "Redeem an invitation", "Makes a member. Send either `token`, or `organization` and `code`. A new person sends `account`; a person who has an account sends the mailed link, or is signed in. Who comes with a JWT of a configured issuer and has no account gets one that it opens. The address is always the invitation's. A code works once and is never answered again. A sign-in invitation, to somebody who came from the same record already, answers with a session of its organisation and changes no right.")
            .by(Access::Optional)
            .takes::<RedeemRequest>()
            .answers::<RedeemedAnswer>(201, "A member, or a member let in again.")
            .answers::<RedeemedAnswer>(200, "The same person's retry: the same redemption, without a session.")
            .refuses(&DEAD)
            .refuses(&[&table::ALREADY_MEMBER, &table::WRONG_RECIPIENT, &table::SIGN_IN_REQUIRED, &table::MAILBOX_PROOF_REQUIRED, &table::MEMBERSHIP_INACTIVE, &table::BAD_CREDENTIALS, &table::CODE_MISTYPED, &table::TOO_MANY_ATTEMPTS, &table::NOT_AVAILABLE, &table::OVERLOADED])
            .idempotent(),
        Endpoint::new(Method::POST, "/v1/redemptions/decline", "decline", decline)
            .about(tag::REDEMPTIONS, "Decline an invitation", "Ends the invitation; with `block` the organisation sends none to this address any more.")
            .by(Access::Public)
            .takes::<DeclineRequest>()
            .answers::<DeclinedAnswer>(200, "Noted.")
            .refuses(&DEAD),
        Endpoint::new(Method::POST, "/v1/redemptions/new-link", "requestNewLink", new_link)
            .about(tag::REDEMPTIONS, "Ask for a new link", "Mails a new link to the invited address, where the invitation allows that. The answer is the same in every case.")
            .by(Access::Public)
            .takes::<TokenRequest>()
            .answers::<AcceptedAnswer>(202, "Noted."),
    ]
}

/// Either a token, or an organisation and a code.
fn secret(fields: &mut Fields) -> Secret {
    let by_code = fields.has("organization") || fields.has("code");
    if !by_code {
        return Secret::Token(fields.required("token", Fields::string));
    }
    if !fields.has("token") {
        let organization = fields.required("organization", Fields::string);
        return Secret::Code { organization, code: fields.required("code", Fields::string) };
    }
    let (token, organization, code) = (fields.string("token"), fields.string("organization"), fields.string("code"));
    match (token, organization, code) {
        (Some(token), None, None) => Secret::Token(token),
        (None, Some(organization), Some(code)) => Secret::Code { organization, code },
        _ => {
            fields.wrong("token", FieldCode::Invalid, "Send either `token`, or `organization` and `code`.");
            Secret::Token(String::new())
        }
    }
}

/// A refusal as the holder of this secret hears it. A new link can be asked for with a token alone.
fn refused(error: ServiceError, secret: &Secret) -> Problem {
    match (error, secret) {
        (ServiceError::Rejected(Rejection::Dead(dead)), Secret::Code { .. }) => {
            Rejection::Dead(DeadLink { can_request_new: false, ..dead }).into()
        }
        (error, Secret::Code { .. }) => Problem::from(error).of_codes(),
        (error, _) => error.into(),
    }
}

async fn preview(mut call: Call) -> Answer {
    let by = call.invitee().await?;
    let mut fields = call.body().await?.fields;
    let secret = secret(&mut fields);
    fields.finish()?;
    let stranger = by.stranger.as_deref();
    // What is counted by is asked of codes alone.
    let client = if matches!(secret, Secret::Token(_)) { None } else { call.client() };
    let preview = call.api.invitations.preview_by(&secret, by.account, stranger, client.as_deref()).await;
    let preview = preview.map_err(|error| refused(error, &secret))?;
    ok(&PreviewAnswer {
        organization: InvitingOrganization::new(&preview.organization, &call.api.config),
        inviter: InviterName { name: preview.inviter_name },
        role: preview.role.map(|role| OfferedRole { name: role.name }),
        recipient_masked: preview.recipient_masked,
        expires_at: preview.expires_at,
        next: match preview.next {
            Next::Accept => "accept",
            Next::SignUp => "sign_up",
            Next::SignIn => "sign_in",
            Next::SwitchAccount => "switch_account",
            Next::AlreadyMember => "already_member",
        },
    })
}

fn new_account(fields: &mut Fields) -> Option<NewAccount> {
    let mut account = fields.child("account")?;
    let new = NewAccount {
        name: account.name("name", 200),
        password: account.password("password"),
        locale: account.locale("locale"),
        ..NewAccount::default()
    };
    fields.absorb(account);
    Some(new)
}

async fn redeem(mut call: Call) -> Answer {
    let by = call.invitee().await?;
    let body = call.body().await?;
    let idempotency = call.idempotency(&body.bytes)?;
    let mut fields = body.fields;
    let secret = secret(&mut fields);
    let mut account = new_account(&mut fields);
    fields.finish()?;
    if by.stranger.is_some() {
        account.get_or_insert_default().identity = by.stranger;
    }
    let origin = call.origin();
    let command =
        Redeem { secret: secret.clone(), caller: by.account, account, idempotency, client: call.client(), origin };
    let redeemed = call.api.invitations.redeem(command).await;
    let redeemed = redeemed.map_err(|error| refused(error, &secret))?;
    let status = if redeemed.replayed { StatusCode::OK } else { StatusCode::CREATED };
    Ok(json(status, &document(&call, &redeemed)))
}

fn document(call: &Call, redeemed: &Redeemed) -> RedeemedAnswer {
    let account = &redeemed.account;
    let membership = redeemed.member.as_ref().map(|member| {
        let effective = member.held().printed(&member.membership.permissions);
        MemberAnswer::new(member, account, &effective)
    });
    let session = redeemed
        .session
        .as_ref()
        .map(|(text, session)| SessionAnswer { token: text.expose().to_owned(), expires_at: session.expires_at });
    RedeemedAnswer {
        redemption: (&redeemed.redemption).into(),
        account: account.into(),
        membership,
        session,
        redirect_url: crate::pages::destination(&call.api.config, redeemed),
    }
}

async fn decline(mut call: Call) -> Answer {
    let mut fields = call.body().await?.fields;
    let token = fields.required("token", Fields::string);
    let block = fields.present("block", Fields::boolean).unwrap_or(false);
    fields.finish()?;
    let declined = call.api.invitations.decline(&token, block, &call.origin()).await?;
    ok(&DeclinedAnswer { status: "declined", blocked: declined.blocked })
}

async fn new_link(mut call: Call) -> Answer {
    let mut fields = call.body().await?.fields;
    let token = fields.required("token", Fields::string);
    fields.finish()?;
    let (invitations, origin, id) = (call.api.invitations.clone(), call.origin(), call.request_id().to_owned());
    // The answer says nothing, and neither does its time.
    call.api.background.begin(async move {
        if let Err(error) = invitations.request_new_link(&token, &origin).await {
            problem::log(&Problem::from(error), &id);
        }
    })?;
    Ok(json(StatusCode::ACCEPTED, &AcceptedAnswer { status: "accepted" }))
}
