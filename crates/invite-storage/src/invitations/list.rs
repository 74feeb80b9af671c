//! Lists of invitations.
//!
//! A page is one statement, whatever it is sorted by and however deep it is: its rows are found in an index that has them in the
//! wanted order, one index for each stored state where the filter speaks of statuses, and then joined with what shows them.
//!
//! A search is one statement or a few. What many invitations mention is among the next few of the list, so those are looked
//! through first, and as many more as seem to be needed where that is not far. What few mention is found by the index of parts of
//! addresses, and by role and inviter.

use super::{
    filter::{self, Mention, Wanted},
    known::Known,
    shown::{Rows, Source},
};
use crate::{
    convert::rate_key,
    directory::SqlDirectory,
    engine::{Engine, instant_text},
    entity::invitation,
    error::Failure,
    page::Keyset,
    sql::{SqlConnection, count, exists, table},
    store::{Access, SqlStore},
};
use invite_domain::{
    id::OrganizationId,
    invitation::Invitation,
    page::{Page, PageRequest, Position},
    port::{InvitationFilter, InvitationRecord, PortError, SortKey},
    time::Timestamp,
};
use sea_orm::{
    Value,
    sea_query::{Alias, Asterisk, Query, SelectStatement, SimpleExpr, UnionType},
};
use std::time::Instant;

/// How many rows of a list a search looks through before it turns to an index.
const NEAR: u64 = 1_000;

/// How many times as many it looks through at most, where that is likely to fill the page: beyond that an index does less.
const FAR: u64 = 8;

/// Engines count in 64 bits with a sign; past that there are no rows either.
const MOST_ROWS: u64 = i64::MAX.unsigned_abs();

/// Reads a page: by one statement alone where that says all, else at one moment.
pub(super) async fn list(
    store: &SqlStore,
    organization: OrganizationId,
    filter: &InvitationFilter,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<InvitationRecord>, PortError> {
    let directory = store.directory();
    let read = Read { directory, known: store.known(), began: Instant::now(), organization, filter, page, now };
    if directory.people_are_bundled() && !page.include_total && filter::asks_nothing(filter) {
        return read.page(&store.reading()).await.map_err(Failure::into_port);
    }
    let transaction = store.begin(Access::Read).await.map_err(Failure::into_port)?;
    let found = read.page(&transaction.sql()).await;
    transaction.finish(found).await
}

struct Read<'r> {
    directory: &'r dyn SqlDirectory,
    known: &'r Known,
    /// A moment before anything was read.
    began: Instant,
    organization: OrganizationId,
    filter: &'r InvitationFilter,
    page: &'r PageRequest,
    now: Timestamp,
}

