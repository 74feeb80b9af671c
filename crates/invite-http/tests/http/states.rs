//! Every state an invitee can meet has a page of its own: a title, a sign, and what to do next.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::{
    codes::{code_of, invite, wrong},
    pages::{Browser, mailed},
    support::{Bench, OWNER, PASSWORD, Reply, one},
};
use chrono::Duration;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The most bytes of a page with everything it loads.
const BUDGET: usize = 30_000;

/// What stands between two pieces of a page's text.
pub(crate) fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map_or("", |(found, _)| found)
}

/// What holds for every page a person can meet.
async fn is_well_made(bench: &Bench, page: &Reply) {
    let text = page.text();
    for once in ["<h1>", "<main ", "</main>", "<title>", "<!doctype html>", "<footer>", "<script "] {
        assert_eq!(text.matches(once).count(), 1, "{once}: {text}");
    }
    assert!(!text.contains(" style=") && !text.contains("<style") && !text.contains(" onclick="), "{text}");
    assert_eq!(
        text.matches("<svg").count(),
        text.matches("aria-hidden=\"true\" focusable=\"false\"").count(),
        "{text}"
    );
    // Nothing holds up the first picture: one small style sheet, and a script that waits.
    assert!(between(&text, "<script ", "</script>").ends_with(" defer>"), "{text}");
    assert!(!text.contains("{$") && !text.contains("{ $"), "a message lacks a variable: {text}");
    let mut bytes = page.body.len();
    for file in [between(&text, "rel=\"stylesheet\" href=\"", "\""), between(&text, "<script src=\"", "\"")] {
        let loaded = bench.send(bench.request("GET", file)).await;
        assert_eq!(loaded.status, 200, "{file}");
        assert_eq!(loaded.header("cache-control"), "public, max-age=31536000, immutable", "{file}");
        bytes += loaded.body.len();
    }
    assert!(bytes < BUDGET, "{bytes} bytes: {text}");
}

/// Status, title, sign and the buttons a person can press, in order.
fn seen(page: &Reply) -> (u16, String, String, Vec<String>) {
    let text = page.text();
    let main = between(&text, "<main ", "</main>");
    // Buttons of forms, and the links that look like one.
    let is_button = |piece: &&str| piece.starts_with("button ") || piece.starts_with("a class=\"button");
    let buttons = main.split('<').filter(is_button).map(|piece| piece.split_once('>').unwrap().1.to_owned());
    let sign = between(main, "<svg class=\"mark ", "\"");
    (page.status.as_u16(), between(main, "<h1>", "</h1>").to_owned(), sign.to_owned(), buttons.collect())
}

async fn is(bench: &Bench, page: &Reply, status: u16, title: &str, sign: &str, buttons: &[&str]) {
    let (is_status, is_title, is_sign, is_buttons) = seen(page);
    let told = (is_status, is_title.as_str(), is_sign.as_str(), is_buttons.iter().map(String::as_str).collect());
    assert_eq!(told, (status, title, sign, buttons.to_vec()), "{}", page.text());
    let text = page.text();
    let named = between(&text, "<title>", "</title>");
    // What is wrong is said first, and once: where the focus is.
    let is_wrong = text.contains("id=\"errors\"");
    assert_eq!(named.starts_with("Error: "), is_wrong, "{text}");
    assert!(named.strip_prefix("Error: ").unwrap_or(named).starts_with(title), "{text}");
    assert_eq!(
        text.matches(" role=\"group\" aria-labelledby=\"errors-text\" tabindex=\"-1\" autofocus>").count(),
        usize::from(is_wrong)
    );
    assert!(!text.contains("role=\"alert\"") && text.contains("<main id=\"content\" tabindex=\"-1\""), "{text}");
    is_well_made(bench, page).await;
}

/// Where the button that only goes somewhere leads.
fn leads_to(page: &Reply) -> String {
    between(&page.text(), "<a class=\"button main\" href=\"", "\"").to_owned()
}

const NEW: [(&str, &str); 4] =
    [("action", "accept"), ("name", "Ada"), ("password", PASSWORD), ("password_repeat", PASSWORD)];
const DECLINE: &str = "Decline the invitation";
const ASK: &str = "Ask for a new link";

