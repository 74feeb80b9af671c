use crate::{
    access::{Grant, Held, PermissionSet, Role},
    id::{AccountId, GroupId, MembershipId, OrganizationId, RoleId, SubjectId},
    time::Timestamp,
};

/// An account in an organisation, with what it may do there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Membership {
    /// Names the membership.
    pub id: MembershipId,
    /// The store's number for it; 0 until it is stored.
    pub number: i64,
    /// The organisation.
    pub organization_id: OrganizationId,
    /// The account; one membership an organisation.
    pub account_id: AccountId,
    /// The role, if any.
    pub role_id: Option<RoleId>,
    /// Permissions apart from the role.
    pub permissions: PermissionSet,
    /// Whether the member may act; a member who is switched off keeps his place.
    pub active: bool,
    /// A rate in cents an hour, from the grant.
    pub default_rate: Option<i64>,
    /// A JSON object from the grant, as text.
    pub metadata: Option<String>,
    /// The record of the host's directory the member came from.
    pub subject_id: Option<SubjectId>,
    /// The group of organisations that made it, and that takes it away again; `None` where a person was invited.
    pub group_id: Option<GroupId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl Membership {
    /// What role and direct permissions allow together, whether switched on or not.
    pub fn held(&self, role: Option<&Role>) -> Held {
        let direct = Held::Only(self.permissions.clone());
        role.map_or_else(|| direct.clone(), |role| role.held().union(&direct))
    }

    /// Adds a grant to what the member has: the union, never less (rule 6.3).
    ///
    /// A member has one role. It becomes the granted one where there was none, or where that holds all of the present one
    /// and more; otherwise the present one stays and what it lacks of the granted one is added as direct permissions. So
    /// an owner stays an owner, whatever else holds everything (rule 6.5).
    #[must_use]
    pub fn with_grant(&self, own: Option<&Role>, grant: &Grant, granted: Option<&Role>) -> Self {
        let mut member = self.clone();
        member.permissions = member.permissions.union(&grant.permissions);
        if let Some(granted) = granted {
            let own_held = own.map_or_else(Held::nothing, Role::held);
            let holds_more = granted.held().covers(&own_held) && !own_held.covers(&granted.held());
            let is_lost = own.is_some_and(Role::is_operators) && granted.held() != Held::Everything;
            if own.is_none() || (holds_more && !is_lost) {
                member.role_id = Some(granted.id);
            } else if let Held::Only(set) = granted.held() {
                let missing: PermissionSet = set.iter().filter(|p| !own_held.allows(p.as_str())).cloned().collect();
                member.permissions = member.permissions.union(&missing);
            }
        }
        member.default_rate = grant.default_rate.or(member.default_rate);
        member.metadata = grant.metadata.clone().or(member.metadata);
        member
    }
}
