//! The trail, an erasure and dead links at the terminal.

use crate::site::Site;
use serde_json::Value;

fn listed(site: &Site) -> Vec<Value> {
    let document: Value = serde_json::from_str(&site.done(&["list", "--json"])).unwrap_or_default();
    document["items"].as_array().cloned().unwrap_or_default()
}

fn of<'a>(items: &'a [Value], id: &str) -> &'a Value {
    items.iter().find(|item| item["id"] == id).unwrap_or(&Value::Null)
}

fn id(printed: &str) -> String {
    printed.split_whitespace().nth(1).unwrap_or_default().to_owned()
}

/// Waits until the trail shows what was done last: it ends five seconds ago.
fn trail(site: &Site, arguments: &[&str], until: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let began = std::time::Instant::now();
    loop {
        let printed = site.done(&[&["events"], arguments].concat());
        let events: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap_or_default()).collect();
        if until(&events) || began.elapsed().as_secs() > 30 {
            return events;
        }
        std::thread::yield_now();
    }
}

#[test]
fn priv_1_an_erased_person_is_nowhere_and_the_trail_tells_that_somebody_was() {
    let (site, _) = Site::set_up();
    let erased = id(&site.done(&["issue", "Zoe@Example.org", "--message", "Dear Zoe"]));
    let kept = id(&site.done(&["issue", "ben@example.org"]));
    let told = site.done(&["erase", "zoe@example.org"]);
    assert!(told.contains("1 invitation names nobody now") && told.contains("1 of them was open"), "{told}");
    assert!(!told.to_lowercase().contains("zoe"), "{told}");

    let items = listed(&site);
    let gone = of(&items, &erased);
    assert_eq!((&gone["status"], &gone["revoke_reason"]), (&Value::from("revoked"), &Value::from("erased")));
    let pseudonym = gone["recipient"]["email"].as_str().unwrap_or_default();
    assert!(pseudonym.starts_with("erased-") && pseudonym.ends_with("@erased.invalid"), "{gone}");
    assert_eq!(of(&items, &kept)["status"], "pending");
    assert_eq!(site.done(&["list", "--query", "zoe", "--json"]).matches("\"id\"").count(), 0);

    let printed = site.run(&["erase", "zoe@example.org"]);
    assert!(printed.status.success() && printed.stdout.is_empty(), "{printed:?}");
    assert!(String::from_utf8_lossy(&printed.stderr).contains("nobody is known"), "{printed:?}");
    let found = |events: &[Value]| events.iter().any(|event| event["type"] == "account.erased");
    let events = trail(&site, &[], found);
    assert!(found(&events), "{events:?}");
    let types: Vec<_> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    assert!(types.contains(&"invitation.revoked"), "{types:?}");
    let only = trail(&site, &["--type", "invitation.issued"], |events| events.len() == 2);
    assert!(only.len() == 2 && only.iter().all(|event| event["type"] == "invitation.issued"), "{only:?}");
    assert!(only[0].get("address").is_some_and(Value::is_null), "{only:?}");
    assert!(site.done(&["check"]).lines().all(|line| line.starts_with("ok    ")));
}

#[test]
fn who_alone_owns_an_organisation_is_not_erased() {
    let (site, _) = Site::set_up();
    let line = site.refused(1, &["erase", "owner@example.org"]);
    assert!(line.contains("without an owner: acme"), "{line}");
    let line = site.refused(2, &["erase", "nobody"]);
    assert!(line.contains("address"), "{line}");
}

#[test]
fn ops_6_links_that_a_backup_brought_back_are_dead_by_one_command() {
    let (mut site, _) = Site::set_up();
    let revoked = id(&site.done(&["issue", "zoe@example.org"]));
    let open = id(&site.done(&["issue", "ben@example.org"]));
    site.done(&["backup", "copy.db"]);
    site.done(&["revoke", &revoked]);
    site.set("INVITE_DATABASE_URL", "sqlite://copy.db");
    assert_eq!(of(&listed(&site), &revoked)["status"], "pending", "the backup knows nothing of it");

    let line = site.refused(2, &["invalidate", "--issued-before", "9000-01-01T00:00:00Z"]);
    assert!(line.contains("future"), "{line}");
    let line = site.refused(2, &["invalidate", "--key", "1", "--resend"]);
    assert!(line.contains("keys activate"), "{line}");
    assert_eq!(site.done(&["invalidate", "--issued-before", "2020-01-01T00:00:00Z"]).split(' ').next(), Some("0"));
    let told = site.done(&["invalidate", "--key", "1"]);
    assert_eq!(told, "2 links are dead, their invitations revoked\n");
    let items = listed(&site);
    for id in [&revoked, &open] {
        assert_eq!(of(&items, id)["revoke_reason"], "invalidated", "{items:?}");
    }
    assert!(site.done(&["invalidate", "--key", "1"]).starts_with("0 "), "again it finds nothing");

    site.done(&["issue", "eve@example.org"]);
    site.done(&["keys", "rotate"]);
    site.done(&["keys", "activate", "2"]);
    let told = site.done(&["invalidate", "--key", "1", "--resend"]);
    assert_eq!(told, "1 link is dead, and new ones were sent where they had not expired\n");
    assert!(site.done(&["check"]).lines().all(|line| line.starts_with("ok    ")));
}
