//! API keys: what programs act with in the organisation's name.

use super::{
    entry::Desk,
    fault::Fault,
    frame::{Choice, Frame, Section, answer},
    permissions::{self, Group},
};
use crate::{
    Problem,
    extract::call::Answer,
    pages::{Sent, sealed},
    problem::table,
};
use askama::Template;
use invite_domain::{
    access::{Held, NewApiKey, PermissionSet, permission},
    directory::ApiKey,
    id::{ApiKeyId, MembershipId},
    invitation::Rejection,
    page::PageRequest,
    secret::CredentialText,
    service::{ApiKeyView, ServiceError},
    time::Timestamp,
};
use invite_text::{Arg, duration};
use std::collections::BTreeMap;

const PATH: &str = "/console/api-keys";
const DAY: i64 = 86_400;
/// How long the form of a new key can be sent, in seconds.
const FORM_SECONDS: i64 = 12 * 3600;
/// The lives a new key can be given here, in seconds.
const LIVES: [i64; 4] = [7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY];
/// How long the text before can count on after a rotation, in seconds.
const OVERLAPS: [i64; 4] = [0, 3600, ApiKey::DEFAULT_OVERLAP, ApiKey::LONGEST_OVERLAP];

#[derive(Template)]
#[template(path = "console/keys.html")]
struct KeysPage {
    frame: Frame,
    rows: Vec<Row>,
    may_add: bool,
    next: Option<String>,
    first: Option<String>,
}

/// An instant, for people and for programs.
struct When {
    said: String,
    at: String,
}

struct Row {
    href: String,
    name: String,
    prefix: String,
    permissions: String,
    creator: Option<String>,
    created: When,
    used: Option<When>,
    expires: Option<When>,
    expired: bool,
    /// Until when the text before its last rotation counts.
    overlap: Option<When>,
}

#[derive(Template)]
#[template(path = "console/key.html")]
struct KeyPage {
    frame: Frame,
    row: Row,
    /// Which the form to renew it was made for: sent again, it would end the text that a program has by now.
    version: i64,
    listed: Vec<Group>,
    may_write: bool,
    /// Whether it may do what the reader may not: it can be revoked, not rotated.
    above: bool,
    overlaps: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "console/key_new.html")]
struct NewKeyPage {
    frame: Frame,
    /// The id the key will have, sealed: the form makes one key, however often it is sent.
    once: String,
    typed_name: String,
    everything: bool,
    groups: Vec<Group>,
    lives: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "console/key_secret.html")]
struct SecretPage {
    frame: Frame,
    row: Row,
    /// The key, in this answer and nowhere else.
    secret: String,
    rotated: bool,
}

/// The names of those who made keys, as far as the reader sees the members.
#[derive(Default)]
struct Creators(BTreeMap<MembershipId, Option<String>>);

impl Creators {
    async fn name(&mut self, desk: &Desk, id: MembershipId) -> Result<Option<String>, Problem> {
        if !desk.may(permission::MEMBERS_READ) {
            return Ok(None);
        }
        if let Some(name) = self.0.get(&id) {
            return Ok(name.clone());
        }
        let name = match desk.visit.api.directory.member(&desk.caller, id).await {
            Ok(view) => view.record.account.display_name().map(str::to_owned),
            Err(ServiceError::Rejected(Rejection::NotFound)) => None,
            Err(error) => return Err(error.into()),
        };
        self.0.insert(id, name.clone());
        Ok(name)
    }
}

async fn row(desk: &Desk, view: &ApiKeyView, creators: &mut Creators) -> Result<Row, Problem> {
    let key = &view.key;
    let now = desk.visit.api.world.clock.now();
    let when = |at: Timestamp| When { said: desk.date_time(at), at: at.to_rfc3339() };
    let count = i64::try_from(view.permissions.len()).unwrap_or(i64::MAX);
    let everything = key.permissions == Held::Everything;
    let counted = || desk.say("roles-permissions", &[("count", Arg::Number(count))]);
    Ok(Row {
        href: desk.href(&format!("{PATH}/{}", key.id)),
        name: key.name.clone(),
        prefix: key.prefix.clone(),
        permissions: if everything { desk.text().get("keys-everything") } else { counted() },
        creator: creators.name(desk, key.created_by).await?,
        created: when(key.created_at),
        used: key.last_used_at.map(when),
        expires: key.expires_at.map(when),
        expired: key.is_expired(now),
        overlap: key.previous.as_ref().filter(|(_, until)| now < *until).map(|(_, until)| when(*until)),
    })
}

