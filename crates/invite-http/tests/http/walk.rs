//! What every answer has.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::support::{Bench, Told, fine};
use actix_web::http::StatusCode;
use invite_http::{HttpConfig, Readiness};
use serde_json::Value;
use std::sync::Arc;
use url::Url;

/// Every path there is, with an example in the place of a variable.
fn paths() -> Vec<String> {
    let document: Value = serde_json::from_str(&invite_http::openapi()).unwrap();
    let documented = document["paths"].as_object().unwrap().keys();
    let mut paths: Vec<String> =
        documented.map(|path| path.replace("{id}", "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5")).collect();
    let pages = [
        "/i/inv_x",
        "/accept",
        "/code/acme",
        "/account",
        "/account/ina_x",
        "/mailbox",
        "/mailbox/m1",
        "/mailbox/m1/html",
        "/mailbox/none",
        "/assets/pages.css",
        "/assets/pages.js",
        "/assets/pages.css?v=00000000",
        "/openapi.json",
        "/docs",
        "/docs/index.html",
        "/metrics",
        "/unknown",
        "/v1/unknown",
        "/",
    ];
    paths.extend(pages.map(str::to_owned));
    paths
}

#[actix_web::test]
async fn link_4_every_answer_on_every_route_has_the_headers() {
    let bench = Bench::new().await;
    for path in paths() {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let reply = bench.send(bench.request(method, &path)).await;
            let place = format!("{method} {path}");
            assert_eq!(reply.header("cache-control"), "no-store", "{place}");
            assert_eq!(reply.header("referrer-policy"), "no-referrer", "{place}");
            assert_eq!(reply.header("x-content-type-options"), "nosniff", "{place}");
            assert!(reply.header("x-robots-tag").contains("noindex"), "{place}");
            assert_eq!(reply.header("x-request-id").len(), 36, "{place}");
            let policy = reply.header("content-security-policy");
            assert!(
                policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
                "{place}: {policy}"
            );
            let loose = policy.contains("unsafe-inline") || !policy.contains("; script-src 'self';");
            assert_eq!(
                loose,
                method_reads(method) && (path == "/docs/index.html" || path == "/mailbox/m1/html"),
                "{place}"
            );
            assert_ne!(reply.status, StatusCode::INTERNAL_SERVER_ERROR, "{place}");
            // The page with a form needs a cookie to prove it by.
            let needs_one = path == "/code/acme" && method_reads(method);
            assert_eq!(reply.headers.contains_key("set-cookie"), needs_one, "{place}");
        }
    }
}

fn method_reads(method: &str) -> bool {
    matches!(method, "GET" | "HEAD")
}

#[actix_web::test]
async fn http_1_every_refusal_is_a_document_with_a_code_and_the_request_id() {
    let bench = Bench::new().await;
    for path in paths().iter().filter(|path| path.starts_with("/v1/") || *path == "/unknown" || *path == "/livez") {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
            let reply = bench.send(bench.request(method, path).insert_header(("X-Request-Id", "req-1"))).await;
            if reply.status.is_success() {
                continue;
            }
            let place = format!("{method} {path}");
            assert_eq!(reply.header("content-type"), "application/problem+json", "{place} {}", reply.status);
            let problem = reply.json();
            let code = problem["code"].as_str().unwrap();
            assert!(invite_http::problem::table::by_code(code).is_some(), "{place}");
            assert_eq!(problem["type"], format!("urn:invite:problem:{code}"), "{place}");
            assert_eq!(problem["status"], reply.status.as_u16(), "{place}");
            assert_eq!(problem["instance"], *path, "{place}");
            assert_eq!(problem["request_id"], "req-1", "{place}");
            assert_eq!(reply.header("x-request-id"), "req-1", "{place}");
        }
    }
}

#[actix_web::test]
async fn what_nobody_accepts_is_not_answered() {
    let bench = Bench::new().await;
    let reply = bench.send(bench.request("GET", "/v1/roles").insert_header(("Accept", "application/xml"))).await;
    assert_eq!(reply.code(), (406, "not_acceptable".into()));
}

