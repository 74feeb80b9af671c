//! The invitation store's port.

use super::{events, kinds, lapsed, list, reminders};
use crate::{
    directory,
    error::Failure,
    limit,
    store::{Access, SqlStore, retrying},
};
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

#[async_trait]
impl InvitationStore for SqlStore {
    async fn load_issue(&self, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError> {
        // Boxed, as those of a redemption. Who is read in full after a look has the time the look has left him.
        Box::pin(limit::within_a_call(kinds::load_issue(self, query))).await
    }

    async fn load_view(&self, query: &ViewQuery) -> Result<Option<ViewFacts>, PortError> {
        Box::pin(limit::within_a_call(kinds::load_view(self, query))).await
    }

    async fn load_invitation(&self, query: &InvitationQuery) -> Result<Option<InvitationFacts>, PortError> {
        Box::pin(limit::within_a_call(kinds::load_invitation(self, query))).await
    }

    async fn find_organization(&self, reference: &OrganizationRef) -> Result<Option<Organization>, PortError> {
        directory::organization(&self.reading(), reference).await.map_err(Failure::into_port)
    }

    async fn load_redemption(&self, query: &RedemptionQuery) -> Result<Option<RedemptionFacts>, PortError> {
        // Boxed: these are the most facts there are, and whoever waits for them stays small.
        Box::pin(limit::within_a_call(kinds::load_redemption(self, query))).await
    }

    async fn commit(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        self.commit_plans(plans).await
    }

    async fn list(
        &self,
        organization_id: OrganizationId,
        filter: &InvitationFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<InvitationRecord>, PortError> {
        list::list(self, organization_id, filter, page, now).await
    }

    async fn events(
        &self,
        organization_id: OrganizationId,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<Page<Event>, PortError> {
        if !page.include_total {
            // One statement, which reads at one moment by itself.
            return events::events(&self.reading(), organization_id, filter, page).await.map_err(Failure::into_port);
        }
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let found = events::events(&transaction.sql(), organization_id, filter, page).await;
        transaction.finish(found).await
    }

    async fn lapsed(&self, limit: u32, now: Timestamp) -> Result<Vec<InvitationRecord>, PortError> {
        retrying!(self, lapsed::lapsed(self, limit, now))
    }

    async fn reminders_due(
        &self,
        limit: u32,
        messages_since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<ReminderFacts>, PortError> {
        retrying!(self, reminders::due(self, limit, messages_since, now))
    }

    async fn sponsors(&self, organization_id: OrganizationId, limit: u32) -> Result<Vec<MemberFacts>, PortError> {
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let found = reminders::sponsors(&transaction.sql(), self.directory(), organization_id, limit).await;
        transaction.finish(found).await
    }

    async fn told_of_suspensions(
        &self,
        organization_id: OrganizationId,
        accounts: &[AccountId],
        since: Timestamp,
    ) -> Result<Vec<AccountId>, PortError> {
        reminders::told_of_suspensions(&self.reading(), organization_id, accounts, since)
            .await
            .map_err(Failure::into_port)
    }
}
