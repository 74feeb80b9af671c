//! An invitation with what is needed to judge and show it, in a number of statements that does not grow with the rows.

use crate::{
    convert,
    directory::SqlDirectory,
    entity,
    error::Failure,
    group::rows::among_ids,
    sql::{SqlConnection, col, join_optional, project, select_from, table},
};
use invite_domain::{
    access::{Inviter, Role},
    id::{InvitationId, OrganizationId},
    invitation::{Delivery, Invitation, Redemption},
    port::InvitationRecord,
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait, FromQueryResult, Order, QueryResult,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};
use std::collections::HashMap;
use uuid::Uuid;

use entity::{invitation, message, redemption, role};

/// An invitation and its role as it stands now.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) invitation: Invitation,
    pub(crate) role: Option<Role>,
}

/// Invitations `i` with their roles `ir`.
pub(crate) fn select_invitations() -> SelectStatement {
    let mut select = select_from::<invitation::Entity>("i");
    join_role(&mut select, "i", "ir");
    select
}

/// Joins the role of an invitation.
pub(super) fn join_role(select: &mut SelectStatement, invitation: &'static str, role: &'static str) {
    let on = col(role, role::Column::OrganizationId)
        .eq(col(invitation, invitation::Column::OrganizationId))
        .and(col(role, role::Column::Id).eq(col(invitation, invitation::Column::RoleId)));
    join_optional::<role::Entity>(select, role, on);
}

/// The invitation of a row that calls it so, and its role.
pub(crate) fn found(row: &QueryResult, invitation: &str, role: &str) -> Result<Option<Found>, Failure> {
    let Some(invitation) = Option::<invitation::Model>::from_query_result(row, &format!("{invitation}_"))? else {
        return Ok(None);
    };
    let role = Option::<role::Model>::from_query_result(row, &format!("{role}_"))?;
    Ok(Some(Found { invitation: convert::invitation(&invitation)?, role: role.map(convert::role).transpose()? }))
}

/// Completes invitations of one organisation, in their order.
pub(crate) async fn complete(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    rows: Vec<Found>,
) -> Result<Vec<InvitationRecord>, Failure> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut inviters: Vec<Inviter> = rows.iter().map(|row| row.invitation.inviter).collect();
    inviters.sort_unstable();
    inviters.dedup();
    let facts = directory.inviters(sql, organization, &inviters).await?;
    let facts: HashMap<_, _> = inviters.into_iter().zip(facts).collect();
    let ids: Vec<_> = rows.iter().map(|row| row.invitation.id.as_uuid()).collect();
    let mut deliveries = deliveries(sql, organization, ids).await?;
    let used = rows.iter().filter(|row| row.invitation.uses > 0).map(|row| row.invitation.id.as_uuid());
    let mut redemptions = last_redemptions(sql, organization, used.collect()).await?;
    Ok(rows
        .into_iter()
        .map(|Found { invitation, role }| InvitationRecord {
            role,
            inviter: facts.get(&invitation.inviter).cloned().unwrap_or(invite_domain::access::ActorFacts::Unknown),
            deliveries: deliveries.remove(&invitation.id).unwrap_or_default(),
            redemption: redemptions.remove(&invitation.id),
            invitation,
        })
        .collect())
}

/// Completes one invitation, with the instants its messages since then were made.
pub(super) async fn complete_one(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    found: Found,
    messages_since: Timestamp,
) -> Result<(InvitationRecord, Vec<Timestamp>), Failure> {
    let Found { invitation, role } = found;
    let organization = invitation.organization_id;
    let inviter = directory.inviters(sql, organization, &[invitation.inviter]).await?;
    let (deliveries, messages) = messages_of(sql, organization, invitation.id, messages_since).await?;
    let mut redemption = None;
    if invitation.uses > 0 {
        let ids = vec![invitation.id.as_uuid()];
        redemption = last_redemptions(sql, organization, ids).await?.remove(&invitation.id);
    }
    let inviter = inviter.into_iter().next().unwrap_or(invite_domain::access::ActorFacts::Unknown);
    Ok((InvitationRecord { invitation, role, inviter, deliveries, redemption }, messages))
}

