//! Bearer credentials: API keys (`ivk_`), sessions (`ivs_`) and what renews them (`ivr_`), 30 random base62 digits and six of checksum.
//!
//! Nothing about them is derived: they are 178 bits of randomness, shown once, stored as a digest. Plain SHA-256 is the
//! right digest for that: a slow password hash defends secrets a person chose, and nobody can try 2¹⁷⁸ of anything;
//! a salt defends against tables over likely secrets, and none of these is likelier than another. In return a lookup is
//! one indexed read. Its time tells nothing useful: it depends on the digest, which a caller can't steer.

use super::base62;
use crate::port::Entropy;
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

const PREFIX_WIDTH: usize = 4;
const RANDOM_DIGITS: usize = 30;
const WIDTH: usize = PREFIX_WIDTH + RANDOM_DIGITS + base62::CHECKSUM_WIDTH;
/// What a list shows of a key: enough to tell one's keys apart, and 154 bits short of a key.
const SHOWN_WIDTH: usize = PREFIX_WIDTH + 4;

/// The largest multiple of 62 in a byte's range: bytes from here on are drawn again, else the first digits would come
/// up more often.
const UNIFORM_BELOW: u8 = 248;

/// Which credential.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CredentialKind {
    /// A program's, `ivk_`.
    ApiKey,
    /// A signed-in person's, `ivs_`.
    Session,
    /// What renews a session, `ivr_`.
    Refresh,
}

impl CredentialKind {
    /// What every credential of the kind begins with. NEVER change it: keys in use and the rules of secret scanners are
    /// made of it.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::ApiKey => "ivk_",
            Self::Session => "ivs_",
            Self::Refresh => "ivr_",
        }
    }
}

/// SHA-256 of a credential's whole text: what is stored and looked up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CredentialDigest([u8; 32]);

impl CredentialDigest {
    fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// A digest out of a store.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, to store or look them up.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for CredentialDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialDigest(…)")
    }
}

/// The text of a new credential: shown once, then forgotten.
pub struct CredentialText(Zeroizing<String>);

impl CredentialText {
    /// A new credential, every digit equally likely.
    pub fn generate(kind: CredentialKind, entropy: &dyn Entropy) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(WIDTH));
        text.push_str(kind.prefix());
        let mut random = Zeroizing::new([0_u8; 64]);
        while text.len() < PREFIX_WIDTH + RANDOM_DIGITS {
            entropy.fill(&mut *random);
            let missing = PREFIX_WIDTH + RANDOM_DIGITS - text.len();
            for byte in random.iter().filter(|byte| **byte < UNIFORM_BELOW).take(missing) {
                text.push(char::from(base62::digit(byte % 62)));
            }
        }
        for digit in base62::checksum(text.as_bytes()) {
            text.push(char::from(digit));
        }
        Self(text)
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What to store.
    pub fn digest(&self) -> CredentialDigest {
        CredentialDigest::of(&self.0)
    }

    /// The first eight characters, `ivk_` and four digits, to show in lists.
    pub fn prefix(&self) -> String {
        self.0.chars().take(SHOWN_WIDTH).collect()
    }
}

impl fmt::Debug for CredentialText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialText(…)")
    }
}

/// A text that has the shape of a credential. Whether it is one only the store knows, by the digest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParsedCredential {
    kind: CredentialKind,
    digest: CredentialDigest,
}

impl ParsedCredential {
    /// Length, prefix, digits and checksum; `None` costs no lookup.
    pub fn parse(text: &str) -> Option<Self> {
        let kind = match text.as_bytes().first_chunk::<PREFIX_WIDTH>()? {
            b"ivk_" => CredentialKind::ApiKey,
            b"ivs_" => CredentialKind::Session,
            b"ivr_" => CredentialKind::Refresh,
            _ => return None,
        };
        let digits = &text.as_bytes()[PREFIX_WIDTH..];
        let shaped = text.len() == WIDTH && base62::is_digits(digits) && base62::ends_in_checksum(text.as_bytes());
        shaped.then(|| Self { kind, digest: CredentialDigest::of(text) })
    }

    /// Which credential.
    pub const fn kind(&self) -> CredentialKind {
        self.kind
    }

