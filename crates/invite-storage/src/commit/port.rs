//! Plans of callers, and the way each takes into the database: with others, in a savepoint, or alone.

use super::{
    prepared::Prepared,
    shared::{Commits, Fate, go_together, write_group},
};
use crate::{
    group::share,
    store::{SqlStore, retrying},
};
use invite_domain::{
    invitation::{DirectoryChange, Outcome, Plan},
    port::PortError,
};
use std::time::Instant;

impl SqlStore {
    /// Applies plans. One is written together with those of other callers that come at the same time; several of one caller
    /// together, or each in a savepoint of one transaction.
    pub(crate) async fn commit_plans(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        let outcomes = crate::limit::within_a_call(self.commit_all(plans)).await;
        if plans.iter().any(changes_who_is_who) {
            self.known().forget(Instant::now());
        }
        outcomes
    }

    async fn commit_all(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        let (is_bundled, looks) = (self.is_bundled(), self.looks_while_writing());
        let prepare = |plan| Prepared::of(plan, is_bundled, looks).filter(|_| self.is_shared());
        let prepared: Option<Vec<_>> = plans.iter().map(prepare).collect();
        match (plans, prepared) {
            ([plan], Some(mut prepared)) => {
                let Some(prepared) = prepared.pop() else { return Vec::new() };
                let outcome = match share::<Commits>(self, (), prepared).await {
                    Ok(Fate::Decided(outcome)) => outcome,
                    Ok(Fate::Overtaken) => Ok(Outcome::Stale),
                    Ok(Fate::Alone) => self.commit_alone(plan).await,
                    Err(error) => Err(error),
                };
                vec![outcome]
            }
            ([plan], None) => vec![self.commit_alone(plan).await],
            (_, Some(prepared)) if go_together(&prepared) => {
                let fates = write_group(self, prepared).await;
                if fates.iter().any(|fate| matches!(fate, Fate::Alone)) {
                    return self.commit_in_savepoints(plans).await;
                }
                let decided = |fate| match fate {
                    Fate::Decided(outcome) => Some(outcome),
                    Fate::Overtaken => Some(Ok(Outcome::Stale)),
                    Fate::Alone => None,
                };
                fates.into_iter().filter_map(decided).collect()
            }
            _ => self.commit_in_savepoints(plans).await,
        }
    }

    async fn commit_in_savepoints(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        let error = match retrying!(self, self.try_commit_together(plans)) {
            Ok(outcomes) => return outcomes,
            Err(error) => error,
        };
        let mut outcomes = Vec::with_capacity(plans.len());
        if error.is_retryable() {
            // The database is away, for one as for all: the first tells why.
            outcomes.push(Err(error));
            outcomes.resize_with(plans.len(), || Err(PortError::unavailable("the plans' common transaction failed")));
            return outcomes;
        }
        // One of them brought the transaction down. Alone, each has its own fate.
        for plan in plans {
            outcomes.push(self.commit_alone(plan).await);
        }
        outcomes
    }

    async fn commit_alone(&self, plan: &Plan) -> Result<Outcome, PortError> {
        retrying!(self, self.try_commit_alone(plan))
    }
}

/// Whether it may change what is [known](crate::invitations::Known) of people without an epoch that tells, names above all: whoever
/// changes his own sees that at once.
fn changes_who_is_who(plan: &Plan) -> bool {
    let is_new = |change: &DirectoryChange| match change {
        DirectoryChange::InsertAccount(_)
        | DirectoryChange::InsertMembership(_)
        | DirectoryChange::InsertSession(_)
        | DirectoryChange::LinkIdentity(_)
        | DirectoryChange::NoteSignIn(..) => true,
        DirectoryChange::UpdateAccount(_)
        | DirectoryChange::EndCredentials(..)
        | DirectoryChange::UpdateMembership(_) => false,
    };
    !plan.administration.is_empty() || !plan.directory.iter().all(is_new)
}
