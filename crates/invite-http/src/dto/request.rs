//! What requests look like, for the OpenAPI document. The handlers read them with [`crate::extract::fields::Fields`], which
//! collects every error; a test sends each example here to its operation and holds the names together.
#![expect(dead_code, reason = "these describe documents; nothing makes one")]

use utoipa::ToSchema;
use uuid::Uuid;

/// Whom to invite.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum Recipient {
    Email(EmailRecipient),
    Phone(PhoneRecipient),
    Subject(SubjectRecipient),
}

/// Who reads mail at an address.
#[derive(ToSchema)]
pub(crate) struct EmailRecipient {
    /// The e-mail address.
    #[schema(example = "ada@example.org", max_length = 254)]
    email: String,
}

/// Who reads messages at a phone number.
#[derive(ToSchema)]
pub(crate) struct PhoneRecipient {
    /// The phone number with `+` and the country code (E.164); spaces, hyphens, dots and brackets do not matter.
    #[schema(example = "+33 1 99 00 12 34", max_length = 64)]
    phone: String,
}

/// Whom a record of the directory stands for: a contact or a trucker.
#[derive(ToSchema)]
pub(crate) struct SubjectRecipient {
    /// The record's id.
    #[schema(example = "0190f3c2-0000-7000-8000-00000000abcd")]
    subject_id: Uuid,
}

/// An invitation to issue.
#[derive(ToSchema)]
pub(crate) struct IssueRequest {
    /// Whom to invite.
    recipient: Recipient,
    /// The role to grant.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000a1")]
    role_id: Option<Uuid>,
    /// Permissions to grant apart from the role.
    #[schema(example = json!(["members.read"]), max_items = 500)]
    permissions: Option<Vec<String>>,
    /// Seconds the invitation lives; the organisation's default where left out.
    #[schema(example = 604_800, minimum = 1)]
    expires_in: Option<i64>,
    /// How to send it: `email`, `sms`. What the recipient allows where left out; nothing is sent where empty.
    #[schema(example = json!(["email"]))]
    channels: Option<Vec<String>>,
    /// What the answer carries: `link`, `code`. Needs `invitations.reveal`.
    #[serde(rename = "return")]
    #[schema(example = json!(["link", "code"]))]
    returned: Option<Vec<String>>,
    /// How often it can be used: 1.
    #[schema(example = 1, minimum = 1)]
    max_uses: Option<i64>,
    /// The language to write to the invitee in (BCP 47).
    #[schema(example = "fr", max_length = 35)]
    locale: Option<String>,
    /// What you want to add, as plain text.
    #[schema(example = "Looking forward to working with you.", max_length = 2000)]
    message: Option<String>,
    /// An object carried to the membership, at most 8 KiB.
    #[schema(schema_with = super::metadata_schema)]
    metadata: Option<serde_json::Value>,
    /// Where a success leads; one of the destinations the operator allowed.
    #[schema(example = "https://app.example.org/welcome", max_length = 2048)]
    redirect_url: Option<String>,
    /// A rate carried to the membership, in cents an hour.
    #[schema(example = 4500, minimum = 0)]
    default_rate: Option<i64>,
    /// What to do where the recipient has a live invitation: `error` (the default), `return`, `resend` or `replace`.
    #[schema(example = "error")]
    on_conflict: Option<String>,
}

/// Changes of an invitation. What is left out stays; null takes a value away.
#[derive(ToSchema)]
pub(crate) struct AmendRequest {
    /// Another role.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000a1")]
    role_id: Option<Uuid>,
    /// Other permissions apart from the role.
    #[schema(example = json!(["members.read"]), max_items = 500)]
    permissions: Option<Vec<String>>,
    /// Another rate.
    #[schema(example = 4500, minimum = 0)]
    default_rate: Option<i64>,
    /// Another object for the membership.
    #[schema(schema_with = super::metadata_schema)]
    metadata: Option<serde_json::Value>,
    /// Another message.
    #[schema(example = "Looking forward to working with you.", max_length = 2000)]
    message: Option<String>,
    /// Another language.
    #[schema(example = "fr", max_length = 35)]
    locale: Option<String>,
    /// Another destination.
    #[schema(example = "https://app.example.org/welcome", max_length = 2048)]
    redirect_url: Option<String>,
    /// Seconds it lives from now.
    #[schema(example = 604_800, minimum = 1)]
    expires_in: Option<i64>,
}

