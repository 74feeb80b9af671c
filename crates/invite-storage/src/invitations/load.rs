//! What a use case needs, read at one moment. The organisation, the invitation and all that hangs on keys known before
//! come in one joined statement; people come from the directory.

use super::record::{Found, complete, complete_one, found, join_role, select_invitations};
use crate::{
    convert,
    directory::{PeopleQuery, SqlDirectory},
    entity,
    error::Failure,
    sql::{SqlConnection, col, join_optional, select_from, table},
};
use invite_domain::{
    access::Role,
    directory::{Membership, Organization, Subject, Username},
    email::EmailAddress,
    id::{AccountId, InvitationId, OrganizationId, RoleId, SubjectId},
    invitation::{IdempotencyRecord, Invitation},
    port::{
        AccountFacts, DeliveryFacts, IdempotencyRef, InvitationFacts, InvitationQuery, InvitationRecord, InvitationRef,
        IssueFacts, IssueQuery, RedemptionFacts, RedemptionQuery, SecretRef, SubjectFacts, ViewFacts, ViewQuery,
    },
};
use sea_orm::{
    ConnectionTrait, FromQueryResult, QueryResult,
    sea_query::{Alias, Expr, ExprTrait, SelectStatement, SimpleExpr},
};

use entity::{account, block, idempotency, invitation, membership, organization, role, subject};

fn this_organization() -> SimpleExpr {
    col("o", organization::Column::Id)
}

/// The organisation `o`, unless it is deleted.
pub(super) fn select_organization(id: OrganizationId) -> SelectStatement {
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

pub(super) fn join_block(select: &mut SelectStatement, key: SimpleExpr) {
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

/// Joins, as `t`, the record that an invitation is for, unless it is deleted.
fn join_subject(select: &mut SelectStatement, organization: SimpleExpr, id: SimpleExpr) {
    let on = col("t", subject::Column::OrganizationId)
        .eq(organization)
        .and(col("t", subject::Column::Id).eq(id))
        .and(col("t", subject::Column::DeletedAt).is_null());
    join_optional::<subject::Entity>(select, "t", on);
}

/// Joins, as `m`, the membership of whoever has an address.
fn join_member_at(select: &mut SelectStatement, email: Option<&EmailAddress>) {
    let holds = col("a", account::Column::AddressKey).eq(email.map(EmailAddress::key));
    select.join_as(sea_orm::JoinType::LeftJoin, table::<account::Entity>(), Alias::new("a"), holds);
    let belongs = col("m", membership::Column::OrganizationId)
        .eq(this_organization())
        .and(col("m", membership::Column::AccountId).eq(col("a", account::Column::Id)));
    join_optional::<membership::Entity>(select, "m", belongs);
}

fn member_at(row: &QueryResult) -> Result<Option<Membership>, Failure> {
    let row = Option::<membership::Model>::from_query_result(row, "m_")?;
    Ok(row.map(convert::membership).transpose()?)
}

pub(super) fn named_subject(row: &QueryResult) -> Result<Option<Subject>, Failure> {
    let row = Option::<subject::Model>::from_query_result(row, "t_")?;
    Ok(row.map(convert::subject).transpose()?)
}

/// Who came from a record: the member whose membership names it, the first of them should there be several.
pub(crate) fn came_from(people: &[AccountFacts], subject: SubjectId) -> Option<AccountFacts> {
    let names = |person: &&AccountFacts| {
        person.member.as_ref().is_some_and(|member| member.membership.subject_id == Some(subject))
    };
    let place = |person: &&AccountFacts| {
        person.member.as_ref().map(|member| (member.membership.created_at, member.membership.id))
    };
    people.iter().filter(names).min_by_key(place).cloned()
}

pub(super) fn organization(row: &QueryResult) -> Result<Organization, Failure> {
    Ok(convert::organization(organization::Model::from_query_result(row, "o_")?)?)
}

fn named_role(row: &QueryResult) -> Result<Option<Role>, Failure> {
    let row = Option::<role::Model>::from_query_result(row, "r_")?;
    Ok(row.map(convert::role).transpose()?)
}

pub(super) fn is_blocked(row: &QueryResult) -> Result<bool, Failure> {
    Ok(Option::<block::Model>::from_query_result(row, "b_")?.is_some())
}

fn answer(row: &QueryResult) -> Result<Option<IdempotencyRecord>, Failure> {
    let row = Option::<idempotency::Model>::from_query_result(row, "d_")?;
    Ok(row.map(convert::idempotency).transpose()?)
}

pub(super) fn other_holder(row: &QueryResult) -> Result<Option<Invitation>, Failure> {
    let row = Option::<invitation::Model>::from_query_result(row, "h_")?;
    Ok(row.as_ref().map(convert::invitation).transpose()?)
}

pub(super) async fn issue(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    query: &IssueQuery,
) -> Result<Option<IssueFacts>, Failure> {
    let id = query.organization_id;
    let mut select = select_organization(id);
    join_named_role(&mut select, query.role_id);
    join_block(&mut select, Expr::val(query.live_key.as_str()));
    join_answer(&mut select, query.idempotency.as_ref());
    let holds = col("i", invitation::Column::OrganizationId)
        .eq(this_organization())
        .and(col("i", invitation::Column::LiveKey).eq(query.live_key.as_str()));
    join_optional::<invitation::Entity>(&mut select, "i", holds);
    join_role(&mut select, "i", "ir");
    if let Some(subject) = query.subject_id {
        join_subject(&mut select, this_organization(), Expr::val(subject.as_uuid()));
    }
    let joins_member = query.subject_id.is_none() && directory.people_are_bundled();
    if joins_member {
        join_member_at(&mut select, query.email.as_ref());
    }
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    let actor = directory.principal(sql, id, query.principal).await?;
    let subject = if query.subject_id.is_some() { named_subject(&row)? } else { None };
    // Whoever has the address it goes to, and whoever came from the record it is for.
    let email = subject.as_ref().map_or(query.email.as_ref(), |subject| subject.email.as_ref());
    let keys: Vec<_> = email.map(EmailAddress::key).into_iter().collect();
    let subjects: Vec<_> = subject.iter().map(|subject| subject.id).collect();
    let (people, member) = if joins_member {
        (Vec::new(), member_at(&row)?)
    } else {
        let wanted = PeopleQuery { address_keys: &keys, subjects: &subjects, ..PeopleQuery::default() };
        let people = people(sql, directory, id, wanted).await?;
        let member = at_address(&people, keys.first().copied()).and_then(|person| person.member.as_ref());
        let member = member.map(|member| member.membership.clone());
        (people, member)
    };
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
        subject: subject.map(|subject| SubjectFacts { person: came_from(&people, subject.id), subject }),
        blocked: is_blocked(&row)?,
        replay,
        is_recent: false,
    }))
}

