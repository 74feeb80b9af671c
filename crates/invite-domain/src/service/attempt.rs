use super::ServiceError;
use crate::{
    invitation::{Outcome, Plan, Rejection},
    port::InvitationStore,
};

/// How often a use case decides anew before it gives up. Each round somebody else got through, so this many rounds mean
/// that many others were faster.
const ROUNDS: u32 = 64;

/// What one round of a use case came to.
pub(crate) enum Step<T> {
    /// There is nothing to write.
    Done(T),
    /// Something had to be done first; now the facts have to be loaded anew.
    Again,
    /// This has to be written; the value holds if it is.
    Commit(Box<Plan>, T),
}

/// The rounds of one use case: commits what a round decided, and counts.
pub(crate) struct Rounds<'a> {
    store: &'a dyn InvitationStore,
    left: u32,
}

impl<'a> Rounds<'a> {
    pub(crate) fn new(store: &'a dyn InvitationStore) -> Self {
        Self { store, left: ROUNDS }
    }

    /// Commits what the round came to; `None` where the plan is stale and another round is due.
    pub(crate) async fn settle<T>(&mut self, step: Step<T>) -> Result<Option<(T, Outcome)>, ServiceError> {
        let (plan, value) = match step {
            Step::Done(value) => return Ok(Some((value, Outcome::Committed(Vec::new())))),
            Step::Commit(plan, value) => (plan, value),
            Step::Again => return self.next(),
        };
        match commit_one(self.store, *plan).await? {
            committed @ Outcome::Committed(_) => Ok(Some((value, committed))),
            Outcome::Stale => self.next(),
            Outcome::Refused(shortage) => Err(Rejection::from(shortage).into()),
        }
    }

    fn next<T>(&mut self) -> Result<Option<T>, ServiceError> {
        self.left -= 1;
        if self.left == 0 { Err(ServiceError::Contended) } else { Ok(None) }
    }
}

/// Load and decide in the block, commit, and again while the plan is stale: a `Result<(T, Outcome), ServiceError>`.
///
/// A macro and not a function of a closure, because futures of async closures that borrow cannot be shown to be `Send`.
macro_rules! attempt {
    ($store:expr, async $round:block) => {{
        let mut rounds = $crate::service::attempt::Rounds::new($store);
        loop {
            let step: Result<$crate::service::attempt::Step<_>, $crate::service::ServiceError> = async $round.await;
            let settled = match step {
                Ok(step) => rounds.settle(step).await,
                Err(error) => Err(error),
            };
            match settled {
                Ok(Some(done)) => break Ok(done),
                Ok(None) => {}
                Err(error) => break Err(error),
            }
        }
    }};
}
pub(crate) use attempt;

async fn commit_one(store: &dyn InvitationStore, plan: Plan) -> Result<Outcome, ServiceError> {
    let outcome = store.commit(&[plan]).await.into_iter().next();
    outcome.ok_or_else(|| crate::port::PortError::other("the store did not answer a plan"))?.map_err(Into::into)
}
