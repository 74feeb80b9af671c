//! What mail programs, scanners and proxies do with every link of every mail, before its reader comes.

use crate::{
    common::{Answer, PASSWORD, Site, eventually, text},
    world::World,
};
use invite_tests::{Result, mail::Mail, net};
use reqwest::Method;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt::Write as _};

/// How often every link is looked at.
pub(crate) const TIMES: usize = 50;

/// How many looks in a row have to find nothing new.
const AT_REST: usize = 20;

/// An address with its last part as programs break and bend it.
fn bent(link: &str) -> Vec<String> {
    let (base, last) = link.rsplit_once('/').unwrap_or((link, ""));
    let swapped = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    let turned = |c: char| match c {
        'a'..='m' | 'A'..='M' => char::from_u32(u32::from(c) + 13).unwrap_or(c),
        'n'..='z' | 'N'..='Z' => char::from_u32(u32::from(c) - 13).unwrap_or(c),
        _ => c,
    };
    let encoded = last.bytes().fold(String::new(), |mut encoded, byte| {
        let _ = write!(encoded, "%{byte:02X}");
        encoded
    });
    let cut: String = last.chars().take(last.chars().count().saturating_sub(1)).collect();
    [
        last.to_owned(),
        cut,
        last.chars().take(20).collect(),
        last.to_uppercase(),
        last.to_lowercase(),
        last.chars().map(swapped).collect(),
        last.chars().map(turned).collect(),
        format!("{last}."),
        format!("{last}%3E"),
        format!("{last}?utm_source=mail"),
        encoded,
    ]
    .into_iter()
    .map(|last| format!("{base}/{last}"))
    .collect()
}

/// Every row of every table, once nothing is being written any more.
async fn rows(site: &Site) -> Result<BTreeMap<String, Vec<String>>> {
    let (mut last, mut same) = (BTreeMap::new(), 0);
    eventually("the database never came to rest", async || {
        let rows = site.sandbox.rows().await?;
        same = if rows == last { same + 1 } else { 0 };
        last = rows;
        Ok((same == AT_REST).then(|| last.clone()))
    })
    .await
}

/// Every address in a mail, in either of its parts.
fn links(mail: &Mail) -> Vec<String> {
    let mut links = [mail.text_links(), mail.html_links()].concat();
    links.sort();
    links.dedup();
    links
}

/// Does to every link of these mails what scanners do, many times, and looks whether anything has changed by it: a row of the
/// database, or a mail. Answers how often a link led somewhere.
pub(crate) async fn scan(world: &World, mails: &[Mail]) -> Result<usize> {
    let (site, browser) = (&world.site, &world.browser);
    let before = rows(site).await?;
    let sent = site.smtp.messages().len();
    let scanner = net::http()?;
    let (mut opened, mut asked) = (0, 0);
    for link in mails.iter().flat_map(links) {
        for spelling in bent(&link) {
            for _ in 0..TIMES {
                for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                    let request =
                        scanner.request(method.clone(), &spelling).header("Sec-Purpose", "prefetch;prerender");
                    let answer = Answer::of(request).await?;
                    assert!(answer.status < 500, "{method} {spelling}: {answer:?}");
                    let cookies = answer.cookies();
                    assert!(!cookies.iter().any(|cookie| cookie.contains("invite_session")), "{cookies:?}");
                    (opened, asked) = (opened + usize::from(answer.status == 303), asked + 1);
                }
            }
        }
        // One that renders the page, follows what it finds there, and keeps cookies.
        browser.forget().await?;
        browser.open(&link).await?;
        let found = browser.script("return [...document.links].map(link => link.href)", vec![]).await?;
        for found in found.as_array().into_iter().flatten().filter_map(Value::as_str) {
            browser.open(found).await?;
        }
        assert!(!world.is_signed_in().await?);
        browser.forget().await?;
    }
    println!("{asked} requests of scanners to the links of {} mails; {opened} of them opened one", mails.len());
    for (table, after) in rows(site).await? {
        let old = before.get(&table).map(Vec::as_slice).unwrap_or_default();
        let new: Vec<&String> = after.iter().filter(|row| !old.contains(row)).collect();
        let gone: Vec<&String> = old.iter().filter(|row| !after.contains(row)).collect();
        assert!(new.is_empty() && old.len() == after.len(), "{table}: {new:#?} in place of {gone:#?}");
    }
    assert_eq!(site.smtp.messages().len(), sent);
    Ok(opened)
}

pub(crate) async fn scanned() -> Result<()> {
    let world = World::start(None).await?;
    let (site, browser) = (&world.site, &world.browser);
    let mut invited = Vec::new();
    for (name, locale) in [("ada", "en"), ("benoit", "fr")] {
        let address = world.address(name);
        invited.push((address.clone(), world.invite(&site.owner()?, &address, &json!({ "locale": locale })).await?));
    }
    // A mail that does not invite: the link to a new password.
    let bob = world.person("bob").await?;
    site.anyone()?.post("/v1/password-resets", &json!({ "email": bob })).await?.expect(202)?;
    site.mail(&bob, 2).await?;
    for (_, invited) in &invited {
        site.wait_until_sent(&invited.id).await?;
    }
    let mails: Vec<Mail> = site.smtp.messages().iter().map(|mail| Mail::parse(&mail.raw)).collect::<Result<_>>()?;
    let opened = scan(&world, &mails).await?;
    assert!(opened >= 2 * TIMES * 3, "the genuine links lead somewhere, by GET and HEAD: {opened}");

    // Then the people come.
    for (address, invited) in &invited {
        browser.forget().await?;
        browser.open(&invited.link).await?;
        browser.fill("Your name", "Ada").await?;
        browser.fill("Password", PASSWORD).await?;
        browser.fill("Repeat the password", PASSWORD).await?;
        browser.press("Create the account and join").await?;
        browser.wait_to_see("Welcome to Acme").await?;
        assert_eq!(world.status(&site.owner()?, &invited.id).await?, "redeemed");
        assert!(site.member(address).await?.is_some());
    }
    let reset = site.mail(&bob, 2).await?;
    browser.forget().await?;
    browser.open(text(&json!(links(&reset)), "/0")?).await?;
    browser.fill("New password", "another harbour sings 42").await?;
    browser.fill("Repeat the password", "another harbour sings 42").await?;
    browser.press("Save the password").await?;
    browser.wait_to_see("Your password is set").await?;
    world.end().await
}
