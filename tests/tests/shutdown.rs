//! An orderly end in the middle of traffic.

mod common;

use common::{Api, PATIENCE, Site, eventually, text};
use invite_tests::{Failure, Result};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};

/// Who was invited, and the id where there was an answer.
type Issued = Vec<(String, Option<String>)>;

const CALLERS: usize = 8;
/// Invitations issued before the order to end is given.
const BEFORE: usize = 40;
/// Who is invited by the request that is at work when the order is given.
const BEGUN: &str = "begun@example.org";

#[tokio::test(flavor = "multi_thread")]
async fn ops_3_sigterm_during_traffic_ends_with_0_and_loses_nothing_it_acknowledged() -> Result<()> {
    let mut site = Site::start().await?;
    let told = Arc::new(AtomicBool::new(false));
    let (issued, warned) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut traffic: JoinSet<Result<Issued>> = JoinSet::new();
    for caller in 0..CALLERS {
        let (api, told, issued, warned) = (site.owner()?, Arc::clone(&told), Arc::clone(&issued), Arc::clone(&warned));
        traffic.spawn(async move {
            let (mut issued_to, mut knew) = (Vec::new(), false);
            for number in 0.. {
                let address = format!("p{caller}-{number}@example.org");
                let begun_after = told.load(Ordering::SeqCst);
                if begun_after && !std::mem::replace(&mut knew, true) {
                    warned.fetch_add(1, Ordering::SeqCst);
                }
                match api.post_once("/v1/invitations", &address, &invitation(&address)).await {
                    Ok(answer) => issued_to.push((address, Some(text(&answer.expect(201)?, "/id")?.to_owned()))),
                    // The door is closed. Everything before was answered.
                    Err(_) if begun_after => {
                        issued_to.push((address, None));
                        break;
                    }
                    Err(failure) => return Err(failure),
                }
                issued.fetch_add(1, Ordering::SeqCst);
            }
            Ok(issued_to)
        });
    }
    reached(&issued, BEFORE).await?;
    let begun = Begun::start(&site).await?;
    told.store(true, Ordering::SeqCst);
    // A caller who did not know, and was slow to send, could find the door closed.
    reached(&warned, CALLERS).await?;
    site.service.signal(Signal::SIGTERM)?;
    let mut issued_to = BTreeMap::new();
    while let Some(of_caller) = traffic.join_next().await {
        issued_to.extend(of_caller??);
    }
    // The door is closed to everybody, and what had begun is finished all the same.
    issued_to.insert(BEGUN.to_owned(), Some(begun.finish().await?));
    let status = site.service.wait().await?;
    assert_eq!(status.code(), Some(0), "{}", site.service.stderr());
    assert!(!site.service.stderr().contains("\"level\":\"ERROR\""), "{}", site.service.stderr());
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

async fn reached(count: &AtomicUsize, wanted: usize) -> Result<()> {
    eventually("the callers stand still", async || Ok((count.load(Ordering::SeqCst) >= wanted).then_some(()))).await
}

/// A request whose body is still to come, and which the service has begun to read: it has said `100 Continue`.
struct Begun {
    stream: TcpStream,
    body: String,
}

impl Begun {
    async fn start(site: &Site) -> Result<Self> {
        let mut stream = TcpStream::connect(site.sandbox.address()).await?;
        let (key, body) = (text(&site.setup, "/api_key")?, invitation(BEGUN).to_string());
        let head = format!(
            "POST /v1/invitations HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: {BEGUN}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n",
            site.sandbox.address(),
            body.len(),
        );
        stream.write_all(head.as_bytes()).await?;
        let mut said = Vec::new();
        while !said.ends_with(b"\r\n\r\n") {
            if timeout(PATIENCE, stream.read_buf(&mut said)).await?? == 0 {
                break;
            }
        }
        if !said.starts_with(b"HTTP/1.1 100 ") {
            return Err(Failure::new(format!("not asked to go on: {}", String::from_utf8_lossy(&said))));
        }
        Ok(Self { stream, body })
    }

    /// Sends the body, and answers the id of the invitation.
    async fn finish(mut self) -> Result<String> {
        self.stream.write_all(self.body.as_bytes()).await?;
        let mut answer = String::new();
        timeout(PATIENCE, self.stream.read_to_string(&mut answer)).await??;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| Failure::new(format!("cut off: {answer}")))?;
        if !head.starts_with("HTTP/1.1 201 ") {
            return Err(Failure::new(answer));
        }
        Ok(text(&serde_json::from_str(body)?, "/id")?.to_owned())
    }
}

fn invitation(address: &str) -> Value {
    json!({ "recipient": { "email": address } })
}
