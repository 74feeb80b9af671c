//! The outbox: messages from the commit that made them until they are settled.
//!
//! A claim writes a token into the row and moves `available_at` to the end of the lease. Whoever settles has to name the
//! token, so a dispatcher that lost its lease writes nothing, whatever its clock says. Engines with `SKIP LOCKED` could let
//! claimants pass each other inside the claim; the lease does not need it.

mod dead;

use crate::{
    convert,
    engine::Hold,
    entity,
    error::Failure,
    invitations::load,
    sql::{SqlConnection, col, insert, is, select_from, table},
    store::{Access, SqlStore, retrying},
};
use async_trait::async_trait;
use entity::message::{Column, Entity, Model};
use invite_domain::{
    directory::{Logo, LogoId, Organization},
    id::{AccountId, MessageId, OrganizationId},
    invitation::{Channel, DeadLetter, DeliveryState, Event, MessageKind, OutboxMessage, Reason},
    page::{Page, PageRequest},
    port::{DeliveryFacts, Lease, Outbox, PortError, Settlement},
    secret::account_token::AccountPurpose,
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait, FromQueryResult, Order,
    sea_query::{Alias, Expr, ExprTrait, LockBehavior, LockType, Query, SelectStatement},
};

/// Queued messages of a channel that can be claimed now, the first available first: in the order of an index.
fn select_claimable(channel: Channel, limit: u32, now: Timestamp) -> SelectStatement {
    let mut select = select_from::<Entity>("m");
    select
        .and_where(col("m", Column::Channel).eq(channel.name()))
        .and_where(col("m", Column::State).eq(DeliveryState::Queued.name()))
        .and_where(col("m", Column::AvailableAt).lte(now))
        .order_by_expr(col("m", Column::AvailableAt), Order::Asc)
        .order_by_expr(col("m", Column::Id), Order::Asc)
        .limit(u64::from(limit))
        // Where writers lock rows, claimants pass over each other's; on SQLite there is one writer and nothing to skip.
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    select
}

