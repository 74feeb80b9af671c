//! The console's pages of members and roles.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::{
    console::{follow, owner, signed_in},
    pages::{Browser, has_no_inline_code, hidden},
    support::{Bench, OWNER, Reply},
};
use serde_json::{Value, json};

const FOREIGN: &str = "00000000-0000-7000-8000-000000000000";
const EVIL: &str = "<img src=x onerror=alert(1)>";

/// The membership of the person with this address.
pub(crate) async fn member(bench: &Bench, email: &str) -> String {
    let page = bench.ask("GET", &format!("/v1/members?query={email}"), Value::Null).await.json();
    page["items"][0]["id"].as_str().unwrap().to_owned()
}

async fn one_member(bench: &Bench, id: &str) -> Value {
    bench.ask("GET", &format!("/v1/members/{id}"), Value::Null).await.json()
}

fn path(id: &str) -> String {
    format!("/console/members/{id}")
}

/// The alert above a form that was refused.
pub(crate) fn alert(page: &Reply) -> String {
    let text = page.text();
    text.split("id=\"errors\"").nth(1).unwrap_or_default().split("</div>").next().unwrap_or_default().to_owned()
}

/// A part of the page: the checkbox of a permission.
pub(crate) fn tick(page: &Reply, name: &str) -> String {
    let text = page.text();
    let start = format!("value=\"{name}\"");
    text.split(&start).nth(1).unwrap_or_default().split('>').next().unwrap_or_default().to_owned()
}

#[actix_web::test]
async fn the_members_are_listed_found_and_paged_with_the_search_kept() {
    let bench = Bench::new().await;
    for number in 0..27 {
        bench.pass(chrono::Duration::seconds(1));
        bench.join(&format!("ada{number:02}@example.org"), Some("member")).await;
    }
    let mut browser = owner(&bench).await;
    let page = browser.get("/console/members").await;
    has_no_inline_code(&page);
    let text = page.text();
    assert!(text.contains("28 members") && text.contains("ada00@example.org"), "{text}");
    assert!(text.contains(">you<") && text.contains("Owner") && text.contains("badge good\">active"), "{text}");
    assert!(!text.contains("ada26@example.org"));
    let found = browser.get("/console/members?query=ada").await;
    let next = found.text().split("rel=\"next\"").next().unwrap().rsplit("href=\"").next().unwrap().to_owned();
    let next = next.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    assert!(next.starts_with("/console/members?query=ada&cursor="), "{next}");
    let second = browser.get(&next).await;
    let text = second.text();
    assert!(text.contains("ada26@example.org") && !text.contains("ada00@example.org"), "{text}");
    assert!(text.contains("href=\"/console/members?query=ada\""), "{text}");
    let none = browser.get("/console/members?query=nobody%22%3E%3Cb").await.text();
    assert!(none.contains("Nothing matches these filters."), "{none}");
    assert!(none.contains("value=\"nobody&#34;&#62;&#60;b\""), "{none}");
}

#[actix_web::test]
async fn a_member_gets_a_role_and_permissions_beside_it() {
    let bench = Bench::new().await;
    bench.join("ada@example.org", Some("member")).await;
    let id = member(&bench, "ada@example.org").await;
    let admin = bench.role("admin").await["id"].as_str().unwrap().to_owned();
    let mut browser = owner(&bench).await;
    let page = browser.get(&path(&id)).await;
    has_no_inline_code(&page);
    assert!(page.text().contains("ada@example.org") && page.text().contains("confirmed"), "{}", page.text());
    assert!(page.text().contains("See invitations"), "what the role allows is shown: {}", page.text());
    let fields = [
        ("action", "save"),
        ("role_id", &admin),
        ("permissions", "api_keys.write"),
        ("more", "timesheets.write\r\ntimesheets.read"),
    ];
    let answer = browser.submit(&path(&id), &page, &fields).await;
    let page = follow(&mut browser, &answer).await;
    assert!(page.text().contains("Saved.") && page.text().contains("timesheets.write"), "{}", page.text());
    assert!(tick(&page, "api_keys.write").contains("checked"), "{}", page.text());
    let member = one_member(&bench, &id).await;
    assert_eq!(member["role"]["name"], "admin");
    assert_eq!(member["permissions"], json!(["api_keys.write", "timesheets.read", "timesheets.write"]));
    // Nothing ticked takes them all away, and so does the empty role.
    let answer = browser.submit(&path(&id), &page, &[("action", "save"), ("role_id", ""), ("more", "")]).await;
    assert_eq!(answer.status, 303);
    let member = one_member(&bench, &id).await;
    assert_eq!((&member["role"], &member["permissions"]), (&Value::Null, &json!([])));
}

