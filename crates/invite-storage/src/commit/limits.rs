//! Limits a plan keeps within (rules 9.1, 9.2), held in the transaction that writes it.
//!
//! A plan that exceeds one is not refused at once: it is written on, so that a guard that is checked by the write itself (a
//! version in an update, a unique key) still makes it stale. Only a plan whose guards all held is refused, and whoever
//! refuses it rolls everything back, what was counted too.
//!
//! **Seats** are not stored. The organisation's row is held alone (`locks.rs`) before any other guard shares it, so that two
//! plans that take a seat follow each other; the writes done, one statement counts members and live invitations. One, since
//! a redemption elsewhere turns an invitation into a member without that row: two statements could see neither or both.
//!
//! **Budgets** are the limiter's counters, raised by its own statement, but in the plan's transaction.
//!
//! **Live invitations** are bounded by a counter, `live:` and the organisation's id, that is never lower than the truth while
//! it is there. Every plan that makes an invitation live under a limit raises it first and writes then; one that gives
//! time to an invitation about to expire does so too, since by another's clock it may be no longer counted. Endings and
//! expiries do not lower it; where it stands at the limit, or is not there, the plan holds its row, counts what is true once its own
//! writes are done, and leaves that number. A counter that is not there means: count. So it may be deleted at any time. Under
//! `READ COMMITTED`, with T a plan that makes an invitation live and D a deletion:
//!
//! - T raised the row first: D waits for T's commit or rollback. Once the row is gone, T's invitation is there to be counted.
//! - D deleted it first: T's update waits for D, finds nothing, and inserts the row. Whoever had raised the old row held it
//!   until its commit, and D waited for all of those: T counts what they wrote, since its count is a statement, and a
//!   snapshot, that begins after D's commit.
//! - Two plans find no row: both insert, one of them waits for the other's end. It then holds the row the other has left and
//!   counts the other's invitation, or, where the other was rolled back, inserts its own.
//! - D comes between T's update, that found the row at its limit, and T's insertion: T makes the row anew. Between T's insertion
//!   and its end D waits.
//! - D has found the row by its age, and T counts anew before D holds it: D looks at the age again and leaves it, or, where it
//!   asks for no age, deletes it after T's commit, as above.
//!
//! Plans without a limit do not count. So the row goes whenever its organisation is changed, which waits for all plans that
//! were decided under the old limit, and all of them go when a service starts (`SqlStore::forget_live_counts`).

use crate::{
    directory::SqlDirectory,
    entity,
    error::Failure,
    limiter::{self, Window},
    sql::{SqlConnection, insert_statement, is, table},
};
use chrono::Duration;
use entity::counter::{Column, Entity, Model};
use invite_domain::{
    id::OrganizationId,
    invitation::{Budgeted, Limit, Plan, Shortage},
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, OnConflict, Query, SelectStatement, SimpleExpr},
};

/// What the keys of the counters of live invitations begin with, and the first text after all of those.
const LIVE: &str = "live:";
const AFTER_LIVE: &str = "live;";

/// How long a count is believed. A process without a limit counts nothing, so while such a one runs beside, a count may be too low;
/// it is that no longer than this after the other has ended.
const KEPT: Duration = Duration::minutes(10);

/// A counter a plan raises, and its limit.
enum Counter {
    Live { organization: OrganizationId, most: i64, at: Timestamp },
    Budget { of: Budgeted, window: Window, count: i64 },
}

/// The limits of a plan, and where it exceeds them.
pub(super) struct Limits<'p> {
    plan: &'p Plan,
    /// Those whose counter decides nothing: what is true has to be counted. Their rows are held.
    to_count: Vec<(OrganizationId, i64, Timestamp)>,
    shortages: Vec<Shortage>,
}

impl<'p> Limits<'p> {
    pub(super) fn of(plan: &'p Plan) -> Self {
        Self { plan, to_count: Vec::new(), shortages: Vec::new() }
    }

    /// Raises the counters, in the order of their keys, so that two plans never hold each other up (rule 6.7). Each costs one
    /// statement where there is room.
    pub(super) async fn raise(&mut self, sql: &SqlConnection<'_>) -> Result<(), Failure> {
        let mut counters: Vec<_> = self.plan.limits.iter().filter_map(counter).collect();
        counters.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (key, counter) in counters {
            match counter {
                Counter::Budget { of, window, count } => {
                    if !limiter::raise(sql, &window, count).await? {
                        self.shortages.push(Shortage::Budget { of, until: window.ends_at() });
                    }
                }
                Counter::Live { organization, most, at } => {
                    if !raise_live(sql, &key, 1, most, at).await? {
                        hold_live(sql, key, at).await?;
                        self.to_count.push((organization, most, at));
                    }
                }
            }
        }
        Ok(())
    }

