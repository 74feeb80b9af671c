//! What has been tried against others (RFC 8725, 2).

use super::{
    AUDIENCE, Bench, ISSUER, but, claims,
    issuer::{Keys, Server, by_secret, encoded},
    now, rsa, settings,
};
use crate::jwt::{JwtIssuer, JwtVerifier, Token};
use invite_domain::port::TokenVerifier as _;
use serde_json::{Value, json};

#[tokio::test]
async fn a_token_without_a_signature_proves_nothing() {
    let bench = Bench::new().await;
    for name in ["none", "None", "NONE", "nOnE", ""] {
        let header = encoded(json!({ "alg": name }).to_string());
        let claims = encoded(claims().to_string());
        for token in [format!("{header}.{claims}."), format!("{header}.{claims}"), format!("{header}.{claims}.AAAA")] {
            assert!(!bench.accepts(&token).await, "{name}");
        }
    }
    let good = bench.token(&claims());
    let (signed, _) = good.rsplit_once('.').unwrap();
    assert!(!bench.accepts(&format!("{signed}.")).await);
    assert!(bench.accepts(&good).await);
}

#[tokio::test]
async fn a_public_key_is_never_a_shared_secret() {
    let bench = Bench::new().await;
    let key = bench.keys.jwk("RS256", "RS256");
    for secret in [
        key.to_string().into_bytes(),
        key["n"].as_str().unwrap().as_bytes().to_vec(),
        bench.keys.jwk("ES256", "ES256").to_string().into_bytes(),
        Vec::new(),
    ] {
        for algorithm in ["HS256", "HS384", "HS512", "RS256", "ES256"] {
            for kid in ["RS256", "ES256"] {
                let header = json!({ "alg": algorithm, "kid": kid });
                assert!(!bench.accepts(&by_secret(&header, &claims(), &secret)).await, "{header}");
            }
        }
    }
}

#[tokio::test]
async fn a_set_with_a_shared_secret_in_it_opens_nothing() {
    let (keys, secret) = (Keys::new(), b"a secret that was published by mistake".as_slice());
    let oct = |alg: Value| json!({ "kty": "oct", "k": encoded(secret), "kid": "s", "alg": alg });
    for alg in [json!("HS256"), json!("ES256")] {
        let bench = Bench::publishing(Keys::new(), &[oct(alg), keys.jwk("ES256", "a")]).await;
        for header in [json!({ "alg": "HS256", "kid": "s" }), json!({ "alg": "ES256", "kid": "s" })] {
            assert!(!bench.accepts(&by_secret(&header, &claims(), secret)).await);
        }
        let good = keys.token("ES256", &json!({ "alg": "ES256", "kid": "a" }), &claims());
        assert!(bench.accepts(&good).await, "the other key counts");
    }
}

#[tokio::test]
async fn whatever_is_changed_in_a_token_breaks_it() {
    let bench = Bench::new().await;
    let good = bench.token(&claims());
    let parts: Vec<_> = good.split('.').collect();
    let forged = encoded(but(&json!({ "sub": "somebody else" })).to_string());
    assert!(!bench.accepts(&format!("{}.{forged}.{}", parts[0], parts[2])).await);
    let header = encoded(json!({ "kid": "ES256", "alg": "ES256" }).to_string());
    assert!(!bench.accepts(&format!("{header}.{}.{}", parts[1], parts[2])).await, "the same header, written otherwise");
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(!bench.accepts(&changed).await, "the octet at {at}");
    }
    for cut in 0..good.len() {
        assert!(!bench.accepts(&good[..cut]).await);
    }
}

