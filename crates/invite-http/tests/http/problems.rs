//! Each refusal of the rules has its code and its facts.

use crate::support::{Bench, OWNER, PASSWORD, one};
use chrono::Duration;
use serde_json::{Value, json};

async fn redeem(bench: &Bench, token: &str) -> crate::support::Reply {
    let body = json!({ "token": token, "account": { "name": "Ada", "password": PASSWORD } });
    bench.call("", "POST", "/v1/redemptions", body).await
}

#[actix_web::test]
async fn tok_3_dead_links_say_how_and_since_when() {
    let bench = Bench::new().await;
    let dead = async |bench: &Bench, token: &str, code: &str, since: &str| {
        for reply in [
            redeem(bench, token).await,
            bench.call("", "POST", "/v1/redemptions/preview", json!({ "token": token })).await,
        ] {
            assert_eq!(reply.code(), (410, code.to_owned()), "{}", reply.text());
            let problem = reply.json();
            assert_eq!(problem["organization_name"], "Acme");
            assert!(problem[since].is_string() && problem["can_request_new"].is_boolean(), "{problem}");
        }
    };
    let invitation = bench.issue("a@example.org").await;
    let old = bench.mailed("a@example.org").await;
    bench.ask("POST", &one(&invitation, "/resend"), Value::Null).await;
    dead(&bench, &old, "superseded", "superseded_at").await;
    let new = bench.mailed("a@example.org").await;
    bench.pass(Duration::days(8));
    dead(&bench, &new, "expired", "ended_at").await;
    bench.ask("POST", &one(&invitation, "/resend"), Value::Null).await;
    let revived = bench.mailed("a@example.org").await;
    bench.ask("POST", &one(&invitation, "/revoke"), Value::Null).await;
    dead(&bench, &revived, "revoked", "ended_at").await;

    bench.issue("b@example.org").await;
    let used = bench.mailed("b@example.org").await;
    assert_eq!(redeem(&bench, &used).await.status, 201);
    let other = json!({ "token": used, "account": { "name": "Eve", "password": "not the same one" } });
    let reply = bench.call("", "POST", "/v1/redemptions", other).await;
    assert_eq!(reply.code(), (410, "redeemed".into()), "{}", reply.text());
}

#[actix_web::test]
async fn issuing_twice_and_to_members_is_refused_with_what_there_is() {
    let bench = Bench::new().await;
    let first = bench.issue("a@example.org").await;
    let again = bench.ask("POST", "/v1/invitations", json!({ "recipient": { "email": "A@Example.org" } })).await;
    assert_eq!(again.code(), (409, "already_invited".into()));
    assert_eq!(again.json()["invitation_id"], first["id"]);
    let returned = json!({ "recipient": { "email": "a@example.org" }, "on_conflict": "return" });
    let returned = bench.ask("POST", "/v1/invitations", returned).await;
    assert_eq!((returned.status.as_u16(), &returned.json()["id"]), (200, &first["id"]));
    let replaced = json!({ "recipient": { "email": "a@example.org" }, "on_conflict": "replace" });
    assert_eq!(bench.ask("POST", "/v1/invitations", replaced).await.status, 201);
    let owner = bench.ask("POST", "/v1/invitations", json!({ "recipient": { "email": OWNER } })).await;
    assert_eq!(owner.code(), (409, "already_member".into()));
}

#[actix_web::test]
async fn ended_invitations_refuse_each_with_its_own_reason() {
    let bench = Bench::new().await;
    let (_, redeemed) = bench.join("a@example.org", None).await;
    let path = format!("/v1/invitations/{}", redeemed["redemption"]["invitation_id"].as_str().unwrap());
    let resend = bench.ask("POST", &format!("{path}/resend"), Value::Null).await;
    assert_eq!(resend.code(), (409, "already_redeemed".into()));
    let declined = bench.issue("b@example.org").await;
    let token = bench.mailed("b@example.org").await;
    bench.call("", "POST", "/v1/redemptions/decline", json!({ "token": token })).await;
    assert_eq!(bench.ask("POST", &one(&declined, "/resend"), Value::Null).await.code().1, "already_declined");
    let revoked = bench.issue("c@example.org").await;
    bench.ask("POST", &one(&revoked, "/revoke"), Value::Null).await;
    assert_eq!(bench.ask("POST", &one(&revoked, "/resend"), Value::Null).await.code().1, "already_revoked");
    let pending = bench.issue("d@example.org").await;
    assert_eq!(bench.ask("POST", &one(&pending, "/sponsor"), Value::Null).await.code(), (409, "not_suspended".into()));
}

