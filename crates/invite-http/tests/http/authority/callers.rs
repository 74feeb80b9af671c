//! Everybody who may knock.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use super::{
    served::{Served, text},
    things::{Stage, id, session_cookie},
};
use crate::{
    pages::hidden,
    support::{PASSWORD, Reply},
};
use chrono::Duration;
use invite_domain::access::permission;
use invite_testkit::FakeIssuer;
use serde_json::{Value, json};

/// What a caller holds, for the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A person or credential with a story, told by its name.
    Named,
    /// A person whose role has one permission.
    Role,
    /// A key with one permission.
    Key,
}

/// Somebody.
pub(crate) struct Caller {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// What stands in the header of an API request.
    pub(crate) credential: String,
    /// The organisation such a request names.
    pub(crate) organization: Option<String>,
    /// What a browser of theirs carries.
    pub(crate) cookies: Vec<String>,
    /// What the forms of their pages carry.
    pub(crate) csrf: String,
    /// What the form of a new key carries.
    pub(crate) once: String,
}

impl Caller {
    pub(crate) fn named(name: &str, credential: &str) -> Self {
        Self {
            kind: Kind::Named,
            name: name.to_owned(),
            credential: credential.to_owned(),
            organization: None,
            cookies: if credential.is_empty() { Vec::new() } else { vec![session_cookie(credential)] },
            csrf: String::new(),
            once: String::new(),
        }
    }

    pub(crate) fn naming(mut self, organization: &str) -> Self {
        self.organization = Some(organization.to_owned());
        self
    }

    /// A key, signed in at the console as far as it can be.
    async fn key(served: &Served, name: &str, key: &str) -> Self {
        let signed_in = sign_in_with_key(served, key).await;
        let cookies = signed_in.cookie("__Host-invite_console_key=").into_iter().collect();
        Self { cookies, ..Self::named(name, key) }
    }

    /// Looks at the pages whose forms it is going to send.
    pub(crate) async fn look(&mut self, served: &Served) {
        if !self.cookies.is_empty() {
            self.csrf = hidden(&served.page(&self.cookies, "/console/account").await, "csrf");
            self.once = hidden(&served.page(&self.cookies, "/console/api-keys/new").await, "once");
        }
    }
}

/// The cookie and the field of a page of nobody yet.
pub(crate) async fn stranger(served: &Served) -> (String, String) {
    let page = served.page(&[], "/console/sign-in").await;
    (page.cookie("__Host-invite_sign_in=").unwrap(), hidden(&page, "csrf"))
}

/// The cookie of a browser that has signed in with a key.
pub(crate) async fn key_cookie(served: &Served, key: &str) -> String {
    sign_in_with_key(served, key).await.cookie("__Host-invite_console_key=").unwrap()
}

async fn sign_in_with_key(served: &Served, key: &str) -> Reply {
    let (cookie, csrf) = stranger(served).await;
    let request = served.bench.request("POST", "/console/sign-in").insert_header(("Cookie", cookie));
    let request = request.insert_header(("Sec-Fetch-Site", "same-origin"));
    let request = request.insert_header(("Content-Type", "application/x-www-form-urlencoded"));
    served.send(request.set_payload(format!("csrf={csrf}&api_key={key}"))).await
}

async fn key_of(
    served: &Served,
    owner: &str,
    permissions: Option<&[&str]>,
    expires_in: Option<i64>,
) -> (String, String) {
    let mut body = json!({ "name": "key" });
    if let Some(permissions) = permissions {
        body["permissions"] = json!(permissions);
    }
    if let Some(seconds) = expires_in {
        body["expires_in"] = json!(seconds);
    }
    let made = served.done(owner, "POST", "/v1/api-keys", &body).await;
    (text(&made, "/api_key"), id(&made))
}

/// Everybody, with every permission of ours once by a role and once by a key.
pub(crate) async fn all(stage: &Stage) -> Vec<Caller> {
    let (served, acme, globex) = (&stage.served, &stage.acme, &stage.globex);
    let mut callers = vec![Caller::named("anonymous", ""), Caller::named("owner", &acme.owner)];
    for role in ["admin", "member", "guest"] {
        let (session, _) = served.join(&acme.key, &format!("the-{role}@acme.example"), Some(role), &[]).await;
        callers.push(Caller::named(role, &session));
    }
    callers.push(Caller::named("the member it is about", &acme.member_session));
    gone(served, acme, &mut callers).await;
    several(stage, &mut callers).await;
    by_jwt(served, &acme.key, &mut callers).await;
    grouped(stage, &mut callers).await;
    callers.push(Caller::named("owner elsewhere", &globex.owner));
    callers.push(Caller::named("owner elsewhere, naming this one", &globex.owner).naming(&acme.organization));
    callers.push(Caller::key(served, "key elsewhere, naming this one", &globex.key).await.naming(&acme.organization));
    callers.push(Caller::named("operator", &served.bench.operator));
    callers.push(Caller::named("operator, naming this one", &served.bench.operator).naming(&acme.organization));
    for name in permission::OURS {
        let role = json!({ "name": format!("only {name}"), "permissions": [name] });
        served.done(&acme.key, "POST", "/v1/roles", &role).await;
        let email = format!("{}@role.example", name.replace('.', "-"));
        let (session, _) = served.join(&acme.key, &email, Some(&format!("only {name}")), &[]).await;
        callers.push(Caller { kind: Kind::Role, ..Caller::named(name, &session) });
    }
    for name in permission::OURS {
        let (key, _) = key_of(served, &acme.owner, Some(&[name]), None).await;
        callers.push(Caller { kind: Kind::Key, ..Caller::key(served, name, &key).await });
    }
    served.bench.pass(Duration::minutes(2));
    for caller in &mut callers {
        caller.look(served).await;
    }
    callers
}

