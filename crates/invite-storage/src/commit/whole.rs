//! Plans of a group in one statement, on PostgreSQL: what they rest on is held, invitations are brought to their next state, and
//! all rows of those plans that still hold are written, each part a query of one `WITH`.
//!
//! The statement sees one moment. What it waits for it sees as it is after the wait (PostgreSQL's documentation, "Read Committed
//! Isolation Level"), so an epoch or a version that was changed meanwhile makes a plan stale, and nothing of that plan is written. Parts are
//! bound to each other where rows are taken in order (rule 6.7): invitations are held once organisations are.
//! Foreign keys are checked at the statement's end, when all parts are written.

use super::prepared::Prepared;
use crate::{
    convert::carries_link_text,
    entity,
    error::Failure,
    group::rows::{any_of, array, cells, kind, names},
    sql::SqlConnection,
};
use invite_domain::{
    invitation::{DeliveryState, IdempotencyRecord},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, DatabaseBackend, EntityTrait, IdenStatic, Iterable, ModelTrait, Statement, Value};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fmt::Write as _,
};
use uuid::Uuid;

/// What the statement is asked to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// To hold what plans rest on, and to write the next state of invitations.
    Head,
    /// To write all other rows, of plans that are known to hold.
    Rest,
    /// Both, each plan's rows where it holds.
    Whole,
}

/// What became of the plans of a group, named by their place in it.
#[derive(Default)]
pub(super) struct Told {
    /// Those whose epochs are their organisations', and in whose way nothing is.
    pub(super) current: HashSet<usize>,
    /// Those of them whose invitation was of the version expected.
    pub(super) good: HashSet<usize>,
    /// The numbers that new rows were given.
    pub(super) numbers: BTreeMap<Uuid, i64>,
}

/// Does it for these plans.
pub(super) async fn write(sql: &SqlConnection<'_>, plans: &[&Prepared], part: Part) -> Result<Told, Failure> {
    let mut writing = Writing { is_gated: part != Part::Rest, ..Writing::default() };
    if part != Part::Rest {
        writing.head(plans);
    }
    if part != Part::Head {
        writing.rest(plans);
    }
    let mut told = Told::default();
    let Some(statement) = writing.statement() else { return Ok(told) };
    for row in sql.query_all_raw(statement).await? {
        let (kind, number): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(2)?);
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        match kind {
            CURRENT => drop(told.current.insert(place)),
            GOOD => drop(told.good.insert(place)),
            _ => drop(told.numbers.insert(row.try_get_by_index(1)?, number)),
        }
    }
    Ok(told)
}

/// What a row of the answer tells.
const CURRENT: i64 = 0;
const GOOD: i64 = 1;
const NUMBER: i64 = 2;

/// A statement in the making.
#[derive(Default)]
struct Writing {
    parts: Vec<String>,
    answers: Vec<String>,
    values: Vec<Value>,
    is_gated: bool,
}

impl Writing {
    /// Columns of values as rows: `(SELECT unnest($1), unnest($2), …)`, and the values of a single row as they are.
    ///
    /// In the list of a select arrays go forward together, a row at a time (PostgreSQL 10 and newer), where in `FROM` the rows of
    /// each would be laid aside first.
    fn rows(&mut self, columns: &[Vec<Value>]) -> String {
        let mut text = String::from("(SELECT ");
        for (place, column) in columns.iter().enumerate() {
            text.push_str(if place > 0 { ", " } else { "" });
            match &column[..] {
                [value] => {
                    let value = self.value(value.clone());
                    text.push_str(&value);
                }
                values => {
                    let _ = write!(text, "unnest({})", self.array(values));
                }
            }
        }
        text.push(')');
        text
    }

    fn value(&mut self, value: Value) -> String {
        let kind = kind(&value);
        self.values.push(value);
        format!("CAST(${} AS {kind})", self.values.len())
    }

    fn array(&mut self, values: &[Value]) -> String {
        let (cast, literal) = array(values);
        self.values.push(Value::String(Some(literal)));
        format!("CAST(CAST(${} AS text) AS {cast}[])", self.values.len())
    }

    fn any_of(&mut self, values: &[Value]) -> String {
        let (any, literal) = any_of(values, &format!("${}", self.values.len() + 1));
        self.values.push(Value::String(Some(literal)));
        any
    }

