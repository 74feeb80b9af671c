//! Changing and deleting an organisation.

use super::{
    Accent, ChangeLimits, Logo, Organization, Slug, limits_edit,
    words::{self, Faults},
};
use crate::{
    access::{Actor, Administrator},
    id::OrganizationId,
    invitation::{
        AdministrationChange, Bounds, Context, EventKind, Fact, FieldCode, Guard, Plan, Rejection, UniqueKey,
        context::{raise_epoch, same_version},
        retention::DELETED_ORGANIZATIONS,
    },
};

/// Asks for changes of an organisation's settings; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ChangeOrganization {
    /// A new name, 1 to 200 characters.
    pub name: Option<String>,
    /// Another slug; the old one leads on for 90 days.
    pub slug: Option<Slug>,
    /// The language of its mails (a BCP 47 tag), or none of its own any more.
    pub locale: Option<Option<String>>,
    /// The IANA time zone of its dates.
    pub time_zone: Option<String>,
    /// Whether a copied link only sends the mailed one.
    pub require_mailbox_proof: Option<bool>,
    /// Whether an existing account must be signed in.
    pub require_verified_sign_in: Option<bool>,
    /// Seconds an invitation lives where its issuer names none, or the operator's.
    pub ttl_default: Option<Option<i64>>,
    /// The most seconds an invitation may live, or the operator's.
    pub ttl_max: Option<Option<i64>>,
    /// A JSON object as text, validated by the caller.
    pub profile: Option<String>,
    /// The colour of its pages and mails, or none of its own any more.
    pub accent: Option<Option<Accent>>,
    /// Other limits.
    pub limits: ChangeLimits,
    /// Refuses where the organisation's version is another one by now.
    pub if_match: Option<i64>,
}

/// Changes settings. `None` where they are so already. `holder` is the organisation that holds the slug the command
/// names.
///
/// The epoch rises whatever changes: a policy is part of what was decided, and two changes at once follow each other, so
/// that none is lost.
///
/// # Errors
/// `VersionMismatch` where somebody else changed it since; `OperatorOnly` for seats; names every field that cannot be.
pub fn change_organization(
    administrator: &Administrator<'_>,
    command: &ChangeOrganization,
    holder: Option<OrganizationId>,
) -> Result<Option<(Plan, Organization)>, Rejection> {
    let organization = administrator.organization;
    same_version(organization.version, command.if_match)?;
    let next = changed(administrator, command, holder)?;
    if next == *organization {
        return Ok(None);
    }
    let mut guards = vec![raise_epoch(organization)];
    if next.slug != organization.slug && holder.is_none() {
        guards.push(Guard::Free(UniqueKey::Slug(next.slug.clone())));
    }
    let (old, now) = (&organization.limits, administrator.context.now);
    let limit = limits_edit::seats_suffice(organization.id, old, &next.limits, now);
    let (mut plan, next) = rewritten(administrator, next, guards, Vec::new());
    plan.limits.extend(limit);
    Ok(Some((plan, next)))
}

/// Gives an organisation a logo, or takes away the one it has. `None` where it is so already.
pub fn change_logo(administrator: &Administrator<'_>, logo: Option<&Logo>) -> Option<(Plan, Organization)> {
    let organization = administrator.organization;
    let mut next = organization.clone();
    next.look.logo = logo.map(Logo::id);
    if next == *organization {
        return None;
    }
    let change = match logo {
        Some(logo) => AdministrationChange::PutLogo(organization.id, logo.clone(), administrator.context.now),
        None => AdministrationChange::RemoveLogo(organization.id),
    };
    Some(rewritten(administrator, next, vec![raise_epoch(organization)], vec![change]))
}

/// The plan that makes an organisation what it is to be, after `first`.
fn rewritten(
    administrator: &Administrator<'_>,
    next: Organization,
    guards: Vec<Guard>,
    first: Vec<AdministrationChange>,
) -> (Plan, Organization) {
    let organization = administrator.organization;
    let fields = Fact::Words(differing(organization, &next).into_iter().map(str::to_owned).collect());
    let next = Organization { version: organization.version + 1, updated_at: administrator.context.now, ..next };
    let mut administration = first;
    administration.push(AdministrationChange::UpdateOrganization(Box::new(next.clone())));
    let plan = Plan {
        guards,
        administration,
        events: vec![administrator.event(EventKind::OrganizationChanged, next.version, [("fields", fields)])],
        ..Plan::default()
    };
    (plan, next)
}

/// Deletes an organisation: nothing of it opens anything from this commit on.
pub fn delete_organization(context: &Context<'_>, actor: Actor, organization: &Organization) -> Plan {
    let version = organization.version + 1;
    let next = Organization { deleted_at: Some(context.now), version, ..organization.clone() };
    Plan {
        guards: vec![raise_epoch(organization)],
        administration: vec![AdministrationChange::UpdateOrganization(Box::new(next))],
        events: vec![context.event(organization.id, EventKind::OrganizationDeleted, actor, version, [])],
        ..Plan::default()
    }
}

