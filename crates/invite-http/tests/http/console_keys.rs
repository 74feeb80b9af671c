//! The console's pages of API keys.

use crate::{
    console::{follow, owner, signed_in},
    console_people::{alert, tick},
    pages::has_no_inline_code,
    support::{Bench, OWNER, Reply},
};
use serde_json::{Value, json};

/// The key a page shows.
fn shown_key(page: &Reply) -> String {
    let text = page.text();
    let part = text.split("id=\"secret\"").nth(1).unwrap_or_default().split('<').next().unwrap_or_default();
    part.rsplit('>').next().unwrap_or_default().to_owned()
}

#[actix_web::test]
async fn a_key_is_made_shown_once_rotated_and_revoked() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let form = browser.get("/console/api-keys/new").await;
    has_no_inline_code(&form);
    let fields = [("name", "Nightly"), ("scope", "chosen"), ("permissions", "members.read"), ("expires_in", "2592000")];
    let made = browser.submit("/console/api-keys/new", &form, &fields).await;
    assert_eq!(made.status, 200, "{}", made.text());
    has_no_inline_code(&made);
    assert_eq!(made.header("cache-control"), "no-store");
    let first = shown_key(&made);
    assert!(first.starts_with("ivk_") && made.text().contains("data-copy=\"Copy the key\""), "{}", made.text());
    assert_eq!(bench.call(&first, "GET", "/v1/members", Value::Null).await.status, 200);
    assert_eq!(bench.call(&first, "GET", "/v1/roles", Value::Null).await.status, 403);
    let list = browser.get("/console/api-keys").await;
    has_no_inline_code(&list);
    assert!(list.text().contains("Nightly") && list.text().contains("1 permission") && list.text().contains(OWNER));
    assert!(!list.text().contains(&first));
    let keys = bench.ask("GET", "/v1/api-keys", Value::Null).await.json();
    let key = keys["items"].as_array().unwrap().iter().find(|key| key["name"] == "Nightly").unwrap().clone();
    assert!(list.text().contains(key["prefix"].as_str().unwrap()));
    let target = format!("/console/api-keys/{}", key["id"].as_str().unwrap());
    let page = browser.get(&target).await;
    has_no_inline_code(&page);
    assert!(page.text().contains("See members") && !page.text().contains(&first), "{}", page.text());
    let rotated = browser.submit(&target, &page, &[("action", "rotate"), ("overlap", "3600")]).await;
    let second = shown_key(&rotated);
    assert!(second.starts_with("ivk_") && second != first, "{}", rotated.text());
    assert!(rotated.text().contains("The old value works until"), "{}", rotated.text());
    for (key, minutes) in [(&first, 0), (&second, 0), (&second, 61)] {
        bench.pass(chrono::Duration::minutes(minutes));
        assert_eq!(bench.call(key, "GET", "/v1/members", Value::Null).await.status, 200);
    }
    assert_eq!(bench.call(&first, "GET", "/v1/members", Value::Null).await.status, 401, "the overlap has ended");
    assert!(page.text().contains("Open invitations it issued are put on hold"), "{}", page.text());
    let revoked = browser.submit(&target, &page, &[("action", "revoke")]).await;
    let list = follow(&mut browser, &revoked).await;
    assert!(list.text().contains("The key is revoked.") && !list.text().contains("Nightly"), "{}", list.text());
    assert_eq!(bench.call(&second, "GET", "/v1/members", Value::Null).await.status, 401);
    assert_eq!(browser.get(&target).await.status, 404);
}

#[actix_web::test]
async fn a_key_without_name_or_permissions_is_refused_and_everything_is_one_choice() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let form = browser.get("/console/api-keys/new").await;
    let nothing = [("name", "Nightly"), ("scope", "chosen"), ("expires_in", "0")];
    let answer = browser.submit("/console/api-keys/new", &form, &nothing).await;
    assert_eq!(answer.status, 422);
    assert!(alert(&answer).contains("Tick at least one permission"), "{}", answer.text());
    assert!(answer.text().contains("value=\"Nightly\"") && answer.text().contains("value=\"0\" selected"));
    let nameless = [("name", " "), ("scope", "everything"), ("expires_in", "0")];
    let answer = browser.submit("/console/api-keys/new", &form, &nameless).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("id=\"name-error\"") && shown_key(&answer).is_empty(), "{}", answer.text());
    let everything = [("name", "All"), ("scope", "everything"), ("expires_in", "0")];
    let made = browser.submit("/console/api-keys/new", &form, &everything).await;
    let key = shown_key(&made);
    assert_eq!(bench.call(&key, "GET", "/v1/organization", Value::Null).await.status, 200);
    assert!(browser.get("/console/api-keys").await.text().contains("Everything its creator may do"));
}

