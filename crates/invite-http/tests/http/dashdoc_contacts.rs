//! Contacts of the Dashdoc dialect: their states, their fields, their list.

use crate::dashdoc_support::{Dash, assert_keys, path};
use invite_domain::port::Destination;
use invite_testkit::fake::Delivered;
use serde_json::{Value, json};

const ADELE: &str = "adele.bouvet@bouvet.example";

/// Whom mails went to.
fn mailed(sent: &[Delivered]) -> Vec<String> {
    let address = |mail: &Delivered| match &mail.to {
        Destination::Email(address) => address.as_str().to_owned(),
        Destination::Phone(number) => number.to_string(),
    };
    sent.iter().map(address).collect()
}

/// The three states of a contact, its link aside.
fn state(contact: &Value) -> [bool; 3] {
    ["is_manager", "has_pending_invite", "is_invitable"].map(|member| contact[member] == true)
}

#[actix_web::test]
async fn dd_8_dd_9_dd_10_dd_11_an_invited_contact_is_whole_pending_and_mailed_once() {
    let dash = Dash::new().await;
    let contact = dash.contact(ADELE).await;
    assert_eq!((state(&contact), &contact["invitation_link"]), ([false, false, true], &Value::Null));
    assert!(dash.sent().await.is_empty(), "a creation invites nobody");
    let invited = dash.ask("POST", &path(&contact, "invite/"), Value::Null, 200).await;
    assert_keys("dashdoc_contact", &invited);
    assert_keys("dashdoc_company", &invited["company"]);
    assert_eq!(state(&invited), [false, true, true]);
    let again = dash.get(&path(&contact, "")).await;
    assert_eq!(again, invited);
    let sent = dash.sent().await;
    assert_eq!(mailed(&sent), [ADELE]);
    let link = invited["invitation_link"].as_str().unwrap();
    assert!(link.starts_with("https://invite.example.org/i/inv_"), "{link}");
    assert_ne!(link.rsplit('/').next(), Some(sent[0].token.expose()), "the mailed one proves the mailbox, ours not");
}

#[actix_web::test]
async fn dd_11_a_contact_with_a_phone_number_gets_a_mail_and_nothing_else() {
    let dash = Dash::new().await;
    let contact = dash.contact(ADELE).await;
    dash.ask("PATCH", &path(&contact, ""), json!({ "phone_number": "+33600000000" }), 200).await;
    dash.ask("POST", &path(&contact, "invite/"), Value::Null, 200).await;
    assert_eq!(mailed(&dash.sent().await), [ADELE]);
}

#[actix_web::test]
async fn dd_12_a_contact_without_an_address_is_not_invited() {
    let dash = Dash::new().await;
    let company = dash.company("Bouvet").await;
    for email in [Value::Null, json!(""), json!("  ")] {
        let body = json!({
            "company": { "pk": company["pk"] }, "last_name": "Bouvet", "email": email, "phone_number": "+33600000000",
        });
        let contact = dash.ask("POST", "/api/v4/contacts/", body, 201).await;
        assert_eq!((state(&contact), &contact["email"]), ([false; 3], &Value::Null));
        let plans = dash.bench.spy.plans();
        let faults = dash.faults("POST", &path(&contact, "invite/"), Value::Null).await;
        assert_eq!(faults, [("email".to_owned(), "no_address".to_owned())]);
        assert_eq!(dash.bench.spy.plans(), plans);
        assert!(dash.sent().await.is_empty());
        assert_eq!(state(&dash.get(&path(&contact, "")).await), [false; 3]);
    }
}

