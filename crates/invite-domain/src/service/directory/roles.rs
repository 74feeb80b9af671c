//! Roles: list, make, change, delete.

use super::{Caller, DirectoryService, ServiceError, Step, Wanted, attempt, step};
use crate::{
    access::{
        Administrator, ChangeRole, GategoRole, NewRole, PermissionSet, Role, SystemRole, permission,
        role_edit::{self, role_name},
    },
    id::RoleId,
    invitation::{
        AdministrationChange, Rejection,
        context::{require, within_authority},
    },
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

    /// The role of this number.
    ///
    /// # Errors
    /// Without `roles.read`; [`Rejection::NotFound`].
    pub async fn role_by_number(&self, caller: &Caller, number: i64) -> Result<RoleView, ServiceError> {
        let query = AdministrationQuery::of(caller.organization_id, caller.principal);
        let facts = self.seeing(&query, permission::ROLES_READ).await?;
        let role = self.directory.role_by_number(caller.organization_id, number).await?.ok_or(Rejection::NotFound)?;
        Ok(view(role, &facts.known_permissions))
    }

    /// The role a grant of this caller names by number. What it may give is for the rule that grants to say.
    ///
    /// # Errors
    /// A port's failure.
    pub async fn role_to_grant(&self, caller: &Caller, number: i64) -> Result<Option<Role>, ServiceError> {
        Ok(self.directory.role_by_number(caller.organization_id, number).await?)
    }

    /// The role a grant of this caller names.
    ///
    /// # Errors
    /// A port's failure.
    pub async fn role_named(&self, caller: &Caller, name: &str) -> Result<Option<Role>, ServiceError> {
        Ok(self.directory.role_by_name(caller.organization_id, name).await?)
    }

    /// A role of the yard-management dialect; all eleven are made where the organisation lacks it.
    ///
    /// # Errors
    /// Without `invitations.issue`, where the role lets do what the caller may not, and as [`role_edit::seed_gatego`].
    pub async fn gatego_role(&self, caller: &Caller, wanted: GategoRole) -> Result<Role, ServiceError> {
        let organization = caller.organization_id;
        let (role, outcome) = attempt!(&*self.store, async {
            let is_it = |role: &Role| role.system == Some(SystemRole::Gatego(wanted));
            if let Some(role) = self.directory.role_by_name(organization, wanted.name()).await?.filter(is_it) {
                return Ok(Step::Done(role));
            }
            let moment = self.moment()?;
            let query = AdministrationQuery::of(organization, caller.principal);
            let (facts, authority) = self.standing(&query, moment.now).await?;
            require(&authority, permission::INVITATIONS_ISSUE)?;
            // What is asked for beyond one's own is refused before anything is made for it (AUTHZ-5).
            within_authority(&authority, &wanted.held())?;
            let mut present = Vec::new();
            for role in GategoRole::ALL {
                present.extend(self.directory.role_by_name(organization, role.name()).await?);
            }
            let context = self.context(&moment, &caller.origin);
            let administrator =
                Administrator { context: &context, organization: &facts.organization, authority: &authority };
            let Some(plan) = role_edit::seed_gatego(&administrator, &present)? else { return Ok(Step::Again) };
            let made = plan.administration.iter().find_map(|change| match change {
                AdministrationChange::InsertRole(role) if is_it(role) => Some((**role).clone()),
                _ => None,
            });
            match made.or_else(|| present.into_iter().find(is_it)) {
                Some(role) => Ok(Step::Commit(Box::new(plan), role)),
                None => Ok(Step::Again),
            }
        })?;
        let number = if role.number == 0 { outcome.number_of(role.id.as_uuid()) } else { role.number };
        Ok(Role { number, ..role })
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
