//! What the document says of a dialect's refusals, in its own envelope.

use super::operation::{header, reference};
use crate::{
    dialect::{self, Dialect},
    problem::table::Kind,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

fn example_name(dialect: &Dialect, kind: &Kind) -> String {
    format!("{}_{}", dialect.name, kind.code)
}

/// The answers of an operation that can refuse so, by the dialect's statuses.
pub(super) fn refusals(dialect: &'static Dialect, kinds: &[&'static Kind]) -> BTreeMap<u16, Value> {
    let mut by_status: BTreeMap<u16, Vec<&'static Kind>> = BTreeMap::new();
    for kind in kinds.iter().copied() {
        by_status.entry(dialect.specimen(kind).status).or_default().push(kind);
    }
    by_status.into_iter().map(|(status, kinds)| (status, describe(dialect, &kinds))).collect()
}

fn describe(dialect: &'static Dialect, kinds: &[&'static Kind]) -> Value {
    let lines: Vec<String> = kinds.iter().map(|kind| format!("{}.", kind.title)).collect();
    let shown = |kind: &&'static Kind| {
        (kind.code.to_owned(), json!({ "$ref": format!("#/components/examples/{}", example_name(dialect, kind)) }))
    };
    let examples: Map<String, Value> = kinds.iter().map(shown).collect();
    let mut headers = json!({ "X-Request-Id": header("X-Request-Id") });
    if kinds.iter().any(|kind| matches!(kind.status, 429 | 503)) {
        headers["Retry-After"] = header("Retry-After");
    }
    if kinds.iter().any(|kind| kind.status == 429) {
        headers["RateLimit-Policy"] = header("RateLimit-Policy");
        headers["RateLimit"] = header("RateLimit");
    }
    if kinds.iter().any(|kind| dialect.specimen(kind).challenge.is_some()) {
        headers["WWW-Authenticate"] = header("WWW-Authenticate");
    }
    json!({
        "description": lines.join("\n\n"),
        "headers": headers,
        "content": { "application/json": { "schema": reference(dialect.error), "examples": examples } },
    })
}

/// One body of every kind an operation of a dialect names, which the operations refer to.
pub(super) fn examples(used: &[(&'static Dialect, Vec<&'static Kind>)]) -> Map<String, Value> {
    let mut all = Map::new();
    for (dialect, kinds) in used {
        for kind in kinds.iter().copied() {
            let example = json!({ "summary": kind.title, "value": dialect.specimen(kind).body });
            all.insert(example_name(dialect, kind), example);
        }
    }
    all
}

/// The schemas of the envelopes.
pub(super) fn schemas() -> impl Iterator<Item = (String, Value)> {
    dialect::ALL.iter().map(|dialect| (dialect.error.to_owned(), (dialect.error_schema)()))
}

/// How the dialects' credentials are carried.
pub(super) fn security_schemes() -> impl Iterator<Item = (String, Value)> {
    dialect::ALL.iter().flat_map(|dialect| dialect.carriers).map(|carrier| (carrier.id.to_owned(), carrier.document()))
}

/// Any of the ways of a dialect.
pub(super) fn security(dialect: &Dialect) -> Vec<Value> {
    dialect.carriers.iter().map(|carrier| json!({ carrier.id: [] })).collect()
}
