//! Offers: who is asked for what, and what comes of it.

use crate::{
    common::{PASSWORD, text},
    world::World,
};
use invite_tests::Result;
use serde_json::json;

pub(crate) async fn a_new_person_reads_the_offer_mends_the_form_and_joins(world: &World) -> Result<()> {
    let (site, browser) = (&world.site, &world.browser);
    // Somebody with a name invites.
    let grace = world.address("grace");
    let admin = json!({ "role_id": site.role("admin").await? });
    let invited = world.invite(&site.owner()?, &grace, &admin).await?;
    let joined = site.anyone()?.redeem(&invited.token, PASSWORD).await?.expect(201)?;
    let grace = site.bearer(text(&joined, "/session/token")?)?;
    let ada = world.address("ada");
    let more = json!({ "role_id": site.role("member").await?, "message": "Looking forward to\nworking with you." });
    let invited = world.invite(&grace, &ada, &more).await?;

    browser.open(&invited.link).await?;
    assert_eq!(browser.status().await?, 200);
    assert_eq!(browser.heading().await?, "Join Acme");
    for words in ["Ada Lovelace", "member", "Looking forward to", "a•••", "until"] {
        browser.see(words).await?;
    }
    assert!(!browser.text().await?.contains(&ada), "the address is masked");
    world.page("accept-new").await?;

    browser.fill("Your name", "Ada").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.fill("Repeat the password", "something else 41").await?;
    browser.press("Create the account and join").await?;
    browser.wait_to_see("The two passwords are not the same").await?;
    assert_eq!(browser.value("Your name").await?, "Ada", "what was typed is still there");
    world.page("accept-new-mistaken").await?;
    assert_eq!(site.member(&ada).await?, None);

    browser.fill("Your name", "Ada King").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.fill("Repeat the password", PASSWORD).await?;
    browser.press("Create the account and join").await?;
    browser.wait_to_see("Welcome to Acme").await?;
    world.page("success-new").await?;
    assert!(world.is_signed_in().await?);
    assert_eq!(world.status(&grace, &invited.id).await?, "redeemed");
    let member = site.member(&ada).await?.unwrap_or_default();
    assert_eq!((&member["account"]["name"], &member["role"]["name"]), (&json!("Ada King"), &json!("member")));
    Ok(())
}

pub(crate) async fn a_person_with_an_account_joins_by_one_button(world: &World) -> Result<()> {
    let (bob, globex) = (world.person("bob").await?, world.house("Globex").await?);
    let invited = world.invite(&globex.api, &bob, &json!({})).await?;
    let browser = &world.browser;
    browser.open(&invited.link).await?;
    browser.see("You already have an account").await?;
    assert_eq!(browser.count("field", "Password").await?, 0);
    world.page("accept-existing").await?;
    browser.press(&format!("Join {}", globex.name)).await?;
    browser.wait_to_see(&format!("Welcome to {}", globex.name)).await?;
    world.page("success-existing").await?;
    assert!(!world.is_signed_in().await?, "the mail alone signs nobody in");
    assert_eq!(world.status(&globex.api, &invited.id).await?, "redeemed");
    Ok(())
}

pub(crate) async fn a_person_who_is_signed_in_joins_by_one_button(world: &World) -> Result<()> {
    let (bob, globex) = (world.person("bob").await?, world.house("Globex").await?);
    world.sign_in(&bob).await?;
    let invited = world.invite(&globex.api, &bob, &json!({})).await?;
    let browser = &world.browser;
    browser.open(&invited.link).await?;
    browser.see("You are signed in as b•••").await?;
    world.page("accept-signed-in").await?;
    browser.press(&format!("Join {}", globex.name)).await?;
    browser.wait_to_see(&format!("Welcome to {}", globex.name)).await?;
    world.page("success-signed-in").await?;
    assert!(world.is_signed_in().await?);
    Ok(())
}

pub(crate) async fn link_7_somebody_else_who_is_signed_in_switches_and_the_right_person_joins(
    world: &World,
) -> Result<()> {
    let (bob, globex, zoe) = (world.person("bob").await?, world.house("Globex").await?, world.address("zoe"));
    world.sign_in(&bob).await?;
    let invited = world.invite(&globex.api, &zoe, &json!({})).await?;
    let browser = &world.browser;
    browser.open(&invited.link).await?;
    browser.see("You are signed in as somebody else").await?;
    browser.see("b•••").await?;
    browser.see("z•••").await?;
    assert_eq!(browser.count("button", "Join").await?, 0);
    world.page("switch-account").await?;
    assert_eq!(world.status(&globex.api, &invited.id).await?, "pending");
    browser.press("Sign out and continue").await?;
    browser.wait_to_see("Create your account").await?;
    assert!(!world.is_signed_in().await?);
    browser.fill("Your name", "Zoë").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.fill("Repeat the password", PASSWORD).await?;
    browser.press("Create the account and join").await?;
    browser.wait_to_see(&format!("Welcome to {}", globex.name)).await?;
    assert_eq!(world.status(&globex.api, &invited.id).await?, "redeemed");
    Ok(())
}

