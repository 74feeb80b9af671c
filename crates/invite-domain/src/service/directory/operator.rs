//! The operator's: setting up, organisations, operator keys.

use super::{DirectoryService, Moment, ServiceError, Step, attempt};
use crate::{
    access::{Actor, ActorKind},
    directory::{
        Membership, NewOrganization, OperatorKey, Organization, Slug, account_link,
        founding::{self, Founded, OwnerFacts},
        organization_edit::{self, SLUG_TAKEN},
    },
    email::EmailAddress,
    id::{ApiKeyId, OrganizationId},
    invitation::{AdministrationChange, FieldCode, Guard, Origin, Outcome, Plan, Rejection, UniqueKey},
    page::{Page, PageRequest},
    port::{Directory, OrganizationRef, PortError, Principal},
    secret::{
        account_token::{self, AccountPurpose, AccountTokenText},
        credential::CredentialText,
        keyring::KeyRing,
        token::Provenance,
    },
    time::Timestamp,
};
use std::sync::Arc;

/// Asks to set up an installation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetUp {
    /// What the first organisation is called.
    pub organization: String,
    /// Whose it is.
    pub owner_email: EmailAddress,
    /// The language of its mails (a BCP 47 tag).
    pub locale: Option<String>,
}

/// An installation that was just set up. Its secrets are shown once.
#[derive(Debug)]
pub struct Installed {
    /// The first organisation.
    pub organization: Organization,
    /// The owner's membership.
    pub owner: Membership,
    /// The owner's key; it holds everything.
    pub api_key: CredentialText,
    /// The operator's key.
    pub operator_key: CredentialText,
    /// With this link the owner sets a password, within 24 hours.
    pub owner_link: AccountTokenText,
}

/// An organisation that was just made. Its secrets are shown once.
#[derive(Debug)]
pub struct CreatedOrganization {
    /// The organisation.
    pub organization: Organization,
    /// The owner's key; it holds everything.
    pub api_key: CredentialText,
    /// With this link the owner sets a password, within 24 hours. `None` where there was an account at the address: its
    /// person signs in, or finds the link in the mail where the address is not verified yet (see [`founding::found`]).
    pub owner_link: Option<AccountTokenText>,
}

impl DirectoryService {
    /// Sets up an installation: the first organisation, its owner and key, an operator key.
    ///
    /// # Errors
    /// [`Rejection::AlreadySetUp`] the second time, field errors at `/name` and `/locale`.
    pub async fn set_up(&self, command: SetUp) -> Result<Installed, ServiceError> {
        let command = NewOrganization {
            name: command.organization,
            slug: None,
            owner_email: command.owner_email,
            locale: command.locale,
        };
        let (api_key, operator_key) = (self.new_key_text(), self.new_key_text());
        let ((founded, ring), outcome) = attempt!(&*self.store, async {
            let taken = self.directory.account_by_address(command.owner_email.key()).await?.is_some();
            // An account means that somebody was here before.
            if taken || !self.directory.is_empty().await? {
                return Err(Rejection::AlreadySetUp.into());
            }
            let moment = self.moment()?;
            let operator = self.operator_key(&operator_key, moment.now);
            let context = self.context(&moment, Origin::none());
            let (actor, slug) = (operator_actor(operator.id), Slug::from_name(&command.name));
            let mut founded = founding::found(&context, actor, &command, slug, None, "setup", &api_key)?;
            let mut plan = std::mem::take(&mut founded.plan);
            plan.guards.push(Guard::Free(UniqueKey::Installation));
            plan.administration.push(AdministrationChange::InsertOperatorKey(Box::new(operator)));
            Ok(Step::Commit(Box::new(plan), (founded, moment.ring)))
        })?;
        let owner_link = link_text(&founded, &ring)?.ok_or_else(|| PortError::other("a new owner has no link"))?;
        let number = outcome.number_of(founded.owner.id.as_uuid());
        let owner = Membership { number, ..founded.owner.clone() };
        Ok(Installed { organization: numbered(founded, &outcome), owner, api_key, operator_key, owner_link })
    }

