//! Who may do what over the Dashdoc dialect, and who may not.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

#[path = "dashdoc_operations.rs"]
mod operations;

use self::operations::OPERATIONS;
use crate::{
    dashdoc_support::{Dash, path},
    support::Bench,
};
use chrono::Duration;
use serde_json::{Value, json};

/// One record of each kind.
struct Records {
    company: Value,
    contact: Value,
    trucker: Value,
}

impl Records {
    async fn of(dash: &Dash) -> Self {
        let contact = dash.contact("adele@bouvet.example").await;
        let trucker = dash.trucker(json!({ "user": { "email": "t@bouvet.example" } })).await;
        dash.sent().await;
        Self { company: contact["company"].clone(), contact, trucker }
    }

    fn path(&self, operation: &str) -> String {
        let [c, t] = [&self.company, &self.trucker].map(|record| record["pk"].to_string());
        let p = self.contact["uid"].as_str().unwrap();
        format!("/api/v4/{}", operation.replace("{c}", &c).replace("{p}", p).replace("{t}", &t))
    }

    /// A body every operation of the path takes.
    fn body(&self, method: &str, operation: &str) -> Value {
        match method {
            "GET" | "DELETE" => Value::Null,
            _ if operation.ends_with("invite/") || operation.ends_with("code/") => Value::Null,
            _ if operation.starts_with("companies") => json!({ "name": "New", "country": "FR" }),
            _ if operation.starts_with("contacts") => {
                json!({ "last_name": "New", "company": { "pk": self.company["pk"] } })
            }
            _ => json!({ "user": { "last_name": "New" } }),
        }
    }
}

#[actix_web::test]
async fn dd_16_without_a_credential_nothing_changes_and_nothing_is_sent() {
    let dash = Dash::new().await;
    let records = Records::of(&dash).await;
    let plans = dash.bench.spy.plans();
    for (method, operation) in OPERATIONS {
        let body = records.body(method, operation);
        let reply = dash.call("", method, &records.path(operation), body.clone()).await;
        assert_eq!((reply.status.as_u16(), reply.header("www-authenticate")), (401, "Token"), "{method} {operation}");
        let detail = "Authentication credentials were not provided.";
        let expected = json!({ "non_field_errors": { "code": ["not_authenticated"], "detail": [detail] } });
        assert_eq!(reply.json(), expected);
        let reply = dash.call("ivk_wrong", method, &records.path(operation), body).await;
        assert_eq!(reply.status, 401, "{method} {operation}");
        assert_eq!(reply.json()["non_field_errors"]["code"], json!(["authentication_failed"]));
    }
    assert_eq!(dash.bench.spy.plans(), plans);
    assert!(dash.sent().await.is_empty());
    assert_eq!(dash.get(&path(&records.contact, "")).await, records.contact);
    assert_eq!(dash.get(&path(&records.trucker, "")).await, records.trucker);
}

#[actix_web::test]
async fn dd_17_both_headers_carry_the_credential() {
    let dash = Dash::new().await;
    let contact = dash.contact("adele@bouvet.example").await;
    let key = &dash.bench.key;
    for (name, value) in [
        ("Authorization", format!("Token {key}")),
        ("Authorization", format!("token  {key}")),
        ("Authentication", key.clone()),
        ("Authentication", format!("Token {key}")),
    ] {
        let request = dash.bench.request("POST", &path(&contact, "invite/"));
        let request = request.insert_header((name, value)).insert_header(("Accept", "*/*"));
        let reply = dash.bench.send(request).await;
        assert_eq!(reply.status, 200, "{name}: {}", reply.text());
    }
    for (name, value) in [("Authorization", format!("Bearer {key}")), ("Authorization", key.clone())] {
        let request = dash.bench.request("POST", &path(&contact, "invite/")).insert_header((name, value));
        assert_eq!(dash.bench.send(request).await.status, 401, "{name}");
    }
}

