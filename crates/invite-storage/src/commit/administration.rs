//! What the bundled directory's administration changes.

use super::{Numbers, guards::Guards};
use crate::{
    convert,
    directory::slug,
    entity,
    error::Failure,
    sql::{SqlConnection, insert, insert_numbered, insert_statement, is, table, update_statement},
};
use invite_domain::{
    directory::{AccountToken, Organization, Subject},
    id::{AccountId, ApiKeyId, MembershipId, OrganizationId},
    invitation::{AdministrationChange, DirectoryChange, Guard, Plan},
    secret::account_token::AccountPurpose,
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait, EntityTrait,
    sea_query::{Alias, Expr, ExprTrait, OnConflict, Query, SimpleExpr, UpdateStatement},
};

pub(super) async fn apply(
    sql: &SqlConnection<'_>,
    guards: &Guards<'_>,
    change: &AdministrationChange,
    numbers: &mut Numbers,
) -> Result<(), Failure> {
    use entity::{api_key, block, operator_key, role, session};
    match change {
        AdministrationChange::InsertOrganization(organization) => {
            slug::refuse_held(sql, &organization.slug, organization.id).await?;
            let row = convert::organization_row(organization);
            let number = insert_numbered::<entity::organization::Entity>(sql, row).await?;
            numbers.push((organization.id.as_uuid(), number));
        }
        AdministrationChange::UpdateOrganization(organization) => update_organization(sql, organization).await?,
        AdministrationChange::PutLogo(organization, logo, at) => {
            put_logo(sql, *organization, Some(convert::logo_row(*organization, logo, *at))).await?;
        }
        AdministrationChange::RemoveLogo(organization) => put_logo(sql, *organization, None).await?,
        AdministrationChange::InsertSubject(subject) => {
            let number = insert_numbered::<entity::subject::Entity>(sql, convert::subject_row(subject)).await?;
            numbers.push((subject.id.as_uuid(), number));
        }
        AdministrationChange::UpdateSubject(subject) => update_subject(sql, guards, subject).await?,
        AdministrationChange::InsertRole(role) => {
            let number = insert_numbered::<role::Entity>(sql, convert::role_row(role)).await?;
            numbers.push((role.id.as_uuid(), number));
        }
        AdministrationChange::UpdateRole(role) => {
            let row = convert::role_row(role);
            let mut update = update_statement::<role::Entity>(&row, &["number", "id", "organization_id", "created_at"]);
            update
                .and_where(is(role::Column::OrganizationId, row.organization_id))
                .and_where(is(role::Column::Id, row.id))
                .and_where(not_newer(row.version));
            one(sql, &update).await?;
        }
        AdministrationChange::DeleteRole(organization, id) => {
            delete::<role::Entity>(
                sql,
                [is(role::Column::OrganizationId, organization.as_uuid()), is(role::Column::Id, id.as_uuid())],
            )
            .await?;
        }
        AdministrationChange::RemoveMembership(organization, id) => {
            remove_memberships(sql, *organization, &[*id]).await?;
        }
        AdministrationChange::InsertGroup(_)
        | AdministrationChange::UpdateGroup(_)
        | AdministrationChange::DeleteGroup(_)
        | AdministrationChange::PutGroupAdministrator(..)
        | AdministrationChange::RemoveGroupAdministrator(..) => super::groups::apply(sql, change, numbers).await?,
        AdministrationChange::InsertApiKey(key) => {
            let number = insert_numbered::<api_key::Entity>(sql, convert::api_key_row(key)).await?;
            numbers.push((key.id.as_uuid(), number));
        }
        AdministrationChange::UpdateApiKey(key) => {
            let row = convert::api_key_row(key);
            let keep = ["number", "id", "organization_id", "created_at", "created_by"];
            let mut update = update_statement::<api_key::Entity>(&row, &keep);
            update
                .and_where(is(api_key::Column::OrganizationId, row.organization_id))
                .and_where(is(api_key::Column::Id, row.id))
                .and_where(not_newer(row.version));
            one(sql, &update).await?;
        }
        AdministrationChange::InsertOperatorKey(key) => {
            insert::<operator_key::Entity>(sql, &[convert::operator_key_row(key)]).await?;
        }
        AdministrationChange::RevokeOperatorKey(id, at) => revoke_operator_key(sql, *id, *at).await?,
        AdministrationChange::EndSession(id) => {
            delete::<session::Entity>(sql, [is(session::Column::Id, id.as_uuid())]).await?;
        }
        AdministrationChange::EndSessions(account) => end_sessions(sql, *account).await?,
        AdministrationChange::EndLink(account, purpose) => {
            end_links(sql, *account, Some(*purpose)).await?;
        }
        AdministrationChange::PutAccountToken(token) => put_link(sql, token).await?,
        AdministrationChange::Block(organization, key, at) => {
            let row = block::Model {
                organization_id: organization.as_uuid(),
                holder_key: key.as_str().to_owned(),
                blocked_at: *at,
            };
            let mut upsert = insert_statement::<block::Entity>(&[row], None);
            let place = ["organization_id", "holder_key"].map(Alias::new);
            // Updated, not left alone: "do nothing" reports an insertion on MariaDB where there was none.
            upsert.on_conflict(OnConflict::columns(place).update_column(Alias::new("blocked_at")).to_owned());
            sql.execute(&upsert).await?;
        }
        AdministrationChange::ErasePerson(erasing) => super::erasure::apply(sql, erasing).await?,
    }
    Ok(())
}

