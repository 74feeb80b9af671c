//! Dailys: the list of invites, and that of roles.

use crate::{
    dailys_support::{INVITES, ROLES, assert_fields, assert_printed, at, keys},
    support::Bench,
};
use chrono::Duration;
use invite_domain::invitation::Origin;
use serde_json::{Value, json};

const BASE: &str = "https://invite.example.org/api/v1/invites";

/// Four invites; the second has the role `admin`, the third the role `guest`.
async fn four(bench: &Bench) {
    let (admin, guest) = (bench.role_number("admin").await, bench.role_number("guest").await);
    for (email, rate, role) in [
        ("dora@example.org", 300, None),
        ("ada@example.org", 100, Some(admin)),
        ("carl@example.net", 400, Some(guest)),
        ("bob@example.org", 200, None),
    ] {
        bench.store(json!({ "email": email, "default_rate": rate, "role_id": role })).await;
        bench.pass(Duration::seconds(1));
    }
}

#[actix_web::test]
async fn dl_1_the_list_has_the_ten_keys_of_its_paginator_and_no_others() {
    let bench = Bench::new().await;
    let ten = [
        "current_page",
        "data",
        "from",
        "last_page",
        "next_page_url",
        "path",
        "per_page",
        "prev_page_url",
        "to",
        "total",
    ];
    let empty = bench.invites("").await;
    assert_eq!(keys(&empty), ten);
    let nothing = json!({
        "current_page": 1, "data": [], "from": null, "last_page": 0, "next_page_url": null, "path": BASE, "per_page": 100,
        "prev_page_url": null, "to": null, "total": 0,
    });
    assert_eq!(empty, nothing);
    four(&bench).await;
    let page = bench.invites("").await;
    assert_eq!(keys(&page), ten);
    assert_eq!(keys(&page["data"][0]), ["default_rate", "email", "expires_at", "id", "permissions", "role"]);
    for (key, value) in [("from", 1), ("to", 4), ("total", 4), ("last_page", 1), ("per_page", 100), ("current_page", 1)]
    {
        assert_eq!(page[key], value, "{key}");
    }
    // The keys stand as the page prints them.
    let text = bench.ask("GET", INVITES, Value::Null).await.text();
    let order =
        ["current_page", "data", "from", "last_page", "next_page_url", "path", "per_page", "prev_page_url", "to"];
    let places: Vec<usize> = order.iter().map(|key| text.rfind(&format!("\"{key}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
}

#[actix_web::test]
async fn dl_2_the_list_shows_the_callers_organisation_only() {
    let bench = Bench::new().await;
    four(&bench).await;
    let stranger = bench.stranger().await;
    let body = json!({ "email": "eve@globex.example", "default_rate": 1 });
    assert_eq!(bench.call(&stranger, "POST", INVITES, body).await.status, 200);
    let theirs = bench.call(&stranger, "GET", INVITES, Value::Null).await.json();
    assert_eq!((&theirs["total"], &theirs["data"][0]["email"]), (&json!(1), &json!("eve@globex.example")));
    assert_eq!(bench.invites("").await["total"], 4);
    assert_eq!(bench.invites("query=eve").await["total"], 0);
}

#[actix_web::test]
async fn dl_3_the_limit_is_obeyed_and_echoed_and_refused_out_of_range() {
    let bench = Bench::new().await;
    four(&bench).await;
    for (limit, rows) in [(1, 1), (3, 3), (100, 4)] {
        let page = bench.invites(&format!("limit={limit}")).await;
        assert_eq!((&page["per_page"], page["data"].as_array().unwrap().len()), (&json!(limit), rows));
    }
    for (limit, error) in [
        ("0", "The limit must be at least 1."),
        ("-1", "The limit must be at least 1."),
        ("101", "The limit may not be greater than 100."),
        ("9999999999999999999999", "The limit must be an integer."),
        ("ten", "The limit must be an integer."),
        ("1.5", "The limit must be an integer."),
    ] {
        assert_fields(&bench.ask("GET", &format!("{INVITES}?limit={limit}"), Value::Null).await, &[error]);
    }
}

#[actix_web::test]
async fn dl_4_dl_5_three_keys_sort_the_list_up_and_down_and_others_are_refused() {
    let bench = Bench::new().await;
    four(&bench).await;
    // The first one ends last from here on, so that no two of the orders are the same.
    let dora = bench.invites("query=dora").await["data"][0].clone();
    assert_eq!(bench.ask("PUT", &at(&dora), Value::Null).await.status, 200);
    let order = |emails: Vec<String>| emails.iter().map(|email| email[..1].to_owned()).collect::<String>();
    for (query, expected) in [
        ("", "dacb"),
        ("sortAsc=1", "dacb"),
        ("sortAsc=0", "bcad"),
        ("sortKey=email", "abcd"),
        ("sortKey=email&sortAsc=1", "abcd"),
        ("sortKey=email&sortAsc=0", "dcba"),
        ("sortKey=expires_at&sortAsc=1", "acbd"),
        ("sortKey=expires_at&sortAsc=0", "dbca"),
        ("sortKey=default_rate&sortAsc=1", "abdc"),
        ("sortKey=default_rate&sortAsc=0", "cdba"),
    ] {
        assert_eq!(order(bench.emails(query).await), expected, "{query}");
    }
    for (query, error) in [
        ("sortKey=id", "The selected sort key is invalid."),
        ("sortKey=Email", "The selected sort key is invalid."),
        ("sortKey=role", "The selected sort key is invalid."),
        ("sortAsc=2", "The selected sort asc is invalid."),
        ("sortAsc=true", "The selected sort asc is invalid."),
        ("sortAsc=-1", "The selected sort asc is invalid."),
    ] {
        assert_fields(&bench.ask("GET", &format!("{INVITES}?{query}"), Value::Null).await, &[error]);
    }
    let two = bench.ask("GET", &format!("{INVITES}?sortKey=id&limit=0"), Value::Null).await;
    assert_fields(&two, &["The limit must be at least 1.", "The selected sort key is invalid."]);
}

#[actix_web::test]
async fn dl_6_dl_7_dl_8_a_search_finds_addresses_and_roles_and_is_paged() {
    let bench = Bench::new().await;
    four(&bench).await;
    assert_eq!(bench.emails("query=arl%40").await, ["carl@example.net"]);
    assert_eq!(bench.emails("query=CARL").await, ["carl@example.net"]);
    assert_eq!(bench.emails("query=%20carl%20").await, ["carl@example.net"]);
    // No address has these; a role's name does.
    assert_eq!(bench.emails("query=gues").await, ["carl@example.net"]);
    assert_eq!(bench.emails("query=Admin").await, ["ada@example.org"]);
    assert_eq!(bench.emails("query=").await.len(), 4);
    // Signs a database reads otherwise are signs.
    for nothing in ["%25", "_", "%5C", "%27"] {
        assert_eq!(bench.invites(&format!("query={nothing}")).await["total"], 0, "{nothing}");
    }
    let page = bench.invites("query=example.org&limit=2&page=2&sortKey=email").await;
    assert_eq!(
        (&page["total"], &page["last_page"], &page["from"], &page["to"]),
        (&json!(3), &json!(2), &json!(3), &json!(3))
    );
    assert_eq!(page["data"][0]["email"], "dora@example.org");
    let long = "x".repeat(201);
    let refused = bench.ask("GET", &format!("{INVITES}?query={long}"), Value::Null).await;
    assert_fields(&refused, &["The query may not be greater than 200 characters."]);
}

#[actix_web::test]
async fn dl_9_no_previous_address_on_the_first_page_no_next_one_on_the_last_and_both_lead_on() {
    let bench = Bench::new().await;
    four(&bench).await;
    let links = |page: &Value| [page["prev_page_url"].clone(), page["next_page_url"].clone()];
    assert_eq!(links(&bench.invites("").await), [Value::Null, Value::Null]);
    let first = bench.invites("limit=2").await;
    assert_eq!(links(&first), [Value::Null, json!(format!("{BASE}?limit=2&page=2"))]);
    let last = bench.invites("limit=2&page=2").await;
    assert_eq!(links(&last), [json!(format!("{BASE}?limit=2&page=1")), Value::Null]);
    let middle = bench.invites("page=2&query=example&limit=1&sortKey=email&sortAsc=0").await;
    let rest = "query=example&limit=1&sortKey=email&sortAsc=0";
    assert_eq!(links(&middle), [json!(format!("{BASE}?{rest}&page=1")), json!(format!("{BASE}?{rest}&page=3"))]);
    assert_eq!(middle["path"], BASE);
    // A link leads on in the same list.
    let next = middle["next_page_url"].as_str().unwrap().strip_prefix("https://invite.example.org").unwrap();
    let next = bench.ask("GET", next, Value::Null).await.json();
    assert_eq!((&next["current_page"], &next["data"][0]["email"]), (&json!(3), &json!("bob@example.org")));
}

#[actix_web::test]
async fn a_page_that_is_none_is_the_first_and_one_behind_the_last_is_empty() {
    let bench = Bench::new().await;
    four(&bench).await;
    // What is no 64-bit integer is no integer to PHP.
    for none in ["0", "-1", "x", "1.5", "", "9223372036854775808", "99999999999999999999999999"] {
        let page = bench.invites(&format!("limit=3&page={none}")).await;
        assert_eq!((&page["current_page"], &page["from"], &page["to"]), (&json!(1), &json!(1), &json!(3)), "{none}");
    }
    for far in ["3", "99999", "9223372036854775807"] {
        let page = bench.invites(&format!("limit=3&page={far}")).await;
        assert_eq!((&page["data"], &page["from"], &page["to"]), (&json!([]), &Value::Null, &Value::Null), "{far}");
        assert_eq!((&page["total"], &page["last_page"], &page["next_page_url"]), (&json!(4), &json!(2), &Value::Null));
    }
}

#[actix_web::test]
async fn the_list_shows_what_is_pending_expired_or_suspended_and_invites_of_addresses_only() {
    let bench = Bench::new().await;
    let (session, redeemed) = bench.join("boss@example.org", Some("admin")).await;
    bench.call(&session, "POST", INVITES, json!({ "email": "old@example.org", "default_rate": 1 })).await;
    bench.pass(Duration::days(8));
    let session = bench.sign_in("boss@example.org").await;
    let member = bench.role_number("member").await;
    let body = json!({ "email": "suspended@example.org", "default_rate": 1, "role_id": member });
    let stored = bench.call(&session, "POST", INVITES, body).await;
    assert_eq!(stored.status, 200, "{}", stored.text());
    let suspended = stored.json()["invite"].clone();
    let path = format!("/v1/members/{}", redeemed["membership"]["id"].as_str().unwrap());
    let guest = bench.role("guest").await["id"].clone();
    assert_eq!(bench.ask("PATCH", &path, json!({ "role_id": guest })).await.status, 200);
    bench.store_at("pending@example.org", 1).await;
    let gone = bench.store_at("revoked@example.org", 1).await;
    bench.ask("DELETE", &at(&gone), Value::Null).await;
    bench.store_at("redeemed@example.org", 1).await;
    let token = bench.mailed("redeemed@example.org").await;
    assert_eq!(bench.accept(&token).await.status, 201);
    let declined = bench.store_at("declined@example.org", 1).await;
    let token = bench.mailed("declined@example.org").await;
    assert_eq!(bench.call("", "POST", "/v1/redemptions/decline", json!({ "token": token })).await.status, 200);
    assert_eq!(bench.emails("").await, ["old@example.org", "suspended@example.org", "pending@example.org"]);
    for ended in [&gone, &declined] {
        for method in ["GET", "PUT", "DELETE"] {
            let before = bench.spy.plans();
            assert_printed(&bench.ask(method, &at(ended), Value::Null).await, 404, method);
            assert_eq!(bench.spy.plans(), before, "{method}");
        }
    }
    // A suspended one is not sent again, and says why.
    let refused = bench.ask("PUT", &at(&suspended), Value::Null).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["message"]), (400, &json!("Bad Request")));
    assert!(refused.json()["errors"][0].as_str().unwrap().contains("may no longer give"), "{}", refused.text());
}

#[actix_web::test]
async fn what_the_native_api_made_is_there_with_a_rate_of_0() {
    let bench = Bench::new().await;
    bench.issue("ada@example.org").await;
    let page = bench.invites("").await;
    assert_eq!((&page["data"][0]["default_rate"], &page["data"][0]["permissions"]), (&json!(0), &Value::Null));
}

#[actix_web::test]
async fn roles_are_found_sorted_and_paged_like_invites() {
    let bench = Bench::new().await;
    let body = json!({
        "name": "Dispatcher", "description": "Plans tours", "permissions": ["tours.plan", "invitations.read", "invitations.issue"],
    });
    assert_eq!(bench.ask("POST", "/v1/roles", body).await.status, 201);
    let roles = async |query: &str| bench.ask("GET", &format!("{ROLES}?{query}"), Value::Null).await.json();
    let names = |page: &Value| -> Vec<String> {
        let data = page["data"].as_array().unwrap();
        data.iter().map(|role| role["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&roles("sortKey=name").await), ["admin", "Dispatcher", "guest", "member", "owner"]);
    assert_eq!(names(&roles("sortKey=name&sortAsc=0&limit=2").await), ["owner", "member"]);
    assert_eq!(names(&roles("sortKey=scope").await), names(&roles("").await));
    assert_eq!(names(&roles("query=dispat").await), ["Dispatcher"]);
    assert_eq!(names(&roles("query=TOURS").await), ["Dispatcher"]);
    let page = roles("sortKey=name&limit=2&page=2").await;
    assert_eq!(names(&page), ["guest", "member"]);
    assert_eq!(
        (&page["from"], &page["to"], &page["total"], &page["last_page"]),
        (&json!(3), &json!(4), &json!(5), &json!(3))
    );
    let base = "https://invite.example.org/api/v1/roles?sortKey=name&limit=2&page=";
    assert_eq!(
        (&page["prev_page_url"], &page["next_page_url"]),
        (&json!(format!("{base}1")), &json!(format!("{base}3")))
    );
    assert_eq!(keys(&page), keys(&bench.invites("").await));
    for (query, error) in [
        ("sortKey=email", "The selected sort key is invalid."),
        ("limit=101", "The limit may not be greater than 100."),
        ("sortAsc=x", "The selected sort asc is invalid."),
    ] {
        assert_fields(&bench.ask("GET", &format!("{ROLES}?{query}"), Value::Null).await, &[error]);
    }
    let role = &roles("query=dispat").await["data"][0];
    let nine =
        ["created_at", "deleted", "deleted_at", "description", "id", "name", "permissions", "scope", "updated_at"];
    assert_eq!(keys(role), nine);
    let own = json!({ "invites.index": true, "invites.show": true, "invites.store": true, "tours.plan": true });
    assert_eq!(
        (&role["permissions"], &role["scope"], &role["deleted_at"]),
        (&own, &json!("organisations"), &Value::Null)
    );
    assert_eq!((&role["deleted"], &role["description"]), (&json!(false), &json!("Plans tours")));
    let shown = bench.ask("GET", &format!("{ROLES}/{}", role["id"]), Value::Null).await;
    assert_eq!((shown.status.as_u16(), &shown.json()), (200, role));
    // An owner prints every name there is, in a role as in an invite that gives it.
    let owner = &roles("query=owner").await["data"][0];
    assert_eq!(owner["permissions"]["tours.plan"], true);
    let invite = bench.store(json!({ "email": "a@example.org", "default_rate": 0, "role_id": owner["id"] })).await;
    assert_eq!(&invite["role"], owner);
    // A description that is none is empty, and the change is dated.
    bench.pass(Duration::seconds(1));
    let native = format!("/v1/roles/{}", bench.role("Dispatcher").await["id"].as_str().unwrap());
    assert_eq!(bench.ask("PATCH", &native, json!({ "description": null })).await.status, 200);
    let changed = bench.ask("GET", &format!("{ROLES}/{}", role["id"]), Value::Null).await.json();
    assert_eq!((&changed["description"], &changed["created_at"]), (&json!(""), &role["created_at"]));
    assert!(changed["updated_at"].as_str() > role["updated_at"].as_str(), "{changed}");
}

#[actix_web::test]
async fn a_role_of_another_api_shows_its_scope_and_is_not_given() {
    let bench = Bench::new().await;
    let who = bench.api.directory.authenticate(&bench.key).await.unwrap().unwrap();
    let organization = bench.api.directory.effective_organization(&who, None).await.unwrap();
    let caller = invite_domain::service::Caller {
        principal: who.principal(),
        organization_id: organization.id,
        origin: Origin::default(),
    };
    let wanted = invite_domain::access::GategoRole::ALL[0];
    let role = bench.api.directory.gatego_role(&caller, wanted).await.unwrap();
    let shown = bench.ask("GET", &format!("{ROLES}/{}", role.number), Value::Null).await.json();
    assert_eq!(shown["scope"], "gatego");
    let before = bench.spy.plans();
    let body = json!({ "email": "a@example.org", "default_rate": 1, "role_id": role.number });
    assert_fields(&bench.ask("POST", INVITES, body).await, &["The selected role id is invalid."]);
    assert_eq!(bench.spy.plans(), before);
}
