//! Every pair of operations at once, and the two orders they may come to.

mod deeds;
mod rising;
mod stage;
mod view;

use super::{
    Budget, Seen, Violation,
    at_once::at_once,
    chosen, must,
    watched::{Gate, Watched, counted},
};
use crate::{MemoryStore, contract::Subject};
use deeds::Deed;
use stage::{Situation, Stage};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Who waits for whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Course {
    /// Both go.
    Free,
    /// The first has loaded and decided, and commits once the second is done.
    FirstHeld,
    /// The second has loaded and decided, and commits once the first is done.
    SecondHeld,
}

const COURSES: [Course; 3] = [Course::Free, Course::FirstHeld, Course::SecondHeld];

/// One thing to try.
#[derive(Clone, Copy, Debug)]
struct Trial {
    situation: Situation,
    deeds: [Deed; 2],
    course: Course,
}

/// What two operations came to: the answers, and the state after both.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Ending {
    answers: [String; 2],
    state: Vec<String>,
}

fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for situation in Situation::ALL {
        for (place, first) in Deed::ALL.into_iter().enumerate() {
            for second in &Deed::ALL[place..] {
                for course in COURSES {
                    trials.push(Trial { situation, deeds: [first, *second], course });
                }
            }
        }
    }
    trials
}

pub(super) fn all() -> u64 {
    trials().len().try_into().unwrap_or(u64::MAX)
}

pub(super) async fn soak(budget: Budget, factory: impl AsyncFn() -> Subject) -> Result<Seen, Violation> {
    let trials = trials();
    let count = u64::try_from(trials.len()).unwrap_or(u64::MAX);
    // A step that shares no factor with the count visits every trial once before it comes to one again.
    let mut step = chosen(budget.seed, 0, count).max(1);
    while common(step, count) != 1 {
        step += 1;
    }
    let (mut place, mut most) = (chosen(budget.seed, 1, count), 0);
    for round in 0..budget.rounds {
        let trial = trials[usize::try_from(place).unwrap_or_default()];
        place = (place + step) % count;
        let word = format!("pairs-{:x}-{round}", budget.seed);
        let commits = one(trial, &word, &factory)
            .await
            .map_err(|violation| Violation::new(format!("round {round}, {trial:?}: {violation}")))?;
        most = most.max(commits);
    }
    let words = format!(
        "0 violations, {} of {count} pairs, situations and courses, most commits until done {most}",
        budget.rounds.min(count)
    );
    Ok(Seen { rounds: budget.rounds, words })
}

fn common(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common(b, a % b) }
}

async fn one(trial: Trial, word: &str, factory: &impl AsyncFn() -> Subject) -> Result<u32, Violation> {
    let stage = Box::pin(Stage::set(factory().await, word, trial.situation)).await?;
    if trial.deeds.iter().any(|deed| deed.needs_directory()) && stage.house.services.directory.is_none() {
        return Ok(0);
    }
    let (ending, commits) = at_the_same_time(&stage, trial).await?;
    let [first, second] = trial.deeds;
    let forward = Box::pin(in_order(trial.situation, word, [first, second])).await?;
    let mut backward = Box::pin(in_order(trial.situation, word, [second, first])).await?;
    backward.answers.reverse();
    must!(
        ending == forward || ending == backward,
        "it came to\n{}\none after the other it is instead\n{}\nor\n{}",
        told(&ending, None),
        told(&forward, Some(&ending)),
        told(&backward, Some(&ending))
    );
    Ok(commits)
}

/// An ending in lines; only those another one has not, where there is another one.
fn told(ending: &Ending, other: Option<&Ending>) -> String {
    let lines = |ending: &Ending| -> Vec<String> {
        let answers = ending.answers.iter().zip(["first", "second"]).map(|(answer, who)| format!("  {who}: {answer}"));
        answers.chain(ending.state.iter().map(|line| format!("    {line}"))).collect()
    };
    let others = other.map(lines).unwrap_or_default();
    let lines: Vec<_> = lines(ending).into_iter().filter(|line| !others.contains(line)).collect();
    lines.join("\n")
}

/// Both at once on the store under test.
async fn at_the_same_time(stage: &Stage, trial: Trial) -> Result<(Ending, u32), Violation> {
    let held = match trial.course {
        Course::Free => None,
        Course::FirstHeld => Some(0),
        Course::SecondHeld => Some(1),
    };
    let ((arrived, arrival), (done, open)) = (oneshot::channel(), oneshot::channel());
    let (mut gate, mut signals) = (Some(Gate { arrived, open }), Some((arrival, done)));
    let mut tasks = Vec::new();
    for (place, deed) in trial.deeds.into_iter().enumerate() {
        let inner = Arc::clone(&stage.house.subject.invitations);
        let gate = if held == Some(place) { gate.take() } else { None };
        let signals = if held == Some(1 - place) { signals.take() } else { None };
        let store = Arc::new(match gate {
            Some(gate) => Watched::held(inner, gate),
            None => Watched::new(inner),
        });
        let (actors, services) = (stage.actors.clone(), stage.services(store));
        tasks.push(counted(async move {
            let Some((arrival, done)) = signals else { return deed.run(&actors, &services).await };
            // An error says that the other one ended without a commit.
            let _ = arrival.await;
            let answer = deed.run(&actors, &services).await;
            let _ = done.send(());
            answer
        }));
    }
    let answers = at_once(tasks).await?;
    let most = answers.iter().map(|(_, commits)| *commits).max().unwrap_or_default();
    let [first, second]: [_; 2] =
        answers.try_into().map_err(|_| Violation::new("two tasks gave another number of answers"))?;
    let after = view::state(stage).await?;
    Ok((Ending { answers: [first.0?, second.0?], state: after }, most))
}

/// One after the other on the store in memory.
async fn in_order(situation: Situation, word: &str, deeds: [Deed; 2]) -> Result<Ending, Violation> {
    let stage = Box::pin(Stage::set(MemoryStore::default().into(), word, situation)).await?;
    let services = &stage.house.services;
    let answers = [deeds[0].run(&stage.actors, services).await?, deeds[1].run(&stage.actors, services).await?];
    Ok(Ending { answers, state: view::state(&stage).await? })
}
