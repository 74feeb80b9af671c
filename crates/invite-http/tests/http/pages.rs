//! The hosted pages, as a browser without scripts uses them.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::support::{Bench, OWNER, PASSWORD, Reply, one};
use actix_web::test::TestRequest;
use chrono::Duration;
use invite_http::HttpConfig;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

/// A browser with one cookie jar.
pub(crate) struct Browser<'a> {
    pub(crate) bench: &'a Bench,
    pub(crate) cookies: Vec<String>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(bench: &'a Bench) -> Self {
        Self { bench, cookies: Vec::new() }
    }

    async fn send(&mut self, request: TestRequest) -> Reply {
        let reply = self.bench.send(request.insert_header(("Cookie", self.cookies.join("; ")))).await;
        for set in reply.headers.get_all("set-cookie") {
            let text = set.to_str().unwrap();
            let pair = text.split(';').next().unwrap().to_owned();
            let name = format!("{}=", pair.split('=').next().unwrap());
            self.cookies.retain(|cookie| !cookie.starts_with(&name));
            if !text.contains("Max-Age=0") {
                self.cookies.push(pair);
            }
        }
        reply
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.send(self.bench.request("GET", path)).await
    }

    /// Opens a link and follows it to its page.
    pub(crate) async fn open(&mut self, path: &str) -> (String, Reply) {
        let opened = self.get(path).await;
        assert_eq!(opened.status, 303, "{}", opened.text());
        let target = opened.header("location").to_owned();
        let page = self.get(&target).await;
        (target, page)
    }

    /// Sends a form with the hidden fields of the page it stands on.
    pub(crate) async fn submit(&mut self, target: &str, page: &Reply, fields: &[(&str, &str)]) -> Reply {
        let csrf = hidden(page, "csrf");
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &csrf).extend_pairs(fields);
        for name in ["version", "once"] {
            let value = hidden(page, name);
            if !value.is_empty() && fields.iter().all(|(field, _)| *field != name) {
                form.append_pair(name, &value);
            }
        }
        let request = self.bench.request("POST", target).insert_header(("Sec-Fetch-Site", "same-origin"));
        let request = request.insert_header(("Content-Type", "application/x-www-form-urlencoded"));
        self.send(request.set_payload(form.finish())).await
    }
}

pub(crate) fn hidden(page: &Reply, name: &str) -> String {
    let text = page.text();
    let start = format!("name=\"{name}\" value=\"");
    text.split(&start).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

/// Neither script nor style stands in the page itself: it would run under no policy of ours.
pub(crate) fn has_no_inline_code(page: &Reply) {
    let text = page.text();
    let scripts: Vec<&str> = text.split("<script").skip(1).collect();
    assert!(scripts.iter().all(|rest| rest.starts_with(" src=\"") && rest.contains(" defer></script>")), "{text}");
    assert!(!text.contains("style=") && !text.contains("<style"), "{text}");
}

const NEW: [(&str, &str); 4] =
    [("action", "accept"), ("name", "Ada"), ("password", PASSWORD), ("password_repeat", PASSWORD)];

pub(crate) async fn mailed(bench: &Bench, email: &str) -> String {
    bench.issue(email).await;
    format!("/i/{}", bench.mailed(email).await)
}

#[actix_web::test]
async fn a_new_person_opens_the_link_and_joins() {
    let bench = Bench::new().await;
    let link = mailed(&bench, "ada@example.org").await;
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    assert!(target.starts_with("/accept?i="), "{target}");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Create your account") && !page.text().contains("inv_"), "{}", page.text());
    has_no_inline_code(&page);
    let joined = browser.submit(&target, &page, &NEW).await;
    assert_eq!(joined.status, 200, "{}", joined.text());
    assert!(joined.text().contains("Welcome to Acme"));
    assert!(joined.cookie("__Host-invite_session=ivs_").is_some());
    assert!(!browser.cookies.iter().any(|cookie| cookie.starts_with("invite_accept_")));
    let members = bench.ask("GET", "/v1/members?query=ada", Value::Null).await.json();
    assert_eq!(members["items"][0]["account"]["email_verified"], true);
}

#[actix_web::test]
async fn link_2_looking_changes_nothing_however_often_and_mangled() {
    let bench = Bench::new().await;
    let invitation = bench.issue("ada@example.org").await;
    let token = bench.mailed("ada@example.org").await;
    let before = bench.ask("GET", &one(&invitation, ""), Value::Null).await.json();
    let mangled = [
        token.clone(),
        token.to_uppercase(),
        token.to_lowercase(),
        token[..40].to_owned(),
        format!("{token}%20"),
        format!("{token}."),
    ];
    for text in &mangled {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let mut browser = Browser::new(&bench);
            let reply = browser.send(bench.request(method, &format!("/i/{text}"))).await;
            let good = text == &token && method != "OPTIONS";
            assert_eq!(reply.status == 303, good, "{method} {text}");
            if method == "GET" && !good {
                assert_eq!(reply.status, 404);
                assert!(reply.text().contains("We do not know this link"));
            }
            assert!(reply.cookie("__Host-invite_session").is_none());
            browser.get("/accept").await;
        }
    }
    assert_eq!(bench.ask("GET", &one(&invitation, ""), Value::Null).await.json(), before);
}

