//! Deleting what has ended (rule 2.4): a short transaction a kind, and never more rows than were asked for.

mod organizations;

use crate::{
    entity,
    error::Failure,
    sql::{SqlConnection, col, is, table},
    store::{Access, SqlStore, retrying},
};
use async_trait::async_trait;
use chrono::Duration;
use invite_domain::{
    invitation::Cutoffs,
    port::{PortError, Purged, Retention},
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait, EntityTrait, Order,
    sea_query::{Alias, Expr, ExprTrait, Query, SimpleExpr},
};
use uuid::Uuid;

/// When a message that has to stay is looked at again. Until then it costs nothing, however many there are.
const LOOK_AGAIN: Duration = Duration::days(1);

/// Rows of one table that have ended, by an index that begins with the column.
struct Ended {
    /// The primary key, or the unique one other tables refer to.
    key: &'static [&'static str],
    condition: SimpleExpr,
}

impl Ended {
    fn new(key: &'static [&'static str], column: &'static str, before: impl Into<sea_orm::Value>) -> Self {
        Self { key, condition: Expr::col(Alias::new(column)).lte(Expr::val(before)) }
    }

    fn and(mut self, condition: SimpleExpr) -> Self {
        self.condition = self.condition.and(condition);
        self
    }

    fn key(&self) -> impl Iterator<Item = Alias> {
        self.key.iter().map(|column| Alias::new(*column))
    }
}

/// Deletes up to `limit` of these rows and answers how many.
///
/// The condition stands in the delete once more: where rows are locked one by one, a row may have changed since it was
/// found. It is found in a derived table, since MariaDB takes no `LIMIT` in a subquery of `IN`.
async fn delete<E: EntityTrait>(sql: &SqlConnection<'_>, ended: &Ended, limit: u64) -> Result<u64, Failure> {
    let mut find = Query::select();
    find.columns(ended.key()).from(table::<E>()).and_where(ended.condition.clone()).limit(limit);
    let mut found = Query::select();
    found.columns(ended.key()).from_subquery(find, Alias::new("ended"));
    let mut delete = Query::delete();
    delete
        .from_table(table::<E>())
        .and_where(Expr::tuple(ended.key().map(Expr::col)).in_subquery(found))
        .and_where(ended.condition.clone());
    Ok(sql.execute(&delete).await?.rows_affected())
}

/// One kind, in one transaction: rows that ended one way or another.
async fn try_delete<E: EntityTrait>(store: &SqlStore, ways: &[Ended], limit: u64) -> Result<u64, Failure> {
    let transaction = store.begin(Access::Sweep).await?;
    let done = delete_all::<E>(&transaction.sql(), ways, limit).await;
    transaction.settle(done).await
}

async fn delete_all<E: EntityTrait>(sql: &SqlConnection<'_>, ways: &[Ended], limit: u64) -> Result<u64, Failure> {
    let mut deleted = 0;
    for ended in ways {
        if deleted < limit {
            deleted += delete::<E>(sql, ended, limit - deleted).await?;
        }
    }
    Ok(deleted)
}

/// What became of the messages looked at.
#[derive(Clone, Copy)]
struct Sweep {
    looked_at: u64,
    deleted: u64,
}

async fn try_sweep_messages(store: &SqlStore, before: Timestamp, limit: u64) -> Result<Sweep, Failure> {
    let transaction = store.begin(Access::Sweep).await?;
    let done = sweep_messages(&transaction.sql(), before, limit).await;
    transaction.settle(done).await
}