#[actix_web::test]
async fn link_1_nothing_in_a_request_changes_a_link() {
    let bench = Bench::new().await;
    let request = bench.request("POST", "https://evil.example.org/v1/invitations");
    let request = request
        .insert_header(("Host", "evil.example.org"))
        .insert_header(("X-Forwarded-Host", "evil.example.org"))
        .insert_header(("X-Forwarded-Proto", "http"))
        .insert_header(("Forwarded", "host=evil.example.org;proto=http"))
        .insert_header(("Origin", "https://evil.example.org"))
        .insert_header(("Authorization", format!("Bearer {}", bench.key)))
        .set_json(serde_json::json!({ "recipient": { "email": "a@example.org" }, "return": ["link"] }));
    let reply = bench.send(request).await;
    assert!(!reply.text().contains("evil"), "{}", reply.text());
    if reply.status.is_success() {
        assert!(reply.json()["link"].as_str().unwrap().starts_with("https://invite.example.org/i/inv_"));
    }
    assert!(!reply.headers.contains_key("access-control-allow-origin"));
}

#[actix_web::test]
async fn pages_of_allowed_origins_and_no_others_may_call() {
    let bench = Bench::new().await;
    let ask = async |origin: &'static str| {
        let request = bench.request("OPTIONS", "/v1/roles").insert_header(("Origin", origin));
        bench.send(request.insert_header(("Access-Control-Request-Method", "GET"))).await
    };
    assert_eq!(
        ask("https://console.example.org").await.header("access-control-allow-origin"),
        "https://console.example.org"
    );
    assert_eq!(ask("https://evil.example.org").await.header("access-control-allow-origin"), "");
    let refused = bench.request("GET", "/v1/roles").insert_header(("Origin", "https://console.example.org"));
    let refused = bench.send(refused).await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("access-control-allow-origin"), "https://console.example.org");
}

#[actix_web::test]
async fn a_page_may_name_the_organisation_by_the_operators_own_header() {
    let mut config = crate::support::config();
    config.organization_header = Some("organization_id".to_owned());
    let bench = Bench::with(config).await;
    let ask = async |header: &'static str| {
        let request = bench.request("OPTIONS", "/v1/roles").insert_header(("Origin", "https://console.example.org"));
        let request = request.insert_header(("Access-Control-Request-Method", "GET"));
        bench.send(request.insert_header(("Access-Control-Request-Headers", header))).await.status
    };
    assert_eq!(ask("authorization,organization_id").await, 200);
    assert_eq!(ask("authorization,another_id").await, 400);
}

#[actix_web::test]
async fn readiness_says_what_is_missing() {
    let mut bench = Bench::new().await;
    let ready = bench.send(bench.request("GET", "/readyz")).await;
    insta::assert_json_snapshot!(ready.json());
    for (state, word) in [
        (Readiness { database: false, ..fine() }, "database"),
        (Readiness { migrations_current: false, ..fine() }, "migrate"),
        (Readiness { clock_difference_ms: Some(2_001), ..fine() }, "clock"),
        (Readiness { clock_difference_ms: Some(-2_001), ..fine() }, "clock"),
        (Readiness { active_key: None, ..fine() }, "key"),
        (Readiness { draining: true, ..fine() }, "shutting down"),
    ] {
        bench.api.health = Arc::new(Told(state));
        let reply = bench.send(bench.request("GET", "/readyz")).await;
        assert_eq!(reply.code(), (503, "unavailable".into()));
        assert_eq!(reply.header("retry-after"), "5");
        assert!(reply.json()["detail"].as_str().unwrap().contains(word), "{}", reply.text());
        assert_eq!(bench.send(bench.request("GET", "/livez")).await.status, 200);
    }
}

