//! Members, roles and API keys at the console.

use crate::{
    common::{OWNER, text},
    world::World,
};
use invite_tests::Result;
use serde_json::json;

pub(crate) async fn a_member_is_changed_switched_off_and_removed_and_the_last_owner_stays(world: &World) -> Result<()> {
    let (site, browser) = (&world.site, &world.browser);
    let (ada, bob) = (world.person("ada").await?, world.person("bob").await?);
    world.owner_at_console().await?;
    browser.follow("Members").await?;
    browser.see("3 members").await?;
    world.desk_look("members").await?;
    browser.fill("Name or address", "nobody like this").await?;
    browser.press("Search").await?;
    browser.see("Nothing matches these filters").await?;
    world.desk_look("members-nothing-found").await?;
    browser.fill("Name or address", &ada).await?;
    browser.press("Search").await?;
    browser.follow("Ada Lovelace").await?;
    browser.see("About this member").await?;
    world.desk_look("member").await?;

    browser.choose("Role", "Member").await?;
    browser.tick("Invite people", true).await?;
    browser.fill("Permissions of your own programs", "timesheets.write\nNo Name").await?;
    browser.press("Save").await?;
    browser.wait_to_see("“No” is not the name of a permission").await?;
    assert_eq!(world.texts("#role_id option:checked").await?, ["Member"], "what was chosen is still there");
    world.desk_look("member-refused").await?;
    browser.fill("Permissions of your own programs", "timesheets.write").await?;
    browser.press("Save").await?;
    browser.wait_to_see("Saved.").await?;
    let member = site.member(&ada).await?.unwrap_or_default();
    assert_eq!(member["role"]["name"], "member");
    assert_eq!(member["permissions"], json!(["invitations.issue", "timesheets.write"]));

    world.confirm("Switch off", "Switch off").await?;
    browser.wait_to_see("The member is switched off.").await?;
    world.desk_look("member-off").await?;
    assert_eq!(site.member(&ada).await?.unwrap_or_default()["active"], false);
    browser.press("Switch on").await?;
    browser.wait_to_see("The member is switched on.").await?;
    world.summary("Remove from the organization").await?;
    world.desk_look("member-removing").await?;
    browser.press("Remove this member").await?;
    browser.wait_to_see("The member is removed.").await?;
    assert_eq!(site.member(&ada).await?, None);
    assert!(site.member(&bob).await?.is_some());

    // An organisation without an owner would be nobody's.
    let owner = site.member(OWNER).await?.unwrap_or_default();
    world.desk(&format!("/console/members/{}", text(&owner, "/id")?)).await?;
    browser.choose("Role", "Member").await?;
    browser.press("Save").await?;
    browser.wait_to_see("An organization needs an owner").await?;
    world.desk_look("member-last-owner").await?;
    world.desk("/console/leave").await?;
    browser.press("Leave").await?;
    browser.wait_to_see("An organization needs an owner").await?;
    world.desk_look("leave-refused").await
}

