//! The dispatcher at work, and the chores of a running process. The project's only timers are here and in [`crate::app`].

use crate::{
    channel::OneChannel, failure::Chain, metrics::Metrics, parts::Parts, runtime::ReloadingKeys, stop::Reload,
    turns::Turns,
};
use chrono::Duration as Span;
use invite_domain::{
    invitation::{Bounds, Channel, Cutoffs},
    port::{Clock, Notifier, Purged, Retention},
    service::{DispatchReport, Dispatcher, ServiceError},
    time::Timestamp,
};
use invite_storage::SqlStore;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

/// How many messages of one channel are under way at the same time, while some take long; [`Turns`] has quick ones follow each
/// other. Each channel has lanes of its own: while an SMS gateway hangs, mails go out.
const LANES: usize = 4;
/// How many messages a lane claims at once. One: an order to end waits for the message being delivered and for no other,
/// and no message waits, claimed, behind a slow one.
const CLAIM: u32 = 1;
/// How long a process that starts leaves the database to those who wait for it, before it looks for what others have left.
const SETTLE: Duration = Duration::from_millis(250);
/// How long a new message of one's own rests. What follows it at once is found in the same look, and a process that is
/// killed right after a commit has not claimed what it committed: the next one need not wait for a lease to end.
const REST: Duration = Duration::from_millis(100);
/// How long a message of another process may wait before it is noticed. One's own is told.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Pauses after failures, doubled from the first to the last.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// How often lapses are noted, the key ring is read again and the queue is measured.
const CHORES: Duration = Duration::from_secs(30);
/// How often it is looked whether tables have grown so much that plans made for them do not fit any more.
const GROWTH: Duration = Duration::from_secs(2);
/// How often recorded metrics are moved into their buckets.
const UPKEEP: Duration = Duration::from_secs(5);
/// How many lapses are noted in one go.
const LAPSES: u32 = 20;
/// How often what has ended long ago is deleted, and how many rows of a kind in one go: a writer never waits long for it.
const PURGES: Duration = Duration::from_mins(10);
const PURGE: u32 = 1000;

/// The tasks of a running process. Dropped, they end at once.
#[derive(Debug)]
pub struct Worker {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Worker {
    /// Starts the chores every process has: the key ring (SIGHUP and every 30 s, rule 7.8), metrics.
    pub fn start(parts: &Parts, metrics: Metrics) -> std::io::Result<Self> {
        let mut worker = Self { tasks: JoinSet::new(), stop: watch::Sender::new(false) };
        worker.spawn(|stopped| watch_keys(Arc::clone(&parts.keys), Reload::listen(), stopped))?;
        worker.spawn(|stopped| Ok(upkeep(metrics, stopped)))?;
        let queue = measure_queue(parts.clone(), worker.stop.subscribe());
        worker.begin(queue);
        let growth = note_growth(parts.store.clone(), worker.stop.subscribe());
        worker.begin(growth);
        Ok(worker)
    }

    fn spawn<F>(&mut self, task: impl FnOnce(watch::Receiver<bool>) -> std::io::Result<F>) -> std::io::Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(task(self.stop.subscribe())?);
        Ok(())
    }

    /// Begins a task in a moment, unless the process ends before.
    fn begin(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        let mut stopped = self.stop.subscribe();
        self.tasks.spawn(async move {
            if pause(SETTLE, &mut stopped).await {
                task.await;
            }
        });
    }

    /// Starts the dispatcher. Without a way for any channel it delivers nothing; lapses are noted and old rows deleted all
    /// the same.
    pub fn dispatch(&mut self, parts: &Parts, notifier: Arc<dyn Notifier>) {
        let delivers = !notifier.channels().is_empty();
        let through = |notifier| {
            let store = Arc::clone(&parts.invitation_store);
            Dispatcher::new(Arc::clone(&parts.outbox), store, notifier, parts.world.clone())
        };
        let channels: Vec<_> = OneChannel::each(&notifier).into_iter().map(through).collect();
        let dispatcher = through(notifier);
        self.begin(note_lapses(dispatcher.clone(), self.stop.subscribe()));
        self.begin(remind(dispatcher.clone(), parts.bounds.clone(), self.stop.subscribe()));
        let retention = Arc::new(parts.store.clone());
        self.begin(purge(retention, Arc::clone(&parts.world.clock), self.stop.subscribe()));
        if !delivers {
            return;
        }
        let due = Arc::new(Notify::new());
        for channel in channels {
            let turns = Arc::new(Turns::new());
            for _ in 0..LANES {
                self.begin(lane(channel.clone(), Arc::clone(&turns), Arc::clone(&due), self.stop.subscribe()));
            }
        }
        let (clock, queued) = (Arc::clone(&parts.world.clock), Arc::clone(&parts.queued));
        self.begin(scout(dispatcher, clock, queued, due, self.stop.subscribe()));
    }

