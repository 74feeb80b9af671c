//! The console's list of invitations, and issuing them.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::{
    console::{follow, owner, signed_in},
    pages::{Browser, has_no_inline_code, hidden},
    support::{Bench, Reply, one},
};
use chrono::Duration;
use serde_json::{Value, json};

const LIST: &str = "/console/invitations";
const NEW: &str = "/console/invitations/new";

/// What is below the heading.
fn content(page: &Reply) -> String {
    let text = page.text();
    text.split("<h1>").nth(1).and_then(|rest| rest.split("<footer>").next()).unwrap_or_default().to_owned()
}

/// The rows of the table, as text.
pub(crate) fn rows(page: &Reply) -> Vec<String> {
    let text = page.text();
    let body = text.split("<tbody>").nth(1).and_then(|rest| rest.split("</tbody>").next()).unwrap_or_default();
    body.split("<tr>").skip(1).map(str::to_owned).collect()
}

/// Issues by the form as it stands, with these fields beside the usual ones.
async fn send(browser: &mut Browser<'_>, addresses: &str, fields: &[(&str, &str)]) -> Reply {
    let page = browser.get(NEW).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let once = hidden(&page, "once");
    let mut all = vec![("addresses", addresses), ("once", &once), ("action", "issue")];
    all.extend(fields);
    browser.submit(NEW, &page, &all).await
}

async fn invitations(bench: &Bench) -> Vec<Value> {
    let list = bench.ask("GET", "/v1/invitations?limit=200&sort=email", Value::Null).await.json();
    list["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn an_empty_list_leads_to_the_first_invitation() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get(LIST).await;
    assert!(page.text().contains("Nobody has been invited yet") && page.text().contains(NEW), "{}", page.text());
    has_no_inline_code(&page);
    let page = browser.get("/console/invitations?query=nobody").await;
    assert!(page.text().contains("Nothing matches these filters"), "{}", page.text());
}

#[actix_web::test]
async fn the_list_says_who_as_what_by_whom_until_when_and_what_became_of_the_mail() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let issued = bench.issue("ada@example.org").await;
    bench.pass(Duration::hours(49));
    let page = browser.get(LIST).await;
    has_no_inline_code(&page);
    let rows = rows(&page);
    assert_eq!(rows.len(), 1);
    let link = format!("href=\"/console/invitations/{}\"", issued["id"].as_str().unwrap());
    for said in [&link, "ada@example.org", ">Open<", "No role", "2 days ago", "in 5 days", ">Waiting<"] {
        assert!(rows[0].contains(said), "{said}: {}", rows[0]);
    }
    bench.dispatch().await;
    assert!(browser.get(LIST).await.text().contains("badge good\">Sent<"));
    bench.pass(Duration::days(6));
    let page = browser.get("/console/invitations?status=expired").await;
    assert!(page.text().contains("badge \">Expired<"), "{}", page.text());
    assert!(page.text().contains("1 invitation<"));
}

