//! What is wrong with a field, apart from the words a dialect says it in.

use crate::problem::{Problem, table};
use serde_json::Value;

/// What is wrong with a field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// It has to be there.
    Required,
    /// It is null and must not be.
    Null,
    /// It is an empty text and must not be.
    Blank,
    NotText,
    NotInteger,
    NotNumber,
    NotBoolean,
    NotObject,
    NotList,
    /// A text of more than so many characters.
    TooLong(usize),
    /// A number below this one.
    TooSmall(i64),
    /// A number above this one.
    TooLarge(i64),
    /// A list of more than so many entries.
    TooMany(usize),
    /// No `YYYY-MM-DDTHH:MM:SSZ`.
    NotDateTime,
    NotEmail,
    /// No ISO 3166-1 alpha-2 code.
    NotCountry,
    /// None of these words, as a person reads them.
    NotChoice(String),
    /// There is no such field.
    Unknown,
    /// The dialect's own code (`snake_case`), in its own whole sentence.
    Told {
        code: &'static str,
        detail: String,
    },
    /// The domain's word, with the code of its field error.
    Domain {
        code: String,
        detail: String,
    },
}

impl Fault {
    /// The machine's word for it, as Django REST Framework names it where it does.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Required => "required",
            Self::Null => "null",
            Self::Blank => "blank",
            Self::NotObject => "not_an_object",
            Self::NotList => "not_a_list",
            Self::TooLong(_) => "max_length",
            Self::TooSmall(_) => "min_value",
            Self::TooLarge(_) => "max_value",
            Self::TooMany(_) => "max_entries",
            Self::NotCountry | Self::NotChoice(_) => "invalid_choice",
            Self::Unknown => "unknown_field",
            Self::Told { code, .. } => code,
            Self::Domain { code, .. } => code,
            Self::NotText
            | Self::NotInteger
            | Self::NotNumber
            | Self::NotBoolean
            | Self::NotDateTime
            | Self::NotEmail => "invalid",
        }
    }

    /// A sentence that does not name the field, in the words of Django REST Framework where it has some.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Required => "This field is required.".into(),
            Self::Null => "This field may not be null.".into(),
            Self::Blank => "This field may not be blank.".into(),
            Self::NotText => "Not a valid string.".into(),
            Self::NotInteger => "A valid integer is required.".into(),
            Self::NotNumber => "A valid number is required.".into(),
            Self::NotBoolean => "Must be a valid boolean.".into(),
            Self::NotObject => "An object is required.".into(),
            Self::NotList => "A list is required.".into(),
            Self::TooLong(max) => format!("Ensure this field has no more than {max} characters."),
            Self::TooSmall(min) => format!("Ensure this value is greater than or equal to {min}."),
            Self::TooLarge(max) => format!("Ensure this value is less than or equal to {max}."),
            Self::TooMany(max) => format!("Ensure this field has no more than {max} elements."),
            Self::NotDateTime => "Datetime has wrong format. Use YYYY-MM-DDThh:mm:ssZ, in UTC.".into(),
            Self::NotEmail => "Enter a valid email address.".into(),
            Self::NotCountry => "Not a valid choice. Use an ISO 3166-1 alpha-2 code, like FR.".into(),
            Self::NotChoice(words) => format!("Not a valid choice. Use one of: {words}."),
            Self::Unknown => "There is no such field.".into(),
            Self::Told { detail, .. } | Self::Domain { detail, .. } => detail.clone(),
        }
    }
}

/// A field, by its dotted place (`company.pk`, `tags.0.name`; empty for the whole), and what is wrong with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Faulty {
    pub(crate) field: String,
    pub(crate) fault: Fault,
}

impl Faulty {
    pub(crate) fn new(field: impl Into<String>, fault: Fault) -> Self {
        Self { field: field.into(), fault }
    }

    /// The outermost field.
    pub(crate) fn top(&self) -> &str {
        self.field.split('.').next().unwrap_or_default()
    }
}

/// What a reader found, boxed in a [`Problem`] to keep that small.
pub(crate) struct Faults(Vec<Faulty>);

impl Problem {
    /// Fields that cannot be, said by a dialect's reader.
    pub(crate) fn faulty(faults: Vec<Faulty>) -> Self {
        let mut problem = Self::new(&table::INVALID_INPUT);
        problem.faults = Some(Box::new(Faults(faults)));
        problem
    }

    /// One field that cannot be, in the dialect's own code and sentence; `""` for none in particular.
    pub(crate) fn told(field: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Self::faulty(vec![Faulty::new(field, Fault::Told { code, detail: detail.into() })])
    }

    /// Every field that cannot be: what a dialect's reader found, and what the domain refused.
    pub(crate) fn all_faults(&self) -> Vec<Faulty> {
        let mut all = self.faults.as_ref().map(|faults| faults.0.clone()).unwrap_or_default();
        let text = |error: &Value, member: &str| error[member].as_str().unwrap_or_default().to_owned();
        let errors = self.member("errors").and_then(Value::as_array);
        all.extend(errors.into_iter().flatten().map(|error| {
            let (field, code) = (dotted(&text(error, "pointer")), text(error, "code"));
            let fault = match code.as_str() {
                "required" => Fault::Required,
                "unknown_field" => Fault::Unknown,
                _ => Fault::Domain { code, detail: text(error, "detail") },
            };
            Faulty { field, fault }
        }));
        all
    }

    /// The same with the domain's places under the names the dialect has for them: `("/recipient/email", "email")`. What
    /// is below such a place follows it.
    pub(crate) fn renamed(mut self, names: &[(&str, &str)]) -> Self {
        let mut faults = self.all_faults();
        for faulty in &mut faults {
            for (pointer, name) in names {
                let from = dotted(pointer);
                let rest = faulty.field.strip_prefix(from.as_str());
                if let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with('.')) {
                    faulty.field = format!("{name}{rest}");
                    break;
                }
            }
        }
        if let Some(members) = &mut self.members {
            members.remove("errors");
        }
        self.faults = Some(Box::new(Faults(faults)));
        self
    }
}

/// A JSON pointer with dots.
fn dotted(pointer: &str) -> String {
    let parts = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    parts.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use invite_domain::invitation::FieldCode;

    #[test]
    fn what_the_domain_refuses_bears_the_dialects_names() {
        let problem = Problem::field("/recipient/email", FieldCode::Invalid, "It has no @.");
        let fault = Fault::Domain { code: "invalid".into(), detail: "It has no @.".into() };
        assert_eq!(problem.all_faults(), [Faulty::new("recipient.email", fault.clone())]);
        let problem = problem.renamed(&[("/recip", "x"), ("/recipient/email", "email")]);
        assert_eq!(problem.all_faults(), [Faulty::new("email", fault)]);
        let below = Problem::field("/permissions/0", FieldCode::Required, "x").renamed(&[("/permissions", "rights")]);
        assert_eq!(below.all_faults(), [Faulty::new("rights.0", Fault::Required)]);
    }
}
