//! The console's frame: signing in and out, whose forms count, one's own account.

use crate::{
    pages::{Browser, hidden},
    support::{Bench, OWNER, PASSWORD, Reply},
};
use chrono::Duration;
use serde_json::{Value, json};

/// A browser whose person has signed in as the owner.
pub(crate) async fn owner(bench: &Bench) -> Browser<'_> {
    bench.owner().await;
    signed_in(bench, OWNER).await
}

/// A browser whose person, who has the tests' password, has signed in.
pub(crate) async fn signed_in<'a>(bench: &'a Bench, email: &str) -> Browser<'a> {
    let mut browser = Browser::new(bench);
    let page = browser.get("/console/sign-in").await;
    let fields = [("email", email), ("password", PASSWORD), ("next", "")];
    let answer = browser.submit("/console/sign-in", &page, &fields).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/console"), "{}", answer.text());
    browser
}

/// The page a form that worked leads to.
pub(crate) async fn follow(browser: &mut Browser<'_>, answer: &Reply) -> Reply {
    assert_eq!(answer.status, 303, "{}", answer.text());
    let target = answer.header("location").to_owned();
    let page = browser.get(&target).await;
    assert_eq!(page.status, 200, "{}", page.text());
    page
}

#[actix_web::test]
async fn whoever_is_not_signed_in_is_led_to_sign_in_and_back() {
    let bench = Bench::new().await;
    bench.owner().await;
    let mut browser = Browser::new(&bench);
    let answer = browser.get("/console/account?x=1").await;
    let target = answer.header("location").to_owned();
    assert_eq!((answer.status.as_u16(), target.as_str()), (303, "/console/sign-in?next=%2Fconsole%2Faccount%3Fx%3D1"));
    let page = browser.get(&target).await;
    let next = hidden(&page, "next");
    let fields = [("email", OWNER), ("password", PASSWORD), ("next", next.as_str())];
    let answer = browser.submit("/console/sign-in", &page, &fields).await;
    assert_eq!(answer.header("location"), "/console/account?x=1");
    assert_eq!(browser.get("/console/account").await.status, 200);
    // Who is signed in already goes on at once.
    assert_eq!(browser.get("/console/sign-in").await.header("location"), "/console");
}

#[actix_web::test]
async fn link_6_signing_in_leads_nowhere_else() {
    let bench = Bench::new().await;
    bench.owner().await;
    for evil in
        ["https://evil.example/console", "//evil.example", "/console//evil.example", "/accept", "javascript:alert(1)"]
    {
        let mut browser = Browser::new(&bench);
        let page = browser.get(&format!("/console/sign-in?next={evil}")).await;
        assert_eq!(hidden(&page, "next"), "", "{evil}");
        let answer = browser
            .submit("/console/sign-in", &page, &[("email", OWNER), ("password", PASSWORD), ("next", evil)])
            .await;
        assert_eq!(answer.header("location"), "/console", "{evil}");
    }
}

#[actix_web::test]
async fn a_wrong_password_an_unknown_address_and_a_wrong_key_look_alike() {
    let bench = Bench::new().await;
    bench.owner().await;
    let mut said = Vec::new();
    for fields in
        [[("email", OWNER), ("password", "not this one")], [("email", "nobody@example.org"), ("password", PASSWORD)]]
    {
        let mut browser = Browser::new(&bench);
        let page = browser.get("/console/sign-in").await;
        let answer = browser.submit("/console/sign-in", &page, &fields).await;
        assert_eq!(answer.status, 401);
        assert!(answer.cookie("__Host-invite_session").is_none());
        said.push(answer.text().split("id=\"errors\"").nth(1).unwrap().split("</div>").next().unwrap().to_owned());
    }
    assert_eq!(said[0], said[1]);
    let mut browser = Browser::new(&bench);
    let page = browser.get("/console/sign-in?by=key").await;
    for key in ["", "ivk_nothing", &bench.operator] {
        let answer = browser.submit("/console/sign-in?by=key", &page, &[("api_key", key)]).await;
        assert_eq!(answer.status, 401, "{key}");
        assert!(answer.cookie("__Host-invite_console_key").is_none());
        assert!(key.is_empty() || !answer.text().contains(key));
    }
}

