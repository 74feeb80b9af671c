use super::CommandError;
use crate::{
    config::Config,
    failure::Chain,
    parts::{self, Schema},
    runtime::SystemClock,
};
use clap::Args;
use invite_domain::port::Clock as _;
use invite_storage::Finding;
use serde_json::json;
use std::io::Write;

/// `invite check`: looks through the database for what must never be. It writes nothing, and the service may run.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Asks every invariant and fails where one is broken.
pub(super) async fn run(arguments: &CheckArgs, config: &Config, out: &mut dyn Write) -> Result<(), CommandError> {
    let store = parts::open_store(&config.database_url, Schema::Require).await?;
    let findings = store
        .check(SystemClock.now())
        .await
        .map_err(|error| CommandError::Failed(format!("the check could not be finished: {}", Chain(&error))))?;
    report(arguments, &findings, out)
}

fn report(arguments: &CheckArgs, findings: &[Finding], out: &mut dyn Write) -> Result<(), CommandError> {
    if arguments.json {
        let invariants: Vec<_> = findings.iter().map(document).collect();
        let violations: u64 = findings.iter().map(|finding| finding.violations).sum();
        writeln!(out, "{:#}", json!({ "violations": violations, "invariants": invariants }))?;
    } else {
        for finding in findings {
            line(finding, out)?;
        }
    }
    match findings.iter().filter(|finding| finding.violations > 0).count() {
        0 => Ok(()),
        1 => Err(CommandError::Failed("one invariant is violated".to_owned())),
        many => Err(CommandError::Failed(format!("{many} invariants are violated"))),
    }
}

fn line(finding: &Finding, out: &mut dyn Write) -> Result<(), CommandError> {
    let Finding { invariant, meaning, looked_at, violations, examples } = finding;
    if *violations == 0 {
        writeln!(out, "ok    {invariant}: {looked_at} looked at")?;
        return Ok(());
    }
    writeln!(out, "FAIL  {invariant}: {violations} of {looked_at} looked at violate: {meaning}")?;
    for example in examples {
        writeln!(out, "      {example}")?;
    }
    Ok(())
}

fn document(finding: &Finding) -> serde_json::Value {
    json!({
        "name": finding.invariant,
        "meaning": finding.meaning,
        "looked_at": finding.looked_at,
        "violations": finding.violations,
        "examples": finding.examples,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(invariant: &'static str, violations: u64, examples: &[&str]) -> Finding {
        let examples = examples.iter().map(|&text| text.to_owned()).collect();
        Finding { invariant, meaning: "all is well", looked_at: 7, violations, examples }
    }

    fn printed(json: bool, findings: &[Finding]) -> (String, Result<(), String>) {
        let mut out = Vec::new();
        let result = report(&CheckArgs { json }, findings, &mut out).map_err(|error| error.to_string());
        (String::from_utf8(out).unwrap(), result)
    }

    #[test]
    fn every_invariant_has_a_line_and_a_broken_one_its_examples() {
        let (text, result) = printed(false, &[finding("a", 0, &[]), finding("b", 2, &["invite_x 1", "invite_x 2"])]);
        let expected = "ok    a: 7 looked at\nFAIL  b: 2 of 7 looked at violate: all is well\n      invite_x 1\n      invite_x 2\n";
        assert_eq!(text, expected);
        assert_eq!(result, Err("one invariant is violated".to_owned()));
        assert_eq!(printed(false, &[finding("a", 0, &[])]), ("ok    a: 7 looked at\n".to_owned(), Ok(())));
    }

    #[test]
    fn the_json_object_says_the_same() {
        let (text, result) = printed(true, &[finding("a", 1, &["invite_x 1"]), finding("b", 2, &[])]);
        let object: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(object["violations"], 3);
        let first = json!({
            "name": "a", "meaning": "all is well", "looked_at": 7, "violations": 1, "examples": ["invite_x 1"],
        });
        assert_eq!(object["invariants"][0], first);
        assert_eq!(result, Err("2 invariants are violated".to_owned()));
    }
}
