//! Who is at the console, in which organisation; the way in for every page and form.

use super::{
    frame::{self, Frame, Section},
    proof::{self, Own},
    trouble,
};
use crate::{
    Problem,
    endpoint::readable,
    extract::{
        call::{Answer, client_key},
        quota,
    },
    pages::{Sent, Visit, sealed, words::Words},
    problem::table,
    timely::timely,
};
use actix_web::{
    HttpResponse, Route,
    cookie::{Cookie, SameSite, time},
    http::{Method, header},
    web,
};
use invite_domain::{
    directory::{Account, Organization, Session},
    id::OrganizationId,
    invitation::Rejection,
    service::{Authenticated, Caller, Place, ServiceError},
};
use invite_text::{Arg, Language, date, date_time};
use std::{pin::Pin, str::FromStr};

/// Which organisation somebody chose who is in several. It is no secret, and counts only for who belongs there.
fn organization_cookie(visit: &Visit) -> &'static str {
    if visit.api.config.secure() { "__Host-invite_console_organization" } else { "invite_console_organization" }
}

/// How long a key that was used to sign in stays so, in seconds.
const KEY_SECONDS: i64 = 12 * 3600;

/// Somebody at the console: signed in, in an organisation.
pub(crate) struct Desk {
    pub(crate) visit: Visit,
    pub(crate) who: Authenticated,
    pub(crate) caller: Caller,
    pub(crate) place: Place,
    /// All organisations the caller can act in.
    pub(crate) organizations: Vec<Organization>,
    pub(crate) language: Language,
    /// The value of the cookie that signs in: forms are proven by it.
    proof: String,
}

type Boxed = Pin<Box<dyn Future<Output = Answer>>>;

/// A handler for who is signed in; everybody else is led to sign in.
pub(super) fn inside<F, R>(handler: F) -> impl Fn(Visit) -> Boxed + Clone + 'static
where
    F: Fn(Desk) -> R + Clone + 'static,
    R: Future<Output = Answer> + 'static,
{
    timely(move |visit: Visit| {
        let handler = handler.clone();
        async move {
            match Desk::enter(visit).await? {
                Ok(desk) => {
                    let (request, api) = (desk.visit.request.clone(), desk.visit.api.clone());
                    trouble::attended(request, api, handler(desk)).await
                }
                Err(elsewhere) => Ok(elsewhere),
            }
        }
    })
}

/// A handler of a form that is our own, made in the organisation the browser is in now.
pub(super) fn acting<F, R>(handler: F) -> impl Fn(Visit) -> Boxed + Clone + 'static
where
    F: Fn(Desk, Sent) -> R + Clone + 'static,
    R: Future<Output = Answer> + 'static,
{
    guarded(handler, false)
}

/// A handler of a form that is our own and about the person alone: in which organisation it was made, is the same.
pub(super) fn personal<F, R>(handler: F) -> impl Fn(Visit) -> Boxed + Clone + 'static
where
    F: Fn(Desk, Sent) -> R + Clone + 'static,
    R: Future<Output = Answer> + 'static,
{
    guarded(handler, true)
}

fn guarded<F, R>(handler: F, anywhere: bool) -> impl Fn(Visit) -> Boxed + Clone + 'static
where
    F: Fn(Desk, Sent) -> R + Clone + 'static,
    R: Future<Output = Answer> + 'static,
{
    timely(move |mut visit: Visit| {
        let handler = handler.clone();
        async move {
            let Some(sent) = visit.form().await? else { return visit.form_expired() };
            let desk = match Desk::enter(visit).await? {
                Ok(desk) => desk,
                Err(elsewhere) => return Ok(elsewhere),
            };
            let own = desk.own(sent.typed("csrf"));
            if own == Own::Here || (anywhere && own == Own::Elsewhere) {
                let (request, api) = (desk.visit.request.clone(), desk.visit.api.clone());
                return trouble::attended(request, api, handler(desk, sent)).await;
            }
            desk.not_own(own, sent.typed("csrf"))
        }
    })
}

