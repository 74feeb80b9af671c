//! Issue and redeem beside the least SQL of each, at one connection and at many.

use crate::{
    client::{self, Next},
    database::{Floor, Postgres, Script},
    figures::{Round, count},
    options::Options,
    report::{Report, Side, Table},
    site::Site,
};
use invite_tests::{Failure, Result};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// At how many connections.
const CONNECTIONS: [usize; 3] = [1, 16, 64];
/// How long statements are counted, and nothing is measured.
const COUNTED: Duration = Duration::from_secs(1);
/// What is done before the first round.
const WARM: Duration = Duration::from_secs(1);
/// What ids of one run of a script are apart from those of the next.
const APART: u64 = 1_000_000_000_000;
/// A client of a floor has at most this many times its share to redeem.
const PLENTY: f64 = 2.5;
/// The most that anything redeems a second on two cores.
const MOST: f64 = 15_000.0;

/// Two installations that are filled alike: one for the service, one for the floor.
pub(crate) struct Writes<'a> {
    pub(crate) postgres: &'a Postgres,
    pub(crate) options: &'a Options,
    pub(crate) site: &'a Site,
    pub(crate) floor: &'a Site,
    runs: u64,
}

impl<'a> Writes<'a> {
    pub(crate) fn new(postgres: &'a Postgres, options: &'a Options, site: &'a Site, floor: &'a Site) -> Self {
        Self { postgres, options, site, floor, runs: 0 }
    }

    /// What a server does by itself once a minute: a planner that thinks the tables empty is nobody's yardstick.
    async fn analyze(&self) -> Result<()> {
        self.site.analyze().await?;
        self.floor.analyze().await
    }

    /// The floor's variables, with ids no run before has used.
    async fn variables(&mut self) -> Result<Vec<(&'static str, String)>> {
        self.runs += 1;
        let mut variables = self.floor.variables().await?;
        variables.extend([("base", (self.runs * APART).to_string()), ("n", "0".to_owned())]);
        Ok(variables)
    }

    async fn floor_of_issue(&mut self, clients: usize, length: Duration) -> Result<Round> {
        let floor = Floor { script: Script::File("issue.sql"), variables: self.variables().await?, clients, length };
        self.postgres.floor(&self.floor.url, &floor).await
    }

    async fn floor_of_redeem(&mut self, clients: usize, length: Duration, rate: f64) -> Result<Round> {
        let variables = self.variables().await?;
        let each = each(clients, length, rate);
        let prepared = [&variables[..], &[("clients", clients.to_string()), ("each", each.to_string())]].concat();
        self.postgres.prepare(&self.floor.url, "redeem-prepare.sql", &prepared).await?;
        let floor = Floor { script: Script::File("redeem.sql"), variables, clients, length };
        let round = self.postgres.floor(&self.floor.url, &floor).await?;
        #[expect(clippy::cast_precision_loss, reason = "a count of invitations")]
        let most = each as f64 * clients as f64 * 0.9;
        if round.rate * length.as_secs_f64() > most {
            return Err(Failure::new("the floor of redemptions ran out of invitations"));
        }
        Ok(round)
    }

    /// Issue.
    pub(crate) async fn issue(&mut self, report: &mut Report) -> Result<()> {
        let mut table = Table::of_rounds(
            "Issue",
            "`POST /v1/invitations` of a new address, its mail queued, beside the least SQL of it in one transaction: an \
             invitation, an event, a message (`tests/bench/sql/issue.sql`).",
            &["connections", ""],
            &["of the floor", "statements"],
        );
        let load = self.site.load(self.options, &[201]);
        self.floor_of_issue(16, WARM).await?;
        self.site.ask(client::Load { length: WARM, ..load.clone() }, self.site.issuers(16, None)).await?;
        for connections in CONNECTIONS {
            self.analyze().await?;
            let mut rounds = Pairs::default();
            for _ in 0..self.options.rounds {
                let floor = self.floor_of_issue(connections, self.options.length).await?;
                let service = self.site.round(load.clone(), self.site.issuers(connections, None)).await?;
                rounds.add(floor, service);
            }
            let short = client::Load { length: COUNTED, ..load.clone() };
            let work = self.site.ask(short, self.site.issuers(connections, None));
            let (statements, run) = self.postgres.statements(&self.site.url, work).await?;
            rounds.tell(&mut table, connections, per(statements, run.count()));
            match connections {
                1 => {
                    report.hold("issue at 1 connection, p50 of the floor's", rounds.latency(), Side::AtMost, 2.0, " ×");
                }
                16 => report.hold("issue at 16 connections, of the floor", rounds.ratio(), Side::AtLeast, 1.3, " ×"),
                _ => report.hold("issue at 64 connections, of the floor", rounds.ratio(), Side::AtLeast, 2.0, " ×"),
            }
        }
        report.add(table);
        Ok(())
    }

