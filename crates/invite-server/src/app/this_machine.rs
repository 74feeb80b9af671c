//! Under `invite dev`: only requests that are addressed to this machine.
//!
//! A page from anywhere can let its own name point to a loopback address once it is loaded (DNS rebinding). To the browser
//! the answers then come from the page's own origin, and the page may read them: mails, links, everything. What gives it away
//! is the name, which stands in every one of its requests.

use crate::config::is_loopback;
use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header, uri::Authority},
    middleware::Next,
};

const REFUSAL: &str = "`invite dev` answers only to a loopback address or localhost.\n";

/// Refuses requests that name another host, on every path
/// ([RFC 9110 §15.5.20](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.20)).
pub(super) async fn only(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let headers = request.headers().get_all(header::HOST).map(|value| value.to_str().unwrap_or_default());
    if is_meant(headers.chain(request.uri().authority().map(Authority::as_str))) {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    }
    let refusal = HttpResponse::build(StatusCode::MISDIRECTED_REQUEST)
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(REFUSAL);
    Ok(request.into_response(refusal))
}

/// Whether a host is named, and each that is named is this machine.
fn is_meant<'a>(mut named: impl Iterator<Item = &'a str>) -> bool {
    let is_ours = |text: &str| {
        let authority = text.parse::<Authority>().ok().filter(|authority| !authority.as_str().contains('@'));
        authority.is_some_and(|authority| is_loopback(authority.host()))
    };
    named.next().is_some_and(is_ours) && named.all(is_ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_meant() {
        for host in ["127.0.0.1:8080", "127.9.9.9", "[::1]:8080", "[::1]", "localhost", "LocalHost:80"] {
            assert!(is_meant([host].into_iter()), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:8080",
            "127.0.0.1.evil.example",
            "localhost.evil.example:8080",
            "localhost@evil.example",
            "evil.example@localhost",
            "192.0.2.1",
            "0.0.0.0:8080",
            "[::2]:8080",
            "",
        ] {
            assert!(!is_meant([host].into_iter()), "{host}");
        }
        assert!(!is_meant(["localhost", "evil.example"].into_iter()));
        assert!(!is_meant(["evil.example", "localhost"].into_iter()));
        assert!(!is_meant([].into_iter()));
    }
}
