use crate::entity;
use invite_domain::{
    directory::OrganizationGroup,
    id::{AccountId, GroupId},
    time::Timestamp,
};

pub(crate) fn group(row: entity::organization_group::Model) -> OrganizationGroup {
    OrganizationGroup {
        id: GroupId::from_uuid(row.id),
        number: row.number,
        name: row.name,
        created_at: row.created_at,
        version: row.version,
    }
}

pub(crate) fn group_row(group: &OrganizationGroup) -> entity::organization_group::Model {
    entity::organization_group::Model {
        number: group.number,
        id: group.id.as_uuid(),
        name: group.name.clone(),
        created_at: group.created_at,
        version: group.version,
    }
}

pub(crate) fn group_administrator_row(
    group: GroupId,
    account: AccountId,
    at: Timestamp,
) -> entity::group_administrator::Model {
    entity::group_administrator::Model { group_id: group.as_uuid(), account_id: account.as_uuid(), created_at: at }
}
