//! Holds the documentation: links resolve, everything that is named exists, and nothing that should be named is missing.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

#[path = "docs/command_line.rs"]
mod command_line;
#[path = "docs/dialects.rs"]
mod dialects;
#[path = "docs/page.rs"]
mod page;
#[path = "docs/quotes.rs"]
mod quotes;

use cargo_metadata::MetadataCommand;
use invite_domain::{
    access::{SystemRole, permission},
    invitation::{DeliveryState, EventKind, Reason, Status},
};
use page::{PAGES, Page, ROOT, page, read};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// Joins a relative link to its page's folder, as a browser does. `None` where it leaves the repository.
fn resolve(from: &Page, link: &str) -> Option<PathBuf> {
    let mut path = Path::new(&from.path).parent().unwrap().to_path_buf();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir if !path.pop() => return None,
            Component::ParentDir | Component::CurDir => {}
            Component::Normal(name) => path.push(name),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

#[test]
fn every_link_resolves() {
    let (mut links, mut broken) = (0, Vec::new());
    for page in &*PAGES {
        for link in page.links.iter().filter(|link| !link.contains("://")) {
            links += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { Some(PathBuf::from(&page.path)) } else { resolve(page, file) };
            let good = target.is_some_and(|target| {
                let anchors = || PAGES.iter().find(|page| Path::new(&page.path) == target);
                let has = |page: &Page| page.headings.iter().any(|heading| heading.anchor == anchor);
                ROOT.join(&target).exists() && (anchor.is_empty() || anchors().is_some_and(has))
            });
            if !good {
                broken.push(format!("{}: {link}", page.path));
            }
        }
    }
    assert!(links > 60, "only {links} links found");
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_map_leads_to_every_page_and_the_index_to_every_decision() {
    for (map, folder, apart) in [("docs/README.md", "docs/", "docs/adr/0"), ("docs/adr/README.md", "docs/adr/", "-")] {
        let map = page(map);
        let reached: BTreeSet<PathBuf> =
            map.links.iter().filter_map(|link| resolve(map, link.split('#').next().unwrap())).collect();
        let inside = |page: &&Page| page.path.starts_with(folder) && !page.path.starts_with(apart);
        for page in PAGES.iter().filter(inside).filter(|page| page.path != map.path) {
            assert!(reached.contains(Path::new(&page.path)), "{} does not lead to {}", map.path, page.path);
        }
    }
}

#[test]
fn a_decision_is_short_and_has_its_three_parts() {
    for page in PAGES.iter().filter(|page| page.path.starts_with("docs/adr/0")) {
        assert!(page.source.lines().count() < 60, "{}", page.path);
        let headings: Vec<&str> = page.headings.iter().map(|heading| heading.text.as_str()).collect();
        assert_eq!(headings[1..], ["Context", "Decision", "Consequences"], "{}", page.path);
        let number = page.path["docs/adr/".len()..].split('-').next().unwrap();
        assert!(headings[0].starts_with(&format!("{number}: ")), "{}", page.path);
        assert!(page.source.contains("\nStatus: "), "{}", page.path);
    }
}

#[test]
fn every_path_that_is_named_exists() {
    let (mut paths, mut missing) = (0, Vec::new());
    for page in &*PAGES {
        for code in &page.codes {
            let named = ["crates/", "tests/", "docs/", ".ci/"].iter().any(|start| code.starts_with(start));
            if named && !code.contains([' ', '*', '…']) {
                paths += 1;
                if !ROOT.join(code).exists() {
                    missing.push(format!("{}: {code}", page.path));
                }
            }
        }
    }
    assert!(paths > 15, "only {paths} paths found");
    assert!(missing.is_empty(), "{missing:#?}");
}

fn crates() -> BTreeSet<String> {
    let metadata = MetadataCommand::new().manifest_path(ROOT.join("Cargo.toml")).no_deps().exec().unwrap();
    metadata.packages.iter().map(|package| package.name.to_string()).collect()
}

#[test]
fn every_crate_that_is_named_exists_and_the_architecture_names_them_all() {
    let crates = crates();
    for page in &*PAGES {
        for words in page.typed() {
            // The folder of `invite dev` is no crate.
            let named = words.iter().filter(|word| word.starts_with("invite-") && !word.starts_with("invite-dev"));
            let whole = |word: &&&str| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            for name in named.filter(whole) {
                assert!(crates.contains(*name), "{}: there is no crate {name}", page.path);
            }
        }
    }
    let told: BTreeSet<String> =
        page("docs/concepts/architecture.md").column("crate").into_iter().map(str::to_owned).collect();
    assert_eq!(told, crates);
}

#[test]
fn every_dependency_a_decision_names_is_in_the_workspace_table() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let table = manifest["workspace"]["dependencies"].as_table().unwrap();
    for cell in page("docs/adr/0011-dependencies.md").column("crate") {
        for name in cell.split(", ") {
            assert!(table.contains_key(name), "{name}");
        }
    }
}

#[test]
fn every_recipe_that_is_named_exists_and_development_names_them_all() {
    let justfile = read("justfile");
    let head = |line: &&str| !line.starts_with([' ', '#', '\t']) && line.contains(':') && !line.contains(":=");
    let recipes: BTreeSet<&str> =
        justfile.lines().filter(head).map(|line| line.split([' ', ':']).next().unwrap()).collect();
    assert!(recipes.len() > 5, "{recipes:?}");
    let mut told = BTreeSet::new();
    for page in &*PAGES {
        for words in page.typed() {
            let ["just", name, ..] = words[..] else { continue };
            if name.starts_with('-') {
                continue;
            }
            assert!(recipes.contains(name), "{}: there is no recipe {name}", page.path);
            if page.path.starts_with("docs/development/") {
                told.insert(name);
            }
        }
    }
    assert_eq!(told, recipes);
}

#[test]
fn every_promise_of_security_is_held_by_a_test_of_its_name() {
    let mut tests = String::new();
    for entry in ignore::Walk::new(ROOT.join("crates")).chain(ignore::Walk::new(ROOT.join("tests"))) {
        let path = entry.unwrap().into_path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            tests.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    let shown = page("docs/SECURITY.md").rows("promise").into_iter().filter_map(|row| row.last());
    let ids: Vec<&str> =
        shown.flat_map(|cell| cell.split(", ")).filter(|id| id.starts_with(char::is_uppercase)).collect();
    assert!(ids.len() > 20, "{ids:?}");
    for id in ids {
        let name = id.to_lowercase().replace('-', "_");
        // As a function or as the name of a trial.
        let held = ["fn ", "\"", "as ", "_and_"].iter().any(|before| tests.contains(&format!("{before}{name}_")));
        assert!(held, "no test is called {name}_…");
    }
}

#[test]
fn every_setting_that_is_named_exists() {
    const GENERATED: &str = "docs/reference/configuration.md";
    let mut settings: BTreeSet<&str> = page(GENERATED).column("environment").into_iter().collect();
    settings.insert("INVITE_CONFIG");
    let of_tests = ["requires", "soak", "service", "browser", "canary"];
    let of_tests = of_tests.map(|name| read(&format!("tests/src/{name}.rs"))).concat();
    let mut seen = BTreeSet::new();
    for page in PAGES.iter().filter(|page| page.path != GENERATED) {
        for (start, _) in page.source.match_indices("INVITE_") {
            let rest = &page.source[start..];
            let name =
                rest.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')).next().unwrap();
            let known = settings.contains(name)
                || name == "INVITE_"
                || ((name.starts_with("INVITE_TEST_") || name.starts_with("INVITE_SOAK_"))
                    && of_tests.contains(&format!("\"{name}\"")));
            assert!(known, "{}: there is no setting {name}", page.path);
            seen.insert(name);
        }
    }
    assert!(seen.len() > 10, "{seen:?}");
}

#[test]
fn every_problem_that_is_named_exists_with_its_status() {
    let errors = page("docs/reference/errors.md");
    let problems: BTreeSet<String> = errors.rows("status").iter().map(|row| format!("{} {}", row[0], row[1])).collect();
    let is_status = |word: &str| word.len() == 3 && word.starts_with(['4', '5']) && word.parse::<u16>().is_ok();
    let mut seen = 0;
    for page in PAGES.iter().filter(|page| page.path != errors.path) {
        for code in page.codes.iter().filter(|code| code.split(' ').next().is_some_and(is_status)) {
            seen += 1;
            assert!(problems.contains(code.as_str()), "{}: there is no problem {code}", page.path);
        }
    }
    assert!(seen > 40, "only {seen} problems found");
}

/// An operation with the names of its path's parameters left out.
fn operation(method: &str, path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    format!("{} {}", method.to_uppercase(), parts.collect::<Vec<_>>().join("/"))
}

#[test]
fn every_operation_that_is_named_exists_and_the_http_page_names_them_all() {
    let document: serde_json::Value = serde_json::from_str(&read("docs/reference/openapi.json")).unwrap();
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = ["get", "post", "put", "patch", "delete"];
        let found = methods.iter().filter(|method| item.get(method).is_some());
        operations.extend(found.map(|method| operation(method, path)));
    }
    let named = |code: &str| {
        let (method, path) = code.split_once(' ')?;
        (method.bytes().all(|b| b.is_ascii_uppercase()) && path.starts_with("/v1/")).then(|| operation(method, path))
    };
    for page in &*PAGES {
        for code in page.codes.iter().filter_map(|code| named(code)) {
            assert!(operations.contains(&code), "{}: there is no operation {code}", page.path);
        }
    }
    let told: BTreeSet<String> =
        page("docs/reference/http.md").column("operation").iter().filter_map(|cell| named(cell)).collect();
    operations.retain(|operation| operation.contains(" /v1/"));
    assert_eq!(told, operations);
}

#[test]
fn the_permissions_page_has_every_permission_of_ours_and_who_holds_it() {
    let page = page("docs/reference/permissions.md");
    assert_eq!(page.column("permission"), sorted(permission::OURS.iter().copied()));
    for row in page.rows("permission") {
        for (cell, role) in [(&row[2], SystemRole::Admin), (&row[3], SystemRole::Member)] {
            assert_eq!(cell == "yes", role.held().allows(&row[0]), "{}: {role:?}", row[0]);
        }
        assert!(!SystemRole::Guest.held().allows(&row[0]));
    }
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names
}

#[test]
fn the_events_page_has_every_kind() {
    let kinds: Vec<_> = EventKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(page("docs/reference/events.md").column("type"), kinds);
}

#[test]
fn the_concepts_have_every_status_delivery_state_and_reason() {
    let statuses: Vec<_> = Status::ALL.iter().map(|status| status.name()).collect();
    assert_eq!(page("docs/concepts/invitation.md").column("status"), statuses);
    let delivery = page("docs/concepts/delivery.md");
    let states: Vec<_> = DeliveryState::ALL.iter().map(|state| state.name()).collect();
    assert_eq!(delivery.column("state"), states);
    let reasons: Vec<_> = Reason::ALL.iter().map(|reason| reason.name()).collect();
    assert_eq!(delivery.column("reason"), reasons);
}

#[test]
fn the_operators_guide_has_every_metric() {
    let mut metrics = BTreeSet::new();
    for entry in ignore::WalkBuilder::new(ROOT.join("crates")).build().map(Result::unwrap) {
        let is_product = entry.path().components().any(|part| part.as_os_str() == "src");
        if !is_product || entry.path().extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let product = text.split("#[cfg(test)]").next().unwrap();
        for call in ["metrics::counter!(", "metrics::gauge!(", "metrics::histogram!("] {
            let names = product.split(call).skip(1).map(|rest| rest.trim_start().split('"').nth(1).unwrap());
            metrics.extend(names.map(str::to_owned));
        }
    }
    assert!(metrics.len() > 3, "{metrics:?}");
    let told = page("docs/guides/operate.md").column("metric").into_iter().map(str::to_owned);
    assert_eq!(told.collect::<BTreeSet<_>>(), metrics);
}

#[test]
fn the_readme_promises_two_commands_and_is_short() {
    let readme = page("README.md");
    assert!(readme.source.lines().count() <= 80);
    let lines = readme.blocks.iter().flat_map(|block| block.text.lines());
    let commands: Vec<&str> = lines.filter(|line| line.starts_with("cargo ")).collect();
    assert_eq!(commands, ["cargo run -- dev", "cargo test --workspace"]);
    assert_eq!(readme.blocks[0].text, "cargo run -- dev\n");
}
