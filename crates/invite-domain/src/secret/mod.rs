//! What proves something: the key ring, invitation tokens and codes, account tokens, bearer credentials.
//!
//! Nothing in here reads a clock, a file or a database. Every type that holds a secret has no `Display`, prints itself
//! redacted under `Debug`, is wiped when dropped, and gives the secret away through `expose()` alone.

pub(crate) mod base62;
mod derive;
mod frame;

pub mod account_token;
pub mod code;
pub mod credential;
pub mod keyring;
pub mod token;

pub use account_token::{AccountPurpose, AccountTokenBinding, AccountTokenText, ParsedAccountToken};
pub use code::{CodeError, CodeIndex, CodeText, TypedCode};
pub use credential::{CredentialDigest, CredentialKind, CredentialText, ParsedCredential};
pub use keyring::{DerivedKey, KeyId, KeyRing, KeyRingError, KeyRingText, KeyState, Purpose};
pub use token::{GrantDigest, MintError, Nonce, ParsedToken, Provenance, TokenBinding, TokenError, TokenText};

#[cfg(test)]
pub(crate) mod test_support {
    use super::keyring::{KeyId, KeyRing, KeyState};
    use crate::port::Entropy;
    use sha2::{Digest, Sha256};
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Foretellable bytes that differ from one call to the next: SHA-256 of a counter.
    #[derive(Default)]
    pub(crate) struct Counting(AtomicU64);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for chunk in bytes.chunks_mut(32) {
                let block = Sha256::digest(self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
                chunk.copy_from_slice(&block[..chunk.len()]);
            }
        }
    }

    /// The key of the published test vector: bytes 00 to 1f.
    pub(crate) fn vector_key() -> [u8; 32] {
        std::array::from_fn(|i| i.to_le_bytes()[0])
    }

    /// The ring of the published test vector: key 7, active.
    pub(crate) fn vector_ring() -> KeyRing {
        KeyRing::unchecked(vec![(KeyId::new(7).unwrap(), KeyState::Active, vector_key())])
    }

    pub(crate) fn hex(bytes: &[u8]) -> String {
        use std::fmt::Write as _;
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    }
}