/// A second organisation's key.
async fn globex(bench: &Bench) -> String {
    let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let globex = bench.call(&bench.operator, "POST", "/v1/organizations", body).await.json();
    globex["api_key"].as_str().unwrap().to_owned()
}

async fn invited_to_globex(bench: &Bench, key: &str, email: &str) -> String {
    let issued = bench.call(key, "POST", "/v1/invitations", json!({ "recipient": { "email": email } })).await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    format!("/i/{}", bench.mailed(email).await)
}

fn copied(issued: &Value) -> String {
    issued["link"].as_str().unwrap().strip_prefix("https://invite.example.org").unwrap().to_owned()
}

fn signed_in<'a>(bench: &'a Bench, session: &str) -> Browser<'a> {
    let mut browser = Browser::new(bench);
    browser.cookies.push(format!("__Host-invite_session={session}"));
    browser
}

#[actix_web::test]
async fn who_is_new_known_signed_in_or_somebody_else_gets_the_fitting_page() {
    let bench = Bench::new().await;
    let link = mailed(&bench, "new@example.org").await;
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    is(&bench, &page, 200, "Join Acme", "", &["Create the account and join", DECLINE]).await;
    let wrong = browser.submit(&target, &page, &[("action", "accept"), ("name", "")]).await;
    is(&bench, &wrong, 422, "Join Acme", "", &["Create the account and join", DECLINE]).await;
    let joined = browser.submit(&target, &page, &NEW).await;
    is(&bench, &joined, 200, "Welcome to Acme", "success", &["Continue"]).await;
    let inside = browser.get(&leads_to(&joined)).await.header("location").to_owned();
    assert!(!inside.contains("sign-in"), "{inside}");
    assert_eq!(browser.get(&inside).await.status, 200, "the new session is at home there");

    let (session, _) = bench.join("ada@example.org", None).await;
    let (other, _) = bench.join("other@example.org", None).await;
    let key = globex(&bench).await;
    let link = invited_to_globex(&bench, &key, "ada@example.org").await;
    let (_, page) = Browser::new(&bench).open(&link).await;
    assert!(page.text().contains("You already have an account"));
    is(&bench, &page, 200, "Join Globex", "", &["Join Globex", DECLINE]).await;
    let (_, page) = signed_in(&bench, &other).open(&link).await;
    is(&bench, &page, 200, "You are signed in as somebody else", "", &["Sign out and continue"]).await;
    let mut browser = signed_in(&bench, &session);
    let (target, page) = browser.open(&link).await;
    assert!(page.text().contains("You are signed in as a•••@e•••.org"), "{}", page.text());
    is(&bench, &page, 200, "Join Globex", "", &["Join Globex", DECLINE]).await;
    let joined = browser.submit(&target, &page, &[("action", "accept")]).await;
    is(&bench, &joined, 200, "Welcome to Globex", "success", &["Continue"]).await;
    // Who is not signed in joins by the mailed link, too, and is led to where that is done.
    let link = invited_to_globex(&bench, &key, "other@example.org").await;
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    let joined = browser.submit(&target, &page, &[("action", "accept")]).await;
    assert!(joined.text().contains("Sign in with your account as before"), "{}", joined.text());
    is(&bench, &joined, 200, "Welcome to Globex", "success", &["Sign in"]).await;
    assert_eq!(leads_to(&joined), "/console");
}

#[actix_web::test]
async fn a_member_who_is_invited_again_is_told_that_there_is_nothing_to_do() {
    let bench = Bench::new().await;
    let (session, _) = bench.join("ada@example.org", None).await;
    // A code of nobody's address is whose it is who enters it.
    let issued = invite(&bench, json!({ "phone": "+33199001234" })).await;
    let mut browser = signed_in(&bench, &session);
    let page = browser.get("/code/acme").await;
    let entered = browser.submit("/code/acme", &page, &[("code", &code_of(&issued))]).await;
    let page = browser.get(entered.header("location")).await;
    is(&bench, &page, 200, "You already belong to Acme", "success", &["Continue"]).await;
    assert_eq!(leads_to(&page), "/console");
}

