//! The running service: from the first request to its graceful end.

use crate::site::{Running, Site, eventually};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

fn ready(running: &Running) -> Value {
    let (status, body) = running.get("/readyz");
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap_or_default()
}

#[test]
fn serve_writes_its_address_tells_how_it_stands_and_ends_with_0() {
    let (site, _) = Site::set_up();
    let running = site.serve(&[]);
    assert_eq!(running.get("/livez").0, 200);
    let told = ready(&running);
    assert_eq!((&told["key_ids"], &told["active_key"]), (&json!([1]), &json!(1)));
    assert!(told["clock_difference_ms"].as_i64().unwrap().abs() < 1000, "{told}");
    let (code, log) = running.terminate();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("mails are queued until INVITE_SMTP_URL is set"), "{log}");
    assert!(log.contains("\"listening\"") && log.contains("\"stopped\""), "{log}");
}

#[test]
fn a_taken_address_is_told_in_one_line() {
    let (mut site, _) = Site::set_up();
    let running = site.serve(&[]);
    site.set("INVITE_LISTEN", &running.address.to_string());
    for command in ["serve", "dev"] {
        let line = site.refused(1, &[command]);
        assert!(line.contains(&running.address.to_string()) && line.contains("INVITE_LISTEN"), "{line}");
    }
}

#[test]
fn ops_3_readiness_fails_first_and_an_open_connection_is_answered_and_closed() {
    let (site, _) = Site::set_up();
    let running = site.serve(&[]);
    let mut kept = TcpStream::connect(running.address).unwrap();
    let mut asked = || {
        kept.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        let mut answer = [0; 8192];
        let length = kept.read(&mut answer).unwrap();
        String::from_utf8_lossy(&answer[..length]).into_owned()
    };
    assert!(asked().starts_with("HTTP/1.1 200 "));
    running.signal(Signal::SIGTERM);
    let answer = eventually("readiness never failed", || Some(asked()).filter(|answer| !answer.contains(" 200 ")));
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("\"draining\":true"), "{answer}");
    let mut rest = Vec::new();
    kept.read_to_end(&mut rest).unwrap();
    let (code, log) = running.terminate();
    assert_eq!(code, Some(0), "{log}");
}

#[test]
fn r7_8_a_new_key_ring_is_read_at_a_signal_and_a_broken_one_is_not() {
    let (site, _) = Site::set_up();
    let running = site.serve(&[]);
    site.done(&["keys", "rotate"]);
    running.signal(Signal::SIGHUP);
    eventually("the new ring is not read", || (ready(&running)["key_ids"] == json!([1, 2])).then_some(()));
    std::fs::write(site.path("ring"), "3 active").unwrap();
    running.signal(Signal::SIGHUP);
    assert_eq!(ready(&running)["key_ids"], json!([1, 2]));
    let (code, log) = running.terminate();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("the key ring cannot be read; the old one stays"), "{log}");
}

#[test]
fn log_1_issue_and_redemption_are_counted_and_no_secret_is_in_the_log() {
    let (site, printed) = Site::set_up();
    let running = site.serve(&[]);
    let key = printed["api_key"].as_str().unwrap();
    let issue = json!({ "recipient": { "email": "zoe@example.org" }, "return": ["link"] });
    let (status, issued) = running.post("/v1/invitations", key, &issue);
    assert_eq!(status, 201, "{issued}");
    assert_eq!(issued["deliveries"][0]["state"], "queued");
    let link = issued["link"].as_str().unwrap();
    let token = link.rsplit('/').next().unwrap();
    running.get(&format!("/i/{token}"));
    let redeem = json!({ "token": token, "account": { "name": "Zoe", "password": "a long and odd phrase" } });
    let (status, redeemed) = running.post("/v1/redemptions", "", &redeem);
    assert_eq!(status, 201, "{redeemed}");
    let (status, page) = running.get("/metrics");
    assert_eq!(status, 200);
    for line in
        ["invite_events_total{type=\"invitation.issued\"} 1", "invite_events_total{type=\"invitation.redeemed\"} 1"]
    {
        assert!(page.contains(line), "{line}: {page}");
    }
    assert!(page.contains("invite_http_requests_total{"), "{page}");
    let session = redeemed["session"]["token"].as_str().unwrap();
    let (code, log) = running.terminate();
    assert_eq!(code, Some(0), "{log}");
    for event in ["invitation.issued", "invitation.redeemed", "membership.created"] {
        assert!(log.contains(&format!("\"event\":\"{event}\"")), "{event} is not in the log: {log}");
    }
    assert!(!log.contains("zoe@example.org"), "an address is in the log: {log}");
    for secret in [key, token, session, "a long and odd phrase", printed["operator_key"].as_str().unwrap()] {
        assert!(!log.contains(secret) && !page.contains(secret), "a secret is in log or metrics: {log}");
    }
}

