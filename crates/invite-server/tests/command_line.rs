//! The binary `invite` as a person at a terminal meets it.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use std::process::{Command, Output};

fn invite(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_invite"))
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .current_dir(folder.path())
        .output()
        .unwrap()
}

/// The one line on standard error of a command that is refused with this exit code.
fn refusal(code: i32, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let output = invite(arguments, environment);
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {line}");
    assert_eq!(line.matches('\n').count(), 1, "{arguments:?}: {line}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    assert!(line.starts_with("invite: "), "{line}");
    line
}

#[test]
fn wrong_arguments_and_settings_are_refused_in_one_line_with_exit_code_2() {
    for (arguments, environment, hint) in [
        (&["isue"][..], &[][..], "'issue'"),
        (&["issue"], &[], "<ADDRESS>"),
        (&["list", "--status", "peding"], &[], "'pending'"),
        (&["list", "--limit", "201"], &[], "1..=200"),
        (&["revoke", "7"], &[], "<ID>"),
        (&["dead-letters", "replay"], &[], "<ID>..."),
        (&["dead-letters", "replay", "7"], &[], "[ID]..."),
        (&["keys", "activate", "0"], &[], "<ID>"),
        (&["serve", "--listen", "8080"], &[], "--listen is `8080`: write an address"),
        (&["keys", "list"], &[("INVITE_PUBLIC_ULR", "x")], "did you mean INVITE_PUBLIC_URL?"),
        (&["keys", "list"], &[("INVITE_CONFIG", "nowhere.toml")], "nowhere.toml cannot be read"),
        (&["keys", "list"], &[], "set INVITE_KEYRING_FILE"),
        (&["keys", "list", "--keyring-file", "ring"], &[], "run `invite keys new`"),
    ] {
        let line = refusal(2, arguments, environment);
        assert!(line.contains(hint), "{line}");
    }
}

#[test]
fn help_and_version_are_answers_and_no_command_is_not() {
    for arguments in [&["--help"][..], &["--version"], &["help", "keys"], &["keys", "rotate", "--help"]] {
        let output = invite(arguments, &[]);
        assert!(output.status.success() && !output.stdout.is_empty() && output.stderr.is_empty(), "{arguments:?}");
    }
    let output = invite(&[], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("Usage: invite"));
}

#[test]
fn the_help_names_every_command() {
    let help = String::from_utf8(invite(&["--help"], &[]).stdout).unwrap();
    for command in [
        "dev",
        "serve",
        "worker",
        "migrate",
        "setup",
        "issue",
        "list",
        "resend",
        "revoke",
        "dead-letters",
        "keys",
        "backup",
        "doctor",
        "openapi",
    ] {
        assert!(help.lines().any(|line| line.split_whitespace().next() == Some(command)), "{command}");
    }
}

#[test]
fn r7_8_a_key_ring_is_made_rotated_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ring");
    let ring = [("INVITE_KEYRING_FILE", path.to_str().unwrap())];
    for arguments in [["keys", "new"], ["keys", "rotate"]] {
        let output = invite(&arguments, &ring);
        assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    }
    let output = invite(&["keys", "list"], &ring);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "1 active\n2 verify\n");
    let line = refusal(1, &["keys", "activate", "3"], &ring);
    assert_eq!(line, "invite: the key ring has no key 3\n");
}
