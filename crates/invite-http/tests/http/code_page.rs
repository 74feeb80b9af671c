//! The page a code is entered on.

use crate::{
    codes::{code_of, invite, mistyped, wrong},
    pages::{Browser, has_no_inline_code, hidden},
    support::{Bench, PASSWORD, Reply, one},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::Duration;
use serde_json::{Value, json};

const PHONE: &str = "+33199001234";

/// Enters a code on an organisation's page.
async fn enter(browser: &mut Browser<'_>, slug: &str, code: &str) -> Reply {
    let path = format!("/code/{slug}");
    let page = browser.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.text());
    browser.submit(&path, &page, &[("code", code)]).await
}

/// Enters a good code and opens what it leads to.
async fn entered(browser: &mut Browser<'_>, code: &str) -> (String, Reply) {
    let reply = enter(browser, "acme", code).await;
    assert_eq!(reply.status, 303, "{}", reply.text());
    let target = reply.header("location").to_owned();
    let page = browser.get(&target).await;
    assert_eq!(page.status, 200, "{}", page.text());
    (target, page)
}

#[actix_web::test]
async fn a_person_enters_a_code_and_joins_without_a_script() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "phone": PHONE })).await;
    let mut browser = Browser::new(&bench);
    let form = browser.get("/code/acme").await;
    has_no_inline_code(&form);
    let form = form.text();
    for part in [
        "<label for=\"code\">Code</label>",
        "autocomplete=\"one-time-code\"",
        "autocapitalize=\"characters\"",
        "<form method=\"post\" action=\"/code/acme\">",
    ] {
        assert!(form.contains(part), "{part}: {form}");
    }
    let (target, page) = entered(&mut browser, &code_of(&issued).to_lowercase()).await;
    assert!(target.starts_with("/accept?i="), "{target}");
    let text = page.text();
    assert!(text.contains("Create your account") && text.contains("Join Acme"), "{text}");
    // By a code nobody declines, and nobody needs a password.
    assert!(!text.contains("decline\"") && !text.contains("block"), "{text}");
    assert_eq!(text.matches("type=\"password\"").count(), 2);
    assert_eq!(text.matches(" required").count(), 1, "the name alone: {text}");
    let fields = [("action", "accept"), ("name", "Tom"), ("password", ""), ("password_repeat", "")];
    let joined = browser.submit(&target, &page, &fields).await;
    assert_eq!(joined.status, 200, "{}", joined.text());
    assert!(joined.text().contains("Welcome to Acme"), "{}", joined.text());
    assert!(joined.cookie("__Host-invite_session=ivs_").is_some());
    assert!(!browser.cookies.iter().any(|cookie| cookie.starts_with("invite_accept_")));
    let members = bench.ask("GET", "/v1/members?query=Tom", Value::Null).await.json();
    assert_eq!(members["items"][0]["account"]["email"], Value::Null);
    // It works once.
    assert_eq!(enter(&mut Browser::new(&bench), "acme", &code_of(&issued)).await.status, 404);
}

#[actix_web::test]
async fn a_password_chosen_behind_a_code_is_held_to_the_rules_and_works() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "email": "tom@example.org" })).await;
    let mut browser = Browser::new(&bench);
    let (target, page) = entered(&mut browser, &code_of(&issued)).await;
    for (one, two) in [("short", "short"), (PASSWORD, ""), ("", PASSWORD)] {
        let fields = [("action", "accept"), ("name", "Tom"), ("password", one), ("password_repeat", two)];
        assert_eq!(browser.submit(&target, &page, &fields).await.status, 422);
    }
    let fields = [("action", "accept"), ("name", "Tom"), ("password", PASSWORD), ("password_repeat", PASSWORD)];
    assert_eq!(browser.submit(&target, &page, &fields).await.status, 200);
    bench.sign_in("tom@example.org").await;
    let members = bench.ask("GET", "/v1/members?query=tom", Value::Null).await.json();
    assert_eq!(members["items"][0]["account"]["email_verified"], false, "a code proves no mailbox");
}

