//! The frame invitation tokens and account tokens share: 48 bytes in 75 characters.
//!
//! | bytes | content |
//! |---|---|
//! | 0 | version (high nibble) and provenance (low nibble) |
//! | 1 | key id |
//! | 2-17 | id of what the token is for |
//! | 18-19 | as the kind says |
//! | 20-39 | tag: HMAC over the bytes before it and a context that only the database knows |
//! | 40-47 | gate: HMAC over the bytes before it, which the key ring alone can check |

use super::{
    base62,
    keyring::{KeyId, KeyRing, Purpose},
    token::{MintError, Provenance, TokenError},
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const HEADER_BYTES: usize = 20;
const TAG_BYTES: usize = 20;
const GATE_BYTES: usize = 8;
const SIGNED_BYTES: usize = HEADER_BYTES + TAG_BYTES;
const BYTES: usize = SIGNED_BYTES + GATE_BYTES;

const PREFIX_WIDTH: usize = 4;
const DIGITS: usize = 65;
const WIDTH: usize = PREFIX_WIDTH + DIGITS + base62::CHECKSUM_WIDTH;

const GATE_LABEL: &[u8] = b"invite/gate/v1\0";

pub(super) type Header = [u8; HEADER_BYTES];

/// What tells one kind of token from another.
pub(super) struct Kind {
    /// Four characters.
    pub(super) prefix: &'static str,
    /// 1 to 15.
    pub(super) version: u8,
    pub(super) purpose: Purpose,
    pub(super) label: &'static [u8],
}

impl Kind {
    pub(super) fn header(&self, provenance: Provenance, key_id: KeyId, id: &[u8; 16], last: [u8; 2]) -> Header {
        let mut header = [0; HEADER_BYTES];
        header[0] = (self.version << 4) | provenance.nibble();
        header[1] = key_id.get();
        header[2..18].copy_from_slice(id);
        header[18..].copy_from_slice(&last);
        header
    }

    /// The text of a token; `context` is what the tag covers beside the header.
    pub(super) fn seal(
        &self,
        ring: &KeyRing,
        key_id: KeyId,
        header: &Header,
        context: &[&[u8]],
    ) -> Result<Zeroizing<String>, MintError> {
        let tag = self.tag(ring, key_id, header, context).ok_or(MintError(key_id))?;
        let mut bytes = Zeroizing::new([0; BYTES]);
        bytes[..HEADER_BYTES].copy_from_slice(header);
        bytes[HEADER_BYTES..SIGNED_BYTES].copy_from_slice(&*tag);
        let gate = gate(ring, key_id, &bytes[..SIGNED_BYTES]).ok_or(MintError(key_id))?;
        bytes[SIGNED_BYTES..].copy_from_slice(&gate);

        let mut text = Zeroizing::new(String::with_capacity(WIDTH));
        text.push_str(self.prefix);
        text.push_str(&Zeroizing::new(base62::encode(&*bytes, DIGITS)));
        for digit in base62::checksum(text.as_bytes()) {
            text.push(char::from(digit));
        }
        Ok(text)
    }

    /// Shape and checksum, then the key id, then the gate. Allocates nothing and asks nobody.
    pub(super) fn open(&self, ring: &KeyRing, text: &str) -> Result<Opened, TokenError> {
        let text = text.as_bytes();
        if text.len() != WIDTH || !text.starts_with(self.prefix.as_bytes()) || !base62::ends_in_checksum(text) {
            return Err(TokenError::Malformed);
        }
        let bytes = base62::decode::<BYTES>(&text[PREFIX_WIDTH..PREFIX_WIDTH + DIGITS]);
        let bytes = Zeroizing::new(bytes.ok_or(TokenError::Malformed)?);
        if bytes[0] >> 4 != self.version {
            return Err(TokenError::Malformed);
        }
        let provenance = Provenance::from_nibble(bytes[0] & 15).ok_or(TokenError::Malformed)?;
        let key_id = KeyId::new(bytes[1]).ok_or(TokenError::Malformed)?;
        let gate = gate(ring, key_id, &bytes[..SIGNED_BYTES]).ok_or(TokenError::UnknownKey)?;
        if !bool::from(gate.ct_eq(&bytes[SIGNED_BYTES..])) {
            return Err(TokenError::Forged);
        }
        let mut opened = Opened { provenance, key_id, header: [0; HEADER_BYTES], tag: Zeroizing::new([0; TAG_BYTES]) };
        opened.header.copy_from_slice(&bytes[..HEADER_BYTES]);
        opened.tag.copy_from_slice(&bytes[HEADER_BYTES..SIGNED_BYTES]);
        Ok(opened)
    }

    /// Whether the token was made for `header` and `context`. Takes the same time for every answer, unless the key is
    /// gone by now.
    pub(super) fn holds(
        &self,
        ring: &KeyRing,
        key_id: KeyId,
        opened: &Opened,
        header: &Header,
        context: &[&[u8]],
    ) -> bool {
        let Some(tag) = self.tag(ring, key_id, header, context) else { return false };
        bool::from(header.ct_eq(&opened.header) & tag.ct_eq(&*opened.tag))
    }

    fn tag(
        &self,
        ring: &KeyRing,
        key_id: KeyId,
        header: &Header,
        context: &[&[u8]],
    ) -> Option<Zeroizing<[u8; TAG_BYTES]>> {
        let front = [self.label, header.as_slice()];
        let mac = Zeroizing::new(ring.key(key_id, self.purpose)?.mac(front.into_iter().chain(context.iter().copied())));
        mac.first_chunk().copied().map(Zeroizing::new)
    }
}

fn gate(ring: &KeyRing, key_id: KeyId, signed: &[u8]) -> Option<[u8; GATE_BYTES]> {
    ring.key(key_id, Purpose::Gate)?.mac([GATE_LABEL, signed]).first_chunk().copied()
}

/// A token whose gate held.
#[derive(Clone)]
pub(super) struct Opened {
    pub(super) provenance: Provenance,
    pub(super) key_id: KeyId,
    header: Header,
    tag: Zeroizing<[u8; TAG_BYTES]>,
}

impl Opened {
    /// Bytes 2 to 17.
    pub(super) fn id(&self) -> uuid::Uuid {
        let mut id = [0; 16];
        id.copy_from_slice(&self.header[2..18]);
        uuid::Uuid::from_bytes(id)
    }

    /// Bytes 18 and 19.
    pub(super) fn last(&self) -> [u8; 2] {
        [self.header[18], self.header[19]]
    }
}
