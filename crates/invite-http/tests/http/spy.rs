//! A store that counts what is written, and can be made slow or fail.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use async_trait::async_trait;
use chrono::Duration;
use invite_domain::{
    access::MemberFacts,
    directory::Organization,
    id::{AccountId, OrganizationId},
    invitation::{Event, Outcome, Plan},
    page::{Page, PageRequest},
    port::{
        EventFilter, InvitationFacts, InvitationFilter, InvitationQuery, InvitationRecord, InvitationStore, IssueFacts,
        IssueQuery, Limiter, OrganizationRef, PortError, RedemptionFacts, RedemptionQuery, ReminderFacts, Spending,
        ViewFacts, ViewQuery,
    },
    service::RecentKeys,
    time::Timestamp,
};
use invite_testkit::ManualClock;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use crate::store::Store;

/// The store, and what was handed to it to write: every row but a counter's is written by a plan.
pub(crate) struct Spy {
    pub(crate) store: Arc<Store>,
    plans: AtomicUsize,
    attempts: AtomicUsize,
    /// The clock, and how long every write takes by it.
    slow: Mutex<Option<(ManualClock, Duration)>>,
    /// How many writes work before one fails.
    fails_after: Mutex<Option<usize>>,
    /// The keys that are remembered: it is told which end.
    pub(crate) recent: RecentKeys,
}

impl Spy {
    pub(crate) fn on(store: Arc<Store>) -> Self {
        Self {
            store,
            plans: AtomicUsize::new(0),
            attempts: AtomicUsize::new(0),
            slow: Mutex::new(None),
            fails_after: Mutex::new(None),
            recent: RecentKeys::default(),
        }
    }

    /// From now on every write takes so long.
    pub(crate) fn slow_down(&self, clock: &ManualClock, by: Duration) {
        *self.slow.lock().unwrap() = Some((clock.clone(), by));
    }

    /// So many more writes work, and none after them.
    pub(crate) fn fail_after(&self, writes: usize) {
        *self.fails_after.lock().unwrap() = Some(writes);
    }

    /// How many plans there were so far.
    pub(crate) fn plans(&self) -> usize {
        self.plans.load(Ordering::SeqCst)
    }

    /// How many attempts were counted or given back so far.
    pub(crate) fn attempts(&self) -> usize {
        self.attempts.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Limiter for Spy {
    async fn take(&self, spendings: &[Spending], now: Timestamp) -> Result<Option<Timestamp>, PortError> {
        self.attempts.fetch_add(spendings.len(), Ordering::SeqCst);
        self.store.take(spendings, now).await
    }

    async fn give_back(&self, spendings: &[Spending], taken_at: Timestamp) -> Result<(), PortError> {
        self.attempts.fetch_add(spendings.len(), Ordering::SeqCst);
        self.store.give_back(spendings, taken_at).await
    }
}

#[async_trait]
impl InvitationStore for Spy {
    async fn load_issue(&self, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError> {
        self.store.load_issue(query).await
    }

    async fn load_view(&self, query: &ViewQuery) -> Result<Option<ViewFacts>, PortError> {
        self.store.load_view(query).await
    }

    async fn load_invitation(&self, query: &InvitationQuery) -> Result<Option<InvitationFacts>, PortError> {
        self.store.load_invitation(query).await
    }

    async fn find_organization(&self, reference: &OrganizationRef) -> Result<Option<Organization>, PortError> {
        InvitationStore::find_organization(&*self.store, reference).await
    }

    async fn load_redemption(&self, query: &RedemptionQuery) -> Result<Option<RedemptionFacts>, PortError> {
        self.store.load_redemption(query).await
    }

    async fn commit(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        let _ending = self.recent.during(plans);
        self.plans.fetch_add(plans.len(), Ordering::SeqCst);
        if let Some((clock, by)) = &*self.slow.lock().unwrap() {
            clock.advance(*by);
        }
        if let Some(left) = self.fails_after.lock().unwrap().as_mut() {
            let Some(fewer) = left.checked_sub(1) else {
                return plans.iter().map(|_| Err(PortError::unavailable("the disk is full"))).collect();
            };
            *left = fewer;
        }
        self.store.commit(plans).await
    }

    async fn list(
        &self,
        organization_id: OrganizationId,
        filter: &InvitationFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<InvitationRecord>, PortError> {
        self.store.list(organization_id, filter, page, now).await
    }

    async fn events(
        &self,
        organization_id: OrganizationId,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<Page<Event>, PortError> {
        self.store.events(organization_id, filter, page).await
    }

    async fn lapsed(&self, limit: u32, now: Timestamp) -> Result<Vec<InvitationRecord>, PortError> {
        self.store.lapsed(limit, now).await
    }

    async fn reminders_due(
        &self,
        limit: u32,
        messages_since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<ReminderFacts>, PortError> {
        self.store.reminders_due(limit, messages_since, now).await
    }

    async fn sponsors(&self, organization_id: OrganizationId, limit: u32) -> Result<Vec<MemberFacts>, PortError> {
        self.store.sponsors(organization_id, limit).await
    }

    async fn told_of_suspensions(
        &self,
        organization_id: OrganizationId,
        accounts: &[AccountId],
        since: Timestamp,
    ) -> Result<Vec<AccountId>, PortError> {
        self.store.told_of_suspensions(organization_id, accounts, since).await
    }
}
