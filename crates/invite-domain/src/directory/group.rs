use crate::{id::GroupId, time::Timestamp};

/// A named set of organisations with people who administer all of them. Which organisations are in it, each of those says
/// ([`Organization::group_id`](super::Organization::group_id)); an organisation is in one group or in none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrganizationGroup {
    /// Names the group.
    pub id: GroupId,
    /// The store's number for it; 0 until it is stored.
    pub number: i64,
    /// What people call it, 1 to 200 characters.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1: also those of its organisations and administrators.
    pub version: i64,
}

impl OrganizationGroup {
    /// The most organisations a group has, those that are deleted left out.
    pub const ORGANIZATIONS: usize = 100;
    /// The most administrators a group has.
    pub const ADMINISTRATORS: usize = 50;
}
