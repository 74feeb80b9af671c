//! The mail server's URL.

use super::{parse::is_loopback, redacted::Redacted};
use percent_encoding::percent_decode_str;
use url::Url;

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// Not at all (`smtp://`).
    Plaintext,
    /// By STARTTLS, which is required ([RFC 3207](https://www.rfc-editor.org/rfc/rfc3207)).
    StartTls,
    /// By TLS from the first byte ([RFC 8314](https://www.rfc-editor.org/rfc/rfc8314)).
    Tls,
}

/// What the service presents to the mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpCredentials {
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: Redacted,
}

/// The mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpServer {
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// Host name or address; an IPv6 address stands without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// User and password, if the server wants them.
    pub credentials: Option<SmtpCredentials>,
}

impl SmtpServer {
    /// Reads `smtp[+starttls|s]://[user:password@]host[:port]`. The messages never repeat a part of the URL.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        const FORM: &str = "write smtps://user:password@host:port, smtp+starttls://… or smtp://…";
        let url = Url::parse(text).map_err(|error| format!("{FORM} ({error})"))?;
        let (security, port) = match url.scheme() {
            "smtp" => (SmtpSecurity::Plaintext, 25),
            "smtp+starttls" => (SmtpSecurity::StartTls, 587),
            "smtps" => (SmtpSecurity::Tls, 465),
            _ => return Err(FORM.to_owned()),
        };
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
            return Err(format!("the host is missing: {FORM}"));
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(format!("nothing may follow the port; percent-encode `/`, `?` and `#` in a password: {FORM}"));
        }
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) => return Err(format!("the user name is missing: {FORM}")),
            (_, None) => return Err(format!("the password is missing: {FORM}")),
            (user, Some(password)) => {
                Some(SmtpCredentials { user: decoded(user)?, password: Redacted::new(decoded(password)?) })
            }
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { security, host, port: url.port().unwrap_or(port), credentials })
    }

    /// Refuses to send in plaintext over a network, and a password with it always.
    pub(super) fn check(&self, allow_plaintext: bool) -> Result<(), String> {
        if self.security != SmtpSecurity::Plaintext || is_loopback(&self.host) {
            return Ok(());
        }
        if self.credentials.is_some() {
            return Err(
                "INVITE_SMTP_URL would send its password in plaintext: write smtps:// or smtp+starttls://".into()
            );
        }
        if !allow_plaintext {
            return Err("INVITE_SMTP_URL is plaintext to another machine: write smtps:// or smtp+starttls://, or set \
                        INVITE_SMTP_ALLOW_PLAINTEXT=true"
                .into());
        }
        Ok(())
    }
}

fn decoded(part: &str) -> Result<String, String> {
    percent_decode_str(part)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| "the percent-encoding of user or password is not UTF-8".to_owned())
}