    /// Redeem, by mailed links, as new people without a password.
    pub(crate) async fn redeem(&mut self, report: &mut Report) -> Result<()> {
        let mut table = Table::of_rounds(
            "Redeem",
            "`POST /v1/redemptions` of a mailed link by a new person without a password, beside the least SQL of it in one \
             transaction: a guarded update, an account, a membership, an event, a message (`tests/bench/sql/redeem.sql`).",
            &["connections", ""],
            &["of the floor", "statements"],
        );
        let load = self.site.load(self.options, &[201]);
        let (mut floor_rate, mut rate) = (MOST / 3.0, MOST / 3.0);
        for connections in CONNECTIONS {
            self.analyze().await?;
            let mut rounds = Pairs::default();
            for round in 0..=self.options.rounds {
                // The first is there to be warm, and to know how many are needed.
                let length = if round == 0 { WARM } else { self.options.length };
                let tokens = self.site.seed.tokens(each(1, length, rate)).await?;
                let floor = self.floor_of_redeem(connections, length, floor_rate).await?;
                let callers = redeemers(tokens, connections);
                let service = self.site.round(client::Load { length, ..load.clone() }, callers).await?;
                (floor_rate, rate) = (floor.rate, service.rate);
                if round > 0 {
                    rounds.add(floor, service);
                }
            }
            let tokens = self.site.seed.tokens(each(1, COUNTED, rate)).await?;
            let short = client::Load { length: COUNTED, ..load.clone() };
            let work = self.site.ask(short, redeemers(tokens, connections));
            let (statements, run) = self.postgres.statements(&self.site.url, work).await?;
            rounds.tell(&mut table, connections, per(statements, run.count()));
            match connections {
                1 => {
                    report.hold(
                        "redeem at 1 connection, p50 of the floor's",
                        rounds.latency(),
                        Side::AtMost,
                        2.0,
                        " ×",
                    );
                }
                64 => report.hold("redeem at 64 connections, of the floor", rounds.ratio(), Side::AtLeast, 1.5, " ×"),
                _ => {}
            }
            // More connections do more.
            (floor_rate, rate) = (floor_rate * 3.0, rate * 3.0);
        }
        report.add(table);
        Ok(())
    }
}

/// One connection each that redeem these tokens.
pub(crate) fn redeemers(tokens: Vec<String>, connections: usize) -> Vec<Next> {
    let tokens = Arc::new(Mutex::new(tokens));
    let one = || -> Next {
        let tokens = Arc::clone(&tokens);
        Box::new(move |out, _| {
            let Some(token) = tokens.lock().unwrap_or_else(PoisonError::into_inner).pop() else { return false };
            let body = format!(r#"{{"token":"{token}","account":{{"name":"Ada Lovelace"}}}}"#);
            client::post(out, "/v1/redemptions", None, &body);
            true
        })
    };
    (0..connections).map(|_| one()).collect()
}

/// How many each of so many clients needs to redeem so many a second for so long.
fn each(clients: usize, length: Duration, rate: f64) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "some dozen clients")]
    let share = rate.clamp(MOST / 8.0, MOST) * length.as_secs_f64().max(1.0) * PLENTY / clients as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousand")]
    let share = share.ceil() as usize;
    share.max(500)
}

/// How many statements one operation took.
#[expect(clippy::cast_precision_loss, reason = "some thousand")]
pub(crate) fn per(statements: u64, operations: usize) -> String {
    format!("{:.2}", statements as f64 / operations.max(1) as f64)
}

/// Rounds of a floor and of the service, one after the other.
#[derive(Default)]
pub(crate) struct Pairs {
    floor: Vec<Round>,
    service: Vec<Round>,
}

impl Pairs {
    pub(crate) fn add(&mut self, floor: Round, service: Round) {
        println!("  floor {} a second, service {} a second", count(floor.rate), count(service.rate));
        self.floor.push(floor);
        self.service.push(service);
    }

    pub(crate) fn floor(&self) -> Round {
        Round::median(&self.floor)
    }

    pub(crate) fn service(&self) -> Round {
        Round::median(&self.service)
    }

    /// The service's rate by the floor's: the median of the rounds' own.
    pub(crate) fn ratio(&self) -> f64 {
        self.of(|round| round.rate)
    }

    /// The service's latency by the floor's.
    pub(crate) fn latency(&self) -> f64 {
        self.of(|round| round.p50)
    }

    fn of(&self, figure: fn(&Round) -> f64) -> f64 {
        let each = self.service.iter().zip(&self.floor);
        crate::figures::median(each.map(|(service, floor)| figure(service) / figure(floor).max(f64::EPSILON)).collect())
    }

    /// Adds both to a table.
    pub(crate) fn tell(&self, table: &mut Table, connections: usize, statements: String) {
        let connections = connections.to_string();
        table.round(&[&connections, "floor"], &self.floor(), &["1".to_owned(), "–".to_owned()]);
        table.round(&[&connections, "service"], &self.service(), &[format!("{:.2}", self.ratio()), statements]);
    }
}
