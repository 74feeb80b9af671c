//! What a page consists of. The template escapes; nothing here is markup.

use super::{
    asset::{ICON, SCRIPT, STYLE},
    look::Look,
    visit::Visit,
    words::{Words, plain},
};
use actix_web::{HttpResponse, HttpResponseBuilder, http::StatusCode};
use askama::Template;
use invite_domain::directory::Organization;
use invite_text::{Arg, Language};

/// What a script says about a field while somebody types. Without one the same is said after sending.
pub(crate) enum Check {
    /// Whether the length is allowed.
    Length { min: usize, max: usize, short: String, long: String, good: String },
    /// Whether it is the same as another field.
    Same { other: &'static str, same: String, differs: String },
}

/// A form field.
#[derive(Default)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) label: String,
    pub(crate) hint: Option<String>,
    pub(crate) value: String,
    pub(crate) autocomplete: &'static str,
    /// Whether it is a code: in capital letters, and no word to correct.
    pub(crate) code: bool,
    pub(crate) required: bool,
    pub(crate) error: Option<String>,
    pub(crate) check: Option<Check>,
    /// The words of a button that shows and hides what is typed into the form's passwords.
    pub(crate) reveal: Option<(String, String)>,
}

/// A form that changes something.
pub(crate) struct Form {
    pub(crate) to: String,
    pub(crate) hidden: Vec<(&'static str, String)>,
    pub(crate) fields: Vec<Field>,
    pub(crate) checkbox: Option<(&'static str, String)>,
    pub(crate) button: String,
    /// Whether it is what most people came for.
    pub(crate) main: bool,
}

/// Text that is a link or not.
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) link: Option<String>,
}

/// What there is to know, and what is known of it.
pub(crate) struct Fact {
    pub(crate) name: String,
    pub(crate) values: Vec<String>,
}

impl Fact {
    pub(crate) fn new(name: String, values: &[&str]) -> Self {
        Self { name, values: values.iter().map(|value| plain(value).into_owned()).collect() }
    }
}

/// A part of a page.
pub(crate) enum Block {
    Heading(String),
    Text(String),
    /// A list of names and values.
    Facts(Vec<Fact>),
    /// Somebody else's words, and whose they are.
    Quote {
        who: String,
        words: String,
    },
    /// What is wrong with the form below, and each fault with its field.
    Errors {
        text: String,
        fields: Vec<(&'static str, String)>,
    },
    Form(Form),
    /// What few people want, folded away.
    Aside {
        summary: String,
        text: String,
        form: Form,
    },
    Link {
        to: String,
        label: String,
    },
    /// The one thing to do next, where it is only going somewhere.
    Button {
        to: String,
        label: String,
    },
    /// Text as it stands, its links to be followed.
    Lines(Vec<Piece>),
    /// Links, each with what is known of it.
    List(Vec<(String, String, String)>),
}

/// What became of it, as a sign beside the title. The title says the same in words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Done, as wanted.
    Success,
    /// There is a mail to look for.
    Mail,
    /// It goes on later.
    Waiting,
    /// It is over.
    Ended,
    /// It did not work.
    Trouble,
}

/// One choice of the language switch.
struct Choice {
    tag: &'static str,
    name: &'static str,
    chosen: bool,
}

/// The organisation at the top of a page.
struct Brand<'a> {
    name: &'a str,
    /// The first letter of its name, in the place of a logo.
    letter: Option<String>,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Markup<'a> {
    lang: &'static str,
    base: &'a str,
    icon: String,
    style: String,
    script: String,
    look: &'a Look,
    document_title: &'a str,
    title: &'a str,
    brand: Option<Brand<'a>>,
    mark: Option<Mark>,
    blocks: &'a [Block],
    skip: String,
    footer: String,
    /// Where the language switch leads, with what it has to keep; none where a page is the answer to a form.
    switch: Option<(&'a str, Vec<(&'a str, &'a str)>)>,
    languages: Vec<Choice>,
    language_label: String,
    language_button: String,
}

/// A page.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) language: Language,
    pub(crate) title: String,
    pub(crate) organization: Option<String>,
    pub(crate) look: Look,
    pub(crate) blocks: Vec<Block>,
    /// Seconds after which it may be tried again.
    pub(crate) retry: Option<u64>,
    mark: Option<Mark>,
    refused: Option<&'static str>,
    words: Words,
}