#[actix_web::test]
async fn what_is_wrong_in_the_form_is_said_and_nothing_typed_is_lost_but_the_password() {
    let bench = Bench::new().await;
    let link = mailed(&bench, "ada@example.org").await;
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    let cases: [(&[(&str, &str)], &str); 5] = [
        (
            &[("action", "accept"), ("name", " "), ("password", PASSWORD), ("password_repeat", PASSWORD)],
            "enter your name",
        ),
        (&[("action", "accept"), ("name", "<Ada>"), ("password", ""), ("password_repeat", "")], "enter a password"),
        (&[("action", "accept"), ("name", "<Ada>"), ("password", "short"), ("password_repeat", "short")], "too short"),
        (
            &[("action", "accept"), ("name", "<Ada>"), ("password", "password1"), ("password_repeat", "password1")],
            "most common",
        ),
        (
            &[("action", "accept"), ("name", "<Ada>"), ("password", PASSWORD), ("password_repeat", "other one")],
            "not the same",
        ),
    ];
    for (fields, words) in cases {
        let again = browser.submit(&target, &page, fields).await;
        assert_eq!(again.status, 422, "{words}");
        let text = again.text();
        assert!(text.contains(words) && text.contains("Please correct the field below"), "{words}: {text}");
        assert!(text.contains("aria-invalid=\"true\""));
        assert!(!text.contains(PASSWORD) && !text.contains("<Ada>"));
        assert_eq!(text.contains("value=\"&#60;Ada&#62;\""), fields[1].1 == "<Ada>", "{text}");
    }
    assert_eq!(browser.submit(&target, &page, &NEW).await.status, 200);
}

#[actix_web::test]
async fn link_5_forms_of_other_sites_do_nothing() {
    let bench = Bench::new().await;
    let invitation = bench.issue("ada@example.org").await;
    let link = format!("/i/{}", bench.mailed("ada@example.org").await);
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    let csrf = hidden(&page, "csrf");
    let form = format!("csrf={csrf}&action=decline");
    let kind = "application/x-www-form-urlencoded";
    let cases: [(&str, &str, &str, &str); 8] = [
        ("Sec-Fetch-Site", "cross-site", kind, &form),
        ("Sec-Fetch-Site", "same-site", kind, &form),
        ("Origin", "https://evil.example.org", kind, &form),
        ("X-Nothing", "", kind, &form),
        ("Sec-Fetch-Site", "same-origin", "text/plain", &form),
        ("Sec-Fetch-Site", "same-origin", "application/json", "{\"action\":\"decline\"}"),
        ("Sec-Fetch-Site", "same-origin", kind, "action=decline"),
        ("Sec-Fetch-Site", "same-origin", kind, "csrf=AzQ&action=decline"),
    ];
    for (name, value, kind, body) in cases {
        let request = bench.request("POST", &target).insert_header((name, value)).insert_header(("Content-Type", kind));
        let reply = browser.send(request.set_payload(body.to_owned())).await;
        assert_eq!(reply.status, 403, "{name}: {value} {kind} {body}");
        assert!(reply.text().contains("This page was open too long"));
    }
    let overridden = bench.request("GET", &format!("{target}&_method=POST&action=decline"));
    assert_eq!(browser.send(overridden.insert_header(("X-HTTP-Method-Override", "POST"))).await.status, 200);
    assert_eq!(bench.ask("GET", &one(&invitation, ""), Value::Null).await.json()["status"], "pending");
    let null = bench.request("POST", &target).insert_header(("Origin", "null")).insert_header(("Content-Type", kind));
    let declined = browser.send(null.set_payload(form.clone())).await;
    assert!(declined.text().contains("You have declined"), "{}", declined.text());
}

