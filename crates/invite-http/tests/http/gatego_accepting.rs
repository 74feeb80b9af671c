//! An invited person takes up an account over the Gatego dialect.

use crate::{
    gatego_support::{
        ACCEPT, KEYS, accept, accept_with, account, code_to, globex, invite, invite_ada, login, look, members, refusal,
        refused, token_for,
    },
    support::{Bench, PASSWORD},
};
use serde_json::{Value, json};

const ADA: &str = "Ada@example.org";

#[actix_web::test]
async fn gg_1_and_gg_9_a_good_code_without_a_header_makes_an_account_of_thirty_keys_in_the_printed_order() {
    let bench = Bench::new().await;
    invite_ada(&bench).await;
    let reply = accept(&bench, &bench.mailed(ADA).await).await;
    let body = account(&reply);
    assert_eq!(body.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), KEYS);
    let text = reply.text();
    let after_driver = text.find("\"driver_license\"").unwrap();
    let places: Vec<usize> = KEYS.iter().map(|key| text.rfind(&format!("\"{key}\":")).unwrap()).collect();
    // `organization` and `name` stand in the object of the organisation too, after the account's own.
    let own: Vec<usize> =
        places.iter().zip(KEYS).filter(|(_, key)| !["id", "name"].contains(key)).map(|(at, _)| *at).collect();
    assert!(own.is_sorted() && own.contains(&after_driver), "{text}");
    let driver: Vec<&str> = body["driver"].as_object().unwrap().keys().map(String::as_str).collect();
    let papers =
        ["license", "license_expiration", "license_picture_id", "photo_id", "safety_card_picture_id", "truck_number"];
    assert_eq!(driver, papers);
    assert_eq!(body["organization"]["name"], "Acme");
    assert!(body["id"].is_i64() && body["organization"]["id"].is_i64(), "{body}");
    for name in ["hmac", "hmac_android", "hmac_ios"] {
        let mac = body[name].as_str().unwrap();
        assert!(mac.len() == 64 && mac.bytes().all(|b| b.is_ascii_hexdigit()), "{name}: {mac}");
    }
    assert_ne!(body["hmac"], body["hmac_android"]);
    assert_ne!(body["hmac_ios"], body["hmac_android"]);
    assert_eq!(reply.header("cache-control"), "no-store");
}

#[actix_web::test]
async fn gg_1_the_printed_body_with_nothing_but_a_code_makes_an_account() {
    let bench = Bench::new().await;
    let token = token_for(&bench, ADA, "DRIVER").await;
    let body = account(&bench.call("", "POST", ACCEPT, json!({ "code": token })).await);
    assert_eq!((&body["name"], &body["email"], &body["role"]), (&json!(ADA), &json!(ADA), &json!("DRIVER")));
    // There is no password yet: nobody can sign in.
    assert_eq!(refusal(&login(&bench, ADA, PASSWORD).await), refused(401, "bad-credentials"));
    let reset = json!({ "email": ADA });
    assert_eq!(bench.call("", "POST", "/v1/password-resets", reset).await.status, 202);
}

