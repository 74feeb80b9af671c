//! The shape of an answer: its keys and their JSON types, compared in both directions.

use super::shape;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// A type as JSON and the pages tell them apart: `1` is an integer, `0.15` a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JsonType {
    /// Text.
    String,
    /// A number without a fraction and without a decimal point.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Keys and values.
    Object,
    /// Items.
    Array,
}

impl JsonType {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Object => value.is_object(),
            Self::Array => value.is_array(),
        }
    }

    /// The narrowest that fits; `None` for null.
    fn of(value: &Value) -> Option<Self> {
        let all = [Self::String, Self::Integer, Self::Number, Self::Boolean, Self::Object, Self::Array];
        all.into_iter().find(|kind| kind.fits(value))
    }
}

impl fmt::Display for JsonType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Array => "array",
        })
    }
}

/// Why a key may be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NullReason {
    /// The page prints null.
    Printed,
    /// The contract's notes name the key as nullable.
    Contract,
    /// The page is silent, and the key is never left out: it is null where there is no value.
    Unset,
}

/// Which nulls a comparison takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// All that have a [`NullReason`].
    Allowed,
    /// Only those the page prints: for an answer about something that has a value everywhere.
    Forbidden,
}

/// A JSON value's shape.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Its type as printed; where the page prints null, the type the contract gives.
    #[serde(rename = "type")]
    pub kind: JsonType,
    /// An object's keys.
    pub keys: Option<BTreeMap<String, Shape>>,
    /// Every item of an array.
    pub items: Option<Box<Shape>>,
    /// The name of the shape that has this object's keys.
    pub shape: Option<String>,
    /// Whether an object may have any keys.
    #[serde(default)]
    pub free: bool,
    /// Why it may be null; `None` where it may not.
    pub null_ok: Option<NullReason>,
    /// How the whole shape is known; only at the top.
    pub mark: Option<super::Mark>,
}

impl Shape {
    /// An object's keys, also where another shape has them; `None` for what is no object and for a free one.
    pub fn keys(&self) -> Option<&BTreeMap<String, Shape>> {
        match &self.shape {
            Some(name) => shape(name).keys(),
            None => self.keys.as_ref(),
        }
    }

    /// Every difference between a value and this shape, each led by its JSON path.
    pub fn faults(&self, value: &Value, nulls: Nulls) -> Vec<String> {
        let mut faults = Vec::new();
        self.compare(value, nulls, "$", &mut faults);
        faults
    }

    fn compare(&self, value: &Value, nulls: Nulls, path: &str, faults: &mut Vec<String>) {
        if value.is_null() {
            let refusal = match (self.null_ok, nulls) {
                (Some(NullReason::Printed), _) | (Some(_), Nulls::Allowed) => return,
                (Some(_), Nulls::Forbidden) => "the answer must have a value here",
                (None, _) => "it is never null",
            };
            faults.push(format!("{path}: null instead of {}: {refusal}", self.kind));
            return;
        }
        if !self.kind.fits(value) {
            let found = JsonType::of(value).map_or_else(String::new, |kind| kind.to_string());
            faults.push(format!("{path}: {found} instead of {}", self.kind));
            return;
        }
        match value {
            Value::Object(found) => {
                let Some(keys) = self.keys() else { return };
                for (key, shape) in keys {
                    match found.get(key) {
                        Some(value) => shape.compare(value, nulls, &format!("{path}.{key}"), faults),
                        None => faults.push(format!("{path}.{key}: missing")),
                    }
                }
                let additional = found.keys().filter(|key| !keys.contains_key(*key));
                faults.extend(additional.map(|key| format!("{path}.{key}: additional")));
            }
            Value::Array(found) => {
                let Some(items) = &self.items else { return };
                for (index, value) in found.iter().enumerate() {
                    items.compare(value, nulls, &format!("{path}[{index}]"), faults);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}
