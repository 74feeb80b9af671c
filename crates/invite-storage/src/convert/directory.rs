use super::{Place, permissions_text, purpose_number};
use crate::entity;
use invite_domain::{
    access::{Held, Role, SystemRole},
    directory::{
        Accent, Account, AccountToken, ApiKey, Limits, Logo, LogoId, Look, Membership, OperatorKey, Organization,
        PasswordHash, Policy, Session, Slug, Username,
    },
    email::EmailAddress,
    id::{AccountId, ApiKeyId, GroupId, MembershipId, OrganizationId, RoleId, SessionId, SubjectId},
    port::PortError,
    secret::credential::CredentialDigest,
    time::Timestamp,
};

pub(crate) fn organization(row: entity::organization::Model) -> Result<Organization, PortError> {
    let place = Place { table: "invite_organizations", id: &row.id };
    let accent = row.accent.as_deref().map(|text| place.known("accent", Accent::parse(text).ok()));
    let logo = row.logo_id.as_deref().map(|text| place.known("logo_id", LogoId::parse(text)));
    let look = Look { accent: accent.transpose()?, logo: logo.transpose()? };
    Ok(Organization {
        id: OrganizationId::from_uuid(row.id),
        number: row.number,
        slug: place.known("slug", Slug::parse(&row.slug).ok())?,
        name: row.name,
        locale: row.locale,
        time_zone: row.time_zone,
        policy: Policy {
            require_mailbox_proof: row.require_mailbox_proof,
            require_verified_sign_in: row.require_verified_sign_in,
            ttl_default: row.ttl_default,
            ttl_max: row.ttl_max,
        },
        limits: Limits {
            seats: row.limit_seats,
            live: row.limit_live,
            issues_hour: row.limit_issues_hour,
            messages_recipient_day: row.limit_messages_recipient_day,
        },
        look,
        group_id: row.group_id.map(GroupId::from_uuid),
        profile: row.profile,
        authority_epoch: row.authority_epoch,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at.unwrap_or(row.created_at),
        deleted_at: row.deleted_at,
    })
}

pub(crate) fn organization_row(organization: &Organization) -> entity::organization::Model {
    entity::organization::Model {
        number: organization.number,
        id: organization.id.as_uuid(),
        name: organization.name.clone(),
        slug: organization.slug.as_str().to_owned(),
        locale: organization.locale.clone(),
        time_zone: organization.time_zone.clone(),
        require_mailbox_proof: organization.policy.require_mailbox_proof,
        require_verified_sign_in: organization.policy.require_verified_sign_in,
        ttl_default: organization.policy.ttl_default,
        ttl_max: organization.policy.ttl_max,
        limit_seats: organization.limits.seats,
        limit_live: organization.limits.live,
        limit_issues_hour: organization.limits.issues_hour,
        limit_messages_recipient_day: organization.limits.messages_recipient_day,
        accent: organization.look.accent.map(|accent| accent.to_string()),
        logo_id: organization.look.logo.as_ref().map(|id| id.as_str().to_owned()),
        profile: organization.profile.clone(),
        authority_epoch: organization.authority_epoch,
        suspension_due: true,
        version: organization.version,
        created_at: organization.created_at,
        updated_at: Some(organization.updated_at),
        deleted_at: organization.deleted_at,
        group_id: organization.group_id.map(|id| id.as_uuid()),
    }
}

/// A logo whose bytes are what its id says.
pub(crate) fn logo(row: &entity::logo::Model) -> Result<Logo, PortError> {
    let place = Place { table: "invite_logos", id: &row.id };
    let logo = place.known("image", Logo::parse(&row.image).ok())?;
    if logo.id().as_str() == row.id { Ok(logo) } else { Err(place.corrupt("image")) }
}

pub(crate) fn logo_row(organization: OrganizationId, logo: &Logo, at: Timestamp) -> entity::logo::Model {
    entity::logo::Model {
        organization_id: organization.as_uuid(),
        id: logo.id().as_str().to_owned(),
        image: logo.bytes().to_vec(),
        created_at: at,
    }
}

pub(crate) fn account(row: entity::account::Model) -> Result<Account, PortError> {
    let place = Place { table: "invite_accounts", id: &row.id };
    Ok(Account {
        id: AccountId::from_uuid(row.id),
        number: row.number,
        email: address(&row)?,
        email_verified: row.email_verified,
        phone: place.phone("phone", row.phone.as_deref())?,
        username: username(&row)?,
        name: row.name,
        password: row.password.map(PasswordHash::new),
        locale: row.locale,
        profile: row.profile,
        last_sign_in_at: row.last_sign_in_at,
        previous_sign_in_at: row.previous_sign_in_at,
        created_at: row.created_at,
        version: row.version,
    })
}

/// An account without an address: the first schema let there be none such, and a column that others' references depend on
/// cannot be loosened everywhere. So the address is empty and its key the account's id, which is the key of no address: it
/// has no `@`.
const NO_ADDRESS: &str = "";

