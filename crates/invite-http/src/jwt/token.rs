//! The text of a token, read strictly and not believed.

use super::key::{Algorithm, Key};
use crate::extract::json;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

/// The longest token that is looked at, in octets.
const MAX_LENGTH: usize = 8 * 1024;
/// The longest name of a key.
const MAX_KID: usize = 512;

/// A token in the compact form ([RFC 7515, 3.1](https://www.rfc-editor.org/rfc/rfc7515#section-3.1)) that has the shape of
/// one we could verify. What it says proves nothing before [`is_signed_by`](Self::is_signed_by).
pub(crate) struct Token<'t> {
    signed: &'t str,
    algorithm: Algorithm,
    kid: Option<String>,
    claims: Map<String, Value>,
    signature: Vec<u8>,
}

impl<'t> Token<'t> {
    /// Reads a token; `None` for whatever we would not verify.
    pub(crate) fn read(text: &'t str) -> Option<Self> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        // More dots would be an encrypted token, or a part that holds one: base64url has none.
        let (header, claims) = (object(header)?, object(claims)?);
        let (algorithm, kid) = read_header(&header)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        Some(Self { signed, algorithm, kid, claims, signature })
    }

    pub(super) fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Whether it says that this issuer made it.
    pub(super) fn is_of(&self, issuer: &str) -> bool {
        self.claims.get("iss").and_then(Value::as_str) == Some(issuer)
    }

    /// Whether this may be the key it is signed with: by the name it gives, and by what the key itself is for. Without a name
    /// every key of the kind may.
    pub(super) fn may_be_of(&self, key: &Key) -> bool {
        key.is_for(self.algorithm) && self.kid.as_deref().is_none_or(|kid| key.is_named(kid))
    }

    /// Whether one of these keys signed it. A token that names none is not tried against many: where the issuer has several of
    /// a kind it has to say which.
    pub(super) fn is_signed_by(&self, keys: &[Key]) -> bool {
        let fitting: Vec<_> = keys.iter().filter(|key| self.may_be_of(key)).collect();
        if self.kid.is_none() && fitting.len() != 1 {
            return false;
        }
        fitting.iter().any(|key| key.verifies(self.algorithm, self.signed.as_bytes(), &self.signature))
    }
}

/// A part that holds a JSON object: no name twice, so that nobody can read it otherwise than we do.
fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    match json::parse(&bytes) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

/// Algorithm and key's name. Where a key or a certificate stands in the header, or an address of one, it is not looked at
/// (RFC 8725, 3.10).
fn read_header(header: &Map<String, Value>) -> Option<(Algorithm, Option<String>)> {
    // We know no extension, so none may be critical (RFC 7515, 4.1.11).
    if header.contains_key("crit") {
        return None;
    }
    match header.get("typ") {
        None => {}
        Some(Value::String(typ)) if is_type(typ) => {}
        Some(_) => return None,
    }
    let kid = match header.get("kid") {
        None => None,
        Some(Value::String(kid)) if kid.len() <= MAX_KID => Some(kid.clone()),
        Some(_) => return None,
    };
    Some((Algorithm::named(header.get("alg")?.as_str()?)?, kid))
}

/// An ID token or an access token (RFC 9068, 2.1); something else that the issuer signs is not meant for us (RFC 8725, 3.11).
fn is_type(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    matches!(typ.strip_prefix("application/").unwrap_or(&typ), "jwt" | "at+jwt")
}