#[actix_web::test]
async fn dd_13_dd_15_who_signed_up_is_a_manager_and_is_not_invited_again() {
    let dash = Dash::new().await;
    let contact = dash.contact(ADELE).await;
    dash.ask("POST", &path(&contact, "invite/"), Value::Null, 200).await;
    let token = dash.sent().await[0].token.clone();
    let redeemed = dash.redeem_token(token.expose()).await;
    assert_eq!(redeemed.status, 201, "{}", redeemed.text());
    let registered = dash.get(&path(&contact, "")).await;
    assert_eq!((state(&registered), &registered["invitation_link"]), ([true, false, false], &Value::Null));
    let manager = &registered["company"]["managers"][0];
    assert!(manager["pk"].as_i64().unwrap() > 0);
    let user = json!({ "email": ADELE, "first_name": "Adèle", "last_name": "Bouvet" });
    assert_eq!(
        (&manager["user"], &manager["display_name"], &manager["role"]),
        (&user, &json!("Adèle Bouvet"), &json!("guest"))
    );
    assert_eq!(registered["company"]["has_loggable_managers"], true);
    let plans = dash.bench.spy.plans();
    let faults = dash.faults("POST", &path(&contact, "invite/"), Value::Null).await;
    assert_eq!(faults, [("non_field_errors".to_owned(), "already_member".to_owned())]);
    assert_eq!(dash.bench.spy.plans(), plans);
    assert!(dash.sent().await.is_empty());
    assert_eq!(state(&dash.get(&path(&contact, "")).await), [true, false, false]);
}

#[actix_web::test]
async fn dd_14_inviting_again_sends_again_until_it_was_sent_too_often() {
    let dash = Dash::new().await;
    let contact = dash.contact(ADELE).await;
    let mut links = Vec::new();
    for _ in 0..5 {
        let invited = dash.ask("POST", &path(&contact, "invite/"), Value::Null, 200).await;
        assert_eq!(state(&invited), [false, true, true]);
        links.push(invited["invitation_link"].as_str().unwrap().to_owned());
        assert_eq!(mailed(&dash.sent().await), [ADELE]);
    }
    links.dedup();
    assert_eq!(links.len(), 5);
    let old = dash.redeem_token(links[0].rsplit('/').next().unwrap()).await;
    assert_eq!(old.code(), (410, "superseded".to_owned()));
    // Rule 4.4: five messages in ten minutes.
    let refused = dash.call(&dash.bench.key, "POST", &path(&contact, "invite/"), Value::Null).await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after").len()), (429, 3), "{}", refused.text());
    assert_eq!(refused.json()["non_field_errors"]["code"], json!(["throttled"]));
    assert!(dash.sent().await.is_empty());
}