#[actix_web::test]
async fn too_many_messages_say_when_the_next_is_possible() {
    let bench = Bench::new().await;
    let invitation = bench.issue("a@example.org").await;
    let mut last = None;
    for _ in 0..6 {
        bench.mailed("a@example.org").await;
        bench.pass(Duration::seconds(1));
        last = Some(bench.ask("POST", &one(&invitation, "/resend"), Value::Null).await);
    }
    let last = last.unwrap();
    assert_eq!(last.code(), (429, "too_many_messages".into()), "{}", last.text());
    let wait: i64 = last.header("retry-after").parse().unwrap();
    assert!((1..=600).contains(&wait));
    bench.pass(Duration::seconds(wait));
    assert_eq!(bench.ask("POST", &one(&invitation, "/resend"), Value::Null).await.status, 200);
}

#[actix_web::test]
async fn who_may_not_is_told_what_is_missing() {
    let bench = Bench::new().await;
    let (session, _) = bench.join("a@example.org", Some("member")).await;
    let body = json!({ "recipient": { "email": "b@example.org" } });
    let refused = bench.call(&session, "POST", "/v1/invitations", body).await;
    assert_eq!(refused.code(), (403, "forbidden".into()));
    assert_eq!(refused.json()["permission"], "invitations.issue");
    let (admin, _) = bench.join("c@example.org", Some("admin")).await;
    let owner = bench.role("owner").await;
    let body =
        json!({ "recipient": { "email": "b@example.org" }, "role_id": owner["id"], "permissions": ["tours.plan"] });
    let refused = bench.call(&admin, "POST", "/v1/invitations", body).await;
    assert_eq!(refused.code(), (403, "grant_exceeds_authority".into()), "{}", refused.text());
    assert!(refused.json()["missing"].is_array());
    assert_eq!(bench.ask("GET", "/v1/organizations", Value::Null).await.code(), (403, "forbidden".into()));
    assert_eq!(bench.ask("GET", "/v1/me", Value::Null).await.code(), (403, "forbidden".into()));
    let path = format!("/v1/roles/{}", owner["id"].as_str().unwrap());
    assert_eq!(bench.ask("DELETE", &path, Value::Null).await.code(), (403, "forbidden".into()));
    assert_eq!(
        bench.call(&bench.operator, "GET", "/v1/roles", Value::Null).await.code(),
        (400, "organization_required".into())
    );
}

#[actix_web::test]
async fn the_last_owner_and_a_role_in_use_stay() {
    let bench = Bench::new().await;
    let members = bench.ask("GET", "/v1/members", Value::Null).await.json();
    let path = format!("/v1/members/{}", members["items"][0]["id"].as_str().unwrap());
    let session = bench.owner().await;
    assert_eq!(bench.call(&session, "DELETE", &path, Value::Null).await.code(), (409, "last_owner".into()));
    let role = bench.ask("POST", "/v1/roles", json!({ "name": "R", "permissions": [] })).await.json();
    let body = json!({ "recipient": { "email": "a@example.org" }, "role_id": role["id"] });
    assert_eq!(bench.ask("POST", "/v1/invitations", body).await.status, 201);
    let path = format!("/v1/roles/{}", role["id"].as_str().unwrap());
    assert_eq!(bench.ask("DELETE", &path, Value::Null).await.code(), (409, "role_in_use".into()));
}