#[actix_web::test]
async fn r6_2_a_key_holds_what_its_maker_holds_and_one_above_can_only_be_revoked() {
    let bench = Bench::new().await;
    bench.owner().await;
    let body = json!({ "name": "Keys", "permissions": ["api_keys.read", "api_keys.write"] });
    assert_eq!(bench.ask("POST", "/v1/roles", body).await.status, 201);
    bench.join("ada@example.org", Some("Keys")).await;
    let mut browser = signed_in(&bench, "ada@example.org").await;
    let form = browser.get("/console/api-keys/new").await;
    assert!(tick(&form, "members.read").contains("disabled"));
    let fields = [("name", "More"), ("scope", "chosen"), ("permissions", "members.read"), ("expires_in", "0")];
    let answer = browser.submit("/console/api-keys/new", &form, &fields).await;
    assert_eq!(answer.status, 403);
    assert!(alert(&answer).contains("You can only give what you hold yourself"), "{}", answer.text());
    let all = bench.ask("GET", "/v1/api-keys", Value::Null).await.json();
    let target = format!("/console/api-keys/{}", all["items"][0]["id"].as_str().unwrap());
    let page = browser.get(&target).await;
    assert!(page.text().contains("so you cannot renew it") && !page.text().contains("value=\"rotate\""));
    let answer = browser.submit(&target, &page, &[("action", "rotate")]).await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(!answer.text().contains("id=\"secret\""));
    // Who does not see the members is not told who made a key.
    assert!(!page.text().contains(OWNER), "{}", page.text());
    assert_eq!(browser.submit(&target, &page, &[("action", "revoke")]).await.status, 303);
}

#[actix_web::test]
async fn reloading_the_page_of_a_renewed_key_leaves_the_old_text_its_overlap() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let made = bench.ask("POST", "/v1/api-keys", json!({ "name": "Nightly" })).await.json();
    let (first, id) = (made["api_key"].as_str().unwrap(), made["id"].as_str().unwrap());
    let target = format!("/console/api-keys/{id}");
    let page = browser.get(&target).await;
    let fields = [("action", "rotate"), ("overlap", "86400")];
    let second = shown_key(&browser.submit(&target, &page, &fields).await);
    let again = browser.submit(&target, &page, &fields).await;
    assert_eq!(again.status, 412, "{}", again.text());
    assert!(alert(&again).contains("changed this") && shown_key(&again).is_empty(), "{}", again.text());
    for key in [first, &second] {
        assert_eq!(bench.call(key, "GET", "/v1/members", Value::Null).await.status, 200);
    }
    // Without what it was made for a form counts for nothing.
    let bare = browser.submit(&target, &page, &[("action", "rotate"), ("overlap", "0"), ("version", "")]).await;
    assert_eq!(bare.status, 403, "{}", bare.text());
    // The page as it is now renews it once more.
    assert!(shown_key(&browser.submit(&target, &again, &fields).await).starts_with("ivk_"));
    assert_eq!(bench.call(first, "GET", "/v1/members", Value::Null).await.status, 401);
}

#[actix_web::test]
async fn a_form_of_a_new_key_makes_one_key_however_often_it_is_sent() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let form = browser.get("/console/api-keys/new").await;
    let fields = [("name", "Nightly"), ("scope", "everything"), ("expires_in", "0")];
    let nameless = [("name", " "), ("scope", "everything"), ("expires_in", "0")];
    let refused = browser.submit("/console/api-keys/new", &form, &nameless).await;
    assert_eq!(refused.status, 422);
    let made = shown_key(&browser.submit("/console/api-keys/new", &refused, &fields).await);
    let again = browser.submit("/console/api-keys/new", &refused, &fields).await;
    let page = follow(&mut browser, &again).await;
    assert!(page.text().contains("This key was created already") && page.text().contains("Nightly"), "{}", page.text());
    assert!(!page.text().contains(&made));
    let named = |keys: &Value| keys["items"].as_array().unwrap().iter().filter(|key| key["name"] == "Nightly").count();
    assert_eq!(named(&bench.ask("GET", "/v1/api-keys", Value::Null).await.json()), 1);
    assert_eq!(bench.call(&made, "GET", "/v1/members", Value::Null).await.status, 200);
    // Another showing of the form makes another key; one made up or too old makes none.
    let other = browser.get("/console/api-keys/new").await;
    assert!(shown_key(&browser.submit("/console/api-keys/new", &other, &fields).await).starts_with("ivk_"));
    let late = browser.get("/console/api-keys/new").await;
    let made_up = [fields[0], fields[1], fields[2], ("once", "00000000-0000-7000-8000-000000000000")];
    assert_eq!(browser.submit("/console/api-keys/new", &late, &made_up).await.status, 403);
    assert_eq!(named(&bench.ask("GET", "/v1/api-keys", Value::Null).await.json()), 2);
}
