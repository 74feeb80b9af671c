//! What is documented of the Dashdoc dialect's requests is what is taken.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::dashdoc_support::Dash;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(&invite_http::openapi()).unwrap());

/// Every operation that takes a body, and how it answers.
const TAKERS: [(&str, &str, u16); 9] = [
    ("POST", "companies/", 201),
    ("PUT", "companies/{pk}/", 200),
    ("PATCH", "companies/{pk}/", 200),
    ("POST", "contacts/", 201),
    ("PUT", "contacts/{uid}/", 200),
    ("PATCH", "contacts/{uid}/", 200),
    ("POST", "manager-truckers/", 201),
    ("PUT", "manager-truckers/{pk}/", 200),
    ("PATCH", "manager-truckers/{pk}/", 200),
];

/// Members of an answer that no request sets.
const READ_ONLY: [&str; 12] = [
    "pk",
    "created",
    "updated",
    "deleted",
    "managers",
    "has_loggable_managers",
    "is_manager",
    "has_pending_invite",
    "is_invitable",
    "invitation_link",
    "invite_code",
    "uid",
];

/// The schema of an operation's body.
fn schema(method: &str, operation: &str) -> &'static Value {
    let operation = &DOCUMENT["paths"][format!("/api/v4/{operation}")][method.to_lowercase()];
    let name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str().unwrap();
    &DOCUMENT["components"]["schemas"][name.rsplit('/').next().unwrap()]
}

fn properties(schema: &Value) -> &Map<String, Value> {
    schema["properties"].as_object().unwrap()
}

/// A body of everything that is documented, as the examples have it.
fn example(schema: &Value) -> Value {
    if let Some(example) = schema["examples"].get(0) {
        return example.clone();
    }
    if schema["items"].is_object() {
        return json!([example(&schema["items"])]);
    }
    let members = schema["properties"].as_object().into_iter().flatten();
    members.map(|(name, schema)| (name.clone(), example(schema))).collect::<Map<_, _>>().into()
}

/// Whether an answer has everything a request said.
fn has(answer: &Value, said: &Value) -> bool {
    match (answer, said) {
        (Value::Object(answer), Value::Object(said)) => {
            said.iter().all(|(name, said)| answer.get(name).is_some_and(|answer| has(answer, said)))
        }
        (Value::Array(answer), Value::Array(said)) => {
            answer.len() == said.len() && answer.iter().zip(said).all(|(answer, said)| has(answer, said))
        }
        _ => answer == said,
    }
}

/// An installation with a record of each kind, the path of an operation on them, and the body of everything documented.
struct Taker {
    dash: Dash,
    method: &'static str,
    path: String,
    body: Value,
}

impl Taker {
    async fn new(method: &'static str, operation: &str) -> Self {
        let dash = Dash::new().await;
        let company = dash.company("Petit").await;
        let contact = json!({ "company": { "pk": company["pk"] }, "last_name": "Petit" });
        let contact = dash.ask("POST", "/api/v4/contacts/", contact, 201).await;
        let trucker = dash.trucker(json!({})).await;
        let pk = if operation.starts_with("companies") { &company["pk"] } else { &trucker["pk"] };
        let path = operation.replace("{pk}", &pk.to_string()).replace("{uid}", contact["uid"].as_str().unwrap());
        let mut body = example(schema(method, operation));
        for name in ["company", "carrier"] {
            if body.get(name).is_some() {
                body[name] = json!({ "pk": company["pk"] });
            }
        }
        Self { dash, method, path: format!("/api/v4/{path}"), body }
    }

    async fn takes(&self, body: &Value, status: u16) -> Value {
        self.dash.ask(self.method, &self.path, body.clone(), status).await
    }

    /// Whether the body is refused at this member.
    async fn refuses(&self, body: Value, member: &str) -> Vec<String> {
        let faults = self.dash.faults(self.method, &self.path, body).await;
        faults.into_iter().filter(|(field, _)| field == member).map(|(_, code)| code).collect()
    }
}

#[actix_web::test]
async fn everything_that_is_documented_of_a_body_is_taken_and_everything_taken_is_documented() {
    for (method, operation, status) in TAKERS {
        let taker = Taker::new(method, operation).await;
        let answer = taker.takes(&taker.body, status).await;
        assert!(has(&answer, &taker.body), "{method} {operation}: {} became {answer}", taker.body);
        let documented = properties(schema(method, operation));
        let members = answer.as_object().unwrap().keys().filter(|name| !READ_ONLY.contains(&name.as_str()));
        for member in members {
            assert!(documented.contains_key(member), "{method} {operation} does not document {member}");
        }
    }
}

#[actix_web::test]
async fn exactly_the_members_that_are_documented_as_required_have_to_be_there() {
    for (method, operation, status) in TAKERS {
        let taker = Taker::new(method, operation).await;
        let schema = schema(method, operation);
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap()).collect();
        let least: Map<String, Value> =
            required.iter().map(|name| ((*name).to_owned(), taker.body[*name].clone())).collect();
        for name in &required {
            let mut body = least.clone();
            body.remove(*name);
            assert_eq!(taker.refuses(body.into(), name).await, ["required"], "{method} {operation}: {name}");
        }
        taker.takes(&least.into(), status).await;
    }
}

#[actix_web::test]
async fn a_documented_length_is_kept_and_null_is_taken_where_it_is_documented() {
    for (method, operation, status) in TAKERS {
        for (name, property) in properties(schema(method, operation)) {
            let taker = Taker::new(method, operation).await;
            let with = |value: Value| {
                let mut body = taker.body.clone();
                body[name] = value;
                body
            };
            if let Some(most) = property["maxLength"].as_u64().filter(|_| property["format"] != "email") {
                let text = |length: u64| json!("x".repeat(usize::try_from(length).unwrap()));
                assert_eq!(
                    taker.refuses(with(text(most + 1)), name).await,
                    ["max_length"],
                    "{method} {operation}: {name}"
                );
                taker.takes(&with(text(most)), status).await;
            }
            let null = json!("null");
            let nullable = property["type"].as_array().is_some_and(|types| types.contains(&null))
                || property["oneOf"]
                    .as_array()
                    .is_some_and(|choices| choices.iter().any(|choice| choice["type"] == null));
            if nullable {
                // A new installation: what is unique would be there twice.
                let taker = Taker::new(method, operation).await;
                taker.takes(&with(Value::Null), status).await;
            } else {
                assert_eq!(taker.refuses(with(Value::Null), name).await, ["null"], "{method} {operation}: {name}");
            }
        }
    }
}