impl Read<'_> {
    async fn page(&self, sql: &SqlConnection<'_>) -> Result<Page<InvitationRecord>, Failure> {
        let mut wanted = filter::wanted(sql, self.directory, self.organization, self.filter, self.now).await?;
        let limit = self.limit();
        // The next of several parts end at several places of the list.
        let mut way = match &wanted.mention {
            Some(_) if self.page.skip == 0 && wanted.states.len() < 2 => Way::Near(NEAR),
            _ => Way::All,
        };
        let (mut found, near) = loop {
            if let (Way::All, Some(mention)) = (way, &mut wanted.mention) {
                mention.look_up_what_is_rare(sql, self.organization).await?;
            }
            let found = self.records(sql, &wanted, way).await?;
            match way {
                Way::Near(_) if found.len() > limit => break (found, true),
                Way::Near(NEAR) => way = self.next_way(sql, &wanted, found.len()).await?,
                Way::Near(_) => way = Way::All,
                Way::All => break (found, false),
            }
        };
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|last| position(self.filter.sort, &last.invitation));
        let total =
            if self.page.include_total { Some(self.total(sql, &wanted, &found, more, near).await?) } else { None };
        Ok(Page { items: found, next, total })
    }

    fn limit(&self) -> usize {
        usize::try_from(self.page.limit).unwrap_or(usize::MAX)
    }

    /// Where to look when so few were near. Of a list that ends before, an index leads to few in any case.
    async fn next_way(&self, sql: &SqlConnection<'_>, wanted: &Wanted, found: usize) -> Result<Way, Failure> {
        let Some(reach) = farther(found, self.limit().saturating_add(1)) else { return Ok(Way::All) };
        let mut select = Query::select();
        select.from_as(table::<invitation::Entity>(), Alias::new("i")).offset(reach - 1);
        for condition in wanted.parts().into_iter().flatten() {
            select.and_where(condition);
        }
        let keyset = keyset(self.filter);
        keyset.begin(sql.engine(), &mut select, self.page)?;
        keyset.sort(&mut select);
        Ok(if exists(sql, select).await? { Way::Near(reach) } else { Way::All })
    }

    async fn records(
        &self,
        sql: &SqlConnection<'_>,
        wanted: &Wanted,
        way: Way,
    ) -> Result<Vec<InvitationRecord>, Failure> {
        let order = order(self.filter);
        let mut find = Find::new(sql.engine(), keyset(self.filter), self.page, &order);
        let source = match (way, &wanted.mention) {
            (_, None) => find.whole(wanted.parts(), None)?,
            (Way::Near(reach), Some(mention)) => find.near(wanted.parts(), mention, reach)?,
            (Way::All, Some(mention)) => find.mentioning(wanted.parts(), mention)?,
        };
        let rows = Rows {
            organization: self.organization,
            began: self.began,
            source,
            values: find.values,
            order: &order.rows,
        };
        Ok(rows.records(sql, self.directory, self.known).await?.1)
    }

    /// How many rows match. Nothing is counted where the page itself tells; where something is, it is counted in an index.
    async fn total(
        &self,
        sql: &SqlConnection<'_>,
        wanted: &Wanted,
        items: &[InvitationRecord],
        more: bool,
        near: bool,
    ) -> Result<u64, Failure> {
        let is_told = !more && self.page.after.is_none() && (self.page.skip == 0 || !items.is_empty());
        if is_told {
            return Ok(self.page.skip + u64::try_from(items.len()).unwrap_or_default());
        }
        let mut all = Query::select();
        match &wanted.mention {
            Some(mention) if !near => match sought(sql.engine(), &wanted.parts(), mention) {
                Some(sought) => {
                    all.from_subquery(union(sought, UnionType::Distinct), Alias::new("u"));
                    return Ok(count(sql, all).await?);
                }
                None => all.and_where(mention.condition()),
            },
            Some(mention) => all.and_where(mention.condition()),
            None => &mut all,
        };
        all.from_as(table::<invitation::Entity>(), Alias::new("i")).and_where(wanted.condition());
        Ok(count(sql, all).await?)
    }
}

/// Where a search looks.
#[derive(Clone, Copy)]
enum Way {
    /// Among so many next rows of the list.
    Near(u64),
    /// Wherever there is a match.
    All,
}

/// How far to look for as many as are wanted, where the next few rows held that many fewer; `None` where that is too far. There
/// are few such distances, since each is a statement's text of its own.
fn farther(found: usize, wanted: usize) -> Option<u64> {
    let (found, wanted) = (u64::try_from(found).ok()?, u64::try_from(wanted).ok()?);
    // A quarter more: they do not lie evenly.
    let times = (wanted.saturating_mul(5)).div_ceil(found.checked_mul(4).filter(|found| *found > 0)?);
    times.checked_next_power_of_two().filter(|times| *times <= FAR).map(|times| times * NEAR)
}

fn keyset(filter: &InvitationFilter) -> Keyset {
    match filter.sort {
        SortKey::CreatedAt => Keyset::of_instant("i", "created_at", filter.descending),
        SortKey::ExpiresAt => Keyset::of_instant("i", "expires_at", filter.descending),
        SortKey::Email => Keyset::of_text("i", "recipient_key", filter.descending),
        SortKey::Number => Keyset::of_number("i", filter.descending),
        SortKey::DefaultRate => Keyset::of_text("i", "rate_key", filter.descending),
    }
}

/// The order of a list, of rows `i` and of keys `u`.
struct OrderText {
    key: &'static str,
    rows: String,
    keys: String,
}

