//! Loads of callers who come at the same time. Most are answered by a first look, one statement for all of them, which finds who needs
//! more than it reads; these queue once more, and everything is read for them in one transaction. So whoever has his answer waits for
//! nobody who needs more, and nobody who needs more runs against the deadline of another kind of caller.

use crate::{
    directory::SqlDirectory,
    error::Failure,
    group::{Joining, Queue, Work, share},
    sql::SqlConnection,
    store::{Access, SqlStore},
};
use invite_domain::port::PortError;
use std::{hash::Hash, marker::PhantomData};

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

/// A kind of load that has a first look.
pub(crate) trait Kind: Sized + Send + Sync + 'static {
    /// What one caller asks.
    type Query: Clone + Send + Sync + 'static;
    /// What he is told.
    type Facts: Send + 'static;
    /// Whose first look is one statement.
    type Line: Copy + Eq + Hash + Send + Sync + 'static;

    /// How many are answered together at most.
    const MOST: usize;

    /// How many may be at work in one line at once.
    fn lanes(store: &SqlStore) -> usize;

    /// Those who wait for a first look.
    fn looks(store: &SqlStore) -> &Queue<Looks<Self>>;

    /// The first look.
    fn look(
        store: &SqlStore,
        queries: &[Self::Query],
    ) -> impl Future<Output = Result<Vec<Load<Self::Facts>>, Failure>> + Send;

    /// Everything there is for one.
    fn one(
        sql: &SqlConnection<'_>,
        directory: &dyn SqlDirectory,
        query: &Self::Query,
    ) -> impl Future<Output = Result<Option<Self::Facts>, Failure>> + Send;
}

/// A kind that is shared also where everything is read.
pub(crate) trait SharedInFull: Kind {
    /// For whom everything is read in one transaction.
    type Line: Copy + Eq + Hash + Send + Sync + 'static;

    /// Those who wait for that.
    fn loads(store: &SqlStore) -> &Queue<InFull<Self>>;

    /// Everything there is for many.
    fn many(
        sql: &SqlConnection<'_>,
        directory: &dyn SqlDirectory,
        queries: &[Self::Query],
    ) -> impl Future<Output = Result<Vec<Option<Self::Facts>>, Failure>> + Send;
}

/// First looks of a kind.
pub(crate) struct Looks<K>(PhantomData<K>);

impl<K: Kind> Work for Looks<K> {
    type Line = K::Line;
    type Job = K::Query;
    type Answer = Load<K::Facts>;

    const MOST: usize = K::MOST;

    fn lanes(store: &SqlStore) -> usize {
        K::lanes(store)
    }

    fn queue(store: &SqlStore) -> &Queue<Self> {
        K::looks(store)
    }

    async fn work(store: &SqlStore, jobs: Vec<K::Query>, _: Joining<'_, Self>) -> Vec<Load<K::Facts>> {
        each(store, jobs.len(), K::look(store, &jobs).await)
    }
}

/// Loads of a kind, in full.
pub(crate) struct InFull<K>(PhantomData<K>);

impl<K: SharedInFull> Work for InFull<K> {
    type Line = <K as SharedInFull>::Line;
    type Job = K::Query;
    type Answer = Load<K::Facts>;

    const MOST: usize = K::MOST;

    fn lanes(store: &SqlStore) -> usize {
        K::lanes(store)
    }

    fn queue(store: &SqlStore) -> &Queue<Self> {
        K::loads(store)
    }

    async fn work(store: &SqlStore, jobs: Vec<K::Query>, _: Joining<'_, Self>) -> Vec<Load<K::Facts>> {
        match &jobs[..] {
            [query] => vec![Load::Done(alone::<K>(store, query).await)],
            _ => each(store, jobs.len(), together::<K>(store, &jobs).await),
        }
    }
}

/// Everything there is for one, in a transaction of its own.
pub(super) async fn alone<K: Kind>(store: &SqlStore, query: &K::Query) -> Result<Option<K::Facts>, PortError> {
    let transaction = store.begin(Access::Read).await.map_err(Failure::into_port)?;
    let facts = K::one(&transaction.sql(), store.directory(), query).await;
    // Boxed: these are many facts, and whoever waits for them stays small.
    Box::pin(transaction.finish(facts)).await
}

async fn together<K: SharedInFull>(store: &SqlStore, queries: &[K::Query]) -> Result<Vec<Load<K::Facts>>, Failure> {
    let transaction = store.begin(Access::Read).await?;
    let facts = K::many(&transaction.sql(), store.directory(), queries).await;
    let facts = Box::pin(transaction.end(facts)).await?;
    Ok(facts.into_iter().map(|facts| Load::Done(Ok(facts))).collect())
}

/// Does a load together with those of others, where they are shared.
async fn shared<W, T>(store: &SqlStore, line: W::Line, job: W::Job) -> Result<Load<T>, PortError>
where
    W: Work<Answer = Load<T>>,
{
    if store.is_shared() {
        return share::<W>(store, line, job).await;
    }
    Ok(W::work(store, vec![job], Joining::nobody()).await.pop().unwrap_or(Load::Alone))
}

/// What a first look finds; `None` where more is needed.
pub(super) async fn at_first<K: Kind>(
    store: &SqlStore,
    line: K::Line,
    query: &K::Query,
) -> Result<Option<Option<K::Facts>>, PortError> {
    match shared::<Looks<K>, _>(store, line, query.clone()).await? {
        Load::Done(facts) => facts.map(Some),
        Load::Alone => Ok(None),
    }
}

/// Everything there is for one, read together with what is read for others.
pub(super) async fn in_full<K: SharedInFull>(
    store: &SqlStore,
    line: <K as SharedInFull>::Line,
    query: &K::Query,
) -> Result<Option<K::Facts>, PortError> {
    match shared::<InFull<K>, _>(store, line, query.clone()).await? {
        Load::Done(facts) => facts,
        Load::Alone => alone::<K>(store, query).await,
    }
}