/// Whether a message `m` is the invitation as it was sent last by its channel: no reminder, and no notice to a member.
pub(super) fn is_latest_message() -> SimpleExpr {
    let mut newer = Query::select();
    let same = |column: message::Column| col("n", column).eq(col("m", column));
    newer
        .expr(Expr::val(1))
        .from_as(table::<message::Entity>(), Alias::new("n"))
        .and_where(same(message::Column::OrganizationId))
        .and_where(same(message::Column::InvitationId))
        .and_where(same(message::Column::Channel))
        .and_where(col("n", message::Column::About).is_null())
        .and_where(
            Expr::tuple([col("n", message::Column::CreatedAt), col("n", message::Column::Id)])
                .gt(Expr::tuple([col("m", message::Column::CreatedAt), col("m", message::Column::Id)])),
        );
    col("m", message::Column::About).is_null().and(Expr::not_exists(newer))
}

fn select_messages(organization: OrganizationId) -> SelectStatement {
    let mut select = select_from::<message::Entity>("m");
    select
        .and_where(col("m", message::Column::OrganizationId).eq(organization.as_uuid()))
        .order_by_expr(col("m", message::Column::Channel), Order::Asc)
        .order_by_expr(col("m", message::Column::CreatedAt), Order::Asc)
        .order_by_expr(col("m", message::Column::Id), Order::Asc);
    select
}

async fn deliveries(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    ids: Vec<Uuid>,
) -> Result<HashMap<InvitationId, Vec<Delivery>>, Failure> {
    let mut select = select_messages(organization);
    select
        .and_where(among_ids(sql.engine(), col("m", message::Column::InvitationId), ids))
        .and_where(is_latest_message());
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for row in sql.query_all(&select).await? {
        let row = message::Model::from_query_result(&row, "m_")?;
        let Some(id) = row.invitation_id else { continue };
        found.entry(InvitationId::from_uuid(id)).or_default().push(Delivery::from(&convert::message(&row)?));
    }
    Ok(found)
}

/// The latest message of each channel, and when messages since then were made: both from one statement.
async fn messages_of(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    id: InvitationId,
    since: Timestamp,
) -> Result<(Vec<Delivery>, Vec<Timestamp>), Failure> {
    let mut select = select_messages(organization);
    select
        .and_where(col("m", message::Column::InvitationId).eq(id.as_uuid()))
        .and_where(convert::carries_link(col("m", message::Column::About)))
        .and_where(col("m", message::Column::CreatedAt).gte(since).or(is_latest_message()));
    let (mut deliveries, mut made) = (Vec::<Delivery>::new(), Vec::new());
    for row in sql.query_all(&select).await? {
        let message = convert::message(&message::Model::from_query_result(&row, "m_")?)?;
        if message.created_at >= since {
            made.push(message.created_at);
        }
        if !message.kind.is_invitation(id) {
            continue;
        }
        // The rows come oldest first within a channel: the last one stays.
        deliveries.retain(|delivery| delivery.channel != message.channel);
        deliveries.push(Delivery::from(&message));
    }
    Ok((deliveries, made))
}

async fn last_redemptions(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    ids: Vec<Uuid>,
) -> Result<HashMap<InvitationId, Redemption>, Failure> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut later = Query::select();
    let same = |column: redemption::Column| col("n", column).eq(col("x", column));
    later
        .expr(Expr::val(1))
        .from_as(table::<redemption::Entity>(), Alias::new("n"))
        .and_where(same(redemption::Column::OrganizationId))
        .and_where(same(redemption::Column::InvitationId))
        .and_where(
            Expr::tuple([col("n", redemption::Column::RedeemedAt), col("n", redemption::Column::Id)])
                .gt(Expr::tuple([col("x", redemption::Column::RedeemedAt), col("x", redemption::Column::Id)])),
        );
    let mut select = Query::select();
    select.from_as(table::<redemption::Entity>(), Alias::new("x"));
    project::<redemption::Entity>(&mut select, "x");
    select
        .and_where(col("x", redemption::Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(among_ids(sql.engine(), col("x", redemption::Column::InvitationId), ids))
        .and_where(Expr::not_exists(later));
    let rows = sql.query_all(&select).await?;
    rows.iter()
        .map(|row| {
            let redemption = convert::redemption(&redemption::Model::from_query_result(row, "x_")?)?;
            Ok((redemption.invitation_id, redemption))
        })
        .collect()
}
