//! The console's frame: which organisation a form acts on, what is said where a page is not to be had, what the log tells.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::{
    console::{follow, owner, signed_in},
    pages::{Browser, hidden},
    support::{Bench, OWNER, PASSWORD, Reply, logged},
};
use actix_web::cookie::Cookie;
use chrono::Duration;
use invite_domain::{
    directory::Session,
    invitation::{DirectoryChange, Plan},
    port::InvitationStore as _,
};
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";

/// The name of a cookie that signs in, with its value.
fn session(browser: &Browser<'_>) -> String {
    let cookie = browser.cookies.iter().find_map(|cookie| cookie.strip_prefix("__Host-invite_session="));
    cookie.unwrap().to_owned()
}

async fn is_live(bench: &Bench, session: &str) -> bool {
    bench.call(session, "GET", "/v1/me", Value::Null).await.status == 200
}

/// Ada's browser, who owns two organisations and is in the first.
async fn two_owned(bench: &Bench) -> Browser<'_> {
    bench.join(ADA, None).await;
    bench.pass(Duration::seconds(1));
    for name in ["Umbrella", "Globex"] {
        let body = json!({ "name": name, "owner_email": ADA });
        assert_eq!(bench.call(&bench.operator, "POST", "/v1/organizations", body).await.status, 201);
    }
    let mut browser = signed_in(bench, ADA).await;
    let page = browser.get("/console/account").await;
    let moved = browser.submit("/console/organization", &page, &[("organization", &id_of(&page, "Umbrella"))]).await;
    assert!(moved.cookie("__Host-invite_console_organization=").is_some());
    browser
}

fn id_of(page: &Reply, organization: &str) -> String {
    let text = page.text();
    let option = text.split("</option>").find(|part| part.ends_with(organization)).unwrap();
    option.rsplit("value=\"").next().unwrap().split('"').next().unwrap().to_owned()
}

/// Whether the log says what the answer was refused for. Requests of other tests can have the same ids.
fn tells(answer: &Reply, code: &str) -> bool {
    let parts = [
        format!("\"request_id\":\"{}\"", answer.header("x-request-id")),
        format!("\"status\":{}", answer.status.as_u16()),
        format!("\"code\":\"{code}\""),
        "\"route\":\"/console/".to_owned(),
    ];
    logged().lines().any(|line| parts.iter().all(|part| line.contains(part.as_str())))
}

#[actix_web::test]
async fn a_form_acts_on_the_organisation_it_was_opened_in_or_on_none() {
    let bench = Bench::new().await;
    let mut browser = two_owned(&bench).await;
    let first = browser.get("/console/roles/new").await;
    assert!(first.text().contains("· Umbrella</title>"), "{}", first.text());
    // Another window goes on in another organisation.
    let second = browser.get("/console/account").await;
    browser.submit("/console/organization", &second, &[("organization", &id_of(&second, "Globex"))]).await;
    let plans = bench.spy.plans();
    let fields = [("name", "packer"), ("permission", "invitations:read")];
    let answer = browser.submit("/console/roles/new", &first, &fields).await;
    assert_eq!((answer.status.as_u16(), bench.spy.plans()), (409, plans));
    let text = answer.text();
    assert!(text.contains("You have switched to Globex meanwhile") && text.contains("Nothing was changed"), "{text}");
    assert!(text.contains("Switch back to Umbrella") && text.contains("href=\"/console\""), "{text}");
    assert!(tells(&answer, "forbidden"));
    // Its button leads back, and there the form counts.
    let umbrella = id_of(&second, "Umbrella");
    let back = browser.submit("/console/organization", &answer, &[("organization", &umbrella)]).await;
    assert_eq!(back.status, 303);
    assert_eq!(browser.submit("/console/roles/new", &first, &fields).await.status, 303);
    // Without the cookie the browser is in the oldest organisation, which is not the form's either.
    browser.cookies.retain(|cookie| !cookie.contains("console_organization"));
    let plans = bench.spy.plans();
    assert_eq!(browser.submit("/console/roles/new", &first, &[("name", "loader")]).await.status, 409);
    assert_eq!(bench.spy.plans(), plans);
}

