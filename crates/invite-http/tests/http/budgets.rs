//! Budgets of guesses over the routes people use (rule 7.6): what a client sends refreshes none, and none is exceeded.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::{
    codes::{code_of, invite, wrong},
    pages::{Browser, hidden},
    support::{Bench, OWNER, PASSWORD, Reply, config},
};
use actix_web::{
    rt::System,
    test::{TestRequest, call_service, init_service},
};
use chrono::Duration;
use futures_util::future::join_all;
use invite_domain::{invitation::Budget, service::Settings};
use serde_json::{Value, json};

/// The statuses of 64 requests at once, over eight workers.
async fn sixty_four(bench: &Bench, request: impl Fn(usize) -> TestRequest + Clone + Send + 'static) -> Vec<u16> {
    let worker = |part: usize| {
        let (api, request) = (bench.api.clone(), request.clone());
        std::thread::spawn(move || {
            System::new().block_on(async {
                let service = init_service(invite_http::app(api)).await;
                let all = (0..8).map(|n| call_service(&service, request(part * 8 + n).to_request()));
                join_all(all).await.iter().map(|reply| reply.status().as_u16()).collect::<Vec<_>>()
            })
        })
    };
    let workers: Vec<_> = (0..8).map(worker).collect();
    // This thread goes on meanwhile: what it lent to a pool of connections is given back on it.
    let joined = move || workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
    actix_web::rt::task::spawn_blocking(joined).await.unwrap()
}

fn count(statuses: &[u16], wanted: u16) -> usize {
    statuses.iter().filter(|status| **status == wanted).count()
}

fn sign_in(email: &str) -> TestRequest {
    TestRequest::post().uri("/v1/sessions").set_json(json!({ "email": email, "password": "not the right one" }))
}

/// What clients send who would like to be somebody else: number `n` of many.
fn disguise(request: TestRequest, n: usize) -> TestRequest {
    let other = format!("203.0.113.{}", n % 250);
    match n % 8 {
        0 => request.insert_header(("X-Forwarded-For", other)),
        1 => request.insert_header(("X-Forwarded-For", format!("{other}, 10.0.0.1, 198.51.100.1, 10.0.0.2"))),
        2 => request.insert_header(("Forwarded", format!("for={other};proto=https, for=\"[2001:db8::{n:x}]\""))),
        3 => request.insert_header(("X-Real-IP", other)),
        4 => request.insert_header(("X-Client-IP", other)),
        5 => request.insert_header(("True-Client-IP", other.clone())).insert_header(("CF-Connecting-IP", other)),
        6 => {
            let request = request.append_header(("X-Forwarded-For", other.clone()));
            request.append_header(("X-Forwarded-For", "198.51.100.9")).insert_header(("Host", other))
        }
        _ => request.insert_header(("X-Forwarded-For", "unknown, , [::1]:80, \u{1}".replace('\u{1}', "x"))),
    }
}

#[actix_web::test]
async fn sign_1_of_64_parallel_guesses_with_5_left_exactly_5_are_evaluated_alike_for_unknown_accounts() {
    for email in [OWNER, "nobody@example.org"] {
        let bench = Bench::new().await;
        bench.owner().await;
        for n in 0..5 {
            let reply = bench.send_from(&format!("198.51.100.{n}:1"), sign_in(email)).await;
            assert_eq!(reply.code(), (401, "bad_credentials".into()), "{email}");
        }
        // The right password, a guess of its own, is given back.
        if email == OWNER {
            bench.sign_in(OWNER).await;
        }
        let statuses = sixty_four(&bench, move |n| {
            let peer = format!("[2001:db8:{n:x}::1]:{}", 4000 + n).parse().unwrap();
            // However it is spelled.
            let spelled = if n.is_multiple_of(2) {
                email.to_owned()
            } else {
                format!("  {}", email.replace("example", "EXAMPLE"))
            };
            disguise(sign_in(&spelled), n).peer_addr(peer)
        })
        .await;
        assert_eq!((count(&statuses, 401), count(&statuses, 429)), (5, 59), "{email}: {statuses:?}");
        let refused = bench.send(sign_in(email)).await;
        assert_eq!(refused.code(), (429, "too_many_attempts".into()));
        let wait: i64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=901).contains(&wait), "{wait}");
        assert_eq!(refused.header("ratelimit-policy"), "\"sign-in\";q=10;w=900");
        assert_eq!(refused.header("ratelimit"), format!("\"sign-in\";r=0;t={wait}"));
        bench.pass(Duration::seconds(wait));
        assert_eq!(bench.send(sign_in(email)).await.status, 401, "nothing was locked for good");
    }
}

