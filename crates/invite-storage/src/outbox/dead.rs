//! Dead letters: messages that were given up, until somebody has them tried again or retention deletes them.

use crate::{
    convert, entity,
    error::Failure,
    page::Keyset,
    sql::{SqlConnection, col, select_from},
};
use entity::message::{Column, Entity, Model};
use invite_domain::{
    id::{MessageId, OrganizationId},
    invitation::{DeadLetter, DeliveryState},
    page::{Page, PageRequest},
    port::PortError,
};
use sea_orm::{
    ConnectionTrait, FromQueryResult, QueryResult,
    sea_query::{ExprTrait, SelectStatement},
};

fn select_dead(organization: OrganizationId) -> SelectStatement {
    let mut select = select_from::<Entity>("m");
    select
        .and_where(col("m", Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(col("m", Column::State).eq(DeliveryState::Failed.name()))
        .and_where(col("m", Column::InvitationId).is_not_null())
        .and_where(convert::carries_link(col("m", Column::About)));
    select
}

fn read(row: &QueryResult) -> Result<DeadLetter, Failure> {
    let message = convert::message(&Model::from_query_result(row, "m_")?)?;
    // A message that is given up has a reason and an end; one of an invitation was asked for.
    let bad =
        || PortError::corrupt(format!("invite_messages {}: given up without reason or end", message.id.as_uuid()));
    Ok(DeadLetter::of(&message).ok_or_else(bad)?)
}

pub(super) async fn list(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    page: &PageRequest,
) -> Result<Page<DeadLetter>, Failure> {
    Keyset::of_instant("m", "settled_at", true).page(sql, select_dead(organization), page, read).await
}

pub(super) async fn one(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    id: MessageId,
) -> Result<Option<DeadLetter>, Failure> {
    let mut select = select_dead(organization);
    select.and_where(col("m", Column::Id).eq(id.as_uuid()));
    sql.query_one(&select).await?.as_ref().map(read).transpose()
}
