//! The shared ground, shown on the example dialect in process, and the envelopes of those there are.

use super::{ALL, Refused};
use crate::{
    Admission, Api, Background, Health, HttpConfig, Problem, Readiness, Throughput,
    problem::table::{self, Kind},
    routes::NATIVE,
};
use actix_web::{
    body::to_bytes,
    http::header::HeaderMap,
    test::{TestRequest, call_service, init_service},
};
use async_trait::async_trait;
use chrono::Duration;
use invite_domain::{
    email::EmailAddress,
    service::{
        DeadLetterService, DirectoryService, ErasureService, GroupService, InvitationService, SetUp, Settings,
        StatisticsService, SubjectService, World,
    },
};
use invite_testkit::{ManualClock, MemoryStore, PlainHasher, SeededEntropy, test_keys};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use url::Url;

struct Fine;

#[async_trait]
impl Health for Fine {
    async fn ready(&self) -> Readiness {
        Readiness {
            database: true,
            migrations_current: true,
            clock_difference_ms: None,
            key_ids: Vec::new(),
            active_key: None,
            draining: false,
        }
    }
}

struct Bench {
    api: Api,
    clock: ManualClock,
    key: String,
    operator: String,
    organization: String,
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap_or_default())
    }
}

impl Bench {
    async fn new() -> Self {
        let clock = ManualClock::default();
        let store = Arc::new(MemoryStore::with_clock(Arc::new(clock.clone())));
        let world = World {
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SeededEntropy::of("dialect")),
            keys: Arc::new(test_keys()),
        };
        let hasher = Arc::new(PlainHasher::default());
        let settings = Settings::default();
        let invitations =
            InvitationService::new(store.clone(), store.clone(), hasher.clone(), world.clone(), settings.clone());
        let directory =
            DirectoryService::new(store.clone(), store.clone(), store.clone(), hasher, world.clone(), settings.clone());
        let owner_email = EmailAddress::parse("owner@example.org").unwrap();
        let set_up = SetUp { organization: "Acme".into(), owner_email, locale: None };
        let installed = directory.set_up(set_up).await.unwrap();
        let subjects = SubjectService::new(store.clone(), invitations.clone());
        let groups = GroupService::new(store.clone(), directory.clone());
        let erasure = ErasureService::new(store.clone(), store.clone(), store.clone(), world.clone(), settings);
        let statistics = StatisticsService::new(store.clone(), invitations.clone());
        let dead_letters = DeadLetterService::new(store, invitations.clone());
        let api = Api {
            background: Background::on(tokio::runtime::Handle::current()),
            invitations,
            directory,
            groups,
            world,
            config: Arc::new(HttpConfig::new(Url::parse("https://invite.example.org/join").unwrap())),
            admission: Admission::default(),
            throughput: Throughput::default(),
            health: Arc::new(Fine),
            metrics: None,
            mailbox: None,
            mail_preview: None,
            subjects,
            dead_letters,
            erasure,
            statistics,
        };
        Self {
            api,
            clock,
            key: installed.api_key.expose().to_owned(),
            operator: installed.operator_key.expose().to_owned(),
            organization: installed.organization.id.to_string(),
        }
    }

    async fn send(&self, request: TestRequest) -> Reply {
        let service = init_service(crate::app(self.api.clone())).await;
        let response = call_service(&service, request.to_request()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let Ok(body) = to_bytes(response.into_body()).await else { panic!("a body") };
        Reply { status, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) }
    }

    fn with_key(&self, request: TestRequest) -> TestRequest {
        request.insert_header(("Authorization", format!("token {}", self.key)))
    }

    async fn get(&self, path: &str) -> Reply {
        self.send(self.with_key(TestRequest::get().uri(path))).await
    }

    async fn post(&self, media: &'static str, body: &'static str) -> Reply {
        let request = TestRequest::post().uri("/api/example/things").insert_header(("Content-Type", media));
        self.send(self.with_key(request.set_payload(body))).await
    }
}

#[actix_web::test]
async fn pages_are_counted_and_linked_from_the_public_url() {
    let bench = Bench::new().await;
    let request = TestRequest::get().uri("/api/example/things?page=2&sort=name&q=a%20b&utm=1");
    let reply = bench.send(bench.with_key(request.insert_header(("Host", "evil.example")))).await;
    let base = "https://invite.example.org/join/api/example/things?sort=name&q=a+b&utm=1&page=";
    let expected = json!({
        "page": 2, "offset": 20, "sort": 1, "next": format!("{base}3"), "previous": format!("{base}1"),
    });
    assert_eq!((reply.status, reply.body), (200, expected));
    let reply = bench.get("/api/example/things?sort=age").await;
    assert_eq!((reply.status, &reply.body["faults"]), (422, &json!([["sort", "invalid_choice"]])));
}

