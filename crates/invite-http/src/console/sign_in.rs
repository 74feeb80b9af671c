//! Signing in to the console, by a password or by a key, and out again.

use super::{
    entry::{Carried, carried, key_cookie, lead, no_key_cookie},
    fault::Fault,
    frame::{Frame, LANGUAGE, answer, language as language_of},
};
use crate::{
    Problem,
    extract::call::Answer,
    pages::{Sent, Visit, internal, sealed, words::Words},
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

/// A path of the console, as somebody may be led to after signing in: nobody else's site, and no form's target.
pub(super) fn safe(next: &str) -> Option<&str> {
    let ours = next == "/console" || next.starts_with("/console/");
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let apart = ["/console/sign-in", "/console/sign-out"].iter().any(|path| next.starts_with(path));
    (ours && plain && !apart && !next.contains("//") && next.len() <= 500).then_some(next)
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

/// The page's own cookie, fresh or still good, and what its form carries.
pub(super) fn proof(visit: &Visit) -> Result<(String, Option<Cookie<'static>>), Problem> {
    let world = &visit.api.world;
    let none = || internal("the key ring has no active key");
    if let Some(link) = sealed::SIGN_IN.link(&visit.request, world, None) {
        return Ok((link.csrf(world).ok_or_else(none)?, None));
    }
    let (cookie, _) = sealed::SIGN_IN.hold(&visit.api, "sign-in").ok_or_else(none)?;
    let csrf = sealed::csrf_field(world, cookie.value()).ok_or_else(none)?;
    Ok((csrf, Some(cookie)))
}

/// Whether a form stands on a page that [`proof`] was given to.
pub(super) fn is_own_form(visit: &Visit, sent: &Sent) -> bool {
    let link = sealed::SIGN_IN.link(&visit.request, &visit.api.world, None);
    link.is_some_and(|link| link.is_own_form(&visit.api.world, sent.typed("csrf")))
}

/// A page of nobody yet, with the cookie its form is proven by.
pub(super) fn outside(
    visit: &Visit,
    title: &str,
    fault: Option<Fault>,
) -> Result<(Frame, Option<Cookie<'static>>), Problem> {
    let language = language_of(visit, &[]);
    let (csrf, cookie) = proof(visit)?;
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
    with_cookie(answer!(page)?, cookie.as_ref())
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
    if !is_own_form(&visit, &sent) {
        return visit.form_expired();
    }
    if sent.get("api_key").is_some() { by_key(&visit, &sent).await } else { by_password(&visit, &sent).await }
}

fn refused(visit: &Visit, sent: &Sent, error: ServiceError, by_key: bool) -> Answer {
    let fault = Fault::said(language_of(visit, &[]), "UTC", error)?;
    let next = safe(sent.typed("next")).unwrap_or_default();
    form(visit, sent.typed("email"), by_key, next, Some(fault))
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
        Err(error) => return refused(visit, sent, error, false),
    };
    // The session before ends here: one browser, one session (rotated at every sign-in).
    if let Some(Carried { who, .. }) = carried(visit).await?
        && let Some((_, before)) = who.person()
    {
        visit.api.directory.sign_out(before.id).await?;
    }
    let cookie = visit.session_cookie(&signed_in.text, &signed_in.session);
    let answer = with_cookie(onwards(visit, sent), Some(&cookie))?;
    with_cookie(answer, Some(&no_key_cookie(visit)))
}

async fn by_key(visit: &Visit, sent: &Sent) -> Answer {
    let key = sent.typed("api_key");
    let who = visit.api.directory.authenticate(key).await?;
    let Some(Authenticated::ApiKey(_)) = who else {
        return refused(visit, sent, Rejection::BadCredentials.into(), true);
    };
    let cookie = key_cookie(visit, key).ok_or_else(|| internal("the key ring has no active key"))?;
    let answer = with_cookie(onwards(visit, sent), Some(&cookie))?;
    with_cookie(answer, Some(&visit.no_session_cookie()))
}

/// Ends the session. Its form carries what the page's reader was given, signed in or not.
pub(super) async fn out(mut visit: Visit) -> Answer {
    let Some(sent) = visit.form().await? else { return visit.form_expired() };
    if let Some(Carried { who, proof }) = carried(&visit).await? {
        if !sealed::is_csrf_field(&visit.api.world, &proof, sent.typed("csrf")) {
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
    let path = safe(sent.typed("next")).unwrap_or("/console").to_owned();
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
pub(super) fn nowhere(visit: &Visit, proof: &str) -> Answer {
    let language = language_of(visit, &[]);
    let csrf = sealed::csrf_field(&visit.api.world, proof).ok_or_else(|| internal("the key ring has no active key"))?;
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
        for good in ["/console", "/console/invitations", "/console/invitations?status=pending&page=2"] {
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
            "/console/x\r\nSet-Cookie: a=b",
        ] {
            assert_eq!(safe(bad), None, "{bad:?}");
        }
        assert_eq!(safe(&format!("/console/{}", "x".repeat(500))), None);
    }
}
