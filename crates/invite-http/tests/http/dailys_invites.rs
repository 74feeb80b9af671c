//! Dailys: store, show, send again, delete.

use crate::{
    dailys_support::{INVITES, assert_fields, assert_printed, at, keys},
    support::{Bench, OWNER},
};
use chrono::Duration;
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";
const ORGANISATION: [&str; 25] = [
    "brand_display",
    "brand_logo",
    "brand_primary",
    "brand_secondary",
    "created_at",
    "default_country",
    "default_currency",
    "default_date",
    "default_increment",
    "default_rate",
    "default_time",
    "default_timezone",
    "default_week",
    "email",
    "fax",
    "invoice_details",
    "invoice_theme",
    "is_paid",
    "name",
    "new",
    "phone",
    "tax",
    "tax_number",
    "updated_at",
    "website",
];

#[actix_web::test]
async fn dl_12_without_address_or_rate_nothing_is_stored_or_sent() {
    let bench = Bench::new().await;
    let role = bench.role_number("member").await;
    let before = bench.spy.plans();
    let (no_email, no_rate) = ("The email field is required.", "The default rate field is required.");
    for (body, errors) in [
        (json!({}), &[no_email, no_rate][..]),
        (Value::Null, &[no_email, no_rate]),
        (json!({ "email": ADA }), &[no_rate]),
        (json!({ "default_rate": 1 }), &[no_email]),
        (json!({ "email": null, "default_rate": null }), &[no_email, no_rate]),
        (json!({ "email": "", "default_rate": 1 }), &[no_email]),
        (json!({ "email": "ada", "default_rate": 1 }), &["The email must be a valid email address."]),
        (json!({ "email": 7, "default_rate": 1 }), &["The email must be a string."]),
        (json!({ "email": ADA, "default_rate": -1 }), &["The default rate must be at least 0."]),
        (json!({ "email": ADA, "default_rate": 150.5 }), &["The default rate must be an integer."]),
        (json!({ "email": ADA, "default_rate": "15000" }), &["The default rate must be an integer."]),
        (
            json!({ "email": ADA, "default_rate": 1_000_000_001 }),
            &["The default rate may not be greater than 1000000000."],
        ),
        (json!({ "email": ADA, "default_rate": 1, "role_id": "one" }), &["The role id must be an integer."]),
        (json!({ "email": ADA, "default_rate": 1, "role_id": role + 1000 }), &["The selected role id is invalid."]),
        (json!({ "email": ADA, "default_rate": 1, "permissions": "x.y" }), &["The permissions must be an array."]),
        (json!({ "role_id": 0 }), &[no_email, no_rate, "The selected role id is invalid."]),
    ] {
        assert_fields(&bench.ask("POST", INVITES, body).await, errors);
    }
    assert_eq!(bench.spy.plans(), before);
    assert_eq!(bench.invites("").await["total"], 0);
    bench.store_at("other@example.org", 1).await;
    assert_eq!(bench.mails(ADA, "other@example.org").await, 0);
}

#[actix_web::test]
async fn dl_13_an_address_that_is_invited_or_a_member_is_refused() {
    let bench = Bench::new().await;
    bench.store_at(ADA, 1).await;
    let before = bench.spy.plans();
    for taken in [ADA, "ADA@EXAMPLE.ORG", OWNER] {
        let body = json!({ "email": taken, "default_rate": 2 });
        assert_fields(&bench.ask("POST", INVITES, body).await, &["The email has already been taken."]);
    }
    assert_eq!(bench.spy.plans(), before);
    assert_eq!(bench.mails(ADA, ADA).await, 1);
    // One that has expired is in nobody's way, and does not stay in the list beside the new one.
    bench.pass(Duration::days(8));
    let again = bench.store_at(ADA, 2).await;
    let page = bench.invites("").await;
    assert_eq!((&page["total"], &page["data"][0]), (&json!(1), &again));
}

#[actix_web::test]
async fn dl_14_dl_15_dl_17_dl_18_address_and_rate_are_enough() {
    let bench = Bench::new().await;
    let reply = bench.ask("POST", INVITES, json!({ "email": "Ada@Example.org", "default_rate": 15000 })).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let stored = reply.json();
    assert_eq!((keys(&stored), &stored["success"]), (vec!["invite", "success"], &json!(true)));
    let invite = &stored["invite"];
    assert_eq!(keys(invite), ["default_rate", "email", "expires_at", "id", "permissions", "role"]);
    assert_eq!((&invite["default_rate"], &invite["email"]), (&json!(15000), &json!("Ada@Example.org")));
    assert_eq!((&invite["role"], &invite["permissions"]), (&Value::Null, &Value::Null));
    assert!(invite["id"].is_i64());
    let free = bench.store_at("free@example.org", 0).await;
    assert_eq!(free["default_rate"], 0);
}

