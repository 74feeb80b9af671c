//! `/i/{token}` and `/accept`: what a link leads to, and what its buttons do.

use super::{
    forms, internal, masked, offer,
    outcome::{self, Refused},
    sealed::{ACCEPT, Link},
    view::{Mark, Page},
    visit::{Sent, Visit},
};
use crate::{
    extract::{body::fingerprint, call::Answer, quota},
    problem::{self, Problem, Spent},
};
use actix_web::{
    HttpResponse,
    cookie::Cookie,
    http::{StatusCode, header},
    web::Path,
};
use invite_domain::{
    directory::Account,
    invitation::Rejection,
    secret::ParsedToken,
    service::{NewAccount, Redeem, ServiceError, SignIn},
};

/// Checks that the token is ours, which costs no statement, and moves it from the address bar into a cookie (LINK-3).
pub(super) async fn open(visit: Visit, token: Path<String>) -> Answer {
    if ParsedToken::parse(&token, &visit.api.world.keys.ring()).is_err() {
        return outcome::unknown(&visit);
    }
    let (cookie, digits) = ACCEPT.hold(&visit.api, &token).ok_or_else(|| internal("the key ring has no active key"))?;
    let target = visit.form_target(ACCEPT, &digits);
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, target)).cookie(cookie).finish())
}

fn link(visit: &Visit) -> Option<Link> {
    ACCEPT.link(&visit.request, &visit.api.world, visit.query(ACCEPT.parameter))
}

/// The offer, or why there is none any more.
pub(super) async fn show(visit: Visit) -> Answer {
    let Some(link) = link(&visit) else { return visit.no_link() };
    let person = visit.person().await?;
    let caller = person.as_ref().map(|person| person.account.id);
    match visit.api.invitations.preview(&link.secret(), caller, visit.client().as_deref()).await {
        Ok(preview) => {
            let desk = offer::Desk { visit: &visit, link: &link, preview: &preview, person: person.as_ref() };
            desk.page(None).send(&visit)
        }
        Err(error) => Refused::of(&visit, &link).page(error)?.send(&visit),
    }
}

/// Does what a form asks for.
pub(super) async fn act(mut visit: Visit) -> Answer {
    let Some(sent) = visit.form().await? else { return visit.form_expired() };
    let Some(link) = link(&visit) else { return visit.no_link() };
    if !link.is_own_form(&visit.api.world, sent.typed("csrf")) {
        return visit.form_expired();
    }
    match sent.typed("action") {
        "accept" => accept(&visit, &link, &sent).await,
        "sign-in" => sign_in(&visit, &link, &sent).await,
        "decline" => decline(&visit, &link, sent.get("block").is_some()).await,
        "new-link" => new_link(&visit, &link),
        "switch" => switch(&visit, &link).await,
        _ => visit.form_expired(),
    }
}

