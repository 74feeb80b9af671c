//! The console's pages and forms.

use super::{
    samples::{Body, Opened, Sample, sample},
    things::{Things, id},
};
use crate::support::PASSWORD;
use serde_json::Value;

pub(crate) fn of(method: &str, pattern: &str, things: &Things, opened: &Opened) -> Vec<Sample> {
    if method == "GET" {
        return pages(pattern, things);
    }
    let found = invitations(pattern, things);
    if found.is_empty() { people(pattern, things, opened) } else { found }
}

fn pages(pattern: &str, things: &Things) -> Vec<Sample> {
    let at = |id: &str| vec![sample(pattern.replace("{id}", id))];
    match pattern {
        "/console/invitations/preview" => vec![sample(format!("{pattern}?of={}", things.preview))],
        "/console/invitations/{id}" | "/console/invitations/{id}/edit" => at(&id(&things.pending)),
        "/console/members/{id}" => at(&things.member),
        "/console/roles/{id}" => at(&id(&things.role)),
        "/console/api-keys/{id}" => at(&things.idle_key),
        plain if !plain.contains('{') => vec![sample(plain)],
        _ => Vec::new(),
    }
}

/// A form of the page, as it was shown to who may see it.
fn act(things: &Things, page: &str, target: String, what: &'static str, fields: &[(&'static str, &str)]) -> Sample {
    let version = things.versions.get(page).map_or("", String::as_str);
    let mut all = vec![("version", version)];
    all.extend(fields);
    sample(target).form(&all).called(what)
}

fn invitations(pattern: &str, things: &Things) -> Vec<Sample> {
    let role = things.granting["role"]["id"].as_str().unwrap_or_default();
    let form = |invitation: &Value, what, fields: &[(&'static str, &str)]| {
        let page = format!("/console/invitations/{}", id(invitation));
        act(things, &page, pattern.replace("{id}", &id(invitation)), what, fields)
    };
    let pending = |what, fields: &[(&'static str, &str)]| form(&things.pending, what, fields);
    match pattern {
        "/console/invitations/new" => {
            let new = [("action", "issue"), ("once", "1"), ("expires_in", "7"), ("addresses", "new@person.example")];
            let granting: Vec<_> = new.into_iter().chain([("role_id", role)]).collect();
            vec![
                sample(pattern).form(&new).called("issuing"),
                sample(pattern).form(&granting).called("granting a role"),
                sample(pattern).form(&[("action", "preview"), ("expires_in", "7")]).called("looking at the mail"),
            ]
        }
        "/console/invitations/{id}" => vec![
            pending("resending", &[("action", "resend"), ("resend_days", "9")]),
            form(&things.granting, "resending one that grants a role", &[("action", "resend"), ("resend_days", "9")]),
            pending("extending", &[("action", "extend"), ("extend_days", "20")]),
            pending("revoking", &[("action", "revoke"), ("revoke_reason", "mistake")]),
            pending("revealing", &[("action", "reveal")]),
            form(&things.granting, "revealing one that grants a role", &[("action", "reveal")]),
            form(&things.suspended, "sponsoring", &[("action", "sponsor")]),
        ],
        "/console/invitations/{id}/edit" => vec![
            pending("changing the words", &[("message", "Hello"), ("locale", "")]),
            pending("adding a role", &[("role_id", role), ("message", ""), ("locale", "")]),
        ],
        _ => Vec::new(),
    }
}

fn people(pattern: &str, things: &Things, opened: &Opened) -> Vec<Sample> {
    let member = |what, fields: &[(&'static str, &str)]| {
        let path = format!("/console/members/{}", things.member);
        act(things, &path, path.clone(), what, fields)
    };
    let role = |what, fields: &[(&'static str, &str)]| {
        let path = format!("/console/roles/{}", id(&things.role));
        act(things, &path, path.clone(), what, fields)
    };
    let key = |what, fields: &[(&'static str, &str)]| {
        let path = format!("/console/api-keys/{}", things.idle_key);
        act(things, &path, path.clone(), what, fields)
    };
    let settings = |what, fields: &[(&'static str, &str)]| {
        act(things, "/console/settings", "/console/settings".to_owned(), what, fields)
    };
    let strange = |sample: Sample| {
        let (cookie, field) = &opened.stranger;
        Sample { cookies: vec![cookie.clone()], csrf: Some(field.clone()), ..sample }
    };
    let plain = || sample(pattern);
    match pattern {
        "/console/sign-in" => vec![
            strange(plain().form(&[("email", &things.owner_email), ("password", PASSWORD)])).called("by a password"),
            strange(plain().form(&[("api_key", &things.key)])).called("by a key"),
        ],
        "/console/forgotten" => vec![strange(plain().form(&[("email", &things.owner_email)]))],
        "/console/sign-out" | "/console/leave" => vec![plain().form(&[])],
        "/console/language" => vec![plain().form(&[("language", "de"), ("next", "/console")])],
        "/console/organization" => vec![plain().form(&[("organization", &things.organization)])],
        "/console/account" => vec![
            plain().form(&[("action", "name"), ("name", "Renamed")]).called("the name"),
            plain().form(&[("action", "sessions")]).called("ending all sessions"),
        ],
        "/console/members/{id}" => vec![
            member(
                "adding a permission",
                &[("action", "save"), ("role_id", ""), ("permissions", "members.read"), ("more", "")],
            ),
            member("switching off", &[("action", "switch-off")]),
            member("removing", &[("action", "remove")]),
        ],
        "/console/roles/new" => vec![
            plain().form(&[("name", "new"), ("description", ""), ("more", "")]),
            plain().form(&[("name", "new"), ("permissions", "members.read"), ("more", "")]).called("with a permission"),
        ],
        "/console/roles/{id}" => vec![
            role("renaming", &[("action", "save"), ("name", "renamed"), ("description", ""), ("more", "")]),
            role(
                "adding a permission",
                &[("action", "save"), ("name", "target"), ("permissions", "members.read"), ("more", "")],
            ),
            role("deleting", &[("action", "delete")]),
        ],
        "/console/api-keys/new" => vec![
            plain().form(&[("once", ""), ("name", "new"), ("scope", "everything")]).called("with everything"),
            plain()
                .form(&[("once", ""), ("name", "new"), ("permissions", "members.read")])
                .called("with one permission"),
        ],
        "/console/api-keys/{id}" => {
            vec![key("rotating", &[("action", "rotate"), ("overlap", "0")]), key("revoking", &[("action", "revoke")])]
        }
        "/console/dead-letters" => vec![plain().form(&[("letter", &things.letter)])],
        "/console/settings" => vec![
            settings(
                "the name",
                &[
                    ("action", "general"),
                    ("name", "Renamed"),
                    ("slug", &things.slug),
                    ("locale", ""),
                    ("time_zone", "UTC"),
                ],
            ),
            settings("removing the logo", &[("action", "logo-remove")]),
        ],
        "/console/settings/logo" => vec![Sample { body: Body::Upload, ..plain() }],
        _ => Vec::new(),
    }
}