    /// Makes an organisation with its owner and a key.
    ///
    /// # Errors
    /// [`Rejection::OperatorOnly`], field errors at `/name`, `/slug`, `/locale`.
    pub async fn create_organization(
        &self,
        principal: Principal,
        command: NewOrganization,
        origin: &Origin,
    ) -> Result<CreatedOrganization, ServiceError> {
        let api_key = self.new_key_text();
        let ((founded, ring), outcome) = attempt!(&*self.store, async {
            let actor = self.operator(principal).await?;
            let moment = self.moment()?;
            let at_address = self.owner_facts(&command.owner_email).await?;
            let slug = self.free_slug(&command, &moment).await?;
            let context = self.context(&moment, origin);
            let mut founded = founding::found(&context, actor, &command, slug, at_address.as_ref(), "owner", &api_key)?;
            let plan = std::mem::take(&mut founded.plan);
            Ok(Step::Commit(Box::new(plan), (founded, moment.ring)))
        })?;
        let owner_link = link_text(&founded, &ring)?;
        Ok(CreatedOrganization { organization: numbered(founded, &outcome), api_key, owner_link })
    }

    /// A page of all organisations that are not deleted.
    ///
    /// # Errors
    /// [`Rejection::OperatorOnly`].
    pub async fn organizations(
        &self,
        principal: Principal,
        page: &PageRequest,
    ) -> Result<Page<Organization>, ServiceError> {
        self.operator(principal).await?;
        Ok(self.directory.organizations(page).await?)
    }

    /// Deletes an organisation: all its secrets are dead at once. The rows stay for 30 days.
    ///
    /// # Errors
    /// [`Rejection::OperatorOnly`], [`Rejection::NotFound`].
    pub async fn delete_organization(
        &self,
        principal: Principal,
        id: OrganizationId,
        origin: &Origin,
    ) -> Result<(), ServiceError> {
        attempt!(&*self.store, async {
            let actor = self.operator(principal).await?;
            let organization = self.directory.organization(&OrganizationRef::Id(id)).await?;
            let organization = organization.ok_or(Rejection::NotFound)?;
            let context = self.moment()?;
            let context = self.context(&context, origin);
            let plan = organization_edit::delete_organization(&context, actor, &organization);
            Ok(Step::Commit(Box::new(plan), ()))
        })?;
        Ok(())
    }

    /// A page of all organisations that are deleted and not yet gone.
    ///
    /// # Errors
    /// [`Rejection::OperatorOnly`].
    pub async fn deleted_organizations(
        &self,
        principal: Principal,
        page: &PageRequest,
    ) -> Result<Page<Organization>, ServiceError> {
        self.operator(principal).await?;
        Ok(self.directory.deleted_organizations(page).await?)
    }

    /// Brings a deleted organisation back within 30 days.
    ///
    /// # Errors
    /// [`Rejection::OperatorOnly`], [`Rejection::NotFound`] for one that is not deleted, and for one that was for too long.
    pub async fn restore_organization(
        &self,
        principal: Principal,
        id: OrganizationId,
        origin: &Origin,
    ) -> Result<Organization, ServiceError> {
        let (restored, _) = attempt!(&*self.store, async {
            let actor = self.operator(principal).await?;
            let organization = self.directory.deleted_organization(id).await?.ok_or(Rejection::NotFound)?;
            let moment = self.moment()?;
            let context = self.context(&moment, origin);
            let (plan, next) = organization_edit::restore_organization(&context, actor, &organization)?;
            Ok(Step::Commit(Box::new(plan), next))
        })?;
        Ok(restored)
    }

