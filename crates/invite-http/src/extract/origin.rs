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

/// Whether a browser says that another site's page makes this request: an image or a link there, or a script of a page
/// the operator does not allow. Who is no browser says nothing.
pub(crate) fn is_foreign(request: &HttpRequest, config: &HttpConfig) -> bool {
    let elsewhere = match header::single(request, "Sec-Fetch-Site") {
        Ok(site) => site.is_some_and(|site| !["same-origin", "none"].contains(&site)),
        Err(_) => true,
    };
    let allowed = || {
        let origin = header::single(request, "Origin").ok().flatten();
        let is = |origin| config.allowed_origins.iter().any(|url| url.origin().ascii_serialization() == origin);
        origin.is_some_and(is)
    };
    elsewhere && !allowed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use url::Url;

    #[test]
    fn another_sites_page_is_told_from_everybody_else() {
        let mut config = HttpConfig::new(Url::parse("https://invite.example.org").unwrap());
        config.allowed_origins = vec![Url::parse("https://app.example.org").unwrap()];
        let foreign = |headers: &[(&'static str, &'static str)]| {
            let request = headers.iter().fold(TestRequest::get(), |request, header| request.append_header(*header));
            is_foreign(&request.to_http_request(), &config)
        };
        let site = |site| ("Sec-Fetch-Site", site);
        for own in [&[][..], &[site("same-origin")], &[site("none")], &[("Origin", "https://evil.example.org")]] {
            assert!(!foreign(own), "{own:?}");
        }
        for other in [
            &[site("cross-site")][..],
            &[site("same-site")],
            &[site("new-word")],
            &[site("same-origin"), site("cross-site")],
            &[site("cross-site"), ("Origin", "https://evil.example.org")],
            &[site("cross-site"), ("Origin", "null")],
        ] {
            assert!(foreign(other), "{other:?}");
        }
        assert!(!foreign(&[site("cross-site"), ("Origin", "https://app.example.org")]), "the operator allows it");
    }

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
