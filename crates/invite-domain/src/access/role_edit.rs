//! Making, changing and deleting roles (rules 6.1, 6.2, 6.7).

use super::{Administrator, GategoRole, Held, PermissionSet, Role, RoleScope, SystemRole};
use crate::{
    directory::{
        founding::system_role,
        words::{self, Faults},
    },
    id::RoleId,
    invitation::{
        AdministrationChange, EventKind, Fact, FieldCode, Guard, Plan, Rejection, UniqueKey,
        context::{raise_epoch, same_epoch, same_version, within_authority},
    },
};

/// Asks for a new role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRole {
    /// Its name, 1 to 100 characters, unique in the organisation.
    pub name: String,
    /// What it is for, at most 500 characters.
    pub description: Option<String>,
    /// What it lets its holder do: a part of what its maker may.
    pub permissions: PermissionSet,
    /// Its family.
    pub scope: RoleScope,
}

/// Asks for changes of a role; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ChangeRole {
    /// A new name.
    pub name: Option<String>,
    /// A new description, or none any more.
    pub description: Option<Option<String>>,
    /// All permissions it has from now on.
    pub permissions: Option<PermissionSet>,
    /// Refuses where the role's version is another one by now.
    pub if_match: Option<i64>,
}

/// The name as it is stored, where it can be one.
pub(crate) fn role_name(text: &str) -> Option<String> {
    words::name("/name", text, words::LABEL).ok()
}

/// Makes a role. `taken` is the role that has the name now.
///
/// # Errors
/// Where the maker lacks a permission of it, the name is taken, or a field cannot be.
pub fn create_role(
    administrator: &Administrator<'_>,
    command: &NewRole,
    taken: Option<RoleId>,
) -> Result<(Plan, Role), Rejection> {
    let Administrator { context, organization, authority } = administrator;
    let mut faults = Faults::default();
    let name = faults.keep(free_name(&command.name, None, taken)).unwrap_or_default();
    let description = command.description.as_deref().and_then(|text| describe(&mut faults, text));
    faults.end()?;
    within_authority(authority, &Held::Only(command.permissions.clone()))?;
    let role = Role {
        id: RoleId::new(context.now, context.entropy),
        organization_id: organization.id,
        number: 0,
        name,
        description,
        scope: command.scope,
        system: None,
        permissions: command.permissions.clone(),
        created_at: context.now,
        updated_at: context.now,
        version: 1,
    };
    let plan = Plan {
        guards: vec![same_epoch(organization), Guard::Free(UniqueKey::RoleName(organization.id, role.name.clone()))],
        administration: vec![AdministrationChange::InsertRole(Box::new(role.clone()))],
        events: vec![administrator.event(EventKind::RoleCreated, role.version, facts(&role))],
        ..Plan::default()
    };
    Ok((plan, role))
}

/// Changes a role. `None` where it is so already.
///
/// The epoch rises whatever changes: it also makes two changes of one role follow each other.
///
/// # Errors
/// For a system role; where the role, before or after, holds what the editor does not: nobody edits what stands above
/// them; where the name is taken or a field cannot be; `VersionMismatch` where somebody else changed the role since.
pub fn change_role(
    administrator: &Administrator<'_>,
    role: &Role,
    command: &ChangeRole,
    taken: Option<RoleId>,
) -> Result<Option<(Plan, Role)>, Rejection> {
    editable(administrator, role)?;
    same_version(role.version, command.if_match)?;
    let mut next = role.clone();
    let mut faults = Faults::default();
    if let Some(name) = &command.name {
        next.name = faults.keep(free_name(name, Some(role), taken)).unwrap_or_default();
    }
    if let Some(description) = &command.description {
        next.description = description.as_deref().and_then(|text| describe(&mut faults, text));
    }
    faults.end()?;
    if let Some(permissions) = &command.permissions {
        within_authority(administrator.authority, &Held::Only(permissions.clone()))?;
        next.permissions = permissions.clone();
    }
    if next == *role {
        return Ok(None);
    }
    next.version += 1;
    next.updated_at = administrator.context.now;
    let mut guards = vec![raise_epoch(administrator.organization)];
    if next.name != role.name {
        guards.push(Guard::Free(UniqueKey::RoleName(role.organization_id, next.name.clone())));
    }
    let plan = Plan {
        guards,
        administration: vec![AdministrationChange::UpdateRole(Box::new(next.clone()))],
        events: vec![administrator.event(EventKind::RoleChanged, next.version, facts(&next))],
        ..Plan::default()
    };
    Ok(Some((plan, next)))
}

