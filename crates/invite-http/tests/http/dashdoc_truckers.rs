//! Truckers of the Dashdoc dialect: their codes and their fields.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::dashdoc_support::{Dash, assert_keys, path};
use invite_domain::invitation::Channel;
use invite_testkit::fake::Delivered;
use serde_json::{Value, json};

const PHONE: &str = "+33600000000";

fn adele() -> Value {
    json!({ "user": { "first_name": "Adèle", "last_name": "Bouvet", "email": "adele@bouvet.example" }, "phone_number": PHONE })
}

fn channels(sent: &[Delivered]) -> Vec<Channel> {
    let mut channels: Vec<_> = sent.iter().map(|message| message.channel).collect();
    channels.sort();
    channels
}

fn code(trucker: &Value) -> String {
    trucker["invite_code"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn dd_1_dd_2_dd_3_a_generated_code_comes_with_the_whole_trucker() {
    let dash = Dash::new().await;
    let trucker = dash.trucker(json!({})).await;
    let generated = dash.ask("POST", &path(&trucker, "generate-invite-code/"), Value::Null, 200).await;
    assert_keys("dashdoc_trucker", &generated);
    let code = code(&generated);
    // Six characters can be guessed: ours are ten and a check character, in groups.
    let groups: Vec<usize> = code.split('-').map(str::len).collect();
    assert_eq!(groups, [4, 4, 3], "{code}");
    assert!(code.chars().all(|c| c == '-' || c.is_ascii_digit() || c.is_ascii_uppercase()), "{code}");
    assert!(dash.sent().await.is_empty(), "generating sends nothing");
}

#[actix_web::test]
async fn dd_4_dd_5_a_code_works_once_and_a_further_one_signs_in() {
    let dash = Dash::new().await;
    let trucker = dash.trucker(adele()).await;
    let first = code(&trucker);
    let redeemed = dash.redeem_code(&first, "").await;
    assert_eq!(redeemed.status, 201, "{}", redeemed.text());
    let members = dash.members().await;
    let connected = dash.get(&path(&trucker, "")).await;
    assert_eq!((&connected["invite_code"], &connected["user"]["has_usable_password"]), (&Value::Null, &json!(true)));
    assert_eq!(
        (&connected["user"]["pk"], &connected["user"]["username"]),
        (&trucker["pk"], &trucker["user"]["username"])
    );
    for _ in 0..2 {
        assert_eq!(dash.redeem_code(&first, "").await.code(), (404, "invitation_not_found".to_owned()));
    }
    let second = code(&dash.ask("POST", &path(&trucker, "generate-invite-code/"), Value::Null, 200).await);
    assert_ne!(first, second);
    let again = dash.redeem_code(&second, "").await;
    assert!(again.status.is_success(), "{}", again.text());
    let (again, redeemed) = (again.json(), redeemed.json());
    assert_eq!(again["account"]["id"], redeemed["account"]["id"], "{again}");
    let session = again["session"]["token"].as_str().unwrap();
    assert_eq!(dash.bench.call(session, "GET", "/v1/me", Value::Null).await.status, 200);
    assert_eq!(dash.members().await, members, "a sign-in makes no second membership");
    assert_eq!(dash.redeem_code(&second, "").await.code(), (404, "invitation_not_found".to_owned()));
    assert_eq!(dash.redeem_code(&first, "").await.code(), (404, "invitation_not_found".to_owned()));
}

#[actix_web::test]
async fn dd_6_a_new_code_is_another_one_and_the_old_one_is_dead() {
    let dash = Dash::new().await;
    let trucker = dash.trucker(adele()).await;
    dash.sent().await;
    let mut codes = vec![code(&trucker)];
    // More often than messages may be sent (rule 4.4).
    for _ in 0..7 {
        let generated = dash.ask("POST", &path(&trucker, "generate-invite-code/"), Value::Null, 200).await;
        codes.push(code(&generated));
    }
    assert!(dash.sent().await.is_empty());
    assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), 8);
    let last = codes.pop().unwrap();
    for code in &codes {
        let refused = dash.redeem_code(code, "").await;
        assert!([404, 410].contains(&refused.status.as_u16()), "{}", refused.text());
    }
    assert_eq!(dash.redeem_code(&last, "").await.status, 201);
}

