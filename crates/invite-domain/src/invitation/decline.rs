//! Decline and the request for a new link: what else the holder of a link may do (rules 4.7, 4.9).

use super::{
    AdministrationChange, Channel, Context, Delivery, DeliveryState, EventKind, Fact, Guard, Invitation,
    InvitationChange, LiveKey, Plan, Proof, Reason, Recipient, Rejection, State,
    context::same_epoch,
    issue::free_code,
    judge::{covered, judge},
    limit::of_messages,
};
use crate::{
    access::Actor,
    port::RedemptionFacts,
    secret::{keyring::KeyRing, token::Provenance},
    time::seconds,
};

/// What a decline decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeclineDecided {
    /// What has to be written.
    pub plan: Plan,
    /// Whether the organisation is blocked with it.
    pub blocked: bool,
}

/// Decides on a decline. A suspended invitation can be declined: to say no needs nobody's authority.
///
/// The block speaks for a mailbox or a phone, so only a link that was sent there can set it; a copied one declines without
/// it.
///
/// # Errors
/// As [`judge`], but for suspension.
pub fn decline(
    facts: &RedemptionFacts,
    proof: &Proof,
    block: bool,
    ring: &KeyRing,
    ctx: &Context<'_>,
) -> Result<DeclineDecided, Rejection> {
    match judge(facts, proof, ring, ctx.now) {
        Ok(()) | Err(Rejection::Suspended { .. }) => {}
        Err(rejection) => return Err(rejection),
    }
    let blocks = if block { blocked_keys(facts, proof) } else { Vec::new() };
    let blocked = !blocks.is_empty();
    let old = &facts.record.invitation;
    let invitation = Invitation {
        state: State::Declined { at: ctx.now, blocked },
        nonce: None,
        code_index: None,
        live_key: None,
        version: old.version + 1,
        ..old.clone()
    };
    let actor = Actor::invitee(facts.caller.as_ref().map(|caller| caller.account.id));
    let event =
        ctx.invitation_event(&invitation, EventKind::InvitationDeclined, actor, [("blocked", Fact::Flag(blocked))]);
    let block = |key| AdministrationChange::Block(old.organization_id, key, ctx.now);
    let plan = Plan {
        guards: vec![Guard::InvitationAt(old.id, old.version)],
        invitations: vec![InvitationChange::Update(Box::new(invitation))],
        cancel_messages: vec![(old.id, Reason::InvitationEnded)],
        administration: blocks.into_iter().map(block).collect(),
        events: vec![event],
        ..Plan::default()
    };
    Ok(DeclineDecided { plan, blocked })
}

/// What a holder of this proof can block: the recipient and, where that is a record, the mailbox or phone the message
/// went to, so that no other invitation reaches it either. What was neither mailed nor texted speaks for nobody.
fn blocked_keys(facts: &RedemptionFacts, proof: &Proof) -> Vec<LiveKey> {
    let recipient = &facts.record.invitation.recipient;
    let reached = match proof {
        Proof::Token(token) => match token.provenance() {
            Provenance::Mailed => recipient.email().cloned().map(Recipient::Email),
            Provenance::Texted => recipient.phone().cloned().map(Recipient::Phone),
            Provenance::Revealed | Provenance::Answer | Provenance::Export => None,
        },
        Proof::Code(_) => None,
    };
    let Some(reached) = reached else { return Vec::new() };
    let mut keys = vec![recipient.live_key(), reached.live_key()];
    keys.dedup();
    keys
}

/// Decides on sending the link again to the stored address: the same generation while that is live, a new one once it has
/// expired. `None` where there is nothing to send: the asker is answered alike (rule 4.9).
///
/// The gate has shown that the token was ours; more is not needed, for the answer goes to the invited mailbox alone.
/// `channels` are the ways it takes; as it was sent before where `None`.
pub fn new_link(
    facts: &RedemptionFacts,
    proof: &Proof,
    channels: Option<&[Channel]>,
    ctx: &Context<'_>,
) -> Option<Plan> {
    let old = &facts.record.invitation;
    let ours = proof.generation(old) <= old.generation;
    // Asking is also how the holder of a link that was never sent gets one.
    let channels = match channels {
        Some(channels) => channels.to_vec(),
        None if old.channels.is_empty() => old.recipient.channels(),
        None => old.channels.clone(),
    };
    let waits = |delivery: &Delivery| delivery.state == DeliveryState::Queued && channels.contains(&delivery.channel);
    let waiting = facts.record.deliveries.iter().any(waits);
    let too_many = ctx.bounds.messages_possible_at(&facts.messages, channels.len(), ctx.now).is_some();
    if !ours || old.state != State::Pending || !covered(facts, ctx.now) || facts.blocked || too_many {
        return None;
    }
    let mut plan = Plan {
        guards: vec![same_epoch(&facts.organization), Guard::InvitationAt(old.id, old.version)],
        ..Plan::default()
    };
    let mut invitation = Invitation { version: old.version + 1, ..old.clone() };
    if !old.is_live(ctx.now) {
        if let Some(other) = &facts.other_holder {
            plan.guards.push(Guard::InvitationAt(other.id, other.version));
            let released = Invitation { live_key: None, version: other.version + 1, ..other.clone() };
            plan.invitations.push(InvitationChange::Update(Box::new(released)));
        }
        let default = ctx.expiry(&facts.organization, &old.recipient, None).ok()?;
        plan.limits = ctx.limits_of_revival(&facts.organization, old);
        ctx.regenerate(&mut invitation, default.max(old.expires_at + seconds(1))).ok()?;
        plan.guards.extend(free_code(&invitation));
        plan.cancel_messages.push((old.id, Reason::Overtaken));
    } else if waiting {
        // The message is on its way; a second one would say the same.
        return None;
    }
    let data = [("generation", Fact::Number(invitation.generation.into())), ("by_invitee", Fact::Flag(true))];
    plan.events.push(ctx.invitation_event(&invitation, EventKind::InvitationResent, Actor::invitee(None), data));
    plan.messages = ctx.messages(&invitation, &channels, false);
    plan.limits.extend(of_messages(&facts.organization, &invitation.recipient, &plan.messages, ctx.bounds, ctx.now));
    plan.invitations.push(InvitationChange::Update(Box::new(invitation)));
    Some(plan)
}
