//! The accept page: what is offered, to whom, and the forms that fit the person.

use super::{
    forms::{self, Wrong, say},
    masked,
    sealed::{ACCEPT, Link},
    view::{Block, Field, Form, Page},
    visit::Visit,
};
use crate::extract::identity::Person;
use actix_web::http::StatusCode;
use invite_domain::{
    directory::Password,
    service::{Next, Preview},
};
use invite_text::{Arg, Language, Text, date_time, role_name};

/// Everything the page is made from.
pub(super) struct Desk<'a> {
    pub(super) visit: &'a Visit,
    pub(super) link: &'a Link,
    pub(super) preview: &'a Preview,
    pub(super) person: Option<&'a Person>,
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

    /// Who offers what until when.
    fn start(&self) -> Page {
        let (language, preview) = (self.language(), self.preview);
        let text = Text::new(language);
        let organization = ("organization", Arg::Text(self.organization()));
        let until = date_time(language, preview.expires_at, &preview.organization.time_zone);
        let address = &preview.recipient_masked;
        let inviter = preview.inviter_name.as_deref().unwrap_or(self.organization());
        let role = preview.role.as_ref().map(|role| role_name(language, &role.name, role.system.is_some()));
        let mut page = Page::new(StatusCode::OK, language, "accept-title", &[organization]).of(self.organization());
        let inviter = ("inviter", Arg::Text(inviter));
        page = match &role {
            None => page.text("accept-intro", &[inviter, organization]),
            Some(role) => page.text("accept-intro-role", &[inviter, organization, ("role", Arg::Text(role))]),
        };
        if let Some(message) = &preview.message {
            page.add(Block::Text(text.with("accept-message-heading", &[inviter])));
            page.add(Block::Quote(message.clone()));
        }
        if let Some(name) = &preview.subject_name {
            page = page.text("accept-for-record", &[("name", Arg::Text(name))]);
        }
        if !address.is_empty() {
            page = page.text("accept-recipient", &[("address", Arg::Text(address))]);
        }
        page.text("accept-until", &[("until", Arg::Text(&until))])
    }

    fn form(&self, action: &str, fields: Vec<Field>, button: String, main: bool) -> Form {
        let csrf = self.link.csrf(&self.visit.api.world).unwrap_or_default();
        Form {
            to: self.visit.form_target(ACCEPT, &self.link.digits),
            hidden: vec![("action", action.to_owned()), ("csrf", csrf)],
            fields,
            checkbox: None,
            button,
            main,
        }
    }

    fn button(&self, key: &str) -> String {
        Text::new(self.language()).with(key, &[("organization", Arg::Text(self.organization()))])
    }

    /// Saying no, below everything else.
    fn with_decline(&self, page: Page) -> Page {
        // A code names no one message, so saying no takes the link.
        if self.by_code() {
            return page;
        }
        let organization = [("organization", Arg::Text(self.organization()))];
        let mut form = self.form("decline", Vec::new(), self.button("button-decline"), false);
        form.checkbox = Some(("block", Text::new(self.language()).with("decline-block", &organization)));
        page.heading("decline-heading").text("decline-text", &organization).with(Block::Form(form))
    }

    fn new_person(&self, typed: Option<&forms::NewPerson>) -> Page {
        let language = self.language();
        let text = Text::new(language);
        let address = [("address", Arg::Text(&self.preview.recipient_masked))];
        let by_code = self.by_code();
        let mut page = self.start().heading("accept-new-heading");
        page = if by_code { page.text("code-password", &[]) } else { page.text("accept-new-intro", &address) };
        if let Some(typed) = typed {
            let count = i64::try_from(typed.faults()).unwrap_or(i64::MAX);
            page.add(Block::Errors(text.with("error-summary", &[("count", Arg::Number(count))])));
        }
        let of_record = || self.preview.subject_name.clone();
        let mut fields = vec![Field {
            name: "name",
            kind: "text",
            label: text.get("field-name"),
            hint: Some(text.get("field-name-hint")),
            value: typed.map(|typed| typed.name.clone()).or_else(of_record).unwrap_or_default(),
            autocomplete: "name",
            code: false,
            required: true,
            error: typed.and_then(|typed| typed.name_fault).map(|fault| say(language, fault)),
        }];
        let passwords = new_password_fields(language, "field-password", typed.map(|typed| &typed.chosen));
        fields.extend(passwords.map(|field| Field { required: !by_code, ..field }));
        page.add(Block::Form(self.form("accept", fields, self.button("button-create-account"), true)));
        if !self.preview.mailed {
            let to = format!("{}&sign_in=1", self.visit.form_target(ACCEPT, &self.link.digits));
            page.add(Block::Link { to, label: text.get("button-sign-in-join") });
        }
        self.with_decline(page)
    }

    fn sign_in(&self, failed: Option<(&str, Option<i64>)>) -> Page {
        let language = self.language();
        let text = Text::new(language);
        let mut page = self.start().heading("sign-in-heading");
        // The sentence explains why a copied link asks for a password; a mailed one is asked by the organisation's wish.
        if !self.preview.mailed {
            page = page.text("sign-in-text", &[("address", Arg::Text(&self.preview.recipient_masked))]);
        }
        let field = |name, kind, label: &str, value: &str, autocomplete, error| Field {
            name,
            kind,
            label: text.get(label),
            hint: None,
            value: value.to_owned(),
            autocomplete,
            code: false,
            required: true,
            error,
        };
        // Whoever came by a code may have no address, and sign in with a phone number or a username.
        let kind = if self.by_code() { "text" } else { "email" };
        let email = failed.map_or("", |(email, _)| email);
        let error = failed.map(|(_, wait)| forms::sign_in_fault(language, wait));
        let fields = vec![
            field("email", kind, "field-email", email, "username", None),
            field("password", "password", "field-password", "", "current-password", error),
        ];
        page.add(Block::Form(self.form("sign-in", fields, self.button("button-sign-in-join"), true)));
        self.with_decline(page)
    }

    fn existing(&self) -> Page {
        let mut page = self.start();
        page = match self.person {
            Some(person) => page.text("accept-signed-in", &[("address", Arg::Text(&masked(&person.account)))]),
            None => page.heading("accept-existing-heading").text("accept-existing-text", &[]),
        };
        page.add(Block::Form(self.form("accept", Vec::new(), self.button("button-join"), true)));
        self.with_decline(page)
    }

    fn switch(&self) -> Page {
        let current = self.person.map(|person| masked(&person.account)).unwrap_or_default();
        let args = [("current", Arg::Text(&current)), ("address", Arg::Text(&self.preview.recipient_masked))];
        let page = self.start().heading("switch-heading").text("switch-text", &args);
        page.with(Block::Form(self.form("switch", Vec::new(), self.button("button-sign-out-continue"), true)))
    }

    fn already_member(&self) -> Page {
        let organization = [("organization", Arg::Text(self.organization()))];
        Page::new(StatusCode::OK, self.language(), "already-member-title", &organization)
            .of(self.organization())
            .text("already-member-text", &[])
    }
}

/// A password and its repetition. What was typed is never sent back.
pub(super) fn new_password_fields(language: Language, label: &str, typed: Option<&forms::Chosen>) -> [Field; 2] {
    let text = Text::new(language);
    let number = |number: usize| Arg::Number(i64::try_from(number).unwrap_or(i64::MAX));
    let bounds = [("min", number(Password::MIN_CHARACTERS)), ("max", number(Password::MAX_CHARACTERS))];
    let field = |name, label: &str, hint, error: Option<_>| Field {
        name,
        kind: "password",
        label: text.get(label),
        hint,
        value: String::new(),
        autocomplete: "new-password",
        code: false,
        required: true,
        error: error.map(|fault| say(language, fault)),
    };
    let hint = Some(text.with("field-password-hint", &bounds));
    [
        field("password", label, hint, typed.and_then(|typed| typed.fault)),
        field("password_repeat", "field-password-repeat", None, typed.and_then(|typed| typed.repeat_fault)),
    ]
}
