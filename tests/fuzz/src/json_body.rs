//! Bodies of requests: the strict JSON reader (HTTP-2), forms, and the readers of their members (AUTHZ-4).

use super::input::Input;
use invite_http::fuzzing::{dialect, fields, form, json};
use serde_json::{Map, Value};

/// A script for the readers of members, then a body.
pub fn json_body(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let (is_form, script): (u8, [u8; 6]) = (input.byte(), input.array());
    let body = input.rest();
    let object = if is_form % 4 == 3 { any_form(body) } else { any_json(body) };
    if let Some(object) = object {
        members(&object, &script, is_form % 4 == 3);
    }
}

fn any_json(body: &[u8]) -> Option<Map<String, Value>> {
    let theirs = serde_json::from_slice::<Value>(body);
    match json(body) {
        Ok(value) => {
            // What is let in is what everybody reads, and comes back from its own text.
            assert_eq!(Some(&value), theirs.as_ref().ok());
            assert!(depth(&value) <= 32 && !has_nul(&value) && !repeats(body, &value));
            let again = json(value.to_string().as_bytes());
            assert!(again.as_ref().is_ok_and(|again| same(again, &value)), "{again:?} was {value}");
            if let Value::Object(map) = value { Some(map) } else { None }
        }
        Err(why) => {
            // The place and one of four reasons, and nothing of the body.
            assert!(why.starts_with("Line ") && why.contains(", column ") && why.len() < 120, "{why}");
            if let Ok(value) = theirs {
                let reason = depth(&value) > 32 || has_nul(&value) || repeats(body, &value);
                assert!(reason, "refused without a reason: {why}");
            }
            None
        }
    }
}

/// Whether two values are the same, where the last bit of a fraction does not count: the parser's is not exact.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && same(a.1, b.1))
        }
        (Value::Number(a), Value::Number(b)) if a.is_f64() => {
            let (a, b) = (a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            (a - b).abs() <= a.abs() * 4.0 * f64::EPSILON
        }
        _ => a == b,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(list) => list.iter().any(has_nul),
        Value::Object(map) => map.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// Whether a name stands twice in one object: fewer members were kept than there are colons outside texts.
fn repeats(body: &[u8], kept: &Value) -> bool {
    let (mut colons, mut inside, mut escaped) = (0, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b':' if !inside => colons += 1,
            _ => {}
        }
    }
    colons > members_of(kept)
}

fn members_of(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.iter().map(members_of).sum(),
        Value::Object(map) => map.len() + map.values().map(members_of).sum::<usize>(),
        _ => 0,
    }
}

fn any_form(body: &[u8]) -> Option<Map<String, Value>> {
    let map = form(body).ok()?;
    let mut pairs = Vec::new();
    flatten(&mut pairs, String::new(), &Value::Object(map.clone()), 0);
    let again = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
    assert_eq!(form(again.as_bytes()).as_ref(), Ok(&map), "{again}");
    Some(map)
}

/// The pairs a value came from: texts only, at most eight deep, no empty list or object.
fn flatten(pairs: &mut Vec<(String, String)>, name: String, value: &Value, depth: usize) {
    assert!(depth <= 8, "{name}");
    match value {
        Value::String(text) => pairs.push((name, text.clone())),
        Value::Array(list) => {
            assert!(!list.is_empty() && list.iter().all(Value::is_string), "{name}");
            for value in list {
                flatten(pairs, format!("{name}[]"), value, depth + 1);
            }
        }
        Value::Object(map) => {
            assert!(depth == 0 || !map.is_empty(), "{name}");
            for (inner, value) in map {
                let inner = if depth == 0 { inner.clone() } else { format!("{name}[{inner}]") };
                flatten(pairs, inner, value, depth + 1);
            }
        }
        other => panic!("{name}: a form has texts only, not {other}"),
    }
}

/// Every fault is told with the place of something that is there.
fn members(object: &Map<String, Value>, script: &[u8], textual: bool) {
    let whole = Value::Object(object.clone());
    for pointer in fields(object, script) {
        assert!(whole.pointer(&pointer).is_some(), "{pointer} leads nowhere in {whole}");
    }
    for place in dialect(object, textual, script) {
        let begins = |name: &String| {
            place.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        assert!(object.keys().any(begins), "{place} leads nowhere in {whole}");
    }
}