/// How to send an invitation again.
#[derive(ToSchema)]
pub(crate) struct ResendRequest {
    /// The language from now on.
    #[schema(example = "fr", max_length = 35)]
    locale: Option<String>,
    /// The channels from now on; `[]` makes a new link and sends nothing.
    #[schema(example = json!(["email"]))]
    channels: Option<Vec<String>>,
    /// Seconds it lives from now.
    #[schema(example = 604_800, minimum = 1)]
    expires_in: Option<i64>,
    /// What the answer carries: `link`, `code`. Needs `invitations.reveal`.
    #[serde(rename = "return")]
    #[schema(example = json!(["link", "code"]))]
    returned: Option<Vec<String>>,
}

/// How long an invitation is to live.
#[derive(ToSchema)]
pub(crate) struct ExtendRequest {
    /// Seconds from now; later than the present end.
    #[schema(example = 604_800, minimum = 1)]
    expires_in: i64,
}

/// Why an invitation is withdrawn.
#[derive(ToSchema)]
pub(crate) struct RevokeRequest {
    /// The reason, for those who look at it later.
    #[schema(example = "left the team", max_length = 500)]
    reason: Option<String>,
}

/// A role to make.
#[derive(ToSchema)]
pub(crate) struct NewRoleRequest {
    /// What it is called, unique in the organisation.
    #[schema(example = "Dispatcher", max_length = 100)]
    name: String,
    /// What it is for.
    #[schema(example = "Plans the tours", max_length = 500)]
    description: Option<String>,
    /// Its permissions; none that you do not hold yourself.
    #[schema(example = json!(["invitations.read"]), max_items = 500)]
    permissions: Vec<String>,
    /// Its family: `organization` (the default) or `gatego`.
    #[schema(example = "organization")]
    scope: Option<String>,
}

/// Changes of a role. What is left out stays.
#[derive(ToSchema)]
pub(crate) struct ChangeRoleRequest {
    /// Another name.
    #[schema(example = "Dispatcher", max_length = 100)]
    name: Option<String>,
    /// Another description; null takes it away.
    #[schema(example = "Plans the tours", max_length = 500)]
    description: Option<String>,
    /// Other permissions, instead of all there were.
    #[schema(example = json!(["invitations.read"]), max_items = 500)]
    permissions: Option<Vec<String>>,
}

/// Changes of a member. What is left out stays.
#[derive(ToSchema)]
pub(crate) struct ChangeMemberRequest {
    /// Another role; null takes it away.
    #[schema(example = "0190f3c2-0000-7000-8000-0000000000a1")]
    role_id: Option<Uuid>,
    /// Other permissions apart from the role, instead of all there were.
    #[schema(example = json!(["members.read"]), max_items = 500)]
    permissions: Option<Vec<String>>,
    /// Whether the member may act.
    #[schema(example = true)]
    active: Option<bool>,
}

/// An API key to make.
#[derive(ToSchema)]
pub(crate) struct NewApiKeyRequest {
    /// What it is called.
    #[schema(example = "CI", max_length = 100)]
    name: String,
    /// What it may do at most; what you hold yourself where left out.
    #[schema(example = json!(["invitations.issue"]), max_items = 500)]
    permissions: Option<Vec<String>>,
    /// Seconds until it stops working; never where left out.
    #[schema(example = 31_536_000, minimum = 1)]
    expires_in: Option<i64>,
}

/// How an API key is rotated.
#[derive(ToSchema)]
pub(crate) struct RotateRequest {
    /// Seconds the old text still works: a day where left out.
    #[schema(example = 86_400, minimum = 0)]
    overlap: Option<i64>,
}

