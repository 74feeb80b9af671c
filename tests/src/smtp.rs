//! A real, small SMTP server on loopback (RFC 5321 with 8BITMIME, RFC 6152, and SMTPUTF8, RFC 6531), with faults on
//! demand. It keeps what it acknowledged, and nothing else.
//!
//! No STARTTLS and no AUTH: a client that insists on either is refused, as by a server that offers neither.

use crate::{Failure, Result, canary};
use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

mod conversation;

/// Where in a conversation something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Before the greeting.
    Connect,
    /// `EHLO` or `HELO`.
    Hello,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Recipient,
    /// `DATA`, before the message.
    Data,
    /// After the message, instead of its 250. The message is not kept.
    Message,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// "Try again later".
    Reject4xx(Step),
    /// "Never".
    Reject5xx(Step),
    /// The connection is closed without a word.
    CloseAt(Step),
    /// No answer, with the connection left open until the client gives up.
    HangAt(Step),
    /// The message is kept, and the connection closed before the 250: the client cannot know.
    LoseAcknowledgement,
}

impl Fault {
    fn strikes_at(self, step: Step) -> bool {
        match self {
            Self::Reject4xx(at) | Self::Reject5xx(at) | Self::CloseAt(at) | Self::HangAt(at) => at == step,
            Self::LoseAcknowledgement => step == Step::Message,
        }
    }
}

/// A message the server has taken, with its envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The reverse path; empty for a bounce.
    pub from: String,
    /// The forward paths, in their order.
    pub to: Vec<String>,
    /// The parameters of `MAIL FROM`, in capitals.
    pub parameters: Vec<String>,
    /// The message with its CRLFs, dots unstuffed, without the line that ends it.
    pub raw: Vec<u8>,
}

#[derive(Default)]
struct Faults {
    /// Each strikes once, the first that fits.
    once: VecDeque<Fault>,
    /// Strikes until [`SmtpServer::recover`].
    always: Vec<Fault>,
}

struct Shared {
    messages: watch::Sender<Vec<Received>>,
    faults: Mutex<Faults>,
    commands: Mutex<Vec<String>>,
}

impl Shared {
    fn fault_at(&self, step: Step) -> Option<Fault> {
        let mut faults = lock(&self.faults);
        match faults.once.iter().position(|fault| fault.strikes_at(step)) {
            Some(index) => faults.once.remove(index),
            None => faults.always.iter().copied().find(|fault| fault.strikes_at(step)),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The server. Dropping it closes its port and every connection.
pub struct SmtpServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl SmtpServer {
    /// Listens on a free loopback port.
    pub async fn start() -> Result<Self> {
        Self::start_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
    }

    /// Listens on this address: for a server that comes (back) where a client already looks for it.
    pub async fn start_at(address: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            messages: watch::Sender::new(Vec::new()),
            faults: Mutex::default(),
            commands: Mutex::default(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to put into `INVITE_SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// What it has taken so far, in the order of its acknowledgements.
    pub fn messages(&self) -> Vec<Received> {
        self.shared.messages.borrow().clone()
    }

    /// The command lines it has read so far, from all connections; never a message's content.
    pub fn commands(&self) -> Vec<String> {
        lock(&self.shared.commands).clone()
    }

    /// Waits until it has taken at least `count` messages, and answers all it has.
    pub async fn wait_for(&self, count: usize, deadline: Duration) -> Result<Vec<Received>> {
        let mut messages = self.shared.messages.subscribe();
        let enough = messages.wait_for(|messages| messages.len() >= count);
        match tokio::time::timeout(deadline, enough).await {
            Ok(messages) => Ok(messages?.clone()),
            Err(_) => Err(Failure::new(format!(
                "{} of {count} messages within {deadline:?}; commands seen: {:?}",
                self.messages().len(),
                self.commands()
            ))),
        }
    }

    /// Plans a fault that strikes once, at the next conversation that gets there.
    pub fn fail_next(&self, fault: Fault) {
        lock(&self.shared.faults).once.push_back(fault);
    }

    /// Plans a fault that strikes every time.
    pub fn fail_always(&self, fault: Fault) {
        lock(&self.shared.faults).always.push(fault);
    }

    /// Forgets all planned faults.
    pub fn recover(&self) {
        *lock(&self.shared.faults) = Faults::default();
    }

    /// Closes port and connections, and answers what it had taken. The address can be used again at once.
    pub async fn stop(mut self) -> Vec<Received> {
        self.task.abort();
        // The task's end is what frees the port; that it was aborted is no news.
        drop((&mut self.task).await);
        self.messages()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        for mail in self.messages() {
            canary::note(&String::from_utf8_lossy(&mail.raw).replace("=\r\n", ""));
        }
        self.task.abort();
    }
}

/// Aborting this ends the conversations too: the set drops them.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut conversations: JoinSet<io::Result<()>> = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    conversations.spawn(conversation::hold(stream, Arc::clone(&shared)));
                }
            }
            // A conversation that ends with an error ends because its client went away: tests do that on purpose,
            // and what counts is what was acknowledged.
            Some(_) = conversations.join_next() => {}
        }
    }
}

#[cfg(test)]
mod tests;
