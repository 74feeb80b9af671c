//! What the bundled directory knows of people and keys, a statement for each kind of question.

use super::PeopleQuery;
use crate::{
    convert, entity,
    error::Failure,
    group::rows::{among, among_ids},
    sql::{SqlConnection, col, join_optional, project, select_from, table},
};
use invite_domain::{
    access::{ActorFacts, Inviter, InviterKind, MemberFacts, SystemRole},
    directory::SubjectKind,
    id::{AccountId, ApiKeyId, OrganizationId, SubjectId},
    port::{AccountFacts, MemberRecord, Principal},
};
use sea_orm::{
    ConnectionTrait, FromQueryResult, JoinType, Order, QueryResult, Value,
    sea_query::{Alias, CaseStatement, Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr, WindowStatement},
};
use std::collections::HashMap;
use uuid::Uuid;

use entity::{account, api_key, membership, operator_key, role, subject};

/// Joins, to memberships called `m`, their account `a` and their role `r`.
fn join_member(select: &mut SelectStatement) {
    join_optional::<account::Entity>(
        select,
        "a",
        col("a", account::Column::Id).eq(col("m", membership::Column::AccountId)),
    );
    join_optional::<role::Entity>(
        select,
        "r",
        col("r", role::Column::OrganizationId)
            .eq(col("m", membership::Column::OrganizationId))
            .and(col("r", role::Column::Id).eq(col("m", membership::Column::RoleId))),
    );
}

/// Members with account and role.
pub(super) fn select_members() -> SelectStatement {
    let mut select = select_from::<membership::Entity>("m");
    join_member(&mut select);
    select
}

/// The member of a row of [`select_members`], where it has one.
fn member_facts(row: &QueryResult) -> Result<Option<MemberFacts>, Failure> {
    let Some(membership) = Option::<membership::Model>::from_query_result(row, "m_")? else { return Ok(None) };
    let account = Option::<account::Model>::from_query_result(row, "a_")?;
    let role = Option::<role::Model>::from_query_result(row, "r_")?;
    Ok(Some(MemberFacts {
        membership: convert::membership(membership)?,
        role: role.map(convert::role).transpose()?,
        name: account.and_then(|account| account.name),
    }))
}

/// The member and account of a row of [`select_members`].
pub(super) fn member_record(row: &QueryResult) -> Result<Option<MemberRecord>, Failure> {
    let Some(member) = member_facts(row)? else { return Ok(None) };
    let account = convert::account(account::Model::from_query_result(row, "a_")?)?;
    Ok(Some(MemberRecord { member, account }))
}

fn of_organization(organization: OrganizationId) -> SimpleExpr {
    col("m", membership::Column::OrganizationId).eq(organization.as_uuid())
}

/// API keys of an organisation with their makers.
async fn api_keys(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    ids: Vec<Uuid>,
) -> Result<Vec<ActorFacts>, Failure> {
    let mut select = select_from::<api_key::Entity>("k");
    join_optional::<membership::Entity>(
        &mut select,
        "m",
        of_organization(organization).and(col("m", membership::Column::Id).eq(col("k", api_key::Column::CreatedBy))),
    );
    join_member(&mut select);
    select.and_where(col("k", api_key::Column::OrganizationId).eq(organization.as_uuid())).and_where(among_ids(
        sql.engine(),
        col("k", api_key::Column::Id),
        ids,
    ));
    let rows = sql.query_all(&select).await?;
    rows.iter()
        .map(|row| {
            let key = convert::api_key(api_key::Model::from_query_result(row, "k_")?)?;
            Ok(ActorFacts::ApiKey { key, creator: member_facts(row)? })
        })
        .collect()
}

/// The operator keys among these that were not revoked. The facts of an operator have no place for a revocation, so a
/// revoked key is nobody's.
async fn operators(sql: &SqlConnection<'_>, ids: Vec<Uuid>) -> Result<Vec<ActorFacts>, Failure> {
    let mut select = select_from::<operator_key::Entity>("o");
    select
        .and_where(among_ids(sql.engine(), col("o", operator_key::Column::Id), ids))
        .and_where(col("o", operator_key::Column::RevokedAt).is_null());
    let rows = sql.query_all(&select).await?;
    rows.iter()
        .map(|row| {
            let key = operator_key::Model::from_query_result(row, "o_")?;
            Ok(ActorFacts::Operator { id: ApiKeyId::from_uuid(key.id) })
        })
        .collect()
}