#[actix_web::test]
async fn a_cookie_of_another_link_gives_no_form_its_proof() {
    let bench = Bench::new().await;
    let (one, two) = (mailed(&bench, "a@example.org").await, mailed(&bench, "b@example.org").await);
    let mut browser = Browser::new(&bench);
    let (first, page) = browser.open(&one).await;
    let (second, _) = browser.open(&two).await;
    assert_eq!(browser.submit(&second, &page, &NEW).await.status, 403);
    // Two tabs, two invitations: without a name nobody knows which is meant.
    assert_eq!(browser.get("/accept").await.status, 404);
    assert_eq!(browser.get(&first).await.status, 200);
}

#[actix_web::test]
async fn dead_links_have_their_own_words() {
    let bench = Bench::new().await;
    let mut browser = Browser::new(&bench);
    let invitation = bench.issue("a@example.org").await;
    let old = format!("/i/{}", bench.mailed("a@example.org").await);
    bench.ask("POST", &one(&invitation, "/resend"), Value::Null).await;
    let (target, page) = browser.open(&old).await;
    assert_eq!(page.status, 410);
    assert!(page.text().contains("There is a newer link") && page.text().contains("Ask for a new link"));
    let asked = browser.submit(&target, &page, &[("action", "new-link")]).await;
    assert_eq!(asked.status, 202);
    assert!(asked.text().contains("Your request has arrived"));
    let new = format!("/i/{}", bench.mailed("a@example.org").await);
    let mut browser = Browser::new(&bench);
    bench.pass(Duration::days(8));
    assert!(browser.open(&new).await.1.text().contains("This invitation has expired"));
    bench.ask("POST", &one(&invitation, "/revoke"), Value::Null).await;
    let (_, page) = browser.open(&new).await;
    assert!(page.text().contains("withdrawn") && !page.text().contains("<form method=\"post\""), "{}", page.text());
    let nothing = Browser::new(&bench).get("/accept").await;
    assert_eq!(nothing.status, 404);
    assert!(nothing.text().contains("Please open the link from your mail again"));
    bench.pass(Duration::minutes(16));
    assert!(browser.get("/accept").await.text().contains("Please open the link from your mail again"));
}

#[actix_web::test]
async fn an_existing_person_with_the_mailed_link_presses_one_button() {
    let bench = Bench::new().await;
    bench.join("ada@example.org", None).await;
    let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let globex = bench.call(&bench.operator, "POST", "/v1/organizations", body).await.json();
    let key = globex["api_key"].as_str().unwrap().to_owned();
    bench.call(&key, "POST", "/v1/invitations", json!({ "recipient": { "email": "ada@example.org" } })).await;
    let link = format!("/i/{}", bench.mailed("ada@example.org").await);
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    assert!(page.text().contains("You already have an account") && !page.text().contains("type=\"password\""));
    let joined = browser.submit(&target, &page, &[("action", "accept")]).await;
    assert!(joined.text().contains("Welcome to Globex"), "{}", joined.text());
    assert!(joined.cookie("__Host-invite_session").is_none());
}

