//! Statistics: one statement counts whatever an index can count, a few more ask what is suspended and how long people took.
//!
//! Each part of the first statement is answered by an index alone, or by an index and the rows within the weeks: invitations
//! by when they were issued, and by state and end; redemptions by when they were; messages by state and when they were settled.
//! Only the counts of ended invitations grow with an organisation's past, by an entry of an index each.

use crate::{
    convert,
    directory::SqlDirectory,
    entity,
    error::Failure,
    invitations::coverage::{is_open, is_pending, uncovered},
    sql::{SqlConnection, col, count, table},
    store::{Access, SqlStore},
};
use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use invite_domain::{
    invitation::{DeliveryState, Status},
    port::{Figures, FiguresQuery, PortError, Statistics, WeekFigures},
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait, EntityTrait, IdenStatic, JoinType, Order,
    sea_query::{Alias, CaseStatement, Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr, UnionType},
};
use std::collections::HashMap;

use entity::{invitation, message, redemption};

/// What a statement counts, by its word and by week or state.
type Counts = HashMap<(String, String), u64>;

#[async_trait]
impl Statistics for SqlStore {
    async fn figures(&self, query: &FiguresQuery) -> Result<Figures, PortError> {
        query.check()?;
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let figures = figures(&transaction.sql(), self.directory(), query).await;
        transaction.finish(figures).await
    }
}

async fn figures(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    query: &FiguresQuery,
) -> Result<Figures, Failure> {
    let counts = all_counts(sql, query).await?;
    let counted = |what: &str, slot: &str| counts.get(&(what.to_owned(), slot.to_owned())).copied().unwrap_or_default();
    let suspended = suspended(sql, directory, query).await?;
    let (pending, open, expired) = (counted("state", "pending"), counted("open", ""), counted("lapsed", ""));
    let weeks = (0..query.boundaries.len() - 1).map(|week| {
        let in_week = |what| counted(what, &week.to_string());
        WeekFigures {
            issued: in_week("issued"),
            sent: in_week("sent"),
            accepted: in_week("accepted"),
            declined: in_week("declined"),
            expired: in_week("expired"),
        }
    });
    Ok(Figures {
        weeks: weeks.collect(),
        statuses: [
            (Status::Pending, open.saturating_sub(suspended)),
            (Status::Suspended, suspended),
            (Status::Expired, expired),
            (Status::Exhausted, pending.saturating_sub(open).saturating_sub(expired)),
            (Status::Redeemed, counted("state", "redeemed")),
            (Status::Declined, counted("state", "declined")),
            (Status::Revoked, counted("state", "revoked")),
        ]
        .into(),
        waits: waits(sql, query).await?,
        expiring: counted("expiring", ""),
        failed_deliveries: counted("failed", ""),
    })
}

/// Everything that is only counted, in one statement.
async fn all_counts(sql: &SqlConnection<'_>, query: &FiguresQuery) -> Result<Counts, Failure> {
    let now = query.now;
    let in_week = |what: &str, select: SelectStatement, at: SimpleExpr| {
        let (first, last) = (query.boundaries.first(), query.boundaries.last());
        let mut select = select;
        select.and_where(at.clone().gte(first.copied())).and_where(at.clone().lt(last.copied()));
        counting(what, select, week(&query.boundaries, &at))
    };
    let invitations = || of::<invitation::Entity, _>("i", invitation::Column::OrganizationId, query);
    let messages = |state: DeliveryState| {
        let mut select = of::<message::Entity, _>("m", message::Column::OrganizationId, query);
        select.and_where(col("m", message::Column::State).eq(state.name()));
        // As dead letters are chosen: other messages are of accounts, or tell of what happened.
        select
            .and_where(col("m", message::Column::InvitationId).is_not_null())
            .and_where(convert::carries_link(col("m", message::Column::About)));
        select
    };
    let expires = || col("i", invitation::Column::ExpiresAt);
    let unended = || {
        let mut select = invitations();
        select.and_where(is_pending()).and_where(col("i", invitation::Column::EndedAt).is_null());
        select
    };
    let declined = {
        let mut select = invitations();
        select.and_where(col("i", invitation::Column::State).eq("declined"));
        select
    };
    let lapsed = || {
        let mut select = unended();
        select.and_where(expires().lte(now));
        select
    };
    let open = || {
        let mut select = unended();
        select.and_where(is_open(now));
        select
    };
    let expiring = {
        let mut select = open();
        select.and_where(expires().lt(query.expiring_before));
        select
    };
    let redemptions = of::<redemption::Entity, _>("r", redemption::Column::OrganizationId, query);
    let mut statement = in_week("issued", invitations(), col("i", invitation::Column::CreatedAt));
    for part in [
        in_week("declined", declined, col("i", invitation::Column::EndedAt)),
        in_week("expired", lapsed(), expires()),
        in_week("accepted", redemptions, col("r", redemption::Column::RedeemedAt)),
        in_week("sent", messages(DeliveryState::Sent), col("m", message::Column::SettledAt)),
        counting("state", invitations(), col("i", invitation::Column::State)),
        alone("open", open()),
        alone("lapsed", lapsed()),
        alone("expiring", expiring),
        alone("failed", messages(DeliveryState::Failed)),
    ] {
        statement.union(UnionType::All, part);
    }
    let mut counts = Counts::new();
    for row in sql.query_all(&statement).await? {
        let found: i64 = row.try_get("", "found")?;
        let place = (row.try_get("", "what")?, row.try_get("", "slot")?);
        counts.insert(place, u64::try_from(found).unwrap_or_default());
    }
    Ok(counts)
}

