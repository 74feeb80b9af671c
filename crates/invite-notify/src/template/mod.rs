//! The words of a mail put into its form, and those of a text message.
//!
//! Templates are minijinja files, two for each kind of mail (`.html` is escaped, `.txt` is
//! not) and two layouts. The built-in ones can be replaced one by one ([`TemplateSet::from_dir`]). Words come from the
//! catalogue, in the reader's language; subjects and text messages are fixed there and in no template.

pub(crate) mod clean;
mod facts;
mod set;
mod text_message;

pub use set::{TemplateError, TemplateSet};

use crate::sms::Sms;
use facts::{Code, Facts, Kind};
use invite_domain::directory::Slug;
use invite_domain::port::{Destination, Notification, NotificationContent};
use invite_text::{Language, date_time, duration, negotiate, role_name};
use std::fmt;
use text_message::TextMessage;
use url::Url;

/// A mail as its reader sees it. It holds the secret link.
#[derive(Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// The subject: one line.
    pub subject: String,
    /// The plain text; lines end in `\n`.
    pub text: String,
    /// The HTML document.
    pub html: String,
}

impl fmt::Debug for RenderedMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RenderedMail(…)")
    }
}

/// Why messages cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// Links cannot start with the URL given.
    #[error("the base of the links must be an http or https URL with a host, without user, query and fragment")]
    BaseUrl,
    /// A template failed.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A text message invites to a place where a code is entered; nothing else is said by one.
    #[error("only an invitation to a phone, with a code, can be a text message")]
    NoTextMessage,
}

/// Writes mails and text messages.
#[derive(Debug)]
pub struct Renderer {
    base: String,
    host: String,
    default_locale: Option<String>,
    templates: TemplateSet,
}

impl Renderer {
    /// A renderer whose links start with `base_url`, which may have a path.
    pub fn new(base_url: &Url, templates: TemplateSet) -> Result<Self, RenderError> {
        let plain = matches!(base_url.scheme(), "http" | "https")
            && base_url.username().is_empty()
            && base_url.password().is_none()
            && base_url.query().is_none()
            && base_url.fragment().is_none();
        let host = base_url.host_str().filter(|_| plain).ok_or(RenderError::BaseUrl)?.to_owned();
        let base = base_url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { base, host, default_locale: None, templates })
    }

    /// Sets the operator's language (a BCP 47 tag), for readers of whom no language is known.
    #[must_use]
    pub fn with_default_locale(mut self, locale: impl Into<String>) -> Self {
        self.default_locale = Some(locale.into());
        self
    }

    /// The host of the links, which also stands in `Message-ID`s.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Writes one mail.
    pub fn render(&self, notification: &Notification) -> Result<RenderedMail, RenderError> {
        let facts = self.facts(notification);
        Ok(self.templates.render(&facts)?)
    }

    /// Writes one text message: who invites to what, the code and where to enter it, until when.
    pub fn sms(&self, notification: &Notification) -> Result<Sms, RenderError> {
        let Destination::Phone(to) = &notification.to else { return Err(RenderError::NoTextMessage) };
        let NotificationContent::Invitation {
            inviter_name,
            organization_name,
            expires_at,
            code: Some(code),
            organization_slug,
            ..
        } = &notification.content
        else {
            return Err(RenderError::NoTextMessage);
        };
        let language = self.language(notification);
        let message = TextMessage {
            language,
            inviter: inviter_name.as_deref().filter(|name| !clean::name(name, 1).is_empty()),
            organization: self.organization(Some(organization_name)),
            code: code.expose(),
            place: &format!("{}{}", self.base, code_path(organization_slug)),
            until: &date_time(language, *expires_at, &notification.time_zone),
        };
        Ok(Sms::new(notification.message_id, notification.created_at, to.clone(), message.write()))
    }

    /// A name may be all control characters. The message still has to say who it is from.
    fn organization<'a>(&'a self, name: Option<&'a str>) -> &'a str {
        name.filter(|name| !clean::name(name, 1).is_empty()).unwrap_or(&self.host)
    }

    fn language(&self, notification: &Notification) -> Language {
        let mut candidates: Vec<Option<&str>> = notification.locales.iter().map(Option::as_deref).collect();
        candidates.push(self.default_locale.as_deref());
        negotiate(&candidates)
    }

    fn facts(&self, notification: &Notification) -> Facts {
        let language = self.language(notification);
        let life =
            |end: invite_domain::time::Timestamp| duration(language, (end - notification.created_at).num_seconds());
        let until = |end| date_time(language, end, &notification.time_zone);
        let organization = |name: Option<&str>| self.organization(name).to_owned();
        let address = match &notification.to {
            Destination::Email(address) => clean::address(address),
            Destination::Phone(number) => number.as_str().to_owned(),
        };
        let mut facts = Facts { language, address, ..Facts::default() };
        match &notification.content {
            NotificationContent::Invitation {
                inviter_name,
                organization_name,
                role_name: role,
                expires_at,
                message,
                token,
                code,
                organization_slug,
            } => {
                facts.kind = Kind::Invitation;
                facts.organization = organization(Some(organization_name));
                let inviter = inviter_name.as_deref().filter(|name| !clean::name(name, 1).is_empty());
                facts.inviter = inviter.unwrap_or(&facts.organization).to_owned();
                // System roles exist in every organisation under their names, so no other role bears one of them.
                facts.role = role.as_deref().map(|name| role_name(language, name, true));
                facts.until = until(*expires_at);
                facts.duration = life(*expires_at);
                facts.message = message.as_deref().map(clean::message).unwrap_or_default();
                facts.link = format!("{}/i/{}", self.base, token.expose());
                facts.code = code
                    .as_ref()
                    .map(|code| Code { text: code.expose().to_owned(), path: code_path(organization_slug) });
            }
            NotificationContent::OwnerLink { organization_name, expires_at, token } => {
                facts.kind = Kind::OwnerLink;
                facts.organization = organization(organization_name.as_deref());
                facts.until = until(*expires_at);
                facts.duration = life(*expires_at);
                facts.link = format!("{}/account/{}", self.base, token.expose());
            }
            NotificationContent::PasswordReset { expires_at, token } => {
                facts.kind = Kind::PasswordReset;
                facts.until = until(*expires_at);
                facts.duration = life(*expires_at);
                facts.link = format!("{}/account/{}", self.base, token.expose());
            }
        }
        facts
    }
}

/// Where codes of an organisation are entered, behind the base of all links.
fn code_path(slug: &Slug) -> String {
    format!("/code/{}", slug.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_of_links_is_a_plain_http_url() {
        let new = |url: &str| Renderer::new(&url.parse().unwrap(), TemplateSet::builtin().unwrap());
        let base = |url: &str| new(url).unwrap().base;
        assert_eq!(base("https://invite.example"), "https://invite.example");
        assert_eq!(base("https://invite.example/"), "https://invite.example");
        assert_eq!(base("https://invite.example:8443/join//"), "https://invite.example:8443/join");
        assert_eq!(new("http://127.0.0.1:8080").unwrap().host(), "127.0.0.1");
        for url in [
            "mailto:a@b.example",
            "ftp://x.example",
            "https://u@x.example",
            "https://x.example/?a",
            "https://x.example/#a",
        ] {
            assert!(matches!(new(url), Err(RenderError::BaseUrl)), "{url}");
        }
    }
}
