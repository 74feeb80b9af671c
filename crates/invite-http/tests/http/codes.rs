//! Codes, phone numbers and records of the directory over the native API.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::support::{Bench, PASSWORD, Reply, one};
use actix_web::{
    rt::System,
    test::{TestRequest, call_service, init_service},
};
use chrono::Duration;
use futures_util::future::join_all;
use invite_domain::secret::code::{CodeError, TypedCode};
use serde_json::{Value, json};

/// A code nobody has, with a check character that fits: number `n` of many.
pub(crate) fn wrong(n: usize) -> String {
    let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let codes = alphabet.chars().map(|check| format!("{n:010}{check}"));
    codes.into_iter().find(|code| TypedCode::parse(code).is_ok()).unwrap()
}

/// The code with one character mistyped.
pub(crate) fn mistyped(code: &str) -> String {
    let first = if code.starts_with('7') { '8' } else { '7' };
    let text = format!("{first}{}", &code[1..]);
    assert_eq!(TypedCode::parse(&text).err(), Some(CodeError::Mistyped));
    text
}

/// Issues to this recipient and answers the invitation with its link and code.
pub(crate) async fn invite(bench: &Bench, recipient: Value) -> Value {
    let body = json!({ "recipient": recipient, "return": ["link", "code"] });
    let issued = bench.ask("POST", "/v1/invitations", body).await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    issued.json()
}

pub(crate) fn code_of(invitation: &Value) -> String {
    invitation["code"].as_str().unwrap().to_owned()
}

fn token_of(invitation: &Value) -> String {
    invitation["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

async fn redeem(bench: &Bench, organization: &str, code: &str) -> Reply {
    let body =
        json!({ "organization": organization, "code": code, "account": { "name": "Ada", "password": PASSWORD } });
    bench.call("", "POST", "/v1/redemptions", body).await
}

async fn preview(bench: &Bench, organization: &str, code: &str) -> Reply {
    let body = json!({ "organization": organization, "code": code });
    bench.call("", "POST", "/v1/redemptions/preview", body).await
}

#[actix_web::test]
async fn an_invitation_to_a_phone_is_sent_by_sms_and_redeemed_by_its_code() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "phone": "+33 1 99 00 12 34" })).await;
    assert_eq!(issued["recipient"], json!({ "phone": "+33199001234" }));
    assert_eq!(issued["deliveries"][0]["channel"], "sms");
    let code = code_of(&issued);
    let offer = preview(&bench, "acme", &code).await.json();
    assert_eq!((&offer["next"], &offer["recipient_masked"]), (&json!("accept"), &json!("+33•••••••34")));
    let organization = issued["organization_id"].as_str().unwrap();
    let typed = code.to_lowercase().replace('-', " ").replace('0', "o");
    let redeemed = redeem(&bench, organization, &typed).await;
    assert_eq!(redeemed.status, 201, "{}", redeemed.text());
    let redeemed = redeemed.json();
    let mut account = json!({ "id": redeemed["account"]["id"], "email": null, "email_verified": false, "name": "Ada" });
    assert_eq!(redeemed["account"], account);
    let members = bench.ask("GET", "/v1/members?query=Ada", Value::Null).await.json();
    assert_eq!(members["items"][0]["account"], account);
    let session = redeemed["session"]["token"].as_str().unwrap();
    account["pending_email"] = Value::Null;
    assert_eq!(bench.call(session, "GET", "/v1/me", Value::Null).await.json()["account"], account);
}