/// By an invitation to a phone number, which says nothing about whose it is.
pub(crate) async fn a_member_is_told_that_nothing_is_left_to_do(world: &World) -> Result<()> {
    let bob = world.person("bob").await?;
    world.sign_in(&bob).await?;
    let body = json!({ "recipient": { "phone": "+33199001234" }, "channels": [], "return": ["link"], "on_conflict": "replace" });
    let owner = world.site.owner()?;
    let issued = owner.post("/v1/invitations", &body).await?.expect(201)?;
    let browser = &world.browser;
    browser.open(text(&issued, "/link")?).await?;
    browser.see("You already belong to Acme").await?;
    assert_eq!(browser.count("button", "Join").await?, 0);
    world.page("already-member").await?;
    assert_eq!(world.status(&owner, text(&issued, "/id")?).await?, "pending");
    Ok(())
}

pub(crate) async fn a_person_declines_and_wants_no_more_mail(world: &World) -> Result<()> {
    let (ada, globex) = (world.address("ada"), world.house("Globex").await?);
    let invited = world.invite(&globex.api, &ada, &json!({})).await?;
    let browser = &world.browser;
    browser.open(&invited.link).await?;
    browser.press("Not for you?").await?;
    world.page("accept-or-decline").await?;
    browser.press("Not for you?").await?;
    world.decline(true).await?;
    browser.wait_to_see("You have declined").await?;
    browser.see("no more invitations to this address").await?;
    world.page("declined").await?;
    assert_eq!(world.status(&globex.api, &invited.id).await?, "declined");
    let body = json!({ "recipient": { "email": ada } });
    // Who invites again is not told: the invitation is made, its mail is not sent.
    let again = globex.api.post("/v1/invitations", &body).await?.expect(201)?;
    assert_eq!(again["deliveries"][0]["reason"], "recipient_blocked", "{again}");
    assert_eq!(world.site.mails_to(&ada), 1);

    // The link explains itself afterwards, to whoever opens it.
    browser.forget().await?;
    browser.open(&invited.link).await?;
    assert_eq!(browser.status().await?, 410);
    browser.see("This invitation was declined").await?;
    world.page("dead-declined").await
}

pub(crate) async fn link_6_a_success_leads_to_the_allowed_destination_without_a_referer(world: &World) -> Result<()> {
    let (ada, browser) = (world.address("ada"), &world.browser);
    let more = json!({ "redirect_url": format!("{}/welcome", world.elsewhere.url()) });
    let invited = world.invite(&world.site.owner()?, &ada, &more).await?;
    browser.open(&invited.link).await?;
    browser.fill("Your name", "Ada").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.fill("Repeat the password", PASSWORD).await?;
    browser.press("Create the account and join").await?;
    browser.wait_to_see("Somewhere else").await?;
    assert_eq!(browser.csp_violations().await?, Vec::<String>::new());
    assert!(browser.url().await?.starts_with(&format!("{}/welcome", world.elsewhere.url())));
    let requests = world.elsewhere.requests();
    let arrival = requests.iter().find(|head| head.starts_with("GET /welcome")).cloned().unwrap_or_default();
    assert!(arrival.contains(&invited.id), "{arrival}");
    assert!(!arrival.to_lowercase().contains("\nreferer:"), "{arrival}");
    assert!(!requests.concat().contains(&invited.token), "{requests:?}");
    assert_eq!(browser.traces_of(&invited.token).await?, Vec::<String>::new());
    assert_eq!(world.status(&world.site.owner()?, &invited.id).await?, "redeemed");
    // Nothing of this is left to be counted on the next page.
    browser.traffic().await?;
    Ok(())
}

pub(crate) async fn a_new_person_joins_without_javascript(world: &World) -> Result<()> {
    let (ada, browser) = (world.address("ada"), &world.browser);
    let invited = world.invite(&world.site.owner()?, &ada, &json!({})).await?;
    browser.javascript(false).await?;
    browser.open(&invited.link).await?;
    browser.fill("Your name", "Ada").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.fill("Repeat the password", "something else 41").await?;
    browser.press("Create the account and join").await?;
    browser.wait_to_see("The two passwords are not the same").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.fill("Repeat the password", PASSWORD).await?;
    browser.press("Create the account and join").await?;
    browser.wait_to_see("Welcome to Acme").await?;
    browser.open(&invited.link).await?;
    browser.wait_to_see("This invitation has been used").await?;
    // Another declines, and a third asks for a new link.
    let bob = world.address("bob");
    let invited = world.invite(&world.site.owner()?, &bob, &json!({})).await?;
    browser.open(&invited.link).await?;
    // Whoever was signed in by joining is asked to switch first.
    browser.press("Sign out and continue").await?;
    browser.wait_to_see("Create your account").await?;
    world.decline(false).await?;
    browser.wait_to_see("You have declined").await?;
    let eve = world.address("eve");
    let first = world.invite(&world.site.owner()?, &eve, &json!({})).await?;
    world.site.owner()?.post(&format!("/v1/invitations/{}/resend", first.id), &json!({})).await?.expect(200)?;
    world.site.mail(&eve, 2).await?;
    browser.open(&first.link).await?;
    browser.press("Ask for a new link").await?;
    browser.wait_to_see("Your request has arrived").await?;
    world.site.mail(&eve, 3).await?;
    assert_eq!(browser.csp_violations().await?, Vec::<String>::new());
    browser.javascript(true).await
}
