//! Which live invitations are suspended (rule 6.4): asked of the domain's own rule once for each inviter and grant that
//! occur, and put into SQL as the keys of those.

use crate::{
    convert::{self, Cells},
    directory::SqlDirectory,
    engine::Engine,
    entity,
    error::{Failure, corrupt},
    sql::{SqlConnection, col, select_from, table},
};
use invite_domain::{
    access::{ActorFacts, Grant, Inviter, InviterKind},
    id::{OrganizationId, RoleId},
    invitation::lifecycle::is_covered,
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait, FromQueryResult, Statement, Value,
    sea_query::{Alias, ExprTrait, Query, SelectStatement, SimpleExpr},
};
use std::collections::HashMap;
use uuid::Uuid;

use entity::{invitation, role};

/// One inviter giving one grant.
struct Combination {
    key: Vec<u8>,
    inviter: Inviter,
    grant: Grant,
}

/// Whether an invitation `i` is open, in time and not used up: pending or suspended.
pub(crate) fn is_open(now: Timestamp) -> SimpleExpr {
    is_pending().and(is_in_time(now))
}

/// Whether one that is stored as pending is.
pub(super) fn is_in_time(now: Timestamp) -> SimpleExpr {
    let unused = col("i", invitation::Column::Uses).lt(col("i", invitation::Column::MaxUses));
    col("i", invitation::Column::ExpiresAt).gt(now).and(unused)
}

/// Whether an invitation `i` is stored as pending.
pub(crate) fn is_pending() -> SimpleExpr {
    col("i", invitation::Column::State).eq("pending")
}

/// The authority keys, among the open invitations of an organisation, whose inviter may no longer give what they grant.
pub(crate) async fn uncovered(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    now: Timestamp,
    narrowed: Option<SimpleExpr>,
) -> Result<Vec<Vec<u8>>, Failure> {
    let combinations = combinations(sql, organization, now, narrowed).await?;
    if combinations.is_empty() {
        return Ok(Vec::new());
    }
    let mut role_ids: Vec<_> = combinations.iter().filter_map(|one| one.grant.role_id).collect();
    role_ids.sort_unstable();
    role_ids.dedup();
    let mut roles = HashMap::new();
    if !role_ids.is_empty() {
        let mut select = select_from::<role::Entity>("r");
        select
            .and_where(col("r", role::Column::OrganizationId).eq(organization.as_uuid()))
            .and_where(col("r", role::Column::Id).is_in(role_ids.iter().map(RoleId::as_uuid)));
        for row in sql.query_all(&select).await? {
            let role = convert::role(role::Model::from_query_result(&row, "r_")?)?;
            roles.insert(role.id, role);
        }
    }
    let mut inviters: Vec<_> = combinations.iter().map(|one| one.inviter).collect();
    inviters.sort_unstable();
    inviters.dedup();
    let facts = directory.inviters(sql, organization, &inviters).await?;
    let facts: HashMap<_, _> = inviters.into_iter().zip(facts).collect();
    let covered = |one: &Combination| {
        let role = one.grant.role_id.and_then(|id| roles.get(&id));
        is_covered(&one.grant, role, facts.get(&one.inviter).unwrap_or(&ActorFacts::Unknown))
    };
    Ok(combinations.into_iter().filter(|one| !covered(one)).map(|one| one.key).collect())
}

/// All inviters of an organisation's invitations: from the index to the next one each time, so that it costs a look for each of
/// them and not one for each invitation.
pub(super) async fn inviters(sql: &SqlConnection<'_>, organization: OrganizationId) -> Result<Vec<Inviter>, Failure> {
    let (engine, mut parts, mut values) = (sql.engine(), Vec::new(), Vec::new());
    for kind in [InviterKind::Member, InviterKind::ApiKey, InviterKind::Operator] {
        let of_kind = format!("organization_id = {{}} AND inviter_kind = '{}'", kind.name());
        let each = each(engine, "inviter_id", &of_kind, "", organization, &mut values);
        parts.push(format!("SELECT '{0}' AS kind, {0}_ids.found FROM ({each}) {0}_ids", kind.name()));
    }
    let text = engine.recursing(parts.join(" UNION ALL "));
    let rows = sql.query_all_raw(Statement::from_sql_and_values(engine.backend(), text, values)).await?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            let kind = InviterKind::from_name(cells.next()?);
            let kind = kind.ok_or_else(|| corrupt("invite_invitations", "inviter_kind", organization))?;
            Ok(Inviter { kind, id: cells.next()? })
        })
        .collect()
}

