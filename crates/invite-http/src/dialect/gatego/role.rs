//! Roles as Gatego names them: one of eleven, whatever role somebody has here.

use invite_domain::access::{GategoRole, Held, Role, SystemRole};

/// The roles with rights that need neither a carrier nor a yard, the most powerful first.
const RANKS: [GategoRole; 3] = [GategoRole::OrgAdmin, GategoRole::YardAdmin, GategoRole::SuperCarrierAdmin];

/// What a role is called. One of the eleven is called as it is; our owners and administrators run their organisation; of
/// any other the first of [`RANKS`] it holds all of is said, or else that of somebody without rights: never more than there
/// is.
pub(super) fn named(role: Option<&Role>, held: &Held) -> GategoRole {
    match role.and_then(|role| role.system) {
        Some(SystemRole::Gatego(role)) => role,
        Some(SystemRole::Owner | SystemRole::Admin) => GategoRole::OrgAdmin,
        _ => RANKS.into_iter().find(|role| held.covers(&role.held())).unwrap_or(GategoRole::Driver),
    }
}

/// All of them by name, as a request says them.
pub(super) fn choices() -> Vec<(&'static str, GategoRole)> {
    GategoRole::ALL.into_iter().map(|role| (role.name(), role)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use invite_domain::{
        access::{PermissionSet, RoleScope},
        id::{OrganizationId, RoleId},
    };
    use uuid::Uuid;

    fn role(system: Option<SystemRole>, permissions: &[&str]) -> Role {
        Role {
            id: RoleId::from_uuid(Uuid::nil()),
            organization_id: OrganizationId::from_uuid(Uuid::nil()),
            number: 1,
            name: "x".into(),
            description: None,
            scope: RoleScope::Organization,
            system,
            permissions: PermissionSet::parse(permissions.iter().copied()).unwrap(),
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            version: 1,
        }
    }

    fn said(role: &Role) -> &'static str {
        named(Some(role), &role.held()).name()
    }

    #[test]
    fn gg_18_every_role_is_one_of_the_eleven_and_none_says_more_than_it_holds() {
        for own in GategoRole::ALL {
            assert_eq!(said(&role(Some(SystemRole::Gatego(own)), &[])), own.name());
        }
        let system = |system| said(&role(Some(system), &[]));
        assert_eq!((system(SystemRole::Owner), system(SystemRole::Admin)), ("ORG_ADMIN", "ORG_ADMIN"));
        assert_eq!((system(SystemRole::Member), system(SystemRole::Guest)), ("DRIVER", "DRIVER"));
        assert_eq!(named(None, &Held::nothing()), GategoRole::Driver);
        for own in RANKS {
            let Held::Only(all) = own.held() else { panic!("a list") };
            let names: Vec<&str> = all.names().collect();
            assert_eq!(said(&role(None, &names)), own.name());
            let less = role(None, &names[1..]);
            let rank = |name| RANKS.iter().position(|role| role.name() == name).unwrap_or(RANKS.len());
            assert!(rank(said(&less)) > rank(own.name()), "{}", said(&less));
        }
        assert_eq!(named(None, &Held::Everything), GategoRole::OrgAdmin, "only the operator gives ADMIN");
    }
}
