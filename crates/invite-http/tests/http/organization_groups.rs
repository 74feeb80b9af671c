//! Groups of organisations.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::support::{Bench, Reply};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ADA: &str = "ada@example.org";
const GROUPS: &str = "/v1/organization-groups";

/// An organisation of the operator's: its id and the owner's key.
async fn organization(bench: &Bench, name: &str) -> (String, String) {
    let body = json!({ "name": name, "owner_email": format!("boss@{name}.example") });
    // They are listed as they came.
    bench.clock.advance(chrono::Duration::milliseconds(1));
    let made = bench.call(&bench.operator, "POST", "/v1/organizations", body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    (made["organization"]["id"].as_str().unwrap().to_owned(), made["api_key"].as_str().unwrap().to_owned())
}

async fn ask(bench: &Bench, method: &str, path: &str, body: Value) -> Reply {
    bench.call(&bench.operator, method, path, body).await
}

async fn group(bench: &Bench, organizations: &[&String], administrators: &[&str]) -> (String, Value) {
    let body = json!({ "name": "Holding", "organization_ids": organizations, "administrators": administrators });
    let made = ask(bench, "POST", GROUPS, body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    (format!("{GROUPS}/{}", made["id"].as_str().unwrap()), made)
}

/// In one of the person's organisations.
async fn within(bench: &Bench, session: &str, organization: &str, method: &str, path: &str, body: Value) -> Reply {
    let mut request = bench
        .request(method, path)
        .insert_header(("Authorization", format!("Bearer {session}")))
        .insert_header(("X-Organization-Id", organization));
    if !body.is_null() {
        request = request.set_json(body);
    }
    bench.send(request).await
}

async fn issue(bench: &Bench, session: &str, organization: &str, email: &str) -> Reply {
    let body = json!({ "recipient": { "email": email }, "permissions": ["members.read"] });
    within(bench, session, organization, "POST", "/v1/invitations", body).await
}

#[actix_web::test]
async fn an_administrator_of_a_group_issues_in_each_organisation_until_removed_from_it() {
    let bench = Bench::new().await;
    let (session, joined) = bench.join(ADA, Some("guest")).await;
    let (globex, globex_key) = organization(&bench, "globex").await;
    let (initech, _) = organization(&bench, "initech").await;
    let (path, made) = group(&bench, &[&globex, &initech], &[ADA]).await;
    assert_eq!(made["administrators"][0]["account_id"], joined["account"]["id"]);
    assert_eq!((&made["administrators"][0]["email"], &made["administrators"][0]["kept"]), (&json!(ADA), &json!([])));
    let names: Vec<_> = made["organizations"].as_array().unwrap().iter().map(|one| one["slug"].clone()).collect();
    assert_eq!(names, ["globex", "initech"]);

    let unnamed = bench.call(&session, "GET", "/v1/members", Value::Null).await;
    assert_eq!(unnamed.code(), (400, "organization_required".into()), "she has several now");
    let refused = issue(&bench, &session, "acme", "zoe@example.org").await;
    assert_eq!(refused.code(), (403, "forbidden".into()), "where she is a guest she stays one");
    let mut issued = Vec::new();
    for (at, named) in [("globex", "globex"), (initech.as_str(), "initech")] {
        let reply = issue(&bench, &session, at, &format!("zoe@{named}.example")).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        issued.push(reply.json()["id"].as_str().unwrap().to_owned());
    }
    let above = within(
        &bench,
        &session,
        "globex",
        "POST",
        "/v1/invitations",
        json!({
            "recipient": { "email": "max@example.org" }, "permissions": ["organization.write"],
        }),
    );
    assert_eq!(above.await.code(), (403, "grant_exceeds_authority".into()), "an administrator's ceiling (rule 6.2)");
    let token = bench.mailed("zoe@globex.example").await;

    let left = ask(&bench, "PATCH", &path, json!({ "organization_ids": [initech] })).await;
    assert_eq!(left.status, 200, "{}", left.text());
    assert_eq!(left.json()["organizations"][0]["slug"], "initech");
    let gone = issue(&bench, &session, "globex", "max@example.org").await;
    assert_eq!(gone.code(), (404, "not_found".into()), "refused from that commit on");
    let one = format!("/v1/invitations/{}", issued[0]);
    let shown = bench.call(&globex_key, "GET", &one, Value::Null).await.json();
    assert_eq!(shown["status"], "suspended");
    let redeemed = bench.call("", "POST", "/v1/redemptions", json!({ "token": token })).await;
    assert_eq!(redeemed.code(), (409, "suspended".into()));
    let other = format!("/v1/invitations/{}", issued[1]);
    let shown = within(&bench, &session, "initech", "GET", &other, Value::Null).await.json();
    assert_eq!(shown["status"], "pending", "in the other one nothing has changed");

    bench.clock.advance(chrono::Duration::seconds(10));
    let events = bench.call(&globex_key, "GET", "/v1/events", Value::Null).await.json();
    let of_group = events["items"].as_array().unwrap().iter().filter(|event| event["data"]["group_id"].is_string());
    // Time stands still here, and events of one instant have no order.
    let told = of_group.map(|event| (event["type"].as_str(), event["actor"]["kind"].as_str()));
    let by = |kind| (Some(kind), Some("operator"));
    assert_eq!(told.collect::<BTreeSet<_>>(), BTreeSet::from([by("membership.created"), by("membership.removed")]));

    assert_eq!(ask(&bench, "DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(ask(&bench, "GET", &path, Value::Null).await.code(), (404, "not_found".into()));
    let me = bench.call(&session, "GET", "/v1/me", Value::Null).await.json();
    assert_eq!(me["memberships"].as_array().unwrap().len(), 1, "her own place stays");
}

#[actix_web::test]
async fn an_organisation_decides_on_a_place_a_group_made_as_on_any_other() {
    let bench = Bench::new().await;
    let (session, _) = bench.join(ADA, None).await;
    let (globex, key) = organization(&bench, "globex").await;
    let acme = bench.ask("GET", "/v1/organization", Value::Null).await.json()["id"].as_str().unwrap().to_owned();
    let (path, made) = group(&bench, &[&globex, &acme], &[ADA]).await;
    assert_eq!(made["administrators"][0]["kept"], json!([acme]));
    let members = bench.call(&key, "GET", "/v1/members?query=ada", Value::Null).await.json();
    let member = format!("/v1/members/{}", members["items"][0]["id"].as_str().unwrap());
    assert_eq!(members["items"][0]["role"]["name"], "admin");
    assert_eq!(bench.call(&key, "DELETE", &member, Value::Null).await.status, 204);
    let renamed = ask(&bench, "PATCH", &path, json!({ "name": "Other", "administrators": [ADA] })).await;
    assert_eq!((renamed.status.as_u16(), &renamed.json()["name"]), (200, &json!("Other")));
    let refused = issue(&bench, &session, "globex", "zoe@example.org").await;
    assert_eq!(refused.code(), (404, "not_found".into()), "a removal holds");
    for administrators in [json!([]), json!([ADA])] {
        let body = json!({ "administrators": administrators });
        assert_eq!(ask(&bench, "PATCH", &path, body).await.status, 200);
    }
    assert_eq!(issue(&bench, &session, "globex", "zoe@example.org").await.status, 201, "until the group adds anew");
}

#[actix_web::test]
async fn what_a_group_cannot_have_is_named_by_its_place() {
    let bench = Bench::new().await;
    bench.join(ADA, None).await;
    let (globex, _) = organization(&bench, "globex").await;
    group(&bench, &[&globex], &[ADA]).await;
    let unknown = "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5";
    // The owner set no password yet and read no mail: the address is not verified.
    let body = json!({
        "name": "Second", "organization_ids": [globex, unknown], "administrators": [ADA, "boss@globex.example", "no@example.org"],
    });
    let refused = ask(&bench, "POST", GROUPS, body).await;
    assert_eq!(refused.code(), (422, "invalid_input".into()));
    let pointers: Vec<_> =
        refused.json()["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(pointers, ["/organization_ids/0", "/organization_ids/1", "/administrators/1", "/administrators/2"]);
    for (body, pointer) in [
        (json!({ "organization_ids": [] }), "/name"),
        (json!({ "name": "x", "organization_ids": ["globex"] }), "/organization_ids/0"),
        (json!({ "name": "x", "organization_ids": null }), "/organization_ids"),
        (json!({ "name": "x", "administrators": ["no address"] }), "/administrators/0"),
        (json!({ "name": "x", "administrators": vec![ADA; 51] }), "/administrators"),
        (json!({ "name": "x", "organization_ids": vec![unknown; 101] }), "/organization_ids"),
        (json!({ "name": "x", "number": 7 }), "/number"),
    ] {
        let refused = ask(&bench, "POST", GROUPS, body.clone()).await;
        assert_eq!(refused.status, 422, "{body}: {}", refused.text());
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer, "{body}");
    }
    let listed = ask(&bench, "GET", "/v1/organization-groups?include_total=true", Value::Null).await.json();
    assert_eq!((&listed["total"], &listed["items"][0]["name"]), (&json!(1), &json!("Holding")), "nothing was made");
}

#[actix_web::test]
async fn groups_are_for_the_operator_alone() {
    let bench = Bench::new().await;
    let session = bench.owner().await;
    let (path, _) = group(&bench, &[], &[]).await;
    for (method, path, body) in [
        ("GET", GROUPS, Value::Null),
        ("POST", GROUPS, json!({ "name": "Mine" })),
        ("GET", path.as_str(), Value::Null),
        ("PATCH", path.as_str(), json!({ "name": "Mine" })),
        ("DELETE", path.as_str(), Value::Null),
    ] {
        for credential in [&session, &bench.key] {
            let refused = bench.call(credential, method, path, body.clone()).await;
            assert_eq!(refused.code(), (403, "forbidden".into()), "{method} {path}");
        }
        assert_eq!(bench.call("", method, path, body).await.status, 401, "{method} {path}");
    }
    assert_eq!(ask(&bench, "GET", &path, Value::Null).await.json()["name"], "Holding");
}
