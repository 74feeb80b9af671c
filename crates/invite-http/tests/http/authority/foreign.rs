//! AUTHZ-2: what belongs to another organisation is answered as what does not exist. AUTHZ-4: nobody sets what is ours to set.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use super::{
    callers::Caller,
    samples::{self, Body, Opened, Sample},
    served::Served,
    things::{Stage, Things, id, session_cookie},
};
use crate::support::Reply;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const NOBODY: &str = "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5";
const NO_NUMBER: &str = "987654321";

/// The owner, with a key where a program asks and at the console as a person.
pub(crate) async fn owner(served: &Served, things: &Things) -> Caller {
    let mut owner = Caller { cookies: vec![session_cookie(&things.owner)], ..Caller::named("owner", &things.key) };
    owner.look(served).await;
    owner
}

/// An answer without what names this request or the thing it asks for.
fn bare(reply: &Reply, wanted: &str) -> (u16, Vec<(String, String)>, String) {
    // A short number stands anywhere; what a refusal says of it, it must say of any other.
    let wanted = if wanted.len() > 6 { wanted } else { "\0" };
    let headers = reply.headers.iter().filter(|(name, _)| name.as_str() != "x-request-id");
    let mut headers: Vec<(String, String)> =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().replace(wanted, "{it}"))).collect();
    headers.sort();
    let mut body = reply.text();
    if reply.header("content-type") == "application/problem+json" {
        let mut problem = reply.json();
        problem["request_id"] = json!("-");
        body = problem.to_string();
    }
    (reply.status.as_u16(), headers, body.replace(wanted, "{it}").replace(reply.header("x-request-id"), "-"))
}

/// Asks for two things by the same caller and holds that nobody can tell which of them exists elsewhere.
async fn alike(
    served: &Served,
    owner: &Caller,
    route: (&str, &str),
    foreign: (&Sample, &str),
    random: (&Sample, &str),
) {
    let (method, pattern) = route;
    let before = served.stored().await;
    let mut answers = Vec::new();
    for (sample, wanted) in [foreign, random] {
        let reply = samples::ask(served, owner, method, pattern, sample).await;
        let place = format!("{method} {pattern} {} with {wanted}: {}", sample.what, reply.text());
        assert!(reply.status.as_u16() < 500, "{place}");
        let changed = served.changed(&before).await;
        if reply.status.is_client_error() {
            assert!(changed.is_empty(), "{place}: {changed:?}");
        }
        served.restore(&before).await;
        answers.push((bare(&reply, wanted), place));
    }
    assert_eq!(answers[0].0, answers[1].0, "{} differs from {}", answers[0].1, answers[1].1);
}

/// The variable part of a path.
fn variable<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    let at = pattern.split('/').position(|part| part.starts_with('{'))?;
    path.split('?').next().unwrap().split('/').nth(at)
}

fn is_tenant(pattern: &str) -> bool {
    ["/v1/", "/api/", "/console/"].iter().any(|prefix| pattern.starts_with(prefix))
}

#[actix_web::test]
async fn authz_2_an_id_in_a_path_of_another_organisation_is_as_unknown_as_a_made_up_one() {
    let stage = Stage::new().await;
    let (served, acme, globex) = (&stage.served, &stage.acme, &stage.globex);
    let opened = Opened::by(served, acme).await;
    let owner = owner(served, acme).await;
    let mut tried = 0;
    for (method, pattern) in invite_http::route_table(&served.bench.api) {
        if !is_tenant(&pattern) || !pattern.contains('{') {
            continue;
        }
        let own = samples::of(&method, &pattern, acme, &opened);
        let others = samples::of(&method, &pattern, globex, &opened);
        assert!(!own.is_empty(), "{method} {pattern}");
        for (own, theirs) in own.iter().zip(others) {
            let (Some(mine), Some(wanted)) = (variable(&pattern, &own.path), variable(&pattern, &theirs.path)) else {
                continue;
            };
            assert_ne!(mine, wanted, "{pattern}");
            let unknown = if wanted.len() == 36 { NOBODY } else { NO_NUMBER };
            let with =
                |it: &str| Sample { path: own.path.replacen(&format!("/{mine}"), &format!("/{it}"), 1), ..own.clone() };
            let (foreign, random) = (with(wanted), with(unknown));
            alike(served, &owner, (&method, &pattern), (&foreign, wanted), (&random, unknown)).await;
            tried += 1;
        }
    }
    println!("{tried} paths");
    assert!(tried > 50, "{tried}");
}

