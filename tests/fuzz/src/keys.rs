//! A key ring of no service: 3 makes and proves, 7 proves, 9 is retired.

use invite_domain::secret::{KeyId, KeyRing, KeyState, Nonce, Purpose, TokenError};
use std::sync::LazyLock;

pub static RING: LazyLock<KeyRing> = LazyLock::new(|| {
    let states = [(3, KeyState::Active), (7, KeyState::Verify), (9, KeyState::Retired)];
    let key = |id: u8| std::array::from_fn(|place| (place as u8).wrapping_mul(id) ^ 0x5a);
    let entries = states.map(|(id, state)| (key_id(id), state, key(id)));
    KeyRing::from_keys(entries.into()).unwrap_or_else(|error| panic!("{error}"))
});

pub fn key_id(id: u8) -> KeyId {
    KeyId::new(id).unwrap_or_else(|| panic!("zero is no key"))
}

/// A nonce whose bytes are all this one.
pub fn nonce(byte: u8) -> Nonce {
    Nonce::from_bytes([byte; 32])
}

/// What the 48 bytes of a token of this version are, in the order of rule 7.2. A fuzzer that sees what is compared with what
/// makes gates that hold in the end, so "never" would be wrong: what holds is what the ring says.
pub fn verdict(version: u8, bytes: &[u8; 48]) -> Option<TokenError> {
    if bytes[0] >> 4 != version || !(1..=5).contains(&(bytes[0] & 15)) || bytes[1] == 0 {
        return Some(TokenError::Malformed);
    }
    match RING.mac(key_id(bytes[1]), Purpose::Gate, &[b"invite/gate/v1\0", &bytes[..40]]) {
        None => Some(TokenError::UnknownKey),
        Some(gate) => (gate[..8] != bytes[40..]).then_some(TokenError::Forged),
    }
}
