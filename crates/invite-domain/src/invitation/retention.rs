//! How long what has ended is kept (rule 2.4).

use super::IdempotencyRecord;
use crate::{directory::Session, time::Timestamp};
use chrono::Duration;

/// How long an ended invitation stays visible, with its redemptions and messages.
pub const ENDED_INVITATIONS: Duration = Duration::days(365);
/// How long an event stays in the trail.
pub const EVENTS: Duration = Duration::days(730);
/// How long a settled message stays, unless it is the latest of its invitation and channel. No message holds a body or a
/// secret: both are made at delivery.
pub const SETTLED_MESSAGES: Duration = Duration::days(30);
/// How long an account link stays after it expired or was used.
pub const ENDED_ACCOUNT_LINKS: Duration = Duration::days(1);
/// How long a deleted organisation can be restored, and is kept.
pub const DELETED_ORGANIZATIONS: Duration = Duration::days(30);
/// How much longer its rows stay: no replica whose clock is behind still restores what another one deletes.
pub const DELETION_MARGIN: Duration = Duration::hours(1);
/// How long a counter stays after its window. The clocks of replicas differ by a little: one that is behind still counts
/// in a window that another sees as over.
pub const COUNTERS: Duration = Duration::minutes(1);

/// What has ended at or before these instants is deleted; what ended later stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cutoffs {
    /// Answers to repeated requests, by when they were given.
    pub idempotency_before: Timestamp,
    /// Sessions, by when they end whatever happens.
    pub sessions_before: Timestamp,
    /// Sessions, by when they were last used.
    pub sessions_idle_before: Timestamp,
    /// Counters of attempts, by the end of their window.
    pub counters_before: Timestamp,
    /// Account links, by when they expired or were used.
    pub account_links_before: Timestamp,
    /// Messages, by when they were settled.
    pub messages_settled_before: Timestamp,
    /// Invitations, by when they were redeemed, declined or revoked, or by when a pending one expired.
    pub invitations_ended_before: Timestamp,
    /// Events, by when they were recorded.
    pub events_before: Timestamp,
    /// Organisations, by when they were deleted.
    pub organizations_deleted_before: Timestamp,
}

impl Cutoffs {
    /// What is deleted now.
    pub fn at(now: Timestamp) -> Self {
        Self {
            idempotency_before: now - IdempotencyRecord::LIFETIME,
            sessions_before: now,
            sessions_idle_before: now - Session::IDLE,
            counters_before: now - COUNTERS,
            account_links_before: now - ENDED_ACCOUNT_LINKS,
            messages_settled_before: now - SETTLED_MESSAGES,
            invitations_ended_before: now - ENDED_INVITATIONS,
            events_before: now - EVENTS,
            organizations_deleted_before: now - DELETED_ORGANIZATIONS - DELETION_MARGIN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        directory::Session,
        id::{AccountId, SessionId},
        secret::credential::CredentialDigest,
    };
    use chrono::TimeZone as _;
    use uuid::Uuid;

    fn now() -> Timestamp {
        chrono::Utc.timestamp_opt(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn r2_4_everything_that_ended_is_kept_as_long_as_the_rule_says() {
        let cutoffs = Cutoffs::at(now());
        let days = |count| now() - Duration::days(count);
        assert_eq!(cutoffs.invitations_ended_before, days(365));
        assert_eq!(cutoffs.events_before, days(730));
        assert_eq!(cutoffs.messages_settled_before, days(30));
        assert_eq!(cutoffs.idempotency_before, now() - Duration::hours(24));
        assert_eq!(cutoffs.sessions_idle_before, days(7));
        assert_eq!(cutoffs.account_links_before, days(1));
        assert_eq!(cutoffs.organizations_deleted_before, days(30) - Duration::hours(1), "restorable for thirty days");
        assert_eq!(Session::LIFETIME, Duration::days(30), "and a session ends by itself at its own instant");
        assert_eq!(cutoffs.sessions_before, now());
    }

    #[test]
    fn r2_4_a_session_is_deleted_from_the_instant_it_no_longer_counts() {
        let cutoffs = Cutoffs::at(now());
        let session = |last_seen_at, expires_at| Session {
            id: SessionId::from_uuid(Uuid::from_u128(1)),
            account_id: AccountId::from_uuid(Uuid::from_u128(2)),
            digest: CredentialDigest::from_bytes([0; 32]),
            created_at: now() - Duration::days(9),
            last_seen_at,
            organization_id: None,
            refresh: None,
            expires_at,
        };
        for micros in [-1, 0, 1] {
            let shift = Duration::microseconds(micros);
            let (idle, ended) = (now() - Session::IDLE + shift, now() + shift);
            assert_eq!(session(idle, now() + Duration::days(1)).is_live(now()), idle > cutoffs.sessions_idle_before);
            assert_eq!(session(now(), ended).is_live(now()), ended > cutoffs.sessions_before);
        }
    }

    #[test]
    fn r2_4_a_counter_outlives_its_window_by_more_than_clocks_may_differ() {
        // Two seconds on either side of the database's clock (rule 2.6).
        assert!(now() - Cutoffs::at(now()).counters_before > Duration::seconds(4));
    }
}
