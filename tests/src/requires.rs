//! Tests that need something this machine may not have: a database server, a browser.
//!
//! They are reported as *ignored, with the reason*, and listed once more at the end of the run. libtest has no such
//! notion, so a target that uses a [`Suite`] sets `harness = false`:
//!
//! ```no_run
//! use invite_tests::requires::{Requirement, Suite};
//!
//! fn main() -> std::process::ExitCode {
//!     let mut suite = Suite::from_environment();
//!     suite.trial("the_console_works_without_a_mouse", Some(Requirement::Browser), || Ok(()));
//!     suite.run()
//! }
//! ```
//!
//! `INVITE_TEST_REQUIRE` (`postgres`, `mariadb`, `browser`, parted by commas) turns "ignored" into "failed": there
//! the test must run.

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

/// Names what must not be ignored, parted by commas.
const REQUIRE: &str = "INVITE_TEST_REQUIRE";

/// Something outside this workspace that a test can need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Requirement {
    /// The binaries of a PostgreSQL server, which the test starts itself, or a server in `INVITE_TEST_POSTGRES_URL`.
    Postgres,
    /// The binaries of a MariaDB server, which the test starts itself, or a server in `INVITE_TEST_MARIADB_URL`.
    Mariadb,
    /// Chromium and its driver.
    Browser,
}

impl Requirement {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Postgres, Self::Mariadb, Self::Browser];

    /// Its word in `INVITE_TEST_REQUIRE`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mariadb => "mariadb",
            Self::Browser => "browser",
        }
    }

    /// The Debian packages that bring it.
    pub fn packages(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql-15",
            Self::Mariadb => "mariadb-server",
            Self::Browser => "chromium chromium-driver",
        }
    }

    /// The programs it consists of.
    pub fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["initdb", "postgres"],
            Self::Mariadb => &["mariadbd", "mariadb-install-db"],
            Self::Browser => &["chromium", "chromedriver"],
        }
    }

    /// The variable with which somebody lends the tests a server that they did not start, and may fill and empty.
    pub fn url_variable(self) -> Option<&'static str> {
        match self {
            Self::Postgres => Some("INVITE_TEST_POSTGRES_URL"),
            Self::Mariadb => Some("INVITE_TEST_MARIADB_URL"),
            Self::Browser => None,
        }
    }

    /// Why it is not available here; `None` if it is.
    pub fn missing(self) -> Option<String> {
        if self.url_variable().and_then(std::env::var_os).is_some_and(|url| !url.is_empty()) {
            return None;
        }
        let absent: Vec<&str> = self.programs().iter().copied().filter(|name| program(name).is_none()).collect();
        if absent.is_empty() { None } else { Some(format!("{} not found", absent.join(" and "))) }
    }
}

/// Where a program stands: on the search path, or where Debian keeps servers apart from it.
pub fn program(name: &str) -> Option<PathBuf> {
    // `var_os`, because a search path need not be UTF-8; no configuration of the product is read here.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.push(PathBuf::from("/usr/sbin"));
    folders.extend(versioned(Path::new("/usr/lib/postgresql")));
    folders.into_iter().map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}

/// `…/<version>/bin`, the newest first.
fn versioned(folder: &Path) -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, path)| path).collect()
}

/// A test target's trials, and what has been left out of them.
pub struct Suite {
    required: Required,
    missing: fn(Requirement) -> Option<String>,
    trials: Vec<Trial>,
    ignored: Arc<Mutex<BTreeSet<String>>>,
}

impl Suite {
    /// Takes `INVITE_TEST_REQUIRE` from the environment and looks at this machine.
    pub fn from_environment() -> Self {
        let words = std::env::var_os(REQUIRE).unwrap_or_default();
        Self::new(&words, Requirement::missing)
    }

    fn new(words: &OsStr, missing: fn(Requirement) -> Option<String>) -> Self {
        let (required, unknown) = Required::parse(words);
        let mut suite = Self { required, missing, trials: Vec::new(), ignored: Arc::default() };
        if !unknown.is_empty() {
            let text = format!("{REQUIRE} names what nobody knows: {}", unknown.join(", "));
            suite.trials.push(Trial::test(REQUIRE, move || Err(Failed::from(text))));
        }
        suite
    }

    /// Adds a test. Without its requirement it is ignored with the reason, or fails where the requirement must be met.
    pub fn trial<F>(&mut self, name: &str, requirement: Option<Requirement>, test: F) -> &mut Self
    where
        F: FnOnce() -> Result<(), Failed> + Send + 'static,
    {
        let lack = requirement.and_then(|requirement| Some((requirement, (self.missing)(requirement)?)));
        let trial = match lack {
            None => Trial::test(name, test),
            Some((requirement, reason)) if self.required.0.contains(&requirement) => {
                let refusal =
                    format!("{REQUIRE} asks for {}: {reason}; install {}", requirement.word(), requirement.packages());
                Trial::test(name, move || Err(Failed::from(refusal)))
            }
            Some((requirement, reason)) => {
                let reason = format!("needs {}: {reason}; install {}", requirement.word(), requirement.packages());
                let line = format!("{name}: {reason}");
                let ignored = Arc::clone(&self.ignored);
                Trial::ignorable_test(name, move || {
                    ignored.lock().unwrap_or_else(PoisonError::into_inner).insert(line);
                    Ok(Completion::ignored_with(reason))
                })
            }
        };
        self.trials.push(match requirement {
            Some(requirement) => trial.with_kind(requirement.word()),
            None => trial,
        });
        self
    }

