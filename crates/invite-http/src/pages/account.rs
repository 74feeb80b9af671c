//! `/account/{token}`: behind the owner's first link, a password reset and a change of address.

use super::{
    called,
    forms::{Chosen, new_password_fields, reveal, sign_in_fault},
    internal, masked,
    sealed::{ACCOUNT, Link},
    view::{Block, Field, Form, Mark, Page},
    visit::Visit,
    words::Words,
};
use crate::{
    Problem,
    extract::{call::Answer, quota},
    problem::Spent,
};
use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::Path,
};
use invite_domain::{
    directory::{Password, Session},
    email::EmailAddress,
    invitation::Rejection,
    secret::{AccountPurpose, ParsedAccountToken},
    service::{AccountLink, AddressProof, ServiceError},
};
use invite_text::{Arg, Language};

/// Checks that the token is ours and moves it from the address bar into a cookie.
pub(super) async fn open(visit: Visit, token: Path<String>) -> Answer {
    if ParsedAccountToken::parse(&token, &visit.api.world.keys.ring()).is_err() {
        return with_new_password(dead(&visit, "unknown"), &visit).send(&visit);
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
        Ok(about) if about.purpose == AccountPurpose::ChangeAddress => {
            let session = visit.person().await?.map(|person| person.session);
            address_form(&visit, &link, &about, !is_own(session.as_ref(), &about), None).send(&visit)
        }
        Ok(about) => form(&visit, &link, &about, None).send(&visit),
        Err(error) => refused(&visit, &link, error)?.send(&visit),
    }
}

/// Sets the password, or confirms the address.
pub(super) async fn set(mut visit: Visit) -> Answer {
    let Some(sent) = visit.form().await? else { return visit.form_expired() };
    let Some(link) = link(&visit) else { return visit.no_link() };
    if !link.is_own_form(&visit.api.world, sent.typed("csrf")) {
        return visit.form_expired();
    }
    let about = match visit.api.directory.account_link(token(&link)).await {
        Ok(about) => about,
        Err(error) => return refused(&visit, &link, error)?.send(&visit),
    };
    if about.purpose == AccountPurpose::ChangeAddress {
        return confirm_address(&visit, &link, &about, sent.get("password")).await;
    }
    let chosen = Chosen::read(&sent);
    if chosen.faults() > 0 {
        return form(&visit, &link, &about, Some(&chosen)).send(&visit);
    }
    match visit.api.directory.confirm_account_link(token(&link), chosen.password).await {
        Ok(account) => {
            let login = called(&account);
            let address = [("address", Arg::Text(&login))];
            let page = Page::new(StatusCode::OK, language(&visit, &about), "account-success-title", &[])
                .marked(Mark::Success)
                .text("account-success-text", &address);
            with_sign_in(page, &visit)
                .answer(&visit)
                .cookie(Some(ACCOUNT.forget(&visit.api.config, &link.digits)))
                .finish()
        }
        Err(error) => refused(&visit, &link, error)?.send(&visit),
    }
}

/// Whether somebody is signed in as the very account the link is of.
fn is_own(session: Option<&Session>, about: &AccountLink) -> bool {
    session.is_some_and(|session| session.account_id == about.account.id)
}

/// Gives the account its new address. Whoever is signed in as that account here stays so; anybody else needs its password, for
/// the link may have gone to somebody else's mailbox by a typing error.
async fn confirm_address(visit: &Visit, link: &Link, about: &AccountLink, typed: Option<&str>) -> Answer {
    let session = visit.person().await?.map(|person| person.session);
    let is_asked = !is_own(session.as_ref(), about);
    let password = typed.filter(|typed| !typed.is_empty()).map(Password::typed);
    let language = language(visit, about);
    let again = |fault: String| address_form(visit, link, about, is_asked, Some(fault));
    if is_asked && password.is_none() {
        return again(Words::new(language).get("error-password-missing")).send(visit);
    }
    let proof = AddressProof { session, password, client: visit.client() };
    match visit.api.directory.confirm_address(token(link), proof).await {
        Ok(account) => {
            let address = called(&account);
            let address = [("address", Arg::Text(&address))];
            let page = Page::new(StatusCode::OK, language, "account-address-success-title", &[])
                .marked(Mark::Success)
                .text("account-address-success-text", &address);
            with_sign_in(page, visit)
                .answer(visit)
                .cookie(Some(ACCOUNT.forget(&visit.api.config, &link.digits)))
                .finish()
        }
        Err(ServiceError::Rejected(Rejection::BadCredentials)) => again(sign_in_fault(language, None)).send(visit),
        Err(ServiceError::Rejected(Rejection::TooManyAttempts { possible_at })) => {
            let seconds = (possible_at - visit.api.world.clock.now()).num_seconds().max(1);
            quota::spent_until(Spent::Guesses, possible_at, &visit.request, &visit.api);
            let mut page = again(sign_in_fault(language, Some(seconds)));
            page.status = StatusCode::TOO_MANY_REQUESTS;
            let mut answer = page.send(visit)?;
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            Ok(answer)
        }
        Err(error) => refused(visit, link, error)?.send(visit),
    }
}

