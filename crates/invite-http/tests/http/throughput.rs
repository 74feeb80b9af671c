//! Requests a second of a credential and of a network (rule 9.3), and what answers tell of limits (HTTP-6).

use crate::{
    console::owner,
    support::{Bench, PASSWORD, Reply, config},
};
use actix_web::test::TestRequest;
use chrono::Duration;
use serde_json::{Value, json};

/// An installation where everybody has so many requests a second.
async fn limited(requests: u32) -> Bench {
    let mut config = config();
    config.requests_second = Some(requests);
    Bench::with(config).await
}

fn standing(reply: &Reply) -> (u16, &str, &str) {
    (reply.status.as_u16(), reply.header("ratelimit-policy"), reply.header("ratelimit"))
}

#[actix_web::test]
async fn r9_3_a_credential_of_the_native_api_has_its_requests_a_second_and_then_429() {
    let bench = limited(3).await;
    for left in ["\"default\";r=2;t=1", "\"default\";r=1;t=1", "\"default\";r=0;t=1"] {
        let reply = bench.ask("GET", "/v1/roles", Value::Null).await;
        assert_eq!(standing(&reply), (200, "\"default\";q=3;w=1", left));
    }
    let refused = bench.ask("GET", "/v1/roles", Value::Null).await;
    assert_eq!(refused.code(), (429, "too_many_requests".into()));
    assert_eq!((refused.header("retry-after"), refused.header("ratelimit")), ("1", "\"default\";r=0;t=1"));
    // Nobody else is held up: another credential, and anybody without one.
    assert_eq!(bench.call(&bench.operator, "GET", "/v1/organizations", Value::Null).await.status, 200);
    assert_eq!(bench.call("", "GET", "/v1/roles", Value::Null).await.status, 401);
    bench.pass(Duration::seconds(1));
    let again = bench.ask("GET", "/v1/roles", Value::Null).await;
    assert_eq!(again.header("ratelimit"), "\"default\";r=2;t=1");
    // A refusal tells the same as a success.
    let missing = bench.ask("GET", "/v1/roles/0190f3c2-0000-7000-8000-0000000000ff", Value::Null).await;
    assert_eq!(standing(&missing), (404, "\"default\";q=3;w=1", "\"default\";r=1;t=1"));
}

#[actix_web::test]
async fn r9_3_what_is_for_anybody_is_counted_by_the_network_it_comes_from() {
    let public: [(&str, &str, Value); 6] = [
        ("POST", "/v1/redemptions/preview", json!({ "token": "x" })),
        ("POST", "/v1/redemptions/decline", json!({ "token": "x" })),
        ("POST", "/v1/redemptions/new-link", json!({ "token": "x" })),
        ("POST", "/v1/sessions", json!({ "email": "x@example.org", "password": PASSWORD })),
        ("POST", "/v1/password-resets", json!({ "email": "x@example.org" })),
        ("GET", "/code/acme", Value::Null),
    ];
    for (method, path, body) in public {
        let bench = limited(2).await;
        let send = async |peer: &str, forwarded: &str| {
            let request = bench.request(method, path).insert_header(("X-Forwarded-For", forwarded.to_owned()));
            let request = if body.is_null() { request } else { request.set_json(&body) };
            bench.send_from(peer, request).await
        };
        let first = send("[2001:db8:1:2::1]:1", "203.0.113.1").await;
        assert_eq!(first.header("ratelimit"), "\"default\";r=1;t=1", "{path}: {}", first.text());
        assert_ne!(send("[2001:db8:1:2::2]:2", "203.0.113.2").await.status, 429, "{path}");
        let refused = send("[2001:db8:1:2:3::1]:3", "203.0.113.3").await;
        assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "1"), "{path}");
        assert_ne!(send("[2001:db8:1:3::1]:1", "203.0.113.1").await.status, 429, "{path}: another network");
        bench.pass(Duration::seconds(1));
        assert_ne!(send("[2001:db8:1:2::1]:1", "203.0.113.1").await.status, 429, "{path}: a second later");
    }
}

#[actix_web::test]
async fn r9_3_a_credential_that_opens_nothing_is_counted_by_its_network_and_takes_nothing_from_a_good_one() {
    let bench = limited(2).await;
    let wrong = "ivk_00000000000000000000000000000000000w";
    for status in [401, 401, 429, 429] {
        assert_eq!(bench.call(wrong, "GET", "/v1/roles", Value::Null).await.status, status);
    }
    assert_eq!(bench.ask("GET", "/v1/roles", Value::Null).await.status, 200);
}

#[actix_web::test]
async fn r9_3_machines_that_watch_the_service_are_not_counted() {
    let bench = limited(1).await;
    for _ in 0..5 {
        for path in ["/livez", "/readyz", "/openapi.json", "/metrics"] {
            let reply = bench.call("", "GET", path, Value::Null).await;
            assert_eq!(standing(&reply), (200, "", ""), "{path}");
        }
    }
}

#[actix_web::test]
async fn r9_3_a_person_at_the_console_is_counted_as_a_person_and_told_so_on_a_page() {
    let bench = limited(8).await;
    let mut browser = owner(&bench).await;
    bench.pass(Duration::seconds(1));
    for left in (0..8).rev() {
        let page = browser.get("/console/members").await;
        assert_eq!(page.header("ratelimit"), format!("\"default\";r={left};t=1"));
    }
    let refused = browser.get("/console/members").await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("content-type").starts_with("text/html"), "{}", refused.text());
    assert_eq!(refused.header("retry-after"), "1");
    // It is one count for the console and the API, and nobody else's.
    assert_eq!(bench.ask("GET", "/v1/members", Value::Null).await.status, 200);
    bench.pass(Duration::seconds(1));
    assert_eq!(browser.get("/console/members").await.status, 200);
}

