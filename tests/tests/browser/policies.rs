//! What an organisation may ask for beside the link.

use crate::{
    common::{PASSWORD, text},
    world::World,
};
use invite_tests::Result;
use serde_json::json;

pub(crate) async fn a_copied_link_asks_for_the_mailbox_and_the_mailed_one_joins(world: &World) -> Result<()> {
    let (ada, globex, browser) = (world.address("ada"), world.house("Globex").await?, &world.browser);
    let policy = json!({ "policy": { "require_mailbox_proof": true } });
    globex.api.patch("/v1/organization", &policy).await?.expect(200)?;
    let copied = world.invite(&globex.api, &ada, &json!({ "channels": [], "return": ["link"] })).await?;
    browser.open(&copied.link).await?;
    browser.fill("Your name", "Ada").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.fill("Repeat the password", PASSWORD).await?;
    browser.press("Create the account and join").await?;
    browser.wait_to_see("Confirm your address").await?;
    assert_eq!(browser.status().await?, 403);
    world.page("mailbox-proof").await?;
    assert_eq!(world.status(&globex.api, &copied.id).await?, "pending");
    browser.press("Ask for a new link").await?;
    browser.wait_to_see("Your request has arrived").await?;
    browser.open(&world.site.mail(&ada, 1).await?.only_link()?).await?;
    browser.fill("Your name", "Ada").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.fill("Repeat the password", PASSWORD).await?;
    browser.press("Create the account and join").await?;
    browser.wait_to_see(&format!("Welcome to {}", globex.name)).await?;
    assert_eq!(world.status(&globex.api, &copied.id).await?, "redeemed");
    Ok(())
}

pub(crate) async fn an_account_is_signed_in_to_where_the_organisation_wants_it(world: &World) -> Result<()> {
    let (bob, globex, browser) = (world.person("bob").await?, world.house("Globex").await?, &world.browser);
    let policy = json!({ "policy": { "require_verified_sign_in": true } });
    globex.api.patch("/v1/organization", &policy).await?.expect(200)?;
    let invited = world.invite(&globex.api, &bob, &json!({})).await?;
    browser.open(&invited.link).await?;
    browser.see("Sign in to join").await?;
    world.page("sign-in").await?;
    browser.fill("E-mail address", &bob).await?;
    browser.fill("Password", "not this one at all").await?;
    browser.press("Sign in and join").await?;
    browser.wait_to_see("This password is not right").await?;
    assert_eq!(browser.value("E-mail address").await?, bob, "what was typed is still there");
    world.page("sign-in-mistaken").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.press("Sign in and join").await?;
    browser.wait_to_see(&format!("Welcome to {}", globex.name)).await?;
    assert!(world.is_signed_in().await?);
    assert_eq!(world.status(&globex.api, &invited.id).await?, "redeemed");
    Ok(())
}

/// Whoever copied a link must not use somebody else's account by it.
pub(crate) async fn a_copied_link_takes_the_password_of_an_account(world: &World) -> Result<()> {
    let (bob, globex, browser) = (world.person("bob").await?, world.house("Globex").await?, &world.browser);
    let body = json!({ "recipient": { "email": bob }, "channels": [], "return": ["link"] });
    let issued = globex.api.post("/v1/invitations", &body).await?.expect(201)?;
    browser.open(text(&issued, "/link")?).await?;
    // It does not tell that there is an account.
    browser.see("Create your account").await?;
    world.page("accept-copied").await?;
    browser.fill("Your name", "Mallory").await?;
    browser.fill("Password", "mallory chose this 1").await?;
    browser.fill("Repeat the password", "mallory chose this 1").await?;
    browser.press("Create the account and join").await?;
    browser.wait_to_see("This link was not sent by mail").await?;
    assert!(!world.is_signed_in().await?);
    world.page("sign-in-copied").await?;
    assert_eq!(world.status(&globex.api, text(&issued, "/id")?).await?, "pending");
    browser.fill("E-mail address", &bob).await?;
    browser.fill("Password", PASSWORD).await?;
    browser.press("Sign in and join").await?;
    browser.wait_to_see(&format!("Welcome to {}", globex.name)).await
}
