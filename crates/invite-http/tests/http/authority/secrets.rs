//! TOK-4: every kind of secret in the place of every other.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use super::{
    callers::{self, Caller},
    samples::Opened,
    served::{Served, text},
    things::{Stage, Things, id, session_cookie},
};
use crate::{
    pages::hidden,
    support::{PASSWORD, Reply},
};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

/// A kind of secret, one of which is at hand.
struct Secret {
    kind: &'static str,
    text: String,
}

/// Where a secret is shown.
struct Place {
    name: &'static str,
    /// The kinds that belong there.
    takes: &'static [&'static str],
    /// Whether whatever is shown is answered alike, so that only what changes tells.
    mute: bool,
    ask: fn(&Served, &Things, &str) -> TestRequest,
}

const TOKENS: &[&str] = &["mailed token", "revealed token", "token of an answer"];
const BEARERS: &[&str] = &["API key", "session"];
/// Where a token of another issuer counts, too.
const ANY_BEARERS: &[&str] = &["API key", "session", "JWT"];

fn bearer(served: &Served, path: &str, scheme: &str, secret: &str) -> TestRequest {
    served.bench.request("GET", path).insert_header(("Authorization", format!("{scheme} {secret}")))
}

fn cookie(served: &Served, path: &str, cookie: String) -> TestRequest {
    served.bench.request("GET", path).insert_header(("Cookie", cookie))
}

/// What cannot stand in a path or a query is written as browsers write it.
fn escaped(secret: &str) -> String {
    url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>().replace('+', "%20")
}

fn json_post(served: &Served, path: &str, body: &Value) -> TestRequest {
    served.bench.request("POST", path).set_json(body)
}

fn form(served: &Served, path: &str, cookies: String, fields: &[(&str, &str)]) -> TestRequest {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = served.bench.request("POST", path).insert_header(("Cookie", cookies));
    let request = request.insert_header(("Sec-Fetch-Site", "same-origin"));
    request.insert_header(("Content-Type", "application/x-www-form-urlencoded")).set_payload(body)
}

/// A cookie of a name that ends in digits, as its page takes it.
fn held(prefix: &str, secret: &str) -> String {
    format!("{prefix}00000000={secret}")
}

const ACCOUNT: fn() -> Value = || json!({ "name": "Eve", "password": PASSWORD });

