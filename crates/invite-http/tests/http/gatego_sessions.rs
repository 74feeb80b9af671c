//! Signing in over the Gatego dialect, and who one is.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::{
    gatego_support::{
        INVITE, KEYS, LOGIN, ME, REFRESH, accept_with, account, globex, login, refusal, refused, token_for,
    },
    support::{Bench, PASSWORD, config},
};
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";

/// An account with every name to sign in with.
async fn ada(bench: &Bench, role: &str) -> Value {
    let token = token_for(bench, ADA, role).await;
    let said = json!({
        "name": "Ada", "username": "ada.l", "phone_number": "+33 1 99 00 12 34", "password": PASSWORD,
        "password_confirmation": PASSWORD,
    });
    account(&accept_with(bench, &token, said).await)
}

async fn tokens(bench: &Bench, username: &str) -> (String, String) {
    let reply = login(bench, username, PASSWORD).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let tokens = reply.json();
    assert_eq!(tokens.as_object().unwrap().len(), 3);
    assert_eq!(tokens["access_token"], tokens["jwt_token"]);
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

async fn me(bench: &Bench, credential: &str) -> Value {
    let reply = bench.call(credential, "GET", ME, Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

#[actix_web::test]
async fn gg_14_the_chosen_password_logs_in_by_every_name_of_the_account() {
    let bench = Bench::new().await;
    let made = ada(&bench, "YARD_ADMIN").await;
    let mut before = Value::Null;
    for name in [ADA, "Ada@Example.org", "ada.l", "ADA.L", "+33199001234", " +33 (1) 99 00 12 34 "] {
        let (access, _) = tokens(&bench, name).await;
        let me = me(&bench, &access).await;
        assert_eq!(me.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), KEYS);
        assert_eq!((&me["id"], &me["hmac"], &me["role"]), (&made["id"], &made["hmac"], &made["role"]));
        assert_eq!(me["previous_last_login"], before, "{name}");
        let last = me["last_login"].as_str().unwrap();
        assert!(last.ends_with("+00:00"), "{last}");
        before = me["last_login"].clone();
        bench.pass(chrono::Duration::seconds(90));
    }
    let plans = bench.spy.plans();
    for (name, password) in [(ADA, "x"), (ADA, ""), ("nobody", PASSWORD), ("nobody@example.org", PASSWORD), ("?", "?")]
    {
        let reply = login(&bench, name, password).await;
        assert_eq!(refusal(&reply), refused(401, "bad-credentials"), "{name}");
        assert!(!reply.text().contains(PASSWORD));
    }
    for body in [
        json!({}),
        json!({ "username": ADA }),
        json!({ "password": PASSWORD }),
        json!({ "username": 7, "password": PASSWORD }),
        json!({ "username": ADA, "password": null }),
        json!({ "username": "", "password": PASSWORD }),
    ] {
        assert_eq!(refusal(&bench.call("", "POST", LOGIN, body).await), refused(400, "invalid-request"));
    }
    assert_eq!(bench.spy.plans(), plans);
    let mut last = 0;
    for _ in 0..12 {
        last = login(&bench, ADA, "wrong").await.status.as_u16();
    }
    assert_eq!(last, 429);
    assert_eq!(refusal(&login(&bench, "ada.l", PASSWORD).await), refused(429, "too-many-attempts"));
}

#[actix_web::test]
async fn a_refresh_token_renews_once_and_is_read_from_body_or_header() {
    let bench = Bench::new().await;
    ada(&bench, "DRIVER").await;
    let (first, refresh) = tokens(&bench, ADA).await;
    let renewed = bench.call("", "POST", REFRESH, json!({ "refresh_token": refresh })).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text());
    let renewed = renewed.json();
    assert_eq!(renewed["access_token"], renewed["jwt_token"]);
    let second = renewed["access_token"].as_str().unwrap();
    assert_eq!(refusal(&bench.call(&first, "GET", ME, Value::Null).await), refused(401, "token-expired"));
    me(&bench, second).await;
    let used = bench.call("", "POST", REFRESH, json!({ "refresh_token": refresh })).await;
    assert_eq!(refusal(&used), refused(401, "bad-credentials"));
    // In the header, without a body; and an access token renews nothing.
    let refresh = renewed["refresh_token"].as_str().unwrap();
    assert_eq!(refusal(&bench.call(second, "POST", REFRESH, Value::Null).await), refused(401, "bad-credentials"));
    let third = bench.call(refresh, "POST", REFRESH, Value::Null).await;
    assert_eq!(third.status, 200, "{}", third.text());
    let third = third.json();
    // The body counts where the expired access token is still sent along.
    let body = json!({ "refresh_token": third["refresh_token"] });
    assert_eq!(bench.call(second, "POST", REFRESH, body).await.status, 200);
    for body in
        [json!({}), json!({ "refresh_token": null }), json!({ "refresh_token": 7 }), json!({ "refresh_token": " " })]
    {
        assert_eq!(refusal(&bench.call("", "POST", REFRESH, body).await), refused(400, "invalid-request"));
    }
    // A refresh token opens nothing itself.
    let refresh = third["refresh_token"].as_str().unwrap();
    assert_eq!(bench.call(refresh, "GET", ME, Value::Null).await.status, 401);
}

#[actix_web::test]
async fn me_is_the_maker_of_a_key_and_nobody_for_the_operator() {
    let bench = Bench::new().await;
    let owner = me(&bench, &bench.key).await;
    assert_eq!((&owner["email"], &owner["role"]), (&json!(crate::support::OWNER), &json!("ORG_ADMIN")));
    assert_eq!(owner["name"], crate::support::OWNER);
    let reply = bench.call(&bench.operator, "GET", ME, Value::Null).await;
    assert_eq!(refusal(&reply), refused(403, "forbidden"));
    let session = bench.owner().await;
    let body = json!({ "name": "small", "permissions": ["invitations.issue"] });
    let small = bench.call(&session, "POST", "/v1/api-keys", body).await.json();
    let reply = bench.call(small["api_key"].as_str().unwrap(), "GET", ME, Value::Null).await;
    assert_eq!(refusal(&reply), refused(403, "forbidden"));
}

#[actix_web::test]
async fn a_person_of_several_organisations_names_one_or_sees_the_oldest() {
    let mut config = config();
    config.organization_header = Some("organization_id".to_owned());
    let bench = Bench::with(config).await;
    ada(&bench, "GUARD").await;
    bench.pass(chrono::Duration::minutes(1));
    let (globex_key, globex, number) = globex(&bench).await;
    let body = json!({ "email": ADA, "role": "CARRIER_ADMIN", "carrier_id": 5 });
    assert_eq!(bench.call(&globex_key, "POST", INVITE, body).await.status, 201);
    account(&accept_with(&bench, &bench.mailed(ADA).await, json!({})).await);
    let (access, _) = tokens(&bench, ADA).await;
    let first = me(&bench, &access).await;
    assert_eq!(
        (&first["organization"]["name"], &first["role"], &first["yard_id"]),
        (&json!("Acme"), &json!("GUARD"), &json!(1))
    );
    for header in ["X-Organization-Id", "organization_id"] {
        for named in [globex.clone(), "globex".to_owned(), number.to_string()] {
            let request = bench.request("GET", ME).insert_header((header, named));
            let request = request.insert_header(("Authorization", format!("Bearer {access}")));
            let second = bench.send(request).await.json();
            assert_eq!((&second["organization"]["name"], &second["role"]), (&json!("Globex"), &json!("CARRIER_ADMIN")));
            assert_eq!(
                (&second["carrier_id"], &second["yard_id"], &second["id"]),
                (&json!(5), &Value::Null, &first["id"])
            );
        }
    }
    // To invite, one of several has to be named.
    let body = json!({ "email": "x@example.org", "role": "DRIVER" });
    let reply = bench.call(&access, "POST", INVITE, body).await;
    assert_eq!(refusal(&reply).0, 400, "{}", reply.text());
}

#[actix_web::test]
async fn who_is_a_member_nowhere_any_more_is_inactive() {
    let bench = Bench::new().await;
    ada(&bench, "DRIVER").await;
    let (access, _) = tokens(&bench, ADA).await;
    let list = bench.ask("GET", "/v1/members?query=ada", Value::Null).await.json();
    let path = format!("/v1/members/{}", list["items"][0]["id"].as_str().unwrap());
    assert_eq!(bench.ask("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(refusal(&bench.call(&access, "GET", ME, Value::Null).await), refused(401, "inactive-account"));
}
