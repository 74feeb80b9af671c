//! Reminders that are due (rule 4.8), and who may sponsor what is suspended (rule 6.4).
//!
//! When an invitation is to be reminded of stands in a column with an index of its own, empty where it is not. It is a fixed
//! time before the expiry; so what is due and has not expired is a range of that index, and neither an expired one nor one that
//! was reminded is ever read again: a sweep over a quiet installation costs one short read.
//!
//! The column is a copy of what the domain says. A process of a version before it changes rows and leaves the copy as it was;
//! such a row is found here, and its copy is made again. A row that cannot be read is passed over and logged.

use super::{
    lapsed::complete_mixed,
    load::{is_blocked, join_block},
    record::{Found, found, select_invitations},
};
use crate::{
    convert,
    directory::SqlDirectory,
    entity,
    error::{Failure, Unreadable},
    sql::{SqlConnection, col, exists, is, join_optional, table},
    store::{Access, SqlStore},
};
use invite_domain::{
    access::{MemberFacts, permission},
    id::{AccountId, InvitationId, OrganizationId},
    invitation::{Channel, DeliveryState, Invitation, NoticeKind, State, remind},
    port::{InvitationRecord, PortError, ReminderFacts},
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait, IdenStatic, Order, QueryResult,
    sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr},
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
    if store.reading().query_all(&select_due(1, None, now)).await?.is_empty() {
        return Ok(Vec::new());
    }
    let transaction = store.begin(Access::Read).await?;
    let read = due_in(&transaction.sql(), store.directory(), limit, messages_since, now).await;
    let (facts, strayed) = transaction.settle(read).await?;
    if !strayed.is_empty() {
        let transaction = store.begin(Access::Write).await?;
        match put_right(&transaction.sql(), &strayed).await {
            Ok(()) => transaction.commit().await?,
            Err(failure) => {
                transaction.rollback().await;
                return Err(failure);
            }
        }
    }
    Ok(facts)
}

/// Where a row stands in the index of what is due.
type Place = (Timestamp, Uuid);

/// Those that are due, the first first, each with whether its recipient blocked the organisation; after a place, if one is
/// named.
fn select_due(limit: u32, after: Option<Place>, now: Timestamp) -> SelectStatement {
    let mut select = select_invitations();
    let of = col("o", organization::Column::Id).eq(col("i", invitation::Column::OrganizationId));
    join_optional::<organization::Entity>(&mut select, "o", of);
    join_block(&mut select, col("i", invitation::Column::HolderKey));
    let (due, id) = (|| col("i", invitation::Column::ReminderDueAt), || col("i", invitation::Column::Id));
    select
        .and_where(col("o", organization::Column::Id).is_not_null())
        // No plan holds against a deleted organisation.
        .and_where(col("o", organization::Column::DeletedAt).is_null())
        .and_where(due().gt(now - remind::BEFORE))
        .and_where(due().lte(now))
        .and_where(beside(col("i", invitation::Column::State)).eq(State::Pending.name()))
        .and_where(col("i", invitation::Column::ReminderNoted).lt(col("i", invitation::Column::Generation)))
        .and_where(Expr::not_exists(on_its_way()))
        .order_by_expr(due(), Order::Asc)
        .order_by_expr(id(), Order::Asc)
        .limit(u64::from(limit));
    if let Some((at, last)) = after {
        select.and_where(Expr::tuple([due(), id()]).gt(Expr::tuple([Expr::val(at), Expr::val(last)])));
    }
    select
}

/// A state that is looked at beside an index and is no way in: most rows that are due are pending, and thousands are that are
/// not due, which an engine without figures does not know.
fn beside(state: SimpleExpr) -> SimpleExpr {
    Func::lower(state).into()
}

/// The message that a reminder of `i` would repeat, while it is queued (`InvitationRecord::reminder_waits`). It is the e-mail
/// where there is one; an earlier one than the latest is never queued.
fn on_its_way() -> SelectStatement {
    let mut queued = Query::select();
    let is_alone = col("i", invitation::Column::Channels).eq(Channel::Sms.name());
    queued
        .expr(Expr::val(1))
        .from_as(table::<message::Entity>(), Alias::new("q"))
        .and_where(col("q", message::Column::OrganizationId).eq(col("i", invitation::Column::OrganizationId)))
        .and_where(col("q", message::Column::InvitationId).eq(col("i", invitation::Column::Id)))
        .and_where(col("q", message::Column::About).is_null())
        .and_where(beside(col("q", message::Column::State)).eq(DeliveryState::Queued.name()))
        .and_where(col("q", message::Column::Channel).eq(Channel::Email.name()).or(is_alone));
    queued
}