#[actix_web::test]
async fn r3_3_a_second_code_signs_in_at_the_press_of_a_button() {
    let bench = Bench::new().await;
    let id = bench.trucker("Tom Trucker", None, Some(PHONE)).await;
    let first = invite(&bench, json!({ "subject_id": id })).await;
    let accept = async |code: String, is_new: bool| {
        let mut browser = Browser::new(&bench);
        let (target, page) = entered(&mut browser, &code).await;
        assert!(page.text().contains("Tom Trucker"), "{}", page.text());
        // A new person's form has the record's name in it; who comes again is asked for nothing.
        assert_eq!(page.text().contains("value=\"Tom Trucker\""), is_new, "{}", page.text());
        assert_eq!(page.text().contains("type=\"password\""), is_new, "{}", page.text());
        let fields = [("action", "accept"), ("name", "Tom Trucker"), ("password", ""), ("password_repeat", "")];
        browser.submit(&target, &page, if is_new { &fields[..] } else { &fields[..1] }).await
    };
    assert!(accept(code_of(&first), true).await.text().contains("Welcome to Acme"));
    bench.pass(Duration::minutes(1));
    let before = bench.ask("GET", "/v1/members?query=Tom", Value::Null).await.json();
    let second = invite(&bench, json!({ "subject_id": id })).await;
    let again = accept(code_of(&second), false).await;
    assert_eq!(again.status, 200, "{}", again.text());
    assert!(again.text().contains("You are signed in at Acme"), "{}", again.text());
    assert!(again.text().contains("href=\"/console\" rel=\"noreferrer\">Continue</a>"), "{}", again.text());
    let session = again.cookie("__Host-invite_session=").unwrap();
    let session = session.split_once('=').unwrap().1;
    let me = bench.call(session, "GET", "/v1/me", Value::Null).await.json();
    assert_eq!(me["memberships"][0]["member"], before["items"][0]);
    assert_eq!(bench.ask("GET", "/v1/members?query=Tom", Value::Null).await.json(), before);
}

#[actix_web::test]
async fn r3_3_a_mailed_sign_in_invitation_is_one_button() {
    let bench = Bench::new().await;
    let id = bench.trucker("Tom Trucker", Some("tom@example.org"), None).await;
    for (times, title) in ["Welcome to Acme", "You are signed in at Acme"].into_iter().enumerate() {
        invite(&bench, json!({ "subject_id": id })).await;
        let link = format!("/i/{}", bench.mailed("tom@example.org").await);
        let mut browser = Browser::new(&bench);
        let (target, page) = browser.open(&link).await;
        assert_eq!(page.text().contains("type=\"password\""), times == 0, "{}", page.text());
        let new = [("action", "accept"), ("name", "Tom"), ("password", PASSWORD), ("password_repeat", PASSWORD)];
        let fields = if times == 0 { &new[..] } else { &new[..1] };
        let done = browser.submit(&target, &page, fields).await;
        assert!(done.text().contains(title), "{}", done.text());
        assert!(done.cookie("__Host-invite_session=ivs_").is_some());
        bench.pass(Duration::minutes(1));
    }
}

#[actix_web::test]
async fn link_2_looking_at_the_page_changes_nothing_whatever_its_address() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "phone": PHONE })).await;
    let code = code_of(&issued);
    let (plans, attempts) = (bench.spy.plans(), bench.spy.attempts());
    for path in [
        "/code/acme".to_owned(),
        "/code/nobody".to_owned(),
        "/code/ACME".to_owned(),
        "/code/%00".to_owned(),
        "/code/acme%2f..".to_owned(),
        format!("/code/{}", "x".repeat(300)),
        format!("/code/acme?code={code}"),
        format!("/code/{}", issued["organization_id"].as_str().unwrap()),
    ] {
        for method in ["GET", "HEAD"] {
            let reply = bench.send(bench.request(method, &path)).await;
            assert_eq!(reply.status, 200, "{method} {path} {}", reply.text());
            assert!(!reply.text().contains(&code), "{path}");
        }
    }
    assert_eq!(bench.send(bench.request("PUT", "/code/acme")).await.status, 405);
    assert_eq!((bench.spy.plans(), bench.spy.attempts()), (plans, attempts));
    assert_eq!(bench.ask("GET", &one(&issued, ""), Value::Null).await.json()["status"], "pending");
}

