//! Limits a plan keeps within (rules 9.1, 9.2), and what a store answers where it does not.

use super::{
    Bounds, Budget, Channel, Context, DeliveryState, Invitation, LiveKey, OutboxMessage, Recipient, Rejection,
};
use crate::{directory::Organization, email::EmailAddress, id::OrganizationId, port::Spending, time::Timestamp};
use chrono::Duration;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// What ends within this time may have ended, and its seat be another's, by the time a plan about it is written: a plan
/// that counts on it keeps within the limits as if it had ended. Longer than any commit takes and clocks differ.
pub const MARGIN: Duration = Duration::minutes(1);

/// A limit a plan keeps within. The store holds the plan to it in the transaction that writes it, once its guards hold;
/// where it would be exceeded it answers [`Outcome::Refused`](super::Outcome::Refused), writes nothing and counts nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Limit {
    /// After the plan the organisation has at most so many members and live invitations together (rule 9.1): memberships,
    /// active or not, and pending invitations that expire after `at`.
    Seats {
        /// The organisation.
        organization_id: OrganizationId,
        /// How many there may be.
        most: i64,
        /// The present.
        at: Timestamp,
    },
    /// After the plan the organisation has at most so many live invitations: pending ones that expire after `at`. The plan
    /// makes one more live. A store may keep a count that is higher than the truth, where it counts anew before it refuses.
    Live {
        /// The organisation.
        organization_id: OrganizationId,
        /// How many there may be.
        most: i64,
        /// The present.
        at: Timestamp,
    },
    /// The plan spends `count` of a budget in fixed windows, all of them or none.
    Budget {
        /// What the budget is of.
        of: Budgeted,
        /// Whose budget, and how much there is.
        spending: Spending,
        /// How much the plan spends, at least 1.
        count: u32,
        /// The present.
        at: Timestamp,
    },
}

/// What a budget is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Budgeted {
    /// Invitations an organisation issues.
    Issues,
    /// Messages one recipient gets.
    Messages,
}

/// Which limit a plan would have exceeded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shortage {
    /// No seat is free.
    Seats,
    /// No further invitation may be live.
    Live,
    /// A budget is used up until then.
    Budget {
        /// What of.
        of: Budgeted,
        /// When its window ends.
        until: Timestamp,
    },
}

impl From<Shortage> for Rejection {
    fn from(shortage: Shortage) -> Self {
        match shortage {
            Shortage::Seats => Self::SeatsFull,
            Shortage::Live => Self::InvitationsFull,
            Shortage::Budget { of: Budgeted::Issues, until } => Self::TooManyIssued { possible_at: until },
            Shortage::Budget { of: Budgeted::Messages, until } => Self::TooManyMessages { possible_at: until },
        }
    }
}

impl Context<'_> {
    /// What a plan that issues an invitation keeps within (rules 9.1, 9.2).
    pub(super) fn limits_of_issue(&self, organization: &Organization) -> Vec<Limit> {
        let most = narrower(self.bounds.issues_hour, organization.limits.issues_hour);
        let issues = most.map(|limit| Limit::Budget {
            of: Budgeted::Issues,
            spending: Spending {
                key: format!("issue:{}", organization.id),
                budget: Budget { limit, window: Duration::hours(1) },
            },
            count: 1,
            at: self.now,
        });
        self.limits_of_one_more(organization).into_iter().chain(issues).collect()
    }

    /// What a plan keeps within that gives an invitation more time, or a new link: nothing while it lives, for it has its
    /// seat; else what one more live invitation takes.
    pub(super) fn limits_of_revival(&self, organization: &Organization, old: &Invitation) -> Vec<Limit> {
        if self.surely_lives(old) { Vec::new() } else { self.limits_of_one_more(organization) }
    }

    /// What a plan keeps within by which somebody becomes a member in the place of a live invitation.
    pub(super) fn limits_of_redemption(&self, organization: &Organization, old: &Invitation) -> Option<Limit> {
        if self.surely_lives(old) { None } else { self.seats(organization) }
    }

    /// What a plan keeps within that takes a seat: where the organisation has a number of them.
    pub(crate) fn seats(&self, organization: &Organization) -> Option<Limit> {
        let most = organization.limits.seats?;
        Some(Limit::Seats { organization_id: organization.id, most, at: self.now })
    }

    fn limits_of_one_more(&self, organization: &Organization) -> Vec<Limit> {
        let most = narrower(self.bounds.live, organization.limits.live);
        let live = most.map(|most| Limit::Live { organization_id: organization.id, most: most.into(), at: self.now });
        self.seats(organization).into_iter().chain(live).collect()
    }

    fn surely_lives(&self, invitation: &Invitation) -> bool {
        invitation.is_live(self.now + MARGIN)
    }
}

