//! A browser without scripts: a cookie jar, links that are followed, forms that are filled in and sent.

use super::Answer;
use invite_tests::{Failure, Result, net};
use reqwest::{Client, Method};

/// A person's browser.
pub(crate) struct Browser {
    client: Client,
    base: String,
}

/// A page somebody looks at.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) path: String,
    pub(crate) answer: Answer,
}

/// A form of a page, as a person without scripts can send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) method: String,
    pub(crate) action: String,
    pub(crate) inputs: Vec<Input>,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Input {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Browser {
    pub(crate) fn new(base: &str) -> Result<Self> {
        Ok(Self { client: net::client().cookie_store(true).build()?, base: base.to_owned() })
    }

    /// The path and query of an address of this service.
    fn path<'a>(&self, link: &'a str) -> Result<&'a str> {
        match link.strip_prefix(self.base.as_str()).unwrap_or(link) {
            path if path.starts_with('/') => Ok(path),
            _ => Err(Failure::new(format!("{link} leads away from {}", self.base))),
        }
    }

    /// Looks at one address, without following a redirect.
    pub(crate) async fn get(&self, link: &str) -> Result<Page> {
        let path = self.path(link)?.to_owned();
        let answer = Answer::of(self.client.get(format!("{}{path}", self.base))).await?;
        Ok(Page { path, answer })
    }

    /// Opens a link and lands on its page, by one 303 on the way.
    pub(crate) async fn open(&self, link: &str) -> Result<Page> {
        let opened = self.get(link).await?;
        if opened.answer.status != 303 {
            return Err(Failure::new(format!("expected 303, got {}: {}", opened.answer.status, opened.answer.text)));
        }
        self.get(opened.answer.header("location")).await
    }

    /// Sends a form with these fields filled in, as a page of the service's own does under `no-referrer`.
    pub(crate) async fn submit(&self, form: &Form, typed: &[(&str, &str)]) -> Result<Page> {
        self.submit_from(form, typed, &[("Origin", "null"), ("Sec-Fetch-Site", "same-origin")]).await
    }

    /// Sends a form with these headers beside it.
    pub(crate) async fn submit_from(
        &self,
        form: &Form,
        typed: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Result<Page> {
        let path = self.path(&form.action)?.to_owned();
        let method = Method::from_bytes(form.method.to_uppercase().as_bytes())?;
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = Answer::of(request.form(&form.filled(typed)?)).await?;
        Ok(Page { path, answer })
    }
}

impl Page {
    /// The form that is sent by POST and has this hidden or visible field with this value, such as `action`, `accept`.
    pub(crate) fn form(&self, name: &str, value: &str) -> Result<Form> {
        let mut fitting = forms(&self.answer.text).into_iter().filter(|form| {
            form.method == "post" && form.inputs.iter().any(|input| input.name == name && input.value == value)
        });
        match (fitting.next(), fitting.next()) {
            (Some(form), None) => Ok(form),
            _ => Err(Failure::new(format!("not one form with {name}={value}: {}", self.answer.text))),
        }
    }

    /// The only form that is sent by POST.
    pub(crate) fn only_form(&self) -> Result<Form> {
        let mut posts = forms(&self.answer.text).into_iter().filter(|form| form.method == "post");
        match (posts.next(), posts.next()) {
            (Some(form), None) => Ok(form),
            _ => Err(Failure::new(format!("not one form: {}", self.answer.text))),
        }
    }

    /// Where its links lead.
    pub(crate) fn links(&self) -> Vec<String> {
        let tags = elements(&self.answer.text, "a");
        tags.into_iter().filter_map(|(tag, _)| attribute(tag, "href")).collect()
    }
}

impl Form {
    /// What is sent: every field but unticked boxes, and what was typed in place of what stood there.
    fn filled(&self, typed: &[(&str, &str)]) -> Result<Vec<(String, String)>> {
        for (name, _) in typed {
            if !self.inputs.iter().any(|input| input.name == *name && input.kind != "hidden") {
                return Err(Failure::new(format!("the form has no field {name}: {self:?}")));
            }
        }
        let value = |input: &Input| {
            let typed = typed.iter().find(|(name, _)| *name == input.name).map(|(_, value)| (*value).to_owned());
            match input.kind.as_str() {
                "checkbox" => typed,
                _ => Some(typed.unwrap_or_else(|| input.value.clone())),
            }
        };
        Ok(self.inputs.iter().filter_map(|input| Some((input.name.clone(), value(input)?))).collect())
    }
}

/// The forms of a page.
fn forms(html: &str) -> Vec<Form> {
    let read = |(tag, inside): (&str, &str)| Form {
        method: attribute(tag, "method").unwrap_or_else(|| "get".to_owned()).to_lowercase(),
        action: attribute(tag, "action").unwrap_or_default(),
        inputs: elements(inside, "input")
            .into_iter()
            .map(|(tag, _)| Input {
                kind: attribute(tag, "type").unwrap_or_else(|| "text".to_owned()),
                name: attribute(tag, "name").unwrap_or_default(),
                value: attribute(tag, "value").unwrap_or_default(),
            })
            .collect(),
    };
    elements(html, "form").into_iter().map(read).collect()
}

/// The elements of this name: what stands in the opening tag, and what stands between it and the closing one.
fn elements<'a>(html: &'a str, name: &str) -> Vec<(&'a str, &'a str)> {
    let (opening, closing) = (format!("<{name} "), format!("</{name}>"));
    let mut found = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once(&opening) {
        let (tag, inside) = after.split_once('>').unwrap_or((after, ""));
        found.push((tag, inside.split(&closing).next().unwrap_or_default()));
        rest = inside;
    }
    found
}

/// The value of an attribute.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = format!(" {tag}");
    let (_, after) = tag.split_once(&format!(" {name}=\""))?;
    let value = after.split('"').next()?;
    let references = [("&#38;", "&"), ("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&amp;", "&")];
    Some(references.iter().fold(value.to_owned(), |text, (reference, character)| text.replace(reference, character)))
}
