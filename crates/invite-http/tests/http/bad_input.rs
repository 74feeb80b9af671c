//! What no reader takes.

use crate::support::Bench;
use serde_json::{Value, json};

async fn issue(bench: &Bench, kind: &'static str, body: impl Into<Vec<u8>>) -> (u16, String) {
    let request = bench.request("POST", "/v1/invitations").insert_header(("Content-Type", kind));
    let request = request.insert_header(("Authorization", format!("Bearer {}", bench.key)));
    bench.send(request.set_payload(body.into())).await.code()
}

#[actix_web::test]
async fn http_2_bodies_that_are_no_document_are_refused() {
    let bench = Bench::new().await;
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(40), "]".repeat(40));
    let bodies: [&[u8]; 9] = [
        b"",
        b"{",
        b"{\"a\":1,\"a\":2}",
        b"{} {}",
        b"{\"a\":\"\\u0000\"}",
        b"{\"a\":\"\\ud800\"}",
        b"{\"a\":\"\xff\"}",
        b"[1,]",
        deep.as_bytes(),
    ];
    for body in bodies {
        let code = issue(&bench, "application/json", body).await;
        assert_eq!(code, (400, "malformed_json".into()), "{}", String::from_utf8_lossy(body));
    }
    assert_eq!(issue(&bench, "application/json", "[]").await, (422, "invalid_input".into()));
    assert_eq!(issue(&bench, "text/plain", "{}").await, (415, "unsupported_media_type".into()));
    assert_eq!(issue(&bench, "application/jsonp", "{}").await, (415, "unsupported_media_type".into()));
    assert_eq!(issue(&bench, "application/json; charset=utf-8", "{}").await, (422, "invalid_input".into()));
    let large = json!({ "message": "x".repeat(70_000) }).to_string();
    assert_eq!(issue(&bench, "application/json", large).await, (413, "body_too_large".into()));
}

#[actix_web::test]
async fn a_compressed_body_is_refused() {
    let bench = Bench::new().await;
    let request = bench.request("POST", "/v1/sessions").insert_header(("Content-Encoding", "gzip"));
    assert_eq!(bench.send(request.set_json(json!({}))).await.code(), (415, "unsupported_media_type".into()));
}

#[actix_web::test]
async fn every_field_of_an_issue_that_cannot_be_is_named() {
    let bench = Bench::new().await;
    let body = json!({
        "recipient": { "email": "not an address", "name": "x" }, "role_id": "1", "permissions": ["Bad", 1],
        "expires_in": 0, "channels": ["pigeon"], "return": ["qr"], "locale": "en_US", "message": "", "metadata": [],
        "redirect_url": "https://evil.example.org/", "default_rate": -1, "on_conflict": "ignore", "status": "redeemed",
        "uses": 7,
    });
    let reply = bench.ask("POST", "/v1/invitations", body).await;
    assert_eq!(reply.code(), (422, "invalid_input".into()));
    insta::assert_json_snapshot!(reply.json()["errors"]);
}

#[actix_web::test]
async fn what_this_version_does_not_serve_says_so_and_stores_nothing() {
    let bench = Bench::new().await;
    let email = json!({ "email": "a@example.org" });
    for body in [
        json!({ "recipient": { "domains": ["example.org"] }, "max_uses": 5 }),
        json!({ "recipient": { "anyone": true }, "max_uses": 5 }),
        json!({ "recipient": email, "max_uses": 2 }),
    ] {
        let reply = bench.ask("POST", "/v1/invitations", body.clone()).await;
        assert_eq!(reply.code(), (422, "not_available".into()), "{body} {}", reply.text());
    }
    let list = bench.ask("GET", "/v1/invitations?include_total=true", Value::Null).await.json();
    assert_eq!(list["total"], 0);
}

