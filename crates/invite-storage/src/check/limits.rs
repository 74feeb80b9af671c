//! Seats. Budgets and the counts of live invitations are no invariants of the rows: what they count may be gone, and processes
//! with other limits count otherwise.

use super::{CLOCKS, Horizon, Invariant, part, rows_of};
use crate::{
    entity::{
        invitation, membership,
        organization::{Column, Entity},
    },
    sql::{col, table},
};
use sea_orm::{
    EntityTrait, IdenStatic,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};

/// A limit is only set where it suffices, so nothing an operator does breaks this.
pub(super) fn invariant(horizon: &Horizon) -> Invariant {
    Invariant {
        name: "seats_suffice",
        meaning: "members and live invitations of an organisation together are not more than its seats",
        tables: vec![table::<Entity>()],
        parts: vec![part::<Entity>(overfull(horizon))],
    }
}

fn overfull(horizon: &Horizon) -> SelectStatement {
    let members = of_organization::<membership::Entity>("m", membership::Column::OrganizationId);
    let mut live = of_organization::<invitation::Entity>("i", invitation::Column::OrganizationId);
    live.and_where(col("i", invitation::Column::State).eq("pending"))
        .and_where(col("i", invitation::Column::ExpiresAt).gt(Expr::val(horizon.now + CLOCKS)));
    let mut rows = rows_of::<Entity>("o", Column::Id);
    rows.and_where(scalar(members).add(scalar(live)).gt(col("o", Column::LimitSeats)));
    rows
}

fn of_organization<E: EntityTrait>(alias: &'static str, organization: impl IdenStatic) -> SelectStatement {
    let mut count = Query::select();
    count
        .expr(Expr::col(Asterisk).count())
        .from_as(table::<E>(), Alias::new(alias))
        .and_where(col(alias, organization).eq(col("o", Column::Id)));
    count
}

fn scalar(select: SelectStatement) -> SimpleExpr {
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}
