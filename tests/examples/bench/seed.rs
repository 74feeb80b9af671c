//! Invitations by the thousand, past the service: made by the domain's rule and written by the service's own store, so that
//! they are what it would have made.

use chrono::{Duration, Utc};
use invite_domain::{
    access::Grant,
    email::EmailAddress,
    id::OrganizationId,
    invitation::{
        Bounds, Context, DeliveryState, Invitation, InvitationChange, Origin, Outcome, Plan, Recipient,
        issue::{self, Issue},
    },
    port::{Directory as _, Entropy as _, FixedKeys, InvitationStore as _, IssueFacts, IssueQuery, Principal},
    secret::{
        keyring::{KeyRing, KeyState},
        token::{self, Provenance},
    },
    service::{Authenticated, DirectoryService, Settings, World},
    time::{Timestamp, to_micros},
};
use invite_storage::{SqlOptions, SqlStore};
use invite_testkit::{ManualClock, PlainHasher, SeededEntropy};
use invite_tests::{Failure, Result};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::task::JoinSet;

/// Plans of one commit, and how many commits are under way.
const GROUP: usize = 100;
const AT_ONCE: usize = 3;
/// How often a commit is tried on a busy machine.
const ATTEMPTS: u32 = 5;
/// One in so many has the role that is searched for.
const RARE: usize = 50;
/// The oldest was issued so long ago: all of them are live.
const SPAN: Duration = Duration::days(5);

/// An installation's key, key ring and store.
#[derive(Clone)]
pub(crate) struct Seed {
    store: SqlStore,
    ring: Arc<KeyRing>,
    entropy: Arc<SeededEntropy>,
    principal: Principal,
    organization: OrganizationId,
    made: Arc<AtomicUsize>,
}

impl Seed {
    pub(crate) async fn open(url: &str, keyring: &Path, key: &str) -> Result<Self> {
        // What is prepared need not outlive the machine.
        let patient = if url.starts_with("postgres") { "?options=-c%20synchronous_commit%3Doff" } else { "" };
        let options = SqlOptions::new(format!("{url}{patient}")).synchronous_full(false);
        let store = Box::pin(SqlStore::open(&options)).await?;
        let ring = Arc::new(KeyRing::parse(&std::fs::read_to_string(keyring)?)?);
        let entropy = Arc::new(SeededEntropy::of(key));
        let world = World {
            clock: Arc::new(ManualClock::at(now())),
            entropy: entropy.clone(),
            keys: Arc::new(FixedKeys(ring.clone())),
        };
        let all = Arc::new(store.clone());
        let hasher = Arc::new(PlainHasher::default());
        let service = DirectoryService::new(all.clone(), all.clone(), all, hasher, world, Settings::default());
        match service.authenticate(key).await? {
            Some(Authenticated::ApiKey(key)) => Ok(Self {
                store,
                ring,
                entropy,
                principal: Principal::ApiKey(key.id),
                organization: key.organization_id,
                made: Arc::default(),
            }),
            _ => Err(Failure::new("that is no API key of an organisation")),
        }
    }

    /// Makes that many invitations whose messages were sent; the last one now, the first days ago.
    pub(crate) async fn fill(&self, count: usize) -> Result<()> {
        Box::pin(self.make(count, SPAN)).await.map(drop)
    }

    /// Makes that many and answers their mailed tokens.
    pub(crate) async fn tokens(&self, count: usize) -> Result<Vec<String>> {
        Box::pin(self.make(count, Duration::minutes(1))).await
    }

    /// Tokens that are whole but for the key they were made with; nothing is stored.
    pub(crate) async fn forged(&self, count: usize) -> Result<Vec<String>> {
        let id = self.ring.active().ok_or_else(|| Failure::new("the key ring has no active key"))?;
        let mut other = [0; 32];
        self.entropy.fill(&mut other);
        let ring = Arc::new(KeyRing::from_keys(vec![(id, KeyState::Active, other)])?);
        let forger = Self { ring, ..self.clone() };
        let facts = self.facts("member").await?;
        (0..count).map(|number| Ok(forger.plan(number, &facts, now())?.1)).collect()
    }

