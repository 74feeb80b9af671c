//! Text messages to phones.

mod body;
mod gateway;
mod settings;

pub use gateway::SmsGateway;
pub use settings::{SmsError, SmsHeaders, SmsSettings};

use async_trait::async_trait;
use invite_domain::{id::MessageId, phone::PhoneNumber, port::DeliveryError, time::Timestamp};
use std::fmt;
use zeroize::Zeroizing;

/// One text message, ready to leave. The same notification always gives the same one.
pub struct Sms {
    message_id: MessageId,
    created_at: Timestamp,
    to: PhoneNumber,
    text: Zeroizing<String>,
}

impl Sms {
    /// A text message. `text` is one line; it is sent as it is.
    pub fn new(message_id: MessageId, created_at: Timestamp, to: PhoneNumber, text: Zeroizing<String>) -> Self {
        Self { message_id, created_at, to, text }
    }

    /// Names the message, the same over all attempts.
    pub fn message_id(&self) -> MessageId {
        self.message_id
    }

    /// When the message was made.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// To whom it goes.
    pub fn to(&self) -> &PhoneNumber {
        &self.to
    }

    /// What it says. It holds the code.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Sms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sms").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

/// Takes text messages away.
#[async_trait]
pub trait SmsTransport: Send + Sync {
    /// Hands one text message over. `Ok` means that somebody else is now responsible for it.
    async fn send(&self, sms: &Sms) -> Result<(), DeliveryError>;
}
