//! The key ring: the keys every other secret is made from.
//!
//! Its text form has a line a key, `<id 1-255> <active|verify|retired> <64 hex digits>`. `#` starts a comment and `;`
//! parts lines too, so that the ring fits one environment variable; a comment ends at either. At most one key is active:
//! the one new secrets use. A `verify` key proves what was made before; a retired one proves nothing any more.
//!
//! From a ring key one key a purpose is derived by HKDF-SHA-256 ([RFC 5869](https://www.rfc-editor.org/rfc/rfc5869)),
//! once, when the ring is read: no request waits for a derivation.

use super::derive::{Derived, KEY_BYTES};
use crate::port::Entropy;
use std::fmt;
use zeroize::Zeroizing;

pub use super::derive::{DerivedKey, Purpose};

/// The key of the published test vector, bytes 00 to 1f. Everybody knows it.
const VECTOR_KEY: [u8; KEY_BYTES] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
    31,
];

/// Names a key in the ring: 1 to 255.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyId(u8);

impl KeyId {
    /// The key id `id`; zero names no key.
    pub const fn new(id: u8) -> Option<Self> {
        if id == 0 { None } else { Some(Self(id)) }
    }

    /// The number, 1 to 255.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a key may still do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum KeyState {
    /// Makes new secrets and proves old ones.
    Active,
    /// Proves old secrets only.
    Verify,
    /// Proves nothing any more.
    Retired,
}

impl KeyState {
    /// The word in the ring's text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Verify => "verify",
            Self::Retired => "retired",
        }
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a key ring, or a change of it, is refused. Never holds key material. Lines count from 1; `;` begins a new one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRingError {
    /// There is no key at all.
    #[error("the key ring holds no key")]
    Empty,
    /// A line has not exactly three words.
    #[error("line {line}: expected `<id> <active|verify|retired> <64 hex digits>`")]
    Shape {
        /// Which line.
        line: usize,
    },
    /// A key id is not a number from 1 to 255.
    #[error("line {line}: a key id is a number from 1 to 255")]
    Id {
        /// Which line.
        line: usize,
    },
    /// A state is none of the three.
    #[error("line {line}: a key is `active`, `verify` or `retired`")]
    State {
        /// Which line.
        line: usize,
    },
    /// A key is shorter or longer than 32 bytes.
    #[error("line {line}: a key is 32 bytes, written as 64 hexadecimal digits")]
    Length {
        /// Which line.
        line: usize,
    },
    /// A key holds something other than hexadecimal digits.
    #[error("line {line}: a key is written in hexadecimal digits only")]
    NotHex {
        /// Which line.
        line: usize,
    },
    /// An id stands there twice.
    #[error("key id {0} stands in the key ring twice")]
    DuplicateId(KeyId),
    /// Two keys are active.
    #[error("keys {0} and {1} are both active; at most one may be")]
    TwoActive(KeyId, KeyId),
    /// All bytes of a key are the same.
    #[error("key {0} repeats one byte: make a random one with `invite keys new`")]
    EqualBytes(KeyId),
    /// The key is printed in the documentation.
    #[error("key {0} is the published key of the test vector")]
    PublishedKey(KeyId),
    /// Two ids have the same key.
    #[error("keys {0} and {1} are the same key under two ids")]
    SameKey(KeyId, KeyId),
    /// No key has that id.
    #[error("the key ring has no key {0}")]
    Unknown(KeyId),
    /// The active key can't be retired.
    #[error("key {0} is active: activate another key before you retire it")]
    RetireActive(KeyId),
    /// A retired key can't come back.
    #[error("key {0} is retired and can't become active again: rotate in a new key")]
    ActivateRetired(KeyId),
    /// All 255 ids are taken.
    #[error("all 255 key ids are taken: delete retired keys from the key ring")]
    Full,
}

/// The ring's text, with the keys in it: for the file the operator keeps.
pub struct KeyRingText(Zeroizing<String>);

impl KeyRingText {
    /// The text, a line a key.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeyRingText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRingText(…)")
    }
}

