//! What there is to know about an SMS gateway.

use super::body::Encoding;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use std::{fmt, net::IpAddr, time::Duration};
use url::{Host, Url};

/// Headers that are ours to write, or that say how a message is framed.
const OURS: [&str; 8] = [
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "host",
    "idempotency-key",
    "te",
    "transfer-encoding",
];

/// Headers sent along with every message, above all what the gateway knows us by. Their values are never printed.
#[derive(Clone, Default)]
pub struct SmsHeaders(pub(super) HeaderMap);

impl SmsHeaders {
    /// Reads `Name: value`, each on a line of its own or parted by `;`. A value therefore has no `;`.
    pub fn parse(text: &str) -> Result<Self, SmsError> {
        let mut headers = HeaderMap::new();
        for (at, (piece, continues)) in pieces(text).enumerate() {
            let number = at + 1;
            let malformed = if continues { SmsError::Semicolon { number } } else { SmsError::Header { number } };
            let (name, value) = piece.split_once(':').ok_or(malformed)?;
            let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| malformed)?;
            let mut value = HeaderValue::from_str(value.trim()).map_err(|_| malformed)?;
            if OURS.contains(&name.as_str()) {
                return Err(SmsError::ReservedHeader { number });
            }
            value.set_sensitive(true);
            if headers.insert(name, value).is_some() {
                return Err(SmsError::HeaderTwice { number });
            }
        }
        Ok(Self(headers))
    }

    /// How the body is written: JSON, or a form where the headers say so. What is neither could not be escaped rightly.
    pub(super) fn encoding(&self) -> Result<Encoding, SmsError> {
        let Some(value) = self.0.get(header::CONTENT_TYPE) else { return Ok(Encoding::Json) };
        let media_type = value.to_str().map_err(|_| SmsError::ContentType)?.trim().to_ascii_lowercase();
        match media_type.as_str() {
            "application/x-www-form-urlencoded" => Ok(Encoding::Form),
            "application/json" => Ok(Encoding::Json),
            other if other.starts_with("application/") && other.ends_with("+json") => Ok(Encoding::Json),
            _ => Err(SmsError::ContentType),
        }
    }
}

/// The pieces that are not blank, and of each whether a `;` on its own line goes before it.
fn pieces(text: &str) -> impl Iterator<Item = (&str, bool)> {
    text.split('\n')
        .flat_map(|line| line.split(';').enumerate())
        .map(|(at, piece)| (piece.trim(), at > 0))
        .filter(|(piece, _)| !piece.is_empty())
}

impl fmt::Debug for SmsHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys().map(HeaderName::as_str)).finish()
    }
}

/// Where the gateway is and how to speak with it.
#[derive(Clone)]
pub struct SmsSettings {
    /// Where messages are posted. `https`, or `http` to this machine. What follows the host may hold a secret and is
    /// never printed.
    pub url: Url,
    /// What is sent along.
    pub headers: SmsHeaders,
    /// The body as a template over `to`, `text` and `id`; without one all three, in a JSON object or a form.
    pub template: Option<String>,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long one delivery may take, from connecting to the head of the answer.
    pub timeout: Duration,
    /// Certificates (PEM) trusted besides the system's, for a private authority.
    pub extra_root_pem: Option<Vec<u8>>,
}

impl SmsSettings {
    /// How long connecting may take unless told otherwise.
    pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
    /// How long one delivery may take unless told otherwise.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

    /// A gateway that takes JSON without any credential, with the usual time limits and the system's certificates.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            headers: SmsHeaders::default(),
            template: None,
            connect_timeout: Self::DEFAULT_CONNECT_TIMEOUT,
            timeout: Self::DEFAULT_TIMEOUT,
            extra_root_pem: None,
        }
    }

    /// Refuses what would send messages or credentials in plaintext over a network.
    pub(super) fn check(&self) -> Result<(), SmsError> {
        let local = match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
            None => return Err(SmsError::Url),
        };
        match self.url.scheme() {
            "https" => {}
            "http" if local => {}
            "http" => return Err(SmsError::Plaintext),
            _ => return Err(SmsError::Url),
        }
        if !self.url.username().is_empty() || self.url.password().is_some() {
            return Err(SmsError::CredentialsInUrl);
        }
        if self.url.fragment().is_some() { Err(SmsError::Url) } else { Ok(()) }
    }
}

impl fmt::Debug for SmsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmsSettings")
            .field("host", &self.url.host_str())
            .field("headers", &self.headers)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Why settings are refused. No message repeats a value: URL, headers and template may all hold a secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SmsError {
    /// No URL that can be posted to.
    #[error("the gateway's URL must be https://host/path, without a fragment")]
    Url,
    /// Codes would travel in plaintext.
    #[error("the gateway's URL is plaintext to another machine: write https://")]
    Plaintext,
    /// A user or password in the URL, where it is easily shown.
    #[error("the gateway's URL must hold no user and password: send them as a header, `Authorization: Basic …`")]
    CredentialsInUrl,
    /// No `Name: value`.
    #[error("header {number} is not `Name: value` in ASCII, parted from the next by a line end or `;`")]
    Header {
        /// Which, from 1.
        number: usize,
    },
    /// What follows a `;` is no `Name: value`: most likely the `;` was meant to be part of a value.
    #[error(
        "header {number} follows a `;` and is not `Name: value` in ASCII: `;` parts headers, so no value can hold one; \
         leave out what follows it, such as `; charset=utf-8`"
    )]
    Semicolon {
        /// Which, from 1.
        number: usize,
    },
    /// A header that is ours.
    #[error("header {number} is written by the service itself")]
    ReservedHeader {
        /// Which, from 1.
        number: usize,
    },
    /// The same name again.
    #[error("header {number} is there twice")]
    HeaderTwice {
        /// Which, from 1.
        number: usize,
    },
    /// A body that is neither JSON nor a form.
    #[error("Content-Type must be application/json or application/x-www-form-urlencoded, without parameters")]
    ContentType,
    /// The template does not parse or fails when it is used.
    #[error("the template, line {line}: {kind}")]
    Template {
        /// The line, from 1; 0 where it is not known.
        line: usize,
        /// What is wrong.
        kind: minijinja::ErrorKind,
    },
    /// What the template gives is no JSON.
    #[error("the template gives no JSON: write the values in quotation marks, as in \"{{{{ text }}}}\"")]
    NotJson,
    /// The message would not say what it has to.
    #[error("the template leaves out `{{{{ to }}}}` or `{{{{ text }}}}`, or changes them")]
    Incomplete,
    /// What the template gives is too long.
    #[error("the template gives more than 16 KiB")]
    TooLong,
    /// The additional certificates are no PEM certificates.
    #[error("the additional certificates are not valid")]
    Certificate,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls,
}
