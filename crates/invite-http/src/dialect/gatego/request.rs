//! What requests look like, for the OpenAPI document.
#![expect(dead_code, reason = "these describe documents; nothing makes one")]

use utoipa::ToSchema;

/// What a person says of himself. Address, role, carriers, yard and organisation are the invitation's: they are ignored
/// here, whatever they hold.
#[derive(ToSchema)]
#[schema(as = GategoAccountInvited)]
pub(super) struct AccountInvited {
    /// What to call the person.
    #[schema(example = "Ada Lovelace", max_length = 200)]
    name: Option<String>,
    /// A password to sign in with; without one a password reset sets it later.
    #[schema(example = "violet harbour sings 41", min_length = 8, max_length = 128)]
    password: Option<String>,
    /// The same once more.
    #[schema(example = "violet harbour sings 41")]
    password_confirmation: Option<String>,
    /// A name to sign in with, unique over the installation.
    #[schema(example = "ada.l", min_length = 3, max_length = 100)]
    username: Option<String>,
    /// A phone number. One in E.164 can be used to sign in where nobody else has it.
    #[schema(example = "+33 1 99 00 12 34", max_length = 100)]
    phone_number: Option<String>,
    /// The person's language.
    #[schema(example = "en")]
    language_code: Option<String>,
    /// The licence's number.
    #[schema(example = "99 999 999", max_length = 200)]
    driver_license: Option<String>,
    /// When the licence expires, with an offset.
    #[schema(example = "2030-05-04T09:42:00+00:00")]
    driver_license_expiration: Option<String>,
    /// A picture of the licence.
    #[schema(example = 42)]
    driver_license_picture_id: Option<i64>,
    /// A picture of the driver.
    #[schema(example = 42)]
    driver_photo_id: Option<i64>,
    /// A picture of the safety card.
    #[schema(example = 42)]
    driver_safety_card_picture_id: Option<i64>,
    /// The carrier of the truck. Id, number and carrier of a truck together are refused.
    #[schema(example = 42)]
    driver_truck_carrier_id: Option<i64>,
    /// The truck.
    #[schema(example = 42)]
    driver_truck_id: Option<i64>,
    /// The truck's number.
    #[schema(example = "T-7", max_length = 200)]
    driver_truck_number: Option<String>,
    /// `CNG`, `DIESEL`, `ELECTRIC` or `HYDROGEN`.
    #[schema(example = "DIESEL")]
    driver_truck_fuel_type: Option<String>,
    /// `BOX`, `PICKUP` or `SEMI`.
    #[schema(example = "SEMI")]
    driver_truck_type: Option<String>,
}

/// An acceptance. Without `account_invited` its members are read beside the code.
#[derive(ToSchema)]
#[schema(as = GategoAcceptance)]
pub(super) struct AcceptRequest {
    /// The token of the mailed link, or a short code.
    #[schema(example = "inv_…")]
    code: String,
    /// The account.
    account_invited: Option<AccountInvited>,
}

/// An invitation to send.
#[derive(ToSchema)]
#[schema(as = GategoInvite)]
pub(super) struct InviteRequest {
    /// Whom to invite.
    #[schema(example = "ada@example.org")]
    email: String,
    /// One of the eleven roles. `ADMIN` and `SIGNUP_SERVICE` are the operator's to give.
    #[schema(example = "YARD_ADMIN")]
    role: String,
    /// The carrier; a `CARRIER_ADMIN` needs one.
    #[schema(example = 42)]
    carrier_id: Option<i64>,
    /// The yard; a `GUARD` and a `RESTRICTED_GUARD` need one.
    #[schema(example = 42)]
    yard_id: Option<i64>,
    /// The carriers the account will see.
    #[schema(example = json!([42]), max_items = 256)]
    can_view_carrier_ids: Option<Vec<i64>>,
    /// Whether it will see other carriers too.
    #[schema(example = false)]
    can_view_other_carriers: Option<bool>,
}

/// Who signs in.
#[derive(ToSchema)]
#[schema(as = GategoLogin)]
pub(super) struct LoginRequest {
    /// The username, e-mail address or mobile phone number.
    #[schema(example = "ada@example.org")]
    username: String,
    /// The password.
    #[schema(example = "violet harbour sings 41")]
    password: String,
}

/// What renews a session.
#[derive(ToSchema)]
#[schema(as = GategoRefresh)]
pub(super) struct RefreshRequest {
    /// The refresh token of the last answer; it may be sent as `Authorization: Bearer` instead.
    #[schema(example = "ivr_…")]
    refresh_token: Option<String>,
}
