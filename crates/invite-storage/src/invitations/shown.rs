//! Invitations with all that shows and judges them, read by one statement: the rows as they were found, joined with their
//! roles, their latest messages, their last redemption and, where the directory's tables are the bundled ones, their inviters.
//!
//! The statement's text is made once for each way of finding. What many rows share (a role, an inviter) is read once.

use super::{
    record::Found,
    text::{all, list},
};
use crate::{
    convert::{
        Cells, DELIVERY_COLUMNS, INVITATION_COLUMNS, REDEMPTION_COLUMNS, api_key_cells, delivery_cells,
        invitation_cells, membership_cells, redemption_cells, role_cells,
    },
    directory::SqlDirectory,
    engine::Engine,
    entity,
    error::Failure,
    sql::SqlConnection,
};
use invite_domain::{
    access::{ActorFacts, Inviter, InviterKind, MemberFacts},
    id::{ApiKeyId, InvitationId, OrganizationId},
    invitation::{Delivery, Redemption},
    port::InvitationRecord,
};
use sea_orm::{ConnectionTrait, Iterable, QueryResult, Statement, Value};
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::LazyLock,
};
use uuid::Uuid;

/// Where the rows come from.
pub(super) enum Source {
    /// A select of whole rows.
    Rows(String),
    /// A select of the column that [`Engine::link`] names.
    Keys(String),
}

/// The columns of a record's row, without those of its inviter.
static COLUMNS: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    list(&mut text, "i", INVITATION_COLUMNS);
    list(&mut text, "dm", DELIVERY_COLUMNS);
    list(&mut text, "x", REDEMPTION_COLUMNS);
    text.push_str(&all::<entity::role::Entity>("ir"));
    text.truncate(text.len() - 2);
    text
});

/// The columns of an inviter.
pub(super) static INVITER: LazyLock<String> = LazyLock::new(|| {
    let mut text = "op.id, ".to_owned();
    text.push_str(&all::<entity::api_key::Entity>("k"));
    text.push_str(&all::<entity::membership::Entity>("m"));
    text.push_str(&all::<entity::role::Entity>("r"));
    text.push_str("a.name");
    text
});

/// The latest message of each channel, as `dm`.
fn latest_messages(engine: Engine) -> &'static str {
    if engine.joins_laterally() {
        " LEFT JOIN LATERAL (SELECT DISTINCT ON (n.channel) n.id, n.channel, n.state, n.reason, n.attempts, n.created_at, \
         n.next_attempt_at, n.settled_at FROM invite_messages n WHERE n.organization_id = i.organization_id \
         AND n.invitation_id = i.id AND n.about IS NULL ORDER BY n.channel DESC, n.created_at DESC, n.id DESC) dm ON TRUE"
    } else {
        " LEFT JOIN invite_messages dm ON dm.organization_id = i.organization_id AND dm.invitation_id = i.id \
         AND dm.about IS NULL AND NOT EXISTS (SELECT 1 FROM invite_messages n WHERE n.organization_id = dm.organization_id \
         AND n.invitation_id = dm.invitation_id AND n.channel = dm.channel AND n.about IS NULL \
         AND (n.created_at > dm.created_at OR (n.created_at = dm.created_at AND n.id > dm.id)))"
    }
}

/// The last redemption of one that was used, as `x`.
pub(super) fn last_redemption(engine: Engine) -> &'static str {
    if engine.joins_laterally() {
        " LEFT JOIN LATERAL (SELECT y.id, y.generation, y.account_id, y.membership_id, y.redeemed_at \
         FROM invite_redemptions y WHERE i.uses > 0 AND y.organization_id = i.organization_id AND y.invitation_id = i.id \
         ORDER BY y.redeemed_at DESC, y.id DESC LIMIT 1) x ON TRUE"
    } else {
        " LEFT JOIN invite_redemptions x ON i.uses > 0 AND x.organization_id = i.organization_id \
         AND x.invitation_id = i.id AND NOT EXISTS (SELECT 1 FROM invite_redemptions y \
         WHERE y.organization_id = x.organization_id AND y.invitation_id = x.invitation_id \
         AND (y.redeemed_at > x.redeemed_at OR (y.redeemed_at = x.redeemed_at AND y.id > x.id)))"
    }
}