/// A handler for anybody.
pub(super) fn leading<F, R>(method: Method, handler: F) -> (Method, Route)
where
    F: Fn(Visit) -> R + Clone + 'static,
    R: Future<Output = Answer> + 'static,
{
    let route = if method == Method::GET { readable() } else { web::method(method.clone()) };
    let counted = move |visit: Visit| {
        let handler = handler.clone();
        async move {
            quota::of_network(&visit.request, &visit.api)?;
            handler(visit).await
        }
    };
    (method, route.to(timely(counted)))
}

/// The credential a browser carries to the console, with the value of the cookie it is in.
pub(super) struct Carried {
    pub(super) who: Authenticated,
    pub(super) proof: String,
}

/// Who is signed in, if anybody: by a session, else by a key.
pub(super) async fn carried(visit: &Visit) -> Result<Option<Carried>, Problem> {
    let (config, request) = (&visit.api.config, &visit.request);
    if let Some(cookie) = request.cookie(config.session_cookie()) {
        let who = visit.api.directory.authenticate(cookie.value()).await?;
        // A key in a session's place is somewhere it does not belong (TOK-4).
        if let Some(who) = who.filter(|who| who.person().is_some()) {
            return Ok(Some(Carried { who, proof: cookie.value().to_owned() }));
        }
    }
    let name = config.console_key_cookie();
    let Some(cookie) = request.cookie(name) else { return Ok(None) };
    let Some(key) = sealed::open(&visit.api.world, name, cookie.value()) else { return Ok(None) };
    let who = visit.api.directory.authenticate(&key).await?;
    let who = who.filter(|who| matches!(who, Authenticated::ApiKey(_)));
    Ok(who.map(|who| Carried { who, proof: cookie.value().to_owned() }))
}

/// The cookie that keeps a key signed in.
pub(super) fn key_cookie(visit: &Visit, key: &str) -> Option<Cookie<'static>> {
    let name = visit.api.config.console_key_cookie();
    let value = sealed::seal(&visit.api.world, name, key, KEY_SECONDS)?;
    Some(cookie(visit, name, value, KEY_SECONDS))
}

/// Takes that cookie away.
pub(super) fn no_key_cookie(visit: &Visit) -> Cookie<'static> {
    cookie(visit, visit.api.config.console_key_cookie(), String::new(), 0)
}

pub(super) fn cookie(visit: &Visit, name: &'static str, value: String, seconds: i64) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(visit.api.config.secure())
        .max_age(time::Duration::seconds(seconds))
        .finish()
}

/// An answer that leads to a page of ours.
pub(super) fn lead(visit: &Visit, path: &str) -> HttpResponse {
    let target = format!("{}{path}", visit.api.config.base_path());
    HttpResponse::SeeOther().insert_header((header::LOCATION, target)).finish()
}

/// Where a key leads that opens nothing any more, because its maker or its organisation has gone: to sign in anew. Its
/// cookie goes too; the page to sign in would lead back here for as long as the browser kept it.
fn ended(visit: &Visit, error: ServiceError) -> Answer {
    if !matches!(error, ServiceError::Rejected(Rejection::Unauthenticated)) {
        return Err(error.into());
    }
    super::sign_in::with_cookie(super::sign_in::lead_to(visit), Some(&no_key_cookie(visit)))
}

impl Desk {
    /// Lets in who is signed in and belongs to an organisation; else answers where to go.
    pub(super) async fn enter(visit: Visit) -> Result<Result<Self, HttpResponse>, Problem> {
        let Some(Carried { who, proof }) = carried(&visit).await? else {
            quota::of_network(&visit.request, &visit.api)?;
            return Ok(Err(super::sign_in::lead_to(&visit)));
        };
        quota::of_principal(&visit.request, &visit.api, None, who.principal())?;
        let organizations = match visit.api.directory.organizations_of(&who).await {
            Ok(organizations) => organizations,
            Err(error) => return ended(&visit, error).map(Err),
        };
        let chosen = visit.request.cookie(organization_cookie(&visit)).and_then(|cookie| cookie.value().parse().ok());
        let chosen = chosen.and_then(|id: OrganizationId| organizations.iter().find(|own| own.id == id));
        let Some(organization) = chosen.or(organizations.first()) else {
            return super::sign_in::nowhere(&visit, &proof).map(Err);
        };
        let caller = Caller { principal: who.principal(), organization_id: organization.id, origin: visit.origin() };
        let place = match visit.api.directory.place(&caller).await {
            Ok(place) => place,
            Err(error) => return ended(&visit, error).map(Err),
        };
        let account = who.person().and_then(|(account, _)| account.locale.as_deref());
        let language = frame::language(&visit, &[account, organization.locale.as_deref()]);
        Ok(Ok(Self { visit, who, caller, place, organizations, language, proof }))
    }

