//! What goes wrong, on the wire: problem documents ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)). A cause is
//! logged once, where the answer is written, and never sent.

mod convert;
mod reference;
mod render;
pub mod table;

pub use reference::reference;
pub(crate) use render::{for_status, log, render, retry_seconds};

use crate::dialect::fault::Faults;
use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use invite_domain::{
    invitation::{FieldCode, FieldError},
    time::Timestamp,
};
use serde_json::{Map, Value};
use std::{error::Error, fmt};
use table::Kind;

/// When trying again may work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Retry {
    /// Then.
    At(Timestamp),
    /// After so many seconds.
    In(u64),
}

/// What a refusal says was used up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Spent {
    /// Codes that may be tried in vain.
    Codes,
    /// Passwords that may be tried in vain.
    Guesses,
    /// Invitations an organisation may issue.
    Issues,
    /// Messages an invitation or a recipient may get.
    Messages,
}

/// One problem that happened.
pub struct Problem {
    pub(crate) kind: &'static Kind,
    pub(crate) detail: Option<Box<str>>,
    /// Boxed: every handler's result carries this type, and few problems have members.
    pub(crate) members: Option<Box<Map<String, Value>>>,
    pub(crate) retry: Option<Retry>,
    /// What was used up, where that is a budget in the database.
    pub(crate) spent: Option<Spent>,
    pub(crate) allow: Option<String>,
    pub(crate) close: bool,
    pub(crate) cause: Option<Box<dyn Error + Send + Sync>>,
    /// What a dialect's reader found; the native API says the same in the member `errors`.
    pub(crate) faults: Option<Box<Faults>>,
}

impl Problem {
    /// A problem of this kind, in the table's words.
    pub fn new(kind: &'static Kind) -> Self {
        Self {
            kind,
            detail: None,
            members: None,
            retry: None,
            spent: None,
            allow: None,
            close: false,
            cause: None,
            faults: None,
        }
    }

    /// Which kind.
    pub fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// The same, said more exactly.
    pub(crate) fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into().into_boxed_str());
        self
    }

    pub(crate) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.get_or_insert_default().insert(member.to_owned(), value.into());
        self
    }

    /// A member its document has beside those all have.
    pub(crate) fn member(&self, name: &str) -> Option<&Value> {
        self.members.as_ref()?.get(name)
    }

    pub(crate) fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    pub(crate) fn spending(mut self, spent: Spent) -> Self {
        self.spent = Some(spent);
        self
    }

    /// The same of an operation that tries a code: attempts are of codes, not of passwords.
    pub(crate) fn of_codes(self) -> Self {
        let spent = self.spent.map(|spent| if spent == Spent::Guesses { Spent::Codes } else { spent });
        Self { spent, ..self }
    }

    pub(crate) fn allowing(mut self, methods: String) -> Self {
        self.allow = Some(methods);
        self
    }

    pub(crate) fn closing(mut self) -> Self {
        self.close = true;
        self
    }

    pub(crate) fn because(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Fields that cannot be.
    pub(crate) fn invalid(errors: &[FieldError]) -> Self {
        Self::new(&table::INVALID_INPUT).errors(errors)
    }

    /// Fields this version does not serve.
    pub(crate) fn not_available(errors: &[FieldError]) -> Self {
        Self::new(&table::NOT_AVAILABLE).errors(errors)
    }

    /// One field that cannot be.
    pub(crate) fn field(pointer: &str, code: FieldCode, detail: impl Into<String>) -> Self {
        Self::invalid(&[FieldError { pointer: pointer.to_owned(), code, detail: detail.into() }])
    }

    fn errors(self, errors: &[FieldError]) -> Self {
        let list: Vec<Value> = errors
            .iter()
            .map(|error| {
                serde_json::json!({ "pointer": error.pointer, "code": error.code.name(), "detail": error.detail })
            })
            .collect();
        self.with("errors", list)
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem").field("code", &self.kind.code).finish_non_exhaustive()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.title)
    }
}

/// The document itself is written where the request is known: by the outermost middleware, which finds the problem in
/// the answer's error.
impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}