/// Whoever answers for it, as the bundled directory's `inviters` finds them: a key `k`, the operator's `op`, the member `m` or
/// the key's maker, with account `a` and role `r`. Operators' keys that were revoked are nobody's.
pub(super) fn inviter_joins(id: &str) -> String {
    format!(
        " LEFT JOIN invite_api_keys k ON k.organization_id = i.organization_id \
         AND k.id = CASE i.inviter_kind WHEN 'api_key' THEN {id} END \
         LEFT JOIN invite_memberships m ON m.organization_id = i.organization_id \
         AND m.id = CASE i.inviter_kind WHEN 'member' THEN {id} WHEN 'api_key' THEN k.created_by END \
         LEFT JOIN invite_accounts a ON a.id = m.account_id \
         LEFT JOIN invite_roles r ON r.organization_id = m.organization_id AND r.id = m.role_id \
         LEFT JOIN invite_operator_keys op ON op.revoked_at IS NULL \
         AND op.id = CASE i.inviter_kind WHEN 'operator' THEN {id} END"
    )
}

/// The same for a page.
fn inviters(engine: Engine, id: &str) -> String {
    let joins = inviter_joins(id);
    if engine.joins_laterally() {
        // By itself, so that a row that asks for nobody goes through one join and not through five.
        format!(
            " LEFT JOIN LATERAL (SELECT {} FROM (SELECT 1) one{joins} WHERE {id} IS NOT NULL OFFSET 0) q ON TRUE",
            *INVITER
        )
    } else {
        joins
    }
}

/// The whole statement, its rows in this order.
fn text(engine: Engine, source: &Source, order: &str, with_inviters: bool) -> String {
    let link = engine.link();
    let from = match source {
        Source::Rows(rows) => format!("({rows}) i"),
        Source::Keys(keys) => format!("({keys}) p JOIN invite_invitations i ON i.{link} = p.{link}"),
    };
    let asked = |column: &str| engine.where_it_changes(column, order);
    let (from, role, person) = if engine.joins_laterally() {
        let asked = format!("{} AS asked_role, {} AS asked", asked("role_id"), asked("inviter_id"));
        (format!("(SELECT i.*, {asked} FROM {from}) i"), "i.asked_role".to_owned(), "i.asked".to_owned())
    } else {
        (from, asked("role_id"), asked("inviter_id"))
    };
    let people = if with_inviters { inviters(engine, &person) } else { String::new() };
    let columns = match (with_inviters, engine.joins_laterally()) {
        (false, _) => String::new(),
        (true, true) => ", q.*".to_owned(),
        (true, false) => format!(", {}", *INVITER),
    };
    format!(
        "SELECT {}{columns} FROM {from} LEFT JOIN invite_roles ir ON ir.organization_id = i.organization_id \
         AND ir.id = {role}{}{}{people} ORDER BY {order}",
        *COLUMNS,
        latest_messages(engine),
        last_redemption(engine),
    )
}

/// What stands in the rows of one invitation.
struct Shown {
    found: Found,
    deliveries: Vec<Delivery>,
    redemption: Option<Redemption>,
    inviter: Option<ActorFacts>,
}

/// Reads rows, keeping what they share.
#[derive(Default)]
struct Reader {
    roles: HashMap<Uuid, Option<invite_domain::access::Role>>,
    inviters: HashMap<Inviter, ActorFacts>,
    last: Option<InvitationId>,
}

