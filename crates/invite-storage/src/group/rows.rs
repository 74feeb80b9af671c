//! Many rows in one statement whose text does not depend on how many they are, so that it is prepared once.
//!
//! On PostgreSQL a column of all the rows is one parameter, an array (`unnest`). It is sent as text, since the driver's typed
//! arrays have no NULLs. The others are sent rows of values, in powers of two.

use crate::{
    engine::{Engine, instant_text},
    sql::{self, SqlConnection},
};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, IdenStatic, Iterable, ModelTrait, RuntimeErr, Value,
    sea_query::{Alias, Expr, ExprTrait, Func, InsertStatement, OnConflict, Query, SimpleExpr},
};
use std::fmt::Write as _;
use uuid::Uuid;

/// The most rows one statement is given where values are sent one by one.
const MOST: usize = 128;

/// Up to how many values a list of them is filled up to a power of two, so that there are few texts of statements. Longer ones are
/// seldom, and there what is filled up could be more than a statement takes: on SQLite 32,766 values.
const MOST_FILLED_UP: usize = 1 << 10;

/// Cuts rows into runs of a power of two, so that there are few texts of statements.
pub(crate) fn runs<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    few_or_runs(rows, 0)
}

/// The same, but one run where there are no more than so many.
pub(crate) fn few_or_runs<T>(mut rows: &[T], few: usize) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let most = Ord::min(rows.len(), MOST);
        let size = match most {
            0 => return None,
            most if most <= few => most,
            most => 1 << most.ilog2(),
        };
        let (run, rest) = rows.split_at(size);
        rows = rest;
        Some(run)
    })
}

/// The condition that an expression is one of the values, which are of one type.
pub(crate) fn among(engine: Engine, this: SimpleExpr, values: Vec<Value>) -> SimpleExpr {
    if engine.takes_arrays() {
        let (any, literal) = any_of(&values, "$2");
        return Expr::cust_with_exprs(format!("$1 = {any}"), [this, Expr::val(literal)]);
    }
    this.is_in(filled_up(values))
}

/// Any value of the array that a place holds, and the array. PostgreSQL would look into an array that stands there by itself and count
/// its values: what they cost would seem less than what ten do, of which it thinks where it cannot count, and a statement that seems
/// cheaper with values than without is planned anew each time.
pub(crate) fn any_of(values: &[Value], place: &str) -> (String, String) {
    let (cast, literal) = array(values);
    (format!("ANY((SELECT CAST(CAST({place} AS text) AS {cast}[]))::{cast}[])"), literal)
}

/// A list of values, filled up with its last one.
pub(crate) fn filled_up(mut values: Vec<Value>) -> Vec<Value> {
    if let Some(last) = values.last().filter(|_| values.len() < MOST_FILLED_UP).cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    values
}

/// The condition that an expression is one of the ids.
pub(crate) fn among_ids(engine: Engine, this: SimpleExpr, ids: impl IntoIterator<Item = Uuid>) -> SimpleExpr {
    among(engine, this, ids.into_iter().map(|id| Value::Uuid(Some(id))).collect())
}

/// An array as PostgreSQL reads it from text, and the name of its values' type. Where no value is known it is empty: what stands
/// beside a longer array in the list of a select is filled up with NULLs.
pub(crate) fn array(values: &[Value]) -> (&'static str, String) {
    let mut literal = String::from("{");
    if values.iter().any(is_known) {
        for (place, value) in values.iter().enumerate() {
            if place > 0 {
                literal.push(',');
            }
            write(&mut literal, value);
        }
    }
    literal.push('}');
    (values.first().map_or("text", kind), literal)
}

/// PostgreSQL's name of a value's type. The entities have columns of these types alone; a test holds that.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::BigInt(_) => "bigint",
        Value::Uuid(_) => "uuid",
        Value::ChronoDateTimeUtc(_) => "timestamptz",
        Value::Bytes(_) => "bytea",
        _ => "text",
    }
}

fn is_known(value: &Value) -> bool {
    !matches!(
        value,
        Value::Bool(None)
            | Value::BigInt(None)
            | Value::Uuid(None)
            | Value::ChronoDateTimeUtc(None)
            | Value::Bytes(None)
            | Value::String(None)
    )
}

