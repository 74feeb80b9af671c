//! Companies of the Dashdoc dialect, and pages.

use crate::dashdoc_support::{Dash, assert_keys, path};
use chrono::Duration;
use serde_json::{Value, json};

fn whole() -> Value {
    json!({
        "remote_id": "COMP_1", "invoicing_remote_id": "COMP_456", "name": "Transport Bouvet", "phone_number": "0601020304",
        "email": "office@bouvet.example", "siren": "123456789", "trade_number": "12345678900011", "country": "FR",
        "comments": "Rings twice.\nThen waits.", "vat_number": "FR40303265045", "is_verified": true,
        "settings_transport_order_observations": "text", "settings_constrain_reference_edition": true,
        "account_type": "text", "logo": "text", "subscription_access": { "a": [1] }, "settings": { "b": { "c": null } },
        "primary_address": {
            "pk": "text", "name": "Transport Bouvet", "address": "3 rue des champs", "city": "Nantes", "postcode": "44000",
            "country": "FR", "latitude": -52.556_162_5, "longitude": 92, "radius": 500, "coords_validated": false,
            "is_demo": true, "is_carrier": true, "is_shipper": true, "is_origin": true, "is_destination": true,
            "created_by": 1, "created": "2020-07-30T21:10:06.44551Z", "instructions": "text", "remote_id": "text",
        },
    })
}

#[actix_web::test]
async fn a_company_keeps_every_field_is_changed_replaced_and_deleted() {
    let dash = Dash::new().await;
    let made = dash.ask("POST", "/api/v4/companies/", whole(), 201).await;
    assert_keys("dashdoc_company", &made);
    for (name, value) in whole().as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    assert_eq!((&made["deleted"], &made["managers"]), (&json!(false), &json!([])));
    dash.bench.pass(Duration::seconds(5));
    let patch =
        json!({ "comments": null, "primary_address": { "city": "Brest" }, "pk": 5, "managers": [], "deleted": true });
    let changed = dash.ask("PATCH", &path(&made, ""), patch, 200).await;
    assert_keys("dashdoc_company", &changed);
    assert_eq!(
        (&changed["comments"], &changed["name"], &changed["deleted"]),
        (&Value::Null, &made["name"], &json!(false))
    );
    let address = &changed["primary_address"];
    assert_eq!(
        (&address["city"], &address["name"], &address["pk"]),
        (&json!("Brest"), &Value::Null, &json!(made["pk"].to_string()))
    );
    assert_ne!(changed["updated"], made["updated"]);
    let by_remote_id = "/api/v4/companies/COMP_1/?lookup_field=remote_id";
    assert_eq!(dash.get(by_remote_id).await, changed);
    let replaced = dash.ask("PUT", by_remote_id, json!({ "name": "Petit", "country": "BE" }), 200).await;
    assert_eq!(
        (&replaced["remote_id"], &replaced["siren"], &replaced["country"]),
        (&Value::Null, &Value::Null, &json!("BE"))
    );
    assert_eq!((&replaced["primary_address"], &replaced["settings"]), (&Value::Null, &json!({})));
    let mut faults = dash.faults("PUT", &path(&made, ""), json!({})).await;
    faults.sort();
    assert_eq!(faults, [("country".to_owned(), "required".to_owned()), ("name".to_owned(), "required".to_owned())]);
    let contact = json!({ "company": { "pk": made["pk"] }, "last_name": "Bouvet" });
    let contact = dash.ask("POST", "/api/v4/contacts/", contact, 201).await;
    dash.ask("DELETE", &path(&made, ""), Value::Null, 204).await;
    dash.ask("GET", &path(&made, ""), Value::Null, 404).await;
    assert_eq!(dash.get(&path(&contact, "")).await["company"]["deleted"], true);
    let own = dash.get("/api/v4/companies/").await["results"][0].clone();
    assert_eq!((&own["name"], &own["country"]), (&json!("Acme"), &json!("")));
    let faults = dash.faults("DELETE", &path(&own, ""), Value::Null).await;
    assert_eq!(faults, [("non_field_errors".to_owned(), "invalid".to_owned())]);
}

