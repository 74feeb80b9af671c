//! API keys: list, make, rotate, revoke.

use super::{Caller, DirectoryService, ServiceError, Step, Wanted};
use crate::{
    access::{NewApiKey, PermissionSet, key_edit, permission},
    directory::ApiKey,
    id::ApiKeyId,
    invitation::Rejection,
    page::{Page, PageRequest},
    port::{AdministrationFacts, AdministrationQuery},
    secret::credential::{CredentialKind, CredentialText},
};

/// A key with the permissions to print.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiKeyView {
    /// The key.
    pub key: ApiKey,
    /// What it may do at most.
    pub permissions: PermissionSet,
}

fn view(key: ApiKey, known: &PermissionSet) -> ApiKeyView {
    let permissions = key.permissions.printed(known);
    ApiKeyView { key, permissions }
}

fn named(facts: &AdministrationFacts) -> Result<&ApiKey, Rejection> {
    facts.api_key.as_ref().ok_or(Rejection::NotFound)
}

fn about(caller: &Caller, id: ApiKeyId) -> AdministrationQuery {
    AdministrationQuery { api_key_id: Some(id), ..AdministrationQuery::of(caller.organization_id, caller.principal) }
}

impl DirectoryService {
    /// A page of the organisation's keys that are not revoked.
    ///
    /// # Errors
    /// Without `api_keys.read`.
    pub async fn api_keys(&self, caller: &Caller, page: &PageRequest) -> Result<Page<ApiKeyView>, ServiceError> {
        let query = AdministrationQuery::of(caller.organization_id, caller.principal);
        let facts = self.seeing(&query, permission::API_KEYS_READ).await?;
        let page = self.directory.api_keys(facts.organization.id, page).await?;
        Ok(page.map(|key| view(key, &facts.known_permissions)))
    }

    /// Makes a key. The text is in this answer and nowhere else.
    ///
    /// # Errors
    /// Without `api_keys.write`, and as [`key_edit::create_api_key`].
    pub async fn create_api_key(
        &self,
        caller: &Caller,
        command: NewApiKey,
    ) -> Result<(ApiKeyView, CredentialText), ServiceError> {
        let query = AdministrationQuery {
            api_key_id: command.id,
            ..AdministrationQuery::of(caller.organization_id, caller.principal)
        };
        let text = self.new_key_text();
        let permission = Some(permission::API_KEYS_WRITE);
        let ((key, known), outcome) = self
            .administer(caller, &query, permission, Wanted::Nothing, |administrator, facts, _| {
                let made = facts.api_key.as_ref();
                let (plan, key) = key_edit::create_api_key(administrator, &facts.actor, &command, made, &text)?;
                Ok(Step::Commit(Box::new(plan), (key, facts.known_permissions.clone())))
            })
            .await?;
        let number = outcome.number_of(key.id.as_uuid());
        Ok((view(ApiKey { number, ..key }, &known), text))
    }

    /// Gives a key a new text. The old one counts for `overlap` seconds more, a day where nothing is said. With `if_match`
    /// only where the key has this version still.
    ///
    /// # Errors
    /// Without `api_keys.write`; [`Rejection::NotFound`]; and as [`key_edit::rotate_api_key`].
    pub async fn rotate_api_key(
        &self,
        caller: &Caller,
        id: ApiKeyId,
        overlap: Option<i64>,
        if_match: Option<i64>,
    ) -> Result<(ApiKeyView, CredentialText), ServiceError> {
        let overlap = overlap.unwrap_or(ApiKey::DEFAULT_OVERLAP);
        let text = self.new_key_text();
        let permission = Some(permission::API_KEYS_WRITE);
        let ((key, known), _) = self
            .administer(caller, &about(caller, id), permission, Wanted::Nothing, |administrator, facts, _| {
                let (plan, key) = key_edit::rotate_api_key(administrator, named(facts)?, overlap, if_match, &text)?;
                Ok(Step::Commit(Box::new(plan), (key, facts.known_permissions.clone())))
            })
            .await?;
        Ok((view(key, &known), text))
    }

    /// Revokes a key.
    ///
    /// # Errors
    /// Without `api_keys.write`; [`Rejection::NotFound`], also for one that is revoked already.
    pub async fn revoke_api_key(&self, caller: &Caller, id: ApiKeyId) -> Result<(), ServiceError> {
        let permission = Some(permission::API_KEYS_WRITE);
        self.administer(caller, &about(caller, id), permission, Wanted::Nothing, |administrator, facts, _| {
            let plan = key_edit::revoke_api_key(administrator, named(facts)?)?;
            Ok(Step::Commit(Box::new(plan), ()))
        })
        .await?;
        Ok(())
    }

    pub(super) fn new_key_text(&self) -> CredentialText {
        CredentialText::generate(CredentialKind::ApiKey, &*self.world.entropy)
    }
}
