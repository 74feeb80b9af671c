//! What is seen of invitations, and who sees it. Views of one caller that come at the same time share statements: on PostgreSQL most of
//! the time of one goes into setting it up.
//!
//! Who asks, and where, is [known](Known) or read by a statement of its own. The statement that reads the invitations
//! reads the epoch too: where both are of one epoch, they are of one moment as far as anything is decided by it.
//!
//! Where the directory's tables are the bundled ones.

use super::{
    actor::{actor, actor_cells},
    known::Known,
    shared::Load,
    shown::{Rows, Source},
    text::{ORGANIZATION, Text},
};
use crate::{
    convert::{Cells, organization_cells},
    directory::SqlDirectory,
    error::Failure,
    sql::SqlConnection,
};
use invite_domain::{
    access::ActorFacts,
    directory::Organization,
    id::OrganizationId,
    port::{InvitationRecord, InvitationRef, Principal, ViewFacts, ViewQuery},
};
use sea_orm::{ConnectionTrait, Value};
use std::{collections::BTreeSet, time::Instant};

/// How often it is read who asks before a view is read in full. The epoch would have to change each time.
const ATTEMPTS: usize = 3;

/// Answers questions of one caller about one organisation, in the same order. Those about invitations by their numbers, and those
/// about others, are not asked together.
pub(super) async fn views(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    known: &Known,
    queries: &[ViewQuery],
) -> Result<Vec<Load<ViewFacts>>, Failure> {
    let Some(&ViewQuery { organization_id, principal, .. }) = queries.first() else { return Ok(Vec::new()) };
    let asked = Asked { sql, directory, known, organization_id, principal, began: Instant::now() };
    let seen = asked.seen(queries).await?;
    let view = |query: &ViewQuery| match &seen {
        Seen::Nowhere => Load::Done(Ok(None)),
        Seen::At { nobody, records } => {
            let is_meant = |record: &&InvitationRecord| match query.invitation {
                Some(InvitationRef::Id(id)) => record.invitation.id == id,
                Some(InvitationRef::Number(number)) => record.invitation.number == number,
                None => false,
            };
            let record = records.iter().find(is_meant).cloned();
            Load::Done(Ok(Some(ViewFacts { record, ..(**nobody).clone() })))
        }
        Seen::Restless => Load::Alone,
    };
    Ok(queries.iter().map(view).collect())
}

/// What many views see together.
enum Seen {
    /// The organisation is not there.
    Nowhere,
    /// Where and by whom, without an invitation, and the invitations that are there.
    At { nobody: Box<ViewFacts>, records: Vec<InvitationRecord> },
    /// Something else each time.
    Restless,
}

/// The questions of one caller about one organisation.
struct Asked<'a, 'c> {
    sql: &'a SqlConnection<'c>,
    directory: &'a dyn SqlDirectory,
    known: &'a Known,
    organization_id: OrganizationId,
    principal: Principal,
    /// A moment before anything was read.
    began: Instant,
}

impl Asked<'_, '_> {
    async fn seen(&self, queries: &[ViewQuery]) -> Result<Seen, Failure> {
        let mut who = self.known_who();
        let mut is_fresh = who.is_none();
        for _ in 0..ATTEMPTS {
            if is_fresh {
                who = self.who().await?;
            }
            let Some((organization, actor)) = who.take() else { return Ok(Seen::Nowhere) };
            let (epoch, records) = self.records(queries, is_fresh).await?;
            // What was just read is of its epoch, where nothing is there that tells another.
            let epoch = epoch.or_else(|| is_fresh.then_some(organization.authority_epoch));
            if epoch == Some(organization.authority_epoch) {
                let nobody = Box::new(ViewFacts { organization, actor, record: None });
                return Ok(Seen::At { nobody, records });
            }
            is_fresh = true;
        }
        Ok(Seen::Restless)
    }

    /// Who asks, and where, where that is known.
    fn known_who(&self) -> Option<(Organization, ActorFacts)> {
        let organization = self.known.organization(self.organization_id, self.began)?;
        let epoch = self.known.at(self.organization_id, organization.authority_epoch, self.began);
        let actor = epoch.actor(self.principal)?;
        Some((organization, actor))
    }

    /// Who asks, and where; `None` where the organisation is not there.
    async fn who(&self) -> Result<Option<(Organization, ActorFacts)>, Failure> {
        let began = Instant::now();
        let mut text = Text::new(self.sql.engine());
        let (who, joins) = actor(&mut text, self.principal);
        let columns = ORGANIZATION.clone() + &who;
        let columns = columns.trim_end_matches(", ");
        let id = text.value(self.organization_id.as_uuid());
        let statement =
            format!("SELECT {columns} FROM invite_organizations o{joins} WHERE o.id = {id} AND o.deleted_at IS NULL");
        let Some(row) = self.sql.query_one_raw(text.statement(statement)).await? else { return Ok(None) };
        let mut cells = Cells::new(&row);
        let (organization, actor) = (organization_cells(&mut cells)?, actor_cells(&mut cells, self.principal)?);
        self.known.keep(began, &organization);
        self.known.at(self.organization_id, organization.authority_epoch, began).keep_actor(self.principal, &actor);
        Ok(Some((organization, actor)))
    }

    /// The invitations that are there and the epoch they were read under; no epoch where none is there. Where none is meant and it was
    /// not just read who asks, the epoch alone.
    async fn records(
        &self,
        queries: &[ViewQuery],
        is_fresh: bool,
    ) -> Result<(Option<i64>, Vec<InvitationRecord>), Failure> {
        let mut text = Text::new(self.sql.engine());
        let id = text.value(self.organization_id.as_uuid());
        let Some(these) = condition(&mut text, queries) else {
            return Ok((if is_fresh { None } else { self.epoch().await? }, Vec::new()));
        };
        let source = format!("SELECT * FROM invite_invitations WHERE organization_id = {id} AND {these}");
        let rows = Rows {
            organization: self.organization_id,
            began: self.began,
            source: Source::Rows(source),
            values: text.into_values(),
            order: "i.id",
        };
        rows.records(self.sql, self.directory, self.known).await
    }

    /// The organisation's epoch, while it is there.
    async fn epoch(&self) -> Result<Option<i64>, Failure> {
        let mut text = Text::new(self.sql.engine());
        let id = text.value(self.organization_id.as_uuid());
        let statement =
            format!("SELECT authority_epoch FROM invite_organizations WHERE id = {id} AND deleted_at IS NULL");
        let row = self.sql.query_one_raw(text.statement(statement)).await?;
        Ok(row.map(|row| Cells::new(&row).next()).transpose()?)
    }
}

/// Which invitations are asked for; `None` where nobody asks for one.
fn condition(text: &mut Text, queries: &[ViewQuery]) -> Option<String> {
    let (mut ids, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for query in queries {
        match query.invitation {
            Some(InvitationRef::Id(id)) => drop(ids.insert(id.as_uuid())),
            Some(InvitationRef::Number(number)) => drop(numbers.insert(number)),
            None => {}
        }
    }
    if !numbers.is_empty() {
        return Some(text.among("number", numbers.into_iter().map(|number| Value::BigInt(Some(number))).collect()));
    }
    let ids: Vec<_> = ids.into_iter().map(|id| Value::Uuid(Some(id))).collect();
    (!ids.is_empty()).then(|| text.among("id", ids))
}
