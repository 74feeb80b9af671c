//! An administrator at a terminal: he acts as the operator of the installation.

use super::{CommandError, OrganizationArg};
use crate::{
    config::Config,
    parts::{Parts, Schema},
};
use invite_domain::invitation::Origin;
use invite_domain::{
    access::Role,
    directory::{OperatorKey, Organization},
    id::RoleId,
    page::PageRequest,
    port::Principal,
    service::{Authenticated, Caller},
};

/// Runs a command's work to its end.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// The operator with an open installation.
pub(super) struct Administrator {
    pub(super) parts: Parts,
    key: OperatorKey,
}

impl Administrator {
    pub(super) async fn open(config: &Config) -> Result<Self, CommandError> {
        let parts = Parts::open(config, config.required_keyring()?, Schema::Require).await?;
        Self::over(parts).await
    }

    pub(super) async fn over(parts: Parts) -> Result<Self, CommandError> {
        let keys = parts.directory_store.operator_keys().await?;
        let key = keys
            .into_iter()
            .find(|key| key.revoked_at.is_none())
            .ok_or_else(|| CommandError::Failed("the installation is not set up: run `invite setup`".to_owned()))?;
        Ok(Self { parts, key })
    }

    pub(super) fn principal(&self) -> Principal {
        Principal::Operator(self.key.id)
    }

    /// The operator, acting for this organisation.
    pub(super) fn caller(&self, organization: &Organization) -> Caller {
        Caller { principal: self.principal(), organization_id: organization.id, origin: Origin::default() }
    }

    /// The organisation that was named, or the only one there is.
    pub(super) async fn organization(&self, named: &OrganizationArg) -> Result<Organization, CommandError> {
        let directory = &self.parts.directory;
        if let Some(name) = &named.organization {
            let who = Authenticated::Operator(Box::new(self.key.clone()));
            return directory.effective_organization(&who, Some(name)).await.map_err(|error| match error {
                invite_domain::service::ServiceError::Rejected(_) => {
                    CommandError::Failed(format!("there is no organisation `{name}`: give its slug or id"))
                }
                other => other.into(),
            });
        }
        let page = directory.organizations(self.principal(), &PageRequest::first(11)).await?;
        match <[Organization; 1]>::try_from(page.items) {
            Ok([only]) => Ok(only),
            Err(none) if none.is_empty() => {
                Err(CommandError::Failed("the installation has no organisation".to_owned()))
            }
            Err(several) => {
                let slugs: Vec<_> = several.iter().take(10).map(|organization| organization.slug.as_str()).collect();
                let more = if several.len() > 10 { ", …" } else { "" };
                Err(CommandError::Usage(format!(
                    "there are several organisations: name one with --organization ({}{more})",
                    slugs.join(", ")
                )))
            }
        }
    }

    /// All organisations.
    pub(super) async fn organizations(&self) -> Result<Vec<Organization>, CommandError> {
        let mut all = Vec::new();
        let mut request = PageRequest::first(PageRequest::MAX_LIMIT);
        loop {
            let page = self.parts.directory.organizations(self.principal(), &request).await?;
            all.extend(page.items);
            match page.next {
                Some(next) => request.after = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// A role of the organisation, by name or id.
    pub(super) async fn role(&self, organization: &Organization, named: &str) -> Result<Role, CommandError> {
        if let Some(role) = self.parts.directory_store.role_by_name(organization.id, named).await? {
            return Ok(role);
        }
        let caller = self.caller(organization);
        if let Ok(id) = named.parse::<RoleId>()
            && let Ok(view) = self.parts.directory.role(&caller, id).await
        {
            return Ok(view.role);
        }
        let page = self.parts.directory.roles(&caller, &PageRequest::first(20)).await?;
        let known: Vec<_> = page.items.iter().map(|view| view.role.name.as_str()).collect();
        let more = if page.next.is_some() { ", …" } else { "" };
        Err(CommandError::Failed(format!("there is no role `{named}`: there are {}{more}", known.join(", "))))
    }
}
