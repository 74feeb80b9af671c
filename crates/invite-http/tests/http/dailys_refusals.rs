//! Dailys: who is refused, and how.

use crate::{
    dailys_support::{INVITES, ROLES, assert_printed, at, keys},
    support::Bench,
};
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";

/// Every route of the dialect on these two.
fn routes(invite: &Value, role: i64) -> Vec<(&'static str, String, Value)> {
    vec![
        ("GET", INVITES.to_owned(), Value::Null),
        ("POST", INVITES.to_owned(), json!({ "email": "eve@example.org", "default_rate": 1 })),
        ("GET", at(invite), Value::Null),
        ("PUT", at(invite), Value::Null),
        ("DELETE", at(invite), Value::Null),
        ("GET", ROLES.to_owned(), Value::Null),
        ("GET", format!("{ROLES}/{role}"), Value::Null),
    ]
}

#[actix_web::test]
async fn dl_10_without_a_credential_every_route_is_403_and_changes_nothing() {
    let bench = Bench::new().await;
    let invite = bench.store_at(ADA, 1).await;
    let role = bench.role_number("guest").await;
    let before = (bench.spy.plans(), bench.invites("").await);
    for (method, path, body) in routes(&invite, role) {
        assert_printed(&bench.call("", method, &path, body.clone()).await, 403, &format!("{method} {path}"));
        let wrong = bench.call("ivk_wrong", method, &path, body.clone()).await;
        assert_printed(&wrong, 403, &format!("{method} {path} with a wrong key"));
        // A key in another scheme, and a browser's cookie, are none.
        let request = bench.request(method, &path).insert_header(("Authorization", format!("Token {}", bench.key)));
        assert_printed(&bench.send(request).await, 403, &format!("{method} {path} by another scheme"));
        let cookie = format!("__Host-invite_session={}", bench.key);
        let request = bench.request(method, &path).insert_header(("Cookie", cookie));
        assert_printed(&bench.send(request).await, 403, &format!("{method} {path} by a cookie"));
    }
    assert_eq!((bench.spy.plans(), bench.invites("").await), before);
    assert_eq!(bench.mails("eve@example.org", ADA).await, 0);
}

#[actix_web::test]
async fn dl_11_without_the_privilege_every_route_is_401_and_changes_nothing() {
    let bench = Bench::new().await;
    let invite = bench.store_at(ADA, 1).await;
    let role = bench.role_number("guest").await;
    let (session, _) = bench.join("guest@example.org", Some("guest")).await;
    let owner = bench.owner().await;
    let nobody = bench.key_with(&owner, &["tours.plan"]).await;
    let reader = bench.key_with(&owner, &["invitations.read", "roles.read"]).await;
    let before = bench.spy.plans();
    for (method, path, body) in routes(&invite, role) {
        for credential in [&session, &nobody] {
            let refused = bench.call(credential, method, &path, body.clone()).await;
            assert_printed(&refused, 401, &format!("{method} {path}"));
            assert!(refused.header("www-authenticate").contains("insufficient_scope"));
        }
    }
    // Who may see may not change.
    for (method, path, body) in routes(&invite, role) {
        let reply = bench.call(&reader, method, &path, body).await;
        assert_eq!(reply.status.as_u16(), if method == "GET" { 200 } else { 401 }, "{method} {path}");
    }
    assert_eq!(bench.spy.plans(), before);
}

#[actix_web::test]
async fn dl_11_giving_more_than_one_has_is_401_and_says_so() {
    let bench = Bench::new().await;
    let owner = bench.owner().await;
    let key = bench.key_with(&owner, &["invitations.issue", "invitations.read"]).await;
    let sender = bench.key_with(&owner, &["invitations.read", "invitations.resend", "invitations.revoke"]).await;
    let admin = bench.role_number("admin").await;
    let before = bench.spy.plans();
    for more in [json!({ "role_id": admin }), json!({ "permissions": ["invites.destroy"] })] {
        let mut body = json!({ "email": ADA, "default_rate": 1 });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let refused = bench.call(&key, "POST", INVITES, body).await;
        let envelope = refused.json();
        assert_eq!((refused.status.as_u16(), &envelope["message"]), (401, &json!("Unauthorised")));
        assert_eq!(envelope["errors"][0], "You are not permitted to perform this action.");
        assert_eq!(envelope["errors"].as_array().unwrap().len(), 2, "and why");
    }
    assert_eq!(bench.spy.plans(), before);
    // What is held is given; resend and delete need their own.
    let own = json!({ "email": ADA, "default_rate": 1, "permissions": ["invites.index"] });
    let stored = bench.call(&key, "POST", INVITES, own).await;
    assert_eq!(stored.status, 200, "{}", stored.text());
    let path = at(&stored.json()["invite"]);
    for method in ["PUT", "DELETE"] {
        assert_printed(&bench.call(&key, method, &path, Value::Null).await, 401, method);
    }
    let resent = bench.call(&sender, "PUT", &path, Value::Null).await;
    assert_eq!(resent.status, 200, "{}", resent.text());
    // Not `organization.read`: an invite shows its organisation.
    assert_eq!(keys(&resent.json()["invite"]["organisation"]).len(), 25);
    assert_eq!(bench.call(&sender, "DELETE", &path, Value::Null).await.status, 200);
}

