//! The catalogue's words, with what people wrote set apart from them.

use invite_text::{Arg, Language, Text};
use std::borrow::Cow;

/// FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE ([UAX 9](https://www.unicode.org/reports/tr9/), 2.7).
const ISOLATE: (char, char) = ('\u{2068}', '\u{2069}');

/// A character that overrides, embeds or marks a direction: nobody's name needs one, and one can turn what stands around it.
fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A character that is written from right to left: Hebrew, Arabic and the scripts around them.
fn runs_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}')
}

/// What a person wrote, without what would turn the direction of the text around it.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.contains(turns) { text.chars().filter(|c| !turns(*c)).collect::<String>().into() } else { text.into() }
}

/// The same within a sentence: set apart where it runs the other way, or the sentence's own words would change places.
pub(crate) fn apart(text: &str) -> Cow<'_, str> {
    let text = plain(text);
    if text.contains(runs_left) { format!("{}{text}{}", ISOLATE.0, ISOLATE.1).into() } else { text }
}

/// The messages in one language, for pages.
#[derive(Clone, Copy)]
pub(crate) struct Words(Text);

impl Words {
    pub(crate) fn new(language: Language) -> Self {
        Self(Text::new(language))
    }

    pub(crate) fn get(self, key: &str) -> String {
        self.0.get(key)
    }

    /// The message with its variables, every text among them set [`apart`].
    pub(crate) fn with(self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        let texts: Vec<Cow<'_, str>> = args
            .iter()
            .map(|(_, arg)| match arg {
                Arg::Text(text) => apart(text),
                Arg::Number(_) => Cow::default(),
            })
            .collect();
        let args: Vec<(&str, Arg<'_>)> = args
            .iter()
            .zip(&texts)
            .map(|((name, arg), text)| match arg {
                Arg::Text(_) => (*name, Arg::Text(text)),
                Arg::Number(number) => (*name, Arg::Number(*number)),
            })
            .collect();
        self.0.with(key, &args)
    }
}

#[cfg(test)]
mod tests {
    use super::{Words, apart, plain};
    use invite_text::{Arg, Language};

    #[test]
    fn a_name_cannot_turn_the_sentence_it_stands_in() {
        let title = |name| Words::new(Language::En).with("accept-title", &[("organization", Arg::Text(name))]);
        assert_eq!(title("Acme"), "Join Acme");
        assert_eq!(title("Zoë & Söhne"), "Join Zoë & Söhne");
        assert_eq!(title("Ac\u{202e}me\u{2069}"), "Join Acme");
        assert_eq!(title("שלום"), "Join \u{2068}שלום\u{2069}");
        assert_eq!(title("\u{2069}شركة\u{202e}"), "Join \u{2068}شركة\u{2069}");
        assert_eq!((plain("a\u{200f}b"), apart("a\u{200f}b")), ("ab".into(), "ab".into()));
    }
}
