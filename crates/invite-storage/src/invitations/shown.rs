//! Invitations with all that shows and judges them, read by one statement: the rows as they were found, joined with their
//! roles, their latest messages, their last redemption and, where the directory's tables are the bundled ones, their inviters.
//! Roles and inviters that are [known](Known) are not joined.
//!
//! What many rows share (a role, an inviter) is read once.

use super::{
    known::{Epoch, Known},
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
    access::{ActorFacts, Inviter, InviterKind, MemberFacts, Role},
    id::{ApiKeyId, OrganizationId, RoleId},
    invitation::{Delivery, Redemption},
    port::InvitationRecord,
};
use sea_orm::{ConnectionTrait, Iterable, QueryResult, Statement, Value};
use std::{collections::HashMap, sync::LazyLock, time::Instant};
use uuid::Uuid;

/// Where the rows come from.
pub(super) enum Source {
    /// A select of whole rows.
    Rows(String),
    /// A select of the column that [`Engine::link`] names.
    Keys(String),
}

/// The columns of a record's row, without those of its role and its inviter.
static COLUMNS: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    list(&mut text, "i", INVITATION_COLUMNS);
    list(&mut text, "dm", DELIVERY_COLUMNS);
    list(&mut text, "x", REDEMPTION_COLUMNS);
    text.truncate(text.len() - 2);
    text
});

/// The columns of a role.
static ROLE: LazyLock<String> = LazyLock::new(|| {
    let mut text = all::<entity::role::Entity>("ir");
    text.truncate(text.len() - 2);
    text
});

/// Where a page's roles and inviters stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// In the statement's rows.
    Joined,
    /// Roles there, inviters in a directory that is not the bundled one.
    Apart,
    /// In memory.
    Known,
}

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

/// The whole statement, its rows in this order. Where the bundled tables tell who is who, the epoch of the organisation is the first
/// column, and `epoch` the place of its id.
fn text(engine: Engine, source: &Source, order: &str, people: Where, epoch: &str) -> String {
    let link = engine.link();
    let from = match source {
        Source::Rows(rows) => format!("({rows}) i"),
        Source::Keys(keys) => format!("({keys}) p JOIN invite_invitations i ON i.{link} = p.{link}"),
    };
    let asked = |column: &str| engine.where_it_changes(column, order);
    let (from, role, person) = if people != Where::Known && engine.joins_laterally() {
        let asked = format!("{} AS asked_role, {} AS asked", asked("role_id"), asked("inviter_id"));
        (format!("(SELECT i.*, {asked} FROM {from}) i"), "i.asked_role".to_owned(), "i.asked".to_owned())
    } else {
        (from, asked("role_id"), asked("inviter_id"))
    };
    let roles = format!(" LEFT JOIN invite_roles ir ON ir.organization_id = i.organization_id AND ir.id = {role}");
    let (columns, joins) = match people {
        Where::Known => (String::new(), String::new()),
        Where::Apart => (format!(", {}", *ROLE), roles),
        Where::Joined if engine.joins_laterally() => (format!(", {}, q.*", *ROLE), roles + &inviters(engine, &person)),
        Where::Joined => (format!(", {}, {}", *ROLE, *INVITER), roles + &inviters(engine, &person)),
    };
    let epoch = match people {
        Where::Apart => String::new(),
        Where::Joined | Where::Known => {
            format!("(SELECT o.authority_epoch FROM invite_organizations o WHERE o.id = {epoch}), ")
        }
    };
    format!(
        "SELECT {epoch}{}{columns} FROM {from}{}{}{joins} ORDER BY {order}",
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
struct Reader<'k> {
    people: Where,
    /// Who is who, where the bundled tables tell.
    epoch: Option<Epoch<'k>>,
    roles: HashMap<RoleId, Option<Role>>,
    inviters: HashMap<Inviter, ActorFacts>,
    shown: Vec<Shown>,
    /// Whether all were known whom the rows do not tell.
    is_whole: bool,
}

impl<'k> Reader<'k> {
    fn new(people: Where, epoch: Option<Epoch<'k>>) -> Self {
        let (roles, inviters) = (HashMap::new(), HashMap::new());
        Self { people, epoch, roles, inviters, shown: Vec::new(), is_whole: true }
    }

    /// Reads a row, which may only add a message to the one before.
    fn read(&mut self, row: &QueryResult) -> Result<(), Failure> {
        let mut cells = Cells::new(row);
        cells.skip(usize::from(self.people != Where::Apart));
        let invitation = invitation_cells(&mut cells)?;
        let delivery = delivery_cells(&mut cells)?;
        if let Some(before) = self.shown.last_mut()
            && before.found.invitation.id == invitation.id
        {
            before.deliveries.extend(delivery);
            before.deliveries.sort_by_key(|delivery| delivery.channel.name());
            return Ok(());
        }
        let redemption = redemption_cells(&mut cells, invitation.organization_id, invitation.id)?;
        let role = self.role(&mut cells, invitation.grant.role_id)?;
        let inviter = match self.people {
            Where::Apart => None,
            // An operator is not kept, and is asked for apart.
            Where::Known if invitation.inviter.kind == InviterKind::Operator => None,
            Where::Joined | Where::Known => Some(self.inviter(&mut cells, invitation.inviter)?),
        };
        let deliveries = delivery.into_iter().collect();
        self.shown.push(Shown { found: Found { invitation, role }, deliveries, redemption, inviter });
        Ok(())
    }

    /// A role. A row that shares its role with the one before may hold none of it.
    fn role(&mut self, cells: &mut Cells<'_>, id: Option<RoleId>) -> Result<Option<Role>, Failure> {
        let columns = if self.people == Where::Known { 0 } else { entity::role::Column::iter().count() };
        let seen = id.map_or(Some(&None), |id| self.roles.get(&id));
        if let Some(seen) = seen {
            cells.skip(columns);
            return Ok(seen.clone());
        }
        let role = if self.people == Where::Known {
            let known = id.zip(self.epoch).and_then(|(id, epoch)| epoch.role(id));
            self.is_whole &= known.is_some();
            known.and_then(|granted| granted.0)
        } else {
            role_cells(cells)?
        };
        self.roles.extend(id.map(|id| (id, role.clone())));
        Ok(role)
    }

    fn inviter(&mut self, cells: &mut Cells<'_>, inviter: Inviter) -> Result<ActorFacts, Failure> {
        if let Some(seen) = self.inviters.get(&inviter) {
            return Ok(seen.clone());
        }
        let facts = if self.people == Where::Known {
            let known = self.epoch.and_then(|epoch| epoch.inviter(inviter));
            self.is_whole &= known.is_some();
            known.unwrap_or(ActorFacts::Unknown)
        } else {
            inviter_cells(cells, inviter.kind)?
        };
        self.inviters.insert(inviter, facts.clone());
        Ok(facts)
    }

    /// Keeps who the rows told is who.
    fn keep(&self) {
        let Some(epoch) = self.epoch else { return };
        epoch.keep_told();
        for (id, role) in &self.roles {
            epoch.keep_role(*id, role.as_ref());
        }
        for (inviter, facts) in &self.inviters {
            epoch.keep_inviter(*inviter, facts);
        }
    }
}

/// A page of rows of an organisation, as they are found and in this order.
pub(super) struct Rows<'r> {
    pub(super) organization: OrganizationId,
    /// A moment before anything was read.
    pub(super) began: Instant,
    pub(super) source: Source,
    pub(super) values: Vec<Value>,
    pub(super) order: &'r str,
}

