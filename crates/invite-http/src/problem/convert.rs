//! What the domain says, as problems.

use super::{Problem, Retry, Spent, table};
use crate::{dto::time, extract::fields::sentence};
use invite_domain::{
    invitation::{DeadLink, DeadReason, FieldCode, FieldError, Rejection, Status},
    port::PortError,
    service::ServiceError,
};

/// Seconds after which a passing failure is worth another try.
const SOON: Retry = Retry::In(2);

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Rejected(rejection) => rejection.into(),
            ServiceError::Port(error) => error.into(),
            ServiceError::Contended => Self::new(&table::UNAVAILABLE).retry(SOON),
        }
    }
}

impl From<PortError> for Problem {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Unavailable(cause) => Self::new(&table::UNAVAILABLE).retry(SOON).because(cause),
            PortError::Overloaded => Self::new(&table::OVERLOADED).retry(SOON),
            PortError::Corrupt(cause) | PortError::Other(cause) => Self::new(&table::INTERNAL).because(cause),
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Unauthenticated => Self::new(&table::UNAUTHENTICATED),
            Rejection::BadCredentials => Self::new(&table::BAD_CREDENTIALS),
            Rejection::Forbidden { permission } => Self::new(&table::FORBIDDEN)
                .saying(format!("This needs the permission `{permission}`. Ask an administrator of the organisation."))
                .with("permission", permission),
            Rejection::OperatorOnly => Self::new(&table::FORBIDDEN)
                .saying("This is for the operator of the installation: use an operator key."),
            Rejection::SystemRole => Self::new(&table::FORBIDDEN)
                .saying("System roles are the same in every organisation and cannot be changed or deleted. Make a role of your own."),
            Rejection::NotFound => Self::new(&table::NOT_FOUND),
            Rejection::OrganizationRequired => Self::new(&table::ORGANIZATION_REQUIRED),
            Rejection::Invalid(errors) => Self::invalid(&spelled(errors)),
            Rejection::GrantExceedsAuthority { missing } => {
                let problem = Self::new(&table::GRANT_EXCEEDS_AUTHORITY);
                let problem = if missing.is_empty() {
                    problem.saying("Only an owner can give the role of an owner, which holds every permission.")
                } else {
                    problem
                };
                problem.with("missing", missing)
            }
            Rejection::AlreadyInvited { invitation_id } => {
                Self::new(&table::ALREADY_INVITED).with("invitation_id", invitation_id.to_string())
            }
            Rejection::AlreadyMember { switched_off } => {
                let problem = Self::new(&table::ALREADY_MEMBER).with("switched_off", switched_off);
                if switched_off {
                    problem.saying("The recipient is a member who is switched off. Switch the member on instead.")
                } else {
                    problem
                }
            }
            Rejection::UsernameTaken => Self::new(&table::USERNAME_TAKEN),
            Rejection::Ended(status) => Self::new(ended(status)),
            Rejection::Suspended { organization_name } => {
                let problem = Self::new(&table::SUSPENDED);
                match organization_name {
                    Some(name) => problem
                        .saying("The person who invited you can no longer give this access. Somebody else there can release the invitation; try again then.")
                        .with("organization_name", name)
                        .with("can_request_new", false),
                    None => problem,
                }
            }
            Rejection::NotSuspended => Self::new(&table::NOT_SUSPENDED),
            Rejection::TooManyMessages { possible_at } => Self::new(&table::TOO_MANY_MESSAGES)
                .spending(Spent::Messages)
                .with("possible_at", time(possible_at))
                .retry(Retry::At(possible_at)),
            Rejection::SeatsFull => Self::new(&table::SEATS_FULL),
            Rejection::InvitationsFull => Self::new(&table::INVITATIONS_FULL),
            Rejection::TooManyIssued { possible_at } => Self::new(&table::TOO_MANY_REQUESTS)
                .spending(Spent::Issues)
                .saying("The organisation has issued as many invitations as it may for now. Try again after the time in Retry-After.")
                .with("possible_at", time(possible_at))
                .retry(Retry::At(possible_at)),
            Rejection::TooManyAttempts { possible_at } => Self::new(&table::TOO_MANY_ATTEMPTS)
                .spending(Spent::Guesses)
                .with("possible_at", time(possible_at))
                .retry(Retry::At(possible_at)),
            Rejection::VersionMismatch { current } => {
                Self::new(&table::VERSION_MISMATCH).with("current_version", current)
            }
            Rejection::IdempotencyMismatch => Self::new(&table::IDEMPOTENCY_MISMATCH),
            Rejection::KeyRetired => Self::new(&table::KEY_RETIRED),
            Rejection::CodeMistyped => Self::new(&table::CODE_MISTYPED),
            Rejection::NoAddress => not_invited("This record has no e-mail address an invitation could be sent to. Give it one first."),
            Rejection::NotInvitable => {
                not_invited("This record is a company. Invite one of its contacts or a trucker instead.")
            }
            Rejection::OwnSessionRequired => Self::new(&table::FORBIDDEN).saying(
                "You were signed in by an invitation, for its organisation alone. Sign in with your password to do this.",
            ),
            Rejection::NotGenuine => Self::new(&table::INVITATION_NOT_FOUND),
            Rejection::Dead(dead) => dead.into(),
            Rejection::WrongRecipient { recipient_masked } => {
                Self::new(&table::WRONG_RECIPIENT).with("recipient_masked", recipient_masked)
            }
            Rejection::SignInRequired => Self::new(&table::SIGN_IN_REQUIRED),
            Rejection::MailboxProofRequired => Self::new(&table::MAILBOX_PROOF_REQUIRED),
            Rejection::MembershipInactive => Self::new(&table::MEMBERSHIP_INACTIVE),
            Rejection::LastOwner => Self::new(&table::LAST_OWNER),
            Rejection::OwnsAlone { organizations } => Self::new(&table::LAST_OWNER)
                .saying("Organisations would be left without an owner. Give each of them another owner first, or delete it.")
                .with("organizations", organizations),
            Rejection::RoleInUse => Self::new(&table::ROLE_IN_USE),
            Rejection::AlreadySetUp => Self::new(&table::ALREADY_SET_UP),
            Rejection::AccountLinkEnded { expired } => Self::new(&table::LINK_ENDED).with("expired", expired),
        }
    }
}