    /// Counts what has to be counted, now that all is written, and refuses the plan where it exceeds a limit.
    pub(super) async fn keep(mut self, sql: &SqlConnection<'_>, directory: &dyn SqlDirectory) -> Result<(), Failure> {
        for (organization, most, at) in std::mem::take(&mut self.to_count) {
            if !count_live(sql, organization, most, at).await? {
                self.shortages.push(Shortage::Live);
            }
        }
        for limit in &self.plan.limits {
            if let Limit::Seats { organization_id, most, at } = limit
                && seats_taken(sql, directory, *organization_id, *at).await? > *most
            {
                self.shortages.push(Shortage::Seats);
            }
        }
        // What no time mends comes first; of budgets, the one that is used up for longest.
        let worst = self.shortages.into_iter().max_by_key(|shortage| match shortage {
            Shortage::Seats => (2, None),
            Shortage::Live => (1, None),
            Shortage::Budget { until, .. } => (0, Some(*until)),
        });
        worst.map_or(Ok(()), |shortage| Err(Failure::Refused(shortage)))
    }
}

fn counter(limit: &Limit) -> Option<(String, Counter)> {
    match limit {
        Limit::Seats { .. } => None,
        Limit::Live { organization_id, most, at } => {
            let counter = Counter::Live { organization: *organization_id, most: *most, at: *at };
            Some((live_key(*organization_id), counter))
        }
        Limit::Budget { of, spending, count, at } => {
            let window = Window::of(spending, *at);
            Some((window.key.clone(), Counter::Budget { of: *of, window, count: i64::from(*count) }))
        }
    }
}

pub(super) fn live_key(organization: OrganizationId) -> String {
    format!("{LIVE}{}", organization.as_uuid())
}

/// Raises the counter by so many, where it is there, not too old and has room for all.
pub(super) async fn raise_live(
    sql: &SqlConnection<'_>,
    key: &str,
    count: i64,
    most: i64,
    at: Timestamp,
) -> Result<bool, Failure> {
    let taken = || Expr::col(Alias::new("taken"));
    let mut update = Query::update();
    update
        .table(table::<Entity>())
        .value(Alias::new("taken"), taken().add(count))
        .and_where(is(Column::CounterKey, key))
        .and_where(Expr::col(Alias::new("window_end")).gt(at.timestamp_micros()))
        .and_where(taken().lte(most - count));
    Ok(sql.execute(&update).await?.rows_affected() == 1)
}

/// Makes the counter, or holds the one there is: nobody else raises, makes or deletes it before this transaction's end.
async fn hold_live(sql: &SqlConnection<'_>, key: String, at: Timestamp) -> Result<(), Failure> {
    let (window_start, window_end) = (at.timestamp_micros(), (at + KEPT).timestamp_micros());
    let mut make = insert_statement::<Entity>(&[Model { counter_key: key, window_start, window_end, taken: 0 }], None);
    let place = Alias::new("counter_key");
    make.on_conflict(OnConflict::column(place.clone()).update_column(place).to_owned());
    sql.execute(&make).await?;
    Ok(())
}

/// Counts the live invitations, leaves their number in the counter, and answers whether there are not too many.
async fn count_live(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    most: i64,
    at: Timestamp,
) -> Result<bool, Failure> {
    let live = number(sql, scalar(live_invitations(organization, at))).await?;
    if live > most {
        return Ok(false);
    }
    let mut update = Query::update();
    update
        .table(table::<Entity>())
        .value(Alias::new("taken"), live)
        .value(Alias::new("window_start"), at.timestamp_micros())
        .value(Alias::new("window_end"), (at + KEPT).timestamp_micros())
        .and_where(is(Column::CounterKey, live_key(organization)));
    sql.execute(&update).await?;
    Ok(true)
}

/// Members and live invitations together, at one moment.
async fn seats_taken(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    at: Timestamp,
) -> Result<i64, Failure> {
    let taken = scalar(directory.members(organization)).add(scalar(live_invitations(organization, at)));
    number(sql, taken).await
}

async fn number(sql: &SqlConnection<'_>, number: SimpleExpr) -> Result<i64, Failure> {
    let mut select = Query::select();
    select.expr_as(number, Alias::new("number"));
    let row = sql.query_one(&select).await?;
    Ok(row.map(|row| row.try_get("", "number")).transpose()?.unwrap_or_default())
}

/// How many invitations are live, as a query of one number.
fn live_invitations(organization: OrganizationId, at: Timestamp) -> SelectStatement {
    use entity::invitation;
    let mut count = Query::select();
    count
        .expr(Expr::col(Asterisk).count())
        .from(table::<invitation::Entity>())
        .and_where(is(invitation::Column::OrganizationId, organization.as_uuid()))
        .and_where(is(invitation::Column::State, "pending"))
        .and_where(Expr::col(Alias::new("expires_at")).gt(at));
    count
}

fn scalar(select: SelectStatement) -> SimpleExpr {
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}

/// Deletes an organisation's count of live invitations, or all such counts.
pub(crate) async fn forget_live(sql: &SqlConnection<'_>, organization: Option<OrganizationId>) -> Result<(), Failure> {
    let key = || Expr::col(Alias::new("counter_key"));
    let mut delete = Query::delete();
    delete.from_table(table::<Entity>()).and_where(match organization {
        Some(organization) => key().eq(live_key(organization)),
        None => key().gte(LIVE).and(key().lt(AFTER_LIVE)),
    });
    sql.execute(&delete).await?;
    Ok(())
}
