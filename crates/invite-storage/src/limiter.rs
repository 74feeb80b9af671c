//! Counters in fixed windows, each raised by one guarded statement in a transaction of its own.

use crate::{
    entity,
    error::Failure,
    group::rows,
    sql::{SqlConnection, insert_statement, is, table},
    store::{Access, SqlStore, retrying},
};
use async_trait::async_trait;
use chrono::DateTime;
use entity::counter::{Column, Entity, Model};
use invite_domain::{
    port::{Limiter, PortError, Spending},
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Alias, CaseStatement, Expr, ExprTrait, OnConflict, Query, SimpleExpr},
};

/// One budget in the window of an instant.
#[derive(Debug)]
pub(crate) struct Window {
    /// Key and length: two budgets of one key are counted apart.
    pub(crate) key: String,
    /// When the window began, in microseconds from the epoch.
    start: i64,
    /// When it ends, in microseconds from the epoch.
    end: i64,
    limit: i64,
}

impl Window {
    pub(crate) fn of(spending: &Spending, at: Timestamp) -> Self {
        let length = Ord::max(spending.budget.window.num_microseconds().unwrap_or(i64::MAX), 1);
        let start = at.timestamp_micros().div_euclid(length).saturating_mul(length);
        Self {
            key: format!("{}/{length}", spending.key),
            start,
            end: start.saturating_add(length),
            limit: i64::from(spending.budget.limit),
        }
    }

    /// When the window began, in microseconds from the epoch.
    pub(crate) fn start(&self) -> i64 {
        self.start
    }

    /// How much there is.
    pub(crate) fn limit(&self) -> i64 {
        self.limit
    }

    /// The counter as it is when `count` are the first that are taken.
    fn counter(&self, count: i64) -> Model {
        let Self { key, start, end, .. } = self;
        Model { counter_key: key.clone(), window_start: *start, window_end: *end, taken: count }
    }

    pub(crate) fn ends_at(&self) -> Timestamp {
        DateTime::from_timestamp_micros(self.end).unwrap_or(DateTime::<chrono::Utc>::MAX_UTC)
    }
}

fn own(column: &'static str) -> SimpleExpr {
    Expr::col((table::<Entity>(), Alias::new(column)))
}

/// Raises a counter by `count`, or answers `false` where that is more than its limit leaves.
///
/// A window that began before the present one is over and counts from one again. One that began after it is another
/// replica's, whose clock is ahead: the attempt counts there, never as a fresh window.
pub(crate) async fn raise(sql: &SqlConnection<'_>, window: &Window, count: i64) -> Result<bool, Failure> {
    let left_before = window.limit - count;
    if left_before < 0 {
        return Ok(false);
    }
    let fresh = || own("window_start").lt(window.start);
    let bound = || fresh().or(own("taken").lte(left_before));
    let row = window.counter(count);
    if !sql.engine().upserts_conditionally() {
        return raise_held(sql, Model { taken: 0, ..row }, bound(), assignments(window, count)).await;
    }
    let mut upsert = insert_statement::<Entity>(&[row], None);
    upsert.on_conflict(
        OnConflict::column(Alias::new("counter_key"))
            .values(assignments(window, count))
            .action_and_where(bound())
            .to_owned(),
    );
    Ok(sql.execute(&upsert).await?.rows_affected() == 1)
}

