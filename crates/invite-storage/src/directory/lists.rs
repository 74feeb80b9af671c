//! Lists of the bundled directory.

use super::facts;
use crate::{
    convert, entity,
    error::Failure,
    page::Keyset,
    sql::{SqlConnection, col, join_optional, select_from, table},
};
use invite_domain::{
    access::{MemberFacts, Role},
    directory::{ApiKey, Logo, LogoId, OperatorKey, Organization},
    id::{AccountId, OrganizationId},
    page::{Page, PageRequest},
    port::MemberRecord,
};
use sea_orm::{
    ConnectionTrait, FromQueryResult, JoinType, Order, QueryResult,
    sea_query::{Alias, ExprTrait},
};

use entity::{account, api_key, logo, membership, operator_key, organization, role};

pub(super) async fn roles(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    page: &PageRequest,
) -> Result<Page<Role>, Failure> {
    let mut select = select_from::<role::Entity>("r");
    select.and_where(col("r", role::Column::OrganizationId).eq(organization.as_uuid()));
    let keyset = Keyset::of_instant("r", "created_at", false);
    keyset.page(sql, select, page, |row| Ok(convert::role(role::Model::from_query_result(row, "r_")?)?)).await
}

pub(super) async fn api_keys(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    page: &PageRequest,
) -> Result<Page<ApiKey>, Failure> {
    let mut select = select_from::<api_key::Entity>("k");
    select
        .and_where(col("k", api_key::Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(col("k", api_key::Column::RevokedAt).is_null());
    let keyset = Keyset::of_instant("k", "created_at", false);
    keyset.page(sql, select, page, |row| Ok(convert::api_key(api_key::Model::from_query_result(row, "k_")?)?)).await
}

/// All organisations that are deleted, or all that are not.
pub(super) async fn organizations(
    sql: &SqlConnection<'_>,
    page: &PageRequest,
    deleted: bool,
) -> Result<Page<Organization>, Failure> {
    let mut select = select_from::<organization::Entity>("o");
    let deleted_at = col("o", organization::Column::DeletedAt);
    select.and_where(if deleted { deleted_at.is_not_null() } else { deleted_at.is_null() });
    let read = |row: &QueryResult| Ok(convert::organization(organization::Model::from_query_result(row, "o_")?)?);
    Keyset::of_instant("o", "created_at", false).page(sql, select, page, read).await
}

/// An organisation that is deleted.
pub(super) async fn deleted_organization(
    sql: &SqlConnection<'_>,
    id: OrganizationId,
) -> Result<Option<Organization>, Failure> {
    let mut select = select_from::<organization::Entity>("o");
    select
        .and_where(col("o", organization::Column::Id).eq(id.as_uuid()))
        .and_where(col("o", organization::Column::DeletedAt).is_not_null());
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    Ok(Some(convert::organization(organization::Model::from_query_result(&row, "o_")?)?))
}

pub(super) async fn members(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    query: Option<&str>,
    page: &PageRequest,
) -> Result<Page<MemberRecord>, Failure> {
    let mut select = facts::select_members();
    select.and_where(col("m", membership::Column::OrganizationId).eq(organization.as_uuid()));
    if let Some(part) = query {
        let says = |column| sql.engine().contains(col("a", column), part);
        // Without an address, the key is the id (`convert`): nobody looks for that.
        let key = col("a", account::Column::Address).ne("").and(says(account::Column::AddressKey));
        select.and_where(says(account::Column::Name).or(says(account::Column::Address)).or(key));
    }
    let read = |row: &QueryResult| {
        let record = facts::member_record(row)?;
        record.ok_or_else(|| Failure::Database(sea_orm::DbErr::RecordNotFound("a member".to_owned())))
    };
    Keyset::of_instant("m", "created_at", false).page(sql, select, page, read).await
}

pub(super) async fn role_by_name(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    name: &str,
) -> Result<Option<Role>, Failure> {
    let mut select = select_from::<role::Entity>("r");
    select
        .and_where(col("r", role::Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(col("r", role::Column::Name).eq(name));
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    Ok(Some(convert::role(role::Model::from_query_result(&row, "r_")?)?))
}

pub(super) async fn role_by_number(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    number: i64,
) -> Result<Option<Role>, Failure> {
    let mut select = select_from::<role::Entity>("r");
    select
        .and_where(col("r", role::Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(col("r", role::Column::Number).eq(number));
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    Ok(Some(convert::role(role::Model::from_query_result(&row, "r_")?)?))
}

pub(super) async fn operator_keys(sql: &SqlConnection<'_>) -> Result<Vec<OperatorKey>, Failure> {
    let mut select = select_from::<operator_key::Entity>("o");
    select
        .and_where(col("o", operator_key::Column::RevokedAt).is_null())
        .order_by_expr(col("o", operator_key::Column::CreatedAt), Order::Asc)
        .order_by_expr(col("o", operator_key::Column::Id), Order::Asc);
    let rows = sql.query_all(&select).await?;
    rows.iter().map(|row| Ok(convert::operator_key(operator_key::Model::from_query_result(row, "o_")?)?)).collect()
}

/// A logo by its content, of any organisation that is not deleted.
pub(crate) async fn logo(sql: &SqlConnection<'_>, id: &LogoId) -> Result<Option<Logo>, Failure> {
    let mut select = select_from::<logo::Entity>("l");
    let of = col("o", organization::Column::Id).eq(col("l", logo::Column::OrganizationId));
    select
        .join_as(JoinType::InnerJoin, table::<organization::Entity>(), Alias::new("o"), of)
        .and_where(col("l", logo::Column::Id).eq(id.as_str()))
        .and_where(col("o", organization::Column::DeletedAt).is_null())
        .limit(1);
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    Ok(Some(convert::logo(&logo::Model::from_query_result(&row, "l_")?)?))
}

pub(super) async fn memberships_of(
    sql: &SqlConnection<'_>,
    account: AccountId,
) -> Result<Vec<(Organization, MemberFacts)>, Failure> {
    let mut select = facts::select_members();
    join_optional::<organization::Entity>(
        &mut select,
        "o",
        col("o", organization::Column::Id).eq(col("m", membership::Column::OrganizationId)),
    );
    select
        .and_where(col("m", membership::Column::AccountId).eq(account.as_uuid()))
        .and_where(col("m", membership::Column::Active).eq(true))
        .and_where(col("o", organization::Column::DeletedAt).is_null())
        .order_by_expr(col("m", membership::Column::CreatedAt), Order::Asc)
        .order_by_expr(col("m", membership::Column::Id), Order::Asc);
    let rows = sql.query_all(&select).await?;
    let read = |row: &QueryResult| {
        let organization = convert::organization(organization::Model::from_query_result(row, "o_")?)?;
        Ok(facts::member_record(row)?.map(|record| (organization, record.member)))
    };
    rows.iter().filter_map(|row| read(row).transpose()).collect()
}
