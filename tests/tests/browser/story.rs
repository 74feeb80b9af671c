//! The whole story: somebody sets the service up and invites three people; what they do shows at the console.

use crate::{
    common::{OWNER, PASSWORD, eventually, text},
    scanner::{TIMES, scan},
    world::World,
};
use invite_tests::{
    Result,
    browser::{DESKTOP, PHONE},
    mail::Mail,
    service::Sandbox,
};
use serde_json::json;

/// Whom the owner invites: address, the language as the form names it, and the subject of the mail.
struct Guest {
    address: String,
    language: &'static str,
    subject: &'static str,
    mails_before: usize,
}

async fn invite(world: &World, guest: &Guest) -> Result<()> {
    let browser = &world.browser;
    browser.follow("Invite people").await?;
    browser.fill("E-mail addresses", &guest.address).await?;
    browser.choose("Role in the organization", "Member").await?;
    browser.choose("Language of the mail", guest.language).await?;
    browser.fill("Personal message", "Looking forward to working with you.").await?;
    browser.press("Send the invitations").await?;
    browser.wait_to_see("The invitation is issued, and the mail is on its way").await?;
    browser.follow("Invitations").await
}

/// Somebody who has an account already, by another organisation.
async fn acquaintance(world: &World) -> Result<String> {
    let (globex, zoe) = (world.house("Globex").await?, world.address("zoe"));
    let invited = world.invite(&globex.api, &zoe, &json!({})).await?;
    world.site.anyone()?.redeem(&invited.token, PASSWORD).await?.expect(201)?;
    Ok(zoe)
}

/// The mails of the three, in three languages, each with one link.
async fn mails(world: &World, guests: &[Guest]) -> Result<Vec<Mail>> {
    let mut mails = Vec::new();
    for guest in guests {
        let mail = world.site.mail(&guest.address, guest.mails_before + 1).await?;
        assert_eq!(mail.header("Subject")?, guest.subject);
        assert!(mail.text.contains("Looking forward to working with you."), "{}", mail.text);
        mail.only_link()?;
        mails.push(mail);
    }
    Ok(mails)
}

/// A new person on a phone, one who has an account, one who declines: each on pages in their own language.
async fn answer(world: &World, mails: &[Mail]) -> Result<()> {
    let browser = &world.browser;
    browser.resize(PHONE).await?;
    browser.open(&mails[0].only_link()?).await?;
    browser.fill("Your name", "Ada Lovelace").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.fill("Repeat the password", PASSWORD).await?;
    browser.press("Create the account and join").await?;
    browser.wait_to_see("Welcome to Acme").await?;
    browser.resize(DESKTOP).await?;

    browser.forget().await?;
    world.speak("fr").await?;
    browser.open(&mails[1].only_link()?).await?;
    browser.press("Ce n’est pas pour vous ?").await?;
    browser.press("Décliner l’invitation").await?;
    browser.wait_to_see("Vous avez décliné l’invitation").await?;

    browser.forget().await?;
    world.speak("de").await?;
    browser.open(&mails[2].only_link()?).await?;
    browser.press("Acme beitreten").await?;
    browser.wait_to_see("Willkommen bei Acme").await?;
    browser.forget().await?;
    world.speak("").await
}

/// What the owner sees afterwards.
async fn follows(world: &World, guests: &[Guest]) -> Result<()> {
    let browser = &world.browser;
    world.at_console(OWNER).await?;
    browser.follow("Invitations").await?;
    for (guest, status) in guests.iter().zip(["Accepted", "Declined", "Accepted"]) {
        let row = world.row(&guest.address).await?;
        for words in [status, "Member", "You", "Sent"] {
            assert!(row.contains(words), "{words}: {row}");
        }
    }
    browser.follow("Declined").await?;
    world.row(&guests[1].address).await?;
    assert_eq!(world.texts("tbody tr").await?.len(), 1);

    browser.follow("All").await?;
    browser.follow(&guests[0].address).await?;
    assert_eq!(world.texts(".timeline strong").await?.last().map(String::as_str), Some("Issued"));
    let happened = world.texts(".timeline li").await?;
    assert!(happened.iter().any(|entry| entry.starts_with("Accepted")), "{happened:?}");
    assert!(happened.iter().any(|entry| entry.starts_with("Issued · You")), "{happened:?}");

    browser.follow("Overview").await?;
    let tiles = world.texts(".tiles > div").await?.join("\n");
    for tile in ["Open now 0", "Accepted in the last 12 weeks 2", "67% of those answered or expired"] {
        assert!(tiles.contains(tile), "{tile}: {tiles}");
    }
    assert!(!tiles.contains("Nobody has accepted yet"), "{tiles}");
    // The last week of each plot is the running one.
    let weeks = world.texts(".plot g > title").await?;
    for told in ["Issued: 3, Sent: 3, Accepted: 2", "Accepted: 2, Declined: 1, Expired: 0"] {
        assert!(weeks.iter().any(|week| week.ends_with(told)), "{told}: {weeks:?}");
    }
    assert!(world.texts(".plot rect.accepted").await?.len() >= 4, "bars and keys of both plots");
    Ok(())
}

async fn story(world: &World) -> Result<()> {
    let (site, browser) = (&world.site, &world.browser);
    world.owner_at_console().await?;
    browser.see("Nobody is invited yet").await?;
    browser.follow(OWNER).await?;
    browser.fill("Your name", "Olivia").await?;
    browser.press("Save").await?;
    browser.wait_to_see("Saved.").await?;

    let zoe = acquaintance(world).await?;
    let guest =
        |name: &str, language, subject| Guest { address: world.address(name), language, subject, mails_before: 0 };
    let mut guests = [
        guest("ada", "English", "Olivia invites you to join Acme"),
        guest("benoit", "Français", "Olivia vous invite à rejoindre Acme"),
        guest("zoe", "Deutsch", "Olivia lädt Sie ein, Acme beizutreten"),
    ];
    guests[2].mails_before = site.mails_to(&zoe);
    guests[2].address = zoe;
    browser.follow("Invitations").await?;
    for guest in &guests {
        invite(world, guest).await?;
    }
    let received = mails(world, &guests).await?;
    let owner = site.owner()?;
    let listed = owner.get("/v1/invitations").await?.expect(200)?;
    for index in 0..3 {
        site.wait_until_sent(text(&listed, &format!("/items/{index}/id"))?).await?;
    }

    let opened = scan(world, &received).await?;
    assert!(opened >= 3 * TIMES * 3, "the genuine links lead somewhere, by GET and HEAD: {opened}");
    let told = site.mails_to(OWNER);
    answer(world, &received).await?;
    // The inviter is told of both who joined.
    eventually("the inviter was not told", async || Ok((site.mails_to(OWNER) == told + 2).then_some(()))).await?;
    for number in 1..=2 {
        let subject = site.mail(OWNER, told + number).await?.header("Subject")?.to_owned();
        assert!(subject.ends_with("has joined Acme"), "{subject}");
    }
    follows(world, &guests).await?;
    world.desk_look("story").await?;
    browser.press("Sign out").await?;
    browser.wait_to_see("You are signed out").await
}

/// From the setup to the plots.
pub(crate) async fn told(sandbox: Option<Sandbox>) -> Result<()> {
    let world = World::start(sandbox).await?;
    story(&world).await?;
    world.end().await
}
