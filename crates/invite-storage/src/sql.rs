//! The one path every statement takes, and the few shapes of statement this crate uses.

use crate::{
    engine::{self, Engine},
    limit::Limit,
};
use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, ExecResult,
    IdenStatic, Iterable, ModelTrait, QueryResult, Statement, Values,
    sea_query::{
        Alias, Asterisk, Expr, ExprTrait, InsertStatement, Query, SelectStatement, SimpleExpr, UpdateStatement,
    },
};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// A connection or an open transaction of the store, for sea-orm: every statement over it is counted, and its values
/// are written the way the engine keeps them.
pub struct SqlConnection<'c> {
    target: Target<'c>,
    engine: Engine,
    statements: &'c AtomicU64,
    limit: Limit<'c>,
    repeats: bool,
}

/// On how many connections something that begins anew is tried, where the server has ended one after the other. More than
/// a pool has.
pub(crate) const BEGIN_ATTEMPTS: u32 = 100;

/// Sends a statement to the target.
macro_rules! send {
    ($connection:ident, $method:ident, $statement:expr) => {
        match $connection.target {
            Target::Transaction(transaction) => {
                $connection.count();
                $connection.limit.run(transaction.$method($statement)).await
            }
            Target::Pool(pool) => {
                let mut attempt = 1;
                loop {
                    $connection.count();
                    match $connection.limit.run(pool.$method($statement.clone())).await {
                        Err(error) if $connection.repeats && attempt < BEGIN_ATTEMPTS && engine::is_gone(&error) => {
                            attempt += 1;
                        }
                        done => break done,
                    }
                }
            }
        }
    };
}

