//! What the whole suite leaves behind, kept to be searched for secrets (LOG-1).
//!
//! Where the run's environment names a folder in `INVITE_TEST_CANARY`, every service's output and every database is
//! written there when it is done with, and every secret the tests were given: in answers, mails and cookies. The target
//! `canary` then searches the one for the other. `just canary` does both.

use crate::{Failure, Result};
use std::{
    collections::BTreeSet,
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

/// The folder things are kept in, while a run is recorded.
pub const FOLDER: &str = "INVITE_TEST_CANARY";
/// The folder a recorded run is searched in.
pub const SEARCHED: &str = "INVITE_TEST_CANARY_SEARCH";
/// The part of it that is searched.
pub const LEFT: &str = "left";
/// The part of it that says what must not be found.
pub const SECRETS: &str = "secrets";

/// What each of our secrets begins with, and how many base62 digits follow.
const KINDS: [(&str, usize); 5] = [("inv_", 71), ("ina_", 71), ("ivk_", 36), ("ivs_", 36), ("ivr_", 36)];

/// The folder of this variable, where the run's environment has it.
pub fn folder(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|folder| folder.as_os_str() != OsStr::new("")).map(PathBuf::from)
}

/// Keeps what something left behind, under a name of its own that ends so.
pub fn keep(name: &str, content: &[u8]) {
    if let Some(folder) = folder(FOLDER)
        && !content.is_empty()
        && let Err(failure) = write(&folder.join(LEFT), name, content)
    {
        // A thing that is dropped has nobody to answer to; the search asks for enough to have been kept.
        eprintln!("{name} was not kept to be searched: {failure}");
    }
}

/// Keeps a file, if it is there.
pub fn keep_file(name: &str, path: &Path) {
    if folder(FOLDER).is_some()
        && let Ok(content) = std::fs::read(path)
    {
        keep(name, &content);
    }
}

/// Notes the secrets that stand in a text somebody was given who may have them.
pub fn note(text: &str) {
    static NOTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let Some(folder) = folder(FOLDER) else { return };
    let mut noted = NOTED.lock().unwrap_or_else(PoisonError::into_inner);
    let fresh: Vec<_> = secrets(text).into_iter().filter(|secret| noted.insert(secret.clone())).collect();
    if !fresh.is_empty()
        && let Err(failure) = write(&folder.join(SECRETS), "txt", fresh.join("\n").as_bytes())
    {
        eprintln!("a secret was not noted: {failure}");
    }
}

/// The secrets in a text: whole tokens and credentials, and codes as they are shown.
pub fn secrets(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (prefix, digits) in KINDS {
        for (at, _) in text.match_indices(prefix) {
            let rest: String = text[at + prefix.len()..].chars().take_while(char::is_ascii_alphanumeric).collect();
            if rest.len() == digits {
                found.push(format!("{prefix}{rest}"));
            }
        }
    }
    let is_code = |word: &&str| {
        let places = word.bytes().enumerate();
        word.len() == 13
            && places
                .clone()
                .all(|(at, byte)| if at == 4 || at == 9 { byte == b'-' } else { byte.is_ascii_alphanumeric() })
            && word.bytes().all(|byte| !byte.is_ascii_lowercase())
            && word.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    found.extend(words.filter(is_code).map(str::to_owned));
    found
}

fn write(folder: &Path, name: &str, content: &[u8]) -> Result<()> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    std::fs::create_dir_all(folder)?;
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!("{}-{number}-{name}", std::process::id()));
    std::fs::write(&path, content).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_in_any_text() {
        let token = format!("inv_{}", "a1B2c".repeat(15).split_at(71).0);
        let key = format!("ivk_{}", "Zz9".repeat(12));
        let text = format!("{{\"link\":\"https://x.example/i/{token}\",\"api_key\":\"{key}\"}} code 6KNS-4129-2BR.");
        assert_eq!(secrets(&text), [token.clone(), key, "6KNS-4129-2BR".to_owned()]);
        assert_eq!(secrets(&format!("{token}x ivs_short 0190-1234-567 6kns-4129-2br")), [""; 0]);
    }
}
