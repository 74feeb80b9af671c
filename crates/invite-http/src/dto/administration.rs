use super::{invitation::RoleName, opaque};
use chrono::{DateTime, Utc};
use invite_domain::{
    access::{MemberFacts, PermissionSet, Role},
    directory::{Account, ApiKey, address_change::PendingAddress},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

pub(crate) fn names(set: &PermissionSet) -> Vec<String> {
    set.names().map(str::to_owned).collect()
}

/// A role.
#[derive(Serialize, ToSchema)]
#[schema(as = Role)]
pub(crate) struct RoleAnswer {
    /// The role's id.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000a1")]
    id: Uuid,
    /// The role's number, for systems that need integers.
    #[schema(example = 3)]
    number: i64,
    /// What it is called, unique in the organisation.
    #[schema(example = "Dispatcher")]
    name: String,
    /// What it is for.
    #[schema(example = "Plans the tours")]
    description: Option<String>,
    /// Its permissions.
    #[schema(example = json!(["invitations.read", "tours.plan"]))]
    permissions: Vec<String>,
    /// Its family: `organization` or `gatego`.
    #[schema(example = "organization")]
    scope: &'static str,
    /// Whether it is one of the four every organisation has, which cannot be changed.
    #[schema(example = false)]
    system: bool,
}

impl RoleAnswer {
    pub(crate) fn new(role: &Role, permissions: &PermissionSet) -> Self {
        Self {
            id: role.id.as_uuid(),
            number: role.number,
            name: role.name.clone(),
            description: role.description.clone(),
            permissions: names(permissions),
            scope: role.scope.name(),
            system: role.system.is_some(),
        }
    }
}

/// A person's account.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountAnswer {
    /// The account's id.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000d1")]
    id: Uuid,
    /// Its address. Whoever came by a code may have none.
    #[schema(example = "ada@example.org")]
    email: Option<String>,
    /// Whether the person has shown to read mail there.
    #[schema(example = true)]
    email_verified: bool,
    /// What the person is called.
    #[schema(example = "Ada Lovelace")]
    name: Option<String>,
}

impl From<&Account> for AccountAnswer {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.as_uuid(),
            email: account.email.as_ref().map(|address| address.as_str().to_owned()),
            email_verified: account.email_verified,
            name: account.name.clone(),
        }
    }
}

/// The caller's own account.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnAccount)]
pub(crate) struct OwnAccountAnswer {
    /// The account's id.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000d1")]
    id: Uuid,
    /// Its address. Whoever came by a code may have none.
    #[schema(example = "ada@example.org")]
    email: Option<String>,
    /// Whether the person has shown to read mail there.
    #[schema(example = true)]
    email_verified: bool,
    /// What the person is called.
    #[schema(example = "Ada Lovelace")]
    name: Option<String>,
    /// The address that was asked for and waits to be confirmed by the link that was mailed there.
    pending_email: Option<PendingEmail>,
}

/// A change of address that waits to be confirmed.
#[derive(Serialize, ToSchema)]
pub(crate) struct PendingEmail {
    /// The address that was asked for.
    #[schema(example = "ada@example.net")]
    email: String,
    /// When the link ends.
    #[schema(example = "2026-11-23T08:30:00Z")]
    expires_at: DateTime<Utc>,
}

impl OwnAccountAnswer {
    pub(crate) fn new(account: &Account, pending: Option<&PendingAddress>) -> Self {
        let AccountAnswer { id, email, email_verified, name } = account.into();
        let pending_email = pending
            .map(|pending| PendingEmail { email: pending.address.as_str().to_owned(), expires_at: pending.expires_at });
        Self { id, email, email_verified, name, pending_email }
    }
}

/// A member of an organisation.
#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberAnswer {
    /// The membership's id.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000e1")]
    id: Uuid,
    /// The membership's number, for systems that need integers.
    #[schema(example = 7)]
    number: i64,
    /// The account.
    account: AccountAnswer,
    /// The role.
    role: Option<RoleName>,
    /// Permissions apart from the role.
    #[schema(example = json!(["members.read"]))]
    permissions: Vec<String>,
    /// What role and direct permissions allow together.
    #[schema(example = json!(["invitations.read", "members.read", "roles.read"]))]
    effective_permissions: Vec<String>,
    /// Whether the member may act.
    #[schema(example = true)]
    active: bool,
    /// A rate in cents an hour.
    #[schema(example = 4500)]
    default_rate: Option<i64>,
    /// An object from the invitation.
    #[schema(schema_with = super::metadata_schema)]
    metadata: Option<Value>,
    /// The record of another system the member came from.
    #[schema(example = "0190f3c2-0000-7000-8000-00000000abcd")]
    subject_id: Option<Uuid>,
    /// When the membership was made.
    #[schema(example = "2026-11-22T08:30:00Z")]
    created_at: DateTime<Utc>,
}

impl MemberAnswer {
    pub(crate) fn new(member: &MemberFacts, account: &Account, effective: &PermissionSet) -> Self {
        let membership = &member.membership;
        Self {
            id: membership.id.as_uuid(),
            number: membership.number,
            account: account.into(),
            role: member.role.as_ref().map(RoleName::from),
            permissions: names(&membership.permissions),
            effective_permissions: names(effective),
            active: membership.active,
            default_rate: membership.default_rate,
            metadata: membership.metadata.as_deref().map(opaque),
            subject_id: membership.subject_id.map(|id| id.as_uuid()),
            created_at: membership.created_at,
        }
    }
}

/// An API key, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct ApiKeyAnswer {
    /// The key's id, the same over all rotations.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000b1")]
    id: Uuid,
    /// What it is called.
    #[schema(example = "CI")]
    name: String,
    /// The first characters of its text, to recognise it by.
    #[schema(example = "ivk_3fGk")]
    prefix: String,
    /// What it may do at most; at every use cut to what its maker holds.
    #[schema(example = json!(["invitations.issue", "invitations.read"]))]
    permissions: Vec<String>,
    /// The member who made it.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000e1")]
    created_by: Uuid,
    /// When it was made.
    #[schema(example = "2026-11-01T09:00:00Z")]
    created_at: DateTime<Utc>,
    /// When it stops working.
    #[schema(example = "2027-11-01T09:00:00Z")]
    expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    #[schema(example = "2026-11-21T09:59:00Z")]
    last_used_at: Option<DateTime<Utc>>,
}

impl ApiKeyAnswer {
    pub(crate) fn new(key: &ApiKey, permissions: &PermissionSet) -> Self {
        Self {
            id: key.id.as_uuid(),
            name: key.name.clone(),
            prefix: key.prefix.clone(),
            permissions: names(permissions),
            created_by: key.created_by.as_uuid(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// An API key with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyWithSecret)]
pub(crate) struct NewApiKeyAnswer {
    /// The key.
    #[serde(flatten)]
    pub(crate) key: ApiKeyAnswer,
    /// The key itself, in this answer only.
    #[schema(example = "ivk_…")]
    pub(crate) api_key: String,
}

/// The person who calls, and where he belongs.
#[derive(Serialize, ToSchema)]
#[schema(as = Me)]
pub(crate) struct MeAnswer {
    /// The account.
    pub(crate) account: OwnAccountAnswer,
    /// The memberships, oldest first.
    pub(crate) memberships: Vec<MyMembership>,
}

/// One of the caller's memberships, with its organisation.
#[derive(Serialize, ToSchema)]
pub(crate) struct MyMembership {
    /// The organisation.
    pub(crate) organization: super::organization::OrganizationAnswer,
    /// The membership.
    pub(crate) member: MemberAnswer,
}
