//! Plans of different callers, written together: few statements and one commit, whatever their number. On PostgreSQL one statement
//! writes all their rows (`whole.rs`), elsewhere one a table (`inserts.rs`); answers kept for requests that come again are a further one.
//!
//! Each plan keeps its own fate. One whose epoch is not its organisation's any more, or whose invitation has another version,
//! is stale, and the others go on without it: at that point nothing of it was written. What fails later (a unique key that is
//! taken, a budget that is used up) undoes the whole group, and then each plan is written by itself.
//!
//! The order is that of a plan written by itself, so that rows are taken in the same order (rule 6.7); rows that are there
//! already are taken by their ids within a table.

use super::{
    Numbers, inserts, limits,
    prepared::{Cancel, Prepared},
    whole::{self, Part, Told},
    writes,
};
use crate::{
    engine::{Engine, Hold},
    entity,
    error::Failure,
    group::rows::{self, among},
    limiter::{self, Window},
    sql::{SqlConnection, table},
};
use invite_domain::{invitation::IdempotencyRecord, time::Timestamp};
use sea_orm::{
    ConnectionTrait, Value,
    sea_query::{Alias, Expr, ExprTrait, Order, Query},
};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use uuid::Uuid;

/// What became of a plan of a group.
pub(crate) enum Written {
    /// It is written; these numbers were given to its rows.
    Whole(Numbers),
    /// It is stale.
    Stale,
    /// It is stale, since its invitation has another version than it expects.
    Overtaken,
}

/// Writes the plans, and answers what became of each; `None` where it has to be counted first what a limit leaves.
///
/// # Errors
/// [`Failure::Stale`] where one of them is stale and cannot be told from its neighbours. After that, as after `None`, the caller rolls
/// back, and has each written by itself.
pub(crate) async fn apply(sql: &SqlConnection<'_>, plans: &[Prepared]) -> Result<Option<Vec<Written>>, Failure> {
    let told = if sql.engine().takes_arrays() { in_one(sql, plans).await? } else { in_turn(sql, plans).await? };
    let Some(told) = told else { return Ok(None) };
    keep_answers(sql, &those(plans, &told.good)).await?;
    let numbers_of = |plan: &Prepared| {
        let invitations = plan.inserts.iter().map(|row| row.id);
        let people = plan.accounts.iter().map(|row| row.id).chain(plan.memberships.iter().map(|row| row.id));
        invitations.chain(people).filter_map(|id| Some((id, *told.numbers.get(&id)?))).collect::<Numbers>()
    };
    let written = plans.iter().enumerate().map(|(place, plan)| {
        if told.good.contains(&place) {
            Written::Whole(numbers_of(plan))
        } else if told.current.contains(&place) {
            Written::Overtaken
        } else {
            Written::Stale
        }
    });
    Ok(Some(written.collect()))
}

/// Whether one statement writes the plans, so that it can be a transaction by itself.
pub(crate) fn is_one_statement(engine: Engine, plans: &[Prepared]) -> bool {
    engine.takes_arrays() && !counts(plans) && plans.iter().all(|plan| plan.answer.is_none())
}

/// Whether any of the plans is counted.
fn counts(plans: &[Prepared]) -> bool {
    plans.iter().any(|plan| plan.live.is_some() || !plan.budgets.is_empty())
}

/// The plans at these places.
fn those<'p>(plans: &'p [Prepared], places: &HashSet<usize>) -> Vec<&'p Prepared> {
    plans.iter().enumerate().filter(|(place, _)| places.contains(place)).map(|(_, plan)| plan).collect()
}

/// On PostgreSQL: in one statement, or, where something is counted, in one before and one after.
async fn in_one(sql: &SqlConnection<'_>, plans: &[Prepared]) -> Result<Option<Told>, Failure> {
    let all: Vec<&Prepared> = plans.iter().collect();
    if !counts(plans) {
        return whole::write(sql, &all, Part::Whole).await.map(Some);
    }
    let mut told = whole::write(sql, &all, Part::Head).await?;
    let good = those(plans, &told.good);
    if !raise_counters(sql, &good).await? {
        return Ok(None);
    }
    told.numbers = whole::write(sql, &good, Part::Rest).await?.numbers;
    Ok(Some(told))
}

/// A statement a table at least.
async fn in_turn(sql: &SqlConnection<'_>, plans: &[Prepared]) -> Result<Option<Told>, Failure> {
    let mut holds = vec![true; plans.len()];
    check_epochs(sql, plans, &mut holds).await?;
    let current = places(&holds);
    update_invitations(sql, plans, &mut holds).await?;
    let told = Told { current, good: places(&holds), numbers: BTreeMap::new() };
    let good = those(plans, &told.good);
    if !raise_counters(sql, &good).await? {
        return Ok(None);
    }
    cancel_messages(sql, &good).await?;
    Ok(Some(Told { numbers: inserts::write(sql, &good).await?, ..told }))
}

/// The places of those that hold.
fn places(holds: &[bool]) -> HashSet<usize> {
    holds.iter().enumerate().filter(|(_, holds)| **holds).map(|(place, _)| place).collect()
}

