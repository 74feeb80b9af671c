//! `application/x-www-form-urlencoded` as PHP clients nest it: `a=1`, `a[]=1&a[]=2`, `a[b]=1`, `a[b][c]=1`.

use serde_json::{Map, Value};
use url::form_urlencoded;

/// The deepest nesting.
const MAX_DEPTH: usize = 8;

/// Reads a form into the value the same JSON body would be, all texts. The error says what, never whose value.
pub(crate) fn parse(bytes: &[u8]) -> Result<Map<String, Value>, &'static str> {
    let mut all = Map::new();
    for (name, value) in form_urlencoded::parse(bytes) {
        if name.contains('\0') || value.contains('\0') {
            return Err("A field has a NUL character.");
        }
        // What the decoder puts for bytes that are no UTF-8. A form has no use for the character itself.
        if name.contains('\u{FFFD}') || value.contains('\u{FFFD}') {
            return Err("The form is not UTF-8.");
        }
        let path = path(&name).ok_or("The name of a field has brackets that do not match, or too many.")?;
        place(&mut all, &path, value.into_owned())?;
    }
    Ok(all)
}

/// `a[b][]` is `a`, `b` and an entry.
fn path(name: &str) -> Option<Vec<Option<String>>> {
    let (first, mut rest) = match name.find('[') {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    if first.is_empty() || first.contains(']') {
        return None;
    }
    let mut path = vec![Some(first.to_owned())];
    while !rest.is_empty() {
        let (inside, after) = rest.strip_prefix('[')?.split_once(']')?;
        if inside.contains('[') || path.len() >= MAX_DEPTH {
            return None;
        }
        path.push((!inside.is_empty()).then(|| inside.to_owned()));
        rest = after;
    }
    Some(path)
}

const TWICE: &str = "A field stands there twice, or with two shapes.";

fn place(map: &mut Map<String, Value>, path: &[Option<String>], value: String) -> Result<(), &'static str> {
    let [Some(name), rest @ ..] = path else { return Err(TWICE) };
    match rest {
        [] => {
            let before = map.insert(name.clone(), Value::String(value));
            if before.is_some() { Err(TWICE) } else { Ok(()) }
        }
        [None] => match map.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(list) => {
                list.push(Value::String(value));
                Ok(())
            }
            _ => Err(TWICE),
        },
        // `a[][b]`: whose entry a field is would be a guess.
        [None, ..] => Err("A list of objects cannot be sent as a form. Send JSON."),
        rest => match map.entry(name.clone()).or_insert_with(|| Value::Object(Map::new())) {
            Value::Object(inner) => place(inner, rest, value),
            _ => Err(TWICE),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_is_the_json_it_stands_for() {
        let read = |text: &str| parse(text.as_bytes()).map(Value::Object);
        let flat = "email=a%40b.example&default_rate=15000";
        assert_eq!(read(flat), Ok(json!({ "email": "a@b.example", "default_rate": "15000" })));
        assert_eq!(read("p[]=a&p%5B%5D=b"), Ok(json!({ "p": ["a", "b"] })));
        assert_eq!(read("p[invites.index]=1&p[x]=0"), Ok(json!({ "p": { "invites.index": "1", "x": "0" } })));
        assert_eq!(read("a[b][c][]=x+y"), Ok(json!({ "a": { "b": { "c": ["x y"] } } })));
        assert_eq!(read(""), Ok(json!({})));
    }

    #[test]
    fn whatever_could_be_read_in_two_ways_is_refused() {
        let deep = format!("a{}=1", "[b]".repeat(9));
        for bad in [
            "a=1&a=2",
            "a=1&a[]=2",
            "a[]=1&a=2",
            "a[b]=1&a[]=2",
            "a[b]=1&a[b]=2",
            "a[][b]=1",
            "a[=1",
            "a]=1",
            "a[b]c=1",
            "[a]=1",
            "=1",
            "a[[b]]=1",
            "a=%00",
            "%00=1",
            "a=%ff",
            &deep,
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
