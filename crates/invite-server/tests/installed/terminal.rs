//! An installation at the terminal, from nothing to its backup.

use crate::site::Site;
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
};

/// The id in the first line of `issue`, `resend` and `revoke`.
fn id(printed: &str) -> String {
    printed.split_whitespace().nth(1).unwrap_or_default().to_owned()
}

fn listed(site: &Site, arguments: &[&str]) -> Vec<Value> {
    let printed = site.done(&[&["list", "--json"], arguments].concat());
    let document: Value = serde_json::from_str(&printed).unwrap_or_default();
    document["items"].as_array().cloned().unwrap_or_default()
}

#[test]
fn serve_names_everything_that_is_missing_in_one_line() {
    let mut site = Site::new();
    let line = site.refused(2, &["serve"]);
    assert!(line.contains("ring does not exist: run `invite keys new`"), "{line}");
    site.set("INVITE_PUBLIC_URL", "");
    site.set("INVITE_KEYRING_FILE", "");
    for command in ["serve", "worker"] {
        let line = site.refused(2, &[command]);
        assert!(line.contains("INVITE_PUBLIC_URL") && line.contains("INVITE_KEYRING_FILE"), "{line}");
    }
    site.set("INVITE_KEYRING_FILE", "ring");
    let line = site.refused(2, &["serve"]);
    assert!(line.contains("INVITE_PUBLIC_URL") && line.contains("run `invite keys new`"), "{line}");
    assert!(!site.path("invite.db").exists(), "a refused start makes nothing");
}

#[test]
fn setup_prints_one_object_and_refuses_a_second_time() {
    let (site, printed) = Site::set_up();
    let mut members: Vec<_> = printed.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["api_key", "operator_key", "organization_id", "owner_id", "owner_link", "slug"]);
    assert_eq!(printed["slug"], "acme");
    assert!(printed["owner_link"].as_str().unwrap().starts_with("http://127.0.0.1:8080/account/ina_"));
    let again = ["setup", "--organization", "Other", "--owner-email", "other@example.org", "--json"];
    let line = site.refused(1, &again);
    assert!(line.contains("set up already"), "{line}");
}

#[test]
fn setup_refuses_what_is_no_address_and_needs_the_base_of_its_link() {
    let mut site = Site::new();
    site.done(&["keys", "new"]);
    let line = site.refused(2, &["setup", "--organization", "Acme", "--owner-email", "nobody"]);
    assert!(line.contains("--owner-email `nobody`") && line.contains('@'), "{line}");
    site.set("INVITE_PUBLIC_URL", "");
    let line = site.refused(2, &["setup", "--organization", "Acme", "--owner-email", "a@example.org"]);
    assert!(line.contains("INVITE_PUBLIC_URL"), "{line}");
    assert!(!site.path("invite.db").exists());
}

#[test]
fn setup_names_the_flag_of_an_organisation_that_cannot_be() {
    let site = Site::new();
    site.done(&["keys", "new"]);
    for name in ["", " ", "two\nlines"] {
        let line = site.refused(2, &["setup", "--organization", name, "--owner-email", "a@example.org"]);
        assert!(line.contains("--organization: a name "), "{line}");
    }
}

#[test]
fn r7_8_without_an_active_key_nothing_starts_that_makes_links() {
    let site = Site::new();
    site.done(&["keys", "new"]);
    let ring = std::fs::read_to_string(site.path("ring")).unwrap().replace("active", "verify");
    std::fs::write(site.path("ring"), &ring).unwrap();
    std::fs::create_dir(site.path("invite-dev")).unwrap();
    std::fs::write(site.path("invite-dev/keys"), &ring).unwrap();
    let set_up = ["setup", "--organization", "Acme", "--owner-email", "a@example.org"];
    for arguments in [&["serve"][..], &["worker"], &set_up, &["dev"]] {
        let line = site.refused(2, arguments);
        assert_eq!(line, "invite: the key ring has no active key: run `invite keys activate ID`\n", "{arguments:?}");
    }
    assert!(!site.path("invite.db").exists() && !site.path("invite-dev/invite.db").exists());
    site.done(&["keys", "activate", "1"]);
    site.done(&set_up);
}

