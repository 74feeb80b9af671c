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
    use crate::Language::{self, De, En, Es, Fr};
    use proptest::prelude::*;

    #[test]
    fn r8_3_the_first_candidate_that_is_a_known_language_wins() {
        let cases: [(&[Option<&str>], Language); 12] = [
            (&[], En),
            (&[None, None], En),
            (&[Some("fr")], Fr),
            (&[None, Some("fr-CA"), Some("en")], Fr),
            (&[Some("en"), Some("fr")], En),
            (&[Some("ja"), None, Some("fr")], Fr),
            (&[Some("ja"), Some("")], En),
            (&[Some("nonsense tag"), Some("FR")], Fr),
            (&[None, None, Some("de-CH"), Some("es")], De),
            (&[Some("es-MX"), Some("de"), Some("fr"), Some("en")], Es),
            (&[Some("pt"), Some("it"), Some("es"), Some("en")], Es),
            (&[Some("nl"), Some("deu"), Some("spa"), Some("english")], En),
        ];
        for (candidates, expected) in cases {
            assert_eq!(negotiate(candidates), expected, "{candidates:?}");
        }
    }

    #[test]
    fn r8_3_each_place_of_the_chain_decides_when_those_before_it_say_nothing_we_know() {
        // Invitation, account, organisation, operator, each language in each place.
        for turn in 0..4 {
            let mut chain = Language::ALL.to_vec();
            chain.rotate_left(turn);
            for silent in 0..=4 {
                for nothing in [None, Some("ja"), Some("")] {
                    let said = |(place, language): (usize, &Language)| {
                        if place < silent { nothing } else { Some(language.tag()) }
                    };
                    let candidates: Vec<Option<&str>> = chain.iter().enumerate().map(said).collect();
                    let expected = chain.get(silent).copied().unwrap_or(En);
                    assert_eq!(negotiate(&candidates), expected, "{candidates:?}");
                }
            }
        }
    }

    #[test]
    fn r8_3_a_browser_gets_the_known_language_it_weighs_highest() {
        let cases = [
            ("fr", Some(Fr)),
            ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", Some(Fr)),
            ("en;q=0.5, fr;q=0.6", Some(Fr)),
            ("en;q=0.5,fr;q=0.5", Some(En)),
            ("it, en;q=0.001", Some(En)),
            ("de", Some(De)),
            ("de-AT, de;q=0.9, en;q=0.8", Some(De)),
            ("es-419, es;q=0.9, pt;q=0.8, en;q=0.7", Some(Es)),
            ("en;q=0.4, fr;q=0.5, de;q=0.7, es;q=0.6", Some(De)),
            ("en;q=0.4, fr;q=0.5, de;q=0.599, es;q=0.6", Some(Es)),
            ("es;q=0.3, de;q=0.3, fr;q=0.3, en;q=0.3", Some(Es)),
            ("de;q=0, es;q=0, *", None),
            ("de;q=0, es;q=0, fr;q=0.2, *", Some(Fr)),
            ("it-CH, gsw;q=0.9, de-CH;q=0.8, en;q=0.1", Some(De)),
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
            for language in Language::ALL {
                prop_assert_eq!(from_accept_language(&format!("{},{tail}", language.tag())), Some(*language));
            }
        }

        #[test]
        fn of_four_weights_the_highest_wins_in_whatever_order_they_stand(weights in prop::array::uniform4(1_u16..=999), turn in 0_usize..4) {
            let mut ranges: Vec<(Language, u16)> = Language::ALL.iter().copied().zip(weights).collect();
            ranges.rotate_left(turn);
            let header: Vec<String> =
                ranges.iter().map(|(language, weight)| format!("{};q=0.{weight:03}", language.tag())).collect();
            let most = weights.iter().max().copied();
            let expected = ranges.iter().find(|(_, weight)| Some(*weight) == most).map(|(language, _)| *language);
            prop_assert_eq!(from_accept_language(&header.join(", ")), expected);
        }
    }
}
