//! Looking up what strangers name in the same time whether it is there or not (HTTP-8).
//!
//! A row takes its time to be read: on SQLite some 30 µs, which is seen after a few hundred questions. So where there is
//! none, some other row of the table is read in its place and thrown away.

use crate::sql::{col, select_from, table};
use sea_orm::{
    DbErr, EntityTrait, QueryResult,
    sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement, SimpleExpr, UnionType},
};
use uuid::Uuid;

/// What says of a row whether it is one that was asked for.
const KIND: &str = "kind";
const WANTED: &str = "wanted";

/// The rows of `E`, which the statement calls `alias`, for which this holds; where there are none, the first one of all. Two at
/// the most.
pub(super) fn wanted_or_another<E: EntityTrait>(
    alias: &'static str,
    id: E::Column,
    wanted: &SimpleExpr,
) -> SelectStatement {
    let rows = |kind: &str| {
        let mut select = select_from::<E>(alias);
        select.expr_as(Expr::val(kind), Alias::new(KIND));
        select
    };
    let mut there = Query::select();
    there.expr(Expr::val(1)).from_as(table::<E>(), Alias::new(alias)).and_where(wanted.clone());
    let first_id = || col("first", id);
    let mut first = Query::select();
    // From nought on: an index is sought in, not read.
    first
        .expr(first_id())
        .from_as(table::<E>(), Alias::new("first"))
        .and_where(first_id().gte(Uuid::nil()))
        .order_by_expr(first_id(), Order::Asc)
        .limit(1);
    let mut another = rows("another");
    another
        .and_where(col(alias, id).eq(SimpleExpr::SubQuery(None, Box::new(first.into()))))
        .and_where(Expr::exists(there).not());
    let mut select = rows(WANTED);
    select.and_where(wanted.clone()).union(UnionType::All, another).limit(2);
    select
}

/// Whether a row is one that was asked for.
pub(super) fn is_wanted(row: &QueryResult) -> Result<bool, DbErr> {
    Ok(row.try_get::<String>("", KIND)? == WANTED)
}
