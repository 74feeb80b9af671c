//! Debian's Chromium, driven by its `chromedriver`: what a person sees of a page, finds by its words, and does to it.
//!
//! A [`Browser`] is one Chromium with a profile of its own and one window; two of them are two people. Elements are found by
//! the words a person reads (a button's text, a field's label), never by the structure of the page.
//!
//! ```no_run
//! # async fn journey(link: &str) -> invite_tests::Result<()> {
//! use invite_tests::browser::Browser;
//!
//! let browser = Browser::start().await?;
//! browser.open(link).await?;
//! browser.inspect("accept-new").await?;
//! browser.fill("Your name", "Ada Lovelace").await?;
//! browser.press("Create the account and join").await?;
//! assert!(browser.text().await?.contains("Welcome"));
//! browser.quit().await
//! # }
//! ```
//!
//! Nothing leaves this machine: every name but loopback's is unknown to the browser.

use crate::{Failure, Result, net};
use driver::Driver;
use nix::unistd::geteuid;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use thirtyfour::{
    BrowserLogEntry, CapabilitiesHelper as _, ChromeCapabilities, ChromiumLikeCapabilities as _, WebDriver,
};

mod driver;
mod keyboard;
mod look;
mod page;
mod trace;

pub use keyboard::Focus;
pub use look::Violation;
pub use thirtyfour::{Key, WebElement};
pub use trace::{Request, Traffic};

/// Makes [`Browser::screenshot`] write files.
const SCREENSHOTS: &str = "INVITE_TEST_SCREENSHOTS";

/// How long one command to the browser may take: two cores may be compiling besides.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long a browser that ends may go on writing.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Width of a phone, in CSS pixels.
pub const PHONE: u32 = 360;
/// Width of a desktop's window, in CSS pixels.
pub const DESKTOP: u32 = 1280;

/// What a window is told at its start.
const ARGUMENTS: [&str; 14] = [
    "--headless=new",
    // The browser then ends with the driver, however that ends.
    "--remote-debugging-pipe",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--disable-gpu",
    "--disable-sync",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
    "--no-first-run",
];

/// A person's browser. [`quit`](Self::quit) ends it and says whether that went well; dropping it kills it.
pub struct Browser {
    /// Taken by the end alone.
    web: Option<WebDriver>,
    driver: Option<Driver>,
    profile: Option<TempDir>,
    log: Mutex<Vec<BrowserLogEntry>>,
    width: AtomicU32,
    dark: AtomicBool,
}

impl Browser {
    /// A browser that asks for English, 1280 pixels wide, light, with scripts.
    pub async fn start() -> Result<Self> {
        Self::start_in("en").await
    }

    /// The same, asking for this language (`Accept-Language`).
    pub async fn start_in(language: &str) -> Result<Self> {
        let driver = Driver::start().await?;
        let profile = TempDir::with_prefix("invite-browser-")?;
        let mut capabilities = ChromeCapabilities::new();
        for argument in ARGUMENTS {
            capabilities.add_arg(argument)?;
        }
        capabilities.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
        capabilities.add_arg(&format!("--accept-lang={language}"))?;
        if geteuid().is_root() {
            capabilities.add_arg("--no-sandbox")?;
        }
        let quiet = json!({
            "credentials_enable_service": false, "profile.password_manager_leak_detection": false,
            "intl.accept_languages": language,
        });
        capabilities.add_experimental_option("prefs", quiet)?;
        capabilities.set("goog:loggingPrefs", json!({ "browser": "ALL", "performance": "ALL" }))?;
        let client = net::client().timeout(PATIENCE).build()?;
        let web = WebDriver::builder(driver.url(), capabilities).client(client).await?;
        let browser = Self {
            web: Some(web),
            driver: Some(driver),
            profile: Some(profile),
            log: Mutex::default(),
            width: AtomicU32::new(DESKTOP),
            dark: AtomicBool::new(false),
        };
        browser.resize(DESKTOP).await?;
        Ok(browser)
    }

    /// The driver's own interface, for what this one lacks.
    pub fn web(&self) -> Result<&WebDriver> {
        self.web.as_ref().ok_or_else(|| Failure::new("the browser has ended"))
    }

    /// Sends a command of the [DevTools protocol](https://chromedevtools.github.io/devtools-protocol/).
    pub async fn devtools(&self, method: &str, parameters: Value) -> Result<Value> {
        Ok(self.web()?.cdp().send_raw(method, parameters).await?)
    }