#[actix_web::test]
async fn gg_4_and_gg_5_and_gg_6_and_gg_7_what_the_invitation_forces_is_ignored_whatever_the_body_says() {
    let bench = Bench::new().await;
    let hostile = json!({
        "email": "eve@evil.example", "role": "ADMIN", "carrier_id": 666, "yard_id": 666, "can_view_carrier_ids": [666],
        "can_view_other_carriers": false, "organization": { "id": 666 }, "organization_id": 666, "active": false,
        "id": 1, "email_confirmed": false, "managed_organization_group_id": 666, "permissions": ["members.remove"],
        "name": "Ada", "password": PASSWORD, "password_confirmation": PASSWORD,
    });
    let mut wrong_types = hostile.clone();
    for (name, value) in [
        ("email", json!({})),
        ("role", json!(7)),
        ("carrier_id", json!("x")),
        ("yard_id", json!([])),
        ("can_view_carrier_ids", json!("all")),
        ("can_view_other_carriers", json!("perhaps")),
        ("organization", json!(null)),
        ("managed_organization_group_id", json!(1.5)),
    ] {
        wrong_types[name] = value;
    }
    let flat = hostile.clone();
    let mut null = hostile.clone();
    null["account_invited"] = Value::Null;
    let mut both = hostile.clone();
    both["account_invited"] = hostile.clone();
    for (n, body) in
        [json!({ "account_invited": hostile }), json!({ "account_invited": wrong_types }), flat, null, both]
            .into_iter()
            .enumerate()
    {
        let email = format!("ada{n}@example.org");
        let target = json!({
            "email": email, "role": "YARD_ADMIN", "carrier_id": 7, "yard_id": 8, "can_view_carrier_ids": [9, 10],
            "can_view_other_carriers": true,
        });
        let invited = invite(&bench, target).await;
        let mut body = body;
        body["code"] = json!(bench.mailed(&email).await);
        let made = account(&bench.call("", "POST", ACCEPT, body).await);
        assert_eq!((&made["email"], &made["role"]), (&json!(email), &json!("YARD_ADMIN")));
        assert_eq!((&made["carrier_id"], &made["yard_id"]), (&json!(7), &json!(8)));
        assert_eq!((&made["can_view_carrier_ids"], &made["can_view_other_carriers"]), (&json!([9, 10]), &json!(true)));
        assert_eq!((&made["organization"]["id"], &made["active"]), (&invited["organization_id"], &json!(true)));
        assert_eq!((&made["managed_organization_group"], &made["name"]), (&Value::Null, &json!("Ada")));
        // The account is what was printed: a session has the role's rights and no more.
        let session = login(&bench, &email, PASSWORD).await.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(bench.call(&session, "GET", "/v1/members", Value::Null).await.status, 200);
        assert_eq!(bench.call(&session, "GET", "/v1/api-keys", Value::Null).await.status, 403);
    }
    assert_eq!(refusal(&login(&bench, "eve@evil.example", PASSWORD).await), refused(401, "bad-credentials"));
}

#[actix_web::test]
async fn gg_8_what_is_not_forced_comes_from_the_body() {
    let bench = Bench::new().await;
    let token = token_for(&bench, ADA, "DRIVER").await;
    let said = json!({
        "name": " Ada Lovelace ", "password": PASSWORD, "password_confirmation": PASSWORD, "username": "Ada.L",
        "phone_number": "+33 1 99 00 12 34", "language_code": "fr", "driver_license": "99 999 999",
        "driver_license_expiration": "2030-05-04T11:42:00+02:00", "driver_license_picture_id": 41, "driver_photo_id": 42,
        "driver_safety_card_picture_id": 43, "driver_truck_number": "T-7", "driver_truck_fuel_type": "DIESEL",
        "driver_truck_type": "SEMI",
    });
    let made = account(&accept_with(&bench, &token, said).await);
    let expected = json!({
        "license": "99 999 999", "license_expiration": "2030-05-04T09:42:00+00:00", "license_picture_id": "41",
        "photo_id": "42", "safety_card_picture_id": "43", "truck_number": "T-7",
    });
    assert_eq!(made["driver"], expected);
    for (name, value) in [
        ("name", json!("Ada Lovelace")),
        ("username", json!("Ada.L")),
        ("phone_number", json!("+33 1 99 00 12 34")),
        ("language_code", json!("fr")),
        ("driver_license", json!("99 999 999")),
        ("driver_license_expiration", json!("2030-05-04T09:42:00+00:00")),
        ("driver_license_picture_id", json!(41)),
        ("driver_photo_id", json!(42)),
        ("driver_safety_card_picture_id", json!(43)),
        ("driver_truck_number", json!("T-7")),
    ] {
        assert_eq!(made[name], value, "{name}");
    }
}

