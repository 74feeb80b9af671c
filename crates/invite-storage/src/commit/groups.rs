//! Groups of organisations, and the guards that speak of them.

use super::{
    Numbers,
    administration::{delete, one},
    guards::{any, require},
};
use crate::{
    convert,
    engine::Hold,
    entity::{self, group_administrator, organization_group},
    error::Failure,
    sql::{SqlConnection, insert, insert_numbered, is, update_statement},
};
use invite_domain::{
    id::{GroupId, OrganizationId},
    invitation::{AdministrationChange, Plan},
};
use sea_orm::sea_query::{Alias, Expr, ExprTrait};

pub(super) async fn apply(
    sql: &SqlConnection<'_>,
    change: &AdministrationChange,
    numbers: &mut Numbers,
) -> Result<(), Failure> {
    use organization_group::{Column, Entity};
    match change {
        AdministrationChange::InsertGroup(group) => {
            let number = insert_numbered::<Entity>(sql, convert::group_row(group)).await?;
            numbers.push((group.id.as_uuid(), number));
        }
        AdministrationChange::UpdateGroup(group) => {
            let row = convert::group_row(group);
            let mut update = update_statement::<Entity>(&row, &["number", "id", "created_at"]);
            update.and_where(is(Column::Id, row.id)).and_where(Expr::col(Alias::new("version")).lte(row.version));
            one(sql, &update).await?;
        }
        AdministrationChange::DeleteGroup(group) => {
            let of = is(group_administrator::Column::GroupId, group.as_uuid());
            delete::<group_administrator::Entity>(sql, [of]).await?;
            delete::<Entity>(sql, [is(Column::Id, group.as_uuid())]).await?;
        }
        AdministrationChange::PutGroupAdministrator(group, account, at) => {
            let row = convert::group_administrator_row(*group, *account, *at);
            insert::<group_administrator::Entity>(sql, &[row]).await?;
        }
        AdministrationChange::RemoveGroupAdministrator(group, account) => {
            use group_administrator::{Column, Entity};
            let which = [is(Column::GroupId, group.as_uuid()), is(Column::AccountId, account.as_uuid())];
            delete::<Entity>(sql, which).await?;
        }
        _ => {}
    }
    Ok(())
}

/// The group is at this version. Held alone by a plan that changes it: who decided on the same version waits, and is stale.
pub(super) async fn at_version(
    sql: &SqlConnection<'_>,
    plan: &Plan,
    group: GroupId,
    version: i64,
) -> Result<(), Failure> {
    use organization_group::{Column, Entity};
    let changes = |change: &AdministrationChange| match change {
        AdministrationChange::UpdateGroup(changed) => changed.id == group,
        AdministrationChange::DeleteGroup(id) => *id == group,
        _ => false,
    };
    let hold = if plan.administration.iter().any(changes) { Hold::Alone } else { Hold::Shared };
    let mut select = any::<Entity>();
    select.and_where(is(Column::Id, group.as_uuid())).and_where(is(Column::Version, version));
    sql.engine().hold(&mut select, hold);
    require(sql, select).await
}

/// The organisation is deleted and at this version; whoever restores it waits.
pub(super) async fn deleted_at(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    version: i64,
) -> Result<(), Failure> {
    use entity::organization::{Column, Entity};
    let mut select = any::<Entity>();
    select
        .and_where(is(Column::Id, organization.as_uuid()))
        .and_where(is(Column::Version, version))
        .and_where(Expr::col(Alias::new("deleted_at")).is_not_null());
    sql.engine().hold(&mut select, Hold::Alone);
    require(sql, select).await
}
