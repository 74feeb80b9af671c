//! Tokens where they do not belong, and names that are more than names.

use crate::{
    common::{PASSWORD, text},
    world::World,
};
use invite_tests::Result;
use serde_json::json;

pub(crate) async fn link_3_the_token_is_nowhere_after_the_page_has_loaded(world: &World) -> Result<()> {
    let (ada, owner, browser) = (world.address("ada"), world.site.owner()?, &world.browser);
    let invited = world.invite(&owner, &ada, &json!({})).await?;
    browser.traffic().await?;
    browser.open(&invited.link).await?;
    // Even without the checksum it would be the secret.
    let secret = &invited.token[4..40];
    let nowhere: [String; 0] = [];
    assert_eq!(browser.traces_of(secret).await?, nowhere);
    let traffic = browser.traffic().await?;
    let with_it: Vec<_> = traffic.requests.iter().filter(|request| request.url.contains(secret)).collect();
    assert_eq!(with_it.len(), 1, "the link alone: {traffic:#?}");
    assert!(traffic.requests.iter().all(|request| request.referer.is_empty()), "{traffic:#?}");
    assert!(browser.path().await?.starts_with("/accept?i="));

    browser.reload().await?;
    assert_eq!(browser.traces_of(secret).await?, nowhere);
    browser.fill("Your name", "Ada").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.fill("Repeat the password", "something else 41").await?;
    browser.press("Create the account and join").await?;
    browser.wait_to_see("The two passwords are not the same").await?;
    assert_eq!(browser.traces_of(secret).await?, nowhere);
    assert_eq!(browser.traces_of(PASSWORD).await?, nowhere, "a password is never sent back");
    browser.fill("Password", PASSWORD).await?;
    browser.fill("Repeat the password", PASSWORD).await?;
    browser.press("Create the account and join").await?;
    browser.wait_to_see("Welcome to Acme").await?;
    for secret in [secret, PASSWORD] {
        assert_eq!(browser.traces_of(secret).await?, nowhere);
    }
    let traffic = browser.traffic().await?;
    assert!(traffic.requests.iter().all(|request| !request.url.contains(secret)), "{traffic:#?}");
    // What a script may read of cookies is nothing, and none holds the token as it is.
    for (name, value) in browser.cookies().await? {
        assert!(!value.contains(secret), "{name}");
    }
    browser.back().await?;
    assert_eq!(browser.traces_of(secret).await?, nowhere);
    Ok(())
}

/// What people have called themselves, and what is left of it on a page.
const NAMES: [(&str, &str); 4] = [
    ("<img src=x onerror=\"document.title='owned'\">", "<img src=x onerror="),
    ("</title></h1><script>document.title='owned'</script>", "</title></h1><script>"),
    ("{{ 7*7 }}${7*7}<%= 7*7 %>&lt;b&gt;", "{{ 7*7 }}${7*7}<%= 7*7 %>&lt;b&gt;"),
    ("Zoë \u{202e}gnp.exe\u{2066} & \"Co\"", "Zoë"),
];

pub(crate) async fn what_people_call_themselves_is_shown_as_text(world: &World) -> Result<()> {
    let (site, browser) = (&world.site, &world.browser);
    for (number, (name, shown)) in NAMES.into_iter().enumerate() {
        let house = world.house(name).await?;
        // An inviter of that name, who writes the same, many lines of it.
        let (eve, ada) = (world.address("eve"), world.address("ada"));
        let rights = json!({ "permissions": ["invitations.issue"], "channels": [], "return": ["link"] });
        let invited = world.invite(&house.api, &eve, &rights).await?;
        let account = json!({ "name": name, "password": PASSWORD });
        let body = json!({ "token": invited.token, "account": account });
        let joined = site.anyone()?.post("/v1/redemptions", &body).await?.expect(201)?;
        let eve = site.bearer(text(&joined, "/session/token")?)?;
        let message: String = format!("{name}\r\nBcc: x@example.org\n").repeat(40).chars().take(1900).collect();
        let invited = world.invite(&eve, &ada, &json!({ "message": message })).await?;
        browser.open(&invited.link).await?;
        browser.see(shown).await?;
        let heading = browser.heading().await?;
        assert!(heading.contains(shown), "{heading}");
        assert!(browser.title().await?.contains(shown.split('<').next().unwrap_or_default()));
        world.page(&format!("hostile-{number}")).await?;
        assert_ne!(browser.title().await?, "owned");
        let foreign = browser.script("return document.querySelectorAll('main img[src=x], main script').length", vec![]);
        assert_eq!(foreign.await?, 0);
        // The name somebody types comes back as text as well.
        browser.paste("Your name", name).await?;
        browser.fill("Password", PASSWORD).await?;
        browser.fill("Repeat the password", "something else 41").await?;
        browser.press("Create the account and join").await?;
        browser.wait_to_see("The two passwords are not the same").await?;
        assert!(browser.value("Your name").await?.starts_with(shown));
        assert_ne!(browser.title().await?, "owned");
        assert_eq!(browser.csp_violations().await?, Vec::<String>::new());
    }
    // Ten thousand bytes are no name. What is refused keeps the page as it was.
    let ada = world.address("ada");
    let invited = world.invite(&site.owner()?, &ada, &json!({})).await?;
    browser.open(&invited.link).await?;
    browser.paste("Your name", &"W".repeat(10_000)).await?;
    browser.script("document.querySelectorAll('form').forEach(form => { form.noValidate = true })", vec![]).await?;
    browser.fill("Password", PASSWORD).await?;
    browser.fill("Repeat the password", PASSWORD).await?;
    browser.press("Create the account and join").await?;
    browser.wait_to_see("This name is too long").await?;
    world.page("hostile-long").await?;
    assert_eq!(world.status(&site.owner()?, &invited.id).await?, "pending");
    Ok(())
}
