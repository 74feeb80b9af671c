//! Groups of organisations: a number of statements that does not grow with theirs.

use super::facts;
use crate::{
    convert,
    entity::{account, group_administrator, membership, organization, organization_group, role},
    error::Failure,
    page::Keyset,
    sql::{SqlConnection, col, project, select_from, table},
    store::{Access, SqlStore},
};
use async_trait::async_trait;
use invite_domain::{
    access::SystemRole,
    directory::{Account, Organization, OrganizationGroup},
    id::{AccountId, GroupId, OrganizationId},
    page::{Page, PageRequest},
    port::{GroupAdministrator, GroupFacts, GroupPlace, GroupQuery, GroupRecord, Groups, PortError},
};
use sea_orm::{
    ConnectionTrait, FromQueryResult, JoinType, Order,
    sea_query::{Alias, ExprTrait, Query, SimpleExpr},
};
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

use account::Column as A;
use group_administrator::Column as G;
use membership::Column as M;
use organization::Column as O;
use role::Column as R;

#[async_trait]
impl Groups for SqlStore {
    async fn groups(&self, page: &PageRequest) -> Result<Page<GroupRecord>, PortError> {
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let found = groups(&transaction.sql(), page).await;
        transaction.finish(found).await
    }

    async fn group(&self, id: GroupId) -> Result<Option<GroupRecord>, PortError> {
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let found = group(&transaction.sql(), id).await;
        transaction.finish(found).await
    }

    async fn load_group(&self, query: &GroupQuery) -> Result<GroupFacts, PortError> {
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let facts = load(&transaction.sql(), query).await;
        transaction.finish(facts).await
    }
}

async fn groups(sql: &SqlConnection<'_>, page: &PageRequest) -> Result<Page<GroupRecord>, Failure> {
    let select = select_from::<organization_group::Entity>("g");
    let keyset = Keyset::of_instant("g", "created_at", false);
    let read = |row: &sea_orm::QueryResult| Ok(organization_group::Model::from_query_result(row, "g_")?);
    let Page { items, next, total } = keyset.page(sql, select, page, read).await?;
    let items = records(sql, items.into_iter().map(convert::group).collect()).await?;
    Ok(Page { items, next, total })
}

async fn group(sql: &SqlConnection<'_>, id: GroupId) -> Result<Option<GroupRecord>, Failure> {
    let Some(group) = bare(sql, id).await? else { return Ok(None) };
    Ok(records(sql, vec![group]).await?.pop())
}

async fn bare(sql: &SqlConnection<'_>, id: GroupId) -> Result<Option<OrganizationGroup>, Failure> {
    let mut select = select_from::<organization_group::Entity>("g");
    select.and_where(col("g", organization_group::Column::Id).eq(id.as_uuid()));
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    Ok(Some(convert::group(organization_group::Model::from_query_result(&row, "g_")?)))
}

/// The groups with their organisations and administrators.
async fn records(sql: &SqlConnection<'_>, groups: Vec<OrganizationGroup>) -> Result<Vec<GroupRecord>, Failure> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = groups.iter().map(|group| group.id.as_uuid()).collect();
    let mut organizations: HashMap<GroupId, Vec<Organization>> = HashMap::new();
    let wanted = col("o", O::GroupId).is_in(ids.clone()).and(col("o", O::DeletedAt).is_null());
    for organization in organizations_where(sql, wanted).await? {
        if let Some(group) = organization.group_id {
            organizations.entry(group).or_default().push(organization);
        }
    }
    let kept = kept(sql, &ids).await?;
    let mut administrators: HashMap<GroupId, Vec<GroupAdministrator>> = HashMap::new();
    for (group, account) in administrators_of(sql, &ids).await? {
        let kept = kept.get(&(group, account.id)).cloned().unwrap_or_default();
        administrators.entry(group).or_default().push(GroupAdministrator { account, kept });
    }
    let whole = |group: OrganizationGroup| GroupRecord {
        organizations: organizations.remove(&group.id).unwrap_or_default(),
        administrators: administrators.remove(&group.id).unwrap_or_default(),
        group,
    };
    Ok(groups.into_iter().map(whole).collect())
}