#[tokio::test]
async fn a_key_counts_for_its_own_algorithm_and_issuer_alone() {
    let bench = Bench::new().await;
    // RSA keys that say RS256 sign PS256, and the other way round.
    for (algorithm, kid) in [("PS256", "RS256"), ("RS256", "PS256"), ("ES256", "EdDSA"), ("EdDSA", "ES256")] {
        let header = json!({ "alg": algorithm, "kid": kid });
        assert!(!bench.accepts(&bench.keys.token(algorithm, &header, &claims())).await, "{header}");
    }
    // Another issuer's key, under a name it has in its own set, and under one of ours.
    let (theirs, their_keys) = ("https://login.example.net", Keys::new());
    let server = Server::of(&[their_keys.jwk("ES256", "theirs"), their_keys.jwk("EdDSA", "EdDSA")]).await;
    let other = JwtIssuer { issuer: theirs.into(), ..settings(&server, true) };
    let verifier = JwtVerifier::new(vec![settings(&bench.server, true), other]).unwrap();
    let verify = async |token: String| verifier.verify(&token, now()).await.unwrap().map(|found| found.issuer);
    let as_theirs = but(&json!({ "iss": theirs }));
    let header = json!({ "alg": "ES256", "kid": "theirs" });
    assert_eq!(verify(their_keys.token("ES256", &header, &as_theirs)).await.as_deref(), Some(theirs));
    assert_eq!(verify(their_keys.token("ES256", &header, &claims())).await, None);
    let header = json!({ "alg": "EdDSA", "kid": "EdDSA" });
    assert_eq!(verify(their_keys.token("EdDSA", &header, &claims())).await, None);
    assert_eq!(verify(bench.keys.token("EdDSA", &header, &as_theirs)).await, None);
    assert_eq!(verify(bench.keys.token("EdDSA", &header, &claims())).await.as_deref(), Some(ISSUER));
}

#[tokio::test]
async fn a_token_brings_no_key_of_its_own() {
    let (bench, mine) = (Bench::new().await, Keys::new());
    let server = Server::of(&[mine.jwk("ES256", "mine"), mine.jwk("ES256", "ES256")]).await;
    for (name, value) in [
        ("jwk", mine.jwk("ES256", "ES256")),
        ("jku", json!(server.url.as_str())),
        ("x5u", json!(server.url.as_str())),
        ("x5c", json!(["AAAA"])),
    ] {
        for kid in ["mine", "ES256"] {
            let mut header = json!({ "alg": "ES256", "kid": kid });
            header[name] = value.clone();
            assert!(!bench.accepts(&mine.token("ES256", &header, &claims())).await, "{name}");
        }
    }
    assert_eq!(server.hits(), 0, "nobody was sent there");
}

#[tokio::test]
async fn odd_headers_prove_nothing() {
    let bench = Bench::new().await;
    for header in [
        json!({ "alg": "ES256", "kid": "ES256", "crit": ["exp"], "exp": 1 }),
        json!({ "alg": "ES256", "kid": "ES256", "crit": [] }),
        json!({ "alg": "ES256", "kid": "ES256", "b64": false, "crit": ["b64"] }),
        json!({ "alg": "ES256", "kid": "ES256", "typ": "secevent+jwt" }),
        json!({ "alg": "ES256", "kid": "ES256", "typ": "dpop+jwt" }),
        json!({ "alg": "ES256", "kid": "ES256", "typ": 1 }),
        json!({ "alg": "ES256", "kid": ["ES256"] }),
        json!({ "alg": "ES256", "kid": "x".repeat(513) }),
        json!({ "alg": ["ES256"], "kid": "ES256" }),
        json!({ "kid": "ES256" }),
        json!(["ES256"]),
    ] {
        assert!(!bench.accepts(&bench.keys.token("ES256", &header, &claims())).await, "{header}");
    }
    // Several keys of a kind, and a token that does not say which.
    let several = [bench.keys.jwk("RS256", "one"), bench.keys.jwk("RS256", "two")];
    let unnamed = bench.keys.token("RS256", &json!({ "alg": "RS256" }), &claims());
    assert!(bench.accepts(&unnamed).await, "one key of the kind");
    let several = Bench::publishing(Keys::new(), &several).await;
    assert!(!several.accepts(&unnamed).await);
}

