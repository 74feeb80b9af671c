//! People who come with a token of a configured issuer (rule 5.10).
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::support::{Bench, PASSWORD, logged, one};
use invite_testkit::FakeIssuer;
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";

impl Bench {
    /// An invitation's link that was shown, not mailed.
    async fn revealed(&self, email: &str) -> String {
        let body = json!({ "recipient": { "email": email }, "channels": [], "return": ["link"] });
        let issued = self.ask("POST", "/v1/invitations", body).await;
        assert_eq!(issued.status, 201, "{}", issued.text());
        issued.json()["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    }

    async fn redeem_as(&self, who: &str, token: &str) -> (u16, Value) {
        let reply = self.call(who, "POST", "/v1/redemptions", json!({ "token": token })).await;
        (reply.status.as_u16(), reply.json())
    }

    async fn next(&self, who: &str, token: &str) -> Value {
        let reply = self.call(who, "POST", "/v1/redemptions/preview", json!({ "token": token })).await;
        reply.json()["next"].clone()
    }

    async fn knows(&self, who: &str) -> bool {
        let reply = self.call(who, "GET", "/v1/me", Value::Null).await;
        assert!([200, 401].contains(&reply.status.as_u16()), "{}", reply.text());
        reply.status == 200
    }
}

/// Somebody of whom nothing but the subject counts.
fn plain(subject: &str) -> String {
    FakeIssuer::token_with(subject, ADA, false, "Ada")
}

/// Somebody whose address the issuer vouches for, and is trusted for that.
fn trusted(subject: &str, email: &str) -> String {
    FakeIssuer::token_with(subject, email, true, "Ada")
}

#[tokio::test]
async fn r5_10_a_member_by_a_token_may_what_the_member_may_and_a_removed_one_nothing() {
    let bench = Bench::new().await;
    let (jwt, redeemed) = bench.join_by_jwt(ADA, Some("admin")).await;
    bench.issue("next@example.org").await;
    let listed = bench.call(&jwt, "GET", "/v1/invitations", Value::Null).await;
    assert_eq!((listed.status.as_u16(), listed.json()["items"].as_array().unwrap().len()), (200, 2));
    let issued =
        bench.call(&jwt, "POST", "/v1/invitations", json!({ "recipient": { "email": "new@example.org" } })).await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    assert_eq!(issued.json()["inviter"]["id"], redeemed["membership"]["id"], "an inviter like any member");
    let me = bench.call(&jwt, "GET", "/v1/me", Value::Null).await.json();
    assert_eq!(me["account"]["id"], redeemed["account"]["id"]);

    // In another organisation.
    let other = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let other = bench.call(&bench.operator, "POST", "/v1/organizations", other).await.json();
    let key = other["api_key"].as_str().unwrap().to_owned();
    let at = async |slug: &str, who: &str| {
        let request = bench.request("GET", "/v1/invitations").insert_header(("X-Organization-Id", slug));
        bench.send(request.insert_header(("Authorization", format!("Bearer {who}")))).await.code()
    };
    assert_eq!(at("acme", &jwt).await.0, 200);
    assert_eq!(at("globex", &jwt).await, (404, "not_found".into()));
    let body = json!({ "recipient": { "email": ADA }, "permissions": ["invitations.read"] });
    assert_eq!(bench.call(&key, "POST", "/v1/invitations", body).await.status, 201);
    let token = bench.mailed(ADA).await;
    let (status, joined) = bench.redeem_as(&jwt, &token).await;
    assert_eq!((status, &joined["account"]["id"]), (201, &redeemed["account"]["id"]), "signed in, and no new account");
    assert!(joined.get("session").is_none());
    assert_eq!(at("globex", &jwt).await.0, 200);
    assert_eq!(
        bench.call(&jwt, "GET", "/v1/invitations", Value::Null).await.code(),
        (400, "organization_required".into())
    );

    let member = format!("/v1/members/{}", redeemed["membership"]["id"].as_str().unwrap());
    assert_eq!(bench.ask("DELETE", &member, Value::Null).await.status, 204);
    assert_eq!(at("acme", &jwt).await, (404, "not_found".into()));
    assert_eq!(at("globex", &jwt).await.0, 200);
}

#[tokio::test]
async fn r5_10_an_unknown_principal_becomes_a_new_account_linked_to_it() {
    let bench = Bench::new().await;
    bench.issue(ADA).await;
    let (token, jwt) = (bench.mailed(ADA).await, plain("ada-1"));
    assert!(!bench.knows(&jwt).await, "nobody here yet");
    assert_eq!(bench.next(&jwt, &token).await, "sign_up");
    let (status, redeemed) = bench.redeem_as(&jwt, &token).await;
    assert_eq!(status, 201, "{redeemed}");
    assert_eq!(
        redeemed["account"],
        json!({ "id": redeemed["account"]["id"], "email": ADA, "email_verified": true, "name": "Ada" }),
        "the mailed link proves the mailbox; the name is the issuer's"
    );
    assert!(bench.knows(redeemed["session"]["token"].as_str().unwrap()).await, "a session as for any new account");
    assert!(bench.knows(&jwt).await);
    // The subject counts, not what else a later token says.
    assert!(bench.knows(&FakeIssuer::token("ada-1")).await);
    assert!(!bench.knows(&FakeIssuer::token("ADA-1")).await);
    // The same person's retry.
    let (status, again) = bench.redeem_as(&jwt, &token).await;
    assert_eq!((status, &again["redemption"]), (200, &redeemed["redemption"]));
    assert!(again.get("session").is_none());
    let (status, problem) = bench.redeem_as(&plain("somebody-else"), &token).await;
    assert_eq!((status, &problem["code"]), (410, &json!("redeemed")));
    // There is no password to guess.
    let reply = bench.call("", "POST", "/v1/sessions", json!({ "email": ADA, "password": PASSWORD })).await;
    assert_eq!(reply.code(), (401, "bad_credentials".into()));
}

#[tokio::test]
async fn r5_5_what_a_person_says_of_himself_comes_before_what_the_issuer_says() {
    let bench = Bench::new().await;
    let token = bench.revealed(ADA).await;
    let nameless = FakeIssuer::token("ada-1");
    let reply = bench.call(&nameless, "POST", "/v1/redemptions", json!({ "token": token })).await;
    assert_eq!(
        (reply.code().1.as_str(), &reply.json()["errors"][0]["pointer"]),
        ("invalid_input", &json!("/account/name"))
    );
    assert!(!bench.knows(&nameless).await, "nothing was made");
    let body = json!({ "token": token, "account": { "name": "Countess", "password": PASSWORD } });
    let reply = bench.call(&plain("ada-1"), "POST", "/v1/redemptions", body).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["account"]["name"]), (201, &json!("Countess")));
    bench.sign_in(ADA).await;
    assert!(bench.knows(&nameless).await);
}

