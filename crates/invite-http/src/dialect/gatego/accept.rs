//! `POST /api/public/account/invited-account`: an invited person takes up the account.

use super::{
    DEAD, DIALECT, ORGANIZATION,
    account::{AccountAnswer, Places, runs_group},
    details,
    request::AcceptRequest,
    scope,
};
use crate::{
    endpoint::{Access, Endpoint, Parameter},
    extract::call::{Answer, Call, json},
    problem::{Problem, table},
};
use actix_web::http::{Method, StatusCode};
use invite_domain::service::{Redeem, Redeemed, ServiceError};

/// The most characters of a code that are looked at; ours are shorter.
pub(super) const CODE: usize = 512;

const QUERY: [Parameter; 1] = [ORGANIZATION];

pub(super) fn endpoints() -> Vec<Endpoint> {
    let endpoint =
        Endpoint::new(Method::POST, "/api/public/account/invited-account", "gategoCreateInvitedAccount", accept);
    vec![
        endpoint
            .about(
                DIALECT.name,
                "Accept an invitation",
                "Makes the invited account, with exactly the address, role, carriers, yard and organisation of the invitation, whatever the body says of them. The code is the only credential. Name and password may be left out: who has no password sets one by a password reset. Where the address has an account already, the mailed token joins it to the organisation and changes neither its name nor its password.",
            )
            .by(Access::Public)
            .filtered(&QUERY)
            .takes::<AcceptRequest>()
            .answers::<AccountAnswer>(201, "The account.")
            .answers::<AccountAnswer>(200, "The same person's retry, told by the password: the account there is.")
            .refuses(&DEAD)
            .refuses(&[
                &table::SIGN_IN_REQUIRED,
                &table::ALREADY_MEMBER,
                &table::USERNAME_TAKEN,
                &table::MAILBOX_PROOF_REQUIRED,
                &table::MEMBERSHIP_INACTIVE,
                &table::INVALID_HEADER,
                &table::OVERLOADED,
            ]),
    ]
}

async fn accept(mut call: Call) -> Answer {
    let mut body = call.spoken_body().await?;
    let code = body.required("code", |body, name| body.text(name, CODE));
    // The printed body has the code alone; where the account is not an object of its own, it is read beside the code.
    let (account, inside) = match body.object("account_invited") {
        Some(mut fields) => {
            let account = details::read(&mut fields);
            body.absorb(fields);
            (account, true)
        }
        None => (details::read(&mut body), false),
    };
    body.finish()?;
    let secret = scope::secret(&call, &code)?;
    let redeemed = call
        .api
        .invitations
        .redeem(Redeem {
            secret,
            // The code is the credential; a header that comes along is not looked at.
            caller: None,
            account: Some(account),
            idempotency: None,
            client: call.client(),
            origin: call.origin(),
        })
        .await
        .map_err(|error| refused(error, inside))?;
    let status = if redeemed.replayed { StatusCode::OK } else { StatusCode::CREATED };
    let places = places(&call, &redeemed).await?;
    let ring = call.api.world.keys.ring();
    let member = redeemed.member.as_ref();
    Ok(json(status, &AccountAnswer::new(&redeemed.account, &redeemed.organization, member, &places, &ring)))
}

fn refused(error: ServiceError, inside: bool) -> Problem {
    let names: &[(&str, &str)] = if inside {
        &[("/account", "account_invited")]
    } else {
        &[("/account/name", "name"), ("/account/password", "password")]
    };
    Problem::from(error).of_codes().renamed(names)
}

/// The organisations of one who runs several. But for the mailed link, what was shown may be known to people of the
/// inviting organisation, and speaks for that alone.
async fn places(call: &Call, redeemed: &Redeemed) -> Result<Places, Problem> {
    if !runs_group(redeemed.member.as_ref()) {
        return Ok(Places::new());
    }
    let only = (!redeemed.mailed).then_some(redeemed.organization.id);
    Ok(call.api.directory.me(redeemed.account.id, only).await?.memberships)
}
