//! Revoke: an authorised person withdraws an invitation (rule 4.6).

use super::{
    Context, Event, EventKind, Fact, Guard, Invitation, InvitationChange, Plan, Reason, Rejection, State, Status,
    context::{establish, require, same_epoch},
    issue::{Decided, IssueResult},
    resend::check_version,
};
use crate::{
    access::{Actor, permission},
    directory::erasure::ERASED,
    port::{InvitationFacts, InvitationRecord},
};

/// Withdraw an invitation.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Revoke {
    /// Why, in the words of who does it.
    pub reason: Option<String>,
    /// The version the caller read; any where `None`.
    pub if_match: Option<i64>,
}

/// Decides on a revocation. Revoking a revoked one changes nothing. There is no ceiling: to take back needs less than to
/// give.
///
/// # Errors
/// A redeemed or declined invitation cannot be withdrawn any more; the membership it made is not touched.
pub fn revoke(facts: &InvitationFacts, command: &Revoke, ctx: &Context<'_>) -> Result<Decided, Rejection> {
    let authority = establish(&facts.actor, &facts.organization, ctx.now)?;
    require(&authority, permission::INVITATIONS_REVOKE)?;
    let record = facts.record.as_ref().ok_or(Rejection::NotFound)?;
    let old = &record.invitation;
    let unchanged = || Decided { plan: None, record: record.clone(), result: IssueResult::Returned, shown: false };
    match old.state {
        State::Revoked { .. } => return Ok(unchanged()),
        State::Redeemed { .. } => return Err(Rejection::Ended(Status::Redeemed)),
        State::Declined { .. } => return Err(Rejection::Ended(Status::Declined)),
        State::Pending => check_version(old, command.if_match)?,
    }
    let (invitation, event) = revoked(old, authority.actor(), command.reason.as_deref(), ctx);
    let plan = Plan {
        guards: vec![same_epoch(&facts.organization), Guard::InvitationAt(old.id, old.version)],
        invitations: vec![InvitationChange::Update(Box::new(invitation.clone()))],
        cancel_messages: vec![(old.id, Reason::InvitationEnded)],
        events: vec![event],
        ..Plan::default()
    };
    let record = InvitationRecord {
        deliveries: super::resend::cancelled(&record.deliveries, Reason::InvitationEnded, ctx.now),
        invitation,
        ..record.clone()
    };
    Ok(Decided { plan: Some(plan), record, result: IssueResult::Returned, shown: false })
}

/// The reasons that are ours: a new invitation took its place; the record it was for was deleted or moved away from the
/// address it went to; the person it was for was erased; the operator made its link dead.
pub(crate) const OWN_REASONS: [&str; 5] = ["replaced", "subject_deleted", "address_changed", ERASED, INVALIDATED];

/// Why invitations are revoked whose links an operator makes dead, after a backup was restored for instance.
pub const INVALIDATED: &str = "invalidated";

/// The invitation, withdrawn, and what the trail says of it.
pub(crate) fn revoked(old: &Invitation, by: Actor, reason: Option<&str>, ctx: &Context<'_>) -> (Invitation, Event) {
    let invitation = Invitation {
        state: State::Revoked { at: ctx.now, by, reason: reason.map(str::to_owned) },
        nonce: None,
        code_index: None,
        live_key: None,
        version: old.version + 1,
        ..old.clone()
    };
    // A reason somebody typed may name a person; only our own words go into the trail.
    let ours = reason.filter(|reason| OWN_REASONS.contains(reason));
    let data = ours.map(|reason| ("reason", Fact::from(reason)));
    let event = ctx.invitation_event(&invitation, EventKind::InvitationRevoked, by, data);
    (invitation, event)
}
