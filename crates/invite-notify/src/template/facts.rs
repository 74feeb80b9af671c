//! What a mail says, as the values its templates get.

use super::clean::{self, NAME_IN_BODY, NAME_IN_SUBJECT};
use invite_text::{Arg, Language, Text};
use minijinja::{Value, context};

/// The kinds of mail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Kind {
    #[default]
    Invitation,
    OwnerLink,
    PasswordReset,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Invitation, Self::OwnerLink, Self::PasswordReset];

    /// The stem of its templates' file names.
    pub(super) const fn stem(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::OwnerLink => "owner-link",
            Self::PasswordReset => "password-reset",
        }
    }
}

/// What there is to say. Names are as people wrote them; message and address are clean already.
pub(super) struct Facts {
    pub(super) kind: Kind,
    pub(super) language: Language,
    pub(super) link: String,
    pub(super) organization: String,
    pub(super) inviter: String,
    pub(super) role: Option<String>,
    pub(super) until: String,
    pub(super) duration: String,
    pub(super) address: String,
    pub(super) message: Vec<String>,
    pub(super) code: Option<Code>,
}

/// The short code of an invitation.
pub(super) struct Code {
    /// `XXXX-XXXX-XXX`.
    pub(super) text: String,
    /// Behind the base of all links: `/code/{slug}`. The page is never named in full: a mail has one link only, and mail
    /// programs make links of host names, too.
    pub(super) path: String,
}

impl Default for Facts {
    fn default() -> Self {
        let none = String::new;
        Self {
            kind: Kind::default(),
            language: Language::FALLBACK,
            link: none(),
            organization: none(),
            inviter: none(),
            role: None,
            until: none(),
            duration: none(),
            address: none(),
            message: Vec::new(),
            code: None,
        }
    }
}

/// Looks words up with all variables there are, names cut to a length.
struct Words<'a> {
    facts: &'a Facts,
    organization: String,
    inviter: String,
    role: String,
}

impl<'a> Words<'a> {
    fn new(facts: &'a Facts, longest_name: usize) -> Self {
        let name = |text: &str| clean::name(text, longest_name);
        Self {
            facts,
            organization: name(&facts.organization),
            inviter: name(&facts.inviter),
            role: name(facts.role.as_deref().unwrap_or_default()),
        }
    }

    fn get(&self, key: &str) -> String {
        Text::new(self.facts.language).with(
            key,
            &[
                ("organization", Arg::Text(&self.organization)),
                ("inviter", Arg::Text(&self.inviter)),
                ("role", Arg::Text(&self.role)),
                ("until", Arg::Text(&self.facts.until)),
                ("duration", Arg::Text(&self.facts.duration)),
                ("address", Arg::Text(&self.facts.address)),
                ("path", Arg::Text(self.facts.code.as_ref().map_or("", |code| &code.path))),
            ],
        )
    }
}

impl Facts {
    pub(super) fn subject(&self) -> String {
        Words::new(self, NAME_IN_SUBJECT).get(match self.kind {
            Kind::Invitation => "mail-invitation-subject",
            Kind::OwnerLink => "mail-owner-subject",
            Kind::PasswordReset => "mail-reset-subject",
        })
    }

    /// The values for the templates: words in the reader's language, and the plain facts for those who write their own.
    pub(super) fn values(&self, html: bool) -> Value {
        let words = Words::new(self, NAME_IN_BODY);
        let link = if html { Value::from_safe_string(escape_attribute(&self.link)) } else { Value::from(&*self.link) };
        let common = context! {
            lang => self.language.tag(),
            subject => self.subject(),
            link,
            organization => &*words.organization,
            inviter => &*words.inviter,
            role => &*words.role,
            until => &*self.until,
            duration => &*self.duration,
            address => &*self.address,
            message_lines => self.message.clone(),
            code => self.code.as_ref().map_or("", |code| &code.text),
            greeting => words.get("mail-greeting"),
            link_fallback => words.get("mail-link-fallback"),
            link_personal => words.get("mail-link-personal"),
        };
        let own = match self.kind {
            Kind::Invitation => context! {
                preheader => words.get("mail-invitation-preheader"),
                heading => words.get("mail-invitation-heading"),
                body => words.get(if words.role.is_empty() { "mail-invitation-body" } else { "mail-invitation-body-role" }),
                valid => words.get("mail-invitation-until"),
                button => words.get("mail-invitation-button"),
                link_intro => words.get("mail-invitation-link"),
                message_heading => words.get("mail-invitation-message-heading"),
                code_intro => words.get("mail-invitation-code"),
                code_place => words.get("mail-invitation-code-place"),
                why => words.get("mail-invitation-why"),
                ignore => words.get("mail-invitation-ignore"),
                footer => words.get("mail-footer"),
            },
            Kind::OwnerLink => context! {
                preheader => words.get("mail-owner-preheader"),
                heading => words.get("mail-owner-heading"),
                body => words.get("mail-owner-body"),
                valid => words.get("mail-owner-valid"),
                button => words.get("mail-owner-button"),
                link_intro => words.get("mail-owner-link"),
                ignore => words.get("mail-owner-ignore"),
                footer => words.get("mail-footer"),
            },
            Kind::PasswordReset => context! {
                preheader => words.get("mail-reset-preheader"),
                heading => words.get("mail-reset-heading"),
                body => words.get("mail-reset-body"),
                valid => words.get("mail-reset-valid"),
                button => words.get("mail-reset-button"),
                link_intro => words.get("mail-reset-link"),
                ignore => words.get("mail-reset-ignore"),
                footer => words.get("mail-footer-plain"),
            },
        };
        context! { ..own, ..common }
    }

    /// One mail of each kind and language, once with everything it can hold and once with as little as possible: what
    /// templates are tried on when they are loaded.
    pub(super) fn samples() -> Vec<Self> {
        let mut samples = Vec::new();
        for kind in Kind::ALL {
            for language in Language::ALL {
                for full in [true, false] {
                    samples.push(Self {
                        kind,
                        language: *language,
                        link: "https://invite.example/i/sample-link".to_owned(),
                        organization: "Acme".to_owned(),
                        inviter: "Ada".to_owned(),
                        role: full.then(|| "member".to_owned()),
                        until: "1 January 2027".to_owned(),
                        duration: "1 hour".to_owned(),
                        address: "zoe@example.org".to_owned(),
                        message: if full { vec!["Hello".to_owned(), String::new()] } else { Vec::new() },
                        code: full.then(|| Code { text: "ABCD-1234-EFG".to_owned(), path: "/code/acme".to_owned() }),
                    });
                }
            }
        }
        samples
    }
}

/// Escapes a URL for an attribute in quotation marks and for text. The engine's own escaping would also turn `/` into a
/// character reference, which scanners of mails do not always undo.
fn escape_attribute(url: &str) -> String {
    url.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
