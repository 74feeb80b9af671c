//! A request for every route that would work for somebody who may do everything.

use super::{
    callers::Caller,
    samples_console, samples_dialects,
    served::Served,
    things::{Things, id, png},
};
use crate::support::{PASSWORD, Reply};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use url::form_urlencoded;

/// What a request carries.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    None,
    Json(Value),
    Form(Vec<(&'static str, String)>),
    /// An image, bare.
    Image,
    /// A form with an image.
    Upload,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// What is told apart by it, where a route has several.
    pub(crate) what: &'static str,
    pub(crate) path: String,
    pub(crate) body: Body,
    /// Cookies beside the caller's.
    pub(crate) cookies: Vec<String>,
    /// The field that proves the form, where it is not the caller's.
    pub(crate) csrf: Option<String>,
}

pub(crate) fn sample(path: impl Into<String>) -> Sample {
    Sample { what: "", path: path.into(), body: Body::None, cookies: Vec::new(), csrf: None }
}

impl Sample {
    pub(crate) fn json(self, body: Value) -> Self {
        Self { body: Body::Json(body), ..self }
    }

    pub(crate) fn form(self, fields: &[(&'static str, &str)]) -> Self {
        Self { body: Body::Form(fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()), ..self }
    }

    pub(crate) fn called(self, what: &'static str) -> Self {
        Self { what, ..self }
    }
}

/// What an anonymous visitor's pages gave out.
pub(crate) struct Opened {
    /// Of the console's page to sign in.
    pub(crate) stranger: (String, String),
    /// Cookie, address and field of the page behind the invitation's link, the account's link, and for codes.
    pub(crate) accept: (String, String, String),
    pub(crate) account: (String, String, String),
    pub(crate) code: (String, String, String),
}

impl Opened {
    pub(crate) async fn by(served: &Served, things: &Things) -> Self {
        let link = async |path: String, name: &str| {
            let opened = served.page(&[], &path).await;
            let cookie = opened.cookie(name);
            let target = opened.header("location").to_owned();
            let cookies: Vec<String> = cookie.into_iter().collect();
            assert!(!cookies.is_empty(), "{path}: {} {}", opened.status, opened.text());
            let target = if target.is_empty() { path } else { target };
            let page = served.page(&cookies, &target).await;
            // The form may be given a cookie of its own.
            let field = crate::pages::hidden(if target.starts_with("/code/") { &opened } else { &page }, "csrf");
            assert!(!field.is_empty(), "{target}: {}", page.text());
            (cookies.concat(), target, field)
        };
        Self {
            stranger: super::callers::stranger(served).await,
            accept: link(format!("/i/{}", things.token), "invite_accept_").await,
            account: link(format!("/account/{}", things.reset), "invite_account_").await,
            code: link(format!("/code/{}", things.slug), "invite_code_").await,
        }
    }
}

/// The requests for a route; none where nobody has thought of it yet.
pub(crate) fn of(method: &str, pattern: &str, things: &Things, opened: &Opened) -> Vec<Sample> {
    if pattern.starts_with("/console") {
        return samples_console::of(method, pattern, things, opened);
    }
    if ["/api/", "/auth/"].iter().any(|prefix| pattern.starts_with(prefix)) {
        return samples_dialects::of(method, pattern, things);
    }
    if !pattern.starts_with("/v1/") {
        return page(method, pattern, things, opened);
    }
    let found = invitations(method, pattern, things);
    if found.is_empty() { administration(method, pattern, things) } else { found }
}

fn invitations(method: &str, pattern: &str, things: &Things) -> Vec<Sample> {
    let one = |document: &Value| sample(pattern.replace("{id}", &id(document)));
    let pending = || one(&things.pending);
    let granting = || one(&things.granting).called("granting a role");
    let issue = || sample(pattern);
    let new = json!({ "recipient": { "email": "new@person.example" } });
    let with = |name: &str, value: Value| {
        let mut body = new.clone();
        body[name] = value;
        body
    };
    let role = things.granting["role"]["id"].clone();
    match (method, pattern) {
        ("POST", "/v1/invitations") => vec![
            issue().json(new.clone()),
            issue().json(with("role_id", role)).called("granting a role"),
            issue().json(with("permissions", json!(["own.thing"]))).called("granting a permission of the host's"),
            issue().json(with("return", json!(["link"]))).called("returning the link"),
        ],
        ("GET", "/v1/invitations" | "/v1/statistics" | "/v1/events") => vec![sample(pattern)],
        ("GET", "/v1/invitations/{id}" | "/v1/invitations/{id}/events") => vec![pending()],
        ("PATCH", "/v1/invitations/{id}") => vec![
            pending().json(json!({ "message": "Hello" })),
            granting().json(json!({ "message": "Hello" })),
            pending().json(json!({ "role_id": role })).called("adding a role"),
        ],
        ("POST", "/v1/invitations/{id}/resend" | "/v1/invitations/{id}/reveal") => vec![pending(), granting()],
        ("POST", "/v1/invitations/{id}/revoke") => vec![pending().json(json!({ "reason": "mistake" }))],
        ("POST", "/v1/invitations/{id}/extend") => vec![pending().json(json!({ "expires_in": 1_000_000 }))],
        ("POST", "/v1/invitations/{id}/sponsor") => vec![one(&things.suspended)],
        ("POST", "/v1/redemptions/preview" | "/v1/redemptions/decline" | "/v1/redemptions/new-link") => {
            vec![sample(pattern).json(json!({ "token": things.token }))]
        }
        ("POST", "/v1/redemptions") => {
            let account = json!({ "name": "New", "password": PASSWORD });
            vec![
                sample(pattern).json(json!({ "token": things.token })).called("as who is signed in"),
                sample(pattern).json(json!({ "token": things.token, "account": account })).called("as a new person"),
            ]
        }
        _ => Vec::new(),
    }
}

fn administration(method: &str, pattern: &str, things: &Things) -> Vec<Sample> {
    let plain = || sample(pattern);
    let at = |id: &str| sample(pattern.replace("{id}", id));
    let role = || at(&id(&things.role));
    match (method, pattern) {
        (
            "GET",
            "/v1/roles"
            | "/v1/members"
            | "/v1/api-keys"
            | "/v1/dead-letters"
            | "/v1/organization"
            | "/v1/me"
            | "/v1/organizations"
            | "/v1/organization-groups"
            | "/v1/events/export",
        )
        | ("DELETE", "/v1/organization/logo" | "/v1/sessions/current" | "/v1/sessions") => vec![plain()],
        ("POST", "/v1/roles") => vec![
            plain().json(json!({ "name": "new", "permissions": [] })),
            plain().json(json!({ "name": "new", "permissions": ["members.read"] })).called("with a permission"),
        ],
        ("GET" | "DELETE", "/v1/roles/{id}") => vec![role()],
        ("PATCH", "/v1/roles/{id}") => vec![
            role().json(json!({ "name": "renamed" })),
            role().json(json!({ "permissions": ["members.read"] })).called("adding a permission"),
        ],
        ("GET" | "DELETE", "/v1/members/{id}") => vec![at(&things.member)],
        ("PATCH", "/v1/members/{id}") => vec![
            at(&things.member).json(json!({ "active": false })).called("switching off"),
            at(&things.member).json(json!({ "permissions": ["members.read"] })).called("adding a permission"),
        ],
        ("POST", "/v1/api-keys") => vec![
            plain().json(json!({ "name": "new" })),
            plain().json(json!({ "name": "new", "permissions": ["members.read"] })).called("with one permission"),
        ],
        ("DELETE", "/v1/api-keys/{id}") | ("POST", "/v1/api-keys/{id}/rotate") => vec![at(&things.idle_key)],
        ("POST", "/v1/dead-letters/{id}/replay") => vec![at(&things.letter)],
        ("PATCH", "/v1/organization" | "/v1/me") => vec![plain().json(json!({ "name": "Renamed" }))],
        ("PUT", "/v1/organization/logo") => vec![Sample { body: Body::Image, ..plain() }],
        ("POST", "/v1/organizations") => {
            vec![plain().json(json!({ "name": "New", "owner_email": "new@owner.example" }))]
        }
        ("DELETE", "/v1/organizations/{id}") => vec![at(&things.organization)],
        ("POST", "/v1/organizations/{id}/restore") => vec![at(&things.deleted)],
        ("POST", "/v1/organization-groups") => {
            vec![
                plain().json(json!({ "name": "New", "organization_ids": [], "administrators": [things.member_email] })),
            ]
        }
        ("GET" | "DELETE", "/v1/organization-groups/{id}") => vec![at(&things.group)],
        ("PATCH", "/v1/organization-groups/{id}") => vec![at(&things.group).json(json!({ "name": "Renamed" }))],
        ("POST", "/v1/erasures") => vec![plain().json(json!({ "email": things.member_email }))],
        ("POST", "/v1/sessions") => vec![plain().json(json!({ "email": things.owner_email, "password": PASSWORD }))],
        ("POST", "/v1/password-resets") => vec![plain().json(json!({ "email": things.owner_email }))],
        ("POST", "/v1/password-resets/confirm") => {
            vec![plain().json(json!({ "token": things.reset, "password": "another good password" }))]
        }
        _ => Vec::new(),
    }
}

fn page(method: &str, pattern: &str, things: &Things, opened: &Opened) -> Vec<Sample> {
    let holding = |(cookie, target, field): &(String, String, String)| Sample {
        cookies: vec![cookie.clone()],
        csrf: Some(field.clone()),
        ..sample(target.clone())
    };
    let password = [("password", "another good password"), ("password_repeat", "another good password")];
    match (method, pattern) {
        ("GET", "/i/{token}") => vec![sample(format!("/i/{}", things.token))],
        ("GET", "/account/{token}") => vec![sample(format!("/account/{}", things.reset))],
        ("GET", "/accept") => vec![holding(&opened.accept)],
        ("POST", "/accept") => {
            let new = [("action", "accept"), ("name", "Ada"), ("password", PASSWORD), ("password_repeat", PASSWORD)];
            vec![
                holding(&opened.accept).form(&new).called("accepting"),
                holding(&opened.accept).form(&[("action", "decline")]).called("declining"),
            ]
        }
        ("GET", "/account") => vec![holding(&opened.account)],
        ("POST", "/account") => vec![holding(&opened.account).form(&password)],
        ("GET", "/code/{slug}") => vec![sample(format!("/code/{}", things.slug))],
        ("POST", "/code/{slug}") => vec![holding(&opened.code).form(&[("code", things.code.as_str())])],
        ("GET", "/logos/{file}") => vec![sample(things.logo.clone())],
        ("GET", "/assets/accent/{file}") => vec![sample("/assets/accent/1a56b0.css")],
        ("GET", "/mailbox/{id}" | "/mailbox/{id}/html") => vec![sample(pattern.replace("{id}", "m1"))],
        ("GET", "/docs/{file:.*}") => vec![sample("/docs/index.html")],
        // What has neither a variable nor a body is asked for as it is.
        ("GET", plain) if !plain.contains('{') => vec![sample(plain)],
        _ => Vec::new(),
    }
}

/// Whether a browser asks for it, with cookies.
pub(crate) fn is_browsed(pattern: &str) -> bool {
    !["/v1/", "/api/", "/auth/"].iter().any(|prefix| pattern.starts_with(prefix))
}

/// The request of this caller.
pub(crate) fn request(served: &Served, caller: &Caller, method: &str, pattern: &str, sample: &Sample) -> TestRequest {
    let mut request = served.bench.request(method, &sample.path);
    if is_browsed(pattern) {
        let cookies: Vec<&str> = caller.cookies.iter().chain(&sample.cookies).map(String::as_str).collect();
        request =
            request.insert_header(("Cookie", cookies.join("; "))).insert_header(("Sec-Fetch-Site", "same-origin"));
    } else {
        if !caller.credential.is_empty() {
            let scheme = if pattern.starts_with("/api/v4") { "Token" } else { "Bearer" };
            request = request.insert_header(("Authorization", format!("{scheme} {}", caller.credential)));
        }
        if let Some(organization) = &caller.organization {
            request = request.insert_header(("X-Organization-Id", organization.clone()));
        }
    }
    let csrf = sample.csrf.as_ref().unwrap_or(&caller.csrf);
    match &sample.body {
        Body::None => request,
        Body::Json(body) => request.set_json(body),
        Body::Image => request.insert_header(("Content-Type", "image/png")).set_payload(png()),
        Body::Form(fields) => {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.append_pair("csrf", csrf);
            for (name, value) in fields {
                form.append_pair(name, if *name == "once" && value.is_empty() { &caller.once } else { value });
            }
            let kind = ("Content-Type", "application/x-www-form-urlencoded");
            request.insert_header(kind).set_payload(form.finish())
        }
        Body::Upload => {
            let mut body =
                format!("--edge\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n").into_bytes();
            body.extend(b"--edge\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"a.png\"\r\n");
            body.extend(b"Content-Type: image/png\r\n\r\n");
            body.extend(png());
            body.extend(b"\r\n--edge--\r\n");
            request.insert_header(("Content-Type", "multipart/form-data; boundary=edge")).set_payload(body)
        }
    }
}

pub(crate) async fn ask(served: &Served, caller: &Caller, method: &str, pattern: &str, sample: &Sample) -> Reply {
    served.send(request(served, caller, method, pattern, sample)).await
}