/// How an organisation's invitations are to work.
#[derive(ToSchema)]
pub(crate) struct PolicyRequest {
    /// A link that was copied, not mailed, only sends the mailed one.
    #[schema(example = false)]
    require_mailbox_proof: Option<bool>,
    /// An existing account has to sign in; the mailed link alone does not join it.
    #[schema(example = false)]
    require_verified_sign_in: Option<bool>,
    /// Seconds an invitation lives where its issuer names none; null: the operator's default.
    #[schema(example = 604_800, minimum = 1)]
    ttl_default: Option<i64>,
    /// The most seconds an invitation may live; null: the operator's maximum.
    #[schema(example = 2_592_000, minimum = 1)]
    ttl_max: Option<i64>,
}

/// How an organisation is to look. Its logo has an operation of its own.
#[derive(ToSchema)]
pub(crate) struct LookRequest {
    /// A colour, `#` and six hex digits; null: the service's own.
    #[schema(example = "#1a56b0", min_length = 7, max_length = 7)]
    accent: Option<String>,
}

/// Changes of an organisation. What is left out stays.
#[derive(ToSchema)]
pub(crate) struct ChangeOrganizationRequest {
    /// Another name.
    #[schema(example = "Acme", max_length = 200)]
    name: Option<String>,
    /// Another name in addresses: 3 to 40 of a–z, 0–9 and hyphen.
    #[schema(example = "acme", min_length = 3, max_length = 40)]
    slug: Option<String>,
    /// Another language; null: the operator's.
    #[schema(example = "en", max_length = 35)]
    locale: Option<String>,
    /// Another time zone (IANA).
    #[schema(example = "Europe/Paris", max_length = 64)]
    time_zone: Option<String>,
    /// How its invitations work.
    policy: Option<PolicyRequest>,
    /// Its own limits.
    limits: Option<LimitsRequest>,
    /// How it looks.
    look: Option<LookRequest>,
    /// Fields other systems print, instead of all there were; at most 8 KiB.
    #[schema(schema_with = super::profile_schema)]
    profile: Option<serde_json::Value>,
}

/// Changes of an organisation's own limits. What is left out stays; null leaves the operator's.
#[derive(ToSchema)]
pub(crate) struct LimitsRequest {
    /// The most members and live invitations together. Only the operator sets it.
    #[schema(example = 100, minimum = 1, maximum = 1_000_000)]
    seats: Option<i64>,
    /// The most live invitations, up to the operator's limit.
    #[schema(example = 1000, minimum = 1)]
    live: Option<i64>,
    /// The most invitations issued in an hour, up to the operator's limit.
    #[schema(example = 500, minimum = 1)]
    issues_hour: Option<i64>,
    /// The most messages to one recipient a day, up to the operator's limit.
    #[schema(example = 20, minimum = 1)]
    messages_recipient_day: Option<i64>,
}

/// Changes of one's own account. What is left out stays.
#[derive(ToSchema)]
pub(crate) struct ChangeMeRequest {
    /// Another name; null takes it away.
    #[schema(example = "Ada Lovelace", max_length = 200)]
    name: Option<String>,
    /// Another password: 8 to 128 characters. It ends all other sessions.
    #[schema(example = "correct horse battery staple", format = Password)]
    password: Option<String>,
    /// Another address. A link is mailed there; the address changes once that is confirmed. The answer is the same whoever has
    /// the address.
    #[schema(example = "ada@example.net", max_length = 254)]
    email: Option<String>,
    /// The present password; needed for another one and for another address.
    #[schema(example = "wrong pony battery staple", format = Password)]
    current_password: Option<String>,
}

/// An organisation to make.
#[derive(ToSchema)]
pub(crate) struct NewOrganizationRequest {
    /// What people call it.
    #[schema(example = "Acme", max_length = 200)]
    name: String,
    /// Its name in addresses; made from the name where left out.
    #[schema(example = "acme", min_length = 3, max_length = 40)]
    slug: Option<String>,
    /// The address of its first owner, who gets a link to set a password.
    #[schema(example = "owner@example.org", max_length = 254)]
    owner_email: String,
    /// The language its mails are written in.
    #[schema(example = "en", max_length = 35)]
    locale: Option<String>,
}

/// Whom to erase.
#[derive(ToSchema)]
pub(crate) struct ErasureRequest {
    /// The person's address.
    #[schema(example = "ana@example.org", max_length = 254)]
    email: String,
}

