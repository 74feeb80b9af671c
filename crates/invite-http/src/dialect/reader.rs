//! Reads the members of an object as a dialect's clients send it, and collects every fault.
//!
//! Not [`crate::extract::fields::Fields`], whose needs differ in three ways: a dialect ignores members it does not know, says
//! what is wrong with codes and limits of its own, and reads texts as numbers where a form or a query sent them.

use super::fault::{Fault, Faulty};
use crate::problem::Problem;
use chrono::DateTime;
use invite_domain::{
    email::EmailAddress,
    time::{Timestamp, to_micros},
};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// An object that is being read. An accessor answers `None` where the member is absent or null, and where it is wrong,
/// which is noted; [`Reader::finish`] tells in the end.
#[derive(Clone, Default)]
pub(crate) struct Reader {
    map: Map<String, Value>,
    place: String,
    /// Whether every value came as text: numbers and booleans are read from it, an empty one is null.
    textual: bool,
    faults: Vec<Faulty>,
}

impl Reader {
    /// Reads JSON.
    pub(crate) fn json(map: Map<String, Value>) -> Self {
        Self { map, ..Self::default() }
    }

    /// Reads a form or a query.
    pub(crate) fn textual(map: Map<String, Value>) -> Self {
        Self { map, textual: true, ..Self::default() }
    }

