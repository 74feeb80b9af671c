//! LINK-1: nothing a request says about where it was sent to becomes a part of any link.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use super::{
    foreign::owner,
    samples::{self, Opened},
    served::Served,
    things::Stage,
};
use crate::support::{Bench, Reply, config};
use actix_web::test::TestRequest;
use serde_json::Value;

const BASE: &str = "https://invite.example.org";

/// What a request can say about the host, each a way to poison a link elsewhere.
const POISON: [&[(&str, &str)]; 17] = [
    &[("Host", "evil.test")],
    &[("Host", "invite.example.org"), ("Host", "evil.test")],
    &[("Host", "invite.example.org:1337@evil.test")],
    &[("Host", "evil.test#invite.example.org")],
    &[("X-Forwarded-Host", "evil.test")],
    &[("X-Forwarded-Host", "invite.example.org, evil.test"), ("X-Forwarded-For", "10.0.0.2")],
    &[("X-Forwarded-Proto", "javascript"), ("X-Forwarded-Host", "evil.test")],
    &[("X-Forwarded-Port", "1337"), ("X-Forwarded-Server", "evil.test")],
    &[("X-Forwarded-Prefix", "//evil.test/")],
    &[("Forwarded", "for=10.0.0.2;host=evil.test;proto=http")],
    &[("X-Original-URL", "https://evil.test/v1/roles")],
    &[("X-Rewrite-URL", "//evil.test")],
    &[("X-Host", "evil.test"), ("X-Original-Host", "evil.test"), ("X-HTTP-Host-Override", "evil.test")],
    &[("Origin", "https://evil.test")],
    &[("Referer", "https://evil.test/console")],
    &[("X-Script-Name", "//evil.test"), ("X-Base-Url", "https://evil.test")],
    &[("Via", "1.1 evil.test"), ("True-Client-Host", "evil.test")],
];

fn poisoned(mut request: TestRequest, headers: &[(&'static str, &'static str)]) -> TestRequest {
    for header in headers {
        request = request.append_header(*header);
    }
    request
}

/// Every absolute address in an answer.
fn addresses(reply: &Reply) -> Vec<String> {
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    let location = reply.header("location").to_owned();
    let starts = |text: &str| {
        let places: Vec<usize> =
            ["http://", "https://"].iter().flat_map(|it| text.match_indices(it).map(|(at, _)| at)).collect();
        let end = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '\'' | '\\' | '`' | ')');
        places.into_iter().map(|at| text[at..].split(end).next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    starts(&text).into_iter().chain(starts(&location)).collect()
}

async fn stage() -> Stage {
    let mut config = config();
    config.dashdoc_requests_second = None;
    config.requests_second = None;
    config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    Stage::on(Served::on(Bench::with(config).await).await).await
}

#[actix_web::test]
async fn link_1_no_header_gets_into_any_answer_or_mail_of_any_route() {
    let stage = stage().await;
    let (served, acme) = (&stage.served, &stage.acme);
    let opened = Opened::by(served, acme).await;
    let owner = owner(served, acme).await;
    let before = served.stored().await;
    let (mut answers, mut links, mut mails) = (0, 0, 0);
    for (method, pattern) in invite_http::route_table(&served.bench.api) {
        for sample in samples::of(&method, &pattern, acme, &opened) {
            let clean = samples::ask(served, &owner, &method, &pattern, &sample).await;
            served.restore(&before).await;
            for headers in POISON {
                for peer in ["192.0.2.1:4000", "10.0.0.1:4000"] {
                    let request = poisoned(samples::request(served, &owner, &method, &pattern, &sample), headers);
                    let reply = served.send_from(peer, request).await;
                    let place = format!("{method} {} with {headers:?} from {peer}", sample.path);
                    let said = format!("{:?} {}", reply.headers, String::from_utf8_lossy(&reply.body));
                    assert!(!said.contains("evil.test") && !said.contains(":1337"), "{place}: {said}");
                    assert!(reply.status.as_u16() < 500, "{place}: {said}");
                    // But for a foreign origin, with which a browser's forms do not count, it is answered as without.
                    let odd = headers.iter().any(|(name, _)| *name == "Origin");
                    assert!(odd || reply.status == clean.status, "{place}: {} {said}", reply.status);
                    for address in addresses(&reply).into_iter().filter(|_| {
                        !pattern.starts_with("/mailbox")
                            && !pattern.starts_with("/openapi")
                            && !pattern.starts_with("/assets")
                            && !pattern.starts_with("/docs")
                    }) {
                        assert!(address == BASE || address.starts_with(&format!("{BASE}/")), "{place}: {address}");
                        links += 1;
                    }
                    answers += 1;
                    served.stored().await;
                    served.bench.notifier.take();
                    served.bench.dispatch().await;
                    let sent = served.bench.notifier.take();
                    assert!(!format!("{sent:?}").contains("evil"), "{place}: {sent:?}");
                    mails += sent.len();
                    served.restore(&before).await;
                }
            }
        }
    }
    println!("{answers} answers, {links} links, {mails} messages");
    assert!(links > 100 && mails > 100, "{links} {mails}");
}

#[actix_web::test]
async fn link_1_an_absolute_form_with_another_host_or_a_user_changes_no_link() {
    let stage = stage().await;
    let (served, acme) = (&stage.served, &stage.acme);
    let before = served.stored().await;
    for base in [
        "https://evil.test",
        "http://evil.test:1337",
        "https://invite.example.org@evil.test",
        "https://user:pass@evil.test",
    ] {
        for (method, path, body, pointer) in [
            (
                "POST",
                "/v1/invitations",
                serde_json::json!({ "recipient": { "email": "new@person.example" }, "return": ["link"] }),
                "/link",
            ),
            (
                "POST",
                "/v1/organizations",
                serde_json::json!({ "name": "New", "owner_email": "new@owner.example" }),
                "/owner_link",
            ),
            ("GET", "/v1/organization", Value::Null, "/look/logo_url"),
        ] {
            let credential = if path.ends_with("organizations") { &served.bench.operator } else { &acme.key };
            let reply = served.call(credential, method, &format!("{base}{path}"), &body).await;
            assert!(reply.status.is_success(), "{base}{path}: {}", reply.text());
            let link = reply.json().pointer(pointer).unwrap().as_str().unwrap().to_owned();
            assert!(link.starts_with(&format!("{BASE}/")) && !reply.text().contains("evil"), "{link}");
            served.restore(&before).await;
        }
    }
}
