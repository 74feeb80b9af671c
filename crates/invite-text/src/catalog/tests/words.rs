//! The words themselves: typography, form of address, and that nothing is left in another language.

use std::collections::{BTreeMap, BTreeSet};

use super::inspected;
use crate::Language::{self, De, En, Es, Fr};

/// The literal text of every message, its pieces joined by a vertical bar.
fn literals(language: Language) -> BTreeMap<String, String> {
    let text = |pieces: Vec<String>| pieces.iter().map(|piece| piece.trim()).collect::<Vec<_>>().join("|");
    inspected(language).into_iter().map(|(key, message)| (key, text(message.literals))).collect()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

#[test]
fn messages_use_the_typography_of_their_language_and_no_markup() {
    for language in Language::ALL {
        for (key, message) in inspected(*language) {
            // Pieces stand apart, as by what a variable holds.
            let text = message.literals.join("\u{0}");
            let wrong = |what: &str| panic!("{key} in {language:?} has {what}: {text}");
            if text.contains(['\'', '"', '<', '>', '&']) {
                wrong("a straight quotation mark or markup");
            }
            if text.contains("  ") || text.contains(" ,") || text.contains(" .") {
                wrong("a space too many");
            }
            if text.contains("...") {
                wrong("three dots instead of an ellipsis");
            }
            let (foreign, pair) = match language {
                En => (['„', '«', '»', '‹'], ['“', '”']),
                Fr | Es => (['„', '“', '”', '‹'], ['«', '»']),
                De => (['”', '«', '»', '‹'], ['„', '“']),
            };
            if text.contains(foreign) || text.matches(pair[0]).count() != text.matches(pair[1]).count() {
                wrong("quotation marks of another language, or not in pairs");
            }
            match language {
                Fr => {
                    // Each piece may begin right behind a variable; a plain space before the mark is wrong there, too.
                    for mark in [':', ';', '!', '?', '»'] {
                        let bare = text
                            .match_indices(mark)
                            .any(|(at, _)| !text[..at].ends_with('\u{a0}') && !text[..at].ends_with('\u{202f}'));
                        if bare {
                            wrong("a mark without its no-break space");
                        }
                    }
                    if text.contains("« ") {
                        wrong("a plain space after «");
                    }
                }
                Es => {
                    for (opening, closing) in [('¿', '?'), ('¡', '!')] {
                        if text.matches(opening).count() != text.matches(closing).count() {
                            wrong("a question or exclamation without its opening mark");
                        }
                    }
                    if text.contains("« ") || text.contains(" »") {
                        wrong("a space inside quotation marks");
                    }
                }
                De if text.contains("„ ") || text.contains(" “") => wrong("a space inside quotation marks"),
                En | De => {}
            }
            if *language != Fr && [" :", " ;", " !", " ?"].iter().any(|mark| text.contains(mark)) {
                wrong("a space before a mark");
            }
        }
    }
}

/// The basic table of the GSM alphabet (3GPP TS 23.038, 6.2.1).
const GSM: &str = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿\
                   abcdefghijklmnopqrstuvwxyzäöñüà";

#[test]
fn the_own_words_of_text_messages_are_in_the_gsm_alphabet_and_few() {
    for language in Language::ALL {
        let messages = inspected(*language);
        let of_sms: Vec<_> = messages.iter().filter(|(key, _)| key.starts_with("sms-")).collect();
        assert_eq!(of_sms.len(), 2);
        for (key, message) in of_sms {
            let text = message.literals.concat();
            assert!(text.chars().all(|c| GSM.contains(c)), "{key} in {language:?}: {text}");
            assert!(text.chars().count() <= 80, "{key} in {language:?}: {text}");
        }
    }
}

/// Texts that are rightly the same in these languages: international words, and words the languages share.
const SHARED: &[(&str, &[Language])] = &[
    ("Code", &[En, Fr, De]),
    ("Console", &[En, Fr]),
    ("Error:", &[En, Es]),
    ("Invitations", &[En, Fr]),
    ("Name", &[En, De]),
    ("Organisation", &[Fr, De]),
    ("Roles", &[En, Es]),
    ("Sessions", &[En, Fr]),
    ("Webhooks", &[En, Fr, De, Es]),
    ("minute|minutes", &[En, Fr]),
];

#[test]
fn no_message_is_left_in_another_language() {
    let mut used = BTreeSet::new();
    let mut left = Vec::new();
    let texts: Vec<(Language, BTreeMap<String, String>)> =
        Language::ALL.iter().map(|language| (*language, literals(*language))).collect();
    for key in super::keys() {
        let mut same: BTreeMap<&str, Vec<Language>> = BTreeMap::new();
        for (language, messages) in &texts {
            same.entry(messages[&key].as_str()).or_default().push(*language);
        }
        for (text, languages) in same {
            if languages.len() == 1 || !text.contains(char::is_alphabetic) {
                continue;
            }
            let shared = SHARED.iter().find(|(of, among)| *of == text && languages.iter().all(|l| among.contains(l)));
            match shared {
                Some((of, _)) => drop(used.insert(*of)),
                None => left.push(format!("{key} in {languages:?}: {text}")),
            }
        }
    }
    assert!(
        left.is_empty(),
        "translate these, or list them in SHARED if the languages share the word:\n{}",
        left.join("\n")
    );
    let idle: Vec<&str> = SHARED.iter().map(|(text, _)| *text).filter(|text| !used.contains(text)).collect();
    assert!(idle.is_empty(), "no message needs the exception any more: {idle:?}");
}

#[test]
fn no_small_word_of_one_language_stands_in_a_message_of_another() {
    // Words no sentence does without, and none of which the other languages have.
    let small = [
        (En, "the you your this with which and who have has been cannot".split(' ')),
        (Fr, "vous votre cette avec qui dans pour été et pas aux ou".split(' ')),
        (De, "der die das sie ihr ihre dieser mit nicht wurde und ist ein".split(' ')),
        (Es, "el los su sus esta este con para puede fue una".split(' ')),
    ];
    let of: BTreeMap<&str, Language> =
        small.into_iter().flat_map(|(language, words)| words.map(move |word| (word, language))).collect();
    for language in Language::ALL {
        for (key, text) in literals(*language) {
            for word in words(&text) {
                let whose = of.get(word.as_str()).copied().unwrap_or(*language);
                assert_eq!(whose, *language, "{word:?} in {key} in {language:?}: {text}");
            }
        }
    }
}

#[test]
fn readers_are_addressed_formally() {
    let informal = [
        (Fr, "tu ton ta tes toi tien".split(' ')),
        (De, "du dein deine deinen deinem deiner dir dich euch euer eure".split(' ')),
        (Es, "tú tu tus ti contigo vos vosotros vuestro vuestra".split(' ')),
    ];
    for (language, familiar) in informal {
        let familiar: BTreeSet<&str> = familiar.collect();
        for (key, text) in literals(language) {
            let found: Vec<String> = words(&text).filter(|word| familiar.contains(word.as_str())).collect();
            assert!(found.is_empty(), "{found:?} in {key} in {language:?}: {text}");
        }
    }
}

#[test]
fn no_german_duration_stands_where_it_would_be_declined() {
    // "In 7 Tage" is wrong, and the duration has one form only.
    for source in De.sources() {
        for line in source.lines() {
            for word in ["in", "nach", "seit", "vor", "von", "mit", "innerhalb", "binnen"] {
                let pattern = format!("{word} {{ $duration }}");
                assert!(!line.to_lowercase().contains(&pattern), "{line}");
            }
        }
    }
}
