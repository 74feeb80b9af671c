//! Mails of many invitations, sent by three replicas of which one is killed now and then.

use super::{REPLICAS, replicated};
use crate::common::{Api, Site, crowd, eventually, items, text};
use invite_tests::{Failure, Result, mail::Mail, soak};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::Semaphore, task::JoinSet, time::sleep};

/// How many messages a process has in hand, since its deliveries follow each other: so many wait for the lease to end where it
/// is killed.
const IN_HAND: usize = 1;
/// How many invitations there are to a kill.
const PER_KILL: u64 = 200;
/// How many invitations are enough to wait for what a killed replica had taken up: it comes when the lease has ended.
const LONG: u64 = 200;
/// Beyond the lease.
const LEASE: Duration = Duration::from_mins(5);
const CALLERS: usize = 12;

fn address(number: u64) -> String {
    format!("person-{number}@example.org")
}

/// Issues an invitation. Where the replica that was asked is killed meanwhile, asks again with the same key.
async fn issue(api: &Api, number: u64) -> Result<String> {
    let body = json!({ "recipient": { "email": address(number) } });
    let key = format!("person-{number}");
    for _ in 0..50 {
        match api.post_once("/v1/invitations", &key, &body).await {
            Ok(answer) => return Ok(text(&answer.expect(201)?, "/id")?.to_owned()),
            Err(_) => sleep(Duration::from_millis(20)).await,
        }
    }
    Err(Failure::new(format!("{} was never issued", address(number))))
}

/// The Message-IDs each recipient was sent.
fn sent(site: &Site) -> Result<BTreeMap<String, Vec<String>>> {
    let mut sent: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mail in site.smtp.messages() {
        let id = Mail::parse(&mail.raw)?.header("Message-ID")?.to_owned();
        sent.entry(mail.to.concat()).or_default().push(id);
    }
    Ok(sent)
}

/// The recipients whose messages wait or are being sent.
async fn queued(site: &Site) -> Result<BTreeSet<String>> {
    let list = site.owner()?.get("/v1/invitations?delivery=queued&limit=200").await?.expect(200)?;
    items(&list)?.iter().map(|item| Ok(text(item, "/recipient/email")?.to_owned())).collect()
}

pub(crate) async fn once_each() -> Result<()> {
    let count = soak::rounds(60)?;
    let kills = count.div_ceil(PER_KILL);
    let began = Instant::now();
    let mut site = replicated(&[]).await?;
    let api = site.owner()?;
    let (mut issuing, at_once) = (JoinSet::new(), Arc::new(Semaphore::new(CALLERS)));
    for number in 0..count {
        let (api, at_once) = (api.clone(), Arc::clone(&at_once));
        issuing.spawn(async move {
            let _turn = at_once.acquire().await?;
            issue(&api, number).await
        });
    }
    let mut ids = BTreeSet::new();
    for kill in 0..kills {
        // In the middle of each part: some are issued, some sent, some neither.
        let due = usize::try_from(count * (2 * kill + 1) / (2 * kills))?;
        while ids.len() < due {
            let id = issuing.join_next().await.ok_or_else(|| Failure::new("there are not so many"))??;
            ids.insert(id?);
        }
        let replica = usize::try_from(kill)? % REPLICAS;
        site.service.kill_replica(replica).await?;
        site.sandbox.restart_replica(&mut site.service, replica).await?;
    }
    while let Some(id) = issuing.join_next().await {
        ids.insert(id??);
    }
    assert_eq!(u64::try_from(ids.len())?, count, "an invitation twice, or none");

    // All but what the killed ones had in hand is sent at once; that waits, is not lost, and comes later.
    let in_hand = usize::try_from(kills)? * IN_HAND;
    let all: BTreeSet<String> = (0..count).map(address).collect();
    let waiting = eventually("the mails were never sent", async || {
        let queued = queued(&site).await?;
        Ok((queued.len() <= in_hand).then_some(queued))
    })
    .await?;
    let arrived = sent(&site)?;
    let missing: Vec<&String> = all.iter().filter(|to| !arrived.contains_key(*to) && !waiting.contains(*to)).collect();
    assert!(missing.is_empty(), "lost: {missing:?}");
    if count >= LONG {
        let until = Instant::now() + LEASE;
        while Instant::now() < until && !queued(&site).await?.is_empty() {
            sleep(Duration::from_secs(1)).await;
        }
        let left = queued(&site).await?;
        assert!(left.is_empty(), "still queued: {left:?}");
        assert_eq!(sent(&site)?.into_keys().collect::<BTreeSet<_>>(), all);
    }
    assert_eq!(site.service.terminate().await?.code(), Some(0), "{}", site.service.stderr());

    let arrived = sent(&site)?;
    let twice: Vec<_> = arrived.iter().filter(|(_, ids)| ids.len() > 1).collect();
    let duplicates: usize = twice.iter().map(|(_, ids)| ids.len() - 1).sum();
    assert!(
        twice.iter().all(|(_, ids)| ids.iter().collect::<BTreeSet<_>>().len() == 1),
        "another Message-ID: {twice:?}"
    );
    assert!(u64::try_from(duplicates)? <= kills, "{duplicates} duplicates after {kills} kills: {twice:?}");
    let ids: BTreeSet<&String> = arrived.values().flatten().collect();
    assert_eq!(ids.len(), arrived.len(), "two mails with one Message-ID");
    let waited = if count >= LONG { String::new() } else { format!(", {} left to the lease", waiting.len()) };
    let words = format!("{kills} kills of a replica: lost 0, duplicates {duplicates}{waited}");
    let figure = soak::Figure::new("mails of three replicas", crowd::place(&site)).rounds(count);
    figure.started(began).result(words).record()
}
