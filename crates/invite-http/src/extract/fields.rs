//! Reads the members of a JSON object and collects every error, so that a person corrects all of them at once.

use crate::problem::Problem;
use invite_domain::{
    access::PermissionSet,
    invitation::{FieldCode, FieldError},
};
use serde_json::{Map, Value};
use std::{fmt::Display, ops::RangeInclusive};

/// An object of the request that is being read. What nobody asked for is unknown, in the end (AUTHZ-4).
#[derive(Default)]
pub(crate) struct Fields {
    map: Map<String, Value>,
    pointer: String,
    errors: Vec<FieldError>,
    unavailable: Vec<FieldError>,
}

impl Fields {
    pub(crate) fn new(map: Map<String, Value>) -> Self {
        Self { map, ..Self::default() }
    }

    /// Where a member stands, as a JSON pointer.
    fn at(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// Records what is wrong with a member.
    pub(crate) fn wrong(&mut self, name: &str, code: FieldCode, detail: impl Into<String>) {
        let pointer = self.at(name);
        self.errors.push(FieldError { pointer, code, detail: detail.into() });
    }

    /// Records that a member, or its value, is not served by this version. It counts as read.
    pub(crate) fn unavailable(&mut self, name: &str) {
        self.map.remove(name);
        let pointer = self.at(name);
        let detail = "This version does not offer that yet.".to_owned();
        self.unavailable.push(FieldError { pointer, code: FieldCode::Invalid, detail });
    }

    /// Refuses members that a later version will serve, where they are there.
    pub(crate) fn not_yet(&mut self, names: &[&str]) {
        for name in names {
            if self.has(name) {
                self.unavailable(name);
            }
        }
    }

    /// The member, where it is there and not null.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.map.remove(name).filter(|value| !value.is_null())
    }

    fn type_error(&mut self, name: &str, expected: &str) {
        self.wrong(name, FieldCode::WrongType, format!("This has to be {expected}."));
    }

    pub(crate) fn string(&mut self, name: &str) -> Option<String> {
        if let Value::String(text) = self.take(name)? {
            return Some(text);
        }
        self.type_error(name, "a text");
        None
    }

    /// A text of so many characters.
    pub(crate) fn text(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        let text = self.string(name)?;
        if length.contains(&text.chars().count()) {
            return Some(text);
        }
        let detail = format!("This has to be {} to {} characters long.", length.start(), length.end());
        self.wrong(name, FieldCode::OutOfRange, detail);
        None
    }

    /// A name of a person or a thing: a text without control characters and not only of spaces.
    pub(crate) fn name(&mut self, name: &str, max: usize) -> Option<String> {
        let text = self.text(name, 1..=max)?;
        if text.chars().any(char::is_control) || text.trim().is_empty() {
            self.wrong(name, FieldCode::Invalid, "This needs a visible character and no control characters.");
            return None;
        }
        Some(text.trim().to_owned())
    }