impl From<DeadLink> for Problem {
    fn from(dead: DeadLink) -> Self {
        let (kind, since) = match dead.reason {
            DeadReason::Superseded => (&table::SUPERSEDED, "superseded_at"),
            DeadReason::Expired => (&table::EXPIRED, "ended_at"),
            DeadReason::Revoked => (&table::REVOKED, "ended_at"),
            DeadReason::Redeemed => (&table::REDEEMED, "ended_at"),
            DeadReason::Declined => (&table::DECLINED, "ended_at"),
            DeadReason::Exhausted => (&table::EXHAUSTED, "ended_at"),
        };
        Self::new(kind)
            .with("organization_name", dead.organization_name)
            .with(since, time(dead.since))
            .with("can_request_new", dead.can_request_new)
    }
}

/// What an administrator hears of an invitation that has ended. One that is open does not get here.
fn ended(status: Status) -> &'static table::Kind {
    match status {
        Status::Redeemed | Status::Exhausted | Status::Pending => &table::ALREADY_REDEEMED,
        Status::Declined => &table::ALREADY_DECLINED,
        Status::Revoked => &table::ALREADY_REVOKED,
        Status::Expired => &table::ALREADY_EXPIRED,
        Status::Suspended => &table::SUSPENDED,
    }
}

/// A record that invitations are not for, or not yet: issuing names it.
fn not_invited(why: &str) -> Problem {
    let pointer = "/recipient/subject_id".to_owned();
    let error = FieldError { pointer, code: FieldCode::Invalid, detail: why.to_owned() };
    Problem::not_available(&[error]).saying(why)
}

/// A sentence each: the domain says it in the middle of one.
fn spelled(mut errors: Vec<FieldError>) -> Vec<FieldError> {
    for error in &mut errors {
        error.detail = sentence(&error.detail);
    }
    errors
}
