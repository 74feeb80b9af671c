//! The whole suite's output, logs and databases are searched for every secret the suite was given (LOG-1). `just canary`
//! runs the suite and then this.

mod common;

use aho_corasick::AhoCorasick;
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};
use common::{PASSWORD, token};
use invite_tests::{
    Failure, Result,
    canary::{LEFT, SEARCHED, SECRETS, folder, secrets},
    requires::Suite,
    soak::Figure,
};
use std::{collections::BTreeSet, fmt::Write as _, path::Path, process::ExitCode, time::Instant};

/// How a secret can be written down: as it is, percent-encoded, in hexadecimal, in base64.
fn spellings(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut hex = String::new();
    let mut percent = String::new();
    for byte in secret {
        // Writing to a `String` cannot fail.
        let _ = write!(hex, "{byte:02x}");
        let _ = write!(percent, "%{byte:02X}");
    }
    // With one, two or no bytes before it, base64 of the same bytes differs; the middle of each is told by no padding.
    let shifted = (0..3).flat_map(|before| {
        let whole = [vec![0; before], secret.to_vec()].concat();
        let middle = |text: String| text.into_bytes()[4..].to_vec();
        [middle(BASE64_STANDARD_NO_PAD.encode(&whole)), middle(BASE64_URL_SAFE_NO_PAD.encode(&whole))]
    });
    let ends: Vec<_> = shifted
        .map(|mut text| {
            text.truncate(text.len() - 3);
            text
        })
        .collect();
    [vec![secret.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes(), percent.into_bytes()], ends].concat()
}

/// What of a secret makes it one: of a token its text, bytes, tag and gate; not the id of the invitation inside it.
fn parts(secret: &str) -> Vec<Vec<u8>> {
    let bytes = match secret.split_once('_').map(|(kind, _)| kind) {
        Some("inv") => token::decode(secret).ok(),
        Some("ina") => token::decode_account(secret).ok(),
        // A list shows the first digits of a key.
        Some("ivk" | "ivs" | "ivr") => return vec![secret.into(), secret.as_bytes()[8..34].to_vec()],
        _ => None,
    };
    let plain = [secret.as_bytes().to_vec(), secret.replace('-', "").into_bytes()];
    let inside = bytes.into_iter().flat_map(|bytes| [bytes.to_vec(), bytes[20..40].to_vec(), bytes[40..].to_vec()]);
    plain.into_iter().chain(inside).collect()
}

fn files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        files.push((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), std::fs::read(&path)?));
    }
    Ok(files)
}

fn search(folder: &Path) -> Result<()> {
    let started = Instant::now();
    let mut known: BTreeSet<String> = BTreeSet::from([PASSWORD.to_owned()]);
    for (_, content) in files(&folder.join(SECRETS))? {
        known.extend(secrets(&String::from_utf8_lossy(&content)));
    }
    let needles: Vec<(String, Vec<u8>)> = known
        .iter()
        .flat_map(|secret| {
            parts(secret).into_iter().flat_map(|part| spellings(&part)).map(|needle| (secret.clone(), needle))
        })
        .filter(|(_, needle)| needle.len() >= 8)
        .collect();
    let automaton = AhoCorasick::new(needles.iter().map(|(_, needle)| needle))?;
    let left = files(&folder.join(LEFT))?;
    let size: usize = left.iter().map(|(_, content)| content.len()).sum();
    let logs = left.iter().filter(|(name, _)| name.ends_with("stderr")).count();
    let databases = left.iter().filter(|(name, _)| name.contains("database")).count();
    if known.len() < 300 || logs < 50 || databases < 50 || !left.iter().any(|(name, _)| name.ends_with("suite.log")) {
        return Err(Failure::new(format!(
            "{} secrets, {logs} logs and {databases} databases are too few for a whole suite",
            known.len()
        )));
    }
    // What is planted is found, in every file.
    let plant =
        known.iter().find(|secret| secret.starts_with("ivk_")).ok_or_else(|| Failure::new("no key was seen"))?;
    let planted = spellings(plant.as_bytes()).into_iter().all(|spelling| {
        let content = [b"before ".as_slice(), &spelling, b" after"].concat();
        automaton.find(&content).is_some()
    });
    assert!(planted, "a planted secret was not found");
    let mut hits = Vec::new();
    for (name, content) in &left {
        for found in automaton.find_iter(content) {
            let (secret, _) = &needles[found.pattern().as_usize()];
            let around = content[found.start().saturating_sub(60)..found.start()].to_vec();
            hits.push(format!("{}… in {name} after {:?}", &secret[..8], String::from_utf8_lossy(&around)));
        }
    }
    hits.truncate(20);
    assert!(hits.is_empty(), "secrets stand where they must not:\n{}", hits.join("\n"));
    let words = format!(
        "0 hits: {} secrets in {} spellings, {} files of {} MB: {logs} logs, {databases} databases",
        known.len(),
        needles.len(),
        left.len(),
        size / 1_000_000
    );
    Figure::new("canary sweep", "the whole suite").rounds(known.len() as u64).started(started).result(words).record()
}

const NAME: &str = "log_1_what_the_whole_suite_leaves_behind_holds_no_secret";

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    match folder(SEARCHED) {
        Some(folder) => suite.trial(NAME, None, move || Ok(search(&folder)?)),
        None => suite.ignored(NAME, "it searches what `just canary` has recorded"),
    };
    suite.run()
}
