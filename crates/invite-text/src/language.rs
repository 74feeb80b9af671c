//! The one list of languages.

/// Makes everything that depends on the list from one line a language, so that no second place has to be kept in step.
macro_rules! languages {
    ($($(#[$doc:meta])* $variant:ident => $tag:literal, $own_name:literal;)+) => {
        /// A language the catalogue is written in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Language {
            $($(#[$doc])* $variant,)+
        }

        impl Language {
            /// All languages, in the order a language switch offers them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The language's tag (BCP 47), as an HTML `lang` attribute wants it.
            pub const fn tag(self) -> &'static str {
                match self {
                    $(Self::$variant => $tag,)+
                }
            }

            /// The language's name in the language itself, for a language switch: a reader who does not know the
            /// page's language must still find his own.
            pub const fn name_in_itself(self) -> &'static str {
                match self {
                    $(Self::$variant => $own_name,)+
                }
            }

            /// The Fluent files, compiled in.
            pub(crate) const fn sources(self) -> [&'static str; 8] {
                match self {
                    $(Self::$variant => [
                        include_str!(concat!("../locales/", $tag, "/common.ftl")),
                        include_str!(concat!("../locales/", $tag, "/mail.ftl")),
                        include_str!(concat!("../locales/", $tag, "/page.ftl")),
                        include_str!(concat!("../locales/", $tag, "/console.ftl")),
                        include_str!(concat!("../locales/", $tag, "/invitations.ftl")),
                        include_str!(concat!("../locales/", $tag, "/people.ftl")),
                        include_str!(concat!("../locales/", $tag, "/settings.ftl")),
                        include_str!(concat!("../locales/", $tag, "/dashboard.ftl")),
                    ],)+
                }
            }
        }
    };
}

languages! {
    /// English, in which every message is written first and to which everything falls back.
    En => "en", "English";
    /// French.
    Fr => "fr", "Français";
    /// German.
    De => "de", "Deutsch";
    /// Spanish.
    Es => "es", "Español";
}

impl Language {
    /// What is used where nobody said anything, and where a message is missing.
    pub const FALLBACK: Self = Self::En;

    /// The language of a tag (BCP 47, in any case), by its primary subtag alone: `fr`, `fr-CA` and `FR_ca` are French.
    /// The underscore of POSIX locale names counts as a hyphen. `None` for any other language and for what is no tag.
    pub fn parse(tag: &str) -> Option<Self> {
        let mut subtags = tag.trim().split(['-', '_']);
        let primary = subtags.next()?;
        // RFC 5646, 2.1: every subtag has 1 to 8 letters or digits.
        let well_formed =
            |subtag: &str| (1..=8).contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_alphanumeric());
        if !subtags.all(well_formed) {
            return None;
        }
        Self::ALL.iter().copied().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn a_tag_is_matched_on_its_primary_language_in_any_case() {
        let cases = [
            ("en", Some(Language::En)),
            ("fr", Some(Language::Fr)),
            ("FR", Some(Language::Fr)),
            ("fr-CA", Some(Language::Fr)),
            ("fr_FR", Some(Language::Fr)),
            (" en-GB ", Some(Language::En)),
            ("en-Latn-US-x-private", Some(Language::En)),
            ("eng", None),
            ("frr", None),
            ("de", Some(Language::De)),
            ("de-AT", Some(Language::De)),
            ("DE_ch", Some(Language::De)),
            ("es", Some(Language::Es)),
            ("es-419", Some(Language::Es)),
            ("it", None),
            ("deu", None),
            ("est", None),
            ("", None),
            ("-", None),
            ("fr-", None),
            ("fr--CA", None),
            ("fr-toolongsubtag", None),
            ("fr-CA\r\nX-Header: y", None),
            ("français", None),
        ];
        for (tag, expected) in cases {
            assert_eq!(Language::parse(tag), expected, "{tag:?}");
        }
    }

    #[test]
    fn every_language_parses_its_own_tag_and_has_a_name() {
        for language in Language::ALL {
            assert_eq!(Language::parse(language.tag()), Some(*language));
            assert!(!language.name_in_itself().is_empty());
        }
    }

    #[test]
    fn the_list_and_the_folders_of_messages_are_the_same() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/locales");
        let mut folders: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        folders.sort();
        let mut tags: Vec<String> = Language::ALL.iter().map(|language| language.tag().to_owned()).collect();
        tags.sort();
        assert_eq!(folders, tags);
    }
}
