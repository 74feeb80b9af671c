//! The table of the contract's statements and the tests that hold them.
//!
//! A table headed `statement | test | note` on the dialects page: one row a statement, and in its second cell the files
//! and in each the tests, all in backticks: `` `tests/tests/dailys.rs` `dl_1_the_list_has_ten_keys` ``. A test's name
//! begins with the ids of all statements it holds: `dd_1_and_dd_8_…`.
//!
//! Every statement needs a test over a store people run: a journey below `tests/tests/`, or a file of tests that
//! `dialects_on_sqlite.rs` there takes in. A unit test below `src/` may stand beside it.

use crate::page::{ROOT, page};
use invite_tests::contract::{Statement, statements};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// What runs tests of other crates over SQLite.
const TAKER: &str = "tests/tests/dialects_on_sqlite.rs";

/// A cell's words, and those of them in backticks.
#[derive(Default)]
struct Cell {
    text: String,
    codes: Vec<String>,
}

/// The rows of all tables headed `statement | test`, heads left out.
fn rows(source: &str) -> Vec<Vec<Cell>> {
    let mut tables: Vec<Vec<Vec<Cell>>> = Vec::new();
    let mut cell = None::<Cell>;
    for event in Parser::new_ext(source, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Table(_)) => tables.push(Vec::new()),
            Event::Start(Tag::TableHead | Tag::TableRow) => tables.last_mut().unwrap().push(Vec::new()),
            Event::Start(Tag::TableCell) => cell = Some(Cell::default()),
            Event::End(TagEnd::TableCell) => tables.last_mut().unwrap().last_mut().unwrap().extend(cell.take()),
            Event::Code(code) => {
                if let Some(cell) = &mut cell {
                    cell.text.push_str(&code);
                    cell.codes.push(code.into_string());
                }
            }
            Event::Text(text) => cell.iter_mut().for_each(|cell| cell.text.push_str(&text)),
            _ => {}
        }
    }
    let headed = |table: &Vec<Vec<Cell>>| {
        table[0].iter().zip(["statement", "test"]).filter(|(cell, word)| cell.text == *word).count() == 2
    };
    tables.into_iter().filter(headed).flat_map(|table| table.into_iter().skip(1)).collect()
}

/// The ids a test's name begins with: `dd_1_and_dd_8_the_carrier…` has DD-1 and DD-8.
fn borne(name: &str) -> Vec<String> {
    let mut words = name.split('_').filter(|word| *word != "and");
    let mut ids = Vec::new();
    while let (Some(prefix @ ("dd" | "dl" | "gg")), Some(number)) = (words.next(), words.next()) {
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            break;
        }
        ids.push(format!("{}-{number}", prefix.to_uppercase()));
    }
    ids
}

