//! What a mail says, as the values its templates get.

use super::clean::{self, NAME_IN_BODY, NAME_IN_SUBJECT};
use super::kind::{Keys, MailKind};
use super::look::{Colours, logo_size};
use super::mail::InlineLogo;
use invite_domain::directory::look::Accent;
use invite_text::{Arg, Language, Text};
use minijinja::{Value, context};

/// What there is to say. Names are as people wrote them; message, address and new address are clean already. What a kind
/// does not know is empty.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) kind: MailKind,
    pub(super) language: Option<Language>,
    pub(super) link: String,
    pub(super) organization: String,
    /// Empty where nobody knows the name.
    pub(super) inviter: String,
    pub(super) role: String,
    pub(super) until: String,
    /// From when the message was made, so for templates only: a mail that leaves late would promise too much.
    pub(super) duration: String,
    pub(super) at: String,
    pub(super) address: String,
    pub(super) new_address: String,
    /// Whom an invitation was for.
    pub(super) recipient: String,
    /// What the new member is called.
    pub(super) member: String,
    pub(super) message: Vec<String>,
    pub(super) code: Option<Code>,
    pub(super) accent: Option<Accent>,
    pub(super) logo: Option<InlineLogo>,
}

/// The short code of an invitation.
pub(super) struct Code {
    /// `XXXX-XXXX-XXX`.
    pub(super) text: String,
    /// Behind the base of all links: `/code/{slug}`. The page is never named in full: a mail has one link only, and mail
    /// programs make links of host names, too.
    pub(super) path: String,
}

/// Looks words up with all variables there are, names cut to a length.
struct Words<'a> {
    facts: &'a Facts,
    organization: String,
    inviter: String,
    role: String,
    recipient: String,
    member: String,
}

impl<'a> Words<'a> {
    fn new(facts: &'a Facts, longest_name: usize) -> Self {
        let name = |text: &str| clean::name(text, longest_name);
        let (recipient, member) = (name(&facts.recipient), name(&facts.member));
        let (organization, inviter) = (name(&facts.organization), name(&facts.inviter));
        Self {
            facts,
            // Templates of people's own may begin a sentence with it.
            inviter: if inviter.is_empty() && facts.kind.invites() { organization.clone() } else { inviter },
            organization,
            role: name(&facts.role),
            member: if member.is_empty() { recipient.clone() } else { member },
            recipient,
        }
    }

    fn get(&self, key: &str) -> String {
        Text::new(self.facts.language()).with(
            key,
            &[
                ("organization", Arg::Text(&self.organization)),
                ("inviter", Arg::Text(&self.inviter)),
                ("role", Arg::Text(&self.role)),
                ("recipient", Arg::Text(&self.recipient)),
                ("member", Arg::Text(&self.member)),
                ("until", Arg::Text(&self.facts.until)),
                ("at", Arg::Text(&self.facts.at)),
                ("address", Arg::Text(&self.facts.address)),
                ("new", Arg::Text(&self.facts.new_address)),
                ("path", Arg::Text(self.facts.code.as_ref().map_or("", |code| &code.path))),
            ],
        )
    }

    /// The words, or none where a mail does not say this.
    fn some(&self, key: Option<&str>) -> String {
        key.map(|key| self.get(key)).unwrap_or_default()
    }
}

impl Facts {
    pub(super) fn language(&self) -> Language {
        self.language.unwrap_or(Language::FALLBACK)
    }

    fn keys(&self) -> Keys {
        self.kind.keys(!clean::is_blank(&self.inviter))
    }

    pub(super) fn subject(&self) -> String {
        Words::new(self, NAME_IN_SUBJECT).get(self.keys().subject)
    }

    /// The values for the templates: words in the reader's language, and the plain facts for those who write their own.
    /// Every kind has all of them; what a mail does not say is empty.
    pub(super) fn values(&self, html: bool) -> Value {
        let words = Words::new(self, NAME_IN_BODY);
        let keys = self.keys();
        let link = if html { Value::from_safe_string(escape_attribute(&self.link)) } else { Value::from(&*self.link) };
        let told = match self.kind {
            MailKind::Suspended => !words.inviter.is_empty(),
            _ => !words.role.is_empty(),
        };
        let detail = keys.detail.filter(|_| !words.recipient.is_empty() && words.recipient != words.member);
        let around_link = keys.link.as_ref();
        let if_message = keys.message_heading.filter(|_| !self.message.is_empty());
        let (if_code, if_code_place) = match &self.code {
            Some(_) => (Some("mail-invitation-code"), Some("mail-invitation-code-place")),
            None => (None, None),
        };
        let footer = if words.organization.is_empty() { "mail-footer-plain" } else { "mail-footer" };
        let sentences = context! {
            greeting => words.get("mail-greeting"),
            preheader => words.get(keys.preheader),
            heading => words.get(keys.heading),
            body => words.get(keys.body[usize::from(told)]),
            detail => words.some(detail),
            valid => words.some(keys.valid),
            button => words.some(around_link.map(|link| link.button)),
            link_intro => words.some(around_link.map(|link| link.intro)),
            link_fallback => words.some(around_link.map(|_| "mail-link-fallback")),
            link_personal => words.some(around_link.map(|link| link.note)),
            message_heading => words.some(if_message),
            code_intro => words.some(if_code),
            code_place => words.some(if_code_place),
            why => words.some(keys.why),
            ignore => words.some(keys.ignore),
            footer => words.get(footer),
        };
        let facts = context! {
            kind => self.kind.name(),
            lang => self.language().tag(),
            subject => self.subject(),
            link,
            organization => &*words.organization,
            inviter => &*words.inviter,
            role => &*words.role,
            recipient => &*words.recipient,
            member => &*words.member,
            until => &*self.until,
            duration => &*self.duration,
            at => &*self.at,
            address => &*self.address,
            new_address => &*self.new_address,
            message_lines => self.message.clone(),
            code => self.code.as_ref().map_or("", |code| &code.text),
        };
        context! { ..self.look(), ..sentences, ..facts }
    }

    fn look(&self) -> Value {
        let Colours { accent, ink, edge, edge_dark } = Colours::of(self.accent);
        let (width, height) = self.logo.as_ref().map_or((0, 0), |shown| logo_size(&shown.logo));
        let logo = self.logo.as_ref().map_or_else(String::new, |shown| format!("cid:{}", shown.content_id));
        context! { accent, ink, edge, edge_dark, logo, logo_width => width, logo_height => height }
    }
}

/// Escapes a URL for an attribute in quotation marks and for text. The engine's own escaping would also turn `/` into a
/// character reference, which scanners of mails do not always undo.
pub(super) fn escape_attribute(url: &str) -> String {
    url.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