async fn organizations_where(sql: &SqlConnection<'_>, wanted: SimpleExpr) -> Result<Vec<Organization>, Failure> {
    let mut select = select_from::<organization::Entity>("o");
    select
        .and_where(wanted)
        .order_by_expr(col("o", O::CreatedAt), Order::Asc)
        .order_by_expr(col("o", O::Id), Order::Asc);
    let rows = sql.query_all(&select).await?;
    rows.iter().map(|row| Ok(convert::organization(organization::Model::from_query_result(row, "o_")?)?)).collect()
}

async fn administrators_of(sql: &SqlConnection<'_>, groups: &[Uuid]) -> Result<Vec<(GroupId, Account)>, Failure> {
    let mut select = select_from::<group_administrator::Entity>("g");
    let who = col("a", A::Id).eq(col("g", G::AccountId));
    select.join_as(JoinType::InnerJoin, table::<account::Entity>(), Alias::new("a"), who);
    project::<account::Entity>(&mut select, "a");
    select
        .and_where(col("g", G::GroupId).is_in(groups.iter().copied()))
        .order_by_expr(col("g", G::CreatedAt), Order::Asc)
        .order_by_expr(col("g", G::AccountId), Order::Asc);
    let mut found = Vec::new();
    for row in sql.query_all(&select).await? {
        let group = group_administrator::Model::from_query_result(&row, "g_")?.group_id;
        let account = convert::account(account::Model::from_query_result(&row, "a_")?)?;
        found.push((GroupId::from_uuid(group), account));
    }
    Ok(found)
}

/// Where administrators have places that their group did not make.
async fn kept(
    sql: &SqlConnection<'_>,
    groups: &[Uuid],
) -> Result<HashMap<(GroupId, AccountId), Vec<OrganizationId>>, Failure> {
    let mut select = Query::select();
    let of = col("o", O::GroupId).eq(col("g", G::GroupId));
    let own = col("m", M::OrganizationId).eq(col("o", O::Id)).and(col("m", M::AccountId).eq(col("g", G::AccountId)));
    select
        .expr_as(col("g", G::GroupId), Alias::new("group_id"))
        .expr_as(col("g", G::AccountId), Alias::new("account_id"))
        .expr_as(col("o", O::Id), Alias::new("organization_id"))
        .from_as(table::<group_administrator::Entity>(), Alias::new("g"))
        .join_as(JoinType::InnerJoin, table::<organization::Entity>(), Alias::new("o"), of)
        .join_as(JoinType::InnerJoin, table::<membership::Entity>(), Alias::new("m"), own)
        .and_where(col("g", G::GroupId).is_in(groups.iter().copied()))
        .and_where(col("o", O::DeletedAt).is_null())
        .and_where(col("m", M::GroupId).is_null().or(col("m", M::GroupId).ne(col("g", G::GroupId))))
        .order_by_expr(col("o", O::Id), Order::Asc);
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for row in sql.query_all(&select).await? {
        let group = GroupId::from_uuid(row.try_get("", "group_id")?);
        let account = AccountId::from_uuid(row.try_get("", "account_id")?);
        let organization = OrganizationId::from_uuid(row.try_get("", "organization_id")?);
        found.entry((group, account)).or_default().push(organization);
    }
    Ok(found)
}

async fn load(sql: &SqlConnection<'_>, query: &GroupQuery) -> Result<GroupFacts, Failure> {
    let group = match query.group {
        Some(id) => bare(sql, id).await?,
        None => None,
    };
    let id = group.as_ref().map(|group| group.id);
    let administrators = match id {
        Some(id) => administrators_of(sql, &[id.as_uuid()]).await?.into_iter().map(|(_, account)| account).collect(),
        None => Vec::new(),
    };
    let accounts = accounts_at(sql, &query.address_keys).await?;
    let named = query.organizations.iter().map(OrganizationId::as_uuid);
    let named = col("o", O::Id).is_in(named).and(col("o", O::DeletedAt).is_null());
    let own = id.map(|id| col("o", O::GroupId).eq(id.as_uuid()));
    let organizations =
        organizations_where(sql, own.map_or_else(|| named.clone(), |own| own.or(named.clone()))).await?;
    let people = administrators.iter().chain(&accounts).map(|account| account.id.as_uuid()).collect();
    let mut places = places(sql, organizations, id, people).await?;
    places.sort_by_key(|place| place.organization.id);
    Ok(GroupFacts { group, administrators, places, accounts })
}

