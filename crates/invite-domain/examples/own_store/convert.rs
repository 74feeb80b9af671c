//! Between the host's rows and the domain's shapes, field by field, in both directions.
//!
//! Towards the domain a row is checked, and one that says what no row should is a [`PortError::Corrupt`]: better no answer
//! than a wrong one. What the domain writes and the host has no use for (`metadata`, a locale) still needs a column: a
//! shape that does not come back equal makes the domain decide on something that is not so.

use crate::tables::{Seat, Tables, Team, TeamRole, User};
use invite_domain::{
    access::{PermissionSet, Role, RoleScope},
    directory::{Account, Membership, Organization, PasswordHash, Slug},
    email::EmailAddress,
    id::{AccountId, MembershipId, OrganizationId, RoleId, SubjectId},
    port::PortError,
};

impl User {
    pub(crate) fn new(id: i64, account: &Account) -> Self {
        Self {
            id,
            uuid: account.id.as_uuid(),
            mail: account.email.as_str().to_owned(),
            mail_key: account.email.key().to_owned(),
            mail_confirmed: account.email_verified,
            display_name: account.name.clone(),
            password_verifier: account.password.as_ref().map(|password| password.expose().to_owned()),
            language: account.locale.clone(),
            joined: account.created_at,
            revision: account.version,
        }
    }

    pub(crate) fn account(&self) -> Result<Account, PortError> {
        Ok(Account {
            id: AccountId::from_uuid(self.uuid),
            number: self.id,
            email: EmailAddress::from_parts(&self.mail, &self.mail_key).map_err(PortError::corrupt)?,
            email_verified: self.mail_confirmed,
            name: self.display_name.clone(),
            password: self.password_verifier.clone().map(PasswordHash::new),
            locale: self.language.clone(),
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
            language: organization.locale.clone(),
            time_zone: organization.time_zone.clone(),
            policy: organization.policy.clone(),
            limits: organization.limits.clone(),
            invoice_fields: organization.profile.clone(),
            rights_epoch: organization.authority_epoch,
            founded: organization.created_at,
            closed: organization.deleted_at,
            revision: organization.version,
        }
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
            profile: self.invoice_fields.clone(),
            authority_epoch: self.rights_epoch,
            version: self.revision,
            created_at: self.founded,
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
            // The other family is seeded for a dialect of the bundled service; nothing makes one here.
            scope: RoleScope::Organization,
            system: role.built_in,
            permissions: from_words(&role.rights)?,
            created_at: role.made,
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
