//! A company on the wire: alike as a trucker's carrier, a contact's company and alone.

use super::{
    common::names,
    fields::{ANY, Field, Kind, Profile, field, required},
};
use chrono::{DateTime, Utc};
use invite_domain::{
    directory::Subject,
    port::{AccountFacts, SubjectRecord},
};
use serde::Serialize;
use serde_json::{Map, Number, Value, json};
use utoipa::{
    ToSchema,
    openapi::schema::{Object, ObjectBuilder, Type},
};

const ADDRESS: &[Field] = &[
    field("pk", Kind::TextId),
    field("name", Kind::Text(ANY)),
    field("address", Kind::Text(ANY)),
    field("city", Kind::Text(ANY)),
    field("postcode", Kind::Text(ANY)),
    field("country", Kind::CountryOrBlank),
    field("latitude", Kind::Number),
    field("longitude", Kind::Number),
    field("radius", Kind::Integer),
    field("coords_validated", Kind::Flag),
    field("is_demo", Kind::Flag),
    field("is_carrier", Kind::Flag),
    field("is_shipper", Kind::Flag),
    field("is_origin", Kind::Flag),
    field("is_destination", Kind::Flag),
    field("created_by", Kind::Maker),
    field("created", Kind::Noted),
    field("instructions", Kind::Text(ANY)),
    field("remote_id", Kind::Text(ANY)),
];

/// Its fields that are not ours.
pub(super) const FIELDS: &[Field] = &[
    field("invoicing_remote_id", Kind::Text(ANY)),
    field("phone_number", Kind::Text(ANY)),
    field("email", Kind::Email),
    field("siren", Kind::Text(ANY)),
    field("trade_number", Kind::Text(ANY)),
    required("country", Kind::Country),
    field("comments", Kind::Text(ANY)),
    field("vat_number", Kind::Text(ANY)),
    field("is_verified", Kind::Flag),
    field("settings_transport_order_observations", Kind::Text(ANY)),
    field("settings_constrain_reference_edition", Kind::Flag),
    field("account_type", Kind::Text(ANY)),
    field("logo", Kind::Text(ANY)),
    field("subscription_access", Kind::Free),
    field("settings", Kind::Free),
    field("primary_address", Kind::Object(ADDRESS)),
];

/// An object of any members.
fn free() -> Object {
    let example = json!({ "plan": "premium" });
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("Stored, not interpreted."))
        .examples([example])
        .build()
}

/// A company of the address book, or the organisation's own.
#[derive(Serialize, ToSchema)]
pub(super) struct DashdocCompany {
    /// Our number for it.
    #[schema(example = 928)]
    pk: i64,
    /// Your own id for it, unique among your companies.
    #[schema(example = "COMP_1")]
    remote_id: Option<String>,
    /// When it was made.
    #[schema(example = "2020-07-30T21:10:06.445510Z")]
    created: DateTime<Utc>,
    /// When it was last changed.
    #[schema(example = "2020-07-30T21:10:06.445510Z")]
    updated: DateTime<Utc>,
    /// Whether it was deleted; its contacts and truckers are not.
    #[schema(example = false)]
    deleted: bool,
    /// Its id in your invoicing system.
    #[schema(example = "COMP_456")]
    invoicing_remote_id: Option<String>,
    /// What it is called.
    #[schema(example = "Transport Bouvet")]
    name: String,
    /// Its phone number, as you wrote it.
    #[schema(example = "0601020304")]
    phone_number: Option<String>,
    /// Its address.
    #[schema(example = "office@bouvet.example")]
    email: Option<String>,
    /// Its SIREN.
    #[schema(example = "123456789")]
    siren: Option<String>,
    /// Its trade number.
    #[schema(example = "12345678900011")]
    trade_number: Option<String>,
    /// Its country (ISO 3166-1 alpha-2); empty while nobody has said it of the organisation's own company.
    #[schema(example = "FR")]
    country: String,
    /// Notes of your own team.
    #[schema(example = "Rings twice.")]
    comments: Option<String>,
    /// Its VAT number.
    #[schema(example = "FR40303265045")]
    vat_number: Option<String>,
    /// Stored, not interpreted.
    #[schema(example = true)]
    is_verified: bool,
    /// Stored, not interpreted.
    #[schema(example = "text")]
    settings_transport_order_observations: Option<String>,
    /// Stored, not interpreted.
    #[schema(example = true)]
    settings_constrain_reference_edition: bool,
    /// Stored, not interpreted.
    #[schema(example = "carrier")]
    account_type: Option<String>,
    /// Stored, not interpreted.
    #[schema(example = "https://bouvet.example/logo.png")]
    logo: Option<String>,
    /// Stored, not interpreted.
    #[schema(schema_with = free)]
    subscription_access: Map<String, Value>,
    /// Stored, not interpreted.
    #[schema(schema_with = free)]
    settings: Map<String, Value>,
    /// Where it is.
    primary_address: Option<DashdocAddress>,
    /// Members who came from its contacts, at most 100.
    managers: Vec<DashdocManager>,
    /// Whether one of them can sign in with a password.
    #[schema(example = true)]
    has_loggable_managers: bool,
}

