//! The same as in `load`, for several callers who ask at the same time: a statement for each kind of row, whatever their
//! number. What is seldom asked for, and what is seldom found, is read one by one.

use super::{
    load::{self, came_from, is_blocked, named_subject, organization, other_holder},
    record::{complete, complete_one, found},
};
use crate::{
    convert,
    directory::{PeopleQuery, SqlDirectory},
    entity,
    error::Failure,
    group::rows::among,
    sql::{SqlConnection, col, select_from, table},
};
use invite_domain::{
    access::Role,
    directory::{Organization, Subject},
    email::EmailAddress,
    id::{AccountId, InvitationId, OrganizationId, RoleId, SubjectId},
    invitation::{IdempotencyRecord, Invitation},
    port::{
        AccountFacts, IdempotencyRef, InvitationRecord, IssueFacts, IssueQuery, RedemptionFacts, RedemptionQuery,
        SecretRef, SubjectFacts,
    },
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait, FromQueryResult, Value,
    sea_query::{Alias, Expr, ExprTrait, Query},
};
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

use entity::{block, idempotency, invitation, message, role, subject};

fn ids(of: impl Iterator<Item = Uuid>) -> Vec<Value> {
    of.collect::<BTreeSet<_>>().into_iter().map(|id| Value::Uuid(Some(id))).collect()
}

fn texts<'t>(of: impl Iterator<Item = &'t str>) -> Vec<Value> {
    of.collect::<BTreeSet<_>>().into_iter().map(|text| Value::String(Some(text.to_owned()))).collect()
}

/// What those who issue in one organisation need; `None` where there is no such organisation.
pub(super) async fn issues(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization_id: OrganizationId,
    queries: &[IssueQuery],
) -> Result<Vec<Option<IssueFacts>>, Failure> {
    let Some(row) = sql.query_one(&load::select_organization(organization_id)).await? else {
        return Ok(queries.iter().map(|_| None).collect());
    };
    let organization = organization(&row)?;
    let roles = roles(sql, organization_id, queries.iter().filter_map(|query| query.role_id)).await?;
    let blocked = blocked(sql, organization_id, queries).await?;
    let mut answers = answers(sql, queries.iter().filter_map(|query| query.idempotency.as_ref())).await?;
    let mut holders = HashMap::new();
    let mut select = super::record::select_invitations();
    select.and_where(col("i", invitation::Column::OrganizationId).eq(organization_id.as_uuid())).and_where(among(
        sql.engine(),
        col("i", invitation::Column::LiveKey),
        texts(queries.iter().map(|query| query.live_key.as_str())),
    ));
    for row in sql.query_all(&select).await? {
        if let Some(held) = found(&row, "i", "ir")?
            && let Some(key) = held.invitation.live_key.clone()
        {
            holders.insert(key, held);
        }
    }
    let subjects = subjects(sql, organization_id, queries).await?;
    let mut actors = HashMap::new();
    for principal in queries.iter().map(|query| query.principal).collect::<HashSet<_>>() {
        actors.insert(principal, directory.principal(sql, organization_id, principal).await?);
    }
    // Whoever has the address it goes to, and whoever came from the record it is for.
    let subject_of = |query: &IssueQuery| query.subject_id.and_then(|id| subjects.get(&id));
    let email_of = |query: &IssueQuery| {
        let email = match subject_of(query) {
            Some(subject) => subject.email.as_ref(),
            None => query.email.as_ref(),
        };
        email.map(|email| EmailAddress::key(email).to_owned())
    };
    let emails: Vec<Option<String>> = queries.iter().map(email_of).collect();
    let keys: BTreeSet<&str> = emails.iter().flatten().map(String::as_str).collect();
    let keys: Vec<&str> = keys.into_iter().collect();
    let of_subjects: Vec<SubjectId> = subjects.keys().copied().collect();
    let wanted = PeopleQuery { address_keys: &keys, subjects: &of_subjects, ..PeopleQuery::default() };
    let people = load::people(sql, directory, organization_id, wanted).await?;
    let people = People::of(&people);
    let mut all = Vec::with_capacity(queries.len());
    for (query, email) in queries.iter().zip(&emails) {
        let member = people.at_address(email.as_deref()).and_then(|person| person.member.as_ref());
        let (holder, holder_messages) = match holders.get(&query.live_key) {
            Some(held) => {
                let (record, messages) = complete_one(sql, directory, held.clone(), query.messages_since).await?;
                (Some(record), messages)
            }
            None => (None, Vec::new()),
        };
        let replay = match query.idempotency.as_ref().and_then(|wanted| answers.take(wanted)) {
            Some(answer) => {
                let about = load::answered(sql, directory, query, &answer, holder.as_ref()).await?;
                Some((answer, about))
            }
            None => None,
        };
        all.push(Some(IssueFacts {
            organization: organization.clone(),
            actor: actors.get(&query.principal).cloned().unwrap_or(invite_domain::access::ActorFacts::Unknown),
            role: query.role_id.and_then(|id| roles.get(&id)).cloned(),
            holder,
            holder_messages,
            member: member.map(|member| member.membership.clone()),
            subject: subject_of(query).map(|subject| people.of_record(subject)),
            blocked: blocked.contains(query.live_key.as_str()),
            replay,
            is_recent: false,
        }));
    }
    Ok(all)
}

