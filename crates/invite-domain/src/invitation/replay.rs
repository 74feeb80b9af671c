//! Replay: a message that was given up is queued again (rule 8.2).

use super::{
    Context, EventKind, Fact, Guard, Plan, Rejection,
    context::{establish, require, same_epoch},
    message::DeadLetter,
    resend::open,
};
use crate::{access::permission, port::InvitationFacts};

/// Decides on taking a dead letter up again. Whether it is still wanted is decided where every message is, before it is
/// sent: one that was overtaken meanwhile is cancelled then.
///
/// There is no limit of its own: the message counted when it was made (rule 4.4), and it is given up only where it reached
/// nobody. It carries the same `Message-ID`, in case somebody was told otherwise.
///
/// # Errors
/// Where the permission is missing, and a distinct one for a redeemed, declined and revoked invitation.
pub fn replay(facts: &InvitationFacts, letter: &DeadLetter, ctx: &Context<'_>) -> Result<Plan, Rejection> {
    let authority = establish(&facts.actor, &facts.organization, ctx.now)?;
    require(&authority, permission::DEAD_LETTERS_REPLAY)?;
    let record = facts.record.as_ref().ok_or(Rejection::NotFound)?;
    let invitation = &record.invitation;
    open(invitation)?;
    let data = [("channel", Fact::from(letter.channel.name())), ("reason", Fact::from(letter.reason.name()))];
    Ok(Plan {
        guards: vec![same_epoch(&facts.organization), Guard::InvitationAt(invitation.id, invitation.version)],
        replay_messages: vec![(letter.id, ctx.now)],
        events: vec![ctx.invitation_event(invitation, EventKind::InvitationDeliveryReplayed, authority.actor(), data)],
        ..Plan::default()
    })
}
