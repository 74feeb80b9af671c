//! Lists as Laravel 5.4 pages them: ten keys, pages by number, links that lead on with the same filter.

use crate::{dialect::numbered::Numbered, endpoint::Parameter, extract::call::Call, problem::Problem};
use serde::Serialize;
use utoipa::ToSchema;

/// The most rows of a page, and how many there are where nothing is said.
const LIMIT: i64 = 100;
/// The longest search.
const MAX_QUERY: usize = 200;

pub(super) const PAGE: Parameter = Parameter {
    name: "page",
    description: "Which page, from 1. Anything that is no whole number from 1 to 9223372036854775807 is 1; a page behind the last is empty.",
    kind: "integer",
    example: "1",
};
pub(super) const PER_PAGE: Parameter = Parameter {
    name: "limit",
    description: "The most entries of the page: 1 to 100, 100 where left out.",
    kind: "integer",
    example: "100",
};
pub(super) const ASCENDING: Parameter =
    Parameter { name: "sortAsc", description: "1 (or left out) sorts up, 0 down.", kind: "integer", example: "1" };

/// What a list is asked for.
pub(super) struct Asked<K> {
    pub(super) page: Numbered,
    pub(super) query: Option<String>,
    /// By the number where `None`.
    pub(super) sort: Option<K>,
    pub(super) descending: bool,
}

/// Reads what a list is asked for; `keys` are what it can be sorted by.
pub(super) fn asked<K: Copy>(call: &Call, keys: &[(&str, K)]) -> Result<Asked<K>, Problem> {
    let mut query = call.spoken_query();
    let limit = query.integer("limit", 1..=LIMIT).unwrap_or(LIMIT);
    let sort = query.choice("sortKey", keys);
    let descending = query.choice("sortAsc", &[("1", false), ("0", true)]).unwrap_or(false);
    let text = query.string("query", MAX_QUERY);
    query.finish()?;
    let query = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(Asked { page: Numbered::or_first(&call.query, limit.unsigned_abs()), query, sort, descending })
}

/// What a page of a list says beside its number and its entries.
#[derive(Serialize, ToSchema)]
#[schema(as = DailysPaging)]
pub(super) struct Paging {
    /// Which entry of all the page's first one is, from 1; null where the page is empty.
    #[schema(example = 1)]
    from: Option<u64>,
    /// The last page; 0 where there is no entry at all.
    #[schema(example = 1)]
    last_page: u64,
    /// Where the next page is, with the same search and order; null on the last one.
    #[schema(example = "https://invite.example.org/api/v1/invites?limit=50&page=3")]
    next_page_url: Option<String>,
    /// Where the list is.
    #[schema(example = "https://invite.example.org/api/v1/invites")]
    path: String,
    /// The most entries of a page.
    #[schema(example = 100)]
    per_page: u64,
    /// Where the page before is; null on the first one.
    #[schema(example = "https://invite.example.org/api/v1/invites?limit=50&page=1")]
    prev_page_url: Option<String>,
    /// Which entry of all the page's last one is; null where the page is empty.
    #[schema(example = 1)]
    to: Option<u64>,
    /// How many entries match.
    #[schema(example = 1)]
    total: u64,
}

impl Paging {
    /// For so many rows as the page of a list of so many.
    pub(super) fn of(call: &Call, page: Numbered, rows: usize, total: u64) -> Self {
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        let filled = rows > 0;
        Self {
            from: filled.then(|| page.offset() + 1),
            last_page: page.last(total),
            next_page_url: page.next(total).map(|next| call.page_url(next)),
            path: call.own_url(),
            per_page: page.limit,
            prev_page_url: page.previous().map(|previous| call.page_url(previous)),
            to: filled.then(|| page.offset() + rows),
            total,
        }
    }
}
