//! The use cases over the in-memory store: what a caller sees, races included.
#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail by panicking")]

mod code_attempts;
mod codes;
mod counted;
mod dead_letters;
mod dispatching;
mod issuing;
mod limits;
mod looks;
mod redeeming;
mod reminding;
mod sign_in_invitations;
mod statistics;
mod subject_invitations;
mod subjects;

use counted::Counted;
use invite_domain::{
    access::{Grant, Role},
    directory::Password,
    id::AccountId,
    invitation::{AdministrationChange, Origin, Recipient, Rejection},
    port::{InvitationStore, Keys, Principal},
    secret::keyring::KeyRing,
    service::{
        Caller, DirectoryService, Dispatcher, Idempotency, InvitationService, Issue, Issued, NewAccount, Preview,
        Redeem, Redeemed, Reveal, Secret, ServiceError, Settings, SubjectService, World,
    },
};
use invite_testkit::{MemoryStore, PlainHasher, RecordingNotifier, Scene};
use std::sync::{Arc, Mutex, PoisonError};

/// The address everybody calls from who does not say otherwise.
const CLIENT: &str = "192.0.2.1";

/// A key ring that a test can exchange.
struct Rotating(Mutex<Arc<KeyRing>>);

impl Rotating {
    fn put(&self, ring: KeyRing) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }
}

impl Keys for Rotating {
    fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A scene with the use cases over it.
struct House {
    store: MemoryStore,
    counted: Arc<Counted>,
    scene: Scene,
    service: InvitationService,
    subjects: SubjectService,
    directory: DirectoryService,
    dispatcher: Dispatcher,
    notifier: Arc<RecordingNotifier>,
    hasher: Arc<PlainHasher>,
    keys: Arc<Rotating>,
}

impl House {
    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        let store = MemoryStore::default();
        let scene = Scene::create(Arc::new(store.clone()), "house").await;
        let keys = Arc::new(Rotating(Mutex::new(Arc::clone(&scene.ring))));
        let world = World { clock: Arc::new(scene.clock.clone()), entropy: scene.entropy.clone(), keys: keys.clone() };
        let (notifier, hasher) = (Arc::new(RecordingNotifier::default()), Arc::new(PlainHasher::default()));
        let (shared, counted) = (Arc::new(store.clone()), Arc::new(Counted::new(store.clone())));
        let service =
            InvitationService::new(counted.clone(), shared.clone(), hasher.clone(), world.clone(), settings.clone());
        let subjects = SubjectService::new(shared.clone(), service.clone());
        let directory = DirectoryService::new(
            counted.clone(),
            shared.clone(),
            shared.clone(),
            hasher.clone(),
            world.clone(),
            settings,
        );
        let dispatcher = Dispatcher::new(shared.clone(), shared, notifier.clone(), world);
        Self { store, counted, scene, service, subjects, directory, dispatcher, notifier, hasher, keys }
    }

    /// The scene's organisation lets copied links make accounts.
    async fn without_mailbox_proof() -> Self {
        Self::new().await.opened().await
    }

    async fn opened(self) -> Self {
        let mut house = self;
        let mut open = house.scene.organization.clone();
        open.policy.require_mailbox_proof = false;
        open.version += 1;
        house.scene.administer(AdministrationChange::UpdateOrganization(Box::new(open.clone()))).await;
        house.scene.organization = open;
        house
    }

    fn caller(&self, principal: Principal) -> Caller {
        Caller { principal, organization_id: self.scene.organization.id, origin: Origin::default() }
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
        let command = Issue { reveal: Reveal::Asked, ..self.invite(address, &self.scene.roles.member) };
        self.service.issue(caller, command, None).await.unwrap()
    }

    /// The token in the last mail to an address.
    async fn mailed_token(&self, address: &str) -> String {
        self.dispatcher.run_once(100).await.unwrap();
        let delivered = self.notifier.last_to(&self.scene.address(address)).unwrap();
        delivered.token.expose().to_owned()
    }

    async fn preview(&self, token: &str) -> Result<Preview, ServiceError> {
        self.service.preview(&Secret::Token(token.to_owned()), None, Some(CLIENT)).await
    }

    async fn redeem(&self, token: &str, password: Option<&str>) -> Result<Redeemed, ServiceError> {
        self.service.redeem(redeem(token, password)).await
    }
}

fn redeem(token: &str, password: Option<&str>) -> Redeem {
    Redeem {
        secret: Secret::Token(token.to_owned()),
        caller: None,
        account: Some(NewAccount {
            name: Some("Ada".to_owned()),
            password: password.map(Password::typed),
            ..NewAccount::default()
        }),
        idempotency: None,
        client: Some(CLIENT.to_owned()),
        origin: Origin::default(),
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
