//! The accept page: what is offered, to whom, and the forms that fit the person.

use super::{
    forms::{self, Wrong, new_password_fields, say},
    masked, outcome,
    sealed::{ACCEPT, Link},
    view::{Block, Fact, Field, Form, Mark, Page},
    visit::Visit,
    words::Words,
};
use crate::extract::identity::SignedIn;
use actix_web::http::StatusCode;
use invite_domain::service::{Next, Preview};
use invite_text::{Arg, Language, date_time, role_name};

/// Everything the page is made from.
pub(super) struct Desk<'a> {
    pub(super) visit: &'a Visit,
    pub(super) link: &'a Link,
    pub(super) preview: &'a Preview,
    pub(super) person: Option<&'a SignedIn>,
}

/// Which form the page shows.
enum Shown<'a> {
    New(Option<&'a forms::NewPerson>),
    SignIn(Option<(&'a str, Option<i64>)>),
    Existing,
    Switch,
    AlreadyMember,
}

impl Desk<'_> {
    fn language(&self) -> Language {
        let organization = self.preview.organization.locale.as_deref();
        self.visit.language(&[self.preview.locale.as_deref(), organization])
    }

    /// The page, with what was wrong in the form before.
    pub(super) fn page(&self, wrong: Option<&Wrong>) -> Page {
        match self.shown(wrong) {
            Shown::AlreadyMember => self.already_member(),
            Shown::Switch => self.switch(),
            Shown::Existing => self.existing(),
            Shown::New(typed) => self.new_person(typed),
            Shown::SignIn(failed) => self.sign_in(failed),
        }
    }

    fn shown<'b>(&self, wrong: Option<&'b Wrong>) -> Shown<'b> {
        match (wrong, self.preview.next) {
            (_, Next::AlreadyMember) => Shown::AlreadyMember,
            (_, Next::SwitchAccount) => Shown::Switch,
            (Some(Wrong::New(typed)), _) => Shown::New(Some(typed)),
            (Some(Wrong::SignIn { email, wait }), _) => Shown::SignIn(Some((email, *wait))),
            (Some(Wrong::SignInFirst), _) | (None, Next::SignIn) => Shown::SignIn(None),
            // Only a mailed link or a signed-in person learns that there is an account.
            (None, Next::Accept) if self.preview.mailed || self.preview.lets_in_again || self.person.is_some() => {
                Shown::Existing
            }
            (None, Next::Accept) if self.visit.query("sign_in").is_some() => Shown::SignIn(None),
            (None, Next::Accept | Next::SignUp) => Shown::New(None),
        }
    }

    fn by_code(&self) -> bool {
        self.link.token().is_none()
    }

    fn organization(&self) -> &str {
        &self.preview.organization.name
    }

    fn words(&self) -> Words {
        Words::new(self.language())
    }

    /// Who offers what until when.
    fn start(&self, title: &str) -> Page {
        let (language, preview, words) = (self.language(), self.preview, self.words());
        let organization = self.organization();
        let name = ("organization", Arg::Text(organization));
        let inviter = preview.inviter_name.as_deref().unwrap_or(organization);
        let mut facts = vec![Fact::new(words.get("accept-fact-inviter"), &[inviter])];
        if let Some(role) = &preview.role {
            let role = role_name(language, &role.name, role.system.is_some());
            facts.push(Fact::new(words.get("accept-fact-role"), &[&role]));
        }
        let address = Some(preview.recipient_masked.as_str()).filter(|address| !address.is_empty());
        let whom: Vec<&str> = preview.subject_name.as_deref().into_iter().chain(address).collect();
        if !whom.is_empty() {
            facts.push(Fact::new(words.get("accept-fact-recipient"), &whom));
        }
        let until = date_time(language, preview.expires_at, &preview.organization.time_zone);
        facts.push(Fact::new(words.get("accept-fact-until"), &[&until]));
        let page = Page::new(StatusCode::OK, language, title, &[name])
            .about(&preview.organization, self.visit)
            .with(Block::Facts(facts));
        let Some(message) = &preview.message else { return page };
        let who = words.with("accept-message-heading", &[("inviter", Arg::Text(inviter))]);
        page.with(Block::Quote { who, words: super::words::plain(message).into_owned() })
    }

    fn form(&self, action: &str, fields: Vec<Field>, button: &str, main: bool) -> Form {
        let csrf = self.link.csrf(&self.visit.api.world).unwrap_or_default();
        Form {
            to: self.visit.form_target(ACCEPT, &self.link.digits),
            hidden: vec![("action", action.to_owned()), ("csrf", csrf)],
            fields,
            checkbox: None,
            button: self.words().with(button, &[("organization", Arg::Text(self.organization()))]),
            main,
        }
    }

    /// Saying no, folded away below everything else.
    fn with_decline(&self, page: Page) -> Page {
        // A code names no one message, so saying no takes the link.
        if self.by_code() {
            return page;
        }
        let (words, organization) = (self.words(), [("organization", Arg::Text(self.organization()))]);
        let mut form = self.form("decline", Vec::new(), "button-decline", false);
        form.checkbox = Some(("block", words.with("decline-block", &organization)));
        let text = words.with("decline-text", &organization);
        page.with(Block::Aside { summary: words.get("decline-heading"), text, form })
    }

    fn new_person(&self, typed: Option<&forms::NewPerson>) -> Page {
        let (language, words) = (self.language(), self.words());
        let by_code = self.by_code();
        let of_record = || self.preview.subject_name.clone();
        let mut fields = vec![Field {
            name: "name",
            kind: "text",
            label: words.get("field-name"),
            hint: Some(words.get("field-name-hint")),
            value: typed.map(|typed| typed.name.clone()).or_else(of_record).unwrap_or_default(),
            autocomplete: "name",
            required: true,
            error: typed.and_then(|typed| typed.name_fault).map(|fault| say(language, fault)),
            ..Field::default()
        }];
        let passwords = new_password_fields(language, "field-password", typed.map(|typed| &typed.chosen));
        fields.extend(passwords.map(|field| Field { required: !by_code, ..field }));
        let page = self.start("accept-title").heading("accept-new-heading");
        let address = [("address", Arg::Text(&self.preview.recipient_masked))];
        let page = if by_code { page.text("code-password", &[]) } else { page.text("accept-new-intro", &address) };
        let mut page = page.with_errors_of(&fields);
        page.add(Block::Form(self.form("accept", fields, "button-create-account", true)));
        if !self.preview.mailed {
            let to = format!("{}&sign_in=1", self.visit.form_target(ACCEPT, &self.link.digits));
            page.add(Block::Link { to, label: words.get("accept-have-account") });
        }
        self.with_decline(page)
    }

    fn sign_in(&self, failed: Option<(&str, Option<i64>)>) -> Page {
        let words = self.words();
        let name = [("organization", Arg::Text(self.organization()))];
        let address = [("address", Arg::Text(&self.preview.recipient_masked))];
        // A copied link asks for the password so that nobody else uses the account; a mailed one by the organisation's wish.
        let page = self.start("sign-in-heading");
        let page = match (self.preview.mailed, self.preview.recipient_masked.is_empty()) {
            (true, _) => page.text("sign-in-policy-text", &name),
            (false, true) => page,
            (false, false) if self.by_code() => page.text("sign-in-text-code", &address),
            (false, false) => page.text("sign-in-text", &address),
        };
        // Whoever came by a code may have no address, and sign in with a phone number or a username.
        let (kind, label) = if self.by_code() { ("text", "sign-in-login") } else { ("email", "field-email") };
        let email = Field {
            name: "email",
            kind,
            label: words.get(label),
            value: failed.map_or("", |(email, _)| email).to_owned(),
            autocomplete: "username",
            required: true,
            ..Field::default()
        };
        let password = Field {
            name: "password",
            kind: "password",
            label: words.get("field-password"),
            autocomplete: "current-password",
            required: true,
            error: failed.map(|(_, wait)| forms::sign_in_fault(self.language(), wait)),
            reveal: Some(forms::reveal(self.language())),
            ..Field::default()
        };
        let fields = vec![email, password];
        let mut page = page.with_errors_of(&fields);
        page.add(Block::Form(self.form("sign-in", fields, "button-sign-in-join", true)));
        let base = self.visit.api.config.base_path();
        page.add(Block::Link { to: format!("{base}/console/forgotten"), label: words.get("sign-in-forgotten") });
        if self.visit.query("sign_in").is_some() && self.preview.next == Next::Accept {
            let to = self.visit.form_target(ACCEPT, &self.link.digits);
            page.add(Block::Link { to, label: words.get("accept-no-account") });
        }
        self.with_decline(page)
    }

    fn existing(&self) -> Page {
        let page = self.start("accept-title");
        let mut page = match self.person {
            Some(person) => page.text("accept-signed-in", &[("address", Arg::Text(&masked(&person.account)))]),
            None => page.heading("accept-existing-heading").text("accept-existing-text", &[]),
        };
        page.add(Block::Form(self.form("accept", Vec::new(), "button-join", true)));
        self.with_decline(page)
    }

    fn switch(&self) -> Page {
        let current = self.person.map(|person| masked(&person.account)).unwrap_or_default();
        let page = outcome::wrong_account(self.start("switch-heading"), &current, &self.preview.recipient_masked);
        page.with(Block::Form(self.form("switch", Vec::new(), "button-sign-out-continue", true)))
    }

    fn already_member(&self) -> Page {
        let organization = [("organization", Arg::Text(self.organization()))];
        Page::new(StatusCode::OK, self.language(), "already-member-title", &organization)
            .about(&self.preview.organization, self.visit)
            .marked(Mark::Success)
            .text("already-member-text", &[])
            .text("success-next-close", &[])
            .leading_to_console(self.visit, self.person.is_some())
    }
}
