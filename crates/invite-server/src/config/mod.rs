//! Configuration: flags over environment over a TOML file.
//!
//! [`KEYS`] is the one table of settings. The typed [`Config`] is read by it and the reference page is written from it
//! ([`reference_page`]). The environment is handed in, so that a test needs none.

mod error;
mod jwt;
mod key;
mod layers;
mod parse;
mod redacted;
mod reference;
mod smtp;
#[cfg(test)]
mod tests;

pub use error::ConfigError;
pub use jwt::JwtIssuer;
pub use key::{About, KEYS};
pub use parse::duration;
pub(crate) use parse::is_loopback;
pub use redacted::Redacted;
pub use reference::reference_page;
pub use smtp::{SmtpCredentials, SmtpSecurity, SmtpServer};

use chrono::Duration;
use ipnet::IpNet;
use layers::Layers;
use std::{
    ffi::OsString,
    fmt,
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
};
use url::Url;

/// So many in so long a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: NonZeroU32,
    /// In what time: whole seconds, at least one.
    pub window: Duration,
}

/// The base of every link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    fn new(url: Url) -> Self {
        Self(String::from(url).trim_end_matches('/').to_owned())
    }

    /// The URL of a service on a loopback address of this machine.
    pub fn of_loopback(address: SocketAddr) -> Self {
        Self(format!("http://{address}"))
    }

    /// The URL without a slash at its end: a path can be appended as it is.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether cookies can be marked `Secure`.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where the key ring is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyringSource {
    /// In a file.
    File(PathBuf),
    /// In the configuration itself; `;` parts the lines.
    Inline(Redacted),
}

/// The sender of every mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFrom {
    /// The name shown beside the address.
    pub name: Option<String>,
    /// The address.
    pub address: String,
}

/// The SMS gateway. Everything about it may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsServer {
    /// Where messages are posted.
    pub url: Redacted,
    /// Headers sent along, as they were written.
    pub headers: Option<Redacted>,
    /// The body's template.
    pub template: Option<Redacted>,
}

/// Bounds of an invitation's life (rule 2.3): `min` ≤ `default` ≤ `max` ≤ `subject_max`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ttl {
    /// The shortest.
    pub min: Duration,
    /// What an invitation gets for which nothing is asked.
    pub default: Duration,
    /// The longest.
    pub max: Duration,
    /// The longest of an invitation of a contact or driver.
    pub subject_max: Duration,
}

/// What may be done how often (rules 4.4, 7.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Messages of an invitation: all of these hold; none where the limit is lifted.
    pub messages_invitation: Vec<Rate>,
    /// Live invitations of an organisation.
    pub live: Option<u32>,
    /// Invitations an organisation issues in an hour.
    pub issues_hour: Option<u32>,
    /// Messages of an organisation to a recipient in a day.
    pub messages_recipient_day: Option<u32>,
    /// Messages to a recipient in a day.
    pub messages_recipient_day_all: Option<u32>,
    /// Requests in a second by a credential.
    pub requests_second: Option<u32>,
    /// Failed sign-ins to an account.
    pub sign_in_account: Option<Rate>,
    /// Failed sign-ins from a network address.
    pub sign_in_address: Option<Rate>,
    /// Codes tried in vain from a network address.
    pub code_address: Option<Rate>,
    /// Codes tried in vain in an organisation.
    pub code_organization: Option<Rate>,
    /// Requests in a second by a credential of the Dashdoc dialect.
    pub dashdoc_requests_second: Option<u32>,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// A JSON object a line.
    Json,
}

/// What is logged and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// A filter in the syntax of `tracing_subscriber::EnvFilter`.
    pub filter: String,
    /// The form; by default it depends on the terminal.
    pub format: Option<LogFormat>,
}