    fn text(&mut self, value: &str) -> String {
        self.values.push(Value::from(value));
        format!("${}", self.values.len())
    }

    fn head(&mut self, plans: &[&Prepared]) {
        let all = self.array(&places(0..plans.len()));
        let mut stale = Vec::new();
        let epochs: Vec<_> =
            plans.iter().zip(0..).flat_map(|(plan, at)| plan.epochs.iter().map(move |e| (at, e))).collect();
        if !epochs.is_empty() {
            let organizations: BTreeSet<Uuid> = epochs.iter().map(|(_, (id, _))| *id).collect();
            let organizations = self.any_of(&uuids(organizations.into_iter()));
            let columns = [
                places(epochs.iter().map(|(at, _)| *at)),
                uuids(epochs.iter().map(|(_, (id, _))| *id)),
                epochs.iter().map(|(_, (_, epoch))| Value::BigInt(Some(*epoch))).collect(),
            ];
            let wanted = self.rows(&columns);
            self.parts.push(format!(
                "held AS (SELECT id, authority_epoch FROM invite_organizations WHERE id = {organizations} \
                 AND deleted_at IS NULL ORDER BY id FOR SHARE)"
            ));
            stale.push(format!(
                "plan NOT IN (SELECT w.plan FROM {wanted} AS w (plan, organization_id, epoch) LEFT JOIN held AS h \
                 ON h.id = w.organization_id AND h.authority_epoch = w.epoch WHERE h.id IS NULL)"
            ));
        }
        if self.hindered(plans) {
            stale.push("plan NOT IN (SELECT plan FROM hindered)".to_owned());
        }
        let unless = if stale.is_empty() { String::new() } else { format!(" WHERE {}", stale.join(" AND ")) };
        self.parts.push(format!("current AS (SELECT plan FROM unnest({all}) AS p (plan){unless})"));
        self.next_states(plans);
        self.answers.push(format!("SELECT {CURRENT}::bigint, NULL::uuid, plan FROM current"));
        self.answers.push(format!("SELECT {GOOD}::bigint, NULL::uuid, plan FROM good"));
    }

    /// The plans in whose way there is something: the recipient holds an invitation, blocked the organisation, or is a member; or
    /// the request was answered already. `false` where none wants to know.
    fn hindered(&mut self, plans: &[&Prepared]) -> bool {
        let wanted: Vec<_> = plans
            .iter()
            .zip(0..)
            .filter_map(|(plan, at)| plan.unhindered.as_ref().map(|wanted| (at, plan, wanted)))
            .collect();
        if wanted.is_empty() {
            return false;
        }
        let columns = [
            places(wanted.iter().map(|(at, ..)| *at)),
            uuids(wanted.iter().map(|(.., (organization, ..))| *organization)),
            wanted.iter().map(|(.., (_, key, _))| Value::from(key.as_str())).collect(),
            wanted.iter().map(|(.., (.., address))| Value::from(address.clone())).collect(),
        ];
        let rows = self.rows(&columns);
        self.parts
            .push(format!("wanted AS (SELECT * FROM {rows} AS v (plan, organization_id, live_key, address_key))"));
        let answers: Vec<_> =
            wanted.iter().filter_map(|(at, plan, _)| plan.answer.as_ref().map(|answer| (*at, answer))).collect();
        let answered = if answers.is_empty() { String::new() } else { self.answered(&answers) };
        self.parts.push(format!(
            "hindered AS (SELECT w.plan FROM wanted AS w JOIN invite_invitations AS i ON i.organization_id = w.organization_id \
             AND i.live_key = w.live_key UNION ALL SELECT w.plan FROM wanted AS w JOIN invite_blocks AS b \
             ON b.organization_id = w.organization_id AND b.holder_key = w.live_key UNION ALL SELECT w.plan FROM wanted AS w \
             JOIN invite_accounts AS a ON a.address_key = w.address_key JOIN invite_memberships AS m ON m.account_id = a.id \
             AND m.organization_id = w.organization_id{answered})"
        ));
        true
    }

