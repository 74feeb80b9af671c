//! A real, small SMS gateway on loopback: an HTTP server that takes every message and keeps it with its headers.

use crate::{Failure, Result};
use serde_json::Value;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// The largest request that is read, in octets.
const MAX_REQUEST: usize = 64 * 1024;

/// A message the gateway has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// `POST /path`.
    pub request_line: String,
    /// Name in small letters and value, in their order.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub body: String,
}

impl Received {
    /// The value of a header; its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body's member of this name, where the body is a JSON object and the member a text.
    pub fn member(&self, name: &str) -> Result<String> {
        let body: Value = serde_json::from_str(&self.body)?;
        let found = body[name].as_str().map(str::to_owned);
        found.ok_or_else(|| Failure::new(format!("the message has no text {name}")))
    }
}

/// The gateway. Dropping it closes its port and every connection.
pub struct SmsGateway {
    address: SocketAddr,
    messages: watch::Sender<Vec<Received>>,
    task: JoinHandle<()>,
}

impl SmsGateway {
    /// Listens on a free loopback port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let address = listener.local_addr()?;
        let messages = watch::Sender::new(Vec::new());
        let task = tokio::spawn(accept(listener, messages.clone()));
        Ok(Self { address, messages, task })
    }

    /// What to put into `INVITE_SMS_URL`.
    pub fn url(&self) -> String {
        format!("http://{}/messages", self.address)
    }

    /// What it has taken so far.
    pub fn messages(&self) -> Vec<Received> {
        self.messages.borrow().clone()
    }

    /// Waits until it has taken at least `count` messages, and answers all it has.
    pub async fn wait_for(&self, count: usize, deadline: Duration) -> Result<Vec<Received>> {
        let mut messages = self.messages.subscribe();
        let enough = messages.wait_for(|messages| messages.len() >= count);
        match tokio::time::timeout(deadline, enough).await {
            Ok(messages) => Ok(messages?.clone()),
            Err(_) => Err(Failure::new(format!("{} of {count} messages within {deadline:?}", self.messages().len()))),
        }
    }
}

impl Drop for SmsGateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Aborting this ends the conversations too: the set drops them.
async fn accept(listener: TcpListener, messages: watch::Sender<Vec<Received>>) {
    let mut conversations: JoinSet<io::Result<()>> = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    conversations.spawn(hold(stream, messages.clone()));
                }
            }
            // One that ends with an error ends because its client went away; what counts is what was acknowledged.
            Some(_) = conversations.join_next() => {}
        }
    }
}

/// Takes one message and closes the connection.
async fn hold(mut stream: TcpStream, messages: watch::Sender<Vec<Received>>) -> io::Result<()> {
    let mut bytes = Vec::new();
    let received = loop {
        if let Some(received) = read(&bytes) {
            break received;
        }
        let mut more = [0; 4096];
        let count = stream.read(&mut more).await?;
        if count == 0 || bytes.len() > MAX_REQUEST {
            return Ok(());
        }
        bytes.extend_from_slice(&more[..count]);
    };
    messages.send_modify(|all| all.push(received));
    stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await?;
    stream.shutdown().await
}

/// The request, once it is all there.
fn read(bytes: &[u8]) -> Option<Received> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let first = lines.next()?;
    let request_line = first.strip_suffix(" HTTP/1.1").unwrap_or(first).to_owned();
    let header = |line: &str| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    let headers: Vec<_> = lines.filter_map(header).collect();
    let received = Received { request_line, headers, body: body.to_owned() };
    let length: usize = received.header("content-length")?.parse().ok()?;
    (body.len() >= length).then_some(received)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net;
    use serde_json::json;

    #[tokio::test]
    async fn a_message_is_kept_with_its_headers_and_acknowledged() {
        let gateway = SmsGateway::start().await.unwrap();
        let message = json!({ "to": "+33600000000", "text": "Zoë" });
        let post = net::http().unwrap().post(gateway.url()).header("X-Key", "secret").json(&message);
        assert_eq!(post.send().await.unwrap().status(), 202);
        let taken = gateway.wait_for(1, Duration::from_secs(10)).await.unwrap();
        assert_eq!(taken[0].request_line, "POST /messages");
        assert_eq!(taken[0].header("x-key"), Some("secret"));
        assert_eq!(taken[0].member("text").unwrap(), "Zoë");
        assert!(taken[0].member("id").is_err());
        assert!(gateway.wait_for(2, Duration::from_millis(10)).await.is_err());
    }

    #[test]
    fn a_request_is_read_once_it_is_whole() {
        let whole = b"POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}";
        for cut in 0..whole.len() {
            assert_eq!(read(&whole[..cut]), None, "{cut}");
        }
        assert_eq!(read(whole).unwrap().body, "{}");
    }
}