#[actix_web::test]
async fn a_copied_link_asks_who_has_an_account_to_sign_in() {
    let bench = Bench::new().await;
    bench.owner().await;
    let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let globex = bench.call(&bench.operator, "POST", "/v1/organizations", body).await.json();
    let key = globex["api_key"].as_str().unwrap().to_owned();
    let body = json!({ "recipient": { "email": OWNER }, "return": ["link"] });
    let issued = bench.call(&key, "POST", "/v1/invitations", body).await.json();
    let link = issued["link"].as_str().unwrap().strip_prefix("https://invite.example.org").unwrap().to_owned();
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    // It looks like any other: a copied link does not tell whether there is an account.
    assert!(page.text().contains("Create your account"));
    let asked = browser.submit(&target, &page, &NEW).await;
    assert_eq!(asked.status, 403);
    assert!(asked.text().contains("Sign in to join"), "{}", asked.text());
    let wrong = [("action", "sign-in"), ("email", OWNER), ("password", "not this one")];
    let wrong = browser.submit(&target, &page, &wrong).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("This password is not right") && wrong.text().contains(OWNER));
    let right = [("action", "sign-in"), ("email", OWNER), ("password", PASSWORD)];
    let joined = browser.submit(&target, &page, &right).await;
    assert!(joined.text().contains("Welcome to Globex"), "{}", joined.text());
    assert!(joined.cookie("__Host-invite_session=ivs_").is_some());
}

#[actix_web::test]
async fn link_7_the_wrong_account_is_told_and_can_sign_out() {
    let bench = Bench::new().await;
    let session = bench.owner().await;
    let link = mailed(&bench, "ada@example.org").await;
    let mut browser = Browser::new(&bench);
    browser.cookies.push(format!("__Host-invite_session={session}"));
    let (target, page) = browser.open(&link).await;
    assert!(page.text().contains("You are signed in as somebody else"), "{}", page.text());
    assert!(!page.text().contains(OWNER) && !page.text().contains("ada@example.org"));
    let switched = browser.submit(&target, &page, &[("action", "switch")]).await;
    assert_eq!((switched.status.as_u16(), switched.header("location")), (303, target.as_str()));
    assert_eq!(bench.call(&session, "GET", "/v1/me", Value::Null).await.status, 401);
    let page = browser.get(&target).await;
    assert!(page.text().contains("Create your account"));
    assert_eq!(browser.submit(&target, &page, &NEW).await.status, 200);
}

#[actix_web::test]
async fn pressing_the_button_twice_is_joining_once() {
    let bench = Bench::new().await;
    let link = mailed(&bench, "ada@example.org").await;
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    let mut twin = Browser { bench: &bench, cookies: browser.cookies.clone() };
    assert!(browser.submit(&target, &page, &NEW).await.text().contains("Welcome to Acme"));
    let second = twin.submit(&target, &page, &NEW).await;
    assert!(second.text().contains("Welcome to Acme"), "{}", second.text());
    assert!(second.cookie("__Host-invite_session=ivs_").is_none());
}

#[actix_web::test]
async fn link_6_a_success_leads_to_an_allowed_destination_only() {
    let mut bench = Bench::new().await;
    let body =
        json!({ "recipient": { "email": "a@example.org" }, "redirect_url": "https://app.example.org/welcome?x=1" });
    let invitation = bench.ask("POST", "/v1/invitations", body.clone()).await.json();
    let link = format!("/i/{}", bench.mailed("a@example.org").await);
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    assert!(page.header("content-security-policy").contains("form-action 'self' https://app.example.org;"));
    let joined = browser.submit(&target, &page, &NEW).await;
    let expected = format!("https://app.example.org/welcome?x=1&invitation_id={}", invitation["id"].as_str().unwrap());
    assert_eq!((joined.status.as_u16(), joined.header("location")), (303, expected.as_str()));
    // What was allowed when it was issued may not be any more.
    let mut body = body;
    body["recipient"]["email"] = json!("b@example.org");
    bench.ask("POST", "/v1/invitations", body).await;
    let link = format!("/i/{}", bench.mailed("b@example.org").await);
    bench.api.config = std::sync::Arc::new(HttpConfig::new(Url::parse("https://invite.example.org").unwrap()));
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    assert_eq!(browser.submit(&target, &page, &NEW).await.status, 200);
}

