//! The message catalogue: words, plural forms and dates for pages and mails.
//!
//! It is pure: the words are compiled in, nothing is read or sent. What it does not do: escape (that is the template's
//! job, which knows whether it writes HTML or plain text), and clean names (the caller's job).
//!
//! ```
//! use invite_text::{Arg, Language, Text, negotiate};
//!
//! // The invitation's language, then the account's, then the organisation's, then the operator's.
//! let language = negotiate(&[None, Some("fr-CA"), Some("en")]);
//! assert_eq!(language, Language::Fr);
//!
//! let text = Text::new(language);
//! assert_eq!(
//!     text.with("mail-invitation-subject", &[("inviter", Arg::Text("Ada")), ("organization", Arg::Text("Acme"))]),
//!     "Ada vous invite à rejoindre Acme"
//! );
//! assert_eq!(invite_text::duration(language, 3600), "1 heure");
//! ```
//!
//! # How to add a language
//!
//! 1. Copy `locales/en` to a folder named by the language's tag and translate its files.
//! 2. Add one line to the list in `src/language.rs`.
//!
//! The tests then hold the new files to the same messages and variables as the others, and to having no message left in
//! another language. Add its typography, plural forms and dates to the tests.

mod catalog;
mod date;
mod language;
mod negotiate;
mod text;
mod week;
mod zone;

pub use catalog::keys;
pub use date::{date, date_time, duration, short_date};
pub use language::Language;
pub use negotiate::{from_accept_language, negotiate};
pub use text::{Arg, Text, role_name};
pub use week::weeks;
pub use zone::time_zones;
