//! Statements that are put together as texts. Values are always parameters, in the order in which they stand in the text, since MariaDB's
//! have no numbers.

use crate::{
    engine::Engine,
    entity,
    group::rows::{any_of, filled_up},
};
use sea_orm::{EntityTrait, IdenStatic, Iterable, Statement, Value};
use std::{fmt::Write as _, sync::LazyLock};

/// The values of a text.
pub(super) struct Text {
    pub(super) engine: Engine,
    values: Vec<Value>,
}

impl Text {
    pub(super) fn new(engine: Engine) -> Self {
        Self { engine, values: Vec::new() }
    }

    /// The place of a value.
    pub(super) fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        self.engine.placeholder(self.values.len())
    }

    /// The condition that a column has one of the values, of which there is at least one.
    pub(super) fn among(&mut self, column: &str, values: Vec<Value>) -> String {
        if let [value] = &values[..] {
            return format!("{column} = {}", self.value(value.clone()));
        }
        if self.engine.takes_arrays() {
            let (any, literal) = any_of(&values, &self.engine.placeholder(self.values.len() + 1));
            self.values.push(literal.into());
            return format!("{column} = {any}");
        }
        let places: Vec<_> = filled_up(values).into_iter().map(|value| self.value(value)).collect();
        format!("{column} IN ({})", places.join(", "))
    }

    /// The values, where the text becomes part of another that begins with them.
    pub(super) fn into_values(self) -> Vec<Value> {
        self.values
    }

    pub(super) fn statement(self, text: String) -> Statement {
        Statement::from_sql_and_values(self.engine.backend(), text, self.values)
    }
}

/// Writes columns of a table, each with a comma behind it.
pub(super) fn list<'c>(text: &mut String, alias: &str, columns: impl IntoIterator<Item = &'c str>) {
    for column in columns {
        // Into a text nothing fails.
        let _ = write!(text, "{alias}.{column}, ");
    }
}

/// All columns of the organisation `o`, each with a comma behind it.
pub(super) static ORGANIZATION: LazyLock<String> = LazyLock::new(|| all::<entity::organization::Entity>("o"));

/// All columns of a table, each with a comma behind it.
pub(super) fn all<E: EntityTrait>(alias: &str) -> String {
    let mut text = String::new();
    list(&mut text, alias, E::Column::iter().map(|column| column.as_str()).collect::<Vec<_>>());
    text
}
