//! Sponsor and reveal: take over a suspended invitation; show a link (rules 6.4, 7.4).

use super::{
    Context, EventKind, Guard, Plan, Rejection, Status,
    context::{CameFrom, ceiling, ceiling_of_link, establish, require, same_epoch},
    issue::{Decided, still_covered},
    resend::{Situation, check_version, next_expiry, next_generation, open},
};
use crate::{
    access::{Authority, permission},
    directory::Organization,
    port::{InvitationFacts, InvitationRecord},
};

/// Decides on taking over a suspended invitation: a new generation with the caller as its inviter. One that also expired while
/// nobody stood behind it can be taken over too. With `if_match` only where it has this version still.
///
/// # Errors
/// Where it is not suspended, where it has ended, and where the caller could not give what it grants either;
/// `VersionMismatch` where somebody else changed it since.
pub fn sponsor(facts: &InvitationFacts, if_match: Option<i64>, ctx: &Context<'_>) -> Result<Decided, Rejection> {
    let authority = establish(&facts.actor, &facts.organization, ctx.now)?;
    require(&authority, permission::INVITATIONS_SPONSOR)?;
    let situation = Situation::of(facts, &authority)?;
    let old = situation.invitation();
    open(old)?;
    check_version(old, if_match)?;
    if still_covered(situation.record) {
        return Err(Rejection::NotSuspended);
    }
    if old.grant.role_id.is_some() && situation.record.role.is_none() {
        // The role is gone: there is nothing left that anybody could give. Amending it names another one.
        return Err(Rejection::Suspended { organization_name: None });
    }
    ceiling(&authority, &old.grant, situation.record.role.as_ref())?;
    let mut invitation = old.clone();
    invitation.inviter = authority.inviter();
    let expires_at = next_expiry(&facts.organization, old, None, ctx)?;
    let event = (EventKind::InvitationSponsored, Vec::new());
    let mut decided = next_generation(&situation, invitation, expires_at, event, ctx)?;
    decided.record.inviter = facts.actor.clone();
    Ok(decided)
}

/// Decides on showing an invitation's link: it is an event, and nobody sees a link to more than he holds himself.
///
/// # Errors
/// Where the permission or the ceiling is missing, and where there is no live link to show.
pub fn reveal(facts: &InvitationFacts, ctx: &Context<'_>) -> Result<Plan, Rejection> {
    let authority = establish(&facts.actor, &facts.organization, ctx.now)?;
    let record = facts.record.as_ref().ok_or(Rejection::NotFound)?;
    shown(&facts.organization, &authority, record, CameFrom::Unknown, ctx)
}

/// The same for facts that came with another use case.
pub(super) fn shown(
    organization: &Organization,
    authority: &Authority,
    record: &InvitationRecord,
    came: CameFrom<'_>,
    ctx: &Context<'_>,
) -> Result<Plan, Rejection> {
    may_see_link(authority, record, came)?;
    let invitation = &record.invitation;
    match record.status(ctx.now) {
        Status::Pending => {}
        Status::Suspended => return Err(Rejection::Suspended { organization_name: None }),
        ended => return Err(Rejection::Ended(ended)),
    }
    Ok(Plan {
        guards: vec![same_epoch(organization), Guard::InvitationAt(invitation.id, invitation.version)],
        events: vec![ctx.invitation_event(invitation, EventKind::InvitationRevealed, authority.actor(), [])],
        ..Plan::default()
    })
}

/// Whether the caller may see the link of this invitation: the permission, and nothing it opens that he lacks himself.
///
/// # Errors
/// Names what is missing.
pub fn may_see_link(authority: &Authority, record: &InvitationRecord, came: CameFrom<'_>) -> Result<(), Rejection> {
    require(authority, permission::INVITATIONS_REVEAL)?;
    ceiling_of_link(authority, record, came)
}
