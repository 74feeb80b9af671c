//! What issuing needs where nobody is in the way, by one statement: the organisation, who issues, the role, and which of the recipients
//! are taken. Taken are those who have an invitation already, want no mail, or are members; and keys under which an answer is kept.
//! They are few, and what issuing to them needs is read in full ([`load`](super::load), [`load_many`](super::load_many)).
//!
//! Where the directory's tables are the bundled ones.

use super::{
    actor::{actor, actor_cells},
    shared::Load,
    text::{ORGANIZATION, Text, all},
};
use crate::{
    convert::{Cells, organization_cells, role_cells},
    entity,
    error::Failure,
    sql::SqlConnection,
};
use invite_domain::{
    email::EmailAddress,
    id::OrganizationId,
    port::{IssueFacts, IssueQuery},
};
use sea_orm::{ConnectionTrait, Value};
use std::collections::{BTreeSet, HashSet};

/// Whether a question may be answered here: that of a record of the host's directory depends on what stands there.
pub(super) fn answers(query: &IssueQuery) -> bool {
    query.subject_id.is_none()
}

/// What is in the way.
const KEY: &str = "key";
const MEMBER: &str = "member";
const ANSWER: &str = "answer";

fn texts<'q>(texts: impl Iterator<Item = &'q str>) -> Vec<Value> {
    texts.collect::<BTreeSet<_>>().into_iter().map(Value::from).collect()
}

/// What of the recipients and requests is taken, as a query of two columns.
fn taken(text: &mut Text, organization: OrganizationId, queries: &[IssueQuery]) -> String {
    let organization = organization.as_uuid();
    let keys = || texts(queries.iter().map(|query| query.live_key.as_str()));
    let (here, these) = (text.value(organization), text.among("live_key", keys()));
    let mut parts = vec![format!(
        "SELECT '{KEY}' AS kind, live_key AS taken FROM invite_invitations WHERE organization_id = {here} AND {these}"
    )];
    let (here, these) = (text.value(organization), text.among("holder_key", keys()));
    parts.push(format!("SELECT '{KEY}', holder_key FROM invite_blocks WHERE organization_id = {here} AND {these}"));
    let addresses = texts(queries.iter().filter_map(|query| query.email.as_ref().map(EmailAddress::key)));
    if !addresses.is_empty() {
        let (here, these) = (text.value(organization), text.among("a.address_key", addresses));
        parts.push(format!(
            "SELECT '{MEMBER}', a.address_key FROM invite_accounts a JOIN invite_memberships m ON m.account_id = a.id \
             AND m.organization_id = {here} WHERE {these}"
        ));
    }
    let requests = queries.iter().filter_map(|query| query.idempotency.as_ref());
    let scopes = texts(requests.clone().map(|request| request.scope.as_str()));
    if !scopes.is_empty() {
        let scopes = text.among("scope", scopes);
        let these = text.among("request_key", texts(requests.map(|request| request.key.as_str())));
        parts.push(format!("SELECT '{ANSWER}', request_key FROM invite_idempotency WHERE {scopes} AND {these}"));
    }
    parts.join(" UNION ALL ")
}

/// Answers questions that may be [answered here](answers), all of one caller about one role of one organisation: in the same order.
pub(super) async fn issues(sql: &SqlConnection<'_>, queries: &[IssueQuery]) -> Result<Vec<Load<IssueFacts>>, Failure> {
    let Some(&IssueQuery { organization_id, principal, role_id, .. }) = queries.first() else {
        return Ok(Vec::new());
    };
    let mut text = Text::new(sql.engine());
    let (who, mut from) = actor(&mut text, principal);
    let mut columns = ORGANIZATION.clone() + &who;
    if let Some(role) = role_id {
        columns += &all::<entity::role::Entity>("r");
        let role = text.value(role.as_uuid());
        from += " LEFT JOIN invite_roles r ON r.organization_id = o.id AND r.id = ";
        from += &role;
    }
    let taken = taken(&mut text, organization_id, queries);
    let id = text.value(organization_id.as_uuid());
    let statement = format!(
        "SELECT {columns}t.kind, t.taken FROM invite_organizations o{from} LEFT JOIN ({taken}) t ON 1 = 1 \
         WHERE o.id = {id} AND o.deleted_at IS NULL"
    );
    let rows = sql.query_all_raw(text.statement(statement)).await?;
    let Some(first) = rows.first() else { return Ok(queries.iter().map(|_| Load::Done(Ok(None))).collect()) };
    let mut cells = Cells::new(first);
    let (organization, actor) = (organization_cells(&mut cells)?, actor_cells(&mut cells, principal)?);
    let role = if role_id.is_some() { role_cells(&mut cells)? } else { None };
    let facts = IssueFacts::unhindered(organization, actor, role);
    let place = cells.place();
    let mut taken: HashSet<(&str, &str)> = HashSet::new();
    for row in &rows {
        let mut cells = Cells::new(row);
        cells.skip(place);
        if let Some(kind) = cells.maybe()? {
            taken.insert((kind, cells.next()?));
        }
    }
    let is_taken = |query: &IssueQuery| {
        let of_member = query.email.as_ref().map(|email| (MEMBER, email.key()));
        let of_answer = query.idempotency.as_ref().map(|request| (ANSWER, request.key.as_str()));
        let mut all = [Some((KEY, query.live_key.as_str())), of_member, of_answer].into_iter().flatten();
        all.any(|one| taken.contains(&one))
    };
    Ok(queries
        .iter()
        .map(|query| if is_taken(query) { Load::Alone } else { Load::Done(Ok(Some(facts.clone()))) })
        .collect())
}