/// Where a company is. Stored, not interpreted.
#[derive(Serialize, ToSchema)]
struct DashdocAddress {
    /// Your id for it; the company's number where you gave none.
    #[schema(example = "23498")]
    pk: String,
    /// What it is called.
    #[schema(example = "Transport Bouvet")]
    name: Option<String>,
    /// Street and number.
    #[schema(example = "3 rue des champs")]
    address: Option<String>,
    /// Its city.
    #[schema(example = "Nantes")]
    city: Option<String>,
    /// Its postcode.
    #[schema(example = "44000")]
    postcode: Option<String>,
    /// Its country (ISO 3166-1 alpha-2).
    #[schema(example = "FR")]
    country: Option<String>,
    /// Degrees north.
    #[schema(value_type = Option<f64>, example = 47.2184)]
    latitude: Option<Number>,
    /// Degrees east.
    #[schema(value_type = Option<f64>, example = -1.5536)]
    longitude: Option<Number>,
    /// Metres around it.
    #[schema(example = 500)]
    radius: Option<i64>,
    /// Whether the coordinates were checked.
    #[schema(example = false)]
    coords_validated: bool,
    /// Stored, not interpreted.
    #[schema(example = false)]
    is_demo: bool,
    /// Stored, not interpreted.
    #[schema(example = true)]
    is_carrier: bool,
    /// Stored, not interpreted.
    #[schema(example = true)]
    is_shipper: bool,
    /// Stored, not interpreted.
    #[schema(example = true)]
    is_origin: bool,
    /// Stored, not interpreted.
    #[schema(example = true)]
    is_destination: bool,
    /// The number of who made it.
    #[schema(example = 1)]
    created_by: Option<i64>,
    /// When it was made.
    #[schema(example = "2020-07-30T21:10:06.44551Z")]
    created: String,
    /// How to get there.
    #[schema(example = "Gate 3.")]
    instructions: Option<String>,
    /// Your own id for it.
    #[schema(example = "ADDR_1")]
    remote_id: Option<String>,
}

/// A member who came from a contact of the company.
#[derive(Serialize, ToSchema)]
struct DashdocManager {
    /// The membership's number.
    #[schema(example = 928)]
    pk: i64,
    /// The person.
    user: DashdocManagerUser,
    /// What to call the person.
    #[schema(example = "Adèle Bouvet")]
    display_name: String,
    /// The name of the role; empty without one.
    #[schema(example = "guest")]
    role: String,
}

/// The person a member is.
#[derive(Serialize, ToSchema)]
struct DashdocManagerUser {
    /// The address; empty without one.
    #[schema(example = "adele.bouvet@bouvet.example")]
    email: String,
    /// The first name.
    #[schema(example = "Adèle")]
    first_name: Option<String>,
    /// The last name.
    #[schema(example = "Bouvet")]
    last_name: Option<String>,
}

impl DashdocCompany {
    /// The company a record is.
    pub(super) fn alone(record: &SubjectRecord) -> Self {
        Self::new(&record.subject, &record.managers)
    }

    pub(super) fn new(subject: &Subject, managers: &[(Subject, AccountFacts)]) -> Self {
        let profile = Profile::of(subject);
        let object = |name| profile.inner(name).unwrap_or_default().into_map();
        let can_sign_in = |(_, facts): &(Subject, AccountFacts)| {
            let active = facts.member.as_ref().is_some_and(|member| member.membership.active);
            active && facts.account.password.is_some()
        };
        Self {
            pk: subject.number,
            remote_id: subject.remote_id.clone(),
            created: subject.created_at,
            updated: subject.updated_at,
            deleted: subject.deleted_at.is_some(),
            invoicing_remote_id: profile.text("invoicing_remote_id"),
            name: subject.name.clone(),
            phone_number: profile.text("phone_number"),
            email: profile.text("email"),
            siren: profile.text("siren"),
            trade_number: profile.text("trade_number"),
            country: profile.words("country"),
            comments: profile.text("comments"),
            vat_number: profile.text("vat_number"),
            is_verified: profile.flag("is_verified"),
            settings_transport_order_observations: profile.text("settings_transport_order_observations"),
            settings_constrain_reference_edition: profile.flag("settings_constrain_reference_edition"),
            account_type: profile.text("account_type"),
            logo: profile.text("logo"),
            subscription_access: object("subscription_access"),
            settings: object("settings"),
            primary_address: profile.inner("primary_address").map(|address| DashdocAddress::new(&address, subject)),
            managers: managers.iter().filter_map(|(subject, facts)| DashdocManager::new(subject, facts)).collect(),
            has_loggable_managers: managers.iter().any(can_sign_in),
        }
    }
}

impl DashdocAddress {
    fn new(address: &Profile, company: &Subject) -> Self {
        Self {
            pk: address.text("pk").unwrap_or_else(|| company.number.to_string()),
            name: address.text("name"),
            address: address.text("address"),
            city: address.text("city"),
            postcode: address.text("postcode"),
            country: address.text("country"),
            latitude: address.number("latitude"),
            longitude: address.number("longitude"),
            radius: address.integer("radius"),
            coords_validated: address.flag("coords_validated"),
            is_demo: address.flag("is_demo"),
            is_carrier: address.flag("is_carrier"),
            is_shipper: address.flag("is_shipper"),
            is_origin: address.flag("is_origin"),
            is_destination: address.flag("is_destination"),
            created_by: address.integer("created_by"),
            created: address.words("created"),
            instructions: address.text("instructions"),
            remote_id: address.text("remote_id"),
        }
    }
}

impl DashdocManager {
    fn new(subject: &Subject, AccountFacts { account, member }: &AccountFacts) -> Option<Self> {
        let member = member.as_ref()?;
        let (first_name, last_name) = names(subject, Some(account));
        Some(Self {
            pk: member.membership.number,
            user: DashdocManagerUser {
                email: account.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
                first_name,
                last_name,
            },
            display_name: account.display_name().unwrap_or(&subject.name).to_owned(),
            role: member.role.as_ref().map(|role| role.name.clone()).unwrap_or_default(),
        })
    }
}