/// Each value of a column once, where an index begins with what the condition compares and goes on with the column; with
/// `also` of the first row that has it. The condition names the organisation as `{}`.
fn each(
    engine: Engine,
    column: &str,
    condition: &str,
    also: &str,
    organization: OrganizationId,
    values: &mut Vec<Value>,
) -> String {
    let mut own = || {
        values.push(Value::from(organization.as_uuid()));
        condition.replace("{}", &engine.placeholder(values.len()))
    };
    let from = format!("(SELECT {column} FROM invite_invitations WHERE");
    let (first, next) = (own(), own());
    let first_of = format!("ORDER BY {column} LIMIT 1)");
    let mut text = format!(
        "WITH RECURSIVE each_one(found) AS (SELECT {from} {first} {first_of} UNION ALL SELECT {from} {next} AND {column} > \
         each_one.found {first_of} FROM each_one WHERE each_one.found IS NOT NULL) SELECT each_one.found"
    );
    if also.is_empty() {
        text.push_str(" FROM each_one WHERE each_one.found IS NOT NULL");
    } else {
        let row = own();
        let rest = format!(
            "{also} FROM each_one JOIN invite_invitations i ON i.number = (SELECT number FROM invite_invitations WHERE {row} \
             AND {column} = each_one.found LIMIT 1) WHERE each_one.found IS NOT NULL"
        );
        text.push_str(&rest);
    }
    text
}

/// What an organisation's pending invitations grant and who answers for them, each once. Those that have expired or are used up
/// are among them: what is nobody's any more finds nothing.
async fn combinations(
    sql: &SqlConnection<'_>,
    organization: OrganizationId,
    now: Timestamp,
    narrowed: Option<SimpleExpr>,
) -> Result<Vec<Combination>, Failure> {
    let rows = match narrowed {
        None => {
            let also = ", i.inviter_kind, i.inviter_id, i.role_id, i.permissions";
            let pending = "organization_id = {} AND state = 'pending'";
            let (engine, mut values) = (sql.engine(), Vec::new());
            let text = engine.recursing(each(engine, "authority_key", pending, also, organization, &mut values));
            sql.query_all_raw(Statement::from_sql_and_values(engine.backend(), text, values)).await?
        }
        Some(narrowed) => sql.query_all(&open_ones(organization, now, narrowed)).await?,
    };
    rows.iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            let (key, kind) = (cells.next()?, InviterKind::from_name(cells.next()?));
            let inviter = Inviter {
                kind: kind.ok_or_else(|| corrupt("invite_invitations", "inviter_kind", organization))?,
                id: cells.next()?,
            };
            let grant = Grant {
                role_id: cells.maybe::<Uuid>()?.map(RoleId::from_uuid),
                permissions: convert::permissions_of("invite_invitations", organization, cells.next()?)?,
                default_rate: None,
                metadata: None,
            };
            Ok(Combination { key, inviter, grant })
        })
        .collect()
}

fn open_ones(organization: OrganizationId, now: Timestamp, narrowed: SimpleExpr) -> SelectStatement {
    let mut select = Query::select();
    select.distinct().from_as(table::<invitation::Entity>(), Alias::new("i"));
    for column in [
        invitation::Column::AuthorityKey,
        invitation::Column::InviterKind,
        invitation::Column::InviterId,
        invitation::Column::RoleId,
        invitation::Column::Permissions,
    ] {
        select.expr(col("i", column));
    }
    select
        .and_where(col("i", invitation::Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(is_open(now))
        .and_where(narrowed);
    select
}
