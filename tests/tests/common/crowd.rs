//! Many people at the same moment, and what they were answered.

use super::{Answer, Site, redemption};
use invite_tests::{Failure, Result, soak::Figure};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc, time::Instant};
use tokio::{sync::Barrier, task::JoinSet};

/// How often each status with its code was answered.
pub(crate) type Seen = BTreeMap<(u16, String), usize>;

/// Numbers that look random and are the same for the same seed
/// ([splitmix64](https://prng.di.unimi.it/splitmix64.c)).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        low + (mixed ^ (mixed >> 31)) % (high - low + 1)
    }
}

/// Sends all these redemptions at the same moment.
async fn redeem_at_once(site: &Site, bodies: Vec<serde_json::Value>) -> Result<Seen> {
    let start = Arc::new(Barrier::new(bodies.len()));
    let mut crowd = JoinSet::new();
    for body in bodies {
        let (api, start) = (site.anyone()?, Arc::clone(&start));
        crowd.spawn(async move {
            start.wait().await;
            api.post("/v1/redemptions", &body).await
        });
    }
    let mut seen = Seen::new();
    while let Some(answer) = crowd.join_next().await {
        let answer: Answer = answer??;
        let code = answer.json()?["code"].as_str().unwrap_or_default().to_owned();
        *seen.entry((answer.status, code)).or_insert(0) += 1;
    }
    Ok(seen)
}

/// So many people, each with an invitation of his own to the same organisation, come at once: all get in.
pub(crate) async fn everybody_gets_in(site: &Site, people: usize) -> Result<()> {
    let mut bodies = Vec::new();
    for number in 0..people {
        let (_, token) = site.invite_silently(&format!("guest-{number}@example.org")).await?;
        bodies.push(redemption(&token, &format!("own password of guest {number}")));
    }
    let began = Instant::now();
    let seen = redeem_at_once(site, bodies).await?;
    assert_eq!(seen, Seen::from([((201, String::new()), people)]));
    for number in 0..people {
        let address = format!("guest-{number}@example.org");
        assert!(site.member(&address).await?.is_some(), "{address} is no member");
    }
    let words = format!("{people} people, {people} invitations, {people} members");
    Figure::new("people at once over HTTP", place(site)).rounds(1).started(began).result(words).record()
}

/// Round after round, 2 to 64 people come with one link at the same moment: one gets in, the others are told that it was used.
pub(crate) async fn one_of_each_crowd_gets_in(site: &Site, rounds: u64, seed: u64) -> Result<()> {
    let began = Instant::now();
    let mut dice = Dice(seed);
    let mut people = 0;
    for round in 0..rounds {
        let address = format!("round-{round}@example.org");
        let (_, token) = site.invite_silently(&address).await?;
        let crowd = usize::try_from(dice.between(2, 64))?;
        // With a password all wait for the hasher between looking and taking; without one they meet in the database.
        let hashed = dice.between(0, 7) == 0;
        let body = |number: usize| {
            if hashed {
                redemption(&token, &format!("own password of number {number}"))
            } else {
                json!({ "token": token, "account": { "name": format!("Number {number}") } })
            }
        };
        let answers = redeem_at_once(site, (0..crowd).map(body).collect()).await?;
        let expected = Seen::from([((201, String::new()), 1), ((410, "redeemed".to_owned()), crowd - 1)]);
        if answers != expected {
            return Err(Failure::new(format!("seed {seed}, round {round}, {crowd} people: {answers:?}")));
        }
        // A member twice would be an error here. What the list says is looked at now and then: it grows.
        if round < 20 {
            assert!(site.member(&address).await?.is_some(), "round {round}: no member");
        }
        people += crowd;
    }
    let words = format!("{people} redeemers, {rounds} redemptions, no 500");
    Figure::new("races over HTTP", place(site)).seed(seed).rounds(rounds).started(began).result(words).record()
}

/// The engine, and the replicas where there are several.
pub(crate) fn place(site: &Site) -> String {
    match site.sandbox.replicas() {
        0 => site.sandbox.engine().to_owned(),
        many => format!("{}, {many} replicas", site.sandbox.engine()),
    }
}
