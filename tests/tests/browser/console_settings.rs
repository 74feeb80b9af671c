//! Settings, undelivered messages and the overview at the console.

use crate::{
    common::{PASSWORD, eventually, text},
    console_invitations::failed,
    world::{SHORT, World},
};
use invite_tests::{
    Result,
    smtp::{Fault, Step},
};
use serde_json::json;

/// A picture of eight pixels each way.
const LOGO: &[u8] = include_bytes!("logo.png");

pub(crate) async fn name_policy_colour_and_logo_are_set(world: &World) -> Result<()> {
    let (site, browser) = (&world.site, &world.browser);
    world.owner_at_console().await?;
    browser.follow("Settings").await?;
    world.desk_look("settings").await?;
    browser.fill("Name of the organization", "Acme & Söhne").await?;
    browser.fill("Short name in addresses", "Not a slug").await?;
    world.unchecked().await?;
    world.press_in_section("general", "Save").await?;
    browser.wait_to_see("A short name has 3 to 40").await?;
    assert_eq!(browser.value("Name of the organization").await?, "Acme & Söhne");
    world.desk_look("settings-refused").await?;
    browser.fill("Short name in addresses", "acme-soehne").await?;
    browser.choose("Time zone", "Paris").await?;
    world.press_in_section("general", "Save").await?;
    browser.wait_to_see("Saved.").await?;
    assert_eq!(world.texts("header .name bdi").await?, ["Acme & Söhne"]);

    browser.tick("Only the mailed link lets somebody in", true).await?;
    browser.fill("Days an invitation stays valid", "one week").await?;
    world.press_in_section("policy", "Save").await?;
    browser.wait_to_see("Please enter a number of days").await?;
    world.desk_look("settings-policy-refused").await?;
    browser.fill("Days an invitation stays valid", "3").await?;
    world.press_in_section("policy", "Save").await?;
    browser.wait_to_see("Saved.").await?;
    let organization = site.owner()?.get("/v1/organization").await?.expect(200)?;
    assert_eq!(organization["name"], "Acme & Söhne");

    browser.see("Seats are not limited").await?;
    browser.fill("Open invitations at the same time", "10001").await?;
    world.press_in_section("limits", "Save").await?;
    browser.wait_to_see("This has to be from 1 to 10000").await?;
    world.desk_look("settings-limits-refused").await?;
    browser.fill("Open invitations at the same time", "50").await?;
    world.press_in_section("limits", "Save").await?;
    browser.wait_to_see("Saved.").await?;
    let organization = site.owner()?.get("/v1/organization").await?.expect(200)?;
    assert_eq!(organization["limits"]["live"], 50);

    let accent = browser.field("Colour of buttons").await?.to_json()?;
    browser.script("arguments[0].value = '#8a1c5b'", vec![accent]).await?;
    browser.press("Use this colour").await?;
    browser.wait_to_see("Back to the usual colour").await?;
    let colour = "return getComputedStyle(document.querySelector('.sample')).backgroundColor";
    assert_eq!(browser.script(colour, vec![]).await?, "rgb(138, 28, 91)");
    let folder = tempfile::tempdir()?;
    let text_file = folder.path().join("logo.txt.png");
    std::fs::write(&text_file, "no picture")?;
    browser.field("Image file").await?.send_keys(text_file.display().to_string()).await?;
    browser.press("Upload the logo").await?;
    browser.wait_to_see("This is not a PNG image").await?;
    world.desk_look("settings-logo-refused").await?;
    let picture = folder.path().join("logo.png");
    std::fs::write(&picture, LOGO)?;
    browser.field("Image file").await?.send_keys(picture.display().to_string()).await?;
    browser.press("Upload the logo").await?;
    browser.wait_to_see("Remove the logo").await?;
    let drawn = "return [...document.querySelectorAll('img.logo')].map(image => image.naturalWidth)";
    assert_eq!(browser.script(drawn, vec![]).await?, json!([8, 8]));
    world.desk_look("settings-with-logo").await?;
    browser.press("Remove the logo").await?;
    browser.wait_to_see("There is no logo").await?;
    browser.press("Back to the usual colour").await?;
    eventually("the usual colour never came back", async || {
        Ok((browser.count("button", "Back to the usual colour").await? == 0).then_some(()))
    })
    .await?;

    // Who may see the settings and not change them finds no button.
    browser.forget().await?;
    world.member_at_console("reader", &json!({ "permissions": ["organization.read"] })).await?;
    browser.see("You can see the settings but not change them").await?;
    assert_eq!(browser.count("button", "Save").await?, 0);
    world.desk_look("settings-of-a-reader").await
}

