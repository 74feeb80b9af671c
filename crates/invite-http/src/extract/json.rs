//! JSON as a strict reader takes it (HTTP-2): no name twice in an object, 32 levels at most, no NUL in a text. Invalid
//! UTF-8 and lone surrogates are refused by the parser itself.

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

const MAX_DEPTH: usize = 32;

/// Parses one document. The error says where, never what: it may be somebody's password.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }.deserialize(&mut reader).map_err(|error| place(&error))?;
    reader.end().map_err(|error| place(&error))?;
    Ok(value)
}

fn place(error: &serde_json::Error) -> String {
    let own = error.to_string();
    let reason = [DUPLICATE, TOO_DEEP, NUL].into_iter().find(|reason| own.starts_with(reason));
    let reason = reason.unwrap_or("the body is not well-formed JSON");
    format!("Line {}, column {}: {reason}.", error.line(), error.column())
}

const DUPLICATE: &str = "a name stands twice in one object";
const TOO_DEEP: &str = "the document is nested more than 32 levels deep";
const NUL: &str = "a text has a NUL character";

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH { Err(E::custom(TOO_DEEP)) } else { Ok(Self { depth: self.depth + 1 }) }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        if text.contains('\0') { Err(E::custom(NUL)) } else { Ok(Value::String(text.to_owned())) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            if name.contains('\0') {
                return Err(de::Error::custom(NUL));
            }
            if map.contains_key(&name) {
                return Err(de::Error::custom(DUPLICATE));
            }
            let value = object.next_value_seed(inner)?;
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_json_is_the_same_as_serde_reads_it() {
        for text in [
            "{}",
            "[]",
            "null",
            " {\"a\":[1,-2,3.5,true,false,null,\"x\\u00e9\\ud83d\\ude00\"],\"b\":{\"a\":1}} ",
            "18446744073709551615",
            "\"\"",
        ] {
            assert_eq!(parse(text.as_bytes()), Ok(serde_json::from_str::<Value>(text).unwrap()), "{text}");
        }
        assert!(parse(format!("{}{}", "[".repeat(32), "]".repeat(32)).as_bytes()).is_ok());
    }

    #[test]
    fn http_2_everything_else_is_refused_with_its_place_and_without_its_content() {
        let deep = format!("{}{}", "[".repeat(33), "]".repeat(33));
        let very_deep = "[".repeat(60_000);
        let cases: [&[u8]; 17] = [
            b"",
            b" ",
            b"{",
            b"{\"a\":1,}",
            b"{\"a\":1}{",
            b"{\"a\":1} x",
            b"{'a':1}",
            b"{\"secret\":1,\"secret\":2}",
            b"{\"x\":{\"secret\":1,\"secret\":2}}",
            b"{\"a\":\"secret\\u0000\"}",
            b"{\"secret\\u0000\":1}",
            b"{\"a\":\"\\ud800\"}",
            b"{\"a\":\"\\udc00x\"}",
            b"{\"a\":\"\xff\xfe\"}",
            b"NaN",
            deep.as_bytes(),
            very_deep.as_bytes(),
        ];
        for case in cases {
            let error = parse(case).unwrap_err();
            assert!(error.starts_with("Line "), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
