//! Fields of a record that are not ours: held to their type and the documented limits, kept in the record's profile as they
//! were written, printed from there. None is interpreted.

use crate::{
    dialect::{fault::Fault, reader::Reader},
    dto::opaque,
};
use invite_domain::directory::Subject;
use serde_json::{Map, Number, Value};

/// What a field holds.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A text of at most so many characters.
    Text(usize),
    /// The same, never null and never blank.
    Name(usize),
    Email,
    /// An ISO 3166-1 alpha-2 code.
    Country,
    /// The same or, as good as null, an empty text.
    CountryOrBlank,
    DateTime,
    /// The moment it was noted where the host names none.
    Noted,
    Flag,
    Integer,
    Number,
    /// The host's own number for an entry; the next one where it names none.
    Numbered,
    /// An id that is printed as text.
    TextId,
    /// A number, or an object with one under `pk`.
    Maker,
    /// An object of any members.
    Free,
    /// An object of these fields.
    Object(&'static [Field]),
    /// A list of objects of these fields.
    Objects(&'static [Field]),
    /// A list of objects of any members.
    FreeObjects,
}

/// A field of a record or of an object in it.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Whether it has to be there; a partial update may leave it out and not make it null.
    pub(super) required: bool,
}

/// A field that may be left out.
pub(super) const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

/// A field that has to be there.
pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

/// No limit of the documentation; the body's size is one.
pub(super) const ANY: usize = usize::MAX;
/// The most entries of a list in a profile.
pub(super) const ENTRIES: usize = 1_000;

/// What a body means for what it does not name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// It has its default: creation and PUT.
    Whole,
    /// It stays as it is: PATCH.
    Partial,
}

/// A record's fields that are not ours.
#[derive(Clone, Default)]
pub(super) struct Profile(Map<String, Value>);

impl Profile {
    pub(super) fn of(subject: &Subject) -> Self {
        Self::object(opaque(&subject.profile))
    }

    fn object(value: Value) -> Self {
        match value {
            Value::Object(map) => Self(map),
            _ => Self::default(),
        }
    }

    /// What is stored.
    pub(super) fn into_text(self) -> String {
        Value::Object(self.0).to_string()
    }

