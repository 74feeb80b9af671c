//! Which language a reader gets (rules 8.3).

use crate::Language;

/// The first candidate that names a language of the catalogue, else [`Language::FALLBACK`].
///
/// The caller gives the order. A mail: invitation, account, organisation, operator. A page: the person's choice, the
/// browser ([`from_accept_language`]), invitation, organisation, operator.
pub fn negotiate(candidates: &[Option<&str>]) -> Language {
    candidates.iter().flatten().find_map(|tag| Language::parse(tag)).unwrap_or(Language::FALLBACK)
}

/// The language of the catalogue a browser likes best, from the value of its `Accept-Language` header (RFC 9110, 12.5.4).
///
/// The highest weight wins, among equal ones the first. A weight of zero means "not this one". `*` names no language, so
/// it is passed over: the next candidate of the caller knows more about the reader than it does. What is malformed is
/// passed over, too.
pub fn from_accept_language(header: &str) -> Option<Language> {
    let mut best: Option<(Language, u16)> = None;
    for range in header.split(',') {
        let Some((language, weight)) = weighted(range) else { continue };
        if weight > best.map_or(0, |(_, most)| most) {
            best = Some((language, weight));
        }
    }
    best.map(|(language, _)| language)
}

/// One element of the header: the language and its weight in thousandths.
fn weighted(range: &str) -> Option<(Language, u16)> {
    let (tag, weight) = match range.split_once(';') {
        None => (range, 1000),
        Some((tag, parameter)) => {
            let (name, value) = parameter.split_once('=')?;
            if !name.trim().eq_ignore_ascii_case("q") {
                return None;
            }
            (tag, thousandths(value.trim())?)
        }
    };
    Some((Language::parse(tag)?, weight))
}

/// `qvalue` of RFC 9110, 12.4.2: 0 to 1 with at most three decimals.
fn thousandths(value: &str) -> Option<u16> {
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let fraction = format!("{decimals:0<3}").parse::<u16>().ok()?;
    match (whole, fraction) {
        ("0", _) => Some(fraction),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{from_accept_language, negotiate};
    use crate::Language::{self, En, Fr};
    use proptest::prelude::*;

    #[test]
    fn r8_3_the_first_candidate_that_is_a_known_language_wins() {
        let cases: [(&[Option<&str>], Language); 8] = [
            (&[], En),
            (&[None, None], En),
            (&[Some("fr")], Fr),
            (&[None, Some("fr-CA"), Some("en")], Fr),
            (&[Some("en"), Some("fr")], En),
            (&[Some("ja"), None, Some("fr")], Fr),
            (&[Some("ja"), Some("")], En),
            (&[Some("nonsense tag"), Some("FR")], Fr),
        ];
        for (candidates, expected) in cases {
            assert_eq!(negotiate(candidates), expected, "{candidates:?}");
        }
    }

    #[test]
    fn r8_3_a_browser_gets_the_known_language_it_weighs_highest() {
        let cases = [
            ("fr", Some(Fr)),
            ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", Some(Fr)),
            ("en;q=0.5, fr;q=0.6", Some(Fr)),
            ("en;q=0.5,fr;q=0.5", Some(En)),
            ("de, en;q=0.001", Some(En)),
            ("ja, fr ; Q=0.25", Some(Fr)),
            ("fr;q=0, en;q=0.1", Some(En)),
            ("fr;q=0", None),
            ("fr;q=0.000", None),
            ("fr;q=1.000, en", Some(Fr)),
            ("fr;q=1.001, en;q=0.1", Some(En)),
            ("fr;q=0.1234, en;q=0.1", Some(En)),
            ("fr;q=-1, en;q=0.1", Some(En)),
            ("fr;q=, fr;level=1, fr;q, en;q=0.1", Some(En)),
            ("*", None),
            ("*;q=0.5, ja", None),
            ("", None),
            (",,;;==", None),
        ];
        for (header, expected) in cases {
            assert_eq!(from_accept_language(header), expected, "{header:?}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_fail_and_an_unweighted_known_language_in_front_always_wins(tail in ".{0,200}") {
            prop_assert_eq!(from_accept_language(&format!("fr,{tail}")), Some(Fr));
        }
    }
}