/// Every place a secret of ours is taken in.
const PLACES: &[Place] = &[
    Place { name: "bearer", takes: ANY_BEARERS, mute: false, ask: |s, _, it| bearer(s, "/v1/roles", "Bearer", it) },
    Place {
        name: "bearer of a person",
        takes: &["session", "JWT"],
        mute: false,
        ask: |s, _, it| bearer(s, "/v1/me", "Bearer", it),
    },
    Place {
        name: "bearer of the operator",
        takes: &["operator key"],
        mute: false,
        ask: |s, _, it| bearer(s, "/v1/organizations", "Bearer", it),
    },
    Place { name: "Dailys", takes: ANY_BEARERS, mute: false, ask: |s, _, it| bearer(s, "/api/v1/roles", "Bearer", it) },
    Place {
        name: "Dashdoc",
        takes: BEARERS,
        mute: false,
        ask: |s, _, it| bearer(s, "/api/v4/companies/", "Token", it),
    },
    Place {
        name: "Dashdoc's other header",
        takes: BEARERS,
        mute: false,
        ask: |s, _, it| s.bench.request("GET", "/api/v4/companies/").insert_header(("Authentication", it.to_owned())),
    },
    Place {
        name: "Gatego",
        takes: ANY_BEARERS,
        mute: false,
        ask: |s, _, it| bearer(s, "/api/account/me", "Bearer", it),
    },
    Place {
        name: "session's cookie",
        takes: &["session"],
        mute: false,
        ask: |s, _, it| cookie(s, "/v1/me", session_cookie(it)),
    },
    Place {
        name: "session's cookie at the console",
        takes: &["session"],
        mute: false,
        ask: |s, _, it| cookie(s, "/console/account", session_cookie(it)),
    },
    Place {
        name: "key's cookie at the console",
        takes: &["key's cookie"],
        mute: false,
        ask: |s, _, it| cookie(s, "/console/account", format!("__Host-invite_console_key={it}")),
    },
    Place {
        name: "accept's cookie",
        takes: &[],
        mute: false,
        ask: |s, _, it| cookie(s, "/accept", held("invite_accept_", it)),
    },
    Place {
        name: "account's cookie",
        takes: &[],
        mute: false,
        ask: |s, _, it| cookie(s, "/account", held("invite_account_", it)),
    },
    Place {
        name: "link",
        takes: TOKENS,
        mute: false,
        ask: |s, _, it| s.bench.request("GET", &format!("/i/{}", escaped(it))),
    },
    Place {
        name: "account's link",
        takes: &["reset token", "owner's token", "address token"],
        mute: false,
        ask: |s, _, it| s.bench.request("GET", &format!("/account/{}", escaped(it))),
    },
    Place {
        name: "preview",
        takes: TOKENS,
        mute: false,
        ask: |s, _, it| json_post(s, "/v1/redemptions/preview", &json!({ "token": it })),
    },
    Place {
        name: "redemption",
        takes: TOKENS,
        mute: false,
        ask: |s, _, it| json_post(s, "/v1/redemptions", &json!({ "token": it, "account": ACCOUNT() })),
    },
    Place {
        name: "declining",
        takes: TOKENS,
        mute: false,
        ask: |s, _, it| json_post(s, "/v1/redemptions/decline", &json!({ "token": it })),
    },
    Place {
        name: "new link",
        takes: TOKENS,
        mute: true,
        ask: |s, _, it| json_post(s, "/v1/redemptions/new-link", &json!({ "token": it })),
    },
    Place {
        name: "code",
        takes: &["code"],
        mute: false,
        ask: |s, things, it| {
            json_post(s, "/v1/redemptions", &json!({ "organization": things.slug, "code": it, "account": ACCOUNT() }))
        },
    },
    Place {
        name: "Gatego's look",
        takes: TOKENS,
        mute: false,
        ask: |s, _, it| s.bench.request("GET", &format!("/api/public/account/invite?code={}", escaped(it))),
    },
    Place {
        name: "Gatego's acceptance",
        takes: TOKENS,
        mute: false,
        ask: |s, _, it| {
            json_post(
                s,
                "/api/public/account/invited-account",
                &json!({ "code": it, "account_invited": { "name": "Eve", "password": PASSWORD, "password_confirmation": PASSWORD } }),
            )
        },
    },
    Place {
        name: "password",
        takes: &["reset token", "owner's token"],
        mute: false,
        ask: |s, _, it| {
            json_post(s, "/v1/password-resets/confirm", &json!({ "token": it, "password": "another good password" }))
        },
    },
    Place {
        name: "refreshing",
        takes: &["refresh text"],
        mute: false,
        ask: |s, _, it| json_post(s, "/auth/refresh-token", &json!({ "refresh_token": it })),
    },
    Place {
        name: "refreshing by header",
        takes: &["refresh text"],
        mute: false,
        ask: |s, _, it| {
            s.bench.request("POST", "/auth/refresh-token").insert_header(("Authorization", format!("Bearer {it}")))
        },
    },
    Place {
        name: "signing in",
        takes: &[],
        mute: false,
        ask: |s, things, it| json_post(s, "/v1/sessions", &json!({ "email": things.owner_email, "password": it })),
    },
    Place {
        name: "cursor",
        takes: &["cursor"],
        mute: false,
        ask: |s, things, it| bearer(s, &format!("/v1/roles?limit=1&cursor={}", escaped(it)), "Bearer", &things.key),
    },
    Place {
        name: "logo",
        takes: &["logo"],
        mute: false,
        ask: |s, _, it| s.bench.request("GET", &format!("/logos/{}.png", escaped(it))),
    },
    Place {
        name: "preview of a mail",
        takes: &["sealed preview"],
        mute: false,
        ask: |s, things, it| {
            cookie(s, &format!("/console/invitations/preview?of={}", escaped(it)), session_cookie(&things.owner))
        },
    },
    Place {
        name: "proof of a console's form",
        takes: &["CSRF field"],
        mute: false,
        ask: |s, things, it| {
            form(
                s,
                "/console/account",
                session_cookie(&things.owner),
                &[("csrf", it), ("action", "name"), ("name", "Eve")],
            )
        },
    },
];

