//! The harness itself: what it says is not there, it would have seen.

use crate::elsewhere::Elsewhere;
use invite_tests::{Result, browser::Browser};

/// A script, a style and an image that a strict policy forbids, and a broken script where none is.
pub(crate) async fn forbidden() -> Result<()> {
    let body = "<h1>Hello</h1><p style='color: red'>x</p><script>document.title = 'taken over'</script>";
    let strict = Elsewhere::start(body, Some("default-src 'none'")).await?;
    let browser = Browser::start().await?;
    browser.open(strict.url()).await?;
    assert_eq!(browser.title().await?, "Elsewhere");
    let seen = browser.csp_violations().await?;
    assert!(seen.len() >= 2, "{seen:?}");
    assert_eq!(browser.csp_violations().await?, Vec::<String>::new());

    let lax =
        Elsewhere::start("<h1>Hello</h1><script>history.replaceState('s3cret', ''); nowhere()</script>", None).await?;
    browser.open(lax.url()).await?;
    let errors = browser.errors().await?;
    assert!(errors.iter().any(|error| error.contains("nowhere")), "{errors:?}");
    assert_eq!(browser.blocking_scripts().await?.len(), 1);
    assert_eq!(browser.traces_of("s3cret").await?, ["history", "document"]);
    let traffic = browser.weigh(&format!("{}/s3cret", lax.url())).await?;
    assert!(traffic.bytes() > 200, "{traffic:?}");
    let traces = browser.traces_of("s3cret").await?;
    for place in ["address", "performance", "the history's url"] {
        assert!(traces.iter().any(|trace| trace == place), "{place}: {traces:?}");
    }
    let head = lax.requests().into_iter().find(|head| head.contains("/s3cret"));
    assert!(head.is_some(), "{:?}", lax.requests());

    assert!(!browser.errors().await?.is_empty(), "each load fails anew");

    // Without scripts the same page is quiet, and the harness still reads it.
    browser.javascript(false).await?;
    browser.open(&format!("{}/again", lax.url())).await?;
    assert_eq!(browser.heading().await?, "Hello");
    assert_eq!(browser.errors().await?, Vec::<String>::new());
    browser.quit().await
}

/// A field without a label, grey on grey, too wide, and a focus nobody can see.
pub(crate) async fn inaccessible() -> Result<()> {
    let body = "<h1>Hello</h1><style>:focus { outline: none } @media (prefers-color-scheme: dark) { p { color: #eee } }</style>
        <p>Light on light in the dark</p><input id='bare'><div style='width: 900px'>wide</div>";
    let site = Elsewhere::start(body, None).await?;
    let browser = Browser::start().await?;
    browser.open(site.url()).await?;
    let rules = async || -> Result<Vec<String>> {
        Ok(browser.axe().await?.into_iter().map(|violation| violation.rule).collect())
    };
    assert_eq!(rules().await?, ["label"]);
    browser.dark(true).await?;
    assert_eq!(rules().await?, ["color-contrast", "label"]);
    browser.dark(false).await?;
    let refused = browser.inspect("control").await.err().map(|failure| failure.to_string()).unwrap_or_default();
    assert!(refused.contains("360: wider than the window") && !refused.contains("1280: wider"), "{refused}");
    let unseen = browser.tab().await.err().map(|failure| failure.to_string()).unwrap_or_default();
    assert!(unseen.contains("one cannot see the focus"), "{unseen}");
    browser.quit().await
}

/// Exact words before those that only begin so; part of a page; and no guess where two are meant.
pub(crate) async fn by_name() -> Result<()> {
    let body = "<h1>People</h1><ul><li>Ada <button>Remove</button></li><li>Bob <button onclick='this.textContent = `Gone`'>Remove</button>
        </li></ul><form><label for='n'>Name</label><input id='n'><label>Name of the house <input></label>
        <label><input type='checkbox'> Agree</label><label>Role <select><option>guest<option>owner</select></label></form>
        <button hidden>Hidden</button>";
    let site = Elsewhere::start(body, None).await?;
    let browser = Browser::start().await?;
    browser.open(site.url()).await?;
    browser.fill("Name", "Zoë").await?;
    browser.fill("Name of", "Acme").await?;
    assert_eq!(
        (browser.value("Name").await?, browser.value("Name of the house").await?),
        ("Zoë".into(), "Acme".into())
    );
    browser.tick("Agree", true).await?;
    assert!(browser.field("Agree").await?.is_selected().await?);
    browser.choose("Role", "owner").await?;
    assert!(browser.choose("Role", "emperor").await.is_err());
    assert!(browser.press("Remove").await.is_err(), "two buttons have this name");
    assert!(browser.press("Hidden").await.is_err());
    browser.press_in("Bob", "Remove").await?;
    browser.see("Bob Gone").await?;
    browser.see("Ada Remove").await?;
    browser.quit().await
}