#[actix_web::test]
async fn bodies_are_json_or_forms_and_unknown_members_are_ignored() {
    let bench = Bench::new().await;
    let made = json!({ "name": "x", "rate": 3 });
    let reply = bench.post("application/json", r#"{"name":"x","rate":3,"other":[]}"#).await;
    assert_eq!((reply.status, &reply.body), (201, &made));
    let reply = bench.post("application/x-www-form-urlencoded", "name=x&rate=3&more[]=1").await;
    assert_eq!((reply.status, &reply.body), (201, &made));
    let reply = bench.post("application/json", r#"{"name":"too long","rate":"3"}"#).await;
    assert_eq!(reply.body["faults"], json!([["name", "max_length"], ["rate", "invalid"]]));
    let reply = bench.post("application/json", "").await;
    assert_eq!(reply.body["faults"], json!([["name", "required"]]));
}

#[actix_web::test]
async fn everything_that_goes_wrong_below_a_prefix_is_said_in_the_dialect() {
    let bench = Bench::new().await;
    let large: &'static str = Box::leak("x".repeat(64 * 1024 + 1).into_boxed_str());
    for (media, body, status, code) in [
        ("application/json", "{", 400, "malformed_json"),
        ("application/json", r#"{"name":"x","name":"y"}"#, 400, "malformed_json"),
        ("application/json", r#"{"name":"\u0000"}"#, 400, "malformed_json"),
        ("application/x-www-form-urlencoded", "a=1&a=2", 400, "malformed_json"),
        ("application/json", "[]", 422, "invalid_input"),
        ("application/xml", "<a/>", 415, "unsupported_media_type"),
        ("application/json", large, 413, "body_too_large"),
    ] {
        let reply = bench.post(media, body).await;
        assert_eq!((reply.status, &reply.body["wrong"]), (status, &json!(code)), "{body:.40}");
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("x-request-id").len(), 36);
        bench.clock.advance(Duration::seconds(1));
    }
    for path in ["/api/example", "/api/example/", "/api/example/none", "/api/example/things/", "/api/example/things/0"]
    {
        let reply = bench.get(path).await;
        assert_eq!((reply.status, &reply.body["wrong"]), (404, &json!("not_found")), "{path}");
    }
    let browser = TestRequest::get().uri("/api/example/none").insert_header(("Accept", "text/html"));
    assert_eq!(bench.send(browser).await.body["wrong"], "not_found");
    let reply = bench.send(TestRequest::delete().uri("/api/example/things")).await;
    assert_eq!((reply.status, reply.header("allow")), (405, "GET, HEAD, POST"));
    assert_eq!(reply.body["wrong"], "method_not_allowed");
    // However the path is spelled, and not a path that only begins like one.
    let reply = bench.send(TestRequest::get().uri("/api/%65xample/things")).await;
    assert_eq!((reply.status, &reply.body["wrong"]), (401, &json!("unauthenticated")));
    let reply = bench.send(TestRequest::get().uri("/api/examples")).await;
    assert_eq!((reply.status, &reply.body["code"]), (404, &json!("not_found")));
}

#[actix_web::test]
async fn a_credential_is_found_where_the_dialect_carries_it_and_nowhere_else() {
    let bench = Bench::new().await;
    let ask = |name: &'static str, value: String| {
        TestRequest::get().uri("/api/example/things/7").insert_header((name, value))
    };
    for (name, value) in [
        ("Authorization", format!("Token {}", bench.key)),
        ("Authentication", bench.key.clone()),
        ("Authentication", format!("Token {}", bench.key)),
    ] {
        let reply = bench.send(ask(name, value)).await;
        assert_eq!((reply.status, reply.body), (200, json!({ "pk": 7, "organization": bench.organization })));
    }
    for (name, value, presented) in [
        ("Authorization", format!("Bearer {}", bench.key), true),
        ("Authorization", "Token ivk_wrong".to_owned(), true),
        ("Cookie", format!("__Host-invite_session={}", bench.key), false),
    ] {
        let reply = bench.send(ask(name, value)).await;
        assert_eq!((reply.status, &reply.body["presented"]), (401, &json!(presented)), "{name}");
    }
    let two = ask("Authorization", format!("Token {}", bench.key)).insert_header(("Authentication", "other"));
    assert_eq!(bench.send(two).await.status, 401);
}

#[actix_web::test]
async fn an_operator_names_the_organisation_in_either_header() {
    let mut bench = Bench::new().await;
    let mut config = (*bench.api.config).clone();
    config.organization_header = Some("organization_id".to_owned());
    bench.api.config = Arc::new(config);
    for header in ["X-Organization-Id", "organization_id"] {
        let request = TestRequest::get().uri("/api/example/things/7");
        let request = request.insert_header(("Authentication", bench.operator.clone()));
        let reply = bench.send(request.insert_header((header, bench.organization.clone()))).await;
        assert_eq!((reply.status, &reply.body["organization"]), (200, &json!(bench.organization)), "{header}");
    }
    let request = TestRequest::get().uri("/api/example/things/7");
    let reply = bench.send(request.insert_header(("Authentication", bench.operator.clone()))).await;
    assert_eq!((reply.status, &reply.body["wrong"]), (400, &json!("organization_required")));
}

#[actix_web::test]
async fn a_secret_stands_in_the_query_only_where_the_documented_api_has_it() {
    let bench = Bench::new().await;
    let reply = bench.send(TestRequest::get().uri("/api/example/public?code=inv_abcdefghij")).await;
    assert_eq!((reply.status, &reply.body["long"]), (200, &json!(true)));
    let reply = bench.get("/api/example/things?q=inv_abcdefghij").await;
    assert_eq!((reply.status, &reply.body["wrong"]), (400, &json!("credential_in_url")));
}

#[actix_web::test]
async fn r9_3_a_credential_has_its_requests_a_second_and_then_429() {
    let bench = Bench::new().await;
    for _ in 0..10 {
        assert_eq!(bench.get("/api/example/things/7").await.status, 200);
    }
    let refused = bench.get("/api/example/things/7").await;
    assert_eq!((refused.status, &refused.body["wrong"]), (429, &json!("too_many_requests")));
    assert_eq!(refused.header("retry-after"), "1");
    bench.clock.advance(Duration::seconds(1));
    assert_eq!(bench.get("/api/example/things/7").await.status, 200);
    // The native API is not the dialect's to limit.
    for _ in 0..12 {
        let request = TestRequest::get().uri("/v1/roles");
        let reply = bench.send(request.insert_header(("Authorization", format!("Bearer {}", bench.key)))).await;
        assert_eq!(reply.status, 200);
    }
}

#[test]
fn the_document_has_the_dialect_beside_the_native_api() {
    let document = crate::openapi::document();
    let make = &document["paths"]["/api/example/things"]["post"];
    assert_eq!(make["tags"], json!(["Example"]));
    assert_eq!(make["security"], json!([{ "exampleToken": [] }, { "exampleHeader": [] }]));
    let content = &make["requestBody"]["content"];
    assert!(content["application/json"].is_object() && content["application/x-www-form-urlencoded"].is_object());
    let refusal = &make["responses"]["429"]["content"];
    assert_eq!(refusal["application/json"]["schema"]["$ref"], "#/components/schemas/ExampleError");
    assert!(refusal.get("application/problem+json").is_none());
    assert_eq!(document["components"]["examples"]["Example_too_many_requests"]["value"]["wrong"], "too_many_requests");
    let parameters = document["paths"]["/api/example/things/{pk}"]["get"]["parameters"].as_array().unwrap();
    assert!(parameters.iter().any(|parameter| parameter["name"] == "pk" && parameter["in"] == "path"));
    assert!(document["components"]["securitySchemes"]["dashdocAuthentication"].is_object());
    let see = &document["paths"]["/api/example/public"]["get"];
    assert_eq!(see["security"], json!([]));
}

#[test]
fn every_operation_of_a_dialect_is_below_its_prefix_and_ends_as_its_paths_do() {
    for dialect in ALL {
        for endpoint in (dialect.endpoints)() {
            let spec = &endpoint.spec;
            assert!(dialect.has(spec.path) && !spec.path.starts_with(NATIVE), "{}", spec.path);
            // Dashdoc alone ends every path with a slash.
            assert_eq!(spec.path.ends_with('/'), dialect.name == "Dashdoc", "{}", spec.path);
            assert_eq!(spec.tag, dialect.name, "{}", spec.path);
            assert!(!spec.idempotent && !spec.listing, "{}: that is the native API's", spec.path);
            let variables: Vec<&str> =
                spec.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            let described: Vec<&str> = spec.variables.iter().map(|variable| variable.name).collect();
            assert_eq!(variables, described, "{}", spec.path);
        }
    }
}

/// Every kind of the table as a dialect says it.
fn every_kind(name: &str) -> BTreeMap<String, Value> {
    let dialect = ALL.iter().find(|dialect| dialect.name == name).unwrap();
    let said = |kind: &&'static Kind| {
        let envelope = dialect.specimen(kind);
        assert!((400..600).contains(&envelope.status), "{}", kind.code);
        assert_eq!(envelope.status >= 500, kind.status >= 500, "{}", kind.code);
        (
            kind.code.to_owned(),
            json!({ "status": envelope.status, "body": envelope.body, "challenge": envelope.challenge }),
        )
    };
    table::ALL.iter().map(said).collect()
}

#[test]
fn dailys_says_every_kind_of_refusal() {
    insta::assert_json_snapshot!(every_kind("Dailys"));
}

#[test]
fn dashdoc_says_every_kind_of_refusal() {
    insta::assert_json_snapshot!(every_kind("Dashdoc"));
}

#[test]
fn gatego_says_every_kind_of_refusal() {
    insta::assert_json_snapshot!(every_kind("Gatego"));
}

#[test]
fn no_envelope_has_the_cause_of_a_failure() {
    let problem = Problem::new(&table::INTERNAL).because("the database said: secret");
    for dialect in ALL {
        let refused = Refused { problem: &problem, presented: true, retry: None, method: "GET" };
        assert!(!(dialect.refuse)(&refused).body.to_string().contains("secret"), "{}", dialect.name);
    }
}