#[actix_web::test]
async fn ops_1_beyond_what_can_be_done_requests_are_refused_unbegun_and_who_watches_is_answered() {
    let mut bench = Bench::new().await;
    bench.api.admission = invite_http::Admission::by(|| usize::MAX);
    for (method, path) in [("GET", "/v1/roles"), ("POST", "/v1/redemptions/preview"), ("GET", "/accept")] {
        let request = bench.request(method, path).insert_header(("Authorization", format!("Bearer {}", bench.key)));
        let reply = bench.send(request).await;
        assert_eq!(reply.status, 503, "{path}");
        // A page's readers get a page.
        assert!(path == "/accept" || reply.code() == (503, "overloaded".into()), "{}", reply.text());
        assert_eq!(reply.header("retry-after"), "1", "{path}");
        assert_eq!(reply.header("x-request-id").len(), 36, "{path}");
    }
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(bench.send(bench.request("GET", path)).await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn metrics_and_the_mailbox_are_there_only_where_they_are_wanted() {
    let mut bench = Bench::new().await;
    assert_eq!(bench.send(bench.request("GET", "/metrics")).await.text(), "# metrics\n");
    bench.api.mailbox = None;
    let mut config = HttpConfig::new(Url::parse("https://invite.example.org").unwrap());
    config.operations_on_main = false;
    bench.api.config = Arc::new(config);
    assert_eq!(bench.send(bench.request("GET", "/metrics")).await.status, 404);
    assert_eq!(bench.send(bench.request("GET", "/mailbox")).await.status, 404);
}

#[actix_web::test]
async fn a_token_in_a_path_is_in_no_refusal() {
    let bench = Bench::new().await;
    for path in ["/i/inv_secret", "/account/ina_secret"] {
        let reply = bench.send(bench.request("POST", path)).await;
        assert_eq!(reply.status, 405);
        assert!(!reply.text().contains("secret"), "{}", reply.text());
    }
}

#[actix_web::test]
async fn log_1_every_request_is_one_line_without_a_secret() {
    let bench = Bench::new().await;
    bench.issue("ada@example.org").await;
    let token = bench.mailed("ada@example.org").await;
    let ask = async |id: &'static str, request: actix_web::test::TestRequest| {
        bench.send(request.insert_header(("X-Request-Id", id))).await
    };
    ask("log-1", bench.request("GET", &format!("/i/{token}"))).await;
    ask("log-2", bench.request("GET", &format!("/v1/roles?token={token}"))).await;
    ask("log-3", bench.request("GET", &format!("/nowhere/{token}"))).await;
    let body =
        serde_json::json!({ "token": token, "account": { "name": "Ada", "password": crate::support::PASSWORD } });
    let redeemed = ask("log-4", bench.request("POST", "/v1/redemptions").set_json(body)).await.json();
    let logged = crate::support::logged();
    let entries: Vec<Value> = logged.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect();
    let own = |entry: &&Value| entry["fields"]["request_id"].as_str().is_some_and(|id| id.starts_with("log-"));
    let entries: Vec<&Value> = entries.iter().filter(own).collect();
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (entry["fields"]["route"].as_str().unwrap(), entry["fields"]["status"].as_u64().unwrap()))
        .collect();
    assert_eq!(told, [("/i/{token}", 303), ("/v1/roles", 400), ("(none)", 404), ("/v1/redemptions", 201)]);
    assert!(entries.iter().all(|entry| entry["fields"]["duration_ms"].is_number() && entry["level"] == "INFO"));
    for secret in [&token, redeemed["session"]["token"].as_str().unwrap(), crate::support::PASSWORD] {
        assert!(!logged.contains(secret), "{logged}");
    }
}

#[actix_web::test]
async fn log_2_a_refusal_is_logged_by_its_code_on_api_and_page_alike() {
    let bench = Bench::new().await;
    let issued = bench.issue("ada@example.org").await;
    let token = bench.mailed("ada@example.org").await;
    let opened = bench.send(bench.request("GET", &format!("/i/{token}"))).await;
    let cookie = opened.header("set-cookie").split(';').next().unwrap().to_owned();
    let id = issued["id"].as_str().unwrap();
    assert_eq!(bench.ask("POST", &format!("/v1/invitations/{id}/revoke"), serde_json::json!({})).await.status, 200);
    let redemption = bench.request("POST", "/v1/redemptions").set_json(serde_json::json!({ "token": token }));
    bench.send(redemption.insert_header(("X-Request-Id", "told-1"))).await;
    let page = bench.request("GET", "/accept").insert_header(("Cookie", cookie));
    bench.send(page.insert_header(("X-Request-Id", "told-2"))).await;
    bench.send(bench.request("GET", "/i/inv_forged").insert_header(("X-Request-Id", "told-3"))).await;
    let logged = crate::support::logged();
    let codes: Vec<_> = logged
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|entry| entry["fields"]["request_id"].as_str().is_some_and(|id| id.starts_with("told-")))
        .map(|entry| entry["fields"]["code"].as_str().unwrap_or("none").to_owned())
        .collect();
    assert_eq!(codes, ["revoked", "revoked", "invitation_not_found"]);
}
