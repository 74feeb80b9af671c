//! One invitation at the console: what it says, what is done with it, its link.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::{
    console::{follow, owner, signed_in},
    pages::{Browser, has_no_inline_code, hidden},
    support::{Bench, Reply, one},
};
use chrono::Duration;
use serde_json::{Value, json};

fn path(invitation: &Value) -> String {
    format!("/console/invitations/{}", invitation["id"].as_str().unwrap())
}

/// Sends a form of the page, as it was shown.
async fn act(browser: &mut Browser<'_>, page: &Reply, target: &str, action: &str, fields: &[(&str, &str)]) -> Reply {
    let version = hidden(page, "version");
    let mut all = vec![("action", action), ("version", version.as_str())];
    all.extend(fields);
    browser.submit(target, page, &all).await
}

async fn state(bench: &Bench, invitation: &Value) -> Value {
    bench.ask("GET", &one(invitation, ""), Value::Null).await.json()
}

#[actix_web::test]
async fn the_page_tells_what_is_granted_and_what_happened_the_latest_first() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let body = json!({ "recipient": { "email": "zoe@example.org" }, "permissions": ["members.read", "own.thing"],
        "message": "Hi </blockquote><script>", "locale": "de" });
    let issued = bench.ask("POST", "/v1/invitations", body).await.json();
    bench.dispatch().await;
    bench.pass(Duration::minutes(5));
    bench.ask("POST", &one(&issued, "/resend"), json!({})).await;
    bench.ask("POST", &one(&issued, "/extend"), json!({ "expires_in": 20 * 86_400 })).await;
    let plans = bench.spy.plans();
    let page = browser.get(&path(&issued)).await;
    assert_eq!(page.status, 200, "{}", page.text());
    has_no_inline_code(&page);
    let text = page.text();
    for said in ["See members", "<code>own.thing</code>", "Deutsch", "0 of 1", "in 20 days", "Hi &#60;/blockquote&#62;"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    let places: Vec<usize> = ["Extended</strong>", "Sent again</strong>", "Issued</strong>"]
        .iter()
        .map(|what| text.find(what).unwrap_or_else(|| panic!("{what}: {text}")))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(!text.contains("inv_"), "{text}");
    browser.get(&format!("{}/edit", path(&issued))).await;
    assert_eq!(bench.spy.plans(), plans, "looking changes nothing");
}

#[actix_web::test]
async fn r4_1_sending_again_makes_a_new_link_in_the_chosen_language_once_however_often_it_is_pressed() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let issued = bench.issue("zoe@example.org").await;
    bench.dispatch().await;
    let page = browser.get(&path(&issued)).await;
    let fields = [("resend_locale", "fr"), ("resend_days", "10")];
    let first = act(&mut browser, &page, &path(&issued), "resend", &fields).await;
    let second = act(&mut browser, &page, &path(&issued), "resend", &fields).await;
    assert_eq!(first.header("location"), second.header("location"));
    let shown = follow(&mut browser, &first).await;
    assert!(shown.text().contains("A new link is on its way") && shown.text().contains("in 10 days"));
    let now = state(&bench, &issued).await;
    assert_eq!((&now["generation"], &now["locale"]), (&json!(2), &json!("fr")));
    assert_eq!(bench.dispatch().await.sent, 1);
    let refused = act(&mut browser, &shown, &path(&issued), "resend", &[("resend_days", "1")]).await;
    assert!(refused.status == 422 && refused.text().contains("id=\"resend_days-error\""), "{}", refused.text());
    assert!(refused.text().contains("<details class=\"confirm\" open><summary>Send again"));
}