/// The invitation an earlier answer was about.
pub(super) async fn answered(
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

/// Joins, as `i`, an invitation of the organisation, with its role.
fn join_named(select: &mut SelectStatement, invitation: InvitationRef) {
    // The organisation is part of the lookup itself: a foreign id finds nothing (rule 6.6).
    let ours = col("i", invitation::Column::OrganizationId).eq(this_organization()).and(match invitation {
        InvitationRef::Id(id) => col("i", invitation::Column::Id).eq(id.as_uuid()),
        InvitationRef::Number(number) => col("i", invitation::Column::Number).eq(number),
    });
    join_optional::<invitation::Entity>(select, "i", ours);
    join_role(select, "i", "ir");
}

pub(super) async fn view(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    query: &ViewQuery,
) -> Result<Option<ViewFacts>, Failure> {
    let id = query.organization_id;
    let mut select = select_organization(id);
    if let Some(named) = query.invitation {
        join_named(&mut select, named);
    }
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    let actor = directory.principal(sql, id, query.principal).await?;
    let found = if query.invitation.is_some() { found(&row, "i", "ir")? } else { None };
    let record = complete(sql, directory, id, found.into_iter().collect()).await?.pop();
    Ok(Some(ViewFacts { organization: organization(&row)?, actor, record }))
}

pub(super) async fn invitation(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    query: &InvitationQuery,
) -> Result<Option<InvitationFacts>, Failure> {
    let id = query.organization_id;
    let mut select = select_organization(id);
    join_named(&mut select, query.invitation);
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

/// An invitation `i`, with its organisation and whether its recipient blocked that. By its id alone for the holder of a
/// token and the dispatcher, who name no organisation; by a code within one organisation (rule 7.5).
fn select_secret(secret: &SecretRef) -> SelectStatement {
    let mut select = select_secrets();
    match secret {
        SecretRef::Token(id) => select.and_where(col("i", invitation::Column::Id).eq(id.as_uuid())),
        SecretRef::Code(organization, indexes) => select
            .and_where(col("i", invitation::Column::OrganizationId).eq(organization.as_uuid()))
            .and_where(
                col("i", invitation::Column::CodeIndex).is_in(indexes.iter().map(|index| index.as_bytes().to_vec())),
            )
            .limit(1),
    };
    select
}

/// All invitations `i` of organisations that are not deleted.
pub(super) fn select_secrets() -> SelectStatement {
    let mut select = select_invitations();
    let of = this_organization().eq(col("i", invitation::Column::OrganizationId));
    join_optional::<organization::Entity>(&mut select, "o", of);
    join_block(&mut select, col("i", invitation::Column::HolderKey));
    select.and_where(col("o", organization::Column::Id).is_not_null()).and_where(is_not_deleted());
    select
}

/// Joins what a redemption needs beside the invitation.
pub(super) fn join_for_redemption(select: &mut SelectStatement) {
    join_other_holder(select);
    join_subject(select, col("i", invitation::Column::OrganizationId), col("i", invitation::Column::SubjectId));
}

pub(super) async fn redemption(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    query: &RedemptionQuery,
) -> Result<Option<RedemptionFacts>, Failure> {
    let mut select = select_secret(&query.secret);
    join_for_redemption(&mut select);
    join_answer(&mut select, query.idempotency.as_ref());
    let Some(row) = sql.query_one(&select).await? else { return Ok(None) };
    let Some(found) = found(&row, "i", "ir")? else { return Ok(None) };
    let (record, messages) = complete_one(sql, directory, found, query.messages_since).await?;
    let redeemer = record.redemption.as_ref().map(|redemption| redemption.account_id);
    let named: Vec<_> = query.caller.into_iter().chain(redeemer).collect();
    let subject = named_subject(&row)?;
    let keys: Vec<_> = record.invitation.recipient.email().map(EmailAddress::key).into_iter().collect();
    let subjects: Vec<_> = subject.iter().map(|subject| subject.id).collect();
    let username = query.username.as_deref();
    let wanted = PeopleQuery { address_keys: &keys, accounts: &named, subjects: &subjects, username };
    let people = people(sql, directory, record.invitation.organization_id, wanted).await?;
    let has_name = |person: &AccountFacts| person.account.username.as_ref().map(Username::key) == username;
    let person = |id| people.iter().find(|person| Some(person.account.id) == id).cloned();
    Ok(Some(RedemptionFacts {
        organization: organization(&row)?,
        messages,
        at_address: at_address(&people, keys.first().copied()).cloned(),
        caller: person(query.caller),
        other_holder: other_holder(&row)?,
        subject: subject.map(|subject| SubjectFacts { person: came_from(&people, subject.id), subject }),
        redeemer: person(redeemer),
        username_taken: username.is_some() && people.iter().any(has_name),
        blocked: is_blocked(&row)?,
        replay: answer(&row)?,
        record,
    }))
}

/// The people a use case asks for; nobody is asked for at no cost.
pub(super) async fn people(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    query: PeopleQuery<'_>,
) -> Result<Vec<AccountFacts>, Failure> {
    if query.is_empty() {
        return Ok(Vec::new());
    }
    Ok(directory.people(sql, organization, query).await?)
}

/// The account with an address. One without an address has none with nobody.
fn at_address<'p>(people: &'p [AccountFacts], key: Option<&str>) -> Option<&'p AccountFacts> {
    let key = key?;
    people.iter().find(|person| person.account.email_key() == Some(key))
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
    let Some(row) = sql.query_one(&select_secret(&SecretRef::Token(id))).await? else { return Ok(None) };
    let Some(Found { invitation, role }) = found(&row, "i", "ir")? else { return Ok(None) };
    let organization = organization(&row)?;
    let key = invitation.recipient.email().map(|address| address.key().to_owned());
    let rows = vec![Found { invitation, role }];
    let Some(record) = super::record::complete(sql, directory, organization.id, rows).await?.pop() else {
        return Ok(None);
    };
    let keys: Vec<_> = key.as_deref().into_iter().collect();
    let people =
        people(sql, directory, organization.id, PeopleQuery { address_keys: &keys, ..PeopleQuery::default() }).await?;
    let account_locale = people.into_iter().next().and_then(|person| person.account.locale);
    Ok(Some(Delivered { blocked: is_blocked(&row)?, organization, record, account_locale }))
}

/// What a member is told of an invitation needs.
pub(crate) async fn notice(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    id: InvitationId,
    reader: AccountId,
) -> Result<Option<DeliveryFacts>, Failure> {
    let Some(row) = sql.query_one(&select_secret(&SecretRef::Token(id))).await? else { return Ok(None) };
    let Some(found) = found(&row, "i", "ir")? else { return Ok(None) };
    let organization = organization(&row)?;
    let Some(record) = super::record::complete(sql, directory, organization.id, vec![found]).await?.pop() else {
        return Ok(None);
    };
    let redeemer = record.redemption.as_ref().map(|redemption| redemption.account_id);
    let accounts: Vec<_> = redeemer.into_iter().chain([reader]).collect();
    let query = PeopleQuery { accounts: &accounts, ..PeopleQuery::default() };
    let people = people(sql, directory, organization.id, query).await?;
    let person = |id| people.iter().find(|person| Some(person.account.id) == id).cloned().map(Box::new);
    Ok(person(Some(reader)).map(|reader| DeliveryFacts::Notice {
        organization: Box::new(organization),
        redeemer: person(redeemer),
        record: Box::new(record),
        reader,
    }))
}