/// The whole configuration, valid in itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The database's URL. It may hold a password.
    pub database_url: Redacted,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The base of every link; see [`Config::required_public_url`].
    pub public_url: Option<PublicUrl>,
    /// The token keys; see [`Config::required_keyring`].
    pub keyring: Option<KeyringSource>,
    /// The mail server; without one mail stays queued.
    pub smtp: Option<SmtpServer>,
    /// The sender; always there where [`Config::smtp`] is.
    pub mail_from: Option<MailFrom>,
    /// The SMS gateway; without one text messages stay queued.
    pub sms: Option<SmsServer>,
    /// Bounds of an invitation's life.
    pub ttl: Ttl,
    /// Limits.
    pub limits: Limits,
    /// Mail templates of the operator's own.
    pub templates: Option<PathBuf>,
    /// The operator's language (a BCP 47 tag).
    pub locale: String,
    /// A second name of the header that names the organisation, in lower case.
    pub organization_header: Option<String>,
    /// Whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins allowed by CORS, as a browser writes them.
    pub allowed_origins: Vec<String>,
    /// Where a success may lead: equal origin and path prefix.
    pub allowed_redirects: Vec<Url>,
    /// Where alone `/metrics` is served; `None`: on the main port.
    pub operations_listen: Option<SocketAddr>,
    /// Issuers whose tokens count.
    pub jwt: Vec<JwtIssuer>,
    /// The log.
    pub log: LogConfig,
}

const NO_PUBLIC_URL: &str =
    "the base of every link is missing: set INVITE_PUBLIC_URL, such as https://invite.example.com";
const NO_KEYRING: &str = "the key ring is missing: set INVITE_KEYRING_FILE to a file and run `invite keys new`";

