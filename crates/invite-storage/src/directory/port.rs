//! The directory's port.

use super::{facts, identities, lists, slug, stand_in};
use crate::{
    commit, convert, entity,
    error::Failure,
    sql::{SqlConnection, col, exists, is, join_optional, select_from, table},
    store::{Access, SqlStore},
};
use async_trait::async_trait;
use chrono::Duration;
use invite_domain::{
    access::{MemberFacts, PermissionSet, Role},
    directory::{Account, AccountToken, ApiKey, IdentityKey, Login, Logo, LogoId, OperatorKey, Organization, Slug},
    id::{AccountId, ApiKeyId, OrganizationId, SessionId},
    page::{Page, PageRequest},
    port::{
        AdministrationFacts, AdministrationQuery, CredentialFacts, Directory, MemberRecord, OrganizationRef, PortError,
    },
    secret::{account_token::AccountPurpose, credential::CredentialDigest},
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait, DbErr, FromQueryResult,
    sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr, UnionType},
};

use entity::{account, account_token, api_key, membership, operator_key, organization, role, session};

#[async_trait]
impl Directory for SqlStore {
    async fn credential(&self, digest: &CredentialDigest) -> Result<Option<CredentialFacts>, PortError> {
        credential(&self.reading(), digest).await.map_err(Failure::into_port)
    }

    async fn note_key_used(&self, key: ApiKeyId, now: Timestamp) {
        let last = || Expr::col(Alias::new("last_used_at"));
        let mut update = Query::update();
        update
            .table(table::<api_key::Entity>())
            .value(Alias::new("last_used_at"), now)
            .and_where(is(api_key::Column::Id, key.as_uuid()))
            .and_where(last().is_null().or(last().lte(now - Duration::minutes(1))));
        noted(self.writing().execute(&update).await.map(drop));
    }

    async fn note_session_used(&self, session: SessionId, now: Timestamp) {
        let mut update = Query::update();
        update
            .table(table::<session::Entity>())
            .value(Alias::new("last_seen_at"), now)
            .and_where(is(session::Column::Id, session.as_uuid()))
            .and_where(Expr::col(Alias::new("last_seen_at")).lte(now - Duration::hours(1)));
        noted(self.writing().execute(&update).await.map(drop));
    }

    async fn organization(&self, reference: &OrganizationRef) -> Result<Option<Organization>, PortError> {
        organization(&self.reading(), reference).await.map_err(Failure::into_port)
    }

    async fn slug_holder(&self, slug: &Slug) -> Result<Option<OrganizationId>, PortError> {
        slug::holder(&self.reading(), slug).await.map_err(crate::port_error)
    }

    async fn logo(&self, id: &LogoId) -> Result<Option<Logo>, PortError> {
        lists::logo(&self.reading(), id).await.map_err(Failure::into_port)
    }

    async fn memberships_of(&self, account: AccountId) -> Result<Vec<(Organization, MemberFacts)>, PortError> {
        lists::memberships_of(&self.reading(), account).await.map_err(Failure::into_port)
    }

    async fn account_by_address(&self, key: &str) -> Result<Option<Account>, PortError> {
        let mut select = select_from::<account::Entity>("a");
        select.and_where(col("a", account::Column::AddressKey).eq(key));
        one_account(&self.reading(), &select).await.map_err(Failure::into_port)
    }

    async fn account_of_identity(&self, key: &IdentityKey) -> Result<Option<Account>, PortError> {
        identities::account_of(&self.reading(), key).await.map_err(Failure::into_port)
    }

