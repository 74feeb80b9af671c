use invite_domain::port::Entropy;
use std::sync::atomic::{AtomicU64, Ordering};

/// The step of splitmix64: 2⁶⁴ divided by the golden ratio, odd.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// Foretellable bytes that never repeat: splitmix64 ([Steele, Lea, Flood 2014](https://doi.org/10.1145/2714064.2660195))
/// over a counter. Two threads get different bytes; one seed gives the same sequence every time. Anyone can foretell it,
/// so it is worth nothing outside a test.
#[derive(Debug)]
pub struct SeededEntropy(AtomicU64);

impl SeededEntropy {
    /// The sequence of this seed.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// The sequence of a word: tests that use one store together take different words, and so never make the same id.
    pub fn of(word: &str) -> Self {
        Self::new(
            word.bytes()
                .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)),
        )
    }
}

impl Default for SeededEntropy {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut word = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
            word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            word ^= word >> 31;
            chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(entropy: &SeededEntropy) -> [u8; 20] {
        let mut bytes = [0; 20];
        entropy.fill(&mut bytes);
        bytes
    }

    #[test]
    fn one_seed_gives_one_sequence_and_no_draw_is_like_another() {
        let (a, b) = (SeededEntropy::new(7), SeededEntropy::new(7));
        let drawn = [draw(&a), draw(&a), draw(&SeededEntropy::new(8)), draw(&SeededEntropy::of("x"))];
        assert_eq!(draw(&b), drawn[0]);
        for (i, one) in drawn.iter().enumerate() {
            assert!(drawn[..i].iter().all(|other| other != one));
        }
    }

    #[test]
    fn the_first_word_is_the_published_one_of_splitmix64() {
        let mut bytes = [0; 8];
        SeededEntropy::new(0).fill(&mut bytes);
        assert_eq!(u64::from_le_bytes(bytes), 0xE220_A839_7B1D_CDAF);
    }
}