async fn accounts_at(sql: &SqlConnection<'_>, keys: &[String]) -> Result<Vec<Account>, Failure> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = select_from::<account::Entity>("a");
    select.and_where(col("a", A::AddressKey).is_in(keys.iter().map(String::as_str)));
    let rows = sql.query_all(&select).await?;
    rows.iter().map(|row| Ok(convert::account(account::Model::from_query_result(row, "a_")?)?)).collect()
}

async fn places(
    sql: &SqlConnection<'_>,
    organizations: Vec<Organization>,
    group: Option<GroupId>,
    people: BTreeSet<Uuid>,
) -> Result<Vec<GroupPlace>, Failure> {
    if organizations.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = organizations.iter().map(|organization| organization.id.as_uuid()).collect();
    // Who is looked at one by one: the others are asked only whether an owner is among them. Never unknown, also where a
    // membership is of no group: what it leaves out is asked by its opposite.
    let of_people = col("m", M::AccountId).is_in(people);
    let named = match group {
        Some(group) => of_people.or(col("m", M::GroupId).is_not_null().and(col("m", M::GroupId).eq(group.as_uuid()))),
        None => of_people,
    };
    let mut members: HashMap<OrganizationId, Vec<_>> = HashMap::new();
    let mut select = facts::select_members();
    select
        .and_where(col("m", M::OrganizationId).is_in(ids.clone()))
        .and_where(named.clone())
        .order_by_expr(col("m", M::Id), Order::Asc);
    for row in sql.query_all(&select).await? {
        if let Some(record) = facts::member_record(&row)? {
            members.entry(record.member.membership.organization_id).or_default().push(record.member);
        }
    }
    let mut admins = HashMap::new();
    let mut select = select_from::<role::Entity>("r");
    select
        .and_where(col("r", R::OrganizationId).is_in(ids.clone()))
        .and_where(col("r", R::SystemRole).eq(SystemRole::Admin.name()));
    for row in sql.query_all(&select).await? {
        let role = convert::role(role::Model::from_query_result(&row, "r_")?)?;
        admins.insert(role.organization_id, role);
    }
    let owned = owned_by_others(sql, ids, named).await?;
    let place = |organization: Organization| GroupPlace {
        admin: admins.remove(&organization.id),
        members: members.remove(&organization.id).unwrap_or_default(),
        other_active_owners: owned.contains(&organization.id.as_uuid()),
        organization,
    };
    Ok(organizations.into_iter().map(place).collect())
}

/// The organisations among these that have an active owner who is not looked at one by one.
async fn owned_by_others(
    sql: &SqlConnection<'_>,
    organizations: Vec<Uuid>,
    named: SimpleExpr,
) -> Result<HashSet<Uuid>, Failure> {
    let mut select = Query::select();
    let held = col("r", R::OrganizationId).eq(col("m", M::OrganizationId)).and(col("r", R::Id).eq(col("m", M::RoleId)));
    select
        .distinct()
        .expr_as(col("m", M::OrganizationId), Alias::new("organization_id"))
        .from_as(table::<membership::Entity>(), Alias::new("m"))
        .join_as(JoinType::InnerJoin, table::<role::Entity>(), Alias::new("r"), held)
        .and_where(col("m", M::OrganizationId).is_in(organizations))
        .and_where(col("m", M::Active).eq(true))
        .and_where(col("r", R::SystemRole).eq(SystemRole::Owner.name()))
        .and_where(named.not());
    let rows = sql.query_all(&select).await?;
    Ok(rows.iter().map(|row| row.try_get("", "organization_id")).collect::<Result<_, _>>()?)
}
