//! Soaks: what a store does when many are at it, and after long random use, at the use cases over it.
//!
//! The contract suite asks a store one question at a time. A soak asks the use cases, as an installation does, and for as
//! long as somebody likes:
//!
//! | harness | what a round is | what must be seen |
//! |---|---|---|
//! | [`redeemer_races`] | 2 to 64 redeemers of one single-use invitation | one succeeds, the others are told that it is used |
//! | [`different_invitations`] | 64 people, an invitation of one organisation each | all succeed |
//! | [`issues_to_one_address`] | 50 issues to one address | one live invitation |
//! | [`pairs`] | two operations on one invitation and organisation at once | answers and state of one of the two orders |
//! | [`authority_orders`] | issue, demote, remove, redeem and sponsor at once | what one of their orders comes to |
//! | [`random_operations`] | one operation of a random sequence | the answer and state the pure rules foretell |
//!
//! A [`Violation`] names the round and what repeats it. Nothing else is an error: a use case that answers "too many others
//! were at it" or "not available" is a violation as well.
//!
//! # To soak a store
//!
//! ```
//! use invite_testkit::{MemoryStore, soak::{self, Budget}};
//!
//! let seen = soak::redeemer_races(Budget { seed: 1, rounds: 11 }, async || MemoryStore::default()).unwrap();
//! assert_eq!(seen.rounds, 11);
//! ```
//!
//! The factory is asked for a store many times: before every batch of rounds, before every sequence. It may answer the same
//! one again, a clone, and should where a fresh one is dear: everything is done in organisations of its own. A store without
//! a [`Directory`](invite_domain::port::Directory) is spared the operations that need one.

mod at_once;
mod house;
mod issues;
mod orders;
mod pairs;
mod races;
mod random;
mod watched;

use crate::contract::Subject;
use std::fmt;

/// How long a soak is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    /// What its random choices begin with.
    pub seed: u64,
    /// How many rounds it runs; what a round is, the harness says.
    pub rounds: u64,
}

/// What a soak has seen, all of it as it must be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// How many rounds were run.
    pub rounds: u64,
    /// What there was in them, in a few words.
    pub words: String,
}

/// What must not be: where, and what repeats it.
#[derive(Clone, PartialEq, Eq)]
pub struct Violation(String);

impl Violation {
    fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What a test prints that unwraps it: lines and all.
        f.write_str(&self.0)
    }
}

impl std::error::Error for Violation {}

/// Refuses what is not as it must be.
macro_rules! must {
    ($holds:expr, $($words:tt)+) => {
        if !$holds {
            return Err($crate::soak::Violation::new(format!($($words)+)));
        }
    };
}
pub(crate) use must;

/// Runs redeemers of one single-use invitation at once: 2 to 64 of them in turn, small numbers more often, of an
/// invitation to an address and of one to a phone in turn (rule 5.2).
///
/// # Errors
/// Where not exactly one succeeds, another is told anything but that it is used, or what is stored says otherwise.
pub fn redeemer_races<S: Into<Subject>>(budget: Budget, factory: impl AsyncFn() -> S) -> Result<Seen, Violation> {
    on_threads()?.block_on(races::redeemers(budget, async || factory().await.into()))
}

/// Runs 64 people at once, each with an invitation of their own to one organisation.
///
/// # Errors
/// Where one of them does not become a member.
pub fn different_invitations<S: Into<Subject>>(
    budget: Budget,
    factory: impl AsyncFn() -> S,
) -> Result<Seen, Violation> {
    on_threads()?.block_on(races::different(budget, async || factory().await.into()))
}

/// Runs 50 issues to one address at once: refusing, returning and replacing the live one in turn (rule 3.2).
///
/// # Errors
/// Where there is not exactly one live invitation afterwards, or an issuer is told of another one.
pub fn issues_to_one_address<S: Into<Subject>>(
    budget: Budget,
    factory: impl AsyncFn() -> S,
) -> Result<Seen, Violation> {
    on_threads()?.block_on(issues::to_one_address(budget, async || factory().await.into()))
}

/// Runs every pair of operations at once: freely, and with the one held back at its commit until the other is done.
///
/// Answers and state must be those of one of the two orders, which the store in memory shows. In
/// [`pair_rounds`] rounds everything is run once; a smaller budget runs a part of it, which the seed chooses.
///
/// # Errors
/// Where they are of neither.
pub fn pairs<S: Into<Subject>>(budget: Budget, factory: impl AsyncFn() -> S) -> Result<Seen, Violation> {
    on_threads()?.block_on(pairs::soak(budget, async || factory().await.into()))
}

/// Runs issue, demote, remove, redeem and sponsor in each of their 120 orders one after the other, then at once for as many
/// rounds as the budget has (AUTHZ-6). The store needs a directory.
///
/// # Errors
/// Where a redemption succeeds although who answers for the invitation may no longer give what it grants, or answers and
/// state are those of no order.
pub fn authority_orders<S: Into<Subject>>(budget: Budget, factory: impl AsyncFn() -> S) -> Result<Seen, Violation> {
    on_threads()?.block_on(orders::soak(budget, async || factory().await.into()))
}

/// In how many rounds [`pairs`] has run everything once.
pub fn pair_rounds() -> u64 {
    pairs::all()
}

/// Runs random sequences of operations and compares every answer, and the state again and again, with a model that is
/// nothing but the pure rules over plain collections (assurance, part 2). A round is an operation.
///
/// # Errors
/// The shortest sequence found that shows the difference, with its seed.
pub fn random_operations<S: Into<Subject>>(budget: Budget, factory: impl AsyncFn() -> S) -> Result<Seen, Violation> {
    random::soak(budget, &on_threads()?, async || factory().await.into())
}

fn on_threads() -> Result<tokio::runtime::Runtime, Violation> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    runtime.map_err(|error| Violation::new(error.to_string()))
}

/// A number from 0 on, below `below`, that seed and place foretell.
fn chosen(seed: u64, place: u64, below: u64) -> u64 {
    let entropy = crate::SeededEntropy::new(seed ^ place.wrapping_mul(0xD6E8_FEB8_6659_FD93));
    let mut bytes = [0; 8];
    invite_domain::port::Entropy::fill(&entropy, &mut bytes);
    u64::from_le_bytes(bytes) % below.max(1)
}
