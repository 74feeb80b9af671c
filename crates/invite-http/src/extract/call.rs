use super::{client, header, query::Query, quota};
use crate::{
    Api,
    dialect::Dialect,
    problem::{Problem, table},
    routed::{Known, Routed},
    timely::Input,
};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse, dev::Payload, http::StatusCode, web::Data};
use invite_domain::invitation::Origin;
use serde::Serialize;
use std::{
    future::{Ready, ready},
    net::IpAddr,
    str::FromStr,
};

/// What a handler answers.
pub(crate) type Answer = Result<HttpResponse, Problem>;

/// The request's id, as every answer and log line has it.
#[derive(Clone)]
pub(crate) struct RequestId(pub(crate) String);

/// The id the outermost middleware gave the request.
pub(crate) fn request_id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}

/// A request to the API. Taking it checks what needs nobody's credential: the query's names and the Accept header. The
/// handler then asks for the rest in the order in which it is to be refused.
pub(crate) struct Call {
    pub(crate) request: HttpRequest,
    pub(crate) payload: Payload,
    pub(crate) api: Data<Api>,
    pub(crate) query: Query,
    /// The dialect it speaks; `None` for the native API.
    pub(crate) dialect: Option<&'static Dialect>,
    id: String,
}

impl Call {
    fn take(request: &HttpRequest, payload: &mut Payload) -> Result<Self, Problem> {
        let missing = || Problem::new(&table::INTERNAL).because("the application is not configured");
        let api = request.app_data::<Data<Api>>().ok_or_else(missing)?.clone();
        let known = Routed::of(request).map_or_else(Known::default, |routed| routed.known(request.method()));
        // Of anything else, who calls is looked at first.
        if known.public {
            quota::of_network(request, &api)?;
        }
        let text = request.query_string();
        let query = if known.dialect.is_some() {
            Query::lenient(text, known.secrets)
        } else {
            Query::parse(text, known.names)
        }?;
        // The documented APIs answer JSON whatever is accepted.
        if known.dialect.is_none() && !header::accepts(request, "application/json") {
            return Err(Problem::new(&table::NOT_ACCEPTABLE));
        }
        Ok(Self {
            request: request.clone(),
            payload: payload.take(),
            api,
            query,
            dialect: known.dialect,
            id: request_id(request),
        })
    }

    pub(crate) fn request_id(&self) -> &str {
        &self.id
    }

    /// An id in the path. One that is no id is unknown, like any other.
    pub(crate) fn id<T: FromStr>(&self) -> Result<T, Problem> {
        let text = self.request.match_info().get("id").unwrap_or_default();
        let hyphenated = text.len() == 36;
        let id = hyphenated.then(|| text.parse().ok()).flatten();
        id.ok_or_else(|| Problem::new(&table::NOT_FOUND))
    }

    /// What limits count the client by.
    pub(crate) fn client(&self) -> Option<String> {
        client_key(&self.request, &self.api)
    }

    /// Where the request came from, for the trail.
    pub(crate) fn origin(&self) -> Origin {
        Origin { request_id: Some(self.id.clone()), address: client_address(&self.request, &self.api) }
    }
}

/// What limits count the client by.
pub(crate) fn client_key(request: &HttpRequest, api: &Api) -> Option<String> {
    client_address(request, api).map(client::budget_key)
}

/// Where a request comes from, behind proxies of ours the address they vouch for.
pub(crate) fn client_address(request: &HttpRequest, api: &Api) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    if !api.config.trusted_proxies.iter().any(|net| net.contains(&peer)) {
        return Some(peer);
    }
    // A hop that cannot be read stays one: leaving its line out would let it hide what stands beside it.
    let lines = request.headers().get_all("X-Forwarded-For").map(|value| String::from_utf8_lossy(value.as_bytes()));
    let lines: Vec<_> = lines.collect();
    let lines: Vec<&str> = lines.iter().map(AsRef::as_ref).collect();
    Some(client::address(peer, &lines, &api.config.trusted_proxies))
}

impl Input for Call {
    fn has_body(&self) -> bool {
        self.payload.has_body()
    }
}

impl FromRequest for Call {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Self::take(request, payload))
    }
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, document: &impl Serialize) -> HttpResponse {
    HttpResponse::build(status).json(document)
}

/// 200 with a JSON document.
#[expect(clippy::unnecessary_wraps, reason = "it is how handlers end, and they can fail")]
pub(crate) fn ok(document: &impl Serialize) -> Answer {
    Ok(json(StatusCode::OK, document))
}

/// 204.
#[expect(clippy::unnecessary_wraps, reason = "it is how handlers end, and they can fail")]
pub(crate) fn nothing() -> Answer {
    Ok(HttpResponse::NoContent().finish())
}
