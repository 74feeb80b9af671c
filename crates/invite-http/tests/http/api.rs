//! What works.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::support::{Bench, OWNER, PASSWORD, one};
use chrono::Duration;
use serde_json::{Value, json};

/// The names of an object's members, sorted: their order is nobody's promise.
fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[actix_web::test]
async fn an_invitation_is_issued_and_looked_at_with_exactly_its_members() {
    let bench = Bench::new().await;
    let role = bench.role("member").await;
    let body = json!({
        "recipient": { "email": "Ada@Example.org" }, "role_id": role["id"], "permissions": ["tours.plan"],
        "expires_in": 86_400, "message": "Hello", "metadata": { "team": "north" }, "locale": "fr",
        "default_rate": 4500, "redirect_url": "https://app.example.org/welcome/new", "return": ["link"],
    });
    let issued = bench.ask("POST", "/v1/invitations", body).await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    let invitation = issued.json();
    assert_eq!(issued.header("etag"), "\"1\"");
    assert!(invitation["link"].as_str().unwrap().starts_with("https://invite.example.org/i/inv_0"));
    insta::assert_json_snapshot!(invitation, {
        ".id" => "[id]", ".organization_id" => "[id]", ".role.id" => "[id]", ".inviter.id" => "[id]", ".link" => "[link]",
        ".created_at" => "[at]", ".expires_at" => "[at]", ".deliveries[].at" => "[at]",
        ".deliveries[].next_attempt_at" => "[at]",
    });
    let got = bench.ask("GET", &one(&invitation, ""), Value::Null).await;
    let mut expected = invitation.clone();
    expected.as_object_mut().unwrap().remove("link");
    assert_eq!((got.json(), got.header("etag")), (expected, "\"1\""));
}

#[actix_web::test]
async fn http_5_the_same_key_and_body_give_the_same_invitation_and_another_body_is_refused() {
    let bench = Bench::new().await;
    let send = async |key: &'static str, email: &str| {
        let request = bench.request("POST", "/v1/invitations").insert_header(("Idempotency-Key", key));
        let request = request.insert_header(("Authorization", format!("Bearer {}", bench.key)));
        bench.send(request.set_json(json!({ "recipient": { "email": email }, "return": ["link"] }))).await
    };
    let (first, again) = (send("k1", "a@example.org").await, send("k1", "a@example.org").await);
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!(first.json(), again.json());
    assert_eq!(send("k1", "b@example.org").await.code(), (422, "idempotency_mismatch".into()));
    assert_eq!(send("k2", "b@example.org").await.status, 201);
    assert_eq!(send("a b", "c@example.org").await.code(), (400, "invalid_header".into()));
    let list = bench.ask("GET", "/v1/invitations?include_total=true", Value::Null).await.json();
    assert_eq!(list["total"], 2);
}

#[actix_web::test]
async fn an_invitation_is_amended_extended_resent_revealed_and_revoked() {
    let bench = Bench::new().await;
    let invitation = bench.issue("a@example.org").await;
    let role = bench.role("guest").await;
    bench.pass(Duration::seconds(1));
    let amended = bench.ask("PATCH", &one(&invitation, ""), json!({ "role_id": role["id"], "message": null })).await;
    assert_eq!((amended.status.as_u16(), amended.json()["role"]["name"].clone()), (200, json!("guest")));
    assert_eq!(amended.json()["generation"], 2);
    bench.pass(Duration::seconds(1));
    let extended = bench.ask("POST", &one(&invitation, "/extend"), json!({ "expires_in": 1_209_600 })).await;
    assert_eq!(extended.status, 200, "{}", extended.text());
    bench.pass(Duration::minutes(20));
    let resent = bench.ask("POST", &one(&invitation, "/resend"), Value::Null).await;
    assert_eq!(resent.json()["generation"], 3, "{}", resent.text());
    assert!(!members(&resent.json()).contains(&"link"));
    bench.pass(Duration::seconds(1));
    let revealed = bench.ask("POST", &one(&invitation, "/reveal"), Value::Null).await.json();
    assert_eq!(members(&revealed), ["code", "link"]);
    let history = bench.ask("GET", &one(&invitation, "/events"), Value::Null).await.json();
    let kinds: Vec<&str> = history["items"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap()).collect();
    let expected = ["issued", "amended", "extended", "resent", "revealed"].map(|kind| format!("invitation.{kind}"));
    assert_eq!(kinds, expected);
    let revoked = bench.ask("POST", &one(&invitation, "/revoke"), json!({ "reason": "mistake" })).await.json();
    assert_eq!((&revoked["status"], &revoked["revoke_reason"]), (&json!("revoked"), &json!("mistake")));
    assert_eq!(revoked["revoked_by"]["kind"], "api_key");
    assert_eq!(bench.ask("POST", &one(&invitation, "/revoke"), Value::Null).await.status, 200);
}

