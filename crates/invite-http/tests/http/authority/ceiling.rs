//! AUTHZ-5: nobody gives what they do not hold, at whatever door.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use super::{
    callers::Caller,
    samples::{self, Sample, sample},
    served::text,
    things::{Stage, id},
};
use crate::pages::hidden;
use invite_domain::access::permission;
use serde_json::{Value, json};

/// What the weak ones lack; somebody needs it to see the trail, and nothing here needs it otherwise.
const LACKED: &str = "events.read";

fn version(stage: &Stage, path: &str) -> String {
    stage.acme.versions[path].clone()
}

/// Every way to give what one lacks: method, pattern, request.
fn attempts(
    stage: &Stage,
    above: &Value,
    suspended: &Value,
    versions: &[(String, String)],
) -> Vec<(&'static str, &'static str, Sample)> {
    let acme = &stage.acme;
    let new = json!({ "email": "new@person.example" });
    let crowning = |what: &str| sample(format!("/v1/invitations/{}{what}", id(&acme.crowning)));
    let pending = || sample(format!("/v1/invitations/{}", id(&acme.pending)));
    let mut all = vec![
        ("POST", "/v1/invitations/{id}/resend", crowning("/resend")),
        ("POST", "/v1/invitations/{id}/reveal", crowning("/reveal")),
        ("PATCH", "/v1/invitations/{id}", crowning("").json(json!({ "message": "Hello" }))),
        ("POST", "/v1/invitations/{id}/sponsor", sample(format!("/v1/invitations/{}/sponsor", id(suspended)))),
        ("PUT", "/api/v1/invites/{id}", sample(format!("/api/v1/invites/{}", acme.crowning["number"]))),
        ("POST", "/v1/roles", sample("/v1/roles").json(json!({ "name": "r", "permissions": [LACKED] }))),
        (
            "PATCH",
            "/v1/roles/{id}",
            sample(format!("/v1/roles/{}", id(&acme.role))).json(json!({ "permissions": [LACKED] })),
        ),
        ("POST", "/v1/api-keys", sample("/v1/api-keys").json(json!({ "name": "k", "permissions": [LACKED] }))),
        (
            "POST",
            "/api/account/invite",
            sample("/api/account/invite").json(json!({ "email": "new@person.example", "role": "ORG_ADMIN" })),
        ),
        (
            "POST",
            "/api/v4/contacts/{uid}/invite/",
            sample(format!("/api/v4/contacts/{}/invite/", acme.contact["uid"].as_str().unwrap())),
        ),
        (
            "POST",
            "/api/v4/manager-truckers/",
            sample("/api/v4/manager-truckers/").json(json!({ "user": { "last_name": "New" } })),
        ),
    ];
    let member = format!("/v1/members/{}", acme.member);
    for grant in
        [json!({ "permissions": [LACKED] }), json!({ "permissions": ["own.thing"] }), json!({ "role_id": above["id"] })]
    {
        let mut issue = json!({ "recipient": new });
        issue.as_object_mut().unwrap().extend(grant.as_object().unwrap().clone());
        all.push(("POST", "/v1/invitations", sample("/v1/invitations").json(issue.clone())));
        for conflict in ["resend", "replace"] {
            let mut again = issue.clone();
            again["recipient"] = json!({ "email": "pending@acme.example" });
            again["on_conflict"] = json!(conflict);
            if conflict == "replace" {
                all.push(("POST", "/v1/invitations", sample("/v1/invitations").json(again)));
            }
        }
        all.push(("PATCH", "/v1/invitations/{id}", pending().json(grant.clone())));
        all.push(("PATCH", "/v1/members/{id}", sample(member.clone()).json(grant)));
    }
    let again = json!({ "recipient": { "email": "crowned@acme.example" }, "on_conflict": "resend" });
    all.push(("POST", "/v1/invitations", sample("/v1/invitations").json(again)));
    let dailys = json!({ "email": "new@person.example", "default_rate": 0, "role_id": above["number"] });
    all.push(("POST", "/api/v1/invites", sample("/api/v1/invites").json(dailys)));
    all.extend(forms(stage, above, suspended, versions));
    all
}

