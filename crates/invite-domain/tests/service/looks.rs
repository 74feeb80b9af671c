use super::*;
use async_trait::async_trait;
use invite_domain::{
    directory::{Accent, ChangeOrganization, Logo},
    invitation::Channel,
    port::{DeliveryError, Notification, Notifier},
};

/// What mails looked like.
#[derive(Default)]
struct Looks(Mutex<Vec<(Option<Accent>, Option<Logo>)>>);

#[async_trait]
impl Notifier for Looks {
    fn channels(&self) -> Vec<Channel> {
        vec![Channel::Email]
    }

    async fn deliver(&self, notification: &Notification) -> Result<(), DeliveryError> {
        let look = (notification.accent, notification.logo.clone());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(look);
        Ok(())
    }
}

fn png() -> Logo {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend([0, 0, 0, 8, 0, 0, 0, 8]);
    Logo::parse(&bytes).unwrap()
}

#[tokio::test]
async fn a_mail_looks_like_the_organisation_does_when_it_is_sent() {
    let house = House::new().await;
    let looks = Arc::new(Looks::default());
    let world = World {
        clock: Arc::new(house.scene.clock.clone()),
        entropy: house.scene.entropy.clone(),
        keys: house.keys.clone(),
    };
    let store = Arc::new(house.store.clone());
    let dispatcher = Dispatcher::new(store.clone(), store, looks.clone(), world);
    let sent = async |address: &str| {
        house.issue(&house.owner(), address).await;
        assert_eq!(dispatcher.run_once(10).await.unwrap().sent, 1);
        looks.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap()
    };
    assert_eq!(sent("ada@example.org").await, (None, None));
    let accent = Accent::parse("#1a56b0").unwrap();
    let change = ChangeOrganization { accent: Some(Some(accent)), ..ChangeOrganization::default() };
    house.directory.change_organization(&house.owner(), change).await.unwrap();
    house.directory.set_logo(&house.owner(), png()).await.unwrap();
    assert_eq!(sent("bob@example.org").await, (Some(accent), Some(png())));
    house.directory.remove_logo(&house.owner()).await.unwrap();
    assert_eq!(sent("eve@example.org").await, (Some(accent), None));
}
