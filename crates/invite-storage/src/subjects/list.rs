//! Lists of records, by number.

use super::record::{complete, found, select_subjects};
use crate::{
    convert,
    directory::SqlDirectory,
    engine::Engine,
    entity,
    error::Failure,
    page::Keyset,
    sql::{SqlConnection, col, table},
};
use entity::subject::{Column, Entity};
use invite_domain::{
    directory::SubjectKind,
    id::OrganizationId,
    page::{Page, PageRequest},
    port::{SubjectFilter, SubjectRecord},
};
use sea_orm::sea_query::{Alias, ExprTrait, Query, SelectStatement, SimpleExpr};

pub(super) async fn list(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    kind: SubjectKind,
    filter: &SubjectFilter,
    page: &PageRequest,
) -> Result<Page<SubjectRecord>, Failure> {
    let conditions = conditions(sql.engine(), organization, kind, filter);
    let keyset = Keyset::of_number("s", false);
    let rows = keyset.numbered_page::<Entity, _>(sql, select_subjects(), &conditions, page, found).await?;
    let Page { items, next, total } = rows;
    let items = complete(sql, directory, organization, items).await?;
    Ok(Page { items, next, total })
}

/// What the filter wants of records `s`.
fn conditions(
    engine: Engine,
    organization: OrganizationId,
    kind: SubjectKind,
    filter: &SubjectFilter,
) -> Vec<SimpleExpr> {
    let parent = || col("s", Column::ParentId);
    let updated = || col("s", Column::UpdatedAt);
    let mut all = vec![
        col("s", Column::OrganizationId).eq(organization.as_uuid()),
        col("s", Column::Kind).eq(kind.name()),
        col("s", Column::DeletedAt).is_null(),
    ];
    all.extend(filter.text.as_ref().map(|part| engine.contains(col("s", Column::NameKey), part)));
    all.extend(filter.name.as_ref().map(|name| col("s", Column::NameKey).eq(convert::name_key(name))));
    all.extend(filter.remote_id.as_ref().map(|id| col("s", Column::RemoteKey).eq(id.as_str())));
    all.extend(filter.company_numbers.as_ref().map(|numbers| parent().in_subquery(companies(organization, numbers))));
    if !filter.other_company_numbers.is_empty() {
        let of_others = parent().in_subquery(companies(organization, &filter.other_company_numbers));
        all.push(parent().is_null().or(of_others.not()));
    }
    all.extend(filter.updated_from.map(|at| updated().gte(at)));
    all.extend(filter.updated_after.map(|at| updated().gt(at)));
    all.extend(filter.updated_until.map(|at| updated().lte(at)));
    all.extend(filter.updated_before.map(|at| updated().lt(at)));
    all
}

fn companies(organization: OrganizationId, numbers: &[i64]) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr(col("y", Column::Id))
        .from_as(table::<Entity>(), Alias::new("y"))
        .and_where(col("y", Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(col("y", Column::Kind).eq(SubjectKind::Company.name()))
        .and_where(col("y", Column::Number).is_in(numbers.iter().copied()));
    select
}
