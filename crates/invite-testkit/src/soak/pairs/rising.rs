//! Ids that rise.

use crate::fake::SeededEntropy;
use invite_domain::port::Entropy;
use std::sync::atomic::{AtomicU32, Ordering};

/// Randomness whose later ids are greater, as long as the clock stands still: of two messages of one instant the latest is
/// the one that was made last. Two words give different ids.
pub(super) struct Rising {
    word: [u8; 6],
    count: AtomicU32,
    rest: SeededEntropy,
}

impl Rising {
    pub(super) fn of(word: &str) -> Self {
        let rest = SeededEntropy::of(&format!("rising {word}"));
        let mut word = [0; 6];
        rest.fill(&mut word);
        Self { word, count: AtomicU32::new(0), rest }
    }
}

impl Entropy for Rising {
    fn fill(&self, bytes: &mut [u8]) {
        self.rest.fill(bytes);
        let count = self.count.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        for (byte, risen) in bytes.iter_mut().zip(self.word.iter().chain(&count)) {
            *byte = *risen;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use invite_domain::id::uuid_v7;

    #[test]
    fn later_ids_are_greater_and_two_words_share_none() {
        let (one, other) = (Rising::of("one"), Rising::of("other"));
        let now = chrono::DateTime::UNIX_EPOCH;
        let ids: Vec<_> = (0..1_000).map(|_| uuid_v7(now, &one)).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert!(!ids.contains(&uuid_v7(now, &other)));
    }
}
