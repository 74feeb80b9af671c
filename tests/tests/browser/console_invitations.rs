//! Invitations at the console: the list, issuing, one of every status, and everything that is done to one.

use crate::{
    common::{PASSWORD, text},
    world::{SHORT, World},
};
use invite_tests::{
    Result,
    smtp::{Fault, Step},
};
use serde_json::{Value, json};

/// How many rows a page of the list has.
const ROWS: usize = 25;

pub(crate) async fn the_list_is_empty_then_filtered_searched_sorted_and_paged(world: &World) -> Result<()> {
    let (site, browser, owner) = (&world.site, &world.browser, world.site.owner()?);
    world.owner_at_console().await?;
    browser.follow("Invitations").await?;
    browser.see("Nobody has been invited yet").await?;
    world.desk_look("invitations-empty").await?;

    let member = json!({ "role_id": site.role("member").await? });
    let names = ["ada", "bob", "zoë.maria-magdalena.wolkenstein"];
    for (number, name) in (0..ROWS + 3).zip(names.into_iter().cycle()) {
        let mut body = json!({ "recipient": { "email": format!("{name}-{number}@example.org") } });
        if number % 2 == 0 {
            body["role_id"] = member["role_id"].clone();
        }
        let issued = owner.post("/v1/invitations", &body).await?.expect(201)?;
        if number < 2 {
            let token = site.mailed_token(&format!("{name}-{number}@example.org"), 1).await?;
            match number {
                0 => drop(site.anyone()?.redeem(&token, PASSWORD).await?.expect(201)?),
                _ => drop(site.anyone()?.post("/v1/redemptions/decline", &json!({ "token": token })).await?),
            }
        }
        if number == 2 {
            owner.post(&format!("/v1/invitations/{}/revoke", text(&issued, "/id")?), &json!({})).await?.expect(200)?;
        }
    }
    browser.reload().await?;
    assert_eq!(world.texts("tbody tr").await?.len(), ROWS);
    browser.see("28 invitations").await?;
    world.desk_look("invitations").await?;
    browser.follow("Next page").await?;
    assert_eq!(world.texts("tbody tr").await?.len(), 3);
    for (name, status) in [("ada-0@", "Accepted"), ("bob-1@", "Declined"), ("wolkenstein-2@", "Withdrawn")] {
        let row = world.row(name).await?;
        assert!(row.contains(status), "{row}");
    }
    world.desk_look("invitations-last-page").await?;
    browser.follow("First page").await?;
    assert_eq!(world.texts("tbody tr").await?.len(), ROWS);

    browser.follow("Recipient").await?;
    assert!(world.texts("tbody tr th").await?[0].starts_with("ada-0@"));
    assert_eq!(world.texts("th[aria-sort=ascending]").await?.len(), 1);
    browser.follow("Open").await?;
    assert!(world.texts("tbody tr th").await?[0].starts_with("ada-12@"), "sorted as before, the accepted one gone");
    browser.fill("Search", "wolkenstein-5").await?;
    browser.choose("Role", "Any role").await?;
    browser.press("Filter").await?;
    assert_eq!(world.texts("tbody tr").await?.len(), 1);
    assert_eq!(browser.value("Search").await?, "wolkenstein-5");
    world.desk_look("invitations-filtered").await?;
    browser.choose("Delivery", "Failed").await?;
    browser.press("Filter").await?;
    browser.see("Nothing matches these filters").await?;
    world.desk_look("invitations-nothing-found").await?;
    browser.follow("Show all").await?;
    browser.see("28 invitations").await
}