#[actix_web::test]
async fn a_company_that_is_there_already_is_answered_and_not_made_again() {
    let dash = Dash::new().await;
    let made = dash.ask("POST", "/api/v4/companies/", whole(), 201).await;
    let plain = dash.company("Zoé & Söhne").await;
    let plans = dash.bench.spy.plans();
    for (body, expected) in [
        (json!({ "name": "Other", "country": "BE", "remote_id": "COMP_1" }), &made),
        (json!({ "name": "Other", "country": "BE", "trade_number": "12345678900011" }), &made),
        (json!({ "name": "TRANSPORT bouvet", "country": "BE" }), &made),
        (json!({ "name": " zoé & söhne ".trim(), "country": "FR", "remote_id": "NEW" }), &plain),
    ] {
        let found = dash.ask("POST", "/api/v4/companies/", body.clone(), 201).await;
        assert_eq!(&found, expected, "{body}");
    }
    assert_eq!(dash.bench.spy.plans(), plans);
    // Another id of the host's own is another company.
    let body =
        json!({ "name": "Transport Bouvet", "country": "FR", "remote_id": "COMP_2", "trade_number": "12345678900011" });
    let second = dash.ask("POST", "/api/v4/companies/", body, 201).await;
    assert_ne!(second["pk"], made["pk"]);
}

#[actix_web::test]
async fn companies_are_found_by_name_and_by_when_they_changed() {
    let dash = Dash::new().await;
    dash.bench.pass(Duration::seconds(10));
    let first = dash.company("Transport Bouvet").await;
    dash.bench.pass(Duration::seconds(10));
    let second = dash.company("Petit").await;
    let names = async |query: &str| {
        let found = dash.get(&format!("/api/v4/companies/?{query}")).await;
        let names =
            found["results"].as_array().unwrap().iter().map(|company| company["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>().join(",")
    };
    assert_eq!(names("").await, "Acme,Transport Bouvet,Petit");
    assert_eq!(names("text=BOUV").await, "Transport Bouvet");
    let (first, second) = (first["updated"].as_str().unwrap(), second["updated"].as_str().unwrap());
    assert_eq!(names(&format!("updated__gte={first}")).await, "Transport Bouvet,Petit");
    assert_eq!(names(&format!("updated__gt={first}")).await, "Petit");
    assert_eq!(names(&format!("updated__lte={first}")).await, "Acme,Transport Bouvet");
    assert_eq!(names(&format!("updated__lt={second}&updated__gte={first}")).await, "Transport Bouvet");
}

#[actix_web::test]
async fn pages_are_counted_and_led_to_as_the_framework_does() {
    let dash = Dash::new().await;
    for n in 1..=40 {
        dash.company(&format!("Company {n}")).await;
    }
    let base = "https://invite.example.org/api/v4/companies/?page=";
    for (query, rows, next, previous) in [
        ("", 20, json!(format!("{base}2")), Value::Null),
        ("?page=1", 20, json!(format!("{base}2")), Value::Null),
        ("?page=2", 20, json!(format!("{base}3")), json!(format!("{base}1"))),
        ("?page=3", 1, Value::Null, json!(format!("{base}2"))),
        ("?page=last", 1, Value::Null, json!(format!("{base}2"))),
    ] {
        let page = dash.get(&format!("/api/v4/companies/{query}")).await;
        assert_keys("dashdoc_company_page", &page);
        assert_eq!((page["results"].as_array().unwrap().len(), &page["count"]), (rows, &json!(41)), "{query}");
        assert_eq!((&page["next"], &page["previous"]), (&next, &previous), "{query}");
    }
    for bad in ["4", "0", "-1", "x", "99999999999999999999999"] {
        let refused = dash.ask("GET", &format!("/api/v4/companies/?page={bad}"), Value::Null, 404).await;
        assert_eq!(refused, json!({ "non_field_errors": { "code": ["not_found"], "detail": ["Invalid page."] } }));
    }
    assert_eq!(dash.get("/api/v4/companies/?text=nothing&page=last").await["count"], 0);
    // The members stand as the page prints them.
    let text = dash.call(&dash.bench.key, "GET", "/api/v4/companies/?page=2", Value::Null).await.text();
    let places = ["{\"count\":", ",\"next\":", ",\"previous\":", ",\"results\":["].map(|member| text.find(member));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
    let page = dash.get("/api/v4/companies/?text=company&page=2").await;
    assert_eq!(page["previous"], "https://invite.example.org/api/v4/companies/?text=company&page=1");
}