/// Whether a holder's question may be answered with those of others.
pub(super) fn goes_with_others(query: &RedemptionQuery) -> bool {
    matches!(query.secret, SecretRef::Token(_)) && query.username.is_none()
}

/// What holders of tokens need; `None` where there is no such invitation. Codes and wanted usernames are asked for one by one.
pub(super) async fn redemptions(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    queries: &[RedemptionQuery],
) -> Result<Vec<Option<RedemptionFacts>>, Failure> {
    let named = queries.iter().filter_map(|query| match &query.secret {
        SecretRef::Token(id) => Some(id.as_uuid()),
        SecretRef::Code(..) => None,
    });
    let mut select = load::select_secrets();
    load::join_for_redemption(&mut select);
    select.and_where(among(sql.engine(), col("i", invitation::Column::Id), ids(named)));
    let mut organizations: HashMap<Uuid, Organization> = HashMap::new();
    let mut found_by_organization: HashMap<OrganizationId, Vec<_>> = HashMap::new();
    let mut beside: HashMap<InvitationId, Beside> = HashMap::new();
    for row in sql.query_all(&select).await? {
        let Some(found) = found(&row, "i", "ir")? else { continue };
        // Most are of few organisations, and each is read once.
        let id: Uuid = row.try_get("", "o_id")?;
        if let std::collections::hash_map::Entry::Vacant(entry) = organizations.entry(id) {
            entry.insert(organization(&row)?);
        }
        let other =
            Beside { other_holder: other_holder(&row)?, subject: named_subject(&row)?, blocked: is_blocked(&row)? };
        beside.insert(found.invitation.id, other);
        found_by_organization.entry(found.invitation.organization_id).or_default().push(found);
    }
    let mut answers = answers(sql, queries.iter().filter_map(|query| query.idempotency.as_ref())).await?;
    let mut facts: HashMap<InvitationId, (InvitationRecord, Vec<Timestamp>)> = HashMap::new();
    let mut people: HashMap<OrganizationId, Vec<AccountFacts>> = HashMap::new();
    let since = queries.iter().map(|query| query.messages_since).min();
    for (organization_id, rows) in found_by_organization {
        let records = complete(sql, directory, organization_id, rows).await?;
        let mut messages = messages(sql, organization_id, &records, since).await?;
        let redeemers = records.iter().filter_map(|record| Some(record.redemption.as_ref()?.account_id));
        let callers = queries.iter().filter_map(|query| query.caller);
        let accounts: BTreeSet<AccountId> = redeemers.chain(callers).collect();
        let accounts: Vec<_> = accounts.into_iter().collect();
        let keys: BTreeSet<&str> = records.iter().filter_map(|record| email_key(&record.invitation)).collect();
        let keys: Vec<&str> = keys.into_iter().collect();
        let of_records = records.iter().filter_map(|record| beside.get(&record.invitation.id)?.subject.as_ref());
        let subjects: Vec<SubjectId> = of_records.map(|subject| subject.id).collect();
        let wanted =
            PeopleQuery { address_keys: &keys, accounts: &accounts, subjects: &subjects, ..PeopleQuery::default() };
        people.insert(organization_id, load::people(sql, directory, organization_id, wanted).await?);
        facts.extend(records.into_iter().map(|record| {
            let id = record.invitation.id;
            (id, (record, messages.remove(&id).unwrap_or_default()))
        }));
    }
    let people: HashMap<OrganizationId, People<'_>> =
        people.iter().map(|(id, people)| (*id, People::of(people))).collect();
    let facts_of = |query: &RedemptionQuery, answers: &mut Answers| {
        let SecretRef::Token(id) = &query.secret else { return None };
        let (record, messages) = facts.get(id)?;
        let beside = beside.get(id)?;
        let organization_id = record.invitation.organization_id;
        let people = people.get(&organization_id)?;
        let redeemer = record.redemption.as_ref().map(|redemption| redemption.account_id);
        Some(RedemptionFacts {
            organization: organizations.get(&organization_id.as_uuid())?.clone(),
            messages: messages.iter().copied().filter(|at| *at >= query.messages_since).collect(),
            at_address: people.at_address(email_key(&record.invitation)).cloned(),
            caller: people.person(query.caller),
            other_holder: beside.other_holder.clone(),
            subject: beside.subject.as_ref().map(|subject| people.of_record(subject)),
            redeemer: people.person(redeemer),
            username_taken: false,
            blocked: beside.blocked,
            replay: query.idempotency.as_ref().and_then(|wanted| answers.take(wanted)),
            record: record.clone(),
        })
    };
    Ok(queries.iter().map(|query| facts_of(query, &mut answers)).collect())
}