#[tokio::test]
async fn r5_4_an_address_is_proven_by_the_mailed_link_or_by_a_trusted_issuer_alone() {
    for (jwt, verified) in [(plain("ada-1"), false), (trusted("ada-1", "ADA@example.org"), true)] {
        let bench = Bench::new().await;
        let token = bench.revealed(ADA).await;
        assert_eq!(bench.next(&jwt, &token).await, if verified { "sign_up" } else { "accept" });
        let (status, redeemed) = bench.redeem_as(&jwt, &token).await;
        assert_eq!((status, &redeemed["account"]["email_verified"]), (201, &json!(verified)), "{redeemed}");
    }
    // Where the organisation wants the mailbox proven.
    let bench = Bench::new().await;
    let policy = json!({ "policy": { "require_mailbox_proof": true } });
    assert_eq!(bench.ask("PATCH", "/v1/organization", policy).await.status, 200);
    let token = bench.revealed(ADA).await;
    let (status, problem) = bench.redeem_as(&plain("ada-1"), &token).await;
    assert_eq!((status, &problem["code"]), (403, &json!("mailbox_proof_required")));
    assert_eq!(bench.redeem_as(&trusted("ada-1", ADA), &token).await.0, 201);
}

#[tokio::test]
async fn r5_10_who_proved_another_address_is_the_wrong_recipient_whatever_link_it_is() {
    let bench = Bench::new().await;
    let issued = bench.issue(ADA).await;
    let (token, jwt) = (bench.mailed(ADA).await, trusted("eve-1", "eve@example.org"));
    assert_eq!(bench.next(&jwt, &token).await, "switch_account");
    let (status, problem) = bench.redeem_as(&jwt, &token).await;
    assert_eq!((status, &problem["code"]), (403, &json!("wrong_recipient")));
    assert!(!problem.to_string().contains(ADA), "{problem}");
    assert!(!bench.knows(&jwt).await);
    let after = bench.ask("GET", &one(&issued, ""), Value::Null).await.json();
    assert_eq!(after["status"], "pending");
}

