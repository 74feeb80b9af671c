//! Reads a dialect's request: its body, its query, what its path names.

use super::{form, reader::Reader};
use crate::{
    extract::{
        body::{self, media_type},
        call::Call,
        json,
    },
    problem::{Problem, table},
};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

impl Call {
    /// The body of a dialect's request, JSON or, where the dialect takes them, a form. None at all is an empty object:
    /// what is missing in it is missing.
    ///
    /// JSON is read as strictly as anywhere: depth, repeated names, NUL.
    pub(crate) async fn spoken_body(&mut self) -> Result<Reader, Problem> {
        let media = media_type(&self.request);
        let encoded = self.request.headers().get("Content-Encoding").is_some_and(|value| value != "identity");
        let bytes = body::read(&self.request, &mut self.payload).await?;
        if bytes.is_empty() {
            return Ok(Reader::default());
        }
        let forms = self.dialect.is_some_and(|dialect| dialect.forms);
        match media.as_deref() {
            Some("application/json") if !encoded => object(&bytes).map(Reader::json),
            Some("application/x-www-form-urlencoded") if !encoded && forms => {
                let refused = |why: &str| Problem::new(&table::MALFORMED_JSON).saying(why);
                form::parse(&bytes).map(Reader::textual).map_err(refused)
            }
            _ => {
                let takes = if forms { "JSON or a form" } else { "JSON" };
                let detail = format!("Send the body as {takes}, with its Content-Type and no Content-Encoding.");
                Err(Problem::new(&table::UNSUPPORTED_MEDIA_TYPE).saying(detail))
            }
        }
    }

    /// Takes the body of a request that needs none and does not look at it.
    pub(crate) async fn ignore_body(&mut self) -> Result<(), Problem> {
        body::read(&self.request, &mut self.payload).await.map(|_| ())
    }

    /// The query, to be read like a form. Of a parameter that stands there twice the last counts, as Django and Laravel
    /// have it.
    pub(crate) fn spoken_query(&self) -> Reader {
        let pairs = self.query.pairs().iter();
        let map: Map<String, Value> = pairs.map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect();
        Reader::textual(map)
    }

    /// What stands in a variable of the path, decoded. Nothing, NUL or what is no UTF-8 is unknown, like any other.
    pub(crate) fn part(&self, name: &str) -> Result<String, Problem> {
        let raw = self.request.match_info().get(name).unwrap_or_default();
        let text = percent_decode_str(raw).decode_utf8().ok().filter(|text| !text.is_empty() && !text.contains('\0'));
        text.map(std::borrow::Cow::into_owned).ok_or_else(|| Problem::new(&table::NOT_FOUND))
    }

    /// A number in a variable of the path, from 1 on, in plain digits.
    pub(crate) fn number(&self, name: &str) -> Result<i64, Problem> {
        let text = self.part(name)?;
        let digits = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        let number = digits.then(|| text.parse().ok()).flatten();
        number.ok_or_else(|| Problem::new(&table::NOT_FOUND))
    }
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    match json::parse(bytes).map_err(|place| Problem::new(&table::MALFORMED_JSON).saying(place))? {
        Value::Object(map) => Ok(map),
        _ => Err(Problem::told("", "invalid", "The body has to be a JSON object.")),
    }
}
