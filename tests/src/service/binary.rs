//! Finding the binary, and refusing an old one.

use crate::{Failure, Result};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const ADVICE: &str = "run `cargo test --workspace` or `cargo build`";

/// The binary `invite` that stands where this test was built.
///
/// Fails where there is none, and where a source file is newer. Cargo builds it for `cargo test --workspace`, but not
/// for `cargo test -p invite-tests`: then it may be yesterday's.
pub fn built_binary() -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    // …/target/<profile>/deps/<test>, …/target/<profile>/examples/<example>, and for a doc test or a plain `cargo run` one
    // level up.
    let beside = |folder: &&Path| !["deps", "examples"].map(OsStr::new).map(Some).contains(&folder.file_name());
    let folder = test.ancestors().skip(1).find(beside);
    let folder = folder.ok_or_else(|| Failure::new("this test stands in no folder"))?;
    let binary = folder.join(format!("invite{}", std::env::consts::EXE_SUFFIX));
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    refuse_old(&binary, &workspace.join("crates"))?;
    Ok(binary)
}

/// Compares the binary with the newest file it is made of.
pub(super) fn refuse_old(binary: &Path, crates: &Path) -> Result<()> {
    let Ok(built) = std::fs::metadata(binary).and_then(|metadata| metadata.modified()) else {
        return Err(Failure::new(format!("{} does not exist: {ADVICE}", binary.display())));
    };
    match newest(crates)? {
        Some((changed, source)) if changed > built => {
            Err(Failure::new(format!("{} is older than {}: {ADVICE}", binary.display(), source.display())))
        }
        Some(_) => Ok(()),
        None => Err(Failure::new(format!("no sources below {}", crates.display()))),
    }
}

fn newest(folder: &Path) -> Result<Option<(SystemTime, PathBuf)>> {
    let mut newest = None;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let candidate = if entry.file_type()?.is_dir() {
            if outside_the_binary(&entry.file_name()) { None } else { self::newest(&entry.path())? }
        } else if outside_the_binary(&entry.file_name()) {
            None
        } else {
            Some((entry.metadata()?.modified()?, entry.path()))
        };
        newest = newest.max(candidate);
    }
    Ok(newest)
}

/// What a change of does not make Cargo build the binary again; counting it would refuse the binary for ever.
fn outside_the_binary(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    matches!(&*name, "invite-testkit" | "tests" | "tests.rs" | "examples" | "benches" | "snapshots" | "Cargo.toml")
        || [".md", ".snap", ".snap.new"].iter().any(|ending| name.ends_with(ending))
        || name.ends_with("_tests.rs")
        || name.starts_with('.')
}
