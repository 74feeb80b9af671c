//! Random sequences of operations, compared with the pure rules.

mod act;
mod answer;
mod deeds;
mod foretell;
mod model;
mod naming;
mod sequence;

use super::{Budget, Seen, Violation, chosen, house::House, watched::Watched};
use crate::{
    MemoryStore,
    contract::Subject,
    fake::{ManualClock, SeededEntropy},
};
use chrono::Duration;
use deeds::Deed;
use invite_domain::{
    access::Role,
    invitation::{AdministrationChange, Bounds},
    port::Entropy,
    service::{Settings, World},
};
use model::Model;
use proptest::{
    strategy::{BoxedStrategy, Just, Strategy as _},
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use proptest_state_machine::ReferenceStateMachine;
use sequence::run;
use std::{
    cell::{Cell, RefCell},
    sync::{Arc, PoisonError, RwLock, atomic::Ordering},
};
use tokio::runtime::Runtime;

/// How many operations a sequence has at the most.
const LENGTH: u64 = 200;

/// Short lives, so that sequences on one store, each later than the one before, take no thousands of years.
fn bounds() -> Bounds {
    Bounds {
        ttl_min: Duration::minutes(5),
        ttl_default: Duration::hours(1),
        ttl_max: Duration::hours(6),
        ..Bounds::default()
    }
}

/// The machine whose state is the model: what happens to it is what the pure rules say.
struct Rules;

thread_local! {
    /// What every sequence begins with, as far as the deeds are chosen by it. A strategy can be given nothing.
    static BEGINNING: RefCell<Option<Model>> = const { RefCell::new(None) };
}

impl ReferenceStateMachine for Rules {
    type State = Option<Model>;
    type Transition = Deed;

    fn init_state() -> BoxedStrategy<Self::State> {
        BEGINNING.with(|beginning| Just(beginning.borrow().clone())).boxed()
    }

    fn transitions(_: &Self::State) -> BoxedStrategy<Deed> {
        deeds::any_deed()
    }

    fn apply(mut state: Self::State, deed: &Deed) -> Self::State {
        if let Some(model) = &mut state {
            let _ = model.foretell(deed);
        }
        state
    }
}

/// Randomness that can be begun anew, so that model and use cases draw the same.
#[derive(Default)]
struct Renewed(RwLock<(u64, SeededEntropy)>);

impl Renewed {
    fn begin(&self, seed: u64) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = (seed, SeededEntropy::new(seed));
    }

    /// Begins once more: what is decided anew draws what the first decision did.
    fn again(&self) {
        let (seed, entropy) = &mut *self.0.write().unwrap_or_else(PoisonError::into_inner);
        *entropy = SeededEntropy::new(*seed);
    }
}

impl Entropy for Renewed {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.read().unwrap_or_else(PoisonError::into_inner).1.fill(bytes);
    }
}

/// The store's side of a sequence.
struct Stage {
    house: House,
    clock: ManualClock,
    entropy: Arc<Renewed>,
    own_roles: Vec<Role>,
}

impl Stage {
    async fn set(subject: Subject, word: &str, clock: &ManualClock) -> Self {
        let mut house = House::of(subject, word).await;
        house.scene.clock = clock.clone();
        let scene = &house.scene;
        let mut own_roles = vec![
            scene.role("crew", &["invitations.read", "members.read"]),
            scene.role("dispatch", &["invitations.read", "invitations.issue", "invitations.resend", "timesheets.read"]),
        ];
        for role in &mut own_roles {
            let written = scene.administer(AdministrationChange::InsertRole(Box::new(role.clone()))).await;
            role.number = written.number_of(role.id.as_uuid());
        }
        let entropy = Arc::new(Renewed::default());
        let outside = World { clock: Arc::new(clock.clone()), entropy: entropy.clone(), ..house.world.clone() };
        let drawn = Arc::clone(&entropy);
        let store = Watched::telling(Arc::clone(&house.subject.invitations), move || drawn.again());
        let house = house.watched(store, outside, &Settings { bounds: bounds(), ..Settings::default() });
        Self { house, clock: clock.clone(), entropy, own_roles }
    }

    fn model(&self, seed: u64) -> Result<Model, Violation> {
        let model = Model::of(&self.house.scene, &self.own_roles, &bounds(), seed);
        model.ok_or_else(|| Violation::new("the test ring has no active key"))
    }
}

pub(super) fn soak(budget: Budget, runtime: &Runtime, factory: impl AsyncFn() -> Subject) -> Result<Seen, Violation> {
    let beginning = runtime.block_on(async {
        let stage = Stage::set(MemoryStore::default().into(), "beginning", &ManualClock::default()).await;
        stage.model(budget.seed)
    })?;
    BEGINNING.with(|place| place.replace(Some(beginning)));
    // Shared by all sequences: where they are on one store, each happens later than the one before.
    let clock = ManualClock::default();
    let (runs, done, refused) = (Cell::new(0_u64), Cell::new(0_u64), Cell::new(0_u64));
    let mut sequence = 0;
    while done.get() < budget.rounds {
        let length = LENGTH.min(budget.rounds - done.get());
        let length = usize::try_from(length).unwrap_or(1);
        let mut bytes = [0; 32];
        SeededEntropy::new(chosen(budget.seed, sequence, u64::MAX)).fill(&mut bytes);
        let config = Config { cases: 1, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
        let strategy = Rules::sequential_strategy(length..=length);
        let result = runner.run(&strategy, |(_, deeds, seen)| {
            runs.set(runs.get() + 1);
            let word = format!("random-{:x}-{}", budget.seed, runs.get());
            let count = || {
                if let Some(seen) = &seen {
                    seen.fetch_add(1, Ordering::SeqCst);
                    done.set(done.get() + 1);
                }
            };
            let ran = runtime.block_on(async { run(factory().await, &word, &clock, &deeds, count).await });
            match ran {
                Ok(no) => {
                    refused.set(refused.get() + no);
                    Ok(())
                }
                Err(violation) => Err(TestCaseError::fail(violation.to_string())),
            }
        });
        match result {
            Ok(()) => {}
            Err(TestError::Fail(reason, (_, deeds, _))) => {
                let place = format!("seed {}, sequence {sequence}", budget.seed);
                let told: Vec<_> = deeds.iter().map(|deed| format!("    {deed:?}")).collect();
                let (count, told) = (deeds.len(), told.join("\n"));
                return Err(Violation::new(format!("{place}, shortened to {count} operations:\n{told}\n{reason}")));
            }
            Err(TestError::Abort(reason)) => return Err(Violation::new(format!("sequence {sequence}: {reason}"))),
        }
        sequence += 1;
    }
    let words = format!("0 violations, {sequence} sequences, {} of the operations refused", refused.get());
    Ok(Seen { rounds: done.get(), words })
}
