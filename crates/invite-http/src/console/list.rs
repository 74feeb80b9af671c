//! Paging through a list at the console: by the same cursors as the API's, in links that keep the filters.

use super::entry::Desk;
use crate::{Problem, extract::cursor::List};
use invite_domain::page::{PageRequest, Position};
use url::form_urlencoded;

/// How many rows a page of the console has.
const ROWS: u32 = 25;

/// Where the links of a list lead.
pub(crate) struct Paging {
    /// The page that is asked for.
    pub(crate) request: PageRequest,
    /// Whether it is not the first one.
    pub(crate) is_further: bool,
    list: List,
    filters: Vec<(String, String)>,
}

impl Desk {
    /// The page of the list of this name that the query asks for. `filters` are the query's parameters that choose what is
    /// in the list; those that are empty or missing choose nothing. A cursor of another list or other filters is 400.
    pub(crate) fn paging(&self, name: &str, filters: &[&str]) -> Result<Paging, Problem> {
        let chosen = |name: &&str| {
            Some((name.to_string(), self.visit.query(name).filter(|value| !value.is_empty())?.to_owned()))
        };
        let filters: Vec<(String, String)> = filters.iter().filter_map(chosen).collect();
        let list = List::new(&format!("console/{name}"), Some(self.organization().id), &filters);
        let cursor = self.visit.query("cursor");
        let after = cursor.map(|text| list.open(&self.visit.api.world.keys.ring(), text)).transpose()?;
        let request = PageRequest { limit: ROWS, after, skip: 0, include_total: true };
        Ok(Paging { request, is_further: cursor.is_some(), list, filters })
    }

    /// The link to the page after this one, if there is one. `path` begins with `/console/`.
    pub(crate) fn next_page(&self, path: &str, paging: &Paging, next: Option<&Position>) -> Option<String> {
        let cursor = paging.list.seal(&self.visit.api.world.keys.ring(), next?)?;
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&paging.filters).append_pair("cursor", &cursor);
        Some(format!("{}?{}", self.href(path), query.finish()))
    }

    /// The link to the first page with the same filters, where this one is a further one.
    pub(crate) fn first_page(&self, path: &str, paging: &Paging) -> Option<String> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&paging.filters);
        paging.is_further.then(|| format!("{}?{}", self.href(path), query.finish()))
    }
}
