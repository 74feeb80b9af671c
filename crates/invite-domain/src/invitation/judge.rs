//! Judging a link or a code: what its holder may be told, and whether it still opens anything (rules 2.1, 5.8, 7.2).

use super::{DeadLink, DeadReason, Invitation, Rejection, State, Status};
use crate::{
    port::RedemptionFacts,
    secret::{
        code::TypedCode,
        keyring::KeyRing,
        token::{ParsedToken, Provenance, TokenBinding},
    },
    time::Timestamp,
};

/// What somebody shows to be let in.
#[derive(Clone, Debug)]
pub enum Proof {
    /// The token of a link, whose gate held.
    Token(ParsedToken),
    /// A short code, as it was typed.
    Code(TypedCode),
}

impl From<ParsedToken> for Proof {
    fn from(token: ParsedToken) -> Self {
        Self::Token(token)
    }
}

impl Proof {
    /// Whether it shows that the invited mailbox was read (rule 7.3).
    pub fn is_mailed(&self) -> bool {
        matches!(self, Self::Token(token) if token.provenance() == Provenance::Mailed)
    }

    /// How it left us, in one word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Token(token) => token.provenance().name(),
            Self::Code(_) => "code",
        }
    }

    /// The generation it is of. A code is found by the index of the present one alone.
    pub fn generation(&self, invitation: &Invitation) -> u16 {
        match self {
            Self::Token(token) => token.generation(),
            Self::Code(_) => invitation.generation,
        }
    }

    fn verify(&self, ring: &KeyRing, binding: &TokenBinding<'_>) -> bool {
        match self {
            Self::Token(token) => token.verify(ring, binding),
            Self::Code(code) => code.verify(ring, binding),
        }
    }

    /// The work of verifying for an invitation that does not exist, so that its absence takes no less time.
    pub fn verify_dummy(&self, ring: &KeyRing) {
        match self {
            Self::Token(token) => token.verify_dummy(ring),
            Self::Code(code) => code.verify_dummy(ring),
        };
    }
}

/// Judges what somebody shows against the invitation it leads to.
///
/// Of an ended or superseded invitation the nonce is gone: there the gate of a token alone has shown that it was ours, and
/// the refusal is explained. For the present generation the tag decides. A code has no gate, so nothing is explained to
/// the holder of one that is not the present one.
///
/// # Errors
/// `NotGenuine`, alike for everything that is not ours; else why the link is no longer good.
pub fn judge(facts: &RedemptionFacts, proof: &Proof, ring: &KeyRing, now: Timestamp) -> Result<(), Rejection> {
    let invitation = &facts.record.invitation;
    let by_code = matches!(proof, Proof::Code(_));
    if proof.generation(invitation) > invitation.generation || (by_code && !is_ours(invitation, proof, ring)) {
        return Err(Rejection::NotGenuine);
    }
    if let Some(reason) = ended(invitation) {
        return Err(dead(facts, reason, invitation.state.ended_at().unwrap_or(invitation.generated_at), false));
    }
    if proof.generation(invitation) < invitation.generation {
        return Err(dead(facts, DeadReason::Superseded, invitation.generated_at, covered(facts, now)));
    }
    if !is_ours(invitation, proof, ring) {
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
fn is_ours(invitation: &Invitation, proof: &Proof, ring: &KeyRing) -> bool {
    let genuine = invitation.token_binding().is_some_and(|binding| proof.verify(ring, &binding));
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
    let organization = &facts.organization;
    let locale = facts.record.invitation.locale.as_ref().or(organization.locale.as_ref());
    Rejection::Dead(DeadLink {
        reason,
        organization_name: organization.name.clone(),
        time_zone: organization.time_zone.clone(),
        locale: locale.cloned(),
        since,
        can_request_new,
    })
}