/// Every organisation is held, so that who may do what in it does not change before the commit.
async fn check_epochs(sql: &SqlConnection<'_>, plans: &[Prepared], holds: &mut [bool]) -> Result<(), Failure> {
    use entity::organization::Entity;
    let named: BTreeSet<Uuid> = plans.iter().flat_map(|plan| &plan.epochs).map(|(id, _)| *id).collect();
    if named.is_empty() {
        return Ok(());
    }
    let mut select = Query::select();
    let ids = named.into_iter().map(|id| Value::Uuid(Some(id))).collect();
    select
        .columns(["id", "authority_epoch"].map(Alias::new))
        .from(table::<Entity>())
        .and_where(among(sql.engine(), Expr::col(Alias::new("id")), ids))
        .and_where(Expr::col(Alias::new("deleted_at")).is_null())
        .order_by(Alias::new("id"), Order::Asc);
    sql.engine().hold(&mut select, Hold::Shared);
    let mut present: HashSet<(Uuid, i64)> = HashSet::new();
    for row in sql.query_all(&select).await? {
        present.insert((row.try_get("", "id")?, row.try_get("", "authority_epoch")?));
    }
    for (plan, holds) in plans.iter().zip(holds) {
        *holds = plan.epochs.iter().all(|epoch| present.contains(epoch));
    }
    Ok(())
}

/// Brings invitations to their next state, each from the version its plan expects.
async fn update_invitations(sql: &SqlConnection<'_>, plans: &[Prepared], holds: &mut [bool]) -> Result<(), Failure> {
    use entity::invitation::Model;
    let good = plans.iter().zip(&*holds).filter(|(_, holds)| **holds);
    let mut updates: Vec<(&Model, i64)> =
        good.filter_map(|(plan, _)| plan.update.as_ref().map(|(row, expected)| (row, *expected))).collect();
    updates.sort_by_key(|(row, _)| row.id);
    let mut written: HashSet<Uuid> = HashSet::new();
    for (row, expected) in updates {
        if writes::next_state(sql, row, expected).await? {
            written.insert(row.id);
        }
    }
    for (plan, holds) in plans.iter().zip(holds) {
        *holds = *holds && plan.update.iter().all(|(row, _)| written.contains(&row.id));
    }
    Ok(())
}

/// What a group counts.
enum Counting<'p> {
    Live { count: i64, most: i64, at: Timestamp },
    Budgets(Vec<(&'p Window, i64)>),
}

/// Raises what the plans count together. `false` where a counter has no room for all, or is not there: then it is not known which
/// of them it has room for.
///
/// Budgets of one limit are one statement. Their keys begin alike, so that counters are taken in nearly the order in which a
/// plan by itself takes them; where they are not, a deadlock ends one of the two, and it is done again.
async fn raise_counters(sql: &SqlConnection<'_>, plans: &[&Prepared]) -> Result<bool, Failure> {
    let mut steps = BTreeMap::new();
    for (organization, most, at) in plans.iter().filter_map(|plan| plan.live) {
        let step = steps.entry(limits::live_key(organization)).or_insert(Counting::Live { count: 0, most, at });
        if let Counting::Live { count, most: least, at: latest } = step {
            *count += 1;
            *least = Ord::min(*least, most);
            *latest = Ord::max(*latest, at);
        }
    }
    let mut budgets: BTreeMap<_, (&Window, i64)> = BTreeMap::new();
    for (window, more) in plans.iter().flat_map(|plan| &plan.budgets) {
        let (narrowest, count) = budgets.entry((&window.key, window.start())).or_insert((window, 0));
        *count += more;
        if window.limit() < narrowest.limit() {
            *narrowest = window;
        }
    }
    let mut by_limit: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for (window, count) in budgets.into_values() {
        by_limit.entry(window.limit()).or_default().push((window, count));
    }
    for budgets in by_limit.into_values() {
        let first = budgets.iter().map(|(window, _)| window.key.clone()).min().unwrap_or_default();
        steps.insert(first, Counting::Budgets(budgets));
    }
    for (key, step) in steps {
        let has_room = match step {
            Counting::Live { count, most, at } => limits::raise_live(sql, &key, count, most, at).await?,
            Counting::Budgets(budgets) => limiter::raise_all(sql, &budgets).await?,
        };
        if !has_room {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Cancels what is queued for invitations that end or get another link.
async fn cancel_messages(sql: &SqlConnection<'_>, plans: &[&Prepared]) -> Result<(), Failure> {
    let mut cancels: Vec<_> = plans.iter().flat_map(|plan| &plan.cancels).collect();
    cancels.sort_by_key(|cancel| cancel.invitation);
    for Cancel { organization, invitation, reason, at } in cancels {
        writes::cancel(sql, Some(*organization), *invitation, *reason, Some(*at)).await?;
    }
    Ok(())
}

/// The answers of requests, each in the place of one that no longer counts.
async fn keep_answers(sql: &SqlConnection<'_>, plans: &[&Prepared]) -> Result<(), Failure> {
    let mut answers: Vec<_> = plans.iter().filter_map(|plan| plan.answer.as_ref()).collect();
    answers.sort_by(|(one, _), (other, _)| (&one.scope, &one.request_key).cmp(&(&other.scope, &other.request_key)));
    let Some(first) = answers.iter().map(|(_, at)| *at).min() else { return Ok(()) };
    if !sql.engine().upserts_conditionally() {
        for (row, at) in answers {
            writes::answer(sql, row, *at).await?;
        }
        return Ok(());
    }
    // One that still counts for the first of them is not replaced.
    let ended = first - IdempotencyRecord::LIFETIME;
    let rows: Vec<_> = answers.iter().map(|(row, _)| row).collect();
    let written = rows::upsert::<entity::idempotency::Entity>(sql, &rows, &writes::replace_ended(ended)).await?;
    if usize::try_from(written) == Ok(rows.len()) { Ok(()) } else { Err(Failure::Stale) }
}
