//! The query of a URL: known parameters only, and no secret among them.

use super::{call::Call, cursor::List};
use crate::problem::{Problem, table};
use invite_domain::{
    id::OrganizationId,
    page::{Page, PageRequest},
};
use serde::Serialize;
use std::str::FromStr;
use url::form_urlencoded;

/// The pairs of a query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

/// Names under which clients send secrets in a URL.
const SECRET_NAMES: [&str; 11] = [
    "token",
    "access_token",
    "refresh_token",
    "id_token",
    "api_key",
    "apikey",
    "key",
    "password",
    "secret",
    "authorization",
    "session",
];
/// How the token of an invitation's link begins.
const INVITATION: &str = "inv_";
/// How our secrets begin.
const SECRET_PREFIXES: [&str; 5] = [INVITATION, "ina_", "ivk_", "ivs_", "ivr_"];

impl Query {
    /// Reads a query whose parameters may be these.
    pub(crate) fn parse(text: &str, known: &[&str]) -> Result<Self, Problem> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        let secret = |(name, value): &(String, String)| {
            let name = name.to_ascii_lowercase();
            let value = value.trim_start().to_ascii_lowercase();
            let value = value.strip_prefix("bearer ").unwrap_or(&value);
            SECRET_NAMES.contains(&name.as_str())
                || SECRET_PREFIXES.iter().any(|prefix| value.starts_with(prefix) || name.starts_with(prefix))
        };
        if pairs.iter().any(secret) {
            return Err(Problem::new(&table::CREDENTIAL_IN_URL));
        }
        Self::without_nul(pairs)?.only(known)
    }

    /// Reads a dialect's query: unknown parameters are there and harm nobody. Only these may carry a secret of ours, as the
    /// documented API has them, and only an invitation's token: a key or a session has leaked there as well.
    pub(crate) fn lenient(text: &str, may_be_secret: &[&str]) -> Result<Self, Problem> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        let leaked = |(name, value): &(String, String)| {
            let begun = |text: &str| {
                let text = text.trim_start().to_ascii_lowercase();
                let text = text.strip_prefix("bearer ").unwrap_or(&text);
                SECRET_PREFIXES.into_iter().find(|prefix| text.starts_with(prefix))
            };
            let expected = |prefix| prefix == INVITATION && may_be_secret.contains(&name.as_str());
            begun(name).is_some() || begun(value).is_some_and(|prefix| !expected(prefix))
        };
        if pairs.iter().any(leaked) {
            return Err(Problem::new(&table::CREDENTIAL_IN_URL));
        }
        Self::without_nul(pairs)
    }

    fn without_nul(pairs: Vec<(String, String)>) -> Result<Self, Problem> {
        if let Some((name, value)) = pairs.iter().find(|(name, value)| name.contains('\0') || value.contains('\0')) {
            let length = name.len() + value.len();
            return Err(invalid(format!("A query parameter of {length} bytes has a NUL character.")));
        }
        Ok(Self(pairs))
    }

    fn only(self, known: &[&str]) -> Result<Self, Problem> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => {
                let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                Err(invalid(format!("There is no query parameter `{shown}` here. There are: {known}.")))
            }
            None => Ok(self),
        }
    }

    /// The pairs, in order.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// A parameter that stands there once at most.
    pub(crate) fn text<'a>(&'a self, name: &'a str) -> Result<Option<&'a str>, Problem> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() {
            return Err(invalid(format!("The query parameter `{name}` stands there more than once.")));
        }
        Ok(first)
    }

    /// All values of a parameter.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn parsed<T: FromStr>(&self, name: &str, expected: &str) -> Result<Option<T>, Problem> {
        let text = self.text(name)?;
        text.map(|text| text.parse().map_err(|_| expects(name, expected))).transpose()
    }

    /// A parameter that is one of some words.
    pub(crate) fn word<T>(
        &self,
        name: &str,
        words: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        self.text(name)?.map(|text| read(text).ok_or_else(|| expects(name, words))).transpose()
    }

    /// A search text: 1 to 200 characters.
    pub(crate) fn search(&self, name: &str) -> Result<Option<String>, Problem> {
        match self.text(name)? {
            Some(text) if !(1..=200).contains(&text.chars().count()) => Err(expects(name, "1 to 200 characters long")),
            text => Ok(text.map(str::to_owned)),
        }
    }
}

