//! Judging a link: what its holder may be told, and whether it still opens anything (rules 2.1, 5.8, 7.2).

use super::{DeadLink, DeadReason, Invitation, Rejection, State, Status};
use crate::{
    port::RedemptionFacts,
    secret::{keyring::KeyRing, token::ParsedToken},
    time::Timestamp,
};

/// Judges a token whose gate held against the invitation it names.
///
/// Of an ended or superseded invitation the nonce is gone: there the gate alone has shown that the token was ours, and
/// the refusal is explained. For the present generation the tag decides.
///
/// # Errors
/// `NotGenuine`, alike for every token that is not ours; else why the link is no longer good.
pub fn judge(facts: &RedemptionFacts, token: &ParsedToken, ring: &KeyRing, now: Timestamp) -> Result<(), Rejection> {
    let invitation = &facts.record.invitation;
    if token.generation() > invitation.generation {
        return Err(Rejection::NotGenuine);
    }
    if let Some(reason) = ended(invitation) {
        return Err(dead(facts, reason, invitation.state.ended_at().unwrap_or(invitation.generated_at), false));
    }
    if token.generation() < invitation.generation {
        return Err(dead(facts, DeadReason::Superseded, invitation.generated_at, covered(facts, now)));
    }
    if !is_ours(invitation, token, ring) {
        return Err(Rejection::NotGenuine);
    }
    match facts.record.status(now) {
        Status::Expired => Err(dead(facts, DeadReason::Expired, invitation.expires_at, covered(facts, now))),
        Status::Exhausted => Err(dead(facts, DeadReason::Exhausted, invitation.generated_at, false)),
        Status::Suspended => Err(Rejection::Suspended { organization_name: Some(facts.organization.name.clone()) }),
        Status::Pending => Ok(()),
        Status::Redeemed | Status::Declined | Status::Revoked => Err(Rejection::NotGenuine),
    }
}

/// Compares the tag in constant time, and the digest with the grant as it stands: a grant that was changed behind our back
/// opens nothing (rule 7.1).
fn is_ours(invitation: &Invitation, token: &ParsedToken, ring: &KeyRing) -> bool {
    let genuine = invitation.token_binding().is_some_and(|binding| token.verify(ring, &binding));
    genuine && invitation.compute_grant_digest() == invitation.grant_digest
}

fn ended(invitation: &Invitation) -> Option<DeadReason> {
    match invitation.state {
        State::Pending => None,
        State::Redeemed { .. } => Some(DeadReason::Redeemed),
        State::Declined { .. } => Some(DeadReason::Declined),
        State::Revoked { .. } => Some(DeadReason::Revoked),
    }
}

/// Whether a new link could be sent at all: somebody still stands behind the invitation, and nobody else took its place.
pub(super) fn covered(facts: &RedemptionFacts, now: Timestamp) -> bool {
    let displaced = facts.other_holder.as_ref().is_some_and(|other| other.is_live(now));
    super::issue::still_covered(&facts.record) && !displaced
}

fn dead(facts: &RedemptionFacts, reason: DeadReason, since: Timestamp, can_request_new: bool) -> Rejection {
    let organization_name = facts.organization.name.clone();
    Rejection::Dead(DeadLink { reason, organization_name, since, can_request_new })
}
