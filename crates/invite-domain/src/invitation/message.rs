//! Outbox messages: what has to be told to somebody, never how the secret in it reads (house 4.3, rules part 8).

use super::lifecycle::Channel;
use crate::{
    email::EmailAddress,
    id::{AccountId, InvitationId, MessageId, OrganizationId},
    secret::account_token::AccountPurpose,
    time::Timestamp,
};

/// What a message is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MessageKind {
    /// The link of an invitation's generation.
    Invitation {
        /// The invitation.
        invitation_id: InvitationId,
        /// The generation whose link it carries; overtaken once the invitation has a newer one.
        generation: u16,
    },
    /// A link that acts on an account.
    Account {
        /// The account.
        account_id: AccountId,
        /// What the link may do.
        purpose: AccountPurpose,
        /// Which of the account's links for that purpose.
        counter: u8,
    },
    /// The link of an invitation's generation once more, because it expires soon (rule 4.8).
    Reminder {
        /// The invitation.
        invitation_id: InvitationId,
        /// The generation whose link it carries.
        generation: u16,
    },
    /// What became of an invitation, told to a member of its organisation. It carries no secret.
    Notice {
        /// What it tells.
        about: NoticeKind,
        /// The invitation.
        invitation_id: InvitationId,
        /// Who is told.
        account_id: AccountId,
    },
    /// That an account has another address now, told to the one it had (rule 7.9): the message's own address.
    AddressChanged {
        /// The account.
        account_id: AccountId,
    },
}

impl MessageKind {
    /// The invitation and the generation whose link it carries, where it carries one. Such a message counts among the
    /// invitation's (rule 4.4) and ends with it.
    pub const fn link(&self) -> Option<(InvitationId, u16)> {
        match self {
            Self::Invitation { invitation_id, generation } | Self::Reminder { invitation_id, generation } => {
                Some((*invitation_id, *generation))
            }
            Self::Account { .. } | Self::Notice { .. } | Self::AddressChanged { .. } => None,
        }
    }

    /// Whether it carries a link of this invitation.
    pub fn carries_link_of(&self, invitation: InvitationId) -> bool {
        self.link().is_some_and(|(id, _)| id == invitation)
    }

    /// Whether it is this invitation as it was issued or sent again. What an invitation shows as its deliveries are these
    /// alone, not reminders.
    pub fn is_invitation(&self, invitation: InvitationId) -> bool {
        matches!(self, Self::Invitation { invitation_id, .. } if *invitation_id == invitation)
    }

    /// Who is told by it that an invitation is suspended.
    pub const fn told_of_suspension(&self) -> Option<AccountId> {
        match self {
            Self::Notice { about: NoticeKind::Suspended, account_id, .. } => Some(*account_id),
            _ => None,
        }
    }

    /// The invitation it is about, whether or not it carries a link.
    pub const fn invitation_id(&self) -> Option<InvitationId> {
        match self {
            Self::Invitation { invitation_id, .. }
            | Self::Reminder { invitation_id, .. }
            | Self::Notice { invitation_id, .. } => Some(*invitation_id),
            Self::Account { .. } | Self::AddressChanged { .. } => None,
        }
    }
}

/// What a member is told of an invitation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NoticeKind {
    /// It was accepted; told to its inviter.
    Accepted,
    /// It waits for a sponsor; told to those who may be one.
    Suspended,
}

impl NoticeKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Accepted, Self::Suspended];

    /// The kind's name, in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Suspended => "suspended",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Where a message stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DeliveryState {
    /// Waiting for its first or next attempt.
    Queued,
    /// Handed to the channel.
    Sent,
    /// Given up after a permanent refusal or too many attempts.
    Failed,
    /// Not to be sent any more.
    Cancelled,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Sent, Self::Failed, Self::Cancelled];

    /// The state's name, in storage and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// Why a message is not sent, or not yet: fixed words, so that nothing a remote server says is passed on.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Reason { $($(#[$doc])* $name,)+ }

        impl Reason {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word, in storage and on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The reason of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.name() == name)
            }
        }
    };
}

reasons! {
    /// The mail server refused the message for good (a 5xx answer).
    SmtpRefused = "smtp_refused",
    /// The mail server put us off (a 4xx answer).
    SmtpDeferred = "smtp_deferred",
    /// The SMS gateway refused the message, or refuses us as its client.
    SmsRefused = "sms_refused",
    /// The SMS gateway put us off (408, 409, 425, 429 or a 5xx answer).
    SmsDeferred = "sms_deferred",
    /// The channel could not be reached, or the connection broke.
    Unreachable = "unreachable",
    /// The server's identity could not be verified; nothing was sent.
    TlsFailed = "tls_failed",
    /// The address cannot be written in a way the server takes.
    AddressUnsupported = "address_unsupported",
    /// The message could not be written from its template.
    TemplateFailed = "template_failed",
    /// The recipient wants no mail of this organisation.
    RecipientBlocked = "recipient_blocked",
    /// A newer message took its place.
    Overtaken = "overtaken",
    /// The invitation ended before the message left.
    InvitationEnded = "invitation_ended",
    /// The invitation expired before the message left.
    InvitationExpired = "invitation_expired",
    /// The inviter may no longer give what the invitation grants.
    InvitationSuspended = "invitation_suspended",
    /// The key the secret was made under was retired.
    KeyRetired = "key_retired",
    /// The account's link was used, replaced or expired before the message left.
    LinkEnded = "link_ended",
    /// What it tells is no longer so, or no longer for this reader.
    NotNeeded = "not_needed",
    /// The address it would prove is another account's.
    AddressTaken = "address_taken",
    /// What is stored of the message or its invitation cannot be read.
    Unreadable = "unreadable",
    /// Too many attempts failed.
    AttemptsExhausted = "attempts_exhausted",
}

