//! What a browser fetched, and what it still knows.

use super::Browser;
use crate::{Failure, Result};
use serde_json::{Value, json};

/// Everything a page's script, or the next person at this browser, could read of what was opened.
const TRACES: &str = "
    const places = {
        address: location.href, title: document.title, referrer: document.referrer,
        history: JSON.stringify(history.state), window: window.name, cookie: document.cookie,
        performance: JSON.stringify(performance.getEntries().map(entry => entry.toJSON())),
        document: document.documentElement.outerHTML,
        fields: [...document.querySelectorAll('input, textarea')].map(field => field.value).join(' '),
        storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    };
    return Object.keys(places).filter(place => (places[place] ?? '').includes(arguments[0]));";
/// Scripts a page waits for before it shows itself.
const BLOCKING: &str = "
    const scripts = [...document.scripts].filter(script => !script.type || /javascript|module/.test(script.type));
    const late = script => script.src && (script.defer || script.async || script.type === 'module');
    const blocking = scripts.filter(script => !late(script)).map(script => script.outerHTML.slice(0, 120));
    const timed = performance.getEntriesByType('resource')
        .filter(entry => entry.initiatorType === 'script' && entry.renderBlockingStatus === 'blocking');
    return blocking.concat(timed.map(entry => entry.name));";

/// One request a browser has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    id: String,
    /// Its method.
    pub method: String,
    /// Its address.
    pub url: String,
    /// Its `Referer`, empty for none.
    pub referer: String,
    /// `Document`, `Stylesheet`, `Script`, `Image`, …
    pub kind: String,
    /// The answer's bytes as they came, headers included.
    pub bytes: u64,
}

/// What a browser has sent, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Every request over the network; a redirect is one of its own.
    pub requests: Vec<Request>,
}

impl Traffic {
    /// The bytes of all answers as they came, headers included.
    pub fn bytes(&self) -> u64 {
        self.requests.iter().map(|request| request.bytes).sum()
    }

    fn read(&mut self, event: &Value) {
        let parameters = &event["params"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let id = text(&parameters["requestId"]);
        let bytes = |value: &Value| value.as_f64().map_or(0, whole);
        match event["method"].as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                let redirected = &parameters["redirectResponse"];
                if redirected.is_object() {
                    self.arrived(&id, bytes(&redirected["encodedDataLength"]));
                }
                let request = &parameters["request"];
                let url = text(&request["url"]);
                if url.starts_with("http") {
                    let (method, kind) = (text(&request["method"]), text(&parameters["type"]));
                    let referer = text(&request["headers"]["Referer"]);
                    self.requests.push(Request { id, method, url, referer, kind, bytes: 0 });
                }
            }
            // What was really sent, once the network knows.
            "Network.requestWillBeSentExtraInfo" => {
                let headers = &parameters["headers"];
                let referer = [&headers["Referer"], &headers["referer"]].into_iter().find_map(Value::as_str);
                if let (Some(referer), Some(request)) = (referer, self.last(&id)) {
                    referer.clone_into(&mut request.referer);
                }
            }
            "Network.loadingFinished" => self.arrived(&id, bytes(&parameters["encodedDataLength"])),
            _ => {}
        }
    }

    fn last(&mut self, id: &str) -> Option<&mut Request> {
        self.requests.iter_mut().rev().find(|request| request.id == id)
    }

    fn arrived(&mut self, id: &str, bytes: u64) {
        if let Some(request) = self.last(id) {
            request.bytes = bytes;
        }
    }
}

/// A number of bytes, which the protocol tells as a floating-point number.
fn whole(number: f64) -> u64 {
    format!("{number:.0}").parse().unwrap_or(0)
}

impl Browser {
    /// What was sent over the network since this was asked last.
    pub async fn traffic(&self) -> Result<Traffic> {
        let mut traffic = Traffic::default();
        for entry in self.web()?.get_log("performance").await? {
            let event: Value = serde_json::from_str(&entry.message)?;
            traffic.read(&event["message"]);
        }
        Ok(traffic)
    }

    /// Opens an address with nothing kept from before, and answers what that sent.
    pub async fn weigh(&self, url: &str) -> Result<Traffic> {
        self.devtools("Network.clearBrowserCache", json!({})).await?;
        self.traffic().await?;
        self.open(url).await?;
        self.traffic().await
    }

    /// The places of the page where this text stands, and the entries of the window's history that have it.
    pub async fn traces_of(&self, secret: &str) -> Result<Vec<String>> {
        let found = self.script(TRACES, vec![json!(secret)]).await?;
        let places = found.as_array().ok_or_else(|| Failure::new(format!("the page told nothing: {found}")))?;
        let mut places: Vec<String> = places.iter().filter_map(|place| place.as_str().map(str::to_owned)).collect();
        let history = self.devtools("Page.getNavigationHistory", json!({})).await?;
        for entry in history["entries"].as_array().into_iter().flatten() {
            for key in ["url", "title"] {
                if entry[key].as_str().is_some_and(|text| text.contains(secret)) {
                    places.push(format!("the history's {key}"));
                }
            }
        }
        Ok(places)
    }

    /// Scripts the page waits for before it shows itself.
    pub async fn blocking_scripts(&self) -> Result<Vec<String>> {
        let found = self.script(BLOCKING, vec![]).await?;
        let scripts = found.as_array().ok_or_else(|| Failure::new(format!("the page told nothing: {found}")))?;
        Ok(scripts.iter().filter_map(|script| script.as_str().map(str::to_owned)).collect())
    }
}
