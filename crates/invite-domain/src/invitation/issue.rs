//! Issue: make an invitation (rules part 3).

use super::{
    Channel, Context, EventKind, Fact, FieldCode, Guard, Invitation, InvitationChange, Plan, Reason, Recipient,
    Rejection, State, SubjectRecipient, UniqueKey,
    context::{CameFrom, ceiling, check_words, establish, require, same_epoch},
    lifecycle::is_covered,
    limit::of_messages,
    resend::{self, Resend},
    revoke, sponsor,
};
use crate::{
    access::{Authority, Grant, permission},
    directory::SubjectKind,
    id::InvitationId,
    port::{AccountFacts, InvitationRecord, IssueFacts, SubjectFacts},
    secret::token::{GrantDigest, Nonce},
    time::Timestamp,
};

/// What to do where the recipient has a live invitation already (rule 3.2).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum OnConflict {
    /// Refuse, naming the first.
    #[default]
    Error,
    /// Answer the first.
    Return,
    /// Send the first again.
    Resend,
    /// Revoke the first, reason `replaced`, and make a new one.
    Replace,
    /// Refuse, naming the first; but an expired one, which is in nobody's way, is revoked as replaced instead of staying
    /// in the list beside the new one.
    ReplaceExpired,
}

/// Make an invitation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issue {
    /// Whom for.
    pub recipient: Recipient,
    /// What a redemption gives.
    pub grant: Grant,
    /// Seconds it lives; the organisation's or operator's default where `None`.
    pub expires_in: Option<i64>,
    /// How it is sent; by what the recipient allows where `None`, not at all where empty.
    pub channels: Option<Vec<Channel>>,
    /// The language to write in (a BCP 47 tag).
    pub locale: Option<String>,
    /// What the inviter adds, as plain text.
    pub message: Option<String>,
    /// Where a success may lead; the adapter that knows the operator's allowed destinations has checked it.
    pub redirect_url: Option<String>,
    /// What to do where there is a live one already.
    pub on_conflict: OnConflict,
    /// Whether the answer carries link and code (rule 3.5).
    pub reveal: Reveal,
}

/// Whether an answer carries the invitation's link and code (rule 3.5).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Reveal {
    /// No.
    #[default]
    No,
    /// Yes; a caller who may not see them is refused.
    Asked,
    /// Where the caller may see them; else the answer goes without.
    WherePermitted,
}

impl Reveal {
    /// Whether the answer carries them, where `may_see` holds the caller to what it takes.
    pub(super) fn decide(
        self,
        authority: &Authority,
        may_see: impl FnOnce() -> Result<(), Rejection>,
    ) -> Result<bool, Rejection> {
        let permitted = require(authority, permission::INVITATIONS_REVEAL).and_then(|()| may_see());
        match self {
            Self::No => Ok(false),
            Self::Asked => permitted.map(|()| true),
            Self::WherePermitted => Ok(permitted.is_ok()),
        }
    }
}

impl Issue {
    /// An invitation of this recipient with this grant, everything else as usual.
    pub fn new(recipient: Recipient, grant: Grant) -> Self {
        Self {
            recipient,
            grant,
            expires_in: None,
            channels: None,
            locale: None,
            message: None,
            redirect_url: None,
            on_conflict: OnConflict::Error,
            reveal: Reveal::No,
        }
    }
}

/// What an issue or a resend came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IssueResult {
    /// A new invitation.
    Issued,
    /// The live one there was.
    Returned,
    /// The live one there was, sent again.
    Resent,
    /// A new one in the place of the live one.
    Replaced,
}

impl IssueResult {
    /// The word in idempotency records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Returned => "returned",
            Self::Resent => "resent",
            Self::Replaced => "replaced",
        }
    }

    /// The result of this word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Issued, Self::Returned, Self::Resent, Self::Replaced].into_iter().find(|result| result.name() == name)
    }
}

