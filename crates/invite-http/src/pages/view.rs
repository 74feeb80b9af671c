//! What a page consists of. The template escapes; nothing here is markup.

use super::visit::Visit;
use actix_web::{HttpResponse, HttpResponseBuilder, http::StatusCode};
use askama::Template;
use invite_text::{Arg, Language, Text};

/// A form field.
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

/// A part of a page.
pub(crate) enum Block {
    Heading(String),
    Text(String),
    /// Somebody else's words.
    Quote(String),
    /// What is wrong with the form below.
    Errors(String),
    Form(Form),
    Link {
        to: String,
        label: String,
    },
    /// Text as it stands, its links to be followed.
    Lines(Vec<Piece>),
    /// Links, each with what is known of it.
    List(Vec<(String, String, String)>),
}

/// One choice of the language switch.
struct Choice {
    tag: &'static str,
    name: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Markup<'a> {
    lang: &'static str,
    base: &'a str,
    document_title: &'a str,
    title: &'a str,
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
    pub(crate) blocks: Vec<Block>,
    /// Seconds after which it may be tried again.
    pub(crate) retry: Option<u64>,
    refused: Option<&'static str>,
    text: Text,
}

impl Page {
    pub(crate) fn new(status: StatusCode, language: Language, title: &str, args: &[(&str, Arg<'_>)]) -> Self {
        let text = Text::new(language);
        let title = text.with(title, args);
        Self { status, language, title, organization: None, blocks: Vec::new(), retry: None, refused: None, text }
    }

    /// Names the organisation the page is about.
    pub(crate) fn of(mut self, organization: &str) -> Self {
        self.organization = Some(organization.to_owned());
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
        self.blocks.push(Block::Heading(self.text.get(key)));
        self
    }

    pub(crate) fn text(mut self, key: &str, args: &[(&str, Arg<'_>)]) -> Self {
        self.blocks.push(Block::Text(self.text.with(key, args)));
        self
    }

    pub(crate) fn with(mut self, block: Block) -> Self {
        self.add(block);
        self
    }

    /// The answer.
    pub(crate) fn answer(&self, visit: &Visit) -> Draft {
        let organization = self.organization.as_deref();
        let document_title = organization.map_or_else(
            || self.title.clone(),
            |name| {
                self.text.with("layout-title", &[("title", Arg::Text(&self.title)), ("organization", Arg::Text(name))])
            },
        );
        let footer = organization.map_or_else(
            || self.text.get("layout-footer-plain"),
            |name| self.text.with("layout-footer", &[("organization", Arg::Text(name))]),
        );
        let choice = |language: &Language| Choice {
            tag: language.tag(),
            name: language.name_in_itself(),
            chosen: *language == self.language,
        };
        let markup = Markup {
            lang: self.language.tag(),
            base: visit.api.config.base_path(),
            document_title: &document_title,
            title: &self.title,
            blocks: &self.blocks,
            skip: self.text.get("layout-skip"),
            footer,
            switch: visit.switch(),
            languages: Language::ALL.iter().map(choice).collect(),
            language_label: self.text.get("layout-language-label"),
            language_button: self.text.get("layout-language-button"),
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
