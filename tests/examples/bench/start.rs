//! How long a program takes until it is ready, and what it holds in memory then.

use crate::{
    bare::Bare,
    client::{self, Load, Next},
    figures::median,
    options::Options,
    report::{Report, Side, Table},
    site::Site,
    usage,
};
use invite_tests::{Failure, Result};
use std::{
    fs,
    io::{ErrorKind, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How many starts there are; the first brings the files into memory and does not count.
const STARTS: usize = 11;
/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the bare binary is asked before its memory is looked at.
const ASKED: Duration = Duration::from_secs(1);

/// A program that is ready. Dropping it kills it.
pub(crate) struct Started {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What it took, from just before the process was made until `/readyz` had answered 200.
    pub(crate) took: Duration,
}

impl Started {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // One that has ended already needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a program that writes its address to this file, and waits until it is ready.
pub(crate) async fn start(mut command: Command, port_file: &Path) -> Result<Started> {
    match fs::remove_file(port_file) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let child = command.spawn()?;
    let mut started = Started { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), took: Duration::ZERO };
    loop {
        if let Some(address) = fs::read_to_string(port_file).ok().and_then(|text| address(&text))
            && is_ready(address)
        {
            started.address = address;
            started.took = began.elapsed();
            return Ok(started);
        }
        if started.child.try_wait()?.is_some() || began.elapsed() > PATIENCE {
            return Err(Failure::new("a program did not become ready"));
        }
        sleep(Duration::from_micros(200)).await;
    }
}

/// A file without its line end may be half written.
fn address(text: &str) -> Option<SocketAddr> {
    let text = text.strip_suffix('\n')?;
    text.trim_start_matches("http://").parse().ok()
}

/// Whether it answers 200.
fn is_ready(address: SocketAddr) -> bool {
    const REQUEST: &[u8] = b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";
    let answer = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(REQUEST)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    };
    answer().is_ok_and(|answer| answer.starts_with(b"HTTP/1.1 200"))
}

/// Cold starts of the service on this installation's database, and of the bare binary.
pub(crate) async fn measure(site: &mut Site, options: &Options, report: &mut Report) -> Result<()> {
    let mut table = Table::new(
        "Start and rest",
        "Medians of ten cold starts until `/readyz` answers 200, the service on the large database; and resident memory after \
         the start, for the bare binary after a second of requests.",
        &["what", "ready after ms", "MiB"],
    );
    site.stop().await?;
    let (mut service, mut memory, mut bare, mut bare_memory) = (Vec::new(), Vec::new(), Vec::new(), 0.0);
    for number in 0..STARTS {
        let port_file = site.sandbox.path().join("cold-port");
        let file = port_file.to_str().ok_or_else(|| Failure::new("the folder's name is not UTF-8"))?;
        let command = site.sandbox.command(&["serve", "--port-file", file]).into_std();
        let started = start(command, &port_file).await?;
        let (now, _) = usage::memory(started.pid())?;
        let beside = Bare::start(&[]).await?;
        if number > 0 {
            service.push(started.took.as_secs_f64() * 1000.0);
            memory.push(now);
            bare.push(beside.started.took.as_secs_f64() * 1000.0);
        }
        if number + 1 == STARTS {
            let load = Load { address: beside.started.address, length: ASKED, expected: &[200] };
            let next: Next = Box::new(|out, _| {
                client::get(out, "/readyz", "none");
                true
            });
            client::run(&load, vec![next]).await?;
            bare_memory = usage::memory(beside.started.pid())?.0;
        }
    }
    site.serve().await?;
    let (service, bare) = (median(service), median(bare));
    table.row(vec!["service".to_owned(), format!("{service:.1}"), format!("{:.1}", median(memory))]);
    table.row(vec!["bare actix-web".to_owned(), format!("{bare:.1}"), format!("{bare_memory:.1}")]);
    report.add(table);
    let what = format!("cold start to ready with {} invitations", crate::figures::thousands(options.large));
    report.hold(what, service, Side::AtMost, 100.0, " ms");
    Ok(())
}
