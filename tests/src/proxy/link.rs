//! One connection through the proxy.

use super::{Direction, Mode, Moment, Protocol, Setting, Shared, postgres, smtp};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::sleep;

/// How much is read at once, in bytes.
const PIECE: usize = 16 * 1024;

/// What stands at the beginning of what a client has sent and the server has not seen yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    /// Not enough to tell.
    Incomplete,
    /// So many bytes without meaning for the proxy.
    Plain(usize),
    /// So many bytes that are a landmark.
    Landmark(usize),
}

/// Who follows a protocol.
pub(super) enum Reader {
    Postgres(postgres::Reader),
    Smtp(smtp::Reader),
}

impl Reader {
    fn new(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Postgres => Self::Postgres(postgres::Reader::new(None)),
            Protocol::PostgresAfter(text) => Self::Postgres(postgres::Reader::new(Some(text))),
            Protocol::Smtp => Self::Smtp(smtp::Reader::default()),
        }
    }

    fn head(&mut self, sent: &[u8]) -> Head {
        match self {
            Self::Postgres(reader) => reader.head(sent),
            Self::Smtp(reader) => reader.head(sent),
        }
    }

    fn answered(&mut self, answer: &[u8]) {
        match self {
            Self::Postgres(_) => {}
            Self::Smtp(reader) => reader.answered(answer),
        }
    }
}

/// Whether a connection is still wanted.
#[derive(PartialEq, Eq)]
enum Fate {
    GoesOn,
    Ends,
}

struct Link {
    client: TcpStream,
    server: TcpStream,
    reader: Reader,
    shared: Arc<Shared>,
    setting: Setting,
    /// What the client has sent and the server has not seen yet.
    held: Vec<u8>,
    /// Bytes since the mode was set, to the server and to the client.
    passed: (u64, u64),
}

/// Carries a connection until one of its sides ends it, or the proxy does.
///
/// One task serves both directions, since a cut at a landmark concerns both: for protocols of question and answer that is
/// enough.
pub(super) async fn carry(
    client: TcpStream,
    server: SocketAddr,
    protocol: Protocol,
    shared: Arc<Shared>,
    mut settings: watch::Receiver<Setting>,
) -> io::Result<()> {
    let server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let setting = *settings.borrow_and_update();
    let reader = Reader::new(protocol);
    let mut link = Link { client, server, reader, shared, setting, held: Vec::new(), passed: (0, 0) };
    let (mut asked, mut answered) = (vec![0; PIECE], vec![0; PIECE]);
    loop {
        let listens = link.setting.mode != Mode::BlackHole;
        let fate = tokio::select! {
            changed = settings.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                link.setting = *settings.borrow_and_update();
                link.passed = (0, 0);
                Fate::GoesOn
            }
            read = link.client.read(&mut asked), if listens => match read? {
                0 => Fate::Ends,
                length => link.ask(&asked[..length]).await?,
            },
            read = link.server.read(&mut answered), if listens => match read? {
                0 => Fate::Ends,
                length => link.answer(&answered[..length]).await?,
            },
        };
        if fate == Fate::Ends {
            return Ok(());
        }
    }
}

impl Link {
    /// Deals with what the client has sent: whole pieces of its protocol go on, and it is cut at a landmark.
    async fn ask(&mut self, sent: &[u8]) -> io::Result<Fate> {
        self.held.extend_from_slice(sent);
        loop {
            let (length, cut) = match self.reader.head(&self.held) {
                Head::Incomplete => return Ok(Fate::GoesOn),
                Head::Plain(length) => (length, None),
                Head::Landmark(length) => (length, self.shared.landmark()),
            };
            let piece: Vec<u8> = self.held.drain(..length).collect();
            let fate = match cut {
                None => self.pass(Direction::ToServer, &piece).await?,
                Some(moment) => {
                    self.shared.count_cut();
                    self.cut(moment, &piece).await?
                }
            };
            if fate == Fate::Ends {
                return Ok(Fate::Ends);
            }
        }
    }

    async fn answer(&mut self, answer: &[u8]) -> io::Result<Fate> {
        self.reader.answered(answer);
        self.pass(Direction::ToClient, answer).await
    }

    async fn pass(&mut self, direction: Direction, bytes: &[u8]) -> io::Result<Fate> {
        if let Mode::Delay(delay) = self.setting.mode {
            sleep(delay).await;
        }
        let (to, passed) = match direction {
            Direction::ToServer => (&mut self.server, &mut self.passed.0),
            Direction::ToClient => (&mut self.client, &mut self.passed.1),
        };
        let mut room = usize::MAX;
        if let Mode::CutAfter(which, bytes) = self.setting.mode
            && which == direction
        {
            room = usize::try_from(bytes.saturating_sub(*passed)).unwrap_or(usize::MAX);
        }
        let fits = &bytes[..bytes.len().min(room)];
        to.write_all(fits).await?;
        *passed += fits.len() as u64;
        if bytes.len() < room {
            return Ok(Fate::GoesOn);
        }
        self.shared.count_cut();
        Ok(Fate::Ends)
    }

    async fn cut(&mut self, moment: Moment, landmark: &[u8]) -> io::Result<Fate> {
        if moment == Moment::Before {
            return Ok(Fate::Ends);
        }
        self.server.write_all(landmark).await?;
        if moment == Moment::AtOnce {
            self.client.shutdown().await?;
        } else {
            let wanted = if let Moment::Within(bytes) = moment { bytes } else { 0 };
            let mut answer = Vec::new();
            // The first byte of its answer says that the server is done, also where the client is to see none of it.
            while answer.len() < wanted.max(1) && self.server.read_buf(&mut answer).await? > 0 {}
            self.client.write_all(&answer[..answer.len().min(wanted)]).await?;
            self.client.shutdown().await?;
        }
        // The server is left with a client that says no more, and not with a reset that makes it forget what it was sent.
        self.server.shutdown().await?;
        tokio::io::copy(&mut self.server, &mut tokio::io::sink()).await?;
        Ok(Fate::Ends)
    }
}
