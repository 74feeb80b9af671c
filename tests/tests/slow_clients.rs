//! Clients that are slow on purpose: each is ended in time, and the others are answered meanwhile (HTTP-3).

mod common;

use common::{Site, items};
use invite_tests::{Failure, Result, net, service::Sandbox};
use serde_json::json;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};

/// How long a slow client is borne.
const BORNE: Duration = Duration::from_secs(15);
/// What a machine that is busy elsewhere may take beside that.
const AND: Duration = Duration::from_secs(10);
/// How many connections say nothing at all.
const SILENT: usize = 1_000;
/// How many clients there are of each other kind.
const OF_A_KIND: usize = 10;

/// How a client is slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It says nothing.
    Silent,
    /// A letter a second of the head of its first request.
    Head,
    /// The same, of its second request.
    SecondHead,
    /// A byte a second of a body.
    Body,
    /// The same, of a body in chunks that nobody is interested in.
    UnreadBody,
    /// It asks again and again and reads nothing.
    Reader,
}

impl Kind {
    /// What is sent at once, and what is sent every second after that.
    fn words(self) -> (String, &'static str) {
        let head = |line: &str| format!("{line} HTTP/1.1\r\nHost: localhost\r\n");
        let json = "Content-Type: application/json\r\n";
        match self {
            Self::Silent => (String::new(), ""),
            Self::Head => (head("GET /livez") + "X-Slow: ", "x"),
            Self::SecondHead => (format!("{0}\r\n{0}X-Slow: ", head("GET /livez")), "x"),
            Self::Body => (head("POST /v1/sessions") + json + "Content-Length: 5000\r\n\r\n{", " "),
            Self::UnreadBody => (head("POST /nowhere") + json + "Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"),
            Self::Reader => ((head("GET /openapi.json") + "\r\n").repeat(400), ""),
        }
    }

    /// What is said to it before the end.
    fn is_told(self) -> &'static [&'static str] {
        match self {
            Self::Silent | Self::Head => &["HTTP/1.1 408 "],
            Self::SecondHead => &["HTTP/1.1 200 "],
            Self::Body => &["HTTP/1.1 408 ", "\"code\":\"request_timeout\""],
            Self::UnreadBody => &["HTTP/1.1 404 "],
            Self::Reader => &[],
        }
    }
}

/// Is slow until the service ends the connection; answers how long that took.
async fn slow(address: SocketAddr, kind: Kind) -> Result<Duration> {
    let socket = TcpSocket::new_v4()?;
    if kind == Kind::Reader {
        // So that little fits between the two.
        socket.set_recv_buffer_size(4096)?;
    }
    let stream = socket.connect(address).await?;
    let began = Instant::now();
    let over = timeout(BORNE + AND, ended(stream, kind)).await;
    let said = over.map_err(|_| Failure::new(format!("{kind:?}: the connection is still open")))??;
    let took = began.elapsed();
    match kind.is_told().iter().find(|words| !said.contains(**words)) {
        Some(words) => Err(Failure::new(format!("{kind:?}: was not told {words}: {said}"))),
        None => Ok(took),
    }
}

async fn ended(stream: TcpStream, kind: Kind) -> Result<String> {
    let (first, then) = kind.words();
    let (mut read, mut write) = stream.into_split();
    let mut said = Vec::new();
    if kind == Kind::Reader {
        // Whether the connection has ended shows where it is written to: reading would be taking the answer.
        while write.write_all(first.as_bytes()).await.is_ok() {}
        return Ok(String::new());
    }
    write.write_all(first.as_bytes()).await?;
    let trickle = async {
        while write.write_all(then.as_bytes()).await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
        std::future::pending::<()>().await;
    };
    let listen = async {
        // A connection that is cut off ends with an error or without one.
        while read.read_buf(&mut said).await.is_ok_and(|count| count > 0) {}
    };
    tokio::select! {
        () = trickle => {}
        () = listen => {}
    }
    Ok(String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn http_3_every_kind_of_slow_client_is_ended_in_time_and_the_others_are_answered_meanwhile() -> Result<()> {
    let sandbox = Sandbox::alone("the slow connections would be those of the front")?;
    let mut site = Site::start_in(sandbox, &[]).await?;
    let address = site.sandbox.address();
    let mut clients = JoinSet::new();
    for kind in [Kind::Head, Kind::SecondHead, Kind::Body, Kind::UnreadBody, Kind::Reader] {
        for _ in 0..OF_A_KIND {
            clients.spawn(async move { slow(address, kind).await.map(|took| (kind, took)) });
        }
    }
    for _ in 0..SILENT {
        clients.spawn(async move { slow(address, Kind::Silent).await.map(|took| (Kind::Silent, took)) });
    }
    let all = clients.len();
    // All are there; none was ended yet.
    sleep(Duration::from_secs(2)).await;
    let mut answered = 0_u32;
    let mut longest = Duration::ZERO;
    let mut ended = Vec::new();
    while !clients.is_empty() {
        let began = Instant::now();
        let body = json!({ "recipient": { "email": format!("p{answered}@example.org") }, "channels": [] });
        site.owner()?.post("/v1/invitations", &body).await?.expect(201)?;
        assert_eq!(net::http()?.get(site.service.url("/livez")).send().await?.status(), 200);
        answered += 1;
        longest = longest.max(began.elapsed());
        if answered == 1 {
            assert!(clients.try_join_next().is_none(), "a client was ended before it was slow");
        }
        while let Some(client) = clients.try_join_next() {
            ended.push(client??);
        }
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(ended.len(), all);
    let slowest = ended.iter().max_by_key(|(_, took)| *took);
    println!("{answered} pairs of requests meanwhile, the longest in {longest:?}; the last to end: {slowest:?}");
    // While the slow ones were there, not only after them.
    assert!(answered >= 5, "{answered}");
    let list = site.owner()?.get("/v1/invitations?limit=200").await?.expect(200)?;
    assert_eq!(items(&list)?.len(), usize::try_from(answered.min(200))?);
    assert!(!site.service.stderr().contains("\"level\":\"ERROR\""), "{}", site.service.stderr());
    assert_eq!(site.service.terminate().await?.code(), Some(0));
    Ok(())
}
