//! AUTHZ-1: every route and every caller, as a table to be read.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

use super::{
    callers::{self, Caller, Kind},
    samples::{self, Opened},
    served::Served,
    things::Stage,
};
use crate::support::Reply;
use invite_domain::access::permission;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::{Path, PathBuf},
};

/// What an answer says, in a line: status, code, the permission that is missing, where it leads.
pub(crate) fn told(reply: &Reply) -> String {
    let mut told = reply.status.as_u16().to_string();
    let leads = reply.header("location");
    if !leads.is_empty() {
        let (path, query) = leads.split_once('?').unwrap_or((leads, ""));
        let part = |part: &str| {
            if part.len() == 36 && part.matches('-').count() == 4 { "{id}".to_owned() } else { part.to_owned() }
        };
        let path: Vec<String> = path.split('/').map(part).collect();
        let done = query.split('&').find(|pair| pair.starts_with("done=")).map(|pair| format!("?{pair}"));
        write!(told, " to {}{}", path.join("/"), done.unwrap_or_default()).unwrap();
    }
    if reply.header("content-type").contains("json") && !reply.status.is_success() && !reply.body.is_empty() {
        let problem = reply.json();
        let whole = |member: &str| problem.pointer(&format!("/non_field_errors/{member}/0"));
        let code = problem["code"].as_str().or(problem["error_code"].as_str());
        let code = code.or(whole("code").and_then(|code| code.as_str()));
        for said in [code, problem["permission"].as_str()].into_iter().flatten() {
            write!(told, " {said}").unwrap();
        }
    }
    told
}

/// The names of those who got an answer, the shortest way.
fn names(callers: &[&Caller], everybody: usize) -> String {
    let of = |kind: Kind| -> BTreeSet<&str> {
        callers.iter().filter(|caller| caller.kind == kind).map(|caller| caller.name.as_str()).collect()
    };
    let some = |has: &str, names: &BTreeSet<&str>| {
        let others: Vec<&str> = permission::OURS.iter().copied().filter(|name| !names.contains(name)).collect();
        let list = |names: Vec<&str>| names.join(" ");
        match (names.len(), others.len()) {
            (0, _) => None,
            (_, 0) => Some(format!("{has} with any one permission")),
            (one, rest) if one > rest => Some(format!("{has} with any one permission but {}", list(others))),
            _ => Some(format!("{has} with {}", list(names.iter().copied().collect()))),
        }
    };
    if callers.len() == everybody {
        return "everybody".to_owned();
    }
    let named: Vec<&str> =
        callers.iter().filter(|caller| caller.kind == Kind::Named).map(|it| it.name.as_str()).collect();
    let naming = |name: &str| format!("{name}, naming this one");
    // Who is answered alike whether the organisation is named or not stands here once.
    let twice = |name: &&&str| named.iter().any(|other| *other == naming(name));
    let second = |name: &&&str| name.strip_suffix(", naming this one").is_some_and(|first| named.contains(&first));
    let said = named.iter().filter(|name| !second(name));
    let said: Vec<String> = said
        .map(|name| if twice(&name) { format!("{name}, naming this one or not") } else { (*name).to_owned() })
        .collect();
    let mut lines: Vec<String> = Vec::new();
    if !said.is_empty() {
        lines.push(said.join("; "));
    }
    let (roles, keys) = (of(Kind::Role), of(Kind::Key));
    if roles == keys {
        lines.extend(some("role or key", &roles));
    } else {
        lines.extend(some("role", &roles));
        lines.extend(some("key", &keys));
    }
    lines.join("\n        ")
}

/// The one permission the document says an operation needs.
fn documented(document: &Value, method: &str, pattern: &str) -> Option<String> {
    let said = document["paths"][pattern][method.to_lowercase()]["description"].as_str()?;
    let said = said.split("Needs ").nth(1)?.split(['.', ';']).collect::<Vec<_>>().join(".");
    let names: BTreeSet<&str> = said.split('`').filter(|word| permission::OURS.contains(word)).collect();
    let [only] = names.into_iter().collect::<Vec<_>>()[..] else { return None };
    Some(only.to_owned())
}

struct Table {
    text: String,
    cells: usize,
    rows: usize,
}

