//! What a use case needs, read at one moment. The organisation, the invitation and all that hangs on keys known before
//! come in one joined statement; people come from the directory.

use super::record::{Found, complete_one, found, join_role, select_invitations};
use crate::{
    convert,
    directory::SqlDirectory,
    entity,
    error::Failure,
    sql::{SqlConnection, col, join_optional, select_from},
};
use invite_domain::{
    access::Role,
    directory::Organization,
    id::{InvitationId, OrganizationId, RoleId},
    invitation::{IdempotencyRecord, Invitation},
    port::{
        AccountFacts, IdempotencyRef, InvitationFacts, InvitationQuery, InvitationRecord, IssueFacts, IssueQuery,
        RedemptionFacts, RedemptionQuery,
    },
};
use sea_orm::{
    ConnectionTrait, FromQueryResult, QueryResult,
    sea_query::{ExprTrait, SelectStatement, SimpleExpr},
};

use entity::{block, idempotency, invitation, organization, role};

fn this_organization() -> SimpleExpr {
    col("o", organization::Column::Id)
}

/// The organisation `o`, unless it is deleted.
fn select_organization(id: OrganizationId) -> SelectStatement {
    let mut select = select_from::<organization::Entity>("o");
    select.and_where(this_organization().eq(id.as_uuid())).and_where(is_not_deleted());
    select
}

fn is_not_deleted() -> SimpleExpr {
    col("o", organization::Column::DeletedAt).is_null()
}

fn join_named_role(select: &mut SelectStatement, id: Option<RoleId>) {
    let on = col("r", role::Column::OrganizationId)
        .eq(this_organization())
        .and(col("r", role::Column::Id).eq(id.map(|id| id.as_uuid())));
    join_optional::<role::Entity>(select, "r", on);
}

fn join_block(select: &mut SelectStatement, key: SimpleExpr) {
    let on =
        col("b", block::Column::OrganizationId).eq(this_organization()).and(col("b", block::Column::HolderKey).eq(key));
    join_optional::<block::Entity>(select, "b", on);
}

fn join_answer(select: &mut SelectStatement, wanted: Option<&IdempotencyRef>) {
    let on = col("d", idempotency::Column::Scope)
        .eq(wanted.map(|wanted| wanted.scope.as_str()))
        .and(col("d", idempotency::Column::RequestKey).eq(wanted.map(|wanted| wanted.key.as_str())));
    join_optional::<idempotency::Entity>(select, "d", on);
}

/// Joins, as `h`, another invitation that holds the live key of the invitation `i`.
fn join_other_holder(select: &mut SelectStatement) {
    let on = col("h", invitation::Column::OrganizationId)
        .eq(col("i", invitation::Column::OrganizationId))
        .and(col("h", invitation::Column::LiveKey).eq(col("i", invitation::Column::HolderKey)))
        .and(col("h", invitation::Column::Id).ne(col("i", invitation::Column::Id)));
    join_optional::<invitation::Entity>(select, "h", on);
}

fn organization(row: &QueryResult) -> Result<Organization, Failure> {
    Ok(convert::organization(organization::Model::from_query_result(row, "o_")?)?)
}

fn named_role(row: &QueryResult) -> Result<Option<Role>, Failure> {
    let row = Option::<role::Model>::from_query_result(row, "r_")?;
    Ok(row.map(convert::role).transpose()?)
}

fn is_blocked(row: &QueryResult) -> Result<bool, Failure> {
    Ok(Option::<block::Model>::from_query_result(row, "b_")?.is_some())
}

fn answer(row: &QueryResult) -> Result<Option<IdempotencyRecord>, Failure> {
    let row = Option::<idempotency::Model>::from_query_result(row, "d_")?;
    Ok(row.map(convert::idempotency).transpose()?)
}

fn other_holder(row: &QueryResult) -> Result<Option<Invitation>, Failure> {
    let row = Option::<invitation::Model>::from_query_result(row, "h_")?;
    Ok(row.map(convert::invitation).transpose()?)
}

pub(super) async fn issue(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    query: &IssueQuery,
) -> Result<Option<IssueFacts>, Failure> {
    let id = query.organization_id;
    let mut select = select_organization(id);
    join_named_role(&mut select, query.role_id);
    join_block(&mut select, sea_orm::sea_query::Expr::val(query.live_key.as_str()));
    join_answer(&mut select, query.idempotency.as_ref());
    let holds = col("i", invitation::Column::OrganizationId)
        .eq(this_organization())
        .and(col("i", invitation::Column::LiveKey).eq(query.live_key.as_str()));
    join_optional::<invitation::Entity>(&mut select, "i", holds);
    join_role(&mut select, "i", "ir");
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    let actor = directory.principal(sql, id, query.principal).await?;
    let mut member = None;
    if let Some(email) = &query.email {
        let people = directory.people(sql, id, Some(email.key()), &[]).await?;
        member = people.into_iter().next().and_then(|person| person.member).map(|member| member.membership);
    }
    let (holder, holder_messages) = match found(&row, "i", "ir")? {
        Some(held) => {
            let (record, messages) = complete_one(sql, directory, held, query.messages_since).await?;
            (Some(record), messages)
        }
        None => (None, Vec::new()),
    };
    let replay = match answer(&row)? {
        Some(answer) => {
            let about = answered(sql, directory, query, &answer, holder.as_ref()).await?;
            Some((answer, about))
        }
        None => None,
    };
    Ok(Some(IssueFacts {
        organization: organization(&row)?,
        actor,
        role: named_role(&row)?,
        holder,
        holder_messages,
        member,
        blocked: is_blocked(&row)?,
        replay,
    }))
}

