//! `invite check` at the terminal.

use crate::site::Site;
use serde_json::Value;

#[test]
fn a_sound_database_has_a_line_for_each_invariant_while_the_service_runs() {
    let (site, _) = Site::set_up();
    site.done(&["issue", "zoe@example.org"]);
    let _running = site.serve(&[]);
    let lines = site.done(&["check"]);
    assert!(lines.lines().count() > 15 && lines.lines().all(|line| line.starts_with("ok    ")), "{lines}");
    assert!(lines.contains("\nok    uses_are_redemptions: 1 looked at\n"), "{lines}");
    let object: Value = serde_json::from_str(&site.done(&["check", "--json"])).unwrap();
    assert_eq!(object["violations"], 0);
    assert_eq!(object["invariants"].as_array().unwrap().len(), lines.lines().count());
}

#[test]
fn a_violation_is_told_with_its_id_and_exit_code_1() {
    let (mut site, _) = Site::set_up();
    let issued = site.done(&["issue", "zoe@example.org"]);
    site.done(&["backup", "copy.db"]);
    // A word of the same length in a column no index has: to SQLite the file is as sound as before.
    let (told, untold) = (b"invitation.issued", b"invitation.ishued");
    let mut file = std::fs::read(site.path("copy.db")).unwrap();
    let at = file.windows(told.len()).position(|window| window == told).unwrap();
    file[at..at + told.len()].copy_from_slice(untold);
    std::fs::write(site.path("copy.db"), file).unwrap();

    site.set("INVITE_DATABASE_URL", "sqlite://copy.db");
    let output = site.run(&["check"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "invite: one invariant is violated\n");
    let lines = String::from_utf8(output.stdout).unwrap();
    let broken: Vec<_> = lines.lines().filter(|line| !line.starts_with("ok    ")).collect();
    assert!(broken[0].starts_with("FAIL  every_transition_has_its_event: 1 of 1 looked at violate: "), "{lines}");
    let id = broken[1].strip_prefix("      invite_invitations ").unwrap();
    assert!(issued.contains(id) && broken.len() == 2, "{issued}{lines}");
    assert!(!lines.contains("zoe"), "{lines}");
    let output = site.run(&["check", "--json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["violations"], 1);
}

#[test]
fn what_cannot_be_looked_at_is_refused_in_one_line() {
    let site = Site::new();
    assert!(site.refused(1, &["check"]).contains("run `invite setup`"));
    std::fs::write(site.path("invite.db"), "").unwrap();
    assert!(site.refused(1, &["check"]).contains("run `invite migrate`"));
    std::fs::write(
        site.path("invite.db"),
        "no database at all, and longer than a header of one hundred bytes ".repeat(3),
    )
    .unwrap();
    site.refused(1, &["check"]);
}