impl Page {
    pub(crate) fn new(status: StatusCode, language: Language, title: &str, args: &[(&str, Arg<'_>)]) -> Self {
        let words = Words::new(language);
        Self {
            status,
            language,
            title: words.with(title, args),
            organization: None,
            look: Look::default(),
            blocks: Vec::new(),
            retry: None,
            mark: None,
            refused: None,
            words,
        }
    }

    /// Names the organisation the page is about.
    pub(crate) fn of(mut self, organization: &str) -> Self {
        self.organization = Some(plain(organization).into_owned());
        self
    }

    /// Names the organisation the page is about, and looks like it.
    pub(crate) fn about(mut self, organization: &Organization, visit: &Visit) -> Self {
        self.look = Look::of(&organization.look, visit.api.config.base_path());
        self.of(&organization.name)
    }

    /// Says by a sign what became of it.
    pub(crate) fn marked(mut self, mark: Mark) -> Self {
        self.mark = Some(mark);
        self
    }

    /// Says by which problem's code the page refuses something, for the log.
    pub(crate) fn refusing(mut self, code: &'static str) -> Self {
        self.refused = Some(code);
        self
    }

    pub(crate) fn add(&mut self, block: Block) {
        self.blocks.push(block);
    }

    pub(crate) fn heading(mut self, key: &str) -> Self {
        self.blocks.push(Block::Heading(self.words.get(key)));
        self
    }

    pub(crate) fn text(mut self, key: &str, args: &[(&str, Arg<'_>)]) -> Self {
        self.blocks.push(Block::Text(self.words.with(key, args)));
        self
    }

    pub(crate) fn with(mut self, block: Block) -> Self {
        self.add(block);
        self
    }

    /// Says above a form how many of its fields are wrong, and each of them again with a way to it.
    pub(crate) fn with_errors_of(mut self, fields: &[Field]) -> Self {
        let faults = fields.iter().filter_map(|field| Some((field.name, field.error.clone()?)));
        let faults: Vec<(&'static str, String)> = faults.collect();
        if !faults.is_empty() {
            let count = i64::try_from(faults.len()).unwrap_or(i64::MAX);
            let text = self.words.with("error-summary", &[("count", Arg::Number(count))]);
            self.add(Block::Errors { text, fields: faults });
        }
        self
    }

    /// Leads to the console: to sign in there, or to go on for who is signed in.
    pub(crate) fn leading_to_console(self, visit: &Visit, signed_in: bool) -> Self {
        let label = self.words.get(if signed_in { "button-continue" } else { "button-sign-in" });
        self.with(Block::Button { to: format!("{}/console", visit.api.config.base_path()), label })
    }

    /// Leads to where a new password is asked for, in these words.
    pub(crate) fn leading_to_new_password(self, visit: &Visit, key: &str) -> Self {
        let label = self.words.get(key);
        self.with(Block::Link { to: format!("{}/console/forgotten", visit.api.config.base_path()), label })
    }

    fn brand(&self) -> Option<Brand<'_>> {
        let name = self.organization.as_deref()?;
        let letter = name.chars().find(|c| c.is_alphanumeric()).map(|c| c.to_uppercase().collect());
        Some(Brand { name, letter })
    }

    /// What the window is called.
    fn document_title(&self) -> String {
        // The organisation is named once.
        let organization = self.organization.as_deref().filter(|name| !self.title.contains(name));
        let title = organization.map_or_else(
            || self.title.clone(),
            |name| {
                let args = [("title", Arg::Text(&self.title)), ("organization", Arg::Text(name))];
                self.words.with("layout-title", &args)
            },
        );
        // The first a screen reader says of a page.
        let is_wrong = self.blocks.iter().any(|block| matches!(block, Block::Errors { .. }));
        if is_wrong { self.words.with("layout-title-error", &[("title", Arg::Text(&title))]) } else { title }
    }

    /// The answer.
    pub(crate) fn answer(&self, visit: &Visit) -> Draft {
        let organization = self.organization.as_deref();
        let footer = organization.map_or_else(
            || self.words.get("layout-footer-plain"),
            |name| self.words.with("layout-footer", &[("organization", Arg::Text(name))]),
        );
        let choice = |language: &Language| Choice {
            tag: language.tag(),
            name: language.name_in_itself(),
            chosen: *language == self.language,
        };
        let base = visit.api.config.base_path();
        let markup = Markup {
            lang: self.language.tag(),
            base,
            style: STYLE.href(base),
            script: SCRIPT.href(base),
            icon: ICON.href(base),
            look: &self.look,
            document_title: &self.document_title(),
            title: &self.title,
            brand: self.brand(),
            mark: self.mark,
            blocks: &self.blocks,
            skip: self.words.get("layout-skip"),
            footer,
            switch: visit.switch(),
            languages: Language::ALL.iter().map(choice).collect(),
            language_label: self.words.get("layout-language-label"),
            language_button: self.words.get("layout-language-button"),
        };
        let mut builder = HttpResponse::build(self.status);
        builder.content_type("text/html; charset=utf-8");
        builder.insert_header(("Content-Language", self.language.tag()));
        builder.insert_header(("Content-Security-Policy", visit.policy()));
        if let Some(seconds) = self.retry {
            builder.insert_header(("Retry-After", seconds));
        }
        Draft { builder, body: markup.render(), refused: self.refused }
    }

    /// The finished answer.
    pub(crate) fn send(&self, visit: &Visit) -> crate::extract::call::Answer {
        self.answer(visit).finish()
    }
}

/// The code of the problem a page tells in its own words, for the log.
#[derive(Clone, Copy)]
pub(crate) struct Refusal(pub(crate) &'static str);

/// An answer that may still get headers.
pub(crate) struct Draft {
    pub(crate) builder: HttpResponseBuilder,
    body: askama::Result<String>,
    refused: Option<&'static str>,
}

impl Draft {
    pub(crate) fn cookie(mut self, cookie: Option<actix_web::cookie::Cookie<'_>>) -> Self {
        if let Some(cookie) = cookie {
            self.builder.cookie(cookie);
        }
        self
    }

    pub(crate) fn finish(mut self) -> crate::extract::call::Answer {
        let failed =
            |error: askama::Error| crate::Problem::new(&crate::problem::table::INTERNAL).because(error.to_string());
        let mut answer = self.builder.body(self.body.map_err(failed)?);
        if let Some(code) = self.refused {
            answer.extensions_mut().insert(Refusal(code));
        }
        Ok(answer)
    }
}
