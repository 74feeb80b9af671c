//! What every plan may write: invitations, redemptions, events, messages, answers.

use super::{Numbers, guards::Guards};
use crate::{
    convert, entity,
    error::Failure,
    sql::{SqlConnection, insert, insert_numbered, insert_statement, is, table, update_statement},
};
use invite_domain::{
    invitation::{DeliveryState, IdempotencyRecord, InvitationChange, Plan},
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Alias, Expr, ExprTrait, OnConflict, Query},
};

pub(super) async fn invitation(
    sql: &SqlConnection<'_>,
    guards: &Guards<'_>,
    change: &InvitationChange,
    numbers: &mut Numbers,
) -> Result<(), Failure> {
    use entity::invitation::{Column, Entity};
    let row = convert::invitation_row(change.invitation());
    match change {
        InvitationChange::Insert(invitation) => {
            let number = insert_numbered::<Entity>(sql, row).await?;
            numbers.push((invitation.id.as_uuid(), number));
        }
        InvitationChange::Update(invitation) => {
            let expected = guards.invitation_version(invitation.id).unwrap_or(invitation.version - 1);
            let mut update = update_statement::<Entity>(&row, &["number", "id", "organization_id", "created_at"]);
            update
                .and_where(is(Column::OrganizationId, row.organization_id))
                .and_where(is(Column::Id, row.id))
                .and_where(is(Column::Version, expected));
            if sql.execute(&update).await?.rows_affected() != 1 {
                return Err(Failure::Stale);
            }
        }
    }
    Ok(())
}

pub(super) async fn cancel_messages(sql: &SqlConnection<'_>, plan: &Plan) -> Result<(), Failure> {
    use entity::message::{Column, Entity};
    for (invitation, reason) in &plan.cancel_messages {
        let organization = plan
            .invitations
            .iter()
            .map(InvitationChange::invitation)
            .find(|changed| changed.id == *invitation)
            .map(|changed| changed.organization_id)
            .or_else(|| plan.events.first().map(|event| event.organization_id));
        let settled_at = super::instant_of(plan).map_or_else(|| Expr::col(Alias::new("created_at")), Expr::val);
        let mut update = Query::update();
        update
            .table(table::<Entity>())
            .value(Alias::new("state"), DeliveryState::Cancelled.name())
            .value(Alias::new("reason"), reason.name())
            .value(Alias::new("settled_at"), settled_at.clone())
            .value(Alias::new("kept_since"), settled_at)
            // A dispatcher that has it in hand finds its lease gone and writes nothing.
            .value(Alias::new("lease_token"), Option::<uuid::Uuid>::None)
            .and_where(is(Column::InvitationId, invitation.as_uuid()))
            .and_where(is(Column::State, DeliveryState::Queued.name()))
            // What members are told of it stays.
            .and_where(convert::carries_link(Expr::col(Alias::new("about"))));
        if let Some(organization) = organization {
            update.and_where(is(Column::OrganizationId, organization.as_uuid()));
        }
        sql.execute(&update).await?;
    }
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
        answer(sql, record).await?;
    }
    Ok(())
}

/// The answer of a request, in the place of one that no longer counts. Where one still does, the plan is stale.
async fn answer(sql: &SqlConnection<'_>, record: &IdempotencyRecord) -> Result<(), Failure> {
    use entity::idempotency::{Column, Entity};
    let ended = record.created_at - IdempotencyRecord::LIFETIME;
    let is_over = Expr::col((table::<Entity>(), Alias::new("created_at"))).lte(ended);
    let columns = ["fingerprint", "answer", "result", "generation", "created_at"].map(Alias::new);
    if !sql.engine().upserts_conditionally() {
        let mut delete = Query::delete();
        delete
            .from_table(table::<Entity>())
            .and_where(is(Column::Scope, record.scope.as_str()))
            .and_where(is(Column::RequestKey, record.key.as_str()))
            .and_where(is_over);
        sql.execute(&delete).await?;
        // Where one still counts, its key is taken.
        return Ok(insert::<Entity>(sql, &[convert::idempotency_row(record)]).await?);
    }
    let mut upsert = insert_statement::<Entity>(&[convert::idempotency_row(record)], None);
    upsert.on_conflict(
        OnConflict::columns(["scope", "request_key"].map(Alias::new))
            .update_columns(columns)
            .action_and_where(is_over)
            .to_owned(),
    );
    if sql.execute(&upsert).await?.rows_affected() == 1 { Ok(()) } else { Err(Failure::Stale) }
}