#[actix_web::test]
async fn what_cannot_be_is_said_and_what_was_typed_stays() {
    let bench = Bench::new().await;
    bench.join("ada@example.org", Some("member")).await;
    let id = member(&bench, "ada@example.org").await;
    let mut browser = owner(&bench).await;
    let page = browser.get(&path(&id)).await;
    for (fields, said) in [
        ([("role_id", ""), ("permissions", "events.read"), ("more", "Time Sheets")], "is not the name of a permission"),
        ([("role_id", FOREIGN), ("permissions", "events.read"), ("more", "")], "This is not possible here."),
        ([("role_id", "x"), ("permissions", "events.read"), ("more", "")], "This is not possible here."),
    ] {
        let fields: Vec<(&str, &str)> = [("action", "save")].into_iter().chain(fields).collect();
        let answer = browser.submit(&path(&id), &page, &fields).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert!(alert(&answer).contains(said), "{}", answer.text());
        assert!(tick(&answer, "events.read").contains("checked"), "{}", answer.text());
    }
    assert_eq!(one_member(&bench, &id).await["role"]["name"], "member");
}

#[actix_web::test]
async fn r6_2_nobody_raises_a_member_above_themselves_nor_changes_one_who_stands_there() {
    let bench = Bench::new().await;
    bench.owner().await;
    bench.join("admin@example.org", Some("admin")).await;
    bench.join("ada@example.org", Some("member")).await;
    let (ada, boss) = (member(&bench, "ada@example.org").await, member(&bench, OWNER).await);
    let owner_role = bench.role("owner").await["id"].as_str().unwrap().to_owned();
    let mut browser = signed_in(&bench, "admin@example.org").await;
    let page = browser.get(&path(&ada)).await;
    assert!(!page.text().contains(&owner_role), "a role above is not offered");
    assert!(tick(&page, "organization.write").contains("disabled"), "{}", page.text());
    assert!(!tick(&page, "events.read").contains("disabled"));
    assert!(!page.text().contains("id=\"more\""), "an administrator gives what the lists show");
    for fields in
        [[("role_id", owner_role.as_str()), ("more", "")], [("role_id", ""), ("permissions", "api_keys.write")]]
    {
        let fields: Vec<(&str, &str)> = [("action", "save")].into_iter().chain(fields).collect();
        let answer = browser.submit(&path(&ada), &page, &fields).await;
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert!(alert(&answer).contains("only give") || alert(&answer).contains("Only an owner"), "{}", alert(&answer));
    }
    let above = browser.get(&path(&boss)).await;
    assert!(above.text().contains("may do things that you may not"), "{}", above.text());
    assert!(!above.text().contains("value=\"save\"") && !above.text().contains("value=\"remove\""));
    for action in ["switch-off", "remove"] {
        let answer = browser.submit(&path(&boss), &page, &[("action", action)]).await;
        assert_eq!(answer.status, 403, "{action}");
    }
    assert_eq!(one_member(&bench, &boss).await["active"], true);
}

#[actix_web::test]
async fn r6_4_a_member_is_switched_off_and_on_and_removed_and_invitations_are_put_on_hold() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let (session, _) = bench.join("ada@example.org", Some("admin")).await;
    let issued =
        bench.call(&session, "POST", "/v1/invitations", json!({ "recipient": { "email": "eve@example.org" } })).await;
    let invitation = issued.json()["id"].as_str().unwrap().to_owned();
    let status = async || {
        let one = bench.ask("GET", &format!("/v1/invitations/{invitation}"), Value::Null).await;
        one.json()["status"].as_str().unwrap().to_owned()
    };
    let id = member(&bench, "ada@example.org").await;
    let page = browser.get(&path(&id)).await;
    assert!(page.text().contains("Open invitations this member sent are put on hold"), "{}", page.text());
    let off = browser.submit(&path(&id), &page, &[("action", "switch-off")]).await;
    let page = follow(&mut browser, &off).await;
    assert!(page.text().contains("The member is switched off.") && page.text().contains("Nothing while switched off"));
    assert_eq!(status().await, "suspended");
    let on = browser.submit(&path(&id), &page, &[("action", "switch-on")]).await;
    let page = follow(&mut browser, &on).await;
    assert!(page.text().contains("The member is switched on."));
    let removed = browser.submit(&path(&id), &page, &[("action", "remove")]).await;
    let list = follow(&mut browser, &removed).await;
    assert!(list.text().contains("The member is removed.") && !list.text().contains("ada@example.org"));
    assert_eq!(browser.get(&path(&id)).await.status, 404);
    assert_eq!(browser.submit(&path(&id), &list, &[("action", "remove")]).await.status, 404);
}