#[derive(Clone)]
struct Entry {
    id: KeyId,
    state: KeyState,
    key: Zeroizing<[u8; KEY_BYTES]>,
    /// None for a retired key, which must prove nothing.
    derived: Option<Derived>,
}

impl Entry {
    fn new(id: KeyId, state: KeyState, key: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let derived = (state != KeyState::Retired).then(|| Derived::from_key(&key));
        Self { id, state, key, derived }
    }

    fn in_state(&self, state: KeyState) -> Self {
        Self::new(self.id, state, self.key.clone())
    }
}

/// The keys, sorted by id, with all that is derived from them. Share it as `Arc<KeyRing>`.
#[derive(Clone)]
pub struct KeyRing(Vec<Entry>);

impl KeyRing {
    /// Reads the text form (see the [module](self)).
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        let mut entries = Vec::new();
        for (index, written) in text.split(['\n', ';']).enumerate() {
            let line = index + 1;
            let mut words = written.split('#').next().unwrap_or_default().split_whitespace();
            let Some(id) = words.next() else { continue };
            let (Some(state), Some(digits), None) = (words.next(), words.next(), words.next()) else {
                return Err(KeyRingError::Shape { line });
            };
            let id = id.parse().ok().and_then(KeyId::new).ok_or(KeyRingError::Id { line })?;
            let state = match state {
                "active" => KeyState::Active,
                "verify" => KeyState::Verify,
                "retired" => KeyState::Retired,
                _ => return Err(KeyRingError::State { line }),
            };
            entries.push(Entry::new(id, state, parse_key(digits, line)?));
        }
        Self::checked(entries)
    }

    /// A ring of the keys given, under the same conditions as [`KeyRing::parse`].
    pub fn from_keys(keys: Vec<(KeyId, KeyState, [u8; KEY_BYTES])>) -> Result<Self, KeyRingError> {
        Self::checked(keys.into_iter().map(|(id, state, key)| Entry::new(id, state, Zeroizing::new(key))).collect())
    }

    /// A ring without any condition: the test vector's key is one that [`KeyRing::parse`] must refuse.
    #[cfg(test)]
    pub(crate) fn unchecked(keys: Vec<(KeyId, KeyState, [u8; KEY_BYTES])>) -> Self {
        Self(keys.into_iter().map(|(id, state, key)| Entry::new(id, state, Zeroizing::new(key))).collect())
    }

    /// A new ring with one key, id 1, active.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        entropy.fill(&mut *key);
        Self(vec![Entry::new(KeyId(1), KeyState::Active, key)])
    }

    fn checked(mut entries: Vec<Entry>) -> Result<Self, KeyRingError> {
        if entries.is_empty() {
            return Err(KeyRingError::Empty);
        }
        entries.sort_by_key(|entry| entry.id);
        for (index, entry) in entries.iter().enumerate() {
            if entry.key.iter().all(|byte| *byte == entry.key[0]) {
                return Err(KeyRingError::EqualBytes(entry.id));
            }
            if *entry.key == VECTOR_KEY {
                return Err(KeyRingError::PublishedKey(entry.id));
            }
            for earlier in &entries[..index] {
                if earlier.id == entry.id {
                    return Err(KeyRingError::DuplicateId(entry.id));
                }
                if earlier.state == KeyState::Active && entry.state == KeyState::Active {
                    return Err(KeyRingError::TwoActive(earlier.id, entry.id));
                }
                if earlier.key == entry.key {
                    return Err(KeyRingError::SameKey(earlier.id, entry.id));
                }
            }
        }
        Ok(Self(entries))
    }

    /// The text form. Comments of a text it was read from are not kept.
    pub fn to_text(&self) -> KeyRingText {
        // Enough for every line, so that no half-grown copy of the keys is left behind in memory.
        let mut text = Zeroizing::new(String::with_capacity(self.0.len() * 80));
        for entry in &self.0 {
            text.push_str(&entry.id.to_string());
            text.push(' ');
            text.push_str(entry.state.as_str());
            text.push(' ');
            for nibble in entry.key.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
                text.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
            }
            text.push('\n');
        }
        KeyRingText(text)
    }

    /// The ring with a new key in state `verify`, and the new key's id: one above the highest, or, where 255 is taken,
    /// the lowest free one. Activate it once every replica has it.
    pub fn rotate(&self, entropy: &dyn Entropy) -> Result<(Self, KeyId), KeyRingError> {
        let above = self.0.last().and_then(|entry| entry.id.get().checked_add(1)).and_then(KeyId::new);
        let free = || (1..=u8::MAX).filter_map(KeyId::new).find(|id| self.entry(*id).is_none());
        let id = above.or_else(free).ok_or(KeyRingError::Full)?;
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        entropy.fill(&mut *key);
        let mut entries = self.0.clone();
        entries.push(Entry::new(id, KeyState::Verify, key));
        Ok((Self::checked(entries)?, id))
    }

    /// The ring with `id` active; the key that was active goes on as `verify`.
    pub fn activate(&self, id: KeyId) -> Result<Self, KeyRingError> {
        if self.entry(id).ok_or(KeyRingError::Unknown(id))?.state == KeyState::Retired {
            return Err(KeyRingError::ActivateRetired(id));
        }
        let state = |entry: &Entry| match entry.state {
            _ if entry.id == id => KeyState::Active,
            KeyState::Active => KeyState::Verify,
            other => other,
        };
        Self::checked(self.0.iter().map(|entry| entry.in_state(state(entry))).collect())
    }

    /// The ring with `id` retired. Whether live invitations still carry that key is for the caller to look up first.
    pub fn retire(&self, id: KeyId) -> Result<Self, KeyRingError> {
        if self.entry(id).ok_or(KeyRingError::Unknown(id))?.state == KeyState::Active {
            return Err(KeyRingError::RetireActive(id));
        }
        let state = |entry: &Entry| if entry.id == id { KeyState::Retired } else { entry.state };
        Self::checked(self.0.iter().map(|entry| entry.in_state(state(entry))).collect())
    }

    /// The key new secrets are made with, if there is one.
    pub fn active(&self) -> Option<KeyId> {
        self.0.iter().find(|entry| entry.state == KeyState::Active).map(|entry| entry.id)
    }

    /// All keys by rising id.
    pub fn ids(&self) -> impl Iterator<Item = (KeyId, KeyState)> {
        self.0.iter().map(|entry| (entry.id, entry.state))
    }

    /// The key of a purpose under ring key `id`; `None` where that is unknown or retired.
    pub fn derive(&self, id: KeyId, purpose: Purpose) -> Option<DerivedKey> {
        self.key(id, purpose).cloned()
    }

    /// HMAC-SHA-256 over the concatenated parts under the purpose's key; `None` where `id` is unknown or retired.
    ///
    /// The parts are not delimited: make sure that no two meanings have the same concatenation.
    pub fn mac(&self, id: KeyId, purpose: Purpose, parts: &[&[u8]]) -> Option<[u8; 32]> {
        self.key(id, purpose).map(|key| key.mac(parts.iter().copied()))
    }

    pub(crate) fn key(&self, id: KeyId, purpose: Purpose) -> Option<&DerivedKey> {
        self.entry(id)?.derived.as_ref().map(|derived| derived.key(purpose))
    }

    fn entry(&self, id: KeyId) -> Option<&Entry> {
        self.0.binary_search_by_key(&id, |entry| entry.id).ok().and_then(|index| self.0.get(index))
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing")?;
        f.debug_map().entries(self.ids()).finish()
    }
}

fn parse_key(digits: &str, line: usize) -> Result<Zeroizing<[u8; KEY_BYTES]>, KeyRingError> {
    let digits = digits.as_bytes();
    if digits.len() != 2 * KEY_BYTES {
        return Err(KeyRingError::Length { line });
    }
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(KeyRingError::NotHex { line }),
    };
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = (nibble(pair[0])? << 4) | nibble(pair[1])?;
    }
    Ok(key)
}

#[cfg(test)]
mod tests;
