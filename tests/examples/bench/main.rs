//! `just bench`: what the service costs, beside the least it could cost.
//!
//! Everything is measured in one run and in turns: the same server, the same disk, the same minute. ADR 0029 tells why.

mod bare;
mod client;
mod database;
mod figures;
mod growth;
mod memory;
mod options;
mod page;
mod proofs;
mod reads;
mod report;
mod seed;
mod site;
mod sqlite;
mod start;
mod strangers;
mod usage;
mod writes;

use database::Postgres;
use invite_tests::Result;
use options::{Options, Part};
use reads::Reads;
use report::Report;
use site::Site;
use std::{process::ExitCode, time::Instant};
use writes::Writes;

#[tokio::main]
async fn main() -> ExitCode {
    match Box::pin(bench()).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(missed) => {
            println!("{missed} missed");
            ExitCode::FAILURE
        }
        Err(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn bench() -> Result<usize> {
    let options = Options::read(std::env::args().skip(1))?;
    let mut report = Report::default();
    let postgres = Postgres::start().await?;
    println!("PostgreSQL {} with {} MiB of shared_buffers", postgres.version, postgres.buffers);
    if options.wants_any(&[Part::Ceiling, Part::Issue, Part::Redeem, Part::Forged]) {
        writes_and_strangers(&postgres, &options, &mut report).await?;
    }
    if options.wants_any(&[Part::Get, Part::List, Part::Search, Part::Growth, Part::Memory, Part::Start]) {
        large(&postgres, &options, &mut report).await?;
    }
    if options.wants(Part::Sqlite) {
        sqlite::measure(&options, &mut report).await?;
    }
    if options.wants(Part::Proofs) {
        proofs::run(&options, &mut report).await?;
    }
    println!("\n{}", report.verdict());
    if options.write {
        page::write(&postgres, &options, &report)?;
    }
    Ok(report.missed())
}

/// What needs no more than an organisation that begins empty.
async fn writes_and_strangers(postgres: &Postgres, options: &Options, report: &mut Report) -> Result<()> {
    let site = Site::on(postgres, options, "service").await?;
    if options.wants(Part::Ceiling) {
        strangers::ceiling(&site, options, report).await?;
    }
    if options.wants_any(&[Part::Issue, Part::Redeem]) {
        let mut floor = Site::on(postgres, options, "floor").await?;
        floor.stop().await?;
        let mut writes = Writes::new(postgres, options, &site, &floor);
        if options.wants(Part::Issue) {
            writes.issue(report).await?;
        }
        if options.wants(Part::Redeem) {
            writes.redeem(report).await?;
        }
    }
    if options.wants(Part::Forged) {
        strangers::forged(&site, postgres, options, report).await?;
    }
    Ok(())
}

/// What needs an organisation with many invitations.
async fn large(postgres: &Postgres, options: &Options, report: &mut Report) -> Result<()> {
    let mut large = filled(postgres, options, "large", options.large).await?;
    let reads = Reads { postgres, options, site: &large };
    if options.wants(Part::Get) {
        reads.get(report).await?;
    }
    if options.wants(Part::List) {
        reads.list(report).await?;
    }
    if options.wants(Part::Search) {
        reads.search(report).await?;
    }
    if options.wants(Part::Growth) {
        let small = filled(postgres, options, "small", options.small).await?;
        growth::measure(&small, &large, options, report).await?;
    }
    if options.wants(Part::Memory) {
        memory::measure(&large, options, report).await?;
    }
    if options.wants(Part::Start) {
        start::measure(&mut large, options, report).await?;
    }
    Ok(())
}

/// An installation whose organisation has so many invitations.
async fn filled(postgres: &Postgres, options: &Options, name: &str, count: usize) -> Result<Site> {
    let site = Site::on(postgres, options, name).await?;
    let began = Instant::now();
    site.seed.fill(count).await?;
    site.analyze().await?;
    println!("{} invitations made in {:.0} s", figures::thousands(count), began.elapsed().as_secs_f64());
    Ok(site)
}
