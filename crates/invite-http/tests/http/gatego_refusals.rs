//! What the Gatego dialect refuses, and that nothing comes of it.

use crate::{
    codes::{mistyped, wrong},
    gatego_support::{
        ACCEPT, INVITE, LOGIN, ME, REFRESH, accept, account, code_to, globex, invite, login, look, members, refusal,
        refused, token_for,
    },
    support::{Bench, PASSWORD},
};
use chrono::Duration;
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";
/// With the password of the account a used code would be answered as a retry.
const OTHER: &str = "another long password";

#[actix_web::test]
async fn gg_2_a_bad_code_is_an_error_that_makes_no_account_and_writes_nothing() {
    let bench = Bench::new().await;
    let (globex_key, ..) = globex(&bench).await;
    let body = json!({ "email": "foreign@example.org", "role": "DRIVER" });
    assert_eq!(bench.call(&globex_key, "POST", INVITE, body).await.status, 201);
    bench.mailed("foreign@example.org").await;
    let foreign = code_to(&bench, "foreign@example.org");
    let used = token_for(&bench, "used@example.org", "DRIVER").await;
    let used_code = code_to(&bench, "used@example.org");
    account(&accept(&bench, &used).await);
    let revoked = token_for(&bench, "revoked@example.org", "DRIVER").await;
    let revoked_code = code_to(&bench, "revoked@example.org");
    let list = bench.ask("GET", "/v1/invitations?query=revoked", Value::Null).await.json();
    let path = format!("/v1/invitations/{}/revoke", list["items"][0]["id"].as_str().unwrap());
    assert_eq!(bench.ask("POST", &path, Value::Null).await.status, 200);
    let superseded = token_for(&bench, "resent@example.org", "DRIVER").await;
    let list = bench.ask("GET", "/v1/invitations?query=resent", Value::Null).await.json();
    let path = format!("/v1/invitations/{}/resend", list["items"][0]["id"].as_str().unwrap());
    assert_eq!(bench.ask("POST", &path, json!({})).await.status, 200);
    bench.mailed("resent@example.org").await;
    let good = token_for(&bench, ADA, "DRIVER").await;
    let short = code_to(&bench, ADA);
    let forged = format!("{}{}", &good[..good.len() - 1], if good.ends_with('0') { '1' } else { '0' });

    let (before, plans) = (members(&bench, &bench.key).await, bench.spy.plans());
    let unknown = refused(404, "invitation-not-found");
    let cases = [
        ("", "string", unknown.clone()),
        ("acme", "string", unknown.clone()),
        ("", "inv_", unknown.clone()),
        ("", &forged, unknown.clone()),
        ("", &good.to_uppercase(), unknown.clone()),
        ("", &used, refused(410, "invitation-already-used")),
        ("", &revoked, refused(410, "invitation-revoked")),
        ("", &superseded, refused(410, "invitation-superseded")),
        ("acme", &wrong(1), unknown.clone()),
        ("acme", &used_code, unknown.clone()),
        ("acme", &revoked_code, unknown.clone()),
        ("acme", &foreign, unknown.clone()),
        ("globex", &short, unknown.clone()),
        ("nowhere", &short, unknown.clone()),
        // Without an organisation a short code is nobody's.
        ("", &short, unknown.clone()),
        ("acme", &mistyped(&short), refused(400, "invalid-request")),
    ];
    for (n, (organization, code, expected)) in cases.into_iter().enumerate() {
        // From everywhere, so that the count of attempts is not what refuses them.
        let peer = format!("192.0.2.{n}:40000");
        let query = format!("organization_id={organization}");
        let body = json!({ "code": code, "account_invited": { "password": OTHER, "password_confirmation": OTHER } });
        let request = bench.request("POST", &format!("{ACCEPT}?{query}")).set_json(body.clone());
        let reply = bench.send_from(&peer, request).await;
        assert_eq!(refusal(&reply), expected, "{organization} {code}");
        assert!(!reply.text().contains(code), "{}", reply.text());
        let request = bench.request("POST", ACCEPT).insert_header(("X-Organization-Id", organization)).set_json(body);
        assert_eq!(refusal(&bench.send_from(&peer, request).await), expected, "{organization} {code}");
        let seen = bench.send_from(&peer, bench.request("GET", &format!("{}&{query}", look(code)))).await;
        assert_eq!(refusal(&seen), expected, "{organization} {code}");
    }
    assert_eq!((members(&bench, &bench.key).await, members(&bench, &globex_key).await), (before, 1));
    assert_eq!(bench.spy.plans(), plans, "only attempts were counted");
    bench.pass(Duration::days(30));
    for path in [look(&good), format!("{}&organization_id=acme", look(&short))] {
        assert_eq!(refusal(&bench.call("", "GET", &path, Value::Null).await), refused(410, "invitation-expired"));
    }
    let expired = accept(&bench, &good).await;
    assert_eq!(refusal(&expired), refused(410, "invitation-expired"));
    assert_eq!((members(&bench, &bench.key).await, bench.spy.plans()), (before, plans));
}