#[actix_web::test]
async fn sign_1_of_64_parallel_guesses_of_one_address_with_5_left_exactly_5_are_evaluated() {
    let bench = Bench::new().await;
    bench.owner().await;
    for n in 0..95 {
        let request = disguise(sign_in(&format!("nobody-{n}@example.org")), n);
        assert_eq!(bench.send_from("192.0.2.7:1", request).await.status, 401, "{n}");
    }
    let statuses = sixty_four(&bench, |n| {
        let email = if n == 0 { OWNER.to_owned() } else { format!("someone-{n}@example.org") };
        disguise(sign_in(&email), n).peer_addr("192.0.2.7:9".parse().unwrap())
    })
    .await;
    assert_eq!((count(&statuses, 401), count(&statuses, 429)), (5, 59), "{statuses:?}");
    // The very person signs in from elsewhere.
    bench.sign_in(OWNER).await;
}

#[actix_web::test]
async fn code_2_of_64_parallel_guesses_in_every_disguise_exactly_the_5_left_are_evaluated() {
    let bench = Bench::new().await;
    let guess = |n: usize| {
        let body = json!({ "organization": if n.is_multiple_of(2) { "acme" } else { "ACME" }, "code": wrong(n) });
        let path = ["/v1/redemptions/preview", "/v1/redemptions/previe%77", "/v1/redemptions"][n % 3];
        disguise(TestRequest::post().uri(path).set_json(body), n)
    };
    for n in 0..15 {
        let peer = format!("[2001:db8:1:2:{n:x}::1]:{}", 4000 + n);
        let status = bench.send_from(&peer, guess(n)).await.status;
        assert_eq!(status, 404, "{n}");
    }
    let statuses = sixty_four(&bench, move |n| {
        guess(100 + n).peer_addr(format!("[2001:db8:1:2::{n:x}]:{}", 5000 + n).parse().unwrap())
    })
    .await;
    assert_eq!((count(&statuses, 404), count(&statuses, 429)), (5, 59), "{statuses:?}");
    let refused = bench.send_from("[2001:db8:1:2::1]:1", guess(300)).await;
    assert_eq!(refused.header("ratelimit-policy"), "\"code\";q=20;w=600");
    assert_eq!(refused.header("ratelimit"), format!("\"code\";r=0;t={}", refused.header("retry-after")));
    // The page where a person types it counts the same.
    let page = code_page(&bench, "[2001:db8:1:2::1]:1", &wrong(301)).await;
    assert_eq!((page.status.as_u16(), page.header("ratelimit-policy")), (429, "\"code\";q=20;w=600"));
    assert_eq!(code_page(&bench, "[2001:db8:1:3::1]:1", &wrong(302)).await.status, 404);
}

/// What the page answers to a code.
async fn code_page(bench: &Bench, peer: &str, code: &str) -> Reply {
    let mut browser = Browser::new(bench);
    let page = browser.get("/code/%61cme").await;
    let form = format!("csrf={}&code={code}", hidden(&page, "csrf"));
    let request = bench.request("POST", "/code/%61cme").insert_header(("Sec-Fetch-Site", "same-origin"));
    let request = request.insert_header(("Content-Type", "application/x-www-form-urlencoded"));
    bench.send_from(peer, request.insert_header(("Cookie", browser.cookies.join("; "))).set_payload(form)).await
}

#[actix_web::test]
async fn http_4_behind_a_trusted_proxy_only_the_hop_it_vouches_for_counts() {
    let mut proxied = config();
    proxied.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let bench = Bench::with(proxied).await;
    let guess = async |client: &str, n: usize| {
        let body = json!({ "organization": "acme", "code": wrong(n) });
        let request = TestRequest::post().uri("/v1/redemptions/preview").set_json(body);
        let forwarded = format!("203.0.113.{n}, 10.9.9.{n}, {client}, 10.0.0.{n}");
        let request = request.insert_header(("X-Forwarded-For", forwarded)).insert_header(("X-Real-IP", "192.0.2.99"));
        bench.send_from(&format!("10.0.1.{n}:1"), request).await.status.as_u16()
    };
    for n in 0..20 {
        assert_eq!(guess("198.51.100.7", n).await, 404);
    }
    assert_eq!(guess("198.51.100.7", 30).await, 429);
    assert_eq!(guess("::ffff:198.51.100.7", 31).await, 429, "the same in other words");
    assert_eq!(guess("198.51.100.8", 32).await, 404, "another client of the same proxy");
}

