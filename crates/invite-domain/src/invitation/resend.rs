//! Resend and extend: the same invitation again, under a new link or for longer (rules 4.1 to 4.5).

use super::{
    Channel, Context, Delivery, DeliveryState, Event, EventKind, Fact, FieldCode, Guard, Invitation, InvitationChange,
    OutboxMessage, Plan, Reason, Rejection, State, Status, UniqueKey,
    context::{CameFrom, ceiling, check_words, establish, require, same_epoch, same_version},
    issue::{Decided, IssueResult, Reveal, free_code, still_covered},
    limit::of_messages,
    sponsor::may_see_link,
};
use crate::{
    access::{Authority, permission},
    directory::Organization,
    port::{InvitationFacts, InvitationRecord},
    time::{Timestamp, seconds},
};

/// Send an invitation again under a new generation.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Resend {
    /// Another language from now on.
    pub locale: Option<String>,
    /// Other channels from now on; empty makes a new link and sends nothing.
    pub channels: Option<Vec<Channel>>,
    /// Seconds it lives from now.
    pub expires_in: Option<i64>,
    /// Whether the answer carries the link (rule 3.5).
    pub reveal: Reveal,
    /// The version the caller read; any where `None`.
    pub if_match: Option<i64>,
}

/// What a decision on an invitation that exists rests on.
pub(super) struct Situation<'a> {
    pub(super) organization: &'a Organization,
    pub(super) authority: &'a Authority,
    pub(super) record: &'a InvitationRecord,
    pub(super) came: CameFrom<'a>,
    pub(super) other_holder: Option<&'a Invitation>,
    pub(super) messages: &'a [Timestamp],
    pub(super) blocked: bool,
}

impl<'a> Situation<'a> {
    pub(super) fn of(facts: &'a InvitationFacts, authority: &'a Authority) -> Result<Self, Rejection> {
        Ok(Self {
            organization: &facts.organization,
            authority,
            record: facts.record.as_ref().ok_or(Rejection::NotFound)?,
            came: CameFrom::Unknown,
            other_holder: facts.other_holder.as_ref(),
            messages: &facts.messages,
            blocked: facts.blocked,
        })
    }

    pub(super) fn invitation(&self) -> &'a Invitation {
        &self.record.invitation
    }

    /// The ceiling for what the invitation grants now, where somebody else than its inviter acts (rule 6.2).
    pub(super) fn ceiling_for_others(&self) -> Result<(), Rejection> {
        if self.invitation().inviter == self.authority.inviter() {
            return Ok(());
        }
        ceiling(self.authority, &self.invitation().grant, self.record.role.as_ref())
    }

    /// Refuses one message too many: there is one a channel (rule 4.4).
    pub(super) fn may_send(&self, channels: &[Channel], ctx: &Context<'_>) -> Result<(), Rejection> {
        if channels.is_empty() || self.blocked {
            return Ok(());
        }
        match ctx.bounds.messages_possible_at(self.messages, channels.len(), ctx.now) {
            Some(possible_at) => Err(Rejection::TooManyMessages { possible_at }),
            None => Ok(()),
        }
    }
}

/// Decides on a resend.
///
/// # Errors
/// A distinct one for a redeemed, declined and revoked invitation; `AlreadyInvited` where the recipient has another live one by
/// now; `Suspended` where the inviter could not give it any more.
pub fn resend(facts: &InvitationFacts, command: &Resend, ctx: &Context<'_>) -> Result<Decided, Rejection> {
    let authority = establish(&facts.actor, &facts.organization, ctx.now)?;
    decide(&Situation::of(facts, &authority)?, command, ctx)
}