/// The page with what differs by the name in the address taken out.
fn plain(reply: &Reply, slug: &str) -> (u16, String) {
    // A page without a form has no such field.
    let csrf = Some(hidden(reply, "csrf")).filter(|csrf| !csrf.is_empty());
    let text = csrf.map_or_else(|| reply.text(), |csrf| reply.text().replace(&csrf, "[csrf]"));
    (reply.status.as_u16(), text.replace(slug, "[slug]"))
}

#[actix_web::test]
async fn r5_8_an_unknown_organisation_looks_like_a_known_one() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "phone": PHONE })).await;
    let (known, unknown) = (&mut Browser::new(&bench), &mut Browser::new(&bench));
    assert_eq!(plain(&known.get("/code/acme").await, "acme"), plain(&unknown.get("/code/nobody").await, "nobody"));
    for code in [wrong(1), mistyped(&code_of(&issued)), String::new(), "U".into()] {
        let (one, two) = (enter(known, "acme", &code).await, enter(unknown, "nobody", &code).await);
        assert_eq!(plain(&one, "acme"), plain(&two, "nobody"), "{code}");
    }
    for n in 10..40 {
        let (one, two) = (enter(known, "acme", &wrong(n)).await, enter(unknown, "nobody", &wrong(n)).await);
        // They share the client's budget, so the last attempt may stand between them.
        if one.status == two.status {
            assert_eq!(plain(&one, "acme"), plain(&two, "nobody"));
        }
    }
    assert_eq!(enter(unknown, "nobody", &code_of(&issued)).await.status, 429);
}

#[actix_web::test]
async fn code_1_a_bad_code_is_told_what_is_wrong_and_changes_nothing() {
    let bench = Bench::new().await;
    let used = invite(&bench, json!({ "phone": "+33199001201" })).await;
    let (target, page) = entered(&mut Browser::new(&bench), &code_of(&used)).await;
    drop((target, page));
    assert_eq!(bench.ask("POST", &one(&used, "/revoke"), Value::Null).await.status, 200);
    let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let globex = bench.call(&bench.operator, "POST", "/v1/organizations", body).await.json();
    let body = json!({ "recipient": { "phone": PHONE }, "return": ["code"] });
    let foreign = bench.call(globex["api_key"].as_str().unwrap(), "POST", "/v1/invitations", body).await.json();
    let good = invite(&bench, json!({ "phone": PHONE })).await;
    let plans = bench.spy.plans();
    let mut unknown = Vec::new();
    for code in [wrong(1), code_of(&used), code_of(&foreign), "12".into(), "U".repeat(11), "x".repeat(2000)] {
        let mut browser = Browser::new(&bench);
        let reply = enter(&mut browser, "acme", &code).await;
        assert!(code.len() < 11 || !reply.text().contains(&code), "{code}");
        assert!(!browser.cookies.iter().any(|cookie| cookie.starts_with("invite_accept_")));
        unknown.push(plain(&reply, "acme"));
    }
    assert!(unknown.iter().all(|page| page == &unknown[0]), "one and the same answer");
    assert_eq!(unknown[0].0, 404);
    assert!(unknown[0].1.contains("This code is not valid, or not any more"), "{}", unknown[0].1);
    let mut browser = Browser::new(&bench);
    let typo = enter(&mut browser, "acme", &mistyped(&code_of(&good))).await;
    assert_eq!(typo.status, 422);
    assert!(typo.text().contains("There is a typing error in this code") && typo.text().contains("aria-invalid"));
    let empty = enter(&mut browser, "acme", "  ").await;
    assert!(empty.status == 422 && empty.text().contains("Please enter the code"), "{}", empty.text());
    // The form that came back works.
    let page = enter(&mut browser, "acme", &wrong(2)).await;
    assert_eq!(browser.submit("/code/acme", &page, &[("code", &code_of(&good))]).await.status, 303);
    assert_eq!(bench.spy.plans(), plans);
}

