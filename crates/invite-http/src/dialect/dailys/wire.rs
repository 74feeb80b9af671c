//! What Dailys prints and takes.

use super::{list::Paging, names, organisation::Organisation};
use invite_domain::{
    access::{PermissionSet, RoleScope},
    invitation::Recipient,
    port::InvitationRecord,
    time::Timestamp,
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An instant as Dailys writes it: `YYYY-MM-DD HH:MM:SS`, in UTC, the rest of the second left out.
pub(super) fn time(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A role.
#[derive(Serialize, ToSchema)]
#[schema(as = DailysRole)]
pub(super) struct Role {
    /// The role's number.
    #[schema(example = 1)]
    pub(super) id: i64,
    /// `organisations`: a role an invite can give. `gatego`: one that belongs to another API.
    #[schema(example = "organisations")]
    pub(super) scope: &'static str,
    /// What it is called.
    #[schema(example = "Administrator")]
    pub(super) name: String,
    /// What it is for; empty where nothing is said.
    #[schema(example = "Administer the organisation and users.")]
    pub(super) description: String,
    /// What its holder may do, each name true.
    #[schema(example = json!({ "invites.index": true, "invites.show": true }))]
    permissions: BTreeMap<String, bool>,
    /// When it was made.
    #[schema(example = "2000-01-01 00:00:00")]
    created_at: String,
    /// When it was last changed.
    #[schema(example = "2000-01-01 00:00:00")]
    updated_at: String,
    /// Always null: a role that was deleted is gone.
    #[schema(example = json!(null))]
    deleted_at: Option<String>,
    /// Always false.
    #[schema(example = false)]
    deleted: bool,
}

impl Role {
    /// A role that prints these permissions.
    pub(super) fn new(role: &invite_domain::access::Role, permissions: &PermissionSet) -> Self {
        Self {
            id: role.number,
            scope: match role.scope {
                RoleScope::Organization => "organisations",
                RoleScope::Gatego => "gatego",
            },
            name: role.name.clone(),
            description: role.description.clone().unwrap_or_default(),
            permissions: names::printed(permissions),
            created_at: time(role.created_at),
            updated_at: time(role.updated_at),
            deleted_at: None,
            deleted: false,
        }
    }
}

/// An invite.
#[derive(Serialize, ToSchema)]
#[schema(as = DailysInvite)]
pub(super) struct Invite {
    /// The invitation's number.
    #[schema(example = 1)]
    id: i64,
    /// Whom it is for, as it was written.
    #[schema(example = "ada@example.org")]
    email: String,
    /// The hourly rate in cents; 0 where it was made without one, which this API does not do.
    #[schema(example = 15_000)]
    default_rate: i64,
    /// When it stops being good.
    #[schema(example = "2000-01-01 00:00:00")]
    expires_at: String,
    /// What it gives beside the role, each name true; null for nothing.
    #[schema(example = json!({ "invites.index": true, "invites.show": true }))]
    permissions: Option<BTreeMap<String, bool>>,
    /// The role it gives; null for none.
    role: Option<Role>,
}

impl Invite {
    /// An invitation as an invite; `None` where it is for no address. `known` are the names that whoever may do everything
    /// prints beside ours.
    pub(super) fn new(record: &InvitationRecord, known: &PermissionSet) -> Option<Self> {
        let invitation = &record.invitation;
        let Recipient::Email(email) = &invitation.recipient else { return None };
        let direct = &invitation.grant.permissions;
        Some(Self {
            id: invitation.number,
            email: email.as_str().to_owned(),
            default_rate: invitation.grant.default_rate.unwrap_or(0),
            expires_at: time(invitation.expires_at),
            permissions: (!direct.is_empty()).then(|| names::printed(direct)),
            role: record.role.as_ref().map(|role| Role::new(role, &role.held().printed(known))),
        })
    }
}

/// An invite with its organisation.
#[derive(Serialize, ToSchema)]
#[schema(as = DailysInviteWithOrganisation)]
pub(super) struct WithOrganisation {
    #[serde(flatten)]
    invite: Invite,
    /// The organisation it is to.
    organisation: Organisation,
}

/// An invite that was made.
#[derive(Serialize, ToSchema)]
#[schema(as = DailysStored)]
pub(super) struct Stored {
    /// Always true.
    #[schema(example = true)]
    success: bool,
    /// The invite.
    invite: Invite,
}

impl Stored {
    pub(super) fn new(invite: Invite) -> Self {
        Self { success: true, invite }
    }
}

/// An invite that was sent again or deleted.
#[derive(Serialize, ToSchema)]
#[schema(as = DailysChanged)]
pub(super) struct Changed {
    /// Always true.
    #[schema(example = true)]
    success: bool,
    /// The invite.
    invite: WithOrganisation,
}

impl Changed {
    pub(super) fn new(invite: Invite, organisation: Organisation) -> Self {
        Self { success: true, invite: WithOrganisation { invite, organisation } }
    }
}

/// A page of invites.
#[derive(Serialize, ToSchema)]
#[schema(as = DailysInvitePage)]
pub(super) struct InvitePage {
    /// The page.
    #[schema(example = 1)]
    pub(super) current_page: u64,
    /// Its entries.
    pub(super) data: Vec<Invite>,
    #[serde(flatten)]
    pub(super) rest: Paging,
}

/// A page of roles.
#[derive(Serialize, ToSchema)]
#[schema(as = DailysRolePage)]
pub(super) struct RolePage {
    /// The page.
    #[schema(example = 1)]
    pub(super) current_page: u64,
    /// Its entries.
    pub(super) data: Vec<Role>,
    #[serde(flatten)]
    pub(super) rest: Paging,
}

/// An invite to make.
#[derive(ToSchema)]
#[schema(as = DailysNewInvite)]
#[expect(dead_code, reason = "it is what the document says of the body; the reader reads it")]
pub(super) struct NewInvite {
    /// The address the invite is sent to. Nobody who is invited or a member already.
    #[schema(example = "ada@example.org")]
    email: String,
    /// The hourly rate of the person who accepts, in cents, from 0.
    #[schema(example = 15_000, minimum = 0, maximum = 1_000_000_000)]
    default_rate: i64,
    /// The number of the role the person gets: one of this organisation, scope `organisations`.
    #[schema(example = 1)]
    role_id: Option<i64>,
    /// What the person gets beside the role: an array of names, or an object from name to boolean.
    #[schema(schema_with = permissions_schema)]
    permissions: Option<BTreeMap<String, bool>>,
}

fn permissions_schema() -> utoipa::openapi::Schema {
    use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
    let names = ArrayBuilder::new().items(ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)));
    let flag = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Boolean));
    let flags = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Object)).additional_properties(Some(flag));
    let null = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Null));
    let description = "What the person gets beside the role: an array of names, or an object from name to boolean.";
    let example = serde_json::json!(["invites.index", "invites.store"]);
    let one = OneOfBuilder::new().item(names).item(flags).item(null);
    Schema::OneOf(one.description(Some(description)).examples([example]).build())
}
