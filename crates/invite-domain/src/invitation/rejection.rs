//! Rejections: the domain says no, and why (house 6).

use super::lifecycle::Status;
use crate::{id::InvitationId, time::Timestamp};

/// What is wrong with one field of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldCode {
    /// It has to be there.
    Required,
    /// It is not one of the fields there are.
    Unknown,
    /// It has another JSON type.
    WrongType,
    /// It is too small, too large, too short or too long.
    OutOfRange,
    /// It is not what it should be.
    Invalid,
}

impl FieldCode {
    /// The code on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Unknown => "unknown_field",
            Self::WrongType => "wrong_type",
            Self::OutOfRange => "out_of_range",
            Self::Invalid => "invalid",
        }
    }
}

/// One field of a command that cannot be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldError {
    /// Where it stands in the request, as a JSON pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)).
    pub pointer: String,
    /// What is wrong.
    pub code: FieldCode,
    /// A sentence a person can act on.
    pub detail: String,
}

/// Why a genuine link is no longer good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeadReason {
    /// A newer message took its place.
    Superseded,
    /// Its time is over.
    Expired,
    /// It was withdrawn.
    Revoked,
    /// It was used.
    Redeemed,
    /// The invitee said no.
    Declined,
    /// Its uses are over.
    Exhausted,
}

/// A genuine link that is no longer good, explained to its holder (rule 5.8).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeadLink {
    /// Why.
    pub reason: DeadReason,
    /// What the organisation is called.
    pub organization_name: String,
    /// The organisation's IANA time zone.
    pub time_zone: String,
    /// The invitation's language tag, else the organisation's.
    pub locale: Option<String>,
    /// Since when: the newer message's date for a superseded link, the end otherwise.
    pub since: Timestamp,
    /// Whether asking for a new link may bring one (rule 4.9).
    pub can_request_new: bool,
}

/// The domain says no.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Rejection {
    /// The credential is no longer good.
    #[error("the credential is no longer good")]
    Unauthenticated,
    /// Sign-in failed; alike for every cause.
    #[error("address or password is wrong")]
    BadCredentials,
    /// The caller may not do this.
    #[error("this needs the permission {permission}")]
    Forbidden {
        /// What it needs.
        permission: &'static str,
    },
    /// This is for the operator of the installation.
    #[error("this is for the operator")]
    OperatorOnly,
    /// Unknown, or not the caller's.
    #[error("not found")]
    NotFound,
    /// The caller is in several organisations, or none was named.
    #[error("the organisation has to be named")]
    OrganizationRequired,
    /// A field of the command cannot be.
    #[error("the input is not valid")]
    Invalid(Vec<FieldError>),
    /// The grant holds what the actor does not (rule 6.2).
    #[error("the grant exceeds the actor's own authority")]
    GrantExceedsAuthority {
        /// What the actor lacks; empty where it is everything.
        missing: Vec<String>,
    },
    /// The recipient has a live invitation already (rule 3.2).
    #[error("there is a live invitation already")]
    AlreadyInvited {
        /// Which.
        invitation_id: InvitationId,
    },
    /// The recipient is a member already (rule 3.3).
    #[error("the recipient is a member already")]
    AlreadyMember {
        /// Whether the member is switched off, so that switching on is what is wanted.
        switched_off: bool,
    },
    /// The invitation has ended, in this way.
    #[error("the invitation has ended")]
    Ended(Status),
    /// The inviter may no longer give what the invitation grants (rule 6.4).
    #[error("the invitation is suspended")]
    Suspended {
        /// What the organisation is called, for the holder of a link.
        organization_name: Option<String>,
    },
    /// Only a suspended invitation can be taken over.
    #[error("the invitation is not suspended")]
    NotSuspended,
    /// Too many messages of this invitation (rule 4.4), or to its recipient (rule 9.2).
    #[error("too many messages")]
    TooManyMessages {
        /// When the next is possible.
        possible_at: Timestamp,
    },
    /// Members and live invitations take all the seats there are (rule 9.1).
    #[error("no seat is free")]
    SeatsFull,
    /// The organisation has as many live invitations as it may (rule 9.2).
    #[error("the organisation has as many live invitations as it may")]
    InvitationsFull,
    /// The organisation has issued as many invitations as it may for now (rule 9.2).
    #[error("too many invitations were issued")]
    TooManyIssued {
        /// When the next is possible.
        possible_at: Timestamp,
    },
    /// Too many attempts (rule 7.6).
    #[error("too many attempts")]
    TooManyAttempts {
        /// When the next is possible.
        possible_at: Timestamp,
    },
    /// The thing changed since the caller read it.
    #[error("the version is another one by now")]
    VersionMismatch {
        /// The version it has.
        current: i64,
    },
    /// The idempotency key was used for another request (rule 3.7).
    #[error("the idempotency key was used for another request")]
    IdempotencyMismatch,
    /// The present link was made under a key that is retired; resending makes a new one.
    #[error("the link's key is retired")]
    KeyRetired,
    /// A code whose check character does not fit: mistyped. It cost no attempt (rule 7.5).
    #[error("the code was mistyped")]
    CodeMistyped,
    /// There is no address an invitation could be sent to.
    #[error("there is no address to invite at")]
    NoAddress,
    /// Records of this kind are not invited.
    #[error("this cannot be invited")]
    NotInvitable,
    /// Not a genuine token; alike for unknown, malformed and forged ones (rule 5.8).
    #[error("no such invitation")]
    NotGenuine,
    /// A genuine link that is no longer good.
    #[error("the link is no longer good")]
    Dead(DeadLink),
    /// Somebody else is signed in (rule 5.4).
    #[error("the invitation is for another address")]
    WrongRecipient {
        /// The invitation's address, masked.
        recipient_masked: String,
    },
    /// The account exists and has to consent by signing in (rule 5.6).
    #[error("sign in to accept")]
    SignInRequired,
    /// The person signed in by an organisation's invitation, and what belongs to the person alone takes more (rule 3.3).
    #[error("sign in with a password")]
    OwnSessionRequired,
    /// The organisation wants the link that was mailed (rule 5.4).
    #[error("the mailed link is needed")]
    MailboxProofRequired,
    /// The member was switched off by an administrator.
    #[error("the membership is switched off")]
    MembershipInactive,
    /// Another account has the username.
    #[error("the username is taken")]
    UsernameTaken,
    /// The last owner stays (rule 6.5).
    #[error("an organisation keeps at least one owner")]
    LastOwner,
    /// Organisations would be left without an owner (rule 6.5).
    #[error("organisations would be left without an owner")]
    OwnsAlone {
        /// Their slugs.
        organizations: Vec<String>,
    },
    /// A membership or live invitation has the role.
    #[error("the role is in use")]
    RoleInUse,
    /// System roles cannot be changed or deleted.
    #[error("system roles cannot be changed")]
    SystemRole,
    /// The installation is set up already.
    #[error("the installation is set up already")]
    AlreadySetUp,
    /// The account's link was used, replaced or has expired; the first two are one to its holder.
    #[error("the link is no longer good")]
    AccountLinkEnded {
        /// Whether its time is over.
        expired: bool,
    },
}

impl Rejection {
    /// One field that cannot be.
    pub fn field(pointer: &str, code: FieldCode, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { pointer: pointer.to_owned(), code, detail: detail.into() }])
    }
}