impl Config {
    /// Reads all layers. `flags` are pairs of a key's environment name and the value given on the command line; `file` is
    /// the value of `--config`, which `INVITE_CONFIG` stands in for.
    pub fn load(
        file: Option<&Path>,
        flags: Vec<(&'static str, String)>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let layers = Layers::gather(file, flags, environment)?;
        let config = Self {
            database_url: layers.value(&key::DATABASE_URL)?,
            listen: layers.value(&key::LISTEN)?,
            public_url: layers.optional(&key::PUBLIC_URL)?,
            keyring: keyring(&layers)?,
            smtp: layers.optional(&key::SMTP_URL)?,
            mail_from: layers.optional(&key::MAIL_FROM)?,
            sms: sms(&layers)?,
            ttl: Ttl {
                min: layers.value(&key::TTL_MIN)?,
                default: layers.value(&key::TTL_DEFAULT)?,
                max: layers.value(&key::TTL_MAX)?,
                subject_max: layers.value(&key::TTL_SUBJECT_MAX)?,
            },
            limits: Limits {
                messages_invitation: layers.value(&key::LIMIT_MESSAGES_INVITATION)?,
                live: layers.value(&key::LIMIT_LIVE)?,
                issues_hour: layers.value(&key::LIMIT_ISSUES_HOUR)?,
                messages_recipient_day: layers.value(&key::LIMIT_MESSAGES_RECIPIENT_DAY)?,
                messages_recipient_day_all: layers.value(&key::LIMIT_MESSAGES_RECIPIENT_DAY_ALL)?,
                requests_second: layers.value(&key::LIMIT_REQUESTS_SECOND)?,
                sign_in_account: layers.value(&key::LIMIT_SIGN_IN_ACCOUNT)?,
                sign_in_address: layers.value(&key::LIMIT_SIGN_IN_ADDRESS)?,
                code_address: layers.value(&key::LIMIT_CODE_ADDRESS)?,
                code_organization: layers.value(&key::LIMIT_CODE_ORGANIZATION)?,
                dashdoc_requests_second: layers.value(&key::LIMIT_DASHDOC_REQUESTS_SECOND)?,
            },
            templates: layers.optional(&key::TEMPLATES)?,
            locale: layers.value(&key::LOCALE)?,
            organization_header: layers.value(&key::ORGANIZATION_HEADER)?,
            trusted_proxies: layers.optional(&key::TRUSTED_PROXIES)?.unwrap_or_default(),
            allowed_origins: layers.optional(&key::ALLOWED_ORIGINS)?.unwrap_or_default(),
            allowed_redirects: layers.optional(&key::ALLOWED_REDIRECTS)?.unwrap_or_default(),
            operations_listen: layers.optional(&key::OPERATIONS_LISTEN)?,
            jwt: layers.issuers(),
            log: LogConfig { filter: layers.value(&key::LOG)?, format: layers.optional(&key::LOG_FORMAT)? },
        };
        config.check(layers.value(&key::SMTP_ALLOW_PLAINTEXT)?).map_err(ConfigError::Together)?;
        Ok(config)
    }

    /// What only shows when values are seen together.
    fn check(&self, allow_plaintext: bool) -> Result<(), String> {
        if let Some(smtp) = &self.smtp {
            smtp.check(allow_plaintext)?;
            if self.mail_from.is_none() {
                return Err("INVITE_SMTP_URL needs a sender: set INVITE_MAIL_FROM".into());
            }
        }
        if self.ttl.min > self.ttl.default {
            return Err("INVITE_TTL_DEFAULT is shorter than INVITE_TTL_MIN: change one of them".into());
        }
        if self.ttl.default > self.ttl.max {
            return Err("INVITE_TTL_DEFAULT is longer than INVITE_TTL_MAX: change one of them".into());
        }
        if self.ttl.default > self.ttl.subject_max {
            return Err("INVITE_TTL_DEFAULT is longer than INVITE_TTL_SUBJECT_MAX: change one of them".into());
        }
        if self.operations_listen == Some(self.listen) && self.listen.port() != 0 {
            return Err("INVITE_OPERATIONS_LISTEN is the same as INVITE_LISTEN: give it another port".into());
        }
        Ok(())
    }

    /// The public URL, for the commands that make links.
    pub fn required_public_url(&self) -> Result<&PublicUrl, ConfigError> {
        self.public_url.as_ref().ok_or_else(|| ConfigError::Together(NO_PUBLIC_URL.into()))
    }

    /// Public URL and key ring, for the commands that need both: one refusal names all that is missing, a file that does
    /// not exist among it.
    pub fn required_to_serve(&self) -> Result<(&PublicUrl, &KeyringSource), ConfigError> {
        let (url, keyring) = (self.required_public_url(), self.required_keyring());
        let no_ring = match &keyring {
            Err(error) => Some(error.to_string()),
            Ok(KeyringSource::File(path)) if !path.exists() => {
                Some(crate::keyring::KeyringError::Missing { path: path.clone() }.to_string())
            }
            Ok(_) => None,
        };
        match (&url, no_ring) {
            (Err(error), Some(no_ring)) => Err(ConfigError::Together(format!("{error}; {no_ring}"))),
            _ => Ok((url?, keyring?)),
        }
    }

    /// The key ring's source, for the commands that make or check secrets.
    pub fn required_keyring(&self) -> Result<&KeyringSource, ConfigError> {
        self.keyring.as_ref().ok_or_else(|| ConfigError::Together(NO_KEYRING.into()))
    }
}

/// The gateway, where there is a URL; headers and a template alone are a mistake.
fn sms(layers: &Layers) -> Result<Option<SmsServer>, ConfigError> {
    let url = layers.optional(&key::SMS_URL)?;
    let headers = layers.optional(&key::SMS_HEADERS)?;
    let template = layers.optional(&key::SMS_TEMPLATE)?;
    match url {
        Some(url) => Ok(Some(SmsServer { url, headers, template })),
        None if headers.is_some() || template.is_some() => Err(ConfigError::Together(
            "INVITE_SMS_HEADERS and INVITE_SMS_TEMPLATE need a gateway: set INVITE_SMS_URL".into(),
        )),
        None => Ok(None),
    }
}

/// The ring of the highest layer that names one; a file and a text of equal rank contradict each other.
fn keyring(layers: &Layers) -> Result<Option<KeyringSource>, ConfigError> {
    let file = layers.optional(&key::KEYRING_FILE)?.map(KeyringSource::File);
    let inline = layers.optional(&key::KEYRING)?;
    match (file, inline) {
        (Some(file), Some(inline)) => match layers.layer(&key::KEYRING_FILE).cmp(&layers.layer(&key::KEYRING)) {
            std::cmp::Ordering::Greater => Ok(Some(file)),
            std::cmp::Ordering::Less => Ok(Some(inline)),
            std::cmp::Ordering::Equal => Err(ConfigError::Together(
                "INVITE_KEYRING_FILE and INVITE_KEYRING are both set: take one of them away".into(),
            )),
        },
        (file, inline) => Ok(file.or(inline)),
    }
}
