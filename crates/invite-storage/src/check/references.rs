//! References: each inside one organisation, and where a row must be there, it is.
//!
//! Most are foreign keys too. They are asked for all the same: rows may have been loaded while the engine did not look.

use super::{Invariant, Part, part, rows_of, some};
use crate::{
    entity::{
        api_key, block, event, invitation, membership, message, organization, organization_slug, redemption, role,
        session, subject,
    },
    sql::{col, table},
};
use sea_orm::{
    EntityTrait, IdenStatic, JoinType,
    sea_query::{Alias, Expr, ExprTrait, SelectStatement, SimpleExpr},
};

/// How rows of `E` name themselves, their organisation and another row.
struct From<C> {
    id: C,
    organization: C,
    names: C,
}

macro_rules! names {
    ($entity:ident.$column:ident) => {
        From { id: $entity::Column::Id, organization: $entity::Column::OrganizationId, names: $entity::Column::$column }
    };
}

macro_rules! is_there {
    ($entity:ident.$column:ident in $target:ident) => {
        part::<$entity::Entity>(missing::<$entity::Entity, $target::Entity, _, _>(
            &names!($entity.$column),
            $target::Column::Id,
            $target::Column::OrganizationId,
        ))
    };
}

macro_rules! is_not_elsewhere {
    ($entity:ident.$column:ident in $target:ident) => {
        part::<$entity::Entity>(elsewhere::<$entity::Entity, $target::Entity, _, _>(
            &names!($entity.$column),
            $target::Column::Id,
            $target::Column::OrganizationId,
        ))
    };
}

macro_rules! has_organization {
    ($($entity:ident.$id:ident)+) => {
        [$(part::<$entity::Entity>(stray::<$entity::Entity, _>($entity::Column::$id, $entity::Column::OrganizationId))),+]
    };
}

pub(super) fn invariant() -> Invariant {
    let tables = vec![
        table::<organization_slug::Entity>(),
        table::<role::Entity>(),
        table::<membership::Entity>(),
        table::<api_key::Entity>(),
        table::<subject::Entity>(),
        table::<invitation::Entity>(),
        table::<redemption::Entity>(),
        table::<event::Entity>(),
        table::<message::Entity>(),
        table::<block::Entity>(),
        table::<session::Entity>(),
    ];
    let organizations = has_organization! {
        role.Id membership.Id api_key.Id subject.Id invitation.Id redemption.Id event.Id message.Id session.Id
        organization_slug.OrganizationId block.OrganizationId
    };
    let required = [
        is_there!(membership.RoleId in role),
        is_there!(redemption.InvitationId in invitation),
        is_there!(message.InvitationId in invitation),
        is_there!(subject.ParentId in subject),
    ];
    // These may be gone, or a host's own; but what is here must not be another organisation's.
    let others = [
        is_not_elsewhere!(membership.SubjectId in subject),
        is_not_elsewhere!(invitation.SubjectId in subject),
        is_not_elsewhere!(invitation.RoleId in role),
        is_not_elsewhere!(invitation.InviterId in membership),
        is_not_elsewhere!(invitation.InviterId in api_key),
        is_not_elsewhere!(redemption.MembershipId in membership),
        is_not_elsewhere!(event.InvitationId in invitation),
        is_not_elsewhere!(event.MembershipId in membership),
        is_not_elsewhere!(api_key.CreatedBy in membership),
    ];
    let parts: Vec<Part> = organizations.into_iter().chain(required).chain(others).collect();
    Invariant {
        name: "references_stay_in_one_organization",
        meaning: "a row refers to rows of its own organisation only, and what it cannot be without is there",
        tables,
        parts,
    }
}

/// Rows of `E` whose organisation is not there.
fn stray<E: EntityTrait, C: IdenStatic>(id: C, organization: C) -> SelectStatement {
    let mut rows = rows_of::<E>("c", id);
    rows.join_as(
        JoinType::LeftJoin,
        table::<organization::Entity>(),
        Alias::new("o"),
        col("o", organization::Column::Id).eq(col("c", organization)),
    )
    .and_where(col("c", organization).is_not_null())
    .and_where(col("o", organization::Column::Id).is_null());
    rows
}

/// Rows of `E` that name a row which their organisation has not.
fn missing<E: EntityTrait, T: EntityTrait, C: IdenStatic, D: IdenStatic>(
    from: &From<C>,
    id: D,
    organization: D,
) -> SelectStatement {
    let mut rows = rows_of::<E>("c", from.id);
    rows.join_as(JoinType::LeftJoin, table::<T>(), Alias::new("t"), named(from, "t", id, organization))
        .and_where(col("c", from.names).is_not_null())
        .and_where(col("t", id).is_null());
    rows
}

/// Rows of `E` that name a row which another organisation has and their own has not.
fn elsewhere<E: EntityTrait, T: EntityTrait, C: IdenStatic, D: IdenStatic>(
    from: &From<C>,
    id: D,
    organization: D,
) -> SelectStatement {
    let mut own = some::<T>("t");
    own.and_where(named(from, "t", id, organization));
    let foreign = col("f", id).eq(col("c", from.names)).and(col("f", organization).ne(col("c", from.organization)));
    let mut rows = rows_of::<E>("c", from.id);
    rows.join_as(JoinType::InnerJoin, table::<T>(), Alias::new("f"), foreign).and_where(Expr::not_exists(own));
    rows
}

fn named<C: IdenStatic, D: IdenStatic>(from: &From<C>, target: &'static str, id: D, organization: D) -> SimpleExpr {
    col(target, organization).eq(col("c", from.organization)).and(col(target, id).eq(col("c", from.names)))
}
