//! Loads of callers who come at the same time. Most are answered by a first look, one statement for all of them, which finds who needs
//! more than it reads; these queue once more, and everything is read for them in one transaction. So whoever has his answer waits for
//! nobody who needs more, and nobody who needs more runs against the deadline of another kind of caller.

use super::{issuing, load, load_many, one, recent, redeeming};
use crate::{
    error::Failure,
    group::{Queue, Work, share},
    store::{Access, SqlStore},
};
use invite_domain::{
    id::OrganizationId,
    port::{
        InvitationFacts, InvitationQuery, InvitationRef, IssueFacts, IssueQuery, PortError, Principal, RedemptionFacts,
        RedemptionQuery,
    },
};
use std::time::Instant;

/// What became of a load that was to be done with others.
pub(crate) enum Load<T> {
    /// This.
    Done(Result<Option<T>, PortError>),
    /// Nothing yet: more has to be read than was read for all, or one of those who were read together cannot be read.
    Alone,
}

/// What became of so many loads, where one failure may be that of all.
fn each<T>(store: &SqlStore, number: usize, read: Result<Vec<Load<T>>, Failure>) -> Vec<Load<T>> {
    let error = match read {
        Ok(loads) => return loads,
        Err(failure) => failure.ends_all(store.engine()),
    };
    // Where the database is away, for one as for all, the first tells why.
    let mut loads: Vec<_> = error.map(|error| Load::Done(Err(error))).into_iter().collect();
    let is_away = !loads.is_empty();
    loads.resize_with(number, || {
        if is_away {
            Load::Done(Err(PortError::unavailable("what was read together could not be read")))
        } else {
            Load::Alone
        }
    });
    loads
}

fn done<T>(read: Vec<Option<T>>) -> Vec<Load<T>> {
    read.into_iter().map(|facts| Load::Done(Ok(facts))).collect()
}

/// Does a load together with those of others, where they are shared.
async fn look<W, T>(store: &SqlStore, line: W::Line, job: W::Job) -> Result<Load<T>, PortError>
where
    W: Work<Answer = Load<T>>,
{
    if store.is_shared() {
        return share::<W>(store, line, job).await;
    }
    Ok(W::work(store, vec![job]).await.pop().unwrap_or(Load::Alone))
}

/// First looks for issuing: of one caller each.
pub(crate) struct IssueLooks;

impl Work for IssueLooks {
    type Line = recent::Line;
    type Job = IssueQuery;
    type Answer = Load<IssueFacts>;

    const MOST: usize = 64;

    fn lanes(store: &SqlStore) -> usize {
        store.engine().writers()
    }

    fn queue(store: &SqlStore) -> &Queue<Self> {
        &store.queues().issue_looks
    }

    async fn work(store: &SqlStore, jobs: Vec<IssueQuery>) -> Vec<Load<IssueFacts>> {
        let read_at = Instant::now();
        let loads = each(store, jobs.len(), issuing::issues(&store.reading(), &jobs).await);
        let facts =
            loads.iter().find_map(|load| if let Load::Done(Ok(Some(facts))) = load { Some(facts) } else { None });
        if let (Some(facts), Some(query)) = (facts, jobs.first()) {
            store.recent().keep(line_of(query), read_at, IssueFacts { is_recent: true, ..facts.clone() });
        }
        loads
    }
}

/// Loads for issuing, in full: in one organisation each.
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
        &store.queues().issue_loads
    }

    async fn work(store: &SqlStore, jobs: Vec<IssueQuery>) -> Vec<Load<IssueFacts>> {
        match &jobs[..] {
            [query] => vec![Load::Done(issue(store, query).await)],
            _ => each(store, jobs.len(), issues(store, &jobs).await.map(done)),
        }
    }
}

