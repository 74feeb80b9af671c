//! What of a searched part is worth looking up in an index of parts.
//!
//! Such an index holds, for every three letters or digits in a row, the rows that have them, and a search reads what it holds for
//! all of the part's. Of three that stand in every address that is every row: `person-00791900` would read a million rows for
//! `per`, `ers`, `rso` and `son` to find the few with `791`. So only those are looked up that few addresses hold. The part itself is
//! compared wherever they are found.

use std::ops::Range;

/// How many addresses tell what most hold.
pub(super) const SAMPLE: u64 = 200;

/// Few are one in so many.
const FEW: usize = 20;

/// Fewer addresses than this tell nothing.
const LEAST: usize = 100;

/// How many characters the index knows rows by.
const LENGTH: usize = 3;

/// Whether the part is so short that there is nothing to leave out.
pub(super) fn is_short(part: &str) -> bool {
    part.chars().count() <= LENGTH
}

/// The longest run of the part of which few of the addresses hold any three characters; `None` where there is none. Addresses are in
/// small letters.
pub(super) fn run(part: &str, addresses: &[String]) -> Option<String> {
    if addresses.len() < LEAST {
        return None;
    }
    let part = part.to_ascii_lowercase();
    let places: Vec<usize> = part.char_indices().map(|(at, _)| at).chain([part.len()]).collect();
    let mut longest: Option<Range<usize>> = None;
    let mut here: Option<Range<usize>> = None;
    for window in places.windows(LENGTH + 1) {
        let (begin, end) = (window[0], window[LENGTH]);
        here = is_rare(&part[begin..end], addresses).then(|| here.map_or(begin, |run| run.start)..end);
        let is_longer = |run: &Range<usize>| longest.as_ref().is_none_or(|longest| run.len() > longest.len());
        if let Some(run) = here.clone().filter(is_longer) {
            longest = Some(run);
        }
    }
    longest.map(|run| part[run].to_owned())
}

/// Other characters than these end a word for the index, or may do so.
fn is_rare(three: &str, addresses: &[String]) -> bool {
    let holding = || addresses.iter().filter(|address| address.contains(three)).count();
    three.bytes().all(|byte| byte.is_ascii_alphanumeric()) && holding() * FEW <= addresses.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(number: usize) -> Vec<String> {
        (0..number).map(|n| format!("person-{:06}@team{}.example.org", n * 7_919 % 1_000_003, n % 7)).collect()
    }

    #[test]
    fn what_every_address_holds_is_left_out() {
        let addresses = addresses(200);
        assert_eq!(run("person-791900", &addresses).as_deref(), Some("791900"));
        assert_eq!(run("Smith-person", &addresses).as_deref(), Some("smith"));
        assert_eq!(run("791@team3.example.org", &addresses).as_deref(), Some("791"));
        assert_eq!(run("guest", &addresses).as_deref(), Some("guest"));
        assert_eq!(run("abc-12345", &addresses).as_deref(), Some("12345"), "the longer one");
    }

    #[test]
    fn where_nothing_is_rare_or_known_the_part_stays() {
        assert_eq!(run("example.org", &addresses(200)), None);
        assert_eq!(run("person-791900", &addresses(99)), None);
        assert_eq!(run("", &addresses(200)), None);
        assert_eq!(run("é-é", &addresses(200)), None);
        assert_eq!(run("%_\\", &addresses(200)), None);
        assert!(is_short("äöü") && !is_short("abcd"));
    }
}
