//! Which live invitations are suspended (rule 6.4): asked of the domain's own rule once for each inviter and grant that
//! occur, and put into SQL as the keys of those.

use crate::{
    convert,
    directory::SqlDirectory,
    entity,
    error::{Failure, corrupt},
    sql::{SqlConnection, col, select_from, table},
};
use invite_domain::{
    access::{ActorFacts, Grant, Inviter, InviterKind},
    id::{OrganizationId, RoleId},
    invitation::lifecycle::is_covered,
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait, FromQueryResult,
    sea_query::{Alias, Expr, ExprTrait, Query, SimpleExpr},
};
use std::collections::HashMap;
use uuid::Uuid;

use entity::{invitation, role};

/// One inviter giving one grant.
struct Combination {
    key: Vec<u8>,
    inviter: Inviter,
    grant: Grant,
}

/// Whether an invitation `i` is open, in time and not used up: pending or suspended.
pub(crate) fn is_open(now: Timestamp) -> SimpleExpr {
    is_pending()
        .and(col("i", invitation::Column::ExpiresAt).gt(now))
        .and(col("i", invitation::Column::Uses).lt(col("i", invitation::Column::MaxUses)))
}

/// Whether an invitation `i` is stored as pending.
pub(crate) fn is_pending() -> SimpleExpr {
    col("i", invitation::Column::State).eq("pending")
}

/// The authority keys, among the open invitations of an organisation, whose inviter may no longer give what they grant.
pub(crate) async fn uncovered(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    now: Timestamp,
    narrowed: Option<SimpleExpr>,
) -> Result<Vec<Vec<u8>>, Failure> {
    let combinations = combinations(sql, organization, now, narrowed).await?;
    if combinations.is_empty() {
        return Ok(Vec::new());
    }
    let mut role_ids: Vec<_> = combinations.iter().filter_map(|one| one.grant.role_id).collect();
    role_ids.sort_unstable();
    role_ids.dedup();
    let mut roles = HashMap::new();
    if !role_ids.is_empty() {
        let mut select = select_from::<role::Entity>("r");
        select
            .and_where(col("r", role::Column::OrganizationId).eq(organization.as_uuid()))
            .and_where(col("r", role::Column::Id).is_in(role_ids.iter().map(RoleId::as_uuid)));
        for row in sql.query_all(&select).await? {
            let role = convert::role(role::Model::from_query_result(&row, "r_")?)?;
            roles.insert(role.id, role);
        }
    }
    let mut inviters: Vec<_> = combinations.iter().map(|one| one.inviter).collect();
    inviters.sort_unstable();
    inviters.dedup();
    let facts = directory.inviters(sql, organization, &inviters).await?;
    let facts: HashMap<_, _> = inviters.into_iter().zip(facts).collect();
    let covered = |one: &Combination| {
        let role = one.grant.role_id.and_then(|id| roles.get(&id));
        is_covered(&one.grant, role, facts.get(&one.inviter).unwrap_or(&ActorFacts::Unknown))
    };
    Ok(combinations.into_iter().filter(|one| !covered(one)).map(|one| one.key).collect())
}

async fn combinations(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    now: Timestamp,
    narrowed: Option<SimpleExpr>,
) -> Result<Vec<Combination>, Failure> {
    let columns = [
        invitation::Column::AuthorityKey,
        invitation::Column::InviterKind,
        invitation::Column::InviterId,
        invitation::Column::RoleId,
        invitation::Column::Permissions,
    ];
    let mut select = Query::select();
    select.distinct().from_as(table::<invitation::Entity>(), Alias::new("i"));
    for column in columns {
        select.expr(col("i", column));
    }
    select
        .and_where(col("i", invitation::Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(is_open(now))
        .and_where(narrowed.unwrap_or_else(|| Expr::val(true)));
    let rows = sql.query_all(&select).await?;
    rows.iter()
        .map(|row| {
            let kind: String = row.try_get("", "inviter_kind")?;
            let kind = InviterKind::from_name(&kind);
            let permissions: String = row.try_get("", "permissions")?;
            let role_id: Option<Uuid> = row.try_get("", "role_id")?;
            Ok(Combination {
                key: row.try_get("", "authority_key")?,
                inviter: Inviter {
                    kind: kind.ok_or_else(|| corrupt("invite_invitations", "inviter_kind", organization))?,
                    id: row.try_get("", "inviter_id")?,
                },
                grant: Grant {
                    role_id: role_id.map(RoleId::from_uuid),
                    permissions: convert::permissions_of("invite_invitations", organization, &permissions)?,
                    default_rate: None,
                    metadata: None,
                },
            })
        })
        .collect()
}