#[actix_web::test]
async fn dd_25_a_contact_has_a_last_name_and_texts_of_bounded_length() {
    let dash = Dash::new().await;
    let company = dash.company("Bouvet").await;
    let body = |more: Value| {
        let mut body = json!({ "company": { "pk": company["pk"] }, "last_name": "Bouvet" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let made = dash.ask("POST", "/api/v4/contacts/", body(json!({})), 201).await;
    assert_keys("dashdoc_contact", &made);
    let long = |n| "é".repeat(n);
    let fitting = json!({
        "first_name": long(200), "last_name": long(200), "phone_number": long(100), "fax_number": long(100),
        "uid": "687cddac-dbd2-11ea-9024-0242ac130006", "remote_id": "CONTACT_123", "email": "A@Bouvet.example",
        "created": "1999-01-01T00:00:00Z", "is_manager": true, "invitation_link": 3,
    });
    let made = dash.ask("POST", "/api/v4/contacts/", body(fitting.clone()), 201).await;
    for name in ["first_name", "last_name", "phone_number", "fax_number", "uid", "remote_id", "email"] {
        assert_eq!(made[name], fitting[name], "{name}");
    }
    assert_eq!((state(&made), &made["created"]), ([false, false, true], &made["company"]["created"]));
    let contacts = dash.get("/api/v4/contacts/").await["count"].clone();
    for (wrong, field, code) in [
        (json!({ "last_name": null }), "last_name", "null"),
        (json!({ "last_name": " " }), "last_name", "blank"),
        (json!({ "last_name": long(201) }), "last_name", "max_length"),
        (json!({ "first_name": long(201) }), "first_name", "max_length"),
        (json!({ "phone_number": long(101) }), "phone_number", "max_length"),
        (json!({ "fax_number": long(101) }), "fax_number", "max_length"),
        (json!({ "email": "nobody" }), "email", "invalid"),
        (json!({ "email": 1 }), "email", "invalid"),
        (json!({ "first_name": 1 }), "first_name", "invalid"),
        (json!({ "remote_id": "CONTACT_123" }), "remote_id", "invalid"),
        (json!({ "remote_id": long(201) }), "remote_id", "max_length"),
        (json!({ "uid": "x" }), "uid", "invalid"),
        (json!({ "uid": fitting["uid"] }), "uid", "invalid"),
        (json!({ "company": {} }), "company", "company_requires_remote_id_or_pk"),
        (json!({ "company": null }), "company", "null"),
        (json!({ "company": 3 }), "company", "not_an_object"),
        (json!({ "company": { "pk": "3" } }), "company", "invalid"),
        (json!({ "company": { "pk": 999_999 } }), "company", "invalid"),
        (json!({ "company": { "remote_id": "nobody's" } }), "company", "invalid"),
    ] {
        let faults = dash.faults("POST", "/api/v4/contacts/", body(wrong.clone())).await;
        assert_eq!(faults, [(field.to_owned(), code.to_owned())], "{wrong}");
    }
    let mut faults = dash.faults("POST", "/api/v4/contacts/", json!({})).await;
    faults.sort();
    let required = |field: &str| (field.to_owned(), "required".to_owned());
    assert_eq!(faults, [required("company"), required("last_name")]);
    assert_eq!(dash.get("/api/v4/contacts/").await["count"], contacts);
}

#[actix_web::test]
async fn dd_24_contacts_are_listed_in_pages_and_by_company() {
    let dash = Dash::new().await;
    let (a, b, c) = (dash.company("A").await, dash.company("B").await, dash.company("C").await);
    for (company, name) in [(&a, "1"), (&a, "2"), (&b, "3"), (&c, "4")] {
        let body = json!({ "company": { "pk": company["pk"] }, "last_name": name });
        dash.ask("POST", "/api/v4/contacts/", body, 201).await;
    }
    let (a, b, c) = (&a["pk"], &b["pk"], &c["pk"]);
    let all = dash.get("/api/v4/contacts/").await;
    assert_keys("dashdoc_contact_page", &all);
    assert_eq!((&all["count"], &all["next"], &all["previous"]), (&json!(4), &Value::Null, &Value::Null));
    for (query, names) in [
        (format!("company__id={a}"), "12"),
        (format!("company__id__in={a},{b}"), "123"),
        (format!("company__id__in={a},{b}&company__id={b}"), "3"),
        (format!("company__id={a}&company__id__in={b}"), ""),
        (format!("company__id__exclude={a},{b}"), "4"),
        (format!("company__id__not={c}"), "123"),
        ("company__id=999999".to_owned(), ""),
        ("company__id=&page=1&unknown=1".to_owned(), "1234"),
    ] {
        let found = dash.get(&format!("/api/v4/contacts/?{query}")).await;
        let found: String =
            found["results"].as_array().unwrap().iter().map(|c| c["last_name"].as_str().unwrap()).collect();
        assert_eq!(found, names, "{query}");
    }
    for field in ["company__id", "company__id__in", "company__id__exclude", "company__id__not"] {
        let faults = dash.faults("GET", &format!("/api/v4/contacts/?{field}=x"), Value::Null).await;
        assert_eq!(faults, [(field.to_owned(), "invalid".to_owned())]);
    }
}

#[actix_web::test]
async fn a_contact_is_changed_replaced_and_deleted() {
    let dash = Dash::new().await;
    let contact = dash.contact(ADELE).await;
    let other = dash.company("Other").await;
    let patch = json!({
        "first_name": "Adèle", "fax_number": "1", "remote_id": "C1", "uid": "687cddac-dbd2-11ea-9024-0242ac130006",
        "company": { "pk": other["pk"] },
    });
    let changed = dash.ask("PATCH", &path(&contact, ""), patch, 200).await;
    assert_eq!(
        (&changed["uid"], &changed["last_name"], &changed["email"]),
        (&contact["uid"], &contact["last_name"], &json!(ADELE))
    );
    assert_eq!((&changed["first_name"], &changed["company"]["name"]), (&json!("Adèle"), &json!("Other")));
    // By the host's own id, and whole: what is not named is gone, the company stays.
    let by_remote_id = "/api/v4/contacts/C1/?lookup_field=remote_id";
    let replaced = dash.ask("PUT", by_remote_id, json!({ "last_name": "Petit", "remote_id": "C1" }), 200).await;
    let expected =
        json!({ "first_name": null, "last_name": "Petit", "fax_number": null, "email": null, "remote_id": "C1" });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&replaced[name], value, "{name}");
    }
    assert_eq!(replaced["company"]["name"], "Other");
    assert_eq!(dash.get(by_remote_id).await, replaced);
    let faults = dash.faults("PUT", by_remote_id, json!({ "first_name": "x" })).await;
    assert_eq!(faults, [("last_name".to_owned(), "required".to_owned())]);
    let faults = dash.faults("GET", "/api/v4/contacts/C1/?lookup_field=name", Value::Null).await;
    assert_eq!(faults, [("lookup_field".to_owned(), "invalid_choice".to_owned())]);
    dash.ask("PATCH", by_remote_id, json!({ "email": ADELE }), 200).await;
    dash.ask("POST", "/api/v4/contacts/C1/invite/?lookup_field=remote_id", Value::Null, 200).await;
    let token = dash.sent().await[0].token.clone();
    dash.ask("DELETE", by_remote_id, Value::Null, 204).await;
    dash.ask("GET", by_remote_id, Value::Null, 404).await;
    dash.ask("DELETE", &path(&contact, ""), Value::Null, 404).await;
    assert_eq!(dash.redeem_token(token.expose()).await.code(), (410, "revoked".to_owned()));
}

#[actix_web::test]
async fn another_address_withdraws_the_invitation_to_the_old_one() {
    let dash = Dash::new().await;
    let contact = dash.contact(ADELE).await;
    dash.ask("POST", &path(&contact, "invite/"), Value::Null, 200).await;
    let token = dash.sent().await[0].token.clone();
    let moved = dash.ask("PATCH", &path(&contact, ""), json!({ "email": "new@bouvet.example" }), 200).await;
    assert_eq!(state(&moved), [false, false, true]);
    assert_eq!(dash.redeem_token(token.expose()).await.code(), (410, "revoked".to_owned()));
}

#[actix_web::test]
async fn the_organisations_profile_names_the_role_of_contacts() {
    let dash = Dash::new().await;
    let profile = json!({ "profile": { "dashdoc": { "contact_role": "member" } } });
    let owner = dash.bench.owner().await;
    let changed = dash.bench.call(&owner, "PATCH", "/v1/organization", profile).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let contact = dash.contact(ADELE).await;
    dash.ask("POST", &path(&contact, "invite/"), Value::Null, 200).await;
    let redeemed = dash.redeem_token(dash.sent().await[0].token.expose()).await.json();
    assert_eq!(redeemed["membership"]["role"]["name"], "member", "{redeemed}");
    let profile = json!({ "profile": { "dashdoc": { "contact_role": "nobody" } } });
    dash.bench.call(&owner, "PATCH", "/v1/organization", profile).await;
    let contact = dash.contact("b@bouvet.example").await;
    let faults = dash.faults("POST", &path(&contact, "invite/"), Value::Null).await;
    assert_eq!(faults, [("non_field_errors".to_owned(), "role_not_found".to_owned())]);
}