    /// What to look up.
    pub const fn digest(&self) -> CredentialDigest {
        self.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::test_support::Counting;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_credential_comes_back_from_its_text() {
        let entropy = Counting::default();
        for kind in [CredentialKind::ApiKey, CredentialKind::Session, CredentialKind::Refresh] {
            let text = CredentialText::generate(kind, &entropy);
            assert_eq!(text.expose().len(), 40);
            assert!(text.expose().starts_with(kind.prefix()));
            assert_eq!(text.prefix(), text.expose()[..8]);
            let parsed = ParsedCredential::parse(text.expose()).unwrap();
            assert_eq!((parsed.kind(), parsed.digest()), (kind, text.digest()));
            assert_eq!(*parsed.digest().as_bytes(), <[u8; 32]>::from(Sha256::digest(text.expose())));
            assert_eq!(CredentialDigest::from_bytes(*text.digest().as_bytes()), text.digest());
        }
    }

    #[test]
    fn every_changed_character_is_refused_without_a_lookup() {
        let text = CredentialText::generate(CredentialKind::ApiKey, &Counting::default());
        for index in 0..text.expose().len() {
            for other in "0Az_-é ".chars() {
                let mut changed: Vec<char> = text.expose().chars().collect();
                if changed[index] == other {
                    continue;
                }
                changed[index] = other;
                let changed = String::from_iter(changed);
                assert_eq!(ParsedCredential::parse(&changed), None, "{changed}");
            }
        }
    }

    #[test]
    fn other_shapes_are_refused_also_with_a_checksum_that_holds() {
        let with_checksum =
            |front: &str| front.to_owned() + &String::from_iter(base62::checksum(front.as_bytes()).map(char::from));
        assert!(ParsedCredential::parse(&with_checksum(&format!("ivk_{}", "a".repeat(30)))).is_some());
        let table = [
            with_checksum(&format!("ivk_{}", "a".repeat(29))),
            with_checksum(&format!("ivk_{}", "a".repeat(31))),
            with_checksum(&format!("ivk_{}-", "a".repeat(29))),
            with_checksum(&format!("ivk_{}é", "a".repeat(28))),
            with_checksum(&format!("IVK_{}", "a".repeat(30))),
            with_checksum(&format!("inv_{}", "a".repeat(30))),
            with_checksum("ivk_"),
            "ivk".into(),
            "ivk_".into(),
            String::new(),
        ];
        for text in table {
            assert_eq!(ParsedCredential::parse(&text), None, "{text:?}");
        }
    }

    #[test]
    fn tok_4_a_session_turned_into_an_api_key_is_refused() {
        let session = CredentialText::generate(CredentialKind::Session, &Counting::default());
        assert_eq!(ParsedCredential::parse(&session.expose().replacen("ivs_", "ivk_", 1)), None);
    }

    #[test]
    fn every_digit_comes_up_equally_often() {
        let entropy = Counting::default();
        let mut counts = BTreeMap::new();
        for _ in 0..6_200 {
            for digit in CredentialText::generate(CredentialKind::ApiKey, &entropy).expose()[4..34].chars() {
                *counts.entry(digit).or_insert(0_i32) += 1;
            }
        }
        // 186,000 digits: 3,000 of each, standard deviation 54. A biased `% 62` would give eight of them 25 % more.
        assert_eq!(counts.len(), 62);
        assert!(counts.values().all(|count| (count - 3_000).abs() < 330), "{counts:?}");
    }

    #[test]
    fn no_two_credentials_are_alike() {
        let entropy = Counting::default();
        let a = CredentialText::generate(CredentialKind::Session, &entropy);
        let b = CredentialText::generate(CredentialKind::Session, &entropy);
        assert_ne!(a.digest(), b.digest());
    }

    #[test]
    fn nothing_prints_a_credential() {
        let text = CredentialText::generate(CredentialKind::ApiKey, &Counting::default());
        assert_eq!(format!("{text:?} {:?}", text.digest()), "CredentialText(…) CredentialDigest(…)");
    }

    proptest! {
        #[test]
        fn any_text_is_refused_without_a_panic(text in "(ivk_|ivs_)?\\PC{0,40}") {
            prop_assert_eq!(ParsedCredential::parse(&text), None);
        }
    }
}
