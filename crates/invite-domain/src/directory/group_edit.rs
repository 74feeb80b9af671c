//! Making, changing and deleting a group of organisations.
//!
//! Whoever administers a group has in each of its organisations a membership that the group made, with the system role
//! `admin`. There is no second kind of authority: ceiling, suspension, epoch and last owner are those of any member. Where
//! an account has a place of its own in an organisation, the group makes none there and takes none away.

use super::{
    Account, Membership, OrganizationGroup,
    founding::system_role,
    words::{self, Faults},
};
use crate::{
    access::{ActorFacts, Administrator, MemberFacts, PermissionSet, Role, SystemRole, member_edit},
    email::EmailAddress,
    id::{AccountId, ApiKeyId, GroupId, MembershipId, OrganizationId},
    invitation::{
        AdministrationChange, Context, DirectoryChange, EventKind, Fact, FieldCode, Guard, Limit, Plan, Rejection,
        UniqueKey,
        context::{establish, raise_epoch},
    },
    port::{GroupFacts, GroupPlace},
};
use std::collections::BTreeSet;

/// Asks for a new group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewGroup {
    /// What people call it, 1 to 200 characters.
    pub name: String,
    /// Its organisations, at most [`OrganizationGroup::ORGANIZATIONS`]. One named twice counts once.
    pub organizations: Vec<OrganizationId>,
    /// The addresses of its administrators, at most [`OrganizationGroup::ADMINISTRATORS`]. One named twice counts once.
    pub administrators: Vec<EmailAddress>,
}

/// Asks for changes of a group; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ChangeGroup {
    /// A new name, 1 to 200 characters.
    pub name: Option<String>,
    /// All its organisations from now on. One of its organisations that is deleted stays in the group, named or not.
    pub organizations: Option<Vec<OrganizationId>>,
    /// The addresses of all its administrators from now on.
    pub administrators: Option<Vec<EmailAddress>>,
}

/// Makes a group, with the memberships of its administrators in each organisation.
///
/// # Errors
/// Names every field that cannot be: an organisation that does not exist or is in another group, an address without an
/// account or one that is not verified. `SeatsFull`, from the store, where an organisation has no seat for them.
pub fn create(
    context: &Context<'_>,
    operator: ApiKeyId,
    facts: &GroupFacts,
    command: &NewGroup,
) -> Result<(Plan, OrganizationGroup), Rejection> {
    let mut faults = Faults::default();
    let name = faults.keep(words::name("/name", &command.name, words::NAME)).unwrap_or_default();
    let id = GroupId::new(context.now, context.entropy);
    let next = Arrangement {
        organizations: organizations(id, facts, &command.organizations, &mut faults),
        administrators: administrators(facts, &command.administrators, &mut faults),
    };
    faults.end()?;
    let group = OrganizationGroup { id, number: 0, name, created_at: context.now, version: 1 };
    let mut plan =
        Plan { administration: vec![AdministrationChange::InsertGroup(Box::new(group.clone()))], ..Plan::default() };
    Move { context, operator, facts, group: id, old: &Arrangement::default(), next: &next }.write(&mut plan)?;
    Ok((plan, group))
}

/// Changes a group. `None` where it is so already.
///
/// Memberships are made where an organisation or an administrator is new to the group: a place that an organisation took
/// away since stays taken away. What the group made is taken away where organisation or administrator leave it.
///
/// # Errors
/// `NotFound` for an unknown group; as [`create`]; `LastOwner` where an organisation made one of the group's members its only
/// owner.
pub fn change(
    context: &Context<'_>,
    operator: ApiKeyId,
    facts: &GroupFacts,
    command: &ChangeGroup,
) -> Result<Option<Plan>, Rejection> {
    let group = facts.group.as_ref().ok_or(Rejection::NotFound)?;
    let old = Arrangement::of(group.id, facts);
    let mut faults = Faults::default();
    let name = command.name.as_ref().map(|name| faults.keep(words::name("/name", name, words::NAME)));
    let mut next = old.clone();
    if let Some(named) = &command.organizations {
        next.organizations = organizations(group.id, facts, named, &mut faults);
        let deleted = |place: &&GroupPlace| place.organization.deleted_at.is_some();
        next.organizations.extend(facts.places.iter().filter(deleted).map(|place| place.organization.id));
    }
    if let Some(named) = &command.administrators {
        next.administrators = administrators(facts, named, &mut faults);
    }
    faults.end()?;
    let name = name.flatten().unwrap_or_else(|| group.name.clone());
    if next == old && name == group.name {
        return Ok(None);
    }
    let changed = OrganizationGroup { name, version: group.version + 1, ..group.clone() };
    let mut plan = Plan {
        guards: vec![Guard::GroupAt(group.id, group.version)],
        administration: vec![AdministrationChange::UpdateGroup(Box::new(changed))],
        ..Plan::default()
    };
    Move { context, operator, facts, group: group.id, old: &old, next: &next }.write(&mut plan)?;
    Ok(Some(plan))
}

