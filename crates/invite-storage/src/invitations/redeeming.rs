//! What the holder of a token needs who comes for the first time, by one statement: the invitation with all that judges it, and its
//! organisation. Whoever has an account already, comes again, is a record of the host's directory, or holds an invitation in whose
//! place there is another, needs more, which is read in full ([`load`](super::load), [`load_many`](super::load_many)).
//!
//! Where the directory's tables are the bundled ones.

use super::{
    joined, load_many,
    shared::Load,
    text::{Text, all},
};
use crate::{
    convert::{Cells, organization_cells},
    entity,
    error::Failure,
    sql::SqlConnection,
};
use invite_domain::{
    id::InvitationId,
    port::{InvitationRecord, RedemptionFacts, RedemptionQuery, SecretRef},
};
use sea_orm::{ConnectionTrait, Value};
use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

/// Whether a question may be answered here.
pub(super) fn answers(query: &RedemptionQuery) -> bool {
    load_many::goes_with_others(query) && query.caller.is_none()
}

/// The columns, the last of which tells whether more is needed.
static COLUMNS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{}, {}CASE WHEN i.recipient_kind <> 'subject' AND i.subject_id IS NULL AND i.uses = 0 AND h.id IS NULL AND pa.id IS NULL THEN 'all' END",
        *joined::COLUMNS,
        all::<entity::organization::Entity>("o")
    )
});

/// The condition that none of the requests has been answered before.
fn is_new(text: &mut Text, queries: &[RedemptionQuery]) -> String {
    let requests = || queries.iter().filter_map(|query| query.idempotency.as_ref());
    let texts = |texts: BTreeSet<&str>| texts.into_iter().map(Value::from).collect::<Vec<_>>();
    if requests().next().is_none() {
        return String::new();
    }
    let scopes = text.among("scope", texts(requests().map(|request| request.scope.as_str()).collect()));
    let keys = text.among("request_key", texts(requests().map(|request| request.key.as_str()).collect()));
    format!(" AND NOT EXISTS (SELECT 1 FROM invite_idempotency WHERE {scopes} AND {keys})")
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
    if named.is_empty() {
        return Ok(queries.iter().map(|_| Load::Alone).collect());
    }
    let since = queries.iter().map(|query| query.messages_since).min().unwrap_or_default();
    let mut text = Text::new(sql.engine());
    let joins = joined::joins(&mut text, since);
    let these = text.among("i.id", named.into_iter().map(|id| Value::Uuid(Some(id))).collect());
    let is_new = is_new(&mut text, queries);
    let statement = format!(
        "SELECT {} FROM invite_invitations i JOIN invite_organizations o ON o.id = i.organization_id \
         AND o.deleted_at IS NULL{joins}{} LEFT JOIN invite_accounts pa ON pa.address_key = CASE i.recipient_kind \
         WHEN 'email' THEN i.recipient_key END WHERE {these}{is_new} ORDER BY {}",
        *COLUMNS,
        joined::OTHER_HOLDER,
        joined::order(queries.len()),
    );
    let rows = sql.query_all_raw(text.statement(statement)).await?;
    let beside = |cells: &mut Cells<'_>, _: &mut InvitationRecord| {
        Ok((organization_cells(cells)?, cells.maybe::<&str>()?.is_some()))
    };
    let found: HashMap<InvitationId, _> =
        joined::read(&rows, 0, since, beside)?.into_iter().map(|one| (one.record.invitation.id, one)).collect();
    let facts = |query: &RedemptionQuery| {
        let one = token(query).and_then(|id| found.get(&id));
        // Whether what was not found is not there, or somebody was answered before, is seen in full.
        let Some(one) = one.filter(|one| one.beside.1) else { return Load::Alone };
        Load::Done(Ok(Some(RedemptionFacts {
            organization: one.beside.0.clone(),
            record: one.record.clone(),
            messages: one.messages_since(query.messages_since),
            at_address: None,
            caller: None,
            other_holder: None,
            subject: None,
            redeemer: None,
            username_taken: false,
            blocked: one.blocked,
            replay: None,
        })))
    };
    Ok(queries.iter().map(facts).collect())
}
