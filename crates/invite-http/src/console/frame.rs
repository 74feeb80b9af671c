//! What surrounds the content of every console page: navigation, who is signed in, what was just done, what was wrong.

use super::{entry::Desk, fault::Fault, sign_in::ours};
use crate::{
    Problem,
    extract::call::Answer,
    pages::{Refusal, Visit, asset, look::Look, words::Words},
    problem::table::{self, Kind},
};
use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use invite_domain::access::permission;
use invite_text::{Arg, Language};

/// Remembers a language somebody chose at the console.
pub(super) const LANGUAGE: &str = "invite_language";

/// The language the person chose at the console, on a page of the console.
pub(crate) fn chosen_language(visit: &Visit) -> Option<Language> {
    let request = &visit.request;
    let cookie = request.path().starts_with("/console").then(|| request.cookie(LANGUAGE)).flatten()?;
    Language::parse(cookie.value())
}

/// The person's choice, the browser's, then these in turn, then the operator's (rule 8.3).
pub(super) fn language(visit: &Visit, further: &[Option<&str>]) -> Language {
    chosen_language(visit).unwrap_or_else(|| visit.language(further))
}

/// A part of the console.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Section {
    Dashboard,
    Invitations,
    Members,
    Roles,
    Keys,
    DeadLetters,
    Settings,
    Account,
}

impl Section {
    /// Those the navigation lists.
    pub(super) const ALL: [Self; 7] =
        [Self::Dashboard, Self::Invitations, Self::Members, Self::Roles, Self::Keys, Self::DeadLetters, Self::Settings];

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Dashboard => "/console/dashboard",
            Self::Invitations => "/console/invitations",
            Self::Members => "/console/members",
            Self::Roles => "/console/roles",
            Self::Keys => "/console/api-keys",
            Self::DeadLetters => "/console/dead-letters",
            Self::Settings => "/console/settings",
            Self::Account => "/console/account",
        }
    }

    /// Where a path belongs.
    pub(super) fn of(path: &str) -> Self {
        let found = Self::ALL.into_iter().find(|section| path.starts_with(section.path()));
        found.unwrap_or(Self::Account)
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Dashboard => "console-nav-dashboard",
            Self::Invitations => "console-nav-invitations",
            Self::Members => "console-nav-members",
            Self::Roles => "console-nav-roles",
            Self::Keys => "console-nav-keys",
            Self::DeadLetters => "console-nav-dead-letters",
            Self::Settings => "console-nav-settings",
            Self::Account => "console-nav-account",
        }
    }

    /// Whether the caller sees anything there.
    pub(super) fn is_open_to(self, desk: &Desk) -> bool {
        let needed = match self {
            Self::Dashboard | Self::Invitations => permission::INVITATIONS_READ,
            Self::Members => permission::MEMBERS_READ,
            Self::Roles => permission::ROLES_READ,
            Self::Keys => permission::API_KEYS_READ,
            Self::DeadLetters => permission::DEAD_LETTERS_READ,
            Self::Settings => permission::ORGANIZATION_READ,
            Self::Account => return true,
        };
        desk.may(needed)
    }
}

/// An entry of the navigation.
pub(crate) struct NavItem {
    pub(crate) href: String,
    pub(crate) label: String,
    pub(crate) current: bool,
}

/// A choice among several.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// What surrounds a page. Templates say words by `frame.say("key")`, and read what was wrong in a field by
/// `frame.wrong("name")`.
pub(crate) struct Frame {
    pub(crate) status: StatusCode,
    pub(crate) text: Words,
    language: Language,
    pub(crate) base: String,
    pub(crate) title: String,
    pub(crate) csrf: String,
    /// This page, to come back to it in another language.
    pub(crate) here: String,
    pub(crate) organization: Option<String>,
    pub(crate) organizations: Vec<Choice>,
    pub(crate) who: String,
    /// Whether the page is the caller's own account.
    pub(crate) at_account: bool,
    pub(crate) nav: Vec<NavItem>,
    pub(crate) languages: Vec<Choice>,
    /// What was just done.
    pub(crate) done: Option<String>,
    /// By which problem's code the page refuses something, for the log.
    refused: Option<&'static str>,
    /// What was wrong with the form.
    pub(crate) fault: Option<Fault>,
    pub(crate) accent_href: Option<String>,
    pub(crate) logo_src: Option<String>,
}

