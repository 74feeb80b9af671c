//! The short code of an invitation, for people who cannot follow a link: ten characters and a check character in
//! [Crockford's base 32](https://www.crockford.com/base32.html), shown `XXXX-XXXX-XXX`.
//!
//! Like the token it is derived from the key ring and the invitation's row together and never stored. What is stored is
//! its [`CodeIndex`], a keyed digest within one organisation. Fifty bits withstand guessing only because attempts are
//! counted, so count before you look an index up. A mistyped code is told by its check character first and costs no
//! attempt.
//!
//! The grant is no part of a code: a code names a row, and what the row grants is verified where it is redeemed.

use super::{
    keyring::{KeyId, KeyRing, KeyState, Purpose},
    token::{GrantDigest, MintError, Nonce, TokenBinding},
};
use crate::id::{InvitationId, OrganizationId};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Longest text that is looked at, in octets: a code with generous separators.
pub const MAX_TYPED_OCTETS: usize = 64;

/// Characters without the check character.
const LENGTH: usize = 10;
/// What a character stands for is its place here.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const LABEL: &[u8] = b"invite/code/v1\0";
const INDEX_LABEL: &[u8] = b"invite/code-index/v1\0";

/// The last byte a code is derived from. Always zero: should a code exist already in its organisation, the generation
/// gets a new nonce, and with it another code and another token. So a row needs no counter beside its nonce.
const COUNTER: u8 = 0;

/// Ten values of five bits.
type Values = Zeroizing<[u8; LENGTH]>;

/// The shown form of a code, `XXXX-XXXX-XXX`: whoever reads it can redeem the invitation.
pub struct CodeText(Zeroizing<String>);

impl CodeText {
    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CodeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeText(…)")
    }
}

/// What a code is stored as and looked up by: a digest under a key of the ring. Who does not hold the ring can neither
/// test a guess against it nor see whether two organisations have the same code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CodeIndex([u8; 16]);

impl CodeIndex {
    /// An index out of a store.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes, to store them and to look them up.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Why a text is no code. Both are found out before any lookup and cost no attempt.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum CodeError {
    /// Not eleven characters of the alphabet.
    #[error("a code has eleven letters and digits, and never the letter U")]
    Malformed,
    /// Eleven characters of the alphabet, and the last does not fit the others.
    #[error("the code contains a typing error")]
    Mistyped,
}

/// A code as a person typed it, with the check character already tested. It is as good as the text it came from: kept
/// and printed like it.
#[derive(Clone)]
pub struct TypedCode(Values);

impl TypedCode {
    /// Reads a code forgivingly: upper and lower case, any spaces and hyphens anywhere, `O` for zero, `I` and `L` for
    /// one. `U` is refused. Allocates nothing and takes no secret.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        // First, so that all that follows works on a short text.
        if text.len() > MAX_TYPED_OCTETS {
            return Err(CodeError::Malformed);
        }
        let mut typed = Zeroizing::new([0; LENGTH + 1]);
        let mut count = 0;
        for c in text.chars().filter(|c| !is_separator(*c)) {
            *typed.get_mut(count).ok_or(CodeError::Malformed)? = value(c).ok_or(CodeError::Malformed)?;
            count += 1;
        }
        if count != typed.len() {
            return Err(CodeError::Malformed);
        }
        let mut values = Zeroizing::new([0; LENGTH]);
        values.copy_from_slice(&typed[..LENGTH]);
        if check(&values) == typed[LENGTH] { Ok(Self(values)) } else { Err(CodeError::Mistyped) }
    }

    /// What to look up in the organisation: the code's index under every key that is not retired, by rising key id.
    pub fn indexes(&self, ring: &KeyRing, organization: OrganizationId) -> Vec<(KeyId, CodeIndex)> {
        ring.ids().filter_map(|(id, _)| index_under(ring, id, organization, &self.0).map(|index| (id, index))).collect()
    }

    /// Whether this is the code of exactly this row: key, invitation, generation, organisation and nonce. Compared in
    /// constant time. False where the row's key is not in the ring, or retired.
    pub fn verify(&self, ring: &KeyRing, binding: &TokenBinding<'_>) -> bool {
        derive(ring, binding).is_ok_and(|values| bool::from(values.ct_eq(&*self.0)))
    }

    /// The work of [`verify`](Self::verify) for a row that does not exist, so that its absence takes no less time.
    /// Always false.
    pub fn verify_dummy(&self, ring: &KeyRing) -> bool {
        // A code names no key. Under a ring without a usable one no row takes any work either.
        let usable = || ring.ids().find(|(_, state)| *state != KeyState::Retired).map(|(id, _)| id);
        if let Some(key_id) = ring.active().or_else(usable) {
            let nonce = Nonce::from_bytes([0; 32]);
            let binding = TokenBinding {
                key_id,
                invitation: InvitationId::from_uuid(uuid::Uuid::nil()),
                generation: 0,
                organization: OrganizationId::from_uuid(uuid::Uuid::nil()),
                nonce: &nonce,
                grant_digest: &GrantDigest::from_bytes([0; 32]),
            };
            std::hint::black_box(self.verify(ring, &binding));
        }
        false
    }
}

