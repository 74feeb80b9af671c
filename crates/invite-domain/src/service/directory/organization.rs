//! An organisation's settings.

use super::{Caller, DirectoryService, ServiceError, Wanted, step};
use crate::{
    access::permission,
    directory::{ChangeOrganization, Organization, organization_edit},
    id::OrganizationId,
    port::AdministrationQuery,
};

impl DirectoryService {
    /// The caller's organisation.
    ///
    /// # Errors
    /// Without `organization.read`.
    pub async fn organization(&self, caller: &Caller) -> Result<Organization, ServiceError> {
        let query = AdministrationQuery::of(caller.organization_id, caller.principal);
        Ok(self.seeing(&query, permission::ORGANIZATION_READ).await?.organization)
    }

    /// Changes settings.
    ///
    /// # Errors
    /// Without `organization.write`, and as [`organization_edit::change_organization`].
    pub async fn change_organization(
        &self,
        caller: &Caller,
        command: ChangeOrganization,
    ) -> Result<Organization, ServiceError> {
        let query = AdministrationQuery::of(caller.organization_id, caller.principal);
        let wanted = command.slug.as_ref().map_or(Wanted::Nothing, Wanted::Slug);
        let (organization, _) = self
            .administer(caller, &query, Some(permission::ORGANIZATION_WRITE), wanted, |administrator, facts, holder| {
                let holder = holder.map(OrganizationId::from_uuid);
                let changed = organization_edit::change_organization(administrator, &command, holder)?;
                Ok(step(changed, || facts.organization.clone()))
            })
            .await?;
        Ok(organization)
    }
}
