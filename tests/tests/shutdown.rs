//! An orderly end in the middle of traffic.

mod common;

use common::{Api, Site, text};
use invite_tests::Result;
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::{sync::Notify, task::JoinSet};

const CALLERS: usize = 8;
/// Invitations issued before the order to end is given.
const BEFORE: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn ops_3_sigterm_during_traffic_ends_with_0_and_loses_nothing_it_acknowledged() -> Result<()> {
    let mut site = Site::start().await?;
    let (told, issued, enough) =
        (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let mut traffic: JoinSet<Result<Vec<String>>> = JoinSet::new();
    for caller in 0..CALLERS {
        let (api, told, issued, enough) = (site.owner()?, Arc::clone(&told), Arc::clone(&issued), Arc::clone(&enough));
        traffic.spawn(async move {
            let mut acknowledged = Vec::new();
            for number in 0.. {
                let body = json!({ "recipient": { "email": format!("p{caller}-{number}@example.org") } });
                match api.post("/v1/invitations", &body).await {
                    Ok(answer) => acknowledged.push(text(&answer.expect(201)?, "/id")?.to_owned()),
                    // The door is closed; before the order nobody may be turned away.
                    Err(_) if told.load(Ordering::SeqCst) => break,
                    Err(failure) => return Err(failure),
                }
                if issued.fetch_add(1, Ordering::SeqCst) + 1 == BEFORE {
                    enough.notify_one();
                }
            }
            Ok(acknowledged)
        });
    }
    enough.notified().await;
    told.store(true, Ordering::SeqCst);
    let status = site.service.terminate().await?;
    assert_eq!(status.code(), Some(0), "{}", site.service.stderr());
    assert!(!site.service.stderr().contains("\"level\":\"ERROR\""), "{}", site.service.stderr());
    let mut acknowledged = Vec::new();
    while let Some(ids) = traffic.join_next().await {
        acknowledged.extend(ids??);
    }
    assert!(acknowledged.len() >= BEFORE);

    site.service = site.sandbox.serve(&[]).await?;
    let owner: Api = site.owner()?;
    for id in &acknowledged {
        owner.get(&format!("/v1/invitations/{id}")).await?.expect(200)?;
    }
    assert_eq!(site.service.terminate().await?.code(), Some(0));
    Ok(())
}