#[actix_web::test]
async fn queries_are_read_strictly() {
    let bench = Bench::new().await;
    for (query, code) in [
        ("unknown=1", "invalid_query"),
        ("status=lost", "invalid_query"),
        ("limit=0", "invalid_query"),
        ("limit=201", "invalid_query"),
        ("limit=x", "invalid_query"),
        ("limit=1&limit=2", "invalid_query"),
        ("include_total=yes", "invalid_query"),
        ("sort=name", "invalid_query"),
        ("role_id=1", "invalid_query"),
        ("delivery=lost", "invalid_query"),
        ("query=", "invalid_query"),
        ("query=%00", "invalid_query"),
        ("cursor=x", "invalid_cursor"),
        ("token=x", "credential_in_url"),
        ("query=ivk_0123", "credential_in_url"),
    ] {
        let reply = bench.ask("GET", &format!("/v1/invitations?{query}"), Value::Null).await;
        assert_eq!(reply.code(), (400, code.into()), "{query}");
    }
    assert_eq!(bench.ask("GET", "/v1/events?since=yesterday", Value::Null).await.code().1, "invalid_query");
    assert_eq!(bench.ask("GET", "/v1/events?type=x", Value::Null).await.code().1, "invalid_query");
    assert_eq!(bench.ask("GET", "/v1/organization?limit=1", Value::Null).await.code().1, "invalid_query");
}

#[actix_web::test]
async fn credentials_are_read_strictly_and_in_their_place_only() {
    let bench = Bench::new().await;
    let session = bench.owner().await;
    bench.issue("ada@example.org").await;
    let token = bench.mailed("ada@example.org").await;
    let authorize =
        async |value: &str| bench.send(bench.request("GET", "/v1/roles").insert_header(("Authorization", value))).await;
    for bad in ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer ivk_x", &format!("Bearer {token}")] {
        let reply = authorize(bad).await;
        assert_eq!(reply.status, 401, "{bad} {}", reply.text());
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
    assert_eq!(authorize("Bearer é").await.code(), (400, "invalid_header".into()));
    assert_eq!(authorize(&format!("bearer {session}")).await.status, 200);
    // TOK-4: a key is no session, a session no token, a token no account's link.
    let cookie = |value: &str| {
        bench.request("GET", "/v1/roles").insert_header(("Cookie", format!("__Host-invite_session={value}")))
    };
    assert_eq!(bench.send(cookie(&bench.key)).await.status, 401);
    assert_eq!(bench.send(cookie(&session)).await.status, 200);
    for text in [&bench.key, &session, &bench.owner_token] {
        let reply = bench.call("", "POST", "/v1/redemptions", json!({ "token": text })).await;
        assert_eq!(reply.code(), (404, "invitation_not_found".into()));
    }
    let confirm = json!({ "token": token, "password": "some good password" });
    let reply = bench.call("", "POST", "/v1/password-resets/confirm", confirm).await;
    assert_eq!(reply.code(), (404, "invitation_not_found".into()));
}

#[actix_web::test]
async fn link_5_a_session_cookie_changes_nothing_for_other_sites() {
    let bench = Bench::new().await;
    let session = bench.owner().await;
    let sign_out = |name: &'static str, value: &'static str| {
        let request = bench.request("DELETE", "/v1/sessions/current").insert_header((name, value));
        request.insert_header(("Cookie", format!("__Host-invite_session={session}")))
    };
    assert_eq!(bench.send(sign_out("Sec-Fetch-Site", "cross-site")).await.code(), (403, "forbidden".into()));
    assert_eq!(bench.send(sign_out("Origin", "https://evil.example.org")).await.code(), (403, "forbidden".into()));
    assert_eq!(bench.send(sign_out("Sec-Fetch-Site", "same-origin")).await.status, 204);
}

#[actix_web::test]
async fn ids_in_paths_that_are_none_are_unknown() {
    let bench = Bench::new().await;
    for id in
        ["1", "0190f3c2a4b57c3d8e9fa0b1c2d3e4f5", "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5", "%00", "..%2f..", "%C3%A9"]
    {
        let reply = bench.ask("GET", &format!("/v1/invitations/{id}"), Value::Null).await;
        assert_eq!(reply.code(), (404, "not_found".into()), "{id}");
    }
}

#[actix_web::test]
async fn any_text_is_a_token_nobody_knows_and_any_other_type_is_an_error() {
    let bench = Bench::new().await;
    for path in ["/v1/redemptions", "/v1/redemptions/preview", "/v1/redemptions/decline"] {
        for text in ["", " ", "inv_", "é", &"x".repeat(5000)] {
            let reply = bench.call("", "POST", path, json!({ "token": text })).await;
            assert_eq!(reply.code(), (404, "invitation_not_found".into()), "{path} {text}");
        }
        for other in [json!(1), json!(null), json!(["inv_"]), json!({})] {
            let reply = bench.call("", "POST", path, json!({ "token": other })).await;
            assert_eq!(reply.code(), (422, "invalid_input".into()), "{path} {other}");
        }
    }
}
