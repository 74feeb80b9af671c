//! What a command on a record needs: organisation, record, companies and what is taken come in one joined statement.

use super::record::{Found, complete};
use crate::{
    convert,
    directory::SqlDirectory,
    entity,
    error::Failure,
    sql::{SqlConnection, col, join_optional, select_from},
};
use entity::{
    organization,
    subject::{self, Column},
};
use invite_domain::{
    directory::{Subject, SubjectKind},
    port::{SubjectAdministration, SubjectQuery, SubjectRef},
};
use sea_orm::{
    ConnectionTrait, FromQueryResult, QueryResult,
    sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

pub(super) async fn administration(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    query: &SubjectQuery,
) -> Result<Option<SubjectAdministration>, Failure> {
    let id = query.organization_id;
    let mut select = select_from::<organization::Entity>("o");
    let nobody = || Expr::val(false);
    join(&mut select, "s", query.subject.as_ref().map_or_else(nobody, |subject| named("s", query.kind, subject)));
    join(&mut select, "c", col("c", Column::Id).eq(col("s", Column::ParentId)));
    let company = query.company.as_ref();
    let own = || col("n", Column::Own).eq(true).and(is_there("n", SubjectKind::Company));
    join(&mut select, "n", company.map_or_else(own, |company| named("n", SubjectKind::Company, company)));
    join(&mut select, "w", col("w", Column::Id).eq(query.wanted_id.map(|id| id.as_uuid())));
    let remote_id = query.wanted_remote_id.as_deref();
    let has_remote_id = col("x", Column::Kind).eq(query.kind.name()).and(col("x", Column::RemoteKey).eq(remote_id));
    join(&mut select, "x", has_remote_id);
    select
        .and_where(col("o", organization::Column::Id).eq(id.as_uuid()))
        .and_where(col("o", organization::Column::DeletedAt).is_null());
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    let record = match subject(&row, "s_")? {
        Some(found) => {
            complete(sql, directory, id, vec![Found { subject: found, company: subject(&row, "c_")? }]).await?
        }
        None => Vec::new(),
    };
    Ok(Some(SubjectAdministration {
        organization: convert::organization(organization::Model::from_query_result(&row, "o_")?)?,
        actor: directory.principal(sql, id, query.principal).await?,
        record: record.into_iter().next(),
        company: subject(&row, "n_")?,
        id_taken: row.try_get::<Option<Uuid>>("", "w_id")?.is_some(),
        remote_id_holder: subject(&row, "x_")?.map(|holder| holder.id),
    }))
}

/// Joins a record of the organisation.
fn join(select: &mut SelectStatement, alias: &'static str, which: SimpleExpr) {
    let ours = col(alias, Column::OrganizationId).eq(col("o", organization::Column::Id));
    join_optional::<subject::Entity>(select, alias, ours.and(which));
}

fn is_there(alias: &'static str, kind: SubjectKind) -> SimpleExpr {
    col(alias, Column::Kind).eq(kind.name()).and(col(alias, Column::DeletedAt).is_null())
}

fn named(alias: &'static str, kind: SubjectKind, reference: &SubjectRef) -> SimpleExpr {
    is_there(alias, kind).and(match reference {
        SubjectRef::Id(id) => col(alias, Column::Id).eq(id.as_uuid()),
        SubjectRef::Number(number) => col(alias, Column::Number).eq(*number),
        SubjectRef::RemoteId(remote_id) => col(alias, Column::RemoteKey).eq(remote_id.as_str()),
    })
}

fn subject(row: &QueryResult, prefix: &str) -> Result<Option<Subject>, Failure> {
    let row = Option::<subject::Model>::from_query_result(row, prefix)?;
    Ok(row.map(convert::subject).transpose()?)
}