#[actix_web::test]
async fn what_people_write_is_text_on_every_page() {
    let bench = Bench::new().await;
    let evil = "<img src=x onerror=alert(1)>\"'&";
    bench.ask("PATCH", "/v1/organization", json!({ "name": evil })).await;
    let body = json!({ "recipient": { "email": "a@example.org" }, "message": evil });
    bench.ask("POST", "/v1/invitations", body).await;
    let link = format!("/i/{}", bench.mailed("a@example.org").await);
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    let joined = browser.submit(&target, &page, &NEW).await;
    for page in [page, joined] {
        assert!(page.text().contains("onerror") && !page.text().contains("<img"), "{}", page.text());
    }
}

#[actix_web::test]
async fn a_name_cannot_turn_the_text_around_it_nor_close_the_title() {
    let bench = Bench::new().await;
    let evil = "</title>\u{202e}Acme\u{2069} \u{5e9}\u{5dc}\u{5d5}\u{5dd}";
    assert_eq!(bench.ask("PATCH", "/v1/organization", json!({ "name": evil })).await.status, 200);
    let body = json!({ "recipient": { "email": "a@example.org" }, "message": format!("{evil}\n{}", "x".repeat(1900)) });
    bench.ask("POST", "/v1/invitations", body).await;
    let link = format!("/i/{}", bench.mailed("a@example.org").await);
    let (_, page) = Browser::new(&bench).open(&link).await;
    let text = page.text();
    assert_eq!(text.matches("</title>").count(), 1, "{text}");
    assert!(!text.contains('\u{202e}'), "{text}");
    assert_eq!(text.matches('\u{2068}').count(), text.matches('\u{2069}').count(), "{text}");
    let name = "&#60;/title&#62;Acme \u{5e9}\u{5dc}\u{5d5}\u{5dd}";
    assert!(text.contains(&format!("<h1>Join \u{2068}{name}\u{2069}</h1>")), "{text}");
    assert!(text.contains(&format!("<bdi>{name}</bdi>")), "{text}");
}

#[actix_web::test]
async fn the_language_is_the_persons_then_the_browsers_then_the_invitations() {
    let bench = Bench::new().await;
    bench.ask("POST", "/v1/invitations", json!({ "recipient": { "email": "a@example.org" }, "locale": "fr" })).await;
    let link = format!("/i/{}", bench.mailed("a@example.org").await);
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    assert!(page.text().contains("<html lang=\"fr\">"));
    let english = bench.request("GET", &target).insert_header(("Accept-Language", "en-GB,fr;q=0.5"));
    assert!(browser.send(english).await.text().contains("<html lang=\"en\">"));
    let chosen = bench.request("GET", &format!("{target}&lang=fr")).insert_header(("Accept-Language", "en"));
    let chosen = browser.send(chosen).await;
    assert!(chosen.text().contains("<html lang=\"fr\">"));
    assert!(
        chosen.text().contains(&format!("action=\"{}&#38;lang=fr\"", target.replace('&', "&#38;"))),
        "{}",
        chosen.text()
    );
}

#[actix_web::test]
async fn a_dead_link_speaks_the_invitations_language_and_tells_the_organisations_time() {
    let bench = Bench::new().await;
    let zone = json!({ "time_zone": "Pacific/Auckland", "locale": "de" });
    assert_eq!(bench.ask("PATCH", "/v1/organization", zone).await.status, 200);
    for (email, locale) in [("a@example.org", None), ("b@example.org", Some("fr"))] {
        let body = json!({ "recipient": { "email": email }, "locale": locale });
        let issued = bench.ask("POST", "/v1/invitations", body).await.json();
        let link = format!("/i/{}", bench.mailed(email).await);
        bench.pass(Duration::days(8));
        let (_, page) = Browser::new(&bench).open(&link).await;
        assert_eq!(page.status, 410);
        let until = issued["expires_at"].as_str().unwrap().parse().unwrap();
        let language = invite_text::Language::parse(locale.unwrap_or("de")).unwrap();
        assert!(page.text().contains(&format!("<html lang=\"{}\">", language.tag())), "{}", page.text());
        let told = invite_text::date_time(language, until, "Pacific/Auckland");
        assert!(page.text().contains(&told), "{told}: {}", page.text());
        assert_ne!(told, invite_text::date_time(language, until, "UTC"));
    }
}
