//! Groups of organisations, the operator's.

use super::{DirectoryService, ServiceError, Step, attempt};
use crate::{
    directory::{ChangeGroup, NewGroup, group_edit},
    email::EmailAddress,
    id::{ApiKeyId, GroupId},
    invitation::{Origin, Rejection},
    page::{Page, PageRequest},
    port::{GroupQuery, GroupRecord, Groups, PortError, Principal},
};
use std::sync::Arc;

/// The use cases of groups of organisations: for the operator alone. A clone shares everything.
#[derive(Clone)]
pub struct GroupService {
    directory: DirectoryService,
    groups: Arc<dyn Groups>,
}

impl GroupService {
    /// Puts the use cases over the port and those of the directory.
    pub fn new(groups: Arc<dyn Groups>, directory: DirectoryService) -> Self {
        Self { directory, groups }
    }

    /// A page of all groups.
    ///
    /// # Errors
    /// [`Rejection::OperatorOnly`].
    pub async fn list(&self, principal: Principal, page: &PageRequest) -> Result<Page<GroupRecord>, ServiceError> {
        self.operator(principal).await?;
        Ok(self.groups.groups(page).await?)
    }

    /// One group.
    ///
    /// # Errors
    /// [`Rejection::OperatorOnly`], [`Rejection::NotFound`].
    pub async fn get(&self, principal: Principal, id: GroupId) -> Result<GroupRecord, ServiceError> {
        self.operator(principal).await?;
        Ok(self.groups.group(id).await?.ok_or(Rejection::NotFound)?)
    }

    /// Makes a group.
    ///
    /// # Errors
    /// [`Rejection::OperatorOnly`], and as [`group_edit::create`].
    pub async fn create(
        &self,
        principal: Principal,
        command: NewGroup,
        origin: &Origin,
    ) -> Result<GroupRecord, ServiceError> {
        let query = GroupQuery {
            group: None,
            organizations: command.organizations.clone(),
            address_keys: keys(&command.administrators),
        };
        let (id, _) = attempt!(&*self.directory.store, async {
            let operator = self.operator(principal).await?;
            let moment = self.directory.moment()?;
            let facts = self.groups.load_group(&query).await?;
            let context = self.directory.context(&moment, origin);
            let (plan, group) = group_edit::create(&context, operator, &facts, &command)?;
            Ok(Step::Commit(Box::new(plan), group.id))
        })?;
        // It may have changed since: what is answered is what there is.
        let made = self.groups.group(id).await?;
        Ok(made.ok_or_else(|| PortError::other("the group that was made is gone again"))?)
    }

    /// Changes a group: its name, its organisations, its administrators.
    ///
    /// # Errors
    /// [`Rejection::OperatorOnly`], and as [`group_edit::change`].
    pub async fn change(
        &self,
        principal: Principal,
        id: GroupId,
        command: ChangeGroup,
        origin: &Origin,
    ) -> Result<GroupRecord, ServiceError> {
        let query = GroupQuery {
            group: Some(id),
            organizations: command.organizations.clone().unwrap_or_default(),
            address_keys: command.administrators.as_deref().map(keys).unwrap_or_default(),
        };
        attempt!(&*self.directory.store, async {
            let operator = self.operator(principal).await?;
            let moment = self.directory.moment()?;
            let facts = self.groups.load_group(&query).await?;
            let context = self.directory.context(&moment, origin);
            let plan = group_edit::change(&context, operator, &facts, &command)?;
            Ok(plan.map_or(Step::Done(()), |plan| Step::Commit(Box::new(plan), ())))
        })?;
        Ok(self.groups.group(id).await?.ok_or(Rejection::NotFound)?)
    }

    /// Deletes a group, and takes its memberships away.
    ///
    /// # Errors
    /// [`Rejection::OperatorOnly`], and as [`group_edit::delete`].
    pub async fn delete(&self, principal: Principal, id: GroupId, origin: &Origin) -> Result<(), ServiceError> {
        let query = GroupQuery { group: Some(id), ..GroupQuery::default() };
        attempt!(&*self.directory.store, async {
            let operator = self.operator(principal).await?;
            let moment = self.directory.moment()?;
            let facts = self.groups.load_group(&query).await?;
            let plan = group_edit::delete(&self.directory.context(&moment, origin), operator, &facts)?;
            Ok(Step::Commit(Box::new(plan), ()))
        })?;
        Ok(())
    }

    /// The operator's key behind a principal, where it still counts.
    async fn operator(&self, principal: Principal) -> Result<ApiKeyId, ServiceError> {
        self.directory.operator(principal).await?;
        match principal {
            Principal::Operator(id) => Ok(id),
            Principal::Person(_) | Principal::ApiKey(_) => Err(Rejection::OperatorOnly.into()),
        }
    }
}

fn keys(addresses: &[EmailAddress]) -> Vec<String> {
    addresses.iter().map(|address| address.key().to_owned()).collect()
}