    /// Replaces the operator's key: the new one counts, and no other. For an operator at the machine who has lost it, so
    /// nobody's authority is asked for.
    ///
    /// # Errors
    /// A port's failure.
    pub async fn new_operator_key(&self) -> Result<CredentialText, ServiceError> {
        let text = self.new_key_text();
        let now = self.now();
        let old = self.directory.operator_keys().await?;
        let mut administration: Vec<_> =
            old.iter().map(|old| AdministrationChange::RevokeOperatorKey(old.id, now)).collect();
        administration.push(AdministrationChange::InsertOperatorKey(Box::new(self.operator_key(&text, now))));
        self.write(Plan { administration, ..Plan::default() }).await?;
        Ok(text)
    }

    /// The operator behind a principal, where the key still counts.
    pub(super) async fn operator(&self, principal: Principal) -> Result<Actor, ServiceError> {
        operator(&*self.directory, principal).await
    }

    fn operator_key(&self, text: &CredentialText, now: Timestamp) -> OperatorKey {
        OperatorKey {
            id: ApiKeyId::new(now, &*self.world.entropy),
            prefix: text.prefix(),
            digest: text.digest(),
            created_at: now,
            revoked_at: None,
        }
    }

    async fn owner_facts(&self, address: &EmailAddress) -> Result<Option<OwnerFacts>, ServiceError> {
        let Some(account) = self.directory.account_by_address(address.key()).await? else { return Ok(None) };
        let owner_link = self.directory.account_token(account.id, AccountPurpose::OwnerLink).await?;
        Ok(Some(OwnerFacts { account, owner_link }))
    }

    /// The slug that was chosen, or one made from the name that nobody holds.
    async fn free_slug(&self, command: &NewOrganization, moment: &Moment) -> Result<Slug, ServiceError> {
        if let Some(slug) = &command.slug {
            return match self.directory.slug_holder(slug).await? {
                None => Ok(slug.clone()),
                Some(_) => Err(Rejection::field("/slug", FieldCode::Invalid, SLUG_TAKEN).into()),
            };
        }
        let base = Slug::from_name(&command.name);
        if self.directory.slug_holder(&base).await?.is_none() {
            return Ok(base);
        }
        for number in 2..=COUNTED_SLUGS {
            let slug = base.numbered(number);
            if self.directory.slug_holder(&slug).await?.is_none() {
                return Ok(slug);
            }
        }
        // Many of one name: the next number is not worth looking for.
        let millis = moment.now.timestamp_millis().unsigned_abs();
        Ok(base.numbered(u32::try_from(millis % u64::from(u32::MAX)).unwrap_or(u32::MAX)))
    }
}

/// Up to which number a slug is counted up one by one.
const COUNTED_SLUGS: u32 = 50;

/// The operator behind a principal, where the key still counts.
pub(in crate::service) async fn operator(
    directory: &dyn Directory,
    principal: Principal,
) -> Result<Actor, ServiceError> {
    let Principal::Operator(id) = principal else { return Err(Rejection::OperatorOnly.into()) };
    let counts = directory.operator_keys().await?.iter().any(|key| key.id == id && key.revoked_at.is_none());
    if counts { Ok(operator_actor(id)) } else { Err(Rejection::Unauthenticated.into()) }
}

fn operator_actor(id: ApiKeyId) -> Actor {
    Actor { kind: ActorKind::Operator, id: Some(id.as_uuid()) }
}

fn numbered(founded: Founded, outcome: &Outcome) -> Organization {
    Organization { number: outcome.number_of(founded.organization.id.as_uuid()), ..founded.organization }
}

/// The text of the owner's link. It leaves in an answer, so it never proves the mailbox.
fn link_text(founded: &Founded, ring: &Arc<KeyRing>) -> Result<Option<AccountTokenText>, PortError> {
    let Some(binding) = founded.owner_link.as_ref().and_then(account_link::binding) else { return Ok(None) };
    account_token::mint(ring, &binding, Provenance::Answer).map(Some).map_err(PortError::other)
}
