//! A TCP proxy on loopback that breaks connections on purpose: between the service and PostgreSQL, or the service and a
//! mail server.
//!
//! What it does to all connections is its [`Mode`], which can be changed at any time. Beside that it knows one landmark of
//! the protocol it carries, `COMMIT` or the dot that ends a mail, and cuts a connection there where a [`Moment`] is planned.
//! It reads the protocols in plain: TLS has to be off.

use crate::{Failure, Result, net};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

mod link;
mod postgres;
mod smtp;

/// What is done to every connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything is passed on.
    Pass,
    /// Everything is passed on this much later, piece by piece.
    Delay(Duration),
    /// A connection ends after this many bytes of one direction, counted from when the mode was set.
    CutAfter(Direction, u64),
    /// Connections are accepted and kept, and nothing is passed on until the mode changes.
    BlackHole,
    /// Connections end, and new ones are refused.
    Refuse,
}

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From whoever connected to the proxy.
    ToServer,
    /// Back to it.
    ToClient,
}

/// Where a connection is cut, seen from a landmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The server never sees the landmark.
    Before,
    /// The server sees it, and the client is cut off at the same moment: it may come back before the server is done.
    AtOnce,
    /// The server has answered, and the client gets nothing of the answer.
    Unanswered,
    /// The client gets this many bytes of the answer.
    Within(usize),
}

/// What the connections carry, and what is a landmark in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// PostgreSQL's, and every `COMMIT`. The driver sends it as a simple query.
    Postgres,
    /// PostgreSQL's, and the `COMMIT` of every transaction with a statement that holds this text.
    PostgresAfter(&'static str),
    /// SMTP, and the dot after a message.
    Smtp,
}

/// A mode and how many were set before it.
#[derive(Debug, Clone, Copy)]
struct Setting {
    version: u64,
    mode: Mode,
}

/// A cut that waits for its landmark.
#[derive(Debug, Clone, Copy)]
struct Planned {
    /// How many landmarks pass before.
    skip: u64,
    moment: Moment,
}

#[derive(Debug, Default)]
struct Shared {
    plan: Mutex<VecDeque<Planned>>,
    connections: AtomicU64,
    landmarks: AtomicU64,
    cuts: AtomicU64,
}

impl Shared {
    /// Counts a landmark and answers where to cut it.
    fn landmark(&self) -> Option<Moment> {
        self.landmarks.fetch_add(1, Ordering::SeqCst);
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let next = plan.front_mut()?;
        if next.skip > 0 {
            next.skip -= 1;
            return None;
        }
        plan.pop_front().map(|planned| planned.moment)
    }

    fn count_cut(&self) {
        self.cuts.fetch_add(1, Ordering::SeqCst);
    }
}

/// The proxy. Dropping it closes its port and every connection.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    setting: watch::Sender<Setting>,
    applied: watch::Receiver<Applied>,
    task: JoinHandle<()>,
}

/// The last setting that holds for new connections, and why it does not where it cannot.
type Applied = (u64, Option<String>);

impl Proxy {
    /// Listens on a free port of loopback for what is meant for this server. It may come, go and come back.
    pub async fn start(server: SocketAddr, protocol: Protocol) -> Result<Self> {
        let address = net::free_port()?;
        let listener = TcpListener::bind(address).await?;
        let shared = Arc::new(Shared::default());
        let setting = watch::Sender::new(Setting { version: 0, mode: Mode::Pass });
        let (apply, applied) = watch::channel((0, None));
        let door = Door { address, server, protocol, shared: Arc::clone(&shared), setting: setting.subscribe() };
        let task = tokio::spawn(door.keep(listener, apply));
        Ok(Self { address, shared, setting, applied, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what is done to every connection, the open ones among them.
    ///
    /// # Errors
    /// Where the port it had given up belongs to somebody else by now.
    pub async fn set(&self, mode: Mode) -> Result<()> {
        let version = self.setting.borrow().version + 1;
        self.setting.send_replace(Setting { version, mode });
        let mut applied = self.applied.clone();
        let (_, trouble) = applied.wait_for(|(at, _)| *at >= version).await?.clone();
        trouble.map_or(Ok(()), |trouble| Err(Failure::new(trouble)))
    }

    /// Cuts the next landmark that no earlier plan is for.
    pub fn cut_next(&self, moment: Moment) {
        self.cut_nth(1, moment);
    }

    /// Cuts the `n`-th landmark (from 1) after the one of the plan before, and lets the others pass.
    pub fn cut_nth(&self, n: u64, moment: Moment) {
        let mut plan = self.shared.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.push_back(Planned { skip: n.saturating_sub(1), moment });
    }

    /// Forgets all planned cuts; answers how many there were.
    pub fn forget_cuts(&self) -> usize {
        let mut plan = self.shared.plan.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *plan).len()
    }

    /// How many connections it has accepted.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many landmarks it has seen.
    pub fn landmarks(&self) -> u64 {
        self.shared.landmarks.load(Ordering::SeqCst)
    }

    /// How many connections it has cut, at a landmark or after so many bytes.
    pub fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Who lets connections in.
struct Door {
    address: SocketAddr,
    server: SocketAddr,
    protocol: Protocol,
    shared: Arc<Shared>,
    setting: watch::Receiver<Setting>,
}

impl Door {
    /// Aborting this ends the connections too: the set drops them.
    async fn keep(mut self, listener: TcpListener, applied: watch::Sender<Applied>) {
        let mut listener = Some(listener);
        let mut links = JoinSet::new();
        loop {
            let setting = *self.setting.borrow_and_update();
            let mut trouble = None;
            if setting.mode == Mode::Refuse {
                listener = None;
                // Whoever asks for the mode finds the connections gone once it is told that it holds.
                links.shutdown().await;
            } else if listener.is_none() {
                match TcpListener::bind(self.address).await {
                    Ok(bound) => listener = Some(bound),
                    Err(error) => trouble = Some(format!("{} cannot be listened on again: {error}", self.address)),
                }
            }
            applied.send_replace((setting.version, trouble));
            tokio::select! {
                changed = self.setting.changed() => if changed.is_err() { return },
                Some(client) = accepted(listener.as_ref()) => {
                    self.shared.connections.fetch_add(1, Ordering::SeqCst);
                    let (shared, setting) = (Arc::clone(&self.shared), self.setting.clone());
                    links.spawn(link::carry(client, self.server, self.protocol, shared, setting));
                }
                // A connection that ends with an error ends because one of its sides did; both know.
                Some(_) = links.join_next() => {}
            }
        }
    }
}

/// The next connection; never one where nobody listens.
async fn accepted(listener: Option<&TcpListener>) -> Option<TcpStream> {
    match listener {
        Some(listener) => listener.accept().await.ok().map(|(stream, _)| stream),
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