    /// Takes what a body says of these fields; `now` is noted where the host names no time. Faults are the reader's.
    pub(super) fn read(&mut self, body: &mut Reader, fields: &[Field], extent: Extent, now: &str) {
        for Field { name, kind, required } in fields {
            let read = match (body.has(name), required) {
                (false, true) if extent == Extent::Whole => body.must(name, |_, _| None),
                (false, _) => continue,
                (true, true) => body.must(name, |body, name| kind.read(body, name, now)),
                (true, false) => kind.read(body, name, now),
            };
            match read {
                Some(value) => self.0.insert((*name).to_owned(), value),
                None => self.0.remove(*name),
            };
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(str::to_owned)
    }

    /// A text that is never null.
    pub(super) fn words(&self, name: &str) -> String {
        self.text(name).unwrap_or_default()
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64()
    }

    /// A number as it was written.
    pub(super) fn number(&self, name: &str) -> Option<Number> {
        match self.0.get(name)? {
            Value::Number(number) => Some(number.clone()),
            _ => None,
        }
    }

    pub(super) fn inner(&self, name: &str) -> Option<Self> {
        self.0.get(name).cloned().map(Self::object)
    }

    pub(super) fn list(&self, name: &str) -> Vec<Self> {
        let entries = self.0.get(name).and_then(Value::as_array);
        entries.into_iter().flatten().cloned().map(Self::object).collect()
    }

    pub(super) fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

impl Kind {
    fn read(self, body: &mut Reader, name: &str, now: &str) -> Option<Value> {
        match self {
            Self::Text(most) => body.string(name, most).map(Value::String),
            Self::Name(most) => body.text(name, most).map(Value::String),
            Self::Email => as_written(body, name, Fault::NotEmail, Reader::email),
            Self::Country => body.country(name).map(Value::String),
            Self::CountryOrBlank => as_written(body, name, Fault::NotCountry, Reader::country),
            Self::DateTime | Self::Noted => as_written(body, name, Fault::NotDateTime, Reader::date_time),
            Self::Flag => body.boolean(name).map(Value::Bool),
            Self::Integer | Self::Numbered => body.integer(name, i64::MIN..=i64::MAX).map(Value::from),
            Self::Number => as_written(body, name, Fault::NotNumber, Reader::number),
            Self::TextId => match body.value(name)? {
                Value::Number(number) => Some(number.to_string().into()),
                text @ Value::String(_) => Some(text),
                _ => refuse(body, name, Fault::NotText),
            },
            Self::Maker => match body.value(name)? {
                number @ Value::Number(_) if number.is_i64() => Some(number),
                Value::Object(map) if map.get("pk").is_some_and(Value::is_i64) => map.get("pk").cloned(),
                _ => refuse(body, name, Fault::NotInteger),
            },
            Self::Free => match body.value(name)? {
                object @ Value::Object(_) => Some(object),
                _ => refuse(body, name, Fault::NotObject),
            },
            Self::FreeObjects => match body.value(name)? {
                Value::Array(entries) if entries.len() > ENTRIES => refuse(body, name, Fault::TooMany(ENTRIES)),
                Value::Array(entries) if entries.iter().all(Value::is_object) => Some(Value::Array(entries)),
                _ => refuse(body, name, Fault::NotList),
            },
            Self::Object(fields) => {
                let mut inner = body.object(name)?;
                let object = whole(&mut inner, fields, now);
                body.absorb(inner);
                Some(Value::Object(object))
            }
            Self::Objects(fields) => {
                let mut list = Vec::new();
                for mut inner in body.objects(name, ENTRIES)? {
                    list.push(whole(&mut inner, fields, now));
                    body.absorb(inner);
                }
                Some(Value::Array(numbered(list, fields)))
            }
        }
    }
}

/// An object inside, which is replaced as a whole.
fn whole(inner: &mut Reader, fields: &'static [Field], now: &str) -> Map<String, Value> {
    let mut object = Profile::default();
    object.read(inner, fields, Extent::Whole, now);
    for field in fields.iter().filter(|field| matches!(field.kind, Kind::Noted)) {
        object.0.entry(field.name).or_insert_with(|| now.into());
    }
    object.0
}

/// Gives entries without a number of the host's own the next ones.
fn numbered(mut list: Vec<Map<String, Value>>, fields: &[Field]) -> Vec<Value> {
    if let Some(Field { name, .. }) = fields.iter().find(|field| matches!(field.kind, Kind::Numbered)) {
        let mut highest = list.iter().filter_map(|entry| entry.get(*name)?.as_i64()).max().unwrap_or_default();
        for entry in &mut list {
            entry.entry(*name).or_insert_with(|| {
                highest = highest.saturating_add(1);
                highest.into()
            });
        }
    }
    list.into_iter().map(Value::Object).collect()
}

/// A value that is held to what `read` says and kept in its own spelling. An empty text is as good as none.
fn as_written<T>(
    body: &mut Reader,
    name: &str,
    fault: Fault,
    read: impl FnOnce(&mut Reader, &str) -> Option<T>,
) -> Option<Value> {
    let value = body.value(name).filter(|value| *value != "")?;
    let mut alone = Reader::json(Map::from_iter([(name.to_owned(), value.clone())]));
    if read(&mut alone, name).is_some() { Some(value) } else { refuse(body, name, fault) }
}

fn refuse(body: &mut Reader, name: &str, fault: Fault) -> Option<Value> {
    body.wrong(name, fault);
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FIELDS: &[Field] = &[
        required("last_name", Kind::Name(5)),
        field("note", Kind::Text(3)),
        field("at", Kind::DateTime),
        field("country", Kind::CountryOrBlank),
        field("mail", Kind::Email),
        field(
            "place",
            Kind::Object(&[field("pk", Kind::TextId), field("by", Kind::Maker), field("made", Kind::Noted)]),
        ),
        field("tags", Kind::Objects(&[field("pk", Kind::Numbered), required("name", Kind::Name(9))])),
        field("width", Kind::Number),
        field("events", Kind::FreeObjects),
    ];
    const NOW: &str = "2026-11-22T00:00:00Z";

    fn read(profile: &mut Profile, body: Value, extent: Extent) -> Vec<(String, String)> {
        let mut body = Reader::json(Profile::object(body).0);
        profile.read(&mut body, FIELDS, extent, NOW);
        let faults = body.finish().err().map(|problem| problem.all_faults()).unwrap_or_default();
        faults.into_iter().map(|fault| (fault.field, fault.fault.code().to_owned())).collect()
    }

    #[test]
    fn what_is_good_is_kept_as_it_was_written() {
        let mut profile = Profile::default();
        let body = json!({
            "last_name": " Zoë ", "note": "", "at": "2020-12-22T15:31:39.26167Z", "country": "", "mail": "A@B.example",
            "place": { "pk": 7, "by": { "pk": 3, "name": "x" }, "else": 1 }, "width": 48, "events": [{ "a": [] }, {}],
            "tags": [{ "name": "a" }, { "pk": 9, "name": "b" }, { "name": "c" }], "ours": true,
        });
        assert_eq!(read(&mut profile, body, Extent::Whole), []);
        let kept = json!({
            "last_name": " Zoë ", "note": "", "at": "2020-12-22T15:31:39.26167Z", "mail": "A@B.example",
            "place": { "pk": "7", "by": 3, "made": NOW }, "width": 48, "events": [{ "a": [] }, {}],
            "tags": [{ "pk": 10, "name": "a" }, { "pk": 9, "name": "b" }, { "pk": 11, "name": "c" }],
        });
        assert_eq!(Value::Object(profile.0.clone()), kept);
        // A partial update leaves the rest; null takes away.
        assert_eq!(read(&mut profile, json!({ "note": "x", "place": null }), Extent::Partial), []);
        assert_eq!((profile.words("note"), profile.inner("place").is_some()), ("x".to_owned(), false));
        assert_eq!(profile.text("at").as_deref(), Some("2020-12-22T15:31:39.26167Z"));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        let body = json!({
            "note": "long", "at": "2020-12-22", "country": "fr", "mail": "x", "place": { "pk": true, "by": "x" },
            "tags": [{ "pk": "1" }, 2], "width": "1", "events": [1],
        });
        let expected = [
            ("last_name", "required"),
            ("note", "max_length"),
            ("at", "invalid"),
            ("country", "invalid_choice"),
            ("mail", "invalid"),
            ("place.pk", "invalid"),
            ("place.by", "invalid"),
            ("tags.1", "not_an_object"),
            ("tags.0.pk", "invalid"),
            ("tags.0.name", "required"),
            ("width", "invalid"),
            ("events", "not_a_list"),
        ];
        let expected = expected.map(|(field, code)| (field.to_owned(), code.to_owned()));
        assert_eq!(read(&mut Profile::default(), body, Extent::Whole), expected);
        let null = [("last_name".to_owned(), "null".to_owned())];
        assert_eq!(read(&mut Profile::default(), json!({ "last_name": null }), Extent::Partial), null);
        let blank = [("last_name".to_owned(), "blank".to_owned())];
        assert_eq!(read(&mut Profile::default(), json!({ "last_name": " " }), Extent::Partial), blank);
    }
}
