//! When a message that could not be delivered is tried again.

use crate::time::Timestamp;
use chrono::Duration;

/// Minutes to wait after the first, second … failed attempt; after the last, the message is given up. Together a little
/// over two days: [RFC 5321 §4.5.4.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.4.1) asks a sender to keep
/// trying for days, and behind us a mail server does.
const WAITS_MINUTES: [i64; 10] = [1, 2, 5, 15, 30, 60, 180, 360, 720, 1440];

/// When to try again after this many attempts, or `None` to give up.
pub(crate) fn next_attempt(attempts: u32, now: Timestamp) -> Option<Timestamp> {
    let index = usize::try_from(attempts).ok()?.checked_sub(1)?;
    WAITS_MINUTES.get(index).map(|minutes| now + Duration::minutes(*minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let now = chrono::DateTime::UNIX_EPOCH;
        let waits: Vec<_> = (1..=11).map(|attempts| next_attempt(attempts, now)).collect();
        assert!(waits[..10].windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(waits[10], None);
    }
}