    /// Adds a test that is not run here, and says why.
    pub fn ignored(&mut self, name: &str, reason: &str) -> &mut Self {
        let (reason, line) = (reason.to_owned(), format!("{name}: {reason}"));
        let ignored = Arc::clone(&self.ignored);
        self.trials.push(Trial::ignorable_test(name, move || {
            ignored.lock().unwrap_or_else(PoisonError::into_inner).insert(line);
            Ok(Completion::ignored_with(reason))
        }));
        self
    }

    /// Runs what the command line asks for, then lists on standard error what was ignored and why.
    pub fn run(self) -> ExitCode {
        let conclusion = libtest_mimic::run(&Arguments::from_args(), self.trials);
        let ignored = self.ignored.lock().unwrap_or_else(PoisonError::into_inner);
        if !ignored.is_empty() {
            eprintln!("ignored here, set {REQUIRE} to insist:");
            for line in ignored.iter() {
                eprintln!("  {line}");
            }
        }
        conclusion.exit_code()
    }
}

/// What must not be ignored.
struct Required(BTreeSet<Requirement>);

impl Required {
    fn parse(words: &OsStr) -> (Self, Vec<String>) {
        let mut known = BTreeSet::new();
        let mut unknown = Vec::new();
        let words = words.to_string_lossy();
        for word in words.split([',', ' ']).filter(|word| !word.is_empty()) {
            match Requirement::ALL.into_iter().find(|requirement| requirement.word() == word) {
                Some(requirement) => {
                    known.insert(requirement);
                }
                None => unknown.push(word.to_owned()),
            }
        }
        (Self(known), unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libtest_mimic::Conclusion;

    /// Runs the trials with their report in a file: two reports in one output confuse whoever reads the summary.
    fn quietly(trials: Vec<Trial>) -> Conclusion {
        let folder = tempfile::tempdir().unwrap();
        let logfile = folder.path().join("report").to_str().unwrap().to_owned();
        libtest_mimic::run(&Arguments { logfile: Some(logfile), ..Arguments::default() }, trials)
    }

    const NOTHING_HERE: fn(Requirement) -> Option<String> = |_| Some("not found".to_owned());
    const ALL_HERE: fn(Requirement) -> Option<String> = |_| None;

    fn conclude(words: &str, missing: fn(Requirement) -> Option<String>, result: Result<(), Failed>) -> Conclusion {
        let mut suite = Suite::new(OsStr::new(words), missing);
        suite.trial("a_test", Some(Requirement::Postgres), || result);
        quietly(suite.trials)
    }

    #[test]
    fn a_test_whose_requirement_is_met_runs() {
        assert_eq!(conclude("", ALL_HERE, Ok(())).num_passed, 1);
        assert_eq!(conclude("", ALL_HERE, Err("broken".into())).num_failed, 1);
    }

    #[test]
    fn a_test_without_its_requirement_is_ignored_and_its_reason_kept() {
        let mut suite = Suite::new(OsStr::new("browser"), NOTHING_HERE);
        suite.trial("a_test", Some(Requirement::Postgres), || Err("must not run".into()));
        let ignored = Arc::clone(&suite.ignored);
        assert_eq!(quietly(suite.trials).num_ignored, 1);
        let lines: Vec<String> = ignored.lock().unwrap().iter().cloned().collect();
        assert_eq!(lines, ["a_test: needs postgres: not found; install postgresql-15"]);
    }

    #[test]
    fn a_required_test_without_its_requirement_fails() {
        assert_eq!(conclude("browser, postgres", NOTHING_HERE, Ok(())).num_failed, 1);
    }

    #[test]
    fn a_test_that_needs_nothing_always_runs() {
        let mut suite = Suite::new(OsStr::new(""), NOTHING_HERE);
        suite.trial("a_test", None, || Ok(()));
        assert_eq!(quietly(suite.trials).num_passed, 1);
    }

    #[test]
    fn an_unknown_word_fails_instead_of_being_overlooked() {
        assert_eq!(conclude("postgresql", ALL_HERE, Ok(())).num_failed, 1);
    }

    #[test]
    fn a_program_on_the_search_path_is_found() {
        assert!(program("sh").is_some());
        assert!(program("no-such-program-anywhere").is_none());
    }

    #[test]
    fn the_newest_server_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        for version in ["9", "15", "notes"] {
            std::fs::create_dir(folder.path().join(version)).unwrap();
        }
        assert_eq!(versioned(folder.path()), [folder.path().join("15/bin"), folder.path().join("9/bin")]);
    }
}
