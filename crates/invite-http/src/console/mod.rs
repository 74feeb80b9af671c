//! The console: where an organisation's own people look after invitations, members, roles and keys. Server-rendered, working
//! without a script; every page and button is one use case, and it is the use case that decides.
//!
//! GET and HEAD change nothing. A form counts from our own pages alone (LINK-5): [`entry`] looks at where it comes from and
//! at its CSRF field before any handler sees it.

mod account;
mod dashboard;
mod dead_letters;
pub(crate) mod entry;
mod fault;
mod forgotten;
mod frame;
mod invitations;
mod keys;
mod list;
mod members;
mod permissions;
mod proof;
mod roles;
mod settings;
mod sign_in;
mod stale;
mod trouble;
mod upload;

use crate::endpoint::{Paths, readable};
use actix_web::{Route, http::Method, web};
use entry::{Desk, acting, inside, leading, personal};
pub(crate) use frame::chosen_language;

/// A page for who is signed in.
fn shows<F, R>(handler: F) -> (Method, Route)
where
    F: Fn(Desk) -> R + Clone + 'static,
    R: Future<Output = crate::extract::call::Answer> + 'static,
{
    (Method::GET, readable().to(inside(handler)))
}

/// What a form on such a page does.
fn does<F, R>(handler: F) -> (Method, Route)
where
    F: Fn(Desk, crate::pages::Sent) -> R + Clone + 'static,
    R: Future<Output = crate::extract::call::Answer> + 'static,
{
    (Method::POST, web::post().to(acting(handler)))
}

/// What a form does that is about the person alone, whichever organisation it was made in.
fn does_personally<F, R>(handler: F) -> (Method, Route)
where
    F: Fn(Desk, crate::pages::Sent) -> R + Clone + 'static,
    R: Future<Output = crate::extract::call::Answer> + 'static,
{
    (Method::POST, web::post().to(personal(handler)))
}

pub(crate) fn register(paths: &mut Paths) {
    invitations::register(paths);
    let mut at = |path: &str, routes| paths.add(path, routes);
    at("/console", vec![shows(home)]);
    at("/console/sign-in", vec![leading(Method::GET, sign_in::show), leading(Method::POST, sign_in::act)]);
    at("/console/sign-out", vec![leading(Method::POST, sign_in::out)]);
    at("/console/forgotten", vec![leading(Method::GET, forgotten::show), leading(Method::POST, forgotten::act)]);
    at("/console/language", vec![leading(Method::POST, sign_in::language)]);
    at("/console/organization", vec![does_personally(entry::choose_organization)]);
    at("/console/dashboard", vec![shows(dashboard::show)]);
    at("/console/account", vec![shows(account::show), does_personally(account::act)]);
    at("/console/leave", vec![shows(members::leaving), does(members::leave)]);
    at("/console/members", vec![shows(members::list)]);
    at("/console/members/{id}", vec![shows(members::show), does(members::act)]);
    at("/console/roles", vec![shows(roles::list)]);
    at("/console/roles/new", vec![shows(roles::new), does(roles::create)]);
    at("/console/roles/{id}", vec![shows(roles::show), does(roles::act)]);
    at("/console/api-keys", vec![shows(keys::list)]);
    at("/console/api-keys/new", vec![shows(keys::new), does(keys::create)]);
    at("/console/api-keys/{id}", vec![shows(keys::show), does(keys::act)]);
    at("/console/dead-letters", vec![shows(dead_letters::list), does(dead_letters::act)]);
    at("/console/settings", vec![shows(settings::show), does(settings::act)]);
    let upload = web::post().to(upload::uploading(settings::upload_logo));
    at("/console/settings/logo", vec![(Method::POST, upload)]);
}

/// Leads to the first page the caller may see.
async fn home(desk: Desk) -> crate::extract::call::Answer {
    let first = frame::Section::ALL.iter().find(|section| section.is_open_to(&desk));
    Ok(desk.lead(first.map_or("/console/account", |section| section.path())))
}
