use async_trait::async_trait;
use invite_domain::{
    directory::{Password, PasswordHash},
    port::{PasswordHasher, PortError, Turn},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::sync::Semaphore;

/// Makes verifiers that anybody could break, fast and the same every time: for tests, and for nothing else.
#[derive(Debug)]
pub struct PlainHasher {
    turns: Arc<Semaphore>,
    overloaded: AtomicBool,
    hashed: AtomicUsize,
    verified: AtomicUsize,
    dummies: AtomicUsize,
}

impl Default for PlainHasher {
    fn default() -> Self {
        Self::with_turns(Semaphore::MAX_PERMITS)
    }
}

impl PlainHasher {
    /// Lets this many hash at once; the others wait. With 0 everybody waits until [`add_turns`](Self::add_turns).
    pub fn with_turns(turns: usize) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(turns)),
            overloaded: AtomicBool::new(false),
            hashed: AtomicUsize::new(0),
            verified: AtomicUsize::new(0),
            dummies: AtomicUsize::new(0),
        }
    }

    /// Lets this many more hash at once.
    pub fn add_turns(&self, turns: usize) {
        self.turns.add_permits(turns);
    }

    /// Answers [`PortError::Overloaded`] to whoever wants a turn, or stops doing so.
    pub fn set_overloaded(&self, overloaded: bool) {
        self.overloaded.store(overloaded, Ordering::SeqCst);
    }

    /// How many verifiers it made.
    pub fn hashed(&self) -> usize {
        self.hashed.load(Ordering::SeqCst)
    }

    /// How many passwords it compared, dummies among them.
    pub fn verified(&self) -> usize {
        self.verified.load(Ordering::SeqCst)
    }

    /// How many passwords it compared with nothing.
    pub fn dummies(&self) -> usize {
        self.dummies.load(Ordering::SeqCst)
    }

    /// The verifier of a password, without a turn and without being counted: to make an account for a test.
    pub fn verifier(password: &str) -> PasswordHash {
        let fold = |seed: u64| {
            password.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
        };
        PasswordHash::new(format!(
            "$not-for-production$v=1${:016x}{:016x}",
            fold(0xCBF2_9CE4_8422_2325),
            fold(0x6C62_272E_07BB_0142)
        ))
    }
}

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn turn(&self) -> Result<Turn, PortError> {
        if self.overloaded.load(Ordering::SeqCst) {
            return Err(PortError::Overloaded);
        }
        Arc::clone(&self.turns).acquire_owned().await.map(Turn::new).map_err(PortError::other)
    }

    async fn hash(&self, password: &Password, turn: Turn) -> Result<PasswordHash, PortError> {
        self.hashed.fetch_add(1, Ordering::SeqCst);
        let hash = Self::verifier(password.expose());
        drop(turn);
        Ok(hash)
    }

    async fn verify<'a>(&self, password: &Password, hash: Option<&'a PasswordHash>) -> Result<bool, PortError> {
        let turn = self.turn().await?;
        self.verified.fetch_add(1, Ordering::SeqCst);
        let made = Self::verifier(password.expose());
        drop(turn);
        if hash.is_none() {
            self.dummies.fetch_add(1, Ordering::SeqCst);
        }
        Ok(hash.is_some_and(|hash| *hash == made))
    }
}