#[actix_web::test]
async fn an_organisations_rules_have_their_own_pages() {
    let bench = Bench::new().await;
    bench.join("ada@example.org", None).await;
    let key = globex(&bench).await;
    let policy = |name: &str| json!({ "policy": { name: true } });
    let set = bench.call(&key, "PATCH", "/v1/organization", policy("require_verified_sign_in")).await;
    assert_eq!(set.status, 200, "{}", set.text());
    let link = invited_to_globex(&bench, &key, "ada@example.org").await;
    let (_, page) = Browser::new(&bench).open(&link).await;
    assert!(page.text().contains("Globex asks everybody who has one to sign in first"), "{}", page.text());
    is(&bench, &page, 200, "Sign in to join", "", &["Sign in and join", DECLINE]).await;

    bench.ask("PATCH", "/v1/organization", policy("require_mailbox_proof")).await;
    let issued = invite(&bench, json!({ "email": "b@example.org" })).await;
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&copied(&issued)).await;
    let proof = browser.submit(&target, &page, &NEW).await;
    is(&bench, &proof, 403, "Confirm your address", "mail", &[ASK]).await;
    assert!(proof.text().contains("We have sent a mail to b•••@e•••.org"), "{}", proof.text());
    let sent = bench.mailed("b@example.org").await;
    let asked = browser.submit(&target, &proof, &[("action", "new-link")]).await;
    is(&bench, &asked, 202, "Your request has arrived", "mail", &[]).await;
    let (target, page) = browser.open(&format!("/i/{sent}")).await;
    assert_eq!(browser.submit(&target, &page, &NEW).await.status, 200, "the mail that was sent is enough");

    // By a code it is the same, but for the button: what asks for a new link is the link.
    let issued = invite(&bench, json!({ "email": "c@example.org" })).await;
    let mut browser = Browser::new(&bench);
    let page = browser.get("/code/acme").await;
    let entered = browser.submit("/code/acme", &page, &[("code", &code_of(&issued))]).await;
    let page = browser.get(entered.header("location")).await;
    let proof = browser.submit(entered.header("location"), &page, &NEW).await;
    is(&bench, &proof, 403, "Confirm your address", "mail", &[]).await;
    assert!(proof.text().contains("We have sent a mail to c•••@e•••.org"), "{}", proof.text());
    let (target, page) = browser.open(&format!("/i/{}", bench.mailed("c@example.org").await)).await;
    assert_eq!(browser.submit(&target, &page, &NEW).await.status, 200);
}

#[actix_web::test]
async fn a_copied_link_lets_a_person_choose_between_a_new_account_and_signing_in() {
    let bench = Bench::new().await;
    bench.owner().await;
    let key = globex(&bench).await;
    let body = json!({ "recipient": { "email": OWNER }, "return": ["link"] });
    let issued = bench.call(&key, "POST", "/v1/invitations", body).await.json();
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&copied(&issued)).await;
    is(&bench, &page, 200, "Join Globex", "", &["Create the account and join", DECLINE]).await;
    assert!(page.text().contains("I already have an account"));
    let page = browser.get(&format!("{target}&sign_in=1")).await;
    is(&bench, &page, 200, "Sign in to join", "", &["Sign in and join", DECLINE]).await;
    assert!(page.text().contains("I have no account yet"));
    let forgotten = browser.get(between(&page.text(), "<p class=\"more\"><a href=\"", "\"")).await;
    assert_eq!(forgotten.status, 200, "where a password is asked for, a new one can be had");
    let fields = [("action", "sign-in"), ("email", OWNER), ("password", "not this one")];
    let page = browser.submit(&target, &page, &fields).await;
    is(&bench, &page, 422, "Sign in to join", "", &["Sign in and join", DECLINE]).await;
    assert!(page.text().contains("href=\"#password\">This password is not right"), "{}", page.text());
}

