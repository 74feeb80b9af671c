//! The hosted pages: server-rendered, working without a script, deciding nothing. GET and HEAD change nothing (LINK-2).

mod accept;
mod account;
pub(crate) mod asset;
mod code;
mod forms;
pub(crate) mod look;
mod mailbox;
mod offer;
mod outcome;
pub(crate) mod sealed;
mod view;
mod visit;
pub(crate) mod words;

pub(crate) use view::Refusal;
pub(crate) use visit::{Sent, Visit};

use crate::{
    Api, HttpConfig, Problem,
    endpoint::{Paths, readable},
    extract::header,
    problem::{self, retry_seconds, table},
    routes::NATIVE,
    timely::timely,
};
use actix_web::{
    HttpRequest, HttpResponse,
    dev::Payload,
    http::{Method, StatusCode},
    web::{self, Data},
};
use invite_domain::{
    directory::{Account, Username},
    email::EmailAddress,
    phone::PhoneNumber,
    service::Redeemed,
    time::Timestamp,
};
use invite_text::Arg;
use view::{Block, Mark, Page};

pub(crate) fn register(api: &Api, paths: &mut Paths) {
    paths.add("/i/{token}", vec![(Method::GET, readable().to(accept::open))]);
    let accept =
        vec![(Method::GET, readable().to(timely(accept::show))), (Method::POST, web::post().to(timely(accept::act)))];
    paths.add("/accept", accept);
    let code =
        vec![(Method::GET, readable().to(timely(code::show))), (Method::POST, web::post().to(timely(code::enter)))];
    paths.add("/code/{slug}", code);
    paths.add("/account/{token}", vec![(Method::GET, readable().to(account::open))]);
    let account =
        vec![(Method::GET, readable().to(timely(account::show))), (Method::POST, web::post().to(timely(account::set)))];
    paths.add("/account", account);
    for asset in asset::ALL {
        let answer = move |visit: Visit| async move { asset.answer(&visit) };
        paths.add(asset.path(), vec![(Method::GET, readable().to(answer))]);
    }
    if api.mailbox.is_some() {
        paths.add("/mailbox", vec![(Method::GET, readable().to(mailbox::list))]);
        paths.add("/mailbox/{id}", vec![(Method::GET, readable().to(mailbox::mail))]);
        paths.add("/mailbox/{id}/html", vec![(Method::GET, readable().to(mailbox::html))]);
    }
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
    if path.starts_with(NATIVE) {
        return false;
    }
    let ours = path == "/accept"
        || path == "/account"
        || ["/i/", "/code/", "/account/", "/console", "/mailbox"].iter().any(|prefix| path.starts_with(prefix));
    ours || header::is_browser(request)
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
    let page = |key: &str| Page::new(status, language, key, &[]).marked(Mark::Trouble);
    let reference = [("id", Arg::Text(id))];
    let at_console = request.path().starts_with("/console");
    let sent = !request.method().is_safe();
    let page = match problem.kind.status {
        403 if at_console => page("problem-refused-title").text("fault-forbidden", &[]),
        404 | 405 if at_console => page("problem-not-found-title").text("console-unknown", &[]),
        404 | 405 => page("problem-not-found-title").text("problem-not-found-text", &[]),
        // What was sent may have been done before the answer was lost.
        500.. if at_console && sent && problem.kind.code != table::OVERLOADED.code => {
            page("problem-title").text("console-uncertain-text", &[]).text("problem-reference", &reference)
        }
        408 | 429 | 503 if at_console => page("unavailable-title").marked(Mark::Waiting).text("console-busy-text", &[]),
        408 | 429 | 503 => page("unavailable-title").marked(Mark::Waiting).text("unavailable-text", &[]),
        500.. => page("problem-title").text("problem-text", &[]).text("problem-reference", &reference),
        _ => page("problem-refused-title").text("problem-refused-text", &[]).text("problem-reference", &reference),
    };
    let page = if at_console {
        let label = words::Words::new(language).get("console-back");
        page.with(Block::Button { to: format!("{}/console", api.config.base_path()), label })
    } else {
        page
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
pub(crate) fn internal(why: &'static str) -> Problem {
    Problem::new(&table::INTERNAL).because(why)
}
