//! The words of a mail put into its form, and those of a text message.
//!
//! Templates are minijinja files, two for each kind of mail (`.html` is escaped, `.txt` is not) and two layouts. The
//! built-in ones can be replaced one by one ([`TemplateSet::from_dir`]). Words come from the catalogue, in the reader's
//! language; subjects and text messages are fixed there and in no template.
//!
//! The HTML is for mail programs, which are not browsers: tables for what the Word family lays out, styles in attributes,
//! because some programs drop all others, and one `<style>` for dark mode and small screens.

mod check;
pub(crate) mod clean;
mod facts;
mod kind;
mod look;
mod mail;
mod set;
mod text_message;
mod trial;

pub use kind::MailKind;
pub use mail::{InlineLogo, RenderedMail};
pub use set::{TemplateError, TemplateSet};

use crate::sms::Sms;
use facts::{Code, Facts};
use invite_domain::directory::Slug;
use invite_domain::id::InvitationId;
use invite_domain::port::{Destination, Notification, NotificationContent, Occasion};
use invite_domain::secret::{account_token::ACCOUNT_TOKEN_PREFIX, token::TOKEN_PREFIX};
use invite_domain::time::Timestamp;
use invite_text::{Language, date_time, duration, negotiate, role_name};
use text_message::TextMessage;
use url::Url;

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
        Ok(self.templates.render(&self.facts(notification, Secrets::Told))?)
    }

    /// Writes one mail to be looked at and not to be sent: link and code are visibly cut, so nobody can use them.
    pub fn preview(&self, notification: &Notification) -> Result<RenderedMail, RenderError> {
        Ok(self.templates.render(&self.facts(notification, Secrets::Cut))?)
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
            inviter: inviter_name.as_deref().filter(|name| !clean::is_blank(name)),
            organization: self.organization(Some(organization_name)),
            code: code.expose(),
            place: &format!("{}{}", self.base, code_path(organization_slug)),
            until: &date_time(language, *expires_at, &notification.time_zone),
        };
        Ok(Sms::new(notification.message_id, notification.created_at, to.clone(), message.write()))
    }

    /// A name may have nothing that can be seen. The message still has to say who it is from.
    fn organization<'a>(&'a self, name: Option<&'a str>) -> &'a str {
        name.filter(|name| !clean::is_blank(name)).unwrap_or(&self.host)
    }

    fn language(&self, notification: &Notification) -> Language {
        let mut candidates: Vec<Option<&str>> = notification.locales.iter().map(Option::as_deref).collect();
        candidates.push(self.default_locale.as_deref());
        negotiate(&candidates)
    }

    fn facts(&self, notification: &Notification, secrets: Secrets) -> Facts {
        let language = self.language(notification);
        let telling = Telling { renderer: self, notification, language, secrets };
        let address = match &notification.to {
            Destination::Email(address) => clean::address(address),
            Destination::Phone(number) => number.as_str().to_owned(),
        };
        // Nobody else's part can have this name: the message's id is in it.
        let content_id = format!("logo@{}", notification.message_id);
        let logo = notification.logo.clone().map(|logo| InlineLogo { content_id, logo });
        Facts { language: Some(language), address, accent: notification.accent, logo, ..telling.content() }
    }
}

/// Whether a mail tells its secrets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Secrets {
    Told,
    Cut,
}

/// What one notification has to say, in one language.
struct Telling<'a> {
    renderer: &'a Renderer,
    notification: &'a Notification,
    language: Language,
    secrets: Secrets,
}

impl Telling<'_> {
    fn content(&self) -> Facts {
        let organization = |name: Option<&str>| self.renderer.organization(name).to_owned();
        let person = |name: &Option<String>| name.clone().filter(|name| !clean::is_blank(name)).unwrap_or_default();
        // System roles exist in every organisation under their names, so no other role bears one of them.
        let role = |name: &Option<String>| name.as_deref().map(|name| role_name(self.language, name, true));
        match &self.notification.content {
            NotificationContent::Invitation {
                occasion,
                inviter_name,
                organization_name,
                role_name,
                expires_at,
                message,
                token,
                code,
                organization_slug,
            } => {
                let code = code.as_ref().map(|code| Code {
                    text: self.secret(code.expose(), "••••-••••-•••"),
                    path: code_path(organization_slug),
                });
                Facts {
                    kind: match occasion {
                        Occasion::Issued => MailKind::Invitation,
                        Occasion::Renewed => MailKind::FreshLink,
                        Occasion::Reminder => MailKind::Reminder,
                    },
                    inviter: person(inviter_name),
                    organization: organization(Some(organization_name)),
                    role: role(role_name).unwrap_or_default(),
                    message: message.as_deref().map(clean::message).unwrap_or_default(),
                    link: self.link("i", &self.secret(token.expose(), &format!("{TOKEN_PREFIX}…"))),
                    code,
                    ..self.until(*expires_at)
                }
            }
            NotificationContent::OwnerLink { organization_name, expires_at, token } => Facts {
                kind: MailKind::OwnerLink,
                organization: organization(organization_name.as_deref()),
                link: self.account_link(token.expose()),
                ..self.until(*expires_at)
            },
            NotificationContent::PasswordReset { expires_at, token } => Facts {
                kind: MailKind::PasswordReset,
                link: self.account_link(token.expose()),
                ..self.until(*expires_at)
            },
            NotificationContent::AddressChange { expires_at, token } => Facts {
                kind: MailKind::AddressChange,
                link: self.account_link(token.expose()),
                ..self.until(*expires_at)
            },
            NotificationContent::AddressChanged { new_masked, at } => Facts {
                kind: MailKind::AddressChanged,
                new_address: clean::name(new_masked, clean::NAME_IN_BODY),
                at: self.date(*at),
                ..Facts::default()
            },
            NotificationContent::Accepted {
                invitation_id,
                recipient,
                member_name,
                organization_name,
                role_name,
                at,
            } => Facts {
                kind: MailKind::Accepted,
                organization: organization(Some(organization_name)),
                recipient: recipient.clone(),
                member: person(member_name),
                role: role(role_name).unwrap_or_default(),
                link: self.console_link(*invitation_id),
                at: self.date(*at),
                ..Facts::default()
            },
            NotificationContent::Suspended { invitation_id, recipient, inviter_name, organization_name } => Facts {
                kind: MailKind::Suspended,
                organization: organization(Some(organization_name)),
                recipient: recipient.clone(),
                inviter: person(inviter_name),
                link: self.console_link(*invitation_id),
                ..Facts::default()
            },
        }
    }

    fn secret(&self, text: &str, cut: &str) -> String {
        if self.secrets == Secrets::Told { text.to_owned() } else { cut.to_owned() }
    }

    fn link(&self, page: &str, rest: &str) -> String {
        format!("{}/{page}/{rest}", self.renderer.base)
    }

    fn account_link(&self, token: &str) -> String {
        self.link("account", &self.secret(token, &format!("{ACCOUNT_TOKEN_PREFIX}…")))
    }

    fn console_link(&self, invitation: InvitationId) -> String {
        self.link("console/invitations", &invitation.to_string())
    }

    fn date(&self, at: Timestamp) -> String {
        date_time(self.language, at, &self.notification.time_zone)
    }

    fn until(&self, end: Timestamp) -> Facts {
        let seconds = (end - self.notification.created_at).num_seconds();
        Facts { until: self.date(end), duration: duration(self.language, seconds), ..Facts::default() }
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