/// What stands in the row of an invitation beside it.
struct Beside {
    other_holder: Option<Invitation>,
    subject: Option<Subject>,
    blocked: bool,
}

fn email_key(invitation: &Invitation) -> Option<&str> {
    invitation.recipient.email().map(EmailAddress::key)
}

/// People of one organisation, found by address or id.
struct People<'p> {
    all: &'p [AccountFacts],
    by_address: HashMap<&'p str, &'p AccountFacts>,
    by_id: HashMap<AccountId, &'p AccountFacts>,
}

impl<'p> People<'p> {
    fn of(all: &'p [AccountFacts]) -> Self {
        let by_address = all.iter().filter_map(|person| Some((person.account.email_key()?, person))).collect();
        Self { all, by_address, by_id: all.iter().map(|person| (person.account.id, person)).collect() }
    }

    fn at_address(&self, key: Option<&str>) -> Option<&'p AccountFacts> {
        self.by_address.get(key?).copied()
    }

    fn person(&self, id: Option<AccountId>) -> Option<AccountFacts> {
        self.by_id.get(&id?).copied().cloned()
    }

    fn of_record(&self, subject: &Subject) -> SubjectFacts {
        SubjectFacts { person: came_from(self.all, subject.id), subject: subject.clone() }
    }
}

async fn roles(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    wanted: impl Iterator<Item = RoleId>,
) -> Result<HashMap<RoleId, Role>, Failure> {
    let wanted = ids(wanted.map(|id| id.as_uuid()));
    let mut roles = HashMap::new();
    if wanted.is_empty() {
        return Ok(roles);
    }
    let mut select = select_from::<role::Entity>("r");
    select.and_where(col("r", role::Column::OrganizationId).eq(organization.as_uuid())).and_where(among(
        sql.engine(),
        col("r", role::Column::Id),
        wanted,
    ));
    for row in sql.query_all(&select).await? {
        let role = convert::role(role::Model::from_query_result(&row, "r_")?)?;
        roles.insert(role.id, role);
    }
    Ok(roles)
}

