//! Making an organisation with its roles, its owner and its first key.

use super::{
    Account, AccountToken, ApiKey, Limits, Membership, Organization, Policy, Slug, Subject, SubjectKind, account_link,
    words::{self, Faults},
};
use crate::{
    access::{Actor, Held, PermissionSet, Role, SystemRole, key_edit},
    email::EmailAddress,
    id::{AccountId, ApiKeyId, MembershipId, OrganizationId, RoleId, SubjectId},
    invitation::{AdministrationChange, Context, DirectoryChange, EventKind, Guard, Plan, Rejection, UniqueKey},
    secret::{account_token::AccountPurpose, credential::CredentialText},
};
use chrono::Duration;

/// How long the owner's link lives (rule 7.9).
const OWNER_LINK_LIFETIME: Duration = Duration::hours(24);

/// Asks for a new organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewOrganization {
    /// What people call it, 1 to 200 characters.
    pub name: String,
    /// Its slug; made from the name, with a number when taken, where `None`.
    pub slug: Option<Slug>,
    /// Whose it is.
    pub owner_email: EmailAddress,
    /// The language of its mails (a BCP 47 tag).
    pub locale: Option<String>,
}

/// Who has the owner's address now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnerFacts {
    /// The account.
    pub account: Account,
    /// The last owner's link it was given, used or not.
    pub owner_link: Option<AccountToken>,
}

/// An organisation as it will be, and what has to be written for that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Founded {
    /// What to write.
    pub plan: Plan,
    /// The organisation.
    pub organization: Organization,
    /// The owner's membership.
    pub owner: Membership,
    /// The owner's key.
    pub api_key: ApiKey,
    /// The link of an owner whose account the plan inserts. A link that the plan mails is not here.
    pub owner_link: Option<AccountToken>,
}

/// Makes an organisation under this slug. `key` is the text of its first API key, which holds everything and belongs to
/// the owner.
///
/// The owner's link lets whoever reads it set the account's password. The operator reads the one in the answer, so that
/// is made only for an account the plan inserts: an older one may have rights elsewhere that are none of the operator's.
/// To an account whose address is verified no link is made; that person signs in. An unverified one may be a squatter's: its
/// credentials end (rule 5.6), and the link is mailed, so that whoever reads mail there takes the account over.
///
/// # Errors
/// Names every field that cannot be.
pub fn found(
    context: &Context<'_>,
    actor: Actor,
    command: &NewOrganization,
    slug: Slug,
    at_address: Option<&OwnerFacts>,
    key_name: &str,
    key: &CredentialText,
) -> Result<Founded, Rejection> {
    let organization = new_organization(context, command, slug)?;
    let roles = SystemRole::ALL.map(|system| system_role(context, organization.id, system));
    let mut plan = Plan {
        guards: vec![Guard::Free(UniqueKey::Slug(organization.slug.clone()))],
        administration: vec![AdministrationChange::InsertOrganization(Box::new(organization.clone()))],
        ..Plan::default()
    };
    let owner_role = roles.iter().find(|role| role.system == Some(SystemRole::Owner)).map(|role| role.id);
    let company = own_company(context, &organization);
    plan.administration.push(AdministrationChange::InsertSubject(Box::new(company)));
    plan.administration.extend(roles.map(|role| AdministrationChange::InsertRole(Box::new(role))));

    let (account_id, owner_link) = owner(context, command, organization.id, at_address, &mut plan);
    let owner = membership(context, organization.id, account_id, owner_role);
    let api_key = first_key(context, &owner, key_name, key);
    plan.events.push(context.membership_event(
        organization.id,
        owner.id,
        EventKind::MembershipCreated,
        actor,
        owner.version,
        [("role", SystemRole::Owner.name().into())],
    ));
    let created = EventKind::ApiKeyCreated;
    plan.events.push(context.event(organization.id, created, actor, api_key.version, key_edit::facts(&api_key)));
    plan.directory.push(DirectoryChange::InsertMembership(Box::new(owner.clone())));
    plan.administration.push(AdministrationChange::InsertApiKey(Box::new(api_key.clone())));
    Ok(Founded { plan, organization, owner, api_key, owner_link })
}