#[tokio::test]
async fn r5_10_a_trusted_address_leads_to_the_account_that_proved_it_and_an_untrusted_one_to_none() {
    let bench = Bench::new().await;
    let (session, redeemed) = bench.join(ADA, Some("member")).await;
    let me = bench.call(&trusted("ada-1", ADA), "GET", "/v1/me", Value::Null).await;
    assert_eq!((me.status.as_u16(), &me.json()["account"]["id"]), (200, &redeemed["account"]["id"]));
    assert!(!bench.knows(&plain("ada-1")).await, "the issuer only says so");
    assert!(!bench.knows(&trusted("eve-1", "eve@example.org")).await);
    // Nothing was linked by looking.
    assert!(!bench.knows(&FakeIssuer::token("ada-1")).await);
    assert!(bench.knows(&session).await);
}

#[tokio::test]
async fn mail_4_an_unverified_squatter_is_never_matched_and_loses_what_he_came_with() {
    let bench = Bench::new().await;
    // The squatter got hold of a link to the address, and comes with an identity of his own.
    let (squatter, token) = (plain("squatter-1"), bench.revealed(ADA).await);
    let (status, sits) = bench.redeem_as(&squatter, &token).await;
    assert_eq!((status, &sits["account"]["email_verified"]), (201, &json!(false)));
    let session = sits["session"]["token"].as_str().unwrap();
    assert!(bench.knows(&squatter).await && bench.knows(session).await);
    let ada = trusted("ada-1", ADA);
    assert!(!bench.knows(&ada).await, "that account is not hers");

    let other = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let other = bench.call(&bench.operator, "POST", "/v1/organizations", other).await.json();
    let key = other["api_key"].as_str().unwrap();
    let body = json!({ "recipient": { "email": ADA }, "return": ["link"], "channels": [] });
    let issued = bench.call(key, "POST", "/v1/invitations", body).await.json();
    let token = issued["link"].as_str().unwrap().rsplit('/').next().unwrap();
    // A copied link and an identity that proves nothing join nobody to an account that is there.
    let (status, problem) = bench.redeem_as(&plain("eve-1"), token).await;
    assert_eq!((status, &problem["code"]), (403, &json!("sign_in_required")), "{problem}");
    let (status, redeemed) = bench.redeem_as(&ada, token).await;
    assert_eq!((status, &redeemed["account"]["email_verified"]), (201, &json!(true)), "{redeemed}");
    assert!(redeemed.get("session").is_none());
    assert!(bench.knows(&ada).await);
    assert!(!bench.knows(&squatter).await, "his identity opens it no more");
    assert!(!bench.knows(session).await, "nor does his session");
}

#[tokio::test]
async fn r5_6_a_mailed_link_links_no_unknown_identity_to_an_account_that_is_there() {
    let bench = Bench::new().await;
    let (_, redeemed) = bench.join(ADA, Some("member")).await;
    let other = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let other = bench.call(&bench.operator, "POST", "/v1/organizations", other).await.json();
    let body = json!({ "recipient": { "email": ADA } });
    let issued = bench.call(other["api_key"].as_str().unwrap(), "POST", "/v1/invitations", body).await;
    assert_eq!(issued.status, 201);
    let (token, jwt) = (bench.mailed(ADA).await, plain("forwarded-to-1"));
    let (status, joined) = bench.redeem_as(&jwt, &token).await;
    assert_eq!((status, &joined["account"]["id"]), (201, &redeemed["account"]["id"]), "as for anybody with the link");
    assert!(joined.get("session").is_none());
    assert!(!bench.knows(&jwt).await, "but who it was does not get in as that account");
}

#[tokio::test]
async fn r5_2_of_many_redemptions_of_one_identity_one_makes_the_account() {
    let bench = Bench::new().await;
    let mut tokens = Vec::new();
    for i in 0..8 {
        tokens.push(bench.revealed(&format!("ada{i}@example.org")).await);
    }
    let jwt = FakeIssuer::token_with("ada-1", "x", false, "Ada");
    let all = futures_util::future::join_all(tokens.iter().map(|token| bench.redeem_as(&jwt, token))).await;
    let made: Vec<_> = all.iter().filter(|(status, _)| *status == 201).collect();
    assert_eq!(made.len(), 1, "{all:?}");
    let others = all.iter().filter(|(_, answer)| answer["code"] == "wrong_recipient").count();
    assert_eq!(others, 7, "signed in by then, and somebody else's invitation");
    let me = bench.call(&jwt, "GET", "/v1/me", Value::Null).await.json();
    assert_eq!(me["account"]["id"], made[0].1["account"]["id"]);
}

