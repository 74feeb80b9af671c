//! Links about an account, not an invitation: the owner's first link, a password reset, a change of address.
//!
//! The machinery of invitation tokens with a version, a prefix, a label and a key of its own, so that neither ever
//! passes for the other. That a token works once and for how long, the caller reads from the stored row.

use super::{
    frame::{Header, Kind, Opened},
    keyring::{KeyId, KeyRing, Purpose},
    token::{MintError, Nonce, Provenance, TokenError},
};
use crate::id::AccountId;
use std::fmt;
use zeroize::Zeroizing;

/// What every account token begins with. NEVER change it: links in people's mailboxes and the rules of secret scanners
/// are made of it. A new format gets a new version nibble instead.
pub const ACCOUNT_TOKEN_PREFIX: &str = "ina_";

const KIND: Kind =
    Kind { prefix: ACCOUNT_TOKEN_PREFIX, version: 2, purpose: Purpose::Account, label: b"invite/account/v1\0" };

/// Length of a nonce, as it stands before the nonce in what the tag covers (u32, big-endian).
const NONCE_LENGTH: [u8; 4] = 32_u32.to_be_bytes();

/// What an account token lets its holder do, and nothing else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum AccountPurpose {
    /// Set the first password of the account that owns a new organisation.
    OwnerLink = 1,
    /// Set a new password.
    PasswordReset = 2,
    /// Confirm a new address.
    ChangeAddress = 3,
}

impl AccountPurpose {
    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::OwnerLink),
            2 => Some(Self::PasswordReset),
            3 => Some(Self::ChangeAddress),
            _ => None,
        }
    }
}

/// The text of an account token: whoever reads it can do what its purpose says.
pub struct AccountTokenText(Zeroizing<String>);

impl AccountTokenText {
    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccountTokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountTokenText(…)")
    }
}

/// What an account token is made from: its stored row.
#[derive(Clone, Copy, Debug)]
pub struct AccountTokenBinding<'a> {
    /// The key that was active when the row was made.
    pub key_id: KeyId,
    /// The account.
    pub account: AccountId,
    /// What the token is for.
    pub purpose: AccountPurpose,
    /// Rises, and wraps, with every new token of that account and purpose.
    pub counter: u8,
    /// The row's nonce.
    pub nonce: &'a Nonce,
}

impl AccountTokenBinding<'_> {
    fn header(&self, provenance: Provenance) -> Header {
        KIND.header(provenance, self.key_id, self.account.as_bytes(), [self.purpose as u8, self.counter])
    }

    fn context(&self) -> [&[u8]; 2] {
        [&NONCE_LENGTH, self.nonce.expose()]
    }
}

/// Makes the text of an account token. The same row, key ring and provenance always give the same text.
pub fn mint(
    ring: &KeyRing,
    binding: &AccountTokenBinding<'_>,
    provenance: Provenance,
) -> Result<AccountTokenText, MintError> {
    KIND.seal(ring, binding.key_id, &binding.header(provenance), &binding.context()).map(AccountTokenText)
}

/// An account token that was made by us, as far as the key ring can tell; still to be verified against its row. It is
/// as good as the text it came from: kept and printed like it.
#[derive(Clone)]
pub struct ParsedAccountToken {
    opened: Opened,
    purpose: AccountPurpose,
}

impl ParsedAccountToken {
    /// Shape and checksum, then the key id, then the gate, in constant time; no allocation, no database.
    pub fn parse(text: &str, ring: &KeyRing) -> Result<Self, TokenError> {
        let opened = KIND.open(ring, text)?;
        let purpose = AccountPurpose::from_byte(opened.last()[0]).ok_or(TokenError::Malformed)?;
        Ok(Self { opened, purpose })
    }

    /// The account it names.
    pub fn account(&self) -> AccountId {
        AccountId::from_uuid(self.opened.id())
    }

    /// What it is for.
    pub fn purpose(&self) -> AccountPurpose {
        self.purpose
    }

    /// The counter of the row it was made from.
    pub fn counter(&self) -> u8 {
        self.opened.last()[1]
    }

    /// How it left us.
    pub fn provenance(&self) -> Provenance {
        self.opened.provenance
    }