#[actix_web::test]
async fn a_form_says_the_same_as_json_and_permissions_keep_dailys_names() {
    let bench = Bench::new().await;
    let role = bench.role_number("member").await;
    let form = format!(
        "email=ada%40example.org&default_rate=15000&role_id={role}&permissions%5B%5D=invites.index&permissions%5B%5D=tours.plan"
    );
    let request = bench.request("POST", INVITES).insert_header(("Content-Type", "application/x-www-form-urlencoded"));
    let request = request.insert_header(("Authorization", format!("Bearer {}", bench.key)));
    let by_form = bench.send(request.set_payload(form)).await;
    assert_eq!(by_form.status, 200, "{}", by_form.text());
    let by_form = by_form.json()["invite"].clone();
    let named = json!({ "invites.index": true, "invites.show": true, "tours.plan": true });
    assert_eq!((&by_form["permissions"], &by_form["role"]["name"]), (&named, &json!("member")));
    let body = json!({
        "email": "bob@example.org", "default_rate": 15000, "role_id": role,
        "permissions": { "invites.show": true, "tours.plan": true, "invites.destroy": false },
    });
    let by_json = bench.store(body).await;
    for key in ["permissions", "default_rate", "role"] {
        assert_eq!(by_json[key], by_form[key], "{key}");
    }
    // What was read can be sent as it is.
    let again = json!({ "email": "carl@example.org", "default_rate": 1, "permissions": by_json["permissions"] });
    assert_eq!(bench.store(again).await["permissions"], named);
    let native = bench.ask("GET", "/v1/invitations?query=bob", Value::Null).await.json();
    assert_eq!(native["items"][0]["permissions"], json!(["invitations.read", "tours.plan"]));
    let broken = bench.request("POST", INVITES).insert_header(("Content-Type", "application/json")).set_payload("{");
    let broken = bench.send(broken.insert_header(("Authorization", format!("Bearer {}", bench.key)))).await;
    assert_eq!((broken.status.as_u16(), &broken.json()["message"]), (400, &json!("Bad Request")));
}

#[actix_web::test]
async fn dl_16_storing_sends_one_mail_to_the_address() {
    let bench = Bench::new().await;
    bench.store_at(ADA, 1).await;
    assert_eq!(bench.mails(ADA, ADA).await, 1);
    assert_eq!(bench.notifier.delivered().len(), 1);
}

#[actix_web::test]
async fn dl_19_who_accepts_gets_role_permissions_apart_and_rate() {
    let bench = Bench::new().await;
    let role = bench.role_number("member").await;
    let body =
        json!({ "email": ADA, "default_rate": 15000, "role_id": role, "permissions": ["invites.store", "tours.plan"] });
    bench.store(body).await;
    let token = bench.mailed(ADA).await;
    let accepted = bench.accept(&token).await;
    assert_eq!(accepted.status, 201, "{}", accepted.text());
    let member = &accepted.json()["membership"];
    assert_eq!((&member["role"]["number"], &member["default_rate"]), (&json!(role), &json!(15000)));
    assert_eq!(member["permissions"], json!(["invitations.issue", "tours.plan"]));
}

#[actix_web::test]
async fn dl_20_showing_answers_the_invite_with_nothing_around_it() {
    let bench = Bench::new().await;
    let role = bench.role_number("guest").await;
    let stored = bench.store(json!({ "email": ADA, "default_rate": 5, "role_id": role })).await;
    let before = bench.spy.plans();
    let shown = bench.ask("GET", &at(&stored), Value::Null).await;
    assert_eq!((shown.status.as_u16(), shown.json()), (200, stored.clone()));
    assert_eq!(bench.invites("").await["data"][0], stored);
    assert_eq!(bench.ask("HEAD", &at(&stored), Value::Null).await.status, 200);
    assert_eq!(bench.spy.plans(), before, "looking changes nothing");
}

