use invite_domain::{
    port::FixedKeys,
    secret::keyring::{KeyId, KeyRing, KeyState},
};
use std::sync::Arc;

/// A ring of three fixed keys: 1 retired, 2 to verify, 3 active. Everybody can read them here.
pub fn test_ring() -> Arc<KeyRing> {
    let key = |seed: u8| std::array::from_fn(|i| i.to_le_bytes()[0].wrapping_mul(7).wrapping_add(seed));
    let states = [KeyState::Retired, KeyState::Verify, KeyState::Active];
    let keys = states.into_iter().zip(1_u8..).filter_map(|(state, id)| Some((KeyId::new(id)?, state, key(id * 40))));
    let ring = KeyRing::from_keys(keys.collect());
    // The keys are constants that keep the ring's conditions; were one of them not kept, a made-up ring would do as well.
    Arc::new(ring.unwrap_or_else(|_| KeyRing::generate(&super::SeededEntropy::default())))
}

/// The same ring as the port that tells of it.
pub fn test_keys() -> FixedKeys {
    FixedKeys(test_ring())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_ring_has_a_key_of_each_state() {
        let states: Vec<_> = test_ring().ids().map(|(id, state)| (id.get(), state)).collect();
        assert_eq!(states, [(1, KeyState::Retired), (2, KeyState::Verify), (3, KeyState::Active)]);
    }
}