#[actix_web::test]
async fn dd_18_dd_19_a_foreign_record_is_unknown_on_every_path() {
    let dash = Dash::new().await;
    let records = Records::of(&dash).await;
    let other = dash.other().await;
    let nobodys = Records {
        company: json!({ "pk": 999_999 }),
        contact: json!({ "uid": "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5" }),
        trucker: json!({ "pk": 999_999, "user": {} }),
    };
    let plans = dash.bench.spy.plans();
    for (method, operation) in OPERATIONS.into_iter().filter(|(_, operation)| operation.contains('{')) {
        let body = records.body(method, operation);
        let foreign = dash.call(&other, method, &records.path(operation), body.clone()).await;
        let unknown = dash.call(&other, method, &nobodys.path(operation), body.clone()).await;
        assert_eq!(
            (foreign.status.as_u16(), &foreign.body),
            (404, &unknown.body),
            "{method} {operation}: {}",
            foreign.text()
        );
        assert_eq!(foreign.json(), json!({ "non_field_errors": { "code": ["not_found"], "detail": ["Not found."] } }));
        // What is no id at all is unknown, too; and a record of another kind.
        let odd = Records {
            company: json!({ "pk": "x" }),
            contact: json!({ "uid": "x" }),
            trucker: json!({ "pk": 0, "user": {} }),
        };
        let odd = dash.call(&dash.bench.key, method, &odd.path(operation).replace('"', "%22"), body.clone()).await;
        assert_eq!(odd.status, 404, "{method} {operation}");
        let crossed = Records {
            company: json!({ "pk": records.trucker["pk"] }),
            contact: json!({ "uid": records.trucker["user"]["username"] }),
            trucker: json!({ "pk": records.company["pk"], "user": {} }),
        };
        let crossed = dash.call(&dash.bench.key, method, &crossed.path(operation), body).await;
        assert_eq!(crossed.status, 404, "{method} {operation}");
    }
    for (list, count) in [("contacts/", 0), ("manager-truckers/", 0), ("companies/", 1)] {
        let found = dash.call(&other, "GET", &format!("/api/v4/{list}"), Value::Null).await.json();
        assert_eq!(found["count"], count, "{list}");
    }
    let by_company = format!("/api/v4/contacts/?company__id={}", records.company["pk"]);
    assert_eq!(dash.call(&other, "GET", &by_company, Value::Null).await.json()["count"], 0);
    // A company of another organisation takes nobody in, and is as unknown as any.
    let join = |company: &Value| json!({ "last_name": "x", "company": { "pk": company["pk"] } });
    let foreign = dash.call(&other, "POST", "/api/v4/contacts/", join(&records.company)).await;
    let unknown = dash.call(&other, "POST", "/api/v4/contacts/", join(&nobodys.company)).await;
    assert_eq!((foreign.status.as_u16(), foreign.body), (400, unknown.body));
    let taken = json!({ "last_name": "x", "uid": records.contact["uid"], "company": { "pk": 999_999 } });
    let reply = dash.call(&other, "POST", "/api/v4/contacts/", taken).await.json();
    assert!(reply.get("uid").is_none(), "an id of another organisation is not taken here: {reply}");
    assert_eq!(dash.bench.spy.plans(), plans);
    assert!(dash.sent().await.is_empty());
    assert_eq!(dash.get(&path(&records.contact, "")).await, records.contact);
    assert_eq!(dash.get(&path(&records.trucker, "")).await, records.trucker);
}

#[actix_web::test]
async fn dd_20_an_action_is_a_post() {
    let dash = Dash::new().await;
    let records = Records::of(&dash).await;
    let plans = dash.bench.spy.plans();
    for action in ["contacts/{p}/invite/", "manager-truckers/{t}/generate-invite-code/"] {
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let reply = dash.call(&dash.bench.key, method, &records.path(action), Value::Null).await;
            assert_eq!((reply.status.as_u16(), reply.header("allow")), (405, "POST"), "{method} {action}");
            assert_eq!(reply.json()["non_field_errors"]["code"], json!(["method_not_allowed"]));
        }
        let without_slash = records.path(action);
        let without_slash = without_slash.trim_end_matches('/');
        assert_eq!(dash.call(&dash.bench.key, "POST", without_slash, Value::Null).await.status, 404);
    }
    assert_eq!(dash.bench.spy.plans(), plans);
}

