//! The use cases over a store, and what is read of it afterwards.

use super::{Violation, must, watched::Watched};
use crate::{MemoryStore, PlainHasher, RecordingNotifier, Scene, contract::Subject};
use invite_domain::{
    id::OrganizationId,
    invitation::{Bounds, Event, EventKind, Origin},
    page::{Page, PageRequest, Position},
    port::{
        EventFilter, FixedKeys, InvitationFilter, InvitationRecord, InvitationStore, Limiter, MemberRecord, PortError,
        Principal,
    },
    service::{Caller, DirectoryService, Dispatcher, InvitationService, NewAccount, Redeem, Secret, Settings, World},
};
use std::sync::Arc;

/// The use cases over one store.
#[derive(Clone)]
pub(super) struct Services {
    pub(super) invitations: InvitationService,
    /// None where the store has no directory.
    pub(super) directory: Option<DirectoryService>,
    pub(super) dispatcher: Dispatcher,
}

impl Services {
    /// The use cases over a subject, whose invitation store is this one.
    pub(super) fn over(subject: &Subject, store: Arc<dyn InvitationStore>, world: &World, settings: &Settings) -> Self {
        let limiter: Arc<dyn Limiter> = match &subject.limiter {
            Some(limiter) => Arc::clone(limiter),
            // No password is guessed and no code counted here: any limiter does.
            None => Arc::new(MemoryStore::default()),
        };
        let hasher = Arc::new(PlainHasher::default());
        let (outbox, notifier) = (Arc::clone(&subject.outbox), Arc::new(RecordingNotifier::default()));
        let directory = subject.directory.clone().map(|directory| {
            DirectoryService::new(
                Arc::clone(&store),
                directory,
                Arc::clone(&limiter),
                hasher.clone(),
                world.clone(),
                settings.clone(),
            )
        });
        Self {
            invitations: InvitationService::new(Arc::clone(&store), limiter, hasher, world.clone(), settings.clone()),
            directory,
            dispatcher: Dispatcher::new(outbox, store, notifier, world.clone()),
        }
    }
}

/// An organisation in a store, with the use cases over it.
pub(super) struct House {
    pub(super) subject: Subject,
    pub(super) scene: Scene,
    pub(super) world: World,
    pub(super) services: Services,
}

/// The usual settings without limits of rule 9.2: many at one address within a moment is what soaks are about.
fn unlimited() -> Settings {
    let none = Bounds {
        live: None,
        issues_hour: None,
        messages_recipient_day: None,
        messages_recipient_day_all: None,
        ..Bounds::default()
    };
    Settings { bounds: none, ..Settings::default() }
}

impl House {
    /// Makes an organisation of this name.
    pub(super) async fn of(subject: Subject, word: &str) -> Self {
        let scene = Scene::create(Arc::clone(&subject.invitations), word).await;
        let outside = World {
            clock: Arc::new(scene.clock.clone()),
            entropy: scene.entropy.clone(),
            keys: Arc::new(FixedKeys(Arc::clone(&scene.ring))),
        };
        let store = Arc::new(Watched::new(Arc::clone(&subject.invitations)));
        let services = Services::over(&subject, store, &outside, &unlimited());
        Self { subject, scene, world: outside, services }
    }

    /// The same with another present, other randomness or other settings.
    #[must_use]
    pub(super) fn in_world(self, world: World, settings: &Settings) -> Self {
        let store = Watched::new(Arc::clone(&self.subject.invitations));
        self.watched(store, world, settings)
    }

    /// The same, watched by this.
    #[must_use]
    pub(super) fn watched(mut self, store: Watched, world: World, settings: &Settings) -> Self {
        let store = Arc::new(store);
        self.services = Services::over(&self.subject, store, &world, settings);
        self.world = world;
        self
    }

    pub(super) fn caller(&self, principal: Principal) -> Caller {
        Caller { principal, organization_id: self.scene.organization.id, origin: Origin::default() }
    }

    pub(super) fn store(&self) -> &dyn InvitationStore {
        &*self.subject.invitations
    }

    pub(super) fn id(&self) -> OrganizationId {
        self.scene.organization.id
    }

    /// How many events of a kind there are.
    pub(super) async fn events_of(&self, kind: EventKind) -> Result<u64, Violation> {
        let filter = EventFilter { kind: Some(kind), ..EventFilter::default() };
        let page = PageRequest { include_total: true, ..PageRequest::first(1) };
        Ok(self.store().events(self.id(), &filter, &page).await.map_err(broken)?.total.unwrap_or_default())
    }

    /// All its invitations.
    pub(super) async fn invitations(&self) -> Result<Vec<InvitationRecord>, Violation> {
        let filter = InvitationFilter::default();
        all(async |page| self.store().list(self.id(), &filter, &page, self.scene.now()).await).await
    }

    /// All its events.
    pub(super) async fn events(&self) -> Result<Vec<Event>, Violation> {
        let filter = EventFilter::default();
        all(async |page| self.store().events(self.id(), &filter, &page).await).await
    }

    /// All its members; none where the store has no directory.
    pub(super) async fn members(&self) -> Result<Vec<MemberRecord>, Violation> {
        let Some(directory) = &self.subject.directory else { return Ok(Vec::new()) };
        all(async |page| directory.members(self.id(), None, &page).await).await
    }

    /// Refuses another number of members than this, where the store has a directory.
    pub(super) async fn must_have_members(&self, expected: usize) -> Result<(), Violation> {
        if self.subject.directory.is_some() {
            let found = self.members().await?.len();
            must!(found == expected, "{found} members, not {expected}");
        }
        Ok(())
    }
}

/// A failure of machinery where none may be.
#[expect(clippy::needless_pass_by_value, reason = "so that it is a function for `map_err`")]
pub(super) fn broken(error: PortError) -> Violation {
    Violation::new(format!("the store failed: {error:?}"))
}

/// Every row of a list, page by page.
async fn all<T>(ask: impl AsyncFn(PageRequest) -> Result<Page<T>, PortError>) -> Result<Vec<T>, Violation> {
    let (mut rows, mut after) = (Vec::new(), None::<Position>);
    loop {
        let page = PageRequest { after: after.take(), ..PageRequest::first(PageRequest::MAX_LIMIT) };
        let page = ask(page).await.map_err(broken)?;
        rows.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(rows),
        }
    }
}

/// Uses a link as a new person without a password.
pub(super) fn redeem(token: &str, name: &str) -> Redeem {
    Redeem {
        secret: Secret::Token(token.to_owned()),
        caller: None,
        account: Some(NewAccount { name: Some(name.to_owned()), ..NewAccount::default() }),
        idempotency: None,
        client: None,
        origin: Origin::default(),
    }
}