pub(crate) async fn undelivered_messages_are_listed_and_sent_again(world: &World) -> Result<()> {
    let (site, browser, owner) = (&world.site, &world.browser, world.site.owner()?);
    world.owner_at_console().await?;
    browser.follow("Undelivered").await?;
    browser.see("Every message has found its way").await?;
    world.desk_look("dead-letters-empty").await?;
    site.smtp.fail_always(Fault::Reject5xx(Step::Recipient));
    let addresses = [world.address("ada"), world.address("ben"), world.address("zoe")];
    for address in &addresses {
        let body = json!({ "recipient": { "email": address } });
        let issued = owner.post("/v1/invitations", &body).await?.expect(201)?;
        failed(world, text(&issued, "/id")?).await?;
    }
    site.smtp.recover();
    browser.reload().await?;
    for address in &addresses {
        let row = world.row(address).await?;
        assert!(row.contains("The mail server refused it for good"), "{row}");
    }
    world.desk_look("dead-letters").await?;
    browser.press_in(&addresses[0], "Send again").await?;
    browser.wait_to_see("It will be tried again in a moment").await?;
    site.mail(&addresses[0], 1).await?.only_link()?;
    assert_eq!(world.texts("tbody tr").await?.len(), 2);
    world.desk_look("dead-letters-replayed").await?;
    world.confirm("Send all on this page again", "Send 2 messages again").await?;
    browser.wait_to_see("It will be tried again in a moment").await?;
    for address in &addresses[1..] {
        site.mail(address, 1).await?.only_link()?;
    }
    browser.see("Every message has found its way").await
}

pub(crate) async fn the_overview_counts_and_draws_what_happened(world: &World) -> Result<()> {
    let (site, browser, owner) = (&world.site, &world.browser, world.site.owner()?);
    world.owner_at_console().await?;
    browser.see("Nobody is invited yet").await?;
    world.desk_look("overview-empty").await?;
    let expiring = json!({ "expires_in": SHORT });
    let ended = world.invite(&owner, &world.address("late"), &expiring).await?;
    for number in 0..3 {
        let joined = world.invite(&owner, &world.address(&format!("joined{number}")), &json!({})).await?;
        site.anyone()?.redeem(&joined.token, PASSWORD).await?.expect(201)?;
    }
    let declined = world.invite(&owner, &world.address("declined"), &json!({})).await?;
    site.anyone()?.post("/v1/redemptions/decline", &json!({ "token": declined.token })).await?;
    let soon = world.address("soon");
    world.invite(&owner, &soon, &json!({ "expires_in": 86_400 })).await?;
    world.invite(&owner, &world.address("later"), &json!({ "expires_in": 20 * 86_400 })).await?;
    site.wait_for_status(&ended.id, "expired").await?;
    browser.reload().await?;
    let tiles = world.texts(".tiles > div").await?.join("\n");
    for tile in ["Open now 2", "Accepted in the last 12 weeks 3", "Expiring within 7 days 1", "Nothing is stuck"] {
        assert!(tiles.contains(tile), "{tile}: {tiles}");
    }
    let weeks = world.texts(".plot g > title").await?;
    for told in ["Issued: 7, Sent: 7, Accepted: 3", "Accepted: 3, Declined: 1, Expired: 1"] {
        assert!(weeks.iter().any(|week| week.ends_with(told)), "{told}: {weeks:?}");
    }
    world.row(&soon).await?;
    world.desk_look("overview").await?;
    world.summary("Show the numbers").await?;
    assert_eq!(world.texts("tfoot td").await?, ["7", "7", "3", "1", "1"]);
    world.desk_look("overview-numbers").await?;
    browser.follow(&soon).await?;
    browser.see("About this invitation").await
}