#[actix_web::test]
async fn a_key_signs_in_sealed_in_a_cookie_of_its_own_until_it_is_revoked() {
    let bench = Bench::new().await;
    let made = bench.ask("POST", "/v1/api-keys", json!({ "name": "Console" })).await.json();
    let key = made["api_key"].as_str().unwrap();
    let mut browser = Browser::new(&bench);
    let page = browser.get("/console/sign-in?by=key").await;
    let answer = browser.submit("/console/sign-in?by=key", &page, &[("api_key", key)]).await;
    assert_eq!(answer.status, 303);
    let cookie = answer.cookie("__Host-invite_console_key=").unwrap();
    assert!(!cookie.contains(key));
    let page = browser.get("/console/account").await;
    assert!(page.status == 200 && page.text().contains("nobody’s account"), "{}", page.text());
    assert!(!page.text().contains(key));
    // TOK-4: in a session's place neither the key nor its cookie is anything.
    let sealed = cookie.split_once('=').unwrap().1;
    for value in [key, sealed] {
        let mut other = Browser::new(&bench);
        other.cookies = vec![format!("__Host-invite_session={value}")];
        assert_eq!(other.get("/console/account").await.status, 303);
        other.cookies = vec![format!("__Host-invite_console_key={key}")];
        assert_eq!(other.get("/console/account").await.status, 303);
    }
    let id = made["id"].as_str().unwrap();
    assert_eq!(bench.ask("DELETE", &format!("/v1/api-keys/{id}"), Value::Null).await.status, 204);
    assert_eq!(browser.get("/console/account").await.status, 303);
}

#[actix_web::test]
async fn link_5_only_our_own_forms_count() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get("/console/account").await;
    let other = owner_of_another_session(&bench).await;
    let csrf = hidden(&page, "csrf");
    let body = |csrf: &str| format!("csrf={csrf}&action=name&name=Eve");
    let cookies = browser.cookies.join("; ");
    let send = |headers: Vec<(&'static str, &'static str)>, body: String, method: &'static str| {
        let mut request = bench.request(method, "/console/account").insert_header(("Cookie", cookies.clone()));
        for header in headers {
            request = request.insert_header(header);
        }
        bench.send(request.set_payload(body))
    };
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let own = ("Sec-Fetch-Site", "same-origin");
    for (headers, csrf) in [
        (vec![form, ("Sec-Fetch-Site", "cross-site")], csrf.as_str()),
        (vec![form, ("Sec-Fetch-Site", "same-site")], &csrf),
        (vec![form, ("Origin", "https://evil.example")], &csrf),
        (vec![form], &csrf),
        (vec![("Content-Type", "text/plain"), own], &csrf),
        (vec![form, own], ""),
        (vec![form, own], "AAAA"),
        (vec![form, own], &other),
    ] {
        assert_eq!(send(headers.clone(), body(csrf), "POST").await.status, 403, "{headers:?} {csrf}");
    }
    assert_eq!(
        bench.call(&bench.sign_in(OWNER).await, "GET", "/v1/me", Value::Null).await.json()["account"]["name"],
        Value::Null
    );
    assert_eq!(send(vec![form, own], body(&csrf), "POST").await.status, 303);
    assert_eq!(send(vec![form, own], body(&csrf), "PUT").await.status, 405);
}

/// A CSRF field that was made for somebody else's session.
async fn owner_of_another_session(bench: &Bench) -> String {
    let mut browser = signed_in(bench, OWNER).await;
    hidden(&browser.get("/console/account").await, "csrf")
}

#[actix_web::test]
async fn signing_in_again_ends_the_session_before_and_signing_out_ends_this_one() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let session = |browser: &Browser<'_>| {
        let cookie = browser.cookies.iter().find(|cookie| cookie.starts_with("__Host-invite_session=")).unwrap();
        cookie.split_once('=').unwrap().1.to_owned()
    };
    let first = session(&browser);
    let page = browser.get("/console/account").await;
    // A second window still shows the form it was opened with.
    browser.cookies.retain(|cookie| !cookie.contains("session"));
    let form = browser.get("/console/sign-in").await;
    browser.cookies.push(format!("__Host-invite_session={first}"));
    let again = browser.submit("/console/sign-in", &form, &[("email", OWNER), ("password", PASSWORD)]).await;
    assert_eq!(again.status, 303);
    let second = session(&browser);
    assert_ne!(first, second);
    assert_eq!(bench.call(&first, "GET", "/v1/me", Value::Null).await.status, 401);
    assert_eq!(browser.submit("/console/sign-out", &page, &[]).await.status, 403, "the form of the session before");
    let page = browser.get("/console/account").await;
    let out = browser.submit("/console/sign-out", &page, &[]).await;
    let page = follow(&mut browser, &out).await;
    assert!(page.text().contains("You are signed out."), "{}", page.text());
    assert_eq!(bench.call(&second, "GET", "/v1/me", Value::Null).await.status, 401);
    assert_eq!(browser.get("/console/account").await.status, 303);
}