async fn members(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    which: SimpleExpr,
) -> Result<Vec<ActorFacts>, Failure> {
    let mut select = select_members();
    select.and_where(of_organization(organization)).and_where(which);
    let rows = sql.query_all(&select).await?;
    rows.iter().filter_map(|row| member_facts(row).map(|found| found.map(ActorFacts::Member)).transpose()).collect()
}

/// Active members who hold a permission, by their role or beside it, the owners first. Names that only contain it are left out here, not by the
/// database.
pub(super) async fn members_with(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    permission: &'static str,
    limit: u32,
) -> Result<Vec<MemberFacts>, Failure> {
    let names = |permissions: SimpleExpr| sql.engine().contains(permissions, permission);
    let system = [SystemRole::Owner, SystemRole::Admin, SystemRole::Member, SystemRole::Guest];
    let system = system.into_iter().filter(|role| role.held().allows(permission)).map(SystemRole::name);
    let owner = col("r", role::Column::SystemRole).eq(SystemRole::Owner.name());
    let owner_first: SimpleExpr = CaseStatement::new().case(owner, 0).finally(1).into();
    let mut select = select_members();
    select
        .and_where(of_organization(organization))
        .and_where(col("m", membership::Column::Active).eq(true))
        .and_where(
            col("r", role::Column::SystemRole)
                .is_in(system)
                .or(names(col("r", role::Column::Permissions)))
                .or(names(col("m", membership::Column::Permissions))),
        )
        .order_by_expr(owner_first, Order::Asc)
        .order_by_expr(col("m", membership::Column::CreatedAt), Order::Asc)
        .order_by_expr(col("m", membership::Column::Id), Order::Asc)
        .limit(u64::from(limit));
    let rows = sql.query_all(&select).await?;
    let mut members: Vec<MemberFacts> =
        rows.iter().filter_map(|row| member_facts(row).transpose()).collect::<Result<_, _>>()?;
    members.retain(|member| member.held().allows(permission));
    Ok(members)
}

pub(super) async fn principal(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    principal: Principal,
) -> Result<ActorFacts, Failure> {
    let found = match principal {
        Principal::Person(account) => {
            members(sql, organization, col("m", membership::Column::AccountId).eq(account.as_uuid())).await?
        }
        Principal::ApiKey(id) => api_keys(sql, organization, vec![id.as_uuid()]).await?,
        Principal::Operator(id) => operators(sql, vec![id.as_uuid()]).await?,
    };
    Ok(found.into_iter().next().unwrap_or(ActorFacts::Unknown))
}

pub(super) async fn inviters(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    inviters: &[Inviter],
) -> Result<Vec<ActorFacts>, Failure> {
    let ids = |kind| {
        let of_kind = inviters.iter().filter(move |inviter| inviter.kind == kind);
        of_kind.map(|inviter| inviter.id).collect::<Vec<_>>()
    };
    let mut known = HashMap::new();
    for kind in [InviterKind::Member, InviterKind::ApiKey, InviterKind::Operator] {
        let ids = ids(kind);
        if ids.is_empty() {
            continue;
        }
        let found = match kind {
            InviterKind::Member => {
                let named = among_ids(sql.engine(), col("m", membership::Column::Id), ids);
                members(sql, organization, named).await?
            }
            InviterKind::ApiKey => api_keys(sql, organization, ids).await?,
            InviterKind::Operator => operators(sql, ids).await?,
        };
        known.extend(found.into_iter().filter_map(|facts| Some((id_of(&facts)?, facts))));
    }
    let facts = |inviter: &Inviter| known.get(&(inviter.kind, inviter.id)).cloned().unwrap_or(ActorFacts::Unknown);
    Ok(inviters.iter().map(facts).collect())
}

fn id_of(facts: &ActorFacts) -> Option<(InviterKind, Uuid)> {
    match facts {
        ActorFacts::Unknown => None,
        ActorFacts::Member(member) => Some((InviterKind::Member, member.membership.id.as_uuid())),
        ActorFacts::ApiKey { key, .. } => Some((InviterKind::ApiKey, key.id.as_uuid())),
        ActorFacts::Operator { id } => Some((InviterKind::Operator, id.as_uuid())),
    }
}

