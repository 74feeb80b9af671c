//! The mail an invitation would be sent with, before anything is sent.
//!
//! Its HTML part is a document of its own, in a frame: a mail bears its styles in attributes, which our pages' policy forbids.
//! What the document is made of stands in its address, sealed, so that nobody can make one up in an organisation's name.

use super::fields::{Life, Typed, Wanted, only_with};
use crate::{
    Problem,
    api::{PreviewFacts, PreviewedMail},
    console::entry::Desk,
    extract::call::Answer,
    frame::POLICY,
    pages::sealed,
    problem::table,
};
use actix_web::{HttpResponse, http::header};
use invite_domain::{
    access::{Role, permission},
    email::EmailAddress,
    service::ServiceError,
    time::seconds,
};
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

/// How long a preview can be looked at, in seconds.
const SECONDS: i64 = 15 * 60;
/// The longest address of a preview, in bytes: servers in front of this one commonly refuse 8 KiB.
const LONGEST: usize = 6_000;
/// A mail's own markup runs no script, sends no form, loads nothing and leads nowhere.
const MAIL_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; \
                           frame-ancestors 'self'; base-uri 'none'";

/// A mail to look at.
pub(super) struct Shown {
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) text: String,
    /// Where its HTML part is; `None` where its address would be too long.
    pub(super) src: Option<String>,
}

/// What a previewed mail is made of, as its address carries it.
#[derive(Serialize, Deserialize)]
struct Carried {
    to: String,
    role: Option<String>,
    expires_in: i64,
    locale: Option<String>,
    message: Option<String>,
}

/// Binds what is sealed to its use and its organisation.
fn label(desk: &Desk) -> String {
    format!("invite_console_preview/{}", desk.organization().id)
}

/// Whether there is anybody who can write one.
pub(super) fn is_possible(desk: &Desk) -> bool {
    desk.visit.api.mail_preview.is_some()
}

/// The mail such an invitation would be sent with, to the first of its addresses.
pub(super) async fn of(
    desk: &Desk,
    typed: &Typed,
    wanted: &Wanted,
    to: &EmailAddress,
    roles: &[Role],
) -> Result<Option<Shown>, Problem> {
    let role = roles.iter().find(|role| role.id.to_string() == typed.role).map(|role| role.name.clone());
    let carried = Carried {
        to: to.as_str().to_owned(),
        role,
        expires_in: wanted.expires_in.unwrap_or(Life::of(desk, None).usual),
        locale: wanted.locale.clone(),
        message: wanted.message.clone(),
    };
    let Some(mail) = written(desk, &carried).await? else { return Ok(None) };
    let json = serde_json::to_string(&carried).map_err(|error| internal(error.to_string()))?;
    let sealed = sealed::seal(&desk.visit.api.world, &label(desk), &json, SECONDS);
    let sealed = sealed.ok_or_else(|| internal("the key ring has no active key".to_owned()))?;
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("of", &sealed).finish();
    let src = format!("{}?{query}", desk.href("/console/invitations/preview"));
    let src = Some(src).filter(|src| src.len() <= LONGEST);
    Ok(Some(Shown { to: carried.to, subject: mail.subject, text: mail.text, src }))
}

fn internal(why: String) -> Problem {
    Problem::new(&table::INTERNAL).because(why)
}

async fn written(desk: &Desk, carried: &Carried) -> Result<Option<PreviewedMail>, ServiceError> {
    let api = &desk.visit.api;
    let Some(preview) = &api.mail_preview else { return Ok(None) };
    let Ok(to) = EmailAddress::parse(&carried.to) else { return Ok(None) };
    let organization = desk.organization();
    let logo = match &organization.look.logo {
        Some(id) => api.directory.logo(id).await?,
        None => None,
    };
    let now = api.world.clock.now();
    Ok(preview.invitation(PreviewFacts {
        organization_name: organization.name.clone(),
        organization_slug: organization.slug.clone(),
        // What a key is called tells an invitee nothing; the mail says who made it.
        inviter_name: desk.place.person_name.clone(),
        role_name: carried.role.clone(),
        message: carried.message.clone(),
        to,
        locales: vec![carried.locale.clone(), organization.locale.clone()],
        time_zone: organization.time_zone.clone(),
        created_at: now,
        expires_at: now + seconds(carried.expires_in),
        accent: organization.look.accent,
        logo,
    }))
}

/// The HTML part alone.
pub(super) async fn document(desk: Desk) -> Answer {
    only_with(&desk, permission::INVITATIONS_ISSUE)?;
    let none = || Problem::new(&table::NOT_FOUND);
    let sealed = desk.visit.query("of").ok_or_else(none)?;
    let json = sealed::open(&desk.visit.api.world, &label(&desk), sealed).ok_or_else(none)?;
    let carried: Carried = serde_json::from_str(&json).map_err(|_| none())?;
    let mail = written(&desk, &carried).await?.ok_or_else(none)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, MAIL_POLICY))
        .body(mail.html))
}

/// Lets a page show such a document in a frame.
pub(super) fn framing(mut page: HttpResponse) -> Answer {
    let policy = format!("{POLICY}; frame-src 'self'");
    let policy = header::HeaderValue::from_str(&policy).map_err(|error| internal(error.to_string()))?;
    page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(page)
}
