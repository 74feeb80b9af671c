//! The files of all languages are sound and say the same things.

use std::collections::{BTreeMap, BTreeSet};

use super::{bundle, keys, keys_of};
use crate::{Arg, Language, Text};
use fluent_bundle::FluentResource;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

/// What a message needs and says: its variables, and all its literal text.
#[derive(Default)]
struct Inspected {
    variables: BTreeSet<String>,
    literals: Vec<String>,
}

fn inspect_pattern(pattern: &Pattern<&str>, found: &mut Inspected) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => found.literals.push((*value).to_owned()),
            PatternElement::Placeable { expression } => inspect_expression(expression, found),
        }
    }
}

fn inspect_expression(expression: &Expression<&str>, found: &mut Inspected) {
    match expression {
        Expression::Inline(inline) => inspect_inline(inline, found),
        Expression::Select { selector, variants } => {
            inspect_inline(selector, found);
            for variant in variants {
                inspect_pattern(&variant.value, found);
            }
        }
    }
}

fn inspect_inline(inline: &InlineExpression<&str>, found: &mut Inspected) {
    match inline {
        InlineExpression::VariableReference { id } => {
            found.variables.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => inspect_expression(expression, found),
        // References, functions and literals would need this comparison to follow them; a message is one plain pattern.
        other => panic!("only variables and selections are used in messages: {other:?}"),
    }
}

fn inspected(language: Language) -> BTreeMap<String, Inspected> {
    let mut messages = BTreeMap::new();
    for source in language.sources() {
        let resource = FluentResource::try_new(source.to_owned())
            .map_err(|(_, errors)| errors)
            .unwrap_or_else(|errors| panic!("{language:?} does not parse: {errors:?}"));
        for entry in resource.entries() {
            match entry {
                Entry::Message(message) => {
                    let mut found = Inspected::default();
                    let value = message.value.as_ref().expect("a message has a value");
                    assert!(message.attributes.is_empty(), "{}", message.id.name);
                    inspect_pattern(value, &mut found);
                    let before = messages.insert(message.id.name.to_owned(), found);
                    assert!(before.is_none(), "{language:?} has {} twice", message.id.name);
                }
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
                other => panic!("only messages and comments are used: {other:?}"),
            }
        }
    }
    messages
}

#[test]
fn every_file_parses_and_no_message_is_defined_twice() {
    for language in Language::ALL {
        assert!(inspected(*language).len() > 100, "{language:?}");
        for key in keys() {
            assert!(bundle(*language).has_message(&key), "{language:?} lacks {key}");
        }
    }
}

#[test]
fn every_language_has_the_same_keys() {
    for language in Language::ALL {
        assert_eq!(keys_of(*language), keys(), "{language:?}");
    }
}

#[test]
fn every_message_takes_the_same_variables_in_every_language() {
    let reference = inspected(Language::FALLBACK);
    for language in Language::ALL {
        for (key, message) in inspected(*language) {
            assert_eq!(message.variables, reference[&key].variables, "{key} in {language:?}");
        }
    }
}

#[test]
fn every_message_comes_out_with_all_its_arguments_and_without_isolation_marks() {
    let args: Vec<String> = inspected(Language::FALLBACK)
        .into_values()
        .flat_map(|message| message.variables)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let numbers = ["count", "day", "max", "min", "month", "weekday", "year"];
    for language in Language::ALL {
        for (key, message) in inspected(*language) {
            let given: Vec<(&str, Arg)> = args
                .iter()
                .map(|name| {
                    let number = numbers.contains(&name.as_str()) && key != "date-day";
                    (name.as_str(), if number { Arg::Number(2) } else { Arg::Text("Ω42") })
                })
                .collect();
            let written = Text::new(*language).with(&key, &given);
            assert!(!written.contains("{$") && !written.trim().is_empty(), "{key} in {language:?}: {written}");
            assert!(!written.contains(['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}']), "{key} in {language:?}");
            assert!(!written.contains('\n'), "{key} in {language:?} has a line break");
            let chosen_by_number = key == "date-month" || key == "date-weekday" || key == "error-summary";
            if !message.variables.is_empty() && !chosen_by_number {
                assert!(written.contains("Ω42") || written.contains('2'), "{key} in {language:?}: {written}");
            }
        }
    }
}

#[test]
fn messages_use_the_typography_of_their_language_and_no_markup() {
    for language in Language::ALL {
        for (key, message) in inspected(*language) {
            let text = message.literals.concat();
            assert!(!text.contains(['\'', '"', '<', '>', '&']), "{key} in {language:?}: {text}");
            if *language == Language::Fr {
                // Each part may begin right behind a variable; a plain space before the mark is wrong there, too.
                for mark in [':', ';', '!', '?', '»'] {
                    assert!(!text.contains(&format!(" {mark}")), "{key}: plain space before {mark}");
                }
                assert!(!text.contains("« "), "{key}: plain space after «");
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

#[test]
fn r7_5_the_example_of_a_code_is_shaped_like_one() {
    for language in Language::ALL {
        let help = Text::new(*language).get("code-help");
        let example = help.split([' ', '.']).find(|word| word.contains('-')).expect("an example");
        let groups: Vec<usize> = example.split('-').map(str::len).collect();
        assert_eq!(groups, [4, 4, 3], "{help}");
    }
}

#[test]
fn a_message_that_no_language_has_comes_out_as_its_key() {
    for language in Language::ALL {
        assert_eq!(Text::new(*language).get("no-such-message"), "no-such-message");
    }
}

#[test]
fn keys_are_kebab_case_and_sorted() {
    let keys = keys();
    assert!(keys.is_sorted());
    for key in keys {
        assert!(key.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{key}");
    }
}