#[actix_web::test]
async fn every_link_that_leads_nowhere_any_more_says_so_and_what_to_do() {
    let bench = Bench::new().await;
    let mut titles = BTreeSet::new();
    let mut keep = |page: &Reply| assert!(titles.insert(seen(page).1), "{}", page.text());

    let invitation = bench.issue("a@example.org").await;
    let old = format!("/i/{}", bench.mailed("a@example.org").await);
    bench.ask("POST", &one(&invitation, "/resend"), Value::Null).await;
    let (_, page) = Browser::new(&bench).open(&old).await;
    is(&bench, &page, 410, "There is a newer link", "mail", &[ASK]).await;
    keep(&page);

    let link = format!("/i/{}", bench.mailed("a@example.org").await);
    bench.pass(Duration::days(8));
    let (_, page) = Browser::new(&bench).open(&link).await;
    is(&bench, &page, 410, "This invitation has expired", "waiting", &[ASK]).await;
    keep(&page);

    bench.ask("POST", &one(&invitation, "/revoke"), Value::Null).await;
    let (_, page) = Browser::new(&bench).open(&link).await;
    is(&bench, &page, 410, "This invitation was withdrawn", "ended", &[]).await;
    keep(&page);

    let link = mailed(&bench, "b@example.org").await;
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    let declined = browser.submit(&target, &page, &[("action", "decline"), ("block", "yes")]).await;
    assert!(declined.text().contains("It will send no more invitations to this address"), "{}", declined.text());
    is(&bench, &declined, 200, "You have declined", "ended", &[]).await;
    keep(&declined);
    let (_, page) = browser.open(&link).await;
    is(&bench, &page, 410, "This invitation was declined", "ended", &[]).await;
    keep(&page);

    let link = mailed(&bench, "c@example.org").await;
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    browser.submit(&target, &page, &NEW).await;
    let (_, page) = Browser::new(&bench).open(&link).await;
    is(&bench, &page, 410, "This invitation has been used", "ended", &["Sign in"]).await;
    assert_eq!(leads_to(&page), "/console");
    keep(&page);

    let (admin, redeemed) = bench.join("admin@example.org", Some("admin")).await;
    let body = json!({ "recipient": { "email": "d@example.org" }, "permissions": ["members.read"] });
    bench.call(&admin, "POST", "/v1/invitations", body).await;
    let link = format!("/i/{}", bench.mailed("d@example.org").await);
    bench.ask("DELETE", &member(&redeemed["membership"]), Value::Null).await;
    let (_, page) = Browser::new(&bench).open(&link).await;
    is(&bench, &page, 409, "This invitation is on hold", "waiting", &[]).await;
    keep(&page);

    let page = Browser::new(&bench).get("/i/inv_x").await;
    is(&bench, &page, 404, "We do not know this link", "trouble", &[]).await;
    keep(&page);
    let page = Browser::new(&bench).get("/accept").await;
    is(&bench, &page, 404, "Please open the link from your mail again", "mail", &[]).await;
    keep(&page);
    let page = bench.send(bench.request("POST", "/accept")).await;
    is(&bench, &page, 403, "This page was open too long", "waiting", &[]).await;
    keep(&page);
}

fn member(of: &Value) -> String {
    format!("/v1/members/{}", of["id"].as_str().unwrap())
}

#[actix_web::test]
async fn who_was_switched_off_is_told_to_ask_an_administrator() {
    let bench = Bench::new().await;
    let id = bench.trucker("Tom Trucker", Some("tom@example.org"), None).await;
    let mut browser = Browser::new(&bench);
    for times in 0..2 {
        invite(&bench, json!({ "subject_id": id })).await;
        let link = format!("/i/{}", bench.mailed("tom@example.org").await);
        let (target, page) = browser.open(&link).await;
        if times == 0 {
            browser.submit(&target, &page, &NEW).await;
            browser.cookies.clear();
            bench.pass(Duration::minutes(1));
            continue;
        }
        is(&bench, &page, 200, "Join Acme", "", &["Join Acme", DECLINE]).await;
        let members = bench.ask("GET", "/v1/members?query=tom", Value::Null).await.json();
        let off = bench.ask("PATCH", &member(&members["items"][0]), json!({ "active": false })).await;
        assert_eq!(off.status, 200, "{}", off.text());
        for page in [browser.get(&target).await, browser.submit(&target, &page, &[("action", "accept")]).await] {
            is(&bench, &page, 403, "Your access is switched off", "waiting", &[]).await;
        }
    }
}