/// The list.
pub(super) async fn list(desk: Desk) -> Answer {
    let paging = desk.paging("api-keys", &[])?;
    let page = desk.visit.api.directory.api_keys(&desk.caller, &paging.request).await?;
    let next = desk.next_page(PATH, &paging, page.next.as_ref());
    let first = desk.first_page(PATH, &paging);
    let (mut creators, mut rows) = (Creators::default(), Vec::with_capacity(page.items.len()));
    for view in &page.items {
        rows.push(row(&desk, view, &mut creators).await?);
    }
    let frame = desk.frame(Section::Keys, desk.text().get("keys-title"))?;
    answer!(KeysPage { frame, rows, may_add: desk.may(permission::API_KEYS_WRITE), next, first })
}

/// The key of this id. Revoked ones are unknown.
async fn find(desk: &Desk, id: ApiKeyId) -> Result<ApiKeyView, Problem> {
    let mut request = PageRequest::first(PageRequest::MAX_LIMIT);
    loop {
        let page = desk.visit.api.directory.api_keys(&desk.caller, &request).await?;
        if let Some(view) = page.items.into_iter().find(|view| view.key.id == id) {
            return Ok(view);
        }
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Err(Problem::new(&table::NOT_FOUND)),
        }
    }
}

/// Lengths of time to choose among.
fn lengths(desk: &Desk, all: &[i64], chosen: i64, nothing: &str) -> Vec<Choice> {
    let choice = |seconds: &i64| Choice {
        value: seconds.to_string(),
        label: if *seconds == 0 { desk.text().get(nothing) } else { duration(desk.language, *seconds) },
        chosen: *seconds == chosen,
    };
    all.iter().map(choice).collect()
}

async fn page(desk: &Desk, view: &ApiKeyView, fault: Option<Fault>) -> Answer {
    let frame = desk.frame(Section::Keys, view.key.name.clone())?.with_fault(fault);
    let everything = view.key.permissions == Held::Everything;
    answer!(KeyPage {
        frame,
        row: row(desk, view, &mut Creators::default()).await?,
        version: view.key.version,
        listed: if everything { Vec::new() } else { permissions::listed(desk, &view.permissions) },
        may_write: desk.may(permission::API_KEYS_WRITE),
        above: !desk.place.held.covers(&view.key.permissions),
        overlaps: lengths(desk, &OVERLAPS, ApiKey::DEFAULT_OVERLAP, "keys-overlap-none"),
    })
}

/// One key.
pub(super) async fn show(desk: Desk) -> Answer {
    let view = find(&desk, desk.id()?).await?;
    page(&desk, &view, None).await
}

/// Binds the id in a form to its use and its organisation.
fn label(desk: &Desk) -> String {
    format!("invite_console_key/{}", desk.organization().id)
}

/// A fresh id for the key a form will make, sealed, so that nobody takes one of their choice.
fn once(desk: &Desk) -> Result<String, Problem> {
    let world = &desk.visit.api.world;
    let id = ApiKeyId::new(world.clock.now(), &*world.entropy);
    let none = || Problem::new(&table::INTERNAL).because("the key ring has no active key");
    sealed::seal(world, &label(desk), &id.to_string(), FORM_SECONDS).ok_or_else(none)
}

/// What was typed into the form of a new key.
struct Typed {
    once: String,
    name: String,
    everything: bool,
    permissions: PermissionSet,
    life: i64,
}

fn form(desk: &Desk, typed: Typed, fault: Option<Fault>) -> Answer {
    let frame = desk.frame(Section::Keys, desk.text().get("keys-new"))?.with_fault(fault);
    let mut lives = lengths(desk, &LIVES, typed.life, "keys-life-ever");
    lives.extend(lengths(desk, &[0], typed.life, "keys-life-ever"));
    answer!(NewKeyPage {
        frame,
        once: typed.once,
        typed_name: typed.name,
        everything: typed.everything,
        groups: permissions::groups(desk, &desk.place.held, &typed.permissions),
        lives,
    })
}