fn order(filter: &InvitationFilter) -> OrderText {
    let key = match filter.sort {
        SortKey::CreatedAt => "created_at",
        SortKey::ExpiresAt => "expires_at",
        SortKey::Email => "recipient_key",
        SortKey::Number => "number",
        SortKey::DefaultRate => "rate_key",
    };
    let way = if filter.descending { "DESC" } else { "ASC" };
    let by = |alias: &str| match filter.sort {
        SortKey::Number => format!("{alias}.number {way}"),
        _ => format!("{alias}.{key} {way}, {alias}.id {way}"),
    };
    OrderText { key, rows: by("i"), keys: by("u") }
}

/// Where the next page begins.
fn position(sort: SortKey, last: &Invitation) -> Position {
    let key = match sort {
        SortKey::CreatedAt => instant_text(last.created_at),
        SortKey::ExpiresAt => instant_text(last.expires_at),
        SortKey::Email => last.recipient.key().into_owned(),
        SortKey::Number => last.number.to_string(),
        SortKey::DefaultRate => rate_key(last.grant.default_rate),
    };
    Position { key, id: last.id.as_uuid() }
}

/// The text that finds the rows of a page. How many rows there may be is written into it: of a parameter PostgreSQL would
/// think a tenth of the table, and make its plan anew each time.
struct Find<'f> {
    engine: Engine,
    keyset: Keyset,
    page: &'f PageRequest,
    order: &'f OrderText,
    values: Vec<Value>,
}

impl<'f> Find<'f> {
    fn new(engine: Engine, keyset: Keyset, page: &'f PageRequest, order: &'f OrderText) -> Self {
        Self { engine, keyset, page, order, values: Vec::new() }
    }

    /// Rows to read in all: one past the page.
    fn limit(&self) -> u64 {
        u64::from(self.page.limit) + 1
    }

    fn write(&mut self, select: &SelectStatement) -> String {
        let (text, values) = self.engine.write(select, self.values.len());
        self.values.extend(values);
        text
    }

    /// The rows of `i` that meet conditions, from the page's beginning in its order.
    fn part(&self, conditions: &[SimpleExpr], select: &mut SelectStatement) -> Result<(), Failure> {
        for condition in conditions {
            select.and_where(condition.clone());
        }
        self.keyset.begin(self.engine, select, self.page)?;
        Ok(())
    }

    /// Rows of one part or of several, `also` among them.
    fn whole(&mut self, parts: Vec<Vec<SimpleExpr>>, also: Option<&SimpleExpr>) -> Result<Source, Failure> {
        let alone = parts.len() == 1;
        let whole_rows = alone && self.page.skip == 0 && self.engine.finds_whole_rows();
        let mut texts = Vec::new();
        for mut conditions in parts {
            conditions.extend(also.cloned());
            let mut select = Query::select();
            select.from_as(table::<invitation::Entity>(), Alias::new("i"));
            match (whole_rows, alone) {
                (true, _) => select.column((Alias::new("i"), Asterisk)),
                (false, true) => select.column((Alias::new("i"), Alias::new(self.engine.link()))),
                (false, false) => self.keys(&mut select),
            };
            self.part(&conditions, &mut select)?;
            self.keyset.sort(&mut select);
            texts.push(self.write(&select));
        }
        // A part holds what is left out before the page too, where there are several.
        let mut one = texts.pop().unwrap_or_default();
        if alone {
            one.push_str(&self.cut());
            return Ok(if whole_rows { Source::Rows(one) } else { Source::Keys(one) });
        }
        texts.push(one);
        let reach = Ord::min(self.limit().saturating_add(self.page.skip), MOST_ROWS);
        let parts = texts.iter().enumerate().map(|(n, text)| format!("SELECT * FROM ({text} LIMIT {reach}) b{n}"));
        Ok(self.merged(&parts.collect::<Vec<_>>().join(" UNION ALL ")))
    }