/// One of every kind, all of which are good now.
async fn secrets(stage: &Stage) -> Vec<Secret> {
    let (served, acme) = (&stage.served, &stage.acme);
    let opened = Opened::by(served, acme).await;
    let made = served.done(&acme.owner, "POST", "/v1/api-keys", &json!({ "name": "rotated" })).await;
    let before = text(&made, "/api_key");
    let path = format!("/v1/api-keys/{}/rotate", id(&made));
    served.done(&acme.owner, "POST", &path, &json!({ "overlap": 0 })).await;

    let pending = format!("/v1/invitations/{}", id(&acme.pending));
    let link = text(&served.done(&acme.key, "POST", &format!("{pending}/reveal"), &Value::Null).await, "/link");
    let issue = json!({ "recipient": { "email": "answered@acme.example" }, "return": ["link"] });
    let answered = text(&served.done(&acme.key, "POST", "/v1/invitations", &issue).await, "/link");
    let last = |link: &str| link.rsplit('/').next().unwrap().to_owned();

    let login = json!({ "username": acme.member_email, "password": PASSWORD });
    let tokens = served.done("", "POST", "/auth/login", &login).await;
    let new = json!({ "name": "Umbrella", "owner_email": "boss@umbrella.example" });
    let umbrella = served.done(&served.bench.operator, "POST", "/v1/organizations", &new).await;
    served.bench.dispatch().await;
    let change = json!({ "email": "moved@acme.example", "current_password": PASSWORD });
    served.done(&acme.member_session, "PATCH", "/v1/me", &change).await;
    let address = served.bench.mailed("moved@acme.example").await;
    let cursor = served.done(&acme.key, "GET", "/v1/roles?limit=1", &Value::Null).await;

    let (jwt, _) = served.bench.join_by_jwt("jwt@acme.example", Some("admin")).await;
    let (stranger, field) = callers::stranger(served).await;
    let by_key = form(served, "/console/sign-in", stranger.clone(), &[("csrf", &field), ("api_key", &acme.key)]);
    let signed_in = served.send(by_key).await;
    let value = |cookie: &str| cookie.split_once('=').unwrap().1.to_owned();
    let session = session_cookie(&acme.owner);
    let csrf = hidden(&served.page(std::slice::from_ref(&session), "/console/account").await, "csrf");
    let once = hidden(&served.page(&[session], "/console/api-keys/new").await, "once");
    let secret = |kind, text: &str| Secret { kind, text: text.to_owned() };
    vec![
        secret("API key", &acme.key),
        secret("API key's text before", &before),
        secret("operator key", &served.bench.operator),
        secret("session", &acme.owner),
        secret("JWT", &jwt),
        secret("refresh text", &text(&tokens, "/refresh_token")),
        secret("CSRF field", &csrf),
        secret("stranger's CSRF field", &field),
        secret("accept's CSRF field", &opened.accept.2),
        secret("accept's cookie", &value(&opened.accept.0)),
        secret("account's cookie", &value(&opened.account.0)),
        secret("code's cookie", &value(&opened.code.0)),
        secret("stranger's cookie", &value(&stranger)),
        secret("key's cookie", &value(&signed_in.cookie("__Host-invite_console_key=").unwrap())),
        secret("sealed id of a new key", &once),
        secret("sealed preview", &percent(&acme.preview)),
        secret("mailed token", &acme.token),
        secret("revealed token", &last(&link)),
        secret("token of an answer", &last(&answered)),
        secret("code", &acme.code),
        secret("reset token", &acme.reset),
        secret("owner's token", &last(&text(&umbrella, "/owner_link"))),
        secret("address token", &address),
        secret("cursor", &text(&cursor, "/next_cursor")),
        secret("idempotency key", "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5"),
        secret("logo", acme.logo.trim_start_matches("/logos/").trim_end_matches(".png")),
        secret("password", PASSWORD),
    ]
}

