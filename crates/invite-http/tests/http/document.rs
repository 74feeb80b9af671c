//! What is documented is what there is.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::support::Bench;
use actix_web::http::StatusCode;
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::PathBuf};

fn reference(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference").join(name)
}

/// Compares a generated page with the committed one, or writes it where `UPDATE_DOCS=1` is set.
fn holds(name: &str, generated: &str) {
    let path = reference(name);
    if is_update() {
        std::fs::write(&path, generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "docs/reference/{name} is not up to date: run the tests with UPDATE_DOCS=1");
}

#[expect(clippy::disallowed_methods, reason = "the switch that rewrites the reference is no configuration")]
fn is_update() -> bool {
    std::env::var("UPDATE_DOCS").is_ok_and(|value| value == "1")
}

fn document() -> Value {
    serde_json::from_str(&invite_http::openapi()).unwrap()
}

#[test]
fn the_reference_of_problems_is_the_table() {
    holds("errors.md", &invite_http::problem::reference());
}

#[test]
fn the_committed_openapi_document_is_the_present_one() {
    holds("openapi.json", &invite_http::openapi());
}

#[actix_web::test]
async fn every_documented_operation_exists_and_takes_no_other_method() {
    let bench = Bench::new().await;
    for (path, operations) in document()["paths"].as_object().unwrap() {
        let concrete = path.replace("{id}", "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5");
        let documented: BTreeSet<String> = operations.as_object().unwrap().keys().map(|m| m.to_uppercase()).collect();
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let reply = bench.send(bench.request(method, &concrete)).await;
            let exists = reply.status != StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(exists, documented.contains(method), "{method} {path}");
            if !exists {
                let allow: BTreeSet<String> = reply.header("allow").split(", ").map(str::to_owned).collect();
                let mut expected = documented.clone();
                if documented.contains("GET") {
                    expected.insert("HEAD".to_owned());
                }
                assert_eq!(allow, expected, "{path}");
            }
        }
    }
}

/// `$ref`s, and whatever has properties.
fn walk(value: &Value, place: &str, visit: &mut impl FnMut(&Value, &str)) {
    visit(value, place);
    match value {
        Value::Object(map) => map.iter().for_each(|(name, inner)| walk(inner, &format!("{place}/{name}"), visit)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(i, inner)| walk(inner, &format!("{place}/{i}"), visit));
        }
        _ => {}
    }
}

#[test]
fn every_field_is_described_and_every_reference_leads_somewhere() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    walk(&document, "", &mut |value, place| {
        if let Some(name) = value.get("$ref").and_then(Value::as_str) {
            let (group, name) = name.rsplit_once('/').unwrap();
            let group = &document["components"][group.rsplit('/').next().unwrap()];
            assert!(group.get(name).is_some(), "{place}: {name}");
        }
    });
    for (name, schema) in schemas {
        assert!(schema["description"].is_string(), "{name} has no description");
        walk(schema, name, &mut |value, place| {
            let Some(properties) = value.get("properties").and_then(Value::as_object) else { return };
            for (field, property) in properties {
                let named = property["description"].is_string()
                    || property["$ref"].is_string()
                    || property["oneOf"].is_array()
                    || property["allOf"].is_array();
                assert!(named, "{place}/{field} has no description");
                let shown =
                    property.get("example").is_some() || property.get("examples").is_some() || is_structured(property);
                assert!(shown, "{place}/{field} has no example");
            }
        });
    }
}

fn is_structured(property: &Value) -> bool {
    ["$ref", "oneOf", "allOf", "items"].iter().any(|key| property.get(*key).is_some())
}

#[test]
fn every_problem_of_the_table_is_documented_by_an_operation_and_the_reverse() {
    let mut documented = BTreeSet::new();
    walk(&document()["paths"], "", &mut |value, _| {
        if let Some(examples) = value.get("examples").and_then(Value::as_object) {
            documented.extend(examples.keys().cloned());
        }
    });
    let table: BTreeSet<String> = invite_http::problem::table::ALL.iter().map(|kind| kind.code.to_owned()).collect();
    let undocumented: Vec<_> = table.difference(&documented).collect();
    // A wrong method is of no operation; setting up is the command line's.
    let expected = ["already_set_up", "method_not_allowed"];
    assert_eq!(undocumented, expected);
    assert_eq!(documented.difference(&table).count(), 0);
}

