//! The console's pages of settings and dead letters.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::{
    console::{follow, owner, signed_in},
    pages::{Browser, has_no_inline_code, hidden},
    support::{Bench, Reply},
};
use chrono::Duration;
use invite_domain::{invitation::Reason, port::DeliveryError};
use invite_text::{Language, Text};
use serde_json::{Value, json};

const SETTINGS: &str = "/console/settings";
const LOGO: &str = "/console/settings/logo";
const LETTERS: &str = "/console/dead-letters";

async fn organization(bench: &Bench) -> Value {
    bench.ask("GET", "/v1/organization", Value::Null).await.json()
}

fn alert(page: &Reply) -> String {
    let text = page.text();
    text.split("id=\"errors\"").nth(1).unwrap_or_default().split("</div>").next().unwrap_or_default().to_owned()
}

/// An image of this size, as far as anybody looks at it.
fn png(width: u32, height: u32, length: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.resize(length.max(bytes.len()), 7);
    bytes
}

/// Sends a file as a browser sends it.
async fn upload(browser: &mut Browser<'_>, csrf: &str, file: &[u8], site: &'static str) -> Reply {
    let mut body = format!("--edge\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n").into_bytes();
    let head =
        "--edge\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n";
    body.extend(head.as_bytes());
    body.extend(b"\r\n");
    body.extend(file);
    body.extend(b"\r\n--edge--\r\n");
    let request = browser.bench.request("POST", LOGO).insert_header(("Cookie", browser.cookies.join("; ")));
    let request = request.insert_header(("Content-Type", "multipart/form-data; boundary=edge"));
    browser.bench.send(request.insert_header(("Sec-Fetch-Site", site)).set_payload(body)).await
}

#[actix_web::test]
async fn the_organisation_is_renamed_and_gets_its_slug_language_and_time_zone() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get(SETTINGS).await;
    has_no_inline_code(&page);
    assert!(page.text().contains("value=\"Acme\"") && page.text().contains("invite.example.org/code/acme"));
    assert!(page.text().contains("<optgroup label=\"Europe\">") && page.text().contains("Buenos Aires"));
    let general = |name, slug, locale, zone| {
        [("action", "general"), ("name", name), ("slug", slug), ("locale", locale), ("time_zone", zone)]
    };
    let saved = browser.submit(SETTINGS, &page, &general("Zoë & Co", "zoe-co", "fr", "Europe/Paris")).await;
    let page = follow(&mut browser, &saved).await;
    assert!(page.text().contains("Zoë &#38; Co"), "{}", page.text());
    let now = organization(&bench).await;
    assert_eq!((&now["name"], &now["slug"]), (&json!("Zoë & Co"), &json!("zoe-co")));
    assert_eq!((&now["locale"], &now["time_zone"]), (&json!("fr"), &json!("Europe/Paris")));
    let saved = browser.submit(SETTINGS, &page, &general("Acme", "acme", "", "UTC")).await;
    assert_eq!(saved.status, 303);
    assert_eq!(organization(&bench).await["locale"], Value::Null);
}

#[actix_web::test]
async fn what_the_organisation_cannot_be_called_is_said_beside_the_field() {
    let bench = Bench::new().await;
    let body = json!({ "name": "Globex", "slug": "globex", "owner_email": "boss@globex.example" });
    bench.call(&bench.operator, "POST", "/v1/organizations", body).await;
    let mut browser = owner(&bench).await;
    let page = browser.get(SETTINGS).await;
    for (name, slug, zone, said) in [
        ("", "acme", "UTC", "too short"),
        ("Acme", "A b", "UTC", "A short name has 3 to 40"),
        ("Acme", "globex", "UTC", "Another organization has this short name"),
        ("Acme", "acme", "Europe/Nowhere", "This is not possible here."),
    ] {
        let fields = [("action", "general"), ("name", name), ("slug", slug), ("locale", "de"), ("time_zone", zone)];
        let answer = browser.submit(SETTINGS, &page, &fields).await;
        assert_eq!(answer.status, 422, "{said}");
        assert!(alert(&answer).contains(said), "{said}: {}", alert(&answer));
        assert!(answer.text().contains("aria-invalid=\"true\"") && answer.text().contains("value=\"de\" selected"));
    }
    assert_eq!(organization(&bench).await["locale"], Value::Null);
}

