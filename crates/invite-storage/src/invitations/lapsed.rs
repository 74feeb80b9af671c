//! Invitations whose lapse has to be noted in the trail (rule 2.2).
//!
//! What expired stands in an index of its own. What is suspended can only change where somebody's rights did: such a
//! change marks the organisation, and only marked ones are looked through, so that a sweep over a quiet installation
//! costs two short reads however many invitations are open.

use super::{
    coverage::{is_open, uncovered},
    record::{Found, complete, found, select_invitations},
};
use crate::{
    directory::SqlDirectory,
    entity,
    error::Failure,
    sql::{SqlConnection, col, is, table},
    store::{Access, SqlStore},
};
use invite_domain::{id::OrganizationId, port::InvitationRecord, time::Timestamp};
use sea_orm::{
    ConnectionTrait, JoinType, Order,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use entity::{invitation, organization};

/// How many marked organisations one sweep looks through.
const ORGANIZATIONS: u64 = 100;

pub(super) async fn lapsed(store: &SqlStore, limit: u32, now: Timestamp) -> Result<Vec<InvitationRecord>, Failure> {
    let transaction = store.begin(Access::Read).await?;
    let read = expired_and_marked(&transaction.sql(), store.directory(), limit, now).await;
    let (mut records, marked) = transaction.settle(read).await?;
    for organization in marked {
        let room = u64::from(limit).saturating_sub(u64::try_from(records.len()).unwrap_or(u64::MAX));
        if room == 0 {
            break;
        }
        records.extend(sweep(store, organization, room, now).await?);
    }
    records.sort_by_key(|record| (record.invitation.expires_at, record.invitation.id));
    Ok(records)
}

/// The expired ones, the first to expire first.
fn select_expired(limit: u32, now: Timestamp) -> SelectStatement {
    let mut select = select_invitations();
    select
        .join_as(
            JoinType::InnerJoin,
            table::<organization::Entity>(),
            Alias::new("o"),
            col("o", organization::Column::Id).eq(col("i", invitation::Column::OrganizationId)),
        )
        // No plan holds against a deleted organisation, so its lapses could never be noted.
        .and_where(col("o", organization::Column::DeletedAt).is_null())
        .and_where(col("i", invitation::Column::LapseDueAt).lte(now))
        .order_by_expr(col("i", invitation::Column::LapseDueAt), Order::Asc)
        .order_by_expr(col("i", invitation::Column::Id), Order::Asc)
        .limit(u64::from(limit));
    select
}

async fn expired_and_marked(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    limit: u32,
    now: Timestamp,
) -> Result<(Vec<InvitationRecord>, Vec<OrganizationId>), Failure> {
    let mut rows = Vec::new();
    for row in sql.query_all(&select_expired(limit, now)).await? {
        rows.extend(found(&row, "i", "ir")?);
    }
    let mut marked = Query::select();
    marked
        .column(Alias::new("id"))
        .from(table::<organization::Entity>())
        .and_where(is(organization::Column::SuspensionDue, true))
        .and_where(Expr::col(Alias::new("deleted_at")).is_null())
        .order_by(Alias::new("id"), Order::Asc)
        .limit(ORGANIZATIONS);
    let marked = sql.query_all(&marked).await?;
    let marked = marked.iter().map(|row| row.try_get::<Uuid>("", "id").map(OrganizationId::from_uuid));
    let marked = marked.collect::<Result<_, _>>()?;
    Ok((complete_mixed(sql, directory, rows).await?, marked))
}

/// Completes invitations of several organisations.
pub(super) async fn complete_mixed(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    rows: Vec<Found>,
) -> Result<Vec<InvitationRecord>, Failure> {
    let mut by_organization = std::collections::BTreeMap::<_, Vec<Found>>::new();
    for row in rows {
        by_organization.entry(row.invitation.organization_id).or_default().push(row);
    }
    let mut records = Vec::new();
    for (organization, rows) in by_organization {
        records.extend(complete(sql, directory, organization, rows).await?);
    }
    Ok(records)
}

/// The suspended invitations of a marked organisation. Where there is none left to note, the mark is taken away: in one
/// transaction with the look, the mark first, so that whoever changes rights meanwhile marks again after it.
async fn sweep(
    store: &SqlStore,
    organization: OrganizationId,
    limit: u64,
    now: Timestamp,
) -> Result<Vec<InvitationRecord>, Failure> {
    let transaction = store.begin(Access::Write).await?;
    let swept = sweep_in(&transaction.sql(), store.directory(), organization, limit, now).await;
    match swept {
        Ok(records) if records.is_empty() => transaction.commit().await.map(|()| records),
        other => {
            transaction.rollback().await;
            other
        }
    }
}

async fn sweep_in(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    limit: u64,
    now: Timestamp,
) -> Result<Vec<InvitationRecord>, Failure> {
    let mut unmark = Query::update();
    unmark
        .table(table::<organization::Entity>())
        .value(Alias::new("suspension_due"), false)
        .and_where(is(organization::Column::Id, organization.as_uuid()));
    sql.execute(&unmark).await?;
    let keys = uncovered(sql, directory, organization, now, Some(is_unnoted())).await?;
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = select_invitations();
    select
        .and_where(col("i", invitation::Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(is_open(now))
        .and_where(is_unnoted())
        .and_where(col("i", invitation::Column::AuthorityKey).is_in(keys))
        .order_by_expr(col("i", invitation::Column::ExpiresAt), Order::Asc)
        .order_by_expr(col("i", invitation::Column::Id), Order::Asc)
        .limit(limit);
    let mut rows = Vec::new();
    for row in sql.query_all(&select).await? {
        rows.extend(found(&row, "i", "ir")?);
    }
    complete(sql, directory, organization, rows).await
}

fn is_unnoted() -> SimpleExpr {
    col("i", invitation::Column::SuspensionNoted).lt(col("i", invitation::Column::Generation))
}