    /// The key it was made with.
    pub fn key_id(&self) -> KeyId {
        self.opened.key_id
    }

    /// Whether it was made from exactly this row. The tag is compared in constant time.
    pub fn verify(&self, ring: &KeyRing, binding: &AccountTokenBinding<'_>) -> bool {
        let header = binding.header(self.provenance());
        KIND.holds(ring, binding.key_id, &self.opened, &header, &binding.context())
    }

    /// The work of [`verify`](Self::verify) for a row that does not exist, so that its absence takes no less time.
    /// Always false.
    pub fn verify_dummy(&self, ring: &KeyRing) -> bool {
        let binding = AccountTokenBinding {
            key_id: self.key_id(),
            account: self.account(),
            purpose: self.purpose,
            counter: self.counter(),
            nonce: &Nonce::from_bytes([0; 32]),
        };
        std::hint::black_box(self.verify(ring, &binding));
        false
    }
}

impl fmt::Debug for ParsedAccountToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParsedAccountToken")
            .field("account", &self.account())
            .field("purpose", &self.purpose)
            .field("counter", &self.counter())
            .field("provenance", &self.provenance())
            .field("key_id", &self.key_id())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{
        base62,
        keyring::KeyState,
        test_support::{vector_key, vector_ring},
        token::ParsedToken,
    };
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha256;

    const PURPOSES: [AccountPurpose; 3] =
        [AccountPurpose::OwnerLink, AccountPurpose::PasswordReset, AccountPurpose::ChangeAddress];

    fn account() -> AccountId {
        AccountId::from_uuid(uuid::Uuid::from_u128(0x0190_f3c2_a4b5_7c3d_8e9f_a0b1_c2d3_e4f5))
    }

    fn nonce() -> Nonce {
        Nonce::from_bytes([0xa5; 32])
    }

    fn row(purpose: AccountPurpose, counter: u8, nonce: &Nonce) -> AccountTokenBinding<'_> {
        AccountTokenBinding { key_id: KeyId::new(7).unwrap(), account: account(), purpose, counter, nonce }
    }

    fn bytes_of(text: &str) -> [u8; 48] {
        base62::decode(&text.as_bytes()[4..69]).unwrap()
    }

    fn text_of(prefix: &str, bytes: &[u8; 48]) -> String {
        let mut text = format!("{prefix}{}", base62::encode(bytes, 65));
        let checksum = base62::checksum(text.as_bytes());
        text.extend(checksum.map(char::from));
        text
    }

    #[test]
    fn r7_9_the_layout_is_the_rules_byte_for_byte() {
        let (ring, nonce) = (vector_ring(), nonce());
        let text = mint(&ring, &row(AccountPurpose::PasswordReset, 9, &nonce), Provenance::Mailed).unwrap();
        assert!(text.expose().starts_with("ina_"));
        let bytes = bytes_of(text.expose());
        assert_eq!(bytes[..2], [0x21, 7]);
        assert_eq!(bytes[2..18], *account().as_bytes());
        assert_eq!(bytes[18..20], [2, 9]);

        let hmac = |purpose, parts: &[&[u8]]| {
            let key = ring.derive(KeyId::new(7).unwrap(), purpose).unwrap();
            let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).unwrap();
            for part in parts {
                mac.update(part);
            }
            <[u8; 32]>::from(mac.finalize().into_bytes())
        };
        let tag = hmac(Purpose::Account, &[b"invite/account/v1\0", &bytes[..20], &[0, 0, 0, 32], &[0xa5; 32]]);
        assert_eq!(bytes[20..40], tag[..20]);
        assert_eq!(bytes[40..], hmac(Purpose::Gate, &[b"invite/gate/v1\0", &bytes[..40]])[..8]);
    }

    #[test]
    fn r7_9_every_account_token_comes_back_from_its_text_and_verifies_for_its_row_only() {
        let (ring, nonce) = (vector_ring(), nonce());
        for purpose in PURPOSES {
            for counter in [0, 1, 255] {
                let binding = row(purpose, counter, &nonce);
                let text = mint(&ring, &binding, Provenance::Answer).unwrap();
                assert_eq!(text.expose().len(), 75);
                let token = ParsedAccountToken::parse(text.expose(), &ring).unwrap();
                assert_eq!((token.account(), token.purpose(), token.counter()), (account(), purpose, counter));
                assert_eq!((token.provenance(), token.key_id()), (Provenance::Answer, binding.key_id));
                assert!(token.verify(&ring, &binding));
                assert!(!token.verify_dummy(&ring));

                let other_nonce = Nonce::from_bytes([0xa4; 32]);
                let others = [
                    AccountTokenBinding { account: AccountId::from_uuid(uuid::Uuid::nil()), ..binding },
                    AccountTokenBinding { counter: counter.wrapping_add(1), ..binding },
                    AccountTokenBinding { nonce: &other_nonce, ..binding },
                    AccountTokenBinding { key_id: KeyId::new(8).unwrap(), ..binding },
                ];
                assert!(others.iter().all(|other| !token.verify(&ring, other)));
                for other in PURPOSES.into_iter().filter(|other| *other != purpose) {
                    assert!(!token.verify(&ring, &AccountTokenBinding { purpose: other, ..binding }));
                }
            }
        }
    }

    #[test]
    fn tok_1_every_flipped_bit_of_an_account_token_is_refused() {
        let (ring, nonce) = (vector_ring(), nonce());
        let text = mint(&ring, &row(AccountPurpose::OwnerLink, 0, &nonce), Provenance::Mailed).unwrap();
        for bit in 0..48 * 8 {
            let mut bytes = bytes_of(text.expose());
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(ParsedAccountToken::parse(&text_of("ina_", &bytes), &ring).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn r7_9_an_account_token_never_accepts_an_invitation() {
        let (ring, nonce) = (vector_ring(), nonce());
        let text = mint(&ring, &row(AccountPurpose::OwnerLink, 1, &nonce), Provenance::Mailed).unwrap();
        assert_eq!(ParsedToken::parse(text.expose(), &ring).err(), Some(TokenError::Malformed));
        // Dressed up as one, with the gate still good, and then with the version changed too.
        let mut bytes = bytes_of(text.expose());
        assert_eq!(ParsedToken::parse(&text_of("inv_", &bytes), &ring).err(), Some(TokenError::Malformed));
        bytes[0] = 0x11;
        assert_eq!(ParsedToken::parse(&text_of("inv_", &bytes), &ring).err(), Some(TokenError::Forged));
    }

    #[test]
    fn r7_9_an_unknown_purpose_is_malformed_even_with_a_gate_that_holds() {
        let ring = vector_ring();
        let key_id = KeyId::new(7).unwrap();
        for purpose in [0, 4, 255] {
            let header = KIND.header(Provenance::Mailed, key_id, account().as_bytes(), [purpose, 0]);
            let text = KIND.seal(&ring, key_id, &header, &[]).unwrap();
            assert_eq!(ParsedAccountToken::parse(&text, &ring).err(), Some(TokenError::Malformed));
        }
    }

    #[test]
    fn tok_5_a_retired_key_makes_and_proves_no_account_token() {
        let nonce = nonce();
        let binding = row(AccountPurpose::PasswordReset, 0, &nonce);
        let text = mint(&vector_ring(), &binding, Provenance::Mailed).unwrap();
        let retired = KeyRing::unchecked(vec![(binding.key_id, KeyState::Retired, vector_key())]);
        assert_eq!(ParsedAccountToken::parse(text.expose(), &retired).err(), Some(TokenError::UnknownKey));
        assert_eq!(mint(&retired, &binding, Provenance::Mailed).err(), Some(MintError(binding.key_id)));
    }

    #[test]
    fn nothing_prints_an_account_token() {
        let (ring, nonce) = (vector_ring(), nonce());
        let text = mint(&ring, &row(AccountPurpose::OwnerLink, 0, &nonce), Provenance::Mailed).unwrap();
        assert_eq!(format!("{text:?}"), "AccountTokenText(…)");
        let printed = format!("{:?}", ParsedAccountToken::parse(text.expose(), &ring).unwrap());
        assert!(printed.ends_with(", .. }") && !printed.contains("tag"), "{printed}");
    }
}