#[actix_web::test]
async fn a_genuine_code_that_is_dead_is_explained_and_offers_no_new_link() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "phone": PHONE })).await;
    let mut browser = Browser::new(&bench);
    let (target, page) = entered(&mut browser, &code_of(&issued)).await;
    bench.pass(Duration::days(8));
    let dead = enter(&mut browser, "acme", &code_of(&issued)).await;
    assert_eq!(dead.status, 410);
    let text = dead.text();
    assert!(text.contains("This invitation has expired") && !text.contains("<form method=\"post\""), "{text}");
    assert!(text.contains("ask the person who invited you for a new one") && !text.contains("mistake"), "{text}");
    // The cookie has ended too.
    let late = browser.submit(&target, &page, &[("action", "accept"), ("name", "Tom")]).await;
    assert!(late.text().contains("Please open the link from your mail again"), "{}", late.text());
    let (admin, redeemed) = bench.join("admin@example.org", Some("admin")).await;
    let body = json!({ "recipient": { "phone": "+33199001201" }, "return": ["code"], "permissions": ["members.read"] });
    let issued = bench.call(&admin, "POST", "/v1/invitations", body).await.json();
    let member = format!("/v1/members/{}", redeemed["membership"]["id"].as_str().unwrap());
    assert_eq!(bench.ask("DELETE", &member, Value::Null).await.status, 204);
    let held = enter(&mut browser, "acme", &code_of(&issued)).await;
    assert_eq!(held.status, 409);
    assert!(held.text().contains("This invitation is on hold"), "{}", held.text());
}

#[actix_web::test]
async fn a_code_that_ends_while_the_offer_is_open_opens_nothing() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "phone": PHONE })).await;
    let mut browser = Browser::new(&bench);
    let (target, page) = entered(&mut browser, &code_of(&issued)).await;
    bench.ask("POST", &one(&issued, "/revoke"), Value::Null).await;
    let plans = bench.spy.plans();
    let fields = [("action", "accept"), ("name", "Tom"), ("password", ""), ("password_repeat", "")];
    let refused = browser.submit(&target, &page, &fields).await;
    assert_eq!(refused.status, 404);
    assert!(refused.text().contains("This code is not valid"), "{}", refused.text());
    for action in ["decline", "new-link"] {
        assert_eq!(browser.submit(&target, &page, &[("action", action)]).await.status, 403, "{action} takes the link");
    }
    assert_eq!(bench.spy.plans(), plans);
}

#[actix_web::test]
async fn r7_6_too_many_codes_are_told_when_to_try_again_and_links_go_on() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "email": "ada@example.org" })).await;
    let mut browser = Browser::new(&bench);
    let mut open = Browser::new(&bench);
    let (target, page) = entered(&mut open, &code_of(&issued)).await;
    for n in 0..20 {
        assert_eq!(enter(&mut browser, "acme", &wrong(n)).await.status, 404);
    }
    let refused = enter(&mut browser, "acme", &code_of(&issued)).await;
    assert_eq!(refused.status, 429);
    assert!(refused.text().contains("Too many codes were tried from here"), "{}", refused.text());
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=601).contains(&wait), "{wait}");
    let fields = [("action", "accept"), ("name", "Ada"), ("password", ""), ("password_repeat", "")];
    // Who entered a good code before guesses nothing any more.
    assert_eq!(open.submit(&target, &page, &fields).await.status, 200);
    let issued = invite(&bench, json!({ "email": "bob@example.org" })).await;
    let link = issued["link"].as_str().unwrap().strip_prefix("https://invite.example.org").unwrap().to_owned();
    assert_eq!(Browser::new(&bench).open(&link).await.1.status, 200);
    bench.pass(Duration::seconds(wait));
    assert_eq!(enter(&mut browser, "acme", &code_of(&issued)).await.status, 303);
}

#[actix_web::test]
async fn link_2_an_offer_that_was_opened_by_code_counts_no_attempt_dead_or_alive() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "phone": PHONE })).await;
    let mut browser = Browser::new(&bench);
    let (target, page) = entered(&mut browser, &code_of(&issued)).await;
    let attempts = bench.spy.attempts();
    assert!(attempts > 0, "entering it was counted");
    assert_eq!(browser.get(&target).await.status, 200);
    assert_eq!(bench.ask("POST", &one(&issued, "/revoke"), Value::Null).await.status, 200);
    let plans = bench.spy.plans();
    for _ in 0..25 {
        let dead = browser.get(&target).await;
        assert_eq!(dead.status, 404, "{}", dead.text());
    }
    let fields = [("action", "accept"), ("name", "Tom"), ("password", ""), ("password_repeat", "")];
    assert_eq!(browser.submit(&target, &page, &fields).await.status, 404);
    assert_eq!((bench.spy.plans(), bench.spy.attempts()), (plans, attempts));
    // Nobody else behind the same address is locked out.
    let other = invite(&bench, json!({ "phone": "+33199001201" })).await;
    assert_eq!(enter(&mut Browser::new(&bench), "acme", &code_of(&other)).await.status, 303);
}

