use chrono::{DateTime, Utc};
use invite_domain::{
    directory::Organization,
    id::OrganizationId,
    port::{GroupAdministrator, GroupRecord},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An organisation of a group.
#[derive(Serialize, ToSchema)]
#[schema(as = GroupOrganization)]
pub(crate) struct GroupOrganizationAnswer {
    /// The organisation's id.
    #[schema(example = "0190f3c2-0000-7000-8000-000000000001")]
    id: Uuid,
    /// What people call it.
    #[schema(example = "Acme")]
    name: String,
    /// Its name in addresses.
    #[schema(example = "acme")]
    slug: String,
}

impl From<&Organization> for GroupOrganizationAnswer {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.id.as_uuid(),
            name: organization.name.clone(),
            slug: organization.slug.as_str().to_owned(),
        }
    }
}

/// Who administers a group.
#[derive(Serialize, ToSchema)]
#[schema(as = GroupAdministrator)]
pub(crate) struct GroupAdministratorAnswer {
    /// The account's id.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000c1")]
    account_id: Uuid,
    /// The account's address.
    #[schema(example = "ada@example.org")]
    email: Option<String>,
    /// What the person is called.
    #[schema(example = "Ada Lovelace")]
    name: Option<String>,
    /// The organisations of the group in which the person has a place that the group did not make and does not take away.
    #[schema(example = json!(["0190f3c2-0000-7000-8000-000000000001"]))]
    kept: Vec<Uuid>,
}

impl From<&GroupAdministrator> for GroupAdministratorAnswer {
    fn from(administrator: &GroupAdministrator) -> Self {
        let account = &administrator.account;
        Self {
            account_id: account.id.as_uuid(),
            email: account.email.as_ref().map(|email| email.as_str().to_owned()),
            name: account.name.clone(),
            kept: administrator.kept.iter().map(OrganizationId::as_uuid).collect(),
        }
    }
}

/// A group of organisations.
#[derive(Serialize, ToSchema)]
#[schema(as = OrganizationGroup)]
pub(crate) struct GroupAnswer {
    /// The group's id.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000d1")]
    id: Uuid,
    /// The group's number, for systems that need integers.
    #[schema(example = 7)]
    number: i64,
    /// What people call it.
    #[schema(example = "Acme Holding")]
    name: String,
    /// Its organisations, oldest first.
    organizations: Vec<GroupOrganizationAnswer>,
    /// Who administers it, those first who have done so longest.
    administrators: Vec<GroupAdministratorAnswer>,
    /// When it was made.
    #[schema(example = "2026-11-01T09:00:00Z")]
    created_at: DateTime<Utc>,
}

impl From<&GroupRecord> for GroupAnswer {
    fn from(record: &GroupRecord) -> Self {
        Self {
            id: record.group.id.as_uuid(),
            number: record.group.number,
            name: record.group.name.clone(),
            organizations: record.organizations.iter().map(Into::into).collect(),
            administrators: record.administrators.iter().map(Into::into).collect(),
            created_at: record.group.created_at,
        }
    }
}

/// A group to make.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes a document; nothing makes one")]
pub(crate) struct NewGroupRequest {
    /// What people call it.
    #[schema(example = "Acme Holding", max_length = 200)]
    name: String,
    /// Its organisations. Each is in one group at the most.
    #[schema(example = json!(["0190f3c2-0000-7000-8000-000000000001"]), max_items = 100)]
    organization_ids: Option<Vec<Uuid>>,
    /// The addresses of its administrators. Each is the verified address of an account.
    #[schema(example = json!(["ada@example.org"]), max_items = 50)]
    administrators: Option<Vec<String>>,
}

/// Changes of a group; what is left out stays.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes a document; nothing makes one")]
pub(crate) struct ChangeGroupRequest {
    /// A new name.
    #[schema(example = "Acme Holding", max_length = 200)]
    name: Option<String>,
    /// All its organisations from now on.
    #[schema(example = json!(["0190f3c2-0000-7000-8000-000000000001"]), max_items = 100)]
    organization_ids: Option<Vec<Uuid>>,
    /// The addresses of all its administrators from now on.
    #[schema(example = json!(["ada@example.org"]), max_items = 50)]
    administrators: Option<Vec<String>>,
}
