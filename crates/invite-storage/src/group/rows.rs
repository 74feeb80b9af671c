//! Many rows in one statement whose text does not depend on how many they are, so that it is prepared once.
//!
//! On PostgreSQL a column of all the rows is one parameter, an array (`unnest`). It is sent as text, since the driver's typed
//! arrays have no NULLs. The others are sent rows of values, in powers of two.

use crate::{
    engine::{Engine, instant_text},
    sql::{self, SqlConnection, insert_all_numbered},
};
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, IdenStatic, Iterable, ModelTrait, RuntimeErr, Statement,
    Value,
    sea_query::{Alias, Expr, ExprTrait, Func, InsertStatement, OnConflict, Query, SimpleExpr},
};
use std::fmt::Write as _;
use uuid::Uuid;

/// The most rows one statement is given where values are sent one by one.
const MOST: usize = 128;

/// Cuts rows into runs of a power of two, so that there are few texts of statements.
pub(crate) fn runs<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let most = Ord::min(rows.len(), MOST);
        let size = if most == 0 { return None } else { 1 << most.ilog2() };
        let (run, rest) = rows.split_at(size);
        rows = rest;
        Some(run)
    })
}

/// The condition that an expression is one of the values, which are of one type.
pub(crate) fn among(engine: Engine, this: SimpleExpr, mut values: Vec<Value>) -> SimpleExpr {
    if engine.takes_arrays() {
        let (cast, literal) = array(values.iter());
        return Expr::cust_with_exprs(
            format!("$1 = ANY(CAST(CAST($2 AS text) AS {cast}[]))"),
            [this, Expr::val(literal)],
        );
    }
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    this.is_in(values)
}

/// An array as PostgreSQL reads it from text, and the name of its values' type.
fn array<'v>(values: impl Iterator<Item = &'v Value>) -> (&'static str, String) {
    let mut cast = "text";
    let mut literal = String::from("{");
    for (place, value) in values.enumerate() {
        if place > 0 {
            literal.push(',');
        }
        cast = write(&mut literal, value);
    }
    literal.push('}');
    (cast, literal)
}

/// Writes one value of an array, and answers the name of its type.
fn write(out: &mut String, value: &Value) -> &'static str {
    match value {
        Value::Bool(known) => {
            out.push_str(known.map_or("NULL", |known| if known { "t" } else { "f" }));
            "boolean"
        }
        Value::BigInt(known) => {
            write_or_null(out, *known);
            "bigint"
        }
        Value::Uuid(known) => {
            write_or_null(out, *known);
            "uuid"
        }
        Value::ChronoDateTimeUtc(known) => {
            match known {
                Some(at) => quoted(out, &instant_text(*at)),
                None => out.push_str("NULL"),
            }
            "timestamptz"
        }
        Value::Bytes(known) => {
            match known {
                Some(bytes) => {
                    out.push_str("\"\\\\x");
                    for byte in bytes {
                        // Writing to a text does not fail.
                        let _ = write!(out, "{byte:02x}");
                    }
                    out.push('"');
                }
                None => out.push_str("NULL"),
            }
            "bytea"
        }
        Value::String(Some(text)) => {
            quoted(out, text);
            "text"
        }
        // The entities have columns of the types above alone; a test holds that.
        _ => {
            out.push_str("NULL");
            "text"
        }
    }
}

fn write_or_null(out: &mut String, value: Option<impl std::fmt::Display>) {
    match value {
        Some(value) => {
            let _ = write!(out, "{value}");
        }
        None => out.push_str("NULL"),
    }
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

/// `unnest($1, $2, …)` of columns of values, and the parameters.
pub(crate) fn unnested<'v>(columns: impl Iterator<Item = &'v [Value]>) -> (String, Vec<Value>) {
    let mut text = String::from("unnest(");
    let mut values = Vec::new();
    for column in columns {
        let (cast, literal) = array(column.iter());
        let separator = if values.is_empty() { "" } else { ", " };
        values.push(Value::String(Some(literal)));
        let _ = write!(text, "{separator}CAST(CAST(${} AS text) AS {cast}[])", values.len());
    }
    text.push(')');
    (text, values)
}

fn cells<E>(rows: &[&E::Model], columns: &[E::Column]) -> Vec<Vec<Value>>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    columns.iter().map(|column| rows.iter().map(|row| row.get(*column)).collect()).collect()
}

fn names<C: IdenStatic>(columns: &[C], prefix: &str) -> String {
    let mut text = String::new();
    for (place, column) in columns.iter().enumerate() {
        let _ = write!(text, "{}{prefix}\"{}\"", if place > 0 { ", " } else { "" }, column.as_str());
    }
    text
}

