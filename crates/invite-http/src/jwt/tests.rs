//! A token counts exactly where issuer, audience, time, key and algorithm agree; everything else proves nothing.

mod attacks;
mod fetching;
mod issuer;
mod rsa;

use super::{JwtError, JwtIssuer, JwtVerifier};
use chrono::{DateTime, Duration};
use invite_domain::{directory::VerifiedIdentity, port::TokenVerifier as _, time::Timestamp};
use issuer::{Keys, Server};
use serde_json::{Value, json};

const ISSUER: &str = "https://id.example.com/";
const AUDIENCE: &str = "https://invite.example.com";
const ALGORITHMS: [&str; 4] = ["ES256", "EdDSA", "RS256", "PS256"];

fn now() -> Timestamp {
    DateTime::from_timestamp_micros(1_800_000_000_000_000).unwrap()
}

fn at(seconds: i64) -> i64 {
    now().timestamp() + seconds
}

fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "ada-1", "exp": at(300), "iat": at(-10) })
}

/// The claims but for some.
fn but(changes: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

fn settings(server: &Server, trust_email: bool) -> JwtIssuer {
    let jwks_url = server.url.clone();
    JwtIssuer { issuer: ISSUER.into(), jwks_url, audience: AUDIENCE.into(), trust_email }
}

/// An issuer that publishes a key of every algorithm, named after it, and who verifies its tokens.
struct Bench {
    keys: Keys,
    server: Server,
    verifier: JwtVerifier,
}

impl Bench {
    async fn new() -> Self {
        let keys = Keys::new();
        let published: Vec<_> = ALGORITHMS.iter().map(|algorithm| keys.jwk(algorithm, algorithm)).collect();
        Self::publishing(keys, &published).await
    }

    async fn publishing(keys: Keys, published: &[Value]) -> Self {
        let server = Server::of(published).await;
        let verifier = JwtVerifier::new(vec![settings(&server, true)]).unwrap();
        Self { keys, server, verifier }
    }

    /// Signed by ES256.
    fn token(&self, claims: &Value) -> String {
        self.keys.token("ES256", &json!({ "alg": "ES256", "kid": "ES256" }), claims)
    }

    async fn verify_at(&self, token: &str, now: Timestamp) -> Option<VerifiedIdentity> {
        self.verifier.verify(token, now).await.unwrap()
    }

    async fn accepts(&self, token: &str) -> bool {
        self.verify_at(token, now()).await.is_some()
    }
}

#[tokio::test]
async fn a_token_of_every_algorithm_tells_who_its_holder_is() {
    let bench = Bench::new().await;
    let said = but(&json!({ "email": "Ada@Example.org", "email_verified": true, "name": " Ada ", "nonce": [1, {}] }));
    for algorithm in ALGORITHMS {
        for header in [
            json!({ "alg": algorithm, "kid": algorithm }),
            json!({ "typ": "JWT", "alg": algorithm, "kid": algorithm, "x5t": "thumb" }),
            json!({ "typ": "application/AT+jwt", "alg": algorithm, "kid": algorithm }),
        ] {
            let found = bench.verify_at(&bench.keys.token(algorithm, &header, &said), now()).await;
            let found = found.unwrap_or_else(|| panic!("{header}"));
            assert_eq!((&*found.issuer, &*found.subject), (ISSUER, "ada-1"));
            assert_eq!(found.trusted_address().unwrap().key(), "ada@example.org");
            assert_eq!(found.name.as_deref(), Some("Ada"));
        }
    }
    assert_eq!(bench.server.hits(), 1, "the keys were fetched once");
    // The name of the algorithm that is no other name for a family (RFC 9864).
    let header = json!({ "alg": "Ed25519", "kid": "EdDSA" });
    assert!(bench.accepts(&bench.keys.token("EdDSA", &header, &claims())).await);
}

#[tokio::test]
async fn r5_10_an_address_counts_only_where_the_issuer_says_verified_and_the_operator_trusts_it() {
    let keys = Keys::new();
    let server = Server::of(&[keys.jwk("ES256", "a")]).await;
    for (trusts, verified, counts) in [
        (true, json!(true), true),
        (true, json!(false), false),
        (true, json!("true"), false),
        (true, json!(1), false),
        (true, Value::Null, false),
        (false, json!(true), false),
    ] {
        let verifier = JwtVerifier::new(vec![settings(&server, trusts)]).unwrap();
        let said = but(&json!({ "email": "ada@example.org", "email_verified": verified }));
        let token = keys.token("ES256", &json!({ "alg": "ES256", "kid": "a" }), &said);
        let found = verifier.verify(&token, now()).await.unwrap().unwrap();
        assert_eq!(found.trusted_address().is_some(), counts, "{trusts} {verified}");
    }
    // What is no address is none, and the token good all the same.
    let verifier = JwtVerifier::new(vec![settings(&server, true)]).unwrap();
    let said = but(&json!({ "email": "ada@@example.org", "email_verified": true }));
    let token = keys.token("ES256", &json!({ "alg": "ES256", "kid": "a" }), &said);
    let found = verifier.verify(&token, now()).await.unwrap().unwrap();
    assert_eq!((found.email, found.email_trusted), (None, false));
}

#[tokio::test]
async fn a_token_counts_for_its_time_and_a_minute_around_it() {
    let bench = Bench::new().await;
    let second = Duration::seconds(1);
    let micro = Duration::microseconds(1);
    let ends = bench.token(&but(&json!({ "exp": at(0), "iat": null })));
    let begins = bench.token(&but(&json!({ "nbf": at(0), "iat": null })));
    let made = bench.token(&but(&json!({ "iat": at(0) })));
    for (token, after, counts) in [
        (&ends, second * 60 - micro, true),
        (&ends, second * 60, false),
        (&ends, second * 3_600, false),
        (&begins, second * -60, true),
        (&begins, second * -60 - micro, false),
        (&made, second * -60, true),
        (&made, second * -60 - micro, false),
    ] {
        assert_eq!(bench.verify_at(token, now() + after).await.is_some(), counts, "{after}");
    }
    for odd in [json!({ "exp": null }), json!({ "exp": "9999999999" }), json!({ "nbf": "0" }), json!({ "iat": true })] {
        assert!(!bench.accepts(&bench.token(&but(&odd))).await, "{odd}");
    }
    assert!(bench.accepts(&bench.token(&but(&json!({ "exp": 1_800_000_000.5 })))).await, "half a second is a time");
}

#[tokio::test]
async fn issuer_audience_and_subject_are_held_to_the_letter() {
    let bench = Bench::new().await;
    for good in [json!({ "aud": [AUDIENCE] }), json!({ "aud": ["https://else.example", AUDIENCE] })] {
        assert!(bench.accepts(&bench.token(&but(&good))).await, "{good}");
    }
    for bad in [
        json!({ "iss": null }),
        json!({ "iss": "https://id.example.com" }),
        json!({ "iss": "https://ID.example.com/" }),
        json!({ "iss": [ISSUER] }),
        json!({ "aud": null }),
        json!({ "aud": "https://invite.example.com/" }),
        json!({ "aud": [] }),
        json!({ "aud": ["https://else.example"] }),
        json!({ "aud": [AUDIENCE, 1] }),
        json!({ "aud": { "of": AUDIENCE } }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": 1 }),
        json!({ "sub": "a\nb" }),
        json!({ "sub": "x".repeat(1_025) }),
    ] {
        assert!(!bench.accepts(&bench.token(&but(&bad))).await, "{bad}");
    }
}

#[test]
fn an_issuer_is_configured_once_and_its_keys_come_over_tls_or_loopback() {
    let with = |issuer: &str, url: &str| JwtIssuer {
        issuer: issuer.into(),
        jwks_url: url.parse().unwrap(),
        audience: AUDIENCE.into(),
        trust_email: false,
    };
    let plain = JwtVerifier::new(vec![with("a", "http://id.example.com/keys")]);
    assert!(matches!(plain, Err(JwtError::Plaintext { issuer }) if issuer == "a"));
    let twice = JwtVerifier::new(vec![with("a", "https://id.example.com/1"), with("a", "https://id.example.com/2")]);
    assert!(matches!(twice, Err(JwtError::Twice { issuer }) if issuer == "a"));
    for url in ["https://id.example.com/keys", "http://127.0.0.1:1/", "http://[::1]/", "http://localhost/"] {
        assert!(JwtVerifier::new(vec![with("a", url)]).is_ok(), "{url}");
    }
}
