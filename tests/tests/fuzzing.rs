//! The corpus of the fuzzer, replayed: each target's properties hold for every input that is kept.
#![expect(
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the properties panic where they do not hold, and compute with bytes and seconds"
)]

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "these files are a library of their own, outside the workspace")]
mod fuzzing;

use std::{collections::BTreeSet, panic::catch_unwind, path::Path};

#[test]
fn every_input_of_the_corpus_holds_the_properties_of_its_target() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, target) in fuzzing::TARGETS {
        let folder = std::fs::read_dir(corpus.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut inputs = 0;
        for entry in folder {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            assert!(catch_unwind(|| target(&bytes)).is_ok(), "{}", path.display());
            inputs += 1;
        }
        assert!(inputs >= 20, "{name} has only {inputs} inputs");
    }
}

#[test]
fn every_target_has_its_program_and_its_corpus_and_there_is_no_other() {
    let targets: BTreeSet<String> = fuzzing::TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    for folder in ["targets", "corpus"] {
        let entries = std::fs::read_dir(fuzz.join(folder)).unwrap();
        let names: BTreeSet<String> =
            entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect();
        assert_eq!(names, targets, "{folder}");
    }
    let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for name in &targets {
        assert!(manifest.contains(&format!("path = \"targets/{name}.rs\"")), "{name}");
        let program = std::fs::read_to_string(fuzz.join(format!("targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("fuzzing::{name}(bytes)")), "{name}");
    }
}
