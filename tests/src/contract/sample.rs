//! Sample requests as the pages print them, with placeholders for what differs from run to run.

use crate::{Failure, Result};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// A printed request. Placeholders are words in braces: `{uid}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// `dashdoc`, `dailys` or `gatego`.
    pub dialect: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// From the root, with placeholders.
    pub path: String,
    /// The host on the page; ours stands in its place.
    pub printed_host: String,
    /// What the page prints, host and credential apart.
    pub headers: Vec<(String, String)>,
    /// How the credential is sent; `None` where the endpoint is public.
    pub credential: Option<CredentialHeader>,
    /// The JSON body; `None` where the request has none.
    pub body: Option<Value>,
    /// The status of success.
    pub status: u16,
    /// Whether the page prints that status; otherwise it is our reading.
    pub status_printed: bool,
}

/// The header that carries a credential.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialHeader {
    /// Its name.
    pub header: String,
    /// Its value, with the placeholder `{credential}`.
    pub value: String,
    /// Whether the page prints it; otherwise it is our reading.
    pub printed: bool,
}

/// A sample with its placeholders filled in.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// From the root.
    pub path: String,
    /// All headers, the credential's last.
    pub headers: Vec<(String, String)>,
    /// The JSON body; `None` where the request has none.
    pub body: Option<Value>,
}

// Headers and body hold credentials and codes.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

impl Sample {
    /// Fills in the placeholders, each by its name without braces. A body's value keeps its JSON type; in a path or a
    /// header a string stands bare.
    ///
    /// Fails where a placeholder is left open, and where a value fits no placeholder.
    pub fn filled(&self, values: &[(&str, Value)]) -> Result<Request> {
        let mut filling = Filling { values, used: BTreeSet::new() };
        let path = filling.text(&self.path)?;
        let mut headers = self.headers.clone();
        if let Some(credential) = &self.credential {
            headers.push((credential.header.clone(), filling.text(&credential.value)?));
        }
        let mut body = self.body.clone();
        if let Some(body) = &mut body {
            filling.json(body)?;
        }
        match values.iter().find(|(name, _)| !filling.used.contains(name)) {
            Some((name, _)) => Err(Failure::new(format!("{} {} has no {{{name}}}", self.method, self.path))),
            None => Ok(Request { method: self.method.clone(), path, headers, body }),
        }
    }
}

struct Filling<'a> {
    values: &'a [(&'a str, Value)],
    used: BTreeSet<&'a str>,
}

impl<'a> Filling<'a> {
    fn value(&mut self, name: &str) -> Result<&'a Value> {
        let found = self.values.iter().find(|(known, _)| *known == name);
        let (name, value) = found.ok_or_else(|| Failure::new(format!("{{{name}}} is not filled in")))?;
        self.used.insert(name);
        Ok(value)
    }

    fn text(&mut self, template: &str) -> Result<String> {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, (name, after))) =
            rest.split_once('{').and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
        {
            text.push_str(before);
            match self.value(name)? {
                Value::String(value) => text.push_str(value),
                other => text.push_str(&other.to_string()),
            }
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }

    fn json(&mut self, value: &mut Value) -> Result<()> {
        match value {
            Value::String(text) => {
                if let Some(name) = text.strip_prefix('{').and_then(|tail| tail.strip_suffix('}')) {
                    *value = self.value(name)?.clone();
                }
            }
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.json(item))?,
            Value::Object(keys) => keys.values_mut().try_for_each(|value| self.json(value))?,
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        Ok(())
    }
}
