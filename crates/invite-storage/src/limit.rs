//! How long a call of a port may take, and what becomes of a connection whose statement was given up.
//!
//! A server behind a network that swallows packets never answers, and no timeout of its own helps. So every statement of a
//! call runs against the call's own deadline, which the wait for a connection and all attempts share. A connection on
//! which a statement was given up is never used again: somebody else's answer may still be on its way there.

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{
        self, Database,
        pool::{PoolConnectionMetadata, PoolOptions},
    },
};
use std::{
    future::Future,
    io,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// How long a call may take in all: its answer is there within three seconds.
const CALL: Duration = Duration::from_millis(2_900);
/// How long a step of a sweep over old rows may take.
const SWEEP: Duration = Duration::from_mins(1);
/// How long a connection is given to show that it is still one.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
/// After how long without use a connection is asked for one.
const IDLE: Duration = Duration::from_secs(30);
/// A connection's age is told a moment after it was measured. So one that was made this short after a cut counts as older.
const MARGIN: Duration = Duration::from_secs(1);
/// For how long after a call was abandoned released connections are examined. Its own is released at once.
const SUSPICION: Duration = Duration::from_mins(1);

tokio::task_local! {
    static DEADLINE: Instant;
}

/// Does the work of one call: whatever it opens shares one deadline.
pub(crate) async fn within_a_call<F: Future>(work: F) -> F::Output {
    if DEADLINE.try_with(|_| ()).is_ok() {
        return work.await;
    }
    DEADLINE.scope(Instant::now() + CALL, work).await
}

/// When the present call has to be over.
pub(crate) fn deadline() -> Instant {
    DEADLINE.try_with(|deadline| *deadline).unwrap_or_else(|_| Instant::now() + CALL)
}

/// Does work that has to be over by then.
pub(crate) async fn until<F: Future>(deadline: Instant, work: F) -> F::Output {
    DEADLINE.scope(deadline, work).await
}

/// Waits for what others do, no longer than the present call may take; `None` where it did.
pub(crate) async fn in_time<F: Future>(work: F) -> Option<F::Output> {
    tokio::time::timeout_at(deadline().into(), work).await.ok()
}

/// The connections of a store: since when none of them may be used again, and when a call was last abandoned.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    cut: Mutex<Option<Instant>>,
    abandoned: Mutex<Option<Instant>>,
    examined: AtomicI64,
    under_way: AtomicUsize,
}

