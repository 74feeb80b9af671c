//! E-mail: the message in its wire form, and what takes it away.

mod build;
pub mod mailbox;
pub mod smtp;

pub use build::{BuildError, Sender, SenderError};

use async_trait::async_trait;
use invite_domain::{id::MessageId, port::DeliveryError, time::Timestamp};
use lettre::Address;
use std::fmt;
use zeroize::Zeroizing;

/// One mail, ready to leave. The same notification always gives the same bytes.
pub struct Email {
    pub(crate) message_id: MessageId,
    pub(crate) created_at: Timestamp,
    pub(crate) from: Address,
    pub(crate) to: Address,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

impl Email {
    /// Names the message; its `Message-ID` is made of this.
    pub fn message_id(&self) -> MessageId {
        self.message_id
    }

    /// When the message was made: its `Date`.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// The sender on the envelope: local part, `@`, A-label of the domain.
    pub fn from(&self) -> &str {
        self.from.as_ref()
    }

    /// The one recipient on the envelope: local part, `@`, A-label of the domain.
    pub fn to(&self) -> &str {
        self.to.as_ref()
    }

    /// Whether only a server with SMTPUTF8 ([RFC 6531](https://www.rfc-editor.org/rfc/rfc6531)) can take it.
    pub fn needs_smtputf8(&self) -> bool {
        !self.from().is_ascii() || !self.to().is_ascii()
    }

    /// The message with its headers ([RFC 5322](https://www.rfc-editor.org/rfc/rfc5322)). It holds the secret link.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Email").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

/// Takes mails away.
#[async_trait]
pub trait EmailTransport: Send + Sync {
    /// Hands one mail over. `Ok` means that somebody else is now responsible for it.
    async fn send(&self, email: &Email) -> Result<(), DeliveryError>;
}
