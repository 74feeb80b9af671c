//! Refusals as Dailys says them: `{ "success", "code", "message", "errors" }`, with 401 and 403 the other way round.

use crate::{
    dialect::{Envelope, Refused, fault::Fault},
    problem::table,
};
use serde_json::{Value, json};

/// The body of a refusal.
pub(super) fn refuse(refused: &Refused<'_>) -> Envelope {
    let kind = refused.kind();
    let (status, errors) = match kind.status {
        _ if *kind == table::INVALID_QUERY => (422, vec![refused.detail().to_owned()]),
        _ if [&table::ALREADY_INVITED, &table::ALREADY_MEMBER].contains(&kind) => {
            (422, vec!["The email has already been taken.".to_owned()])
        }
        // Nobody known calls: a problem with the client's credentials.
        401 => (403, vec!["Authentication is required for this request.".to_owned()]),
        // Somebody known calls who may not.
        403 => {
            let mut errors = vec!["You are not permitted to perform this action.".to_owned()];
            if *kind != table::FORBIDDEN {
                errors.push(refused.detail().to_owned());
            }
            (401, errors)
        }
        404 => (404, vec!["Cannot find requested resource, please try again.".to_owned()]),
        405 => (405, vec!["Check your HTTP request method, and try again.".to_owned()]),
        // The action makes no sense as things stand.
        409 | 410 | 412 => (400, vec![refused.detail().to_owned()]),
        422 => (422, fields(refused)),
        429 => (429, vec!["Too many attempts, please slow down the request.".to_owned()]),
        500 => (500, vec!["Something went wrong, please try again.".to_owned()]),
        503 => (503, vec!["The service is not available right now, please try again.".to_owned()]),
        status => (status, vec![refused.detail().to_owned()]),
    };
    let body = json!({ "success": false, "code": status, "message": message(status), "errors": errors });
    // RFC 6750, 3.1 has the challenge for a credential that is good and not enough.
    let challenge = (status == 401).then_some("Bearer error=\"insufficient_scope\"");
    Envelope { status, body, order: &["success", "code", "message", "errors"], challenge }
}

fn message(status: u16) -> &'static str {
    match status {
        401 => "Unauthorised",
        403 => "Unauthenticated",
        404 => "Resource Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        500.. => "Internal Server Error",
        _ => "Bad Request",
    }
}

/// A sentence for each field, or what there is to say where no field is at fault.
fn fields(refused: &Refused<'_>) -> Vec<String> {
    let faults = refused.problem.all_faults();
    if faults.is_empty() {
        return vec![refused.detail().to_owned()];
    }
    faults.iter().map(|faulty| sentence(&faulty.field, &faulty.fault)).collect()
}

/// Laravel's stock sentences.
fn sentence(field: &str, fault: &Fault) -> String {
    let name = spaced(field);
    match fault {
        Fault::Required | Fault::Null | Fault::Blank => format!("The {name} field is required."),
        Fault::NotText => format!("The {name} must be a string."),
        Fault::NotInteger => format!("The {name} must be an integer."),
        Fault::NotNumber => format!("The {name} must be a number."),
        Fault::NotBoolean => format!("The {name} field must be true or false."),
        Fault::NotObject | Fault::NotList => format!("The {name} must be an array."),
        Fault::TooLong(max) => format!("The {name} may not be greater than {max} characters."),
        Fault::TooSmall(min) => format!("The {name} must be at least {min}."),
        Fault::TooLarge(max) => format!("The {name} may not be greater than {max}."),
        Fault::TooMany(max) => format!("The {name} may not have more than {max} items."),
        Fault::NotDateTime => format!("The {name} is not a valid date."),
        Fault::NotEmail => format!("The {name} must be a valid email address."),
        Fault::NotCountry | Fault::NotChoice(_) => format!("The selected {name} is invalid."),
        Fault::Unknown => format!("The {name} field is not known."),
        Fault::Told { detail, .. } => detail.clone(),
        Fault::Domain { detail, .. } if name.is_empty() => detail.clone(),
        Fault::Domain { detail, .. } => format!("The {name} is invalid: {detail}"),
    }
}

/// `role_id` and `sortKey` as Laravel says them: `role id`, `sort key`.
fn spaced(field: &str) -> String {
    let mut name = String::with_capacity(field.len() + 4);
    for c in field.chars() {
        match c {
            '_' => name.push(' '),
            c if c.is_ascii_uppercase() => {
                name.push(' ');
                name.push(c.to_ascii_lowercase());
            }
            c => name.push(c),
        }
    }
    name
}

/// The body's schema.
pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "description": "A refusal, as Dailys says it.",
        "required": ["success", "code", "message", "errors"],
        "properties": {
            "success": { "type": "boolean", "description": "Always false.", "example": false },
            "code": { "type": "integer", "description": "The answer's status.", "example": 401 },
            "message": { "type": "string", "description": "The status in words.", "example": "Unauthorised" },
            "errors": {
                "type": "array",
                "description": "What is wrong, a sentence each.",
                "items": { "type": "string" },
                "example": ["You are not permitted to perform this action."],
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Problem, dialect::fault::Faulty};

    fn answer(problem: &Problem) -> Envelope {
        refuse(&Refused { problem, presented: true, retry: None, method: "GET" })
    }

    #[test]
    fn the_printed_envelopes_are_answered_word_for_word() {
        for (kind, status, message, error) in [
            (&table::FORBIDDEN, 401, "Unauthorised", "You are not permitted to perform this action."),
            (&table::UNAUTHENTICATED, 403, "Unauthenticated", "Authentication is required for this request."),
            (&table::NOT_FOUND, 404, "Resource Not Found", "Cannot find requested resource, please try again."),
            (&table::METHOD_NOT_ALLOWED, 405, "Method Not Allowed", "Check your HTTP request method, and try again."),
        ] {
            let envelope = answer(&Problem::new(kind));
            assert_eq!(envelope.status, status);
            let body = json!({ "success": false, "code": status, "message": message, "errors": [error] });
            assert_eq!(envelope.body, body);
        }
    }

    #[test]
    fn fields_are_refused_in_laravels_sentences() {
        let word = || Fault::NotChoice("a, b".into());
        let problem = Problem::faulty(vec![
            Faulty::new("email", Fault::Required),
            Faulty::new("email", Fault::NotEmail),
            Faulty::new("default_rate", Fault::NotInteger),
            Faulty::new("role_id", word()),
            Faulty::new("limit", Fault::TooLarge(100)),
            Faulty::new("limit", Fault::TooSmall(1)),
            Faulty::new("sortKey", word()),
        ]);
        let expected = [
            "The email field is required.",
            "The email must be a valid email address.",
            "The default rate must be an integer.",
            "The selected role id is invalid.",
            "The limit may not be greater than 100.",
            "The limit must be at least 1.",
            "The selected sort key is invalid.",
        ];
        assert_eq!(answer(&problem).body["errors"], json!(expected));
    }
}