/// Every place in a document where two organisations' differ by an id or a number.
fn differing(own: &Value, theirs: &Value, pointer: &str, found: &mut Vec<(String, Value)>) {
    match (own, theirs) {
        (Value::Object(own), Value::Object(theirs)) => {
            for (name, value) in own {
                differing(value, &theirs[name], &format!("{pointer}/{name}"), found);
            }
        }
        (Value::Array(own), Value::Array(theirs)) => {
            for (n, (own, theirs)) in own.iter().zip(theirs).enumerate() {
                differing(own, theirs, &format!("{pointer}/{n}"), found);
            }
        }
        (Value::Number(_), Value::Number(_)) if own != theirs => found.push((pointer.to_owned(), theirs.clone())),
        (Value::String(_), Value::String(text)) if own != theirs && text.len() == 36 => {
            found.push((pointer.to_owned(), theirs.clone()));
        }
        _ => {}
    }
}

#[actix_web::test]
async fn authz_2_an_id_in_a_body_of_another_organisation_is_as_unknown_as_a_made_up_one() {
    let stage = Stage::new().await;
    let (served, acme, globex) = (&stage.served, &stage.acme, &stage.globex);
    let opened = Opened::by(served, acme).await;
    let owner = owner(served, acme).await;
    let mut tried = BTreeSet::new();
    for (method, pattern) in invite_http::route_table(&served.bench.api) {
        let own = samples::of(&method, &pattern, acme, &opened);
        let others = samples::of(&method, &pattern, globex, &opened);
        for (own, theirs) in own.iter().zip(&others) {
            let mut pairs: Vec<(Sample, Sample, String)> = Vec::new();
            match (&own.body, &theirs.body) {
                (Body::Json(body), Body::Json(other)) => {
                    let mut found = Vec::new();
                    differing(body, other, "", &mut found);
                    for (pointer, foreign) in found {
                        let unknown = if foreign.is_number() { json!(987_654_321) } else { json!(NOBODY) };
                        let with = |value: Value| {
                            let mut body = body.clone();
                            *body.pointer_mut(&pointer).unwrap() = value;
                            Sample { body: Body::Json(body), ..own.clone() }
                        };
                        let text = foreign.as_str().map_or_else(|| foreign.to_string(), str::to_owned);
                        pairs.push((with(foreign), with(unknown), text));
                        tried.insert(format!("{method} {pattern} {pointer}"));
                    }
                }
                (Body::Form(fields), Body::Form(other)) => {
                    for (n, (name, value)) in fields.iter().enumerate() {
                        let foreign = &other[n].1;
                        if value == foreign || foreign.len() != 36 {
                            continue;
                        }
                        let with = |it: &str| {
                            let mut fields = fields.clone();
                            it.clone_into(&mut fields[n].1);
                            Sample { body: Body::Form(fields), ..own.clone() }
                        };
                        pairs.push((with(foreign), with(NOBODY), foreign.clone()));
                        tried.insert(format!("{method} {pattern} {name}"));
                    }
                }
                _ => {}
            }
            for (foreign, random, wanted) in pairs {
                let unknown = if wanted.len() == 36 { NOBODY } else { NO_NUMBER };
                alike(served, &owner, (&method, &pattern), (&foreign, &wanted), (&random, unknown)).await;
            }
        }
    }
    println!("{tried:#?}");
    for expected in [
        "POST /v1/invitations /role_id",
        "PATCH /v1/invitations/{id} /role_id",
        "POST /api/v1/invites /role_id",
        "POST /api/v4/contacts/ /company/pk",
        "POST /console/invitations/new role_id",
        "POST /console/invitations/{id}/edit role_id",
        "POST /console/organization organization",
        "POST /console/dead-letters letter",
    ] {
        assert!(tried.contains(expected), "{expected}");
    }
    // Where a role or a record is named beside what the samples name.
    for (method, pattern, path, name, foreign) in [
        ("PATCH", "/v1/members/{id}", format!("/v1/members/{}", acme.member), "role_id", globex.role["id"].clone()),
        (
            "POST",
            "/v1/invitations",
            "/v1/invitations".to_owned(),
            "recipient",
            json!({ "subject_id": globex.contact["uid"] }),
        ),
    ] {
        let with = |value: Value| samples::sample(path.clone()).json(json!({ name: value }));
        let unknown = if name == "recipient" { json!({ "subject_id": NOBODY }) } else { json!(NOBODY) };
        let wanted = foreign["subject_id"].as_str().or(foreign.as_str()).unwrap().to_owned();
        alike(served, &owner, (method, pattern), (&with(foreign), &wanted), (&with(unknown), NOBODY)).await;
    }
}