#[actix_web::test]
async fn r2_3_lifetimes_are_typed_in_days_and_held_to_the_operators_bounds() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get(SETTINGS).await;
    assert!(page.text().contains("the operator’s 30 days") && page.text().contains("the operator’s 7 days"));
    let policy = |default, max| [("action", "policy"), ("mailbox", "yes"), ("ttl_default", default), ("ttl_max", max)];
    let saved = browser.submit(SETTINGS, &page, &policy("0,5", "14")).await;
    let page = follow(&mut browser, &saved).await;
    assert!(page.text().contains("value=\"0.5\"") && page.text().contains("value=\"14\""), "{}", page.text());
    let now = organization(&bench).await["policy"].clone();
    let expected = json!({ "require_mailbox_proof": true, "require_verified_sign_in": false, "ttl_default": 43_200, "ttl_max": 1_209_600 });
    assert_eq!(now, expected);
    for (default, max, said) in [
        ("15", "14", "from 5 minutes to 14 days"),
        ("7", "31", "from 5 minutes to 30 days"),
        ("soon", "14", "a number of days"),
        ("-1", "14", "a number of days"),
        ("0", "14", "from 5 minutes to 14 days"),
    ] {
        let answer = browser.submit(SETTINGS, &page, &policy(default, max)).await;
        assert_eq!(answer.status, 422, "{said}");
        assert!(alert(&answer).contains(said), "{said}: {}", alert(&answer));
        assert!(answer.text().contains(&format!("value=\"{default}\"")));
    }
    assert_eq!(organization(&bench).await["policy"], expected);
    // What a program set finer than a person types stays, where nobody touches it.
    bench.ask("PATCH", "/v1/organization", json!({ "policy": { "ttl_default": 100_001 } })).await;
    let page = browser.get(SETTINGS).await;
    let shown = page.text().split("name=\"ttl_default\"").nth(1).unwrap().split("value=\"").nth(1).unwrap().to_owned();
    let shown = shown.split('"').next().unwrap();
    assert_eq!(browser.submit(SETTINGS, &page, &policy(shown, "14")).await.status, 303);
    assert_eq!(organization(&bench).await["policy"]["ttl_default"], 100_001);
    assert_eq!(browser.submit(SETTINGS, &page, &policy("", "")).await.status, 303);
    assert_eq!(organization(&bench).await["policy"]["ttl_max"], Value::Null);
}

#[actix_web::test]
async fn r9_2_limits_are_narrowed_at_the_console_and_seats_are_shown() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get(SETTINGS).await;
    has_no_inline_code(&page);
    for said in
        ["Seats are not limited.", "also the highest: 10000.", "also the highest: 20000.", "also the highest: 20."]
    {
        assert!(page.text().contains(said), "{said}: {}", page.text());
    }
    let limits = |live, issues, messages| {
        [("action", "limits"), ("live", live), ("issues_hour", issues), ("messages_recipient_day", messages)]
    };
    let saved = browser.submit(SETTINGS, &page, &limits("1", "", " 3 ")).await;
    let page = follow(&mut browser, &saved).await;
    let expected = json!({ "seats": null, "live": 1, "issues_hour": null, "messages_recipient_day": 3 });
    assert_eq!(organization(&bench).await["limits"], expected);
    for (live, messages, said) in [
        ("10001", "3", "This has to be from 1 to 10000."),
        ("0", "3", "This has to be from 1 to 10000."),
        ("1", "21", "This has to be from 1 to 20."),
        ("many", "3", "Please enter a whole number."),
        ("-1", "3", "Please enter a whole number."),
        ("1", "3.5", "Please enter a whole number."),
        ("1234567890123", "3", "Please enter a whole number."),
    ] {
        let answer = browser.submit(SETTINGS, &page, &limits(live, "", messages)).await;
        assert_eq!(answer.status, 422, "{live} {messages}");
        assert!(alert(&answer).contains(said), "{said}: {}", alert(&answer));
        assert!(answer.text().contains(&format!("name=\"live\" type=\"text\" inputmode=\"numeric\" value=\"{live}\"")));
    }
    assert_eq!(organization(&bench).await["limits"], expected);
    // Somebody else was faster: what is so now is shown, and what was typed is not.
    bench.ask("PATCH", "/v1/organization", json!({ "limits": { "live": 7 } })).await;
    let late = browser.submit(SETTINGS, &page, &limits("9", "", "3")).await;
    assert_eq!(late.status, 412);
    assert!(late.text().contains("inputmode=\"numeric\" value=\"7\"") && !late.text().contains("value=\"9\""));
    let saved = browser.submit(SETTINGS, &late, &limits("", "", "")).await;
    assert_eq!(saved.status, 303);
    assert_eq!(organization(&bench).await["limits"]["live"], Value::Null);
    let id = organization(&bench).await["id"].as_str().unwrap().to_owned();
    let request = bench.request("PATCH", "/v1/organization").set_json(json!({ "limits": { "seats": 40 } }));
    let request = request.insert_header(("Authorization", format!("Bearer {}", bench.operator)));
    assert_eq!(bench.send(request.insert_header(("X-Organization-Id", id))).await.status, 200);
    assert!(browser.get(SETTINGS).await.text().contains("The organization has 40 seats."));
}

