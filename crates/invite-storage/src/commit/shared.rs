//! Group commit: plans of callers who come at the same time, in one transaction.

use super::{
    prepared::Prepared,
    together::{self, Written},
};
use crate::{
    engine,
    error::Failure,
    group::{Chosen, Queue, Work},
    limit::deadline,
    store::{Access, SqlStore},
};
use invite_domain::{invitation::Outcome, port::PortError};
use std::time::{Duration, Instant};

/// The time that is left at least where a statement is sent, over a connection that is there, as a transaction by itself: more than a
/// server waits for a row (1,300 ms), so that it gives up before the caller does. One that waits for two may be done after that.
const ENOUGH: Duration = Duration::from_millis(1_500);

/// What became of a plan that was to be written with others.
#[derive(Debug)]
pub(crate) enum Fate {
    /// This.
    Decided(Result<Outcome, PortError>),
    /// It is stale: the invitation it changes has another version, and never comes back to that one.
    Overtaken,
    /// Nothing yet: the group could not be written together. The plan has to be written by itself.
    Alone,
    /// Nobody knows: the one statement that was the group's whole transaction got no answer. The plan can be written by itself, since
    /// no row of it can be written twice; but where it is stale then, it may be so by itself.
    Doubtful,
}

/// Committing plans.
pub(crate) struct Commits;

impl Work for Commits {
    type Line = ();
    type Job = Prepared;
    type Answer = Fate;

    const MOST: usize = 64;

    fn lanes(store: &SqlStore) -> usize {
        store.engine().writers()
    }

    fn queue(store: &SqlStore) -> &Queue<Self> {
        &store.queues().commits
    }

    fn goes_with(chosen: &mut Chosen, job: &Prepared) -> bool {
        job.goes_with(chosen)
    }

    async fn work(store: &SqlStore, jobs: Vec<Prepared>) -> Vec<Fate> {
        write_group(store, jobs).await
    }

    fn replaces(job: &Prepared) -> Option<u64> {
        job.replaces()
    }

    fn has_replaced(fate: &Fate) -> bool {
        matches!(fate, Fate::Overtaken | Fate::Decided(Ok(Outcome::Committed(_))))
    }

    fn decided(replaced: &Chosen, job: &Prepared) -> Option<Fate> {
        job.replaces().filter(|version| replaced.contains(version)).map(|_| Fate::Overtaken)
    }
}

/// Whether no two of the plans write the same.
pub(crate) fn go_together(plans: &[Prepared]) -> bool {
    let mut chosen = Chosen::default();
    plans.iter().all(|plan| plan.goes_with(&mut chosen))
}

/// Writes a group in one transaction, which may be one statement, and answers the fate of each.
pub(crate) async fn write_group(store: &SqlStore, plans: Vec<Prepared>) -> Vec<Fate> {
    let alone = || plans.iter().map(|_| Fate::Alone).collect();
    let error = match try_write(store, &plans).await {
        Ok(Some(fates)) => return fates,
        // Whoever is by himself has no neighbour it could be.
        Err(Failure::Stale) if plans.len() == 1 => return vec![Fate::Decided(Ok(Outcome::Stale))],
        // What a limit leaves has to be counted for each.
        Ok(None) => None,
        Err(failure) => failure.ends_all(store.engine()),
    };
    let Some(error) = error else {
        // One of them brought the transaction down. Alone, each has its own fate.
        return alone();
    };
    // The database is away, for one as for all: the first tells why.
    let mut fates = vec![Fate::Decided(Err(error))];
    let away = || Fate::Decided(Err(PortError::unavailable("the plans' common transaction failed")));
    fates.resize_with(plans.len(), away);
    fates
}

async fn try_write(store: &SqlStore, plans: &[Prepared]) -> Result<Option<Vec<Fate>>, Failure> {
    if plans.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let fate = |written| match written {
        Written::Whole(numbers) => Fate::Decided(Ok(Outcome::Committed(numbers))),
        Written::Stale => Fate::Decided(Ok(Outcome::Stale)),
        Written::Overtaken => Fate::Overtaken,
    };
    let has_time = deadline().saturating_duration_since(Instant::now()) >= ENOUGH;
    if has_time
        && together::is_one_statement(store.engine(), plans)
        && let Some(sql) = store.writing_at_once()
    {
        return match together::apply(&sql, plans).await {
            Err(Failure::Database(error)) if engine::is_unanswered(&error) => {
                Ok(Some(plans.iter().map(|_| Fate::Doubtful).collect()))
            }
            written => {
                Ok(written.map_err(Failure::taken_is_stale)?.map(|written| written.into_iter().map(fate).collect()))
            }
        };
    }
    let transaction = store.begin(Access::Write).await?;
    let written = together::apply(&transaction.sql(), plans).await.map_err(Failure::taken_is_stale);
    let is_written = |one: &Written| matches!(one, Written::Whole(_));
    let is_any_written = matches!(&written, Ok(Some(written)) if written.iter().any(is_written));
    if is_any_written {
        transaction.commit().await?;
    } else {
        transaction.rollback().await;
    }
    Ok(written?.map(|written| written.into_iter().map(fate).collect()))
}
