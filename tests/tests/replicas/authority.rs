//! Budgets, revoked keys and a turning key ring at three replicas: what one of them knows, all do.

use super::{REPLICAS, replicated};
use crate::common::{Api, PASSWORD, Site, eventually, redemption, text, token_of};
use invite_tests::{Failure, Result, net};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// A caller of each replica.
fn at_each(site: &Site, credential: Option<&str>) -> Result<Vec<Api>> {
    (0..REPLICAS)
        .map(|replica| {
            let base = site.service.replica_url(replica).ok_or_else(|| Failure::new("no such replica"))?;
            Api::new(base, credential)
        })
        .collect()
}

/// How many answers there were of each status and code.
fn counted(answers: &[(u16, String)]) -> BTreeMap<(u16, String), usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer.clone()).or_insert(0) += 1;
    }
    counts
}

/// Sends `count` requests at once, each to the next replica, and answers their statuses and codes.
async fn all_at_once(
    callers: &[Api],
    count: usize,
    body: impl Fn(usize) -> Value,
) -> Result<BTreeMap<(u16, String), usize>> {
    let mut sent = JoinSet::new();
    for number in 0..count {
        let (api, body) = (callers[number % callers.len()].clone(), body(number));
        sent.spawn(async move { api.post("/v1/invitations", &body).await });
    }
    let mut answers = Vec::new();
    while let Some(answer) = sent.join_next().await {
        let answer = answer??;
        let code = answer.json()?["code"].as_str().unwrap_or_default().to_owned();
        answers.push((answer.status, code));
    }
    Ok(counted(&answers))
}

/// 130 issues at once at three replicas that are given a budget of 100 together.
pub(crate) async fn budget() -> Result<()> {
    const ALLOWED: usize = 100;
    const SENT: usize = 130;
    // A window of an hour ends now and then; two in a row cannot end in the middle of this.
    for _ in 0..2 {
        let site = replicated(&[("INVITE_LIMIT_ISSUES_HOUR", "100")]).await?;
        let owners = at_each(&site, Some(text(&site.setup, "/api_key")?))?;
        let silently =
            |number: usize| json!({ "recipient": { "email": format!("person-{number}@example.org") }, "channels": [] });
        let seen = all_at_once(&owners, SENT, silently).await?;
        let issued = seen.get(&(201, String::new())).copied().unwrap_or_default();
        let refused = seen.get(&(429, "too_many_requests".to_owned())).copied().unwrap_or_default();
        assert_eq!(issued + refused, SENT, "{seen:?}");
        if issued == ALLOWED {
            let list = site.owner()?.get("/v1/invitations?limit=1&include_total=true").await?.expect(200)?;
            assert_eq!(list["total"], ALLOWED);
            // Throttling destroys nothing: what there is can be used and withdrawn.
            let id = text(&list, "/items/0/id")?;
            site.owner()?.post(&format!("/v1/invitations/{id}/revoke"), &json!({})).await?.expect(200)?;
            return Ok(());
        }
        assert!((ALLOWED..=2 * ALLOWED).contains(&issued), "{seen:?}");
        println!("a window ended within the test: {seen:?}");
    }
    Err(Failure::new("an issue too many was let through twice"))
}

/// 40 issues at once at three replicas to an organisation with room for 12 live invitations.
pub(crate) async fn room() -> Result<()> {
    let site = replicated(&[("INVITE_LIMIT_LIVE", "12")]).await?;
    let owners = at_each(&site, Some(text(&site.setup, "/api_key")?))?;
    let silently =
        |number: usize| json!({ "recipient": { "email": format!("person-{number}@example.org") }, "channels": [] });
    let seen = all_at_once(&owners, 40, silently).await?;
    let expected = BTreeMap::from([((201, String::new()), 12), ((409, "invitations_full".to_owned()), 28)]);
    assert_eq!(seen, expected);
    // One that ends makes room for one.
    let list = site.owner()?.get("/v1/invitations?limit=1").await?.expect(200)?;
    let id = text(&list, "/items/0/id")?;
    site.owner()?.post(&format!("/v1/invitations/{id}/revoke"), &json!({})).await?.expect(200)?;
    let again = all_at_once(&owners, 6, |number| silently(100 + number)).await?;
    assert_eq!(again.get(&(201, String::new())), Some(&1), "{again:?}");
    Ok(())
}

/// A key that was used at every replica a moment ago and is revoked at one of them.
pub(crate) async fn revoked_key() -> Result<()> {
    let site = replicated(&[]).await?;
    for _ in 0..5 {
        let body = json!({ "name": "CI", "permissions": ["roles.read"] });
        let made = site.owner()?.post("/v1/api-keys", &body).await?.expect(201)?;
        let callers = at_each(&site, Some(text(&made, "/api_key")?))?;
        for caller in &callers {
            caller.get("/v1/roles").await?.expect(200)?;
        }
        site.owner()?.delete(&format!("/v1/api-keys/{}", text(&made, "/id")?)).await?.expect(204)?;
        let revoked = Instant::now();
        for caller in &callers {
            eventually("a revoked key was never refused", async || {
                let asked = revoked.elapsed();
                let answer = caller.get("/v1/roles").await?;
                if answer.status == 200 {
                    assert!(asked < Duration::from_secs(1), "a key was good {asked:?} after its revocation");
                    return Ok(None);
                }
                answer.refused(401, "unauthenticated").map(Some)
            })
            .await?;
        }
    }
    Ok(())
}