    /// Rows that mention something among the next of each part.
    fn near(&mut self, parts: Vec<Vec<SimpleExpr>>, mention: &Mention, reach: u64) -> Result<Source, Failure> {
        let mut texts = Vec::new();
        for conditions in parts {
            let mut select = Query::select();
            select.from_as(table::<invitation::Entity>(), Alias::new("i")).columns(
                ["number", "id", "role_id", "inviter_kind", "inviter_id"]
                    .into_iter()
                    .chain(["recipient_kind", "recipient_key", "recipient_original", "created_at"])
                    .chain(["expires_at", "rate_key"])
                    .map(|column| (Alias::new("i"), Alias::new(column))),
            );
            self.part(&conditions, &mut select)?;
            self.keyset.sort(&mut select);
            let next = format!("{} LIMIT {reach}", self.write(&select));
            let mut among = Query::select();
            self.keys(&mut among);
            // The name stands for the text that is put in its place.
            among.from_as(Alias::new("among"), Alias::new("i")).and_where(mention.condition());
            let among = self.write_around(&among, &next);
            texts.push(among);
        }
        Ok(self.merged(&texts.join(" UNION ALL ")))
    }

    /// A select from `among`, with a text whose values come before its own in its place.
    fn write_around(&mut self, select: &SelectStatement, inner: &str) -> String {
        let name = format!("FROM {}", self.engine.quoted("among"));
        self.write(select).replacen(&name, &format!("FROM ({inner})"), 1)
    }

    /// All rows that mention something, by the indexes that lead to them.
    fn mentioning(&mut self, parts: Vec<Vec<SimpleExpr>>, mention: &Mention) -> Result<Source, Failure> {
        let Some(sought) = sought(self.engine, &parts, mention) else {
            return self.whole(parts, Some(&mention.condition()));
        };
        let mut texts = Vec::new();
        for mut select in sought {
            select.clear_selects();
            self.keys(&mut select);
            self.part(&[], &mut select)?;
            texts.push(self.write(&select));
        }
        Ok(self.merged(&texts.join(" UNION ")))
    }

    /// What sorts a row, and what it is read by.
    fn keys<'s>(&self, select: &'s mut SelectStatement) -> &'s mut SelectStatement {
        select.columns(["id", "number"].map(|column| (Alias::new("i"), Alias::new(column))));
        if self.order.key != "number" {
            select.column((Alias::new("i"), Alias::new(self.order.key)));
        }
        select
    }

    /// The first rows of a union of keys.
    fn merged(&self, union: &str) -> Source {
        let (link, order) = (self.engine.link(), &self.order.keys);
        Source::Keys(format!("SELECT u.{link} FROM ({union}) u ORDER BY {order}{}", self.cut()))
    }

    fn cut(&self) -> String {
        let limit = self.limit();
        if self.page.skip == 0 {
            return format!(" LIMIT {limit}");
        }
        format!(" LIMIT {limit} OFFSET {}", Ord::min(self.page.skip, MOST_ROWS))
    }
}

/// Selects of the ids of what mentions something, a select for each index that leads there; `None` where there is none for
/// addresses.
fn sought(engine: Engine, parts: &[Vec<SimpleExpr>], mention: &Mention) -> Option<Vec<SelectStatement>> {
    let mut all = Vec::new();
    for conditions in parts {
        let mut in_address = Query::select();
        in_address.from_as(table::<invitation::Entity>(), Alias::new("i"));
        if !engine.seek_part(&mut in_address, mention.looked_up()) {
            return None;
        }
        in_address.and_where(mention.in_address());
        all.push(in_address);
        for named in mention.named() {
            let mut select = Query::select();
            select.from_as(table::<invitation::Entity>(), Alias::new("i")).and_where(named);
            all.push(select);
        }
        let ways = 1 + mention.named().len();
        let begin = all.len() - ways;
        for select in &mut all[begin..] {
            select.column((Alias::new("i"), Alias::new("id")));
            for condition in conditions {
                select.and_where(condition.clone());
            }
        }
    }
    Some(all)
}

/// The union of selects, of which there is one at least.
fn union(mut selects: Vec<SelectStatement>, kind: UnionType) -> SelectStatement {
    let mut first = selects.remove(0);
    first.unions(selects.into_iter().map(|select| (kind, select)));
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_looks_as_far_as_it_seems_to_need_and_not_too_far() {
        assert_eq!(farther(0, 51), None, "nobody knows how far");
        assert_eq!(farther(50, 51), Some(2 * NEAR));
        assert_eq!(farther(20, 51), Some(4 * NEAR));
        assert_eq!(farther(8, 51), Some(8 * NEAR));
        assert_eq!(farther(7, 51), None, "too far");
        assert_eq!(farther(1, usize::MAX), None);
    }
}