    async fn account_by_login(&self, login: &Login) -> Result<Option<Account>, PortError> {
        account_by_login(&self.reading(), login).await.map_err(Failure::into_port)
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, PortError> {
        account(&self.reading(), id).await.map_err(Failure::into_port)
    }

    async fn account_token(
        &self,
        account: AccountId,
        purpose: AccountPurpose,
    ) -> Result<Option<AccountToken>, PortError> {
        account_token(&self.reading(), account, purpose).await.map_err(Failure::into_port)
    }

    async fn load_administration(&self, query: &AdministrationQuery) -> Result<Option<AdministrationFacts>, PortError> {
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let facts = load_administration(self, &transaction.sql(), query).await;
        transaction.finish(facts).await
    }

    async fn is_empty(&self) -> Result<bool, PortError> {
        is_empty(&self.reading()).await.map_err(Failure::into_port)
    }

    async fn operator_keys(&self) -> Result<Vec<OperatorKey>, PortError> {
        lists::operator_keys(&self.reading()).await.map_err(Failure::into_port)
    }

    async fn roles(&self, organization: OrganizationId, page: &PageRequest) -> Result<Page<Role>, PortError> {
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let found = lists::roles(&transaction.sql(), organization, page).await;
        transaction.finish(found).await
    }

    async fn role_by_name(&self, organization: OrganizationId, name: &str) -> Result<Option<Role>, PortError> {
        lists::role_by_name(&self.reading(), organization, name).await.map_err(Failure::into_port)
    }

    async fn role_by_number(&self, organization: OrganizationId, number: i64) -> Result<Option<Role>, PortError> {
        lists::role_by_number(&self.reading(), organization, number).await.map_err(Failure::into_port)
    }

    async fn members<'a>(
        &self,
        organization: OrganizationId,
        query: Option<&'a str>,
        page: &PageRequest,
    ) -> Result<Page<MemberRecord>, PortError> {
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let found = lists::members(&transaction.sql(), organization, query, page).await;
        transaction.finish(found).await
    }

    async fn api_keys(&self, organization: OrganizationId, page: &PageRequest) -> Result<Page<ApiKey>, PortError> {
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let found = lists::api_keys(&transaction.sql(), organization, page).await;
        transaction.finish(found).await
    }

    async fn organizations(&self, page: &PageRequest) -> Result<Page<Organization>, PortError> {
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let found = lists::organizations(&transaction.sql(), page, false).await;
        transaction.finish(found).await
    }

    async fn deleted_organizations(&self, page: &PageRequest) -> Result<Page<Organization>, PortError> {
        let transaction = self.begin(Access::Read).await.map_err(Failure::into_port)?;
        let found = lists::organizations(&transaction.sql(), page, true).await;
        transaction.finish(found).await
    }

    async fn deleted_organization(&self, id: OrganizationId) -> Result<Option<Organization>, PortError> {
        lists::deleted_organization(&self.reading(), id).await.map_err(Failure::into_port)
    }

    async fn database_time(&self) -> Result<Timestamp, PortError> {
        slug::database_time(&self.reading()).await.map_err(crate::port_error)
    }
}

/// One statement for all kinds: a digest tells nothing of its kind.
async fn credential(sql: &SqlConnection<'_>, digest: &CredentialDigest) -> Result<Option<CredentialFacts>, Failure> {
    let bytes = || digest.as_bytes().to_vec();
    let mut one = Query::select();
    one.expr_as(Expr::val(1), Alias::new("one"));
    let mut select = Query::select();
    select.from_subquery(one, Alias::new("d"));
    join_optional::<api_key::Entity>(
        &mut select,
        "k",
        col("k", api_key::Column::Digest).eq(bytes()).or(col("k", api_key::Column::PreviousDigest).eq(bytes())),
    );
    join_optional::<operator_key::Entity>(&mut select, "o", col("o", operator_key::Column::Digest).eq(bytes()));
    join_optional::<session::Entity>(
        &mut select,
        "s",
        col("s", session::Column::Digest).eq(bytes()).or(col("s", session::Column::RefreshDigest).eq(bytes())),
    );
    join_optional::<account::Entity>(
        &mut select,
        "a",
        col("a", account::Column::Id).eq(col("s", session::Column::AccountId)),
    );
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    if let Some(key) = Option::<api_key::Model>::from_query_result(&row, "k_")? {
        return Ok(Some(CredentialFacts::ApiKey(Box::new(convert::api_key(key)?))));
    }
    if let Some(key) = Option::<operator_key::Model>::from_query_result(&row, "o_")? {
        return Ok(Some(CredentialFacts::Operator(Box::new(convert::operator_key(key)?))));
    }
    let session = Option::<session::Model>::from_query_result(&row, "s_")?;
    let account = Option::<account::Model>::from_query_result(&row, "a_")?;
    Ok(match (session, account) {
        (Some(session), Some(account)) => {
            let (session, account) = (Box::new(convert::session(&session)?), Box::new(convert::account(account)?));
            let facts = if session.digest == *digest { CredentialFacts::Session } else { CredentialFacts::Refresh };
            Some(facts(session, account))
        }
        _ => None,
    })
}

