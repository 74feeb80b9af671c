//! The commands and flags there are, read from the sources of the command line, against those the pages name.

use crate::page::{PAGES, ROOT, page, read};
use std::collections::{BTreeMap, BTreeSet};

const COMMANDS: &str = "crates/invite-server/src/command";

/// What a struct or enum of the command line declares.
#[derive(Default, Debug)]
struct Declared {
    /// The variants of an enum and the types they hold.
    variants: BTreeMap<String, String>,
    flags: BTreeSet<String>,
    /// The types whose flags it takes over.
    flattened: BTreeSet<String>,
    /// The enum of its subcommands.
    subcommands: Option<String>,
}

/// A command as a person types it.
#[derive(Debug, PartialEq, Eq)]
struct Command {
    flags: BTreeSet<String>,
    subcommands: BTreeSet<String>,
}

type Items = BTreeMap<String, Declared>;

fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for (index, c) in name.chars().enumerate() {
        if c.is_uppercase() && index > 0 {
            kebab.push('-');
        }
        kebab.push(if c == '_' { '-' } else { c.to_ascii_lowercase() });
    }
    kebab
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Adds the structs and enums of a source file, as far as clap sees them. Plain enough to read line by line: the
/// formatter has put one field a line.
fn declare(path: &str, items: &mut Items) {
    let text = read(path);
    let product = text.split("#[cfg(test)]").next().unwrap();
    let (mut item, mut attribute, mut whole) = (None::<String>, String::new(), true);
    for line in product.lines() {
        let code = line.trim();
        if let Some(rest) = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum ")) {
            let name = rest.split(|c| !is_name(c)).next().unwrap().to_owned();
            items.entry(name.clone()).or_default();
            item = (!rest.ends_with([';', '}'])).then_some(name);
            attribute.clear();
        } else if line == "}" {
            item = None;
        } else if code.starts_with("#[") || !whole {
            attribute.push_str(code);
            whole = code.ends_with(']');
        } else if let Some(declared) = item.as_ref().and_then(|name| items.get_mut(name))
            && !code.starts_with("//")
            && !code.is_empty()
        {
            declared.add(line, &attribute);
            attribute.clear();
        }
    }
}

impl Declared {
    /// Takes a field or a variant up, with the attributes before it.
    fn add(&mut self, line: &str, attribute: &str) {
        let code = line.trim();
        let (name, rest) =
            code.strip_prefix("pub ").unwrap_or(code).split_once([':', '(', ' ', ',']).unwrap_or((code, ""));
        let rest = rest.trim_start().trim_start_matches("Option<");
        let held: String = rest.chars().skip_while(|c| !is_name(*c)).take_while(|c| is_name(*c)).collect();
        if attribute.contains("flatten") {
            self.flattened.insert(held);
        } else if attribute.contains("#[command(subcommand") {
            self.subcommands = Some(held);
        } else if let Some((_, named)) = attribute.split_once("long = \"") {
            self.flags.insert(format!("--{}", named.split('"').next().unwrap()));
        } else if attribute.contains("#[arg(long") || attribute.contains(", long") {
            self.flags.insert(format!("--{}", kebab(name)));
        } else if name.starts_with(char::is_uppercase) && !line.starts_with("     ") {
            self.variants.insert(kebab(name), held);
        }
    }
}

fn sources(folder: &str, items: &mut Items) {
    for entry in std::fs::read_dir(ROOT.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            sources(&path, items);
        } else if entry.path().extension().is_some_and(|extension| extension == "rs") {
            declare(&path, items);
        }
    }
}

fn command(items: &Items, name: &str) -> Command {
    let item = items.get(name).unwrap_or_else(|| panic!("no struct {name} below {COMMANDS}"));
    let mut command = Command { flags: item.flags.clone(), subcommands: BTreeSet::new() };
    for inner in item.flattened.iter().chain(&item.subcommands) {
        command.flags.append(&mut self::command(items, inner).flags);
    }
    if let Some(name) = &item.subcommands {
        command.subcommands.extend(items[name].variants.keys().cloned());
    }
    command
}

/// The flags of every command, and every command by its name.
fn cli() -> (BTreeSet<String>, BTreeMap<String, Command>) {
    let mut items = Items::new();
    sources(COMMANDS, &mut items);
    let variants = &items["Command"].variants;
    let commands: BTreeMap<_, _> = variants.iter().map(|(name, held)| (name.clone(), command(&items, held))).collect();
    assert!(commands.len() > 10 && commands["keys"].subcommands.len() > 3, "{commands:#?}");
    (command(&items, "GlobalArgs").flags, commands)
}

/// What a typed line asks of `invite`, if it does: the words behind it.
fn asked<'a>(words: &'a [&'a str]) -> Option<&'a [&'a str]> {
    match words {
        ["invite", rest @ ..] | ["cargo", "run", "--", rest @ ..] => Some(rest),
        _ => None,
    }
}

/// Whether a line names a command, a subcommand and flags that exist.
fn exists(words: &[&str], global: &BTreeSet<String>, commands: &BTreeMap<String, Command>) -> bool {
    let Some((name, arguments)) = words.split_first() else { return true };
    if name.starts_with('-') {
        return *name == "--help" || *name == "--version" || global.contains(*name);
    }
    let Some(command) = commands.get(*name) else { return false };
    let subcommand = arguments.first().filter(|_| !command.subcommands.is_empty());
    let flag = |word: &&&str| word.starts_with("--") && **word != "--help";
    let name_of = |word: &&str| word.split('=').next().unwrap_or_default().to_owned();
    subcommand.is_none_or(|name| name.starts_with('-') || command.subcommands.contains(*name))
        && arguments
            .iter()
            .filter(flag)
            .map(name_of)
            .all(|flag| global.contains(&flag) || command.flags.contains(&flag))
}

#[test]
fn every_command_and_flag_that_is_named_exists() {
    let (global, commands) = cli();
    let (mut seen, mut wrong) = (0, Vec::new());
    for page in &*PAGES {
        for words in page.typed() {
            if let Some(rest) = asked(&words) {
                seen += 1;
                if !exists(rest, &global, &commands) {
                    wrong.push(format!("{}: {}", page.path, words.join(" ")));
                }
            }
        }
    }
    assert!(seen > 30, "only {seen} command lines found");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_command_line_page_has_every_command_with_every_flag_and_no_other() {
    let (global, commands) = cli();
    let page = page("docs/reference/cli.md");
    // The words of the first cells, under a heading, of the tables headed so.
    let told = |heading: &str, head: &str, word: usize| -> BTreeSet<String> {
        let tables = page.tables.iter().filter(|table| table.heading == heading && table.rows[0][0] == head);
        let cells = tables.flat_map(|table| &table.rows[1..]).map(|row| &row[0]);
        cells.map(|cell| cell.split_whitespace().nth(word).unwrap().to_owned()).collect()
    };
    assert_eq!(told("All commands", "flag", 0), global);
    let headings = page.headings.iter().filter_map(|heading| heading.text.strip_prefix("invite "));
    assert_eq!(headings.collect::<BTreeSet<_>>(), commands.keys().map(String::as_str).collect());
    for (name, command) in &commands {
        let heading = format!("invite {name}");
        let page = Command { flags: told(&heading, "flag", 0), subcommands: told(&heading, "command", 2) };
        assert_eq!(page, *command, "{name}");
    }
}