/// A link's token.
#[derive(ToSchema)]
pub(crate) struct TokenRequest {
    /// The token, `inv_` and 71 characters: the last part of the link.
    #[schema(example = "inv_0VSTem8nho5xipGKoiTGrMdGNayehGAxCa36Dld8leyCY3W9OQk40ffxGAMrgKmU61JxeOV")]
    token: String,
}

/// What a new person says of himself.
#[derive(ToSchema)]
pub(crate) struct NewAccountRequest {
    /// What to call the person. Where the invitation is for a record of the directory, its name is the default.
    #[schema(example = "Ada Lovelace", max_length = 200)]
    name: Option<String>,
    /// A password of 8 to 128 characters; without one a password reset sets it later.
    #[schema(example = "correct horse battery staple", format = Password)]
    password: Option<String>,
    /// The person's language (BCP 47).
    #[schema(example = "en", max_length = 35)]
    locale: Option<String>,
}

/// A short code.
#[derive(ToSchema)]
pub(crate) struct CodeRequest {
    /// The organisation the code is of: its slug or id.
    #[schema(example = "acme", max_length = 40)]
    organization: String,
    /// The code, eleven letters and digits. Upper and lower case, spaces and hyphens do not matter.
    #[schema(example = "6KNS-4129-2BR", max_length = 64)]
    code: String,
}

/// A link's token, or a short code.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum SecretRequest {
    Token(TokenRequest),
    Code(CodeRequest),
}

/// An invitation to use.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum RedeemRequest {
    Token(RedeemTokenRequest),
    Code(RedeemCodeRequest),
}

/// An invitation to use by its link.
#[derive(ToSchema)]
pub(crate) struct RedeemTokenRequest {
    /// The token, `inv_` and 71 characters: the last part of the link.
    #[schema(example = "inv_0VSTem8nho5xipGKoiTGrMdGNayehGAxCa36Dld8leyCY3W9OQk40ffxGAMrgKmU61JxeOV")]
    token: String,
    /// For a person who has no account yet.
    account: Option<NewAccountRequest>,
}

/// An invitation to use by its short code.
#[derive(ToSchema)]
pub(crate) struct RedeemCodeRequest {
    /// The organisation the code is of: its slug or id.
    #[schema(example = "acme", max_length = 40)]
    organization: String,
    /// The code, eleven letters and digits. Upper and lower case, spaces and hyphens do not matter.
    #[schema(example = "6KNS-4129-2BR", max_length = 64)]
    code: String,
    /// For a person who has no account yet.
    account: Option<NewAccountRequest>,
}

/// An invitation to decline.
#[derive(ToSchema)]
pub(crate) struct DeclineRequest {
    /// The token, `inv_` and 71 characters: the last part of the link.
    #[schema(example = "inv_0VSTem8nho5xipGKoiTGrMdGNayehGAxCa36Dld8leyCY3W9OQk40ffxGAMrgKmU61JxeOV")]
    token: String,
    /// Whether the organisation is to send no further invitations to this address.
    #[schema(example = false)]
    block: Option<bool>,
}

/// An address and its password.
#[derive(ToSchema)]
pub(crate) struct SignInRequest {
    /// The account's address. A phone number or a username is nobody's here.
    #[schema(example = "ada@example.org", max_length = 254)]
    email: String,
    /// Its password.
    #[schema(example = "correct horse battery staple", format = Password)]
    password: String,
}

/// An address whose password is forgotten.
#[derive(ToSchema)]
pub(crate) struct ResetRequest {
    /// The account's address. Whatever it is, the answer is the same.
    #[schema(example = "ada@example.org")]
    email: String,
}

/// A password to set by a link.
#[derive(ToSchema)]
pub(crate) struct ConfirmRequest {
    /// The token, `ina_` and 71 characters: the last part of the link.
    #[schema(example = "ina_0VSTem8nho5xipGKoiTGrMdGNayehGAxCa36Dld8leyCY3W9OQk40ffxGAMrgKmU61JxeOV")]
    token: String,
    /// The password, 8 to 128 characters.
    #[schema(example = "correct horse battery staple", format = Password)]
    password: String,
}