/// An organisation that is not deleted. Strangers name it beside a code: it takes as long where there is none.
pub(crate) async fn organization(
    sql: &SqlConnection<'_>,
    reference: &OrganizationRef,
) -> Result<Option<Organization>, Failure> {
    use organization::{Column as O, Entity};
    let named = match reference {
        OrganizationRef::Id(id) => col("o", O::Id).eq(id.as_uuid()),
        OrganizationRef::Number(number) => col("o", O::Number).eq(*number),
        OrganizationRef::Slug(slug) => {
            let one = |select: SelectStatement| SimpleExpr::SubQuery(None, Box::new(select.into()));
            let holders = [one(slug::present(slug)), one(slug::past(sql.engine(), slug))];
            col("o", O::Id).eq(Func::coalesce(holders))
        }
    };
    let wanted = named.and(col("o", O::DeletedAt).is_null());
    let mut found = None;
    for row in sql.query_all(&stand_in::wanted_or_another::<Entity>("o", O::Id, &wanted)).await? {
        let read = organization::Model::from_query_result(&row, "o_").map(convert::organization);
        if stand_in::is_wanted(&row)? {
            found = Some(read??);
        }
    }
    Ok(found)
}

pub(super) async fn one_account(
    sql: &SqlConnection<'_>,
    select: &sea_orm::sea_query::SelectStatement,
) -> Result<Option<Account>, Failure> {
    let Some(row) = sql.query_one(select).await? else { return Ok(None) };
    Ok(Some(convert::account(account::Model::from_query_result(&row, "a_")?)?))
}