async fn issue(store: &SqlStore, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError> {
    let transaction = store.begin(Access::Read).await.map_err(Failure::into_port)?;
    let facts = load::issue(&transaction.sql(), store.directory(), query).await;
    // Boxed, as those of a redemption.
    Box::pin(transaction.finish(facts)).await
}

async fn issues(store: &SqlStore, queries: &[IssueQuery]) -> Result<Vec<Option<IssueFacts>>, Failure> {
    let Some(organization) = queries.first().map(|query| query.organization_id) else { return Ok(Vec::new()) };
    let transaction = store.begin(Access::Read).await?;
    let facts = load_many::issues(&transaction.sql(), store.directory(), organization, queries).await;
    Box::pin(transaction.end(facts)).await
}

fn line_of(query: &IssueQuery) -> recent::Line {
    (query.organization_id, query.principal, query.role_id)
}

/// What issuing needs.
pub(super) async fn load_issue(store: &SqlStore, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError> {
    if store.directory().people_are_bundled() && issuing::answers(query) {
        let line = line_of(query);
        // Where plans are not written with a look at what is in their way, one beforehand costs no more.
        if query.takes_recent()
            && store.looks_while_writing()
            && let Some(facts) = store.recent().get(&line, Instant::now())
        {
            return Ok(Some(facts));
        }
        if let Load::Done(facts) = look::<IssueLooks, _>(store, line, query.clone()).await? {
            return facts;
        }
    }
    match look::<IssueLoads, _>(store, query.organization_id, query.clone()).await? {
        Load::Done(facts) => facts,
        Load::Alone => issue(store, query).await,
    }
}

/// First looks for holders of tokens.
pub(crate) struct RedemptionLooks;

impl Work for RedemptionLooks {
    type Line = ();
    type Job = RedemptionQuery;
    type Answer = Load<RedemptionFacts>;

    const MOST: usize = 32;

    fn lanes(store: &SqlStore) -> usize {
        store.engine().writers() * 2
    }

    fn queue(store: &SqlStore) -> &Queue<Self> {
        &store.queues().redemption_looks
    }

    async fn work(store: &SqlStore, jobs: Vec<RedemptionQuery>) -> Vec<Load<RedemptionFacts>> {
        each(store, jobs.len(), redeeming::redemptions(&store.reading(), &jobs).await)
    }
}

/// Loads for holders of tokens, in full.
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
        &store.queues().redemption_loads
    }

    async fn work(store: &SqlStore, jobs: Vec<RedemptionQuery>) -> Vec<Load<RedemptionFacts>> {
        match &jobs[..] {
            [query] => vec![Load::Done(redemption(store, query).await)],
            _ => each(store, jobs.len(), redemptions(store, &jobs).await.map(done)),
        }
    }
}

async fn redemption(store: &SqlStore, query: &RedemptionQuery) -> Result<Option<RedemptionFacts>, PortError> {
    let transaction = store.begin(Access::Read).await.map_err(Failure::into_port)?;
    let facts = load::redemption(&transaction.sql(), store.directory(), query).await;
    // Boxed: these are the most facts there are, and whoever waits for them stays small.
    Box::pin(transaction.finish(facts)).await
}

async fn redemptions(store: &SqlStore, queries: &[RedemptionQuery]) -> Result<Vec<Option<RedemptionFacts>>, Failure> {
    let transaction = store.begin(Access::Read).await?;
    let facts = load_many::redemptions(&transaction.sql(), store.directory(), queries).await;
    Box::pin(transaction.end(facts)).await
}

/// What the holder of a secret needs. A code is looked for by its index, and a wanted username among all: by themselves.
pub(super) async fn load_redemption(
    store: &SqlStore,
    query: &RedemptionQuery,
) -> Result<Option<RedemptionFacts>, PortError> {
    if !load_many::goes_with_others(query) {
        return redemption(store, query).await;
    }
    if store.directory().people_are_bundled()
        && redeeming::answers(query)
        && let Load::Done(facts) = look::<RedemptionLooks, _>(store, (), query.clone()).await?
    {
        return facts;
    }
    match look::<RedemptionLoads, _>(store, (), query.clone()).await? {
        Load::Done(facts) => facts,
        Load::Alone => redemption(store, query).await,
    }
}

/// Looks at one invitation.
pub(crate) struct InvitationLooks;

impl Work for InvitationLooks {
    /// Where, who, and whether by the number.
    type Line = (OrganizationId, Principal, bool);
    type Job = InvitationQuery;
    type Answer = Load<InvitationFacts>;

    const MOST: usize = 32;

    fn lanes(store: &SqlStore) -> usize {
        store.engine().writers() * 2
    }

    fn queue(store: &SqlStore) -> &Queue<Self> {
        &store.queues().invitation_looks
    }

    async fn work(store: &SqlStore, jobs: Vec<InvitationQuery>) -> Vec<Load<InvitationFacts>> {
        each(store, jobs.len(), one::invitations(&store.reading(), store.known(), &jobs).await)
    }
}

async fn invitation(store: &SqlStore, query: &InvitationQuery) -> Result<Option<InvitationFacts>, PortError> {
    let transaction = store.begin(Access::Read).await.map_err(Failure::into_port)?;
    let facts = load::invitation(&transaction.sql(), store.directory(), query).await;
    Box::pin(transaction.finish(facts)).await
}

/// What a command on one invitation needs, and a look at it.
pub(super) async fn load_invitation(
    store: &SqlStore,
    query: &InvitationQuery,
) -> Result<Option<InvitationFacts>, PortError> {
    if !store.directory().people_are_bundled() || !one::answers(query) {
        return invitation(store, query).await;
    }
    let line = (query.organization_id, query.principal, matches!(query.invitation, InvitationRef::Number(_)));
    match look::<InvitationLooks, _>(store, line, query.clone()).await? {
        Load::Done(facts) => facts,
        Load::Alone => invitation(store, query).await,
    }
}