#[actix_web::test]
async fn dd_21_the_eleventh_request_in_a_second_is_throttled() {
    let dash = Dash::on(Bench::new().await);
    let ask = async |key: &str| dash.call(key, "GET", "/api/v4/contacts/", Value::Null).await;
    for _ in 0..10 {
        assert_eq!(ask(&dash.bench.key).await.status, 200);
    }
    let refused = ask(&dash.bench.key).await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "1"));
    let detail = "Request was throttled. Expected available in 1 second.";
    assert_eq!(refused.json(), json!({ "non_field_errors": { "code": ["throttled"], "detail": [detail] } }));
    // Another credential has its own.
    let other = dash.other().await;
    assert_eq!(ask(&other).await.status, 200);
    dash.bench.pass(Duration::seconds(1));
    assert_eq!(ask(&dash.bench.key).await.status, 200);
}

#[actix_web::test]
async fn every_operation_needs_its_permissions_and_no_other() {
    let dash = Dash::new().await;
    let records = Records::of(&dash).await;
    let [reader, writer, issuer, silent] = dash
        .keys([
            &["subjects.read"],
            &["subjects.read", "subjects.write"],
            &["subjects.read", "subjects.write", "invitations.issue", "invitations.resend"],
            &["roles.read"],
        ])
        .await;
    let plans = dash.bench.spy.plans();
    for (method, operation) in OPERATIONS {
        let reads = method == "GET";
        let (path, body) = (records.path(operation), records.body(method, operation));
        let refused = dash.call(&silent, method, &path, body.clone()).await;
        assert_eq!(refused.status, 403, "{method} {operation}: {}", refused.text());
        assert_eq!(refused.json()["non_field_errors"]["code"], json!(["permission_denied"]));
        let read = dash.call(&reader, method, &path, body.clone()).await;
        assert_eq!(read.status, if reads { 200 } else { 403 }, "{method} {operation}: {}", read.text());
        if path.ends_with("invite/") || path.ends_with("code/") || (method == "POST" && path.ends_with("truckers/")) {
            let refused = dash.call(&writer, method, &path, body).await;
            assert_eq!(refused.status, 403, "{method} {operation}: {}", refused.text());
        }
    }
    assert_eq!(dash.bench.spy.plans(), plans);
    // Link and code are for who may see them.
    for (record, action, member) in
        [(&records.contact, "invite/", "invitation_link"), (&records.trucker, "generate-invite-code/", "invite_code")]
    {
        let blind = dash.call(&issuer, "POST", &path(record, action), Value::Null).await;
        assert_eq!((blind.status.as_u16(), &blind.json()[member]), (200, &Value::Null), "{}", blind.text());
        assert_eq!(dash.call(&reader, "GET", &path(record, ""), Value::Null).await.json()[member], Value::Null);
        assert!(dash.get(&path(record, "")).await[member].is_string());
    }
    let made = dash.call(&issuer, "POST", "/api/v4/manager-truckers/", json!({})).await;
    assert_eq!((made.status.as_u16(), &made.json()["invite_code"]), (201, &Value::Null), "{}", made.text());
}

#[actix_web::test]
async fn a_body_that_is_no_json_object_is_refused_in_the_dialects_words() {
    let dash = Dash::new().await;
    for (media, body, status, code) in [
        ("application/json", "{", 400, "parse_error"),
        ("application/json", "[]", 400, "invalid"),
        ("application/json", r#"{"name":"a","name":"b"}"#, 400, "parse_error"),
        ("application/x-www-form-urlencoded", "name=a", 415, "unsupported_media_type"),
    ] {
        let request = dash.bench.request("POST", "/api/v4/companies/").insert_header(("Content-Type", media));
        let request = request.insert_header(("Authentication", dash.bench.key.clone())).set_payload(body);
        let reply = dash.bench.send(request).await;
        assert_eq!(reply.status.as_u16(), status, "{body}: {}", reply.text());
        assert_eq!(reply.json()["non_field_errors"]["code"], json!([code]), "{body}");
    }
}