/// What a rule decided on an invitation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    /// What has to be written; `None` changes nothing.
    pub plan: Option<Plan>,
    /// The invitation as it is once the plan is written.
    pub record: InvitationRecord,
    /// What it came to.
    pub result: IssueResult,
    /// Whether the answer carries link and code.
    pub shown: bool,
}

/// Decides on an issue.
///
/// # Errors
/// Every refusal of rules 3.2 to 3.5 and 6.2; nothing is written or sent then.
pub fn issue(facts: &IssueFacts, command: &Issue, ctx: &Context<'_>) -> Result<Decided, Rejection> {
    let authority = establish(&facts.actor, &facts.organization, ctx.now)?;
    require(&authority, permission::INVITATIONS_ISSUE)?;
    let shown = command.reveal.decide(&authority, || Ok(()))?;
    if command.grant.role_id.is_some() && facts.role.is_none() {
        return Err(Rejection::field("/role_id", FieldCode::Invalid, "the organisation has no role of this id"));
    }
    check_words(command.message.as_deref(), command.locale.as_deref())?;
    let recipient = addressed(facts, command)?;
    let channels = match &command.channels {
        Some(channels) => channels.clone(),
        None => recipient.channels(),
    };
    check_channels(&channels, &recipient)?;
    let expires_in = command.expires_in.or_else(|| lifetime(facts, &recipient, ctx));
    let expires_at = ctx.expiry(&facts.organization, &recipient, expires_in)?;
    ceiling(&authority, &command.grant, facts.role.as_ref())?;
    let fresh = |shown| {
        let offer = Offer { recipient: recipient.clone(), channels: channels.clone(), expires_at, shown };
        fresh(facts, command, &authority, offer, ctx)
    };
    let live_holder = facts.holder.as_ref().filter(|holder| holder.invitation.is_live(ctx.now));
    match (live_holder, command.on_conflict) {
        (None, _) => Ok(fresh(shown)),
        (Some(holder), OnConflict::Error | OnConflict::ReplaceExpired) => {
            Err(Rejection::AlreadyInvited { invitation_id: holder.invitation.id })
        }
        (Some(holder), OnConflict::Return) => {
            let came = CameFrom::of(facts.subject.as_ref().and_then(|facts| facts.person.as_ref()));
            let reveal = shown.then(|| sponsor::shown(&facts.organization, &authority, holder, came, ctx)).transpose();
            let plan = match (reveal, command.reveal) {
                (Err(_), Reveal::WherePermitted) => None,
                (reveal, _) => reveal?,
            };
            let shown = plan.is_some();
            Ok(Decided { plan, record: holder.clone(), result: IssueResult::Returned, shown })
        }
        (Some(holder), OnConflict::Resend) => {
            let situation = resend::Situation {
                organization: &facts.organization,
                authority: &authority,
                record: holder,
                came: CameFrom::of(facts.subject.as_ref().and_then(|facts| facts.person.as_ref())),
                other_holder: None,
                messages: &facts.holder_messages,
                blocked: facts.blocked,
            };
            if holder.invitation.recipient != recipient {
                // The record has another address or number by now: sending again is sending there.
                require(&authority, permission::INVITATIONS_RESEND)?;
                situation.ceiling_for_others()?;
                situation.may_send(&channels, ctx)?;
                return Ok(Decided { result: IssueResult::Replaced, ..fresh(shown) });
            }
            let command = Resend {
                locale: command.locale.clone(),
                channels: command.channels.clone(),
                expires_in: command.expires_in,
                reveal: command.reveal,
                if_match: None,
            };
            resend::decide(&situation, &command, ctx)
        }
        (Some(_), OnConflict::Replace) => {
            require(&authority, permission::INVITATIONS_REVOKE)?;
            Ok(Decided { result: IssueResult::Replaced, ..fresh(shown) })
        }
    }
}