#[test]
fn with_the_mail_server_down_invitations_are_issued_and_say_that_their_mail_waits() {
    let (mut site, printed) = Site::set_up();
    // Nobody listens on port 1 of this machine.
    site.set("INVITE_SMTP_URL", "smtp://127.0.0.1:1");
    site.set("INVITE_MAIL_FROM", "invite@example.org");
    let running = site.serve(&[]);
    let key = printed["api_key"].as_str().unwrap();
    let issue = json!({ "recipient": { "email": "zoe@example.org" } });
    let (status, issued) = running.post("/v1/invitations", key, &issue);
    assert_eq!((status, &issued["deliveries"][0]["state"]), (201, &json!("queued")), "{issued}");
    eventually("never tried", || {
        running.get("/metrics").1.contains("invite_messages_total{result=\"retried\"} 1").then_some(())
    });
    let list: Value = serde_json::from_str(&site.done(&["list", "--json"])).unwrap();
    let delivery = &list["items"][0]["deliveries"][0];
    assert_eq!((&delivery["state"], &delivery["reason"]), (&json!("queued"), &json!("unreachable")), "{delivery}");
    assert_eq!(delivery["attempts"], 1);
    assert_eq!(running.terminate().0, Some(0));
}

#[test]
fn metrics_have_a_door_of_their_own_where_one_is_set() {
    let (mut site, _) = Site::set_up();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    site.set("INVITE_OPERATIONS_LISTEN", &free.to_string());
    let mut running = site.serve(&[]);
    assert_eq!(running.get("/metrics").0, 404);
    running.address = free;
    // The queue is measured in a moment.
    eventually("never measured", || running.get("/metrics").1.contains("invite_queue_late_seconds").then_some(()));
    assert_eq!(running.get("/readyz").0, 404);
    assert_eq!(running.terminate().0, Some(0));
}

#[test]
fn the_list_at_the_terminal_is_the_one_of_the_api() {
    let (site, printed) = Site::set_up();
    let key = format!("Bearer {}", printed["api_key"].as_str().unwrap());
    for (index, email) in ["a@example.org", "b@example.org", "c@example.org"].iter().enumerate() {
        let issued = site.done(&["issue", email, "--role", "member", "--message", "Welcome", "--locale", "fr"]);
        if index > 0 {
            site.done(&["revoke", issued.split_whitespace().nth(1).unwrap(), "--reason", "no"]);
        }
    }
    let running = site.serve(&[]);
    let headers = [("authorization", key.as_str())];
    let (status, body) = running.request("GET", "/v1/invitations?sort=-created_at", &headers, "");
    assert_eq!(status, 200, "{body}");
    let api: Value = serde_json::from_str(&body).unwrap();
    let terminal: Value = serde_json::from_str(&site.done(&["list", "--json"])).unwrap();
    assert_eq!(terminal["items"], api["items"]);
    assert_eq!(terminal["total"], 3);
}

#[test]
fn dev_shows_a_line_to_paste_whose_mail_arrives_and_the_same_key_at_its_next_start() {
    let site = Site::new();
    let mut running = site.dev();
    let lines = running.lines_until("Ctrl-C");
    let address = format!("http://{}", running.address);
    assert!(lines.contains(&address), "{lines:?}");
    let paste = lines.iter().find(|line| line.starts_with("curl ")).unwrap();
    let quoted: Vec<_> = paste.split('\'').collect();
    let key = quoted[1].strip_prefix("Authorization: Bearer ").unwrap();
    let body: Value = serde_json::from_str(quoted[5]).unwrap();
    let (status, issued) = running.post("/v1/invitations", key, &body);
    assert_eq!(status, 201, "{issued}");
    let mail = eventually("no mail", || {
        let (_, page) = running.get("/mailbox");
        let at = page.find("/mailbox/")?;
        page[at..].split('"').next().map(str::to_owned)
    });
    assert!(running.get(&mail).1.contains("/i/inv_"), "{mail}");
    let link = lines.iter().find_map(|line| line.strip_prefix("Set the owner's password: ")).unwrap();
    // To the page behind it, without the token in its address.
    assert_eq!(running.get(link.strip_prefix(&address).unwrap()).0, 303);
    assert_eq!(running.terminate().0, Some(0));

    let mut again = site.dev();
    let lines = again.lines_until("Ctrl-C");
    assert!(lines.contains(&format!("API key: {key}")), "{lines:?}");
    assert_eq!(again.terminate().0, Some(0));

    // The file is lost: there is a new key, and it works.
    std::fs::remove_file(site.path("invite-dev/dev.json")).unwrap();
    let mut third = site.dev();
    let lines = third.lines_until("Ctrl-C");
    let other = lines.iter().find_map(|line| line.strip_prefix("API key: ")).unwrap();
    assert_ne!(other, key);
    let authorization = format!("Bearer {other}");
    assert_eq!(third.request("GET", "/v1/invitations", &[("authorization", &authorization)], "").0, 200);
}

