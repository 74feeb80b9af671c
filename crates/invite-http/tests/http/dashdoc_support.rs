//! A client of the Dashdoc dialect, in process.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::support::{Bench, PASSWORD, Reply, config};
use invite_domain::service::Dispatcher;
use invite_testkit::fake::Delivered;
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, sync::LazyLock};

/// The wire contract as far as tests need it.
static CONTRACT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../../tests/fixtures/contract.json")).unwrap());

/// Holds that an answer has exactly the printed keys, also inside.
pub(crate) fn assert_keys(shape: &str, value: &Value) {
    compare(&CONTRACT["shapes"][shape], value, shape);
}

fn compare(shape: &Value, value: &Value, place: &str) {
    let shape = shape["shape"].as_str().map_or(shape, |name| &CONTRACT["shapes"][name]);
    match value {
        Value::Object(found) if shape["keys"].is_object() => {
            let keys = |map: &Map<String, Value>| map.keys().cloned().collect::<BTreeSet<_>>();
            let known = shape["keys"].as_object().unwrap();
            assert_eq!(keys(found), keys(known), "{place}");
            found.iter().for_each(|(name, value)| compare(&known[name], value, &format!("{place}.{name}")));
        }
        Value::Array(list) => list.iter().for_each(|value| compare(&shape["items"], value, &format!("{place}[]"))),
        Value::Null => assert!(shape["null_ok"].is_string(), "{place} is null"),
        _ => {
            let fits = match shape["type"].as_str().unwrap() {
                "string" => value.is_string(),
                "integer" => value.is_i64(),
                "number" => value.is_number(),
                "boolean" => value.is_boolean(),
                _ => value.is_object(),
            };
            assert!(fits, "{place}: {value}");
        }
    }
}

/// An installation and its owner's key.
pub(crate) struct Dash {
    pub(crate) bench: Bench,
    dispatcher: Dispatcher,
}

impl Dash {
    /// Without the limit of ten requests a second: the clock stands still here.
    pub(crate) async fn new() -> Self {
        let mut config = config();
        config.dashdoc_requests_second = None;
        Self::on(Bench::with(config).await)
    }

    pub(crate) fn on(bench: Bench) -> Self {
        let store = bench.spy.store.clone();
        let dispatcher = Dispatcher::new(store.clone(), store, bench.notifier.clone(), bench.api.world.clone());
        Self { bench, dispatcher }
    }

    /// With this credential; an empty one is none.
    pub(crate) async fn call(&self, credential: &str, method: &str, path: &str, body: Value) -> Reply {
        let mut request = self.bench.request(method, path);
        if !credential.is_empty() {
            request = request.insert_header(("Authorization", format!("Token {credential}")));
        }
        if !body.is_null() {
            request = request.set_json(body);
        }
        self.bench.send(request).await
    }

    /// With the owner's key; the answer has to have this status.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Value, status: u16) -> Value {
        let reply = self.call(&self.bench.key, method, path, body).await;
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.text());
        if reply.body.is_empty() { Value::Null } else { reply.json() }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.ask("GET", path, Value::Null, 200).await
    }

    /// Field and code of a request that is refused with 400.
    pub(crate) async fn faults(&self, method: &str, path: &str, body: Value) -> Vec<(String, String)> {
        let refused = self.ask(method, path, body, 400).await;
        let codes = refused.as_object().unwrap().iter().flat_map(|(field, fault)| {
            let codes = fault["code"].as_array().unwrap().iter();
            assert_eq!(fault["detail"].as_array().unwrap().len(), codes.len(), "{refused}");
            codes.map(|code| (field.clone(), code.as_str().unwrap().to_owned()))
        });
        codes.collect()
    }

    pub(crate) async fn company(&self, name: &str) -> Value {
        self.ask("POST", "/api/v4/companies/", json!({ "name": name, "country": "FR" }), 201).await
    }

    /// A contact of a new company of its own.
    pub(crate) async fn contact(&self, email: &str) -> Value {
        let company = self.company(&format!("Company of {email}")).await;
        let body = json!({ "company": { "pk": company["pk"] }, "last_name": "Bouvet", "email": email });
        self.ask("POST", "/api/v4/contacts/", body, 201).await
    }

    pub(crate) async fn trucker(&self, body: Value) -> Value {
        self.ask("POST", "/api/v4/manager-truckers/", body, 201).await
    }

    /// Delivers what waits and answers what was delivered since the last time.
    pub(crate) async fn sent(&self) -> Vec<Delivered> {
        self.dispatcher.run_once(100).await.unwrap();
        self.bench.notifier.take()
    }

    /// A key of another organisation.
    pub(crate) async fn other(&self) -> String {
        let body = json!({ "name": "Globex", "owner_email": "other@example.org" });
        let made = self.bench.call(&self.bench.operator, "POST", "/v1/organizations", body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["api_key"].as_str().unwrap().to_owned()
    }

    /// A key for each of these sets of permissions; works once an installation.
    pub(crate) async fn keys<const N: usize>(&self, sets: [&[&str]; N]) -> [String; N] {
        let owner = self.bench.owner().await;
        let mut keys = Vec::new();
        for permissions in sets {
            let body = json!({ "name": "limited", "permissions": permissions });
            let made = self.bench.call(&owner, "POST", "/v1/api-keys", body).await;
            assert_eq!(made.status, 201, "{}", made.text());
            keys.push(made.json()["api_key"].as_str().unwrap().to_owned());
        }
        keys.try_into().unwrap()
    }

    /// Redeems a code as a person who has no name of his own.
    pub(crate) async fn redeem_code(&self, code: &str, session: &str) -> Reply {
        let body = json!({ "organization": "acme", "code": code, "account": { "password": PASSWORD } });
        self.bench.call(session, "POST", "/v1/redemptions", body).await
    }

    pub(crate) async fn redeem_token(&self, token: &str) -> Reply {
        let body = json!({ "token": token, "account": { "name": "Adèle Bouvet", "password": PASSWORD } });
        self.bench.call("", "POST", "/v1/redemptions", body).await
    }

    /// How many members there are.
    pub(crate) async fn members(&self) -> usize {
        let members = self.bench.ask("GET", "/v1/members?limit=200", Value::Null).await.json();
        members["items"].as_array().unwrap().len()
    }
}

/// The path of a record, and what is to be done with it.
pub(crate) fn path(record: &Value, what: &str) -> String {
    match record["uid"].as_str() {
        Some(uid) => format!("/api/v4/contacts/{uid}/{what}"),
        None if record["user"].is_object() => format!("/api/v4/manager-truckers/{}/{what}", record["pk"]),
        None => format!("/api/v4/companies/{}/{what}", record["pk"]),
    }
}