/// Removals of members of one organisation.
pub(super) async fn remove_all(sql: &SqlConnection<'_>, removals: &[AdministrationChange]) -> Result<(), Failure> {
    let mut ids = Vec::with_capacity(removals.len());
    let mut of = None;
    for removal in removals {
        if let AdministrationChange::RemoveMembership(organization, id) = removal {
            of = Some(*organization);
            ids.push(*id);
        }
    }
    match of {
        Some(organization) => remove_memberships(sql, organization, &ids).await,
        None => Ok(()),
    }
}

/// Members of one organisation, in one statement.
async fn remove_memberships(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    ids: &[MembershipId],
) -> Result<(), Failure> {
    use entity::membership::{Column, Entity};
    let which = match ids {
        [id] => is(Column::Id, id.as_uuid()),
        many => Expr::col(Alias::new("id")).is_in(many.iter().map(MembershipId::as_uuid)),
    };
    delete::<Entity>(sql, [is(Column::OrganizationId, organization.as_uuid()), which]).await
}

async fn put_link(sql: &SqlConnection<'_>, token: &AccountToken) -> Result<(), Failure> {
    use entity::account_token::Entity;
    let row = convert::account_token_row(token);
    let columns = ["counter", "key_id", "nonce", "created_at", "expires_at", "used_at", "address"].map(Alias::new);
    let mut upsert = insert_statement::<Entity>(&[row], None);
    let place = ["account_id", "purpose"].map(Alias::new);
    upsert.on_conflict(OnConflict::columns(place).update_columns(columns).to_owned());
    sql.execute(&upsert).await?;
    Ok(())
}

/// These rows have no guard of their own; at least none goes back to an older version.
fn not_newer(version: i64) -> SimpleExpr {
    Expr::col(Alias::new("version")).lte(version)
}

async fn update_organization(sql: &SqlConnection<'_>, organization: &Organization) -> Result<(), Failure> {
    use entity::organization::{Column, Entity};
    slug::keep_old(sql, organization).await?;
    slug::refuse_held(sql, &organization.slug, organization.id).await?;
    let row = convert::organization_row(organization);
    let keep = ["number", "id", "created_at", "authority_epoch", "suspension_due"];
    let mut update = update_statement::<Entity>(&row, &keep);
    update.and_where(is(Column::Id, row.id)).and_where(not_newer(row.version));
    one(sql, &update).await?;
    // Its limits may be others now, and what was issued under none was not counted.
    super::forget_live(sql, Some(organization.id)).await
}

/// An organisation has one logo or none.
async fn put_logo(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    logo: Option<entity::logo::Model>,
) -> Result<(), Failure> {
    use entity::logo::{Column, Entity};
    delete::<Entity>(sql, [is(Column::OrganizationId, organization.as_uuid())]).await?;
    Ok(insert::<Entity>(sql, logo.as_slice()).await?)
}

async fn update_subject(sql: &SqlConnection<'_>, guards: &Guards<'_>, subject: &Subject) -> Result<(), Failure> {
    use entity::subject::{Column, Entity};
    let row = convert::subject_row(subject);
    let mut update = update_statement::<Entity>(&row, &["number", "id", "organization_id", "created_at"]);
    update.and_where(is(Column::OrganizationId, row.organization_id)).and_where(is(Column::Id, row.id));
    match guards.subject_version(subject.organization_id, subject.id) {
        Some(version) => {
            update.and_where(is(Column::Version, version)).and_where(Expr::col(Alias::new("deleted_at")).is_null())
        }
        None => update.and_where(not_newer(row.version)),
    };
    one(sql, &update).await
}