    /// A text that a function accepts.
    pub(crate) fn checked<T, E: Display>(&mut self, name: &str, check: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        let text = self.string(name)?;
        match check(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(name, FieldCode::Invalid, sentence(&error.to_string()));
                None
            }
        }
    }

    pub(crate) fn integer(&mut self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = self.take(name)?;
        let Some(number) = value.as_i64() else {
            if value.is_u64() {
                self.range_error(name, &range);
            } else {
                self.type_error(name, "a whole number");
            }
            return None;
        };
        if range.contains(&number) {
            return Some(number);
        }
        self.range_error(name, &range);
        None
    }

    fn range_error(&mut self, name: &str, range: &RangeInclusive<i64>) {
        let detail = match (*range.start(), *range.end()) {
            (start, i64::MAX) => format!("This has to be at least {start}."),
            (start, end) => format!("This has to be from {start} to {end}."),
        };
        self.wrong(name, FieldCode::OutOfRange, detail);
    }

    pub(crate) fn boolean(&mut self, name: &str) -> Option<bool> {
        if let Value::Bool(flag) = self.take(name)? {
            return Some(flag);
        }
        self.type_error(name, "true or false");
        None
    }

    /// A list of texts.
    pub(crate) fn strings(&mut self, name: &str, max: usize) -> Option<Vec<String>> {
        let Value::Array(values) = self.take(name)? else {
            self.type_error(name, "a list of texts");
            return None;
        };
        if values.len() > max {
            self.wrong(name, FieldCode::OutOfRange, format!("This list can have at most {max} entries."));
            return None;
        }
        let mut texts = Vec::with_capacity(values.len());
        for (index, value) in values.into_iter().enumerate() {
            if let Value::String(text) = value {
                texts.push(text);
            } else {
                let pointer = format!("{}/{index}", self.at(name));
                let detail = "This has to be a text.".to_owned();
                self.errors.push(FieldError { pointer, code: FieldCode::WrongType, detail });
            }
        }
        Some(texts)
    }

    /// A list of texts that have to be something; what is wrong is named by its place in the list.
    pub(crate) fn list<T, E: Display>(
        &mut self,
        name: &str,
        max: usize,
        check: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let texts = self.strings(name, max)?;
        let mut found = Vec::with_capacity(texts.len());
        for (index, text) in texts.iter().enumerate() {
            match check(text) {
                Ok(value) => found.push(value),
                Err(error) => {
                    let pointer = format!("{}/{index}", self.at(name));
                    let detail = sentence(&error.to_string());
                    self.errors.push(FieldError { pointer, code: FieldCode::Invalid, detail });
                }
            }
        }
        Some(found)
    }

    pub(crate) fn permissions(&mut self, name: &str) -> Option<PermissionSet> {
        let names = self.strings(name, 500)?;
        match PermissionSet::parse(&names) {
            Ok(set) => Some(set),
            Err((index, error)) => {
                let pointer = format!("{}/{index}", self.at(name));
                let detail = sentence(&error.to_string());
                self.errors.push(FieldError { pointer, code: FieldCode::Invalid, detail });
                None
            }
        }
    }

    /// An object nobody here looks into, as text of at most so many bytes.
    pub(crate) fn opaque(&mut self, name: &str, max_bytes: usize) -> Option<String> {
        let value = self.take(name)?;
        if !value.is_object() {
            self.type_error(name, "an object");
            return None;
        }
        let text = value.to_string();
        if text.len() > max_bytes {
            self.wrong(name, FieldCode::OutOfRange, format!("This can be at most {max_bytes} bytes long."));
            return None;
        }
        Some(text)
    }

    /// An object inside; give it back with [`Fields::absorb`].
    pub(crate) fn child(&mut self, name: &str) -> Option<Self> {
        if let Value::Object(map) = self.take(name)? {
            return Some(Self { map, pointer: self.at(name), ..Self::default() });
        }
        self.type_error(name, "an object");
        None
    }

    /// Ends a child: its errors are this object's.
    pub(crate) fn absorb(&mut self, mut child: Self) {
        child.note_unknown();
        self.errors.append(&mut child.errors);
        self.unavailable.append(&mut child.unavailable);
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

    /// A member that has to be there.
    pub(crate) fn required<T: Default>(&mut self, name: &str, read: impl FnOnce(&mut Self, &str) -> Option<T>) -> T {
        self.must(name, read).unwrap_or_default()
    }

    /// A member that has to be there, of a type without a default.
    pub(crate) fn must<T>(&mut self, name: &str, read: impl FnOnce(&mut Self, &str) -> Option<T>) -> Option<T> {
        if self.map.get(name).is_none_or(Value::is_null) {
            self.map.remove(name);
            self.wrong(name, FieldCode::Required, "This is missing.");
            return None;
        }
        read(self, name)
    }

    /// A member that, where it is there, must not be null: replacing a list by nothing is `[]`.
    pub(crate) fn present<T>(&mut self, name: &str, read: impl FnOnce(&mut Self, &str) -> Option<T>) -> Option<T> {
        if self.map.get(name).is_some_and(Value::is_null) {
            self.map.remove(name);
            self.type_error(name, "a value other than null; leave it out to keep it");
            return None;
        }
        read(self, name)
    }

    fn note_unknown(&mut self) {
        let names: Vec<String> = std::mem::take(&mut self.map).into_iter().map(|(name, _)| name).collect();
        for name in names {
            self.wrong(&name, FieldCode::Unknown, "There is no such field here. Leave it out.");
        }
    }

    /// Ends reading: every error there was, if any.
    pub(crate) fn finish(mut self) -> Result<(), Problem> {
        self.note_unknown();
        if !self.errors.is_empty() {
            return Err(Problem::invalid(&self.errors));
        }
        if !self.unavailable.is_empty() {
            return Err(Problem::not_available(&self.unavailable));
        }
        Ok(())
    }
}