#[actix_web::test]
async fn dd_7_numbers_are_numbers_and_the_id_of_an_address_is_a_text() {
    let dash = Dash::new().await;
    let address =
        json!({ "pk": 23498, "created_by": { "pk": 5, "name": "x" }, "latitude": -52.556_162_5, "radius": 1 });
    let own = dash.get("/api/v4/companies/").await["results"][0].clone();
    dash.ask("PATCH", &path(&own, ""), json!({ "primary_address": address, "country": "FR" }), 200).await;
    let contact = json!({ "company": { "pk": own["pk"] }, "last_name": "Petit", "email": "p@bouvet.example" });
    let contact = dash.ask("POST", "/api/v4/contacts/", contact, 201).await;
    dash.ask("POST", &path(&contact, "invite/"), Value::Null, 200).await;
    assert_eq!(dash.redeem_token(dash.sent().await[0].token.expose()).await.status, 201);
    let mut body = adele();
    body["app_version"] = json!(180);
    body["tags"] = json!([{ "pk": 7, "name": "Remorque" }, { "name": "Frigo" }]);
    body["unavailability"] = json!([{
        "start_date": "2020-07-30T21:10:06.44551Z", "end_date": "2020-07-31T21:10:06Z", "unavailability_type": "paid_vacation",
    }]);
    let trucker = dash.trucker(body).await;
    assert_keys("dashdoc_trucker", &trucker);
    for pointer in [
        "/pk",
        "/user/pk",
        "/carrier/pk",
        "/carrier/managers/0/pk",
        "/unavailability/0/id",
        "/tags/0/pk",
        "/tags/1/pk",
        "/app_version",
        "/carrier/primary_address/created_by",
    ] {
        assert!(trucker.pointer(pointer).is_some_and(Value::is_i64), "{pointer}: {trucker}");
    }
    assert_eq!(trucker["carrier"]["primary_address"]["pk"], "23498");
    assert_eq!(trucker["carrier"]["primary_address"]["latitude"], json!(-52.556_162_5));
    assert_eq!(trucker["user"]["pk"], trucker["pk"]);
}

#[actix_web::test]
async fn dd_22_a_new_trucker_has_a_code_which_goes_where_there_is_an_address() {
    let dash = Dash::new().await;
    let user = |email: Value| json!({ "last_name": "Bouvet", "email": email });
    for (body, expected) in [
        (json!({ "user": user(json!("a@bouvet.example")), "phone_number": PHONE }), vec![Channel::Email, Channel::Sms]),
        (json!({ "user": user(json!("b@bouvet.example")) }), vec![Channel::Email]),
        (json!({ "user": user(Value::Null), "phone_number": PHONE }), vec![Channel::Sms]),
        // The first number is of no country: the other one is.
        (json!({ "phone_number": "0601020304", "phone_number_personal": PHONE }), vec![Channel::Sms]),
        (json!({ "phone_number": "0601020304" }), vec![]),
        (json!({ "user": user(json!("")) }), vec![]),
        (json!({}), vec![]),
    ] {
        let trucker = dash.trucker(body.clone()).await;
        let sent = dash.sent().await;
        assert_eq!(channels(&sent), expected, "{body}");
        for message in sent {
            assert_eq!(message.code.unwrap().expose(), code(&trucker));
        }
        assert_eq!(trucker["phone_number"], body["phone_number"]);
        assert_eq!(dash.get(&path(&trucker, "")).await["invite_code"], trucker["invite_code"]);
    }
}

