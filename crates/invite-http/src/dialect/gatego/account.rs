//! The account as Gatego prints it: thirty members, always all of them.

use super::{
    details::{Kept, time},
    role,
    target::Target,
};
use invite_domain::{
    access::{GategoRole, Held, MemberFacts, SystemRole},
    directory::{Account, Organization, Username},
    id::AccountId,
    phone::PhoneNumber,
    secret::{KeyRing, Purpose},
    service::MemberView,
};
use serde::Serialize;
use std::fmt::Write as _;
use utoipa::ToSchema;

/// An organisation, where it is named.
#[derive(Serialize, ToSchema)]
#[schema(as = GategoOrganization)]
pub(super) struct OrganizationName {
    /// Its number.
    #[schema(example = 42)]
    id: i64,
    /// What people call it.
    #[schema(example = "Acme")]
    name: String,
}

impl From<&Organization> for OrganizationName {
    fn from(organization: &Organization) -> Self {
        Self { id: organization.number, name: organization.name.clone() }
    }
}

/// The organisations a person runs together. It is called after the one where the person did so first.
#[derive(Serialize, ToSchema)]
#[schema(as = GategoOrganizationGroup)]
pub(super) struct Group {
    /// The number of the first of them.
    #[schema(example = 42)]
    id: i64,
    /// All of them.
    managed_organizations: Vec<OrganizationName>,
    /// The name of the first of them.
    #[schema(example = "Acme")]
    name: String,
}

/// A driver's papers, as the newer form of the API has them.
#[derive(Serialize, ToSchema)]
#[schema(as = GategoDriver)]
pub(super) struct Driver {
    /// The licence's number.
    #[schema(example = "99 999 999")]
    license: Option<String>,
    /// When the licence expires.
    #[schema(example = "2030-05-04T09:42:00+00:00")]
    license_expiration: Option<String>,
    /// A picture of the licence.
    #[schema(example = "42")]
    license_picture_id: Option<String>,
    /// A picture of the driver.
    #[schema(example = "42")]
    photo_id: Option<String>,
    /// A picture of the safety card.
    #[schema(example = "42")]
    safety_card_picture_id: Option<String>,
    /// The truck's number.
    #[schema(example = "T-7")]
    truck_number: Option<String>,
}

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = GategoAccount)]
pub(super) struct AccountAnswer {
    /// Whether it may act in the organisation.
    #[schema(example = true)]
    active: bool,
    /// The carriers it sees.
    #[schema(example = json!([42]))]
    can_view_carrier_ids: Vec<i64>,
    /// Whether it sees other carriers too.
    #[schema(example = false)]
    can_view_other_carriers: bool,
    /// The carrier it is of.
    #[schema(example = 42)]
    carrier_id: Option<i64>,
    /// Always null: what is deleted is not printed.
    #[schema(example = json!(null))]
    deleted_at: Option<String>,
    /// A driver's papers.
    driver: Driver,
    /// The licence's number.
    #[schema(example = "99 999 999")]
    driver_license: Option<String>,
    /// When the licence expires.
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
    /// The truck's number.
    #[schema(example = "T-7")]
    driver_truck_number: Option<String>,
    /// The invitation's address; null for a person who came by a code and has none.
    #[schema(example = "ada@example.org")]
    email: Option<String>,
    /// Whether the person has shown to read mail at that address.
    #[schema(example = true)]
    email_confirmed: bool,
    /// Stays the same for this account while our active key does, and tells nothing of it.
    #[schema(example = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
    hmac: Option<String>,
    /// Another, for programs on Android.
    #[schema(example = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
    hmac_android: Option<String>,
    /// Another, for programs on iOS.
    #[schema(example = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
    hmac_ios: Option<String>,
    /// The account's number.
    #[schema(example = 42)]
    id: i64,
    /// The person's language, or the organisation's.
    #[schema(example = "en")]
    language_code: String,
    /// When the person last signed in.
    #[schema(example = "2026-11-21T10:00:00+00:00")]
    last_login: Option<String>,
    /// Not kept.
    #[schema(example = json!(null))]
    last_login_app_version: Option<String>,
    /// Not kept.
    #[schema(example = json!(null))]
    last_login_referer: Option<String>,
    /// For who runs a group of organisations.
    managed_organization_group: Option<Group>,
    /// What to call the person.
    #[schema(example = "Ada Lovelace")]
    name: String,
    /// The organisation that invited.
    organization: OrganizationName,
    /// The phone number, as the person wrote it.
    #[schema(example = "+33 1 99 00 12 34")]
    phone_number: Option<String>,
    /// When the person signed in the time before.
    #[schema(example = "2026-11-20T10:00:00+00:00")]
    previous_last_login: Option<String>,
    /// `ADMIN`, `CARRIER_ADMIN`, `DRIVER`, `GUARD`, `ORG_ADMIN`, `ORG_GROUP_ADMIN`, `RESTRICTED_GUARD`, `SIGNUP_SERVICE`, `SUPER_CARRIER_ADMIN`, `YARD_ADMIN` or `YARD_DRIVER`.
    #[schema(example = "YARD_ADMIN")]
    role: &'static str,
    /// A name to sign in with.
    #[schema(example = "ada.l")]
    username: Option<String>,
    /// The yard it is for.
    #[schema(example = 42)]
    yard_id: Option<i64>,
}

