//! What a new person says of himself: the fields of an account that no invitation forces.

use super::OWN;
use crate::{
    dialect::{fault::Fault, reader::Reader},
    dto::opaque,
    extract::header,
};
use chrono::{DateTime, SecondsFormat};
use invite_domain::{
    directory::{Password, Username},
    phone::PhoneNumber,
    service::NewAccount,
    time::to_micros,
};
use serde_json::{Map, Value, json};

/// The most characters of a text nobody here looks into.
const TEXT: usize = 200;
/// The most characters of a phone number as it was written.
const PHONE: usize = 100;

const FUELS: [(&str, &str); 4] =
    [("CNG", "CNG"), ("DIESEL", "DIESEL"), ("ELECTRIC", "ELECTRIC"), ("HYDROGEN", "HYDROGEN")];
const TRUCKS: [(&str, &str); 3] = [("BOX", "BOX"), ("PICKUP", "PICKUP"), ("SEMI", "SEMI")];

/// Reads the account. Every member that is not named here is ignored, also where it has the wrong type: what an invitation
/// forces is nobody's to say.
pub(super) fn read(fields: &mut Reader) -> NewAccount {
    let said = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let name = said(fields.string("name", usize::MAX));
    let password = password(fields);
    let username = said(fields.string("username", usize::MAX)).and_then(|text| {
        Username::parse(&text).map_err(|error| invalid(fields, "username", &format!("{error}."))).ok()
    });
    let written = said(fields.string("phone_number", PHONE));
    let locale = said(fields.string("language_code", usize::MAX)).and_then(|text| language(fields, &text));
    let phone = written.as_deref().and_then(|text| PhoneNumber::parse(text).ok());
    let profile = profile(fields, written);
    NewAccount { name, password, locale, may_be_nameless: true, phone, username, profile, identity: None }
}

fn invalid(fields: &mut Reader, name: &str, detail: &str) {
    fields.wrong(name, Fault::Told { code: "invalid", detail: format!("{name}: {detail}") });
}

/// A password that is typed is typed twice.
fn password(fields: &mut Reader) -> Option<Password> {
    let sent = fields.has("password") || fields.has("password_confirmation");
    let (password, again) = (fields.value("password"), fields.value("password_confirmation"));
    let both = [("password", &password), ("password_confirmation", &again)];
    let odd: Vec<&str> = both
        .iter()
        .filter(|(_, value)| value.as_ref().is_some_and(|value| !value.is_string()))
        .map(|(name, _)| *name)
        .collect();
    for name in &odd {
        fields.wrong(name, Fault::NotText);
    }
    if sent && odd.is_empty() && password != again {
        let detail = "Password and confirmation are not the same.".to_owned();
        fields.wrong("password_confirmation", Fault::Told { code: "password_mismatch", detail });
    }
    password.as_ref().and_then(Value::as_str).map(Password::typed)
}

/// A language tag; Java writes it with an underscore.
fn language(fields: &mut Reader, text: &str) -> Option<String> {
    let tag = text.trim().replace('_', "-");
    if header::is_language_tag(&tag) {
        return Some(tag);
    }
    invalid(fields, "language_code", "this has to be a language tag like `en` or `fr-CA`.");
    None
}

/// The rest, kept as it came.
fn profile(fields: &mut Reader, phone_number: Option<String>) -> Option<String> {
    let mut kept = Map::new();
    let mut keep = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            kept.insert(name.to_owned(), value);
        }
    };
    keep("phone_number", phone_number.map(Value::from));
    for name in ["driver_license", "driver_truck_number"] {
        keep(name, fields.string(name, TEXT).map(Value::from));
    }
    keep("driver_license_expiration", instant(fields, "driver_license_expiration").map(Value::from));
    for name in [
        "driver_license_picture_id",
        "driver_photo_id",
        "driver_safety_card_picture_id",
        "driver_truck_carrier_id",
        "driver_truck_id",
    ] {
        keep(name, fields.integer(name, i64::MIN..=i64::MAX).map(Value::from));
    }
    keep("driver_truck_fuel_type", fields.choice("driver_truck_fuel_type", &FUELS).map(Value::from));
    keep("driver_truck_type", fields.choice("driver_truck_type", &TRUCKS).map(Value::from));
    if ["driver_truck_id", "driver_truck_number", "driver_truck_carrier_id"].iter().all(|name| kept.contains_key(*name))
    {
        invalid(fields, "driver_truck_id", "send the truck's id, or its number and carrier, but not all three.");
    }
    (!kept.is_empty()).then(|| json!({ OWN: kept }).to_string())
}

/// ISO 8601 with an offset, `Z` among them. Kept in UTC, to the microsecond.
fn instant(fields: &mut Reader, name: &str) -> Option<String> {
    let text = fields.string(name, TEXT)?;
    let at = DateTime::parse_from_rfc3339(&text).ok();
    if at.is_none() {
        invalid(fields, name, "this has to be a time with its offset, like 2024-05-04T09:42:00+00:00.");
    }
    at.map(|at| time(to_micros(at.to_utc())))
}