/// Whether a file has this name in quotes, or calls a function of this name. Comments do not count.
fn mentions(file: &str, name: &str) -> bool {
    let code = |line: &str| {
        line.match_indices("//").map(|(at, _)| at).find(|at| !line[..*at].ends_with(':')).unwrap_or(line.len())
    };
    let (quoted, call) = (format!("\"{name}\""), format!("{name}("));
    let calls = |line: &str| {
        line.match_indices(&call).any(|(at, _)| {
            let before = &line[..at];
            !before.ends_with("fn ") && !before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    };
    file.lines().map(|line| &line[..code(line)]).any(|line| line.contains(&quoted) || calls(line))
}

/// The files whose tests this one takes in by `#[path]`, as paths from the root. `taker` is where it stands itself.
fn taken_in(source: &str, taker: &str) -> BTreeSet<String> {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let path = |window: &[&str]| {
        let [before, line, after] = window else { return None };
        let runs = !before.starts_with("#[") && after.starts_with("mod ") && after.ends_with(';');
        let path = line.strip_prefix("#[path = \"")?.strip_suffix("\"]").filter(|_| runs)?;
        let mut whole = PathBuf::new();
        for part in Path::new(taker).parent()?.join(path).components() {
            match part {
                Component::ParentDir => _ = whole.pop(),
                part => whole.push(part),
            }
        }
        Some(whole.to_str()?.to_owned())
    };
    lines.windows(3).filter_map(path).collect()
}

/// What a file's tests run over.
#[derive(PartialEq)]
enum Over {
    /// A store people run.
    Real,
    /// None at all: a unit test.
    Nothing,
    /// One that only tests have.
    Fake,
}

fn over(path: &str, taken: &BTreeSet<String>) -> Over {
    if path.starts_with("tests/tests/") || taken.contains(path) {
        Over::Real
    } else if path.contains("/src/") {
        Over::Nothing
    } else {
        Over::Fake
    }
}

/// Why this file does not run a test of this name; `None` if it does.
fn unheld(file: &str, name: &str) -> Option<&'static str> {
    let lines: Vec<&str> = file.lines().map(str::trim).collect();
    let head = format!("fn {name}(");
    let begins = |line: &str| {
        let bare =
            ["pub ", "pub(crate) ", "async "].iter().fold(line, |line, word| line.strip_prefix(word).unwrap_or(line));
        bare.starts_with(&head)
    };
    let Some(at) = lines.iter().position(|line| begins(line)) else { return Some("has no such function") };
    let above = || lines[..at].iter().rev().take_while(|line| !line.is_empty() && !line.ends_with(['}', ';', '{']));
    let attribute = |line: &&&str| line.starts_with("#[") && !line.starts_with("#[cfg") && line.contains("test");
    if above().any(|line| line.starts_with("#[ignore")) {
        Some("ignores it")
    } else if above().any(|line| attribute(&line)) || mentions(file, name) {
        // A target without the usual harness names its trials, or calls them.
        None
    } else {
        Some("never runs it")
    }
}

/// What is wrong with the tests a row names for its statement.
fn faults_of_tests(
    id: &str,
    codes: &[String],
    root: &Path,
    known: &BTreeSet<&str>,
    taken: &BTreeSet<String>,
) -> Vec<String> {
    let mut faults = Vec::new();
    let mut is_real = false;
    let (mut file, mut tests, mut awaited) = (None::<(&str, String)>, 0, false);
    for code in codes {
        if Path::new(code).extension().is_some_and(|extension| extension == "rs") {
            if awaited {
                faults.push(format!("{id}: a file without a test before {code}"));
            }
            let inside = Path::new(code).components().all(|part| matches!(part, Component::Normal(_)));
            match std::fs::read_to_string(root.join(code)) {
                Ok(text) if inside => {
                    (file, awaited) = (Some((code.as_str(), text)), true);
                    match over(code, taken) {
                        Over::Real => is_real = true,
                        Over::Nothing => {}
                        Over::Fake => faults.push(format!("{id}: {code} runs over no real store")),
                    }
                }
                _ => {
                    faults.push(format!("{id}: there is no file {code}"));
                    (file, awaited) = (None, false);
                }
            }
            continue;
        }
        (tests, awaited) = (tests + 1, false);
        let ids = borne(code);
        if !ids.iter().any(|borne| borne == id) {
            faults.push(format!("{id}: {code} does not bear it"));
        }
        let unknown = ids.iter().filter(|borne| !known.contains(borne.as_str()));
        faults.extend(unknown.map(|borne| format!("{id}: {code} bears {borne}, which is no statement")));
        match &file {
            None => faults.push(format!("{id}: {code} stands in no file")),
            Some((path, text)) => faults.extend(unheld(text, code).map(|why| format!("{id}: {path} {why}: {code}"))),
        }
    }
    if awaited {
        faults.push(format!("{id}: a file without a test at the end"));
    }
    if tests == 0 {
        faults.push(format!("{id}: no test is named"));
    } else if !is_real {
        faults.push(format!("{id}: no test runs over a real store"));
    }
    faults
}

/// Everything that is wrong with the page's table. Paths in it begin at `root`; the tests of the files in `taken` run over
/// a real store too.
fn faults(source: &str, root: &Path, statements: &[Statement], taken: &BTreeSet<String>) -> Vec<String> {
    let known: BTreeSet<&str> = statements.iter().map(|statement| statement.id.as_str()).collect();
    let (mut faults, mut listed) = (Vec::new(), BTreeSet::new());
    for row in rows(source) {
        let id = row[0].text.trim();
        let Some(statement) = statements.iter().find(|statement| statement.id == id) else {
            faults.push(format!("{id} is no statement"));
            continue;
        };
        if !listed.insert(statement.id.as_str()) {
            faults.push(format!("{id} is listed twice"));
        }
        if statement.deviates && row.get(2).is_none_or(|note| note.text.trim().is_empty()) {
            faults.push(format!("{id}: a note must say how and why we deviate"));
        }
        faults.extend(faults_of_tests(id, row.get(1).map_or(&[], |cell| &cell.codes), root, &known, taken));
    }
    let missing = statements.iter().filter(|statement| statement.binding() && !listed.contains(statement.id.as_str()));
    faults.extend(missing.map(|statement| format!("{} has no row: {}", statement.id, statement.text)));
    faults
}

#[test]
fn the_dialects_page_names_a_test_for_every_binding_statement() {
    let taken = taken_in(&std::fs::read_to_string(ROOT.join(TAKER)).unwrap(), TAKER);
    let faults = faults(&page("docs/reference/dialects.md").source, &ROOT, statements(), &taken);
    assert!(faults.is_empty(), "{faults:#?}");
}

#[cfg(test)]
mod checks {
    use super::{TAKER, borne, faults, taken_in, unheld};
    use invite_tests::contract::{Statement, statements};
    use std::{collections::BTreeSet, path::Path};

    const TESTS: &str = "\
        #[test]\nfn dd_1_and_dd_8_the_same_keys() {}\n\n\
        #[actix_web::test]\n// Why.\nasync fn dd_3_a_longer_code() {}\n\n\
        #[test]\n#[ignore = \"slow\"]\nfn dd_9_ignored() {}\n\n\
        fn dd_9_forgotten() {}\nfn dd_9_forgotten_too() {}\n\n\
        fn dd_9_a_trial() {}\nfn main() { suite.trial(\"dd_9_a_trial\"); }\n";

    /// The statements of these ids.
    fn some(ids: &[&str]) -> Vec<Statement> {
        statements().iter().filter(|statement| ids.contains(&statement.id.as_str())).cloned().collect()
    }

    /// Faults of a page with these rows, over a folder with one file of tests.
    fn check(rows: &[&str], ids: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/src")).unwrap();
        for file in ["t.rs", "fake.rs", "a/src/unit.rs"] {
            std::fs::write(folder.path().join(file), TESTS).unwrap();
        }
        let table = format!("# Page\n\n| statement | test | note |\n|---|---|---|\n{}\n", rows.join("\n"));
        faults(&table, folder.path(), &some(ids), &BTreeSet::from(["t.rs".to_owned()]))
    }

    #[test]
    fn a_complete_table_has_no_fault() {
        let rows = [
            "| DD-1 | `t.rs` `dd_1_and_dd_8_the_same_keys` | |",
            "| DD-3 | `t.rs` `dd_3_a_longer_code` | six can be guessed |",
            "| DD-8 | `t.rs` `dd_1_and_dd_8_the_same_keys` |",
            "| DD-9 | `t.rs` `dd_9_a_trial` |",
        ];
        // DD-6 is ours to decide: it may have a row but needs none.
        assert_eq!(check(&rows, &["DD-1", "DD-3", "DD-6", "DD-8", "DD-9"]), Vec::<String>::new());
    }

    #[test]
    fn a_binding_statement_without_a_row_is_reported() {
        let found = check(&["| DD-8 | `t.rs` `dd_1_and_dd_8_the_same_keys` |"], &["DD-1", "DD-8"]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("DD-1 has no row: "), "{found:?}");
    }

    #[test]
    fn only_the_table_of_statements_counts() {
        let page = "| deviation | reason |\n|---|---|\n| DD-8 | `t.rs` `dd_8_x` |\n";
        assert_eq!(faults(page, Path::new("."), &some(&["DD-8"]), &BTreeSet::new()).len(), 1);
        assert_eq!(faults("", Path::new("."), statements(), &BTreeSet::new()).len(), 62);
    }

    #[test]
    fn an_unknown_statement_and_a_second_row_are_reported() {
        let row = "| DD-8 | `t.rs` `dd_1_and_dd_8_the_same_keys` |";
        let found = check(&[row, row, "| DD-99 | `t.rs` `dd_1_and_dd_8_the_same_keys` |"], &["DD-1", "DD-8"]);
        assert_eq!(found[..2], ["DD-8 is listed twice", "DD-99 is no statement"]);
    }

    #[test]
    fn a_deviation_without_a_note_is_reported_on_any_row() {
        for row in ["| DD-3 | `t.rs` `dd_3_a_longer_code` |", "| DD-3 | `t.rs` `dd_3_a_longer_code` |  |"] {
            assert_eq!(check(&[row], &["DD-3"]), ["DD-3: a note must say how and why we deviate"]);
        }
    }

    #[test]
    fn a_test_that_does_not_exist_does_not_run_or_does_not_bear_the_number_is_reported() {
        for (cell, fault) in [
            ("`t.rs` `dd_9_invented`", "DD-9: t.rs has no such function: dd_9_invented"),
            ("`t.rs` `dd_9_ignored`", "DD-9: t.rs ignores it: dd_9_ignored"),
            ("`t.rs` `dd_9_forgotten`", "DD-9: t.rs never runs it: dd_9_forgotten"),
            ("`t.rs` `dd_3_a_longer_code` `dd_9_a_trial`", "DD-9: dd_3_a_longer_code does not bear it"),
            ("`dd_9_a_trial`", "DD-9: dd_9_a_trial stands in no file"),
            ("`t.rs` `t.rs` `dd_9_a_trial`", "DD-9: a file without a test before t.rs"),
            ("`t.rs` `dd_9_a_trial` `t.rs`", "DD-9: a file without a test at the end"),
            ("t.rs dd_9_a_trial", "DD-9: no test is named"),
        ] {
            assert_eq!(check(&[&format!("| DD-9 | {cell} |")], &["DD-3", "DD-9"])[0], fault);
        }
    }

    #[test]
    fn a_statement_without_a_test_over_a_real_store_is_reported() {
        let real = "`t.rs` `dd_9_a_trial`";
        for (cell, expected) in [
            (format!("{real} `a/src/unit.rs` `dd_9_a_trial`"), vec![]),
            ("`a/src/unit.rs` `dd_9_a_trial`".into(), vec!["DD-9: no test runs over a real store"]),
            (format!("{real} `fake.rs` `dd_9_a_trial`"), vec!["DD-9: fake.rs runs over no real store"]),
            (
                "`fake.rs` `dd_9_a_trial`".into(),
                vec!["DD-9: fake.rs runs over no real store", "DD-9: no test runs over a real store"],
            ),
        ] {
            assert_eq!(check(&[&format!("| DD-9 | {cell} |")], &["DD-9"]), expected, "{cell}");
        }
    }

    #[test]
    fn a_file_is_taken_in_by_its_path_on_a_module_that_is_always_there() {
        let source = "\
            //! #[path = \"../../a/said.rs\"]\n\n\
            #[path = \"../../a/tests/one.rs\"]\nmod one;\n\
            #[path = \"two.rs\"]\nmod two;\n\
            // #[path = \"gone.rs\"]\nmod gone;\n\
            #[cfg(windows)]\n#[path = \"rare.rs\"]\nmod rare;\n\
            #[path = \"loose.rs\"]\n// mod loose;\n";
        assert_eq!(taken_in(source, TAKER), ["a/tests/one.rs", "tests/tests/two.rs"].map(str::to_owned).into());
    }

    #[test]
    fn a_function_is_run_where_it_is_called_or_named_in_quotes_and_not_by_a_comment() {
        let held = |rest: &str| unheld(&format!("fn dd_9_keys() {{}}\n{rest}\n"), "dd_9_keys").is_none();
        for rest in ["fn main() { dd_9_keys(); }", "trial(\"dd_9_keys\", x);", "open(\"http://x\", \"dd_9_keys\");"] {
            assert!(held(rest), "{rest}");
        }
        for rest in
            ["// dd_9_keys", "/// Like dd_9_keys(): more.", "let dd_9_keys = 1; // \"dd_9_keys\"", "not_dd_9_keys();"]
        {
            assert!(!held(rest), "{rest}");
        }
    }

    #[test]
    fn a_file_that_is_missing_or_outside_is_reported() {
        for path in ["u.rs", "../t.rs", "/t.rs"] {
            let found = check(&[&format!("| DD-9 | `{path}` `dd_9_a_trial` |")], &["DD-9"]);
            assert_eq!(found[0], format!("DD-9: there is no file {path}"));
        }
    }

    #[test]
    fn a_row_of_a_statement_of_ours_is_held_the_same_way() {
        assert_eq!(check(&["| DD-6 | |"], &["DD-6"]), ["DD-6: no test is named"]);
    }

    #[test]
    fn a_name_that_bears_what_is_no_statement_is_reported() {
        let found = check(&["| DD-8 | `t.rs` `dd_1_and_dd_8_the_same_keys` |"], &["DD-8"]);
        assert_eq!(found, ["DD-8: dd_1_and_dd_8_the_same_keys bears DD-1, which is no statement"]);
    }

    #[test]
    fn a_name_bears_the_numbers_it_begins_with() {
        assert_eq!(borne("dd_1_the_keys"), ["DD-1"]);
        assert_eq!(borne("dd_1_dd_8_the_keys"), ["DD-1", "DD-8"]);
        assert_eq!(borne("dl_11_and_gg_2_and_dd_3_x"), ["DL-11", "GG-2", "DD-3"]);
        for none in ["the_dd_1_keys", "dd_x_1", "r4_3_a_rule", "dd"] {
            assert_eq!(borne(none), Vec::<String>::new(), "{none}");
        }
    }

    #[test]
    fn a_longer_name_or_a_comment_is_not_the_test() {
        let file = "#[test]\nfn dd_1_keys_more() {}\n// fn dd_1_keys() {}\n";
        assert_eq!(unheld(file, "dd_1_keys"), Some("has no such function"));
    }
}