/// An insertion of all the rows, whose text on PostgreSQL is the same for any number of them.
fn insert_statement<E>(engine: Engine, rows: &[&E::Model], except: Option<&str>) -> Result<InsertStatement, DbErr>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    if !engine.takes_arrays() {
        let rows: Vec<E::Model> = rows.iter().map(|row| (*row).clone()).collect();
        return Ok(sql::insert_statement::<E>(&rows, except));
    }
    let columns: Vec<E::Column> = E::Column::iter().filter(|column| Some(column.as_str()) != except).collect();
    let arrays = cells::<E>(rows, &columns).into_iter().map(|cells| {
        let (cast, literal) = array(cells.iter());
        Expr::cust_with_values(format!("CAST(CAST($1 AS text) AS {cast}[])"), [literal])
    });
    // In the list of a select they go forward together, a row at a time (PostgreSQL 10 and newer).
    let mut select = Query::select();
    select.exprs(arrays.map(|array| Func::cust("unnest").arg(array)));
    let mut insert = Query::insert();
    insert
        .into_table(sql::table::<E>())
        .columns(columns.iter().map(|column| Alias::new(column.as_str())))
        .select_from(select)
        .map_err(|error| DbErr::Query(RuntimeErr::Internal(error.to_string())))?;
    Ok(insert)
}

/// The rows in the runs in which the engine is given them.
fn given<T>(engine: Engine, rows: &[T]) -> Vec<&[T]> {
    if rows.is_empty() {
        Vec::new()
    } else if engine.takes_arrays() {
        vec![rows]
    } else {
        runs(rows).collect()
    }
}

/// Inserts rows of a table without numbers.
pub(crate) async fn insert<E>(sql: &SqlConnection<'_>, rows: &[&E::Model]) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    for rows in given(sql.engine(), rows) {
        sql.execute(&insert_statement::<E>(sql.engine(), rows, None)?).await?;
    }
    Ok(())
}

/// The same where a row may be there already. Answers how many were written.
pub(crate) async fn upsert<E>(sql: &SqlConnection<'_>, rows: &[&E::Model], there: &OnConflict) -> Result<u64, DbErr>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    let mut written = 0;
    for rows in given(sql.engine(), rows) {
        let mut insert = insert_statement::<E>(sql.engine(), rows, None)?;
        insert.on_conflict(there.clone());
        written += sql.execute(&insert).await?.rows_affected();
    }
    Ok(written)
}

/// Inserts rows of a table with numbers and ids, and answers the number each was given, by its id.
pub(crate) async fn insert_numbered<E>(
    sql: &SqlConnection<'_>,
    rows: &[&E::Model],
    id: impl Fn(&E::Model) -> Uuid,
) -> Result<Vec<(Uuid, i64)>, DbErr>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    let mut found = Vec::with_capacity(rows.len());
    for rows in given(sql.engine(), rows) {
        if !sql.engine().returns_inserted() {
            let ids: Vec<_> = rows.iter().map(|row| id(row)).collect();
            let rows: Vec<E::Model> = rows.iter().map(|row| (*row).clone()).collect();
            found.extend(insert_all_numbered::<E>(sql, &rows, &ids).await?);
            continue;
        }
        let mut insert = insert_statement::<E>(sql.engine(), rows, Some("number"))?;
        insert.returning(Query::returning().columns(["id", "number"].map(Alias::new)));
        for row in sql.query_all(&insert).await? {
            found.push((row.try_get("", "id")?, row.try_get("", "number")?));
        }
    }
    Ok(found)
}

/// On PostgreSQL: updates rows to what they are to be, each where it is of the version expected of it, and answers the ids of
/// those that were. All columns but `except` are written; `id`, `organization_id` and `version` name the row.
pub(crate) async fn update_versions<E>(
    sql: &SqlConnection<'_>,
    rows: &[&E::Model],
    expected: &[i64],
    except: &[&str],
) -> Result<Vec<Uuid>, DbErr>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    let columns: Vec<E::Column> = E::Column::iter().collect();
    let mut cells = cells::<E>(rows, &columns);
    cells.push(expected.iter().map(|version| Value::BigInt(Some(*version))).collect());
    let (unnest, values) = unnested(cells.iter().map(Vec::as_slice));
    let written: Vec<_> = columns.iter().filter(|column| !except.contains(&column.as_str())).collect();
    let mut set = String::new();
    for (place, column) in written.iter().enumerate() {
        let name = column.as_str();
        let _ = write!(set, "{}\"{name}\" = v.\"{name}\"", if place > 0 { ", " } else { "" });
    }
    let text = format!(
        "UPDATE \"{}\" AS t SET {set} FROM {unnest} AS v ({}, \"expected\") WHERE t.\"organization_id\" = \
         v.\"organization_id\" AND t.\"id\" = v.\"id\" AND t.\"version\" = v.\"expected\" RETURNING t.\"id\"",
        E::default().table_name(),
        names(&columns, ""),
    );
    let statement = Statement::from_sql_and_values(DatabaseBackend::Postgres, text, values);
    sql.query_all_raw(statement).await?.iter().map(|row| row.try_get("", "id")).collect()
}