/// What was written for a query, as it is.
fn percent(written: &str) -> String {
    url::form_urlencoded::parse(format!("x={written}").as_bytes()).next().unwrap().1.into_owned()
}

/// Whether an answer lets somebody in or gives something away.
fn is_let_in(reply: &Reply) -> bool {
    let to_sign_in = reply.status == 303 && reply.header("location").starts_with("/console/sign-in");
    (reply.status.is_success() || reply.status == 303) && !to_sign_in
}

/// Whether it can be told from any other text, so that a path that holds it is shown without it.
fn is_marked(text: &str) -> bool {
    ["inv_", "ina_", "ivk_", "ivs_", "ivr_"].iter().any(|mark| text.starts_with(mark))
}

#[actix_web::test]
async fn tok_4_no_secret_counts_in_the_place_of_another() {
    let stage = Stage::new().await;
    let (served, acme) = (&stage.served, &stage.acme);
    let secrets = secrets(&stage).await;
    for place in PLACES {
        for kind in place.takes {
            assert!(secrets.iter().any(|secret| secret.kind == *kind), "{kind}");
        }
    }
    let before = served.stored().await;
    let (mut refused, mut taken) = (0, 0);
    for place in PLACES {
        for secret in &secrets {
            // The password belongs where one signs in: that is no place of another.
            if secret.kind == "password" && place.name == "signing in" {
                continue;
            }
            let reply = served.send((place.ask)(served, acme, &secret.text)).await;
            let said = String::from_utf8_lossy(&reply.body);
            let told = format!("{} in the place of {}: {} {said}", secret.kind, place.name, reply.status);
            let changed = served.changed(&before).await;
            if place.takes.contains(&secret.kind) {
                assert!(is_let_in(&reply) || place.mute, "what belongs there counts: {told}");
                taken += 1;
            } else {
                assert!(!is_let_in(&reply) || place.mute, "{told}");
                assert!(changed.is_empty(), "{changed:?}: {told}");
                assert!(reply.cookie("__Host-invite_session=iv").is_none(), "{told}");
                assert!(reply.status.as_u16() < 500, "{told}");
                // A page leads back to its own address, in which somebody put it.
                let own_address = place.name == "preview of a mail";
                let repeats = is_marked(&secret.text) && !own_address && said.contains(&secret.text);
                assert!(!repeats, "it is not said again: {told}");
                refused += 1;
            }
            served.restore(&before).await;
        }
    }
    println!("{} kinds, {} places: {refused} refused, {taken} where they belong", secrets.len(), PLACES.len());
    assert_eq!(refused + taken + 1, secrets.len() * PLACES.len());
}

/// The credentials above stand for the callers of the matrix: none of them is one by chance.
#[actix_web::test]
async fn tok_4_a_caller_with_a_foreign_kind_of_credential_is_nobody() {
    let stage = Stage::new().await;
    let (served, acme) = (&stage.served, &stage.acme);
    for secret in [&acme.token, &acme.reset, &acme.code] {
        let caller = Caller::named("", secret);
        let reply = served.call(&caller.credential, "GET", "/v1/roles", &Value::Null).await;
        assert_eq!(reply.code(), (401, "unauthenticated".to_owned()));
    }
}