    /// Ends the tasks: each finishes the message it delivers. What takes longer than `patience` is given up; its message
    /// is delivered by the next process, once the lease has ended.
    pub async fn stop(mut self, patience: Duration) {
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(patience, all).await.is_err() {
            tracing::warn!("a message was still being delivered; it will be tried again");
        }
    }
}

/// Sleeps; answers whether the process goes on.
async fn pause(length: Duration, stopped: &mut watch::Receiver<bool>) -> bool {
    // A sender that is gone means the end too.
    timeout(length, stopped.wait_for(|stopped| *stopped)).await.is_err()
}

/// Delivers while there is something due, then waits to be told of more.
async fn lane(dispatcher: Dispatcher, turns: Arc<Turns>, due: Arc<Notify>, mut stopped: watch::Receiver<bool>) {
    let mut failures = BackOff::default();
    while !*stopped.borrow() {
        // Registered before looking: what becomes due meanwhile is not missed.
        let told = due.notified();
        let turn = turns.take(async {
            // Whoever waited for a turn may have waited for the end.
            if *stopped.borrow() { None } else { Some(dispatcher.run_once(CLAIM).await) }
        });
        match turn.await {
            None => return,
            Some(Ok(report)) => {
                failures = BackOff::default();
                count(report);
                if report.claimed == 0 {
                    tokio::select! {
                        () = told => {}
                        _ = stopped.wait_for(|stopped| *stopped) => return,
                    }
                }
            }
            Some(Err(error)) => {
                report_failure("messages cannot be dispatched", &error);
                if !pause(failures.next(), &mut stopped).await {
                    return;
                }
            }
        }
    }
}

/// Tells the lanes when something is due.
async fn scout(
    dispatcher: Dispatcher,
    clock: Arc<dyn Clock>,
    queued: Arc<Notify>,
    due: Arc<Notify>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut failures = BackOff::default();
    loop {
        let wait = match dispatcher.next_due().await {
            Ok(next) => {
                failures = BackOff::default();
                let wait = until(next, clock.now());
                if wait.is_zero() {
                    due.notify_waiters();
                    LOOK_AGAIN
                } else {
                    wait
                }
            }
            Err(error) => {
                report_failure("the queue of messages cannot be read", &error);
                failures.next()
            }
        };
        tokio::select! {
            goes_on = pause(wait, &mut stopped) => if !goes_on { return },
            // Then the queue is asked again.
            () = queued.notified() => if !pause(REST, &mut stopped).await { return },
        }
    }
}

/// How long until the next message is due, at most until it is time to look again.
fn until(next: Option<Timestamp>, now: Timestamp) -> Duration {
    next.map_or(LOOK_AGAIN, |at| (at - now).max(Span::zero()).to_std().unwrap_or(LOOK_AGAIN).min(LOOK_AGAIN))
}

async fn note_lapses(dispatcher: Dispatcher, mut stopped: watch::Receiver<bool>) {
    loop {
        match dispatcher.note_lapses(LAPSES).await {
            // There may be more at once.
            Ok(LAPSES..) if !*stopped.borrow() => continue,
            Ok(0) => {}
            Ok(noted) => tracing::info!(noted, "expired and suspended invitations were noted"),
            Err(error) => report_failure("lapses cannot be noted", &error),
        }
        if !pause(CHORES, &mut stopped).await {
            return;
        }
    }
}

