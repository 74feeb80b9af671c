//! Signing in to the console, by a password or by a key, and out again.

use super::{
    entry::{Carried, carried, key_cookie, lead, no_key_cookie},
    fault::Fault,
    frame::{Frame, LANGUAGE, answer, language as language_of},
    proof,
};
use crate::{
    Problem,
    extract::{call::Answer, quota},
    pages::{Sent, Visit, internal, words::Words},
    problem::{Retry, Spent, retry_seconds},
};
use actix_web::{
    HttpResponse,
    cookie::{Cookie, SameSite, time},
    http::{StatusCode, header},
};
use askama::Template;
use invite_domain::{
    directory::Password,
    invitation::Rejection,
    service::{Authenticated, ServiceError, SignIn},
};
use invite_text::Language;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

const PATH: &str = "/console/sign-in";
/// How long a language that was chosen is remembered.
const YEAR: time::Duration = time::Duration::days(365);

#[derive(Template)]
#[template(path = "console/sign_in.html")]
struct SignInPage {
    frame: Frame,
    email: String,
    /// Whether the key's form was sent.
    by_key: bool,
    /// Where to go on.
    next: String,
}

#[derive(Template)]
#[template(path = "console/nowhere.html")]
struct NowherePage {
    frame: Frame,
}

/// A path of the console with its query: nobody else's site, and none that a browser would read as another path.
pub(super) fn ours(next: &str) -> Option<&str> {
    let path = next.split(['?', '#']).next().unwrap_or_default();
    let below = path == "/console" || path.starts_with("/console/");
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let lower = path.to_ascii_lowercase();
    // Browsers take these for a dot, a slash and a backslash.
    let hidden = ["%2e", "%2f", "%5c"].iter().any(|code| lower.contains(code));
    let climbs = path.split('/').any(|part| part == "." || part == "..");
    (below && plain && !hidden && !climbs && !next.contains("//") && next.len() <= 500).then_some(next)
}

/// A path of the console, as somebody may be led to after signing in: nobody else's site, and no form's target.
pub(super) fn safe(next: &str) -> Option<&str> {
    let apart = [PATH, "/console/sign-out"].iter().any(|path| next.starts_with(path));
    ours(next).filter(|_| !apart)
}

/// Leads to the form, and from there back to the page that was asked for.
pub(super) fn lead_to(visit: &Visit) -> HttpResponse {
    let request = &visit.request;
    let path = request.path();
    let wanted = if request.method().is_safe() && !request.query_string().is_empty() {
        format!("{path}?{}", request.query_string())
    } else {
        path.to_owned()
    };
    match safe(&wanted).filter(|_| request.method().is_safe()) {
        Some(next) => lead(visit, &format!("{PATH}?next={}", utf8_percent_encode(next, NON_ALPHANUMERIC))),
        None => lead(visit, PATH),
    }
}

/// A page of nobody yet, with the cookie its form is proven by.
pub(super) fn outside(visit: &Visit, title: &str, fault: Option<Fault>) -> Result<(Frame, Cookie<'static>), Problem> {
    let language = language_of(visit, &[]);
    let (csrf, cookie) = proof::stranger(visit)?;
    let frame = Frame::outside(visit, language, Words::new(language).get(title), csrf).with_fault(fault);
    Ok((frame, cookie))
}

/// Puts a cookie into an answer.
pub(super) fn with_cookie(mut answer: HttpResponse, cookie: Option<&Cookie<'_>>) -> Answer {
    if let Some(cookie) = cookie {
        answer.add_cookie(cookie).map_err(|error| internal("a cookie has no place").because(error.to_string()))?;
    }
    Ok(answer)
}

fn form(visit: &Visit, email: &str, by_key: bool, next: &str, fault: Option<Fault>) -> Answer {
    let (frame, cookie) = outside(visit, "console-sign-in-title", fault)?;
    let page = SignInPage { frame, email: email.to_owned(), by_key, next: next.to_owned() };
    with_cookie(answer!(page)?, Some(&cookie))
}

/// The form.
pub(super) async fn show(visit: Visit) -> Answer {
    let next = visit.query("next").and_then(safe).unwrap_or_default().to_owned();
    if carried(&visit).await?.is_some() {
        return Ok(lead(&visit, if next.is_empty() { "/console" } else { &next }));
    }
    form(&visit, "", visit.query("by") == Some("key"), &next, None)
}

/// Signs in.
pub(super) async fn act(mut visit: Visit) -> Answer {
    let Some(sent) = visit.form().await? else { return visit.form_expired() };
    if !proof::is_strangers(&visit, &sent) {
        let next = safe(sent.typed("next")).unwrap_or_default();
        let by_key = sent.get("api_key").is_some();
        return form(&visit, sent.typed("email"), by_key, next, Some(stale(&visit)));
    }
    if sent.get("api_key").is_some() { by_key(&visit, &sent).await } else { by_password(&visit, &sent).await }
}

/// What is said where the page was open for too long, or the browser keeps no cookies.
pub(super) fn stale(visit: &Visit) -> Fault {
    let said = Words::new(language_of(visit, &[])).get("console-form-stale");
    Fault::whole(StatusCode::FORBIDDEN, said)
}