#[actix_web::test]
async fn dl_21_dl_22_resending_moves_the_expiry_sends_one_mail_and_shows_the_organisation() {
    let bench = Bench::new().await;
    let role = bench.role_number("guest").await;
    let stored = bench.store(json!({ "email": ADA, "default_rate": 15000, "role_id": role })).await;
    let old = bench.mailed(ADA).await;
    let resent = bench.ask("PUT", &at(&stored), Value::Null).await;
    assert_eq!(resent.status, 200, "{}", resent.text());
    let resent = resent.json();
    assert_eq!((keys(&resent), &resent["success"]), (vec!["invite", "success"], &json!(true)));
    let invite = &resent["invite"];
    for key in ["id", "email", "default_rate", "role", "permissions"] {
        assert_eq!(invite[key], stored[key], "{key}");
    }
    assert!(invite["expires_at"].as_str() > stored["expires_at"].as_str(), "later even in the same second");
    assert_eq!(keys(&invite["organisation"]), ORGANISATION);
    assert_eq!(bench.mails(ADA, ADA).await, 2);
    assert_eq!(bench.accept(&old).await.code(), (410, "superseded".into()));
    // A body is not read, whatever it is.
    let changing = bench.ask("PUT", &at(&stored), json!({ "default_rate": 1, "email": "eve@example.org" })).await;
    assert_eq!((&changing.json()["invite"]["default_rate"], changing.status.as_u16()), (&json!(15000), 200));
    let later = bench.mailed(ADA).await;
    assert_eq!(bench.accept(&later).await.status, 201);
}

#[actix_web::test]
async fn dl_22_the_organisation_has_25_keys_from_its_profile_or_by_default() {
    let bench = Bench::new().await;
    let stored = bench.store_at(ADA, 1).await;
    let organisation =
        async || bench.ask("PUT", &at(&stored), Value::Null).await.json()["invite"]["organisation"].clone();
    let plain = organisation().await;
    let expected = json!({
        "name": "Acme", "tax": 0.15, "email": "", "phone": null, "fax": null, "tax_number": null, "website": null,
        "invoice_details": null, "invoice_theme": null, "brand_logo": null, "brand_primary": "#000000",
        "brand_secondary": "#000000", "default_timezone": plain["default_timezone"], "default_increment": 15,
        "default_country": "NZ", "default_currency": "NZD", "default_rate": 15000, "default_date": "YYYY-MM-DD",
        "default_time": "HH:MM", "default_week": "Monday", "new": false, "created_at": plain["created_at"],
        "updated_at": plain["updated_at"], "is_paid": true, "brand_display": "both",
    });
    assert_eq!(plain, expected);
    let profile = json!({
        "phone": "+64 1", "tax": 0.2, "website": "https://acme.example", "default_rate": "many", "default_country": "FR",
        "name": "Other", "default_timezone": "Mars/Base", "created_at": "never",
        "dailys": {
            "phone": null, "email": "office@acme.example", "tax": 0, "brand_primary": null, "is_paid": "yes",
            "default_increment": 6, "name": "Other",
        },
    });
    let changed =
        bench.ask("PATCH", "/v1/organization", json!({ "profile": profile, "time_zone": "Europe/Paris" })).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let own = organisation().await;
    assert_eq!(keys(&own), ORGANISATION);
    for (key, value) in [
        ("name", json!("Acme")),
        ("default_timezone", json!("Europe/Paris")),
        ("created_at", plain["created_at"].clone()),
        ("phone", Value::Null),
        ("email", json!("office@acme.example")),
        ("tax", json!(0.0)),
        ("website", json!("https://acme.example")),
        ("brand_primary", Value::Null),
        ("brand_secondary", json!("#000000")),
        ("default_increment", json!(6)),
        ("default_country", json!("FR")),
        // Of another type than documented: as if it were not there.
        ("default_rate", json!(15000)),
        ("is_paid", json!(true)),
    ] {
        assert_eq!(own[key], value, "{key}");
    }
}

#[actix_web::test]
async fn dl_23_dl_27_an_expired_invite_is_not_accepted_until_it_is_sent_again() {
    let bench = Bench::new().await;
    let stored = bench.store_at(ADA, 1).await;
    let token = bench.mailed(ADA).await;
    bench.pass(Duration::days(8));
    let before = bench.spy.plans();
    assert_eq!(bench.accept(&token).await.code(), (410, "expired".into()));
    assert_eq!(bench.spy.plans(), before);
    assert_eq!(bench.ask("GET", &at(&stored), Value::Null).await.json(), stored);
    assert_eq!(bench.ask("PUT", &at(&stored), Value::Null).await.status, 200);
    let token = bench.mailed(ADA).await;
    assert_eq!(bench.accept(&token).await.status, 201);
    assert_printed(&bench.ask("GET", &at(&stored), Value::Null).await, 404, "once accepted");
}

