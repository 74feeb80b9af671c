//! What a list is to hold. The status a row is filtered by is the one `Status::of` gives: what is stored, time and uses are
//! compared in SQL, authority is asked of the domain (`coverage`).
//!
//! A filter is a part for each stored state, since the indexes lists are read in begin with the state: each part is read in
//! the wanted order, however few rows of another state there are between.

use super::{
    coverage::{inviters, is_in_time, uncovered},
    rare,
    record::is_latest_message,
};
use crate::{
    directory::SqlDirectory,
    engine::searched_text,
    entity,
    error::Failure,
    sql::{SqlConnection, col, table},
};
use invite_domain::{
    access::Inviter,
    id::{OrganizationId, RoleId},
    invitation::{RecipientKind, Status},
    port::InvitationFilter,
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Alias, Expr, ExprTrait, Order, Query, SimpleExpr},
};
use std::collections::BTreeMap;
use uuid::Uuid;

use entity::{invitation, message, role};

/// What a filter wants of invitations `i`.
pub(super) struct Wanted {
    /// What holds for all.
    pub(super) all: Vec<SimpleExpr>,
    /// The stored states, each with what else holds for it; empty where the state does not matter.
    pub(super) states: Vec<(&'static str, Option<SimpleExpr>)>,
    /// What they mention.
    pub(super) mention: Option<Mention>,
}

/// A part of address, role name or inviter's name.
pub(super) struct Mention {
    part: String,
    /// What of the part is looked up in the index of parts of addresses: it, or a run of it that fewer hold.
    looked_up: String,
    roles: Vec<RoleId>,
    inviters: BTreeMap<&'static str, Vec<Uuid>>,
    in_address: SimpleExpr,
}

impl Wanted {
    /// All of it as one condition, but for the mention.
    pub(super) fn condition(&self) -> SimpleExpr {
        let any_state = self.states.iter().map(|(state, also)| in_state(state, also.as_ref())).reduce(ExprTrait::or);
        let all = self.all.iter().cloned().chain(any_state);
        all.reduce(ExprTrait::and).unwrap_or_else(|| Expr::val(true))
    }

    /// The same, a condition for each stored state.
    pub(super) fn parts(&self) -> Vec<Vec<SimpleExpr>> {
        if self.states.is_empty() {
            return vec![self.all.clone()];
        }
        let part = |(state, also): &(&'static str, Option<SimpleExpr>)| {
            let state = std::iter::once(is_state(state));
            self.all.iter().cloned().chain(state).chain(also.clone()).collect()
        };
        self.states.iter().map(part).collect()
    }
}

impl Mention {
    /// What is looked up in the index of parts of addresses, where there is one.
    pub(super) fn looked_up(&self) -> &str {
        &self.looked_up
    }

    /// Leaves out of it what most addresses hold, as far as the latest tell.
    pub(super) async fn look_up_what_is_rare(
        &mut self,
        sql: &SqlConnection<'_>,
        organization: OrganizationId,
    ) -> Result<(), Failure> {
        if rare::is_short(&self.part) || !sql.engine().seeks_parts() {
            return Ok(());
        }
        let mut latest = Query::select();
        latest
            .expr_as(Expr::cust(searched_text("i.")), Alias::new("text"))
            .from_as(table::<invitation::Entity>(), Alias::new("i"))
            .and_where(col("i", invitation::Column::OrganizationId).eq(organization.as_uuid()))
            .order_by_expr(col("i", invitation::Column::CreatedAt), Order::Desc)
            .order_by_expr(col("i", invitation::Column::Id), Order::Desc)
            .limit(rare::SAMPLE);
        let texts = sql.query_all(&latest).await?;
        let texts: Vec<String> = texts.iter().map(|row| row.try_get("", "text")).collect::<Result<_, _>>()?;
        if let Some(run) = rare::run(&self.part, &texts) {
            self.looked_up = run;
        }
        Ok(())
    }

    /// That a row mentions it.
    pub(super) fn condition(&self) -> SimpleExpr {
        self.named().into_iter().fold(self.in_address.clone(), ExprTrait::or)
    }

    /// That the address holds it.
    pub(super) fn in_address(&self) -> SimpleExpr {
        self.in_address.clone()
    }