#[actix_web::test]
async fn what_is_asked_for_is_returned_and_revealing_shows_both() {
    let bench = Bench::new().await;
    let body = json!({ "recipient": { "email": "a@example.org" }, "return": ["code"], "channels": [] });
    let issued = bench.ask("POST", "/v1/invitations", body).await.json();
    assert!(issued.get("link").is_none() && issued["deliveries"] == json!([]), "{issued}");
    let shown = bench.ask("POST", &one(&issued, "/reveal"), Value::Null).await.json();
    assert_eq!(shown["code"], issued["code"]);
    let resent = bench.ask("POST", &one(&issued, "/resend"), json!({ "return": ["link", "code"] })).await.json();
    assert!(resent["link"].is_string() && resent["code"] != issued["code"], "{resent}");
    assert_eq!(preview(&bench, "acme", &code_of(&issued)).await.code(), (404, "invitation_not_found".into()));
    assert_eq!(preview(&bench, "acme", &code_of(&resent)).await.status, 200);
    let listed = bench.ask("GET", "/v1/invitations", Value::Null).await.text();
    assert!(!listed.contains("\"code\":") && !listed.contains(&code_of(&resent)), "{listed}");
}

#[actix_web::test]
async fn a_repeated_request_gets_the_present_code_and_null_after_that() {
    let bench = Bench::new().await;
    let send = async || {
        let request = bench.request("POST", "/v1/invitations").insert_header(("Idempotency-Key", "k"));
        let request = request.insert_header(("Authorization", format!("Bearer {}", bench.key)));
        bench
            .send(request.set_json(json!({ "recipient": { "email": "a@example.org" }, "return": ["code"] })))
            .await
            .json()
    };
    let first = send().await;
    assert_eq!(send().await["code"], first["code"]);
    bench.ask("POST", &one(&first, "/resend"), Value::Null).await;
    let again = send().await;
    assert_eq!((&again["id"], again.get("code")), (&first["id"], Some(&Value::Null)));
}

#[actix_web::test]
async fn a_secret_is_a_token_or_an_organisation_with_a_code() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "email": "a@example.org" })).await;
    let (token, code) = (token_of(&issued), code_of(&issued));
    for path in ["/v1/redemptions", "/v1/redemptions/preview"] {
        for body in [
            json!({}),
            json!({ "token": token, "organization": "acme", "code": code }),
            json!({ "token": token, "code": code }),
            json!({ "organization": "acme" }),
            json!({ "code": code }),
            json!({ "organization": null, "code": code }),
            json!({ "organization": "acme", "code": 5 }),
            json!({ "organization": "acme", "code": code, "slug": "acme" }),
        ] {
            let reply = bench.call("", "POST", path, body.clone()).await;
            assert_eq!(reply.code(), (422, "invalid_input".into()), "{path} {body} {}", reply.text());
        }
    }
    let body = json!({ "token": null, "organization": "acme", "code": code });
    assert_eq!(bench.call("", "POST", "/v1/redemptions/preview", body).await.status, 200);
    let body = json!({ "token": token, "organization": null, "code": null });
    assert_eq!(bench.call("", "POST", "/v1/redemptions/preview", body).await.status, 200);
    let body = json!({ "organization": "acme", "code": code });
    assert_eq!(bench.call("", "POST", "/v1/redemptions/decline", body).await.code(), (422, "invalid_input".into()));
}

#[actix_web::test]
async fn recipients_and_channels_are_read_strictly() {
    let bench = Bench::new().await;
    let issue = async |body: Value| bench.ask("POST", "/v1/invitations", body).await;
    for (body, pointer) in [
        (json!({ "recipient": {} }), "/recipient/email"),
        (json!({ "recipient": { "phone": "0612345678" } }), "/recipient/phone"),
        (json!({ "recipient": { "phone": 33 } }), "/recipient/phone"),
        (json!({ "recipient": { "subject_id": "7" } }), "/recipient/subject_id"),
        (json!({ "recipient": { "subject_id": "0190f3c2-0000-7000-8000-0000000000a1" } }), "/recipient/subject_id"),
        (json!({ "recipient": { "email": "a@example.org", "phone": "+33199001234" } }), "/recipient"),
        (json!({ "recipient": { "phone": "+33199001234" }, "channels": ["email"] }), "/channels"),
        (json!({ "recipient": { "email": "a@example.org" }, "channels": ["email", "sms"] }), "/channels"),
    ] {
        let reply = issue(body.clone()).await;
        assert_eq!(reply.code(), (422, "invalid_input".into()), "{body} {}", reply.text());
        assert_eq!(reply.json()["errors"][0]["pointer"], pointer, "{body}");
    }
    assert_eq!(bench.ask("GET", "/v1/invitations", Value::Null).await.json()["items"], json!([]));
}