#[actix_web::test]
async fn what_is_about_the_person_alone_counts_from_every_organisation() {
    let bench = Bench::new().await;
    let mut browser = two_owned(&bench).await;
    let first = browser.get("/console/account").await;
    let globex = id_of(&first, "Globex");
    assert_eq!(browser.submit("/console/organization", &first, &[("organization", &globex)]).await.status, 303);
    let named = browser.submit("/console/account", &first, &[("action", "name"), ("name", "Ada L.")]).await;
    assert_eq!(named.header("location"), "/console/account?done=saved");
    let own = session(&browser);
    assert_eq!(browser.submit("/console/sign-out", &first, &[]).await.status, 303);
    assert!(!is_live(&bench, &own).await);
}

#[actix_web::test]
async fn log_2_what_the_console_refuses_is_logged_by_its_code() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get("/console/account").await;
    let wrong = [
        ("action", "password"),
        ("current_password", "not this one"),
        ("password", "another good one"),
        ("password_repeat", "another good one"),
    ];
    let refused = browser.submit("/console/account", &page, &wrong).await;
    assert!(refused.status == 401 && tells(&refused, "bad_credentials"), "{}", refused.text());
    let long = "x".repeat(1000);
    let refused = browser.submit("/console/account", &page, &[("action", "name"), ("name", &long)]).await;
    assert!(refused.status == 422 && tells(&refused, "invalid_input"), "{}", refused.text());
    let unknown = browser.get("/console/members/00000000-0000-7000-8000-000000000000").await;
    assert!(unknown.status == 404 && tells(&unknown, "not_found"), "{}", unknown.text());
    let expired = browser.submit("/console/account", &refused, &[("action", "nothing")]).await;
    assert!(expired.status == 403 && tells(&expired, "forbidden"), "{}", expired.text());
}

#[actix_web::test]
async fn signing_in_by_a_key_ends_the_session_before_and_says_what_a_lost_device_means() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let before = session(&browser);
    browser.cookies.clear();
    let form = browser.get("/console/sign-in?by=key").await;
    assert!(form.text().contains("if the device is lost, revoke the key"), "{}", form.text());
    browser.cookies.push(format!("__Host-invite_session={before}"));
    let refused = browser.submit("/console/sign-in?by=key", &form, &[("api_key", "ivk_nothing")]).await;
    assert!(refused.text().contains("This key is not known"), "{}", refused.text());
    assert!(is_live(&bench, &before).await);
    let answer = browser.submit("/console/sign-in?by=key", &form, &[("api_key", &bench.key)]).await;
    assert_eq!(answer.status, 303);
    assert!(!is_live(&bench, &before).await);
    let account = browser.get("/console/account").await;
    assert!(account.text().contains("if the device is lost, revoke the key"), "{}", account.text());
    let person = signed_in(&bench, OWNER).await.get("/console/account").await;
    assert!(person.text().contains("API keys go on counting"), "{}", person.text());
}

#[actix_web::test]
async fn a_changed_password_gives_the_session_another_text() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let (before, page) = (session(&browser), browser.get("/console/account").await);
    let fields = [
        ("action", "password"),
        ("current_password", PASSWORD),
        ("password", "another good one"),
        ("password_repeat", "another good one"),
    ];
    let answer = browser.submit("/console/account", &page, &fields).await;
    let page = follow(&mut browser, &answer).await;
    assert!(page.text().contains("Your password is changed"));
    assert_ne!(session(&browser), before);
    assert!(is_live(&bench, &session(&browser)).await && !is_live(&bench, &before).await);
}

