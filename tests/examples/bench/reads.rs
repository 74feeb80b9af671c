//! One invitation, pages of them, and searches, in an organisation with many, beside the least SQL of each.

use crate::{
    client::{self, Load, Next},
    database::{Floor, Postgres, Script, connect, many, one, scripts},
    figures::{Round, thousands},
    options::Options,
    report::{Report, Side, Table},
    site::Site,
    writes::{Pairs, per},
};
use invite_tests::{Failure, Result, net};
use sea_orm::DatabaseConnection;
use serde_json::Value;
use std::{fs, sync::Arc, time::Duration};

/// At how many connections lists and searches are measured.
pub(crate) const CONNECTIONS: usize = 16;
/// How many invitations are looked at in turn.
const SAMPLE: usize = 20_000;
/// How long statements are counted, and nothing is measured.
const COUNTED: Duration = Duration::from_secs(1);
/// How deep a deep page is, and the pages on the way there.
pub(crate) const DEPTH: usize = 100_000;
const STRIDE: usize = 200;
/// Items of a page.
const PAGE: f64 = 50.0;
/// The sorts: what the API calls them, their column, and what an instant of theirs is written as.
const SORTS: [(&str, &str, &str); 3] = [
    ("created_at", "created_at", "timestamptz"),
    ("expires_at", "expires_at", "timestamptz"),
    ("email", "recipient_key", "text"),
];

/// An installation with many invitations.
pub(crate) struct Reads<'a> {
    pub(crate) postgres: &'a Postgres,
    pub(crate) options: &'a Options,
    pub(crate) site: &'a Site,
}

/// Connections that ask for one path after the other.
pub(crate) fn readers(key: &Arc<str>, paths: Vec<String>, connections: usize) -> Vec<Next> {
    let paths: Arc<[String]> = paths.into();
    let one = |connection: usize| -> Next {
        let (key, paths) = (Arc::clone(key), Arc::clone(&paths));
        // Each begins elsewhere, and steps further than a page of the table.
        let mut at = connection * 7919;
        Box::new(move |out, _| {
            at = (at + 7919) % paths.len();
            client::get(out, &paths[at], &key);
            true
        })
    };
    (0..connections).map(one).collect()
}

/// The paths of some of an installation's invitations, all over the table.
pub(crate) async fn some_invitations(site: &Site) -> Result<Vec<String>> {
    let plain = site.plain().await?;
    let whole: usize = one(&plain, "SELECT max(number)::text FROM invite_invitations").await?.parse()?;
    let step = (whole / SAMPLE).max(1);
    let ids = many(&plain, &format!("SELECT id::text FROM invite_invitations WHERE number % {step} = 0")).await?;
    plain.close().await?;
    Ok(ids.into_iter().map(|id| format!("/v1/invitations/{id}")).collect())
}

