//! What no statement can judge: whether a row can be read, and says what the domain would have it say. A batch of invitations
//! at a time.

use super::{CLOCKS, EXAMPLES, Finding, invitations};
use crate::{
    convert,
    entity::{
        invitation::{Column, Entity, Model},
        redemption,
    },
    error::Failure,
    sql::{SqlConnection, col, select_from},
};
use invite_domain::{port::PortError, time::Timestamp};
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, Order,
    sea_query::{Alias, Expr, ExprTrait},
};
use uuid::Uuid;

/// How many invitations are read at once.
const BATCH: u64 = 1_000;

pub(super) async fn judge(sql: &SqlConnection<'_>) -> Result<[Finding; 2], Failure> {
    let mut rows = Finding {
        invariant: "rows_say_what_they_mean",
        meaning: "every invitation can be read, grants what its link was made for, and what is derived from it agrees",
        looked_at: 0,
        violations: 0,
        examples: Vec::new(),
    };
    let mut times = Finding {
        invariant: "redeemed_while_open",
        meaning: "nothing was redeemed before its issue or after its end, by more than clocks may differ",
        looked_at: 0,
        violations: 0,
        examples: Vec::new(),
    };
    let mut last = i64::MIN;
    loop {
        let mut select = select_from::<Entity>("i");
        select
            .and_where(col("i", Column::Number).gt(last))
            .order_by_expr(col("i", Column::Number), Order::Asc)
            .limit(BATCH);
        let batch = sql.query_all(&select).await?;
        let Some(end) = batch.last().map(|row| row.try_get::<i64>("", "i_number")).transpose()? else {
            return Ok([rows, times]);
        };
        for row in &batch {
            rows.looked_at += 1;
            match Model::from_query_result(row, "i_") {
                Ok(row) if means_what_it_says(&row)? => {}
                Ok(row) => note::<Entity>(&mut rows, row.id),
                // Not even its columns can be read. Its number can.
                Err(_) => {
                    let number: i64 = row.try_get("", "i_number")?;
                    note_called::<Entity>(&mut rows, &format!("number {number}"));
                }
            }
        }
        judge_times(sql, last, end, &mut times).await?;
        last = end;
    }
}

fn note<E: EntityTrait>(finding: &mut Finding, id: Uuid) {
    note_called::<E>(finding, &id.to_string());
}

fn note_called<E: EntityTrait>(finding: &mut Finding, name: &str) {
    finding.violations += 1;
    if finding.violations <= EXAMPLES {
        finding.examples.push(format!("{} {name}", E::default().table_name()));
    }
}

fn means_what_it_says(row: &Model) -> Result<bool, Failure> {
    match convert::invitation(row) {
        Ok(invitation) => {
            let granted = invitation.compute_grant_digest() == invitation.grant_digest;
            Ok(granted && convert::invitation_row(&invitation) == *row)
        }
        Err(PortError::Corrupt(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The redemptions of the invitations whose numbers lie above `last` and up to `end`.
async fn judge_times(sql: &SqlConnection<'_>, last: i64, end: i64, times: &mut Finding) -> Result<(), Failure> {
    use redemption::Column as R;
    let mut select = invitations::redemptions();
    select
        .expr_as(col("r", R::RedeemedAt), Alias::new("redeemed_at"))
        .expr_as(col("i", Column::CreatedAt), Alias::new("created_at"))
        .expr_as(col("i", Column::EndedAt), Alias::new("ended_at"))
        .and_where(col("i", Column::Number).gt(last))
        .and_where(col("i", Column::Number).lte(Expr::val(end)));
    for row in sql.query_all(&select).await? {
        let redeemed_at: Timestamp = row.try_get("", "redeemed_at")?;
        let created_at: Timestamp = row.try_get("", "created_at")?;
        let ended_at: Option<Timestamp> = row.try_get("", "ended_at")?;
        times.looked_at += 1;
        if redeemed_at + CLOCKS < created_at || ended_at.is_some_and(|ended_at| ended_at + CLOCKS < redeemed_at) {
            note::<redemption::Entity>(times, row.try_get("", "id")?);
        }
    }
    Ok(())
}