pub(crate) async fn one_and_several_are_issued_and_what_is_wrong_is_said(world: &World) -> Result<()> {
    let (site, browser, owner) = (&world.site, &world.browser, world.site.owner()?);
    let (member, waiting, blocked) = (world.person("mia").await?, world.address("wim"), world.address("bea"));
    world.invite(&owner, &waiting, &json!({})).await?;
    let refusing = world.invite(&owner, &blocked, &json!({})).await?;
    let decline = json!({ "token": refusing.token, "block": true });
    site.anyone()?.post("/v1/redemptions/decline", &decline).await?;
    world.owner_at_console().await?;
    world.desk("/console/invitations").await?;
    browser.follow("Invite people").await?;
    world.desk_look("issue").await?;

    let (ada, ben) = (world.address("ada"), world.address("ben"));
    let sent = site.smtp.messages().len();
    browser.paste("E-mail addresses", &format!("Ada Lovelace <{ada}>\nthis is none\n{ben}, nor@this")).await?;
    browser.fill("Personal message", "See you soon.").await?;
    browser.press("Send the invitations").await?;
    browser.wait_to_see("not e-mail addresses. Nothing was sent").await?;
    browser.see("Line 2:").await?;
    browser.see("nor@this").await?;
    assert_eq!(browser.value("Personal message").await?, "See you soon.", "what was typed is still there");
    world.desk_look("issue-mistaken").await?;

    let addresses = format!("Ada Lovelace <{ada}>\n{ben}; {waiting} {member}\n{blocked}");
    browser.paste("E-mail addresses", &addresses).await?;
    browser.fill("Days until it expires", "0").await?;
    world.unchecked().await?;
    browser.press("Send the invitations").await?;
    browser.wait_to_see("Enter a whole number from 1 to").await?;
    world.desk_look("issue-refused").await?;
    browser.fill("Days until it expires", "3").await?;
    world.summary("Further permissions").await?;
    browser.tick("See invitations", true).await?;
    browser.choose("Language of the mail", "Français").await?;
    browser.press("Preview the mail").await?;
    browser.wait_to_see("The mail as it will look").await?;
    browser.see("Nothing has been sent").await?;
    // The mail itself stands in a frame of its own, which may do nothing.
    let frame = browser.web()?.find(thirtyfour::By::Css("iframe.mail")).await?;
    browser.web()?.enter_frame(0).await?;
    browser.wait_to_see("See you soon.").await?;
    assert_eq!(browser.script("return document.documentElement.lang", vec![]).await?, "fr");
    browser.web()?.enter_default_frame().await?;
    assert_eq!(frame.attr("sandbox").await?.as_deref(), Some(""));
    world.desk_look("issue-preview").await?;
    assert_eq!(site.smtp.messages().len(), sent, "nothing was sent so far");

    browser.press("Send the invitations").await?;
    browser.wait_to_see("What became of them").await?;
    for (address, outcome) in [
        (&ada, "Invited The mail is on its way"),
        (&ben, "Invited The mail is on its way"),
        (&waiting, "Invited already"),
        (&member, "Member already"),
        (&blocked, "No mail wanted"),
    ] {
        let row = world.row(address).await?;
        assert!(row.contains(outcome), "{outcome}: {row}");
    }
    world.desk_look("issue-outcome").await?;
    for address in [&ada, &ben] {
        let mail = site.mail(address, 1).await?;
        assert!(mail.text.contains("See you soon.") && mail.header("Subject")?.contains("rejoindre"), "{}", mail.text);
    }
    browser.follow(&ada).await?;
    browser.see("About this invitation").await?;
    browser.see("See invitations").await
}

pub(crate) async fn an_open_invitation_is_sent_again_extended_changed_shown_and_withdrawn(world: &World) -> Result<()> {
    let (site, browser, owner) = (&world.site, &world.browser, world.site.owner()?);
    world.owner_at_console().await?;
    let ada = world.address("ada");
    let more = json!({ "message": "Looking forward to\nworking with you.", "expires_in": 86_400 });
    let invited = world.invite(&owner, &ada, &more).await?;
    site.wait_until_sent(&invited.id).await?;
    let path = format!("/console/invitations/{}", invited.id);
    world.desk(&path).await?;
    browser.see("working with you.").await?;
    world.desk_look("invitation-open").await?;

    world.summary("Send again").await?;
    world.desk_look("invitation-resending").await?;
    world.browser.reload().await?;
    world.confirm("Send again", "Send a new link").await?;
    browser.wait_to_see("A new link is on its way. The old one no longer works").await?;
    world.desk_look("invitation-resent").await?;
    let second = site.mailed_token(&ada, 2).await?;
    assert_ne!(second, invited.token);

    world.summary("Extend").await?;
    world.fill_by_id("extend_days", "14").await?;
    browser.press("Extend the invitation").await?;
    browser.wait_to_see("The invitation is extended").await?;
    assert!(world.texts(".timeline strong").await?.iter().any(|what| what == "Extended"));
    world.summary("Extend").await?;
    world.fill_by_id("extend_days", "2").await?;
    browser.press("Extend the invitation").await?;
    browser.wait_to_see("Please correct").await?;
    world.desk_look("invitation-extend-refused").await?;

    world.desk(&path).await?;
    browser.follow("Change what it says or grants").await?;
    world.desk_look("invitation-edit").await?;
    browser.choose("Role in the organization", "Guest").await?;
    browser.press("Save").await?;
    browser.wait_to_see("The invitation is changed and has a new link").await?;
    world.desk_look("invitation-changed").await?;
    let third = site.mailed_token(&ada, 3).await?;

    world.confirm("Show link and code", "Show the link").await?;
    browser.wait_to_see("Pass them on to nobody but the invited person").await?;
    let shown = world.texts(".secret").await?;
    let token = shown.first().and_then(|link| link.rsplit('/').next()).unwrap_or_default().to_owned();
    assert_ne!(token, third, "a link that was not mailed proves no mailbox");
    assert_eq!(site.anyone()?.get(&format!("/i/{token}")).await?.status, 303);
    assert_eq!(shown.len(), 2, "link and code: {shown:?}");
    assert_eq!(browser.count("button", "Copy the link").await?, 1);
    let drawn = browser.script("return document.querySelector('svg.qr path').getAttribute('d').length", vec![]).await?;
    assert!(drawn.as_u64().is_some_and(|length| length > 1000), "{drawn}");
    // It stands in this answer alone: not in its address, its title, the history, or what was fetched.
    assert_eq!(browser.traces_of(&token[4..40]).await?, ["document"]);
    world.desk_look("invitation-revealed").await?;
    browser.press("Copy the link").await?;
    browser.follow("Hide them").await?;
    let nowhere: [String; 0] = [];
    for secret in [&token[4..40], shown[1].as_str()] {
        assert_eq!(browser.traces_of(secret).await?, nowhere);
    }
    assert!(world.texts(".timeline strong").await?.iter().any(|what| what == "Link shown"));

    world.summary("Withdraw").await?;
    world.desk_look("invitation-withdrawing").await?;
    browser.fill("Reason, if you like", "A <b>mistake</b>.").await?;
    browser.press("Withdraw the invitation").await?;
    browser.wait_to_see("The invitation is withdrawn").await?;
    browser.see("A <b>mistake</b>.").await?;
    assert_eq!(browser.count("button", "Send again").await?, 0);
    world.desk_look("invitation-withdrawn").await?;
    assert_eq!(world.status(&owner, &invited.id).await?, "revoked");
    Ok(())
}

