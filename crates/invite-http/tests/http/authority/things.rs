//! One of everything an organisation can have.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use super::served::{Served, text};
use crate::{pages::hidden, support::PASSWORD};
use invite_domain::{email::EmailAddress, invitation::Reason, port::DeliveryError};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use url::form_urlencoded;

/// The things of one organisation.
pub(crate) struct Things {
    /// A key with everything.
    pub(crate) key: String,
    /// A session of the owner.
    pub(crate) owner: String,
    /// Their address.
    pub(crate) owner_email: String,
    pub(crate) organization: String,
    pub(crate) slug: String,
    /// An invitation that grants nothing, the token that was mailed for it and its code.
    pub(crate) pending: Value,
    pub(crate) token: String,
    pub(crate) code: String,
    /// One whose inviter has gone.
    pub(crate) suspended: Value,
    /// One that grants the role `member`, one the role `owner`.
    pub(crate) granting: Value,
    pub(crate) crowning: Value,
    /// A role without permissions that nobody has.
    pub(crate) role: Value,
    /// A membership without permissions, its account's address and a link to set its password.
    pub(crate) member: String,
    pub(crate) member_email: String,
    pub(crate) member_session: String,
    pub(crate) reset: String,
    /// A key that may do nothing.
    pub(crate) idle_key: String,
    pub(crate) letter: String,
    /// A group of this organisation alone, and an organisation that was deleted.
    pub(crate) group: String,
    pub(crate) deleted: String,
    pub(crate) company: Value,
    pub(crate) contact: Value,
    pub(crate) trucker: Value,
    /// Its logo's path.
    pub(crate) logo: String,
    /// The version a page's form carries, by the page's path.
    pub(crate) versions: BTreeMap<String, String>,
    /// What the preview of a mail is asked for by.
    pub(crate) preview: String,
}

/// A PNG as far as anybody looks.
pub(crate) fn png() -> Vec<u8> {
    let mut image = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    image.extend([0, 0, 0, 8, 0, 0, 0, 8]);
    image.resize(200, 7);
    image
}

/// The cookie of a session.
pub(crate) fn session_cookie(session: &str) -> String {
    format!("__Host-invite_session={session}")
}

impl Things {
    /// Makes them. `tag` keeps the addresses of two organisations apart.
    pub(crate) async fn make(served: &Served, key: &str, owner: &str, owner_email: &str, tag: &str) -> Self {
        let at = |name: &str| format!("{name}@{tag}.example");
        let mailed = |name: &str| json!({ "recipient": { "email": at(name) } });
        let organization = served.done(key, "GET", "/v1/organization", &Value::Null).await;

        let role = json!({ "name": "target", "permissions": [] });
        let role = served.done(key, "POST", "/v1/roles", &role).await;
        let letter = {
            served.bench.dispatch().await;
            served.done(key, "POST", "/v1/invitations", &mailed("lost")).await;
            served.bench.notifier.fail_next(1, DeliveryError::Permanent(Reason::SmtpRefused));
            served.bench.pass(chrono::Duration::seconds(1));
            served.bench.dispatch().await;
            let letters = served.done(key, "GET", "/v1/dead-letters", &Value::Null).await;
            text(&letters, "/items/0/id")
        };

        let (leaver, leaving) = served.join(key, &at("leaver"), Some("admin"), &[]).await;
        let suspended = served.done(&leaver, "POST", "/v1/invitations", &mailed("suspended")).await;
        served.done(key, "DELETE", &format!("/v1/members/{leaving}"), &Value::Null).await;
        let suspended =
            served.done(key, "GET", &format!("/v1/invitations/{}", text(&suspended, "/id")), &Value::Null).await;

        let (member_session, member) = served.join(key, &at("member"), Some("guest"), &[]).await;
        served.done("", "POST", "/v1/password-resets", &json!({ "email": at("member") })).await;
        served.stored().await;
        let reset = served.bench.mailed(&at("member")).await;

        let idle = json!({ "name": "idle", "permissions": [] });
        let idle_key = text(&served.done(owner, "POST", "/v1/api-keys", &idle).await, "/id");

        let company = json!({ "name": format!("Company {tag}"), "country": "FR", "remote_id": "COMPANY_1" });
        let company = served.done(key, "POST", "/api/v4/companies/", &company).await;
        let contact = json!({ "company": { "pk": company["pk"] }, "last_name": "Bouvet", "email": at("contact"), "remote_id": "CONTACT_1" });
        let contact = served.done(key, "POST", "/api/v4/contacts/", &contact).await;
        let trucker = json!({ "user": { "last_name": "Petit" }, "remote_id": "TRUCKER_1" });
        let trucker = served.done(key, "POST", "/api/v4/manager-truckers/", &trucker).await;

        let operator = &served.bench.operator;
        let group = json!({ "name": format!("Group {tag}"), "organization_ids": [organization["id"]], "administrators": [at("member")] });
        let group = id(&served.done(operator, "POST", "/v1/organization-groups", &group).await);
        let deleted = json!({ "name": format!("Gone {tag}"), "owner_email": at("gone") });
        let deleted = text(&served.done(operator, "POST", "/v1/organizations", &deleted).await, "/organization/id");
        served.done(operator, "DELETE", &format!("/v1/organizations/{deleted}"), &Value::Null).await;

        let logo = served.bench.request("PUT", "/v1/organization/logo").insert_header(("Content-Type", "image/png"));
        let logo = logo.insert_header(("Authorization", format!("Bearer {key}"))).set_payload(png());
        let logo = text(&served.send(logo).await.json(), "/look/logo_url");

        let member_role = served.role(key, "member").await["id"].clone();
        let owner_role = served.role(key, "owner").await["id"].clone();
        let giving = |name: &str, role: &Value| json!({ "recipient": { "email": at(name) }, "role_id": role });
        let granting = served.done(key, "POST", "/v1/invitations", &giving("granted", &member_role)).await;
        let crowning = served.done(key, "POST", "/v1/invitations", &giving("crowned", &owner_role)).await;
        let pending = served.done(key, "POST", "/v1/invitations", &mailed("pending")).await;
        let token = served.bench.mailed(&at("pending")).await;
        let mail = served.bench.notifier.last_to(&EmailAddress::parse(&at("pending")).unwrap()).unwrap();

        let mut things = Self {
            key: key.to_owned(),
            owner: owner.to_owned(),
            owner_email: owner_email.to_owned(),
            organization: text(&organization, "/id"),
            slug: text(&organization, "/slug"),
            code: mail.code.unwrap().expose().to_owned(),
            pending,
            token,
            suspended,
            granting,
            crowning,
            role,
            member,
            member_email: at("member"),
            member_session,
            reset,
            idle_key,
            letter,
            group,
            deleted,
            company,
            contact,
            trucker,
            logo: logo.strip_prefix("https://invite.example.org").unwrap().to_owned(),
            versions: BTreeMap::new(),
            preview: String::new(),
        };
        things.look_at_forms(served).await;
        things
    }

