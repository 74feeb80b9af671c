//! Loads of callers who come at the same time. Most are answered by one statement for all of them, which finds who needs more than it
//! reads; for these everything is read in one transaction.

use super::{issuing, load, load_many, one, redeeming};
use crate::{
    error::Failure,
    group::{Queue, Work, share},
    store::{Access, SqlStore},
};
use invite_domain::{
    id::{OrganizationId, RoleId},
    port::{
        InvitationFacts, InvitationQuery, InvitationRef, IssueFacts, IssueQuery, PortError, Principal, RedemptionFacts,
        RedemptionQuery,
    },
};

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

/// Those jobs whose place holds nothing yet, with their places.
fn left<J, T>(jobs: Vec<J>, loads: &[Load<T>]) -> (Vec<usize>, Vec<J>) {
    let is_left = |(place, _): &(usize, J)| matches!(loads.get(*place), None | Some(Load::Alone));
    jobs.into_iter().enumerate().filter(is_left).unzip()
}

/// Puts what was read for some in their places.
fn fill<T>(mut loads: Vec<Load<T>>, places: Vec<usize>, read: Vec<Load<T>>) -> Vec<Load<T>> {
    for (place, load) in places.into_iter().zip(read) {
        loads[place] = load;
    }
    loads
}

/// Loads for issuing: in one organisation each.
pub(crate) struct IssueLoads;

impl Work for IssueLoads {
    /// Where, who, and what is granted.
    type Line = (OrganizationId, Principal, Option<RoleId>);
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
        let loads = if store.directory().people_are_bundled() && jobs.iter().all(issuing::answers) {
            each(store, jobs.len(), issuing::issues(&store.reading(), &jobs).await)
        } else {
            jobs.iter().map(|_| Load::Alone).collect()
        };
        let (places, jobs) = left(jobs, &loads);
        let read = match &jobs[..] {
            [] => return loads,
            [query] => vec![Load::Done(issue(store, query).await)],
            [first, ..] => each(store, jobs.len(), issues(store, first.organization_id, &jobs).await.map(done)),
        };
        fill(loads, places, read)
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
) -> Result<Vec<Option<IssueFacts>>, Failure> {
    let transaction = store.begin(Access::Read).await?;
    let facts = load_many::issues(&transaction.sql(), store.directory(), organization, queries).await;
    Box::pin(transaction.end(facts)).await
}

/// What issuing needs.
pub(super) async fn load_issue(store: &SqlStore, query: &IssueQuery) -> Result<Option<IssueFacts>, PortError> {
    let line = (query.organization_id, query.principal, query.role_id);
    match look::<IssueLoads, _>(store, line, query.clone()).await? {
        Load::Done(facts) => facts,
        Load::Alone => issue(store, query).await,
    }
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

/// Loads for holders of tokens.
pub(crate) struct RedemptionLoads;

impl Work for RedemptionLoads {
    /// Whether they may be answered by one statement.
    type Line = bool;
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
        let loads = if store.directory().people_are_bundled() && jobs.iter().all(redeeming::answers) {
            each(store, jobs.len(), redeeming::redemptions(&store.reading(), &jobs).await)
        } else {
            jobs.iter().map(|_| Load::Alone).collect()
        };
        let (places, jobs) = left(jobs, &loads);
        let read = match &jobs[..] {
            [] => return loads,
            [query] => vec![Load::Done(redemption(store, query).await)],
            queries => each(store, queries.len(), redemptions(store, queries).await.map(done)),
        };
        fill(loads, places, read)
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
    match look::<RedemptionLoads, _>(store, redeeming::answers(query), query.clone()).await? {
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
        each(store, jobs.len(), one::invitations(&store.reading(), &jobs).await)
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
    match look::<InvitationLoads, _>(store, line, query.clone()).await? {
        Load::Done(facts) => facts,
        Load::Alone => invitation(store, query).await,
    }
}
