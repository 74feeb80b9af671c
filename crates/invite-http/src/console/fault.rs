//! What a use case refused, in the reader's words.

use super::entry::Desk;
use crate::Problem;
use actix_web::http::StatusCode;
use invite_domain::{
    invitation::{FieldCode, FieldError, Rejection, Status},
    service::ServiceError,
};
use invite_text::{Arg, Language, Text, date_time};
use std::collections::BTreeMap;

/// Why a form is shown again.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) status: StatusCode,
    pub(crate) sentence: String,
    pub(crate) fields: BTreeMap<String, String>,
    /// The code of the problem it would be over the API, for the log; `None` where the status says it all.
    pub(crate) code: Option<&'static str>,
}

impl Fault {
    /// What was refused. Failures of machinery are no faults: they are pages of their own, by `?`.
    ///
    /// Fields are named by the last part of their pointer: `/recipient/email` is `email`.
    pub(crate) fn of(desk: &Desk, error: ServiceError) -> Result<Self, Problem> {
        Self::said(desk.language, &desk.organization().time_zone, error)
    }

    /// The same where nobody is signed in.
    pub(crate) fn said(language: Language, zone: &str, error: ServiceError) -> Result<Self, Problem> {
        let ServiceError::Rejected(rejection) = error else { return Err(error.into()) };
        let text = Text::new(language);
        if let Rejection::Invalid(errors) = &rejection {
            return Ok(Self::invalid(text, errors));
        }
        let sentence = sentence(text, zone, &rejection);
        // One the reader has no words for is said as the API says it.
        let problem = Problem::from(rejection);
        let status = StatusCode::from_u16(problem.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match sentence {
            Some(sentence) => Ok(Self { code: Some(problem.kind.code), ..Self::whole(status, sentence) }),
            None => Err(problem),
        }
    }

    fn invalid(text: Text, errors: &[FieldError]) -> Self {
        let mut fault = Self::new(text, StatusCode::UNPROCESSABLE_ENTITY);
        for error in errors {
            let name = error.pointer.split('/').rfind(|part| part.parse::<usize>().is_err());
            let key = match error.code {
                FieldCode::Required => "fault-field-required",
                FieldCode::OutOfRange => "fault-field-range",
                _ => "fault-field-invalid",
            };
            fault.fields.entry(name.unwrap_or_default().to_owned()).or_insert_with(|| text.get(key));
        }
        fault.counted(text)
    }

    fn new(text: Text, status: StatusCode) -> Self {
        Self { status, sentence: text.get("fault-fields"), fields: BTreeMap::new(), code: None }
    }

    /// Something a page itself found wrong in its fields: name and what is wrong.
    pub(crate) fn fields(language: Language, wrong: impl IntoIterator<Item = (&'static str, String)>) -> Option<Self> {
        let text = Text::new(language);
        let mut fault = Self::new(text, StatusCode::UNPROCESSABLE_ENTITY);
        fault.fields.extend(wrong.into_iter().map(|(name, said)| (name.to_owned(), said)));
        (!fault.fields.is_empty()).then(|| fault.counted(text))
    }

    /// One sentence about the whole.
    pub(crate) fn whole(status: StatusCode, sentence: String) -> Self {
        Self { status, sentence, fields: BTreeMap::new(), code: None }
    }

    fn counted(mut self, text: Text) -> Self {
        let count = i64::try_from(self.fields.len()).unwrap_or(i64::MAX);
        self.sentence = text.with("error-summary", &[("count", Arg::Number(count))]);
        self
    }

    /// What is wrong in this field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}

fn sentence(text: Text, zone: &str, rejection: &Rejection) -> Option<String> {
    let at = |key: &str, at| {
        let at = date_time(text.language(), at, zone);
        text.with(key, &[("at", Arg::Text(&at))])
    };
    let key = match rejection {
        Rejection::BadCredentials => "fault-bad-credentials",
        Rejection::Forbidden { .. } | Rejection::OperatorOnly => "fault-forbidden",
        Rejection::SystemRole => "fault-system-role",
        Rejection::GrantExceedsAuthority { missing } if missing.is_empty() => "fault-owner-only",
        Rejection::GrantExceedsAuthority { .. } => "fault-grant-exceeds",
        Rejection::AlreadyInvited { .. } => "fault-already-invited",
        Rejection::AlreadyMember { switched_off: true } => "fault-member-switched-off",
        Rejection::AlreadyMember { switched_off: false } => "fault-already-member",
        Rejection::Ended(status) => match status {
            Status::Redeemed => "fault-ended-redeemed",
            Status::Declined => "fault-ended-declined",
            Status::Revoked => "fault-ended-revoked",
            _ => "fault-ended",
        },
        Rejection::Suspended { .. } => "fault-suspended",
        Rejection::NotSuspended => "fault-not-suspended",
        Rejection::TooManyMessages { possible_at } => return Some(at("fault-too-many-messages", *possible_at)),
        Rejection::TooManyIssued { possible_at } => return Some(at("fault-too-many-issued", *possible_at)),
        Rejection::TooManyAttempts { possible_at } => return Some(at("fault-too-many-attempts", *possible_at)),
        Rejection::VersionMismatch { .. } => "fault-changed-meanwhile",
        Rejection::KeyRetired => "fault-key-retired",
        Rejection::OwnSessionRequired => "fault-own-session",
        Rejection::SeatsFull => "fault-seats-full",
        Rejection::InvitationsFull => "fault-invitations-full",
        Rejection::LastOwner => "fault-last-owner",
        Rejection::RoleInUse => "fault-role-in-use",
        Rejection::UsernameTaken => "fault-username-taken",
        _ => return None,
    };
    Some(text.get(key))
}
