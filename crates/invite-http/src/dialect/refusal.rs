//! A refusal in a dialect's own envelope.

use super::{Dialect, credential};
use crate::problem::{Problem, retry_seconds, table::Kind};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use invite_domain::time::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// What a renderer knows of a refusal.
pub(crate) struct Refused<'a> {
    pub(crate) problem: &'a Problem,
    /// Whether the request had something where a credential belongs.
    pub(crate) presented: bool,
    /// Whole seconds until a retry may work.
    pub(crate) retry: Option<u64>,
    /// The request's method.
    pub(crate) method: &'a str,
}

impl Refused<'_> {
    pub(crate) fn kind(&self) -> &'static Kind {
        self.problem.kind
    }

    /// What happened, as exactly as it was said, or in the table's words.
    pub(crate) fn detail(&self) -> &str {
        self.problem.detail.as_deref().unwrap_or(self.problem.kind.detail)
    }
}

/// What a dialect answers to a refusal. `Retry-After`, `Allow` and closing the connection are not its business.
#[derive(Debug, PartialEq)]
pub(crate) struct Envelope {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// The members that stand first, as the documentation prints them. Others follow by name.
    pub(crate) order: &'static [&'static str],
    /// `WWW-Authenticate`.
    pub(crate) challenge: Option<&'static str>,
}

/// The body of an envelope with its members in their order.
struct Printed<'a>(&'a Envelope);

impl Serialize for Printed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Envelope { body, order, .. } = self.0;
        let Some(members) = body.as_object() else { return body.serialize(serializer) };
        let first = order.iter().filter_map(|name| members.get_key_value(*name));
        let rest = members.iter().filter(|(name, _)| !order.contains(&name.as_str()));
        serializer.collect_map(first.chain(rest))
    }
}

impl Dialect {
    /// The answer to a refused request.
    pub(crate) fn refusal(&self, problem: &Problem, request: &HttpRequest, now: Timestamp) -> HttpResponse {
        let refused = Refused {
            problem,
            presented: credential::is_presented(request, self.carriers),
            retry: problem.retry.map(|retry| retry_seconds(retry, now)),
            method: request.method().as_str(),
        };
        let envelope = (self.refuse)(&refused);
        let status = StatusCode::from_u16(envelope.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = HttpResponse::build(status);
        answer.content_type("application/json");
        if let Some(challenge) = envelope.challenge {
            answer.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        if let Some(seconds) = refused.retry {
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(allow) = &problem.allow {
            answer.insert_header((header::ALLOW, allow.as_str()));
        }
        if problem.close {
            answer.force_close();
        }
        answer.json(Printed(&envelope))
    }

    /// The envelope of a kind as such, for the document.
    pub(crate) fn specimen(&self, kind: &'static Kind) -> Envelope {
        let problem = Problem::new(kind);
        let retry = matches!(kind.status, 429 | 503).then_some(1);
        (self.refuse)(&Refused { problem: &problem, presented: true, retry, method: "GET" })
    }
}