/// The recipient with the addresses it has now, where it may be invited at all (rules 3.1, 3.3).
fn addressed(facts: &IssueFacts, command: &Issue) -> Result<Recipient, Rejection> {
    let member = facts.member.as_ref().map(|member| Rejection::AlreadyMember { switched_off: !member.active });
    let Some(id) = command.recipient.subject_id() else {
        return member.map_or_else(|| Ok(command.recipient.clone()), Err);
    };
    let Some(SubjectFacts { subject, person }) = &facts.subject else {
        return Err(Rejection::field("/recipient/subject_id", FieldCode::Invalid, "there is no such record"));
    };
    let recipient = SubjectRecipient { id, email: subject.email.clone(), phone: subject.phone.clone() };
    match subject.may_be_invited(person.is_some() || member.is_some()) {
        Err(Rejection::AlreadyMember { .. }) => {
            let inactive = |person: &AccountFacts| person.member.as_ref().is_some_and(|at| !at.membership.active);
            let switched_off = person.as_ref().is_some_and(inactive);
            Err(member.unwrap_or(Rejection::AlreadyMember { switched_off }))
        }
        Err(rejection) => Err(rejection),
        Ok(()) => Ok(Recipient::Subject(recipient)),
    }
}

/// How long it lives where the issuer does not say: a driver's code as long as it may, since nobody knows when the driver
/// has the phone at hand; everything else as usual.
fn lifetime(facts: &IssueFacts, recipient: &Recipient, ctx: &Context<'_>) -> Option<i64> {
    let subject = facts.subject.as_ref().map(|facts| &facts.subject)?;
    let of_driver = recipient.subject_id().is_some() && subject.kind == SubjectKind::Trucker;
    of_driver.then(|| ctx.longest(&facts.organization, recipient).num_seconds())
}

/// Refuses a channel that does not lead to the recipient.
pub(super) fn check_channels(channels: &[Channel], recipient: &Recipient) -> Result<(), Rejection> {
    let ways = recipient.channels();
    match channels.iter().find(|channel| !ways.contains(channel)) {
        None => Ok(()),
        Some(channel) => {
            let detail = format!("the recipient has no address for the channel {}", channel.name());
            Err(Rejection::field("/channels", FieldCode::Invalid, detail))
        }
    }
}

/// What a new invitation is made of beside the command.
struct Offer {
    recipient: Recipient,
    channels: Vec<Channel>,
    expires_at: Timestamp,
    shown: bool,
}

/// A new invitation. Whoever holds the live key gives it up in the same plan: an expired one just lets go, a live one is
/// revoked.
fn fresh(facts: &IssueFacts, command: &Issue, authority: &Authority, offer: Offer, ctx: &Context<'_>) -> Decided {
    let shown = offer.shown;
    let invitation = new_invitation(facts, command, authority, offer, ctx);
    let messages = ctx.messages(&invitation, &invitation.channels, facts.blocked);
    let mut limits = ctx.limits_of_issue(&facts.organization);
    limits.extend(of_messages(&facts.organization, &invitation.recipient, &messages, ctx.bounds, ctx.now));
    let mut plan = Plan { guards: vec![same_epoch(&facts.organization)], limits, ..Plan::default() };
    if let Some(holder) = &facts.holder {
        let old = &holder.invitation;
        plan.guards.push(Guard::InvitationAt(old.id, old.version));
        // A record has one open invitation at the most: what becomes of the record reaches it by its live key alone.
        let ends = command.on_conflict == OnConflict::ReplaceExpired || old.recipient.subject_id().is_some();
        if ends || old.is_live(ctx.now) {
            let (revoked, event) = revoke::revoked(old, authority.actor(), Some("replaced"), ctx);
            plan.cancel_messages.push((old.id, Reason::InvitationEnded));
            plan.invitations.push(InvitationChange::Update(Box::new(revoked)));
            plan.events.push(event);
        } else {
            let released = Invitation { live_key: None, version: old.version + 1, ..old.clone() };
            plan.invitations.push(InvitationChange::Update(Box::new(released)));
        }
    } else {
        let live_key = UniqueKey::Live(invitation.organization_id, invitation.recipient.live_key());
        plan.guards.push(Guard::Free(live_key));
    }
    if facts.is_recent {
        let recipient = &invitation.recipient;
        let address = recipient.email().map(|email| email.key().to_owned());
        plan.guards.push(Guard::Unhindered(invitation.organization_id, recipient.live_key(), address));
    }
    if let Some(SubjectFacts { subject, .. }) = &facts.subject {
        plan.guards.push(Guard::SubjectAt(subject.organization_id, subject.id, subject.version));
    }
    plan.guards.extend(free_code(&invitation));
    plan.events.push(issued_event(&invitation, authority, shown, ctx));
    plan.invitations.push(InvitationChange::Insert(Box::new(invitation.clone())));
    let record = InvitationRecord {
        invitation,
        role: facts.role.clone(),
        inviter: facts.actor.clone(),
        deliveries: messages.iter().map(Into::into).collect(),
        redemption: None,
    };
    plan.messages = messages;
    Decided { plan: Some(plan), record, result: IssueResult::Issued, shown }
}

