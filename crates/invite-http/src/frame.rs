//! The application and what surrounds every request: an id, a log line, problem documents, headers, a deadline.

use crate::{
    Api, Problem, console,
    counted::Unrouted,
    dialect,
    endpoint::{self, Endpoint, Paths},
    extract::{
        call::RequestId,
        header::{self as request_header, X_REQUEST_ID},
        quota,
    },
    logos, operations, pages,
    problem::{self, Retry, table},
    request_ids::RequestIds,
    routed::{Operations, Routed},
    routes,
};
use actix_cors::Cors;
use actix_web::{
    App, Error, HttpMessage as _, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::{Condition, Next, from_fn},
    web::{self, Data, ServiceConfig},
};
use invite_domain::time::Timestamp;
use std::{rc::Rc, time::Instant};

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const STRICT: HeaderValue = HeaderValue::from_static(POLICY);
const NO_ROBOTS: HeaderValue = HeaderValue::from_static("noindex, nofollow");
const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

/// The strict policy of every answer (LINK-4); a page that needs another one sets its own.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                                 form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Everything the OpenAPI document describes.
pub(crate) fn documented() -> Vec<Endpoint> {
    let mut endpoints = routes::endpoints();
    endpoints.extend(operations::endpoints());
    endpoints.extend(dialect::endpoints());
    endpoints
}

/// Every path there is.
fn paths(api: &Api, endpoints: Vec<Endpoint>) -> Paths {
    let mut paths = Paths::default();
    endpoint::register(endpoints, &mut paths);
    operations::register(api, &mut paths);
    pages::register(api, &mut paths);
    logos::register(&mut paths);
    console::register(&mut paths);
    paths
}

/// Method and pattern of everything this application answers, for tests that walk all of it.
#[doc(hidden)]
pub fn route_table(api: &Api) -> Vec<(String, String)> {
    paths(api, documented()).list()
}

/// Registers every path. Without the surroundings [`app`] adds, refusals have no document.
pub fn configure(api: Api) -> impl Fn(&mut ServiceConfig) {
    move |config| {
        config.app_data(Data::new(api.clone()));
        let endpoints = documented();
        let operations = Operations::new(&endpoints);
        paths(&api, endpoints).serve(operations, config);
        config.default_service(web::to(|| async { Err::<HttpResponse, _>(Problem::new(&table::NOT_FOUND)) }));
    }
}

/// The whole application.
pub fn app(
    api: Api,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let origins = cors(&api);
    App::new()
        .configure(configure(api.clone()))
        .wrap(Condition::new(!api.config.allowed_origins.is_empty(), origins))
        .wrap(from_fn(surround))
        .app_data(Rc::new(Worker::new(Data::new(api))))
}

/// Pages of these origins may call the API, with a credential they hold themselves: cookies stay at home.
fn cors(api: &Api) -> Cors {
    let own = api.config.organization_header.as_deref();
    let cors = Cors::default()
        .allowed_headers(own)
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "Authentication",
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "If-Match",
            "X-Organization-Id",
            "X-Request-Id",
        ])
        .expose_headers(["ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"])
        .max_age(600);
    api.config
        .allowed_origins
        .iter()
        .fold(cors, |cors, origin| cors.allowed_origin(&origin.origin().ascii_serialization()))
}

/// What a worker has for all its requests.
struct Worker {
    api: Data<Api>,
    unrouted: Unrouted,
    ids: RequestIds,
}

impl Worker {
    fn new(api: Data<Api>) -> Self {
        Self { api, unrouted: Unrouted::default(), ids: RequestIds::default() }
    }
}