pub(crate) fn expects(name: &str, expected: &str) -> Problem {
    invalid(format!("The query parameter `{name}` has to be {expected}."))
}

fn invalid(detail: String) -> Problem {
    Problem::new(&table::INVALID_QUERY).saying(detail)
}

/// A list being paged through.
pub(crate) struct Paging {
    list: List,
    /// The page that is wanted.
    pub(crate) request: PageRequest,
}

impl Call {
    /// The page of a list that the query asks for.
    pub(crate) fn paging(&self, name: &str, organization: Option<OrganizationId>) -> Result<Paging, Problem> {
        let query = &self.query;
        let list = List::new(name, organization, query.pairs());
        let expected = "a whole number from 1 to 200";
        let limit = query.parsed::<u32>("limit", expected)?.unwrap_or(PageRequest::DEFAULT_LIMIT);
        if !(1..=PageRequest::MAX_LIMIT).contains(&limit) {
            return Err(expects("limit", expected));
        }
        let after = query.text("cursor")?;
        let after = after.map(|text| list.open(&self.api.world.keys.ring(), text)).transpose()?;
        let include_total = query.parsed("include_total", "true or false")?.unwrap_or(false);
        Ok(Paging { list, request: PageRequest { limit, after, skip: 0, include_total } })
    }

    /// The answer that carries a page: `items`, `next_cursor` and, where asked for, `total`.
    pub(crate) fn page<T, A: Serialize>(
        &self,
        paging: &Paging,
        page: Page<T>,
        item: impl FnMut(T) -> A,
    ) -> PageAnswer<A> {
        let next_cursor = page.next.as_ref().and_then(|next| paging.list.seal(&self.api.world.keys.ring(), next));
        PageAnswer { items: page.items.into_iter().map(item).collect(), next_cursor, total: page.total }
    }
}

/// A page of a list.
#[derive(Serialize)]
pub(crate) struct PageAnswer<A> {
    items: Vec<A>,
    next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        Query::parse(text, &["status", "query"]).map_or_else(|problem| problem.kind().code, |_| "ok")
    }

    #[test]
    fn only_known_parameters_pass() {
        assert_eq!(code(""), "ok");
        assert_eq!(code("status=a&status=b&query=x%20y"), "ok");
        assert_eq!(code("Status=a"), "invalid_query");
        assert_eq!(code("unknown"), "invalid_query");
        assert_eq!(code("query=%00"), "invalid_query");
    }

    #[test]
    fn a_secret_in_the_url_is_told_apart_from_a_mistake() {
        for text in [
            "token=x",
            "access_token=",
            "API_KEY=1",
            "password=x",
            "query=ivk_abc",
            "query=inv_x",
            "status=Bearer%20ivs_x",
            "ina_x",
            "a=%20ivk_1",
        ] {
            assert_eq!(code(text), "credential_in_url", "{text}");
        }
    }

    #[test]
    fn a_dialect_ignores_what_it_does_not_know_but_no_secret_that_leaked() {
        let code = |text: &str| Query::lenient(text, &["code"]).map_or_else(|problem| problem.kind().code, |_| "ok");
        for text in ["", "utm_source=x&page=2", "token=x", "code=inv_abc", "query=a&query=b"] {
            assert_eq!(code(text), "ok", "{text}");
        }
        let codes = ["code=ivk_abc", "code=%20IVS_x", "code=Bearer%20ivr_x", "code=ina_x"];
        for text in ["query=ivk_abc", "x=Bearer%20ivs_x", "inv_x", "codes=inv_x"].into_iter().chain(codes) {
            assert_eq!(code(text), "credential_in_url", "{text}");
        }
        assert_eq!(code("query=%00"), "invalid_query");
    }

    #[test]
    fn a_parameter_of_one_value_stands_there_once() {
        let query = Query::parse("query=a&query=b", &["query"]).unwrap();
        assert_eq!(query.text("query").unwrap_err().kind().code, "invalid_query");
        assert_eq!(query.all("query").collect::<Vec<_>>(), ["a", "b"]);
    }
}