/// The invitation an earlier answer was about.
async fn answered(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    query: &IssueQuery,
    answer: &IdempotencyRecord,
    holder: Option<&InvitationRecord>,
) -> Result<Option<InvitationRecord>, Failure> {
    let id = InvitationId::from_uuid(answer.answer);
    if let Some(holder) = holder.filter(|holder| holder.invitation.id == id) {
        return Ok(Some(holder.clone()));
    }
    let mut select = select_invitations();
    select
        .and_where(col("i", invitation::Column::OrganizationId).eq(query.organization_id.as_uuid()))
        .and_where(col("i", invitation::Column::Id).eq(id.as_uuid()));
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    let Some(found) = found(&row, "i", "ir")? else { return Ok(None) };
    complete_one(sql, directory, found, query.messages_since).await.map(|(record, _)| Some(record))
}

pub(super) async fn invitation(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    query: &InvitationQuery,
) -> Result<Option<InvitationFacts>, Failure> {
    let id = query.organization_id;
    let mut select = select_organization(id);
    // The organisation is part of the lookup itself: a foreign id finds nothing (rule 6.6).
    let ours = col("i", invitation::Column::OrganizationId)
        .eq(this_organization())
        .and(col("i", invitation::Column::Id).eq(query.invitation_id.as_uuid()));
    join_optional::<invitation::Entity>(&mut select, "i", ours);
    join_role(&mut select, "i", "ir");
    join_other_holder(&mut select);
    join_named_role(&mut select, query.role_id);
    join_block(&mut select, col("i", invitation::Column::HolderKey));
    join_answer(&mut select, query.idempotency.as_ref());
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    let actor = directory.principal(sql, id, query.principal).await?;
    let (record, messages) = match found(&row, "i", "ir")? {
        Some(found) => {
            let (record, messages) = complete_one(sql, directory, found, query.messages_since).await?;
            (Some(record), messages)
        }
        None => (None, Vec::new()),
    };
    Ok(Some(InvitationFacts {
        organization: organization(&row)?,
        actor,
        record,
        role: named_role(&row)?,
        other_holder: other_holder(&row)?,
        messages,
        blocked: is_blocked(&row)?,
        replay: answer(&row)?,
    }))
}

/// An invitation `i` by its id alone, with its organisation and whether its recipient blocked that: for the holder of a
/// token and the dispatcher, who name no organisation.
fn select_by_id(id: InvitationId) -> SelectStatement {
    let mut select = select_invitations();
    let of = this_organization().eq(col("i", invitation::Column::OrganizationId));
    join_optional::<organization::Entity>(&mut select, "o", of);
    join_block(&mut select, col("i", invitation::Column::HolderKey));
    select
        .and_where(col("i", invitation::Column::Id).eq(id.as_uuid()))
        .and_where(col("o", organization::Column::Id).is_not_null())
        .and_where(is_not_deleted());
    select
}

pub(super) async fn redemption(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    query: &RedemptionQuery,
) -> Result<Option<RedemptionFacts>, Failure> {
    let mut select = select_by_id(query.invitation_id);
    join_other_holder(&mut select);
    join_answer(&mut select, query.idempotency.as_ref());
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    let Some(found) = found(&row, "i", "ir")? else { return Ok(None) };
    let (record, messages) = complete_one(sql, directory, found, query.messages_since).await?;
    let redeemer = record.redemption.as_ref().map(|redemption| redemption.account_id);
    let named: Vec<_> = query.caller.into_iter().chain(redeemer).collect();
    let key = record.invitation.recipient.email().map(|address| address.key().to_owned());
    let people = directory.people(sql, record.invitation.organization_id, key.as_deref(), &named).await?;
    let person = |which: &dyn Fn(&AccountFacts) -> bool| people.iter().find(|person| which(person)).cloned();
    Ok(Some(RedemptionFacts {
        organization: organization(&row)?,
        messages,
        at_address: person(&|person| Some(person.account.email.key()) == key.as_deref()),
        caller: person(&|person| Some(person.account.id) == query.caller),
        other_holder: other_holder(&row)?,
        redeemer: person(&|person| Some(person.account.id) == redeemer),
        blocked: is_blocked(&row)?,
        replay: answer(&row)?,
        record,
    }))
}

/// What a message about an invitation needs.
pub(crate) struct Delivered {
    pub(crate) organization: Organization,
    pub(crate) record: InvitationRecord,
    pub(crate) account_locale: Option<String>,
    pub(crate) blocked: bool,
}

pub(crate) async fn delivery(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    id: InvitationId,
) -> Result<Option<Delivered>, Failure> {
    let Some(row) = sql.query_one(&select_by_id(id)).await? else { return Ok(None) };
    let Some(Found { invitation, role }) = found(&row, "i", "ir")? else { return Ok(None) };
    let organization = organization(&row)?;
    let key = invitation.recipient.email().map(|address| address.key().to_owned());
    let rows = vec![Found { invitation, role }];
    let Some(record) = super::record::complete(sql, directory, organization.id, rows).await?.pop() else {
        return Ok(None);
    };
    let people = match &key {
        Some(key) => directory.people(sql, organization.id, Some(key), &[]).await?,
        None => Vec::new(),
    };
    let account_locale = people.into_iter().next().and_then(|person| person.account.locale);
    Ok(Some(Delivered { blocked: is_blocked(&row)?, organization, record, account_locale }))
}
