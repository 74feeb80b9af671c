//! What every plan may write: invitations, redemptions, events, messages, answers.

use super::{Numbers, guards::Guards};
use crate::{
    convert, entity,
    error::Failure,
    sql::{SqlConnection, insert, insert_numbered, insert_statement, is, table, update_statement},
};
use invite_domain::{
    invitation::{DeliveryState, IdempotencyRecord, InvitationChange, Plan, Reason},
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Alias, Expr, ExprTrait, OnConflict, Query, SimpleExpr},
};
use uuid::Uuid;

pub(super) async fn invitation(
    sql: &SqlConnection<'_>,
    guards: &Guards<'_>,
    change: &InvitationChange,
    numbers: &mut Numbers,
) -> Result<(), Failure> {
    use entity::invitation::Entity;
    let row = convert::invitation_row(change.invitation());
    match change {
        InvitationChange::Insert(invitation) => {
            let number = insert_numbered::<Entity>(sql, row).await?;
            numbers.push((invitation.id.as_uuid(), number));
        }
        InvitationChange::Update(invitation) => {
            let expected = guards.invitation_version(invitation.id).unwrap_or(invitation.version - 1);
            if !next_state(sql, &row, expected).await? {
                return Err(Failure::Stale);
            }
        }
    }
    Ok(())
}

/// Columns of an invitation that never change.
pub(super) const KEPT: [&str; 4] = ["number", "id", "organization_id", "created_at"];

/// Brings an invitation to its next state. `false` where the present one is not of the version expected.
pub(super) async fn next_state(
    sql: &SqlConnection<'_>,
    row: &entity::invitation::Model,
    expected: i64,
) -> Result<bool, Failure> {
    use entity::invitation::{Column, Entity};
    let mut update = update_statement::<Entity>(row, &KEPT);
    update
        .and_where(is(Column::OrganizationId, row.organization_id))
        .and_where(is(Column::Id, row.id))
        .and_where(is(Column::Version, expected));
    Ok(sql.execute(&update).await?.rows_affected() == 1)
}

pub(super) async fn cancel_messages(sql: &SqlConnection<'_>, plan: &Plan) -> Result<(), Failure> {
    for (invitation, reason) in &plan.cancel_messages {
        let organization = super::prepared::organization_of(plan, *invitation).map(|id| id.as_uuid());
        cancel(sql, organization, invitation.as_uuid(), *reason, super::instant_of(plan)).await?;
    }
    Ok(())
}

/// Cancels the queued messages of an invitation that carry its link. Where it is not said when, as of their making.
pub(super) async fn cancel(
    sql: &SqlConnection<'_>,
    organization: Option<Uuid>,
    invitation: Uuid,
    reason: Reason,
    at: Option<Timestamp>,
) -> Result<(), Failure> {
    use entity::message::{Column, Entity};
    let settled_at = at.map_or_else(|| Expr::col(Alias::new("created_at")), Expr::val);
    let mut update = Query::update();
    update
        .table(table::<Entity>())
        .value(Alias::new("state"), DeliveryState::Cancelled.name())
        .value(Alias::new("reason"), reason.name())
        .value(Alias::new("settled_at"), settled_at.clone())
        .value(Alias::new("kept_since"), settled_at)
        // A dispatcher that has it in hand finds its lease gone and writes nothing.
        .value(Alias::new("lease_token"), Option::<Uuid>::None)
        .and_where(is(Column::InvitationId, invitation))
        .and_where(is(Column::State, DeliveryState::Queued.name()))
        // What members are told of it stays.
        .and_where(convert::carries_link(Expr::col(Alias::new("about"))));
    if let Some(organization) = organization {
        update.and_where(is(Column::OrganizationId, organization));
    }
    sql.execute(&update).await?;
    Ok(())
}

/// Queues again what was given up.
pub(super) async fn replay_messages(sql: &SqlConnection<'_>, plan: &Plan) -> Result<(), Failure> {
    use entity::message::{Column, Entity};
    for (message, at) in &plan.replay_messages {
        let mut update = Query::update();
        update
            .table(table::<Entity>())
            .value(Alias::new("state"), DeliveryState::Queued.name())
            .value(Alias::new("reason"), Option::<String>::None)
            .value(Alias::new("attempts"), 0_i64)
            .value(Alias::new("next_attempt_at"), *at)
            .value(Alias::new("available_at"), *at)
            .value(Alias::new("settled_at"), Option::<Timestamp>::None)
            .value(Alias::new("kept_since"), Option::<Timestamp>::None)
            .and_where(is(Column::Id, message.as_uuid()))
            .and_where(is(Column::State, DeliveryState::Failed.name()));
        if sql.execute(&update).await?.rows_affected() != 1 {
            return Err(Failure::Stale);
        }
    }
    Ok(())
}

/// Redemption, events, messages and the answer to repeat: one statement each.
pub(super) async fn records(sql: &SqlConnection<'_>, plan: &Plan) -> Result<(), Failure> {
    if let Some(redemption) = &plan.redemption {
        insert::<entity::redemption::Entity>(sql, &[convert::redemption_row(redemption)]).await?;
    }
    let events: Vec<_> = plan.events.iter().map(convert::event_row).collect();
    insert::<entity::event::Entity>(sql, &events).await?;
    let messages: Vec<_> = plan.messages.iter().map(convert::message_row).collect();
    insert::<entity::message::Entity>(sql, &messages).await?;
    if let Some(record) = &plan.idempotency {
        answer(sql, &convert::idempotency_row(record), record.created_at).await?;
    }
    Ok(())
}

/// The answer of a request, in the place of one that no longer counts. Where one still does, the plan is stale.
pub(super) async fn answer(
    sql: &SqlConnection<'_>,
    row: &entity::idempotency::Model,
    created_at: Timestamp,
) -> Result<(), Failure> {
    use entity::idempotency::{Column, Entity};
    let ended = created_at - IdempotencyRecord::LIFETIME;
    if !sql.engine().upserts_conditionally() {
        let mut delete = Query::delete();
        delete
            .from_table(table::<Entity>())
            .and_where(is(Column::Scope, row.scope.as_str()))
            .and_where(is(Column::RequestKey, row.request_key.as_str()))
            .and_where(has_ended(ended));
        sql.execute(&delete).await?;
        // Where one still counts, its key is taken.
        return Ok(insert::<Entity>(sql, std::slice::from_ref(row)).await?);
    }
    let mut upsert = insert_statement::<Entity>(std::slice::from_ref(row), None);
    upsert.on_conflict(replace_ended(ended));
    if sql.execute(&upsert).await?.rows_affected() == 1 { Ok(()) } else { Err(Failure::Stale) }
}

fn has_ended(ended: Timestamp) -> SimpleExpr {
    Expr::col((table::<entity::idempotency::Entity>(), Alias::new("created_at"))).lte(ended)
}

/// What becomes of an answer that is there already: it is replaced where it was given until then.
pub(super) fn replace_ended(ended: Timestamp) -> OnConflict {
    OnConflict::columns(["scope", "request_key"].map(Alias::new))
        .update_columns(["fingerprint", "answer", "result", "generation", "created_at"].map(Alias::new))
        .action_and_where(has_ended(ended))
        .to_owned()
}
