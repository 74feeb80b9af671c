//! Writes problem documents.

use super::{Problem, Retry, table};
use actix_web::{
    HttpRequest, HttpResponse, ResponseError as _,
    http::{StatusCode, header},
};
use invite_domain::time::Timestamp;
use serde_json::json;

/// The path as an answer or a log may show it: a token in it is left out.
fn instance(path: &str) -> String {
    let secret = |part: &str| {
        let start: String = part.chars().take(4).collect();
        ["inv_", "ina_", "ivk_", "ivs_", "ivr_"].contains(&start.to_ascii_lowercase().as_str())
    };
    // The part after these is a token, whatever it looks like after a mail program had it.
    let token = ["/i/", "/account/"].iter().any(|prefix| path.starts_with(prefix));
    let shown = path.split('/').enumerate().map(|(index, part)| {
        let hidden = secret(part) || (token && index > 1);
        if hidden { "…" } else { part }
    });
    shown.collect::<Vec<_>>().join("/")
}

/// The document of a problem, for this request.
pub(crate) fn render(problem: &Problem, request: &HttpRequest, request_id: &str, now: Timestamp) -> HttpResponse {
    let mut document = json!({
        "type": format!("urn:invite:problem:{}", problem.kind.code),
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.detail.as_deref().unwrap_or(problem.kind.detail),
        "instance": instance(request.path()),
        "code": problem.kind.code,
        "request_id": request_id,
    });
    if let Some(members) = document.as_object_mut() {
        members.extend((*problem.members).clone());
    }
    let mut answer = HttpResponse::build(problem.status_code());
    answer.content_type("application/problem+json");
    if problem.kind.status == 401 {
        answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    if let Some(seconds) = problem.retry.map(|retry| retry_seconds(retry, now)) {
        answer.insert_header((header::RETRY_AFTER, seconds));
    }
    if let Some(allow) = &problem.allow {
        answer.insert_header((header::ALLOW, allow.as_str()));
    }
    if problem.close {
        answer.force_close();
    }
    answer.body(document.to_string())
}

/// Whole seconds until a retry may work, at least one.
pub(crate) fn retry_seconds(retry: Retry, now: Timestamp) -> u64 {
    match retry {
        Retry::In(seconds) => seconds,
        // One more than the whole seconds, so that a client that waits exactly so long is not early.
        Retry::At(at) => u64::try_from((at - now).num_seconds()).unwrap_or(0) + 1,
    }
}

/// The log line of a problem that is ours.
pub(crate) fn log(problem: &Problem, request_id: &str) {
    if let Some(cause) = &problem.cause {
        let chain = chain(cause.as_ref());
        tracing::error!(code = problem.kind.code, request_id, cause = %chain, "a request failed");
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// The problem of a status the framework answered by itself.
pub(crate) fn for_status(status: StatusCode) -> Problem {
    let kind = match status.as_u16() {
        401 => &table::UNAUTHENTICATED,
        403 => &table::FORBIDDEN,
        404 => &table::NOT_FOUND,
        405 => &table::METHOD_NOT_ALLOWED,
        406 => &table::NOT_ACCEPTABLE,
        408 => &table::REQUEST_TIMEOUT,
        413 => &table::BODY_TOO_LARGE,
        415 => &table::UNSUPPORTED_MEDIA_TYPE,
        503 => &table::UNAVAILABLE,
        code if code >= 500 => &table::INTERNAL,
        _ => &table::INVALID_HEADER,
    };
    Problem::new(kind)
}

#[cfg(test)]
mod tests {
    use super::instance;

    #[test]
    fn log_1_no_instance_has_a_token() {
        assert_eq!(instance("/v1/roles/x"), "/v1/roles/x");
        assert_eq!(instance("/i/inv_abc"), "/i/…");
        assert_eq!(instance("/i/vai_nop/x"), "/i/…/…");
        assert_eq!(instance("/account/ina_abc"), "/account/…");
        assert_eq!(instance("//i/INV_abc"), "//i/…");
        assert_eq!(instance("/v1/ivk_abc"), "/v1/…");
    }
}