#[actix_web::test]
async fn the_list_is_chosen_by_status_words_role_and_delivery_and_sorted_both_ways() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let guest = bench.role("guest").await["id"].as_str().unwrap().to_owned();
    for email in ["c@example.org", "a@example.org", "b@example.net"] {
        bench.issue(email).await;
        bench.pass(Duration::seconds(1));
    }
    let body = json!({ "recipient": { "email": "d@example.net" }, "role_id": guest });
    let withdrawn = bench.ask("POST", "/v1/invitations", body).await.json();
    bench.ask("POST", &one(&withdrawn, "/revoke"), json!({})).await;
    let cases = [
        ("", 4),
        ("status=pending", 3),
        ("status=revoked", 1),
        ("query=example.net", 2),
        ("query=GUEST", 1),
        ("status=pending&query=example.net", 1),
        ("delivery=queued", 3),
        ("delivery=cancelled", 1),
        ("delivery=failed", 0),
        ("status=nonsense&role=nonsense&delivery=nonsense&sort=nonsense", 4),
    ];
    for (query, count) in cases {
        let page = browser.get(&format!("{LIST}?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        assert_eq!(rows(&page).len(), count, "{query}: {}", page.text());
    }
    let page = browser.get(&format!("{LIST}?role={guest}")).await;
    assert_eq!(rows(&page).len(), 1);
    for (sort, order) in [("email", "abcd"), ("-email", "dcba"), ("created_at", "cabd"), ("-created_at", "dbac")] {
        let page = browser.get(&format!("{LIST}?sort={sort}")).await;
        let first = |row: &String| row.split("class=\"address\">").nth(1).unwrap().chars().next().unwrap();
        assert_eq!(rows(&page).iter().map(first).collect::<String>(), order, "{sort}");
        let direction = if sort.starts_with('-') { "descending" } else { "ascending" };
        assert_eq!(page.text().matches("aria-sort").count(), 1);
        assert!(page.text().contains(&format!("aria-sort=\"{direction}\"")), "{sort}");
    }
    // A heading turns the order round and keeps what was chosen.
    let page = browser.get(&format!("{LIST}?status=pending&sort=email")).await;
    assert!(page.text().contains("?status=pending&#38;sort=-email\">Recipient"), "{}", page.text());
}

#[actix_web::test]
async fn pages_follow_each_other_and_keep_what_was_chosen() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    for number in 0..27 {
        bench.issue(&format!("p{number:02}@example.org")).await;
    }
    bench.issue("other@example.net").await;
    let page = browser.get("/console/invitations?query=example.org&sort=email").await;
    assert_eq!(rows(&page).len(), 25);
    assert!(page.text().contains("27 invitations"));
    let text = page.text();
    let next = text.split("rel=\"next\"").next().unwrap().rsplit("href=\"").next().unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    assert!(next.starts_with("/console/invitations?query=example.org&sort=email&cursor="), "{next}");
    let page = browser.get(&next).await;
    assert_eq!(rows(&page).len(), 2);
    assert!(rows(&page)[1].contains("p26@example.org"));
    assert!(page.text().contains("First page") && !page.text().contains("rel=\"next\""));
    let other = next.replace("example.org", "example.net");
    assert_eq!(browser.get(&other).await.status, 400, "a cursor is of one choice only");
}

#[actix_web::test]
async fn one_address_is_invited_and_its_page_says_so() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get(NEW).await;
    has_no_inline_code(&page);
    let member = bench.role("member").await["id"].as_str().unwrap().to_owned();
    assert!(page.text().contains(&format!("<option value=\"{member}\" selected>Member")), "{}", page.text());
    let fields = [
        ("role_id", member.as_str()),
        ("permissions", "events.read"),
        ("permissions", "members.update"),
        ("expires_in", "3"),
        ("locale", "fr"),
        ("message", "Hello,\r\nsee you <b>soon</b>"),
    ];
    let answer = send(&mut browser, " Zoë Müller <Zoe@Example.org> ", &fields).await;
    let page = follow(&mut browser, &answer).await;
    for said in ["mail is on its way", "Zoe@Example.org", "Member", "Read the audit trail", "in 3 days", "Français"] {
        assert!(page.text().contains(said), "{said}: {}", page.text());
    }
    assert!(content(&page).contains("see you &#60;b&#62;soon&#60;/b&#62;"), "{}", page.text());
    let issued = &invitations(&bench).await[0];
    assert_eq!(issued["recipient"]["email"], "Zoe@Example.org");
    assert_eq!(issued["permissions"], json!(["events.read", "members.update"]));
    assert_eq!((&issued["locale"], &issued["message"]), (&json!("fr"), &json!("Hello,\nsee you <b>soon</b>")));
    assert_eq!(bench.dispatch().await.sent, 1);
}

