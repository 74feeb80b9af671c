//! What a page looks like, and whether everybody can use it.

use super::{Browser, DESKTOP, PHONE, SCREENSHOTS};
use crate::{Failure, Result};
use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use serde_json::{Value, json};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use thirtyfour::BrowserLogEntry;

/// The accessibility checks, as published.
const AXE: &str = include_str!("../../vendor/axe-core/axe.min.js");
/// Runs every rule, those of good practice among them, and tells what is wrong for certain.
const RUN: &str = "
    const done = arguments[arguments.length - 1];
    axe.run(document, { resultTypes: ['violations'] }).then(
        ({ violations }) => done(violations.map(({ id, impact, help, nodes }) => ({
            id, impact, help, nodes: nodes.map(({ html, failureSummary }) => html + ' — ' + failureSummary),
        }))),
        error => done(String(error)));";
/// Waits until the page is drawn as it will stay: a change of colours may take a while.
const SETTLED: &str = "
    const done = arguments[arguments.length - 1];
    // A page that is not being drawn has no frames to wait for.
    setTimeout(() => done(false), 2000);
    requestAnimationFrame(() => requestAnimationFrame(() => {
        const moving = document.getAnimations().filter(each => each.effect?.getComputedTiming().endTime < 10000);
        Promise.allSettled(moving.map(each => each.finished)).then(() => done(true));
    }));";
/// What stands out of the page at the side.
const WIDER: &str = "
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    return [...document.body.querySelectorAll('*')]
        .filter(element => element.getBoundingClientRect().right > room + 0.5)
        .map(element => element.outerHTML.slice(0, 120)).slice(0, 5);";

/// Something an accessibility rule says is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The [rule](https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md).
    pub rule: String,
    /// `minor`, `moderate`, `serious` or `critical`.
    pub impact: String,
    /// What the rule asks for.
    pub help: String,
    /// The elements, each with what is wrong.
    pub elements: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.rule, self.impact, self.help)?;
        self.elements.iter().try_for_each(|element| write!(f, "\n    {}", element.replace('\n', " ")))
    }
}

impl Browser {
    /// Everything axe-core finds wrong with the page as it stands, of any level.
    pub async fn axe(&self) -> Result<Vec<Violation>> {
        // By the protocol, because a strict content policy keeps scripts out of the page.
        let present = self.script("return typeof window.axe === 'object'", vec![]).await?;
        if present != true {
            self.devtools("Runtime.evaluate", json!({ "expression": AXE })).await?;
        }
        let found = self.web()?.execute_async(RUN, Vec::new()).await?.json().clone();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let violation = |value: &Value| Violation {
            rule: text(&value["id"]),
            impact: text(&value["impact"]),
            help: text(&value["help"]),
            elements: value["nodes"].as_array().into_iter().flatten().map(text).collect(),
        };
        match found.as_array() {
            Some(violations) => Ok(violations.iter().map(violation).collect()),
            None => Err(Failure::new(format!("axe did not run: {found}"))),
        }
    }

    /// Looks at a page as four people would (on a phone and on a desktop, light and dark): axe finds nothing, nothing stands
    /// out at the side, the content policy was not violated, no script failed. Takes a [screenshot](Self::screenshot) of each.
    pub async fn inspect(&self, name: &str) -> Result<()> {
        let (width, dark) = (self.width.load(Ordering::Relaxed), self.dark.load(Ordering::Relaxed));
        let mut wrong = Vec::new();
        for (width, dark) in [(PHONE, false), (PHONE, true), (DESKTOP, false), (DESKTOP, true)] {
            self.resize(width).await?;
            self.dark(dark).await?;
            self.web()?.execute_async(SETTLED, Vec::new()).await?;
            let how = format!("{width}{}", if dark { " dark" } else { "" });
            wrong.extend(self.axe().await?.iter().map(|violation| format!("{how}: {violation}")));
            let wider = self.script(WIDER, vec![]).await?;
            if wider.as_array().is_none_or(|wider| !wider.is_empty()) {
                wrong.push(format!("{how}: wider than the window: {wider}"));
            }
            self.screenshot(name).await?;
        }
        self.resize(width).await?;
        self.dark(dark).await?;
        wrong.extend(self.csp_violations().await?);
        wrong.extend(self.errors().await?);
        if wrong.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("{name} ({}):\n  {}", self.path().await?, wrong.join("\n  "))))
    }

    /// Writes the whole page to `target/screenshots/NAME-WIDTH.png`, or `NAME-WIDTH-dark.png`, where the test run's environment
    /// says `INVITE_TEST_SCREENSHOTS=1`.
    pub async fn screenshot(&self, name: &str) -> Result<()> {
        let Some(folder) = screenshots() else { return Ok(()) };
        let size = self.devtools("Page.getLayoutMetrics", json!({})).await?["cssContentSize"].clone();
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        let what = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let picture = self.devtools("Page.captureScreenshot", what).await?;
        let picture = picture["data"].as_str().ok_or_else(|| Failure::new("the browser took no picture"))?;
        let dark = if self.dark.load(Ordering::Relaxed) { "-dark" } else { "" };
        let file = folder.join(format!("{name}-{}{dark}.png", self.width.load(Ordering::Relaxed)));
        std::fs::create_dir_all(&folder)?;
        Ok(std::fs::write(file, BASE64.decode(picture)?)?)
    }

    /// What the content policy has forbidden since this was asked last, on all pages.
    pub async fn csp_violations(&self) -> Result<Vec<String>> {
        self.complaints(|entry| about_the_policy(&entry.message)).await
    }

    /// Failures of scripts, and things pages wanted and did not get, since this was asked last. That a page itself was answered
    /// with a refusal is none.
    pub async fn errors(&self) -> Result<Vec<String>> {
        let page = self.url().await?;
        self.complaints(|entry| !about_the_policy(&entry.message) && entry.level == "SEVERE").await.map(|all| {
            // `URL - Failed to load resource: the server responded with a status of 410 (Gone)`
            let refused = |message: &String| {
                let url = message.split(" - Failed to load resource").next().unwrap_or_default();
                message.contains("Failed to load resource: the server responded with a status") && is_page(url, &page)
            };
            all.into_iter().filter(|message| !refused(message)).collect()
        })
    }

    /// Takes the entries of the browser's log that fit out of it.
    async fn complaints(&self, fits: impl Fn(&BrowserLogEntry) -> bool) -> Result<Vec<String>> {
        let fresh = self.web()?.browser_log().await?;
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.extend(fresh);
        let (taken, left) = log.drain(..).partition(|entry| fits(entry));
        *log = left;
        let taken: Vec<BrowserLogEntry> = taken;
        Ok(taken.into_iter().map(|entry| entry.message).collect())
    }
}

fn about_the_policy(message: &str) -> bool {
    message.contains("Content Security Policy") || message.contains("content security policy")
}

/// Whether an address is a page's: of the same origin, and neither a file of the pages nor their icon.
fn is_page(url: &str, page: &str) -> bool {
    let origin = |url: &str| url.split('/').take(3).collect::<Vec<_>>().join("/");
    let path: String = url.split('/').skip(3).collect::<Vec<_>>().join("/");
    origin(url) == origin(page) && !path.starts_with("assets/") && !path.starts_with("favicon")
}

/// Where pictures go, if they are wanted.
fn screenshots() -> Option<PathBuf> {
    std::env::var_os(SCREENSHOTS).filter(|value| !value.is_empty())?;
    Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots"))
}
