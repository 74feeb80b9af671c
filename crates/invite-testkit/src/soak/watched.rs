//! A store that counts commits, and holds one back.

use async_trait::async_trait;
use invite_domain::{
    access::MemberFacts,
    directory::Organization,
    id::{AccountId, OrganizationId},
    invitation::{Event, Outcome, Plan},
    page::{Page, PageRequest},
    port::{
        EventFilter, InvitationFacts, InvitationFilter, InvitationQuery, InvitationRecord, InvitationStore, IssueFacts,
        IssueQuery, OrganizationRef, PortError, RedemptionFacts, RedemptionQuery, ReminderFacts, ViewFacts, ViewQuery,
    },
    time::Timestamp,
};
use std::{
    cell::Cell,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::oneshot::{Receiver, Sender};

tokio::task_local! {
    /// How often the task has committed.
    static COMMITS: Cell<u32>;
}

/// Runs something and tells how often it committed.
pub(super) async fn counted<T>(task: impl Future<Output = T>) -> (T, u32) {
    COMMITS.scope(Cell::new(0), async { (task.await, COMMITS.with(Cell::get)) }).await
}

/// A store as it is, watched.
pub(super) struct Watched {
    inner: Arc<dyn InvitationStore>,
    gate: Mutex<Option<Gate>>,
    /// Is told that somebody begins to decide on an issue.
    begins: Option<Box<dyn Fn() + Send + Sync>>,
}

/// What the first commit waits for.
pub(super) struct Gate {
    /// Is told that the commit is about to be: what it rests on has been read.
    pub(super) arrived: Sender<()>,
    /// Lets it through.
    pub(super) open: Receiver<()>,
}

impl Watched {
    pub(super) fn new(inner: Arc<dyn InvitationStore>) -> Self {
        Self { inner, gate: Mutex::new(None), begins: None }
    }

    /// A store whose first commit waits until it is let through, or nobody can let it through any more.
    pub(super) fn held(inner: Arc<dyn InvitationStore>, gate: Gate) -> Self {
        Self { gate: Mutex::new(Some(gate)), ..Self::new(inner) }
    }

    /// A store that tells when somebody begins to decide on an issue, for the first time or anew.
    pub(super) fn telling(inner: Arc<dyn InvitationStore>, begins: impl Fn() + Send + Sync + 'static) -> Self {
        Self { begins: Some(Box::new(begins)), ..Self::new(inner) }
    }
}

#[async_trait]
impl InvitationStore for Watched {
    async fn load_issue(&self, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError> {
        if let Some(begins) = &self.begins {
            begins();
        }
        self.inner.load_issue(query).await
    }

    async fn load_view(&self, query: &ViewQuery) -> Result<Option<ViewFacts>, PortError> {
        self.inner.load_view(query).await
    }

    async fn load_invitation(&self, query: &InvitationQuery) -> Result<Option<InvitationFacts>, PortError> {
        self.inner.load_invitation(query).await
    }

    async fn find_organization(&self, reference: &OrganizationRef) -> Result<Option<Organization>, PortError> {
        self.inner.find_organization(reference).await
    }

    async fn load_redemption(&self, query: &RedemptionQuery) -> Result<Option<RedemptionFacts>, PortError> {
        self.inner.load_redemption(query).await
    }

    async fn commit(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        // Whoever is not counted has no place to count in.
        let _ = COMMITS.try_with(|commits| commits.set(commits.get() + 1));
        let gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Gate { arrived, open }) = gate {
            // Errors say that the other one is gone: then nobody has to be told, and nothing to be waited for.
            let _ = arrived.send(());
            let _ = open.await;
        }
        self.inner.commit(plans).await
    }

    async fn list(
        &self,
        organization_id: OrganizationId,
        filter: &InvitationFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<InvitationRecord>, PortError> {
        self.inner.list(organization_id, filter, page, now).await
    }

    async fn events(
        &self,
        organization_id: OrganizationId,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<Page<Event>, PortError> {
        self.inner.events(organization_id, filter, page).await
    }

    async fn lapsed(&self, limit: u32, now: Timestamp) -> Result<Vec<InvitationRecord>, PortError> {
        self.inner.lapsed(limit, now).await
    }

    async fn reminders_due(
        &self,
        limit: u32,
        messages_since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<ReminderFacts>, PortError> {
        self.inner.reminders_due(limit, messages_since, now).await
    }

    async fn sponsors(&self, organization_id: OrganizationId, limit: u32) -> Result<Vec<MemberFacts>, PortError> {
        self.inner.sponsors(organization_id, limit).await
    }

    async fn told_of_suspensions(
        &self,
        organization_id: OrganizationId,
        accounts: &[AccountId],
        since: Timestamp,
    ) -> Result<Vec<AccountId>, PortError> {
        self.inner.told_of_suspensions(organization_id, accounts, since).await
    }
}