pub(crate) async fn ended_held_and_undelivered_invitations_say_so_and_offer_what_helps(world: &World) -> Result<()> {
    let (site, browser, owner) = (&world.site, &world.browser, world.site.owner()?);
    world.owner_at_console().await?;
    let open = async |id: &str| world.desk(&format!("/console/invitations/{id}")).await;

    let joined = world.invite(&owner, &world.address("joined"), &json!({})).await?;
    site.anyone()?.redeem(&joined.token, PASSWORD).await?.expect(201)?;
    open(&joined.id).await?;
    browser.see("Joined as a member").await?;
    assert_eq!(browser.count("button", "Withdraw").await?, 0);
    world.desk_look("invitation-accepted").await?;

    let declined = world.invite(&owner, &world.address("declined"), &json!({})).await?;
    site.anyone()?.post("/v1/redemptions/decline", &json!({ "token": declined.token })).await?;
    open(&declined.id).await?;
    assert_eq!(world.texts(".facts .badge").await?.first().map(String::as_str), Some("Declined"));
    world.desk_look("invitation-declined").await?;

    let late = world.address("late");
    let expired = world.invite(&owner, &late, &json!({ "expires_in": SHORT })).await?;
    site.wait_for_status(&expired.id, "expired").await?;
    open(&expired.id).await?;
    browser.see("Send it again or extend it, and it can be accepted").await?;
    world.desk_look("invitation-expired").await?;
    world.summary("Send again").await?;
    browser.choose("Language of the mail", "Deutsch").await?;
    browser.press("Send a new link").await?;
    browser.wait_to_see("A new link is on its way").await?;
    assert_eq!(world.status(&owner, &expired.id).await?, "pending");
    assert!(site.mail(&late, 2).await?.header("Subject")?.contains("Neuer Link"));

    // Who invited may no longer give what the invitation grants.
    let rights = json!({ "permissions": ["invitations.issue", "timesheets.write"] });
    let invited = world.invite(&owner, &world.address("rita"), &rights).await?;
    let rita = site.anyone()?.redeem(&invited.token, PASSWORD).await?.expect(201)?;
    let hers = site.bearer(text(&rita, "/session/token")?)?;
    let held = world.invite(&hers, &world.address("held"), &json!({ "permissions": ["timesheets.write"] })).await?;
    let member = format!("/v1/members/{}", text(&rita, "/membership/id")?);
    owner.patch(&member, &json!({ "permissions": ["invitations.issue"] })).await?.expect(200)?;
    open(&held.id).await?;
    browser.see("It cannot be accepted until somebody takes it over").await?;
    world.desk_look("invitation-on-hold").await?;
    browser.press("Take over and send").await?;
    browser.wait_to_see("You have taken the invitation over").await?;
    assert!(world.texts(".timeline strong").await?.iter().any(|what| what == "Taken over"));
    assert_eq!(world.status(&owner, &held.id).await?, "pending");

    // Nobody takes the mail.
    site.smtp.fail_always(Fault::Reject5xx(Step::Recipient));
    let lost = world.address("lost");
    let body = json!({ "recipient": { "email": lost } });
    let issued = owner.post("/v1/invitations", &body).await?.expect(201)?;
    let id = text(&issued, "/id")?;
    failed(world, id).await?;
    site.smtp.recover();
    open(id).await?;
    browser.see("The mail server refused this address").await?;
    world.desk_look("invitation-undelivered").await?;

    // An id nobody has, and one that is none.
    for unknown in ["01a20277-9ccf-76aa-9d89-e1d91f75dcac", "x"] {
        open(unknown).await?;
        assert_eq!(browser.status().await?, 404);
    }
    world.desk_look("not-found").await
}

/// Waits until the mail of an invitation is given up.
pub(crate) async fn failed(world: &World, id: &str) -> Result<Value> {
    crate::common::eventually(&format!("the mail of {id} was never given up"), async || {
        let invitation = world.site.invitation(id).await?;
        Ok((invitation["deliveries"][0]["state"] == "failed").then_some(invitation))
    })
    .await
}
