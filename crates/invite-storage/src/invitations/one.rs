//! What a look at one invitation needs, by one statement: the organisation, who looks, the invitation with all that shows it, who
//! else holds its key, whether its recipient blocked the organisation.
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
    sql::SqlConnection,
};
use invite_domain::{
    access::{ActorFacts, MemberFacts},
    id::ApiKeyId,
    port::{InvitationFacts, InvitationQuery, InvitationRecord, InvitationRef, Principal},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, EntityTrait, IdenStatic, Iterable, Statement, Value};
use std::sync::LazyLock;
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
fn joins(text: &mut Text, invitation: InvitationRef, since: Timestamp) -> String {
    let this = match invitation {
        InvitationRef::Id(id) => format!("i.id = {}", text.value(id.as_uuid())),
        InvitationRef::Number(number) => format!("i.number = {}", text.value(number)),
    };
    let since = text.value(since);
    format!(
        " LEFT JOIN invite_invitations i ON i.organization_id = o.id AND {this} LEFT JOIN invite_roles ir \
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

/// Answers a question that is [answered here](answers).
pub(super) async fn invitation(
    sql: &SqlConnection<'_>,
    query: &InvitationQuery,
) -> Result<Option<InvitationFacts>, Failure> {
    // The nil id is no invitation: whoever asks for it asks who looks.
    let is_nobody = matches!(query.invitation, InvitationRef::Id(id) if id.as_uuid().is_nil());
    let mut text = Text { engine: sql.engine(), values: Vec::new() };
    let (who, mut from) = actor(&mut text, query.principal);
    let mut columns = all::<entity::organization::Entity>("o") + &who;
    let mut order = "";
    if is_nobody {
        columns.truncate(columns.len() - 2);
    } else {
        from += &joins(&mut text, query.invitation, query.messages_since);
        columns += COLUMNS.as_str();
        order = " ORDER BY dm.channel, dm.created_at, dm.id";
    }
    let id = text.value(query.organization_id.as_uuid());
    let statement =
        format!("SELECT {columns} FROM invite_organizations o{from} WHERE o.id = {id} AND o.deleted_at IS NULL{order}");
    let rows = sql.query_all_raw(Statement::from_sql_and_values(text.engine.backend(), statement, text.values)).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let mut cells = Cells::new(first);
    let organization = organization_cells(&mut cells)?;
    let mut facts = InvitationFacts {
        organization,
        actor: actor_cells(&mut cells, query.principal)?,
        record: None,
        role: None,
        other_holder: None,
        messages: Vec::new(),
        blocked: false,
        replay: None,
    };
    if is_nobody {
        return Ok(Some(facts));
    }
    let messages = cells.place();
    cells.skip(DELIVERY_COLUMNS.len() + 2);
    if cells.is_empty::<i64>()? {
        return Ok(Some(facts));
    }
    let invitation = invitation_cells(&mut cells)?;
    let redemption = redemption_cells(&mut cells, invitation.organization_id, invitation.id)?;
    let role = role_cells(&mut cells)?;
    let inviter = inviter_cells(&mut cells, invitation.inviter.kind)?;
    if cells.is_empty::<i64>()? {
        cells.skip(INVITATION_COLUMNS.len());
    } else {
        facts.other_holder = Some(invitation_cells(&mut cells)?);
    }
    facts.blocked = cells.maybe::<&str>()?.is_some();
    let mut deliveries = Vec::<invite_domain::invitation::Delivery>::new();
    for row in &rows {
        let mut cells = Cells::new(row);
        cells.skip(messages);
        let Some(delivery) = delivery_cells(&mut cells)? else { continue };
        let (about, made): (Option<&str>, Timestamp) = (cells.maybe()?, cells.next()?);
        if made >= query.messages_since {
            facts.messages.push(made);
        }
        if about.is_none() {
            // The rows come oldest first within a channel: the last one stays.
            deliveries.retain(|before| before.channel != delivery.channel);
            deliveries.push(delivery);
        }
    }
    facts.record = Some(InvitationRecord { invitation, role, inviter, deliveries, redemption });
    Ok(Some(facts))
}