fn new_organization(context: &Context<'_>, command: &NewOrganization, slug: Slug) -> Result<Organization, Rejection> {
    let mut faults = Faults::default();
    let name = faults.keep(words::name("/name", &command.name, words::NAME)).unwrap_or_default();
    let locale = command.locale.as_deref().and_then(|text| faults.keep(words::locale("/locale", text)));
    faults.end()?;
    Ok(Organization {
        id: OrganizationId::new(context.now, context.entropy),
        number: 0,
        name,
        slug,
        locale,
        time_zone: "UTC".to_owned(),
        policy: Policy::default(),
        limits: Limits::default(),
        look: super::look::Look::default(),
        group_id: None,
        profile: "{}".to_owned(),
        authority_epoch: 1,
        version: 1,
        created_at: context.now,
        updated_at: context.now,
        deleted_at: None,
    })
}

/// The organisation's own company: what its truckers belong to.
fn own_company(context: &Context<'_>, organization: &Organization) -> Subject {
    Subject {
        id: SubjectId::new(context.now, context.entropy),
        number: 0,
        organization_id: organization.id,
        kind: SubjectKind::Company,
        parent_id: None,
        own: true,
        remote_id: None,
        email: None,
        phone: None,
        name: organization.name.clone(),
        profile: "{}".to_owned(),
        created_at: context.now,
        updated_at: context.now,
        deleted_at: None,
        version: 1,
    }
}

pub(crate) fn system_role(context: &Context<'_>, organization_id: OrganizationId, system: SystemRole) -> Role {
    Role {
        id: RoleId::new(context.now, context.entropy),
        organization_id,
        number: 0,
        name: system.name().to_owned(),
        description: None,
        scope: system.scope(),
        system: Some(system),
        permissions: PermissionSet::new(),
        created_at: context.now,
        updated_at: context.now,
        version: 1,
    }
}

/// The owner's account and the link to answer, with what has to be written for them.
fn owner(
    context: &Context<'_>,
    command: &NewOrganization,
    organization_id: OrganizationId,
    at_address: Option<&OwnerFacts>,
    plan: &mut Plan,
) -> (AccountId, Option<AccountToken>) {
    let new_link =
        |id, previous| account_link::new_link(context, id, AccountPurpose::OwnerLink, previous, OWNER_LINK_LIFETIME);
    let Some(OwnerFacts { account, owner_link }) = at_address else {
        let id = AccountId::new(context.now, context.entropy);
        let account = Account::new(id, Some(command.owner_email.clone()), context.now);
        plan.guards.push(Guard::Free(UniqueKey::AccountAddress(command.owner_email.key().to_owned())));
        plan.directory.push(DirectoryChange::InsertAccount(Box::new(account)));
        let link = new_link(id, None);
        plan.administration.push(AdministrationChange::PutAccountToken(Box::new(link.clone())));
        return (id, Some(link));
    };
    plan.guards.push(Guard::AccountAt(account.id, account.version));
    if !account.email_verified {
        // Whoever set these credentials has not shown to read mail at this address, and would be the owner from here on
        // (rule 5.6).
        plan.directory.push(DirectoryChange::EndCredentials(account.id, context.now));
        let emptied = Account { password: None, version: account.version + 1, ..account.clone() };
        plan.directory.push(DirectoryChange::UpdateAccount(Box::new(emptied)));
        let link = new_link(account.id, owner_link.as_ref());
        plan.messages.push(account_link::mail(context, &link, Some(organization_id)));
        plan.administration.push(AdministrationChange::PutAccountToken(Box::new(link)));
    }
    (account.id, None)
}

fn membership(
    context: &Context<'_>,
    organization_id: OrganizationId,
    account_id: AccountId,
    role_id: Option<RoleId>,
) -> Membership {
    Membership {
        id: MembershipId::new(context.now, context.entropy),
        number: 0,
        organization_id,
        account_id,
        role_id,
        permissions: PermissionSet::new(),
        active: true,
        default_rate: None,
        metadata: None,
        subject_id: None,
        group_id: None,
        created_at: context.now,
        version: 1,
    }
}

fn first_key(context: &Context<'_>, owner: &Membership, name: &str, text: &CredentialText) -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(context.now, context.entropy),
        organization_id: owner.organization_id,
        number: 0,
        name: name.to_owned(),
        prefix: text.prefix(),
        digest: text.digest(),
        previous: None,
        permissions: Held::Everything,
        created_by: owner.id,
        by_operator: true,
        created_at: context.now,
        expires_at: None,
        last_used_at: None,
        revoked_at: None,
        version: 1,
    }
}

#[cfg(test)]
mod tests;