    /// Which page gave out this CSRF field. What acts on an organisation counts from a page of that organisation alone: in
    /// another window the person may have gone on in another one.
    pub(super) fn own(&self, field: &str) -> Own {
        let world = &self.visit.api.world;
        if proof::is_of(world, &self.proof, self.organization().id, field) {
            Own::Here
        } else if proof::is_persons(world, &self.proof, field) {
            Own::Elsewhere
        } else {
            Own::No
        }
    }

    /// What is answered to a form that does not count.
    pub(super) fn not_own(&self, own: Own, field: &str) -> Answer {
        if own == Own::Elsewhere { trouble::switched(self, field) } else { self.visit.form_expired() }
    }

    /// What every form of this desk's pages carries.
    pub(super) fn csrf(&self) -> Result<String, Problem> {
        proof::field(&self.visit.api.world, &self.proof, self.organization().id)
    }

    /// The value of the cookie that signs in.
    pub(super) fn proof(&self) -> &str {
        &self.proof
    }

    pub(crate) fn organization(&self) -> &Organization {
        &self.place.organization
    }

    /// Whether the caller may do this.
    pub(crate) fn may(&self, permission: &str) -> bool {
        self.place.may(permission)
    }

    /// The person and the session; `None` for a key.
    pub(crate) fn person(&self) -> Option<(&Account, &Session)> {
        self.who.person()
    }

    pub(crate) fn text(&self) -> Words {
        Words::new(self.language)
    }

    /// A message with its variables.
    pub(crate) fn say(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.text().with(key, args)
    }

    /// Date and time in the organisation's time zone.
    pub(crate) fn date_time(&self, at: invite_domain::time::Timestamp) -> String {
        date_time(self.language, at, &self.organization().time_zone)
    }

    /// The day in the organisation's time zone.
    pub(crate) fn date(&self, at: invite_domain::time::Timestamp) -> String {
        date(self.language, at, &self.organization().time_zone)
    }

    /// The id in the path. One that is no id is unknown, like any other.
    pub(crate) fn id<T: FromStr>(&self) -> Result<T, Problem> {
        let text = self.visit.request.match_info().get("id").unwrap_or_default();
        let id = (text.len() == 36).then(|| text.parse().ok()).flatten();
        id.ok_or_else(|| Problem::new(&table::NOT_FOUND))
    }

    /// What limits count the client by.
    pub(crate) fn client(&self) -> Option<String> {
        client_key(&self.visit.request, &self.visit.api)
    }

    /// A path of ours as a link.
    pub(crate) fn href(&self, path: &str) -> String {
        format!("{}{path}", self.visit.api.config.base_path())
    }

    /// Leads to another page of the console: how a form that worked is answered. `path` begins with a slash; with
    /// `?done=WORD` that page says `done-WORD`.
    pub(crate) fn lead(&self, path: &str) -> HttpResponse {
        lead(&self.visit, path)
    }

    /// The surroundings of a page.
    pub(crate) fn frame(&self, section: Section, title: String) -> Result<Frame, Problem> {
        Frame::of(self, section, title)
    }
}

/// Goes on in another of the caller's organisations, at the page the form names.
pub(super) async fn choose_organization(desk: Desk, sent: Sent) -> Answer {
    let chosen = desk.organizations.iter().find(|own| own.id.to_string() == sent.typed("organization"));
    let Some(chosen) = chosen else { return Err(Problem::new(&table::NOT_FOUND)) };
    let next = super::sign_in::safe(sent.typed("next")).unwrap_or("/console");
    let mut answer = desk.lead(next);
    let cookie = cookie(&desk.visit, organization_cookie(&desk.visit), chosen.id.to_string(), 365 * 24 * 3600);
    let added = answer.add_cookie(&cookie);
    added.map_err(|error| Problem::new(&table::INTERNAL).because(error.to_string()))?;
    Ok(answer)
}