#[actix_web::test]
async fn r3_3_a_truckers_second_code_signs_in_to_this_organisation_and_gives_nothing_else() {
    let bench = Bench::new().await;
    let id = bench.trucker("Tom Trucker", Some("tom@example.org"), Some("+33199001234")).await;
    let first = invite(&bench, json!({ "subject_id": id })).await;
    assert_eq!(first["recipient"], json!({ "subject_id": id }));
    let channels: Vec<_> = first["deliveries"].as_array().unwrap().iter().map(|d| d["channel"].clone()).collect();
    assert_eq!(channels, ["email", "sms"]);
    // The record's own name is the default.
    let body = json!({ "organization": "acme", "code": code_of(&first) });
    let joined = bench.call("", "POST", "/v1/redemptions", body.clone()).await;
    assert_eq!(joined.status, 201, "{}", joined.text());
    let joined = joined.json();
    assert_eq!((&joined["account"]["name"], &joined["membership"]["subject_id"]), (&json!("Tom Trucker"), &json!(id)));
    // A code never replays.
    let again = bench.call("", "POST", "/v1/redemptions", body).await;
    assert_eq!(again.code(), (404, "invitation_not_found".into()));
    bench.pass(Duration::minutes(1));
    let second = invite(&bench, json!({ "subject_id": id })).await;
    let signed_in = redeem(&bench, "acme", &code_of(&second)).await;
    assert_eq!(signed_in.status, 201, "{}", signed_in.text());
    let signed_in = signed_in.json();
    assert_eq!(signed_in["account"], joined["account"]);
    assert_eq!(signed_in["membership"], joined["membership"]);
    let session = signed_in["session"]["token"].as_str().unwrap();
    let me = bench.call(session, "GET", "/v1/me", Value::Null).await.json();
    assert_eq!(me["memberships"][0]["organization"]["slug"], "acme");
    // What belongs to the person alone takes more.
    let change = bench.call(session, "PATCH", "/v1/me", json!({ "name": "Else" })).await;
    assert_eq!(change.code(), (403, "forbidden".into()), "{}", change.text());
    let end = bench.call(session, "DELETE", "/v1/sessions", Value::Null).await;
    assert_eq!(end.code(), (403, "forbidden".into()));
    // Nor does the password of the second request count for anything.
    let reply =
        bench.call("", "POST", "/v1/sessions", json!({ "email": "tom@example.org", "password": PASSWORD })).await;
    assert_eq!(reply.code(), (401, "bad_credentials".into()));
    assert_eq!(bench.call(session, "DELETE", "/v1/sessions/current", Value::Null).await.status, 204);
    assert_eq!(bench.call(session, "GET", "/v1/me", Value::Null).await.status, 401);
}

#[actix_web::test]
async fn only_an_address_signs_in_to_the_native_api() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "phone": "+33199001234" })).await;
    assert_eq!(redeem(&bench, "acme", &code_of(&issued)).await.status, 201);
    for email in ["+33199001234", " +33 1 99 00 12 34", "ada"] {
        let reply = bench.call("", "POST", "/v1/sessions", json!({ "email": email, "password": PASSWORD })).await;
        assert_eq!(reply.code(), (401, "bad_credentials".into()), "{email}");
    }
}

