//! Refusals as Dashdoc says them: by field, or `non_field_errors`, each an object of `code` and `detail`.

use crate::{
    dialect::{Envelope, Refused},
    problem::table,
};
use serde_json::{Map, Value, json};

/// What is wrong with no field in particular.
const WHOLE: &str = "non_field_errors";

/// The body of a refusal. That it has this shape and not the framework's `{ "detail": … }` is decided here alone.
pub(super) fn refuse(refused: &Refused<'_>) -> Envelope {
    let kind = refused.kind();
    let own = |code: &str, detail: &str| json!({ WHOLE: { "code": [code], "detail": [detail] } });
    let (status, body) = match kind.status {
        401 if !refused.presented && *kind == table::UNAUTHENTICATED => {
            (401, own("not_authenticated", "Authentication credentials were not provided."))
        }
        401 => (401, own("authentication_failed", "Invalid token.")),
        403 if *kind == table::FORBIDDEN => {
            (403, own("permission_denied", "You do not have permission to perform this action."))
        }
        403 => (403, own(kind.code, refused.detail())),
        404 => (404, own("not_found", refused.problem.detail.as_deref().unwrap_or("Not found."))),
        405 => (405, own("method_not_allowed", &format!("Method \"{}\" not allowed.", refused.method))),
        // Everything about what was sent, and everything the state of things forbids.
        409 | 410 => (400, own(kind.code, refused.detail())),
        // The dialect has no versions: whoever meets this changed a part while others kept changing the record.
        412 => (400, own(kind.code, "Others changed this at the same time. Nothing was changed. Send it again.")),
        422 => (400, fields(refused).unwrap_or_else(|| own(kind.code, refused.detail()))),
        429 => {
            let seconds = refused.retry.unwrap_or(1);
            let unit = if seconds == 1 { "second" } else { "seconds" };
            let detail = format!("Request was throttled. Expected available in {seconds} {unit}.");
            (429, own("throttled", &detail))
        }
        500 => (500, own(kind.code, "A server error occurred.")),
        503 => (503, own(kind.code, "The service is not available right now. Try again.")),
        status if *kind == table::MALFORMED_JSON => (status, own("parse_error", refused.detail())),
        status => (status, own(kind.code, refused.detail())),
    };
    Envelope { status, body, order: &[], challenge: (status == 401).then_some("Token") }
}

/// Every fault under its outermost field; further in, the detail begins with the place.
fn fields(refused: &Refused<'_>) -> Option<Value> {
    let mut body: Map<String, Value> = Map::new();
    for faulty in refused.problem.all_faults() {
        let top = faulty.top();
        let inner = faulty.field.strip_prefix(top).unwrap_or_default().trim_start_matches('.');
        let sentence = faulty.fault.sentence();
        let detail = if inner.is_empty() { sentence } else { format!("{inner}: {sentence}") };
        let name = if top.is_empty() { WHOLE } else { top };
        let entry = body.entry(name).or_insert_with(|| json!({ "code": [], "detail": [] }));
        for (member, text) in [("code", faulty.fault.code()), ("detail", detail.as_str())] {
            if let Some(list) = entry.get_mut(member).and_then(Value::as_array_mut) {
                list.push(text.into());
            }
        }
    }
    (!body.is_empty()).then_some(Value::Object(body))
}

/// The body's schema.
pub(super) fn schema() -> Value {
    let texts = |description: &str, example: &str| json!({ "type": "array", "description": description, "items": { "type": "string" }, "example": [example] });
    json!({
        "type": "object",
        "description": "A refusal, as Dashdoc says it: by field, or under `non_field_errors`.",
        "additionalProperties": {
            "type": "object",
            "required": ["code", "detail"],
            "properties": {
                "code": texts("Stable codes; decide by these.", "required"),
                "detail": texts("A sentence for each code.", "This field is required."),
            },
        },
        "example": { "email": { "code": ["required"], "detail": ["This field is required."] } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Problem,
        dialect::fault::{Fault, Faulty},
    };

    fn answer(problem: &Problem, presented: bool, retry: Option<u64>) -> Envelope {
        refuse(&Refused { problem, presented, retry, method: "GET" })
    }

    #[test]
    fn faults_are_gathered_by_their_outermost_field_and_are_400() {
        let problem = Problem::faulty(vec![
            Faulty::new("email", Fault::Required),
            Faulty::new("company.pk", Fault::NotInteger),
            Faulty::new("company.remote_id", Fault::TooLong(9)),
            Faulty::new("", Fault::Told { code: "company_not_found", detail: "No such company.".into() }),
        ]);
        let envelope = answer(&problem, true, None);
        let expected = json!({
            "email": { "code": ["required"], "detail": ["This field is required."] },
            "company": {
                "code": ["invalid", "max_length"],
                "detail": ["pk: A valid integer is required.", "remote_id: Ensure this field has no more than 9 characters."],
            },
            "non_field_errors": { "code": ["company_not_found"], "detail": ["No such company."] },
        });
        assert_eq!((envelope.status, envelope.body), (400, expected));
    }

    #[test]
    fn nobody_and_a_bad_token_are_told_apart_and_challenged() {
        let problem = Problem::new(&table::UNAUTHENTICATED);
        for (presented, code) in [(false, "not_authenticated"), (true, "authentication_failed")] {
            let envelope = answer(&problem, presented, None);
            assert_eq!((envelope.status, envelope.challenge), (401, Some("Token")));
            assert_eq!(envelope.body["non_field_errors"]["code"][0], code);
        }
    }

    #[test]
    fn a_change_that_others_were_always_faster_than_is_told_to_come_again() {
        let envelope = answer(&Problem::new(&table::VERSION_MISMATCH), true, None);
        let detail = "Others changed this at the same time. Nothing was changed. Send it again.";
        let expected = json!({ "non_field_errors": { "code": ["version_mismatch"], "detail": [detail] } });
        assert_eq!((envelope.status, envelope.body), (400, expected));
    }

    #[test]
    fn dd_21_who_is_throttled_hears_for_how_long() {
        let envelope = answer(&Problem::new(&table::TOO_MANY_REQUESTS), true, Some(7));
        let detail = "Request was throttled. Expected available in 7 seconds.";
        let expected = json!({ "non_field_errors": { "code": ["throttled"], "detail": [detail] } });
        assert_eq!((envelope.status, envelope.body), (429, expected));
    }
}