/// Writes the reminders that are due (rule 4.8).
async fn remind(dispatcher: Dispatcher, bounds: Bounds, mut stopped: watch::Receiver<bool>) {
    loop {
        match dispatcher.remind(&bounds, LAPSES).await {
            // There may be more at once.
            Ok(LAPSES..) if !*stopped.borrow() => continue,
            Ok(0) => {}
            Ok(reminders) => tracing::info!(reminders, "reminders that were due were dealt with"),
            Err(error) => report_failure("reminders cannot be written", &error),
        }
        if !pause(CHORES, &mut stopped).await {
            return;
        }
    }
}

/// Deletes what has ended long enough ago (rule 2.4).
async fn purge(retention: Arc<dyn Retention>, clock: Arc<dyn Clock>, mut stopped: watch::Receiver<bool>) {
    loop {
        purge_all(&*retention, &*clock, &stopped).await;
        if !pause(PURGES, &mut stopped).await {
            return;
        }
    }
}

/// Deletes batch after batch until nothing is left, the process is to end, or the database fails.
async fn purge_all(retention: &dyn Retention, clock: &dyn Clock, stopped: &watch::Receiver<bool>) {
    while !*stopped.borrow() {
        match retention.purge(&Cutoffs::at(clock.now()), PURGE).await {
            Ok(purged) => {
                report_purge(purged);
                if !purged.more {
                    return;
                }
            }
            Err(error) => {
                tracing::error!(error = %Chain(&error), "what has ended cannot be deleted; trying again later");
                return;
            }
        }
    }
}

fn report_purge(purged: Purged) {
    let Purged {
        idempotency,
        sessions,
        counters,
        account_links,
        messages,
        invitations,
        events,
        organizations,
        more: _,
    } = purged;
    if purged.total() > 0 {
        tracing::info!(
            organizations,
            invitations,
            events,
            messages,
            sessions,
            idempotency,
            account_links,
            counters,
            "what has ended long ago was deleted"
        );
    }
}

fn watch_keys(
    keys: Arc<ReloadingKeys>,
    reload: std::io::Result<Reload>,
    mut stopped: watch::Receiver<bool>,
) -> std::io::Result<impl Future<Output = ()>> {
    let mut reload = reload?;
    Ok(async move {
        loop {
            tokio::select! {
                goes_on = pause(CHORES, &mut stopped) => if !goes_on { return },
                () = reload.asked() => {}
            }
            reload_keys(Arc::clone(&keys)).await;
        }
    })
}

async fn reload_keys(keys: Arc<ReloadingKeys>) {
    match tokio::task::spawn_blocking(move || keys.reload()).await {
        Ok(Ok(true)) => tracing::info!("the key ring has changed and was read"),
        Ok(Ok(false)) => {}
        Ok(Err(error)) => tracing::error!(%error, "the key ring cannot be read; the old one stays"),
        Err(error) => tracing::error!(%error, "the key ring was not read; the old one stays"),
    }
}

async fn upkeep(metrics: Metrics, mut stopped: watch::Receiver<bool>) {
    while pause(UPKEEP, &mut stopped).await {
        metrics.upkeep();
    }
}

/// Has tables counted anew that have grown manifold.
async fn note_growth(store: SqlStore, mut stopped: watch::Receiver<bool>) {
    let mut failures = BackOff::default();
    loop {
        // A large table takes a while, and the end does not wait for it.
        let noted = tokio::select! {
            noted = store.note_growth() => noted,
            _ = stopped.wait_for(|stopped| *stopped) => return,
        };
        let wait = match noted {
            Ok(tables) => {
                failures = BackOff::default();
                if !tables.is_empty() {
                    tracing::debug!(?tables, "tables have grown manifold and are counted anew");
                }
                GROWTH
            }
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "tables that have grown cannot be counted anew");
                failures.next()
            }
        };
        if !pause(wait, &mut stopped).await {
            return;
        }
    }
}

/// Measures how late the oldest due message is, whoever delivers.
async fn measure_queue(parts: Parts, mut stopped: watch::Receiver<bool>) {
    loop {
        match parts.outbox.next_due(&Channel::ALL).await {
            Ok(next) => {
                let late = next.map_or(0, |at| (parts.world.clock.now() - at).num_seconds().max(0));
                metrics::gauge!("invite_queue_late_seconds").set(f64::from(u32::try_from(late).unwrap_or(u32::MAX)));
            }
            Err(error) => tracing::warn!(error = %Chain(&error), "the queue of messages cannot be measured"),
        }
        if !pause(CHORES, &mut stopped).await {
            return;
        }
    }
}

