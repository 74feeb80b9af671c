//! Pages by keyset: `(key, id) > (?, ?)` as row values, which an index can begin at however deep the page is.

use crate::{
    engine::{instant_of, instant_text},
    error::Failure,
    sql::{SqlConnection, count},
};
use chrono::{DateTime, Utc};
use invite_domain::{
    page::{Page, PageRequest, Position},
    port::PortError,
};
use sea_orm::{
    ConnectionTrait, Order, QueryResult,
    sea_query::{Alias, Expr, ExprTrait, Func, LikeExpr, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

/// What a list is sorted by: a column of the table `alias`, then the id.
pub(crate) struct Keyset {
    alias: &'static str,
    column: &'static str,
    is_instant: bool,
    descending: bool,
}

impl Keyset {
    /// Sorted by an instant.
    pub(crate) fn of_instant(alias: &'static str, column: &'static str, descending: bool) -> Self {
        Self { alias, column, is_instant: true, descending }
    }

    /// Sorted by text, byte by byte.
    pub(crate) fn of_text(alias: &'static str, column: &'static str, descending: bool) -> Self {
        Self { alias, column, is_instant: false, descending }
    }

    fn expr(&self, column: &'static str) -> SimpleExpr {
        Expr::col((Alias::new(self.alias), Alias::new(column)))
    }

    /// Sorts a select, lets it begin after the position and end one row past the limit.
    pub(crate) fn narrow(&self, select: &mut SelectStatement, page: &PageRequest) -> Result<(), Failure> {
        if let Some(after) = &page.after {
            let key = if self.is_instant {
                // Positions come back from clients behind a MAC; one that does not parse is a bug of ours.
                let at = instant_of(&after.key);
                Expr::val(at.ok_or_else(|| PortError::other("a page's position holds no instant"))?)
            } else {
                Expr::val(after.key.as_str())
            };
            let here = Expr::tuple([self.expr(self.column), self.expr("id")]);
            let there = Expr::tuple([key, Expr::val(after.id)]);
            select.and_where(if self.descending { here.lt(there) } else { here.gt(there) });
        }
        let order = if self.descending { Order::Desc } else { Order::Asc };
        select
            .order_by_expr(self.expr(self.column), order.clone())
            .order_by_expr(self.expr("id"), order)
            .limit(u64::from(page.limit) + 1);
        Ok(())
    }

    fn position(&self, row: &QueryResult) -> Result<Position, Failure> {
        let name = format!("{}_{}", self.alias, self.column);
        let key = if self.is_instant {
            instant_text(row.try_get::<DateTime<Utc>>("", &name)?)
        } else {
            row.try_get("", &name)?
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
        self.narrow(&mut select, page)?;
        let mut rows = sql.query_all(&select).await?;
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| self.position(row)).transpose()?;
        let items = rows.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page { items, next, total })
    }
}

/// Whether a text holds a part, without regard to ASCII case. A `%` or `_` in the part stands for itself.
pub(crate) fn contains(text: SimpleExpr, part: &str) -> SimpleExpr {
    let mut pattern = String::with_capacity(part.len() + 2);
    pattern.push('%');
    for c in part.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c.to_ascii_lowercase());
    }
    pattern.push('%');
    Expr::expr(Func::lower(text)).like(LikeExpr::new(pattern).escape('\\'))
}
