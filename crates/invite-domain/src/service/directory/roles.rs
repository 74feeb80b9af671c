//! Roles: list, make, change, delete.

use super::{Caller, DirectoryService, ServiceError, Step, Wanted, step};
use crate::{
    access::{
        ChangeRole, NewRole, PermissionSet, Role, permission,
        role_edit::{self, role_name},
    },
    id::RoleId,
    invitation::Rejection,
    page::{Page, PageRequest},
    port::{AdministrationFacts, AdministrationQuery},
};

/// A role with the permissions to print.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleView {
    /// The role.
    pub role: Role,
    /// What it lets its holder do; `owner` prints our list and every name used in the organisation.
    pub permissions: PermissionSet,
}

fn view(role: Role, known: &PermissionSet) -> RoleView {
    let permissions = role.held().printed(known);
    RoleView { role, permissions }
}

fn named(facts: &AdministrationFacts) -> Result<&Role, Rejection> {
    facts.role.as_ref().ok_or(Rejection::NotFound)
}

fn about(caller: &Caller, id: RoleId) -> AdministrationQuery {
    AdministrationQuery { role_id: Some(id), ..AdministrationQuery::of(caller.organization_id, caller.principal) }
}

impl DirectoryService {
    /// A page of the organisation's roles.
    ///
    /// # Errors
    /// Without `roles.read`.
    pub async fn roles(&self, caller: &Caller, page: &PageRequest) -> Result<Page<RoleView>, ServiceError> {
        let query = AdministrationQuery::of(caller.organization_id, caller.principal);
        let facts = self.seeing(&query, permission::ROLES_READ).await?;
        let page = self.directory.roles(facts.organization.id, page).await?;
        Ok(page.map(|role| view(role, &facts.known_permissions)))
    }

    /// One role.
    ///
    /// # Errors
    /// Without `roles.read`; [`Rejection::NotFound`].
    pub async fn role(&self, caller: &Caller, id: RoleId) -> Result<RoleView, ServiceError> {
        let facts = self.seeing(&about(caller, id), permission::ROLES_READ).await?;
        Ok(view(named(&facts)?.clone(), &facts.known_permissions))
    }

    /// Makes a role.
    ///
    /// # Errors
    /// Without `roles.write`, and as [`role_edit::create_role`].
    pub async fn create_role(&self, caller: &Caller, command: NewRole) -> Result<RoleView, ServiceError> {
        let query = AdministrationQuery::of(caller.organization_id, caller.principal);
        let name = role_name(&command.name);
        let wanted = name.as_deref().map_or(Wanted::Nothing, Wanted::RoleName);
        let ((role, known), outcome) = self
            .administer(caller, &query, Some(permission::ROLES_WRITE), wanted, |administrator, facts, taken| {
                let taken = taken.map(RoleId::from_uuid);
                let (plan, role) = role_edit::create_role(administrator, &command, taken)?;
                Ok(Step::Commit(Box::new(plan), (role, facts.known_permissions.clone())))
            })
            .await?;
        let number = outcome.number_of(role.id.as_uuid());
        Ok(view(Role { number, ..role }, &known))
    }

    /// Changes a role, and with it at once what everybody who has it may do.
    ///
    /// # Errors
    /// Without `roles.write`; [`Rejection::NotFound`]; and as [`role_edit::change_role`].
    pub async fn change_role(
        &self,
        caller: &Caller,
        id: RoleId,
        command: ChangeRole,
    ) -> Result<RoleView, ServiceError> {
        let name = command.name.as_deref().and_then(role_name);
        let wanted = name.as_deref().map_or(Wanted::Nothing, Wanted::RoleName);
        let permission = Some(permission::ROLES_WRITE);
        let ((role, known), _) = self
            .administer(caller, &about(caller, id), permission, wanted, |administrator, facts, taken| {
                let (role, known) = (named(facts)?, &facts.known_permissions);
                let changed = role_edit::change_role(administrator, role, &command, taken.map(RoleId::from_uuid))?;
                let changed = changed.map(|(plan, next)| (plan, (next, known.clone())));
                Ok(step(changed, || (role.clone(), known.clone())))
            })
            .await?;
        Ok(view(role, &known))
    }

    /// Deletes a role.
    ///
    /// # Errors
    /// Without `roles.write`; [`Rejection::NotFound`]; and as [`role_edit::delete_role`].
    pub async fn delete_role(&self, caller: &Caller, id: RoleId) -> Result<(), ServiceError> {
        let permission = Some(permission::ROLES_WRITE);
        self.administer(caller, &about(caller, id), permission, Wanted::Nothing, |administrator, facts, _| {
            let plan = role_edit::delete_role(administrator, named(facts)?, facts.role_in_use)?;
            Ok(Step::Commit(Box::new(plan), ()))
        })
        .await?;
        Ok(())
    }
}