#[actix_web::test]
async fn dd_23_a_remote_id_is_one_truckers_and_another_companys_too() {
    let dash = Dash::new().await;
    let body = json!({ "remote_id": "TRUCKER_1", "user": { "last_name": "Bouvet" } });
    let trucker = dash.trucker(body.clone()).await;
    let plans = dash.bench.spy.plans();
    let faults = dash.faults("POST", "/api/v4/manager-truckers/", body.clone()).await;
    assert_eq!(faults, [("remote_id".to_owned(), "invalid".to_owned())]);
    assert_eq!(dash.bench.spy.plans(), plans);
    let second = dash.trucker(json!({})).await;
    let faults = dash.faults("PATCH", &path(&second, ""), json!({ "remote_id": "TRUCKER_1" })).await;
    assert_eq!(faults, [("remote_id".to_owned(), "invalid".to_owned())]);
    let other = dash.other().await;
    let there = dash.call(&other, "POST", "/api/v4/manager-truckers/", body).await;
    assert_eq!(there.status, 201, "{}", there.text());
    // A contact and a company may have it too; it names each in its own kind.
    let found = dash.get("/api/v4/manager-truckers/TRUCKER_1/?lookup_field=remote_id").await;
    assert_eq!(found["pk"], trucker["pk"]);
    let generate = "/api/v4/manager-truckers/TRUCKER_1/generate-invite-code/?lookup_field=remote_id";
    assert_eq!(dash.ask("POST", generate, Value::Null, 200).await["pk"], trucker["pk"]);
    // Deleted, it gives its id up.
    dash.ask("DELETE", &path(&trucker, ""), Value::Null, 204).await;
    dash.trucker(json!({ "remote_id": "TRUCKER_1" })).await;
}

#[actix_web::test]
async fn dd_26_dd_27_times_and_countries_have_the_documented_form() {
    let dash = Dash::new().await;
    let deadlines = [
        "driving_license_deadline",
        "adr_license_deadline",
        "carrist_license_deadline",
        "occupational_health_visit_deadline",
    ];
    for name in deadlines {
        for text in ["2020-12-22T15:31:39.26167Z", "2020-12-22T15:31:39Z"] {
            assert_eq!(dash.trucker(json!({ name: text })).await[name], text);
        }
        for bad in ["2020-12-22T15:31:39", "2020-12-22T15:31:39+01:00", "2020-12-22", "05/06/2025", "14:30:00"] {
            let faults = dash.faults("POST", "/api/v4/manager-truckers/", json!({ name: bad })).await;
            assert_eq!(faults, [(name.to_owned(), "invalid".to_owned())], "{bad}");
        }
    }
    for bad in ["2025-05-13T06:48:15", "2025-05-13T06:48:15%2B01:00"] {
        let faults = dash.faults("GET", &format!("/api/v4/companies/?updated__gte={bad}"), Value::Null).await;
        assert_eq!(faults, [("updated__gte".to_owned(), "invalid".to_owned())]);
    }
    assert_eq!(dash.trucker(json!({ "country_code": "FR" })).await["country_code"], "FR");
    for bad in ["FRA", "F", "fr", "XX", "France"] {
        let faults = dash.faults("POST", "/api/v4/manager-truckers/", json!({ "country_code": bad })).await;
        assert_eq!(faults, [("country_code".to_owned(), "invalid_choice".to_owned())], "{bad}");
        let company = json!({ "name": "x", "country": bad });
        let faults = dash.faults("POST", "/api/v4/companies/", company).await;
        assert_eq!(faults, [("country".to_owned(), "invalid_choice".to_owned())], "{bad}");
        let address = json!({ "name": "x", "country": "FR", "primary_address": { "country": bad } });
        let faults = dash.faults("POST", "/api/v4/companies/", address).await;
        assert_eq!(faults, [("primary_address".to_owned(), "invalid_choice".to_owned())], "{bad}");
    }
}