/// What every `done` in an address can say: `?done=issued` says `done-issued`.
fn done(visit: &Visit, text: Words) -> Option<String> {
    let word = visit.query("done")?;
    let key = format!("done-{word}");
    let plain = word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    // A key nobody wrote comes back itself: somebody made the address up.
    let said = text.get(&key);
    (plain && said != key).then_some(said)
}

/// The page a form stands on, without the public URL's own path: where a GET of it leads. What was just done is not said
/// again there.
fn here(visit: &Visit) -> String {
    let request = &visit.request;
    if !request.method().is_safe() {
        return "/console".to_owned();
    }
    let pairs = request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("done="));
    let query = pairs.collect::<Vec<_>>().join("&");
    let whole = format!("{}?{query}", request.path());
    if query.is_empty() || ours(&whole).is_none() { request.path().to_owned() } else { whole }
}

impl Frame {
    /// Around a page of somebody signed in.
    pub(super) fn of(desk: &Desk, section: Section, title: String) -> Result<Self, Problem> {
        let text = desk.text();
        let item = |each: &Section| NavItem {
            href: desk.href(each.path()),
            label: text.get(each.key()),
            current: *each == section,
        };
        let own = |organization: &invite_domain::directory::Organization| Choice {
            value: organization.id.to_string(),
            label: organization.name.clone(),
            chosen: organization.id == desk.organization().id,
        };
        let name = desk.person().and_then(|(account, _)| account.display_name().map(str::to_owned));
        let mut frame = Self::outside(&desk.visit, desk.language, title, desk.csrf()?);
        frame.organization = Some(desk.organization().name.clone());
        frame.organizations = desk.organizations.iter().map(own).collect();
        frame.who = name.or_else(|| desk.place.name.clone()).unwrap_or_default();
        frame.at_account = section == Section::Account;
        frame.nav = Section::ALL.iter().filter(|each| each.is_open_to(desk)).map(item).collect();
        frame.done = done(&desk.visit, text);
        let look = Look::of(&desk.organization().look, &frame.base);
        (frame.accent_href, frame.logo_src) = (look.accent_href, look.logo_src);
        Ok(frame)
    }

    /// Around a page of nobody yet.
    pub(super) fn outside(visit: &Visit, language: Language, title: String, csrf: String) -> Self {
        let choice = |each: &Language| Choice {
            value: each.tag().to_owned(),
            label: each.name_in_itself().to_owned(),
            chosen: *each == language,
        };
        Self {
            status: StatusCode::OK,
            text: Words::new(language),
            language,
            base: visit.api.config.base_path().to_owned(),
            title,
            csrf,
            here: here(visit),
            organization: None,
            organizations: Vec::new(),
            who: String::new(),
            at_account: false,
            nav: Vec::new(),
            languages: Language::ALL.iter().map(choice).collect(),
            done: done(visit, Words::new(language)),
            refused: None,
            fault: None,
            accent_href: None,
            logo_src: None,
        }
    }

    /// The same with what was wrong.
    #[must_use]
    pub(crate) fn with_fault(mut self, fault: Option<Fault>) -> Self {
        if let Some(fault) = &fault {
            self.status = fault.status;
        }
        self.fault = fault;
        self
    }

