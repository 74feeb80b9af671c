#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]
//! A mail server that does what a script says.

use invite_notify::SmtpSecurity;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// What the server does instead of a friendly answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reply {
    /// It says this.
    Text(&'static str),
    /// It hangs up.
    Close,
    /// It breaks the connection.
    Reset,
    /// It says nothing any more.
    Silence,
    /// It talks until nobody listens.
    Endless,
}

#[derive(Clone, Default)]
pub(crate) struct Script {
    replies: Vec<(&'static str, Reply)>,
    offers: Vec<&'static str>,
    tls: Option<(SmtpSecurity, Arc<ServerConfig>)>,
}

impl Script {
    /// At a step: `greeting`, a command, or `.` for the end of the message.
    pub(crate) fn on(mut self, step: &'static str, reply: Reply) -> Self {
        self.replies.push((step, reply));
        self
    }

    /// Lists an extension in the answer to `EHLO`.
    pub(crate) fn offering(mut self, extension: &'static str) -> Self {
        self.offers.push(extension);
        self
    }

    pub(crate) fn tls(mut self, security: SmtpSecurity, config: Arc<ServerConfig>) -> Self {
        self.tls = Some((security, config));
        if security == SmtpSecurity::StartTls { self.offering("STARTTLS") } else { self }
    }

    fn at(&self, step: &str) -> Option<Reply> {
        self.replies.iter().find(|(it, _)| *it == step).map(|(_, reply)| *reply)
    }
}

#[derive(Default)]
struct Seen {
    connections: usize,
    /// Each with whether it came encrypted.
    commands: Vec<(bool, String)>,
    mails: Vec<String>,
}

pub(crate) struct Server {
    port: u16,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                shared.lock().unwrap().connections += 1;
                let conversation = Conversation { script: script.clone(), seen: Arc::clone(&shared) };
                tokio::spawn(conversation.hold(stream));
            }
        });
        Self { port, seen, task }
    }

    pub(crate) async fn stop(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    pub(crate) fn commands(&self) -> Vec<String> {
        self.seen.lock().unwrap().commands.iter().map(|(_, line)| line.clone()).collect()
    }

    pub(crate) fn commands_in_plaintext(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.commands.iter().filter(|(encrypted, _)| !encrypted).map(|(_, line)| line.clone()).collect()
    }

    pub(crate) fn mails(&self) -> Vec<String> {
        self.seen.lock().unwrap().mails.clone()
    }
}

enum End {
    Closed,
    StartTls,
}

struct Conversation {
    script: Script,
    seen: Arc<Mutex<Seen>>,
}

impl Conversation {
    async fn hold(self, mut stream: TcpStream) {
        let acceptor = self.script.tls.as_ref().map(|(_, config)| TlsAcceptor::from(Arc::clone(config)));
        let from_start = self.script.tls.as_ref().is_some_and(|(security, _)| *security == SmtpSecurity::Tls);
        if !from_start {
            if self.script.replies.iter().any(|(_, reply)| *reply == Reply::Reset) {
                stream.set_zero_linger().unwrap();
            }
            match self.speak(&mut stream, true, false).await {
                End::Closed => return,
                End::StartTls => {}
            }
        }
        // A client that does not like the certificate leaves.
        if let Ok(mut stream) = acceptor.unwrap().accept(stream).await {
            self.speak(&mut stream, from_start, true).await;
        }
    }

    async fn speak(&self, stream: impl AsyncRead + AsyncWrite + Unpin, greet: bool, encrypted: bool) -> End {
        let mut stream = BufReader::new(stream);
        if greet && !self.answer(&mut stream, "greeting", "220 test ESMTP\r\n").await {
            return End::Closed;
        }
        loop {
            let Some(line) = line(&mut stream).await else { return End::Closed };
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            self.seen.lock().unwrap().commands.push((encrypted, line));
            let offers =
                self.script.offers.iter().fold("250-test\r\n".to_owned(), |all, it| all + "250-" + it + "\r\n");
            let friendly = match verb.as_str() {
                "EHLO" => offers + "250 HELP\r\n",
                "MAIL" | "RCPT" | "NOOP" => "250 ok\r\n".to_owned(),
                "AUTH" => "235 welcome\r\n".to_owned(),
                "DATA" => "354 go on\r\n".to_owned(),
                "STARTTLS" => "220 ready\r\n".to_owned(),
                "QUIT" => "221 bye\r\n".to_owned(),
                _ => "500 what?\r\n".to_owned(),
            };
            if !self.answer(&mut stream, &verb, &friendly).await || verb == "QUIT" {
                return End::Closed;
            }
            if verb == "STARTTLS" && self.script.tls.is_some() {
                return End::StartTls;
            }
            if verb == "DATA" && self.script.at("DATA").is_none() && !self.take_mail(&mut stream).await {
                return End::Closed;
            }
        }
    }

    async fn take_mail(&self, stream: &mut (impl AsyncBufReadExt + AsyncWrite + Unpin)) -> bool {
        let mut mail = String::new();
        loop {
            match line(stream).await.as_deref() {
                None => return false,
                Some(".") => break,
                Some(line) => {
                    mail += line.strip_prefix('.').unwrap_or(line);
                    mail += "\r\n";
                }
            }
        }
        self.seen.lock().unwrap().mails.push(mail);
        self.answer(stream, ".", "250 taken\r\n").await
    }

    /// Whether the conversation goes on.
    async fn answer(&self, stream: &mut (impl AsyncWrite + Unpin), step: &str, friendly: &str) -> bool {
        let text = match self.script.at(step) {
            None => friendly,
            Some(Reply::Text(text)) => text,
            Some(Reply::Close | Reply::Reset) => return false,
            Some(Reply::Silence) => std::future::pending().await,
            Some(Reply::Endless) => {
                while stream.write_all(b"250-and so on\r\n").await.is_ok() {}
                return false;
            }
        };
        stream.write_all(text.as_bytes()).await.is_ok() && stream.flush().await.is_ok()
    }
}

async fn line(stream: &mut (impl AsyncBufReadExt + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    let length = stream.read_until(b'\n', &mut bytes).await.ok()?;
    let line = String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned();
    (length > 0).then_some(line)
}

/// A certificate authority of its own.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    /// A server with a certificate for this host.
    pub(crate) fn server(&self, host: &str) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([host.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}
