//! Headers a request may carry, and what they must look like.

use crate::problem::{Problem, table};
use actix_web::{
    HttpRequest,
    http::header::{self, HeaderName},
};

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A header's one value as text; `None` where it is absent.
pub(crate) fn single<'a>(request: &'a HttpRequest, name: &str) -> Result<Option<&'a str>, Problem> {
    let mut values = request.headers().get_all(name);
    let Some(first) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(invalid(name, "stands there more than once"));
    }
    first.to_str().map(Some).map_err(|_| invalid(name, "has characters a header cannot have"))
}

pub(crate) fn invalid(name: &str, why: &str) -> Problem {
    Problem::new(&table::INVALID_HEADER).saying(format!("The header {name} {why}."))
}

/// The client's request id where it is one we can pass on: 1 to 64 letters, digits, dots, underscores and hyphens.
pub(crate) fn request_id(request: &HttpRequest) -> Option<String> {
    let mut values = request.headers().get_all(X_REQUEST_ID);
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let text = value.to_str().ok()?;
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    ((1..=64).contains(&text.len()) && text.bytes().all(good)).then(|| text.to_owned())
}

/// `Idempotency-Key`: 1 to 255 visible ASCII characters.
pub(crate) fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(text) = single(request, "Idempotency-Key")? else { return Ok(None) };
    let good = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if good {
        Ok(Some(text.to_owned()))
    } else {
        Err(invalid("Idempotency-Key", "has to be 1 to 255 visible ASCII characters"))
    }
}

/// `If-Match`: the version in a strong entity tag, or `*` for any.
pub(crate) fn if_match(request: &HttpRequest) -> Result<Option<i64>, Problem> {
    let Some(text) = single(request, "If-Match")? else { return Ok(None) };
    let text = text.trim();
    if text == "*" {
        return Ok(None);
    }
    let version =
        text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|digits| !digits.starts_with('+'));
    let version = version.and_then(|digits| digits.parse().ok());
    version.map(Some).ok_or_else(|| invalid("If-Match", "has to be one ETag as an answer gave it, like \"3\", or *"))
}

/// Whether the client takes this media type, of the form `kind/name`.
pub(crate) fn accepts(request: &HttpRequest, media: &str) -> bool {
    // What programs send, if they send anything.
    let mut sent = request.headers().get_all(header::ACCEPT);
    match (sent.next(), sent.next()) {
        (None, _) => return true,
        (Some(one), None) if one == "*/*" || one == media => return true,
        _ => {}
    }
    let lines: Vec<&str> = request.headers().get_all(header::ACCEPT).filter_map(|value| value.to_str().ok()).collect();
    let any_of_kind = format!("{}/*", media.split('/').next().unwrap_or_default());
    let takes = |range: &str| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let refused = parts.any(|parameter| {
            let weight = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="));
            weight.is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0))
        });
        !refused && (name == media || name == "*/*" || name == any_of_kind)
    };
    lines.is_empty() || lines.iter().flat_map(|line| line.split(',')).any(takes)
}

/// Whether a browser asks: it names HTML, not just anything.
pub(crate) fn is_browser(request: &HttpRequest) -> bool {
    let named = |value: &header::HeaderValue| value.to_str().is_ok_and(|text| text.contains("text/html"));
    request.headers().get_all(header::ACCEPT).any(named)
}

/// A language tag by its shape ([RFC 5646](https://www.rfc-editor.org/rfc/rfc5646)), at most 35 characters.
pub(crate) fn is_language_tag(text: &str) -> bool {
    let mut subtags = text.split('-');
    let primary = subtags.next().unwrap_or_default();
    text.len() <= 35
        && (2..=8).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_alphabetic())
        && subtags.all(|subtag| (1..=8).contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_request_id_is_passed_on_only_where_it_is_harmless() {
        let id =
            |text: &str| request_id(&TestRequest::default().insert_header(("X-Request-Id", text)).to_http_request());
        assert_eq!(id("a-b_c.1").as_deref(), Some("a-b_c.1"));
        let long = "x".repeat(65);
        for bad in ["", "a b", "a\"b", "é", long.as_str()] {
            assert_eq!(id(bad), None, "{bad}");
        }
        let twice = TestRequest::default().append_header(("X-Request-Id", "a")).append_header(("X-Request-Id", "a"));
        assert_eq!(request_id(&twice.to_http_request()), None);
    }

    #[test]
    fn if_match_takes_our_entity_tags_and_nothing_else() {
        let tag = |text: &str| if_match(&TestRequest::default().insert_header(("If-Match", text)).to_http_request());
        assert_eq!(tag("\"3\"").unwrap(), Some(3));
        assert_eq!(tag("*").unwrap(), None);
        for bad in ["3", "W/\"3\"", "\"x\"", "\"3\", \"4\"", "\"\"", "\"+3\""] {
            assert_eq!(tag(bad).unwrap_err().kind().code, "invalid_header", "{bad}");
        }
    }

    #[test]
    fn accept_is_read_with_ranges_and_weights() {
        let takes = |text: &str| {
            accepts(&TestRequest::default().insert_header(("Accept", text)).to_http_request(), "application/json")
        };
        for good in ["*/*", "application/json", "text/html, application/*;q=0.1", "application/json;q=1"] {
            assert!(takes(good), "{good}");
        }
        for bad in ["text/html", "application/json;q=0", "application/xml, text/*"] {
            assert!(!takes(bad), "{bad}");
        }
        assert!(accepts(&TestRequest::default().to_http_request(), "application/json"));
    }

    #[test]
    fn language_tags_are_taken_by_their_shape() {
        for good in ["en", "fr-CA", "zh-Hant-TW", "de-1996"] {
            assert!(is_language_tag(good), "{good}");
        }
        for bad in ["", "e", "en_US", "en-", "-en", "english-toolongsubtag", "en\r\n", "1a"] {
            assert!(!is_language_tag(bad), "{bad}");
        }
    }
}