    /// The same page as the refusal of what was asked for.
    pub(super) fn refuse(&mut self, kind: &'static Kind) {
        self.status = StatusCode::from_u16(kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.refused = Some(kind.code);
        self.done = None;
    }

    /// By which problem's code the page refuses something, if it does (LOG-2).
    fn refusal(&self) -> Option<Refusal> {
        let told = self.fault.as_ref().and_then(|fault| fault.code).or(self.refused);
        // What a page found wrong itself is told by the status.
        let kind = match self.status.as_u16() {
            401 => Some(&table::BAD_CREDENTIALS),
            403 => Some(&table::FORBIDDEN),
            404 => Some(&table::NOT_FOUND),
            409 | 412 => Some(&table::VERSION_MISMATCH),
            413 => Some(&table::BODY_TOO_LARGE),
            422 => Some(&table::INVALID_INPUT),
            _ => None,
        };
        told.or(kind.map(|kind| kind.code)).map(Refusal)
    }

    /// Whether somebody is signed in and in an organisation.
    pub(crate) fn is_inside(&self) -> bool {
        self.organization.is_some()
    }

    /// The first letter of the organisation's name, in place of a logo.
    pub(crate) fn letter(&self) -> Option<String> {
        let letter = self.organization.as_deref()?.chars().find(|c| c.is_alphanumeric())?;
        Some(letter.to_uppercase().to_string())
    }

    pub(crate) fn lang(&self) -> &'static str {
        self.language.tag()
    }

    /// A message without variables.
    pub(crate) fn say(&self, key: &str) -> String {
        self.text.get(key)
    }

    /// A message with one variable, a text.
    pub(crate) fn say_of(&self, key: &str, name: &str, value: &str) -> String {
        self.text.with(key, &[(name, Arg::Text(value))])
    }

    /// A message with one variable, a number.
    pub(crate) fn count(&self, key: &str, number: i64) -> String {
        self.text.with(key, &[("count", Arg::Number(number))])
    }

    /// What was wrong in the field of this name.
    pub(crate) fn wrong(&self, field: &str) -> Option<&str> {
        self.fault.as_ref().and_then(|fault| fault.field(field))
    }

    /// The title of the window, which is what a screen reader says first: what was done or that something is wrong stands
    /// in front.
    pub(crate) fn document_title(&self) -> String {
        let title = match &self.organization {
            Some(name) => {
                self.text.with("layout-title", &[("title", Arg::Text(&self.title)), ("organization", Arg::Text(name))])
            }
            None => self.title.clone(),
        };
        match (&self.fault, &self.done) {
            (Some(_), _) => self.say_of("layout-title-error", "title", &title),
            (None, Some(done)) => format!("{done} · {title}"),
            (None, None) => title,
        }
    }

    pub(crate) fn pages_css(&self) -> String {
        asset::STYLE.href(&self.base)
    }

    pub(crate) fn icon(&self) -> String {
        asset::ICON.href(&self.base)
    }

    pub(crate) fn console_css(&self) -> String {
        asset::CONSOLE_STYLE.href(&self.base)
    }

    pub(crate) fn pages_js(&self) -> String {
        asset::SCRIPT.href(&self.base)
    }

    pub(crate) fn console_js(&self) -> String {
        asset::CONSOLE_SCRIPT.href(&self.base)
    }
}

/// A finished page.
pub(super) fn page(frame: &Frame, template: &impl Template) -> Answer {
    let failed = |error: askama::Error| Problem::new(&table::INTERNAL).because(error.to_string());
    let body = template.render().map_err(failed)?;
    let mut answer = HttpResponse::build(frame.status)
        .content_type("text/html; charset=utf-8")
        .insert_header(("Content-Language", frame.lang()))
        .body(body);
    if let Some(refusal) = frame.refusal() {
        answer.extensions_mut().insert(refusal);
    }
    Ok(answer)
}

/// A template with its frame as an answer.
macro_rules! answer {
    ($page:expr) => {{
        let page = $page;
        $crate::console::frame::page(&page.frame, &page)
    }};
}
pub(crate) use answer;
