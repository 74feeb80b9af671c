//! Slugs: whose one is, or was within the last 90 days.
//!
//! The 90 days are counted by the database's clock, when a slug is given up as when it is looked up: the store has no
//! clock of its own, and a promise of 90 days is kept well enough by either.

use crate::{
    engine::Engine,
    entity,
    error::Failure,
    sql::{SqlConnection, insert_statement, is, table},
};
use chrono::Duration;
use invite_domain::{
    directory::{Organization, Slug},
    id::OrganizationId,
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Alias, Expr, ExprTrait, OnConflict, Query, SelectStatement},
};

/// How long an old slug leads on.
const LIFETIME: Duration = Duration::days(90);

/// The organisation, deleted or not, whose slug it is.
pub(crate) fn present(slug: &Slug) -> SelectStatement {
    let mut select = Query::select();
    select
        .column(Alias::new("id"))
        .from(table::<entity::organization::Entity>())
        .and_where(is(entity::organization::Column::Slug, slug.as_str()));
    select
}

/// The organisation whose slug it was and still leads to.
pub(crate) fn past(engine: Engine, slug: &Slug) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr_as(Expr::col(Alias::new("organization_id")), Alias::new("id"))
        .from(table::<entity::organization_slug::Entity>())
        .and_where(is(entity::organization_slug::Column::Slug, slug.as_str()))
        .and_where(Expr::col(Alias::new("until")).gt(engine.present()));
    select
}

/// Whose slug it is or was.
pub(crate) async fn holder(sql: &SqlConnection<'_>, slug: &Slug) -> Result<Option<OrganizationId>, DbErr> {
    for select in [present(slug), past(sql.engine(), slug)] {
        if let Some(row) = sql.query_one(&select).await? {
            return row.try_get("", "id").map(|id| Some(OrganizationId::from_uuid(id)));
        }
    }
    Ok(None)
}

/// Stale where another organisation than this holds the slug. The present ones are bound by a unique key; this is for
/// those that were given up.
pub(crate) async fn refuse_held(
    sql: &SqlConnection<'_>,
    slug: &Slug,
    organization: OrganizationId,
) -> Result<(), Failure> {
    let mut select = past(sql.engine(), slug);
    select.and_where(Expr::col(Alias::new("organization_id")).ne(organization.as_uuid()));
    if sql.query_one(&select).await?.is_some() { Err(Failure::Stale) } else { Ok(()) }
}

/// Remembers the slug an organisation is about to give up.
pub(crate) async fn keep_old(sql: &SqlConnection<'_>, organization: &Organization) -> Result<(), Failure> {
    let mut select = Query::select();
    select
        .column(Alias::new("slug"))
        .from(table::<entity::organization::Entity>())
        .and_where(is(entity::organization::Column::Id, organization.id.as_uuid()))
        .and_where(Expr::col(Alias::new("slug")).ne(organization.slug.as_str()));
    let Some(row) = sql.query_one(&select).await? else { return Ok(()) };
    let old = entity::organization_slug::Model {
        slug: row.try_get("", "slug")?,
        organization_id: organization.id.as_uuid(),
        until: database_time(sql).await? + LIFETIME,
    };
    let mut upsert = insert_statement::<entity::organization_slug::Entity>(&[old], None);
    let place = OnConflict::column(Alias::new("slug"));
    upsert.on_conflict(place.clone().update_columns(["organization_id", "until"].map(Alias::new)).to_owned());
    sql.execute(&upsert).await?;
    Ok(())
}

/// The database's present.
pub(crate) async fn database_time(sql: &SqlConnection<'_>) -> Result<Timestamp, DbErr> {
    let mut select = Query::select();
    select.expr_as(sql.engine().present(), Alias::new("present"));
    let row = sql.query_one(&select).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("the database's time".to_owned()))?.try_get("", "present")
}