#[actix_web::test]
async fn what_became_of_each_of_many_addresses_is_told() {
    let bench = Bench::new().await;
    bench.join("member@example.org", None).await;
    let mut browser = owner(&bench).await;
    let there = bench.issue("there@example.org").await;
    let pasted = "new@example.org; Ada <NEW@example.org>\nthere@example.org, member@example.org";
    let answer = send(&mut browser, pasted, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    has_no_inline_code(&answer);
    let rows = rows(&answer);
    assert_eq!(rows.len(), 3, "{}", answer.text());
    assert!(rows[0].contains("new@example.org") && rows[0].contains("badge good\">Invited<"), "{}", rows[0]);
    let link = format!("/console/invitations/{}\"", there["id"].as_str().unwrap());
    assert!(rows[1].contains("Invited already") && rows[1].contains(&link), "{}", rows[1]);
    assert!(rows[2].contains("Member already") && !rows[2].contains("href"), "{}", rows[2]);
    assert_eq!(invitations(&bench).await.len(), 3);
}

#[actix_web::test]
async fn whatever_is_no_address_is_named_with_its_line_and_nobody_is_invited() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let answer = send(&mut browser, "good@example.org\n<script>x</script>@y\n\nno-address", &[]).await;
    assert_eq!(answer.status, 422);
    let text = answer.text();
    for said in ["4 entries are not e-mail addresses", "Line 2:", "Line 4: <bdi class=\"address\">no-address</bdi>"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("<script>x") && text.contains("aria-describedby=\"addresses-error addresses-hint\""));
    assert!(text.contains("good@example.org\n"), "what was typed is kept: {text}");
    let many = (0..101).map(|number| format!("p{number}@example.org")).collect::<Vec<_>>().join("\n");
    for (typed, said) in [(many.as_str(), "more than 100 addresses"), (" ,; \n", "fill in this field")] {
        let answer = send(&mut browser, typed, &[]).await;
        assert!(answer.status == 422 && answer.text().contains(said), "{}", answer.text());
    }
    for (field, value, said) in [
        ("expires_in", "0", "from 1 to 30"),
        ("expires_in", "31", "from 1 to 30"),
        ("expires_in", "soon", "from 1 to 30"),
        ("role_id", "nonsense", "not possible here"),
        ("role_id", "00000000-0000-7000-8000-000000000000", "not possible here"),
        ("locale", "not a language!", "not possible here"),
        ("message", &"x".repeat(2001), "too long"),
    ] {
        let answer = send(&mut browser, "good@example.org", &[(field, value)]).await;
        assert!(answer.status == 422 && answer.text().contains(said), "{field} {value}: {}", answer.text());
        assert!(answer.text().contains(&format!("id=\"{field}-error\"")), "{field}");
    }
    assert!(invitations(&bench).await.is_empty());
}

#[actix_web::test]
async fn r3_7_a_form_that_is_sent_twice_invites_once() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get(NEW).await;
    let once = hidden(&page, "once");
    let fields = [("addresses", "a@example.org b@example.org"), ("once", once.as_str()), ("action", "issue")];
    let first = browser.submit(NEW, &page, &fields).await;
    let second = browser.submit(NEW, &page, &fields).await;
    assert_eq!(rows(&first), rows(&second));
    assert!(rows(&second).iter().all(|row| row.contains(">Invited<")), "{}", second.text());
    assert_eq!(bench.dispatch().await.sent, 2);
    // Said otherwise, or by another showing of the form, it is another request.
    for fields in [[fields[0], fields[1], ("message", "x")], [fields[0], ("once", "other"), ("message", "")]] {
        let mut fields = fields.to_vec();
        fields.push(("action", "issue"));
        let again = browser.submit(NEW, &page, &fields).await;
        assert!(rows(&again).iter().all(|row| row.contains("Invited already")), "{}", again.text());
    }
}