/// No other invitation of the organisation has this code. Where one does, the plan is stale, and the next round draws
/// another nonce.
pub(super) fn free_code(invitation: &Invitation) -> Option<Guard> {
    Some(Guard::Free(UniqueKey::Code(invitation.organization_id, invitation.code_index?)))
}

fn new_invitation(
    facts: &IssueFacts,
    command: &Issue,
    authority: &Authority,
    offer: Offer,
    ctx: &Context<'_>,
) -> Invitation {
    let live_key = Some(offer.recipient.live_key());
    let mut invitation = Invitation {
        id: InvitationId::new(ctx.now, ctx.entropy),
        number: 0,
        organization_id: facts.organization.id,
        recipient: offer.recipient,
        state: State::Pending,
        grant: command.grant.clone(),
        inviter: authority.inviter(),
        generation: 1,
        version: 1,
        key_id: ctx.key_id,
        nonce: Some(Nonce::generate(ctx.entropy)),
        grant_digest: GrantDigest::from_bytes([0; 32]),
        code_index: None,
        live_key,
        max_uses: 1,
        uses: 0,
        created_at: ctx.now,
        generated_at: ctx.now,
        expires_at: offer.expires_at,
        message: command.message.clone(),
        locale: command.locale.clone(),
        redirect_url: command.redirect_url.clone(),
        channels: offer.channels,
        batch_id: None,
        expiry_noted: 0,
        suspension_noted: 0,
        reminder_noted: 0,
    };
    invitation.grant_digest = invitation.compute_grant_digest();
    invitation.code_index = ctx.code_index(&invitation);
    invitation
}

fn issued_event(invitation: &Invitation, authority: &Authority, link_shown: bool, ctx: &Context<'_>) -> super::Event {
    let mut data = grant_facts(&invitation.grant);
    data.push(("link_shown", Fact::Flag(link_shown)));
    data.push(("expires_at", Fact::Text(invitation.expires_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))));
    ctx.invitation_event(invitation, EventKind::InvitationIssued, authority.actor(), data)
}

/// What the trail says of a grant.
pub(super) fn grant_facts(grant: &Grant) -> Vec<(&'static str, Fact)> {
    let mut facts = vec![("permissions", Fact::Words(grant.permissions.names().map(str::to_owned).collect()))];
    if let Some(role) = grant.role_id {
        facts.push(("role_id", Fact::Text(role.to_string())));
    }
    facts
}

/// Whether the record's inviter still stands behind its grant; a suspended invitation sends nothing new.
pub(super) fn still_covered(record: &InvitationRecord) -> bool {
    is_covered(&record.invitation.grant, record.role.as_ref(), &record.inviter)
}