#[actix_web::test]
async fn dl_24_dl_25_dl_26_a_deleted_invite_is_gone_dead_and_out_of_the_way() {
    let bench = Bench::new().await;
    let role = bench.role_number("owner").await;
    let stored = bench.store(json!({ "email": ADA, "default_rate": 7, "role_id": role })).await;
    let token = bench.mailed(ADA).await;
    let deleted = bench.ask("DELETE", &at(&stored), Value::Null).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    let deleted = deleted.json();
    assert_eq!((keys(&deleted), &deleted["success"]), (vec!["invite", "success"], &json!(true)));
    assert_eq!(keys(&deleted["invite"]["organisation"]), ORGANISATION);
    let mut bare = deleted["invite"].clone();
    bare.as_object_mut().unwrap().remove("organisation");
    assert_eq!(bare, stored);
    let before = bench.spy.plans();
    for method in ["GET", "PUT", "DELETE"] {
        assert_printed(&bench.ask(method, &at(&stored), Value::Null).await, 404, method);
    }
    assert_eq!(bench.invites("").await["total"], 0);
    assert_eq!(bench.accept(&token).await.code(), (410, "revoked".into()));
    assert_eq!(bench.spy.plans(), before, "none of that changes anything");
    let again = bench.store_at(ADA, 8).await;
    assert_ne!(again["id"], stored["id"]);
    let token = bench.mailed(ADA).await;
    assert_eq!(bench.accept(&token).await.status, 201);
}

#[actix_web::test]
async fn dl_30_every_timestamp_is_date_space_time_to_the_second() {
    let bench = Bench::new().await;
    let role = bench.role_number("member").await;
    bench.pass(Duration::microseconds(123_456));
    let stored = bench.store(json!({ "email": ADA, "default_rate": 1, "role_id": role })).await;
    let resent = bench.ask("PUT", &at(&stored), Value::Null).await.json();
    let organisation = &resent["invite"]["organisation"];
    for at in [
        &stored["expires_at"],
        &stored["role"]["created_at"],
        &stored["role"]["updated_at"],
        &resent["invite"]["expires_at"],
        &organisation["created_at"],
        &organisation["updated_at"],
    ] {
        let text = at.as_str().unwrap();
        let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
        assert_eq!(shape, "9999-99-99 99:99:99", "{text}");
    }
    let native = bench.ask("GET", "/v1/invitations", Value::Null).await.json();
    let exact = native["items"][0]["expires_at"].as_str().unwrap();
    assert_eq!(exact.replace('T', " ")[..19], resent["invite"]["expires_at"].as_str().unwrap()[..19]);
}

#[actix_web::test]
async fn r4_4_sending_too_often_is_429_in_the_envelope() {
    let bench = Bench::new().await;
    let stored = bench.store_at(ADA, 1).await;
    for _ in 0..4 {
        assert_eq!(bench.ask("PUT", &at(&stored), Value::Null).await.status, 200);
    }
    let before = bench.spy.plans();
    let refused = bench.ask("PUT", &at(&stored), Value::Null).await;
    let envelope = refused.json();
    assert_eq!((refused.status.as_u16(), &envelope["code"], &envelope["success"]), (429, &json!(429), &json!(false)));
    assert_eq!(envelope["message"], "Too Many Requests");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    assert_eq!(bench.spy.plans(), before);
    bench.pass(Duration::minutes(11));
    assert_eq!(bench.ask("PUT", &at(&stored), Value::Null).await.status, 200);
}

#[actix_web::test]
async fn an_invite_that_was_made_without_a_mail_is_mailed_when_it_is_sent_again() {
    let bench = Bench::new().await;
    let silent = json!({ "recipient": { "email": ADA }, "channels": [] });
    assert_eq!(bench.ask("POST", "/v1/invitations", silent).await.status, 201);
    let invite = bench.invites("").await["data"][0].clone();
    assert_eq!(bench.ask("PUT", &at(&invite), Value::Null).await.status, 200);
    assert_eq!(bench.mails(ADA, ADA).await, 1);
}
