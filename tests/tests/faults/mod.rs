//! What the harnesses share in which something dies: an installation, callers who repeat themselves, and the ledger of what
//! they were told.
#![allow(dead_code, reason = "every harness uses its own part of this")]

pub(crate) mod ground;
pub(crate) mod ledger;
pub(crate) mod mails;

use crate::common::{Answer, Api};
use invite_tests::{Failure, Result};
use libtest_mimic::Failed;
use serde_json::Value;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How long a request is repeated before it counts as never answered.
const PATIENCE: Duration = Duration::from_mins(1);
/// The pause before a repetition.
const PAUSE: Duration = Duration::from_millis(20);

/// Runs a harness as a trial.
pub(crate) fn run(harness: impl Future<Output = Result<()>>) -> std::result::Result<(), Failed> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(harness).map_err(|failure| Failed::from(failure.to_string()))
}

/// Random numbers that come again with their seed (`SplitMix64`).
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator of its own for each number: what one draws does not move the others.
    pub(crate) fn branch(&mut self) -> Self {
        Self(self.next())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    pub(crate) fn millis(&mut self, bound: u64) -> Duration {
        Duration::from_millis(self.below(bound))
    }
}

/// What callers may meet besides the answer they want.
#[derive(Debug, Clone)]
pub(crate) enum Outage {
    /// The service dies: from the moment this is true connections break, and a new one says 503 while it starts.
    Service(Arc<AtomicBool>),
    /// What the service stands on dies: it answers 503 with Retry-After, and no connection breaks.
    Database,
}

impl Outage {
    /// The service will die.
    pub(crate) fn of_service() -> Self {
        Self::Service(Arc::new(AtomicBool::new(false)))
    }

    /// It is about to die now.
    pub(crate) fn begin(&self) {
        if let Self::Service(begun) = self {
            begun.store(true, Ordering::SeqCst);
        }
    }

    fn breaks_connections(&self) -> bool {
        match self {
            Self::Service(begun) => begun.load(Ordering::SeqCst),
            Self::Database => false,
        }
    }
}

/// What the callers saw of an outage.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    /// Requests without an answer.
    pub(crate) lost: u64,
    /// Answers that said 503.
    pub(crate) unavailable: u64,
    /// The longest that anybody waited, for an answer or to learn that there is none.
    pub(crate) slowest: Duration,
}

impl Seen {
    pub(crate) fn add(&mut self, other: Self) {
        self.lost += other.lost;
        self.unavailable += other.unavailable;
        self.slowest = self.slowest.max(other.slowest);
    }
}

/// A request that can be repeated.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) key: String,
    pub(crate) body: Value,
}

/// What an attempt came to.
#[derive(Debug)]
pub(crate) enum Attempt {
    Answered(Answer),
    Unavailable,
    /// The request with this key that came before is still at work.
    InProgress,
    Lost,
}

impl Request {
    /// Sends it once. An answer that promises nothing is an error here: the caller would not know what to do.
    pub(crate) async fn send(&self, api: &Api, seen: &mut Seen) -> Result<Attempt> {
        let began = Instant::now();
        let answer = api.post_once(&self.path, &self.key, &self.body).await;
        seen.slowest = seen.slowest.max(began.elapsed());
        let Ok(answer) = answer else {
            seen.lost += 1;
            return Ok(Attempt::Lost);
        };
        match answer.status {
            503 => {
                let wait = answer.header("retry-after").parse::<u64>();
                if wait.is_err() || answer.json()?["code"] != "unavailable" {
                    return Err(Failure::new(format!("503 without Retry-After or its code: {}", answer.text)));
                }
                seen.unavailable += 1;
                Ok(Attempt::Unavailable)
            }
            409 if answer.json()?["code"] == "idempotency_in_progress" => Ok(Attempt::InProgress),
            _ => Ok(Attempt::Answered(answer)),
        }
    }

    /// Sends it, with the same key and the same body, until it is answered; tells whether it was repeated.
    pub(crate) async fn until_answered(&self, api: &Api, outage: &Outage, seen: &mut Seen) -> Result<(Answer, bool)> {
        let began = Instant::now();
        let mut repeated = false;
        while began.elapsed() < PATIENCE {
            match self.send(api, seen).await? {
                Attempt::Answered(answer) => return Ok((answer, repeated)),
                Attempt::Lost if !outage.breaks_connections() => {
                    return Err(Failure::new(format!("{} was lost, and the service was not killed", self.path)));
                }
                Attempt::Lost | Attempt::Unavailable | Attempt::InProgress => {}
            }
            repeated = true;
            sleep(PAUSE).await;
        }
        Err(Failure::new(format!("{} was never answered", self.path)))
    }
}
