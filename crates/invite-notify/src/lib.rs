//! Notification channels: how a message reaches a person.
//!
//! This crate implements the [`Notifier`](invite_domain::port::Notifier) port. A [`Router`] picks the way by channel; a
//! [`Renderer`] writes the message in the reader's language, with the words of `invite-text`; a transport takes it away:
//! [`SmtpTransport`] to a mail server, [`SmsGateway`] to an SMS gateway, [`MailboxTransport`] into a folder on disk for
//! development.
//!
//! What it does not do: decide whether a message may still be sent, try again, or remember anything. Those are the
//! dispatcher's part. It does not make secrets either: a notification arrives with the text of its token and its short
//! code. The token goes into exactly one link; neither appears in a log, an error or `Debug` output.
//!
//! ```
//! use invite_domain::{
//!     email::EmailAddress,
//!     id::MessageId,
//!     port::{Destination, Notification, NotificationContent, Notifier},
//!     secret::{AccountPurpose, AccountTokenBinding, KeyRing, Nonce, Provenance, account_token},
//!     time::seconds,
//! };
//! use invite_notify::{MailboxTransport, Renderer, Router, Sender, TemplateSet};
//! use std::sync::Arc;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let renderer = Renderer::new(&"https://invite.example".parse()?, TemplateSet::builtin()?)?;
//! let folder = tempfile::tempdir()?;
//! let mailbox = MailboxTransport::open(folder.path())?;
//! let sender = Sender::new(Some("Acme"), "invitations@acme.example")?;
//! let router = Router::new(renderer).with_email(sender, Arc::new(mailbox.clone()));
//!
//! # let ring = KeyRing::parse(&format!("1 active {}", "0123456789abcdef".repeat(4)))?;
//! # let key_id = ring.active().ok_or("no key")?;
//! # let nonce = Nonce::from_bytes([7; 32]);
//! # let account = invite_domain::id::AccountId::from_uuid(uuid::Uuid::from_u128(2));
//! # let purpose = AccountPurpose::PasswordReset;
//! # let row = AccountTokenBinding { key_id, account, purpose, counter: 1, nonce: &nonce };
//! let token = account_token::mint(&ring, &row, Provenance::Mailed)?;
//! let created_at = "2026-11-21T12:00:00Z".parse()?;
//! let notification = Notification {
//!     message_id: MessageId::from_uuid(uuid::Uuid::from_u128(1)),
//!     created_at,
//!     to: Destination::Email(EmailAddress::parse("zoe@example.org")?),
//!     locales: vec![Some("en".to_owned())],
//!     time_zone: "Europe/Paris".to_owned(),
//!     accent: None,
//!     logo: None,
//!     content: NotificationContent::PasswordReset { expires_at: created_at + seconds(3600), token },
//! };
//! router.deliver(&notification).await?;
//! assert_eq!(mailbox.list().await?[0].subject, "Choose a new password");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How to add a channel
//!
//! 1. Give it a name in `invite_domain::invitation::Channel`, and its addresses a variant in
//!    [`Destination`](invite_domain::port::Destination).
//! 2. Write its transport in a module of its own: a trait with one `send` and, beside the real one, an implementation
//!    that keeps messages where a developer can read them. Map every failure to a
//!    [`DeliveryError`](invite_domain::port::DeliveryError): `Transient` where trying again may help, `Permanent` where
//!    it cannot. Nothing a remote system says may leave the module. Bound every delivery in time.
//! 3. Derive the message's identity on the channel from `Notification::message_id` alone, so that a retry after a lost
//!    answer can be recognised.
//! 4. Let the [`Renderer`] write its text from the same facts. Names and messages come from people: they pass through
//!    its cleaning, which leaves no second link and no control character.
//! 5. Add a `with_…` method to the [`Router`] and an arm to its `deliver`. The compiler shows the place: the `match` has
//!    no wildcard.

pub mod email;
mod router;
pub mod sample;
pub mod sms;
pub mod template;

pub use email::{
    Email, EmailTransport, Sender, SenderError,
    mailbox::{MailboxEntry, MailboxTransport, StoredMail},
    smtp::{SmtpCredentials, SmtpError, SmtpSecurity, SmtpSettings, SmtpTransport},
};
pub use router::Router;
pub use sms::{Sms, SmsError, SmsGateway, SmsHeaders, SmsSettings, SmsTransport};
pub use template::{InlineLogo, MailKind, RenderError, RenderedMail, Renderer, TemplateError, TemplateSet};