/// Brings a deleted organisation back, as it was: members, keys and invitations. What has expired meanwhile stays expired.
///
/// # Errors
/// `NotFound` once it can no longer be restored.
pub fn restore_organization(
    context: &Context<'_>,
    actor: Actor,
    organization: &Organization,
) -> Result<(Plan, Organization), Rejection> {
    let in_time = organization.deleted_at.is_some_and(|at| context.now < at + DELETED_ORGANIZATIONS);
    if !in_time {
        return Err(Rejection::NotFound);
    }
    let version = organization.version + 1;
    let next = Organization { deleted_at: None, version, ..organization.clone() };
    let plan = Plan {
        guards: vec![Guard::DeletedAt(organization.id, organization.version)],
        administration: vec![AdministrationChange::UpdateOrganization(Box::new(next.clone()))],
        events: vec![context.event(organization.id, EventKind::OrganizationRestored, actor, version, [])],
        ..Plan::default()
    };
    Ok((plan, next))
}

fn changed(
    administrator: &Administrator<'_>,
    command: &ChangeOrganization,
    holder: Option<OrganizationId>,
) -> Result<Organization, Rejection> {
    let (organization, bounds) = (administrator.organization, administrator.context.bounds);
    let mut next = organization.clone();
    let mut faults = Faults::default();
    if let Some(name) = &command.name {
        next.name = faults.keep(words::name("/name", name, words::NAME)).unwrap_or_default();
    }
    if let Some(slug) = &command.slug {
        if *slug != organization.slug && holder.is_some_and(|holder| holder != organization.id) {
            faults.add("/slug", FieldCode::Invalid, SLUG_TAKEN);
        }
        next.slug = slug.clone();
    }
    match &command.locale {
        None => {}
        Some(None) => next.locale = None,
        Some(Some(locale)) => next.locale = faults.keep(words::locale("/locale", locale)),
    }
    if let Some(zone) = &command.time_zone {
        next.time_zone = faults.keep(words::time_zone("/time_zone", zone)).unwrap_or_default();
    }
    next.policy.require_mailbox_proof = command.require_mailbox_proof.unwrap_or(next.policy.require_mailbox_proof);
    next.policy.require_verified_sign_in =
        command.require_verified_sign_in.unwrap_or(next.policy.require_verified_sign_in);
    lifetimes(&mut next, command, bounds, &mut faults);
    if let Some(profile) = &command.profile {
        next.profile.clone_from(profile);
    }
    if let Some(accent) = command.accent {
        next.look.accent = accent;
    }
    let by_operator = administrator.authority.is_operator();
    limits_edit::apply(&mut next.limits, &command.limits, bounds, by_operator, &mut faults)?;
    faults.end()?;
    Ok(next)
}

/// Why a slug cannot be had.
pub(crate) const SLUG_TAKEN: &str = "another organisation has this slug, or had it within the last 90 days";

/// An organisation narrows the operator's bounds, it never widens them (rule 2.3).
fn lifetimes(next: &mut Organization, command: &ChangeOrganization, bounds: &Bounds, faults: &mut Faults) {
    let (least, operators) = (bounds.ttl_min.num_seconds(), bounds.ttl_max.num_seconds());
    if let Some(ttl_max) = command.ttl_max {
        next.policy.ttl_max = ttl_max;
        if ttl_max.is_some_and(|seconds| !(least..=operators).contains(&seconds)) {
            faults.add("/policy/ttl_max", FieldCode::OutOfRange, format!("between {least} and {operators} seconds"));
            return;
        }
    }
    if let Some(ttl_default) = command.ttl_default {
        next.policy.ttl_default = ttl_default;
    }
    // Also where only the maximum was narrowed: the default must still lie below it.
    let asked = command.ttl_default.is_some() || command.ttl_max.is_some();
    let most = next.policy.ttl_max.map_or(operators, |own| own.min(operators));
    if asked && next.policy.ttl_default.is_some_and(|seconds| !(least..=most).contains(&seconds)) {
        faults.add("/policy/ttl_default", FieldCode::OutOfRange, format!("between {least} and {most} seconds"));
    }
}

fn differing(old: &Organization, new: &Organization) -> Vec<&'static str> {
    [
        ("name", old.name != new.name),
        ("slug", old.slug != new.slug),
        ("locale", old.locale != new.locale),
        ("time_zone", old.time_zone != new.time_zone),
        ("policy", old.policy != new.policy),
        ("limits", old.limits != new.limits),
        ("profile", old.profile != new.profile),
        ("accent", old.look.accent != new.look.accent),
        ("logo", old.look.logo != new.look.logo),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

#[cfg(test)]
mod tests;