impl Reader {
    /// Reads a row; `None` where it only adds a message to the one before.
    fn read(&mut self, row: &QueryResult, with_inviters: bool, shown: &mut Vec<Shown>) -> Result<(), Failure> {
        let mut cells = Cells::new(row);
        let invitation = invitation_cells(&mut cells)?;
        let delivery = delivery_cells(&mut cells)?;
        if self.last == Some(invitation.id) {
            if let Some(before) = shown.last_mut() {
                before.deliveries.extend(delivery);
                before.deliveries.sort_by_key(|delivery| delivery.channel.name());
            }
            return Ok(());
        }
        self.last = Some(invitation.id);
        let redemption = redemption_cells(&mut cells, invitation.organization_id, invitation.id)?;
        // A row that shares its role with the one before may hold none of it.
        let known = match invitation.grant.role_id.map(|id| self.roles.entry(id.as_uuid())) {
            Some(Entry::Vacant(place)) => Err(place),
            Some(Entry::Occupied(known)) => Ok(known.get().clone()),
            None => Ok(None),
        };
        let role = match known {
            Ok(role) => {
                cells.skip(entity::role::Column::iter().count());
                role
            }
            Err(place) => place.insert(role_cells(&mut cells)?).clone(),
        };
        let inviter = if with_inviters { Some(self.inviter(&mut cells, invitation.inviter)?) } else { None };
        let deliveries = delivery.into_iter().collect();
        shown.push(Shown { found: Found { invitation, role }, deliveries, redemption, inviter });
        Ok(())
    }

    fn inviter(&mut self, cells: &mut Cells<'_>, inviter: Inviter) -> Result<ActorFacts, Failure> {
        if let Some(known) = self.inviters.get(&inviter) {
            return Ok(known.clone());
        }
        let facts = inviter_cells(cells, inviter.kind)?;
        self.inviters.insert(inviter, facts.clone());
        Ok(facts)
    }
}

/// Reads an inviter of this kind from the next values of a row.
pub(super) fn inviter_cells(cells: &mut Cells<'_>, kind: InviterKind) -> Result<ActorFacts, Failure> {
    let operator = cells.maybe::<Uuid>()?;
    let key = api_key_cells(cells)?;
    let membership = membership_cells(cells)?;
    let role = role_cells(cells)?;
    let name = cells.maybe::<String>()?;
    let member = membership.map(|membership| MemberFacts { membership, role, name });
    Ok(match (kind, operator, key, member) {
        (InviterKind::Operator, Some(id), _, _) => ActorFacts::Operator { id: ApiKeyId::from_uuid(id) },
        (InviterKind::ApiKey, _, Some(key), creator) => ActorFacts::ApiKey { key, creator },
        (InviterKind::Member, _, _, Some(member)) => ActorFacts::Member(member),
        _ => ActorFacts::Unknown,
    })
}

/// Reads invitations of an organisation in this order, each a record.
pub(super) async fn records(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    source: &Source,
    values: Vec<Value>,
    order: &str,
) -> Result<Vec<InvitationRecord>, Failure> {
    let with_inviters = directory.people_are_bundled();
    let engine = sql.engine();
    let text = text(engine, source, order, with_inviters);
    let rows = sql.query_all_raw(Statement::from_sql_and_values(engine.backend(), text, values)).await?;
    let (mut reader, mut shown) = (Reader::default(), Vec::with_capacity(rows.len()));
    for row in &rows {
        reader.read(row, with_inviters, &mut shown)?;
    }
    let mut facts = HashMap::new();
    if !with_inviters && !shown.is_empty() {
        let mut inviters: Vec<Inviter> = shown.iter().map(|shown: &Shown| shown.found.invitation.inviter).collect();
        inviters.sort_unstable();
        inviters.dedup();
        let found = directory.inviters(sql, organization, &inviters).await?;
        facts.extend(inviters.into_iter().zip(found));
    }
    let record = |Shown { found: Found { invitation, role }, deliveries, redemption, inviter }| InvitationRecord {
        role,
        inviter: inviter.or_else(|| facts.get(&invitation.inviter).cloned()).unwrap_or(ActorFacts::Unknown),
        deliveries,
        redemption,
        invitation,
    };
    Ok(shown.into_iter().map(record).collect())
}
