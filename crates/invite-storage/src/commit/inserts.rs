//! New rows of a group's plans, where values are sent one by one.
//!
//! Statements are prepared once for each text, so there should be few of them. Where several statements are one text, plans that write
//! as many rows into the same tables share one: issues, say, or redemptions. Elsewhere a statement is one table's, of a power of
//! two of rows.

use super::prepared::Prepared;
use crate::{
    engine::Engine,
    entity,
    group::rows::{among_ids, by_values, few_or_runs, runs},
    sql::{SqlConnection, table},
};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, ModelTrait, QueryResult, StatementBuilder,
    sea_query::{Alias, Expr, InsertStatement, Query, SelectStatement},
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Of how many plans any number has a text of its own: as many callers are seldom there at once.
const FEW: usize = 16;

/// Writes the new rows of the plans, and answers the numbers they were given, by their ids.
pub(super) async fn write(sql: &SqlConnection<'_>, plans: &[&Prepared]) -> Result<BTreeMap<Uuid, i64>, DbErr> {
    let mut alike: BTreeMap<_, Vec<&Prepared>> = BTreeMap::new();
    for plan in plans {
        alike.entry(counts(plan)).or_default().push(plan);
    }
    let together: Vec<&[&Prepared]> = if sql.engine().takes_several() {
        alike.values().flat_map(|plans| few_or_runs(plans, FEW)).collect()
    } else {
        vec![plans]
    };
    let mut numbers = BTreeMap::new();
    for plans in together {
        for row in Inserts::of(plans, sql.engine()).write(sql).await? {
            numbers.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
    }
    Ok(numbers)
}

/// How many rows a plan has for each table.
fn counts(plan: &Prepared) -> [usize; 7] {
    [
        plan.inserts.len(),
        plan.accounts.len(),
        plan.memberships.len(),
        plan.sessions.len(),
        usize::from(plan.redemption.is_some()),
        plan.events.len(),
        plan.messages.len(),
    ]
}

/// Statements that insert rows, and, where those do not answer the numbers that were given, statements that read them.
struct Inserts {
    rows: Vec<InsertStatement>,
    numbers: Vec<SelectStatement>,
    engine: Engine,
}

impl Inserts {
    /// Of the new rows of these plans, in the order in which a plan by itself writes them.
    fn of(plans: &[&Prepared], engine: Engine) -> Self {
        let mut inserts = Self { rows: Vec::new(), numbers: Vec::new(), engine };
        let each = plans.iter();
        inserts.numbered::<entity::invitation::Entity>(each.clone().flat_map(|plan| &plan.inserts), |row| row.id);
        inserts.numbered::<entity::account::Entity>(each.clone().flat_map(|plan| &plan.accounts), |row| row.id);
        inserts.numbered::<entity::membership::Entity>(each.clone().flat_map(|plan| &plan.memberships), |row| row.id);
        inserts.add::<entity::session::Entity>(each.clone().flat_map(|plan| &plan.sessions), None);
        inserts.add::<entity::redemption::Entity>(each.clone().flat_map(|plan| &plan.redemption), None);
        inserts.add::<entity::event::Entity>(each.clone().flat_map(|plan| &plan.events), None);
        inserts.add::<entity::message::Entity>(each.flat_map(|plan| &plan.messages), None);
        inserts
    }

    /// Writes the rows, and answers ids and numbers.
    async fn write(&self, sql: &SqlConnection<'_>) -> Result<Vec<QueryResult>, DbErr> {
        if self.engine.takes_several() {
            let backend = sql.get_database_backend();
            let rows = self.rows.iter().map(|insert| StatementBuilder::build(insert, &backend));
            return sql.query_several(rows.collect()).await;
        }
        for insert in &self.rows {
            sql.execute(insert).await?;
        }
        let mut numbers = Vec::new();
        for select in &self.numbers {
            numbers.extend(sql.query_all(select).await?);
        }
        Ok(numbers)
    }

    fn add<'r, E>(&mut self, rows: impl Iterator<Item = &'r E::Model>, except: Option<&str>)
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E> + 'r,
    {
        let rows: Vec<&E::Model> = rows.collect();
        if !self.engine.takes_several() {
            self.rows.extend(runs(&rows).map(|run| by_values::<E>(run, except)));
        } else if !rows.is_empty() {
            self.rows.push(by_values::<E>(&rows, except));
        }
    }

    /// Rows of a table that gives them numbers.
    fn numbered<'r, E>(&mut self, rows: impl Iterator<Item = &'r E::Model>, id: impl Fn(&E::Model) -> Uuid)
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E> + 'r,
    {
        let rows: Vec<&E::Model> = rows.collect();
        let before = self.rows.len();
        self.add::<E>(rows.iter().copied(), Some("number"));
        let answer = ["id", "number"].map(Alias::new);
        if self.engine.returns_inserted() {
            for insert in &mut self.rows[before..] {
                insert.returning(Query::returning().columns(answer.clone()));
            }
        } else if !rows.is_empty() {
            let mut select = Query::select();
            let ids = among_ids(self.engine, Expr::col(Alias::new("id")), rows.iter().map(|row| id(row)));
            select.columns(answer).from(table::<E>()).and_where(ids);
            self.numbers.push(select);
        }
    }
}
