//! An orderly end in the middle of traffic.

mod common;

use common::{Api, Site, eventually, text};
use invite_tests::Result;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tokio::{sync::Notify, task::JoinSet};

/// Who was invited, and the id where there was an answer.
type Issued = Vec<(String, Option<String>)>;

const CALLERS: usize = 8;
/// Invitations issued before the order to end is given.
const BEFORE: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn ops_3_sigterm_during_traffic_ends_with_0_and_loses_nothing_it_acknowledged() -> Result<()> {
    let mut site = Site::start().await?;
    let (told, issued, enough) =
        (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let mut traffic: JoinSet<Result<Issued>> = JoinSet::new();
    for caller in 0..CALLERS {
        let (api, told, issued, enough) = (site.owner()?, Arc::clone(&told), Arc::clone(&issued), Arc::clone(&enough));
        traffic.spawn(async move {
            let mut issued_to = Vec::new();
            for number in 0.. {
                let address = format!("p{caller}-{number}@example.org");
                let begun_after = told.load(Ordering::SeqCst);
                match api.post_once("/v1/invitations", &address, &invitation(&address)).await {
                    Ok(answer) => issued_to.push((address, Some(text(&answer.expect(201)?, "/id")?.to_owned()))),
                    // The door is closed. What was begun before the order is answered.
                    Err(_) if begun_after => {
                        issued_to.push((address, None));
                        break;
                    }
                    Err(failure) => return Err(failure),
                }
                if issued.fetch_add(1, Ordering::SeqCst) + 1 == BEFORE {
                    enough.notify_one();
                }
            }
            Ok(issued_to)
        });
    }
    enough.notified().await;
    told.store(true, Ordering::SeqCst);
    let status = site.service.terminate().await?;
    assert_eq!(status.code(), Some(0), "{}", site.service.stderr());
    assert!(!site.service.stderr().contains("\"level\":\"ERROR\""), "{}", site.service.stderr());
    let mut issued_to = BTreeMap::new();
    while let Some(of_caller) = traffic.join_next().await {
        issued_to.extend(of_caller??);
    }
    let acknowledged = issued_to.values().flatten().count();
    assert!(acknowledged >= BEFORE, "{acknowledged}");

    site.service = site.sandbox.serve(&[]).await?;
    let owner: Api = site.owner()?;
    for (address, id) in &issued_to {
        // Who got no answer asks again with the same key: whether the first request came through is the same to him.
        let again = owner.post_once("/v1/invitations", address, &invitation(address)).await?.expect(201)?;
        if let Some(id) = id {
            assert_eq!(text(&again, "/id")?, id);
            owner.get(&format!("/v1/invitations/{id}")).await?.expect(200)?;
        }
    }
    eventually("a mail was never sent", async || {
        let queued = owner.get("/v1/invitations?delivery=queued&include_total=true").await?.expect(200)?;
        Ok((queued["total"] == 0).then_some(()))
    })
    .await?;
    assert_eq!(site.service.terminate().await?.code(), Some(0));
    let mut mails: BTreeMap<String, usize> = BTreeMap::new();
    for mail in site.smtp.messages() {
        *mails.entry(mail.to.concat()).or_default() += 1;
    }
    assert_eq!(mails, issued_to.into_keys().map(|address| (address, 1)).collect());
    Ok(())
}

fn invitation(address: &str) -> Value {
    json!({ "recipient": { "email": address } })
}
