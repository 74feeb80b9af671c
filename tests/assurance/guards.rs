//! Takes every guard out of the SQL store, one after the other, and demands that the named test turns red.
//!
//! `cargo run -p invite-tests --example guards -- [PART OF A NAME]`, or `just soak-guards`. It works on a copy of the committed
//! sources under `target/guards`, never on the checkout. What is taken out stands in `guards.toml` beside this file.

#![expect(clippy::print_stdout, reason = "it says what it does")]

use invite_tests::{Failure, Result, soak::Figure};
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Instant,
};

#[derive(Deserialize)]
struct List {
    guard: Vec<Guard>,
}

#[derive(Deserialize)]
struct Guard {
    name: String,
    file: String,
    find: String,
    replace: String,
    #[serde(default = "contract")]
    suite: String,
    case: String,
}

fn contract() -> String {
    "contract".to_owned()
}

/// How a run of tests ended.
enum Seen {
    /// Red, on these engines.
    Red(BTreeSet<String>),
    /// Nothing failed.
    Green,
}

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    match all(&wanted) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(survivors) => {
            println!("{survivors} can be taken out and nothing turns red");
            ExitCode::FAILURE
        }
        Err(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn all(wanted: &str) -> Result<usize> {
    let list: List = toml::from_str(include_str!("guards.toml"))?;
    let copy = Copy::of_the_commit()?;
    let mut survivors = 0;
    let mut sound = BTreeSet::new();
    for guard in list.guard.iter().filter(|guard| guard.name.contains(wanted)) {
        // Red without its guard says something of a test that is green with it.
        if sound.insert((&guard.suite, &guard.case))
            && let Seen::Red(engines) = copy.test(guard)?
        {
            return Err(Failure::new(format!("{} is red as it is, on {engines:?}", guard.case)));
        }
        let started = Instant::now();
        let path = copy.tree.join("crates/invite-storage").join(&guard.file);
        let whole = std::fs::read_to_string(&path)?;
        if whole.matches(&guard.find).count() != 1 {
            return Err(Failure::new(format!("{}: not exactly once in {}", guard.name, guard.file)));
        }
        std::fs::write(&path, whole.replacen(&guard.find, &guard.replace, 1))?;
        let seen = copy.test(guard);
        std::fs::write(&path, &whole)?;
        match seen? {
            Seen::Red(engines) => {
                let engines = engines.into_iter().collect::<Vec<_>>().join(", ");
                let result = format!("without it red: `{}`", guard.case);
                Figure::new("guard taken out", engines)
                    .rounds(1)
                    .started(started)
                    .result(format!("{}: {result}", guard.name))
                    .record()?;
            }
            Seen::Green => {
                survivors += 1;
                println!("SURVIVES: {} ({})", guard.name, guard.case);
            }
        }
    }
    Ok(survivors)
}

/// The committed sources, and what is built of them.
struct Copy {
    tree: PathBuf,
    built: PathBuf,
}

impl Copy {
    fn of_the_commit() -> Result<Self> {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let folder = checkout.join("target/guards");
        let copy = Self { tree: folder.join("tree"), built: folder.join("built") };
        if copy.tree.exists() {
            std::fs::remove_dir_all(&copy.tree)?;
        }
        std::fs::create_dir_all(&folder)?;
        let clone = Command::new("git").arg("clone").arg("--quiet").arg(&checkout).arg(&copy.tree).status()?;
        if clone.success() { Ok(copy) } else { Err(Failure::new("git clone failed")) }
    }

    /// Runs the case on all engines there are.
    fn test(&self, guard: &Guard) -> Result<Seen> {
        let arguments = ["test", "--quiet", "-p", "invite-storage", "--test", &guard.suite, "--", &guard.case];
        let done = Command::new("cargo")
            .args(arguments)
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.built)
            .env_remove("RUSTFLAGS")
            .output()?;
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        if said.contains("could not compile") {
            return Err(Failure::new(format!("{}: does not compile\n{said}", guard.name)));
        }
        if said.contains("running 0 tests") {
            return Err(Failure::new(format!("{}: there is no test {}", guard.name, guard.case)));
        }
        if done.status.success() {
            return Ok(Seen::Green);
        }
        // "---- postgres::invitations::the_case ----" stands above what a failed test says.
        let failed = said.lines().filter_map(|line| line.strip_prefix("---- ")?.strip_suffix(" ----"));
        let engines: BTreeSet<_> = failed
            .filter(|name| name.ends_with(&guard.case))
            .filter_map(|name| name.split("::").next())
            .map(str::to_owned)
            .collect();
        if engines.is_empty() {
            return Err(Failure::new(format!("{}: the run failed, and not by its case\n{said}", guard.name)));
        }
        Ok(Seen::Red(engines))
    }
}
