use crate::{Problem, problem::table};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, TryAcquireError},
};

/// How many pieces of work may go on behind answers that were given already.
const PIECES: u32 = 64;
/// How long work waits before it begins: an answer is written in far less. Where every core is busy, the two would else compete
/// for one, and the answer would be later the more work there is.
const AFTER: Duration = Duration::from_millis(5);

/// Work that goes on after its answer was given, so that the time an answer takes tells nothing of the work (HTTP-8).
///
/// It is bounded: where too much of it waits, the next request is refused before anything is looked up. It runs on the
/// runtime this was made on, not on the worker that answers, and the service waits for it when it stops.
#[derive(Clone)]
pub struct Background {
    runtime: Handle,
    places: Arc<Semaphore>,
}

impl Background {
    /// Background work on this runtime.
    pub fn on(runtime: Handle) -> Self {
        Self { runtime, places: Arc::new(Semaphore::new(PIECES as usize)) }
    }

    /// Begins the work.
    ///
    /// # Errors
    /// `overloaded` where too much waits already, or the service is stopping. Nothing of the work is done then.
    pub(crate) fn begin(&self, work: impl Future<Output = ()> + Send + 'static) -> Result<(), Problem> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|error| match error {
            TryAcquireError::NoPermits | TryAcquireError::Closed => Problem::new(&table::OVERLOADED),
        })?;
        self.runtime.spawn(async move {
            tokio::time::sleep(AFTER).await;
            work.await;
            drop(place);
        });
        Ok(())
    }

    /// Waits until nothing goes on behind an answer; more may begin meanwhile. For who measures answers one by one.
    pub async fn idle(&self) {
        // Nobody closes it but `finish`, after which there is nothing to wait for.
        drop(self.places.acquire_many(PIECES).await);
    }

    /// Takes no more work and waits for what was begun, for so long at the most. Answers whether all of it was finished.
    pub async fn finish(&self, patience: Duration) -> bool {
        let all = tokio::time::timeout(patience, self.places.acquire_many(PIECES)).await;
        let finished = matches!(all, Ok(Ok(_)));
        self.places.close();
        finished
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn ops_1_work_behind_answers_is_bounded_and_waited_for() {
        let background = Background::on(Handle::current());
        let mut ends = Vec::new();
        for _ in 0..PIECES {
            let (end, ended) = oneshot::channel::<()>();
            ends.push(end);
            assert!(background.begin(async { drop(ended.await) }).is_ok());
        }
        let refused = background.begin(async {}).err().map(|problem| problem.kind().code);
        assert_eq!(refused, Some("overloaded"));
        assert!(!background.finish(Duration::from_millis(10)).await, "all of it still waits");
        drop(ends);
        let stopping = background.begin(async {}).err().map(|problem| problem.kind().code);
        assert_eq!(stopping, Some("overloaded"));
    }

    #[tokio::test]
    async fn what_was_begun_is_finished_before_the_end() {
        let background = Background::on(Handle::current());
        let (done, told) = oneshot::channel();
        assert!(background.begin(async { assert!(done.send(()).is_ok()) }).is_ok());
        assert!(background.finish(Duration::from_secs(5)).await);
        assert!(told.await.is_ok());
    }
}
