//! Groups of organisations, and the memberships they made.

use super::{Invariant, part, rows_of, some};
use crate::{
    entity::{group_administrator, membership, organization, organization_group},
    sql::{col, table},
};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};

use group_administrator::Column as G;
use membership::Column as M;
use organization::Column as O;

pub(super) fn invariant() -> Invariant {
    Invariant {
        name: "group_memberships_are_their_groups",
        meaning: "a membership that a group made is in an organisation of that group and of one of its administrators, and every group is there",
        tables: vec![
            table::<membership::Entity>(),
            table::<organization::Entity>(),
            table::<group_administrator::Entity>(),
        ],
        parts: vec![
            part::<membership::Entity>(in_another_organization()),
            part::<membership::Entity>(of_nobody_who_administers()),
            part::<organization::Entity>(organization_of_no_group()),
            part::<group_administrator::Entity>(administrator_of_no_group()),
        ],
    }
}

fn made_by_groups() -> SelectStatement {
    let mut rows = rows_of::<membership::Entity>("m", M::Id);
    rows.and_where(col("m", M::GroupId).is_not_null());
    rows
}

fn in_another_organization() -> SelectStatement {
    let mut own = some::<organization::Entity>("o");
    own.and_where(col("o", O::Id).eq(col("m", M::OrganizationId)))
        .and_where(col("o", O::GroupId).eq(col("m", M::GroupId)));
    let mut rows = made_by_groups();
    rows.and_where(Expr::not_exists(own));
    rows
}

fn of_nobody_who_administers() -> SelectStatement {
    let mut own = some::<group_administrator::Entity>("g");
    own.and_where(col("g", G::GroupId).eq(col("m", M::GroupId)))
        .and_where(col("g", G::AccountId).eq(col("m", M::AccountId)));
    let mut rows = made_by_groups();
    rows.and_where(Expr::not_exists(own));
    rows
}

fn organization_of_no_group() -> SelectStatement {
    let mut own = some::<organization_group::Entity>("g");
    own.and_where(col("g", organization_group::Column::Id).eq(col("o", O::GroupId)));
    let mut rows = rows_of::<organization::Entity>("o", O::Id);
    rows.and_where(col("o", O::GroupId).is_not_null()).and_where(Expr::not_exists(own));
    rows
}

fn administrator_of_no_group() -> SelectStatement {
    let mut own = some::<organization_group::Entity>("o");
    own.and_where(col("o", organization_group::Column::Id).eq(col("g", G::GroupId)));
    let mut rows = rows_of::<group_administrator::Entity>("g", G::AccountId);
    rows.and_where(Expr::not_exists(own));
    rows
}
