//! The words people choose: names, descriptions, languages, time zones.

use crate::invitation::{FieldCode, FieldError, Rejection};

/// The most characters an organisation's or a person's name has.
pub(crate) const NAME: usize = 200;
/// The most characters the name of a role or an API key has.
pub(crate) const LABEL: usize = 100;
/// The most characters a description has.
pub(crate) const DESCRIPTION: usize = 500;

/// The most characters of an inviter's message to the invitee.
pub(crate) const MESSAGE: usize = 2_000;

/// What is wrong with a command, field by field, so that one answer names everything.
#[derive(Default)]
pub(crate) struct Faults(Vec<FieldError>);

impl Faults {
    /// The value, or notes what is wrong with it.
    pub(crate) fn keep<T>(&mut self, checked: Result<T, FieldError>) -> Option<T> {
        checked.map_err(|error| self.0.push(error)).ok()
    }

    /// Notes what is wrong.
    pub(crate) fn add(&mut self, pointer: &str, code: FieldCode, detail: impl Into<String>) {
        self.0.push(fault(pointer, code, detail));
    }

    /// Refuses where anything was wrong.
    pub(crate) fn end(self) -> Result<(), Rejection> {
        if self.0.is_empty() { Ok(()) } else { Err(Rejection::Invalid(self.0)) }
    }
}

/// One field that cannot be, as a rejection.
pub(crate) fn refused(error: FieldError) -> Rejection {
    Rejection::Invalid(vec![error])
}

fn fault(pointer: &str, code: FieldCode, detail: impl Into<String>) -> FieldError {
    FieldError { pointer: pointer.to_owned(), code, detail: detail.into() }
}

/// A name on one line, without the blanks around it.
pub(crate) fn name(pointer: &str, text: &str, most: usize) -> Result<String, FieldError> {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return Err(fault(pointer, FieldCode::Invalid, "a name is one line without control characters"));
    }
    if (1..=most).contains(&text.chars().count()) {
        Ok(text.to_owned())
    } else {
        Err(fault(pointer, FieldCode::OutOfRange, format!("a name has 1 to {most} characters")))
    }
}

/// A description, which may have several lines; `None` where nothing is left of it.
pub(crate) fn description(pointer: &str, text: &str) -> Result<Option<String>, FieldError> {
    let text = text.trim();
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(fault(pointer, FieldCode::Invalid, "a description has no control characters but line breaks"));
    }
    if text.chars().count() > DESCRIPTION {
        let detail = format!("a description has at most {DESCRIPTION} characters");
        return Err(fault(pointer, FieldCode::OutOfRange, detail));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// What an inviter adds for the invitee: plain text of several lines.
pub(crate) fn message(pointer: &str, text: &str) -> Result<(), FieldError> {
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(fault(pointer, FieldCode::Invalid, "a message has no control characters but line breaks"));
    }
    if text.chars().count() > MESSAGE {
        let detail = format!("a message has at most {MESSAGE} characters");
        return Err(fault(pointer, FieldCode::OutOfRange, detail));
    }
    Ok(())
}

/// A tag of the shape of [BCP 47](https://www.rfc-editor.org/info/bcp47): a language and subtags. Whether anything is
/// written in that language the catalogue of texts knows.
pub(crate) fn locale(pointer: &str, text: &str) -> Result<String, FieldError> {
    let mut subtags = text.split('-');
    let language = subtags.next().unwrap_or_default();
    let shaped = (2..=8).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && subtags.all(|tag| (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric()))
        && text.len() <= 35;
    if shaped {
        Ok(text.to_owned())
    } else {
        Err(fault(pointer, FieldCode::Invalid, "a language is a BCP 47 tag like `en` or `fr-CA`"))
    }
}

/// A name of the shape the [time zone database](https://www.iana.org/time-zones) gives its zones.
pub(crate) fn time_zone(pointer: &str, text: &str) -> Result<String, FieldError> {
    let word = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    let mut parts = text.split('/');
    let area = parts.next().unwrap_or_default();
    let shaped = !area.is_empty()
        && area.bytes().all(word)
        && parts.all(|part| {
            !part.is_empty() && part.bytes().all(|b| word(b) || b.is_ascii_digit() || b == b'+' || b == b'-')
        })
        && text.len() <= 64;
    if shaped {
        Ok(text.to_owned())
    } else {
        Err(fault(pointer, FieldCode::Invalid, "a time zone is an IANA name like `Europe/Paris`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_a_bounded_length_without_blanks_around_it() {
        assert_eq!(name("/name", "  Zoë & Co ", 10).unwrap(), "Zoë & Co");
        assert_eq!(name("/name", &"é".repeat(10), 10).unwrap(), "é".repeat(10));
        for (bad, code) in [
            ("", FieldCode::OutOfRange),
            ("   ", FieldCode::OutOfRange),
            ("elevenchars", FieldCode::OutOfRange),
            ("a\nb", FieldCode::Invalid),
            ("a\0b", FieldCode::Invalid),
            ("a\u{85}b", FieldCode::Invalid),
        ] {
            assert_eq!(name("/name", bad, 10).unwrap_err().code, code, "{bad:?}");
        }
    }

    #[test]
    fn a_description_may_have_lines_and_an_empty_one_is_none() {
        assert_eq!(description("/description", " a\nb ").unwrap(), Some("a\nb".to_owned()));
        assert_eq!(description("/description", " \n ").unwrap(), None);
        assert!(description("/description", "a\rb").is_err());
        assert!(description("/description", &"x".repeat(501)).is_err());
    }

    #[test]
    fn a_language_has_the_shape_of_a_bcp_47_tag() {
        for good in ["en", "fr-CA", "zh-Hant-TW", "de-CH-1996"] {
            assert_eq!(locale("/locale", good).unwrap(), good);
        }
        for bad in ["", "e", "en_US", "1n", "en-", "en--US", "français", "en-waytoolong", "en US"] {
            assert!(locale("/locale", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_time_zone_has_the_shape_of_an_iana_name() {
        for good in ["UTC", "Europe/Paris", "America/Argentina/Buenos_Aires", "Etc/GMT+5"] {
            assert_eq!(time_zone("/time_zone", good).unwrap(), good);
        }
        for bad in ["", "Europe/", "/Paris", "Europe/Pa ris", "+01:00", "Europe/../etc", "Zürich"] {
            assert!(time_zone("/time_zone", bad).is_err(), "{bad}");
        }
    }
}
