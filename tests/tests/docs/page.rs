//! A page of the documentation, as far as the checks look at it.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The root of the repository.
pub(crate) static ROOT: LazyLock<PathBuf> =
    LazyLock::new(|| Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf());

/// Every Markdown file git would track.
pub(crate) static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
    let mut paths: Vec<PathBuf> = ignore::WalkBuilder::new(&*ROOT)
        .hidden(false)
        .parents(false)
        .git_global(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    paths.sort();
    assert!(paths.len() > 20, "only {} pages found", paths.len());
    paths.iter().map(|path| Page::read(path.strip_prefix(&*ROOT).unwrap().to_str().unwrap())).collect()
});

/// The page at this path from the root.
pub(crate) fn page(path: &str) -> &'static Page {
    PAGES.iter().find(|page| page.path == path).unwrap_or_else(|| panic!("{path} is missing"))
}

/// A file of the repository as text.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(ROOT.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// One Markdown file.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Where it is, from the root.
    pub(crate) path: String,
    /// All of it.
    pub(crate) source: String,
    /// Where its links lead.
    pub(crate) links: Vec<String>,
    /// What stands in backticks in its text.
    pub(crate) codes: Vec<String>,
    /// Its fenced blocks.
    pub(crate) blocks: Vec<Block>,
    /// Its headings.
    pub(crate) headings: Vec<Heading>,
    /// Its tables, head first.
    pub(crate) tables: Vec<Table>,
}

/// A fenced block.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// What stands behind the opening fence.
    pub(crate) info: String,
    /// What is in it.
    pub(crate) text: String,
    /// Where in the page, fences and all.
    pub(crate) range: Range<usize>,
}

/// A heading.
#[derive(Debug, Default)]
pub(crate) struct Heading {
    /// Its words, without backticks.
    pub(crate) text: String,
    /// What a link names it by.
    pub(crate) anchor: String,
}

/// A table.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// The heading it stands under.
    pub(crate) heading: String,
    /// Its rows, a text a cell.
    pub(crate) rows: Vec<Vec<String>>,
}

impl Page {
    fn read(path: &str) -> Self {
        let source = read(path);
        let mut page = Self { path: path.to_owned(), source: source.clone(), ..Self::default() };
        let (mut heading, mut block, mut cell) = (None::<String>, None::<Block>, None::<String>);
        // Every event is looked at once; what is open (a heading, a block, a cell) collects the text within.
        for (event, range) in Parser::new_ext(&source, Options::ENABLE_TABLES).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => page.add_heading(&heading.take().unwrap_or_default()),
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    block = Some(Block { info: info.to_string(), range, ..Block::default() });
                }
                Event::End(TagEnd::CodeBlock) => page.blocks.extend(block.take()),
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.to_string());
                }
                Event::Start(Tag::Table(_)) => {
                    let heading = page.headings.last().map(|heading| heading.text.clone()).unwrap_or_default();
                    page.tables.push(Table { heading, rows: Vec::new() });
                }
                Event::Start(Tag::TableHead | Tag::TableRow) => page.tables.last_mut().unwrap().rows.push(Vec::new()),
                Event::Start(Tag::TableCell) => cell = Some(String::new()),
                Event::End(TagEnd::TableCell) => {
                    let row = page.tables.last_mut().unwrap().rows.last_mut().unwrap();
                    row.push(cell.take().unwrap_or_default());
                }
                Event::Code(text) => {
                    page.codes.push(text.to_string());
                    heading.iter_mut().chain(&mut cell).for_each(|open| open.push_str(&text));
                }
                Event::Text(text) => match &mut block {
                    Some(block) => block.text.push_str(&text),
                    None => heading.iter_mut().chain(&mut cell).for_each(|open| open.push_str(&text)),
                },
                Event::SoftBreak => heading.iter_mut().for_each(|open| open.push(' ')),
                _ => {}
            }
        }
        page
    }

    fn add_heading(&mut self, text: &str) {
        let kept = text.to_lowercase();
        let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let mut anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let same = self.headings.iter().filter(|heading| heading.text == text).count();
        if same > 0 {
            anchor = format!("{anchor}-{same}");
        }
        self.headings.push(Heading { text: text.to_owned(), anchor });
    }

    /// The rows, without the head, of the tables whose first column is headed so.
    pub(crate) fn rows(&self, first: &str) -> Vec<&Vec<String>> {
        let headed = self.tables.iter().filter(|table| table.rows.first().is_some_and(|head| head[0] == first));
        let rows: Vec<_> = headed.flat_map(|table| &table.rows[1..]).collect();
        assert!(!rows.is_empty(), "{} has no table headed `{first}`", self.path);
        rows
    }

    /// The first cells of those rows.
    pub(crate) fn column(&self, first: &str) -> Vec<&str> {
        self.rows(first).into_iter().map(|row| row[0].as_str()).collect()
    }

    /// What a reader would type: text in backticks, and the lines of shell blocks without their comments.
    pub(crate) fn typed(&self) -> impl Iterator<Item = Vec<&str>> {
        let shell = self.blocks.iter().filter(|block| block.info == "sh").flat_map(|block| block.text.lines());
        self.codes
            .iter()
            .map(String::as_str)
            .chain(shell)
            .map(|line| line.split_whitespace().take_while(|word| !word.starts_with('#')).collect())
    }
}
