//! What a run has found: tables, and targets with what was measured.

use crate::figures::{HEAD, Round};
use std::fmt::Write as _;

/// A table under a heading.
pub(crate) struct Table {
    title: &'static str,
    words: &'static str,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub(crate) fn new(title: &'static str, words: &'static str, head: &[&str]) -> Self {
        Self { title, words, head: head.iter().map(|&head| head.to_owned()).collect(), rows: Vec::new() }
    }

    /// A table of rounds; `first` heads what is measured, `last` what is said of it beside the figures.
    pub(crate) fn of_rounds(title: &'static str, words: &'static str, first: &[&str], last: &[&str]) -> Self {
        Self::new(title, words, &[first, &HEAD, last].concat())
    }

    /// Adds a row of rounds, and shows it.
    pub(crate) fn round(&mut self, first: &[&str], round: &Round, last: &[String]) {
        let first = first.iter().map(|&cell| cell.to_owned());
        self.row(first.chain(round.cells()).chain(last.iter().cloned()).collect());
    }

    /// Adds a row, and shows it.
    pub(crate) fn row(&mut self, row: Vec<String>) {
        let cells: Vec<String> = self.head.iter().zip(&row).map(|(head, cell)| format!("{head} {cell}")).collect();
        println!("{}: {}", self.title, cells.join(" · "));
        self.rows.push(row);
    }

    fn markdown(&self) -> String {
        let mut text = format!("## {}\n\n{}\n\n", self.title, self.words);
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        text.push_str(&line(&self.head));
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "|{}", "---|".repeat(self.head.len()));
        self.rows.iter().for_each(|row| text.push_str(&line(row)));
        text
    }
}

/// Which side of its target a figure has to be on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    AtLeast,
    AtMost,
    /// No demand, but what is aimed at: at most this.
    Aim,
}

struct Target {
    what: String,
    measured: f64,
    side: Side,
    bound: f64,
    unit: &'static str,
}

impl Target {
    fn met(&self) -> bool {
        match self.side {
            Side::AtLeast => self.measured >= self.bound,
            Side::AtMost | Side::Aim => self.measured <= self.bound,
        }
    }

    fn cells(&self) -> [String; 4] {
        let show = |figure: f64| {
            let number = if figure.fract() == 0.0 || figure.abs() >= 100.0 {
                format!("{figure:.0}")
            } else {
                format!("{figure:.2}")
            };
            format!("{number}{}", self.unit)
        };
        let side = match self.side {
            Side::AtLeast => "at least",
            Side::AtMost => "at most",
            Side::Aim => "aim",
        };
        let verdict = match (self.met(), self.side) {
            (true, _) => "ok",
            (false, Side::Aim) => "not reached",
            (false, _) => "MISSED",
        };
        [self.what.clone(), show(self.measured), format!("{side} {}", show(self.bound)), verdict.to_owned()]
    }
}

/// Everything a run has found.
#[derive(Default)]
pub(crate) struct Report {
    tables: Vec<Table>,
    targets: Vec<Target>,
}

impl Report {
    /// Adds a finished table.
    pub(crate) fn add(&mut self, table: Table) {
        self.tables.push(table);
    }

    /// Holds a figure against its target.
    pub(crate) fn hold(&mut self, what: impl Into<String>, measured: f64, side: Side, bound: f64, unit: &'static str) {
        self.targets.push(Target { what: what.into(), measured, side, bound, unit });
    }

    /// How many targets were missed.
    pub(crate) fn missed(&self) -> usize {
        self.targets.iter().filter(|target| target.side != Side::Aim && !target.met()).count()
    }

    /// The targets as lines of text.
    pub(crate) fn verdict(&self) -> String {
        let rows: Vec<[String; 4]> = self.targets.iter().map(Target::cells).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2)];
        let mut text = String::new();
        for [what, measured, target, verdict] in &rows {
            let [first, second, third] = widths;
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{what:first$}  {measured:>second$}  {target:third$}  {verdict}");
        }
        text
    }

    /// The tables as they stand on the page, the targets first.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::from("| what | measured | target | |\n|---|---|---|---|\n");
        for target in &self.targets {
            let _ = writeln!(text, "| {} |", target.cells().join(" | "));
        }
        for table in &self.tables {
            text.push('\n');
            text.push_str(&table.markdown());
        }
        text
    }
}
