//! A trucker on the wire.

use super::{
    common::names,
    company::DashdocCompany,
    fields::{ANY, Field, Kind, Profile, field, required},
};
use crate::problem::{Problem, table};
use chrono::{DateTime, Utc};
use invite_domain::{directory::Account, email::EmailAddress, service::SubjectView};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

const UNAVAILABILITY: &[Field] = &[
    field("id", Kind::Numbered),
    field("remote_id", Kind::Text(ANY)),
    field("created", Kind::Noted),
    required("start_date", Kind::DateTime),
    required("end_date", Kind::DateTime),
    required("unavailability_type", Kind::Name(ANY)),
    field("unavailability_note", Kind::Text(ANY)),
];

const TAG: &[Field] = &[field("pk", Kind::Numbered), required("name", Kind::Name(ANY))];

/// The parts of its user that are not ours.
pub(super) const NAMES: &[Field] = &[field("first_name", Kind::Text(200)), field("last_name", Kind::Text(200))];

/// Its fields that are not ours.
pub(super) const FIELDS: &[Field] = &[
    field("phone_number", Kind::Text(ANY)),
    field("app_version", Kind::Integer),
    field("readable_app_version", Kind::Text(ANY)),
    field("platform", Kind::Text(ANY)),
    field("is_rented", Kind::Flag),
    field("phone_number_personal", Kind::Text(ANY)),
    field("address", Kind::Text(ANY)),
    field("postcode", Kind::Text(ANY)),
    field("city", Kind::Text(ANY)),
    field("country_code", Kind::CountryOrBlank),
    field("driving_license_number", Kind::Text(ANY)),
    field("driving_license_deadline", Kind::DateTime),
    field("adr_license_deadline", Kind::DateTime),
    field("carrist_license_deadline", Kind::DateTime),
    field("occupational_health_visit_deadline", Kind::DateTime),
    field("new_app_update_available", Kind::Flag),
    field("unavailability", Kind::Objects(UNAVAILABILITY)),
    field("events", Kind::FreeObjects),
    field("tags", Kind::Objects(TAG)),
];

/// A driver, who signs in by a code.
#[derive(Serialize, ToSchema)]
pub(super) struct DashdocTrucker {
    /// Our number for the trucker.
    #[schema(example = 23498)]
    pk: i64,
    /// The person.
    user: DashdocUser,
    /// The phone number, as you wrote it. The code is sent there where it is in E.164.
    #[schema(example = "+33199000000")]
    phone_number: Option<String>,
    /// The code the trucker needs to connect: ten characters and a check character. Null once it is used, and for who
    /// may not see it.
    #[schema(example = "6KNS-4129-2BR")]
    invite_code: Option<String>,
    /// Stored, not interpreted.
    #[schema(example = 180)]
    app_version: Option<i64>,
    /// Stored, not interpreted.
    #[schema(example = "2.7.7")]
    readable_app_version: Option<String>,
    /// Stored, not interpreted.
    #[schema(example = "ios")]
    platform: Option<String>,
    /// Your own id for the trucker, unique among yours.
    #[schema(example = "TRUCKER_1")]
    remote_id: Option<String>,
    /// Whom the trucker drives for.
    carrier: DashdocCompany,
    /// Stored, not interpreted.
    #[schema(example = true)]
    is_rented: bool,
    /// A further phone number; the code is sent there where the first is not in E.164 and this is.
    #[schema(example = "0601020304")]
    phone_number_personal: Option<String>,
    /// Street and number.
    #[schema(example = "A random address 4 square Dashdoc")]
    address: Option<String>,
    /// The postcode.
    #[schema(example = "44000")]
    postcode: Option<String>,
    /// The city.
    #[schema(example = "Nantes")]
    city: Option<String>,
    /// The country (ISO 3166-1 alpha-2).
    #[schema(example = "FR")]
    country_code: Option<String>,
    /// Stored, not interpreted.
    #[schema(example = "99 999 999")]
    driving_license_number: Option<String>,
    /// Stored, not interpreted.
    #[schema(example = "2020-12-22T15:31:39.26167Z")]
    driving_license_deadline: Option<String>,
    /// Stored, not interpreted.
    #[schema(example = "2020-12-22T15:31:39.26167Z")]
    adr_license_deadline: Option<String>,
    /// Stored, not interpreted.
    #[schema(example = "2020-12-22T15:31:39.26167Z")]
    carrist_license_deadline: Option<String>,
    /// Stored, not interpreted.
    #[schema(example = "2020-12-22T15:31:39.26167Z")]
    occupational_health_visit_deadline: Option<String>,
    /// Stored, not interpreted.
    #[schema(example = false)]
    new_app_update_available: bool,
    /// When the trucker is away. Stored, not interpreted.
    unavailability: Vec<DashdocUnavailability>,
    /// Stored, not interpreted.
    #[schema(value_type = Vec<Object>, example = json!([{}]))]
    events: Vec<Map<String, Value>>,
    /// Stored, not interpreted.
    tags: Vec<DashdocTag>,
}