/// What a change of address asks: to be confirmed, and for the password of whoever is not signed in as that account.
fn address_form(visit: &Visit, link: &Link, about: &AccountLink, is_asked: bool, fault: Option<String>) -> Page {
    let language = language(visit, about);
    let words = Words::new(language);
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let password = is_asked.then(|| Field {
        name: "password",
        kind: "password",
        label: words.get("field-password"),
        autocomplete: "current-password",
        required: true,
        error: fault,
        reveal: Some(reveal(language)),
        ..Field::default()
    });
    let fields: Vec<_> = password.into_iter().collect();
    let old = masked(&about.account);
    let new = about.address.as_ref().map(EmailAddress::as_str).unwrap_or_default();
    let facts = [("address", Arg::Text(new)), ("old", Arg::Text(&old))];
    // Whoever came by a code had no address before.
    let intro = if about.account.email.is_some() { "account-address-text" } else { "account-address-first-text" };
    // The mail may reach somebody whom a stranger wants to bind to an account of the stranger's own.
    let page = Page::new(status, language, "account-address-title", &[])
        .text(intro, &facts)
        .text("account-address-warning", &[]);
    let page = if is_asked { page.text("account-address-password", &[]) } else { page };
    page.with_errors_of(&fields).with(Block::Form(Form {
        to: visit.form_target(ACCOUNT, &link.digits),
        hidden: vec![("csrf", link.csrf(&visit.api.world).unwrap_or_default())],
        fields,
        checkbox: None,
        button: words.get("button-confirm-address"),
        main: true,
    }))
}

fn language(visit: &Visit, about: &AccountLink) -> Language {
    visit.language(&[about.account.locale.as_deref()])
}

fn form(visit: &Visit, link: &Link, about: &AccountLink, typed: Option<&Chosen>) -> Page {
    let language = language(visit, about);
    let words = Words::new(language);
    let masked = masked(&about.account);
    let address = [("address", Arg::Text(&masked))];
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (title, intro) = match about.purpose {
        AccountPurpose::OwnerLink => ("account-owner-title", "account-owner-text"),
        AccountPurpose::PasswordReset | AccountPurpose::ChangeAddress => ("account-reset-title", "account-reset-text"),
    };
    let fields = new_password_fields(language, "field-password-new", typed);
    let page = Page::new(status, language, title, &[]).text(intro, &address).with_errors_of(&fields);
    page.with(Block::Form(Form {
        to: visit.form_target(ACCOUNT, &link.digits),
        hidden: vec![("csrf", link.csrf(&visit.api.world).unwrap_or_default())],
        fields: fields.into(),
        checkbox: None,
        button: words.get("button-save-password"),
        main: true,
    }))
}

/// Leads to where a password is entered.
fn with_sign_in(page: Page, visit: &Visit) -> Page {
    page.leading_to_console(visit, false)
}

/// Leads to where a link for a new password is asked for.
fn with_new_password(page: Page, visit: &Visit) -> Page {
    let label = Words::new(page.language).get("account-reset-title");
    page.with(Block::Button { to: format!("{}/console/forgotten", visit.api.config.base_path()), label })
}

fn refused(visit: &Visit, link: &Link, error: ServiceError) -> Result<Page, Problem> {
    let parsed = ParsedAccountToken::parse(token(link), &visit.api.world.keys.ring());
    let of_address = parsed.is_ok_and(|parsed| parsed.purpose() == AccountPurpose::ChangeAddress);
    match error {
        ServiceError::Rejected(ended @ (Rejection::NotGenuine | Rejection::AccountLinkEnded { expired: true })) => {
            let page = dead(visit, if ended == Rejection::NotGenuine { "unknown" } else { "expired" });
            // A change of address is asked for again at the console, not here.
            Ok(if of_address { page } else { with_new_password(page, visit) })
        }
        ServiceError::Rejected(Rejection::AccountLinkEnded { expired: false }) => {
            Ok(with_sign_in(dead(visit, if of_address { "address-used" } else { "used" }), visit))
        }
        other => Err(other.into()),
    }
}

fn dead(visit: &Visit, how: &str) -> Page {
    let unknown = how == "unknown";
    let status = if unknown { StatusCode::NOT_FOUND } else { StatusCode::GONE };
    Page::new(status, visit.language(&[]), &format!("account-{how}-title"), &[])
        .marked(if unknown { Mark::Trouble } else { Mark::Ended })
        .text(&format!("account-{how}-text"), &[])
        .text(&format!("account-{how}-advice"), &[])
}
