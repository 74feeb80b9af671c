use super::PortError;
use crate::invitation::Cutoffs;
use async_trait::async_trait;

/// How many rows of each kind a purge deleted.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Purged {
    /// Answers to repeated requests.
    pub idempotency: u64,
    /// Sessions.
    pub sessions: u64,
    /// Counters of attempts.
    pub counters: u64,
    /// Links that act on an account.
    pub account_links: u64,
    /// Messages; those that went with their invitation are not counted.
    pub messages: u64,
    /// Invitations.
    pub invitations: u64,
    /// Events.
    pub events: u64,
    /// Organisations that were deleted long ago; what was theirs and went with them is not counted.
    pub organizations: u64,
    /// Whether a kind reached the limit, so that there may be more to delete at once.
    pub more: bool,
}

impl Purged {
    /// How many rows that is.
    pub fn total(&self) -> u64 {
        let Self {
            idempotency,
            sessions,
            counters,
            account_links,
            messages,
            invitations,
            events,
            organizations,
            more: _,
        } = self;
        idempotency + sessions + counters + account_links + messages + invitations + events + organizations
    }
}

/// Deletes what has ended long enough ago (rule 2.4). No rule depends on it: what has ended counts for nothing, deleted or
/// not, so it may run late, twice at once, or never.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Retention: Send + Sync {
    /// Deletes up to `limit` rows of each kind that ended at or before its cutoff, in commits as small as the store likes,
    /// and answers how many. Called again while there is more, it MUST come to an end with nothing left that can be deleted;
    /// a store may put off, for a day at the most, a message that another one overtook only after the message's own cutoff.
    ///
    /// - What ended after its cutoff MUST stay, also where it changed while this ran: an expired invitation that was just
    ///   sent again, a counter in its next window. An invitation that is pending ends when it expires.
    /// - An invitation MUST take its redemptions and messages with it, and MUST NOT take a membership, an account or an
    ///   event: the trail has a cutoff of its own.
    /// - The latest message of an invitation and channel MUST stay as long as the invitation: it is what `deliveries` shows.
    ///   A message that is not settled has no end.
    /// - An organisation that was deleted MUST take everything of its own with it, its events too, and give its slugs up; the
    ///   accounts of its members MUST stay. One of which there is more than the limit may go in several calls.
    async fn purge(&self, cutoffs: &Cutoffs, limit: u32) -> Result<Purged, PortError>;
}
