//! Pages by keyset: `(key, id) > (?, ?)` as row values, which an index can begin at however deep the page is. And pages by
//! number, for which rows are left out by counting them: there the page's rows are found first, in an index that has all the
//! conditions speak of, and only they are read.

use crate::{
    engine::{Engine, instant_of, instant_text},
    error::Failure,
    sql::{SqlConnection, count, table},
};
use chrono::{DateTime, Utc};
use invite_domain::{
    page::{Page, PageRequest, Position},
    port::PortError,
};
use sea_orm::{
    ConnectionTrait, EntityTrait, Order, QueryResult,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

/// What a list is sorted by: a column of the table `alias`, then the id.
pub(crate) struct Keyset {
    alias: &'static str,
    column: &'static str,
    kind: Kind,
    descending: bool,
}

/// What the column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Instant,
    Text,
    /// An integer no two rows share: nothing is left to sort by the id.
    Number,
}

impl Keyset {
    /// Sorted by an instant.
    pub(crate) fn of_instant(alias: &'static str, column: &'static str, descending: bool) -> Self {
        Self { alias, column, kind: Kind::Instant, descending }
    }

    /// Sorted by text, byte by byte.
    pub(crate) fn of_text(alias: &'static str, column: &'static str, descending: bool) -> Self {
        Self { alias, column, kind: Kind::Text, descending }
    }

    /// Sorted by the store's number.
    pub(crate) fn of_number(alias: &'static str, descending: bool) -> Self {
        Self { alias, column: "number", kind: Kind::Number, descending }
    }

    fn expr(&self, column: &'static str) -> SimpleExpr {
        Expr::col((Alias::new(self.alias), Alias::new(column)))
    }

    /// Lets a select begin after the page's position.
    pub(crate) fn begin(
        &self,
        engine: Engine,
        select: &mut SelectStatement,
        page: &PageRequest,
    ) -> Result<(), Failure> {
        if let Some(after) = &page.after {
            // Positions come back from clients behind a MAC; one that does not parse is a bug of ours.
            let bad = || PortError::other("a page's position holds no key of its list");
            let key = match self.kind {
                Kind::Instant => Expr::val(instant_of(&after.key).ok_or_else(bad)?),
                Kind::Text => Expr::val(after.key.as_str()),
                Kind::Number => Expr::val(after.key.parse::<i64>().map_err(|_| bad())?),
            };
            let (here, there) = if self.kind == Kind::Number {
                (self.expr(self.column), key)
            } else {
                if engine.seeks_by_first_column() {
                    let (here, there) = (self.expr(self.column), key.clone());
                    select.and_where(if self.descending { here.lte(there) } else { here.gte(there) });
                }
                let here = Expr::tuple([self.expr(self.column), self.expr("id")]);
                (here, Expr::tuple([key, Expr::val(after.id)]))
            };
            select.and_where(if self.descending { here.lt(there) } else { here.gt(there) });
        }
        Ok(())
    }

    /// Sorts a select, lets it begin after the position and the rows to leave out, and end one row past the limit.
    fn narrow(&self, engine: Engine, select: &mut SelectStatement, page: &PageRequest) -> Result<(), Failure> {
        self.begin(engine, select, page)?;
        self.sort(select);
        select.limit(u64::from(page.limit) + 1);
        if page.skip > 0 {
            // Engines count in 64 bits with a sign; past that there are no rows either.
            select.offset(Ord::min(page.skip, i64::MAX.unsigned_abs()));
        }
        Ok(())
    }

    /// Sorts a select.
    pub(crate) fn sort(&self, select: &mut SelectStatement) {
        let order = if self.descending { Order::Desc } else { Order::Asc };
        select.order_by_expr(self.expr(self.column), order.clone());
        if self.kind != Kind::Number {
            select.order_by_expr(self.expr("id"), order);
        }
    }

    fn position(&self, row: &QueryResult) -> Result<Position, Failure> {
        let name = format!("{}_{}", self.alias, self.column);
        let key = match self.kind {
            Kind::Instant => instant_text(row.try_get::<DateTime<Utc>>("", &name)?),
            Kind::Text => row.try_get("", &name)?,
            Kind::Number => row.try_get::<i64>("", &name)?.to_string(),
        };
        let id: Uuid = row.try_get("", &format!("{}_id", self.alias))?;
        Ok(Position { key, id })
    }

    /// Reads a page of a select that is narrowed to the rows that match.
    pub(crate) async fn page<T>(
        &self,
        sql: &SqlConnection<'_>,
        select: SelectStatement,
        page: &PageRequest,
        read: impl Fn(&QueryResult) -> Result<T, Failure>,
    ) -> Result<Page<T>, Failure> {
        let total = if page.include_total { Some(count(sql, select.clone()).await?) } else { None };
        let mut select = select;
        self.narrow(sql.engine(), &mut select, page)?;
        self.read(sql, &select, page, total, read).await
    }

    /// The same for a list with numbered pages: rows of `E` that meet the conditions, as `select` reads them, which itself
    /// names no conditions.
    pub(crate) async fn numbered_page<E: EntityTrait, T>(
        &self,
        sql: &SqlConnection<'_>,
        select: SelectStatement,
        conditions: &[SimpleExpr],
        page: &PageRequest,
        read: impl Fn(&QueryResult) -> Result<T, Failure>,
    ) -> Result<Page<T>, Failure> {
        let mut bare = Query::select();
        bare.from_as(table::<E>(), Alias::new(self.alias));
        for condition in conditions {
            bare.and_where(condition.clone());
        }
        let total = if page.include_total { Some(count(sql, bare.clone()).await?) } else { None };
        let mut select = select;
        if page.skip == 0 {
            for condition in conditions {
                select.and_where(condition.clone());
            }
            self.narrow(sql.engine(), &mut select, page)?;
        } else {
            bare.expr_as(self.expr("number"), Alias::new("number"));
            self.narrow(sql.engine(), &mut bare, page)?;
            // In a derived table, since MariaDB takes no `LIMIT` in a subquery of `IN`.
            let mut found = Query::select();
            found.column((Alias::new("p"), Alias::new("number"))).from_subquery(bare, Alias::new("p"));
            select.and_where(self.expr("number").in_subquery(found));
            self.sort(&mut select);
        }
        self.read(sql, &select, page, total, read).await
    }

    async fn read<T>(
        &self,
        sql: &SqlConnection<'_>,
        select: &SelectStatement,
        page: &PageRequest,
        total: Option<u64>,
        read: impl Fn(&QueryResult) -> Result<T, Failure>,
    ) -> Result<Page<T>, Failure> {
        let mut rows = sql.query_all(select).await?;
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| self.position(row)).transpose()?;
        let items = rows.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page { items, next, total })
    }
}
