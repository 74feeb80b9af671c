//! Code that a page quotes from an example: a block whose info string is `rust FILE REGION`.

use crate::page::{Block, PAGES, Page, ROOT, read};
use std::collections::BTreeSet;

/// The marked regions of a file, by name, without their common indentation.
fn regions(path: &str) -> Vec<(String, String)> {
    let mut regions = Vec::new();
    let mut open: Option<(String, Vec<&str>)> = None;
    let text = read(path);
    for line in text.lines() {
        let mark = line.trim();
        if let Some(name) = mark.strip_prefix("// docs: begin ") {
            assert!(open.is_none(), "{path}: {name} begins within another region");
            open = Some((name.to_owned(), Vec::new()));
        } else if let Some(name) = mark.strip_prefix("// docs: end ") {
            let (begun, lines) = open.take().unwrap_or_else(|| panic!("{path}: {name} ends but does not begin"));
            assert_eq!(begun, name, "{path}");
            regions.push((begun, dedented(&lines)));
        } else if let Some((_, lines)) = &mut open {
            lines.push(line);
        }
    }
    assert!(open.is_none(), "{path}: {open:?} does not end");
    regions
}

fn dedented(lines: &[&str]) -> String {
    let indentation = |line: &&str| line.len() - line.trim_start().len();
    let common = lines.iter().filter(|line| !line.trim().is_empty()).map(indentation).min().unwrap_or_default();
    lines.iter().flat_map(|line| [line.get(common..).unwrap_or_default(), "\n"]).collect()
}

/// File and region a block names, where it quotes.
fn quoted(block: &Block) -> Option<(&str, &str)> {
    block.info.strip_prefix("rust ")?.split_once(' ')
}

fn quote(path: &str, name: &str) -> String {
    let found = regions(path).into_iter().find(|(region, _)| region == name);
    found.unwrap_or_else(|| panic!("{path} has no region `{name}`")).1
}

/// The page with its quotes written anew. From the end, so that ranges stay good.
fn rewritten(page: &Page) -> String {
    let mut source = page.source.clone();
    for block in page.blocks.iter().rev() {
        if let Some((path, name)) = quoted(block) {
            source.replace_range(block.range.clone(), &format!("```{}\n{}```", block.info, quote(path, name)));
        }
    }
    source
}

#[test]
fn quoted_code_is_the_examples_own() {
    let mut quotes = 0;
    for page in &*PAGES {
        quotes += page.blocks.iter().filter(|block| quoted(block).is_some()).count();
        let wanted = rewritten(page);
        if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") && wanted != page.source {
            std::fs::write(ROOT.join(&page.path), &wanted).unwrap();
        }
        let stands = read(&page.path);
        assert!(stands == wanted, "{}: UPDATE_DOCS=1 cargo test -p invite-tests --test docs quoted", page.path);
    }
    assert!(quotes > 0, "no page quotes anything");
}

#[test]
fn the_embed_guide_quotes_every_region_of_both_examples() {
    let guide = crate::page::page("docs/guides/embed.md");
    let quotes: BTreeSet<_> = guide.blocks.iter().filter_map(quoted).collect();
    for path in ["crates/invite-domain/examples/own_store.rs", "crates/invite-storage/examples/host_transaction.rs"] {
        let regions = regions(path);
        assert!(!regions.is_empty(), "{path} marks no region");
        for (name, _) in &regions {
            assert!(quotes.contains(&(path, name.as_str())), "{}: `{name}` of {path} is not quoted", guide.path);
        }
    }
}
