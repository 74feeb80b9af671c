//! The console's overview: its figures and plots are those of the use case, and it shows nothing to who may not see it.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use crate::{
    console::{follow, owner, signed_in},
    pages::{Browser, has_no_inline_code},
    support::{Bench, OWNER, PASSWORD, Reply, one},
};
use chrono::{DateTime, Duration, Utc};
use invite_domain::{invitation::Reason, port::DeliveryError};
use serde_json::{Value, json};

const PAGE: &str = "/console/dashboard";
const SERIES: [&str; 5] = ["issued", "sent", "accepted", "declined", "expired"];

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn statistics(bench: &Bench) -> Value {
    let answer = bench.ask("GET", "/v1/statistics", Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Issues with this time to live in days.
async fn issue(bench: &Bench, email: &str, days: i64) -> Value {
    let body = json!({ "recipient": { "email": email }, "expires_in": days * 86_400 });
    let issued = bench.ask("POST", "/v1/invitations", body).await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    issued.json()
}

async fn accept(bench: &Bench, email: &str) {
    let token = bench.mailed(email).await;
    let body = json!({ "token": token, "account": { "name": "Ada", "password": PASSWORD } });
    let joined = bench.call("", "POST", "/v1/redemptions", body).await;
    assert_eq!(joined.status, 201, "{}", joined.text());
}

async fn decline(bench: &Bench, email: &str) {
    let token = bench.mailed(email).await;
    let answer = bench.call("", "POST", "/v1/redemptions/decline", json!({ "token": token })).await;
    assert!(answer.status.is_success(), "{}", answer.text());
}

/// The text between two others, each time.
fn between(text: &str, start: &str, end: &str) -> Vec<String> {
    text.split(start).skip(1).map(|rest| rest.split(end).next().unwrap().to_owned()).collect()
}

/// The rows of the table of numbers.
fn table(page: &Reply, part: &str) -> Vec<Vec<u64>> {
    let text = page.text();
    let table = between(&text, "<div class=\"scroll\"", "</table>").pop().unwrap();
    let body = between(&table, &format!("<{part}>"), &format!("</{part}>")).pop().unwrap();
    let row = |row: String| between(&row, "<td>", "</td>").iter().map(|cell| cell.parse().unwrap()).collect();
    between(&body, "<tr>", "</tr>").into_iter().map(row).collect()
}

/// What stands below a figure's name, without markup.
fn fact(page: &Reply, name: &str) -> String {
    let text = page.text();
    let tile = text.split(&format!("<dt>{name}</dt>")).nth(1).unwrap_or_else(|| unreachable!("{name}: {text}"));
    let tile = tile.split("</div>").next().unwrap();
    let words = tile.split('<').filter_map(|part| part.split_once('>')).map(|(_, words)| words.trim());
    words.filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" | ")
}

/// The hints of the weeks of both plots, of those that say anything but noughts.
fn told(page: &Reply) -> Vec<String> {
    let all = between(&page.text(), "<g><title>", "</title>");
    assert_eq!(all.len(), 24, "two plots of twelve weeks");
    let happened =
        |told: &String| told.split([' ', ',']).any(|word| word.parse::<u64>().is_ok_and(|n| n > 0 && n < 10));
    all.into_iter().map(|told| told.split('\n').nth(1).unwrap().to_owned()).filter(happened).collect()
}

#[actix_web::test]
async fn the_numbers_of_the_page_are_those_of_the_use_case() {
    let bench = Bench::new().await;
    bench.owner().await;
    // A Monday.
    bench.clock.set(at("2027-02-01T09:00:00Z"));
    for name in ["ada", "ben", "cleo"] {
        issue(&bench, &format!("{name}@example.org"), 7).await;
    }
    bench.pass(Duration::hours(2));
    accept(&bench, "ada@example.org").await;
    decline(&bench, "ben@example.org").await;
    bench.pass(Duration::days(15));
    // Two weeks later, on Tuesday; Cleo's time was over on Monday of the week between.
    issue(&bench, "dora@example.org", 30).await;
    issue(&bench, "eve@example.org", 14).await;
    bench.pass(Duration::hours(6));
    accept(&bench, "eve@example.org").await;
    let failing = issue(&bench, "fay@example.org", 14).await;
    bench.notifier.fail_next(1, DeliveryError::Permanent(Reason::SmtpRefused));
    assert_eq!(bench.dispatch().await.failed, 1);
    bench.pass(Duration::days(9));
    let mut browser = signed_in(&bench, OWNER).await;
    let page = browser.get(PAGE).await;
    assert_eq!(page.status, 200, "{}", page.text());
    has_no_inline_code(&page);

    let statistics = statistics(&bench).await;
    let weeks = statistics["weeks"].as_array().unwrap();
    let expected: Vec<Vec<u64>> =
        weeks.iter().map(|week| SERIES.iter().map(|name| week[name].as_u64().unwrap()).collect()).collect();
    assert_eq!(table(&page, "tbody"), expected);
    assert_eq!(expected[8..], [[3, 3, 1, 1, 0], [0, 0, 0, 0, 1], [3, 2, 1, 0, 0], [0, 0, 0, 0, 0]]);
    assert_eq!(table(&page, "tfoot"), [[6, 5, 2, 1, 1]]);
    assert_eq!(
        told(&page),
        [
            "Issued: 3, Sent: 3, Accepted: 1",
            "Issued: 3, Sent: 2, Accepted: 1",
            "Accepted: 1, Declined: 1, Expired: 0",
            "Accepted: 0, Declined: 0, Expired: 1",
            "Accepted: 1, Declined: 0, Expired: 0",
        ]
    );
    let text = page.text();
    assert!(text.contains("In total: Issued: 6, Sent: 5, Accepted: 2."), "{text}");
    for name in SERIES {
        let drawn = text.matches(&format!("<rect class=\"{name}\"")).count();
        // One in the legend of each plot that has it, one for each week with any.
        let plots = if name == "accepted" { 2 } else { 1 };
        let weeks = weeks.iter().filter(|week| week[name].as_u64() > Some(0)).count();
        assert_eq!(drawn, plots + plots * weeks, "{name}");
    }

    assert_eq!(fact(&page, "Open now"), "2");
    assert_eq!(fact(&page, "Accepted in the last 12 weeks"), "2 | 50% of those answered or expired");
    assert_eq!(fact(&page, "Time to accept"), "4 hours | Median: half were faster");
    assert_eq!(statistics["median_seconds_to_accept"], 4 * 3_600);
    assert_eq!(fact(&page, "Expiring within 7 days"), "1 | See which");
    assert_eq!(fact(&page, "Messages not delivered"), "1 | See why");
    assert!(text.contains("<dd><a href=\"/console/dead-letters\">See why</a></dd>"));
    let soon = between(&text, "<h2 id=\"soon\">", "</table>").pop().unwrap();
    assert!(soon.contains(&one(&failing, "").replace("/v1", "/console")), "{soon}");
    assert!(soon.contains("fay@example.org") && soon.contains("in 5 days") && !soon.contains("dora@"), "{soon}");
    let list = "/console/invitations?status=pending&sort=expires_at";
    assert!(text.contains(&list.replace('&', "&#38;")), "{text}");
    assert_eq!(browser.get(list).await.status, 200);
}

#[actix_web::test]
async fn a_week_begins_on_monday_in_the_organisations_time_zone() {
    let bench = Bench::new().await;
    bench.owner().await;
    // Sunday, half past eleven at night in Paris, the evening before clocks went forward included: 28 March 2027.
    bench.clock.set(at("2027-03-28T21:30:00Z"));
    bench.issue("late@example.org").await;
    // Half an hour later it is Monday there, and Sunday still in UTC.
    bench.clock.set(at("2027-03-28T22:00:00Z"));
    bench.issue("early@example.org").await;
    let mut browser = signed_in(&bench, OWNER).await;
    let issued = |page: &Reply| table(page, "tbody").iter().map(|row| row[0]).skip(10).collect::<Vec<_>>();
    let utc = browser.get(PAGE).await;
    assert_eq!(issued(&utc), [0, 2]);
    assert!(utc.text().contains("in the time zone UTC."));
    assert_eq!(bench.ask("PATCH", "/v1/organization", json!({ "time_zone": "Europe/Paris" })).await.status, 200);
    let paris = browser.get(PAGE).await;
    assert_eq!(issued(&paris), [1, 1]);
    let text = paris.text();
    assert!(text.contains("in the time zone Europe/Paris."), "{text}");
    assert!(text.contains("<time datetime=\"2027-03-28T22:00:00Z\">29 Mar</time> <small>so far</small>"), "{text}");
    // The week before began in winter time.
    assert!(text.contains("<time datetime=\"2027-03-21T23:00:00Z\">22 Mar</time>"), "{text}");
}

#[actix_web::test]
async fn a_new_organisation_is_told_what_to_do_first() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let home = browser.get("/console").await;
    assert_eq!(home.header("location"), PAGE);
    let page = follow(&mut browser, &home).await;
    has_no_inline_code(&page);
    let text = page.text();
    assert!(text.contains("Nobody is invited yet") && text.contains("href=\"/console/invitations/new\""), "{text}");
    assert!(!text.contains("<svg") && !text.contains("<table"), "{text}");
    // Who may not issue is offered no button.
    let body = json!({ "name": "Reader", "permissions": ["invitations.read"] });
    let made = bench.ask("POST", "/v1/api-keys", body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let mut reader = Browser::new(&bench);
    let form = reader.get("/console/sign-in?by=key").await;
    let key = made.json()["api_key"].as_str().unwrap().to_owned();
    let answer = reader.submit("/console/sign-in?by=key", &form, &[("api_key", &key)]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let text = reader.get(PAGE).await.text();
    assert!(text.contains("Once somebody issues the first invitation"), "{text}");
    assert!(!text.contains("/console/invitations/new"), "{text}");
    // Nor is who may not see dead letters led to them.
    issue(&bench, "fay@example.org", 30).await;
    bench.notifier.fail_next(1, DeliveryError::Permanent(Reason::SmtpRefused));
    assert_eq!(bench.dispatch().await.failed, 1);
    let text = reader.get(PAGE).await.text();
    assert!(
        text.contains("href=\"/console/invitations?delivery=failed\"") && !text.contains("/dead-letters"),
        "{text}"
    );
    assert!(text.contains("No open invitation expires within 7 days.") && !text.contains("/new\""), "{text}");
}

#[actix_web::test]
async fn an_organisation_in_which_nothing_happened_for_long_has_plots_of_noughts() {
    let bench = Bench::new().await;
    bench.owner().await;
    bench.issue("ada@example.org").await;
    bench.pass(Duration::weeks(40));
    let page = signed_in(&bench, OWNER).await.get(PAGE).await;
    let text = page.text();
    assert_eq!(table(&page, "tfoot"), [[0; 5]]);
    assert!(told(&page).is_empty() && text.contains("<svg role=\"img\""), "{text}");
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    assert_eq!(fact(&page, "Time to accept"), "– | Nobody has accepted yet");
    let rate = "0 | None answered or expired yet";
    assert_eq!(fact(&page, "Accepted in the last 12 weeks"), rate);
}

#[actix_web::test]
async fn more_than_the_first_that_expire_soon_are_counted() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    for number in 0..12 {
        issue(&bench, &format!("ada{number:02}@example.org"), 2).await;
    }
    let text = browser.get(PAGE).await.text();
    assert!(text.contains("2 more are not in this table."), "{text}");
    assert_eq!(text.matches("class=\"address\"").count(), 10);
}

#[actix_web::test]
async fn who_may_not_read_invitations_sees_no_overview() {
    let bench = Bench::new().await;
    bench.join("guest@example.org", Some("guest")).await;
    let mut guest = signed_in(&bench, "guest@example.org").await;
    assert!(!guest.get("/console/account").await.text().contains(PAGE));
    let page = guest.get(PAGE).await;
    assert_eq!(page.status, 403);
    assert!(!page.text().contains("role=\"img\""), "{}", page.text());
    assert_eq!(Browser::new(&bench).get(PAGE).await.status, 303);
}

#[actix_web::test]
async fn what_people_wrote_is_text_and_looking_changes_nothing() {
    let bench = Bench::new().await;
    let mut browser = owner(&bench).await;
    let evil = "</title><img src=x onerror=alert(1)>\u{202e}";
    assert_eq!(bench.ask("PATCH", "/v1/organization", json!({ "name": evil })).await.status, 200);
    let body = json!({ "name": evil, "permissions": [] });
    let role = bench.ask("POST", "/v1/roles", body).await;
    assert_eq!(role.status, 201, "{}", role.text());
    let body =
        json!({ "recipient": { "email": "ada@example.org" }, "role_id": role.json()["id"], "expires_in": 86_400 });
    let issued = bench.ask("POST", "/v1/invitations", body).await.json();
    let page = browser.get(PAGE).await;
    let text = page.text();
    assert!(text.contains("onerror") && !text.contains("<img") && text.contains("<bdi>&#60;/title&#62;"), "{text}");
    has_no_inline_code(&page);
    let before = statistics(&bench).await;
    for (method, status) in [("GET", 200), ("HEAD", 200), ("POST", 405)] {
        let request = bench.request(method, PAGE).insert_header(("Cookie", browser.cookies.join("; ")));
        assert_eq!(bench.send(request).await.status, status, "{method}");
    }
    assert_eq!(statistics(&bench).await, before);
    assert_eq!(bench.ask("GET", &one(&issued, ""), Value::Null).await.json()["version"], issued["version"]);
}

#[actix_web::test]
async fn r8_3_the_overview_speaks_the_readers_language() {
    let bench = Bench::new().await;
    bench.owner().await;
    bench.clock.set(at("2027-03-03T09:00:00Z"));
    bench.issue("ada@example.org").await;
    let mut browser = signed_in(&bench, OWNER).await;
    let account = browser.get("/console/account").await;
    for (language, date, words) in [
        ("fr", "1er mars", "dans le fuseau horaire UTC"),
        ("de", "1. März", "in der Zeitzone UTC"),
        ("es", "1 mar", "en la zona horaria UTC"),
    ] {
        let fields = [("language", language), ("next", PAGE)];
        let chosen = browser.submit("/console/language", &account, &fields).await;
        let text = follow(&mut browser, &chosen).await.text();
        assert!(text.contains(&format!(">{date}</text>")), "{text}");
        assert!(text.contains(words), "{text}");
        assert!(!text.contains("dashboard-") && !text.contains("Issued"), "{text}");
    }
}