/// A person's places, oldest first.
pub(super) type Places = Vec<(Organization, MemberView)>;

/// Whether somebody runs a group of organisations from this place.
pub(super) fn runs_group(member: Option<&MemberFacts>) -> bool {
    let system = member.and_then(|member| member.role.as_ref()?.system);
    system == Some(SystemRole::Gatego(GategoRole::OrgGroupAdmin))
}

fn group(member: Option<&MemberFacts>, places: &Places) -> Option<Group> {
    let managed = places.iter().filter(|(_, view)| runs_group(Some(&view.record.member)));
    let managed: Vec<&Organization> = managed.map(|(organization, _)| organization).collect();
    let first = managed.first().filter(|_| runs_group(member))?;
    Some(Group {
        id: first.number,
        name: first.name.clone(),
        managed_organizations: managed.iter().map(|organization| (*organization).into()).collect(),
    })
}

/// What identifies somebody to a third party on one platform, without saying who it is.
fn hmac(ring: &KeyRing, platform: &str, account: AccountId) -> Option<String> {
    // Cursors are clients' to see as well, and begin with another label.
    let id = account.as_uuid();
    let parts: [&[u8]; 4] = [b"gatego/hmac/v1\0", platform.as_bytes(), b"\0", id.as_bytes()];
    let mac = ring.mac(ring.active()?, Purpose::Cursor, &parts)?;
    Some(mac.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

impl AccountAnswer {
    /// An account in an organisation; `member` is `None` where it is none any more, and `places` are needed of one who runs
    /// a group alone.
    pub(super) fn new(
        account: &Account,
        organization: &Organization,
        member: Option<&MemberFacts>,
        places: &Places,
        ring: &KeyRing,
    ) -> Self {
        let membership = member.map(|member| &member.membership);
        let held = member.map_or_else(Held::nothing, MemberFacts::held);
        let role = role::named(member.and_then(|member| member.role.as_ref()), &held);
        let target = Target::of(membership.and_then(|membership| membership.metadata.as_deref()));
        let kept = Kept::of(account.profile.as_deref());
        let as_text = |name: &str| kept.number(name).map(|number| number.to_string());
        let phone = account.phone.as_ref().map(PhoneNumber::as_str);
        let name = account.display_name().or(phone).unwrap_or_default();
        let language = account.locale.as_ref().or(organization.locale.as_ref());
        let hmac = |platform| hmac(ring, platform, account.id);
        Self {
            active: membership.is_some_and(|membership| membership.active),
            can_view_carrier_ids: target.can_view_carrier_ids,
            can_view_other_carriers: target.can_view_other_carriers,
            carrier_id: target.carrier_id,
            deleted_at: None,
            driver: Driver {
                license: kept.text("driver_license"),
                license_expiration: kept.text("driver_license_expiration"),
                license_picture_id: as_text("driver_license_picture_id"),
                photo_id: as_text("driver_photo_id"),
                safety_card_picture_id: as_text("driver_safety_card_picture_id"),
                truck_number: kept.text("driver_truck_number"),
            },
            driver_license: kept.text("driver_license"),
            driver_license_expiration: kept.text("driver_license_expiration"),
            driver_license_picture_id: kept.number("driver_license_picture_id"),
            driver_photo_id: kept.number("driver_photo_id"),
            driver_safety_card_picture_id: kept.number("driver_safety_card_picture_id"),
            driver_truck_number: kept.text("driver_truck_number"),
            email: account.email.as_ref().map(|email| email.as_str().to_owned()),
            email_confirmed: account.email_verified,
            hmac: hmac("web"),
            hmac_android: hmac("android"),
            hmac_ios: hmac("ios"),
            id: account.number,
            language_code: language.map_or("en", String::as_str).to_owned(),
            last_login: account.last_sign_in_at.map(time),
            last_login_app_version: None,
            last_login_referer: None,
            managed_organization_group: group(member, places),
            name: name.to_owned(),
            organization: organization.into(),
            phone_number: kept.text("phone_number").or_else(|| phone.map(str::to_owned)),
            previous_last_login: account.previous_sign_in_at.map(time),
            role: role.name(),
            username: account.username.as_ref().map(|name: &Username| name.as_str().to_owned()),
            yard_id: target.yard_id,
        }
    }
}