/// A body made of the examples of a schema's properties.
fn example(document: &Value, schema: &Value) -> Value {
    let schema = match schema["$ref"].as_str() {
        Some(name) => &document["components"]["schemas"][name.rsplit('/').next().unwrap()],
        None => schema,
    };
    if let Some(choices) = schema["oneOf"].as_array() {
        return example(document, choices.iter().find(|choice| choice["$ref"].is_string()).unwrap());
    }
    if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return example.clone();
    }
    let properties = schema["properties"].as_object().unwrap();
    properties
        .iter()
        .map(|(name, property)| (name.clone(), example(document, property)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Whether an operation is the operator's.
fn is_operators(path: &str) -> bool {
    path.starts_with("/v1/organizations") || path.starts_with("/v1/organization-groups")
}

#[actix_web::test]
async fn every_documented_request_field_is_one_its_operation_reads() {
    let bench = Bench::new().await;
    let owner = bench.owner().await;
    let document = document();
    for (path, operations) in document["paths"].as_object().unwrap() {
        // A dialect ignores what it does not know, and its tests send its own requests.
        if !path.starts_with("/v1/") {
            continue;
        }
        for (method, operation) in operations.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_null() {
                continue;
            }
            let path = path.replace("{id}", "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5");
            let credential = if is_operators(&path) { &bench.operator } else { &owner };
            let method = method.to_uppercase();
            let reply = bench.call(credential, &method, &path, example(&document, schema)).await;
            assert!(!reply.text().contains("unknown_field"), "{method} {path}: {}", reply.text());
            assert!(!reply.text().contains("wrong_type"), "{method} {path}: {}", reply.text());
            // One more is one too many (AUTHZ-4).
            let mut more = example(&document, schema);
            more["organization_id"] = json!("0190f3c2-0000-7000-8000-000000000001");
            let credential = if is_operators(&path) { bench.operator.clone() } else { bench.key.clone() };
            let credential = if path == "/v1/me" { bench.sign_in(crate::support::OWNER).await } else { credential };
            let reply = bench.call(&credential, &method, &path, more).await;
            assert_eq!(reply.code(), (422, "invalid_input".into()), "{method} {path}: {}", reply.text());
            assert!(reply.text().contains("unknown_field"), "{method} {path}: {}", reply.text());
        }
    }
}

#[actix_web::test]
async fn the_document_and_its_pages_are_served_from_here() {
    let bench = Bench::new().await;
    let served = bench.send(bench.request("GET", "/openapi.json")).await;
    assert_eq!(served.json(), document());
    let docs = bench.send(bench.request("GET", "/docs")).await;
    assert_eq!((docs.status.as_u16(), docs.header("location")), (303, "docs/index.html"));
    let index = bench.send(bench.request("GET", "/docs/index.html")).await;
    assert!(index.text().contains("swagger-ui"));
    assert!(index.header("content-security-policy").contains("script-src 'self';"));
    let script = bench.send(bench.request("GET", "/docs/swagger-initializer.js")).await;
    assert!(script.text().contains("../openapi.json"), "{}", script.text());
    assert_eq!(bench.send(bench.request("GET", "/docs/../secret")).await.status, 404);
}

#[test]
fn a_choice_between_requests_refuses_no_member_of_its_own() {
    let schemas = &document()["components"]["schemas"];
    for name in ["Recipient", "SecretRequest", "RedeemRequest"] {
        assert!(schemas[name]["oneOf"].is_array() && schemas[name].get("additionalProperties").is_none(), "{name}");
    }
    for name in ["EmailRecipient", "PhoneRecipient", "SubjectRecipient", "CodeRequest", "RedeemCodeRequest"] {
        assert_eq!(schemas[name]["additionalProperties"], json!(false), "{name}");
    }
    let required = schemas["Invitation"]["required"].as_array().unwrap();
    assert!(!required.contains(&json!("code")) && !required.contains(&json!("link")));
}
