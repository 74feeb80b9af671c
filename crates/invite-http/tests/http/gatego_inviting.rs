//! Inviting over the Gatego dialect.

use crate::{
    gatego_support::{INVITE, accept, account, invite, login, look, refusal, refused, token_for},
    support::{Bench, PASSWORD},
};
use serde_json::{Value, json};

const ROLES: [&str; 11] = [
    "ADMIN",
    "CARRIER_ADMIN",
    "DRIVER",
    "GUARD",
    "ORG_ADMIN",
    "ORG_GROUP_ADMIN",
    "RESTRICTED_GUARD",
    "SIGNUP_SERVICE",
    "SUPER_CARRIER_ADMIN",
    "YARD_ADMIN",
    "YARD_DRIVER",
];

#[actix_web::test]
async fn gg_18_a_role_is_one_of_the_eleven_and_two_of_them_are_the_operators_to_give() {
    let bench = Bench::new().await;
    for (n, role) in ROLES.into_iter().enumerate() {
        let email = format!("p{n}@example.org");
        let body = json!({ "email": email, "role": role, "yard_id": 1, "carrier_id": 2 });
        let mut reply = bench.ask("POST", INVITE, body.clone()).await;
        if ["ADMIN", "SIGNUP_SERVICE"].contains(&role) {
            assert_eq!(refusal(&reply), refused(403, "forbidden"), "{role}");
            assert!(reply.text().contains("the operator's"), "{}", reply.text());
            let request = bench.request("POST", INVITE).insert_header(("X-Organization-Id", "acme"));
            let request = request.insert_header(("Authorization", format!("Bearer {}", bench.operator)));
            reply = bench.send(request.set_json(body)).await;
        }
        assert_eq!(reply.status, 201, "{role}: {}", reply.text());
        assert_eq!(reply.json()["target_role"], role);
        let token = bench.mailed(&email).await;
        assert_eq!(bench.call("", "GET", &look(&token), Value::Null).await.json()["target_role"], role);
        assert_eq!(account(&accept(&bench, &token).await)["role"], role);
    }
    let plans = bench.spy.plans();
    for role in [json!("admin"), json!("OWNER"), json!(""), json!(null), json!(7), json!(["DRIVER"])] {
        let body = json!({ "email": "x@example.org", "role": role });
        assert_eq!(refusal(&bench.ask("POST", INVITE, body).await), refused(400, "invalid-request"), "{role}");
    }
    let body = json!({ "email": "x@example.org" });
    assert_eq!(refusal(&bench.ask("POST", INVITE, body).await), refused(400, "invalid-request"));
    assert_eq!(bench.spy.plans(), plans);
}

#[actix_web::test]
async fn gg_18_a_person_with_a_role_of_ours_has_one_of_the_eleven_too() {
    let bench = Bench::new().await;
    bench.owner().await;
    for (email, role, said) in [
        ("admin@example.org", Some("admin"), "ORG_ADMIN"),
        ("member@example.org", Some("member"), "DRIVER"),
        ("guest@example.org", Some("guest"), "DRIVER"),
        ("nobody@example.org", None, "DRIVER"),
    ] {
        bench.join(email, role).await;
        let session = login(&bench, email, PASSWORD).await.json()["access_token"].as_str().unwrap().to_owned();
        let me = bench.call(&session, "GET", crate::gatego_support::ME, Value::Null).await.json();
        assert_eq!(me["role"], said, "{email}");
    }
    let issued = bench.issue("native@example.org").await;
    assert_eq!(issued["status"], "pending");
    let token = bench.mailed("native@example.org").await;
    assert_eq!(bench.call("", "GET", &look(&token), Value::Null).await.json()["target_role"], "DRIVER");
}