#[actix_web::test]
async fn r6_5_the_last_owner_stays_and_anybody_else_may_leave() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let id = member(&bench, OWNER).await;
    let page = browser.get(&path(&id)).await;
    assert!(page.text().contains("href=\"/console/leave\"") && !page.text().contains("value=\"remove\""));
    for fields in [vec![("action", "save"), ("role_id", "")], vec![("action", "switch-off")]] {
        let answer = browser.submit(&path(&id), &page, &fields).await;
        assert_eq!(answer.status, 409, "{}", answer.text());
        assert!(alert(&answer).contains("An organization needs an owner"), "{}", answer.text());
    }
    let leaving = browser.get("/console/leave").await;
    has_no_inline_code(&leaving);
    assert!(leaving.text().contains("You are about to leave Acme."), "{}", leaving.text());
    let answer = browser.submit("/console/leave", &leaving, &[]).await;
    assert_eq!(answer.status, 409);
    assert!(alert(&answer).contains("An organization needs an owner"));
    // A guest sees nobody and may go all the same.
    bench.join("guest@example.org", Some("guest")).await;
    let mut browser = signed_in(&bench, "guest@example.org").await;
    assert_eq!(browser.get("/console/members").await.status, 403);
    let leaving = browser.get("/console/leave").await;
    assert_eq!(leaving.status, 200);
    let left = browser.submit("/console/leave", &leaving, &[]).await;
    let page = browser.get(left.header("location")).await;
    assert!(page.text().contains("You have left the organization."), "{}", page.text());
    let found = bench.ask("GET", "/v1/members?query=guest", Value::Null).await.json();
    assert_eq!(found["items"], json!([]));
}

#[actix_web::test]
async fn a_key_at_the_console_is_nobody_and_leaves_nothing() {
    let bench = Bench::new().await;
    let mut browser = Browser::new(&bench);
    let page = browser.get("/console/sign-in?by=key").await;
    let key = bench.key.clone();
    assert_eq!(browser.submit("/console/sign-in?by=key", &page, &[("api_key", &key)]).await.status, 303);
    assert_eq!(browser.get("/console/members").await.status, 200);
    assert_eq!(browser.get("/console/leave").await.status, 404);
}

#[actix_web::test]
async fn authz_without_the_permission_there_is_no_page_no_entry_and_no_form() {
    let bench = Bench::new().await;
    bench.owner().await;
    bench.join("guest@example.org", Some("guest")).await;
    bench.join("ada@example.org", Some("member")).await;
    let id = member(&bench, OWNER).await;
    let role = bench.role("member").await["id"].as_str().unwrap().to_owned();
    let mut browser = signed_in(&bench, "guest@example.org").await;
    let account = browser.get("/console/account").await;
    let pages =
        ["/console/members", "/console/roles", "/console/api-keys", "/console/settings", "/console/dead-letters"];
    for page in pages {
        assert!(!account.text().contains(&format!("href=\"{page}\"")), "{page}");
        assert_eq!(browser.get(page).await.status, 403, "{page}");
    }
    let key = bench.ask("GET", "/v1/api-keys", Value::Null).await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let members = [path(&id), format!("/console/roles/{role}"), format!("/console/api-keys/{key}")];
    for page in members.iter().map(String::as_str).chain(["/console/roles/new", "/console/api-keys/new"]) {
        assert_eq!(browser.get(page).await.status, 403, "{page}");
    }
    // A member sees the lists of members and roles, and no form.
    let mut browser = signed_in(&bench, "ada@example.org").await;
    let account = browser.get("/console/account").await;
    for page in [path(&id), format!("/console/roles/{role}")] {
        let shown = browser.get(&page).await;
        assert_eq!(shown.status, 200, "{page}");
        assert!(!shown.text().contains(&format!("action=\"{page}\"")), "{page}");
    }
    assert!(!browser.get("/console/roles").await.text().contains("/console/roles/new"));
    for (target, action) in [
        (path(&id), "switch-off"),
        (path(&id), "remove"),
        (format!("/console/roles/{role}"), "delete"),
        (format!("/console/api-keys/{key}"), "revoke"),
        (format!("/console/api-keys/{key}"), "rotate"),
    ] {
        let answer = browser.submit(&target, &account, &[("action", action)]).await;
        assert_eq!(answer.status, 403, "{target} {action}: {}", answer.text());
    }
    for target in ["/console/roles/new", "/console/api-keys/new"] {
        let fields = [("name", "X"), ("permissions", "invitations.read"), ("scope", "chosen")];
        assert_eq!(browser.submit(target, &account, &fields).await.status, 403, "{target}");
    }
}

