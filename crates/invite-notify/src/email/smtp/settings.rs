//! What there is to know about the mail server.

use std::{fmt, net::IpAddr, time::Duration};
use zeroize::Zeroizing;

/// How the connection is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SmtpSecurity {
    /// Not at all.
    Plaintext,
    /// By STARTTLS, which the server must offer ([RFC 3207](https://www.rfc-editor.org/rfc/rfc3207)).
    StartTls,
    /// By TLS from the first byte ([RFC 8314](https://www.rfc-editor.org/rfc/rfc8314)).
    Tls,
}

/// What is shown to a server that wants to know who sends.
#[derive(Clone)]
pub struct SmtpCredentials {
    pub(super) user: String,
    pub(super) password: Zeroizing<String>,
}

impl SmtpCredentials {
    /// A user's name and password.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { user: user.into(), password: Zeroizing::new(password.into()) }
    }
}

impl fmt::Debug for SmtpCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpCredentials(…)")
    }
}

/// Where the mail server is and how to speak with it.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// Host name or address, an IPv6 address without brackets. The server's certificate must be for it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// User and password, if the server wants them. Never together with [`SmtpSecurity::Plaintext`].
    pub credentials: Option<SmtpCredentials>,
    /// Whether plaintext may go to another machine.
    pub allow_plaintext: bool,
    /// How long one delivery may take, from connecting to the server's last answer.
    pub timeout: Duration,
    /// Certificates (PEM) trusted besides the system's, for a private authority.
    pub extra_root_pem: Option<Vec<u8>>,
}

impl SmtpSettings {
    /// How long one delivery may take unless told otherwise.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

    /// A server without credentials, with the usual time limit and the system's certificates.
    pub fn new(security: SmtpSecurity, host: impl Into<String>, port: u16) -> Self {
        Self {
            security,
            host: host.into(),
            port,
            credentials: None,
            allow_plaintext: false,
            timeout: Self::DEFAULT_TIMEOUT,
            extra_root_pem: None,
        }
    }
}

/// Why settings are refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SmtpError {
    /// Plaintext to another machine was not allowed.
    #[error("mail in plaintext to another machine is not allowed")]
    Plaintext,
    /// A password would travel in plaintext.
    #[error("the password of the mail server would be sent in plaintext")]
    CredentialsInPlaintext,
    /// The additional certificates are no PEM certificates.
    #[error("the additional certificates are not valid")]
    Certificate,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls,
}

impl SmtpSettings {
    /// Refuses to send in plaintext over a network, and a password in plaintext anywhere.
    pub(super) fn check(&self) -> Result<(), SmtpError> {
        if self.security != SmtpSecurity::Plaintext {
            Ok(())
        } else if self.credentials.is_some() {
            Err(SmtpError::CredentialsInPlaintext)
        } else if self.allow_plaintext || is_loopback(&self.host) {
            Ok(())
        } else {
            Err(SmtpError::Plaintext)
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
