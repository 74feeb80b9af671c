//! Schemas of request bodies: the fields out of the tables that bodies are read by, what they mean out of the schemas of
//! the answers. Neither can be forgotten here.

use super::fields::{ANY, ENTRIES, Extent, Field, Kind};
use crate::endpoint::schema_of;
use serde_json::{Map, Value};
use utoipa::{
    ToSchema,
    openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type},
};

/// The most characters of an address (RFC 5321, 4.5.3.1.3).
const EMAIL: usize = 254;

/// What answers are documented with: their schemas by name.
pub(super) struct Answered {
    schemas: Value,
    name: String,
}

impl Answered {
    pub(super) fn of<T: ToSchema>() -> Self {
        let mut schemas = Vec::new();
        let name = schema_of::<T>(&mut schemas);
        let plain = |(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default());
        Self { schemas: schemas.into_iter().map(plain).collect::<Map<_, _>>().into(), name }
    }

    /// Adds these fields to the schema of a body; in a partial one none has to be there.
    pub(super) fn describe(&self, body: ObjectBuilder, fields: &[Field], extent: Extent) -> ObjectBuilder {
        self.members(body, &self.name, fields, extent)
    }

    fn members(&self, body: ObjectBuilder, answer: &str, fields: &[Field], extent: Extent) -> ObjectBuilder {
        fields.iter().fold(body, |body, field| {
            let answered = &self.schemas[answer]["properties"][field.name];
            let body = body.property(field.name, self.member(field, answered));
            if field.required && extent == Extent::Whole { body.required(field.name) } else { body }
        })
    }

    fn member(&self, field: &Field, answered: &Value) -> Schema {
        let description = said(answered, "description").and_then(Value::as_str);
        let kinds = |kinds: &[Type]| match kinds {
            [kind] if field.required => SchemaType::Type(kind.clone()),
            kinds => {
                let null = [Type::Null].into_iter().filter(|_| !field.required);
                kinds.iter().cloned().chain(null).collect()
            }
        };
        let plain = |types: &[Type]| {
            ObjectBuilder::new().schema_type(kinds(types)).description(description).examples(example(answered).cloned())
        };
        let text = |most: usize| plain(&[Type::String]).max_length(Some(most).filter(|most| *most != ANY));
        let format = |format| Some(SchemaFormat::KnownFormat(format));
        let answer = said(answered, "$ref").and_then(Value::as_str).unwrap_or_default();
        let answer = answer.rsplit('/').next().unwrap_or_default();
        let inner = |fields: &[Field]| {
            let properties = &self.schemas[answer]["properties"];
            let member = |field: &Field| Some((field.name.to_owned(), example(&properties[field.name])?.clone()));
            let example: Map<String, Value> = fields.iter().filter_map(member).collect();
            self.members(ObjectBuilder::new().examples([Value::Object(example)]), answer, fields, Extent::Whole)
        };
        let list = |entry: ObjectBuilder| {
            let entry = entry.schema_type(Type::Object);
            let list = ArrayBuilder::new().schema_type(kinds(&[Type::Array])).items(entry);
            list.description(description).max_items(Some(ENTRIES)).build().into()
        };
        match field.kind {
            Kind::Text(most) => text(most),
            Kind::Name(most) => text(most).min_length(Some(1)),
            Kind::Email => text(EMAIL).format(format(KnownFormat::Email)),
            Kind::Country => text(ANY).pattern(Some("^[A-Z]{2}$")),
            Kind::CountryOrBlank => text(ANY).pattern(Some("^([A-Z]{2})?$")),
            Kind::DateTime | Kind::Noted => text(ANY).format(format(KnownFormat::DateTime)),
            Kind::Flag => plain(&[Type::Boolean]),
            Kind::Integer | Kind::Numbered => plain(&[Type::Integer]).format(format(KnownFormat::Int64)),
            Kind::Number => plain(&[Type::Number]),
            Kind::TextId => plain(&[Type::String, Type::Number]),
            Kind::Maker => plain(&[Type::Integer, Type::Object]),
            Kind::Free => plain(&[Type::Object]),
            Kind::Object(fields) => inner(fields).schema_type(kinds(&[Type::Object])).description(description),
            Kind::Objects(fields) => return list(inner(fields)),
            Kind::FreeObjects => return list(ObjectBuilder::new()),
        }
        .build()
        .into()
    }
}

fn example(property: &Value) -> Option<&Value> {
    said(property, "example").or_else(|| said(property, "examples")?.get(0))
}

/// What a property says, be it of itself, of what it refers to or of its entries.
fn said<'a>(property: &'a Value, what: &str) -> Option<&'a Value> {
    let choices = property["oneOf"].as_array().into_iter().flatten();
    let mut parts = [property].into_iter().chain(choices).chain([&property["items"]]);
    parts.find_map(|part| part.get(what))
}
