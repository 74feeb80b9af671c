//! What several clients of several processes see of one invitation is what one client after the other could have seen.
//!
//! Histories are recorded over HTTP in the order of real time and judged by a linearizability tester against a sequential
//! specification of one invitation. That the judge is worth something is shown by a stand-in with planted bugs, and by
//! recorded histories with one answer changed: all of them are rejected.

#[path = "linearizability/doctored.rs"]
mod doctored;
#[path = "linearizability/history.rs"]
mod history;
#[path = "linearizability/record.rs"]
mod record;
#[path = "linearizability/site.rs"]
mod site;
#[path = "linearizability/spec.rs"]
mod spec;
#[path = "linearizability/stand_in.rs"]
mod stand_in;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use invite_tests::{
    Failure, Result,
    requires::{Requirement, Suite},
    soak,
};
use libtest_mimic::Failed;
use record::{Service, record};
use site::Site;
use spec::Offer;
use stand_in::{Bug, StandIn};
use std::{collections::BTreeMap, process::ExitCode, sync::Arc, time::Instant};
use tokio::runtime::Builder;

/// How many histories there are by default, and how many happen side by side.
const HISTORIES: u64 = 60;
const SIDE_BY_SIDE: usize = 8;

/// What the judge found.
#[derive(Default)]
struct Verdict {
    /// The first histories that nothing explains, told.
    rejected: Vec<String>,
    histories: u64,
    /// Requests without a definite answer.
    open: u64,
    doctored: u64,
    /// Changed histories that were accepted all the same.
    missed: Vec<String>,
    answers: BTreeMap<String, u64>,
}

/// Records this many histories and judges each.
async fn judge<S: Service>(service: Arc<S>, processes: usize, days: i64, seed: u64, rounds: u64) -> Result<Verdict> {
    let start = Offer::issued(days);
    let recorded = stream::iter(0..rounds)
        .map(|number| record(Arc::clone(&service), processes, seed, number))
        .buffer_unordered(SIDE_BY_SIDE);
    recorded
        .try_fold(Verdict::default(), |mut verdict, history| {
            let judged = || -> Result<Verdict> {
                verdict.histories += 1;
                verdict.open += u64::try_from(history.open())?;
                history.count(&mut verdict.answers);
                if !history.is_linearizable(&start)? {
                    verdict.rejected.push(history.told());
                    return Ok(verdict);
                }
                // What nothing explains is dear to judge, for every order is tried; some histories will do.
                for (what, changed) in doctored::all(&history).into_iter().filter(|_| verdict.histories <= SAMPLE) {
                    verdict.doctored += 1;
                    if changed.is_linearizable(&start)? {
                        verdict.missed.push(format!("{what}: {}", changed.told()));
                    }
                }
                Ok(verdict)
            };
            std::future::ready(judged())
        })
        .await
}

/// How many histories of a run are also judged with answers changed.
const SAMPLE: u64 = 20;

async fn of_the_service(site: Site, engine: &str) -> Result<()> {
    let (rounds, seed, started) = (soak::rounds(HISTORIES)?, soak::seed(1)?, Instant::now());
    let processes = site.processes();
    let verdict = judge(Arc::new(site), processes, site::DAYS, seed, rounds).await?;
    if let Some(told) = verdict.rejected.first() {
        return Err(Failure::new(format!("{} histories are not linearizable; one: {told}", verdict.rejected.len())));
    }
    if let Some(told) = verdict.missed.first() {
        return Err(Failure::new(format!("the judge accepted {}; one: {told}", verdict.missed.len())));
    }
    assert!(verdict.doctored > 0, "nothing was changed");
    // Nothing is killed here: whoever is told "unavailable", or nothing, more than once in a thousand histories is let down.
    if verdict.open * 1_000 > verdict.histories.max(1_000) {
        return Err(Failure::new(format!("{} requests had no definite answer", verdict.open)));
    }
    println!("{:?}, {} without a definite answer", verdict.answers, verdict.open);
    let Verdict { histories, doctored, open, .. } = verdict;
    let result = format!(
        "{processes} processes: 0 of {histories} rejected, {open} with an open end; {doctored} of {doctored} changed ones rejected"
    );
    soak::Figure::new("linearizability", engine).seed(seed).rounds(histories).started(started).result(result).record()
}

/// The stand-in as it should be is accepted; with a bug it is found out within some batches of so many histories.
async fn planted() -> Result<()> {
    const ENOUGH: u64 = 40;
    const BATCHES: u64 = 10;
    let (seed, started) = (soak::seed(1)?, Instant::now());
    let honest = judge(Arc::new(StandIn::new(None)), 2, stand_in::DAYS, seed, ENOUGH).await?;
    if let Some(told) = honest.rejected.first().or(honest.missed.first()) {
        return Err(Failure::new(format!("the judge is wrong: {told}")));
    }
    assert!(honest.doctored > 0, "nothing was changed");
    let (mut results, mut rounds) = (Vec::new(), ENOUGH);
    for bug in Bug::ALL {
        let (mut rejected, mut batch) = (0, 0);
        // A bug that few requests meet may need some more of them.
        while rejected == 0 {
            if batch == BATCHES {
                return Err(Failure::new(format!("{bug:?} was not found out")));
            }
            let service = Arc::new(StandIn::new(Some(bug)));
            let verdict = judge(service, 2, stand_in::DAYS, seed.wrapping_add(batch), ENOUGH).await?;
            (rejected, batch) = (verdict.rejected.len(), batch + 1);
            rounds += ENOUGH;
        }
        results.push(format!("{bug:?} {rejected}"));
    }
    let result = format!("rejected of {ENOUGH} or more histories: with no bug 0, {}", results.join(", "));
    let figure = soak::Figure::new("linearizability, planted bugs", "stand-in").seed(seed);
    figure.rounds(rounds).started(started).result(result).record()
}

fn run(trial: impl Future<Output = Result<()>>, threads: bool) -> std::result::Result<(), Failed> {
    // On one thread the stand-in is interrupted only where it says so.
    let mut runtime = if threads { Builder::new_multi_thread() } else { Builder::new_current_thread() };
    runtime.enable_all().build()?.block_on(trial).map_err(|failure| failure.to_string().into())
}

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    suite
        .trial("the_judge_rejects_every_planted_bug_and_every_changed_answer", None, || run(planted(), false))
        .trial("histories_of_one_process_on_sqlite_are_linearizable", None, || {
            run(async { of_the_service(Site::on_sqlite().await?, "sqlite").await }, true)
        })
        .trial("histories_of_two_processes_on_postgres_are_linearizable", Some(Requirement::Postgres), || {
            run(async { of_the_service(Site::on_postgres().await?, "postgres").await }, true)
        });
    suite.run()
}
