//! What the tests of the Gatego dialect share.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::support::{Bench, PASSWORD, Reply};
use invite_domain::email::EmailAddress;
use serde_json::{Value, json};

pub(crate) const ACCEPT: &str = "/api/public/account/invited-account";
pub(crate) const INVITE: &str = "/api/account/invite";
pub(crate) const LOGIN: &str = "/auth/login";
pub(crate) const REFRESH: &str = "/auth/refresh-token";
pub(crate) const ME: &str = "/api/account/me";

/// The thirty keys, in the printed order.
pub(crate) const KEYS: [&str; 30] = [
    "active",
    "can_view_carrier_ids",
    "can_view_other_carriers",
    "carrier_id",
    "deleted_at",
    "driver",
    "driver_license",
    "driver_license_expiration",
    "driver_license_picture_id",
    "driver_photo_id",
    "driver_safety_card_picture_id",
    "driver_truck_number",
    "email",
    "email_confirmed",
    "hmac",
    "hmac_android",
    "hmac_ios",
    "id",
    "language_code",
    "last_login",
    "last_login_app_version",
    "last_login_referer",
    "managed_organization_group",
    "name",
    "organization",
    "phone_number",
    "previous_last_login",
    "role",
    "username",
    "yard_id",
];

/// Where an invitation is looked at.
pub(crate) fn look(code: &str) -> String {
    format!("/api/public/account/invite?code={code}")
}

/// The refusal's status and code. It has these two members and no other.
pub(crate) fn refusal(reply: &Reply) -> (u16, String) {
    let body = reply.json();
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    assert!(reply.text().starts_with("{\"error_code\":"), "as printed: {}", reply.text());
    assert!(body["message"].as_str().is_some_and(|message| message.ends_with('.')), "{body}");
    assert_eq!(reply.header("content-type"), "application/json");
    (reply.status.as_u16(), body["error_code"].as_str().unwrap().to_owned())
}

pub(crate) fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// Invites with the owner's key, and answers what was answered.
pub(crate) async fn invite(bench: &Bench, body: Value) -> Value {
    let reply = bench.ask("POST", INVITE, body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

/// Invites with everything a yard's administrator can be given.
pub(crate) async fn invite_ada(bench: &Bench) -> Value {
    let body = json!({
        "email": "Ada@example.org", "role": "YARD_ADMIN", "carrier_id": 7, "yard_id": 8, "can_view_carrier_ids": [9, 10],
        "can_view_other_carriers": true,
    });
    invite(bench, body).await
}

/// The token that was mailed to somebody who was just invited so.
pub(crate) async fn token_for(bench: &Bench, email: &str, role: &str) -> String {
    invite(bench, json!({ "email": email, "role": role, "yard_id": 1, "carrier_id": 2 })).await;
    bench.mailed(email).await
}

/// The short code in the last mail to this address.
pub(crate) fn code_to(bench: &Bench, email: &str) -> String {
    let mail = bench.notifier.last_to(&EmailAddress::parse(email).unwrap()).unwrap();
    mail.code.unwrap().expose().to_owned()
}

/// Accepts as somebody with the usual password.
pub(crate) async fn accept(bench: &Bench, code: &str) -> Reply {
    let account = json!({ "name": "Ada Lovelace", "password": PASSWORD, "password_confirmation": PASSWORD });
    accept_with(bench, code, account).await
}

pub(crate) async fn accept_with(bench: &Bench, code: &str, account: Value) -> Reply {
    bench.call("", "POST", ACCEPT, json!({ "code": code, "account_invited": account })).await
}

/// The account of an acceptance that worked.
pub(crate) fn account(reply: &Reply) -> Value {
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

pub(crate) async fn login(bench: &Bench, username: &str, password: &str) -> Reply {
    bench.call("", "POST", LOGIN, json!({ "username": username, "password": password })).await
}

/// A second organisation: its key, id, slug and number.
pub(crate) async fn globex(bench: &Bench) -> (String, String, i64) {
    let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let made = bench.call(&bench.operator, "POST", "/v1/organizations", body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    let text = |pointer: &str| made.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let number = made["organization"]["number"].as_i64().unwrap();
    (text("/api_key"), text("/organization/id"), number)
}

/// How many members the organisation of a key has.
pub(crate) async fn members(bench: &Bench, key: &str) -> usize {
    let list = bench.call(key, "GET", "/v1/members?limit=200", Value::Null).await.json();
    list["items"].as_array().unwrap().len()
}
