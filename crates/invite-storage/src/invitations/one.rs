//! What a look at one invitation needs, by one statement: the organisation, who looks, the invitation with all that shows it, who
//! else holds its key, whether its recipient blocked the organisation. Looks of one caller that come at the same time are one statement,
//! since on PostgreSQL most of its time goes into setting it up.
//!
//! Where the directory's tables are the bundled ones and the question names neither a role nor an answer to repeat. Other
//! questions are answered by [`load`](super::load).

use super::shown::{INVITER, inviter_cells, inviter_joins, last_redemption, list};
use crate::{
    convert::{
        Cells, DELIVERY_COLUMNS, INVITATION_COLUMNS, REDEMPTION_COLUMNS, REMINDER, api_key_cells, delivery_cells,
        invitation_cells, membership_cells, organization_cells, redemption_cells, role_cells,
    },
    engine::Engine,
    entity,
    error::Failure,
    group::rows::{array, filled_up},
    sql::SqlConnection,
};
use invite_domain::{
    access::{ActorFacts, MemberFacts},
    id::ApiKeyId,
    invitation::Invitation,
    port::{InvitationFacts, InvitationQuery, InvitationRecord, InvitationRef, Principal},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, EntityTrait, IdenStatic, Iterable, Statement, Value};
use std::{collections::BTreeSet, sync::LazyLock};
use uuid::Uuid;

/// Whether a question is answered here.
pub(super) fn answers(query: &InvitationQuery) -> bool {
    query.role_id.is_none() && query.idempotency.is_none()
}

fn all<E: EntityTrait>(alias: &str) -> String {
    let mut text = String::new();
    list(&mut text, alias, E::Column::iter().map(|column| column.as_str()).collect::<Vec<_>>());
    text
}

/// The columns of the invitation and what belongs to it.
static COLUMNS: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    list(&mut text, "dm", DELIVERY_COLUMNS);
    list(&mut text, "dm", ["about", "created_at"]);
    list(&mut text, "i", INVITATION_COLUMNS);
    list(&mut text, "x", REDEMPTION_COLUMNS);
    text.push_str(&all::<entity::role::Entity>("ir"));
    text.push_str(&INVITER);
    text.push_str(", ");
    list(&mut text, "h", INVITATION_COLUMNS);
    text.push_str("b.holder_key");
    text
});

/// A text with values.
struct Text {
    engine: Engine,
    values: Vec<Value>,
}

impl Text {
    fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        self.engine.placeholder(self.values.len())
    }

    /// The condition that a column has one of the values, of which there is at least one.
    fn among(&mut self, column: &str, values: Vec<Value>) -> String {
        if let [value] = &values[..] {
            return format!("{column} = {}", self.value(value.clone()));
        }
        if self.engine.takes_arrays() {
            let (kind, literal) = array(&values);
            return format!("{column} = ANY(CAST(CAST({} AS text) AS {kind}[]))", self.value(literal));
        }
        let places: Vec<_> = filled_up(values).into_iter().map(|value| self.value(value)).collect();
        format!("{column} IN ({})", places.join(", "))
    }
}

/// Who looks: the columns, each with a comma behind it, and the joins.
fn actor(text: &mut Text, principal: Principal) -> (String, String) {
    let person = " LEFT JOIN invite_accounts aa ON aa.id = am.account_id LEFT JOIN invite_roles ar \
                  ON ar.organization_id = am.organization_id AND ar.id = am.role_id";
    let member = || all::<entity::membership::Entity>("am") + &all::<entity::role::Entity>("ar") + "aa.name, ";
    match principal {
        Principal::Person(account) => {
            let account = text.value(account.as_uuid());
            let join = "LEFT JOIN invite_memberships am ON am.organization_id = o.id AND am.account_id =";
            (member(), format!(" {join} {account}{person}"))
        }
        Principal::ApiKey(id) => {
            let id = text.value(id.as_uuid());
            let key = "LEFT JOIN invite_api_keys ak ON ak.organization_id = o.id AND ak.id =";
            let maker = "LEFT JOIN invite_memberships am ON am.organization_id = o.id AND am.id = ak.created_by";
            (all::<entity::api_key::Entity>("ak") + &member(), format!(" {key} {id} {maker}{person}"))
        }
        Principal::Operator(id) => {
            let id = text.value(id.as_uuid());
            let key = "LEFT JOIN invite_operator_keys ao ON ao.revoked_at IS NULL AND ao.id =";
            ("ao.id, ".to_owned(), format!(" {key} {id}"))
        }
    }
}

