//! JSON Web Tokens of a configured issuer (rule 5.10; RFC 8725).

use super::input::{Input, replaced};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use invite_domain::{
    directory::VerifiedIdentity,
    time::{Timestamp, seconds},
};
use invite_http::{JwtIssuer, fuzzing};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

const NOW: i64 = 1_795_258_800;

struct Issuer {
    settings: JwtIssuer,
    key: Ed25519KeyPair,
    set: String,
}

static ISSUER: LazyLock<Issuer> = LazyLock::new(|| {
    let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap_or_else(|error| panic!("{error}"));
    let x = URL_SAFE_NO_PAD.encode(key.public_key());
    let settings = JwtIssuer {
        issuer: "https://issuer.example".to_owned(),
        jwks_url: "https://issuer.example/keys".parse().unwrap_or_else(|error| panic!("{error}")),
        audience: "invite".to_owned(),
        trust_email: true,
    };
    let set = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x }] }).to_string();
    Issuer { settings, key, set }
});

/// Any text; any header and claims, signed; claims that matter with the answer known; any key set.
pub fn jwt(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    match input.byte() % 4 {
        0 => holds(verified(&input.text(), &ISSUER.set), None),
        1 => signed_texts(&mut input),
        2 => known(&mut input),
        _ => any_set(&input.text()),
    }
}

fn verified(text: &str, set: &str) -> Option<VerifiedIdentity> {
    let now = Timestamp::UNIX_EPOCH + seconds(NOW);
    fuzzing::jwt(text, set.as_bytes(), &ISSUER.settings, now)
}

/// Whoever is let in is who the claims say; without claims nobody is.
fn holds(identity: Option<VerifiedIdentity>, claims: Option<&Map<String, Value>>) {
    let Some(identity) = identity else { return };
    let claims = claims.unwrap_or_else(|| panic!("a token that nobody signed"));
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    assert_eq!(text("iss"), Some(&*ISSUER.settings.issuer));
    assert!(identity.issuer == ISSUER.settings.issuer && text("sub") == Some(&identity.subject));
    assert!(!identity.subject.is_empty() && !identity.subject.contains(char::is_control));
    let own = &Value::from("invite");
    assert!(claims["aud"] == *own || claims["aud"].as_array().is_some_and(|several| several.contains(own)));
    let at = |name: &str| claims.get(name).and_then(Value::as_f64);
    assert!(at("exp").is_some_and(|at| at > (NOW - 61) as f64), "{claims:?}");
    for begins in ["nbf", "iat"] {
        assert!(!claims.contains_key(begins) || at(begins).is_some_and(|at| at < (NOW + 61) as f64), "{claims:?}");
    }
    assert!(!identity.email_trusted || claims.get("email_verified") == Some(&Value::Bool(true)));
    assert!(!identity.email_trusted || identity.email.is_some());
    assert_eq!(
        identity.email.as_ref().map(invite_domain::email::EmailAddress::as_str),
        identity.email.as_ref().and(text("email"))
    );
}

fn token(header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(ISSUER.key.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn signed_texts(input: &mut Input<'_>) {
    let (at, by) = (input.byte(), char::from(input.byte()));
    let (header, claims) = (input.text(), input.text());
    let text = token(&header, &claims);
    let identity = verified(&text, &ISSUER.set);
    let read = |text: &str| serde_json::from_str::<Map<String, Value>>(text).ok();
    if identity.is_some() {
        let header = read(&header).unwrap_or_else(|| panic!("{header}"));
        assert!(["EdDSA", "Ed25519"].iter().any(|name| header["alg"] == *name), "{header:?}");
        assert!(!header.contains_key("crit") && header.get("kid").is_none_or(|kid| kid == "k"), "{header:?}");
        // Not a character of it can be another one.
        let changed = replaced(&text, at, by);
        assert!(changed == text || verified(&changed, &ISSUER.set).is_none(), "{changed} beside {text}");
        assert!(verified(&text, "{\"keys\":[]}").is_none());
    }
    holds(identity, read(&claims).as_ref());
}

/// What is put into the claims says whether they are good.
fn known(input: &mut Input<'_>) {
    let seconds = |byte: u8| (i64::from(byte) - 128) * 2;
    let (ends, begins) = (seconds(input.byte()), seconds(input.byte()));
    let (issuer, audience) = (input.pick(&["https://issuer.example", "https://issuer.example/"]), input.byte() % 4);
    let (algorithm, verified_email) = (input.pick(&["EdDSA", "Ed25519", "none", "HS256", "ES256"]), input.byte() % 3);
    let subject = input.text();
    let audiences = [json!("invite"), json!(["other", "invite"]), json!("other"), json!(["other"])];
    let verified_words = [json!(true), json!(false), json!("true")];
    let claims = json!({
        "iss": issuer,
        "sub": subject,
        "aud": audiences[usize::from(audience)].clone(),
        "exp": NOW + ends,
        "nbf": NOW + begins,
        "email": "ada@example.org",
        "email_verified": verified_words[usize::from(verified_email)].clone(),
    });
    let good = issuer == ISSUER.settings.issuer
        && audience < 2
        && ends > -60
        && begins <= 60
        && algorithm.starts_with("Ed")
        && (1..=1_024).contains(&subject.len())
        && !subject.contains(char::is_control);
    let text = token(&json!({ "alg": algorithm, "kid": "k" }).to_string(), &claims.to_string());
    let identity = verified(&text, &ISSUER.set);
    assert_eq!(identity.is_some(), good, "{algorithm} {claims}");
    if let Some(identity) = &identity {
        assert_eq!(identity.email_trusted, verified_email == 0);
    }
    holds(identity, claims.as_object());
}

/// A token that is good counts only under a set that has its key.
fn any_set(set: &str) {
    let claims = json!({ "iss": ISSUER.settings.issuer, "sub": "1", "aud": "invite", "exp": NOW + 600 });
    let text = token(&json!({ "alg": "EdDSA" }).to_string(), &claims.to_string());
    if verified(&text, set).is_some() {
        let x = URL_SAFE_NO_PAD.encode(ISSUER.key.public_key());
        let keys = serde_json::from_str::<Value>(set).unwrap_or_default();
        let has = |key: &Value| key["x"] == x.as_str() && key["kty"] == "OKP" && key.get("d").is_none();
        assert!(keys["keys"].as_array().is_some_and(|keys| keys.iter().any(has)), "{set}");
    }
}
