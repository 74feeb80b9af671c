//! The service, and the database under it, are killed while callers issue, resend, revoke and redeem: nothing that was
//! acknowledged is lost, nothing is done by halves, and every mail comes.

mod common;
mod faults;

use common::Api;
use faults::{
    Outage, Random, Seen,
    ground::{Engine, Ground},
    ledger::{self, Entry},
    mails::Post,
    run,
};
use invite_tests::{Failure, Result, proxy::Protocol, requires::Suite, soak};
use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{task::JoinSet, time::sleep};

/// Callers at the same time.
const CALLERS: u64 = 4;
/// Rounds where nobody asks for more: what they show is that the harness works.
const ROUNDS: u64 = 2;
const SEED: u64 = 1;
/// In how many rounds one long enough for callers to be turned away is among the outages of the database: the first.
const LONG_OUTAGE: u64 = 10;
/// The longest anybody may wait for an answer, or to learn that there is none, far above the three seconds of an idle machine.
const SLOWEST: Duration = Duration::from_secs(8);
/// How long the queue may take to empty: in a long run, waits and leases have to end by themselves first.
const SOON: Duration = Duration::from_secs(30);
const LATER: Duration = Duration::from_mins(10);

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let name = format!("out_1_out_2_service_killed_under_load_on_{}", engine.name());
        suite.trial(&name, engine.requirement(), move || run(service_killed(engine)));
    }
    suite.trial(
        "out_1_out_2_postmaster_killed_under_load",
        Engine::Postgres.requirement(),
        || run(postmaster_killed()),
    );
    suite.run()
}

/// What a round leaves behind.
struct Load {
    told: Arc<AtomicBool>,
    callers: JoinSet<Result<(Vec<Entry>, Seen)>>,
}

impl Load {
    fn start(ground: &Ground, round: u64, outage: &Outage, random: &mut Random) -> Result<Self> {
        let told = Arc::new(AtomicBool::new(false));
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let (owner, anyone, told, random) = (ground.owner()?, ground.anyone()?, Arc::clone(&told), random.branch());
            callers.spawn(call(format!("r{round}-c{caller}"), (owner, anyone), outage.clone(), random, told));
        }
        Ok(Self { told, callers })
    }

    /// Lets the callers finish what they are at.
    async fn end(mut self) -> Result<(Vec<Entry>, Seen)> {
        self.told.store(true, Ordering::SeqCst);
        let (mut entries, mut seen) = (Vec::new(), Seen::default());
        while let Some(caller) = self.callers.join_next().await {
            let (more, saw) = caller??;
            entries.extend(more);
            seen.add(saw);
        }
        Ok((entries, seen))
    }
}

async fn call(
    name: String,
    (owner, anyone): (Api, Api),
    outage: Outage,
    mut random: Random,
    told: Arc<AtomicBool>,
) -> Result<(Vec<Entry>, Seen)> {
    let (mut entries, mut seen) = (Vec::new(), Seen::default());
    for number in 0_u32.. {
        if told.load(Ordering::SeqCst) {
            break;
        }
        let address = format!("{name}-{number}@example.org");
        entries.push(ledger::live(&address, (&owner, &anyone), &outage, &mut random, &mut seen).await?);
        sleep(random.millis(40)).await;
    }
    Ok((entries, seen))
}

/// The run of one harness.
struct Run {
    ground: Ground,
    random: Random,
    seed: u64,
    rounds: u64,
    began: Instant,
    entries: Vec<Entry>,
    seen: Seen,
}

impl Run {
    async fn new(engine: Engine, database: Option<Protocol>) -> Result<Self> {
        let began = Instant::now();
        let (seed, rounds) = (soak::seed(SEED)?, soak::rounds(ROUNDS)?);
        let ground = Ground::behind(engine, database, None).await?;
        let random = Random::new(seed);
        Ok(Self { ground, random, seed, rounds, began, entries: Vec::new(), seen: Seen::default() })
    }

    /// Ends a round: what was acknowledged in it is there, and what is there agrees with itself.
    async fn settle(&mut self, load: Load) -> Result<()> {
        let (entries, seen) = load.end().await?;
        self.seen.add(seen);
        if seen.slowest > SLOWEST {
            return Err(Failure::new(format!("somebody waited {:?} for an answer", seen.slowest)));
        }
        let owner = self.ground.owner()?;
        for entry in &entries {
            entry.verify(&owner).await?;
        }
        self.ground.check().await?;
        self.entries.extend(entries);
        Ok(())
    }

