//! Somebody else's web site on loopback: it writes down what it is asked.

use invite_tests::Result;
use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// The site. Dropping it closes its port.
pub(crate) struct Elsewhere {
    url: String,
    heads: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Elsewhere {
    /// Answers every request with this page, under this content policy if there is one.
    pub(crate) async fn start(body: &str, policy: Option<&str>) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let policy = policy.map(|policy| format!("Content-Security-Policy: {policy}\r\n")).unwrap_or_default();
        let body = format!(
            "<!doctype html><html lang=\"en\"><meta name=viewport content='width=device-width'><title>Elsewhere</title><main>{body}</main></html>"
        );
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n{policy}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let heads = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(serve(listener, answer, Arc::clone(&heads)));
        Ok(Self { url, heads, task })
    }

    /// Its address, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The heads of all requests so far: request line and headers.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, answer: String, heads: Arc<Mutex<Vec<String>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (answer, heads) = (answer.clone(), Arc::clone(&heads));
        tokio::spawn(async move {
            // A browser that goes away in the middle has asked for nothing.
            if let Ok(Some(head)) = converse(stream, &answer).await {
                heads.lock().unwrap_or_else(PoisonError::into_inner).push(head);
            }
        });
    }
}

/// Reads a request's head and answers it; `None` where the connection was opened in advance and never used.
async fn converse(mut stream: TcpStream, answer: &str) -> std::io::Result<Option<String>> {
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut piece).await? {
            0 => return Ok(None),
            length => head.extend(&piece[..length]),
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(Some(head))
}