#[actix_web::test]
async fn r9_2_what_a_limit_refuses_is_said_with_what_to_do_in_every_language() {
    for (limits, status, key) in [
        (json!({ "seats": 1 }), 409, "fault-seats-full"),
        (json!({ "live": 1 }), 409, "fault-invitations-full"),
        (json!({ "issues_hour": 1 }), 429, "fault-too-many-issued"),
    ] {
        let bench = Bench::new().await;
        let mut browser = owner(&bench).await;
        if key != "fault-seats-full" {
            bench.issue("first@example.org").await;
        }
        let id = organization(&bench).await["id"].as_str().unwrap().to_owned();
        let request = bench.request("PATCH", "/v1/organization").set_json(json!({ "limits": limits }));
        let request = request.insert_header(("Authorization", format!("Bearer {}", bench.operator)));
        assert_eq!(bench.send(request.insert_header(("X-Organization-Id", id))).await.status, 200, "{limits}");
        for language in Language::ALL {
            let path = format!("/console/invitations/new?lang={}", language.tag());
            let page = browser.get(&path).await;
            let once = hidden(&page, "once");
            let fields = [("addresses", "ada@example.org"), ("once", once.as_str()), ("action", "issue")];
            let refused = browser.submit(&path, &page, &fields).await;
            let said = Text::new(*language).get(key);
            let said = said.split('{').next().unwrap().split('’').next().unwrap().to_owned();
            assert_eq!(refused.status, status, "{key} {}", refused.text());
            assert!(refused.text().contains(&said), "{key}: {said}: {}", refused.text());
        }
    }
}

#[actix_web::test]
async fn a_colour_and_a_logo_are_on_every_page_of_the_console_until_they_are_taken_away() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get(SETTINGS).await;
    assert!(page.text().contains("value=\"#1f5fc4\"") && page.text().contains("There is no logo."));
    let wrong = browser.submit(SETTINGS, &page, &[("action", "accent"), ("accent", "red")]).await;
    assert!(wrong.status == 422 && alert(&wrong).contains("This is not a colour"), "{}", wrong.text());
    let saved = browser.submit(SETTINGS, &page, &[("action", "accent"), ("accent", "#AA3300")]).await;
    follow(&mut browser, &saved).await;
    let other = browser.get("/console/members").await;
    assert!(other.text().contains("href=\"/assets/accent/aa3300.css\""), "{}", other.text());
    assert_eq!(browser.get("/assets/accent/aa3300.css").await.status, 200);
    let file = png(64, 32, 1000);
    let csrf = hidden(&page, "csrf");
    let uploaded = upload(&mut browser, &csrf, &file, "same-origin").await;
    let page = follow(&mut browser, &uploaded).await;
    has_no_inline_code(&page);
    let src = page.text().split("src=\"/logos/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let image = browser.get(&format!("/logos/{src}")).await;
    assert_eq!((image.header("content-type"), &image.body), ("image/png", &file));
    for action in ["accent-remove", "logo-remove"] {
        assert_eq!(browser.submit(SETTINGS, &page, &[("action", action)]).await.status, 303);
    }
    let page = browser.get(SETTINGS).await;
    assert!(!page.text().contains("/assets/accent/") && !page.text().contains("/logos/"), "{}", page.text());
}

