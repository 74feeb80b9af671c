//! What differs where lists are read: which joins an engine knows, and by which index it finds a part of a text.

use super::Engine;
use sea_orm::{
    DatabaseBackend, Statement, Value,
    sea_query::{Expr, ExprTrait, LikeExpr, SelectStatement},
};

/// What takes a bound from a MariaDB statement: the most the setting can be.
const UNBOUNDED: &str = "SET STATEMENT max_recursive_iterations = 4294967295 FOR ";

/// What is searched of a recipient: the address as it was written, and its key where that says something else. `of` stands
/// before the columns. The letters of PostgreSQL's index are folded; the expression has to be the index's own, word for word.
pub(crate) fn searched_text(of: &str) -> String {
    let (original, key) = (format!("{of}recipient_original"), format!("{of}recipient_key"));
    let lower = format!("lower({original} COLLATE \"C\")");
    format!(
        "(CASE WHEN {of}recipient_kind <> 'subject' AND {key} <> {lower} THEN {lower} || ' ' || {key} ELSE {lower} END)"
    )
}

impl Engine {
    /// The engine's name to the library.
    pub(crate) fn backend(self) -> DatabaseBackend {
        match self {
            Self::Sqlite => DatabaseBackend::Sqlite,
            Self::Postgres => DatabaseBackend::Postgres,
            Self::MariaDb => DatabaseBackend::MySql,
        }
    }

    /// How the value of this number is written into a statement; the first is 1.
    pub(crate) fn placeholder(self, number: usize) -> String {
        if self == Self::Postgres { format!("${number}") } else { "?".to_owned() }
    }

    /// Whether places have numbers, so that a value may stand anywhere.
    pub(crate) fn numbers_places(self) -> bool {
        self == Self::Postgres
    }

    /// How the library writes a name.
    pub(crate) fn quoted(self, name: &str) -> String {
        if self == Self::MariaDb { format!("`{name}`") } else { format!("\"{name}\"") }
    }

    /// A statement that goes on from one row to the next until there is no more. MariaDB ends that after 1,000 rows (10.6 and
    /// newer) and answers what it has until then; whose session it is makes no difference where the statement says so itself.
    pub(crate) fn recursing(self, text: String) -> String {
        if self == Self::MariaDb { format!("{UNBOUNDED}{text}") } else { text }
    }

    /// Whether a join can look up, for each row, the first rows of an index. Where not, a join says that there is no later row.
    pub(crate) fn joins_laterally(self) -> bool {
        self == Self::Postgres
    }

    /// Whether whole rows can be read where they are found. MariaDB writes such rows into a table first; there keys are found,
    /// and rows by them.
    pub(crate) fn finds_whole_rows(self) -> bool {
        self != Self::MariaDb
    }

    /// The column by which rows are read whose keys were found in an index: one that is in all of them.
    pub(crate) fn link(self) -> &'static str {
        if self == Self::Postgres { "id" } else { "number" }
    }

    /// The values of a column where they differ from those of the row before, in this order; else nothing. What stands once
    /// for many rows is joined once then. Elsewhere than on PostgreSQL a window costs more than the look-ups.
    pub(crate) fn where_it_changes(self, column: &str, order: &str) -> String {
        match self {
            Self::Postgres => format!(
                "CASE WHEN lag(i.{column}) OVER (ORDER BY {order}) IS DISTINCT FROM i.{column} THEN i.{column} END"
            ),
            Self::Sqlite | Self::MariaDb => format!("i.{column}"),
        }
    }

    /// Whether an index finds parts of addresses.
    pub(crate) fn seeks_parts(self) -> bool {
        self == Self::Postgres
    }

    /// Narrows invitations `i` to those an index finds a part of whose address in; `false` where there is no such index. It may
    /// find some too many: the part itself has to be compared too.
    pub(crate) fn seek_part(self, select: &mut SelectStatement, part: &str) -> bool {
        if !self.seeks_parts() {
            return false;
        }
        let text = Expr::cust(searched_text("i."));
        select.and_where(text.like(LikeExpr::new(super::like_pattern(part)).escape('\\')));
        true
    }

    /// A select's text and values, the values counted on from `before` others.
    pub(crate) fn write(self, select: &SelectStatement, before: usize) -> (String, Vec<Value>) {
        let Statement { sql, values, .. } = self.backend().build(select);
        let values = values.map(|values| values.0).unwrap_or_default();
        if self != Self::Postgres || before == 0 {
            return (sql, values);
        }
        let mut parts = sql.split('$');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let number: usize = part[..digits].parse().unwrap_or_default();
            text.push('$');
            text.push_str(&(number + before).to_string());
            text.push_str(&part[digits..]);
        }
        (text, values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::sea_query::Query;

    #[test]
    fn values_are_counted_on_from_those_before() {
        let mut select = Query::select();
        select.column("a").from("t").and_where(Expr::col("b").eq(1)).and_where(Expr::col("c").is_in([2; 11]));
        let (sql, values) = Engine::Postgres.write(&select, 9);
        assert!(sql.contains("= $10 AND") && sql.contains("$11, ") && sql.ends_with("$21)"), "{sql}");
        assert_eq!(values.len(), 12);
        assert!(Engine::Sqlite.write(&select, 9).0.contains("= ? AND"));
    }
}
