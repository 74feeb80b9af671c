//! The console without a mouse, and without scripts.

use crate::{
    common::{OWNER, PASSWORD, text},
    world::World,
};
use invite_tests::{Failure, Result, browser::Key};

/// The status of the one invitation to this address.
async fn status_of(world: &World, address: &str) -> Result<(String, String)> {
    let list = world.site.owner()?.get("/v1/invitations").await?.expect(200)?;
    let found = list["items"].as_array().into_iter().flatten().find(|each| each["recipient"]["email"] == address);
    let found = found.ok_or_else(|| Failure::new(format!("no invitation to {address}: {list}")))?;
    Ok((text(found, "/id")?.to_owned(), text(found, "/status")?.to_owned()))
}

/// Every stop has to show that it has the focus.
pub(crate) async fn an_owner_signs_in_issues_and_withdraws_by_keyboard_alone(world: &World) -> Result<()> {
    let (browser, ada) = (&world.browser, world.address("ada"));
    world.owner_has_password().await?;
    world.desk("/console").await?;
    let stops = browser.tab_through().await?;
    assert!(stops.first().is_some_and(|stop| stop.contains("Skip to the content")), "{stops:?}");
    browser.reload().await?;
    browser.tab_and_press("Skip to the content").await?;
    browser.tab_and_type("E-mail address", OWNER).await?;
    browser.tab_and_type("Password", "not this one at all").await?;
    browser.keys(Key::Enter).await?;
    browser.wait_to_see("This does not match any account").await?;
    // What was wrong is read out first: the focus is there.
    let focus = browser.script("return document.activeElement?.id", vec![]).await?;
    assert_eq!(focus, "errors");
    browser.tab_to("Password").await?;
    browser.keys(PASSWORD).await?;
    browser.tab_and_press("Sign in").await?;
    browser.wait_to_see("Sign out").await?;
    browser.tab_through().await?;

    browser.reload().await?;
    browser.tab_and_press("Invitations").await?;
    browser.wait_to_see("Nobody has been invited yet").await?;
    browser.tab_and_press("Invite people").await?;
    browser.wait_to_see("E-mail addresses").await?;
    browser.tab_and_type("E-mail addresses", &ada).await?;
    browser.tab_and_press("Further permissions").await?;
    browser.tab_to("See invitations").await?;
    browser.keys(Key::Space).await?;
    browser.tab_and_press("Send the invitations").await?;
    browser.wait_to_see("The invitation is issued").await?;
    world.site.mail(&ada, 1).await?;

    browser.tab_and_press("All invitations").await?;
    browser.wait_to_see("1 invitation").await?;
    browser.tab_through().await?;
    browser.reload().await?;
    browser.tab_and_press(&ada).await?;
    browser.wait_to_see("About this invitation").await?;
    browser.tab_and_press("Withdraw").await?;
    // Escape takes it back.
    browser.keys(Key::Escape).await?;
    assert_eq!(browser.count("button", "Withdraw the invitation").await?, 0);
    assert_eq!(browser.focus().await?.map(|focus| focus.name), Some("Withdraw".to_owned()));
    browser.keys(Key::Enter).await?;
    browser.tab_and_type("Reason, if you like", "By keyboard").await?;
    browser.tab_and_press("Withdraw the invitation").await?;
    browser.wait_to_see("The invitation is withdrawn").await?;
    browser.tab_through().await?;
    assert_eq!(status_of(world, &ada).await?.1, "revoked");
    browser.reload().await?;
    browser.tab_and_press("Sign out").await?;
    browser.wait_to_see("You are signed out").await?;
    assert_eq!(browser.csp_violations().await?, Vec::<String>::new());
    Ok(())
}

pub(crate) async fn an_owner_signs_in_issues_and_sends_again_without_javascript(world: &World) -> Result<()> {
    let (browser, ada) = (&world.browser, world.address("ada"));
    world.owner_has_password().await?;
    browser.forget().await?;
    browser.javascript(false).await?;
    world.at_console(OWNER).await?;
    browser.follow("Invitations").await?;
    browser.follow("Invite people").await?;
    browser.fill("E-mail addresses", "this is none").await?;
    browser.press("Send the invitations").await?;
    browser.wait_to_see("Nothing was sent").await?;
    browser.fill("E-mail addresses", &ada).await?;
    browser.press("Preview the mail").await?;
    browser.wait_to_see("The mail as it will look").await?;
    browser.press("Send the invitations").await?;
    browser.wait_to_see("The invitation is issued").await?;
    let first = world.site.mailed_token(&ada, 1).await?;
    world.confirm("Send again", "Send a new link").await?;
    browser.wait_to_see("A new link is on its way").await?;
    assert_ne!(world.site.mailed_token(&ada, 2).await?, first);
    world.confirm("Show link and code", "Show the link").await?;
    browser.wait_to_see("Pass them on to nobody").await?;
    assert_eq!(browser.count("button", "Copy").await?, 0, "only a script can copy");
    let (id, status) = status_of(world, &ada).await?;
    assert_eq!(status, "pending");
    world.desk(&format!("/console/invitations/{id}")).await?;
    world.confirm("Withdraw", "Withdraw the invitation").await?;
    browser.wait_to_see("The invitation is withdrawn").await?;
    browser.press("Sign out").await?;
    browser.wait_to_see("You are signed out").await?;
    assert_eq!(browser.csp_violations().await?, Vec::<String>::new());
    browser.javascript(true).await
}
