//! The invitation store, watched: commits are counted and logged, the dispatcher hears of new messages, and who remembers keys
//! of those that end.

use async_trait::async_trait;
use invite_domain::{
    access::MemberFacts,
    directory::Organization,
    id::{AccountId, OrganizationId},
    invitation::{Budgeted, DeliveryState, Event, OutboxMessage, Outcome, Plan, Shortage},
    page::{Page, PageRequest},
    port::{
        EventFilter, InvitationFacts, InvitationFilter, InvitationQuery, InvitationRecord, InvitationStore, IssueFacts,
        IssueQuery, OrganizationRef, PortError, RedemptionFacts, RedemptionQuery, ReminderFacts, ViewFacts, ViewQuery,
    },
    service::RecentKeys,
    time::Timestamp,
};
use std::sync::Arc;
use tokio::sync::Notify;

/// Passes everything on to a store. What was committed is counted and logged by its events, so that issue, redemption and
/// the rest are seen whoever asked for them, and exactly where they happened.
pub(crate) struct ObservedStore {
    store: Arc<dyn InvitationStore>,
    queued: Arc<Notify>,
    recent: RecentKeys,
}

impl ObservedStore {
    /// Watches a store; `queued` is told when a commit queued a message, and `recent` when one may end a key.
    pub(crate) fn new(store: Arc<dyn InvitationStore>, queued: Arc<Notify>, recent: RecentKeys) -> Self {
        Self { store, queued, recent }
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

    async fn load_view(&self, query: &ViewQuery) -> Result<Option<ViewFacts>, PortError> {
        self.store.load_view(query).await
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
        let ending = self.recent.during(plans);
        let outcomes = self.store.commit(plans).await;
        drop(ending);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::{Argon2Hasher, OsEntropy};
    use invite_domain::{
        email::EmailAddress,
        invitation::Origin,
        port::{Clock, FixedKeys},
        secret::KeyRing,
        service::{Authenticated, Caller, DirectoryService, SetUp, Settings, World},
    };
    use invite_storage::{SqlOptions, SqlStore};

    /// Nothing here takes half a second of it.
    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap()
        }
    }

    struct House {
        store: SqlStore,
        recent: RecentKeys,
        directory: DirectoryService,
        key: String,
        _folder: tempfile::TempDir,
    }

    async fn house() -> House {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("invite.db").display());
        let store = SqlStore::open(&SqlOptions::new(url)).await.unwrap();
        store.migrate().await.unwrap();
        let recent = RecentKeys::default();
        let observed = ObservedStore::new(Arc::new(store.clone()), Arc::new(Notify::new()), recent.clone());
        let world = World {
            clock: Arc::new(Noon),
            entropy: Arc::new(OsEntropy),
            keys: Arc::new(FixedKeys(Arc::new(KeyRing::generate(&OsEntropy)))),
        };
        let hasher = Arc::new(Argon2Hasher::new(Arc::new(OsEntropy)).unwrap());
        let shared = Arc::new(store.clone());
        let directory =
            DirectoryService::new(Arc::new(observed), shared.clone(), shared, hasher, world, Settings::default());
        let directory = directory.with_recent(recent.clone());
        let owner_email = EmailAddress::parse("owner@example.org").unwrap();
        let installed =
            directory.set_up(SetUp { organization: "Acme".into(), owner_email, locale: None }).await.unwrap();
        let key = installed.api_key.expose().to_owned();
        // Its use is noted, once.
        directory.authenticate(&key).await.unwrap().unwrap();
        House { store, recent, directory, key, _folder: folder }
    }

    #[tokio::test]
    async fn a_key_seen_a_moment_ago_is_authenticated_without_a_statement() {
        let House { store, recent, directory, key, _folder } = house().await;
        let who = directory.authenticate(&key).await.unwrap().unwrap();
        directory.scope(&who, None).await.unwrap();
        let before = store.statements();
        for _ in 0..1000 {
            let who = directory.authenticate(&key).await.unwrap().unwrap();
            directory.scope(&who, None).await.unwrap();
        }
        assert_eq!(store.statements(), before);
        recent.forget();
        let who = directory.authenticate(&key).await.unwrap().unwrap();
        directory.scope(&who, None).await.unwrap();
        assert_eq!(store.statements(), before + 2, "its key and its organisation are read again");
    }

    #[tokio::test]
    async fn who_comes_with_the_same_key_at_the_same_time_reads_it_once() {
        let House { store, recent, directory, key, _folder } = house().await;
        for _ in 0..20 {
            recent.forget();
            let before = store.statements();
            let mut callers = tokio::task::JoinSet::new();
            for _ in 0..64 {
                let (directory, key) = (directory.clone(), key.clone());
                callers.spawn(async move {
                    let who = directory.authenticate(&key).await.unwrap().unwrap();
                    directory.scope(&who, None).await.unwrap();
                });
            }
            while let Some(called) = callers.join_next().await {
                called.unwrap();
            }
            assert_eq!(store.statements(), before + 2);
        }
    }

    #[tokio::test]
    async fn authz_7_a_key_that_is_revoked_here_is_refused_at_once() {
        let House { store: _, recent, directory, key, _folder } = house().await;
        let who = directory.authenticate(&key).await.unwrap().unwrap();
        let Authenticated::ApiKey(found) = &who else { panic!("it is an organisation's key") };
        let scope = directory.scope(&who, None).await.unwrap();
        let organization_id = scope.organization_id;
        let caller = Caller { principal: who.principal(), organization_id, origin: Origin::default() };
        assert_eq!(recent.remembered(), 1);
        directory.revoke_api_key(&caller, found.id).await.unwrap();
        assert_eq!(directory.authenticate(&key).await.unwrap(), None);
    }
}