/// Every code that opens nothing, with what it is told.
async fn bad_codes(bench: &Bench) -> Vec<(&'static str, &'static str, String, (u16, &'static str))> {
    let unknown = (404, "invitation_not_found");
    let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let globex = bench.call(&bench.operator, "POST", "/v1/organizations", body).await.json();
    let key = globex["api_key"].as_str().unwrap().to_owned();
    let body = json!({ "recipient": { "email": "a@example.org" }, "return": ["code"] });
    let foreign = bench.call(&key, "POST", "/v1/invitations", body).await.json();
    let expiring = json!({ "recipient": { "phone": "+33199001201" }, "return": ["code"], "expires_in": 300 });
    let expired = bench.ask("POST", "/v1/invitations", expiring).await.json();
    let revoked = invite(bench, json!({ "phone": "+33199001202" })).await;
    assert_eq!(bench.ask("POST", &one(&revoked, "/revoke"), Value::Null).await.status, 200);
    let used = invite(bench, json!({ "phone": "+33199001203" })).await;
    assert_eq!(redeem(bench, "acme", &code_of(&used)).await.status, 201);
    let good = invite(bench, json!({ "phone": "+33199001204" })).await;
    bench.pass(Duration::minutes(6));
    vec![
        ("wrong", "acme", wrong(1), unknown),
        ("missing", "acme", String::new(), unknown),
        ("malformed", "acme", "UUUU-UUUU-UUU".into(), unknown),
        ("too long", "acme", "7".repeat(5000), unknown),
        ("expired", "acme", code_of(&expired), (410, "expired")),
        ("revoked", "acme", code_of(&revoked), unknown),
        ("used", "acme", code_of(&used), unknown),
        ("foreign", "acme", code_of(&foreign), unknown),
        ("nobody's", "nobody", code_of(&good), unknown),
        ("no slug", "No Slug!", code_of(&good), unknown),
        ("mistyped", "acme", mistyped(&code_of(&good)), (422, "code_mistyped")),
    ]
}

#[actix_web::test]
async fn code_1_a_bad_code_creates_no_account_and_changes_no_row_but_the_attempt_counter() {
    let bench = Bench::new().await;
    let codes = bad_codes(&bench).await;
    let everything = async || {
        let mut all = Vec::new();
        for path in ["invitations", "members", "events?limit=200"] {
            all.push(bench.ask("GET", &format!("/v1/{path}"), Value::Null).await.text());
        }
        all
    };
    bench.pass(Duration::seconds(6));
    let (before, plans) = (everything().await, bench.spy.plans());
    for (what, organization, code, (status, problem)) in &codes {
        for reply in [redeem(&bench, organization, code).await, preview(&bench, organization, code).await] {
            assert_eq!(reply.code(), (*status, (*problem).to_owned()), "{what}: {}", reply.text());
            assert!(code.is_empty() || !reply.text().contains(code), "{what}");
        }
    }
    bench.pass(Duration::seconds(6));
    assert_eq!((everything().await, bench.spy.plans()), (before, plans));
    let expired = codes.iter().find(|(what, ..)| *what == "expired").unwrap();
    // No new link can be asked for with a code.
    assert_eq!(preview(&bench, "acme", &expired.2).await.json()["can_request_new"], false);
}

#[actix_web::test]
async fn r7_5_a_mistyped_or_good_code_costs_no_attempt() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "phone": "+33199001234" })).await;
    let code = code_of(&issued);
    for _ in 0..40 {
        assert_eq!(preview(&bench, "acme", &mistyped(&code)).await.status, 422);
        assert_eq!(preview(&bench, "acme", &code).await.status, 200);
    }
    let mut statuses = Vec::new();
    for n in 0..21 {
        statuses.push(preview(&bench, "acme", &wrong(n)).await.status.as_u16());
    }
    assert_eq!((statuses[..20].iter().all(|status| *status == 404), statuses[20]), (true, 429));
    // Nothing of the invitation was lost: when the window is over, it opens.
    let refused = redeem(&bench, "acme", &code).await;
    assert_eq!(refused.code(), (429, "too_many_attempts".into()));
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=601).contains(&wait), "{wait}");
    bench.pass(Duration::seconds(wait));
    assert_eq!(redeem(&bench, "acme", &code).await.status, 201);
}

