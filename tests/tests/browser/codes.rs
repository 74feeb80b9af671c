//! The page where the short code of a message is typed.

use crate::{
    common::{PASSWORD, text},
    world::World,
};
use invite_domain::secret::code::TypedCode;
use invite_tests::{Failure, Result};
use serde_json::json;

/// What a network address may try in ten minutes, unless set otherwise.
const ATTEMPTS: usize = 20;

/// A well-formed code nobody has.
fn wrong(number: usize) -> Result<String> {
    let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let code = alphabet.chars().map(|check| format!("{number:010}{check}")).find(|code| TypedCode::parse(code).is_ok());
    code.ok_or_else(|| Failure::new("no check character fits"))
}

/// The same with another check character.
fn mistyped(code: &str) -> Result<String> {
    let (body, check) = code.split_at(code.len() - 1);
    let other = ["0", "1", "2"].into_iter().find(|other| *other != check);
    Ok(format!("{body}{}", other.ok_or_else(|| Failure::new("no other character"))?))
}

pub(crate) async fn a_code_is_entered_mistyped_unknown_and_tried_too_often(world: &World) -> Result<()> {
    let (ada, owner, browser) = (world.address("ada"), world.site.owner()?, &world.browser);
    let body = json!({ "recipient": { "email": ada }, "channels": [], "return": ["code"] });
    let issued = owner.post("/v1/invitations", &body).await?.expect(201)?;
    let code = text(&issued, "/code")?.to_owned();
    let page = world.site.service.url("/code/acme");
    browser.open(&page).await?;
    assert_eq!(browser.heading().await?, "Enter your code");
    world.page("code").await?;

    browser.fill("Code", &mistyped(&code)?).await?;
    browser.press("Continue").await?;
    browser.wait_to_see("There is a typing error in this code").await?;
    world.page("code-mistyped").await?;

    browser.fill("Code", &wrong(1)?).await?;
    browser.press("Continue").await?;
    browser.wait_to_see("This code is not valid").await?;
    world.page("code-unknown").await?;

    // As people type it.
    let typed = code.to_lowercase().replace('-', " ");
    browser.fill("Code", &typed).await?;
    browser.press("Continue").await?;
    browser.wait_to_see("Join Acme").await?;
    assert!(!browser.url().await?.to_uppercase().contains(&code));
    world.page("accept-by-code").await?;
    browser.fill("Your name", "Ada").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.fill("Repeat the password", PASSWORD).await?;
    browser.press("Create the account and join").await?;
    browser.wait_to_see("Welcome to Acme").await?;
    assert_eq!(world.status(&owner, text(&issued, "/id")?).await?, "redeemed");

    browser.forget().await?;
    for number in 2..2 + 2 * ATTEMPTS {
        let guess = json!({ "organization": "acme", "code": wrong(number)? });
        if world.site.anyone()?.post("/v1/redemptions/preview", &guess).await?.status == 429 {
            break;
        }
    }
    browser.open(&page).await?;
    browser.fill("Code", &wrong(99)?).await?;
    browser.press("Continue").await?;
    browser.wait_to_see("Too many codes were tried from here").await?;
    assert_eq!(browser.status().await?, 429);
    world.page("code-too-many").await
}
