//! Writes problem documents.

use super::{Problem, Retry, table};
use crate::routes::NATIVE;
use actix_web::{
    HttpRequest, HttpResponse, ResponseError as _,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use invite_domain::time::Timestamp;
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use std::borrow::Cow;

/// The path as an answer or a log may show it: a token in it is left out.
fn instance(path: &str) -> Cow<'_, str> {
    // Nothing that is a secret by its look is without one of these.
    if path.starts_with(NATIVE) && !path.contains('_') {
        return Cow::Borrowed(path);
    }
    let secret = |part: &str| {
        let start = part.as_bytes().get(..4);
        let begins = |start: &[u8]| {
            [b"inv_", b"ina_", b"ivk_", b"ivs_", b"ivr_"].iter().any(|prefix| start.eq_ignore_ascii_case(*prefix))
        };
        start.is_some_and(begins)
    };
    // The part after these is a token, whatever it looks like after a mail program had it.
    let token = ["/i/", "/account/"].iter().any(|prefix| path.starts_with(prefix));
    let hidden = |(index, part): (usize, &str)| secret(part) || (token && index > 1);
    if !path.split('/').enumerate().any(hidden) {
        return Cow::Borrowed(path);
    }
    let shown = path.split('/').enumerate().map(|(index, part)| if hidden((index, part)) { "…" } else { part });
    Cow::Owned(shown.collect::<Vec<_>>().join("/"))
}

/// A problem's document, written without an intermediate tree.
struct Document<'a> {
    problem: &'a Problem,
    instance: &'a str,
    request_id: &'a str,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = self.problem.kind;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &format_args!("urn:invite:problem:{}", kind.code))?;
        map.serialize_entry("title", kind.title)?;
        map.serialize_entry("status", &kind.status)?;
        map.serialize_entry("detail", self.problem.detail.as_deref().unwrap_or(kind.detail))?;
        map.serialize_entry("instance", self.instance)?;
        map.serialize_entry("code", kind.code)?;
        map.serialize_entry("request_id", self.request_id)?;
        for (name, value) in self.problem.members.iter().flat_map(|members| members.iter()) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Document<'_> {
    /// The same of a problem in the table's own words, of which most is written already; `None` of any other. Who sends forged
    /// tokens causes many of these.
    fn in_the_tables_words(&self) -> Option<Vec<u8>> {
        let Problem { kind, detail: None, members: None, .. } = self.problem else { return None };
        let (code, request_id) = (r#","code":""#, r#"","request_id":"#);
        let own = self.instance.len() + kind.code.len() + self.request_id.len();
        let mut text = Vec::with_capacity(kind.begin.len() + code.len() + request_id.len() + own + 8);
        text.extend_from_slice(kind.begin.as_bytes());
        quoted(&mut text, self.instance)?;
        for part in [code, kind.code, request_id] {
            text.extend_from_slice(part.as_bytes());
        }
        quoted(&mut text, self.request_id)?;
        text.push(b'}');
        Some(text)
    }
}

/// Writes a text as JSON does; what has nothing to escape, in one piece.
fn quoted(out: &mut Vec<u8>, text: &str) -> Option<()> {
    let escapes = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    if text.bytes().fold(false, |any, byte| any | escapes(byte)) {
        return serde_json::to_writer(out, text).ok();
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    Some(())
}

/// The document of a problem, for this request.
pub(crate) fn render(problem: &Problem, request: &HttpRequest, request_id: &str, now: Timestamp) -> HttpResponse {
    let document = Document { problem, instance: &instance(request.path()), request_id };
    let mut answer = HttpResponse::build(problem.status_code());
    answer.insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json")));
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
    match document.in_the_tables_words() {
        Some(text) => answer.body(text),
        None => answer.json(document),
    }
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
    use super::{Document, Problem, instance, table};

    #[test]
    fn a_document_that_is_written_already_is_what_it_would_be() {
        for kind in table::ALL {
            let problem = Problem::new(kind);
            let document = Document { problem: &problem, instance: "/v1/\"roles\"", request_id: "a-1" };
            let text = document.in_the_tables_words().map(String::from_utf8);
            assert_eq!(text, Some(Ok(serde_json::to_string(&document).unwrap())), "{}", kind.code);
        }
    }

    #[test]
    fn a_document_with_words_or_members_of_its_own_has_them() {
        let own = [Problem::new(&table::NOT_FOUND).saying("No."), Problem::new(&table::NOT_FOUND).with("a", 1)];
        for problem in own {
            let document = Document { problem: &problem, instance: "/", request_id: "1" };
            assert!(document.in_the_tables_words().is_none(), "{:?}", document.problem);
        }
    }

    #[test]
    fn log_1_no_instance_has_a_token() {
        assert_eq!(instance("/v1/roles/x"), "/v1/roles/x");
        assert_eq!(instance("/i/inv_abc"), "/i/…");
        assert_eq!(instance("/i/vai_nop/x"), "/i/…/…");
        assert_eq!(instance("/account/ina_abc"), "/account/…");
        assert_eq!(instance("//i/INV_abc"), "//i/…");
        assert_eq!(instance("/v1/ivk_abc"), "/v1/…");
        assert_eq!(instance("/v1/account/abc"), "/v1/account/abc");
    }
}
