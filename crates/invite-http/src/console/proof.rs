//! What proves that a form stands on a page of ours (LINK-5): whose page it was, and for which organisation.

use super::entry::cookie;
use crate::{
    Problem,
    pages::{Sent, Visit, internal, sealed},
};
use actix_web::cookie::Cookie;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use invite_domain::{id::OrganizationId, service::World};

/// How long a page to sign in may stand open, in seconds. Showing one begins the time anew.
const SECONDS: i64 = 12 * 3600;
/// Stands between the two halves of a field. No base64 has one.
const BETWEEN: char = '.';

/// What a form's field says about the page it stands on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Own {
    /// A page of this person in this organisation.
    Here,
    /// A page of this person in another organisation.
    Elsewhere,
    /// Nothing: it is somebody else's, or made up.
    No,
}

/// What the field's second half is made of. Neither a cookie nor an id has a NUL.
fn within(proof: &str, organization: OrganizationId) -> String {
    format!("{proof}\0{organization}")
}

/// The field of a page in an organisation: one half for the person, one for the organisation. `proof` is the value of the
/// cookie that signs in.
pub(super) fn field(world: &World, proof: &str, organization: OrganizationId) -> Result<String, Problem> {
    let place = sealed::csrf_field(world, &within(proof, organization)).ok_or_else(no_key)?;
    Ok(format!("{}{BETWEEN}{place}", personal(world, proof)?))
}

/// The field of a page that belongs to no organisation.
pub(super) fn personal(world: &World, proof: &str) -> Result<String, Problem> {
    sealed::csrf_field(world, proof).ok_or_else(no_key)
}

/// Whether the field is of a page of this person's, in whichever organisation.
pub(super) fn is_persons(world: &World, proof: &str, field: &str) -> bool {
    let person = field.split_once(BETWEEN).map_or(field, |(person, _)| person);
    sealed::is_csrf_field(world, proof, person)
}

/// Whether the field is of a page of this person's in this organisation.
pub(super) fn is_of(world: &World, proof: &str, organization: OrganizationId, field: &str) -> bool {
    let place = field.split_once(BETWEEN).map(|(_, place)| place);
    is_persons(world, proof, field)
        && place.is_some_and(|place| sealed::is_csrf_field(world, &within(proof, organization), place))
}

fn no_key() -> Problem {
    internal("the key ring has no active key")
}

/// The cookie of who is not signed in yet. It holds nothing but its own randomness.
fn name(visit: &Visit) -> &'static str {
    if visit.api.config.secure() { "__Host-invite_sign_in" } else { "invite_sign_in" }
}

/// What the cookies of that name hold. A browser can have several, of several paths.
fn held(visit: &Visit) -> Vec<String> {
    let Ok(cookies) = visit.request.cookies() else { return Vec::new() };
    let name = name(visit);
    let own = cookies.iter().filter(|cookie| cookie.name() == name);
    own.filter_map(|cookie| Some(sealed::open(&visit.api.world, name, cookie.value())?.to_string())).collect()
}

/// What the cookie's text is made into for a field. A session's cookie has no NUL, so no field of one is one of the other.
fn of_stranger(text: &str) -> String {
    format!("sign-in\0{text}")
}

/// The field of a page of nobody yet, and the cookie that goes with it: the one there is, for another twelve hours, so that
/// what is open in another window stays good.
pub(super) fn stranger(visit: &Visit) -> Result<(String, Cookie<'static>), Problem> {
    let world = &visit.api.world;
    let fresh = || {
        let mut bytes = [0; 16];
        world.entropy.fill(&mut bytes);
        BASE64.encode(bytes)
    };
    let text = held(visit).into_iter().next().unwrap_or_else(fresh);
    let value = sealed::seal(world, name(visit), &text, SECONDS).ok_or_else(no_key)?;
    let field = sealed::csrf_field(world, &of_stranger(&text)).ok_or_else(no_key)?;
    Ok((field, cookie(visit, name(visit), value, SECONDS)))
}

/// Whether a form stands on a page that [`stranger`] was given to.
pub(super) fn is_strangers(visit: &Visit, sent: &Sent) -> bool {
    let field = sent.typed("csrf");
    held(visit).iter().any(|text| sealed::is_csrf_field(&visit.api.world, &of_stranger(text), field))
}
