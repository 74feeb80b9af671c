//! The eleven roles of a yard-management system, as another system's documentation names them. They are seeded in an
//! organisation that uses that system's dialect; what each may do is written here.

use super::permission::{self, Held, PermissionSet};

/// A role of a yard-management system.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GategoRole {
    /// Runs the whole installation. Only the operator gives it.
    Admin,
    /// Looks after the drivers of a carrier.
    CarrierAdmin,
    /// Drives.
    Driver,
    /// Stands at a gate of a yard.
    Guard,
    /// Runs an organisation.
    OrgAdmin,
    /// Runs the organisations of a group.
    OrgGroupAdmin,
    /// Stands at a gate and sees less.
    RestrictedGuard,
    /// Lets organisations sign up. Only the operator gives it.
    SignupService,
    /// Looks after several carriers.
    SuperCarrierAdmin,
    /// Runs a yard, its users among it.
    YardAdmin,
    /// Drives inside a yard.
    YardDriver,
}

impl GategoRole {
    /// All of them, by name.
    pub const ALL: [Self; 11] = [
        Self::Admin,
        Self::CarrierAdmin,
        Self::Driver,
        Self::Guard,
        Self::OrgAdmin,
        Self::OrgGroupAdmin,
        Self::RestrictedGuard,
        Self::SignupService,
        Self::SuperCarrierAdmin,
        Self::YardAdmin,
        Self::YardDriver,
    ];

    /// The role's name, in storage and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "ADMIN",
            Self::CarrierAdmin => "CARRIER_ADMIN",
            Self::Driver => "DRIVER",
            Self::Guard => "GUARD",
            Self::OrgAdmin => "ORG_ADMIN",
            Self::OrgGroupAdmin => "ORG_GROUP_ADMIN",
            Self::RestrictedGuard => "RESTRICTED_GUARD",
            Self::SignupService => "SIGNUP_SERVICE",
            Self::SuperCarrierAdmin => "SUPER_CARRIER_ADMIN",
            Self::YardAdmin => "YARD_ADMIN",
            Self::YardDriver => "YARD_DRIVER",
        }
    }

    /// The role of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether only the operator of the installation gives it, whatever an organisation's owner holds.
    pub const fn is_operators(self) -> bool {
        matches!(self, Self::Admin | Self::SignupService)
    }

    /// Whether it is given for one yard.
    pub const fn needs_yard(self) -> bool {
        matches!(self, Self::Guard | Self::RestrictedGuard)
    }

    /// Whether it is given for one carrier.
    pub const fn needs_carrier(self) -> bool {
        matches!(self, Self::CarrierAdmin)
    }

    /// What the role may do.
    pub fn held(self) -> Held {
        let names: &[&str] = match self {
            Self::Admin => return Held::Everything,
            Self::OrgAdmin | Self::OrgGroupAdmin => {
                return Held::Only(PermissionSet::ours_without(&[permission::API_KEYS_WRITE]));
            }
            Self::YardAdmin => &[
                permission::INVITATIONS_READ,
                permission::INVITATIONS_ISSUE,
                permission::INVITATIONS_AMEND,
                permission::INVITATIONS_RESEND,
                permission::INVITATIONS_REVOKE,
                permission::MEMBERS_READ,
                permission::MEMBERS_UPDATE,
                permission::MEMBERS_REMOVE,
                permission::ROLES_READ,
                permission::ORGANIZATION_READ,
                permission::SUBJECTS_READ,
                permission::SUBJECTS_WRITE,
            ],
            Self::SuperCarrierAdmin => &[
                permission::INVITATIONS_READ,
                permission::INVITATIONS_ISSUE,
                permission::INVITATIONS_RESEND,
                permission::INVITATIONS_REVOKE,
                permission::MEMBERS_READ,
                permission::ROLES_READ,
                permission::SUBJECTS_READ,
                permission::SUBJECTS_WRITE,
            ],
            Self::CarrierAdmin => &[permission::MEMBERS_READ, permission::SUBJECTS_READ],
            Self::SignupService => &[permission::INVITATIONS_ISSUE, permission::ROLES_READ],
            Self::Guard => &[permission::SUBJECTS_READ],
            Self::Driver | Self::RestrictedGuard | Self::YardDriver => &[],
        };
        Held::Only(PermissionSet::parse(names.iter().copied()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_found_by_its_name_and_holds_what_ours_are_called() {
        let ours = Held::Only(PermissionSet::ours_without(&[]));
        for role in GategoRole::ALL {
            assert_eq!(GategoRole::from_name(role.name()), Some(role));
            assert!(role == GategoRole::Admin || ours.covers(&role.held()), "{role:?}");
        }
        assert!(GategoRole::YardAdmin.held().allows("invitations.issue"), "the names were read, not dropped");
        assert_eq!(GategoRole::from_name("admin"), None);
    }
    #[test]
    fn only_the_operator_gives_the_roles_above_an_organisation_and_some_are_given_for_one_place() {
        let those = |is: fn(GategoRole) -> bool| {
            GategoRole::ALL.into_iter().filter(|role| is(*role)).map(GategoRole::name).collect::<Vec<_>>()
        };
        assert_eq!(those(GategoRole::is_operators), ["ADMIN", "SIGNUP_SERVICE"]);
        assert_eq!(those(GategoRole::needs_yard), ["GUARD", "RESTRICTED_GUARD"]);
        assert_eq!(those(GategoRole::needs_carrier), ["CARRIER_ADMIN"]);
        assert_eq!(those(|role| role.held() == Held::nothing()), ["DRIVER", "RESTRICTED_GUARD", "YARD_DRIVER"]);
        assert_eq!(those(|role| role.held() == Held::Everything), ["ADMIN"]);
    }
}
