//! A service of a few lines that answers as the real one should, or with a planted bug.

use super::{
    record::{Said, Service},
    spec::{Offer, Op, Ret, Standing},
};
use invite_tests::Result;
use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use tokio::task::yield_now;

/// How long a new invitation of the stand-in lives.
pub(crate) const DAYS: i64 = 7;

/// What is wrong with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bug {
    /// Looks, waits, writes: two people get in.
    TwoGetIn,
    /// Acknowledges a revocation and forgets it.
    RevocationForgotten,
    /// One process shows what was before the last change.
    StaleRead,
    /// Lets an overtaken link in.
    OldLinkOpens,
    /// Of two changes at once one is lost.
    ChangeLost,
    /// The same person again is somebody else.
    RetryGetsInAgain,
    /// Forgets the key of a resend.
    KeyForgotten,
    /// Answers an error, and did it all the same.
    RefusedButDone,
}

impl Bug {
    pub(crate) const ALL: [Self; 8] = [
        Self::TwoGetIn,
        Self::RevocationForgotten,
        Self::StaleRead,
        Self::OldLinkOpens,
        Self::ChangeLost,
        Self::RetryGetsInAgain,
        Self::KeyForgotten,
        Self::RefusedButDone,
    ];
}

/// The stand-in.
pub(crate) struct StandIn {
    pub(crate) bug: Option<Bug>,
    redemptions: AtomicU64,
}

/// One of its invitations.
pub(crate) struct Kept {
    now: Mutex<Offer>,
    before: Mutex<Offer>,
}

fn lock(offer: &Mutex<Offer>) -> MutexGuard<'_, Offer> {
    offer.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StandIn {
    pub(crate) fn new(bug: Option<Bug>) -> Self {
        Self { bug, redemptions: AtomicU64::new(0) }
    }

    async fn answer(&self, kept: &Kept, process: usize, op: &Op) -> Ret {
        let id = format!("redemption {}", self.redemptions.fetch_add(1, Ordering::Relaxed));
        let slow = matches!(
            (self.bug, op),
            (Some(Bug::TwoGetIn), Op::Redeem { .. })
                | (Some(Bug::ChangeLost), Op::Amend { .. } | Op::Extend { .. } | Op::Resend { .. })
        );
        let stale = process == 1 && matches!((self.bug, op), (Some(Bug::StaleRead), Op::Show | Op::Preview { .. }));
        let mut offer = if stale { lock(&kept.before).clone() } else { lock(&kept.now).clone() };
        if slow {
            yield_now().await;
        }
        let mut asked = op.clone();
        match (self.bug, &mut asked) {
            (Some(Bug::OldLinkOpens), Op::Redeem { link, .. }) => *link = (*link).max(offer.generation()),
            (Some(Bug::RetryGetsInAgain), _) => offer.forget_redeemer(op),
            (Some(Bug::KeyForgotten), Op::Resend { .. }) => offer.forget_keys(),
            _ => {}
        }
        let ret = offer.answer(&asked, Some(&id));
        let forgotten = self.bug == Some(Bug::RevocationForgotten) && *op == Op::Revoke;
        if !forgotten && !stale && !matches!(op, Op::Show | Op::Preview { .. }) {
            let before = std::mem::replace(&mut *lock(&kept.now), offer);
            *lock(&kept.before) = before;
        }
        match (ret, op) {
            (Ret::Redeemed { redemption, again, .. }, Op::Redeem { link, .. }) => {
                Ret::Redeemed { redemption, generation: *link, again }
            }
            (Ret::Declined, _) if self.bug == Some(Bug::RefusedButDone) => Ret::refused(410, Standing::Revoked.word()),
            (ret, _) => ret,
        }
    }
}

impl Service for StandIn {
    type Subject = Kept;

    async fn issue(&self, _: u64) -> Result<(Kept, String)> {
        let offer = Offer::issued(DAYS);
        Ok((Kept { now: Mutex::new(offer.clone()), before: Mutex::new(offer) }, String::new()))
    }

    async fn ask(&self, kept: &Kept, process: usize, op: &Op, _: Option<String>) -> Result<Said> {
        // Somebody else's turn, before and after.
        yield_now().await;
        let ret = self.answer(kept, process, op).await;
        yield_now().await;
        let link = match (&ret, op) {
            (Ret::Shown(seen), Op::Resend { .. }) => Some((seen.generation, String::new())),
            _ => None,
        };
        Ok(Said { ret: Some(ret), link })
    }
}