#[actix_web::test]
async fn r6_6_ids_of_others_and_no_ids_are_unknown_alike() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let body = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let globex = bench.call(&bench.operator, "POST", "/v1/organizations", body).await.json();
    let theirs = globex["api_key"].as_str().unwrap();
    let id = async |path: &str| {
        let list = bench.call(theirs, "GET", path, Value::Null).await.json();
        list["items"][0]["id"].as_str().unwrap().to_owned()
    };
    let page = browser.get("/console/account").await;
    for (list, own) in [("/v1/members", "members"), ("/v1/roles", "roles"), ("/v1/api-keys", "api-keys")] {
        for id in [id(list).await, FOREIGN.to_owned(), "x".to_owned()] {
            let path = format!("/console/{own}/{id}");
            assert_eq!(browser.get(&path).await.status, 404, "{path}");
            for action in ["save", "switch-off", "remove", "delete", "rotate", "revoke"] {
                let fields = [("action", action), ("name", "X")];
                let answer = browser.submit(&path, &page, &fields).await;
                assert!([404, 403].contains(&answer.status.as_u16()), "{path} {action} {}", answer.status);
            }
        }
    }
    assert_eq!(bench.call(theirs, "GET", "/v1/organization", Value::Null).await.status, 200);
}

#[actix_web::test]
async fn names_people_chose_are_text_on_these_pages() {
    let bench = Bench::new().await;
    bench.join("ada@example.org", None).await;
    let id = member(&bench, "ada@example.org").await;
    let session = bench.sign_in("ada@example.org").await;
    assert_eq!(bench.call(&session, "PATCH", "/v1/me", json!({ "name": EVIL })).await.status, 200);
    let body = json!({ "name": EVIL, "description": EVIL, "permissions": ["events.read"] });
    let role = bench.ask("POST", "/v1/roles", body).await.json()["id"].as_str().unwrap().to_owned();
    let key =
        bench.ask("POST", "/v1/api-keys", json!({ "name": EVIL })).await.json()["id"].as_str().unwrap().to_owned();
    let mut browser = owner(&bench).await;
    for page in [
        "/console/members".to_owned(),
        path(&id),
        "/console/roles".to_owned(),
        format!("/console/roles/{role}"),
        "/console/api-keys".to_owned(),
        format!("/console/api-keys/{key}"),
    ] {
        let shown = browser.get(&page).await;
        assert_eq!(shown.status, 200);
        let text = shown.text();
        assert!(!text.contains("<img") && text.contains("&#60;img src=x"), "{page}: {text}");
        has_no_inline_code(&shown);
    }
}

