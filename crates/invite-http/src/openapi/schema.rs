use super::Schemas;
use serde_json::{Map, Value, json};

/// Members an answer leaves out where there is nothing to say; all others are always there.
const OPTIONAL: [(&str, &str); 3] = [("Invitation", "link"), ("Invitation", "code"), ("Redeemed", "session")];

/// The schemas of wire types, by what becomes of them.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) requests: Schemas,
    /// Bodies of a dialect's requests.
    pub(super) lenient: Schemas,
    pub(super) answers: Schemas,
}

/// All component schemas: those of requests refuse unknown members, a dialect's ignore them, those of answers always have every member.
pub(super) fn all(Collected { requests, lenient, answers }: Collected) -> Value {
    let mut all: Map<String, Value> = super::dialect::schemas().collect();
    all.extend(lenient.into_iter().map(|(name, schema)| (name, plain(&schema))));
    for (name, schema) in requests {
        let mut schema = plain(&schema);
        // A choice between schemas has no members of its own: this would refuse every one of theirs.
        if schema.get("oneOf").is_none() {
            schema["additionalProperties"] = json!(false);
        }
        all.insert(name, schema);
    }
    for (name, schema) in answers {
        let mut schema = plain(&schema);
        require_all(&name, &mut schema);
        all.insert(name, schema);
    }
    all.insert("Problem".to_owned(), problem());
    all.sort_keys();
    Value::Object(all)
}

fn plain(schema: &impl serde::Serialize) -> Value {
    serde_json::to_value(schema).unwrap_or(Value::Null)
}

/// Also inside `allOf`, which is how a flattened struct is written.
fn require_all(name: &str, schema: &mut Value) {
    if let Some(parts) = schema.get_mut("allOf").and_then(Value::as_array_mut) {
        for part in parts {
            require_all(name, part);
        }
    }
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let always = |member: &&String| !OPTIONAL.contains(&(name, member.as_str()));
    let names: Vec<&String> = properties.keys().filter(always).collect();
    schema["required"] = json!(names);
}

fn problem() -> Value {
    let text =
        |description: &str, example: &str| json!({ "type": "string", "description": description, "example": example });
    json!({
        "type": "object",
        "description": "A refusal (RFC 9457). Some kinds have further members.",
        "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
        "properties": {
            "type": text("Names the kind.", "urn:invite:problem:not_found"),
            "title": text("The kind in a few words.", "Not found"),
            "status": { "type": "integer", "description": "The answer's status.", "example": 404 },
            "detail": text("What a person can do about it.", "There is nothing here that you may see. Check the path and the id."),
            "instance": text("The path of the request.", "/v1/roles/0190f3c2-0000-7000-8000-0000000000a1"),
            "code": text("The kind's stable code; decide by this.", "not_found"),
            "request_id": text("The request's id, as in the header X-Request-Id and the log.", "0190f3c2-0000-7000-8000-00000000aaaa"),
            "errors": {
                "type": "array",
                "description": "Each field that cannot be as it is (422 only).",
                "items": {
                    "type": "object",
                    "required": ["pointer", "code", "detail"],
                    "properties": {
                        "pointer": text("Where in the request, as a JSON pointer.", "/recipient/email"),
                        "code": {
                            "type": "string",
                            "description": "What is wrong.",
                            "enum": ["required", "unknown_field", "wrong_type", "out_of_range", "invalid"],
                            "example": "required",
                        },
                        "detail": text("What to change.", "This is missing."),
                    },
                },
            },
        },
    })
}