/// What a plan keeps within that sends these messages of an invitation of this organisation to this recipient: each counts
/// for the mailbox or phone it goes to. One that is cancelled from the start counts for none.
pub(super) fn of_messages(
    organization: &Organization,
    recipient: &Recipient,
    messages: &[OutboxMessage],
    bounds: &Bounds,
    now: Timestamp,
) -> Vec<Limit> {
    let own = narrower(bounds.messages_recipient_day, organization.limits.messages_recipient_day);
    let mut counts = BTreeMap::new();
    for message in messages.iter().filter(|message| message.state == DeliveryState::Queued) {
        let reached = match message.channel {
            Channel::Email => recipient.email().cloned().map(Recipient::Email),
            Channel::Sms => recipient.phone().cloned().map(Recipient::Phone),
        };
        // One without an address is not sent.
        if let Some(reached) = reached {
            *counts.entry(reached.live_key()).or_insert(0) += 1;
        }
    }
    let mut limits = Vec::new();
    for (reached, count) in counts {
        let digest = digest(&reached);
        limits.extend(own.map(|limit| of_day(format!("mail:{}:{digest}", organization.id), limit, count, now)));
        limits.extend(everybodys(&digest, count, bounds, now));
    }
    limits
}

/// What a plan keeps within that asks whether an account's new address is its own: a budget by itself, which is spent whether or
/// not a mail leaves. So when it is used up tells nobody who has an account, and keeps no invitation from that address.
pub(crate) fn of_address_change(address: &EmailAddress, bounds: &Bounds, now: Timestamp) -> Option<Limit> {
    let digest = digest(&Recipient::Email(address.clone()).live_key());
    bounds.messages_recipient_day_all.map(|limit| of_day(format!("mail:address:{digest}"), limit, 1, now))
}

/// The keys of what messages to a recipient are counted by, in these organisations and all together.
pub(crate) fn keys_of(recipient: &LiveKey, organizations: impl IntoIterator<Item = OrganizationId>) -> Vec<String> {
    let digest = digest(recipient);
    let own = organizations.into_iter().map(|id| format!("mail:{id}:{digest}"));
    own.chain(["all", "address"].map(|of| format!("mail:{of}:{digest}"))).collect()
}

fn everybodys(digest: &str, count: u32, bounds: &Bounds, now: Timestamp) -> Option<Limit> {
    bounds.messages_recipient_day_all.map(|limit| of_day(format!("mail:all:{digest}"), limit, count, now))
}

fn of_day(key: String, limit: u32, count: u32, at: Timestamp) -> Limit {
    let budget = Budget { limit, window: Duration::hours(24) };
    Limit::Budget { of: Budgeted::Messages, spending: Spending { key, budget }, count, at }
}

/// What stands for a recipient in a key: of one length, whatever somebody chose as an address.
fn digest(recipient: &LiveKey) -> String {
    let digest = <[u8; 32]>::from(Sha256::digest(recipient.as_str()));
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// The operator's limit, or the organisation's own where that is less.
fn narrower(operators: Option<u32>, own: Option<i64>) -> Option<u32> {
    let own = own.map(|own| u32::try_from(own.max(0)).unwrap_or(u32::MAX));
    [operators, own].into_iter().flatten().min()
}