#[actix_web::test]
async fn r4_5_an_invitation_is_extended_and_changed_without_a_message() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let issued = bench.issue("zoe@example.org").await;
    let page = browser.get(&path(&issued)).await;
    for (days, said) in [("", "fill in this field"), ("99", "from 1 to 30"), ("1", "too small")] {
        let refused = act(&mut browser, &page, &path(&issued), "extend", &[("extend_days", days)]).await;
        assert!(refused.status == 422 && refused.text().contains(said), "{days}: {}", refused.text());
    }
    let answer = act(&mut browser, &page, &path(&issued), "extend", &[("extend_days", "30")]).await;
    assert!(follow(&mut browser, &answer).await.text().contains("The invitation is extended"));
    let edit = format!("{}/edit", path(&issued));
    let form = browser.get(&edit).await;
    has_no_inline_code(&form);
    let answer = act(&mut browser, &form, &edit, "", &[("message", "Welcome"), ("locale", "es")]).await;
    assert!(follow(&mut browser, &answer).await.text().contains("Nothing was sent"));
    let now = state(&bench, &issued).await;
    assert_eq!((&now["generation"], &now["message"], &now["locale"]), (&json!(1), &json!("Welcome"), &json!("es")));
    // Another role is another link.
    let form = browser.get(&edit).await;
    let guest = bench.role("guest").await["id"].as_str().unwrap().to_owned();
    let fields =
        [("role_id", guest.as_str()), ("permissions", "members.read"), ("message", "Welcome"), ("locale", "es")];
    let answer = act(&mut browser, &form, &edit, "", &fields).await;
    let page = follow(&mut browser, &answer).await;
    assert!(page.text().contains("has a new link") && page.text().contains("a new link was made"), "{}", page.text());
    let now = state(&bench, &issued).await;
    assert_eq!((&now["generation"], &now["permissions"]), (&json!(2), &json!(["members.read"])));
}

#[actix_web::test]
async fn r4_6_an_invitation_is_withdrawn_with_a_reason_and_nothing_more_can_be_done() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let issued = bench.issue("zoe@example.org").await;
    let page = browser.get(&path(&issued)).await;
    let long = "x".repeat(501);
    let refused = act(&mut browser, &page, &path(&issued), "revoke", &[("revoke_reason", &long)]).await;
    assert!(refused.status == 422 && refused.text().contains("id=\"revoke_reason-error\""), "{}", refused.text());
    let answer = act(&mut browser, &page, &path(&issued), "revoke", &[("revoke_reason", "<left>")]).await;
    let after = follow(&mut browser, &answer).await;
    let text = after.text();
    assert!(text.contains("is withdrawn") && text.contains("&#60;left&#62;") && text.contains(">Withdrawn<"), "{text}");
    assert!(!text.contains("<details class=\"confirm"), "{text}");
    for action in ["resend", "extend", "reveal"] {
        let answer = act(&mut browser, &page, &path(&issued), action, &[("extend_days", "9")]).await;
        assert!(answer.status.is_client_error(), "{action}: {}", answer.status);
        assert!(!answer.text().contains("inv_"));
    }
    assert_eq!(browser.get(&format!("{}/edit", path(&issued))).await.status, 303);
}

#[actix_web::test]
async fn a_change_by_somebody_else_meanwhile_is_told() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let issued = bench.issue("zoe@example.org").await;
    let page = browser.get(&path(&issued)).await;
    let form = browser.get(&format!("{}/edit", path(&issued))).await;
    bench.ask("PATCH", &one(&issued, ""), json!({ "message": "Changed" })).await;
    for (action, field) in [("resend", "resend_days"), ("extend", "extend_days"), ("revoke", "x"), ("sponsor", "x")] {
        let answer = act(&mut browser, &page, &path(&issued), action, &[(field, "20")]).await;
        assert_eq!(answer.status, 412, "{action}");
        assert!(answer.text().contains("changed this in the meantime"), "{}", answer.text());
        assert!(answer.text().contains("Changed</blockquote>"), "it is shown as it is now");
    }
    let edit = format!("{}/edit", path(&issued));
    let answer = act(&mut browser, &form, &edit, "", &[("message", "Mine")]).await;
    assert!(answer.status == 412 && answer.text().contains("Mine</textarea>"), "{}", answer.text());
    assert_eq!(state(&bench, &issued).await["message"], "Changed");
}

