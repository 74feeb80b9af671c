//! The hosted pages: server-rendered, working without a script, deciding nothing. GET and HEAD change nothing (LINK-2).

mod accept;
mod account;
mod code;
mod forms;
mod mailbox;
mod offer;
mod outcome;
mod sealed;
mod view;
mod visit;

pub(crate) use view::Refusal;

use crate::{
    Api, HttpConfig, Problem,
    endpoint::{readable, resource, timely},
    extract::header,
    problem::{self, retry_seconds, table},
};
use actix_web::{
    HttpRequest, HttpResponse,
    dev::Payload,
    http::{Method, StatusCode},
    web::{self, Data, ServiceConfig},
};
use invite_domain::{
    directory::{Account, Username},
    email::EmailAddress,
    phone::PhoneNumber,
    service::Redeemed,
    time::Timestamp,
};
use invite_text::Arg;
use view::{Block, Page};
use visit::Visit;

pub(crate) fn register(api: &Api, config: &mut ServiceConfig) {
    resource(config, "/i/{token}", vec![(Method::GET, readable().to(accept::open))]);
    let accept =
        vec![(Method::GET, readable().to(timely(accept::show))), (Method::POST, web::post().to(timely(accept::act)))];
    resource(config, "/accept", accept);
    let code =
        vec![(Method::GET, readable().to(timely(code::show))), (Method::POST, web::post().to(timely(code::enter)))];
    resource(config, "/code/{slug}", code);
    resource(config, "/account/{token}", vec![(Method::GET, readable().to(account::open))]);
    let account =
        vec![(Method::GET, readable().to(timely(account::show))), (Method::POST, web::post().to(timely(account::set)))];
    resource(config, "/account", account);
    resource(config, "/assets/pages.css", vec![(Method::GET, readable().to(style))]);
    if api.mailbox.is_some() {
        resource(config, "/mailbox", vec![(Method::GET, readable().to(mailbox::list))]);
        resource(config, "/mailbox/{id}", vec![(Method::GET, readable().to(mailbox::mail))]);
        resource(config, "/mailbox/{id}/html", vec![(Method::GET, readable().to(mailbox::html))]);
    }
}

async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(include_str!("../../assets/pages.css"))
}

/// Where a success leads, where the operator still allows it (LINK-6).
pub(crate) fn destination(config: &HttpConfig, redeemed: &Redeemed) -> Option<String> {
    let mut url = config.allowed_redirect(redeemed.redirect_url.as_deref()?)?;
    url.query_pairs_mut().append_pair("invitation_id", &redeemed.invitation.id.to_string());
    Some(url.into())
}

/// What an account signs in with, as its own person may see it: its address, else its username or phone number.
fn called(account: &Account) -> String {
    let address = account.email.as_ref().map(EmailAddress::as_str);
    let other = || account.username.as_ref().map(Username::as_str).or(account.phone.as_ref().map(PhoneNumber::as_str));
    address.or_else(other).unwrap_or_default().to_owned()
}

/// The same as anybody may see it who looks over the person's shoulder.
fn masked(account: &Account) -> String {
    let phone = || account.phone.as_ref().map(PhoneNumber::masked);
    let masked = account.email.as_ref().map(EmailAddress::masked).or_else(phone);
    masked.or_else(|| account.display_name().map(str::to_owned)).unwrap_or_default()
}

/// Whether a request is a person's: a refusal of it is a page.
pub(crate) fn is_page(request: &HttpRequest) -> bool {
    let path = request.path();
    let ours = path == "/accept"
        || path == "/account"
        || ["/i/", "/code/", "/account/", "/mailbox"].iter().any(|prefix| path.starts_with(prefix));
    ours || (!path.starts_with("/v1/") && header::is_browser(request))
}

/// A refusal as a page.
pub(crate) fn problem_page(
    problem: &Problem,
    request: &HttpRequest,
    api: &Data<Api>,
    id: &str,
    now: Timestamp,
) -> HttpResponse {
    let visit = Visit::new(request, api.clone(), Payload::None);
    let language = visit.language(&[]);
    let status = StatusCode::from_u16(problem.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let page = match problem.kind.status {
        404 | 405 => Page::new(status, language, "problem-not-found-title", &[]).text("problem-not-found-text", &[]),
        503 => Page::new(status, language, "unavailable-title", &[]).text("unavailable-text", &[]),
        500.. => Page::new(status, language, "problem-title", &[])
            .text("problem-text", &[])
            .text("problem-reference", &[("id", Arg::Text(id))]),
        _ => {
            let mut page = Page::new(status, language, "problem-title", &[]);
            problem.kind.title.clone_into(&mut page.title);
            page.with(Block::Text(problem.detail.as_deref().unwrap_or(problem.kind.detail).to_owned()))
        }
    };
    let mut draft = page.answer(&visit);
    if let Some(retry) = problem.retry {
        draft.builder.insert_header(("Retry-After", retry_seconds(retry, now)));
    }
    if let Some(allow) = &problem.allow {
        draft.builder.insert_header(("Allow", allow.as_str()));
    }
    draft.finish().unwrap_or_else(|failed| problem::render(&failed, request, id, now))
}

/// What cannot be said in more words than it has, in any language the catalogue lacks.
fn internal(why: &'static str) -> Problem {
    Problem::new(&table::INTERNAL).because(why)
}