#[actix_web::test]
async fn the_pages_cookie_is_as_short_for_a_long_address_as_for_any() {
    let bench = Bench::new().await;
    let mut lengths = Vec::new();
    for slug in ["acme", &"x".repeat(6000)] {
        let mut browser = Browser::new(&bench);
        let path = format!("/code/{slug}");
        let page = browser.get(&path).await;
        lengths.push(browser.cookies.join("; ").len());
        let unknown = browser.submit(&path, &page, &[("code", &wrong(1))]).await;
        assert_eq!(unknown.status, 404, "the form works");
    }
    assert_eq!(lengths[0], lengths[1]);
    assert!(lengths[0] < 256, "{}", lengths[0]);
}

#[actix_web::test]
async fn link_3_the_code_is_sealed_in_its_cookie_and_in_no_address() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "phone": PHONE })).await;
    let code = code_of(&issued);
    let mut browser = Browser::new(&bench);
    let reply = enter(&mut browser, "acme", &code).await;
    let cookie = reply.cookie("invite_accept_").unwrap();
    let (name, value) = cookie.split_once('=').unwrap();
    let (target, digits) = (reply.header("location").to_owned(), name.strip_prefix("invite_accept_").unwrap());
    assert_eq!(target, format!("/accept?i={digits}"));
    let set = reply.headers.get_all("set-cookie").map(|value| value.to_str().unwrap());
    let set = set.into_iter().find(|text| text.starts_with("invite_accept_")).unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/accept", "Max-Age=900"] {
        assert!(set.contains(part), "{part}: {set}");
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(value).unwrap();
    let bare = code.replace('-', "");
    for text in [code.as_str(), bare.as_str(), "acme"] {
        assert!(!bytes.windows(text.len()).any(|part| part == text.as_bytes()), "{text}");
        assert!(!target.contains(text) && !value.contains(text), "{text}");
    }
    // The digits are the invitation's: those of so short a secret would give it away.
    let again = enter(&mut Browser::new(&bench), "acme", &bare).await;
    assert_eq!(again.header("location"), target);
    let page = browser.get(&target).await;
    assert!(!page.text().contains(&code) && !page.text().contains(&bare));
    // In another place, or changed, it opens nothing.
    for cookie in [
        format!("invite_code_{digits}={value}"),
        format!("invite_accept_00000000={value}"),
        format!("invite_accept_{digits}={}", &value[..value.len() - 1]),
    ] {
        let reply = bench.send(bench.request("GET", "/accept").insert_header(("Cookie", cookie))).await;
        assert_eq!(reply.status, 404);
    }
    bench.pass(Duration::minutes(16));
    assert_eq!(browser.get(&target).await.status, 404);
}

#[actix_web::test]
async fn link_5_the_codes_form_is_our_own() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "phone": PHONE })).await;
    let code = code_of(&issued);
    let mut browser = Browser::new(&bench);
    let page = browser.get("/code/acme").await;
    let csrf = hidden(&page, "csrf");
    let cookies = browser.cookies.join("; ");
    let form = format!("csrf={csrf}&code={code}");
    let kind = "application/x-www-form-urlencoded";
    for (site, cookie, path, body) in [
        ("cross-site", &*cookies, "/code/acme", &*form),
        ("same-site", &cookies, "/code/acme", &form),
        ("same-origin", "", "/code/acme", &form),
        ("same-origin", &cookies, "/code/other", &form),
        ("same-origin", &cookies, "/code/acme", &format!("code={code}")),
        ("same-origin", &cookies, "/code/acme", &format!("csrf=AzQ&code={code}")),
    ] {
        let request = bench.request("POST", path).insert_header(("Sec-Fetch-Site", site));
        let request = request.insert_header(("Content-Type", kind)).insert_header(("Cookie", cookie.to_owned()));
        let reply = bench.send(request.set_payload(body.to_owned())).await;
        assert_eq!(reply.status, 403, "{site} {path} {body}");
        assert!(reply.cookie("invite_accept_").is_none());
    }
    // A second tab does not end the first one's form.
    browser.get("/code/acme").await;
    assert_eq!(browser.submit("/code/acme", &page, &[("code", &code)]).await.status, 303);
}