#[actix_web::test]
async fn a_file_that_is_no_logo_is_refused_in_words() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get(SETTINGS).await;
    let csrf = hidden(&page, "csrf");
    for (file, status, said) in [
        (Vec::new(), 422, "Please choose a file."),
        (b"<svg onload=alert(1)>".to_vec(), 422, "This is not a PNG image."),
        (png(5000, 1, 100), 422, "too many pixels"),
        (png(9, 9, 48 * 1024 + 1), 413, "at most 48 KiB"),
        (png(9, 9, 300 * 1024), 413, "at most 48 KiB"),
    ] {
        let answer = upload(&mut browser, &csrf, &file, "same-origin").await;
        assert_eq!(answer.status.as_u16(), status, "{said}: {}", answer.text());
        assert!(alert(&answer).contains(said), "{said}: {}", alert(&answer));
    }
    assert!(browser.get(SETTINGS).await.text().contains("There is no logo."));
}

#[actix_web::test]
async fn link_5_a_logo_comes_from_our_own_form_alone() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let csrf = hidden(&browser.get(SETTINGS).await, "csrf");
    let theirs = hidden(&owner_again(&bench).await.get(SETTINGS).await, "csrf");
    let file = png(9, 9, 100);
    for (csrf, site) in [("", "same-origin"), ("AAAA", "same-origin"), (&theirs, "same-origin"), (&csrf, "cross-site")]
    {
        let answer = upload(&mut browser, csrf, &file, site).await;
        assert_eq!(answer.status, 403, "{csrf} {site}");
        assert!(answer.text().contains("This page was open too long"), "{}", answer.text());
    }
    let cookies = browser.cookies.join("; ");
    for (kind, body) in [
        ("application/x-www-form-urlencoded", format!("csrf={csrf}&logo=x")),
        ("multipart/form-data; boundary=edge", "no parts at all".to_owned()),
        ("multipart/form-data", format!("--edge\r\n{csrf}")),
    ] {
        let request = bench.request("POST", LOGO).insert_header(("Cookie", cookies.clone()));
        let request = request.insert_header(("Content-Type", kind)).insert_header(("Sec-Fetch-Site", "same-origin"));
        assert_eq!(bench.send(request.set_payload(body)).await.status, 403, "{kind}");
    }
    assert_eq!(upload(&mut Browser::new(&bench), &csrf, &file, "same-origin").await.status, 303, "led to sign in");
    assert_eq!(browser.get(LOGO).await.status, 405);
    assert!(browser.get(SETTINGS).await.text().contains("There is no logo."));
}

async fn owner_again(bench: &Bench) -> Browser<'_> {
    signed_in(bench, crate::support::OWNER).await
}

#[actix_web::test]
async fn who_may_only_see_the_settings_sees_them_shut_and_changes_nothing() {
    let bench = Bench::new().await;
    bench.owner().await;
    bench.join("admin@example.org", Some("admin")).await;
    let mut browser = signed_in(&bench, "admin@example.org").await;
    let page = browser.get(SETTINGS).await;
    assert!(page.text().contains("You can see the settings but not change them."), "{}", page.text());
    assert!(page.text().matches("<fieldset disabled>").count() == 4 && !page.text().contains("enctype"));
    let before = organization(&bench).await;
    for action in ["general", "policy", "accent", "accent-remove", "logo-remove"] {
        let fields =
            [("action", action), ("name", "Mine"), ("slug", "mine"), ("time_zone", "UTC"), ("accent", "#000000")];
        assert_eq!(browser.submit(SETTINGS, &page, &fields).await.status, 403, "{action}");
        assert_eq!(browser.submit(SETTINGS, &page, &[("action", action)]).await.status, 403, "{action}");
    }
    let csrf = hidden(&page, "csrf");
    assert_eq!(upload(&mut browser, &csrf, &png(9, 9, 100), "same-origin").await.status, 403);
    assert_eq!(organization(&bench).await, before);
}

/// Issues an invitation whose mail is refused for good, and answers its id.
async fn refused(bench: &Bench, email: &str) -> String {
    let issued = bench.issue(email).await;
    bench.pass(Duration::seconds(1));
    bench.notifier.fail_next(1, DeliveryError::Permanent(Reason::SmtpRefused));
    assert_eq!(bench.dispatch().await.failed, 1);
    issued["id"].as_str().unwrap().to_owned()
}