/// The same at the console.
fn forms(
    stage: &Stage,
    above: &Value,
    suspended: &Value,
    versions: &[(String, String)],
) -> Vec<(&'static str, &'static str, Sample)> {
    let acme = &stage.acme;
    let role = above["id"].as_str().unwrap();
    let one = |invitation: &Value, action: &'static str| {
        let path = format!("/console/invitations/{}", id(invitation));
        let found = versions.iter().find(|(of, _)| *of == path).map(|(_, version)| version.clone());
        let version = found.unwrap_or_else(|| version(stage, &path));
        sample(path).form(&[("action", action), ("version", &version), ("resend_days", "9")])
    };
    let new = [("action", "issue"), ("once", "7"), ("expires_in", "7"), ("addresses", "new@person.example")];
    let with = |field: (&'static str, &str)| {
        let fields: Vec<(&'static str, &str)> = new.into_iter().chain([field]).collect();
        sample("/console/invitations/new").form(&fields)
    };
    let (member, own_role) =
        (format!("/console/members/{}", acme.member), format!("/console/roles/{}", id(&acme.role)));
    let edit = format!("/console/invitations/{}", id(&acme.pending));
    let save = [("action", "save"), ("more", "")];
    let member_version = version(stage, &member);
    let saving = |field: (&'static str, &str)| {
        let fields: Vec<(&'static str, &str)> =
            save.into_iter().chain([("version", member_version.as_str()), field]).collect();
        sample(member.clone()).form(&fields)
    };
    let act = "/console/invitations/{id}";
    vec![
        ("POST", act, one(&acme.crowning, "resend")),
        ("POST", act, one(&acme.crowning, "reveal")),
        ("POST", act, one(suspended, "sponsor")),
        ("POST", "/console/invitations/new", with(("role_id", role))),
        ("POST", "/console/invitations/new", with(("permissions", LACKED))),
        ("POST", "/console/invitations/new", with(("more", "own.thing"))),
        (
            "POST",
            "/console/invitations/{id}/edit",
            sample(format!("{edit}/edit")).form(&[("version", &version(stage, &edit)), ("role_id", role)]),
        ),
        (
            "POST",
            "/console/invitations/{id}/edit",
            sample(format!("{edit}/edit")).form(&[("version", &version(stage, &edit)), ("permissions", LACKED)]),
        ),
        ("POST", "/console/members/{id}", saving(("role_id", role))),
        ("POST", "/console/members/{id}", saving(("permissions", LACKED))),
        (
            "POST",
            "/console/roles/new",
            sample("/console/roles/new").form(&[("name", "new"), ("permissions", LACKED), ("more", "")]),
        ),
        (
            "POST",
            "/console/roles/{id}",
            sample(own_role.clone()).form(&[
                ("action", "save"),
                ("name", "target"),
                ("version", &version(stage, &own_role)),
                ("permissions", LACKED),
            ]),
        ),
        (
            "POST",
            "/console/api-keys/new",
            sample("/console/api-keys/new").form(&[("once", ""), ("name", "k"), ("permissions", LACKED)]),
        ),
    ]
}

#[actix_web::test]
async fn authz_5_a_grant_above_ones_own_is_refused_at_every_door_and_leaves_no_trace() {
    let stage = Stage::new().await;
    let (served, acme) = (&stage.served, &stage.acme);
    let most: Vec<&str> = permission::OURS.iter().copied().filter(|name| *name != LACKED).collect();
    let weak = json!({ "name": "weak", "permissions": most });
    served.done(&acme.key, "POST", "/v1/roles", &weak).await;
    let above = json!({ "name": "above", "permissions": [LACKED] });
    let above = served.done(&acme.key, "POST", "/v1/roles", &above).await;
    let profile = json!({ "profile": { "dashdoc": { "contact_role": "above", "trucker_role": "above" } } });
    served.done(&acme.key, "PATCH", "/v1/organization", &profile).await;
    // Whoever made this one has gone, and it grants what the weak ones lack.
    let (leaver, membership) = served.join(&acme.key, "second-leaver@acme.example", Some("admin"), &[]).await;
    let body = json!({ "recipient": { "email": "orphan@acme.example" }, "role_id": above["id"] });
    let suspended = served.done(&leaver, "POST", "/v1/invitations", &body).await;
    served.done(&acme.key, "DELETE", &format!("/v1/members/{membership}"), &Value::Null).await;
    let path = format!("/console/invitations/{}", id(&suspended));
    let page = served.page(&[super::things::session_cookie(&acme.owner)], &path).await;
    let versions = [(path, hidden(&page, "version"))];

    let (session, _) = served.join(&acme.key, "weak@acme.example", Some("weak"), &[]).await;
    let key = json!({ "name": "weak", "permissions": most });
    let key = text(&served.done(&acme.owner, "POST", "/v1/api-keys", &key).await, "/api_key");
    let mut person = Caller::named("a person", &session);
    person.look(served).await;
    let program = Caller {
        cookies: person.cookies.clone(),
        csrf: person.csrf.clone(),
        once: person.once.clone(),
        ..Caller::named("a key", &key)
    };
    served.bench.dispatch().await;
    let mut tried = 0;
    for caller in [&person, &program] {
        served.call(&caller.credential, "GET", "/v1/roles", &Value::Null).await;
        let before = served.stored().await;
        served.bench.notifier.take();
        for (method, pattern, sample) in attempts(&stage, &above, &suspended, &versions) {
            let reply = samples::ask(served, caller, method, pattern, &sample).await;
            let place = format!("{} {method} {}: {} {}", caller.name, sample.path, reply.status, reply.text());
            // The Dailys dialect says 401 to somebody known who may not.
            let refused = if pattern.starts_with("/api/v1/") { 401 } else { 403 };
            assert_eq!(reply.status.as_u16(), refused, "{place}");
            assert!(!reply.text().contains("inv_") && !reply.text().contains("ivk_"), "{place}");
            let changed = served.changed(&before).await;
            assert!(changed.is_empty(), "{changed:?} by {place}");
            tried += 1;
        }
        served.bench.dispatch().await;
        assert_eq!(served.bench.notifier.take(), [], "nothing is sent");
    }
    println!("{tried} attempts");
    // The same requests work for the owner, so that it is the grant that was refused.
    let owner = super::foreign::owner(served, acme).await;
    let before = served.stored().await;
    for (method, pattern, sample) in attempts(&stage, &above, &suspended, &versions) {
        let reply = samples::ask(served, &owner, method, pattern, &sample).await;
        let worked = reply.status.is_success() || reply.status == 303;
        assert!(worked, "{method} {}: {} {}", sample.path, reply.status, reply.text());
        served.restore(&before).await;
    }
}
