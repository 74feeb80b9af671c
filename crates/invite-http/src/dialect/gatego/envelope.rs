//! Refusals as Gatego says them: `{ "error_code", "message" }`, the code in kebab-case.

use crate::{
    dialect::{
        Envelope, Refused,
        fault::{Fault, Faulty},
    },
    problem::table::{self, Kind},
};
use serde_json::{Value, json};

/// What Gatego calls otherwise than our table: its status and code.
const CALLED: [(&Kind, u16, &str); 13] = [
    (&table::MEMBERSHIP_INACTIVE, 401, "inactive-account"),
    (&table::GRANT_EXCEEDS_AUTHORITY, 403, "forbidden"),
    (&table::SIGN_IN_REQUIRED, 409, "account-already-exists"),
    (&table::ALREADY_MEMBER, 409, "account-already-exists"),
    (&table::USERNAME_TAKEN, 409, "account-already-exists"),
    (&table::SUSPENDED, 409, "invitation-suspended"),
    (&table::EXPIRED, 410, "invitation-expired"),
    (&table::REDEEMED, 410, "invitation-already-used"),
    (&table::EXHAUSTED, 410, "invitation-already-used"),
    (&table::REVOKED, 410, "invitation-revoked"),
    (&table::DECLINED, 410, "invitation-declined"),
    (&table::SUPERSEDED, 410, "invitation-superseded"),
    (&table::TOO_MANY_MESSAGES, 429, "too-many-attempts"),
];

/// What our own words would send to where nothing helps: another API's parameters, a session nobody looks at.
const SAID: [(&Kind, &str); 2] = [
    (
        &table::SIGN_IN_REQUIRED,
        "The invited address has an account. Accept the invitation on the page of the mailed link, signed in to that account.",
    ),
    (
        &table::ALREADY_INVITED,
        "This address has an invitation that is still open. Its mail has the code; another one can be sent when it has ended.",
    ),
];

/// The body of a refusal.
pub(super) fn refuse(refused: &Refused<'_>) -> Envelope {
    let kind = refused.kind();
    let (status, code, message) = match kind.status {
        // A credential that opens nothing was one once, or never: which is not told.
        401 if *kind == table::UNAUTHENTICATED && refused.presented => {
            (401, "token-expired".to_owned(), "The token is not valid or has expired.".to_owned())
        }
        401 if *kind == table::UNAUTHENTICATED => {
            (401, "unauthenticated".to_owned(), "Sign in and send the token as `Authorization: Bearer`.".to_owned())
        }
        // 406, 408, 413 and 415 say something else than the fields do.
        400 | 422 => (400, invalid(refused), said(refused)),
        500 => (500, "internal-error".to_owned(), "Something went wrong. Try again.".to_owned()),
        503 => (503, kebab(kind.code), "The service is not available right now. Try again.".to_owned()),
        status => {
            let called = CALLED.iter().find(|(other, ..)| *other == kind);
            let (status, code) =
                called.map_or_else(|| (status, kebab(kind.code)), |(_, status, code)| (*status, (*code).to_owned()));
            let said = SAID.iter().find(|(other, _)| *other == kind).map_or(refused.detail(), |(_, said)| said);
            (status, code, said.to_owned())
        }
    };
    let challenge = (status == 401).then_some("Bearer");
    let body = json!({ "error_code": code, "message": message });
    Envelope { status, body, order: &["error_code", "message"], challenge }
}

fn kebab(code: &str) -> String {
    code.replace('_', "-")
}

/// A fault of the dialect's own has its own code, and so has a password that is too weak.
fn invalid(refused: &Refused<'_>) -> String {
    let faults = refused.problem.all_faults();
    let told = faults.iter().find_map(|faulty| match &faulty.fault {
        Fault::Told { code, .. } if *code != "invalid" => Some(kebab(code)),
        _ => None,
    });
    let password = |faulty: &&Faulty| faulty.field == "password" || faulty.field.ends_with(".password");
    let weak = faults.iter().find(password).is_some_and(|faulty| matches!(faulty.fault, Fault::Domain { .. }));
    told.unwrap_or_else(|| if weak { "weak-password" } else { "invalid-request" }.to_owned())
}

fn said(refused: &Refused<'_>) -> String {
    let sentence = |faulty: &Faulty| match &faulty.fault {
        Fault::Told { detail, .. } => detail.clone(),
        fault if faulty.field.is_empty() => fault.sentence(),
        fault => format!("{}: {}", faulty.field, fault.sentence()),
    };
    let all: Vec<String> = refused.problem.all_faults().iter().map(sentence).collect();
    if all.is_empty() { refused.detail().to_owned() } else { all.join(" ") }
}

/// The body's schema.
pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "description": "A refusal, as Gatego says it.",
        "required": ["error_code", "message"],
        "properties": {
            "error_code": { "type": "string", "description": "A stable code; decide by this.", "example": "invitation-not-found" },
            "message": { "type": "string", "description": "What a person can do about it.", "example": "The link is not one of ours." },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Problem;
    use invite_domain::invitation::FieldCode;

    fn code(problem: &Problem, presented: bool) -> (u16, String) {
        let envelope = refuse(&Refused { problem, presented, retry: None, method: "POST" });
        (envelope.status, envelope.body["error_code"].as_str().unwrap().to_owned())
    }

    #[test]
    fn the_contracts_codes_are_answered() {
        for (kind, status, expected) in [
            (&table::MALFORMED_JSON, 400, "invalid-request"),
            (&table::INVALID_INPUT, 400, "invalid-request"),
            (&table::INVITATION_NOT_FOUND, 404, "invitation-not-found"),
            (&table::EXPIRED, 410, "invitation-expired"),
            (&table::REDEEMED, 410, "invitation-already-used"),
            (&table::SIGN_IN_REQUIRED, 409, "account-already-exists"),
            (&table::BAD_CREDENTIALS, 401, "bad-credentials"),
            (&table::UNAUTHENTICATED, 401, "token-expired"),
            (&table::FORBIDDEN, 403, "forbidden"),
            (&table::TOO_MANY_ATTEMPTS, 429, "too-many-attempts"),
        ] {
            assert_eq!(code(&Problem::new(kind), true), (status, expected.to_owned()));
        }
        assert_eq!(code(&Problem::new(&table::UNAUTHENTICATED), false), (401, "unauthenticated".into()));
    }

    #[test]
    fn passwords_have_codes_of_their_own() {
        let differ = Problem::told("password_confirmation", "password_mismatch", "The passwords differ.");
        assert_eq!(code(&differ, false), (400, "password-mismatch".into()));
        let weak = Problem::field("/account/password", FieldCode::Invalid, "It is too common.");
        assert_eq!(code(&weak, false), (400, "weak-password".into()));
        let missing = Problem::field("/account/password", FieldCode::Required, "It is missing.");
        assert_eq!(code(&missing, false), (400, "invalid-request".into()));
    }
}