#[actix_web::test]
async fn gg_3_no_code_an_empty_one_or_none_at_all_makes_no_account() {
    let bench = Bench::new().await;
    token_for(&bench, ADA, "DRIVER").await;
    let plans = bench.spy.plans();
    let bodies = [json!({}), json!({ "account_invited": { "name": "Ada" } })];
    let codes = [json!(null), json!(""), json!("  "), json!(7), json!(true), json!(["x"]), json!({ "code": "x" })];
    for body in bodies.into_iter().chain(codes.into_iter().map(|code| json!({ "code": code }))) {
        let reply = bench.call("", "POST", ACCEPT, body.clone()).await;
        assert_eq!(refusal(&reply), refused(400, "invalid-request"), "{body}");
    }
    for query in ["", "?code=", "?code=%20", "?code=a&code=b", "?token=x"] {
        let reply = bench.call("", "GET", &format!("/api/public/account/invite{query}"), Value::Null).await;
        assert_eq!(refusal(&reply), refused(400, "invalid-request"), "{query}");
    }
    for account in [json!("x"), json!([]), json!(7)] {
        let reply = bench.call("", "POST", ACCEPT, json!({ "code": "x", "account_invited": account })).await;
        assert_eq!(refusal(&reply), refused(400, "invalid-request"));
    }
    for (media, body, status) in [
        ("application/json", "", 400),
        ("application/json", "{", 400),
        ("application/json", "[]", 400),
        ("application/json", "\"x\"", 400),
        ("application/json", r#"{"code":"x","code":"y"}"#, 400),
        ("application/json", r#"{"code":"\u0000"}"#, 400),
        ("application/x-www-form-urlencoded", "code=x", 415),
        ("text/plain", "{}", 415),
    ] {
        let request = bench.request("POST", ACCEPT).insert_header(("Content-Type", media)).set_payload(body);
        assert_eq!(refusal(&bench.send(request).await).0, status, "{media} {body}");
    }
    assert_eq!((members(&bench, &bench.key).await, bench.spy.plans()), (1, plans));
}

#[actix_web::test]
async fn a_page_of_another_site_spends_nobodys_attempts() {
    let bench = Bench::new().await;
    let token = token_for(&bench, ADA, "DRIVER").await;
    let short = code_to(&bench, ADA);
    let ask = async |path: &str, headers: &[(&'static str, &'static str)]| {
        let request = bench.request("GET", path);
        bench.send(headers.iter().fold(request, |request, header| request.insert_header(*header))).await
    };
    let (image, plans) = (("Sec-Fetch-Site", "cross-site"), bench.spy.plans());
    let attempts = bench.spy.attempts();
    for n in 0..25 {
        let path = format!("{}&organization_id=acme", look(&wrong(n)));
        assert_eq!(refusal(&ask(&path, &[image]).await), refused(404, "invitation-not-found"));
    }
    let path = format!("{}&organization_id=acme", look(&short));
    for headers in [&[image][..], &[("Sec-Fetch-Site", "same-site")], &[image, ("Origin", "https://evil.example")]] {
        // A good code is told from a wrong one by nothing.
        assert_eq!(refusal(&ask(&path, headers).await), refused(404, "invitation-not-found"), "{headers:?}");
    }
    assert_eq!((bench.spy.attempts(), bench.spy.plans()), (attempts, plans), "none was looked at");
    // A token is no guess, and a page the operator allows reads what it asks for.
    assert_eq!(ask(&look(&token), &[image]).await.status, 200);
    let allowed = [image, ("Origin", "https://console.example.org")];
    for headers in [&[][..], &[("Sec-Fetch-Site", "none")], &[("Sec-Fetch-Site", "same-origin")], &allowed] {
        let seen = ask(&path, headers).await;
        assert_eq!(seen.status, 200, "{headers:?} {}", seen.text());
    }
}

#[actix_web::test]
async fn guesses_of_short_codes_are_counted_while_tokens_go_on() {
    let bench = Bench::new().await;
    let token = token_for(&bench, ADA, "DRIVER").await;
    let mut last = refused(0, "");
    for n in 0..21 {
        let body = json!({ "code": wrong(n) });
        last = refusal(&bench.call("", "POST", &format!("{ACCEPT}?organization_id=acme"), body).await);
    }
    assert_eq!(last, refused(429, "too-many-attempts"));
    let short = format!("{}&organization_id=acme", look(&code_to(&bench, ADA)));
    assert_eq!(refusal(&bench.call("", "GET", &short, Value::Null).await), refused(429, "too-many-attempts"));
    account(&accept(&bench, &token).await);
}

#[actix_web::test]
async fn without_a_credential_nothing_changes_and_nothing_is_sent() {
    let bench = Bench::new().await;
    let (plans, sent) = (bench.spy.plans(), bench.notifier.attempts().len());
    let body = json!({ "email": ADA, "role": "DRIVER" });
    let calls =
        [("POST", INVITE, body), ("GET", ME, Value::Null), ("POST", REFRESH, json!({ "refresh_token": "ivr_x" }))];
    for (method, path, body) in calls {
        let nobody = bench.call("", method, path, body.clone()).await;
        assert_eq!(nobody.status, 401, "{path}: {}", nobody.text());
        assert_eq!(nobody.header("www-authenticate"), "Bearer", "{path}");
        for bad in ["ivk_wrong", "ivs_wrong", "x"] {
            assert_eq!(bench.call(bad, method, path, body.clone()).await.status, 401, "{path} {bad}");
        }
        // A cookie is our pages'.
        let cookie = format!("__Host-invite_session={}", bench.key);
        let request = bench.request(method, path).insert_header(("Cookie", cookie));
        assert_eq!(bench.send(request.set_json(body)).await.status, 401, "{path}");
    }
    assert_eq!(refusal(&bench.call("", "GET", ME, Value::Null).await), refused(401, "unauthenticated"));
    assert_eq!(refusal(&bench.call("ivs_x", "GET", ME, Value::Null).await), refused(401, "token-expired"));
    assert_eq!(refusal(&bench.call("", "POST", REFRESH, json!({})).await), refused(400, "invalid-request"));
    assert_eq!((bench.spy.plans(), bench.notifier.attempts().len()), (plans, sent));
}

/// A refusal apart from what differs from one request to the next.
async fn told(bench: &Bench, credential: &str, organization: &str, (method, path): (&str, &str)) -> (u16, String) {
    let mut request = bench.request(method, path).insert_header(("Authorization", format!("Bearer {credential}")));
    request = request.insert_header(("X-Organization-Id", organization));
    if method == "POST" {
        request = request.set_json(json!({ "email": ADA, "role": "DRIVER" }));
    }
    let reply = bench.send(request).await;
    (reply.status.as_u16(), reply.text())
}

#[actix_web::test]
async fn another_organisation_is_404_on_every_route_exactly_as_one_there_never_was() {
    let bench = Bench::new().await;
    let (globex_key, globex, number) = globex(&bench).await;
    let token = token_for(&bench, ADA, "ORG_ADMIN").await;
    account(&accept(&bench, &token).await);
    let session = login(&bench, ADA, PASSWORD).await.json()["access_token"].as_str().unwrap().to_owned();
    let body = json!({ "email": "x@example.org", "role": "DRIVER" });
    assert_eq!(bench.call(&globex_key, "POST", INVITE, body).await.status, 201);
    bench.mailed("x@example.org").await;
    let theirs = code_to(&bench, "x@example.org");
    let (before, plans) = (members(&bench, &globex_key).await, bench.spy.plans());
    let random = "0190f3c2-0000-7000-8000-0000000000a1";
    for route in [("POST", INVITE), ("GET", ME)] {
        let unknown = told(&bench, &session, random, route).await;
        assert_eq!(unknown.0, 404, "{}", unknown.1);
        for named in [globex.as_str(), "globex", &number.to_string()] {
            assert_eq!(told(&bench, &session, named, route).await, unknown, "{route:?} {named}");
        }
    }
    // Of the public routes a code of another organisation is what a code nobody has is.
    let fresh = wrong(3);
    for (method, path, body) in [("GET", "/api/public/account/invite", false), ("POST", ACCEPT, true)] {
        let mut answers = Vec::new();
        for code in [&theirs, &fresh] {
            let query = if body { String::new() } else { format!("&code={code}") };
            let sent = if body { json!({ "code": code }) } else { Value::Null };
            let reply = bench.call("", method, &format!("{path}?organization_id=acme{query}"), sent).await;
            answers.push((reply.status.as_u16(), reply.text()));
        }
        assert_eq!((answers[0].0, &answers[0]), (404, &answers[1]), "{path}");
    }
    // A key is of its own organisation whatever a header names.
    let request = bench.request("POST", INVITE).insert_header(("X-Organization-Id", globex.clone()));
    let request = request.insert_header(("Authorization", format!("Bearer {}", bench.key)));
    let own = bench.send(request.set_json(json!({ "email": "y@example.org", "role": "DRIVER" }))).await;
    assert_eq!(own.json()["sender_account_organization_name"], "Acme");
    assert_eq!(bench.spy.plans(), plans + 1, "that one invitation");
    assert_eq!(members(&bench, &globex_key).await, before);
    let list = bench.call(&globex_key, "GET", "/v1/invitations", Value::Null).await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn what_is_no_route_is_said_in_the_envelope() {
    let bench = Bench::new().await;
    for path in ["/api/public", "/api/public/account/validate", "/api/account/7", "/auth/logout", "/auth/login/"] {
        assert_eq!(refusal(&bench.ask("GET", path, Value::Null).await), refused(404, "not-found"), "{path}");
    }
    for (method, path) in [("GET", ACCEPT), ("PUT", ACCEPT), ("GET", INVITE), ("GET", LOGIN), ("POST", ME)] {
        let reply = bench.ask(method, path, Value::Null).await;
        assert_eq!(refusal(&reply), refused(405, "method-not-allowed"), "{method} {path}");
    }
    // Only the documented parameter carries a secret.
    let leaked = bench.call("", "POST", &format!("{ACCEPT}?organization_id=inv_abc"), json!({ "code": "x" })).await;
    assert_eq!(refusal(&leaked), refused(400, "invalid-request"));
    // And an invitation's alone: a key has leaked there too.
    for secret in [bench.key.as_str(), "ivs_x", "ivr_x", "ina_x"] {
        let leaked = bench.call("", "GET", &look(secret), Value::Null).await;
        assert_eq!(refusal(&leaked), refused(400, "invalid-request"));
        assert!(leaked.text().contains("log") && !leaked.text().contains(secret), "{}", leaked.text());
    }
}

#[actix_web::test]
async fn a_code_in_the_query_is_not_logged() {
    let bench = Bench::new().await;
    let token = token_for(&bench, ADA, "DRIVER").await;
    assert_eq!(bench.call("", "GET", &look(&token), Value::Null).await.status, 200);
    assert_eq!(bench.call("", "GET", &look("inv_almostasecret"), Value::Null).await.status, 404);
    let logged = crate::support::logged();
    assert!(logged.contains("/api/public/account/invite"), "something is logged of it");
    assert!(!logged.contains(&token) && !logged.contains("inv_almostasecret"));
    invite(&bench, json!({ "email": "z@example.org", "role": "DRIVER" })).await;
}
