//! People without a mouse. Every stop has to show that it has the focus.

use crate::{common::PASSWORD, world::World};
use invite_tests::{Result, browser::Key};
use serde_json::json;

pub(crate) async fn a_new_person_joins_and_another_declines_by_keyboard_alone(world: &World) -> Result<()> {
    let (ada, bob, owner, browser) = (world.address("ada"), world.address("bob"), world.site.owner()?, &world.browser);
    let invited = world.invite(&owner, &ada, &json!({})).await?;
    browser.open(&invited.link).await?;
    let stops = browser.tab_through().await?;
    assert!(stops.first().is_some_and(|stop| stop.contains("Skip to the content")), "{stops:?}");
    for name in ["Your name", "Password", "Repeat the password", "Create the account and join", "Not for you?"] {
        assert!(stops.iter().any(|stop| stop.contains(name)), "{name}: {stops:?}");
    }

    browser.reload().await?;
    browser.tab_and_press("Skip to the content").await?;
    browser.tab_and_type("Your name", "Ada").await?;
    browser.tab_and_type("Password", PASSWORD).await?;
    browser.tab_and_type("Repeat the password", "something else 41").await?;
    browser.keys(Key::Enter).await?;
    browser.wait_to_see("The two passwords are not the same").await?;
    browser.tab_to("Password").await?;
    browser.keys(PASSWORD).await?;
    browser.tab_and_type("Repeat the password", PASSWORD).await?;
    browser.tab_and_press("Create the account and join").await?;
    browser.wait_to_see("Welcome to Acme").await?;
    browser.tab_through().await?;
    assert_eq!(world.status(&owner, &invited.id).await?, "redeemed");

    browser.forget().await?;
    let invited = world.invite(&owner, &bob, &json!({})).await?;
    browser.open(&invited.link).await?;
    browser.tab_and_press("Not for you?").await?;
    browser.tab_to("Send me no more invitations").await?;
    browser.keys(Key::Space).await?;
    browser.tab_and_press("Decline").await?;
    browser.wait_to_see("no more invitations to this address").await?;
    assert_eq!(world.status(&owner, &invited.id).await?, "declined");

    // The code, too.
    browser.open(&world.site.service.url("/code/acme")).await?;
    browser.tab_and_type("Code", "ABCD-1234-EFG").await?;
    browser.keys(Key::Enter).await?;
    browser.wait_to_see("There is a typing error in this code").await?;
    browser.tab_through().await?;
    browser.traffic().await?;
    Ok(())
}
