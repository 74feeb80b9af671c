//! `/account/{token}`: behind the owner's first link and a password reset.

use super::{
    called,
    forms::Chosen,
    internal, masked,
    offer::new_password_fields,
    sealed::{ACCOUNT, Link},
    view::{Block, Form, Page},
    visit::Visit,
};
use crate::{Problem, extract::call::Answer};
use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::Path,
};
use invite_domain::{
    invitation::Rejection,
    secret::{AccountPurpose, ParsedAccountToken},
    service::{AccountLink, ServiceError},
};
use invite_text::{Arg, Language, Text};

/// Checks that the token is ours and moves it from the address bar into a cookie.
pub(super) async fn open(visit: Visit, token: Path<String>) -> Answer {
    if ParsedAccountToken::parse(&token, &visit.api.world.keys.ring()).is_err() {
        return dead(&visit, "unknown").send(&visit);
    }
    let (cookie, digits) =
        ACCOUNT.hold(&visit.api, &token).ok_or_else(|| internal("the key ring has no active key"))?;
    let target = visit.form_target(ACCOUNT, &digits);
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, target)).cookie(cookie).finish())
}

fn link(visit: &Visit) -> Option<Link> {
    ACCOUNT.link(&visit.request, &visit.api.world, visit.query(ACCOUNT.parameter))
}

fn token(link: &Link) -> &str {
    // What is no token is refused where it is read.
    link.token().unwrap_or_default()
}

/// The form, or why there is none any more.
pub(super) async fn show(visit: Visit) -> Answer {
    let Some(link) = link(&visit) else { return visit.no_link() };
    match visit.api.directory.account_link(token(&link)).await {
        Ok(about) => form(&visit, &link, &about, None).send(&visit),
        Err(error) => refused(&visit, error)?.send(&visit),
    }
}

/// Sets the password.
pub(super) async fn set(mut visit: Visit) -> Answer {
    let Some(sent) = visit.form().await? else { return visit.form_expired() };
    let Some(link) = link(&visit) else { return visit.no_link() };
    if !link.is_own_form(&visit.api.world, sent.typed("csrf")) {
        return visit.form_expired();
    }
    let about = match visit.api.directory.account_link(token(&link)).await {
        Ok(about) => about,
        Err(error) => return refused(&visit, error)?.send(&visit),
    };
    let chosen = Chosen::read(&sent);
    if chosen.faults() > 0 {
        return form(&visit, &link, &about, Some(&chosen)).send(&visit);
    }
    match visit.api.directory.confirm_account_link(token(&link), chosen.password).await {
        Ok(account) => {
            let login = called(&account);
            let address = [("address", Arg::Text(&login))];
            Page::new(StatusCode::OK, language(&visit, &about), "account-success-title", &[])
                .text("account-success-text", &address)
                .answer(&visit)
                .cookie(Some(ACCOUNT.forget(&visit.api.config, &link.digits)))
                .finish()
        }
        Err(error) => refused(&visit, error)?.send(&visit),
    }
}

fn language(visit: &Visit, about: &AccountLink) -> Language {
    visit.language(&[about.account.locale.as_deref()])
}

fn form(visit: &Visit, link: &Link, about: &AccountLink, typed: Option<&Chosen>) -> Page {
    let language = language(visit, about);
    let text = Text::new(language);
    let masked = masked(&about.account);
    let address = [("address", Arg::Text(&masked))];
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (title, intro) = match about.purpose {
        AccountPurpose::OwnerLink => ("account-owner-title", "account-owner-text"),
        AccountPurpose::PasswordReset | AccountPurpose::ChangeAddress => ("account-reset-title", "account-reset-text"),
    };
    let mut page = Page::new(status, language, title, &[]).text(intro, &address);
    if let Some(typed) = typed {
        let count = i64::try_from(typed.faults()).unwrap_or(i64::MAX);
        page.add(Block::Errors(text.with("error-summary", &[("count", Arg::Number(count))])));
    }
    page.with(Block::Form(Form {
        to: visit.form_target(ACCOUNT, &link.digits),
        hidden: vec![("csrf", link.csrf(&visit.api.world).unwrap_or_default())],
        fields: new_password_fields(language, "field-password-new", typed).into(),
        checkbox: None,
        button: text.get("button-save-password"),
        main: true,
    }))
}

fn refused(visit: &Visit, error: ServiceError) -> Result<Page, Problem> {
    match error {
        ServiceError::Rejected(Rejection::NotGenuine) => Ok(dead(visit, "unknown")),
        ServiceError::Rejected(Rejection::AccountLinkEnded { expired: true }) => Ok(dead(visit, "expired")),
        ServiceError::Rejected(Rejection::AccountLinkEnded { expired: false }) => Ok(dead(visit, "used")),
        other => Err(other.into()),
    }
}

fn dead(visit: &Visit, how: &str) -> Page {
    let status = if how == "unknown" { StatusCode::NOT_FOUND } else { StatusCode::GONE };
    Page::new(status, visit.language(&[]), &format!("account-{how}-title"), &[])
        .text(&format!("account-{how}-text"), &[])
        .text(&format!("account-{how}-advice"), &[])
}
