//! The account's page, the developer's mailbox, and what holds for pages as such.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::{
    pages::{Browser, mailed},
    states::between,
    support::{Bench, OWNER, PASSWORD},
};
use invite_http::HttpConfig;
use serde_json::json;
use std::collections::BTreeSet;
use url::Url;

#[actix_web::test]
async fn the_owner_sets_a_password_behind_the_first_link_once() {
    let bench = Bench::new().await;
    let link = format!("/account/{}", bench.owner_token);
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    assert!(target.starts_with("/account?a="));
    assert!(page.text().contains("Choose your password") && !page.text().contains("ina_"));
    let differs = [("password", PASSWORD), ("password_repeat", "x")];
    assert_eq!(browser.submit(&target, &page, &differs).await.status, 422);
    let same = [("password", PASSWORD), ("password_repeat", PASSWORD)];
    let set = browser.submit(&target, &page, &same).await;
    assert!(set.text().contains("Your password is set"), "{}", set.text());
    bench.sign_in(OWNER).await;
    let (_, used) = browser.open(&link).await;
    assert_eq!(used.status, 410);
    assert!(used.text().contains("This link has been used"));
    assert_eq!(browser.get("/account/ina_x").await.status, 404);
}

#[actix_web::test]
async fn behind_a_path_of_the_public_url_every_link_and_cookie_has_it() {
    let bench = Bench::with(HttpConfig::new(Url::parse("http://127.0.0.1:8080/invite/").unwrap())).await;
    let link = mailed(&bench, "a@example.org").await;
    let opened = bench.send(bench.request("GET", &link)).await;
    assert!(opened.header("location").starts_with("/invite/accept?i="));
    let cookie = opened.header("set-cookie");
    assert!(
        cookie.contains("Path=/invite/accept") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    assert!(!cookie.contains("Secure") && cookie.contains("Max-Age=900"), "{cookie}");
    assert!(!cookie.contains("inv_"));
}

#[actix_web::test]
async fn a_person_gets_a_page_for_what_is_not_there() {
    let bench = Bench::new().await;
    let reply = bench.send(bench.request("GET", "/nowhere").insert_header(("Accept", "text/html,*/*;q=0.8"))).await;
    assert_eq!(reply.status, 404);
    assert!(reply.text().contains("There is no such page"));
}

#[actix_web::test]
async fn the_developers_mailbox_shows_mails_and_lets_their_links_be_followed() {
    let bench = Bench::new().await;
    let list = bench.send(bench.request("GET", "/mailbox")).await.text();
    assert!(list.contains("href=\"/mailbox/m1\"") && list.contains("&#60;Join&#62; Acme"), "{list}");
    let mail = bench.send(bench.request("GET", "/mailbox/m1")).await.text();
    assert!(mail.contains("<a href=\"https://invite.example.org/i/inv_x\"") && !mail.contains("<b>"), "{mail}");
    assert!(!mail.contains("href=\"https://evil"));
    let html = bench.send(bench.request("GET", "/mailbox/m1/html")).await;
    assert_eq!(html.text(), "<p>Hello</p>");
    assert!(html.header("content-security-policy").starts_with("sandbox allow-top-navigation-by-user-activation"));
    for id in ["none", "..%2fsecret", ".hidden"] {
        assert_eq!(bench.send(bench.request("GET", &format!("/mailbox/{id}"))).await.status, 404, "{id}");
    }
}

#[actix_web::test]
async fn tok_4_a_cookie_is_good_in_its_own_place_only() {
    let bench = Bench::new().await;
    let link = mailed(&bench, "ada@example.org").await;
    let mut browser = Browser::new(&bench);
    let (target, _) = browser.open(&link).await;
    let cookie = browser.cookies[0].clone();
    let (name, value) = cookie.split_once('=').unwrap();
    let digits = name.strip_prefix("invite_accept_").unwrap();
    let get = async |path: &str, cookie: String| {
        bench.send(bench.request("GET", path).insert_header(("Cookie", cookie))).await.status.as_u16()
    };
    assert_eq!(get(&target, cookie.clone()).await, 200);
    assert_eq!(get(&format!("/account?a={digits}"), format!("invite_account_{digits}={value}")).await, 404);
    assert_eq!(get("/accept?i=00000000", format!("invite_accept_00000000={value}")).await, 404);
    assert_eq!(get("/accept", format!("invite_accept_{digits}={}", &value[..value.len() - 1])).await, 404);
    assert_eq!(get("/v1/roles", format!("__Host-invite_session={value}")).await, 401);
    let reply = bench.call("", "POST", "/v1/redemptions", json!({ "token": value })).await;
    assert_eq!(reply.code(), (404, "invitation_not_found".into()));
}

/// Every word in quotes in the sources of this folder and those in it.
fn quoted(folder: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            words.extend(quoted(path.to_str().unwrap()));
        } else {
            words.extend(std::fs::read_to_string(path).unwrap().split('"').map(str::to_owned));
        }
    }
    words
}

/// The messages of one file of the catalogue.
fn messages(file: &str) -> BTreeSet<String> {
    let path = format!("{}/../invite-text/locales/en/{file}.ftl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let key = |line: &str| Some(line.split_once(" =")?.0.to_owned());
    text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase())).filter_map(key).collect()
}

#[test]
fn every_message_a_page_names_is_in_the_catalogue_and_the_reverse() {
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let quoted = quoted(&format!("{sources}/pages"));
    let keys: BTreeSet<String> = invite_text::keys().into_iter().collect();
    let families: BTreeSet<&str> =
        keys.iter().filter_map(|key| key.split_once('-')).map(|(family, _)| family).collect();
    let shaped = |word: &str| word.contains('-') && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    // Words of forms and headers that only look like keys.
    let others = ["sign-in", "new-link", "form-action", "current-password", "new-password"];
    for word in quoted.iter().filter(|word| shaped(word) && !others.contains(&word.as_str())) {
        let family = word.split('-').next().unwrap();
        assert!(keys.contains(word) || !families.contains(family), "{word} is in no catalogue");
    }
    // The account's dead links are named by their kind.
    let page = messages("page");
    assert!(page.len() > 100, "the file was read");
    let unused: Vec<&String> =
        page.iter().filter(|key| !key.starts_with("account-") && !quoted.contains(*key)).collect();
    assert!(unused.is_empty(), "messages no page uses: {unused:?}");
}

#[actix_web::test]
async fn the_page_of_a_new_person_reads_like_this() {
    let bench = Bench::new().await;
    let body = json!({ "recipient": { "email": "ada@example.org" }, "message": "See you\nsoon", "role_id": bench.role("member").await["id"] });
    bench.ask("POST", "/v1/invitations", body).await;
    let link = format!("/i/{}", bench.mailed("ada@example.org").await);
    let (target, page) = Browser::new(&bench).open(&link).await;
    let digits = target.strip_prefix("/accept?i=").unwrap();
    let csrf = crate::pages::hidden(&page, "csrf");
    let text = page.text().replace(digits, "[digits]").replace(&csrf, "[csrf]");
    // The files' versions change with every change of theirs.
    let version = |text: String, file: &str| {
        let whole = between(&text, &format!("{file}?v="), "\"").to_owned();
        assert_eq!(whole.len(), 8, "{text}");
        text.replace(&whole, "[version]")
    };
    let text = version(version(text, "pages.css"), "pages.js");
    insta::assert_snapshot!(text);
}