    /// Runs the body of a function in the page, past its content policy, and answers what it returns.
    pub async fn script(&self, body: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.web()?.execute(body, arguments).await?.json().clone())
    }

    /// Opens an address and waits until it is loaded. Only loopback can be reached.
    pub async fn open(&self, url: &str) -> Result<()> {
        Ok(self.web()?.goto(url).await?)
    }

    /// Loads the page again.
    pub async fn reload(&self) -> Result<()> {
        Ok(self.web()?.refresh().await?)
    }

    /// Goes back, as by the browser's button.
    pub async fn back(&self) -> Result<()> {
        Ok(self.web()?.back().await?)
    }

    /// What stands in the address bar.
    pub async fn url(&self) -> Result<String> {
        Ok(self.web()?.current_url().await?.into())
    }

    /// The path, with its query.
    pub async fn path(&self) -> Result<String> {
        let url = self.web()?.current_url().await?;
        Ok(url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path())))
    }

    /// The page's title.
    pub async fn title(&self) -> Result<String> {
        Ok(self.web()?.title().await?)
    }

    /// With which status the page was answered.
    pub async fn status(&self) -> Result<u16> {
        let status =
            self.script("return performance.getEntriesByType('navigation')[0]?.responseStatus", vec![]).await?;
        status
            .as_u64()
            .and_then(|status| u16::try_from(status).ok())
            .ok_or_else(|| Failure::new("the page was not answered by a server"))
    }

    /// Makes the page so many CSS pixels wide: [`PHONE`] (with a phone's viewport) or [`DESKTOP`].
    pub async fn resize(&self, width: u32) -> Result<()> {
        let phone = width <= PHONE;
        let height = if phone { 740 } else { 800 };
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await?;
        self.width.store(width, Ordering::Relaxed);
        Ok(())
    }

    /// Whether the person wishes dark pages (`prefers-color-scheme`).
    pub async fn dark(&self, dark: bool) -> Result<()> {
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", media).await?;
        self.dark.store(dark, Ordering::Relaxed);
        Ok(())
    }

    /// Whether pages may run scripts, from the next one on. Everything here goes on working without.
    pub async fn javascript(&self, on: bool) -> Result<()> {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !on })).await?;
        Ok(())
    }

    /// Forgets all cookies and everything kept of pages seen before: from now on somebody new.
    pub async fn forget(&self) -> Result<()> {
        self.devtools("Network.clearBrowserCookies", json!({})).await?;
        self.devtools("Network.clearBrowserCache", json!({})).await?;
        Ok(())
    }

    /// Names and values of all cookies, whatever path they are for.
    pub async fn cookies(&self) -> Result<Vec<(String, String)>> {
        let cookies = self.devtools("Network.getAllCookies", json!({})).await?;
        let pair = |cookie: &Value| Some((cookie["name"].as_str()?.to_owned(), cookie["value"].as_str()?.to_owned()));
        Ok(cookies["cookies"].as_array().into_iter().flatten().filter_map(pair).collect())
    }

    /// Sets a cookie for this address, as the service would (`HttpOnly`, `SameSite=Lax`).
    pub async fn set_cookie(&self, url: &str, name: &str, value: &str) -> Result<()> {
        let cookie =
            json!({ "url": url, "name": name, "value": value, "path": "/", "httpOnly": true, "sameSite": "Lax" });
        self.devtools("Network.setCookie", cookie).await?;
        Ok(())
    }

    /// Ends the browser and its driver.
    pub async fn quit(mut self) -> Result<()> {
        if let Some(web) = self.web.take() {
            web.quit().await?;
        }
        if let Some(driver) = self.driver.take() {
            driver.stop().await?;
        }
        Ok(())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Killing the driver ends the browser; asking a dying one for its end would only wait.
        drop(self.driver.take());
        if let Some(web) = self.web.take() {
            // It says only that it had ended already.
            let _ = web.leak();
        }
        if let Some(profile) = self.profile.take() {
            remove(profile.keep().as_path());
        }
    }
}

/// Removes a profile. The browser may still be writing while it ends: then again, until it has.
fn remove(profile: &Path) {
    let began = Instant::now();
    while std::fs::remove_dir_all(profile).is_err() && profile.exists() && began.elapsed() < LAST_WORDS {
        std::thread::yield_now();
    }
}
