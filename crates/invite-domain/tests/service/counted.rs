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
use invite_testkit::MemoryStore;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The in-memory store, with a count of what was written to it and of the secrets that were looked up.
pub(crate) struct Counted {
    inner: MemoryStore,
    commits: AtomicUsize,
    looked_up: AtomicUsize,
}

impl Counted {
    pub(crate) fn new(inner: MemoryStore) -> Self {
        Self { inner, commits: AtomicUsize::new(0), looked_up: AtomicUsize::new(0) }
    }

    /// How many plans were written. One that was stale is not one of them.
    pub(crate) fn commits(&self) -> usize {
        self.commits.load(Ordering::SeqCst)
    }

    /// How often a link or code was looked up.
    pub(crate) fn looked_up(&self) -> usize {
        self.looked_up.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl InvitationStore for Counted {
    async fn load_issue(&self, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError> {
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
        self.looked_up.fetch_add(1, Ordering::SeqCst);
        self.inner.load_redemption(query).await
    }

    async fn commit(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        let outcomes = self.inner.commit(plans).await;
        let written = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Committed(_)))).count();
        self.commits.fetch_add(written, Ordering::SeqCst);
        outcomes
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
