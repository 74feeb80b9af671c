//! The files pages load: compiled in, named by their content, so that a browser asks for each only once.

use super::{sealed::digits_of, visit::Visit};
use actix_web::{HttpResponse, http::header};
use std::sync::LazyLock;

/// A file of ours. Its address has the first digits of its digest, and what is asked for by them never changes.
pub(crate) struct Asset {
    path: &'static str,
    kind: &'static str,
    text: &'static str,
    version: LazyLock<String>,
}

macro_rules! asset {
    ($(#[$doc:meta])* $name:ident $file:literal $kind:literal) => {
        $(#[$doc])*
        pub(crate) static $name: Asset = Asset {
            path: concat!("/assets/", $file),
            kind: $kind,
            text: include_str!(concat!("../../assets/", $file)),
            version: LazyLock::new(|| digits_of(include_str!(concat!("../../assets/", $file)))),
        };
    };
}

asset! {
    /// How every page looks.
    STYLE "pages.css" "text/css; charset=utf-8"
}
asset! {
    /// The sign of every page in tabs and bookmarks.
    ICON "icon.svg" "image/svg+xml"
}
asset! {
    /// What pages do faster with a script.
    SCRIPT "pages.js" "text/javascript; charset=utf-8"
}

asset! {
    /// What the console looks like beside that.
    CONSOLE_STYLE "console.css" "text/css; charset=utf-8"
}
asset! {
    /// What the console does faster with a script.
    CONSOLE_SCRIPT "console.js" "text/javascript; charset=utf-8"
}

/// All of them.
pub(crate) static ALL: [&Asset; 5] = [&ICON, &STYLE, &SCRIPT, &CONSOLE_STYLE, &CONSOLE_SCRIPT];

impl Asset {
    /// Where it is served, without the public URL's own path.
    pub(crate) fn path(&self) -> &'static str {
        self.path
    }

    /// The address a page names.
    pub(crate) fn href(&self, base: &str) -> String {
        format!("{base}{}?v={}", self.path, *self.version)
    }

    /// The file: to be kept for a year by whoever asked for exactly this one.
    pub(crate) fn answer(&self, visit: &Visit) -> HttpResponse {
        let mut answer = HttpResponse::Ok();
        answer.content_type(self.kind);
        if visit.query("v") == Some(self.version.as_str()) {
            answer.insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"));
        }
        answer.body(self.text)
    }
}
