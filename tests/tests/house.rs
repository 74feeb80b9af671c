//! Holds the architecture: which crate may name which, where things stand, how long a file may grow.
//!
//! The compiler keeps cycles out of the workspace; this keeps the arrows pointing inwards.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Node, Package, PackageId, TargetKind};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Everything `invite-domain` may stand on.
const DOMAIN_MAY: [&str; 14] = [
    "async-trait",
    "chrono",
    "uuid",
    "thiserror",
    "hmac",
    "sha2",
    "hkdf",
    "subtle",
    "zeroize",
    "crc32fast",
    "idna",
    "unicode-normalization",
    "serde",
    "mockall",
];

/// What a crate must not reach, not even through another one. A name ending in `*` stands for all that begin so.
const NEVER: [(&str, &[&str]); 6] = [
    ("invite-domain", &["actix*", "sea-orm*", "sqlx*", "lettre", "reqwest", "tokio", "invite-*"]),
    (
        "invite-storage",
        &["actix*", "lettre", "reqwest", "invite-http", "invite-notify", "invite-text", "invite-server"],
    ),
    ("invite-http", &["sea-orm*", "sqlx*", "lettre", "invite-storage", "invite-notify", "invite-server"]),
    ("invite-notify", &["sea-orm*", "sqlx*", "actix*", "invite-storage", "invite-http", "invite-server"]),
    ("invite-text", &["actix*", "sea-orm*", "sqlx*", "lettre", "reqwest", "tokio", "invite-*"]),
    ("invite-testkit", &["invite-storage", "invite-http", "invite-notify", "invite-text", "invite-server"]),
];

/// Everything at the top, dotfiles and what git ignores aside.
const TOP: [&str; 8] = ["Cargo.lock", "Cargo.toml", "LICENSE", "README.md", "crates", "docs", "justfile", "tests"];

/// Lines of a source file before its tests begin.
const MOST_LINES: usize = 500;

static ROOT: LazyLock<PathBuf> =
    LazyLock::new(|| Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf());

static METADATA: LazyLock<Metadata> =
    LazyLock::new(|| MetadataCommand::new().manifest_path(ROOT.join("Cargo.toml")).exec().unwrap());

fn member(name: &str) -> &'static Package {
    METADATA.workspace_packages().into_iter().find(|package| package.name.as_str() == name).unwrap()
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

/// The names of all packages this one is built from, by normal and build dependencies, itself left out.
fn reach(package: &Package) -> BTreeSet<&'static str> {
    let nodes: BTreeMap<&PackageId, &Node> =
        METADATA.resolve.as_ref().unwrap().nodes.iter().map(|node| (&node.id, node)).collect();
    let mut seen = BTreeSet::from([&package.id]);
    let mut open = vec![&package.id];
    while let Some(id) = open.pop() {
        for dependency in &nodes[id].deps {
            let built = dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development);
            if built && seen.insert(&dependency.pkg) {
                open.push(&dependency.pkg);
            }
        }
    }
    seen.remove(&package.id);
    seen.into_iter().map(|id| METADATA[id].name.as_str()).collect()
}

