//! HTTP-2: what no reader takes, at every route that reads. HTTP-7: cursors that are not the list's own.

use super::{
    foreign::owner,
    samples::{self, Body, Opened},
    things::Stage,
};
use serde_json::{Value, json};

const LIMIT: usize = 64 * 1024;

/// A document that is nested so deep, itself counted.
fn deep(levels: usize) -> Vec<u8> {
    format!("{{\"zz\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1)).into_bytes()
}

/// What is no document of ours, by a name.
fn broken() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("33 levels", deep(33)),
        ("10,000 levels", deep(10_000)),
        ("a name twice", br#"{"name":"a","name":"b"}"#.to_vec()),
        ("a name twice inside", br#"{"zz":[{"deep":{"a":1,"a":2}}]}"#.to_vec()),
        ("a name twice, once escaped", br#"{"name":"a","n\u0061me":"b"}"#.to_vec()),
        ("invalid UTF-8", b"{\"name\":\"\xff\xfe\"}".to_vec()),
        ("invalid UTF-8 in a name", b"{\"\xc0\xaf\":1}".to_vec()),
        ("an overlong slash", b"{\"name\":\"\xc0\xaf\"}".to_vec()),
        ("NUL", br#"{"name":"a\u0000b"}"#.to_vec()),
        ("NUL in a name", br#"{"na\u0000me":"b"}"#.to_vec()),
        ("bare NUL", b"{\"name\":\"a\0b\"}".to_vec()),
        ("a lone surrogate", br#"{"name":"\ud800"}"#.to_vec()),
        ("a lone low surrogate", br#"{"name":"\udc00x"}"#.to_vec()),
        ("surrogates the wrong way round", br#"{"name":"\udc00\ud800"}"#.to_vec()),
        ("half an escape", br#"{"name":"\ud83d\u"}"#.to_vec()),
        ("nothing closed", br#"{"name":"a"#.to_vec()),
        ("two documents", b"{}{}".to_vec()),
        ("a trailing comma", br#"{"name":"a",}"#.to_vec()),
        ("a comment", b"{/**/}".to_vec()),
        ("not a number", br#"{"name":NaN}"#.to_vec()),
        ("UTF-16", "{\"name\":1}".encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ]
}

fn padded(length: usize) -> Vec<u8> {
    let mut body = br#"{"zz":""#.to_vec();
    body.resize(length - 2, b'x');
    body.extend(b"\"}");
    body
}

#[actix_web::test]
async fn http_2_no_route_takes_a_body_that_is_no_document_nor_fails_by_one() {
    let stage = Stage::new().await;
    let (served, acme) = (&stage.served, &stage.acme);
    let opened = Opened::by(served, acme).await;
    let document: Value = serde_json::from_str(&invite_http::openapi()).unwrap();
    let owner = owner(served, acme).await;
    let (mut reading, mut sent) = (0, 0);
    let before = served.stored().await;
    for (method, pattern) in invite_http::route_table(&served.bench.api) {
        if method == "GET" {
            continue;
        }
        let sample = samples::of(&method, &pattern, acme, &opened).pop().unwrap();
        let content = &document["paths"][&pattern][method.to_lowercase()]["requestBody"]["content"];
        // An optional body is read as well where there is one.
        let reads = content["application/json"].is_object();
        reading += usize::from(reads);
        let plain = samples::Sample { body: Body::None, ..sample.clone() };
        let credential = match pattern.as_str() {
            "/v1/me" => &acme.owner,
            path if ["/v1/organization-groups", "/v1/organizations", "/v1/erasures"]
                .iter()
                .any(|it| path.starts_with(it)) =>
            {
                &served.bench.operator
            }
            path if path.starts_with("/v1/redemptions") || path.starts_with("/v1/sessions") => "",
            _ => owner.credential.as_str(),
        };
        let caller = super::callers::Caller {
            credential: credential.to_owned(),
            cookies: owner.cookies.clone(),
            csrf: owner.csrf.clone(),
            ..super::callers::Caller::named("", "")
        };
        let kinds: &[&str] = match &sample.body {
            Body::Form(_) | Body::Upload => {
                &["application/x-www-form-urlencoded", "multipart/form-data; boundary=edge", "application/json"]
            }
            _ => &["application/json"],
        };
        for kind in kinds {
            for (what, body) in broken() {
                let request = samples::request(served, &caller, &method, &pattern, &plain);
                let reply = served.send(request.insert_header(("Content-Type", *kind)).set_payload(body)).await;
                let place = format!("{method} {pattern} with {what} as {kind}: {} {}", reply.status, reply.text());
                assert!(reply.status.as_u16() < 500, "{place}");
                sent += 1;
                if reads {
                    assert_eq!(reply.status, 400, "{place}");
                    if pattern.starts_with("/v1/") {
                        assert_eq!(reply.code().1, "malformed_json", "{place}");
                    } else {
                        assert!(
                            reply.header("content-type").starts_with("application/json") && reply.json().is_object(),
                            "{place}"
                        );
                    }
                    let changed = served.changed(&before).await;
                    assert!(changed.is_empty(), "{place}: {changed:?}");
                } else {
                    served.restore(&before).await;
                }
            }
            for (length, fits) in [(LIMIT - 1, true), (LIMIT, true), (LIMIT + 1, false), (2 * LIMIT, false)] {
                let request = samples::request(served, &caller, &method, &pattern, &plain);
                let reply =
                    served.send(request.insert_header(("Content-Type", *kind)).set_payload(padded(length))).await;
                let place =
                    format!("{method} {pattern} with {length} bytes as {kind}: {} {}", reply.status, reply.text());
                assert!(reply.status.as_u16() < 500, "{place}");
                assert!(!reads || fits == (reply.status != 413), "{place}");
                served.restore(&before).await;
                sent += 1;
            }
            if reads {
                let request = samples::request(served, &caller, &method, &pattern, &plain);
                let reply = served.send(request.insert_header(("Content-Type", *kind)).set_payload(deep(32))).await;
                let place = format!("{method} {pattern} with 32 levels: {} {}", reply.status, reply.text());
                assert!(reply.status.as_u16() < 500 && !reply.text().contains("malformed_json"), "{place}");
                served.restore(&before).await;
            }
        }
    }
    println!("{reading} routes that read a document, {sent} bodies");
    assert!(reading > 30, "{reading}");
}

/// At the console a page that cannot be is refused, too. Answers how many were.
async fn at_console(stage: &Stage, cursors: &[(String, String, String, String)]) -> usize {
    let (served, acme) = (&stage.served, &stage.acme);
    let mut refused = 0;
    let cookies = [super::things::session_cookie(&acme.owner)];
    for list in ["invitations", "members", "roles", "api-keys", "dead-letters"] {
        for (_, _, own, theirs) in cursors {
            for cursor in [own, theirs] {
                let page = served.page(&cookies, &format!("/console/{list}?cursor={cursor}")).await;
                assert_eq!(page.status, 400, "{list} {cursor}");
                refused += 1;
            }
        }
    }
    refused
}

#[actix_web::test]
async fn http_7_a_cursor_counts_for_its_own_list_organisation_and_filters_alone() {
    let stage = Stage::new().await;
    let (served, acme, globex) = (&stage.served, &stage.acme, &stage.globex);
    served.bench.pass(chrono::Duration::seconds(10));
    let operator = served.bench.operator.clone();
    let document: Value = serde_json::from_str(&invite_http::openapi()).unwrap();
    let is_list = |operations: &Value| {
        let parameters = operations["get"]["parameters"].as_array();
        parameters.is_some_and(|parameters| parameters.iter().any(|parameter| parameter["name"] == "cursor"))
    };
    let lists = document["paths"].as_object().unwrap().iter().filter(|(_, operations)| is_list(operations));
    let mut cursors: Vec<(String, String, String, String)> = Vec::new();
    let mut single = Vec::new();
    for (path, _) in lists {
        let of = |things: &super::things::Things| path.replace("{id}", things.pending["id"].as_str().unwrap());
        let operators = path.starts_with("/v1/organizations") || path.starts_with("/v1/organization-groups");
        let (key, other) = if operators { (&operator, &operator) } else { (&acme.key, &globex.key) };
        // A page of one, so that there is a next one: the history of one that was changed, too.
        served
            .done(
                &acme.key,
                "POST",
                &format!("/v1/invitations/{}/extend", acme.pending["id"].as_str().unwrap()),
                &json!({ "expires_in": 1_000_000 + cursors.len() }),
            )
            .await;
        served
            .done(
                &globex.key,
                "POST",
                &format!("/v1/invitations/{}/extend", globex.pending["id"].as_str().unwrap()),
                &json!({ "expires_in": 1_000_000 + cursors.len() }),
            )
            .await;
        served.bench.pass(chrono::Duration::seconds(10));
        let own = served.done(key, "GET", &format!("{}?limit=1", of(acme)), &Value::Null).await;
        let theirs = served.done(other, "GET", &format!("{}?limit=1", of(globex)), &Value::Null).await;
        match (own["next_cursor"].as_str(), theirs["next_cursor"].as_str()) {
            (Some(own), Some(theirs)) => cursors.push((path.clone(), of(acme), own.to_owned(), theirs.to_owned())),
            _ => single.push(path.clone()),
        }
    }
    assert!(
        single.iter().all(|path| path.contains("dead-letters") || path.contains("groups") || path.contains("deleted")),
        "{single:?}"
    );
    let key_of = |path: &str| {
        if path.starts_with("/v1/organization") && path != "/v1/organization" { &operator } else { &acme.key }
    };
    let ask = async |path: &str, query: &str| {
        served.call(key_of(path), "GET", &format!("{path}?{query}"), &Value::Null).await
    };
    let mut refused = 0;
    for (pattern, path, own, theirs) in &cursors {
        assert_eq!(ask(path, &format!("limit=1&cursor={own}")).await.status, 200, "{path}");
        let mut bad = Vec::new();
        for at in [0, 1, own.len() / 2, own.len() - 2] {
            let mut changed = own.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            bad.push(String::from_utf8(changed).unwrap());
        }
        bad.push(own[..own.len() - 4].to_owned());
        bad.push(format!("{own}AAAA"));
        bad.extend(["x", "AAAA"].map(str::to_owned));
        let operators = ["/v1/organizations", "/v1/organization-groups"].contains(&pattern.as_str());
        if !operators {
            bad.push(theirs.clone());
        }
        bad.extend(cursors.iter().filter(|(other, ..)| other != pattern).map(|(_, _, cursor, _)| cursor.clone()));
        for cursor in bad {
            let reply = ask(path, &format!("limit=1&cursor={cursor}")).await;
            assert_eq!(reply.code(), (400, "invalid_cursor".to_owned()), "{path} {cursor}: {}", reply.text());
            refused += 1;
        }
        // The same list by another filter is another list.
        let parameters = document["paths"][pattern]["get"]["parameters"].as_array().unwrap();
        for parameter in parameters.iter().filter(|parameter| parameter["in"] == "query") {
            let name = parameter["name"].as_str().unwrap();
            let value = parameter["example"].as_str().map_or_else(|| parameter["example"].to_string(), str::to_owned);
            if ["cursor", "limit", "include_total"].contains(&name) || value == "null" {
                continue;
            }
            let value: String = url::form_urlencoded::byte_serialize(value.trim_matches('"').as_bytes()).collect();
            let reply = ask(path, &format!("limit=1&{name}={value}&cursor={own}")).await;
            let code = reply.code();
            assert!(
                code == (400, "invalid_cursor".to_owned()) || code == (400, "invalid_query".to_owned()),
                "{path} {name}={value}: {}",
                reply.text()
            );
            refused += 1;
        }
    }
    refused += at_console(&stage, &cursors).await;
    println!("{} lists, {refused} cursors refused", cursors.len());
    assert!(cursors.len() >= 6, "{}", cursors.len());
}
