//! Deliveries of a channel follow each other, but for slow ones.

use std::{pin::pin, time::Duration};
use tokio::{sync::Semaphore, time::sleep};

/// How long a delivery keeps the others waiting.
const QUICK: Duration = Duration::from_secs(1);

/// One turn at a time.
///
/// A message whose server has taken it, and whose row does not say so yet, is in doubt: a process that is killed then has it
/// delivered once more, by the next one. Of deliveries side by side each could be in doubt; of those that follow each other
/// one is. So a kill costs one duplicate at most. A delivery that takes long gives its turn away: a server that hangs on one
/// message keeps no other back for more than a second.
pub(crate) struct Turns {
    one: Semaphore,
    quick: Duration,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self { one: Semaphore::new(1), quick: QUICK }
    }

    /// Does the work when its turn has come.
    pub(crate) async fn take<F: Future>(&self, work: F) -> F::Output {
        // Nobody closes it; if it were closed, all turns would be one.
        let turn = self.one.acquire().await.ok();
        let mut work = pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = sleep(self.quick) => {}
        }
        drop(turn);
        work.await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn out_2_deliveries_of_a_process_follow_each_other() {
        let turns = Arc::new(Turns { one: Semaphore::new(1), quick: Duration::from_mins(1) });
        let (under_way, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut lanes = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let (turns, under_way, most) = (Arc::clone(&turns), Arc::clone(&under_way), Arc::clone(&most));
            lanes.spawn(async move {
                for _ in 0..50 {
                    turns
                        .take(async {
                            most.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                            tokio::task::yield_now().await;
                            under_way.fetch_sub(1, Ordering::SeqCst);
                        })
                        .await;
                }
            });
        }
        while let Some(lane) = lanes.join_next().await {
            lane.unwrap();
        }
        assert_eq!(most.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn out_5_a_slow_delivery_gives_its_turn_away_and_is_finished_all_the_same() {
        let turns = Arc::new(Turns { one: Semaphore::new(1), quick: Duration::from_millis(1) });
        let (end, ended) = oneshot::channel::<()>();
        let (tell, begun) = oneshot::channel::<()>();
        let hanging = {
            let turns = Arc::clone(&turns);
            tokio::spawn(async move {
                turns
                    .take(async {
                        tell.send(()).unwrap();
                        ended.await.unwrap();
                    })
                    .await;
            })
        };
        begun.await.unwrap();
        // It would wait for ever behind the other one.
        turns.take(async {}).await;
        end.send(()).unwrap();
        hanging.await.unwrap();
    }
}
