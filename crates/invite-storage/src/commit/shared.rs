//! Group commit: plans of callers who come at the same time, in one transaction.

use super::{
    prepared::Prepared,
    together::{self, Written},
};
use crate::{
    engine,
    error::Failure,
    group::{Chosen, Joining, Queue, Work},
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

    async fn work(store: &SqlStore, jobs: Vec<Prepared>, mut joining: Joining<'_, Self>) -> Vec<Fate> {
        write_group(store, jobs, || joining.take()).await
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

/// Writes a group in one transaction, which may be one statement, and answers the fate of each; then of those that `joined` before its
/// end.
pub(crate) async fn write_group(
    store: &SqlStore,
    mut plans: Vec<Prepared>,
    joined: impl FnMut() -> Vec<Prepared>,
) -> Vec<Fate> {
    let tried = try_write(store, &mut plans, joined).await;
    let alone = || plans.iter().map(|_| Fate::Alone).collect();
    let error = match tried {
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

async fn try_write(
    store: &SqlStore,
    plans: &mut Vec<Prepared>,
    mut joined: impl FnMut() -> Vec<Prepared>,
) -> Result<Option<Vec<Fate>>, Failure> {
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
    let mut written = together::apply(&transaction.sql(), plans).await.map_err(Failure::taken_is_stale);
    // To bring a transaction to the disk takes the one writer there is longer than to write a few plans more.
    while store.engine().writers() == 1
        && let Ok(Some(done)) = &mut written
    {
        let more = joined();
        if more.is_empty() {
            break;
        }
        let applied = together::apply(&transaction.sql(), &more).await.map_err(Failure::taken_is_stale);
        plans.extend(more);
        match applied {
            Ok(Some(applied)) => done.extend(applied),
            undone => written = undone,
        }
    }
    let is_written = |one: &Written| matches!(one, Written::Whole(_));
    let is_any_written = matches!(&written, Ok(Some(written)) if written.iter().any(is_written));
    if is_any_written {
        transaction.commit().await?;
    } else {
        transaction.rollback().await;
    }
    Ok(written?.map(|written| written.into_iter().map(fate).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::SqlOptions;
    use invite_domain::invitation::{Invitation, Plan};
    use invite_testkit::Scene;
    use std::sync::Arc;
    use tempfile::TempDir;

    async fn place() -> (SqlStore, Scene, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("invite.db").display());
        let store = SqlStore::open(&SqlOptions::new(url).synchronous_full(false)).await.unwrap();
        store.migrate().await.unwrap();
        let scene = Scene::create(Arc::new(store.clone()), "acme").await;
        (store, scene, folder)
    }

    fn prepared(plan: &Plan) -> Prepared {
        Prepared::of(plan, true, false).unwrap()
    }

    async fn is_there(scene: &Scene, invitation: &Invitation) -> bool {
        scene.record(invitation.id).await.is_some()
    }

    #[tokio::test]
    async fn whoever_comes_before_the_end_of_a_transaction_joins_it() {
        let (store, scene, _folder) = place().await;
        let invitations = ["first", "second", "third"].map(|name| scene.invitation(name));
        let mut coming = invitations[1..].iter();
        let joined = || {
            // One at a time, and as many looks as it takes.
            coming.next().map(|invitation| prepared(&scene.plan_issue(invitation))).into_iter().collect()
        };
        let fates = write_group(&store, vec![prepared(&scene.plan_issue(&invitations[0]))], joined).await;
        assert_eq!(fates.len(), 3);
        for (fate, invitation) in fates.iter().zip(&invitations) {
            let Fate::Decided(Ok(outcome)) = fate else { panic!("{fate:?}") };
            let record = scene.record(invitation.id).await.unwrap();
            assert_eq!(outcome.number_of(invitation.id.as_uuid()), record.invitation.number);
        }
    }

    #[tokio::test]
    async fn where_one_who_joined_has_no_room_each_is_to_be_written_alone() {
        let (store, scene, _folder) = place().await;
        let taken = scene.issue("taken").await;
        let invitations = ["first", "taken"].map(|name| scene.invitation(name));
        let mut coming = vec![vec![prepared(&scene.plan_issue(&invitations[1]))]];
        let first = vec![prepared(&scene.plan_issue(&invitations[0]))];
        let fates = write_group(&store, first, || coming.pop().unwrap_or_default()).await;
        assert!(matches!(fates[..], [Fate::Alone, Fate::Alone]), "{fates:?}");
        assert!(!is_there(&scene, &invitations[0]).await && is_there(&scene, &taken).await);
    }

    #[tokio::test]
    async fn one_who_joins_and_is_stale_takes_nobody_with_him() {
        let (store, scene, _folder) = place().await;
        let issued = scene.issue("old").await;
        let stale = prepared(&scene.plan_revoke(&Invitation { version: issued.version - 1, ..issued.clone() }));
        let (new, mut coming) = (scene.invitation("new"), vec![vec![stale]]);
        let first = vec![prepared(&scene.plan_issue(&new))];
        let fates = write_group(&store, first, || coming.pop().unwrap_or_default()).await;
        assert!(matches!(fates[..], [Fate::Decided(Ok(Outcome::Committed(_))), Fate::Overtaken]), "{fates:?}");
        assert!(is_there(&scene, &new).await);
        assert_eq!(scene.record(issued.id).await.unwrap().invitation.state.name(), "pending");
    }
}
