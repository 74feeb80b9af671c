//! Between the host's rows and the domain's shapes, field by field, in both directions.
//!
//! Towards the domain a row is checked, and one that says what no row should is a [`PortError::Corrupt`]: better no answer
//! than a wrong one. What the domain writes and the host has no use for (`metadata`, a locale) still needs a column: a
//! shape that does not come back equal makes the domain decide on something that is not so.

use crate::tables::{Seat, Tables, Team, TeamRole, User};
use invite_domain::{
    access::{PermissionSet, Role, RoleScope, SystemRole},
    directory::{Account, Membership, Organization, PasswordHash, Slug, Username},
    email::EmailAddress,
    id::{AccountId, MembershipId, OrganizationId, RoleId, SubjectId},
    phone::PhoneNumber,
    port::PortError,
};

impl User {
    pub(crate) fn new(id: i64, account: &Account) -> Self {
        Self {
            id,
            uuid: account.id.as_uuid(),
            mail: account.email.as_ref().map(|email| email.as_str().to_owned()),
            mail_key: account.email_key().map(str::to_owned),
            mail_confirmed: account.email_verified,
            phone: account.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            nickname: account.username.as_ref().map(|username| username.as_str().to_owned()),
            display_name: account.name.clone(),
            password_verifier: account.password.as_ref().map(|password| password.expose().to_owned()),
            language: account.locale.clone(),
            about: account.profile.clone(),
            last_visit: account.last_sign_in_at,
            visit_before: account.previous_sign_in_at,
            joined: account.created_at,
            revision: account.version,
        }
    }

    pub(crate) fn account(&self) -> Result<Account, PortError> {
        let email = self.mail.as_deref().zip(self.mail_key.as_deref());
        let email = email.map(|(mail, key)| EmailAddress::from_parts(mail, key)).transpose();
        let phone = self.phone.as_deref().map(PhoneNumber::parse).transpose();
        let username = self.nickname.as_deref().map(Username::parse).transpose();
        Ok(Account {
            id: AccountId::from_uuid(self.uuid),
            number: self.id,
            email: email.map_err(PortError::corrupt)?,
            email_verified: self.mail_confirmed,
            phone: phone.map_err(PortError::corrupt)?,
            username: username.map_err(PortError::corrupt)?,
            name: self.display_name.clone(),
            password: self.password_verifier.clone().map(PasswordHash::new),
            locale: self.language.clone(),
            profile: self.about.clone(),
            last_sign_in_at: self.last_visit,
            previous_sign_in_at: self.visit_before,
            created_at: self.joined,
            version: self.revision,
        })
    }
}

impl Team {
    pub(crate) fn new(id: i64, organization: &Organization) -> Self {
        Self {
            id,
            uuid: organization.id.as_uuid(),
            title: organization.name.clone(),
            handle: organization.slug.as_str().to_owned(),
            former_handles: Vec::new(),
            language: organization.locale.clone(),
            time_zone: organization.time_zone.clone(),
            policy: organization.policy.clone(),
            limits: organization.limits.clone(),
            invoice_fields: organization.profile.clone(),
            rights_epoch: organization.authority_epoch,
            founded: organization.created_at,
            settings_changed: organization.updated_at,
            closed: organization.deleted_at,
            revision: organization.version,
        }
    }

    /// Whether it has this handle or had it.
    pub(crate) fn is_called(&self, handle: &str) -> bool {
        self.handle == handle || self.former_handles.iter().any(|former| former == handle)
    }

    pub(crate) fn organization(&self) -> Result<Organization, PortError> {
        Ok(Organization {
            id: OrganizationId::from_uuid(self.uuid),
            number: self.id,
            name: self.title.clone(),
            slug: Slug::parse(&self.handle).map_err(PortError::corrupt)?,
            locale: self.language.clone(),
            time_zone: self.time_zone.clone(),
            policy: self.policy.clone(),
            limits: self.limits.clone(),
            // This host's teams have colours and logos of their own pages.
            look: invite_domain::directory::Look::default(),
            group_id: None,
            profile: self.invoice_fields.clone(),
            authority_epoch: self.rights_epoch,
            version: self.revision,
            created_at: self.founded,
            updated_at: self.settings_changed,
            deleted_at: self.closed,
        })
    }
}

