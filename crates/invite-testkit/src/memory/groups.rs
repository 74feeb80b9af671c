//! Groups of organisations.

use super::{
    MemoryStore,
    commit::{Refused, number},
    lists::position,
    state::State,
};
use crate::broken::Fault;
use async_trait::async_trait;
use invite_domain::{
    access::{MemberFacts, SystemRole},
    directory::{Membership, Organization, OrganizationGroup},
    id::{AccountId, GroupId, OrganizationId},
    invitation::AdministrationChange,
    page::{Page, PageRequest},
    port::{GroupAdministrator, GroupFacts, GroupPlace, GroupQuery, GroupRecord, Groups, PortError},
};
use std::sync::Arc;
use uuid::Uuid;

#[async_trait]
impl Groups for MemoryStore {
    async fn groups(&self, page: &PageRequest) -> Result<Page<GroupRecord>, PortError> {
        let state = self.state();
        let row = |group: &Arc<OrganizationGroup>| {
            (position(group.created_at, group.id.as_uuid()), group_record(&state, group))
        };
        Ok(self.cut_directory(state.groups.values().map(row).collect(), page))
    }

    async fn group(&self, id: GroupId) -> Result<Option<GroupRecord>, PortError> {
        let state = self.state();
        Ok(state.groups.get(&id).map(|group| group_record(&state, group)))
    }

    async fn load_group(&self, query: &GroupQuery) -> Result<GroupFacts, PortError> {
        let state = self.state();
        let group = query.group.and_then(|id| state.groups.get(&id)).map(|group| (**group).clone());
        let id = group.as_ref().map(|group| group.id);
        let administrators: Vec<_> = id.map(|id| administrators(&state, id)).unwrap_or_default();
        let administrators: Vec<_> =
            administrators.iter().filter_map(|id| state.accounts.get(id)).map(|account| (**account).clone()).collect();
        let at = |key: &str| query.address_keys.iter().any(|wanted| wanted == key);
        let accounts = state.accounts.values().filter(|account| account.email_key().is_some_and(at));
        let accounts: Vec<_> = accounts.map(|account| (**account).clone()).collect();
        let is_named = |organization: &Organization| {
            let named = query.organizations.contains(&organization.id) && organization.deleted_at.is_none();
            named || (id.is_some() && organization.group_id == id)
        };
        let looked_at = |membership: &Membership| {
            let account = membership.account_id;
            let named = administrators.iter().chain(&accounts).any(|known| known.id == account);
            let made = id.is_some() && membership.group_id == id && !self.has(Fault::PlacesOfAGroupMissed);
            named || made
        };
        let places = state.organizations.values().filter(|organization| is_named(organization));
        let places = places.map(|organization| place(&state, organization, &looked_at)).collect();
        Ok(GroupFacts { group, administrators, places, accounts })
    }
}

fn place(state: &State, organization: &Organization, looked_at: &dyn Fn(&Membership) -> bool) -> GroupPlace {
    let within = || state.memberships.values().filter(|member| member.organization_id == organization.id);
    let facts: Vec<MemberFacts> = within().map(|member| state.member_facts(member)).collect();
    let is_owner = |member: &MemberFacts| {
        member.membership.active && member.role.as_ref().is_some_and(|role| role.system == Some(SystemRole::Owner))
    };
    let (members, others): (Vec<_>, Vec<_>) = facts.into_iter().partition(|member| looked_at(&member.membership));
    let mut roles = state.roles.values().filter(|role| role.organization_id == organization.id);
    GroupPlace {
        organization: organization.clone(),
        admin: roles.find(|role| role.system == Some(SystemRole::Admin)).map(|role| (**role).clone()),
        members,
        other_active_owners: others.iter().any(is_owner),
    }
}

fn administrators(state: &State, group: GroupId) -> Vec<AccountId> {
    let mut found: Vec<_> = state.group_administrators.iter().filter(|((of, _), _)| *of == group).collect();
    found.sort_by_key(|((_, account), at)| (**at, *account));
    found.into_iter().map(|((_, account), _)| *account).collect()
}

fn group_record(state: &State, group: &OrganizationGroup) -> GroupRecord {
    let within = |organization: &&Arc<Organization>| {
        organization.group_id == Some(group.id) && organization.deleted_at.is_none()
    };
    let mut organizations: Vec<Organization> =
        state.organizations.values().filter(within).map(|organization| (**organization).clone()).collect();
    organizations.sort_by_key(|organization| (organization.created_at, organization.id));
    let kept = |account: AccountId| {
        let own = |id: OrganizationId| {
            state.membership_of(id, account).is_some_and(|member| member.group_id != Some(group.id))
        };
        let mut kept: Vec<_> = organizations.iter().map(|organization| organization.id).filter(|id| own(*id)).collect();
        kept.sort_unstable();
        kept
    };
    let administrators = administrators(state, group.id).into_iter().filter_map(|id| state.accounts.get(&id));
    let administrators =
        administrators.map(|account| GroupAdministrator { account: (**account).clone(), kept: kept(account.id) });
    GroupRecord { administrators: administrators.collect(), group: group.clone(), organizations }
}

impl MemoryStore {
    pub(super) fn apply_group(
        &self,
        draft: &mut State,
        change: &AdministrationChange,
        numbers: &mut Vec<(Uuid, i64)>,
    ) -> Result<(), Refused> {
        match change {
            AdministrationChange::InsertGroup(group) | AdministrationChange::UpdateGroup(group) => {
                let mut row = (**group).clone();
                let inserts = matches!(change, AdministrationChange::InsertGroup(_));
                let known = draft.groups.get(&row.id).map(|group| group.number);
                row.number = number(draft, "organization_group", row.id.as_uuid(), inserts, known, numbers)?;
                draft.groups.insert(row.id, Arc::new(row));
            }
            AdministrationChange::DeleteGroup(group) => {
                draft.groups.remove(group);
                if !self.has(Fault::AdministratorsOutliveTheirGroup) {
                    draft.group_administrators.retain(|(of, _), _| of != group);
                }
            }
            AdministrationChange::PutGroupAdministrator(group, account, at)
                if draft.group_administrators.insert((*group, *account), *at).is_some() =>
            {
                return Err(Refused);
            }
            AdministrationChange::RemoveGroupAdministrator(group, account) => {
                draft.group_administrators.remove(&(*group, *account));
            }
            _ => {}
        }
        Ok(())
    }
}
