//! Applying a plan: guards, then its changes in the order a plan has them, all inside one transaction or savepoint.

mod administration;
mod erasure;
mod groups;
mod guards;
mod inserts;
mod limits;
mod locks;
mod port;
mod prepared;
mod shared;
mod together;
mod whole;
mod writes;

use crate::{
    directory::{Applied, DirectoryPart, SqlDirectory},
    engine::Engine,
    error::Failure,
    sql::SqlConnection,
};
use guards::Guards;
use invite_domain::{
    invitation::{AdministrationChange, Guard, InvitationChange, Limit, Plan},
    time::Timestamp,
};
use limits::Limits;
use uuid::Uuid;

pub(crate) use administration::{end_links, end_sessions, one};
pub(crate) use guards::{active_owners, members_with_role, pending_with_role};
pub(crate) use limits::forget_live;
pub(crate) use shared::Commits;

/// Numbers given to inserted rows, by their ids.
type Numbers = Vec<(Uuid, i64)>;

/// Applies a plan. [`Failure::Stale`] where a guard does not hold or a unique key is taken, [`Failure::Refused`] where a limit
/// would be exceeded; the caller rolls back.
pub(crate) async fn apply(
    sql: &SqlConnection<'_>,
    directory: &dyn SqlDirectory,
    plan: &Plan,
) -> Result<Numbers, Failure> {
    apply_all(sql, directory, plan).await.map_err(Failure::taken_is_stale)
}

async fn apply_all(sql: &SqlConnection<'_>, directory: &dyn SqlDirectory, plan: &Plan) -> Result<Numbers, Failure> {
    let guards = Guards::of(plan);
    let mut numbers = Numbers::new();
    let part = DirectoryPart { guards: guards.of_directory(), changes: &plan.directory };
    locks::hold(sql, &guards, plan).await?;
    guards.check_before(sql).await?;
    guards.check_members(sql, directory).await?;
    if !part.guards.is_empty() && !directory.holds(sql, &part).await? {
        return Err(Failure::Stale);
    }
    // Counters are held for the shortest time, and by nobody who still waits for an invitation.
    let is_update = |change: &&InvitationChange| matches!(change, InvitationChange::Update(_));
    for change in plan.invitations.iter().filter(is_update) {
        writes::invitation(sql, &guards, change, &mut numbers).await?;
    }
    let mut limits = Limits::of(plan);
    limits.raise(sql).await?;
    for change in plan.invitations.iter().filter(|change| !is_update(change)) {
        writes::invitation(sql, &guards, change, &mut numbers).await?;
    }
    writes::cancel_messages(sql, plan).await?;
    writes::replay_messages(sql, plan).await?;
    // A link may be for an account that the directory is still to insert, so links come after it; and who is erased goes last.
    let is_late = |change: &&AdministrationChange| {
        matches!(change, AdministrationChange::PutAccountToken(_) | AdministrationChange::ErasePerson(_))
    };
    for run in plan.administration.chunk_by(both_remove) {
        match run {
            [change] if is_late(&change) => {}
            [change] => administration::apply(sql, &guards, change, &mut numbers).await?,
            removals => administration::remove_all(sql, removals).await?,
        }
    }
    if !part.changes.is_empty() {
        match directory.apply(sql, &part).await? {
            Applied::Done(given) => numbers.extend(given),
            Applied::Stale => return Err(Failure::Stale),
        }
    }
    for change in plan.administration.iter().filter(is_late) {
        administration::apply(sql, &guards, change, &mut numbers).await?;
    }
    administration::note_suspensions(sql, plan).await?;
    writes::records(sql, plan).await?;
    guards.check_after(sql).await?;
    limits.keep(sql, directory).await?;
    Ok(numbers)
}

/// Whether both remove a member of one organisation: a group of organisations that ends removes many.
fn both_remove(one: &AdministrationChange, next: &AdministrationChange) -> bool {
    match (one, next) {
        (AdministrationChange::RemoveMembership(here, _), AdministrationChange::RemoveMembership(there, _)) => {
            here == there
        }
        _ => false,
    }
}

/// The plans in the order they are applied, each with its place in the answer.
///
/// Where writers wait for rows, two batches that take the same rows in different orders stop each other; so they are
/// taken by organisation, then by invitation (rule 6.7); and those that hold an organisation alone before those that share
/// it.
pub(crate) fn in_order(plans: &[Plan], engine: Engine) -> Vec<(usize, &Plan)> {
    let mut ordered: Vec<_> = plans.iter().enumerate().collect();
    if engine.locks_rows() {
        ordered.sort_by_key(|(_, plan)| first_rows(plan));
    }
    ordered
}

fn first_rows(plan: &Plan) -> (Option<Uuid>, bool, Option<Uuid>) {
    let organizations = plan.guards.iter().filter_map(|guard| match guard {
        Guard::Epoch { organization_id, .. } | Guard::OwnerRemains(organization_id) => Some(organization_id.as_uuid()),
        _ => None,
    });
    let updated = plan.invitations.iter().filter_map(|change| match change {
        InvitationChange::Update(invitation) => Some(invitation.id.as_uuid()),
        InvitationChange::Insert(_) => None,
    });
    let shares = !plan.limits.iter().any(|limit| matches!(limit, Limit::Seats { .. }));
    (organizations.min(), shares, updated.min())
}

/// The instant a plan was decided at, as far as it says: stores have no clock of their own.
fn instant_of(plan: &Plan) -> Option<Timestamp> {
    let event = plan.events.first().map(|event| event.recorded_at);
    let message = || plan.messages.first().map(|message| message.created_at);
    let answer = || plan.idempotency.as_ref().map(|record| record.created_at);
    event.or_else(message).or_else(answer)
}
