//! How mails and text messages leave: to the configured server, into a mailbox on disk, or not yet.

use super::{mailbox::Mailbox, preview::Preview};
use crate::config::{Config, SmsServer, SmtpSecurity, SmtpServer};
use invite_domain::port::Notifier;
use invite_http::{DevMailbox, MailPreview};
use invite_notify::{
    MailboxTransport, RenderError, Renderer, Router, Sender, SenderError, SmsError, SmsGateway, SmsHeaders,
    SmsSettings, SmtpCredentials, SmtpError, SmtpSettings, SmtpTransport, TemplateError, TemplateSet,
};
use std::{path::PathBuf, sync::Arc};
use url::Url;

/// The sender of mails that go no farther than the mailbox on disk.
const DEV_SENDER: (&str, &str) = ("Invite (development)", "invitations@example.com");

/// How mails leave.
#[derive(Debug, Clone)]
pub enum MailRoute {
    /// To the configured server; without one they stay queued.
    Configured,
    /// Into a mailbox in this folder, shown at `/mailbox`.
    Mailbox(PathBuf),
}

/// Why mails cannot be made or sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The templates are wrong.
    #[error("INVITE_TEMPLATES: {0}")]
    Template(#[from] TemplateError),
    /// Links cannot be made.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The sender is wrong.
    #[error("INVITE_MAIL_FROM: {0}")]
    Sender(#[from] SenderError),
    /// The settings of the server are refused.
    #[error("INVITE_SMTP_URL: {0}")]
    Smtp(#[from] SmtpError),
    /// The settings of the SMS gateway are refused.
    #[error("INVITE_SMS_URL, INVITE_SMS_HEADERS or INVITE_SMS_TEMPLATE: {0}")]
    Sms(#[from] SmsError),
    /// The mailbox cannot be opened.
    #[error("the mailbox {path} cannot be opened: {cause}", path = path.display())]
    Mailbox {
        /// Its folder.
        path: PathBuf,
        /// The operating system's word.
        cause: std::io::Error,
    },
}

/// The way of mails.
pub(super) struct Mail {
    pub(super) notifier: Arc<dyn Notifier>,
    pub(super) mailbox: Option<Arc<dyn DevMailbox>>,
    /// Mails to look at before they are sent.
    pub(super) preview: Arc<dyn MailPreview>,
}

pub(super) fn route(route: &MailRoute, config: &Config, base: &Url) -> Result<Mail, MailError> {
    let router = Router::new(renderer(config, base)?);
    let preview: Arc<dyn MailPreview> = Arc::new(Preview(renderer(config, base)?));
    match route {
        MailRoute::Mailbox(path) => {
            let transport =
                MailboxTransport::open(path).map_err(|cause| MailError::Mailbox { path: path.clone(), cause })?;
            let (name, address) = DEV_SENDER;
            let router = router
                .with_email(Sender::new(Some(name), address)?, Arc::new(transport.clone()))
                .with_sms(Arc::new(transport.clone()));
            Ok(Mail { notifier: Arc::new(router), mailbox: Some(Arc::new(Mailbox(transport))), preview })
        }
        MailRoute::Configured => {
            let router = match (smtp(config)?, &config.mail_from) {
                (Some(transport), Some(from)) => {
                    router.with_email(Sender::new(from.name.as_deref(), &from.address)?, Arc::new(transport))
                }
                _ => router,
            };
            let router = match sms(config)? {
                Some(gateway) => router.with_sms(Arc::new(gateway)),
                None => router,
            };
            Ok(Mail { notifier: Arc::new(router), mailbox: None, preview })
        }
    }
}

/// The writer of mails: the operator's templates where there are some, and the operator's language.
pub(crate) fn renderer(config: &Config, base: &Url) -> Result<Renderer, MailError> {
    let templates = config.templates.as_deref().map_or_else(TemplateSet::builtin, TemplateSet::from_dir)?;
    Ok(Renderer::new(base, templates)?.with_default_locale(config.locale.as_str()))
}

/// The configured SMS gateway, if there is one.
pub(crate) fn sms(config: &Config) -> Result<Option<SmsGateway>, MailError> {
    let Some(SmsServer { url, headers, template }) = &config.sms else { return Ok(None) };
    let url = Url::parse(url.expose()).map_err(|_| SmsError::Url)?;
    let headers = headers.as_ref().map(|text| SmsHeaders::parse(text.expose())).transpose()?.unwrap_or_default();
    let template = template.as_ref().map(|text| text.expose().to_owned());
    Ok(Some(SmsGateway::new(&SmsSettings { headers, template, ..SmsSettings::new(url) })?))
}

/// The configured mail server, if there is one.
pub(crate) fn smtp(config: &Config) -> Result<Option<SmtpTransport>, MailError> {
    let Some(SmtpServer { security, host, port, credentials }) = &config.smtp else { return Ok(None) };
    let security = match security {
        SmtpSecurity::Plaintext => invite_notify::SmtpSecurity::Plaintext,
        SmtpSecurity::StartTls => invite_notify::SmtpSecurity::StartTls,
        SmtpSecurity::Tls => invite_notify::SmtpSecurity::Tls,
    };
    let mut settings = SmtpSettings::new(security, host.as_str(), *port);
    // Whether plaintext may leave this machine was decided where the configuration was read.
    settings.allow_plaintext = true;
    settings.credentials = credentials.as_ref().map(|it| SmtpCredentials::new(it.user.as_str(), it.password.expose()));
    Ok(Some(SmtpTransport::new(settings)?))
}