fn count(report: DispatchReport) {
    let DispatchReport { claimed, sent, retried, failed, cancelled, lost } = report;
    if claimed == 0 {
        return;
    }
    for (result, number) in
        [("sent", sent), ("retried", retried), ("failed", failed), ("cancelled", cancelled), ("lost", lost)]
    {
        if number > 0 {
            metrics::counter!("invite_messages_total", "result" => result).increment(u64::from(number));
        }
    }
    tracing::info!(sent, retried, failed, cancelled, lost, "messages");
}

fn report_failure(what: &'static str, error: &ServiceError) {
    tracing::error!(error = %Chain(error), "{what}; trying again");
}

/// Growing pauses between failures.
#[derive(Default)]
struct BackOff(Option<Duration>);

impl BackOff {
    fn next(&mut self) -> Duration {
        let (first, last) = BACK_OFF;
        let next = self.0.map_or(first, |before| (before * 2).min(last));
        self.0 = Some(next);
        next
    }
}

/// Gives those who send requests the time to see that readiness fails, before the door is closed.
pub(crate) async fn notice(length: Duration) {
    sleep(length).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use invite_domain::port::PortError;
    use std::sync::Mutex;

    #[test]
    fn the_pauses_between_failures_grow_to_half_a_minute() {
        let mut pauses = BackOff::default();
        let seconds: Vec<_> = (0..7).map(|_| pauses.next().as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn the_queue_is_looked_at_when_a_message_is_due_and_once_a_second() {
        let at = |millis: i64| chrono::DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap();
        assert_eq!(until(None, at(0)), LOOK_AGAIN);
        assert_eq!(until(Some(at(300)), at(0)), Duration::from_millis(300));
        assert_eq!(until(Some(at(5000)), at(0)), LOOK_AGAIN);
        assert_eq!(until(Some(at(-1)), at(0)), Duration::ZERO);
    }

    /// Has batches to delete; then fails, where it was given that.
    struct Batches(Mutex<Vec<Result<Purged, PortError>>>, Mutex<Vec<Cutoffs>>);

    impl Batches {
        fn new(answers: impl IntoIterator<Item = Result<Purged, PortError>>) -> Self {
            let mut answers: Vec<_> = answers.into_iter().collect();
            answers.reverse();
            Self(Mutex::new(answers), Mutex::default())
        }

        fn asked(&self) -> usize {
            self.1.lock().unwrap().len()
        }
    }

    #[async_trait]
    impl Retention for Batches {
        async fn purge(&self, cutoffs: &Cutoffs, limit: u32) -> Result<Purged, PortError> {
            assert_eq!(limit, PURGE);
            self.1.lock().unwrap().push(*cutoffs);
            self.0.lock().unwrap().pop().unwrap()
        }
    }

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap()
        }
    }

    #[tokio::test]
    async fn r2_4_what_has_ended_is_deleted_batch_after_batch_until_nothing_is_left() {
        let stop = watch::Sender::new(false);
        let full = || Ok(Purged { events: u64::from(PURGE), more: true, ..Purged::default() });
        let batches = Batches::new([full(), full(), Ok(Purged::default())]);
        purge_all(&batches, &Noon, &stop.subscribe()).await;
        assert_eq!(*batches.1.lock().unwrap(), [Cutoffs::at(Noon.now()); 3]);

        let failing = Batches::new([full(), Err(PortError::unavailable("away"))]);
        purge_all(&failing, &Noon, &stop.subscribe()).await;
        assert_eq!(failing.asked(), 2, "after a failure it waits for its next time");

        stop.send_replace(true);
        let ending = Batches::new([full()]);
        purge_all(&ending, &Noon, &stop.subscribe()).await;
        assert_eq!(ending.asked(), 0, "a process that is to end begins nothing");
    }

    #[tokio::test]
    async fn a_pause_ends_early_when_the_process_is_to_end() {
        let stop = watch::Sender::new(false);
        assert!(pause(Duration::ZERO, &mut stop.subscribe()).await);
        stop.send_replace(true);
        assert!(!pause(Duration::from_hours(1), &mut stop.subscribe()).await);
    }
}
