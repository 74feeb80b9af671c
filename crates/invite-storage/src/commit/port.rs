//! Plans of callers, and the way each takes into the database: with others, in a savepoint, or alone.

use super::{
    prepared::Prepared,
    shared::{Commits, Fate, go_together, write_group},
};
use crate::{
    group::share,
    invitations::Known,
    store::{SqlStore, retrying},
};
use invite_domain::{
    invitation::{AdministrationChange, DirectoryChange, Outcome, Plan},
    port::PortError,
};
use std::time::Instant;

impl SqlStore {
    /// Applies plans. One is written together with those of other callers that come at the same time; several of one caller
    /// together, or each in a savepoint of one transaction.
    pub(crate) async fn commit_plans(&self, plans: &[Plan]) -> Vec<Result<Outcome, PortError>> {
        // Also where the caller goes away: what he began may be done. Where that comes after this, what is known is old for a moment,
        // as it is in other processes.
        let _forgets = plans.iter().any(changes_who_is_who).then(|| Forgets(self.known()));
        crate::limit::within_a_call(self.commit_all(plans)).await
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
                    Ok(Fate::Doubtful) => certain(self.commit_alone(plan).await),
                    Err(error) => Err(error),
                };
                vec![outcome]
            }
            ([plan], None) => vec![self.commit_alone(plan).await],
            (_, Some(prepared)) if go_together(&prepared) => {
                let decided = |fate| match fate {
                    Fate::Decided(outcome) => Ok(outcome),
                    Fate::Overtaken => Ok(Ok(Outcome::Stale)),
                    Fate::Alone | Fate::Doubtful => Err(fate),
                };
                match write_group(self, prepared, Vec::new).await.into_iter().map(decided).collect() {
                    Ok(outcomes) => outcomes,
                    Err(Fate::Doubtful) => self.commit_in_savepoints(plans).await.into_iter().map(certain).collect(),
                    Err(_) => self.commit_in_savepoints(plans).await,
                }
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

/// What became of a plan that may have been written before. One that is stale now may be so by itself.
fn certain(outcome: Result<Outcome, PortError>) -> Result<Outcome, PortError> {
    match outcome {
        Ok(Outcome::Stale | Outcome::Refused(_)) => {
            Err(PortError::unavailable("the database did not tell whether it was written"))
        }
        told => told,
    }
}

/// Has what is known forgotten in the end.
struct Forgets<'k>(&'k Known);

impl Drop for Forgets<'_> {
    fn drop(&mut self) {
        self.0.forget(Instant::now());
    }
}

/// Whether it may change what is [known](Known) of people without an epoch that tells, names above all: whoever
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
    let is_of_nobody = |change: &AdministrationChange| match change {
        AdministrationChange::InsertOrganization(_)
        | AdministrationChange::InsertSubject(_)
        | AdministrationChange::InsertRole(_)
        | AdministrationChange::InsertGroup(_)
        | AdministrationChange::InsertApiKey(_)
        | AdministrationChange::InsertOperatorKey(_)
        | AdministrationChange::EndSession(_)
        | AdministrationChange::EndSessions(_)
        | AdministrationChange::EndLink(..)
        | AdministrationChange::PutAccountToken(_)
        | AdministrationChange::Block(..) => true,
        AdministrationChange::UpdateOrganization(_)
        | AdministrationChange::PutLogo(..)
        | AdministrationChange::RemoveLogo(_)
        | AdministrationChange::UpdateSubject(_)
        | AdministrationChange::UpdateRole(_)
        | AdministrationChange::DeleteRole(..)
        | AdministrationChange::RemoveMembership(..)
        | AdministrationChange::UpdateGroup(_)
        | AdministrationChange::DeleteGroup(_)
        | AdministrationChange::PutGroupAdministrator(..)
        | AdministrationChange::RemoveGroupAdministrator(..)
        | AdministrationChange::UpdateApiKey(_)
        | AdministrationChange::RevokeOperatorKey(..)
        | AdministrationChange::ErasePerson(_) => false,
    };
    !plan.administration.iter().all(is_of_nobody) || !plan.directory.iter().all(is_new)
}