/// The same for facts that came with another use case.
pub(super) fn decide(situation: &Situation<'_>, command: &Resend, ctx: &Context<'_>) -> Result<Decided, Rejection> {
    require(situation.authority, permission::INVITATIONS_RESEND)?;
    let shown = command
        .reveal
        .decide(situation.authority, || may_see_link(situation.authority, situation.record, situation.came))?;
    let old = situation.invitation();
    open(old)?;
    check_version(old, command.if_match)?;
    lasting(situation)?;
    situation.ceiling_for_others()?;
    check_words(None, command.locale.as_deref())?;
    let mut invitation = old.clone();
    if let Some(locale) = &command.locale {
        invitation.locale = Some(locale.clone());
    }
    if let Some(channels) = &command.channels {
        super::issue::check_channels(channels, &old.recipient)?;
        invitation.channels.clone_from(channels);
    }
    let expires_at = next_expiry(situation.organization, old, command.expires_in, ctx)?;
    let event = (EventKind::InvitationResent, vec![("link_shown", Fact::Flag(shown))]);
    let decided = next_generation(situation, invitation, expires_at, event, ctx)?;
    Ok(Decided { shown, ..decided })
}

/// When a new generation expires (rule 4.2): as asked or by default, and never before the old one.
pub(super) fn next_expiry(
    organization: &Organization,
    old: &Invitation,
    expires_in: Option<i64>,
    ctx: &Context<'_>,
) -> Result<Timestamp, Rejection> {
    let wanted = ctx.expiry(organization, &old.recipient, expires_in)?;
    if expires_in.is_some() && wanted < old.expires_at {
        return Err(too_early(old));
    }
    Ok(wanted.max(old.expires_at + seconds(1)))
}

fn too_early(old: &Invitation) -> Rejection {
    let detail = format!("the invitation is good until {} already; choose a later end", old.expires_at.to_rfc3339());
    Rejection::field("/expires_in", FieldCode::OutOfRange, detail)
}

