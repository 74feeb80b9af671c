//! How the cost of an operation grows with the organisation.

use crate::{
    client::{Load, Next},
    figures::{Round, median, micros, thousands},
    options::Options,
    reads::{A_ROLE, CONNECTIONS, ONE_ADDRESS, readers, some_invitations},
    report::{Report, Side, Table},
    site::Site,
    writes::redeemers,
};
use invite_tests::Result;

/// How many invitations a round of issues or redemptions is: what they add to the small organisation is to stay small.
const WRITTEN: usize = 500;

/// What is done in both organisations.
#[derive(Clone, Copy)]
enum Operation {
    Get,
    List,
    Search(&'static str),
    Issue,
    Redeem,
}

const OPERATIONS: [(&str, Operation, f64); 6] = [
    ("get", Operation::Get, 1.3),
    ("list", Operation::List, 1.3),
    ("search for one address", Operation::Search(ONE_ADDRESS), 3.0),
    ("search for a role's name", Operation::Search(A_ROLE), 3.0),
    ("issue", Operation::Issue, 1.3),
    ("redeem", Operation::Redeem, 1.3),
];

async fn round(site: &Site, options: &Options, operation: Operation) -> Result<Round> {
    let reads = |paths: Vec<String>| -> (Load, Vec<Next>) {
        (site.load(options, &[200]), readers(&site.key, paths, CONNECTIONS))
    };
    let (load, callers) = match operation {
        Operation::Get => reads(some_invitations(site).await?),
        Operation::List => reads(vec!["/v1/invitations?limit=50".to_owned()]),
        Operation::Search(path) => reads(vec![path.to_owned()]),
        Operation::Issue => (site.load(options, &[201]), site.issuers(CONNECTIONS, Some(u64::try_from(WRITTEN)?))),
        Operation::Redeem => (site.load(options, &[201]), redeemers(site.seed.tokens(WRITTEN).await?, CONNECTIONS)),
    };
    site.round(load, callers).await
}

/// Measures everything in turns in a small and in a large organisation.
pub(crate) async fn measure(small: &Site, large: &Site, options: &Options, report: &mut Report) -> Result<()> {
    let mut table = Table::new(
        "Growth",
        "The same requests at 16 connections in an organisation that began with few invitations and in one that began with \
         many, in turns. The cost is the CPU time of service and database together. Issues and redemptions come in rounds of \
         500, so that the small organisation stays small.",
        &["what", "invitations", "CPU-µs", "p50 µs", "p99 µs", "cost grows", "p50 grows"],
    );
    for (what, operation, most) in OPERATIONS {
        let (mut few, mut many) = (Vec::new(), Vec::new());
        // Short rounds want more of them.
        let writes = matches!(operation, Operation::Issue | Operation::Redeem);
        for number in 0..=options.rounds * if writes { 3 } else { 1 } {
            let (one, other) = (round(small, options, operation).await?, round(large, options, operation).await?);
            // The first time nothing is where it is wanted yet.
            if number > 0 {
                few.push(one);
                many.push(other);
            }
        }
        let grows = |figure: fn(&Round) -> f64| {
            median(few.iter().zip(&many).map(|(few, many)| figure(many) / figure(few).max(f64::EPSILON)).collect())
        };
        let (cost, p50) = (grows(Round::cpu), grows(|round| round.p50));
        let cells = |round: Round| vec![micros(round.cpu()), micros(round.p50), micros(round.p99)];
        let row = |size: usize, round: Round, last: [String; 2]| {
            [vec![what.to_owned(), thousands(size)], cells(round), last.to_vec()].concat()
        };
        table.row(row(options.small, Round::median(&few), ["1".to_owned(), "1".to_owned()]));
        table.row(row(options.large, Round::median(&many), [format!("{cost:.2}"), format!("{p50:.2}")]));
        let from = format!("{what}: cost at {} of that at {}", thousands(options.large), thousands(options.small));
        report.hold(from, cost, Side::AtMost, most, " ×");
    }
    report.add(table);
    Ok(())
}