    async fn make(&self, count: usize, span: Duration) -> Result<Vec<String>> {
        let (common, rare) = (self.facts("member").await?, self.facts("guest").await?);
        let step = span / i32::try_from(count.max(1))?;
        let newest = now();
        let mut tokens = Vec::with_capacity(count);
        let mut commits = JoinSet::new();
        let mut index = 0;
        while index < count || !commits.is_empty() {
            if index == count || commits.len() == AT_ONCE {
                if let Some(committed) = commits.join_next().await {
                    committed??;
                }
                continue;
            }
            let group = index..(index + GROUP).min(count);
            index = group.end;
            let mut plans = Vec::with_capacity(group.len());
            for place in group {
                let at = newest - step * i32::try_from(count - place)?;
                let number = self.made.fetch_add(1, Ordering::Relaxed);
                let (plan, token) = self.plan(number, if number.is_multiple_of(RARE) { &rare } else { &common }, at)?;
                plans.push(plan);
                tokens.push(token);
            }
            commits.spawn(commit(self.store.clone(), plans));
            // As the service does while it runs.
            if index.is_multiple_of(GROUP * 20) {
                self.store.note_growth().await?;
            }
        }
        Ok(tokens)
    }

    fn plan(&self, number: usize, facts: &IssueFacts, at: Timestamp) -> Result<(Plan, String)> {
        let bounds = Bounds {
            live: None,
            issues_hour: None,
            messages_recipient_day: None,
            messages_recipient_day_all: None,
            ..Bounds::default()
        };
        let context = Context {
            now: at,
            entropy: &*self.entropy,
            bounds: &bounds,
            key_id: self.ring.active().ok_or_else(|| Failure::new("the key ring has no active key"))?,
            ring: &self.ring,
            origin: Origin::none(),
        };
        // Addresses in another order than that of issue.
        let scattered = number.wrapping_mul(7919) % 10_000_019;
        let email = format!("person-{scattered:08}@team{}.example.org", number % 40);
        let grant = Grant { role_id: facts.role.as_ref().map(|role| role.id), ..Grant::default() };
        let command = Issue::new(Recipient::Email(EmailAddress::parse(&email)?), grant);
        let plan = issue::issue(facts, &command, &context)?.plan;
        let mut plan = plan.ok_or_else(|| Failure::new("an issue without a plan"))?;
        // As the dispatcher leaves it.
        for message in &mut plan.messages {
            message.state = DeliveryState::Sent;
            message.attempts = 1;
            message.settled_at = Some(message.created_at);
        }
        let binding = plan.invitations.first().map(InvitationChange::invitation).and_then(Invitation::token_binding);
        let binding = binding.ok_or_else(|| Failure::new("an invitation without a token"))?;
        let token = token::mint(&self.ring, &binding, Provenance::Mailed)?.expose().to_owned();
        Ok((plan, token))
    }

    async fn facts(&self, role: &str) -> Result<IssueFacts> {
        let role = self.store.role_by_name(self.organization, role).await?;
        let role = role.ok_or_else(|| Failure::new("a system role is missing"))?;
        let email = EmailAddress::parse("nobody@example.org")?;
        let query = IssueQuery {
            organization_id: self.organization,
            principal: self.principal,
            live_key: Recipient::Email(email.clone()).live_key(),
            email: Some(email),
            subject_id: None,
            role_id: Some(role.id),
            idempotency: None,
            messages_since: now() - Duration::days(1),
            accepts_recent: false,
        };
        self.store.load_issue(&query).await?.ok_or_else(|| Failure::new("the organisation is gone"))
    }
}

/// Writes plans. On a machine that is busy with something else the store may give up waiting; then what was not written is
/// written again, and what was is stale.
async fn commit(store: SqlStore, mut plans: Vec<Plan>) -> Result<()> {
    for attempt in 1..=ATTEMPTS {
        let mut left = Vec::new();
        for (plan, outcome) in plans.iter().zip(store.commit(&plans).await) {
            match outcome {
                Ok(Outcome::Committed(_)) => {}
                Ok(Outcome::Stale) if attempt > 1 => {}
                Ok(other) => return Err(Failure::new(format!("an invitation was not made: {other:?}"))),
                Err(error) if attempt == ATTEMPTS || !error.is_retryable() => return Err(error.into()),
                Err(_) => left.push(plan.clone()),
            }
        }
        plans = left;
        if plans.is_empty() {
            break;
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "what is measured is the service, whose clock is the machine's")]
fn now() -> Timestamp {
    to_micros(Utc::now())
}