impl TeamRole {
    pub(crate) fn new(id: i64, team: &Team, role: &Role) -> Self {
        Self {
            id,
            uuid: role.id.as_uuid(),
            team: team.id,
            title: role.name.clone(),
            purpose: role.description.clone(),
            built_in: role.system,
            rights: to_words(&role.permissions),
            made: role.created_at,
            changed: role.updated_at,
            revision: role.version,
        }
    }
}

impl Seat {
    pub(crate) fn new(id: i64, team: &Team, user: &User, role: Option<&TeamRole>, membership: &Membership) -> Self {
        Self {
            id,
            uuid: membership.id.as_uuid(),
            team: team.id,
            user: user.id,
            role: role.map(|role| role.id),
            extra_rights: to_words(&membership.permissions),
            enabled: membership.active,
            cents_an_hour: membership.default_rate,
            remarks: membership.metadata.clone(),
            contact: membership.subject_id.map(|id| id.as_uuid()),
            since: membership.created_at,
            revision: membership.version,
        }
    }
}

impl Tables {
    /// A role as the domain sees it. The host's references are numbers, the domain's are UUIDs: in SQL this is a join.
    pub(crate) fn role(&self, role: &TeamRole) -> Result<Role, PortError> {
        let team = self.teams.find(|team| team.id == role.team).ok_or_else(|| dangling("a role", "team"))?;
        Ok(Role {
            id: RoleId::from_uuid(role.uuid),
            organization_id: OrganizationId::from_uuid(team.uuid),
            number: role.id,
            name: role.title.clone(),
            description: role.purpose.clone(),
            // Only a built-in role can be of the other family, which is seeded for a dialect of the bundled service.
            scope: role.built_in.map_or(RoleScope::Organization, SystemRole::scope),
            system: role.built_in,
            permissions: from_words(&role.rights)?,
            created_at: role.made,
            updated_at: role.changed,
            version: role.revision,
        })
    }

    /// A membership as the domain sees it.
    pub(crate) fn membership(&self, seat: &Seat) -> Result<Membership, PortError> {
        let team = self.teams.find(|team| team.id == seat.team).ok_or_else(|| dangling("a seat", "team"))?;
        let user = self.users.find(|user| user.id == seat.user).ok_or_else(|| dangling("a seat", "user"))?;
        let role = self.role_of(seat)?;
        Ok(Membership {
            id: MembershipId::from_uuid(seat.uuid),
            number: seat.id,
            organization_id: OrganizationId::from_uuid(team.uuid),
            account_id: AccountId::from_uuid(user.uuid),
            role_id: role.map(|role| RoleId::from_uuid(role.uuid)),
            permissions: from_words(&seat.extra_rights)?,
            active: seat.enabled,
            default_rate: seat.cents_an_hour,
            metadata: seat.remarks.clone(),
            subject_id: seat.contact.map(SubjectId::from_uuid),
            group_id: None,
            created_at: seat.since,
            version: seat.revision,
        })
    }

    /// The row of a seat's role.
    pub(crate) fn role_of(&self, seat: &Seat) -> Result<Option<&TeamRole>, PortError> {
        let row = |id| self.team_roles.find(|role| role.id == id).ok_or_else(|| dangling("a seat", "role"));
        seat.role.map(row).transpose()
    }
}

fn to_words(permissions: &PermissionSet) -> String {
    permissions.names().collect::<Vec<_>>().join(" ")
}

fn from_words(text: &str) -> Result<PermissionSet, PortError> {
    PermissionSet::parse(text.split_whitespace()).map_err(|(_, error)| PortError::corrupt(error))
}

fn dangling(row: &str, other: &str) -> PortError {
    PortError::corrupt(format!("{row} refers to a {other} that is not there"))
}
