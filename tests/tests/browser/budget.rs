//! What a page may weigh, and what the pages of this run weighed.

use invite_tests::browser::Traffic;
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What an invitee's page may weigh with everything it loads: bytes as transferred, headers included.
const BYTES: u64 = 30_000;

/// The heaviest each page was seen at: bytes and requests.
static SEEN: Mutex<BTreeMap<String, (u64, usize)>> = Mutex::new(BTreeMap::new());

fn seen() -> MutexGuard<'static, BTreeMap<String, (u64, usize)>> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes a page, and tells what is wrong with it.
pub(crate) fn note(page: &str, traffic: &Traffic) -> Option<String> {
    let weight = (traffic.bytes(), traffic.requests.len());
    let mut seen = seen();
    let heaviest = seen.entry(page.to_owned()).or_default();
    *heaviest = (*heaviest).max(weight);
    (weight.0 > BYTES).then(|| format!("{} bytes of at most {BYTES}: {traffic:#?}", weight.0))
}

/// Prints what the pages weighed, the heaviest first.
pub(crate) fn print() {
    let seen = seen();
    let mut pages: Vec<_> = seen.iter().collect();
    pages.sort_by_key(|(_, weight)| std::cmp::Reverse(**weight));
    if !pages.is_empty() {
        println!("\nwhat pages weigh with everything they load, of at most {BYTES} bytes; no script holds one up:");
    }
    for (page, (bytes, requests)) in pages {
        println!("{bytes:>7} bytes {requests:>3} requests  {page}");
    }
}
