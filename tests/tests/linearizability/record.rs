//! Makes histories: a few clients at once, at whatever answers like the service.

use super::{
    history::{Entry, History},
    spec::{Op, Ret},
};
use futures_util::future::try_join_all;
use invite_domain::port::Entropy as _;
use invite_testkit::SeededEntropy;
use invite_tests::{Failure, Result};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Barrier;

/// Something that answers for invitations, in several processes.
pub(crate) trait Service: Send + Sync + 'static {
    /// One invitation of it.
    type Subject: Send + Sync + 'static;

    /// Issues an invitation, and answers the text of its first link.
    fn issue(&self, number: u64) -> impl Future<Output = Result<(Self::Subject, String)>> + Send;

    /// Asks one process. `link` is the text of the link the request names.
    fn ask(
        &self,
        subject: &Self::Subject,
        process: usize,
        op: &Op,
        link: Option<String>,
    ) -> impl Future<Output = Result<Said>> + Send;
}

/// What a process said.
pub(crate) struct Said {
    /// The answer; `None` where there was none that is definite.
    pub(crate) ret: Option<Ret>,
    /// The text of the link of this generation, where the answer has it.
    pub(crate) link: Option<(u16, String)>,
}

/// What a client has in mind; which link it names is seen when it is its turn.
#[derive(Clone, Copy)]
enum Wish {
    Redeem { person: u8, newest: bool },
    Decline,
    Preview { newest: bool },
    Resend { key: u8 },
    Revoke,
    Extend { days: i64 },
    Amend { words: u8 },
    Show,
}

/// Foretellable choices.
struct Dice(SeededEntropy);

impl Dice {
    fn throw(&self, sides: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % sides
    }
}

/// At most this many requests a history, and one that looks at the end: the judge tries every order.
const REQUESTS: u64 = 9;

/// What each client of a history does.
fn script(seed: u64, number: u64) -> Vec<Vec<Wish>> {
    let dice = Dice(SeededEntropy::new(seed.wrapping_mul(0x1_0000_0001) ^ (number << 20)));
    let clients = 3 + dice.throw(3);
    let (mut days, mut words) = (8, 0);
    let mut wish = || match dice.throw(16) {
        0..=4 => Wish::Redeem { person: u8::from(dice.throw(3) == 0), newest: dice.throw(3) > 0 },
        5 => Wish::Decline,
        6..=7 => Wish::Preview { newest: dice.throw(2) == 0 },
        8..=10 => Wish::Resend { key: u8::from(dice.throw(2) == 0) },
        11 => Wish::Revoke,
        12 => {
            days += 1;
            Wish::Extend { days }
        }
        13 => {
            words += 1;
            Wish::Amend { words }
        }
        _ => Wish::Show,
    };
    (0..clients).map(|_| (0..REQUESTS / clients).map(|_| wish()).collect()).collect()
}

/// A history while it happens.
#[derive(Default)]
struct Log {
    history: History,
    /// The links somebody was told of, by generation.
    links: BTreeMap<u16, String>,
}

impl Log {
    fn asks(&mut self, thread: u32, wish: Wish) -> (Op, Option<String>) {
        let known = |newest: bool| if newest { self.links.last_key_value() } else { self.links.first_key_value() };
        let named = match wish {
            Wish::Redeem { newest, .. } | Wish::Preview { newest } => known(newest),
            Wish::Decline => known(true),
            _ => None,
        };
        let (link, text) = named.map_or((1, None), |(generation, text)| (*generation, Some(text.clone())));
        let op = match wish {
            Wish::Redeem { person, .. } => Op::Redeem { person, link },
            Wish::Decline => Op::Decline { link },
            Wish::Preview { .. } => Op::Preview { link },
            Wish::Resend { key } => Op::Resend { key },
            Wish::Revoke => Op::Revoke,
            Wish::Extend { days } => Op::Extend { days },
            Wish::Amend { words } => Op::Amend { words },
            Wish::Show => Op::Show,
        };
        self.history.entries.push(Entry::Asked(thread, op.clone()));
        (op, text)
    }

    fn hears(&mut self, thread: u32, said: Said) -> bool {
        self.links.extend(said.link);
        let definite = said.ret.is_some();
        self.history.entries.extend(said.ret.map(|ret| Entry::Answered(thread, ret)));
        definite
    }
}

fn lock(log: &Mutex<Log>) -> MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Records one history: its clients begin together, each asks one process after the other, and at the end somebody looks.
pub(crate) async fn record<S: Service>(service: Arc<S>, processes: usize, seed: u64, number: u64) -> Result<History> {
    let (subject, link) = service.issue(number).await?;
    let subject = Arc::new(subject);
    let log = Arc::new(Mutex::new(Log { links: BTreeMap::from([(1, link)]), ..Log::default() }));
    let scripts = script(seed, number);
    let together = Arc::new(Barrier::new(scripts.len()));
    let clients = scripts.into_iter().enumerate().map(|(client, wishes)| {
        let (service, subject) = (Arc::clone(&service), Arc::clone(&subject));
        let (log, together) = (Arc::clone(&log), Arc::clone(&together));
        tokio::spawn(async move {
            together.wait().await;
            let mut thread = u32::try_from(client)?;
            for (turn, wish) in wishes.into_iter().enumerate() {
                // Written down before it is sent, and the answer after it came: what is recorded is never shorter than
                // what happened.
                let (op, link) = lock(&log).asks(thread, wish);
                let said = service.ask(&subject, (client + turn) % processes, &op, link).await?;
                if !lock(&log).hears(thread, said) {
                    // The request may still be on its way: who asked it is not heard of again.
                    thread += 100;
                }
            }
            Ok::<_, Failure>(())
        })
    });
    for done in try_join_all(clients).await? {
        done?;
    }
    for process in 0..processes {
        let thread = 1_000 + u32::try_from(process)?;
        let (op, link) = lock(&log).asks(thread, Wish::Show);
        let said = service.ask(&subject, process, &op, link).await?;
        lock(&log).hears(thread, said);
    }
    let history = std::mem::take(&mut lock(&log).history);
    Ok(history)
}