#[actix_web::test]
async fn code_3_a_locked_organisations_links_and_people_go_on_and_others_are_untouched() {
    let budget = Budget { limit: 3, window: Duration::hours(1) };
    let bench =
        Bench::with_settings(config(), Settings { code_organization: Some(budget), ..Settings::default() }).await;
    let session = bench.owner().await;
    let acme = invite(&bench, json!({ "email": "ada@example.org" })).await;
    let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let globex = bench.call(&bench.operator, "POST", "/v1/organizations", body).await.json();
    let body = json!({ "recipient": { "email": "bob@example.org" }, "return": ["code"] });
    let other = bench.call(globex["api_key"].as_str().unwrap(), "POST", "/v1/invitations", body).await.json();
    let enter = async |peer: &str, organization: &str, code: &str| {
        let body =
            json!({ "organization": organization, "code": code, "account": { "name": "Ada", "password": PASSWORD } });
        bench.send_from(peer, TestRequest::post().uri("/v1/redemptions").set_json(body)).await
    };
    for n in 0..3 {
        assert_eq!(enter(&format!("198.51.100.{n}:1"), "acme", &wrong(n)).await.status, 404);
    }
    let locked = enter("198.51.100.50:1", "acme", &code_of(&acme)).await;
    assert_eq!(locked.code(), (429, "too_many_attempts".into()));
    assert_eq!(locked.header("ratelimit-policy"), "\"code-organization\";q=3;w=3600");
    // The link, and who is signed in.
    let token = acme["link"].as_str().unwrap().rsplit('/').next().unwrap();
    let offer = bench.call("", "POST", "/v1/redemptions/preview", json!({ "token": token })).await;
    assert_eq!(offer.status, 200, "{}", offer.text());
    assert_eq!(bench.call(&session, "GET", "/v1/invitations", Value::Null).await.status, 200);
    assert_eq!(bench.sign_in(OWNER).await.len(), session.len());
    // The other organisation, also from an address that guessed here.
    assert_eq!(enter("198.51.100.1:1", "globex", &wrong(7)).await.status, 404);
    assert_eq!(enter("198.51.100.1:1", "globex", &code_of(&other)).await.status, 201);
    // Nothing was destroyed: when the window is over the code opens.
    bench.pass(Duration::seconds(locked.header("retry-after").parse().unwrap()));
    assert_eq!(enter("198.51.100.50:1", "acme", &code_of(&acme)).await.status, 201);
}

#[actix_web::test]
async fn sign_1_keys_typed_into_the_console_are_guesses_of_the_address_like_passwords() {
    let budget = Budget { limit: 3, window: Duration::minutes(15) };
    let bench = Bench::with_settings(config(), Settings { sign_in_address: Some(budget), ..Settings::default() }).await;
    bench.owner().await;
    let mut browser = Browser::new(&bench);
    let page = browser.get("/console/sign-in?by=key").await;
    for _ in 0..5 {
        let mut good = Browser { bench: &bench, cookies: browser.cookies.clone() };
        let reply = good.submit("/console/sign-in", &page, &[("api_key", &bench.key)]).await;
        assert_eq!(reply.status, 303, "a good key costs nothing");
    }
    for guess in ["ivk_no", "inv_x", "ivk_00000000000000000000000000000000000w"] {
        assert_eq!(browser.submit("/console/sign-in", &page, &[("api_key", guess)]).await.status, 401, "{guess}");
    }
    let refused = browser.submit("/console/sign-in", &page, &[("api_key", &bench.key)]).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    assert!(refused.text().contains("There were too many attempts") && !refused.text().contains(&bench.key));
    assert!(!refused.header("retry-after").is_empty());
    let password = json!({ "email": OWNER, "password": PASSWORD });
    assert_eq!(bench.call("", "POST", "/v1/sessions", password.clone()).await.status, 429, "it is one budget");
    // Elsewhere, and later.
    let elsewhere = TestRequest::post().uri("/v1/sessions").set_json(password);
    assert_eq!(bench.send_from("192.0.2.2:1", elsewhere).await.status, 201);
    bench.pass(Duration::minutes(16));
    assert_eq!(browser.submit("/console/sign-in", &page, &[("api_key", &bench.key)]).await.status, 303);
}
