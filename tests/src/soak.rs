//! Budgets and figures of the harnesses: races, crashes, cuts, histories.
//!
//! A harness runs with a small budget under `cargo test` and with a large one where `INVITE_SOAK_ROUNDS` says so. What it has
//! seen it [records](Figure::record): always on standard output, and as a row of the table at the end of the file that
//! `INVITE_SOAK_REPORT` names. It does so after its assertions, so that a row is a run without a violation.

use crate::{Failure, Result};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How many rounds a harness runs.
const ROUNDS: &str = "INVITE_SOAK_ROUNDS";
/// What its random choices begin with.
const SEED: &str = "INVITE_SOAK_SEED";
/// The file that gets a row for each figure.
const REPORT: &str = "INVITE_SOAK_REPORT";

/// The rounds the environment asks for, or this many.
///
/// # Errors
/// Where the variable holds no number from 1 on: a soak that ran with the small budget by mistake would look like a large one.
pub fn rounds(default: u64) -> Result<u64> {
    number(ROUNDS, std::env::var_os(ROUNDS), default)
}

/// The seed the environment asks for, or this one.
///
/// # Errors
/// As [`rounds`].
pub fn seed(default: u64) -> Result<u64> {
    number(SEED, std::env::var_os(SEED), default)
}

fn number(name: &str, value: Option<OsString>, default: u64) -> Result<u64> {
    let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(default) };
    let number = value.to_str().and_then(|value| value.replace('_', "").parse().ok());
    let number = number.filter(|number| *number > 0 || name == SEED);
    number.ok_or_else(|| Failure::new(format!("{name} is no number to go by")))
}

/// What one run of a harness has shown.
#[derive(Debug, Clone)]
pub struct Figure {
    harness: &'static str,
    engine: String,
    seed: Option<u64>,
    rounds: u64,
    wall: Duration,
    result: String,
}

impl Figure {
    /// A figure of a harness on an engine (`memory`, `sqlite`, `postgres`, `mariadb`).
    pub fn new(harness: &'static str, engine: impl Into<String>) -> Self {
        Self { harness, engine: engine.into(), seed: None, rounds: 0, wall: Duration::ZERO, result: String::new() }
    }

    /// What its random choices began with.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// How many rounds it ran.
    #[must_use]
    pub fn rounds(mut self, rounds: u64) -> Self {
        self.rounds = rounds;
        self
    }

    /// When it began; now is its end.
    #[must_use]
    pub fn started(mut self, at: Instant) -> Self {
        self.wall = at.elapsed();
        self
    }

    /// What was seen, in a few words.
    #[must_use]
    pub fn result(mut self, words: impl Into<String>) -> Self {
        self.result = words.into();
        self
    }

    /// Prints the figure, and writes it into the report where there is one.
    ///
    /// # Errors
    /// Where the report cannot be written, or git does not tell the commit.
    pub fn record(&self) -> Result<()> {
        println!("{}", self.line());
        if let Some(report) = std::env::var_os(REPORT).filter(|report| !report.is_empty()) {
            self.append(Path::new(&report), &commit()?)?;
        }
        Ok(())
    }

    fn line(&self) -> String {
        let mut line =
            format!("{} on {}: {} rounds in {:.1} s", self.harness, self.engine, self.rounds, self.seconds());
        if let Some(seed) = self.seed {
            // Writing to a `String` cannot fail.
            let _ = write!(line, ", seed {seed}");
        }
        let _ = write!(line, ": {}", self.result);
        line
    }

    fn seconds(&self) -> f64 {
        self.wall.as_secs_f64()
    }

    fn append(&self, report: &Path, commit: &str) -> Result<()> {
        let seed = self.seed.map_or_else(|| "–".to_owned(), |seed| seed.to_string());
        let row = format!(
            "| {commit} | {} | {} | {seed} | {} | {:.1} | {} |\n",
            self.harness,
            self.engine,
            self.rounds,
            self.seconds(),
            self.result
        );
        // One write of a whole row: harnesses may run side by side.
        Ok(std::fs::OpenOptions::new().append(true).open(report)?.write_all(row.as_bytes())?)
    }
}

/// The commit the sources are at, marked where they differ from it. The report itself does not count.
fn commit() -> Result<String> {
    let git = |arguments: &[&str]| -> Result<String> {
        let done = Command::new("git").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output()?;
        if !done.status.success() {
            return Err(Failure::new(format!("git {}: {}", arguments[0], String::from_utf8_lossy(&done.stderr))));
        }
        Ok(String::from_utf8(done.stdout)?.trim().to_owned())
    };
    let head = git(&["rev-parse", "--short", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no", "--", ":/", ":!/docs/assurance/report.md"])?;
    Ok(if changed.is_empty() { head } else { format!("{head} and changes") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_the_environments_or_the_small_one_and_nonsense_is_refused() {
        assert_eq!(number(ROUNDS, None, 7).unwrap(), 7);
        assert_eq!(number(ROUNDS, Some("".into()), 7).unwrap(), 7);
        assert_eq!(number(ROUNDS, Some("10_000".into()), 7).unwrap(), 10_000);
        assert!(number(ROUNDS, Some("0".into()), 7).is_err(), "a run of nothing would leave a row");
        assert_eq!(number(SEED, Some("0".into()), 7).unwrap(), 0);
        assert!(number(ROUNDS, Some("many".into()), 7).unwrap_err().to_string().contains("INVITE_SOAK_ROUNDS"));
    }

    #[test]
    fn a_figure_is_one_row_at_the_end_of_the_report() {
        let folder = tempfile::tempdir().unwrap();
        let report = folder.path().join("report.md");
        std::fs::write(&report, "| commit |\n").unwrap();
        let figure = Figure::new("races", "sqlite").seed(3).rounds(20).result("0 violations");
        figure.append(&report, "abc1234").unwrap();
        let expected = "| commit |\n| abc1234 | races | sqlite | 3 | 20 | 0.0 | 0 violations |\n";
        assert_eq!(std::fs::read_to_string(&report).unwrap(), expected);
        assert_eq!(figure.line(), "races on sqlite: 20 rounds in 0.0 s, seed 3: 0 violations");
        assert!(figure.append(&folder.path().join("none.md"), "abc1234").is_err(), "a report is not made by mistake");
    }
}
