use super::{Caller, Secrets, ServiceError, Settings, World};
use crate::{
    access::permission,
    id::InvitationId,
    invitation::{
        Bounds, Context, Event, Origin, Rejection, Status,
        context::{establish, require},
    },
    page::{Page, PageRequest},
    port::{
        Directory, EventFilter, InvitationFacts, InvitationFilter, InvitationQuery, InvitationRecord, InvitationRef,
        InvitationStore, Limiter, PasswordHasher, ViewFacts, ViewQuery,
    },
    secret::{
        code,
        keyring::{KeyId, KeyRing},
        token::{self, Provenance},
    },
    time::{Timestamp, seconds},
};
use std::sync::Arc;

/// The use cases of invitations: issue, list, change, redeem.
///
/// Each costs one load and one commit; a commit that finds its plan overtaken is decided anew from a fresh load.
#[derive(Clone)]
pub struct InvitationService {
    pub(super) store: Arc<dyn InvitationStore>,
    pub(super) limiter: Arc<dyn Limiter>,
    pub(super) passwords: Arc<dyn PasswordHasher>,
    pub(super) world: World,
    pub(super) settings: Settings,
    pub(super) identities: Option<Arc<dyn Directory>>,
}

/// How long the feed of events stays behind the present, so that a cursor never skips a late commit (rule 8.4).
const FEED_DELAY_SECONDS: i64 = 5;

/// The moment a use case is decided in, with what outlives the context it lends.
pub(super) struct Moment<'a> {
    pub(super) now: Timestamp,
    pub(super) ring: Arc<KeyRing>,
    key_id: KeyId,
    service: &'a InvitationService,
    origin: &'a Origin,
}

impl Moment<'_> {
    pub(super) fn context(&self) -> Context<'_> {
        Context {
            now: self.now,
            entropy: &*self.service.world.entropy,
            bounds: &self.service.settings.bounds,
            key_id: self.key_id,
            ring: &self.ring,
            origin: self.origin,
        }
    }
}

impl InvitationService {
    /// Puts the use cases over their ports.
    pub fn new(
        store: Arc<dyn InvitationStore>,
        limiter: Arc<dyn Limiter>,
        passwords: Arc<dyn PasswordHasher>,
        world: World,
        settings: Settings,
    ) -> Self {
        Self { store, limiter, passwords, world, settings, identities: None }
    }

    /// Lets people redeem who come with a token of another issuer: whose they are already is looked up here (rule 5.10).
    #[must_use]
    pub fn with_identities(self, identities: Arc<dyn Directory>) -> Self {
        Self { identities: Some(identities), ..self }
    }

    /// The operator's settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The operator's bounds of an invitation.
    pub fn bounds(&self) -> &Bounds {
        &self.settings.bounds
    }

    /// The status of an invitation now.
    pub fn status(&self, record: &InvitationRecord) -> Status {
        record.status(self.world.clock.now())
    }

    /// One invitation.
    ///
    /// # Errors
    /// `NotFound` for an unknown one and for one of another organisation alike.
    pub async fn get(&self, caller: &Caller, id: impl Into<InvitationRef>) -> Result<InvitationRecord, ServiceError> {
        let facts = self.view(caller, Some(id.into()), permission::INVITATIONS_READ).await?;
        Ok(facts.record.ok_or(Rejection::NotFound)?)
    }