    /// That it is of such a role, or of such inviters: a condition for each index that leads there.
    pub(super) fn named(&self) -> Vec<SimpleExpr> {
        let mut all = Vec::new();
        if !self.roles.is_empty() {
            all.push(col("i", invitation::Column::RoleId).is_in(self.roles.iter().map(RoleId::as_uuid)));
        }
        for (kind, ids) in &self.inviters {
            let of_kind = col("i", invitation::Column::InviterKind).eq(*kind);
            all.push(of_kind.and(col("i", invitation::Column::InviterId).is_in(ids.iter().copied())));
        }
        all
    }
}

/// A word of ours, written into the statement: an engine that plans a statement once for all values plans for this one.
fn is_state(state: &'static str) -> SimpleExpr {
    col("i", invitation::Column::State).eq(Expr::cust(format!("'{state}'")))
}

fn in_state(state: &'static str, also: Option<&SimpleExpr>) -> SimpleExpr {
    also.map_or_else(|| is_state(state), |also| is_state(state).and(also.clone()))
}

/// Whether nothing has to be asked before a page is read: who may give what, or what inviters are called.
pub(super) fn asks_nothing(filter: &InvitationFilter) -> bool {
    let wants = |status| filter.statuses.contains(&status);
    filter.query.is_none() && wants(Status::Pending) == wants(Status::Suspended)
}

pub(super) async fn wanted(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    filter: &InvitationFilter,
    now: Timestamp,
) -> Result<Wanted, Failure> {
    let mut all = vec![col("i", invitation::Column::OrganizationId).eq(organization.as_uuid())];
    if let Some(kind) = filter.recipient_kind {
        all.push(col("i", invitation::Column::RecipientKind).eq(kind.name()));
    }
    if let Some(role) = filter.role_id {
        all.push(col("i", invitation::Column::RoleId).eq(role.as_uuid()));
    }
    if let Some(inviter) = filter.inviter_id {
        all.push(col("i", invitation::Column::InviterId).eq(inviter));
    }
    if let Some(batch) = filter.batch_id {
        all.push(col("i", invitation::Column::BatchId).eq(batch.as_uuid()));
    }
    if let Some(state) = filter.delivery {
        let mut latest = Query::select();
        latest
            .expr(Expr::val(1))
            .from_as(table::<message::Entity>(), Alias::new("m"))
            .and_where(col("m", message::Column::OrganizationId).eq(col("i", invitation::Column::OrganizationId)))
            .and_where(col("m", message::Column::InvitationId).eq(col("i", invitation::Column::Id)))
            .and_where(col("m", message::Column::State).eq(state.name()))
            .and_where(is_latest_message());
        all.push(Expr::exists(latest));
    }
    let states = states(sql, directory, organization, &filter.statuses, now).await?;
    let mention = match &filter.query {
        Some(part) => Some(mention(sql, directory, organization, part).await?),
        None => None,
    };
    Ok(Wanted { all, states, mention })
}

/// The stored states that can have one of these statuses, each with what tells those statuses from others it can have.
async fn states(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    wanted: &[Status],
    now: Timestamp,
) -> Result<Vec<(&'static str, Option<SimpleExpr>)>, Failure> {
    let wants = |status| wanted.contains(&status);
    if Status::ALL.into_iter().all(wants) {
        return Ok(Vec::new());
    }
    let mut states = Vec::new();
    let of_pending = [Status::Pending, Status::Suspended, Status::Expired, Status::Exhausted];
    if of_pending.into_iter().any(wants) {
        let also = if of_pending.into_iter().all(wants) {
            None
        } else {
            Some(of_pending_ones(sql, directory, organization, wanted, now).await?)
        };
        states.push((invite_domain::invitation::State::Pending.name(), also));
    }
    for status in [Status::Redeemed, Status::Declined, Status::Revoked] {
        if wants(status) {
            states.push((status.name(), None));
        }
    }
    Ok(states)
}

async fn of_pending_ones(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    wanted: &[Status],
    now: Timestamp,
) -> Result<SimpleExpr, Failure> {
    let expires = || col("i", invitation::Column::ExpiresAt);
    let (pending, suspended) = (wanted.contains(&Status::Pending), wanted.contains(&Status::Suspended));
    // Where both are wanted, or neither, nobody has to be asked who may give what.
    let keys =
        if pending == suspended { Vec::new() } else { uncovered(sql, directory, organization, now, None).await? };
    let is_uncovered = || col("i", invitation::Column::AuthorityKey).is_in(keys.iter().cloned());
    let mut any: Option<SimpleExpr> = None;
    for status in wanted {
        let one = match status {
            Status::Redeemed | Status::Declined | Status::Revoked => continue,
            Status::Expired => expires().lte(now),
            Status::Exhausted => {
                let used_up = col("i", invitation::Column::Uses).gte(col("i", invitation::Column::MaxUses));
                expires().gt(now).and(used_up)
            }
            Status::Pending | Status::Suspended if pending == suspended => is_in_time(now),
            Status::Pending if keys.is_empty() => is_in_time(now),
            Status::Pending => is_in_time(now).and(is_uncovered().not()),
            Status::Suspended => is_in_time(now).and(is_uncovered()),
        };
        any = Some(any.map_or_else(|| one.clone(), |any| any.or(one.clone())));
    }
    Ok(any.unwrap_or_else(|| Expr::val(false)))
}

/// What an invitation mentions: in address, role name or inviter's name. Names of inviters are the directory's, which need not
/// be in this database's tables: they are compared here and named by id.
async fn mention(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    organization: OrganizationId,
    part: &str,
) -> Result<Mention, Failure> {
    let mut roles = Query::select();
    roles
        .expr_as(col("r", role::Column::Id), Alias::new("id"))
        .from_as(table::<role::Entity>(), Alias::new("r"))
        .and_where(col("r", role::Column::OrganizationId).eq(organization.as_uuid()))
        .and_where(sql.engine().contains(col("r", role::Column::Name), part));
    let roles = sql.query_all(&roles).await?;
    let roles = roles.iter().map(|row| row.try_get::<Uuid>("", "id").map(RoleId::from_uuid));
    let all: Vec<Inviter> = inviters(sql, organization).await?;
    let part_lower = part.to_ascii_lowercase();
    let facts = directory.inviters(sql, organization, &all).await?;
    let mut named = BTreeMap::<_, Vec<Uuid>>::new();
    for (inviter, facts) in all.iter().zip(&facts) {
        if facts.name().is_some_and(|name| name.to_ascii_lowercase().contains(&part_lower)) {
            named.entry(inviter.kind.name()).or_default().push(inviter.id);
        }
    }
    // The key of a record is its id, which is no address.
    let is_address = col("i", invitation::Column::RecipientKind).ne(RecipientKind::Subject.name());
    let says = |column| sql.engine().contains(col("i", column), part);
    Ok(Mention {
        part: part.to_owned(),
        looked_up: part.to_owned(),
        roles: roles.collect::<Result<_, _>>()?,
        inviters: named,
        in_address: says(invitation::Column::RecipientOriginal)
            .or(is_address.and(says(invitation::Column::RecipientKey))),
    })
}