#[tokio::test]
async fn r5_10_a_stranger_is_nobody_but_where_an_invitation_is_redeemed() {
    let bench = Bench::new().await;
    let jwt = trusted("ada-1", ADA);
    for (method, path) in [
        ("GET", "/v1/me"),
        ("GET", "/v1/invitations"),
        ("POST", "/v1/invitations"),
        ("DELETE", "/v1/sessions"),
        ("DELETE", "/v1/sessions/current"),
        ("GET", "/v1/organizations"),
    ] {
        let body = if method == "POST" { json!({}) } else { Value::Null };
        let reply = bench.call(&jwt, method, path, body).await;
        assert_eq!(reply.code(), (401, "unauthenticated".into()), "{method} {path}");
        assert!(!reply.header("www-authenticate").is_empty(), "{method} {path}");
    }
    for nothing in ["a.b.c", "eyJhbGciOiJub25lIn0.e30.", "jwt"] {
        assert!(!bench.knows(nothing).await);
        assert_eq!(
            bench.redeem_as(nothing, "inv_x").await.0,
            401,
            "what proves nothing is refused, not taken for none"
        );
    }
}

#[tokio::test]
async fn tok_4_a_token_of_an_issuer_counts_in_the_authorization_header_alone() {
    let bench = Bench::new().await;
    let (jwt, _) = bench.join_by_jwt(ADA, Some("member")).await;
    for name in ["__Host-invite_session", "invite_session", "__Host-invite_console_key"] {
        let request = bench.request("GET", "/v1/me").insert_header(("Cookie", format!("{name}={jwt}")));
        assert_eq!(bench.send(request).await.status, 401, "{name}");
    }
    let request = bench.request("GET", "/v1/me").insert_header(("Authorization", format!("Token {jwt}")));
    assert_eq!(bench.send(request).await.status, 401);
    assert!(bench.knows(&jwt).await);
}

#[tokio::test]
async fn what_is_about_a_session_needs_one_and_what_needs_the_password_still_does() {
    let bench = Bench::new().await;
    bench.issue(ADA).await;
    let (token, jwt) = (bench.mailed(ADA).await, plain("ada-1"));
    let body = json!({ "token": token, "account": { "name": "Ada", "password": PASSWORD } });
    let session = bench.call(&jwt, "POST", "/v1/redemptions", body).await.json();
    let session = session["session"]["token"].as_str().unwrap();
    let reply = bench.call(&jwt, "DELETE", "/v1/sessions/current", Value::Null).await;
    assert_eq!(reply.code(), (403, "forbidden".into()));
    let reply = bench.call(&jwt, "PATCH", "/v1/me", json!({ "name": "Countess" })).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["name"]), (200, &json!("Countess")), "{}", reply.text());
    let reply = bench.call(&jwt, "PATCH", "/v1/me", json!({ "password": "another long password" })).await;
    assert_eq!(reply.code(), (422, "invalid_input".into()));
    let wrong = json!({ "password": "another long password", "current_password": "not this one" });
    assert_eq!(bench.call(&jwt, "PATCH", "/v1/me", wrong).await.code(), (401, "bad_credentials".into()));
    assert!(bench.knows(session).await);
    let right = json!({ "password": "another long password", "current_password": PASSWORD });
    assert_eq!(bench.call(&jwt, "PATCH", "/v1/me", right).await.status, 200);
    assert!(!bench.knows(session).await, "a new password ends all sessions");
    assert!(bench.knows(&jwt).await);
    let reply = bench.call(&jwt, "DELETE", "/v1/sessions", Value::Null).await;
    assert_eq!(reply.status, 204);
}

#[tokio::test]
async fn an_issuer_that_is_down_keeps_only_its_own_people_out() {
    let bench = Bench::new().await;
    let (jwt, _) = bench.join_by_jwt(ADA, Some("member")).await;
    bench.issuer.set_down(true);
    let reply = bench.call(&jwt, "GET", "/v1/me", Value::Null).await;
    assert_eq!(reply.code(), (503, "unavailable".into()));
    let asked = bench.issuer.asked();
    assert_eq!(bench.ask("GET", "/v1/invitations", Value::Null).await.status, 200);
    let owner = bench.owner().await;
    assert!(bench.knows(&owner).await);
    assert_eq!(bench.issuer.asked(), asked, "what has the shape of our credentials is never shown to a verifier");
    bench.issuer.set_down(false);
    assert!(bench.knows(&jwt).await);
}

#[tokio::test]
async fn log_1_no_token_of_an_issuer_is_logged() {
    let bench = Bench::new().await;
    let jwt = FakeIssuer::token_with("canary-5f1c", "canary-9a2b@example.org", true, "Canary");
    bench.issuer.set_down(true);
    assert_eq!(bench.call(&jwt, "GET", "/v1/me", Value::Null).await.status, 503);
    bench.issuer.set_down(false);
    bench.call(&jwt, "GET", "/v1/me", Value::Null).await;
    assert!(!logged().contains("canary-5f1c"), "the subject");
    assert!(!logged().contains("canary-9a2b"), "the address");
}
