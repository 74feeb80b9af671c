//! The hosted pages, as mail scanners, other sites and people without scripts meet them.

mod common;

use common::{
    OWNER, PASSWORD, Site,
    browser::{Browser, Page},
    text, token_of,
};
use invite_tests::{Result, net};
use reqwest::Method;
use serde_json::json;
use std::fmt::Write as _;

const ADA: &str = "ada@example.org";

fn rot13(text: &str) -> String {
    let turn = |c: char| {
        let base = match c {
            'a'..='z' => b'a',
            'A'..='Z' => b'A',
            _ => return c,
        };
        u8::try_from(c).map_or(c, |letter| char::from((letter - base + 13) % 26 + base))
    };
    text.chars().map(turn).collect()
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        let _ = write!(encoded, "%{byte:02X}");
        encoded
    })
}

/// What mail programs, scanners and people make of a token.
fn mangled(token: &str) -> Vec<String> {
    let swapped = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    vec![
        token.to_owned(),
        token[..token.len() - 1].to_owned(),
        token[..20].to_owned(),
        token.to_uppercase(),
        token.to_lowercase(),
        token.chars().map(swapped).collect(),
        rot13(token),
        format!("{token}."),
        format!("{token}%3E"),
        format!("{token}?utm_source=mail"),
        // The same one, in another spelling.
        percent_encoded(token),
    ]
}

#[tokio::test]
async fn link_2_looking_at_a_link_twenty_times_in_any_spelling_changes_nothing() -> Result<()> {
    let site = Site::start().await?;
    let (issued, token) = site.invite(ADA).await?;
    let id = text(&issued, "/id")?;
    let before = site.wait_until_sent(id).await?;
    let scanner = net::http()?;
    let mut opened = 0;
    for _ in 0..20 {
        for spelling in mangled(&token) {
            for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                let url = site.service.url(&format!("/i/{spelling}"));
                let request = scanner.request(method.clone(), url).header("Sec-Purpose", "prefetch");
                let answer = common::Answer::of(request).await?;
                assert!(
                    [303, 404, 405].contains(&answer.status) || method == Method::OPTIONS && answer.status < 500,
                    "{method} {spelling}: {answer:?}"
                );
                let cookies = answer.cookies();
                assert!(!cookies.iter().any(|cookie| cookie.contains("invite_session")), "{cookies:?}");
                opened += usize::from(answer.status == 303);
            }
        }
        // A thorough scanner keeps cookies and renders what it finds.
        let browser = Browser::new(site.service.base_url())?;
        let page = browser.open(&format!("/i/{token}")).await?;
        assert_eq!(page.answer.status, 200);
        for link in page.links().iter().filter(|link| link.starts_with('/')) {
            browser.get(link).await?;
        }
    }
    assert!(opened >= 40, "the genuine link leads somewhere, by GET and HEAD: {opened}");
    assert_eq!(site.invitation(id).await?, before);
    assert_eq!(site.member(ADA).await?, None);
    assert_eq!(site.mails_to(ADA), 1);

    let browser = Browser::new(site.service.base_url())?;
    let page = browser.open(&format!("/i/{token}")).await?;
    let form = page.form("action", "accept")?;
    let typed = [("name", "Ada"), ("password", PASSWORD), ("password_repeat", PASSWORD)];
    let done = browser.submit(&form, &typed).await?;
    assert_eq!(done.answer.status, 200, "{}", done.answer.text);
    assert!(done.answer.cookies().iter().any(|cookie| cookie.starts_with("invite_session=ivs_")));
    assert_eq!(site.invitation(id).await?["status"], "redeemed");
    // Afterwards the link explains itself, to a stranger too.
    let late = Browser::new(site.service.base_url())?.open(&format!("/i/{token}")).await?;
    assert_eq!(late.answer.status, 410, "{}", late.answer.text);
    Ok(())
}