fn refused(visit: &Visit, sent: &Sent, error: ServiceError) -> Answer {
    let wait = match &error {
        ServiceError::Rejected(Rejection::TooManyAttempts { possible_at }) => Some(*possible_at),
        _ => None,
    };
    let fault = Fault::said(language_of(visit, &[]), "UTC", error)?;
    let next = safe(sent.typed("next")).unwrap_or_default();
    let mut answer = form(visit, sent.typed("email"), sent.get("api_key").is_some(), next, Some(fault))?;
    if let Some(at) = wait {
        quota::spent_until(Spent::Guesses, at, &visit.request, &visit.api);
        let seconds = retry_seconds(Retry::At(at), visit.api.world.clock.now());
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(answer)
}

fn onwards(visit: &Visit, sent: &Sent) -> HttpResponse {
    lead(visit, safe(sent.typed("next")).unwrap_or("/console"))
}

async fn by_password(visit: &Visit, sent: &Sent) -> Answer {
    let command = SignIn {
        login: sent.typed("email").to_owned(),
        password: Password::typed(sent.get("password").unwrap_or_default()),
        renewable: false,
        client: visit.client(),
    };
    let signed_in = match visit.api.directory.sign_in(command).await {
        Ok(signed_in) => signed_in,
        Err(error) => return refused(visit, sent, error),
    };
    end_before(visit).await?;
    let cookie = visit.session_cookie(&signed_in.text, &signed_in.session);
    let answer = with_cookie(onwards(visit, sent), Some(&cookie))?;
    with_cookie(answer, Some(&no_key_cookie(visit)))
}

/// Ends the session before: one browser, one session (rotated at every sign-in).
async fn end_before(visit: &Visit) -> Result<(), Problem> {
    if let Some(Carried { who, .. }) = carried(visit).await?
        && let Some((_, before)) = who.person()
    {
        visit.api.directory.sign_out(before.id).await?;
    }
    Ok(())
}

async fn by_key(visit: &Visit, sent: &Sent) -> Answer {
    let key = sent.typed("api_key");
    let who = match visit.api.directory.sign_in_by_credential(key, visit.client().as_deref()).await {
        Ok(who) => who,
        Err(error) => return refused(visit, sent, error),
    };
    let Some(Authenticated::ApiKey(_)) = who else {
        let said = Words::new(language_of(visit, &[])).get("fault-unknown-key");
        let next = safe(sent.typed("next")).unwrap_or_default();
        return form(visit, "", true, next, Some(Fault::whole(StatusCode::UNAUTHORIZED, said)));
    };
    end_before(visit).await?;
    let cookie = key_cookie(visit, key).ok_or_else(|| internal("the key ring has no active key"))?;
    let answer = with_cookie(onwards(visit, sent), Some(&cookie))?;
    with_cookie(answer, Some(&visit.no_session_cookie()))
}

/// Ends the session. Its form carries what the page's reader was given, signed in or not.
pub(super) async fn out(mut visit: Visit) -> Answer {
    let Some(sent) = visit.form().await? else { return visit.form_expired() };
    if let Some(Carried { who, proof }) = carried(&visit).await? {
        if !proof::is_persons(&visit.api.world, &proof, sent.typed("csrf")) {
            return visit.form_expired();
        }
        if let Some((_, session)) = who.person() {
            visit.api.directory.sign_out(session.id).await?;
        }
    }
    let answer = with_cookie(lead(&visit, &format!("{PATH}?done=signed-out")), Some(&visit.no_session_cookie()))?;
    with_cookie(answer, Some(&no_key_cookie(&visit)))
}

/// Remembers a language. It is no secret and changes nothing but words, so who sends it need not be proven; where it leads
/// is the console.
pub(super) async fn language(mut visit: Visit) -> Answer {
    let Some(sent) = visit.form().await? else { return visit.form_expired() };
    let path = ours(sent.typed("next")).unwrap_or("/console").to_owned();
    let Some(language) = Language::parse(sent.typed("language")) else { return Ok(lead(&visit, &path)) };
    let cookie = Cookie::build(LANGUAGE, language.tag())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(visit.api.config.secure())
        .max_age(YEAR)
        .finish();
    with_cookie(lead(&visit, &path), Some(&cookie))
}

/// What somebody sees who is signed in and belongs to no organisation.
pub(super) fn nowhere(visit: &Visit, own: &str) -> Answer {
    let language = language_of(visit, &[]);
    let csrf = proof::personal(&visit.api.world, own)?;
    let title = Words::new(language).get("console-nowhere-title");
    let mut frame = Frame::outside(visit, language, title, csrf);
    frame.status = StatusCode::FORBIDDEN;
    let mut answer = answer!(NowherePage { frame })?;
    // A browser must not show it again to who has joined since.
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn link_6_signing_in_leads_to_the_console_and_nowhere_else() {
        for good in ["/console", "/console/invitations", "/console/invitations?status=pending&query=%2E.%5c"] {
            assert_eq!(safe(good), Some(good));
        }
        for bad in [
            "",
            "/",
            "/consolé",
            "/console-evil",
            "//evil.example",
            "/console//evil",
            "/console/\\evil",
            "https://evil.example/console",
            "javascript:alert(1)",
            "/console/sign-out",
            "/console/../accept",
            "/console/.",
            "/console/x/..?a=b",
            "/console/%2E%2e/accept",
            "/console/%5Cevil",
            "/console/%2f/evil",
            "/console/x\r\nSet-Cookie: a=b",
        ] {
            assert_eq!(safe(bad), None, "{bad:?}");
        }
        assert_eq!(safe(&format!("/console/{}", "x".repeat(500))), None);
    }
}
