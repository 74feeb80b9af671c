use base64::{Engine as _, engine::general_purpose::STANDARD};
use invite_domain::directory::look::Logo;
use invite_text::Language;
use std::fmt;

/// A mail as its reader sees it. It holds the secret link.
#[derive(Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// What it is written in.
    pub language: Language,
    /// The subject: one line.
    pub subject: String,
    /// The plain text; lines end in `\n`.
    pub text: String,
    /// The HTML document.
    pub html: String,
    /// The logo the document shows, if it shows one.
    pub logo: Option<InlineLogo>,
}

/// A logo that travels in the mail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InlineLogo {
    /// Names the part: its `Content-ID` without angle brackets, `cid:` before it in the document
    /// ([RFC 2392](https://www.rfc-editor.org/rfc/rfc2392)).
    pub content_id: String,
    /// The image.
    pub logo: Logo,
}

impl RenderedMail {
    /// The HTML document for a browser, which has no parts to look into: the logo stands in it as a `data:` URL.
    pub fn html_for_browser(&self) -> String {
        match &self.logo {
            None => self.html.clone(),
            Some(InlineLogo { content_id, logo }) => {
                let data = format!("\"data:image/png;base64,{}\"", STANDARD.encode(logo.bytes()));
                self.html.replace(&format!("\"cid:{content_id}\""), &data)
            }
        }
    }
}

impl fmt::Debug for RenderedMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RenderedMail(…)")
    }
}