#[actix_web::test]
async fn http_6_pages_of_other_origins_may_read_how_limits_stand() {
    let bench = limited(5).await;
    let request = TestRequest::get().uri("/v1/roles").insert_header(("Origin", "https://console.example.org"));
    let reply = bench.send(request.insert_header(("Authorization", format!("Bearer {}", bench.key)))).await;
    let exposed = reply.header("access-control-expose-headers").to_ascii_lowercase();
    for name in ["ratelimit", "ratelimit-policy", "retry-after"] {
        assert!(exposed.split(',').any(|exposed| exposed.trim() == name), "{name}: {exposed}");
    }
}

#[actix_web::test]
async fn http_6_a_budget_that_is_used_up_is_told_beside_the_throughput() {
    let bench = limited(100).await;
    let limits = json!({ "limits": { "issues_hour": 2 } });
    assert_eq!(bench.ask("PATCH", "/v1/organization", limits).await.status, 200);
    bench.issue("a@example.org").await;
    bench.issue("b@example.org").await;
    let body = json!({ "recipient": { "email": "c@example.org" } });
    let refused = bench.ask("POST", "/v1/invitations", body).await;
    assert_eq!(refused.code(), (429, "too_many_requests".into()), "{}", refused.text());
    assert_eq!(refused.header("ratelimit-policy"), "\"default\";q=100;w=1, \"issues\";q=2;w=3600");
    let wait = refused.header("retry-after");
    assert!(
        refused.header("ratelimit").ends_with(&format!(", \"issues\";r=0;t={wait}")),
        "{}",
        refused.header("ratelimit")
    );
    assert!((1..=3601).contains(&wait.parse::<i64>().unwrap()));
}

#[actix_web::test]
async fn http_6_messages_of_one_invitation_and_to_one_recipient_are_told_apart() {
    let bench = Bench::new().await;
    let issued = bench.issue("a@example.org").await;
    let resend = async || bench.ask("POST", &crate::support::one(&issued, "/resend"), Value::Null).await;
    for _ in 0..4 {
        assert_eq!(resend().await.status, 200);
    }
    let refused = resend().await;
    assert_eq!(refused.code(), (429, "too_many_messages".into()));
    assert_eq!(refused.header("ratelimit-policy"), "\"invitation\";q=5;w=600");
    let limits = json!({ "limits": { "messages_recipient_day": 5 } });
    assert_eq!(bench.ask("PATCH", "/v1/organization", limits).await.status, 200);
    bench.pass(Duration::minutes(11));
    let refused = resend().await;
    assert_eq!(refused.code(), (429, "too_many_messages".into()), "{}", refused.text());
    assert_eq!(refused.header("ratelimit-policy"), "\"recipient\";q=5;w=86400");
}

#[actix_web::test]
async fn r9_2_limits_are_narrowed_and_seats_are_the_operators() {
    let bench = Bench::new().await;
    let change = async |credential: &str, limits: Value| {
        let organization = bench.ask("GET", "/v1/organization", Value::Null).await.json()["id"].clone();
        let request = bench.request("PATCH", "/v1/organization").set_json(json!({ "limits": limits }));
        let request = request.insert_header(("Authorization", format!("Bearer {credential}")));
        bench.send(request.insert_header(("X-Organization-Id", organization.as_str().unwrap().to_owned()))).await
    };
    let changed = change(&bench.key, json!({ "live": 2, "messages_recipient_day": 3 })).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let expected = json!({ "seats": null, "live": 2, "issues_hour": null, "messages_recipient_day": 3 });
    assert_eq!(changed.json()["limits"], expected);
    for (limits, pointer) in [
        (json!({ "live": 10_001 }), "/limits/live"),
        (json!({ "live": 0 }), "/limits/live"),
        (json!({ "issues_hour": -1 }), "/limits/issues_hour"),
        (json!({ "messages_recipient_day": "3" }), "/limits/messages_recipient_day"),
        (json!({ "messages": 3 }), "/limits/messages"),
        (json!([]), "/limits"),
    ] {
        let refused = change(&bench.key, limits.clone()).await;
        assert_eq!(refused.code(), (422, "invalid_input".into()), "{limits} {}", refused.text());
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer, "{limits}");
    }
    bench.issue("a@example.org").await;
    bench.issue("b@example.org").await;
    let body = json!({ "recipient": { "email": "c@example.org" } });
    assert_eq!(bench.ask("POST", "/v1/invitations", body.clone()).await.code(), (409, "invitations_full".into()));
    assert_eq!(change(&bench.key, json!({ "live": null })).await.json()["limits"]["live"], Value::Null);
    // The owner and two invitations.
    assert_eq!(change(&bench.key, json!({ "seats": 3 })).await.code(), (403, "forbidden".into()));
    assert_eq!(change(&bench.operator, json!({ "seats": 2 })).await.code(), (409, "seats_full".into()));
    assert_eq!(change(&bench.operator, json!({ "seats": 3 })).await.json()["limits"]["seats"], 3);
    assert_eq!(bench.ask("POST", "/v1/invitations", body).await.code(), (409, "seats_full".into()));
}