/// Deletes settled messages but the latest of their invitation and channel. Those are put off: a later message may
/// overtake them.
async fn sweep_messages(sql: &SqlConnection<'_>, before: Timestamp, limit: u64) -> Result<Sweep, Failure> {
    use entity::message::{Column, Entity};
    let mut due = Query::select();
    due.column(Alias::new("id"))
        .from(table::<Entity>())
        .and_where(Expr::col(Alias::new("kept_since")).lte(before))
        .order_by(Alias::new("kept_since"), Order::Asc)
        .order_by(Alias::new("id"), Order::Asc)
        .limit(limit);
    let due = ids(sql, &due).await?;
    let looked_at = u64::try_from(due.len()).unwrap_or(u64::MAX);
    if due.is_empty() {
        return Ok(Sweep { looked_at, deleted: 0 });
    }

    let same = |column| col("later", column).eq(col("m", column));
    let newer = col("later", Column::CreatedAt).gt(col("m", Column::CreatedAt));
    let as_new = col("later", Column::CreatedAt).eq(col("m", Column::CreatedAt));
    let mut later = Query::select();
    later
        .expr(Expr::val(1))
        .from_as(table::<Entity>(), Alias::new("later"))
        .and_where(same(Column::OrganizationId))
        .and_where(same(Column::InvitationId))
        .and_where(same(Column::Channel))
        .and_where(col("later", Column::About).is_null())
        .and_where(newer.or(as_new.and(col("later", Column::Id).gt(col("m", Column::Id)))));
    // An account's, a reminder, or what a member was told: none of these stays because it is the last.
    let is_no_invitation = col("m", Column::InvitationId).is_null().or(col("m", Column::About).is_not_null());
    let mut overtaken = Query::select();
    overtaken
        .expr_as(col("m", Column::Id), Alias::new("id"))
        .from_as(table::<Entity>(), Alias::new("m"))
        .and_where(col("m", Column::Id).is_in(due.iter().copied()))
        .and_where(is_no_invitation.or(Expr::exists(later)));
    let overtaken = ids(sql, &overtaken).await?;

    let mut deleted = 0;
    if !overtaken.is_empty() {
        let mut delete = Query::delete();
        delete
            .from_table(table::<Entity>())
            .and_where(Expr::col(Alias::new("id")).is_in(overtaken.iter().copied()))
            // One that was queued again meanwhile is not settled any more.
            .and_where(Expr::col(Alias::new("kept_since")).lte(before));
        deleted = sql.execute(&delete).await?.rows_affected();
    }
    if overtaken.len() < due.len() {
        let mut put_off = Query::update();
        put_off
            .table(table::<Entity>())
            .value(Alias::new("kept_since"), before + LOOK_AGAIN)
            .and_where(Expr::col(Alias::new("id")).is_in(due))
            .and_where(Expr::col(Alias::new("kept_since")).lte(before));
        sql.execute(&put_off).await?;
    }
    Ok(Sweep { looked_at, deleted })
}

async fn ids(sql: &SqlConnection<'_>, select: &sea_orm::sea_query::SelectStatement) -> Result<Vec<Uuid>, Failure> {
    let rows = sql.query_all(select).await?;
    Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?)
}

#[async_trait]
impl Retention for SqlStore {
    async fn purge(&self, cutoffs: &Cutoffs, limit: u32) -> Result<Purged, PortError> {
        let limit = u64::from(limit);
        let answers = [Ended::new(&["scope", "request_key"], "created_at", cutoffs.idempotency_before)];
        let sessions = [
            Ended::new(&["id"], "expires_at", cutoffs.sessions_before),
            Ended::new(&["id"], "last_seen_at", cutoffs.sessions_idle_before),
        ];
        let counters = [Ended::new(&["counter_key"], "window_end", cutoffs.counters_before.timestamp_micros())];
        let links = ["expires_at", "used_at"]
            .map(|column| Ended::new(&["account_id", "purpose"], column, cutoffs.account_links_before));
        // Redemptions and messages go with them, by their references.
        let key = &["organization_id", "id"];
        let invitations = [
            Ended::new(key, "ended_at", cutoffs.invitations_ended_before),
            Ended::new(key, "expires_at", cutoffs.invitations_ended_before)
                .and(is(entity::invitation::Column::State, "pending")),
        ];
        let events = [Ended::new(key, "recorded_at", cutoffs.events_before)];

        let sweep = retrying!(self, try_sweep_messages(self, cutoffs.messages_settled_before, limit))?;
        let mut purged = Purged {
            idempotency: retrying!(self, try_delete::<entity::idempotency::Entity>(self, &answers, limit))?,
            sessions: retrying!(self, try_delete::<entity::session::Entity>(self, &sessions, limit))?,
            counters: retrying!(self, try_delete::<entity::counter::Entity>(self, &counters, limit))?,
            account_links: retrying!(self, try_delete::<entity::account_token::Entity>(self, &links, limit))?,
            messages: sweep.deleted,
            invitations: retrying!(self, try_delete::<entity::invitation::Entity>(self, &invitations, limit))?,
            events: retrying!(self, try_delete::<entity::event::Entity>(self, &events, limit))?,
            organizations: 0,
            more: false,
        };
        let gone = organizations::purge(self, cutoffs.organizations_deleted_before, limit).await?;
        purged.organizations = gone.organizations;
        let Purged { idempotency, sessions, counters, account_links, invitations, events, .. } = purged;
        let kinds = [idempotency, sessions, counters, account_links, sweep.looked_at, invitations, events];
        purged.more = gone.more || kinds.into_iter().any(|reached| reached >= limit);
        Ok(purged)
    }
}
