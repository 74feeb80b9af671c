//! The files of all languages are sound and say the same things.

use std::collections::{BTreeMap, BTreeSet};

use super::{bundle, keys, keys_of};
use crate::{Arg, Language, Text};
use fluent_bundle::FluentResource;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey};

mod words;

/// What a message needs and says.
#[derive(Default)]
struct Inspected {
    /// All its variables.
    variables: BTreeSet<String>,
    /// All its literal text, in pieces.
    literals: Vec<String>,
    /// The keys of each selection, by the variable that chooses.
    selections: Vec<(String, Vec<String>)>,
}

impl Inspected {
    /// Whether this variable chooses by a number: in plural categories, or by the number itself.
    fn counts(&self, variable: &str) -> bool {
        let by_number = |key: &String| key == "one" || key.bytes().all(|b| b.is_ascii_digit());
        self.selections.iter().any(|(of, keys)| of == variable && keys.iter().any(by_number))
    }
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
            if let InlineExpression::VariableReference { id } = selector {
                found.selections.push((id.name.to_owned(), variants.iter().map(key_of).collect()));
            }
            for variant in variants {
                inspect_pattern(&variant.value, found);
            }
        }
    }
}

fn key_of(variant: &Variant<&str>) -> String {
    match variant.key {
        VariantKey::Identifier { name } => name.to_owned(),
        VariantKey::NumberLiteral { value } => value.to_owned(),
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
    for language in Language::ALL {
        for (key, message) in inspected(*language) {
            // Each argument can be told from the others: "Ω0", "Ω1", or for what is counted 20, 21.
            let texts: Vec<String> = (0..message.variables.len()).map(|place| format!("Ω{place}")).collect();
            let mut number = 20;
            let mut expected = Vec::new();
            let mut given: Vec<(&str, Arg)> = Vec::new();
            for (variable, text) in message.variables.iter().zip(&texts) {
                if message.counts(variable) {
                    given.push((variable, Arg::Number(number)));
                    number += 1;
                } else {
                    given.push((variable, Arg::Text(text)));
                }
                // What chooses need not be shown.
                if !message.selections.iter().any(|(of, _)| of == variable) {
                    expected.push(text);
                }
            }
            let written = Text::new(*language).with(&key, &given);
            assert!(!written.contains("{$") && !written.trim().is_empty(), "{key} in {language:?}: {written}");
            assert!(!written.contains(['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}']), "{key} in {language:?}");
            assert!(!written.contains('\n'), "{key} in {language:?} has a line break");
            for text in expected {
                assert!(written.contains(text), "{key} in {language:?}: {written}");
            }
        }
    }
}

#[test]
fn every_selection_that_counts_has_one_and_other_and_the_two_are_different() {
    for language in Language::ALL {
        for (key, message) in inspected(*language) {
            for (variable, keys) in &message.selections {
                let keys: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
                // The categories of these four languages. "many", from a million on, reads as "other".
                if !keys.contains("one") {
                    continue;
                }
                assert!(keys.contains("other"), "{key} in {language:?}: {keys:?}");
                let written = |count| {
                    let texts: Vec<(&str, Arg)> = message
                        .variables
                        .iter()
                        .map(|name| (name.as_str(), if name == variable { Arg::Number(count) } else { Arg::Text("x") }))
                        .collect();
                    Text::new(*language).with(&key, &texts).replace(&count.to_string(), "#")
                };
                assert_ne!(written(1), written(2), "{key} in {language:?}");
                assert_eq!(written(2), written(1_000_000), "{key} in {language:?}");
                // Nothing is one in French and many elsewhere.
                let nothing = if *language == Language::Fr { 1 } else { 2 };
                if !keys.contains("0") && !keys.contains("1") {
                    assert_eq!(written(0), written(nothing), "{key} in {language:?}");
                }
            }
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
