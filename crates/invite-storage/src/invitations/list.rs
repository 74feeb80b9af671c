//! Lists of invitations.

use super::{
    filter,
    record::{complete, found, select_invitations},
};
use crate::{directory::SqlDirectory, entity::invitation::Entity, error::Failure, page::Keyset, sql::SqlConnection};
use invite_domain::{
    id::OrganizationId,
    page::{Page, PageRequest},
    port::{InvitationFilter, InvitationRecord, SortKey},
    time::Timestamp,
};
use sea_orm::QueryResult;

/// The order of a list.
fn keyset(filter: &InvitationFilter) -> Keyset {
    match filter.sort {
        SortKey::CreatedAt => Keyset::of_instant("i", "created_at", filter.descending),
        SortKey::ExpiresAt => Keyset::of_instant("i", "expires_at", filter.descending),
        SortKey::Email => Keyset::of_text("i", "recipient_key", filter.descending),
        SortKey::Number => Keyset::of_number("i", filter.descending),
        SortKey::DefaultRate => Keyset::of_text("i", "rate_key", filter.descending),
    }
}

pub(super) async fn list(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    filter: &InvitationFilter,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<InvitationRecord>, Failure> {
    let conditions = filter::conditions(sql, directory, organization, filter, now).await?;
    let read = |row: &QueryResult| found(row, "i", "ir");
    let keyset = keyset(filter);
    let rows = keyset.numbered_page::<Entity, _>(sql, select_invitations(), &conditions, page, read).await?;
    let Page { items, next, total } = rows;
    let items = complete(sql, directory, organization, items.into_iter().flatten().collect()).await?;
    Ok(Page { items, next, total })
}