#[actix_web::test]
async fn r7_4_link_code_and_qr_code_stand_in_the_answer_of_one_form_alone() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let issued = bench.issue("zoe@example.org").await;
    let page = browser.get(&path(&issued)).await;
    bench.pass(Duration::seconds(1));
    let shown = act(&mut browser, &page, &path(&issued), "reveal", &[]).await;
    assert_eq!((shown.status.as_u16(), shown.header("cache-control")), (200, "no-store"));
    has_no_inline_code(&shown);
    let text = shown.text();
    let token = text.split("/i/inv_").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(token.len(), 71);
    assert_eq!(text.matches(&token).count(), 1, "not in a title, a link or an attribute");
    assert!(text.contains("<svg class=\"qr\"") && text.contains("https://invite.example.org/code/acme"), "{text}");
    assert!(text.contains("Link shown</strong>"), "it is in the history at once");
    assert!(!browser.get(&path(&issued)).await.text().contains(&token));
    // A link that was shown proves no mailbox: it is not the mailed one.
    let link = format!("/i/inv_{token}");
    assert_eq!(Browser::new(&bench).get(&link).await.status, 303);
    let events = bench.ask("GET", &one(&issued, "/events"), Value::Null).await.json();
    let last = events["items"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["type"], &last["actor"]["kind"]), (&json!("invitation.revealed"), &json!("member")));
}

#[actix_web::test]
async fn r6_4_a_suspended_invitation_is_taken_over() {
    let bench = Bench::new().await;
    let body =
        json!({ "name": "Host", "permissions": ["invitations.read", "invitations.issue", "invitations.resend"] });
    let role = bench.ask("POST", "/v1/roles", body).await.json();
    let (host, _) = bench.join("host@example.org", Some("Host")).await;
    let body = json!({ "recipient": { "email": "zoe@example.org" }, "permissions": ["invitations.read"] });
    let issued = bench.call(&host, "POST", "/v1/invitations", body).await.json();
    let mut browser = owner(&bench).await;
    let page = browser.get(&path(&issued)).await;
    assert!(page.text().contains("<bdi>Ada</bdi>") && !page.text().contains("Take it over"), "{}", page.text());
    let path_of_role = format!("/v1/roles/{}", role["id"].as_str().unwrap());
    bench.ask("PATCH", &path_of_role, json!({ "permissions": ["invitations.issue"] })).await;
    let page = browser.get(&path(&issued)).await;
    let text = page.text();
    assert!(text.contains("badge warn\">On hold<") && text.contains("until somebody takes it over"), "{text}");
    assert!(text.contains("Take it over") && !text.contains("<summary>Send again"), "{text}");
    let answer = act(&mut browser, &page, &path(&issued), "sponsor", &[]).await;
    let after = follow(&mut browser, &answer).await;
    assert!(
        after.text().contains("You have taken the invitation over") && after.text().contains("Taken over</strong>")
    );
    assert_eq!(state(&bench, &issued).await["status"], "pending");
    let again = act(&mut browser, &after, &path(&issued), "sponsor", &[]).await;
    assert!(again.status.is_client_error() && again.text().contains("not on hold any more"), "{}", again.text());
}

#[actix_web::test]
async fn only_what_one_may_do_is_offered_and_done() {
    let bench = Bench::new().await;
    bench.owner().await;
    bench.join("member@example.org", Some("member")).await;
    let body = json!({ "recipient": { "email": "zoe@example.org" }, "permissions": ["members.remove"] });
    let issued = bench.ask("POST", "/v1/invitations", body).await.json();
    let mut browser = signed_in(&bench, "member@example.org").await;
    let page = browser.get(&path(&issued)).await;
    assert!(page.status == 200 && !page.text().contains("<details class=\"confirm"), "{}", page.text());
    assert!(page.text().contains("grants more than you hold"));
    let csrf = browser.get("/console/account").await;
    for action in ["resend", "extend", "revoke", "sponsor", "reveal"] {
        let fields = [("action", action), ("version", "1"), ("extend_days", "20")];
        let answer = browser.submit(&path(&issued), &csrf, &fields).await;
        assert_eq!(answer.status, 403, "{action}: {}", answer.text());
    }
    assert_eq!(browser.get(&format!("{}/edit", path(&issued))).await.status, 403);
    // Whoever may show links sees none that opens more than he may do himself.
    let body =
        json!({ "name": "Copier", "permissions": ["invitations.read", "invitations.reveal", "invitations.revoke"] });
    bench.ask("POST", "/v1/roles", body).await;
    bench.join("copier@example.org", Some("Copier")).await;
    let mut browser = signed_in(&bench, "copier@example.org").await;
    let page = browser.get(&path(&issued)).await;
    assert!(!page.text().contains("Show link and code") && page.text().contains("<summary>Withdraw"));
    let answer = act(&mut browser, &page, &path(&issued), "reveal", &[]).await;
    assert!(answer.status == 403 && !answer.text().contains("inv_"), "{}", answer.text());
}