async fn claim(
    sql: &SqlConnection<'_>,
    channels: &[Channel],
    lease: &Lease,
    limit: u32,
    now: Timestamp,
) -> Result<Vec<OutboxMessage>, Failure> {
    let mut rows = Vec::new();
    for &channel in channels {
        for row in sql.query_all(&select_claimable(channel, limit, now)).await? {
            rows.push(Model::from_query_result(&row, "m_")?);
        }
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    rows.sort_by_key(|row| (row.available_at, row.id));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let mut update = Query::update();
    update
        .table(table::<Entity>())
        .value(Alias::new("lease_token"), lease.token)
        .value(Alias::new("available_at"), now + lease.lasts)
        .and_where(Expr::col(Alias::new("id")).is_in(rows.iter().map(|row| row.id)));
    sql.execute(&update).await?;
    let mut messages = rows.iter().map(convert::message).collect::<Result<Vec<_>, _>>()?;
    messages.sort_by_key(|message| (message.next_attempt_at, message.id));
    Ok(messages)
}

async fn settle(
    sql: &SqlConnection<'_>,
    message: MessageId,
    lease: &Lease,
    settlement: Settlement,
    event: Option<&Event>,
    now: Timestamp,
) -> Result<bool, Failure> {
    let (state, reason) = match settlement {
        Settlement::Sent => (DeliveryState::Sent, None),
        Settlement::Retry { reason, .. } => (DeliveryState::Queued, Some(reason)),
        Settlement::Failed(reason) => (DeliveryState::Failed, Some(reason)),
        Settlement::Cancelled(reason) => (DeliveryState::Cancelled, Some(reason)),
    };
    let settled_at = (state != DeliveryState::Queued).then_some(now);
    if let Some(event) = event
        && sql.engine().references_hold_rows()
    {
        // The event will hold its organisation's row; whoever has that row may want the message's.
        let mut organization = Query::select();
        organization
            .expr(Expr::val(1))
            .from(table::<entity::organization::Entity>())
            .and_where(is(entity::organization::Column::Id, event.organization_id.as_uuid()));
        sql.engine().hold(&mut organization, Hold::Shared);
        sql.query_all(&organization).await?;
    }
    let mut update = Query::update();
    update
        .table(table::<Entity>())
        .value(Alias::new("state"), state.name())
        .value(Alias::new("reason"), reason.map(Reason::name))
        .value(Alias::new("lease_token"), Option::<uuid::Uuid>::None)
        .value(Alias::new("settled_at"), settled_at)
        .value(Alias::new("kept_since"), settled_at);
    if settled_at.is_some() {
        // Nobody needs it any more, and it is of somebody who may want to be forgotten.
        update.value(Alias::new("address"), Option::<String>::None);
    }
    if !matches!(settlement, Settlement::Cancelled(_)) {
        update.value(Alias::new("attempts"), Expr::col(Alias::new("attempts")).add(1));
    }
    if let Settlement::Retry { at, .. } = settlement {
        update.value(Alias::new("next_attempt_at"), at).value(Alias::new("available_at"), at);
    }
    update
        .and_where(is(Column::Id, message.as_uuid()))
        .and_where(is(Column::State, DeliveryState::Queued.name()))
        .and_where(is(Column::LeaseToken, lease.token));
    if sql.execute(&update).await?.rows_affected() != 1 {
        return Ok(false);
    }
    let events: Vec<_> = event.into_iter().map(convert::event_row).collect();
    insert::<entity::event::Entity>(sql, &events).await?;
    Ok(true)
}

async fn try_claim(
    store: &SqlStore,
    channels: &[Channel],
    lease: &Lease,
    limit: u32,
    now: Timestamp,
) -> Result<Vec<OutboxMessage>, Failure> {
    let transaction = store.begin(Access::Write).await?;
    let claimed = claim(&transaction.sql(), channels, lease, limit, now).await;
    transaction.settle(claimed).await
}

async fn try_settle(
    store: &SqlStore,
    message: MessageId,
    lease: &Lease,
    settlement: Settlement,
    event: Option<&Event>,
    now: Timestamp,
) -> Result<bool, Failure> {
    let transaction = store.begin(Access::Write).await?;
    let settled = settle(&transaction.sql(), message, lease, settlement, event, now).await;
    transaction.settle(settled).await
}

/// Each channel is asked for by itself: its first row stands first in an index, and the first of several channels would be
/// looked for among all that wait.
async fn next_due(sql: &SqlConnection<'_>, channels: &[Channel]) -> Result<Option<Timestamp>, Failure> {
    let mut first: Option<Timestamp> = None;
    for &channel in channels {
        let mut select = Query::select();
        select
            .expr_as(Expr::col(Alias::new("available_at")).min(), Alias::new("due"))
            .from(table::<Entity>())
            .and_where(is(Column::Channel, channel.name()))
            .and_where(is(Column::State, DeliveryState::Queued.name()));
        let next: Option<Timestamp> = match sql.query_one(&select).await? {
            Some(row) => row.try_get("", "due")?,
            None => None,
        };
        first = first.into_iter().chain(next).min();
    }
    Ok(first)
}

/// The organisation the message is of, or the one the account is longest in.
async fn organization_of(
    sql: &SqlConnection<'_>,
    named: Option<OrganizationId>,
    account: AccountId,
) -> Result<Option<Organization>, Failure> {
    use entity::{membership, organization};
    let read = |row: Option<sea_orm::QueryResult>| {
        let row = row.map(|row| organization::Model::from_query_result(&row, "o_")).transpose()?;
        Ok::<_, Failure>(row.map(convert::organization).transpose()?)
    };
    let undeleted = || {
        let mut select = select_from::<organization::Entity>("o");
        select.and_where(col("o", organization::Column::DeletedAt).is_null()).limit(1);
        select
    };
    if let Some(id) = named {
        let mut select = undeleted();
        select.and_where(col("o", organization::Column::Id).eq(id.as_uuid()));
        if let Some(organization) = read(sql.query_one(&select).await?)? {
            return Ok(Some(organization));
        }
    }
    let mut select = undeleted();
    select
        .join_as(
            sea_orm::JoinType::InnerJoin,
            table::<membership::Entity>(),
            Alias::new("m"),
            col("m", membership::Column::OrganizationId).eq(col("o", organization::Column::Id)),
        )
        .and_where(col("m", membership::Column::AccountId).eq(account.as_uuid()))
        .order_by_expr(col("m", membership::Column::CreatedAt), Order::Asc)
        .order_by_expr(col("m", membership::Column::Id), Order::Asc);
    read(sql.query_one(&select).await?)
}

async fn load_delivery(
    store: &SqlStore,
    sql: &SqlConnection<'_>,
    message: &OutboxMessage,
) -> Result<DeliveryFacts, Failure> {
    match message.kind {
        MessageKind::Invitation { invitation_id, .. } | MessageKind::Reminder { invitation_id, .. } => {
            let found = load::delivery(sql, store.directory(), invitation_id).await?;
            Ok(found.map_or(DeliveryFacts::Gone, |found| DeliveryFacts::Invitation {
                organization: Box::new(found.organization),
                record: Box::new(found.record),
                account_locale: found.account_locale,
                blocked: found.blocked,
            }))
        }
        MessageKind::Notice { invitation_id, account_id, .. } => {
            let found = load::notice(sql, store.directory(), invitation_id, account_id).await?;
            Ok(found.unwrap_or(DeliveryFacts::Gone))
        }
        MessageKind::Account { account_id, purpose, .. } => {
            account_delivery(sql, message, account_id, Some(purpose)).await
        }
        MessageKind::AddressChanged { account_id } => account_delivery(sql, message, account_id, None).await,
    }
}

async fn account_delivery(
    sql: &SqlConnection<'_>,
    message: &OutboxMessage,
    account_id: AccountId,
    purpose: Option<AccountPurpose>,
) -> Result<DeliveryFacts, Failure> {
    let Some(account) = crate::directory::account(sql, account_id).await? else {
        return Ok(DeliveryFacts::Gone);
    };
    let token = match purpose {
        Some(purpose) => crate::directory::account_token(sql, account_id, purpose).await?,
        None => None,
    };
    let organization = organization_of(sql, message.organization_id, account_id).await?;
    Ok(DeliveryFacts::Account {
        account: Box::new(account),
        token: token.map(Box::new),
        organization: organization.map(Box::new),
    })
}

#[async_trait]
impl Outbox for SqlStore {
    async fn claim(
        &self,
        channels: &[Channel],
        lease: &Lease,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OutboxMessage>, PortError> {
        retrying!(self, try_claim(self, channels, lease, limit, now))
    }

    async fn load_delivery(&self, message: &OutboxMessage) -> Result<DeliveryFacts, PortError> {
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let facts = load_delivery(self, &transaction.sql(), message).await;
        transaction.finish(facts).await
    }

    async fn load_logo(&self, id: &LogoId) -> Result<Option<Logo>, PortError> {
        crate::directory::logo(&self.reading(), id).await.map_err(Failure::into_port)
    }

    async fn settle(
        &self,
        message: MessageId,
        lease: &Lease,
        settlement: Settlement,
        event: Option<Event>,
        now: Timestamp,
    ) -> Result<bool, PortError> {
        retrying!(self, try_settle(self, message, lease, settlement, event.as_ref(), now))
    }

    async fn next_due(&self, channels: &[Channel]) -> Result<Option<Timestamp>, PortError> {
        next_due(&self.reading(), channels).await.map_err(Failure::into_port)
    }

    async fn dead_letters(
        &self,
        organization_id: OrganizationId,
        page: &PageRequest,
    ) -> Result<Page<DeadLetter>, PortError> {
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let letters = dead::list(&transaction.sql(), organization_id, page).await;
        transaction.finish(letters).await
    }

    async fn dead_letter(
        &self,
        organization_id: OrganizationId,
        id: MessageId,
    ) -> Result<Option<DeadLetter>, PortError> {
        dead::one(&self.reading(), organization_id, id).await.map_err(Failure::into_port)
    }
}