#[actix_web::test]
async fn gg_8_a_username_that_is_taken_or_none_makes_no_account_and_leaves_the_code_good() {
    let bench = Bench::new().await;
    let named = |name: &str| json!({ "username": name, "password": PASSWORD, "password_confirmation": PASSWORD });
    let first = token_for(&bench, "first@example.org", "DRIVER").await;
    account(&accept_with(&bench, &first, named("ada.l")).await);
    let token = token_for(&bench, ADA, "DRIVER").await;
    let taken = accept_with(&bench, &token, named("ADA.L")).await;
    assert_eq!(refusal(&taken), refused(409, "account-already-exists"));
    for bad in ["1ada", "ad", "ada l", "ada@example.org"] {
        assert_eq!(refusal(&accept_with(&bench, &token, named(bad)).await), refused(400, "invalid-request"), "{bad}");
    }
    assert_eq!(members(&bench, &bench.key).await, 2, "the owner and the first");
    assert_eq!(account(&accept_with(&bench, &token, named("ada.b")).await)["username"], "ada.b");
}

#[actix_web::test]
async fn gg_10_a_header_does_not_move_the_account_elsewhere() {
    let bench = Bench::new().await;
    let (globex_key, globex, number) = globex(&bench).await;
    for (n, named) in [globex, "globex".to_owned(), number.to_string(), "nowhere".to_owned()].into_iter().enumerate() {
        let email = format!("ada{n}@example.org");
        let token = token_for(&bench, &email, "GUARD").await;
        let request = bench.request("POST", &format!("{ACCEPT}?organization_id={named}"));
        let request = request.insert_header(("X-Organization-Id", named)).set_json(json!({ "code": token }));
        let made = account(&bench.send(request).await);
        assert_eq!((&made["organization"]["name"], &made["role"]), (&json!("Acme"), &json!("GUARD")));
    }
    assert_eq!(members(&bench, &globex_key).await, 1, "its owner");
}

#[actix_web::test]
async fn gg_9_a_bearer_header_that_comes_along_is_not_looked_at() {
    let bench = Bench::new().await;
    let owner = bench.owner().await;
    let credentials = ["ivs_expired".to_owned(), owner, bench.key.clone(), bench.operator.clone()];
    for (n, credential) in credentials.into_iter().enumerate() {
        let email = format!("ada{n}@example.org");
        let token = token_for(&bench, &email, "DRIVER").await;
        assert_eq!(bench.call(&credential, "GET", &look(&token), Value::Null).await.status, 200);
        let made = account(&bench.call(&credential, "POST", ACCEPT, json!({ "code": token })).await);
        assert_eq!(made["email"], email);
    }
}

#[actix_web::test]
async fn gg_11_a_code_makes_one_account_and_never_a_second() {
    let bench = Bench::new().await;
    let token = token_for(&bench, ADA, "DRIVER").await;
    let first = account(&accept(&bench, &token).await);
    let code = json!({ "code": token });
    let used = refused(410, "invitation-already-used");
    assert_eq!(refusal(&bench.call("", "POST", ACCEPT, code).await), used);
    let other =
        json!({ "name": "Eve", "password": "another long password", "password_confirmation": "another long password" });
    assert_eq!(refusal(&accept_with(&bench, &token, other).await), used);
    assert_eq!(refusal(&bench.call("", "GET", &look(&token), Value::Null).await), used);
    // The same person's retry, whose answer was lost, is answered with the account there is.
    let plans = bench.spy.plans();
    let again = accept(&bench, &token).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, first));
    assert_eq!((bench.spy.plans(), members(&bench, &bench.key).await), (plans, 2));
}

