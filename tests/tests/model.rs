//! Every order of redeeming, sending again, withdrawing, demoting and dying, walked through by a model checker.
//!
//! The rules are the product's own pure functions; the store is a small reference that holds the guards of a plan and
//! writes it in one step. In every state what must be true is true; and with any one promise of the store taken away, it
//! is not: the checker finds the steps that lead there.

#[path = "model/facts.rs"]
mod facts;
#[path = "model/properties.rs"]
mod properties;
#[path = "model/row.rs"]
mod row;
#[path = "model/scenes.rs"]
mod scenes;
#[path = "model/store.rs"]
mod store;
#[path = "model/walk.rs"]
mod walk;

use invite_tests::{Failure, Result, soak};
use properties::{
    ADDRESS, CHANGES, DEMOTED, END, HANDED, KEY, LIVE, MEMBERSHIP, OVERTAKEN, OWNER, RESTS, SETTLED, TOLD, USES, WAITS,
};
use scenes::Stage;
use stateright::{Checker as _, HasDiscoveries, Model as _, Path};
use std::{
    collections::{BTreeSet, HashSet},
    time::Instant,
};
use store::Promise;
use walk::{Budget, Scene};

/// How many states the large scenes are walked through where nobody asks for all.
const STATES: u64 = 100_000;
/// How many steps a violation is looked for.
const ENOUGH: usize = 1_000_000;
const THREADS: usize = 2;

const ONE_CRASH: Budget = Budget { crashes: 1, pauses: 0, failures: 0 };

/// Walks through a scene, and answers how many different states there were and how deep it goes.
fn walk(scene: Scene, most: Option<u64>) -> Result<(usize, usize)> {
    let name = scene.name;
    let whole = most.is_none();
    let mut builder = scene.checker().threads(THREADS);
    if let Some(most) = most {
        builder = builder.target_state_count(usize::try_from(most)?);
    }
    let checker = builder.spawn_bfs().join();
    for property in checker.model().properties() {
        match checker.discovery(property.name) {
            Some(path) if property.expectation.discovery_is_failure() => {
                return Err(Failure::new(format!("{name}: not so: {}: {}", property.name, told(&path))));
            }
            None if whole && !property.expectation.discovery_is_failure() => {
                return Err(Failure::new(format!("{name}: never: {}", property.name)));
            }
            _ => {}
        }
    }
    Ok((checker.unique_state_count(), checker.max_depth()))
}

/// The steps of a path.
fn told<S, A: std::fmt::Debug>(path: &Path<S, A>) -> String
where
    Path<S, A>: Clone,
{
    format!("{:?}", path.clone().into_actions())
}

/// The scenes that are small enough to be walked through whole, every time.
fn small_scenes(stage: &Stage) -> Vec<Scene> {
    vec![
        stage.one_link(5, ONE_CRASH),
        stage.two_links_one_person(false),
        stage.two_links_one_person(true),
        stage.two_organizations_one_address(false),
        stage.two_organizations_one_address(true),
        stage.issuing(true),
        stage.issuing(false),
        stage.outbox(ONE_CRASH),
        stage.two_owners(),
    ]
}

/// The scenes with everybody in them. They are walked through as far as the budget goes, or whole where one is given.
fn large_scenes(stage: &Stage) -> Vec<Scene> {
    vec![
        stage.one_link(8, Budget { crashes: 1, pauses: 0, failures: 0 }),
        stage.outbox(Budget { crashes: 1, pauses: 1, failures: 1 }),
    ]
}

#[tokio::test]
async fn in_every_order_of_steps_and_crashes_what_must_be_true_is_true() -> Result<()> {
    let (stage, started) = (Stage::set().await, Instant::now());
    let (mut states, mut deepest) = (0, 0);
    for scene in small_scenes(&stage) {
        let (name, began) = (scene.name, Instant::now());
        let (found, depth) = walk(scene, None)?;
        println!("{name}: {found} states, depth {depth}, {:.1} s", began.elapsed().as_secs_f64());
        (states, deepest) = (states + found, deepest.max(depth));
    }
    let result = format!("all {states} states, depth {deepest}, 0 violations");
    soak::Figure::new("model, small scenes", "pure rules")
        .rounds(u64::try_from(states)?)
        .started(started)
        .result(result)
        .record()
}

#[tokio::test]
async fn with_everybody_at_once_what_must_be_true_is_true() -> Result<()> {
    let stage = Stage::set().await;
    // Asked for a budget at all, the checker takes all there is.
    let whole = soak::rounds(0)? > 0;
    for scene in large_scenes(&stage) {
        let (name, began) = (scene.name, Instant::now());
        let (states, depth) = walk(scene, (!whole).then_some(STATES))?;
        let extent = if whole { "all" } else { "the first" };
        let result = format!("{extent} {states} states of the scene with {name}, depth {depth}, 0 violations");
        let figure = soak::Figure::new("model, large scenes", "pure rules").rounds(u64::try_from(states)?);
        figure.started(began).result(result).record()?;
    }
    Ok(())
}

