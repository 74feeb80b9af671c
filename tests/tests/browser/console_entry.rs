//! The way in to the console and out again; one's own account; where somebody belongs nowhere or may nothing.

use crate::{
    common::{OWNER, PASSWORD, text},
    world::World,
};
use invite_tests::Result;
use serde_json::json;

/// What is chosen in the password's place.
const ANOTHER: &str = "another harbour sings 42";

pub(crate) async fn signing_in_a_wrong_password_a_forgotten_one_and_a_key(world: &World) -> Result<()> {
    let (site, browser) = (&world.site, &world.browser);
    world.owner_has_password().await?;
    browser.forget().await?;
    // Who asks for a page is led to sign in, and from there to that page.
    world.desk("/console/settings").await?;
    assert_eq!(browser.heading().await?, "Sign in");
    world.desk_look("sign-in").await?;
    browser.fill("E-mail address", OWNER).await?;
    browser.fill("Password", "not this one at all").await?;
    browser.press("Sign in").await?;
    browser.wait_to_see("This does not match any account").await?;
    assert_eq!(browser.status().await?, 401);
    assert_eq!(browser.value("E-mail address").await?, OWNER, "what was typed is still there");
    assert_eq!(browser.value("Password").await?, "");
    world.desk_look("sign-in-refused").await?;

    let mails = site.mails_to(OWNER);
    browser.follow("Forgotten your password?").await?;
    world.desk_look("forgotten").await?;
    browser.fill("E-mail address", "nobody at all").await?;
    world.unchecked().await?;
    browser.press("Send me the link").await?;
    browser.wait_to_see("This is not an e-mail address").await?;
    world.desk_look("forgotten-mistaken").await?;
    browser.fill("E-mail address", OWNER).await?;
    browser.press("Send me the link").await?;
    browser.wait_to_see("Check your mailbox").await?;
    world.desk_look("forgotten-asked").await?;
    let link = site.mail(OWNER, mails + 1).await?.only_link()?;
    browser.open(&link).await?;
    browser.fill("New password", ANOTHER).await?;
    browser.fill("Repeat the password", ANOTHER).await?;
    browser.press("Save the password").await?;
    browser.wait_to_see("Your password is set").await?;

    browser.forget().await?;
    world.desk("/console/settings").await?;
    browser.fill("E-mail address", OWNER).await?;
    browser.fill("Password", PASSWORD).await?;
    browser.press("Sign in").await?;
    browser.wait_to_see("This does not match any account").await?;
    browser.fill("Password", ANOTHER).await?;
    browser.press("Sign in").await?;
    browser.wait_to_see("Sign out").await?;
    assert_eq!(browser.path().await?, "/console/settings");
    browser.press("Sign out").await?;
    browser.wait_to_see("You are signed out").await?;
    world.desk_look("signed-out").await?;
    assert!(!world.is_signed_in().await?);

    let key = text(&site.setup, "/api_key")?;
    browser.follow("Sign in with an API key").await?;
    world.desk_look("sign-in-by-key").await?;
    browser.fill("API key", &format!("{}A", &key[..key.len() - 1])).await?;
    browser.press("Sign in").await?;
    browser.wait_to_see("This key is not known").await?;
    world.desk_look("sign-in-by-key-refused").await?;
    browser.fill("API key", key).await?;
    browser.press("Sign in").await?;
    browser.wait_to_see("Sign out").await?;
    assert_eq!(browser.traces_of(key).await?, Vec::<String>::new());
    world.desk("/console/account").await?;
    browser.see("which is nobody’s account").await?;
    world.desk_look("account-of-a-key").await?;
    assert_eq!(browser.traces_of(key).await?, Vec::<String>::new());
    for (name, value) in browser.cookies().await? {
        assert!(!value.contains(key), "{name} holds the key as it is");
    }
    browser.press("Sign out").await?;
    browser.wait_to_see("You are signed out").await?;
    world.desk("/console").await?;
    assert_eq!(browser.heading().await?, "Sign in");
    Ok(())
}