#[actix_web::test]
async fn r6_4_a_removed_inviters_invitation_is_suspended_until_somebody_sponsors_it() {
    let bench = Bench::new().await;
    let (admin, redeemed) = bench.join("admin@example.org", Some("admin")).await;
    let issued = bench
        .call(
            &admin,
            "POST",
            "/v1/invitations",
            json!({ "recipient": { "email": "b@example.org" }, "permissions": ["members.read"] }),
        )
        .await;
    let token = bench.mailed("b@example.org").await;
    let path = format!("/v1/members/{}", redeemed["membership"]["id"].as_str().unwrap());
    assert_eq!(bench.ask("DELETE", &path, Value::Null).await.status, 204);
    let refused = redeem(&bench, &token).await;
    assert_eq!(refused.code(), (409, "suspended".into()), "{}", refused.text());
    assert_eq!(refused.json()["organization_name"], "Acme");
    let got = bench.ask("GET", &one(&issued.json(), ""), Value::Null).await.json();
    assert_eq!((&got["status"], &got["suspended_reason"]), (&json!("suspended"), &json!("inviter_lost_authority")));
    let sponsored = bench.ask("POST", &one(&issued.json(), "/sponsor"), Value::Null).await;
    assert_eq!(sponsored.json()["status"], "pending", "{}", sponsored.text());
    assert_eq!(redeem(&bench, &bench.mailed("b@example.org").await).await.status, 201);
}

#[actix_web::test]
async fn existing_accounts_join_by_their_own_consent_only() {
    let bench = Bench::new().await;
    let owner = bench.owner().await;
    let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let globex = bench.call(&bench.operator, "POST", "/v1/organizations", body).await.json();
    let key = globex["api_key"].as_str().unwrap().to_owned();
    let body = json!({ "recipient": { "email": OWNER }, "return": ["link"] });
    let issued = bench.call(&key, "POST", "/v1/invitations", body).await.json();
    let copied = issued["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let redeem = |credential: String| {
        let (bench, copied) = (&bench, copied.clone());
        async move { bench.call(&credential, "POST", "/v1/redemptions", json!({ "token": copied })).await }
    };
    assert_eq!(redeem(String::new()).await.code(), (403, "sign_in_required".into()));
    let (other, _) = bench.join("other@example.org", None).await;
    let refused = redeem(other).await;
    assert_eq!(refused.code(), (403, "wrong_recipient".into()));
    assert_ne!(refused.json()["recipient_masked"], OWNER);
    let joined = redeem(owner).await;
    assert_eq!((joined.status.as_u16(), joined.json().get("session")), (201, None), "{}", joined.text());
}

#[actix_web::test]
async fn an_organisation_that_wants_the_mailed_link_takes_no_copied_one() {
    let bench = Bench::new().await;
    bench.ask("PATCH", "/v1/organization", json!({ "policy": { "require_mailbox_proof": true } })).await;
    let body = json!({ "recipient": { "email": "a@example.org" }, "return": ["link"] });
    let issued = bench.ask("POST", "/v1/invitations", body).await.json();
    let copied = issued["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(redeem(&bench, &copied).await.code(), (403, "mailbox_proof_required".into()));
}

#[actix_web::test]
async fn sign_1_wrong_passwords_are_counted_alike_for_nobody() {
    let bench = Bench::new().await;
    bench.owner().await;
    for email in [OWNER, "nobody@example.org"] {
        let guess = || bench.call("", "POST", "/v1/sessions", json!({ "email": email, "password": "wrong one" }));
        for _ in 0..10 {
            assert_eq!(guess().await.code(), (401, "bad_credentials".into()));
        }
        let last = guess().await;
        assert_eq!(last.code(), (429, "too_many_attempts".into()));
        assert!(last.header("retry-after").parse::<u64>().unwrap() <= 901);
    }
}

#[actix_web::test]
async fn authz_2_another_organisations_things_are_unknown() {
    let bench = Bench::new().await;
    let invitation = bench.issue("a@example.org").await;
    let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let globex = bench.call(&bench.operator, "POST", "/v1/organizations", body).await.json();
    let key = globex["api_key"].as_str().unwrap();
    for (method, what) in
        [("GET", ""), ("POST", "/resend"), ("POST", "/revoke"), ("POST", "/reveal"), ("GET", "/events")]
    {
        let reply = bench.call(key, method, &one(&invitation, what), Value::Null).await;
        assert_eq!(reply.code(), (404, "not_found".into()), "{what}");
    }
}
