//! A record with everything that is shown with it, in a number of statements that does not grow with the rows.

use crate::{
    convert,
    directory::{PeopleQuery, SqlDirectory},
    entity,
    error::Failure,
    invitations::{load::came_from, record},
    sql::{SqlConnection, col, join_optional, select_from},
};
use entity::{
    invitation,
    subject::{Column, Entity, Model},
};
use invite_domain::{
    directory::{Subject, SubjectKind},
    id::{OrganizationId, SubjectId},
    invitation::Recipient,
    port::{AccountFacts, InvitationRecord, SubjectRecord},
};
use sea_orm::{
    ConnectionTrait, FromQueryResult, QueryResult,
    sea_query::{ExprTrait, SelectStatement},
};
use std::collections::HashMap;

/// A record and the company it belongs to.
pub(super) struct Found {
    pub(super) subject: Subject,
    pub(super) company: Option<Subject>,
}

/// Records `s` with their companies `c`.
pub(super) fn select_subjects() -> SelectStatement {
    let mut select = select_from::<Entity>("s");
    let on = col("c", Column::OrganizationId)
        .eq(col("s", Column::OrganizationId))
        .and(col("c", Column::Id).eq(col("s", Column::ParentId)));
    join_optional::<Entity>(&mut select, "c", on);
    select
}

/// The record of a row of [`select_subjects`].
pub(super) fn found(row: &QueryResult) -> Result<Found, Failure> {
    let company = Option::<Model>::from_query_result(row, "c_")?;
    Ok(Found {
        subject: convert::subject(Model::from_query_result(row, "s_")?)?,
        company: company.map(convert::subject).transpose()?,
    })
}

/// Completes records of one organisation, in their order.
pub(super) async fn complete(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    rows: Vec<Found>,
) -> Result<Vec<SubjectRecord>, Failure> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut invitations = invitations(sql, directory, organization, &rows).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.subject.id).collect();
    let address_keys: Vec<_> = rows.iter().filter_map(|row| address_key(&row.subject)).collect();
    let query = PeopleQuery { address_keys: &address_keys, subjects: &ids, ..PeopleQuery::default() };
    let people = directory.people(sql, organization, query).await?;
    let managers = managers(sql, directory, organization, &rows).await?;
    Ok(rows
        .iter()
        .map(|Found { subject, company }| SubjectRecord {
            person: came_from(&people, subject.id).or_else(|| at_address(&people, subject)),
            invitation: invitations.remove(&subject.id),
            managers: company_of(subject).and_then(|company| managers.get(&company)).cloned().unwrap_or_default(),
            subject: subject.clone(),
            company: company.clone(),
        })
        .collect())
}

/// The key of the address that a contact from whom nobody came is known by.
fn address_key(subject: &Subject) -> Option<&str> {
    let email = subject.email.as_ref().filter(|_| subject.kind == SubjectKind::Contact);
    email.map(invite_domain::email::EmailAddress::key)
}

fn at_address(people: &[AccountFacts], subject: &Subject) -> Option<AccountFacts> {
    let key = address_key(subject)?;
    people.iter().find(|person| person.member.is_some() && person.account.email_key() == Some(key)).cloned()
}

/// The company whose people are shown with a record.
fn company_of(subject: &Subject) -> Option<SubjectId> {
    if subject.kind == SubjectKind::Company { Some(subject.id) } else { subject.parent_id }
}

/// The invitations that hold the records' live keys.
async fn invitations(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    rows: &[Found],
) -> Result<HashMap<SubjectId, InvitationRecord>, Failure> {
    let keys = rows.iter().map(|row| Recipient::subject(row.subject.id).live_key().as_str().to_owned());
    let mut select = record::select_invitations();
    select
        .and_where(col("i", invitation::Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(col("i", invitation::Column::LiveKey).is_in(keys));
    let mut held = Vec::new();
    for row in sql.query_all(&select).await? {
        held.extend(record::found(&row, "i", "ir")?);
    }
    let records = record::complete(sql, directory, organization, held).await?;
    let by_subject = |record: InvitationRecord| Some((record.invitation.recipient.subject_id()?, record));
    Ok(records.into_iter().filter_map(by_subject).collect())
}

/// Who came from contacts of the records' companies, by company.
async fn managers(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    rows: &[Found],
) -> Result<HashMap<SubjectId, Vec<(Subject, AccountFacts)>>, Failure> {
    let mut companies: Vec<_> = rows.iter().filter_map(|row| company_of(&row.subject)).collect();
    companies.sort_unstable();
    companies.dedup();
    if companies.is_empty() {
        return Ok(HashMap::new());
    }
    let limit = u32::try_from(SubjectRecord::MANAGERS).unwrap_or(u32::MAX);
    let people = directory.people_of_companies(sql, organization, &companies, limit).await?;
    let named = people.iter().filter_map(|person| person.member.as_ref()?.membership.subject_id);
    let mut named: Vec<_> = named.map(|id| id.as_uuid()).collect();
    named.sort_unstable();
    named.dedup();
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let mut select = select_from::<Entity>("s");
    select
        .and_where(col("s", Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(col("s", Column::Id).is_in(named));
    let mut contacts = Vec::new();
    for row in sql.query_all(&select).await? {
        contacts.push(convert::subject(Model::from_query_result(&row, "s_")?)?);
    }
    contacts.sort_unstable_by_key(|contact| contact.number);
    let mut managers: HashMap<_, Vec<_>> = HashMap::new();
    for contact in contacts {
        let (Some(company), Some(person)) = (contact.parent_id, came_from(&people, contact.id)) else { continue };
        let of_company = managers.entry(company).or_default();
        if of_company.len() < SubjectRecord::MANAGERS {
            of_company.push((contact, person));
        }
    }
    Ok(managers)
}