/// A capital letter and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    let rest = characters.as_str();
    if rest.ends_with('.') { format!("{first}{rest}") } else { format!("{first}{rest}.") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        let Value::Object(map) = value else { panic!("an object") };
        Fields::new(map)
    }

    fn errors(fields: Fields) -> Vec<(String, String)> {
        let Err(problem) = fields.finish() else { return Vec::new() };
        let text = |error: &Value, member: &str| error[member].as_str().unwrap().to_owned();
        problem
            .member("errors")
            .unwrap()
            .as_array()
            .unwrap()
            .iter()
            .map(|e| (text(e, "pointer"), text(e, "code")))
            .collect()
    }

    #[test]
    fn every_error_is_collected_with_its_pointer() {
        let mut read = fields(json!({
            "a": 1, "b": "x", "c": [1, "y"], "d": {"e": null, "f/~g": true}, "n": 10, "m": 18_446_744_073_709_551_615_u64, "o": 1.5,
        }));
        assert_eq!(read.string("a"), None);
        assert_eq!(read.boolean("b"), None);
        assert_eq!(read.strings("c", 9), Some(vec!["y".to_owned()]));
        let mut child = read.child("d").unwrap();
        assert_eq!(child.required("e", Fields::string), "");
        read.absorb(child);
        assert_eq!(read.integer("n", 1..=5), None);
        assert_eq!(read.integer("m", 1..=i64::MAX), None);
        assert_eq!(read.integer("o", 1..=5), None);
        assert_eq!(read.required("missing", Fields::string), "");
        let expected = [
            ("/a", "wrong_type"),
            ("/b", "wrong_type"),
            ("/c/0", "wrong_type"),
            ("/d/e", "required"),
            ("/d/f~1~0g", "unknown_field"),
            ("/n", "out_of_range"),
            ("/m", "out_of_range"),
            ("/o", "wrong_type"),
            ("/missing", "required"),
        ];
        assert_eq!(errors(read), expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    }

    #[test]
    fn absent_and_null_are_told_apart_where_it_matters() {
        let mut read = fields(json!({ "a": null, "b": "x" }));
        assert_eq!(read.nullable("a", Fields::string), Some(None));
        assert_eq!(read.nullable("b", Fields::string), Some(Some("x".to_owned())));
        assert_eq!(read.nullable("c", Fields::string), None);
        assert!(read.finish().is_ok());
    }

    #[test]
    fn lengths_count_characters_and_names_are_visible() {
        let mut read = fields(json!({ "a": "éé", "b": "   ", "c": "x\ny", "d": " Ada " }));
        assert_eq!(read.text("a", 1..=2), Some("éé".to_owned()));
        assert_eq!(read.name("b", 9), None);
        assert_eq!(read.name("c", 9), None);
        assert_eq!(read.name("d", 9), Some("Ada".to_owned()));
        assert_eq!(errors(read).len(), 2);
    }

    #[test]
    fn what_is_not_served_yet_says_so() {
        let mut read = fields(json!({ "phone": "+33" }));
        read.not_yet(&["phone", "domains"]);
        assert_eq!(read.finish().unwrap_err().kind().code, "not_available");
    }
}