async fn table(stage: &Stage, callers: &[Caller]) -> Table {
    let served = &stage.served;
    let opened = Opened::by(served, &stage.acme).await;
    let before = served.stored().await;
    let document: Value = serde_json::from_str(&invite_http::openapi()).unwrap();
    let (mut rows, mut cells, mut held) = (BTreeMap::new(), 0, 0);
    let mut missing = Vec::new();
    for (method, pattern) in invite_http::route_table(&served.bench.api) {
        let samples = samples::of(&method, &pattern, &stage.acme, &opened);
        if samples.is_empty() {
            missing.push(format!("{method} {pattern}"));
        }
        for sample in samples {
            let mut answers: BTreeMap<String, Vec<&Caller>> = BTreeMap::new();
            for caller in callers {
                served.restore(&before).await;
                let reply = samples::ask(served, caller, &method, &pattern, &sample).await;
                assert!(reply.status.as_u16() < 500, "{method} {pattern} {}: {}", caller.name, reply.text());
                answers.entry(told(&reply)).or_default().push(caller);
                cells += 1;
            }
            if let Some(needed) = documented(&document, &method, &pattern).filter(|_| sample.what.is_empty()) {
                let successes = answers.iter().filter(|(answer, _)| answer.starts_with('2'));
                let opened: BTreeSet<(&str, bool)> = successes
                    .flat_map(|(_, callers)| callers)
                    .filter(|caller| caller.kind != Kind::Named)
                    .map(|caller| (caller.name.as_str(), caller.kind == Kind::Key))
                    .collect();
                let expected = BTreeSet::from([(needed.as_str(), false), (needed.as_str(), true)]);
                assert_eq!(opened, expected, "{method} {pattern}: who has only what the document says is needed");
                held += 1;
            }
            let what = if sample.what.is_empty() { String::new() } else { format!(", {}", sample.what) };
            let mut row = String::new();
            for (answer, of) in answers {
                write!(row, "    {answer}\n        {}\n", names(&of, callers.len())).unwrap();
            }
            rows.insert(format!("{pattern} {method}{what}"), row);
        }
    }
    served.restore(&before).await;
    assert!(held > 35, "{held} operations whose document names one permission");
    assert!(missing.is_empty(), "no request is known for these routes; add one to samples.rs: {missing:#?}");
    let mut text = String::new();
    for (title, row) in &rows {
        write!(text, "{title}\n{row}\n").unwrap();
    }
    Table { text, cells, rows: rows.len() }
}

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/authority/snapshots/matrix.txt")
}

#[expect(clippy::disallowed_methods, reason = "the switch that rewrites the table is no configuration")]
fn is_update() -> bool {
    std::env::var("UPDATE_MATRIX").is_ok_and(|value| value == "1")
}

const HEAD: &str = "\
Every route, every way to use it, every caller, and what each is answered (AUTHZ-1). Written by
`UPDATE_MATRIX=1 cargo test -p invite-http authz_1`, to be read line by line where it changes.

The request is one that works for somebody who may do everything, on a store as it was before. `role with X` is a person
whose role has the permission X and no other, `key with X` an API key with X alone; both are of the organisation that is asked
for. A browser's routes are asked with the caller's cookies and the forms of the caller's own pages, all others with the
credential in its header.

";

#[actix_web::test]
async fn authz_1_every_route_answers_every_caller_as_the_reviewed_table_says() {
    let stage = Stage::on(Served::new().await).await;
    let callers = callers::all(&stage).await;
    let Table { text, cells, rows } = table(&stage, &callers).await;
    let routes = invite_http::route_table(&stage.served.bench.api).len();
    println!("{routes} routes, {rows} rows, {} callers, {cells} cells, all of them generated", callers.len());
    assert_eq!(cells, rows * callers.len());
    let text = format!("{HEAD}{text}");
    if is_update() {
        std::fs::write(committed(), &text).unwrap();
    }
    let kept = std::fs::read_to_string(committed()).unwrap_or_default();
    let differs = text.lines().zip(kept.lines()).find(|(now, then)| now != then);
    assert!(text == kept, "the table has changed; UPDATE_MATRIX=1 writes it anew. First difference: {differs:#?}");
}

/// The table is of what is served only as long as nothing is served but by it.
#[test]
fn authz_1_nothing_is_registered_beside_the_table() {
    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let registering: Vec<String> = found
        .iter()
        .filter(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            // `.default_service` answers what is no route.
            [".service(", "web::resource(", "web::scope("].iter().any(|call| text.contains(call))
        })
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(registering, ["endpoint.rs"]);
}