/// Which keys each replica has, as `/readyz` says: present, and whether this one is active.
async fn replicas_have(site: &Site, key: u64, active: bool) -> Result<()> {
    for replica in 0..REPLICAS {
        let base = site.service.replica_url(replica).ok_or_else(|| Failure::new("no such replica"))?;
        eventually(&format!("replica {replica} never got key {key}"), async || {
            let ready: Value = net::http()?.get(format!("{base}/readyz")).send().await?.json().await?;
            let known = ready["key_ids"].as_array().is_some_and(|keys| keys.contains(&json!(key)));
            Ok((known && (!active || ready["active_key"] == key)).then_some(()))
        })
        .await?;
    }
    Ok(())
}

/// Invites people and lets them in by the fresh link, again and again until told to end. Answers how many.
async fn newcomers(site: &Site, worker: usize, until: Arc<AtomicBool>) -> Result<usize> {
    let (owner, anyone) = (site.owner()?, site.anyone()?);
    let mut joined = 0;
    while !until.load(Ordering::Relaxed) {
        let body = json!({
            "recipient": { "email": format!("newcomer-{worker}-{joined}@example.org") }, "channels": [], "return": ["link"],
        });
        let issued = owner.post("/v1/invitations", &body).await?.expect(201)?;
        let token = token_of(text(&issued, "/link")?)?;
        anyone.post("/v1/redemptions/preview", &json!({ "token": token })).await?.expect(200)?;
        let redeemed = anyone.post("/v1/redemptions", &json!({ "token": token, "account": { "name": "Ada" } })).await?;
        redeemed.expect(201)?;
        joined += 1;
    }
    Ok(joined)
}

/// A new key is made, activated and the old one retired while people are invited and let in at all replicas.
pub(crate) async fn turning_ring() -> Result<()> {
    let site = replicated(&[]).await?;
    // Made under the first key: good as long as that verifies, dead before the database once it is retired.
    let (_, early) = site.invite_silently("early@example.org").await?;
    let (left_id, left) = site.invite_silently("left@example.org").await?;
    let (site, until) = (Arc::new(site), Arc::new(AtomicBool::new(false)));
    let mut load = JoinSet::new();
    for worker in 0..4 {
        let (site, until) = (Arc::clone(&site), Arc::clone(&until));
        load.spawn(async move { newcomers(&site, worker, until).await });
    }

    let turned = turn(&site, &early, &left).await;
    until.store(true, Ordering::Relaxed);
    let mut joined = 0;
    while let Some(worker) = load.join_next().await {
        joined += worker??;
    }
    turned?;
    assert!(joined > 12, "only {joined} people came in meanwhile");
    site.anyone()?.post("/v1/redemptions", &redemption(&left, PASSWORD)).await?.refused(404, "invitation_not_found")?;
    let shown = site.owner()?.post(&format!("/v1/invitations/{left_id}/reveal"), &json!({})).await?.expect(200)?;
    site.anyone()?.redeem(&token_of(text(&shown, "/link")?)?, PASSWORD).await?.expect(201)?;
    let log = site.service.stderr();
    assert!(!log.contains("\"level\":\"ERROR\""), "{log}");
    Ok(())
}

async fn turn(site: &Site, early: &str, left: &str) -> Result<()> {
    replicas_have(site, 1, true).await?;
    site.sandbox.run(&["keys", "rotate"]).await?.success()?;
    // Every 30 s the ring is read anyway; a signal spares the wait.
    site.service.signal(Signal::SIGHUP)?;
    replicas_have(site, 2, false).await?;
    site.sandbox.run(&["keys", "activate", "2"]).await?.success()?;
    site.service.signal(Signal::SIGHUP)?;
    replicas_have(site, 2, true).await?;
    site.anyone()?.redeem(early, PASSWORD).await?.expect(201)?;
    site.sandbox.run(&["keys", "retire", "1"]).await?.refusal()?;
    site.sandbox.run(&["keys", "retire", "1", "--resend"]).await?.success()?;
    site.service.signal(Signal::SIGHUP)?;
    for anyone in at_each(site, None)? {
        eventually("a replica never retired key 1", async || {
            let answer = anyone.post("/v1/redemptions/preview", &json!({ "token": left })).await?;
            // Sent again, the old link is explained; once its key is gone, it is nobody's.
            Ok(if answer.status == 410 { None } else { Some(answer.refused(404, "invitation_not_found")?) })
        })
        .await?;
    }
    Ok(())
}
