//! Messages that were given up: listed, and queued again.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::support::{Bench, Reply, one};
use chrono::Duration;
use invite_domain::{invitation::Reason, port::DeliveryError, service::DispatchReport};
use serde_json::{Value, json};

const UNKNOWN: &str = "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5";

fn replay_path(id: &str) -> String {
    format!("/v1/dead-letters/{id}/replay")
}

/// Issues an invitation with this key, whose mail is refused for good. Answers the invitation and the dead letter's id.
async fn refused(bench: &Bench, key: &str, email: &str) -> (Value, String) {
    let body = json!({ "recipient": { "email": email } });
    let issued = bench.call(key, "POST", "/v1/invitations", body).await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    bench.pass(Duration::seconds(1));
    bench.notifier.fail_next(1, DeliveryError::Permanent(Reason::SmtpRefused));
    assert_eq!(bench.dispatch().await.failed, 1);
    let list = bench.call(key, "GET", "/v1/dead-letters?limit=1", Value::Null).await.json();
    let letter = &list["items"][0];
    assert_eq!(letter["invitation_id"], issued.json()["id"]);
    (issued.json(), letter["id"].as_str().unwrap().to_owned())
}

async fn list(bench: &Bench, query: &str) -> Value {
    let reply = bench.ask("GET", &format!("/v1/dead-letters{query}"), Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

async fn replay(bench: &Bench, id: &str) -> Reply {
    bench.ask("POST", &replay_path(id), Value::Null).await
}

/// Makes another organisation and answers its key.
async fn globex(bench: &Bench) -> String {
    let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let made = bench.call(&bench.operator, "POST", "/v1/organizations", body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    // Its owner gets a link.
    bench.dispatch().await;
    made.json()["api_key"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn r8_2_a_message_that_was_given_up_is_listed_and_sent_when_it_is_replayed() {
    let bench = Bench::new().await;
    assert_eq!(list(&bench, "?include_total=true").await, json!({ "items": [], "next_cursor": null, "total": 0 }));
    let (invitation, id) = refused(&bench, &bench.key, "ada@example.org").await;
    let letters = list(&bench, "").await;
    insta::assert_json_snapshot!(letters, {
        ".items[].id" => "[id]", ".items[].invitation_id" => "[id]", ".items[].at" => "[at]",
    });
    bench.pass(Duration::seconds(1));
    let replayed = replay(&bench, &id).await;
    assert_eq!((replayed.status.as_u16(), replayed.json()), (202, letters["items"][0].clone()));
    assert_eq!(list(&bench, "").await["items"], json!([]));
    let waits = bench.ask("GET", &one(&invitation, ""), Value::Null).await.json();
    assert_eq!((&waits["deliveries"][0]["state"], &waits["deliveries"][0]["attempts"]), (&json!("queued"), &json!(0)));
    assert_eq!(waits["version"], invitation["version"], "the invitation itself is the same");

    let token = bench.mailed("ada@example.org").await;
    let attempts = bench.notifier.attempts();
    assert_eq!((attempts.len(), attempts[0]), (2, attempts[1]), "the message is the same one");
    let preview = bench.call("", "POST", "/v1/redemptions/preview", json!({ "token": token })).await;
    assert_eq!(preview.status, 200, "its link is the same one: {}", preview.text());
    let history = bench.ask("GET", &one(&invitation, "/events"), Value::Null).await.json();
    let kinds: Vec<&str> = history["items"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["invitation.issued", "invitation.delivery_failed", "invitation.delivery_replayed"]);
    let event = &history["items"][2];
    assert_eq!(event["data"], json!({ "channel": "email", "reason": "smtp_refused" }));
    assert_eq!(event["actor"]["kind"], "api_key");
}

#[actix_web::test]
async fn a_dead_letter_is_replayed_once_and_is_unknown_then_until_it_is_given_up_again() {
    let bench = Bench::new().await;
    let (_, id) = refused(&bench, &bench.key, "ada@example.org").await;
    assert_eq!(replay(&bench, &id).await.status, 202);
    assert_eq!(replay(&bench, &id).await.code(), (404, "not_found".into()), "it waits");
    bench.notifier.fail_next(1, DeliveryError::Permanent(Reason::SmtpRefused));
    assert_eq!(bench.dispatch().await.failed, 1);
    assert_eq!(replay(&bench, &id).await.status, 202, "it is dead again");
    assert_eq!(bench.dispatch().await.sent, 1);
    assert_eq!(replay(&bench, &id).await.code(), (404, "not_found".into()), "it was sent");
}

#[actix_web::test]
async fn http_7_dead_letters_come_in_pages_the_last_first() {
    let bench = Bench::new().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.insert(0, refused(&bench, &bench.key, &format!("p{n}@example.org")).await.1);
        bench.pass(Duration::seconds(1));
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = list(&bench, &format!("?limit=2&include_total=true{cursor}")).await;
        assert_eq!(page["total"], 5);
        seen.extend(page["items"].as_array().unwrap().iter().map(|letter| letter["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ids);
    let other = globex(&bench).await;
    let path = format!("/v1/dead-letters?limit=2{cursor}");
    let foreign = bench.call(&other, "GET", &path, Value::Null).await;
    assert_eq!(foreign.code(), (400, "invalid_cursor".into()), "a cursor is of one organisation");
    let events = bench.ask("GET", &format!("/v1/events?limit=2{cursor}"), Value::Null).await;
    assert_eq!(events.code(), (400, "invalid_cursor".into()), "and of one list");
}

#[actix_web::test]
async fn dead_letters_are_asked_for_strictly() {
    let bench = Bench::new().await;
    let (_, id) = refused(&bench, &bench.key, "ada@example.org").await;
    for (query, code) in [
        ("channel=email", "invalid_query"),
        ("limit=0", "invalid_query"),
        ("limit=201", "invalid_query"),
        ("cursor=x", "invalid_cursor"),
        ("token=x", "credential_in_url"),
    ] {
        let reply = bench.ask("GET", &format!("/v1/dead-letters?{query}"), Value::Null).await;
        assert_eq!(reply.code(), (400, code.into()), "{query}");
    }
    let queried = bench.ask("POST", &format!("{}?force=true", replay_path(&id)), Value::Null).await;
    assert_eq!(queried.code(), (400, "invalid_query".into()));
    let told = bench.ask("POST", &replay_path(&id), json!({ "channel": "sms" })).await;
    assert_eq!(told.code(), (422, "invalid_input".into()), "{}", told.text());
    assert_eq!(list(&bench, "").await["items"][0]["id"], id.as_str(), "nothing was replayed");
}

#[actix_web::test]
async fn authz_1_dead_letters_are_seen_and_replayed_by_permission_only() {
    let bench = Bench::new().await;
    let (session, _) = bench.join("member@example.org", Some("member")).await;
    let (_, id) = refused(&bench, &bench.key, "ada@example.org").await;
    let key = async |permission: &str| {
        let body = json!({ "name": permission, "permissions": [permission] });
        let made = bench.call(&bench.key, "POST", "/v1/api-keys", body).await.json();
        made["api_key"].as_str().unwrap().to_owned()
    };
    let (reads, replays) = (key("dead_letters.read").await, key("dead_letters.replay").await);
    for (credential, may_read, may_replay) in [(&session, false, false), (&reads, true, false), (&replays, false, true)]
    {
        let listed = bench.call(credential, "GET", "/v1/dead-letters", Value::Null).await;
        assert_eq!(listed.status, if may_read { 200 } else { 403 }, "{}", listed.text());
        if !may_read {
            assert_eq!(listed.json()["permission"], "dead_letters.read");
        }
        // Whoever may not replay learns from no answer what there is.
        for (asked, allowed) in [(UNKNOWN, 404), (id.as_str(), 202)] {
            let reply = bench.call(credential, "POST", &replay_path(asked), Value::Null).await;
            assert_eq!(reply.status, if may_replay { allowed } else { 403 }, "{}", reply.text());
            if !may_replay {
                assert_eq!(reply.json()["permission"], "dead_letters.replay");
            }
        }
    }
    for (method, path) in [("GET", "/v1/dead-letters".to_owned()), ("POST", replay_path(&id))] {
        let reply = bench.call("", method, &path, Value::Null).await;
        assert_eq!(reply.code(), (401, "unauthenticated".into()));
    }
}

#[actix_web::test]
async fn r6_6_another_organisations_dead_letter_is_an_unknown_one() {
    let bench = Bench::new().await;
    let other = globex(&bench).await;
    let (_, foreign) = refused(&bench, &other, "ada@example.org").await;
    assert_eq!(list(&bench, "").await["items"], json!([]));
    let ask = async |id: &str| {
        let request = bench.request("POST", &replay_path(id)).insert_header(("X-Request-Id", "req-1"));
        bench.send(request.insert_header(("Authorization", format!("Bearer {}", bench.key)))).await
    };
    let (theirs, none) = (ask(&foreign).await, ask(UNKNOWN).await);
    assert_eq!(theirs.code(), (404, "not_found".into()));
    assert_eq!(theirs.text().replace(&foreign, UNKNOWN), none.text());
    assert_eq!(theirs.headers.len(), none.headers.len());
    assert_eq!(replay(&bench, "7").await.code(), (404, "not_found".into()));
    assert_eq!(bench.call(&other, "POST", &replay_path(&foreign), Value::Null).await.status, 202);
}

#[actix_web::test]
async fn out_4_an_overtaken_dead_letter_is_cancelled_when_it_is_replayed() {
    let bench = Bench::new().await;
    let (invitation, id) = refused(&bench, &bench.key, "ada@example.org").await;
    bench.pass(Duration::seconds(1));
    assert_eq!(bench.ask("POST", &one(&invitation, "/resend"), Value::Null).await.status, 200);
    assert_eq!(replay(&bench, &id).await.status, 202);
    assert_eq!(bench.dispatch().await, DispatchReport { claimed: 2, sent: 1, cancelled: 1, ..Default::default() });
    assert_eq!(list(&bench, "").await["items"], json!([]));
    let now = bench.ask("GET", &one(&invitation, ""), Value::Null).await.json();
    assert_eq!(now["deliveries"][0]["state"], "sent", "what it shows is the newer message: {now}");
}

#[actix_web::test]
async fn an_ended_invitations_dead_letter_is_refused_with_how_it_ended() {
    let bench = Bench::new().await;
    let (revoked, of_revoked) = refused(&bench, &bench.key, "eve@example.org").await;
    assert_eq!(bench.ask("POST", &one(&revoked, "/revoke"), Value::Null).await.status, 200);
    let mut dead = vec![(of_revoked, "already_revoked")];
    for (email, path, code) in [
        ("ada@example.org", "/v1/redemptions", "already_redeemed"),
        ("bob@example.org", "/v1/redemptions/decline", "already_declined"),
    ] {
        let (invitation, id) = refused(&bench, &bench.key, email).await;
        bench.pass(Duration::seconds(1));
        bench.ask("POST", &one(&invitation, "/resend"), Value::Null).await;
        let mut body = json!({ "token": bench.mailed(email).await });
        if code == "already_redeemed" {
            body["account"] = json!({ "name": "Ada", "password": crate::support::PASSWORD });
        }
        let ended = bench.call("", "POST", path, body).await;
        assert!(ended.status.is_success(), "{}", ended.text());
        dead.push((id, code));
    }
    for (id, code) in dead {
        assert_eq!(replay(&bench, &id).await.code(), (409, code.into()));
    }
    assert_eq!(bench.dispatch().await.claimed, 0);
}

#[actix_web::test]
async fn messages_of_accounts_are_no_dead_letters() {
    let bench = Bench::new().await;
    bench.owner().await;
    let asked = bench.call("", "POST", "/v1/password-resets", json!({ "email": crate::support::OWNER })).await;
    assert_eq!(asked.status, 202);
    assert!(bench.api.background.finish(std::time::Duration::from_secs(30)).await);
    bench.notifier.fail_next(1, DeliveryError::Permanent(Reason::SmtpRefused));
    assert_eq!(bench.dispatch().await.failed, 1);
    assert_eq!(list(&bench, "").await["items"], json!([]), "they concern no organisation");
}
