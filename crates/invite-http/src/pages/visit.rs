//! A person's request for a page.

use super::{
    sealed::Place,
    view::{Block, Mark, Page},
    words::Words,
};
use crate::{
    Api, Problem,
    extract::{
        body,
        call::{Answer, client_address, client_key, request_id},
        identity::{SignedIn, signed_in},
        origin, quota,
    },
    frame::POLICY,
    problem::table,
    routed::Routed,
    timely::Input,
};
use actix_web::{
    FromRequest, HttpRequest,
    cookie::{Cookie, SameSite, time},
    dev::Payload,
    http::{Method, StatusCode, header},
    web::{Bytes, Data},
};
use invite_domain::invitation::Origin;
use invite_domain::{directory::Session, secret::CredentialText};
use invite_text::{Language, from_accept_language, negotiate};
use std::{
    collections::BTreeMap,
    future::{Ready, ready},
};
use url::form_urlencoded;

/// A request for a page. Unknown query parameters are ignored: mail programs add some.
pub(crate) struct Visit {
    pub(crate) request: HttpRequest,
    pub(crate) api: Data<Api>,
    payload: Payload,
    query: BTreeMap<String, String>,
}

impl Input for Visit {
    fn has_body(&self) -> bool {
        self.payload.has_body()
    }
}

impl FromRequest for Visit {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let missing = || Problem::new(&table::INTERNAL).because("the application is not configured");
        let api = request.app_data::<Data<Api>>().cloned().ok_or_else(missing);
        ready(api.and_then(|api| {
            if is_invitees(request) {
                quota::of_network(request, &api)?;
            }
            Ok(Self::new(request, api, payload.take()))
        }))
    }
}

/// Whether it is for a page of invitees, which anybody may ask for: counted by where it comes from. At the console who is
/// signed in is looked at first, and what never changes costs nothing.
fn is_invitees(request: &HttpRequest) -> bool {
    let pattern = Routed::of(request).map(Routed::pattern).unwrap_or_default();
    ["/i/", "/accept", "/code/", "/account"].iter().any(|prefix| pattern.starts_with(prefix))
}

/// A form that came in, with the bytes it came as.
pub(crate) struct Sent {
    pub(crate) bytes: Bytes,
    fields: BTreeMap<String, String>,
}

impl Sent {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// Every value of a field that may stand in the form several times.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let fields = form_urlencoded::parse(&self.bytes).into_owned();
        fields.filter(|(field, _)| field == name).map(|(_, value)| value).collect()
    }

    /// What was typed into a field, without the blanks around it.
    pub(crate) fn typed(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }
}

impl Visit {
    pub(crate) fn new(request: &HttpRequest, api: Data<Api>, payload: Payload) -> Self {
        let query = form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
        Self { request: request.clone(), api, payload, query }
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// Where the request came from, for the trail.
    pub(crate) fn origin(&self) -> Origin {
        Origin { request_id: Some(self.request_id()), address: client_address(&self.request, &self.api) }
    }

    pub(crate) fn request_id(&self) -> String {
        request_id(&self.request)
    }

    pub(crate) fn client(&self) -> Option<String> {
        client_key(&self.request, &self.api)
    }

    /// The person's choice, the browser's, then these in turn, then the operator's (rule 8.3).
    pub(crate) fn language(&self, further: &[Option<&str>]) -> Language {
        let chosen = self.query("lang").and_then(Language::parse).or_else(|| crate::console::chosen_language(self));
        let browser = || {
            let header = self.request.headers().get(header::ACCEPT_LANGUAGE)?;
            header.to_str().ok().and_then(from_accept_language)
        };
        let operator = self.api.config.locale.as_deref();
        let candidates = || further.iter().copied().chain([operator]).collect::<Vec<_>>();
        chosen.or_else(browser).unwrap_or_else(|| negotiate(&candidates()))
    }

    /// Where the language switch leads: the same page, where it was asked for by GET.
    pub(crate) fn switch(&self) -> Option<(&str, Vec<(&str, &str)>)> {
        let path = self.request.path();
        let shown = (["/accept", "/account"].contains(&path) || path.starts_with("/code/")).then_some(path)?;
        let kept = ["i", "a", "sign_in"].into_iter().filter_map(|name| Some((name, self.query(name)?)));
        (*self.request.method() != Method::POST).then(|| (shown, kept.collect()))
    }

    /// Where a form of this page leads, with the language that was chosen.
    pub(crate) fn form_target(&self, place: Place, digits: &str) -> String {
        let lang = self.chosen_language().map(|tag| format!("&lang={tag}")).unwrap_or_default();
        let (base, path, parameter) = (self.api.config.base_path(), place.path, place.parameter);
        format!("{base}{path}?{parameter}={digits}{lang}")
    }

    /// Where a form leads back to the page it stands on, with the language that was chosen.
    pub(crate) fn same_page(&self) -> String {
        let lang = self.chosen_language().map(|tag| format!("?lang={tag}")).unwrap_or_default();
        format!("{}{}{lang}", self.api.config.base_path(), self.request.path())
    }

    fn chosen_language(&self) -> Option<&'static str> {
        Some(self.query("lang").and_then(Language::parse)?.tag())
    }