#[actix_web::test]
async fn gg_12_passwords_that_differ_make_no_account_and_leave_the_code_good() {
    let bench = Bench::new().await;
    let token = token_for(&bench, ADA, "DRIVER").await;
    let plans = bench.spy.plans();
    for account in [
        json!({ "password": PASSWORD, "password_confirmation": "another long password" }),
        json!({ "password": PASSWORD }),
        json!({ "password_confirmation": PASSWORD }),
        json!({ "password": PASSWORD, "password_confirmation": "" }),
    ] {
        let reply = accept_with(&bench, &token, account).await;
        assert_eq!(refusal(&reply), refused(400, "password-mismatch"));
        assert!(!reply.text().contains(PASSWORD));
    }
    for weak in ["short", "password1", &"x".repeat(129)] {
        let account = json!({ "password": weak, "password_confirmation": weak });
        assert_eq!(refusal(&accept_with(&bench, &token, account.clone()).await), refused(400, "weak-password"));
        let mut flat = account;
        flat["code"] = json!(token);
        assert_eq!(refusal(&bench.call("", "POST", ACCEPT, flat).await), refused(400, "weak-password"));
    }
    assert_eq!(bench.spy.plans(), plans, "nothing was written");
    account(&accept(&bench, &token).await);
}

#[actix_web::test]
async fn gg_13_neither_password_nor_code_is_in_an_answer() {
    let bench = Bench::new().await;
    let invited = invite_ada(&bench).await;
    let token = bench.mailed(ADA).await;
    let short = code_to(&bench, ADA);
    let reply = accept(&bench, &token).await;
    account(&reply);
    for text in [invited.to_string(), reply.text()] {
        for secret in [&token, &short, PASSWORD, "inv_", "argon2", "$", "hash", "token", "code\":"] {
            // `language_code` is the one name that ends so.
            let text = text.replace("\"language_code\":", "");
            assert!(!text.contains(secret), "{secret}");
        }
    }
}

#[actix_web::test]
async fn gg_15_an_address_is_confirmed_by_the_mailed_token_and_not_by_a_short_code() {
    let bench = Bench::new().await;
    let own = bench.ask("GET", "/v1/organization", Value::Null).await.json();
    let (id, number) = (own["id"].as_str().unwrap().to_owned(), own["number"].to_string());
    let token = token_for(&bench, ADA, "DRIVER").await;
    assert_eq!(account(&accept(&bench, &token).await)["email_confirmed"], true);
    for (n, named) in ["acme".to_owned(), id, number].into_iter().enumerate() {
        for (by_header, email) in [(true, format!("h{n}@example.org")), (false, format!("q{n}@example.org"))] {
            token_for(&bench, &email, "DRIVER").await;
            let code = json!({ "code": code_to(&bench, &email).to_lowercase() });
            let path = if by_header { ACCEPT.to_owned() } else { format!("{ACCEPT}?organization_id={named}") };
            let mut request = bench.request("POST", &path).set_json(code);
            if by_header {
                request = request.insert_header(("X-Organization-Id", named.clone()));
            }
            let made = account(&bench.send(request).await);
            assert_eq!((&made["email"], &made["email_confirmed"]), (&json!(email), &json!(false)), "{named}");
        }
    }
}

#[actix_web::test]
async fn gg_16_a_new_account_is_active_not_deleted_and_has_never_logged_in() {
    let bench = Bench::new().await;
    let token = token_for(&bench, ADA, "DRIVER").await;
    let made = account(&accept(&bench, &token).await);
    assert_eq!(made["active"], true);
    for name in ["deleted_at", "last_login", "previous_last_login", "last_login_app_version", "last_login_referer"] {
        assert_eq!(made[name], Value::Null, "{name}");
    }
}

