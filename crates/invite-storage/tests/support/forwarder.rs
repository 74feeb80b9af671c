//! A network between a store and its server that can fall silent.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// What becomes of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// Its packets vanish, for ever: also later, when new connections pass.
    Silence,
    /// It ends.
    End,
    /// It ends, and new ones pass.
    Reset,
}

/// At which words from the client something happens to all connections.
#[derive(Clone)]
pub(crate) struct Trap {
    /// Any of these.
    pub(crate) words: &'static [&'static str],
    /// How many times they pass before.
    pub(crate) after: u64,
    /// Whether the server still gets them. Its answer is lost in any case.
    pub(crate) delivered: bool,
    pub(crate) fate: Fate,
}

#[derive(Clone, Copy)]
struct State {
    /// How often a fate came over all connections there were.
    blows: u64,
    last: Fate,
    /// Whether new connections are carried.
    open: bool,
}

struct Shared {
    state: watch::Sender<State>,
    trap: Mutex<Option<Trap>>,
    seen: AtomicU64,
}

/// Carries connections to a server, until it is told otherwise.
pub(crate) struct Forwarder {
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Forwarder {
    /// Stands before the server of a database's address.
    pub(crate) async fn before(url: &str) -> (Self, String) {
        let (scheme, rest) = url.split_once("://").unwrap();
        let (place, name) = rest.split_once('/').unwrap();
        let (user, server) = place.rsplit_once('@').unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = State { blows: 0, last: Fate::Silence, open: true };
        let shared =
            Arc::new(Shared { state: watch::Sender::new(state), trap: Mutex::default(), seen: AtomicU64::new(0) });
        let (server, carrying) = (server.to_owned(), Arc::clone(&shared));
        let accepting = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(carry(client, server.clone(), Arc::clone(&carrying)));
            }
        });
        let url = format!("{scheme}://{user}@{address}/{name}");
        (Self { shared, accepting }, url)
    }

    /// A fate for all connections, and for those made until [`heal`](Self::heal).
    pub(crate) fn strike(&self, fate: Fate) {
        self.shared.strike(fate);
    }

    /// New connections pass again. The old ones stay as they are; the server hears that they are over.
    pub(crate) fn heal(&self) {
        self.shared.state.send_modify(|state| state.open = true);
    }

    /// Sets a trap, once.
    pub(crate) fn trap(&self, trap: Trap) {
        self.shared.seen.store(0, Ordering::SeqCst);
        *self.shared.trap.lock().unwrap() = Some(trap);
    }

    /// How often a trap's words went by since one was set.
    pub(crate) fn seen(&self) -> u64 {
        self.shared.seen.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn strike(&self, fate: Fate) {
        let open = fate == Fate::Reset;
        self.state.send_modify(|state| *state = State { blows: state.blows + 1, last: fate, open });
    }

    /// The trap, if these bytes set it off; and counts them.
    fn sprung(&self, bytes: &[u8]) -> Option<Trap> {
        let trap = self.trap.lock().unwrap();
        let Trap { words, after, .. } = trap.as_ref()?;
        // As a word: `READ COMMITTED` is no commit.
        let is_there = |words: &[u8]| {
            let mut places = bytes.windows(words.len()).enumerate().filter(|(_, part)| *part == words);
            places.any(|(at, _)| !bytes.get(at + words.len()).is_some_and(u8::is_ascii_alphabetic))
        };
        if !words.iter().any(|words| is_there(words.as_bytes())) {
            return None;
        }
        let is_it = self.seen.fetch_add(1, Ordering::SeqCst) == *after;
        // It stays, to count what comes after.
        trap.clone().filter(|_| is_it)
    }
}

async fn carry(mut client: TcpStream, server: String, shared: Arc<Shared>) {
    let mut state = shared.state.subscribe();
    let born = *state.borrow_and_update();
    if !born.open {
        if born.last == Fate::Silence {
            // It is let in, and nothing ever comes back.
            std::future::pending::<()>().await;
        }
        return;
    }
    let mut upstream = TcpStream::connect(&server).await.unwrap();
    for stream in [&client, &upstream] {
        stream.set_nodelay(true).unwrap();
    }
    let (mut there, mut back) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            biased;
            changed = state.changed() => {
                if changed.is_err() {
                    return;
                }
                let now = *state.borrow_and_update();
                if now.blows != born.blows {
                    break;
                }
            }
            read = client.read(&mut there) => {
                let Ok(length @ 1..) = read else { return };
                let sprung = shared.sprung(&there[..length]);
                if sprung.as_ref().is_none_or(|trap| trap.delivered) && upstream.write_all(&there[..length]).await.is_err() {
                    return;
                }
                if let Some(trap) = sprung {
                    if trap.delivered {
                        // The server has done it when it answers; nobody hears the answer.
                        let _ = upstream.read(&mut back).await;
                    }
                    shared.strike(trap.fate);
                }
            }
            read = upstream.read(&mut back) => {
                let Ok(length @ 1..) = read else { return };
                if client.write_all(&back[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
    if state.borrow().last != Fate::Silence {
        return;
    }
    // The server keeps its end until the network is mended; the client never hears of it.
    let _ = state.wait_for(|state| state.open).await;
    drop(upstream);
    std::future::pending::<()>().await;
    drop(client);
}