/// A message to somebody, from the commit that made it necessary until it is settled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutboxMessage {
    /// Names the message; its `Message-ID` is made of this and the same over all attempts.
    pub id: MessageId,
    /// The organisation it is of, where it is of one.
    pub organization_id: Option<OrganizationId>,
    /// What it is about.
    pub kind: MessageKind,
    /// Where it goes, where no other row says so: to the address an account had. Gone once the message is settled.
    pub address: Option<EmailAddress>,
    /// How it travels.
    pub channel: Channel,
    /// Where it stands.
    pub state: DeliveryState,
    /// Why it is not sent, or not yet.
    pub reason: Option<Reason>,
    /// How often delivery was tried.
    pub attempts: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When to try next.
    pub next_attempt_at: Timestamp,
    /// When it came to rest.
    pub settled_at: Option<Timestamp>,
}

impl OutboxMessage {
    /// A message waiting for its first attempt.
    pub fn queued(
        id: MessageId,
        organization_id: Option<OrganizationId>,
        kind: MessageKind,
        channel: Channel,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            organization_id,
            kind,
            address: None,
            channel,
            state: DeliveryState::Queued,
            reason: None,
            attempts: 0,
            created_at: now,
            next_attempt_at: now,
            settled_at: None,
        }
    }

    /// The same message, taken up again after it was given up: with all its attempts before it, due now.
    #[must_use]
    pub fn replayed(mut self, now: Timestamp) -> Self {
        self.state = DeliveryState::Queued;
        self.reason = None;
        self.attempts = 0;
        self.next_attempt_at = now;
        self.settled_at = None;
        self
    }

    /// The same message, cancelled from the start.
    #[must_use]
    pub fn cancelled(mut self, reason: Reason) -> Self {
        self.state = DeliveryState::Cancelled;
        self.reason = Some(reason);
        self.address = None;
        self.settled_at = Some(self.created_at);
        self
    }
}

/// An invitation's message that was given up: refused for good, or tried too often (rule 8.2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeadLetter {
    /// The message's id.
    pub id: MessageId,
    /// The invitation it is of.
    pub invitation_id: InvitationId,
    /// The generation whose link it carries.
    pub generation: u16,
    /// How it travels.
    pub channel: Channel,
    /// How often delivery was tried.
    pub attempts: u32,
    /// Why it was given up.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}

impl DeadLetter {
    /// The dead letter a message is; `None` where it is not given up, or carries no link of an invitation: a notice that did
    /// not reach a member keeps nobody out.
    pub fn of(message: &OutboxMessage) -> Option<Self> {
        let (invitation_id, generation) = message.kind.link()?;
        (message.state == DeliveryState::Failed).then_some(Self {
            id: message.id,
            invitation_id,
            generation,
            channel: message.channel,
            attempts: message.attempts,
            reason: message.reason?,
            at: message.settled_at?,
        })
    }
}

/// What an invitation shows of one channel: its latest message there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// The channel.
    pub channel: Channel,
    /// Where the message stands.
    pub state: DeliveryState,
    /// Why it is not sent, or not yet.
    pub reason: Option<Reason>,
    /// When it came to that state: settled, or made.
    pub at: Timestamp,
    /// How often delivery was tried.
    pub attempts: u32,
    /// When the next attempt is due, while queued.
    pub next_attempt_at: Option<Timestamp>,
}

impl Delivery {
    /// What a message shows that was made at one time, is due next at another while it is queued, and may be settled.
    pub fn new(
        channel: Channel,
        state: DeliveryState,
        reason: Option<Reason>,
        attempts: u32,
        created_at: Timestamp,
        next_attempt_at: Timestamp,
        settled_at: Option<Timestamp>,
    ) -> Self {
        Self {
            channel,
            state,
            reason,
            at: settled_at.unwrap_or(created_at),
            attempts,
            next_attempt_at: (state == DeliveryState::Queued).then_some(next_attempt_at),
        }
    }
}

impl From<&OutboxMessage> for Delivery {
    fn from(message: &OutboxMessage) -> Self {
        Self::new(
            message.channel,
            message.state,
            message.reason,
            message.attempts,
            message.created_at,
            message.next_attempt_at,
            message.settled_at,
        )
    }
}
