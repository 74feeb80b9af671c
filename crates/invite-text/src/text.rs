//! Looking messages up.

use crate::{Language, catalog};
use fluent_bundle::{FluentArgs, FluentValue};

/// The messages in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    language: Language,
}

/// A value for a variable of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arg<'a> {
    /// Inserted exactly as it is: nothing in it is read as message syntax, nothing is escaped.
    Text(&'a str),
    /// Written in digits without grouping; it decides the plural form.
    Number(i64),
}

impl Text {
    /// The messages in this language.
    pub const fn new(language: Language) -> Self {
        Self { language }
    }

    /// The language, for the `lang` attribute and for dates.
    pub const fn language(self) -> Language {
        self.language
    }

    /// The message of this key, which has no variables. See [`Text::with`].
    pub fn get(self, key: &str) -> String {
        self.with(key, &[])
    }

    /// The message of this key with its variables filled in: plain text, to be escaped by whoever writes HTML.
    ///
    /// A key the language lacks is taken from English; one that is nowhere comes back itself, so that a page is still
    /// served. Tests hold both away: all languages have the same keys.
    pub fn with(self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        let args: FluentArgs<'_> = args
            .iter()
            .map(|(name, arg)| {
                let value = match arg {
                    // Never by `FluentValue::try_number`: the name "007" stays as it is.
                    Arg::Text(text) => FluentValue::from(*text),
                    Arg::Number(number) => FluentValue::from(*number),
                };
                (*name, value)
            })
            .collect();
        catalog::message(self.language, key, &args)
            .or_else(|| catalog::message(Language::FALLBACK, key, &args))
            .unwrap_or_else(|| key.to_owned())
    }
}

/// The name of a role as a reader of this language knows it. The four system roles (rules 6.1) have a translation; any
/// other role bears the organisation's own words, also where it happens to be named like one of them.
pub fn role_name(language: Language, name: &str, system: bool) -> String {
    let key = match name {
        "owner" => "role-owner",
        "admin" => "role-admin",
        "member" => "role-member",
        "guest" => "role-guest",
        _ => return name.to_owned(),
    };
    if system { Text::new(language).get(key) } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Arg, Text, role_name};
    use crate::Language;
    use proptest::prelude::*;

    fn subject(language: Language, inviter: &str) -> String {
        Text::new(language)
            .with("mail-invitation-subject", &[("inviter", Arg::Text(inviter)), ("organization", Arg::Text("Acme"))])
    }

    #[test]
    fn r8_3_the_subject_of_an_invitation_has_its_fixed_pattern() {
        assert_eq!(subject(Language::En, "Ada Byron"), "Ada Byron invites you to join Acme");
        assert_eq!(subject(Language::Fr, "Ada Byron"), "Ada Byron vous invite à rejoindre Acme");
        assert_eq!(subject(Language::De, "Ada Byron"), "Ada Byron lädt Sie ein, Acme beizutreten");
        assert_eq!(subject(Language::Es, "Ada Byron"), "Ada Byron le invita a unirse a Acme");
    }

    #[test]
    fn hostile_arguments_come_out_literally() {
        let hostile = [
            "{ $organization }",
            "{ mail-greeting }",
            "{ \"\\u0041\" }",
            "*[other] x",
            "line\r\nBcc: all@example.org",
            "\u{202e}evil\u{2069}\u{2068}",
            "<b>&amp;</b>",
            "007",
            "1e3",
            "",
            " ",
        ];
        for inviter in hostile {
            assert_eq!(subject(Language::En, inviter), format!("{inviter} invites you to join Acme"));
            assert_eq!(subject(Language::Fr, inviter), format!("{inviter} vous invite à rejoindre Acme"));
            assert_eq!(subject(Language::De, inviter), format!("{inviter} lädt Sie ein, Acme beizutreten"));
            assert_eq!(subject(Language::Es, inviter), format!("{inviter} le invita a unirse a Acme"));
        }
    }

    #[test]
    fn a_forgotten_argument_shows_its_name_where_a_test_can_find_it() {
        assert_eq!(Text::new(Language::En).get("accept-title"), "Join {$organization}");
    }

    #[test]
    fn the_number_of_wrong_fields_has_its_plural_form() {
        let summary = |language, count| Text::new(language).with("error-summary", &[("count", Arg::Number(count))]);
        assert_eq!(summary(Language::En, 1), "Please correct the field below.");
        assert_eq!(summary(Language::En, 3), "Please correct the 3 fields below.");
        assert_eq!(summary(Language::Fr, 1), "Veuillez corriger le champ ci-dessous.");
        assert_eq!(summary(Language::Fr, 3), "Veuillez corriger les 3 champs ci-dessous.");
        assert_eq!(summary(Language::De, 1), "Bitte berichtigen Sie das Feld unten.");
        assert_eq!(summary(Language::De, 3), "Bitte berichtigen Sie die 3 Felder unten.");
        assert_eq!(summary(Language::Es, 1), "Corrija el campo de abajo.");
        assert_eq!(summary(Language::Es, 3), "Corrija los 3 campos de abajo.");
    }

    #[test]
    fn r6_1_system_roles_are_translated_and_custom_roles_keep_their_own_words() {
        let names = ["owner", "admin", "member", "guest"];
        let written = |language| names.map(|name| role_name(language, name, true)).join(", ");
        assert_eq!(written(Language::En), "owner, administrator, member, guest");
        assert_eq!(written(Language::Fr), "propriétaire, administrateur, membre, invité");
        assert_eq!(written(Language::De), "Eigentümer, Administrator, Mitglied, Gast");
        assert_eq!(written(Language::Es), "propietario, administrador, miembro, invitado");
        for language in Language::ALL {
            assert_eq!(names.map(|name| role_name(*language, name, false)), names);
            assert_eq!(role_name(*language, "Dispatcher", true), "Dispatcher");
        }
    }

    proptest! {
        #[test]
        fn any_name_comes_out_unchanged(name in "\\PC{0,80}") {
            prop_assert_eq!(subject(Language::Fr, &name), format!("{name} vous invite à rejoindre Acme"));
            prop_assert_eq!(subject(Language::De, &name), format!("{name} lädt Sie ein, Acme beizutreten"));
            prop_assert_eq!(subject(Language::Es, &name), format!("{name} le invita a unirse a Acme"));
        }
    }
}
