//! The other systems' operations.

use super::{
    samples::{Sample, sample},
    things::Things,
};
use crate::support::PASSWORD;
use serde_json::json;

pub(crate) fn of(method: &str, pattern: &str, things: &Things) -> Vec<Sample> {
    let plain = || sample(pattern);
    match pattern.split('/').nth(2) {
        Some("v4") => dashdoc(method, pattern, things),
        Some("v1") => {
            let at = |number: &serde_json::Value| sample(pattern.replace("{id}", &number.to_string()));
            match (method, pattern) {
                ("GET", "/api/v1/invites" | "/api/v1/roles") => vec![plain()],
                ("POST", "/api/v1/invites") => {
                    let new = json!({ "email": "new@person.example", "default_rate": 0 });
                    let granting = json!({ "email": "new@person.example", "default_rate": 0, "role_id": things.granting["role"]["number"] });
                    vec![plain().json(new), plain().json(granting).called("granting a role")]
                }
                ("GET" | "DELETE", "/api/v1/invites/{id}") => vec![at(&things.pending["number"])],
                ("PUT", "/api/v1/invites/{id}") => {
                    vec![at(&things.pending["number"]), at(&things.granting["number"]).called("granting a role")]
                }
                ("GET", "/api/v1/roles/{id}") => vec![at(&things.role["number"])],
                _ => Vec::new(),
            }
        }
        _ => gatego(method, pattern, things),
    }
}

fn gatego(method: &str, pattern: &str, things: &Things) -> Vec<Sample> {
    let plain = || sample(pattern);
    match (method, pattern) {
        ("GET", "/api/account/me") => vec![plain()],
        ("GET", "/api/public/account/invite") => vec![sample(format!("{pattern}?code={}", things.token))],
        ("POST", "/api/public/account/invited-account") => vec![plain().json(json!({ "code": things.token,
            "account_invited": { "name": "New", "password": PASSWORD, "password_confirmation": PASSWORD } }))],
        ("POST", "/api/account/invite") => vec![
            plain().json(json!({ "email": "new@person.example", "role": "DRIVER", "carrier_id": 7 })),
            plain()
                .json(json!({ "email": "new@person.example", "role": "YARD_ADMIN", "yard_id": 8 }))
                .called("an administrator"),
        ],
        ("POST", "/auth/login") => {
            vec![plain().json(json!({ "username": things.owner_email, "password": PASSWORD }))]
        }
        ("POST", "/auth/refresh-token") => vec![plain().called("by what stands in the header")],
        _ => Vec::new(),
    }
}

fn dashdoc(method: &str, pattern: &str, things: &Things) -> Vec<Sample> {
    let plain = || sample(pattern);
    let (company, contact) = (things.company["pk"].to_string(), things.contact["uid"].as_str().unwrap_or_default());
    let trucker = things.trucker["pk"].to_string();
    let of_company = || sample(pattern.replace("{pk}", &company));
    let of_contact = || sample(pattern.replace("{uid}", contact));
    let of_trucker = || sample(pattern.replace("{pk}", &trucker));
    match (method, pattern) {
        ("GET", "/api/v4/companies/" | "/api/v4/contacts/" | "/api/v4/manager-truckers/") => vec![plain()],
        ("POST", "/api/v4/companies/") => vec![plain().json(json!({ "name": "New", "country": "FR" }))],
        ("POST", "/api/v4/contacts/") => vec![plain().json(
            json!({ "company": { "pk": things.company["pk"] }, "last_name": "New", "email": "new@person.example" }),
        )],
        ("POST", "/api/v4/manager-truckers/") => vec![plain().json(json!({ "user": { "last_name": "New" } }))],
        ("GET" | "DELETE", "/api/v4/companies/{pk}/") => vec![of_company()],
        ("PUT", "/api/v4/companies/{pk}/") => vec![of_company().json(json!({ "name": "Renamed", "country": "FR" }))],
        ("PATCH", "/api/v4/companies/{pk}/") => vec![of_company().json(json!({ "name": "Renamed" }))],
        ("GET" | "DELETE", "/api/v4/contacts/{uid}/") | ("POST", "/api/v4/contacts/{uid}/invite/") => {
            vec![of_contact()]
        }
        ("PUT" | "PATCH", "/api/v4/contacts/{uid}/") => vec![of_contact().json(json!({ "last_name": "Renamed" }))],
        ("GET" | "DELETE", "/api/v4/manager-truckers/{pk}/")
        | ("POST", "/api/v4/manager-truckers/{pk}/generate-invite-code/") => vec![of_trucker()],
        ("PUT" | "PATCH", "/api/v4/manager-truckers/{pk}/") => {
            vec![of_trucker().json(json!({ "user": { "last_name": "Renamed" } }))]
        }
        _ => Vec::new(),
    }
}