    fn at(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    /// Whether the member is there, null or not: what a partial update asks.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// Notes what is wrong with a member.
    pub(crate) fn wrong(&mut self, name: &str, fault: Fault) {
        let field = self.at(name);
        self.faults.push(Faulty { field, fault });
    }

    fn refuse<T>(&mut self, name: &str, fault: Fault) -> Option<T> {
        self.wrong(name, fault);
        None
    }

    /// The member as it is, where it is there and not null.
    pub(crate) fn value(&mut self, name: &str) -> Option<Value> {
        let value = self.map.remove(name)?;
        let empty = value.is_null() || (self.textual && value.as_str() == Some(""));
        (!empty).then_some(value)
    }

    /// A text of at most so many characters, which may be empty.
    pub(crate) fn string(&mut self, name: &str, max: usize) -> Option<String> {
        match self.value(name)? {
            Value::String(text) if text.chars().count() > max => self.refuse(name, Fault::TooLong(max)),
            Value::String(text) => Some(text),
            _ => self.refuse(name, Fault::NotText),
        }
    }

    /// A text of at most so many characters with a visible one.
    pub(crate) fn text(&mut self, name: &str, max: usize) -> Option<String> {
        let text = self.string(name, max)?;
        if text.trim().is_empty() { self.refuse(name, Fault::Blank) } else { Some(text) }
    }

    /// A whole number in these bounds.
    pub(crate) fn integer(&mut self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = self.value(name)?;
        let number = match &value {
            Value::Number(number) if number.is_u64() => {
                Some(number.as_u64().and_then(|n| i64::try_from(n).ok()).unwrap_or(i64::MAX))
            }
            Value::Number(number) => number.as_i64(),
            Value::String(text) if self.textual => text.trim().parse().ok(),
            _ => None,
        };
        let too_large = value.as_u64().is_some_and(|n| i64::try_from(n).is_err());
        match number {
            None => self.refuse(name, Fault::NotInteger),
            Some(number) if number < *range.start() => self.refuse(name, Fault::TooSmall(*range.start())),
            Some(number) if too_large || number > *range.end() => self.refuse(name, Fault::TooLarge(*range.end())),
            Some(number) => Some(number),
        }
    }

    /// Any finite number.
    pub(crate) fn number(&mut self, name: &str) -> Option<f64> {
        let number = match self.value(name)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) if self.textual => text.trim().parse().ok(),
            _ => None,
        };
        number.filter(|number: &f64| number.is_finite()).or_else(|| self.refuse(name, Fault::NotNumber))
    }

    pub(crate) fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.value(name)? {
            Value::Bool(flag) => Some(flag),
            Value::String(text) if self.textual && matches!(text.as_str(), "1" | "true") => Some(true),
            Value::String(text) if self.textual && matches!(text.as_str(), "0" | "false") => Some(false),
            _ => self.refuse(name, Fault::NotBoolean),
        }
    }

    /// `YYYY-MM-DDTHH:MM:SSZ` with any number of digits of a second's fraction; to the microsecond.
    pub(crate) fn date_time(&mut self, name: &str) -> Option<Timestamp> {
        match self.value(name)? {
            Value::String(text) => date_time(&text).or_else(|| self.refuse(name, Fault::NotDateTime)),
            _ => self.refuse(name, Fault::NotDateTime),
        }
    }

    pub(crate) fn email(&mut self, name: &str) -> Option<EmailAddress> {
        let text = self.text(name, usize::MAX)?;
        EmailAddress::parse(&text).ok().or_else(|| self.refuse(name, Fault::NotEmail))
    }

    /// An ISO 3166-1 alpha-2 code in capital letters, as the standard has it.
    pub(crate) fn country(&mut self, name: &str) -> Option<String> {
        let known = |text: &String| celes::Country::from_alpha2(text).is_ok_and(|country| country.alpha2 == text);
        let text = self.text(name, usize::MAX)?;
        Some(text).filter(known).or_else(|| self.refuse(name, Fault::NotCountry))
    }

    /// One of some words.
    pub(crate) fn choice<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.string(name, usize::MAX)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        let known = || words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        found.or_else(|| self.refuse(name, Fault::NotChoice(known())))
    }

    /// An object inside; give it back with [`Reader::absorb`].
    pub(crate) fn object(&mut self, name: &str) -> Option<Self> {
        match self.value(name)? {
            Value::Object(map) => Some(self.inner(map, self.at(name))),
            _ => self.refuse(name, Fault::NotObject),
        }
    }

    /// A list of objects, at most so many; give each back with [`Reader::absorb`].
    pub(crate) fn objects(&mut self, name: &str, max: usize) -> Option<Vec<Self>> {
        let values = self.list(name, max)?;
        let mut readers = Vec::with_capacity(values.len());
        for (index, value) in values.into_iter().enumerate() {
            let place = format!("{name}.{index}");
            match value {
                Value::Object(map) => readers.push(self.inner(map, self.at(&place))),
                _ => self.wrong(&place, Fault::NotObject),
            }
        }
        Some(readers)
    }

    /// A list of whole numbers, at most so many.
    pub(crate) fn integers(&mut self, name: &str, max: usize) -> Option<Vec<i64>> {
        self.entries(name, max, &Fault::NotInteger, |value, textual| {
            let text = value.as_str().filter(|_| textual);
            value.as_i64().or_else(|| text?.trim().parse().ok())
        })
    }

    fn entries<T>(
        &mut self,
        name: &str,
        max: usize,
        fault: &Fault,
        read: impl Fn(&Value, bool) -> Option<T>,
    ) -> Option<Vec<T>> {
        let values = self.list(name, max)?;
        let mut entries = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            match read(value, self.textual) {
                Some(entry) => entries.push(entry),
                None => self.wrong(&format!("{name}.{index}"), fault.clone()),
            }
        }
        Some(entries)
    }

    fn list(&mut self, name: &str, max: usize) -> Option<Vec<Value>> {
        match self.value(name)? {
            Value::Array(values) if values.len() > max => self.refuse(name, Fault::TooMany(max)),
            Value::Array(values) => Some(values),
            _ => self.refuse(name, Fault::NotList),
        }
    }

    fn inner(&self, map: Map<String, Value>, place: String) -> Self {
        Self { map, place, textual: self.textual, faults: Vec::new() }
    }

    /// Ends an object inside: its faults are this one's.
    pub(crate) fn absorb(&mut self, mut inner: Self) {
        self.faults.append(&mut inner.faults);
    }

    /// A member that has to be there and not null.
    pub(crate) fn must<T>(&mut self, name: &str, read: impl FnOnce(&mut Self, &str) -> Option<T>) -> Option<T> {
        match self.map.get(name) {
            None => self.refuse(name, Fault::Required),
            Some(Value::Null) => self.refuse(name, Fault::Null),
            Some(Value::String(text)) if self.textual && text.is_empty() => self.refuse(name, Fault::Required),
            Some(_) => read(self, name),
        }
    }

    /// A member that has to be there, its default where it is not; [`Reader::finish`] refuses then.
    pub(crate) fn required<T: Default>(&mut self, name: &str, read: impl FnOnce(&mut Self, &str) -> Option<T>) -> T {
        self.must(name, read).unwrap_or_default()
    }

    /// Tells "not there" from "null": `None`, `Some(None)`, `Some(Some(value))`.
    #[expect(clippy::option_option, reason = "the commands of the domain tell absent from null this way")]
    pub(crate) fn nullable<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self, &str) -> Option<T>,
    ) -> Option<Option<T>> {
        self.has(name).then(|| read(self, name))
    }

    /// Ends reading.
    ///
    /// # Errors
    /// `invalid_input` with every fault, where there is one.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::faulty(self.faults)) }
    }
}