/// Whose credential was good once.
async fn gone(served: &Served, acme: &super::things::Things, callers: &mut Vec<Caller>) {
    let (key, _) = key_of(served, &acme.owner, None, None).await;
    callers.push(Caller::key(served, "key with everything", &key).await);
    let (key, _) = key_of(served, &acme.owner, None, Some(60)).await;
    callers.push(Caller::key(served, "expired key", &key).await);
    let (key, id) = key_of(served, &acme.owner, None, None).await;
    callers.push(Caller::key(served, "revoked key", &key).await);
    served.done(&acme.key, "DELETE", &format!("/v1/api-keys/{id}"), &Value::Null).await;

    let (maker, membership) = served.join(&acme.key, "maker@acme.example", Some("owner"), &[]).await;
    let (key, _) = key_of(served, &maker, None, None).await;
    callers.push(Caller::key(served, "key of somebody who left", &key).await);
    served.done(&acme.owner, "DELETE", &format!("/v1/members/{membership}"), &Value::Null).await;
    callers.push(Caller::named("removed owner", &maker));
    callers.push(Caller::named("removed owner, naming this one", &maker).naming(&acme.organization));

    let (off, membership) = served.join(&acme.key, "off@acme.example", Some("owner"), &[]).await;
    let (key, _) = key_of(served, &off, None, None).await;
    callers.push(Caller::key(served, "key of somebody switched off", &key).await);
    served.done(&acme.owner, "PATCH", &format!("/v1/members/{membership}"), &json!({ "active": false })).await;
    callers.push(Caller::named("switched-off owner", &off));
    callers.push(Caller::named("switched-off owner, naming this one", &off).naming(&acme.organization));

    let (out, _) = served.join(&acme.key, "out@acme.example", Some("owner"), &[]).await;
    served.done(&out, "DELETE", "/v1/sessions/current", &Value::Null).await;
    callers.push(Caller::named("signed-out owner", &out));
}

/// People who come with a token of another issuer.
async fn by_jwt(served: &Served, key: &str, callers: &mut Vec<Caller>) {
    let (jwt, _) = served.bench.join_by_jwt("jwt@acme.example", Some("admin")).await;
    callers.push(Caller::named("admin by a JWT", &jwt));
    let (gone, redeemed) = served.bench.join_by_jwt("jwt-gone@acme.example", Some("admin")).await;
    let path = format!("/v1/members/{}", text(&redeemed, "/membership/id"));
    served.done(key, "DELETE", &path, &Value::Null).await;
    callers.push(Caller::named("removed admin by a JWT", &gone));
    callers.push(Caller::named("JWT of nobody", &FakeIssuer::token("nobody")));
}

/// Who runs a group of organisations, this one among them.
async fn grouped(stage: &Stage, callers: &mut Vec<Caller>) {
    let (served, acme, globex) = (&stage.served, &stage.acme, &stage.globex);
    let (session, _) = served.join(&globex.key, "grouped@globex.example", Some("guest"), &[]).await;
    let body = json!({ "administrators": [acme.member_email, "grouped@globex.example"] });
    served.done(&served.bench.operator, "PATCH", &format!("/v1/organization-groups/{}", acme.group), &body).await;
    callers.push(Caller::named("administrator of a group", &session));
    callers.push(Caller::named("administrator of a group, naming this one", &session).naming(&acme.organization));
}

/// Who belongs to both organisations, or holds a session of one alone.
async fn several(stage: &Stage, callers: &mut Vec<Caller>) {
    let (served, acme, globex) = (&stage.served, &stage.acme, &stage.globex);
    let (both, _) = served.join(&acme.key, "both@acme.example", Some("admin"), &[]).await;
    let body = json!({ "recipient": { "email": "both@acme.example" }, "role_id": served.role(&globex.key, "admin").await["id"] });
    served.done(&globex.key, "POST", "/v1/invitations", &body).await;
    let token = served.bench.mailed("both@acme.example").await;
    // Whoever names no organisation is taken to the one joined first.
    served.bench.clock.advance(chrono::Duration::milliseconds(1));
    served.done(&both, "POST", "/v1/redemptions", &json!({ "token": token })).await;
    callers.push(Caller::named("admin of two", &both));
    callers.push(Caller::named("admin of two, naming this one", &both).naming(&acme.slug));

    // A trucker's second code is a sign-in invitation: its session is of that organisation alone.
    let trucker = served
        .done(&globex.key, "POST", "/api/v4/manager-truckers/", &json!({ "user": { "last_name": "Noir" } }))
        .await;
    let redeem = async |session: &str| {
        let path = format!("/api/v4/manager-truckers/{}/generate-invite-code/", trucker["pk"]);
        let code = text(&served.done(&globex.key, "POST", &path, &Value::Null).await, "/invite_code");
        let body = json!({ "organization": globex.slug, "code": code, "account": { "password": PASSWORD } });
        served.done(session, "POST", "/v1/redemptions", &body).await
    };
    let first = redeem("").await;
    let membership = text(&first, "/membership/id");
    let admin = json!({ "role_id": served.role(&globex.key, "admin").await["id"] });
    served.done(&globex.key, "PATCH", &format!("/v1/members/{membership}"), &admin).await;
    // In this organisation too, but not by the session of the other.
    let bound = text(&redeem("").await, "/session/token");
    callers.push(Caller::named("session of one organisation elsewhere", &bound));
    callers.push(Caller::named("session of one organisation elsewhere, naming this one", &bound).naming(&acme.slug));
}