#[actix_web::test]
async fn a_role_is_made_changed_and_deleted() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let list = browser.get("/console/roles").await;
    has_no_inline_code(&list);
    assert!(list.text().contains("built in") && list.text().contains("Everything"), "{}", list.text());
    let form = browser.get("/console/roles/new").await;
    has_no_inline_code(&form);
    let fields = [
        ("name", "Dispatcher"),
        ("description", "Plans\r\nthe tours"),
        ("permissions", "invitations.read"),
        ("permissions", "invitations.issue"),
        ("more", "tours.plan"),
    ];
    let made = browser.submit("/console/roles/new", &form, &fields).await;
    let page = follow(&mut browser, &made).await;
    assert!(page.text().contains("The role is created.") && page.text().contains("tours.plan"), "{}", page.text());
    let role = bench.role("Dispatcher").await;
    assert_eq!(role["description"], "Plans\nthe tours");
    assert_eq!(role["permissions"], json!(["invitations.issue", "invitations.read", "tours.plan"]));
    let target = format!("/console/roles/{}", role["id"].as_str().unwrap());
    let fields = [("action", "save"), ("name", "Planner"), ("description", ""), ("permissions", "tours.plan")];
    let saved = browser.submit(&target, &page, &fields).await;
    assert!(follow(&mut browser, &saved).await.text().contains("Saved."));
    let role = bench.role("Planner").await;
    assert_eq!((&role["description"], &role["permissions"]), (&Value::Null, &json!(["tours.plan"])));
    // In use it stays.
    bench.join("ada@example.org", Some("Planner")).await;
    let refused = browser.submit(&target, &page, &[("action", "delete")]).await;
    assert_eq!(refused.status, 409);
    assert!(alert(&refused).contains("has this role"), "{}", refused.text());
    let ada = member(&bench, "ada@example.org").await;
    bench.ask("DELETE", &format!("/v1/members/{ada}"), Value::Null).await;
    let deleted = browser.submit(&target, &page, &[("action", "delete")]).await;
    let list = follow(&mut browser, &deleted).await;
    assert!(list.text().contains("The role is deleted.") && !list.text().contains("Planner"));
    assert_eq!(browser.get(&target).await.status, 404);
}

#[actix_web::test]
async fn a_role_that_cannot_be_is_refused_beside_its_field_with_all_that_was_typed() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let form = browser.get("/console/roles/new").await;
    let long = "x".repeat(101);
    for (name, more, said) in [
        ("Owner", "", "Another role has this name"),
        ("", "", "too short"),
        (long.as_str(), "", "too short, too long"),
        ("Good", "no permission", "is not the name of a permission"),
    ] {
        let fields = [("name", name), ("description", "Of the day"), ("permissions", "events.read"), ("more", more)];
        let answer = browser.submit("/console/roles/new", &form, &fields).await;
        assert_eq!(answer.status, 422, "{name}");
        assert!(alert(&answer).contains(said), "{name}: {}", alert(&answer));
        assert!(answer.text().contains("Of the day") && tick(&answer, "events.read").contains("checked"));
        assert!(answer.text().contains("aria-invalid=\"true\""));
    }
}

#[actix_web::test]
async fn r6_1_system_roles_are_shown_and_cannot_be_changed() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let form = browser.get("/console/roles/new").await;
    for name in ["owner", "admin", "member", "guest"] {
        let target = format!("/console/roles/{}", bench.role(name).await["id"].as_str().unwrap());
        let page = browser.get(&target).await;
        assert!(page.text().contains("This role is the same in every organization"), "{name}");
        assert!(!page.text().contains("value=\"save\"") && !page.text().contains("value=\"delete\""), "{name}");
        for action in ["save", "delete"] {
            let answer = browser.submit(&target, &form, &[("action", action), ("name", "Mine")]).await;
            assert_eq!(answer.status, 403, "{name} {action}");
            assert!(alert(&answer).contains("cannot be changed"), "{}", answer.text());
        }
    }
}

#[actix_web::test]
async fn r6_2_a_role_holds_what_its_maker_holds() {
    let bench = Bench::new().await;
    bench.owner().await;
    bench.join("admin@example.org", Some("admin")).await;
    let body = json!({ "name": "Boss", "permissions": ["organization.write"] });
    let above = bench.ask("POST", "/v1/roles", body).await.json()["id"].as_str().unwrap().to_owned();
    let mut browser = signed_in(&bench, "admin@example.org").await;
    let form = browser.get("/console/roles/new").await;
    assert!(tick(&form, "organization.write").contains("disabled") && !form.text().contains("id=\"more\""));
    let fields = [("name", "Bigger"), ("permissions", "organization.write")];
    let answer = browser.submit("/console/roles/new", &form, &fields).await;
    assert_eq!(answer.status, 403);
    assert!(alert(&answer).contains("You can only give what you hold yourself"), "{}", answer.text());
    let page = browser.get(&format!("/console/roles/{above}")).await;
    assert!(page.text().contains("This role allows things that you may not do yourself"), "{}", page.text());
    assert!(!page.text().contains("value=\"save\""));
    let fields = [("action", "save"), ("name", "Less")];
    assert_eq!(browser.submit(&format!("/console/roles/{above}"), &form, &fields).await.status, 403);
}