#[actix_web::test]
async fn authz_2_a_filter_by_another_organisations_id_finds_what_a_made_up_one_finds() {
    let stage = Stage::new().await;
    let (served, acme, globex) = (&stage.served, &stage.acme, &stage.globex);
    served.bench.pass(chrono::Duration::seconds(10));
    let owner = owner(served, acme).await;
    let document: Value = serde_json::from_str(&invite_http::openapi()).unwrap();
    let uid = globex.contact["uid"].as_str().unwrap().to_owned();
    let foreign = [
        (id(&globex.pending), NOBODY.to_owned()),
        (globex.role["id"].as_str().unwrap().to_owned(), NOBODY.to_owned()),
        (globex.member.clone(), NOBODY.to_owned()),
        (globex.idle_key.clone(), NOBODY.to_owned()),
        (uid, NOBODY.to_owned()),
        (globex.company["pk"].to_string(), NO_NUMBER.to_owned()),
        (globex.pending["number"].to_string(), NO_NUMBER.to_owned()),
        ("granted@globex.example".to_owned(), "granted@nobody.example".to_owned()),
    ];
    let mut tried = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let parameters = operations["get"]["parameters"].as_array().cloned().unwrap_or_default();
        let names =
            parameters.iter().filter(|parameter| parameter["in"] == "query").map(|it| it["name"].as_str().unwrap());
        for name in
            names.filter(|name| !["cursor", "limit", "include_total", "code", "page", "per_page"].contains(name))
        {
            if path.contains('{') || !is_tenant(path) {
                continue;
            }
            for (theirs, nobodys) in &foreign {
                let with = |value: &str| samples::sample(format!("{path}?{name}={value}"));
                alike(served, &owner, ("GET", path), (&with(theirs), theirs), (&with(nobodys), nobodys)).await;
                tried += 1;
            }
        }
    }
    println!("{tried} filters");
    assert!(tried > 100, "{tried}");
}

/// The properties of a schema, whatever it is put together from.
fn properties(document: &Value, schema: &Value) -> Map<String, Value> {
    let name = schema["$ref"].as_str().and_then(|text| text.rsplit('/').next());
    let schema = name.map_or(schema, |name| &document["components"]["schemas"][name]);
    let mut all = schema["properties"].as_object().cloned().unwrap_or_default();
    for choice in ["oneOf", "anyOf", "allOf"].iter().filter_map(|word| schema[word].as_array()).flatten() {
        all.extend(properties(document, choice));
    }
    all
}

