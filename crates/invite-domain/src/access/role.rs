//! Roles: named sets of permissions (rule 6.1).

use super::{
    gatego::GategoRole,
    permission::{self, Held, PermissionSet},
};
use crate::{
    id::{OrganizationId, RoleId},
    time::Timestamp,
};
use std::str::FromStr;

/// The roles that cannot be changed or deleted: those of every organisation, and those of a dialect where it is used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SystemRole {
    /// Holds every permission, present and future.
    Owner,
    /// Holds all of ours but changing the organisation and its API keys.
    Admin,
    /// Sees invitations, members and roles.
    Member,
    /// Holds nothing.
    Guest,
    /// A role of a yard-management system, seeded where its dialect is used.
    Gatego(GategoRole),
}

impl SystemRole {
    /// Those of every organisation, the most powerful first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Member, Self::Guest];

    /// The role's name, in storage and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Guest => "guest",
            Self::Gatego(role) => role.name(),
        }
    }

    /// The family it belongs to.
    pub const fn scope(self) -> RoleScope {
        match self {
            Self::Owner | Self::Admin | Self::Member | Self::Guest => RoleScope::Organization,
            Self::Gatego(_) => RoleScope::Gatego,
        }
    }

    /// Whether only the operator of the installation gives it.
    pub const fn is_operators(self) -> bool {
        matches!(self, Self::Gatego(role) if role.is_operators())
    }

    /// What the role may do. Written here and not in a row, so that a new permission reaches old organisations.
    pub fn held(self) -> Held {
        match self {
            Self::Owner => Held::Everything,
            Self::Admin => {
                Held::Only(PermissionSet::ours_without(&[permission::ORGANIZATION_WRITE, permission::API_KEYS_WRITE]))
            }
            Self::Member => {
                let named = [permission::INVITATIONS_READ, permission::MEMBERS_READ, permission::ROLES_READ];
                Held::Only(PermissionSet::parse(named).unwrap_or_default())
            }
            Self::Guest => Held::nothing(),
            Self::Gatego(role) => role.held(),
        }
    }
}

impl FromStr for SystemRole {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let ours = Self::ALL.into_iter().find(|role| role.name() == name);
        ours.or_else(|| GategoRole::from_name(name).map(Self::Gatego)).ok_or(())
    }
}

/// Which family of roles a role belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RoleScope {
    /// An ordinary role of an organisation.
    #[default]
    Organization,
    /// A role seeded for the Gatego dialect.
    Gatego,
}

impl RoleScope {
    /// The scope's name, in storage and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Gatego => "gatego",
        }
    }
}

impl FromStr for RoleScope {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Organization, Self::Gatego].into_iter().find(|scope| scope.name() == name).ok_or(())
    }
}

/// A named set of permissions of one organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Role {
    /// Names the role.
    pub id: RoleId,
    /// The organisation whose role it is.
    pub organization_id: OrganizationId,
    /// The store's number for it; 0 until it is stored.
    pub number: i64,
    /// Unique in the organisation, at most 100 characters.
    pub name: String,
    /// What it is for, at most 500 characters.
    pub description: Option<String>,
    /// Its family.
    pub scope: RoleScope,
    /// Which system role it is, if any.
    pub system: Option<SystemRole>,
    /// The permissions of a custom role; empty for a system role, whose permissions are code.
    pub permissions: PermissionSet,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl Role {
    /// Whether only the operator of the installation gives it.
    pub fn is_operators(&self) -> bool {
        self.system.is_some_and(SystemRole::is_operators)
    }

    /// What the role lets its holder do.
    pub fn held(&self) -> Held {
        self.system.map_or_else(|| Held::Only(self.permissions.clone()), SystemRole::held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::test_support::role;

    #[test]
    fn r6_1_the_system_roles_are_ordered_by_what_they_hold() {
        for pair in SystemRole::ALL.windows(2) {
            assert!(pair[0].held().covers(&pair[1].held()), "{pair:?}");
            assert!(!pair[1].held().covers(&pair[0].held()), "{pair:?}");
        }
        assert!(!SystemRole::Admin.held().allows("api_keys.write"));
        assert!(!SystemRole::Admin.held().allows("organization.write"));
        assert!(SystemRole::Member.held().allows("invitations.read"));
        assert!(SystemRole::Owner.held().allows("not.invented-yet"));
    }
    #[test]
    fn r6_1_a_system_role_is_found_by_its_name_alone_and_knows_its_family() {
        for (name, scope) in [
            ("owner", RoleScope::Organization),
            ("admin", RoleScope::Organization),
            ("member", RoleScope::Organization),
            ("guest", RoleScope::Organization),
            ("YARD_DRIVER", RoleScope::Gatego),
        ] {
            let role: SystemRole = name.parse().unwrap();
            assert_eq!((role.name(), role.scope()), (name, scope));
        }
        assert_eq!("Owner".parse::<SystemRole>(), Err(()));
        for name in ["organization", "gatego"] {
            assert_eq!(name.parse::<RoleScope>().map(RoleScope::name), Ok(name));
        }
        assert_eq!("organisations".parse::<RoleScope>(), Err(()));
    }

    #[test]
    fn r6_2_only_the_operator_gives_the_roles_that_reach_beyond_an_organisation() {
        let of = |system, permissions: &[&str]| role(1, "Any", system, permissions);
        let admin = SystemRole::Gatego(GategoRole::Admin);
        assert!(admin.is_operators() && of(Some(admin), &[]).is_operators());
        for own in SystemRole::ALL {
            assert!(!own.is_operators() && !of(Some(own), &[]).is_operators(), "{own:?}");
        }
        let custom = of(None, &["trips.read"]);
        assert!(!custom.is_operators());
        assert_eq!(custom.held(), Held::Only(PermissionSet::parse(["trips.read"]).unwrap()));
        assert_eq!(of(Some(SystemRole::Owner), &[]).held(), Held::Everything);
    }
}
