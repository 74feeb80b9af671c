//! What operators and their machines ask: is it alive, is it ready, how does it do, what can it do.

use crate::{
    Api, Problem,
    dto::value,
    endpoint::{Access, Endpoint, Paths, readable},
    extract::call::{Answer, Call, ok},
    problem::{Retry, table},
    routes::tag,
};
use actix_web::{
    HttpResponse,
    http::{Method, header},
    web::Path,
};
use serde::Serialize;
use std::sync::{Arc, LazyLock};
use utoipa::ToSchema;
use utoipa_swagger_ui::Config;

/// That the process answers.
#[derive(Serialize, ToSchema)]
struct Alive {
    /// `alive`.
    #[schema(example = "alive")]
    status: &'static str,
}

/// How the service stands.
#[derive(Serialize, ToSchema)]
#[schema(as = Readiness)]
struct Ready {
    /// `ready`; anything else is a problem.
    #[schema(example = "ready")]
    status: &'static str,
    /// How many milliseconds the database's clock is ahead of the service's.
    #[schema(example = 3)]
    clock_difference_ms: Option<i64>,
    /// The ids of the keys in the ring.
    #[schema(example = json!([1]))]
    key_ids: Vec<u8>,
    /// The key new secrets are made with.
    #[schema(example = 1)]
    active_key: Option<u8>,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, "/livez", "getLiveness", alive)
            .about(tag::OPERATION, "Whether the process answers", "Asks nothing else, so that a database that is away restarts nobody.")
            .by(Access::Public)
            .answers::<Alive>(200, "It does."),
        Endpoint::new(Method::GET, "/readyz", "getReadiness", ready)
            .about(tag::OPERATION, "Whether requests should come here", "The database answers, its schema is this program's, there is an active key, and the process is not shutting down.")
            .by(Access::Public)
            .answers::<Ready>(200, "They should."),
    ]
}

/// Adds what stands in no document: the document itself, its pages, the metrics.
pub(crate) fn register(api: &Api, paths: &mut Paths) {
    paths.add("/openapi.json", vec![(Method::GET, readable().to(document))]);
    paths.add("/docs", vec![(Method::GET, readable().to(docs))]);
    paths.add("/docs/{file:.*}", vec![(Method::GET, readable().to(docs_file))]);
    if let Some(metrics) = api.metrics.clone().filter(|_| api.config.operations_on_main) {
        let answer = move || {
            let text = metrics();
            async { HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text) }
        };
        paths.add("/metrics", vec![(Method::GET, readable().to(answer))]);
    }
}

async fn alive(_: Call) -> Answer {
    ok(&Alive { status: "alive" })
}

async fn ready(call: Call) -> Answer {
    let state = call.api.health.ready().await;
    if state.is_ready() {
        return ok(&Ready {
            status: "ready",
            clock_difference_ms: state.clock_difference_ms,
            key_ids: state.key_ids,
            active_key: state.active_key,
        });
    }
    let detail = match &state {
        state if state.draining => "The service is shutting down.",
        state if !state.database => "The database does not answer.",
        state if !state.migrations_current => {
            "The database's schema is not the one this program expects: run `invite migrate`."
        }
        state if !state.clocks_agree() => "The database's clock and this machine's differ by more than 2 seconds.",
        _ => "The key ring has no active key.",
    };
    let problem = Problem::new(&table::UNAVAILABLE).saying(detail).retry(Retry::In(5));
    Err(problem
        .with("database", state.database)
        .with("migrations_current", state.migrations_current)
        .with("key_ids", value(&state.key_ids))
        .with("draining", state.draining))
}

static DOCUMENT: LazyLock<String> = LazyLock::new(|| crate::openapi::document().to_string());

async fn document() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(DOCUMENT.as_str())
}

/// The one policy of its own (LINK-4): Swagger UI runs a script of ours and sets styles on elements.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                           connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

async fn docs() -> HttpResponse {
    // Relative, so that it holds below a path of the public URL too.
    HttpResponse::SeeOther().insert_header((header::LOCATION, "docs/index.html")).finish()
}

async fn docs_file(file: Path<String>) -> Answer {
    let settings = Arc::new(Config::new(["../openapi.json"]).use_base_layout());
    let found = utoipa_swagger_ui::serve(&file, settings);
    let found = found.map_err(|error| Problem::new(&table::INTERNAL).because(error.to_string()))?;
    let found = found.ok_or_else(|| Problem::new(&table::NOT_FOUND))?;
    let mut answer = HttpResponse::Ok();
    answer.content_type(found.content_type).insert_header((header::CONTENT_SECURITY_POLICY, DOCS_POLICY));
    if found.gzpipped {
        answer.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    Ok(answer.body(found.bytes.into_owned()))
}
