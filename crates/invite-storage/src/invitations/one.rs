//! What a look at one invitation needs, by one statement: the organisation, who looks, the invitation with all that shows it, and whether
//! its recipient blocked the organisation. Looks of one caller that come at the same time are one statement, since on PostgreSQL most
//! of its time goes into setting it up.
//!
//! Where the directory's tables are the bundled ones and the question names neither a role nor an answer to repeat. Other
//! questions are answered by [`load`](super::load), and so are those about an invitation whose key another one holds.

use super::{
    actor::{actor, actor_cells},
    joined::{self, Joined},
    known::Known,
    shared::Load,
    shown::last_redemption,
    text::{ORGANIZATION, Text, list},
};
use crate::{
    convert::{Cells, REDEMPTION_COLUMNS, organization_cells, redemption_cells},
    error::Failure,
    sql::SqlConnection,
};
use invite_domain::{
    access::ActorFacts,
    directory::Organization,
    id::OrganizationId,
    invitation::Invitation,
    port::{InvitationFacts, InvitationQuery, InvitationRecord, InvitationRef, Principal},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use std::{collections::BTreeSet, time::Instant};
use uuid::Uuid;

/// Whether a question is answered here.
pub(super) fn answers(query: &InvitationQuery) -> bool {
    query.role_id.is_none() && query.idempotency.is_none()
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

/// Answers questions that are [answered here](answers), all of one caller about one organisation: in the same order.
///
/// Where it is [known](Known) who is who there, the statement reads the invitations alone, and the epoch. Everything is read for those
/// where it is not.
pub(super) async fn invitations(
    sql: &SqlConnection<'_>,
    known: &Known,
    queries: &[InvitationQuery],
) -> Result<Vec<Load<InvitationFacts>>, Failure> {
    let Some(&InvitationQuery { organization_id, principal, .. }) = queries.first() else {
        return Ok(Vec::new());
    };
    let asked = Asked { sql, known, organization_id, principal, now: Instant::now() };
    let mut loads = asked.those_of_known(queries).await?;
    let is_left = |load: &Option<_>| load.is_none();
    let left: Vec<_> =
        queries.iter().zip(&loads).filter(|(_, load)| is_left(load)).map(|(one, _)| one.clone()).collect();
    if !left.is_empty() {
        let places = loads.iter_mut().filter(|load| is_left(load));
        for (place, load) in places.zip(asked.all(&left).await?) {
            *place = Some(load);
        }
    }
    Ok(loads.into_iter().flatten().collect())
}

/// What is there where nothing is found.
fn nobody(organization: Organization, actor: ActorFacts) -> InvitationFacts {
    InvitationFacts {
        organization,
        actor,
        record: None,
        role: None,
        other_holder: None,
        messages: Vec::new(),
        blocked: false,
        replay: None,
    }
}

/// The columns of invitations, behind others, and what follows the organisation in the statement: joins, and the order of the rows.
#[derive(Default)]
struct Parts {
    columns: String,
    joins: String,
    order: String,
    since: Timestamp,
}

impl Parts {
    /// Empty where nobody asks for an invitation.
    fn of(text: &mut Text, queries: &[InvitationQuery], with_people: bool) -> Self {
        let Some(these) = condition(text, queries) else { return Self::default() };
        let since = queries.iter().map(|query| query.messages_since).min().unwrap_or_default();
        let mut joins = format!(" LEFT JOIN invite_invitations i ON i.organization_id = o.id AND {these}");
        joins += &joined::joins(text, since);
        let mut columns = joined::COLUMNS.clone();
        if with_people {
            joins += &joined::PEOPLE_JOINS;
            columns += &joined::PEOPLE;
        }
        joins += last_redemption(text.engine);
        joins += joined::OTHER_HOLDER;
        list(&mut columns, "x", REDEMPTION_COLUMNS);
        columns += "h.id, ";
        Self { columns, joins, order: format!(" ORDER BY {}", joined::order(queries.len())), since }
    }

    /// The rows of the organisation: these columns, with these joins, and those of invitations behind them.
    async fn query(
        &self,
        sql: &SqlConnection<'_>,
        mut text: Text,
        organization: OrganizationId,
        columns: &str,
        joins: &str,
    ) -> Result<Vec<QueryResult>, Failure> {
        let columns = columns.to_owned() + &self.columns;
        let columns = columns.trim_end_matches(", ");
        let id = text.value(organization.as_uuid());
        let statement = format!(
            "SELECT {columns} FROM invite_organizations o{joins}{} WHERE o.id = {id} AND o.deleted_at IS NULL{}",
            self.joins, self.order
        );
        Ok(sql.query_all_raw(text.statement(statement)).await?)
    }
}

/// What stands behind an invitation in its row: who else holds its key.
fn beside(cells: &mut Cells<'_>, record: &mut InvitationRecord) -> Result<Option<Uuid>, Failure> {
    record.redemption = redemption_cells(cells, record.invitation.organization_id, record.invitation.id)?;
    Ok(cells.maybe::<Uuid>()?)
}

/// What was found for a question; `None` where somebody who belongs to it is not known. An invitation whose key another one holds is
/// read in full.
fn load(
    found: &[Joined<Option<Uuid>>],
    nobody: &InvitationFacts,
    query: &InvitationQuery,
) -> Option<Load<InvitationFacts>> {
    let is_meant = |one: &&Joined<_>| match query.invitation {
        InvitationRef::Id(id) => one.record.invitation.id == id,
        InvitationRef::Number(wanted) => one.number == wanted,
    };
    let Some(one) = found.iter().find(is_meant) else { return Some(Load::Done(Ok(Some(nobody.clone())))) };
    if !one.is_whole {
        return None;
    }
    if one.beside.is_some() {
        return Some(Load::Alone);
    }
    Some(Load::Done(Ok(Some(InvitationFacts {
        record: Some(one.record.clone()),
        messages: one.messages_since(query.messages_since),
        blocked: one.blocked,
        ..nobody.clone()
    }))))
}

/// Questions of one caller about one organisation.
struct Asked<'a, 'c> {
    sql: &'a SqlConnection<'c>,
    known: &'a Known,
    organization_id: OrganizationId,
    principal: Principal,
    now: Instant,
}

impl Asked<'_, '_> {
    /// The invitations alone, where everything else is known. `None` where it is not, or the epoch is another one.
    async fn those_of_known(&self, queries: &[InvitationQuery]) -> Result<Vec<Option<Load<InvitationFacts>>>, Failure> {
        let nothing = || Ok(queries.iter().map(|_| None).collect());
        let Some(organization) = self.known.organization(self.organization_id, self.now) else { return nothing() };
        let epoch = self.known.at(self.organization_id, organization.authority_epoch, self.now);
        let Some(actor) = epoch.actor(self.principal) else { return nothing() };
        let mut text = Text::new(self.sql.engine());
        let parts = Parts::of(&mut text, queries, false);
        let rows = parts.query(self.sql, text, self.organization_id, "o.authority_epoch, ", "").await?;
        let Some(first) = rows.first() else { return nothing() };
        if Cells::new(first).next::<i64>()? != organization.authority_epoch {
            return nothing();
        }
        let people = |_: &mut Cells<'_>, invitation: &Invitation| Ok(epoch.people(invitation));
        let found =
            if parts.columns.is_empty() { Vec::new() } else { joined::read(&rows, 1, parts.since, people, beside)? };
        let nobody = nobody(organization, actor);
        Ok(queries.iter().map(|query| load(&found, &nobody, query)).collect())
    }

    /// Everything, of which it is kept who is who.
    async fn all(&self, queries: &[InvitationQuery]) -> Result<Vec<Load<InvitationFacts>>, Failure> {
        let mut text = Text::new(self.sql.engine());
        let (who, joins) = actor(&mut text, self.principal);
        let parts = Parts::of(&mut text, queries, true);
        let columns = ORGANIZATION.clone() + &who;
        let rows = parts.query(self.sql, text, self.organization_id, &columns, &joins).await?;
        let Some(first) = rows.first() else { return Ok(queries.iter().map(|_| Load::Done(Ok(None))).collect()) };
        let mut cells = Cells::new(first);
        let nobody = nobody(organization_cells(&mut cells)?, actor_cells(&mut cells, self.principal)?);
        let epoch = self.known.at(self.organization_id, nobody.organization.authority_epoch, self.now);
        self.known.keep(self.now, &nobody.organization);
        epoch.keep_actor(self.principal, &nobody.actor);
        let found = if parts.columns.is_empty() {
            Vec::new()
        } else {
            joined::read(&rows, cells.place(), parts.since, joined::people_cells, beside)?
        };
        for one in &found {
            epoch.keep_people(&one.record);
        }
        Ok(queries.iter().map(|query| load(&found, &nobody, query).unwrap_or(Load::Alone)).collect())
    }
}