#[actix_web::test]
async fn gg_20_a_guard_needs_a_yard_and_a_carriers_administrator_a_carrier() {
    let bench = Bench::new().await;
    let plans = bench.spy.plans();
    for (body, field) in [
        (json!({ "role": "GUARD" }), "yard_id"),
        (json!({ "role": "GUARD", "yard_id": null, "carrier_id": 1 }), "yard_id"),
        (json!({ "role": "RESTRICTED_GUARD" }), "yard_id"),
        (json!({ "role": "CARRIER_ADMIN" }), "carrier_id"),
        (json!({ "role": "CARRIER_ADMIN", "yard_id": 1, "can_view_carrier_ids": [1] }), "carrier_id"),
    ] {
        let mut body = body;
        body["email"] = json!("x@example.org");
        let reply = bench.ask("POST", INVITE, body).await;
        assert_eq!(refusal(&reply), refused(400, "invalid-request"));
        assert!(reply.text().contains(field), "{}", reply.text());
    }
    assert_eq!((bench.spy.plans(), bench.notifier.attempts().len()), (plans, 0));
    for role in ["GUARD", "RESTRICTED_GUARD", "CARRIER_ADMIN"] {
        let body = json!({ "email": format!("{role}@example.org"), "role": role, "yard_id": 1, "carrier_id": 2 });
        invite(&bench, body).await;
    }
}

#[actix_web::test]
async fn what_is_wrong_with_an_invitation_is_said_and_nothing_is_made() {
    let bench = Bench::new().await;
    let plans = bench.spy.plans();
    let good = json!({ "email": "x@example.org", "role": "DRIVER" });
    for (name, value) in [
        ("email", json!("x")),
        ("email", json!(7)),
        ("email", json!(null)),
        ("carrier_id", json!("7")),
        ("carrier_id", json!(1.5)),
        ("yard_id", json!([])),
        ("yard_id", json!(u64::MAX)),
        ("can_view_carrier_ids", json!(7)),
        ("can_view_carrier_ids", json!(["7"])),
        ("can_view_carrier_ids", json!(vec![1; 257])),
        ("can_view_other_carriers", json!("true")),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let reply = bench.ask("POST", INVITE, body).await;
        assert_eq!(refusal(&reply), refused(400, "invalid-request"), "{}", reply.text());
        assert!(reply.text().contains(name), "{}", reply.text());
    }
    assert_eq!(bench.spy.plans(), plans);
    let body = json!({ "email": "x@example.org", "role": "DRIVER", "can_view_carrier_ids": vec![i64::MAX; 256] });
    invite(&bench, body).await;
    let again = bench.ask("POST", INVITE, good).await;
    assert_eq!(refusal(&again), refused(409, "already-invited"));
    assert!(!again.text().contains("on_conflict"), "that is another API's: {}", again.text());
    account(&accept(&bench, &bench.mailed("x@example.org").await).await);
    let member = json!({ "email": "X@Example.org", "role": "DRIVER" });
    let reply = bench.ask("POST", INVITE, member).await;
    assert_eq!(refusal(&reply).0, 409, "{}", reply.text());
}

#[actix_web::test]
async fn nobody_gives_what_he_does_not_hold() {
    let bench = Bench::new().await;
    let session = async |email: &str, role: &str| {
        account(&accept(&bench, &token_for(&bench, email, role).await).await);
        login(&bench, email, PASSWORD).await.json()["access_token"].as_str().unwrap().to_owned()
    };
    let yard = session("yard@example.org", "YARD_ADMIN").await;
    let guard = session("guard@example.org", "GUARD").await;
    let body = |email: &str, role: &str| json!({ "email": email, "role": role, "yard_id": 1 });
    let invited = bench.call(&yard, "POST", INVITE, body("g2@example.org", "GUARD")).await;
    assert_eq!(invited.status, 201, "{}", invited.text());
    assert_eq!(invited.json()["sender_account_name"], "Ada Lovelace");
    let plans = bench.spy.plans();
    for (who, role) in [(&yard, "ORG_ADMIN"), (&yard, "ADMIN"), (&guard, "DRIVER"), (&guard, "GUARD")] {
        let reply = bench.call(who, "POST", INVITE, body("z@example.org", role)).await;
        assert_eq!(refusal(&reply), refused(403, "forbidden"), "{role}");
    }
    assert_eq!(bench.spy.plans(), plans);
}

#[actix_web::test]
async fn the_document_says_that_a_look_needs_the_code_and_nothing_else() {
    let bench = Bench::new().await;
    let document = bench.send(bench.request("GET", "/openapi.json")).await.json();
    let parameters = &document["paths"]["/api/public/account/invite"]["get"]["parameters"];
    let needed: Vec<_> = parameters.as_array().unwrap().iter().map(|one| (&one["name"], &one["required"])).collect();
    assert!(needed.contains(&(&json!("code"), &json!(true))), "{parameters}");
    assert!(needed.contains(&(&json!("organization_id"), &json!(false))), "{parameters}");
}
