//! Amend: change what an invitation grants or says (rule 4.5).

use super::{
    Context, EventKind, Fact, FieldCode, Guard, Invitation, InvitationChange, Plan, Rejection,
    context::{ceiling, check_words, establish, require, same_epoch},
    issue::{Decided, IssueResult, grant_facts},
    resend::{Situation, check_version, lasting, next_expiry, next_generation, open, revival},
};
use crate::{
    access::{PermissionSet, Role, permission},
    id::RoleId,
    port::{InvitationFacts, InvitationRecord},
};

/// Change an invitation. An outer `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Amend {
    /// Another role, or none.
    pub role_id: Option<Option<RoleId>>,
    /// Other direct permissions.
    pub permissions: Option<PermissionSet>,
    /// Another default rate, or none.
    pub default_rate: Option<Option<i64>>,
    /// Other metadata, or none.
    pub metadata: Option<Option<String>>,
    /// Another message, or none.
    pub message: Option<Option<String>>,
    /// Another language, or none.
    pub locale: Option<Option<String>>,
    /// Another destination, or none.
    pub redirect_url: Option<Option<String>>,
    /// Seconds it lives from now.
    pub expires_in: Option<i64>,
    /// The version the caller read; any where `None`.
    pub if_match: Option<i64>,
}

/// Decides on an amendment. It is a new generation, sent again, only where role or permissions change; then the one who
/// amends is its inviter from there on, for he gives what it now grants.
///
/// # Errors
/// The ceiling for what the invitation granted and for what it would grant; every refusal of a resend where it is sent again.
pub fn amend(facts: &InvitationFacts, command: &Amend, ctx: &Context<'_>) -> Result<Decided, Rejection> {
    let authority = establish(&facts.actor, &facts.organization, ctx.now)?;
    require(&authority, permission::INVITATIONS_AMEND)?;
    let situation = Situation::of(facts, &authority)?;
    let old = situation.invitation();
    open(old)?;
    check_version(old, command.if_match)?;
    situation.ceiling_for_others()?;
    if matches!(command.role_id, Some(Some(_))) && facts.role.is_none() {
        return Err(Rejection::field("/role_id", FieldCode::Invalid, "the organisation has no role of this id"));
    }
    let text = |field: &Option<Option<String>>| field.clone().flatten();
    check_words(text(&command.message).as_deref(), text(&command.locale).as_deref())?;
    let role = amended_role(facts, situation.record, command);
    let mut invitation = amended(old, command);
    ceiling(&authority, &invitation.grant, role)?;
    if invitation == *old && command.expires_in.is_none() {
        return Ok(Decided {
            plan: None,
            record: situation.record.clone(),
            result: IssueResult::Returned,
            shown: false,
        });
    }
    let regrant =
        invitation.grant.role_id != old.grant.role_id || invitation.grant.permissions != old.grant.permissions;
    let mut decided = if regrant {
        invitation.inviter = authority.inviter();
        let expires_at = match command.expires_in {
            None if old.is_live(ctx.now) => old.expires_at,
            None => next_expiry(&facts.organization, old, None, ctx)?,
            Some(_) => ctx.expiry(&facts.organization, &old.recipient, command.expires_in)?,
        };
        let event = (EventKind::InvitationAmended, grant_facts(&invitation.grant));
        let mut decided = next_generation(&situation, invitation, expires_at, event, ctx)?;
        decided.record.inviter = facts.actor.clone();
        decided
    } else {
        keep_generation(&situation, invitation, command.expires_in, ctx)?
    };
    decided.record.role = role.cloned();
    Ok(decided)
}

fn amended_role<'a>(facts: &'a InvitationFacts, record: &'a InvitationRecord, command: &Amend) -> Option<&'a Role> {
    match command.role_id {
        None => record.role.as_ref(),
        Some(None) => None,
        Some(Some(_)) => facts.role.as_ref(),
    }
}

fn amended(old: &Invitation, command: &Amend) -> Invitation {
    let mut invitation = old.clone();
    let grant = &mut invitation.grant;
    set(&mut grant.role_id, command.role_id.as_ref());
    set(&mut grant.permissions, command.permissions.as_ref());
    set(&mut grant.default_rate, command.default_rate.as_ref());
    set(&mut grant.metadata, command.metadata.as_ref());
    set(&mut invitation.message, command.message.as_ref());
    set(&mut invitation.locale, command.locale.as_ref());
    set(&mut invitation.redirect_url, command.redirect_url.as_ref());
    invitation
}

fn set<T: Clone>(field: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        field.clone_from(value);
    }
}

/// The same link, with other words or another end.
fn keep_generation(
    situation: &Situation<'_>,
    mut invitation: Invitation,
    expires_in: Option<i64>,
    ctx: &Context<'_>,
) -> Result<Decided, Rejection> {
    let old = situation.invitation();
    let mut plan = if expires_in.is_some() {
        lasting(situation)?;
        invitation.expires_at = ctx.expiry(situation.organization, &old.recipient, expires_in)?;
        invitation.live_key = Some(invitation.recipient.live_key());
        revival(situation, ctx)?
    } else {
        // Words alone bring nothing back to life: who holds the live key does not matter.
        let guards = vec![same_epoch(situation.organization), Guard::InvitationAt(old.id, old.version)];
        Plan { guards, ..Plan::default() }
    };
    invitation.version = old.version + 1;
    let fields = changed_fields(old, &invitation);
    let data = [("fields", Fact::Words(fields))];
    plan.events.push(ctx.invitation_event(
        &invitation,
        EventKind::InvitationAmended,
        situation.authority.actor(),
        data,
    ));
    plan.invitations.push(InvitationChange::Update(Box::new(invitation.clone())));
    let record = InvitationRecord { invitation, ..situation.record.clone() };
    Ok(Decided { plan: Some(plan), record, result: IssueResult::Returned, shown: false })
}

/// The names of what changed; what it says now may be personal and stays out of the trail.
fn changed_fields(old: &Invitation, new: &Invitation) -> Vec<String> {
    let changes = [
        ("default_rate", old.grant.default_rate != new.grant.default_rate),
        ("expires_at", old.expires_at != new.expires_at),
        ("locale", old.locale != new.locale),
        ("message", old.message != new.message),
        ("metadata", old.grant.metadata != new.grant.metadata),
        ("redirect_url", old.redirect_url != new.redirect_url),
    ];
    changes.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name.to_owned()).collect()
}
