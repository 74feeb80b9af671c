//! The audit trail.

use crate::{
    convert, entity,
    error::Failure,
    page::Keyset,
    sql::{SqlConnection, col, select_from},
};
use entity::event::{Column, Entity, Model};
use invite_domain::{
    id::OrganizationId,
    invitation::Event,
    page::{Page, PageRequest},
    port::EventFilter,
};
use sea_orm::{FromQueryResult, sea_query::ExprTrait};

pub(super) async fn events(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    filter: &EventFilter,
    page: &PageRequest,
) -> Result<Page<Event>, Failure> {
    let mut select = select_from::<Entity>("e");
    select.and_where(col("e", Column::OrganizationId).eq(organization.as_uuid()));
    if let Some(kind) = filter.kind {
        select.and_where(col("e", Column::Kind).eq(kind.name()));
    }
    if let Some(invitation) = filter.invitation_id {
        select.and_where(col("e", Column::InvitationId).eq(invitation.as_uuid()));
    }
    if let Some(actor) = filter.actor_id {
        select.and_where(col("e", Column::ActorId).eq(actor));
    }
    if let Some(since) = filter.since {
        select.and_where(col("e", Column::RecordedAt).gte(since));
    }
    if let Some(before) = filter.before {
        select.and_where(col("e", Column::RecordedAt).lt(before));
    }
    let keyset = Keyset::of_instant("e", "recorded_at", false);
    keyset.page(sql, select, page, |row| Ok(convert::event(Model::from_query_result(row, "e_")?)?)).await
}