#[actix_web::test]
async fn a_trucker_keeps_every_field_is_changed_replaced_and_deleted() {
    let dash = Dash::new().await;
    let carrier = dash.company("Bouvet").await;
    let mut body = json!({
        "user": { "first_name": "Adèle", "last_name": "Bouvet", "email": "adele@bouvet.example" },
        "phone_number": PHONE, "app_version": 180, "readable_app_version": "2.7.7", "platform": "ios", "remote_id": "T1",
        "is_rented": true, "phone_number_personal": "0601020304", "address": "4 square", "postcode": "44000",
        "city": "Nantes", "country_code": "FR", "driving_license_number": "99 999 999",
        "driving_license_deadline": "2020-12-22T15:31:39.26167Z", "adr_license_deadline": "2020-12-22T15:31:39Z",
        "carrist_license_deadline": null, "occupational_health_visit_deadline": null, "new_app_update_available": true,
        "unavailability": [{
            "id": 928, "remote_id": "tr123type1", "created": "2020-07-30T21:10:06.44551Z",
            "start_date": "2020-07-30T21:10:06.44551Z", "end_date": "2020-07-30T21:10:06.44551Z",
            "unavailability_type": "paid_vacation", "unavailability_note": "I'm on vacation",
        }],
        "events": [{ "free": { "deep": [1, null] } }, {}], "tags": [{ "pk": 23498, "name": "Remorque" }],
    });
    body["carrier"] = json!({ "pk": carrier["pk"] });
    let made = dash.trucker(body.clone()).await;
    for (name, value) in body.as_object().unwrap() {
        if !["user", "carrier"].contains(&name.as_str()) {
            assert_eq!(&made[name], value, "{name}");
        }
    }
    assert_eq!(made["user"]["display_name"], "Adèle Bouvet");
    assert_eq!(made["carrier"], carrier);
    let patch = json!({ "user": { "first_name": "Zoë" }, "city": null, "pk": 1, "invite_code": "x" });
    let changed = dash.ask("PATCH", &path(&made, ""), patch, 200).await;
    let mut expected = made.clone();
    expected["city"] = Value::Null;
    expected["user"]["first_name"] = json!("Zoë");
    expected["user"]["display_name"] = json!("Zoë Bouvet");
    assert_eq!(changed, expected);
    let replaced = dash.ask("PUT", &path(&made, ""), json!({ "phone_number": PHONE }), 200).await;
    assert_eq!(
        (&replaced["tags"], &replaced["remote_id"], &replaced["is_rented"]),
        (&json!([]), &Value::Null, &json!(false))
    );
    assert_eq!((&replaced["user"]["email"], &replaced["user"]["display_name"]), (&Value::Null, &json!(PHONE)));
    assert_eq!((&replaced["carrier"]["pk"], &replaced["phone_number"]), (&carrier["pk"], &json!(PHONE)));
    for (bad, field, code) in [
        (json!({ "carrier": { "pk": 999_999 } }), "carrier", "invalid"),
        (json!({ "unavailability": [{}] }), "unavailability", "required"),
        (json!({ "tags": {} }), "tags", "not_a_list"),
        (json!({ "user": [] }), "user", "not_an_object"),
        (json!({ "user": { "email": "x" } }), "user", "invalid"),
        (json!({ "app_version": "180" }), "app_version", "invalid"),
    ] {
        let faults = dash.faults("PATCH", &path(&made, ""), bad.clone()).await;
        assert_eq!(faults[0], (field.to_owned(), code.to_owned()), "{bad}");
    }
    let list = dash.get("/api/v4/manager-truckers/").await;
    assert_keys("dashdoc_trucker_page", &list);
    assert_eq!(list["results"], json!([replaced]));
    dash.ask("DELETE", &path(&made, ""), Value::Null, 204).await;
    dash.ask("GET", &path(&made, ""), Value::Null, 404).await;
    dash.ask("POST", &path(&made, "generate-invite-code/"), Value::Null, 404).await;
}
