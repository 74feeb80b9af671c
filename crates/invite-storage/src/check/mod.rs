//! What must hold of all rows together, looked through on a live database.
//!
//! Guards keep each of these true while plans are written. This is the second opinion, for whoever has restored a backup, repaired
//! rows by hand, or tested what a crash leaves: each invariant is a question that selects the rows that break it. No question
//! supposes what an operator's own decisions may change later (a member removed, a role changed), nor what retention has
//! deleted by now.

mod directory;
mod engine;
mod events;
mod groups;
mod invitations;
mod limits;
mod outbox;
mod references;
mod rows;

use crate::{
    engine::Engine,
    error::Failure,
    sql::{SqlConnection, col, table},
    store::{Access, SqlStore, retrying},
};
use chrono::Duration;
use invite_domain::{invitation::Cutoffs, port::PortError, time::Timestamp};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, IdenStatic, Order,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};
use std::collections::HashMap;
use uuid::Uuid;

/// How many examples a finding names at the most.
const EXAMPLES: u64 = 10;

/// How far the clocks of two replicas can be apart while both are ready: two seconds on either side of the database's (rule
/// 2.6), and one more.
const CLOCKS: Duration = Duration::seconds(5);

/// What retention may just be deleting is not asked for.
const MARGIN: Duration = Duration::days(1);

/// How one invariant came out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The invariant's name: words of `[a-z_]`, the same in every version of this program.
    pub invariant: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// How many rows there were to look at.
    pub looked_at: u64,
    /// How many of them break it.
    pub violations: u64,
    /// The first of those, by table and id: never an address or a name.
    pub examples: Vec<String>,
}

/// An invariant as a question to the database.
struct Invariant {
    name: &'static str,
    meaning: &'static str,
    /// The tables whose rows are looked at.
    tables: Vec<Alias>,
    parts: Vec<Part>,
}

/// Rows that break an invariant.
struct Part {
    /// Where the rows are.
    table: &'static str,
    /// Selects them by one column, `id`.
    rows: SelectStatement,
}

/// From when on nothing can have been deleted yet.
struct Horizon {
    now: Timestamp,
    /// Events recorded later are all there.
    events: Timestamp,
    /// Invitations that ended or expired later are all there.
    invitations: Timestamp,
    /// Messages settled later are all there.
    messages: Timestamp,
}

impl Horizon {
    fn at(now: Timestamp) -> Self {
        let cutoffs = Cutoffs::at(now);
        Self {
            now,
            events: cutoffs.events_before + MARGIN,
            invitations: cutoffs.invitations_ended_before + MARGIN,
            messages: cutoffs.messages_settled_before + MARGIN,
        }
    }
}

impl SqlStore {
    /// Looks through all rows for what must never be, and answers how each invariant came out, broken or not.
    ///
    /// All is read at one moment, in one reading transaction, so that it is right while others write; nothing is written and
    /// nobody waits. It takes as long as reading the database a few times does; meanwhile the database keeps what others
    /// overwrite.
    ///
    /// `now` decides what retention may have deleted, and which invitations are live. It must not be earlier than the present
    /// of those who write by more than clocks may differ.
    ///
    /// # Errors
    /// Where the database fails. A row that cannot be read is no error but a finding.
    pub async fn check(&self, now: Timestamp) -> Result<Vec<Finding>, PortError> {
        retrying!(self, try_check(self, now))
    }
}

async fn try_check(store: &SqlStore, now: Timestamp) -> Result<Vec<Finding>, Failure> {
    let transaction = store.begin(Access::Survey).await?;
    let read = check(&transaction.sql(), now).await;
    transaction.settle(read).await
}

async fn check(sql: &SqlConnection<'_>, now: Timestamp) -> Result<Vec<Finding>, Failure> {
    let horizon = Horizon::at(now);
    let asked = invitations::invariants(&horizon)
        .into_iter()
        .chain(directory::invariants(&horizon))
        .chain(events::invariants(&horizon))
        .chain(outbox::invariants(&horizon))
        .chain([limits::invariant(&horizon)])
        .chain([references::invariant(), groups::invariant()]);
    let mut counted = HashMap::new();
    let mut findings = Vec::new();
    for invariant in asked {
        findings.push(ask(sql, invariant, &mut counted).await?);
    }
    findings.extend(rows::judge(sql).await?);
    if sql.engine() == Engine::Sqlite {
        findings.push(engine::sqlite(sql).await?);
    }
    Ok(findings)
}

async fn ask(
    sql: &SqlConnection<'_>,
    invariant: Invariant,
    counted: &mut HashMap<String, u64>,
) -> Result<Finding, Failure> {
    let Invariant { name, meaning, tables, parts } = invariant;
    let mut finding = Finding { invariant: name, meaning, looked_at: 0, violations: 0, examples: Vec::new() };
    for table in tables {
        let rows = if let Some(rows) = counted.get(&table.0) {
            *rows
        } else {
            let mut all = Query::select();
            all.from(table.clone());
            let rows = number(sql, &mut all).await?;
            counted.insert(table.0.clone(), rows);
            rows
        };
        finding.looked_at += rows;
    }
    for part in parts {
        let mut broken = Query::select();
        let found = number(sql, broken.from_subquery(part.rows.clone(), Alias::new("broken"))).await?;
        if found == 0 {
            continue;
        }
        finding.violations += found;
        let mut examples = Query::select();
        examples
            .distinct()
            .column(Alias::new("id"))
            .from_subquery(part.rows, Alias::new("broken"))
            .order_by(Alias::new("id"), Order::Asc)
            .limit(EXAMPLES);
        for row in sql.query_all(&examples).await? {
            let id: Uuid = row.try_get("", "id")?;
            finding.examples.push(format!("{} {id}", part.table));
        }
    }
    finding.examples.truncate(usize::try_from(EXAMPLES).unwrap_or(usize::MAX));
    Ok(finding)
}

/// How many rows a select finds; it has no columns yet.
async fn number(sql: &SqlConnection<'_>, select: &mut SelectStatement) -> Result<u64, DbErr> {
    select.expr_as(Expr::col(Asterisk).count(), Alias::new("found"));
    let row = sql.query_one(&*select).await?;
    let found: i64 = row.map(|row| row.try_get("", "found")).transpose()?.unwrap_or_default();
    Ok(u64::try_from(found).unwrap_or_default())
}

/// Rows of `E`, called `alias`, by this column.
fn rows_of<E: EntityTrait>(alias: &'static str, id: impl IdenStatic) -> SelectStatement {
    let mut select = Query::select();
    select.expr_as(col(alias, id), Alias::new("id")).from_as(table::<E>(), Alias::new(alias));
    select
}

/// Rows of `E`, called `alias`, for a condition that there is one, or none.
fn some<E: EntityTrait>(alias: &'static str) -> SelectStatement {
    let mut select = Query::select();
    select.expr(Expr::val(1)).from_as(table::<E>(), Alias::new(alias));
    select
}

fn part<E: EntityTrait>(rows: SelectStatement) -> Part {
    Part { table: E::default().table_name(), rows }
}

/// Whether two columns differ, where none is equal to none.
fn differ(one: &SimpleExpr, other: &SimpleExpr) -> SimpleExpr {
    let (one, other) = (|| one.clone(), || other.clone());
    one().ne(other()).or(one().is_null().and(other().is_not_null())).or(one().is_not_null().and(other().is_null()))
}