    /// The strict policy; browsers hold a form's redirect to `form-action`, so the allowed destinations join it.
    pub(crate) fn policy(&self) -> String {
        let origins = self.api.config.allowed_redirects.iter().map(|url| url.origin().ascii_serialization());
        let mut origins: Vec<String> = origins.collect();
        origins.sort();
        origins.dedup();
        let with = origins.iter().fold("form-action 'self'".to_owned(), |text, origin| format!("{text} {origin}"));
        POLICY.replace("form-action 'self'", &with)
    }

    /// Who is signed in, by the session's cookie. A session of one organisation is nobody's here: what an invitation of
    /// another one asks takes the person's own.
    pub(crate) async fn person(&self) -> Result<Option<SignedIn>, Problem> {
        let person = signed_in(&self.request, &self.api.directory, self.api.config.session_cookie()).await?;
        Ok(person.filter(|person| person.session.organization_id.is_none()))
    }

    /// The session's cookie.
    pub(crate) fn session_cookie(&self, text: &CredentialText, session: &Session) -> Cookie<'static> {
        let left = session.expires_at - self.api.world.clock.now();
        self.cookie(text.expose().to_owned(), left.num_seconds())
    }

    /// Takes the session's cookie away.
    pub(crate) fn no_session_cookie(&self) -> Cookie<'static> {
        self.cookie(String::new(), 0)
    }

    fn cookie(&self, value: String, seconds: i64) -> Cookie<'static> {
        let config = &self.api.config;
        Cookie::build(config.session_cookie(), value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(config.secure())
            .max_age(time::Duration::seconds(seconds))
            .finish()
    }

    /// The form that was sent, from a page of ours; `None` for anything else.
    pub(crate) async fn form(&mut self) -> Result<Option<Sent>, Problem> {
        let form = body::media_type(&self.request).as_deref() == Some("application/x-www-form-urlencoded");
        if !form || !origin::is_own(&self.request, &self.api.config, origin::Proof::Form) {
            return Ok(None);
        }
        let bytes = body::read(&self.request, &mut self.payload).await?;
        let fields = form_urlencoded::parse(&bytes).into_owned().collect();
        Ok(Some(Sent { bytes, fields }))
    }

    /// The body, for who reads it otherwise.
    pub(crate) fn payload(&mut self) -> &mut Payload {
        &mut self.payload
    }

    /// What is answered to a form that is not ours or too old (LINK-5).
    pub(crate) fn form_expired(&self) -> Answer {
        let page = Page::new(StatusCode::FORBIDDEN, self.language(&[]), "form-expired-title", &[])
            .marked(Mark::Waiting)
            .refusing(table::FORBIDDEN.code)
            .text("form-expired-text", &[]);
        // Some pages have an address that can be opened again; the others take the mail's link.
        let path = self.request.path();
        let to = match path {
            _ if path.starts_with("/code/") => self.same_page(),
            _ if path.starts_with("/console") => format!("{}/console", self.api.config.base_path()),
            _ => return page.text("form-expired-advice", &[]).send(self),
        };
        let label = Words::new(page.language).get("form-expired-again");
        page.with(Block::Button { to, label }).send(self)
    }

    /// What is answered where no cookie says which link is meant.
    pub(crate) fn no_link(&self) -> Answer {
        Page::new(StatusCode::NOT_FOUND, self.language(&[]), "dead-no-cookie-title", &[])
            .marked(Mark::Mail)
            .text("dead-no-cookie-text", &[])
            .text("dead-no-cookie-advice", &[])
            .send(self)
    }
}
