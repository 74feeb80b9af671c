use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{self, PasswordHasher as _, PasswordVerifier as _, phc},
};
use async_trait::async_trait;
use invite_domain::{
    directory::{Password, PasswordHash},
    port::{Entropy, PasswordHasher, PortError, Turn},
};
use std::{hint::black_box, num::NonZeroUsize, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

/// Memory of a hash in KiB, passes over it, and lanes: the second row of
/// [OWASP's recommendation](https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id),
/// 19 MiB, two passes, one lane.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many may wait behind those being hashed (rule 5.7).
const QUEUE: usize = 256;

/// Argon2id ([RFC 9106](https://www.rfc-editor.org/rfc/rfc9106)); hashes are
/// [PHC strings](https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md).
///
/// A hash is made on a blocking thread; at most as many at once as there are cores, each with 19 MiB. 256 more wait in the
/// order in which they came, and the next is refused as [`PortError::Overloaded`]. So a flood of sign-ins costs neither
/// memory nor the other requests.
#[derive(Clone)]
pub struct Argon2Hasher {
    entropy: Arc<dyn Entropy>,
    argon2: Argon2<'static>,
    /// A permit for each one hashing or waiting.
    admission: Arc<Semaphore>,
    /// A permit for each one hashing.
    cores: Arc<Semaphore>,
}

impl std::fmt::Debug for Argon2Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Argon2Hasher").field("free", &self.cores.available_permits()).finish_non_exhaustive()
    }
}

/// The right to hash. It goes along to the blocking thread: a caller who gives up does not free a core that still works.
struct Permit {
    _admission: OwnedSemaphorePermit,
    _core: OwnedSemaphorePermit,
}

impl Argon2Hasher {
    /// A hasher that takes its salts from `entropy`, for as many cores as the process may use.
    pub fn new(entropy: Arc<dyn Entropy>) -> Result<Self, PortError> {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let params = Params::new(MEMORY, PASSES, LANES, None).map_err(PortError::other)?;
        Ok(Self::with(entropy, params, cores, QUEUE))
    }

    fn with(entropy: Arc<dyn Entropy>, params: Params, cores: usize, queue: usize) -> Self {
        Self {
            entropy,
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            admission: Arc::new(Semaphore::new(cores + queue)),
            cores: Arc::new(Semaphore::new(cores)),
        }
    }