async fn accept(visit: &Visit, link: &Link, sent: &Sent) -> Answer {
    let person = visit.person().await?;
    let account = match sent.get("name").map(|_| forms::NewPerson::read(sent, link.token().is_none())) {
        None => None,
        Some(new) if new.is_good() => Some(new.account(visit.query("lang"))),
        Some(new) => return again(visit, link, &forms::Wrong::New(new), StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    redeem(visit, link, sent, account, person.map(|person| person.account), None).await
}

/// Shows the form again, with what was wrong in it.
async fn again(visit: &Visit, link: &Link, wrong: &forms::Wrong, status: StatusCode) -> Answer {
    let person = visit.person().await?;
    let caller = person.as_ref().map(|person| person.account.id);
    match visit.api.invitations.preview(&link.secret(), caller, visit.client().as_deref()).await {
        Ok(preview) => {
            let desk = offer::Desk { visit, link, preview: &preview, person: person.as_ref() };
            let mut page = desk.page(Some(wrong));
            page.status = status;
            page.send(visit)
        }
        Err(error) => Refused::of(visit, link).page(error)?.send(visit),
    }
}

async fn redeem(
    visit: &Visit,
    link: &Link,
    sent: &Sent,
    account: Option<NewAccount>,
    who: Option<Account>,
    session: Option<Cookie<'static>>,
) -> Answer {
    let chosen = account.as_ref().is_some_and(|account| account.password.is_some());
    let command = Redeem {
        secret: link.secret(),
        caller: who.as_ref().map(|who| who.id),
        account,
        idempotency: Some(fingerprint(&visit.api.world, &visit.request, link.once(), &sent.bytes)?),
        client: visit.client(),
        origin: visit.origin(),
    };
    let redeemed = match visit.api.invitations.redeem(command).await {
        Ok(redeemed) => redeemed,
        Err(ServiceError::Rejected(Rejection::SignInRequired)) => {
            return again(visit, link, &forms::Wrong::SignInFirst, StatusCode::FORBIDDEN).await;
        }
        Err(ServiceError::Rejected(Rejection::AlreadyMember { .. })) => {
            return again(visit, link, &forms::Wrong::SignInFirst, StatusCode::CONFLICT).await;
        }
        Err(ServiceError::Rejected(Rejection::MailboxProofRequired)) => {
            let caller = who.as_ref().map(|who| who.id);
            let preview = visit.api.invitations.preview(&link.secret(), caller, visit.client().as_deref()).await;
            let refused = Refused::of(visit, link);
            let page = preview.map_or_else(|error| refused.page(error), |preview| Ok(refused.proof(&preview)))?;
            return page.answer(visit).cookie(session).finish();
        }
        Err(ServiceError::Rejected(Rejection::WrongRecipient { recipient_masked })) => {
            let current = who.as_ref().map(masked).unwrap_or_default();
            let page = Refused::of(visit, link).switch(&current, &recipient_masked);
            return page.answer(visit).cookie(session).finish();
        }
        Err(error) => return Refused::of(visit, link).page(error)?.answer(visit).cookie(session).finish(),
    };
    let signed_in = who.is_some() || redeemed.session.is_some();
    let own = redeemed.session.as_ref().map(|(text, session)| visit.session_cookie(text, session)).or(session);
    let done = ACCEPT.forget(&visit.api.config, &link.digits);
    if let Some(target) = super::destination(&visit.api.config, &redeemed) {
        let mut answer = HttpResponse::SeeOther();
        answer.insert_header((header::LOCATION, target)).cookie(done);
        if let Some(cookie) = own {
            answer.cookie(cookie);
        }
        return Ok(answer.finish());
    }
    outcome::success(visit, &redeemed, chosen, signed_in).answer(visit).cookie(Some(done)).cookie(own).finish()
}

/// Signs in and accepts in one go: the holder of a copied link, or whom the organisation wants to see signed in.
async fn sign_in(visit: &Visit, link: &Link, sent: &Sent) -> Answer {
    let command = SignIn {
        login: sent.typed("email").to_owned(),
        password: invite_domain::directory::Password::typed(sent.get("password").unwrap_or_default()),
        renewable: false,
        client: visit.client(),
    };
    let email = command.login.clone();
    let wrong = |wait| forms::Wrong::SignIn { email, wait };
    match visit.api.directory.sign_in(command).await {
        Ok(signed_in) => {
            let cookie = visit.session_cookie(&signed_in.text, &signed_in.session);
            redeem(visit, link, sent, None, Some(signed_in.account), Some(cookie)).await
        }
        Err(ServiceError::Rejected(Rejection::BadCredentials)) => {
            again(visit, link, &wrong(None), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(ServiceError::Rejected(Rejection::TooManyAttempts { possible_at })) => {
            let seconds = (possible_at - visit.api.world.clock.now()).num_seconds().max(1);
            quota::spent_until(Spent::Guesses, possible_at, &visit.request, &visit.api);
            let mut answer = again(visit, link, &wrong(Some(seconds)), StatusCode::TOO_MANY_REQUESTS).await?;
            if let Ok(value) = header::HeaderValue::from_str(&seconds.to_string()) {
                answer.headers_mut().insert(header::RETRY_AFTER, value);
            }
            Ok(answer)
        }
        Err(error) => Err(error.into()),
    }
}

async fn decline(visit: &Visit, link: &Link, block: bool) -> Answer {
    let Some(token) = link.token() else { return visit.form_expired() };
    match visit.api.invitations.decline(token, block, &visit.origin()).await {
        Ok(declined) => {
            let done = ACCEPT.forget(&visit.api.config, &link.digits);
            outcome::declined(visit, &declined).answer(visit).cookie(Some(done)).finish()
        }
        Err(error) => Refused::of(visit, link).page(error)?.send(visit),
    }
}

/// The same words in every case and at once, so that neither they nor the time they take tell anything (rule 4.9).
fn new_link(visit: &Visit, link: &Link) -> Answer {
    let Some(token) = link.token() else { return visit.form_expired() };
    let (invitations, token) = (visit.api.invitations.clone(), token.to_owned());
    let (origin, id) = (visit.origin(), visit.request_id());
    let page = Page::new(StatusCode::ACCEPTED, visit.language(&[]), "new-link-title", &[])
        .marked(Mark::Mail)
        .text("new-link-text", &[])
        .text("new-link-advice", &[]);
    visit.api.background.begin(async move {
        if let Err(error) = invitations.request_new_link(&token, &origin).await {
            problem::log(&Problem::from(error), &id);
        }
    })?;
    page.send(visit)
}

/// Signs out, so that the right person can accept (LINK-7).
async fn switch(visit: &Visit, link: &Link) -> Answer {
    if let Some(person) = visit.person().await? {
        visit.api.directory.sign_out(person.session.id).await?;
    }
    let target = visit.form_target(ACCEPT, &link.digits);
    let cookie = visit.no_session_cookie();
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, target)).cookie(cookie).finish())
}