/// Raises several counters of one limit, each by its count; `false` where one of them has no room: then some are raised, and
/// some not.
pub(crate) async fn raise_all(sql: &SqlConnection<'_>, counts: &[(&Window, i64)]) -> Result<bool, Failure> {
    if counts.len() < 2 || !sql.engine().upserts_conditionally() {
        for (window, count) in counts {
            if !raise(sql, window, *count).await? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    let Some(limit) = counts.iter().map(|(window, _)| window.limit).min() else { return Ok(true) };
    if counts.iter().any(|(_, count)| *count > limit) {
        return Ok(false);
    }
    let mut rows: Vec<Model> = counts.iter().map(|(window, count)| window.counter(*count)).collect();
    rows.sort_by(|one, other| one.counter_key.cmp(&other.counter_key));
    let new = |column: &'static str| Expr::col((Alias::new("excluded"), Alias::new(column)));
    let fresh = || own("window_start").lt(new("window_start"));
    let sum = || own("taken").add(new("taken"));
    let mut there = OnConflict::column(Alias::new("counter_key"));
    for (column, otherwise) in
        [("taken", sum()), ("window_end", own("window_end")), ("window_start", own("window_start"))]
    {
        let value: SimpleExpr = CaseStatement::new().case(fresh(), new(column)).finally(otherwise).into();
        there.value(Alias::new(column), value);
    }
    there.action_and_where(fresh().or(sum().lte(limit)));
    let rows: Vec<&Model> = rows.iter().collect();
    let raised = rows::upsert::<Entity>(sql, &rows, &there).await?;
    Ok(usize::try_from(raised) == Ok(rows.len()))
}

/// What `count` more make of a counter that exists.
fn assignments(window: &Window, count: i64) -> [(Alias, SimpleExpr); 3] {
    let fresh = || own("window_start").lt(window.start);
    let taken = CaseStatement::new().case(fresh(), count).finally(own("taken").add(count));
    let start = CaseStatement::new().case(fresh(), window.start).finally(own("window_start"));
    let end = CaseStatement::new().case(fresh(), window.end).finally(own("window_end"));
    // MySQL's engines read a column as it was set further left: the one all others look at comes last.
    [
        (Alias::new("taken"), taken.into()),
        (Alias::new("window_end"), end.into()),
        (Alias::new("window_start"), start.into()),
    ]
}

/// The same where an upsert takes no condition: the counter is raised within its bound; where there is none, or it has no room,
/// it is made at nought or, as it is, held, then raised.
async fn raise_held(
    sql: &SqlConnection<'_>,
    nought: Model,
    bound: SimpleExpr,
    assignments: [(Alias, SimpleExpr); 3],
) -> Result<bool, Failure> {
    let mut update = Query::update();
    update
        .table(table::<Entity>())
        .values(assignments)
        .and_where(is(Column::CounterKey, nought.counter_key.as_str()))
        .and_where(bound);
    if sql.execute(&update).await?.rows_affected() == 1 {
        return Ok(true);
    }
    let mut make = insert_statement::<Entity>(&[nought], None);
    let place = Alias::new("counter_key");
    make.on_conflict(OnConflict::column(place.clone()).update_column(place).to_owned());
    sql.execute(&make).await?;
    Ok(sql.execute(&update).await?.rows_affected() == 1)
}

/// Takes one attempt of every budget, or answers when the last of the used-up windows ends. The caller rolls back then.
async fn take(sql: &SqlConnection<'_>, windows: &[Window]) -> Result<Option<Timestamp>, Failure> {
    let mut refused_until = None;
    for window in windows {
        if !raise(sql, window, 1).await? {
            refused_until = Ord::max(refused_until, Some(window.ends_at()));
        }
    }
    Ok(refused_until)
}

async fn try_take(store: &SqlStore, windows: &[Window]) -> Result<Option<Timestamp>, Failure> {
    let transaction = store.begin(Access::Write).await?;
    match take(&transaction.sql(), windows).await {
        Ok(None) => transaction.commit().await.map(|()| None),
        other => {
            transaction.rollback().await;
            other
        }
    }
}

#[async_trait]
impl Limiter for SqlStore {
    async fn take(&self, spendings: &[Spending], now: Timestamp) -> Result<Option<Timestamp>, PortError> {
        let mut windows: Vec<_> = spendings.iter().map(|spending| Window::of(spending, now)).collect();
        // Counters are taken by key, so that two takers never hold each other up (rule 6.7).
        windows.sort_by(|one, other| one.key.cmp(&other.key));
        retrying!(self, try_take(self, &windows))
    }

    async fn give_back(&self, spendings: &[Spending], taken_at: Timestamp) -> Result<(), PortError> {
        retrying!(self, try_give_back(self, spendings, taken_at))
    }
}

async fn try_give_back(store: &SqlStore, spendings: &[Spending], taken_at: Timestamp) -> Result<(), Failure> {
    let transaction = store.begin(Access::Write).await?;
    let given = give_back(&transaction.sql(), spendings, taken_at).await;
    transaction.settle(given).await
}

async fn give_back(sql: &SqlConnection<'_>, spendings: &[Spending], taken_at: Timestamp) -> Result<(), Failure> {
    let mut windows: Vec<_> = spendings.iter().map(|spending| Window::of(spending, taken_at)).collect();
    // In the order they are taken in.
    windows.sort_by(|one, other| one.key.cmp(&other.key));
    for window in windows {
        let mut update = Query::update();
        update
            .table(table::<Entity>())
            .value(Alias::new("taken"), Expr::col(Alias::new("taken")).sub(1))
            .and_where(is(Column::CounterKey, window.key))
            .and_where(is(Column::WindowStart, window.start))
            .and_where(Expr::col(Alias::new("taken")).gt(0));
        sql.execute(&update).await?;
    }
    Ok(())
}