#[cfg(unix)]
#[test]
fn the_database_is_for_its_owner_alone_and_the_doctor_says_where_it_is_not() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for first in [&["migrate"][..], &["setup", "--organization", "Acme", "--owner-email", "owner@example.org"]] {
        let site = Site::new();
        site.done(&["keys", "new"]);
        site.done(first);
        assert_eq!(mode(&site.path("invite.db")), 0o600, "{first:?}");
    }
    let (site, _) = Site::set_up();
    let _running = site.serve(&[]);
    for name in ["invite.db", "invite.db-wal", "invite.db-shm"] {
        assert_eq!(mode(&site.path(name)), 0o600, "{name}");
    }
    assert!(!site.done(&["doctor"]).contains("others can read it"));
    for name in ["invite.db", "invite.db-wal"] {
        std::fs::set_permissions(site.path(name), std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    let report = site.done(&["doctor"]);
    let line = "warn  database: others can read it: chmod 600 invite.db invite.db-wal\n";
    assert!(report.contains(line), "{report}");
}

#[test]
fn before_setup_every_command_says_what_to_run_first() {
    let site = Site::new();
    for arguments in [&["list"][..], &["migrate", "--status"], &["operator-key", "new"], &["backup", "copy"]] {
        if arguments[0] == "list" {
            assert!(site.refused(2, arguments).contains("run `invite keys new`"));
            site.done(&["keys", "new"]);
        }
        let line = site.refused(1, arguments);
        assert!(line.contains("there is no database at invite.db: run `invite setup`"), "{line}");
    }
    site.done(&["migrate"]);
    for arguments in [&["list"][..], &["issue", "zoe@example.org"], &["operator-key", "new"]] {
        let line = site.refused(1, arguments);
        assert!(line.contains("is not set up: run `invite setup`"), "{line}");
    }
}

#[test]
fn migrations_are_shown_and_applied() {
    let site = Site::new();
    let applied = site.done(&["migrate"]);
    assert!(applied.starts_with("applied  m0001_"), "{applied}");
    assert_eq!(site.done(&["migrate", "--status"]), applied);
    assert_eq!(site.done(&["migrate"]), "");
}

#[test]
fn an_invitation_is_issued_listed_resent_and_revoked() {
    let (site, _) = Site::set_up();
    let printed = site.done(&["issue", "Zoe@Example.org", "--role", "member", "--return-link", "--expires-in", "1h"]);
    let issued = id(&printed);
    assert!(printed.contains("to Zoe@Example.org\npending until "), "{printed}");
    assert!(printed.contains("\nrole member\nemail queued\nhttp://127.0.0.1:8080/i/inv_"), "{printed}");

    let items = listed(&site, &[]);
    assert_eq!(items.len(), 1);
    assert_eq!((&items[0]["id"], &items[0]["status"]), (&issued.as_str().into(), &"pending".into()));
    assert_eq!(items[0]["inviter"]["kind"], "operator");
    assert_eq!(items[0]["deliveries"][0]["state"], "queued");
    let table = site.done(&["list"]);
    assert!(table.starts_with("ID ") && table.lines().count() == 2 && table.contains(&issued), "{table}");

    let line = site.refused(1, &["issue", "zoe@example.org"]);
    assert!(line.contains(&format!("`invite resend {issued}`")), "{line}");
    assert!(site.done(&["resend", &issued]).starts_with(&format!("resent {issued} ")));
    assert_eq!(listed(&site, &[])[0]["generation"], 2);

    let revoked = site.done(&["revoke", &issued, "--reason", "a mistake", "--organization", "acme"]);
    assert_eq!(revoked, format!("revoked {issued} to Zoe@Example.org\n"));
    assert_eq!(listed(&site, &["--status", "pending"]).len(), 0);
    assert_eq!(listed(&site, &["--status", "revoked"])[0]["revoke_reason"], "a mistake");
    assert!(site.done(&["revoke", &issued]).starts_with("revoked "), "a second time changes nothing");
    assert!(site.refused(1, &["resend", &issued]).contains("is revoked already"));
}

#[test]
fn r7_8_after_a_loss_all_that_is_pending_is_sent_again_under_a_new_ring() {
    let (site, printed) = Site::set_up();
    let issued = ["a@example.org", "b@example.org", "c@example.org"].map(|email| id(&site.done(&["issue", email])));
    site.done(&["revoke", &issued[2]]);
    site.done(&["keys", "rotate"]);
    site.done(&["keys", "activate", "2"]);
    // What is left of the ring has not the key the links were made under.
    let ring = std::fs::read_to_string(site.path("ring")).unwrap();
    std::fs::write(site.path("ring"), ring.lines().find(|line| line.starts_with('2')).unwrap()).unwrap();
    let output = site.run(&["doctor"]);
    let report = String::from_utf8(output.stdout).unwrap();
    let advice = "FAIL  key ring: key 1 is missing or retired, but live invitations need it (2): run `invite resend --all-pending`";
    assert_eq!(output.status.code(), Some(1), "{report}");
    assert!(report.contains(advice), "{report}");

    let output = site.run(&["resend", "--all-pending"]);
    assert!(output.status.success(), "{output:?}");
    let (out, hint) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let mut lines: Vec<_> = out.lines().collect();
    lines.sort_unstable_by_key(|line| line.rsplit(' ').next().unwrap_or_default().to_owned());
    let told = |index: usize, email: &str| format!("resent {} to {email}", issued[index]);
    assert_eq!(lines, [told(0, "a@example.org"), told(1, "b@example.org")]);
    assert!(hint.ends_with("2 pending invitations sent again\n"), "{hint}");
    let generation = |site: &Site, id: &str| {
        let item = listed(site, &[]).into_iter().find(|item| item["id"] == id).unwrap_or_default();
        item["generation"].as_u64().unwrap_or_default()
    };
    assert_eq!(issued.each_ref().map(|id| generation(&site, id)), [2, 2, 1]);
    assert!(!site.done(&["doctor"]).contains("FAIL"));

    // Another organisation that is named is the only one.
    site.refused(1, &["resend", "--all-pending", "--organization", "other"]);
    site.done(&["resend", "--all-pending", "--organization", printed["slug"].as_str().unwrap()]);
    assert_eq!(issued.each_ref().map(|id| generation(&site, id)), [3, 3, 1]);
    let both = site.refused(2, &["resend", &issued[0], "--all-pending"]);
    assert!(both.contains("--all-pending") && both.contains("cannot be used with"), "{both}");
    assert!(site.refused(2, &["resend"]).contains("<ID>"));
}

#[test]
fn one_invitation_that_cannot_be_sent_again_is_told_and_holds_up_no_other() {
    let (mut site, _) = Site::set_up();
    let [often, once] = ["often@example.org", "once@example.org"].map(|email| id(&site.done(&["issue", email])));
    site.set("INVITE_LIMIT_MESSAGES_INVITATION", "2/1h");
    site.done(&["resend", &often]);
    let output = site.run(&["resend", "--all-pending"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let (out, told) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(out, format!("resent {once} to once@example.org\n"));
    assert!(
        told.contains(&format!("{often}: this invitation, or mail to its recipient, was sent often enough for now")),
        "{told}"
    );
    assert!(told.ends_with("invite: 1 of 2 pending invitations could not be sent again\n"), "{told}");
}

#[test]
fn what_cannot_be_issued_is_refused_in_one_line_and_leaves_nothing() {
    let (site, printed) = Site::set_up();
    for (code, arguments, hint) in [
        (2, &["issue", "nobody"][..], "must contain exactly one @"),
        (1, &["issue", "a@example.org", "--role", "boss"], "there is no role `boss`: there are "),
        (1, &["issue", "a@example.org", "--expires-in", "1s"], "expires-in: "),
        (1, &["issue", "a@example.org", "--organization", "other"], "there is no organisation `other`"),
        (1, &["issue", "owner@example.org"], "is a member already"),
        (1, &["revoke", "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5"], "check the id"),
    ] {
        let line = site.refused(code, arguments);
        assert!(line.contains(hint), "{line}");
    }
    assert_eq!(listed(&site, &[]).len(), 0);
    let by_id = ["list", "--organization", printed["organization_id"].as_str().unwrap()];
    assert_eq!(site.done(&by_id), "");
}

#[test]
fn a_backup_is_a_database_and_never_overwrites() {
    let (mut site, _) = Site::set_up();
    site.done(&["issue", "zoe@example.org"]);
    let output = site.run(&["backup", "copy.db"]);
    assert!(output.status.success(), "{output:?}");
    let hint = String::from_utf8(output.stderr).unwrap();
    assert!(hint.contains("keys, which are not in the copy: 1 (1 live)"), "{hint}");
    let line = site.refused(1, &["backup", "copy.db"]);
    assert!(line.contains("copy.db exists already"), "{line}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(site.path("copy.db")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(site.refused(1, &["backup", "nowhere/copy.db"]).contains("cannot be written"));
    site.set("INVITE_DATABASE_URL", "sqlite://copy.db");
    assert_eq!(listed(&site, &[]).len(), 1);
}

#[test]
fn a_backup_tells_its_schema_and_is_made_before_the_migrations_too() {
    let (site, _) = Site::set_up();
    let newest = site.done(&["migrate", "--status"]).lines().last().unwrap().replace("applied  ", "");
    let hint = String::from_utf8(site.run(&["backup", "copy.db"]).stderr).unwrap();
    assert!(hint.contains(&format!("its schema is {newest}\n")), "{hint}");

    let site = Site::new();
    site.done(&["keys", "new"]);
    // To SQLite an empty file is a database without tables.
    std::fs::write(site.path("invite.db"), "").unwrap();
    assert!(site.refused(1, &["list"]).contains("run `invite migrate`"));
    let output = site.run(&["backup", "copy.db"]);
    assert!(output.status.success(), "{output:?}");
    let hint = String::from_utf8(output.stderr).unwrap();
    assert!(hint.contains("it has no schema yet") && hint.contains("keys it needs cannot be told"), "{hint}");
    assert!(site.path("copy.db").exists());
    assert!(site.done(&["migrate", "--status"]).starts_with("pending  "), "it was migrated");
}

#[cfg(unix)]
#[test]
fn a_changed_key_ring_keeps_its_mode_and_its_link_and_one_change_runs_at_a_time() {
    use std::os::unix::fs::PermissionsExt as _;
    let (site, _) = Site::set_up();
    std::fs::rename(site.path("ring"), site.path("secret")).unwrap();
    std::os::unix::fs::symlink("secret", site.path("ring")).unwrap();
    std::fs::set_permissions(site.path("secret"), std::fs::Permissions::from_mode(0o640)).unwrap();
    site.done(&["keys", "rotate"]);
    assert!(site.path("ring").is_symlink() && !site.path("secret.new").exists());
    assert_eq!(std::fs::metadata(site.path("secret")).unwrap().permissions().mode() & 0o777, 0o640);
    std::fs::write(site.path("secret.new"), "").unwrap();
    let line = site.refused(2, &["keys", "activate", "2"]);
    assert!(line.contains("another change of the key ring is running; if none is, remove "), "{line}");
    assert!(line.ends_with("secret.new\n"), "{line}");
    std::fs::remove_file(site.path("secret.new")).unwrap();
    site.done(&["keys", "activate", "2"]);
    assert_eq!(site.done(&["keys", "list"]), "1 verify\n2 active\n");
}

#[test]
fn r7_8_a_key_is_rotated_activated_and_retired_once_nothing_live_carries_it() {
    let (site, _) = Site::set_up();
    site.done(&["issue", "zoe@example.org"]);
    site.done(&["keys", "rotate"]);
    let line = site.refused(1, &["keys", "retire", "1"]);
    assert!(line.contains("key 1 is active"), "{line}");
    site.done(&["keys", "activate", "2"]);
    let line = site.refused(1, &["keys", "retire", "1"]);
    assert!(line.contains("1 live invitation") && line.contains("--resend"), "{line}");
    assert_eq!(site.done(&["keys", "list"]), "1 verify\n2 active\n");
    site.done(&["keys", "retire", "1", "--resend"]);
    assert_eq!(site.done(&["keys", "list"]), "1 retired\n2 active\n");
    let items = listed(&site, &[]);
    assert_eq!((&items[0]["generation"], &items[0]["status"]), (&2.into(), &"pending".into()));
}

#[test]
fn r7_8_a_key_nothing_carries_is_retired_at_once() {
    let (site, _) = Site::set_up();
    site.done(&["keys", "rotate"]);
    site.done(&["keys", "retire", "2"]);
    assert_eq!(site.done(&["keys", "list"]), "1 active\n2 retired\n");
}

#[test]
fn the_operator_key_is_replaced_and_administrators_go_on() {
    let (site, printed) = Site::set_up();
    let key = site.done(&["operator-key", "new"]);
    assert!(key.starts_with("ivk_") && key.trim() != printed["operator_key"].as_str().unwrap(), "not a new key");
    site.done(&["issue", "zoe@example.org"]);
}

#[test]
fn the_doctor_finds_what_is_wrong_and_fails_for_it() {
    let (mut site, _) = Site::set_up();
    site.done(&["issue", "zoe@example.org"]);
    let report = site.done(&["doctor"]);
    for line in
        ["ok    configuration", "ok    key ring", "ok    database", "ok    migrations", "ok    clock", "warn  mail"]
    {
        assert!(report.contains(line), "{line}: {report}");
    }
    assert!(!report.contains("FAIL"), "{report}");

    // A template that cannot be used is told before a mail has to be written with it.
    std::fs::create_dir(site.path("templates")).unwrap();
    std::fs::write(site.path("templates/invitation.txt"), "{% if %}").unwrap();
    site.set("INVITE_TEMPLATES", site.path("templates").to_str().unwrap());
    let output = site.run(&["doctor"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("FAIL  mail templates: INVITE_TEMPLATES: "), "{told}");
    let refused = site.run(&["serve"]);
    assert_ne!(refused.status.code(), Some(0));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("INVITE_TEMPLATES"));
    std::fs::remove_file(site.path("templates/invitation.txt")).unwrap();
    assert!(site.done(&["doctor"]).contains("ok    mail templates: those in "));

    // Another ring: the live invitation's key is gone.
    std::fs::rename(site.path("ring"), site.path("old-ring")).unwrap();
    site.done(&["keys", "new"]);
    site.done(&["keys", "rotate"]);
    site.done(&["keys", "activate", "2"]);
    site.done(&["keys", "list"]);
    let ring = std::fs::read_to_string(site.path("ring")).unwrap();
    std::fs::write(site.path("ring"), ring.lines().find(|line| line.starts_with('2')).unwrap()).unwrap();
    // Nobody listens on port 1 of this machine.
    site.set("INVITE_SMTP_URL", "smtp://127.0.0.1:1");
    site.set("INVITE_MAIL_FROM", "invite@example.org");
    let output = site.run(&["doctor"]);
    let report = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{report}");
    assert!(report.contains("FAIL  key ring: key 1 is missing or retired"), "{report}");
    assert!(report.contains("FAIL  mail server: unreachable"), "{report}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "invite: 2 checks failed\n");

    site.set("INVITE_LISTEN", "nowhere");
    let output = site.run(&["doctor"]);
    assert_eq!(output.status.code(), Some(1));
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.starts_with("FAIL  configuration: INVITE_LISTEN"), "{report}");
}

/// Answers every path but `/gone` with a set of keys, until the process ends. `/none` has one key, which nobody signs with.
#[expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]
fn issuer() -> String {
    // RFC 8037, A.2.
    const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    const SECRET: &str = r#"{"kty":"oct","k":"AAAA"}"#;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            let status = if line.starts_with("GET /gone ") { "404 Not Found" } else { "200 OK" };
            let key = if line.starts_with("GET /none ") { SECRET } else { KEY };
            let set = format!("{{\"keys\":[{key}]}}");
            let length = set.len();
            write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{set}").unwrap();
        }
    });
    format!("http://{address}")
}

#[test]
fn the_doctor_asks_issuers_for_their_keys() {
    let (mut site, _) = Site::set_up();
    assert!(site.done(&["doctor"]).contains("ok    issuers: none"));
    let keys = issuer();
    let table = |name: &str, url: &str| {
        format!("[[jwt]]\nissuer = \"https://{name}.example/\"\njwks_url = \"{url}\"\naudience = \"invite\"\n")
    };
    site.set("INVITE_CONFIG", site.path("invite.toml").to_str().unwrap());
    std::fs::write(site.path("invite.toml"), table("good", &format!("{keys}/keys"))).unwrap();
    let report = site.done(&["doctor"]);
    assert!(report.contains("ok    issuers: https://good.example/ publishes 1 that can be used"), "{report}");

    // Nobody listens on port 1 of this machine.
    let tables = [
        table("good", &format!("{keys}/keys")),
        table("none", &format!("{keys}/none")),
        table("gone", &format!("{keys}/gone")),
        table("deaf", "http://127.0.0.1:1/keys"),
    ];
    std::fs::write(site.path("invite.toml"), tables.concat()).unwrap();
    let output = site.run(&["doctor"]);
    let report = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{report}");
    for line in [
        "ok    issuers: https://good.example/ publishes 1 that can be used",
        "FAIL  issuers: https://none.example/ publishes no key that can be used",
        "FAIL  issuers: no keys of https://gone.example/: the answer is 404: check its jwks_url",
        "FAIL  issuers: no keys of https://deaf.example/: ",
    ] {
        assert!(report.contains(line), "{line}: {report}");
    }
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "invite: 3 checks failed\n");
}

#[test]
fn the_openapi_document_needs_no_configuration() {
    let mut site = Site::new();
    site.set("INVITE_LISTEN", "nowhere");
    let document: Value = serde_json::from_str(&site.done(&["openapi"])).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
}

#[test]
fn whoever_stops_reading_is_not_scolded() {
    let site = Site::new();
    let mut child = site
        .command(&["openapi"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!output.status.success());
    assert!(output.stderr.is_empty(), "{output:?}");
}