async fn surround(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let Some(worker) = request.app_data::<Rc<Worker>>().cloned() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let api = &worker.api;
    let now = api.world.clock.now();
    let own = || worker.ids.next(now, api.world.entropy.as_ref());
    let id = request_header::request_id(request.request()).unwrap_or_else(own);
    request.extensions_mut().insert(RequestId(id.clone()));

    // The request itself cannot be kept: the router needs it for itself alone.
    let answered = if api.admission.refuses(request.path()) {
        request.error_response(Problem::new(&table::OVERLOADED).retry(Retry::In(1)))
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    let (head, answer) = answered.into_parts();
    let routed = Routed::of(&head);
    let unrouted = if routed.is_none() { head.match_pattern() } else { None };
    let pattern = routed.map(Routed::pattern).or(unrouted.as_deref());
    let (mut answer, refused) = explained(now, answer, &head, pattern, api, &id);
    complete(answer.headers_mut(), &id);
    quota::write(&head, answer.headers_mut());

    let route = pattern.unwrap_or("(none)");
    let (method, status, took) = (head.method().as_str(), answer.status().as_u16(), began.elapsed());
    // What was refused and why: of a redemption, a grant, a guess too many (LOG-2).
    let code = refused;
    tracing::info!(method, route, status, code, duration_ms = took.as_secs_f64() * 1000.0, request_id = id, "request");
    match routed {
        Some(routed) => routed.count(method, status, took),
        None => worker.unrouted.count(method, route, status, took),
    }
    Ok(ServiceResponse::new(head, answer))
}

/// The answer, with a document where it is a refusal without one, and the code of the refusal.
fn explained(
    began: Timestamp,
    answer: HttpResponse,
    request: &HttpRequest,
    pattern: Option<&str>,
    api: &Data<Api>,
    id: &str,
) -> (HttpResponse, Option<&'static str>) {
    let status = answer.status();
    let framework;
    let problem = match answer.error().and_then(|error| error.as_error::<Problem>()) {
        Some(problem) => problem,
        None if !(status.is_client_error() || status.is_server_error()) || has_document(answer.headers()) => {
            let told = answer.extensions().get::<pages::Refusal>().map(|refusal| refusal.0);
            return (answer, told);
        }
        None => {
            framework = problem::for_status(status);
            if status.is_server_error() {
                tracing::error!(request_id = id, status = status.as_u16(), "the framework failed a request");
            }
            &framework
        }
    };
    problem::log(problem, id);
    quota::refused(problem, request, api);
    // Most say nothing of time.
    let now = if problem.retry.is_some() { api.world.clock.now() } else { began };
    let mut document = if let Some(dialect) = dialect::of(request, pattern) {
        dialect.refusal(problem, request, now)
    } else if pages::is_page(request) {
        pages::problem_page(problem, request, api, id, now)
    } else {
        problem::render(problem, request, id, now)
    };
    // What a middleware inside had to say beside it, as CORS.
    for (name, value) in answer.headers() {
        if name.as_str().starts_with("access-control-") || name == header::VARY {
            document.headers_mut().append(name.clone(), value.clone());
        }
    }
    (document, Some(problem.kind().code))
}

fn has_document(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.starts_with("application/problem+json") || kind.starts_with("text/html")
}

/// The headers of every answer (LINK-4). What a page set itself stays.
fn complete(headers: &mut HeaderMap, id: &str) {
    let mut set = |name: HeaderName, value: HeaderValue| {
        // Most answers have none of these.
        let own = headers.insert(name.clone(), value).next();
        if let Some(own) = own {
            headers.insert(name, own);
        }
    };
    set(header::CACHE_CONTROL, NO_STORE);
    set(header::REFERRER_POLICY, NO_REFERRER);
    set(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    set(header::CONTENT_SECURITY_POLICY, STRICT);
    set(X_ROBOTS_TAG, NO_ROBOTS);
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(X_REQUEST_ID, id);
    }
}

#[cfg(test)]
mod tests {
    use super::documented;
    use crate::endpoint::OFTEN;

    #[test]
    fn no_path_that_is_registered_first_hides_another() {
        for often in OFTEN {
            let fixed: Vec<&str> = often.split('/').collect();
            let hidden = documented().into_iter().map(|endpoint| endpoint.spec.path).find(|path| {
                let parts: Vec<&str> = path.split('/').collect();
                let meets = |(own, part): (&&str, &&str)| own == part || own.contains('{');
                *path != often && parts.len() == fixed.len() && fixed.iter().zip(&parts).all(meets)
            });
            assert_eq!(hidden, None, "{often}");
            assert!(documented().iter().any(|endpoint| endpoint.spec.path == often), "{often} is no path");
        }
    }
}