#[actix_web::test]
async fn the_mail_can_be_looked_at_first_in_a_frame_of_its_own_policy() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get(NEW).await;
    let fields = [("addresses", "zoe@example.org"), ("message", "A <i>word</i>"), ("action", "preview")];
    let answer = browser.submit(NEW, &page, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.header("content-security-policy").ends_with("frame-src 'self'"));
    has_no_inline_code(&answer);
    let text = answer.text();
    assert!(text.contains("Join Acme") && text.contains("zoe@example.org</textarea>"), "{text}");
    let src = text.split("<iframe class=\"mail\" src=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(!src.contains("word") && !src.contains("zoe"), "{src}");
    let document = browser.get(&src).await;
    assert_eq!(document.text(), "<p style=\"color:red\">A <i>word</i></p>");
    let policy = document.header("content-security-policy");
    assert!(policy.starts_with("sandbox;") && policy.contains("default-src 'none'") && !policy.contains("script"));
    assert_eq!(document.header("cache-control"), "no-store");
    // Nobody can make one up, or look at one without being signed in.
    assert_eq!(browser.get("/console/invitations/preview?of=AAAA").await.status, 404);
    assert_eq!(browser.get("/console/invitations/preview").await.status, 404);
    assert_eq!(Browser::new(&bench).get(&src).await.status, 303);
    bench.pass(Duration::minutes(16));
    assert_eq!(browser.get(&src).await.status, 404);
    assert!(invitations(&bench).await.is_empty() && bench.dispatch().await.sent == 0);
}

#[actix_web::test]
async fn r6_2_only_what_one_holds_can_be_given() {
    let bench = Bench::new().await;
    bench.owner().await;
    let body = json!({ "name": "Host", "permissions": ["invitations.read", "invitations.issue", "roles.read"] });
    assert_eq!(bench.ask("POST", "/v1/roles", body).await.status, 201);
    bench.join("host@example.org", Some("Host")).await;
    let mut browser = signed_in(&bench, "host@example.org").await;
    let page = browser.get(NEW).await;
    let text = page.text();
    assert!(text.contains(">Host</option>") && text.contains(">Guest</option>"), "{text}");
    assert!(!text.contains(">Owner</option>") && !text.contains(">Administrator</option>"), "{text}");
    assert!(text.contains("value=\"invitations.issue\"") && !text.contains("value=\"members.remove\""), "{text}");
    let owner = bench.role("owner").await["id"].as_str().unwrap().to_owned();
    for (field, value, said) in
        [("role_id", owner.as_str(), "Only an owner"), ("permissions", "members.remove", "what you hold yourself")]
    {
        let answer = send(&mut browser, "zoe@example.org", &[(field, value)]).await;
        assert!(answer.status == 403 && answer.text().contains(said), "{}", answer.text());
    }
    assert!(invitations(&bench).await.iter().all(|one| one["recipient"]["email"] != "zoe@example.org"));
}

#[actix_web::test]
async fn whoever_may_not_finds_neither_list_nor_form() {
    let bench = Bench::new().await;
    bench.owner().await;
    bench.join("guest@example.org", Some("guest")).await;
    bench.join("member@example.org", Some("member")).await;
    let mut guest = signed_in(&bench, "guest@example.org").await;
    assert!(!guest.get("/console/account").await.text().contains("href=\"/console/invitations\""));
    assert_eq!(guest.get(LIST).await.status, 403);
    let mut member = signed_in(&bench, "member@example.org").await;
    let page = member.get(LIST).await;
    assert!(page.status == 200 && !page.text().contains(NEW), "{}", page.text());
    assert_eq!(member.get(NEW).await.status, 403);
    for action in ["issue", "preview"] {
        let fields = [("addresses", "zoe@example.org"), ("action", action)];
        assert_eq!(member.submit(NEW, &page, &fields).await.status, 403, "{action}");
    }
    assert_eq!(member.get("/console/invitations/preview?of=x").await.status, 403);
    assert_eq!(invitations(&bench).await.len(), 2);
}

