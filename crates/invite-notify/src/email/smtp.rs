//! Mail by SMTP ([RFC 5321](https://www.rfc-editor.org/rfc/rfc5321)).
//!
//! The conversation is lettre's; the order of its steps is here, because what a failure means depends on the step. Before
//! `MAIL FROM` a refusal is about us (an outage, a wrong password, a block list) and says nothing about the message, so it
//! is tried again. From there on a 5xx answer is final for the message and a 4xx answer puts it off.
//!
//! Nothing of what a server says leaves this module but the number of its answer.

mod settings;

pub use settings::{SmtpCredentials, SmtpError, SmtpSecurity, SmtpSettings};

use super::{Email, EmailTransport};
use async_trait::async_trait;
use invite_domain::{invitation::Reason, port::DeliveryError};
use lettre::{
    Address,
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};
use std::{
    error::Error as _,
    fmt, io,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// Connections kept open for the next mail. The dispatcher delivers a handful at a time.
const MAX_IDLE: usize = 4;
/// How long a connection is kept. Servers hang up after five minutes at the earliest (RFC 5321 §4.5.3.2.7).
const IDLE_FOR: Duration = Duration::from_mins(1);
/// How long a kept connection has to prove that it is alive, and how long a goodbye may take.
const SHORT: Duration = Duration::from_secs(2);

struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

/// Delivers mails to one server. Connections are used again.
pub struct SmtpTransport {
    host: String,
    port: u16,
    security: SmtpSecurity,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    timeout: Duration,
    hello: ClientId,
    idle: Mutex<Vec<Idle>>,
}

impl fmt::Debug for SmtpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpTransport")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}

impl SmtpTransport {
    /// Checks the settings and reads the certificates. Connects to nothing yet.
    pub fn new(settings: SmtpSettings) -> Result<Self, SmtpError> {
        settings.check()?;
        let SmtpSettings { security, host, port, credentials, timeout, extra_root_pem, .. } = settings;
        let tls = match security {
            SmtpSecurity::Plaintext => None,
            SmtpSecurity::StartTls | SmtpSecurity::Tls => Some(tls(&host, extra_root_pem.as_deref())?),
        };
        let credentials = credentials.map(|it| Credentials::new(it.user, it.password.to_string()));
        let idle = Mutex::new(Vec::new());
        Ok(Self { host, port, security, tls, credentials, timeout, hello: ClientId::default(), idle })
    }

    /// Connects, protects the connection, signs in and leaves again: whether mail could be sent now.
    pub async fn check(&self) -> Result<(), DeliveryError> {
        let connection = self.in_time(self.connect()).await?;
        leave(connection).await;
        Ok(())
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, DeliveryError>>) -> Result<T, DeliveryError> {
        timeout(self.timeout, work).await.unwrap_or_else(|_| {
            tracing::debug!("the mail server took too long");
            Err(UNREACHABLE)
        })
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, DeliveryError> {
        let wrapper = self.tls.clone().filter(|_| self.security == SmtpSecurity::Tls);
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.timeout), &self.hello, wrapper, None)
                .await
                .map_err(|error| before_mail("connect", &error))?;
        if self.security == SmtpSecurity::StartTls {
            connection = self.start_tls(connection).await?;
        }
        if let Some(credentials) = &self.credentials {
            // The settings were checked; this is the last moment to be wrong.
            if !connection.is_encrypted() {
                leave(connection).await;
                return Err(DeliveryError::Transient(Reason::TlsFailed));
            }
            if let Err(error) = connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await {
                let failure = before_mail("auth", &error);
                leave(connection).await;
                return Err(failure);
            }
        }
        Ok(connection)
    }

    async fn start_tls(&self, mut connection: AsyncSmtpConnection) -> Result<AsyncSmtpConnection, DeliveryError> {
        const FAILED: DeliveryError = DeliveryError::Transient(Reason::TlsFailed);
        let offered = connection.can_starttls();
        let Some(tls) = self.tls.clone().filter(|_| offered) else {
            tracing::debug!("the mail server does not offer STARTTLS");
            leave(connection).await;
            return Err(FAILED);
        };
        match connection.starttls(tls, &self.hello).await {
            Ok(()) => Ok(connection),
            Err(error) if error.is_permanent() => {
                log("starttls", &error);
                Err(FAILED)
            }
            Err(error) => Err(before_mail("starttls", &error)),
        }
    }

    /// A kept connection that still answers, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, DeliveryError> {
        while let Some(mut idle) = self.take_idle() {
            if idle.since.elapsed() < IDLE_FOR
                && timeout(SHORT.min(self.timeout / 2), idle.connection.test_connected()).await == Ok(true)
            {
                return Ok(idle.connection);
            }
        }
        self.connect().await
    }

    fn take_idle(&self) -> Option<Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MAX_IDLE {
            idle.push(Idle { connection, since: Instant::now() });
        }
    }
}

#[async_trait]
impl EmailTransport for SmtpTransport {
    async fn send(&self, email: &Email) -> Result<(), DeliveryError> {
        let (mut connection, outcome) = self
            .in_time(async {
                let mut connection = self.connection().await?;
                let outcome = transfer(&mut connection, email).await;
                Ok((connection, outcome))
            })
            .await?;
        match outcome {
            Ok(()) => self.keep(connection),
            Err(_) if connection.has_broken() => connection.abort().await,
            Err(_) => leave(connection).await,
        }
        outcome
    }
}

