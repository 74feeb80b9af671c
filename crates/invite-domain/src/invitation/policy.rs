//! Bounds an invitation must keep to (rules 2.3, 4.4).

use crate::time::Timestamp;
use chrono::Duration;

/// The operator's bounds; an organisation may narrow them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// The shortest life of an invitation.
    pub ttl_min: Duration,
    /// The life of an invitation whose issuer names none.
    pub ttl_default: Duration,
    /// The longest life.
    pub ttl_max: Duration,
    /// The longest life of an invitation to a subject.
    pub ttl_subject_max: Duration,
    /// How many messages an invitation may hand to a channel within how long; all of them hold.
    pub messages: Vec<Budget>,
    /// How many live invitations an organisation may have; `None` lifts the limit (rule 9.2).
    pub live: Option<u32>,
    /// How many invitations an organisation may issue in an hour; `None` lifts the limit.
    pub issues_hour: Option<u32>,
    /// How many messages one organisation may send one recipient in a day; `None` lifts the limit.
    pub messages_recipient_day: Option<u32>,
    /// How many messages one recipient may get in a day from all organisations; `None` lifts the limit.
    pub messages_recipient_day_all: Option<u32>,
}

/// At most `limit` within any stretch of `window`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    /// How many.
    pub limit: u32,
    /// Within how long.
    pub window: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            ttl_min: Duration::minutes(5),
            ttl_default: Duration::days(7),
            ttl_max: Duration::days(30),
            ttl_subject_max: Duration::days(90),
            messages: vec![
                Budget { limit: 5, window: Duration::minutes(10) },
                Budget { limit: 20, window: Duration::hours(24) },
            ],
            live: Some(10_000),
            issues_hour: Some(20_000),
            messages_recipient_day: Some(20),
            messages_recipient_day_all: Some(50),
        }
    }
}

impl Bounds {
    /// When `count` messages are possible, where that many more now would be too many (rule 4.4). `sent` holds the instants
    /// of earlier messages, in any order.
    pub fn messages_possible_at(&self, sent: &[Timestamp], count: usize, now: Timestamp) -> Option<Timestamp> {
        self.messages.iter().filter_map(|budget| budget.possible_at(sent, count, now)).max()
    }

    /// The longest window a message count needs to look back.
    pub fn message_window(&self) -> Duration {
        self.messages.iter().map(|budget| budget.window).max().unwrap_or_default()
    }
}

impl Budget {
    fn possible_at(&self, taken: &[Timestamp], count: usize, now: Timestamp) -> Option<Timestamp> {
        let mut within: Vec<_> = taken.iter().copied().filter(|at| *at > now - self.window).collect();
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let wanted = within.len() + count;
        if wanted <= limit {
            return None;
        }
        within.sort_unstable();
        let freed_by = wanted - limit - 1;
        Some(within.get(freed_by).copied().unwrap_or(now) + self.window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    fn at(seconds: i64) -> Timestamp {
        chrono::Utc.timestamp_opt(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn r4_4_five_messages_in_ten_minutes_and_the_sixth_waits_for_the_first() {
        let bounds = Bounds::default();
        let sent: Vec<_> = (0..5).map(|i| at(i * 10)).collect();
        assert_eq!(bounds.messages_possible_at(&sent[..4], 1, at(60)), None);
        assert_eq!(bounds.messages_possible_at(&sent, 1, at(60)), Some(at(600)));
        assert_eq!(bounds.messages_possible_at(&sent, 1, at(599)), Some(at(600)));
        assert_eq!(bounds.messages_possible_at(&sent, 1, at(600)), None);
    }

    #[test]
    fn r4_4_two_messages_at_once_wait_for_the_second_place() {
        let bounds = Bounds::default();
        let sent: Vec<_> = (0..4).map(|i| at(i * 10)).collect();
        assert_eq!(bounds.messages_possible_at(&sent, 1, at(60)), None);
        assert_eq!(bounds.messages_possible_at(&sent, 2, at(60)), Some(at(600)));
        assert_eq!(bounds.messages_possible_at(&sent, 3, at(60)), Some(at(610)));
        assert_eq!(bounds.messages_possible_at(&[], 6, at(60)), Some(at(660)), "more than there ever is room for");
    }

    #[test]
    fn r4_4_twenty_in_a_day_hold_beside_five_in_ten_minutes() {
        let bounds = Bounds::default();
        let sent: Vec<_> = (0..20).map(|i| at(i * 600)).collect();
        assert_eq!(bounds.messages_possible_at(&sent, 1, at(20 * 600)), Some(at(24 * 3600)));
    }
}