#[actix_web::test]
async fn r3_7_what_takes_too_long_is_left_for_another_press_and_the_rest_is_told() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    bench.spy.slow_down(&bench.clock, Duration::seconds(8));
    let answer = send(&mut browser, "a@example.org b@example.org c@example.org d@example.org", &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(rows(&answer).len(), 3, "{}", answer.text());
    let text = answer.text();
    assert!(text.contains("Time ran out: 1 address was not tried yet."), "{text}");
    assert!(text.contains("name=\"addresses\" value=\"d@example.org\""), "{text}");
    assert_eq!(invitations(&bench).await.len(), 3);
    bench.spy.slow_down(&bench.clock, Duration::zero());
    let fields = [("addresses", "d@example.org"), ("action", "issue")];
    assert_eq!(browser.submit(NEW, &answer, &fields).await.status, 303);
    assert_eq!(invitations(&bench).await.len(), 4);
}

#[actix_web::test]
async fn r3_7_a_failure_half_way_tells_who_was_invited_already() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    bench.spy.fail_after(1);
    let answer = send(&mut browser, "a@example.org b@example.org c@example.org", &[]).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(rows(&answer).len() == 1 && rows(&answer)[0].contains("a@example.org"), "{}", answer.text());
    assert!(answer.text().contains("value=\"b@example.org c@example.org\""), "{}", answer.text());
    assert!(answer.text().contains("Something failed on our side: 2 addresses"), "{}", answer.text());
}

#[actix_web::test]
async fn a_mail_too_long_for_an_address_is_shown_as_text_and_the_result_gets_the_focus() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let page = browser.get(NEW).await;
    assert!(page.text().contains("name=\"addresses\" rows=\"4\" maxlength=\"30000\""), "{}", page.text());
    assert!(page.text().contains("up to a hundred") && !page.text().contains("autofocus"), "{}", page.text());
    let (short, long) = ("文".repeat(1_000), "文".repeat(2_000));
    for (message, framed) in [(&short, true), (&long, false)] {
        let fields = [("addresses", "zoe@example.org"), ("message", message.as_str()), ("action", "preview")];
        let answer = browser.submit(NEW, &page, &fields).await;
        let text = answer.text();
        assert_eq!(answer.status, 200, "{text}");
        assert!(text.contains("<h2 id=\"preview-heading\" tabindex=\"-1\" autofocus>"), "{text}");
        assert_eq!((text.contains("<iframe"), text.contains("too long to show")), (framed, !framed));
        assert_eq!(text.contains("<details class=\"aside-fields\" open><summary>The same as plain text"), !framed);
        if framed {
            let src = text.split("<iframe class=\"mail\" src=\"").nth(1).unwrap().split('"').next().unwrap();
            assert!(src.len() <= 6_000, "{}", src.len());
            assert_eq!(browser.get(src).await.status, 200);
        }
    }
    let answer = send(&mut browser, "a@example.org b@example.org", &[]).await;
    assert!(answer.text().contains("<table class=\"table\" tabindex=\"-1\" autofocus>"), "{}", answer.text());
}

#[actix_web::test]
async fn a_mail_looked_at_with_a_key_names_the_person_who_made_the_key() {
    let bench = Bench::new().await;
    let (session, _) = bench.join("ada@example.org", Some("admin")).await;
    let id = bench.ask("GET", "/v1/members?query=ada", Value::Null).await.json()["items"][0]["id"].clone();
    let owner_role = bench.role("owner").await["id"].clone();
    let path = format!("/v1/members/{}", id.as_str().unwrap());
    assert_eq!(bench.ask("PATCH", &path, json!({ "role_id": owner_role })).await.status, 200);
    let made = bench.call(&session, "POST", "/v1/api-keys", json!({ "name": "Nightly" })).await.json();
    let mut browser = Browser::new(&bench);
    let page = browser.get("/console/sign-in?by=key").await;
    let fields = [("api_key", made["api_key"].as_str().unwrap())];
    assert_eq!(browser.submit("/console/sign-in?by=key", &page, &fields).await.status, 303);
    let page = browser.get(NEW).await;
    let answer = browser.submit(NEW, &page, &[("addresses", "zoe@example.org"), ("action", "preview")]).await;
    assert!(answer.text().contains("inviter_name: Some(&#34;Ada&#34;)"), "{}", answer.text());
}