async fn waiting(bench: &Bench) -> usize {
    bench.ask("GET", "/v1/dead-letters", Value::Null).await.json()["items"].as_array().unwrap().len()
}

#[actix_web::test]
async fn r8_2_undelivered_messages_are_listed_with_their_reason_and_sent_again() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    assert!(browser.get(LETTERS).await.text().contains("Every message has found its way."));
    let invitation = refused(&bench, "ada@example.org").await;
    let page = browser.get(LETTERS).await;
    has_no_inline_code(&page);
    let text = page.text();
    assert!(text.contains(&format!("href=\"/console/invitations/{invitation}\"")), "{text}");
    assert!(text.contains("<bdi>ada@example.org</bdi>") && text.contains("refused it for good"), "{text}");
    assert!(text.contains("by e-mail") && !text.contains("Send all on this page again"), "{text}");
    let letter = hidden(&page, "letter");
    let queued = browser.submit(LETTERS, &page, &[("letter", &letter)]).await;
    let after = follow(&mut browser, &queued).await;
    assert!(after.text().contains("It will be tried again in a moment.") && !after.text().contains("ada@example.org"));
    assert!(bench.mailed("ada@example.org").await.starts_with("inv_"));
    let again = browser.submit(LETTERS, &page, &[("letter", &letter)]).await;
    assert_eq!(again.status, 409);
    assert!(alert(&again).contains("no longer in this list"), "{}", again.text());
}

#[actix_web::test]
async fn r8_2_all_on_a_page_are_sent_again_and_those_that_cannot_stay() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let ended = refused(&bench, "ada@example.org").await;
    refused(&bench, "eve@example.org").await;
    let page = browser.get(LETTERS).await;
    assert!(page.text().contains("Send 2 messages again"), "{}", page.text());
    let text = page.text();
    let ids: Vec<&str> = text.split("name=\"letter\" value=\"").skip(1).map(|rest| &rest[..36]).collect();
    let both = [("letter", ids[0]), ("letter", ids[1])];
    bench.ask("POST", &format!("/v1/invitations/{ended}/revoke"), Value::Null).await;
    let answer = browser.submit(LETTERS, &page, &both).await;
    if waiting(&bench).await == 0 {
        // A revoked invitation's messages are no dead letters any more.
        assert_eq!(answer.status, 303, "{}", answer.text());
    } else {
        assert_eq!(answer.status, 409, "{}", answer.text());
        assert!(alert(&answer).contains("Some messages are queued again"), "{}", alert(&answer));
    }
    assert!(bench.mailed("eve@example.org").await.starts_with("inv_"));
}

#[actix_web::test]
async fn who_may_see_undelivered_messages_may_not_send_them_for_that() {
    let bench = Bench::new().await;
    bench.owner().await;
    let body = json!({ "name": "Watcher", "permissions": ["dead_letters.read"] });
    assert_eq!(bench.ask("POST", "/v1/roles", body).await.status, 201);
    bench.join("eve@example.org", Some("Watcher")).await;
    refused(&bench, "ada@example.org").await;
    let letters = bench.ask("GET", "/v1/dead-letters", Value::Null).await.json();
    let letter = letters["items"][0]["id"].as_str().unwrap();
    let mut browser = signed_in(&bench, "eve@example.org").await;
    let page = browser.get(LETTERS).await;
    let text = page.text();
    assert!(text.contains("A recipient you may not see") && !text.contains("ada@example.org"), "{text}");
    assert!(!text.contains("name=\"letter\"") && !text.contains("/console/invitations/"), "{text}");
    for id in [letter, "00000000-0000-7000-8000-000000000000"] {
        assert_eq!(browser.submit(LETTERS, &page, &[("letter", id)]).await.status, 403);
    }
    assert_eq!(waiting(&bench).await, 1);
}