/// The documented form alone: UTC with its `Z`, no offset, no leap second.
fn date_time(text: &str) -> Option<Timestamp> {
    let shape = |(index, byte): (usize, u8)| match index {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    };
    let (head, rest) = text.split_at_checked(19)?;
    let fraction = rest.strip_suffix('Z')?;
    let digits = fraction.strip_prefix('.');
    let fraction_is_good =
        fraction.is_empty() || digits.is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()));
    let good =
        head.bytes().enumerate().all(shape) && fraction_is_good && !head.ends_with("60") && !head.starts_with("0000");
    let read = DateTime::parse_from_rfc3339(text).ok().filter(|_| good)?;
    Some(to_micros(read.to_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reader(value: Value) -> Reader {
        let Value::Object(map) = value else { panic!("an object") };
        Reader::json(map)
    }

    fn faults(reader: Reader) -> Vec<(String, String)> {
        let Err(problem) = reader.finish() else { return Vec::new() };
        problem.all_faults().into_iter().map(|f| (f.field.clone(), f.fault.code().to_owned())).collect()
    }

    fn expect(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
    }

    #[test]
    fn every_fault_is_collected_with_its_place_and_code() {
        let mut read = reader(json!({
            "s": 1, "long": "éé", "blank": " ", "i": 1.5, "small": 0, "large": u64::MAX, "n": "1", "b": 1, "at": "2020-01-01",
            "mail": "x", "country": "XX", "word": "c", "o": [], "l": {}, "os": [{"pk": "x"}, 1], "ss": [1, "a"],
            "many": [1, 2], "null": null, "other": 1,
        }));
        assert_eq!(read.string("s", 9), None);
        assert_eq!(read.string("long", 1), None);
        assert_eq!(read.text("blank", 9), None);
        assert_eq!(read.integer("i", 0..=9), None);
        assert_eq!(read.integer("small", 1..=9), None);
        assert_eq!(read.integer("large", 1..=i64::MAX), None);
        assert_eq!(read.number("n"), None);
        assert_eq!(read.boolean("b"), None);
        assert_eq!(read.date_time("at"), None);
        assert_eq!(read.email("mail"), None);
        assert_eq!(read.country("country"), None);
        assert_eq!(read.choice("word", &[("a", 1), ("b", 2)]), None);
        assert!(read.object("o").is_none());
        assert!(read.integers("l", 9).is_none());
        let mut inner = read.objects("os", 9).unwrap();
        let mut first = inner.remove(0);
        assert_eq!(first.integer("pk", 1..=9), None);
        read.absorb(first);
        assert_eq!(read.integers("ss", 9), Some(vec![1]));
        assert_eq!(read.integers("many", 1), None);
        assert_eq!(read.required("null", |r, n| r.string(n, 9)), "");
        assert_eq!(read.required("none", |r, n| r.string(n, 9)), "");
        let expected = [
            ("s", "invalid"),
            ("long", "max_length"),
            ("blank", "blank"),
            ("i", "invalid"),
            ("small", "min_value"),
            ("large", "max_value"),
            ("n", "invalid"),
            ("b", "invalid"),
            ("at", "invalid"),
            ("mail", "invalid"),
            ("country", "invalid_choice"),
            ("word", "invalid_choice"),
            ("o", "not_an_object"),
            ("l", "not_a_list"),
            ("os.1", "not_an_object"),
            ("os.0.pk", "invalid"),
            ("ss.1", "invalid"),
            ("many", "max_entries"),
            ("null", "null"),
            ("none", "required"),
        ];
        assert_eq!(faults(read), expect(&expected));
    }

    #[test]
    fn what_nobody_asked_for_is_ignored() {
        assert!(reader(json!({ "b": 2 })).finish().is_ok());
    }

    #[test]
    fn a_form_is_read_from_texts() {
        let Value::Object(map) = json!({ "i": "15000", "b": "0", "n": "0.5", "l": ["1", "2"], "e": "", "x": "1x" })
        else {
            panic!("an object")
        };
        let mut read = Reader::textual(map);
        assert_eq!(read.integer("i", 0..=i64::MAX), Some(15000));
        assert_eq!(read.boolean("b"), Some(false));
        assert_eq!(read.number("n"), Some(0.5));
        assert_eq!(read.integers("l", 9), Some(vec![1, 2]));
        assert_eq!(read.must("e", |r, n| r.string(n, 9)), None);
        assert_eq!(read.integer("x", 0..=9), None);
        assert_eq!(faults(read), expect(&[("e", "required"), ("x", "invalid")]));
    }

    #[test]
    fn dd_26_a_date_time_has_the_documented_form() {
        for (text, micros) in [
            ("2025-05-13T06:48:15Z", 0),
            ("2025-05-13T06:48:15.394Z", 394_000),
            ("2020-07-30T21:10:06.44551Z", 445_510),
            ("2020-07-30T21:10:06.123456789012Z", 123_456),
        ] {
            assert_eq!(date_time(text).map(|at| at.timestamp_subsec_micros()), Some(micros), "{text}");
        }
        for text in [
            "2025-05-13T06:48:15",
            "2025-05-13T06:48:15+00:00",
            "2025-05-13T06:48:15+01:00",
            "2025-05-13 06:48:15Z",
            "2025-05-13t06:48:15z",
            "2025-05-13T06:48:15.Z",
            "2025-05-13T06:48:60Z",
            "2025-13-13T06:48:15Z",
            "05/06/2025",
            "14:30:00",
            "0000-01-01T00:00:00Z",
            "+025-05-13T06:48:15Z",
            "",
            "é025-05-13T06:48:15Z",
        ] {
            assert_eq!(date_time(text), None, "{text}");
        }
    }

    #[test]
    fn dd_27_a_country_is_two_capital_letters_of_the_standard() {
        let country = |text: &str| reader(json!({ "c": text })).country("c");
        assert_eq!(country("FR"), Some("FR".to_owned()));
        for bad in ["fr", "FRA", "F", "XX", "France", "250"] {
            assert_eq!(country(bad), None, "{bad}");
        }
    }
}
