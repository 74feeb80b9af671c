//! The rows a plan holds before its guards are looked at, on engines whose writers wait for each other row by row.
//!
//! Most guards hold by themselves: they are an update that names the version it expects, a unique key, or a read under a
//! lock. Three kinds do not. A guard that reads what *another* row's plan writes (no live invitation for this record, an
//! owner besides this one, no organisation yet), or a count of seats, needs a row that both plans hold. A row that a plan
//! first reads under a shared lock and then changes would let two such plans wait for each other for ever. And whoever ends
//! all sessions of an account must not pass over one that is being renewed meanwhile. So those rows are taken here, in the
//! order organisation, record, account, and alone. A plan without such parts costs no statement more.

use super::guards::Guards;
use crate::{
    engine::Hold,
    entity,
    error::Failure,
    sql::{SqlConnection, is, table},
};
use invite_domain::invitation::{AdministrationChange, DirectoryChange, Guard, Limit, Plan, UniqueKey};
use sea_orm::{
    ConnectionTrait, EntityTrait, Order,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The first migration's entry: a row every database has that has our tables.
const FIRST_MIGRATION: &str = "m0001_initial";

/// Holds the rows of a plan.
pub(super) async fn hold(sql: &SqlConnection<'_>, guards: &Guards<'_>, plan: &Plan) -> Result<(), Failure> {
    if !sql.engine().locks_rows() {
        return Ok(());
    }
    if plan.guards.contains(&Guard::Free(UniqueKey::Installation)) {
        // Two that install at once both find nothing: this row stands for what is not there yet.
        let mut select = Query::select();
        select.from(crate::migration::TABLE).and_where(Expr::col(Alias::new("version")).eq(FIRST_MIGRATION));
        hold_found(sql, select, Hold::Alone).await?;
    }
    organizations(sql, plan).await?;
    records(sql, guards, plan).await?;
    accounts(sql, plan).await
}

/// Holds an organisation that the plan changes, or one of its members, keys or roles, unless the guard on its epoch does so
/// already. So whoever counts its owners to take one away waits for the other who does; and whoever counts its seats, where
/// they are limited, likewise.
async fn organizations(sql: &SqlConnection<'_>, plan: &Plan) -> Result<(), Failure> {
    use entity::{membership, organization};
    let mut held = BTreeSet::new();
    let mut everywhere = false;
    for change in &plan.administration {
        match change {
            AdministrationChange::UpdateOrganization(organization) => {
                held.insert(organization.id.as_uuid());
            }
            AdministrationChange::UpdateRole(role) => {
                held.insert(role.organization_id.as_uuid());
            }
            AdministrationChange::DeleteRole(organization, _)
            | AdministrationChange::RemoveMembership(organization, _)
            | AdministrationChange::PutLogo(organization, ..)
            | AdministrationChange::RemoveLogo(organization) => {
                held.insert(organization.as_uuid());
            }
            AdministrationChange::UpdateApiKey(key) => {
                held.insert(key.organization_id.as_uuid());
            }
            AdministrationChange::RevokeOperatorKey(..) => everywhere = true,
            _ => {}
        }
    }
    for change in &plan.directory {
        match change {
            DirectoryChange::UpdateMembership(membership) => {
                held.insert(membership.organization_id.as_uuid());
            }
            DirectoryChange::EndCredentials(account, _) => {
                let mut places = Query::select();
                places
                    .column(Alias::new("organization_id"))
                    .from(table::<membership::Entity>())
                    .and_where(is(membership::Column::AccountId, account.as_uuid()));
                held.extend(ids(sql, &places, "organization_id").await?);
            }
            _ => {}
        }
    }
    if everywhere {
        return hold_found(sql, any::<organization::Entity>(), Hold::Alone).await;
    }
    for limit in &plan.limits {
        if let Limit::Seats { organization_id, .. } = limit {
            held.insert(organization_id.as_uuid());
        }
    }
    let raised = plan.guards.iter().filter_map(|guard| match guard {
        Guard::Epoch { organization_id, raise: true, .. } => Some(organization_id.as_uuid()),
        _ => None,
    });
    let raised: BTreeSet<_> = raised.collect();
    if held.is_subset(&raised) {
        return Ok(());
    }
    held.extend(raised);
    for id in held {
        hold_row::<organization::Entity>(sql, [is(organization::Column::Id, id)], Hold::Alone).await?;
    }
    Ok(())
}

/// Holds a record the plan changes under a guard: whoever issues to it holds it too.
async fn records(sql: &SqlConnection<'_>, guards: &Guards<'_>, plan: &Plan) -> Result<(), Failure> {
    use entity::subject;
    for change in &plan.administration {
        if let AdministrationChange::UpdateSubject(record) = change
            && guards.subject_version(record.organization_id, record.id).is_some()
        {
            let which = [
                is(subject::Column::OrganizationId, record.organization_id.as_uuid()),
                is(subject::Column::Id, record.id.as_uuid()),
            ];
            hold_row::<subject::Entity>(sql, which, Hold::Alone).await?;
        }
    }
    Ok(())
}

/// Holds the accounts whose sessions end or are renewed: no session may be added while all are ended. Where a new session
/// holds its account's whole row, every plan that adds one and changes the account takes it alone at once.
async fn accounts(sql: &SqlConnection<'_>, plan: &Plan) -> Result<(), Failure> {
    use entity::{account, session};
    let (mut held, mut ending) = (BTreeSet::new(), false);
    for guard in &plan.guards {
        if let Guard::SessionLasts(id) = guard {
            let mut owner = Query::select();
            owner
                .column(Alias::new("account_id"))
                .from(table::<session::Entity>())
                .and_where(is(session::Column::Id, id.as_uuid()));
            held.extend(ids(sql, &owner, "account_id").await?);
        }
    }
    for change in &plan.administration {
        if let AdministrationChange::EndSessions(account) = change {
            ending = true;
            held.insert(account.as_uuid());
        }
    }
    for change in &plan.directory {
        match change {
            DirectoryChange::EndCredentials(account, _) => {
                ending = true;
                held.insert(account.as_uuid());
            }
            DirectoryChange::NoteSignIn(account, _) if sql.engine().references_hold_rows() => {
                held.insert(account.as_uuid());
            }
            DirectoryChange::UpdateAccount(account) if sql.engine().references_hold_rows() => {
                held.insert(account.id.as_uuid());
            }
            _ => {}
        }
    }
    let how = if ending { Hold::AloneWithReferences } else { Hold::Alone };
    for id in held {
        hold_row::<account::Entity>(sql, [is(account::Column::Id, id)], how).await?;
    }
    Ok(())
}

fn any<E: EntityTrait>() -> SelectStatement {
    let mut select = Query::select();
    select.from(table::<E>()).order_by(Alias::new("id"), Order::Asc);
    select
}

/// Holds one row, named by a unique key: a list of keys could be answered by reading, and holding, the whole of a small
/// table.
async fn hold_row<E: EntityTrait>(
    sql: &SqlConnection<'_>,
    which: impl IntoIterator<Item = SimpleExpr>,
    hold: Hold,
) -> Result<(), Failure> {
    let mut select = Query::select();
    select.from(table::<E>());
    for condition in which {
        select.and_where(condition);
    }
    hold_found(sql, select, hold).await
}

async fn hold_found(sql: &SqlConnection<'_>, mut select: SelectStatement, hold: Hold) -> Result<(), Failure> {
    select.expr(Expr::val(1));
    sql.engine().hold(&mut select, hold);
    sql.query_all(&select).await?;
    Ok(())
}

async fn ids(sql: &SqlConnection<'_>, select: &SelectStatement, column: &str) -> Result<Vec<Uuid>, Failure> {
    let rows = sql.query_all(select).await?;
    Ok(rows.iter().map(|row| row.try_get("", column)).collect::<Result<_, _>>()?)
}