pub(super) async fn people(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    query: PeopleQuery<'_>,
) -> Result<Vec<AccountFacts>, Failure> {
    // Every part speaks of the account's own columns, so that each is answered from an index.
    let mut which = Vec::new();
    if !query.address_keys.is_empty() {
        let keys = query.address_keys.iter().map(|key| Value::from(*key)).collect();
        which.push(among(sql.engine(), col("a", account::Column::AddressKey), keys));
    }
    if !query.accounts.is_empty() {
        let ids = query.accounts.iter().map(AccountId::as_uuid);
        which.push(among_ids(sql.engine(), col("a", account::Column::Id), ids));
    }
    if let Some(username) = query.username {
        which.push(col("a", account::Column::UsernameKey).eq(username));
    }
    if !query.subjects.is_empty() {
        let mut came = Query::select();
        came.expr(col("c", membership::Column::AccountId))
            .from_as(table::<membership::Entity>(), Alias::new("c"))
            .and_where(col("c", membership::Column::OrganizationId).eq(organization.as_uuid()))
            .and_where(among_ids(
                sql.engine(),
                col("c", membership::Column::SubjectId),
                query.subjects.iter().map(SubjectId::as_uuid),
            ));
        which.push(col("a", account::Column::Id).in_subquery(came));
    }
    let Some(which) = which.into_iter().reduce(ExprTrait::or) else { return Ok(Vec::new()) };
    let mut select = select_from::<account::Entity>("a");
    select.join_as(
        JoinType::LeftJoin,
        table::<membership::Entity>(),
        Alias::new("m"),
        of_organization(organization).and(col("m", membership::Column::AccountId).eq(col("a", account::Column::Id))),
    );
    project::<membership::Entity>(&mut select, "m");
    join_optional::<role::Entity>(
        &mut select,
        "r",
        col("r", role::Column::OrganizationId)
            .eq(organization.as_uuid())
            .and(col("r", role::Column::Id).eq(col("m", membership::Column::RoleId))),
    );
    select.and_where(which);
    people_of(sql, &select).await
}

/// Who came from contacts of companies: of each company those of its first contacts from whom somebody came.
pub(super) async fn people_of_companies(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    companies: &[SubjectId],
    limit: u32,
) -> Result<Vec<AccountFacts>, Failure> {
    let mut came = Query::select();
    came.expr(Expr::val(1))
        .from_as(table::<membership::Entity>(), Alias::new("n"))
        .and_where(col("n", membership::Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(col("n", membership::Column::SubjectId).eq(col("s", subject::Column::Id)));
    let mut place = WindowStatement::partition_by((Alias::new("s"), Alias::new("parent_id")));
    place.order_by_expr(col("s", subject::Column::Number), Order::Asc);
    let mut contacts = Query::select();
    contacts
        .expr_as(col("s", subject::Column::Id), Alias::new("id"))
        .expr_window_as(Func::cust("row_number"), place, Alias::new("place"))
        .from_as(table::<subject::Entity>(), Alias::new("s"))
        .and_where(col("s", subject::Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(col("s", subject::Column::ParentId).is_in(companies.iter().map(SubjectId::as_uuid)))
        .and_where(col("s", subject::Column::Kind).eq(SubjectKind::Contact.name()))
        .and_where(col("s", subject::Column::DeletedAt).is_null())
        .and_where(Expr::exists(came));
    let mut first = Query::select();
    first
        .column((Alias::new("p"), Alias::new("id")))
        .from_subquery(contacts, Alias::new("p"))
        .and_where(Expr::col((Alias::new("p"), Alias::new("place"))).lte(limit));
    let mut select = select_members();
    select
        .and_where(of_organization(organization))
        .and_where(col("m", membership::Column::SubjectId).in_subquery(first))
        .and_where(col("a", account::Column::Id).is_not_null());
    people_of(sql, &select).await
}

/// Reads accounts `a` with their memberships `m` and roles `r`.
async fn people_of(sql: &SqlConnection<'_>, select: &SelectStatement) -> Result<Vec<AccountFacts>, Failure> {
    let rows = sql.query_all(select).await?;
    rows.iter()
        .map(|row| {
            let account = convert::account(account::Model::from_query_result(row, "a_")?)?;
            Ok(AccountFacts { account, member: member_facts(row)? })
        })
        .collect()
}
