//! What the tests of the Dailys dialect share.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::support::{Bench, Reply};
use invite_domain::{email::EmailAddress, port::Destination};
use serde_json::{Value, json};

pub(crate) const INVITES: &str = "/api/v1/invites";
pub(crate) const ROLES: &str = "/api/v1/roles";

/// The keys of an object, sorted.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// The envelope of a status whose body the pages print.
pub(crate) fn printed_envelope(status: u16) -> Value {
    let (message, error) = match status {
        401 => ("Unauthorised", "You are not permitted to perform this action."),
        403 => ("Unauthenticated", "Authentication is required for this request."),
        404 => ("Resource Not Found", "Cannot find requested resource, please try again."),
        _ => ("Method Not Allowed", "Check your HTTP request method, and try again."),
    };
    json!({ "success": false, "code": status, "message": message, "errors": [error] })
}

/// Holds that this is the refusal whose body the pages print.
pub(crate) fn assert_printed(reply: &Reply, status: u16, what: &str) {
    assert_eq!((reply.status.as_u16(), reply.json()), (status, printed_envelope(status)), "{what}");
    assert_order(reply);
    assert_eq!(reply.header("content-type"), "application/json", "{what}");
}

/// Holds that fields were refused, in these sentences.
pub(crate) fn assert_fields(reply: &Reply, errors: &[&str]) {
    let expected = json!({ "success": false, "code": 422, "message": "Unprocessable Entity", "errors": errors });
    assert_eq!((reply.status.as_u16(), reply.json()), (422, expected));
    assert_order(reply);
}

/// Holds that the members stand as the pages print them.
fn assert_order(reply: &Reply) {
    let text = reply.text();
    let places = ["{\"success\":", ",\"code\":", ",\"message\":", ",\"errors\":"].map(|member| text.find(member));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
}

/// A path of one invite.
pub(crate) fn at(invite: &Value) -> String {
    format!("{INVITES}/{}", invite["id"])
}

impl Bench {
    /// Stores an invite and answers it.
    pub(crate) async fn store(&self, body: Value) -> Value {
        let reply = self.ask("POST", INVITES, body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["invite"].clone()
    }

    /// Stores one with this address and rate.
    pub(crate) async fn store_at(&self, email: &str, rate: i64) -> Value {
        self.store(json!({ "email": email, "default_rate": rate })).await
    }

    /// A page of the invites.
    pub(crate) async fn invites(&self, query: &str) -> Value {
        let reply = self.ask("GET", &format!("{INVITES}?{query}"), Value::Null).await;
        assert_eq!(reply.status, 200, "{query}: {}", reply.text());
        reply.json()
    }

    /// The addresses on a page of the invites.
    pub(crate) async fn emails(&self, query: &str) -> Vec<String> {
        let page = self.invites(query).await;
        let emails = page["data"].as_array().unwrap().iter().map(|invite| invite["email"].as_str().unwrap().to_owned());
        emails.collect()
    }

    /// The number of a role.
    pub(crate) async fn role_number(&self, name: &str) -> i64 {
        self.role(name).await["number"].as_i64().unwrap()
    }

    /// A key with these permissions, made by the owner whose session this is: a key makes no keys.
    pub(crate) async fn key_with(&self, owner: &str, permissions: &[&str]) -> String {
        let body = json!({ "name": "limited", "permissions": permissions });
        let made = self.call(owner, "POST", "/v1/api-keys", body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["api_key"].as_str().unwrap().to_owned()
    }

    /// A key of an organisation of its own.
    pub(crate) async fn stranger(&self) -> String {
        let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
        let made = self.call(&self.operator, "POST", "/v1/organizations", body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["api_key"].as_str().unwrap().to_owned()
    }

    /// How many mails went to this address, once everything that waits is delivered. `flush` is an address that has one.
    pub(crate) async fn mails(&self, email: &str, flush: &str) -> usize {
        self.mailed(flush).await;
        let address = EmailAddress::parse(email).unwrap();
        let is_there = |to: &Destination| matches!(to, Destination::Email(to) if to.key() == address.key());
        self.notifier.delivered().iter().filter(|mail| is_there(&mail.to)).count()
    }

    /// Redeems as a new person.
    pub(crate) async fn accept(&self, token: &str) -> Reply {
        let account = json!({ "name": "Ada", "password": crate::support::PASSWORD });
        self.call("", "POST", "/v1/redemptions", json!({ "token": token, "account": account })).await
    }
}
