//! HTTP-8: what anybody may ask tells nothing of who or what exists, neither by status, headers and length nor by time.
//!
//! The service runs in this process over loopback, on SQLite in a file, with a hasher that costs nothing, so that whatever
//! else differs would show. Which request of a pair is sent next is drawn by lot each time, whatever was sent before: what the one
//! leaves behind in caches then meets both alike. What the service does behind an answer is waited for. The slowest twentieth of both together is left out, and Welch's t
//! of the rest has to stay below 4.5. The same harness over a hasher that makes no dummy work for accounts that don't exist, 100
//! microseconds of it, has to report more.
//!
//! Times are measured by `just timing` alone: on a machine that does other things besides they say little. Status, headers
//! and length are compared by every run.

mod client;
mod installation;
mod pairs;
mod statistics;
#[path = "../common/token.rs"]
#[expect(dead_code, reason = "other tests read and write more kinds of secrets")]
mod token;

use client::{Client, post};
use installation::{Installation, OWNER, PASSWORD};
use invite_tests::{
    service::Sandbox,
    soak::{self, Figure},
};
use pairs::{Pair, pairs};
use serde_json::json;
use statistics::{Lots, welch};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// What Welch's t of a pair may be at most.
const MOST: f64 = 4.5;
/// What a service that tells something takes longer.
const PLANTED: Duration = Duration::from_micros(100);

/// The requests of a pair, each about so often, as lots are drawn. Answers the nanoseconds of either.
fn measure(
    address: SocketAddr,
    installation: Option<&Installation>,
    pair: &Pair,
    rounds: u64,
    seed: u64,
) -> [Vec<f64>; 2] {
    let mut client = Client::connect(address);
    let mut lots = Lots::of(seed);
    let mut times = [Vec::new(), Vec::new()];
    // The first ones find cold caches.
    let warm = rounds / 20 + 5;
    for sent in 0..2 * (rounds + warm) {
        let which = usize::from(lots.draw());
        if let Some(installation) = installation {
            installation.pass(pair.apart);
        }
        let began = Instant::now();
        let answer = client.ask(&pair.requests[which]);
        let took = began.elapsed();
        assert_eq!(answer.status, pair.status, "{}: {}", pair.name, answer.head);
        if let Some(installation) = installation {
            installation.settle();
        }
        if sent >= 2 * warm {
            times[which].push(took.as_secs_f64() * 1e9);
        }
    }
    times
}

#[test]
fn http_8_what_exists_and_what_does_not_have_one_status_one_set_of_headers_and_one_length() {
    let installation = Installation::start(None);
    for pair in pairs(&installation) {
        let mut client = Client::connect(installation.address);
        let [one, other] = pair.requests.each_ref().map(|request| {
            installation.pass(pair.apart);
            let answer = client.ask(request);
            installation.settle();
            answer
        });
        assert_eq!((one.status, other.status), (pair.status, pair.status), "{}", pair.name);
        assert_eq!(one.header_names(), other.header_names(), "{}", pair.name);
        assert_eq!(one.length_class(), other.length_class(), "{}", pair.name);
        assert_eq!(one.body_without_id(), other.body_without_id(), "{}", pair.name);
    }
}

#[test]
#[ignore = "measures time: `just timing` runs it on a machine that does nothing else"]
fn http_8_what_exists_and_what_does_not_take_the_same_time() {
    let (rounds, seed) = (soak::rounds(10_000).unwrap(), soak::seed(8).unwrap());
    let installation = Installation::start(None);
    let mut told = Vec::new();
    for pair in pairs(&installation) {
        let began = Instant::now();
        let times = measure(installation.address, Some(&installation), &pair, rounds, seed);
        let found = welch(&times);
        let words = format!(
            "t = {:.2}, medians {:.0} and {:.0} µs, apart by {:.2} µs on average",
            found.t, found.medians[0], found.medians[1], found.apart
        );
        println!("{}: {words}", pair.name);
        let least = times.each_ref().map(Vec::len).into_iter().min().unwrap_or_default();
        assert!(u64::try_from(least).unwrap() * 10 > rounds * 9, "the lots were uneven: {least}");
        told.push((
            pair.name,
            found.t,
            Figure::new("timing", "sqlite")
                .seed(seed)
                .rounds(rounds)
                .started(began)
                .result(format!("{}: {words}", pair.name)),
        ));
    }
    let bad: Vec<_> =
        told.iter().filter(|(_, t, _)| t.abs() >= MOST).map(|(name, t, _)| format!("{name}: {t:.2}")).collect();
    assert!(bad.is_empty(), "{}", bad.join(", "));
    for (_, _, figure) in told {
        figure.record().unwrap();
    }
}

#[test]
#[ignore = "measures time: `just timing` runs it on a machine that does nothing else"]
fn http_8_the_harness_sees_a_service_that_makes_no_dummy_work() {
    let (rounds, seed) = (soak::rounds(10_000).unwrap(), soak::seed(8).unwrap());
    let installation = Installation::start(Some(PLANTED));
    let pair = pairs(&installation).into_iter().find(|pair| pair.name == "sign-in").unwrap();
    let began = Instant::now();
    let found = welch(&measure(installation.address, Some(&installation), &pair, rounds, seed));
    assert!(found.t.abs() >= MOST, "the planted difference was not seen: t = {:.2}", found.t);
    let words = format!("planted 100 µs: t = {:.2}, apart by {:.2} µs on average", found.t, found.apart);
    Figure::new("timing", "sqlite").seed(seed).rounds(rounds).started(began).result(words).record().unwrap();
}

/// The built service, with the hasher it has.
#[test]
#[ignore = "measures time: `just timing` runs it on a machine that does nothing else"]
fn http_8_signing_in_takes_the_same_time_with_the_real_hasher() {
    let (rounds, seed) = (soak::rounds(10_000).unwrap().div_ceil(25), soak::seed(8).unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (sandbox, service) = runtime.block_on(async {
        let mut sandbox = Sandbox::alone("time is measured of one process").unwrap();
        for limit in ["INVITE_LIMIT_SIGN_IN_ACCOUNT", "INVITE_LIMIT_SIGN_IN_ADDRESS"] {
            sandbox.set(limit, "1000000/15m");
        }
        let set_up = sandbox.set_up("Acme", OWNER).await.unwrap();
        let service = sandbox.serve(&[]).await.unwrap();
        let token = set_up["owner_link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let confirm = post("/v1/password-resets/confirm", &json!({ "token": token, "password": PASSWORD }));
        assert_eq!(Client::connect(sandbox.address()).ask(&confirm).status, 200);
        (sandbox, service)
    });
    let sign_in =
        |email: &str| post("/v1/sessions", &json!({ "email": email, "password": "this is not the right one" }));
    let requests = [sign_in(OWNER), sign_in("nobod@example.org")];
    let pair = Pair { name: "sign-in, Argon2", requests, status: 401, apart: chrono::Duration::zero() };
    let began = Instant::now();
    let found = welch(&measure(sandbox.address(), None, &pair, rounds, seed));
    assert!(found.t.abs() < MOST, "t = {:.2}, apart by {:.0} µs", found.t, found.apart);
    let words = format!("{}: t = {:.2}, apart by {:.0} µs on average", pair.name, found.t, found.apart);
    Figure::new("timing", "sqlite").seed(seed).rounds(rounds).started(began).result(words).record().unwrap();
    drop(service);
}
