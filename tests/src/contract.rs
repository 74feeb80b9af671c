//! The wire contract of the three documented APIs, as far as tests need it: `tests/fixtures/contract.json`.
//!
//! The pages it was made from are not in this repository. The fixture has the numbered statements, the printed sample
//! requests with placeholders for ids and credentials, and for every printed answer its keys with their JSON types.
//!
//! Unlike the rest of this library, these helpers fail as assertions do: by panicking.
//!
//! ```
//! use invite_tests::contract::{self, Nulls};
//! use serde_json::json;
//!
//! let request = contract::sample("dailys_show").filled(&[("id", json!(7)), ("credential", json!("abc"))]).unwrap();
//! assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/api/v1/invites/7"));
//! // … send it, then hold the answer …
//! let tokens = json!({"access_token": "a", "jwt_token": "a", "refresh_token": "b"});
//! contract::assert_shape("gatego_tokens", &tokens, Nulls::Forbidden);
//! ```

mod sample;
mod shape;

pub use sample::{CredentialHeader, Request, Sample};
pub use shape::{JsonType, NullReason, Nulls, Shape};

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// How a statement is known, in the contract's order of rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Mark {
    /// On one of the supplied pages: binding.
    S,
    /// On another public page of the same system: binding.
    D,
    /// Inferred: our own decision.
    I,
}

/// A numbered, testable statement of the contract.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// `DD-n`, `DL-n` or `GG-n`.
    pub id: String,
    /// How it is known; several where its parts are known differently.
    pub marks: Vec<Mark>,
    /// What it says, in short.
    pub text: String,
    /// Whether we do something else by decision, which must be explained where the statement is listed.
    #[serde(default)]
    pub deviates: bool,
}

impl Statement {
    /// Whether a test must hold it.
    pub fn binding(&self) -> bool {
        self.marks.iter().any(|mark| matches!(mark, Mark::S | Mark::D))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contract {
    /// For whoever reads the file.
    #[serde(rename = "about")]
    _about: Vec<String>,
    statements: Vec<Statement>,
    samples: BTreeMap<String, Sample>,
    shapes: BTreeMap<String, Shape>,
    dailys_errors: Vec<Value>,
    dailys_sort_keys: Vec<String>,
    gatego_roles: Vec<String>,
}

static CONTRACT: LazyLock<Contract> = LazyLock::new(read);

#[expect(clippy::expect_used, reason = "with a broken fixture every test that stands on it must fail")]
fn read() -> Contract {
    serde_json::from_str(include_str!("../fixtures/contract.json")).expect("contract.json fits its types")
}

/// All statements in the contract's order.
pub fn statements() -> &'static [Statement] {
    &CONTRACT.statements
}

/// The sample request of this name, e.g. `dailys_store`.
///
/// # Panics
/// Where there is none.
#[expect(clippy::panic, reason = "a misspelt name must fail the test")]
pub fn sample(name: &str) -> &'static Sample {
    CONTRACT.samples.get(name).unwrap_or_else(|| panic!("the contract has no sample {name}"))
}

/// The names of all samples. Each is the name of its answer's shape too.
pub fn sample_names() -> impl Iterator<Item = &'static str> {
    CONTRACT.samples.keys().map(String::as_str)
}

/// The shape of this name: a sample's answer or a part of it, e.g. `dashdoc_company`.
///
/// # Panics
/// Where there is none.
#[expect(clippy::panic, reason = "a misspelt name must fail the test")]
pub fn shape(name: &str) -> &'static Shape {
    CONTRACT.shapes.get(name).unwrap_or_else(|| panic!("the contract has no shape {name}"))
}

/// Holds that a value has exactly the keys of a shape, at every depth, with the printed JSON types.
///
/// # Panics
/// Where it has not, with every difference by its JSON path. Values are not printed: they may be secrets.
pub fn assert_shape(name: &str, value: &Value, nulls: Nulls) {
    let faults = shape(name).faults(value, nulls);
    assert!(faults.is_empty(), "not the shape {name}:\n  {}", faults.join("\n  "));
}

/// The error envelope of Dailys for a status whose body its pages print: 401, 403, 404 and 405.
///
/// # Panics
/// For any other status.
#[expect(clippy::panic, reason = "a status without a documented body must fail the test")]
pub fn dailys_error(status: u16) -> &'static Value {
    let found = CONTRACT.dailys_errors.iter().find(|body| body["code"] == status);
    found.unwrap_or_else(|| panic!("the contract prints no body for {status}"))
}

/// What Dailys sorts its invites by.
pub fn dailys_sort_keys() -> &'static [String] {
    &CONTRACT.dailys_sort_keys
}

/// The eleven roles of Gatego.
pub fn gatego_roles() -> &'static [String] {
    &CONTRACT.gatego_roles
}

#[cfg(test)]
mod tests;
