//! What an engine can be asked about its own files.

use super::{EXAMPLES, Finding};
use crate::{error::Failure, sql::SqlConnection};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Alias, Expr, ExprTrait, Func, Query},
};

/// SQLite keeps its file itself, and looks at its references only where it was told to.
pub(super) async fn sqlite(sql: &SqlConnection<'_>) -> Result<Finding, Failure> {
    let mut finding = Finding {
        invariant: "file_is_sound",
        meaning: "SQLite finds its file whole, its indexes complete, and a row behind every reference",
        looked_at: 1,
        violations: 0,
        examples: Vec::new(),
    };
    let mut whole = Query::select();
    whole
        .expr_as(Expr::col(Alias::new("integrity_check")), Alias::new("said"))
        .from_function(Func::cust("pragma_integrity_check"), Alias::new("checked"));
    for row in sql.query_all(&whole).await? {
        let said: String = row.try_get("", "said")?;
        if said != "ok" {
            note(&mut finding, said);
        }
    }
    let mut broken = Query::select();
    broken
        .expr_as(Expr::col(Alias::new("table")), Alias::new("child"))
        .expr_as(Expr::col(Alias::new("rowid")).cast_as(Alias::new("TEXT")), Alias::new("line"))
        .expr_as(Expr::col(Alias::new("parent")), Alias::new("parent"))
        .from_function(Func::cust("pragma_foreign_key_check"), Alias::new("broken"));
    for row in sql.query_all(&broken).await? {
        let (child, parent): (String, String) = (row.try_get("", "child")?, row.try_get("", "parent")?);
        let line: Option<String> = row.try_get("", "line")?;
        note(&mut finding, format!("row {} of {child} has no row of {parent}", line.unwrap_or_default()));
    }
    Ok(finding)
}

fn note(finding: &mut Finding, words: String) {
    finding.violations += 1;
    if finding.violations <= EXAMPLES {
        finding.examples.push(words);
    }
}
