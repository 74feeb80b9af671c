//! Pages of a list: by keyset, the position after the last row; or numbered, for the dialects that have page numbers.

use uuid::Uuid;

/// Where a page begins: after the row with this sort key and id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Position {
    /// The row's sort key as the store wrote it; opaque to everybody else.
    pub key: String,
    /// The row's id, which parts rows of one key.
    pub id: Uuid,
}

/// Which page of a list is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageRequest {
    /// The most rows, at least 1.
    pub limit: u32,
    /// Begin after this row; at the start where `None`.
    pub after: Option<Position>,
    /// How many rows to leave out before the page begins: for lists with numbered pages, whose cost grows with the page.
    pub skip: u64,
    /// Whether to count all rows that match.
    pub include_total: bool,
}

impl PageRequest {
    /// The most rows of a page where nothing is said.
    pub const DEFAULT_LIMIT: u32 = 50;
    /// The most rows of any page.
    pub const MAX_LIMIT: u32 = 200;

    /// The first page of this many rows.
    pub fn first(limit: u32) -> Self {
        Self { limit, after: None, skip: 0, include_total: false }
    }

    /// The page of this number, from 1, with the count of all rows.
    pub fn numbered(page: u64, limit: u32) -> Self {
        let skip = page.saturating_sub(1).saturating_mul(u64::from(limit));
        Self { limit, after: None, skip, include_total: true }
    }
}

/// One page of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Position>,
    /// How many rows match, where that was asked.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// The same page of other rows.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next, total: self.total }
    }
}
