//! Backup and restore as the guide tells it: a filled database is dumped, restored into an empty one, and sound there, row for
//! row.

use invite_storage::{Finding, SqlOptions, SqlStore};
use invite_tests::requires::program;
use std::{path::Path, process::Command};

use crate::house::{House, broken};

/// Runs a tool, which has to succeed.
fn run(command: &mut Command) {
    let done = command.output().unwrap();
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn tool(name: &str) -> Command {
    Command::new(
        program(name).unwrap_or_else(|| panic!("{name} not found: install the client of the server's package")),
    )
}

pub(crate) fn postgres(from: &str, to: &str, folder: &Path) {
    let file = folder.join("invite.dump");
    run(tool("pg_dump").args(["--format=custom", "--file"]).arg(&file).arg(format!("--dbname={from}")));
    run(tool("pg_restore").args(["--exit-on-error", "--no-owner"]).arg(format!("--dbname={to}")).arg(&file));
}

/// `mysql://user:password@host:port/database`, as the tools want it.
fn mariadb_tool(name: &str, url: &str) -> (Command, String) {
    let rest = url.strip_prefix("mysql://").unwrap().split('?').next().unwrap();
    let (authority, database) = rest.split_once('/').unwrap();
    let (user, place) = authority.rsplit_once('@').unwrap();
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, port) = place.split_once(':').unwrap_or((place, "3306"));
    let mut command = tool(name);
    command
        .args(["--no-defaults", "--protocol=tcp", "--host", host, "--port", port, "--user", user])
        .args(["--default-character-set=utf8mb4"])
        .env("MYSQL_PWD", password);
    (command, database.to_owned())
}

pub(crate) fn mariadb(from: &str, to: &str, folder: &Path) {
    let file = folder.join("invite.sql");
    let (mut dump, database) = mariadb_tool("mariadb-dump", from);
    run(dump.args(["--single-transaction", "--hex-blob", "--result-file"]).arg(&file).arg(database));
    let (mut restore, database) = mariadb_tool("mariadb", to);
    run(restore.arg(database).stdin(std::fs::File::open(&file).unwrap()));
}

/// What the copy is found to be: sound, and of as many rows as the original.
pub(crate) async fn is_the_same(house: &House, copy: &SqlStore) {
    assert!(copy.pending_migrations().await.unwrap().is_empty());
    let counts = |findings: &[Finding]| -> Vec<_> {
        findings.iter().map(|finding| (finding.invariant, finding.looked_at)).collect()
    };
    let (original, copied) = (house.store.check(house.now()).await.unwrap(), copy.check(house.now()).await.unwrap());
    assert_eq!(counts(&original), counts(&copied));
    assert!(original.iter().all(|finding| finding.looked_at > 0), "{original:?}");
    assert_eq!(broken(copied), []);
}

pub(crate) async fn open(url: &str) -> SqlStore {
    SqlStore::open(&SqlOptions::new(url).create(false)).await.unwrap()
}