    /// The plans whose request has an answer that still counts, behind others.
    fn answered(&mut self, answers: &[(usize, &(entity::idempotency::Model, Timestamp))]) -> String {
        let columns = [
            places(answers.iter().map(|(at, _)| *at)),
            answers.iter().map(|(_, (row, _))| Value::from(row.scope.as_str())).collect(),
            answers.iter().map(|(_, (row, _))| Value::from(row.request_key.as_str())).collect(),
            answers
                .iter()
                .map(|(_, (_, at))| Value::ChronoDateTimeUtc(Some(*at - IdempotencyRecord::LIFETIME)))
                .collect(),
        ];
        let rows = self.rows(&columns);
        format!(
            " UNION ALL SELECT v.plan FROM {rows} AS v (plan, scope, request_key, ended) JOIN invite_idempotency AS q \
             ON q.scope = v.scope AND q.request_key = v.request_key AND q.created_at > v.ended"
        )
    }

    /// The next state of invitations, where the present one is of the version expected.
    fn next_states(&mut self, plans: &[&Prepared]) {
        use entity::invitation::{Column, Entity};
        let updates: Vec<_> =
            plans.iter().zip(0..).filter_map(|(plan, at)| plan.update.as_ref().map(|update| (at, update))).collect();
        if updates.is_empty() {
            self.parts.push("good AS (SELECT plan FROM current)".to_owned());
            return;
        }
        let columns: Vec<Column> = Column::iter().collect();
        let rows: Vec<_> = updates.iter().map(|(_, (row, _))| row).collect();
        let mut values = cells::<Entity>(&rows, &columns);
        values.push(places(updates.iter().map(|(at, _)| *at)));
        values.push(updates.iter().map(|(_, (_, expected))| Value::BigInt(Some(*expected))).collect());
        let next = self.rows(&values);
        let changing = self.any_of(&places(updates.iter().map(|(at, _)| *at)));
        self.parts.push(format!("next AS (SELECT * FROM {next} AS v ({}, plan, expected))", names(&columns)));
        // The array is put together before the first row is taken.
        self.parts.push(
            "seen AS (SELECT i.id, i.version FROM invite_invitations AS i WHERE i.id = ANY(ARRAY(SELECT n.id FROM next AS n \
             WHERE n.plan IN (SELECT plan FROM current))) ORDER BY i.id FOR NO KEY UPDATE)"
                .to_owned(),
        );
        let mut set = String::new();
        for column in columns.iter().filter(|column| !super::writes::KEPT.contains(&column.as_str())) {
            let (separator, name) = (if set.is_empty() { "" } else { ", " }, column.as_str());
            let _ = write!(set, "{separator}\"{name}\" = n.\"{name}\"");
        }
        self.parts.push(format!(
            "changed AS (UPDATE invite_invitations AS t SET {set} FROM next AS n JOIN seen AS s ON s.id = n.id \
             AND s.version = n.expected WHERE t.organization_id = n.organization_id AND t.id = n.id \
             AND t.version = n.expected RETURNING n.plan)"
        ));
        self.parts.push(format!(
            "good AS (SELECT plan FROM current WHERE NOT plan = {changing} OR plan IN (SELECT plan FROM changed))"
        ));
    }

    fn rest(&mut self, plans: &[&Prepared]) {
        self.insert::<entity::invitation::Entity>(each(plans, |plan| &plan.inserts), Some("invitations"));
        self.cancel(plans);
        self.insert::<entity::account::Entity>(each(plans, |plan| &plan.accounts), Some("accounts"));
        self.insert::<entity::membership::Entity>(each(plans, |plan| &plan.memberships), Some("memberships"));
        self.insert::<entity::session::Entity>(each(plans, |plan| &plan.sessions), None);
        self.insert::<entity::redemption::Entity>(each(plans, |plan| plan.redemption.as_slice()), None);
        self.insert::<entity::event::Entity>(each(plans, |plan| &plan.events), None);
        self.insert::<entity::message::Entity>(each(plans, |plan| &plan.messages), None);
    }