/// What is due, and rows whose copy of when they are due is not what the domain says. Read on until there are as many as asked
/// for, so that rows of which nothing can be made keep none back.
async fn due_in(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    limit: u32,
    messages_since: Timestamp,
    now: Timestamp,
) -> Result<(Vec<ReminderFacts>, Vec<Invitation>), Failure> {
    let (mut due, mut strayed, mut unreadable) = (Vec::new(), Vec::new(), Vec::<PortError>::new());
    let (mut after, mut is_last) = (None, false);
    while !is_last && count(&due) < limit {
        let wanted = limit - count(&due);
        let rows = sql.query_all(&select_due(wanted, after, now)).await?;
        let (begun, mut readable) = (after, Vec::new());
        for row in &rows {
            match placed(row).readable()? {
                Ok(place) => after = Some(place),
                Err(error) => {
                    unreadable.push(error);
                    continue;
                }
            }
            match one_row(row).readable()? {
                Ok(Some((found, _))) if found.invitation.reminder_due_at() != after.map(|(at, _)| at) => {
                    strayed.push(found.invitation);
                }
                Ok(row) => readable.extend(row),
                Err(error) => unreadable.push(error),
            }
        }
        is_last = count(&rows) < wanted || after == begun;
        match facts_of(sql, directory, readable.clone(), messages_since).await.readable()? {
            Ok(facts) => due.extend(facts),
            // One of them: each for itself.
            Err(_) => {
                for row in readable {
                    match facts_of(sql, directory, vec![row], messages_since).await.readable()? {
                        Ok(facts) => due.extend(facts),
                        Err(error) => unreadable.push(error),
                    }
                }
            }
        }
    }
    if let Some(error) = unreadable.first() {
        let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        tracing::error!(rows = unreadable.len(), %error, cause, "invitations that cannot be read are not reminded of");
    }
    Ok((due, strayed))
}

fn count<T>(rows: &[T]) -> u32 {
    rows.len().try_into().unwrap_or(u32::MAX)
}

/// Where a row of [`select_due`] stands.
fn placed(row: &QueryResult) -> Result<Place, Failure> {
    let column = |column: invitation::Column| format!("i_{}", column.as_str());
    let at = row.try_get("", &column(invitation::Column::ReminderDueAt))?;
    Ok((at, row.try_get("", &column(invitation::Column::Id))?))
}

/// An invitation, and whether its recipient blocked the organisation.
fn one_row(row: &QueryResult) -> Result<Option<(Found, bool)>, Failure> {
    let Some(found) = found(row, "i", "ir")? else { return Ok(None) };
    Ok(Some((found, is_blocked(row)?)))
}

/// What deciding on these needs, the first due first.
async fn facts_of(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    rows: Vec<(Found, bool)>,
    messages_since: Timestamp,
) -> Result<Vec<ReminderFacts>, Failure> {
    let blocked: BTreeSet<_> = rows.iter().filter(|(_, blocked)| *blocked).map(|(row, _)| row.invitation.id).collect();
    let mut records = complete_mixed(sql, directory, rows.into_iter().map(|(row, _)| row).collect()).await?;
    records.sort_by_key(|record| (record.invitation.reminder_due_at(), record.invitation.id));
    let mut messages = message_times(sql, &records, messages_since).await?;
    let facts = |record: InvitationRecord| {
        let id = record.invitation.id;
        ReminderFacts { blocked: blocked.contains(&id), messages: messages.remove(&id).unwrap_or_default(), record }
    };
    Ok(records.into_iter().map(facts).collect())
}

/// Makes the copies of these anew. One that was changed meanwhile has a right one, or is found again.
async fn put_right(sql: &SqlConnection<'_>, strayed: &[Invitation]) -> Result<(), Failure> {
    for strayed in strayed {
        let mut update = Query::update();
        update
            .table(table::<invitation::Entity>())
            .value(Alias::new("reminder_due_at"), strayed.reminder_due_at())
            .and_where(is(invitation::Column::OrganizationId, strayed.organization_id.as_uuid()))
            .and_where(is(invitation::Column::Id, strayed.id.as_uuid()))
            .and_where(is(invitation::Column::Version, strayed.version));
        sql.execute(&update).await?;
    }
    Ok(())
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

pub(super) async fn told_of_suspensions(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    accounts: &[AccountId],
    since: Timestamp,
) -> Result<Vec<AccountId>, Failure> {
    let mut select = Query::select();
    select
        .distinct()
        .column(Alias::new("account_id"))
        .from(table::<message::Entity>())
        .and_where(is(message::Column::OrganizationId, organization.as_uuid()))
        .and_where(Expr::col(Alias::new("account_id")).is_in(accounts.iter().map(AccountId::as_uuid)))
        .and_where(is(message::Column::About, NoticeKind::Suspended.name()))
        .and_where(Expr::col(Alias::new("created_at")).gt(since))
        .and_where(Expr::col(Alias::new("state")).ne(DeliveryState::Cancelled.name()));
    let rows = sql.query_all(&select).await?;
    Ok(rows.iter().map(|row| row.try_get("", "account_id").map(AccountId::from_uuid)).collect::<Result<_, _>>()?)
}
