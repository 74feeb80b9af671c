//! Tells a page's own requests from those other sites make (LINK-5).

use super::header;
use crate::config::HttpConfig;
use actix_web::HttpRequest;

/// What proves a request beside where it comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Proof {
    /// A form with its CSRF field.
    Form,
    /// The cookie alone.
    Cookie,
}

/// Whether a browser says that the request comes from a page of ours.
///
/// `Sec-Fetch-Site` decides where it is there: no page can set it. Without it the Origin has to be ours. `null` is what
/// browsers send with a page's own forms under `Referrer-Policy: no-referrer`, and what a sandboxed frame of anybody
/// sends: it counts only for a form, whose field is looked at too.
pub(crate) fn is_own(request: &HttpRequest, config: &HttpConfig, proof: Proof) -> bool {
    match header::single(request, "Sec-Fetch-Site") {
        Err(_) => false,
        Ok(Some(site)) => site == "same-origin",
        Ok(None) => match header::single(request, "Origin") {
            Ok(Some(origin)) => origin == config.origin() || (origin == "null" && proof == Proof::Form),
            Ok(None) | Err(_) => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use url::Url;

    #[test]
    fn link_5_only_our_own_pages_send_our_forms() {
        let config = HttpConfig::new(Url::parse("https://invite.example.org/base").unwrap());
        let own = |headers: &[(&'static str, &'static str)]| {
            let request = headers.iter().fold(TestRequest::post(), |request, header| request.append_header(*header));
            is_own(&request.to_http_request(), &config, Proof::Form)
        };
        assert!(own(&[("Sec-Fetch-Site", "same-origin"), ("Origin", "null")]));
        assert!(own(&[("Origin", "null")]));
        assert!(own(&[("Origin", "https://invite.example.org")]));
        let null = TestRequest::post().append_header(("Origin", "null")).to_http_request();
        assert!(!is_own(&null, &config, Proof::Cookie), "a sandboxed frame sends that too");
        assert!(!own(&[]));
        assert!(!own(&[("Sec-Fetch-Site", "cross-site"), ("Origin", "https://invite.example.org")]));
        assert!(!own(&[("Sec-Fetch-Site", "same-site"), ("Origin", "null")]));
        assert!(!own(&[("Sec-Fetch-Site", "none")]));
        assert!(!own(&[("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site")]));
        assert!(!own(&[("Origin", "https://evil.example.org")]));
        assert!(!own(&[("Origin", "http://invite.example.org")]));
        assert!(!own(&[("Origin", "https://invite.example.org:8443")]));
    }
}