const UNREACHABLE: DeliveryError = DeliveryError::Transient(Reason::Unreachable);

async fn transfer(connection: &mut AsyncSmtpConnection, email: &Email) -> Result<(), DeliveryError> {
    let mut parameters = Vec::new();
    if email.needs_smtputf8() {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(DeliveryError::Permanent(Reason::AddressUnsupported));
        }
        // Its headers hold the address as it is. SMTPUTF8 includes 8BITMIME (RFC 6531 §3.1).
        parameters.extend([MailParameter::SmtpUtfEight, MailParameter::Body(MailBodyParameter::EightBitMime)]);
    }
    let address = |address: &Address| address.clone();
    connection
        .command(Mail::new(Some(address(&email.from)), parameters))
        .await
        .map_err(|error| of_mail("mail from", &error))?;
    connection.command(Rcpt::new(address(&email.to), Vec::new())).await.map_err(|error| of_mail("rcpt to", &error))?;
    connection.command(Data).await.map_err(|error| of_mail("data", &error))?;
    connection.message(email.expose()).await.map_err(|error| of_mail("message", &error))?;
    Ok(())
}

/// Says goodbye, but does not wait for long to hear it.
async fn leave(mut connection: AsyncSmtpConnection) {
    // Whatever becomes of it, the connection is dropped.
    drop(timeout(SHORT, connection.quit()).await);
}

type SmtpFailure = lettre::transport::smtp::Error;

fn log(step: &'static str, error: &SmtpFailure) {
    let answer = error.status().map(u16::from);
    tracing::debug!(step, answer, tls = is_tls(error), "the mail server did not take a mail");
}

/// A failure that says nothing about the message.
fn before_mail(step: &'static str, error: &SmtpFailure) -> DeliveryError {
    log(step, error);
    DeliveryError::Transient(if is_tls(error) {
        Reason::TlsFailed
    } else if error.is_permanent() || error.is_client() {
        Reason::SmtpRefused
    } else if error.is_transient() {
        Reason::SmtpDeferred
    } else {
        Reason::Unreachable
    })
}

/// A failure while the message was handed over.
fn of_mail(step: &'static str, error: &SmtpFailure) -> DeliveryError {
    log(step, error);
    // "Authentication required" and its kin (RFC 4954 §6) are about us, wherever they are said.
    let wants_sign_in = error.status().map(u16::from).is_some_and(|code| matches!(code, 530 | 534 | 535 | 538));
    if error.is_permanent() && wants_sign_in {
        DeliveryError::Transient(Reason::SmtpRefused)
    } else if error.is_permanent() {
        DeliveryError::Permanent(Reason::SmtpRefused)
    } else if error.is_transient() {
        DeliveryError::Transient(Reason::SmtpDeferred)
    } else {
        UNREACHABLE
    }
}

/// Whether the handshake failed for what was said in it. rustls reports that as invalid data; a connection that breaks is
/// reported as such.
fn is_tls(error: &SmtpFailure) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|it| it.kind() == io::ErrorKind::InvalidData) {
            return true;
        }
        cause = error.source();
    }
    error.is_tls()
}

fn tls(host: &str, extra_root_pem: Option<&[u8]>) -> Result<TlsParameters, SmtpError> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = extra_root_pem {
        // An empty file would be no error to the parser, and no certificate either.
        if !pem.windows(11).any(|window| window == b"-----BEGIN ") {
            return Err(SmtpError::Certificate);
        }
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(|_| SmtpError::Certificate)?);
    }
    builder.build().map_err(|_| SmtpError::Tls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(host: &str) -> SmtpSettings {
        SmtpSettings::new(SmtpSecurity::Plaintext, host, 25)
    }

    #[test]
    fn out_6_plaintext_goes_to_this_machine_or_where_it_is_allowed() {
        for host in ["localhost", "127.0.0.1", "127.1.2.3", "::1"] {
            assert!(SmtpTransport::new(plain(host)).is_ok(), "{host}");
        }
        for host in ["mail.example.com", "10.0.0.1", "localhost.example.com", "127.0.0.1.example.com"] {
            assert_eq!(SmtpTransport::new(plain(host)).err(), Some(SmtpError::Plaintext), "{host}");
            let allowed = SmtpSettings { allow_plaintext: true, ..plain(host) };
            assert!(SmtpTransport::new(allowed).is_ok(), "{host}");
        }
    }

    #[test]
    fn out_6_credentials_never_go_with_plaintext() {
        for host in ["localhost", "mail.example.com"] {
            let credentials = Some(SmtpCredentials::new("user", "hunter2"));
            let settings = SmtpSettings { credentials, allow_plaintext: true, ..plain(host) };
            assert!(!format!("{settings:?}").contains("hunter2"));
            assert_eq!(SmtpTransport::new(settings).err(), Some(SmtpError::CredentialsInPlaintext));
        }
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        for pem in [&b""[..], b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let settings = SmtpSettings {
                extra_root_pem: Some(pem.to_vec()),
                ..SmtpSettings::new(SmtpSecurity::Tls, "mail.example.com", 465)
            };
            assert!(SmtpTransport::new(settings).is_err());
        }
    }
}
