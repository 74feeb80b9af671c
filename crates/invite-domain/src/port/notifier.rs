use crate::{
    directory::{
        Slug,
        look::{Accent, Logo},
    },
    email::EmailAddress,
    id::{InvitationId, MessageId},
    invitation::{Channel, Reason},
    phone::PhoneNumber,
    secret::{account_token::AccountTokenText, code::CodeText, token::TokenText},
    time::Timestamp,
};
use async_trait::async_trait;

/// Why somebody gets the link of an invitation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Occasion {
    /// It is new.
    Issued,
    /// It is a fresh link, in the place of one sent before.
    Renewed,
    /// It expires soon (rule 4.8).
    Reminder,
}

/// What a notification says, with the secret it carries. It exists only between derivation and delivery.
#[derive(Debug)]
pub enum NotificationContent {
    /// Somebody is invited.
    Invitation {
        /// Why it is sent.
        occasion: Occasion,
        /// What the inviter is called, if known.
        inviter_name: Option<String>,
        /// What the organisation is called.
        organization_name: String,
        /// What the role is called, if there is one.
        role_name: Option<String>,
        /// When the invitation expires.
        expires_at: Timestamp,
        /// What the inviter adds, as plain text.
        message: Option<String>,
        /// The token for the link.
        token: TokenText,
        /// The short code, where the invitation has one: for who cannot follow a link.
        code: Option<CodeText>,
        /// Where codes of the organisation are entered: `/code/{slug}`.
        organization_slug: Slug,
    },
    /// The first link of an organisation's owner.
    OwnerLink {
        /// What the organisation is called, if known.
        organization_name: Option<String>,
        /// When the link ends.
        expires_at: Timestamp,
        /// The token for the link.
        token: AccountTokenText,
    },
    /// A password is to be set anew.
    PasswordReset {
        /// When the link ends.
        expires_at: Timestamp,
        /// The token for the link.
        token: AccountTokenText,
    },
    /// This address is to become an account's; sent to it, to prove it.
    AddressChange {
        /// When the link ends.
        expires_at: Timestamp,
        /// The token for the link.
        token: AccountTokenText,
    },
    /// An account has another address now; sent to the one it had.
    AddressChanged {
        /// The new address, masked.
        new_masked: String,
        /// When it was changed.
        at: Timestamp,
    },
    /// An invitation was accepted; sent to its inviter.
    Accepted {
        /// The invitation: its page in the console is the link.
        invitation_id: InvitationId,
        /// Who was invited, as the inviter wrote it.
        recipient: String,
        /// What the new member is called, if known.
        member_name: Option<String>,
        /// What the organisation is called.
        organization_name: String,
        /// What the role is called, if there is one.
        role_name: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// An invitation waits for a sponsor, because its inviter may no longer give what it grants; sent to an administrator.
    Suspended {
        /// The invitation: its page in the console is the link.
        invitation_id: InvitationId,
        /// Who was invited, as the inviter wrote it.
        recipient: String,
        /// What the inviter is called, if known.
        inviter_name: Option<String>,
        /// What the organisation is called.
        organization_name: String,
    },
}

/// Where a message goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Destination {
    /// A mailbox.
    Email(EmailAddress),
    /// A phone.
    Phone(PhoneNumber),
}

impl Destination {
    /// The channel that leads there.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Phone(_) => Channel::Sms,
        }
    }

    /// The address, where it is a mailbox.
    pub const fn email(&self) -> Option<&EmailAddress> {
        match self {
            Self::Email(address) => Some(address),
            Self::Phone(_) => None,
        }
    }
}

/// One message to one person.
#[derive(Debug)]
pub struct Notification {
    /// Names the message; the same over all attempts.
    pub message_id: MessageId,
    /// When the message was made; stays the same over all attempts.
    pub created_at: Timestamp,
    /// To whom; of the channel's kind.
    pub to: Destination,
    /// The languages to try in turn (BCP 47 tags): invitation, account, organisation (rule 8.3).
    pub locales: Vec<Option<String>>,
    /// The IANA time zone for dates.
    pub time_zone: String,
    /// The organisation's colour, where it has one.
    pub accent: Option<Accent>,
    /// The organisation's logo, where it has one.
    pub logo: Option<Logo>,
    /// What it says.
    pub content: NotificationContent,
}

/// Why a delivery failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DeliveryError {
    /// Trying again may work.
    #[error("not delivered yet: {}", .0.name())]
    Transient(Reason),
    /// It never will.
    #[error("cannot be delivered: {}", .0.name())]
    Permanent(Reason),
}

/// Hands messages to people.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Notifier: Send + Sync {
    /// The channels there is a way for. A message of any other channel waits.
    fn channels(&self) -> Vec<Channel>;

    /// Delivers one message. `Ok` MUST mean that the channel took responsibility for it. The adapter MUST derive the
    /// message's identity on the channel (an e-mail's `Message-ID`) from [`Notification::message_id`] alone.
    async fn deliver(&self, notification: &Notification) -> Result<(), DeliveryError>;
}