#[tokio::test]
async fn what_can_be_read_in_two_ways_is_not_read() {
    let bench = Bench::new().await;
    let header = r#"{"alg":"ES256","kid":"ES256"}"#;
    let plain = claims().to_string();
    assert!(bench.accepts(&bench.keys.raw("ES256", header, &plain)).await);
    let twice = plain.replacen('{', r#"{"sub":"admin","#, 1);
    assert!(!bench.accepts(&bench.keys.raw("ES256", header, &twice)).await);
    let deep = plain.replacen('{', &format!(r#"{{"x":{}{},"#, "[".repeat(40), "]".repeat(40)), 1);
    assert!(!bench.accepts(&bench.keys.raw("ES256", header, &deep)).await);
    for header in
        [r#"{"alg":"none","alg":"ES256","kid":"ES256"}"#, "{\"alg\":\"ES256\",\"kid\":\"ES256\"} x", "", "null"]
    {
        assert!(!bench.accepts(&bench.keys.raw("ES256", header, &plain)).await, "{header}");
    }
    let good = bench.token(&claims());
    for odd in [
        format!("{good}="),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.{good}"),
        format!(" {good}"),
        format!("{good}\n"),
        good.replace('.', ".."),
        good.replacen('.', "=.", 1),
    ] {
        assert!(!bench.accepts(&odd).await, "{odd}");
    }
}

#[tokio::test]
async fn a_text_that_is_no_token_of_a_configured_issuer_costs_no_request() {
    let bench = Bench::new().await;
    let long = bench.token(&but(&json!({ "x": "x".repeat(8 * 1_024) })));
    let nearly = bench.token(&but(&json!({ "x": "x".repeat(5 * 1_024) })));
    for text in [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "ivk_nothing",
        "\u{1F600}.\u{1F600}.\u{1F600}",
        &long,
        &bench.token(&but(&json!({ "iss": "https://unknown.example" }))),
        &bench.token(&but(&json!({ "aud": "https://else.example" }))),
        &bench.token(&but(&json!({ "exp": 1 }))),
        &bench.keys.token("ES256", &json!({ "alg": "HS256", "kid": "ES256" }), &claims()),
    ] {
        assert!(!bench.accepts(text).await, "{text}");
    }
    assert_eq!(bench.server.hits(), 0);
    assert!(bench.accepts(&nearly).await);
    assert_eq!(bench.server.hits(), 1);
}

#[tokio::test]
async fn keys_that_are_not_for_this_are_not_used() {
    let keys = Keys::new();
    let with = |name: &str, value: Value| {
        let mut jwk = keys.jwk("ES256", "a");
        jwk[name] = value;
        jwk
    };
    let token = keys.token("ES256", &json!({ "alg": "ES256", "kid": "a" }), &claims());
    for (jwk, counts) in [
        (keys.jwk("ES256", "a"), true),
        (with("key_ops", json!(["verify"])), true),
        (with("key_ops", json!(["sign"])), false),
        (with("key_ops", json!("verify")), false),
        (with("use", json!("enc")), false),
        (with("alg", json!("RS256")), false),
        (with("alg", json!("HS256")), false),
        (with("alg", json!(1)), false),
        (with("kty", json!("RSA")), false),
        (with("crv", json!("P-384")), false),
        (with("d", json!("AAAA")), false),
        (with("x", json!("AAAA")), false),
        (with("kid", json!(1)), false),
        (with("x", json!(encoded([0; 32]))), false),
        (json!("a key"), false),
    ] {
        let bench = Bench::publishing(Keys::new(), std::slice::from_ref(&jwk)).await;
        assert_eq!(bench.accepts(&token).await, counts, "{jwk}");
    }
    // A short RSA key verifies nothing, whoever signs with it.
    let mut short = keys.jwk("RS256", "a");
    let token = keys.token("RS256", &json!({ "alg": "RS256", "kid": "a" }), &claims());
    assert!(Bench::publishing(Keys::new(), std::slice::from_ref(&short)).await.accepts(&token).await);
    short["n"] = rsa::SHORT_MODULUS.into();
    let set = json!({ "keys": [short] }).to_string();
    assert!(crate::jwt::key::Key::read_set(set.as_bytes()).unwrap().is_empty());
}

#[test]
fn reading_a_token_answers_for_every_text() {
    for text in ["..", "e30.e30.e30", "W10.e30.", &format!("{}.{}.{}", "A".repeat(9_000), "", "")] {
        assert!(Token::read(text).is_none(), "{text}");
    }
    let header = encoded(r#"{"alg":"ES256"}"#);
    let token = format!("{header}.{}.AAAA", encoded(json!({ "iss": ISSUER, "aud": AUDIENCE }).to_string()));
    assert!(Token::read(&token).is_some_and(|token| token.is_of(ISSUER)));
}
