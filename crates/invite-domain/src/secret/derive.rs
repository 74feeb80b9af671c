//! One key a purpose, derived from a ring key by HKDF-SHA-256 ([RFC 5869](https://www.rfc-editor.org/rfc/rfc5869)):
//! salt 32 zero bytes, info `invite/v1/` and the purpose's name.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// Length of ring keys and of derived keys.
pub(super) const KEY_BYTES: usize = 32;

/// What a derived key is for. No two purposes share a key, so nothing made for one passes for another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Purpose {
    /// The tag of an invitation token.
    Token,
    /// The gate of every token: tells a forgery before the database is asked.
    Gate,
    /// The code a person types.
    Code,
    /// The stored form codes are looked up by.
    CodeIndex,
    /// The tag of an account token.
    Account,
    /// The accept cookie of the hosted pages.
    Cookie,
    /// Cross-site request forgery tokens.
    Csrf,
    /// Cursors of lists.
    Cursor,
    /// Fingerprints of requests with an idempotency key.
    Idempotency,
    /// Sealing of what must be stored and read back, as signing secrets of webhooks.
    Seal,
    /// What stands for an address in the key of a counter.
    Counter,
}

impl Purpose {
    /// In the order of declaration: a purpose's place here is its discriminant.
    pub(super) const ALL: [Self; 11] = [
        Self::Token,
        Self::Gate,
        Self::Code,
        Self::CodeIndex,
        Self::Account,
        Self::Cookie,
        Self::Csrf,
        Self::Cursor,
        Self::Idempotency,
        Self::Seal,
        Self::Counter,
    ];

    const fn label(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Gate => "gate",
            Self::Code => "code",
            Self::CodeIndex => "code-index",
            Self::Account => "account",
            Self::Cookie => "cookie",
            Self::Csrf => "csrf",
            Self::Cursor => "cursor",
            Self::Idempotency => "idempotency",
            Self::Seal => "seal",
            Self::Counter => "counter",
        }
    }
}

/// A key for one purpose, derived from a ring key.
#[derive(Clone)]
pub struct DerivedKey {
    key: Zeroizing<[u8; KEY_BYTES]>,
    /// The key has gone into it: half of what a short text costs (RFC 2104, 4).
    keyed: Hmac<Sha256>,
}

impl DerivedKey {
    fn new(key: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        // HMAC's own key is one block, zero-padded: a whole block needs no fallible constructor.
        let mut block = Zeroizing::new([0_u8; 64]);
        block[..KEY_BYTES].copy_from_slice(&*key);
        Self { key, keyed: Hmac::new((&*block).into()) }
    }

    /// The key.
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.key
    }

    /// HMAC-SHA-256 ([RFC 2104](https://www.rfc-editor.org/rfc/rfc2104)) over the concatenated parts.
    pub(crate) fn mac<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for DerivedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DerivedKey(…)")
    }
}

/// All keys derived from one ring key.
#[derive(Clone)]
pub(super) struct Derived(Box<[DerivedKey; Purpose::ALL.len()]>);

impl Derived {
    #[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 8160 bytes and is asked for 32")]
    pub(super) fn from_key(key: &[u8; KEY_BYTES]) -> Self {
        let extracted = Hkdf::<Sha256>::new(Some(&[0; 32]), key);
        Self(Box::new(Purpose::ALL.map(|purpose| {
            let mut derived = Zeroizing::new([0; KEY_BYTES]);
            extracted
                .expand_multi_info(&[b"invite/v1/", purpose.label().as_bytes()], &mut *derived)
                .expect("32 bytes are within HKDF's limit");
            DerivedKey::new(derived)
        })))
    }

    pub(super) fn key(&self, purpose: Purpose) -> &DerivedKey {
        &self.0[purpose as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::test_support::hex;

    #[test]
    fn the_mac_is_that_of_rfc_4231_test_case_1() {
        // HMAC pads keys with zeros, so twelve of them make the published key of 20 bytes one of 32.
        let mut key = [0; KEY_BYTES];
        key[..20].fill(0x0b);
        assert_eq!(
            hex(&DerivedKey::new(Zeroizing::new(key)).mac([b"Hi ".as_slice(), b"There"])),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        );
    }

    #[test]
    fn every_purpose_stands_at_its_discriminant() {
        for (index, purpose) in Purpose::ALL.into_iter().enumerate() {
            assert_eq!(purpose as usize, index);
        }
    }
}