#[actix_web::test]
async fn a_code_that_is_wrong_used_up_or_tried_too_often_has_its_own_page() {
    let bench = Bench::new().await;
    let mut browser = Browser::new(&bench);
    let page = browser.get("/code/acme").await;
    is(&bench, &page, 200, "Enter your code", "", &["Continue"]).await;
    let refused = browser.submit("/code/acme", &page, &[("code", &wrong(0))]).await;
    is(&bench, &refused, 404, "Enter your code", "", &["Continue"]).await;
    assert!(refused.text().contains("<a href=\"#code\">"), "{}", refused.text());

    let issued = invite(&bench, json!({ "phone": "+33199001234" })).await;
    let entered = browser.submit("/code/acme", &page, &[("code", &code_of(&issued))]).await;
    bench.ask("POST", &one(&issued, "/revoke"), Value::Null).await;
    let ended = browser.get(entered.header("location")).await;
    is(&bench, &ended, 404, "This code no longer works", "ended", &["Enter your code"]).await;
    assert_eq!(leads_to(&ended), "/code/acme");

    let expired = bench.send(bench.request("POST", "/code/acme?lang=en")).await;
    is(&bench, &expired, 403, "This page was open too long", "waiting", &["Open the page again"]).await;
    assert!(expired.text().contains("href=\"/code/acme?lang=en\""), "{}", expired.text());
    let expired = bench.send(bench.request("POST", "/console/sign-in")).await;
    is(&bench, &expired, 403, "This page was open too long", "waiting", &["Open the page again"]).await;

    for n in 1..21 {
        browser.submit("/code/acme", &page, &[("code", &wrong(n))]).await;
    }
    let refused = browser.submit("/code/acme", &page, &[("code", &wrong(30))]).await;
    is(&bench, &refused, 429, "Too many attempts", "waiting", &["Enter your code"]).await;
    assert_eq!(leads_to(&refused), "/code/acme");
    let refused = browser.submit("/code/acme?lang=fr", &page, &[("code", &wrong(30))]).await;
    assert_eq!(leads_to(&refused), "/code/acme?lang=fr");
}

#[actix_web::test]
async fn the_accounts_links_have_their_own_pages() {
    let bench = Bench::new().await;
    let link = format!("/account/{}", bench.owner_token);
    let mut browser = Browser::new(&bench);
    let (target, page) = browser.open(&link).await;
    is(&bench, &page, 200, "Choose your password", "", &["Save the password"]).await;
    let wrong = browser.submit(&target, &page, &[("password", "short"), ("password_repeat", "short")]).await;
    is(&bench, &wrong, 422, "Choose your password", "", &["Save the password"]).await;
    let set = browser.submit(&target, &page, &[("password", PASSWORD), ("password_repeat", PASSWORD)]).await;
    is(&bench, &set, 200, "Your password is set", "success", &["Sign in"]).await;
    is(&bench, &browser.open(&link).await.1, 410, "This link has been used", "ended", &["Sign in"]).await;
    let unknown = browser.get("/account/ina_x").await;
    is(&bench, &unknown, 404, "We do not know this link", "trouble", &["Choose a new password"]).await;
    assert_eq!(browser.get(&leads_to(&unknown)).await.status, 200);

    let late = Bench::new().await;
    late.pass(Duration::days(60));
    let (_, expired) = Browser::new(&late).open(&format!("/account/{}", late.owner_token)).await;
    is(&late, &expired, 410, "This link has expired", "ended", &["Choose a new password"]).await;
    assert_eq!(leads_to(&expired), "/console/forgotten");
}

#[actix_web::test]
async fn every_page_speaks_every_language() {
    let bench = Bench::new().await;
    let link = mailed(&bench, "ada@example.org").await;
    let mut browser = Browser::new(&bench);
    let (target, _) = browser.open(&link).await;
    for path in [target.as_str(), "/code/acme?x=", "/accept?i=00000000", "/i/inv_x?x="] {
        let mut titles = BTreeSet::new();
        for language in invite_text::Language::ALL {
            let page = browser.get(&format!("{path}&lang={}", language.tag())).await;
            assert!(page.text().contains(&format!("<html lang=\"{}\">", language.tag())), "{}", page.text());
            assert!(titles.insert(seen(&page).1), "{path} {}", language.tag());
            is_well_made(&bench, &page).await;
        }
        assert_eq!(titles.len(), invite_text::Language::ALL.len());
    }
}
