//! Loads of callers who come at the same time, in one reading transaction. Whoever is by himself reads as ever.

use super::{load, load_many, one};
use crate::{
    error::Failure,
    group::{Queue, Work, share},
    store::{Access, SqlStore},
};
use invite_domain::{
    id::OrganizationId,
    port::{
        InvitationFacts, InvitationQuery, InvitationRef, IssueFacts, IssueQuery, PortError, Principal, RedemptionFacts,
        RedemptionQuery, SecretRef,
    },
};

/// What became of a load that was to be done with others.
pub(crate) enum Load<T> {
    /// This.
    Done(Result<Option<T>, PortError>),
    /// Nothing yet: one of those who were read together cannot be read. It has to be read by itself.
    Alone,
}

fn each<T>(read: Result<Vec<Option<T>>, PortError>, number: usize) -> Vec<Load<T>> {
    let error = match read {
        Ok(facts) => return facts.into_iter().map(|facts| Load::Done(Ok(facts))).collect(),
        Err(error) => error,
    };
    if !error.is_retryable() {
        return std::iter::repeat_with(|| Load::Alone).take(number).collect();
    }
    // The database is away, for one as for all: the first tells why.
    let mut loads = vec![Load::Done(Err(error))];
    loads.resize_with(number, || Load::Done(Err(PortError::unavailable("what was read together could not be read"))));
    loads
}

/// Loads for issuing: in one organisation each.
pub(crate) struct IssueLoads;

impl Work for IssueLoads {
    type Line = OrganizationId;
    type Job = IssueQuery;
    type Answer = Load<IssueFacts>;

    const MOST: usize = 64;

    fn lanes(store: &SqlStore) -> usize {
        store.engine().writers()
    }

    fn queue(store: &SqlStore) -> &Queue<Self> {
        store.issue_loads()
    }

    async fn work(store: &SqlStore, jobs: Vec<IssueQuery>) -> Vec<Load<IssueFacts>> {
        match &jobs[..] {
            [] => Vec::new(),
            [query] => vec![Load::Done(issue(store, query).await)],
            [first, ..] => each(issues(store, first.organization_id, &jobs).await, jobs.len()),
        }
    }
}

async fn issue(store: &SqlStore, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError> {
    let transaction = store.begin(Access::Read).await.map_err(Failure::into_port)?;
    let facts = load::issue(&transaction.sql(), store.directory(), query).await;
    // Boxed, as those of a redemption.
    Box::pin(transaction.finish(facts)).await
}

async fn issues(
    store: &SqlStore,
    organization: OrganizationId,
    queries: &[IssueQuery],
) -> Result<Vec<Option<IssueFacts>>, PortError> {
    let transaction = store.begin(Access::Read).await.map_err(Failure::into_port)?;
    let facts = load_many::issues(&transaction.sql(), store.directory(), organization, queries).await;
    Box::pin(transaction.finish(facts)).await
}

/// What issuing needs.
pub(super) async fn load_issue(store: &SqlStore, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError> {
    if !store.is_shared() {
        return issue(store, query).await;
    }
    match share::<IssueLoads>(store, query.organization_id, query.clone()).await? {
        Load::Done(facts) => facts,
        Load::Alone => issue(store, query).await,
    }
}

/// Loads for holders of tokens.
pub(crate) struct RedemptionLoads;

impl Work for RedemptionLoads {
    type Line = ();
    type Job = RedemptionQuery;
    type Answer = Load<RedemptionFacts>;

    /// They may be of as many organisations, each of which is asked for its people: fewer than of one organisation.
    const MOST: usize = 32;

    fn lanes(store: &SqlStore) -> usize {
        store.engine().writers() * 2
    }

    fn queue(store: &SqlStore) -> &Queue<Self> {
        store.redemption_loads()
    }

    async fn work(store: &SqlStore, jobs: Vec<RedemptionQuery>) -> Vec<Load<RedemptionFacts>> {
        match &jobs[..] {
            [query] => vec![Load::Done(redemption(store, query).await)],
            queries => each(redemptions(store, queries).await, queries.len()),
        }
    }
}

async fn redemption(store: &SqlStore, query: &RedemptionQuery) -> Result<Option<RedemptionFacts>, PortError> {
    let transaction = store.begin(Access::Read).await.map_err(Failure::into_port)?;
    let facts = load::redemption(&transaction.sql(), store.directory(), query).await;
    // Boxed: these are the most facts there are, and whoever waits for them stays small.
    Box::pin(transaction.finish(facts)).await
}

async fn redemptions(store: &SqlStore, queries: &[RedemptionQuery]) -> Result<Vec<Option<RedemptionFacts>>, PortError> {
    let transaction = store.begin(Access::Read).await.map_err(Failure::into_port)?;
    let facts = load_many::redemptions(&transaction.sql(), store.directory(), queries).await;
    Box::pin(transaction.finish(facts)).await
}

/// What the holder of a secret needs. A code is looked for by its index, and a wanted username among all: by themselves.
pub(super) async fn load_redemption(
    store: &SqlStore,
    query: &RedemptionQuery,
) -> Result<Option<RedemptionFacts>, PortError> {
    if matches!(query.secret, SecretRef::Code(..)) || query.username.is_some() || !store.is_shared() {
        return redemption(store, query).await;
    }
    match share::<RedemptionLoads>(store, (), query.clone()).await? {
        Load::Done(facts) => facts,
        Load::Alone => redemption(store, query).await,
    }
}

/// Loads for looks at one invitation.
pub(crate) struct InvitationLoads;

impl Work for InvitationLoads {
    /// Where, who, and whether by the number.
    type Line = (OrganizationId, Principal, bool);
    type Job = InvitationQuery;
    type Answer = Load<InvitationFacts>;

    const MOST: usize = 32;

    fn lanes(store: &SqlStore) -> usize {
        store.engine().writers() * 2
    }

    fn queue(store: &SqlStore) -> &Queue<Self> {
        store.invitation_loads()
    }

    async fn work(store: &SqlStore, jobs: Vec<InvitationQuery>) -> Vec<Load<InvitationFacts>> {
        let read = one::invitations(&store.reading(), &jobs).await.map_err(Failure::into_port);
        match read {
            Err(error) if jobs.len() == 1 => vec![Load::Done(Err(error))],
            read => each(read, jobs.len()),
        }
    }
}

/// What a look at one invitation needs, of those that [`one`] answers.
pub(super) async fn load_invitation(
    store: &SqlStore,
    query: &InvitationQuery,
) -> Result<Option<InvitationFacts>, PortError> {
    if store.is_shared() {
        let line = (query.organization_id, query.principal, matches!(query.invitation, InvitationRef::Number(_)));
        if let Load::Done(facts) = share::<InvitationLoads>(store, line, query.clone()).await? {
            return facts;
        }
    }
    let alone = std::slice::from_ref(query);
    let mut facts = one::invitations(&store.reading(), alone).await.map_err(Failure::into_port)?;
    Ok(facts.pop().flatten())
}