fn actor_cells(cells: &mut Cells<'_>, principal: Principal) -> Result<ActorFacts, Failure> {
    let member = |cells: &mut Cells<'_>| -> Result<Option<MemberFacts>, Failure> {
        let (membership, role) = (membership_cells(cells)?, role_cells(cells)?);
        let name = cells.maybe::<String>()?;
        Ok(membership.map(|membership| MemberFacts { membership, role, name }))
    };
    Ok(match principal {
        Principal::Person(_) => member(cells)?.map_or(ActorFacts::Unknown, ActorFacts::Member),
        Principal::ApiKey(_) => {
            let key = api_key_cells(cells)?;
            let creator = member(cells)?;
            key.map_or(ActorFacts::Unknown, |key| ActorFacts::ApiKey { key, creator })
        }
        Principal::Operator(_) => {
            let id = cells.maybe::<Uuid>()?.map(ApiKeyId::from_uuid);
            id.map_or(ActorFacts::Unknown, |id| ActorFacts::Operator { id })
        }
    })
}

/// The joins of the invitation and all that belongs to it. Messages: the latest of each channel, and those made since then that
/// carry a link.
fn joins(text: &mut Text, these: &str, since: Timestamp) -> String {
    let since = text.value(since);
    format!(
        " LEFT JOIN invite_invitations i ON i.organization_id = o.id AND {these} LEFT JOIN invite_roles ir \
         ON ir.organization_id = i.organization_id AND ir.id = i.role_id LEFT JOIN invite_messages dm \
         ON dm.organization_id = i.organization_id AND dm.invitation_id = i.id AND (dm.about IS NULL OR dm.about = '{REMINDER}') \
         AND (dm.created_at >= {since} OR (dm.about IS NULL AND NOT EXISTS (SELECT 1 FROM invite_messages n \
         WHERE n.organization_id = dm.organization_id AND n.invitation_id = dm.invitation_id AND n.channel = dm.channel \
         AND n.about IS NULL AND (n.created_at > dm.created_at OR (n.created_at = dm.created_at AND n.id > dm.id))))){}{} \
         LEFT JOIN invite_invitations h ON h.organization_id = i.organization_id AND h.live_key = i.holder_key \
         AND h.id <> i.id LEFT JOIN invite_blocks b ON b.organization_id = i.organization_id \
         AND b.holder_key = i.holder_key",
        last_redemption(text.engine),
        inviter_joins("i.inviter_id"),
    )
}

