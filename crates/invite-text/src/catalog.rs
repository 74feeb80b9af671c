//! The messages of all languages, parsed once.

use std::sync::LazyLock;

use crate::Language;
use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use fluent_syntax::ast::Entry;

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<Vec<(Language, Bundle)>> =
    LazyLock::new(|| Language::ALL.iter().map(|language| (*language, bundle(*language))).collect());

fn bundle(language: Language) -> Bundle {
    // The tag decides the plural rules. Those of the list parse; the test of the plural forms would show one that does not.
    let mut bundle = Bundle::new_concurrent(vec![language.tag().parse().unwrap_or_default()]);
    // Fluent would put every argument between the characters FSI and PDI (U+2068, U+2069), so that right-to-left text
    // cannot disturb its surroundings. Off, because subjects and plain-text mails show them as boxes in some programs,
    // they come along when an address or number is copied, and HTML has `<bdi>` for the purpose. Names reach us without
    // control characters.
    bundle.set_use_isolating(false);
    for resource in resources(language) {
        // An error here is a message defined twice, of which the first stays. The files are part of the program: a
        // test finds it, a user never meets it.
        drop(bundle.add_resource(resource));
    }
    bundle
}

fn resources(language: Language) -> impl Iterator<Item = FluentResource> {
    // What does not parse is left out and the rest is used. The files are part of the program: a test finds it.
    language
        .sources()
        .into_iter()
        .map(|source| FluentResource::try_new(source.to_owned()).unwrap_or_else(|(usable, _errors)| usable))
}

/// The message in exactly this language, or `None` where it has none.
pub(crate) fn message(language: Language, key: &str, args: &FluentArgs<'_>) -> Option<String> {
    let (_, bundle) = BUNDLES.iter().find(|(of, _)| *of == language)?;
    let pattern = bundle.get_message(key)?.value()?;
    // The only error left is an argument the caller forgot; then the text shows `{$name}` in its place, which tests of
    // pages and mails look for.
    let mut errors = Vec::new();
    Some(bundle.format_pattern(pattern, Some(args), &mut errors).into_owned())
}

/// Every message key of the catalogue, sorted. For tests that compare the keys used in the program with those that exist.
#[doc(hidden)]
pub fn keys() -> Vec<String> {
    keys_of(Language::FALLBACK)
}

fn keys_of(language: Language) -> Vec<String> {
    let mut keys = Vec::new();
    for resource in resources(language) {
        for entry in resource.entries() {
            if let Entry::Message(message) = entry {
                keys.push(message.id.name.to_owned());
            }
        }
    }
    keys.sort();
    keys
}

#[cfg(test)]
mod tests;