/// Deletes a role nobody has and no pending invitation gives.
///
/// # Errors
/// For a system role, one above the editor, one in use.
pub fn delete_role(administrator: &Administrator<'_>, role: &Role, in_use: bool) -> Result<Plan, Rejection> {
    editable(administrator, role)?;
    if in_use {
        return Err(Rejection::RoleInUse);
    }
    Ok(Plan {
        guards: vec![raise_epoch(administrator.organization), Guard::RoleUnused(role.organization_id, role.id)],
        administration: vec![AdministrationChange::DeleteRole(role.organization_id, role.id)],
        events: vec![administrator.event(EventKind::RoleDeleted, role.version + 1, facts(role))],
        ..Plan::default()
    })
}

fn editable(administrator: &Administrator<'_>, role: &Role) -> Result<(), Rejection> {
    if role.system.is_some() {
        return Err(Rejection::SystemRole);
    }
    within_authority(administrator.authority, &role.held())
}

/// A name that is no other role's. The names of every organisation's system roles are taken in any case of letters, so
/// that nobody mistakes an `Owner` for the owner; those of a dialect's as that dialect writes them: a `Driver` is a word
/// many want.
fn free_name(text: &str, own: Option<&Role>, taken: Option<RoleId>) -> Result<String, crate::invitation::FieldError> {
    let name = words::name("/name", text, words::LABEL)?;
    let system = SystemRole::ALL.iter().any(|role| role.name().eq_ignore_ascii_case(&name));
    let system = system || GategoRole::from_name(&name).is_some();
    if system || taken.is_some_and(|id| own.is_none_or(|own| own.id != id)) {
        let detail = "another role of the organisation has this name".to_owned();
        return Err(crate::invitation::FieldError { pointer: "/name".to_owned(), code: FieldCode::Invalid, detail });
    }
    Ok(name)
}

fn describe(faults: &mut Faults, text: &str) -> Option<String> {
    faults.keep(words::description("/description", text)).flatten()
}

/// Makes the roles of the yard-management dialect that the organisation lacks; `present` are those of its roles that have
/// such a name.
///
/// # Errors
/// Where the organisation has a role of its own under such a name.
pub fn seed_gatego(administrator: &Administrator<'_>, present: &[Role]) -> Result<Option<Plan>, Rejection> {
    let Administrator { context, organization, .. } = administrator;
    let mut plan = Plan { guards: vec![same_epoch(organization)], ..Plan::default() };
    for wanted in GategoRole::ALL {
        match present.iter().find(|role| role.name == wanted.name()) {
            Some(role) if role.system == Some(SystemRole::Gatego(wanted)) => {}
            Some(own) => {
                let detail = format!("the organisation has a role of its own called {}; rename it first", own.name);
                return Err(Rejection::field("/role", FieldCode::Invalid, detail));
            }
            None => {
                let role = system_role(context, organization.id, SystemRole::Gatego(wanted));
                plan.guards.push(Guard::Free(UniqueKey::RoleName(organization.id, role.name.clone())));
                plan.events.push(administrator.event(EventKind::RoleCreated, role.version, facts(&role)));
                plan.administration.push(AdministrationChange::InsertRole(Box::new(role)));
            }
        }
    }
    Ok((!plan.administration.is_empty()).then_some(plan))
}

fn facts(role: &Role) -> [(&'static str, Fact); 3] {
    [
        ("role_id", role.id.to_string().as_str().into()),
        ("role", role.name.as_str().into()),
        ("permissions", Fact::Words(role.permissions.names().map(str::to_owned).collect())),
    ]
}

#[cfg(test)]
mod tests;
