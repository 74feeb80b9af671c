//! Ids of requests whose clients sent none.

use invite_domain::{id, port::Entropy, time::Timestamp};
use std::cell::RefCell;
use uuid::Uuid;

/// The random bytes of one id.
const BYTES: usize = 10;
/// How many ids are made of what is asked for at once.
const AT_ONCE: usize = 64;

/// Makes the ids of one worker. Randomness is asked for in advance: a call of the operating system for every request costs more
/// than some answers do otherwise.
#[derive(Default)]
pub(crate) struct RequestIds(RefCell<Vec<u8>>);

impl RequestIds {
    pub(crate) fn next(&self, now: Timestamp, entropy: &dyn Entropy) -> String {
        let mut ready = self.0.borrow_mut();
        if ready.is_empty() {
            ready.resize(BYTES * AT_ONCE, 0);
            entropy.fill(&mut ready);
        }
        let mut random = [0; BYTES];
        let rest = ready.len().saturating_sub(BYTES);
        random.copy_from_slice(&ready[rest..]);
        ready.truncate(rest);
        let id = id::uuid_v7_of(now, &random);
        id.hyphenated().encode_lower(&mut Uuid::encode_buffer()).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use invite_testkit::SeededEntropy;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_ids_are_alike_and_all_are_of_their_time() {
        let (ids, entropy) = (RequestIds::default(), SeededEntropy::default());
        let now = Timestamp::from_timestamp(1_780_000_000, 0).unwrap();
        let made: BTreeSet<String> = (0..3 * AT_ONCE).map(|_| ids.next(now, &entropy)).collect();
        assert_eq!(made.len(), 3 * AT_ONCE);
        for id in made {
            let read: Uuid = id.parse().unwrap();
            assert_eq!((read.get_version_num(), &id[..13]), (7, "019e7044-8800"), "{id}");
        }
    }
}
