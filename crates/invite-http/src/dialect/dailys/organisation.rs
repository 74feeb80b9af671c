//! The organisation inside resend and delete: 25 keys, of which we have four. The rest stands in its profile, or is what
//! Dailys prints of a new one.

use super::wire::time;
use invite_domain::directory::Organization;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// An organisation. What is not name, time zone or time is as its profile has it: under `dailys`, else under the same name
/// at the top, else as printed here.
#[derive(Serialize, ToSchema)]
#[schema(as = DailysOrganisation)]
pub(super) struct Organisation {
    /// What people call it.
    #[schema(example = "Acme Company")]
    name: String,
    /// The tax as a fraction.
    #[schema(example = 0.15)]
    tax: f64,
    /// Where to write to it; empty where nothing is said.
    #[schema(example = "office@example.org")]
    email: String,
    /// Where to call it.
    #[schema(example = json!(null))]
    phone: Option<String>,
    /// Its fax.
    #[schema(example = json!(null))]
    fax: Option<String>,
    /// What the tax office knows it by.
    #[schema(example = json!(null))]
    tax_number: Option<String>,
    /// Its website.
    #[schema(example = json!(null))]
    website: Option<String>,
    /// What its invoices say.
    #[schema(example = json!(null))]
    invoice_details: Option<String>,
    /// How they look.
    #[schema(example = json!(null))]
    invoice_theme: Option<String>,
    /// Where its logo is.
    #[schema(example = json!(null))]
    brand_logo: Option<String>,
    /// Its first colour.
    #[schema(example = "#000000")]
    brand_primary: Option<String>,
    /// Its second colour.
    #[schema(example = "#000000")]
    brand_secondary: Option<String>,
    /// Its time zone (IANA).
    #[schema(example = "Pacific/Auckland")]
    default_timezone: String,
    /// The steps times are noted in, in minutes.
    #[schema(example = 15)]
    default_increment: i64,
    /// Its country (ISO 3166-1 alpha-2).
    #[schema(example = "NZ")]
    default_country: String,
    /// Its currency (ISO 4217).
    #[schema(example = "NZD")]
    default_currency: String,
    /// Its hourly rate in cents.
    #[schema(example = 15_000)]
    default_rate: i64,
    /// How it writes dates.
    #[schema(example = "YYYY-MM-DD")]
    default_date: String,
    /// How it writes times.
    #[schema(example = "HH:MM")]
    default_time: String,
    /// The day its week begins.
    #[schema(example = "Monday")]
    default_week: String,
    /// Whether it is new.
    #[schema(example = false)]
    new: bool,
    /// When it was made.
    #[schema(example = "2000-01-01 00:00:00")]
    created_at: String,
    /// When its settings were last changed.
    #[schema(example = "2000-01-01 00:00:00")]
    updated_at: String,
    /// Whether it has paid.
    #[schema(example = true)]
    is_paid: bool,
    /// Which parts of its brand are shown.
    #[schema(example = "both")]
    brand_display: String,
}

impl From<&Organization> for Organisation {
    fn from(organization: &Organization) -> Self {
        let profile = Profile::of(organization);
        Self {
            name: organization.name.clone(),
            tax: profile.known("tax", Value::as_f64).unwrap_or(0.15),
            email: profile.text("email", ""),
            phone: profile.nullable("phone", None),
            fax: profile.nullable("fax", None),
            tax_number: profile.nullable("tax_number", None),
            website: profile.nullable("website", None),
            invoice_details: profile.nullable("invoice_details", None),
            invoice_theme: profile.nullable("invoice_theme", None),
            brand_logo: profile.nullable("brand_logo", None),
            brand_primary: profile.nullable("brand_primary", Some("#000000")),
            brand_secondary: profile.nullable("brand_secondary", Some("#000000")),
            default_timezone: organization.time_zone.clone(),
            default_increment: profile.known("default_increment", Value::as_i64).unwrap_or(15),
            default_country: profile.text("default_country", "NZ"),
            default_currency: profile.text("default_currency", "NZD"),
            default_rate: profile.known("default_rate", Value::as_i64).unwrap_or(15_000),
            default_date: profile.text("default_date", "YYYY-MM-DD"),
            default_time: profile.text("default_time", "HH:MM"),
            default_week: profile.text("default_week", "Monday"),
            new: profile.known("new", Value::as_bool).unwrap_or(false),
            created_at: time(organization.created_at),
            updated_at: time(organization.updated_at),
            is_paid: profile.known("is_paid", Value::as_bool).unwrap_or(true),
            brand_display: profile.text("brand_display", "both"),
        }
    }
}

/// What the profile says: first what is meant for Dailys, then what anybody may print.
struct Profile([Map<String, Value>; 2]);

impl Profile {
    fn of(organization: &Organization) -> Self {
        let mut all = match serde_json::from_str(&organization.profile) {
            Ok(Value::Object(all)) => all,
            _ => Map::new(),
        };
        let own = match all.remove("dailys") {
            Some(Value::Object(own)) => own,
            _ => Map::new(),
        };
        Self([own, all])
    }

    /// The first value of the documented type. Whoever wrote the profile was not held to these types.
    fn known<T>(&self, key: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        self.0.iter().filter_map(|map| map.get(key)).find_map(read)
    }

    fn text(&self, key: &str, default: &str) -> String {
        self.known(key, |value| value.as_str().map(str::to_owned)).unwrap_or_else(|| default.to_owned())
    }

    /// A text, or null where the profile says null.
    fn nullable(&self, key: &str, default: Option<&str>) -> Option<String> {
        let read = |value: &Value| match value {
            Value::Null => Some(None),
            Value::String(text) => Some(Some(text.clone())),
            _ => None,
        };
        self.known(key, read).unwrap_or_else(|| default.map(str::to_owned))
    }
}