#[actix_web::test]
async fn link_2_looking_at_these_pages_changes_nothing() {
    let bench = Bench::new().await;
    bench.join("ada@example.org", Some("member")).await;
    let id = member(&bench, "ada@example.org").await;
    let mut browser = owner(&bench).await;
    let before = one_member(&bench, &id).await;
    for query in ["?action=remove", "?action=switch-off&csrf=x", "?done=left"] {
        assert_eq!(browser.get(&format!("{}{query}", path(&id))).await.status, 200);
    }
    assert_eq!(one_member(&bench, &id).await, before);
    let page = browser.get(&path(&id)).await;
    assert!(!hidden(&page, "csrf").is_empty());
    let mut other = signed_in(&bench, "ada@example.org").await;
    assert_eq!(other.submit(&path(&id), &page, &[("action", "remove")]).await.status, 403, "another session's form");
    assert_eq!(one_member(&bench, &id).await, before);
}

#[actix_web::test]
async fn r6_7_a_form_opened_before_a_member_lost_rights_gives_none_back() {
    let bench = Bench::new().await;
    bench.join("ada@example.org", Some("admin")).await;
    let id = member(&bench, "ada@example.org").await;
    let admin = bench.role("admin").await["id"].as_str().unwrap().to_owned();
    let guest = bench.role("guest").await["id"].as_str().unwrap().to_owned();
    let mut browser = owner(&bench).await;
    let page = browser.get(&path(&id)).await;
    bench.ask("PATCH", &format!("/v1/members/{id}"), json!({ "role_id": guest })).await;
    let fields = [("action", "save"), ("role_id", admin.as_str()), ("permissions", "events.read"), ("more", "")];
    let answer = browser.submit(&path(&id), &page, &fields).await;
    assert_eq!(answer.status, 412, "{}", answer.text());
    assert!(alert(&answer).contains("changed this"), "{}", alert(&answer));
    // What is so now is shown, so that nothing is undone unseen.
    let text = answer.text();
    assert!(text.contains(&format!("value=\"{guest}\" selected")) && !text.contains(&format!("{admin}\" selected")));
    assert!(!tick(&answer, "events.read").contains("checked"), "{text}");
    assert_eq!(one_member(&bench, &id).await["role"]["name"], "guest");
    for action in ["switch-off", "save"] {
        assert_eq!(browser.submit(&path(&id), &page, &[("action", action)]).await.status, 412, "{action}");
    }
    // A form that was refused for its fields is of no later version than it was made for.
    let wrong = [("action", "save"), ("role_id", "x"), ("more", "")];
    let refused = browser.submit(&path(&id), &page, &wrong).await;
    assert_eq!((refused.status.as_u16(), hidden(&refused, "version")), (422, hidden(&page, "version")));
    assert_eq!(browser.submit(&path(&id), &answer, &fields).await.status, 303);
    assert_eq!(one_member(&bench, &id).await["role"]["name"], "admin");
}

#[actix_web::test]
async fn r6_7_a_form_opened_before_a_role_was_cut_gives_nothing_back() {
    let bench = Bench::new().await;
    let body = json!({ "name": "Desk", "permissions": ["events.read", "members.read"] });
    let role = bench.ask("POST", "/v1/roles", body).await.json()["id"].as_str().unwrap().to_owned();
    let target = format!("/console/roles/{role}");
    let mut browser = owner(&bench).await;
    let page = browser.get(&target).await;
    bench.ask("PATCH", &format!("/v1/roles/{role}"), json!({ "permissions": ["members.read"] })).await;
    let fields = [
        ("action", "save"),
        ("name", "Front desk"),
        ("description", ""),
        ("permissions", "events.read"),
        ("permissions", "members.read"),
        ("more", ""),
    ];
    let answer = browser.submit(&target, &page, &fields).await;
    assert_eq!(answer.status, 412, "{}", answer.text());
    assert!(alert(&answer).contains("changed this") && answer.text().contains("value=\"Desk\""));
    assert!(!tick(&answer, "events.read").contains("checked"), "{}", answer.text());
    let now = bench.ask("GET", &format!("/v1/roles/{role}"), Value::Null).await.json();
    assert_eq!((&now["name"], &now["permissions"]), (&json!("Desk"), &json!(["members.read"])));
    assert_eq!(browser.submit(&target, &page, &[("action", "save"), ("version", "")]).await.status, 403);
    assert_eq!(browser.submit(&target, &answer, &fields).await.status, 303);
}