/// What goes wrong without each promise of the store, and where it shows.
fn removals(stage: &Stage) -> Vec<(&'static [Promise], Scene, &'static str)> {
    let one_link = || stage.one_link(5, Budget::default());
    let with_mail = || stage.one_link(6, Budget::default());
    let outbox = |crashes, pauses, failures| stage.outbox(Budget { crashes, pauses, failures });
    vec![
        (&[Promise::InvitationAt], one_link(), USES),
        (&[Promise::InvitationAt], one_link(), END),
        (&[Promise::InvitationAt], one_link(), OVERTAKEN),
        (&[Promise::Epoch], one_link(), DEMOTED),
        (&[Promise::AccountAt], stage.two_organizations_one_address(true), CHANGES),
        (&[Promise::MembershipAt], stage.two_links_one_person(true), CHANGES),
        (&[Promise::FreeMembership], stage.two_links_one_person(false), MEMBERSHIP),
        (&[Promise::FreeAccountAddress], stage.two_organizations_one_address(false), ADDRESS),
        (&[Promise::FreeLive], stage.issuing(false), LIVE),
        (&[Promise::FreeIdempotency], stage.issuing(true), KEY),
        (&[Promise::AnswerInPlan], stage.outbox(ONE_CRASH), KEY),
        (&[Promise::MessagesInPlan], stage.outbox(ONE_CRASH), TOLD),
        (&[Promise::CancelMessages], with_mail(), WAITS),
        (&[Promise::LeaseFences], outbox(0, 1, 0), RESTS),
        (&[Promise::LeaseExcludes], outbox(0, 0, 0), HANDED),
        (&[Promise::LeaseEnds], outbox(1, 0, 0), SETTLED),
        // Whoever takes an owner's role away also raises the epoch. Each of the two guards alone keeps the last owner.
        (&[Promise::OwnerRemains, Promise::Epoch], stage.two_owners(), OWNER),
    ]
}

#[tokio::test]
async fn without_any_one_promise_the_checker_finds_the_steps_to_a_violation() -> Result<()> {
    let (stage, started) = (Stage::set().await, Instant::now());
    let mut found = 0_u64;
    for (broken, scene, property) in removals(&stage) {
        let scene = Scene { broken: broken.iter().copied().collect(), possible: Vec::new(), ..scene };
        let name = scene.name;
        let checker = scene.checker().finish_when(HasDiscoveries::AnyOf(BTreeSet::from([property])));
        // What is broken may go round in circles for ever.
        let checker = checker.target_state_count(ENOUGH);
        let checker = checker.spawn_bfs().join();
        let Some(path) = checker.discovery(property) else {
            return Err(Failure::new(format!("without {broken:?} it is still so, with {name}: {property}")));
        };
        println!("without {broken:?}, with {name}: {property}: {}", told(&path));
        found += 1;
    }
    let result = format!("{found} removals, {found} counter-examples");
    soak::Figure::new("model, guards removed", "pure rules").rounds(found).started(started).result(result).record()
}

/// Two promises that each keep the last owner: that neither is needed alone is no reason to have none.
#[tokio::test]
async fn either_guard_alone_keeps_the_last_owner() -> Result<()> {
    let stage = Stage::set().await;
    for promise in [Promise::OwnerRemains, Promise::Epoch] {
        let scene = Scene { broken: BTreeSet::from([promise]), possible: Vec::new(), ..stage.two_owners() };
        let checker = scene.checker().spawn_bfs().join();
        assert!(checker.discovery(OWNER).is_none(), "without {promise:?}");
    }
    Ok(())
}

/// The table above leaves no guard out that a plan of these scenes has. A code that is drawn twice does not happen here:
/// the store's contract has a case for it.
#[tokio::test]
async fn every_guard_of_every_plan_in_the_scenes_is_taken_away_once() -> Result<()> {
    let stage = Stage::set().await;
    let (mut promises, mut plans) = (BTreeSet::new(), 0);
    for scene in small_scenes(&stage) {
        let (mut ahead, mut seen) = (scene.init_states(), HashSet::new());
        while let Some(state) = ahead.pop() {
            if seen.insert(state.clone()) {
                promises.extend(properties::promises_in(&state, &mut plans)?);
                ahead.extend(scene.next_states(&state));
            }
        }
    }
    let removed: BTreeSet<_> = removals(&stage).iter().flat_map(|(broken, ..)| broken.iter().copied()).collect();
    assert!(plans > 0);
    assert_eq!(promises.difference(&removed).copied().collect::<Vec<_>>(), [Promise::FreeCode]);
    Ok(())
}
