//! The use cases over the in-memory store: what a caller sees, races included.
#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail by panicking")]

mod dispatching;
mod issuing;
mod redeeming;

use invite_domain::{
    access::{Grant, Role},
    directory::Password,
    id::AccountId,
    invitation::{AdministrationChange, Recipient, Rejection},
    port::{FixedKeys, InvitationStore, Principal},
    service::{
        Caller, Dispatcher, Idempotency, InvitationService, Issue, Issued, NewAccount, Redeem, Redeemed, ServiceError,
        Settings, World,
    },
};
use invite_testkit::{MemoryStore, PlainHasher, RecordingNotifier, Scene};
use std::sync::Arc;

/// A scene with the use cases over it.
struct House {
    store: MemoryStore,
    scene: Scene,
    service: InvitationService,
    dispatcher: Dispatcher,
    notifier: Arc<RecordingNotifier>,
    hasher: Arc<PlainHasher>,
}

impl House {
    async fn new() -> Self {
        let store = MemoryStore::default();
        let scene = Scene::create(Arc::new(store.clone()), "house").await;
        let keys = Arc::new(FixedKeys(Arc::clone(&scene.ring)));
        let world = World { clock: Arc::new(scene.clock.clone()), entropy: scene.entropy.clone(), keys };
        let (notifier, hasher) = (Arc::new(RecordingNotifier::default()), Arc::new(PlainHasher::default()));
        let shared = Arc::new(store.clone());
        let service =
            InvitationService::new(shared.clone(), shared.clone(), hasher.clone(), world.clone(), Settings::default());
        let dispatcher = Dispatcher::new(shared.clone(), shared, notifier.clone(), world);
        Self { store, scene, service, dispatcher, notifier, hasher }
    }

    /// The scene's organisation lets copied links make accounts.
    async fn without_mailbox_proof() -> Self {
        let mut house = Self::new().await;
        let mut open = house.scene.organization.clone();
        open.policy.require_mailbox_proof = false;
        open.version += 1;
        house.scene.administer(AdministrationChange::UpdateOrganization(Box::new(open.clone()))).await;
        house.scene.organization = open;
        house
    }

    fn caller(&self, principal: Principal) -> Caller {
        Caller { principal, organization_id: self.scene.organization.id, request_id: None }
    }

    fn owner(&self) -> Caller {
        self.caller(self.scene.owner.principal())
    }

    fn admin(&self) -> Caller {
        self.caller(self.scene.admin.principal())
    }

    fn invite(&self, address: &str, role: &Role) -> Issue {
        let grant = Grant { role_id: Some(role.id), ..Grant::default() };
        Issue::new(Recipient::Email(self.scene.address(address)), grant)
    }

    async fn issue(&self, caller: &Caller, address: &str) -> Issued {
        let command = Issue { reveal_link: true, ..self.invite(address, &self.scene.roles.member) };
        self.service.issue(caller, command, None).await.unwrap()
    }

    /// The token in the last mail to an address.
    async fn mailed_token(&self, address: &str) -> String {
        self.dispatcher.run_once(100).await.unwrap();
        let delivered = self.notifier.last_to(&self.scene.address(address)).unwrap();
        delivered.token.expose().to_owned()
    }

    async fn redeem(&self, token: &str, password: Option<&str>) -> Result<Redeemed, ServiceError> {
        self.service.redeem(redeem(token, password)).await
    }
}

fn redeem(token: &str, password: Option<&str>) -> Redeem {
    Redeem {
        token: token.to_owned(),
        caller: None,
        account: Some(NewAccount {
            name: Some("Ada".to_owned()),
            password: password.map(Password::typed),
            locale: None,
        }),
        idempotency: None,
        client: Some("192.0.2.1".to_owned()),
        request_id: None,
    }
}

fn keyed(key: &str, fingerprint: u8) -> Idempotency {
    Idempotency { key: key.to_owned(), fingerprint: [fingerprint; 32] }
}

fn rejection<T>(result: Result<T, ServiceError>) -> Rejection {
    match result {
        Ok(_) => panic!("it was not refused"),
        Err(ServiceError::Rejected(rejection)) => rejection,
        Err(error) => panic!("{error:?}"),
    }
}

fn signed_in(token: &str, account: AccountId) -> Redeem {
    Redeem { caller: Some(account), account: None, ..redeem(token, None) }
}

async fn events(house: &House) -> Vec<invite_domain::invitation::EventKind> {
    use invite_domain::{page::PageRequest, port::EventFilter};
    let page = PageRequest::first(200);
    let page = house.store.events(house.scene.organization.id, &EventFilter::default(), &page).await.unwrap();
    page.items.into_iter().map(|event| event.kind).collect()
}
