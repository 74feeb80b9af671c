//! The way a message takes, by channel.

use crate::{
    email::{Email, EmailTransport, Sender},
    template::Renderer,
};
use async_trait::async_trait;
use invite_domain::{
    invitation::{Channel, Reason},
    port::{DeliveryError, Notification, Notifier},
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
}

impl Router {
    /// A router without any channel yet: every message waits.
    pub fn new(renderer: Renderer) -> Self {
        Self { renderer, email: None }
    }

    /// Adds e-mail.
    #[must_use]
    pub fn with_email(mut self, sender: Sender, transport: Arc<dyn EmailTransport>) -> Self {
        self.email = Some(EmailRoute { sender, transport });
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
}

#[async_trait]
impl Notifier for Router {
    fn channels(&self) -> Vec<Channel> {
        self.email.iter().map(|_| Channel::Email).collect()
    }

    async fn deliver(&self, notification: &Notification) -> Result<(), DeliveryError> {
        match notification.channel {
            Channel::Email => match &self.email {
                Some(route) => self.deliver_email(route, notification).await,
                None => Err(DeliveryError::Transient(Reason::Unreachable)),
            },
        }
    }
}