#[actix_web::test]
async fn authz_4_what_is_ours_to_set_and_what_nobody_knows_is_refused_in_every_body() {
    let stage = Stage::new().await;
    let (served, acme) = (&stage.served, &stage.acme);
    let opened = Opened::by(served, acme).await;
    let document: Value = serde_json::from_str(&invite_http::openapi()).unwrap();
    // Whatever any answer of ours says, and what attackers of other systems have sent.
    let mut words: BTreeSet<String> = [
        "is_admin",
        "admin",
        "role",
        "owner",
        "account_id",
        "organization",
        "inviter_id",
        "created_by",
        "password_hash",
        "scope_id",
        "tenant_id",
        "__proto__",
        "constructor",
        "email_verified",
        "group_id",
    ]
    .map(str::to_owned)
    .into();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let native = ["Dashdoc", "Dailys", "Gatego"].iter().all(|dialect| !name.contains(dialect));
        if native && let Some(properties) = schema["properties"].as_object() {
            words.extend(properties.keys().cloned());
        }
    }
    let (mut routes, mut bodies) = (0, 0);
    for (method, pattern) in invite_http::route_table(&served.bench.api) {
        let body = &document["paths"][&pattern][method.to_lowercase()]["requestBody"]["content"]["application/json"];
        if !pattern.starts_with("/v1/") || body.is_null() {
            continue;
        }
        routes += 1;
        let known = properties(&document, &body["schema"]);
        assert!(!known.is_empty(), "{method} {pattern}");
        let credential = match pattern.as_str() {
            "/v1/me" => &acme.owner,
            path if ["/v1/organization-groups", "/v1/organizations", "/v1/erasures"]
                .iter()
                .any(|it| path.starts_with(it)) =>
            {
                &served.bench.operator
            }
            path if path.starts_with("/v1/redemptions")
                || path.starts_with("/v1/sessions")
                || path.starts_with("/v1/password") =>
            {
                ""
            }
            _ => &acme.key,
        };
        let sample = samples::of(&method, &pattern, acme, &opened).pop().unwrap();
        let good = if let Body::Json(good) = &sample.body { good.clone() } else { json!({}) };
        let before = served.stored().await;
        let caller = Caller { cookies: Vec::new(), ..Caller::named("", credential) };
        let reply = samples::ask(served, &caller, &method, &pattern, &sample).await;
        assert!(reply.status.is_success(), "{method} {pattern}: {}", reply.text());
        served.restore(&before).await;
        // In the document itself, and in every object inside that is not the caller's own to fill.
        let inside = good.as_object().unwrap().iter().filter(|(_, value)| value.is_object());
        let places: Vec<String> =
            std::iter::once(String::new()).chain(inside.map(|(name, _)| format!("/{name}"))).collect();
        for place in places {
            for word in &words {
                let mut body = good.clone();
                let object = body.pointer_mut(&place).and_then(Value::as_object_mut).unwrap();
                let taken = object.contains_key(word) || (place.is_empty() && known.contains_key(word));
                if taken
                    || (!place.is_empty()
                        && ["email", "phone", "subject_id", "name", "password", "locale"].contains(&word.as_str()))
                {
                    continue;
                }
                object.insert(word.clone(), json!("x"));
                let asked = Sample { body: Body::Json(body), ..sample.clone() };
                let reply = samples::ask(served, &caller, &method, &pattern, &asked).await;
                let refused = reply.status == 422
                    && (reply.text().contains("unknown_field") || reply.code().1 == "not_available");
                assert!(refused, "{method} {pattern} {place}/{word}: {}", reply.text());
                let changed = served.changed(&before).await;
                assert!(changed.is_empty(), "{method} {pattern} {place}/{word}: {changed:?}");
                bodies += 1;
            }
        }
    }
    println!("{routes} routes, {} words, {bodies} bodies", words.len());
    assert!(routes > 20, "{routes}");
}