    /// Inserts rows of plans, each where its plan holds. A table with numbers is given the name of its part.
    fn insert<E>(&mut self, rows: (Vec<Value>, Vec<&E::Model>), numbered: Option<&str>)
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E>,
    {
        let (places, rows) = rows;
        if rows.is_empty() {
            return;
        }
        let given = |column: &E::Column| numbered.is_none() || column.as_str() != "number";
        let columns: Vec<E::Column> = E::Column::iter().filter(given).collect();
        let mut values = cells::<E>(&rows, &columns);
        values.push(places);
        let rows = self.rows(&values);
        let (table, names) = (E::default().table_name().to_owned(), names(&columns));
        let gate = self.gate();
        let inserted = format!("INSERT INTO {table} ({names}) SELECT {names} FROM {rows} AS v ({names}, plan){gate}");
        match numbered {
            Some(name) => {
                self.parts.push(format!("{name} AS ({inserted} RETURNING id, number)"));
                self.answers.push(format!("SELECT {NUMBER}::bigint, id, number FROM {name}"));
            }
            None => self.parts.push(format!("into_{table} AS ({inserted})")),
        }
    }

    fn gate(&self) -> &'static str {
        if self.is_gated { " WHERE v.plan IN (SELECT plan FROM good)" } else { "" }
    }

    /// Cancels what is queued for invitations that end or get another link, as [`super::writes::cancel`] does for one.
    fn cancel(&mut self, plans: &[&Prepared]) {
        let (places, cancels) = each(plans, |plan| &plan.cancels);
        if cancels.is_empty() {
            return;
        }
        let columns = [
            places,
            uuids(cancels.iter().map(|cancel| cancel.organization)),
            uuids(cancels.iter().map(|cancel| cancel.invitation)),
            cancels.iter().map(|cancel| Value::from(cancel.reason.name())).collect(),
            cancels.iter().map(|cancel| Value::ChronoDateTimeUtc(Some(cancel.at))).collect(),
        ];
        let rows = self.rows(&columns);
        let [cancelled, queued, failed] = [DeliveryState::Cancelled, DeliveryState::Queued, DeliveryState::Failed]
            .map(|state| self.text(state.name()));
        let gate = self.gate();
        // One that is sent again by whom this waited for is still failed in the statement's moment. At its row it is seen as it is; and
        // what failed for good is written as it was.
        let set = [
            ("state", cancelled.as_str()),
            ("reason", "v.reason"),
            ("settled_at", "v.at"),
            ("kept_since", "v.at"),
            ("lease_token", "NULL"),
        ]
        .map(|(column, value)| format!("{column} = CASE WHEN m.state = {queued} THEN {value} ELSE m.{column} END"))
        .join(", ");
        self.parts.push(format!(
            "cancelled AS (UPDATE invite_messages AS m SET {set} FROM (SELECT * FROM {rows} AS v (plan, organization_id, \
             invitation_id, reason, at){gate}) AS v WHERE m.organization_id = v.organization_id \
             AND m.invitation_id = v.invitation_id AND m.state IN ({queued}, {failed}) AND {})",
            carries_link_text("m.about"),
        ));
    }

    /// `None` where nothing is to be done.
    fn statement(self) -> Option<Statement> {
        if self.parts.is_empty() {
            return None;
        }
        let answer = match &self.answers[..] {
            [] => format!("SELECT {NUMBER}::bigint, NULL::uuid, 0::bigint WHERE false"),
            answers => answers.join(" UNION ALL "),
        };
        let text = format!("WITH {} {answer}", self.parts.join(", "));
        Some(Statement::from_sql_and_values(DatabaseBackend::Postgres, text, self.values))
    }
}

/// Rows of all plans, with the place of the plan each is of.
fn each<'p, T>(plans: &[&'p Prepared], of: impl Fn(&'p Prepared) -> &'p [T]) -> (Vec<Value>, Vec<&'p T>) {
    let (mut at, mut all) = (Vec::new(), Vec::new());
    for (place, plan) in plans.iter().enumerate() {
        for row in of(plan) {
            at.push(place);
            all.push(row);
        }
    }
    (places(at.into_iter()), all)
}

fn places(of: impl Iterator<Item = usize>) -> Vec<Value> {
    of.map(|place| Value::BigInt(i64::try_from(place).ok())).collect()
}

fn uuids(of: impl Iterator<Item = Uuid>) -> Vec<Value> {
    of.map(|id| Value::Uuid(Some(id))).collect()
}