/// Files git would track: paths from the root, `.git` and what is ignored left out.
fn files() -> Vec<PathBuf> {
    ignore::WalkBuilder::new(&*ROOT)
        .hidden(false)
        .parents(false)
        .git_global(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .map(|entry| entry.path().strip_prefix(&*ROOT).unwrap().to_path_buf())
        .collect()
}

#[test]
fn the_domain_names_only_what_it_may() {
    let named = member("invite-domain").dependencies.iter().filter(|d| d.kind != DependencyKind::Development);
    let strangers: Vec<&str> =
        named.map(|dependency| dependency.name.as_str()).filter(|name| !DOMAIN_MAY.contains(name)).collect();
    assert!(strangers.is_empty(), "invite-domain must not name {strangers:?}");
}

#[test]
fn the_domain_has_no_clock_and_makes_no_random_ids() {
    for dependency in member("invite-domain").dependencies.iter().filter(|d| d.kind != DependencyKind::Development) {
        let banned: &[&str] = match dependency.name.as_str() {
            "chrono" => &["clock", "now", "default"],
            "uuid" => &["v1", "v4", "v6", "v7", "fast-rng", "rng", "rng-getrandom", "rng-rand"],
            _ => continue,
        };
        let name = &dependency.name;
        assert!(name != "chrono" || !dependency.uses_default_features, "chrono's default features bring its clock");
        let found: Vec<&String> = dependency.features.iter().filter(|f| banned.contains(&f.as_str())).collect();
        assert!(found.is_empty(), "invite-domain takes {name} with {found:?}");
    }
    let own = &member("invite-domain").features;
    let through: Vec<&String> = own
        .values()
        .flatten()
        .filter(|f| ["chrono/clock", "chrono/now", "uuid/v4", "uuid/v7"].contains(&f.as_str()))
        .collect();
    assert!(through.is_empty(), "a feature of invite-domain turns on {through:?}");
}

#[test]
fn serde_and_mockall_come_into_the_domain_only_by_their_features() {
    let domain = member("invite-domain");
    for name in ["serde", "mockall"] {
        let dependency = domain.dependencies.iter().find(|dependency| dependency.name == name).unwrap();
        assert!(dependency.optional, "{name} is not optional");
    }
    assert_eq!(domain.features["default"], Vec::<String>::new());
    assert!(domain.features["serde"].contains(&"dep:serde".to_owned()));
    assert!(domain.features["mock"].contains(&"dep:mockall".to_owned()));
}

#[test]
fn no_crate_forces_the_mocks_on_another() {
    for package in METADATA.workspace_packages() {
        for dependency in package.dependencies.iter().filter(|dependency| dependency.name == "invite-domain") {
            assert!(
                !dependency.features.iter().any(|f| f == "mock"),
                "{} turns on invite-domain's mocks",
                package.name
            );
        }
    }
}

#[test]
fn adapters_never_reach_each_other_or_what_another_one_stands_on() {
    for (name, banned) in NEVER {
        let reached = reach(member(name));
        let found: Vec<&&str> =
            reached.iter().filter(|name| banned.iter().any(|pattern| matches(pattern, name))).collect();
        assert!(found.is_empty(), "{name} must not reach {found:?}");
    }
}

#[test]
fn the_adapters_stand_on_what_they_are_for() {
    // Otherwise the rule above could pass because it walks an empty graph.
    for (name, foundation) in [
        ("invite-storage", "sqlx-core"),
        ("invite-http", "actix-http"),
        ("invite-notify", "lettre"),
        ("invite-server", "tokio"),
    ] {
        assert!(reach(member(name)).contains(foundation), "{name} does not reach {foundation}");
    }
}

#[test]
fn the_testkit_is_only_ever_a_dev_dependency() {
    for package in METADATA.workspace_packages() {
        assert!(!reach(package).contains("invite-testkit"), "{} is built from invite-testkit", package.name);
    }
}

#[test]
fn no_crate_is_built_from_the_tests() {
    for package in METADATA.workspace_packages() {
        assert!(!reach(package).contains("invite-tests"), "{} is built from invite-tests", package.name);
    }
}

#[test]
fn the_server_has_the_only_binary_and_is_the_default_member() {
    let binaries: Vec<(&str, &str)> = METADATA
        .workspace_packages()
        .into_iter()
        .flat_map(|package| package.targets.iter().map(move |target| (package, target)))
        .filter(|(_, target)| target.is_kind(TargetKind::Bin))
        .map(|(package, target)| (package.name.as_str(), target.name.as_str()))
        .collect();
    assert_eq!(binaries, [("invite-server", "invite")]);
    let defaults: Vec<&str> =
        METADATA.workspace_default_packages().iter().map(|package| package.name.as_str()).collect();
    assert_eq!(defaults, ["invite-server"]);
}

#[test]
fn every_crate_of_the_house_has_its_rule() {
    let ruled = NEVER.iter().map(|(name, _)| *name).chain(["invite-server", "invite-tests"]);
    let members: BTreeSet<&str> = METADATA.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    assert_eq!(members, ruled.collect());
}

#[test]
fn every_member_takes_the_workspace_lints_licence_and_edition() {
    for package in METADATA.workspace_packages() {
        let manifest: toml::Table = std::fs::read_to_string(&package.manifest_path).unwrap().parse().unwrap();
        assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true), "{}", package.name);
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            assert_eq!(manifest["package"][key]["workspace"].as_bool(), Some(true), "{}: {key}", package.name);
        }
        assert_eq!(package.license.as_deref(), Some("MIT"));
    }
}

#[test]
fn the_workspace_table_has_chrono_without_a_clock_and_uuid_without_randomness() {
    let manifest: toml::Table = std::fs::read_to_string(ROOT.join("Cargo.toml")).unwrap().parse().unwrap();
    let table = &manifest["workspace"]["dependencies"];
    let features = |name: &str| table[name].get("features").map_or_else(Vec::new, |f| f.as_array().unwrap().clone());
    for name in ["chrono", "uuid"] {
        assert_eq!(table[name]["default-features"].as_bool(), Some(false), "{name}");
    }
    assert!(features("chrono").is_empty());
    assert!(features("uuid").iter().all(|feature| feature.as_str() == Some("std")));
}

#[test]
fn the_top_level_holds_these_entries_and_nothing_else() {
    let entries: BTreeSet<String> = files()
        .iter()
        .map(|path| path.components().next().unwrap().as_os_str().to_str().unwrap().to_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    assert_eq!(entries, TOP.map(str::to_owned).into());
}

#[test]
fn no_source_file_outgrows_a_reader() {
    let mut sources = 0;
    let mut long = Vec::new();
    for path in files() {
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        // Integration tests and files of unit tests are tests from their first line.
        let product = path.components().any(|part| ["src", "examples"].iter().any(|name| part.as_os_str() == *name));
        if !is_rust || !product || path.file_name().is_some_and(|name| name == "tests.rs") {
            continue;
        }
        sources += 1;
        let text = std::fs::read_to_string(ROOT.join(&path)).unwrap();
        let lines = text.lines().take_while(|line| !line.trim_start().starts_with("#[cfg(test)]")).count();
        if lines > MOST_LINES {
            long.push(format!("{}: {lines}", path.display()));
        }
    }
    assert!(sources > 10, "only {sources} source files found");
    assert!(long.is_empty(), "over {MOST_LINES} lines: {long:#?}");
}

#[test]
fn no_file_names_a_machine_or_a_registry() {
    // Put together here, so that this file does not name them either.
    let banned: Vec<String> = [
        &["/wo", "rk/"][..],
        &["/ro", "ot/"],
        &["crates", ".io"],
        &["pypi", ".org"],
        &["npmjs", "."],
        &["deb.deb", "ian.org"],
        &["docker", ".io"],
        &["ghcr", ".io"],
        &["arti", "factory"],
    ]
    .iter()
    .map(|parts| parts.concat())
    .collect();
    let mut found = Vec::new();
    for path in files() {
        // Cargo writes its lock files, with the registry every dependency comes from.
        if path.file_name().is_some_and(|name| name == "Cargo.lock") {
            continue;
        }
        // What is not UTF-8 is an image or a database, not a text.
        let Ok(text) = String::from_utf8(std::fs::read(ROOT.join(&path)).unwrap()) else { continue };
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = banned.iter().find(|word| line.contains(word.as_str())) {
                found.push(format!("{}:{}: {word}", path.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
