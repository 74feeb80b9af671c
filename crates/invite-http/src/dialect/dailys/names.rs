//! Permissions under the names Dailys has for those of its invites. Every other name is what it is here too.

use crate::dialect::{fault::Fault, reader::Reader};
use invite_domain::access::{Permission, PermissionSet, permission};
use serde_json::Value;
use std::collections::BTreeMap;

/// The member of a body.
const FIELD: &str = "permissions";
/// The most names in one body.
const MAX: usize = 500;
/// Ours, and what Dailys calls it: both lists are one right here.
const NAMES: [(&str, &[&str]); 4] = [
    (permission::INVITATIONS_READ, &["invites.index", "invites.show"]),
    (permission::INVITATIONS_ISSUE, &["invites.store"]),
    (permission::INVITATIONS_RESEND, &["invites.update"]),
    (permission::INVITATIONS_REVOKE, &["invites.destroy"]),
];

/// The name a permission of this Dailys name has here.
fn ours(name: &str) -> &str {
    NAMES.iter().find(|(_, theirs)| theirs.contains(&name)).map_or(name, |(ours, _)| *ours)
}

/// A set as Dailys prints it. One of its own names that somebody stored as such gives no right here and is not printed as
/// if it did.
pub(super) fn printed(set: &PermissionSet) -> BTreeMap<String, bool> {
    let theirs = |name: &str| NAMES.iter().find(|(ours, _)| *ours == name).map(|(_, theirs)| *theirs);
    let mut printed = BTreeMap::new();
    for name in set.names().filter(|name| ours(name) == *name) {
        match theirs(name) {
            Some(theirs) => printed.extend(theirs.iter().map(|name| ((*name).to_owned(), true))),
            None => drop(printed.insert(name.to_owned(), true)),
        }
    }
    printed
}

/// Reads `permissions`: an array of names, or an object from name to boolean. `textual` says that the body is a form.
pub(super) fn read(body: &mut Reader, textual: bool) -> PermissionSet {
    let wanted: Vec<(String, Option<String>, Option<bool>)> = match body.value(FIELD) {
        None => return PermissionSet::new(),
        Some(Value::Array(list)) if list.len() <= MAX => {
            let name = |value: &Value| value.as_str().map(str::to_owned);
            list.iter().enumerate().map(|(index, value)| (index.to_string(), name(value), Some(true))).collect()
        }
        Some(Value::Object(map)) if map.len() <= MAX => {
            map.into_iter().map(|(name, value)| (name.clone(), Some(name), flag(&value, textual))).collect()
        }
        Some(Value::Array(_) | Value::Object(_)) => return refused(body, FIELD, Fault::TooMany(MAX)),
        Some(_) => return refused(body, FIELD, Fault::NotList),
    };
    let mut asked: BTreeMap<Permission, bool> = BTreeMap::new();
    for (place, name, given) in wanted {
        let place = format!("{FIELD}.{place}");
        let Some(given) = given else {
            body.wrong(&place, Fault::NotBoolean);
            continue;
        };
        match name.and_then(|name| ours(&name).parse::<Permission>().ok()) {
            None => body.wrong(&place, Fault::NotChoice(String::new())),
            Some(permission) => {
                // To give what was refused or to refuse what was given would both be a guess.
                if asked.insert(permission, given).is_some_and(|before| before != given) {
                    let detail = format!("The {place} contradicts another name of the same permission.");
                    body.wrong(&place, Fault::Told { code: "contradiction", detail });
                }
            }
        }
    }
    asked.into_iter().filter_map(|(permission, given)| given.then_some(permission)).collect()
}

fn refused(body: &mut Reader, place: &str, fault: Fault) -> PermissionSet {
    body.wrong(place, fault);
    PermissionSet::new()
}

fn flag(value: &Value, textual: bool) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if textual => match text.as_str() {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reading(body: Value, textual: bool) -> Result<Vec<String>, Vec<String>> {
        let Value::Object(map) = body else { panic!("an object") };
        let mut body = if textual { Reader::textual(map) } else { Reader::json(map) };
        let set = read(&mut body, textual);
        match body.finish() {
            Ok(()) => Ok(set.names().map(str::to_owned).collect()),
            Err(problem) => {
                let fault =
                    |faulty: &crate::dialect::fault::Faulty| format!("{} {}", faulty.field, faulty.fault.code());
                Err(problem.all_faults().iter().map(fault).collect())
            }
        }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn both_ways_to_write_permissions_say_the_same() {
        let set = Ok(names(&["invitations.read", "tours.plan"]));
        assert_eq!(reading(json!({ "permissions": ["invites.index", "tours.plan"] }), false), set);
        assert_eq!(reading(json!({ "permissions": ["invites.show", "invites.index", "tours.plan"] }), false), set);
        let object = json!({ "permissions": { "invites.show": true, "tours.plan": true, "invites.store": false } });
        assert_eq!(reading(object, false), set);
        let form = json!({ "permissions": { "invitations.read": "true", "tours.plan": "1", "invites.store": "0" } });
        assert_eq!(reading(form, true), set);
        for none in [json!({}), json!({ "permissions": null }), json!({ "permissions": [] })] {
            assert_eq!(reading(none, false), Ok(Vec::new()));
        }
    }

    #[test]
    fn every_other_shape_is_refused_at_its_place() {
        let many: Vec<String> = (0..=MAX).map(|n| format!("a.b{n}")).collect();
        for (permissions, fault) in [
            (json!("invites.index"), "permissions not_a_list"),
            (json!(many), "permissions max_entries"),
            (json!(["a.b", 1]), "permissions.1 invalid_choice"),
            (json!(["Nonsense"]), "permissions.0 invalid_choice"),
            (json!({ "a.b": "1" }), "permissions.a.b invalid"),
            (json!({ "Nonsense": true }), "permissions.Nonsense invalid_choice"),
            (json!({ "invites.index": true, "invites.show": false }), "permissions.invites.show contradiction"),
        ] {
            assert_eq!(reading(json!({ "permissions": permissions }), false), Err(names(&[fault])));
        }
    }

    #[test]
    fn r6_1_dailys_own_names_are_printed_where_ours_are_held() {
        let set =
            PermissionSet::parse(["invitations.read", "invitations.revoke", "tours.plan", "invites.store"]).unwrap();
        let expected = ["invites.destroy", "invites.index", "invites.show", "tours.plan"];
        assert_eq!(printed(&set).into_iter().collect::<Vec<_>>(), expected.map(|name| (name.to_owned(), true)));
    }
}