#[actix_web::test]
async fn code_2_of_64_parallel_guesses_with_5_left_exactly_5_are_evaluated_and_links_still_work() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "email": "a@example.org" })).await;
    for n in 0..15 {
        assert_eq!(preview(&bench, "acme", &wrong(n)).await.status, 404);
    }
    let plans = bench.spy.plans();
    let guess = |part: usize| {
        let api = bench.api.clone();
        std::thread::spawn(move || {
            System::new().block_on(async {
                let service = init_service(invite_http::app(api)).await;
                let guesses = (0..8).map(|n| {
                    let body = json!({ "organization": "acme", "code": wrong(100 + part * 8 + n), "account": { "name": "Eve" } });
                    let request = TestRequest::post().uri("/v1/redemptions").set_json(body);
                    call_service(&service, request.peer_addr("192.0.2.1:1".parse().unwrap()).to_request())
                });
                join_all(guesses).await.iter().map(|reply| reply.status().as_u16()).collect::<Vec<_>>()
            })
        })
    };
    let threads: Vec<_> = (0..8).map(guess).collect();
    let offer = bench.call("", "POST", "/v1/redemptions/preview", json!({ "token": token_of(&issued) })).await;
    assert_eq!(offer.status, 200);
    let statuses: Vec<u16> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((statuses.len(), count(404), count(429)), (64, 5, 59), "{statuses:?}");
    assert_eq!(bench.spy.plans(), plans);
    // Links and people who sign in go on.
    let body = json!({ "token": token_of(&issued), "account": { "name": "Ada", "password": PASSWORD } });
    assert_eq!(bench.call("", "POST", "/v1/redemptions", body).await.status, 201);
    bench.sign_in("a@example.org").await;
}

#[actix_web::test]
async fn code_2_neither_an_ipv6_neighbour_nor_a_forwarding_header_refreshes_the_budget() {
    let bench = Bench::new().await;
    let guess = async |peer: &str, header: (&'static str, String), n: usize| {
        let body = json!({ "organization": "acme", "code": wrong(n) });
        let request = bench.request("POST", "/v1/redemptions/preview").set_json(body).insert_header(header);
        bench.send_from(peer, request).await.status.as_u16()
    };
    for n in 0..20 {
        let header = ("X-Forwarded-For", format!("203.0.113.{n}"));
        assert_eq!(guess(&format!("[2001:db8:1:2::{n:x}]:{}", 4000 + n), header, n).await, 404);
    }
    let forwarded = || ("X-Forwarded-For", "198.51.100.1".to_owned());
    assert_eq!(guess("[2001:db8:1:2:ffff::1]:1", forwarded(), 21).await, 429);
    assert_eq!(guess("[2001:db8:1:2:ffff::1]:1", ("Forwarded", "for=198.51.100.1".into()), 22).await, 429);
    assert_eq!(guess("[2001:db8:1:3::1]:1", forwarded(), 23).await, 404);
}

#[actix_web::test]
async fn log_1_no_code_is_logged() {
    let bench = Bench::new().await;
    let issued = invite(&bench, json!({ "phone": "+33199001299" })).await;
    let code = code_of(&issued);
    let typo = mistyped(&code);
    assert_eq!(preview(&bench, "acme", &typo).await.status, 422);
    assert_eq!(preview(&bench, "nobody", &code).await.status, 404);
    assert_eq!(redeem(&bench, "acme", &code).await.status, 201);
    let logged = crate::support::logged();
    for written in ["\"/v1/redemptions/preview\"", "\"/v1/redemptions\"", "code_mistyped", "\"level\":\"TRACE\""] {
        assert!(logged.contains(written), "{written} is in no line of the log");
    }
    for secret in [&code, &typo] {
        for text in [secret.clone(), secret.replace('-', ""), secret.to_lowercase()] {
            assert!(!logged.contains(&text), "a code in the log");
        }
    }
}
