//! A door for fuzzing: the readers of this crate that take what strangers send, as plain functions.
//!
//! Not an interface: it is hidden from the documentation and changes with what it leads to. It is no cargo feature, so that
//! what is fuzzed is what is released, and nothing is built twice. It gives nobody anything: a caller brings his own key ring.

use crate::{
    dialect::{form, reader::Reader},
    extract::{client, cursor, fields::Fields, json, query::Query},
    jwt::{JwtIssuer, door},
};
use invite_domain::{
    directory::VerifiedIdentity, email::EmailAddress, id::OrganizationId, page::Position, secret::KeyRing,
    time::Timestamp,
};
use ipnet::IpNet;
use serde_json::{Map, Value};
use std::net::IpAddr;

/// The strict reader of JSON bodies.
///
/// # Errors
/// Where it is, never what it is.
pub fn json(bytes: &[u8]) -> Result<Value, String> {
    json::parse(bytes)
}

/// The reader of forms.
///
/// # Errors
/// What is wrong.
pub fn form(bytes: &[u8]) -> Result<Map<String, Value>, &'static str> {
    form::parse(bytes)
}

/// The strict reader of queries: the pairs, or the problem's code.
///
/// # Errors
/// The code.
pub fn query(text: &str, known: &[&str]) -> Result<Vec<(String, String)>, &'static str> {
    Query::parse(text, known).map(|query| query.pairs().to_vec()).map_err(|problem| problem.kind().code)
}

/// The client's address.
pub fn client(peer: IpAddr, forwarded: &[&str], trusted: &[IpNet]) -> (IpAddr, String) {
    let address = client::address(peer, forwarded, trusted);
    (address, client::budget_key(address))
}

/// A list that cursors lead through.
#[derive(Debug)]
pub struct List(cursor::List);

impl List {
    /// The list of this name, organisation and filters.
    pub fn new(name: &str, organization: Option<OrganizationId>, filters: &[(String, String)]) -> Self {
        Self(cursor::List::new(name, organization, filters))
    }

    /// The cursor behind a position.
    pub fn seal(&self, ring: &KeyRing, position: &Position) -> Option<String> {
        self.0.seal(ring, position)
    }

    /// The position of a cursor.
    pub fn open(&self, ring: &KeyRing, text: &str) -> Option<Position> {
        self.0.open(ring, text).ok()
    }
}

/// Whom a JSON Web Token is of that one of the keys of this set signed.
pub fn jwt(text: &str, set: &[u8], settings: &JwtIssuer, now: Timestamp) -> Option<VerifiedIdentity> {
    door::verify(text, set, settings, now)
}

/// Reads every member of an object but for each seventh, in the way the script's bytes choose, as a handler would: the JSON
/// pointers of what is wrong.
pub fn fields(map: &Map<String, Value>, script: &[u8]) -> Vec<String> {
    let mut fields = Fields::new(map.clone());
    read_fields(&mut fields, map, script, 0);
    let Err(problem) = fields.finish() else { return Vec::new() };
    let errors = problem.member("errors").and_then(Value::as_array);
    errors.into_iter().flatten().filter_map(|error| error["pointer"].as_str().map(str::to_owned)).collect()
}

fn read_fields(fields: &mut Fields, map: &Map<String, Value>, script: &[u8], depth: usize) {
    for (index, (name, value)) in map.iter().enumerate() {
        let way = script.get((index + depth) % script.len().max(1)).unwrap_or(&0) % 13;
        // What a reader gives is not looked at here: its faults are.
        let _: bool = match way {
            0 => fields.string(name).is_some(),
            1 => fields.text(name, 1..=9).is_some(),
            2 => fields.name(name, 100).is_some(),
            3 => fields.checked(name, EmailAddress::parse).is_some(),
            4 => fields.integer(name, 1..=200).is_some(),
            5 => fields.boolean(name).is_some(),
            6 => fields.strings(name, 3).is_some(),
            7 => fields.permissions(name).is_some(),
            8 => fields.opaque(name, 64).is_some(),
            9 => {
                if let (Some(mut child), Value::Object(inner)) = (fields.child(name), value) {
                    read_fields(&mut child, inner, script, depth + 1);
                    fields.absorb(child);
                }
                true
            }
            10 => fields.nullable(name, Fields::string).is_some(),
            11 => fields.present(name, |fields, name| fields.integer(name, 0..=i64::MAX)).is_some(),
            // Nobody asks for it: it is unknown in the end.
            _ => false,
        };
    }
}

/// Reads an object as a dialect does, in the way the script's bytes choose: the places of what is wrong.
pub fn dialect(map: &Map<String, Value>, textual: bool, script: &[u8]) -> Vec<String> {
    let mut reader = if textual { Reader::textual(map.clone()) } else { Reader::json(map.clone()) };
    read_dialect(&mut reader, map, script, 0);
    let Err(problem) = reader.finish() else { return Vec::new() };
    problem.all_faults().into_iter().map(|faulty| faulty.field).collect()
}

fn read_dialect(reader: &mut Reader, map: &Map<String, Value>, script: &[u8], depth: usize) {
    for (index, (name, value)) in map.iter().enumerate() {
        let way = script.get((index + depth) % script.len().max(1)).unwrap_or(&0) % 12;
        let _: bool = match way {
            0 => reader.string(name, 9).is_some(),
            1 => reader.text(name, 9).is_some(),
            2 => reader.integer(name, -3..=200).is_some(),
            3 => reader.number(name).is_some(),
            4 => reader.boolean(name).is_some(),
            5 => reader.date_time(name).is_some(),
            6 => reader.email(name).is_some(),
            7 => reader.country(name).is_some(),
            8 => reader.choice(name, &[("a", 1), ("b", 2)]).is_some(),
            9 => reader.integers(name, 3).is_some(),
            10 => {
                if let (Some(mut inner), Value::Object(map)) = (reader.object(name), value) {
                    read_dialect(&mut inner, map, script, depth + 1);
                    reader.absorb(inner);
                }
                true
            }
            _ => {
                for inner in reader.objects(name, 3).unwrap_or_default() {
                    reader.absorb(inner);
                }
                true
            }
        };
    }
}