pub(crate) async fn a_person_changes_name_address_and_password_and_ends_all_sessions(world: &World) -> Result<()> {
    let (site, browser) = (&world.site, &world.browser);
    let ada = world.member_at_console("ada", &json!({})).await?;
    // Without any permission there is one's own account, and nothing else.
    assert_eq!(browser.path().await?, "/console/account");
    assert_eq!(world.texts("nav.side li").await?, Vec::<String>::new());
    world.desk_look("account-without-permissions").await?;
    for path in ["dashboard", "invitations", "members", "roles", "api-keys", "dead-letters", "settings"] {
        world.desk(&format!("/console/{path}")).await?;
        assert_eq!(browser.status().await?, 403, "{path}");
        browser.see("You do not have the permission for this").await?;
    }
    world.desk_look("forbidden").await?;
    browser.follow("Go to the console").await?;
    assert_eq!(browser.path().await?, "/console/account");
    browser.fill("Your name", "Ada King").await?;
    browser.press("Save").await?;
    browser.wait_to_see("Saved.").await?;
    assert_eq!(browser.value("Your name").await?, "Ada King");
    world.desk_look("account").await?;

    let fresh = world.address("ada-fresh");
    browser.fill("New address", &fresh).await?;
    world.fill_by_id("address_password", "not this one at all").await?;
    browser.press("Change the address").await?;
    browser.wait_to_see("This password is not right").await?;
    assert_eq!(browser.value("New address").await?, fresh, "what was typed is still there");
    world.desk_look("account-refused").await?;
    assert_eq!(site.mails_to(&fresh), 0);
    world.fill_by_id("address_password", PASSWORD).await?;
    browser.press("Change the address").await?;
    browser.wait_to_see("We have sent a link to the new address").await?;
    browser.see(&ada).await?;
    let told = site.mails_to(&ada);
    browser.open(&site.mail(&fresh, 1).await?.only_link()?).await?;
    browser.see("Confirm your new address").await?;
    world.page("account-address").await?;
    browser.press("Confirm the address").await?;
    browser.wait_to_see("Your new address is confirmed").await?;
    world.page("account-address-done").await?;
    assert_eq!(site.mail(&ada, told + 1).await?.header("Subject")?, "Your e-mail address was changed");
    world.desk("/console/account").await?;
    if browser.heading().await? == "Sign in" {
        world.at_console(&fresh).await?;
    }
    world.desk("/console/account").await?;
    browser.see(&fresh).await?;

    world.fill_by_id("current_password", PASSWORD).await?;
    browser.fill("New password", ANOTHER).await?;
    browser.fill("Repeat the password", PASSWORD).await?;
    browser.press("Change the password").await?;
    browser.wait_to_see("The two passwords are not the same").await?;
    world.desk_look("account-password-refused").await?;
    world.fill_by_id("current_password", PASSWORD).await?;
    browser.fill("New password", ANOTHER).await?;
    browser.fill("Repeat the password", ANOTHER).await?;
    browser.press("Change the password").await?;
    browser.wait_to_see("Your password is changed").await?;
    for secret in [PASSWORD, ANOTHER] {
        assert_eq!(browser.traces_of(secret).await?, Vec::<String>::new());
    }
    let body = json!({ "email": fresh, "password": ANOTHER });
    let elsewhere = site.anyone()?.post("/v1/sessions", &body).await?.expect(201)?;
    let elsewhere = site.bearer(text(&elsewhere, "/session/token")?)?;
    elsewhere.get("/v1/me").await?.expect(200)?;
    browser.press("End all sessions").await?;
    browser.wait_to_see("All sessions have ended").await?;
    elsewhere.get("/v1/me").await?.expect(401)?;
    world.desk("/console/account").await?;
    assert_eq!(browser.heading().await?, "Sign in");
    Ok(())
}

pub(crate) async fn somebody_in_two_organisations_switches_leaves_both_and_belongs_nowhere(
    world: &World,
) -> Result<()> {
    let (site, browser) = (&world.site, &world.browser);
    let (bob, globex) = (world.address("bob"), world.house("Globex").await?);
    let member = json!({ "role_id": site.role("member").await? });
    let invited = world.invite(&site.owner()?, &bob, &member).await?;
    site.anyone()?.redeem(&invited.token, PASSWORD).await?.expect(201)?;
    let roles = globex.api.get("/v1/roles").await?.expect(200)?;
    let admin = roles["items"].as_array().into_iter().flatten().find(|role| role["name"] == "admin");
    let admin = json!({ "role_id": admin.map(|role| role["id"].clone()) });
    let invited = world.invite(&globex.api, &bob, &admin).await?;
    site.anyone()?.post("/v1/redemptions", &json!({ "token": invited.token })).await?.expect(201)?;
    world.at_console(&bob).await?;
    world.desk_look("organizations").await?;
    for name in [globex.name.as_str(), "Acme", globex.name.as_str()] {
        world.switch_to(name).await?;
    }

    // What is another organisation's own is told as such, and can be opened there.
    world.desk(&format!("/console/invitations/{}", invited.id)).await?;
    world.switch_to("Acme").await?;
    world.desk(&format!("/console/invitations/{}", invited.id)).await?;
    browser.see("Another organization’s invitation").await?;
    world.desk_look("invitation-elsewhere").await?;
    browser.press(&format!("Open it in {}", globex.name)).await?;
    browser.wait_to_see("About this invitation").await?;

    browser.choose("Language", "Français").await?;
    browser.press("Change").await?;
    browser.wait_to_see("Se déconnecter").await?;
    world.desk("/console/invitations/new").await?;
    world.desk_look("language").await?;
    browser.choose("Langue", "English").await?;
    // Two buttons are called so: this one belongs to the languages.
    browser.press_in("Español", "Changer").await?;
    browser.wait_to_see("Sign out").await?;

    // A form that is not of this session counts for nothing.
    world.desk("/console/account").await?;
    let forge = "document.querySelectorAll('input[name=csrf]').forEach(field => { field.value = 'AAAA' })";
    browser.script(forge, vec![]).await?;
    browser.fill("Your name", "Mallory").await?;
    browser.press("Save").await?;
    browser.wait_to_see("This page was open too long").await?;
    world.desk_look("form-expired").await?;
    world.desk("/console/account").await?;
    assert_eq!(browser.value("Your name").await?, "Ada Lovelace");

    world.desk("/console/leave").await?;
    browser.see("You are about to leave").await?;
    world.desk_look("leave").await?;
    browser.press("Leave").await?;
    browser.wait_to_see("You have left the organization").await?;
    assert_eq!(browser.count("button", "Switch").await?, 0);
    world.desk("/console/leave").await?;
    browser.press("Leave").await?;
    browser.wait_to_see("You belong to no organization").await?;
    world.desk_look("nowhere").await?;
    browser.press("Sign out").await?;
    browser.wait_to_see("You are signed out").await
}