pub(crate) async fn a_role_is_made_changed_in_use_and_deleted(world: &World) -> Result<()> {
    let (site, browser) = (&world.site, &world.browser);
    world.owner_at_console().await?;
    browser.follow("Roles").await?;
    world.desk_look("roles").await?;
    browser.follow("Administrator").await?;
    browser.see("built in").await?;
    assert_eq!(browser.count("button", "Save").await?, 0);
    world.desk_look("role-system").await?;

    browser.follow("All roles").await?;
    browser.follow("New role").await?;
    world.desk_look("role-new").await?;
    browser.fill("Name of the role", "Planner").await?;
    browser.fill("What it is for", "Plans the tours & tells <everybody>.").await?;
    browser.tick("Invite people", true).await?;
    browser.tick("See members", true).await?;
    browser.fill("Permissions of your own programs", "tours.write").await?;
    browser.press("Create the role").await?;
    browser.wait_to_see("The role is created.").await?;
    world.desk_look("role-made").await?;
    let role = site.role("Planner").await?;

    world.desk(&format!("/console/roles/{role}")).await?;
    browser.fill("Name of the role", "Member").await?;
    browser.press("Save").await?;
    browser.wait_to_see("Another role has this name").await?;
    world.desk_look("role-refused").await?;
    browser.fill("Name of the role", "Tour planner").await?;
    browser.tick("See members", false).await?;
    browser.press("Save").await?;
    browser.wait_to_see("Saved.").await?;

    let ada = world.address("ada");
    let invited = world.invite(&site.owner()?, &ada, &json!({ "role_id": role })).await?;
    world.desk(&format!("/console/roles/{role}")).await?;
    world.confirm("Delete the role", "Delete this role").await?;
    browser.wait_to_see("so it cannot be deleted").await?;
    world.desk_look("role-in-use").await?;
    site.owner()?.post(&format!("/v1/invitations/{}/revoke", invited.id), &json!({})).await?.expect(200)?;
    world.desk(&format!("/console/roles/{role}")).await?;
    world.summary("Delete the role").await?;
    world.desk_look("role-deleting").await?;
    browser.press("Delete this role").await?;
    browser.wait_to_see("The role is deleted.").await?;
    assert!(site.role("Tour planner").await.is_err());

    // Who sees roles and may not write them finds no form.
    let reader = json!({ "permissions": ["roles.read", "members.read", "invitations.read"] });
    browser.forget().await?;
    world.member_at_console("guest", &reader).await?;
    assert_eq!(world.texts("nav.side li").await?, ["Overview", "Invitations", "Members", "Roles"]);
    world.desk("/console/roles").await?;
    assert_eq!(browser.count("link", "New role").await?, 0);
    world.desk_look("roles-of-a-reader").await?;
    world.desk("/console/roles/new").await?;
    assert_eq!(browser.status().await?, 403);
    let owner = site.member(OWNER).await?.unwrap_or_default();
    world.desk(&format!("/console/members/{}", text(&owner, "/id")?)).await?;
    assert_eq!(browser.count("button", "Save").await?, 0);
    world.desk_look("member-of-a-reader").await
}

pub(crate) async fn a_key_is_shown_once_renewed_and_revoked(world: &World) -> Result<()> {
    let (site, browser) = (&world.site, &world.browser);
    let nowhere: [String; 0] = [];
    world.owner_at_console().await?;
    browser.follow("API keys").await?;
    world.desk_look("keys").await?;
    browser.follow("New API key").await?;
    world.desk_look("key-new").await?;
    browser.fill("Name of the key", "Time sheets").await?;
    browser.press("Create the key").await?;
    browser.wait_to_see("Tick at least one permission").await?;
    world.desk_look("key-refused").await?;
    browser.tick("See invitations", true).await?;
    browser.choose("Works for", "30 days").await?;
    browser.press("Create the key").await?;
    browser.wait_to_see("it is shown this once and never again").await?;
    let key = world.texts(".secret").await?.pop().unwrap_or_default();
    assert!(key.starts_with("ivk_"), "{}", browser.text().await?);
    assert_eq!(browser.count("button", "Copy the key").await?, 1);
    // It stands in this answer alone.
    assert_eq!(browser.traces_of(&key).await?, ["document"]);
    world.desk_look("key-made").await?;
    site.bearer(&key)?.get("/v1/invitations").await?.expect(200)?;
    browser.follow("All API keys").await?;
    assert_eq!(browser.traces_of(&key).await?, nowhere);
    browser.follow("Time sheets").await?;
    browser.see("About this key").await?;
    assert_eq!(browser.traces_of(&key).await?, nowhere);
    world.desk_look("key").await?;

    world.summary("Renew the key").await?;
    browser.choose("The old value works on for", "Not at all").await?;
    let renew = browser.web()?.find(thirtyfour::By::Css("details[open] button[type=submit]")).await?;
    browser.click(renew).await?;
    browser.wait_to_see("The key has a new value").await?;
    world.desk_look("key-renewed").await?;
    let renewed = world.texts(".secret").await?.pop().unwrap_or_default();
    assert_ne!(renewed, key);
    site.bearer(&key)?.get("/v1/invitations").await?.expect(401)?;
    site.bearer(&renewed)?.get("/v1/invitations").await?.expect(200)?;

    browser.follow("All API keys").await?;
    browser.follow("Time sheets").await?;
    world.summary("Revoke the key").await?;
    world.desk_look("key-revoking").await?;
    browser.press("Revoke this key").await?;
    browser.wait_to_see("The key is revoked.").await?;
    site.bearer(&renewed)?.get("/v1/invitations").await?.expect(401)?;
    // Not even by going back does the browser show it again.
    for _ in 0..4 {
        browser.back().await?;
        assert_eq!(browser.traces_of(&renewed).await?, nowhere);
    }
    Ok(())
}