#[actix_web::test]
async fn r8_2_every_reason_has_its_words_in_every_language() {
    for reason in Reason::ALL {
        let key = format!("reason-{}", reason.name().replace('_', "-"));
        for language in Language::ALL {
            assert_ne!(Text::new(*language).get(&key), key, "{language:?}");
        }
    }
    for name in invite_domain::access::permission::OURS {
        let (resource, _) = name.split_once('.').unwrap();
        for key in [format!("permission-{name}"), format!("resource-{resource}")] {
            let key = key.replace(['.', '_'], "-");
            for language in Language::ALL {
                assert_ne!(Text::new(*language).get(&key), key, "{language:?}");
            }
        }
    }
}

#[actix_web::test]
async fn r6_7_settings_opened_before_somebody_else_changed_them_undo_nothing() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get(SETTINGS).await;
    bench.ask("PATCH", "/v1/organization", json!({ "policy": { "require_mailbox_proof": true } })).await;
    let before = organization(&bench).await;
    for fields in [
        vec![("action", "policy"), ("ttl_default", "7"), ("ttl_max", "")],
        vec![("action", "general"), ("name", "Apex"), ("slug", "acme"), ("locale", ""), ("time_zone", "UTC")],
        vec![("action", "accent"), ("accent", "#AA3300")],
    ] {
        let answer = browser.submit(SETTINGS, &page, &fields).await;
        assert_eq!(answer.status, 412, "{}", answer.text());
        assert!(alert(&answer).contains("changed this"), "{}", alert(&answer));
        assert!(
            answer
                .text()
                .contains("id=\"mailbox\" name=\"mailbox\" value=\"yes\" aria-describedby=\"mailbox-hint\" checked")
        );
        assert!(!answer.text().contains("value=\"Apex\""), "{}", answer.text());
    }
    assert_eq!(organization(&bench).await, before);
    // One that was refused for its fields stays of the version it was made for, the others are of the present one.
    let wrong = [("action", "general"), ("name", "Apex"), ("slug", "A b"), ("locale", ""), ("time_zone", "UTC")];
    let refused = browser.submit(SETTINGS, &page, &wrong).await;
    let text = refused.text();
    let versions: Vec<&str> =
        text.split("name=\"version\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(versions[0], hidden(&page, "version"));
    assert_ne!(versions[1], versions[0]);
    let bare = [("action", "accent"), ("accent", "#AA3300"), ("version", "")];
    assert_eq!(browser.submit(SETTINGS, &page, &bare).await.status, 403);
}

#[actix_web::test]
async fn r8_2_many_messages_take_no_longer_than_a_request_may_and_the_rest_stays() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    for email in ["a@example.org", "b@example.org", "c@example.org"] {
        refused(&bench, email).await;
    }
    let page = browser.get(LETTERS).await;
    let text = page.text();
    let ids: Vec<(&str, &str)> =
        text.split("name=\"letter\" value=\"").skip(1).map(|rest| ("letter", &rest[..36])).take(3).collect();
    bench.spy.slow_down(&bench.clock, Duration::seconds(11));
    let answer = browser.submit(LETTERS, &page, &ids).await;
    assert!(alert(&answer).contains("Not all messages could be queued"), "{}", answer.text());
    assert_eq!(waiting(&bench).await, 1);
    bench.spy.slow_down(&bench.clock, Duration::zero());
    assert_eq!(browser.submit(LETTERS, &page, &ids).await.status, 303);
    // Nothing is promised where nothing is queued: all of them are gone, or none was named.
    for fields in [&ids[..], &ids[..0]] {
        let answer = browser.submit(LETTERS, &page, fields).await;
        assert_eq!(answer.status, 409);
        assert!(alert(&answer).contains("Nothing was sent again"), "{}", answer.text());
        assert!(!answer.text().contains("tried again"), "{}", answer.text());
    }
}

#[actix_web::test]
async fn r8_2_messages_that_were_queued_before_a_failure_are_told() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    for email in ["a@example.org", "b@example.org"] {
        refused(&bench, email).await;
    }
    let page = browser.get(LETTERS).await;
    let text = page.text();
    let ids: Vec<(&str, &str)> =
        text.split("name=\"letter\" value=\"").skip(1).map(|rest| ("letter", &rest[..36])).take(2).collect();
    bench.spy.fail_after(1);
    let answer = browser.submit(LETTERS, &page, &ids).await;
    assert_eq!(answer.status, 503);
    assert!(alert(&answer).contains("Not all messages could be queued"), "{}", answer.text());
    assert_eq!(waiting(&bench).await, 1);
}
