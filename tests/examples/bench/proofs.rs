//! The harnesses that show that being fast has cost nothing: races, crashes, and the check of histories, as the same build.

use crate::{
    options::Options,
    report::{Report, Side, Table},
};
use invite_tests::{Failure, Result};
use std::{ffi::OsString, path::Path, process::Command};
use tokio::task;

/// What is run: the package, the test, its filter, and how many rounds, few and many.
const HARNESSES: [(&str, &str, &str, [u32; 2]); 3] = [
    ("invite-storage", "soak", "redeemer_races", [20, 1000]),
    ("invite-tests", "crashes", "service_killed", [3, 10]),
    ("invite-tests", "linearizability", "two_processes", [20, 1000]),
];

/// The tool that builds, as it was called itself, for a release.
fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.args(arguments).args(["--release", "--locked"]);
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    command
}

/// Runs them and tells what each said.
pub(crate) async fn run(options: &Options, report: &mut Report) -> Result<()> {
    let mut table = Table::new(
        "Nothing lost, nothing twice",
        "The harnesses of races, crashes and histories over the same sources, with plans committed in groups. What they do \
         stands in the [report](../assurance/report.md).",
        &["harness", "what it has shown"],
    );
    // They start it from beside themselves.
    let mut command = cargo(&["build", "--package", "invite-server"]);
    let service = task::spawn_blocking(move || command.output()).await??;
    if !service.status.success() {
        return Err(Failure::new(format!("no service was built: {}", String::from_utf8_lossy(&service.stderr))));
    }
    let mut failed = 0.0;
    for (package, test, filter, [few, many]) in HARNESSES {
        let rounds = if options.quick { few } else { many };
        let mut command = cargo(&["test", "--package", package, "--test", test]);
        command.args(["--", filter, "--nocapture"]);
        command.env("INVITE_SOAK_ROUNDS", rounds.to_string()).env("INVITE_TEST_REQUIRE", "postgres");
        let done = task::spawn_blocking(move || command.output()).await??;
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let figures: Vec<&str> = said.lines().filter(|line| line.contains(" rounds in ")).collect();
        if !done.status.success() {
            failed += 1.0;
            let tail: Vec<&str> = said.lines().rev().take(20).collect();
            println!("{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
            table.row(vec![format!("{test} {filter}"), "FAILED".to_owned()]);
        } else if figures.is_empty() {
            return Err(Failure::new(format!("{test} {filter} showed nothing: {said}")));
        }
        for figure in figures {
            table.row(vec![format!("`{test}`"), figure.to_owned()]);
        }
    }
    report.hold("races, crashes and histories that failed", failed, Side::AtMost, 0.0, "");
    report.add(table);
    Ok(())
}