/// Which invitations are asked for, as a condition; `None` where nobody asks for one. Those asked for by number and by id are not asked
/// for together.
fn condition(text: &mut Text, queries: &[InvitationQuery]) -> Option<String> {
    let (mut ids, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for query in queries {
        match query.invitation {
            InvitationRef::Id(id) if !asks_nothing(query) => drop(ids.insert(id.as_uuid())),
            InvitationRef::Id(_) => {}
            InvitationRef::Number(number) => drop(numbers.insert(number)),
        }
    }
    let ids: Vec<_> = ids.into_iter().map(|id| Value::Uuid(Some(id))).collect();
    let numbers: Vec<_> = numbers.into_iter().map(|number| Value::BigInt(Some(number))).collect();
    if numbers.is_empty() {
        return (!ids.is_empty()).then(|| text.among("i.id", ids));
    }
    Some(text.among("i.number", numbers))
}

/// The nil id is no invitation: whoever asks for it asks who looks.
fn asks_nothing(query: &InvitationQuery) -> bool {
    matches!(query.invitation, InvitationRef::Id(id) if id.as_uuid().is_nil())
}

/// An invitation that was found, and its messages: when they were made.
struct One {
    record: InvitationRecord,
    other_holder: Option<Invitation>,
    blocked: bool,
    messages: Vec<Timestamp>,
}

impl One {
    /// Reads what stands in each row of an invitation, behind its message.
    fn read(cells: &mut Cells<'_>) -> Result<Self, Failure> {
        let invitation = invitation_cells(cells)?;
        let redemption = redemption_cells(cells, invitation.organization_id, invitation.id)?;
        let role = role_cells(cells)?;
        let inviter = inviter_cells(cells, invitation.inviter.kind)?;
        let other_holder = if cells.is_empty::<i64>()? {
            cells.skip(INVITATION_COLUMNS.len());
            None
        } else {
            Some(invitation_cells(cells)?)
        };
        let blocked = cells.maybe::<&str>()?.is_some();
        let record = InvitationRecord { invitation, role, inviter, deliveries: Vec::new(), redemption };
        Ok(Self { record, other_holder, blocked, messages: Vec::new() })
    }

    /// Adds the message of a row. They come oldest first within a channel: the last one stays.
    fn add(&mut self, mut cells: Cells<'_>, since: Timestamp) -> Result<(), Failure> {
        let Some(delivery) = delivery_cells(&mut cells)? else { return Ok(()) };
        let (about, made): (Option<&str>, Timestamp) = (cells.maybe()?, cells.next()?);
        if made >= since {
            self.messages.push(made);
        }
        if about.is_none() {
            let deliveries = &mut self.record.deliveries;
            deliveries.retain(|before| before.channel != delivery.channel);
            deliveries.push(delivery);
        }
        Ok(())
    }
}

/// Answers questions that are [answered here](answers), all of one caller about one organisation: in the same order.
pub(super) async fn invitations(
    sql: &SqlConnection<'_>,
    queries: &[InvitationQuery],
) -> Result<Vec<Option<InvitationFacts>>, Failure> {
    let Some(InvitationQuery { organization_id, principal, .. }) = queries.first().cloned() else {
        return Ok(Vec::new());
    };
    let mut text = Text { engine: sql.engine(), values: Vec::new() };
    let (who, mut from) = actor(&mut text, principal);
    let mut columns = all::<entity::organization::Entity>("o") + &who;
    let mut order = "";
    let these = condition(&mut text, queries);
    let since = queries.iter().map(|query| query.messages_since).min().unwrap_or_default();
    if let Some(these) = &these {
        from += &joins(&mut text, these, since);
        columns += COLUMNS.as_str();
        order = if queries.len() == 1 {
            " ORDER BY dm.channel, dm.created_at, dm.id"
        } else {
            " ORDER BY i.id, dm.channel, dm.created_at, dm.id"
        };
    } else {
        columns.truncate(columns.len() - 2);
    }
    let id = text.value(organization_id.as_uuid());
    let statement =
        format!("SELECT {columns} FROM invite_organizations o{from} WHERE o.id = {id} AND o.deleted_at IS NULL{order}");
    let rows = sql.query_all_raw(Statement::from_sql_and_values(text.engine.backend(), statement, text.values)).await?;
    let Some(first) = rows.first() else { return Ok(queries.iter().map(|_| None).collect()) };
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
    let messages = cells.place();
    let mut found: Vec<(i64, One)> = Vec::new();
    for row in rows.iter().filter(|_| these.is_some()) {
        let mut cells = Cells::new(row);
        cells.skip(messages);
        let message = cells.clone();
        cells.skip(DELIVERY_COLUMNS.len() + 2);
        // Its number; none where nothing was found.
        let Some(number) = cells.peek::<i64>()? else { continue };
        if found.last().is_none_or(|(before, _)| *before != number) {
            found.push((number, One::read(&mut cells)?));
        }
        if let Some((_, one)) = found.last_mut() {
            one.add(message, since)?;
        }
    }
    let facts = |query: &InvitationQuery| {
        let is_meant = |(number, one): &&(i64, One)| match query.invitation {
            InvitationRef::Id(id) => one.record.invitation.id == id,
            InvitationRef::Number(wanted) => *number == wanted,
        };
        let Some((_, one)) = found.iter().find(is_meant) else { return nobody.clone() };
        InvitationFacts {
            record: Some(one.record.clone()),
            other_holder: one.other_holder.clone(),
            messages: one.messages.iter().copied().filter(|made| *made >= query.messages_since).collect(),
            blocked: one.blocked,
            ..nobody.clone()
        }
    };
    Ok(queries.iter().map(|query| Some(facts(query))).collect())
}