#[actix_web::test]
async fn gg_17_a_look_beforehand_shows_what_the_account_will_have_and_changes_nothing() {
    let bench = Bench::new().await;
    let invited = invite_ada(&bench).await;
    let token = bench.mailed(ADA).await;
    let plans = bench.spy.plans();
    let seen = bench.call("", "GET", &look(&token), Value::Null).await;
    assert_eq!((seen.status.as_u16(), seen.json()), (200, invited.clone()));
    let by_code = format!("{}&organization_id=acme", look(&code_to(&bench, ADA)));
    assert_eq!(bench.call("", "GET", &by_code, Value::Null).await.json(), invited);
    let request = bench.request("GET", &look(&code_to(&bench, ADA))).insert_header(("X-Organization-Id", "acme"));
    assert_eq!(bench.send(request).await.json(), invited);
    assert_eq!(bench.spy.plans(), plans);
    let expected = json!({
        "organization_id": invited["organization_id"], "sender_account_name": "Acme",
        "sender_account_organization_name": "Acme", "target_can_view_carrier_ids": [9, 10],
        "target_can_view_other_carriers": true, "target_carrier_id": 7, "target_email": ADA, "target_role": "YARD_ADMIN",
        "target_yard_id": 8, "target_yard_name": null,
    });
    assert_eq!(invited, expected);
    let made = account(&accept(&bench, &token).await);
    for name in ["can_view_carrier_ids", "can_view_other_carriers", "carrier_id", "email", "role", "yard_id"] {
        assert_eq!(made[name], invited[format!("target_{name}")], "{name}");
    }
    assert_eq!(made["organization"]["id"], invited["organization_id"]);
}

#[actix_web::test]
async fn an_account_there_is_joins_by_the_mailed_token_and_keeps_its_name_and_password() {
    let bench = Bench::new().await;
    let token = token_for(&bench, ADA, "DRIVER").await;
    let first = account(&accept(&bench, &token).await);
    let (globex_key, ..) = globex(&bench).await;
    let body = json!({ "email": ADA, "role": "GUARD", "yard_id": 3 });
    let invited = bench.call(&globex_key, "POST", crate::gatego_support::INVITE, body).await;
    assert_eq!(invited.status, 201, "{}", invited.text());
    let token = bench.mailed(ADA).await;
    // A short code proves nothing of whose account it is.
    let code = json!({ "code": code_to(&bench, ADA) });
    let by_code = bench.call("", "POST", &format!("{ACCEPT}?organization_id=globex"), code).await;
    assert_eq!(refusal(&by_code), refused(409, "account-already-exists"));
    // What helps is the page; no session is looked at here.
    let text = by_code.text();
    assert!(text.contains("on the page of the mailed link") && !text.contains("session"), "{text}");
    let said = json!({
        "name": "Eve", "username": "eve", "phone_number": "+33199001234", "driver_license": "stolen",
        "password": "another long password", "password_confirmation": "another long password",
    });
    let joined = account(&accept_with(&bench, &token, said).await);
    assert_eq!((&joined["id"], &joined["name"], &joined["username"]), (&first["id"], &first["name"], &Value::Null));
    assert_eq!((&joined["phone_number"], &joined["driver_license"]), (&Value::Null, &Value::Null));
    assert_eq!((&joined["organization"]["name"], &joined["role"]), (&json!("Globex"), &json!("GUARD")));
    assert_eq!(login(&bench, ADA, PASSWORD).await.status, 200);
    assert_eq!(login(&bench, ADA, "another long password").await.status, 401);
}

#[actix_web::test]
async fn who_runs_a_group_sees_all_its_organisations() {
    let bench = Bench::new().await;
    let token = token_for(&bench, ADA, "ORG_GROUP_ADMIN").await;
    let first = account(&accept(&bench, &token).await);
    let acme = first["organization"].clone();
    let group = json!({ "id": acme["id"], "name": "Acme", "managed_organizations": [acme] });
    assert_eq!(first["managed_organization_group"], group);
    bench.pass(chrono::Duration::minutes(1));
    let (globex_key, _, number) = globex(&bench).await;
    let body = json!({ "email": ADA, "role": "ORG_GROUP_ADMIN" });
    assert_eq!(bench.call(&globex_key, "POST", crate::gatego_support::INVITE, body).await.status, 201);
    let second = account(&accept_with(&bench, &bench.mailed(ADA).await, json!({})).await);
    let globex = json!({ "id": number, "name": "Globex" });
    let group = json!({ "id": acme["id"], "name": "Acme", "managed_organizations": [acme, globex] });
    assert_eq!((&second["organization"], &second["managed_organization_group"]), (&globex, &group));
}
