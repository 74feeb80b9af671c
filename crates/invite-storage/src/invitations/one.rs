//! What a command on one invitation needs, by one statement: the organisation, who commands, the invitation with all that shows it, and
//! whether its recipient blocked the organisation. Commands of one caller that come at the same time share it.
//!
//! Where the directory's tables are the bundled ones and the question names neither a role nor an answer to repeat. Other
//! questions are answered by [`load`](super::load), and so are those about an invitation whose key another one holds.

use super::{
    actor::{actor, actor_cells},
    joined,
    shared::Load,
    shown::last_redemption,
    text::{ORGANIZATION, Text, list},
};
use crate::{
    convert::{Cells, REDEMPTION_COLUMNS, organization_cells, redemption_cells},
    error::Failure,
    sql::SqlConnection,
};
use invite_domain::port::{InvitationFacts, InvitationQuery, InvitationRecord, InvitationRef};
use sea_orm::{ConnectionTrait, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Whether a question is answered here.
pub(super) fn answers(query: &InvitationQuery) -> bool {
    query.role_id.is_none() && query.idempotency.is_none()
}

/// Which invitations are asked for, as a condition. Those asked for by number and by id are not asked for together.
fn condition(text: &mut Text, queries: &[InvitationQuery]) -> String {
    let (mut ids, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for query in queries {
        match query.invitation {
            InvitationRef::Id(id) => drop(ids.insert(id.as_uuid())),
            InvitationRef::Number(number) => drop(numbers.insert(number)),
        }
    }
    if numbers.is_empty() {
        return text.among("i.id", ids.into_iter().map(|id| Value::Uuid(Some(id))).collect());
    }
    text.among("i.number", numbers.into_iter().map(|number| Value::BigInt(Some(number))).collect())
}

/// Answers questions that are [answered here](answers), all of one caller about one organisation: in the same order.
pub(super) async fn invitations(
    sql: &SqlConnection<'_>,
    queries: &[InvitationQuery],
) -> Result<Vec<Load<InvitationFacts>>, Failure> {
    let Some(&InvitationQuery { organization_id, principal, .. }) = queries.first() else {
        return Ok(Vec::new());
    };
    let mut text = Text::new(sql.engine());
    let (who, mut from) = actor(&mut text, principal);
    let mut columns = ORGANIZATION.clone() + &who;
    let since = queries.iter().map(|query| query.messages_since).min().unwrap_or_default();
    from += " LEFT JOIN invite_invitations i ON i.organization_id = o.id AND ";
    from += &condition(&mut text, queries);
    from += &joined::joins(&mut text, since);
    from += last_redemption(text.engine);
    from += joined::OTHER_HOLDER;
    columns += joined::COLUMNS.as_str();
    columns += ", ";
    list(&mut columns, "x", REDEMPTION_COLUMNS);
    columns += "h.id";
    let order = joined::order(queries.len());
    let id = text.value(organization_id.as_uuid());
    let statement = format!(
        "SELECT {columns} FROM invite_organizations o{from} WHERE o.id = {id} AND o.deleted_at IS NULL ORDER BY {order}"
    );
    let rows = sql.query_all_raw(text.statement(statement)).await?;
    let Some(first) = rows.first() else { return Ok(queries.iter().map(|_| Load::Done(Ok(None))).collect()) };
    let mut cells = Cells::new(first);
    let nobody = InvitationFacts {
        organization: organization_cells(&mut cells)?,
        actor: actor_cells(&mut cells, principal)?,
        record: None,
        role: None,
        other_holder: None,
        messages: Vec::new(),
        blocked: false,
        replay: None,
    };
    let beside = |cells: &mut Cells<'_>, record: &mut InvitationRecord| {
        record.redemption = redemption_cells(cells, record.invitation.organization_id, record.invitation.id)?;
        Ok(cells.maybe::<Uuid>()?)
    };
    let found = joined::read(&rows, cells.place(), since, beside)?;
    let facts = |query: &InvitationQuery| {
        let is_meant = |one: &&joined::Joined<_>| match query.invitation {
            InvitationRef::Id(id) => one.record.invitation.id == id,
            InvitationRef::Number(wanted) => one.number == wanted,
        };
        let Some(one) = found.iter().find(is_meant) else { return Load::Done(Ok(Some(nobody.clone()))) };
        if one.beside.is_some() {
            return Load::Alone;
        }
        Load::Done(Ok(Some(InvitationFacts {
            record: Some(one.record.clone()),
            messages: one.messages_since(query.messages_since),
            blocked: one.blocked,
            ..nobody.clone()
        })))
    };
    Ok(queries.iter().map(facts).collect())
}
