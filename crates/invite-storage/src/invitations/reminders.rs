//! Reminders that are due (rule 4.8), and who may sponsor what is suspended (rule 6.4).
//!
//! When an invitation is to be reminded of stands in a column with an index of its own, empty where it is not. It is a fixed
//! time before the expiry; so what is due and has not expired is a range of that index, and neither an expired one nor one that
//! was reminded is ever read again: a sweep over a quiet installation costs one short read.

use super::{
    lapsed::complete_mixed,
    load::{is_blocked, join_block},
    record::{found, select_invitations},
};
use crate::{
    convert,
    directory::SqlDirectory,
    entity,
    error::Failure,
    sql::{SqlConnection, col, exists, is, join_optional, table},
    store::{Access, SqlStore},
};
use invite_domain::{
    access::{MemberFacts, permission},
    id::{InvitationId, OrganizationId},
    invitation::remind,
    port::{InvitationRecord, ReminderFacts},
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait, Order,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

use entity::{invitation, message, organization};

pub(super) async fn due(
    store: &SqlStore,
    limit: u32,
    messages_since: Timestamp,
    now: Timestamp,
) -> Result<Vec<ReminderFacts>, Failure> {
    // Mostly there is none, which one statement shows.
    if store.reading().query_all(&select_due(1, now)).await?.is_empty() {
        return Ok(Vec::new());
    }
    let transaction = store.begin(Access::Read).await?;
    let read = due_in(&transaction.sql(), store.directory(), limit, messages_since, now).await;
    transaction.settle(read).await
}

/// Those that are due, the first first, each with whether its recipient blocked the organisation.
fn select_due(limit: u32, now: Timestamp) -> SelectStatement {
    let mut select = select_invitations();
    let of = col("o", organization::Column::Id).eq(col("i", invitation::Column::OrganizationId));
    join_optional::<organization::Entity>(&mut select, "o", of);
    join_block(&mut select, col("i", invitation::Column::HolderKey));
    select
        .and_where(col("o", organization::Column::Id).is_not_null())
        // No plan holds against a deleted organisation.
        .and_where(col("o", organization::Column::DeletedAt).is_null())
        .and_where(col("i", invitation::Column::ReminderDueAt).gt(now - remind::BEFORE))
        .and_where(col("i", invitation::Column::ReminderDueAt).lte(now))
        .order_by_expr(col("i", invitation::Column::ReminderDueAt), Order::Asc)
        .order_by_expr(col("i", invitation::Column::Id), Order::Asc)
        .limit(u64::from(limit));
    select
}

async fn due_in(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    limit: u32,
    messages_since: Timestamp,
    now: Timestamp,
) -> Result<Vec<ReminderFacts>, Failure> {
    let (mut rows, mut blocked) = (Vec::new(), BTreeSet::new());
    for row in sql.query_all(&select_due(limit, now)).await? {
        let Some(found) = found(&row, "i", "ir")? else { continue };
        if is_blocked(&row)? {
            blocked.insert(found.invitation.id);
        }
        rows.push(found);
    }
    let mut records = complete_mixed(sql, directory, rows).await?;
    records.sort_by_key(|record| (record.invitation.reminder_due_at(), record.invitation.id));
    let mut messages = message_times(sql, &records, messages_since).await?;
    let facts = |record: InvitationRecord| {
        let id = record.invitation.id;
        ReminderFacts { blocked: blocked.contains(&id), messages: messages.remove(&id).unwrap_or_default(), record }
    };
    Ok(records.into_iter().map(facts).collect())
}

/// When messages that carry a link of these invitations were made since then: a statement an organisation.
async fn message_times(
    sql: &SqlConnection<'_>,
    records: &[InvitationRecord],
    since: Timestamp,
) -> Result<HashMap<InvitationId, Vec<Timestamp>>, Failure> {
    let mut by_organization = BTreeMap::<OrganizationId, Vec<Uuid>>::new();
    for InvitationRecord { invitation, .. } in records {
        by_organization.entry(invitation.organization_id).or_default().push(invitation.id.as_uuid());
    }
    let mut times = HashMap::<_, Vec<_>>::new();
    for (organization, ids) in by_organization {
        let mut select = Query::select();
        select
            .columns(["invitation_id", "created_at"].map(Alias::new))
            .from(table::<message::Entity>())
            .and_where(is(message::Column::OrganizationId, organization.as_uuid()))
            .and_where(Expr::col(Alias::new("invitation_id")).is_in(ids))
            .and_where(convert::carries_link(Expr::col(Alias::new("about"))))
            .and_where(Expr::col(Alias::new("created_at")).gte(since));
        for row in sql.query_all(&select).await? {
            let id = InvitationId::from_uuid(row.try_get("", "invitation_id")?);
            times.entry(id).or_default().push(row.try_get("", "created_at")?);
        }
    }
    Ok(times)
}

pub(super) async fn sponsors(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    limit: u32,
) -> Result<Vec<MemberFacts>, Failure> {
    let mut there = Query::select();
    there
        .from(table::<organization::Entity>())
        .and_where(is(organization::Column::Id, organization.as_uuid()))
        .and_where(Expr::col(Alias::new("deleted_at")).is_null());
    if !exists(sql, there).await? {
        return Ok(Vec::new());
    }
    Ok(directory.members_with(sql, organization, permission::INVITATIONS_SPONSOR, limit).await?)
}