#[cfg(unix)]
#[test]
fn what_dev_keeps_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = Site::new();
    let _running = site.dev();
    for (name, mode) in [
        ("invite-dev", 0o700),
        ("invite-dev/keys", 0o600),
        ("invite-dev/dev.json", 0o600),
        ("invite-dev/invite.db", 0o600),
        ("invite-dev/invite.db-wal", 0o600),
        ("invite-dev/invite.db-shm", 0o600),
        ("invite-dev/mailbox", 0o700),
    ] {
        let found = std::fs::metadata(site.path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{name} is {found:o}");
    }
}

#[test]
fn dev_refuses_requests_that_name_another_host() {
    let site = Site::new();
    let mut running = site.dev();
    let lines = running.lines_until("Ctrl-C");
    let key = lines.iter().find_map(|line| line.strip_prefix("API key: ")).unwrap();
    let authorization = format!("Bearer {key}");
    let port = running.address.port();
    let status = |path: &str, hosts: &[&str]| {
        let mut headers = vec![("authorization", authorization.as_str())];
        headers.extend(hosts.iter().map(|host| ("host", *host)));
        running.exchange("GET", path, &headers, "").0
    };
    let (named, bracketed) = (format!("localhost:{port}"), format!("[::1]:{port}"));
    let evil = format!("rebound.example:{port}");
    for path in ["/mailbox", "/v1/invitations", "/docs", "/livez", "/metrics"] {
        for host in [&named, &bracketed, "127.0.0.1"] {
            assert!(status(path, &[host]) < 400, "{path} {host}");
        }
        assert_eq!(status(path, &[&evil]), 421, "{path}");
    }
    assert_eq!(status("/nowhere", &[&evil]), 421);
    assert!([400, 421].contains(&status("/mailbox", &[])), "a request that names no host");
    assert!([400, 421].contains(&status("/mailbox", &[&named, &evil])), "a request that names two hosts");
    assert_eq!(status(&format!("http://{evil}/mailbox"), &[&named]), 421);
    let (_, text) = running.exchange("GET", "/mailbox", &[("host", &evil)], "");
    assert_eq!(text, "`invite dev` answers only to a loopback address or localhost.\n");
}

#[test]
fn serve_answers_under_any_host() {
    let (site, _) = Site::set_up();
    let running = site.serve(&[]);
    assert_eq!(running.exchange("GET", "/readyz", &[("host", "invite.example.com")], "").0, 200);
}

#[test]
fn serve_names_its_database_and_warns_while_nothing_is_set_up() {
    let site = Site::new();
    site.done(&["keys", "new"]);
    let (code, log) = site.serve(&[]).terminate();
    assert_eq!(code, Some(0), "{log}");
    let database = format!("\"database\":\"{}\"", site.path("").canonicalize().unwrap().join("invite.db").display());
    let line = |text: &str| log.lines().find(|line| line.contains(text)).unwrap_or_default().to_owned();
    let (warning, listening) = (line("run `invite setup`"), line("\"listening\""));
    assert!(warning.contains("\"WARN\"") && warning.contains(&database), "{log}");
    assert!(listening.contains(&database), "{log}");

    site.done(&["setup", "--organization", "Acme", "--owner-email", "owner@example.org"]);
    let (_, log) = site.serve(&[]).terminate();
    assert!(!log.contains("invite setup") && log.contains(&database), "{log}");
}

#[test]
fn dev_refuses_an_address_that_others_can_reach() {
    let mut site = Site::new();
    for address in ["0.0.0.0:0", "[::]:0"] {
        site.set("INVITE_LISTEN", address);
        let line = site.refused(2, &["dev"]);
        assert!(line.contains("is no loopback address"), "{line}");
    }
    assert!(!site.path("invite-dev").exists());
}

#[test]
fn the_worker_runs_alone_and_ends_when_asked() {
    let (site, _) = Site::set_up();
    let mut child = site.command(&["worker"]).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut log = child.stderr.take().unwrap();
    let mut text = String::new();
    while !text.contains("dispatching") {
        let mut some = [0; 1024];
        let length = log.read(&mut some).unwrap();
        assert!(length > 0, "it ended: {text}");
        text.push_str(&String::from_utf8_lossy(&some[..length]));
    }
    let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(id, Signal::SIGTERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
