use crate::SqlStore;
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
use sea_orm::DatabaseTransaction;
use std::sync::Arc;

/// The store as a use case sees it inside a transaction the host has open: it loads as ever, and commits into the host's
/// transaction ([`SqlStore::commit_in`]).
///
/// A load reads what is committed, not what the host's transaction has written so far; the guards of a plan hold it to
/// what is true inside. `Committed` is durable once the *host* commits, and undone where it rolls back.
#[derive(Clone, Debug)]
pub struct InTransaction {
    store: SqlStore,
    transaction: Arc<DatabaseTransaction>,
}

impl InTransaction {
    /// Puts a transaction under the store. The host keeps a clone of the `Arc` and takes the transaction out of it
    /// (`Arc::into_inner`) when the use case is done.
    pub fn new(store: SqlStore, transaction: Arc<DatabaseTransaction>) -> Self {
        Self { store, transaction }
    }
}

#[async_trait]
impl InvitationStore for InTransaction {
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
        self.store.find_organization(reference).await
    }

    async fn load_redemption(&self, query: &RedemptionQuery) -> Result<Option<RedemptionFacts>, PortError> {
        self.store.load_redemption(query).await
    }

    async fn commit(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        let mut outcomes = Vec::with_capacity(plans.len());
        for plan in plans {
            outcomes.push(self.store.commit_in(&self.transaction, plan).await);
        }
        outcomes
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