#[actix_web::test]
async fn a_session_of_one_organisation_is_told_that_it_cannot_end_all() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let who = bench.api.directory.authenticate(&session(&browser)).await.unwrap().unwrap();
    let organization = bench.api.directory.organizations_of(&who).await.unwrap();
    let account = who.person().unwrap().0;
    let (text, mut narrow) = Session::begin(account.id, bench.api.world.clock.now(), &*bench.api.world.entropy);
    narrow.organization_id = Some(organization[0].id);
    let directory = vec![DirectoryChange::InsertSession(Box::new(narrow))];
    bench.spy.commit(&[Plan { directory, ..Plan::default() }]).await.remove(0).unwrap();
    browser.cookies = vec![format!("__Host-invite_session={}", text.expose())];
    let page = browser.get("/console/account").await;
    let answer = browser.submit("/console/account", &page, &[("action", "sessions")]).await;
    assert!(answer.status.is_client_error(), "{}", answer.text());
    assert!(answer.text().contains("Sign in with your password to do this."), "{}", answer.text());
}

#[actix_web::test]
async fn a_file_counts_for_who_is_signed_in_and_is_not_read_beyond_bounds() {
    let bench = Bench::new().await;
    let browser = owner(&bench).await;
    let send = |cookies: String, size: usize| {
        let request = bench.request("POST", "/console/settings/logo").insert_header(("Cookie", cookies));
        let request = request.insert_header(("Content-Type", "multipart/form-data; boundary=edge"));
        bench.send(request.insert_header(("Sec-Fetch-Site", "same-origin")).set_payload(vec![7; size]))
    };
    for size in [65 * 1024, 1024 * 1024 + 1, 20 * 1024 * 1024] {
        let answer = send(browser.cookies.join("; "), size).await;
        assert_eq!(answer.status, 413, "{}", answer.text());
        assert!(answer.text().contains("at most 48 KiB"), "{}", answer.text());
        assert_eq!(send(String::new(), size).await.status, 303);
    }
}

