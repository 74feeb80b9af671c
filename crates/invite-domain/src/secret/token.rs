//! The token in an invitation's link, `inv_` and 71 characters.
//!
//! It is derived, never stored: it takes the key ring and the invitation's row together to make one. What can be said
//! without the database (shape, checksum, key, gate) is said by [`ParsedToken::parse`], so a forgery costs no statement;
//! what takes the row is said by [`ParsedToken::verify`].

use super::{
    frame::{Header, Kind, Opened},
    keyring::{KeyId, KeyRing, Purpose},
};
use crate::{
    id::{InvitationId, OrganizationId, RoleId},
    port::Entropy,
};
use sha2::{Digest, Sha256};
use std::{collections::BTreeSet, fmt};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What every invitation token begins with. NEVER change it: links in people's mailboxes and the rules of secret
/// scanners are made of it. A new format gets a new version nibble instead.
pub const TOKEN_PREFIX: &str = "inv_";

const KIND: Kind = Kind { prefix: TOKEN_PREFIX, version: 1, purpose: Purpose::Token, label: b"invite/token/v1\0" };

/// How a token left us. Only a mailed one proves the mailbox.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Provenance {
    /// Sent to the recipient by mail, and shown to nobody else.
    Mailed = 1,
    /// Shown to a person who may reveal links.
    Revealed = 2,
    /// Returned to a program in an API answer.
    Answer = 3,
    /// Written to an export or a QR code.
    Export = 4,
    /// Sent to the recipient's phone, and shown to nobody else. It proves no mailbox.
    Texted = 5,
}

impl Provenance {
    pub(super) const fn nibble(self) -> u8 {
        self as u8
    }

    pub(super) const fn from_nibble(nibble: u8) -> Option<Self> {
        match nibble {
            1 => Some(Self::Mailed),
            2 => Some(Self::Revealed),
            3 => Some(Self::Answer),
            4 => Some(Self::Export),
            5 => Some(Self::Texted),
            _ => None,
        }
    }
}

/// 32 random bytes a generation, kept in the invitation's row. Without them nobody makes the token, not even with the
/// key ring; once they are overwritten, no token of that generation verifies.
#[derive(Clone)]
pub struct Nonce(Zeroizing<[u8; 32]>);

impl Nonce {
    /// A new nonce.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(&mut *bytes);
        Self(bytes)
    }

    /// A nonce out of a store.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, to store them.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for Nonce {
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.expose().ct_eq(other.expose()))
    }
}

impl Eq for Nonce {}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(…)")
    }
}

/// Digest of who is invited to what. The token covers it, so a row changed behind our back proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct GrantDigest([u8; 32]);

impl GrantDigest {
    /// SHA-256 over length-prefixed (u32, big-endian) fields: recipient kind, recipient key, role id in its hyphenated
    /// lower-case spelling or empty, direct permissions sorted and joined by newlines. Order and repetition of
    /// `permissions` do not matter.
    pub fn compute<'a>(
        recipient_kind: &str,
        recipient_key: &str,
        role_id: Option<RoleId>,
        permissions: impl Iterator<Item = &'a str>,
    ) -> Self {
        let role = role_id.map(|id| id.to_string()).unwrap_or_default();
        let permissions = permissions.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("\n");
        let mut digest = Sha256::new();
        for field in [recipient_kind, recipient_key, &role, &permissions] {
            // No field comes near 4 GiB; one that did would still not be taken for a shorter one.
            digest.update(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            digest.update(field);
        }
        Self(digest.finalize().into())
    }

    /// A digest out of a store.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, to store them.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The text of a token: whoever reads it can redeem the invitation.
pub struct TokenText(Zeroizing<String>);

impl TokenText {
    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenText(…)")
    }
}

/// What a token is made from: the invitation's row, as it was when the generation was made.
#[derive(Clone, Copy, Debug)]
pub struct TokenBinding<'a> {
    /// The key that was active then.
    pub key_id: KeyId,
    /// The invitation.
    pub invitation: InvitationId,
    /// Its generation, from 1.
    pub generation: u16,
    /// The organisation it belongs to.
    pub organization: OrganizationId,
    /// The generation's nonce.
    pub nonce: &'a Nonce,
    /// The generation's grant digest.
    pub grant_digest: &'a GrantDigest,
}

