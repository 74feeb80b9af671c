//! The way a message takes, by channel.

use crate::{
    email::{Email, EmailTransport, Sender},
    sms::SmsTransport,
    template::Renderer,
};
use async_trait::async_trait;
use invite_domain::{
    invitation::{Channel, Reason},
    port::{DeliveryError, Destination, Notification, Notifier},
};
use std::sync::Arc;

struct EmailRoute {
    sender: Sender,
    transport: Arc<dyn EmailTransport>,
}

/// Renders each notification and hands it to the transport of its channel.
pub struct Router {
    renderer: Renderer,
    email: Option<EmailRoute>,
    sms: Option<Arc<dyn SmsTransport>>,
}

impl Router {
    /// A router without any channel yet: every message waits.
    pub fn new(renderer: Renderer) -> Self {
        Self { renderer, email: None, sms: None }
    }

    /// Adds e-mail.
    #[must_use]
    pub fn with_email(mut self, sender: Sender, transport: Arc<dyn EmailTransport>) -> Self {
        self.email = Some(EmailRoute { sender, transport });
        self
    }

    /// Adds text messages to phones.
    #[must_use]
    pub fn with_sms(mut self, transport: Arc<dyn SmsTransport>) -> Self {
        self.sms = Some(transport);
        self
    }

    async fn deliver_email(&self, route: &EmailRoute, notification: &Notification) -> Result<(), DeliveryError> {
        let rendered = self.renderer.render(notification).map_err(|error| {
            tracing::error!(message_id = %notification.message_id, %error, "a mail template failed");
            DeliveryError::Permanent(Reason::TemplateFailed)
        })?;
        let email = Email::build(&route.sender, self.renderer.host(), notification, &rendered).map_err(|error| {
            tracing::debug!(message_id = %notification.message_id, %error, "a mail could not be built");
            DeliveryError::Permanent(Reason::AddressUnsupported)
        })?;
        route.transport.send(&email).await
    }
    async fn deliver_sms(
        &self,
        transport: &dyn SmsTransport,
        notification: &Notification,
    ) -> Result<(), DeliveryError> {
        let sms = self.renderer.sms(notification).map_err(|error| {
            tracing::error!(message_id = %notification.message_id, %error, "a text message could not be written");
            DeliveryError::Permanent(Reason::TemplateFailed)
        })?;
        transport.send(&sms).await
    }
}

#[async_trait]
impl Notifier for Router {
    fn channels(&self) -> Vec<Channel> {
        let email = self.email.as_ref().map(|_| Channel::Email);
        email.into_iter().chain(self.sms.as_ref().map(|_| Channel::Sms)).collect()
    }

    async fn deliver(&self, notification: &Notification) -> Result<(), DeliveryError> {
        const NO_WAY: DeliveryError = DeliveryError::Transient(Reason::Unreachable);
        match &notification.to {
            Destination::Email(_) => match &self.email {
                Some(route) => self.deliver_email(route, notification).await,
                None => Err(NO_WAY),
            },
            Destination::Phone(_) => match &self.sms {
                Some(transport) => self.deliver_sms(transport.as_ref(), notification).await,
                None => Err(NO_WAY),
            },
        }
    }
}
