use super::PortError;
use crate::{
    directory::{Account, AccountToken, Logo, LogoId, Organization},
    id::{MessageId, OrganizationId},
    invitation::{Channel, DeadLetter, Event, OutboxMessage, Reason},
    page::{Page, PageRequest},
    port::invitation_store::{AccountFacts, InvitationRecord},
    time::Timestamp,
};
use async_trait::async_trait;
use chrono::Duration;
use uuid::Uuid;

/// A dispatcher's claim on messages: they are its own until the lease ends or somebody else takes them after that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lease {
    /// Fences the claim: only its holder can settle.
    pub token: Uuid,
    /// How long it lasts.
    pub lasts: Duration,
}

/// Everything needed to write one message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DeliveryFacts {
    /// What it is about does not exist any more.
    Gone,
    /// Of an invitation.
    Invitation {
        /// The organisation.
        organization: Box<Organization>,
        /// The invitation.
        record: Box<InvitationRecord>,
        /// The language of the account at the address, if there is one.
        account_locale: Option<String>,
        /// Whether the recipient wants no mail of this organisation.
        blocked: bool,
    },
    /// Of an invitation, to a member of its organisation.
    Notice {
        /// The organisation.
        organization: Box<Organization>,
        /// The invitation.
        record: Box<InvitationRecord>,
        /// Who is told, as the directory knows them now.
        reader: Box<AccountFacts>,
        /// Who redeemed it last.
        redeemer: Option<Box<AccountFacts>>,
    },
    /// Of an account.
    Account {
        /// The account.
        account: Box<Account>,
        /// Its present link for the message's purpose; `None` for a message that carries no link.
        token: Option<Box<AccountToken>>,
        /// An organisation the account belongs to, for its name, language and time zone.
        organization: Option<Box<Organization>>,
    },
}

/// What became of a delivery attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settlement {
    /// The channel took it.
    Sent,
    /// Again later.
    Retry {
        /// When.
        at: Timestamp,
        /// Why it did not work.
        reason: Reason,
    },
    /// Never.
    Failed(Reason),
    /// Not wanted any more. Does not count as an attempt.
    Cancelled(Reason),
}

/// The queue of messages, written by plans and emptied by dispatchers.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes up to `limit` queued messages of these channels that are due and not leased, oldest due first.
    ///
    /// MUST give one message to one claimant at a time; a lease that ended MUST NOT keep a message back.
    async fn claim(
        &self,
        channels: &[Channel],
        lease: &Lease,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OutboxMessage>, PortError>;

    /// Everything needed to write this message, read at one moment.
    async fn load_delivery(&self, message: &OutboxMessage) -> Result<DeliveryFacts, PortError>;

    /// The logo of this content, for a message that is about to be sent; `None` where it is gone meanwhile.
    async fn load_logo(&self, id: &LogoId) -> Result<Option<Logo>, PortError>;

    /// Records what became of an attempt, and the event with it. Answers whether the lease still held: where it did not,
    /// nothing MUST be written.
    async fn settle(
        &self,
        message: MessageId,
        lease: &Lease,
        settlement: Settlement,
        event: Option<Event>,
        now: Timestamp,
    ) -> Result<bool, PortError>;

    /// When the next queued message of these channels is due or its lease ends, if there is one.
    async fn next_due(&self, channels: &[Channel]) -> Result<Option<Timestamp>, PortError>;

    /// A page of the messages of an organisation's invitations that were given up, the last first, by (given up at, id).
    /// Messages of other organisations and of accounts MUST NOT be among them.
    async fn dead_letters(
        &self,
        organization_id: OrganizationId,
        page: &PageRequest,
    ) -> Result<Page<DeadLetter>, PortError>;

    /// One of them. A message of another organisation MUST be answered as an unknown one.
    async fn dead_letter(
        &self,
        organization_id: OrganizationId,
        id: MessageId,
    ) -> Result<Option<DeadLetter>, PortError>;
}