impl Watch {
    /// No connection there is now may be used again. Which of them it is that does not answer, a pool does not tell; and
    /// where one does not, the others seldom do.
    fn cut(&self) {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// How many statements wait for a connection or are being done.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// A caller went away in the middle of a statement. It may be a `BEGIN` the driver does not know to be done: what is sent next over
    /// that connection, as a transaction by itself, would never be committed.
    fn abandon(&self) {
        *self.abandoned.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn is_cut(&self, connection: &PoolConnectionMetadata) -> bool {
        let cut = *self.cut.lock().unwrap_or_else(PoisonError::into_inner);
        let made = Instant::now().checked_sub(connection.age);
        cut.is_some_and(|cut| made.is_none_or(|made| made <= cut + MARGIN))
    }

    fn suspects(&self) -> bool {
        let abandoned = *self.abandoned.lock().unwrap_or_else(PoisonError::into_inner);
        abandoned.is_some_and(|abandoned| abandoned.elapsed() < SUSPICION)
    }
}

/// How a driver's connection is examined: with a number to answer, whether it answers that number and has no transaction
/// open.
pub(crate) type Examine<C> = for<'c> fn(&'c mut C, i64) -> Answer<'c>;

/// Whether a connection can be used on.
pub(crate) type Answer<'c> = Pin<Box<dyn Future<Output = Result<bool, sqlx::Error>> + Send + 'c>>;

/// Lets a pool hand out and take back only connections that nothing was given up on.
///
/// The driver means to survive that a caller goes away in the middle of a statement, but MariaDB's does not always: the
/// answer to a statement that was just being prepared stays unread, and a ping takes it for its own. And a transaction
/// given up while it began stays open. So after such a going away a connection has to answer a number nobody else knows.
pub(crate) fn watched<DB: Database>(
    pool: PoolOptions<DB>,
    watch: &Arc<Watch>,
    examine: Examine<DB::Connection>,
) -> PoolOptions<DB> {
    let (taken, returned) = (Arc::clone(watch), Arc::clone(watch));
    pool.before_acquire(move |connection, about| {
        let watch = Arc::clone(&taken);
        Box::pin(async move {
            if watch.is_cut(&about) {
                return Err(given_up());
            }
            if about.idle_for < IDLE {
                return Ok(true);
            }
            let alive = tokio::time::timeout(SIGN_OF_LIFE, sqlx::Connection::ping(connection)).await;
            alive.unwrap_or_else(|_| Err(given_up())).inspect_err(|_| watch.cut()).map(|()| true)
        })
    })
    .after_release(move |connection, about| {
        let watch = Arc::clone(&returned);
        Box::pin(async move {
            if watch.is_cut(&about) {
                return Err(given_up());
            }
            if !watch.suspects() {
                return Ok(true);
            }
            let number = watch.examined.fetch_add(1, Ordering::Relaxed);
            match tokio::time::timeout(SIGN_OF_LIFE, examine(connection, number)).await {
                Ok(Ok(true)) => Ok(true),
                // An error closes it at once; a mere refusal would say goodbye to whom nothing may be said any more.
                _ => Err(given_up()),
            }
        })
    })
}

fn given_up() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(
        io::ErrorKind::TimedOut,
        "a statement was given up; the connection is not used again",
    ))
}

/// What a call's statements run under.
#[derive(Clone, Copy)]
pub(crate) struct Limit<'s> {
    deadline: Option<Instant>,
    watch: &'s Watch,
}

impl<'s> Limit<'s> {
    /// Within the present call, or as a call of its own.
    pub(crate) fn of_call(watch: &'s Watch) -> Self {
        Self { deadline: Some(deadline()), watch }
    }

    /// For a step of what nobody waits for.
    pub(crate) fn of_sweep(watch: &'s Watch) -> Self {
        Self { deadline: Some(Instant::now() + SWEEP), watch }
    }

    /// As long as it takes.
    pub(crate) fn none(watch: &'s Watch) -> Self {
        Self { deadline: None, watch }
    }

    /// Does work on a connection. When the time is over the work is given up.
    pub(crate) async fn run<T>(self, work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        // What is declared last is dropped first: whoever drops this is noted before the connection is let go.
        let work = pin!(work);
        let mut under_way = UnderWay::begun(self.watch);
        let Some(deadline) = self.deadline else {
            let done = work.await;
            under_way.ended = true;
            return done;
        };
        if Instant::now() >= deadline {
            under_way.ended = true;
            return Err(too_late());
        }
        let done = tokio::time::timeout_at(deadline.into(), work).await;
        under_way.ended = true;
        done.unwrap_or_else(|_| {
            self.watch.cut();
            Err(too_late())
        })
    }
}

/// What is said of work whose time is over.
const TOO_LATE: &str = "the database did not answer in time";

pub(crate) fn too_late() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(TOO_LATE.to_owned()))
}

/// Whether work was given up, or not begun, because its time was over.
pub(crate) fn is_too_late(error: &DbErr) -> bool {
    matches!(error, DbErr::Conn(RuntimeErr::Internal(said)) if said == TOO_LATE)
}

struct UnderWay<'s> {
    watch: &'s Watch,
    ended: bool,
}

impl<'s> UnderWay<'s> {
    fn begun(watch: &'s Watch) -> Self {
        watch.under_way.fetch_add(1, Ordering::Relaxed);
        Self { watch, ended: false }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.watch.under_way.fetch_sub(1, Ordering::Relaxed);
        if !self.ended {
            self.watch.abandon();
        }
    }
}