    async fn look_at_forms(&mut self, served: &Served) {
        let mut pages = vec![
            format!("/console/members/{}", self.member),
            format!("/console/roles/{}", id(&self.role)),
            format!("/console/api-keys/{}", self.idle_key),
            "/console/settings".to_owned(),
        ];
        for invitation in [&self.pending, &self.suspended, &self.granting, &self.crowning] {
            pages.push(format!("/console/invitations/{}", id(invitation)));
        }
        let cookies = [session_cookie(&self.owner)];
        for path in pages {
            let page = served.page(&cookies, &path).await;
            assert_eq!(page.status, 200, "{path}: {}", page.text());
            self.versions.insert(path, hidden(&page, "version"));
        }
        let page = served.page(&cookies, "/console/invitations/new").await;
        let fields =
            [("csrf", hidden(&page, "csrf")), ("action", "preview".to_owned()), ("expires_in", "7".to_owned())];
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request =
            served.bench.request("POST", "/console/invitations/new").insert_header(("Cookie", cookies.join("; ")));
        let request = request.insert_header(("Sec-Fetch-Site", "same-origin"));
        let request = request.insert_header(("Content-Type", "application/x-www-form-urlencoded"));
        let shown = served.send(request.set_payload(form)).await.text();
        let of = shown.split("preview?of=").nth(1).unwrap_or_default();
        of.split('"').next().unwrap().clone_into(&mut self.preview);
        assert!(self.preview.len() > 20, "{shown}");
    }
}

/// The id of a document.
pub(crate) fn id(document: &Value) -> String {
    text(document, "/id")
}

/// Two organisations with everything.
pub(crate) struct Stage {
    pub(crate) served: Served,
    pub(crate) acme: Things,
    pub(crate) globex: Things,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::on(Served::new().await).await
    }

    pub(crate) async fn on(served: Served) -> Self {
        let session = served.bench.owner().await;
        let key = served.bench.key.clone();
        let acme = Things::make(&served, &key, &session, crate::support::OWNER, "acme").await;
        let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
        let globex = served.done(&served.bench.operator.clone(), "POST", "/v1/organizations", &body).await;
        let link = text(&globex, "/owner_link");
        let token = link.rsplit('/').next().unwrap();
        served.done("", "POST", "/v1/password-resets/confirm", &json!({ "token": token, "password": PASSWORD })).await;
        let boss = json!({ "email": "boss@globex.example", "password": PASSWORD });
        let boss = text(&served.done("", "POST", "/v1/sessions", &boss).await, "/session/token");
        let globex = Things::make(&served, &text(&globex, "/api_key"), &boss, "boss@globex.example", "globex").await;
        served.bench.dispatch().await;
        Self { served, acme, globex }
    }
}
