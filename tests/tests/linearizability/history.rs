//! Histories: who asked what when, and what was answered.

use super::spec::{Offer, Op, Ret};
use invite_tests::{Failure, Result};
use stateright::semantics::{ConsistencyTester as _, LinearizabilityTester};
use std::collections::BTreeMap;

/// One moment of a history, in the order of real time. A thread asks one thing at a time; one that never gets an answer
/// is not heard of again.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Asked(u32, Op),
    Answered(u32, Ret),
}

/// What became of one invitation.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) entries: Vec<Entry>,
}

impl History {
    /// Whether there is an order of the requests that explains every answer, and no answered request comes after one that
    /// was asked later.
    ///
    /// # Errors
    /// A history that cannot be one.
    pub(crate) fn is_linearizable(&self, start: &Offer) -> Result<bool> {
        let mut tester = LinearizabilityTester::new(start.clone());
        for entry in &self.entries {
            let recorded = match entry.clone() {
                Entry::Asked(thread, op) => tester.on_invoke(thread, op),
                Entry::Answered(thread, ret) => tester.on_return(thread, ret),
            };
            recorded.map_err(Failure::new)?;
        }
        Ok(tester.is_consistent())
    }

    /// How many requests had no answer.
    pub(crate) fn open(&self) -> usize {
        let asked = self.entries.iter().filter(|entry| matches!(entry, Entry::Asked(..))).count();
        asked * 2 - self.entries.len()
    }

    /// The places of the answers.
    pub(crate) fn answers(&self) -> impl Iterator<Item = (usize, &Ret)> {
        self.entries.iter().enumerate().filter_map(|(place, entry)| match entry {
            Entry::Answered(_, ret) => Some((place, ret)),
            Entry::Asked(..) => None,
        })
    }

    /// The same history with another answer at this place.
    pub(crate) fn with(&self, place: usize, ret: Ret) -> Self {
        let mut other = self.clone();
        if let Entry::Answered(_, answered) = &mut other.entries[place] {
            *answered = ret;
        }
        other
    }

    /// Line by line.
    pub(crate) fn told(&self) -> String {
        self.entries.iter().fold(String::new(), |text, entry| format!("{text}\n  {entry:?}"))
    }

    /// How often each kind of answer was given.
    pub(crate) fn count(&self, counts: &mut BTreeMap<String, u64>) {
        for (_, ret) in self.answers() {
            let kind = match ret {
                Ret::Shown(_) => "shown".to_owned(),
                Ret::Offered { .. } => "offered".to_owned(),
                Ret::Redeemed { again: false, .. } => "redeemed".to_owned(),
                Ret::Redeemed { again: true, .. } => "redeemed again".to_owned(),
                Ret::Declined => "declined".to_owned(),
                Ret::Refused(status, code) => format!("{status} {code}"),
            };
            *counts.entry(kind).or_default() += 1;
        }
    }
}
