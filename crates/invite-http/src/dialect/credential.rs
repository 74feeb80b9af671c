//! Where a dialect's requests carry their credential.

use crate::{
    extract::header,
    problem::{Problem, table},
};
use actix_web::HttpRequest;
use serde_json::{Value, json};

/// One way to carry a credential, with its name in the OpenAPI document.
pub(crate) struct Carrier {
    pub(crate) id: &'static str,
    pub(crate) way: Way,
    pub(crate) about: &'static str,
}

/// How a credential is carried.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// `Authorization: <scheme> <credential>`; the scheme's case does not matter
    /// ([RFC 9110, 11.1](https://www.rfc-editor.org/rfc/rfc9110#section-11.1)).
    Scheme(&'static str),
    /// `<name>: <credential>` or `<name>: <scheme> <credential>`.
    Header { name: &'static str, scheme: &'static str },
}

impl Way {
    const fn header(self) -> &'static str {
        match self {
            Self::Scheme(_) => "Authorization",
            Self::Header { name, .. } => name,
        }
    }

    /// The credential in the header's value, where it has the shape.
    fn read(self, value: &str) -> Option<&str> {
        let value = value.trim();
        let (word, rest) = value.split_once(' ').unwrap_or((value, ""));
        let credential = match self {
            Self::Scheme(scheme) if !word.eq_ignore_ascii_case(scheme) => return None,
            Self::Scheme(_) => rest.trim_start(),
            Self::Header { scheme, .. } if word.eq_ignore_ascii_case(scheme) => rest.trim_start(),
            Self::Header { .. } => value,
        };
        (!credential.is_empty()).then_some(credential)
    }
}

impl Carrier {
    /// The security scheme of the document.
    pub(crate) fn document(&self) -> Value {
        match self.way {
            Way::Scheme(scheme) if scheme.eq_ignore_ascii_case("bearer") => {
                json!({ "type": "http", "scheme": "bearer", "description": self.about })
            }
            way => json!({ "type": "apiKey", "in": "header", "name": way.header(), "description": self.about }),
        }
    }
}

/// Whether a credential may stand behind `Authorization: Bearer`: there a token of another issuer counts, too.
pub(crate) fn speaks_bearer(carriers: &[Carrier]) -> bool {
    carriers.iter().any(|carrier| matches!(carrier.way, Way::Scheme(scheme) if scheme.eq_ignore_ascii_case("bearer")))
}

/// Whether something stands where a credential belongs.
pub(crate) fn is_presented(request: &HttpRequest, carriers: &[Carrier]) -> bool {
    carriers.iter().any(|carrier| request.headers().contains_key(carrier.way.header()))
}

/// The credential a request carries; `None` where it carries none.
///
/// # Errors
/// `unauthenticated` where a header has not the shape, or two carry different credentials: it is not ours to choose.
pub(crate) fn of(request: &HttpRequest, carriers: &[Carrier]) -> Result<Option<String>, Problem> {
    let mut found: Option<&str> = None;
    for carrier in carriers {
        let Some(value) = header::single(request, carrier.way.header())? else { continue };
        let odd = || Problem::new(&table::UNAUTHENTICATED).saying("The credential has not the documented shape.");
        let credential = carrier.way.read(value).ok_or_else(odd)?;
        if found.is_some_and(|other| other != credential) {
            return Err(Problem::new(&table::UNAUTHENTICATED).saying("Two headers carry different credentials."));
        }
        found = Some(credential);
    }
    Ok(found.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    const TOKEN: [Carrier; 2] = [
        Carrier { id: "a", way: Way::Scheme("Token"), about: "" },
        Carrier { id: "b", way: Way::Header { name: "Authentication", scheme: "Token" }, about: "" },
    ];

    fn found(headers: &[(&str, &str)]) -> Result<Option<String>, &'static str> {
        let request = headers.iter().fold(TestRequest::default(), |request, header| request.append_header(*header));
        of(&request.to_http_request(), &TOKEN).map_err(|problem| problem.kind().code)
    }

    #[test]
    fn dd_17_the_prescribed_header_and_the_printed_one_are_read() {
        let good = Ok(Some("abc".to_owned()));
        assert_eq!(found(&[("Authorization", "Token abc")]), good);
        assert_eq!(found(&[("Authorization", "tOKEN   abc ")]), good);
        assert_eq!(found(&[("Authentication", "abc")]), good);
        assert_eq!(found(&[("Authentication", "token abc")]), good);
        assert_eq!(found(&[("Authentication", "abc"), ("Authorization", "Token abc")]), good);
        assert_eq!(found(&[]), Ok(None));
    }

    #[test]
    fn dd_17_anything_else_is_refused() {
        for bad in ["abc", "Bearer abc", "Token", "Token ", "", "Tokenabc"] {
            assert_eq!(found(&[("Authorization", bad)]), Err("unauthenticated"), "{bad}");
        }
        for bad in ["", "Token", "token "] {
            assert_eq!(found(&[("Authentication", bad)]), Err("unauthenticated"), "{bad}");
        }
        assert_eq!(found(&[("Authentication", "a"), ("Authorization", "Token b")]), Err("unauthenticated"));
        assert_eq!(found(&[("Authentication", "a"), ("Authentication", "a")]), Err("invalid_header"));
    }
}