fn address(row: &entity::account::Model) -> Result<Option<EmailAddress>, PortError> {
    let place = Place { table: "invite_accounts", id: &row.id };
    if row.address == NO_ADDRESS && row.address_key == row.id.to_string() {
        return Ok(None);
    }
    place.known("address", EmailAddress::from_parts(&row.address, &row.address_key).ok()).map(Some)
}

fn username(row: &entity::account::Model) -> Result<Option<Username>, PortError> {
    let place = Place { table: "invite_accounts", id: &row.id };
    let Some(text) = &row.username else { return Ok(None) };
    let parsed = Username::parse(text).ok().filter(|name| row.username_key.as_deref() == Some(name.key()));
    place.known("username", parsed).map(Some)
}

pub(crate) fn account_row(account: &Account) -> entity::account::Model {
    entity::account::Model {
        number: account.number,
        id: account.id.as_uuid(),
        address: account.email.as_ref().map_or(NO_ADDRESS, EmailAddress::as_str).to_owned(),
        address_key: account.email_key().map_or_else(|| account.id.to_string(), str::to_owned),
        email_verified: account.email_verified,
        phone: account.phone.as_ref().map(|phone| phone.as_str().to_owned()),
        username: account.username.as_ref().map(|name| name.as_str().to_owned()),
        username_key: account.username.as_ref().map(|name| name.key().to_owned()),
        name: account.name.clone(),
        password: account.password.as_ref().map(|hash| hash.expose().to_owned()),
        locale: account.locale.clone(),
        profile: account.profile.clone(),
        last_sign_in_at: account.last_sign_in_at,
        previous_sign_in_at: account.previous_sign_in_at,
        created_at: account.created_at,
        version: account.version,
    }
}

pub(crate) fn role(row: entity::role::Model) -> Result<Role, PortError> {
    let place = Place { table: "invite_roles", id: &row.id };
    let system = row.system_role.as_deref().map(|name| place.known("system_role", name.parse::<SystemRole>().ok()));
    Ok(Role {
        id: RoleId::from_uuid(row.id),
        organization_id: OrganizationId::from_uuid(row.organization_id),
        number: row.number,
        description: row.description,
        scope: place.known("scope", row.scope.parse().ok())?,
        system: system.transpose()?,
        permissions: place.permissions(&row.permissions)?,
        created_at: row.created_at,
        updated_at: row.updated_at.unwrap_or(row.created_at),
        version: row.version,
        name: row.name,
    })
}

pub(crate) fn role_row(role: &Role) -> entity::role::Model {
    entity::role::Model {
        number: role.number,
        id: role.id.as_uuid(),
        organization_id: role.organization_id.as_uuid(),
        name: role.name.clone(),
        description: role.description.clone(),
        scope: role.scope.name().to_owned(),
        system_role: role.system.map(|system| system.name().to_owned()),
        permissions: permissions_text(&role.permissions),
        created_at: role.created_at,
        updated_at: Some(role.updated_at),
        version: role.version,
    }
}

pub(crate) fn membership(row: entity::membership::Model) -> Result<Membership, PortError> {
    let place = Place { table: "invite_memberships", id: &row.id };
    Ok(Membership {
        id: MembershipId::from_uuid(row.id),
        number: row.number,
        organization_id: OrganizationId::from_uuid(row.organization_id),
        account_id: AccountId::from_uuid(row.account_id),
        role_id: row.role_id.map(RoleId::from_uuid),
        permissions: place.permissions(&row.permissions)?,
        active: row.active,
        default_rate: row.default_rate,
        metadata: row.metadata,
        subject_id: row.subject_id.map(SubjectId::from_uuid),
        group_id: row.group_id.map(GroupId::from_uuid),
        created_at: row.created_at,
        version: row.version,
    })
}

pub(crate) fn membership_row(membership: &Membership) -> entity::membership::Model {
    entity::membership::Model {
        number: membership.number,
        id: membership.id.as_uuid(),
        organization_id: membership.organization_id.as_uuid(),
        account_id: membership.account_id.as_uuid(),
        role_id: membership.role_id.map(|id| id.as_uuid()),
        permissions: permissions_text(&membership.permissions),
        active: membership.active,
        default_rate: membership.default_rate,
        metadata: membership.metadata.clone(),
        subject_id: membership.subject_id.map(|id| id.as_uuid()),
        group_id: membership.group_id.map(|id| id.as_uuid()),
        created_at: membership.created_at,
        version: membership.version,
    }
}