#[actix_web::test]
async fn an_invitation_of_another_organisation_of_ones_own_is_offered_there_and_a_foreign_one_is_unknown() {
    let bench = Bench::new().await;
    let issued = bench.issue("zoe@example.org").await;
    bench.join("ada@example.org", Some("admin")).await;
    for (name, email) in [("Umbrella", "ada@example.org"), ("Foreign", "else@example.org")] {
        let body = json!({ "name": name, "owner_email": email });
        assert_eq!(bench.call(&bench.operator, "POST", "/v1/organizations", body).await.status, 201);
    }
    let mut browser = signed_in(&bench, "ada@example.org").await;
    let page = browser.get("/console/account").await;
    let text = page.text();
    let option = text.split("</option>").find(|part| part.ends_with("Umbrella")).unwrap();
    let umbrella = option.rsplit("value=\"").next().unwrap().split('"').next().unwrap().to_owned();
    browser.submit("/console/organization", &page, &[("organization", &umbrella)]).await;
    let page = browser.get(&path(&issued)).await;
    assert_eq!(page.status, 404);
    assert!(page.text().contains("Open it in Acme") && !page.text().contains("zoe@"), "{}", page.text());
    let text = page.text();
    let form = text.split("Open it in").next().unwrap().rsplit("<form").next().unwrap();
    let organization =
        form.split("name=\"organization\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let next = hidden_after(form, "next");
    let fields = [("organization", organization.as_str()), ("next", next.as_str())];
    let answer = browser.submit("/console/organization", &page, &fields).await;
    assert_eq!(answer.header("location"), path(&issued));
    assert!(follow(&mut browser, &answer).await.text().contains("zoe@example.org"));
    for unknown in ["00000000-0000-7000-8000-000000000000", "nonsense"] {
        let page = browser.get(&format!("/console/invitations/{unknown}")).await;
        assert!(page.status == 404 && !page.text().contains("Open it in"), "{unknown}");
        let account = browser.get("/console/account").await;
        let answer = browser.submit(&format!("/console/invitations/{unknown}"), &account, &[]).await;
        assert_eq!(answer.status, 404);
    }
}

fn hidden_after(form: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    form.split(&start).nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned()
}

#[actix_web::test]
async fn names_are_shown_as_text() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let body = json!({ "name": "<img src=x onerror=alert(1)>\u{202e}", "permissions": ["members.read"] });
    let role = bench.ask("POST", "/v1/roles", body).await.json();
    let body = json!({ "recipient": { "email": "zoe+<b>@example.org" } });
    let refused = bench.ask("POST", "/v1/invitations", body).await;
    let email = if refused.status == 201 { "zoe+<b>@example.org" } else { "zoe+'&@example.org" };
    let body = json!({ "recipient": { "email": email }, "role_id": role["id"] });
    let issued = bench.ask("POST", "/v1/invitations", body).await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    for path in [path(&issued.json()), "/console/invitations".to_owned(), format!("{}/edit", path(&issued.json()))] {
        let page = browser.get(&path).await;
        let text = page.text();
        assert!(text.contains("&#60;img src=x onerror=alert(1)&#62;") && !text.contains("<img src=x"), "{text}");
        assert!(text.contains("zoe+&#39;&#38;@example.org") || text.contains("zoe+&#60;b&#62;@example.org"), "{text}");
        has_no_inline_code(&page);
    }
}