#[actix_web::test]
async fn an_old_slug_leads_on_and_the_language_can_be_chosen() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "phone": PHONE })).await;
    assert_eq!(bench.ask("PATCH", "/v1/organization", json!({ "slug": "acme-ltd" })).await.status, 200);
    let mut browser = Browser::new(&bench);
    let (target, page) = entered(&mut browser, &code_of(&issued)).await;
    assert!(target.starts_with("/accept?i=") && page.text().contains("Join Acme"));
    let french = browser.get("/code/acme-ltd?lang=fr").await;
    assert!(french.text().contains("Entrez votre code"), "{}", french.text());
    assert!(french.text().contains("action=\"/code/acme-ltd?lang=fr\""), "{}", french.text());
    let path = "/code/acme-ltd?lang=fr";
    let reply = browser.submit(path, &french, &[("code", &code_of(&issued))]).await;
    assert_eq!(reply.status, 303);
    assert!(reply.header("location").ends_with("&lang=fr"), "{}", reply.header("location"));
}

#[actix_web::test]
async fn who_signs_in_behind_a_code_is_asked_for_whatever_the_account_is_called() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "phone": PHONE })).await;
    let mut browser = Browser::new(&bench);
    let (target, _) = entered(&mut browser, &code_of(&issued)).await;
    let page = browser.get(&format!("{target}&sign_in=1")).await.text();
    assert!(page.contains("<label for=\"email\">E-mail address, phone number or username</label>"), "{page}");
    // With an address the person is told which account is meant, and that of no link.
    let issued = invite(&bench, json!({ "email": "tom@example.org" })).await;
    let (target, _) = entered(&mut browser, &code_of(&issued)).await;
    let page = browser.get(&format!("{target}&sign_in=1")).await.text();
    assert!(page.contains("the password of t•••@e•••.org") && !page.contains("This link was not sent"), "{page}");
}

#[actix_web::test]
async fn who_joins_by_a_code_without_a_password_is_led_to_where_one_is_chosen() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "email": "tom@example.org" })).await;
    let mut browser = Browser::new(&bench);
    let (target, page) = entered(&mut browser, &code_of(&issued)).await;
    let fields = [("action", "accept"), ("name", "Tom"), ("password", ""), ("password_repeat", "")];
    let joined = browser.submit(&target, &page, &fields).await;
    assert!(joined.text().contains("You have not chosen a password yet"), "{}", joined.text());
    let link = "<a href=\"/console/forgotten\" rel=\"noreferrer\">Choose a password</a>";
    assert!(joined.text().contains(link), "{}", joined.text());
    assert_eq!(browser.get("/console/forgotten").await.status, 200);
}

#[actix_web::test]
async fn the_wrong_account_is_told_so_where_the_invited_record_has_no_address() {
    let bench = Bench::new().await;
    let id = bench.trucker("Tom Trucker", None, None).await;
    let accept = async |browser: &mut Browser<'_>, code: String| {
        let (target, page) = entered(browser, &code).await;
        let fields = [("action", "accept"), ("name", "Tom"), ("password", ""), ("password_repeat", "")];
        (browser.submit(&target, &page, &fields).await, page)
    };
    let body = |channels: Value| json!({ "recipient": { "subject_id": id }, "channels": channels, "return": ["code"] });
    let first = bench.ask("POST", "/v1/invitations", body(json!([]))).await.json();
    assert_eq!(accept(&mut Browser::new(&bench), code_of(&first)).await.0.status, 200);
    let (other, _) = bench.join("other@example.org", None).await;
    let second = bench.ask("POST", "/v1/invitations", body(json!([]))).await.json();
    let mut browser = Browser::new(&bench);
    browser.cookies.push(format!("__Host-invite_session={other}"));
    let (refused, page) = accept(&mut browser, code_of(&second)).await;
    assert_eq!(refused.status, 403);
    for page in [refused, page] {
        assert!(page.text().contains("but the invitation is for somebody else."), "{}", page.text());
    }
}