pub(crate) fn api_key(row: entity::api_key::Model) -> Result<ApiKey, PortError> {
    let place = Place { table: "invite_api_keys", id: &row.id };
    let previous = match (row.previous_digest.as_deref(), row.previous_until) {
        (Some(digest), Some(until)) => {
            Some((CredentialDigest::from_bytes(place.bytes("previous_digest", digest)?), until))
        }
        (None, None) => None,
        _ => return Err(place.corrupt("previous_until")),
    };
    let permissions = if row.everything { Held::Everything } else { Held::Only(place.permissions(&row.permissions)?) };
    Ok(ApiKey {
        id: ApiKeyId::from_uuid(row.id),
        organization_id: OrganizationId::from_uuid(row.organization_id),
        number: row.number,
        digest: CredentialDigest::from_bytes(place.bytes("digest", &row.digest)?),
        previous,
        permissions,
        created_by: MembershipId::from_uuid(row.created_by),
        created_at: row.created_at,
        expires_at: row.expires_at,
        by_operator: row.by_operator,
        last_used_at: row.last_used_at,
        revoked_at: row.revoked_at,
        version: row.version,
        name: row.name,
        prefix: row.prefix,
    })
}

pub(crate) fn api_key_row(key: &ApiKey) -> entity::api_key::Model {
    let (everything, permissions) = match &key.permissions {
        Held::Everything => (true, String::new()),
        Held::Only(set) => (false, permissions_text(set)),
    };
    entity::api_key::Model {
        number: key.number,
        id: key.id.as_uuid(),
        organization_id: key.organization_id.as_uuid(),
        name: key.name.clone(),
        prefix: key.prefix.clone(),
        digest: key.digest.as_bytes().to_vec(),
        previous_digest: key.previous.as_ref().map(|(digest, _)| digest.as_bytes().to_vec()),
        previous_until: key.previous.as_ref().map(|(_, until)| *until),
        everything,
        permissions,
        created_by: key.created_by.as_uuid(),
        created_at: key.created_at,
        expires_at: key.expires_at,
        by_operator: key.by_operator,
        last_used_at: key.last_used_at,
        revoked_at: key.revoked_at,
        version: key.version,
    }
}

pub(crate) fn operator_key(row: entity::operator_key::Model) -> Result<OperatorKey, PortError> {
    let place = Place { table: "invite_operator_keys", id: &row.id };
    Ok(OperatorKey {
        id: ApiKeyId::from_uuid(row.id),
        digest: CredentialDigest::from_bytes(place.bytes("digest", &row.digest)?),
        created_at: row.created_at,
        revoked_at: row.revoked_at,
        prefix: row.prefix,
    })
}

pub(crate) fn operator_key_row(key: &OperatorKey) -> entity::operator_key::Model {
    entity::operator_key::Model {
        id: key.id.as_uuid(),
        prefix: key.prefix.clone(),
        digest: key.digest.as_bytes().to_vec(),
        created_at: key.created_at,
        revoked_at: key.revoked_at,
    }
}

pub(crate) fn session(row: &entity::session::Model) -> Result<Session, PortError> {
    let place = Place { table: "invite_sessions", id: &row.id };
    let refresh = row.refresh_digest.as_deref();
    let refresh = refresh.map(|digest| place.bytes("refresh_digest", digest).map(CredentialDigest::from_bytes));
    Ok(Session {
        id: SessionId::from_uuid(row.id),
        account_id: AccountId::from_uuid(row.account_id),
        organization_id: row.organization_id.map(OrganizationId::from_uuid),
        digest: CredentialDigest::from_bytes(place.bytes("digest", &row.digest)?),
        refresh: refresh.transpose()?,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
    })
}

pub(crate) fn session_row(session: &Session) -> entity::session::Model {
    entity::session::Model {
        id: session.id.as_uuid(),
        account_id: session.account_id.as_uuid(),
        organization_id: session.organization_id.map(|id| id.as_uuid()),
        digest: session.digest.as_bytes().to_vec(),
        refresh_digest: session.refresh.as_ref().map(|digest| digest.as_bytes().to_vec()),
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
    }
}

pub(crate) fn account_token(row: &entity::account_token::Model) -> Result<AccountToken, PortError> {
    let place = Place { table: "invite_account_tokens", id: &row.account_id };
    let address = row.address.as_deref();
    let address = address.map(|text| place.known("address", EmailAddress::parse(text).ok()));
    Ok(AccountToken {
        account_id: AccountId::from_uuid(row.account_id),
        purpose: place.purpose(row.purpose)?,
        counter: place.narrow("counter", row.counter)?,
        key_id: place.key_id(row.key_id)?,
        nonce: place.nonce(row.nonce.as_deref())?,
        created_at: row.created_at,
        expires_at: row.expires_at,
        used_at: row.used_at,
        address: address.transpose()?,
    })
}

pub(crate) fn account_token_row(token: &AccountToken) -> entity::account_token::Model {
    entity::account_token::Model {
        account_id: token.account_id.as_uuid(),
        purpose: purpose_number(token.purpose),
        counter: i64::from(token.counter),
        key_id: i64::from(token.key_id.get()),
        nonce: token.nonce.as_ref().map(|nonce| nonce.expose().to_vec()),
        created_at: token.created_at,
        expires_at: token.expires_at,
        used_at: token.used_at,
        address: token.address.as_ref().map(|address| address.as_str().to_owned()),
    }
}
