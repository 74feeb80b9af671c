//! Memory after a mixed load on a large database.

use crate::{
    client::{self, Load, Next},
    figures::{Round, thousands},
    options::Options,
    reads::{A_ROLE, CONNECTIONS, ONE_ADDRESS, some_invitations},
    report::{Report, Side, Table},
    site::{Site, issue_body},
    usage,
};
use invite_tests::Result;
use std::sync::Arc;

/// What a link's token is looked for by, and how long it is.
const BEFORE: &[u8] = b"/i/inv_";
const TOKEN: usize = 75;

/// One connection that issues, redeems what it issued, looks, lists, searches and shows forged tokens.
fn mixed(site: &Site, paths: &Arc<[String]>, forged: &Arc<[String]>, connection: usize) -> Next {
    let (key, paths, forged) = (Arc::clone(&site.key), Arc::clone(paths), Arc::clone(forged));
    let sorts = ["created_at", "-created_at", "expires_at", "-expires_at", "email", "-email"];
    let (mut step, mut turn) = (connection, connection * 7919);
    Box::new(move |out, body| {
        step += 1;
        turn += 7919;
        match step % 8 {
            0 | 4 => {
                let body = issue_body().replace("}}", r#"},"return":["link"]}"#);
                client::post(out, "/v1/invitations", Some(&key), &body);
            }
            1 | 5 if token(body).is_some() => {
                let body =
                    format!(r#"{{"token":"{}","account":{{"name":"Ada Lovelace"}}}}"#, token(body).unwrap_or_default());
                client::post(out, "/v1/redemptions", None, &body);
            }
            2 => client::get(out, &format!("/v1/invitations?limit=50&sort={}", sorts[turn % sorts.len()]), &key),
            3 => client::get(out, if turn.is_multiple_of(2) { ONE_ADDRESS } else { A_ROLE }, &key),
            6 => {
                let body = format!(r#"{{"token":"{}"}}"#, forged[turn % forged.len()]);
                client::post(out, "/v1/redemptions/preview", None, &body);
            }
            _ => client::get(out, &paths[turn % paths.len()], &key),
        }
        true
    })
}

/// The token of the link in an answer.
fn token(body: &[u8]) -> Option<&str> {
    let at = body.windows(BEFORE.len()).position(|window| window == BEFORE)?;
    std::str::from_utf8(body.get(at + 3..at + 3 + TOKEN)?).ok()
}

/// Loads the service for minutes, and looks at its memory before and after.
pub(crate) async fn measure(site: &Site, options: &Options, report: &mut Report) -> Result<()> {
    let mut table = Table::new(
        "Memory",
        "Resident memory of the service on the large database, before and after a mixed load at 16 connections: issues, \
         redemptions of what was issued, single invitations, lists by every sort, searches, forged tokens.",
        &["when", "MiB", "at most so far", "requests a second"],
    );
    let pid = site.pid()?;
    let mut row = |when: String, round: Option<Round>| -> Result<f64> {
        let (now, most) = usage::memory(pid)?;
        let rate = round.map_or("–".to_owned(), |round| crate::figures::count(round.rate));
        table.row(vec![when, format!("{now:.1}"), format!("{most:.1}"), rate]);
        Ok(now)
    };
    row("before".to_owned(), None)?;
    let (paths, forged) = (some_invitations(site).await?.into(), site.seed.forged(1000).await?.into());
    let load = Load { length: options.mixed, ..site.load(options, &[200, 201, 404]) };
    let callers = (0..CONNECTIONS).map(|connection| mixed(site, &paths, &forged, connection)).collect();
    let round = site.round(load, callers).await?;
    let minutes = options.mixed.as_secs_f64() / 60.0;
    let after = row(format!("after {minutes} minutes"), Some(round))?;
    report.add(table);
    let what = format!("resident memory after {} invitations and {minutes} minutes", thousands(options.large));
    report.hold(what, after, Side::AtMost, 128.0, " MiB");
    Ok(())
}