/// A select from the organisation's rows of `E`, of nothing yet.
fn of<E: EntityTrait, C: IdenStatic>(alias: &'static str, organization: C, query: &FiguresQuery) -> SelectStatement {
    let mut select = Query::select();
    select
        .from_as(table::<E>(), Alias::new(alias))
        .and_where(col(alias, organization).eq(query.organization_id.as_uuid()));
    select
}

/// Counts a select's rows by `slot`.
fn counting(what: &str, mut select: SelectStatement, slot: SimpleExpr) -> SelectStatement {
    select
        .expr_as(word(what), Alias::new("what"))
        .expr_as(slot, Alias::new("slot"))
        .expr_as(Func::count(Expr::val(1)), Alias::new("found"))
        // By its name: written out again it would have other parameters, and be another expression to PostgreSQL.
        .add_group_by([Expr::col(Alias::new("slot"))]);
    select
}

/// Counts a select's rows.
fn alone(what: &str, mut select: SelectStatement) -> SelectStatement {
    select
        .expr_as(word(what), Alias::new("what"))
        .expr_as(word(""), Alias::new("slot"))
        .expr_as(Func::count(Expr::val(1)), Alias::new("found"));
    select
}

/// A word of ours, written into the statement: a parameter would have no type of its own.
fn word(word: &str) -> SimpleExpr {
    Expr::cust(format!("'{word}'"))
}

/// The week an instant within the weeks is in, as a word.
fn week(boundaries: &[Timestamp], at: &SimpleExpr) -> SimpleExpr {
    let mut case = CaseStatement::new();
    let last = boundaries.len() - 2;
    for (week, end) in boundaries.iter().skip(1).take(last).enumerate() {
        case = case.case(at.clone().lt(*end), word(&week.to_string()));
    }
    if last == 0 { word("0") } else { case.finally(word(&last.to_string())).into() }
}

/// How many open invitations are suspended.
async fn suspended(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    query: &FiguresQuery,
) -> Result<u64, Failure> {
    let keys = uncovered(sql, directory, query.organization_id, query.now, None).await?;
    if keys.is_empty() {
        return Ok(0);
    }
    let mut select = of::<invitation::Entity, _>("i", invitation::Column::OrganizationId, query);
    select.and_where(is_open(query.now)).and_where(col("i", invitation::Column::AuthorityKey).is_in(keys));
    Ok(count(sql, select).await?)
}

/// How long the last redemptions within the weeks took.
async fn waits(sql: &SqlConnection<'_>, query: &FiguresQuery) -> Result<Vec<Duration>, Failure> {
    let redeemed = || col("r", redemption::Column::RedeemedAt);
    let mut select = of::<redemption::Entity, _>("r", redemption::Column::OrganizationId, query);
    let same = col("i", invitation::Column::OrganizationId)
        .eq(col("r", redemption::Column::OrganizationId))
        .and(col("i", invitation::Column::Id).eq(col("r", redemption::Column::InvitationId)));
    select
        .expr_as(col("i", invitation::Column::CreatedAt), Alias::new("created_at"))
        .expr_as(redeemed(), Alias::new("redeemed_at"))
        .join_as(JoinType::InnerJoin, table::<invitation::Entity>(), Alias::new("i"), same)
        .and_where(redeemed().gte(query.boundaries.first().copied()))
        .and_where(redeemed().lt(query.boundaries.last().copied()))
        .and_where(col("i", invitation::Column::MaxUses).eq(1))
        .order_by_expr(redeemed(), Order::Desc)
        .order_by_expr(col("r", redemption::Column::Id), Order::Desc)
        .limit(u64::from(query.waits));
    let rows = sql.query_all(&select).await?;
    rows.iter()
        .map(|row| {
            let created: DateTime<Utc> = row.try_get("", "created_at")?;
            let redeemed: DateTime<Utc> = row.try_get("", "redeemed_at")?;
            Ok(redeemed - created)
        })
        .collect()
}
