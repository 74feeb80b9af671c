//! The conditions of a list. The status a row is filtered by is the one `Status::of` gives: what is stored, time and uses
//! are compared in SQL, authority is asked of the domain (`coverage`).

use super::{
    coverage::{is_open, is_pending, uncovered},
    record::is_latest_message,
};
use crate::{
    directory::SqlDirectory,
    entity,
    error::{Failure, corrupt},
    sql::{SqlConnection, col, table},
};
use invite_domain::{
    access::{Inviter, InviterKind},
    id::OrganizationId,
    invitation::{RecipientKind, Status},
    port::{InvitationFilter, SortKey},
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Alias, Expr, ExprTrait, Query, SimpleExpr},
};

use entity::{invitation, message, role};

/// What the filter wants of invitations `i`.
pub(super) async fn conditions(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    filter: &InvitationFilter,
    now: Timestamp,
) -> Result<Vec<SimpleExpr>, Failure> {
    let mut all = vec![col("i", invitation::Column::OrganizationId).eq(organization.as_uuid())];
    if !filter.statuses.is_empty() {
        if filter.sort != SortKey::CreatedAt && filter.statuses.iter().copied().all(is_stored_pending) {
            // Said once more beside the statuses, where an index in the wanted order can begin with it.
            all.push(is_pending());
        }
        all.push(statuses(sql, directory, organization, &filter.statuses, now).await?);
    }
    if let Some(kind) = filter.recipient_kind {
        all.push(col("i", invitation::Column::RecipientKind).eq(kind.name()));
    }
    if let Some(role) = filter.role_id {
        all.push(col("i", invitation::Column::RoleId).eq(role.as_uuid()));
    }
    if let Some(inviter) = filter.inviter_id {
        all.push(col("i", invitation::Column::InviterId).eq(inviter));
    }
    if let Some(batch) = filter.batch_id {
        all.push(col("i", invitation::Column::BatchId).eq(batch.as_uuid()));
    }
    if let Some(state) = filter.delivery {
        let mut latest = Query::select();
        latest
            .expr(Expr::val(1))
            .from_as(table::<message::Entity>(), Alias::new("m"))
            .and_where(col("m", message::Column::OrganizationId).eq(col("i", invitation::Column::OrganizationId)))
            .and_where(col("m", message::Column::InvitationId).eq(col("i", invitation::Column::Id)))
            .and_where(col("m", message::Column::State).eq(state.name()))
            .and_where(is_latest_message());
        all.push(Expr::exists(latest));
    }
    if let Some(part) = &filter.query {
        all.push(mentions(sql, directory, organization, part).await?);
    }
    Ok(all)
}

/// Whether only an invitation that is stored as pending can have this status.
fn is_stored_pending(status: Status) -> bool {
    match status {
        Status::Pending | Status::Expired | Status::Exhausted | Status::Suspended => true,
        Status::Redeemed | Status::Declined | Status::Revoked => false,
    }
}

async fn statuses(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    wanted: &[Status],
    now: Timestamp,
) -> Result<SimpleExpr, Failure> {
    let state = |name: &'static str| col("i", invitation::Column::State).eq(name);
    let expires = || col("i", invitation::Column::ExpiresAt);
    let (pending, suspended) = (wanted.contains(&Status::Pending), wanted.contains(&Status::Suspended));
    // Where both are wanted, or neither, nobody has to be asked who may give what.
    let keys =
        if pending == suspended { Vec::new() } else { uncovered(sql, directory, organization, now, None).await? };
    let is_uncovered = || col("i", invitation::Column::AuthorityKey).is_in(keys.iter().cloned());
    let mut any = Expr::val(false);
    for status in Status::ALL.into_iter().filter(|status| wanted.contains(status)) {
        any = any.or(match status {
            Status::Redeemed => state("redeemed"),
            Status::Declined => state("declined"),
            Status::Revoked => state("revoked"),
            Status::Expired => is_pending().and(expires().lte(now)),
            Status::Exhausted => is_pending()
                .and(expires().gt(now))
                .and(col("i", invitation::Column::Uses).gte(col("i", invitation::Column::MaxUses))),
            Status::Pending if suspended => is_open(now),
            Status::Pending => is_open(now).and(is_uncovered().not()),
            Status::Suspended if pending => is_open(now),
            Status::Suspended => is_open(now).and(is_uncovered()),
        });
    }
    Ok(any)
}

/// Whether address, role name or inviter's name hold a part. Names of inviters are the directory's, which need not be in
/// this database's tables: they are compared here and named by id.
async fn mentions(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    part: &str,
) -> Result<SimpleExpr, Failure> {
    let mut roles = Query::select();
    roles
        .expr(col("r", role::Column::Id))
        .from_as(table::<role::Entity>(), Alias::new("r"))
        .and_where(col("r", role::Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(sql.engine().contains(col("r", role::Column::Name), part));
    let mut select = Query::select();
    select
        .distinct()
        .expr(col("i", invitation::Column::InviterKind))
        .expr(col("i", invitation::Column::InviterId))
        .from_as(table::<invitation::Entity>(), Alias::new("i"))
        .and_where(col("i", invitation::Column::OrganizationId).eq(organization.as_uuid()));
    let rows = sql.query_all(&select).await?;
    let inviters = rows.iter().map(|row| {
        let kind: String = row.try_get("", "inviter_kind")?;
        let kind = InviterKind::from_name(&kind);
        let kind = kind.ok_or_else(|| corrupt("invite_invitations", "inviter_kind", organization))?;
        Ok(Inviter { kind, id: row.try_get("", "inviter_id")? })
    });
    let inviters: Vec<Inviter> = inviters.collect::<Result<_, Failure>>()?;
    let part_lower = part.to_ascii_lowercase();
    let facts = directory.inviters(sql, organization, &inviters).await?;
    let named = inviters
        .iter()
        .zip(&facts)
        .filter(|(_, facts)| facts.name().is_some_and(|name| name.to_ascii_lowercase().contains(&part_lower)));
    let named: Vec<_> = named.map(|(inviter, _)| inviter.id).collect();
    // The key of a record is its id, which is no address.
    let is_address = col("i", invitation::Column::RecipientKind).ne(RecipientKind::Subject.name());
    let says = |column| sql.engine().contains(col("i", column), part);
    Ok(says(invitation::Column::RecipientOriginal)
        .or(is_address.and(says(invitation::Column::RecipientKey)))
        .or(col("i", invitation::Column::RoleId).in_subquery(roles))
        .or(col("i", invitation::Column::InviterId).is_in(named)))
}
