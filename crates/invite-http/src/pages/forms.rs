//! What people type into forms, and what is wrong with it, in their language.

use super::{
    view::{Check, Field},
    visit::Sent,
    words::Words,
};
use invite_domain::{
    directory::{Password, PasswordError},
    service::NewAccount,
};
use invite_text::{Arg, Language, duration};

/// The most characters of a person's name.
const MAX_NAME: usize = 200;

/// A message of the catalogue with its number.
type Message = (&'static str, Option<(&'static str, usize)>);

/// What is wrong with a password somebody chose, if anything.
pub(super) fn password_fault(password: &str) -> Option<Message> {
    if password.is_empty() {
        return Some(("error-password-missing", None));
    }
    match Password::choose(password).err()? {
        PasswordError::TooShort => Some(("error-password-short", Some(("min", Password::MIN_CHARACTERS)))),
        PasswordError::TooLong => Some(("error-password-long", Some(("max", Password::MAX_CHARACTERS)))),
        PasswordError::TooCommon => Some(("error-password-common", None)),
    }
}

/// A message as a sentence.
pub(super) fn say(language: Language, message: Message) -> String {
    let words = Words::new(language);
    let number = |(name, number): (&'static str, usize)| (name, Arg::Number(i64::try_from(number).unwrap_or(i64::MAX)));
    match message.1 {
        None => words.get(message.0),
        Some(argument) => words.with(message.0, &[number(argument)]),
    }
}

/// A password and its repetition.
pub(super) struct Chosen {
    pub(super) password: Password,
    pub(super) fault: Option<Message>,
    pub(super) repeat_fault: Option<Message>,
    /// Whether none was chosen, where that is possible.
    skipped: bool,
}

impl Chosen {
    /// As [`read`](Self::read); but both fields may be left empty.
    fn read_optional(sent: &Sent) -> Self {
        let empty = |name| sent.get(name).is_none_or(str::is_empty);
        if empty("password") && empty("password_repeat") {
            return Self { password: Password::typed(""), fault: None, repeat_fault: None, skipped: true };
        }
        Self::read(sent)
    }

    pub(super) fn read(sent: &Sent) -> Self {
        let text = sent.get("password").unwrap_or_default();
        let fault = password_fault(text);
        let same = sent.get("password_repeat") == Some(text);
        let repeat_fault = (fault.is_none() && !same).then_some(("error-password-differs", None));
        Self { password: Password::typed(text), fault, repeat_fault, skipped: false }
    }

    pub(super) fn faults(&self) -> usize {
        usize::from(self.fault.is_some()) + usize::from(self.repeat_fault.is_some())
    }
}

/// The form of a new person.
pub(super) struct NewPerson {
    pub(super) name: String,
    pub(super) name_fault: Option<Message>,
    pub(super) chosen: Chosen,
}

impl NewPerson {
    pub(super) fn read(sent: &Sent, password_is_optional: bool) -> Self {
        let name: String = sent.typed("name").chars().filter(|c| !c.is_control()).collect();
        let name_fault = match name.chars().count() {
            0 => Some(("error-name-missing", None)),
            count if count > MAX_NAME => Some(("error-name-long", Some(("max", MAX_NAME)))),
            _ => None,
        };
        let chosen = if password_is_optional { Chosen::read_optional(sent) } else { Chosen::read(sent) };
        Self { name, name_fault, chosen }
    }

    pub(super) fn faults(&self) -> usize {
        usize::from(self.name_fault.is_some()) + self.chosen.faults()
    }

    pub(super) fn is_good(&self) -> bool {
        self.faults() == 0
    }

    pub(super) fn account(self, lang: Option<&str>) -> NewAccount {
        let locale = lang.and_then(Language::parse).map(|language| language.tag().to_owned());
        let password = (!self.chosen.skipped).then_some(self.chosen.password);
        NewAccount { name: Some(self.name), password, locale, ..NewAccount::default() }
    }
}

/// Why a form is shown again.
pub(super) enum Wrong {
    /// Something the new person typed.
    New(NewPerson),
    /// The account has to be signed in to.
    SignInFirst,
    /// Address or password; or too many attempts, with the seconds to wait.
    SignIn { email: String, wait: Option<i64> },
}

/// What the form to sign in says of a failure.
pub(super) fn sign_in_fault(language: Language, wait: Option<i64>) -> String {
    let words = Words::new(language);
    match wait {
        None => words.get("error-password-wrong"),
        Some(seconds) => {
            let wait = duration(language, seconds.max(60));
            words.with("error-too-many-attempts", &[("duration", Arg::Text(&wait))])
        }
    }
}

/// The words of the button that shows a password and hides it again.
pub(super) fn reveal(language: Language) -> (String, String) {
    let words = Words::new(language);
    (words.get("button-show-password"), words.get("button-hide-password"))
}

/// A password and its repetition. What was typed is never sent back.
pub(super) fn new_password_fields(language: Language, label: &str, typed: Option<&Chosen>) -> [Field; 2] {
    let words = Words::new(language);
    let (min, max) = (Password::MIN_CHARACTERS, Password::MAX_CHARACTERS);
    let number = |number: usize| Arg::Number(i64::try_from(number).unwrap_or(i64::MAX));
    let bounds = [("min", number(min)), ("max", number(max))];
    let field = |name, label: &str, fault: Option<Message>| Field {
        name,
        kind: "password",
        label: words.get(label),
        autocomplete: "new-password",
        required: true,
        error: fault.map(|fault| say(language, fault)),
        ..Field::default()
    };
    let length = Check::Length {
        min,
        max,
        short: words.with("live-length-short", &bounds[..1]),
        long: words.with("live-length-long", &bounds[1..]),
        good: words.get("live-length-good"),
    };
    let same = Check::Same {
        other: "password",
        same: words.get("live-repeat-same"),
        differs: words.get("live-repeat-differs"),
    };
    [
        Field {
            hint: Some(words.with("field-password-hint", &bounds)),
            check: Some(length),
            reveal: Some(reveal(language)),
            ..field("password", label, typed.and_then(|typed| typed.fault))
        },
        Field {
            check: Some(same),
            ..field("password_repeat", "field-password-repeat", typed.and_then(|typed| typed.repeat_fault))
        },
    ]
}