/// Writes one value of an array. Writing to a text does not fail.
fn write(out: &mut String, value: &Value) {
    match value {
        Value::Bool(Some(known)) => out.push_str(if *known { "t" } else { "f" }),
        Value::BigInt(Some(known)) => drop(write!(out, "{known}")),
        Value::Uuid(Some(known)) => drop(write!(out, "{known}")),
        Value::ChronoDateTimeUtc(Some(at)) => quoted(out, &instant_text(*at)),
        Value::Bytes(Some(bytes)) => {
            out.push_str("\"\\\\x");
            for byte in bytes {
                let _ = write!(out, "{byte:02x}");
            }
            out.push('"');
        }
        Value::String(Some(text)) => quoted(out, text),
        _ => out.push_str("NULL"),
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

/// The values of rows, a column of each.
pub(crate) fn cells<E>(rows: &[&E::Model], columns: &[E::Column]) -> Vec<Vec<Value>>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    columns.iter().map(|column| rows.iter().map(|row| row.get(*column)).collect()).collect()
}

/// The names of columns, as PostgreSQL has them in a list.
pub(crate) fn names<C: IdenStatic>(columns: &[C]) -> String {
    let mut text = String::new();
    for (place, column) in columns.iter().enumerate() {
        let _ = write!(text, "{}\"{}\"", if place > 0 { ", " } else { "" }, column.as_str());
    }
    text
}

/// An insertion of rows, value by value.
pub(crate) fn by_values<E>(rows: &[&E::Model], except: Option<&str>) -> InsertStatement
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    let rows: Vec<E::Model> = rows.iter().map(|row| (*row).clone()).collect();
    sql::insert_statement::<E>(&rows, except)
}

/// An insertion of all the rows, whose text is the same for any number of them.
fn by_arrays<E>(rows: &[&E::Model]) -> Result<InsertStatement, DbErr>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    let columns: Vec<E::Column> = E::Column::iter().collect();
    let arrays = cells::<E>(rows, &columns).into_iter().map(|cells| {
        let (cast, literal) = array(&cells);
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

/// Inserts rows, each of which may be there already, on every engine. Answers how many were written.
pub(crate) async fn upsert<E>(sql: &SqlConnection<'_>, rows: &[&E::Model], there: &OnConflict) -> Result<u64, DbErr>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    let inserts = match rows {
        [] => Vec::new(),
        rows if sql.engine().takes_arrays() => vec![by_arrays::<E>(rows)?],
        rows => runs(rows).map(|rows| by_values::<E>(rows, None)).collect(),
    };
    let mut written = 0;
    for mut insert in inserts {
        insert.on_conflict(there.clone());
        written += sql.execute(&insert).await?.rows_affected();
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::{account, event, idempotency, invitation, membership, message, redemption, session};
    use sea_orm::{ColumnTrait, ColumnType};

    /// The type that values of a column are written with; none where they cannot be.
    fn type_of(kind: &ColumnType) -> Option<&'static str> {
        let value = match kind {
            ColumnType::Boolean => Value::Bool(Some(true)),
            ColumnType::BigInteger => Value::BigInt(Some(1)),
            ColumnType::Uuid => Value::Uuid(Some(Uuid::nil())),
            ColumnType::TimestampWithTimeZone => Value::ChronoDateTimeUtc(Some(chrono::DateTime::UNIX_EPOCH)),
            ColumnType::VarBinary(_) | ColumnType::Blob | ColumnType::Binary(_) => Value::Bytes(Some(vec![1])),
            ColumnType::String(_) | ColumnType::Text => Value::String(Some("x".to_owned())),
            _ => return None,
        };
        let (cast, literal) = array(&[value]);
        assert!(!["{}", "{NULL}"].contains(&literal.as_str()), "{kind:?}");
        Some(cast)
    }

    fn assert_written<E: EntityTrait>() {
        for column in E::Column::iter() {
            let kind = column.def().get_column_type().clone();
            assert!(type_of(&kind).is_some(), "{}.{}: {kind:?}", E::default().table_name(), column.as_str());
        }
    }

    #[test]
    fn every_column_of_what_is_written_together_is_of_a_type_that_arrays_are_written_of() {
        assert_written::<account::Entity>();
        assert_written::<event::Entity>();
        assert_written::<idempotency::Entity>();
        assert_written::<invitation::Entity>();
        assert_written::<membership::Entity>();
        assert_written::<message::Entity>();
        assert_written::<redemption::Entity>();
        assert_written::<session::Entity>();
        assert_eq!(type_of(&ColumnType::Json), None, "a type of which none are written is told");
    }

    #[test]
    fn a_short_list_of_values_is_filled_up_to_a_power_of_two_and_a_long_one_stays() {
        for (number, sent) in [(1, 1), (3, 4), (513, 1_024), (1_024, 1_024), (1_025, 1_025), (20_000, 20_000)] {
            let mut select = Query::select();
            let values = (0..number).map(|value| Value::BigInt(Some(value))).collect();
            select.column("a").from("t").and_where(among(Engine::Sqlite, Expr::col("a"), values));
            assert_eq!(Engine::Sqlite.write(&select, 0).1.len(), sent, "of {number}");
        }
    }

    #[test]
    fn what_could_end_a_text_of_an_array_early_is_escaped() {
        let texts = ["a", "", "NULL", "a,b", "{c}", "d\"e", "f\\g"].map(Value::from);
        assert_eq!(array(&texts), ("text", r#"{"a","","NULL","a,b","{c}","d\"e","f\\g"}"#.to_owned()));
        let none = [Value::String(None), Value::Bytes(None), Value::Bytes(Some(vec![0, 255]))];
        assert_eq!(array(&none).1, r#"{NULL,NULL,"\\x00ff"}"#);
        assert_eq!(array(&none[..2]), ("text", "{}".to_owned()), "nothing is known");
    }
}