/// Deletes a group, and takes its memberships away.
///
/// # Errors
/// `NotFound` for an unknown group; `LastOwner` as [`change`].
pub fn delete(context: &Context<'_>, operator: ApiKeyId, facts: &GroupFacts) -> Result<Plan, Rejection> {
    let group = facts.group.as_ref().ok_or(Rejection::NotFound)?;
    let mut plan = Plan { guards: vec![Guard::GroupAt(group.id, group.version)], ..Plan::default() };
    let old = Arrangement::of(group.id, facts);
    Move { context, operator, facts, group: group.id, old: &old, next: &Arrangement::default() }.write(&mut plan)?;
    plan.administration.push(AdministrationChange::DeleteGroup(group.id));
    Ok(plan)
}

/// Which organisations are in a group, and who administers it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
struct Arrangement {
    organizations: BTreeSet<OrganizationId>,
    administrators: BTreeSet<AccountId>,
}

impl Arrangement {
    fn of(group: GroupId, facts: &GroupFacts) -> Self {
        let within = |place: &&GroupPlace| place.organization.group_id == Some(group);
        Self {
            organizations: facts.places.iter().filter(within).map(|place| place.organization.id).collect(),
            administrators: facts.administrators.iter().map(|account| account.id).collect(),
        }
    }
}

fn organizations(
    group: GroupId,
    facts: &GroupFacts,
    named: &[OrganizationId],
    faults: &mut Faults,
) -> BTreeSet<OrganizationId> {
    let found: BTreeSet<_> = named.iter().copied().collect();
    if found.len() > OrganizationGroup::ORGANIZATIONS {
        let detail = format!("a group has at most {} organisations", OrganizationGroup::ORGANIZATIONS);
        faults.add("/organization_ids", FieldCode::OutOfRange, detail);
        return found;
    }
    for (index, id) in named.iter().enumerate() {
        let place = facts.places.iter().find(|place| place.organization.id == *id);
        let place = place.filter(|place| place.organization.deleted_at.is_none());
        let detail = match place.map(|place| place.organization.group_id) {
            None => "there is no such organisation",
            Some(Some(other)) if other != group => "the organisation is in another group",
            Some(_) => continue,
        };
        faults.add(&format!("/organization_ids/{index}"), FieldCode::Invalid, detail);
    }
    found
}

fn administrators(facts: &GroupFacts, named: &[EmailAddress], faults: &mut Faults) -> BTreeSet<AccountId> {
    let keys: BTreeSet<_> = named.iter().map(EmailAddress::key).collect();
    if keys.len() > OrganizationGroup::ADMINISTRATORS {
        let detail = format!("a group has at most {} administrators", OrganizationGroup::ADMINISTRATORS);
        faults.add("/administrators", FieldCode::OutOfRange, detail);
        return BTreeSet::new();
    }
    let mut found = BTreeSet::new();
    for (index, address) in named.iter().enumerate() {
        let detail = match at(facts, address) {
            Some(account) if account.email_verified => {
                found.insert(account.id);
                continue;
            }
            // Whoever has it may not read mail there: a place would be given to a stranger.
            Some(_) => "the account's address is not verified",
            None => "there is no account with this address",
        };
        faults.add(&format!("/administrators/{index}"), FieldCode::Invalid, detail);
    }
    found
}

fn at<'f>(facts: &'f GroupFacts, address: &EmailAddress) -> Option<&'f Account> {
    facts.accounts.iter().find(|account| account.email_key() == Some(address.key()))
}

/// From one arrangement of a group to the next.
struct Move<'a> {
    context: &'a Context<'a>,
    operator: ApiKeyId,
    facts: &'a GroupFacts,
    group: GroupId,
    old: &'a Arrangement,
    next: &'a Arrangement,
}

