//! Twice as much as the service can do (OPS-1): it goes on doing what it can, and tells the others at once. `just overload`.
#![expect(clippy::cast_precision_loss, reason = "rates of some thousand a second")]

mod common;

use common::{Site, text};
use invite_tests::{
    Failure, Result,
    requires::Suite,
    soak::{self, Figure},
};
use libtest_mimic::Failed;
use std::{
    net::SocketAddr,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    task::JoinSet,
    time::{interval, sleep_until},
};

/// How many callers find out what the service can do.
const AT_ONCE: u64 = 32;
/// For how long.
const MEASURED: Duration = Duration::from_secs(20);
/// How many connections bring twice of that.
const CONNECTIONS: u64 = 512;
/// The most memory the service may take, in KiB.
const MEMORY: u64 = 256 * 1024;

/// A caller who issues invitations, with a connection that is kept as long as the service keeps it: one that refuses a request
/// without reading its body ends it.
struct Caller {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
    key: Arc<str>,
}

static NUMBER: AtomicU64 = AtomicU64::new(0);

impl Caller {
    fn new(address: SocketAddr, key: &Arc<str>) -> Self {
        Self { address, stream: None, key: Arc::clone(key) }
    }

    async fn connected(&mut self) -> Result<BufReader<TcpStream>> {
        if let Some(stream) = self.stream.take() {
            return Ok(stream);
        }
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(BufReader::new(stream))
    }

    /// Issues one and answers the status.
    async fn issue(&mut self) -> Result<u16> {
        let mut stream = self.connected().await?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let body = format!("{{\"recipient\":{{\"email\":\"person-{number}@example.org\"}},\"channels\":[]}}");
        let request = format!(
            "POST /v1/invitations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.key,
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let (mut line, mut status, mut length, mut kept) = (String::new(), 0, 0, true);
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Err(Failure::new("the connection was closed"));
            }
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest[..3].parse()?;
            } else if let Some((name, value)) = line.split_once(':') {
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => length = value.trim().parse()?,
                    "connection" => kept = !value.trim().eq_ignore_ascii_case("close"),
                    _ => {}
                }
            } else if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        self.stream = kept.then_some(stream);
        Ok(status)
    }
}

/// What callers were told.
#[derive(Default)]
struct Told {
    done: u64,
    refused: Vec<Duration>,
    others: Vec<u16>,
}

impl Told {
    fn add(&mut self, status: u16, took: Duration) {
        match status {
            201 => self.done += 1,
            503 => self.refused.push(took),
            other => self.others.push(other),
        }
    }

    fn join(&mut self, other: Self) {
        self.done += other.done;
        self.refused.extend(other.refused);
        self.others.extend(other.others);
    }
}

/// `callers` connections until then, each sending its next request `every` so often, or as soon as it has its answer.
async fn load(
    address: SocketAddr,
    key: &Arc<str>,
    callers: u64,
    every: Option<Duration>,
    until: Instant,
) -> Result<Told> {
    let mut tasks: JoinSet<Result<Told>> = JoinSet::new();
    for caller in 0..callers {
        let key = Arc::clone(key);
        tasks.spawn(async move {
            let mut issuer = Caller::new(address, &key);
            let mut told = Told::default();
            let mut next = Instant::now() + every.unwrap_or_default().mul_f64(caller as f64 / callers as f64);
            while Instant::now() < until {
                if let Some(every) = every {
                    sleep_until(next.into()).await;
                    next += every;
                }
                let asked = Instant::now();
                let status = issuer.issue().await?;
                told.add(status, asked.elapsed());
            }
            Ok(told)
        });
    }
    let mut all = Told::default();
    while let Some(told) = tasks.join_next().await {
        all.join(told??);
    }
    Ok(all)
}

/// The resident memory of a process in KiB.
fn resident(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kib.ok_or_else(|| Failure::new("the process has no memory"))
}

async fn twice_the_capacity(seconds: u64) -> Result<()> {
    let off =
        ["INVITE_LIMIT_REQUESTS_SECOND", "INVITE_LIMIT_LIVE", "INVITE_LIMIT_ISSUES_HOUR"].map(|name| (name, "off"));
    let site = Site::start_with(&[&off[..], &[("INVITE_LOG", "error")]].concat()).await?;
    let address = site.sandbox.address();
    let key: Arc<str> = text(&site.setup, "/api_key")?.into();
    let process = site.service.process_id().ok_or_else(|| Failure::new("no process"))?;
    let started = Instant::now();
    let peak = load(address, &key, AT_ONCE, None, Instant::now() + MEASURED).await?;
    assert!(peak.others.is_empty() && peak.refused.is_empty(), "{:?} {}", peak.others, peak.refused.len());
    let peak = peak.done as f64 / MEASURED.as_secs_f64();

    let most = Arc::new(AtomicU64::new(0));
    let watching = {
        let most = Arc::clone(&most);
        tokio::spawn(async move {
            let mut ticks = interval(Duration::from_millis(500));
            loop {
                ticks.tick().await;
                if let Ok(kib) = resident(process) {
                    most.fetch_max(kib, Ordering::Relaxed);
                }
            }
        })
    };
    let every = Duration::from_secs_f64(CONNECTIONS as f64 / (2.0 * peak));
    let length = Duration::from_secs(seconds);
    let mut told = load(address, &key, CONNECTIONS, Some(every), Instant::now() + length).await?;
    watching.abort();
    let goodput = told.done as f64 / length.as_secs_f64();
    told.refused.sort_unstable();
    let p99 = told.refused.get(told.refused.len() * 99 / 100).copied().unwrap_or_default();
    let memory = most.load(Ordering::Relaxed);

    // Afterwards it is as it was.
    let over = Instant::now();
    let after = load(address, &key, AT_ONCE, None, over + Duration::from_secs(10)).await?;
    let words = format!(
        "peak {peak:.0}/s; at twice that for {seconds} s {goodput:.0}/s ({:.0} %), {} refused, p99 {} ms; {} MiB; after it {:.0}/s",
        100.0 * goodput / peak,
        told.refused.len(),
        p99.as_millis(),
        memory / 1024,
        after.done as f64 / 10.0
    );
    println!("{words}");
    assert!(told.others.is_empty(), "{words}: {:?}", told.others);
    assert!(goodput >= 0.9 * peak && p99 <= Duration::from_millis(50) && memory <= MEMORY, "{words}");
    assert!(after.others.is_empty() && after.refused.is_empty(), "{words}: {:?}", after.others);
    Figure::new("overload", site.sandbox.engine()).rounds(told.done).started(started).result(words).record()
}

fn main() -> ExitCode {
    const NAME: &str = "ops_1_at_twice_its_capacity_the_service_does_what_it_can_and_refuses_the_rest_at_once";
    let mut suite = Suite::from_environment();
    if std::env::var_os("INVITE_SOAK_ROUNDS").is_some() {
        suite.trial(NAME, None, || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            let trial = async { twice_the_capacity(soak::rounds(300)?).await };
            runtime.block_on(trial).map_err(|failure| Failed::from(failure.to_string()))
        });
    } else {
        suite.ignored(NAME, "it takes minutes and both cores: `just overload`");
    }
    suite.run()
}
