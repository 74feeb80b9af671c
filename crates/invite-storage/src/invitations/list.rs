//! Lists of invitations.

use super::{
    filter,
    record::{complete, found, select_invitations},
};
use crate::{directory::SqlDirectory, error::Failure, page::Keyset, sql::SqlConnection};
use invite_domain::{
    id::OrganizationId,
    page::{Page, PageRequest},
    port::{InvitationFilter, InvitationRecord, SortKey},
    time::Timestamp,
};
use sea_orm::sea_query::SelectStatement;

/// The order of a list.
fn keyset(filter: &InvitationFilter) -> Keyset {
    match filter.sort {
        SortKey::CreatedAt => Keyset::of_instant("i", "created_at", filter.descending),
        SortKey::ExpiresAt => Keyset::of_instant("i", "expires_at", filter.descending),
        SortKey::Email => Keyset::of_text("i", "recipient_key", filter.descending),
    }
}

async fn select(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    filter: &InvitationFilter,
    now: Timestamp,
) -> Result<SelectStatement, Failure> {
    let mut select = select_invitations();
    filter::narrow(sql, directory, &mut select, organization, filter, now).await?;
    Ok(select)
}

pub(super) async fn list(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    filter: &InvitationFilter,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<InvitationRecord>, Failure> {
    let select = select(sql, directory, organization, filter, now).await?;
    let rows = keyset(filter).page(sql, select, page, |row| found(row, "i", "ir")).await?;
    let Page { items, next, total } = rows;
    let items = complete(sql, directory, organization, items.into_iter().flatten().collect()).await?;
    Ok(Page { items, next, total })
}
