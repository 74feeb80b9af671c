//! Soaks of every store: races, pairs of operations, long random use. `invite_testkit::soak` says what each holds.
//!
//! Small here; large where `INVITE_SOAK_ROUNDS` says so, for the trials a filter names:
//! `INVITE_SOAK_ROUNDS=10000 cargo test --release -p invite-storage --test soak -- redeemer_races::postgres`.
//!
//! The SQLite file is written as in the other tests, `synchronous` normal: no power is cut here.

mod support;

use invite_testkit::{
    MemoryStore,
    contract::Subject,
    soak::{self, Budget, Seen, Violation},
};
use invite_tests::{
    Failure,
    requires::{Requirement, Suite},
    soak::{Figure, rounds, seed},
};
use std::{process::ExitCode, sync::Arc, time::Instant};
use support::engines::Engine;
use tokio::sync::OnceCell;

/// What random choices begin with where nobody says otherwise.
const SEED: u64 = 4;

/// Where a soak happens.
#[derive(Clone)]
enum Place {
    Memory,
    Sqlite,
    Server(&'static str, Engine),
}

impl Place {
    fn name(&self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
            Self::Server(name, _) => name,
        }
    }

    async fn subject(&self) -> Subject {
        match self {
            Self::Memory => MemoryStore::default().into(),
            Self::Sqlite => support::subject().await,
            Self::Server(_, engine) => engine.subject().await,
        }
    }
}

/// A harness and how much of it is run by default: in memory, on SQLite, on a server.
struct Harness {
    name: &'static str,
    rounds: [u64; 3],
    run: fn(Budget, &Place) -> Result<Seen, Violation>,
}

/// The stores of a soak: a fresh one each time in memory, where that costs nothing and a large one is slow; else one.
macro_rules! on {
    ($harness:ident) => {
        |budget, place| {
            let only = OnceCell::<Subject>::new();
            soak::$harness(budget, async || match place {
                Place::Memory => place.subject().await,
                Place::Sqlite | Place::Server(..) => only.get_or_init(|| place.subject()).await.clone(),
            })
        }
    };
}

const HARNESSES: [Harness; 6] = [
    Harness { name: "redeemer_races", rounds: [220, 22, 11], run: on!(redeemer_races) },
    Harness { name: "different_invitations", rounds: [5, 1, 1], run: on!(different_invitations) },
    Harness { name: "issues_to_one_address", rounds: [9, 3, 3], run: on!(issues_to_one_address) },
    Harness { name: "pairs", rounds: [300, 40, 20], run: on!(pairs) },
    Harness { name: "authority_orders", rounds: [300, 30, 15], run: on!(authority_orders) },
    Harness { name: "random_operations", rounds: [4_000, 1_000, 400], run: on!(random_operations) },
];

fn run(harness: &Harness, place: &Place, default: u64) -> invite_tests::Result<()> {
    let budget = Budget { seed: seed(SEED)?, rounds: rounds(default)? };
    let started = Instant::now();
    let seen =
        (harness.run)(budget, place).map_err(|violation| Failure::new(format!("seed {}: {violation}", budget.seed)))?;
    let figure = Figure::new(harness.name, place.name()).seed(budget.seed).rounds(seen.rounds).started(started);
    figure.result(seen.words).record()
}

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    let servers = [
        ("postgres", Requirement::Postgres, Engine::new(Requirement::Postgres)),
        ("mariadb", Requirement::Mariadb, Engine::new(Requirement::Mariadb)),
    ];
    for harness in HARNESSES {
        let harness = Arc::new(harness);
        let [memory, sqlite, server] = harness.rounds;
        let own = [(Place::Memory, None, memory), (Place::Sqlite, None, sqlite)];
        let lent = servers
            .iter()
            .map(|(name, requirement, engine)| (Place::Server(name, engine.clone()), Some(*requirement), server));
        for (place, requirement, default) in own.into_iter().chain(lent) {
            let harness = Arc::clone(&harness);
            suite.trial(&format!("{}::{}", harness.name, place.name()), requirement, move || {
                Ok(run(&harness, &place, default)?)
            });
        }
    }
    let conclusion = suite.run();
    support::engines::end(servers.map(|(_, _, engine)| engine));
    conclusion
}
