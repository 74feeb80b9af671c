use super::PortError;
use crate::{
    access::{MemberFacts, Role},
    directory::{Account, Organization, OrganizationGroup},
    id::{GroupId, OrganizationId},
    page::{Page, PageRequest},
};
use async_trait::async_trait;

/// A group with its organisations and administrators, read at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupRecord {
    /// The group.
    pub group: OrganizationGroup,
    /// Its organisations that are not deleted, by (created at, id).
    pub organizations: Vec<Organization>,
    /// Who administers it, those first who have done so longest.
    pub administrators: Vec<GroupAdministrator>,
}

/// An administrator of a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupAdministrator {
    /// The account.
    pub account: Account,
    /// In which of the group's organisations that are not deleted the account has a place that the group did not make, by
    /// id: active or not.
    pub kept: Vec<OrganizationId>,
}

/// Asks for what a change of a group needs.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct GroupQuery {
    /// The group; none for a new one.
    pub group: Option<GroupId>,
    /// Organisations the command names.
    pub organizations: Vec<OrganizationId>,
    /// Addresses the command names, by their keys.
    pub address_keys: Vec<String>,
}

/// What a change of a group needs, read at one moment.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct GroupFacts {
    /// The group, where it was named and exists.
    pub group: Option<OrganizationGroup>,
    /// The accounts that administer it, those first who have done so longest.
    pub administrators: Vec<Account>,
    /// Its organisations, deleted ones too, and those the query names that exist and are not deleted; each once, by id.
    pub places: Vec<GroupPlace>,
    /// The accounts at the named addresses.
    pub accounts: Vec<Account>,
}

/// An organisation as a change of a group sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupPlace {
    /// The organisation.
    pub organization: Organization,
    /// Its system role `admin`, where it has one yet.
    pub admin: Option<Role>,
    /// The members of it who administer the group, whose accounts have one of the named addresses, or whom the group made;
    /// active or not.
    pub members: Vec<MemberFacts>,
    /// Whether somebody else is an active owner.
    pub other_active_owners: bool,
}

/// Groups of organisations. Written by plans, as everything else.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Groups: Send + Sync {
    /// A page of all groups, by (created at, id).
    async fn groups(&self, page: &PageRequest) -> Result<Page<GroupRecord>, PortError>;

    /// One group.
    async fn group(&self, id: GroupId) -> Result<Option<GroupRecord>, PortError>;

    /// What a change of a group needs. A place MUST tell of every membership that the group made, also where its account
    /// does not administer the group, and also in an organisation that is deleted.
    async fn load_group(&self, query: &GroupQuery) -> Result<GroupFacts, PortError>;
}
