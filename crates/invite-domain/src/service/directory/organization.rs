//! An organisation's settings.

use super::{Caller, DirectoryService, ServiceError, Wanted, step};
use crate::{
    access::permission,
    directory::{ChangeOrganization, Logo, LogoId, Organization, organization_edit},
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

    /// Gives the organisation a logo, in the place of any it has.
    ///
    /// # Errors
    /// Without `organization.write`.
    pub async fn set_logo(&self, caller: &Caller, logo: Logo) -> Result<Organization, ServiceError> {
        self.change_logo(caller, Some(&logo)).await
    }

    /// Takes the organisation's logo away.
    ///
    /// # Errors
    /// Without `organization.write`.
    pub async fn remove_logo(&self, caller: &Caller) -> Result<Organization, ServiceError> {
        self.change_logo(caller, None).await
    }

    async fn change_logo(&self, caller: &Caller, logo: Option<&Logo>) -> Result<Organization, ServiceError> {
        let query = AdministrationQuery::of(caller.organization_id, caller.principal);
        let permission = Some(permission::ORGANIZATION_WRITE);
        let (organization, _) = self
            .administer(caller, &query, permission, Wanted::Nothing, |administrator, facts, _| {
                Ok(step(organization_edit::change_logo(administrator, logo), || facts.organization.clone()))
            })
            .await?;
        Ok(organization)
    }

    /// A logo by its content, for anybody: pages and mails show it to people without any account.
    ///
    /// # Errors
    /// Of machinery.
    pub async fn logo(&self, id: &LogoId) -> Result<Option<Logo>, ServiceError> {
        Ok(self.directory.logo(id).await?)
    }
}