    async fn permit(&self) -> Result<Permit, PortError> {
        let admission = Arc::clone(&self.admission).try_acquire_owned().map_err(|_| PortError::Overloaded)?;
        let core = Arc::clone(&self.cores).acquire_owned().await.map_err(PortError::other)?;
        Ok(Permit { _admission: admission, _core: core })
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn turn(&self) -> Result<Turn, PortError> {
        self.permit().await.map(Turn::new)
    }

    async fn hash(&self, password: &Password, turn: Turn) -> Result<PasswordHash, PortError> {
        let password = Zeroizing::new(password.expose().to_owned());
        let mut salt = [0_u8; 16];
        self.entropy.fill(&mut salt);
        let argon2 = self.argon2.clone();
        blocking(turn, move || hash(&argon2, &password, &salt)).await.map(PasswordHash::new)
    }

    async fn verify<'a>(&self, password: &Password, stored: Option<&'a PasswordHash>) -> Result<bool, PortError> {
        let password = Zeroizing::new(password.expose().to_owned());
        let stored = stored.cloned();
        let argon2 = self.argon2.clone();
        let permit = self.permit().await?;
        blocking(permit, move || {
            let Some(stored) = stored else {
                // The salt is of no account: nothing is compared with the result.
                black_box(hash(&argon2, &password, &[0; 16])?);
                return Ok(false);
            };
            let stored = phc::PasswordHash::new(stored.expose()).map_err(PortError::corrupt)?;
            if stored.salt.is_none() || stored.hash.is_none() {
                return Err(PortError::corrupt("a password verifier without a salt or a hash"));
            }
            match argon2.verify_password(password.as_bytes(), &stored) {
                Ok(()) => Ok(true),
                Err(password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(PortError::corrupt(error)),
            }
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    turn: impl Send + 'static,
    work: impl FnOnce() -> Result<T, PortError> + Send + 'static,
) -> Result<T, PortError> {
    let done = tokio::task::spawn_blocking(move || {
        let result = work();
        drop(turn);
        result
    });
    done.await.map_err(PortError::other)?
}

fn hash(argon2: &Argon2<'_>, password: &str, salt: &[u8]) -> Result<String, PortError> {
    let hash: phc::PasswordHash =
        argon2.hash_password_with_salt(password.as_bytes(), salt).map_err(PortError::other)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::OsEntropy;

    /// Little memory, so that a debug build is quick; the parameters in use are pinned by a test of their own.
    fn hasher(cores: usize, queue: usize) -> Argon2Hasher {
        Argon2Hasher::with(Arc::new(OsEntropy), Params::new(64, 1, 1, None).unwrap(), cores, queue)
    }

    async fn hashed(hasher: &Argon2Hasher) -> Result<PasswordHash, PortError> {
        hasher.hash(&Password::typed("correct horse"), hasher.turn().await?).await
    }

    async fn verified(hasher: &Argon2Hasher, password: &str, hash: Option<&PasswordHash>) -> Result<bool, PortError> {
        hasher.verify(&Password::typed(password), hash).await
    }

    #[tokio::test]
    async fn r5_7_a_hash_is_an_argon2id_phc_string_with_the_recommended_parameters() {
        let hasher = Argon2Hasher::new(Arc::new(OsEntropy)).unwrap();
        let hash = hashed(&hasher).await.unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.expose());
        assert!(verified(&hasher, "correct horse", Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn a_password_is_verified_against_its_own_hash_only() {
        let hasher = hasher(1, 1);
        let (one, two) = (hashed(&hasher).await.unwrap(), hashed(&hasher).await.unwrap());
        assert_ne!(one, two, "each hash has a salt of its own");
        assert!(verified(&hasher, "correct horse", Some(&one)).await.unwrap());
        assert!(!verified(&hasher, "correct horsf", Some(&one)).await.unwrap());
        assert!(!verified(&hasher, "", Some(&one)).await.unwrap());
    }

    #[tokio::test]
    async fn a_known_hash_of_another_implementation_is_verified() {
        // From the reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -e
        let known = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert!(verified(&hasher(1, 1), "password", Some(&PasswordHash::new(known))).await.unwrap());
    }

    #[tokio::test]
    async fn r7_6_without_a_hash_the_answer_is_no() {
        assert!(!verified(&hasher(1, 1), "correct horse", None).await.unwrap());
    }

    #[tokio::test]
    async fn a_stored_hash_that_is_none_is_an_error_and_not_a_wrong_password() {
        for broken in
            ["", "correct horse", "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0", "$scrypt$ln=1$c2FsdA$aGFzaA"]
        {
            let result = verified(&hasher(1, 1), "correct horse", Some(&PasswordHash::new(broken))).await;
            assert!(matches!(result, Err(PortError::Corrupt(_))), "{broken}: {result:?}");
        }
    }

    #[tokio::test]
    async fn r5_7_what_exceeds_cores_and_queue_is_refused_and_the_others_are_served() {
        let hasher = hasher(1, 2);
        let working = hasher.permit().await.unwrap();
        let wait = || {
            tokio::spawn({
                let hasher = hasher.clone();
                async move { hashed(&hasher).await }
            })
        };
        let (first, second) = (wait(), wait());
        // Both must have queued up: admission is exhausted then.
        while hasher.admission.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(hashed(&hasher).await, Err(PortError::Overloaded)));
        assert!(matches!(verified(&hasher, "correct horse", None).await, Err(PortError::Overloaded)));
        assert!(!first.is_finished() && !second.is_finished(), "nobody hashes while no core is free");
        drop(working);
        assert!(first.await.unwrap().is_ok() && second.await.unwrap().is_ok());
        assert!(hashed(&hasher).await.is_ok(), "the queue is free again");
    }

    #[tokio::test]
    async fn a_caller_who_gives_up_waiting_leaves_the_queue() {
        let hasher = hasher(1, 1);
        let working = hasher.permit().await.unwrap();
        let waiting = tokio::spawn({
            let hasher = hasher.clone();
            async move { hashed(&hasher).await }
        });
        while hasher.admission.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        assert_eq!(hasher.admission.available_permits(), 1);
        drop(working);
        assert!(hashed(&hasher).await.is_ok());
    }
}
