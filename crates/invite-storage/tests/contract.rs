//! The store contract suite on every engine: SQLite files with several connections, PostgreSQL, MariaDB; and on SQLite once more
//! with every plan written by itself, as those are that cannot be put together.
//!
//! Servers are started from the binaries of this machine, or lent by `INVITE_TEST_POSTGRES_URL` and
//! `INVITE_TEST_MARIADB_URL`. Where there is none, its cases are ignored, with the reason.

mod support;

use invite_testkit::contract;
use invite_tests::requires::{Requirement, Suite};
use std::process::ExitCode;
use support::engines::Engine;

const PARTS: [&str; 10] = [
    "invitations",
    "list",
    "outbox",
    "directory",
    "subjects",
    "limiter",
    "retention",
    "statistics",
    "groups",
    "erasure",
];

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    let (postgres, mariadb) = (Engine::new(Requirement::Postgres), Engine::new(Requirement::Mariadb));
    for (part, case) in PARTS.iter().flat_map(|part| contract::part(part).iter().map(move |case| (*part, case.name))) {
        suite.trial(&format!("sqlite::{part}::{case}"), None, move || {
            contract::check(contract::part(part), case, async || support::subject().await);
            Ok(())
        });
        suite.trial(&format!("apart::{part}::{case}"), None, move || {
            contract::check(contract::part(part), case, async || support::subject_apart().await);
            Ok(())
        });
        for (name, engine, kind) in
            [("postgres", &postgres, Requirement::Postgres), ("mariadb", &mariadb, Requirement::Mariadb)]
        {
            let engine = engine.clone();
            suite.trial(&format!("{name}::{part}::{case}"), Some(kind), move || {
                contract::check(contract::part(part), case, async || engine.subject().await);
                Ok(())
            });
        }
    }
    let conclusion = suite.run();
    support::engines::end([postgres, mariadb]);
    conclusion
}