    /// Ends the run: everything is still there, and the post has come.
    async fn finish(mut self, harness: &'static str, engine: Engine) -> Result<()> {
        if self.rounds <= ROUNDS {
            self.ground.skip_waits().await?;
            self.ground.drained(SOON).await?;
        } else {
            self.ground.drained(LATER).await?;
        }
        let owner = self.ground.owner()?;
        for entry in &self.entries {
            entry.verify(&owner).await?;
        }
        let total = self.ground.total("/v1/invitations?").await?;
        if total != self.entries.len() as u64 {
            return Err(Failure::new(format!("{total} invitations, {} acknowledged", self.entries.len())));
        }
        let mut members = self.ground.members().await?;
        members.sort_unstable();
        let (all, redeemed) = (members.len(), self.entries.iter().filter(|entry| entry.status == "redeemed").count());
        members.dedup();
        // The owner is one.
        if members.len() != all || all != redeemed + 1 {
            return Err(Failure::new(format!("{all} memberships of {} people, {redeemed} redeemed", members.len())));
        }
        let post = Post::read(&self.ground.smtp.messages())?;
        post.verify(&self.entries, &self.ground).await?;
        let duplicates = post.duplicates();
        if duplicates as u64 > self.rounds {
            return Err(Failure::new(format!("{duplicates} mails came again after {} kills", self.rounds)));
        }
        self.ground.check().await?;
        let repeated = self.entries.iter().filter(|entry| entry.repeated).count();
        if self.seen.lost + self.seen.unavailable == 0 {
            return Err(Failure::new("nobody noticed anything: the kills fell into silence"));
        }
        let result = format!(
            "{} invitations, {redeemed} redeemed, {repeated} repeated requests; acknowledged writes lost 0, half transitions 0, \
             double memberships 0; {} mails, lost 0, duplicates {duplicates}; unanswered {}, 503 {}, longest wait {:.1} s",
            self.entries.len(),
            post.total,
            self.seen.lost,
            self.seen.unavailable,
            self.seen.slowest.as_secs_f64(),
        );
        let figure = soak::Figure::new(harness, engine.name()).seed(self.seed).rounds(self.rounds);
        figure.started(self.began).result(result).record()
    }
}

async fn service_killed(engine: Engine) -> Result<()> {
    let mut run = Run::new(engine, None).await?;
    for round in 0..run.rounds {
        let outage = Outage::of_service();
        let load = Load::start(&run.ground, round, &outage, &mut run.random)?;
        sleep(Duration::from_millis(50) + run.random.millis(400)).await;
        outage.begin();
        run.ground.service.kill_dash_nine().await?;
        // Nobody has repeated anything yet: what the dead one left agrees with itself as it lies there.
        run.ground.check().await.map_err(|failure| at(round, run.seed, &failure))?;
        run.ground.service = run.ground.sandbox.serve(&[]).await?;
        sleep(run.random.millis(100)).await;
        run.settle(load).await.map_err(|failure| at(round, run.seed, &failure))?;
    }
    run.finish("kill -9 of the service under load", engine).await
}

async fn postmaster_killed() -> Result<()> {
    let mut run = Run::new(Engine::Postgres, Some(Protocol::Postgres)).await?;
    for round in 0..run.rounds {
        let load = Load::start(&run.ground, round, &Outage::Database, &mut run.random)?;
        sleep(Duration::from_millis(50) + run.random.millis(400)).await;
        // Once in a while, for longer than anybody waits for a connection.
        let long = round % LONG_OUTAGE == 0;
        let down = if long { Duration::from_secs(5) } else { run.random.millis(300) };
        run.ground.kill_database(down).await.map_err(|failure| at(round, run.seed, &failure))?;
        sleep(run.random.millis(200)).await;
        run.settle(load).await.map_err(|failure| at(round, run.seed, &failure))?;
    }
    run.finish("kill -9 of the PostgreSQL postmaster under load", Engine::Postgres).await
}

fn at(round: u64, seed: u64, failure: &Failure) -> Failure {
    Failure::new(format!("round {round}, seed {seed}: {failure}"))
}