/// Which of the recipients want no mail of the organisation.
async fn blocked(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    queries: &[IssueQuery],
) -> Result<HashSet<String>, Failure> {
    let mut select = Query::select();
    select
        .expr_as(col("b", block::Column::HolderKey), Alias::new("holder_key"))
        .from_as(table::<block::Entity>(), Alias::new("b"))
        .and_where(col("b", block::Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(among(
            sql.engine(),
            col("b", block::Column::HolderKey),
            texts(queries.iter().map(|query| query.live_key.as_str())),
        ));
    Ok(sql.query_all(&select).await?.iter().map(|row| row.try_get("", "holder_key")).collect::<Result<_, _>>()?)
}

async fn subjects(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    queries: &[IssueQuery],
) -> Result<HashMap<SubjectId, Subject>, Failure> {
    let wanted = ids(queries.iter().filter_map(|query| query.subject_id).map(|id| id.as_uuid()));
    let mut subjects = HashMap::new();
    if wanted.is_empty() {
        return Ok(subjects);
    }
    let mut select = select_from::<subject::Entity>("t");
    select
        .and_where(col("t", subject::Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(among(sql.engine(), col("t", subject::Column::Id), wanted))
        .and_where(col("t", subject::Column::DeletedAt).is_null());
    for row in sql.query_all(&select).await? {
        if let Some(subject) = named_subject(&row)? {
            subjects.insert(subject.id, subject);
        }
    }
    Ok(subjects)
}

/// Answers that were given before, by scope and key.
struct Answers(HashMap<(String, String), IdempotencyRecord>);

impl Answers {
    fn take(&mut self, wanted: &IdempotencyRef) -> Option<IdempotencyRecord> {
        self.0.get(&(wanted.scope.clone(), wanted.key.clone())).cloned()
    }
}

async fn answers<'q>(
    sql: &SqlConnection<'_>,
    wanted: impl Iterator<Item = &'q IdempotencyRef> + Clone,
) -> Result<Answers, Failure> {
    let mut answers = HashMap::new();
    let keys = texts(wanted.clone().map(|wanted| wanted.key.as_str()));
    if keys.is_empty() {
        return Ok(Answers(answers));
    }
    let scopes = texts(wanted.map(|wanted| wanted.scope.as_str()));
    let mut select = select_from::<idempotency::Entity>("d");
    select.and_where(among(sql.engine(), col("d", idempotency::Column::Scope), scopes)).and_where(among(
        sql.engine(),
        col("d", idempotency::Column::RequestKey),
        keys,
    ));
    for row in sql.query_all(&select).await? {
        let row = idempotency::Model::from_query_result(&row, "d_")?;
        let place = (row.scope.clone(), row.request_key.clone());
        answers.insert(place, convert::idempotency(row)?);
    }
    Ok(Answers(answers))
}

/// When messages were made that carry a link of these invitations, since an instant.
async fn messages(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    records: &[InvitationRecord],
    since: Option<Timestamp>,
) -> Result<HashMap<InvitationId, Vec<Timestamp>>, Failure> {
    let mut select = Query::select();
    select
        .columns(["invitation_id", "created_at"].map(|name| (Alias::new("m"), Alias::new(name))))
        .from_as(table::<message::Entity>(), Alias::new("m"))
        .and_where(col("m", message::Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(among(
            sql.engine(),
            col("m", message::Column::InvitationId),
            ids(records.iter().map(|record| record.invitation.id.as_uuid())),
        ))
        .and_where(convert::carries_link(col("m", message::Column::About)));
    if let Some(since) = since {
        select.and_where(col("m", message::Column::CreatedAt).gte(Expr::val(since)));
    }
    select
        .order_by((Alias::new("m"), Alias::new("channel")), sea_orm::Order::Asc)
        .order_by((Alias::new("m"), Alias::new("created_at")), sea_orm::Order::Asc)
        .order_by((Alias::new("m"), Alias::new("id")), sea_orm::Order::Asc);
    let mut made: HashMap<_, Vec<_>> = HashMap::new();
    for row in sql.query_all(&select).await? {
        let id = InvitationId::from_uuid(row.try_get("", "invitation_id")?);
        made.entry(id).or_default().push(row.try_get("", "created_at")?);
    }
    Ok(made)
}
