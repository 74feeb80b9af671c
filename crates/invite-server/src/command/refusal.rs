//! What the use cases refuse, in words for somebody at a terminal.

use super::CommandError;
use crate::{app::AppError, failure::Chain, parts::PartsError};
use chrono::SecondsFormat;
use invite_domain::{
    invitation::{FieldError, Rejection, Status},
    port::PortError,
    service::ServiceError,
    time::Timestamp,
};

impl From<ServiceError> for CommandError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Rejected(rejection) => Self::Failed(words(rejection)),
            ServiceError::Port(error) => error.into(),
            ServiceError::Contended => {
                Self::Failed("too many others were at it at the same time: try again".to_owned())
            }
        }
    }
}

impl From<PortError> for CommandError {
    fn from(error: PortError) -> Self {
        Self::Failed(Chain(&error).to_string())
    }
}

impl From<PartsError> for CommandError {
    fn from(error: PartsError) -> Self {
        match error {
            PartsError::Keyring(error) => Self::Keyring(error),
            error => Self::Failed(error.to_string()),
        }
    }
}

impl From<AppError> for CommandError {
    fn from(error: AppError) -> Self {
        Self::Failed(error.to_string())
    }
}

fn words(rejection: Rejection) -> String {
    match rejection {
        Rejection::Invalid(errors) => errors.iter().map(field).collect::<Vec<_>>().join("; "),
        Rejection::AlreadyInvited { invitation_id } => format!(
            "there is a live invitation for this recipient: use `invite resend {invitation_id}` or `invite revoke \
             {invitation_id}`"
        ),
        Rejection::AlreadySetUp => {
            "the installation is set up already; a lost operator key is replaced by `invite operator-key new`"
                .to_owned()
        }
        Rejection::NotFound => "there is no such thing in this organisation: check the id".to_owned(),
        Rejection::Ended(Status::Expired) => "the invitation has expired: resend it".to_owned(),
        Rejection::Ended(status) => {
            format!("the invitation is {} already: issue a new one if it is wanted", status.name())
        }
        Rejection::TooManyMessages { possible_at } => {
            format!(
                "this invitation, or mail to its recipient, was sent often enough for now: try again after {}",
                instant(possible_at)
            )
        }
        Rejection::TooManyIssued { possible_at } => format!(
            "the organisation has issued as many invitations as it may in an hour: try again after {}",
            instant(possible_at)
        ),
        Rejection::TooManyAttempts { possible_at } => {
            format!("there were too many attempts: try again after {}", instant(possible_at))
        }
        Rejection::Unauthenticated => {
            "the installation has no operator key that counts: run `invite operator-key new`".to_owned()
        }
        Rejection::OwnsAlone { organizations } => format!(
            "organisations would be left without an owner: {}; give each another owner first, or delete it",
            organizations.join(", ")
        ),
        // The API's words are for people too.
        other => in_a_sentence(invite_http::Problem::from(other).kind().detail),
    }
}

/// A field that cannot be: the flag's name is the last part of the pointer.
fn field(error: &FieldError) -> String {
    let name = error.pointer.rsplit('/').next().unwrap_or_default().replace('_', "-");
    match (name.as_str(), error.detail.as_str()) {
        ("", detail) => in_a_sentence(detail),
        (name, "") => format!("{name} cannot be that"),
        (name, detail) => format!("{name}: {}", in_a_sentence(detail)),
    }
}

/// A line of ours does not end in a full stop.
fn in_a_sentence(text: &str) -> String {
    text.trim_end_matches('.').to_owned()
}

/// An instant as the command line shows it.
pub(super) fn instant(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use invite_domain::invitation::FieldCode;

    #[test]
    fn refusals_are_one_line_that_says_what_to_change() {
        let id = "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5".parse().unwrap();
        for (rejection, hint) in [
            (Rejection::AlreadyInvited { invitation_id: id }, "`invite resend 0190f3c2-"),
            (Rejection::AlreadySetUp, "invite operator-key new"),
            (
                Rejection::field("/account/expires_in", FieldCode::OutOfRange, "5 minutes at least."),
                "expires-in: 5 minutes at least",
            ),
            (Rejection::field("", FieldCode::Invalid, "no"), "no"),
            (Rejection::Ended(Status::Redeemed), "is redeemed already"),
            (Rejection::AlreadyMember { switched_off: false }, "is a member already"),
        ] {
            let message = words(rejection);
            assert!(message.contains(hint), "{message}");
            assert!(!message.contains('\n') && !message.ends_with('.'), "{message}");
        }
    }

    #[test]
    fn machinery_tells_its_cause() {
        let error = ServiceError::Port(PortError::unavailable(std::io::Error::other("disk full")));
        assert_eq!(CommandError::from(error).to_string(), "a part of the service is not available: disk full");
    }
}