/// The person a trucker is: of the account once there is one.
#[derive(Serialize, ToSchema)]
struct DashdocUser {
    /// The trucker's number.
    #[schema(example = 17293)]
    pk: i64,
    /// Names the person; no name to sign in with.
    #[schema(example = "1b3b4c74-5f07-4f09-b18f-2753ffcf916e")]
    username: String,
    /// What to call the person.
    #[schema(example = "Adèle Bouvet")]
    display_name: String,
    /// The address.
    #[schema(example = "adele.bouvet@bouvet.example")]
    email: Option<String>,
    /// When the account was made; the trucker, while there is none.
    #[schema(example = "2025-05-13T06:48:15.394Z")]
    date_joined: DateTime<Utc>,
    /// When the person last signed in.
    #[schema(example = "2025-05-13T06:48:15.394Z")]
    last_login: Option<DateTime<Utc>>,
    /// Whether the person has chosen a password.
    #[schema(example = true)]
    has_usable_password: bool,
    /// The first name.
    #[schema(example = "Adèle")]
    first_name: Option<String>,
    /// The last name.
    #[schema(example = "Bouvet")]
    last_name: Option<String>,
}

/// A time a trucker is away.
#[derive(Serialize, ToSchema)]
struct DashdocUnavailability {
    /// Your number for it; the next one of the list where you gave none.
    #[schema(example = 928)]
    id: i64,
    /// Your own id for it.
    #[schema(example = "tr123type1")]
    remote_id: Option<String>,
    /// When it was noted.
    #[schema(example = "2020-07-30T21:10:06.44551Z")]
    created: String,
    /// From when.
    #[schema(example = "2020-07-30T21:10:06.44551Z")]
    start_date: String,
    /// Until when.
    #[schema(example = "2020-07-30T21:10:06.44551Z")]
    end_date: String,
    /// Why; any word.
    #[schema(example = "paid_vacation")]
    unavailability_type: String,
    /// A note.
    #[schema(example = "I'm on vacation")]
    unavailability_note: Option<String>,
}

/// A tag on a trucker.
#[derive(Serialize, ToSchema)]
struct DashdocTag {
    /// Your number for it; the next one of the list where you gave none.
    #[schema(example = 23498)]
    pk: i64,
    /// What it says.
    #[schema(example = "Remorque")]
    name: String,
}

impl DashdocTrucker {
    pub(super) fn new(view: &SubjectView) -> Result<Self, Problem> {
        let record = &view.record;
        let (subject, profile) = (&record.subject, Profile::of(&record.subject));
        let carrier = record.company.as_ref();
        let carrier = carrier.ok_or_else(|| Problem::new(&table::INTERNAL).because("a trucker without a carrier"))?;
        let code = view.secrets.as_ref().and_then(|secrets| secrets.code.as_ref());
        Ok(Self {
            pk: subject.number,
            user: DashdocUser::new(view),
            phone_number: profile.text("phone_number"),
            invite_code: code.map(|code| code.expose().to_owned()),
            app_version: profile.integer("app_version"),
            readable_app_version: profile.text("readable_app_version"),
            platform: profile.text("platform"),
            remote_id: subject.remote_id.clone(),
            carrier: DashdocCompany::new(carrier, &record.managers),
            is_rented: profile.flag("is_rented"),
            phone_number_personal: profile.text("phone_number_personal"),
            address: profile.text("address"),
            postcode: profile.text("postcode"),
            city: profile.text("city"),
            country_code: profile.text("country_code"),
            driving_license_number: profile.text("driving_license_number"),
            driving_license_deadline: profile.text("driving_license_deadline"),
            adr_license_deadline: profile.text("adr_license_deadline"),
            carrist_license_deadline: profile.text("carrist_license_deadline"),
            occupational_health_visit_deadline: profile.text("occupational_health_visit_deadline"),
            new_app_update_available: profile.flag("new_app_update_available"),
            unavailability: profile.list("unavailability").iter().map(DashdocUnavailability::new).collect(),
            events: profile.list("events").into_iter().map(Profile::into_map).collect(),
            tags: profile.list("tags").iter().map(DashdocTag::new).collect(),
        })
    }
}

impl DashdocUser {
    fn new(view: &SubjectView) -> Self {
        let subject = &view.record.subject;
        let account: Option<&Account> = view.record.person.as_ref().map(|person| &person.account);
        let (first_name, last_name) = names(subject, account);
        let email = account.and_then(|account| account.email.as_ref()).or(subject.email.as_ref());
        Self {
            pk: subject.number,
            username: subject.id.to_string(),
            display_name: account.and_then(Account::display_name).unwrap_or(&subject.name).to_owned(),
            email: email.map(EmailAddress::as_str).map(str::to_owned),
            date_joined: account.map_or(subject.created_at, |account| account.created_at),
            last_login: account.and_then(|account| account.last_sign_in_at),
            has_usable_password: account.is_some_and(|account| account.password.is_some()),
            first_name,
            last_name,
        }
    }
}

impl DashdocUnavailability {
    fn new(entry: &Profile) -> Self {
        Self {
            id: entry.integer("id").unwrap_or_default(),
            remote_id: entry.text("remote_id"),
            created: entry.words("created"),
            start_date: entry.words("start_date"),
            end_date: entry.words("end_date"),
            unavailability_type: entry.words("unavailability_type"),
            unavailability_note: entry.text("unavailability_note"),
        }
    }
}

impl DashdocTag {
    fn new(entry: &Profile) -> Self {
        Self { pk: entry.integer("pk").unwrap_or_default(), name: entry.words("name") }
    }
}