#[actix_web::test]
async fn a_password_is_changed_with_the_present_one_and_every_other_session_ends() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let elsewhere = bench.sign_in(OWNER).await;
    let page = browser.get("/console/account").await;
    let fields = |current, new, again| {
        [("action", "password"), ("current_password", current), ("password", new), ("password_repeat", again)]
    };
    for (typed, status, said) in [
        (fields("wrong", "another good one", "another good one"), 401, "password is not right"),
        (fields(PASSWORD, "short", "short"), 422, "too short"),
        (fields(PASSWORD, "another good one", "another bad one"), 422, "not the same"),
    ] {
        let answer = browser.submit("/console/account", &page, &typed).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        assert!(answer.text().contains(said) && !answer.text().contains("another good"), "{}", answer.text());
    }
    let answer =
        browser.submit("/console/account", &page, &fields(PASSWORD, "another good one", "another good one")).await;
    let page = follow(&mut browser, &answer).await;
    assert!(page.text().contains("Your password is changed"));
    assert_eq!(bench.call(&elsewhere, "GET", "/v1/me", Value::Null).await.status, 401);
    let ended = browser.submit("/console/account", &page, &[("action", "sessions")]).await;
    let page = follow(&mut browser, &ended).await;
    assert!(page.text().contains("All sessions have ended"));
}

#[actix_web::test]
async fn who_forgot_a_password_hears_the_same_for_every_address() {
    let bench = Bench::new().await;
    bench.owner().await;
    let mut answers = Vec::new();
    for email in [OWNER, "nobody@example.org"] {
        let mut browser = Browser::new(&bench);
        let page = browser.get("/console/forgotten").await;
        let answer = browser.submit("/console/forgotten", &page, &[("email", email)]).await;
        assert_eq!(answer.status, 200);
        let text = answer.text();
        answers.push(text.replace(&hidden(&answer, "csrf"), ""));
        assert!(!text.contains(email));
    }
    assert_eq!(answers[0], answers[1]);
    let mut browser = Browser::new(&bench);
    let page = browser.get("/console/forgotten").await;
    let answer = browser.submit("/console/forgotten", &page, &[("email", "no address")]).await;
    assert!(answer.status == 422 && answer.text().contains("not an e-mail address"), "{}", answer.text());
}

#[actix_web::test]
async fn r8_3_a_language_is_chosen_once_for_all_pages_of_the_console() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get("/console/account").await;
    let fields = [("language", "de"), ("next", "/console/account")];
    let answer = browser.submit("/console/language", &page, &fields).await;
    assert_eq!(answer.header("location"), "/console/account");
    let page = follow(&mut browser, &answer).await;
    assert!(page.text().contains("<html lang=\"de\">") && page.text().contains("Mein Konto"), "{}", page.text());
    let answer = browser.submit("/console/language", &page, &[("language", "de"), ("next", "//evil.example")]).await;
    assert_eq!(answer.header("location"), "/console");
}

#[actix_web::test]
async fn somebody_in_several_organisations_chooses_one() {
    let bench = Bench::new().await;
    // Her address is proven: what nobody has proven would lose its password to the new organisation's owner.
    bench.join("ada@example.org", None).await;
    bench.pass(Duration::seconds(1));
    let body = json!({ "name": "Umbrella", "owner_email": "ada@example.org" });
    assert_eq!(bench.call(&bench.operator, "POST", "/v1/organizations", body).await.status, 201);
    let mut browser = signed_in(&bench, "ada@example.org").await;
    let page = browser.get("/console/account").await;
    let text = page.text();
    assert!(text.contains("Umbrella</option>") && text.contains("· Acme</title>"), "{text}");
    let option = text.split("</option>").find(|part| part.ends_with("Umbrella")).unwrap();
    let id = option.rsplit("value=\"").next().unwrap().split('"').next().unwrap();
    let answer = browser.submit("/console/organization", &page, &[("organization", id)]).await;
    assert_eq!(answer.status, 303);
    let page = browser.get("/console/account").await;
    assert!(page.text().contains("· Umbrella</title>"), "{}", page.text());
    let foreign = "00000000-0000-7000-8000-000000000000";
    assert_eq!(browser.submit("/console/organization", &page, &[("organization", foreign)]).await.status, 404);
}
