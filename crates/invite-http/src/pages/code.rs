//! `/code/{slug}`: where a person types the short code of a message.
//!
//! Looking at it changes nothing. It looks the same for every organisation and for none, and so do its refusals: neither
//! tells whether there is an organisation of that name. The code travels in the form's body alone.

use super::{
    internal,
    outcome::Refused,
    sealed::{ACCEPT, CODE, Link, digest_of, digits_of},
    view::{Block, Field, Form, Mark, Page},
    visit::Visit,
    words::Words,
};
use crate::{
    extract::{call::Answer, quota},
    problem::{Retry, Spent, retry_seconds, table},
};
use actix_web::{
    HttpResponse,
    cookie::Cookie,
    http::{StatusCode, header},
    web::Path,
};
use invite_domain::{
    directory::Slug,
    invitation::Rejection,
    service::{Secret, ServiceError},
    time::Timestamp,
};
use invite_text::{Arg, Language, date_time};

/// The page's own cookie: what its form is proven by. It holds a digest: an address can be as long as a request.
fn own(visit: &Visit, slug: &str) -> Option<Link> {
    let page = digest_of(slug);
    let link = CODE.link(&visit.request, &visit.api.world, Some(&digits_of(&page)))?;
    (link.token() == Some(page.as_str())).then_some(link)
}

/// The form.
pub(super) async fn show((visit, slug): (Visit, Path<String>)) -> Answer {
    // A cookie that is still good stays: the same page in another tab goes on working.
    let (csrf, cookie) = match own(&visit, &slug) {
        Some(link) => (link.csrf(&visit.api.world), None),
        None => fresh(&visit, &slug).map_or((None, None), |(csrf, cookie)| (csrf, Some(cookie))),
    };
    let csrf = csrf.ok_or_else(|| internal("the key ring has no active key"))?;
    form(&visit, &slug, csrf, None).answer(&visit).cookie(cookie).finish()
}

fn fresh(visit: &Visit, slug: &str) -> Option<(Option<String>, Cookie<'static>)> {
    let page = digest_of(slug);
    let (cookie, digits) = CODE.hold(&visit.api, &page)?;
    let csrf = Link::of(&cookie, digits, &page).csrf(&visit.api.world);
    Some((csrf, cookie))
}

/// Why the form is shown again.
type Fault<'a> = (StatusCode, &'static str, &'a [(&'a str, Arg<'a>)]);

fn form(visit: &Visit, slug: &str, csrf: String, fault: Option<Fault<'_>>) -> Page {
    let language = visit.language(&[]);
    let words = Words::new(language);
    let status = fault.map_or(StatusCode::OK, |(status, _, _)| status);
    let mut page = Page::new(status, language, "code-title", &[]);
    // By the name in the address, whoever it belongs to: what the organisation is really called would tell that it exists.
    if let Ok(slug) = Slug::parse(slug) {
        page = page.text("code-intro", &[("organization", Arg::Text(slug.as_str()))]);
    }
    let code = Field {
        name: "code",
        kind: "text",
        label: words.get("code-label"),
        hint: Some(words.get("code-help")),
        // What was typed is never sent back.
        value: String::new(),
        autocomplete: "one-time-code",
        code: true,
        required: true,
        error: fault.map(|(_, key, args)| words.with(key, args)),
        ..Field::default()
    };
    let fields = vec![code];
    page.with_errors_of(&fields).with(Block::Form(Form {
        to: visit.same_page(),
        hidden: vec![("csrf", csrf)],
        fields,
        checkbox: None,
        button: words.get("code-button"),
        main: true,
    }))
}

/// Takes a code: a good one leads to its offer.
pub(super) async fn enter((mut visit, slug): (Visit, Path<String>)) -> Answer {
    let Some(sent) = visit.form().await? else { return visit.form_expired() };
    let Some(link) = own(&visit, &slug) else { return visit.form_expired() };
    if !link.is_own_form(&visit.api.world, sent.typed("csrf")) {
        return visit.form_expired();
    }
    let csrf = sent.typed("csrf").to_owned();
    let again = |status, key| form(&visit, &slug, csrf, Some((status, key, &[])));
    let typed = sent.typed("code");
    if typed.is_empty() {
        return again(StatusCode::UNPROCESSABLE_ENTITY, "code-missing").send(&visit);
    }
    let caller = visit.person().await?.map(|person| person.account.id);
    let secret = Secret::Code { organization: slug.to_string(), code: typed.to_owned() };
    match visit.api.invitations.preview(&secret, caller, visit.client().as_deref()).await {
        Ok(preview) => {
            let held = ACCEPT.hold_code(&visit.api, preview.invitation_id, &slug, typed);
            let (cookie, digits) = held.ok_or_else(|| internal("the key ring has no active key"))?;
            let target = visit.form_target(ACCEPT, &digits);
            Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, target)).cookie(cookie).finish())
        }
        Err(ServiceError::Rejected(Rejection::CodeMistyped)) => {
            let page = again(StatusCode::UNPROCESSABLE_ENTITY, "code-mistyped");
            page.refusing(table::CODE_MISTYPED.code).send(&visit)
        }
        Err(ServiceError::Rejected(Rejection::NotGenuine)) => {
            let page = again(StatusCode::NOT_FOUND, "code-unknown");
            page.refusing(table::INVITATION_NOT_FOUND.code).send(&visit)
        }
        Err(error) => Refused { visit: &visit, link: None, code_of: Some(slug.into_inner()) }.page(error)?.send(&visit),
    }
}

/// The code was good when it was entered, and is not any more.
pub(super) fn unknown(visit: &Visit, slug: &str) -> Page {
    let page = Page::new(StatusCode::NOT_FOUND, visit.language(&[]), "code-ended-title", &[])
        .marked(Mark::Ended)
        .text("code-unknown", &[]);
    leading_back(page, visit, slug)
}

/// Leads to where a code is entered. What is no slug is no organisation's, and leads nowhere.
fn leading_back(page: Page, visit: &Visit, slug: &str) -> Page {
    let Ok(slug) = Slug::parse(slug) else { return page };
    let chosen = visit.query("lang").and_then(Language::parse);
    let lang = chosen.map(|language| format!("?lang={}", language.tag())).unwrap_or_default();
    let to = format!("{}/code/{slug}{lang}", visit.api.config.base_path(), slug = slug.as_str());
    let label = Words::new(page.language).get("code-title");
    page.with(Block::Button { to, label })
}

/// Nobody may try a code from here for a while.
pub(super) fn too_many(visit: &Visit, slug: Option<&str>, possible_at: Timestamp) -> Page {
    let language = visit.language(&[]);
    let until = date_time(language, possible_at, "UTC");
    let mut page = Page::new(StatusCode::TOO_MANY_REQUESTS, language, "code-too-many-title", &[])
        .marked(Mark::Waiting)
        .text("code-too-many", &[("until", Arg::Text(&until))]);
    quota::spent_until(Spent::Codes, possible_at, &visit.request, &visit.api);
    page.retry = Some(retry_seconds(Retry::At(possible_at), visit.api.world.clock.now()));
    match slug {
        Some(slug) => leading_back(page, visit, slug),
        None => page,
    }
}