#[actix_web::test]
async fn if_match_holds_a_change_to_the_version_that_was_read() {
    let bench = Bench::new().await;
    let invitation = bench.issue("a@example.org").await;
    let patch = async |tag: &'static str| {
        let request = bench.request("PATCH", &one(&invitation, "")).insert_header(("If-Match", tag));
        let request = request.insert_header(("Authorization", format!("Bearer {}", bench.key)));
        bench.send(request.set_json(json!({ "message": tag }))).await
    };
    assert_eq!(patch("\"1\"").await.status, 200);
    let stale = patch("\"1\"").await;
    assert_eq!(stale.code(), (412, "version_mismatch".into()));
    assert_eq!(stale.json()["current_version"], 2);
    assert_eq!(patch("*").await.header("etag"), "\"3\"");
    assert_eq!(patch("2").await.code(), (400, "invalid_header".into()));
}

#[actix_web::test]
async fn http_7_pages_of_a_list_are_continued_by_their_cursor_only() {
    let bench = Bench::new().await;
    for n in 0..5 {
        bench.issue(&format!("p{n}@example.org")).await;
        bench.pass(Duration::seconds(1));
    }
    let mut emails = Vec::new();
    let mut path = "/v1/invitations?limit=2&sort=email".to_owned();
    loop {
        let page = bench.ask("GET", &path, Value::Null).await.json();
        assert_eq!(page.get("total"), None);
        emails.extend(page["items"].as_array().unwrap().iter().map(|i| i["recipient"]["email"].clone()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/invitations?limit=2&sort=email&cursor={cursor}");
    }
    assert_eq!(emails, (0..5).map(|n| json!(format!("p{n}@example.org"))).collect::<Vec<_>>());
    let cursor = path.rsplit('=').next().unwrap();
    for other in ["/v1/invitations?sort=-email&cursor=", "/v1/events?cursor=", "/v1/members?cursor="] {
        let reply = bench.ask("GET", &format!("{other}{cursor}"), Value::Null).await;
        assert_eq!(reply.code(), (400, "invalid_cursor".into()), "{other}");
    }
}

#[actix_web::test]
async fn a_list_is_filtered_and_sorted() {
    let bench = Bench::new().await;
    let first = bench.issue("first@example.org").await;
    bench.issue("second@example.org").await;
    bench.ask("POST", &one(&first, "/revoke"), Value::Null).await;
    let count = async |query: &str| {
        let list = bench.ask("GET", &format!("/v1/invitations?{query}"), Value::Null).await;
        list.json()["items"].as_array().map(Vec::len)
    };
    assert_eq!(count("status=revoked").await, Some(1));
    assert_eq!(count("status=revoked&status=pending").await, Some(2));
    assert_eq!(count("query=second").await, Some(1));
    assert_eq!(count("delivery=queued").await, Some(1));
    assert_eq!(count("role_id=0190f3c2-0000-7000-8000-0000000000a1").await, Some(0));
}

#[actix_web::test]
async fn a_new_person_redeems_and_the_same_person_again() {
    let bench = Bench::new().await;
    bench.issue("ada@example.org").await;
    let token = bench.mailed("ada@example.org").await;
    let preview = bench.call("", "POST", "/v1/redemptions/preview", json!({ "token": token })).await;
    insta::assert_json_snapshot!(preview.json(), { ".organization.id" => "[id]", ".expires_at" => "[at]" });
    let body = json!({ "token": token, "account": { "name": "Ada", "password": PASSWORD } });
    let first = bench.call("", "POST", "/v1/redemptions", body.clone()).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let redeemed = first.json();
    assert_eq!(members(&redeemed), ["account", "membership", "redemption", "redirect_url", "session"]);
    assert_eq!(redeemed["account"]["email_verified"], true);
    let again = bench.call("", "POST", "/v1/redemptions", body).await;
    assert_eq!(again.status, 200, "{}", again.text());
    assert_eq!(again.json()["redemption"], redeemed["redemption"]);
    assert_eq!(again.json().get("session"), None);
    let session = redeemed["session"]["token"].as_str().unwrap();
    let me = bench.call(session, "GET", "/v1/me", Value::Null).await.json();
    assert_eq!(me["account"]["email"], "ada@example.org");
    assert_eq!(me["memberships"][0]["organization"]["slug"], "acme");
}

#[actix_web::test]
async fn declining_ends_an_invitation_and_a_new_link_is_noted_alike() {
    let bench = Bench::new().await;
    bench.issue("ada@example.org").await;
    let token = bench.mailed("ada@example.org").await;
    for any in [token.as_str(), "inv_nonsense"] {
        let reply = bench.call("", "POST", "/v1/redemptions/new-link", json!({ "token": any })).await;
        assert_eq!((reply.status.as_u16(), reply.json()), (202, json!({ "status": "accepted" })));
    }
    let declined = bench.call("", "POST", "/v1/redemptions/decline", json!({ "token": token, "block": true })).await;
    assert_eq!(declined.json(), json!({ "status": "declined", "blocked": true }));
    let after = bench.call("", "POST", "/v1/redemptions/preview", json!({ "token": token })).await;
    assert_eq!(after.code(), (410, "declined".into()));
}

#[actix_web::test]
async fn roles_are_made_changed_and_deleted() {
    let bench = Bench::new().await;
    let body = json!({ "name": "Dispatcher", "permissions": ["tours.plan", "members.read"] });
    let made = bench.ask("POST", "/v1/roles", body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    insta::assert_json_snapshot!(made.json(), { ".id" => "[id]" });
    let path = format!("/v1/roles/{}", made.json()["id"].as_str().unwrap());
    let changed = bench.ask("PATCH", &path, json!({ "description": "Plans", "permissions": [] })).await.json();
    assert_eq!((&changed["description"], &changed["permissions"]), (&json!("Plans"), &json!([])));
    assert_eq!(bench.ask("GET", &path, Value::Null).await.json(), changed);
    let gone = bench.ask("DELETE", &path, Value::Null).await;
    assert_eq!((gone.status.as_u16(), gone.body.len()), (204, 0));
    assert_eq!(bench.ask("GET", &path, Value::Null).await.code(), (404, "not_found".into()));
}

#[actix_web::test]
async fn members_are_listed_changed_and_removed() {
    let bench = Bench::new().await;
    let (session, redeemed) = bench.join("ada@example.org", Some("member")).await;
    let path = format!("/v1/members/{}", redeemed["membership"]["id"].as_str().unwrap());
    let member = bench.ask("GET", &path, Value::Null).await.json();
    assert_eq!(member, redeemed["membership"]);
    insta::assert_json_snapshot!(member, {
        ".id" => "[id]", ".account.id" => "[id]", ".role.id" => "[id]", ".created_at" => "[at]",
    });
    let found = bench.ask("GET", "/v1/members?query=ada", Value::Null).await.json();
    assert_eq!(found["items"], json!([member]));
    let changed = bench.ask("PATCH", &path, json!({ "role_id": null, "permissions": ["members.read"] })).await.json();
    assert_eq!((&changed["role"], &changed["effective_permissions"]), (&Value::Null, &json!(["members.read"])));
    assert_eq!(bench.ask("DELETE", &path, Value::Null).await.status, 204);
    let me = bench.call(&session, "GET", "/v1/me", Value::Null).await.json();
    assert_eq!(me["memberships"], json!([]));
}

#[actix_web::test]
async fn api_keys_are_made_rotated_and_revoked() {
    let bench = Bench::new().await;
    // A key cannot make keys that outlive its maker's rights, so a person does.
    let owner = bench.owner().await;
    let body = json!({ "name": "CI", "permissions": ["roles.read"] });
    let made = bench.call(&owner, "POST", "/v1/api-keys", body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let key = made.json();
    insta::assert_json_snapshot!(key, {
        ".id" => "[id]", ".created_by" => "[id]", ".created_at" => "[at]", ".api_key" => "[key]", ".prefix" => "[prefix]",
    });
    let text = key["api_key"].as_str().unwrap();
    assert_eq!(bench.call(text, "GET", "/v1/roles", Value::Null).await.status, 200);
    let path = format!("/v1/api-keys/{}", key["id"].as_str().unwrap());
    let rotated = bench.call(&owner, "POST", &format!("{path}/rotate"), json!({ "overlap": 0 })).await.json();
    assert_eq!(rotated["id"], key["id"]);
    bench.pass(Duration::seconds(1));
    assert_eq!(bench.call(text, "GET", "/v1/roles", Value::Null).await.code(), (401, "unauthenticated".into()));
    let new = rotated["api_key"].as_str().unwrap();
    assert_eq!(bench.call(new, "GET", "/v1/roles", Value::Null).await.status, 200);
    let listed = bench.call(&owner, "GET", "/v1/api-keys", Value::Null).await.json();
    assert!(listed["items"].as_array().unwrap().iter().all(|key| key.get("api_key").is_none()));
    assert_eq!(bench.call(&owner, "DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(bench.call(new, "GET", "/v1/roles", Value::Null).await.status, 401);
}

#[actix_web::test]
async fn an_organisation_is_looked_at_and_changed() {
    let bench = Bench::new().await;
    let before = bench.ask("GET", "/v1/organization", Value::Null).await.json();
    insta::assert_json_snapshot!(before, { ".id" => "[id]", ".created_at" => "[at]" });
    let body = json!({
        "name": "Acme Ltd", "slug": "acme-ltd", "locale": "fr", "time_zone": "Europe/Paris",
        "policy": { "require_mailbox_proof": true, "ttl_default": 3600 }, "profile": { "logo_url": "https://x.example/l" },
    });
    let after = bench.ask("PATCH", "/v1/organization", body).await;
    assert_eq!(after.status, 200, "{}", after.text());
    assert_eq!(after.json()["policy"]["ttl_default"], 3600);
    assert_eq!(bench.ask("GET", "/v1/organization", Value::Null).await.json(), after.json());
}

#[actix_web::test]
async fn the_operator_makes_lists_and_deletes_organisations_and_acts_in_them() {
    let bench = Bench::new().await;
    let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let made = bench.call(&bench.operator, "POST", "/v1/organizations", body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert!(made["owner_link"].as_str().unwrap().starts_with("https://invite.example.org/account/ina_"));
    let key = made["api_key"].as_str().unwrap();
    assert_eq!(bench.call(key, "GET", "/v1/organization", Value::Null).await.json(), made["organization"]);
    let list = bench.call(&bench.operator, "GET", "/v1/organizations?include_total=true", Value::Null).await.json();
    assert_eq!(list["total"], 2);
    let request = bench.request("GET", "/v1/roles").insert_header(("X-Organization-Id", "globex"));
    let acting = bench.send(request.insert_header(("Authorization", format!("Bearer {}", bench.operator)))).await;
    assert_eq!(acting.status, 200, "{}", acting.text());
    let path = format!("/v1/organizations/{}", made["organization"]["id"].as_str().unwrap());
    assert_eq!(bench.call(&bench.operator, "DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(bench.call(key, "GET", "/v1/organization", Value::Null).await.code(), (401, "unauthenticated".into()));

    let deleted = bench.call(&bench.operator, "GET", "/v1/organizations?deleted=true", Value::Null).await.json();
    assert_eq!(deleted["items"][0]["id"], made["organization"]["id"]);
    assert!(deleted["items"][0]["deleted_at"].is_string(), "{deleted}");
    let path = format!("{path}/restore");
    assert_eq!(bench.ask("POST", &path, Value::Null).await.code(), (403, "forbidden".into()));
    let restored = bench.call(&bench.operator, "POST", &path, Value::Null).await;
    assert_eq!((restored.status.as_u16(), restored.json()["deleted_at"].clone()), (200, Value::Null));
    assert_eq!(bench.call(key, "GET", "/v1/organization", Value::Null).await.json(), restored.json(), "as it was");
    assert_eq!(bench.call(&bench.operator, "POST", &path, Value::Null).await.code(), (404, "not_found".into()));
}

#[actix_web::test]
async fn a_deleted_organisation_is_restored_within_thirty_days_and_not_later() {
    let bench = Bench::new().await;
    let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let made = bench.call(&bench.operator, "POST", "/v1/organizations", body).await.json();
    let path = format!("/v1/organizations/{}", made["organization"]["id"].as_str().unwrap());
    assert_eq!(bench.call(&bench.operator, "DELETE", &path, Value::Null).await.status, 204);
    bench.pass(Duration::days(30));
    let late = bench.call(&bench.operator, "POST", &format!("{path}/restore"), Value::Null).await;
    assert_eq!(late.code(), (404, "not_found".into()));
}

#[actix_web::test]
async fn priv_1_the_operator_erases_a_person_and_nobody_else_does() {
    let bench = Bench::new().await;
    let issued = bench.issue("a@example.org").await;
    let erase = async |key: &str, email: &str| bench.call(key, "POST", "/v1/erasures", json!({ "email": email })).await;
    assert_eq!(erase(&bench.key, "a@example.org").await.code(), (403, "forbidden".into()));
    let alone = erase(&bench.operator, OWNER).await;
    assert_eq!(alone.code(), (409, "last_owner".into()));
    assert_eq!(alone.json()["organizations"], json!(["acme"]));
    let erased = erase(&bench.operator, "A@Example.org").await;
    assert_eq!(erased.status, 200, "{}", erased.text());
    assert_eq!((&erased.json()["revoked"], &erased.json()["account_id"]), (&json!(1), &Value::Null));
    let path = format!("/v1/invitations/{}", issued["id"].as_str().unwrap());
    let shown = bench.ask("GET", &path, Value::Null).await;
    assert!(!shown.text().contains("a@example.org") && shown.text().contains("erased.invalid"), "{}", shown.text());
    let again = erase(&bench.operator, "a@example.org").await.json();
    assert_eq!(again["organizations"], 0);
}

#[actix_web::test]
async fn the_trail_is_exported_whole_as_lines_with_the_address_of_each_request() {
    let bench = Bench::new().await;
    for number in 0..205 {
        let to = format!("person{number}@example.org");
        let reply = bench.ask("POST", "/v1/invitations", json!({ "recipient": { "email": to } })).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
    }
    bench.pass(Duration::seconds(6));
    let export = bench.ask("GET", "/v1/events/export?type=invitation.issued", Value::Null).await;
    assert_eq!(export.status, 200);
    let text = export.text();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 205, "more than a page");
    let first = bench.ask("GET", "/v1/events?type=invitation.issued&limit=1", Value::Null).await.json();
    assert_eq!(lines[0], first["items"][0], "each line is what the list shows");
    assert!(lines.iter().all(|line| line.get("address").is_some()));
    let guest = bench.call("", "GET", "/v1/events/export", Value::Null).await;
    assert_eq!(guest.code(), (401, "unauthenticated".into()));
}

#[actix_web::test]
async fn the_owner_sets_a_password_signs_in_changes_it_and_signs_out() {
    let bench = Bench::new().await;
    let session = bench.owner().await;
    let other = bench.sign_in(OWNER).await;
    let body = json!({ "name": "Olga", "password": "another good one", "current_password": PASSWORD });
    let changed = bench.call(&session, "PATCH", "/v1/me", body).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["name"]), (200, &json!("Olga")));
    assert_eq!(bench.call(&other, "GET", "/v1/me", Value::Null).await.status, 401);
    assert_eq!(bench.call(&session, "DELETE", "/v1/sessions/current", Value::Null).await.status, 204);
    assert_eq!(bench.call(&session, "GET", "/v1/me", Value::Null).await.status, 401);
}

#[actix_web::test]
async fn a_forgotten_password_is_reset_by_mail_and_the_answer_is_the_same_for_nobody() {
    let bench = Bench::new().await;
    let session = bench.owner().await;
    for email in [OWNER, "nobody@example.org", "no address"] {
        let reply = bench.call("", "POST", "/v1/password-resets", json!({ "email": email })).await;
        assert_eq!((reply.status.as_u16(), reply.json()), (202, json!({ "status": "accepted" })));
    }
    // The work is done after the answer.
    bench.api.background.idle().await;
    let token = bench.mailed(OWNER).await;
    let body = json!({ "token": token, "password": PASSWORD });
    let set = bench.call("", "POST", "/v1/password-resets/confirm", body.clone()).await;
    assert_eq!(set.json()["account"]["email"], OWNER);
    assert_eq!(bench.call(&session, "GET", "/v1/me", Value::Null).await.status, 401);
    let again = bench.call("", "POST", "/v1/password-resets/confirm", body).await;
    assert_eq!(again.code(), (410, "link_ended".into()));
}

#[actix_web::test]
async fn events_are_listed_up_to_five_seconds_ago() {
    let bench = Bench::new().await;
    bench.issue("a@example.org").await;
    let count = async |query: &str| {
        let list = bench.ask("GET", &format!("/v1/events{query}"), Value::Null).await.json();
        list["items"].as_array().map(Vec::len)
    };
    assert_eq!(count("?type=invitation.issued").await, Some(0));
    bench.pass(Duration::seconds(6));
    assert_eq!(count("?type=invitation.issued").await, Some(1));
    assert_eq!(count("?type=invitation.revoked").await, Some(0));
}