/// A time as Gatego writes it: ISO 8601 with an offset.
pub(super) fn time(at: invite_domain::time::Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// What was kept of somebody.
#[derive(Default)]
pub(super) struct Kept(Value);

impl Kept {
    /// What a profile says.
    pub(super) fn of(profile: Option<&str>) -> Self {
        Self(profile.map(|text| opaque(text)[OWN].take()).unwrap_or_default())
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0[name].as_str().map(str::to_owned)
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.0[name].as_i64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(value: Value) -> (NewAccount, Vec<(String, String)>) {
        let Value::Object(map) = value else { panic!("an object") };
        let mut fields = Reader::json(map);
        let account = read(&mut fields);
        let faults = fields.finish().err().map(|problem| problem.all_faults()).unwrap_or_default();
        (account, faults.into_iter().map(|faulty| (faulty.field.clone(), faulty.fault.code().to_owned())).collect())
    }

    #[test]
    fn gg_8_what_a_person_says_of_himself_is_taken() {
        let (new, faults) = account(json!({
            "name": "Ada", "password": "a good long password", "password_confirmation": "a good long password",
            "username": "Ada.L", "phone_number": "+33 1 99 00 12 34", "language_code": "fr_CA",
            "driver_license": "99 999", "driver_license_expiration": "2030-05-04T11:42:00+02:00",
            "driver_photo_id": 9_007_199_254_740_993_i64, "driver_truck_fuel_type": "DIESEL", "driver_truck_type": "SEMI",
        }));
        assert_eq!(faults, []);
        assert_eq!((new.name.as_deref(), new.locale.as_deref()), (Some("Ada"), Some("fr-CA")));
        assert_eq!(new.username.as_ref().map(Username::as_str), Some("Ada.L"));
        assert_eq!(new.phone.as_ref().map(PhoneNumber::as_str), Some("+33199001234"));
        let kept = Kept::of(new.profile.as_deref());
        assert_eq!(kept.text("phone_number").as_deref(), Some("+33 1 99 00 12 34"));
        assert_eq!(kept.text("driver_license_expiration").as_deref(), Some("2030-05-04T09:42:00+00:00"));
        assert_eq!(kept.number("driver_photo_id"), Some(9_007_199_254_740_993));
        assert_eq!((kept.text("driver_truck_type").as_deref(), kept.number("driver_truck_id")), (Some("SEMI"), None));
    }

    #[test]
    fn gg_7_what_nobody_asks_for_is_ignored_whatever_it_holds() {
        let (new, faults) = account(json!({
            "email": 7, "role": ["ADMIN"], "carrier_id": "x", "yard_id": {}, "can_view_carrier_ids": true,
            "can_view_other_carriers": "yes", "organization": [], "organization_id": {}, "active": "no", "id": null,
            "managed_organization_group_id": "x", "name": null, "password": null, "phone_number": "", "username": " ",
        }));
        assert_eq!((new, faults), (NewAccount { may_be_nameless: true, ..NewAccount::default() }, vec![]));
    }

    #[test]
    fn gg_12_a_password_is_typed_twice() {
        let (one, other) = ("a good long password", "another long password");
        for body in [
            json!({ "password": one, "password_confirmation": other }),
            json!({ "password": one }),
            json!({ "password": one, "password_confirmation": null }),
            json!({ "password_confirmation": one }),
        ] {
            let expected = ("password_confirmation".to_owned(), "password_mismatch".to_owned());
            assert_eq!(account(body.clone()).1, [expected], "{body}");
        }
        let (_, faults) = account(json!({ "password": 7, "password_confirmation": [] }));
        let invalid = |name: &str| (name.to_owned(), "invalid".to_owned());
        assert_eq!(faults, [invalid("password"), invalid("password_confirmation")]);
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_name() {
        let long = "x".repeat(201);
        for (name, value) in [
            ("name", json!(7)),
            ("username", json!("1")),
            ("phone_number", json!("0".repeat(101))),
            ("language_code", json!("a language")),
            ("driver_license", json!(long)),
            ("driver_license_expiration", json!("2030-05-04")),
            ("driver_license_picture_id", json!("7")),
            ("driver_photo_id", json!(1.5)),
            ("driver_safety_card_picture_id", json!(u64::MAX)),
            ("driver_truck_fuel_type", json!("WOOD")),
            ("driver_truck_type", json!("semi")),
        ] {
            let (_, faults) = account(json!({ name: value }));
            assert_eq!(faults.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), [name], "{value}");
        }
        let truck = json!({ "driver_truck_id": 1, "driver_truck_number": "T", "driver_truck_carrier_id": 2 });
        assert_eq!(account(truck).1, [("driver_truck_id".to_owned(), "invalid".to_owned())]);
    }
}