impl Provenance {
    /// The word for it, in the trail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mailed => "mailed",
            Self::Revealed => "revealed",
            Self::Answer => "answer",
            Self::Export => "export",
            Self::Texted => "texted",
        }
    }
}

impl TokenBinding<'_> {
    fn header(&self, provenance: Provenance) -> Header {
        KIND.header(provenance, self.key_id, self.invitation.as_bytes(), self.generation.to_be_bytes())
    }

    fn context(&self) -> [&[u8]; 3] {
        [self.organization.as_bytes(), self.nonce.expose(), self.grant_digest.as_bytes()]
    }
}

/// No secret can be made with that key: it is not in the ring, or retired.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("key {0} is not in the key ring or is retired")]
pub struct MintError(pub KeyId);

/// Why a text is no token. For counters only: every cause gets the same answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum TokenError {
    /// Not the shape of a token, or its checksum is wrong.
    #[error("not a token")]
    Malformed,
    /// Its key is not in the ring, or retired.
    #[error("a token of an unknown or retired key")]
    UnknownKey,
    /// Not made by us.
    #[error("a forged token")]
    Forged,
}

/// Makes the text of a token. The same row, key ring and provenance always give the same text.
pub fn mint(ring: &KeyRing, binding: &TokenBinding<'_>, provenance: Provenance) -> Result<TokenText, MintError> {
    KIND.seal(ring, binding.key_id, &binding.header(provenance), &binding.context()).map(TokenText)
}

/// A token that was made by us, as far as the key ring can tell. Whether it is the invitation's present one is still to
/// be verified against the row. It is as good as the text it came from: kept and printed like it.
#[derive(Clone)]
pub struct ParsedToken(Opened);

impl ParsedToken {
    /// Shape and checksum, then the key id, then the gate, in constant time; no allocation, no database.
    pub fn parse(text: &str, ring: &KeyRing) -> Result<Self, TokenError> {
        let opened = KIND.open(ring, text)?;
        if opened.last() == [0, 0] {
            return Err(TokenError::Malformed);
        }
        Ok(Self(opened))
    }

    /// The invitation it names.
    pub fn invitation(&self) -> InvitationId {
        InvitationId::from_uuid(self.0.id())
    }

    /// The generation it was made for, from 1.
    pub fn generation(&self) -> u16 {
        u16::from_be_bytes(self.0.last())
    }

    /// How it left us.
    pub fn provenance(&self) -> Provenance {
        self.0.provenance
    }

    /// The key it was made with.
    pub fn key_id(&self) -> KeyId {
        self.0.key_id
    }

    /// Whether it was made from exactly this row: key, invitation, generation, organisation, nonce and grant. The tag
    /// is compared in constant time.
    pub fn verify(&self, ring: &KeyRing, binding: &TokenBinding<'_>) -> bool {
        let header = binding.header(self.provenance());
        KIND.holds(ring, binding.key_id, &self.0, &header, &binding.context())
    }

    /// The work of [`verify`](Self::verify) for a row that does not exist, so that its absence takes no less time.
    /// Always false.
    pub fn verify_dummy(&self, ring: &KeyRing) -> bool {
        let nonce = Nonce::from_bytes([0; 32]);
        let binding = TokenBinding {
            key_id: self.key_id(),
            invitation: self.invitation(),
            generation: self.generation(),
            organization: OrganizationId::from_uuid(uuid::Uuid::nil()),
            nonce: &nonce,
            grant_digest: &GrantDigest([0; 32]),
        };
        std::hint::black_box(self.verify(ring, &binding));
        false
    }
}

impl fmt::Debug for ParsedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParsedToken")
            .field("invitation", &self.invitation())
            .field("generation", &self.generation())
            .field("provenance", &self.provenance())
            .field("key_id", &self.key_id())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