impl Rows<'_> {
    async fn query(&self, sql: &SqlConnection<'_>, people: Where) -> Result<Vec<QueryResult>, Failure> {
        let engine = sql.engine();
        let mut values = self.values.clone();
        let organization = Value::Uuid(Some(self.organization.as_uuid()));
        match people {
            Where::Apart => {}
            // Where places have numbers the last one may stand first.
            Where::Joined | Where::Known if engine.numbers_places() => values.push(organization),
            Where::Joined | Where::Known => values.insert(0, organization),
        }
        let text = text(engine, &self.source, self.order, people, &engine.placeholder(values.len()));
        Ok(sql.query_all_raw(Statement::from_sql_and_values(engine.backend(), text, values)).await?)
    }

    /// Who the rows tell, or are known, to be who; `None` where somebody is not known.
    async fn read(
        &self,
        sql: &SqlConnection<'_>,
        known: &Known,
        people: Where,
    ) -> Result<Option<(Option<i64>, Vec<Shown>)>, Failure> {
        if people == Where::Known && !known.knows_people(self.organization, self.began) {
            return Ok(None);
        }
        let rows = self.query(sql, people).await?;
        let Some(first) = rows.first() else { return Ok(Some((None, Vec::new()))) };
        let epoch = if people == Where::Apart { None } else { Some(Cells::new(first).next::<i64>()?) };
        let mut reader = Reader::new(people, epoch.map(|epoch| known.at(self.organization, epoch, self.began)));
        for row in &rows {
            reader.read(row)?;
        }
        if people == Where::Joined {
            reader.keep();
        }
        Ok(reader.is_whole.then_some((epoch, reader.shown)))
    }

    /// Each as a record, and the epoch they were read under: none where there are none, or where a host tells who is who.
    pub(super) async fn records(
        &self,
        sql: &SqlConnection<'_>,
        directory: &dyn SqlDirectory,
        known: &Known,
    ) -> Result<(Option<i64>, Vec<InvitationRecord>), Failure> {
        let ways: &[Where] =
            if directory.people_are_bundled() { &[Where::Known, Where::Joined] } else { &[Where::Apart] };
        let (mut epoch, mut shown) = (None, Vec::new());
        for way in ways {
            if let Some(found) = self.read(sql, known, *way).await? {
                (epoch, shown) = found;
                break;
            }
        }
        let mut facts = HashMap::new();
        let apart = shown.iter().filter(|shown: &&Shown| shown.inviter.is_none());
        let mut inviters: Vec<Inviter> = apart.map(|shown| shown.found.invitation.inviter).collect();
        if !inviters.is_empty() {
            inviters.sort_unstable();
            inviters.dedup();
            let found = directory.inviters(sql, self.organization, &inviters).await?;
            facts.extend(inviters.into_iter().zip(found));
        }
        let record = |Shown { found: Found { invitation, role }, deliveries, redemption, inviter }| InvitationRecord {
            role,
            inviter: inviter.or_else(|| facts.get(&invitation.inviter).cloned()).unwrap_or(ActorFacts::Unknown),
            deliveries,
            redemption,
            invitation,
        };
        Ok((epoch, shown.into_iter().map(record).collect()))
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
