//! Keys are had when they are needed, and an issuer is neither flooded nor waited for.

use super::{
    Bench, claims,
    issuer::{Keys, Server},
    now, settings,
};
use crate::jwt::JwtVerifier;
use chrono::Duration;
use invite_domain::port::{PortError, TokenVerifier as _};
use serde_json::json;
use std::time::Instant;

fn late(seconds: i64) -> chrono::DateTime<chrono::Utc> {
    now() + Duration::seconds(seconds)
}

/// A token that does not end within the test, signed with ES256 under this name.
fn lasting(keys: &Keys, kid: &str) -> String {
    let mut claims = claims();
    claims["exp"] = (now().timestamp() + 1_000_000).into();
    keys.token("ES256", &json!({ "alg": "ES256", "kid": kid }), &claims)
}

#[tokio::test]
async fn a_rotated_key_is_found_and_random_names_cause_no_traffic() {
    let (keys, next) = (Keys::new(), Keys::new());
    let (old, new) = (lasting(&keys, "old"), lasting(&next, "new"));
    let published = [keys.jwk("ES256", "old")];
    let bench = Bench::publishing(keys, &published).await;
    assert!(bench.accepts(&old).await);
    for i in 0..50 {
        assert!(bench.verify_at(&lasting(&next, &format!("random {i}")), late(i % 30)).await.is_none());
    }
    assert_eq!(bench.server.hits(), 1);
    bench.server.publish(&[next.jwk("ES256", "new")]);
    assert!(bench.verify_at(&new, late(29)).await.is_none(), "not before the half minute is over");
    assert!(bench.verify_at(&new, late(30)).await.is_some());
    assert!(bench.verify_at(&old, late(31)).await.is_none(), "what is published no more counts no more");
    assert_eq!(bench.server.hits(), 2);
}

#[tokio::test]
async fn one_request_at_a_time_fetches_for_all() {
    let bench = Bench::new().await;
    let token = lasting(&bench.keys, "ES256");
    let all = (0..64).map(|_| bench.verifier.verify(&token, now()));
    for found in futures_util::future::join_all(all).await {
        assert!(found.unwrap().is_some());
    }
    assert_eq!(bench.server.hits(), 1);
}

#[tokio::test]
async fn keys_are_looked_at_again_after_ten_minutes_and_outlive_an_issuer_that_is_down() {
    let bench = Bench::new().await;
    let token = lasting(&bench.keys, "ES256");
    assert!(bench.verify_at(&token, now()).await.is_some());
    assert!(bench.verify_at(&token, late(599)).await.is_some());
    assert_eq!(bench.server.hits(), 1);
    assert!(bench.verify_at(&token, late(600)).await.is_some(), "with the keys there are");
    while bench.server.hits() < 2 {
        tokio::task::yield_now().await;
    }
    for (status, header, body) in [
        ("500 Internal Server Error", "", ""),
        ("200 OK", "", "<html>"),
        ("200 OK", "", r#"{"keys":{}}"#),
        ("200 OK", "", r#"{"keys":[],"keys":[]}"#),
        ("302 Found", "Location: /elsewhere\r\n", ""),
    ] {
        bench.server.answer(status, header, body);
        let hits = bench.server.hits();
        // An hour after the last success somebody waits for newer keys, and takes the old ones.
        let at = late(600 + 3_600 + 60 * i64::try_from(hits).unwrap());
        assert!(bench.verify_at(&token, at).await.is_some(), "{status} {body}");
        assert_eq!(bench.server.hits(), hits + 1, "asked once: no redirect is followed");
    }
    let day = late(600 + 86_400);
    assert!(matches!(bench.verifier.verify(&token, day).await, Err(PortError::Unavailable(_))), "not for ever");
    // All keys are withdrawn: that is an answer.
    bench.server.publish(&[]);
    assert!(bench.verify_at(&token, day + Duration::seconds(5)).await.is_none());
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_read() {
    let bench = Bench::new().await;
    let token = lasting(&bench.keys, "ES256");
    bench.server.answer("200 OK", "", &format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(1024 * 1024)));
    assert!(bench.verifier.verify(&token, now()).await.is_err());
}

#[tokio::test]
async fn a_hanging_issuer_holds_a_request_for_five_seconds_and_others_not_at_all() {
    let keys = Keys::new();
    let server = Server::of(&[keys.jwk("ES256", "a")]).await;
    server.hang(true);
    let verifier = JwtVerifier::new(vec![settings(&server, true)]).unwrap();
    let token = lasting(&keys, "a");
    let begun = Instant::now();
    let (one, two) = tokio::join!(verifier.verify(&token, now()), verifier.verify(&token, now()));
    let waited = begun.elapsed();
    assert!(matches!((one, two), (Err(PortError::Unavailable(_)), Err(PortError::Unavailable(_)))));
    assert!((4_900..7_000).contains(&waited.as_millis()), "{waited:?}");
    // Whoever comes right after that is told at once.
    let begun = Instant::now();
    assert!(verifier.verify(&token, late(4)).await.is_err());
    assert!(verifier.verify("ivk_no_token", late(4)).await.unwrap().is_none());
    assert!(begun.elapsed().as_millis() < 500);
    assert_eq!(server.hits(), 1);
    server.hang(false);
    assert!(verifier.verify(&token, late(5)).await.unwrap().is_some());
}
