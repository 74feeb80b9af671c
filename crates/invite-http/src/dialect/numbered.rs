//! Lists by page number, as the dialects' frameworks count them. Absolute URLs are made of the public URL, never of the
//! request's host (LINK-1).

use crate::{
    extract::{call::Call, query::Query},
    problem::{Problem, table},
};
use url::form_urlencoded::Serializer;

/// A page of a list: 1-based, of so many rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Numbered {
    pub(crate) page: u64,
    pub(crate) limit: u64,
}

impl Numbered {
    /// How many rows come before it. A page nobody can reach begins at `i64::MAX` at the most, which a database takes.
    pub(crate) fn offset(self) -> u64 {
        self.page.saturating_sub(1).saturating_mul(self.limit).min(i64::MAX.unsigned_abs())
    }

    /// The number of the last page with a row; 0 of an empty list.
    pub(crate) fn last(self, total: u64) -> u64 {
        total.div_ceil(self.limit.max(1))
    }

    /// The page after this one.
    pub(crate) fn next(self, total: u64) -> Option<u64> {
        (self.page < self.last(total)).then(|| self.page + 1)
    }

    /// The page before this one.
    pub(crate) fn previous(self) -> Option<u64> {
        self.page.checked_sub(1).filter(|page| *page > 0)
    }

    /// Laravel's reading: `page` that is no positive whole number is 1. To PHP one that is no 64-bit integer is none.
    pub(crate) fn or_first(query: &Query, limit: u64) -> Self {
        let page = last_of(query).and_then(whole).filter(|page| i64::try_from(*page).is_ok()).unwrap_or(1);
        Self { page, limit }
    }
}

/// Which page Django REST Framework's clients ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wanted {
    /// This one.
    Page(u64),
    /// `page=last`.
    Last,
}

impl Wanted {
    /// Django REST Framework's reading: a positive whole number or `last`, 1 where left out.
    ///
    /// # Errors
    /// `not_found` saying "Invalid page." for anything else.
    pub(crate) fn read(query: &Query) -> Result<Self, Problem> {
        match last_of(query) {
            None | Some("") => Ok(Self::Page(1)),
            Some("last") => Ok(Self::Last),
            Some(text) => whole(text).map(Self::Page).ok_or_else(invalid_page),
        }
    }

    /// The page of a list of `total` rows. Only [`Wanted::Last`] needs the total to know the offset; for
    /// [`Wanted::Page`] a page can be read first and be checked when the total came with it.
    ///
    /// # Errors
    /// `not_found` where the list has no such page. The first is there even of an empty list.
    pub(crate) fn of(self, total: u64, limit: u64) -> Result<Numbered, Problem> {
        let last = Numbered { page: 1, limit }.last(total).max(1);
        match self {
            Self::Last => Ok(Numbered { page: last, limit }),
            Self::Page(page) if page <= last => Ok(Numbered { page, limit }),
            Self::Page(_) => Err(invalid_page()),
        }
    }
}

fn invalid_page() -> Problem {
    Problem::new(&table::NOT_FOUND).saying("Invalid page.")
}

fn last_of(query: &Query) -> Option<&str> {
    query.all("page").last()
}

fn whole(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX)).filter(|page| *page > 0)
}

impl Call {
    /// This request's URL without its query.
    pub(crate) fn own_url(&self) -> String {
        self.api.config.absolute(self.request.path())
    }

    /// This request's URL with another page and the other parameters as they were.
    pub(crate) fn page_url(&self, page: u64) -> String {
        let others = self.query.pairs().iter().filter(|(name, _)| name != "page");
        let mut query = Serializer::new(String::new());
        query.extend_pairs(others).append_pair("page", &page.to_string());
        format!("{}?{}", self.own_url(), query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query::lenient(text, &[]).unwrap()
    }

    #[test]
    fn laravels_pages_begin_at_1_whatever_is_asked() {
        for (text, page) in [("", 1), ("page=3", 3), ("page=0", 1), ("page=-1", 1), ("page=x", 1), ("page=2&page=4", 4)]
        {
            assert_eq!(Numbered::or_first(&query(text), 10).page, page, "{text}");
        }
        for none in ["page=9223372036854775808", "page=18446744073709551616", "page=99999999999999999999999"] {
            assert_eq!(Numbered::or_first(&query(none), 10).page, 1, "{none}");
        }
        let far = Numbered::or_first(&query("page=9223372036854775807"), 100);
        assert_eq!((far.offset(), far.next(5)), (i64::MAX.unsigned_abs(), None));
    }

    #[test]
    fn djangos_pages_are_there_or_not_found() {
        let page =
            |text: &str, total| Wanted::read(&query(text)).and_then(|wanted| wanted.of(total, 20)).map(|n| n.page);
        assert_eq!(page("", 0).unwrap(), 1);
        assert_eq!(page("page=3", 41).unwrap(), 3);
        assert_eq!(page("page=last", 41).unwrap(), 3);
        assert_eq!(page("page=last", 0).unwrap(), 1);
        for bad in [
            "page=9223372036854775808",
            "page=99999999999999999999999",
            "page=4",
            "page=0",
            "page=-1",
            "page=x",
            "page=1.0",
            "page=%2B1",
        ] {
            assert_eq!(page(bad, 41).unwrap_err().kind().code, "not_found", "{bad}");
        }
    }

    #[test]
    fn neighbours_are_there_only_where_rows_are() {
        let at = |page| Numbered { page, limit: 20 };
        assert_eq!((at(1).previous(), at(1).next(40), at(1).offset()), (None, Some(2), 0));
        assert_eq!((at(2).previous(), at(2).next(40), at(2).offset()), (Some(1), None, 20));
        assert_eq!((at(1).next(0), at(1).last(0), at(1).last(41)), (None, 0, 3));
    }
}