impl Reads<'_> {
    fn load(&self) -> Load {
        self.site.load(self.options, &[200])
    }

    /// How many statements one request costs.
    async fn counted(&self, paths: &[String], connections: usize) -> Result<String> {
        let short = Load { length: COUNTED, ..self.load() };
        let work = self.site.ask(short, readers(&self.site.key, paths.to_vec(), connections));
        let (statements, run) = self.postgres.statements(&self.site.url, work).await?;
        Ok(per(statements, run.count()))
    }

    async fn pairs(
        &self,
        script: impl Fn() -> Script,
        variables: &[(&'static str, String)],
        paths: &[String],
        clients: usize,
    ) -> Result<Pairs> {
        let mut rounds = Pairs::default();
        for _ in 0..self.options.rounds {
            let floor = Floor { script: script(), variables: variables.to_vec(), clients, length: self.options.length };
            let floor = self.postgres.floor(&self.site.url, &floor).await?;
            let callers = readers(&self.site.key, paths.to_vec(), clients);
            rounds.add(floor, self.site.round(self.load(), callers).await?);
        }
        Ok(rounds)
    }

    /// One invitation by its id.
    pub(crate) async fn get(&self, report: &mut Report) -> Result<()> {
        let mut table = Table::of_rounds(
            "Get",
            "`GET /v1/invitations/{id}` in the large organisation, beside one row by its key (`tests/bench/sql/get.sql`).",
            &["connections", ""],
            &["of the floor", "statements"],
        );
        let paths = some_invitations(self.site).await?;
        let plain = self.site.plain().await?;
        let mut variables = self.site.variables().await?;
        for (name, which) in [("first", "min"), ("last", "max")] {
            let sql = format!("SELECT {which}(number)::text FROM invite_invitations");
            variables.push((name, one(&plain, &sql).await?));
        }
        plain.close().await?;
        for connections in [1, CONNECTIONS, 64] {
            let rounds = self.pairs(|| Script::File("get.sql"), &variables, &paths, connections).await?;
            rounds.tell(&mut table, connections, self.counted(&paths, connections).await?);
            if connections > 1 {
                let what = format!("get at {connections} connections, of the floor");
                report.hold(what, rounds.ratio(), Side::AtLeast, 0.5, " ×");
            }
        }
        report.add(table);
        Ok(())
    }

    /// Pages of 50 by each sort: the first, and one far behind it.
    pub(crate) async fn list(&self, report: &mut Report) -> Result<()> {
        let mut table = Table::of_rounds(
            "List",
            "`GET /v1/invitations?limit=50` in the large organisation at 16 connections: the first page and the page behind \
             100,000 others, by each sort, beside one statement that selects everything the answer prints \
             (`tests/bench/sql/list.sql`).",
            &["sort", "page", ""],
            &["of the floor", "statements", "service CPU-µs an item"],
        );
        let plain = connect(&self.site.url).await?;
        let variables = self.site.variables().await?;
        let mut an_item: f64 = 0.0;
        for (sort, column, kind) in SORTS {
            for (sign, direction, comparison) in [("", "ASC", ">"), ("-", "DESC", "<")] {
                let order = format!("{sign}{sort}");
                let first = format!("/v1/invitations?limit=50&sort={order}");
                let mut pages = vec![("first", first.clone(), String::new())];
                if self.options.large > DEPTH {
                    let cursor = self.cursor(&order).await?;
                    let after = after(&plain, column, kind, direction, comparison).await?;
                    pages.push(("deep", format!("{first}&cursor={cursor}"), after));
                }
                for (page, path, after) in pages {
                    let text = list_script(column, direction, &after)?;
                    let paths = [path];
                    let script = || Script::Text(text.clone());
                    let rounds = self.pairs(script, &variables, &paths, CONNECTIONS).await?;
                    let (floor, service) = (rounds.floor(), rounds.service());
                    let each = service.service / PAGE;
                    an_item = an_item.max(each);
                    let none = || "–".to_owned();
                    table.round(&[&order, page, "floor"], &floor, &["1".to_owned(), none(), none()]);
                    let statements = self.counted(&paths, CONNECTIONS).await?;
                    let last = [format!("{:.2}", rounds.ratio()), statements, format!("{each:.1}")];
                    table.round(&[&order, page, "service"], &service, &last);
                    let what = format!("list by {order}, {page} page, of the floor");
                    report.hold(what, rounds.ratio(), Side::AtLeast, 0.4, " ×");
                }
            }
        }
        plain.close().await?;
        report.hold("service CPU an item printed, the dearest list", an_item, Side::Aim, 6.0, " µs");
        report.add(table);
        Ok(())
    }

    /// The cursor of the page behind many others.
    async fn cursor(&self, order: &str) -> Result<String> {
        let client = net::http()?;
        let path = format!("http://{}/v1/invitations?limit={STRIDE}&sort={order}", self.site.address());
        let mut cursor = String::new();
        for _ in 0..DEPTH / STRIDE {
            let behind = if cursor.is_empty() { String::new() } else { format!("&cursor={cursor}") };
            let answer = client.get(format!("{path}{behind}")).bearer_auth(&self.site.key).send().await?.text().await?;
            let page: Value = serde_json::from_str(&answer)?;
            let next = page["next_cursor"].as_str();
            next.ok_or_else(|| Failure::new(format!("the list ends early: {answer}")))?.clone_into(&mut cursor);
        }
        Ok(cursor)
    }

    /// Searches and totals.
    pub(crate) async fn search(&self, report: &mut Report) -> Result<()> {
        let mut table = Table::of_rounds(
            "Search and totals",
            "`GET /v1/invitations?query=…` in the large organisation at 16 connections: what one address holds, what one in \
             fifty holds, what one in forty holds; and pages that say how many there are.",
            &["what"],
            &["statements"],
        );
        for (what, path) in searches() {
            let mut rounds = Vec::new();
            for _ in 0..self.options.rounds {
                let callers = readers(&self.site.key, vec![path.to_owned()], CONNECTIONS);
                rounds.push(self.site.round(self.load(), callers).await?);
            }
            let statements = self.counted(&[path.to_owned()], CONNECTIONS).await?;
            table.round(&[what], &Round::median(&rounds), &[statements]);
        }
        println!("  {} invitations", thousands(self.options.large));
        report.add(table);
        Ok(())
    }
}

/// What is searched for, and pages with totals.
fn searches() -> [(&'static str, &'static str); 6] {
    [
        ("one address", ONE_ADDRESS),
        ("a role's name", A_ROLE),
        ("a part of a domain", "/v1/invitations?limit=50&query=%40team7.example"),
        ("the first page and a total", "/v1/invitations?limit=50&include_total=true"),
        ("pending ones and a total", "/v1/invitations?limit=50&include_total=true&status=pending"),
        ("a role's name and a total", "/v1/invitations?limit=50&include_total=true&query=guest"),
    ]
}

/// A search that finds one invitation in every organisation: the hundredth that was made.
pub(crate) const ONE_ADDRESS: &str = "/v1/invitations?limit=50&query=person-00791900";
/// A search that finds one in fifty.
pub(crate) const A_ROLE: &str = "/v1/invitations?limit=50&query=guest";

/// The list's script for one sort.
fn list_script(column: &str, direction: &str, after: &str) -> Result<String> {
    let text = fs::read_to_string(scripts().join("list.sql"))?;
    let statement: String = text.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
    Ok(statement.replace("COLUMN", column).replace("DIRECTION", direction).replace("AFTER", after))
}

/// The condition of the page behind many others.
async fn after(
    plain: &DatabaseConnection,
    column: &str,
    kind: &str,
    direction: &str,
    comparison: &str,
) -> Result<String> {
    let at = |what: &str| {
        format!(
            "SELECT {what}::text FROM invite_invitations ORDER BY {column} {direction}, id {direction} LIMIT 1 OFFSET {}",
            DEPTH - 1
        )
    };
    let (key, id) = (one(plain, &at(column)).await?, one(plain, &at("id")).await?);
    Ok(format!("AND (i.{column}, i.id) {comparison} ('{key}'::{kind}, '{id}'::uuid)"))
}
