//! Changing and removing members (rules 6.2, 6.5, 6.7).

use super::{Administrator, Held, MemberFacts, PermissionSet, Role, SystemRole, permission};
use crate::{
    id::RoleId,
    invitation::{
        AdministrationChange, DirectoryChange, EventKind, Fact, FieldCode, Guard, Plan, Rejection,
        context::{raise_epoch, require, same_version, within_authority},
        event::removed_account,
    },
};

/// Asks for changes of a member; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ChangeMember {
    /// Another role, or none any more.
    pub role_id: Option<Option<RoleId>>,
    /// All direct permissions from now on.
    pub permissions: Option<PermissionSet>,
    /// Switches the member on or off.
    pub active: Option<bool>,
    /// Refuses where the membership's version is another one by now.
    pub if_match: Option<i64>,
}

/// Changes what a member may do. `None` where it is so already. `role` is the role the command names, where it exists;
/// `other_owners` whether there is another active owner.
///
/// The epoch rises whatever changes: what was decided on the member's rights as they were is decided anew.
///
/// # Errors
/// Where the member, before or after, holds what the editor does not: nobody raises a person above themselves, nor
/// changes one who stands there; for the last owner; for an unknown role; `VersionMismatch` where somebody else changed the
/// membership since.
pub fn change_member(
    administrator: &Administrator<'_>,
    member: &MemberFacts,
    role: Option<&Role>,
    other_owners: bool,
    command: &ChangeMember,
) -> Result<Option<(Plan, MemberFacts)>, Rejection> {
    require(administrator.authority, permission::MEMBERS_UPDATE)?;
    below(administrator, member)?;
    same_version(member.membership.version, command.if_match)?;
    let mut next = member.clone();
    match command.role_id {
        None => {}
        Some(None) => next.role = None,
        Some(Some(id)) => match role.filter(|role| role.id == id) {
            Some(role) => next.role = Some(role.clone()),
            None => return Err(Rejection::field("/role_id", FieldCode::Invalid, "there is no such role")),
        },
    }
    next.membership.role_id = next.role.as_ref().map(|role| role.id);
    if let Some(permissions) = &command.permissions {
        next.membership.permissions = permissions.clone();
    }
    if let Some(active) = command.active {
        next.membership.active = active;
    }
    below(administrator, &next)?;
    if next.membership == member.membership {
        return Ok(None);
    }
    next.membership.version += 1;
    let mut guards = vec![raise_epoch(administrator.organization), at_version(member)];
    if is_active_owner(member) && !is_active_owner(&next) {
        guards.push(owner_remains(administrator, other_owners)?);
    }
    let (id, version) = (next.membership.id, next.membership.version);
    let plan = Plan {
        guards,
        directory: vec![DirectoryChange::UpdateMembership(Box::new(next.membership.clone()))],
        events: vec![administrator.membership_event(EventKind::MembershipChanged, id, version, facts(&next))],
        ..Plan::default()
    };
    Ok(Some((plan, next)))
}

/// Removes a member. Anybody may remove themselves.
///
/// # Errors
/// Without the permission, whether there is such a member or not; for an unknown member; for one above the remover; for
/// the last owner.
pub fn remove_member(
    administrator: &Administrator<'_>,
    member: Option<&MemberFacts>,
    other_owners: bool,
) -> Result<Plan, Rejection> {
    let own = administrator.authority.membership_id();
    let themselves = own.is_some() && own == member.map(|member| member.membership.id);
    if !themselves {
        require(administrator.authority, permission::MEMBERS_REMOVE)?;
    }
    let member = member.ok_or(Rejection::NotFound)?;
    if !themselves {
        below(administrator, member)?;
    }
    let membership = &member.membership;
    let mut guards = vec![raise_epoch(administrator.organization), at_version(member)];
    if is_active_owner(member) {
        guards.push(owner_remains(administrator, other_owners)?);
    }
    let (kind, sequence) = (EventKind::MembershipRemoved, membership.version + 1);
    let data = facts(member).into_iter().chain([removed_account(membership.account_id)]);
    Ok(Plan {
        guards,
        administration: vec![AdministrationChange::RemoveMembership(membership.organization_id, membership.id)],
        events: vec![administrator.membership_event(kind, membership.id, sequence, data)],
        ..Plan::default()
    })
}

/// The ceiling over a person, whether switched on or not: a member who is off keeps his place.
pub(crate) fn below(administrator: &Administrator<'_>, member: &MemberFacts) -> Result<(), Rejection> {
    if member.role.as_ref().is_some_and(Role::is_operators) && !administrator.authority.is_operator() {
        return Err(Rejection::OperatorOnly);
    }
    let held: Held = member.membership.held(member.role.as_ref());
    within_authority(administrator.authority, &held)
}

pub(crate) fn is_active_owner(member: &MemberFacts) -> bool {
    member.membership.active && member.role.as_ref().is_some_and(|role| role.system == Some(SystemRole::Owner))
}

fn owner_remains(administrator: &Administrator<'_>, other_owners: bool) -> Result<Guard, Rejection> {
    if other_owners { Ok(Guard::OwnerRemains(administrator.organization.id)) } else { Err(Rejection::LastOwner) }
}

fn at_version(member: &MemberFacts) -> Guard {
    Guard::MembershipAt(member.membership.id, member.membership.version)
}

fn facts(member: &MemberFacts) -> Vec<(&'static str, Fact)> {
    let membership = &member.membership;
    let mut data = vec![
        ("permissions", Fact::Words(membership.permissions.names().map(str::to_owned).collect())),
        ("active", membership.active.into()),
    ];
    if let Some(role) = &member.role {
        data.push(("role_id", role.id.to_string().as_str().into()));
        data.push(("role", role.name.as_str().into()));
    }
    if let Some(group) = membership.group_id {
        data.push(("group_id", group.to_string().as_str().into()));
    }
    data
}

#[cfg(test)]
mod tests;