enum Target<'c> {
    Pool(&'c DatabaseConnection),
    Transaction(&'c DatabaseTransaction),
}

impl<'c> SqlConnection<'c> {
    pub(crate) fn of_pool(
        pool: &'c DatabaseConnection,
        engine: Engine,
        statements: &'c AtomicU64,
        limit: Limit<'c>,
    ) -> Self {
        Self { target: Target::Pool(pool), engine, statements, limit, repeats: false }
    }

    /// The same, where every statement reads, and is sent again over another connection when the server has ended one.
    pub(crate) fn repeating(self) -> Self {
        Self { repeats: true, ..self }
    }

    pub(crate) fn of_transaction(
        transaction: &'c DatabaseTransaction,
        engine: Engine,
        statements: &'c AtomicU64,
        limit: Limit<'c>,
    ) -> Self {
        Self { target: Target::Transaction(transaction), engine, statements, limit, repeats: false }
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    /// Sends several statements as one text, where the [engine takes that](Engine::takes_several), and answers the rows of all.
    pub(crate) async fn query_several(&self, statements: Vec<Statement>) -> Result<Vec<QueryResult>, DbErr> {
        let Some(others) = statements.len().checked_sub(1) else { return Ok(Vec::new()) };
        let mut all = Statement::from_string(self.get_database_backend(), "");
        let mut values = Vec::new();
        for statement in statements {
            all.sql.push_str(if all.sql.is_empty() { "" } else { "; " });
            all.sql.push_str(&statement.sql);
            values.extend(statement.values.into_iter().flat_map(|values| values.0));
        }
        all.values = Some(Values(values));
        self.statements.fetch_add(u64::try_from(others).unwrap_or_default(), Ordering::Relaxed);
        self.query_all_raw(all).await
    }

    fn count(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl ConnectionTrait for SqlConnection<'_> {
    fn get_database_backend(&self) -> DatabaseBackend {
        match self.target {
            Target::Pool(pool) => pool.get_database_backend(),
            Target::Transaction(transaction) => transaction.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let statement = self.engine.adapt(statement);
        send!(self, execute_raw, statement)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        send!(self, execute_unprepared, &*sql)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let statement = self.engine.adapt(statement);
        send!(self, query_one_raw, statement)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let statement = self.engine.adapt(statement);
        send!(self, query_all_raw, statement)
    }
}

/// The column `column` of the table that a statement calls `alias`.
pub(crate) fn col<C: IdenStatic>(alias: &'static str, column: C) -> SimpleExpr {
    Expr::col((Alias::new(alias), Alias::new(column.as_str())))
}

/// Selects all columns of `E`, which the statement calls `alias`, as `alias_column`.
pub(crate) fn project<E: EntityTrait>(select: &mut SelectStatement, alias: &'static str) {
    for column in E::Column::iter() {
        select.expr_as(col(alias, column), Alias::new(format!("{alias}_{}", column.as_str())));
    }
}

/// Joins `E` as `alias` where there is a row, and selects its columns.
pub(crate) fn join_optional<E: EntityTrait>(select: &mut SelectStatement, alias: &'static str, on: SimpleExpr) {
    select.join_as(sea_orm::JoinType::LeftJoin, table::<E>(), Alias::new(alias), on);
    project::<E>(select, alias);
}

/// The table of `E`.
pub(crate) fn table<E: EntityTrait>() -> Alias {
    Alias::new(E::default().table_name())
}

/// A select from `E` as `alias`, all its columns.
pub(crate) fn select_from<E: EntityTrait>(alias: &'static str) -> SelectStatement {
    let mut select = Query::select();
    select.from_as(table::<E>(), Alias::new(alias));
    project::<E>(&mut select, alias);
    select
}

/// Whether a row exists: `SELECT 1 … LIMIT 1` of the given select's tables and conditions.
pub(crate) async fn exists(sql: &SqlConnection<'_>, mut select: SelectStatement) -> Result<bool, DbErr> {
    select.clear_selects().expr(Expr::val(1)).limit(1);
    Ok(sql.query_one(&select).await?.is_some())
}

/// How many rows a select without limit finds.
pub(crate) async fn count(sql: &SqlConnection<'_>, mut select: SelectStatement) -> Result<u64, DbErr> {
    select.clear_selects().clear_order_by().reset_limit();
    select.expr_as(Expr::col(Asterisk).count(), Alias::new("found"));
    let row = sql.query_one(&select).await?;
    let found: i64 = row.map(|row| row.try_get("", "found")).transpose()?.unwrap_or_default();
    Ok(u64::try_from(found).unwrap_or_default())
}

/// Inserts rows in one statement. All columns but `except` are written.
pub(crate) fn insert_statement<E>(rows: &[E::Model], except: Option<&str>) -> InsertStatement
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    let columns: Vec<E::Column> = E::Column::iter().filter(|column| Some(column.as_str()) != except).collect();
    let mut insert = Query::insert();
    insert.into_table(table::<E>()).columns(columns.iter().map(|column| Alias::new(column.as_str())));
    for row in rows {
        insert.values_panic(columns.iter().map(|column| Expr::val(row.get(*column))));
    }
    insert
}

/// The most values a statement is given: less than the 32,766 that SQLite takes, and the others take more.
const VALUES: usize = 30_000;

/// Inserts rows, if there are any, in one statement, or as few as can carry them.
pub(crate) async fn insert<E>(sql: &SqlConnection<'_>, rows: &[E::Model]) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    let columns = E::Column::iter().count().max(1);
    for rows in rows.chunks(VALUES / columns) {
        sql.execute(&insert_statement::<E>(rows, None)).await?;
    }
    Ok(())
}

/// Inserts a row of a table with numbers and answers the number it was given.
pub(crate) async fn insert_numbered<E>(sql: &SqlConnection<'_>, row: E::Model) -> Result<i64, DbErr>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    let mut insert = insert_statement::<E>(&[row], Some("number"));
    if !sql.engine().returns_inserted() {
        let id = sql.execute(&insert).await?.last_insert_id();
        return i64::try_from(id).map_err(|_| DbErr::Type("the last insert id is no 64-bit integer".to_owned()));
    }
    insert.returning_col(Alias::new("number"));
    let row = sql.query_one(&insert).await?.ok_or_else(|| DbErr::RecordNotInserted)?;
    row.try_get("", "number")
}

/// Inserts rows of a table with numbers and ids, and answers the number each was given, by its id: in as few statements as can
/// carry them, and one that reads the numbers.
pub(crate) async fn insert_all_numbered<E>(
    sql: &SqlConnection<'_>,
    rows: &[E::Model],
    ids: &[Uuid],
) -> Result<Vec<(Uuid, i64)>, DbErr>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    let columns = E::Column::iter().count().max(1);
    for rows in rows.chunks(VALUES / columns) {
        sql.execute(&insert_statement::<E>(rows, Some("number"))).await?;
    }
    let mut numbers = Vec::with_capacity(ids.len());
    for ids in ids.chunks(VALUES) {
        let mut select = Query::select();
        select
            .columns(["id", "number"].map(Alias::new))
            .from(table::<E>())
            .and_where(Expr::col(Alias::new("id")).is_in(ids.iter().copied()));
        for row in sql.query_all(&select).await? {
            numbers.push((row.try_get("", "id")?, row.try_get("", "number")?));
        }
    }
    Ok(numbers)
}

/// An update of all columns of a row but `except`; the caller says of which row.
pub(crate) fn update_statement<E>(row: &E::Model, except: &[&str]) -> UpdateStatement
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    let mut update = Query::update();
    update.table(table::<E>());
    for column in E::Column::iter().filter(|column| !except.contains(&column.as_str())) {
        update.value(Alias::new(column.as_str()), Expr::val(row.get(column)));
    }
    update
}

/// The condition that `column` is the value.
pub(crate) fn is<C: IdenStatic>(column: C, value: impl Into<sea_orm::Value>) -> SimpleExpr {
    Expr::col(Alias::new(column.as_str())).eq(Expr::val(value))
}