    /// A page of the organisation's invitations.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: &InvitationFilter,
        page: &PageRequest,
    ) -> Result<Page<InvitationRecord>, ServiceError> {
        self.may_read(caller, permission::INVITATIONS_READ).await?;
        Ok(self.store.list(caller.organization_id, filter, page, self.world.clock.now()).await?)
    }

    /// A page of one invitation's history, oldest first. Where its requests came from is the trail's to tell: that takes
    /// [`permission::EVENTS_READ`].
    pub async fn history(
        &self,
        caller: &Caller,
        id: InvitationId,
        page: &PageRequest,
    ) -> Result<Page<Event>, ServiceError> {
        let facts = self.view(caller, Some(id.into()), permission::INVITATIONS_READ).await?;
        facts.record.ok_or(Rejection::NotFound)?;
        let filter = EventFilter { invitation_id: Some(id), ..EventFilter::default() };
        let page = self.store.events(caller.organization_id, &filter, page).await?;
        Ok(page.map(|event| Event { address: None, ..event }))
    }

    /// A page of the organisation's audit trail, oldest first. It ends five seconds ago, so that following it by cursor
    /// never skips an event whose transaction was late.
    pub async fn events(
        &self,
        caller: &Caller,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<Page<Event>, ServiceError> {
        self.may_read(caller, permission::EVENTS_READ).await?;
        let before = self.world.clock.now() - seconds(FEED_DELAY_SECONDS);
        let filter = EventFilter { before: Some(filter.before.map_or(before, |at| at.min(before))), ..filter.clone() };
        Ok(self.store.events(caller.organization_id, &filter, page).await?)
    }

    /// Where the trail ends for whoever reads it now.
    pub fn feed_end(&self) -> Timestamp {
        self.world.clock.now() - seconds(FEED_DELAY_SECONDS)
    }

    /// The present, the ring and its active key.
    pub(super) fn moment<'a>(&'a self, origin: &'a Origin) -> Result<Moment<'a>, ServiceError> {
        let (ring, key_id) = self.world.active_key()?;
        Ok(Moment { now: self.world.clock.now(), ring, key_id, service: self, origin })
    }

    /// Since when messages count against the budget of rule 4.4.
    pub(super) fn messages_since(&self, now: Timestamp) -> Timestamp {
        now - self.settings.bounds.message_window()
    }

    /// The question for everything a command on one invitation needs.
    pub(super) fn query(&self, caller: &Caller, id: InvitationRef, now: Timestamp) -> InvitationQuery {
        InvitationQuery {
            organization_id: caller.organization_id,
            principal: caller.principal,
            invitation: id,
            role_id: None,
            idempotency: None,
            messages_since: self.messages_since(now),
        }
    }

    pub(super) async fn load(&self, query: &InvitationQuery) -> Result<InvitationFacts, ServiceError> {
        Ok(self.store.load_invitation(query).await?.ok_or(Rejection::NotFound)?)
    }

    /// What a caller with a permission sees, of one invitation where one is meant.
    pub(super) async fn view(
        &self,
        caller: &Caller,
        invitation: Option<InvitationRef>,
        permission: &'static str,
    ) -> Result<ViewFacts, ServiceError> {
        let Caller { organization_id, principal, .. } = *caller;
        let query = ViewQuery { organization_id, principal, invitation };
        let facts = self.store.load_view(&query).await?.ok_or(Rejection::NotFound)?;
        let authority = establish(&facts.actor, &facts.organization, self.world.clock.now())?;
        require(&authority, permission)?;
        Ok(facts)
    }

    /// Holds the caller to a permission where no one invitation is meant.
    pub(super) async fn may_read(&self, caller: &Caller, permission: &'static str) -> Result<(), ServiceError> {
        self.view(caller, None, permission).await.map(drop)
    }

    /// The texts of a record's present link and code.
    ///
    /// # Errors
    /// Where the invitation has none any more or their key is retired.
    pub(super) fn secrets(
        &self,
        record: &InvitationRecord,
        provenance: Provenance,
        ring: &KeyRing,
    ) -> Result<Secrets, ServiceError> {
        let binding = record.invitation.token_binding();
        let binding = binding.ok_or_else(|| Rejection::Ended(self.status(record)))?;
        let retired = |_| ServiceError::from(Rejection::KeyRetired);
        let link = token::mint(ring, &binding, provenance).map_err(retired)?;
        let code = record.invitation.code_index.map(|_| code::make(ring, &binding)).transpose().map_err(retired)?;
        Ok(Secrets { link, code })
    }
}
