//! An installation whose application is built once, however many requests it gets, and whose store can be set back.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

use crate::support::{Bench, PASSWORD, Reply, config};
use actix_web::{
    body::to_bytes,
    test::{TestRequest, call_service, init_service},
};
use invite_testkit::memory::Snapshot;
use serde_json::{Value, json};
use std::{pin::Pin, rc::Rc};

type Answered = Pin<Box<dyn Future<Output = Reply>>>;

/// An installation.
pub(crate) struct Served {
    pub(crate) bench: Bench,
    send: Rc<dyn Fn(TestRequest) -> Answered>,
}

impl Served {
    /// Without the limits of requests a second: the clock stands still here.
    pub(crate) async fn new() -> Self {
        let mut config = config();
        config.dashdoc_requests_second = None;
        config.requests_second = None;
        Self::on(Bench::with(config).await).await
    }

    pub(crate) async fn on(bench: Bench) -> Self {
        let service = Rc::new(init_service(invite_http::app(bench.api.clone())).await);
        let send = move |request: TestRequest| -> Answered {
            let service = Rc::clone(&service);
            Box::pin(async move {
                let response = call_service(&*service, request.to_request()).await;
                let (status, headers) = (response.status(), response.headers().clone());
                let Ok(body) = to_bytes(response.into_body()).await else { panic!("a body") };
                Reply { status, headers, body: body.to_vec() }
            })
        };
        Self { bench, send: Rc::new(send) }
    }

    pub(crate) async fn send_from(&self, peer: &str, request: TestRequest) -> Reply {
        (self.send)(request.peer_addr(peer.parse().unwrap())).await
    }

    pub(crate) async fn send(&self, request: TestRequest) -> Reply {
        self.send_from("192.0.2.1:40000", request).await
    }

    /// With this credential and body.
    pub(crate) async fn call(&self, credential: &str, method: &str, path: &str, body: &Value) -> Reply {
        let mut request = self.bench.request(method, path);
        if !credential.is_empty() {
            let scheme = if path.starts_with("/api/v4") { "Token" } else { "Bearer" };
            request = request.insert_header(("Authorization", format!("{scheme} {credential}")));
        }
        if !body.is_null() {
            request = request.set_json(body);
        }
        self.send(request).await
    }

    /// The same; it has to work.
    pub(crate) async fn done(&self, credential: &str, method: &str, path: &str, body: &Value) -> Value {
        let reply = self.call(credential, method, path, body).await;
        assert!(reply.status.is_success(), "{method} {path}: {} {}", reply.status, reply.text());
        if reply.body.is_empty() { Value::Null } else { reply.json() }
    }

    /// A page, for who has these cookies.
    pub(crate) async fn page(&self, cookies: &[String], path: &str) -> Reply {
        self.send(self.bench.request("GET", path).insert_header(("Cookie", cookies.join("; ")))).await
    }

    /// Invites with this key and redeems for a new person. Answers the session and the membership's id.
    pub(crate) async fn join(
        &self,
        key: &str,
        email: &str,
        role: Option<&str>,
        permissions: &[&str],
    ) -> (String, String) {
        let mut body = json!({ "recipient": { "email": email }, "permissions": permissions });
        if let Some(role) = role {
            body["role_id"] = self.role(key, role).await["id"].clone();
        }
        self.done(key, "POST", "/v1/invitations", &body).await;
        let token = self.bench.mailed(email).await;
        let account = json!({ "name": format!("Person {email}"), "password": PASSWORD });
        let redeemed = self.done("", "POST", "/v1/redemptions", &json!({ "token": token, "account": account })).await;
        (text(&redeemed, "/session/token"), text(&redeemed, "/membership/id"))
    }

    /// A role of the key's organisation.
    pub(crate) async fn role(&self, key: &str, name: &str) -> Value {
        let roles = self.done(key, "GET", "/v1/roles?limit=200", &Value::Null).await;
        roles["items"].as_array().unwrap().iter().find(|role| role["name"] == name).unwrap().clone()
    }

    /// Everything stored, once what goes on behind answers is done.
    pub(crate) async fn stored(&self) -> Snapshot {
        self.bench.api.background.idle().await;
        self.bench.spy.store.snapshot()
    }

    /// Sets the store back.
    pub(crate) async fn restore(&self, snapshot: &Snapshot) {
        self.stored().await;
        self.bench.spy.store.restore(snapshot);
    }

    /// The tables that have changed since, but for the counts of attempts.
    pub(crate) async fn changed(&self, since: &Snapshot) -> Vec<&'static str> {
        let mut changed = self.stored().await.differences(since);
        changed.retain(|table| *table != "counters");
        changed
    }
}

/// A text in a document.
pub(crate) fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer);
    found.and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {value}")).to_owned()
}