impl Move<'_> {
    fn write(&self, plan: &mut Plan) -> Result<(), Rejection> {
        let now = self.context.now;
        for account in self.next.administrators.difference(&self.old.administrators) {
            self.guard_account(*account, plan);
            plan.administration.push(AdministrationChange::PutGroupAdministrator(self.group, *account, now));
        }
        for account in self.old.administrators.difference(&self.next.administrators) {
            plan.administration.push(AdministrationChange::RemoveGroupAdministrator(self.group, *account));
        }
        self.facts.places.iter().try_for_each(|place| self.write_place(place, plan))
    }

    /// Until the commit the account is the one that was looked at: its address is the same and verified, and nobody has
    /// erased it.
    fn guard_account(&self, id: AccountId, plan: &mut Plan) {
        let mut known = self.facts.accounts.iter().chain(&self.facts.administrators);
        let guard = known.find(|account| account.id == id).map(|account| Guard::AccountAt(id, account.version));
        if let Some(guard) = guard.filter(|guard| !plan.guards.contains(guard)) {
            plan.guards.push(guard);
        }
    }

    /// What changes in one organisation. Its epoch rises whatever that is: who may do what there changes.
    fn write_place(&self, place: &GroupPlace, plan: &mut Plan) -> Result<(), Rejection> {
        let organization = &place.organization;
        let (was, is) =
            (self.old.organizations.contains(&organization.id), self.next.organizations.contains(&organization.id));
        let leaves = |member: &&MemberFacts| {
            let membership = &member.membership;
            let stays = is && self.next.administrators.contains(&membership.account_id);
            membership.group_id == Some(self.group) && !stays
        };
        let leaving: Vec<_> = place.members.iter().filter(leaves).collect();
        let joining = if is { self.joining(place, was) } else { Vec::new() };
        if was == is && leaving.is_empty() && joining.is_empty() {
            return Ok(());
        }
        plan.guards.push(if organization.deleted_at.is_none() {
            raise_epoch(organization)
        } else {
            Guard::DeletedAt(organization.id, organization.version)
        });
        let operator = ActorFacts::Operator { id: self.operator };
        let authority = establish(&operator, organization, self.context.now)?;
        let administrator = Administrator { context: self.context, organization, authority: &authority };
        remove(&administrator, place, &leaving, plan)?;
        self.add(&administrator, place, joining, plan);
        if was != is {
            self.rewrite(&administrator, is, plan);
        }
        Ok(())
    }

    /// Who gets a place: whoever has none, where the organisation or the administrator is new to the group. In a deleted
    /// organisation nobody gets one.
    fn joining(&self, place: &GroupPlace, was: bool) -> Vec<AccountId> {
        let is_new = |account: &&AccountId| !was || !self.old.administrators.contains(account);
        let has_place =
            |account: &AccountId| place.members.iter().any(|member| member.membership.account_id == *account);
        let administrators = self.next.administrators.iter().filter(|_| place.organization.deleted_at.is_none());
        administrators.filter(is_new).filter(|account| !has_place(account)).copied().collect()
    }

    fn add(&self, administrator: &Administrator<'_>, place: &GroupPlace, joining: Vec<AccountId>, plan: &mut Plan) {
        if joining.is_empty() {
            return;
        }
        let (context, organization) = (self.context, administrator.organization);
        let seats = organization.limits.seats;
        plan.limits.extend(seats.map(|most| Limit::Seats { organization_id: organization.id, most, at: context.now }));
        let role = place.admin.clone().unwrap_or_else(|| {
            let role = system_role(context, organization.id, SystemRole::Admin);
            plan.administration.push(AdministrationChange::InsertRole(Box::new(role.clone())));
            role
        });
        for account in joining {
            self.guard_account(account, plan);
            let membership = self.membership(organization.id, account, &role);
            plan.guards.push(Guard::Free(UniqueKey::Membership(organization.id, account)));
            plan.events.push(administrator.membership_event(
                EventKind::MembershipCreated,
                membership.id,
                membership.version,
                [("role", role.name.as_str().into()), ("group_id", self.group.to_string().as_str().into())],
            ));
            plan.directory.push(DirectoryChange::InsertMembership(Box::new(membership)));
        }
    }

    fn membership(&self, organization_id: OrganizationId, account_id: AccountId, role: &Role) -> Membership {
        Membership {
            id: MembershipId::new(self.context.now, self.context.entropy),
            number: 0,
            organization_id,
            account_id,
            role_id: Some(role.id),
            permissions: PermissionSet::new(),
            active: true,
            default_rate: None,
            metadata: None,
            subject_id: None,
            group_id: Some(self.group),
            created_at: self.context.now,
            version: 1,
        }
    }

    /// The organisation enters the group, or leaves it.
    fn rewrite(&self, administrator: &Administrator<'_>, enters: bool, plan: &mut Plan) {
        let mut next = administrator.organization.clone();
        next.group_id = enters.then_some(self.group);
        next.version += 1;
        next.updated_at = self.context.now;
        let fields = Fact::Words(vec!["group".to_owned()]);
        plan.events.push(administrator.event(EventKind::OrganizationChanged, next.version, [("fields", fields)]));
        plan.administration.push(AdministrationChange::UpdateOrganization(Box::new(next)));
    }
}

/// Removes members by the rule by which an organisation removes its own.
fn remove(
    administrator: &Administrator<'_>,
    place: &GroupPlace,
    leaving: &[&MemberFacts],
    plan: &mut Plan,
) -> Result<(), Rejection> {
    let stays = |member: &&MemberFacts| !leaving.contains(member);
    let owner_stays = place.other_active_owners || place.members.iter().filter(stays).any(member_edit::is_active_owner);
    for member in leaving {
        let removal = member_edit::remove_member(administrator, Some(member), owner_stays)?;
        // The organisation's epoch is guarded once for all of them, or it is deleted.
        let guards = removal.guards.into_iter().filter(|guard| !matches!(guard, Guard::Epoch { .. }));
        for guard in guards {
            if !plan.guards.contains(&guard) {
                plan.guards.push(guard);
            }
        }
        plan.administration.extend(removal.administration);
        plan.events.extend(removal.events);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