async fn revoke_operator_key(sql: &SqlConnection<'_>, id: ApiKeyId, at: Timestamp) -> Result<(), Failure> {
    use entity::operator_key::{Column, Entity};
    let mut update = Query::update();
    update
        .table(table::<Entity>())
        .value(Alias::new("revoked_at"), Expr::col(Alias::new("revoked_at")).if_null(Expr::val(at)))
        .and_where(is(Column::Id, id.as_uuid()));
    one(sql, &update).await
}

/// Ends the links of an account that were not used: of one purpose, or all. The rows stay, so that their counters go on.
pub(crate) async fn end_links(
    sql: &SqlConnection<'_>,
    account: AccountId,
    purpose: Option<AccountPurpose>,
) -> Result<(), Failure> {
    use entity::account_token::{Column, Entity};
    let mut update = Query::update();
    update
        .table(table::<Entity>())
        .value(Alias::new("nonce"), Option::<Vec<u8>>::None)
        .value(Alias::new("address"), Option::<String>::None)
        .and_where(is(Column::AccountId, account.as_uuid()))
        .and_where(Expr::col(Alias::new("used_at")).is_null());
    if let Some(purpose) = purpose {
        update.and_where(is(Column::Purpose, convert::purpose_number(purpose)));
    }
    sql.execute(&update).await?;
    Ok(())
}

/// Ends all sessions of an account.
pub(crate) async fn end_sessions(sql: &SqlConnection<'_>, account: AccountId) -> Result<(), Failure> {
    use entity::session::{Column, Entity};
    delete::<Entity>(sql, [is(Column::AccountId, account.as_uuid())]).await
}

pub(super) async fn delete<E: EntityTrait>(
    sql: &SqlConnection<'_>,
    conditions: impl IntoIterator<Item = SimpleExpr>,
) -> Result<(), Failure> {
    let mut delete = Query::delete();
    delete.from_table(table::<E>());
    for condition in conditions {
        delete.and_where(condition);
    }
    sql.execute(&delete).await?;
    Ok(())
}

/// Updates one row; where there is none of that version, the plan is stale.
pub(crate) async fn one(sql: &SqlConnection<'_>, update: &UpdateStatement) -> Result<(), Failure> {
    if sql.execute(update).await?.rows_affected() == 1 { Ok(()) } else { Err(Failure::Stale) }
}

/// Marks organisations in which an inviter may have lost authority, so that the sweep for suspended invitations looks at
/// them. A raised epoch has marked its organisation already; this covers what changes rights without one.
pub(super) async fn note_suspensions(sql: &SqlConnection<'_>, plan: &Plan) -> Result<(), Failure> {
    let mut touched: Vec<OrganizationId> = Vec::new();
    let mut all = false;
    let mut accounts = Vec::new();
    for change in &plan.administration {
        match change {
            AdministrationChange::UpdateRole(role) => touched.push(role.organization_id),
            AdministrationChange::DeleteRole(organization, _)
            | AdministrationChange::RemoveMembership(organization, _) => touched.push(*organization),
            AdministrationChange::UpdateApiKey(key) => touched.push(key.organization_id),
            AdministrationChange::RevokeOperatorKey(..) => all = true,
            _ => {}
        }
    }
    for change in &plan.directory {
        match change {
            DirectoryChange::UpdateMembership(membership) => touched.push(membership.organization_id),
            DirectoryChange::EndCredentials(account, _) => accounts.push(account.as_uuid()),
            _ => {}
        }
    }
    touched.sort_unstable();
    touched.dedup();
    let raised = |id: &OrganizationId| {
        let mut guards = plan.guards.iter();
        guards.any(|guard| matches!(guard, Guard::Epoch { organization_id, raise: true, .. } if organization_id == id))
    };
    touched.retain(|id| !raised(id));
    if !all && touched.is_empty() && accounts.is_empty() {
        return Ok(());
    }
    let mut update = Query::update();
    update.table(table::<entity::organization::Entity>()).value(Alias::new("suspension_due"), true);
    if !all {
        let id = || Expr::col(Alias::new("id"));
        let mut named = id().is_in(touched.iter().map(OrganizationId::as_uuid));
        if !accounts.is_empty() {
            let mut places = Query::select();
            places
                .column(Alias::new("organization_id"))
                .from(table::<entity::membership::Entity>())
                .and_where(Expr::col(Alias::new("account_id")).is_in(accounts));
            named = named.or(id().in_subquery(places));
        }
        update.and_where(named);
    }
    sql.execute(&update).await?;
    Ok(())
}
