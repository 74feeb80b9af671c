//! Revoke: an authorised person withdraws an invitation (rule 4.6).

use super::{
    Context, Event, EventKind, Fact, Guard, Invitation, InvitationChange, Plan, Reason, Rejection, State, Status,
    context::{establish, require, same_epoch},
    issue::{Decided, IssueResult},
    resend::check_version,
};
use crate::{
    access::{Actor, permission},
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
    let unchanged = || Decided { plan: None, record: record.clone(), result: IssueResult::Returned };
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
    Ok(Decided { plan: Some(plan), record, result: IssueResult::Returned })
}

/// The invitation, withdrawn, and what the trail says of it.
pub(super) fn revoked(old: &Invitation, by: Actor, reason: Option<&str>, ctx: &Context<'_>) -> (Invitation, Event) {
    let invitation = Invitation {
        state: State::Revoked { at: ctx.now, by, reason: reason.map(str::to_owned) },
        nonce: None,
        live_key: None,
        version: old.version + 1,
        ..old.clone()
    };
    // A reason somebody typed may name a person; only our own word goes into the trail.
    let replaced = reason == Some("replaced");
    let data = replaced.then(|| ("reason", Fact::from("replaced")));
    let event = ctx.invitation_event(&invitation, EventKind::InvitationRevoked, by, data);
    (invitation, event)
}
