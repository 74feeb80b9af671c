//! The invitation store, watched: commits are counted and logged, and the dispatcher hears of new messages.

use async_trait::async_trait;
use invite_domain::{
    access::MemberFacts,
    directory::Organization,
    id::{AccountId, OrganizationId},
    invitation::{Budgeted, DeliveryState, Event, OutboxMessage, Outcome, Plan, Shortage},
    page::{Page, PageRequest},
    port::{
        EventFilter, InvitationFacts, InvitationFilter, InvitationQuery, InvitationRecord, InvitationStore, IssueFacts,
        IssueQuery, OrganizationRef, PortError, RedemptionFacts, RedemptionQuery, ReminderFacts,
    },
    time::Timestamp,
};
use std::sync::Arc;
use tokio::sync::Notify;

/// Passes everything on to a store. What was committed is counted and logged by its events, so that issue, redemption and
/// the rest are seen whoever asked for them, and exactly where they happened.
pub(crate) struct ObservedStore {
    store: Arc<dyn InvitationStore>,
    queued: Arc<Notify>,
}

impl ObservedStore {
    /// Watches a store; `queued` is told when a commit queued a message.
    pub(crate) fn new(store: Arc<dyn InvitationStore>, queued: Arc<Notify>) -> Self {
        Self { store, queued }
    }

    fn note(&self, plan: &Plan) {
        for event in &plan.events {
            let kind = event.kind.name();
            metrics::counter!("invite_events_total", "type" => kind).increment(1);
            // Ids only: names and addresses stay in the database, where they can be erased.
            tracing::info!(
                event = kind,
                organization_id = %event.organization_id,
                invitation_id = event.invitation_id.map(tracing::field::display),
                membership_id = event.membership_id.map(tracing::field::display),
                actor = event.actor.kind.name(),
                actor_id = event.actor.id.map(tracing::field::display),
                request_id = event.request_id,
                "committed"
            );
        }
        let queued = |message: &OutboxMessage| message.state == DeliveryState::Queued;
        if plan.messages.iter().any(queued) || !plan.replay_messages.is_empty() {
            self.queued.notify_one();
        }
    }
}

/// A limit that refuses somebody is worth a line (LOG-2): the organisation, and no word of whom it was to be for.
fn refused(plan: &Plan, shortage: Shortage) {
    let limit = match shortage {
        Shortage::Seats => "seats",
        Shortage::Live => "live",
        Shortage::Budget { of: Budgeted::Issues, .. } => "issues_hour",
        Shortage::Budget { of: Budgeted::Messages, .. } => "messages_recipient_day",
    };
    metrics::counter!("invite_limit_refusals_total", "limit" => limit).increment(1);
    let organization_id = plan.events.first().map(|event| tracing::field::display(event.organization_id));
    tracing::warn!(limit, organization_id, "a limit refused a change");
}

#[async_trait]
impl InvitationStore for ObservedStore {
    async fn load_issue(&self, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError> {
        self.store.load_issue(query).await
    }

    async fn load_invitation(&self, query: &InvitationQuery) -> Result<Option<InvitationFacts>, PortError> {
        self.store.load_invitation(query).await
    }

    async fn load_redemption(&self, query: &RedemptionQuery) -> Result<Option<RedemptionFacts>, PortError> {
        self.store.load_redemption(query).await
    }

    async fn find_organization(&self, reference: &OrganizationRef) -> Result<Option<Organization>, PortError> {
        self.store.find_organization(reference).await
    }

    async fn commit(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        let outcomes = self.store.commit(plans).await;
        for (plan, outcome) in plans.iter().zip(&outcomes) {
            match outcome {
                Ok(Outcome::Committed(_)) => self.note(plan),
                Ok(Outcome::Stale) => metrics::counter!("invite_stale_commits_total").increment(1),
                Ok(Outcome::Refused(shortage)) => refused(plan, *shortage),
                Err(_) => metrics::counter!("invite_failed_commits_total").increment(1),
            }
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
