use super::PortError;
use crate::directory::{Password, PasswordHash};
use async_trait::async_trait;
use std::any::Any;

/// A turn to hash one password: held until dropped.
pub struct Turn(
    #[expect(dead_code, reason = "it is held, not read: dropping it gives the turn to the next")] Box<dyn Any + Send>,
);

impl Turn {
    /// Wraps whatever the hasher holds for a turn.
    pub fn new(permit: impl Any + Send) -> Self {
        Self(Box::new(permit))
    }
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Turn")
    }
}

/// Makes and checks password verifiers.
///
/// Hashing is made to be slow, so it is rationed (rule 5.7): at most as many at once as there are cores, a bounded queue
/// behind, [`PortError::Overloaded`] beyond.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Waits for a turn.
    async fn turn(&self) -> Result<Turn, PortError>;

    /// Makes the verifier of a password, on the caller's turn. MUST use a memory-hard function and a fresh salt.
    async fn hash(&self, password: &Password, turn: Turn) -> Result<PasswordHash, PortError>;

    /// Compares a password with a verifier, waiting for a turn. Without a verifier it MUST do the same work on a dummy and
    /// answer `false`, so that the time taken says nothing of whether the account exists (rule 7.6).
    async fn verify<'a>(&self, password: &Password, hash: Option<&'a PasswordHash>) -> Result<bool, PortError>;
}
