//! What the holder of a token needs who comes for the first time, by one statement: the invitation with all that judges it, and its
//! organisation. Whoever has an account already, comes again, is a record of the host's directory, or holds an invitation in whose
//! place there is another, needs more, which is read in full ([`load`](super::load), [`load_many`](super::load_many)).
//!
//! Where the directory's tables are the bundled ones.

use super::{
    joined, load_many,
    shared::Load,
    text::{ORGANIZATION, Text},
};
use crate::{
    convert::{Cells, organization_cells},
    error::Failure,
    sql::SqlConnection,
};
use invite_domain::{
    id::InvitationId,
    port::{InvitationRecord, RedemptionFacts, RedemptionQuery, SecretRef},
};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::LazyLock,
};

/// Whether a question may be answered here.
pub(super) fn answers(query: &RedemptionQuery) -> bool {
    load_many::goes_with_others(query) && query.caller.is_none()
}

/// The columns, the last of which tells whether more is needed.
static COLUMNS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{}, {}CASE WHEN i.recipient_kind <> 'subject' AND i.subject_id IS NULL AND i.uses = 0 AND h.id IS NULL \
         AND pa.id IS NULL THEN 'all' END",
        *joined::COLUMNS,
        *ORGANIZATION
    )
});

/// What tells an answer that was given before, as columns with a comma behind each.
const ANSWER: &str = "q.scope, q.request_key, ";

/// The join, as `q`, of the answers that were given to these requests before; empty where nobody asks for one.
fn answers_before(text: &mut Text, queries: &[RedemptionQuery]) -> String {
    let requests = || queries.iter().filter_map(|query| query.idempotency.as_ref());
    let texts = |texts: BTreeSet<&str>| texts.into_iter().map(Value::from).collect::<Vec<_>>();
    if requests().next().is_none() {
        return String::new();
    }
    let scopes = text.among("q.scope", texts(requests().map(|request| request.scope.as_str()).collect()));
    let keys = text.among("q.request_key", texts(requests().map(|request| request.key.as_str()).collect()));
    format!(" LEFT JOIN invite_idempotency q ON {scopes} AND {keys}")
}

/// Answers by scope and key, and how many rows hold all invitations: where there are several answers, the rows stand there once for
/// each.
type Found<'r> = (HashSet<(&'r str, &'r str)>, usize);

fn answers_found(rows: &[QueryResult]) -> Result<Found<'_>, Failure> {
    let (mut found, mut whole) = (HashSet::new(), rows.len());
    for (place, row) in rows.iter().enumerate() {
        let mut cells = Cells::new(row);
        let Some(scope) = cells.maybe()? else { continue };
        if found.insert((scope, cells.next()?)) && place > 0 {
            whole = whole.min(place);
        }
    }
    Ok((found, whole))
}

/// Answers questions that may be [answered here](answers): in the same order.
pub(super) async fn redemptions(
    sql: &SqlConnection<'_>,
    queries: &[RedemptionQuery],
) -> Result<Vec<Load<RedemptionFacts>>, Failure> {
    let token = |query: &RedemptionQuery| match query.secret {
        SecretRef::Token(id) => Some(id),
        SecretRef::Code(..) => None,
    };
    let named: BTreeSet<_> = queries.iter().filter_map(|query| Some(token(query)?.as_uuid())).collect();
    let since = queries.iter().map(|query| query.messages_since).min().unwrap_or_default();
    let mut text = Text::new(sql.engine());
    let joins = joined::joins(&mut text, since);
    let before = answers_before(&mut text, queries);
    let answer = if before.is_empty() { "" } else { ANSWER };
    let these = text.among("i.id", named.into_iter().map(|id| Value::Uuid(Some(id))).collect());
    let statement = format!(
        "SELECT {answer}{} FROM invite_invitations i JOIN invite_organizations o ON o.id = i.organization_id \
         AND o.deleted_at IS NULL{joins}{} LEFT JOIN invite_accounts pa ON pa.address_key = CASE i.recipient_kind \
         WHEN 'email' THEN i.recipient_key END{before} WHERE {these} ORDER BY {answer}{}",
        *COLUMNS,
        joined::OTHER_HOLDER,
        joined::order(queries.len()),
    );
    let rows = sql.query_all_raw(text.statement(statement)).await?;
    let (answered, whole) = if before.is_empty() { (HashSet::new(), rows.len()) } else { answers_found(&rows)? };
    let place = answer.matches(", ").count();
    let beside = |cells: &mut Cells<'_>, _: &mut InvitationRecord| {
        Ok((organization_cells(cells)?, cells.maybe::<&str>()?.is_some()))
    };
    let found: HashMap<InvitationId, _> = joined::read(&rows[..whole], place, since, beside)?
        .into_iter()
        .map(|one| (one.record.invitation.id, one))
        .collect();
    let is_answered = |query: &RedemptionQuery| {
        let request = query.idempotency.as_ref();
        request.is_some_and(|request| answered.contains(&(request.scope.as_str(), request.key.as_str())))
    };
    let facts = |query: &RedemptionQuery| {
        let one = token(query).and_then(|id| found.get(&id));
        // Whether what was not found is not there, and what was answered before, is read in full.
        let Some(one) = one.filter(|one| one.beside.1 && !is_answered(query)) else { return Load::Alone };
        let messages = one.messages_since(query.messages_since);
        let facts = RedemptionFacts::of_stranger(one.beside.0.clone(), one.record.clone(), messages);
        Load::Done(Ok(Some(RedemptionFacts { blocked: one.blocked, ..facts })))
    };
    Ok(queries.iter().map(facts).collect())
}
