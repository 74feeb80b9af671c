//! What a token says, held against what the operator configured.

use super::JwtIssuer;
use invite_domain::{directory::VerifiedIdentity, email::EmailAddress, time::Timestamp};
use serde_json::{Map, Value};

/// How far the issuer's clock may be from ours, in seconds.
const LEEWAY: f64 = 60.0;
/// The longest subject that is taken, in octets; `OpenID` Connect allows 255 characters.
const MAX_SUBJECT: usize = 1_024;

/// Who the token is of, where it is of this issuer, for us, and good now.
pub(super) fn identity(claims: &Map<String, Value>, settings: &JwtIssuer, now: Timestamp) -> Option<VerifiedIdentity> {
    // A logout token, or one that only the holder of a key may use, is no bearer's (RFC 8725, 3.12; RFC 7800).
    if claims.contains_key("events") || claims.contains_key("cnf") {
        return None;
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(&settings.issuer) || !is_for(claims.get("aud")?, &settings.audience) || !is_good(claims, now)
    {
        return None;
    }
    let subject = text("sub").filter(|subject| is_subject(subject))?;
    let email = text("email").and_then(|email| EmailAddress::parse(email).ok());
    // A text that says `true` is no promise.
    let verified = claims.get("email_verified") == Some(&Value::Bool(true));
    let name = text("name").map(str::trim).filter(|name| !name.is_empty());
    Some(VerifiedIdentity {
        issuer: settings.issuer.clone(),
        subject: subject.to_owned(),
        email_trusted: settings.trust_email && verified && email.is_some(),
        email,
        name: name.map(str::to_owned),
    })
}

fn is_subject(subject: &str) -> bool {
    !subject.is_empty() && subject.len() <= MAX_SUBJECT && !subject.chars().any(char::is_control)
}

/// One audience, or several of which we are one ([RFC 7519, 4.1.3](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3)).
fn is_for(audience: &Value, own: &str) -> bool {
    match audience {
        Value::String(only) => only == own,
        Value::Array(several) => {
            several.iter().all(Value::is_string) && several.iter().any(|one| one.as_str() == Some(own))
        }
        _ => false,
    }
}

/// Whether it counts at this moment. It has to say when it ends; when it begins and when it was made only counts where it says
/// so.
fn is_good(claims: &Map<String, Value>, now: Timestamp) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "microseconds of our days need fewer bits than a float has")]
    let now = now.timestamp_micros() as f64 / 1e6;
    let Some(ends) = claims.get("exp").and_then(seconds) else { return false };
    let begun = |name: &str| claims.get(name).is_none_or(|at| seconds(at).is_some_and(|at| at <= now + LEEWAY));
    now < ends + LEEWAY && begun("nbf") && begun("iat")
}

/// A number of seconds since 1970 (RFC 7519, 2: `NumericDate`).
fn seconds(value: &Value) -> Option<f64> {
    value.as_f64().filter(|seconds| seconds.is_finite())
}
