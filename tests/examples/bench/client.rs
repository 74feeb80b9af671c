//! The load generator: HTTP/1.1 over kept connections, a closed loop on each, on few threads.
//!
//! It shares the machine with what it measures, as the floor's generator does, so it does as little as it can: a request is
//! bytes that a closure writes, and of an answer it looks at the status and the length.

use crate::figures::Run;
use invite_tests::{Failure, Result};
use std::{
    net::{SocketAddr, TcpStream as Socket},
    sync::{Arc, Barrier},
    thread,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    runtime, task,
};

/// How many threads drive the connections: as many as the floor's generator has.
const THREADS: usize = 2;
/// How many answers of a connection there is room for from the start.
const ROOM: usize = 1 << 16;
/// Enough for most answers.
const BUFFER: usize = 16 << 10;
/// The longest of an unexpected answer that is shown.
const SHOWN: usize = 600;

/// Writes the next request of one connection, given the body of the answer before; answers whether there is one.
pub(crate) type Next = Box<dyn FnMut(&mut Vec<u8>, &[u8]) -> bool + Send>;

/// What is asked how.
#[derive(Clone)]
pub(crate) struct Load {
    /// Whom.
    pub(crate) address: SocketAddr,
    /// For how long at most.
    pub(crate) length: Duration,
    /// The statuses that are answers; any other ends the run.
    pub(crate) expected: &'static [u16],
}

/// Writes a request without a body.
pub(crate) fn get(out: &mut Vec<u8>, path: &str, key: &str) {
    for part in ["GET ", path, " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ", key, "\r\n\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Writes a request with a JSON body.
pub(crate) fn post(out: &mut Vec<u8>, path: &str, key: Option<&str>, body: &str) {
    for part in ["POST ", path, " HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
    if let Some(key) = key {
        for part in ["Authorization: Bearer ", key, "\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
    }
    for part in ["Content-Length: ", &body.len().to_string(), "\r\n\r\n", body] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Drives one connection for each of these until the time is over or there is nothing left to ask.
pub(crate) async fn run(load: &Load, callers: Vec<Next>) -> Result<Run> {
    let load = load.clone();
    task::spawn_blocking(move || drive(&load, callers)).await?
}

fn drive(load: &Load, callers: Vec<Next>) -> Result<Run> {
    let count = THREADS.min(callers.len()).max(1);
    let mut groups: Vec<Vec<(Socket, Next)>> = (0..count).map(|_| Vec::new()).collect();
    for (number, caller) in callers.into_iter().enumerate() {
        let socket = Socket::connect(load.address)?;
        socket.set_nodelay(true)?;
        socket.set_nonblocking(true)?;
        groups[number % count].push((socket, caller));
    }
    let start = Arc::new(Barrier::new(count));
    let threads: Vec<_> = groups
        .into_iter()
        .map(|group| {
            let (load, start) = (load.clone(), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                group_of(&load, group)
            })
        })
        .collect();
    let mut whole = Run::default();
    for thread in threads {
        whole.add(thread.join().map_err(|_| Failure::new("a thread of the load generator failed"))??);
    }
    Ok(whole)
}

fn group_of(load: &Load, group: Vec<(Socket, Next)>) -> Result<Run> {
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let began = Instant::now();
        let mut tasks = task::JoinSet::new();
        for (socket, next) in group {
            let stream = TcpStream::from_std(socket)?;
            let (expected, until) = (load.expected, began + load.length);
            tasks.spawn(Caller { stream, input: Vec::with_capacity(BUFFER) }.go_on(next, expected, until));
        }
        let mut all = Run::default();
        while let Some(done) = tasks.join_next().await {
            all.add(Run::new(done??, began.elapsed()));
        }
        Ok(all)
    })
}

/// One connection.
struct Caller {
    stream: TcpStream,
    input: Vec<u8>,
}

impl Caller {
    async fn go_on(mut self, mut next: Next, expected: &'static [u16], until: Instant) -> Result<Vec<u32>> {
        let mut took = Vec::with_capacity(ROOM);
        let mut output = Vec::with_capacity(BUFFER);
        let mut body = 0..0;
        let mut now = Instant::now();
        while now < until {
            output.clear();
            if !next(&mut output, &self.input[body]) {
                break;
            }
            now = Instant::now();
            self.stream.write_all(&output).await?;
            let status;
            (status, body) = self.answer().await?;
            let asked = now;
            now = Instant::now();
            if !expected.contains(&status) {
                let text = String::from_utf8_lossy(&self.input);
                let text: String = text.chars().take(SHOWN).collect();
                return Err(Failure::new(format!("{status} was not expected: {text}")));
            }
            took.push(u32::try_from((now - asked).as_nanos()).unwrap_or(u32::MAX));
        }
        Ok(took)
    }

    /// Reads an answer; gives its status, and where its body stands.
    async fn answer(&mut self) -> Result<(u16, std::ops::Range<usize>)> {
        self.input.clear();
        let (status, body) = loop {
            self.more().await?;
            let Some(end) = self.input.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let (status, length) = head(&self.input[..end])?;
            break (status, end + 4..end + 4 + length);
        };
        while self.input.len() < body.end {
            self.more().await?;
        }
        Ok((status, body))
    }

    async fn more(&mut self) -> Result<()> {
        match self.stream.read_buf(&mut self.input).await? {
            0 => Err(Failure::new("the connection was closed")),
            _ => Ok(()),
        }
    }
}

/// The header that says how long a body is.
const NAME: &[u8] = b"content-length:";

/// The status and the length of the body.
fn head(head: &[u8]) -> Result<(u16, usize)> {
    let wrong = || Failure::new(format!("no answer to go by: {}", String::from_utf8_lossy(head)));
    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.trim().parse::<usize>().ok();
    let status = head.get(9..12).and_then(number).and_then(|status| u16::try_from(status).ok()).ok_or_else(wrong)?;
    for line in head.split(|byte| *byte == b'\n') {
        if let Some((name, value)) = line.split_at_checked(NAME.len())
            && name.eq_ignore_ascii_case(NAME)
        {
            return Ok((status, number(value).ok_or_else(wrong)?));
        }
    }
    Err(wrong())
}
