//! One way of delivery apart from the others.

use async_trait::async_trait;
use invite_domain::{
    invitation::Channel,
    port::{DeliveryError, Notification, Notifier},
};
use std::sync::Arc;

/// A notifier as it is for one channel, so that what hangs on another one is another one's trouble.
pub(crate) struct OneChannel {
    notifier: Arc<dyn Notifier>,
    channel: Channel,
}

impl OneChannel {
    /// Every channel there is a way for, by itself.
    pub(crate) fn each(notifier: &Arc<dyn Notifier>) -> Vec<Arc<dyn Notifier>> {
        let channels = notifier.channels().into_iter();
        channels
            .map(|channel| Arc::new(Self { notifier: Arc::clone(notifier), channel }) as Arc<dyn Notifier>)
            .collect()
    }
}

#[async_trait]
impl Notifier for OneChannel {
    fn channels(&self) -> Vec<Channel> {
        vec![self.channel]
    }

    async fn deliver(&self, notification: &Notification) -> Result<(), DeliveryError> {
        self.notifier.deliver(notification).await
    }
}
