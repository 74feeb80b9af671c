#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]
//! An SMS gateway that answers as it is told.

use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

/// What the gateway does with a request it has read.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// It answers with these bytes and keeps the connection.
    Bytes(Vec<u8>),
    /// It says nothing any more.
    Silence,
    /// It hangs up.
    Close,
    /// It says the first once and the second again and again until nobody listens.
    Endless(&'static str, String),
    /// It answers with these bytes and then says nothing any more.
    BytesThenSilence(&'static str),
}

impl Answer {
    /// A whole answer with this number.
    pub(crate) fn status(status: u16) -> Self {
        let body = if status == 204 || status == 304 { "" } else { "told nobody" };
        let length = body.len();
        Self::Bytes(format!("HTTP/1.1 {status} Whatever\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes())
    }
}

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    /// The only value of this header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} is there twice");
        value
    }
}

#[derive(Default)]
struct Seen {
    connections: usize,
    requests: Vec<Request>,
    /// Octets of endless answers that somebody took.
    endless: usize,
}

pub(crate) struct Gateway {
    port: u16,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Gateway {
    /// A gateway whose answers come in this order, the last for good.
    pub(crate) async fn start(answers: Vec<Answer>, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                shared.lock().unwrap().connections += 1;
                let (answers, shared, tls) = (answers.clone(), Arc::clone(&shared), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => converse(stream, &answers, &shared).await,
                        Some(config) => match TlsAcceptor::from(config).accept(stream).await {
                            Ok(stream) => converse(stream, &answers, &shared).await,
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        Self { port, seen, task }
    }

    pub(crate) fn url(&self, scheme: &str, path: &str) -> url::Url {
        format!("{scheme}://localhost:{}{path}", self.port).parse().unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().requests.clone()
    }

    pub(crate) fn endless(&self) -> usize {
        self.seen.lock().unwrap().endless
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    /// Listens no longer.
    pub(crate) async fn stop(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

/// `None` where the other side left.
async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin, answers: &[Answer], seen: &Mutex<Seen>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let request = read(&mut stream).await?;
        let answer = {
            let mut seen = seen.lock().unwrap();
            seen.requests.push(request);
            answers[(seen.requests.len() - 1).min(answers.len() - 1)].clone()
        };
        match answer {
            Answer::Bytes(bytes) => write(&mut stream, &bytes).await?,
            Answer::Silence => std::future::pending().await,
            Answer::Close => return None,
            Answer::Endless(start, again) => {
                write(&mut stream, start.as_bytes()).await?;
                loop {
                    write(&mut stream, again.as_bytes()).await?;
                    seen.lock().unwrap().endless += again.len();
                }
            }
            Answer::BytesThenSilence(bytes) => {
                write(&mut stream, bytes.as_bytes()).await?;
                std::future::pending::<()>().await;
            }
        }
    }
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Option<()> {
    stream.write_all(bytes).await.ok()?;
    stream.flush().await.ok()
}

async fn read(stream: &mut BufReader<impl AsyncRead + Unpin>) -> Option<Request> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let line = lines.remove(0);
    let headers: Vec<(String, String)> = lines
        .iter()
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length")).unwrap().1.parse();
    let mut body = vec![0; length.unwrap()];
    stream.read_exact(&mut body).await.ok()?;
    Some(Request { line, headers, body: String::from_utf8(body).unwrap() })
}