/// The form of a new key.
pub(super) async fn new(desk: Desk) -> Answer {
    if !desk.may(permission::API_KEYS_WRITE) {
        return Err(Rejection::Forbidden { permission: permission::API_KEYS_WRITE }.into());
    }
    let (once, name) = (once(&desk)?, String::new());
    let typed = Typed { once, name, everything: false, permissions: PermissionSet::new(), life: LIVES[3] };
    form(&desk, typed, None)
}

/// The answer that shows a key, the only one there is.
async fn secret(desk: &Desk, view: &ApiKeyView, text: &CredentialText, rotated: bool) -> Answer {
    let title = desk.text().get(if rotated { "keys-rotated-title" } else { "keys-made-title" });
    let frame = desk.frame(Section::Keys, title)?;
    let row = row(desk, view, &mut Creators::default()).await?;
    answer!(SecretPage { frame, row, secret: text.expose().to_owned(), rotated })
}

/// Makes a key.
pub(super) async fn create(desk: Desk, sent: Sent) -> Answer {
    let once = sent.typed("once").to_owned();
    let id = sealed::open(&desk.visit.api.world, &label(&desk), &once).and_then(|id| id.parse::<ApiKeyId>().ok());
    let Some(id) = id else { return desk.visit.form_expired() };
    let everything = sent.typed("scope") == "everything";
    let life = sent.typed("expires_in").parse().unwrap_or(LIVES[3]);
    let fault = match permissions::chosen(&sent) {
        Err(name) => permissions::no_permission(&desk, &name),
        // A key that may do nothing is a slip: nobody makes one on purpose.
        Ok(chosen) if chosen.is_empty() && !everything => {
            let said = desk.text().get("keys-none-chosen");
            let status = actix_web::http::StatusCode::UNPROCESSABLE_ENTITY;
            let whole = Fault::whole(status, said.clone());
            Fault::fields(desk.language, [("permissions", said)]).unwrap_or(whole)
        }
        Ok(chosen) => {
            let command = NewApiKey {
                name: sent.typed("name").to_owned(),
                permissions: (!everything).then_some(chosen),
                expires_in: (life != 0).then_some(life),
                id: Some(id),
            };
            match desk.visit.api.directory.create_api_key(&desk.caller, command).await {
                Ok((view, text)) => return secret(&desk, &view, &text, false).await,
                // The same form again, by a reload: its key was shown then and is shown no more.
                Err(ServiceError::Rejected(Rejection::VersionMismatch { .. })) => {
                    return Ok(desk.lead(&format!("{PATH}/{id}?done=key-made-before")));
                }
                Err(error) => Fault::of(&desk, error)?,
            }
        }
    };
    let permissions = permissions::readable(&sent);
    form(&desk, Typed { once, name: sent.typed("name").to_owned(), everything, permissions, life }, Some(fault))
}

/// Rotates or revokes a key.
pub(super) async fn act(desk: Desk, sent: Sent) -> Answer {
    let id: ApiKeyId = desk.id()?;
    let directory = &desk.visit.api.directory;
    let error = match sent.typed("action") {
        "rotate" => {
            let Some(version) = sent.typed("version").parse().ok() else { return desk.visit.form_expired() };
            let overlap = sent.typed("overlap").parse().ok();
            match directory.rotate_api_key(&desk.caller, id, overlap, Some(version)).await {
                Ok((view, text)) => return secret(&desk, &view, &text, true).await,
                Err(error) => error,
            }
        }
        "revoke" => match directory.revoke_api_key(&desk.caller, id).await {
            Ok(()) => return Ok(desk.lead(&after_revoking(&desk, id))),
            Err(error) => error,
        },
        _ => return desk.visit.form_expired(),
    };
    let expired = matches!(&error, ServiceError::Rejected(Rejection::Invalid(errors))
        if errors.iter().any(|error| error.pointer.is_empty()));
    let mut fault = Fault::of(&desk, error)?;
    if expired {
        fault = Fault::whole(fault.status, desk.text().get("keys-expired-text"));
    }
    let view = find(&desk, id).await?;
    page(&desk, &view, Some(fault)).await
}

/// Who has revoked the key they are signed in with has to sign in anew.
fn after_revoking(desk: &Desk, id: ApiKeyId) -> String {
    let own = matches!(&desk.who, invite_domain::service::Authenticated::ApiKey(key) if key.id == id);
    let path = if own { "/console/sign-in" } else { PATH };
    format!("{path}?done=key-revoked")
}