/// The account somebody names. Of accounts with one phone number none is taken for the other. It takes as long where there is
/// none.
async fn account_by_login(sql: &SqlConnection<'_>, login: &Login) -> Result<Option<Account>, Failure> {
    use account::{Column as A, Entity};
    let wanted = match login {
        Login::Address(address) => col("a", A::AddressKey).eq(address.key()),
        Login::Username(username) => col("a", A::UsernameKey).eq(username.key()),
        Login::Phone(number) => col("a", A::Phone).eq(number.as_str()),
    };
    let mut found = Vec::new();
    for row in sql.query_all(&stand_in::wanted_or_another::<Entity>("a", A::Id, &wanted)).await? {
        let read = account::Model::from_query_result(&row, "a_").map(convert::account);
        if stand_in::is_wanted(&row)? {
            found.push(read??);
        }
    }
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// The account of an id.
pub(crate) async fn account(sql: &SqlConnection<'_>, id: AccountId) -> Result<Option<Account>, Failure> {
    let mut select = select_from::<account::Entity>("a");
    select.and_where(col("a", account::Column::Id).eq(id.as_uuid()));
    one_account(sql, &select).await
}

/// The account's present link of a purpose.
pub(crate) async fn account_token(
    sql: &SqlConnection<'_>,
    account: AccountId,
    purpose: AccountPurpose,
) -> Result<Option<AccountToken>, Failure> {
    let mut select = select_from::<account_token::Entity>("t");
    select
        .and_where(col("t", account_token::Column::AccountId).eq(account.as_uuid()))
        .and_where(col("t", account_token::Column::Purpose).eq(convert::purpose_number(purpose)));
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    Ok(Some(convert::account_token(&account_token::Model::from_query_result(&row, "t_")?)?))
}

async fn is_empty(sql: &SqlConnection<'_>) -> Result<bool, Failure> {
    for name in [table::<organization::Entity>(), table::<operator_key::Entity>()] {
        let mut select = Query::select();
        select.from(name);
        if exists(sql, select).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn load_administration(
    store: &SqlStore,
    sql: &SqlConnection<'_>,
    query: &AdministrationQuery,
) -> Result<Option<AdministrationFacts>, Failure> {
    let id = query.organization_id;
    let mut select = select_from::<organization::Entity>("o");
    let ours = |alias, named: Option<uuid::Uuid>| {
        let organization = Expr::col((Alias::new(alias), Alias::new("organization_id")));
        let row = Expr::col((Alias::new(alias), Alias::new("id")));
        organization.eq(id.as_uuid()).and(row.eq(named))
    };
    join_optional::<role::Entity>(&mut select, "r", ours("r", query.role_id.map(|id| id.as_uuid())));
    join_optional::<api_key::Entity>(&mut select, "k", ours("k", query.api_key_id.map(|id| id.as_uuid())));
    select
        .and_where(col("o", organization::Column::Id).eq(id.as_uuid()))
        .and_where(col("o", organization::Column::DeletedAt).is_null());
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    let role = Option::<role::Model>::from_query_result(&row, "r_")?;
    let api_key = Option::<api_key::Model>::from_query_result(&row, "k_")?;
    let mut member = None;
    let mut other_active_owners = false;
    if let Some(membership) = query.membership_id {
        let mut select = facts::select_members();
        select
            .and_where(col("m", membership::Column::OrganizationId).eq(id.as_uuid()))
            .and_where(col("m", membership::Column::Id).eq(membership.as_uuid()));
        if let Some(row) = sql.query_one(&select).await? {
            member = facts::member_record(&row)?;
        }
        other_active_owners = exists(sql, commit::active_owners(id, Some(membership))).await?;
    }
    let mut role_in_use = false;
    if let Some(role) = query.role_id {
        role_in_use = exists(sql, commit::members_with_role(id, role)).await?
            || exists(sql, commit::pending_with_role(id, role)).await?;
    }
    Ok(Some(AdministrationFacts {
        organization: convert::organization(organization::Model::from_query_result(&row, "o_")?)?,
        actor: store.directory().principal(sql, id, query.principal).await?,
        role: role.map(convert::role).transpose()?,
        member,
        api_key: api_key.map(convert::api_key).transpose()?,
        role_in_use,
        other_active_owners,
        known_permissions: known_permissions(sql, id).await?,
    }))
}

async fn known_permissions(sql: &SqlConnection<'_>, id: OrganizationId) -> Result<PermissionSet, Failure> {
    let named = |name| {
        let mut select = Query::select();
        select
            .column(Alias::new("permissions"))
            .from(name)
            .and_where(Expr::col(Alias::new("organization_id")).eq(id.as_uuid()))
            .and_where(Expr::col(Alias::new("permissions")).ne(""));
        select
    };
    let mut select = named(table::<role::Entity>());
    select
        .union(UnionType::Distinct, named(table::<membership::Entity>()))
        .union(UnionType::Distinct, named(table::<api_key::Entity>()));
    let mut known = PermissionSet::new();
    for row in sql.query_all(&select).await? {
        let text: String = row.try_get("", "permissions")?;
        known = known.union(&convert::permissions_of("invite_roles, _memberships or _api_keys", id, &text)?);
    }
    Ok(known)
}

/// A note of use that could not be written keeps nobody out.
fn noted(written: Result<(), DbErr>) {
    if let Err(error) = written {
        tracing::warn!(%error, "when a credential was used could not be noted");
    }
}
