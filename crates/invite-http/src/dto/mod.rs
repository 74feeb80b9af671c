//! What answers look like on the wire: absent values are null. What requests look like is beside them.

pub(crate) mod administration;
pub(crate) mod dead_letter;
pub(crate) mod erasure;
pub(crate) mod invitation;
pub(crate) mod organization;
pub(crate) mod organization_group;
pub(crate) mod redemption;
pub(crate) mod request;
pub(crate) mod statistics;

use chrono::SecondsFormat;
use invite_domain::time::Timestamp;
use serde_json::Value;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

/// An instant as answers write it: RFC 3339, UTC with `Z`.
pub(crate) fn time(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// JSON text out of the domain, which keeps it as text and promises that it is JSON.
pub(crate) fn opaque(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

fn object_schema(types: SchemaType, description: &str, example: Value) -> Object {
    ObjectBuilder::new().schema_type(types).description(Some(description)).examples([example]).build()
}

fn nullable() -> SchemaType {
    SchemaType::from_iter([Type::Object, Type::Null])
}

/// The facts of an event.
pub(crate) fn facts_schema() -> Object {
    let description = "What else there is to say. Never a secret, a name or an address.";
    object_schema(Type::Object.into(), description, serde_json::json!({ "generation": 1 }))
}

/// An organisation's profile.
pub(crate) fn own_profile_schema() -> Object {
    let description = "Fields other systems print; never interpreted.";
    object_schema(Type::Object.into(), description, serde_json::json!({ "company": { "city": "Lyon" } }))
}

/// Metadata, which nobody here looks into.
pub(crate) fn metadata_schema() -> Object {
    let description = "An object of your own, at most 8 KiB, carried from the invitation to the membership.";
    object_schema(nullable(), description, serde_json::json!({ "team": "north" }))
}

/// A profile, which nobody here looks into.
pub(crate) fn profile_schema() -> Object {
    let description = "Fields other systems print, instead of all there were; at most 8 KiB.";
    object_schema(nullable(), description, serde_json::json!({ "company": { "city": "Lyon" } }))
}

/// A wire document as JSON text. A struct of ours always has one.
pub(crate) fn text(document: &impl serde::Serialize) -> String {
    serde_json::to_string(document).unwrap_or_else(|_| "null".to_owned())
}

/// What every wire document can be turned into. A struct of ours always can.
pub(crate) fn value(document: &impl serde::Serialize) -> Value {
    serde_json::to_value(document).unwrap_or(Value::Null)
}