#[actix_web::test]
async fn dl_28_every_other_method_is_405_in_the_envelope() {
    let bench = Bench::new().await;
    let invite = bench.store_at(ADA, 1).await;
    let before = bench.spy.plans();
    let one = at(&invite);
    for (method, path, allow) in [
        ("POST", one.as_str(), "DELETE, GET, HEAD, PUT"),
        ("PATCH", one.as_str(), "DELETE, GET, HEAD, PUT"),
        ("PUT", INVITES, "GET, HEAD, POST"),
        ("DELETE", INVITES, "GET, HEAD, POST"),
        ("POST", ROLES, "GET, HEAD"),
        ("DELETE", "/api/v1/roles/1", "GET, HEAD"),
    ] {
        let refused = bench.ask(method, path, Value::Null).await;
        assert_printed(&refused, 405, &format!("{method} {path}"));
        assert_eq!(refused.header("allow"), allow);
    }
    assert_eq!(bench.spy.plans(), before);
}

#[actix_web::test]
async fn dl_29_an_id_nobody_has_is_404_in_the_envelope() {
    let bench = Bench::new().await;
    bench.store_at(ADA, 1).await;
    let before = bench.spy.plans();
    for id in ["4711", "0", "-1", "01", "1.0", "x", "9223372036854775808", "%20", "1%00"] {
        for method in ["GET", "PUT", "DELETE"] {
            assert_printed(&bench.ask(method, &format!("{INVITES}/{id}"), Value::Null).await, 404, id);
        }
        assert_printed(&bench.ask("GET", &format!("{ROLES}/{id}"), Value::Null).await, 404, id);
    }
    for path in ["/api/v1", "/api/v1/", "/api/v1/users", "/api/v1/invites/", "/api/v1/invites/1/resend"] {
        assert_printed(&bench.ask("GET", path, Value::Null).await, 404, path);
    }
    assert_eq!(bench.spy.plans(), before);
}

#[actix_web::test]
async fn dl_2_dl_29_another_organisations_ids_are_404_as_random_ones_on_every_route() {
    let bench = Bench::new().await;
    let invite = bench.store_at(ADA, 1).await;
    let role = bench.role_number("guest").await;
    let stranger = bench.stranger().await;
    let before = (bench.spy.plans(), bench.invites("").await);
    for (method, path, body) in routes(&invite, role) {
        let Some((list, _)) = path.rsplit_once('/').filter(|(list, _)| *list == INVITES || *list == ROLES) else {
            continue;
        };
        let foreign = bench.call(&stranger, method, &path, body).await;
        let random = bench.call(&stranger, method, &format!("{list}/987654"), Value::Null).await;
        assert_printed(&foreign, 404, &format!("{method} {path}"));
        assert_eq!(foreign.body, random.body, "{method} {path}");
    }
    // A role of another organisation is as unknown as none at all.
    let give = async |role: i64| {
        let body = json!({ "email": "eve@example.org", "default_rate": 1, "role_id": role });
        bench.call(&stranger, "POST", INVITES, body).await
    };
    let (foreign, random) = (give(role).await, give(987_654).await);
    assert_eq!((foreign.status.as_u16(), &foreign.body), (422, &random.body));
    // Naming the organisation does not help a key.
    let request = bench.request("GET", &at(&invite)).insert_header(("X-Organization-Id", "acme"));
    let request = request.insert_header(("Authorization", format!("Bearer {stranger}")));
    assert_printed(&bench.send(request).await, 404, "with the header");
    assert_eq!((bench.spy.plans(), bench.invites("").await), before);
}

#[actix_web::test]
async fn what_is_invited_by_other_ways_than_an_address_is_no_invite() {
    let bench = Bench::new().await;
    let trucker = bench.trucker("Theo", Some("theo@example.org"), None).await;
    let body = json!({ "recipient": { "subject_id": trucker } });
    let issued = bench.ask("POST", "/v1/invitations", body).await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    let path = format!("{INVITES}/{}", issued.json()["number"]);
    let before = bench.spy.plans();
    assert_eq!(bench.invites("").await["total"], 0);
    for method in ["GET", "PUT", "DELETE"] {
        assert_printed(&bench.ask(method, &path, Value::Null).await, 404, method);
    }
    assert_eq!(bench.spy.plans(), before);
}

#[actix_web::test]
async fn a_session_of_one_organisation_needs_no_header_and_an_operator_key_needs_one() {
    let bench = Bench::new().await;
    bench.store_at(ADA, 1).await;
    let (session, _) = bench.join("admin@example.org", Some("admin")).await;
    assert_eq!(bench.call(&session, "GET", INVITES, Value::Null).await.json()["total"], 1);
    let without = bench.call(&bench.operator, "GET", INVITES, Value::Null).await;
    assert_eq!((without.status.as_u16(), &without.json()["message"]), (400, &json!("Bad Request")));
    let operator = |method: &str, path: &str| {
        let request = bench.request(method, path).insert_header(("X-Organization-Id", "acme"));
        request.insert_header(("Authorization", format!("Bearer {}", bench.operator)))
    };
    let list = bench.send(operator("GET", INVITES)).await.json();
    assert_eq!(list["total"], 1);
    let resent = bench.send(operator("PUT", &at(&list["data"][0]))).await;
    assert_eq!(resent.status, 200, "{}", resent.text());
    let deleted = bench.send(operator("DELETE", &at(&list["data"][0]))).await;
    assert_eq!(deleted.json()["invite"]["organisation"]["name"], "Acme");
}