/// The plan that gives an invitation its next generation and sends it.
pub(super) fn next_generation(
    situation: &Situation<'_>,
    mut invitation: Invitation,
    expires_at: Timestamp,
    (kind, data): (EventKind, Vec<(&'static str, Fact)>),
    ctx: &Context<'_>,
) -> Result<Decided, Rejection> {
    situation.may_send(&invitation.channels, ctx)?;
    let old = situation.invitation();
    let mut plan = revival(situation, ctx)?;
    ctx.regenerate(&mut invitation, expires_at)?;
    plan.guards.extend(free_code(&invitation));
    invitation.version = old.version + 1;
    plan.cancel_messages.push((invitation.id, Reason::Overtaken));
    plan.messages = ctx.messages(&invitation, &invitation.channels, situation.blocked);
    plan.limits.extend(of_messages(situation.organization, &invitation.recipient, &plan.messages, ctx.bounds, ctx.now));
    let mut data = data;
    data.push(("generation", Fact::Number(invitation.generation.into())));
    plan.events.push(ctx.invitation_event(&invitation, kind, situation.authority.actor(), data));
    plan.invitations.push(InvitationChange::Update(Box::new(invitation.clone())));
    let deliveries = latest(&situation.record.deliveries, &plan.messages, ctx.now);
    let record = InvitationRecord { invitation, deliveries, ..situation.record.clone() };
    Ok(Decided { plan: Some(plan), record, result: IssueResult::Resent, shown: false })
}

/// Guards and limits of a change that keeps an invitation alive or brings it back, and the release of its live key by an expired
/// one that took it (rule 4.3).
pub(super) fn revival(situation: &Situation<'_>, ctx: &Context<'_>) -> Result<Plan, Rejection> {
    let old = situation.invitation();
    let mut plan = Plan {
        guards: vec![same_epoch(situation.organization), Guard::InvitationAt(old.id, old.version)],
        limits: ctx.limits_of_revival(situation.organization, old),
        ..Plan::default()
    };
    if let Some(other) = situation.other_holder {
        if other.is_live(ctx.now) {
            return Err(Rejection::AlreadyInvited { invitation_id: other.id });
        }
        plan.guards.push(Guard::InvitationAt(other.id, other.version));
        let released = Invitation { live_key: None, version: other.version + 1, ..other.clone() };
        plan.invitations.push(InvitationChange::Update(Box::new(released)));
    } else if old.live_key.is_none() {
        plan.guards.push(Guard::Free(UniqueKey::Live(old.organization_id, old.recipient.live_key())));
    }
    Ok(plan)
}

/// Decides on moving the expiry alone, `expires_in` seconds from now (rule 4.5). The link stays the same. With `if_match`
/// only where the invitation has this version still.
///
/// # Errors
/// As for a resend; also where the new end is not later than the old one.
pub fn extend(
    facts: &InvitationFacts,
    expires_in: i64,
    if_match: Option<i64>,
    ctx: &Context<'_>,
) -> Result<Decided, Rejection> {
    let authority = establish(&facts.actor, &facts.organization, ctx.now)?;
    require(&authority, permission::INVITATIONS_AMEND)?;
    let situation = Situation::of(facts, &authority)?;
    let old = situation.invitation();
    open(old)?;
    check_version(old, if_match)?;
    lasting(&situation)?;
    situation.ceiling_for_others()?;
    let expires_at = ctx.expiry(&facts.organization, &old.recipient, Some(expires_in))?;
    if expires_at <= old.expires_at {
        return Err(too_early(old));
    }
    let mut plan = revival(&situation, ctx)?;
    let invitation = Invitation {
        expires_at,
        version: old.version + 1,
        live_key: Some(old.recipient.live_key()),
        reminder_noted: old.reminder_noted_until(expires_at, ctx.now),
        ..old.clone()
    };
    plan.events.push(extended_event(&invitation, &authority, ctx));
    plan.invitations.push(InvitationChange::Update(Box::new(invitation.clone())));
    let record = InvitationRecord { invitation, ..situation.record.clone() };
    Ok(Decided { plan: Some(plan), record, result: IssueResult::Returned, shown: false })
}

fn extended_event(invitation: &Invitation, authority: &Authority, ctx: &Context<'_>) -> Event {
    let until = Fact::Text(invitation.expires_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true));
    ctx.invitation_event(invitation, EventKind::InvitationExtended, authority.actor(), [("expires_at", until)])
}

/// Refuses what nobody stands behind any more (rule 6.4): more time makes it no better, and one that came back from its expiry
/// would come back suspended. Somebody may sponsor it.
pub(super) fn lasting(situation: &Situation<'_>) -> Result<(), Rejection> {
    if still_covered(situation.record) { Ok(()) } else { Err(Rejection::Suspended { organization_name: None }) }
}

/// Refuses an invitation that has ended, each end in its own words (rule 4.3).
pub(super) fn open(invitation: &Invitation) -> Result<(), Rejection> {
    match invitation.state {
        State::Pending => Ok(()),
        State::Redeemed { .. } => Err(Rejection::Ended(Status::Redeemed)),
        State::Declined { .. } => Err(Rejection::Ended(Status::Declined)),
        State::Revoked { .. } => Err(Rejection::Ended(Status::Revoked)),
    }
}

/// Refuses a command that was made for another version.
pub(super) fn check_version(invitation: &Invitation, if_match: Option<i64>) -> Result<(), Rejection> {
    same_version(invitation.version, if_match)
}

/// The deliveries an invitation shows once these messages are added to what it showed.
pub(super) fn latest(shown: &[Delivery], added: &[OutboxMessage], now: Timestamp) -> Vec<Delivery> {
    let mut deliveries = cancelled(shown, Reason::Overtaken, now);
    for message in added {
        deliveries.retain(|delivery| delivery.channel != message.channel);
        deliveries.push(message.into());
    }
    deliveries.sort_by_key(|delivery| delivery.channel);
    deliveries
}

/// The deliveries an invitation shows once those still queued are cancelled.
pub(super) fn cancelled(shown: &[Delivery], reason: Reason, now: Timestamp) -> Vec<Delivery> {
    let cancel = |delivery: &Delivery| match delivery.state {
        DeliveryState::Queued => Delivery {
            state: DeliveryState::Cancelled,
            reason: Some(reason),
            at: now,
            next_attempt_at: None,
            ..delivery.clone()
        },
        _ => delivery.clone(),
    };
    shown.iter().map(cancel).collect()
}