fn is_guarded(page: &Page) {
    let answer = &page.answer;
    for (name, value) in
        [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-content-type-options", "nosniff")]
    {
        assert_eq!(answer.header(name), value, "{}", page.path);
    }
    assert!(answer.header("x-robots-tag").contains("noindex"), "{}", page.path);
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    // A script stands in a file of ours, and nothing waits for it.
    let scripts: Vec<&str> = answer.text.split("<script").skip(1).collect();
    let own = |rest: &&str| rest.starts_with(" src=\"/assets/") && rest.contains("\" defer></script>");
    assert!(scripts.iter().all(own) && !answer.text.contains("style="), "{}", answer.text);
}

#[tokio::test]
async fn link_3_link_4_every_page_has_its_guards_and_none_shows_the_token() -> Result<()> {
    let site = Site::start().await?;
    let (_, token) = site.invite(ADA).await?;
    let link = site.mail(ADA, 1).await?.only_link()?;
    let account = text(&site.setup, "/owner_link")?;
    let browser = Browser::new(site.service.base_url())?;
    let redirect = browser.get(&link).await?;
    assert_eq!(redirect.answer.status, 303);
    let mut pages = vec![
        browser.get(redirect.answer.header("location")).await?,
        browser.get("/accept").await?,
        browser.get("/accept?i=00000000").await?,
        browser.get("/i/inv_0").await?,
        browser.get("/account/ina_0").await?,
        browser.open(account).await?,
        browser.get("/i/").await?,
        browser.get("/nothing").await?,
    ];
    pages.push(redirect);
    let accept = pages[0].form("action", "accept")?;
    let typed = [("name", "Ada"), ("password", PASSWORD), ("password_repeat", "not the same one")];
    pages.push(browser.submit(&accept, &typed).await?);
    let last = pages.len() - 1;
    assert_eq!(pages[last].answer.status, 422);
    let typed = [("name", "Ada"), ("password", PASSWORD), ("password_repeat", PASSWORD)];
    pages.push(browser.submit(&pages[last].form("action", "accept")?, &typed).await?);
    assert_eq!(pages[last + 1].answer.status, 200);
    pages.push(Browser::new(site.service.base_url())?.open(&link).await?);
    let owner = account.rsplit('/').next().unwrap_or_default();
    for page in &pages {
        is_guarded(page);
        let seen = format!("{:?}{}", page.answer.headers, page.answer.text);
        assert!(!seen.contains(&token) && !seen.contains(owner) && !seen.contains(PASSWORD), "{}: {seen}", page.path);
    }
    Ok(())
}

#[tokio::test]
async fn link_5_a_form_another_site_sends_is_refused() -> Result<()> {
    let site = Site::start().await?;
    let (issued, token) = site.invite(ADA).await?;
    let browser = Browser::new(site.service.base_url())?;
    let page = browser.open(&format!("/i/{token}")).await?;
    let typed = [("name", "Ada"), ("password", PASSWORD), ("password_repeat", PASSWORD)];
    for (form, typed) in [(page.form("action", "accept")?, &typed[..]), (page.form("action", "decline")?, &[])] {
        let strangers: [&[(&str, &str)]; 5] = [
            &[("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")],
            &[("Origin", "null"), ("Sec-Fetch-Site", "cross-site")],
            &[("Origin", "null"), ("Sec-Fetch-Site", "same-site")],
            &[("Origin", "https://evil.example")],
            &[],
        ];
        for headers in strangers {
            let refused = browser.submit_from(&form, typed, headers).await?;
            assert_eq!(refused.answer.status, 403, "{headers:?}: {}", refused.answer.text);
        }
        // Another site knows neither the cookie nor what proves the form to be ours.
        let mut forged = form.clone();
        for input in forged.inputs.iter_mut().filter(|input| input.name == "csrf") {
            input.value = "AAAA".to_owned();
        }
        assert_eq!(browser.submit(&forged, typed).await?.answer.status, 403);
        let without_cookie = Browser::new(site.service.base_url())?.submit(&form, typed).await?;
        assert!([403, 404].contains(&without_cookie.answer.status), "{}", without_cookie.answer.text);
    }
    assert_eq!(site.invitation(text(&issued, "/id")?).await?["status"], "pending");
    assert_eq!(site.member(ADA).await?, None);
    Ok(())
}

#[tokio::test]
async fn a_person_declines_by_the_page() -> Result<()> {
    let site = Site::start().await?;
    let (issued, token) = site.invite(ADA).await?;
    let browser = Browser::new(site.service.base_url())?;
    let page = browser.open(&format!("/i/{token}")).await?;
    let done = browser.submit(&page.form("action", "decline")?, &[("block", "yes")]).await?;
    assert_eq!(done.answer.status, 200, "{}", done.answer.text);
    assert_eq!(site.invitation(text(&issued, "/id")?).await?["status"], "declined");
    Ok(())
}

#[tokio::test]
async fn r5_6_a_person_with_an_account_joins_a_second_organisation_by_one_button() -> Result<()> {
    let site = Site::start().await?;
    let (_, token) = site.invite(ADA).await?;
    site.anyone()?.redeem(&token, PASSWORD).await?.expect(201)?;
    let operator = site.bearer(text(&site.setup, "/operator_key")?)?;
    let body = json!({ "name": "Globex", "owner_email": "owner@globex.example" });
    let globex = operator.post("/v1/organizations", &body).await?.expect(201)?;
    let globex = site.bearer(text(&globex, "/api_key")?)?;
    globex.post("/v1/invitations", &json!({ "recipient": { "email": ADA } })).await?.expect(201)?;
    let second = token_of(&site.mail(ADA, 2).await?.only_link()?)?;

    let browser = Browser::new(site.service.base_url())?;
    let page = browser.open(&format!("/i/{second}")).await?;
    let form = page.form("action", "accept")?;
    assert!(!form.inputs.iter().any(|input| input.name == "password"), "{form:?}");
    let done = browser.submit(&form, &[]).await?;
    assert_eq!(done.answer.status, 200, "{}", done.answer.text);
    // The mail alone signs nobody in.
    assert!(!done.answer.cookies().iter().any(|cookie| cookie.starts_with("invite_session=ivs_")));
    let body = json!({ "email": ADA, "password": PASSWORD });
    let session = site.anyone()?.post("/v1/sessions", &body).await?.expect(201)?;
    let me = site.bearer(text(&session, "/session/token")?)?.get("/v1/me").await?.expect(200)?;
    assert_eq!(me["memberships"].as_array().map(Vec::len), Some(2), "{me}");
    Ok(())
}

#[tokio::test]
async fn the_owner_sets_a_password_by_the_first_link_once() -> Result<()> {
    let site = Site::start().await?;
    let link = text(&site.setup, "/owner_link")?;
    let sign_in = async |password: &str| {
        site.anyone()?.post("/v1/sessions", &json!({ "email": OWNER, "password": password })).await
    };
    sign_in(PASSWORD).await?.refused(401, "bad_credentials")?;
    let browser = Browser::new(site.service.base_url())?;
    let page = browser.open(link).await?;
    assert_eq!(page.answer.status, 200);
    let form = page.only_form()?;
    let differing = browser.submit(&form, &[("password", PASSWORD), ("password_repeat", "another one")]).await?;
    assert_eq!(differing.answer.status, 422, "a mismatch does not use the link up");
    let crossed = [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")];
    let typed = [("password", PASSWORD), ("password_repeat", PASSWORD)];
    assert_eq!(browser.submit_from(&form, &typed, &crossed).await?.answer.status, 403);
    let done = browser.submit(&form, &typed).await?;
    assert_eq!(done.answer.status, 200, "{}", done.answer.text);
    let session = sign_in(PASSWORD).await?.expect(201)?;
    let me = site.bearer(text(&session, "/session/token")?)?.get("/v1/me").await?.expect(200)?;
    assert_eq!(me["memberships"][0]["member"]["role"]["name"], "owner", "{me}");

    let again = Browser::new(site.service.base_url())?;
    let page = again.open(link).await?;
    assert_eq!(page.answer.status, 410, "{}", page.answer.text);
    assert!(page.only_form().is_err(), "a used link still offers a form");
    sign_in(PASSWORD).await?.expect(201)?;
    Ok(())
}
