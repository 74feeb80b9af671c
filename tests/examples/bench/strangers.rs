//! What strangers send, and the bare answers beside it.

use crate::{
    bare::{Bare, Recorded},
    client::{self, Load, Next},
    database::Postgres,
    figures::{Round, count},
    options::Options,
    report::{Report, Side, Table},
    site::{Site, issue_body},
    usage::Watched,
    writes::Pairs,
};
use invite_tests::{Result, net};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// At how many connections.
const CONNECTIONS: usize = 64;
/// How many different forgeries there are.
const FORGERIES: usize = 10_000;
/// How long statements are counted: some forty thousand tokens.
const COUNTED: Duration = Duration::from_millis(250);
/// How often they are: the service asks the database by itself about once a second, and that is not what is counted.
const COUNTS: usize = 8;

const PREVIEW: &str = "/v1/redemptions/preview";
const INVITATIONS: &str = "/v1/invitations";
const REDEMPTIONS: &str = "/v1/redemptions";

/// Connections that post these bodies, one after the other.
fn posting(path: &'static str, key: Option<&Arc<str>>, bodies: Vec<String>) -> Vec<Next> {
    let bodies: Arc<[String]> = bodies.into();
    let one = |connection: usize| -> Next {
        let (key, bodies) = (key.cloned(), Arc::clone(&bodies));
        let mut at = connection * 151;
        Box::new(move |out, _| {
            at = (at + 1) % bodies.len();
            client::post(out, path, key.as_deref(), &bodies[at]);
            true
        })
    };
    (0..CONNECTIONS).map(one).collect()
}

async fn previews(site: &Site) -> Result<Vec<String>> {
    let tokens = site.seed.forged(FORGERIES).await?;
    Ok(tokens.into_iter().map(|token| format!(r#"{{"token":"{token}"}}"#)).collect())
}

/// One round at the bare binary.
async fn bare_round(bare: &Bare, load: Load, callers: Vec<Next>) -> Result<Round> {
    let watched = Watched { service: Some(bare.started.pid()), database: None };
    let before = watched.spent()?;
    let run = client::run(&Load { address: bare.started.address, ..load }, callers).await?;
    Ok(Round::of(run, watched.spent()?.0.saturating_sub(before.0), Duration::ZERO))
}

/// What the service answers to a forgery, for the bare binary.
async fn refusal(site: &Site, bodies: &[String]) -> Result<Recorded> {
    let body: Value = serde_json::from_str(bodies.first().map_or("", String::as_str))?;
    let request = net::http()?.post(format!("http://{}{PREVIEW}", site.address())).json(&body);
    Recorded::of("token", PREVIEW, 404, request).await
}

/// Forged tokens with the right checksum and key, at the service and at the bare binary.
pub(crate) async fn forged(site: &Site, postgres: &Postgres, options: &Options, report: &mut Report) -> Result<()> {
    let mut table = Table::of_rounds(
        "Forged tokens",
        "`POST /v1/redemptions/preview` of tokens that are whole but for the key they were made with, at 64 connections, beside \
         a bare actix-web route that parses the same JSON and answers the same bytes and headers.",
        &["connections", ""],
        &["of the floor", "statements"],
    );
    let bodies = previews(site).await?;
    let bare = Bare::start(&[refusal(site, &bodies).await?]).await?;
    let load = site.load(options, &[404]);
    let mut rounds = Pairs::default();
    for _ in 0..options.rounds {
        let floor = bare_round(&bare, load.clone(), posting(PREVIEW, None, bodies.clone())).await?;
        rounds.add(floor, site.round(load.clone(), posting(PREVIEW, None, bodies.clone())).await?);
    }
    let mut fewest = u64::MAX;
    for _ in 0..COUNTS {
        let short = Load { length: COUNTED, ..load.clone() };
        let work = site.ask(short, posting(PREVIEW, None, bodies.clone()));
        fewest = fewest.min(postgres.statements(&site.url, work).await?.0);
    }
    rounds.tell(&mut table, CONNECTIONS, fewest.to_string());
    report.hold("forged tokens at 64 connections, of the bare answer", rounds.ratio(), Side::AtLeast, 0.8, " ×");
    #[expect(clippy::cast_precision_loss, reason = "a count of statements")]
    report.hold("statements of all forged tokens of a quarter of a second", fewest as f64, Side::AtMost, 0.0, "");
    report.add(table);
    Ok(())
}

/// What the load generator itself can do: against answers that cost nothing to make.
pub(crate) async fn ceiling(site: &Site, options: &Options, report: &mut Report) -> Result<()> {
    let mut table = Table::of_rounds(
        "The load generator's ceiling",
        "The bare binary answering what the service answers, byte for byte, at 64 connections: no figure of this page can be \
         above these.",
        &["answers of"],
        &[],
    );
    site.seed.fill(60).await?;
    let tokens = site.seed.tokens(1).await?;
    let token = tokens.first().map_or("", String::as_str);
    let redemption = format!(r#"{{"token":"{token}","account":{{"name":"Ada Lovelace"}}}}"#);
    let (url, http, forgeries) = (format!("http://{}", site.address()), net::http()?, previews(site).await?);
    let post = |path: &str, body: &str| {
        let request = http.post(format!("{url}{path}")).header("Content-Type", "application/json");
        request.body(body.to_owned())
    };
    let list = http.get(format!("{url}{INVITATIONS}?limit=50")).bearer_auth(&site.key);
    let bare = Bare::start(&[
        Recorded::of("invitation", INVITATIONS, 201, post(INVITATIONS, &issue_body()).bearer_auth(&site.key)).await?,
        Recorded::of("redemption", REDEMPTIONS, 201, post(REDEMPTIONS, &redemption)).await?,
        Recorded::of("nothing", INVITATIONS, 200, list).await?,
        refusal(site, &forgeries).await?,
    ])
    .await?;
    let load = site.load(options, &[200, 201, 404]);
    let issues: Vec<String> = (0..1000).map(|_| issue_body()).collect();
    let lists = crate::reads::readers(&site.key, vec![INVITATIONS.to_owned()], CONNECTIONS);
    for (what, callers) in [
        ("issue", posting(INVITATIONS, Some(&site.key), issues)),
        ("redeem", posting(REDEMPTIONS, None, vec![redemption])),
        ("list of 50", lists),
        ("forged token", posting(PREVIEW, None, forgeries)),
    ] {
        let round = bare_round(&bare, load.clone(), callers).await?;
        println!("  ceiling of {what}: {} a second", count(round.rate));
        table.round(&[what], &round, &[]);
    }
    report.add(table);
    Ok(())
}
