//! Links that do not work any more, or never did.

use crate::{
    common::{PASSWORD, eventually, text},
    world::{SHORT, World},
};
use invite_tests::Result;
use serde_json::json;

pub(crate) async fn an_expired_link_brings_a_fresh_one_by_mail(world: &World) -> Result<()> {
    let (ada, owner, browser) = (world.address("ada"), world.site.owner()?, &world.browser);
    let invited = world.invite(&owner, &ada, &json!({ "expires_in": SHORT })).await?;
    eventually("the invitation never expired", async || {
        Ok((world.status(&owner, &invited.id).await? == "expired").then_some(()))
    })
    .await?;
    browser.open(&invited.link).await?;
    assert_eq!(browser.status().await?, 410);
    browser.see("This invitation has expired").await?;
    world.page("dead-expired").await?;
    browser.press("Ask for a new link").await?;
    browser.wait_to_see("Your request has arrived").await?;
    world.page("new-link").await?;
    let fresh = world.site.mail(&ada, 2).await?.only_link()?;
    assert_ne!(fresh, invited.link);
    browser.open(&fresh).await?;
    assert_eq!(browser.heading().await?, "Join Acme");
    Ok(())
}

pub(crate) async fn a_superseded_link_says_which_one_works(world: &World) -> Result<()> {
    let (ada, owner, browser) = (world.address("ada"), world.site.owner()?, &world.browser);
    let invited = world.invite(&owner, &ada, &json!({})).await?;
    owner.post(&format!("/v1/invitations/{}/resend", invited.id), &json!({})).await?.expect(200)?;
    let newer = world.site.mail(&ada, 2).await?.only_link()?;
    browser.open(&invited.link).await?;
    assert_eq!(browser.status().await?, 410);
    browser.see("There is a newer link").await?;
    assert_eq!(browser.count("button", "Ask for a new link").await?, 1);
    world.page("dead-superseded").await?;
    browser.open(&newer).await?;
    assert_eq!(browser.heading().await?, "Join Acme");
    Ok(())
}

pub(crate) async fn a_withdrawn_invitation_says_so(world: &World) -> Result<()> {
    let (ada, owner, browser) = (world.address("ada"), world.site.owner()?, &world.browser);
    let invited = world.invite(&owner, &ada, &json!({})).await?;
    owner.post(&format!("/v1/invitations/{}/revoke", invited.id), &json!({})).await?.expect(200)?;
    browser.open(&invited.link).await?;
    assert_eq!(browser.status().await?, 410);
    browser.see("This invitation was withdrawn").await?;
    assert_eq!(browser.count("button", "Ask for").await?, 0);
    world.page("dead-revoked").await
}

pub(crate) async fn a_used_invitation_says_so(world: &World) -> Result<()> {
    let (ada, owner, browser) = (world.address("ada"), world.site.owner()?, &world.browser);
    let invited = world.invite(&owner, &ada, &json!({})).await?;
    world.site.anyone()?.redeem(&invited.token, PASSWORD).await?.expect(201)?;
    browser.open(&invited.link).await?;
    assert_eq!(browser.status().await?, 410);
    browser.see("This invitation has been used").await?;
    world.page("dead-used").await
}

/// Who invited has lost what the invitation gives.
pub(crate) async fn a_suspended_invitation_is_on_hold(world: &World) -> Result<()> {
    let (site, owner, browser) = (&world.site, world.site.owner()?, &world.browser);
    let (rita, ada) = (world.address("rita"), world.address("ada"));
    let rights = json!({ "permissions": ["invitations.issue", "timesheets.write"] });
    let invited = world.invite(&owner, &rita, &rights).await?;
    let joined = site.anyone()?.redeem(&invited.token, PASSWORD).await?.expect(201)?;
    let rita = site.bearer(text(&joined, "/session/token")?)?;
    let invited = world.invite(&rita, &ada, &json!({ "permissions": ["timesheets.write"] })).await?;
    let member = format!("/v1/members/{}", text(&joined, "/membership/id")?);
    owner.patch(&member, &json!({ "permissions": ["invitations.issue"] })).await?.expect(200)?;
    browser.open(&invited.link).await?;
    assert_eq!(browser.status().await?, 409);
    browser.see("This invitation is on hold").await?;
    assert_eq!(browser.count("button", "Create").await?, 0);
    world.page("dead-suspended").await?;
    assert_eq!(world.status(&owner, &invited.id).await?, "suspended");
    Ok(())
}

pub(crate) async fn a_mangled_link_a_lost_cookie_and_a_forged_form_are_explained(world: &World) -> Result<()> {
    let (ada, owner, browser) = (world.address("ada"), world.site.owner()?, &world.browser);
    let invited = world.invite(&owner, &ada, &json!({})).await?;
    let cut = &invited.link[..invited.link.len() - 3];
    browser.open(cut).await?;
    assert_eq!(browser.status().await?, 404);
    browser.see("We do not know this link").await?;
    world.page("dead-unknown").await?;

    browser.open(&world.site.service.url("/accept?i=00000000")).await?;
    assert_eq!(browser.status().await?, 404);
    browser.see("Please open the link from your mail again").await?;
    world.page("dead-no-cookie").await?;

    browser.open(&world.site.service.url("/no/such/page")).await?;
    assert_eq!(browser.status().await?, 404);
    browser.see("There is no such page").await?;
    world.page("not-found").await?;

    browser.open(&invited.link).await?;
    let forge = "document.querySelectorAll('input[name=csrf]').forEach(field => { field.value = 'AAAA' })";
    browser.script(forge, vec![]).await?;
    world.decline(false).await?;
    browser.wait_to_see("This page was open too long").await?;
    world.page("form-expired").await?;
    assert_eq!(world.status(&owner, &invited.id).await?, "pending");
    Ok(())
}
