use chrono::Duration;
use invite_domain::{
    directory::{Account, Password},
    id::AccountId,
    invitation::{AdministrationChange, Channel, DirectoryChange, Origin, OutboxMessage, Plan, Rejection},
    port::{AdministrationFacts, AdministrationQuery, Directory as _, Lease, Outbox as _, Principal},
    secret::{
        account_token::{AccountPurpose, AccountTokenBinding, mint},
        credential::CredentialText,
        token::Provenance,
    },
    service::{Authenticated, Caller, DirectoryService, ServiceError, Settings, SignIn, SignedIn, World},
};
use invite_testkit::{MemoryStore, PlainHasher, Scene, test_keys, test_ring};
use std::{fmt::Debug, sync::Arc};

/// What everybody's password is in a scene.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The use cases at work in one scene.
pub(crate) struct Desk {
    pub(crate) scene: Scene,
    pub(crate) store: MemoryStore,
    pub(crate) hasher: Arc<PlainHasher>,
    pub(crate) service: DirectoryService,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self::hashing(PlainHasher::default()).await
    }

    pub(crate) async fn hashing(hasher: PlainHasher) -> Self {
        let store = MemoryStore::default();
        let scene = Scene::create(Arc::new(store.clone()), "acme").await;
        let hasher = Arc::new(hasher);
        let service = service(&store, &scene.clock, &scene.entropy, &hasher);
        Self { scene, store, hasher, service }
    }

    pub(crate) fn caller(&self, principal: Principal) -> Caller {
        let origin = Origin { request_id: Some("request".to_owned()), address: None };
        Caller { principal, organization_id: self.scene.organization.id, origin }
    }

    pub(crate) fn owner(&self) -> Caller {
        self.caller(self.scene.owner.principal())
    }

    pub(crate) fn admin(&self) -> Caller {
        self.caller(self.scene.admin.principal())
    }

    pub(crate) fn member(&self) -> Caller {
        self.caller(self.scene.member.principal())
    }

    /// The operator, by a key that was just made.
    pub(crate) async fn operator(&self) -> (Principal, CredentialText) {
        let (key, text) = self.scene.new_operator_key();
        let principal = Principal::Operator(key.id);
        self.scene.administer(AdministrationChange::InsertOperatorKey(Box::new(key))).await;
        (principal, text)
    }

    /// Stores an account.
    pub(crate) async fn add(&self, account: Account) -> Account {
        let directory = vec![DirectoryChange::InsertAccount(Box::new(account.clone()))];
        self.scene.apply(Plan { directory, ..Plan::default() }).await;
        account
    }

    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> Result<SignedIn, ServiceError> {
        let client = Some("203.0.113.9".to_owned());
        let password = Password::typed(password);
        self.service.sign_in(SignIn { login: login.into(), password, renewable: false, client }).await
    }

    pub(crate) async fn authenticated(&self, text: &CredentialText) -> Option<Authenticated> {
        self.service.authenticate(text.expose()).await.unwrap()
    }

    pub(crate) async fn facts(&self, query: AdministrationQuery) -> AdministrationFacts {
        self.store.load_administration(&query).await.unwrap().unwrap()
    }

    pub(crate) async fn epoch(&self) -> i64 {
        let query = AdministrationQuery::of(self.scene.organization.id, self.scene.owner.principal());
        self.facts(query).await.organization.authority_epoch
    }
}

pub(crate) fn service(
    store: &MemoryStore,
    clock: &invite_testkit::ManualClock,
    entropy: &Arc<invite_testkit::SeededEntropy>,
    hasher: &Arc<PlainHasher>,
) -> DirectoryService {
    let store = Arc::new(store.clone());
    let world = World {
        clock: Arc::new(clock.clone()),
        entropy: Arc::clone(entropy) as Arc<dyn invite_domain::port::Entropy>,
        keys: Arc::new(test_keys()),
    };
    let hasher = Arc::clone(hasher) as Arc<dyn invite_domain::port::PasswordHasher>;
    DirectoryService::new(store.clone(), store.clone(), store, hasher, world, Settings::default())
}

/// The messages that wait now; they are not taken.
pub(crate) async fn queued(desk: &Desk) -> Vec<OutboxMessage> {
    let lease = Lease { token: uuid::Uuid::nil(), lasts: Duration::zero() };
    desk.store.claim(&[Channel::Email], &lease, 1_000, desk.scene.now()).await.unwrap()
}

/// The link the dispatcher would mail.
pub(crate) async fn mailed_link(store: &MemoryStore, account: AccountId, purpose: AccountPurpose) -> String {
    let row = store.account_token(account, purpose).await.unwrap().unwrap();
    let binding = AccountTokenBinding {
        key_id: row.key_id,
        account,
        purpose,
        counter: row.counter,
        nonce: row.nonce.as_ref().unwrap(),
    };
    mint(&test_ring(), &binding, Provenance::Mailed).unwrap().expose().to_owned()
}

/// Another organisation in the same store.
pub(crate) async fn other_scene(desk: &Desk) -> Scene {
    Scene::create(Arc::new(desk.store.clone()), "zenith").await
}

/// Why a use case said no.
pub(crate) fn rejection<T: Debug>(result: Result<T, ServiceError>) -> Rejection {
    match result {
        Err(ServiceError::Rejected(rejection)) => rejection,
        other => panic!("it was to be rejected: {other:?}"),
    }
}

/// The pointers of the fields that cannot be.
pub(crate) fn pointers<T: Debug>(result: Result<T, ServiceError>) -> Vec<String> {
    match rejection(result) {
        Rejection::Invalid(errors) => errors.into_iter().map(|error| error.pointer).collect(),
        other => panic!("a field was to be refused: {other:?}"),
    }
}