#[actix_web::test]
async fn the_form_to_sign_in_stays_good_for_twelve_hours_in_every_window() {
    let bench = Bench::new().await;
    bench.owner().await;
    let mut browser = Browser::new(&bench);
    let first = browser.get("/console/sign-in").await;
    let set = Cookie::parse(first.header("set-cookie").to_owned()).unwrap();
    assert_eq!((set.name(), set.path()), ("__Host-invite_sign_in", Some("/")));
    assert_eq!(set.max_age().unwrap().whole_hours(), 12);
    bench.pass(Duration::hours(11));
    // Showing it again begins the time anew, for what is open already, too.
    browser.get("/console/forgotten").await;
    bench.pass(Duration::hours(11));
    // One of another path or of before comes first.
    browser.cookies.insert(0, "__Host-invite_sign_in=AAAA".into());
    let answer = browser.submit("/console/sign-in", &first, &[("email", OWNER), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
}

#[actix_web::test]
async fn a_form_to_sign_in_that_is_too_old_is_shown_again_with_what_was_typed() {
    let bench = Bench::new().await;
    bench.owner().await;
    for (path, said) in
        [("/console/sign-in", "Please send the form again"), ("/console/forgotten", "Please send the form")]
    {
        let mut browser = Browser::new(&bench);
        let page = browser.get(path).await;
        bench.pass(Duration::hours(13));
        let fields = [("email", OWNER), ("password", PASSWORD), ("next", "/console/roles")];
        let again = browser.submit(path, &page, &fields).await;
        assert!(again.status == 403 && tells(&again, "forbidden"), "{}", again.text());
        let text = again.text();
        assert!(text.contains(said) && text.contains(&format!("value=\"{OWNER}\"")), "{text}");
        assert!(!text.contains(PASSWORD) && text.contains("<title>Error: "), "{text}");
        let answer = browser.submit(path, &again, &fields).await;
        assert!(matches!(answer.status.as_u16(), 200 | 303), "{}", answer.text());
    }
}

#[actix_web::test]
async fn an_address_is_typed_as_text_that_no_browser_corrects() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let account = browser.get("/console/account").await;
    let mut stranger = Browser::new(&bench);
    for page in [account, stranger.get("/console/sign-in").await, stranger.get("/console/forgotten").await] {
        let text = page.text();
        assert!(!text.contains("type=\"email\""), "{text}");
        let typed = "name=\"email\" type=\"text\" inputmode=\"email\" autocapitalize=\"none\" spellcheck=\"false\"";
        assert!(text.contains(typed), "{text}");
    }
}

#[actix_web::test]
async fn r8_3_refusals_speak_the_chosen_language_among_the_consoles_own_surroundings() {
    let bench = Bench::new().await;
    bench.owner().await;
    bench.join("mia@example.org", Some("member")).await;
    let mut browser = signed_in(&bench, "mia@example.org").await;
    browser.cookies.push("invite_language=de".into());
    let foreign = "/console/invitations/00000000-0000-7000-8000-000000000000";
    for (path, status, said) in
        [(foreign, 404, "Was hier stand"), ("/console/api-keys/new", 403, "Dazu fehlt Ihnen die Berechtigung")]
    {
        let page = browser.get(path).await;
        let text = page.text();
        assert_eq!(page.status.as_u16(), status, "{path}: {text}");
        assert!(text.contains("<html lang=\"de\">") && text.contains("<nav class=\"side\""), "{path}: {text}");
        assert!(text.contains(said), "{path}: {text}");
        assert_eq!(text.matches("<h1>").count(), 1);
    }
    let page = browser.get("/console/account").await;
    let expired = browser.submit("/console/account", &page, &[("action", "nothing")]).await;
    assert!(expired.status == 403 && expired.text().contains("<html lang=\"de\""), "{}", expired.text());
    assert!(browser.get("/console/nothing").await.text().contains("<html lang=\"de\""));
    // Nobody is told more than before who is not signed in.
    let mut stranger = Browser::new(&bench);
    assert_eq!(stranger.get(foreign).await.status, 303);
}

#[actix_web::test]
async fn what_was_sent_into_a_failing_store_is_not_said_to_have_changed_nothing() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get("/console/account").await;
    bench.spy.fail_after(0);
    let answer = browser.submit("/console/account", &page, &[("action", "name"), ("name", "Ola")]).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.text().contains("it may or may not have been"), "{}", answer.text());
    assert!(!answer.text().to_lowercase().contains("nothing was changed"), "{}", answer.text());
    assert!(tells(&answer, "unavailable"));
}

#[actix_web::test]
async fn another_language_keeps_the_page_with_its_query() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    for (shown, kept) in [
        (
            "/console/invitations?status=pending&sort=created_at",
            "/console/invitations?status=pending&#38;sort=created_at",
        ),
        ("/console/account?done=saved", "/console/account"),
        ("/console/account?next=//evil.example", "/console/account"),
    ] {
        assert_eq!(hidden(&browser.get(shown).await, "next"), kept, "{shown}");
    }
    let mut stranger = Browser::new(&bench);
    let page = stranger.get("/console/sign-in?by=key").await;
    let fields = [("language", "fr"), ("next", "/console/sign-in?by=key")];
    let answer = stranger.submit("/console/language", &page, &fields).await;
    assert_eq!(answer.header("location"), "/console/sign-in?by=key");
    let fields = [("language", "fr"), ("next", "/console/../accept")];
    assert_eq!(stranger.submit("/console/language", &page, &fields).await.header("location"), "/console");
}

#[actix_web::test]
async fn what_was_done_or_is_wrong_stands_in_front_of_the_title() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get("/console/account?done=saved").await;
    assert!(page.text().contains("<title>Saved. · My account · Acme</title>"), "{}", page.text());
    let long = "x".repeat(1000);
    let wrong = browser.submit("/console/account", &page, &[("action", "name"), ("name", &long)]).await;
    assert!(wrong.text().contains("<title>Error: My account · Acme</title>"), "{}", wrong.text());
}