impl fmt::Debug for TypedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedCode(…)")
    }
}

/// Makes the text of a code. The same row and key ring always give the same text; a code that is taken is answered by a
/// new nonce in the row.
pub fn make(ring: &KeyRing, binding: &TokenBinding<'_>) -> Result<CodeText, MintError> {
    let values = derive(ring, binding)?;
    // With its whole length, so that no half-grown copy is left behind in memory.
    let mut text = Zeroizing::new(String::with_capacity(LENGTH + 3));
    for (place, value) in values.iter().copied().chain([check(&values)]).enumerate() {
        if place == 4 || place == 8 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(value)]));
    }
    Ok(CodeText(text))
}

/// The index to store for a row: that of its code, under its own key.
pub fn index(ring: &KeyRing, binding: &TokenBinding<'_>) -> Result<CodeIndex, MintError> {
    let values = derive(ring, binding)?;
    index_under(ring, binding.key_id, binding.organization, &values).ok_or(MintError(binding.key_id))
}

/// The first 50 bits of the HMAC over the row, most significant first. Every part has a fixed length, so no two rows
/// have the same concatenation.
fn derive(ring: &KeyRing, binding: &TokenBinding<'_>) -> Result<Values, MintError> {
    let key = ring.key(binding.key_id, Purpose::Code).ok_or(MintError(binding.key_id))?;
    let parts: [&[u8]; 7] = [
        LABEL,
        &[binding.key_id.get()],
        binding.invitation.as_bytes(),
        &binding.generation.to_be_bytes(),
        binding.organization.as_bytes(),
        binding.nonce.expose(),
        &[COUNTER],
    ];
    let mac = Zeroizing::new(key.mac(parts));
    let mut first = Zeroizing::new([0; 8]);
    first.copy_from_slice(&mac[..8]);
    let mut rest = Zeroizing::new(u64::from_be_bytes(*first));
    let mut values = Zeroizing::new([0; LENGTH]);
    for value in values.iter_mut() {
        *rest = rest.rotate_left(5);
        *value = rest.to_le_bytes()[0] & 31;
    }
    Ok(values)
}

fn index_under(ring: &KeyRing, key_id: KeyId, organization: OrganizationId, values: &Values) -> Option<CodeIndex> {
    let characters = Zeroizing::new(values.map(|value| ALPHABET[usize::from(value)]));
    let mac = ring.key(key_id, Purpose::CodeIndex)?.mac([INDEX_LABEL, organization.as_bytes(), &*characters]);
    mac.first_chunk().copied().map(CodeIndex)
}

/// The value of the check character: Σ αⁱ·dᵢ for i from 1, over GF(32) with the modulus x⁵ + x² + 1 and α = x.
///
/// α has the order 31, so the weights α¹ … α¹⁰ of the characters and the weight 1 of the check character all differ and
/// none is zero: every single wrong character and every exchange of two different ones changes the sum.
fn check(values: &[u8; LENGTH]) -> u8 {
    values.iter().rev().fold(0, |sum, value| {
        let shifted = (sum ^ value) << 1;
        if shifted & 0b10_0000 == 0 { shifted } else { shifted ^ 0b10_0101 }
    })
}

/// What a typed character stands for. ASCII only: a letter that merely looks like one of the alphabet is none.
fn value(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().zip(0..).find_map(|(known, value)| (char::from(*known) == c).then_some(value))
}

/// White space, and the hyphens and dashes that keyboards and word processors make of a hyphen.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests;
